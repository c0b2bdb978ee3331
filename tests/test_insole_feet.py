"""The feet of notebook 05: shares, paths and footprints, from the files or as stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from gaitstudy.io import catalogue
from gaitstudy.tables import insole_feet as F

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"


def table(compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    here = all(catalogue.present(name) for name in ("moticon-insole", "fscan-insole"))
    stored = pd.read_csv(DERIVED / f"insole_{compute.__name__}.csv", keep_default_na=False, na_values=["nan", ""])
    return compute() if here else stored.fillna({"walk": ""})


def test_first_pass_by_hand() -> None:
    path = np.array([[0.0, 1.0], [2.0, 3.0], [1.0, 9.0], [4.0, 0.0]])
    found = F._first_passes(path, np.array([1.0, 2.0, 3.0, 5.0]))
    assert found[:3].tolist() == [2.0, 3.0, 3.0] and np.isnan(found[3])


def test_shares_are_shares_and_what_is_unknown_is_missing() -> None:
    every = table(F.stances)
    assert every[["share", "share_medial", "share_lateral"]].stack().between(0, 1).all()
    assert (every["share_medial"] <= every["share"]).all() and (every["share"] <= every["share_lateral"]).all()
    assert every.loc[every["vendor"] == "Moticon", "cpei"].isna().all()
    assert every.groupby(["vendor", "walk", "cells"]).size().to_dict() == {
        ("F-Scan", "", "all"): 10, ("F-Scan", "", "patches"): 10,
        ("Moticon", "normal", "all"): 14, ("Moticon", "slow", "all"): 18,
    }  # fmt: skip


def test_our_path_is_the_makers() -> None:
    lines = table(F.gait_lines)
    apart = (lines["ours"] - lines["report"]).abs()
    assert apart.groupby([lines["walk"], lines["side"]]).median().max() < 0.5  # % of insole width
    assert apart.max() < 5
    mirrored = (-lines["ours"] - lines["report"]).abs()
    assert mirrored.median() > 10  # the sign would show


def test_footprints_without_faulty_lines_are_equally_long() -> None:
    shapes = table(F.shapes).set_index(["side", "cells"])
    whole = shapes.xs("patches", level="cells")
    assert abs(whole.loc["left", "length"] - whole.loc["right", "length"]) < 5.1  # mm, a cell
    assert shapes.loc[("right", "all"), "length"] > whole.loc["right", "length"] + 40
    assert (shapes["arch_with_toes"] > shapes["arch_0"]).all()


def test_cells_and_regions_tell_the_same_peaks() -> None:
    cells, regions = table(F.cells), table(F.regions)
    for side in ("left", "right"):
        own = cells[(cells["vendor"] == "F-Scan") & (cells["side"] == side)]
        region = regions[(regions["vendor"] == "F-Scan") & (regions["side"] == side) & (regions["cells"] == "all")]
        assert own["peak"].max() <= region["peak"].max()  # mean of maxima >= maximum of means
        assert 0.7 * region["peak"].max() < own["peak"].max()
    assert (cells["peak"] > 0).all() and (~cells["patch"]).sum() == table(F.shapes)["left_out"].max() + 1


def test_curves_cover_stance_and_say_on_how_many_steps() -> None:
    curves = table(F.curves)
    assert set(curves.groupby(["vendor", "walk", "side", "cells"]).size()) == {101}
    middle = curves[curves["percent"].between(10, 90)]
    assert (middle["known"] >= 4).all() and middle["share"].notna().all() and (middle["force"] > 100).all()

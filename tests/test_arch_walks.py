"""The arch of real feet over stance: published statistics, ranges, and what insoles say of feet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import catalogue, results
from gaitstudy.studies import arch_walks as A

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"


def test_published_statistics_of_the_paired_example() -> None:
    table = results.again("arch_tests").set_index(["first", "second", "tails"])
    one, two = table.loc[("second", "third", 1)], table.loc[("second", "third", 2)]
    assert one["threshold"] == pytest.approx(3.40590, abs=5e-6) and one["p"] == pytest.approx(0.03528, abs=5e-6)
    assert two["threshold"] == pytest.approx(3.93947, abs=5e-6) and two["p"] == pytest.approx(0.03730, abs=5e-6)
    assert (one["df1"], one["df2"], one["n"]) == (1, 9, 10)
    assert one["fwhm"] == pytest.approx(20.37196, abs=5e-6) and one["resels"] == pytest.approx(4.90871, abs=5e-6)
    assert one["largest"] == pytest.approx(6.55176, abs=5e-6)


def test_ranges_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    still = np.zeros((3, 4, 101))
    still[1, :, 90] = [1.0, 2.0, 3.0, 4.0]
    still[2, :, -1] = [-4.0, -5.0, -5.0, -6.0]
    monkeypatch.setattr(A, "arch_angles", lambda: still)
    table = A.arch_ranges().set_index(["measure", "speed"])
    assert table.loc[("range", "second"), ["mean", "difference"]].tolist() == [2.5, 2.5]
    assert table.loc[("push-off", "third"), "mean"] == 5.0
    low, high = table.loc[("range", "second"), ["low", "high"]]
    assert (low + high) / 2 == pytest.approx(2.5) and low > 0
    assert np.isnan(table.loc[("range", "first"), "low"])


@pytest.mark.skipif(not catalogue.present("spm1d"), reason="spm1d is not installed")
def test_the_same_people_at_three_speeds() -> None:
    assert A.arch_angles().shape == (3, 10, 101)
    curves = A.arch_curves()
    one = curves[curves["speed"] == "third"]
    assert one["mean"].to_numpy() == pytest.approx(A.arch_angles()[2].mean(0))


def test_feet_without_millimetres_have_no_arch_index() -> None:
    shapes = pd.read_csv(DERIVED / "insole_shapes.csv")
    stances = pd.read_csv(DERIVED / "insole_stances.csv").fillna({"walk": ""})
    table = A.insole_feet(shapes, stances)
    known = table["vendor"] == "F-Scan"
    assert len(table) == 6 and table.loc[~known, ["arch_index", "cpei"]].isna().all(axis=None)
    own = shapes[shapes["cells"] == "all"].set_index("side")["arch_0"]
    assert table[known].set_index("side")["arch_index"].to_dict() == own.to_dict()
    assert table["medial_share"].between(20, 80).all()
    assert (table["cpei"].isna() == (table["cpei_stances"] == 0)).all()

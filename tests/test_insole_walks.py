"""The insole walks of notebook 05: steps, timing and clocks, from the files or as stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from gaitstudy.gait.events import THRESHOLD
from gaitstudy.io import catalogue
from gaitstudy.tables import insole_walks as W

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"


def table(compute: Callable[..., pd.DataFrame], name: str = "") -> pd.DataFrame:
    here = all(catalogue.present(name) for name in ("moticon-insole", "fscan-insole", "pedar-insole"))
    stored = pd.read_csv(
        DERIVED / f"insole_{name or compute.__name__}.csv", keep_default_na=False, na_values=["nan", ""]
    )
    thresholds = {"thresholds": (20.0, 30.0, 50.0, 75.0, 100.0, 150.0)} if compute is W.contact_times else {}
    return compute(**thresholds) if here else stored.fillna({"walk": ""}) if "walk" in stored else stored


def test_export_and_report_agree_as_asked() -> None:
    steps = table(W.report_steps)
    assert len(steps) == 32
    for event in ("contact", "off"):
        assert (steps[f"{event}_export"] - steps[f"{event}_report"]).abs().max() <= 0.010
    assert (steps["max_export"] == steps["max_report"]).all()


def test_every_step_is_found_in_the_force_and_none_besides() -> None:
    times = table(W.contact_times, "contacts").sort_values("time")
    key = ["walk", "side", "event"]
    maker, force = (times[times["source"] == source] for source in ("maker", "force"))
    assert len(maker) == 64 and THRESHOLD in set(force["threshold"])
    found = []
    for level, rows in force.groupby("threshold"):
        near = rows.assign(found=rows["time"])[[*key, "time", "found"]]
        pairs = pd.merge_asof(maker[[*key, "time"]], near, on="time", by=key, direction="nearest", tolerance=0.15)
        assert len(rows) == 64 and pairs["found"].notna().all() and not pairs.duplicated([*key, "found"]).any()
        found.append(pairs.assign(threshold=level, error=1000 * (pairs["found"] - pairs["time"])))
    errors = pd.concat(found)
    median = errors.groupby(["event", "threshold"])["error"].median()
    assert median["initial_contact"].is_monotonic_increasing and median["foot_off"].is_monotonic_decreasing
    least = errors["error"].abs().groupby([errors["event"], errors["threshold"]]).max().groupby("event").min()
    assert (least > 10).all()  # no threshold finds all contacts to 10 ms: the table shows it, nothing is picked


def test_contents_name_what_is_absent() -> None:
    held = table(W.contents).set_index("vendor")
    assert held.loc["pedar", ["force", "places", "steps"]].tolist() == ["not in the file"] * 3
    assert held.loc["F-Scan", "places"] == "file" and held.loc["F-Scan", "force"] == "not in the file"
    assert set(held.loc["Moticon", "places"]) == {"not in the file"}


def test_clock_trials_find_or_refuse() -> None:
    trials = table(W.clock_trials)
    refused = trials["refused"].fillna("").astype(str)
    assert trials.loc[refused != "", "case"].tolist() == ["left and right swapped", "second clock's rate wrong by 5 %"]
    assert "swapped" in refused.iloc[5] and "sampling rate" in refused.iloc[6]
    assert trials["found"].isna().tolist() == (refused != "").tolist()
    assert trials.loc[refused == "", "error"].abs().max() < 30  # ms: half the sensors are another shape


def test_first_pass_by_hand() -> None:
    path = np.array([[0.0, 1.0], [2.0, 3.0], [1.0, 9.0], [4.0, 0.0]])
    found = W._first_passes(path, np.array([1.0, 2.0, 3.0, 5.0]))
    assert found[:3].tolist() == [2.0, 3.0, 3.0] and np.isnan(found[3])


def test_shares_are_shares_and_what_is_unknown_is_missing() -> None:
    every = table(W.stances)
    assert every[["share", "share_medial", "share_lateral"]].stack().between(0, 1).all()
    assert (every["share_medial"] <= every["share"]).all() and (every["share"] <= every["share_lateral"]).all()
    assert every.loc[every["vendor"] == "Moticon", "cpei"].isna().all()
    assert every.groupby(["vendor", "walk", "cells"]).size().to_dict() == {
        ("F-Scan", "", "all"): 10, ("F-Scan", "", "patches"): 10,
        ("Moticon", "normal", "all"): 14, ("Moticon", "slow", "all"): 18,
    }  # fmt: skip


def test_our_path_is_the_makers() -> None:
    lines = table(W.gait_lines)
    apart = (lines["ours"] - lines["report"]).abs()
    assert apart.groupby([lines["walk"], lines["side"]]).median().max() < 0.5  # % of insole width
    assert apart.max() < 5
    mirrored = (-lines["ours"] - lines["report"]).abs()
    assert mirrored.median() > 10  # the sign would show


def test_footprints_without_faulty_lines_are_equally_long() -> None:
    shapes = table(W.shapes).set_index(["side", "cells"])
    whole = shapes.xs("patches", level="cells")
    assert abs(whole.loc["left", "length"] - whole.loc["right", "length"]) < 5.1  # mm, a cell
    assert shapes.loc[("right", "all"), "length"] > whole.loc["right", "length"] + 40
    assert (shapes["arch_with_toes"] > shapes["arch_0"]).all()


def test_cells_and_regions_tell_the_same_peaks() -> None:
    cells, regions = table(W.cells), table(W.regions)
    for side in ("left", "right"):
        own = cells[(cells["vendor"] == "F-Scan") & (cells["side"] == side)]
        region = regions[(regions["vendor"] == "F-Scan") & (regions["side"] == side) & (regions["cells"] == "all")]
        assert own["peak"].max() <= region["peak"].max()  # mean of maxima >= maximum of means
        assert 0.7 * region["peak"].max() < own["peak"].max()
    loaded = table(W.shapes).pivot(index="side", columns="cells", values="loaded")
    assert (cells["peak"] > 0).all() and (~cells["patch"]).sum() == (loaded["all"] - loaded["patches"]).sum()


def test_curves_cover_stance() -> None:
    curves = table(W.curves)
    assert set(curves.groupby(["vendor", "walk", "side", "cells"]).size()) == {101}
    middle = curves[curves["percent"].between(10, 90)]
    assert middle["share"].notna().all() and (middle["share_sd"] > 0).all()

"""The insole walks of notebook 05: steps, timing and clocks, as a page stores them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy.gait.events import THRESHOLD
from gaitstudy.io import results
from gaitstudy.tables import insole_walks as W


def test_export_and_report_agree_as_asked() -> None:
    steps = results.kept("insole_report_steps")
    assert len(steps) == 32
    for event in ("contact", "off"):
        assert (steps[f"{event}_export"] - steps[f"{event}_report"]).abs().max() <= 0.010
    assert (steps["max_export"] == steps["max_report"]).all()


def test_every_step_is_found_in_the_force_and_none_besides() -> None:
    times = results.kept("insole_contacts").sort_values("time")
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
    held = results.kept("insole_contents").set_index("vendor")
    assert held.loc["pedar", ["force", "places", "steps"]].tolist() == ["not in the file"] * 3
    assert held.loc["F-Scan", "places"] == "file" and held.loc["F-Scan", "force"] == "not in the file"
    assert set(held.loc["Moticon", "places"]) == {"not in the file"}


def test_clock_trials_find_or_refuse() -> None:
    trials = results.kept("insole_clock_trials")
    refused = trials["refused"]
    assert trials.loc[refused != "", "case"].tolist() == ["left and right swapped", "second clock's rate wrong by 5 %"]
    assert "swapped" in refused.iloc[5] and "sampling rate" in refused.iloc[6]
    assert trials["found"].isna().tolist() == (refused != "").tolist()
    assert trials.loc[refused == "", "error"].abs().max() < 30  # ms: half the sensors are another shape


def test_first_pass_by_hand() -> None:
    path = np.array([[0.0, 1.0], [2.0, 3.0], [1.0, 9.0], [4.0, 0.0]])
    found = W._first_passes(path, np.array([1.0, 2.0, 3.0, 5.0]))
    assert found[:3].tolist() == [2.0, 3.0, 3.0] and np.isnan(found[3])


def test_shares_are_shares_and_what_is_unknown_is_missing() -> None:
    every = results.kept("insole_stances")
    assert every[["share", "share_medial", "share_lateral"]].stack().between(0, 1).all()
    assert (every["share_medial"] <= every["share"]).all() and (every["share"] <= every["share_lateral"]).all()
    assert every.loc[every["vendor"] == "Moticon", "cpei"].isna().all()
    assert every.groupby(["vendor", "walk", "cells"]).size().to_dict() == {
        ("F-Scan", "", "all"): 10, ("F-Scan", "", "patches"): 10,
        ("Moticon", "normal", "all"): 14, ("Moticon", "slow", "all"): 18,
    }  # fmt: skip


def test_our_path_is_the_makers() -> None:
    lines = results.kept("insole_gait_lines")
    apart = (lines["ours"] - lines["report"]).abs()
    assert apart.groupby([lines["walk"], lines["side"]]).median().max() < 0.5  # % of insole width
    assert apart.max() < 5
    mirrored = (-lines["ours"] - lines["report"]).abs()
    assert mirrored.median() > 10  # the sign would show


def test_footprints_without_faulty_lines_are_equally_long() -> None:
    shapes = results.kept("insole_shapes").set_index(["side", "cells"])
    whole = shapes.xs("patches", level="cells")
    assert abs(whole.loc["left", "length"] - whole.loc["right", "length"]) < 5.1  # mm, a cell
    assert shapes.loc[("right", "all"), "length"] > whole.loc["right", "length"] + 40
    assert (shapes["arch_with_toes"] > shapes["arch_0"]).all()


def test_cells_and_regions_tell_the_same_peaks() -> None:
    cells, regions = results.kept("insole_cells"), results.kept("insole_regions")
    for side in ("left", "right"):
        own = cells[(cells["vendor"] == "F-Scan") & (cells["side"] == side)]
        region = regions[(regions["vendor"] == "F-Scan") & (regions["side"] == side) & (regions["cells"] == "all")]
        assert own["peak"].max() <= region["peak"].max()  # mean of maxima >= maximum of means
        assert 0.7 * region["peak"].max() < own["peak"].max()
    loaded = results.kept("insole_shapes").pivot(index="side", columns="cells", values="loaded")
    assert (cells["peak"] > 0).all() and (~cells["patch"]).sum() == (loaded["all"] - loaded["patches"]).sum()


def test_curves_cover_stance() -> None:
    curves = results.kept("insole_curves")
    assert set(curves.groupby(["vendor", "walk", "side", "cells"]).size()) == {101}
    middle = curves[curves["percent"].between(10, 90)]
    assert middle["share"].notna().all() and (middle["share_sd"] > 0).all()

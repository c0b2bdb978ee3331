"""The insole walks of notebook 05: steps, timing and clocks, from the files or as stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from gaitstudy.gait.events import THRESHOLD
from gaitstudy.io import catalogue
from gaitstudy.tables import insole_walks as W

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"


def table(compute: Callable[[], pd.DataFrame], name: str = "") -> pd.DataFrame:
    here = all(catalogue.present(name) for name in ("moticon-insole", "fscan-insole", "pedar-insole"))
    stored = pd.read_csv(
        DERIVED / f"insole_{name or compute.__name__}.csv", keep_default_na=False, na_values=["nan", ""]
    )
    return compute() if here else stored


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

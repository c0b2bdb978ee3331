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


def table(compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    here = all(catalogue.present(name) for name in ("moticon-insole", "fscan-insole", "pedar-insole"))
    stored = pd.read_csv(DERIVED / f"insole_{compute.__name__}.csv", keep_default_na=False, na_values=["nan", ""])
    return compute() if here else stored


def test_summaries_by_hand() -> None:
    rows = pd.DataFrame(
        {
            "threshold": 30.0,
            "event": "foot_off",
            "kind": ["matched"] * 3 + ["missed", "extra"],
            "error": [-4.0, 2.0, 8.0, np.nan, np.nan],
        }
    )
    found = W.timing_summary(rows).iloc[0]
    assert (found["reported"], found["missed"], found["extra"]) == (4, 1, 1)
    assert (found["bias"], found["median"], found["worst"]) == (2.0, 4.0, 8.0)
    steps = pd.DataFrame(
        {f"{k}_{s}": [1.0, 2.0] for k in ("contact", "off", "max", "mean") for s in ("export", "report")}
    )
    steps["contact_report"] += 0.004
    agreed = W.report_agreement(steps).set_index("quantity")
    assert round(agreed.loc["contact", "largest"], 9) == 4.0
    assert agreed["over 0.01"].tolist() == [2, 0, 0, 0]


def test_export_and_report_agree_as_asked() -> None:
    steps = table(W.report_steps)
    assert len(steps) == 32
    for event in ("contact", "off"):
        assert (steps[f"{event}_export"] - steps[f"{event}_report"]).abs().max() <= 0.010
    assert (steps["max_export"] == steps["max_report"]).all()


def test_every_step_is_found_in_the_force_and_none_besides() -> None:
    found = table(W.timing)
    assert (found["kind"] == "matched").all() and THRESHOLD in set(found["threshold"])
    counts = found.groupby(["threshold", "event"]).size()
    assert set(counts) == {32} and len(counts) == 2 * len(W.THRESHOLDS)
    median = found.groupby(["event", "threshold"])["error"].median()
    assert median["initial_contact"].is_monotonic_increasing and median["foot_off"].is_monotonic_decreasing
    least = found["error"].abs().groupby([found["event"], found["threshold"]]).max().groupby("event").min()
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

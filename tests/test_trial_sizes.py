"""The campaign of power by size and assumption: its closed-form rows, a share of it anew, sizes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.io import results
from gaitstudy.studies import trial_power, trial_sizes


def test_the_campaigns_closed_form_rows_agree() -> None:
    exact = results.kept("trial_power").dropna(subset=["exact"])
    assert len(exact) == 4 and (exact["trials"] >= 2000).all() and "MMRM" in set(exact["model"])
    apart = np.abs(exact["power"] - exact["exact"]) / np.sqrt(exact["exact"] * (1 - exact["exact"]) / exact["trials"])
    assert (apart < stats.norm.isf(0.005 / len(exact))).all()
    again = [trial_power.closed_form("KAM", 20, -5.0), trial_power.closed_form("T1rho", 20, -4.0, 2.0)]
    assert exact["exact"].iloc[[0, 3]].tolist() == pytest.approx(again, rel=1e-9)


def test_a_share_run_anew_agrees() -> None:
    stored = results.kept("trial_power").set_index(trial_sizes.KEY)
    for outcome, model, n, count in (
        ("pain", "MMRM", 34, 150),
        ("KAM", "ANCOVA", 14, 600),
        ("T1rho", "ANCOVA", 24, 600),
    ):
        kept = stored.loc[("curve", "SD x 1", outcome, model, n)]
        found = trial_power.power(outcome, model, n, count=count, seed=77).iloc[0]
        error = np.sqrt(kept["power"] * (1 - kept["power"]) * (1 / count + 1 / kept["trials"]))
        assert abs(found["power"] - kept["power"]) < 3.5 * error


def test_sizes_come_with_how_many_to_screen() -> None:
    stored = results.kept("trial_power")
    found = trial_sizes.sample_sizes(stored[(stored["part"] == "curve") & (stored["setting"] == "SD x 1")])
    assert (found["low"] <= found["n_per_arm"]).all() and (found["n_per_arm"] <= found["high"]).all()
    assert (found["to_screen"] == np.ceil(found["randomised"] / 0.7)).all() and (found["misfit"] < 0.03).all()
    by = found.set_index(["outcome", "model", "power"])["n_per_arm"]
    assert by["pain", "MMRM", 0.8] <= by["pain", "ANCOVA", 0.8] < by["pain", "ANCOVA", 0.9]


def test_processes_do_not_change_the_numbers() -> None:
    one, two = (trial_sizes.study(20, 6, workers, ("closed form",)) for workers in (1, 2))
    pd.testing.assert_frame_equal(one, two)

"""Coverage of the trial's models: what the campaign kept, and a share of it anew."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import results
from gaitstudy.simulate import cohort
from gaitstudy.stats import longitudinal
from gaitstudy.tables import trial_coverage


def test_arrays_give_what_one_trial_gives_as_a_table() -> None:
    """One trial through the batched models, against the table's own, on the same numbers."""
    trials = cohort.simulate_trials(3, seed=11)
    found = trial_coverage.estimates(trials)
    pain = trials.seen["pain"].values[1]
    long = pd.DataFrame(
        {
            "participant": np.repeat(np.arange(len(pain)), 5), "visit": np.tile([7, 11, 25, 39, 52], len(pain)),
            "arm": np.repeat(trials.arm, 5), "baseline": np.repeat(pain[:, 0], 5),
            "change": (pain[:, 1:] - pain[:, :1]).ravel(),
        }
    )  # fmt: skip
    own = longitudinal.contrasts(longitudinal.mmrm("change ~ baseline * visit + arm * visit", long)).set_index("visit")
    row = found[(found["trial"] == 1) & (found["model"] == "MMRM")].iloc[0]
    for column in ("estimate", "low", "high", "p"):
        assert row[column] == pytest.approx(own.loc[52, column], rel=1e-6)


def test_three_models_for_every_trial() -> None:
    found = trial_coverage.estimates(cohort.simulate_trials(4, seed=5))
    assert found.groupby("model").size().to_dict() == {"MMRM": 4, "imputation": 4, trial_coverage.NAIVE: 4}
    assert (found["low"] < found["estimate"]).all() and (found["estimate"] < found["high"]).all()


def test_every_rate_that_is_promised_lies_where_chance_lets_it() -> None:
    table = results.kept("trial_coverage")
    assert table["trials"].min() >= 2000 and (table["without_number"] == 0).all()
    for name, count in (("covered", 4), ("rejected", 2)):
        asked = table[table[f"{name}_low"].notna()]
        assert len(asked) == count
        assert asked[name].between(asked[f"{name}_low"], asked[f"{name}_high"]).all()
    naive = table[table["model"] == trial_coverage.NAIVE]
    assert (naive["covered"] < 0.93).all()


def test_a_share_run_anew_agrees() -> None:
    stored, few = results.kept("trial_coverage"), trial_coverage.coverage(30, seed=3)
    both = stored.merge(few, on=trial_coverage.KEY, suffixes=("", "_few"))
    error = np.sqrt(both["covered"] * (1 - both["covered"]) * (1 / 30 + 1 / both["trials"]))
    assert (np.abs(both["covered_few"] - both["covered"]) / error).max() < 3.5

"""Rule against shrinkage: what a cohort says, and what the stored campaign holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import results
from gaitstudy.tables import foot_angle_choice as choice
from workflow.campaigns import foot_angle_choice as campaign


@pytest.fixture(scope="module")
def fresh() -> pd.DataFrame:
    return choice.comparison(6, seed=1, steps=(20,), tests=(1, 2))


# ---- closed form ----


def test_without_error_everyone_is_right_and_nobody_is_promised_too_much() -> None:
    exact = {"day_sd": 1e-4, "wobble_sd": 1e-4, "step_sd": 1e-4}
    found = choice.cohort(5, 1, (1, 2), changed=exact)
    assert found["regret"].max() < 0.05
    np.testing.assert_allclose(found["promised"], found["true"], atol=0.05)
    np.testing.assert_allclose(found["retest"], found["true"], atol=0.05)


def test_regret_is_never_below_zero() -> None:
    found = choice.cohort(5, 1, (3,))
    assert found["regret"].min() >= -1e-9
    assert found.groupby("method").size().nunique() == 1 and set(found["method"]) == set(choice.METHODS)
    assert found["person"].nunique() + found["left_out"].iloc[0] == choice.PEOPLE


# ---- simulated people ----


def test_the_curse_is_there_and_shrinkage_takes_most_of_it(fresh: pd.DataFrame) -> None:
    one = fresh[fresh["tests"] == 1].set_index("method")
    assert one.loc["rule", "curse_low"] > 2
    assert abs(one.loc["shrunken", "curse"]) < 0.5 * one.loc["rule", "curse"]
    assert one.loc["rule", "slope_high"] < 0.9 and one.loc["shrunken", "slope"] > one.loc["rule", "slope_high"]
    # Whether benefit is saved, six cohorts cannot tell; the campaign's hundred do, in every design (below).


def test_the_same_seed_gives_the_same_table(fresh: pd.DataFrame) -> None:
    again = choice.comparison(6, seed=1, steps=(20,), tests=(2,))
    pd.testing.assert_frame_equal(again, fresh[fresh["tests"] == 2].reset_index(drop=True))


# ---- the stored campaign ----


def test_the_stored_table_is_the_campaign_s() -> None:
    table = results.kept("foot_angle_choice", cohorts=campaign.COHORTS, seed=campaign.SEED)
    assert len(table) == ((len(choice.STEPS) + len(choice.FEW)) * len(choice.TESTS) + len(choice.STEPS)) * len(
        choice.METHODS
    )
    assert set(table["cohorts"]) == {campaign.COHORTS}


def test_shrinkage_misses_less_than_the_rule_in_every_design() -> None:
    table = results.kept("foot_angle_choice").query("method == 'shrunken' and people == @choice.PEOPLE")
    assert (table["regret_saved_low"] > 0).all(), table[["steps", "tests", "regret_saved_low"]]


def test_a_share_run_anew_agrees_with_what_is_stored(fresh: pd.DataFrame) -> None:
    key, names = choice.KEY, ["curse", "slope", "regret", "tenth_regret"]
    both = fresh.merge(results.kept("foot_angle_choice"), on=key, suffixes=("", "_stored"))
    assert len(both) == len(fresh)
    for name in names:
        error = (both[f"{name}_high_stored"] - both[f"{name}_low_stored"]) / 2 / 1.98 * np.sqrt(campaign.COHORTS)
        apart = (both[name] - both[f"{name}_stored"]) / (error * np.sqrt(1 / 6 + 1 / campaign.COHORTS))
        assert (abs(apart) < 4.5).all(), (name, apart)

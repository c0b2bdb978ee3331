"""Shifted imputations, tipping point and jump to reference."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.departures import Analysis, delta_adjusted, jump_to_reference, tipping_point
from gaitstudy.stats.missing import impute, pool
from gaitstudy.stats.regression import adjusted_difference, least_squares

VISITS = 4


def trial(people: int, seed: int = 0, effect: float = -1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Complete values (participant, visit), what is seen of them, and the arm; dropout at random after visit 1 to 3."""
    rng = np.random.default_rng(seed)
    arm = np.arange(people) % 2
    root = np.linalg.cholesky(0.5 + 0.5 * np.eye(VISITS))
    values = 5 + rng.normal(size=(people, VISITS)) @ root.T
    values[:, 1:] += np.outer(arm, effect * np.arange(1, VISITS) / (VISITS - 1))
    last = np.where(rng.random(people) < 0.4, rng.integers(0, VISITS - 1, people), VISITS - 1)
    return values, np.where(np.arange(VISITS) > last[:, None], np.nan, values), arm


def analyse(arm: np.ndarray) -> Analysis:
    return lambda made: adjusted_difference(made[..., -1], arm, [made[..., 0]])[:2]


# ---- closed form ----


def test_only_what_was_imputed_in_the_arm_is_shifted() -> None:
    _, seen, arm = trial(20)
    imputed = impute(seen, imputations=2, groups=arm)
    moved = delta_adjusted(imputed, np.isnan(seen), arm == 1, 1.5) - imputed
    gone = np.isnan(seen) & (arm == 1)[:, None]
    assert moved[:, gone] == pytest.approx(1.5) and (moved[:, ~gone] == 0).all() and gone.any()


def test_the_tipping_point_without_covariates_is_where_arithmetic_says() -> None:
    """A known analysis: mean of the arm, standard error one, so the bound passes zero where the mean does 1.96."""
    imputed = np.full((2, 10, 1), -3.0)
    imputed[1] += 1e-9  # two imputations that hardly differ
    missing = np.arange(10)[:, None] < 4

    def mean(made: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return made[..., 0].mean(1), np.ones(len(made))

    found = tipping_point(imputed, missing, np.ones(10, bool), mean, [-2.0, 2, 4, 20])
    assert found.attrs["shifted"] == 4
    assert found.attrs["tipping_point"] == pytest.approx((3 - stats.norm.isf(0.025)) / 0.4, abs=1e-4)
    assert found["conclusion"].tolist() == [-1, -1, -1, 0, 1]
    far = tipping_point(imputed, missing, np.ones(10, bool), mean, [0, 20])  # from below to above zero in one step
    assert far.attrs["tipping_point"] == pytest.approx(found.attrs["tipping_point"], abs=1e-4)
    assert np.isnan(tipping_point(imputed, missing, np.ones(10, bool), mean, [0.5]).attrs["tipping_point"])


def test_an_undecided_trial_tips_to_either_side() -> None:
    imputed = np.array([0.0, 0.0])[:, None, None] + np.zeros((2, 5, 1)) + np.array([0, 1e-9])[:, None, None]

    def mean(made: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return made[..., 0].mean(1), np.ones(len(made))

    everyone = np.ones(5, bool)
    found = tipping_point(imputed, everyone[:, None], everyone, mean, [-3.0, 5.0])
    assert found["conclusion"].tolist() == [-1, 0, 1]
    assert abs(found.attrs["tipping_point"]) == pytest.approx(stats.norm.isf(0.025), abs=1e-4)


def test_at_two_visits_someone_who_left_is_predicted_from_the_reference_arm() -> None:
    """The mean of the draws is the reference's mean plus its slope times how far the person was from the own arm."""
    _, seen, arm = trial(40, seed=2)
    seen = seen[:, [0, 3]]
    imputed = jump_to_reference(seen, arm == 0, imputations=20_000)
    theirs = (arm == 0) & ~np.isnan(seen[:, 1])
    design = np.stack([np.ones(theirs.sum()), seen[theirs, 0]], -1)
    fit = least_squares(design, seen[theirs, 1])
    reference_mean = fit.coefficients @ [1.0, seen[arm == 0, 0].mean()]
    gone = (arm == 1) & np.isnan(seen[:, 1])
    away = seen[gone, 0] - seen[arm == 1, 0].mean()
    expected = reference_mean + fit.coefficients[1] * away
    error = imputed[:, gone, 1].std(0) / np.sqrt(20_000)
    assert np.abs((imputed[:, gone, 1].mean(0) - expected) / error).max() < stats.norm.isf(0.001 / gone.sum())


def test_with_many_people_the_draws_follow_carpenters_block_formula() -> None:
    """Mean and covariance of the visits after dropout given those before, from the blocks of the two arms' moments."""
    values, _, arm = trial(40_000, seed=5)
    seen = values.copy()
    leavers = (arm == 1) & (np.arange(len(arm)) % 4 == 1)
    seen[leavers, 2:] = np.nan
    imputed = jump_to_reference(seen, arm == 0, imputations=2, iterations=1)[0]
    theirs, own = values[arm == 0], values[arm == 1]
    covariance = np.cov(theirs.T)
    slope = covariance[2:, :2] @ np.linalg.inv(covariance[:2, :2])
    expected = theirs[:, 2:].mean(0) + (values[leavers, :2] - own[:, :2].mean(0)) @ slope.T
    left = imputed[leavers, 2:] - expected
    rest = covariance[2:, 2:] - slope @ covariance[:2, 2:]
    assert left.mean(0) == pytest.approx([0, 0], abs=0.03)  # twice the error of means of 10,000 and of 20,000
    assert np.cov(left.T) == pytest.approx(rest, abs=0.03)
    assert np.corrcoef(left.T, values[leavers, :2].T)[:2, 2:] == pytest.approx(np.zeros((2, 2)), abs=0.03)


# ---- invariance ----


def test_what_was_measured_and_the_reference_arm_at_random_stay() -> None:
    _, seen, arm = trial(60)
    imputed = jump_to_reference(seen, arm == 0, imputations=3)
    known = ~np.isnan(seen)
    assert (imputed[:, known] == seen[known]).all() and np.isfinite(imputed).all()


def test_a_gap_between_visits_is_taken_as_missing_at_random() -> None:
    """Someone of the active arm who came back is not drawn from the reference."""
    values, _, arm = trial(200, effect=-100.0)
    values[1, 1] = np.nan
    values[3, 2:] = np.nan
    imputed = jump_to_reference(values, arm == 0, imputations=20)
    assert imputed[:, 1, 1].max() < -20 and imputed[:, 3, 2:].min() > 0


# ---- simulated: what the assumption does ----


def test_the_effect_shrinks_by_the_share_who_left_when_they_jump() -> None:
    """Under its own assumption the mean of the imputed effects is the truth: the effect of those who stayed,
    diluted."""
    values, _, arm = trial(20_000, seed=9)
    leaves = np.random.default_rng(1).random(20_000) < 0.3  # completely at random, right after baseline
    seen = np.where(leaves[:, None] & (np.arange(VISITS) > 0), np.nan, values)
    jumped, stayed = (
        pool(*analyse(arm)(made), 19_997).iloc[0]["estimate"]
        for made in (jump_to_reference(seen, arm == 0, imputations=5), impute(seen, imputations=5, groups=arm))
    )
    assert stayed == pytest.approx(-1.0, abs=0.06)
    assert jumped == pytest.approx(-0.7, abs=0.06)


# ---- refusals ----


def test_refusals_say_what_was_found() -> None:
    _, seen, arm = trial(20)
    with pytest.raises(StatisticsError, match="found shapes"):
        delta_adjusted(np.zeros((2, 5, 3)), np.zeros((5, 2), bool), np.ones(5, bool), 1.0)
    with pytest.raises(StatisticsError, match="finite shift"):
        delta_adjusted(np.zeros((2, 5, 3)), np.zeros((5, 3), bool), np.ones(5, bool), np.nan)
    with pytest.raises(StatisticsError, match="found none to shift"):
        tipping_point(np.zeros((2, 20, 4)), np.zeros((20, 4), bool), arm == 1, analyse(arm), [1.0])
    with pytest.raises(StatisticsError, match="reference arm that some people are in"):
        jump_to_reference(seen, np.ones(20, bool))
    seen[3, 0] = np.nan
    with pytest.raises(StatisticsError, match="1 people without"):
        jump_to_reference(seen, arm == 0)
    few = trial(8)[1]
    few[2::2, 3] = np.nan  # the reference arm has nobody but one at the last visit
    with pytest.raises(StatisticsError, match="predictors"):
        jump_to_reference(few, np.arange(8) % 2 == 0)

"""Shifted imputations and their tipping point."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.departures import Analysis, delta_adjusted, tipping_point
from gaitstudy.stats.missing import impute
from gaitstudy.stats.regression import adjusted_difference

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


# ---- refusals ----


def test_refusals_say_what_was_found() -> None:
    _, _, arm = trial(20)
    with pytest.raises(StatisticsError, match="found shapes"):
        delta_adjusted(np.zeros((2, 5, 3)), np.zeros((5, 2), bool), np.ones(5, bool), 1.0)
    with pytest.raises(StatisticsError, match="found bool and int64"):  # a code of 2 would shift no one
        delta_adjusted(np.zeros((2, 5, 3)), np.zeros((5, 3), bool), np.full(5, 2), 1.0)
    with pytest.raises(StatisticsError, match="finite shift"):
        delta_adjusted(np.zeros((2, 5, 3)), np.zeros((5, 3), bool), np.ones(5, bool), np.nan)
    with pytest.raises(StatisticsError, match="found none to shift"):
        tipping_point(np.zeros((2, 20, 4)), np.zeros((20, 4), bool), arm == 1, analyse(arm), [1.0])

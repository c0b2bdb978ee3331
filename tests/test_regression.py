"""Least squares for many data sets at once."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.regression import adjusted_difference, least_squares

RNG = np.random.default_rng(3)
DESIGN = np.concatenate([np.ones((4, 30, 1)), RNG.normal(loc=50, size=(4, 30, 2))], -1)
OUTCOME = DESIGN @ [2.0, 0.5, -1.0] + RNG.normal(size=(4, 30))
BEFORE = np.array([6.0, 5, 7, 4, 6, 5, 5, 6, 7, 4, 6, 5])
AFTER = np.array([5.0, 5, 6, 4, 5, 4, 3, 4, 4, 2, 3, 3])
ARM = np.repeat([0, 1], 6)


# ---- closed form ----


def test_analysis_of_covariance_gives_the_numbers_known() -> None:
    difference, error, df = adjusted_difference(AFTER, ARM, [BEFORE])
    assert [difference, error, difference / error] == pytest.approx([-1.666667, 0.211881, -7.86607], abs=1e-5)
    assert df == 9


def test_adjusting_follow_up_or_change_gives_the_same_difference() -> None:
    changes, follow_ups = (adjusted_difference(y, ARM, [BEFORE])[:2] for y in (AFTER - BEFORE, AFTER))
    assert np.array(changes) == pytest.approx(np.array(follow_ups), rel=1e-12)


# ---- invariance ----


def test_weights_are_repetitions() -> None:
    counts = RNG.integers(0, 3, 30).astype(float)
    rows = np.repeat(np.arange(30), counts.astype(int))
    weighted, repeated = least_squares(DESIGN, OUTCOME, counts), least_squares(DESIGN[:, rows], OUTCOME[:, rows])
    for a, b in zip(weighted, repeated, strict=True):
        assert a == pytest.approx(b, rel=1e-9)


def test_each_data_set_is_fitted_by_itself() -> None:
    together = least_squares(DESIGN, OUTCOME)
    for k in range(len(DESIGN)):
        assert together.coefficients[k] == pytest.approx(least_squares(DESIGN[k], OUTCOME[k]).coefficients, rel=1e-12)


# ---- an independent program ----


def test_statsmodels_finds_the_same() -> None:
    fit = least_squares(DESIGN, OUTCOME)
    for k in range(len(DESIGN)):
        other = sm.OLS(OUTCOME[k], DESIGN[k]).fit()
        assert fit.coefficients[k] == pytest.approx(other.params, rel=1e-8)
        assert fit.standard_errors[k] == pytest.approx(other.bse, rel=1e-8)
        assert (fit.residual[k], fit.df[k]) == pytest.approx((other.ssr, other.df_resid), rel=1e-10)
        assert fit.root[k] @ fit.root[k].T == pytest.approx(other.normalized_cov_params, rel=1e-6)


# ---- refusals ----


def test_everything_that_is_wrong_is_said() -> None:
    twice = np.concatenate([DESIGN[0], DESIGN[0][:, 1:2]], -1)
    with pytest.raises(StatisticsError, match="collinear or constant"):
        least_squares(twice, OUTCOME[0])
    with pytest.raises(StatisticsError, match="3 predictors but only 3 rows"):
        least_squares(DESIGN[0], OUTCOME[0], np.repeat([1.0, 0.0], [3, 27]))
    with pytest.raises(StatisticsError, match="expected no gaps, found 1"):
        adjusted_difference(np.where(np.arange(12) == 3, np.nan, AFTER), ARM)
    with pytest.raises(StatisticsError, match="collinear"):
        adjusted_difference(AFTER, np.ones(12))

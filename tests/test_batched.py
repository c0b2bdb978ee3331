"""Many trials at once: analysis of variance, one by one, and statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import batched, contrasts, mixed
from tests.test_mixed import ORDINARY, RATINGS, SEED, trials


def test_ratings_of_the_methods_literature() -> None:
    # six people, four raters: intercept, differences, standard error and variances by hand from the mean squares
    x = np.broadcast_to(np.concatenate([np.ones((4, 1)), np.eye(4)[:, 1:]], 1), (6, 4, 4))
    found = batched.random_intercept(RATINGS[None], x)
    np.testing.assert_allclose(found.coefficients[0], [7.66667, -5.16667, -3.33333, -1.0], atol=5e-6)
    np.testing.assert_allclose(found.se[0, 1:], 0.582936, atol=5e-7)
    np.testing.assert_allclose([found.between[0], found.within[0]], [(11.241667 - 1.019444) / 4, 1.019444], rtol=1e-6)


def test_no_variance_between_people_is_exactly_zero_and_leaves_least_squares() -> None:
    y = RATINGS - RATINGS.mean(1, keepdims=True) + np.random.default_rng(SEED).normal(0, 1e-3, RATINGS.shape)
    x = np.ones((6, 4, 1))
    found = batched.random_intercept(y[None], x)
    assert found.between[0] == 0
    assert found.within[0] == pytest.approx(y.var(ddof=1), rel=1e-12)
    assert found.coefficients[0, 0] == pytest.approx(y.mean(), rel=1e-9)


def test_it_is_compound_symmetry_wherever_people_differ() -> None:
    y, x = trials(30, 40, 25, ORDINARY, 0.25)
    one, two = batched.random_intercept(y, x), mixed.fit(y, x, "compound symmetry")
    assert (one.status == "converged").all()
    np.testing.assert_allclose(one.coefficients, two.coefficients, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(one.between, two.covariance[:, 0, 1], rtol=1e-6)
    np.testing.assert_allclose(one.within + one.between, two.covariance[:, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(one.log_likelihood, two.log_likelihood, rtol=1e-10)
    np.testing.assert_allclose(one.se, contrasts.wald(two, np.eye(12))["se"], rtol=1e-6)


@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_statsmodels_gives_the_same(gaps: float) -> None:
    y, x = trials(31, 3, 68, ORDINARY, gaps)
    found = batched.random_intercept(y, x)
    groups = np.repeat(np.arange(68), 4)
    for k in range(3):
        seen = np.isfinite(y[k].ravel())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a gradient it cannot lower any further
            model = MixedLM(y[k].ravel()[seen], x[k].reshape(-1, 12)[seen], groups[seen])
            fit = model.fit(reml=True, method="bfgs", gtol=1e-10, maxiter=500)
        np.testing.assert_allclose(found.coefficients[k], fit.fe_params, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose([found.between[k], found.within[k]], [fit.cov_re[0, 0], fit.scale], rtol=1e-6)
        assert found.log_likelihood[k] == pytest.approx(fit.llf, abs=1e-6)
        if not gaps:  # with gaps its standard errors also hold what the variances do not know
            np.testing.assert_allclose(found.se[k], fit.bse_fe, rtol=1e-6)


def test_parts_of_many_trials_are_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = trials(32, 7, 20, ORDINARY, 0.1)
    rows = np.eye(12)[[1, 10]]
    whole, intercepts = batched.mmrm_many(y, x, rows), batched.random_intercept(y, x)
    monkeypatch.setattr(batched, "CHUNK", 2 * y[0].size * 12)
    parts, again = batched.mmrm_many(y, x, rows), batched.random_intercept(y, x)
    assert parts[["trial", "contrast"]].to_numpy().tolist() == [[t, c] for t in range(7) for c in range(2)]
    numbers = ["estimate", "se", "df", "p", "low", "high"]
    np.testing.assert_allclose(parts[numbers], whole[numbers], rtol=1e-9)
    np.testing.assert_allclose(again.coefficients, intercepts.coefficients, rtol=1e-9)
    one = contrasts.wald(mixed.fit(y[3:4], x[3:4]), rows)
    np.testing.assert_allclose(parts.loc[parts["trial"] == 3, "p"], one["p"][0], rtol=1e-9)


def test_a_common_design_serves_all_trials() -> None:
    y, x = trials(33, 5, 20, ORDINARY, 0.1)
    common, repeated = batched.random_intercept(y, x[0]), batched.random_intercept(y, np.broadcast_to(x[0], x.shape))
    np.testing.assert_allclose(common.coefficients, repeated.coefficients, rtol=1e-12)


def test_trials_that_cannot_be_fitted_say_so() -> None:
    y, x = trials(34, 3, 20, ORDINARY, 0.0)
    y[1], y[2] = np.nan, x[2] @ np.arange(12.0)
    found = batched.random_intercept(y, x)
    assert found.status.tolist() == [
        "converged",
        "no more observations than coefficients",
        "the design fits without error",
    ]
    assert (
        np.isnan(found.coefficients[1:]).all() and np.isnan(found.between[1:]).all() and np.isfinite(found.se[0]).all()
    )
    y[0] = np.arange(20.0)[:, None] + 1e-9 * y[0]
    assert "not identified" in batched.random_intercept(y, np.ones((20, 4, 1))).status[0]
    with pytest.raises(StatisticsError, match="expected y"):
        batched.random_intercept(y[0], x[0])

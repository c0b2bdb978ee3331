"""Many trials at once: analysis of variance, one by one, and statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from gaitstudy.stats import batched, contrasts, mixed
from tests.test_mixed import ORDINARY, RATINGS, trials


def test_ratings_of_the_methods_literature() -> None:
    # six people, four raters: intercept, differences, standard error and variances by hand from the mean squares
    x = np.broadcast_to(np.concatenate([np.ones((4, 1)), np.eye(4)[:, 1:]], 1), (6, 4, 4))
    found = mixed.fit(RATINGS[None], x, "compound symmetry")
    np.testing.assert_allclose(found.coefficients[0], [7.66667, -5.16667, -3.33333, -1.0], atol=5e-6)
    np.testing.assert_allclose(contrasts.wald(found, np.eye(4)[1:])["se"][0], 0.582936, atol=5e-7)
    between, both = found.covariance[0, 0, 1], found.covariance[0, 0, 0]
    np.testing.assert_allclose([between, both - between], [(11.241667 - 1.019444) / 4, 1.019444], rtol=1e-6)


@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_statsmodels_gives_the_same(gaps: float) -> None:
    y, x = trials(31, 3, 68, ORDINARY, gaps)
    found = mixed.fit(y, x, "compound symmetry")
    se = contrasts.wald(found, np.eye(12))["se"]
    groups = np.repeat(np.arange(68), 4)
    for k in range(3):
        seen = np.isfinite(y[k].ravel())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a gradient it cannot lower any further
            model = MixedLM(y[k].ravel()[seen], x[k].reshape(-1, 12)[seen], groups[seen])
            fit = model.fit(reml=True, method="bfgs", gtol=1e-10, maxiter=500)
        np.testing.assert_allclose(found.coefficients[k], fit.fe_params, rtol=1e-6, atol=1e-8)
        between, both = found.covariance[k, 0, 1], found.covariance[k, 0, 0]
        np.testing.assert_allclose([between, both - between], [fit.cov_re[0, 0], fit.scale], rtol=1e-6)
        assert found.log_likelihood[k] == pytest.approx(fit.llf, abs=1e-6)
        if not gaps:  # with gaps its standard errors also hold what the variances do not know
            np.testing.assert_allclose(se[k], fit.bse_fe, rtol=1e-6)


def test_parts_of_many_trials_are_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = trials(32, 7, 20, ORDINARY, 0.1)
    rows = np.eye(12)[[1, 10]]
    whole = batched.mmrm_many(y, x, rows)
    monkeypatch.setattr(batched, "CHUNK", 2 * y[0].size * 12)
    parts = batched.mmrm_many(y, x, rows)
    assert parts[["trial", "contrast"]].to_numpy().tolist() == [[t, c] for t in range(7) for c in range(2)]
    numbers = ["estimate", "se", "df", "p", "low", "high"]
    np.testing.assert_allclose(parts[numbers], whole[numbers], rtol=1e-9)
    one = contrasts.wald(mixed.fit(y[3:4], x[3:4]), rows)
    np.testing.assert_allclose(parts.loc[parts["trial"] == 3, "p"], one["p"][0], rtol=1e-9)


def test_a_common_design_serves_all_trials() -> None:
    y, x = trials(33, 5, 20, ORDINARY, 0.1)
    common, repeated = (batched.mmrm_many(y, part, np.eye(12)) for part in (x[0], np.broadcast_to(x[0], x.shape)))
    np.testing.assert_allclose(common["estimate"], repeated["estimate"], rtol=1e-12)

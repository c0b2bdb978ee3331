"""Tests of combinations: one row is its own F test, repeated rows count once."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.stats import contrasts, mixed
from tests.test_mixed import ORDINARY, trials

ROWS = np.eye(12)[[1, 4, 7, 10]]


@pytest.fixture(scope="module", params=mixed.METHODS)
def fit(request: pytest.FixtureRequest) -> mixed.Fit:
    return mixed.fit(*trials(20, 3, 30, ORDINARY, 0.2), method=request.param)


def test_the_f_test_of_one_row_is_its_t_test(fit: mixed.Fit) -> None:
    one, many = contrasts.wald(fit, ROWS[3]), contrasts.joint(fit, ROWS[3])
    np.testing.assert_allclose(many["f"], one["t"][:, 0] ** 2, rtol=1e-9)
    np.testing.assert_allclose(many["df_denominator"], one["df"][:, 0], rtol=1e-9)
    np.testing.assert_allclose(many["p"], one["p"][:, 0], rtol=1e-9)


def test_rows_that_repeat_others_count_once(fit: mixed.Fit) -> None:
    again = np.concatenate([ROWS, ROWS[:1]])
    one, two = contrasts.joint(fit, ROWS), contrasts.joint(fit, again)
    assert two["df_numerator"].tolist() == [4, 4, 4]
    if fit.method == "kenward-roger":  # Fai and Cornelius' denominator feels how the rows are written
        np.testing.assert_allclose(two["p"], one["p"], rtol=1e-8)
    else:
        np.testing.assert_allclose(two["f"], one["f"], rtol=1e-8)


def test_kenward_roger_is_the_more_careful(fit: mixed.Fit) -> None:
    if fit.method == "kenward-roger":
        plain = mixed.fit(*trials(20, 3, 30, ORDINARY, 0.2), method="satterthwaite")
        assert (contrasts.wald(fit, ROWS)["se"] > contrasts.wald(plain, ROWS)["se"]).all()
        np.testing.assert_allclose(fit.coefficients, plain.coefficients, rtol=1e-12)


def test_the_interval_holds_the_values_that_are_not_rejected(fit: mixed.Fit) -> None:
    found = contrasts.wald(fit, ROWS)
    np.testing.assert_array_equal((found["low"] < 0) & (found["high"] > 0), found["p"] > 0.05)


def test_a_trial_without_a_number_gets_none() -> None:
    y, x = trials(21, 2, 30, ORDINARY, 0.0)
    y[1] = 1.0
    fit = mixed.fit(y, x)
    for found in (contrasts.wald(fit, ROWS), contrasts.joint(fit, ROWS)):
        assert np.isfinite(found["p"][0]).all() and np.isnan(found["p"][1]).all()

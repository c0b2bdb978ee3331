"""Regression and lasso from means and covariances: closed form, invariance, and the same from the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, lars_path
from statsmodels.api import OLS, add_constant

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import moments

NAMES = ["a", "b", "c"]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 3)) @ np.array([[1, 0.5, 0.2], [0, 2, -0.4], [0, 0, 0.3]]) + [10, -3, 0.5]
    return pd.DataFrame(x, columns=NAMES).assign(y=x @ [0.3, -0.2, 1.0] + rng.normal(size=40))


def uncorrelated(count: int = 9) -> moments.Moments:
    """Two predictors of unit variance without correlation; covariances with y are .8 and -.3, its variance is 2."""
    covariance = pd.DataFrame([[1, 0, 0.8], [0, 1, -0.3], [0.8, -0.3, 2.0]], index=list("aby"), columns=list("aby"))
    return moments.Moments(count, pd.Series([0.0, 0.0, 5.0], index=list("aby")), covariance)


# ---- closed form ----


def test_uncorrelated_predictors_keep_their_own_slopes() -> None:
    table = moments.regression(uncorrelated(), "y", ["a", "b"]).set_index("term")
    assert table["estimate"].tolist() == pytest.approx([5.0, 0.8, -0.3])
    r2 = (0.8**2 + 0.3**2) / 2
    residual = 8 * 2 * (1 - r2) / 6
    assert table["se"].tolist() == pytest.approx([(residual / 9) ** 0.5] + [(residual / 8) ** 0.5] * 2)
    found = moments.regression(uncorrelated(), "y", ["a", "b"]).attrs
    assert found == pytest.approx({"r2": r2, "adjusted_r2": 1 - (1 - r2) * 8 / 6, "df": 6})
    alone = 1 - (1 - 0.3**2 / 2) * 8 / 7
    assert table.loc["a", "drop"] == pytest.approx(found["adjusted_r2"] - alone)
    assert np.isnan(table.loc["intercept", "drop"])


def test_uncorrelated_predictors_are_soft_thresholded() -> None:
    """With x'x = n - 1 the coefficient is sign(c) (|c| - penalty n / (n - 1)) until it is zero."""
    path = moments.lasso_path(uncorrelated(), "y", ["a", "b"])
    assert path["penalty"].tolist() == pytest.approx([0.8 * 8 / 9, 0.3 * 8 / 9, 0.0])
    assert path["a"].tolist() == pytest.approx([0.0, 0.5, 0.8]) and path["b"].tolist() == pytest.approx([0, 0, -0.3])
    sets = moments.active_sets(path)
    assert sets[["entered", "left", "kept"]].to_numpy().tolist() == [["a", "", "a"], ["b", "", "a; b"]]
    assert moments.kept_at(sets, 0.5) == ["a"] and moments.kept_at(sets, 0.1) == ["a", "b"]
    assert moments.kept_at(sets, 0.8) == []


def test_a_predictor_that_leaves_is_told() -> None:
    path = pd.DataFrame({"penalty": [3.0, 2.0, 1.0, 0.5, 0.0], "a": [0.0, 1.0, 0.0, 0.0, -1.0], "b": [0, 0, 1.0, 2, 3]})
    sets = moments.active_sets(path)
    assert sets["kept"].tolist() == ["a", "a; b", "b", "a; b"]
    assert sets["left"].tolist() == ["", "", "a", ""] and sets["entered"].tolist() == ["a", "b", "", "a"]
    assert sets[["high", "low"]].to_numpy().tolist() == [[3.0, 2.0], [2.0, 1.0], [1.0, 0.5], [0.5, 0.0]]


# ---- invariance ----


def test_units_and_origins_of_the_predictors_do_not_matter(rows: pd.DataFrame) -> None:
    moved = rows.assign(a=1000 * rows["a"] - 7, c=rows["c"] / 60)
    for work in (moments.regression, moments.lasso_path):
        one, two = (work(moments.moments(r), "y", NAMES) for r in (rows, moved))
        pd.testing.assert_frame_equal(one, two, rtol=1e-9)


def test_a_turned_predictor_turns_its_coefficient(rows: pd.DataFrame) -> None:
    one = moments.lasso_path(moments.moments(rows), "y", NAMES)
    two = moments.lasso_path(moments.moments(rows.assign(b=-rows["b"])), "y", NAMES)
    assert two["b"].to_numpy() == pytest.approx(-one["b"].to_numpy(), abs=1e-12)


# ---- independent programs ----


def test_the_regression_is_that_of_statsmodels_on_the_rows(rows: pd.DataFrame) -> None:
    z = (rows[NAMES] - rows[NAMES].mean()) / rows[NAMES].std()
    other = OLS(rows["y"], add_constant(z)).fit()
    mine = moments.regression(moments.moments(rows), "y", NAMES)
    for column, values in (("estimate", other.params), ("se", other.bse), ("t", other.tvalues), ("p", other.pvalues)):
        assert mine[column].to_numpy() == pytest.approx(values.to_numpy(), rel=1e-10)
    assert mine[["low", "high"]].to_numpy() == pytest.approx(other.conf_int().to_numpy(), rel=1e-10)
    assert (mine.attrs["r2"], mine.attrs["adjusted_r2"]) == pytest.approx((other.rsquared, other.rsquared_adj))


def test_the_path_is_that_of_the_rows_and_of_another_algorithm(rows: pd.DataFrame) -> None:
    z = ((rows[NAMES] - rows[NAMES].mean()) / rows[NAMES].std()).to_numpy()
    y = (rows["y"] - rows["y"].mean()).to_numpy()
    mine = moments.lasso_path(moments.moments(rows), "y", NAMES)
    penalties, _, path = lars_path(z, y, method="lasso")
    assert mine["penalty"].to_numpy() == pytest.approx(penalties, abs=1e-9)
    assert mine[NAMES].to_numpy() == pytest.approx(path.T, abs=1e-9)
    descent = Lasso(alpha=float(penalties[2]), tol=1e-14, max_iter=100_000).fit(z, y)  # coordinate descent
    assert mine.loc[2, NAMES].to_numpy(float) == pytest.approx(descent.coef_, abs=1e-7)


# ---- bad input ----


def test_what_cannot_be_fitted_is_refused_with_everything_wrong_in_it(rows: pd.DataFrame) -> None:
    found = moments.moments(rows)
    with pytest.raises(StatisticsError, match=r"'d' is none of a, b, c, y.*'y' is named more than once"):
        moments.regression(found, "y", ["a", "d", "y"])
    with pytest.raises(StatisticsError, match="4 rows do not suffice for 4 coefficients"):
        moments.regression(found._replace(n=4), "y", NAMES)
    with pytest.raises(StatisticsError, match="no predictor"):
        moments.lasso_path(found, "y", [])
    doubled = moments.moments(rows.assign(d=2 * rows["a"] + 1))
    with pytest.raises(StatisticsError, match="a, d are collinear; leave one out"):
        moments.regression(doubled, "y", ["a", "d"])
    with pytest.raises(StatisticsError, match="'e' does not vary"):
        moments.lasso_path(moments.moments(rows.assign(e=1.0)), "y", ["a", "e"])
    with pytest.raises(StatisticsError, match="found 40 with 1 gaps"):
        moments.moments(rows.assign(a=rows["a"].where(rows.index > 0)))


def test_names_of_groups_are_no_numbers() -> None:
    with pytest.raises(StatisticsError, match="column 'site': expected numbers"):
        moments.moments(pd.DataFrame({"site": ["a", "b", "c"], "age": [60.0, 61, 62]}))

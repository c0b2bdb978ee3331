"""Restricted maximum likelihood: closed forms, a plain likelihood, invariance; trials that cannot be fitted."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import batched, contrasts, mixed
from gaitstudy.stats.mixed import STRUCTURES, _covariance, _directions, _distance_from_singular, _start

SEED = 20250818
ORDINARY = 0.75 * np.ones((4, 4)) + 0.25 * np.eye(4)
RATINGS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
"""Six people rated by four (Shrout and Fleiss 1979, general knowledge): a two-way table to do by hand."""


def trials(seed: int, count: int, people: int, covariance: np.ndarray, gaps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes and design of simulated two-arm trials, with a share of the outcomes missing."""
    rng = np.random.default_rng([SEED, seed])
    visits = len(covariance)
    arm, baseline = np.arange(people) % 2, rng.normal(5, 1.5, (count, people)).round(1)
    noise = rng.normal(size=(count, people, visits)) @ np.linalg.cholesky(covariance).T
    y = 2 + 0.5 * baseline[..., None] - 0.5 * arm[:, None] + noise
    y[rng.uniform(size=y.shape) < gaps] = np.nan
    return y, batched.visit_design(arm, baseline, visits)


def plain_likelihood(y: np.ndarray, x: np.ndarray, covariance: np.ndarray) -> float:
    """Return the restricted log likelihood of one trial, person by person, as textbooks write it."""
    xx, xy, yy, logs, count = 0.0, 0.0, 0.0, 0.0, 0
    for own, rows in zip(y, x, strict=True):
        seen = np.isfinite(own)
        if seen.any():
            inverse = np.linalg.inv(covariance[np.ix_(seen, seen)])
            xx, xy = xx + rows[seen].T @ inverse @ rows[seen], xy + rows[seen].T @ inverse @ own[seen]
            yy += own[seen] @ inverse @ own[seen]
            logs -= np.linalg.slogdet(inverse)[1]
            count += seen.sum()
    rest = yy - xy @ np.linalg.solve(xx, xy)
    return -0.5 * (logs + np.linalg.slogdet(xx)[1] + rest + (count - x.shape[-1]) * np.log(2 * np.pi))


# ---- closed form ----


@pytest.mark.parametrize("structure", STRUCTURES)
def test_one_visit_is_ordinary_least_squares(structure: str) -> None:
    y, x = trials(1, 1, 30, np.eye(1), 0.1)
    fit = mixed.fit(y, x, structure, "satterthwaite")
    seen = np.isfinite(y[0, :, 0])
    design, outcome = x[0, seen, 0], y[0, seen, 0]
    found = np.linalg.solve(design.T @ design, design.T @ outcome)
    variance = ((outcome - design @ found) ** 2).sum() / (seen.sum() - 3)
    test = contrasts.wald(fit, np.eye(3))
    np.testing.assert_allclose(test["estimate"][0], found, rtol=1e-12)
    np.testing.assert_allclose(test["se"][0] ** 2, variance * np.diag(np.linalg.inv(design.T @ design)), rtol=1e-12)
    np.testing.assert_allclose(test["df"], seen.sum() - 3, rtol=1e-9)


@pytest.mark.parametrize("method", mixed.METHODS)
def test_complete_trials_have_the_exact_degrees_of_freedom(method: str) -> None:
    y, x = trials(2, 1, 40, ORDINARY, 0.0)
    fit = mixed.fit(y, x, method=method)
    left = [y[0, :, v] - x[0, :, v] @ np.linalg.lstsq(x[0, :, v], y[0, :, v])[0] for v in range(4)]
    np.testing.assert_allclose(fit.covariance[0], np.array(left) @ np.array(left).T / 37, rtol=1e-9)
    np.testing.assert_allclose(contrasts.wald(fit, np.eye(12))["df"], 37, rtol=1e-9)
    joint = contrasts.joint(fit, np.eye(12)[[1, 4, 7, 10]])
    if method == "kenward-roger":  # Hotelling's: 37 - 4 + 1
        np.testing.assert_allclose(joint["df_denominator"], 34, rtol=1e-9)
        t2 = np.array([*fit.coefficients[0, [1, 4, 7, 10]]])
        spread = fit.root[0][[1, 4, 7, 10]] @ fit.root[0][[1, 4, 7, 10]].T
        np.testing.assert_allclose(joint["f"], t2 @ np.linalg.solve(spread, t2) * 34 / (37 * 4), rtol=1e-9)


def test_compound_symmetry_of_a_full_table_is_its_analysis_of_variance() -> None:
    people, raters = RATINGS.shape
    between = raters * RATINGS.mean(1).var(ddof=1)
    left = RATINGS - RATINGS.mean(1, keepdims=True) - RATINGS.mean(0) + RATINGS.mean()
    error = (left**2).sum() / ((people - 1) * (raters - 1))
    assert (round(between, 4), round(error, 4)) == (11.2417, 1.0194)
    fit = mixed.fit(RATINGS[None], np.broadcast_to(np.eye(raters), (people, raters, raters)), "compound symmetry")
    expected = (between - error) / raters * np.ones((4, 4)) + error * np.eye(4)
    np.testing.assert_allclose(fit.covariance[0], expected, rtol=1e-9)
    test = contrasts.wald(fit, np.array([[-1, 1, 0, 0], [0.25] * 4]))
    np.testing.assert_allclose(test["se"][0], np.sqrt([2 * error / people, between / (people * raters)]), rtol=1e-9)
    np.testing.assert_allclose(test["df"][0], [15, 5], rtol=1e-7)


def test_the_likelihood_is_the_plain_one_and_nothing_near_is_higher() -> None:
    rng = np.random.default_rng(SEED)
    for seed, people, gaps in ((3, 40, 0.2), (4, 16, 0.1)):
        y, x = trials(seed, 3, people, ORDINARY, gaps)
        fit = mixed.fit(y, x)
        for k in np.flatnonzero(fit.status == "converged"):
            top = plain_likelihood(y[k], x[k], fit.covariance[k])
            assert fit.log_likelihood[k] == pytest.approx(top, abs=1e-9)
            root = np.linalg.cholesky(fit.covariance[k])
            for size in (1e-3, 1e-2, 1e-1):
                turn = np.eye(4) + size * rng.normal(size=(4, 4))
                assert plain_likelihood(y[k], x[k], root @ turn @ turn.T @ root.T) < top


@pytest.mark.parametrize("structure", STRUCTURES)
def test_satterthwaite_is_two_squared_variances_over_the_delta_methods_by_differences(structure: str) -> None:
    y, x = trials(40, 1, 30, ORDINARY[:3, :3], 0.15)
    fit = mixed.fit(y, x, structure, "satterthwaite")
    v, row = fit.covariance[0], np.eye(9)[7]
    theta = {
        "unstructured": v[np.tril_indices(3)], "compound symmetry": np.array([v[0, 0] - v[0, 1], v[0, 1]]),
    }[structure]  # fmt: skip

    def variance(at: np.ndarray) -> float:
        covariance = _covariance(structure, at[None], 3)[0]
        xx = np.zeros((9, 9))
        for own, rows in zip(y[0], x[0], strict=True):
            seen = np.isfinite(own)
            xx += rows[seen].T @ np.linalg.inv(covariance[np.ix_(seen, seen)]) @ rows[seen]
        return row @ np.linalg.inv(xx) @ row

    def likelihood(at: np.ndarray) -> float:
        return plain_likelihood(y[0], x[0], _covariance(structure, at[None], 3)[0])

    steps = 1e-4 * np.eye(len(theta))
    slope = np.array([variance(theta + a) - variance(theta - a) for a in steps]) / 2e-4
    around = np.array(
        [
            [sum(s * t * likelihood(theta + s * a + t * b) for s in (1, -1) for t in (1, -1)) for a in steps]
            for b in steps
        ]
    )
    expected = 2 * variance(theta) ** 2 / (slope @ np.linalg.solve(-around / 4e-8, slope))
    assert contrasts.wald(fit, row)["df"].item() == pytest.approx(expected, rel=1e-4)


# ---- invariance ----


@pytest.mark.parametrize("structure", STRUCTURES)
def test_units_origins_order_and_absent_people_change_nothing_else(structure: str) -> None:
    y, x = trials(5, 2, 30, ORDINARY, 0.15)
    rows = np.eye(12)[[1, 10]]
    one = contrasts.wald(mixed.fit(y, x, structure), rows)
    order = np.random.default_rng(SEED).permutation(30)
    moved = 1000 * y[:, order] + 3e5
    absent = np.concatenate([moved, np.full((2, 5, 4), np.nan)], 1)
    wide = np.concatenate([x[:, order], np.full((2, 5, 4, 12), np.nan)], 1)
    two = contrasts.wald(mixed.fit(absent, wide, structure), rows)
    for name, factor in (("estimate", 1000), ("se", 1000), ("df", 1), ("p", 1)):
        np.testing.assert_allclose(two[name], factor * one[name], rtol=1e-6)


def test_another_basis_of_the_design_gives_the_same_tests() -> None:
    y, x = trials(6, 2, 30, ORDINARY, 0.15)
    turn = np.random.default_rng(SEED).normal(size=(12, 12))
    row = np.eye(12)[[10]]
    one, two = contrasts.wald(mixed.fit(y, x), row), contrasts.wald(mixed.fit(y, x @ turn), row @ turn)
    for name in one:
        np.testing.assert_allclose(two[name], one[name], rtol=1e-8)


def test_trials_do_not_feel_each_other() -> None:
    y, x = trials(7, 6, 24, ORDINARY, 0.2)
    whole = mixed.fit(y, x)
    for k in range(6):
        alone = mixed.fit(y[k : k + 1], x[k : k + 1])
        assert alone.status[0] == whole.status[k]
        np.testing.assert_allclose(whole.coefficients[k], alone.coefficients[0], rtol=1e-10)


# ---- trials that cannot be fitted ----


def test_four_hundred_trials_also_tiny_and_nearly_singular_none_fails_silently() -> None:
    nearly = np.ones((4, 4)) + 1e-6 * np.diag(np.arange(1.0, 5))
    singular = np.ones((4, 4)) + 1e-13 * np.eye(4)
    kinds = {
        "ordinary": (60, 68, ORDINARY, 0.15), "of 8": (100, 8, ORDINARY, 0.1), "of 6": (40, 6, ORDINARY, 0.0),
        "of 12": (80, 12, ORDINARY, 0.2), "nearly singular": (60, 68, nearly, 0.15),
        "singular": (30, 40, singular, 0.1), "hardly seen": (30, 40, ORDINARY, 0.7),
    }  # fmt: skip
    shares = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed, (kind, given) in enumerate(kinds.items(), 10):
            found = batched.mmrm_many(*trials(seed, *given), np.eye(12)[[10]])
            good = found["status"] == mixed.CONVERGED
            numbers = found[["estimate", "se", "df", "t", "p", "low", "high"]]
            assert np.isfinite(numbers[good]).all(axis=None), kind
            assert (found.loc[good, ["se", "df"]] > 0).all(axis=None), kind
            assert numbers[~good].isna().all(axis=None), kind
            assert (found.loc[~good, "status"].str.len() > 20).all(), kind
            shares[kind] = good.mean()
    assert shares["ordinary"] == shares["nearly singular"] == 1
    assert shares["singular"] == shares["of 6"] == 0  # six people, three coefficients a visit: less than four remain
    assert 0 < shares["of 8"] < 1 and 0 < shares["of 12"] < 1


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda y, x: (y, np.concatenate([x, x[..., :1] + x[..., 1:2]], -1)), "design column 12 is a combination of"),
        (lambda y, x: (np.where(np.arange(4) == 2, np.nan, y), x), "design column 6, 7, 8 is a combination of others"),
        (lambda y, x: (x @ np.arange(12.0), x), "the design fits without error"),
        (lambda y, x: (np.where(np.arange(30)[:, None] < 3, y, np.nan), x), "no more observations than coefficients"),
        (lambda y, x: (y[:, :2], x[:, :2]), "no more observations than coefficients"),
        (
            lambda y, x: (np.where((np.arange(30)[:, None] < 15) == (np.arange(4) < 2), y, np.nan), x),
            "do not determine the covariance|singular covariance",
        ),
    ],
)
def test_what_cannot_be_fitted_says_why_and_gives_no_number(
    spoil: Callable[..., tuple[np.ndarray, np.ndarray]], reason: str
) -> None:
    fit = mixed.fit(*spoil(*trials(8, 1, 30, ORDINARY, 0.0)))
    assert re.search(reason, fit.status[0]), fit.status
    for name in ("coefficients", "root", "slopes", "uncertainty", "inflation", "covariance", "log_likelihood"):
        assert np.isnan(getattr(fit, name)).all(), name


def test_arguments_that_do_not_fit_are_refused() -> None:
    y, x = trials(9, 2, 10, ORDINARY, 0.0)
    for wrong in (y[0], y[..., :3], y[:0]):
        with pytest.raises(StatisticsError, match="expected y"):
            mixed.fit(wrong, x)
    for structure, method in (("toeplitz", None), ("compound symmetry", "kenward-roger"), ("unstructured", "exact")):
        with pytest.raises(StatisticsError, match="expected one of unstructured"):
            mixed.fit(y, x, structure, method)
    for spoiled in ((np.where(y > y[0, 0, 0], np.inf, y), x), (y, np.where(x == 1, np.nan, x))):
        with pytest.raises(StatisticsError, match="without gaps"):
            mixed.fit(*spoiled)


# ---- structures of the covariance ----


def test_derivatives_of_the_structures_are_their_differences() -> None:
    theta = np.array([[1, 0.5]])
    first = _directions("compound symmetry", _covariance("compound symmetry", theta, 3))
    for k, step in enumerate(1e-5 * np.eye(2)):
        up, down = (_covariance("compound symmetry", theta + s * step, 3) for s in (1, -1))
        np.testing.assert_allclose(first[:, k], (up - down) / 2e-5, atol=1e-8)
    at = _covariance("unstructured", np.array([[2, 0.3, 1, 0.2, 0.4, 3]]), 3)
    root, pair = np.linalg.cholesky(at[0]), np.zeros((3, 3))  # by the elements of s in root @ s @ root.T
    pair[1, 0] = pair[0, 1] = 1
    np.testing.assert_allclose(_directions("unstructured", at)[0, 1], root @ pair @ root.T, rtol=1e-12)


def test_the_matrices_are_what_their_names_say() -> None:
    assert _covariance("compound symmetry", np.array([[2.0, -0.5]]), 2).tolist() == [[[1.5, -0.5], [-0.5, 1.5]]]
    assert _covariance("unstructured", np.array([[1.0, 2, 3]]), 2).tolist() == [[[1, 2], [2, 3]]]
    for structure in STRUCTURES:
        assert _covariance(structure, _start(structure, 2, 3), 3).tolist() == [np.eye(3).tolist()] * 2


def test_distance_from_singular_does_not_depend_on_units_but_sees_a_vanishing_variance() -> None:
    correlated = np.array([[1.0, 0.9], [0.9, 1.0]])
    given = np.array([correlated, 1e6 * correlated, np.diag([1, 1e-9]), np.diag([1, 0.0]), np.full((2, 2), np.nan)])
    np.testing.assert_allclose(_distance_from_singular(given), [0.1, 0.1, 1e-9, -1, -1], rtol=1e-9)

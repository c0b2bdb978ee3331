"""Mean peaks and their uncertainty: closed forms, invariance, and simulated people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.foot_angle_tests import (
    between_tests,
    measured,
    over_tests,
    prior,
    prior_from_table,
    prior_table,
)
from gaitstudy.io.step_table import CONDITIONS, checked
from gaitstudy.simulate import foot_angles

SEED = 5


def walked(people: int = 40, steps: int = 12, tests: int = 2, **options: bool) -> pd.DataFrame:
    return foot_angles.walk(foot_angles.people(people, SEED, **options), steps, tests, SEED)


# ---- closed form ----


def test_means_are_the_steps_means_and_single_step_blocks_give_standard_errors() -> None:
    steps = checked(walked(4), exclude=True)
    table, found = steps.table, measured(steps, block=1, pooling=0)
    assert found.names[:3] == (("natural", "kam1"), ("natural", "kam2"), ("toe-in 5", "kam1"))
    means = table.groupby(["person", "test", "condition"], observed=True)[["kam1", "kam2"]].mean()
    np.testing.assert_allclose(found.values, means.to_numpy().reshape(4, 2, 10))
    groups = table[table["person"] == 2].groupby(["test", "condition"], observed=True)["kam1"]
    pooled = groups.var().mean() / 12  # of one person, over conditions and tests
    np.testing.assert_allclose(np.diag(found.sampling[2, 0])[::2], pooled)
    assert not found.sampling[0, 0, :2, 2:].any()  # steps of different conditions know nothing of each other


def test_pooling_draws_everyone_s_scatter_together() -> None:
    steps = checked(walked(), exclude=True)
    spread = [
        measured(steps, pooling=p).sampling[:, 0, 0, 0].std() / measured(steps, pooling=p).sampling[:, 0, 0, 0].mean()
        for p in (0.0, 10.0, 1e9)
    ]
    assert spread[0] > spread[1] > spread[2] and spread[2] == pytest.approx(0, abs=1e-6)


def test_more_tests_divide_both_errors() -> None:
    found = measured(checked(walked(tests=4), exclude=True))
    days = np.eye(10)
    values, sampling = over_tests(found, days)
    np.testing.assert_allclose(values, found.values.mean(1))
    np.testing.assert_allclose(sampling, found.sampling.mean(1) / 4 + days / 4, rtol=1e-12)


def test_a_person_with_fewer_tests_has_only_those() -> None:
    table = walked(tests=3)
    table = table[~((table["person"] == 7) & (table["test"] == 2))]
    found = measured(checked(table, exclude=True))
    assert np.isfinite(found.values[7]).all(-1).tolist() == [True, True, False]
    values, sampling = over_tests(found, np.eye(10))
    np.testing.assert_allclose(values[7], found.values[7, :2].mean(0))
    assert sampling[7, 0, 0] > sampling[8, 0, 0]


# ---- invariance ----


def test_the_order_of_people_and_the_unit_do_not_matter() -> None:
    table = walked()
    plain = measured(checked(table, exclude=True))
    turned = measured(checked(table.assign(person=100 - table["person"]), exclude=True))
    np.testing.assert_allclose(turned.values[::-1], plain.values)
    np.testing.assert_allclose(turned.sampling[::-1], plain.sampling)
    scaled = measured(checked(table.assign(kam1=10 * table["kam1"], kam2=10 * table["kam2"]), exclude=True))
    np.testing.assert_allclose(scaled.sampling, 100 * plain.sampling)


def test_a_prior_survives_its_table(tmp_path) -> None:  # type: ignore[no-untyped-def]
    made = prior(measured(checked(walked(), exclude=True)))
    prior_table(made).to_csv(tmp_path / "prior.csv", index=False)
    back = prior_from_table(pd.read_csv(tmp_path / "prior.csv"), "a file")
    assert back.names == made.names and back.basis == "a file"
    np.testing.assert_allclose(back.people.between, made.people.between + made.people.error, rtol=1e-9)
    np.testing.assert_allclose(back.between_tests, made.between_tests, atol=1e-12)


# ---- simulated people ----


def test_the_days_error_and_people_s_differences_are_found() -> None:
    who = foot_angles.people(2000, SEED)
    found = measured(checked(foot_angles.walk(who, 20, 2, SEED), exclude=True))
    days, degrees = between_tests(found)
    assert 1900 < degrees <= 2000
    np.testing.assert_allclose(days, who.model.day, atol=5 * who.model.day.max() / np.sqrt(degrees))
    made = prior(found)
    np.testing.assert_allclose(made.people.between, who.model.between, atol=5 * 0.4 / np.sqrt(degrees))
    np.testing.assert_allclose(made.people.mean, who.model.mean, atol=0.06)
    assert made.basis.startswith("between people: ") and f"{degrees} people tested again" in made.basis


# ---- what cannot be used ----


def test_one_test_each_promises_only_for_its_day_and_says_so() -> None:
    found = measured(checked(walked(tests=1), exclude=True))
    made = prior(found)
    assert not made.between_tests.any() and "for the day of the test alone" in made.basis
    assert "supplied" in prior(found, np.eye(10) * 0.01).basis
    with pytest.raises(StatisticsError, match="tested twice or more, found none"):
        between_tests(found)


def test_one_person_alone_needs_a_prior_and_is_told_so() -> None:
    with pytest.raises(StatisticsError, match=r"at least 20 people .* found 1. .*supply how people differ"):
        prior(measured(checked(walked(1), exclude=True)))


def test_a_prior_table_that_is_none_is_refused() -> None:
    table = prior_table(prior(measured(checked(walked(), exclude=True))))
    with pytest.raises(StatisticsError, match="found none for people: natural kam1"):
        prior_from_table(table.drop(columns="people: natural kam1"), "x")
    with pytest.raises(StatisticsError, match="a covariance in the columns 'people"):
        prior_from_table(table.assign(**{"people: natural kam1": -1.0}), "x")
    assert len(table) == 2 * len(CONDITIONS)

"""The laboratory's rule, branch by branch; mean peaks and their error; the rule on expected peaks; a known truth."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy import foot_angle
from gaitstudy.conventions import StatisticsError
from gaitstudy.foot_angle import NONE, Measured, Prior, choose, measured, over_tests, prior, rule
from gaitstudy.io.step_table import CONDITIONS, MODIFICATIONS, PEAKS, checked
from gaitstudy.simulate import foot_angles
from gaitstudy.stats.blocks import block_means
from gaitstudy.stats.shrinkage import People, between_tests

SEED = 17
NAMES = tuple((c, k) for c in CONDITIONS for k in ("kam1", "kam2"))


# ---- the rule: every branch ----


@pytest.mark.parametrize(
    ("kam1", "kam2", "peak", "branch", "candidate", "percent"),
    [
        # the larger peak, first or second
        ([3.0, 2.8, 2.7, 3.1, 3.2], [2.0, 2.2, 2.3, 1.5, 1.4], "kam1", 0, "toe-in 10", 10.0),
        ([2.0, 1.5, 1.4, 2.1, 2.2], [3.0, 3.2, 3.3, 2.85, 2.94], "kam2", 0, "toe-out 5", 5.0),
        # close peaks, the larger reduced enough: no swap, though the other would fall by more
        ([3.0, 2.8, 2.7, 3.1, 3.2], [2.9, 3.0, 3.1, 1.5, 1.4], "kam1", 0, "toe-in 10", 10.0),
        # close peaks, the larger hardly reduced, the other enough: swapped, either way round
        ([3.0, 2.9, 2.95, 3.1, 3.2], [2.9, 3.0, 3.1, 2.61, 2.7], "kam2", 1, "toe-out 5", 10.0),
        ([2.9, 3.0, 3.1, 2.61, 2.7], [3.0, 2.9, 2.95, 3.1, 3.2], "kam1", 1, "toe-out 5", 10.0),
        # close peaks, neither reduced enough: the larger is kept
        ([3.0, 2.94, 2.97, 3.1, 3.2], [2.9, 3.0, 3.1, 2.871, 2.9], "kam1", 2, "toe-in 5", 2.0),
        # peaks apart, the larger hardly reduced: no swap
        ([3.0, 2.94, 2.97, 3.1, 3.2], [2.0, 3.0, 3.1, 1.0, 1.4], "kam1", 0, "toe-in 5", 2.0),
        # nothing lowers anything
        ([3.0, 3.3, 3.3, 3.03, 3.2], [2.9, 3.0, 3.1, 3.0, 3.0], "kam1", 2, "toe-out 5", -1.0),
        # equal peaks: 100 (P1 - P2) / P1 is not above 0, so the second is the larger
        ([3.0, 2.4, 2.4, 2.4, 2.4], [3.0, 2.7, 3.0, 3.0, 3.0], "kam2", 0, "toe-in 5", 10.0),
    ],
)
def test_every_branch_of_the_rule(  # type: ignore[no-untyped-def]
    kam1, kam2, peak, branch, candidate, percent
) -> None:
    (p,), (best,), (b,), reductions = rule(np.column_stack([kam1, kam2])[None])
    assert (PEAKS[p], b, MODIFICATIONS[best]) == (peak, branch, candidate)
    assert reductions[0, best, p] == pytest.approx(percent)


def test_exactly_five_per_cent_is_a_reduction_and_no_closeness() -> None:
    kept = rule(np.array([[[4.0, 3.8], [3.8, 9], [9, 9], [9, 9], [9, 2.0]]]))  # peaks exactly 5 % apart, reduced by 5 %
    assert (kept[0][0], kept[2][0]) == (0, 0) and kept[3][0, 0, 0] == pytest.approx(5)


def test_the_rule_knows_neither_scale_nor_company() -> None:
    rng = np.random.default_rng(SEED)
    many = rng.normal(3, 0.3, (200, 5, 2))
    together = rule(many)
    for scaled in (rule(10 * many), tuple(np.concatenate(x) for x in zip(*[rule(m[None]) for m in many], strict=True))):
        for a, b in zip(together[:3], scaled[:3], strict=True):
            np.testing.assert_array_equal(a, b)
    assert set(together[2]) == {0, 1, 2}


# ---- expected peaks: closed form ----


def person(values: list[float], error: float, between: float) -> tuple[Measured, Prior]:
    """One person whose ten means have independent errors, and people who differ independently in each."""
    one = Measured(NAMES, pd.Index(["p"], name="person"), np.array([[values]]), error**2 * np.eye(10)[None, None])
    people = People(np.array([3.0, 2.0] * 5), between**2 * np.eye(10), np.zeros((10, 10)), 0, "supplied", 0.0)
    return one, Prior(NAMES, people, np.zeros((10, 10)), "closed form")


def assumed_prior() -> Prior:
    """How people and tests differ, knee flexion moment and all, as the simulation assumes."""
    made = foot_angles.model(kfm=True)
    people = People(made.mean, made.between, np.zeros_like(made.between), 0, "assumed", float("nan"))
    return Prior(made.names, people, made.day, "assumed")


def test_half_of_a_reduction_is_believed_if_error_and_people_spread_alike() -> None:
    values = [3.0, 2.0, 2.9, 2.0, 2.4, 2.2, 3.0, 2.0, 3.0, 2.0]  # toe-in 10 lowers the first peak by .6
    choices, effects = choose(*person(values, 0.1, 0.1))
    row = choices.iloc[0]
    assert (row["candidate"], row["modification"], row["peak"]) == ("toe-in 10", "toe-in 10", "kam1")
    assert row["percent"] == pytest.approx(100 * 0.3 / 3) and row["rule_percent"] == pytest.approx(20)
    effect = effects.set_index(["quantity", "modification"]).loc[("kam1", "toe-in 10")]
    assert effect["measured"] == pytest.approx(20)
    # P(natural - walked > .05 natural) = P(.95 natural - walked > 0)
    expected = stats.norm.cdf((0.95 * 3 - 2.7) / np.sqrt((0.95**2 + 1) * 0.005))
    assert row["probability_enough"] == pytest.approx(expected)
    share = 100 / 3 * np.sqrt((0.9**2 + 1) * 0.005)  # of (.9 natural - walked) / 3: the ratio's linear error
    assert row["high"] - row["percent"] == pytest.approx(1.959964 * share, rel=1e-6)
    assert row["other_rise"] == pytest.approx(100 * 0.1 / 2)


def test_measured_without_error_the_rule_and_the_choice_are_one() -> None:
    rng = np.random.default_rng(SEED)
    values = rng.normal(3, 0.3, (300, 10))
    one, known = person([3.0] * 10, 1e-6, 10.0)
    many = one._replace(people=pd.RangeIndex(300), values=values[:, None], sampling=np.repeat(one.sampling, 300, 0))
    row, _ = choose(many, known)
    plain = rule(values.reshape(-1, 5, 2))
    assert row["candidate"].tolist() == [MODIFICATIONS[k] for k in plain[1]]
    assert row["modification"].tolist() == row["rule_modification"].tolist()
    np.testing.assert_allclose(row["percent"], row["rule_percent"], atol=1e-4)
    assert row["regret"].max() < 1e-3 or (plain[2] == 2).any()
    sure = row[row["modification"] != NONE]
    assert sure["probability_enough"].min() > 0.4 and sure["probability_best"].median() == 1


def test_regret_and_probabilities_agree_with_drawing_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foot_angle, "DRAWS", 200_000)
    one, known = person([3.0, 2.0, 2.7, 2.0, 2.6, 2.2, 2.7, 2.0, 3.0, 2.0], 0.15, 0.2)
    choices, effects = choose(one, known)
    kept = 0.2**2 / (0.2**2 + 0.15**2)
    mean = known.people.mean + kept * (one.values[0, 0] - known.people.mean)
    truth = np.random.default_rng(1).normal(mean, np.sqrt(kept) * 0.15, (200_000, 10))[:, ::2]
    benefit = 0.95 * truth[:, :1] - truth[:, 1:]
    most = np.maximum(benefit.max(1), 0)
    effects = effects[effects["quantity"] == "kam1"]
    np.testing.assert_allclose(effects["regret"], 100 * (most[:, None] - benefit).mean(0) / mean[0], atol=0.03)
    best = (benefit == benefit.max(1, keepdims=True)) & (benefit > 0)
    np.testing.assert_allclose(effects["probability_best"], best.mean(0), atol=0.006)
    assert choices["regret"].iloc[0] == pytest.approx(effects["regret"].min(), abs=1e-9)


def test_none_is_an_answer_and_its_regret_is_what_may_be_missed() -> None:
    one, known = person([3.0, 2.0, 2.95, 2.0, 2.9, 2.2, 3.0, 2.0, 3.0, 2.0], 0.1, 0.1)
    row = choose(one, known)[0].iloc[0]
    assert (row["candidate"], row["modification"]) == ("toe-in 10", NONE)
    assert 0 < row["regret"] < 2 and row["percent"] == pytest.approx(100 * 0.05 / 3)


def test_the_prior_must_be_of_the_same_quantities() -> None:
    one, _ = person([3.0] * 10, 0.1, 0.1)
    with pytest.raises(StatisticsError, match="expected the quantities"):
        choose(one, assumed_prior())
    low, known = person([-3.0] * 10, 1e-3, 10.0)
    with pytest.raises(StatisticsError, match="natural KAM peaks above 0, found none for person p"):
        choose(low, known)


# ---- invariance ----


def test_each_person_is_the_same_alone_under_the_same_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foot_angle, "POOLING", 0.0)
    who = foot_angles.people(30, SEED, kfm=True)
    table = foot_angles.walk(who, 12, 2, SEED)
    everyone = measured(checked(table, exclude=True))
    known = assumed_prior()
    together, _ = choose(everyone, known)
    alone, _ = choose(measured(checked(table[table["person"] == 4])), known)
    row = together[together["person"] == 4].iloc[0]
    for name in alone.columns:
        value = alone[name].iloc[0]
        assert row[name] == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value), name
    assert "kfm_rise" in alone


def test_units_cancel_in_every_per_cent() -> None:
    table = foot_angles.walk(foot_angles.people(40, SEED), 12, 2, SEED)
    both = table, table.assign(kam1=7 * table["kam1"], kam2=7 * table["kam2"])
    means = [measured(checked(each, exclude=True)) for each in both]
    plain, scaled = (choose(each, prior(each))[0] for each in means)
    np.testing.assert_allclose(scaled["percent"], plain["percent"], atol=0.01)
    assert (scaled["modification"] == plain["modification"]).mean() > 0.95


# ---- people whose truth is known ----


def test_intervals_probabilities_and_regret_hold_in_simulated_people() -> None:
    count = 1500
    who = foot_angles.people(count, SEED)
    seen = measured(checked(foot_angles.walk(who, 20, 2, SEED), exclude=True))
    choices, effects = choose(seen, prior(seen))
    truth = rule(who.truth[seen.people])[3]
    kam1 = effects[effects["quantity"] == "kam1"]
    true = truth[..., 0].ravel()
    covered = ((kam1["low"] < true) & (true < kam1["high"])).mean()
    assert abs(covered - 0.95) < 0.02  # normal for reductions in per cent, whose natural peak is not certain either
    enough = kam1["probability_enough"].to_numpy()
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)):
        some = (enough > low) & (enough <= high)
        assert (true[some] >= 5).mean() == pytest.approx(enough[some].mean(), abs=0.04)
    row = choices
    place = row["candidate"].map(MODIFICATIONS.index).to_numpy()
    own = truth[np.arange(len(row)), :, (row["peak"] == "kam2").astype(int)]
    benefit = np.where(row["modification"] == NONE, 0.0, own[np.arange(len(row)), place] - 5)
    missed = np.maximum(own.max(1) - 5, 0) - benefit
    assert row["regret"].mean() == pytest.approx(missed.mean(), abs=4 * missed.std() / np.sqrt(count) + 0.1)


def walked(people: int = 40, steps: int = 12, tests: int = 2) -> pd.DataFrame:
    return foot_angles.walk(foot_angles.people(people, SEED), steps, tests, SEED)


# ---- mean peaks: closed form ----


def test_means_are_the_steps_means_and_single_step_blocks_give_standard_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foot_angle, "POOLING", 0.0)
    monkeypatch.setattr(foot_angle, "block_means", partial(block_means, block=1))
    steps = checked(walked(4), exclude=True)
    table, found = steps[steps["reason"] == ""], measured(steps)
    assert found.names[:3] == (("natural", "kam1"), ("natural", "kam2"), ("toe-in 5", "kam1"))
    means = table.groupby(["person", "test", "condition"], observed=True)[["kam1", "kam2"]].mean()
    np.testing.assert_allclose(found.values, means.to_numpy().reshape(4, 2, 10))
    groups = table[table["person"] == 2].groupby(["test", "condition"], observed=True)["kam1"]
    pooled = groups.var().mean() / 12  # of one person, over conditions and tests
    np.testing.assert_allclose(np.diag(found.sampling[2, 0])[::2], pooled)
    assert not found.sampling[0, 0, :2, 2:].any()  # steps of different conditions know nothing of each other


def test_pooling_draws_everyone_s_scatter_together(monkeypatch: pytest.MonkeyPatch) -> None:
    steps, spread = checked(walked(), exclude=True), []
    for pooling in (0.0, 10.0, 1e9):
        monkeypatch.setattr(foot_angle, "POOLING", pooling)
        variance = measured(steps).sampling[:, 0, 0, 0]
        spread.append(variance.std() / variance.mean())
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


# ---- mean peaks: invariance ----


def test_the_order_of_people_and_the_unit_do_not_matter() -> None:
    table = walked()
    plain = measured(checked(table, exclude=True))
    turned = measured(checked(table.assign(person=100 - table["person"]), exclude=True))
    np.testing.assert_allclose(turned.values[::-1], plain.values)
    np.testing.assert_allclose(turned.sampling[::-1], plain.sampling)
    scaled = measured(checked(table.assign(kam1=10 * table["kam1"], kam2=10 * table["kam2"]), exclude=True))
    np.testing.assert_allclose(scaled.sampling, 100 * plain.sampling)


# ---- what tests say of simulated people ----


def test_the_days_error_and_people_s_differences_are_found() -> None:
    who = foot_angles.people(2000, SEED)
    found = measured(checked(foot_angles.walk(who, 20, 2, SEED), exclude=True))
    days = between_tests(found.values, found.sampling)
    np.testing.assert_allclose(days, who.model.day, atol=5 * who.model.day.max() / np.sqrt(len(found.people)))
    degrees = int((np.isfinite(found.values).all(-1).sum(1) == 2).sum())
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
        between_tests(found.values, found.sampling)


def test_one_person_alone_needs_a_prior_and_is_told_so() -> None:
    with pytest.raises(StatisticsError, match=r"at least 20 people .* found 1. .*supply how people differ"):
        prior(measured(checked(walked(1), exclude=True)))

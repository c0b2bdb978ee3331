"""The laboratory's rule, branch by branch; the same rule on expected peaks, against closed forms and a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.foot_angle_tests import Measured, Prior, measured, prior, prior_from_table, prior_table
from gaitstudy.io.step_table import CONDITIONS, MODIFICATIONS, checked
from gaitstudy.personalise import BRANCHES, NONE, choose, lab_rule, rule
from gaitstudy.simulate import foot_angles
from gaitstudy.stats.shrinkage import People
from gaitstudy.studies.foot_angle_choice import assumed_prior

SEED = 17
NAMES = tuple((c, k) for c in CONDITIONS for k in ("kam1", "kam2"))


def peaks(kam1: list[float], kam2: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"person": "p", "condition": CONDITIONS, "kam1": kam1, "kam2": kam2})


# ---- the rule: every branch ----


@pytest.mark.parametrize(
    ("kam1", "kam2", "peak", "branch", "candidate", "percent", "modification"),
    [
        # the larger peak, first or second
        ([3.0, 2.8, 2.7, 3.1, 3.2], [2.0, 2.2, 2.3, 1.5, 1.4], "kam1", 0, "toe-in 10", 10.0, "toe-in 10"),
        ([2.0, 1.5, 1.4, 2.1, 2.2], [3.0, 3.2, 3.3, 2.85, 2.94], "kam2", 0, "toe-out 5", 5.0, "toe-out 5"),
        # close peaks, the larger reduced enough: no swap, though the other would fall by more
        ([3.0, 2.8, 2.7, 3.1, 3.2], [2.9, 3.0, 3.1, 1.5, 1.4], "kam1", 0, "toe-in 10", 10.0, "toe-in 10"),
        # close peaks, the larger hardly reduced, the other enough: swapped, either way round
        ([3.0, 2.9, 2.95, 3.1, 3.2], [2.9, 3.0, 3.1, 2.61, 2.7], "kam2", 1, "toe-out 5", 10.0, "toe-out 5"),
        ([2.9, 3.0, 3.1, 2.61, 2.7], [3.0, 2.9, 2.95, 3.1, 3.2], "kam1", 1, "toe-out 5", 10.0, "toe-out 5"),
        # close peaks, neither reduced enough: the larger is kept
        ([3.0, 2.94, 2.97, 3.1, 3.2], [2.9, 3.0, 3.1, 2.871, 2.9], "kam1", 2, "toe-in 5", 2.0, NONE),
        # peaks apart, the larger hardly reduced: no swap
        ([3.0, 2.94, 2.97, 3.1, 3.2], [2.0, 3.0, 3.1, 1.0, 1.4], "kam1", 0, "toe-in 5", 2.0, NONE),
        # nothing lowers anything
        ([3.0, 3.3, 3.3, 3.03, 3.2], [2.9, 3.0, 3.1, 3.0, 3.0], "kam1", 2, "toe-out 5", -1.0, NONE),
        # equal peaks: 100 (P1 - P2) / P1 is not above 0, so the second is the larger
        ([3.0, 2.4, 2.4, 2.4, 2.4], [3.0, 2.7, 3.0, 3.0, 3.0], "kam2", 0, "toe-in 5", 10.0, "toe-in 5"),
    ],
)
def test_every_branch_of_the_rule(  # type: ignore[no-untyped-def]
    kam1, kam2, peak, branch, candidate, percent, modification
) -> None:
    row = lab_rule(peaks(kam1, kam2)).iloc[0]
    found = row[["peak", "branch", "candidate", "modification"]].tolist()
    assert found == [peak, BRANCHES[branch], candidate, modification]
    assert row["percent"] == pytest.approx(percent)


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


def test_the_rule_does_not_care_in_which_order_rows_come() -> None:
    table = peaks([3.0, 2.9, 2.95, 3.1, 3.2], [2.9, 3.0, 3.1, 2.61, 2.7])
    other = table.assign(person="a", kam1=table["kam2"], kam2=table["kam1"])
    both = pd.concat([table, other]).sample(frac=1, random_state=2)
    assert lab_rule(both)["person"].tolist() == ["a", "p"]
    assert lab_rule(both)["peak"].tolist() == ["kam1", "kam2"]


def test_a_table_the_rule_cannot_use_is_refused_with_every_problem() -> None:
    table = peaks([3.0] * 5, [2.0] * 5)
    broken = pd.concat([table[1:], table[2:3], table[:1].assign(condition="normal")])
    with pytest.raises(
        StatisticsError, match=r"p, natural: .* found 0; person p, toe-in 10: .* 2; unknown condition n"
    ):
        lab_rule(broken)
    with pytest.raises(StatisticsError, match="person p: expected numbers, natural peaks above 0"):
        lab_rule(table.assign(kam2=0.0))
    with pytest.raises(StatisticsError, match="expected a column kam2"):
        lab_rule(table.drop(columns="kam2"))


# ---- expected peaks: closed form ----


def person(values: list[float], error: float, between: float) -> tuple[Measured, Prior]:
    """One person whose ten means have independent errors, and people who differ independently in each."""
    one = Measured(NAMES, pd.Index(["p"], name="person"), np.array([[values]]), error**2 * np.eye(10)[None, None], None)  # type: ignore[arg-type]
    people = People(np.array([3.0, 2.0] * 5), between**2 * np.eye(10), np.zeros((10, 10)), 0, "supplied", 0.0)
    return one, Prior(NAMES, people, np.zeros((10, 10)), "closed form")


def test_half_of_a_reduction_is_believed_if_error_and_people_spread_alike() -> None:
    values = [3.0, 2.0, 2.9, 2.0, 2.4, 2.2, 3.0, 2.0, 3.0, 2.0]  # toe-in 10 lowers the first peak by .6
    found = choose(*person(values, 0.1, 0.1))
    row = found.choices.iloc[0]
    assert (row["candidate"], row["modification"], row["peak"]) == ("toe-in 10", "toe-in 10", "kam1")
    assert row["percent"] == pytest.approx(100 * 0.3 / 3) and row["rule_percent"] == pytest.approx(20)
    effect = found.effects.set_index(["quantity", "modification"]).loc[("kam1", "toe-in 10")]
    assert effect["moment_sd"] == pytest.approx(np.sqrt(2 * 0.005)) and effect["measured"] == pytest.approx(20)
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
    row = choose(many, known).choices
    plain = rule(values.reshape(-1, 5, 2))
    assert row["candidate"].tolist() == [MODIFICATIONS[k] for k in plain[1]]
    assert row["branch"].tolist() == [BRANCHES[k] for k in plain[2]]
    assert row["modification"].tolist() == row["rule_modification"].tolist()
    np.testing.assert_allclose(row["percent"], row["rule_percent"], atol=1e-4)
    assert row["regret"].max() < 1e-3 or (row["branch"] == BRANCHES[2]).any()
    sure = row[row["modification"] != NONE]
    assert sure["probability_enough"].min() > 0.4 and sure["probability_best"].median() == 1


def test_regret_and_probabilities_agree_with_drawing_by_hand() -> None:
    one, known = person([3.0, 2.0, 2.7, 2.0, 2.6, 2.2, 2.7, 2.0, 3.0, 2.0], 0.15, 0.2)
    found = choose(one, known, draws=200_000)
    kept = 0.2**2 / (0.2**2 + 0.15**2)
    mean = known.people.mean + kept * (one.values[0, 0] - known.people.mean)
    truth = np.random.default_rng(1).normal(mean, np.sqrt(kept) * 0.15, (200_000, 10))[:, ::2]
    benefit = 0.95 * truth[:, :1] - truth[:, 1:]
    most = np.maximum(benefit.max(1), 0)
    effects = found.effects[found.effects["quantity"] == "kam1"]
    np.testing.assert_allclose(effects["regret"], 100 * (most[:, None] - benefit).mean(0) / mean[0], atol=0.03)
    best = (benefit == benefit.max(1, keepdims=True)) & (benefit > 0)
    np.testing.assert_allclose(effects["probability_best"], best.mean(0), atol=0.006)
    assert found.choices["regret"].iloc[0] == pytest.approx(effects["regret"].min(), abs=1e-9)


def test_none_is_an_answer_and_its_regret_is_what_may_be_missed() -> None:
    one, known = person([3.0, 2.0, 2.95, 2.0, 2.9, 2.2, 3.0, 2.0, 3.0, 2.0], 0.1, 0.1)
    row = choose(one, known, draws=100_000).choices.iloc[0]
    assert (row["candidate"], row["modification"]) == ("toe-in 10", NONE)
    assert 0 < row["regret"] < 2 and row["percent"] == pytest.approx(100 * 0.05 / 3)


def test_the_prior_must_be_of_the_same_quantities() -> None:
    one, _ = person([3.0] * 10, 0.1, 0.1)
    with pytest.raises(StatisticsError, match="expected the quantities"):
        choose(one, assumed_prior(kfm=True))
    low, known = person([-3.0] * 10, 1e-3, 10.0)
    with pytest.raises(StatisticsError, match="natural KAM peaks above 0, found none for person p"):
        choose(low, known)


# ---- invariance ----


def test_each_person_is_the_same_alone_under_the_same_prior() -> None:
    who = foot_angles.people(30, SEED, kfm=True)
    table = foot_angles.walk(who, 12, 2, SEED)
    everyone = measured(checked(table, exclude=True), pooling=0)
    known = prior_from_table(prior_table(assumed_prior(kfm=True)), "assumed")
    together = choose(everyone, known).choices
    alone = choose(measured(checked(table[table["person"] == 4]), pooling=0), known).choices
    row = together[together["person"] == 4].iloc[0]
    for name in alone.columns:
        value = alone[name].iloc[0]
        assert row[name] == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value), name
    assert {"kfm_rise", "kfm_rise_low", "kfm_rise_high"} <= set(alone.columns)


def test_units_cancel_in_every_per_cent() -> None:
    table = foot_angles.walk(foot_angles.people(40, SEED), 12, 2, SEED)
    plain = choose(measured(checked(table, exclude=True))).choices
    scaled = choose(
        measured(checked(table.assign(kam1=7 * table["kam1"], kam2=7 * table["kam2"]), exclude=True))
    ).choices
    np.testing.assert_allclose(scaled["percent"], plain["percent"], atol=0.01)
    assert (scaled["modification"] == plain["modification"]).mean() > 0.95


# ---- people whose truth is known ----


def test_intervals_probabilities_and_regret_hold_in_simulated_people() -> None:
    count = 4000
    who = foot_angles.people(count, SEED)
    seen = measured(checked(foot_angles.walk(who, 20, 2, SEED), exclude=True))
    found = choose(seen, prior(seen))
    truth = rule(who.truth[seen.people])[3]
    kam1 = found.effects[found.effects["quantity"] == "kam1"]
    true = truth[..., 0].ravel()
    covered = ((kam1["low"] < true) & (true < kam1["high"])).mean()
    assert abs(covered - 0.95) < 0.02  # normal for reductions in per cent, whose natural peak is not certain either
    enough = kam1["probability_enough"].to_numpy()
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)):
        some = (enough > low) & (enough <= high)
        assert (true[some] >= 5).mean() == pytest.approx(enough[some].mean(), abs=0.04)
    row = found.choices
    place = row["candidate"].map(MODIFICATIONS.index).to_numpy()
    own = truth[np.arange(len(row)), :, (row["peak"] == "kam2").astype(int)]
    benefit = np.where(row["modification"] == NONE, 0.0, own[np.arange(len(row)), place] - 5)
    missed = np.maximum(own.max(1) - 5, 0) - benefit
    assert row["regret"].mean() == pytest.approx(missed.mean(), abs=4 * missed.std() / np.sqrt(count) + 0.1)

"""Bootstrap by participant and permutation of arms."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.resampling import bootstrap, drawn_counts, interval, permutation_test

RNG = np.random.default_rng(21)
VISITS = RNG.gamma(2.0, size=(30, 3))
ARM = np.tile([0, 1], 15)


def change(drawn: np.ndarray) -> np.ndarray:
    return drawn[..., 2].mean(1) - drawn[..., 0].mean(1)


# ---- closed form ----


def test_the_standard_error_of_a_mean_is_the_known_one() -> None:
    row = bootstrap(VISITS[:, 0], lambda drawn: drawn.mean(1), resamples=20_000).iloc[0]
    expected = VISITS[:, 0].std() / np.sqrt(30)  # of the sample as a population
    assert row["standard_error"] == pytest.approx(expected, rel=4 / np.sqrt(2 * 20_000))
    assert (row["n"], row["resamples"]) == (30, 20_000)


def test_strata_keep_their_sizes() -> None:
    seen = []

    def difference(drawn: np.ndarray) -> np.ndarray:
        seen.append(drawn[:, :15].max() < 10 <= drawn[:, 15:].min())
        return drawn[:, 15:].mean(1) - drawn[:, :15].mean(1)

    values = VISITS[:, 0].clip(max=9) + 10 * ARM
    row = bootstrap(values, difference, strata=ARM, resamples=200, method="percentile").iloc[0]
    assert len(seen) >= 2 and all(seen)
    assert row["estimate"] == pytest.approx(values[ARM == 1].mean() - values[ARM == 0].mean())


def test_every_allotment_is_counted_when_there_are_few() -> None:
    row = permutation_test(np.arange(8.0), np.repeat([0, 1], 4)).iloc[0]
    assert (row["permutations"], row["exact"], row["simulation_error"]) == (comb(8, 4), True, 0)
    assert row["p"] == 2 / comb(8, 4)


def test_drawn_allotments_count_the_one_seen_so_that_p_is_never_zero() -> None:
    found = permutation_test(1000 * ARM + VISITS[:, 0], ARM, permutations=99).iloc[0]  # two of 1.6e8 are as far
    assert not found["exact"] and found["p"] == 1 / 100


def test_in_blocks_of_two_it_is_the_sign_flip_test() -> None:
    """Pairs randomised within: four people a side cannot go below 2 / 2^4."""
    outcome = np.array([1.0, 2, 2, 4, 1, 5, 0, 3])
    row = permutation_test(outcome, np.tile([0, 1], 4), blocks=np.repeat(np.arange(4), 2)).iloc[0]
    assert (row["permutations"], row["p"]) == (16, 2 / 16)


def test_resampled_weights_are_counts() -> None:
    counts = drawn_counts(30, 500)
    assert (counts.sum(1) == 30).all() and counts.mean() == 1
    assert counts.var() == pytest.approx(1 - 1 / 30, rel=0.05)


# ---- invariance ----


def test_order_and_units_do_not_matter() -> None:
    outcome = VISITS[:, 0] + 0.4 * ARM
    ours = permutation_test(outcome, ARM).iloc[0]
    scaled = permutation_test(-20 * outcome + 3, ARM).iloc[0]
    assert scaled["p"] == ours["p"] and scaled["statistic"] == pytest.approx(-20 * ours["statistic"])
    assert permutation_test(outcome, 1 - ARM, seed=1).iloc[0]["p"] == pytest.approx(ours["p"], abs=0.02)


# ---- an independent program: scipy ----


@pytest.mark.parametrize("method", ["percentile", "BCa"])
def test_the_interval_is_scipys(method: str) -> None:
    ours = bootstrap(VISITS, change, method=method, seed=3, resamples=2000).iloc[0]
    change_of_each = VISITS[:, 2] - VISITS[:, 0]
    theirs = stats.bootstrap(
        (change_of_each,), np.mean, method=method, n_resamples=2000, random_state=np.random.default_rng(3)
    ).confidence_interval
    assert ours[["low", "high"]].tolist() == pytest.approx(list(theirs), rel=1e-12)


def test_the_batched_interval_is_scipys() -> None:
    values = VISITS[:, 1]
    theirs = {
        m: stats.bootstrap((values,), np.mean, method=m, n_resamples=4000, random_state=np.random.default_rng(0))
        for m in ("percentile", "BCa")
    }
    left_out = (values.sum() - values) / 29
    for method, found in theirs.items():
        ours = interval(found.bootstrap_distribution, float(values.mean()), method, left_out=left_out)
        assert ours == pytest.approx(tuple(found.confidence_interval), rel=1e-9)


def test_random_allotments_agree_with_scipys_permutation_test() -> None:
    outcome = VISITS[:, 0] + 0.5 * ARM
    ours = permutation_test(outcome, ARM, permutations=20_000).iloc[0]
    theirs = stats.permutation_test(
        (outcome[ARM == 1], outcome[ARM == 0]), lambda a, b, axis: a.mean(axis) - b.mean(axis), vectorized=True,
        n_resamples=20_000, random_state=np.random.default_rng(0),
    )  # fmt: skip
    assert ours["statistic"] == pytest.approx(theirs.statistic)
    assert ours["p"] == pytest.approx(theirs.pvalue, abs=4 * np.sqrt(2) * ours["simulation_error"])


def test_a_statistic_of_ones_own_sees_the_arms() -> None:
    def adjusted(values: np.ndarray, arms: np.ndarray) -> np.ndarray:
        changes = values[:, 2] - values[:, 0]
        return (arms @ changes) / arms.sum(1) - ((1 - arms) @ changes) / (1 - arms).sum(1)

    own = permutation_test(VISITS, ARM, statistic=adjusted).iloc[0]
    plain = permutation_test(VISITS[:, 2] - VISITS[:, 0], ARM).iloc[0]
    assert own["statistic"] == pytest.approx(plain["statistic"]) and own["p"] == plain["p"]


# ---- simulated, with a known truth ----


def test_without_an_effect_small_p_values_are_as_rare_as_they_should_be() -> None:
    rng = np.random.default_rng(5)
    p = [permutation_test(rng.exponential(size=10), np.tile([0, 1], 5)).iloc[0]["p"] for _ in range(400)]
    rejected = np.mean(np.array(p) <= 0.05)
    assert rejected <= 0.05 + stats.norm.isf(0.005) * np.sqrt(0.05 * 0.95 / 400)


# ---- refusals ----


def test_refusals_say_what_was_found() -> None:
    with pytest.raises(StatisticsError, match="found 'studentised'"):
        bootstrap(VISITS, change, method="studentised")
    with pytest.raises(StatisticsError, match="Are there gaps"):
        bootstrap(np.where(VISITS > 1, np.nan, VISITS), change)
    with pytest.raises(StatisticsError, match="expected 1 numbers, found shape"):
        bootstrap(VISITS, lambda drawn: drawn.mean(1))
    with pytest.raises(StatisticsError, match="one stratum each, found 30 and 3"):
        bootstrap(VISITS, change, strata=np.zeros(3))
    with pytest.warns(stats.DegenerateDataWarning), pytest.raises(StatisticsError, match="hardly varies"):
        bootstrap(np.ones(10), lambda drawn: drawn.mean(1))
    with pytest.raises(StatisticsError) as error:
        permutation_test(np.array([1.0, np.nan, 3]), np.array([1, 2]))
    for part in ("found 3, 2 and 2", "found [1, 2]", "found 1; leave out"):
        assert part in str(error.value)
    with pytest.raises(StatisticsError, match="both present"):
        permutation_test(np.arange(3.0), np.ones(3, int))
    with pytest.raises(StatisticsError, match="without a statistic"):
        permutation_test(VISITS, ARM)
    with pytest.raises(StatisticsError, match="numbers 0 to 4"):
        drawn_counts(5, np.array([[5, 0]]))


def test_people_of_no_stratum_or_block_are_refused_and_do_not_vanish() -> None:
    strata = np.array([0, 0, 0, 1, 1, np.nan])
    with pytest.raises(StatisticsError, match="found 1 participants without"):
        bootstrap(np.arange(6.0), lambda drawn: drawn.mean(1), strata=strata)
    with pytest.raises(StatisticsError, match="blocks: expected one of everyone, found 1"):
        permutation_test(np.arange(6.0), np.array([0, 1, 0, 1, 0, 1]), blocks=strata)

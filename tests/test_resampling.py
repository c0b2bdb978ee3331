"""Bootstrap by participant."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.resampling import bootstrap

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


# ---- an independent program: scipy ----


@pytest.mark.parametrize("method", ["percentile", "BCa"])
def test_the_interval_is_scipys(method: str) -> None:
    ours = bootstrap(VISITS, change, method=method, seed=3, resamples=2000).iloc[0]
    change_of_each = VISITS[:, 2] - VISITS[:, 0]
    theirs = stats.bootstrap(
        (change_of_each,), np.mean, method=method, n_resamples=2000, random_state=np.random.default_rng(3)
    ).confidence_interval
    assert ours[["low", "high"]].tolist() == pytest.approx(list(theirs), rel=1e-12)


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


def test_people_of_no_stratum_or_block_are_refused_and_do_not_vanish() -> None:
    strata = np.array([0, 0, 0, 1, 1, np.nan])
    with pytest.raises(StatisticsError, match="found 1 participants without"):
        bootstrap(np.arange(6.0), lambda drawn: drawn.mean(1), strata=strata)

"""What printed numbers imply: closed forms, rounding, counts, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import reported as R
from gaitstudy.stats.evidence import pool


@pytest.mark.parametrize("df", [None, 7.0])
def test_interval_p_and_error_go_round(df: float | None) -> None:
    low, high = R.interval_from_p(-0.4, 0.03, df=df)
    assert R.p_from_interval(-0.4, low, high, df=df) == pytest.approx(0.03, rel=1e-12)
    error = R.standard_error_from_interval(low, high, df=df)
    quantile = stats.norm.ppf(0.975) if df is None else stats.t.ppf(0.975, df)
    assert high - -0.4 == pytest.approx(quantile * error)


def test_sd_from_the_interval_of_a_mean() -> None:
    values = np.array([0.30, 0.10, 0.25, -0.05, 0.20, 0.15, 0.35, 0.05])
    low, high = stats.ttest_1samp(values, 0).confidence_interval()
    assert R.sd_from_interval(low, high, len(values)) == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert R.sd_from_interval(low, high, len(values), t=False) > values.std(ddof=1)


def test_rounding_widens_the_p_value() -> None:
    small, large = R.p_within_rounding(-0.21, -0.50, 0.08, 2)
    assert small < R.p_from_interval(-0.21, -0.50, 0.08) < large
    assert (round(small, 2), round(large, 2)) == (0.14, 0.17)


@given(some.integers(0, 900), some.integers(1, 60), some.integers(0, 2))
def test_true_means_pass(total: int, n: int, decimals: int) -> None:
    mean = total / n
    for printed in (
        np.floor(mean * 10**decimals + 0.5) / 10**decimals,
        np.ceil(mean * 10**decimals - 0.5) / 10**decimals,
    ):
        assert R.grim(printed, n, decimals)["possible"].item()


def test_impossible_means_are_found_and_untelling_ones_said() -> None:
    possible = [m / 100 for m in range(500, 600) if R.grim(m / 100, 28, 2)["possible"].item()]
    assert len(possible) == 28  # of 100 two-digit means, one for each sum
    assert R.grim(5.19, 28, 2)["telling"].item() and not R.grim(5.19, 107, 2)["telling"].item()
    assert R.grim(5.19, 28, 2, items=2)["possible"].item() == (abs(round(5.19 * 56) / 56 - 5.19) <= 0.005)


def test_half_is_allowed_both_ways() -> None:
    assert R.grim(0.2, 4, 1)["possible"].item() and R.grim(0.3, 4, 1)["possible"].item()  # .25


def test_off_centre() -> None:
    away, allowed = R.off_centre(-14.7, -22.8, -6.9, 1)
    assert (away, allowed) == pytest.approx((0.15, 0.1))


def test_groups_from_printed_means() -> None:
    a, b = np.array([1.0, 2.0, 4.0, 7.0]), np.array([2.0, 5.0, 9.0])
    expected = stats.ttest_ind(a, b)
    found = R.t_from_summaries(a.mean(), a.std(ddof=1), 4, b.mean(), b.std(ddof=1), 3)
    assert found == pytest.approx((expected.statistic, expected.pvalue), rel=1e-12)
    small, large = R.p_of_groups_within_rounding(0.26, 0.04, 32, 0.22, 0.04, 28, 2)
    assert small < 0.0003 < large and R.p_of_groups_within_rounding(0.2, 0.0, 5, 0.1, 0.1, 5, 1)[1] == pytest.approx(1)


def test_largest_sd_is_at_the_edge() -> None:
    sd = R.largest_sd(-1.2, 34, 30)
    assert R.t_from_summaries(-1.2, sd, 34, 0, sd, 30)[1] == pytest.approx(0.05, rel=1e-9)


def test_smallest_correlation_is_at_the_edge() -> None:
    r = R.smallest_correlation(0.4, 0.7, 0.8, 31)
    sd = np.sqrt(0.7**2 + 0.8**2 - 2 * r * 0.7 * 0.8)
    assert 2 * stats.t.sf(0.4 / sd * np.sqrt(31), 30) == pytest.approx(0.05, rel=1e-9)


def test_heterogeneity_from_the_share_of_variance() -> None:
    y, se = np.array([0.1, 0.9, 0.2, 0.7]), np.array([0.1, 0.2, 0.15, 0.2])
    found = pool(y, se, method="fixed", interval="Wald").iloc[0]
    assert R.heterogeneity_p(found["i2"], 4) == pytest.approx(found["q_p"], rel=1e-9)
    with pytest.raises(StatisticsError, match="0 <= I2 < 100"):
        R.heterogeneity_p(100.0, 4)


def test_refusals() -> None:
    with pytest.raises(StatisticsError, match="low < high"):
        R.standard_error_from_interval(1.0, 1.0)
    with pytest.raises(StatisticsError, match="low <= value"):
        R.p_from_interval(2.0, 0.0, 1.0)
    with pytest.raises(StatisticsError, match="0 < p < 1"):
        R.interval_from_p(1.0, 0.0)
    with pytest.raises(StatisticsError, match="at least 2"):
        R.sd_from_interval(0.0, 1.0, 1)
    with pytest.raises(StatisticsError, match="grim"):
        R.grim(np.nan, 3, 2)
    with pytest.raises(StatisticsError, match="largest_sd"):
        R.largest_sd(1.0, 1, 5)
    with pytest.raises(StatisticsError, match="smallest_correlation"):
        R.smallest_correlation(1.0, 0.0, 1.0, 5)

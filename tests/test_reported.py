"""What printed numbers imply: closed forms, rounding, counts, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import reported as R
from gaitstudy.stats import rounding


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
    small, large = rounding.p_within_rounding(-0.21, -0.50, 0.08, 2)
    assert small < R.p_from_interval(-0.21, -0.50, 0.08) < large
    assert (round(small, 2), round(large, 2)) == (0.14, 0.17)


@given(some.integers(0, 900), some.integers(1, 60), some.integers(0, 2))
def test_true_means_pass(total: int, n: int, decimals: int) -> None:
    mean = total / n
    for printed in (
        np.floor(mean * 10**decimals + 0.5) / 10**decimals,
        np.ceil(mean * 10**decimals - 0.5) / 10**decimals,
    ):
        assert rounding.grim(printed, n, decimals)["possible"].item()


def test_impossible_means_are_found_and_untelling_ones_said() -> None:
    possible = [m / 100 for m in range(500, 600) if rounding.grim(m / 100, 28, 2)["possible"].item()]
    assert len(possible) == 28  # of 100 two-digit means, one for each sum
    assert rounding.grim(5.19, 28, 2)["telling"].item() and not rounding.grim(5.19, 107, 2)["telling"].item()
    assert rounding.grim(5.19, 28, 2, items=2)["possible"].item() == (abs(round(5.19 * 56) / 56 - 5.19) <= 0.005)


def test_a_mean_that_there_is_is_its_own_neighbour() -> None:
    row = rounding.grim(0.07, 100, 2).iloc[0]  # .07 times 100 is a little above 7
    assert (row["below"], row["above"]) == pytest.approx((0.07, 0.07)) and not row["telling"]
    assert rounding.grim(0.07, 99, 2)["telling"].item()


def test_half_is_allowed_both_ways() -> None:
    assert rounding.grim(0.2, 4, 1)["possible"].item() and rounding.grim(0.3, 4, 1)["possible"].item()  # .25


def test_off_centre() -> None:
    away, allowed = rounding.off_centre(-14.7, -22.8, -6.9, 1)
    assert (away, allowed) == pytest.approx((0.15, 0.1))


def test_groups_from_printed_means() -> None:
    a, b = np.array([1.0, 2.0, 4.0, 7.0]), np.array([2.0, 5.0, 9.0])
    expected = stats.ttest_ind(a, b)
    found = R.t_from_summaries(a.mean(), a.std(ddof=1), 4, b.mean(), b.std(ddof=1), 3)
    assert found == pytest.approx((expected.statistic, expected.pvalue), rel=1e-12)
    small, large = rounding.p_of_groups_within_rounding(0.26, 0.04, 32, 0.22, 0.04, 28, 2)
    assert small < 0.0003 < large and rounding.p_of_groups_within_rounding(0.2, 0.0, 5, 0.1, 0.1, 5, 1)[
        1
    ] == pytest.approx(1)


def test_largest_sd_is_at_the_edge() -> None:
    sd = R.largest_sd(-1.2, 34, 30)
    assert R.t_from_summaries(-1.2, sd, 34, 0, sd, 30)[1] == pytest.approx(0.05, rel=1e-9)


def test_smallest_correlation_is_at_the_edge() -> None:
    r = R.smallest_correlation(0.4, 0.7, 0.8, 31)
    sd = np.sqrt(0.7**2 + 0.8**2 - 2 * r * 0.7 * 0.8)
    assert 2 * stats.t.sf(0.4 / sd * np.sqrt(31), 30) == pytest.approx(0.05, rel=1e-9)


def test_heterogeneity_from_the_share_of_variance() -> None:
    y, se = np.array([0.1, 0.9, 0.2, 0.7]), np.array([0.1, 0.2, 0.15, 0.2])
    found = combine_effects(y, se**2)
    assert R.heterogeneity_p(100 * found.i2, 4) == pytest.approx(found.test_homogeneity().pvalue, rel=1e-9)
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
        rounding.grim(np.nan, 3, 2)
    with pytest.raises(StatisticsError, match="largest_sd"):
        R.largest_sd(1.0, 1, 5)
    with pytest.raises(StatisticsError, match="smallest_correlation"):
        R.smallest_correlation(1.0, 0.0, 1.0, 5)


def test_change_beyond_a_printed_error() -> None:
    assert R.smallest_detectable_change(9.67) == pytest.approx(26.804, abs=5e-4)
    assert R.smallest_detectable_change(0.36) == pytest.approx(0.9979, abs=5e-5)
    with pytest.raises(StatisticsError, match="above 0"):
        R.smallest_detectable_change(-1.0)


def test_impossible_numbers_are_refused() -> None:
    for arguments in ((np.nan, 0.05), (1.0, 0.05, 95.0), (1.0, 0.05, 0.95, -3.0), (0.0, 0.05)):
        with pytest.raises(StatisticsError, match="interval_from_p"):
            R.interval_from_p(*arguments)
    with pytest.raises(StatisticsError, match="low < high"):
        rounding.off_centre(0.5, 1.0, 0.0, 2)
    with pytest.raises(StatisticsError, match="ratios above"):
        rounding.off_centre(0.5, -0.1, 1.2, 1, log=True)
    with pytest.raises(StatisticsError, match="ratios above"):
        rounding.p_within_rounding(0.5, 0.0, 1.0, 1, log=True)
    for arguments in ((5.18, 28.5, 2), (5.1851, 28, 2), (5.18, 0, 2), (np.inf, 28, 2), (5.0, 28, 0.5)):
        with pytest.raises(StatisticsError, match="grim"):
            rounding.grim(*arguments)
    for groups in ((1, -1, 10, 0, 1, 10), (1, 1, 1, 0, 1, 10), (1, 0, 10, 0, 0, 10), (np.nan, 1, 10, 0, 1, 10)):
        with pytest.raises(StatisticsError, match="groups"):
            R.t_from_summaries(*groups)
    with pytest.raises(StatisticsError, match="groups"):
        rounding.p_of_groups_within_rounding(1, -1, 10, 0, 1, 10, 1)
    with pytest.raises(StatisticsError, match="largest_sd"):
        R.largest_sd(np.nan, 10, 10)
    with pytest.raises(StatisticsError, match="smallest_correlation"):
        R.smallest_correlation(0.4, np.nan, 0.8, 31)


def test_an_interval_of_ratios_is_read_as_logarithms() -> None:
    value, low, high = 0.62, 0.35, 1.10
    own = R.p_from_interval(*np.log([value, low, high]))
    small, large = rounding.p_within_rounding(value, low, high, 2, log=True)
    assert small < own < large and large - small < 0.05
    # every printed triple's own corners lie within, and the extreme ones are reached
    corners = [
        R.p_from_interval(*np.log([value + a, low + b, high - b])) for a in (-0.005, 0.005) for b in (-0.005, 0.005)
    ]
    assert (min(corners), max(corners)) == pytest.approx((small, large), rel=1e-9)


@pytest.mark.parametrize(("value", "low", "high"), [(0.3, 0.1, 0.8), (0.2, 0.1, 0.5), (0.3, 0.2, 0.4)])
def test_a_printed_ratio_is_refused_exactly_where_no_ratios_round_to_it(value: float, low: float, high: float) -> None:
    grid = np.linspace(-0.05, 0.05, 201)
    v, a, b = (np.log(x + grid) for x in (value, low, high))
    middles = (a[:, None] + b) / 2
    possible = v[0] <= middles.max() and v[-1] >= middles.min()
    away, allowed = rounding.off_centre(value, low, high, 1, log=True)
    assert (abs(away) <= allowed + 1e-12) == possible
    edge = v[0] - middles.max() if away > 0 else v[-1] - middles.min()
    assert abs(away) - allowed == pytest.approx(abs(edge) * (1 if (edge > 0) == (away > 0) else -1))

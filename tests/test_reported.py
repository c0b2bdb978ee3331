"""What printed numbers imply: closed forms, rounding, counts, and what is refused."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import reported as R


def p_of(value: float, low: float, high: float) -> float:
    """p of a normal test, from a 95 % interval."""
    return 2 * float(stats.norm.sf(abs(value) / ((high - low) / (2 * stats.norm.ppf(0.975)))))


@pytest.mark.parametrize(("df", "of"), [(np.inf, stats.norm()), (7.0, stats.t(7))])
def test_interval_and_p_go_round(df: float, of: stats.distributions.rv_frozen) -> None:
    low, high = R.interval_from_p(-0.4, 0.03, df=df)
    error = (high - low) / (2 * of.ppf(0.975))
    assert 2 * of.sf(0.4 / error) == pytest.approx(0.03, rel=1e-12) and (low + high) / 2 == pytest.approx(-0.4)


def test_rounding_widens_the_p_value() -> None:
    small, large = R.p_within_rounding(-0.21, -0.50, 0.08, 2)
    assert small < p_of(-0.21, -0.50, 0.08) < large
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


def test_a_mean_that_there_is_is_its_own_neighbour() -> None:
    row = R.grim(0.07, 100, 2).iloc[0]  # .07 times 100 is a little above 7
    assert (row["below"], row["above"]) == pytest.approx((0.07, 0.07)) and not row["telling"]
    assert R.grim(0.07, 99, 2)["telling"].item()


def test_half_is_allowed_both_ways() -> None:
    assert R.grim(0.2, 4, 1)["possible"].item() and R.grim(0.3, 4, 1)["possible"].item()  # .25


def test_off_centre() -> None:
    away, allowed = R.off_centre(-14.7, -22.8, -6.9, 1)
    assert (away, allowed) == pytest.approx((0.15, 0.1))


def test_groups_from_printed_means() -> None:
    small, large = R.p_of_groups_within_rounding((0.26, 0.22), (0.04, 0.04), (32, 28), 2)
    at = stats.ttest_ind_from_stats(0.255, 0.045, 32, 0.225, 0.045, 28).pvalue  # nearest means, widest SDs
    assert small < 0.0003 < large == pytest.approx(at, rel=1e-12)
    assert R.p_of_groups_within_rounding((0.2, 0.1), (0.0, 0.1), (5, 5), 1)[1] == pytest.approx(1)


def test_impossible_numbers_are_refused() -> None:
    refused = [(partial(R.interval_from_p, df=9), a) for a in ((np.nan, 0.05), (1.0, 0.0))]
    refused += [(R.off_centre, a) for a in ((0.5, 1.0, 0.0, 2), (0.5, -0.1, 1.2, 1, True), (np.nan, 0.0, 1.0, 1))]
    refused += [(R.p_within_rounding, a) for a in ((2.0, 0.0, 1.0, 1), (0.5, 0.0, 1.0, 1, True))]
    refused += [(R.grim, a) for a in ((5.1851, 28, 2), (5.18, 0, 2), (np.inf, 28, 2))]
    for function, arguments in refused:
        with pytest.raises(StatisticsError):
            function(*arguments)


def test_an_interval_of_ratios_is_read_as_logarithms() -> None:
    value, low, high = 0.62, 0.35, 1.10
    own = p_of(*np.log([value, low, high]))
    small, large = R.p_within_rounding(value, low, high, 2, log=True)
    assert small < own < large and large - small < 0.05
    # every printed triple's own corners lie within, and the extreme ones are reached
    corners = [p_of(*np.log([value + a, low + b, high - b])) for a in (-0.005, 0.005) for b in (-0.005, 0.005)]
    assert (min(corners), max(corners)) == pytest.approx((small, large), rel=1e-9)


@pytest.mark.parametrize(("value", "low", "high"), [(0.3, 0.1, 0.8), (0.2, 0.1, 0.5), (0.3, 0.2, 0.4)])
def test_a_printed_ratio_is_refused_exactly_where_no_ratios_round_to_it(value: float, low: float, high: float) -> None:
    grid = np.linspace(-0.05, 0.05, 201)
    v, a, b = (np.log(x + grid) for x in (value, low, high))
    middles = (a[:, None] + b) / 2
    possible = v[0] <= middles.max() and v[-1] >= middles.min()
    away, allowed = R.off_centre(value, low, high, 1, log=True)
    assert (abs(away) <= allowed + 1e-12) == possible
    edge = v[0] - middles.max() if away > 0 else v[-1] - middles.min()
    assert abs(away) - allowed == pytest.approx(abs(edge) * (1 if (edge > 0) == (away > 0) else -1))

"""Power in closed form: limits, invariance, statsmodels, simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import power
from gaitstudy.stats.regression import adjusted_difference

# ---- closed form ----


def test_a_large_trial_has_the_power_of_the_normal_distribution() -> None:
    n, rho = 4000, 0.6
    error = 2.0 * np.sqrt((1 - rho**2) * 2 / n)
    expected = stats.norm.sf(stats.norm.isf(0.025) - 0.1 / error)
    assert power.ancova_power(0.1, 2.0, rho, n) == pytest.approx(expected, abs=1e-3)


def test_a_tiny_effect_is_found_as_often_as_chance_finds_one_of_its_sign() -> None:
    assert power.ancova_power(1e-9, 1.0, 0.3, 20) == pytest.approx(0.025, abs=1e-6)


# ---- invariance ----


def test_units_and_sign_do_not_matter() -> None:
    base = power.ancova_power(-1.2, 2.0, 0.6, 34)
    assert power.ancova_power(1.2, 2.0, -0.6, 34) == pytest.approx(base)
    assert power.ancova_power(-12.0, 20.0, 0.6, 34) == pytest.approx(base)


# ---- independent programs ----


@pytest.mark.parametrize(("effect", "n"), [(0.5, 30), (0.8, 20), (0.3, 150)])
def test_without_correlation_it_is_the_t_test_less_one_degree_of_freedom(effect: float, n: int) -> None:
    other = TTestIndPower().power(effect, n, 0.05, df=2 * n - 3, alternative="two-sided")
    assert 0 <= other - power.ancova_power(effect, 1.0, 0.0, n) < 0.6 / n  # a useless covariate costs a little


def test_simulated_normal_trials_agree() -> None:
    rng, count, n, rho = np.random.default_rng(4), 40_000, 12, 0.7
    before = rng.standard_normal((count, 2 * n))
    arm = np.repeat([0.0, 1.0], n)
    after = rho * before + np.sqrt(1 - rho**2) * rng.standard_normal(before.shape) - 0.8 * arm
    estimate, error, df = adjusted_difference(after, arm, [before])
    found = (estimate / error < -stats.t.isf(0.025, df)).mean()
    exact = power.ancova_power(-0.8, 1.0, rho, n)
    assert abs(found - exact) < 3.5 * np.sqrt(exact * (1 - exact) / count)


# ---- bad input ----


@pytest.mark.parametrize("wrong", [(0.5, -1.0, 0.5, 10), (0.5, 1.0, 1.0, 10), (0.5, 1.0, 0.5, 1)])
def test_what_cannot_be_is_refused(wrong: tuple[float, float, float, int]) -> None:
    with pytest.raises(StatisticsError):
        power.ancova_power(*wrong)

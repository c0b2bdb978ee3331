"""Calibration on the other walks: what it predicts, what it may not see, and when it keeps its hands off."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy.conventions import SignalError
from gaitstudy.load.calibration import LAGS, calibrated

PERCENT = np.linspace(0, 1, 101)


def walks(values: np.ndarray) -> xr.DataArray:
    coords = {"trial": [f"t{k}" for k in range(len(values))], "percent": np.arange(101.0)}
    return xr.DataArray(values, dims=("trial", "percent"), coords=coords, attrs={"units": "BW"})


def pair(noise: float = 0.0, n: int = 6) -> tuple[xr.DataArray, xr.DataArray]:
    """Forces that differ by multiples of one shape, and a predictor half as large that knows the multiples."""
    rng = np.random.default_rng(4)
    base, shape = np.sin(np.pi * PERCENT), np.sin(2 * np.pi * PERCENT)
    force = base + rng.normal(0, 0.3, (n, 1)) * shape
    return walks(force), walks(0.5 * force + rng.normal(0, noise, force.shape))


# ---- closed form ----


def test_a_predictor_that_knows_all_predicts_all_but_the_penalty() -> None:
    force, x = pair()
    made = calibrated(force, x, penalties=(1e-9,))
    assert made["prediction"].values == pytest.approx(force.values, abs=1e-6)
    scale = np.sqrt((np.delete(x.values, 0, 0).mean(0) ** 2).mean())
    assert float(made["gain"][0]) == pytest.approx(2 * scale, rel=1e-6)


def test_an_infinite_penalty_is_the_plain_mean() -> None:
    force, x = pair()
    made = calibrated(force, x, penalties=(np.inf,))
    assert np.array_equal(made["prediction"].values, made["training_mean"].values)
    assert made["training_mean"].values[0] == pytest.approx(force.values[1:].mean(0))


def test_a_predictor_that_knows_nothing_is_not_used() -> None:
    force, _ = pair()
    made = calibrated(force, walks(np.tile(np.sin(np.pi * PERCENT), (6, 1))))
    assert (made["gain"] == 0).all() and np.isinf(made["penalty"]).all()


def test_the_gain_by_hand() -> None:
    force, x = pair(0.2)
    made = calibrated(force, x, lags=(0,), penalties=(3.0,))
    f, z = force.values[1:], x.values[1:] / np.sqrt((x.values[1:].mean(0) ** 2).mean())
    df, dz = f - f.mean(0), z - z.mean(0)
    assert float(made["gain"][0]) == pytest.approx((df * dz).sum() / ((dz**2).sum() + 3.0))


def test_a_delay_is_found() -> None:
    force, x = pair()
    early = walks(np.concatenate([x.values[:, 4:], np.repeat(x.values[:, -1:], 4, 1)], 1))
    assert (calibrated(force, early)["lag"] == 4).all() and max(LAGS) >= 4


# ---- invariance ----


def test_the_held_out_trials_own_force_is_never_seen() -> None:
    force, x = pair(0.2)
    changed = force.copy()
    changed[2] = 100.0
    one, two = calibrated(force, x), calibrated(changed, x)
    for name in ("prediction", "training_mean", "gain", "lag", "penalty"):
        assert np.array_equal(one[name].values[2], two[name].values[2])
        if name == "prediction":
            assert not np.array_equal(one[name].values[1], two[name].values[1])


def test_the_predictors_unit_does_not_matter() -> None:
    force, x = pair(0.2)
    one, two = calibrated(force, x), calibrated(force, x * 750)
    assert one["prediction"].values == pytest.approx(two["prediction"].values)


def test_the_order_of_trials_does_not_matter() -> None:
    force, x = pair(0.2)
    back = calibrated(force[::-1], x[::-1])["prediction"].values[::-1]
    assert calibrated(force, x)["prediction"].values == pytest.approx(back)


# ---- refusals ----


def test_too_few_trials_gaps_and_other_shapes_are_all_named() -> None:
    force, x = pair(n=3)
    broken = force.copy()
    broken[0, 3] = np.nan
    with pytest.raises(SignalError, match=r"at least 4 trials, found 3; a predictor of shape .*; no gaps, found some"):
        calibrated(broken, x[:2])

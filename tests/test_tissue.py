"""Relaxation times of cartilage and their summary by region; all signals here are simulated."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import curve_fit

from gaitstudy.conventions import DimensionError, GaitStudyError, UnitError
from gaitstudy.load.tissue import LONGEST, relaxation_time

ECHO = [10.0, 20.0, 30.0, 40.0, 50.0]
LOCK = [0.0, 10.0, 40.0, 80.0]


def signals(values: object, echo: list[float], units: str = "ms") -> xr.DataArray:
    times = xr.DataArray(np.array(echo), dims="echo", attrs={"units": units})
    array = xr.DataArray(np.asarray(values, float), dims=("voxel", "echo"), coords={"echo": times})
    return array.assign_attrs(units="arbitrary")


def decay(amplitude: float | np.ndarray, time: float | np.ndarray, echo: list[float]) -> np.ndarray:
    a, t = np.broadcast_arrays(np.atleast_1d(amplitude), np.atleast_1d(time))
    return a[:, None] * np.exp(-np.array(echo) / t[:, None])


# ---- closed form ----


@pytest.mark.parametrize(
    ("quantity", "echo", "measured", "time", "amplitude"),
    [
        ("T2", ECHO, [75.1477, 56.4718, 42.4373, 31.8907, 23.9651], 35.0, 100.0),
        ("T1rho", LOCK, [80, 64.0590, 32.8890, 13.5211], 45.0, 80.0),
    ],
)
def test_signals_known(quantity: str, echo: list[float], measured: list[float], time: float, amplitude: float) -> None:
    assert decay(amplitude, time, echo)[0] == pytest.approx(measured, abs=5e-5)
    fit = relaxation_time(signals([measured], echo), quantity)
    assert fit["relaxation_time"].item() == pytest.approx(time, abs=1e-4)
    assert fit["amplitude"].item() == pytest.approx(amplitude, abs=1e-4)
    assert fit["r_squared"].item() == pytest.approx(1.0, abs=1e-9)


def test_every_voxel_without_noise_is_found() -> None:
    times, amplitudes = np.linspace(4, 99, 50), np.geomspace(1e-3, 1e4, 50)
    fit = relaxation_time(signals(decay(amplitudes, times, ECHO), ECHO), "T2")
    assert fit["relaxation_time"].values == pytest.approx(times, rel=1e-8)
    assert fit["amplitude"].values == pytest.approx(amplitudes, rel=1e-8)


def test_voxels_without_a_time_say_why_and_are_counted() -> None:
    rows = [
        decay(100, 35, ECHO)[0], np.zeros(5), [np.nan, 1, 1, 1, 1], [1.0, 2, 3, 4, 5], decay(100, 150, ECHO)[0],
        [100, 20, 90, 10, 60],
    ]  # fmt: skip
    fit = relaxation_time(signals(rows, ECHO), "T2")
    reasons = ["", "no signal", "no signal", "no decay found", "out of range", "poor fit"]
    assert fit["reason"].values.tolist() == reasons
    assert fit.attrs["excluded"] == {"no signal": 2, "no decay found": 1, "out of range": 1, "poor fit": 1}
    assert np.isfinite(fit["relaxation_time"].values).tolist() == [True] + [False] * 5
    assert np.isfinite(fit["fitted_time"].values).tolist() == [True] + [False] * 4 + [True]
    assert np.isfinite(relaxation_time(signals(rows[4:5], ECHO), "T1rho")["relaxation_time"].item())
    assert LONGEST == {"T2": 100.0, "T1rho": 500.0}


# ---- invariance ----


def test_scale_and_order_of_echoes_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    noisy = decay(100, rng.uniform(15, 80, 200), ECHO) + rng.normal(size=(200, 5))
    ours = relaxation_time(signals(noisy, ECHO), "T2")["relaxation_time"].values
    scaled = relaxation_time(signals(1e4 * noisy, ECHO), "T2")["relaxation_time"].values
    turned = relaxation_time(signals(noisy[:, ::-1], ECHO[::-1]), "T2")["relaxation_time"].values
    assert scaled == pytest.approx(ours, rel=1e-7, nan_ok=True)
    assert turned == pytest.approx(ours, rel=1e-7, nan_ok=True)


def test_voxels_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(1)
    noisy = np.abs(decay(100, rng.uniform(15, 80, 40), ECHO) + 8 * rng.normal(size=(40, 5)))
    together = relaxation_time(signals(noisy, ECHO), "T2")["fitted_time"].values
    alone = [relaxation_time(signals(row[None], ECHO), "T2")["fitted_time"].item() for row in noisy]
    assert together == pytest.approx(alone, rel=1e-9, nan_ok=True)


# ---- an independent program: scipy, voxel by voxel ----


def test_scipy_finds_the_same_least_squares() -> None:
    rng = np.random.default_rng(2)
    noisy = np.abs(decay(100, rng.uniform(20, 200, 150), LOCK) + 4 * rng.normal(size=(150, 4)))
    fit = relaxation_time(signals(noisy, LOCK), "T1rho", minimum_r2=0.5)
    theirs = [
        curve_fit(lambda t, a, r: a * np.exp(-t * r), np.array(LOCK), row, p0=[100, 0.02], ftol=1e-14, xtol=1e-14)[0]
        for row in noisy
    ]
    amplitude, rate = np.array(theirs).T
    kept = np.isfinite(fit["fitted_time"].values)
    assert kept.mean() > 0.95
    assert fit["fitted_time"].values[kept] == pytest.approx(1 / rate[kept], rel=1e-5)
    assert fit["amplitude"].values[kept] == pytest.approx(amplitude[kept], rel=1e-5)
    left = noisy - amplitude[:, None] * np.exp(-rate[:, None] * LOCK)
    explained = 1 - (left**2).mean(1) / noisy.var(1)  # of the spread about the mean, not about zero
    assert fit["r_squared"].values[kept] == pytest.approx(explained[kept], rel=1e-6)


# ---- refusals ----


def test_everything_that_is_wrong_is_said() -> None:
    with pytest.raises(GaitStudyError) as error:
        relaxation_time(signals([[1.0, -2.0]], [10.0, 10.0]), "T3")
    for part in ("found 'T3'", "at least 3 times, found 2", "different times", "1 negative values"):
        assert part in str(error.value)
    with pytest.raises(UnitError, match="echo: expected units 'ms', found 's'"):
        relaxation_time(signals([[1.0, 0.5, 0.2]], [0.01, 0.02, 0.03], "s"), "T2")
    with pytest.raises(DimensionError, match="Missing: voxel"):
        relaxation_time(xr.DataArray(np.ones(3), dims="echo"), "T2")
    with pytest.raises(GaitStudyError, match="expected echo times"):
        relaxation_time(xr.DataArray(np.ones((1, 3)), dims=("voxel", "echo")), "T2")

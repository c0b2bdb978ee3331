"""Impact: five loading rates on curves whose rates are known, what they do not depend on, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy.conventions import GRAVITY, GaitStudyError, SignalError, UnitError
from gaitstudy.load.impact import RATES, loading

MASS, STEP = 70.0, 2e-5


def force(share, time):
    about = {"units": "N", "long_name": "vertical ground reaction"}
    return xr.DataArray(MASS * GRAVITY * share, dims="time", coords={"time": time}, attrs=about)


def impact(kind: str, scale: float = 1.0, slower: float = 1.0):
    """A rise to 1.5 BW in 30 ms, as a ramp or a haversine, a fall to 1 BW, and a hump; stance .6 s."""
    time = slower * np.arange(0, 0.7, STEP)
    t = time / slower
    rise = t / 0.03 if kind == "ramp" else 0.5 * (1 - np.cos(np.pi * t / 0.03))
    after = 1.0 + 0.5 * np.cos(np.pi * (t - 0.03) / 0.06) ** 2 * (t < 0.06) + 0.4 * np.sin(np.pi * (t - 0.06) / 0.54)
    after = np.where(t < 0.06, 1.0 + 0.5 * np.cos(np.pi * (t - 0.03) / 0.06) ** 2, after)
    curve = np.where(t <= 0.03, 1.5 * rise, np.where(t <= 0.6, after, 0.0))
    return loading(force(scale * curve, time), MASS, 0.0, slower * 0.6)


# ---- closed form ----


def test_a_ramp_has_one_rate() -> None:
    made = impact("ramp")
    for rate in ("rate_to_peak", "rate_20_80_time", "rate_20_80_force"):
        assert made[rate] == pytest.approx(50.0, abs=1e-6), rate
    assert made["rate_instantaneous"] == pytest.approx(50.0, rel=1e-6)
    assert (made["peak"], made["peak_time"]) == (pytest.approx(1.5), pytest.approx(0.03))
    assert made["transient"] == 1


def test_a_haversine_has_four() -> None:
    made = impact("haversine")
    assert made["rate_to_peak"] == pytest.approx(50.0, abs=1e-6)
    assert made["rate_20_80_time"] == pytest.approx(67.4181, abs=1e-3)
    assert made["rate_20_80_force"] == pytest.approx(73.2305, abs=1e-3)
    assert made["rate_instantaneous"] == pytest.approx(np.pi * 1.5 / 0.06, abs=1e-3)
    assert made["rate_instantaneous"] == pytest.approx(78.5398, abs=1e-3)


def test_the_first_fifty_milliseconds() -> None:
    time = np.arange(0, 0.7, STEP)
    made = loading(force(np.minimum(20 * time, 1.2), time), MASS, 0.0, 0.65)
    assert made["rate_50_ms"] == pytest.approx(20.0)


# ---- invariance ----


def test_rates_scale_with_force_and_with_time() -> None:
    one, half, slow = impact("haversine"), impact("haversine", scale=0.5), impact("haversine", slower=2.0)
    for rate in RATES:
        assert half[rate] == pytest.approx(0.5 * one[rate]), rate
        if rate != "rate_50_ms":  # a window in seconds does not stretch with the step
            assert slow[rate] == pytest.approx(0.5 * one[rate], rel=1e-6), rate


# ---- what it flags and refuses ----


def test_the_first_hump_is_not_the_transient_before_it() -> None:
    time = np.arange(0, 0.7, 0.001)
    smooth = 1.1 * np.sin(np.pi * np.clip(time / 0.3, 0, 1))
    for curve, transient in ((smooth, 0), (smooth + 0.6 * np.exp(-(((time - 0.04) / 0.01) ** 2)), 1)):
        found = loading(force(curve, time), MASS, 0.0, 0.65)
        assert found["transient"] == transient
        assert (found["peak"], found["peak_time"]) == pytest.approx((1.1, 0.15), abs=1e-3)


def test_a_gap_gives_nothing() -> None:
    time = np.arange(0, 0.7, 0.001)
    curve = np.sin(np.pi * time / 0.7)
    curve[20] = np.nan
    made = loading(force(curve, time), MASS, 0.0, 0.69)
    assert np.isnan(list(made.values())).all()


def test_windows_end_where_they_say() -> None:
    time = np.arange(0, 1.0, 0.001)
    humps = sum(size * np.exp(-(((time - at) / 0.008) ** 2)) for at, size in ((0.015, 0.9), (0.08, 0.6), (0.55, 1.4)))
    curve = humps + 0.2 * np.sin(np.pi * time)
    first = loading(force(curve, time), MASS, 0.0, 0.999)
    assert first["peak_time"] == pytest.approx(0.015, abs=0.002), "the hump at 55 % is the second half's"
    assert first["transient"] == 1, "the one at 8 %"


def test_gaps_count_where_rates_are_read() -> None:
    time = np.arange(0, 0.7, 0.001)
    curve = np.sin(np.pi * time / 0.7)
    before, after = curve.copy(), curve.copy()
    before[5], after[500] = np.nan, np.nan  # 0.8 and 77 % of stance
    assert np.isnan(loading(force(before, time), MASS, 0.0, 0.65)["rate_to_peak"])
    assert loading(force(after, time), MASS, 0.0, 0.65)["peak"] > 0.9


def test_a_stance_shorter_than_the_window_has_no_rate_over_it() -> None:
    time = np.arange(0, 0.7, 0.001)
    made = loading(force(np.sin(np.pi * np.clip(time / 0.04, 0, 1)), time), MASS, 0.0, 0.04)
    assert np.isnan(made["rate_50_ms"]) and np.isfinite(made["rate_to_peak"])


def test_a_force_that_falls_from_the_start_has_a_peak_and_no_rates() -> None:
    time = np.arange(0, 0.7, 0.001)
    for share in (1.0 - time, np.ones_like(time)):
        made = loading(force(share, time), MASS, 0.0, 0.65)
        assert made["peak"] == pytest.approx(1.0)
        assert np.isnan([made[rate] for rate in RATES]).all()


def test_a_force_that_starts_high_has_no_rate_between_its_shares() -> None:
    time = np.arange(0, 0.7, 0.001)
    made = loading(force(0.5 + np.minimum(5 * time, 0.5) - time**2, time), MASS, 0.0, 0.65)
    assert np.isnan(made["rate_20_80_force"]) and np.isfinite(made["rate_20_80_time"])


def test_other_units_signs_and_clocks_are_refused() -> None:
    time = np.arange(0, 0.7, 0.001)
    curve = np.sin(np.pi * time / 0.7)
    for share in (-curve, curve / 1000):
        with pytest.raises(GaitStudyError, match=r"expected 0\.05 BW or more"):
            loading(force(share, time), MASS, 0.0, 0.65)
    with pytest.raises(SignalError, match="evenly spaced"):
        loading(force(curve, time[::-1]), MASS, 0.0, 0.65)
    with pytest.raises(GaitStudyError, match="expected times in s"):
        loading(force(curve, time).drop_vars("time"), MASS, 0.0, 0.65)
    for start, end in ((np.nan, 0.65), (-0.1, 0.5), (0.0, 0.9), (0.5, 0.4)):
        with pytest.raises(GaitStudyError, match="expected a contact within 0 to"):
            loading(force(curve, time), MASS, start, end)
    with pytest.raises(UnitError, match="expected units 'N', found 'BW'"):
        loading(force(curve, time).assign_attrs(units="BW"), MASS, 0.0, 0.6)

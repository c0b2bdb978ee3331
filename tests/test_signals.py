"""Signals: gaps, filters, other clocks and 101 points, against closed forms, SciPy and a loop."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, signal

from gaitstudy.conventions import SignalError, labelled
from gaitstudy.gait.signals import (
    CUT_OFF,
    ORDER,
    fill_gaps,
    low_pass,
    normalise_time,
    resample,
    sampling_rate,
)
from gaitstudy.io import catalogue, motion
from tests import synthetic

RATE = 100.0


def wave(values: np.ndarray, rate: float = RATE) -> xr.DataArray:
    return synthetic.signal(np.asarray(values, float), np.arange(len(values)) / rate)


def with_gap(values: np.ndarray, *gaps: tuple[int, int], rate: float = RATE) -> xr.DataArray:
    values = np.array(values, float)
    for start, end in gaps:
        values[start:end] = np.nan
    return wave(values, rate)


# ---- sampling rate ----


def test_rate_of_even_times_also_when_printed_to_the_millisecond() -> None:
    assert sampling_rate(np.arange(200) / 120 + 7.31) == pytest.approx(120, rel=1e-12)
    assert sampling_rate(np.round(np.arange(601) / 120, 3)) == pytest.approx(120, rel=1e-12)


@pytest.mark.parametrize(
    "times",
    [[0.0, 0.01, 0.02, 0.05], [0.0, 0.0, 0.0], [0.3, 0.2, 0.1], [0.0, np.nan, 0.02], [0.0, 0.01, np.nan]],
)
def test_uneven_or_missing_times_are_refused(times: list[float]) -> None:
    with pytest.raises(SignalError, match="expected evenly spaced times"):
        sampling_rate(np.array(times))


def test_one_sample_has_no_rate() -> None:
    with pytest.raises(SignalError, match="at least 2 samples"):
        sampling_rate(np.array([1.0]))


# ---- gaps ----


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=4), st.integers(2, 80), st.integers(1, 10))
def test_a_cubic_is_filled_exactly(coefficients: list[float], start: int, length: int) -> None:
    values = np.polyval(coefficients, np.arange(100) / 20)
    filled = fill_gaps(with_gap(values, (start, start + length)), limit=0.1)
    assert np.abs(filled.values - values).max() <= 1e-10 * max(1.0, np.abs(values).max())


@pytest.mark.parametrize("rate", [50.0, 100.0, 250.0])
def test_the_limit_is_the_longest_gap_that_is_filled(rate: float) -> None:
    line = np.linspace(0, 1, 100)
    broken = with_gap(line, (20, 30), (50, 61), rate=rate)
    filled = fill_gaps(broken, limit=10 / rate)
    assert not np.isnan(filled.values[20:30]).any()
    assert np.isnan(filled.values[50:61]).all()
    assert np.isnan(broken.values[20:30]).all(), "the input must stay as it was"
    assert int(fill_gaps(broken, limit=0.0).isnull().sum()) == 21


def test_both_ends_stay_missing() -> None:
    filled = fill_gaps(with_gap(np.linspace(0, 1, 50), (0, 3), (20, 22), (48, 50)), limit=1.0)
    assert np.flatnonzero(np.isnan(filled.values)).tolist() == [0, 1, 2, 48, 49]


def test_two_gaps_one_sample_apart_become_straight_lines() -> None:
    values = np.arange(40.0) ** 2
    filled = fill_gaps(with_gap(values, (10, 13), (14, 16)), limit=0.1).values
    assert filled[10:13] == pytest.approx(np.interp([10, 11, 12], [9, 13], values[[9, 13]]))
    assert filled[14:16] == pytest.approx(np.interp([14, 15], [13, 16], values[[13, 16]]))


def test_gaps_are_filled_channel_by_channel() -> None:
    markers = synthetic.markers(np.arange(60) / 100)
    truth = markers.copy(deep=True)
    markers[{"time": slice(20, 24), "marker": 3}] = np.nan
    markers[{"time": slice(0, 60), "marker": 5}] = np.nan
    filled = fill_gaps(markers, limit=0.05)
    assert filled.dims == markers.dims and filled.attrs["units"] == "m"
    assert int(filled.isnull().sum()) == 180
    assert np.abs((filled - truth).isel(marker=3)).max() < 1e-3  # m, 40 ms of walking
    assert np.isnan(filled.isel(marker=5)).all()
    kept = np.isfinite(markers.values)
    assert np.array_equal(filled.values[kept], markers.values[kept])


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(SignalError, match="gap limit of 0 s or more, found -1"):
        fill_gaps(wave(np.ones(30)), limit=-1)


# ---- low-pass ----


def gain(frequency: float, cut_off: float, rate: float) -> float:
    """Amplitude of a long sine after the filter, by projection on sine and cosine over whole periods in the middle."""
    time = np.arange(int(40 * rate)) / rate
    filtered = low_pass(synthetic.signal(np.sin(2 * np.pi * frequency * time), time), cut_off).values
    middle = (time >= 10) & (time < 30)
    phase = np.exp(-2j * np.pi * frequency * time[middle])
    amplitude = 2 * np.mean(filtered[middle] * phase) / -1j
    assert abs(amplitude.imag) < 1e-9, "a lag"
    return float(amplitude.real)


@pytest.mark.parametrize(("cut_off", "rate"), [(8.0, 100.0), (6.0, 120.0), (15.0, 1000.0), (40.0, 100.0)])
def test_three_decibels_at_the_cut_off_after_both_passes_without_lag(cut_off: float, rate: float) -> None:
    assert gain(cut_off, cut_off, rate) == pytest.approx(1 / np.sqrt(2), abs=1e-9)


@pytest.mark.parametrize("frequency", [1.0, 4.0, 16.0, 24.0])
def test_the_order_is_the_one_after_both_passes(frequency: float) -> None:
    # squared Butterworth through the bilinear transform: 1 / (1 + (sqrt 2 - 1) (Omega / Omega_c)^4)
    ratio = np.tan(np.pi * frequency / RATE) / np.tan(np.pi * CUT_OFF / RATE)
    assert gain(frequency, CUT_OFF, RATE) == pytest.approx(1 / (1 + (np.sqrt(2) - 1) * ratio**4), abs=1e-8)


def test_defaults_are_8_hz_and_4th_order() -> None:
    values = wave(np.random.default_rng(1).normal(size=300))
    assert np.array_equal(low_pass(values).values, low_pass(values, 8.0).values)
    assert (CUT_OFF, ORDER) == (8.0, 4)


def test_constants_and_lines_pass_and_a_pulse_stays_where_it_is() -> None:
    assert np.abs(low_pass(wave(np.full(200, 7.0))).values - 7).max() < 1e-12
    line = 3.0 + 1.2 * np.arange(400) / RATE  # m, a walker
    error = np.abs(low_pass(wave(line)).values - line)
    assert error[100:300].max() < 1e-9 and error.max() < 3e-4
    pulse = np.zeros(401)
    pulse[200] = 1.0
    filtered = low_pass(wave(pulse)).values
    assert int(np.argmax(filtered)) == 200
    assert np.abs(filtered - filtered[::-1]).max() < 1e-10
    assert filtered.sum() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("cut_off", [50.0, 60.0, 0.0, -5.0, np.nan])
def test_a_cut_off_at_or_above_half_the_rate_is_refused(cut_off: float) -> None:
    with pytest.raises(SignalError, match=r"expected a cut-off above 0 and below 50 Hz .*found"):
        low_pass(wave(np.ones(200)), cut_off)


def test_a_signal_shorter_than_the_padding_is_refused() -> None:
    with pytest.raises(SignalError, match="expected more than 9 samples to filter, found 9"):
        low_pass(wave(np.ones(9)))


def test_stretches_between_gaps_are_filtered_one_by_one() -> None:
    values = np.random.default_rng(2).normal(size=200)
    filtered = low_pass(with_gap(values, (80, 90), (95, 100)))
    assert np.abs(filtered.values[:80] - low_pass(wave(values[:80])).values).max() < 1e-12
    assert np.abs(filtered.values[100:] - low_pass(wave(values[100:])).values).max() < 1e-12
    assert np.isnan(filtered.values[80:100]).all(), "five samples between gaps are too short to filter"


def test_a_lost_channel_does_not_touch_its_neighbours() -> None:
    values = np.random.default_rng(3).normal(size=(100, 4))
    values[:, 1] = np.nan
    values[40, 2] = np.nan
    array = labelled(values, ("time", "channel"), units="V", long_name="x", coords={"time": np.arange(100) / RATE})
    filtered = low_pass(array)
    for whole in (0, 3):
        assert np.abs(filtered.values[:, whole] - low_pass(wave(values[:, whole])).values).max() < 1e-12
    assert np.isnan(filtered.values[:, 1]).all() and np.isnan(filtered.values[:, 2]).sum() == 1


def test_time_may_be_any_dimension() -> None:
    values = np.random.default_rng(4).normal(size=(3, 100))
    array = labelled(values, ("plate", "time"), units="N", long_name="x", coords={"time": np.arange(100) / RATE})
    assert low_pass(array).dims == ("plate", "time")
    assert np.abs(low_pass(array).values[1] - low_pass(wave(values[1])).values).max() < 1e-12


# ---- other clocks, 101 points ----


def test_resampling_is_exact_on_lines_and_missing_outside() -> None:
    time = np.arange(11) / 10
    line = synthetic.point(np.stack([time, 2 * time, 1 - time], -1), time)
    asked = np.array([-0.05, 0.0, 0.123, 0.5, 1.0, 1.05])
    found = resample(line, asked)
    assert found.dims == ("time", "axis") and found["time"].values.tolist() == asked.tolist()
    expected = np.stack([asked, 2 * asked, 1 - asked], -1)
    assert found.values[1:5] == pytest.approx(expected[1:5], abs=1e-14)
    assert np.isnan(found.values[[0, 5]]).all()


def test_resampling_onto_its_own_times_changes_nothing_and_spreads_no_gap() -> None:
    array = with_gap(np.random.default_rng(5).normal(size=300), (100, 110))
    assert np.array_equal(resample(array, array["time"]).values, array.values, equal_nan=True)
    between = resample(array, np.array([0.99, 0.995, 1.0, 1.095, 1.10])).values
    assert np.isnan(between).tolist() == [False, True, True, True, False]


def test_resampling_uses_the_recorded_times() -> None:
    rough = synthetic.signal([0.0, 1.0, 2.0], np.array([0.0, 0.009, 0.02]))
    assert resample(rough, np.array([0.0045])).values == pytest.approx([0.5])


def loop_normalise(array: xr.DataArray, starts: np.ndarray, ends: np.ndarray, points: int = 101) -> np.ndarray:
    """One np.interp per stride and channel: the usual way."""
    time, values = array["time"].values, array.values
    result = np.empty((len(starts), points, values.shape[1]))
    for k, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for channel in range(values.shape[1]):
            result[k, :, channel] = np.interp(np.linspace(start, end, points), time, values[:, channel])
    return result


@pytest.mark.parametrize("rate", [100.0, 120.0, 250.0])
@pytest.mark.parametrize("seconds", [4, 120])
def test_normalising_equals_a_loop_over_strides_and_channels(rate: float, seconds: int) -> None:
    rng = np.random.default_rng(6)
    time = np.arange(int(seconds * rate)) / rate
    # noise where seconds are few; in two minutes rounding moves an instant by 1e-13 s, which noise would show
    values = rng.normal(size=(len(time), 30)) if seconds < 10 else np.sin(time[:, None] * np.arange(1, 31) / 10)
    array = labelled(values, ("time", "channel"), units="N", long_name="x", coords={"time": time})
    starts = rng.uniform(0, time[-1] - 2, 200)
    ends = starts + rng.uniform(0.5, 1.5, 200)
    found = normalise_time(array, starts, ends)
    assert found.dims == ("stride", "percent", "channel") and found.shape == (200, 101, 30)
    assert found["percent"].values.tolist() == list(range(101))
    assert np.abs(found.values - loop_normalise(array, starts, ends)).max() <= 1e-12


@given(st.integers(1, 40), st.integers(3, 40), st.integers(5, 60))
def test_strides_on_samples_start_and_end_on_them_beside_gaps(first: int, length: int, digits: int) -> None:
    time = np.arange(100) / (97.0 + digits)
    values = np.full(100, np.nan)
    values[first : first + length + 1] = np.arange(length + 1.0)
    found = normalise_time(synthetic.signal(values, time), [time[first]], [time[first + length]]).values[0]
    assert found == pytest.approx(np.linspace(0, length, 101), abs=1e-9)


def test_a_stride_is_missing_only_where_it_touches_a_gap() -> None:
    found = normalise_time(with_gap(np.arange(301.0), (150, 152)), [0.0, 1.0, 2.0], [1.0, 2.0, 3.0]).values
    assert np.isnan(found[0]).sum() == np.isnan(found[2]).sum() == 0
    # samples 150 and 151 are lost: everything strictly between samples 149 and 152
    assert np.flatnonzero(np.isnan(found[1])).tolist() == [50, 51]


def test_the_points_of_a_line_and_no_stride_at_all() -> None:
    array = wave(np.arange(101.0))
    assert normalise_time(array, [0.1], [0.5]).values[0, ::25] == pytest.approx([10, 20, 30, 40, 50])
    assert normalise_time(array, [], []).shape == (0, 101)


@pytest.mark.parametrize(
    ("starts", "ends", "message"),
    [
        ([0.1, 0.2], [0.5], "found 2 starts and 1 ends"),
        ([0.1, 0.5], [0.4, 0.5], r"stride 1: expected its end after its start \(0.5 s\), found 0.5 s"),
        ([0.1, 0.4], [0.4, np.nan], r"stride 1: expected its end after its start \(0.4 s\), found nan"),
        ([-0.1], [0.4], "expected strides within 0-1 s, found -0.1-0.4 s"),
        ([0.1], [1.4], "expected strides within 0-1 s"),
    ],
)
def test_impossible_strides_are_refused(starts: list[float], ends: list[float], message: str) -> None:
    with pytest.raises(SignalError, match=message):
        normalise_time(wave(np.arange(101.0)), starts, ends)


# ---- invariance ----

LINEAR: dict[str, Callable[[xr.DataArray], xr.DataArray]] = {
    "fill_gaps": lambda a: fill_gaps(a, 0.1),
    "low_pass": low_pass,
    "resample": lambda a: resample(a, np.linspace(0.1, 1.9, 77)),
    "normalise_time": lambda a: normalise_time(a, [0.2, 0.9], [0.8, 1.7]),
}


@pytest.mark.parametrize("name", LINEAR)
def test_scaling_and_shifting_a_signal_scales_and_shifts_the_result(name: str) -> None:
    base = with_gap(np.random.default_rng(7).normal(size=200), (40, 45))
    changed = base.copy(data=base.values * -3.5 + 12)
    assert np.nanmax(np.abs(LINEAR[name](changed).values - (LINEAR[name](base).values * -3.5 + 12))) < 1e-11


def test_a_slower_clock_with_a_lower_cut_off_gives_the_same_numbers() -> None:
    values = np.random.default_rng(8).normal(size=300)
    assert np.abs(low_pass(wave(values), 8).values - low_pass(wave(values, RATE / 4), 2).values).max() < 1e-12
    quick, slow = wave(values), wave(values, RATE / 4)
    one = normalise_time(quick, [0.5], [1.5]).values
    assert np.abs(one - normalise_time(slow, [2.0], [6.0]).values).max() < 1e-12


# ---- independent program: SciPy's own filters, the cut-off found by a root finder ----


@pytest.mark.parametrize("cut_off", [8.0, 6.0, 15.0, 20.0])
def test_the_filter_is_scipys_at_the_frequency_a_root_finder_gives(cut_off: float) -> None:
    def excess(design: float) -> float:
        sections = signal.butter(2, design, fs=RATE, output="sos")
        _, response = signal.sosfreqz(sections, worN=[cut_off], fs=RATE)
        return float(np.abs(response[0]) ** 2 - 1 / np.sqrt(2))

    design = optimize.brentq(excess, cut_off, 0.49 * RATE, xtol=1e-14)
    values = np.random.default_rng(9).normal(size=500).cumsum()
    sections = signal.butter(2, design, fs=RATE, output="sos")
    reach = max(3 * 3, math.ceil(1.5 * RATE / cut_off))
    reference = signal.sosfiltfilt(sections, values, padtype="odd", padlen=reach)
    assert np.abs(low_pass(wave(values), cut_off).values - reference).max() < 1e-9


@pytest.mark.parametrize("rate", [100.0, 200.0, 1000.0])
def test_a_steady_walk_stays_straight_up_to_both_ends_of_the_recording(rate: float) -> None:
    time = np.arange(int(2 * rate)) / rate
    line = xr.DataArray(1.2 * time, dims="time", coords={"time": time}, attrs={"units": "m"})
    assert np.abs(low_pass(line, 8.0) - line).max() < 1e-5


# ---- real file ----


def test_gaps_cut_into_a_real_trial_are_filled_within_a_millimetre() -> None:
    if not catalogue.present("opencap-foot-angle"):
        pytest.skip("dataset not on this machine: opencap-foot-angle")
    path = catalogue.locate("opencap-foot-angle", "inputs/trc/walking1.trc")
    truth = low_pass(motion.read_trc(path).markers.sel(marker=["r.ASIS", "L.ASIS", "r_knee", "L_calc"]), 6.0)
    broken = truth.copy(deep=True)
    gaps = [slice(start, start + 5) for start in range(20, 110, 15)]  # 50 ms each
    for gap in gaps:
        broken[{"time": gap}] = np.nan
    filled = fill_gaps(broken, limit=0.05)
    assert int(filled.isnull().sum()) == int(truth.isnull().sum())
    error = np.abs(filled - truth).max(["time", "axis"])
    assert float(error.sel(marker=["r.ASIS", "L.ASIS"]).max()) < 1e-3
    assert float(error.max()) < 5e-3

"""Signals: gaps, filters and time normalisation, for whole arrays at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import xarray as xr
from scipy import signal

from gaitstudy.conventions import SignalError

CUT_OFF = 8.0
"""Hz; default low-pass cut-off for markers and forces alike."""
ORDER = 4
"""Order of the low-pass after both passes."""
ArrayOrDataset = TypeVar("ArrayOrDataset", xr.DataArray, xr.Dataset)


def sampling_rate(time: np.ndarray | xr.DataArray) -> float:
    """Return the sampling rate in Hz of evenly spaced times in s.

    Raises
    ------
    SignalError : fewer than two samples, or times that leave an even grid by more than a fifth of a sample
        (times printed to the millisecond stay within).
    """
    values = np.asarray(time, float)
    if len(values) < 2:
        raise SignalError(f"expected at least 2 samples to tell a rate, found {len(values)}.")
    steps = np.diff(values)
    mean = (values[-1] - values[0]) / (len(values) - 1)
    even = values[0] + mean * np.arange(len(values))
    if not (mean > 0 and np.abs(values - even).max() <= 0.2 * mean):  # a missing time fails both
        raise SignalError(
            f"expected evenly spaced times, found steps of {steps.min():g} to {steps.max():g} s. Resample first."
        )
    return 1.0 / mean


def fill_gaps(array: xr.DataArray, limit: float = 0.1) -> xr.DataArray:
    """Fill gaps no longer than ``limit`` by cubic interpolation; longer ones, and both ends, stay NaN.

    Parameters
    ----------
    array : any signal with a ``time`` dimension (s).
    limit : s; the longest gap that is filled.

    Returns
    -------
    Same shape, unit and attributes. A gap takes the cubic through its two neighbours on each side, or a straight line
    where one of them is missing.

    Raises
    ------
    SignalError : the limit is negative, or times are uneven.
    """
    if not 0 <= limit < np.inf:
        raise SignalError(f"expected a gap limit of 0 s or more, found {limit:g}.")
    rate = sampling_rate(array["time"])
    longest = int(np.floor(limit * rate + 1e-9))
    values = np.moveaxis(array.values, array.get_axis_num("time"), 0).astype(float)
    flat = values.reshape(len(values), -1)
    lost = np.isnan(flat)
    edge = np.zeros((1, lost.shape[1]), bool)
    turns = np.diff(np.concatenate([edge, lost, edge]).T.view(np.int8))
    column, first = np.nonzero(turns == 1)
    length = np.nonzero(turns == -1)[1] - first
    short = (length <= longest) & (first > 0) & (first + length < len(flat))
    for gap in np.unique(length[short]):  # all of one length at once
        where = short & (length == gap)
        start, channel = first[where, None], column[where, None]
        inside = np.arange(gap)
        around = np.array([-2, -1, gap, gap + 1])
        near = start + around
        there = (near >= 0) & (near < len(flat))
        near = np.clip(near, 0, len(flat) - 1)
        known = flat[near, channel]
        cubic = (there & ~lost[near, channel]).all(1)[:, None]
        curve, line = known @ _weights(around, inside).T, known[:, 1:3] @ _weights(around[1:3], inside).T
        flat[start + inside, channel] = np.where(cubic, curve, line)
    return array.copy(deep=False, data=np.moveaxis(flat.reshape(values.shape), 0, array.get_axis_num("time")))


def _weights(knots: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return what each knot contributes to the polynomial through all of them, (instant, knot), after Lagrange."""
    own = np.eye(len(knots), dtype=bool)
    factors = (at[:, None, None] - knots) / np.where(own, 1, knots[:, None] - knots)
    return np.where(own, 1.0, factors).prod(-1)


def low_pass(array: xr.DataArray, cut_off: float = CUT_OFF) -> xr.DataArray:
    """Low-pass filter along ``time`` without lag (Butterworth of ``ORDER``, forwards and backwards).

    Parameters
    ----------
    array : any signal with a ``time`` dimension; stretches between gaps are filtered one by one.
    cut_off : Hz, the frequency damped by 3 dB *after both passes*.

    Returns
    -------
    Same shape and attributes. Stretches between gaps of at most 9 samples are too short to filter: they become NaN.

    Raises
    ------
    SignalError : cut-off at or above half the sampling rate, a signal too short to filter.

    References
    ----------
    Winter DA (2009) Biomechanics and Motor Control of Human Movement, 4th ed., doi 10.1002/9780470549148.
    """
    rate = sampling_rate(array["time"])
    if not 0 < cut_off < rate / 2:
        raise SignalError(
            f"expected a cut-off above 0 and below {rate / 2:g} Hz (half the sampling rate), found {cut_off:g} Hz. "
            "Give another with cut_off= (--cut-off)."
        )
    # each pass damps by 1.5 dB at the cut-off, so that both together damp by 3 dB there
    once = np.tan(np.pi * cut_off / rate) / (np.sqrt(2.0) - 1.0) ** (1.0 / ORDER)
    b, a = signal.butter(ORDER // 2, min(2 / np.pi * np.arctan(once), 0.999))
    shortest = 3 * max(len(a), len(b))
    # the signal is continued by its point reflection at both ends, far enough for the filter to settle
    padding = max(shortest, int(np.ceil(1.5 * rate / cut_off)))
    values = np.moveaxis(array.values, array.get_axis_num("time"), 0)
    flat = values.reshape(len(values), -1).astype(float, copy=False)
    if len(flat) <= shortest:
        raise SignalError(
            f"expected more than {shortest} samples to filter, found {len(flat)}. Use a longer recording."
        )
    result = np.full_like(flat, np.nan)
    alike: dict[bytes, list[int]] = {}  # columns by where they are known
    for k, known in enumerate(~np.isnan(flat.T)):
        alike.setdefault(known.tobytes(), []).append(k)
    for pattern, columns in alike.items():
        edges = np.flatnonzero(np.diff(np.r_[False, np.frombuffer(pattern, bool), False].astype(int)))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start > shortest:
                for at in range(0, len(columns), 32):  # the filter's copies of many columns would need much memory
                    part = slice(start, end), columns[at : at + 32]
                    result[part] = signal.filtfilt(b, a, flat[part], axis=0, padlen=min(padding, end - start - 1))
    return array.copy(deep=False, data=np.moveaxis(result.reshape(values.shape), 0, array.get_axis_num("time")))


def resample(array: ArrayOrDataset, time: np.ndarray | xr.DataArray) -> ArrayOrDataset:
    """Return a signal at other times by linear interpolation; outside its own times it is NaN.

    Meant for bringing filtered forces to the markers' clock.

    Parameters
    ----------
    array : any signal with a ``time`` dimension (s), or ground reactions (``io.plates.wrench``, N and N m).
    time : s.

    Returns
    -------
    The signal, ``time`` first, with its unit and other attributes.
    """
    if isinstance(array, xr.Dataset):
        wrench: dict[str, xr.DataArray] = {name: resample(array[name], time) for name in ("force", "moment")}
        return array.drop_vars([*wrench, "time"]).assign(wrench)
    times = np.asarray(time, float)
    own = array["time"].values
    position = np.interp(times, own, np.arange(len(own)))
    result = _read_off(array, position, {"time": times})
    result.values[(times < own[0] - 1e-9) | (times > own[-1] + 1e-9)] = np.nan
    return result


def normalise_time(
    array: xr.DataArray, starts: Sequence[float] | np.ndarray, ends: Sequence[float] | np.ndarray
) -> xr.DataArray:
    """Cut a signal into strides and bring each to 101 samples from 0 to 100 %, by linear interpolation.

    Parameters
    ----------
    array : signal with a ``time`` dimension; all other dimensions are kept.
    starts, ends : s, shape (stride,).

    Returns
    -------
    (stride, percent, ...), the signal's unit; a stride that touches a gap is NaN there, one outside the recording or
    without an end is an error.

    Raises
    ------
    SignalError : unequal numbers of starts and ends, an end before its start, a stride outside the recording.
    """
    begin, finish = np.asarray(starts, float), np.asarray(ends, float)
    time = array["time"].values
    if begin.shape != finish.shape or begin.ndim != 1:
        raise SignalError(f"expected as many ends as starts, found {begin.size} starts and {finish.size} ends.")
    if not (finish > begin).all():
        k = int(np.argmin(finish > begin))
        raise SignalError(f"stride {k}: expected its end after its start ({begin[k]:g} s), found {finish[k]:g} s.")
    slack = 0.5 / sampling_rate(time)
    if len(begin) and (begin.min() < time[0] - slack or finish.max() > time[-1] + slack):
        raise SignalError(
            f"expected strides within {time[0]:g}-{time[-1]:g} s, found {begin.min():g}-{finish.max():g} s."
        )
    percent = np.linspace(0.0, 100.0, 101)  # whole numbers, exactly
    share = percent / 100
    instants = begin[:, None] + share * (finish - begin)[:, None]
    position = (instants - time[0]) * ((len(time) - 1) / (time[-1] - time[0]))
    return _read_off(array, position, {"stride": np.arange(len(begin)), "percent": percent})


def _read_off(array: xr.DataArray, position: np.ndarray, coords: dict[str, np.ndarray]) -> xr.DataArray:
    """Return a signal at fractional positions in time; their axes, named by ``coords``, come first."""
    moved = np.moveaxis(array.values, array.get_axis_num("time"), 0)
    values = _at(moved.reshape(len(moved), -1), position.ravel()).reshape(*position.shape, *moved.shape[1:])
    dims = [*coords, *(d for d in array.dims if d != "time")]
    others = {str(k): v for k, v in array.coords.items() if "time" not in v.dims}
    return xr.DataArray(values, others | coords, dims, attrs=array.attrs)


def _at(flat: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Linear interpolation of every column of (time, channel) at fractional positions, in one pass."""
    flat = flat.astype(float, copy=False)
    nearest = np.rint(position)  # rounding must not move an instant off its sample and into a gap beside it
    position = np.clip(np.where(np.abs(position - nearest) < 1e-9, nearest, position), 0, len(flat) - 1)
    low = np.minimum(position.astype(np.intp), len(flat) - 2)
    share = (position - low)[:, None]
    below, above = flat[low], flat[low + 1]
    between = below + share * (above - below)
    # an instant exactly on a sample must not pick up a gap on the far side
    return np.where(share == 0, below, np.where(share == 1, above, between))

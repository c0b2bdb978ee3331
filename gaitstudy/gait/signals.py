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
    Same shape, unit and attributes; ``attrs["filled"]`` and ``attrs["left_missing"]`` count samples.

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
    before = int(np.isnan(flat).sum())
    if before:
        _bridge(flat, longest)
    after = int(np.isnan(flat).sum())
    filled = array.copy(deep=False, data=np.moveaxis(flat.reshape(values.shape), 0, array.get_axis_num("time")))
    filled.attrs = {**array.attrs, "filled": before - after, "left_missing": after}
    return filled


def _bridge(flat: np.ndarray, longest: int) -> None:
    """Fill in place the gaps of (time, channel) that are short and have both ends, all of one length at once.

    The cubic through the two known neighbours on each side; a straight line where one of them is missing.
    """
    lost = np.isnan(flat)
    edge = np.zeros((1, lost.shape[1]), bool)
    turns = np.diff(np.concatenate([edge, lost, edge]).T.view(np.int8))
    column, first = np.nonzero(turns == 1)
    length = np.nonzero(turns == -1)[1] - first
    short = (length <= longest) & (first > 0) & (first + length < len(flat))
    for gap in np.unique(length[short]):
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


def _weights(knots: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return what each knot contributes to the polynomial through all of them, (instant, knot), after Lagrange."""
    own = np.eye(len(knots), dtype=bool)
    factors = (at[:, None, None] - knots) / np.where(own, 1, knots[:, None] - knots)
    return np.where(own, 1.0, factors).prod(-1)


def low_pass(array: xr.DataArray, cut_off: float = CUT_OFF, order: int = ORDER) -> xr.DataArray:
    """Low-pass filter along ``time`` without lag (Butterworth, forwards and backwards).

    Parameters
    ----------
    array : any signal with a ``time`` dimension; stretches between gaps are filtered one by one.
    cut_off : Hz, the frequency damped by 3 dB *after both passes*.
    order : even; the order after both passes.

    Returns
    -------
    Same shape and attributes. Stretches between gaps of at most 9 samples (order 4) are too short to filter: they
    become NaN and are counted in ``attrs["too_short_to_filter"]``.

    Raises
    ------
    SignalError : cut-off at or above half the sampling rate, odd order, a signal too short to filter.

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
    if order < 2 or order % 2:
        raise SignalError(f"expected an even order of 2 or more (two passes), found {order}.")
    # each pass damps by 1.5 dB at the cut-off, so that both together damp by 3 dB there
    once = np.tan(np.pi * cut_off / rate) / (np.sqrt(2.0) - 1.0) ** (1.0 / order)
    b, a = signal.butter(order // 2, min(2 / np.pi * np.arctan(once), 0.999))
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
    known = ~np.isnan(flat)
    whole = known.all(0)
    columns = np.flatnonzero(whole)
    for k in range(0, len(columns), 32):  # the filter's copies of many columns at once would need much memory
        block = columns[k : k + 32]
        result[:, block] = signal.filtfilt(b, a, flat[:, block], axis=0, padlen=min(padding, len(flat) - 1))
    too_short = 0
    for column in np.flatnonzero(~whole & known.any(0)):
        edges = np.flatnonzero(np.diff(np.r_[False, known[:, column], False].astype(int)))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start > shortest:
                padlen = min(padding, end - start - 1)
                result[start:end, column] = signal.filtfilt(b, a, flat[start:end, column], padlen=padlen)
            else:
                too_short += int(end - start)
    filtered = array.copy(deep=False, data=np.moveaxis(result.reshape(values.shape), 0, array.get_axis_num("time")))
    filtered.attrs = {**array.attrs, "low_pass_hz": cut_off, "too_short_to_filter": too_short}
    return filtered


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
    moved = np.moveaxis(array.values, array.get_axis_num("time"), 0)
    position = np.interp(times, own, np.arange(len(own)))
    outside = (times < own[0] - 1e-9) | (times > own[-1] + 1e-9)
    values = _at(moved.reshape(len(own), -1), position)
    values[outside] = np.nan
    dims = ["time", *(d for d in array.dims if d != "time")]
    coords = {str(k): v for k, v in array.coords.items() if k != "time" and "time" not in v.dims}
    shaped = xr.DataArray(values.reshape(len(times), *moved.shape[1:]), dims=dims, coords={**coords, "time": times})
    shaped.attrs = dict(array.attrs)
    return shaped


def normalise_time(
    array: xr.DataArray, starts: Sequence[float] | np.ndarray, ends: Sequence[float] | np.ndarray, points: int = 101
) -> xr.DataArray:
    """Cut a signal into strides and bring each to ``points`` samples from 0 to 100 %, by linear interpolation.

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
    percent = np.linspace(0.0, 100.0, points)  # whole numbers, exactly
    share = percent / 100
    instants = begin[:, None] + share * (finish - begin)[:, None]
    position = (instants - time[0]) * ((len(time) - 1) / (time[-1] - time[0]))
    moved = np.moveaxis(array.values, array.get_axis_num("time"), 0)
    values = _at(moved.reshape(len(time), -1), position.ravel())
    dims = ["stride", "percent", *(d for d in array.dims if d != "time")]
    coords = {str(k): v for k, v in array.coords.items() if "time" not in v.dims}
    result = xr.DataArray(
        values.reshape(len(begin), points, *moved.shape[1:]),
        dims=dims,
        coords={**coords, "stride": np.arange(len(begin)), "percent": percent},
    )
    result.attrs = dict(array.attrs)
    return result


def _at(flat: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Linear interpolation of every column of (time, channel) at fractional positions, in one pass."""
    flat = flat.astype(float, copy=False)
    nearest = np.rint(position)  # rounding must not move an instant off its sample and into a gap beside it
    position = np.clip(np.where(np.abs(position - nearest) < 1e-9, nearest, position), 0, len(flat) - 1)
    low = np.minimum(position.astype(np.intp), len(flat) - 2)
    share = position - low
    result = np.empty((len(low), flat.shape[1]))
    for k in range(0, len(low), 1024):  # blocks that stay in the processor's cache
        block = slice(k, k + 1024)
        below = flat.take(low[block], axis=0)
        np.subtract(flat.take(low[block] + 1, axis=0), below, out=result[block])
        result[block] *= share[block, None]
        result[block] += below
    for end in (0, 1):  # an instant exactly on a sample must not pick up a gap on the far side
        exact = np.flatnonzero(share == end)
        result[exact] = flat[low[exact] + end]
    return result

"""Impact and repetition: how fast the force under the foot rises, how much load a day brings, and what that damages.

"The" loading rate is at least five numbers. Each has its own name here, for they differ on one and the same curve:

========================  =========================================================================
``rate_to_peak``          from foot strike to the peak: rise over time (window A)
``rate_20_80_time``       between 20 and 80 % of the *time* to the peak (window B, as published)
``rate_20_80_force``      between 20 and 80 % of the *force* at the peak (window B, as often programmed)
``rate_50_ms``            over the first 50 ms (window C; it needs no peak)
``rate_instantaneous``    the largest slope between foot strike and the peak
========================  =========================================================================

Windows A to C: Int J Sports Med, doi 10.1055/s-0042-107248.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import signal

from gaitstudy.conventions import GRAVITY, GaitStudyError, require_dims, require_positive, require_units
from gaitstudy.gait.signals import sampling_rate

RATES = ("rate_to_peak", "rate_20_80_time", "rate_20_80_force", "rate_50_ms", "rate_instantaneous")
FIRST_HALF = (0.0, 50.0)
"""Per cent of stance in which the first peak is sought."""
IMPACT = (3.0, 12.0)
"""Per cent of stance in which an impact peak is sought, and whose largest value stands in where there is none."""
PROMINENCE = 0.05
"""BW; a local maximum that stands out by less is noise. This project's choice."""
EARLY = 0.050
"""s; window C."""
LEAST = 0.05
"""BW; a force that stays below it in every contact is no ground reaction: another unit, or downward positive."""


def loading(
    force: xr.DataArray,
    mass: float,
    start: np.ndarray,
    end: np.ndarray,
    *,
    peak: str = "first",
    prominence: float = PROMINENCE,
) -> pd.DataFrame:
    """Return peak and vertical loading rates of every contact, each rate named by its window.

    Parameters
    ----------
    force : N, (time,), vertical ground reaction, upward positive. A low-pass at 8 Hz, as is right for joint moments,
        takes the impact away: give the force as measured, or filtered at a cut-off that is said beside the number.
    mass : kg.
    start, end : s, (contact,), foot strike and foot off.
    peak : ``"first"``, the first of the two humps, which is the largest value in 0-50 % of stance (in walking: weight
        acceptance, no impact), or ``"impact"``, the first local maximum in 3-12 % of stance. Where there is no local
        maximum, the largest value within the window stands in, and ``fallback`` says so: the rates up to it then
        depend on where the window ends.
    prominence : BW, by which a local maximum must stand out.

    Returns
    -------
    One row a contact: ``start`` s, ``peak`` BW, ``peak_time`` s after foot strike, ``fallback``, and ``RATES`` in BW/s.
    NaN in all where the force has a gap in the first half of stance, or fewer than three samples in the window; the
    rates also where the force falls from foot strike on, ``rate_20_80_force`` where it starts above 20 % of the peak,
    ``rate_50_ms`` where stance is shorter.

    Raises
    ------
    GaitStudyError : another kind of peak, contacts outside the recording or that end before they start, a prominence
        that is not above zero, a force without times or that never reaches .05 BW in any contact.
    SignalError : uneven times. UnitError : force not in N, or an impossible mass.

    Examples
    --------
    A ramp from zero to 1.5 BW in 30 ms rises at 50 BW/s, whatever the window before the peak.

    >>> time = np.arange(0, 0.7, 0.001)
    >>> newtons = 70 * GRAVITY * np.interp(time, [0, 0.03, 0.05, 0.7], [0, 1.5, 1.0, 0.0])
    >>> force = xr.DataArray(newtons, dims="time", coords={"time": time}, attrs={"units": "N"})
    >>> loading(force, 70, np.array([0.0]), np.array([0.69]), peak="impact")[["rate_to_peak"]].round(3).iloc[0].item()
    50.0
    """
    values = require_units(require_dims(force, ("time",), "force"), "N", "force").values.astype(float)
    if values.ndim != 1:
        raise GaitStudyError(f"loading: force: expected (time,), found {force.dims}. Select the vertical one.")
    if "time" not in force.coords:
        raise GaitStudyError("loading: force: expected times in s, found none. Set the coordinate 'time'.")
    time = force["time"].values
    sampling_rate(time)
    weight = require_positive(mass, "mass", "kg", 2, 350) * GRAVITY
    windows = {"first": FIRST_HALF, "impact": IMPACT}
    start, end = np.atleast_1d(np.asarray(start, float)), np.atleast_1d(np.asarray(end, float))
    problems = []
    if peak not in windows:
        problems.append(f"peak: expected 'first' or 'impact', found {peak!r}")
    if not prominence > 0:
        problems.append(f"prominence: expected more than 0 BW, found {prominence}")
    if start.shape != end.shape or not (end > start).all():
        problems.append("contacts: expected an end after each start, found another")
    elif len(start) and (start.min() < time[0] or end.max() > time[-1]):
        span = f"{start.min():g} to {end.max():g} s"
        problems.append(f"contacts: expected them within {time[0]:g} to {time[-1]:g} s, found {span}")
    if problems:
        raise GaitStudyError("loading: " + "; ".join(problems) + ".")
    own = values / weight
    loaded = own[((time >= start[:, None]) & (time <= end[:, None])).any(0)] if len(start) else own[:0]
    if np.isfinite(loaded).any() and not np.nanmax(loaded) >= LEAST:
        raise GaitStudyError(
            f"loading: force: expected {LEAST:g} BW or more while a foot stands, found {np.nanmax(loaded):.3g}. "
            "Is the unit N, and upward positive?"
        )
    slope = np.gradient(own, time)
    rows = [
        _one(time, own, slope, a, b, windows[peak], prominence) for a, b in zip(start, end, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["start", "peak", "peak_time", "fallback", *RATES])


def cumulative_load(
    impulse: float, *, strides_per_day: float | None = None, steps_per_day: float | None = None
) -> float:
    """Return the load that one knee gathers in a day: impulse of a stance times how often that leg stands, kN m s.

    Parameters
    ----------
    impulse : N m s, of the knee adduction moment over one stance.
    strides_per_day : how often *this* leg steps. steps_per_day : of both legs, as a pedometer counts; half count.
        Exactly one of the two: they differ by a factor of two, and studies seldom say which they mean.

    Raises
    ------
    GaitStudyError : neither, both, a negative number, or one that is not finite.

    References
    ----------
    Robbins SMK et al. (2009), cumulative knee adductor load; the abstract was seen.

    Examples
    --------
    >>> cumulative_load(15.0, strides_per_day=4000), cumulative_load(15.0, steps_per_day=4000)
    (60.0, 30.0)
    """
    given = {"strides_per_day": strides_per_day, "steps_per_day": steps_per_day}
    named = {key: float(value) for key, value in given.items() if value is not None}
    if len(named) != 1 or not 0 <= min(named.values()) < math.inf or not math.isfinite(impulse):
        raise GaitStudyError(
            f"cumulative load: expected either strides_per_day (this leg's) or steps_per_day (of both legs), 0 or "
            f"more, and a finite impulse; found {named or 'neither'}, {impulse:g} N m s. A stride is two steps: say "
            "which was counted."
        )
    (key, count), *_ = named.items()
    return impulse * count * (0.5 if key == "steps_per_day" else 1.0) / 1000


def accumulated_damage(cycles: np.ndarray, cycles_to_failure: np.ndarray) -> float:
    """Return the share of its life that a material has used up, each load on its own (Miner's sum), no unit.

    Parameters
    ----------
    cycles : how often each load occurred. cycles_to_failure : how often it alone could. There are no defaults: none
        was found for cartilage that could be verified.

    Raises
    ------
    GaitStudyError : different lengths, negative or missing counts, or lives that are not positive.

    References
    ----------
    Miner MA (1945) J Appl Mech 12:A159 (general knowledge, not verified). It knows no order of loads and no repair.

    Examples
    --------
    >>> round(accumulated_damage(np.array([5e5, 2e4]), np.array([1e6, 1e5])), 3)
    0.7
    """
    counts, lives = np.atleast_1d(np.asarray(cycles, float)), np.atleast_1d(np.asarray(cycles_to_failure, float))
    if counts.shape != lives.shape or not (counts >= 0).all() or not (lives > 0).all():
        raise GaitStudyError(
            "accumulated damage: expected one positive life for each count of 0 or more, found "
            f"{counts.tolist()} and {lives.tolist()}."
        )
    return float((counts / lives).sum())


def failure_probability(stress: float, *, scale: float, exponent: float) -> float:
    """Return the probability that a tissue fails under a stress (Weibull), 0 to 1.

    Parameters
    ----------
    stress, scale : in one unit; at the scale 63 % have failed. exponent : the larger, the more alike the tissues. No
        defaults: the constants of published simulations of cartilage could not be verified.

    Raises
    ------
    GaitStudyError : a negative stress, or a scale or exponent that is not positive.

    References
    ----------
    Weibull W (1951) J Appl Mech 18:293 (general knowledge, not verified).

    Examples
    --------
    >>> round(failure_probability(0.4, scale=1.0, exponent=4.0), 6)
    0.025275
    """
    if not (stress >= 0 and scale > 0 and exponent > 0):
        raise GaitStudyError(
            "failure probability: expected a stress of 0 or more, a positive scale and a positive exponent, found "
            f"{stress:g}, {scale:g}, {exponent:g}."
        )
    return -math.expm1(-((stress / scale) ** exponent))


def _one(
    time: np.ndarray,
    force: np.ndarray,
    slope: np.ndarray,
    start: float,
    end: float,
    window: tuple[float, float],
    prominence: float,
) -> dict[str, Any]:
    """Peak (BW) and rates (BW/s) of one contact."""
    nothing = {"start": start, "fallback": False} | dict.fromkeys(("peak", "peak_time", *RATES), np.nan)
    low, high = (start + share / 100 * (end - start) for share in window)
    inside = np.flatnonzero((time >= low) & (time <= high))
    early = (time >= start) & (time <= start + 0.5 * (end - start))
    if len(inside) < 3 or np.isnan(force[early]).any():
        return nothing
    stance = np.flatnonzero((time >= start) & (time <= end))
    found = stance[signal.find_peaks(force[stance], prominence=prominence)[0]]
    found = found[np.isin(found, inside)]
    largest = int(inside[np.argmax(force[inside])])
    at = int(found[0]) if len(found) and window == IMPACT else largest
    strike, top, span = float(np.interp(start, time, force)), float(force[at]), float(time[at] - start)

    def force_at(instant: float) -> float:
        return float(np.interp(instant, time, force))

    rise = np.flatnonzero((time > start) & (time <= time[at]))
    if not len(rise):
        return nothing | {"peak": top, "peak_time": span, "fallback": True}
    clock, climb = np.r_[start, time[rise]], np.r_[strike, force[rise]]
    crossing = [_first_crossing(clock, climb, share * top) for share in (0.2, 0.8)]
    rates = {
        "rate_to_peak": (top - strike) / span,
        "rate_20_80_time": (force_at(start + 0.8 * span) - force_at(start + 0.2 * span)) / (0.6 * span),
        "rate_20_80_force": 0.6 * top / (crossing[1] - crossing[0]) if crossing[1] > crossing[0] else np.nan,
        "rate_50_ms": (force_at(start + EARLY) - strike) / EARLY if end - start > EARLY else np.nan,
        "rate_instantaneous": float(slope[rise].max()),
    }
    return {"start": start, "peak": top, "peak_time": span, "fallback": at not in found} | rates


def _first_crossing(time: np.ndarray, values: np.ndarray, level: float) -> float:
    """When values first reach a level, between samples; NaN where they start above it or never do."""
    above = np.flatnonzero(values >= level)
    if not len(above) or above[0] == 0:
        return float("nan")
    k = int(above[0])
    return float(time[k - 1] + (level - values[k - 1]) / (values[k] - values[k - 1]) * (time[k] - time[k - 1]))

"""Impact: how fast the force under the foot rises.

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

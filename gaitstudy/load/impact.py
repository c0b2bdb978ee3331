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

import numpy as np
import xarray as xr
from scipy import signal

from gaitstudy.conventions import GRAVITY, GaitStudyError, require_dims, require_positive, require_units
from gaitstudy.gait.signals import sampling_rate

RATES = ("rate_to_peak", "rate_20_80_time", "rate_20_80_force", "rate_50_ms", "rate_instantaneous")
FIRST_HALF = (0.0, 50.0)
"""Per cent of stance in which the first peak is sought."""
IMPACT = (3.0, 12.0)
"""Per cent of stance in which a heel-strike transient is sought."""
PROMINENCE = 0.05
"""BW; a local maximum that stands out by less is noise. This project's choice."""
EARLY = 0.050
"""s; window C."""
LEAST = 0.05
"""BW; a force that stays below it throughout a contact is no ground reaction: another unit, or downward positive."""


def loading(force: xr.DataArray, mass: float, start: float, end: float) -> dict[str, float]:
    """Return first peak and vertical loading rates of one contact, each rate named by its window.

    Parameters
    ----------
    force : N, (time,), vertical ground reaction, upward positive. A low-pass at 8 Hz, as is right for joint moments,
        takes the impact away: give the force as measured, or filtered at a cut-off that is said beside the number.
    mass : kg.
    start, end : s, foot strike and foot off.

    Returns
    -------
    ``peak`` BW, the first of the two humps, which is the largest value in 0-50 % of stance (in walking: weight
    acceptance, no impact); ``peak_time`` s after foot strike; ``RATES`` in BW/s up to it; ``transient``, 1 if there is
    a local maximum in 3-12 % of stance, else 0. NaN in all where the force has a gap in the first half of stance, or
    fewer than three samples there; the rates also where the force falls from foot strike on, ``rate_20_80_force`` where
    it starts above 20 % of the peak, ``rate_50_ms`` where stance is shorter.

    Raises
    ------
    GaitStudyError : a contact outside the recording or that ends before it starts, a force that never reaches .05 BW.
    SignalError : uneven times. UnitError : force not in N, or an impossible mass.

    References
    ----------
    Windows A to C: Int J Sports Med, doi 10.1055/s-0042-107248.

    Examples
    --------
    A ramp from zero to 1.5 BW in 30 ms rises at 50 BW/s, whatever the window before the peak.

    >>> time = np.arange(0, 0.7, 0.001)
    >>> newtons = 70 * GRAVITY * np.interp(time, [0, 0.03, 0.05, 0.7], [0, 1.5, 1.0, 0.0])
    >>> force = xr.DataArray(newtons, dims="time", coords={"time": time}, attrs={"units": "N"})
    >>> round(loading(force, 70, 0.0, 0.69)["rate_to_peak"], 3)
    50.0
    """
    values = require_units(require_dims(force, ("time",), "force"), "N", "force").values
    if "time" not in force.coords:
        raise GaitStudyError("loading: force: expected times in s, found none. Set the coordinate 'time'.")
    time = force["time"].values
    sampling_rate(time)
    own = values / (require_positive(mass, "mass", "kg", 2, 350) * GRAVITY)
    if not time[0] <= start < end <= time[-1]:
        raise GaitStudyError(
            f"loading: expected a contact within {time[0]:g} to {time[-1]:g} s, found {start:g} to {end:g} s."
        )
    stance = np.flatnonzero((time >= start) & (time <= end))
    if np.isfinite(own[stance]).any() and not np.nanmax(own[stance]) >= LEAST:
        raise GaitStudyError(
            f"loading: force: expected {LEAST:g} BW or more while a foot stands, found {np.nanmax(own[stance]):.3g}. "
            "Is the unit N, and upward positive?"
        )
    found = dict.fromkeys(("peak", "peak_time", *RATES, "transient"), float("nan"))
    half = stance[time[stance] <= start + FIRST_HALF[1] / 100 * (end - start)]
    if len(half) < 3 or np.isnan(own[half]).any():
        return found
    at = half[np.argmax(own[half])]
    maxima = time[stance[signal.find_peaks(own[stance], prominence=PROMINENCE)[0]]]
    low, high = (start + share / 100 * (end - start) for share in IMPACT)
    strike, top, span = float(np.interp(start, time, own)), float(own[at]), float(time[at] - start)
    found |= {"peak": top, "peak_time": span, "transient": float(((maxima >= low) & (maxima <= high)).any())}
    rise = np.flatnonzero((time > start) & (time <= time[at]))
    if not len(rise):
        return found
    clock, climb = np.r_[start, time[rise]], np.r_[strike, own[rise]]
    crossing = [_first_crossing(clock, climb, share * top) for share in (0.2, 0.8)]
    early, late = np.interp([start + 0.2 * span, start + 0.8 * span], time, own)
    return found | {
        "rate_to_peak": (top - strike) / span,
        "rate_20_80_time": float(late - early) / (0.6 * span),
        "rate_20_80_force": 0.6 * top / (crossing[1] - crossing[0]) if crossing[1] > crossing[0] else np.nan,
        "rate_50_ms": (float(np.interp(start + EARLY, time, own)) - strike) / EARLY if end - start > EARLY else np.nan,
        "rate_instantaneous": float(np.gradient(own, time)[rise].max()),
    }


def _first_crossing(time: np.ndarray, values: np.ndarray, level: float) -> float:
    """When values first reach a level, between samples; NaN where they start above it or never do."""
    k = int(np.argmax(values >= level))  # 0 in either case
    return float(np.interp(level, values[k - 1 : k + 1], time[k - 1 : k + 1])) if k else float("nan")

"""Two clocks: bring an insole's recording onto the clock of the force plates beside which it was made."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import interpolate, optimize, signal, stats

from gaitstudy.conventions import SignalError, require_dims, require_units
from gaitstudy.gait.events import SHORTEST_CONTACT
from gaitstudy.gait.signals import low_pass, resample, sampling_rate

LEAST = 0.9
"""Correlation below which two forces are not taken for the same foot in the same walk (own choice, unsourced)."""
MARGIN = 2.0
"""The next best offset must leave this many times the variance unexplained, or the best is a guess (own choice)."""
OVERLAP = 0.5
"""Share of the shorter recording that two clocks must have in common."""
WINDOW = 10.0
"""s; the offset is looked at again in stretches this long, to see whether it drifts."""
FEWEST = 4
"""Windows that a drift needs; it counts if it is more than three of its standard errors."""
FASTEST = 1e-3
"""Drift (s per s) beyond which a stated sampling rate must be wrong."""


def align_clocks(
    insole: xr.DataArray, plate: xr.DataArray, search: tuple[float, float] | None = None
) -> dict[str, float]:
    """Return how an insole's clock runs against the plates': ``plate time = offset + (1 + drift) insole time``.

    Both forces are low-pass filtered alike (``low_pass``) and shifted against each other until they correlate best, to
    a fraction of a sample. Steady walking fits nearly as well one stride on: an offset is only returned if the next
    best one is clearly worse, which takes a start, a stop, a stumble, or ``search``.

    Parameters
    ----------
    insole, plate : N, (time,) or (time, side), each with its own times in s; any scale, any rate, gaps as NaN. With
        both sides, swapped ones are recognised.
    search : s, smallest and largest offset to look at; narrower than a stride for steady walking.

    Returns
    -------
    ``offset`` s, plate time at insole time 0; ``drift`` s per s, 0 if too small to tell or below four windows of 10 s;
    ``correlation`` of the best offset, ``rival`` of the next best (NaN if there is none), ``margin`` the ratio of the
    variances that they leave unexplained.

    Raises
    ------
    SignalError : an unloaded recording, too little in common, another force (other trial, wrong rate), left and right
        swapped, several offsets that fit alike, a best offset at an end of ``search``, a drift no clock has.

    Notes
    -----
    Cross-correlation is general knowledge; the thresholds are this project's, stated as constants of the module.

    References
    ----------
    This project's own procedure: cross-correlation, then contact by contact.
    """
    a, b = _prepared(insole, "insole"), _prepared(plate, "plate")
    if set(a["side"].values.tolist()) != set(b["side"].values.tolist()):
        raise SignalError("insole, plate: expected the same sides in both, found different ones. Select one side.")
    b = b.sel(side=a["side"].values)
    step = 1 / min(sampling_rate(a["time"]), sampling_rate(b["time"]))
    lags, found = _correlations(a, b, step, search)
    best = int(np.argmax(found))
    if search is not None and best in (0, len(lags) - 1):
        raise SignalError(f"search: expected the best offset inside it, found it at {lags[best]:g} s, its end. Widen.")
    crossed = _correlations(a, b[:, ::-1], step, search)[1].max() if a.sizes["side"] == 2 else -1.0
    if max(found[best], crossed) < LEAST:
        fits = f"correlate by {LEAST:g} or more at some offset, found {found[best]:.2f}"
        raise SignalError(f"insole, plate: expected forces that {fits}. Another trial or foot, a wrong sampling rate?")
    fit, offset = _refined(a, b, lags[best], step)
    offset, drift = _drift(a, b, offset)
    if abs(drift) > FASTEST:
        slow = f"differ by less than {1e6 * FASTEST:g} microseconds per s, found {1e6 * drift:.0f}"
        raise SignalError(f"clocks: expected them to {slow}: a sampling rate is wrong. Correct it and read again.")
    if drift:
        fit, _ = _refined(a.assign_coords(time=(1 + drift) * a["time"]), b, offset, step)
    if _unexplained(crossed) < MARGIN * _unexplained(fit):
        raise SignalError(
            f"sides: expected each insole to fit its own plate, found that the other one fits as well (correlation "
            f"{crossed:.3f} v {fit:.3f}): left and right are swapped, or cannot be told. Check, or narrow search=."
        )
    rival, margin = np.nan, np.inf
    peaks, _ = signal.find_peaks(np.r_[-2.0, found, -2.0])
    others = peaks[np.abs(lags[peaks - 1] - lags[best]) > SHORTEST_CONTACT] - 1
    if len(others) and found[others].max() > 0:
        second = lags[others[np.argmax(found[others])]]
        rival, _ = _refined(a, b, second, step)
        margin = _unexplained(rival) / _unexplained(fit)
    if margin < MARGIN:
        raise SignalError(
            f"insole, plate: expected one offset that fits best, found {offset:.3f} s (correlation {fit:.3f}) and also "
            f"{second:.3f} s ({rival:.3f}): steady walking fits at every stride. Include a stop, or narrow search=."
        )
    return {"offset": offset, "drift": drift, "correlation": fit, "rival": rival, "margin": margin}


def _prepared(force: xr.DataArray, name: str) -> xr.DataArray:
    """Return a force as (time, side), filtered and scaled to 1, or say that nobody stood on it."""
    force = require_units(force, "N", name)
    sided = require_dims(force if "side" in force.dims else force.expand_dims("side"), ("time", "side"), name)
    filtered = low_pass(sided if "side" in sided.coords else sided.assign_coords(side=[""]))
    span = filtered.max() - filtered.min()
    if not np.isfinite(span) or span <= 0:
        raise SignalError(f"{name}: expected a force that changes, found none. Give a recording with contacts.")
    return filtered / span


def _correlations(
    a: xr.DataArray, b: xr.DataArray, step: float, search: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return offsets one sample apart and the correlation at each; -1 where a force does not change.

    Only those that leave ``OVERLAP`` of the shorter recording in common.
    """
    grids = [resample(x, np.arange(x["time"].values[0], x["time"].values[-1] + 1e-9, step)) for x in (a, b)]
    x, y = (np.nan_to_num(grid.values) for grid in grids)
    known_x, known_y = (np.isfinite(grid.values).astype(float) for grid in grids)

    def summed(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        return np.sum([signal.correlate(q[:, s], p[:, s], method="fft") for s in range(p.shape[1])], axis=0)

    n = np.rint(summed(known_x, known_y))
    sums = [summed(p, q) for p, q in ((x, known_y), (known_x, y), (x * x, known_y), (known_x, y * y), (x, y))]
    lags = float(grids[1]["time"][0] - grids[0]["time"][0]) + step * np.arange(1 - len(x), len(y))
    enough = n >= max(2.0, OVERLAP * min(known_x.sum(), known_y.sum()))
    if search is not None:
        enough &= (lags >= search[0] - 1e-9) & (lags <= search[1] + 1e-9)
    if not enough.any():
        what = f"offsets that leave {100 * OVERLAP:g} % of the shorter recording in common"
        raise SignalError(f"insole, plate: expected {what}, found none. Widen search=, or check the times.")
    n, sx, sy, sxx, syy, sxy = (v[enough] for v in (n, *sums))
    spread = np.clip(n * sxx - sx**2, 0, None) * np.clip(n * syy - sy**2, 0, None)
    changes = spread > 1e-10 * n**4
    r = (n * sxy - sx * sy) / np.sqrt(np.where(changes, spread, 1.0))
    return lags[enough], np.where(changes, np.clip(r, -1, 1), -1.0)


def _unexplained(r: float) -> float:
    """Return the share of the variance that a correlation leaves."""
    return max(1.0 - max(r, 0.0) ** 2, 1e-12)


def _refined(a: xr.DataArray, b: xr.DataArray, near: float, reach: float) -> tuple[float, float]:
    """Return correlation and offset at the best offset within ``reach`` of one."""
    time, clock = a["time"].values, b["time"].values
    splines = []
    for plate in b.values.T:
        known = np.isfinite(plate)
        splines.append((interpolate.CubicSpline(clock[known], plate[known], extrapolate=False), known))

    def correlation(offset: float) -> float:
        pairs = []
        for insole, (spline, known) in zip(a.values.T, splines, strict=True):
            sure = np.interp(time + offset, clock, known, left=0, right=0) == 1
            pairs.append(np.stack([insole[sure], spline(time[sure] + offset)]))
        both = np.concatenate(pairs, 1)
        both = both[:, np.isfinite(both).all(0)]
        if both.shape[1] < 2 or (np.ptp(both, axis=1) <= 0).any():
            return -1.0
        return float(np.corrcoef(both)[0, 1])

    found = optimize.minimize_scalar(
        lambda x: -correlation(x), bounds=(near - reach, near + reach), method="bounded", options={"xatol": 1e-7}
    )
    return -float(found.fun), float(found.x)


def _drift(a: xr.DataArray, b: xr.DataArray, offset: float) -> tuple[float, float]:
    """Return offset at insole time 0 and drift, from the offset of every window."""
    time = a["time"].values
    count, rows = int((time[-1] - time[0]) * (1 + 1 / (len(time) - 1)) / WINDOW), []
    for part in np.array_split(np.arange(len(time)), count) if count >= FEWEST else []:
        fit, here = _refined(a.isel(time=part), b, offset, SHORTEST_CONTACT)
        if fit >= LEAST and SHORTEST_CONTACT - abs(here - offset) > 0.1 * (time[1] - time[0]):
            rows.append((time[part].mean(), here))
    if len(rows) < FEWEST:
        return offset, 0.0
    line = stats.linregress(*zip(*rows, strict=True))
    return (offset, 0.0) if abs(line.slope) <= 3 * line.stderr else (float(line.intercept), float(line.slope))

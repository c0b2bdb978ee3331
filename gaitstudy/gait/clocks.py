"""Two clocks: bring an insole's recording onto the clock of the force plates beside which it was made."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import interpolate, optimize, signal

from gaitstudy.conventions import SignalError, labelled, require_dims, require_units
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
    insole: xr.DataArray, plate: xr.DataArray, search: tuple[float, float] | None = None, least: float = LEAST
) -> xr.Dataset:
    """Return how an insole's clock runs against the plates': ``plate time = offset + (1 + drift) insole time``.

    Both forces are low-pass filtered alike (``low_pass``) and shifted against each other until they correlate best, to
    a fraction of a sample. Steady walking fits nearly as well one stride on: an offset is only returned if the next
    best one is clearly worse, which takes a start, a stop, a stumble, or ``search``.

    Parameters
    ----------
    insole, plate : N, (time,) or (time, side), each with its own times in s; any scale, any rate, gaps as NaN. With
        both sides, swapped ones are recognised.
    search : s, smallest and largest offset to look at; narrower than a stride for steady walking.
    least : smallest correlation accepted.

    Returns
    -------
    Dataset of scalars: ``offset`` s; ``drift`` s per s, 0 if too small to tell; ``spread`` s, standard deviation of the
    offset over windows of 10 s about that line (NaN below four windows); ``correlation`` of the best offset, ``rival``
    of the next best (NaN if there is none), ``margin`` the ratio of the variances they leave unexplained.

    Raises
    ------
    SignalError : an unloaded recording, too little in common, another force (other trial, wrong rate), left and right
        swapped, several offsets that fit alike, a best offset at an end of ``search``, a drift no clock has.

    Notes
    -----
    Cross-correlation is general knowledge; the thresholds are this project's, stated as constants of the module.
    """
    a, b = (_prepared(one, name) for one, name in ((insole, "insole"), (plate, "plate")))
    if a.sizes["side"] == b.sizes["side"] == 1 and "" in (a["side"].item(), b["side"].item()):
        b = b.assign_coords(side=a["side"].values)
    if set(a["side"].values.tolist()) != set(b["side"].values.tolist()):
        raise SignalError("insole, plate: expected the same sides in both, found different ones. Select one side.")
    b = b.sel(side=a["side"].values)
    step = 1 / min(sampling_rate(a["time"]), sampling_rate(b["time"]))
    lags, found = _correlations(a, b, step, search)
    best, rival = _peaks(lags, found)
    if search is not None and best in (0, len(lags) - 1):
        raise SignalError(f"search: expected the best offset inside it, found it at {lags[best]:g} s, its end. Widen.")
    crossed = np.nan
    if a.sizes["side"] == 2:
        crossed = float(np.nanmax(_correlations(a, b[:, ::-1], step, search)[1], initial=-1))
    if not max(found[best], np.nan_to_num(crossed)) >= least:
        raise SignalError(
            f"insole, plate: expected forces that correlate by {least:g} or more at some offset, found "
            f"{np.nanmax(found, initial=-1):.2f}. Another trial, another foot, or a wrong sampling rate? Check both."
        )
    fit, offset, _ = _refined(a, b, lags[best], step)
    offset, drift, spread, windows = _drift(a, b, offset, least)
    if abs(drift) > FASTEST:
        raise SignalError(
            f"clocks: expected them to differ by less than {1e6 * FASTEST:g} microseconds per s, found "
            f"{1e6 * drift:.0f}: a sampling rate is wrong. Correct it and read again."
        )
    if drift:
        fit = _refined(a.assign_coords(time=(1 + drift) * a["time"]), b, offset, step)[0]
    second = np.nan if rival is None else _refined(a, b, lags[rival], step)[0]
    margin = np.inf if rival is None else _unexplained(second) / _unexplained(fit)
    if _unexplained(crossed) < MARGIN * _unexplained(fit):
        what = "fits better" if crossed > fit else "fits alike"
        raise SignalError(
            f"sides: expected each insole to fit its own plate, found that the other one {what} (correlation "
            f"{crossed:.3f} v {fit:.3f}): left and right are swapped, or cannot be told. Check, or narrow search=."
        )
    if margin < MARGIN:
        raise SignalError(
            f"insole, plate: expected one offset that fits best, found {offset:.3f} s (correlation {fit:.3f}) and "
            f"{lags[rival]:.3f} s ({second:.3f}): steady walking fits at every stride. Include a start or a stop, or "
            "narrow search=."
        )
    made = {
        "offset": (offset, "s", "plate time at insole time 0"),
        "drift": (drift, "s/s", "plate time gained per insole time"),
        "spread": (spread, "s", "standard deviation of the offset over windows"),
        "correlation": (fit, "1", "correlation at the offset"),
        "rival": (second, "1", "correlation at the next best offset"),
        "margin": (margin, "1", "unexplained variance, next best over best offset"),
    }
    result = xr.Dataset({k: labelled(v, (), units=u, long_name=text) for k, (v, u, text) in made.items()})
    result.attrs["windows"] = windows
    return result


def _prepared(force: xr.DataArray, name: str) -> xr.DataArray:
    """Return a force as (time, side), filtered and scaled to 1, or say that nobody stood on it."""
    force = require_units(force, "N", name)
    flat = force.expand_dims("side", -1) if "side" not in force.dims else force
    flat = require_dims(flat, ("time", "side"), name).reset_coords(drop=True)
    even = low_pass(flat if "side" in flat.coords else flat.assign_coords(side=[""]))
    span = even.max() - even.min()
    if not np.isfinite(span) or span <= 0:
        raise SignalError(f"{name}: expected a force that changes, found none. Give a recording with contacts.")
    return even / span


def _correlations(
    a: xr.DataArray, b: xr.DataArray, step: float, search: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return offsets one sample apart and the correlation at each, over what both recorded; NaN below ``OVERLAP``."""
    grids = [resample(x, np.arange(x["time"].values[0], x["time"].values[-1] + 1e-9, step)) for x in (a, b)]
    x, y = (np.nan_to_num(g.values) for g in grids)
    known_x, known_y = (np.isfinite(g.values).astype(float) for g in grids)

    def summed(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        return np.sum([signal.correlate(q[:, s], p[:, s], method="fft") for s in range(p.shape[1])], axis=0)

    n = np.rint(summed(known_x, known_y))
    sums = [summed(p, q) for p, q in ((x, known_y), (known_x, y), (x * x, known_y), (known_x, y * y), (x, y))]
    lags = float(grids[1]["time"][0] - grids[0]["time"][0]) + step * np.arange(1 - len(x), len(y))
    enough = n >= max(2.0, OVERLAP * min(known_x.sum(), known_y.sum()))
    if search is not None:
        enough &= (lags >= search[0] - 1e-9) & (lags <= search[1] + 1e-9)
    if not enough.any():
        raise SignalError(
            f"insole, plate: expected offsets that leave {100 * OVERLAP:g} % of the shorter recording in common, found "
            "none. Widen search=, or check the times."
        )
    n, sx, sy, sxx, syy, sxy = (v[enough] for v in (n, *sums))
    spread = np.clip(n * sxx - sx**2, 0, None) * np.clip(n * syy - sy**2, 0, None)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (n * sxy - sx * sy) / np.sqrt(spread)
    return lags[enough], np.where(spread > 1e-10 * n**4, np.clip(r, -1, 1), np.nan)


def _peaks(lags: np.ndarray, r: np.ndarray) -> tuple[int, int | None]:
    """Return the places of the best correlation and of the next best peak that is another offset altogether."""
    values = np.where(np.isnan(r), -1.0, r)
    best = int(np.argmax(values))
    padded = np.r_[-2.0, values, -2.0]
    peak = (values >= padded[:-2]) & (values >= padded[2:]) & (values > 0)
    others = np.flatnonzero(peak & (np.abs(lags - lags[best]) > SHORTEST_CONTACT))
    return best, int(others[np.argmax(values[others])]) if len(others) else None


def _unexplained(r: float) -> float:
    """The share of the variance that a correlation leaves; NaN stays NaN."""
    return max(1.0 - min(r, 1.0) ** 2 if r > 0 else 1.0, 1e-12) if r == r else r


def _refined(a: xr.DataArray, b: xr.DataArray, near: float, reach: float) -> tuple[float, float, float]:
    """Return correlation and offset at the best offset within ``reach`` of one, and how far inside it lies (s)."""
    time, clock = a["time"].values, b["time"].values
    splines = []
    for k in range(b.sizes["side"]):
        known = np.isfinite(b.values[:, k])
        splines.append((interpolate.CubicSpline(clock[known], b.values[known, k], extrapolate=False), known))

    def correlation(offset: float) -> float:
        at, pairs = time + offset, []
        for k, (spline, known) in enumerate(splines):
            sure = np.interp(at, clock, known, left=0, right=0) == 1
            pairs.append(np.stack([a.values[sure, k], spline(at[sure])]))
        both = np.concatenate(pairs, 1)
        both = both[:, np.isfinite(both).all(0)]
        if both.shape[1] < 2 or (np.ptp(both, axis=1) <= 0).any():
            return -1.0
        return float(np.corrcoef(both)[0, 1])

    found = optimize.minimize_scalar(
        lambda x: -correlation(x), bounds=(near - reach, near + reach), method="bounded", options={"xatol": 1e-7}
    )
    return -float(found.fun), float(found.x), reach - abs(float(found.x) - near)


def _drift(a: xr.DataArray, b: xr.DataArray, offset: float, least: float) -> tuple[float, float, float, int]:
    """Return offset at insole time 0, drift, spread and number of windows, from the offset of every window."""
    time = a["time"].values
    step = (time[-1] - time[0]) / (len(time) - 1)
    count = int((time[-1] - time[0] + step) / WINDOW)
    rows = []
    for part in np.array_split(np.arange(len(time)), count) if count >= FEWEST else []:
        fit, own, inside = _refined(a.isel(time=part), b, offset, SHORTEST_CONTACT)
        if fit >= least and inside > step / 10:
            rows.append((time[part].mean(), own))
    if len(rows) < FEWEST:
        return offset, 0.0, float("nan"), len(rows)
    at, own = np.array(rows).T
    middle = at - at.mean()
    slope = float(middle @ own / (middle @ middle))
    left = own - own.mean() - slope * middle
    error = float(np.sqrt(left @ left / (len(at) - 2) / (middle @ middle)))
    if abs(slope) <= 3 * error:
        return offset, 0.0, float(own.std(ddof=1)), len(rows)
    return float(own.mean() - slope * at.mean()), slope, float(np.sqrt(left @ left / (len(at) - 2))), len(rows)

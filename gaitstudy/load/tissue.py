"""Relaxation times of cartilage: T1rho and T2 from signals at several echo or spin-lock times."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gaitstudy.conventions import GaitStudyError, labelled, require_dims, require_units

LONGEST = {"T2": 100.0, "T1rho": 500.0}
"""ms; a relaxation time above it is no cartilage."""
MINIMUM_R2 = 0.9
REASONS = ("", "no signal", "no decay found", "out of range", "poor fit")
STEPS = 100
SMALL = 1e-12
"""Relative step at which a fit has converged."""


def relaxation_time(signal: xr.DataArray, quantity: str, *, minimum_r2: float = MINIMUM_R2) -> xr.Dataset:
    """Fit ``S = S0 exp(-t / T)`` to the signal of every voxel and return its relaxation time T.

    Least squares on the signal, not on its logarithm: all voxels step together (Levenberg and Marquardt) from the
    weighted straight line through the logarithm. Sequences differ: never pool times of several.

    Parameters
    ----------
    signal : (voxel, echo), any unit >= 0, coordinate ``echo`` in ms (echo or spin-lock time) with attribute ``units``;
        NaN or a voxel without any positive signal gives NaN.
    quantity : ``"T2"`` (0-100 ms) or ``"T1rho"`` (0-500 ms). minimum_r2 : smallest share of the variance explained.

    Returns
    -------
    Dataset (voxel): ``fitted_time`` ms, NaN where no fit was found or it is out of range; ``relaxation_time`` ms, NaN
    also where the fit is poor; ``amplitude`` S0 in the signal's unit; ``r_squared``; ``reason``, why
    ``relaxation_time`` is NaN. ``attrs``: ``quantity`` and ``excluded``, how many voxels for each reason.

    Raises
    ------
    GaitStudyError : another quantity, fewer than 3 echoes, echo times that repeat, negative echo times or signals.
    UnitError : echo times without the unit ms.

    References
    ----------
    Fit and bounds as in DOSMA (Desai AD et al. (2019) doi 10.5281/zenodo.2559548; general knowledge, not verified).

    Examples
    --------
    >>> echo = xr.DataArray([10.0, 20, 30, 40, 50], dims="echo", attrs={"units": "ms"})
    >>> signal = xr.DataArray([100 * np.exp(-echo.values / 35)], dims=("voxel", "echo"), coords={"echo": echo})
    >>> round(relaxation_time(signal, "T2")["relaxation_time"].item(), 6)
    35.0
    """
    values, echo = _checked(signal, quantity)
    usable = np.isfinite(values).all(1) & ((values > 0).sum(1) >= 2)
    amplitude, rate, settled = _decay(np.where(usable[:, None], values, 1.0), echo)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        time = np.where(usable & settled & (rate > 0), 1 / rate, np.nan)
        left = ((values - amplitude[:, None] * np.exp(-echo * rate[:, None])) ** 2).sum(1)
        r2 = 1 - left / ((values - values.mean(1, keepdims=True)) ** 2).sum(1)
    r2 = np.where(np.isfinite(time), r2, np.nan)
    conditions = [~usable, np.isnan(time), time > LONGEST[quantity], ~(r2 >= minimum_r2)]
    code = np.select(conditions, [1, 2, 3, 4], 0)
    reason = np.array(REASONS, object)[code]
    dims, coords = ("voxel",), {str(k): v for k, v in signal.coords.items() if v.dims == ("voxel",)}
    unit = signal.attrs.get("units", "arbitrary")

    def array(data: np.ndarray, units: str, name: str) -> xr.DataArray:
        return labelled(data, dims, units=units, long_name=name, coords=coords)

    return xr.Dataset(
        {
            "relaxation_time": array(np.where(code == 0, time, np.nan), "ms", f"{quantity} relaxation time"),
            "fitted_time": array(
                np.where(np.isin(code, (0, 4)), time, np.nan), "ms", f"{quantity} relaxation time, poor fits too"
            ),
            "amplitude": array(np.where(np.isfinite(time), amplitude, np.nan), unit, "signal at time zero"),
            "r_squared": array(r2, "1", "share of the signal's variance explained"),
            "reason": array(reason, "1", "why there is no relaxation time"),
        },
        attrs={"quantity": quantity, "excluded": {r: int((reason == r).sum()) for r in REASONS[1:]}},
    )


def _checked(signal: xr.DataArray, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """Return signal (voxel, echo) and times (ms), or one error with everything that is wrong."""
    values = require_dims(signal, ("voxel", "echo"), "signal").values.astype(float)
    if "echo" not in signal.coords:
        raise GaitStudyError("signal: expected echo times (ms) as coordinate 'echo', found none.")
    echo = require_units(signal["echo"], "ms", "echo").values.astype(float)
    problems = []
    if quantity not in LONGEST:
        problems.append(f"quantity: expected {' or '.join(LONGEST)}, found {quantity!r}")
    if len(echo) < 3:
        problems.append(f"echo: expected at least 3 times, found {len(echo)}")
    if (echo < 0).any() or len(np.unique(echo)) < len(echo) or not np.isfinite(echo).all():
        problems.append(f"echo: expected different times >= 0 ms, found {echo.tolist()}")
    if (values < 0).any():
        problems.append(f"signal: expected magnitudes >= 0, found {int((values < 0).sum())} negative values")
    if problems:
        raise GaitStudyError("relaxation_time: " + "; ".join(problems) + ".")
    return values, echo


def _decay(values: np.ndarray, echo: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return amplitude, rate (1/ms) and whether it settled, of each voxel's exponential decay; values are finite."""
    positive = values > 0
    weight = np.where(positive, values**2, 0.0)
    height = np.log(np.where(positive, values, 1.0))
    total = weight.sum(1)
    at, high = (weight * echo).sum(1) / total, (weight * height).sum(1) / total
    away = echo - at[:, None]
    rate = -(weight * away * height).sum(1) / (weight * away**2).sum(1)
    amplitude = np.exp(high + rate * at)
    damping = np.full(len(values), 1e-3)
    settled = np.zeros(len(values), bool)
    error = _squares(values, echo, amplitude, rate)
    for _ in range(STEPS):
        go = np.flatnonzero(~settled)
        if not len(go):
            break
        a, r, lam = amplitude[go], rate[go], 1 + damping[go]
        shape = np.exp(-echo * r[:, None])
        slope = -echo * a[:, None] * shape
        left = values[go] - a[:, None] * shape
        aa, ar, rr = (shape**2).sum(1), (shape * slope).sum(1), (slope**2).sum(1)
        ga, gr = (shape * left).sum(1), (slope * left).sum(1)
        size = aa * rr * lam**2 - ar**2
        with np.errstate(divide="ignore", invalid="ignore"):
            step_a, step_r = (ga * rr * lam - gr * ar) / size, (gr * aa * lam - ga * ar) / size
        new = _squares(values[go], echo, a + step_a, r + step_r)
        better = new <= error[go]
        took = go[better]
        amplitude[took], rate[took], error[took] = (a + step_a)[better], (r + step_r)[better], new[better]
        small = (np.abs(step_a) <= SMALL * np.abs(a)) & (np.abs(step_r) <= SMALL * np.abs(r))
        damping[go] = np.where(better, damping[go] / 10, damping[go] * 10)
        settled[go] = small | (~better & (damping[go] > 1e12))
    return amplitude, rate, settled


def _squares(values: np.ndarray, echo: np.ndarray, amplitude: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Sum of squared residuals of each voxel; infinite where the model is no number."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = ((values - amplitude[:, None] * np.exp(-echo * rate[:, None])) ** 2).sum(1)
    return np.where(np.isfinite(found), found, np.inf)

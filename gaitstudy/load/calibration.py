"""Calibration of a force curve on one person's own measured walks, each walk predicted without its own measurement."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gaitstudy.conventions import SignalError, labelled, require_dims

LAGS = tuple(range(11))
"""Per cent of the cycle by which a predictor may be delayed: a measuring implant can lag the mechanics."""
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, np.inf)
"""How strongly the gain is held back; infinity leaves the plain mean of the training walks."""


def calibrated(
    measured: xr.DataArray,
    predictor: xr.DataArray,
    lags: tuple[int, ...] = LAGS,
    penalties: tuple[float, ...] = PENALTIES,
) -> xr.Dataset:
    """Predict each walk's measured curve from the other walks' mean and from how its predictor differs from theirs.

    With F the measured curve and x the predictor: prediction = mean F + gain (x(t - lag) - mean x(t - lag)), means over
    the training walks; gain = sum dx dF / (sum dx^2 + penalty).

    Parameters
    ----------
    measured : (trial, percent), any unit, at least four trials. predictor : (trial, percent), any unit; it is scaled by
        its training mean's root mean square, so that the penalties mean the same for forces and moments.
    lags : samples by which the predictor may be delayed (before the first sample it keeps its value). The one under
        which the training means of predictor and measurement correlate most is taken.
    penalties : the one with the least squared error when each training walk in turn is predicted from the others.

    Returns
    -------
    Dataset: ``prediction`` and ``training_mean`` (trial, percent) in the measured unit; ``gain`` (measured unit per
    scaled predictor, 0 under an infinite penalty), ``lag`` (samples) and ``penalty``, (trial,). Gain, lag and penalty
    come from the other walks alone.

    Raises
    ------
    SignalError : fewer than four trials, other trials or per cents in the predictor, or gaps.
    """
    force, x = (require_dims(a, ("trial", "percent")).values.astype(float) for a in (measured, predictor))
    problems = [f"at least 4 trials, found {len(force)}"] if len(force) < 4 else []
    problems += [f"a predictor of shape {force.shape}, found {x.shape}"] if force.shape != x.shape else []
    problems += ["no gaps, found some"] if not (np.isfinite(force).all() and np.isfinite(x).all()) else []
    if problems:
        raise SignalError(f"calibration: expected {'; '.join(problems)}. Leave out trials that have none.")
    at = np.clip(np.arange(force.shape[1]) - np.asarray(lags)[:, None], 0, None)
    delayed = np.moveaxis(x[:, at], 1, 0)
    found = [_hold_out(force, delayed, k, np.asarray(penalties, float)) for k in range(len(force))]
    prediction, mean, gain, lag, penalty = (np.stack(part) for part in zip(*found, strict=True))
    unit = measured.attrs.get("units", "not stated")
    coords = {name: measured[name].values for name in ("trial", "percent") if name in measured.coords}
    both, own = ("trial", "percent"), {"trial": coords["trial"]} if "trial" in coords else {}
    return xr.Dataset(
        {
            "prediction": labelled(
                prediction, both, units=unit, long_name="prediction from the other trials", coords=coords
            ),
            "training_mean": labelled(mean, both, units=unit, long_name="mean of the other trials", coords=coords),
            "gain": labelled(gain, ("trial",), units=unit, long_name="gain on the scaled predictor", coords=own),
            "lag": labelled(
                np.asarray(lags)[lag], ("trial",), units="samples", long_name="delay of the predictor", coords=own
            ),
            "penalty": labelled(penalty, ("trial",), units="1", long_name="penalty on the gain", coords=own),
        }
    )


def _hold_out(force: np.ndarray, delayed: np.ndarray, out: int, penalties: np.ndarray) -> tuple[np.ndarray, ...]:
    """Prediction, training mean, gain, index of the lag and penalty for one trial, from all the others."""
    train = np.delete(np.arange(len(force)), out)
    mean = force[train].mean(0)
    lag = int(np.argmax([_correlation(x[train].mean(0), mean) for x in delayed]))
    x = delayed[lag]
    level = x[train].mean(0)
    scale = np.sqrt(np.mean(level**2))
    x = x / (scale if scale > 0 else 1.0)
    error = np.zeros(len(penalties))
    for inner in train:
        rest = train[train != inner]
        gains = _gain(force[rest], x[rest], penalties)
        dx, df = x[inner] - x[rest].mean(0), force[inner] - force[rest].mean(0)
        error += ((df - gains[:, None] * dx) ** 2).sum(1)
    best = len(penalties) - 1 - int(np.argmin(error[::-1]))  # of equal ones the last, which holds back most
    gain = _gain(force[train], x[train], penalties[best])
    return mean + gain * (x[out] - x[train].mean(0)), mean, gain, np.asarray(lag), penalties[best]


def _gain(force: np.ndarray, x: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    dx, df = x - x.mean(0), force - force.mean(0)
    below = (dx**2).sum() + penalty
    return np.where(below > 0, (dx * df).sum() / np.where(below > 0, below, 1.0), 0.0)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if np.std(a) == 0 or np.std(b) == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])

"""Do opposing muscles work at the same time, and does the knee carry more then? Muscle signals beside measured loads.

Two sources: one person with an implant that measures contact force and with electrodes on the same leg (five walks),
and the young people of ``mcgill-foot-progression`` with electrodes on one leg and a plate under it. Muscle signals are
band-passed at 20-400 Hz, rectified and smoothed at 6 Hz. No file holds a maximal contraction: each channel is divided
by its largest value of the walks of the person: an index compares walks of one person well, and people only roughly.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import xarray as xr
from scipy import signal

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES
from gaitstudy.gait import signals
from gaitstudy.io import catalogue, motion
from gaitstudy.io.motion import Recording
from gaitstudy.tables import implant

BAND, SMOOTH = (20.0, 400.0), 6.0
"""Hz."""
PAIRS = {
    "vastus lateralis, biceps femoris": ("vaslat", "bifeml"),
    "vastus medialis, semimembranosus": ("vasmed", "semimem"),
    "rectus femoris, biceps femoris": ("rf", "bifeml"),
    "vastus lateralis, lateral gastrocnemius": ("vaslat", "latgas"),
    "vastus medialis, medial gastrocnemius": ("vasmed", "medgas"),
}
"""Opposing muscles at the knee and their channels in the implant's recordings; the first pair was chosen beforehand."""
YOUNG, YOUNG_PAIR = "mcgill-foot-progression", ("Rect", "Hams")
EARLY = 50.0
"""Per cent of stance; the index is taken over the first half, in which the first peak of the adduction moment lies."""
LEAST_BAND, MOST_HUM, LEAST_SIZE, LEAST_CONTRAST = 0.70, 0.20, 0.005, 2.0
"""A channel counts as a muscle signal if at least the first share of its power lies in the band and at most the second
within 1.5 Hz of 50 or 60 Hz, if its standard deviation is at least .005 V (unplugged channels: .0006), and if its
smoothed size is at its largest at least twice its median. Set by looking at spectra and sizes alone, before any index
was computed."""


def _envelope(emg: xr.DataArray) -> xr.DataArray:
    """Return the smoothed size of muscle signals, in their unit, 0 or more, same dimensions.

    Parameters
    ----------
    emg : raw, (time, channel), in volts or whatever the file stores; sampled at more than twice the band's upper edge.
    """
    bands = signal.butter(2, BAND, "bandpass", fs=signals.sampling_rate(emg["time"]), output="sos")
    centred = emg.transpose("time", "channel").values - emg.mean("time").values
    rectified = emg.transpose("time", "channel").copy(data=np.abs(signal.sosfiltfilt(bands, centred, axis=0)))
    return signals.low_pass(rectified, SMOOTH).clip(min=0.0).assign_attrs(emg.attrs, long_name="smoothed muscle signal")


def _muscle_signals(emg: xr.DataArray) -> pd.Series:
    """Return whether each channel holds a muscle signal (see ``LEAST_BAND``), by channel.

    Parameters
    ----------
    emg : raw, (time, channel).
    """
    centred = emg.transpose("time", "channel").values - emg.mean("time").values
    power = np.abs(np.fft.rfft(centred, axis=0)) ** 2
    frequency = np.fft.rfftfreq(len(centred), 1 / signals.sampling_rate(emg["time"]))
    inside = (frequency >= BAND[0]) & (frequency <= BAND[1])
    mains = np.abs(frequency[:, None] - [50.0, 60.0]).min(1) <= 1.5
    total, smooth = power.sum(0), _envelope(emg).values
    good = (power[inside].sum(0) >= LEAST_BAND * total) & (power[mains].sum(0) <= MOST_HUM * total)
    good &= (centred.std(0) >= LEAST_SIZE) & (smooth.max(0) >= LEAST_CONTRAST * np.median(smooth, 0))
    return pd.Series(good, emg["channel"].values)


def beside_implant() -> pd.DataFrame:
    """Return co-contraction indices and measured contact force of every walk with the implant, one row a walk and pair.

    Columns: ``pair, trial``; ``rudolph`` (share of the person's largest signal), ``falconer`` (0-1), both over stance;
    ``mean_force, peak_force`` BW, measured total of stance; ``good``: whether both channels hold muscle signals in
    all walks.
    """
    names = sorted({channel for pair in PAIRS.values() for channel in pair})
    walks = implant.TRIALS
    files = {walk: catalogue.locate(implant.DATASET, f"inputs/c3d/PS_ngait_og_{walk}.c3d") for walk in walks}
    raw = {walk: motion.read_c3d(file) for walk, file in files.items()}
    emg = {walk: cast(xr.DataArray, made.analogs).sel(channel=names) for walk, made in raw.items()}
    checked = pd.concat([_muscle_signals(values) for values in emg.values()], axis=1).all(axis=1)
    smooth = {walk: _envelope(values) for walk, values in emg.items()}
    largest = xr.concat([values.max("time") for values in smooth.values()], "trial").max("trial")
    rows = []
    for walk in walks:
        _, instants, _ = implant.walk(walk)
        start, end = _left_stance(raw[walk], instants["foot_off"])
        active = (smooth[walk] / largest).sel(time=slice(start, end))
        stance = slice(0, 100 * instants["foot_off"] / instants["end"])
        load = implant.measured_forces()["total"].sel(trial=walk, percent=stance) / implant.WEIGHT
        for pair, channels in PAIRS.items():
            row: dict[str, Any] = {"pair": pair, "trial": walk}
            row |= _indices(*(active.sel(channel=name).values for name in channels))
            row |= {"mean_force": float(load.mean()), "peak_force": float(load.max())}
            rows.append(row | {"good": bool(checked[list(channels)].all())})
    return pd.DataFrame(rows)


def young_people() -> pd.DataFrame:
    """Return rectus-hamstrings co-contraction and first adduction-moment peak of every young person, one row a person.

    Columns: ``person``; ``side`` with both channels good (the first in the file's order of left and right if both are,
    empty if none), ``rudolph, falconer`` over the first half of that foot's stance, ``kam`` %BW*Ht (external, first
    peak); ``reason`` why a person has no index, empty if one is there.
    """
    rows = []
    for path in catalogue.available(YOUNG, "straight/*.c3d"):
        trial = motion.read_c3d(path)
        row: dict[str, Any] = {"person": path.stem[:5], "side": "", "reason": "no electrodes"}
        row |= dict.fromkeys(("rudolph", "falconer", "kam"), np.nan)
        rows.append(row)
        if trial.analogs is None:
            continue
        strides = pipeline.outcomes(pipeline.stances(pipeline.read(path)))
        known = strides[strides["kam1_pct_bwht"].notna()].drop_duplicates("side").set_index("side")
        row["reason"] = "no leg with two muscle signals and a whole plate contact"
        for side in SIDES:
            emg = trial.analogs.sel(channel=[f"Voltage.{side[0].upper()} {muscle}" for muscle in YOUNG_PAIR])
            if side not in known.index or not _muscle_signals(emg).all():
                continue
            smooth = _envelope(emg)
            start, end = known.loc[side, ["ic_time", "fo_time"]]
            active = (smooth / smooth.max("time")).sel(time=slice(start, start + EARLY / 100 * (end - start)))
            row |= {"side": side, "kam": float(known.loc[side, "kam1_pct_bwht"]), "reason": ""}
            row |= _indices(*active.transpose("channel", "time").values)
            break
    return pd.DataFrame(rows)


def _indices(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Co-contraction of two activations, 0 or more, (time,), evenly spaced, by two published indices.

    ``rudolph``: mean over time of (smaller / larger) x (smaller + larger), in the unit of the activations; an instant
    at which both are silent counts as zero. ``falconer``: twice the shared area over the sum of both, 0 to 1; zero
    where both are silent throughout. NaN stays NaN.

    References
    ----------
    Rudolph KS et al. (2000) Knee Surg Sports Traumatol Arthrosc 8:262 (formula from general knowledge, not verified);
    Falconer K, Winter DA (1985) Electromyogr Clin Neurophysiol 25:135, as public code has it; the paper was not seen.

    Examples
    --------
    >>> {name: round(value, 4) for name, value in _indices(np.array([0.3, 0.3]), np.array([0.6, 0.6])).items()}
    {'rudolph': 0.45, 'falconer': 0.6667}
    """
    low, high = np.minimum(first, second), np.maximum(first, second)
    ratio = np.divide(low, high, out=np.where(np.isnan(high), np.nan, 0.0), where=high > 0)
    shared, whole = np.trapezoid(low), np.trapezoid(low + high)
    return {
        "rudolph": float((ratio * (low + high)).mean()),
        "falconer": float(0.0 if whole == 0 else 2 * shared / whole),
    }


def _left_stance(recorded: Recording, long: float) -> tuple[float, float]:
    """Start and end (s, on the recording's clock) of the left foot's whole contact nearest to ``long`` seconds."""
    whole = pipeline.prepare(pipeline.read(recorded, "gc5"), cut_off=None).whole
    left = whole[whole["side"] == implant.SIDE]
    best = left.loc[(left["end"] - left["start"] - long).abs().idxmin()]
    return float(best["start"]), float(best["end"])

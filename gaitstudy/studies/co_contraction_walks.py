"""Do opposing muscles work at the same time, and does the knee carry more then? Muscle signals beside loads.

Two real sources, neither of which can decide the claim: one person with an implant that measures contact force and
with electrodes on the same leg (five walks), and the young people of ``mcgill-foot-progression`` with electrodes on one
leg and a plate under it. A simulated sweep shows what a contact force *computed* from assumed muscle shares can say,
which is nothing but its own assumption.

Muscle signals are band-passed at 20-400 Hz, rectified and smoothed at 6 Hz. No file holds a maximal contraction, so
each channel is divided by its own largest value of the person's walks: an index compares walks of one person well, and
people only roughly.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import xarray as xr
from scipy import signal, stats

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES, TrialFormatError
from gaitstudy.gait import signals
from gaitstudy.io import catalogue, motion
from gaitstudy.io.motion import Recording
from gaitstudy.load import contact
from gaitstudy.load.co_contraction import falconer_winter, rudolph
from gaitstudy.simulate.walker import Walker, simulate, stances
from gaitstudy.tables.implant import ABOUT, DATASET, SIDE, body_weight, measured_forces, trials, walk

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
YOUNG = "mcgill-foot-progression"
YOUNG_PAIR = ("Rect", "Hams")
EARLY = 50.0
"""Per cent of stance; the index is taken over the first half, in which the first peak of the adduction moment lies."""
LEAST_BAND, MOST_HUM, LEAST_SIZE, LEAST_CONTRAST = 0.70, 0.20, 0.005, 2.0
"""A channel counts as a muscle signal if at least the first share of its power lies in the band and at most the second
within 1.5 Hz of 50 or 60 Hz, if its standard deviation is at least .005 V (unplugged channels: .0006), and if its
smoothed size is at its largest at least twice its median. Set by looking at spectra and sizes alone, before any index
was computed."""
SHARES = ("gastrocnemius_share", "hamstrings_share")


def envelope(emg: xr.DataArray) -> xr.DataArray:
    """Return the smoothed size of muscle signals, in their unit, 0 or more, same dimensions.

    Parameters
    ----------
    emg : raw, (time, channel), in volts or whatever the file stores; sampled at more than twice the band's upper edge.
    """
    rate = signals.sampling_rate(emg["time"])
    bands = signal.butter(2, BAND, "bandpass", fs=rate, output="sos")
    centred = emg.transpose("time", "channel").values - emg.mean("time").values
    rectified = emg.transpose("time", "channel").copy(data=np.abs(signal.sosfiltfilt(bands, centred, axis=0)))
    return signals.low_pass(rectified, SMOOTH).clip(min=0.0).assign_attrs(emg.attrs, long_name="smoothed muscle signal")


def quality(emg: xr.DataArray) -> pd.DataFrame:
    """Return which channels hold a muscle signal: ``channel, size`` (SD, V), ``band``, ``hum``, ``contrast``, ``good``.

    Parameters
    ----------
    emg : raw, (time, channel). ``band`` and ``hum`` are shares of power (see ``LEAST_BAND``).
    """
    rate = signals.sampling_rate(emg["time"])
    values = emg.transpose("time", "channel").values
    centred = values - values.mean(0)
    power, frequency = np.abs(np.fft.rfft(centred, axis=0)) ** 2, np.fft.rfftfreq(len(values), 1 / rate)
    inside = (frequency >= BAND[0]) & (frequency <= BAND[1])
    mains = np.abs(frequency[:, None] - [50.0, 60.0]).min(1) <= 1.5
    total = np.maximum(power.sum(0), 1e-300)
    smooth = envelope(emg).values
    table = pd.DataFrame({"channel": list(map(str, emg["channel"].values)), "size": centred.std(0)})
    table["band"], table["hum"] = power[inside].sum(0) / total, power[mains].sum(0) / total
    table["contrast"] = smooth.max(0) / np.maximum(np.median(smooth, 0), 1e-300)
    enough = (table["size"] >= LEAST_SIZE) & (table["contrast"] >= LEAST_CONTRAST)
    return table.assign(good=(table["band"] >= LEAST_BAND) & (table["hum"] <= MOST_HUM) & enough)


def beside_implant() -> pd.DataFrame:
    """Return co-contraction indices and measured contact force of every walk with the implant, one row a walk and pair.

    Columns: ``pair, trial``; ``rudolph`` (share of the person's largest signal), ``falconer`` (0-1), both over stance;
    ``mean_force, peak_force`` BW, measured total of stance; ``good``: whether both channels pass ``quality`` in all
    walks.
    """
    names = sorted({channel for pair in PAIRS.values() for channel in pair})
    raw = {trial: _recording(trial) for trial in trials()}
    emg = {trial: _analogs(made).sel(channel=names) for trial, made in raw.items()}
    checked = pd.concat([quality(values) for values in emg.values()]).groupby("channel")["good"].all()
    smooth = {trial: envelope(values) for trial, values in emg.items()}
    largest = xr.concat([values.max("time") for values in smooth.values()], "trial").max("trial")
    rows = []
    for trial in trials():
        start, end = _left_stance(raw[trial], trial)
        active = (smooth[trial] / largest).sel(time=slice(start, end))
        _, instants, _ = walk(trial)
        stance = measured_forces()["total"].sel(
            trial=trial, percent=slice(0, 100 * instants["foot_off"] / instants["end"])
        )
        load = stance / body_weight()
        for pair, (one, two) in PAIRS.items():
            a, b = (active.sel(channel=name).values for name in (one, two))
            row = {
                "pair": pair,
                "trial": trial,
                "rudolph": float(rudolph(a, b)),
                "falconer": float(falconer_winter(a, b)),
            }
            row |= {"mean_force": float(load.mean()), "peak_force": float(load.max())}
            rows.append(row | {"good": bool(checked[one] and checked[two])})
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
        row: dict[str, object] = {"person": path.stem[:5], "side": "", "reason": "no electrodes"}
        row |= dict.fromkeys(("rudolph", "falconer", "kam"), np.nan)
        rows.append(row)
        if trial.analogs is None:
            continue
        strides = pipeline.process_trial(path)
        known = strides[strides["kam1_pct_bwht"].notna()].drop_duplicates("side").set_index("side")
        row["reason"] = "no leg with two muscle signals and a whole plate contact"
        for side in SIDES:
            emg = trial.analogs.sel(channel=[f"Voltage.{side[0].upper()} {muscle}" for muscle in YOUNG_PAIR])
            if side not in known.index or not quality(emg)["good"].all():
                continue
            smooth = envelope(emg)
            start, end = known.loc[side, ["ic_time", "fo_time"]]
            own = (smooth / smooth.max("time")).sel(time=slice(start, start + EARLY / 100 * (end - start)))
            a, b = own.transpose("channel", "time").values
            row |= {"side": side, "rudolph": float(rudolph(a, b)), "falconer": float(falconer_winter(a, b))}
            row |= {"kam": float(known.loc[side, "kam1_pct_bwht"]), "reason": ""}
            break
    return pd.DataFrame(rows)


def correlation(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return Pearson's r of two quantities of any units with Fisher's 95 % interval, and ``n`` complete pairs.

    With fewer than four pairs there is no interval (NaN).
    """
    known = np.isfinite(x) & np.isfinite(y)
    n = int(known.sum())
    if n < 4:
        return {"r": np.nan, "low": np.nan, "high": np.nan, "n": n}
    found = stats.pearsonr(x[known], y[known])
    low, high = found.confidence_interval()
    return {"r": float(found.statistic), "low": float(low), "high": float(high), "n": n}


def correlations(implant: pd.DataFrame, young: pd.DataFrame) -> pd.DataFrame:
    """Return how indices go with loads, with intervals, in the tables of ``beside_implant`` and ``young_people``.

    Columns: ``who, pair, index, load``, ``r, low, high``, ``n`` and ``of`` (walks of one person, or people), ``good``.
    """
    rows = []
    for (pair, index), load in product(product(PAIRS, ("rudolph", "falconer")), ("mean_force", "peak_force")):
        own = implant[implant["pair"] == pair]
        row: dict[str, object] = {"who": "implant, one person", "pair": pair, "index": index, "load": load}
        row |= correlation(own[index].to_numpy(), own[load].to_numpy())
        rows.append(row | {"of": "walks", "good": bool(own["good"].all())})
    for index in ("rudolph", "falconer"):
        row = {"who": "young people", "pair": "rectus femoris, hamstrings", "index": index, "load": "kam"}
        row |= correlation(young[index].to_numpy(), young["kam"].to_numpy())
        rows.append(row | {"of": "people", "good": True})
    return pd.DataFrame(rows)


def share_sweep(walker: Walker | None = None, points: int = 5) -> pd.DataFrame:
    """Return the walker's contact force when the calf's or the hamstrings' assumed share grows: an illustration.

    Walk, moments and posture stay as they are; only the share of the ankle's or the hip's moment that is given to
    muscles crossing the knee changes, over the range stated in ``load.contact``. The quadriceps must then balance
    them: co-contraction is put in, and force comes out.

    Columns: ``constant, share``; ``first, second``: largest total force, BW, of the first and the second half of the
    right stance; ``first_change, second_change``: % of its value at the default share.
    """
    walker = walker or Walker()
    simulation = simulate(walker, 2)
    start, end = stances(simulation, "right")[0]
    middle = (start + end) / 2
    inputs = simulation.truth.sel(side="right", drop=True)
    halves = {"first": slice(start, middle), "second": slice(middle, end)}

    def peaks(constant: str, share: float) -> dict[str, float]:
        made = contact.reduced(inputs, walker.mass, walker.height, **{constant: share})["total_contact_force"]
        return {half: float(made.sel(time=part).max()) / (walker.mass * GRAVITY) for half, part in halves.items()}

    rows = []
    for constant in contact.ESTIMATORS["reduced"].constants:
        if constant.name not in SHARES:
            continue
        default = peaks(constant.name, constant.value)
        for share in np.linspace(constant.low, constant.high, points):
            made = peaks(constant.name, float(share))
            change = {f"{half}_change": 100 * (made[half] / default[half] - 1) for half in halves}
            rows.append({"constant": constant.name, "share": float(share)} | made | change)
    return pd.DataFrame(rows)


def _recording(trial: str) -> Recording:
    return motion.read_c3d(catalogue.locate(DATASET, f"inputs/c3d/PS_ngait_og_{trial}.c3d"))


def _analogs(recorded: Recording) -> xr.DataArray:
    if recorded.analogs is None:
        raise TrialFormatError(recorded.name, "expected analog channels with muscle signals, found none.")
    return recorded.analogs


def _left_stance(recorded: Recording, trial: str) -> tuple[float, float]:
    """Start and end (s, on the recording's own clock) of the left foot's whole contact with a plate."""
    found = pipeline.prepare(pipeline.read(recorded, ABOUT["map"]), cut_off=None).whole
    own = found[found["side"] == SIDE]
    asked = walk(trial)[1]["foot_off"]
    best = own.loc[(own["end"] - own["start"] - asked).abs().idxmin()]
    return float(best["start"]), float(best["end"])

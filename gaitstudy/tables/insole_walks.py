"""The real insole walks of notebook 05 as tidy tables: what the files hold, the maker's report, timing, clocks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import interpolate

from gaitstudy.conventions import SIDES, SignalError, labelled
from gaitstudy.gait import clocks, pressure, signals
from gaitstudy.gait.events import SHORTEST_CONTACT, contacts, strides
from gaitstudy.io import catalogue
from gaitstudy.io.insoles import ABSENT, Insoles
from gaitstudy.io.wearables import read_fscan_pair, read_insole

MOTICON = {"normal": "230927_102114.txt", "slow": "230927_102137.txt"}
"""The two walks that come with a report, by the maker's tag."""
REPORTS = {
    walk: f"reference_gait_report/gait_report_230927_10_21_{s}.xlsx" for walk, s in (("normal", 14), ("slow", 37))
}
REPORTED = {
    "Initial contact (s)": "contact", "Toe off (s)": "off", "Max total force during stance phase (N)": "max",
    "Mean total force during stance phase (N)": "mean",
}  # fmt: skip
"""Columns of the report's sheets of steps."""
EXPORTS = MOTICON | {"manual events": "with_events/text_export.txt"}
FSCAN = ("FrasP01L.asf", "FrasP01R.asf")
PEDAR = "pedar/pressure_example.asc"
THRESHOLDS = (20.0, 30.0, 50.0, 75.0, 100.0, 150.0)
"""N; at which contacts are looked for in the total force."""
OFFSET, NOISE, DRIFT, SEED = 3.21057, 10.0, 2e-4, 5
"""s, N, s per s, and the seed of the noise; the made-up second clock of ``clock_trials``."""


@catalogue.remembered("moticon-insole", "fscan-insole", "pedar-insole")
def recording(vendor: str, walk: str = "") -> Insoles:
    """Return one recording: Moticon ``normal``, ``slow`` or ``manual events``, F-Scan (both feet) or pedar."""
    if vendor == "F-Scan":
        left, right = (catalogue.locate("fscan-insole", name) for name in FSCAN)
        return read_fscan_pair(left, right)
    if vendor == "pedar":
        return read_insole(catalogue.locate("pedar-insole", PEDAR))
    return read_insole(catalogue.locate("moticon-insole", EXPORTS[walk]))


def contents() -> pd.DataFrame:
    """Return what each recording holds: sizes, what is missing, and where force, places and steps come from."""
    rows = []
    for vendor, walk in (*(("Moticon", walk) for walk in EXPORTS), ("F-Scan", ""), ("pedar", "")):
        read = recording(vendor, walk)
        samples, time = read.samples, read.samples["time"].values
        exists = (samples["area"] != 0).sum("sensor")
        row: dict[str, Any] = {"vendor": vendor, "walk": walk, "sides": samples.sizes["side"]}
        row |= {"sensors a side": int(exists.max()), "rate (Hz)": signals.sampling_rate(time)}
        row |= {"seconds": float(time[-1] - time[0]), "samples missing (%)": 100 * float(read.missing.max())}
        row |= {"largest (kPa)": float(samples["pressure"].max())}
        row |= {name: samples[key].attrs["source"] for key, name in (("force", "force"), ("position", "places"))}
        kinds = read.events["event"].isin(["initial_contact", "foot_off"])
        steps = int(kinds.sum() / 2)
        row["steps"] = f"{steps} in the file" if steps else f"{len(read.events)} manual marks" if len(kinds) else ABSENT
        rows.append(row | {"notes": " ".join(read.notes)})
    return pd.DataFrame(rows)


def traces(seconds: float = 6.0) -> pd.DataFrame:
    """Return the first seconds of one walk of each vendor as recorded: ``vendor, side, time, value, unit``.

    Total force (N) by the vendor for Moticon, from pressures and areas for F-Scan; mean pressure (kPa) for pedar,
    whose file has no areas. Moticon starts at its first step, for both feet stand before it.
    """
    tables = []
    for vendor, walk, unit in (("Moticon", "normal", "N"), ("F-Scan", "", "N"), ("pedar", "", "kPa")):
        read = recording(vendor, walk)
        begin = read.events["time"].min() - 0.5 if len(read.events) else float(read.samples["time"][0])
        now = read.samples.sel(time=slice(begin - 1e-6, begin + seconds))
        if vendor == "F-Scan":
            values = pressure.total_force(now["pressure"], now["area"])
        else:
            values = now["force"] if unit == "N" else now["pressure"].mean("sensor")
        table = values.transpose("side", "time").to_series().rename("value").reset_index()
        tables.append(table.assign(vendor=vendor, unit=unit))
    return pd.concat(tables, ignore_index=True)[["vendor", "side", "time", "value", "unit"]]


def report_steps() -> pd.DataFrame:
    """Return each step of the two Moticon walks by the export's own columns beside the maker's report.

    ``contact_*, off_*`` s; ``max_*, mean_*`` N during stance; ``_export`` from the text export, ``_report`` from the
    report's sheets. Each reported step is compared with the export's step nearest in time.
    """
    tables = []
    for (walk, name), side in product(REPORTS.items(), SIDES):
        read = recording("Moticon", walk)
        book = pd.read_excel(catalogue.locate("moticon-insole", name), sheet_name=f"{side.capitalize()} Steps")
        theirs = book.rename(columns=REPORTED)[list(REPORTED.values())].astype(float)
        own, force = strides(read.events[read.events["side"] == side]), read.samples["force"].sel(side=side)
        nearest = [(own["ic_time"] - time).abs().idxmin() for time in theirs["contact"]]
        ours = own.loc[nearest, ["ic_time", "fo_time"]].set_axis(["contact", "off"], axis=1).reset_index(drop=True)
        parts = [force.sel(time=slice(start - 1e-6, end + 1e-6)) for start, end in ours.to_numpy()]
        ours = ours.assign(max=[float(part.max()) for part in parts], mean=[float(part.mean()) for part in parts])
        table = ours.add_suffix("_export").join(theirs.add_suffix("_report"))
        tables.append(table.assign(walk=walk, side=side, step=np.arange(1, len(table) + 1)))
    return pd.concat(tables, ignore_index=True)


def contact_times(thresholds: Sequence[float] = THRESHOLDS) -> pd.DataFrame:
    """Return the contacts of the two reported Moticon walks: the export's own, and those found in the total force.

    One row an event: ``walk, side, source`` (maker or force), ``threshold`` (N; 0 for the maker's), ``event, number,
    time`` (s). Found ones lie between the side's first and last reported step. Samples lost for at most 0.1 s are
    bridged before (``signals.fill_gaps``).

    Parameters
    ----------
    thresholds : N.
    """
    tables = []
    for walk, side in product(MOTICON, SIDES):
        read = recording("Moticon", walk)
        force = signals.fill_gaps(read.samples["force"].sel(side=side, drop=True))
        own = strides(read.events[read.events["side"] == side])
        first, last = own["ic_time"].min() - SHORTEST_CONTACT, own["fo_time"].max() + SHORTEST_CONTACT
        sources = {0.0: own.rename(columns={"ic_time": "start", "fo_time": "end"})}
        sources |= {float(level): contacts(force, level) for level in thresholds}
        for threshold, table in sources.items():
            for event, column in (("initial_contact", "start"), ("foot_off", "end")):
                times = table[column][table[column].between(first, last)].to_numpy(float)
                about: dict[str, Any] = {"walk": walk, "side": side, "threshold": threshold, "event": event}
                about["source"] = "force" if threshold else "maker"
                tables.append(pd.DataFrame({"number": np.arange(len(times)), "time": times}).assign(**about))
    names = ["walk", "side", "source", "threshold", "event", "number", "time"]
    return pd.concat(tables, ignore_index=True)[names]


def clock_trials() -> pd.DataFrame:
    """Return offsets put in and found: half a real insole against the whole of it on a made-up second clock.

    The insole's signal is the force on every other sensor of the slow walk (areas implied by the maker's columns), so
    that its shape differs from the plate's, as it does in a lab. The plate's is the total force, smoothly interpolated
    to 1,000 Hz, with ``NOISE`` and a second clock ``OFFSET`` later. One row a case: ``put_in``, ``found``, ``error``
    ms, ``drift_put_in``, ``drift`` microseconds per s, ``correlation``, ``rival``, ``margin``; NaN where it is
    refused, ``refused`` says with which words.
    """
    read = recording("Moticon", "slow")
    samples, steps = read.samples, strides(read.events)
    halves = []
    for side in SIDES:
        one = samples.sel(side=side, drop=True)
        area = pressure.implied_layout(one["pressure"], one["force"], one["cop"])["area"]
        halves.append(pressure.total_force(one["pressure"][:, ::2], area[::2]))
    half = xr.concat(halves, xr.DataArray(list(SIDES), dims="side", name="side")).transpose("time", "side")
    whole = signals.fill_gaps(samples["force"]).dropna("time")
    time, rng = whole["time"].values, np.random.default_rng(SEED)
    curve = interpolate.CubicSpline(time, whole.values)

    def plates(drift: float = 0.0) -> xr.DataArray:
        own = np.arange(time[0], time[-1], 1e-3)
        values = curve(own) + NOISE * rng.standard_normal((len(own), 2))
        at = {"time": own * (1 + drift) + OFFSET, "side": list(SIDES)}
        return labelled(values, ("time", "side"), units="N", long_name="force", coords=at)

    first, last = float(steps["ic_time"].min()), float(steps["fo_time"].max())
    plain, right = plates(), half.sel(side="right", drop=True)
    plate = plain.sel(side="right", drop=True)
    steady = right.sel(time=slice(first, last)), plate.sel(time=slice(first + OFFSET, last + OFFSET))
    tried: dict[str, tuple[xr.DataArray, xr.DataArray, tuple[float, float] | None, float]] = {
        "both feet, standing, steps, standing": (half, plain, None, 0.0),
        "right foot alone": (right, plate, None, 0.0),
        "both feet, second clock fast": (half, plates(DRIFT), None, DRIFT),
        "right foot, steps only": (*steady, None, 0.0),
        "right foot, steps only, searched within 0.5 s": (*steady, (OFFSET - 0.5, OFFSET + 0.5), 0.0),
        "left and right swapped": (half.assign_coords(side=list(SIDES)[::-1]), plain, None, 0.0),
        "second clock's rate wrong by 5 %": (half, plain.assign_coords(time=1.05 * plain["time"]), None, 0.05),
    }
    rows = []
    for name, (insole, other, search, drift) in tried.items():
        row: dict[str, Any] = {"case": name, "put_in": 1e3 * OFFSET, "drift_put_in": 1e6 * drift, "refused": ""}
        try:
            found = clocks.align_clocks(insole, other, search)
            row |= {"found": 1e3 * float(found["offset"]), "drift": 1e6 * float(found["drift"])}
            row |= {key: float(found[key]) for key in ("correlation", "rival", "margin")}
        except SignalError as refusal:
            row["refused"] = str(refusal)
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(error=table["found"] - table["put_in"])

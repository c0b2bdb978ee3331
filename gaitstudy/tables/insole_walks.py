"""The real insole walks as tidy tables: what the files hold, the maker's report, timing, clocks, and the feet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import interpolate

from gaitstudy.conventions import SIDES, SignalError, labelled
from gaitstudy.gait import clocks, footprint, pressure, signals
from gaitstudy.gait.events import SHORTEST_CONTACT, contacts, strides
from gaitstudy.io import catalogue
from gaitstudy.io.insoles import ABSENT, Insoles, read_insole

FILES = {
    ("Moticon", "normal"): ("moticon-insole", "230927_102114.txt"),
    ("Moticon", "slow"): ("moticon-insole", "230927_102137.txt"),
    ("Moticon", "manual events"): ("moticon-insole", "with_events/text_export.txt"),
    ("F-Scan", ""): ("fscan-insole", "FrasP01L.asf", "FrasP01R.asf"),
    ("pedar", ""): ("pedar-insole", "pedar/pressure_example.asc"),
}
"""Dataset and files of every walk, by vendor and, for Moticon, the maker's tag."""
REPORTS = {
    walk: f"reference_gait_report/gait_report_230927_10_21_{s}.xlsx" for walk, s in (("normal", 14), ("slow", 37))
}
REPORTED = {
    "Initial contact (s)": "contact", "Toe off (s)": "off", "Max total force during stance phase (N)": "max",
    "Mean total force during stance phase (N)": "mean",
}  # fmt: skip
"""Columns of the report's sheets of steps."""
OFFSET, NOISE, DRIFT, SEED = 3.21057, 10.0, 2e-4, 5
"""s, N, s per s, and the seed of the noise; the made-up second clock of ``clock_trials``."""
NUDGE = {"m": 0.005, "1": 0.05}
"""How far the line between medial and lateral is moved to see what hangs on it: 5 mm, or 5 % of insole width."""
LOADED = (0.0, 10.0, 20.0)
"""kPa; thresholds of contact tried for the arch index."""


@cache
def _recording(vendor: str, walk: str = "") -> Insoles:
    """Return samples and events of one of ``FILES``."""
    dataset, *names = FILES[vendor, walk]
    return read_insole(*(catalogue.locate(dataset, name) for name in names))


def _steps(walk: str, side: str) -> pd.DataFrame:
    """Return a foot's steps in a Moticon walk by the export's own events, s."""
    events = _recording("Moticon", walk)[1]
    return strides(events[events["side"] == side])


def contents() -> pd.DataFrame:
    """Return what each recording holds: sizes, what is missing, and where force, places and steps come from."""
    rows = []
    for vendor, walk in FILES:
        samples, events = _recording(vendor, walk)
        time, exists = samples["time"].values, samples["area"] != 0
        lost = (samples["pressure"].isnull() & exists).any("sensor").mean("time")
        steps = int(events["event"].isin(["initial_contact", "foot_off"]).sum() / 2)
        marked = f"{len(events)} manual marks" if len(events) else ABSENT
        rows.append(
            {
                "vendor": vendor,
                "walk": walk,
                "sides": samples.sizes["side"],
                "sensors a side": int(exists.sum("sensor").max()),
                "rate (Hz)": signals.sampling_rate(time),
                "seconds": float(time[-1] - time[0]),
                "samples missing (%)": 100 * float(lost.max()),
                "largest (kPa)": float(samples["pressure"].max()),
                "force": samples["force"].attrs["source"],
                "places": samples["position"].attrs["source"],
                "steps": f"{steps} in the file" if steps else marked,
                "notes": " ".join(samples.attrs["notes"]),
            }
        )
    return pd.DataFrame(rows)


def traces(seconds: float) -> pd.DataFrame:
    """Return the first seconds of one walk of each vendor as recorded: ``vendor, side, time, value, unit``.

    Total force (N) by the vendor for Moticon, from pressures and areas for F-Scan; mean pressure (kPa) for pedar,
    whose file has no areas. Moticon starts at its first step, for both feet stand before it.
    """
    tables = []
    for vendor, walk, unit in (("Moticon", "normal", "N"), ("F-Scan", "", "N"), ("pedar", "", "kPa")):
        samples, events = _recording(vendor, walk)
        begin = events["time"].min() - 0.5 if len(events) else float(samples["time"][0])
        now = samples.sel(time=slice(begin - 1e-6, begin + seconds))
        values = pressure.total_force(now["pressure"], now["area"]) if vendor == "F-Scan" else now["force"]
        values = now["pressure"].mean("sensor") if unit == "kPa" else values
        tables.append(values.to_series().rename("value").reset_index().assign(vendor=vendor, unit=unit))
    return pd.concat(tables, ignore_index=True)


def report_steps() -> pd.DataFrame:
    """Return each step of the two Moticon walks by the export's own columns beside the maker's report.

    ``contact_*, off_*`` s; ``max_*, mean_*`` N during stance; ``_export`` from the text export, ``_report`` from the
    report's sheets. Each reported step is compared with the export's step nearest in time.
    """
    tables = []
    for (walk, name), side in product(REPORTS.items(), SIDES):
        book = pd.read_excel(catalogue.locate("moticon-insole", name), sheet_name=f"{side.capitalize()} Steps")
        theirs = book.rename(columns=REPORTED)[list(REPORTED.values())].astype(float)
        own, force = _steps(walk, side), _recording("Moticon", walk)[0]["force"].sel(side=side)
        nearest = [(own["ic_time"] - time).abs().idxmin() for time in theirs["contact"]]
        ours = own.loc[nearest, ["ic_time", "fo_time"]].set_axis(["contact", "off"], axis=1).reset_index(drop=True)
        parts = [force.sel(time=slice(start - 1e-6, end + 1e-6)) for start, end in ours.to_numpy()]
        ours = ours.assign(max=[float(part.max()) for part in parts], mean=[float(part.mean()) for part in parts])
        table = ours.add_suffix("_export").join(theirs.add_suffix("_report"))
        tables.append(table.assign(walk=walk, side=side, step=table.index + 1))
    return pd.concat(tables, ignore_index=True)


def contact_times(thresholds: Sequence[float]) -> pd.DataFrame:
    """Return the contacts of the two reported Moticon walks: the export's own, and those found in the total force.

    One row an event: ``walk, side, source`` (maker or force), ``threshold`` (N; 0 for the maker's), ``event, number,
    time`` (s). Found ones lie between the side's first and last reported step. Samples lost for at most 0.1 s are
    bridged before (``signals.fill_gaps``).

    Parameters
    ----------
    thresholds : N.
    """
    tables = []
    for walk, side in product(REPORTS, SIDES):
        force = signals.fill_gaps(_recording("Moticon", walk)[0]["force"].sel(side=side, drop=True))
        own = _steps(walk, side).rename(columns={"ic_time": "start", "fo_time": "end"})
        first, last = own["start"].min() - SHORTEST_CONTACT, own["end"].max() + SHORTEST_CONTACT
        for threshold in (0.0, *map(float, thresholds)):
            found = contacts(force, threshold) if threshold else own
            for event, column in (("initial_contact", "start"), ("foot_off", "end")):
                table = pd.DataFrame({"time": found[column][found[column].between(first, last)].to_numpy(float)})
                about = {"walk": walk, "side": side, "source": "force" if threshold else "maker", "event": event}
                tables.append(table.assign(**about, threshold=threshold, number=table.index))
    return pd.concat(tables, ignore_index=True)


def clock_trials() -> pd.DataFrame:
    """Return offsets put in and found: half a real insole against the whole of it on a made-up second clock.

    The insole's signal is the force on every other sensor of the slow walk (areas implied by the maker's columns), so
    that its shape differs from the plate's, as it does in a lab. The plate's is the total force, smoothly interpolated
    to 1,000 Hz, with ``NOISE`` and a second clock ``OFFSET`` later. One row a case: ``put_in``, ``found``, ``error``
    ms, ``drift_put_in``, ``drift`` microseconds per s, ``correlation``, ``rival``, ``margin``; NaN where it is
    refused, ``refused`` says with which words.
    """
    samples, events = _recording("Moticon", "slow")
    halves = []
    for side in SIDES:
        one = samples.sel(side=side)
        area = pressure.implied_layout(one["pressure"], one["force"], one["cop"])["area"]
        halves.append(pressure.total_force(one["pressure"][:, ::2], area[::2]))
    half = xr.concat(halves, "side", combine_attrs="override").transpose("time", "side")
    whole = signals.fill_gaps(samples["force"]).dropna("time")
    time, rng = whole["time"].values, np.random.default_rng(SEED)
    curve = interpolate.CubicSpline(time, whole.values)

    def plates(drift: float = 0.0) -> xr.DataArray:
        own = np.arange(time[0], time[-1], 1e-3)
        values = curve(own) + NOISE * rng.standard_normal((len(own), 2))
        at = {"time": own * (1 + drift) + OFFSET, "side": list(SIDES)}
        return labelled(values, ("time", "side"), units="N", long_name="force", coords=at)

    walked = strides(events)
    first, last = float(walked["ic_time"].min()), float(walked["fo_time"].max())
    plain = plates()
    right, plate = half.sel(side="right"), plain.sel(side="right")
    steady = right.sel(time=slice(first, last)), plate.sel(time=slice(first + OFFSET, last + OFFSET))
    tried: dict[str, tuple[Any, ...]] = {
        "both feet, standing, steps, standing": (0.0, half, plain),
        "right foot alone": (0.0, right, plate),
        "both feet, second clock fast": (DRIFT, half, plates(DRIFT)),
        "right foot, steps only": (0.0, *steady),
        "right foot, steps only, searched within 0.5 s": (0.0, *steady, (OFFSET - 0.5, OFFSET + 0.5)),
        "left and right swapped": (0.0, half.assign_coords(side=list(SIDES)[::-1]), plain),
        "second clock's rate wrong by 5 %": (0.05, half, plain.assign_coords(time=1.05 * plain["time"])),
    }
    rows = []
    for name, (drift, *given) in tried.items():
        row: dict[str, Any] = {"case": name, "put_in": 1e3 * OFFSET, "drift_put_in": 1e6 * drift, "refused": ""}
        try:
            clock = clocks.align_clocks(*given)
            row |= {"found": 1e3 * clock["offset"], "drift": 1e6 * clock["drift"]}
            row |= {name: clock[name] for name in ("correlation", "rival", "margin")}
        except SignalError as refusal:
            row["refused"] = str(refusal)
        rows.append(row)
    return pd.DataFrame(rows).assign(error=lambda table: table["found"] - table["put_in"])


# ---- the feet ----


@cache
def _feet() -> list[dict[str, Any]]:
    """Both feet of every walk with a known layout: Moticon (implied), F-Scan (all cells, and patches only)."""
    feet = []
    for walk, side in product(REPORTS, SIDES):
        one = _recording("Moticon", walk)[0].sel(side=side, drop=True)
        made = pressure.implied_layout(one["pressure"], one["force"], one["cop"])
        foot: dict[str, Any] = {"heel": -0.5, "length": 1.0, "middle": 0.0, "scale": 100.0, "patch": True}
        foot |= {"area": made["area"], "position": made["position"]}
        times = _steps(walk, side)[["ic_time", "fo_time"]].to_numpy(float)
        feet.append(_foot(("Moticon", walk, side, "all"), one["pressure"], times, foot))
    for side, cells in product(SIDES, ("all", "patches")):
        one = _recording("F-Scan")[0].sel(side=side, drop=True)
        peak = one["pressure"].max("time", keep_attrs=True).fillna(0.0)
        inside = footprint.in_patches(peak, one["position"], one["area"])
        area = one["area"].where(inside | (cells == "all"), 0.0)
        edge = footprint.outline(peak, one["position"], area)
        whole = contacts(pressure.total_force(one["pressure"], area))
        times = whole.loc[~whole["cut"].astype(bool), ["start", "end"]].to_numpy(float)
        foot = {key: float(edge[key]) for key in ("heel", "length", "middle")} | {"edge": edge, "scale": 1000.0}
        foot |= {"area": area, "position": one["position"], "peak": peak.where(area > 0, 0.0), "patch": inside.values}
        feet.append(_foot(("F-Scan", "", side, cells), one["pressure"], times, foot))
    return feet


def _foot(name: tuple[str, ...], p: xr.DataArray, times: np.ndarray, foot: dict[str, Any]) -> dict[str, Any]:
    """Add a foot's name, its force, centre of pressure and medial share over time, and the samples of every stance."""
    x, area, moved = foot["position"], foot["area"], NUDGE[foot["position"].attrs["units"]]
    lines = {"share": 0.0, "share_medial": moved, "share_lateral": -moved}
    foot |= {k: pressure.medial_share(p, x, area, foot["middle"] + by) for k, by in lines.items()}
    foot |= {"force": pressure.total_force(p, area), "cop": pressure.centre_of_pressure_in_foot(p, x, area)}
    foot |= {"spans": [slice(start - 1e-6, end + 1e-6) for start, end in times], "times": times, "pressure": p}
    return foot | {"name": dict(zip(("vendor", "walk", "side", "cells"), name, strict=True))}


def stances() -> pd.DataFrame:
    """Return every whole stance: peak force, mean medial share, centre of pressure across, CPEI.

    ``start, end`` s; ``peak`` N; ``share`` 0-1, mean over stance, with the line moved by ``NUDGE`` in ``share_medial``
    and ``share_lateral``; ``across, across_range`` mm for F-Scan, % of insole width for Moticon (``unit``), medial
    positive; ``cpei`` %, NaN for Moticon (no mm) and where the centre of pressure does not reach .667 of the foot.
    """
    rows = []
    for foot in _feet():
        across = foot["scale"] * (foot["cop"].sel(foot_axis="across") - foot["middle"])
        for number, (now, (start, end)) in enumerate(zip(foot["spans"], foot["times"], strict=True)):
            row = foot["name"] | {"stance": number, "start": start, "end": end}
            row |= {"peak": float(foot["force"].sel(time=now).max())}
            row |= {k: float(foot[k].sel(time=now).mean()) for k in ("share", "share_medial", "share_lateral")}
            here = across.sel(time=now)
            row |= {"across": float(here.mean()), "across_range": float(here.max() - here.min())}
            row |= {"unit": "% of insole width", "cpei": np.nan}
            if "edge" in foot:
                bow = pressure.centre_of_pressure_excursion_index(foot["cop"].sel(time=now), foot["edge"])
                row |= {"unit": "mm", "cpei": float(bow)}
            rows.append(row)
    return pd.DataFrame(rows)


def gait_lines() -> pd.DataFrame:
    """Return the mean path of the centre of pressure by the maker's report and by us, % of insole length and width.

    One row a level ``along`` of the report, from the heel end: ``report`` and ``ours``, across, from the middle line,
    medial positive; ours from pressures and implied layout, each step where it first passes the level, averaged.
    """
    tables = []
    for foot in (foot for foot in _feet() if foot["name"]["vendor"] == "Moticon"):
        walk, side = foot["name"]["walk"], foot["name"]["side"]
        book = pd.read_excel(catalogue.locate("moticon-insole", REPORTS[walk]), "Report Data", header=None, index_col=0)
        levels, report = (
            book.loc[f"Mean gait line ({axis}) ({side})"].dropna().to_numpy(float)
            for axis in ("anterior-posterior", "medial-lateral")
        )
        paths = [foot["cop"].sel(time=now).dropna("time").values for now in foot["spans"]]
        ours = pd.DataFrame(100 * np.stack([_first_passes(path, levels) for path in paths])).mean()
        table = {"walk": walk, "side": side, "along": 100 * (levels + 0.5), "report": 100 * report, "ours": ours}
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)


def _first_passes(path: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return where a path (sample, along and across) first passes each level, across; NaN if it never does."""
    below = path[:-1, :1] < levels
    passes = below & (path[1:, :1] >= levels)
    at, there = passes.argmax(0), passes.any(0)
    share = (levels - path[at, 0]) / np.where(there, path[at + 1, 0] - path[at, 0], 1.0)
    return np.where(there, path[at, 1] + share * (path[at + 1, 1] - path[at, 1]), np.nan)


def curves() -> pd.DataFrame:
    """Return mean curves over stance, one row a percent of every foot.

    ``share`` 0-1 and its standard deviation ``share_sd``; ``along, across`` mm from the footprint's heel and middle
    line (medial positive) for F-Scan, % of insole length and width from the heel end and the middle line for Moticon.
    Instants below 30 N are left out.
    """
    tables = []
    for foot in _feet():
        share = signals.normalise_time(foot["share"], *foot["times"].T).to_pandas()
        place = signals.normalise_time(foot["scale"] * (foot["cop"] - [foot["heel"], foot["middle"]]), *foot["times"].T)
        table = {"percent": share.columns, "share": share.mean(), "share_sd": share.std()}
        table |= {axis: place.sel(foot_axis=axis).mean("stride") for axis in ("along", "across")}
        tables.append(pd.DataFrame(table).assign(**foot["name"]))
    return pd.concat(tables, ignore_index=True)


def cells() -> pd.DataFrame:
    """Return every loaded sensor and its peak pressure (kPa), mean over stances.

    ``along, across`` as in ``curves``; ``patch`` False in a line one cell wide.
    """
    tables = []
    for foot in (foot for foot in _feet() if foot["name"]["cells"] == "all"):
        along, across = (foot["scale"] * (foot["position"].values - [foot["heel"], foot["middle"]])).T
        peak = np.mean([foot["pressure"].sel(time=now).max("time") for now in foot["spans"]], axis=0)
        table = pd.DataFrame({"sensor": foot["pressure"]["sensor"], "along": along, "across": across, "peak": peak})
        table = table.assign(patch=foot["patch"], **foot["name"])
        tables.append(table[(foot["area"].values > 0) & (peak > 0)])
    return pd.concat(tables, ignore_index=True)


def regions() -> pd.DataFrame:
    """Return peak pressure (kPa) and pressure-time integral (kPa s) of six regions, mean and SD over stances.

    The integral, by the trapezoidal rule, is of the region's largest pressure at every instant; ``stances`` counts
    those without a lost sample.
    """
    tables = []
    for foot in _feet():
        masks = footprint.regions(foot["position"], foot["heel"], foot["length"], foot["middle"]) & (foot["area"] > 0)
        largest = xr.concat([foot["pressure"].where(mask).max("sensor") for mask in masks], masks["region"])
        peaks = pd.DataFrame([largest.sel(time=now).max("time") for now in foot["spans"]])
        sums = pd.DataFrame([largest.sel(time=now).integrate("time") for now in foot["spans"]])
        table = {"region": footprint.REGIONS, "sensors": masks.sum("sensor"), "peak": peaks.mean()}
        table |= {"peak_sd": peaks.std(), "integral": sums.mean(), "integral_sd": sums.std(), "stances": sums.count()}
        tables.append(pd.DataFrame(table).assign(**foot["name"]))
    return pd.concat(tables, ignore_index=True)


def shapes() -> pd.DataFrame:
    """Return size and arch index of the F-Scan footprints: ``length, width`` mm, ``arch_*`` by threshold of contact.

    ``loaded``: how many cells; ``arch_with_toes``: arch index with toes left in, above the first threshold; ``borne``:
    sum of the cells' peak forces, % of that of all cells.
    """
    rows = []
    for foot in (foot for foot in _feet() if "edge" in foot):
        x, a, peak = foot["position"], foot["area"], foot["peak"]
        toes = footprint.toes(peak, x, a)
        row = {key: foot["name"][key] for key in ("side", "cells")} | {"loaded": int((peak > 0).sum())}
        row |= {"length": 1e3 * foot["length"], "width": 1e3 * float(foot["edge"]["forefoot_width"])}
        row |= {f"arch_{level:g}": float(footprint.arch_index(peak, x, a, toes, level)) for level in LOADED}
        row |= {"arch_with_toes": float(footprint.arch_index(peak, x, a)), "borne": float((peak * a).sum())}
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(borne=100 * table["borne"] / table.groupby("side")["borne"].transform("max"))

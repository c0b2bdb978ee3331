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
EVENTS = {"start": "initial_contact", "end": "foot_off"}
THRESHOLDS = (20.0, 30.0, 50.0, 75.0, 100.0, 150.0)
"""N; at which contacts are looked for in the total force."""
OFFSET, NOISE, DRIFT, SEED = 3.21057, 10.0, 2e-4, 5
"""s, N, s per s, and the seed of the noise; the made-up second clock of ``clock_trials``."""


NUDGE = {"m": 0.005, "1": 0.05}
"""How far the line between medial and lateral is moved to see what hangs on it: 5 mm, or 5 % of insole width."""
LOADED = (0.0, 10.0, 20.0)
"""kPa; thresholds of contact tried for the arch index."""
NAMES = ("vendor", "walk", "side", "cells")
LINES = ("anterior-posterior", "medial-lateral")
"""How the maker's report calls the two axes of its gait line."""


@cache
def _recording(vendor: str, walk: str = "") -> Insoles:
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
        read = _recording(vendor, walk)
        samples, time = read.samples, read.samples["time"].values
        row: dict[str, Any] = {"vendor": vendor, "walk": walk, "sides": samples.sizes["side"]}
        row |= {
            "sensors a side": int((samples["area"] != 0).sum("sensor").max()),
            "rate (Hz)": signals.sampling_rate(time),
        }
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
        read = _recording(vendor, walk)
        begin = read.events["time"].min() - 0.5 if len(read.events) else float(read.samples["time"][0])
        now = read.samples.sel(time=slice(begin - 1e-6, begin + seconds))
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
        read = _recording("Moticon", walk)
        book = pd.read_excel(catalogue.locate("moticon-insole", name), sheet_name=f"{side.capitalize()} Steps")
        theirs = book.rename(columns=REPORTED)[list(REPORTED.values())].astype(float)
        own, force = strides(read.events[read.events["side"] == side]), read.samples["force"].sel(side=side)
        nearest = [(own["ic_time"] - time).abs().idxmin() for time in theirs["contact"]]
        ours = own.loc[nearest, ["ic_time", "fo_time"]].set_axis(["contact", "off"], axis=1).reset_index(drop=True)
        parts = [force.sel(time=slice(start - 1e-6, end + 1e-6)) for start, end in ours.to_numpy()]
        ours = ours.assign(max=[float(part.max()) for part in parts], mean=[float(part.mean()) for part in parts])
        table = ours.add_suffix("_export").join(theirs.add_suffix("_report"))
        tables.append(table.assign(walk=walk, side=side, step=table.index + 1))
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
        read = _recording("Moticon", walk)
        force = signals.fill_gaps(read.samples["force"].sel(side=side, drop=True))
        own = strides(read.events[read.events["side"] == side])
        first, last = own["ic_time"].min() - SHORTEST_CONTACT, own["fo_time"].max() + SHORTEST_CONTACT
        found = {0.0: own.rename(columns={"ic_time": "start", "fo_time": "end"})}
        found |= {float(level): contacts(force, level) for level in thresholds}
        for (threshold, table), event in product(found.items(), ("start", "end")):
            times = table[event][table[event].between(first, last)].to_numpy(float)
            about: dict[str, Any] = {"walk": walk, "side": side, "threshold": threshold}
            about |= {"source": "force" if threshold else "maker", "event": EVENTS[event]}
            tables.append(pd.DataFrame({"number": np.arange(len(times)), "time": times}).assign(**about))
    return pd.concat(tables, ignore_index=True)


def clock_trials() -> pd.DataFrame:
    """Return offsets put in and found: half a real insole against the whole of it on a made-up second clock.

    The insole's signal is the force on every other sensor of the slow walk (areas implied by the maker's columns), so
    that its shape differs from the plate's, as it does in a lab. The plate's is the total force, smoothly interpolated
    to 1,000 Hz, with ``NOISE`` and a second clock ``OFFSET`` later. One row a case: ``put_in``, ``found``, ``error``
    ms, ``drift_put_in``, ``drift`` microseconds per s, ``correlation``, ``rival``, ``margin``; NaN where it is
    refused, ``refused`` says with which words.
    """
    read = _recording("Moticon", "slow")
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
            row |= {str(key): float(value) for key, value in clocks.align_clocks(insole, other, search).items()}
        except SignalError as refusal:
            row["refused"] = str(refusal)
        rows.append(row)
    names = ["correlation", "rival", "margin"]
    table = pd.DataFrame(rows).assign(found=lambda t: 1e3 * t["offset"], drift=lambda t: 1e6 * t["drift"])
    table = table[["case", "put_in", "drift_put_in", "refused", "found", "drift", *names]]
    return table.assign(error=table["found"] - table["put_in"])


# ---- the feet ----


@cache
def _feet() -> list[dict[str, Any]]:
    """Both feet of every walk with a known layout: Moticon (implied), F-Scan (all cells, and patches only)."""
    rows = []
    for walk, side in product(MOTICON, SIDES):
        read = _recording("Moticon", walk)
        one, own = read.samples.sel(side=side, drop=True), strides(read.events[read.events["side"] == side])
        made = pressure.implied_layout(one["pressure"], one["force"], one["cop"])
        row = {"heel": -0.5, "length": 1.0, "middle": 0.0, "scale": 100.0, "area": made["area"]}
        row |= {"position": made["position"], "times": own[["ic_time", "fo_time"]].to_numpy(float)}
        rows.append(_foot(("Moticon", walk, side, "all"), one["pressure"], row))
    for side, cells in product(SIDES, ("all", "patches")):
        one = _recording("F-Scan").samples.sel(side=side, drop=True)
        peak = one["pressure"].max("time", keep_attrs=True).fillna(0.0)
        inside = footprint.in_patches(peak, one["position"], one["area"])
        area = one["area"].where(inside | (cells == "all"), 0.0).assign_attrs(one["area"].attrs)
        edge = footprint.outline(peak, one["position"], area)
        whole = contacts(pressure.total_force(one["pressure"], area))
        row = {key: float(edge[key]) for key in ("heel", "length", "middle")} | {"edge": edge, "area": area}
        row |= {"position": one["position"], "peak": peak.where(area > 0, 0.0), "left_out": inside.attrs["left_out"]}
        row |= {"scale": 1000.0, "times": whole.loc[~whole["cut"].astype(bool), ["start", "end"]].to_numpy(float)}
        rows.append(_foot(("F-Scan", "", side, cells), one["pressure"], row))
    return rows


def _foot(name: tuple[str, ...], p: xr.DataArray, about: dict[str, Any]) -> dict[str, Any]:
    """Add a foot's name, its force, centre of pressure and medial share over time, and the samples of every stance."""
    x, area, moved = about["position"], about["area"], NUDGE[about["position"].attrs["units"]]
    lines = {"share": 0.0, "share_medial": moved, "share_lateral": -moved}
    about |= {k: pressure.medial_share(p, x, area, middle=about["middle"] + by) for k, by in lines.items()}
    about |= {"force": pressure.total_force(p, area), "cop": pressure.centre_of_pressure_in_foot(p, x, area)}
    spans = [slice(start - 1e-6, end + 1e-6) for start, end in about["times"]]
    return about | {"name": dict(zip(NAMES, name, strict=True)), "pressure": p, "spans": spans}


def stances() -> pd.DataFrame:
    """Return every whole stance: peak force, mean medial share, centre of pressure across, CPEI.

    ``start, end`` s; ``peak`` N; ``share`` 0-1, mean over stance, with the line moved by ``NUDGE`` in ``share_medial``
    and ``share_lateral``; ``across, across_range`` mm for F-Scan, % of insole width for Moticon (``unit``), medial
    positive; ``cpei`` %, NaN for Moticon (no mm) and where the centre of pressure does not reach .667 of the foot.
    """
    rows = []
    for foot in _feet():
        across = foot["scale"] * (foot["cop"].sel(foot_axis="across") - foot["middle"])
        for number, now in enumerate(foot["spans"]):
            row = foot["name"] | {"stance": number} | dict(zip(("start", "end"), foot["times"][number], strict=True))
            row |= {"peak": float(foot["force"].sel(time=now).max())}
            row |= {k: float(foot[k].sel(time=now).mean()) for k in ("share", "share_medial", "share_lateral")}
            here, edge = across.sel(time=now), foot.get("edge")
            row |= {"across": float(here.mean()), "across_range": float(here.max() - here.min())}
            row |= {"unit": "% of insole width", "cpei": np.nan} if edge is None else {
                "unit": "mm", "cpei": float(pressure.centre_of_pressure_excursion_index(
                    foot["cop"].sel(time=now), foot["length"], float(edge["forefoot_width"]), foot["heel"],
                    edge["medial_border"].values,
                )),
            }  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows)


def gait_lines() -> pd.DataFrame:
    """Return the mean path of the centre of pressure by the maker's report and by us, % of insole length and width.

    One row a level ``along`` of the report, from the heel end: ``report`` and ``ours``, across, from the middle line,
    medial positive; ours from pressures and implied layout, each step where it first passes the level, averaged.
    """
    tables: list[pd.DataFrame] = []
    for foot in (foot for foot in _feet() if foot["name"]["vendor"] == "Moticon"):
        walk, side = foot["name"]["walk"], foot["name"]["side"]
        path = catalogue.locate("moticon-insole", REPORTS[walk])
        book = pd.read_excel(path, "Report Data", header=None, index_col=0)
        levels, report = (book.loc[f"Mean gait line ({k}) ({side})"].dropna().to_numpy(float) for k in LINES)
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
    tables: list[pd.DataFrame] = []
    for foot in _feet():
        values = {"share": foot["share"]}
        for axis, zero in (("along", foot["heel"]), ("across", foot["middle"])):
            values[axis] = foot["scale"] * (foot["cop"].sel(foot_axis=axis, drop=True) - zero)
        cut = {k: pd.DataFrame(signals.normalise_time(v, *foot["times"].T).values) for k, v in values.items()}
        table = pd.DataFrame({k: v.mean() for k, v in cut.items()}).assign(share_sd=cut["share"].std(), **foot["name"])
        tables.append(table.assign(percent=np.linspace(0, 100, 101)))
    return pd.concat(tables, ignore_index=True)


def cells() -> pd.DataFrame:
    """Return every loaded sensor and its peak pressure (kPa), mean over stances.

    ``along, across`` as in ``curves``; ``patch`` False in a line one cell wide.
    """
    tables: list[pd.DataFrame] = []
    for foot in _feet():
        loaded = foot["area"].values > 0
        if foot["name"]["cells"] == "patches":
            tables[-1]["patch"] = loaded[tables[-1]["sensor"] - 1]
            continue
        along, across = (foot["scale"] * (foot["position"].values - [foot["heel"], foot["middle"]])).T
        table = pd.DataFrame({"sensor": np.arange(1, len(along) + 1), "along": along, "across": across})
        peak = pd.DataFrame([foot["pressure"].sel(time=now).max("time").values for now in foot["spans"]]).mean()
        tables.append(table.assign(peak=peak, patch=True, **foot["name"])[loaded & (peak > 0)].reset_index(drop=True))
    return pd.concat(tables, ignore_index=True)


def regions() -> pd.DataFrame:
    """Return peak pressure (kPa) and pressure-time integral (kPa s) of six regions, mean and SD over stances.

    The integral is of the region's largest pressure at every instant; ``stances`` counts those without a lost sample.
    """
    tables = []
    for foot in _feet():
        p = foot["pressure"].where(foot["area"] > 0).assign_attrs(foot["pressure"].attrs)
        masks = footprint.regions(foot["position"], foot["heel"], foot["length"], foot["middle"])
        parts = [p.sel(time=now) for now in foot["spans"]]
        peaks = pd.DataFrame([pressure.regional_peaks(part, masks).values for part in parts])
        sums = pd.DataFrame([pressure.pressure_time_integral(part, masks).values for part in parts])
        sensors = (np.asarray(masks) & (foot["area"].values > 0)).sum(1)
        table = {"region": footprint.REGIONS, "sensors": sensors, "peak": peaks.mean(), "peak_sd": peaks.std()}
        table |= {"integral": sums.mean(), "integral_sd": sums.std(), "stances": sums.count()}
        tables.append(pd.DataFrame(table).assign(**foot["name"]))
    return pd.concat(tables, ignore_index=True)


def shapes() -> pd.DataFrame:
    """Return size and arch index of the F-Scan footprints: ``length, width`` mm, ``arch_*`` by threshold of contact.

    ``arch_with_toes``: the same with toes left in, above the first threshold. ``left_out``: loaded cells in lines one
    cell wide; ``borne``: sum of the cells' peak forces, % of that of all cells.
    """
    rows = []
    for foot in _feet():
        if "edge" not in foot:
            continue
        x, a, peak = foot["position"], foot["area"], foot["peak"]
        toes = footprint.toes(peak, x, a)
        row = {key: foot["name"][key] for key in ("side", "cells")} | {"loaded": int((peak > 0).sum())}
        row |= {"length": 1e3 * foot["length"], "width": 1e3 * float(foot["edge"]["forefoot_width"])}
        row |= {f"arch_{level:g}": float(footprint.arch_index(peak, x, a, toes, level)) for level in LOADED}
        row |= {"arch_with_toes": float(footprint.arch_index(peak, x, a, threshold=LOADED[0]))}
        rows.append(row | {"left_out": foot["left_out"], "borne": float((peak * a).sum())})
    table = pd.DataFrame(rows)
    whole = table.groupby("side")["borne"].transform("max")
    return table.assign(borne=100 * table["borne"] / whole)

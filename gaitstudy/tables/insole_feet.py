"""The feet in the real insole walks of notebook 05 as tidy tables: centre of pressure, medial share, regions, shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gaitstudy.conventions import SIDES
from gaitstudy.gait import footprint, pressure, signals
from gaitstudy.gait.events import contacts, strides
from gaitstudy.io import catalogue
from gaitstudy.tables.insole_walks import MOTICON, REPORTS, recording

NUDGE = {"m": 0.005, "1": 0.05}
"""How far the line between medial and lateral is moved to see what hangs on it: 5 mm, or 5 % of insole width."""
LOADED = (0.0, 10.0, 20.0)
"""kPa; thresholds of contact tried for the arch index."""
NAMES = ("vendor", "walk", "side", "cells")
LINES = ("anterior-posterior", "medial-lateral")
"""How the maker's report calls the two axes of its gait line."""


@catalogue.remembered("moticon-insole", "fscan-insole")
def _feet() -> list[dict[str, Any]]:
    """Both feet of every walk with a known layout: Moticon (implied), F-Scan (all cells, and patches only)."""
    rows = []
    for walk in MOTICON:
        read = recording("Moticon", walk)
        for side in SIDES:
            one, own = read.samples.sel(side=side, drop=True), strides(read.events[read.events["side"] == side])
            made = pressure.implied_layout(one["pressure"], one["force"], one["cop"])
            row: dict[str, Any] = {"vendor": "Moticon", "walk": walk, "side": side, "cells": "all"}
            row |= {"pressure": one["pressure"], "area": made["area"], "position": made["position"]}
            row |= {"heel": -0.5, "length": 1.0, "middle": 0.0}
            rows.append(row | {"start": own["ic_time"].to_numpy(), "end": own["fo_time"].to_numpy()})
    for side in SIDES:
        one = recording("F-Scan").samples.sel(side=side, drop=True)
        peak = one["pressure"].max("time", keep_attrs=True).fillna(0.0)
        inside = footprint.in_patches(peak, one["position"], one["area"])
        for cells in ("all", "patches"):
            area = one["area"].where(inside, 0.0) if cells == "patches" else one["area"]
            area.attrs = one["area"].attrs
            edge = footprint.outline(peak, one["position"], area)
            whole = contacts(pressure.total_force(one["pressure"], area))
            whole = whole[~whole["cut"].astype(bool)]
            row = {"vendor": "F-Scan", "walk": "", "side": side, "cells": cells, "pressure": one["pressure"]}
            row |= {"area": area, "position": one["position"], "edge": edge, "peak": peak.where(area > 0, 0.0)}
            row |= {key: float(edge[key]) for key in ("heel", "length", "middle")}
            row |= {"left_out": inside.attrs["left_out"]}
            rows.append(row | {"start": whole["start"].to_numpy(), "end": whole["end"].to_numpy()})
    return rows


def _named(foot: dict[str, Any]) -> dict[str, str]:
    return {key: foot[key] for key in NAMES}


def _metric(foot: dict[str, Any]) -> bool:
    return bool(foot["position"].attrs["units"] == "m")


def _spans(foot: dict[str, Any]) -> list[slice]:
    """The samples of every stance, its ends included."""
    return [slice(start - 1e-6, end + 1e-6) for start, end in zip(foot["start"], foot["end"], strict=True)]


def stances() -> pd.DataFrame:
    """Return every whole stance: peak force, mean medial share, centre of pressure across, CPEI.

    ``start, end`` s; ``peak`` N; ``share`` 0-1, mean over stance, with the line moved by ``NUDGE`` in ``share_medial``
    and ``share_lateral``; ``across, across_range`` mm for F-Scan, % of insole width for Moticon (``unit``), medial
    positive; ``cpei`` %, NaN for Moticon (no mm) and where the centre of pressure does not reach .667 of the foot.
    """
    rows = []
    for foot in _feet():
        p, x, a = foot["pressure"], foot["position"], foot["area"]
        force, cop = pressure.total_force(p, a), pressure.centre_of_pressure_in_foot(p, x, a)
        across = (1e3 if _metric(foot) else 100) * (cop.sel(foot_axis="across") - foot["middle"])
        lines = {"share": 0.0, "share_medial": NUDGE[x.attrs["units"]], "share_lateral": -NUDGE[x.attrs["units"]]}
        share = {k: pressure.medial_share(p, x, a, middle=foot["middle"] + by) for k, by in lines.items()}
        for number, now in enumerate(_spans(foot)):
            row = _named(foot) | {"stance": number, "start": foot["start"][number], "end": foot["end"][number]}
            row |= {"peak": float(force.sel(time=now).max())}
            row |= {key: float(values.sel(time=now).mean()) for key, values in share.items()}
            here = across.sel(time=now)
            row |= {"across": float(here.mean()), "across_range": float(here.max() - here.min())}
            row |= {"unit": "mm" if _metric(foot) else "% of insole width", "cpei": np.nan}
            if edge := foot.get("edge"):
                row["cpei"] = float(
                    pressure.centre_of_pressure_excursion_index(
                        cop.sel(time=now), foot["length"], float(edge["forefoot_width"]), foot["heel"],
                        edge["medial_border"].values,
                    )
                )  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows)


def gait_lines() -> pd.DataFrame:
    """Return the mean path of the centre of pressure by the maker's report and by us, % of insole length and width.

    One row a level ``along`` of the report, from the heel end: ``report`` and ``ours``, across, from the middle line,
    medial positive; ours from pressures and implied layout, each step where it first passes the level, averaged;
    ``steps`` counts those that pass it.
    """
    tables: list[pd.DataFrame] = []
    for foot in _feet():
        if foot["vendor"] != "Moticon":
            continue
        path = catalogue.locate("moticon-insole", REPORTS[foot["walk"]])
        book = pd.read_excel(path, "Report Data", header=None, index_col=0)
        rows = {axis: book.loc[f"Mean gait line ({axis}) ({foot['side']})"].dropna().to_numpy(float) for axis in LINES}
        levels, report = rows.values()
        cop = pressure.centre_of_pressure_in_foot(foot["pressure"], foot["position"], foot["area"])
        steps = np.stack([_first_passes(cop.sel(time=now).dropna("time").values, levels) for now in _spans(foot)])
        table = {"walk": foot["walk"], "side": foot["side"], "along": 100 * (levels + 0.5), "report": 100 * report}
        ours = pd.DataFrame(100 * steps)
        tables.append(pd.DataFrame(table | {"ours": ours.mean(), "steps": ours.count()}))
    return pd.concat(tables, ignore_index=True)


def _first_passes(path: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return where a path (sample, along and across) first passes each level, across; NaN if it never does."""
    below = path[:-1, :1] < levels
    passes = below & (path[1:, :1] >= levels)
    at, there = passes.argmax(0), passes.any(0)
    share = (levels - path[at, 0]) / np.where(there, path[at + 1, 0] - path[at, 0], 1.0)
    return np.where(there, path[at, 1] + share * (path[at + 1, 1] - path[at, 1]), np.nan)


def curves() -> pd.DataFrame:
    """Return mean curves over stance and their standard deviations, one row a percent of every foot.

    ``force`` N, ``share`` 0-1; ``along, across`` mm from the footprint's heel and middle line (medial positive) for
    F-Scan, % of insole length and width from the heel end and the middle line for Moticon. Instants below 30 N are
    left out of the mean of share and centre of pressure; ``known`` counts the stances that remain.
    """
    tables: list[pd.DataFrame] = []
    for foot in _feet():
        p, x, a = foot["pressure"], foot["position"], foot["area"]
        scale = 1e3 if _metric(foot) else 100.0
        cop = pressure.centre_of_pressure_in_foot(p, x, a)
        values = {"force": pressure.total_force(p, a), "share": pressure.medial_share(p, x, a, middle=foot["middle"])}
        for axis, zero in (("along", foot["heel"]), ("across", foot["middle"])):
            values[axis] = scale * (cop.sel(foot_axis=axis, drop=True) - zero)
        table: dict[str, Any] = dict.fromkeys(NAMES) | _named(foot) | {"percent": np.linspace(0, 100, 101)}
        for name, signal in values.items():
            cut = pd.DataFrame(signals.normalise_time(signal, foot["start"], foot["end"]).values)
            table |= {name: cut.mean(), f"{name}_sd": cut.std()}
            table["known"] = cut.count()
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)


def cells() -> pd.DataFrame:
    """Return every loaded sensor: peak pressure (kPa) and pressure-time integral (kPa s), means over stances.

    ``along, across`` as in ``curves``; ``size`` mm, the side of a cell, NaN for Moticon; ``patch`` False in a line one
    cell wide. A stance with a lost sample is left out of the integral's mean.
    """
    tables: list[pd.DataFrame] = []
    for foot in _feet():
        if foot["cells"] == "patches":
            tables[-1]["patch"] = foot["area"].values[tables[-1]["sensor"] - 1] > 0
            continue
        place = foot["position"].values - [foot["heel"], foot["middle"]]
        place = (1e3 if _metric(foot) else 100.0) * place
        parts = [foot["pressure"].sel(time=now) for now in _spans(foot)]
        peak = pd.DataFrame([part.max("time").values for part in parts]).mean()
        integral = pd.DataFrame([pressure.pressure_time_integral(part).values for part in parts]).mean()
        table = pd.DataFrame({"sensor": np.arange(1, len(place) + 1), "along": place[:, 0], "across": place[:, 1]})
        size = 1e3 * np.sqrt(foot["area"].values) if _metric(foot) else np.nan
        table = table.assign(size=size, peak=peak, integral=integral, patch=True, **_named(foot))
        tables.append(table[(peak > 0) & (foot["area"].values > 0)].reset_index(drop=True))
    return pd.concat(tables, ignore_index=True)


def regions() -> pd.DataFrame:
    """Return peak pressure (kPa) and pressure-time integral (kPa s) of six regions, mean and SD over stances.

    The integral is of the region's largest pressure at every instant; ``stances`` counts those without a lost sample.
    """
    rows = []
    for foot in _feet():
        p = foot["pressure"].where(foot["area"] > 0)
        p.attrs = foot["pressure"].attrs
        masks = footprint.regions(foot["position"], foot["heel"], foot["length"], foot["middle"])
        parts = [p.sel(time=now) for now in _spans(foot)]
        peaks = pd.DataFrame([pressure.regional_peaks(part, masks).values for part in parts])
        sums = pd.DataFrame([pressure.pressure_time_integral(part, masks).values for part in parts])
        for k, region in enumerate(footprint.REGIONS):
            row = _named(foot) | {"region": region, "sensors": int((masks[k] & (foot["area"].values > 0)).sum())}
            row |= {"peak": peaks[k].mean(), "peak_sd": peaks[k].std()}
            rows.append(row | {"integral": sums[k].mean(), "integral_sd": sums[k].std(), "stances": sums[k].count()})
    return pd.DataFrame(rows)


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
        row: dict[str, Any] = {"side": foot["side"], "cells": foot["cells"], "loaded": int((peak > 0).sum())}
        row |= {"length": 1e3 * foot["length"], "width": 1e3 * float(foot["edge"]["forefoot_width"])}
        row |= {f"arch_{level:g}": float(footprint.arch_index(peak, x, a, toes, level)) for level in LOADED}
        row |= {"arch_with_toes": float(footprint.arch_index(peak, x, a, threshold=LOADED[0]))}
        rows.append(row | {"left_out": foot["left_out"], "borne": float((peak * a).sum())})
    table = pd.DataFrame(rows)
    whole = table.groupby("side")["borne"].transform("max")
    return table.assign(borne=100 * table["borne"] / whole)

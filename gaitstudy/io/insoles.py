"""One insole recording, whoever made the insoles: its schema, two sides on one clock, a layout from elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES, SignalError, TrialFormatError, labelled
from gaitstudy.io.files import PLAIN, duplicates, existing, printable, text_lines, time_problems

AXES2 = ("along", "across")
ABSENT = "not in the file"
LAYOUT = ("sensor", "along_m", "across_m", "area_m2")
"""Columns of a layout given by the user; ``side`` too if the two insoles differ."""
LONGEST, WIDEST, AREA = 0.4, 0.1, (0.002, 0.05)
"""m from the heel, m to either side, m2 of a whole insole: beyond them a layout is in another unit (own limits)."""


def events_table(rows: list[tuple[float, str, str]]) -> pd.DataFrame:
    """Return events (time in s, event, side) as a table in order of time."""
    table = pd.DataFrame(rows, columns=["time", "event", "side"])
    return table.sort_values("time", kind="stable", ignore_index=True)


@dataclass(frozen=True)
class Insoles:
    """One recording of one or two insoles on one regular clock.

    ``samples`` dataset: ``pressure`` kPa, (time, side, sensor); ``area`` m2, (side, sensor), 0 where a grid has no
    sensor; ``position`` m, (side, sensor, foot_axis), along the foot from heel to toe and across, medial positive on
    both sides; ``force`` N, (time, side), and ``cop``, (time, side, foot_axis), as the vendor computed them. What the
    file does not give is NaN, its attribute ``source`` "not in the file". ``events`` columns time (s), event, side.
    ``notes`` say what is missing, dropped or saturated, with counts. Nothing of the header's names and dates is kept.
    """

    name: str
    samples: xr.Dataset
    events: pd.DataFrame = field(default_factory=lambda: events_table([]))
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> pd.Series:
        """Share of samples that are NaN in any existing sensor, by side."""
        lost = (self.samples["pressure"].isnull() & (self.samples["area"] != 0)).any("sensor").mean("time")
        return pd.Series(lost.values, index=self.samples["side"].values, name="share of samples missing")


def gather(
    name: str,
    time: np.ndarray,
    sides: list[str],
    pressure: np.ndarray,
    events: pd.DataFrame,
    notes: list[str],
    limit: float | None,
    **given: np.ndarray,
) -> Insoles:
    """Label everything; what is not given is NaN and says so; count what is missing, dead, negative or saturated.

    Parameters
    ----------
    time : s. pressure : kPa, (time, side, sensor). limit : kPa at which a sensor saturates, if known.
    notes : what the reader noticed. given : further variables of the schema of ``Insoles``.

    Raises
    ------
    TrialFormatError : a rate that no insoles have.
    """
    if len(time) > 1 and (problems := time_problems(time, even=True)):
        raise TrialFormatError(name, problems)
    sensors = np.arange(1, pressure.shape[2] + 1)
    coords: dict[str, Any] = {"time": time, "side": sides, "sensor": sensors, "foot_axis": list(AXES2)}
    schema = {
        "pressure": (("time", "side", "sensor"), "kPa", "pressure"),
        "area": (("side", "sensor"), "m2", "sensor area, 0 where there is no sensor"),
        "position": (("side", "sensor", "foot_axis"), "m", "sensor position: from the heel; medial positive"),
        "force": (("time", "side"), "N", "total force by the vendor"),
        "cop": (("time", "side", "foot_axis"), "1", "centre of pressure by the vendor, of insole length and width"),
    }
    samples = xr.Dataset()
    for key, (dims, units, text) in schema.items():
        own = {d: coords[d] for d in dims}
        values = (given | {"pressure": pressure}).get(key, np.full([np.size(own[d]) for d in dims], np.nan))
        samples[key] = labelled(values, dims, units=units, long_name=text, coords=own)
        samples[key].attrs["source"] = ABSENT if np.isnan(values).all() else "file"
    lost, found = np.isnan(pressure) & ~(samples["area"].values == 0), list(notes)
    for k, side in enumerate(sides):
        rows, dead, own_pressure = lost[:, k].any(-1), lost[:, k].all(0), pressure[:, k]
        silent = 0 if "area" in given else int(((own_pressure == 0) | lost[:, k]).all(0).sum() - dead.sum())
        checks = [
            (int(rows.sum()), f"of {len(time)} samples missing: NaN."),
            (0 if rows.all() and dead.all() else int(dead.sum()), "sensors blank throughout: NaN."),
            (0 if silent == len(sensors) - dead.sum() else silent, "sensors at zero throughout: dead or never loaded."),
            (int((own_pressure < 0).sum()), "values below zero."),
            (int((own_pressure >= limit).sum()) if limit is not None else 0, f"values saturated at {limit} kPa."),
            (
                _ceiling(own_pressure) if limit is None else 0,
                "sensors share the largest value: saturated? Give limit=.",
            ),
        ]
        found += [f"{side}: {count} {text}" for count, text in checks if count]
    return Insoles(name, samples, events, tuple(found))


def _ceiling(pressure: np.ndarray) -> int:
    """Return how many sensors reach the largest value, if more than one does and one of them stays there 3 samples."""
    if not np.isfinite(pressure).any() or not np.nanmax(pressure) > 0:
        return 0
    top = pressure == np.nanmax(pressure)
    stays = (top[:-2] & top[1:-1] & top[2:]).any() if len(top) > 2 else False
    count = int(top.any(0).sum())
    return count if count > 1 and stays else 0


def join(first: Insoles, second: Insoles, shift: float = 0.0) -> Insoles:
    """Return two recordings of one side each as one recording of both, on one clock.

    Parameters
    ----------
    first, second : one left, one right, of equal rate and number of sensors.
    shift : s, added to the second one's times; 0 takes both clocks to have started together, which a note says.

    Returns
    -------
    Samples from the earlier start to the later end; where one side recorded nothing it is NaN, counted in ``notes``.

    Raises
    ------
    SignalError : every reason why the two do not fit together.
    """
    both = [first, second]
    problems = []
    sides = [str(s) for one in both for s in one.samples["side"].values]
    if sorted(sides) != sorted(SIDES):
        problems.append(f"one left and one right side, found {' and '.join(sides)}: the same file twice, or swapped")
    if first.samples.sizes["sensor"] != second.samples.sizes["sensor"]:
        counts = [str(one.samples.sizes["sensor"]) for one in both]
        problems.append(f"equal numbers of sensors, found {' and '.join(counts)}")
    short = [one.name for one in both if one.samples.sizes["time"] < 2]
    if short:
        problems.append(f"at least 2 samples in each, found fewer in {', '.join(short)}")
    if problems:
        raise SignalError(f"insoles: expected {'; expected '.join(problems)}. Choose the two files of one walk.")
    times = [one.samples["time"].values + add for one, add in zip(both, (0.0, shift), strict=True)]
    steps = [float((t[-1] - t[0]) / (len(t) - 1)) for t in times]
    apart = (times[1][0] - times[0][0]) / steps[0]
    if abs(steps[1] - steps[0]) * max(map(len, times)) > 0.1 * steps[0]:
        problems.append(f"one sampling rate, found {1 / steps[0]:g} and {1 / steps[1]:g} Hz")
    elif abs(apart - round(apart)) > 0.1:
        problems.append(f"starts a whole number of samples apart, found {apart:.2f}; round shift= to a sample")
    if problems:
        raise SignalError(f"insoles: expected {problems[0]}. Resample one of them (gait.signals.resample).")
    begin = min(t[0] for t in times)
    place = [round((t[0] - begin) / steps[0]) for t in times]
    count = max(p + len(t) for p, t in zip(place, times, strict=True))
    clock = begin + steps[0] * np.arange(count)
    parts, notes, lists = [], [f"the two files are put together with a shift of {shift:g} s."], []
    for one, at, time, add in zip(both, place, times, (0.0, shift), strict=True):
        on_grid = one.samples.assign_coords(time=clock[at : at + len(time)])
        parts.append(on_grid.reindex(time=clock))
        outside = count - len(time)
        side = str(one.samples["side"].values[0])
        notes += [*one.notes, *([f"{side}: {outside} of {count} samples outside its recording: NaN."] * (outside > 0))]
        lists.append(one.events.assign(time=one.events["time"] + add))
    samples = xr.concat(parts, "side").sel(side=list(SIDES)).transpose("time", "side", "sensor", "foot_axis")
    for key in samples.data_vars:
        samples[key].attrs = dict(first.samples[key].attrs)
    tables = [table for table in lists if len(table)] or lists[:1]
    events = pd.concat(tables).sort_values("time", kind="stable", ignore_index=True)
    return Insoles(f"{first.name} + {second.name}", samples, events, tuple(notes))


def with_layout(insoles: Insoles, layout: pd.DataFrame | str | Path) -> Insoles:
    """Return a recording with sensor places and areas that its file does not hold (pedar, Moticon).

    Parameters
    ----------
    layout : table or CSV file, a row a sensor: ``sensor`` (1, 2, ... as in the file), ``along_m`` from the heel,
        ``across_m`` from the insole's middle line, medial positive, ``area_m2``; ``side`` if left and right differ.
        Measure it, or ask the maker: this project knows no maker's geometry.

    Raises
    ------
    TrialFormatError : every problem of the layout; or the file has places of its own.
    """
    name = "layout" if isinstance(layout, pd.DataFrame) else str(layout)
    table = layout if isinstance(layout, pd.DataFrame) else pd.DataFrame(csv_table(layout, LAYOUT, ["side"]))
    absent = [c for c in LAYOUT if c not in table.columns]
    if absent:
        found = ", ".join(printable(c, 20) for c in table.columns)
        raise TrialFormatError(name, f"expected columns {', '.join(LAYOUT)}, found {found}. Add {', '.join(absent)}.")
    samples = insoles.samples
    if samples["position"].attrs.get("source") != ABSENT:
        raise TrialFormatError(insoles.name, "expected a file without places, found some in it. Use those.")
    wanted, problems = samples["sensor"].values, []
    if "side" in table.columns and (other := ~table["side"].astype(str).isin(SIDES)).any():
        row = int(other.argmax()) + 1
        raise TrialFormatError(name, f"expected left or right in column side, found another word in data row {row}.")
    numbers = table[list(LAYOUT)].map(plain_number)
    values = {}
    for side in map(str, samples["side"].values):
        rows = numbers[table["side"] == side] if "side" in table.columns else numbers
        listed = rows["sensor"].to_numpy(float)
        if len(listed) != len(wanted) or not np.array_equal(np.sort(listed), wanted):
            problems.append(
                f"{side}: expected sensors 1-{len(wanted)} once each, found {len(listed)} rows. Complete it."
            )
            continue
        values[side] = own = rows.sort_values("sensor")[list(LAYOUT[1:])].to_numpy(float)
        if not np.isfinite(own).all():
            problems.append(f"{side}: expected numbers, found {int((~np.isfinite(own)).sum())} blanks or texts.")
            continue
        along, across, area = own.T
        if along.min() < 0 or along.max() > LONGEST or np.abs(across).max() > WIDEST:
            found = f"along {along.min():g}-{along.max():g}, across up to {np.abs(across).max():g}"
            problems.append(f"{side}: expected places in m within an insole, found {found}. Give m from the heel.")
        if area.min() <= 0 or not AREA[0] < area.sum() < AREA[1]:
            found = f"{area.sum():g} m2 in all, the smallest {area.min():g}"
            problems.append(
                f"{side}: expected areas in m2 of an insole, {AREA[0]:g}-{AREA[1]:g} in all, found {found}."
            )
    if problems:
        raise TrialFormatError(name, problems)
    new = samples.copy()
    stack = np.stack([values[str(side)] for side in samples["side"].values])
    for key, part in (("position", stack[..., :2]), ("area", stack[..., 2])):
        new[key] = samples[key].copy(data=part)
        new[key].attrs = {**samples[key].attrs, "source": "given"}
    return replace(insoles, samples=new, notes=(*insoles.notes, "sensor places and areas were given, not read."))


def plain_number(cell: object) -> float:
    """Return one cell as a number, NaN for a blank, a text or an infinite one; only ASCII digits make a number."""
    try:
        value = float(cell) if not isinstance(cell, str) or PLAIN.fullmatch(cell) else float("nan")  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
    return value if np.isfinite(value) else float("nan")


def csv_table(path: str | Path, columns: Sequence[str], others: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return the cells of a comma-separated file with a header, by column; further columns are left out.

    Parameters
    ----------
    path : the file. columns : those it must have. others : those it may have.

    Raises
    ------
    TrialFormatError : no such file, nothing in it, a column missing or doubled, no rows, rows of another width.
    """
    path = existing(path, {".csv"})
    lines, _ = text_lines(path)
    try:
        rows = [row for row in csv.reader(lines) if any(cell.strip() for cell in row)]
    except csv.Error:
        raise TrialFormatError(path, "expected a comma-separated table, found a damaged one. Export again.") from None
    names = [cell.strip() for cell in rows[0]] if rows else []
    absent = [name for name in columns if name not in names]
    if absent:
        raise TrialFormatError(
            path,
            f"expected columns {', '.join(columns)}, found none called {', '.join(absent)}. Add them, or a header.",
        )
    problems = duplicates([name for name in names if name in (*columns, *others)], "column")
    uneven = [(len(row), k) for k, row in enumerate(rows) if len(row) != len(names)]
    if uneven:
        problems.append(
            f"expected {len(names)} cells in every row, found {uneven[0][0]} in data row {uneven[0][1]} "
            f"({len(uneven)} such rows). Export the table again."
        )
    if len(rows) < 2:
        problems.append("expected at least one row below the header, found none. Export the table again.")
    if problems:
        raise TrialFormatError(path, problems)
    return {name: [row[names.index(name)].strip() for row in rows[1:]] for name in (*columns, *others) if name in names}

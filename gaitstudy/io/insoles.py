"""Pressure insoles in: text exports of Moticon OpenGo, Tekscan F-Scan and novel pedar, as arrays on one schema.

Moticon exports are read here and not by the maker's package ``moticon-opengo``: it gives the same numbers, but fills
lost samples with the one before unless told otherwise, leaves dropped frames out of the clock, pairs the n-th contact
with the n-th foot off, and stops at an export of one side.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES, TrialFormatError, side_sign, variable
from gaitstudy.io.files import LENGTHS, RATES, existing, numbers, require_times, text_lines

ABSENT = "not in the file"
SUFFIXES = {".txt", ".asf", ".asc"}
KILOPASCAL = {"kpa": 1.0, "n/cm2": 10.0, "n/cm²": 10.0, "psi": 6.894757293168}
"""kPa in one of each unit that an export may state."""
SCHEMA = {
    "pressure": (("time", "side", "sensor"), "kPa", "pressure"),
    "area": (("side", "sensor"), "m2", "sensor area, 0 where there is no sensor"),
    "position": (("side", "sensor", "foot_axis"), "m", "sensor position: from the heel; medial positive"),
    "force": (("time", "side"), "N", "total force by the vendor"),
    "cop": (("time", "side", "foot_axis"), "1", "centre of pressure by the vendor, of insole length and width"),
}
"""Dimensions, unit and name of every variable of a recording."""
SHEET = {
    "ROWS": (1, 1000, ""), "COLS": (1, 1000, ""), "ROW_SPACING": (1e-4, 0.05, "m"), "COL_SPACING": (1e-4, 0.05, "m"),
    "SENSEL_AREA": (1e-8, 2.5e-3, "m2"), "SECONDS_PER_FRAME": (1 / RATES[1], 1 / RATES[0], "s"),
}  # fmt: skip
"""Smallest and largest number after each key of an F-Scan header, in SI units (own limits)."""
SHARED = ("TIME ", "MICRO_SECOND ", "SECONDS_PER_FRAME ", "ROWS ", "COLS ")
"""How the lines of an F-Scan header begin that both feet of a walk have in common."""
MOTICON_SENSORS = 16
MOTICON_STEPS = {"left": {11: "initial_contact", 15: "foot_off"}, "right": {21: "initial_contact", 25: "foot_off"}}
"""Codes of the export's step columns by side, as the vendor's gait reports date them."""

Insoles = tuple[xr.Dataset, pd.DataFrame]
"""Samples and events of a recording."""


def read_insole(path: str | Path, other: str | Path | None = None) -> Insoles:
    """Read an insole recording in whichever of the three formats its content shows.

    Parameters
    ----------
    path : the file; ``.txt``, ``.asf`` or ``.asc``.
    other : of an F-Scan movie, which holds one foot, that of the other foot in the same walk. Their headers date the
        start to the second only: equal starts there are taken as one start, and a note says so.

    Returns
    -------
    samples : dataset: ``pressure`` kPa, (time, side, sensor); ``area`` m2, (side, sensor), 0 where a grid has no
        sensor; ``position`` m, (side, sensor, foot_axis), along the foot from heel to toe and across, medial positive
        on both sides; ``force`` N, (time, side), and ``cop``, (time, side, foot_axis), as the vendor computed them.
        What the file does not give is NaN, its attribute ``source`` "not in the file"; so are dropped frames and lost
        samples. ``attrs["notes"]`` say what is missing, dropped or saturated, with counts. Nothing of the header's
        names and dates is kept.
    events : ``time`` s, ``event``, ``side``; empty but for Moticon.

    Raises
    ------
    TrialFormatError : the content is none of the three, or damaged, cut off, of unknown unit or without a regular
        clock; left and right are swapped; two files that are not the two feet of one F-Scan walk.

    Notes
    -----
    Moticon: ``cop`` is a fraction of insole length and width from the middle, -.5 to .5, as exported; a point of
    exactly (0, 0) is the vendor's "none" and becomes NaN. Its second axis is medial positive on both sides: the places
    that the vendor's own columns imply (``gait.pressure.implied_layout``) have the row of metatarsal heads further
    forward there. Events set by hand are called ``manual CODE``; their labels are free text and are left out.

    F-Scan: every cell of the grid is a sensor, row by row from the toes; those marked ``B`` lie outside the sheet: area
    0, pressure NaN, not missing. Positions are cell centres from the grid's heel end and its middle line. The side is
    read from the outline, whose toe end lies medially, and from the letter L or R that ends the file's name; they must
    agree.

    pedar: no areas, positions, forces or events; give areas and places from elsewhere as arrays to ``gait.pressure``.
    Nothing but the order of columns tells left from right: if they were swapped, only plates beside the walk can show
    it (``gait.clocks.align_clocks`` with both sides).
    """
    path = existing(path, SUFFIXES)
    lines, ended = text_lines(path)
    reader = _reader(lines)
    if reader is None:
        raise TrialFormatError(path, "expected a Moticon, F-Scan or pedar export, found another text. Export again.")
    if other is not None:
        return _both_feet(path, Path(other))
    return reader(path, lines, ended)


def _reader(lines: list[str]) -> Callable[[Path, list[str], bool], Insoles] | None:
    """Return what reads the format that the first lines show."""
    head = [line for line in lines[:40] if line.strip()] or [""]
    if head[0].startswith("DATA_TYPE"):
        return _fscan
    if head[0].startswith("file name:") and any(line.startswith("sensor type:") for line in head):
        return _pedar
    moticon = head[0].startswith("#") and any(line.startswith(("# Sensor insoles", "# time\t")) for line in head)
    return _moticon if moticon else None


def _moticon(path: Path, lines: list[str], _: bool) -> Insoles:
    start = next((k for k, line in enumerate(lines) if re.match(r"#\s*time\t", line)), None)
    if start is None:
        raise TrialFormatError(path, "expected column names from '# time' between tabs, found none. Export again.")
    titles = [title.strip().lower().partition("[") for title in lines[start].lstrip("# ").split("\t")]
    names = [name for name, _, _ in titles]
    sides = [side for side in SIDES if any(re.match(f"{side} (pressure|total|center)", name) for name in names)]
    pressures = [f"pressure {n}" for n in range(1, MOTICON_SENSORS + 1)]
    found = [name for name in names if re.match(r"(left|right) pressure \d", name)]
    if not sides or set(found) != {f"{side} {one}" for side in sides for one in pressures}:
        what = f"{MOTICON_SENSORS} pressure columns of each side, each once"
        raise TrialFormatError(path, f"expected {what}, found {len(found)} for {len(sides)} sides. Export all sensors.")
    units = {unit.rstrip("]").replace("\ufffd", "²") for name, _, unit in titles if name in found}
    if len(units) > 1 or not units <= set(KILOPASCAL):
        raise TrialFormatError(path, "expected one unit of pressure, kPa, N/cm² or psi, found another. Correct it.")
    labels = {k for k, name in enumerate(names) if "label" in name}  # free text
    rows = [line.split("\t") for line in lines[start + 1 :] if line.strip()]
    values = numbers(path, [["" if k in labels else cell for k, cell in enumerate(row)] for row in rows], names)
    time, values, notes = _regular(path, values[:, 0], values)
    table = pd.DataFrame(values, time, names)

    def pick(*kinds: str) -> np.ndarray:
        """Return the columns of a kind, (time, side, kind); NaN if the export leaves some out."""
        wanted = [f"{side} {kind}" for side in sides for kind in kinds]
        return table.reindex(columns=wanted).to_numpy().reshape(len(time), len(sides), -1)

    pressure, cop = pick(*pressures) * KILOPASCAL[units.pop()], pick("center of pressure x", "center of pressure y")
    marked = []
    for side, kind in product(sides, ("steps", "events")):
        other = MOTICON_STEPS[SIDES[1 - SIDES.index(side)]]
        for at, code in table.get(f"{side} {kind}", pd.Series()).dropna().items():
            if kind == "steps" and code in other:
                text = f"expected codes of the {side} foot in its step column, found one of the other: swapped"
                raise TrialFormatError(path, f"{text}. Correct the column names.")
            name = f"manual {code:g}" if kind == "events" else MOTICON_STEPS[side].get(code, f"code {code:g}")
            marked.append((at, name, side))
    events = _events(marked)
    for k, side in enumerate(sides):
        if _loaded_in_swing(time, pressure[:, k], events[events["side"] == side]):
            text = f"expected more pressure in the {side} steps than between, found less: sides are swapped"
            raise TrialFormatError(path, f"{text}. Correct the column names.")
    duration = re.search(r"^# Duration:\s*(\d{1,6}):(\d{1,2}\.?\d*)\s*$", "\n".join(lines[:start]), re.MULTILINE)
    said = 60 * float(duration[1]) + float(duration[2]) if duration else 0.0
    if time[-1] < said - 0.1:
        notes.append(f"rows end at {time[-1]:g} s, the header says {said:g}: cut off?")
    given = {"force": pick("total force")[..., 0], "cop": np.where((cop == 0).all(-1, keepdims=True), np.nan, cop)}
    return _samples(time, sides, notes, pressure=pressure, **given), events


def _loaded_in_swing(time: np.ndarray, pressure: np.ndarray, events: pd.DataFrame) -> bool:
    """Tell whether a foot presses harder between its steps than in them."""
    steps = events[events["event"].isin(["initial_contact", "foot_off"])]
    last = np.searchsorted(steps["time"], time, "right") - 1
    within = (last >= 0) & (last < len(steps) - 1)
    stands = steps["event"].to_numpy()[last[within]] == "initial_contact"
    load = pd.Series(np.nansum(pressure[within], axis=-1)).groupby(stands).mean()
    return len(load) == 2 and bool(load[True] < load[False])


def _fscan(path: Path, lines: list[str], _: bool) -> Insoles:
    first = next((k for k, line in enumerate(lines) if line.startswith("ASCII_DATA")), None)
    marks = [k for k, line in enumerate(lines) if re.fullmatch(r"Frame \d{1,9}\s*", line, re.ASCII)]
    if first is None or not marks:
        raise TrialFormatError(path, "expected frames after ASCII_DATA, found none. Export the file again.")
    header = {key: text.strip() for key, _, text in (line.partition(" ") for line in lines[:first])}
    number = {key: _quantity(path, header, key) for key in SHEET}
    scale = KILOPASCAL.get(header.get("UNITS", "").lower())
    if scale is None or any(header.get(key, "0") != "0" for key in ("MIRROR_ROW", "MIRROR_COL")):
        found = "found raw or another, or MIRROR_ROW or MIRROR_COL set. Export again."
        raise TrialFormatError(path, f"expected UNITS kPa, N/cm2 or psi, calibrated and not mirrored, {found}")
    shape = int(number["ROWS"]), int(number["COLS"])
    blocks = [lines[a + 1 : b] for a, b in pairwise([*marks, len(lines)])]
    frames = [[line.split(",") for line in block if line.strip() and line[:2] != "@@"] for block in blocks]
    for k, rows in enumerate(frames):
        if [len(row) for row in rows] != [shape[1]] * shape[0]:
            found = f"found another number in frame {k + 1}. Export again."
            raise TrialFormatError(path, f"expected {shape[0]} x {shape[1]} cells in every frame, {found}")
    indices = np.array([int(lines[k].split()[1]) for k in marks])
    announced = header.get("START_FRAME", str(indices[0])), header.get("END_FRAME", str(indices[-1]))
    if announced != (str(indices[0]), str(indices[-1])) or not any(line[:2] == "@@" for line in lines[marks[-1] :]):
        found = f"found frames {indices[0]} to {indices[-1]}: cut off. Export it again."
        raise TrialFormatError(path, f"expected the frames that the header announces and '@@' behind the last, {found}")
    flat = [[cell.strip() for row in rows for cell in row] for rows in frames]
    outside = np.array([[cell == "B" for cell in cells] for cells in flat])
    if not (outside == outside[0]).all():
        raise TrialFormatError(path, "expected the same cells outside (B) in every frame, found others. Export again.")
    values = numbers(path, [["" if cell == "B" else cell for cell in cells] for cells in flat], range(len(flat[0])))
    step = number["SECONDS_PER_FRAME"]
    time, values, notes = _regular(path, (indices - 1) * step, values)
    time = np.rint(time / step) * step  # the same floating-point numbers in both feet's movies
    side, pressure = _fscan_side(path, header, outside[0].reshape(shape)), values[:, None] * scale
    limit = re.fullmatch(r"(\d{1,9})\.?\d* (\S+)", header.get("SATURATION_PRESSURE", ""), re.ASCII)
    if limit is None or limit[2].lower() not in KILOPASCAL:
        notes.append("no readable SATURATION_PRESSURE in the header: saturated values are not told.")
    elif count := int((pressure >= (most := float(limit[1]) * KILOPASCAL[limit[2].lower()])).sum()):
        notes.append(f"{side}: {count} values saturated at {most} kPa.")
    row, col = np.indices(shape).reshape(2, -1)
    along = (shape[0] - row - 0.5) * number["ROW_SPACING"]
    across = -side_sign(side) * (col - (shape[1] - 1) / 2) * number["COL_SPACING"]
    layout = {"area": np.where(outside[0], 0.0, number["SENSEL_AREA"])[None]}
    layout |= {"position": np.stack([along, across], -1)[None]}
    return _samples(time, [side], notes, pressure=pressure, **layout), _events([])


def _quantity(path: Path, header: dict[str, str], key: str) -> float:
    """Return a number of the header in SI units, within what a sheet of sensors can be; mm2 is squared."""
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([cm]?m)?(2?)", header.get(key, ""), re.ASCII)
    value = float(found[1]) * LENGTHS[found[2] or "m"] ** (2 if found[3] else 1) if found else np.nan
    low, high, unit = SHEET[key]
    if not low <= value <= high or (not unit and value != int(value)):
        what = f"{low:g}-{high:g} {unit or '(whole)'}"
        raise TrialFormatError(path, f"expected a number after {key} in the header, {what}; found none. Export again.")
    return value


def _fscan_side(path: Path, header: dict[str, str], outside: np.ndarray) -> str:
    """Return the side that outline and names agree on; seen from above the left foot's toe end lies right."""
    stems = {"the header's FILENAME": header.get("FILENAME", "").rpartition(".")[0], "the file's name": path.stem}
    said = {by: {"L": "left", "R": "right"}[stem[-1]] for by, stem in stems.items() if stem[-1:] in ("L", "R")}
    toes = np.flatnonzero(~outside[0])
    if outside.any() and len(toes) and (lean := toes.mean() - (outside.shape[1] - 1) / 2):
        said["the outline"] = "left" if lean > 0 else "right"
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    found = ", ".join(f"{side} by {by}" for by, side in said.items()) or "nothing that tells"
    raise TrialFormatError(
        path, f"expected one side, found {found}. Are left and right swapped? Let the name end in L or R, as it should."
    )


def _both_feet(path: Path, other: Path) -> Insoles:
    feet = [read_insole(one)[0] for one in (path, other)]
    heads = [{line for line in text_lines(one)[0][:40] if line.startswith(SHARED)} for one in (path, other)]
    if heads[0] != heads[1] or sorted(str(s) for foot in feet for s in foot["side"].values) != sorted(SIDES):
        raise TrialFormatError(
            other,
            f"expected the F-Scan movie of the other foot, its start (TIME), rate and grid as in {path.name}, found "
            "another one. Choose the two files of one walk.",
        )
    samples = xr.concat(feet, "side", join="outer", combine_attrs="override").sel(side=list(SIDES))
    notes = ["both movies are taken to have begun at once: their headers date the start to the second."]
    for foot in feet:
        notes += foot.attrs["notes"]
        if outside := samples.sizes["time"] - foot.sizes["time"]:
            notes.append(f"{foot['side'].item()}: {outside} samples outside its recording: NaN.")
    return samples.transpose(*feet[0].dims).assign_attrs(notes=notes), _events([])


def _pedar(path: Path, lines: list[str], ended: bool) -> Insoles:
    start = next((k for k, line in enumerate(lines) if line.startswith("time[secs]")), None)
    masks = {m[1]: m[2] for line in lines[:start] if (m := re.match(r"(left|right) insole:\s*(\d[\d,\s]*)$", line))}
    if start is None or not masks:
        raise TrialFormatError(path, "expected a mask definition, then 'time[secs]', found none. Export again.")
    sides = [side for side in SIDES if side in masks]
    listed = [[s.strip() for s in masks[side].split(",") if s.strip()] for side in sides]
    names = [name.strip() for name in lines[start].split("\t") if name.strip()]
    if list(masks) != sides or any(sensors != listed[0] for sensors in listed):
        what = "the left insole's mask before the right one's, of the same sensors"
        raise TrialFormatError(path, f"expected {what}, found others or sides swapped. Export again, without a mask.")
    if names[1:] != listed[0] * len(sides):
        found = f"found {len(names) - 1}. Export again."
        raise TrialFormatError(path, f"expected the {len(listed[0]) * len(sides)} sensors that the mask lists, {found}")
    head = "\n".join(lines[:start])
    unit = re.search(r"pressure values in\s+(\S+)", head)
    if unit is None or unit[1].lower() not in KILOPASCAL:
        raise TrialFormatError(path, "expected 'pressure values in kPa' or N/cm2, found no such unit. Export again.")
    rows = [line.rstrip("\t\r ").split("\t") for line in lines[start + 1 :] if line.strip()]
    values = numbers(path, rows, range(len(names)), ended=ended)
    time, values, notes = _regular(path, values[:, 0], values[:, 1:])
    step = _step(time)
    for key, here, slack in (("total time", time[-1], 1.5 * step), ("time per frame", step, 0.01 * step)):
        said = re.search(rf"{key} \[secs\]:\s*(\d+\.?\d*)", head)
        if said and abs(float(said[1]) - here) > slack:
            text = f"expected {key} {said[1]} s as the header says, found {here:g}: cut off? Export again."
            raise TrialFormatError(path, text)
    pressure = values.reshape(len(time), len(sides), -1) * KILOPASCAL[unit[1].lower()]
    return _samples(time, sides, notes, pressure=pressure), _events([])


def _step(time: np.ndarray) -> float:
    return float(np.median(np.diff(time))) if len(time) > 1 else 1.0


def _regular(path: Path, time: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Put samples on the regular clock they were taken on: frames that were dropped become NaN and are counted."""
    require_times(path, time)
    step, uneven = _step(time), "found an uneven clock, or rows lost. Export again."
    if not RATES[0] <= 1 / step <= RATES[1]:
        raise TrialFormatError(
            path, f"expected {RATES[0]:g}-{RATES[1]:g} samples a second, found {1 / step:g}. Give times in s."
        )
    if time[-1] - time[0] > 2 * step * len(time):  # no room is made for what a damaged clock asks
        raise TrialFormatError(path, f"expected samples every {step:g} s, {uneven}")
    place = np.rint((time - time[0]) / step).astype(int)
    if (np.diff(place) < 1).any() or np.abs(time - time[0] - place * step).max() > step / 2:
        raise TrialFormatError(path, f"expected samples every {step:g} s, {uneven}")
    count = int(place[-1]) + 1
    full, spread = time[0] + step * np.arange(count), np.full((count, values.shape[1]), np.nan)
    full[place], spread[place] = time, values
    dropped = count - len(time)
    return full, spread, [f"{dropped} of {count} frames dropped: NaN."] if dropped else []


def _samples(time: np.ndarray, sides: list[str], notes: list[str], **given: np.ndarray) -> xr.Dataset:
    """Label everything; what is not given is NaN and says so; count what is missing, dead, negative or saturated."""
    pressure = given["pressure"]
    coords = {"time": time, "side": sides, "sensor": np.arange(pressure.shape[2]) + 1, "foot_axis": ["along", "across"]}
    samples = xr.Dataset(coords=coords)
    for name, (dims, units, text) in SCHEMA.items():
        values = given.get(name, np.full([samples.sizes[dim] for dim in dims], np.nan))
        samples[name] = variable(values, dims, units=units, long_name=text)
        samples[name].attrs["source"] = ABSENT if np.isnan(values).all() else "file"
    missing = np.isnan(pressure) & (samples["area"].values != 0)
    for k, side in enumerate(sides):
        own, lost = pressure[:, k], missing[:, k]
        dead = lost.all(0)
        counts = {f"of {len(time)} samples missing: NaN.": lost.any(1), "sensors blank throughout: NaN.": dead}
        counts |= {"values below zero.": own < 0}
        if "area" not in given:  # an insole of few sensors; of a grid many cells are never loaded
            top = (own > 0) & (own == np.nanmax(own, initial=0.0))
            stays = top.any(0) & (top[:-2] & top[1:-1] & top[2:]).any() & (top.any(0).sum() > 1)
            counts |= {"sensors at zero throughout: dead or never loaded.": ((own == 0) | lost).all(0) & ~dead}
            counts |= {"sensors share the largest value: saturated?": stays}
        notes += [f"{side}: {number} {text}" for text, which in counts.items() if (number := int(which.sum()))]
    return samples.assign_attrs(notes=notes)


def _events(rows: list[tuple[float, str, str]]) -> pd.DataFrame:
    """Return events (time in s, event, side) as a table in order of time."""
    table = pd.DataFrame(rows, columns=["time", "event", "side"])
    return table.sort_values("time", kind="stable", ignore_index=True)

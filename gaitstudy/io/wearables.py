"""Pressure insoles in: text exports of Moticon OpenGo, Tekscan F-Scan and novel pedar, as arrays on one schema.

Moticon exports are read here and not by the maker's package ``moticon-opengo``: it gives the same numbers, but fills
lost samples with the one before unless told otherwise, leaves dropped frames out of the clock, pairs the n-th contact
with the n-th foot off, and stops at an export of one side.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from gaitstudy.conventions import SIDES, GaitStudyError, TrialFormatError, side_sign
from gaitstudy.io.files import LENGTHS, RATES, cut_number, duplicates, existing, numbers, text_lines, time_problems
from gaitstudy.io.insoles import Insoles, events_table, gather, join

SUFFIXES = {".txt", ".asf", ".asc"}
KILOPASCAL = {"kpa": 1.0, "n/cm2": 10.0, "n/cm²": 10.0, "psi": 6.894757293168}
"""kPa in one of each unit that an export may state."""
LONGEST = 1e8
"""Samples; no recording is longer."""
POSSIBLE = {
    "ROWS": (1, 1000, ""), "COLS": (1, 1000, ""), "ROW_SPACING": (1e-4, 0.05, "m"), "COL_SPACING": (1e-4, 0.05, "m"),
    "SENSEL_AREA": (1e-8, 2.5e-3, "m2"), "SECONDS_PER_FRAME": (1 / RATES[1], 1 / RATES[0], "s"),
}  # fmt: skip
"""Smallest and largest number after each key of an F-Scan header, in SI units (own limits)."""
MOTICON_SENSORS = 16
MOTICON_STEPS = {"left": {11: "initial_contact", 15: "foot_off"}, "right": {21: "initial_contact", 25: "foot_off"}}
"""Codes of the export's step columns by side, as the vendor's gait reports date them."""


def read_insole(path: str | Path, *, side: str | None = None, limit: float | None = None) -> Insoles:
    """Read an insole file in whichever of the three formats its content shows.

    Parameters
    ----------
    path : the file; ``.txt``, ``.asf`` or ``.asc``.
    side : for a file of one side that does not say which (F-Scan); refused for the others.
    limit : kPa at which a sensor saturates, if the file does not say; samples at or above it are counted in ``notes``.

    Raises
    ------
    TrialFormatError : every problem found; or the content is none of the three.
    """
    path = existing(path, SUFFIXES)
    kind = _kind(text_lines(path)[0])
    if kind == "F-Scan":
        return _read_fscan(path, side=side, limit=limit)
    if kind is None:
        raise TrialFormatError(path, "expected a Moticon, F-Scan or pedar export, found another text. Export again.")
    if side is not None:
        raise GaitStudyError(f"side: expected none, the {kind} format names its sides. Leave it out.")
    return {"Moticon": _read_moticon, "pedar": _read_pedar}[kind](path, limit=limit)


def _read_moticon(path: str | Path, *, limit: float | None = None) -> Insoles:
    """Read a Moticon OpenGo text export: pressures, total force, centre of pressure and steps of each side in it.

    The export gives no sensor areas or positions (NaN). ``cop`` is a fraction of insole length and width from the
    middle, -.5 to .5, as exported; a point of exactly (0, 0) is the vendor's "none" and becomes NaN. Its second axis
    is medial positive on both sides: the places the vendor's own columns imply (``gait.pressure.implied_layout``) have
    the row of metatarsal heads further forward there. Events set by hand are called ``manual CODE``; their labels are
    free text and are left out.

    Raises
    ------
    TrialFormatError : no such export; columns missing or doubled, unknown unit, text, a row cut off, clock not rising;
        left and right swapped (steps of the other side, or more pressure in swing than in stance).
    """
    path, lines, ended = _open(path, "Moticon")
    start = next((k for k, line in enumerate(lines) if re.match(r"#\s*time\t", line)), None)
    if start is None:
        raise TrialFormatError(
            path, "expected column names from '# time', separated by tabs, found none. Export again."
        )
    names = [name.strip().lower() for name in lines[start].lstrip("# ").split("\t")]
    rows = [line.split("\t") for line in lines[start + 1 :] if line.strip()]
    problems = duplicates([name.partition("[")[0] for name in names], "column")
    problems += _ragged(rows, len(names))
    free = {k for k, name in enumerate(names) if "label" in name}
    cells = [["" if k in free else cell for k, cell in enumerate(row)] for row in rows]
    values, wrong = numbers([row[: len(names)] for row in cells], len(names))
    column = {name.partition("[")[0]: k for k, name in enumerate(names)}
    sides = [side for side in SIDES if any(re.match(f"{side} (pressure|total|center)", name) for name in names)]
    wanted = [f"{side} pressure {n}" for side in sides for n in range(1, MOTICON_SENSORS + 1)]
    found = [name for name in column if re.match(r"(left|right) pressure \d", name)]
    if not sides or set(found) != set(wanted):
        what = f"{MOTICON_SENSORS} pressure columns of each side"
        problems.append(f"expected {what}, found {len(found)} for {len(sides)} sides. Export all sensors.")
    units = {n.partition("[")[2].rstrip("]").replace("\ufffd", "²") for n in names if n.partition("[")[0] in found}
    if found and (len(units) > 1 or not units <= set(KILOPASCAL)):
        problems.append("expected pressure in one of kPa, N/cm², psi, found another unit. Correct the column names.")
    problems += wrong or time_problems(values[:, 0]) + cut_number([row[:1] for row in rows], ended)
    if problems:
        raise TrialFormatError(path, problems)
    time, values, notes = _regular(path, values[:, 0], values)

    def pick(*kinds: str) -> np.ndarray:
        """Return the columns of a kind, (time, side, kind); NaN if the export leaves some out."""
        places = [[column.get(f"{side} {kind}", -1) for kind in kinds] for side in sides]
        return values[:, places] if np.min(places) >= 0 else np.full((len(time), *np.shape(places)), np.nan)

    pressure = pick(*(f"pressure {n}" for n in range(1, MOTICON_SENSORS + 1))) * KILOPASCAL[units.pop()]
    force, cop = pick("total force")[..., 0], pick("center of pressure x", "center of pressure y")
    cop = np.where((cop == 0).all(-1, keepdims=True), np.nan, cop)
    events = []
    for name, k in column.items():
        if not (kind := re.fullmatch(r"(left|right) (steps|events)", name)):
            continue
        for row in np.flatnonzero(np.isfinite(values[:, k])):
            code = values[row, k]
            step = MOTICON_STEPS[kind[1]].get(code, f"code {code:g}")
            events.append((time[row], f"manual {code:g}" if kind[2] == "events" else step, kind[1]))
    if problems := _swapped(sides, time, pressure, events_table(events)):
        raise TrialFormatError(path, problems)
    said = re.search(r"^# Duration:\s*(\d{1,6}):(\d{1,2}\.?\d*)\s*$", "\n".join(lines[:start]), re.MULTILINE)
    short = 60 * float(said[1]) + float(said[2]) - time[-1] if said else 0.0
    if short < -1 and said:
        ends = f"{said[1]}:{said[2]} as the header says, found {time[-1]:g}"
        raise TrialFormatError(path, f"expected times in s up to {ends}. Export with times in s.")
    if short > 0.1 and said:
        notes.append(f"rows end at {time[-1]:g} s, the header says {said[1]}:{said[2]}: cut off?")
    return gather(path.name, time, sides, pressure, events_table(events), notes, limit, force=force, cop=cop)


def _read_fscan(path: str | Path, *, side: str | None = None, limit: float | None = None) -> Insoles:
    """Read a Tekscan F-Scan ASCII movie (one side): every cell of the grid is a sensor, row by row from the toes.

    Cells marked ``B`` lie outside the sheet: area 0, pressure NaN, not missing. Positions are cell centres from the
    grid's heel end and its middle line. The side is read from the outline, whose toe end lies medially, and from the
    letter L or R that ends the file's name; they must agree. ``limit`` defaults to the header's saturation pressure.

    Raises
    ------
    TrialFormatError : no such export; raw, mirrored or unknown units; frames short, long, with text or out of order;
        a side that is unknown or contradicted (left and right swapped).
    """
    path, lines, _ = _open(path, "F-Scan")
    first = next((k for k, line in enumerate(lines) if line.startswith("ASCII_DATA")), None)
    marks = [k for k, line in enumerate(lines) if re.fullmatch(r"Frame \d{1,9}\s*", line, re.ASCII)]
    if first is None or not marks:
        raise TrialFormatError(path, "expected frames after ASCII_DATA, found none. Export the file again.")
    header = {key: text.strip() for key, _, text in (line.partition(" ") for line in lines[:first])}
    problems: list[str] = []
    keys = ("ROWS", "COLS", "ROW_SPACING", "COL_SPACING", "SENSEL_AREA", "SECONDS_PER_FRAME")
    number = {key: _quantity(header, key, problems) for key in keys}
    scale = KILOPASCAL.get(header.get("UNITS", "").lower())
    if scale is None:
        problems.append("expected UNITS kPa, N/cm2 or psi, found raw or another. Calibrate and export again.")
    if any(header.get(key, "0") != "0" for key in ("MIRROR_ROW", "MIRROR_COL")):
        problems.append("expected an export that is not mirrored, found MIRROR_ROW or MIRROR_COL set. Export again.")
    if problems:
        raise TrialFormatError(path, problems)
    shape = int(number["ROWS"]), int(number["COLS"])
    blocks = [lines[a + 1 : b] for a, b in pairwise([*marks, len(lines)])]
    frames = [[line.split(",") for line in block if line.strip() and line[:2] != "@@"] for block in blocks]
    uneven = [k for k, rows in enumerate(frames) if len(rows) != shape[0] or any(len(r) != shape[1] for r in rows)]
    if uneven:
        found = f"another number in frame {uneven[0] + 1} ({len(uneven)} such frames)"
        problems.append(f"expected {shape[0]} x {shape[1]} cells in every frame, found {found}. Export again.")
    elif not any(line.startswith("@@") for line in lines[marks[-1] :]):
        problems.append("expected '@@' after the last frame, found none: the file is cut off. Export it again.")
    flat = [[cell.strip() for row in rows for cell in row] for rows in frames]
    outside = np.array([[c == "B" for c in cells] for cells in flat]) if not uneven else np.zeros((1, 1), bool)
    values, wrong = numbers([["" if c == "B" else c for c in cells] for cells in flat], max(map(len, flat)))
    indices = np.array([int(lines[k].split()[1]) for k in marks])
    announced = [header.get("START_FRAME", ""), header.get("END_FRAME", "")]
    if all(text.isdigit() for text in announced) and [str(indices[0]), str(indices[-1])] != announced:
        said = f"frames {announced[0]} to {announced[1]} as the header says"
        problems.append(f"expected {said}, found {indices[0]} to {indices[-1]}: cut off. Export it again.")
    time = (indices - 1) * number["SECONDS_PER_FRAME"]
    problems += wrong or time_problems(time)
    if not problems and not (outside == outside[0]).all():
        problems.append("expected the same cells outside (B) in every frame, found them to change. Export again.")
    if not problems:
        side = _fscan_side(path, header, outside[0].reshape(shape), side, problems)
    if problems or side is None or scale is None:
        raise TrialFormatError(path, problems)
    time, values, notes = _regular(path, time, values)
    row, col = np.indices(shape).reshape(2, -1)
    along = (shape[0] - row - 0.5) * number["ROW_SPACING"]
    across = -side_sign(side) * (col - (shape[1] - 1) / 2) * number["COL_SPACING"]
    area = np.where(outside[0], 0.0, number["SENSEL_AREA"])[None]
    saturation = header.get("SATURATION_PRESSURE", "").split()
    if limit is None and len(saturation) == 2 and re.fullmatch(r"\d{1,9}\.?\d*", saturation[0], re.ASCII):
        limit = float(np.floor(float(saturation[0]))) * KILOPASCAL.get(saturation[1].lower(), np.nan)
    elif limit is None:
        notes.append("no readable SATURATION_PRESSURE in the header: saturated values are not told. Give limit=.")
    position, pressure = np.stack([along, across], -1)[None], values[:, None] * scale
    return gather(path.name, time, [side], pressure, events_table([]), notes, limit, area=area, position=position)


def read_fscan_pair(left: str | Path, right: str | Path, *, limit: float | None = None) -> Insoles:
    """Read the two F-Scan movies of one walk, one a foot, onto one clock.

    Their headers date the start to the second only: equal starts there are taken as one start, and a note says so.

    Raises
    ------
    TrialFormatError : as ``_read_fscan``; or the headers give different starts.
    SignalError : other rate or size, or the same side twice.
    """
    starts = [
        [line.split(" ", 1)[1].strip() for line in text_lines(Path(p))[0][:40] if line.startswith(("TIME ", "MICRO_"))]
        for p in (left, right)
    ]
    both = _read_fscan(left, limit=limit), _read_fscan(right, limit=limit)
    if starts[0] != starts[1]:
        raise TrialFormatError(
            right, "expected the start (TIME) of the other foot's movie, found another. Choose the files of one walk."
        )
    return join(both[0], both[1])


def _read_pedar(path: str | Path, *, limit: float | None = None) -> Insoles:
    """Read a novel pedar ASCII export: the left insole's sensors, then the right's, as its mask definition lists them.

    The export gives no sensor areas, positions, forces or events (NaN, or an empty table); give places and areas with
    ``io.insoles.with_layout``. Nothing but the order of columns tells left from right: if they were swapped, only
    plates beside the walk can show it (``gait.clocks.align_clocks`` with both sides).

    Raises
    ------
    TrialFormatError : no such export; no mask definition; sensors, rows or units not as the header says; text.
    """
    path, lines, ended = _open(path, "pedar")
    start = next((k for k, line in enumerate(lines) if line.startswith("time[secs]")), None)
    masks = {m[1]: m[2] for line in lines[:start] if (m := re.match(r"(left|right) insole:\s*([\d,\s]*)$", line))}
    sides = [side for side in SIDES if side in masks]
    if start is None or not sides:
        raise TrialFormatError(path, "expected a mask definition, then 'time[secs]', found none. Export again.")
    listed = {side: [s.strip() for s in masks[side].split(",") if s.strip()] for side in sides}
    names = [name.strip() for name in lines[start].split("\t") if name.strip()]
    wanted = [name for side in sides for name in listed[side]]
    rows = [line.rstrip("\t\r ").split("\t") for line in lines[start + 1 :] if line.strip()]
    head = "\n".join(lines[:start])
    unit = re.search(r"pressure values in\s+(\S+)", head)
    total = re.search(r"total time \[secs\]:\s*(\d+\.?\d*)", head)
    problems: list[str] = []
    if list(masks) != sides:
        problems.append("expected the left insole's mask before the right one's, found them swapped. Export again.")
    if names[1:] != wanted:
        problems.append(
            f"expected the {len(wanted)} sensors that the mask lists, found {len(names) - 1}. Export again."
        )
    if len({tuple(s) for s in listed.values()}) > 1:
        problems.append("expected the same sensors in both insoles, found different lists. Export without a mask.")
    if unit is None or unit[1].lower() not in KILOPASCAL:
        problems.append("expected 'pressure values in kPa' or N/cm2, found no such unit. Export again.")
    problems += _ragged(rows, len(names))
    values, wrong = numbers([row[: len(names)] for row in rows], len(names))
    problems += wrong or time_problems(values[:, 0]) + cut_number(rows, ended)
    said = re.search(r"time per frame \[secs\]:\s*(\d+\.?\d*)", head)
    if not problems and said and len(rows) > 1 and abs(float(said[1]) / _step(values[:, 0]) - 1) > 0.01:
        found = f"rows {_step(values[:, 0]):g} s apart"
        problems.append(f"expected {float(said[1]):g} s per frame as the header says, found {found}. Export again.")
    if not problems and total and abs(float(total[1]) - values[-1, 0]) > 1.5 * _step(values[:, 0]):
        problems.append(f"expected rows up to {total[1]} s as the header says, found {values[-1, 0]:g} s: cut off.")
    if problems or unit is None:
        raise TrialFormatError(path, problems)
    time, values, notes = _regular(path, values[:, 0], values)
    pressure = values[:, 1:].reshape(len(time), len(sides), -1) * KILOPASCAL[unit[1].lower()]
    return gather(path.name, time, sides, pressure, events_table([]), notes, limit)


def _kind(lines: list[str]) -> str | None:
    """Return the format that the first lines show."""
    head = [line for line in lines[:40] if line.strip()] or [""]
    if head[0].startswith("DATA_TYPE"):
        return "F-Scan"
    if head[0].startswith("file name:") and any(line.startswith("sensor type:") for line in head):
        return "pedar"
    moticon = head[0].startswith("#") and any(line.startswith(("# Sensor insoles", "# time\t")) for line in head)
    return "Moticon" if moticon else None


def _open(path: str | Path, kind: str) -> tuple[Path, list[str], bool]:
    path = existing(path, SUFFIXES)
    lines, ended = text_lines(path)
    if _kind(lines) != kind:
        raise TrialFormatError(path, f"expected a {kind} text export, found other content. Use read_insole.")
    return path, lines, ended


def _ragged(rows: list[list[str]], width: int) -> list[str]:
    uneven = [(len(row), k) for k, row in enumerate(rows, 1) if len(row) != width]
    found = "expected {} columns in every row, found {} in row {} ({} such rows): cut off? Export again."
    return [found.format(width, *uneven[0], len(uneven))] if uneven else []


def _quantity(header: dict[str, str], key: str, problems: list[str]) -> float:
    """Return a number of the header in SI units, within what a sheet of sensors can be; mm2 is squared."""
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([cm]?m)?(2?)", header.get(key, ""), re.ASCII)
    value = float(found[1]) * LENGTHS[found[2] or "m"] ** (2 if found[3] else 1) if found else np.nan
    low, high, unit = POSSIBLE[key]
    if not low <= value <= high or (not unit and value != int(value)):
        what = f"{low:g}-{high:g} {unit}" if unit else f"{low:g}-{high:g}, a whole one"
        problems.append(f"expected a number after {key} in the header, {what}; found none. Export the file again.")
    return value


def _fscan_side(
    path: Path, header: dict[str, str], outside: np.ndarray, side: str | None, problems: list[str]
) -> str | None:
    """Return the side that outline, names and caller agree on; seen from above the left foot's toe end lies right."""
    said = {"side=": side} if side is not None and side_sign(side) else {}
    stems = {"the header's FILENAME": header.get("FILENAME", "").rpartition(".")[0], "the file's name": path.stem}
    said |= {k: {"L": "left", "R": "right"}[stem[-1]] for k, stem in stems.items() if stem[-1:] in ("L", "R")}
    toes = np.flatnonzero(~outside[0])
    if outside.any() and len(toes) and (lean := toes.mean() - (outside.shape[1] - 1) / 2):
        said["the outline"] = "left" if lean > 0 else "right"
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    found = ", ".join(f"{by} by {what}" for what, by in said.items()) or "nothing that tells"
    problems.append(f"expected one side, found {found}. Are left and right swapped? Correct the name, or give side=.")
    return None


def _swapped(sides: list[str], time: np.ndarray, pressure: np.ndarray, events: pd.DataFrame) -> list[str]:
    """Return the problem of steps that are the other side's: by their codes, or by where the pressure is."""
    problems = []
    for k, side in enumerate(sides):
        own = events[events["side"] == side]
        others = [f"code {code}" for other, codes in MOTICON_STEPS.items() if other != side for code in codes]
        if count := int(own["event"].isin(others).sum()):
            problems.append(
                f"expected codes of the {side} foot in its step column, found {count} of the other: swapped."
            )
        start, end = (own.loc[own["event"] == e, "time"].to_numpy() for e in ("initial_contact", "foot_off"))
        if len(start) < 2 or not len(end):
            continue
        within = (time >= start[0]) & (time <= end[-1])
        stance = np.searchsorted(start, time, "right") > np.searchsorted(end, time, "right")
        load = np.nansum(pressure[:, k], axis=-1)
        parts = [load[within & part] for part in (stance, ~stance)]
        if all(map(len, parts)) and parts[0].mean() < parts[1].mean():
            problems.append(f"expected more pressure in the {side} steps than between, found less: sides are swapped.")
    return [f"{p[:-1]}. Correct the column names." for p in problems]


def _step(time: np.ndarray) -> float:
    return float(np.median(np.diff(time))) if len(time) > 1 else 1.0


def _regular(path: Path, time: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Put samples on the regular clock they were taken on: frames that were dropped become NaN and are counted."""
    step = _step(time)
    if not time[-1] - time[0] <= step * LONGEST:
        raise TrialFormatError(path, f"expected samples every {step:g} s, found an uneven clock. Export again.")
    place = np.round((time - time[0]) / step).astype(int)
    count = int(place[-1]) + 1
    lost = f", or rows lost ({count - len(time)} of {count} frames)" if count > 2 * len(time) else ""
    if lost or (np.diff(place) < 1).any() or np.abs(time - time[0] - place * step).max() > step / 2:
        raise TrialFormatError(path, f"expected samples every {step:g} s, found an uneven clock{lost}. Export again.")
    full, spread = time[0] + step * np.arange(count), np.full((count, values.shape[1]), np.nan)
    full[place], spread[place] = time, values
    dropped = count - len(time)
    return full, spread, [f"{dropped} of {count} frames dropped: NaN."] if dropped else []

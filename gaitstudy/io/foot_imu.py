"""Inertial sensors on the feet in: what two of them recorded, and motion capture and events beside them.

Text tables with two rows of names, as the MaD Lab's open examples have them: sensor and axis, or marker and axis.
They state neither rate nor unit: the caller does, and the values must fit (gravity, a walking foot's turning).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import AXES, GRAVITY, SIDES, GaitStudyError, TrialFormatError, labelled
from gaitstudy.io.files import (
    LATEST,
    LENGTHS,
    RATES,
    cut_number,
    duplicates,
    existing,
    numbers,
    printable,
    text_lines,
)
from gaitstudy.io.insoles import csv_table, plain_number
from gaitstudy.io.recording import LARGEST_VOLUME, Recording

KINDS = {"acceleration": "acc", "angular_rate": "gyr"}
"""Variable, and how the file's columns begin."""
UNITS = {
    "acceleration": {"m/s2": 1.0, "g": GRAVITY},
    "angular_rate": {"deg/s": 1.0, "rad/s": 180 / np.pi},
}
"""What one of each unit that may be stated is in m/s2 and in deg/s."""
QUIETEST, TOLERANCE = 0.1, 0.1
"""Share of the samples that vary least, and how far gravity may be from 9.8 m/s2 in them (own limits)."""
SLOWEST, FASTEST = 50.0, 4000.0
"""deg/s; the fastest turning of a walking foot lies between (own limits: below it is rad/s, or nobody walks)."""
LONGEST_STRIDE = 30.0
"""s; nobody walks slower."""
SMALLEST_FOOT = 0.05
"""m; no two markers of one walk stay nearer than this."""


@dataclass(frozen=True)
class FootSensors:
    """One recording of one or two foot sensors on one regular clock.

    ``samples`` dataset: ``acceleration`` m/s2 (specific force: upward and one g when the foot stands) and
    ``angular_rate`` deg/s, (time, side, axis), each in its own sensor's axes. ``notes`` say what is missing, saturated
    or was converted, with counts.
    """

    name: str
    samples: xr.Dataset
    notes: tuple[str, ...] = ()


def read_foot_sensors(
    path: str | Path,
    rate: float,
    *,
    acceleration: str = "m/s2",
    angular_rate: str = "deg/s",
    limits: tuple[float | None, float | None] = (None, None),
) -> FootSensors:
    """Read the table of one or two foot sensors: a column of sample numbers, then six channels a foot.

    Parameters
    ----------
    path : CSV; its first two rows name sensor (beginning with ``left`` or ``right``) and channel (``acc_x`` ...
        ``gyr_z``), in any order.
    rate : Hz; the file numbers its samples and does not date them.
    acceleration, angular_rate : the file's units, ``m/s2`` or ``g``, ``deg/s`` or ``rad/s``.
    limits : range of either sensor in m/s2 and deg/s, if known; samples at or beyond it are counted as saturated.
        Without it a channel that stays at its largest value for three samples is.

    Raises
    ------
    TrialFormatError : every problem found: columns missing, doubled or unknown, two sensors of one side, text, rows cut
        off, sample numbers that fall or repeat, over half of them missing, units that do not fit.
    """
    _require_rate(rate)
    for kind, unit in (("acceleration", acceleration), ("angular_rate", angular_rate)):
        if unit not in UNITS[kind]:
            raise GaitStudyError(f"{kind}: expected {' or '.join(UNITS[kind])}, found '{unit}'. Name the file's unit.")
    path = existing(path, {".csv"})
    names, index, values, problems = _two_rows(path, "sample")
    wanted = [f"{prefix}_{axis}" for prefix in KINDS.values() for axis in AXES]
    places = {(_side(sensor), channel): k for k, (sensor, channel) in enumerate(names)}
    sides = [side for side in SIDES if any(own == side for own, _ in places)]
    if unknown := sorted({sensor for sensor, _ in names if _side(sensor) is None}):
        problems.append(f"expected sensors called left... or right..., found {', '.join(unknown[:3])}. Rename them.")
    if not sides:
        problems.append("expected a left or a right sensor in the first row, found none. Export with sensor names.")
    for side in sides:
        if len(own := list(dict.fromkeys(sensor for sensor, _ in names if _side(sensor) == side))) > 1:
            problems.append(f"expected one {side} sensor, found {', '.join(own)}. Keep the foot's columns.")
    absent = [f"{side} {channel}" for side in sides for channel in wanted if (side, channel) not in places]
    if absent:
        problems.append(
            f"expected six channels a foot, found none called {', '.join(absent[:6])}. Export all channels."
        )
    if not problems:
        problems += _grid_problems(index)
    if problems:
        raise TrialFormatError(path, problems)
    columns = [[places[side, channel] for channel in wanted] for side in sides]
    full = _on_grid(index, values[:, columns].reshape(-1, len(sides), 2, 3))
    scale = [UNITS["acceleration"][acceleration], UNITS["angular_rate"][angular_rate]]
    full *= np.array(scale)[:, None]
    for k, side in enumerate(sides):
        problems += [f"{side}: {p}" for p in _unit_problems(full[:, k], acceleration, angular_rate)]
    if problems:
        raise TrialFormatError(path, problems)
    time = (index[0] + np.arange(len(full))) / rate
    return FootSensors(path.name, _samples(time, sides, full), tuple(_notes(sides, full, limits, len(index))))


def read_marker_table(path: str | Path, rate: float, *, units: str = "mm") -> Recording:
    """Read a table of markers with z up, and turn it to the package's axes: x stays, y up, z to the right of x.

    Parameters
    ----------
    path : CSV; its first two rows name marker and axis, its first column numbers the frames.
    rate : Hz. units : of the positions, m, cm or mm.

    Raises
    ------
    TrialFormatError : every problem found: an axis of a marker missing, text, rows cut off, frames that fall or repeat,
        over half of them missing, a unit that does not fit.
    """
    _require_rate(rate)
    if units not in LENGTHS:
        raise GaitStudyError(f"units: expected m, cm or mm, found '{printable(units, 20)}'. Name the file's unit.")
    path = existing(path, {".csv"})
    names, index, values, problems = _two_rows(path, "frame")
    markers = list(dict.fromkeys(marker for marker, _ in names))
    places = {name: k for k, name in enumerate(names)}
    if absent := [f"{m} {a}" for m in markers for a in AXES if (m, a) not in places]:
        problems.append(f"expected x, y and z of every marker, found none called {', '.join(absent[:6])}. Export them.")
    if not problems:
        problems += _grid_problems(index)
    if problems:
        raise TrialFormatError(path, problems)
    position = _on_grid(index, LENGTHS[units] * values[:, [[places[m, a] for a in AXES] for m in markers]])
    found = position.reshape(-1, 3)
    found = found[np.isfinite(found).all(1)]
    extent = float(np.ptp(found, axis=0).max()) if len(found) else 0.0
    if not SMALLEST_FOOT < extent < LARGEST_VOLUME:
        told = f"{extent:.3g} m with units '{units}'"
        raise TrialFormatError(
            path, f"expected markers spread over {SMALLEST_FOOT:g}-{LARGEST_VOLUME:g} m, found {told}. Correct units=."
        )
    turned = np.stack([position[..., 0], position[..., 2], -position[..., 1]], -1)
    coords = {"time": (index[0] + np.arange(len(turned))) / rate, "marker": markers}
    array = labelled(
        turned, ("time", "marker", "axis"), units="m", frame="lab", long_name="marker position", coords=coords
    )
    return Recording(path.name, array)


def read_stride_events(path: str | Path, rate: float) -> pd.DataFrame:
    """Read a list of strides with their events by sample number, and date them.

    Parameters
    ----------
    path : CSV with columns ``foot, pre_ic, tc, ic, start, end``: the contact before, foot off, the contact after, and
        the instants of least motion in the stances before and after. rate : Hz, of the sample numbers.

    Returns
    -------
    As ``gait.events.strides``, s: ``side, stride, ic_time, fo_time, next_ic_time``, and ``flat_time, next_flat_time``.

    Raises
    ------
    TrialFormatError : columns missing, another foot than left and right, events that are no numbers or out of order,
        strides of one foot that overlap or are listed twice. GaitStudyError : a rate that is not above zero.
    """
    _require_rate(rate)
    wanted = {"pre_ic": "ic_time", "tc": "fo_time", "ic": "next_ic_time", "start": "flat_time", "end": "next_flat_time"}
    cells = csv_table(path, ["foot", *wanted])
    problems, foot = [], pd.Series(cells["foot"])
    if (other := ~foot.isin(SIDES)).any():
        problems.append(
            f"expected foot left or right, found another word in data row {int(other.argmax()) + 1}. Rename it."
        )
    times = pd.DataFrame({name: [plain_number(cell) for cell in cells[name]] for name in wanted}) / rate
    if (early := ~(times >= 0).all(axis=1)).any():
        row = int(early.argmax()) + 1
        problems.append(f"expected sample numbers from 0 in every column, found none in data row {row}. Correct them.")
    if (late := (times["ic"] - times["pre_ic"] > LONGEST_STRIDE) | (times > LATEST).any(axis=1)).any():
        row = int(late.argmax()) + 1
        problems.append(
            f"expected strides of up to {LONGEST_STRIDE:g} s, found a longer one in data row {row}. Give the rate that "
            "the sample numbers have."
        )
    order = times[["pre_ic", "start", "tc", "ic", "end"]].to_numpy()
    wrong = ~(np.diff(order, axis=1) > 0).all(1)
    if wrong.any():
        found = f"otherwise in {int(wrong.sum())} rows, first row {int(wrong.argmax()) + 1}"
        problems.append(f"expected pre_ic, start, tc, ic, end to rise in each row, found {found}. Correct the events.")
    for side, own in times.assign(foot=foot).sort_values("pre_ic", kind="stable").groupby("foot"):
        if count := int((own["pre_ic"].to_numpy()[1:] < own["ic"].to_numpy()[:-1]).sum()):
            problems.append(f"expected strides one after the other, found {count} of {side} that overlap. Remove them.")
    if problems:
        raise TrialFormatError(path, problems)
    result = times.rename(columns=wanted)[["ic_time", "fo_time", "next_ic_time", "flat_time", "next_flat_time"]]
    result.insert(0, "side", foot)
    result = result.sort_values(["side", "ic_time"], ignore_index=True)
    result.insert(1, "stride", result.groupby("side").cumcount())
    return result


def _require_rate(rate: float) -> None:
    """Refuse a sampling rate (Hz) that no recording has.

    Raises
    ------
    GaitStudyError : the rate is missing, not above 0, or out of the range of sensors and cameras.
    """
    if not RATES[0] <= rate <= RATES[1]:
        raise GaitStudyError(
            f"rate: expected {RATES[0]:g}-{RATES[1]:g} samples a second, found {rate:g}. Give the sensor's."
        )


def _side(sensor: str) -> str | None:
    return next((side for side in SIDES if sensor.lower().startswith(side)), None)


def _two_rows(path: Path, what: str) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray, list[str]]:
    """Return pairs of names, the first column, the others, and what is wrong with the table as such."""
    lines, ended = text_lines(path)
    rows = [line.split(",") for line in lines if line.strip()]
    if len(rows) < 4:
        raise TrialFormatError(path, f"expected two rows of names and some of numbers, found {len(rows)} rows in all.")
    upper, lower = ([printable(cell, 100) for cell in row[1:]] for row in rows[:2])
    if len(upper) != len(lower):
        raise TrialFormatError(
            path, f"expected two rows of names of one length, found {len(upper)} and {len(lower)}. Export again."
        )
    names = list(zip(upper, lower, strict=True))
    body, width = rows[2:], len(names) + 1
    problems = duplicates([" ".join(name) for name in names], "column")
    uneven = [k for k, row in enumerate(body) if len(row) != width]
    if uneven:
        found = f"{len(body[uneven[0]])} in data row {uneven[0] + 1} ({len(uneven)} such rows)"
        problems.append(f"expected {width} cells in every row, found {found}: cut off? Export again.")
    values, wrong = numbers([row[:width] for row in body], width)
    problems += wrong + ([] if uneven else cut_number([row[:1] for row in body], ended))
    if not wrong and np.isnan(values[:, 0]).any():
        problems.append(f"expected a {what} number in every row, found blanks. Export the table with its index.")
    return names, values[:, 0], values[:, 1:], problems


def _grid_problems(index: np.ndarray) -> list[str]:
    """Return what is wrong with numbers that should be whole and rise; missing ones are no problem if few."""
    steps = np.diff(index)
    if (index != np.rint(index)).any():
        found = f"{index[int(np.argmax(index != np.rint(index)))]:g}"
        return [f"expected whole sample numbers in the first column, found {found}. Number the samples 0, 1, 2 ..."]
    if (steps < 1).any():
        row = int(np.argmax(steps < 1)) + 2
        return [f"expected sample numbers that rise, found {index[row - 1]:g} in data row {row}: clock not regular."]
    count = int(index[-1] - index[0]) + 1
    if len(index) < count / 2:
        return [f"expected most of {count} sample numbers, found {len(index)}: samples lost, or another numbering."]
    return []


def _on_grid(index: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Put rows (sample, ...) at their numbers from the first to the last; NaN where a number is missing."""
    number = np.rint(index - index[0]).astype(int)
    full = np.full((number[-1] + 1, *values.shape[1:]), np.nan)
    full[number] = values
    return full


def _unit_problems(values: np.ndarray, acceleration: str, angular_rate: str) -> list[str]:
    """Return which of acceleration and angular rate, (time, kind, axis), cannot be in m/s2 and deg/s."""
    size = np.linalg.norm(values, axis=-1)
    if np.isfinite(size).all(1).sum() < 2:
        return ["expected numbers in both kinds of channels, found blanks throughout. Export again."]
    turning = size[:, 1]
    still = turning <= np.nanquantile(turning, QUIETEST)
    gravity, fastest = float(np.nanmedian(size[still, 0])), float(np.nanmax(turning))
    problems = []
    if abs(gravity / GRAVITY - 1) > TOLERANCE:
        guess = next(
            (u for u, s in (("g", GRAVITY), ("m/s2", 1 / GRAVITY)) if abs(gravity * s / GRAVITY - 1) < TOLERANCE), None
        )
        fix = f"Give acceleration='{guess}'." if guess and guess != acceleration else "Calibrate the accelerometer."
        problems.append(
            f"expected {GRAVITY:.1f} m/s2 where the foot is still, found {gravity:.3g} from '{acceleration}'. {fix}"
        )
    if not SLOWEST < fastest < FASTEST:
        factor = 180 / np.pi
        guess = "rad/s" if SLOWEST < fastest * factor < FASTEST and angular_rate == "deg/s" else "deg/s"
        fix = f"Give angular_rate='{guess}'" if guess != angular_rate else "Check the gyroscope"
        problems.append(
            f"expected a foot that turns at up to {SLOWEST:g}-{FASTEST:g} deg/s, found {fastest:.3g} from "
            f"'{angular_rate}'. {fix}, or choose a recording with walking."
        )
    return problems


def _samples(time: np.ndarray, sides: Sequence[str], values: np.ndarray) -> xr.Dataset:
    coords = {"time": time, "side": list(sides)}
    text = {
        "acceleration": ("m/s2", "specific force on the foot"),
        "angular_rate": ("deg/s", "angular rate of the foot"),
    }
    return xr.Dataset(
        {
            kind: labelled(
                values[:, :, k], ("time", "side", "axis"), units=text[kind][0], frame="sensor", long_name=text[kind][1],
                coords=coords,
            )
            for k, kind in enumerate(KINDS)
        }
    )  # fmt: skip


def _notes(sides: Sequence[str], values: np.ndarray, limits: Sequence[float | None], rows: int) -> list[str]:
    """Say what is missing, saturated or absent, with counts."""
    notes = [f"{side}: no such sensor in the file." for side in SIDES if side not in sides]
    if lost := len(values) - rows:
        notes.append(f"{lost} of {len(values)} samples dropped: NaN.")
    for k, side in enumerate(sides):
        blank = int(np.isnan(values[:, k]).any((1, 2)).sum()) - lost
        if blank:
            notes.append(f"{side}: {blank} samples with a blank channel: NaN.")
        for n, kind in enumerate(KINDS):
            own, limit = np.abs(values[:, k, n]), limits[n]
            if dead := [a for a, v in zip(AXES, own.T, strict=True) if np.nanmax(v) == np.nanmin(v)]:
                notes.append(f"{side}: {kind} {', '.join(dead)} never changes: dead?")
            if limit is not None:
                count = int((own >= limit).any(-1).sum())
                if count:
                    unit = ("m/s2", "deg/s")[n]
                    notes.append(f"{side}: {count} samples of {kind} at or beyond {limit:.1f} {unit}: saturated.")
            elif stuck := [a for a, v in zip(AXES, own.T, strict=True) if _stays(v)]:
                notes.append(f"{side}: {kind} {', '.join(stuck)} stays at its largest value: saturated? Give limits=.")
    return notes


def _stays(values: np.ndarray) -> bool:
    """Tell whether a channel stays at its largest value for three samples in a row."""
    top = values == np.nanmax(values, initial=0.0)
    return bool((top[:-2] & top[1:-1] & top[2:]).any() and not top.all())

"""C3D files: bytes to a recording in the lab frame, with what their parameters say of axes, plates, events, the person.

Real files contradict themselves: header, parameters and size name three numbers of frames, a count overflows, a
parameter is listed twice. What can be decided is decided by the size of the file, in one place, and said in ``notes``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError, visible
from gaitstudy.io import plates
from gaitstudy.io.files import LENGTHS, RATES, existing, printable
from gaitstudy.io.recording import LARGEST_VOLUME, Recording, axes_matrix, extent_problems, named_markers, unit_axis

Parameters = dict[tuple[str, str], Any]
BLOCK = 512
"""Bytes; sections of a C3D file start at multiples of it, and its last one is filled up to one."""
KINDS = {-1: "S1", 1: "i1", 2: "i2", 4: "f4"}
"""Types of a parameter's values: text, byte, word, real."""
BODY_MEASURES = re.compile(
    "BODYMASS|HEIGHT|MARKERDIAMETER|INTERASISDISTANCE|(L|R|LEFT|RIGHT)?("
    "(LEG|UPPERLEG|LOWERLEG|FEMUR|TIBIA|FOOT|PELVIS)LENGTH|(HIP|KNEE|ANKLE|FOOT|PELVIS|ELBOW|WRIST)WIDTH|"
    "HANDTHICKNESS|ASISTROCANTERDISTANCE|(HEAD|SHOULDER|SPINE|PELVIS|XRAY)OFFSET|SOLEDELTA|STATICPLANTFLEX|STATICROTOFF|"
    "(THIGH|SHANK|TIBIA)ROTATION|TIBIALTORSION|ANKLEABADD)"
)
BODY_LENGTHS = {"HEIGHT": (450, 2600), "LEGLENGTH": (200, 1500), "KNEEWIDTH": (40, 220), "ANKLEWIDTH": (25, 140)}
"""mm; what these measures of a person can be. Ten times apart or less, so that the unit is told by the number."""
EVENT = re.compile(
    "(?P<before>left|right|l|r)?(?:foot)?(?:(?P<initial_contact>(?:foot|heel|initial)?(?:strike|contact|down)|"
    "touchdown|fs|hs|ic)|(?P<foot_off>(?:foot|toe)?off|fo|to))(?:foot)?(?P<after>left|right|l|r)?"
)
"""An event's name, its letters in lower case: Foot Strike, Heel Strike, Toe-Off, LFS, R_TO, Left Foot Strike ..."""
FLOOR = 0.15
"""m; the lowest marker of a foot on the floor lies no further above it, and no marker further below."""
TALL, STEADY = 0.4, 0.1
"""m; a person's markers reach at least so high above the floor; the lowest of them stays as level as that."""
MOST_ASTRAY = 0.2
"""Share of the positions that may lie outside of any volume: more are no markers gone astray, but another unit."""
MOMENT_SCALE = {
    **dict.fromkeys(("nm", "ntm", "newtonmeter", "newtonmeters", "newtonmetre", "newtonmetres"), 1.0),
    **dict.fromkeys(("nmm", "ntmm", *(f"newtonmillimet{end}" for end in ("er", "ers", "re", "res"))), 1e-3),
}
"""N m in one unit, by the unit's name in lower case without blanks and marks."""
UNSTATED = frozenset(
    "v volt volts mv millivolt millivolts uv µv μv microvolt microvolts du digitalunits bit bits count counts adc raw "
    "none na unknown".split()
) | {""}
"""What a channel says that states no unit of its own; it then follows POINT:UNITS, as the C3D manual has it."""
READINGS = (
    (1e-3, 1.0, "the moments are a thousand times too large for a foot on the plate: read as N mm (positions as mm)."),
    (1e3, 1.0, "the moments are a thousand times too small for a foot on the plate: read as N m (positions as m)."),
    (
        1.0,
        -1.0,
        "feet press beside the plate unless the signs of FORCE_PLATFORM:ORIGIN are reversed: read with reversed signs.",
    ),
)
"""Factor of the moments, sign of the origin's x and y: how a plate is read where its centre of pressure decides."""
PRESSING = 100.0
"""N; above it a centre of pressure is worth a look."""


def read_c3d(
    path: str | Path, *, axes: tuple[str, str] | None = None, zero: tuple[float, float] | None = None
) -> Recording:
    """Read a C3D trial and turn it to x forward, y up, z right.

    Parameters
    ----------
    path : the file.
    axes : the file's axes that point forward and up, as ``("+Y", "+Z")``; default the file's own POINT:X_SCREEN and
        Y_SCREEN, or what plates and markers show (see ``_turn_matrix``).
    zero : start and end (s, on the file's clock) of a stretch with no one on any plate; its mean is taken off
        every plate channel. Default: nothing is taken off.

    Returns
    -------
    Recording; the ground reaction is the force on the walker, as the C3D manual wants it stored. A position of exactly
    (0, 0, 0) is a gap. What is not needed does not refuse the file: a plate that cannot be used is in ``left_out``,
    markers of one name are told apart as ``recording.named_markers`` does, and ``notes`` say so.

    Raises
    ------
    TrialFormatError : every problem found in the file: damaged, cut off, no axes, units that cannot be, no positions, a
        zero stretch that is empty or loaded.

    References
    ----------
    The C3D File Format: A Technical User Guide (Motion Lab Systems, 2021).
    """
    path = existing(path, {".c3d"})
    raw = _read_raw(path)
    problems: list[str] = []
    turn, notes = _turn_matrix(path, raw, axes)
    notes = [*raw.notes, *notes]
    is_output = np.isin(raw.labels, _output_labels(raw.parameters))
    labels = [name for name, out in zip(raw.labels, is_output, strict=True) if not out]
    if raw.unit not in LENGTHS:
        problems.append(f"expected POINT:UNITS mm, cm or m, found '{printable(raw.unit, 24)}'. Correct the parameter.")
    scale = LENGTHS.get(raw.unit, 1e-3)
    positions = raw.points[:, ~is_output] * scale @ turn.T
    astray = _astray(positions)
    if astray.any():
        positions[astray] = np.nan
        notes.append(
            f"{int(astray.sum())} positions of {int(astray.any(0).sum())} markers lie more than {LARGEST_VOLUME:g} m "
            "from all others; they are gaps."
        )
    problems += extent_problems(positions, printable(raw.unit, 24))
    time = (raw.first_frame - 1 + np.arange(len(positions))) / raw.point_rate
    markers, copies = named_markers(positions, time, labels)
    notes += copies
    analog_time = time[:1] + np.arange(len(raw.analogs)) / raw.analog_rate if len(raw.analogs) else np.empty(0)
    loads: xr.Dataset | None = None
    left_out: dict[str, str] = {}
    try:
        loads, left_out, said = _plate_wrenches(raw, analog_time, turn, scale, zero)
        notes += [*said, *(f"plate {name} is left out: {reason}" for name, reason in left_out.items())]
    except TrialFormatError as error:
        problems += error.problems
    if problems:
        raise TrialFormatError(path, problems)
    events, said = _stored_events(raw)
    subject, turned = _subject_numbers(raw)
    outputs = xr.DataArray(
        raw.points[:, is_output],
        dims=("time", "output", "component"),
        coords={"time": time, "output": [n for n, out in zip(raw.labels, is_output, strict=True) if out]},
        attrs={"units": "as stored in the file", "long_name": "outputs of another program", "frame": "as stored"},
    )
    analogs = xr.DataArray(
        raw.analogs,
        dims=("time", "channel"),
        coords={"time": analog_time, "channel": raw.channels},
        attrs={"units": "as stored in the file", "long_name": "analog channels"},
    )
    told = (*notes, *said, *turned)
    return Recording(path.name, markers, loads, analogs, outputs, events, subject, told, left_out)


@dataclass(frozen=True)
class _RawC3D:
    """What a C3D file holds, in its own units and axes.

    ``points`` (time, point, axis) with NaN where the cameras lost the point; ``analogs`` (sample, channel);
    ``parameters`` by (group, name): a list of strings, or an array whose first index runs fastest in the file;
    ``marks`` the events of the header, (s, name); ``notes`` what had to be decided, one sentence each.
    """

    points: np.ndarray
    point_rate: float
    first_frame: int
    labels: list[str]
    analogs: np.ndarray
    analog_rate: float
    channels: list[str]
    parameters: Parameters
    marks: tuple[tuple[float, str], ...] = ()
    notes: tuple[str, ...] = ()

    def numbers(self, group: str, name: str) -> np.ndarray:
        """Return a parameter's numbers in file order; none where the file has none."""
        return _numbers(self.parameters, group, name)

    def texts(self, group: str, name: str) -> list[str]:
        """Return a parameter's strings; none where the file has none."""
        value = self.parameters.get((group, name), [])
        return value if isinstance(value, list) else []

    def all_texts(self, group: str, name: str) -> list[str]:
        """Return the strings of NAME, NAME2, NAME3 ... (a list holds 255) in one."""
        return [text for part in _parts(self.parameters, group, name) for text in self.texts(group, part)]

    @property
    def unit(self) -> str:
        """The unit of its positions in lower case; mm where it names none."""
        stated = (self.texts("POINT", "UNITS") or [""])[0].lower()
        return {"": "mm", "mete": "m"}.get(stated, stated)  # four letters are all that some files have room for

    def count(self, group: str, name: str) -> int:
        """Return a parameter that counts something; 0 where the file has none."""
        value = self.numbers(group, name)[:1]
        return int(value[0]) if value.size and np.isfinite(value[0]) else 0


def _read_raw(path: Path) -> _RawC3D:
    """Read a C3D file of any byte order (PC, DEC, MIPS), integer or real.

    Raises
    ------
    TrialFormatError : the file is empty, cut off, no C3D, its parameter section is damaged, it holds rotations alone,
        or header and parameters contradict each other where the file's size cannot decide.

    References
    ----------
    The C3D File Format: A Technical User Guide (Motion Lab Systems, 2021).
    """
    size = path.stat().st_size
    if size < 2 * BLOCK:
        raise TrialFormatError(
            path, f"expected a C3D file of at least 1024 bytes, found {size}. Export the trial again."
        )
    content = np.fromfile(path, np.uint8)
    if content[1] != 80:
        raise TrialFormatError(path, "expected a C3D file (second byte 80), found another format. Check the extension.")
    try:
        words = _Words(content)
        with np.errstate(all="ignore"):
            parameters = _parameters(words)
    except (IndexError, ValueError, KeyError) as error:
        raise TrialFormatError(
            path,
            f"expected a readable C3D parameter section, found a damaged one ({error}). "
            "Export the trial again from the capture software.",
        ) from None
    try:
        with np.errstate(all="ignore"):
            return _read(words, parameters)
    except TrialFormatError as error:
        raise TrialFormatError(path, error.problems) from None


class _Words:
    """Numbers of a C3D file in the byte order of the processor that its parameter section names."""

    def __init__(self, content: np.ndarray) -> None:
        self.content = content
        self.start = BLOCK * (max(int(content[0]), 1) - 1)
        processor = int(content[self.start + 3])
        if processor not in (84, 85, 86):
            raise ValueError(f"processor {processor}, not 84, 85 or 86")
        self.big, self.dec = processor == 86, processor == 85

    def read(self, at: int, kind: str, count: int = 1) -> np.ndarray:
        """Return values of a numpy type at a byte; a DEC real has its words swapped and is four times as large."""
        size = np.dtype(kind).itemsize * count
        if not 0 <= at <= at + size <= len(self.content):
            raise ValueError("it leaves the file")
        values = self.content[at : at + size].view(np.dtype(kind).newbyteorder(">" if self.big else "<"))
        if kind == "f4" and self.dec:
            swapped = values.view("<u4")
            values = ((swapped << 16) | (swapped >> 16)).view("<f4") / np.float32(4)
        return values

    def one(self, at: int, kind: str) -> Any:
        """Return a single value as Python's own number, which does not overflow."""
        return self.read(at, kind)[0].item()


def _parameters(words: _Words) -> Parameters:
    """Read the parameter section; of a parameter listed several times the first that holds something counts."""
    at, data = words.start + 4, BLOCK * (words.one(16, "u2") - 1)
    end = data if data > words.start else len(words.content)
    groups: dict[int, str] = {}
    found: list[tuple[int, str, Any]] = []
    while at + 2 <= end:
        length, group = abs(words.one(at, "i1")), words.one(at + 1, "i1")
        if not length or not group:
            break
        name = _text(words.read(at + 2, "u1", length)).upper()
        after = at + 2 + length
        step = words.one(after, "i2")
        if group < 0:
            groups.setdefault(-group, name)
        else:
            kind, dimensions = words.one(after + 2, "i1"), words.read(after + 4, "u1", words.one(after + 3, "u1"))
            shape = dimensions.astype(int).tolist()
            begin, count = after + 4 + len(shape), int(np.prod(shape, dtype=np.int64))
            if kind not in KINDS or len(shape) > 7 or begin + count * abs(kind) > end:
                raise ValueError("a parameter leaves the section")
            found.append((group, name, _value(words, begin, kind, shape)))
        if step <= 0:
            break
        at = after + step
    result: Parameters = {}
    for number, name, value in found:
        key = (groups.get(number, f"GROUP{number}"), name)
        if key not in result or not len(result[key]):
            result[key] = value
    return result


def _value(words: _Words, at: int, kind: int, shape: list[int]) -> Any:
    """Return a parameter as a list of strings, or as an array whose first index runs fastest in the file."""
    count = int(np.prod(shape, dtype=np.int64))
    if kind != -1:
        return (
            words.read(at, KINDS[kind], count).astype(float if kind == 4 else np.int64).reshape(shape or 1, order="F")
        )
    width = shape[0] if shape else 1
    letters = words.read(at, "u1", count)
    return [_text(letters[k : k + width]) for k in range(0, count, width)] if width else []


def _text(letters: np.ndarray) -> str:
    """Return a string as it may be shown anywhere: no control characters, no blanks around it."""
    content = letters.tobytes().split(b"\0")[0] if letters[:1].any() else b""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return visible(re.sub(r"\s", " ", text)).strip()


def _numbers(parameters: Parameters, group: str, name: str) -> np.ndarray:
    value = parameters.get((group, name), [])
    return np.empty(0) if isinstance(value, list) else np.ravel(value, order="F").astype(float)


def _parts(parameters: Iterable[tuple[str, str]], group: str, name: str) -> list[str]:
    """Return which of NAME, NAME2, NAME3 ... a group has, in this order."""
    there = set(parameters)
    found = [name] if (group, name) in there else []
    number = 2
    while (group, f"{name}{number}") in there:
        found.append(f"{name}{number}")
        number += 1
    return found


def _stated(parameters: Parameters, group: str, name: str) -> float:
    """Return the first number of a parameter, or 0; a word that overflowed counts on from 32,767."""
    value = _numbers(parameters, group, name)[:1]
    if not value.size or not np.isfinite(value[0]):
        return 0.0
    return float(value[0]) + 65536 * bool(parameters[group, name].dtype.kind == "i" and -32768 <= value[0] < 0)


def _field(parameters: Parameters, edge: str) -> int:
    """Return TRIAL:ACTUAL_START_FIELD or END_FIELD, whose two words (in one dimension or two) are one number, or 0."""
    value = _numbers(parameters, "TRIAL", f"ACTUAL_{edge}_FIELD")[:2]
    if not value.size or not np.isfinite(value).all() or (np.abs(value) > 2**31).any():
        return 0
    return int(value[0]) if value.size == 1 else int(value[0]) % 65536 + int(value[1]) % 65536 * 65536


def _differ(one: float, other: float, share: float = 1e-4) -> bool:
    return not abs(one - other) <= share * abs(one)


def _rate(words: _Words, parameters: Parameters, notes: list[str]) -> float:
    """Return the rate of the frames (Hz): the parameter's, which has more digits; the header's where there is none."""
    header, per_frame = words.one(20, "f4"), words.one(18, "u2")
    analog = _stated(parameters, "ANALOG", "RATE")
    rate = said = _stated(parameters, "POINT", "RATE") or header
    if _differ(rate, header) and RATES[0] <= header <= RATES[1]:
        fitting = [r for r in (rate, header) if analog and per_frame and not _differ(r, analog / per_frame, 0.01)]
        if _differ(rate, header, 0.01) and len(fitting) != 1:
            raise TrialFormatError(
                "rate", f"expected POINT:RATE {header:g} Hz as in the header, found {rate:g}. Export the file again."
            )
        rate = fitting[0] if len(fitting) == 1 else rate
        notes.append(f"The header says {header:g} Hz, POINT:RATE {said:g} Hz; {rate:g} Hz was taken.")
    if not RATES[0] <= rate <= RATES[1]:
        raise TrialFormatError(
            "rate", f"expected a rate of {RATES[0]:g}-{RATES[1]:g} Hz, found {rate:g} Hz. Correct POINT:RATE."
        )
    if analog and words.one(4, "u2") and _differ(per_frame * rate, analog, 1e-3):
        notes.append(f"ANALOG:RATE says {analog:g} Hz; {per_frame} samples a frame at {rate:g} Hz were taken.")
    return rate


def _counts(words: _Words, parameters: Parameters) -> dict[int, str]:
    """Return every number of frames that something in the file names, and what names it; the most trusted first."""
    first, last = words.one(6, "u2"), words.one(8, "u2")
    start, end = (_field(parameters, edge) for edge in ("START", "END"))
    named = [(last - first + 1, "the header"), (end - start + 1 if start and end else 0, "TRIAL:ACTUAL_END_FIELD")]
    if end > 65535:
        named.reverse()
    for name in ("FRAMES", "LONG_FRAMES"):
        value = int(_stated(parameters, "POINT", name))
        named += [(value, f"POINT:{name}"), (value - first + 1, f"POINT:{name}, which holds the last frame,")]
    found: dict[int, str] = {}
    for n, who in named:
        if n > 0:
            found.setdefault(n, who)
    return found


@dataclass(frozen=True)
class _Layout:
    """How the frames lie in the file: points, analog values and samples a frame, bytes of a number, frames."""

    points: int
    values: int
    per_frame: int
    width: int
    frames: int = 0

    @property
    def size(self) -> int:
        """Bytes of a frame."""
        return self.width * (4 * self.points + self.values)


def _scale(words: _Words, parameters: Parameters) -> float:
    """Return the unit of integer positions: the header's, which must be the parameter's too where both name one."""
    scales = [abs(one) for one in (words.one(12, "f4"), _stated(parameters, "POINT", "SCALE")) if one]
    if not scales or not np.isfinite(scales).all() or _differ(scales[0], scales[-1]):
        found = " and ".join(f"{scale:g}" for scale in scales) or "none"
        raise TrialFormatError(
            "scale", f"expected one scale of positions, its header's and POINT:SCALE, found {found}. Export it again."
        )
    return scales[0]


def _layout(words: _Words, parameters: Parameters, room: int, notes: list[str]) -> _Layout:
    """Decide how the frames lie in the file's ``room`` (bytes): as the header has it, or as else fills the file.

    Raises
    ------
    TrialFormatError : nothing that the file names fits into it (it is cut off), or nothing decides.
    """
    points, values, per_frame = words.one(2, "u2"), words.one(4, "u2"), max(words.one(18, "u2"), 1)
    used, channels = (int(_stated(parameters, group, "USED")) for group in ("POINT", "ANALOG"))
    samples = values // channels if values and channels > 0 and values % channels == 0 else per_frame
    scales = [words.one(12, "f4"), _stated(parameters, "POINT", "SCALE")]
    ways = [
        _Layout(*way)
        for way in product(
            dict.fromkeys((points, used or points)),
            dict.fromkeys((values, channels * per_frame or values)),
            [per_frame],
            dict.fromkeys(4 if scale < 0 else 2 for scale in scales if scale) or [4],
        )
    ]
    ways = [replace(way, per_frame=samples) if way.values == values else way for way in ways]
    ways = [way for way in ways if way.size and way.values % way.per_frame == 0]
    counts = _counts(words, parameters)
    if not ways or not counts:
        raise TrialFormatError("frames", "expected frames of points, found none. Export the file again.")
    for spare, way, (n, who) in product((BLOCK, None), ways, counts.items()):
        if 0 <= room - n * way.size <= (way.size + BLOCK if spare is None else spare):
            if way != ways[0]:
                notes.append(
                    f"The header counts {points} points and {values} analog values a frame; {way.points} and "
                    f"{way.values}, of {way.width} bytes each, fill the file."
                )
            if n != next(iter(counts)):
                notes.append(f"The header counts {next(iter(counts))} frames; {n}, as {who} says, fill the file.")
            return replace(way, frames=n)
    way, n = ways[0], next(iter(counts))
    most = room // way.size
    overflowed = [k for k in range(n + 65536, most + 1, 65536) if room - k * way.size <= BLOCK]
    if len(ways) > 1:
        raise TrialFormatError(
            "frames",
            f"expected {points} points and {values} analog values a frame, as its header says, found POINT:USED {used} "
            f"and ANALOG:USED {channels} (with {per_frame} samples a frame). Export the file again.",
        )
    if overflowed or (words.one(8, "u2") == 65535 and most > n):
        n = overflowed[0] if overflowed else most
        notes.append(f"The header's count of frames overflowed: the file holds {n}.")
    elif n > most:
        raise TrialFormatError(
            "frames",
            f"expected {n} frames ({n * way.size} bytes), found {max(room, 0)} bytes: the file is cut off. Copy or "
            "export it again.",
        )
    elif room - n * way.size >= BLOCK + way.size:
        notes.append(f"The file goes on behind the last of the {n} frames it names; what follows was not read.")
    return replace(way, frames=n)


def _read(words: _Words, parameters: Parameters) -> _RawC3D:
    """Read positions and analog values of all frames at once."""
    notes: list[str] = []
    start = BLOCK * (words.one(16, "u2") - 1)
    if start <= words.start:  # the header names no block
        start = BLOCK * (int(_stated(parameters, "POINT", "DATA_START")) - 1)
    if start < BLOCK:
        raise TrialFormatError(
            "frames", "expected POINT:DATA_START, where the frames start, found none. Export it again."
        )
    end, rotations = len(words.content), 0
    if _stated(parameters, "ROTATION", "USED") > 0:
        if not words.one(2, "u2"):
            raise TrialFormatError(
                "points", "expected positions of points, found rotations alone. Export the trial with trajectories."
            )
        rotations = BLOCK * (int(_stated(parameters, "ROTATION", "DATA_START")) - 1)
        end = rotations if start < rotations < end else end
        notes.append("The file also holds rotations of segments; they are not read.")
    rate = _rate(words, parameters, notes)
    layout = _layout(words, parameters, end - start, notes)
    frames, real = layout.frames, layout.width == 4
    table = words.read(start, "f4" if real else "i2", frames * layout.size // layout.width).reshape(frames, -1)
    stored = table[:, : 4 * layout.points].reshape(frames, layout.points, 4)
    points = stored[..., :3].astype(float)
    if not real:  # the product that the same trial in a file of reals holds
        points = (stored[..., :3] * np.float32(_scale(words, parameters))).astype(float)
    names = _all_labels(parameters, "POINT", layout.points, "point")
    with np.errstate(invalid="ignore"):
        lost = (stored[..., 3] < 0) | ~np.isfinite(points).all(-1)
        lost |= (stored[..., :3] == 0).all(-1) & ~np.isin(names, _output_labels(parameters))
    points[lost] = np.nan
    channels = layout.values // layout.per_frame
    analogs = table[:, 4 * layout.points :].reshape(frames * layout.per_frame if channels else 0, channels)
    analogs = _analogs(analogs, parameters, notes)
    first, begin = max(words.one(6, "u2"), 1), _field(parameters, "START")  # some count frames from 0
    if begin and _field(parameters, "END") - begin + 1 == frames:
        first = begin
    marks, label = [], words.one(298, "u2") == 12345
    for k in range(min(words.one(300, "u2"), 18)):
        name = _text(words.read(396 + 4 * k, "u1", 4 if label else 2))
        marks.append((float(words.one(304 + 4 * k, "f4")), name))
    columns = _numbered(_all_labels(parameters, "ANALOG", channels, "channel"))
    return _RawC3D(
        points, rate, first, names, analogs, layout.per_frame * rate if channels else 0.0, columns, parameters,
        tuple(marks), tuple(notes),
    )  # fmt: skip


def _analogs(stored: np.ndarray, parameters: Parameters, notes: list[str]) -> np.ndarray:
    """Return analog values in their own units, (sample, channel): less their offset, times their scales.

    A single offset or scale is that of all channels. A channel beyond the end of a longer list has none: NaN.
    """
    channels = stored.shape[1]
    unsigned = "UNSIGNED" in str(parameters.get(("ANALOG", "FORMAT"))).upper()
    if unsigned and stored.dtype.kind == "i":
        stored = stored.view(stored.dtype.str.replace("i", "u"))
    factors = []
    for name, default in (("OFFSET", 0.0), ("SCALE", 1.0)):
        parts = _parts(parameters, "ANALOG", name)
        value = np.concatenate([_numbers(parameters, "ANALOG", part) for part in parts] or [np.empty(0)])
        value = np.full(channels, value[0] if value.size else default) if value.size < 2 else value[:channels]
        if len(value) < channels:
            notes.append(f"ANALOG:{name} holds {len(value)} numbers for {channels} channels: the others are not read.")
            value = np.r_[value, np.full(channels - len(value), np.nan)]
        factors.append(value)
    offset, scale = factors
    if stored.size:  # a count of 16 bits without sign: so is its offset, whatever the format says
        with np.errstate(invalid="ignore"):
            unsigned = (unsigned | (stored.max(0) > 32767)) & (offset < 0) & (offset >= -32768)
        offset = offset + 65536 * unsigned
    general = _numbers(parameters, "ANALOG", "GEN_SCALE")[:1]
    values = stored.astype(float)
    values -= offset
    values *= scale * (general[0] if general.size else 1.0)
    return values


def _all_labels(parameters: Parameters, group: str, count: int, kind: str) -> list[str]:
    """Join LABELS, LABELS2, ... (255 each), drop the subject's name before a colon, name what has none."""
    names: list[str] = []
    for part in _parts(parameters, group, "LABELS"):
        names += [str(name) for name in parameters[group, part]] if isinstance(parameters[group, part], list) else []
    names = [name.rsplit(":", 1)[-1].strip() for name in names[:count]]
    names += [""] * (count - len(names))
    return [name or f"unlabelled_{kind}_{k + 1}" for k, name in enumerate(names)]


def _numbered(names: Iterable[str]) -> list[str]:
    """Return names of which every copy carries its place in the list: LHEE, RHEE, LHEE#3.

    Examples
    --------
    >>> _numbered(["LHEE", "RHEE", "LHEE"])
    ['LHEE', 'RHEE', 'LHEE#3']
    """
    seen: set[str] = set()
    result = []
    for k, name in enumerate(names):
        result.append(f"{name}#{k + 1}" if name in seen else name)
        seen.add(name)
    return result


def _output_labels(parameters: Parameters) -> list[str]:
    """Labels of points that are no positions: angles, moments, forces, powers, scalars."""
    labels: list[str] = []
    for (group, name), value in parameters.items():
        if group == "POINT" and re.fullmatch(r"(ANGLES|MOMENTS|FORCES|POWERS|SCALARS|REACTIONS)\d*", name):
            labels += [text.rsplit(":", 1)[-1].strip() for text in value] if isinstance(value, list) else []
    return labels


def _stored_events(raw: _RawC3D) -> tuple[pd.DataFrame, list[str]]:
    """Return the file's own events, those of the header where the EVENT group has none, and notes on them.

    Returns
    -------
    table : time (s, on the file's clock), event, side ("" where neither name nor context tells it). A foot's contact
        is called initial_contact, its leaving foot_off; any other event keeps its own name.
    notes : events that are not used and why, one sentence each.
    """
    times, labels, contexts, notes = _listed_events(raw)
    if not times.size and raw.marks:
        times, labels = np.array([time for time, _ in raw.marks]), [name for _, name in raw.marks]
    rows, unknown = [], []
    for k, (time, label) in enumerate(zip(times, labels, strict=True)):
        found = EVENT.fullmatch(re.sub("[^a-z]", "", label.lower()))
        named = {word[0] for word in (found["before"], found["after"]) if word} if found else set()
        named |= (
            {word[0] for word in re.findall(r"^(?:left|right|l|r)\b", contexts[k].lower())}
            if k < len(contexts)
            else set()
        )
        side = {"l": "left", "r": "right"}[named.pop()] if len(named) == 1 else ""
        event = "" if not found else "initial_contact" if found["initial_contact"] else "foot_off"
        if not event:
            unknown.append(label)
        if np.isfinite(time):
            rows.append((float(time), event or label.lower(), side))
    if unknown:
        shown = ", ".join(repr(name[:24]) for name in sorted(set(unknown))[:6])
        notes.append(f"{len(unknown)} events are neither a contact of a foot nor its end, and not used: {shown}.")
    if len(rows) < times.size:
        notes.append(f"{times.size - len(rows)} events have no time and are not used.")
    table = pd.DataFrame(rows, columns=["time", "event", "side"]).astype({"time": float})
    without = table["event"].isin(["initial_contact", "foot_off"]) & (table["side"] == "")
    if without.any():
        notes.append(
            f"{int(without.sum())} of {len(table)} events name no side, or two: EVENT:CONTEXTS is missing or wrong."
        )
    return table.sort_values("time", ignore_index=True, kind="stable"), notes


def _listed_events(raw: _RawC3D) -> tuple[np.ndarray, list[str], list[str], list[str]]:
    """Return times (s), labels and contexts of the EVENT group, and what does not fit together there."""
    labels, contexts = raw.all_texts("EVENT", "LABELS"), raw.all_texts("EVENT", "CONTEXTS")
    parts = [np.empty(0)]
    for part in _parts(raw.parameters, "EVENT", "TIMES"):
        value = raw.parameters["EVENT", part]
        if isinstance(value, list):
            continue
        count = len(raw.texts("EVENT", part.replace("TIMES", "LABELS")))
        if value.ndim == 2 and value.shape[1] == 2 != value.shape[0]:
            value = value.T
        flat = np.ravel(value, order="F").astype(float)
        in_minutes = (value.ndim == 2 and value.shape[0] == 2) or flat.size >= 2 * max(count, 1)
        parts.append(flat[: len(flat) // 2 * 2].reshape(-1, 2) @ [60.0, 1.0] if in_minutes else flat)
    times = np.concatenate(parts)
    used = raw.count("EVENT", "USED") if ("EVENT", "USED") in raw.parameters else len(labels)
    count = max(min(used, len(times), len(labels)), 0)
    notes = []
    if not used == len(times) == len(labels) and (used or labels):
        notes.append(
            f"EVENT:USED counts {used} events, the lists hold {len(times)} times and {len(labels)} labels: "
            f"{count} were read."
        )
    return times[:count], labels[:count], contexts[:count], notes


def _subject_numbers(raw: _RawC3D) -> tuple[dict[str, float], list[str]]:
    """Measures of the body in the PROCESSING group (mm, kg), names in lower case, and notes on their units.

    A height, leg length or width of knee or ankle that can only be in m or cm is turned into mm. All else of the group
    stays in the file.
    """
    found, turned = {}, []
    for (group, name), value in raw.parameters.items():
        if group != "PROCESSING" or isinstance(value, list) or np.size(value) != 1 or not BODY_MEASURES.fullmatch(name):
            continue
        number = float(np.ravel(value)[0])
        low, high = BODY_LENGTHS.get(re.sub("^(LEFT|RIGHT|L|R)(?=LEG|KNEE|ANKLE)", "", name), (-np.inf, np.inf))
        factor = next((f for f in (1.0, 10.0, 1000.0) if low <= f * number <= high), 1.0)
        if factor != 1:
            turned.append(f"{name} ({'cm' if factor == 10 else 'm'})")
        found[name.lower()] = factor * number
    notes = [f"Measures of the body were turned into mm: {', '.join(turned)}."] if turned else []
    return found, notes


def _astray(positions: np.ndarray) -> np.ndarray:
    """Return where a few of many positions (m) lie further from their middle than any capture volume is wide."""
    if not np.isfinite(positions).any():
        return np.zeros(positions.shape[:2], bool)
    middle = np.nanmedian(positions, (0, 1))
    with np.errstate(invalid="ignore"):
        far = np.abs(positions - middle).max(-1) > LARGEST_VOLUME
    return far & bool(far.mean() < MOST_ASTRAY)


# ---- which way the axes point ----


def _turn_matrix(path: Path, raw: _RawC3D, axes: tuple[str, str] | None) -> tuple[np.ndarray, list[str]]:
    """Return the file's directions that are forward, up and right, as rows, and a note where they were inferred.

    Parameters
    ----------
    axes : what the user says; it counts. Without it the file's POINT:X_SCREEN and Y_SCREEN count, unless they are
        absent or plates and markers show another axis up: then that one is, and forward is any horizontal axis.

    Raises
    ------
    TrialFormatError : axes that are none, or none at all and nothing shows which way is up.
    """
    named = axes or tuple((raw.texts("POINT", name) or [""])[0] for name in ("X_SCREEN", "Y_SCREEN"))
    forward, up = (unit_axis(text) for text in named)
    declared = forward is not None and up is not None and not abs(forward @ up) > 0
    seen = None if axes else _seen_up(raw)
    notes = []
    if seen is not None and not (declared and up is not None and up @ seen > 0):
        forward = np.eye(3)[0] if forward is None or abs(forward @ seen) > 0 else forward
        forward, up = (np.eye(3)[1] if abs(forward @ seen) > 0 else forward), seen
        said = f", not {named[1].upper()} as POINT:Y_SCREEN says" if declared else ""
        notes.append(
            f"Axes inferred from plates and markers: {_axis_name(up)} is up{said}. To override, give the axes that "
            f"point forward and up: --axes {_axis_name(forward)}{_axis_name(up)}."
        )
    if forward is None or up is None:
        return axes_matrix(path, named), notes
    return axes_matrix(path, (_axis_name(forward), _axis_name(up))), notes


def _seen_up(raw: _RawC3D) -> np.ndarray | None:
    """Return the axis of the file that is up by plates and markers (a unit vector), or None where they do not tell.

    Plates lie level, and people stand on them. Without plates: a person's markers spread furthest along the vertical,
    the lowest of them stays on the floor, where a lab has its origin, the axis points away from it, and so does no
    other axis. What contradicts itself tells nothing.
    """
    scale = LENGTHS.get(raw.unit, 1e-3)
    points = raw.points[:, ~np.isin(raw.labels, _output_labels(raw.parameters))] * scale
    few = points[:: max(len(points) // 200, 1)]
    few = few[np.isfinite(few).all(-1).sum(1) >= 3]
    if not len(few):
        return None
    axis, level = _plate_level(raw, scale)
    low, high = np.nanmin(few, 1), np.nanmax(few, 1)
    near, far = np.median(low, 0) - level, np.median(high, 0) - level
    up, down = ((-FLOOR <= a) & (a <= 2 * FLOOR) & (b >= TALL) for a, b in ((near, far), (-far, -near)))
    if axis is None:
        steady = up & (np.ptp(np.percentile(low, [5, 95], axis=0), axis=0) <= STEADY)
        axis = int(np.median(high - low, 0).argmax())
        return np.eye(3)[axis] if steady[axis] and steady.sum() == 1 else None
    return np.eye(3)[axis] * (1 if up[axis] else -1) if up[axis] != down[axis] else None


def _plate_level(raw: _RawC3D, scale: float) -> tuple[int | None, float]:
    """Return the axis that is normal to all plates and their height along it (m), or None and 0."""
    corners = raw.numbers("FORCE_PLATFORM", "CORNERS") * scale
    corners = corners[: len(corners) // 12 * 12].reshape(-1, 4, 3)
    normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    area = np.linalg.norm(normal, axis=1)
    real = (area > 0.02) & np.isfinite(corners).all((1, 2))
    if not real.any():
        return None, 0.0
    normal = np.abs(normal[real] / area[real, None])
    axis = int(normal[0].argmax())
    if not (normal[:, axis] > 0.95).all():
        return None, 0.0
    return axis, float(np.median(corners[real][..., axis]))


def _axis_name(vector: np.ndarray) -> str:
    axis = int(np.abs(vector).argmax())
    return ("-" if vector[axis] < 0 else "+") + "XYZ"[axis]


# ---- force plates ----


def _plate_wrenches(
    raw: _RawC3D, time: np.ndarray, turn: np.ndarray, scale: float, zero: tuple[float, float] | None
) -> tuple[xr.Dataset | None, dict[str, str], list[str]]:
    """Return the ground reactions of the plates of a file that can be used, and why the others cannot.

    Parameters
    ----------
    time : s, of the analog samples. turn : rows are the file's forward, up and right. scale : file length to m.
    zero : s, a stretch with no one on any plate, whose mean is taken off.

    Returns
    -------
    loads : as ``io.plates.wrench`` gives them, plates called by their number in the file; None without any.
    left_out : by number, why a plate is not in ``loads``: unknown type or unit, parameters or channels that are not
        there, forces that cannot be, a plate that is pressed but rests more than 20 N from zero or seems to pull.
    notes : what was read otherwise than the file says.

    Raises
    ------
    TrialFormatError : an empty or loaded zero stretch.
    """
    count = raw.count("FORCE_PLATFORM", "USED")
    names = [str(k + 1) for k in range(min(count, max(raw.numbers("FORCE_PLATFORM", "TYPE").size, 1)))]
    if not raw.analogs.size:
        return None, dict.fromkeys(names, "the file holds no analog values"), []
    quiet, empty = plates.unloaded_samples(time, zero)
    if names and empty:
        raise TrialFormatError("force plates", empty)
    found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    left_out: dict[str, str] = {}
    notes, problems = [], []
    for k, name in enumerate(names):
        try:
            force, moment, corners, said = _plate(raw, k, turn, scale, quiet)
        except TrialFormatError as error:
            left_out[name] = " ".join(error.problems)
            continue
        notes += [f"plate {name}: {note}" for note in said]
        level = plates.level_problem(force[:, 1], zero)
        if quiet.any() and not np.abs(force[quiet]).max() <= 50:
            level = plates.loaded_stretch(zero, np.abs(force[quiet]).max())
        if level and zero is not None:
            problems.append(f"plate {name}: {level}")
        elif level:
            left_out[name] = level
        else:
            found[name] = force, moment, corners
    if problems:
        raise TrialFormatError("force plates", problems)
    if count > len(names):
        notes.append(f"FORCE_PLATFORM:USED counts {count} plates, {len(names)} are described.")
    if not found:
        return None, left_out, notes
    force, moment, corners = (np.stack(part) for part in zip(*found.values(), strict=True))
    loads = plates.wrench(
        time, list(found), force.swapaxes(0, 1), moment.swapaxes(0, 1), corners[..., 1].mean(1), corners
    )
    return loads, left_out, notes


def _plate(
    raw: _RawC3D, k: int, turn: np.ndarray, scale: float, quiet: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Return force and moment (N, N m, lab axes and origin), corners (m) and notes of the plate with index ``k``."""
    count = raw.count("FORCE_PLATFORM", "USED")
    table = raw.parameters.get(("FORCE_PLATFORM", "CHANNEL"), [])
    stored = {name: raw.numbers("FORCE_PLATFORM", name) for name in ("TYPE", "CHANNEL", "CORNERS", "ORIGIN")}
    rows = len(table) if np.ndim(table) == 2 else max(stored["CHANNEL"].size // count, 6)
    own = {
        name: stored[name][each * k : each * (k + 1)]
        for name, each in (("TYPE", 1), ("CHANNEL", rows), ("CORNERS", 12), ("ORIGIN", 3))
    }
    problems = [
        f"expected {each} numbers in FORCE_PLATFORM:{name}, found {own[name].size}. Export the file again."
        for name, each in (("TYPE", 1), ("CHANNEL", rows), ("CORNERS", 12), ("ORIGIN", 3))
        if own[name].size < each or not np.isfinite(own[name]).all()
    ]
    if problems:
        raise TrialFormatError("force plate", problems)
    kind, columns = int(own["TYPE"][0]), own["CHANNEL"].astype(int) - 1
    if kind not in plates.CHANNELS:
        raise TrialFormatError("force plate", f"expected type 1, 2, 3 or 4, found {kind}. Export the plate as type 2.")
    columns = columns[: plates.CHANNELS[kind]]
    if len(columns) < plates.CHANNELS[kind] or not ((columns >= 0) & (columns < len(raw.channels))).all():
        raise TrialFormatError(
            "force plate",
            f"expected {plates.CHANNELS[kind]} channels among 1-{len(raw.channels)}, found {(columns + 1).tolist()}. "
            "Correct FORCE_PLATFORM:CHANNEL.",
        )
    corners = own["CORNERS"].reshape(4, 3) * scale @ turn.T
    origin = own["ORIGIN"] * scale
    values = raw.analogs[:, columns]
    if quiet.any():
        values = values - values[quiet].mean(0)
    if not np.isfinite(values).any(0).all() or np.isinf(values).any():
        raise TrialFormatError("force plate", "expected numbers in its channels, found none. Export the file again.")
    calibration = raw.numbers("FORCE_PLATFORM", "CAL_MATRIX")[36 * k : 36 * (k + 1)]
    matrix = calibration.reshape(6, 6, order="F") if calibration.size == 36 else None
    scales = _unit_scales(raw, columns, kind, scale)
    z_up = bool(plates.plate_axes(corners)[2, 1] > 0)

    def load(factor: float, signs: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
        by = scales * [factor, factor, 1.0 if kind == 1 else factor]
        return plates.plate_loads(values, kind, origin * signs, by, matrix, z_up=z_up)

    force, moment = load(1.0, (1, 1, 1))
    if not np.nanmax(np.abs(force)) <= plates.LARGEST_FORCE:
        raise TrialFormatError(
            "force plate",
            f"expected forces below {plates.LARGEST_FORCE:g} N, found {np.nanmax(np.abs(force)):.3g} N. Correct its "
            "ANALOG:SCALE and ANALOG:UNITS.",
        )
    notes = []
    on_plate = _pressed_there(force, moment, corners) if kind != 3 else np.nan
    if np.isfinite(on_plate):  # as stated, feet press beside the plate, or never move a millimetre about its sensor
        moves = np.ptp(np.percentile(_centre(force, load(1.0, (0, 0, 0))[1]), [5, 95], axis=0), axis=0).max()
        for factor, sign, note in READINGS if on_plate < 0.5 or moves < 0.001 else ():
            other = load(factor, (sign, sign, 1))[1]
            if factor * moves > 0.01 and _pressed_there(force, other, corners) > 0.95:
                moment = other
                notes.append(f"{note} Correct the parameter.")
                break
    force, moment = plates.to_lab(force, moment, corners)
    return force, moment, corners, notes


def _pressed_there(force: np.ndarray, moment: np.ndarray, corners: np.ndarray) -> float:
    """Return the share of the pressed samples with the centre of pressure on the plate; NaN with fewer than 20."""
    pressing = np.abs(force[:, 2]) > PRESSING
    if pressing.sum() < 20:
        return float("nan")
    half = np.array([np.linalg.norm(corners[0] - corners[k]) / 2 for k in (1, 3)])
    return float((np.abs(_centre(force, moment)) <= 1.1 * half).all(1).mean())


def _centre(force: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Return where a load acts on the plate (m, plate x and y from where the moment is taken), where it is pressed."""
    pressing = np.abs(force[:, 2]) > PRESSING
    return np.column_stack([-moment[pressing, 1], moment[pressing, 0]]) / force[pressing, 2:3]


def _unit_scales(raw: _RawC3D, columns: np.ndarray, plate_type: int, scale: float) -> np.ndarray:
    """Return what turns channels 4-6 of a plate into N m (type 1: two positions into m, and a moment), by their units.

    Parameters
    ----------
    columns : of the plate's channels, from 0. scale : file length to m, for channels that state no unit.

    Raises
    ------
    TrialFormatError : a unit that is none of a moment (or length); type 3 has force channels only and is not asked.
    """
    if plate_type == 3:
        return np.ones(3)
    stated = raw.all_texts("ANALOG", "UNITS")
    units = [stated[column] if column < len(stated) else "" for column in columns[3:6]]
    kinds = [LENGTHS] * 2 + [MOMENT_SCALE] if plate_type == 1 else [MOMENT_SCALE] * 3
    known = [
        {**dict.fromkeys(UNSTATED, scale), **kind}.get(re.sub(r"[\s.*·⋅•_-]", "", unit.lower()))
        for unit, kind in zip(units, kinds, strict=True)
    ]
    wrong = [
        f"expected channel {column + 1} in {'mm, cm or m' if kind is LENGTHS else 'N m or N mm'}, found '{unit}'. "
        "Correct its ANALOG:UNITS."
        for column, unit, kind, found in zip(columns[3:6], units, kinds, known, strict=True)
        if found is None
    ]
    if wrong:
        raise TrialFormatError("force plate", wrong)
    return np.array(known, dtype=float)

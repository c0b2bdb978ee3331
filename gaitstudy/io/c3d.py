"""C3D files: bytes to a recording in the lab frame, with what their parameters say of axes, plates, events, the person.

Header and parameters often count frames differently; the size of the file decides which of them is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError, visible
from gaitstudy.io import plates
from gaitstudy.io.files import LENGTHS, RATES, existing, printable
from gaitstudy.io.recording import Recording, axes_matrix, marker_array

BLOCK = 512
"""Bytes; sections of a C3D file start at multiples of it, and its last one is filled up to one."""
KINDS = {-1: "S1", 1: "i1", 2: "i2", 4: "f4"}
"""Types of a parameter's values: text, byte, word, real."""
BODY_MEASURES = re.compile("BODYMASS|HEIGHT|[LR](LEGLENGTH|KNEEWIDTH|ANKLEWIDTH)")
"""What is read of the group PROCESSING, which may hold dates and numbers of people too."""
EVENT = re.compile(
    "(?P<before>left|right|l|r)?(?:foot)?(?:(?P<initial_contact>(?:foot|heel|initial)?(?:strike|contact|down)|"
    "touchdown|fs|hs|ic)|(?P<foot_off>(?:foot|toe)?off|fo|to))(?:foot)?(?P<after>left|right|l|r)?"
)
"""An event's name, its letters in lower case: Foot Strike, Heel Strike, Toe-Off, LFS, R_TO, Left Foot Strike ..."""
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

CHANNELS = {1: 6, 2: 6, 3: 8, 4: 6}
"""Number of channels a plate of each C3D type delivers."""
PRESSING, EDGE = 100.0, 0.05
"""N, m; above such a force it is looked whether it acts on the plate, which ends so far beyond its corners."""


def read_c3d(
    path: str | Path, *, axes: tuple[str, str] | None = None, zero: tuple[float, float] | None = None
) -> Recording:
    """Read a C3D trial of any byte order (PC, DEC, MIPS), integer or real, and turn it to x forward, y up, z right.

    Parameters
    ----------
    path : the file.
    axes : the file's axes that point forward and up, as ``("+Y", "+Z")``; default the file's own POINT:X_SCREEN and
        Y_SCREEN.
    zero : start and end (s, on the file's clock) of a stretch with no one on any plate; its mean is taken off
        every plate. Default: nothing is taken off.

    Returns
    -------
    Recording; the ground reaction is the force on the walker, as the C3D manual wants it stored. A position of exactly
    (0, 0, 0) is a gap. What is not needed does not refuse the file: a plate that cannot be used is in ``left_out``,
    markers of one name are told apart as ``recording.marker_array`` does, and ``notes`` say so.

    Raises
    ------
    TrialFormatError : damaged or cut off, no axes, a unit of length that is none, no positions or impossible ones, a
        rate or a scale in the header that is not the parameters'.

    References
    ----------
    The C3D File Format: A Technical User Guide (Motion Lab Systems, 2021).
    """
    path = existing(path, {".c3d"})
    raw = _read_raw(path)
    screen = tuple((raw.parameters.texts("POINT", f"{name}_SCREEN") or [""])[0] for name in "XY")
    turn = axes_matrix(path, axes or screen)
    unit = (raw.parameters.texts("POINT", "UNITS") or [""])[0].lower()
    unit = {"": "mm", "mete": "m"}.get(unit, unit)  # four letters are all that some files have room for
    if unit not in LENGTHS:
        raise TrialFormatError(
            path, f"expected POINT:UNITS mm, cm or m, found '{printable(unit, 24)}'. Correct the parameter."
        )
    scale = LENGTHS[unit]
    time = (raw.first_frame - 1 + np.arange(len(raw.points))) / raw.rate
    samples = time[:1] + np.arange(len(raw.analogs)) / (raw.rate * max(len(raw.analogs) // len(time), 1))
    is_output = np.isin(raw.labels, _output_labels(raw.parameters))
    names = np.array(raw.labels, object)
    positions = raw.points[:, ~is_output] * scale @ turn.T
    markers, changed = marker_array(path, positions, time, names[~is_output].tolist(), unit)
    if zero is not None:  # a stretch that is not there is no plate's fault
        try:
            plates._samples_of(zero, samples)
        except TrialFormatError as error:
            raise TrialFormatError(path, error.problems) from None
    loads, left_out = _plate_wrenches(raw, samples, turn, scale, zero)
    events, unused = _stored_events(raw.parameters)
    outputs = xr.DataArray(
        raw.points[:, is_output],
        dims=("time", "output", "component"),
        coords={"time": time, "output": names[is_output].tolist()},
        attrs={"units": "as stored in the file", "long_name": "outputs of another program", "frame": "as stored"},
    )
    analogs = xr.DataArray(
        raw.analogs,
        dims=("time", "channel"),
        coords={"time": samples, "channel": raw.channels},
        attrs={"units": "as stored in the file", "long_name": "analog channels"},
    )
    measures = {name: np.ravel(v) for (group, name), v in raw.parameters.items() if group == "PROCESSING"}
    subject = {
        name.lower(): float(value[0])
        for name, value in measures.items()
        if BODY_MEASURES.fullmatch(name) and value.size == 1 and value.dtype.kind in "if"
    }
    told = [f"plate {name} is left out: {reason}" for name, reason in left_out.items()]
    notes = (*raw.notes, *changed, *told, *unused)
    return Recording(path.name, markers, loads, analogs, outputs, events, subject, notes, left_out)


# ---- from bytes to numbers ----


class _Parameters(dict[tuple[str, str], Any]):
    """Parameters by (group, name): a list of strings, or an array whose first index runs fastest in the file."""

    def numbers(self, group: str, name: str) -> np.ndarray:
        """Return the numbers of NAME, NAME2, NAME3 ... (a list holds 255) in file order; none without any."""
        values = [self[group, part] for part in self._parts(group, name)]
        numeric = [np.ravel(value, order="F") for value in values if not isinstance(value, list)]
        return np.concatenate([*numeric, np.empty(0)]).astype(float)

    def texts(self, group: str, name: str) -> list[str]:
        """Return the strings of NAME, NAME2, NAME3 ...; none without any."""
        values = [self[group, part] for part in self._parts(group, name)]
        return [text for value in values if isinstance(value, list) for text in value]

    def count(self, group: str, name: str) -> int:
        """Return a parameter that counts something; 0 without one; a word that overflowed counts on from 32,767."""
        value = self.numbers(group, name)[:1]
        if not value.size or not abs(value[0]) < 2**31:
            return 0
        return int(value[0]) + 65536 * bool(self[group, name].dtype.kind == "i" and -32768 <= value[0] < 0)

    def _parts(self, group: str, name: str) -> Iterator[str]:
        number, part = 1, name
        while (group, part) in self:
            yield part
            number, part = number + 1, f"{name}{number + 1}"


@dataclass(frozen=True)
class _RawC3D:
    """What a C3D file holds, in its own units and axes.

    ``points`` (time, point, axis) with NaN where the cameras lost the point; ``rate`` Hz, of the frames; ``analogs``
    (sample, channel); ``notes`` what had to be decided, one sentence each.
    """

    points: np.ndarray
    rate: float
    first_frame: int
    labels: list[str]
    analogs: np.ndarray
    channels: list[str]
    parameters: _Parameters
    notes: tuple[str, ...] = ()


def _read_raw(path: Path) -> _RawC3D:
    """Read a C3D file, its numbers as they are. Errors as ``read_c3d``."""
    size = path.stat().st_size
    if size < 2 * BLOCK:
        raise TrialFormatError(
            path, f"expected a C3D file of at least 1024 bytes, found {size}. Export the trial again."
        )
    content = np.fromfile(path, np.uint8)
    if content[1] != 80:
        raise TrialFormatError(path, "expected a C3D file (second byte 80), found another format. Check the extension.")
    with np.errstate(all="ignore"):
        try:
            words = _Words(content)
            parameters = _parameters(words)
        except (IndexError, ValueError, KeyError) as error:
            raise TrialFormatError(
                path,
                f"expected a readable C3D parameter section, found a damaged one ({error}). "
                "Export the trial again from the capture software.",
            ) from None
        return _read(path, words, parameters)


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


def _parameters(words: _Words) -> _Parameters:
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
            kind = words.one(after + 2, "i1")
            shape = words.read(after + 4, "u1", words.one(after + 3, "u1")).astype(int).tolist()
            begin, count = after + 4 + len(shape), int(np.prod(shape, dtype=np.int64))
            if kind not in KINDS or len(shape) > 7 or begin + count * abs(kind) > end:
                raise ValueError("a parameter leaves the section")
            if kind == -1:
                letters, width = words.read(begin, "u1", count), shape[0] if shape else 1
                value: Any = [_text(letters[k : k + width]) for k in range(0, count, width)] if width else []
            else:
                flat = words.read(begin, KINDS[kind], count).astype(float if kind == 4 else np.int64)
                value = flat.reshape(shape or 1, order="F")
            found.append((group, name, value))
        if step <= 0:
            break
        at = after + step
    result = _Parameters()
    for number, name, value in found:
        key = (groups.get(number, f"GROUP{number}"), name)
        if key not in result or not len(result[key]):
            result[key] = value
    return result


def _text(letters: np.ndarray) -> str:
    """Return a string as it may be shown anywhere: no control characters, no blanks around it."""
    content = letters.tobytes().split(b"\0")[0]
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return visible(re.sub(r"\s", " ", text)).strip()


def _read(path: Path, words: _Words, parameters: _Parameters) -> _RawC3D:
    """Read positions and analog values of all frames at once."""
    count, values, per_frame = words.one(2, "u2"), words.one(4, "u2"), max(words.one(18, "u2"), 1)
    start, end = BLOCK * (words.one(16, "u2") - 1), len(words.content)
    notes: list[str] = []
    if not count or values % per_frame or start <= words.start:
        raise TrialFormatError(
            path, "expected frames of points, found none (rotations alone, or a damaged header). Export the file again."
        )
    if parameters.count("ROTATION", "USED") > 0:
        rotations = BLOCK * (parameters.count("ROTATION", "DATA_START") - 1)
        end = rotations if start < rotations < end else end
        notes.append("The file also holds rotations of segments; they are not read.")
    header, stated = words.one(20, "f4"), parameters.numbers("POINT", "RATE")[:1]
    rate = float(stated[0]) if stated.any() else header  # the parameter has more digits than the header
    if not RATES[0] <= rate <= RATES[1] or not abs(rate - header) <= 0.01 * header:
        raise TrialFormatError(
            path,
            f"expected a rate of {RATES[0]:g}-{RATES[1]:g} Hz, the same in the header as in POINT:RATE, found "
            f"{header:g} and {rate:g} Hz. Correct them.",
        )
    unit, stated = words.one(12, "f4"), np.abs(parameters.numbers("POINT", "SCALE")[:1])
    real = unit < 0
    if not real and (not 0 < unit < np.inf or (np.abs(stated - unit) > 1e-4 * unit)[stated > 0].any()):
        raise TrialFormatError(
            path, f"expected one scale of positions, its header's and POINT:SCALE, found {unit:g}. Export it again."
        )
    size = (4 if real else 2) * (4 * count + values)
    frames = _frames(path, words, parameters, (end - start) / size, BLOCK / size, notes)
    table = words.read(start, "f4" if real else "i2", frames * (4 * count + values)).reshape(frames, -1)
    stored = table[:, : 4 * count].reshape(frames, count, 4)
    # of integers the product that the same trial in a file of reals holds
    points = (stored[..., :3] if real else stored[..., :3] * np.float32(unit)).astype(float)
    labels = _labels(parameters, "POINT", count, "point")
    with np.errstate(invalid="ignore"):
        lost = (stored[..., 3] < 0) | ~np.isfinite(points).all(-1)
        lost |= (stored[..., :3] == 0).all(-1) & ~np.isin(labels, _output_labels(parameters))
    points[lost] = np.nan
    channels = values // per_frame
    analogs = _analogs(table[:, 4 * count :].reshape(frames * per_frame * bool(channels), channels), parameters, notes)
    names = _labels(parameters, "ANALOG", channels, "channel")
    names = [f"{name}#{k + 1}" if name in names[:k] else name for k, name in enumerate(names)]
    first, begin = max(words.one(6, "u2"), 1), _field(parameters, "START")  # some count frames from 0
    if begin and _field(parameters, "END") - begin + 1 == frames:
        first = begin
    if 0 < (marks := words.one(300, "u2")) <= 18 and not parameters.numbers("EVENT", "TIMES").size:
        notes.append(f"The header lists {marks} events, and the EVENT group none: they are not used.")
    return _RawC3D(points, rate, first, labels, analogs, names, parameters, tuple(notes))


def _field(parameters: _Parameters, edge: str) -> int:
    """Return TRIAL:ACTUAL_START_FIELD or END_FIELD, whose two words (in one dimension or two) are one number, or 0."""
    value = parameters.numbers("TRIAL", f"ACTUAL_{edge}_FIELD")[:2]
    if not value.size or not (np.abs(value) < 2**31).all():
        return 0
    return int(value[0]) if value.size == 1 else int(value[0]) % 65536 + int(value[1]) % 65536 * 65536


def _frames(path: Path, words: _Words, parameters: _Parameters, room: float, block: float, notes: list[str]) -> int:
    """Return the number of frames: the first that something in the file names and that fills the file.

    Parameters
    ----------
    room : frames for which the file has room. block : frames to a block, up to which a file is filled.

    Raises
    ------
    TrialFormatError : the file is cut off.
    """
    first, last = words.one(6, "u2"), words.one(8, "u2")
    start, end = (_field(parameters, edge) for edge in ("START", "END"))
    stated = [parameters.count("POINT", name) for name in ("FRAMES", "LONG_FRAMES")]
    header, fields = last - first + 1, end - start + 1 if start and end else 0
    named = [fields, header] if fields > 65535 else [header, fields]
    named += [*stated, *(count - first + 1 for count in stated)]  # some name the last frame
    named += range(header + 65536, int(room) + 1, 65536)  # the header's word overflowed
    named += [int(room)] * (last == 65535)  # the largest that it can hold
    for frames in named:
        if 0 < frames <= room < frames + block + 1:
            if frames != named[0]:
                notes.append(f"The header counts {header} frames; {frames} fill the file.")
            return frames
    if not 0 < header <= room:
        raise TrialFormatError(
            path, f"expected {header} frames, found bytes for {room:.6g}: the file is cut off. Copy or export it again."
        )
    notes.append(f"The file goes on behind the last of the {header} frames it names; what follows was not read.")
    return header


def _analogs(stored: np.ndarray, parameters: _Parameters, notes: list[str]) -> np.ndarray:
    """Return analog values in their own units, (sample, channel): less their offset, times their scales.

    A single offset or scale is that of all channels. A channel beyond the end of a longer list has none: NaN.
    """
    channels = stored.shape[1]
    unsigned = "UNSIGNED" in str(parameters.get(("ANALOG", "FORMAT"))).upper()
    if unsigned and stored.dtype.kind == "i":
        stored = stored.view(stored.dtype.str.replace("i", "u"))
    factors = []
    for name, default in (("OFFSET", 0.0), ("SCALE", 1.0)):
        value = parameters.numbers("ANALOG", name)[:channels]
        if len(value) < 2:
            value = np.full(channels, value[0] if len(value) else default)
        if len(value) < channels:
            notes.append(f"ANALOG:{name} holds {len(value)} numbers for {channels} channels: the others are not read.")
            value = np.r_[value, np.full(channels - len(value), np.nan)]
        factors.append(value)
    offset, scale = factors
    if stored.size:  # a count of 16 bits without sign: so is its offset, whatever the format says
        with np.errstate(invalid="ignore"):
            unsigned = (unsigned | (stored.max(0) > 32767)) & (offset < 0) & (offset >= -32768)
        offset = offset + 65536 * unsigned
    general = parameters.numbers("ANALOG", "GEN_SCALE")[:1]
    values = stored.astype(float)
    values -= offset
    values *= scale * (general[0] if general.size else 1.0)
    return values


def _labels(parameters: _Parameters, group: str, count: int, kind: str) -> list[str]:
    """Join LABELS, LABELS2, ..., drop the subject's name before a colon, name what has none."""
    names = [text.rsplit(":", 1)[-1].strip() for text in parameters.texts(group, "LABELS")[:count]]
    names += [""] * (count - len(names))
    return [name or f"unlabelled_{kind}_{k + 1}" for k, name in enumerate(names)]


def _output_labels(parameters: _Parameters) -> list[str]:
    """Labels of points that are no positions: angles, moments, forces, powers, scalars."""
    outputs = re.compile(r"(ANGLES|MOMENTS|FORCES|POWERS|SCALARS|REACTIONS)\d*")
    lists = [
        value for key, value in parameters.items()
        if key[0] == "POINT" and outputs.fullmatch(key[1]) and isinstance(value, list)
    ]  # fmt: skip
    return [text.rsplit(":", 1)[-1].strip() for texts in lists for text in texts]


def _stored_events(parameters: _Parameters) -> tuple[pd.DataFrame, list[str]]:
    """Return the events of the EVENT group, and notes on them.

    Returns
    -------
    table : time (s, on the file's clock), event, side ("" where neither name nor context tells it). A foot's contact
        is called initial_contact, its leaving foot_off; any other event keeps its own name.
    notes : events that are not used and why, one sentence each.
    """
    labels, contexts = (parameters.texts("EVENT", name) for name in ("LABELS", "CONTEXTS"))
    times = parameters.numbers("EVENT", "TIMES")
    notes = []
    stored: Any = parameters.get(("EVENT", "TIMES"))
    if len(times) >= 2 * len(labels) or (np.ndim(stored) == 2 and len(stored) == 2):  # minutes and seconds of each
        pairs = times[: len(times) // 2 * 2].reshape(-1, 2)
        times = pairs @ [60.0, 1.0]
        if (pairs[:, 0] % 1 > 0).any():
            notes.append("EVENT:TIMES holds no pairs of minutes and seconds: no event of the file is used.")
            times = times[:0]
    used = parameters.count("EVENT", "USED") if ("EVENT", "USED") in parameters else len(labels)
    count = max(min(used, len(times), len(labels)), 0)
    if not used == len(times) == len(labels) and (used or labels):
        notes.append(
            f"EVENT:USED counts {used} events, the lists hold {len(times)} times and {len(labels)} labels: "
            f"{count} were read."
        )
    rows, unknown = [], set()
    for time, label, context in zip(times[:count], labels, contexts + [""] * count, strict=False):
        found = EVENT.fullmatch(re.sub("[^a-z]", "", label.lower()))
        words = re.findall(r"^(?:left|right|l|r)\b", context.lower())
        event = label.lower()
        if found:
            words += filter(None, found.group("before", "after"))
            event = "initial_contact" if found["initial_contact"] else "foot_off"
        else:
            unknown.add(label)
        named = {word[0] for word in words}
        rows.append((float(time), event, {"l": "left", "r": "right"}[named.pop()] if len(named) == 1 else ""))
    if unknown:
        shown = ", ".join(repr(name[:24]) for name in sorted(unknown)[:6])
        notes.append(f"Events that are neither a contact of a foot nor its end are not used: {shown}.")
    table = pd.DataFrame(rows, columns=["time", "event", "side"]).astype({"time": float})
    if lost := int((~np.isfinite(table["time"])).sum()):
        notes.append(f"{lost} events have no time and are not used.")
        table = table[np.isfinite(table["time"])]
    without = table["event"].isin(["initial_contact", "foot_off"]) & (table["side"] == "")
    if without.any():
        notes.append(
            f"{int(without.sum())} of {len(table)} events name no side, or two: EVENT:CONTEXTS is missing or wrong."
        )
    return table.sort_values("time", ignore_index=True, kind="stable"), notes


# ---- force plates ----


def _plate_wrenches(
    raw: _RawC3D, time: np.ndarray, turn: np.ndarray, scale: float, zero: tuple[float, float] | None
) -> tuple[xr.Dataset | None, dict[str, str]]:
    """Return the ground reactions of the plates of a file that can be used, and why the others cannot.

    Parameters
    ----------
    time : s, of the analog samples. turn : rows are the file's forward, up and right. scale : file length to m.
    zero : s, a stretch with no one on any plate, whose mean is taken off.

    Returns
    -------
    loads : as ``io.plates.wrench`` gives them, plates called by their number in the file; None without any.
    left_out : by number, why a plate is not in ``loads``: unknown type or unit, parameters or channels that are not
        there, a stretch that is not unloaded, forces that cannot be (``io.plates.checked_load``).
    """
    count = raw.parameters.count("FORCE_PLATFORM", "USED")
    described = max(raw.parameters.numbers("FORCE_PLATFORM", "TYPE").size, 1)
    found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    left_out: dict[str, str] = {}
    for k in range(min(count, described)):
        try:
            force, moment, corners = _plate(raw, k, turn, scale)
            force, moment = plates.checked_load(time, force, moment, zero)
        except TrialFormatError as error:
            left_out[str(k + 1)] = " ".join(error.problems)
        else:
            found[str(k + 1)] = force, moment, corners
    if count > described:
        left_out[str(described + 1)] = f"FORCE_PLATFORM:USED counts {count} plates, {described} are described."
    if not found:
        return None, left_out
    forces, moments, corners = (np.stack(part) for part in zip(*found.values(), strict=True))
    height = corners[..., 1].mean(1)
    return plates.wrench(time, list(found), forces.swapaxes(0, 1), moments.swapaxes(0, 1), height, corners), left_out


def _plate(raw: _RawC3D, k: int, turn: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return force and moment (N, N m, lab axes and origin) and corners (m) of the plate with index ``k``."""
    stored = {name: raw.parameters.numbers("FORCE_PLATFORM", name) for name in ("TYPE", "CHANNEL", "CORNERS", "ORIGIN")}
    table = raw.parameters.get(("FORCE_PLATFORM", "CHANNEL"), [])
    rows = len(table) if np.ndim(table) == 2 else max(len(table) // raw.parameters.count("FORCE_PLATFORM", "USED"), 6)
    each = {"TYPE": 1, "CHANNEL": rows, "CORNERS": 12, "ORIGIN": 3}
    plate = {name: stored[name][width * k : width * (k + 1)] for name, width in each.items()}
    for name, width in each.items():
        if plate[name].size < width or not np.isfinite(plate[name]).all():
            raise TrialFormatError(
                "force plate",
                f"expected {width} numbers in FORCE_PLATFORM:{name}, found {plate[name].size}. Export the file again.",
            )
    kind, columns = int(plate["TYPE"][0]), plate["CHANNEL"].astype(int) - 1
    if kind not in CHANNELS:
        raise TrialFormatError("force plate", f"expected type 1, 2, 3 or 4, found {kind}. Export the plate as type 2.")
    columns = columns[: CHANNELS[kind]]
    if len(columns) < CHANNELS[kind] or not ((columns >= 0) & (columns < len(raw.channels))).all():
        raise TrialFormatError(
            "force plate",
            f"expected {CHANNELS[kind]} channels among 1-{len(raw.channels)}, found {(columns + 1).tolist()}. "
            "Correct FORCE_PLATFORM:CHANNEL.",
        )
    values = raw.analogs[:, columns]
    if not np.isfinite(values).any(0).all() or np.isinf(values).any():
        raise TrialFormatError("force plate", "expected numbers in its channels, found none. Export the file again.")
    calibration = raw.parameters.numbers("FORCE_PLATFORM", "CAL_MATRIX")[36 * k : 36 * (k + 1)]
    matrix = calibration.reshape(6, 6, order="F") if calibration.size == 36 else None
    corners = plate["CORNERS"].reshape(4, 3) * scale @ turn.T
    scales = _unit_scales(raw.parameters, columns, kind, scale)
    origin = plate["ORIGIN"] * scale
    force, moment = _plate_loads(values, kind, corners, origin, scales, matrix)
    if kind in (2, 4) and _share_on(force, moment, corners) < 0.5:
        other = _plate_loads(values, kind, corners, origin * [-1, -1, 1], scales, matrix)
        if _share_on(*other, corners) > 0.95:
            raise TrialFormatError(
                "force plate",
                "expected feet that press on the plate, found them beside it: FORCE_PLATFORM:ORIGIN looks reversed in "
                "sign. Correct it.",
            )
    return force, moment, corners


def _plate_loads(
    channels: np.ndarray,
    plate_type: int,
    corners: np.ndarray,
    origin: np.ndarray,
    moment_scale: float | np.ndarray,
    calibration: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return a plate's force on the walker, and its moment about the lab's origin, in the axes of its corners.

    Parameters
    ----------
    channels : shape (time, channel), in the order the C3D manual gives for the type.
    plate_type : 1 (force, position, free moment), 2 (force, moment), 3 (eight Kistler channels),
        4 (type 2 through a calibration matrix).
    corners : shape (4, axis), m, as ``plates.plate_axes`` wants them; their second axis is up.
    origin : m; types 2 and 4: from the sensor's origin to the surface centre (or back: the surface lies
        above, so the sign is told from z); type 3: the two half distances between sensors and the depth.
    moment_scale : what turns channels 4-6, or each of them, into N m (type 1: the positions into m); not of type 3.
    calibration : shape (load, channel), both 6, type 4 only.

    Returns
    -------
    force, moment : N and N m, shape (time, axis).

    Raises
    ------
    TrialFormatError : type 4 without a calibration matrix; corners that span no rectangle.

    References
    ----------
    The C3D File Format: A Technical User Guide, FORCE_PLATFORM parameters (Motion Lab Systems, 2021).
    """
    axes = plates.plate_axes(corners)
    z_up = axes[2, 1] > 0  # on a common plate z points down
    if plate_type == 4:
        if calibration is None or np.shape(calibration) != (6, 6) or not np.isfinite(calibration).all():
            raise TrialFormatError(
                "force plate", "type 4 needs 36 numbers in FORCE_PLATFORM:CAL_MATRIX, found others. Export as type 2."
            )
        channels = channels @ np.transpose(calibration)
    if plate_type == 3:
        fx12, fx34, fy14, fy23, fz1, fz2, fz3, fz4 = channels.T
        half_x, half_y, depth = np.abs(origin)
        surface = depth if z_up else -depth
        force = np.stack([fx12 + fx34, fy14 + fy23, fz1 + fz2 + fz3 + fz4], -1)
        moment = np.stack(
            [
                half_y * (fz1 + fz2 - fz3 - fz4) + force[:, 1] * surface,
                half_x * (fz2 + fz3 - fz1 - fz4) - force[:, 0] * surface,
                half_y * (fx34 - fx12) + half_x * (fy14 - fy23),
            ],
            -1,
        )
    else:
        force, others = channels[:, :3], channels[:, 3:6] * moment_scale
        if plate_type == 1:
            moment = np.cross(others * [1, 1, 0], force) + others * [0, 0, 1]
        else:
            away = origin[2] < 0 if z_up else origin[2] > 0
            moment = others + np.cross(force, -origin if away else origin)
    force = force @ axes
    return force, moment @ axes + np.cross(corners.mean(0), force)


def _share_on(force: np.ndarray, moment: np.ndarray, corners: np.ndarray) -> float:
    """Return the share of a plate's pressed samples in which the force acts on the plate; NaN without any."""
    one = plates.wrench(np.arange(len(force)), ["1"], force[:, None], moment[:, None], corners[:, 1].mean()[None])
    place = plates.centre_of_pressure(one, PRESSING)[0].values[:, 0, [0, 2]]
    place, ends = place[np.isfinite(place).all(1)], corners[:, [0, 2]]
    inside = ((place >= ends.min(0) - EDGE) & (place <= ends.max(0) + EDGE)).all(1)
    return float(inside.mean()) if len(inside) else float("nan")


def _unit_scales(parameters: _Parameters, columns: np.ndarray, plate_type: int, scale: float) -> np.ndarray:
    """Return what turns channels 4-6 of a plate into N m (type 1: two positions into m, and a moment), by their units.

    Parameters
    ----------
    columns : of the plate's channels, from 0. scale : file length to m, for channels that state no unit.

    Raises
    ------
    TrialFormatError : a unit that is none of a moment (or length); type 3 has force channels only and is not asked.
    """
    stated = parameters.texts("ANALOG", "UNITS")
    scales = np.ones(3)
    for k, column in enumerate(columns[3:6] if plate_type != 3 else ()):
        unit = stated[column] if column < len(stated) else ""
        known, wanted = (LENGTHS, "mm, cm or m") if plate_type == 1 and k < 2 else (MOMENT_SCALE, "N m or N mm")
        plain = re.sub(r"[\s.*·⋅•_-]", "", unit.lower())
        if plain not in known and plain not in UNSTATED:
            raise TrialFormatError(
                "force plate",
                f"expected channel {column + 1} in {wanted}, found '{unit}'. Correct its ANALOG:UNITS.",
            )
        scales[k] = known.get(plain, scale)
    return scales

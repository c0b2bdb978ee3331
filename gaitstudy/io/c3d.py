"""C3D files: bytes to labelled numbers, and what their parameters say of axes, events and the person.

The ``c3d`` package reads all three byte orders (PC, DEC, MIPS) frame by frame in little memory. It asks for more
consistency than real files have, so the checks that matter are made here.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from gaitstudy.conventions import TrialFormatError

LENGTH_SCALE = {"mm": 1e-3, "cm": 1e-2, "m": 1.0}
BLANK = " \t\r\n\0"
BODY_MEASURES = re.compile(
    "BODYMASS|HEIGHT|MARKERDIAMETER|INTERASISDISTANCE|(L|R|LEFT|RIGHT)?("
    "(LEG|UPPERLEG|LOWERLEG|FEMUR|TIBIA|FOOT|PELVIS)LENGTH|(HIP|KNEE|ANKLE|FOOT|PELVIS|ELBOW|WRIST)WIDTH|"
    "HANDTHICKNESS|ASISTROCANTERDISTANCE|(HEAD|SHOULDER|SPINE|PELVIS|XRAY)OFFSET|SOLEDELTA|STATICPLANTFLEX|STATICROTOFF|"
    "(THIGH|SHANK|TIBIA)ROTATION|TIBIALTORSION|ANKLEABADD)"
)
EVENT_NAMES = {"foot strike": "initial_contact", "foot off": "foot_off"}


@dataclass(frozen=True)
class RawC3D:
    """What a C3D file holds, in its own units and axes.

    ``points`` (time, point, axis) with NaN where the cameras lost the point; ``analogs`` (sample, channel);
    ``parameters`` by (group, name): a list of strings, or an array whose first index runs fastest in the file.
    """

    points: np.ndarray
    point_rate: float
    first_frame: int
    labels: list[str]
    analogs: np.ndarray
    analog_rate: float
    channels: list[str]
    parameters: dict[tuple[str, str], Any]

    def numbers(self, group: str, name: str) -> np.ndarray:
        """Return a parameter's numbers in file order; none where the file has none."""
        value = self.parameters.get((group, name), [])
        return np.empty(0) if isinstance(value, list) else np.ravel(value, order="F").astype(float)

    def texts(self, group: str, name: str) -> list[str]:
        """Return a parameter's strings; none where the file has none."""
        value = self.parameters.get((group, name), [])
        return value if isinstance(value, list) else []

    def count(self, group: str, name: str) -> int:
        """Return a parameter that counts something; 0 where the file has none."""
        value = self.numbers(group, name)[:1]
        return int(value[0]) if value.size and np.isfinite(value[0]) else 0


def read_raw(path: Path) -> RawC3D:
    """Read a C3D file of any byte order.

    Raises
    ------
    TrialFormatError : the file is empty, truncated, no C3D, or its parameter section is damaged.
    """
    size = path.stat().st_size
    if size < 1024:
        raise TrialFormatError(
            path, f"expected a C3D file of at least 1024 bytes, found {size}. Export the trial again."
        )
    with path.open("rb") as handle, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if handle.read(2)[1:] != b"\x50":
            raise TrialFormatError(
                path, "expected a C3D file (second byte 80), found another format. Check the extension."
            )
        handle.seek(0)
        try:
            return _read(path, size, handle)
        except TrialFormatError:
            raise
        except Exception as error:  # noqa: BLE001 - the library raises whatever its parser happens to hit
            raise TrialFormatError(
                path,
                f"expected a readable C3D parameter section, found a damaged one ({type(error).__name__}). "
                "Export the trial again from the capture software.",
            ) from None


def _read(path: Path, size: int, handle: BinaryIO) -> RawC3D:
    reader = _reader(handle)
    header, scale, rate = reader.header, float(reader.point_scale), float(reader.point_rate)
    per_frame, used = reader.analog_per_frame, reader.analog_used
    first, frames = reader.first_frame, reader.last_frame - reader.first_frame + 1
    facts = (
        (header.point_count, reader.point_used, "points a frame, POINT:USED"),
        (header.analog_count, used * per_frame, "analog values a frame, ANALOG:USED times their rate"),
        (header.scale_factor, scale, "as the scale, POINT:SCALE"),
        (header.frame_rate, rate, "Hz, POINT:RATE"),
        (per_frame * rate if used else 0, float(reader.analog_rate) if used else 0, "Hz, ANALOG:RATE"),
    )
    problems = [
        f"expected {one:g} {what}, as its header says, found {other:g}. Export the file again."
        for one, other, what in facts
        if not abs(one - other) <= 1e-4 * abs(one)
    ]
    if not (0 < rate < np.inf and 0 < abs(scale) < np.inf and header.point_count + header.analog_count and frames > 0):
        problems.append(
            f"expected frames, a rate and a scale, found {frames} frames of {header.point_count} points at {rate:g} Hz "
            f"and scale {scale:g}. Export the file again."
        )
    expected = (header.data_block - 1) * 512
    expected += frames * (4 if scale < 0 else 2) * (4 * header.point_count + header.analog_count)
    if not problems and size < expected:
        problems.append(
            f"expected {frames} frames ({expected} bytes), found {size} bytes: the file is cut off. "
            "Copy or export it again."
        )
    if problems:
        raise TrialFormatError(path, problems)
    points, analogs = np.empty((frames, header.point_count, 3)), np.empty((frames * per_frame, used))
    found = 0
    for found, (_, point, analog) in enumerate(reader.read_frames(copy=False), 1):
        points[found - 1] = point[:, :3]
        points[found - 1][point[:, 3] < 0] = np.nan
        if analogs.size:
            analogs[(found - 1) * per_frame : found * per_frame] = np.asarray(analog).T
    if found != frames:
        raise TrialFormatError(path, f"expected {frames} frames, found {found}. Copy or export the file again.")
    parameters = {
        (group.name.upper(), name.upper()): _value(parameter)
        for group in reader.group_values()
        for name, parameter in group.param_items()
    }
    labels = _all_labels(parameters, "POINT", points.shape[1], "point")
    channels = _all_labels(parameters, "ANALOG", used, "channel")
    seen: dict[str, int] = {}
    for k, name in enumerate(channels):  # they repeat in files of some plate makers: the number tells them apart
        seen[name] = seen.get(name, 0) + 1
        channels[k] = name if seen[name] == 1 else f"{name}#{k + 1}"
    return RawC3D(points, rate, int(first), labels, analogs, per_frame * rate, channels, parameters)


def _reader(handle: BinaryIO) -> Any:
    """Open the file with the library, without its demand that rates agree to the last bit."""
    import c3d

    class Reader(c3d.Reader):
        analog_per_frame = property(lambda self: int(self.header.analog_per_frame) if self.header.analog_count else 0)

        def _check_metadata(self) -> None:
            pass

    try:
        return Reader(handle)
    except KeyError:  # a parameter listed twice
        handle.seek(0)
        return Reader(io.BytesIO(_rename_copies(bytearray(handle.read()))))


def _rename_copies(content: bytearray) -> bytes:
    """Give parameters that some programs list several times in a group names of their own; the first one counts."""
    block = 512 * (content[0] - 1)
    order = "big" if content[block + 3] == 86 else "little"
    seen: set[tuple[int, bytes]] = set()
    at, step = block + 4, 1
    while step > 0 and content[at + 1]:
        length = min(content[at], 256 - content[at])  # negative for a locked parameter
        name = slice(at + 2, at + 2 + length)
        key = (content[at + 1], bytes(content[name]).upper())
        if key in seen:
            content[name] = str(len(seen)).zfill(length).encode()[-length:]
        seen.add((content[at + 1], bytes(content[name]).upper()))
        step = int.from_bytes(content[name.stop : name.stop + 2], order, signed=True)  # type: ignore[arg-type]
        at = name.stop + step
    return bytes(content)


def _value(parameter: Any) -> Any:
    """Return a parameter of the ``c3d`` package as strings or as an array in file order."""
    if len(parameter.bytes) < parameter.total_bytes:
        raise ValueError("the parameter is cut off")
    if parameter.bytes_per_element == -1:
        if len(parameter.dimensions) < 2:
            return [parameter.string_value.strip(BLANK)] if parameter.dimensions else []
        return [str(text).strip(BLANK) for text in np.ravel(parameter.string_array)]
    kind = {1: "int8", 2: "int16", 4: "float"}[parameter.bytes_per_element]
    if not parameter.dimensions:
        return np.array([getattr(parameter, f"{kind}_value")])
    return np.asarray(getattr(parameter, f"{kind}_array")).T if parameter.total_bytes else np.empty(0)


def _all_labels(parameters: dict, group: str, count: int, kind: str) -> list[str]:
    """Join LABELS, LABELS2, ... (255 each), drop the subject's name before a colon, name what has none."""
    names: list[str] = []
    for suffix in ("", *map(str, range(2, 20))):
        names += [str(name) for name in parameters.get((group, f"LABELS{suffix}"), [])]
    names = [name.rsplit(":", 1)[-1].strip() for name in names[:count]]
    names += [""] * (count - len(names))
    return [name or f"unlabelled_{kind}_{k + 1}" for k, name in enumerate(names)]


def _unit_vector(text: str) -> np.ndarray | None:
    match = re.fullmatch(r"([+-]?)([xyz])", text.strip().lower())
    if not match:
        return None
    vector = np.zeros(3)
    vector["xyz".index(match[2])] = -1.0 if match[1] == "-" else 1.0
    return vector


def turn_matrix(path: Path, raw: RawC3D, axes: tuple[str, str] | None) -> np.ndarray:
    """Return the file's directions that are forward, up and right, as rows."""
    named = axes or tuple((raw.texts("POINT", name) or [""])[0] for name in ("X_SCREEN", "Y_SCREEN"))
    forward, up = (_unit_vector(text) for text in named)
    if forward is None or up is None or abs(forward @ up) > 0:
        raise TrialFormatError(
            path,
            f"expected two axes like '+X' and '+Z' that point forward and up, found {' and '.join(map(repr, named))}. "
            "Say which they are: axes=('+X', '+Z'), or --axes +X+Z on the command line.",
        )
    return np.stack([forward, up, np.cross(forward, up)])


def output_labels(raw: RawC3D) -> list[str]:
    """Labels of points that are no positions: angles, moments, forces, powers, scalars."""
    labels: list[str] = []
    for group, name in raw.parameters:
        if group == "POINT" and re.fullmatch(r"(ANGLES|MOMENTS|FORCES|POWERS|SCALARS|REACTIONS)\d*", name):
            labels += [text.rsplit(":", 1)[-1].strip() for text in raw.texts(group, name)]
    return labels


def stored_events(raw: RawC3D) -> pd.DataFrame:
    """Return the file's own events: time (s, on the file's clock), event, side ("" where the file names none).

    Raises
    ------
    TrialFormatError : fewer times or labels than the file announces.
    """
    count = max(raw.count("EVENT", "USED"), 0)
    times, labels = raw.numbers("EVENT", "TIMES")[: 2 * count].reshape(-1, 1), raw.texts("EVENT", "LABELS")[:count]
    if times.size < 2 * count or len(labels) < count or not np.isfinite(times).all():
        raise TrialFormatError(
            "events",
            f"expected {count} EVENT:TIMES (min, s) and EVENT:LABELS, found {times.size // 2} and {len(labels)}. "
            "Correct EVENT:USED or export the file again.",
        )
    sides = [side.lower() for side in raw.texts("EVENT", "CONTEXTS")[:count]]
    sides = [side if side in ("left", "right") else "" for side in sides + [""] * (count - len(sides))]
    names = [EVENT_NAMES.get(text.lower(), text.lower()) for text in labels]
    table = pd.DataFrame({"time": times.reshape(-1, 2) @ [60.0, 1.0], "event": names, "side": sides})
    return table.sort_values("time", kind="stable", ignore_index=True)


def subject_numbers(raw: RawC3D) -> dict[str, float]:
    """Measures of the body in the PROCESSING group (mm, kg), names in lower case; all else there stays in the file."""
    return {
        name.lower(): float(np.ravel(value)[0])
        for (group, name), value in raw.parameters.items()
        if group == "PROCESSING" and not isinstance(value, list) and np.size(value) == 1
        if BODY_MEASURES.fullmatch(name)
    }

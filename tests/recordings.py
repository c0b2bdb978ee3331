"""Made-up recordings for the tests of io, batch and the command line: a walker on plates, and files that hold it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import c3d
import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import SIDES, labelled, side_sign
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.io.plates import wrench

STRIDE, STANCE, SPEED = 1.1, 0.66, 1.2
"""s, s, m/s."""
FIRST = {"left": 0.2, "right": 0.75}
"""s; initial contacts number 0, the others follow every ``STRIDE``."""
TOE_OUT = {"left": 8.0, "right": 12.0}
"""deg."""
SUBJECT = {
    "BODYMASS": 70.0, "HEIGHT": 1750.0, "LLEGLENGTH": 900.0, "RLEGLENGTH": 900.0,
    "LKNEEWIDTH": 100.0, "RKNEEWIDTH": 100.0, "LANKLEWIDTH": 70.0, "RANKLEWIDTH": 70.0,
}  # fmt: skip
MAP = """title = "test"
knee = "given"
[role]
heel = "{S}HEE"
toe = "{S}TOE"
asis = "{S}ASI"
psis = "{S}PSI"
hip_centre = "{S}HJC"
knee_centre = "{S}KJC"
ankle_centre = "{S}AJC"
knee_lateral = "{S}KNE"
knee_medial = "{S}KNM"
"""
"""A marker map with the walker's joint centres."""
SWAP = {f"{a}{m}": f"{b}{m}" for a, b in ("LR", "RL")
        for m in ("HEE", "TOE", "ASI", "PSI", "HJC", "KJC", "AJC", "KNE", "KNM", "ANK", "THI", "TIB")}  # fmt: skip
Assign = Callable[[str, int], Mapping[int, float]]


def needs(dataset: str, *files: str) -> list[Path]:
    """Return real files, or skip the test with the reason that every test without them gives."""
    if not catalogue.present(*((dataset, file) for file in files)):
        pytest.skip(f"dataset not on this machine: {dataset}")
    return [catalogue.locate(dataset, file) for file in files]


def first_step(side: str, k: int) -> Mapping[int, float]:
    """Overground: contact 1 of each foot meets its own plate."""
    return {SIDES.index(side): 1.0} if k == 1 else {}


def own_belt(side: str, k: int) -> Mapping[int, float]:
    """On a treadmill: every contact is on the own belt."""
    return {SIDES.index(side): 1.0}


def foot(side: str, time: np.ndarray, treadmill: bool, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Return heel and toe, m, (time, axis): still (or carried by the belt) in stance, a smooth arc in swing."""
    count = np.floor((time - FIRST[side]) / STRIDE)
    swing = np.clip((time - FIRST[side] - STRIDE * count - STANCE) / (STRIDE - STANCE), 0, 1)
    x = SPEED * (STRIDE * (count + swing**3 * (10 - 15 * swing + 6 * swing**2)) + FIRST[side] - FIRST["left"])
    heel = np.stack([x - SPEED * time * treadmill, 0.03 + 1.2 * (swing * (1 - swing)) ** 2, 0 * x], -1)
    heel[:, 2] = apart / 2 * side_sign(side)
    angle = np.radians(TOE_OUT[side])
    return heel, heel + 0.2 * np.array([np.cos(angle), -0.05, side_sign(side) * np.sin(angle)])


def walk(
    *,
    treadmill: bool = False,
    assign: Assign | None = None,
    seconds: float = 3.6,
    rate: float = 100,
    per_frame: int = 10,
    apart: float = 0.2,
) -> Recording:
    """Return a walker in the lab's axes: 24 markers, two plates (or belts), stored events, and no noise.

    ``assign`` says which share of a foot's k-th contact each plate carries; ``apart`` (m) is the step width.
    """
    assign = assign or (own_belt if treadmill else first_step)
    frames = round(seconds * rate)
    time, fine = np.arange(frames) / rate, np.arange(frames * per_frame) / (rate * per_frame)
    middle = SPEED * (time * (not treadmill) - FIRST["left"] - STANCE / 2) + 0.1
    pelvis = np.stack([middle, 0.95 + 0.02 * np.cos(4 * np.pi * time / STRIDE), 0 * time], -1)
    paths: dict[str, np.ndarray] = {}
    force, moment = np.zeros((len(fine), 2, 3)), np.zeros((len(fine), 2, 3))
    events = []
    for side in SIDES:
        sign, letter = side_sign(side), side[0].upper()
        heel, toe = foot(side, time, treadmill, apart)
        hip, ankle = pelvis + [-0.04, -0.08, 0.09 * sign], heel + [0.06, 0.05, 0.0]
        knee = (hip + ankle) / 2 + [0.05, 0.0, 0.01 * sign]
        own = {
            "HEE": heel, "TOE": toe, "ASI": pelvis + [0.08, 0.02, 0.12 * sign],
            "PSI": pelvis + [-0.1, 0.03, 0.04 * sign], "HJC": hip, "KJC": knee, "AJC": ankle,
            "KNE": knee + [0.004, 0, 0.057 * sign],
            "KNM": knee + [-0.004, 0, -0.057 * sign], "ANK": ankle + [-0.005, 0, 0.042 * sign],
            "THI": (hip + knee) / 2 + [0.0, 0.0, 0.09 * sign], "TIB": (knee + ankle) / 2 + [0.01, 0.0, 0.07 * sign],
        }  # fmt: skip
        paths |= {letter + name: path for name, path in own.items()}
        heel, toe = foot(side, fine, treadmill, apart)
        for k in range(-1, int(seconds / STRIDE) + 1):
            share = (fine - FIRST[side] - STRIDE * k) / STANCE
            s = np.clip(share, 0, 1)
            load = np.stack(
                [
                    -110 * np.sin(2 * np.pi * s),
                    700 * (1.2 * np.sin(np.pi * s) + 0.35 * np.sin(3 * np.pi * s)),
                    -35 * sign * np.sin(np.pi * s),
                ],
                -1,
            )
            load[(share <= 0) | (share >= 1)] = 0
            cop = (heel + (0.1 + 0.85 * s)[:, None] * (toe - heel)) * [1, 0, 1]
            about = np.cross(cop, load) + [0, 4 * sign, 0] * np.sin(2 * np.pi * s)[:, None]
            for plate, part in assign(side, k).items():
                force[:, plate] += part * load
                moment[:, plate] += part * about
            for at, event in ((0.0, "initial_contact"), (STANCE, "foot_off")):
                if 0 <= FIRST[side] + STRIDE * k + at <= time[-1]:
                    events.append((FIRST[side] + STRIDE * k + at, event, side))
    spots = [(0.0, -0.25, 1.0, 0.25), (0.0, 0.25, 1.0, 0.25)] if treadmill else [
        (1.42, -0.18, 0.28, 0.17), (2.08, 0.18, 0.28, 0.17)]  # fmt: skip
    corners = np.array(
        [[(x + a * dx, 0.0, z + b * dz) for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))] for x, z, dx, dz in spots]
    )
    return Recording(
        "walk",
        labelled(
            np.stack(list(paths.values()), 1),
            ("time", "marker", "axis"),
            units="m",
            frame="lab",
            long_name="marker position",
            coords={"time": time, "marker": list(paths)},
        ),
        wrench(fine, ["1", "2"], force, moment, np.zeros(2), corners),
        events=pd.DataFrame(events, columns=["time", "event", "side"]).sort_values("time", ignore_index=True),
        subject={name.lower(): value for name, value in SUBJECT.items()},
    )


def plate_axes(corners: np.ndarray) -> np.ndarray:
    """Return a plate's own x, y and z in the axes of its corners, as rows; z points down on a common plate."""
    x, y = corners[0] - corners[1], corners[0] - corners[3]
    return np.stack([v / np.linalg.norm(v) for v in (x, y, np.cross(x, y))])


KISTLER = np.array([0.20, 0.12, -0.05])
"""m; half distances between the sensors of a type 3 plate along its x and y, and their depth."""
SENSOR = np.array([0.003, -0.002, 0.04])
"""m; where the sensor of a type 2 plate sits, from the surface's centre, in plate axes (z down)."""
CALIBRATION = np.diag([2.0, 2.1, 4.0, 900.0, 950.0, 500.0]) + 0.05 * np.sin(np.arange(36.0)).reshape(6, 6)


def kistler_matrix(z_up: bool = False) -> np.ndarray:
    """Return force and moment about the surface's centre of each of the eight channels, by where each sensor sits."""
    a, b, depth = KISTLER * [1, 1, -1 if z_up else 1]
    spots = [(0, b), (0, -b), (a, 0), (-a, 0), (a, b), (-a, b), (-a, -b), (a, -b)]
    pushes = np.eye(3)[[0, 0, 1, 1, 2, 2, 2, 2]]
    return np.array([[*push, *np.cross((x, y, -depth), push)] for (x, y), push in zip(spots, pushes, strict=True)]).T


def channels_of(force: np.ndarray, moment: np.ndarray, plate_type: int, z_up: bool = False) -> np.ndarray:
    """Return what a plate delivers for a load about its surface's centre (N, N m, plate axes): N, N mm, mm."""
    sensor = SENSOR * [1, 1, -1 if z_up else 1]
    if plate_type == 1:
        pressing = np.where(np.abs(force[:, 2]) > 1, force[:, 2], np.inf)
        x, y = -moment[:, 1] / pressing, moment[:, 0] / pressing
        free = moment[:, 2] - x * force[:, 1] + y * force[:, 0]
        return np.column_stack([force, 1000 * x, 1000 * y, 1000 * free])
    if plate_type == 3:
        return np.column_stack([force, moment]) @ np.linalg.pinv(kistler_matrix(z_up)).T
    loads = np.column_stack([force, 1000 * (moment + np.cross(-sensor, force))])
    return loads @ np.linalg.inv(CALIBRATION).T if plate_type == 4 else loads


def write_c3d(
    path: Path,
    trial: Recording,
    *,
    types: Sequence[int] = (2, 2),
    screens: tuple[str, str] = ("+X", "+Z"),
    units: str = "mm",
    first_frame: int = 1,
    labels: Sequence[str] | None = None,
    subject: Mapping[str, float] | None = None,
    texts: Mapping[tuple[str, str], str] | None = None,
    swap_plates: bool = False,
    offset: float | np.ndarray = 0.0,
    channel_units: Sequence[tuple[str, float]] = (),
    without: Iterable[tuple[str, str]] = (),
) -> Path:
    """Write a recording as C3D with plates of the types given, on the clock that ``first_frame`` starts.

    ``units`` is what the file says; the numbers are millimetres all the same. ``offset`` (N, N mm) is added to every
    sample of a plate. ``channel_units`` names each channel's unit and how many there are in an N, N mm or mm.
    ``without`` names parameters to leave out.
    """
    forward, up = (np.eye(3)["XYZ".index(s[1])] * (-1 if s[0] == "-" else 1) for s in screens)
    turn = np.stack([forward, up, np.cross(forward, up)])
    markers, loads = trial.markers, trial.loads
    time = markers["time"].values
    rate = float(np.float32((len(time) - 1) / (time[-1] - time[0])))
    points = np.concatenate([markers.values @ turn * 1000, np.zeros((*markers.shape[:2], 2))], -1)
    lost = ~np.isfinite(points).all(-1)
    points[lost] = [0, 0, 0, -1, 0]
    analog = np.zeros((len(time), 0))
    corners = np.empty((0, 4, 3))
    per_frame = 1
    if loads is not None:
        per_frame = loads.sizes["time"] // len(time)
        corners = loads["corners"].values
        columns = []
        for k, kind in enumerate(types):
            axes, centre = plate_axes(corners[k]), corners[k].mean(0)
            up = bool(axes[2, 1] > 0)
            force, moment = loads["force"].values[:, k], loads["moment"].values[:, k]
            columns.append(channels_of(force @ axes.T, (moment - np.cross(centre, force)) @ axes.T, kind, up) + offset)
        analog = np.concatenate(columns, 1)
        analog = analog * ([factor for _, factor in channel_units] or 1.0)
        corners = corners[::-1] if swap_plates else corners
    writer = c3d.Writer(point_rate=rate, analog_rate=float(np.float32(rate * per_frame)), point_units=units.ljust(4))
    writer.set_point_labels(list(labels or map(str, markers["marker"].values)))
    writer.set_screen_axis(*screens)
    writer.set_start_frame(first_frame)
    if loads is not None:
        writer.set_analog_labels([f"C{k + 1}" for k in range(analog.shape[1])])
    writer.set_analog_scales(np.ones(analog.shape[1]))
    writer.set_analog_offsets(np.zeros(analog.shape[1], int))
    numbers: dict[tuple[str, str], Any] = {
        ("PROCESSING", name): np.array([value], "<f4") for name, value in (subject or {}).items()
    }
    if loads is not None:
        widths = [{3: 8}.get(kind, 6) for kind in types]
        table, start = np.zeros((len(types), max(widths)), "<i2"), 1
        for k, width in enumerate(widths):
            table[k, :width], start = np.arange(start, start + width), start + width
        signs = [[1, 1, -1 if plate_axes(c)[2, 1] > 0 else 1] for c in corners]
        origin = [{1: np.zeros(3), 3: KISTLER}.get(kind, -SENSOR * s) for kind, s in zip(types, signs, strict=True)]
        numbers |= {
            ("FORCE_PLATFORM", "USED"): np.array([len(types)], "<i2"),
            ("FORCE_PLATFORM", "TYPE"): np.array(types, "<i2"),
            ("FORCE_PLATFORM", "CHANNEL"): table,
            ("FORCE_PLATFORM", "CORNERS"): (corners @ turn * 1000).astype("<f4"),
            ("FORCE_PLATFORM", "ORIGIN"): (1000 * np.array(origin)).astype("<f4"),
            ("FORCE_PLATFORM", "ZERO"): np.array([1, 0], "<i2"),
        }
        if 4 in types:
            numbers["FORCE_PLATFORM", "CAL_MATRIX"] = np.stack([CALIBRATION.T] * len(types)).astype("<f4")
    strings: dict[tuple[str, str], list[str]] = {key: [text] for key, text in (texts or {}).items()}
    if len(trial.events):
        clock = trial.events["time"].to_numpy() + (first_frame - 1) / rate
        numbers["EVENT", "USED"] = np.array([len(clock)], "<i2")
        numbers["EVENT", "TIMES"] = np.column_stack([clock // 60, clock % 60]).astype("<f4")
        called = {"initial_contact": "Foot Strike", "foot_off": "Foot Off"}
        strings["EVENT", "LABELS"] = [called[event] for event in trial.events["event"]]
        strings["EVENT", "CONTEXTS"] = [side.capitalize() for side in trial.events["side"]]
    if channel_units:
        strings["ANALOG", "UNITS"] = [unit for unit, _ in channel_units]
    for (group, name), value in numbers.items():
        if (group, name) not in set(without):
            writer.get_create(group).add_param(
                name, bytes_per_element=value.itemsize, bytes=value.tobytes(), dimensions=list(value.shape[::-1])
            )
    for (group, name), found in strings.items():
        width = max(map(len, found))
        text = "".join(word.ljust(width) for word in found)
        writer.get_create(group).set_str(name, "", text, *([width, len(found)] if len(found) > 1 else [width]))
    analog = analog.reshape(len(time), per_frame, -1).transpose(0, 2, 1)
    writer.add_frames(list(zip(points, analog, strict=True)))
    with path.open("wb") as handle, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library misses what a test leaves out on purpose
        writer.write(handle)
    return path


def write_pair(folder: Path, trial: Recording) -> tuple[Path, Path]:
    """Write a recording as TRC and MOT (the moment about the origin as torque at the origin)."""
    columns = {}
    assert trial.loads is not None
    for k, plate in enumerate(trial.loads["plate"].values):
        for kind, values in (
            ("v", trial.loads["force"].values[:, k]),
            ("p", 0.0),
            ("m", trial.loads["moment"].values[:, k]),
        ):
            for axis, column in zip("xyz", np.broadcast_to(values, (trial.loads.sizes["time"], 3)).T, strict=True):
                columns[f"ground_force_{plate}_{kind}{axis}"] = column
    table = pd.DataFrame(columns, index=pd.Index(trial.loads["time"].values, name="time"))
    return write_trc(trial, folder / "walk.trc"), write_storage(table, folder / "walk_grf.mot")


def write_trc(trial: Recording, path: Path) -> Path:
    """Write the markers as a TRC file in metres, to the last bit; missing positions stay blank."""
    markers, time = trial.markers, trial.markers["time"].values
    names = [str(name) for name in markers["marker"].values]
    rate = (len(time) - 1) / (time[-1] - time[0])
    head = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate:.6f}\t{rate:.6f}\t{len(time)}\t{len(names)}\tm\t{rate:.6f}\t1\t{len(time)}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{k + 1}" for k in range(len(names)) for axis in "XYZ"),
    ]
    flat = markers.transpose("time", "marker", "axis").values.reshape(len(time), -1)
    table = pd.DataFrame(np.column_stack([time, flat]), index=np.arange(1, len(time) + 1))
    path.write_text("\n".join(head) + "\n\n" + table.to_csv(sep="\t", header=False))
    return path


def write_storage(table: pd.DataFrame, path: Path) -> Path:
    """Write a table indexed by time as MOT or STO, to the last bit, with the angle unit of ``attrs["angles"]``."""
    degrees = {"deg": "inDegrees=yes\n", "rad": "inDegrees=no\n"}.get(table.attrs.get("angles", ""), "")
    head = f"{path.stem}\nversion=1\nnRows={len(table)}\nnColumns={table.shape[1] + 1}\n{degrees}endheader\n"
    path.write_text(head + table.rename_axis("time").to_csv(sep="\t", na_rep="nan"))
    return path


def only(trial: Recording, frames: slice, names: Sequence[str] | None = None) -> Recording:
    """Return some frames (and some markers) of a recording, with the plates' samples that belong to them."""
    markers = trial.markers.isel(time=frames)
    markers = markers if names is None else markers.sel(marker=list(names))
    loads = trial.loads
    if loads is not None:
        per_frame = loads.sizes["time"] // trial.markers.sizes["time"]
        start, stop, _ = frames.indices(trial.markers.sizes["time"])
        loads = loads.isel(time=slice(start * per_frame, stop * per_frame))
    return replace(trial, markers=markers, loads=loads)

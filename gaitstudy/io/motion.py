"""Motion files in and out: C3D, TRC, MOT and STO, as labelled arrays in the lab frame of ``conventions``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError, labelled
from gaitstudy.io.c3d import (
    output_labels,
    read_raw,
    stored_events,
    subject_numbers,
)
from gaitstudy.io.files import LENGTHS, existing, printable, write_whole
from gaitstudy.io.lab_axes import axes_matrix, turn_matrix
from gaitstudy.io.platforms import plate_wrenches
from gaitstudy.io.storage import read_storage, storage_loads
from gaitstudy.io.trc import read_trajectories

__all__ = [
    "Recording", "read_c3d", "read_storage", "read_trc", "storage_loads", "turn_about_up", "write_storage", "write_trc",
]  # fmt: skip

LARGEST_VOLUME, LARGEST_DISTANCE = 30.0, 1000.0
"""m; no capture volume is larger than the first: markers spread wider are in millimetres called metres; and none lies
farther than the second from its own origin."""
MOST_ASTRAY = 0.2
"""Share of the positions that may lie outside of any volume: more are no markers gone astray, but another unit."""


@dataclass(frozen=True)
class Recording:
    """One trial: what the cameras and the plates saw, on one clock, in one frame.

    ``markers`` m, (time, marker, axis); ``loads`` dataset of ``io.plates.wrench`` or None; ``analogs``
    (time, channel) in the file's units; ``outputs`` (time, output, component), the angles and moments another
    program stored, in its own units; ``events`` columns time (s), event, side; ``subject`` numeric parameters
    by the file's own names (mm, kg) - never a name or a date; ``missing`` share of lost frames by marker; ``notes``
    what the reader had to decide or leave out, one sentence each, for the person who brought the file; ``left_out``
    the plates of the file that are not in ``loads``, by name, and why. What ``gaitstudy.read`` adds: ``roles``, the
    marker map by side; ``static``, markers of the static trial (m) and notes on it; ``mass`` (kg) and ``height`` (m) of
    the walker, NaN where not available.
    """

    name: str
    markers: xr.DataArray
    loads: xr.Dataset | None = None
    analogs: xr.DataArray | None = None
    outputs: xr.DataArray | None = None
    events: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["time", "event", "side"]))
    subject: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    static: xr.DataArray | None = None
    static_notes: tuple[str, ...] = ()
    mass: float = np.nan
    height: float = np.nan

    @property
    def ground_reaction(self) -> xr.Dataset:
        """The ground reactions (``io.plates.wrench``, N and N m).

        Raises
        ------
        TrialFormatError : the trial has none.
        """
        if self.loads is None:
            raise TrialFormatError(self.name, "expected force plates, found none. Give the trial's forces.")
        return self.loads

    @property
    def missing(self) -> pd.Series:
        """Share of frames without a position, by marker."""
        lost = self.markers.isnull().any("axis").mean("time")
        return pd.Series(lost.values, index=self.markers["marker"].values, name="share of frames missing")


def read_c3d(
    path: str | Path, *, axes: tuple[str, str] | None = None, zero: tuple[float, float] | None = None
) -> Recording:
    """Read a C3D trial and turn it to x forward, y up, z right.

    Parameters
    ----------
    path : the file.
    axes : the file's axes that point forward and up, as ``("+Y", "+Z")``; default the file's own POINT:X_SCREEN and
        Y_SCREEN, or what plates and markers show (see ``io.lab_axes.turn_matrix``).
    zero : start and end (s, on the file's clock) of a stretch with no one on any plate; its mean is taken off
        every plate channel. Default: nothing is taken off.

    Returns
    -------
    Recording; the ground reaction is the force on the walker, as the C3D manual wants it stored. A position of exactly
    (0, 0, 0) is a gap. What is not needed does not refuse the file: a plate that cannot be used is in ``left_out``,
    markers of one name are told apart as ``_each_once`` does, and ``notes`` say so.

    Raises
    ------
    TrialFormatError : every problem found in the file: damaged, cut off, no axes, units that cannot be, no positions, a
        zero stretch that is empty or loaded.

    References
    ----------
    The C3D File Format: A Technical User Guide (Motion Lab Systems, 2021).
    """
    path = existing(path, {".c3d"})
    raw = read_raw(path)
    problems: list[str] = []
    turn, notes = turn_matrix(path, raw, axes)
    notes = [*raw.notes, *notes]
    is_output = np.isin(raw.labels, output_labels(raw))
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
    problems += _impossible_extent(positions, printable(raw.unit, 24))
    labels, positions, copies = _each_once(labels, positions)
    notes += copies
    time = (raw.first_frame - 1 + np.arange(len(positions))) / raw.point_rate
    analog_time = time[:1] + np.arange(len(raw.analogs)) / raw.analog_rate if len(raw.analogs) else np.empty(0)
    loads: xr.Dataset | None = None
    left_out: dict[str, str] = {}
    try:
        loads, left_out, said = plate_wrenches(raw, analog_time, turn, scale, zero)
        notes += [*said, *(f"plate {name} is left out: {reason}" for name, reason in left_out.items())]
    except TrialFormatError as error:
        problems += error.problems
    if problems:
        raise TrialFormatError(path, problems)
    events, said = stored_events(raw)
    subject, turned = subject_numbers(raw)
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
    markers = _markers(positions, time, labels)
    told = (*notes, *said, *turned)
    return Recording(path.name, markers, loads, analogs, outputs, events, subject, told, left_out)


def read_trc(path: str | Path, *, axes: tuple[str, str] | None = None) -> Recording:
    """Read marker positions from a TRC file and turn them to x forward, y up, z right.

    Blank, NaN and exactly zero positions are missing and become NaN (no marker sits in the lab origin to the last
    digit), and so do three equal numbers far from it, the marks that some programs leave in gaps (9999999). A header
    that states no unit, other counts than a whole table holds, or a marker's name twice (``_each_once``), is told in
    ``notes``.

    Parameters
    ----------
    path : the file. axes : the file's axes that point forward and up, as ``("+X", "+Z")``; default ``("+X", "+Y")``.

    Raises
    ------
    TrialFormatError : no TRC, unknown units, a row cut off, cells that are no numbers, a clock that jumps, no position.
    """
    path = Path(path)
    turn = axes_matrix(path, axes or ("+X", "+Y"))
    names, time, positions, units, notes = read_trajectories(path)
    positions = positions @ turn.T
    if problems := _impossible_extent(positions, units):
        raise TrialFormatError(path, problems)
    names, positions, copies = _each_once(names, positions)
    return Recording(path.name, _markers(positions, time, names), notes=(*notes, *copies))


def turn_about_up(recording: Recording, direction: Sequence[float]) -> Recording:
    """Return the recording with the lab turned about y so that ``direction`` (x, z) becomes +x.

    Parameters
    ----------
    direction : the horizontal direction of travel in the present axes, as (x, z) or (x, y, z).
    """
    x, z = float(direction[0]), float(direction[-1])
    length = np.hypot(x, z)
    turn = np.array([[x / length, 0, z / length], [0, 1, 0], [-z / length, 0, x / length]])
    markers = recording.markers.copy(data=recording.markers.values @ turn.T)
    loads = recording.loads
    if loads is not None:
        loads = loads.copy()
        for key in {"force", "moment", "corners"} & set(loads):
            loads[key] = loads[key].copy(data=loads[key].values @ turn.T)
    return replace(recording, markers=markers, loads=loads)


def write_trc(recording: Recording, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the markers as a TRC file in metres; missing positions stay blank. Returns the path.

    Raises
    ------
    GaitStudyError : the file is there and ``overwrite`` is False, or the folder cannot be written in.
    """
    markers = recording.markers
    count, names = markers.sizes["time"], [str(m) for m in markers["marker"].values]
    rate = _rate(markers["time"].values)
    head = [
        f"PathFileType\t4\t(X/Y/Z)\t{Path(path).name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate:.6f}\t{rate:.6f}\t{count}\t{len(names)}\tm\t{rate:.6f}\t1\t{count}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{k}" for k in range(1, len(names) + 1) for axis in "XYZ"),
        "",
    ]
    flat = markers.transpose("time", "marker", "axis").values.reshape(count, -1)
    rows = [
        f"{k}\t{t!r}\t" + "\t".join("" if np.isnan(v) else repr(float(v)) for v in row)
        for k, (t, row) in enumerate(zip(markers["time"].values.tolist(), flat, strict=True), 1)
    ]
    return write_whole(path, "\n".join(head + rows) + "\n", overwrite=overwrite)


def write_storage(table: pd.DataFrame, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a table indexed by time as MOT or STO, with the angle unit of ``attrs["angles"]``. Returns the path.

    Raises
    ------
    GaitStudyError : the file is there and ``overwrite`` is False, or the folder cannot be written in.
    """
    degrees = {"deg": "inDegrees=yes\n", "rad": "inDegrees=no\n"}.get(table.attrs.get("angles", ""), "")
    head = f"{Path(path).stem}\nversion=1\nnRows={len(table)}\nnColumns={table.shape[1] + 1}\n{degrees}endheader\n"
    rows = ["\t".join(map(repr, row)) for row in np.column_stack([table.index, table]).tolist()]
    lines = ["\t".join(["time", *map(str, table.columns)]), *rows]
    return write_whole(path, head + "\n".join(lines) + "\n", overwrite=overwrite)


def _each_once(names: list[str], positions: np.ndarray) -> tuple[list[str], np.ndarray, list[str]]:
    """Return markers under names that stand once, and notes on those that stood more than once.

    Markers of one name that have the same positions are one marker. Where the positions differ nobody knows which are
    meant: each is called NAME#k, k its place in the file, and none has the name itself.

    Parameters
    ----------
    names : of the markers. positions : (time, marker, axis).
    """
    labels, kept, notes = list(names), np.ones(len(names), bool), []
    twice = [name for name, count in Counter(names).items() if count > 1]
    alike, differ = [], []
    for name in twice:
        own = [k for k, other in enumerate(names) if other == name]
        if all(np.array_equal(positions[:, own[0]], positions[:, k], equal_nan=True) for k in own[1:]):
            alike.append(name)
            kept[own[1:]] = False
        else:
            differ.append(name)
            for k in own:
                labels[k] = f"{name}#{k + 1}"
    for found, what in ((alike, "the same positions: read once"),
                        (differ, "different positions: read as NAME#k, k the place in the file")):  # fmt: skip
        if found:
            shown = ", ".join(f"'{printable(name, 24)}'" for name in found[:6]) + " ..." * (len(found) > 6)
            notes.append(f"several markers are called {shown}, with {what}.")
    return [label for label, keep in zip(labels, kept, strict=True) if keep], positions[:, kept], notes


def _rate(time: np.ndarray) -> float:
    return float((len(time) - 1) / (time[-1] - time[0])) if len(time) > 1 else 0.0


def _astray(positions: np.ndarray) -> np.ndarray:
    """Return where a few of many positions (m) lie further from their middle than any capture volume is wide."""
    if not np.isfinite(positions).any():
        return np.zeros(positions.shape[:2], bool)
    middle = np.nanmedian(positions, (0, 1))
    with np.errstate(invalid="ignore"):
        far = np.abs(positions - middle).max(-1) > LARGEST_VOLUME
    return far & bool(far.mean() < MOST_ASTRAY)


def _impossible_extent(positions: np.ndarray, units: str) -> list[str]:
    if not np.isfinite(positions).any():
        return ["expected marker positions, found none in any frame. Export the trial with its trajectories."]
    finite = positions[np.isfinite(positions).all(-1)]
    extent = float(np.ptp(finite, axis=0).max()) if len(finite) else 0.0
    if len(finite) and np.abs(finite).max() > LARGEST_DISTANCE:
        return [
            f"expected markers within {LARGEST_DISTANCE:g} m of the origin, found {np.abs(finite).max():.3g} m with "
            f"units '{units}'. Correct the units, or the positions."
        ]
    if extent > LARGEST_VOLUME:
        return [
            f"expected markers within {LARGEST_VOLUME:g} m, found {extent:.3g} m with units '{units}': millimetres "
            f"called {units}, or a marker gone astray. Correct the units, or delete that marker's frames."
        ]
    if positions.shape[1] > 3 and 0 < extent < LARGEST_VOLUME / 1000:
        return [
            f"expected markers spread over a body, found all within {extent:.4f} m with units '{units}': metres "
            f"called {units}. Correct the units."
        ]
    return []


def _markers(positions: np.ndarray, time: np.ndarray, names: list[str]) -> xr.DataArray:
    return labelled(
        positions,
        ("time", "marker", "axis"),
        units="m",
        frame="lab",
        long_name="marker position",
        coords={"time": time, "marker": names},
    )

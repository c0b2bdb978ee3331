"""The pipeline: files become a recording in one lab frame, a recording becomes stances, stances become rows.

Notebooks, the command line and many recordings at once go through the same three calls, each useful alone::

    recording = gaitstudy.read("walk01.c3d", markers="plug-in-gait", mass=70.0, height=1.75)
    curves = pipeline.stances(recording, cut_off=8.0, frame="tibia", fpa_window=(15, 40))
    rows = pipeline.outcomes(curves)

``prepare`` is what ``stances`` does first: it gives the filtered recording, its events and its legs over time.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import (
    AXES,
    GRAVITY,
    SIDES,
    GaitStudyError,
    MarkerError,
    TrialFormatError,
    pick,
    require_positive,
    side_sign,
    variable,
)
from gaitstudy.gait import events, plausibility, signals, steps
from gaitstudy.gait.foot import CHANGE, LIMIT, WINDOW, foot_progression_angle, mean_over_stance
from gaitstudy.io import motion
from gaitstudy.io.files import printable
from gaitstudy.io.motion import Recording
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.io.recording import axes_matrix
from gaitstudy.load import knee
from gaitstudy.load.skeleton import HIPS, find, fit_labels, leg_from_markers, marker_map

COLUMNS = (
    "file", "side", "stride", "ic_time", "fo_time", "events", "fpa_deg", "kam1_pct_bwht", "kam2_pct_bwht", "kam1_nm",
    "kam2_nm", "kam1_edge", "kam2_edge", "kam_impulse_nms", "kfm_peak_nm", "stance_time", "step_width",
    "reason_excluded",
)  # fmt: skip
"""Columns of ``outcomes``, units in their names. Moments are external; NaN where there is none, with the reason in the
last column. A CSV file has no other place for a unit."""
EDGES = ("kam1_edge", "kam2_edge")
REACH = 1.0
"""m; the force under a foot is nearer than this to some marker of the body, seen from above."""
LEGS = (0.2, 1.6)
"""m; from a toddler's heels to the pelvis, and further than any leg is long: beyond, the unit of length is another."""
STRETCH = {"thigh": 0.25, "shank": 0.18}
"""Of its length; a bone whose length changes more in one stance has markers that are not on it. Real (72 legs of 36
files, over whole trials, by chords): thighs at most 0.05, shanks 0.10. A marker of the other ankle: 0.20 or more. Set
after both were seen, and above the tests' walker by formula, whose bones are not rigid (0.20 and 0.15)."""
SIZES = (("mass", "kg", 2.0, 350.0), ("height", "m", 0.5, 2.6))
"""A person's measures, their units, and the widest range that a person can have."""
UNUSABLE = {
    "labels swapped": "expected the left markers on the walker's left, found them elsewhere: left and right labels "
    "swapped, a left-handed lab, or axes wrong. Correct the labels, or say which axes point forward and up: --axes.",
    "backwards": "expected a person who walks forward, found pelvis and feet turned against the direction of travel: "
    "walking backwards. Foot angles and knee moments are defined for walking forward; leave these strides out.",
}
"""What makes a stride, or a trial, unusable (see ``_facing``), and what to say of it."""
TRAVEL = ("stride", "trial")
"""Against which direction of travel feet are measured: of each stride, or of the recording as a whole."""
CURVES = {
    "knee_adduction_moment": ("N m", "external knee adduction moment"),
    "knee_flexion_moment": ("N m", "external knee flexion moment"),
    "ground_reaction": ("N", "ground reaction force"),
    "centre_of_pressure": ("m", "centre of pressure"),
    "knee": ("m", "knee centre"),
    "tibia_forward": ("1", "forward axis of the tibia"),
    "foot": ("m", "middle of heel and toe marker"),
}
"""Curves of ``stances``: unit and name."""


def read(
    source: str | Path | Recording,
    markers: str = "plug-in-gait",
    *,
    static: str | Path | xr.DataArray | None = None,
    forces: str | Path | None = None,
    mass: float | None = None,
    height: float | None = None,
    axes: tuple[str, str] | None = None,
    zero: tuple[float, float] | None = None,
    forward: Sequence[float] | None = None,
) -> Recording:
    """Read a walking trial and bring it into one lab frame, x along the direction of travel, checked.

    Parameters
    ----------
    source : a C3D or TRC file, or a recording that is read already (metres, y up; without ``forces, axes, zero``).
    markers : marker map, a name of ``load.skeleton.marker_map`` or a TOML file.
    static : trial in which the person stands with all markers (a file, or its markers in m), where the map asks for
        one.
    forces : a MOT or STO file with the ground reactions of a TRC file.
    mass, height : kg and m; default the recording's, else the file's own.
    axes : which axes of the file point forward and up, such as ``("+X", "+Z")``: of a C3D file's markers and plates, or
        of a TRC file together with its forces.
    zero : s, from and to; the plates are empty there, in whichever file they are.
    forward : (x, y, z) of travel in the lab, where it is known; default: found from pelvis and feet.

    Returns
    -------
    Recording with ``roles`` (the marker map), ``static``, ``mass`` and ``height`` set, labels fitted to the map, and
    what empty plates read taken off their forces; ``notes`` says what was decided.

    Raises
    ------
    TrialFormatError : what is wrong with a file; forces that do not cover the markers' times, or act far from every
        marker.
    UnitError : a mass or height that no person has.
    MarkerError, GaitStudyError : no such map; see ``_face_forward``; a static trial that the map does not use.
    """
    roles = marker_map(markers)
    for value, size in zip((mass, height), SIZES, strict=True):
        if value is not None:
            require_positive(value, *size)
    if not isinstance(source, Recording):
        trial = _read_files(source, forces, axes, zero)
    elif (forces, axes, zero) != (None, None, None):
        raise TrialFormatError(source.name, "forces, axes, zero: expected with a file, found a recording.")
    else:
        trial = source
    labelled, notes = fit_labels(trial.markers, roles)
    trial = replace(trial, markers=labelled, notes=(*trial.notes, *notes), roles=roles)
    sizes = _size(trial, mass, height)
    trial = replace(trial, mass=sizes[0], height=sizes[1])
    if trial.loads is not None:
        loads, levelled, far = plausibility.levelled(trial.loads)
        there = loads.drop_sel(plate=list(far)) if len(far) < loads.sizes["plate"] else None
        levelled += [f"plate {plate} is left out: {why}." for plate, why in far.items()]
        trial = replace(trial, loads=there, left_out=trial.left_out | far, notes=(*trial.notes, *levelled))
    walking = _face_forward(trial, forward)
    if static is None:
        return walking
    if roles["method"]["knee"] != "static":
        raise MarkerError(
            f"the map '{roles['method']['title']}' finds the knee without a static trial, found one given. Leave "
            "--static out, or choose another map with --markers."
        )
    if isinstance(static, xr.DataArray):
        standing, name, said = static, "static trial", list[str]()
    else:
        standing, said = _read_static(static, walking, axes)
        name = Path(static).name
    standing, fitted = fit_labels(standing, roles)
    return replace(walking, static=standing, static_notes=tuple(f"{name}: {note}" for note in (*said, *fitted)))


@dataclass(frozen=True)
class Walk:
    """A recording made ready for angles and moments; all over time, x along the direction of travel.

    ``recording`` with short gaps filled, markers and forces filtered alike, forces at the markers' times; ``strides``
    and ``contacts`` of ``_find_strides``, from the unfiltered forces; ``whole``, those contacts that are of one foot
    alone with one plate, whole and trusted: ``plate, side, start, end`` (s); ``legs`` by side (datasets of
    ``load.skeleton``), and for a leg that cannot be built the reason in ``no_leg``.
    """

    recording: Recording
    strides: pd.DataFrame
    contacts: pd.DataFrame
    whole: pd.DataFrame
    legs: dict[str, xr.Dataset]
    no_leg: dict[str, str]


def prepare(
    recording: Recording,
    *,
    cut_off: float | None = signals.CUT_OFF,
    threshold: float = events.THRESHOLD,
    hip: str = "harrington",
) -> Walk:
    """Return a recording filtered, with its events and its legs.

    Parameters
    ----------
    recording : of ``read``. cut_off : Hz, of markers and forces; None leaves them as recorded.
        Gaps of markers up to 0.1 s are filled before. threshold : N, of contact with a plate.
    hip : the regression for the hip's centre, see ``load.skeleton.hip_offset``.

    Raises
    ------
    SignalError : a cut-off the sampling rate does not allow; a threshold that is none. MarkerError : no foot has
        heel and toe markers. GaitStudyError : a recording that ``read`` did not make ready; another regression.
    """
    if not getattr(recording, "roles", None):
        found = type(recording).__name__
        raise GaitStudyError(f"expected a recording that gaitstudy.read returned, found {found}. Read it first.")
    if hip not in HIPS:
        raise GaitStudyError(f"hip: expected one of {', '.join(HIPS)}, found '{hip}'.")
    filtered = _filtered(recording, cut_off)
    strides, contacts = _find_strides(recording, threshold)
    legs, no_leg, front = {}, {}, marker_paths(filtered, "asis")
    across = (front["right"] - front["left"]).values if len(front) == 2 else None
    for side in SIDES:
        try:
            leg = leg_from_markers(
                filtered.markers, recording.roles, side, static=recording.static, subject=recording.subject, hip=hip
            )
            _check_leg(leg, across)
            legs[side] = leg
        except MarkerError as error:
            no_leg[side] = str(error)
    return Walk(filtered, strides, contacts, contacts[contacts["reason"] == ""], legs, no_leg)


def stances(
    recording: Recording | Walk,
    *,
    frame: str = "tibia",
    method: str = "lever arm",
    fpa_window: tuple[float, float] = WINDOW,
    travel: str = "stride",
    **preparing: Any,
) -> xr.Dataset:
    """Return every stance of a recording: curves from 0 to 100 % of it, foot angle, and why it must not be used.

    Parameters
    ----------
    recording : of ``read``, or of ``prepare``. frame, method : of ``load.knee.knee_moments``.
    fpa_window : per cent of stance over which the foot progression angle is averaged.
    travel : ``"stride"`` measures feet (and the lab frame) against each stride's own direction of travel, for any path;
        ``"trial"`` against that of the recording as a whole, which on a straight path does not sway with the pelvis;
        if strides differ by more than 15 deg, all of them count as turning.
    preparing : of ``prepare``: ``cut_off, threshold, hip``.

    Returns
    -------
    Dataset (stance, percent, axis), one stance for each stride, and for each plate contact that belongs to none; in
    order of side and time. Curves: ``CURVES``, over the contact with the plate; where there is none, those of leg and
    foot over the stance, the others NaN. Adduction and flexion positive, positions and forces in the lab frame. Per
    stance: ``side, stride, start, end`` (s), ``plate`` ("" if none), ``events`` (where contact and foot off come from),
    ``foot_progression_angle`` (deg, toe-out positive), ``step_width`` (m), and ``reason`` why it must not be used, ""
    if it may; ``times_usable, straight, angle_usable, moment_usable`` say for which values it must not. Nothing is left
    out: what may not be used is there to be looked at. ``attrs``: ``file, mass`` (kg), ``height`` (m), ``frame``,
    ``method``, ``notes``.

    Raises
    ------
    GaitStudyError : another frame, method or direction of travel.
    """
    for name, value, allowed in (
        ("frame", frame, knee.FRAMES),
        ("method", method, knee.METHODS),
        ("travel", travel, TRAVEL),
    ):
        if value not in allowed:
            raise GaitStudyError(f"{name}: expected one of {', '.join(allowed)}, found '{value}'.")
    if isinstance(recording, Walk) and preparing:
        raise GaitStudyError(f"{', '.join(preparing)}: expected with a recording, found a prepared walk. Prepare anew.")
    walk = recording if isinstance(recording, Walk) else prepare(recording, **preparing)
    trial, strides = walk.recording, walk.strides
    way, width = _travel(walk, travel)
    tables: list[pd.DataFrame] = []
    curves: list[dict[str, np.ndarray]] = []
    for side in SIDES:
        own, landed = strides[strides["side"] == side], walk.contacts[walk.contacts["side"] == side]
        table = _stances_of(own, landed, width)
        direction = _direction_at(own, way.loc[own.index], trial.markers["time"].values) if len(own) else None
        table = _with_angles(table.assign(side=side), walk, direction, way.loc[own.index], fpa_window)
        table, carried = _carried(table, walk, method, frame, direction)
        curves.append(carried)
        tables.append(table)
    found = pd.concat(tables, ignore_index=True)
    data: dict[str, Any] = {
        name: variable(found[name].to_numpy(kind), ("stance",), units=units, long_name=text)
        for name, (kind, units, text) in _OF_A_STANCE.items()
    }
    for name, (units, text) in CURVES.items():
        values = np.concatenate([each[name] for each in curves])
        axes = "lab" if values.ndim == 3 else frame
        data[name] = variable(
            values, ("stance", "percent", "axis")[: values.ndim], units=units, long_name=text, frame=axes
        )
    notes = [f"{trial.name}: {note}" for note in (*trial.notes, *strides.attrs["notes"])]
    about = {"file": trial.name, "mass": trial.mass, "height": trial.height, "frame": frame, "method": method}
    return xr.Dataset(
        data,
        {"stance": np.arange(len(found)), "percent": np.linspace(0.0, 100.0, 101), "axis": list(AXES)},
        about | {"notes": list(dict.fromkeys([*notes, *trial.static_notes]))},
    )


def outcomes(curves: xr.Dataset) -> pd.DataFrame:
    """Return one row for every stance of ``stances``: what it says of foot and knee, or why it says nothing.

    Returns
    -------
    ``COLUMNS``: times in s, where contact and foot off come from (``events``: plates, file or markers; two, in that
    order, where they differ), foot progression angle in deg (toe-out positive), adduction moments in %BW*Ht and N m
    (external), whether a peak is only the end of its half of stance (``kam1_edge, kam2_edge``; missing where there is
    no peak), impulse of the adducting part in N m s, flexion moment in N m (largest over the whole stance), step width
    in m (between the ankles in mid-stance; between the heels where a leg cannot be built).
    A stride that turns by more than 15 deg, or goes backwards, has times and the reason alone.
    ``attrs["notes"]`` : what the readers decided or left out.
    """
    adduction = curves["knee_adduction_moment"].rename(stance="stride")
    found = knee.peaks(adduction).reset_index(drop=True)
    stance = curves[list(_OF_A_STANCE)].to_dataframe()
    carried, straight = curves["moment_usable"].values & curves["straight"].values, curves["straight"].values
    mass, height = curves.attrs["mass"], curves.attrs["height"]
    percent = 100 / (mass * GRAVITY * height) if mass > 0 and height > 0 else np.nan
    duration = (stance["end"] - stance["start"]).to_numpy()
    table = pd.DataFrame(
        {
            "file": curves.attrs["file"],
            "side": stance["side"],
            "stride": stance["stride"] if stance["stride"].isna().any() else stance["stride"].astype(int),
            "ic_time": stance["start"],
            "fo_time": stance["end"],
            "events": stance["events"].replace("", None),
            "fpa_deg": stance["foot_progression_angle"].where(stance["angle_usable"]),
            "kam1_pct_bwht": (found["peak1"] * percent).where(carried),
            "kam2_pct_bwht": (found["peak2"] * percent).where(carried),
            "kam1_nm": found["peak1"].where(carried),
            "kam2_nm": found["peak2"].where(carried),
            "kam1_edge": found["edge1"].where(carried),
            "kam2_edge": found["edge2"].where(carried),
            "kam_impulse_nms": np.where(carried, knee.impulse(adduction, duration), np.nan),
            "kfm_peak_nm": np.where(carried, curves["knee_flexion_moment"].max("percent", skipna=False), np.nan),
            "stance_time": np.where(stance["times_usable"], duration, np.nan),
            "step_width": stance["step_width"].where(stance["times_usable"] & straight),
            "reason_excluded": stance["reason"],
        },
        columns=list(COLUMNS),
    )
    table.attrs = {"notes": curves.attrs["notes"]}
    return table


def process(paths: str | Path | Iterable[str | Path], *, side: str | None = None, **settings: Any) -> pd.DataFrame:
    """Process trials one after the other; a file that cannot be read becomes one row with the reason.

    Parameters
    ----------
    paths : C3D or TRC files of walking trials, or one. side : the rows of one side alone.
    settings : of ``read``, ``prepare`` and ``stances``.

    Returns
    -------
    ``outcomes`` of all files; ``attrs["errors"]`` lists the messages, ``attrs["notes"]`` what the readers decided or
    left out, each with its file.
    """
    if side is not None:
        side_sign(side)  # or an error that names the two
    tables, errors, notes = [], [], []
    for path in [paths] if isinstance(paths, str | Path) else paths:
        try:
            tables.append(_process_trial(path, **settings))
            notes += tables[-1].attrs["notes"]
        except GaitStudyError as error:
            errors.append(str(error))
            tables.append(_blank([{"file": Path(path).name, "reason_excluded": str(error)}]))
            continue
        if side is not None:
            tables[-1] = tables[-1][tables[-1]["side"] == side]
    for table in tables:
        table.attrs = {}
    result = pd.concat(tables, ignore_index=True) if tables else _blank([])
    result.attrs = {"errors": errors, "notes": list(dict.fromkeys(notes))}  # a static trial's come with every trial
    return result


def _process_trial(path: str | Path, **settings: Any) -> pd.DataFrame:
    """Return the ``outcomes`` of one C3D or TRC file of a walking trial.

    Parameters
    ----------
    settings : of ``read``, ``prepare`` and ``stances``.

    Raises
    ------
    TrialFormatError : what is wrong with the file, or with the settings for it.
    """
    reading = {k: settings.pop(k) for k in inspect.signature(read).parameters if k in settings}
    try:
        return outcomes(stances(read(path, **reading), **settings))
    except TrialFormatError:
        raise
    except GaitStudyError as error:
        raise TrialFormatError(Path(path), str(error)) from error


# ---- from files to one lab frame ----


def _read_files(
    path: str | Path,
    forces: str | Path | None,
    axes: tuple[str, str] | None,
    zero: tuple[float, float] | None,
) -> Recording:
    """Return a trial as its files have it."""
    suffix = Path(path).suffix.lower()
    if suffix not in (".c3d", ".trc"):
        found = "a folder" if Path(path).is_dir() else f"'{printable(suffix, 10)}'"
        raise TrialFormatError(path, f"expected a .c3d or .trc file, found {found}. Give forces with --forces.")
    if suffix == ".trc" and zero and forces is None:
        raise TrialFormatError(path, "expected forces to zero, found a TRC file. Leave --zero out, or add --forces.")
    trial = motion.read_trc(path, axes=axes) if suffix == ".trc" else motion.read_c3d(path, axes=axes, zero=zero)
    if forces is None:
        return trial
    if trial.loads is not None:
        raise TrialFormatError(path, "expected no force file beside a C3D with plates of its own. Leave --forces out.")
    turn = axes_matrix(path, axes) if axes and suffix == ".trc" else None
    try:
        table = motion.read_storage(forces)
        loads = motion.storage_loads(table, turn=turn, zero=zero)
    except TrialFormatError as error:
        raise TrialFormatError(forces, error.problems) from None
    _require_beside_markers(forces, loads, trial)
    # what the plates saw before and after the cameras is no part of the trial
    times, step = trial.markers["time"].values, 1.0 / signals.sampling_rate(loads["time"].values)
    notes = (*trial.notes, *(f"{Path(forces).name}: {note}" for note in table.attrs.get("notes", ())))
    return replace(trial, loads=loads.sel(time=slice(times[0] - step, times[-1] + step)), notes=notes)


def _read_static(path: str | Path, trial: Recording, axes: tuple[str, str] | None) -> tuple[xr.DataArray, list[str]]:
    """Return the markers of a static trial, and what its reader decided; its forces are not used."""
    alike = Path(path).suffix.lower() == Path(trial.name).suffix.lower()
    own_axes = axes if alike else None  # the other format has other axes
    standing = _read_files(path, None, own_axes, None)
    return standing.markers, [note for note in standing.notes if not note.startswith("plate ")]


def _size(trial: Recording, mass: float | None, height: float | None) -> tuple[float, float]:
    """Mass (kg) and height (m): those given, else as read before, else the file's own (height in mm), else NaN."""
    mass, height = float(mass or trial.mass), float(height or trial.height)
    own = trial.subject.get("bodymass", np.nan), trial.subject.get("height", np.nan) / 1000
    one, other = (
        given if given > 0 else stored if low <= stored <= high else np.nan
        for given, stored, (_, _, low, high) in zip((mass, height), own, SIZES, strict=True)
    )
    return one, other


def _require_beside_markers(path: str | Path, loads: xr.Dataset, trial: Recording) -> None:
    """Raise an error where forces do not cover the markers' times, or act far from every marker, whatever its name."""
    own, other = trial.markers["time"].values, loads["time"].values
    step = 1.5 / signals.sampling_rate(own)
    if other[0] > own[0] + step or other[-1] < own[-1] - step:
        raise TrialFormatError(
            path,
            f"expected forces for {own[0]:g}-{own[-1]:g} s, the times of {trial.name}, found {other[0]:g}-"
            f"{other[-1]:g} s. Export both with the same length and clock.",
        )
    frames = np.unique(np.linspace(0, trial.markers.sizes["time"] - 1, 200).astype(int))
    markers = trial.markers.isel(time=frames)
    at = np.clip(np.searchsorted(loads["time"].values, markers["time"].values), 0, loads.sizes["time"] - 1)
    cop, _ = centre_of_pressure(loads.isel(time=at), 50.0)
    spots = markers.transpose("time", "marker", "axis").values[..., [0, 2]]
    apart = np.linalg.norm(cop.values[:, :, None, [0, 2]] - spots[:, None], axis=-1)
    nearest = np.nanmin(np.where(np.isnan(apart), np.inf, apart), axis=-1)
    plates = [float(np.median(near[np.isfinite(near)])) for near in nearest.T if np.isfinite(near).any()]
    if min(plates, default=0.0) >= REACH:
        raise TrialFormatError(
            path,
            f"expected forces within {REACH:g} m of a marker, found the nearest plate's {min(plates):.3g} m away: "
            "another unit, walk, origin or other axes. Export both with one origin, in metres, with the same axes.",
        )


def _face_forward(trial: Recording, direction: Sequence[float] | None = None) -> Recording:
    """Return the trial turned about the vertical so that x is its direction of travel, over the trial as a whole.

    On a path that turns the walker heads along x only for a while: see ``steps.stride_directions``.

    Raises
    ------
    MarkerError : no heel or no pelvic marker of the map is there; the heels are not below the pelvis; throughout the
        trial the left markers are on the walker's right, or the person walks backwards (where only some strides do,
        ``_facing`` tells which).
    GaitStudyError : the person stands; a direction that is given and is none.
    """
    names, feet = trial.roles, list(marker_paths(trial, "heel").values())
    if not feet or not marker_paths(trial, "asis"):
        there = [printable(name) for name in trial.markers.dropna("marker", how="all")["marker"].values][:8]
        wanted = [str(names["left"][role]) for role in ("heel", "asis") if role in names["left"]]
        raise MarkerError(
            f"expected heel and pelvic markers of the map '{names['method']['title']}' ({', '.join(wanted)} ...), "
            f"found {there} ... Choose another map with --markers."
        )
    pelvis = middle_of_pelvis(trial)
    heights = [float(found.sel(axis="y").median()) for found in (*feet, pelvis)]
    if max(heights[:-1]) >= heights[-1]:
        raise MarkerError(
            "expected the heels below the pelvis, found them above: axes wrong. Say which axes point forward and up: "
            "--axes."
        )
    above = heights[-1] - min(heights[:-1])
    if not LEGS[0] <= above <= LEGS[1]:
        raise MarkerError(
            f"expected the pelvis {LEGS[0]:g}-{LEGS[1]:g} m above the heels, found it {above:.3g} m above: another "
            "unit of length than the file says (cm called mm?), or axes wrong. Correct its units, or give --axes."
        )
    known = np.asarray(steps.travel_direction(pelvis, feet) if direction is None else direction, float)
    if known.shape != (3,) or not 0 < np.hypot(known[0], known[2]) < np.inf:
        raise GaitStudyError(f"forward: expected (x, y, z) with a horizontal part, found {known.tolist()}.")
    forward = _turned(trial, known.tolist())
    belt = float(np.linalg.norm(steps.belt_velocity(feet)))
    wrong = _facing(forward, steps.local_direction(middle_of_pelvis(forward), belt).values)
    usual = wrong.value_counts(normalize=True)
    if usual.index[0] in UNUSABLE and usual.iloc[0] > 0.9:
        raise MarkerError(UNUSABLE[usual.index[0]])
    return forward


def _turned(recording: Recording, direction: Sequence[float]) -> Recording:
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


def _facing(trial: Recording, direction: np.ndarray) -> pd.Series:
    """Tell at every instant how pelvis and feet face the direction of travel.

    Parameters
    ----------
    direction : of travel, (time, axis).

    Returns
    -------
    By time: ``""``, ``"labels swapped"`` (the left markers of the pelvis, else the left heel, are on the walker's
    right, and the feet point forward), ``"backwards"`` (and the feet point back as well), ``"heel and toe"`` (only the
    feet point back).
    """
    right, heels, toes = np.cross(direction, [0.0, 1.0, 0.0]), marker_paths(trial, "heel"), marker_paths(trial, "toe")
    across = along = np.zeros(len(direction))
    pair = next((ends for ends in (marker_paths(trial, "asis"), heels) if len(ends) == 2), None)
    if pair:
        across = ((pair["right"].values - pair["left"].values) * right).sum(1)
    for side in heels.keys() & toes.keys():
        along = along + np.nan_to_num(((toes[side].values - heels[side].values) * direction).sum(1))
    found = np.select(
        [(across < 0) & (along < 0), across < 0, along < 0], ["backwards", "labels swapped", "heel and toe"], ""
    )
    return pd.Series(found, trial.markers["time"].values)


# ---- filter, events ----


def _filtered(trial: Recording, cut_off: float | None) -> Recording:
    """Return the trial with short gaps filled and markers and forces low-pass filtered alike.

    The ground reaction is filtered as a wrench on its own clock, then read off at the markers' times.

    Parameters
    ----------
    cut_off : Hz; None fills and filters nothing.
    """
    markers, loads = trial.markers, trial.loads
    if cut_off is not None:
        markers = signals.low_pass(signals.fill_gaps(markers), cut_off)
    if loads is not None:
        if cut_off is not None:
            loads = loads.assign({k: signals.low_pass(loads[k], cut_off) for k in ("force", "moment")})
        loads = signals.resample(loads, markers["time"])
    return replace(trial, markers=markers, loads=loads)


def _find_strides(trial: Recording, threshold: float = events.THRESHOLD) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return strides and plate contacts: events from plates, else those stored in the file, else from markers.

    Parameters
    ----------
    trial : facing forward; its forces unfiltered, so that a filter does not smear the threshold.
    threshold : N.

    Returns
    -------
    strides (``side, stride, ic_time, fo_time, next_ic_time, events, doubt``: see
    ``events._combined_strides``), contacts (``plate, side,
    start, end, reason``).
    """
    heels, toes = marker_paths(trial, "heel"), marker_paths(trial, "toe")
    sides = [s for s in heels if s in toes]
    if not sides:
        names = trial.roles["left"]
        raise MarkerError(
            f"expected heel and toe of one foot ({names['heel']}, {names['toe']} ...), found none. "
            "Choose another map with --markers, or correct the labels."
        )
    heels, toes, pelvis = {s: heels[s] for s in sides}, {s: toes[s] for s in sides}, middle_of_pelvis(trial)
    seen = events.marker_events(heels, toes, pelvis)
    contact = pd.DataFrame(columns=["plate", "side", "start", "end", "reason"])
    timed = pd.Series(dtype=bool)
    if trial.loads is not None:
        contact, timed = plausibility.plausible_contacts(trial.loads, heels, toes, pelvis, seen, threshold, trial.mass)
    return events._combined_strides(contact, timed, trial.events, seen, sides, trial.markers["time"].values)


def middle_of_pelvis(trial: Recording) -> xr.DataArray:
    """Return the middle of the front pelvic markers (of the one that is there), m, (time, axis)."""
    return xr.concat(list(marker_paths(trial, "asis").values()), "marker").mean("marker", skipna=False)


def marker_paths(trial: Recording, role: str) -> dict[str, xr.DataArray]:
    """Return by side the path, m, (time, axis), of the marker that has a role in the map, where any of it was seen."""
    there = trial.markers.get_index("marker")
    names = {side: trial.roles[side].get(role) for side in SIDES}
    found = {side: find(trial.markers, str(name)) for side, name in names.items() if name in there}
    return {side: path for side, path in found.items() if np.isfinite(path.values).any()}


def _check_leg(leg: xr.Dataset, rightward: np.ndarray | None = None) -> None:
    """Refuse a leg whose joints are not one above the other, or whose knee points to the wrong side.

    Parameters
    ----------
    leg : of ``load.skeleton``. rightward : m, (time, axis), from the pelvis's left to its right, where it is known.

    Raises
    ------
    MarkerError : which labels look exchanged.
    """
    height = leg["centre"].sel(axis="y").median("time").values
    if height[0] < height[1] or height[1] < height[2]:
        raise MarkerError(
            f"{leg.attrs['side']} leg: expected hip above knee above ankle, found heights of "
            f"{', '.join(f'{h:.2f}' for h in height)} m: labels of knee and ankle exchanged. Correct the labels."
        )
    if rightward is None:
        return
    across = leg["axes"].sel(segment="shank", direction="z").values
    if np.nanmedian((across * rightward).sum(-1)) < 0:
        raise MarkerError(
            f"{leg.attrs['side']} leg: expected the outer knee marker on the outside, found it on the inside: inner "
            "and outer, or left and right, labels exchanged. Correct the labels."
        )


def _stretched(leg: xr.Dataset, start: float, end: float) -> str:
    """Say which bone changes its length by more than ``STRETCH`` allows between two times (s); else nothing."""
    centre = leg["centre"].sel(time=slice(start, end)).values
    for k, (bone, limit) in enumerate(STRETCH.items()):
        length = np.linalg.norm(centre[:, k] - centre[:, k + 1], axis=-1)
        length = length[np.isfinite(length)]
        change = np.ptp(length) / np.median(length) if len(length) else 0.0
        if change > limit:
            return (
                f"the {bone} changes its length by {100 * change:.0f} % in stance (limit {100 * limit:.0f}): a "
                "marker of another place or leg, or labels exchanged"
            )
    return ""


# ---- stance by stance ----


_OF_A_STANCE: dict[str, tuple[Any, str, str]] = {
    "side": (object, "", "side"),
    "stride": (float, "", "number of the stride of this foot"),
    "start": (float, "s", "initial contact"),
    "end": (float, "s", "foot off"),
    "plate": (object, "", "force plate"),
    "events": (object, "", "where contact and foot off come from"),
    "foot_progression_angle": (float, "deg", "foot progression angle, toe-out positive"),
    "step_width": (float, "m", "step width"),
    "times_usable": (bool, "", "start and end may be used"),
    "straight": (bool, "", "a stride of straight walking forward"),
    "angle_usable": (bool, "", "the foot progression angle may be used"),
    "moment_usable": (bool, "", "the knee moments may be used"),
    "reason": (object, "", "why it must not be used"),
}
"""What ``stances`` says of each stance: its kind, unit and name."""
_ROW = {
    "stride": np.nan, "start": np.nan, "end": np.nan, "plate": "", "events": "", "step_width": np.nan,
    "times_usable": False, "amiss": "", "doubt": "", "reason": "", "chosen": False, "walked": False,
}  # fmt: skip


def _travel(walk: Walk, travel: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return each stride's direction of travel (of ``steps.stride_directions``) and its step width, m."""
    trial, strides = walk.recording, walk.strides
    feet = heels = marker_paths(trial, "heel")
    if len(walk.legs) == 2:
        feet = {s: leg["centre"].sel(joint="ankle", drop=True) for s, leg in walk.legs.items()}
    belt = float(np.linalg.norm(steps.belt_velocity(list(heels.values()))))
    way = steps.stride_directions(strides, middle_of_pelvis(trial), belt)
    if travel == "trial":
        known = way[["x", "z", "foot_x", "foot_z"]]
        heading = np.degrees(np.arctan2(way["foot_z"], way["foot_x"]))
        way["turn"] = np.fmax(way["turn"], heading.max() - heading.min())  # of the path as a whole
        way[known.columns] = np.where(known.isna(), np.nan, [1.0, 0.0, 1.0, 0.0])
    if len(feet) < 2:
        return way, pd.Series(np.nan, index=strides.index)
    return way, steps.step_width(strides, feet["left"], feet["right"], belt=belt, directions=way)


def _direction_at(strides: pd.DataFrame, directions: pd.DataFrame, time: np.ndarray) -> np.ndarray:
    """Return the direction under the foot of the stride to which each instant belongs, (time, axis), without unit.

    Parameters
    ----------
    strides : of one foot, in order, at least one. directions : of ``steps.stride_directions``, of the same rows.
    time : s. From halfway between a foot off and the next contact on, an instant belongs to the next stride.
    """
    halfway = (strides["fo_time"].to_numpy()[:-1] + strides["ic_time"].to_numpy()[1:]) / 2
    own = directions.assign(y=0.0)[["foot_x", "y", "foot_z"]].to_numpy()
    return own[np.searchsorted(halfway, time, side="right")]


def _stances_of(own: pd.DataFrame, landed: pd.DataFrame, width: pd.Series) -> pd.DataFrame:
    """Return one stance for each stride of a side, with the first plate contact that starts with it, and for each
    contact that starts with none.
    """
    rows, matched = [], set()
    for row in own.itertuples():
        entry = _ROW | {"stride": row.stride, "start": row.ic_time, "end": row.fo_time, "events": row.events}
        entry |= {"step_width": width[row.Index], "doubt": row.doubt, "times_usable": not row.doubt, "walked": True}
        for k in landed.index[(landed["start"].astype(float) - row.ic_time).abs() < events.SAME][:1]:
            matched.add(k)
            contact = landed.loc[k]
            entry |= {"plate": str(contact["plate"]), "reason": contact["reason"], "chosen": not contact["reason"]}
            entry |= {"start": contact["start"], "end": contact["end"]} if entry["chosen"] else {}
        rows.append(entry)
    known = {"events": "plates", "times_usable": True}
    for one in landed.drop(index=list(matched)).itertuples():
        reason = one.reason or "plate contact without a stride of this foot"
        rows.append(_ROW | known | {"start": one.start, "end": one.end, "plate": str(one.plate), "reason": reason})
    return pd.DataFrame(rows or [_ROW | {"reason": "no stride of this foot found"}], columns=list(_ROW))


def _with_angles(
    table: pd.DataFrame, walk: Walk, direction: np.ndarray | None, way: pd.DataFrame, window: tuple[float, float]
) -> pd.DataFrame:
    """Add foot angle (deg), whether the stance is straight walking, and what is amiss with either.

    The foot angle needs heel and toe alone. Outside of strides it is there to be looked at, never to be used.
    """
    trial, side = walk.recording, table["side"].iloc[0]
    table = table.assign(foot_progression_angle=np.nan, straight=False, angle_usable=False)
    heel, toe = (marker_paths(trial, role).get(side) for role in ("heel", "toe"))
    if heel is None or toe is None:
        return table
    angle = foot_progression_angle(heel, toe, side, knee.FORWARD if direction is None else direction)
    start, end, inside = _within(table, trial)
    where = np.flatnonzero(inside)
    mean = np.full(len(table), np.nan)
    mean[where] = mean_over_stance(angle, start[where], end[where], window)
    table["foot_progression_angle"] = mean
    own = np.flatnonzero(table["walked"])
    if direction is None:
        return table
    size = mean_over_stance(abs(angle), start[own], end[own], window).values  # 179 and -179 are not 0
    apart = angle.copy(data=np.linalg.norm(toe.values - heel.values, axis=-1))
    flat = signals.normalise_time(apart, start[own], end[own]).sel(percent=slice(*window)).values
    change = pd.Series(np.ptp(flat, axis=1) / np.median(flat, axis=1), own)
    seen, part = _facing(trial, direction), f"{window[0]:g}-{window[1]:g} % of stance"
    amiss = pd.Series([UNUSABLE.get(seen.loc[start[k] : end[k]].mode().get(0, ""), "") for k in own], own, dtype=object)
    turn = pd.Series(way["turn"].to_numpy(float), own)
    turning = "turning: the direction of travel changes by " + turn.map("{:.0f}".format)
    turning += f" deg in this stride or between its neighbours (limit {steps.TURN:g} deg)"
    amiss = amiss.mask(turn > steps.TURN, turning)
    amiss = amiss.mask(way["foot_x"].isna().to_numpy(), "pelvic markers missing in mid-stance: no direction of travel")
    straight = amiss == ""
    turned = "foot turned " + pd.Series(size, own).map("{:.0f}".format) + " deg from the direction of travel, expected "
    turned += f"at most {LIMIT:g}: heel and toe labels swapped, axes wrong, or a step sideways: no foot angle"
    amiss = amiss.mask(straight & (size > LIMIT), turned)
    amiss = amiss.mask(straight & np.isnan(mean[own]), f"heel or toe missing in {part}: no foot angle")
    stretched = "the distance from heel to toe changes by " + (100 * change).map("{:.0f}".format)
    stretched += f" % in {part} (limit {100 * CHANGE:.0f}): a marker of the other foot, or slipped: no foot angle"
    table.loc[own, "amiss"] = amiss.mask(straight & (change > CHANGE), stretched)
    table.loc[own, "straight"] = straight
    return table.assign(angle_usable=table["walked"] & (table["amiss"] == "") & (table["doubt"] == ""))


def _carried(
    table: pd.DataFrame, walk: Walk, method: str, frame: str, direction: np.ndarray | None
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return the stances of a side with reasons, and their ``CURVES``, (stance, percent) or (stance, percent, axis).

    All contacts of a plate are worked out at once.
    """
    trial, side = walk.recording, table["side"].iloc[0]
    leg, loads = walk.legs.get(side), trial.loads
    start, end, inside = _within(table, trial)
    vectors = {name: not name.endswith("moment") for name in CURVES}
    curves = {name: np.full((len(table), 101, 3)[: 2 + vector], np.nan) for name, vector in vectors.items()}

    def cut(which: np.ndarray, **signal: np.ndarray) -> None:
        for name, values in signal.items():
            over = xr.DataArray(values, {"time": trial.markers["time"].values}, ("time", "axis")[: values.ndim])
            curves[name][which] = signals.normalise_time(over, start[which], end[which]).values

    if leg is not None:
        cut(
            inside,
            knee=leg["centre"].sel(joint="knee").values,
            tibia_forward=pick(leg["axes"], segment="shank", direction="x"),
            foot=(leg["heel"].values + leg["toe"].values) / 2,
        )
    lacking = [name for value, (name, *_) in zip((trial.mass, trial.height), SIZES, strict=True) if not value > 0]
    options = ", ".join(f"--{name}" for name in lacking)
    unsized = f"body {' and '.join(lacking)} not given ({options}): no %BW*Ht" if lacking else ""
    massless = method != "lever arm" and not trial.mass > 0
    if loads is not None:
        pressed, _ = centre_of_pressure(loads)
        for plate in filter(None, table.loc[inside, "plate"].unique()):
            own = inside & (table["plate"] == plate).to_numpy()
            cut(own, ground_reaction=pick(loads["force"], plate=plate), centre_of_pressure=pick(pressed, plate=plate))
            if leg is not None and not massless:
                axes = direction if frame == "lab" and direction is not None else frame
                found = knee.knee_moments(leg, loads, plate, method=method, frame=axes, mass=trial.mass)
                cut(own, **{name: found[name].values for name, vector in vectors.items() if not vector})
    without = "no plate under this foot" if loads is not None else "no force plates in the file"
    if trial.left_out:
        without += " that can be used; " + "; ".join(
            f"plate {k}: {reason.rstrip('.')}" for k, reason in trial.left_out.items()
        )
    elif loads is None:
        without += ": give forces (--forces)"
    usable, reasons = np.zeros(len(table), bool), []
    for k, row in enumerate(table.to_dict("records")):
        reason = row["reason"] if row["plate"] or not row["walked"] else without
        if side in walk.no_leg and (row["walked"] or not row["start"] > -np.inf):
            reason = walk.no_leg[side]
        elif row["chosen"] and massless:
            reason = "body mass not given (--mass): no inverse dynamics"
        elif row["chosen"] and leg is not None:
            lost = int(np.isnan(curves["knee_adduction_moment"][k]).sum())
            missing = f"markers or forces missing for {lost} of 101 points of stance" if lost else ""
            amiss = _stretched(leg, row["start"], row["end"])
            usable[k] = not amiss
            reason = "; ".join(filter(None, (amiss, missing, unsized)))
        reasons.append("; ".join(filter(None, (row["doubt"], reason, row["amiss"]))))
    return table.assign(moment_usable=usable, reason=reasons), curves


def _within(table: pd.DataFrame, trial: Recording) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start and end of each stance, s, within the markers' times, and whether anything of it is left there."""
    time = trial.markers["time"].values
    start, end = (np.clip(table[k].to_numpy(float), time[0], time[-1]) for k in ("start", "end"))
    return start, end, end > start


def _blank(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows with the columns and kinds of ``outcomes``."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = [c for c in COLUMNS if c not in ("file", "side", "stride", "events", "reason_excluded", *EDGES)]
    return table.astype(dict.fromkeys(EDGES, "boolean") | dict.fromkeys(numbers, float))

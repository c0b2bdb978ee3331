"""Our numbers beside those of other programs, trial by trial: nothing is fitted, every trial is in the table."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES, DatasetUnavailable, TrialFormatError, side_sign
from gaitstudy.gait import signals, steps
from gaitstudy.gait.foot import WINDOW, foot_progression_angle, mean_over_stance
from gaitstudy.io import catalogue, motion
from gaitstudy.io.motion import Recording
from gaitstudy.load import knee
from gaitstudy.load.dynamics import newton_euler
from gaitstudy.load.landmarks import find, unit

OPENSIM_CUT_OFF = 6.0
"""Hz; both programs' markers, joint angles and forces."""
FILTERED = f"{signals.CUT_OFF:g} Hz"
CONTACT = 20.0
"""N; frames with less vertical force are left out of the comparison with OpenSim."""
ARNOLD = ("subject01", "subject02", "subject04")
OWN_SKELETON: dict[str, dict[str, Any]] = {
    "opencap-foot-angle": {
        "trials": tuple(f"walking{condition}{k}" for condition in ("", "TI", "TO", "TS") for k in (1, 2)),
        "markers": "inputs/trc/{trial}.trc",
        "forces": "inputs/grf/{trial}_grf.mot",
        "static": "inputs/trc/static1.trc",
        "map": "opencap",
        "side": "left",
        "plate": "ground_force_2",
    },
    "gc5-instrumented-knee": {
        "trials": ("PS_ngait_og_ss1", "PS_ngait_og_ss3", "PS_ngait_og_ss8", "PS_ngait_og_ss9", "PS_ngait_og_ss11"),
        "markers": "inputs/trc/{trial}.trc",
        "forces": "inputs/grf/{trial}_kinetics.mot",
        "static": "inputs/Static_for_scaling.trc",
        "map": "gc5",
        "side": "left",
        "plate": "1_ground_force",
    },
    "p3m6-walk": {
        "trials": ("Walking01", "Walking02", "Walking04"),
        "markers": "inputs/trc/{trial}.trc",
        "forces": "inputs/grf/{trial}_kinetics.mot",
        "static": "inputs/c3d/Static.c3d",
        "map": "p3m6",
        "side": "right",
        "plate": {"Walking01": "1_ground_force", "Walking02": "2_ground_force", "Walking04": "2_ground_force"},
    },
}  # fmt: skip
"""Trials without knee markers in motion: which files, which leg, which plate is under it."""


def compare(ours: np.ndarray, theirs: np.ndarray, where: np.ndarray | None = None) -> dict[str, float]:
    """Return root-mean-square difference, correlation and both peaks of two curves in one unit, (time,).

    ``where`` says which frames to use; ``n`` of them are, and ``lost`` have a gap in either curve.
    """
    asked = np.ones(len(ours), bool) if where is None else where
    used = asked & np.isfinite(ours) & np.isfinite(theirs)
    a, b = ours[used], theirs[used]
    return {
        "n": int(used.sum()),
        "lost": int((asked & ~used).sum()),
        "rms": float(np.sqrt(np.mean((a - b) ** 2))),
        "r": float(np.corrcoef(a, b)[0, 1]),
        "peak_ours": float(a.max()),
        "peak_theirs": float(b.max()),
    }


def participant(dataset: str) -> pd.Series:
    """Return mass (kg) and height (m, NaN where not available) of a dataset's one participant, with their source."""
    table = pd.read_csv(catalogue.data_folder() / "published" / "participants.csv")
    return table[table["dataset"] == dataset].iloc[0]


def foot_angle_against_vicon() -> pd.DataFrame:
    """Return our foot progression angle beside Vicon's for every step of the straight walks, deg, toe-out positive.

    Both are averaged over 30-60 % and over 15-40 % of stance, between the events stored in the file; the direction of
    travel is the horizontal displacement of the middle of the front pelvic markers over the trial.
    """
    rows = []
    for path in catalogue.available("mcgill-foot-progression", "straight/*.c3d"):
        trial = motion.read_c3d(path)
        pelvis = ((find(trial.markers, "LASI") + find(trial.markers, "RASI")) / 2).dropna("time").values
        travel = pelvis[-1] - pelvis[0]
        for side in SIDES:
            letter = side[0].upper()
            ours = foot_progression_angle(
                find(trial.markers, f"{letter}HEE"), find(trial.markers, f"{letter}TOE"), side, travel.tolist()
            )
            vicon = -stored_output(trial, f"{letter}FootProgressAngles", 2)
            for step, (start, end) in enumerate(_stances(trial, side)):
                row = {"trial": path.stem, "side": side, "step": step, "ic_time": start}
                for low, high in ((30.0, 60.0), WINDOW):
                    a, b = (float(mean_over_stance(v, [start], [end], (low, high))[0]) for v in (ours, vicon))
                    row |= {
                        f"ours_{low:g}_{high:g}": a,
                        f"vicon_{low:g}_{high:g}": b,
                        f"difference_{low:g}_{high:g}": a - b,
                    }
                rows.append(row)
    return pd.DataFrame(rows)


def turning_foot_angles_against_vicon() -> pd.DataFrame:
    """Return our foot progression angle beside Vicon's for every stride of the turning walks, deg, toe-out positive.

    Both are means over 30-60 % of stance against the pelvis's local direction under the foot. Vicon's is stored against
    an axis of the lab and folded at 90 degrees: it is unfolded, and turned to the local direction from the one of the
    four axes, which the file does not name, that suits the file's own heel-to-toe lines best.

    Columns: ``trial, side, ic_time, turn`` (deg, see ``steps.stride_directions``), ``kept`` (yes up to 15 deg of turn),
    ``ours, vicon, difference``. Walks in which no stride of a foot is found have no rows of it.
    """
    tables = []
    for path in catalogue.available("mcgill-foot-progression", "turn/*.c3d", optional=True):
        trial = motion.read_c3d(path)
        strides = pipeline.prepare(pipeline.read(path), cut_off=None).strides
        way = steps.stride_directions(strides, trial.markers.sel(marker=["LASI", "RASI"]).mean("marker", skipna=False))
        table = strides[["side", "ic_time"]].assign(trial=path.stem, turn=way["turn"])
        for side, own in strides.groupby("side"):
            letter, stance = str(side)[0].upper(), (own["ic_time"].tolist(), own["fo_time"].tolist())
            heel, toe = (find(trial.markers, letter + end) for end in ("HEE", "TOE"))
            line = foot_progression_angle(heel, toe, str(side))
            vicon = -stored_output(trial, f"{letter}FootProgressAngles", 2)
            for name, angle in (("ours", line), ("vicon", vicon)):
                table.loc[own.index, name] = mean_over_stance(angle, *stance, (30.0, 60.0)).values
        outwards = strides["side"].map(side_sign)
        axes = [_unfolded(table["vicon"], table["ours"], outwards * axis) for axis in (0, 90, 180, 270)]
        table["vicon"] = min(axes, key=lambda vicon: _wrapped(table["ours"] - vicon).abs().median())
        heading = outwards * np.degrees(np.arctan2(way["foot_z"], way["foot_x"]))
        table[["ours", "vicon"]] = _wrapped(table[["ours", "vicon"]].sub(heading, axis=0))
        tables.append(table.assign(kept=np.where(way["turn"] <= steps.TURN, "yes", "no")))
    if not tables:
        raise DatasetUnavailable("mcgill-foot-progression: found no turning walk. Run `gaitstudy fetch` with --all.")
    whole = pd.concat(tables, ignore_index=True)
    return whole.assign(difference=_wrapped(whole["ours"] - whole["vicon"]))


def _unfolded(stored: pd.Series, line: pd.Series, axis: pd.Series) -> pd.Series:
    """Vicon's angle from an axis as one from x, deg: beyond 90 it counts back, which the heel-to-toe line tells."""
    near = _wrapped(line - axis)
    return _wrapped(axis + np.select([near > 90, near < -90], [180 - stored, -180 - stored], stored))


def _wrapped(angle: Any) -> Any:
    return (angle + 180) % 360 - 180


def knee_moment_against_vicon() -> pd.DataFrame:
    """Return our knee adduction moment beside Plug-in Gait's for every plate contact, N m/kg.

    ``skeleton`` tells whose knee centre and tibial axes are used: those stored by Vicon, or ours from the same markers
    by the chord method. ``filter``: of forces and markers alike (Vicon's own filters are not known).
    """
    rows = []
    for name in ("PiG_Motion3_FF", "PiG_Motion-FlatFoot-Full"):
        path = catalogue.locate("plug-in-gait-kinetics", f"btk/{name}.c3d")
        own, stored = pipeline.read(path), pipeline.read(path, "plug-in-gait-outputs")
        ways = (
            ("Vicon's", "as recorded", pipeline.prepare(stored, cut_off=None)),
            ("Vicon's", FILTERED, pipeline.prepare(stored)),
            ("ours (chord)", FILTERED, pipeline.prepare(own)),
        )
        for contact in ways[-1][2].whole.itertuples():
            vicon = stored_output(own, f"{contact.side[0].upper()}KneeMoment", 1).values / 1000
            for skeleton, filtered, walk in ways:
                leg = walk.legs[contact.side]
                time = leg["time"].values
                inside = (time >= contact.start) & (time <= contact.end)
                for method in knee.METHODS:
                    ours = knee.knee_moments(leg, walk.loads, contact.plate, method=method, mass=own.mass)
                    moment = ours["knee_adduction_moment"].values / own.mass
                    row = {"trial": name, "plate": contact.plate, "side": contact.side, "ic_time": contact.start}
                    row |= {"skeleton": skeleton, "filter": filtered}
                    rows.append(row | {"method": method} | compare(moment, vicon, inside))
    return pd.DataFrame(rows)


def knee_moment_against_opensim_true_centres() -> pd.DataFrame:
    """Return our knee adduction moment from true joint centres beside OpenSim's, simulated walking, N m.

    ``axes`` tells in which tibial axes both are expressed: ``anatomical`` (through the joint centres and the
    epicondyles; OpenSim's moment is turned into them) or ``model body`` (ours in the anatomical, OpenSim's left in its
    model's own tibial axes). ``apart``: mean angle between the two forward axes, deg.
    """
    table = pd.read_csv(catalogue.data_folder() / "reference" / "opensim_knee_moments.csv")
    rows = []
    for trial in ARNOLD:
        mass = json.loads(catalogue.locate("arnold-synthetic", f"{trial}/_subject.json").read_text())["massKg"]
        files = [catalogue.locate("arnold-synthetic", f"{trial}/{file}") for file in ("markers.trc", "grf.mot")]
        walk = pipeline.prepare(
            pipeline.read(files[0], "arnold", forces=files[1], mass=mass, forward=knee.FORWARD), cut_off=None
        )
        for side in SIDES:
            leg = walk.legs[side]
            reference = _at_frames(table[(table["trial"] == trial) & (table["side"] == side)], leg["time"].values)
            theirs = {"model body": reference["kam_nm"].to_numpy(), "anatomical": _turned(reference, leg, side)}
            along = np.einsum("ta,ta->t", _forward(leg), reference[["r11", "r21", "r31"]].to_numpy())
            apart = float(np.degrees(np.nanmean(np.arccos(np.clip(along, -1, 1)))))
            for method in knee.METHODS:
                ours = knee.knee_moments(leg, walk.loads, f"ground_force_{side[0]}", method=method, mass=mass)
                for axes, curve in theirs.items():
                    row = {"trial": trial, "side": side, "method": method, "axes": axes, "apart": apart}
                    loaded = reference["kam_nm"].notna().to_numpy()
                    rows.append(row | compare(ours["knee_adduction_moment"].values, curve, loaded))
    return pd.DataFrame(rows)


def _at_frames(reference: pd.DataFrame, time: np.ndarray) -> pd.DataFrame:
    """The reference's 101 points of every step, read off at the recorded frames; NaN between steps."""
    numbers = [c for c in reference.columns if c not in ("dataset", "trial", "model", "side", "step", "whole")]
    result = pd.DataFrame(np.nan, index=range(len(time)), columns=numbers)
    for _, step in reference.groupby("step"):
        at = step["time_s"].to_numpy()
        inside = (time >= at[0]) & (time <= at[-1])
        for column in numbers:
            result.loc[inside, column] = np.interp(time[inside], at, step[column])
    return result


def _turned(reference: pd.DataFrame, leg: xr.Dataset, side: str) -> np.ndarray:
    """OpenSim's adduction moment along our tibia's forward axis."""
    own = _forward(leg)
    body = reference[[f"r{i}{j}" for i in (1, 2, 3) for j in (1, 2, 3)]].to_numpy().reshape(-1, 3, 3)
    sign = side_sign(side)
    in_body = np.stack([sign * reference["kam_nm"], sign * reference["axial_nm"], -reference["kfm_nm"]], -1)
    return sign * np.einsum("tij,tj,ti->t", body, in_body, own)


def _forward(leg: xr.Dataset) -> np.ndarray:
    return leg["axes"].sel(segment="shank", direction="x").values


@catalogue.remembered(*OWN_SKELETON)
def _standing(dataset: str) -> xr.DataArray:
    """The markers of a dataset's static trial, m."""
    path = catalogue.locate(dataset, OWN_SKELETON[dataset]["static"])
    return (motion.read_c3d(path) if path.suffix == ".c3d" else motion.read_trc(path)).markers


def own_skeleton_trial(dataset: str, trial: str) -> Recording:
    """Return a trial of ``OWN_SKELETON``, with its forces and the static trial that carries its knees, as recorded."""
    about = OWN_SKELETON[dataset]
    return pipeline.read(
        catalogue.locate(dataset, about["markers"].format(trial=trial)),
        about["map"],
        static=_standing(dataset),
        forces=catalogue.locate(dataset, about["forces"].format(trial=trial)),
        mass=float(participant(dataset)["mass_kg"]),
    )


def own_skeleton_moments(
    dataset: str, trial: str, method: str, cluster: list[str] | None = None
) -> tuple[xr.Dataset, np.ndarray]:
    """Return our knee moments of a trial whose knee markers are carried from the static trial, and where it is loaded.

    Parameters
    ----------
    dataset, trial : of ``OWN_SKELETON``. method : of ``knee.knee_moments``.
    cluster : another set of shank markers than the map's, to show what hangs on it.

    Returns
    -------
    Dataset of ``knee.knee_moments`` (N m, markers and forces at 6 Hz) and the frames with more than 20 N, (time,).
    """
    about = OWN_SKELETON[dataset]
    plate = about["plate"] if isinstance(about["plate"], str) else about["plate"][trial]
    recorded = own_skeleton_trial(dataset, trial)
    if cluster is not None:
        own = recorded.roles[about["side"]] | {"shank": cluster}
        recorded = replace(recorded, roles=recorded.roles | {about["side"]: own})
    walk = pipeline.prepare(recorded, cut_off=OPENSIM_CUT_OFF)
    leg = walk.legs[about["side"]]
    moments = knee.knee_moments(leg, walk.loads, plate, method=method, mass=recorded.mass)
    raw = signals.resample(recorded.ground_reaction["force"].sel(plate=plate, axis="y", drop=True), leg["time"]).values
    return moments, raw > CONTACT


def asked_of_own_skeletons(table: pd.DataFrame) -> pd.DataFrame:
    """Return what was asked for beside what was found, one row a bound and filter of OpenSim's forces.

    Parameters
    ----------
    table : rows of ``data/reference/knee_moment_agreement.csv``, one method and one cluster.
    """
    opencap, gc5, p3m6 = OWN_SKELETON
    sway = table["trial"].str.contains("TS")
    bounds = (
        (opencap, "smallest r, without trunk sway", table[~sway], "r", "min", 0.97),
        (opencap, "smallest r, trunk sway", table[sway], "r", "min", 0.88),
        (opencap, "median RMS (N m)", table, "rms", "median", 2.5),
        (opencap, "largest RMS (N m)", table, "rms", "max", 5.0),
        (gc5, "smallest r", table, "r", "min", 0.92),
        (gc5, "largest RMS (N m)", table, "rms", "max", 7.0),
        (p3m6, "smallest r", table, "r", "min", 0.90),
        (p3m6, "largest RMS (N m)", table, "rms", "max", 5.0),
    )
    rows = []
    for dataset, what, part, column, how, bound in bounds:
        for force_filter, values in part[part["dataset"] == dataset].groupby("force_filter", sort=False)[column]:
            found = float(values.agg(how))
            met = found >= bound if column == "r" else found <= bound
            row = {"dataset": dataset, "what": what, "asked": bound, "OpenSim's forces": force_filter}
            rows.append(row | {"found": found, "met": "yes" if met else "no"})
    return pd.DataFrame(rows)


def vaughan_knee_moments() -> pd.DataFrame:
    """Return our knee moments from Vaughan's joint centres, accelerations and inertias beside his own, N m.

    Components along the axes he uses: flexion about the thigh's sideways axis, adduction about the floating axis,
    rotation about the shank's long axis.
    """
    book = _vaughan()
    to_lab = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    rows = []
    for side, plate in (("Left", "2"), ("Right", "1")):
        segments = ("Foot", "Calf", "Thigh")

        def path(name: str) -> np.ndarray:
            return book[name] @ to_lab.T

        axes = np.stack([np.stack([path(f"SegmentUV{side}{s}{a}-3") for a in "IJK"], 1) for s in segments], 1)
        turning, faster = (
            np.stack([book[f"SegmentAngle{side}{s}{k}-3"] for s in segments], 1) for k in ("Velocity", "Acceleration")
        )
        force = np.hstack([book[f"ForcePlate{plate}F{a}"] for a in "XYZ"]) @ to_lab.T
        point = np.hstack([book[f"ForcePlate{plate}DX"], book[f"ForcePlate{plate}DY"], 0 * force[:, :1]]) @ to_lab.T
        free = np.hstack([0 * force[:, :2], book[f"ForcePlate{plate}TZ"]]) @ to_lab.T
        _, moment = newton_euler(
            np.array([book[f"Segment{side}{s}Mass"][0, 0] for s in segments]),
            np.stack([book[f"Segment{side}{s}MomentOfInertia-3"][0][::-1] for s in segments]),
            axes,
            np.stack([path(f"SegmentCentre{side}{s}Position-3") for s in segments], 1),
            np.stack([path(f"SegmentCentre{side}{s}Acceleration-3") for s in segments], 1),
            np.einsum("tsd,tsda->tsa", turning, axes),
            np.einsum("tsd,tsda->tsa", faster, axes),
            np.stack([path(f"JointCentre{side}{j}-3") for j in ("Ankle", "Knee", "Hip")], 1),
            force,
            np.cross(point, force) + free,
        )
        sideways, long = axes[:, 2, 2], axes[:, 1, 0]
        floating = unit(np.cross(long, sideways)) * (-1.0 if side == "Left" else 1.0)
        theirs = book[f"JointDynamics{side}KneeMoment-3"]
        for k, (name, axis, sign) in enumerate(
            (
                ("flexion", sideways, 1.0),
                ("adduction", floating, 1.0),
                ("rotation", long, -1.0 if side == "Left" else 1.0),
            )
        ):
            ours = sign * (moment[:, 1] * axis).sum(1)
            rows.append({"side": side.lower(), "component": name} | compare(ours, theirs[:, k]))
    return pd.DataFrame(rows)


def _vaughan() -> dict[str, np.ndarray]:
    """The blocks of Vaughan's text file: a line '!Name', then rows of numbers."""
    path = catalogue.locate("vaughan-gaitlab", "manprocessed.txt")
    blocks: dict[str, np.ndarray] = {}
    for block in path.read_text().split("!")[1:]:
        name, *rows = block.strip().splitlines()
        try:
            blocks[name.strip()] = np.array([row.split() for row in rows], float)
        except ValueError as error:
            raise TrialFormatError(path, f"block '{name}': expected rows of numbers, found {error}.") from None
    return blocks


def stored_output(trial: Recording, name: str, component: int) -> xr.DataArray:
    """Return one component of an angle or moment that another program stored in the file, (time,), in its units."""
    if trial.outputs is None or name not in trial.outputs["output"].values:
        raise TrialFormatError(trial.name, f"expected the stored output '{name}', found none.")
    return trial.outputs.sel(output=name, drop=True).isel(component=component, drop=True)


def _stances(trial: Recording, side: str) -> list[tuple[float, float]]:
    """Initial contact and foot off of every stance whose two events the file holds."""
    own = trial.events[trial.events["side"] == side]
    off = own.loc[own["event"] == "foot_off", "time"].to_numpy()
    starts = own.loc[own["event"] == "initial_contact", "time"].to_numpy()
    return [(start, off[off > start][0]) for start in starts if (off > start).any()]

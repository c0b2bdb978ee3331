"""Our numbers beside those of other programs, trial by trial: nothing is fitted, every trial is in the table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from typing import cast

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES, side_sign
from gaitstudy.gait import signals
from gaitstudy.gait.events import strides
from gaitstudy.gait.foot import WINDOW, foot_progression_angle, mean_over_stance
from gaitstudy.io import catalogue, motion
from gaitstudy.io.motion import Recording
from gaitstudy.load import knee
from gaitstudy.load.knee import ChainMotion, newton_euler
from gaitstudy.load.skeleton import find, unit

OPENSIM_CUT_OFF = 6.0
"""Hz; both programs' markers, joint angles and forces."""
CONTACT = 20.0
"""N; frames with less vertical force are left out of the comparison with OpenSim."""
ARNOLD = ("subject01", "subject02", "subject04")
OWN_SKELETON = pd.read_csv(catalogue.data_folder() / "published" / "walks_with_static_trial.csv").set_index(
    ["dataset", "trial"], drop=False
)
"""Trials without knee markers in motion, one a row: files, marker map, the leg looked at, the plate under it, and
whether the person walks as usual."""
MASSES = pd.read_csv(catalogue.data_folder() / "published" / "participants.csv").set_index("dataset")["mass_kg"]
"""kg, of each dataset's one participant; the file names the source."""


def foot_angles_beside_vicon(windows: Sequence[Sequence[float]] = ((30.0, 60.0), WINDOW)) -> pd.DataFrame:
    """Return our foot progression angle and Vicon's of every step of the straight walks, deg, toe-out positive.

    Both are means over windows (per cent) of the stance between the events stored in the file; the direction of travel
    is the horizontal displacement of the middle of the front pelvic markers over the trial. Columns: ``trial, side,
    step, window`` (such as "30-60"), ``ours, vicon``.
    """
    tables = []
    for path in catalogue.available("mcgill-foot-progression", "straight/*.c3d"):
        trial = motion.read_c3d(path)
        steps = strides(trial.events)
        pelvis = ((find(trial.markers, "LASI") + find(trial.markers, "RASI")) / 2).dropna("time").values
        for side in SIDES:
            heel, toe = (find(trial.markers, side[0].upper() + end) for end in ("HEE", "TOE"))
            ours = foot_progression_angle(heel, toe, side, (pelvis[-1] - pelvis[0]).tolist())
            vicon = -stored_output(trial, f"{side[0].upper()}FootProgressAngles", 2)
            start, end = steps.loc[steps["side"] == side, ["ic_time", "fo_time"]].to_numpy().T
            for low, high in windows:
                a, b = (mean_over_stance(angle, start, end, (low, high)).values for angle in (ours, vicon))
                table = pd.DataFrame(
                    {"trial": path.stem, "side": side, "window": f"{low:g}-{high:g}", "ours": a, "vicon": b}
                )
                tables.append(table.reset_index(names="step"))
    return pd.concat(tables, ignore_index=True)


def curves_beside_vicon(cut_off: float = signals.CUT_OFF) -> pd.DataFrame:
    """Return our knee adduction moment and Plug-in Gait's at every frame of every plate contact, N m/kg.

    Columns: ``trial, side, plate, time`` (s), ``vicon``, and one for each way, "skeleton, filter, method". The knee
    centre and the tibial axes are those stored by Vicon, or ours from the same markers by the chord method; the filter
    is that of forces and markers alike (Vicon's own filters are not known).

    Parameters
    ----------
    cut_off : Hz.
    """
    tables = []
    for name in ("PiG_Motion3_FF", "PiG_Motion-FlatFoot-Full"):
        path = catalogue.locate("plug-in-gait-kinetics", f"btk/{name}.c3d")
        own, stored = pipeline.read(path), pipeline.read(path, "plug-in-gait-outputs")
        ways = {
            "Vicon's, as recorded": pipeline.prepare(stored, cut_off=None),
            "Vicon's, filtered": pipeline.prepare(stored, cut_off=cut_off),
            "ours (chord), filtered": pipeline.prepare(own, cut_off=cut_off),
        }
        for contact in ways["ours (chord), filtered"].whole.itertuples():
            vicon = stored_output(own, f"{contact.side[0].upper()}KneeMoment", 1)
            about = {"trial": name, "side": contact.side, "plate": contact.plate}
            table = pd.DataFrame(about | {"time": vicon["time"].values, "vicon": vicon.values / 1000})
            for (way, walk), method in product(ways.items(), knee.METHODS):
                ours = knee.knee_moments(
                    walk.legs[contact.side], walk.recording.ground_reaction, contact.plate, method=method, mass=own.mass
                )
                table[f"{way}, {method}"] = ours["knee_adduction_moment"].values / own.mass
            tables.append(table[table["time"].between(contact.start, contact.end)])
    return pd.concat(tables, ignore_index=True)


def curves_beside_opensim() -> pd.DataFrame:
    """Return our knee adduction moment from true joint centres and OpenSim's, simulated walking, at every frame, N m.

    Columns: ``trial, side, time`` (s); ours by each method of ``knee.METHODS``; OpenSim's ``anatomical`` (turned into
    our tibial axes, through the joint centres and the epicondyles) and ``model body`` (left in its model's own tibial
    axes); ``apart``, the angle between the two forward axes, deg.
    """
    reference = pd.read_csv(catalogue.data_folder() / "reference" / "opensim_knee_moments.csv")
    body = [f"r{i}{j}" for i in (1, 2, 3) for j in (1, 2, 3)]
    tables = []
    for trial in ARNOLD:
        mass = json.loads(catalogue.locate("arnold-synthetic", f"{trial}/_subject.json").read_text())["massKg"]
        files = [catalogue.locate("arnold-synthetic", f"{trial}/{file}") for file in ("markers.trc", "grf.mot")]
        recording = pipeline.read(files[0], "arnold", forces=files[1], mass=mass, forward=knee.FORWARD)
        walk = pipeline.prepare(recording, cut_off=None)
        for (side, _), step in reference[reference["trial"] == trial].groupby(["side", "step"]):
            leg, sign, at = walk.legs[side], side_sign(side), step["time_s"].to_numpy()
            inside = leg["time"].to_series().between(at[0], at[-1]).to_numpy()
            table = pd.DataFrame({"trial": trial, "side": side, "time": leg["time"].values[inside]})
            for method in knee.METHODS:
                ours = knee.knee_moments(
                    leg, walk.recording.ground_reaction, f"ground_force_{side[0]}", method=method, mass=mass
                )
                table[method] = ours["knee_adduction_moment"].values[inside]
            theirs = {c: np.interp(table["time"], at, step[c]) for c in ("kam_nm", "axial_nm", "kfm_nm", *body)}
            forward = leg["axes"].sel(segment="shank", direction="x").values[inside]
            turn = np.stack([theirs[c] for c in body], -1).reshape(-1, 3, 3)
            moment = np.stack([sign * theirs["kam_nm"], sign * theirs["axial_nm"], -theirs["kfm_nm"]], -1)
            table["anatomical"] = sign * np.einsum("tij,tj,ti->t", turn, moment, forward)
            table["model body"] = theirs["kam_nm"]
            table["apart"] = np.degrees(np.arccos(np.clip((forward * turn[..., 0]).sum(-1), -1, 1)))
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def own_skeleton_trial(dataset: str, trial: str) -> Recording:
    """Return a trial of ``OWN_SKELETON``, with its forces and the static trial that carries its knees, as recorded."""
    row = OWN_SKELETON.loc[dataset, trial]
    walk, forces, static = (catalogue.locate(dataset, row[name]) for name in ("file", "forces", "static"))
    return pipeline.read(walk, row["markers"], static=static, forces=forces, mass=MASSES[dataset])


def own_skeleton_moments(recorded: Recording, side: str, plate: str, method: str) -> tuple[xr.Dataset, np.ndarray]:
    """Return our knee moments of a trial whose knee markers are carried from the static trial, and where it is loaded.

    Parameters
    ----------
    recorded : of ``own_skeleton_trial``. side, plate : the leg and the plate under it. method : of
        ``knee.knee_moments``.

    Returns
    -------
    Dataset of ``knee.knee_moments`` (N m, markers and forces at 6 Hz) and the frames with more than 20 N, (time,).
    """
    walk = pipeline.prepare(recorded, cut_off=OPENSIM_CUT_OFF)
    leg = walk.legs[side]
    moments = knee.knee_moments(leg, walk.recording.ground_reaction, plate, method=method, mass=recorded.mass)
    raw = signals.resample(recorded.ground_reaction["force"].sel(plate=plate, axis="y", drop=True), leg["time"]).values
    return moments, raw > CONTACT


def curves_beside_vaughan() -> pd.DataFrame:
    """Return our knee moments from Vaughan's joint centres, accelerations and inertias, and his own, N m.

    Components along the axes he uses: flexion about the thigh's sideways axis, adduction about the floating axis,
    rotation about the shank's long axis. Columns: ``side, component, frame, ours, theirs``.
    """
    path = catalogue.locate("vaughan-gaitlab", "manprocessed.txt")
    blocks = (block.strip().splitlines() for block in path.read_text().split("!")[1:])  # "!Name", rows of numbers
    book = {name.strip(): np.array([line.split() for line in lines], float) for name, *lines in blocks}
    to_lab = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    parts, tables = ("Foot", "Calf", "Thigh"), []

    def each(name: str, of: tuple[str, ...] = parts) -> np.ndarray:
        """Blocks of vectors side by side, (time, part, axis)."""
        return np.stack([book[name.format(part)] for part in of], 1)

    for side, plate in (("Left", "2"), ("Right", "1")):
        sign = side_sign(side.lower())
        axes = np.stack([each(f"SegmentUV{side}{{}}{a}-3") @ to_lab.T for a in "IJK"], 2)
        place, speeding = (each(f"SegmentCentre{side}{{}}{k}-3") @ to_lab.T for k in ("Position", "Acceleration"))
        joints = each(f"JointCentre{side}{{}}-3", ("Ankle", "Knee", "Hip")) @ to_lab.T
        kinds = (each(f"SegmentAngle{side}{{}}{kind}-3") for kind in ("Velocity", "Acceleration"))
        turning, faster = (np.einsum("tsd,tsda->tsa", rates, axes) for rates in kinds)
        motion = ChainMotion(axes, place, speeding, turning, faster, joints)
        mass = np.array([book[f"Segment{side}{s}Mass"][0, 0] for s in parts])
        inertia = np.stack([book[f"Segment{side}{s}MomentOfInertia-3"][0][::-1] for s in parts])
        none = np.zeros((len(axes), 1))
        force = np.hstack([book[f"ForcePlate{plate}F{a}"] for a in "XYZ"]) @ to_lab.T
        point = np.hstack([book[f"ForcePlate{plate}DX"], book[f"ForcePlate{plate}DY"], none]) @ to_lab.T
        free = np.hstack([none, none, book[f"ForcePlate{plate}TZ"]]) @ to_lab.T
        _, moment = newton_euler(mass, inertia, motion, force, np.cross(point, force) + free)
        sideways, long = axes[:, 2, 2], axes[:, 1, 0]
        floating = unit(np.cross(long, sideways))
        along = {"flexion": sideways, "adduction": sign * floating, "rotation": sign * long}
        for k, (component, axis) in enumerate(along.items()):
            table = pd.DataFrame({"side": side.lower(), "component": component, "frame": np.arange(len(axes))})
            theirs = book[f"JointDynamics{side}KneeMoment-3"][:, k]
            tables.append(table.assign(ours=(moment[:, 1] * axis).sum(1), theirs=theirs))
    return pd.concat(tables, ignore_index=True)


def stored_output(trial: Recording, name: str, component: int) -> xr.DataArray:
    """Return one component of an angle or moment that another program stored in the file, (time,), in its units."""
    return cast(xr.DataArray, trial.outputs).sel(output=name, drop=True).isel(component=component, drop=True)

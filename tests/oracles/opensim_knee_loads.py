"""Net knee moments of real walking trials by OpenSim: inverse dynamics, then joint reactions without muscles.

For each trial: the model, its joint angles (low-pass filtered, fitted by quintic splines) and the ground
reaction give the generalised forces; these drive one actuator per coordinate, and the load that the femur
exerts on the tibia is read off the knee joint. The external moment is its negative, in axes of the tibia
(x forward, y up, z to the person's right): KAM (adduction positive) and KFM (flexion positive).

``GAITSTUDY_DATA=... python tests/oracles/opensim_knee_loads.py`` writes the ``opensim_knee_*`` and
``p3m6_tibia_axes`` tables of ``data/reference/``. It needs opensim, numpy and pandas, and nothing of this package.

What to mind:

- angles go in as radians, all of them: OpenSim's own reading leaves coupled coordinates in degrees. The patella's
  ``knee_angle_*_beta`` follows the knee one to one (the models' coupler) and the coupler itself is switched off,
  so that its force does not leak into the knee;
- the wrenches are prescribed forces built from columns named in full, not external loads found by an identifier
  (``t`` also finds ``time``);
- every OpenSim object whose parts are used is kept in a variable: a part of a temporary reads freed memory;
- the walker knee (arnold, opencap, gc5) turns about three axes by one angle, and there OpenSim's accelerations
  of the tibia are not quite the derivative of its own velocities (some tenths of a rad/s^2 in fast motion):
  against differentiated positions the moments are off by up to .05 N m (KAM) and .43 N m (KFM), and by nothing
  in the hinge knee of p3m6;
- filter: OpenSim's own ``TableUtilities.filterLowpass(table, 6 Hz, padded)`` = Butterworth of order 3 run forward
  and backward (order 6, zero lag, -6 dB at 6 Hz) after odd reflection of half the record at both ends;
- an earlier run's tables (not public; used where they lie beside the datasets) were made with filtered angles and
  forces as recorded (arnold-synthetic: angles unfiltered too), and so are the numbers marked ``force_filter = none``.
  ``6 Hz``: force and moment about the lab's origin are filtered alike and act there, so no centre of pressure is ever
  filtered.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opensim as osim
import pandas as pd

OUT = Path(__file__).resolve().parents[2] / "data" / "reference"
CUTOFF = 6.0  # Hz
CONTACT = 20.0  # N
SHORTEST = 0.1  # s; briefer contacts are not steps
NEARLY = 450.0  # N; a contact cut by the end of the record below this force is nearly whole
XYZ = ("x", "y", "z")
OPENCAP = ("walking1", "walking2", "walkingTI1", "walkingTI2", "walkingTO1", "walkingTO2", "walkingTS1", "walkingTS2")


@dataclass(frozen=True)
class Side:
    """One leg: the body that carries the ground reaction, its columns, the knee and the tibia."""

    side: str
    columns: tuple[str, str, str]  # stems of force, point and free moment; x, y, z follow
    knee: str = "walker_knee"

    @property
    def letter(self) -> str:
        return self.side[0]


@dataclass(frozen=True)
class Trial:
    """One trial: where its files are below the data folder, and how it is to be processed."""

    dataset: str
    trial: str
    model: str
    model_file: str
    angles: str
    forces: str
    sides: tuple[Side, ...]
    reactions: str  # the earlier run's table of joint reactions, or nothing
    generalised: str  # the earlier run's table of generalised forces
    filtered: bool = True  # are the angles low-pass filtered?
    curves: bool = False  # may the licence's terms keep curves?


def trials() -> list[Trial]:
    """Return all trials of the four datasets at hand."""
    found = []
    for s in ("subject01", "subject02", "subject04"):
        sides = tuple(
            Side(side, (f"ground_force_{q}_v", f"ground_force_{q}_p", f"ground_torque_{q}_"))
            for side, q in (("right", "r"), ("left", "l"))
        )
        made = f"reference_opensim46/{s}"
        found.append(
            Trial("arnold-synthetic", s, s, f"{s}/{s}.osim", f"{s}/coordinates.sto", f"{s}/grf.mot", sides,
                  f"{made}_JR_ReactionLoads.sto", f"{made}_ID.sto", filtered=False, curves=True)
        )  # fmt: skip
    for t in OPENCAP:
        sides = tuple(
            Side(side, (f"ground_force_{k}_v", f"ground_force_{k}_p", f"ground_force_{k}_m"))
            for side, k in (("right", 1), ("left", 2))
        )
        made = f"reference_opensim46/{t}"
        found.append(
            Trial("opencap-foot-angle", t, "optimized_scale_and_markers", "inputs/optimized_scale_and_markers.osim",
                  f"reference_addbiomechanics_IK/{t}_ik.mot", f"inputs/grf/{t}_grf.mot", sides,
                  f"{made}_JR_ReactionLoads.sto", f"{made}_ID.sto")
        )  # fmt: skip
    for k in (1, 3, 8, 9, 11):
        t = f"PS_ngait_og_ss{k}"
        left = (Side("left", ("1_ground_force_v", "1_ground_force_p", "1_ground_torque_")),)
        made = f"reference_opensim46/{t}"
        found.append(
            Trial("gc5-instrumented-knee", t, "GC5_FemAntev12Deg", "inputs/GC5_FemAntev12Deg.osim",
                  f"reference_IK/{t}_kinematics.mot", f"inputs/grf/{t}_kinetics.mot", left,
                  f"{made}_JR_ReactionLoads.sto", f"{made}_ID.sto")
        )  # fmt: skip
    for model in ("manual", "automatic"):
        for t, plate in (("Walking01", 1), ("Walking02", 2), ("Walking04", 2)):
            stems = (f"{plate}_ground_force_v", f"{plate}_ground_force_p", f"{plate}_ground_torque_")
            right = Side("right", stems, "knee")
            at = f"reference_{model}"
            made = f"reference_opensim46/{t}_JR_ReactionLoads.sto" if model == "automatic" else ""
            found.append(
                Trial("p3m6-walk", t, model, f"{at}/P3m6_R_{model}.osim", f"{at}/IK/{t}_kinematics.mot",
                      f"inputs/grf/{t}_kinetics.mot", (right,), made, f"{at}/ID/{t}_InverseDynamics_force.sto",
                      curves=True)
            )  # fmt: skip
    return found


def read_table(path: Path) -> tuple[pd.DataFrame, bool]:
    """Return a .mot or .sto table and whether its header says degrees."""
    lines = path.read_text().splitlines()
    end = next(k for k, line in enumerate(lines) if line.strip().lower() == "endheader")
    degrees = any(line.lower().replace(" ", "") == "indegrees=yes" for line in lines[:end])
    return pd.read_csv(path, sep=r"\s+", skiprows=end + 1), degrees


def vec(v: object) -> np.ndarray:
    """Return an OpenSim Vec3 as an array."""
    return np.array([v.get(k) for k in range(3)])  # type: ignore[attr-defined]


def to_table(frame: pd.DataFrame) -> osim.TimeSeriesTable:
    """Return a frame with a ``time`` column as an OpenSim table on an even time base."""
    time = frame["time"].to_numpy()
    even = np.linspace(time[0], time[-1], len(time))
    if np.abs(time - even).max() > 1e-4:
        raise ValueError("time is not evenly spaced")
    table = osim.TimeSeriesTable()
    names = [c for c in frame.columns if c != "time"]
    table.setColumnLabels(names)
    for t, row in zip(even, frame[names].to_numpy(dtype=float), strict=True):
        table.appendRow(float(t), osim.RowVector.createFromMat(row.copy()))
    return table


def low_pass(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame low-pass filtered by OpenSim, with its padding left on at both ends."""
    table = to_table(frame)
    osim.TableUtilities.filterLowpass(table, CUTOFF, True)
    names = [c for c in frame.columns if c != "time"]
    out = pd.DataFrame(table.getMatrix().to_numpy(), columns=names)
    out.insert(0, "time", np.array(table.getIndependentColumn()))
    return out


def wrenches(forces: pd.DataFrame, side: Side, filtered: bool) -> pd.DataFrame:
    """Return time and force (v), point (p), free moment (m) in ground; filtered ones act at the origin."""
    stems = dict(zip("vpm", side.columns, strict=True))
    out = pd.DataFrame({"time": forces["time"]} | {k + c: forces[s + c] for k, s in stems.items() for c in XYZ})
    if not filtered:
        return out
    force, point, moment = (out[[k + c for c in XYZ]].to_numpy() for k in "vpm")
    about = moment + np.cross(point, force)
    flat = {"time": out["time"]} | {f"v{c}": force[:, k] for k, c in enumerate(XYZ)}
    smooth = low_pass(pd.DataFrame(flat | {f"m{c}": about[:, k] for k, c in enumerate(XYZ)}))
    return smooth.assign(px=0.0, py=0.0, pz=0.0)


def angles(trial: Trial, root: Path, model: osim.Model) -> pd.DataFrame:
    """Return every coordinate of the model over time, in radians and metres, unfiltered."""
    table, degrees = read_table(root / trial.dataset / trial.angles)
    out = {"time": table["time"].to_numpy(dtype=float)}
    for coordinate in model.getCoordinateSet():
        name = coordinate.getName()
        if name.endswith("_beta"):
            continue
        if name not in table:
            out[name] = np.full(len(table), coordinate.getDefaultValue())
            continue
        turn = coordinate.getMotionType() != osim.Coordinate.Translational
        values = table[name].to_numpy(dtype=float)
        out[name] = np.radians(values) if degrees and turn else values
    for coordinate in model.getCoordinateSet():
        name = coordinate.getName()
        if name.endswith("_beta"):
            out[name] = out[name.removesuffix("_beta")]
    return pd.DataFrame(out)


class Engine:
    """A model with prescribed wrenches and one actuator per coordinate, moved along splines."""

    def __init__(self, trial: Trial, root: Path, filter_forces: bool) -> None:
        self.trial = trial
        model = osim.Model(str(root / trial.dataset / trial.model_file))
        model.updForceSet().clearAndDestroy()
        model.updControllerSet().clearAndDestroy()
        self.names = [c.getName() for c in model.getCoordinateSet()]
        forces, _ = read_table(root / trial.dataset / trial.forces)
        for side in trial.sides:
            self._push(model, side, wrenches(forces, side, filter_forces))
        for name in self.names:
            actuator = osim.CoordinateActuator(name)
            actuator.setName(f"{name}_actuator")
            model.addForce(actuator)
        constraints = model.updConstraintSet()
        for k in range(constraints.getSize()):
            constraints.get(k).set_isEnforced(False)
        for coordinate in model.updCoordinateSet():
            coordinate.set_locked(False)
            coordinate.set_clamped(False)
            coordinate.set_prescribed(False)
        model.finalizeConnections()
        self.model, self.state = model, model.initSystem()
        self.coordinates = [model.getCoordinateSet().get(n) for n in self.names]
        self.actuators = [
            osim.ScalarActuator.safeDownCast(model.getForceSet().get(f"{n}_actuator")) for n in self.names
        ]
        for actuator in self.actuators:
            actuator.overrideActuation(self.state, True)
        self.place = []  # of each coordinate among the solver's speeds
        for c in self.coordinates:
            c.setSpeedValue(self.state, 1.0)
            speeds = self.state.getU()
            self.place.append(int(np.argmax([speeds.get(k) for k in range(len(self.names))])))
            c.setSpeedValue(self.state, 0.0)
        motion = angles(trial, root, model)
        self.time = motion["time"].to_numpy()
        table = to_table(motion) if not trial.filtered else to_table(low_pass(motion))
        splines = osim.GCVSplineSet(table, list(table.getColumnLabels()), 5)
        self._keep = (table, splines)
        self.splines = [splines.get(n) for n in self.names]
        self.solver = osim.InverseDynamicsSolver(model)

    @staticmethod
    def _push(model: osim.Model, side: Side, wrench: pd.DataFrame) -> None:
        force = osim.PrescribedForce(f"ground_{side.side}", model.getBodySet().get(f"calcn_{side.letter}"))
        force.setForceIsInGlobalFrame(True)
        force.setPointIsInGlobalFrame(True)
        for setter, key in (("setForceFunctions", "v"), ("setPointFunctions", "p"), ("setTorqueFunctions", "m")):
            functions = []
            for c in XYZ:
                f = osim.PiecewiseLinearFunction()
                for t, value in zip(wrench["time"], wrench[key + c], strict=True):
                    f.addPoint(float(t), float(value))
                functions.append(f)
            getattr(force, setter)(*functions)
        model.addForce(force)

    def solve(self, times: np.ndarray) -> tuple[pd.DataFrame, dict[str, dict[str, np.ndarray]]]:
        """Return generalised forces, and per side force and moment on the tibia and its pose.

        Arrays (time, 3) in ground axes: ``force`` and ``moment`` (about the knee centre) of the femur on the
        tibia, ``centre`` of the knee; ``rotation`` (time, 3, 3): the model's tibia axes to ground.
        """
        once, twice = osim.StdVectorInt(), osim.StdVectorInt()
        for order, count in ((once, 1), (twice, 2)):
            for _ in range(count):
                order.append(0)
        state, n = self.state, len(self.names)
        general = []
        loads: dict[str, dict[str, list[np.ndarray]]] = {s.side: {} for s in self.trial.sides}
        for t in times:
            at = osim.Vector(1, float(t))
            state.setTime(float(t))
            udot = osim.Vector(n, 0.0)
            for c, spline, place in zip(self.coordinates, self.splines, self.place, strict=True):
                c.setValue(state, spline.calcValue(at), False)
                c.setSpeedValue(state, spline.calcDerivative(once, at))
                udot.set(place, spline.calcDerivative(twice, at))
            for actuator in self.actuators:
                actuator.setOverrideActuation(state, 0.0)
            self.model.realizeVelocity(state)
            tau = self.solver.solve(state, udot)
            for actuator, place in zip(self.actuators, self.place, strict=True):
                actuator.setOverrideActuation(state, tau.get(place))
            self.model.realizeAcceleration(state)
            general.append([t] + [tau.get(place) for place in self.place])
            for side in self.trial.sides:
                joint = self.model.getJointSet().get(f"{side.knee}_{side.letter}")
                reaction = joint.calcReactionOnChildExpressedInGround(state)
                pose = self.model.getBodySet().get(f"tibia_{side.letter}").getTransformInGround(state)
                turn = pose.R()
                values = {
                    "force": vec(reaction.get(1)),
                    "moment": vec(reaction.get(0)),
                    "centre": vec(joint.getChildFrame().getPositionInGround(state)),
                    "rotation": np.array([[turn.get(i, j) for j in range(3)] for i in range(3)]),
                }
                for key, value in values.items():
                    loads[side.side].setdefault(key, []).append(value)
        stacked = {side: {k: np.array(v) for k, v in kept.items()} for side, kept in loads.items()}
        return pd.DataFrame(general, columns=["time", *self.names]), stacked


def p3m6_axes(model: osim.Model) -> np.ndarray:
    """Return the anatomical axes (rows: x forward, y up, z right) in the p3m6 model's tibia axes.

    Both bodies keep the scanner's axes, so markers of femur and tibia have a common frame: y from mid-malleoli
    (RMMA, RANK) to the knee joint's centre, x at right angles to it and to the line from RMFC (medial femoral
    condyle) to RKNE (lateral), z = x cross y.
    """
    markers = {m.getName(): vec(m.get_location()) for m in model.getMarkerSet()}
    frame = osim.PhysicalOffsetFrame.safeDownCast(model.getJointSet().get("knee_r").getChildFrame())
    up = vec(frame.get_translation()) - (markers["RMMA"] + markers["RANK"]) / 2
    y = up / np.linalg.norm(up)
    x = np.cross(y, markers["RKNE"] - markers["RMFC"])
    x /= np.linalg.norm(x)
    return np.array([x, y, np.cross(x, y)])


def external(loads: dict[str, np.ndarray], side: str, axes: np.ndarray) -> dict[str, np.ndarray]:
    """Return the external knee moments and the femur's force on the tibia, in anatomical tibia axes."""
    rotation = loads["rotation"] @ axes.T  # anatomical tibia axes to ground
    moment = -np.einsum("tji,tj->ti", rotation, loads["moment"])
    return {
        "kam": moment[:, 0] * (1.0 if side == "right" else -1.0),
        "kfm": -moment[:, 2],
        "axial": moment[:, 1],
        "force": np.einsum("tji,tj->ti", rotation, loads["force"]),
        "centre": loads["centre"],
        "rotation": rotation,
    }


def contacts(forces: pd.DataFrame, side: Side, last: float) -> list[dict[str, object]]:
    """Return each contact: first and last sample with more than 20 N, and whether the record cuts it."""
    time, up = forces["time"].to_numpy(), forces[side.columns[0] + "y"].to_numpy()
    keep = time <= last + 1e-6
    time, up = time[keep], up[keep]
    on = np.concatenate([[False], up > CONTACT, [False]]).astype(int)
    starts, ends = np.flatnonzero(np.diff(on) == 1), np.flatnonzero(np.diff(on) == -1) - 1
    found: list[dict[str, object]] = []
    for a, b in zip(starts, ends, strict=True):
        if time[b] - time[a] < SHORTEST:
            continue
        inside = a > 0 and b < len(time) - 1
        mild = (a > 0 or up[a] < NEARLY) and (b < len(time) - 1 or up[b] < NEARLY)
        whole = "yes" if inside else "nearly" if mild else "no"
        step = {"step": len(found) + 1, "whole": whole, "start_s": time[a], "end_s": time[b]}
        found.append(step | {"force_start_n": up[a], "force_end_n": up[b]})
    return found


def peaks(time: np.ndarray, loads: dict[str, np.ndarray], step: dict[str, object]) -> dict[str, float]:
    """Return the peaks of KAM (first half, second half, all) and KFM over the samples of one contact."""
    start, end = float(step["start_s"]), float(step["end_s"])  # type: ignore[arg-type]
    stance = (time >= start - 1e-6) & (time <= end + 1e-6)
    middle = (start + end) / 2
    early, late = stance & (time <= middle), stance & (time >= middle)
    out = {"kam_nm": loads["kam"][stance].max(), "kfm_nm": loads["kfm"][stance].max()}
    halves = {"kam1_nm": loads["kam"][early].max(), "kam2_nm": loads["kam"][late].max()}
    return out | (halves if step["whole"] != "no" else dict.fromkeys(halves, np.nan))


def agreement(trial: Trial, root: Path, general: pd.DataFrame, loads: dict[str, dict[str, np.ndarray]]) -> list[dict]:
    """Return the largest differences from the earlier run's tables, per side, in the model's tibia axes."""
    reference, _ = read_table(root / trial.dataset / trial.generalised)
    at = {c: f"{c}{s}" for c in general.columns for s in ("_moment", "_force") if f"{c}{s}" in reference}
    worst = {
        c: np.abs(np.interp(reference["time"], general["time"], general[c]) - reference[name]).max()
        for c, name in at.items()
    }
    rows = []
    for side in trial.sides:
        k = side.letter
        own = {"generalised_nm_or_n": max(v for c, v in worst.items() if not c.endswith("_beta"))}
        own["knee_angle_nm"] = worst[f"knee_angle_{k}"]
        if trial.reactions:
            table, _ = read_table(root / trial.dataset / trial.reactions)
            stem = f"{side.knee}_{k}_on_tibia_{k}_in_tibia_{k}_"
            if len(table) != len(general):
                raise ValueError(f"{trial.reactions}: expected {len(general)} rows, found {len(table)}")
            for key, short in (("force", "f"), ("moment", "m")):
                there = table[[f"{stem}{short}{c}" for c in XYZ]].to_numpy()
                here = np.einsum("tji,tj->ti", loads[side.side]["rotation"], loads[side.side][key])
                for c, value in zip(XYZ, np.abs(here - there).max(axis=0), strict=True):
                    own[f"{key}_{c}"] = value
        rows.append({"dataset": trial.dataset, "trial": trial.trial, "model": trial.model, "side": side.side} | own)
    return rows


def write(frame: pd.DataFrame, name: str, digits: str) -> None:
    """Write a table to a temporary name and move it into place."""
    path = OUT / name
    part = path.with_name(name + ".part")
    frame.to_csv(part, index=False, float_format=digits)
    part.replace(path)
    print(f"{name}: {len(frame)} rows")


def main() -> int:
    """Compute all trials and write the tables."""
    if "GAITSTUDY_DATA" not in os.environ:
        print("Set GAITSTUDY_DATA to the folder that holds the datasets.")
        return 1
    root = Path(os.environ["GAITSTUDY_DATA"])
    osim.Logger.setLevelString("off")
    OUT.mkdir(parents=True, exist_ok=True)
    curve_rows: list[pd.DataFrame] = []
    peak_rows: list[dict] = []
    agree_rows: list[dict] = []
    axes_rows: list[dict] = []
    inputs: set[str] = set()
    for trial in trials():
        forces, _ = read_table(root / trial.dataset / trial.forces)
        files = (trial.model_file, trial.angles, trial.forces, trial.reactions, trial.generalised)
        inputs |= {f"{trial.dataset}/{f}" for f in files if f}
        keys = {"dataset": trial.dataset, "trial": trial.trial, "model": trial.model}
        for force_filter in ("none", "6 Hz") if trial.filtered else ("none",):
            engine = Engine(trial, root, force_filter != "none")
            axes = p3m6_axes(engine.model) if trial.dataset == "p3m6-walk" else np.eye(3)
            general, loads = engine.solve(engine.time)
            if force_filter == "none":
                agree_rows += agreement(trial, root, general, loads)
                if trial.dataset == "p3m6-walk" and trial.trial == "Walking01":
                    for label, row in zip(("x_forward", "y_up", "z_right"), axes, strict=True):
                        axes_rows.append({"model": trial.model, "axis": label} | dict(zip(XYZ, row, strict=True)))
            for side in trial.sides:
                own = external(loads[side.side], side.side, axes)
                for step in contacts(forces, side, engine.time[-1]):
                    found = keys | {"angle_filter": "6 Hz" if trial.filtered else "none", "force_filter": force_filter}
                    peak_rows.append(found | {"side": side.side} | step | peaks(engine.time, own, step))
                    if not trial.curves or force_filter != "none":
                        continue
                    times = np.linspace(step["start_s"], step["end_s"], 101)
                    curve = external(engine.solve(times)[1][side.side], side.side, axes)
                    rows: dict[str, object] = keys | {"side": side.side, "step": step["step"], "whole": step["whole"]}
                    rows |= {"percent": np.arange(101), "time_s": times}
                    rows |= {f"{k}_nm": curve[k] for k in ("kam", "kfm", "axial")}
                    rows |= {f"force_{c}_n": curve["force"][:, k] for k, c in enumerate(XYZ)}
                    rows |= {f"centre_{c}_m": curve["centre"][:, k] for k, c in enumerate(XYZ)}
                    rows |= {f"r{i + 1}{j + 1}": curve["rotation"][:, i, j] for i in range(3) for j in range(3)}
                    curve_rows.append(pd.DataFrame(rows))
        print(trial.dataset, trial.trial, trial.model)
    write(pd.concat(curve_rows, ignore_index=True), "opensim_knee_moments.csv", "%.7g")
    write(pd.DataFrame(peak_rows), "opensim_knee_moment_peaks.csv", "%.6g")
    write(pd.DataFrame(agree_rows), "opensim_knee_agreement.csv", "%.2e")
    write(pd.DataFrame(axes_rows), "p3m6_tibia_axes.csv", "%.17g")
    hashes = [(f, hashlib.sha256((root / f).read_bytes()).hexdigest()) for f in sorted(inputs)]
    write(pd.DataFrame(hashes, columns=["file", "sha256"]), "opensim_knee_inputs.csv", "%g")
    return 0


if __name__ == "__main__":
    sys.exit(main())

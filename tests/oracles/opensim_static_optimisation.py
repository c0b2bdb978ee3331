"""Muscle forces and knee reactions of the walks with an instrumented knee, by another way than the package's.

The package lets OpenSim's optimiser find the muscle forces and OpenSim's dynamics the knee's reaction. Here OpenSim
gives geometry only: moment arms, the force of each muscle at full activation, its lines of pull, and the net load of
the leg without any muscle (``opensim_knee_loads.Engine``). The rest is arithmetic:

- activations a of least sum of squares that make the net moments b at hip, knee and ankle, A a + R r = b, 0 <= a <= 1,
  reserves r unbounded: the dual has one unknown a coordinate and is solved by Newton's method to 1e-10 N m;
- reaction = net load on the shank less the pull of every muscle on shank and foot.

Then it compares the program's own chain, files and all (AnalyzeTool with StaticOptimization, then JointReaction,
whole body, its default convergence), with that; and the dataset's tables: muscle forces and joint reactions of OpenSim
3.3, and the earlier run's moments and reactions without muscles (``reference_opensim46``), which an axial force with
muscles cannot equal.

``GAITSTUDY_DATA=... python tests/oracles/opensim_static_optimisation.py`` writes
``data/reference/opensim_static_optimisation.csv``: summary numbers only, the dataset's licence lets no curve be kept.
It needs opensim, numpy, scipy and pandas, and nothing of this package.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import opensim as osim
import pandas as pd
from scipy import signal

sys.path.insert(0, str(Path(__file__).resolve().parent))
import opensim_knee_loads as net

OUT = Path(__file__).resolve().parents[2] / "data" / "reference" / "opensim_static_optimisation.csv"
CUTOFF = 6.0  # Hz, -3 dB after both passes
LEG = ("hip_flexion_l", "hip_adduction_l", "hip_rotation_l", "knee_angle_l", "ankle_angle_l")
DISTAL = {"tibia_l", "talus_l", "calcn_l", "toes_l"}
WEIGHT = 75.0 * 9.80665  # N; mass in the dataset's scaling file


def butterworth(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame low-pass filtered: order 4 after both passes, zero lag, -3 dB at the cut-off after both."""
    time = frame["time"].to_numpy()
    rate = (len(time) - 1) / (time[-1] - time[0])
    edge = np.tan(np.pi * CUTOFF / rate) / (np.sqrt(2) - 1) ** 0.25
    b, a = signal.butter(2, 2 / np.pi * np.arctan(edge))
    names = [c for c in frame.columns if c != "time"]
    padding = min(int(np.ceil(1.5 * rate / CUTOFF)), len(frame) - 1)
    smooth = signal.filtfilt(b, a, frame[names].to_numpy(float), axis=0, padlen=padding)
    out = pd.DataFrame(smooth, columns=names)
    out.insert(0, "time", time)
    return out


def share(arms: np.ndarray, needed: np.ndarray, reserves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return activations and reserve activations of least squares that make the needed moments.

    ``arms`` (coordinate, muscle), N m at full activation; ``needed`` N m; ``reserves`` N m, each reserve's strength.
    """
    dual = np.zeros(len(needed))
    for _ in range(200):
        wanted = arms.T @ dual
        activation = np.clip(wanted, 0.0, 1.0)
        rest = arms @ activation + reserves**2 * dual - needed
        if np.abs(rest).max() < 1e-10:
            return activation, reserves * dual
        free = (wanted > 0) & (wanted < 1)
        step = np.linalg.solve(arms[:, free] @ arms[:, free].T + np.diag(reserves**2), rest)
        before, size = np.abs(rest).max(), 1.0
        while size > 1e-6:  # Newton's steps may overshoot where a muscle switches on or off
            trial = dual - size * step
            if np.abs(arms @ np.clip(arms.T @ trial, 0, 1) + reserves**2 * trial - needed).max() < before:
                break
            size /= 2
        dual = dual - size * step
    raise ArithmeticError(f"no activations found, {np.abs(rest).max():.3g} N m left")


class Muscles:
    """The left leg's muscles of the model, as geometry."""

    def __init__(self, path: Path) -> None:
        self.model = osim.Model(str(path))
        for muscle in self.model.updMuscles():
            muscle.set_ignore_tendon_compliance(True)
        self.state = self.model.initSystem()
        self.muscles = [m for m in self.model.getMuscles() if m.getName().endswith("_l")]
        forces = self.model.getForceSet()
        self.reserves = np.array(
            [osim.CoordinateActuator.safeDownCast(forces.get(f"{c}_coordAct")).getOptimalForce() for c in LEG]
        )
        self.leg = [self.model.getCoordinateSet().get(c) for c in LEG]

    def at(self, values: dict[str, float], speeds: dict[str, float]) -> tuple[np.ndarray, np.ndarray, list]:
        """Return arms times strength (coordinate, muscle), strengths (N) and, per muscle, its pulls on the shank."""
        for c in self.model.getCoordinateSet():
            if not c.get_locked():
                c.setValue(self.state, values[c.getName()], False)
                c.setSpeedValue(self.state, speeds[c.getName()])
        self.model.realizeVelocity(self.state)
        strength = np.array([m.calcInextensibleTendonActiveFiberForce(self.state, 1.0) for m in self.muscles])
        arms = np.array([[m.computeMomentArm(self.state, c) for m in self.muscles] for c in self.leg])
        pulls = []
        for muscle in self.muscles:
            path = muscle.getGeometryPath()
            found = osim.ArrayPointForceDirection()
            path.getPointForceDirections(self.state, found)
            own = []
            for k in range(found.getSize()):
                one = found.get(k)
                frame = one.frame()
                if frame.findBaseFrame().getName() in DISTAL:
                    place = frame.findStationLocationInGround(self.state, one.point())
                    own.append((net.vec(place), net.vec(one.direction())))
            pulls.append(own)
        return arms * strength, strength, pulls


def chain(root: Path, trial: net.Trial, motion: pd.DataFrame, wrench: pd.DataFrame) -> np.ndarray:
    """Return the axial force (N, compression positive) by OpenSim's tools and files, whole body, default accuracy."""
    with tempfile.TemporaryDirectory() as folder:
        model = osim.Model(str(root / trial.dataset / trial.model_file))
        for muscle in model.updMuscles():
            muscle.set_ignore_tendon_compliance(True)
            muscle.setMinControl(0.0)
            osim.Millard2012EquilibriumMuscle.safeDownCast(muscle).setMinimumActivation(0.0)
        model.finalizeConnections()
        model.printToXML(f"{folder}/model.osim")
        for name, table in (("motion", motion), ("loads", wrench)):
            made = net.to_table(table)
            made.addTableMetaDataString("inDegrees", "no")
            osim.STOFileAdapter.write(made, f"{folder}/{name}.sto")
        loads, force = osim.ExternalLoads(), osim.ExternalForce()
        force.setName("left")
        force.set_applied_to_body("calcn_l")
        force.set_force_expressed_in_body("ground")
        force.set_point_expressed_in_body("ground")
        force.set_force_identifier("v")
        force.set_point_identifier("p")
        force.set_torque_identifier("m")
        loads.cloneAndAppend(force)
        loads.setDataFileName(f"{folder}/loads.sto")
        loads.printToXML(f"{folder}/loads.xml")
        first, last = float(motion["time"].iloc[0]), float(motion["time"].iloc[-1])
        optimisation = osim.StaticOptimization()
        optimisation.setName("so")
        reaction = osim.JointReaction()
        reaction.setName("jr")
        reaction.setForcesFileName(f"{folder}/a_so_force.sto")
        for setter, word in ((reaction.setJointNames, "walker_knee_l"), (reaction.setOnBody, "child"),
                             (reaction.setInFrame, "child")):  # fmt: skip
            words = osim.ArrayStr()
            words.append(word)
            setter(words)
        for name, analysis in (("a", optimisation), ("b", reaction)):
            analysis.setStartTime(first)
            analysis.setEndTime(last)
            tool = osim.AnalyzeTool()
            tool.setName(name)
            tool.setModelFilename(f"{folder}/model.osim")
            tool.setReplaceForceSet(False)
            tool.setResultsDir(folder)
            tool.setOutputPrecision(16)
            tool.setStartTime(first)
            tool.setFinalTime(last)
            tool.setSolveForEquilibrium(False)
            tool.setCoordinatesFileName(f"{folder}/motion.sto")
            tool.setExternalLoadsFileName(f"{folder}/loads.xml")
            tool.setLowpassCutoffFrequency(-1)
            tool.updAnalysisSet().cloneAndAppend(analysis)
            tool.printToXML(f"{folder}/{name}.xml")
            osim.AnalyzeTool(f"{folder}/{name}.xml").run()
        table, _ = net.read_table(Path(folder) / "b_jr_ReactionLoads.sto")
        return -table["walker_knee_l_on_tibia_l_in_tibia_l_fy"].to_numpy()


def one_trial(root: Path, trial: net.Trial) -> dict[str, object]:
    """Return the summary row of one trial."""
    engine = net.Engine(trial, root, True)
    time = engine.time
    general, loads = engine.solve(time)
    left = loads["left"]
    geometry = Muscles(root / trial.dataset / trial.model_file)
    once = osim.StdVectorInt()
    once.append(0)
    force, moment, strengths, activations, reserve = [], [], [], [], []
    for k, t in enumerate(time):
        at = osim.Vector(1, float(t))
        values = {n: s.calcValue(at) for n, s in zip(engine.names, engine.splines, strict=True)}
        speeds = {n: s.calcDerivative(once, at) for n, s in zip(engine.names, engine.splines, strict=True)}
        arms, strength, pulls = geometry.at(values, speeds)
        needed = general.loc[k, list(LEG)].to_numpy(float, copy=True)
        needed[LEG.index("knee_angle_l")] += general.loc[k, "knee_angle_l_beta"]
        activation, rest = share(arms, needed, geometry.reserves)
        total, turning = np.array(left["force"][k]), np.array(left["moment"][k])
        for f, own in zip(activation * strength, pulls, strict=True):
            for place, direction in own:
                total -= f * direction
                turning -= np.cross(place - left["centre"][k], f * direction)
        force.append(total @ left["rotation"][k])
        moment.append(turning @ left["rotation"][k])
        strengths.append(activation * strength)
        activations.append(activation)
        reserve.append(geometry.reserves * rest)
    axial, frontal = -np.array(force)[:, 1], np.array(moment)[:, 0]
    row: dict[str, object] = {"trial": trial.trial.removeprefix("PS_ngait_og_")}
    half = len(time) // 3  # the first peak lies in the first, the second in the second third of the cycle
    row |= {"axial_mean_n": axial.mean(), "axial_rms_n": np.sqrt(np.mean(axial**2))}
    row |= {"axial_peak1_n": axial[:half].max(), "axial_peak2_n": axial[half : 2 * half].max()}
    row |= {"frontal_mean_nm": frontal.mean(), "frontal_rms_nm": np.sqrt(np.mean(frontal**2))}
    row |= {"frontal_peak_nm": frontal.max(), "effort_mean": np.mean(np.sum(np.square(activations), 1))}
    row["reserve_largest_nm"] = np.abs(reserve).max()
    # the program's own chain, with the same filtered input
    forces, _ = net.read_table(root / trial.dataset / trial.forces)
    motion = butterworth(net.angles(trial, root, engine.model))
    theirs = chain(root, trial, motion, net.wrenches(forces, trial.sides[0], True))
    row["tools_axial_rms_difference_n"] = np.sqrt(np.mean((theirs - axial) ** 2))
    row["tools_axial_largest_difference_n"] = np.abs(theirs - axial).max()
    # what the dataset ships: OpenSim 3.3, forces as recorded
    where = root / trial.dataset
    shipped, _ = net.read_table(where / f"reference_opensim33_SO/{trial.trial}_StaticOptimization_force.sto")
    names = [m.getName() for m in geometry.muscles]
    row["shipped_muscles_rms_difference_n"] = np.sqrt(np.mean((shipped[names].to_numpy() - np.array(strengths)) ** 2))
    shipped, _ = net.read_table(where / f"reference_opensim33_JR/{trial.trial}_JointReaction_ReactionLoads.sto")
    theirs = -shipped["walker_knee_l_on_tibia_l_in_tibia_l_fy"].to_numpy()
    row["shipped_axial_rms_difference_bw"] = np.sqrt(np.mean((theirs - axial) ** 2)) / WEIGHT
    # the earlier run, without muscles, forces as recorded
    earlier = {"reactions": trial.reactions, "generalised": trial.generalised}
    if all((where / f).is_file() for f in earlier.values()):
        table, _ = net.read_table(where / earlier["generalised"])
        own = general["knee_angle_l"].to_numpy()
        row["earlier_knee_moment_rms_difference_nm"] = np.sqrt(np.mean((table["knee_angle_l_moment"] - own) ** 2))
        table, _ = net.read_table(where / earlier["reactions"])
        bare = -np.einsum("tji,tj->ti", left["rotation"], left["force"])[:, 1]
        theirs = -table["walker_knee_l_on_tibia_l_in_tibia_l_fy"].to_numpy()
        row["earlier_bare_axial_rms_difference_bw"] = np.sqrt(np.mean((theirs - bare) ** 2)) / WEIGHT
        row["earlier_bare_axial_rms_difference_from_ours_with_muscles_bw"] = (
            np.sqrt(np.mean((theirs - axial) ** 2)) / WEIGHT
        )
    return row


def main() -> int:
    """Compute the five trials and write the table."""
    if "GAITSTUDY_DATA" not in os.environ:
        print("Set GAITSTUDY_DATA to the folder that holds the datasets.")
        return 1
    osim.Logger.setLevelString("off")
    net.low_pass = butterworth
    root = Path(os.environ["GAITSTUDY_DATA"])
    rows = []
    for trial in net.trials():
        if trial.dataset == "gc5-instrumented-knee":
            rows.append(one_trial(root, trial))
            print({k: v if isinstance(v, str) else float(f"{v:.5g}") for k, v in rows[-1].items()}, flush=True)
    pd.DataFrame(rows).to_csv(OUT, index=False, float_format="%.8g")
    print(f"{OUT.name}: {len(rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())

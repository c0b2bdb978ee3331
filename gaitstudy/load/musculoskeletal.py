"""Knee reactions of a musculoskeletal model: muscle forces by static optimisation, through OpenSim's official wheel.

OpenSim is an optional extra and is imported only when it is called; its log is switched off. No file is read but the
model and the motion, and none is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from scipy.interpolate import make_interp_spline

from gaitstudy.conventions import (
    GaitStudyError,
    SignalError,
    TrialFormatError,
    labelled,
    pick,
    require_positive,
    variable,
)
from gaitstudy.gait.signals import low_pass, sampling_rate
from gaitstudy.io.files import existing
from gaitstudy.io.motion import read_storage
from gaitstudy.load.contact import joint_reactions

CUT_OFF = 6.0
"""Hz; for joint coordinates and ground reactions alike."""
CONVERGENCE, ITERATIONS = 1e-8, 1000
"""Of the optimiser. OpenSim's own default, 1e-4, leaves the knee's axial force uncertain by some 10 N."""
RESERVE, ELSEWHERE = 1.0, 1000.0
"""N m (N); strength of an actuator that the model lacks in the leg, and of every one outside of it (general knowledge,
unsourced)."""
UNBALANCED = 0.01
"""Share of a coordinate's largest net moment; a frame that stays further out of balance counts as unsolved."""
SMALLEST = 1e-3
"""N m; no share is taken of a net moment that never exceeds it."""
SAME_MASS = 0.05
"""Share by which the model's mass may differ from the person's."""


def knee_reactions(
    model: str | Path, motion: str | Path, loads: xr.Dataset, feet: Mapping[str, str], side: str, mass: float
) -> xr.Dataset:
    """Return what the femur does to the tibia, muscles included, by static optimisation and joint reaction.

    Muscles share the net joint moments so that the sum of their squared activations is least; activations from 0 to 1,
    force-length-velocity properties, rigid tendons, no passive force. Only muscles that touch this leg take part: no
    other moves its joints, so the knee's answer is the whole body's, sooner. Coordinates and wrenches are filtered
    alike at ``CUT_OFF``, before anything is derived from them.

    Parameters
    ----------
    model : a scaled ``.osim`` file, its tibia's axes x forward, y up, z to the person's right on both sides.
    motion : its joint coordinates, a MOT or STO file in degrees or radians. Coupled coordinates are not read but follow
        the model's coupler: files lack them, freeze them, or leave them to tools that do not convert them.
    loads : ground reactions (``io.plates.wrench``, N, N m), on a clock of their own that covers the motion's.
    feet : the body under which each plate lies, as ``{"1": "calcn_l"}``; plates not named are left out.
    side : whose knee, that is the joint above the body ``tibia_l`` or ``tibia_r``. mass : kg, of the person.

    Returns
    -------
    Dataset over the motion's times: ``axial_force`` (N, compression positive) and ``frontal_moment`` (N m, positive
    where it presses the medial side, as an external adduction moment does), as ``contact.two_condyle`` takes them;
    ``muscle_force`` (N, (time, muscle)); ``net_moment`` (N m, (time, coordinate)): the internal moments at this leg's
    coordinates that muscles and reserves supply together; ``reserve`` (1): what reserves supply, as a share of the
    coordinate's largest net moment, the largest over the coordinates. Where the forces do not balance the leg to 1 % of
    a coordinate's largest net moment, the frame is NaN and counted in ``attrs["unsolved"]``.

    Raises
    ------
    GaitStudyError : OpenSim is not installed, or the model is another person's. TrialFormatError : no model, or no
        motion of this model. SignalError : gaps, loads that do not cover the motion.

    References
    ----------
    Not read for this project: Anderson FC, Pandy MG (2001) J Biomech 34:153, doi 10.1016/S0021-9290(00)00155-X (static
    optimisation); Steele KM et al. (2012) Gait Posture 35:556, doi 10.1016/j.gaitpost.2011.11.023 (joint reaction);
    Seth A et al. (2018) PLoS Comput Biol 14:e1006223, doi 10.1371/journal.pcbi.1006223 (OpenSim).
    """
    leg = _Leg(_opensim(), existing(model, {".osim"}), side)
    if abs(leg.mass / require_positive(mass, "mass", "kg", 2, 350) - 1) > SAME_MASS:
        raise GaitStudyError(f"knee reactions: expected a model scaled to {mass:g} kg, found one of {leg.mass:.4g} kg.")
    coordinates, loads = _read_motion(leg, Path(motion)), loads.sel(plate=list(feet))
    time, clock = coordinates["time"].values, loads["time"].values
    slack = 0.5 / sampling_rate(time)
    if clock[0] > time[0] + slack or clock[-1] < time[-1] - slack:
        raise SignalError(
            f"knee reactions: expected loads for {time[0]:g}-{time[-1]:g} s, found {clock[0]:g}-{clock[-1]:g} s. Cut "
            "motion and loads to the same times."
        )
    for array in (coordinates, loads["force"], loads["moment"]):
        if lost := int(array.isnull().any([d for d in array.dims if d != "time"]).sum()):
            raise SignalError(
                f"knee reactions: expected {array.attrs['long_name']} without gaps, found {lost} samples with one. "
                "Fill or cut off gaps."
            )
    values = leg.follow_couplers(low_pass(coordinates, CUT_OFF).values)
    speeds = _derivative(time, values)
    leg.push(low_pass(loads["force"], CUT_OFF), low_pass(loads["moment"], CUT_OFF), feet)
    forces = leg.optimise(time, values, speeds)
    reaction, net, rest = leg.react(time, values, speeds, _derivative(time, speeds), forces)
    largest = np.maximum(np.abs(net).max(0), SMALLEST)
    lost = (np.abs(rest) > UNBALANCED * largest).any(1)
    reaction[lost] = np.nan
    muscle = np.where(lost[:, None], np.nan, np.stack([forces[name] for name in leg.muscles], 1))
    reserve = np.zeros_like(net)
    for name, coordinate in leg.motors.items():
        reserve[:, leg.free.index(coordinate)] += forces[name]
    share = np.where(lost, np.nan, np.abs(reserve / largest).max(1))
    about = "largest share of a joint moment that muscles do not supply"
    return joint_reactions(time, reaction[:, 1], reaction[:, 0], side).assign(
        muscle_force=variable(muscle, ("time", "muscle"), units="N", long_name="muscle force"),
        net_moment=variable(net, ("time", "coordinate"), units="N m", long_name="net joint moment, internal"),
        reserve=variable(share, ("time",), units="1", long_name=about),
    ).assign_coords(muscle=leg.muscles, coordinate=leg.free).assign_attrs(unsolved=int(lost.sum()))  # fmt: skip


def _opensim() -> Any:
    """OpenSim with its log switched off."""
    try:
        import opensim
    except ImportError as error:
        raise GaitStudyError(
            f"opensim: expected the optional package OpenSim 4.6, found none ({error}). Install it with "
            "`pip install 'gaitstudy[opensim]'`; it has wheels for Linux x86-64, Windows and macOS 15, up to "
            "Python 3.13. Every other estimator runs without it."
        ) from None
    opensim.Logger.setLevelString("off")
    opensim.Logger.removeFileSink()
    return opensim


def _derivative(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the rate of change per s of (time, column) by natural splines of order 5, as OpenSim's own."""
    flat = [(order, np.zeros(values.shape[1])) for order in (3, 4)]
    return make_interp_spline(time, values, 5, bc_type=(flat, flat)).derivative()(time)


def _read_motion(leg: _Leg, path: Path) -> xr.DataArray:
    """Return a model's joint coordinates from a MOT or STO file, (time, coordinate), rad and m, in its order."""
    table = read_storage(path)
    if table.attrs["angles"] == "not stated":
        raise TrialFormatError(path, "expected inDegrees=yes or inDegrees=no in the header, found neither. Add it.")
    if absent := [n for n in leg.names if n not in table.columns and n not in leg.couplers]:
        raise TrialFormatError(path, f"expected every coordinate of the model, found no {', '.join(absent)}. Add them.")
    values = table.reindex(columns=leg.names, fill_value=0.0).to_numpy(float, copy=True)
    if table.attrs["angles"] == "deg":
        values[:, leg.turning] = np.radians(values[:, leg.turning])
    moved = np.abs(values - [c.getDefaultValue() for c in leg.coordinates]).max(0) > 1e-6
    if stuck := [c.getName() for c, far in zip(leg.coordinates, moved, strict=True) if far and c.get_locked()]:
        raise TrialFormatError(
            path,
            f"expected locked coordinates where the model has them, found {', '.join(stuck)} elsewhere. Unlock them.",
        )
    coords = {"time": table.index.to_numpy(), "coordinate": leg.names}
    return labelled(values, ("time", "coordinate"), units="rad, m", long_name="joint coordinates", coords=coords)


class _Leg:
    """An OpenSim model, and what its C++ side must find alive: a part of a lost object reads freed memory.

    It keeps only muscles that touch the leg, free of tendons, and has an actuator on every coordinate. A muscle
    elsewhere does no work on the leg's joints; actuators there are strong, so that the rest of the body costs nothing.
    Rows and columns follow ``names``, the model's coordinates, rad and m; those of the leg that can move are ``free``.
    """

    def __init__(self, osim: Any, path: Path, side: str) -> None:
        self.osim = osim
        try:
            self.model = osim.Model(str(path))
            self.mass = self.model.getTotalMass(self.model.initSystem())
        except RuntimeError as error:
            reason = " ".join(str(error).split()[:40])
            raise TrialFormatError(path, f"expected an OpenSim model, found: {reason} ... Export it again.") from None
        self.coordinates = list(self.model.getCoordinateSet())
        self.names = [c.getName() for c in self.coordinates]
        self.turning = np.array([c.getMotionType() != osim.Coordinate.Translational for c in self.coordinates])
        self.couplers: dict[str, tuple[str, Any]] = {}
        constraints = self.model.getConstraintSet()
        for k in range(constraints.getSize()):
            coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraints.get(k))
            if coupler is not None and coupler.getIndependentCoordinateNames().getSize() == 1:
                leader = coupler.getIndependentCoordinateNames().get(0)
                self.couplers[coupler.getDependentCoordinateName()] = (leader, coupler.getFunction())
        above = {_body(joint.getChildFrame()): joint for joint in self.model.getJointSet()}
        self.tibia = f"tibia_{side[0]}"
        self.knee = above[self.tibia]
        bodies = {self.tibia, _body(self.knee.getParentFrame())}
        while more := {b for b, joint in above.items() if _body(joint.getParentFrame()) in bodies} - bodies:
            bodies |= more
        moving = [c for c in self.coordinates if not c.get_locked() and c.getName() not in self.couplers]
        self.free = [c.getName() for c in moving if _body(c.getJoint().getChildFrame()) in bodies]
        self.muscles: list[str] = []
        self.motors: dict[str, str] = {}
        forces, driven = self.model.updForceSet(), set()
        for k in reversed(range(forces.getSize())):
            muscle = osim.Muscle.safeDownCast(forces.get(k))
            motor = osim.CoordinateActuator.safeDownCast(forces.get(k))
            if motor is not None:
                driven.add(motor.get_coordinate())
                self._use(motor)
            elif muscle is not None:
                points = muscle.getGeometryPath().getPathPointSet()
                if not {_body(points.get(i).getParentFrame()) for i in range(points.getSize())} & bodies:
                    forces.remove(k)
                    continue
                self.muscles.insert(0, muscle.getName())
                muscle.set_ignore_tendon_compliance(True)
                muscle.setMinControl(0.0)
                kind = getattr(osim, muscle.getConcreteClassName()).safeDownCast(muscle)
                if hasattr(kind, "setMinimumActivation"):
                    kind.setMinimumActivation(0.0)
        for coordinate in moving:
            if coordinate.getName() not in driven:
                motor = osim.CoordinateActuator(coordinate.getName())
                motor.setName(f"{coordinate.getName()}_reserve")
                motor.setOptimalForce(RESERVE)
                self._use(motor)
                self.model.addForce(motor)
        self.model.updControllerSet().clearAndDestroy()

    def _use(self, motor: Any) -> None:
        if motor.get_coordinate() in self.free:
            self.motors[motor.getName()] = motor.get_coordinate()
        else:
            motor.setOptimalForce(ELSEWHERE)

    def follow_couplers(self, values: np.ndarray) -> np.ndarray:
        """Return (time, coordinate) with every coupled coordinate where its coupler puts it."""
        result = values.copy()
        for name, (leader, function) in self.couplers.items():
            result[:, self.names.index(name)] = [
                function.calcValue(self.osim.Vector(1, x)) for x in values[:, self.names.index(leader)].tolist()
            ]
        return result

    def push(self, force: xr.DataArray, moment: xr.DataArray, feet: Mapping[str, str]) -> None:
        """Let each plate's wrench (N, N m about the lab origin) act on its body.

        Force and moment act at the origin: no centre of pressure is formed, none can run off where the force is small.
        """
        osim, time = self.osim, force["time"].values.tolist()

        def over_time(values: np.ndarray) -> list[Any]:
            functions = [osim.PiecewiseLinearFunction() for _ in range(3)]
            for function, column in zip(functions, values.T.tolist(), strict=True):
                for t, value in zip(time, column, strict=True):
                    function.addPoint(t, value)
            return functions

        for plate, body in feet.items():
            ground = osim.PrescribedForce(f"ground_{plate}", self.model.getBodySet().get(body))
            ground.setForceIsInGlobalFrame(True)
            ground.setPointIsInGlobalFrame(True)
            ground.setPointFunctions(*[osim.Constant(0.0) for _ in range(3)])
            ground.setForceFunctions(*over_time(pick(force, plate=plate)))
            ground.setTorqueFunctions(*over_time(pick(moment, plate=plate)))
            self.model.addForce(ground)
        self.model.finalizeConnections()

    def optimise(self, time: np.ndarray, values: np.ndarray, speeds: np.ndarray) -> dict[str, np.ndarray]:
        """Return the force (N, N m) of every muscle and actuator over time by OpenSim's static optimisation."""
        analysis = self.osim.StaticOptimization()
        analysis.setStartTime(float(time[0]))
        analysis.setEndTime(float(time[-1]))
        analysis.setConvergenceCriterion(CONVERGENCE)
        analysis.setMaxIterations(ITERATIONS)
        self.model.addAnalysis(analysis)
        tool = self.osim.AnalyzeTool(self.model)
        tool.setStartTime(float(time[0]))
        tool.setFinalTime(float(time[-1]))
        tool.setPrintResultFiles(False)
        states = self._storage(time, values, speeds)
        tool.setStatesStorage(states)
        try:
            done = tool.run()
        except RuntimeError as error:
            done = str(error).split("\n")[0]
        stored, forces = analysis.getForceStorage(), {}
        if done is not True or stored.getSize() != len(time):
            raise GaitStudyError(
                f"static optimisation: expected {len(time)} frames, found {stored.getSize()} ('{done}'). Check model "
                "and motion."
            )
        for k in range(1, stored.getColumnLabels().getSize()):
            name, column = stored.getColumnLabels().get(k), self.osim.ArrayDouble()
            stored.getDataColumn(name, column)
            forces[name] = np.array([column.get(i) for i in range(len(time))])
        return forces

    def _storage(self, time: np.ndarray, values: np.ndarray, speeds: np.ndarray) -> Any:
        """Motion as OpenSim keeps it: every state of the model, muscles at their defaults."""
        osim, model = self.osim, self.model
        rows = np.tile(model.getStateVariableValues(model.initSystem()).to_numpy(), (len(time), 1))
        listed, labels = model.getStateVariableNames(), osim.ArrayStr()
        names = [listed.get(k) for k in range(listed.getSize())]
        for name in ("time", *names):
            labels.append(name)
        for k, coordinate in enumerate(self.coordinates):
            path = coordinate.getAbsolutePathString()
            rows[:, names.index(f"{path}/value")] = values[:, k]
            rows[:, names.index(f"{path}/speed")] = speeds[:, k]
        storage = osim.Storage()
        storage.setName("states")
        storage.setColumnLabels(labels)
        storage.setInDegrees(False)
        for t, row in zip(time.tolist(), rows, strict=True):
            storage.append(t, osim.Vector.createFromMat(row))
        return storage

    def react(
        self,
        time: np.ndarray,
        values: np.ndarray,
        speeds: np.ndarray,
        accelerations: np.ndarray,
        forces: Mapping[str, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what the knee feels under the forces of muscles and actuators, frame by frame.

        Returns
        -------
        reaction : (time, 2, 3): moment (N m, about the joint's centre) and force (N) of the femur on the tibia, in
        tibial axes. net, rest : (time, free coordinate), N m: the moments that the measured motion needs, and what of
        them the forces do not supply.
        """
        osim, model = self.osim, self.model
        state, solver = model.initSystem(), osim.InverseDynamicsSolver(model)
        coordinates, ground, tibia = self.coordinates, model.getGround(), model.getBodySet().get(self.tibia)
        actuators = [a for f in model.getForceSet() if (a := osim.ScalarActuator.safeDownCast(f)) is not None]
        for actuator in actuators:
            actuator.overrideActuation(state, True)
        order = model.getCoordinateNamesInMultibodyTreeOrder()
        place = [[order.getElt(k) for k in range(order.size())].index(name) for name in self.names]
        moving = [k for k, c in enumerate(coordinates) if not c.get_locked()]
        reaction = np.empty((len(time), 2, 3))
        moments = np.empty((2, len(time), len(self.free)))
        for k, t in enumerate(time.tolist()):
            state.setTime(t)
            wanted = np.zeros(len(coordinates))
            for c in moving:
                coordinates[c].setValue(state, float(values[k, c]), False)
                coordinates[c].setSpeedValue(state, float(speeds[k, c]))
                wanted[place[c]] = accelerations[k, c]
            for supplied in (0, 1):
                for actuator in actuators:
                    actuator.setOverrideActuation(state, supplied * float(forces[actuator.getName()][k]))
                model.realizeVelocity(state)
                needed = solver.solve(state, osim.Vector.createFromMat(wanted)).to_numpy()[place]
                moments[supplied, k] = self._gathered(needed, values[k])
            model.realizeAcceleration(state)
            load = self.knee.calcReactionOnChildExpressedInGround(state)
            for part in (0, 1):
                reaction[k, part] = ground.expressVectorInAnotherFrame(state, load.get(part), tibia).to_numpy()
        return reaction, *moments

    def _gathered(self, needed: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The leg's generalised forces, those of coupled coordinates handed to the ones they follow."""
        total, first = dict(zip(self.names, needed.tolist(), strict=True)), self.osim.StdVectorInt()
        first.append(0)
        for name, (leader, function) in self.couplers.items():
            at = self.osim.Vector(1, float(values[self.names.index(leader)]))
            total[leader] += total[name] * function.calcDerivative(first, at)
        return np.array([total[name] for name in self.free])


def _body(frame: Any) -> str:
    return str(frame.findBaseFrame().getName())

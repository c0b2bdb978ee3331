"""Knee reactions of a musculoskeletal model: muscle forces by static optimisation, through OpenSim's official wheel.

OpenSim is an optional extra and is imported only when a function here is called. No file is read but the model and the
motion, and none is written: everything is handed over in memory, and OpenSim's log is silent meanwhile.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitstudy.conventions import (
    GaitStudyError,
    SignalError,
    TrialFormatError,
    labelled,
    require_dims,
    require_positive,
    require_units,
    side_sign,
)
from gaitstudy.gait.signals import low_pass, sampling_rate
from gaitstudy.io.files import existing
from gaitstudy.io.motion import read_storage
from gaitstudy.io.plates import with_wrench
from gaitstudy.load.contact import joint_reactions

CUT_OFF = 6.0
"""Hz; for joint coordinates and ground reactions alike."""
CONVERGENCE, ITERATIONS = 1e-8, 1000
"""Of the optimiser. OpenSim's own default, 1e-4, leaves the knee's axial force uncertain by some 10 N."""
RESERVE, ELSEWHERE = 1.0, 1000.0
"""N m (N); strength of an actuator that the model lacks in the leg, and of every one outside of it (general knowledge,
unsourced)."""
COORDINATE_UNITS = "rad, m"
"""Of an array of joint coordinates: rotations in rad, translations in m."""
UNBALANCED = 0.01
"""Share of a coordinate's largest net moment; a frame that stays further out of balance counts as unsolved."""
SMALLEST = 1e-3
"""N m; no share is taken of a net moment that never exceeds it."""
TURN = 2 * np.pi
"""rad; a joint angle beyond a full turn is in degrees."""
LARGEST_TILT = 15.0
"""deg; how far the tibia's y axis may lean from the line ankle to knee if a force along it is to be called axial."""
SAME_MASS = 0.05
"""Share by which the model's mass may differ from the person's."""


def coordinates_from_storage(path: str | Path, model: str | Path) -> xr.DataArray:
    """Read a model's joint coordinates from a MOT or STO file, every angle in radians.

    Rotations of a file in degrees are converted, translations stay in m. Coupled coordinates are not read but follow
    the model's coupler: files lack them, freeze them, or leave them to tools that do not convert them (a kneecap at
    66 rad).

    Parameters
    ----------
    path : the motion. model : the ``.osim`` file whose coordinates it holds.

    Returns
    -------
    (time, coordinate), rad and m: all coordinates of the model in its order.

    Raises
    ------
    TrialFormatError : columns that are no coordinate of the model, coordinates without a column, a header that does
        not say whether angles are in degrees; all are listed.
    GaitStudyError : OpenSim is not installed.
    """
    with _LegModel.opened(model) as leg:
        table = read_storage(path)
        unknown = [str(c) for c in table.columns if c not in leg.names]
        absent = [n for n in leg.names if n not in table.columns and n not in leg.couplers]
        problems = []
        if unknown:
            problems.append(
                f"expected only coordinates of the model, found {', '.join(unknown)}. Rename or remove them."
            )
        if absent:
            problems.append(f"expected every coordinate of the model, found no {', '.join(absent)}. Add them.")
        if table.attrs["angles"] == "not stated":
            problems.append("expected inDegrees=yes or inDegrees=no in the header, found neither. Add the line.")
        if problems:
            raise TrialFormatError(path, problems)
        values = table.reindex(columns=leg.names, fill_value=0.0).to_numpy(float, copy=True)
        if table.attrs["angles"] == "deg":
            values[:, leg.turning] = np.radians(values[:, leg.turning])
        return labelled(
            leg.follow_couplers(values), ("time", "coordinate"), units=COORDINATE_UNITS, frame="model",
            long_name="joint coordinates", coords={"time": table.index.to_numpy(), "coordinate": leg.names},
        )  # fmt: skip


def knee_reactions(
    model: str | Path,
    coordinates: xr.DataArray,
    loads: xr.Dataset,
    feet: Mapping[str, str],
    side: str,
    *,
    cut_off: float = CUT_OFF,
    mass: float | None = None,
) -> xr.Dataset:
    """Return what the femur does to the tibia, muscles included, by static optimisation and joint reaction.

    Muscles share the net joint moments so that the sum of their squared activations is least; activations from 0 to 1,
    force-length-velocity properties, rigid tendons, no passive force. Only muscles that touch this leg take part: no
    other moves its joints, so the knee's answer is the whole body's, sooner. Coordinates and wrenches are filtered
    alike, before anything is derived from them.

    Parameters
    ----------
    model : a scaled ``.osim`` file, its tibia's axes x forward, y up, z to the person's right on both sides.
    coordinates : (time, coordinate), rad and m, as ``coordinates_from_storage`` gives them; coupled ones are replaced
        by what the model's coupler makes of the others.
    loads : ground reactions (``io.plates.wrench``, N, N m), on a clock of their own that covers the coordinates'.
    feet : the body under which each plate lies, as ``{"1": "calcn_l"}``; plates not named are left out.
    side : whose knee, that is the joint above the body ``tibia_l`` or ``tibia_r``.
    cut_off : Hz. mass : kg, of the person; if given, the model must have the same.

    Returns
    -------
    Dataset over the coordinates' times: ``axial_force`` (N, compression positive) and ``frontal_moment`` (N m, positive
    where it presses the medial side, as an external adduction moment does), as ``contact.two_condyle`` takes them;
    ``force`` (N) and ``moment`` (N m, about the joint's centre), (time, axis), of the femur on the tibia in the
    tibia body's axes; ``muscle_force`` (N, (time, muscle)); ``net_moment`` (N m, (time, coordinate)): the internal
    moments at this leg's coordinates that muscles and reserves supply together; ``reserve`` (1): what reserves supply,
    as a share of the coordinate's largest net moment, the largest over the coordinates. Where the forces found do not
    balance the leg to 1 % of a coordinate's largest net moment, the frame is NaN and counted in ``attrs["unsolved"]``.

    Raises
    ------
    GaitStudyError : OpenSim is not installed; names or a mass that the model does not have; a tibia whose y axis is
        not its long axis. SignalError : gaps, angles in degrees, loads that do not cover the times.
    TrialFormatError : the file is no model.

    References
    ----------
    Not read for this project: Anderson FC, Pandy MG (2001) J Biomech 34:153, doi 10.1016/S0021-9290(00)00155-X (static
    optimisation); Steele KM et al. (2012) Gait Posture 35:556, doi 10.1016/j.gaitpost.2011.11.023 (joint reaction);
    Seth A et al. (2018) PLoS Comput Biol 14:e1006223, doi 10.1371/journal.pcbi.1006223 (OpenSim).
    """
    side_sign(side)
    with _LegModel.opened(model) as leg:
        _check_names(leg, coordinates, loads, feet, side, mass)
        used = loads.sel(plate=list(feet))
        _check_signals(leg, coordinates, used)
        smooth = low_pass(coordinates.sel(coordinate=leg.names), cut_off).transpose("time", "coordinate")
        wrench = with_wrench(used, *(low_pass(used[k], cut_off) for k in ("force", "moment")))
        time, values = smooth["time"].values, leg.follow_couplers(smooth.values)
        speeds = leg.derivative(time, values)
        leg.keep_leg(side)
        leg.push(wrench, feet)
        forces = leg.optimise(time, values, speeds)
        found = leg.react(time, values, speeds, leg.derivative(time, speeds), forces)
        version = leg.osim.GetVersion()
    return _result(found, time, side).assign_attrs(opensim=version, cut_off=cut_off)


def _result(found: dict[str, Any], time: np.ndarray, side: str) -> xr.Dataset:
    largest = np.maximum(np.abs(found["net"]).max(0), SMALLEST)
    lost = (np.abs(found["rest"]) > UNBALANCED * largest).any(1)
    solved = {k: np.where(lost[:, None], np.nan, found[k]) for k in ("force", "moment", "muscle", "reserve")}
    result = joint_reactions(time, solved["force"], solved["moment"], side)
    share = np.abs(solved["reserve"] / largest).max(1, initial=0.0)
    about = {
        "force": (solved["force"], ("time", "axis"), "N", "tibia", "femur on tibia, muscles included"),
        "moment": (
            solved["moment"], ("time", "axis"), "N m", "tibia", "femur on tibia about the knee, muscles included",
        ),
        "muscle_force": (solved["muscle"], ("time", "muscle"), "N", None, "muscle force"),
        "net_moment": (found["net"], ("time", "coordinate"), "N m", None, "net joint moment, internal"),
        "reserve": (share, ("time",), "1", None, "largest share of a joint moment that muscles do not supply"),
    }  # fmt: skip
    coords = {"time": time, "muscle": found["muscles"], "coordinate": found["coordinates"]}
    for name, (values, dims, units, frame, label) in about.items():
        own = {d: coords[d] for d in dims if d in coords}
        result[name] = labelled(values, dims, units=units, frame=frame, long_name=label, coords=own)
    return result.assign_attrs(unsolved=int(lost.sum()))


def _check_names(
    leg: _LegModel, coordinates: xr.DataArray, loads: xr.Dataset, feet: Mapping[str, str], side: str, mass: float | None
) -> None:
    """Refuse names that model, motion and loads do not share, another person's model, and axes that are not meant."""
    require_units(require_dims(coordinates, ("time", "coordinate"), "coordinates"), COORDINATE_UNITS, "coordinates")
    if lost := [name for name in ("force", "moment") if name not in loads]:
        raise GaitStudyError(
            f"loads: expected ground reactions with force and moment, found no {', '.join(lost)}. See io.plates.wrench."
        )
    for name, units in (("force", "N"), ("moment", "N m")):
        require_units(require_dims(loads[name], ("time", "plate", "axis"), name), units, name)
    given, plates = set(map(str, coordinates["coordinate"].values)), list(map(str, loads["plate"].values))
    bodies, tibia = [b.getName() for b in leg.model.getBodySet()], f"tibia_{side[0]}"
    problems = []
    if absent := [n for n in leg.names if n not in given]:
        problems.append(f"expected every coordinate of the model, found no {', '.join(absent)}")
    if strange := [p for p in feet if p not in plates] or ["none"] * (not feet):
        problems.append(f"feet: expected plates among {', '.join(plates)}, found {', '.join(strange)}")
    if lacking := [b for b in dict.fromkeys([*feet.values(), tibia]) if b not in bodies]:
        problems.append(f"expected the model's bodies {', '.join(bodies)}, found {', '.join(lacking)}")
    elif not (tilt := leg.tilt(side)) <= LARGEST_TILT:
        problems.append(
            f"expected the y axis of {tibia} along the shank, upwards, found it {tilt:.0f} deg off the line from ankle "
            "to knee: the axial force and the sides hang on x forward, y up, z right"
        )
    if mass is not None:
        own = leg.model.getTotalMass(leg.model.initSystem())
        if abs(own / require_positive(mass, "mass", "kg", 2, 350) - 1) > SAME_MASS:
            problems.append(f"expected a model scaled to {mass:g} kg, found one of {own:.4g} kg")
    if problems:
        raise GaitStudyError(f"knee reactions: {'; '.join(problems)}. Give a model and names that belong together.")


def _check_signals(leg: _LegModel, coordinates: xr.DataArray, loads: xr.Dataset) -> None:
    """Refuse what OpenSim would take without a word."""
    time, clock = coordinates["time"].values, loads["time"].values
    turning = coordinates.sel(coordinate=np.array(leg.names)[leg.turning])
    size = abs(turning).max("time")
    problems = []
    if far := [str(n) for n in size["coordinate"].values[size.values > TURN]]:
        problems.append(f"angles in rad, found {', '.join(far)} up to {float(size.max()):.4g}, which look like degrees")
    if lost := int(coordinates.isnull().any("coordinate").sum()):
        problems.append(f"coordinates without gaps, found {lost} frames with one")
    if lost := int((loads["force"].isnull() | loads["moment"].isnull()).any(["plate", "axis"]).sum()):
        problems.append(f"loads without gaps, found {lost} samples with one")
    slack = 0.5 / sampling_rate(time)
    if clock[0] > time[0] + slack or clock[-1] < time[-1] - slack:
        problems.append(f"loads for {time[0]:g}-{time[-1]:g} s, found {clock[0]:g}-{clock[-1]:g} s")
    if stuck := leg.moved_though_locked(coordinates):
        problems.append(f"locked coordinates where the model has them, found {', '.join(stuck)} elsewhere")
    if problems:
        raise SignalError(
            f"knee reactions: expected {'; '.join(problems)}. Read angles with coordinates_from_storage, cut motion "
            "and loads to the same times, fill or cut off gaps."
        )


class _LegModel:
    """An OpenSim model, and what its C++ side must find alive: a part of a lost object reads freed memory.

    Made by ``opened``. Rows and columns follow ``names``; angles in rad, translations in m.
    """

    def __init__(self, osim: Any, path: Path) -> None:
        self.osim = osim
        try:
            self.model = osim.Model(str(path))
            self.model.initSystem()
        except RuntimeError as error:
            reason = " ".join(str(error).split()[:40])
            raise TrialFormatError(path, f"expected an OpenSim model, found: {reason} ... Export it again.") from None
        self.coordinates = list(self.model.getCoordinateSet())
        self.names = [c.getName() for c in self.coordinates]
        self.turning = np.array([c.getMotionType() != osim.Coordinate.Translational for c in self.coordinates])
        self.couplers: dict[str, tuple[str, Any]] = {}
        self.joint_above = {j.getChildFrame().findBaseFrame().getName(): j for j in self.model.getJointSet()}
        constraints = self.model.getConstraintSet()
        for k in range(constraints.getSize()):
            coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraints.get(k))
            if coupler is not None and coupler.getIndependentCoordinateNames().getSize() == 1:
                leader = coupler.getIndependentCoordinateNames().get(0)
                self.couplers[coupler.getDependentCoordinateName()] = (leader, coupler.getFunction())
        self._once = osim.StdVectorInt()
        self._once.append(0)

    @classmethod
    @contextmanager
    def opened(cls, path: str | Path) -> Iterator[_LegModel]:
        """Open a model file with OpenSim's log kept quiet.

        A log that was in use before is given back as it was; otherwise OpenSim stays quiet and writes no log file.

        Raises
        ------
        GaitStudyError : OpenSim is not installed. TrialFormatError : no model.
        """
        in_use = "opensim" in sys.modules
        try:
            import opensim
        except ImportError as error:
            raise GaitStudyError(
                f"opensim: expected the optional package OpenSim 4.6, found none ({error}). Install it with "
                "`pip install 'gaitstudy[opensim]'`; it has wheels for Linux x86-64, Windows and macOS 15, up to "
                "Python 3.13. Every other estimator runs without it."
            ) from None
        file = existing(path, {".osim"})
        level = opensim.Logger.getLevelString()
        opensim.Logger.setLevelString("off")
        if not in_use:
            opensim.Logger.removeFileSink()
        try:
            yield cls(opensim, file)
        finally:
            if in_use and level.lower() != "off":
                opensim.Logger.setLevelString(level)

    def follow_couplers(self, values: np.ndarray) -> np.ndarray:
        """Return (time, coordinate) with every coupled coordinate where its coupler puts it."""
        result = np.array(values, float)
        for name, (leader, function) in self.couplers.items():
            result[:, self.names.index(name)] = [
                function.calcValue(self.osim.Vector(1, x)) for x in result[:, self.names.index(leader)].tolist()
            ]
        return result

    def tilt(self, side: str) -> float:
        """Return the angle (deg) between the tibia's y axis and the line to its joint above from the one below."""
        tibia = f"tibia_{side[0]}"
        below = [j.getParentFrame() for j in self.joint_above.values() if self._parent(j) == tibia]
        if not below:
            raise GaitStudyError(f"model: expected a joint below {tibia}, found none to tell its long axis by.")
        places = [f.findTransformInBaseFrame() for f in (self.joint_above[tibia].getChildFrame(), below[0])]
        knee, ankle = (_vector(place.p()) for place in places)
        up = knee - ankle
        return float(np.degrees(np.arccos(up[1] / np.linalg.norm(up))))

    def moved_though_locked(self, coordinates: xr.DataArray) -> list[str]:
        """Return the locked coordinates that an array (time, coordinate), rad and m, puts elsewhere than the model."""
        return [
            c.getName()
            for c in self.coordinates
            if c.get_locked() and np.abs(coordinates.sel(coordinate=c.getName()) - c.getDefaultValue()).max() > 1e-6
        ]

    def keep_leg(self, side: str) -> None:
        """Leave only muscles that touch this leg, free of tendons, and an actuator on every coordinate.

        A muscle elsewhere does no work on the leg's joints. Outside of the leg actuators are strong, so that what is
        not asked costs nothing.
        """
        osim, forces = self.osim, self.model.updForceSet()
        self.knee = self.joint_above[f"tibia_{side[0]}"]
        top = self._parent(self.knee)
        bodies = {f"tibia_{side[0]}"} | ({top} if top in self.joint_above else set())
        while more := {b for b, j in self.joint_above.items() if self._parent(j) in bodies} - bodies:
            bodies |= more
        own = {self.joint_above[b].getName() for b in bodies}
        self.leg = [
            c.getName()
            for c in self.coordinates
            if c.getJoint().getName() in own and not c.get_locked() and c.getName() not in self.couplers
        ]
        acting: set[str] = set()
        for k in reversed(range(forces.getSize())):
            force = forces.get(k)
            muscle, motor = osim.Muscle.safeDownCast(force), osim.CoordinateActuator.safeDownCast(force)
            if muscle is not None:
                points = muscle.getGeometryPath().getPathPointSet()
                on = {points.get(i).getParentFrame().findBaseFrame().getName() for i in range(points.getSize())}
                if not on & bodies:
                    forces.remove(k)
                    continue
                muscle.set_ignore_tendon_compliance(True)
                muscle.setMinControl(0.0)
                own_class = getattr(osim, muscle.getConcreteClassName()).safeDownCast(muscle)
                if hasattr(own_class, "setMinimumActivation"):
                    own_class.setMinimumActivation(0.0)
            elif motor is not None:
                acting.add(motor.get_coordinate())
                if motor.get_coordinate() not in self.leg:
                    motor.setOptimalForce(ELSEWHERE)
        for name in self.names:
            if name not in acting and name not in self.couplers and not self._locked(name):
                motor = osim.CoordinateActuator(name)
                motor.setName(f"{name}_reserve")
                motor.setOptimalForce(RESERVE if name in self.leg else ELSEWHERE)
                self.model.addForce(motor)
        self.model.updControllerSet().clearAndDestroy()

    def push(self, loads: xr.Dataset, feet: Mapping[str, str]) -> None:
        """Let each plate's wrench (N, N m about the lab origin) act on its body.

        Force and moment act at the origin: no centre of pressure is formed, none can run off where the force is small.
        """
        osim, time = self.osim, loads["time"].values.tolist()

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
            ground.setForceFunctions(*over_time(loads["force"].sel(plate=plate).values))
            ground.setTorqueFunctions(*over_time(loads["moment"].sel(plate=plate).values))
            self.model.addForce(ground)
        self.model.finalizeConnections()

    def derivative(self, time: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return the rate of change per s of (time, column) by OpenSim's splines of order 5."""
        osim, table = self.osim, self.osim.TimeSeriesTable()
        labels = [f"c{k}" for k in range(values.shape[1])]
        table.setColumnLabels(labels)
        for t, row in zip(time.tolist(), values, strict=True):
            table.appendRow(t, osim.RowVector.createFromMat(np.array(row, float)))
        splines, instants = osim.GCVSplineSet(table, labels, 5), [osim.Vector(1, t) for t in time.tolist()]
        return np.array([[splines.get(k).calcDerivative(self._once, t) for k in range(len(labels))] for t in instants])

    def optimise(self, time: np.ndarray, values: np.ndarray, speeds: np.ndarray) -> dict[str, np.ndarray]:
        """Return the force (N, N m) of every muscle and actuator over time by OpenSim's static optimisation."""
        osim = self.osim
        analysis = osim.StaticOptimization()
        analysis.setStartTime(float(time[0]))
        analysis.setEndTime(float(time[-1]))
        analysis.setActivationExponent(2)
        analysis.setUseModelForceSet(True)
        analysis.setUseMusclePhysiology(True)
        analysis.setConvergenceCriterion(CONVERGENCE)
        analysis.setMaxIterations(ITERATIONS)
        self.model.addAnalysis(analysis)
        tool = osim.AnalyzeTool(self.model)
        tool.setStartTime(float(time[0]))
        tool.setFinalTime(float(time[-1]))
        tool.setSolveForEquilibrium(False)
        tool.setPrintResultFiles(False)
        tool.setLowpassCutoffFrequency(-1)  # both are filtered already
        states = self._storage(time, values, speeds)
        tool.setStatesStorage(states)
        try:
            done = tool.run()
        except RuntimeError as error:
            done = str(error).split("\n")[0]
        if done is not True:
            raise GaitStudyError(f"static optimisation: expected a result, found '{done}'. Check model and motion.")
        stored, labels = analysis.getForceStorage(), analysis.getForceStorage().getColumnLabels()
        if stored.getSize() != len(time):
            raise GaitStudyError(f"static optimisation: expected {len(time)} frames, found {stored.getSize()}.")
        found = {}
        for k in range(1, labels.getSize()):
            column = osim.ArrayDouble()
            stored.getDataColumn(labels.get(k), column)
            found[labels.get(k)] = np.array([column.get(i) for i in range(column.getSize())])
        return found

    def react(
        self,
        time: np.ndarray,
        values: np.ndarray,
        speeds: np.ndarray,
        accelerations: np.ndarray,
        forces: Mapping[str, np.ndarray],
    ) -> dict[str, Any]:
        """Return what the knee feels under the forces found, frame by frame.

        Returns
        -------
        ``force`` (N), ``moment`` (N m, about the joint's centre), (time, 3), of the femur on the tibia in tibial axes;
        ``net`` and ``rest``, (time, coordinate of the leg), N m: the moments that the measured motion needs, and what
        of them the forces do not supply; ``reserve``, what actuators other than muscles supply; ``muscle`` (N).
        """
        osim, model = self.osim, self.model
        state, solver = model.initSystem(), osim.InverseDynamicsSolver(model)
        coordinates = list(model.getCoordinateSet())
        actuators = [a for f in model.getForceSet() if (a := osim.ScalarActuator.safeDownCast(f)) is not None]
        acting = np.stack([forces[a.getName()] for a in actuators], 1)
        for actuator in actuators:
            actuator.overrideActuation(state, True)
        place = [self._place(c, state, len(coordinates)) for c in coordinates]
        moving = [k for k, c in enumerate(coordinates) if not c.get_locked()]
        body = model.getBodySet().get(self.knee.getChildFrame().findBaseFrame().getName())
        found: dict[str, list[np.ndarray]] = {key: [] for key in ("force", "moment", "net", "rest")}
        for k, t in enumerate(time.tolist()):
            state.setTime(t)
            wanted = osim.Vector(len(coordinates), 0.0)
            for c in moving:
                coordinates[c].setValue(state, float(values[k, c]), False)
                coordinates[c].setSpeedValue(state, float(speeds[k, c]))
                wanted.set(place[c], float(accelerations[k, c]))
            for key, supplied in (("net", np.zeros(len(actuators))), ("rest", acting[k])):
                for actuator, force in zip(actuators, supplied.tolist(), strict=True):
                    actuator.setOverrideActuation(state, force)
                model.realizeVelocity(state)
                needed = solver.solve(state, wanted)
                found[key].append(self._gathered(np.array([needed.get(p) for p in place]), values[k]))
            model.realizeAcceleration(state)
            load = self.knee.calcReactionOnChildExpressedInGround(state)
            turn = body.getTransformInGround(state).R()
            axes = np.array([[turn.get(i, j) for j in range(3)] for i in range(3)])
            found["force"].append(_vector(load.get(1)) @ axes)
            found["moment"].append(_vector(load.get(0)) @ axes)
        muscles = [a.getName() for a in actuators if osim.Muscle.safeDownCast(a) is not None]
        reserve = np.zeros((len(time), len(self.leg)))
        for actuator in actuators:
            motor = osim.CoordinateActuator.safeDownCast(actuator)
            if motor is not None and motor.get_coordinate() in self.leg:
                reserve[:, self.leg.index(motor.get_coordinate())] += forces[motor.getName()]
        stacked: dict[str, Any] = {key: np.array(rows) for key, rows in found.items()}
        muscle = np.stack([forces[m] for m in muscles], 1) if muscles else np.zeros((len(time), 0))
        return stacked | {"reserve": reserve, "muscle": muscle, "muscles": muscles, "coordinates": self.leg}

    def _gathered(self, needed: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The leg's generalised forces, those of coupled coordinates handed to the ones they follow."""
        total = dict(zip(self.names, needed.tolist(), strict=True))
        for name, (leader, function) in self.couplers.items():
            at = self.osim.Vector(1, float(values[self.names.index(leader)]))
            total[leader] += total[name] * function.calcDerivative(self._once, at)
        return np.array([total[name] for name in self.leg])

    def _storage(self, time: np.ndarray, values: np.ndarray, speeds: np.ndarray) -> Any:
        """Motion as OpenSim keeps it: every state of the model, muscles at their defaults."""
        osim, state = self.osim, self.model.initSystem()
        paths = [c.getAbsolutePathString() for c in self.model.getCoordinateSet()]
        known = {f"{p}/value": v for p, v in zip(paths, values.T, strict=True)}
        known |= {f"{p}/speed": v for p, v in zip(paths, speeds.T, strict=True)}
        listed, default = self.model.getStateVariableNames(), self.model.getStateVariableValues(state)
        columns, labels = [], osim.ArrayStr()
        labels.append("time")
        for k in range(listed.getSize()):
            labels.append(listed.get(k))
            columns.append(known.get(listed.get(k), np.full(len(time), default.get(k))))
        storage = osim.Storage()
        storage.setName("states")
        storage.setColumnLabels(labels)
        storage.setInDegrees(False)
        for t, row in zip(time.tolist(), np.stack(columns, 1), strict=True):
            storage.append(t, osim.Vector.createFromMat(row.copy()))
        return storage

    def _locked(self, name: str) -> bool:
        return bool(self.coordinates[self.names.index(name)].get_locked())

    @staticmethod
    def _parent(joint: Any) -> str:
        return str(joint.getParentFrame().findBaseFrame().getName())

    @staticmethod
    def _place(coordinate: Any, state: Any, count: int) -> int:
        """Where a coordinate's speed stands among the solver's; a locked one's too."""
        before = coordinate.getSpeedValue(state)
        coordinate.setSpeedValue(state, before + 1.0)
        speeds = state.getU()
        found = int(np.argmax([speeds.get(k) for k in range(count)]))
        coordinate.setSpeedValue(state, before)
        return found


def _vector(v: Any) -> np.ndarray:
    return np.array([v.get(k) for k in range(3)])

"""A leg of three bodies whose muscle forces and knee reaction can be worked out by hand, as an OpenSim model.

Pelvis on a rail (``pelvis_tx``), femur fixed to it, knee a hinge about z, foot fixed to the tibia, a kneecap coupled to
the knee one to one. Two muscles run straight down behind the knee, at their optimal length where the knee is straight:
their moment arms are the distances ``ARMS``, and their strengths are ``STRENGTHS``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import side_sign
from gaitstudy.io.plates import wrench
from tests.recordings import write_storage

SHANK, MASS, FOOT = 0.40, 3.0, 1.0
"""m, kg, kg; the shank's centre of mass is half way down, the foot's at the ankle."""
TOTAL = MASS + FOOT + 2.001
"""kg, with pelvis, femur and kneecap."""
INERTIA = 0.05
"""kg m^2, of the shank about its centre of mass; the foot is a point."""
ARMS = (0.05, 0.03)
"""m."""
STRENGTHS = (4000.0, 2000.0)
"""N."""
KNEE = 0.5
"""m above the ground's origin, with the pelvis there."""


def write(
    osim: Any,
    path: Path,
    side: str = "right",
    *,
    scale: float = 1.0,
    reserve: float | None = None,
    locked: bool = False,
) -> Path:
    """Write the model. ``scale`` multiplies masses and strengths.

    ``reserve`` (N m): an actuator at the knee that may supply no more than that; without it there is none.
    """
    model, s = osim.Model(), side[0]
    model.setName("tiny")

    def body(name: str, mass: float, inertia: float, centre: float) -> Any:
        made = osim.Body(name, mass * scale, osim.Vec3(0, centre, 0), osim.Inertia(inertia * scale))
        model.addBody(made)
        return made

    pelvis, femur = body("pelvis", 1, 0.1, 0), body(f"femur_{s}", 1, 0.1, 0)
    tibia, foot = body(f"tibia_{s}", MASS, INERTIA, -SHANK / 2), body(f"calcn_{s}", FOOT, 1e-9, 0)
    patella = body(f"patella_{s}", 1e-3, 1e-6, 0)
    zero = osim.Vec3(0)
    rail = osim.SliderJoint("rail", model.getGround(), osim.Vec3(0, KNEE, 0), zero, pelvis, zero, zero)
    hip = osim.WeldJoint(f"hip_{s}", pelvis, zero, zero, femur, zero, zero)
    knee = osim.PinJoint(f"knee_{s}", femur, zero, zero, tibia, zero, zero)
    ankle = osim.WeldJoint(f"ankle_{s}", tibia, osim.Vec3(0, -SHANK, 0), zero, foot, zero, zero)
    cap = osim.PinJoint(f"cap_{s}", femur, zero, zero, patella, zero, zero)
    rail.updCoordinate().setName("pelvis_tx")
    rail.updCoordinate().setDefaultLocked(locked)
    knee.updCoordinate().setName(f"knee_angle_{s}")
    cap.updCoordinate().setName(f"knee_angle_{s}_beta")
    for joint in (rail, hip, knee, ankle, cap):
        model.addJoint(joint)
    coupler = osim.CoordinateCouplerConstraint()
    leaders = osim.ArrayStr()
    leaders.append(f"knee_angle_{s}")
    coupler.setIndependentCoordinateNames(leaders)
    coupler.setDependentCoordinateName(f"knee_angle_{s}_beta")
    coupler.setFunction(osim.LinearFunction(1.0, 0.0))
    model.addConstraint(coupler)
    for k, (arm, strength) in enumerate(zip(ARMS, STRENGTHS, strict=True)):
        muscle = osim.Millard2012EquilibriumMuscle(f"muscle{k}_{s}", strength * scale, 0.2, 0.2, 0.0)
        muscle.addNewPathPoint("origin", femur, osim.Vec3(-arm, 0.3, 0))
        muscle.addNewPathPoint("insertion", tibia, osim.Vec3(-arm, -0.1, 0))
        model.addForce(muscle)
    elsewhere = osim.Millard2012EquilibriumMuscle("elsewhere", 100.0, 0.2, 0.2, 0.0)
    elsewhere.addNewPathPoint("origin", model.getGround(), osim.Vec3(0, KNEE, 0))
    elsewhere.addNewPathPoint("insertion", pelvis, osim.Vec3(0.4, 0, 0))
    model.addForce(elsewhere)
    if reserve is not None:
        motor = osim.CoordinateActuator(f"knee_angle_{s}")
        motor.setName("weak")
        motor.setOptimalForce(reserve)
        motor.setMinControl(-1.0)
        motor.setMaxControl(1.0)
        model.addForce(motor)
    model.finalizeConnections()
    model.printToXML(str(path))
    return path


def still(path: Path, side: str = "right", **columns: float) -> Path:
    """Write 0.4 s of the leg held straight, 100 Hz; ``columns`` put coordinates (rad, m) elsewhere."""
    return moving(path, np.zeros(40), side, **columns)


def moving(path: Path, angle: np.ndarray, side: str = "right", **columns: float) -> Path:
    """Write the leg with a knee angle (rad) over time, 100 Hz, as a motion file."""
    given = {"pelvis_tx": 0 * angle, f"knee_angle_{side[0]}": angle} | columns
    table = pd.DataFrame(given, index=pd.Index(np.arange(len(angle)) / 100, name="time"))
    table.attrs["angles"] = "rad"
    path.unlink(missing_ok=True)
    return write_storage(table, path)


def pressed(force: float, ahead: float, medial: float, side: str = "right", seconds: float = 0.39) -> xr.Dataset:
    """Return a vertical force (N) on the ground, so far ahead of and medial to (m) a straight leg, at 1000 Hz."""
    time = np.arange(round(seconds * 1000) + 1) / 1000
    up = np.broadcast_to([0.0, force, 0.0], (len(time), 1, 3))
    place = np.array([ahead, 0.0, -side_sign(side) * medial])
    return wrench(time, ["1"], up.copy(), np.cross(place, up), np.zeros(1))

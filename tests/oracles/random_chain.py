"""Net joint loads of a random moving foot-shank-thigh chain, from MuJoCo and from OpenSim.

Three rigid segments with random masses, inertias, centre-of-mass and joint offsets move by sums of sines
while a random force and free moment act on the foot at a random point. Each program computes the force
and the moment with which the proximal side acts on the distal segment at the ankle, the knee and the hip,
about the joint centre, in the ground frame (y up), with all generalised forces included.

``run()`` returns one row per instant: everything a Newton-Euler function needs, and the loads of both
programs. ``python tests/oracles/random_chain.py`` writes it to ``data/reference/random_chain.csv``.
It needs mujoco, opensim, numpy and pandas, and nothing of this package.

What to mind, checked against both programs:

- the chain hangs from the thigh (six degrees of freedom at the hip centre), so the hip load is the
  residual of the root; each joint is three hinges about body-fixed x, y, z: speeds are coordinate rates;
- MuJoCo: ``qfrc_inverse`` still holds the applied wrench; the loads are taken from ``cfrc_int`` (which does
  not) and compared with ``qfrc_inverse`` minus the wrench; accelerations include minus gravity;
- OpenSim: the two-argument ``solve`` holds gravity and the applied force, the four-argument one does not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SEED = 20240607
INSTANTS = 40
GRAVITY = np.array([0.0, -9.80665, 0.0])
SEGMENTS = ("thigh", "shank", "foot")  # root first
JOINTS = ("hip", "knee", "ankle")  # the joint that carries the segment of the same rank
XYZ = ("x", "y", "z")
TABLE = Path(__file__).resolve().parents[2] / "data" / "reference" / "random_chain.csv"

Series = dict[str, np.ndarray]


def random_chain(rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return mass (kg), principal inertia (kg m^2), and offsets (m) in segment axes, thigh first.

    ``com``: centre of mass; ``joint``: centre of the joint that carries the segment; ``parent``: the same
    joint in the axes of the segment above (in the ground, for the thigh); all from the segment's origin.
    """
    chain = []
    for name, mass, length, up in zip(SEGMENTS, (8.0, 3.5, 1.1), (0.42, 0.40, 0.2), (0.9, 0.42, 0.40), strict=True):
        radii = length * rng.uniform(0.25, 0.35, 3)  # squared, no one exceeds the sum of the others: a possible body
        chain.append(
            {
                "name": name,
                "mass": mass * rng.uniform(0.7, 1.3),
                "inertia": mass * radii**2,
                "com": rng.normal(0, 0.02, 3) + [0, -0.45 * length, 0],
                "joint": rng.normal(0, 0.02, 3),
                "parent": rng.normal(0, 0.02, 3) + [0, up if name == "thigh" else -up, 0],
            }
        )
    return chain


def sines(rng: np.random.Generator, time: np.ndarray, n: int, amplitude: float) -> tuple[np.ndarray, ...]:
    """Return n random sums of three sines with their first and second derivatives, each (time, n)."""
    a = rng.normal(0, amplitude, (3, 1, n))
    w = 2 * np.pi * rng.uniform(0.3, 1.6, (3, 1, n))
    phase = w * time[None, :, None] + rng.uniform(0, 2 * np.pi, (3, 1, n))
    return (
        (a * np.sin(phase)).sum(axis=0),
        (a * w * np.cos(phase)).sum(axis=0),
        (-a * w**2 * np.sin(phase)).sum(axis=0),
    )


def motion(rng: np.random.Generator, time: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return q, qdot, qddot (time, 12): hip translation (m) and hip, knee, ankle rotations (rad)."""
    shift = sines(rng, time, 3, 0.15)
    turn = sines(rng, time, 9, 0.3)
    q, u, a = (np.concatenate(pair, axis=1) for pair in zip(shift, turn, strict=True))
    return q, u, a


def wrench(rng: np.random.Generator, time: np.ndarray) -> Series:
    """Return force (N), point (m) and free moment (N m) on the foot in ground, each (time, 3)."""
    return {
        "force": sines(rng, time, 3, 150.0)[0] + [20.0, 600.0, -30.0],
        "point": sines(rng, time, 3, 0.1)[0] + [0.05, 0.0, 0.02],
        "moment": sines(rng, time, 3, 8.0)[0],
    }


def numbers(values: np.ndarray) -> str:
    return " ".join(repr(float(v)) for v in values)


def mujoco_model(chain: list[dict[str, Any]]) -> Any:
    """Return the chain as a MuJoCo model: three slides and three hinges at the hip, three hinges below."""
    import mujoco

    body = ""
    for rank, part in reversed(list(enumerate(chain))):
        joints = ""
        if rank == 0:
            joints += "".join(f'<joint type="slide" axis="{numbers(row)}"/>' for row in np.eye(3))
        for row in np.eye(3):
            joints += f'<joint type="hinge" axis="{numbers(row)}" pos="{numbers(part["joint"])}"/>'
        inertia = f'<inertial pos="{numbers(part["com"])}" mass="{part["mass"]!r}" diaginertia="'
        inertia += numbers(part["inertia"]) + '"/>'
        place = numbers(part["parent"] - part["joint"])
        body = f'<body name="{part["name"]}" pos="{place}">{inertia}{joints}{body}</body>'
    xml = (
        '<mujoco><compiler angle="radian"/>'
        f'<option gravity="{numbers(GRAVITY)}"><flag contact="disable"/></option>'
        f"<worldbody>{body}</worldbody></mujoco>"
    )
    return mujoco.MjModel.from_xml_string(xml)


def run_mujoco(
    chain: list[dict[str, Any]], q: np.ndarray, u: np.ndarray, a: np.ndarray, applied: Series
) -> tuple[Series, Series]:
    """Return kinematics and joint loads by MuJoCo's inverse dynamics, arrays (time, k) by column stem."""
    import mujoco

    model = mujoco_model(chain)
    data = mujoco.MjData(model)
    kinematics: dict[str, list[np.ndarray]] = {}
    loads: dict[str, list[np.ndarray]] = {}
    foot = model.body("foot").id
    for k in range(len(q)):
        data.qpos[:], data.qvel[:], data.qacc[:] = q[k], u[k], a[k]
        mujoco.mj_inverse(model, data)  # positions first: the wrench is moved to the foot's centre of mass
        force, free = applied["force"][k], applied["moment"][k]
        data.xfrc_applied[foot, :3] = force
        data.xfrc_applied[foot, 3:] = free + np.cross(applied["point"][k] - data.xipos[foot], force)
        mujoco.mj_inverse(model, data)
        mujoco.mj_rnePostConstraint(model, data)
        generalised = np.zeros(model.nv)
        mujoco.mj_applyFT(model, data, force, free, applied["point"][k], foot, generalised)
        tau = data.qfrc_inverse - generalised
        for rank, (part, joint) in enumerate(zip(chain, JOINTS, strict=True)):
            name, b = part["name"], model.body(part["name"]).id
            rotation = data.xmat[b].reshape(3, 3)
            centre = data.xpos[b] + rotation @ part["joint"]
            velocity, acceleration = np.zeros(6), np.zeros(6)
            mujoco.mj_objectVelocity(model, data, mujoco.mjtObj.mjOBJ_BODY, b, velocity, 0)
            mujoco.mj_objectAcceleration(model, data, mujoco.mjtObj.mjOBJ_BODY, b, acceleration, 0)
            values = {
                "com": data.xipos[b].copy(),
                "r": rotation.ravel().copy(),
                "acc": acceleration[3:] + GRAVITY,
                "omega": velocity[:3],
                "alpha": acceleration[:3],
            }
            for stem, value in values.items():
                kinematics.setdefault(f"{name}_{stem}", []).append(value)
            kinematics.setdefault(f"{joint}_centre", []).append(centre)
            moment, load = data.cfrc_int[b, :3].copy(), data.cfrc_int[b, 3:].copy()
            moment += np.cross(data.subtree_com[model.body_rootid[b]] - centre, load)
            hinges = range(3 + 3 * rank, 6 + 3 * rank)  # both ways of MuJoCo's own must give the same torque
            axes = np.array([data.xaxis[j] for j in hinges])
            if not np.allclose(axes @ moment, tau[list(hinges)], rtol=1e-9, atol=1e-8):
                raise RuntimeError(f"{joint}: cfrc_int gives {axes @ moment}, qfrc_inverse {tau[list(hinges)]}.")
            loads.setdefault(f"{joint}_force", []).append(load)
            loads.setdefault(f"{joint}_moment", []).append(moment)
    return {s: np.array(v) for s, v in kinematics.items()}, {s: np.array(v) for s, v in loads.items()}


def opensim_model(chain: list[dict[str, Any]], time: np.ndarray, applied: Series) -> tuple[Any, list[str]]:
    """Return the chain as an OpenSim model with the wrench and one actuator per coordinate, and their names."""
    import opensim as osim

    model = osim.Model()
    model.setGravity(osim.Vec3(*map(float, GRAVITY)))
    parent: Any = model.getGround()
    names: list[str] = []
    for rank, (part, joint_name) in enumerate(zip(chain, JOINTS, strict=True)):
        inertia = [float(v) for v in part["inertia"]]
        centre = osim.Vec3(*map(float, part["com"]))
        body = osim.Body(part["name"], float(part["mass"]), centre, osim.Inertia(*inertia))
        model.addBody(body)
        transform = osim.SpatialTransform()
        for k in range(6):
            if k >= 3 and rank:
                continue
            name = f"{joint_name}_{'rt'[k >= 3]}{XYZ[k % 3]}"
            axis = getattr(transform, f"upd_{'rotation' if k < 3 else 'translation'}{k % 3 + 1}")()
            axis.setCoordinateNames(osim.ArrayStr(name, 1))
            axis.setAxis(osim.Vec3(*np.eye(3)[k % 3].tolist()))
            axis.set_function(osim.LinearFunction(1.0, 0.0))  # setFunction leaves the axis as it was
        zero = osim.Vec3(0)
        joint = osim.CustomJoint(
            joint_name, parent, osim.Vec3(*map(float, part["parent"])), zero,
            body, osim.Vec3(*map(float, part["joint"])), zero, transform,
        )  # fmt: skip
        model.addJoint(joint)
        parent = body
        rotations = [f"{joint_name}_r{c}" for c in XYZ]
        names += [f"hip_t{c}" for c in XYZ] + rotations if rank == 0 else rotations
    push = osim.PrescribedForce("wrench", model.getBodySet().get("foot"))
    push.setForceIsInGlobalFrame(True)
    push.setPointIsInGlobalFrame(True)
    for setter, key in (("Force", "force"), ("Point", "point"), ("Torque", "moment")):
        functions = []
        for column in applied[key].T:
            f = osim.PiecewiseLinearFunction()
            for t, value in zip(time, column, strict=True):
                f.addPoint(float(t), float(value))
            functions.append(f)
        getattr(push, f"set{setter}Functions")(*functions)
    model.addForce(push)
    for name in names:
        actuator = osim.CoordinateActuator(name)
        actuator.setName(f"{name}_actuator")
        model.addForce(actuator)
    model.finalizeConnections()
    return model, names


def vec(v: Any) -> np.ndarray:
    return np.array([v.get(k) for k in range(3)])


def run_opensim(
    chain: list[dict[str, Any]], time: np.ndarray, q: np.ndarray, u: np.ndarray, a: np.ndarray, applied: Series
) -> tuple[Series, Series]:
    """Return kinematics and joint loads by OpenSim: inverse dynamics drives actuators, then joint reactions."""
    import opensim as osim

    model, names = opensim_model(chain, time, applied)
    state = model.initSystem()
    coordinates = [model.getCoordinateSet().get(n) for n in names]
    actuators = [osim.ScalarActuator.safeDownCast(model.getForceSet().get(f"{n}_actuator")) for n in names]
    place = []  # of each coordinate among the solver's speeds
    for c in coordinates:
        c.setSpeedValue(state, 1.0)
        place.append(int(np.argmax([state.getU().get(j) for j in range(len(names))])))
        c.setSpeedValue(state, 0.0)
    for actuator in actuators:
        actuator.overrideActuation(state, True)
    solver = osim.InverseDynamicsSolver(model)
    kinematics: dict[str, list[np.ndarray]] = {}
    loads: dict[str, list[np.ndarray]] = {}
    for k, t in enumerate(time):
        state.setTime(float(t))
        for c, value, speed in zip(coordinates, q[k], u[k], strict=True):
            c.setValue(state, float(value), False)
            c.setSpeedValue(state, float(speed))
        for actuator in actuators:
            actuator.setOverrideActuation(state, 0.0)
        udot = osim.Vector(len(names), 0.0)
        for j, value in zip(place, a[k], strict=True):
            udot.set(j, float(value))
        model.realizeVelocity(state)
        tau = solver.solve(state, udot)
        for j, actuator in zip(place, actuators, strict=True):
            actuator.setOverrideActuation(state, tau.get(j))
        model.realizeAcceleration(state)
        for part, joint_name in zip(chain, JOINTS, strict=True):
            body = model.getBodySet().get(part["name"])
            com = osim.Vec3(*map(float, part["com"]))
            transform = body.getTransformInGround(state)  # kept: its parts die with it
            rotation = transform.R()
            values = {
                "com": vec(body.findStationLocationInGround(state, com)),
                "r": np.array([rotation.get(i, j) for i in range(3) for j in range(3)]),
                "acc": vec(body.findStationAccelerationInGround(state, com)),
                "omega": vec(body.getAngularVelocityInGround(state)),
                "alpha": vec(body.getAngularAccelerationInGround(state)),
            }
            for stem, value in values.items():
                kinematics.setdefault(f"{part['name']}_{stem}", []).append(value)
            joint = model.getJointSet().get(joint_name)
            kinematics.setdefault(f"{joint_name}_centre", []).append(
                vec(joint.getChildFrame().getPositionInGround(state))
            )
            reaction = joint.calcReactionOnChildExpressedInGround(state)
            loads.setdefault(f"{joint_name}_force", []).append(vec(reaction.get(1)))
            loads.setdefault(f"{joint_name}_moment", []).append(vec(reaction.get(0)))
    return {s: np.array(v) for s, v in kinematics.items()}, {s: np.array(v) for s, v in loads.items()}


def columns(prefix: str, series: Series) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (column name, values), one per component: x, y, z, or 11 to 33 row by row for a matrix."""
    for stem, values in series.items():
        suffixes = [f"_{c}" for c in XYZ] if values.shape[1] == 3 else [f"{i}{j}" for i in (1, 2, 3) for j in (1, 2, 3)]
        for suffix, column in zip(suffixes, values.T, strict=True):
            yield f"{prefix}{stem}{suffix}", column


def largest_difference(one: Series, other: Series) -> float:
    """Return the largest difference between two sets of vectors, relative to each vector's root mean square."""
    return max(
        float(np.abs(one[s] - other[s]).max() / np.sqrt((one[s] ** 2).sum(axis=1).mean())) for s in one
    )  # fmt: skip


def run(seed: int = SEED, instants: int = INSTANTS) -> pd.DataFrame:
    """Return one row per instant: segment kinematics and inertia, external wrench, and both programs' loads.

    Columns: ``time``; ``gravity_*``; ``force_*``, ``force_point_*``, ``free_moment_*`` on the foot; for each
    segment ``_mass``, ``_inertia_*`` (principal, about the centre of mass, in segment axes), ``_com_*``,
    ``_r11`` .. ``_r33`` (segment to ground), ``_acc_*`` (of the centre of mass, without gravity), ``_omega_*``,
    ``_alpha_*``; for each joint ``_centre_*``; ``mujoco_`` and ``opensim_`` + joint + ``_force_*``, ``_moment_*``:
    the load of the proximal side on the distal segment, about the joint centre. All in ground axes, SI units.
    ``attrs``: the largest relative difference of the programs in kinematics and in loads.
    """
    rng = np.random.default_rng(seed)
    time = np.linspace(0.0, 2.0, instants)
    chain = random_chain(rng)
    q, u, a = motion(rng, time)
    applied = wrench(rng, time)
    kinematics, mujoco_loads = run_mujoco(chain, q, u, a, applied)
    same_kinematics, opensim_loads = run_opensim(chain, time, q, u, a, applied)
    table: dict[str, Any] = {"time": time}
    for c, value in zip(XYZ, GRAVITY, strict=True):
        table[f"gravity_{c}"] = np.full(instants, value)
    outside = {"force": applied["force"], "force_point": applied["point"], "free_moment": applied["moment"]}
    table |= dict(columns("", outside))
    for part in reversed(chain):
        table[f"{part['name']}_mass"] = np.full(instants, part["mass"])
        table |= dict(columns("", {f"{part['name']}_inertia": np.tile(part["inertia"], (instants, 1))}))
        own = {s: v for s, v in kinematics.items() if s.startswith(part["name"])}
        table |= dict(columns("", own))
    table |= dict(columns("", {f"{j}_centre": kinematics[f"{j}_centre"] for j in reversed(JOINTS)}))
    for program, loads in (("mujoco_", mujoco_loads), ("opensim_", opensim_loads)):
        table |= dict(columns(program, loads))
    frame = pd.DataFrame(table)
    frame.attrs["kinematics_difference"] = largest_difference(kinematics, same_kinematics)
    frame.attrs["loads_difference"] = largest_difference(mujoco_loads, opensim_loads)
    return frame


def main() -> int:
    """Write the table and print how far the two programs are from each other."""
    frame = run()
    print(f"kinematics: programs within {frame.attrs['kinematics_difference']:.1e} (relative)")
    print(f"loads: programs within {frame.attrs['loads_difference']:.1e} (relative)")
    if frame.attrs["loads_difference"] > 1e-9:
        print("More than 1e-9: no table written.")
        return 1
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    part = TABLE.with_name(TABLE.name + ".part")
    frame.to_csv(part, index=False, float_format="%.17g")
    part.replace(TABLE)
    print(f"{TABLE.name}: {len(frame)} instants, {frame.shape[1]} columns")
    return 0


if __name__ == "__main__":
    sys.exit(main())

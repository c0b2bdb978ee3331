"""Joint moments of the virtual walker by MuJoCo's inverse dynamics, on the same joint centres, axes and forces.

One stride of each knee of two simulated people. Hip, knee and ankle centres, segment axes, heel and toe, and the force
under the foot come from the simulation; from there on everything is made again here: segment masses and inertia from
de Leva's numbers, a chain of three bodies (free at the hip, ball joints at knee and ankle), its coordinates as
quaternions, their rates by MuJoCo's own ``mj_differentiatePos``, and the moments by ``mj_inverse`` less the wrench of
the ground. The package differentiates positions and direction cosines instead, and adds momenta about the lab's origin.

``python tests/oracles/walker_dynamics.py`` writes ``data/reference/walker_dynamics.csv``: ``person, side, time`` (s, on
the simulation's clock), ``kam, kfm`` (N m, external, tibial axes, adduction and flexion positive), ``plantarflexion``
and ``hip_extension`` (N m, internal). It needs mujoco and this package.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.simulate.walker import Walker, simulate

PEOPLE = {
    "plain": Walker(sex="male"),
    "odd": Walker(
        mass=62, height=1.62, sex="female", speed=1.05, foot_progression_angle=2, step_width=0.14, varus=3,
        trunk_lean=6, pressure_shift=0.006, knee_medialisation=0.008, asymmetry=0.08, variability=1, seed=5,
    ),
}  # fmt: skip
INSTANTS = 41
"""Kept of each stride, spread evenly; the comparison in the tests uses them all."""
GRAVITY = 9.80665
JOINTS = ("hip", "knee", "ankle")
SEGMENTS = ("thigh", "shank", "foot")
DE_LEVA = {
    "male": {
        "thigh": (0.1416, 0.4095, (0.329, 0.149, 0.329)),
        "shank": (0.0433, 0.4395, (0.251, 0.102, 0.246)),
        "foot": (0.0137, 0.4415, (0.124, 0.257, 0.245)),
    },
    "female": {
        "thigh": (0.1478, 0.3612, (0.369, 0.162, 0.364)),
        "shank": (0.0481, 0.4352, (0.267, 0.092, 0.263)),
        "foot": (0.0129, 0.4014, (0.139, 0.299, 0.279)),
    },
}
"""Share of body mass; centre of mass from the proximal end (foot: heel), share of length; radii of gyration about the
axes forward, up and sideways, shares of length. de Leva P (1996) J Biomech 29:1223."""
TABLE = Path(__file__).resolve().parents[2] / "data" / "reference" / "walker_dynamics.csv"


def numbers(values: Any) -> str:
    return " ".join(repr(float(v)) for v in values)


def chain(leg: xr.Dataset, walker: Walker) -> Any:
    """Return the leg as a MuJoCo model: lengths and places are means over the recording, the bodies being rigid."""
    import mujoco

    centre = {j: leg["centre"].sel(joint=j).values for j in JOINTS}
    axes = {s: leg["axes"].sel(segment=s).values for s in SEGMENTS}
    heel, toe = leg["heel"].values, leg["toe"].values
    local = {
        name: np.einsum("tda,ta->td", axes[segment], point - centre[joint]).mean(0)
        for name, segment, joint, point in (
            ("knee", "thigh", "hip", centre["knee"]), ("ankle", "shank", "knee", centre["ankle"]),
            ("heel", "foot", "ankle", heel), ("toe", "foot", "ankle", toe),
        )
    }  # fmt: skip
    ends = {
        "thigh": (np.zeros(3), local["knee"]), "shank": (np.zeros(3), local["ankle"]),
        "foot": (local["heel"], local["toe"]),
    }  # fmt: skip
    place = {"thigh": np.zeros(3), "shank": local["knee"], "foot": local["ankle"]}
    body = ""
    for segment in SEGMENTS[::-1]:
        share, along, radii = DE_LEVA[str(walker.sex)][segment]
        start, end = ends[segment]
        mass, length = share * walker.mass, float(np.linalg.norm(end - start))
        inertia = mass * (np.array(radii) * length) ** 2
        joint = "<freejoint/>" if segment == "thigh" else '<joint type="ball"/>'
        body = (
            f'<body name="{segment}" pos="{numbers(place[segment])}">{joint}'
            f'<inertial pos="{numbers(start + along * (end - start))}" mass="{mass!r}" '
            f'diaginertia="{numbers(inertia)}"/>{body}</body>'
        )
    return mujoco.MjModel.from_xml_string(
        f'<mujoco><option gravity="0 {-GRAVITY!r} 0"><flag contact="disable"/></option>'
        f"<worldbody>{body}</worldbody></mujoco>"
    )


def coordinates(leg: xr.Dataset) -> np.ndarray:
    """Return (time, 15): place of the hip, and three quaternions: thigh in the lab, shank in thigh, foot in shank."""
    import mujoco

    columns = {s: np.swapaxes(leg["axes"].sel(segment=s).values, -1, -2) for s in SEGMENTS}
    below = [np.swapaxes(columns[a], -1, -2) @ columns[b] for a, b in (SEGMENTS[:2], SEGMENTS[1:])]
    made = np.empty((leg.sizes["time"], 15))
    made[:, :3] = leg["centre"].sel(joint="hip").values
    for k, turns in enumerate([columns["thigh"], *below]):
        for t, matrix in enumerate(turns):
            mujoco.mju_mat2Quat(made[t, 3 + 4 * k : 7 + 4 * k], np.ascontiguousarray(matrix).ravel())
    return made


def moments(leg: xr.Dataset, loads: xr.Dataset, walker: Walker, side: str) -> pd.DataFrame:
    """Return the four moments at every inner instant of the recording, N m."""
    import mujoco

    model = chain(leg, walker)
    data = mujoco.MjData(model)
    place = coordinates(leg)
    time = leg["time"].values
    step = float(np.diff(time).mean())
    between = np.empty((len(time) - 1, model.nv))  # rates halfway between two instants
    for k in range(len(between)):
        mujoco.mj_differentiatePos(model, between[k], step, place[k], place[k + 1])
    force, moment = (loads[k].sel(plate=side).values for k in ("force", "moment"))
    foot, outwards = model.body("foot").id, 1.0 if side == "right" else -1.0
    rows = []
    for k in range(1, len(time) - 1):
        data.qpos[:], data.qvel[:] = place[k], (between[k - 1] + between[k]) / 2
        data.qacc[:] = (between[k] - between[k - 1]) / step
        mujoco.mj_inverse(model, data)
        ground = np.zeros(model.nv)
        mujoco.mj_applyFT(model, data, force[k], moment[k], np.zeros(3), foot, ground)
        tau = data.qfrc_inverse - ground
        thigh, shank, sole = (data.body(name).xmat.reshape(3, 3) for name in SEGMENTS)
        hip, knee, ankle = thigh @ tau[3:6], tau[6:9], sole @ tau[9:12]  # the knee's: in the shank's own axes
        rows.append((time[k], -outwards * knee[0], knee[2], -(ankle @ shank[:, 2]), -(hip @ thigh[:, 2])))
    return pd.DataFrame(rows, columns=["time", "kam", "kfm", "plantarflexion", "hip_extension"])


def run() -> pd.DataFrame:
    """Return the moments of one stride of every person and side, as stored."""
    tables = []
    for person, walker in PEOPLE.items():
        simulation = simulate(walker, 2)
        for side in ("left", "right"):
            own = simulation.events[(simulation.events["side"] == side)]
            start = float(own.loc[own["event"] == "initial_contact", "time"].iloc[0])
            table = moments(simulation.legs[side], simulation.loads, walker, side)
            stride = table[(table["time"] >= start) & (table["time"] < start + simulation.numbers["stride_time"])]
            kept = stride.iloc[np.linspace(0, len(stride) - 1, INSTANTS).round().astype(int)]
            tables.append(kept.assign(person=person, side=side))
    table = pd.concat(tables, ignore_index=True)
    return table[["person", "side", *table.columns.drop(["person", "side"])]]


def main() -> int:
    """Write the table."""
    table = run()
    part = TABLE.with_name(TABLE.name + ".part")
    table.to_csv(part, index=False, float_format="%.12g")
    part.replace(TABLE)
    sys.stdout.write(f"{TABLE.name}: {len(table)} rows\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

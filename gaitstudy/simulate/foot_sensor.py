"""What an inertial sensor on the virtual walker's foot would record, and the truth behind it.

The foot is rigid; its heel, heading and pitch at the walker's frames are joined by fifth-order splines. The
sensor's turning and acceleration are the derivatives of these: they belong exactly to the path the truth is read from.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from scipy.interpolate import make_interp_spline
from scipy.spatial.transform import Rotation

from gaitstudy.conventions import AXES, GRAVITY, variable
from gaitstudy.simulate.walker import Simulation

PLACE = (0.05, 0.06, 0.03)
"""m; where the sensor sits: ahead of and above the heel, and to the right, in the foot's axes (own choice)."""


def foot_sensor(
    walk: Simulation,
    side: str,
    rate: float = 204.8,
    *,
    mounted: Sequence[float] = (0.0, 0.0, 0.0),
    offset: Sequence[float] = (0.0, 0.0, 0.0),
    noise: tuple[float, float] = (0.0, 0.0),
    seed: int = 0,
) -> xr.Dataset:
    """Return the signals of a sensor on a foot of the virtual walker, who walks on the floor instead of a belt.

    Parameters
    ----------
    walk : of ``simulate.walker.simulate``. side : whose foot. rate : Hz.
    mounted : deg, the rotation vector that takes the foot's axes (forward, up, right) to the sensor's.
    offset : deg/s, of the gyroscope in the sensor's axes. noise : SD of each sample, m/s2 and deg/s. seed : draws it.

    Returns
    -------
    Dataset over (time, axis): ``acceleration`` m/s2 and ``angular_rate`` deg/s in the sensor's axes; ``position`` m, of
    the sensor in the lab, y up; ``forward``, unit vector of the foot's long axis in the lab.
    """
    leg, clock = walk.legs[side], walk.legs[side]["time"].values
    heel, toe = (leg[name].values + np.outer(walk.numbers["speed"] * clock, [1.0, 0, 0]) for name in ("heel", "toe"))
    line = toe - heel
    yaw = np.arctan2(line[:, 2], line[:, 0])
    yaw = (yaw + np.pi / 2) % np.pi - np.pi / 2  # a heel that rises beyond the vertical does not turn the foot round
    rise = np.arctan2(line[:, 1], line[:, 0] * np.cos(yaw) + line[:, 2] * np.sin(yaw))
    pitch = rise - np.median(rise[np.abs(np.gradient(rise)) < 1e-4])  # the markers' own slope: flat is flat
    time = np.arange(int((clock[-1] - clock[0]) * rate)) / rate
    spline = make_interp_spline(clock, np.column_stack([heel, pitch, yaw]), k=5)
    path, change, bend = (spline(clock[0] + time, nu=n) for n in range(3))
    (p, y), (dp, dy), (ddp, ddy) = (values[:, 3:].T for values in (path, change, bend))
    zero, up = np.zeros_like(y), np.array([0.0, 1.0, 0.0])
    ahead = np.stack([np.cos(p) * np.cos(y), np.sin(p), np.cos(p) * np.sin(y)], -1)
    right = np.stack([-np.sin(y), zero, np.cos(y)], -1)
    axes = np.stack([ahead, np.cross(right, ahead), right], 1)
    turning = dp[:, None] * right - dy[:, None] * up
    swung = np.stack([-np.cos(y), zero, -np.sin(y)], -1) * dy[:, None]
    gaining = ddp[:, None] * right + dp[:, None] * swung - ddy[:, None] * up
    arm = np.einsum("d,tda->ta", PLACE, axes)
    force = bend[:, :3] + np.cross(gaining, arm) + np.cross(turning, np.cross(turning, arm)) + GRAVITY * up
    sensor = Rotation.from_rotvec(mounted, degrees=True).as_matrix() @ axes
    rng = np.random.default_rng(seed)
    felt, turned = (
        np.einsum("tsa,ta->ts", sensor, v) + n * rng.standard_normal(v.shape)
        for v, n in zip((force, np.degrees(turning)), noise, strict=True)
    )
    made = {
        "acceleration": (felt, "m/s2", "sensor", "specific force on the foot"),
        "angular_rate": (turned + np.asarray(offset), "deg/s", "sensor", "angular rate of the foot"),
        "position": (path[:, :3] + arm, "m", "lab", "place of the sensor"),
        "forward": (ahead, "1", "lab", "direction of the foot's long axis"),
    }
    signals = xr.Dataset(coords={"time": time, "axis": list(AXES)})
    for name, (v, unit, frame, text) in made.items():
        signals[name] = variable(v, ("time", "axis"), units=unit, frame=frame, long_name=f"simulated {text}")
    return signals

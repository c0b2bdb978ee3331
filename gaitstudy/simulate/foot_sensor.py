"""What an inertial sensor on the virtual walker's foot would record, and the truth behind it.

The foot is rigid; its heel, heading and pitch at the walker's frames are joined by fifth-order splines. The
sensor's turning and acceleration are the derivatives of these: they belong exactly to the path the truth is read from.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from scipy.interpolate import make_interp_spline
from scipy.spatial.transform import Rotation

from gaitstudy.conventions import GRAVITY, SIDES, GaitStudyError, labelled
from gaitstudy.simulate.walker import Simulation

PLACE = (0.05, 0.06, 0.03)
"""m; where the sensor sits: ahead of and above the heel, and to the right, in the foot's axes (own choice)."""


def foot_sensor(
    walk: Simulation,
    side: str,
    rate: float = 204.8,
    *,
    mounted: Sequence[float] = (0.0, 0.0, 0.0),
    heading: float = 0.0,
    offset: Sequence[float] = (0.0, 0.0, 0.0),
    noise: tuple[float, float] = (0.0, 0.0),
    place: Sequence[float] = PLACE,
    limit: float = np.inf,
    seed: int = 0,
) -> xr.Dataset:
    """Return the signals of a sensor on a foot of the virtual walker, who walks on the floor instead of a belt.

    Parameters
    ----------
    walk : of ``simulate.walker.simulate``. side : whose foot. rate : Hz.
    mounted : deg, the rotation vector that takes the foot's axes (forward, up, right) to the sensor's.
    heading : deg, to the right, in which the walker walks.
    offset : deg/s, of the gyroscope in the sensor's axes. noise : SD of each sample, m/s2 and deg/s. seed : draws it.
    place : m, of the sensor, forward of the heel, up and right. limit : m/s2, at which the accelerometer saturates.

    Returns
    -------
    Dataset over (time, axis): ``acceleration`` m/s2 and ``angular_rate`` deg/s in the sensor's axes; ``position`` m, of
    the sensor in the lab, y up; ``forward``, unit vector of the foot's long axis in the lab.

    Raises
    ------
    GaitStudyError : another side, or a rate not above 0.
    """
    if side not in SIDES or not rate > 0:
        raise GaitStudyError(f"foot_sensor: expected side left or right and a rate above 0, found {side!r}, {rate:g}.")
    leg, clock = walk.legs[side], walk.legs[side]["time"].values
    heel, toe = (leg[name].values + np.outer(walk.numbers["speed"] * clock, [1.0, 0, 0]) for name in ("heel", "toe"))
    line = toe - heel
    yaw = np.arctan2(line[:, 2], line[:, 0])
    yaw = (yaw + np.pi / 2) % np.pi - np.pi / 2  # a heel that rises beyond the vertical does not turn the foot round
    rise = np.arctan2(line[:, 1], line[:, 0] * np.cos(yaw) + line[:, 2] * np.sin(yaw))
    pitch = rise - np.median(rise[np.abs(np.gradient(rise)) < 1e-4])  # the markers' own slope: flat is flat
    splines = [make_interp_spline(clock, v, k=5) for v in (heel, pitch, yaw)]
    time = np.arange(int((clock[-1] - clock[0]) * rate)) / rate
    at = [
        [spline.derivative(n)(clock[0] + time) if n else spline(clock[0] + time) for n in range(3)]
        for spline in splines
    ]
    (where, _, moved), (p, dp, ddp), (y, dy, ddy) = at
    axes = _axes(y, p)
    right, zero = axes[:, 2], np.zeros_like(y)
    turning = dp[:, None] * right - dy[:, None] * [0.0, 1.0, 0.0]
    swung = np.stack([-np.cos(y), zero, -np.sin(y)], -1) * dy[:, None]
    gaining = ddp[:, None] * right + dp[:, None] * swung - ddy[:, None] * [0.0, 1.0, 0.0]
    arm = np.einsum("d,tda->ta", np.asarray(place, float), axes)
    force = moved + np.cross(gaining, arm) + np.cross(turning, np.cross(turning, arm)) + [0.0, GRAVITY, 0.0]
    sensor = Rotation.from_rotvec(mounted, degrees=True).as_matrix()
    rng = np.random.default_rng(seed)
    seen = [np.einsum("sd,tda,ta->ts", sensor, axes, v) for v in (force, np.degrees(turning))]
    seen = [v + n * rng.standard_normal(v.shape) for v, n in zip(seen, noise, strict=True)]
    about = Rotation.from_rotvec([0.0, -heading, 0.0], degrees=True)
    made = {
        "acceleration": (np.clip(seen[0], -limit, limit), "m/s2", "sensor", "specific force on the foot"),
        "angular_rate": (seen[1] + np.asarray(offset, float), "deg/s", "sensor", "angular rate of the foot"),
        "position": (about.apply(where + arm), "m", "lab", "place of the sensor"),
        "forward": (about.apply(axes[:, 0]), "1", "lab", "direction of the foot's long axis"),
    }
    return xr.Dataset(
        {
            key: labelled(v, ("time", "axis"), units=u, frame=f, long_name=f"simulated {text}", coords={"time": time})
            for key, (v, u, f, text) in made.items()
        }
    )


def true_strides(signals: xr.Dataset, strides: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return the true length (m) and foot progression angle (deg, toe-out positive) of strides by their flat instants.

    Parameters
    ----------
    signals : of ``foot_sensor``. strides : with ``flat_time, next_flat_time`` s, e.g. ``gait.foot_imu``'s.
    """
    clock = signals["time"].values
    first, last = (
        np.stack([np.interp(strides[c], clock, signals["position"].values[:, a]) for a in (0, 2)], -1)
        for c in ("flat_time", "next_flat_time")
    )
    foot = np.stack([np.interp(strides["flat_time"], clock, signals["forward"].values[:, a]) for a in (0, 2)], -1)
    away = last - first
    angle = np.degrees(np.arctan2(foot[:, 1], foot[:, 0]) - np.arctan2(away[:, 1], away[:, 0]))
    turned = (angle + 180.0) % 360.0 - 180.0
    sign = 1.0 if side == "right" else -1.0
    return pd.DataFrame(
        {"stride_length": np.linalg.norm(away, axis=1), "foot_progression_angle": sign * turned}, index=strides.index
    )


def _axes(yaw: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Return the foot's forward, up and right in the lab, (time, direction, axis); rad to the right and toes up."""
    c, s, level, up = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    ahead, above = np.stack([level * c, up, level * s], -1), np.stack([-up * c, level, -up * s], -1)
    return np.stack([ahead, above, np.stack([-s, 0 * s, c], -1)], 1)

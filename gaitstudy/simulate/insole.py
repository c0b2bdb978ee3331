"""A simulated pressure insole: given a foot's force and where it acts, pressures that add up to both exactly.

How the pressure spreads over the foot is imposed: smooth maps of heel, midfoot, forefoot and toes, each in a medial and
a lateral version, mixed so that force and centre of pressure come out as given.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.interpolate import LinearNDInterpolator

from gaitstudy.conventions import SIDES, variable

FOOT_TYPES = {"normal": 0.35, "flat": 1.0, "high arch": 0.0}
"""How much of the sole under the arch touches the ground, 0-1; imposed, no measured value."""
ROWS, COLUMNS = 17, 7
SOLE = (-0.04, 1.34, 0.23)
"""Rear and front end of the sole and half its width, in heel-to-toe-marker lengths; general knowledge, unsourced."""
STATIONS = (0.02, 0.2, 0.45, 0.75, 1.0, 1.27)
"""Where along the foot the maps have their middles, in the same lengths: heel, arch, forefoot and toes."""
SPREAD = (0.10, 0.07)
"""Width of each map along and across, in the same lengths; imposed."""
LOADED = 50.0
"""N; how far the centre was moved to fit the sole is told for forces above it."""
SIDEWAYS = 0.24
"""Distance of the medial and lateral versions from the foot's axis, in the same lengths; imposed."""


def _layout(length: float, foot_type: str) -> tuple[np.ndarray, float]:
    """Return the sensors of one insole.

    Parameters
    ----------
    length : m, from heel to toe marker. foot_type : one of ``FOOT_TYPES``.

    Returns
    -------
    position m, (sensor, 2), along from the heel and medial positive; area m2, of each sensor.
    """
    rear, front, half = (length * v for v in SOLE)
    step = np.array([(front - rear) / ROWS, 2 * half / COLUMNS])
    along, across = np.meshgrid(
        rear + (np.arange(ROWS) + 0.5) * step[0], -half + (np.arange(COLUMNS) + 0.5) * step[1], indexing="ij"
    )
    middle, reach = (front + rear) / 2, (front - rear) / 2
    inside = (np.abs((along - middle) / reach) ** 4 + np.abs(across / half) ** 4) <= 1.0
    arch = (along > 0.3 * length) & (along < 0.62 * length) & (across > 0)
    touched = ~(arch & (across > half * FOOT_TYPES[foot_type]))
    return np.stack([along, across], -1)[inside & touched], float(step.prod())


def _pressures(
    force: np.ndarray, centre: np.ndarray, position: np.ndarray, area: float, length: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pressure on every sensor, and how far the centre of pressure had to be moved to fit the sole.

    Parameters
    ----------
    force : N, (time,). centre : m, (time, 2), in the foot. position : m, (sensor, 2). area : m2. length : m.

    Returns
    -------
    kPa, (time, sensor); m, (time,), 0 where the given centre is met exactly.

    Notes
    -----
    Between three maps a pressure is the mean that their own centres of pressure ask for (barycentric interpolation),
    so its centre is the one given.
    """
    middles = length * np.stack(np.meshgrid(STATIONS, (-SIDEWAYS, 0.0, SIDEWAYS), indexing="ij"), -1).reshape(-1, 2)
    apart = (position - middles[:, None]) / (length * np.array(SPREAD))
    maps = np.exp(-0.5 * (apart**2).sum(-1))
    maps /= maps.sum(-1, keepdims=True)
    own = maps @ position
    widest = 0.98 * np.abs(own[[0, 2], 1]).min()
    met = np.clip(centre, [own[1, 0], -widest], [own[-2, 0], widest])
    share = LinearNDInterpolator(own, maps)(met)
    outside = np.isnan(share).any(1)
    share[outside] = maps[np.argmin(np.linalg.norm(met[outside, None] - own, axis=-1), axis=1)]
    return share * (force / area / 1000)[:, None], np.linalg.norm(share @ position - centre, axis=-1)


def insole_samples(
    time: np.ndarray, force: np.ndarray, centre: np.ndarray, length: float, foot_type: str
) -> xr.Dataset:
    """Return both insoles as ``io.insoles`` gives them.

    Parameters
    ----------
    time : s. force : N, (side, time). centre : m, (side, time, 2). length : m. foot_type : see ``FOOT_TYPES``.

    Returns
    -------
    Dataset ``pressure`` kPa, (time, side, sensor), ``area`` m2, (side, sensor), ``position`` m, (side, sensor,
    foot_axis). ``attrs["centre_moved"]``: m, by how much at most a centre of pressure had to be moved to fit the sole.
    """
    position, area = _layout(length, foot_type)
    made = [_pressures(force[k], centre[k], position, area, length) for k in (0, 1)]
    moved = max(float((away * (load > LOADED)).max()) for (_, away), load in zip(made, force, strict=True))
    given = {
        "pressure": (np.stack([pressure for pressure, _ in made], 1), ("time", "side", "sensor"), "kPa", "pressure"),
        "area": (np.full((2, len(position)), area), ("side", "sensor"), "m2", "sensor area"),
        "position": (np.stack([position] * 2), ("side", "sensor", "foot_axis"), "m", "sensor position: from the heel"),
    }
    coords = {"sensor": np.arange(len(position)) + 1, "foot_axis": ["along", "across"]}
    samples = xr.Dataset(coords={"time": time, "side": list(SIDES)} | coords, attrs={"centre_moved": moved})
    for name, (values, dims, unit, text) in given.items():
        frame = "foot" if name == "position" else None
        samples[name] = variable(values, dims, units=unit, frame=frame, long_name=f"simulated {text}")
    return samples

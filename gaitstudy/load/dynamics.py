"""Segment inertia and the Newton-Euler equations, for all frames at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from gaitstudy.conventions import AXES, GRAVITY, GaitStudyError, pick, require_positive, variable
from gaitstudy.gait.signals import sampling_rate
from gaitstudy.load.skeleton import SEGMENTS

# share of body mass; centre of mass from the proximal end, share of length; radii of gyration about the centre of
# mass: about the forward, long and sideways axis, shares of length
DE_LEVA: dict[str, dict[str, tuple[float, ...]]] = {
    "male": {
        "foot": (0.0137, 0.4415, 0.124, 0.257, 0.245),
        "shank": (0.0433, 0.4395, 0.251, 0.102, 0.246),
        "thigh": (0.1416, 0.4095, 0.329, 0.149, 0.329),
    },
    "female": {
        "foot": (0.0129, 0.4014, 0.139, 0.299, 0.279),
        "shank": (0.0481, 0.4352, 0.267, 0.092, 0.263),
        "thigh": (0.1478, 0.3612, 0.369, 0.162, 0.364),
    },
}
DEMPSTER_WINTER: dict[str, tuple[float, ...]] = {
    "foot": (0.0145, 0.500, 0.475, 0.475, 0.475),
    "shank": (0.0465, 0.433, 0.302, 0.302, 0.302),
    "thigh": (0.100, 0.433, 0.323, 0.323, 0.323),
}


def inertia_table(table: str = "de_leva", sex: str | None = None) -> dict[str, tuple[float, ...]]:
    """Return mass share, centre-of-mass share and three radii of gyration (x, y, z) of foot, shank and thigh.

    Parameters
    ----------
    table : ``"de_leva"`` (by sex; the mean of both without one) or ``"dempster_winter"``.
    sex : ``"male"``, ``"female"`` or None.

    Returns
    -------
    Five numbers by segment, without unit: the first a share of body mass, the others shares of the segment's length.

    Raises
    ------
    GaitStudyError : another table or sex.

    Notes
    -----
    De Leva's foot ends at the tip of the toes; where only the second metatarsal head is known, its length, and with it
    the foot's inertia, comes out short. Dempster and Winter give one radius, across the segment; it stands here for the
    long axis as well.

    References
    ----------
    de Leva P (1996) J Biomech 29:1223, doi 10.1016/0021-9290(95)00178-6;
    Winter DA (2009) Biomechanics and Motor Control of Human Movement, 4th ed., table 4.1.
    """
    if table == "dempster_winter":
        return DEMPSTER_WINTER
    if table != "de_leva" or sex not in (None, *DE_LEVA):
        raise GaitStudyError(
            "segment inertia: expected 'de_leva' with sex male, female or None, or 'dempster_winter'; "
            f"found {table!r} and {sex!r}."
        )
    if sex is not None:
        return DE_LEVA[sex]
    male, female = DE_LEVA["male"], DE_LEVA["female"]
    return {s: tuple((a + b) / 2 for a, b in zip(male[s], female[s], strict=True)) for s in SEGMENTS}


def _segment_inertia(
    segment: str, mass: float, length: float, table: str = "de_leva", sex: str | None = None
) -> tuple[float, float, np.ndarray]:
    """Return one segment's mass, the distance of its centre of mass from the proximal end, and central inertia.

    Parameters
    ----------
    segment : foot, shank or thigh. mass : kg, of the person. length : m, of the segment (foot: heel to toe).

    Returns
    -------
    kg, m, and kg m^2 about the forward, long and sideways axis (foot: forward is its long axis), (3,).

    Examples
    --------
    >>> m, c, inertia = _segment_inertia("shank", 80, 0.40, sex="male")
    >>> round(m, 4), round(c, 5), inertia.round(6).tolist()
    (3.464, 0.1758, [0.034918, 0.005766, 0.03354])
    """
    require_positive(mass, "mass", "kg", 2, 350)
    share, centre, *radii = inertia_table(table, sex)[segment]
    own = share * mass
    return own, centre * length, own * (np.array(radii) * length) ** 2


def _differentiate(values: np.ndarray, rate: float) -> np.ndarray:
    """Return the central-difference derivative along the first axis, per s (rate in Hz); gaps spread by one sample."""
    return np.gradient(values, axis=0) * rate


def _second_derivative(values: np.ndarray, rate: float) -> np.ndarray:
    """Return the second derivative along the first axis, per s^2, from three samples; both ends repeat theirs."""
    result = np.empty_like(values)
    result[1:-1] = (values[2:] - 2 * values[1:-1] + values[:-2]) * rate**2
    result[0], result[-1] = result[1], result[-2]
    return result


def _angular_velocity(axes: np.ndarray, rate: float) -> np.ndarray:
    """Return the angular velocity of segment axes in the lab frame.

    Parameters
    ----------
    axes : (time, ..., direction, axis), rows are the segment's axes. rate : Hz.

    Returns
    -------
    rad/s, (time, ..., axis): half the sum of each axis crossed with its own rate of change.
    """
    return 0.5 * np.cross(axes, _differentiate(axes, rate)).sum(-2)


class ChainMotion(NamedTuple):
    """How the segments of a chain move, distal to proximal, in the lab frame, each (time, segment, axis).

    ``axes`` (time, segment, direction, axis), rows are the segment's axes; ``centre_of_mass`` m and its
    ``acceleration`` m/s^2; ``angular_velocity`` rad/s and ``angular_acceleration`` rad/s^2; ``proximal`` m, the joint
    at the upper end of each.
    """

    axes: np.ndarray
    centre_of_mass: np.ndarray
    acceleration: np.ndarray
    angular_velocity: np.ndarray
    angular_acceleration: np.ndarray
    proximal: np.ndarray


def newton_euler(
    mass: np.ndarray,
    inertia: np.ndarray,
    motion: ChainMotion,
    external_force: np.ndarray,
    external_moment: np.ndarray,
    gravity: float = GRAVITY,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the load each segment of a chain receives at its proximal joint, from the foot upwards.

    Parameters
    ----------
    mass : kg, (segment,), distal to proximal. inertia : kg m^2 about each segment's own axes, (segment, 3).
    external_force : N, (time, axis), on the first segment. external_moment : N m about the lab origin.
    gravity : m/s^2, downwards along y.

    Returns
    -------
    force, moment : N and N m, (time, segment, axis), lab frame, acting on the segment at its proximal joint.

    Notes
    -----
    Momentum balance of all segments up to a joint, taken about the lab origin: what gravity and the ground do not
    supply, the joint must. A running sum over segments replaces the usual recursion from joint to joint; within a
    segment every component is one array over all frames.

    References
    ----------
    Winter DA (2009) Biomechanics and Motor Control of Human Movement, 4th ed., ch. 7.
    """
    forces, moments = np.empty(motion.proximal.shape), np.empty(motion.proximal.shape)
    force, moment = -_by_component(external_force), -_by_component(external_moment)
    for k, own in enumerate(inertia):
        rows = np.ascontiguousarray(motion.axes[:, k].transpose(1, 2, 0))
        spin, spin_up, com, joint = (
            _by_component(v[:, k])
            for v in (motion.angular_velocity, motion.angular_acceleration, motion.centre_of_mass, motion.proximal)
        )
        needed = _by_component(motion.acceleration[:, k])
        needed[1] += gravity
        needed *= mass[k]
        momentum, torque = (
            np.einsum("dat,dt->at", rows, np.einsum("dat,at->dt", rows, v) * own[:, None]) for v in (spin, spin_up)
        )
        force = force + needed
        moment = moment + torque + _cross(spin, momentum) + _cross(com, needed)
        forces[:, k], moments[:, k] = force.T, (moment - _cross(joint, force)).T
    return forces, moments


def _by_component(vectors: np.ndarray) -> np.ndarray:
    """Return a copy of (time, axis) with each component in one piece of memory: (axis, time)."""
    return np.array(vectors.T, dtype=float, order="C")


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross product of (axis, time) arrays, two to five times as fast as ``np.cross`` on (time, axis)."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def require_same_times(leg: xr.Dataset, loads: xr.Dataset) -> None:
    """Refuse ground reactions whose times (s) are not the leg's.

    Raises
    ------
    GaitStudyError : more or fewer samples, or times that differ by more than a microsecond.
    """
    own, other = leg["time"].values, loads["time"].values
    if own.shape != other.shape or not np.allclose(own, other, rtol=0, atol=1e-6):
        raise GaitStudyError(
            f"knee load: expected forces on the markers' {len(own)} times, found {len(other)} samples, "
            f"{other[0]:g}-{other[-1]:g} s. Use gait.signals.resample first."
        )


def leg_loads(
    leg: xr.Dataset,
    loads: xr.Dataset,
    plate: str,
    mass: float,
    *,
    table: str = "de_leva",
    sex: str | None = None,
    inertia: dict[str, tuple[float, float, np.ndarray]] | None = None,
) -> xr.Dataset:
    """Return the net force and moment at ankle, knee and hip by inverse dynamics of one leg.

    Parameters
    ----------
    leg : dataset of ``skeleton``. loads : ground reactions on the same times; plate : the one under this foot.
    mass : kg, of the person. table, sex : of ``_segment_inertia``.
    inertia : by segment, instead of the table's: mass (kg), distance of the centre of mass from the proximal end
        (m; foot: from the heel), central inertia (kg m^2, x y z).

    Returns
    -------
    Dataset ``force`` (N) and ``moment`` (N m), (time, joint, axis), lab frame: what the body above the joint does to
    the segment below (internal). The external moment is its negative.

    Raises
    ------
    GaitStudyError : an impossible mass, or times that are not the leg's.
    """
    time = leg["time"].values
    require_same_times(leg, loads)
    rate = sampling_rate(time)
    hip, knee, ankle = (pick(leg["centre"], joint=j) for j in ("hip", "knee", "ankle"))
    heel, toe = leg["heel"].values, leg["toe"].values
    ends = {"foot": (heel, toe), "shank": (knee, ankle), "thigh": (hip, knee)}
    used = SEGMENTS if np.isfinite(hip).any() else SEGMENTS[:2]
    parts, centres = [], []
    for segment in used:
        start, end = ends[segment]
        length = float(np.nanmean(np.linalg.norm(end - start, axis=-1)))
        own = inertia[segment] if inertia else _segment_inertia(segment, mass, length, table, sex)
        parts.append(own)
        centres.append(start + own[1] / length * (end - start))
    com = np.stack(centres, 1)
    axes = np.stack([pick(leg["axes"], segment=s) for s in used], 1)
    turning = _angular_velocity(axes, rate)
    joints = np.stack([ankle, knee, hip][: len(used)], 1)
    motion = ChainMotion(axes, com, _second_derivative(com, rate), turning, _differentiate(turning, rate), joints)
    push, free = (pick(loads[kind], plate=plate) for kind in ("force", "moment"))
    masses, inertias = np.array([part[0] for part in parts]), np.stack([part[2] for part in parts])
    force, moment = newton_euler(masses, inertias, motion, push, free)
    dims = ("time", "joint", "axis")
    return xr.Dataset(
        {
            "force": variable(force, dims, units="N", frame="lab", long_name="net joint force"),
            "moment": variable(moment, dims, units="N m", frame="lab", long_name="net joint moment"),
        },
        {"time": time, "joint": ["ankle", "knee", "hip"][: len(used)], "axis": list(AXES)},
        attrs={"side": leg.attrs["side"], "inertia": "given" if inertia else table},
    )

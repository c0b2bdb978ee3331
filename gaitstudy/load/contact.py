"""What each side of the knee carries: medial and lateral contact force by several estimators.

``reduced`` and ``lab_regression`` take ``contact_inputs``, ``two_condyle`` takes ``joint_reactions``. The constants of
each, with range and source, stand in ``data/published/contact_constants.csv``.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import GRAVITY, GaitStudyError, pick, require_positive, require_units, side_sign, variable
from gaitstudy.io import catalogue
from gaitstudy.load.knee import leg_loads

Curve = TypeVar("Curve", float, np.ndarray, xr.DataArray)
QUANTITIES = {
    "medial_contact_force": ("N", "medial contact force, compression positive"),
    "lateral_contact_force": ("N", "lateral contact force, compression positive"),
    "total_contact_force": ("N", "total contact force, compression positive"),
    "leftover_moment": ("N m", "frontal moment left to soft tissue after lift-off, adduction positive"),
}
CONSTANTS = pd.read_csv(catalogue.data_folder() / "published" / "contact_constants.csv").set_index("name")
"""By name: the ``estimators`` that stand on it, ``value`` in ``unit``, the range ``low`` to ``high`` over which its
effect is shown, ``meaning``, ``source``."""
CONDYLE_DISTANCE = float(CONSTANTS.loc["condyle_distance", "value"])
"""m; between the medial and the lateral contact."""


def contact_inputs(
    leg: xr.Dataset, loads: xr.Dataset, plate: str, mass: float, *, sex: str | None = None
) -> xr.Dataset:
    """Return all that the estimators take from one leg on one plate, by inverse dynamics.

    Parameters
    ----------
    leg : dataset of ``skeleton``. loads : ground reactions on the same times. plate : the one under this foot.
    mass : kg. sex : of the segment inertia, see ``knee.leg_loads``.

    Returns
    -------
    Dataset over (time,): ``knee_adduction_moment``, ``knee_flexion_moment`` (external, N m, tibial frame);
    ``ankle_plantarflexion_moment``, ``hip_extension_moment`` (internal, N m, about the sideways axis of shank and
    thigh); ``axial_force`` (N, external: what would press along the shank's long axis at the knee without any muscle,
    compression positive); ``vertical_force`` (N, of the ground, upward positive); ``knee_flexion_angle`` (deg).
    Without a hip centre the hip's moment and the angle are NaN.

    Raises
    ------
    GaitStudyError : an impossible mass, or forces on other times.
    """
    net = leg_loads(leg, loads, plate, mass, sex=sex)
    shank, thigh = (pick(leg["axes"], segment=s) for s in ("shank", "thigh"))
    ankle, knee = (pick(net["moment"], joint=j) for j in ("ankle", "knee"))
    hip = pick(net["moment"], joint="hip") if "hip" in net["joint"].values else np.full_like(knee, np.nan)

    def along(values: np.ndarray, axis: np.ndarray) -> np.ndarray:
        return np.einsum("ta,ta->t", values, axis)

    flexion = np.arctan2(along(shank[:, 1], thigh[:, 0]), along(shank[:, 1], thigh[:, 1]))
    push = pick(loads["force"], plate=plate, axis="y")
    curves = {
        "knee_adduction_moment": (
            side_sign(leg.attrs["side"]) * along(-knee, shank[:, 0]), "N m", "tibia", "external knee adduction moment",
        ),
        "knee_flexion_moment": (-along(-knee, shank[:, 2]), "N m", "tibia", "external knee flexion moment"),
        "ankle_plantarflexion_moment": (
            -along(ankle, shank[:, 2]), "N m", "shank", "internal ankle plantarflexion moment",
        ),
        "hip_extension_moment": (-along(hip, thigh[:, 2]), "N m", "thigh", "internal hip extension moment"),
        "axial_force": (
            -along(pick(net["force"], joint="knee"), shank[:, 1]), "N", "tibia",
            "external axial force at the knee, compression positive",
        ),
        "vertical_force": (push, "N", "lab", "vertical ground reaction, upward positive"),
        "knee_flexion_angle": (np.degrees(flexion), "deg", "thigh", "knee flexion angle"),
    }  # fmt: skip
    return xr.Dataset(
        {
            name: variable(values, ("time",), units=units, frame=frame, long_name=label)
            for name, (values, units, frame, label) in curves.items()
        },
        {"time": leg["time"].values},
        attrs={"side": leg.attrs["side"]},
    )


def joint_reactions(time: np.ndarray, force: np.ndarray, moment: np.ndarray, side: str) -> xr.Dataset:
    """Return a musculoskeletal model's knee reaction as ``two_condyle`` takes it.

    Parameters
    ----------
    time : s. force, moment : N and N m, (time, axis): what the femur does to the tibia, muscles included, about the
        knee centre, in the tibia's own axes (x forward, y along the shank, z to the walker's right). side : which knee.

    Returns
    -------
    Dataset over (time,): ``axial_force`` (N, compression positive) and ``frontal_moment`` (N m, positive where it
    presses the medial side, as an external adduction moment does).

    References
    ----------
    OpenSim's joint reactions, as its documentation defines them.
    """
    axial, frontal = -force[:, 1], -side_sign(side) * moment[:, 0]
    texts = ("axial knee reaction with muscles, compression positive",
             "frontal knee reaction moment with muscles, medial compression positive")  # fmt: skip
    curves = {
        "axial_force": variable(axial, ("time",), units="N", frame="tibia", long_name=texts[0]),
        "frontal_moment": variable(frontal, ("time",), units="N m", frame="tibia", long_name=texts[1]),
    }
    return xr.Dataset(curves, {"time": time}, attrs={"side": side})


def _split_frontal(
    axial: np.ndarray, moment: np.ndarray, condyle_distance: float, soft_tissue_offset: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share an axial force (N) and a frontal moment (N m) between two contacts that can press but not pull.

    Parameters
    ----------
    axial : compression positive; a pull (negative) is left to soft tissue, no contact carries it.
    moment : about the knee centre, positive where it presses the medial side.
    condyle_distance, soft_tissue_offset : m; between the contacts, and from the lifted contact outwards to the tissue
        that takes over.

    Returns
    -------
    medial, lateral : N, never negative. leftover : N m, the part of the moment that the contacts cannot carry once one
    side lifts off: positive where the lateral, negative where the medial side does. The tissue's tension presses the
    other side as well, so that medial + lateral exceeds ``axial`` then.

    References
    ----------
    Schipplein OD, Andriacchi TP (1991) J Orthop Res 9:113, doi 10.1002/jor.1100090114 (idea; not seen).

    Examples
    --------
    >>> [float(v) for v in _split_frontal(1750.0, 20.0, 0.04, 0.02)]
    [1375.0, 375.0, 0.0]
    """
    pressing = np.maximum(axial, 0.0)
    carried = pressing * condyle_distance / 2
    leftover = moment - np.clip(moment, -carried, carried)
    tension = leftover / (condyle_distance + soft_tissue_offset)
    even, turning = pressing / 2, (moment - leftover) / condyle_distance
    medial = np.maximum(even + turning, 0.0) + np.maximum(tension, 0.0)
    return medial, np.maximum(even - turning, 0.0) + np.maximum(-tension, 0.0), leftover


def quadriceps_arm(flexion: Curve) -> Curve:
    """Return the effective lever arm of the quadriceps at the knee, m, by knee flexion, deg, of any shape.

    References
    ----------
    van Eijden TMGJ et al. (1986) J Biomech 19:219, as public code cites it; the paper was not seen.

    Examples
    --------
    >>> [round(float(v), 5) for v in quadriceps_arm(np.array([0.0, 30.0, 60.0]))]
    [0.046, 0.04486, 0.03328]
    """
    return 8e-8 * flexion**3 - 1.3e-5 * flexion**2 + 2.8e-4 * flexion + 0.046


def reduced(inputs: xr.Dataset, **constants: float) -> xr.Dataset:
    """Estimate contact forces with three muscles that carry stated shares of the ankle's, knee's and hip's moments.

    The gastrocnemius makes a fixed share of the plantarflexion moment, the hamstrings one of the hip's extension
    moment; quadriceps (or more hamstrings) balance what is left of the knee's flexion moment. All press the joint
    along the shank; none turns it in the frontal plane.

    Parameters
    ----------
    inputs : dataset of ``contact_inputs``, with a hip. constants : those of ``CONSTANTS`` to change, by name.

    Returns
    -------
    Dataset over (time,): ``medial_contact_force``, ``lateral_contact_force``, ``total_contact_force`` (N, compression
    positive) and ``leftover_moment`` (N m, what contacts cannot carry).

    Raises
    ------
    KeyError : inputs that lack something. GaitStudyError : no hip centre.

    References
    ----------
    This project's own model; constants, ranges and sources: ``data/published/contact_constants.csv``.
    """
    adduction, flexion, ankle, hip, external, angle = _take(
        inputs, knee_adduction_moment="N m", knee_flexion_moment="N m", ankle_plantarflexion_moment="N m",
        hip_extension_moment="N m", axial_force="N", knee_flexion_angle="deg",
    )  # fmt: skip
    if not np.isfinite(hip).any():
        raise GaitStudyError("reduced: expected a hip moment, found no hip centre. Add pelvic markers to the map.")
    c = _values("reduced", constants)
    gastrocnemius = c.gastrocnemius_share * np.maximum(ankle, 0.0) / c.ankle_arm
    hamstrings = c.hamstrings_share * np.maximum(hip, 0.0) / c.hip_arm
    need = flexion + gastrocnemius * c.gastrocnemius_arm + hamstrings * c.hamstrings_arm
    quadriceps = np.maximum(need, 0.0) / quadriceps_arm(angle)
    hamstrings = hamstrings + np.maximum(-need, 0.0) / c.hamstrings_arm
    axial = external + quadriceps + gastrocnemius + hamstrings
    return _forces(inputs, *_split_frontal(axial, adduction, c.condyle_distance, c.soft_tissue_offset))


def two_condyle(inputs: xr.Dataset, **constants: float) -> xr.Dataset:
    """Share the knee reaction of a musculoskeletal model, muscles included, between two contacts.

    Parameters
    ----------
    inputs : dataset of ``joint_reactions``; external loads, without muscle force, lack its frontal moment.
    constants : ``condyle_distance, soft_tissue_offset``, m, to change them; see ``CONSTANTS``.

    Returns
    -------
    See ``reduced``; forces in N, the moment in N m.

    References
    ----------
    Balance of force and frontal moment over two contacts; public OpenCap code has it with 40 mm, citing Lerner 2015
    (not seen).
    """
    c = _values("two_condyle", constants)
    axial, moment = _take(inputs, axial_force="N", frontal_moment="N m")
    return _forces(inputs, *_split_frontal(axial, moment, c.condyle_distance, c.soft_tissue_offset))


def lab_regression(inputs: xr.Dataset, mass: float, height: float, *, fade: bool = True) -> xr.Dataset:
    """Estimate the medial contact force from knee moments by the regression of the trial's lab.

    Parameters
    ----------
    inputs : dataset of ``contact_inputs``. mass : kg. height : m.
    fade : multiply the constant by the vertical ground reaction in body weights, at most 1. The regression was made
        for stance; unfaded it puts .83 BW into swing. The fading is this project's, not the lab's.

    Returns
    -------
    See ``reduced``. The source gives the medial force only: lateral, total and leftover are NaN. Negative medial
    values become zero and are counted in ``attrs["below_zero"]``.

    Raises
    ------
    UnitError : an impossible mass or height. KeyError : inputs without knee moments.

    References
    ----------
    The released code of the trial's laboratory, which cites Manal K and others (2015) Osteoarthritis Cartilage 23:1107
    and Walter 2010; the tables of those papers were not seen.
    """
    adduction, flexion, vertical = _take(
        inputs, knee_adduction_moment="N m", knee_flexion_moment="N m", vertical_force="N"
    )
    weight = require_positive(mass, "mass", "kg", 2, 350) * GRAVITY
    percent = 100 / (weight * require_positive(height, "height", "m", 0.5, 2.6))
    share = np.clip(vertical / weight, 0.0, 1.0) if fade else 1.0
    c = _values("lab_regression", {})
    medial = weight * (
        c.adduction_weight * percent * adduction + c.flexion_weight * percent * np.abs(flexion) + c.constant * share
    )
    nothing = np.full_like(medial, np.nan)
    return _forces(inputs, np.maximum(medial, 0.0), nothing, nothing).assign_attrs(below_zero=int((medial < 0).sum()))


def _values(estimator: str, changed: dict[str, float]) -> SimpleNamespace:
    """The constants of one estimator, some of them changed."""
    values = CONSTANTS.loc[CONSTANTS["estimators"].str.contains(estimator), "value"].to_dict()
    if unknown := ", ".join(set(changed) - set(values)):
        raise TypeError(f"{estimator}: expected constants {', '.join(values)}, found {unknown}.")
    return SimpleNamespace(**(values | changed))


def _take(inputs: xr.Dataset, **units: str) -> list[np.ndarray]:
    """The values of the named curves, their units checked."""
    return [require_units(inputs[name], unit, name).values for name, unit in units.items()]


def _forces(inputs: xr.Dataset, medial: np.ndarray, lateral: np.ndarray, leftover: np.ndarray) -> xr.Dataset:
    dims = tuple(map(str, next(iter(inputs.values())).dims))
    values = zip(QUANTITIES.items(), (medial, lateral, medial + lateral, leftover), strict=True)
    return xr.Dataset(
        {
            name: variable(curve, dims, units=units, frame="tibia", long_name=label)
            for (name, (units, label)), curve in values
        },
        {name: inputs[name] for name in dims if name in inputs.coords},
        attrs={"side": inputs.attrs.get("side", "")},
    )

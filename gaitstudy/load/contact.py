"""What each side of the knee carries: medial and lateral contact force by several estimators behind one signature.

An estimator is one function here, under ``@_estimator``: its label, its constants with range and source, what it takes,
and the error that it was allowed beforehand stand above it. Tables and figures go through ``ESTIMATORS``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from gaitstudy.conventions import GRAVITY, GaitStudyError, pick, require_positive, require_units, side_sign, variable
from gaitstudy.load.knee import express, leg_loads

Estimate = Callable[..., xr.Dataset]
EXTERNAL = "external"
"""``attrs["loads"]`` of inputs without muscle force; joint reactions, which include it, say something else."""
QUANTITIES = {
    "medial_contact_force": ("N", "medial contact force, compression positive"),
    "lateral_contact_force": ("N", "lateral contact force, compression positive"),
    "total_contact_force": ("N", "total contact force, compression positive"),
    "leftover_moment": ("N m", "frontal moment left to soft tissue after lift-off, adduction positive"),
}


def contact_inputs(
    leg: xr.Dataset, loads: xr.Dataset, plate: str, mass: float, *, table: str = "de_leva", sex: str | None = None,
    net: xr.Dataset | None = None,
) -> xr.Dataset:  # fmt: skip
    """Return all that the estimators take from one leg on one plate, by inverse dynamics.

    Parameters
    ----------
    leg : dataset of ``skeleton``. loads : ground reactions on the same times. plate : the one under this foot.
    mass : kg. table, sex : of the segment inertia, see ``knee.leg_loads``. net : what ``knee.leg_loads`` makes of all
        these, where it is at hand.

    Returns
    -------
    Dataset over (time,): ``knee_adduction_moment``, ``knee_flexion_moment`` (external, N m, tibial frame);
    ``ankle_plantarflexion_moment``, ``hip_extension_moment`` (internal, N m, about the sideways axis of shank and
    thigh); ``axial_force`` (N, external: what would press along the shank's long axis at the knee without any muscle,
    compression positive); ``vertical_force`` (N, of the ground, upward positive); ``knee_flexion_angle`` (deg).
    Without a hip centre the hip's moment and the angle are NaN. ``attrs["loads"]`` is ``"external"``.

    Raises
    ------
    GaitStudyError : an impossible mass, or forces on other times.
    """
    net = leg_loads(leg, loads, plate, mass, table=table, sex=sex) if net is None else net
    force, moment = net["force"], net["moment"]
    shank, thigh = (pick(leg["axes"], segment=s) for s in ("shank", "thigh"))
    moments = express(-pick(moment, joint="knee"), leg, "tibia", "inverse dynamics")

    def along(values: np.ndarray, axis: np.ndarray) -> np.ndarray:
        return np.einsum("ta,ta->t", values, axis)

    hip = np.full(len(shank), np.nan)
    if "hip" in net["joint"].values:
        hip = -along(pick(moment, joint="hip"), thigh[:, 2])
    flexion = np.arctan2(along(shank[:, 1], thigh[:, 0]), along(shank[:, 1], thigh[:, 1]))
    made = {
        "ankle_plantarflexion_moment": (
            -along(pick(moment, joint="ankle"), shank[:, 2]), "N m", "shank",
            "internal ankle plantarflexion moment",
        ),
        "hip_extension_moment": (hip, "N m", "thigh", "internal hip extension moment"),
        "axial_force": (
            -along(pick(force, joint="knee"), shank[:, 1]), "N", "tibia",
            "external axial force at the knee, compression positive",
        ),
        "vertical_force": (
            pick(loads["force"], plate=plate, axis="y"), "N", "lab", "vertical ground reaction, upward positive",
        ),
        "knee_flexion_angle": (np.degrees(flexion), "deg", "thigh", "knee flexion angle"),
    }  # fmt: skip
    curves = {
        name: variable(values, ("time",), units=units, frame=frame, long_name=label)
        for name, (values, units, frame, label) in made.items()
    }
    return xr.Dataset(
        {**{k: moments[k].variable for k in ("knee_adduction_moment", "knee_flexion_moment")}, **curves},
        {"time": leg["time"].values},
        attrs={"side": leg.attrs["side"], "loads": EXTERNAL},
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
    """
    made = {
        "axial_force": (-np.asarray(force)[:, 1], "N", "axial knee reaction with muscles, compression positive"),
        "frontal_moment": (
            -side_sign(side) * np.asarray(moment)[:, 0], "N m",
            "frontal knee reaction moment with muscles, medial compression positive",
        ),
    }  # fmt: skip
    curves = {
        name: variable(values, ("time",), units=units, frame="tibia", long_name=text)
        for name, (values, units, text) in made.items()
    }
    return xr.Dataset(curves, {"time": np.asarray(time, float)}, attrs={"side": side, "loads": "joint reactions"})


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


def quadriceps_arm(flexion: np.ndarray) -> np.ndarray:
    """Return the effective lever arm of the quadriceps at the knee, m, by knee flexion, deg.

    References
    ----------
    van Eijden TMGJ et al. (1986) J Biomech 19:219, as public code cites it; the paper was not seen.

    Examples
    --------
    >>> [round(float(v), 5) for v in quadriceps_arm(np.array([0.0, 30.0, 60.0]))]
    [0.046, 0.04486, 0.03328]
    """
    x = np.asarray(flexion, float)
    return 8e-8 * x**3 - 1.3e-5 * x**2 + 2.8e-4 * x + 0.046


class _Constant(NamedTuple):
    """A number an estimator stands on: its value, the range over which its effect is shown, and where it is from."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    meaning: str
    source: str


class _Estimator(NamedTuple):
    """An estimator as ``@estimator`` registered it: ``function(inputs, mass, height, **constants)`` and the rest."""

    function: Estimate
    label: str
    takes: Estimate
    constants: tuple[_Constant, ...]
    needs_height: bool
    variants: Mapping[str, Mapping[str, Any]]
    bound: float | None


ESTIMATORS: dict[str, _Estimator] = {}
"""All estimators by name."""


def _estimator(
    label: str, takes: Estimate, constants: Mapping[str, tuple[float, float, float, str, str, str]], *,
    needs_height: bool = False, variants: Mapping[str, Mapping[str, Any]] | None = None, bound: float | None = None,
) -> Callable[[Estimate], Estimate]:  # fmt: skip
    """Return a decorator that registers an estimator, hands it its constants, and notes them on what it returns.

    Parameters
    ----------
    label : for figures. takes : ``contact_inputs`` or ``joint_reactions``, the function that makes its inputs.
    constants : by name: value, low and high end of the range over which its effect is shown, unit, meaning, source.
    needs_height : its result depends on the person's height.
    variants : other ways to run it that are shown too, by what is said of them: arguments.
    bound : BW; if one was set beforehand, the root-mean-square error of the medial force over the whole cycle that it
        was allowed beside an implant, mean of trials.
    """
    own = tuple(_Constant(name, *about) for name, about in constants.items())
    values = {constant.name: constant.value for constant in own}

    def register(function: Estimate) -> Estimate:
        name, named = function.__name__, {*inspect.signature(function).parameters, *values} - {"constants"}

        @wraps(function)
        def estimate(*args: Any, **given: Any) -> xr.Dataset:
            if unknown := ", ".join(set(given) - named):
                raise TypeError(f"{name}() got an unexpected keyword argument {unknown!r}")
            used = {key: given.get(key, value) for key, value in values.items()}
            return function(*args, **(given | used)).assign_attrs(estimator=name, constants=used)

        ESTIMATORS[name] = _Estimator(estimate, label, takes, own, needs_height, variants or {}, bound)
        return estimate

    return register


def from_moments() -> dict[str, _Estimator]:
    """Return the estimators of forces, N, that take ``contact_inputs``, by name."""
    return {name: each for name, each in ESTIMATORS.items() if each.takes is contact_inputs}


GENERAL = "general knowledge, unsourced"
LAB = "released code of the trial's lab, which cites Manal 2015 and Walter 2010; their tables were not seen"
RANGE = "; range: this project's choice"
CONDYLE_DISTANCE, SOFT_TISSUE_OFFSET = 0.045, 0.020
"""m; of every estimator with two contacts, see ``CONDYLES``."""
CONDYLES = {
    "condyle_distance": (
        CONDYLE_DISTANCE, 0.040, 0.050, "m", "distance between the two contacts, side to side",
        GENERAL + "; public code has .040, citing Lerner 2015",
    ),
    "soft_tissue_offset": (
        SOFT_TISSUE_OFFSET, 0.010, 0.030, "m",
        "how far the soft tissue that takes over at lift-off lies outside its contact", GENERAL + RANGE,
    ),
}  # fmt: skip


@_estimator(
    "reduced",
    contact_inputs,
    {
        **CONDYLES,
        "gastrocnemius_share": (
            0.30, 0.23, 0.37, "1", "share of the ankle's plantarflexion moment made by muscle that crosses the knee",
            GENERAL,
        ),
        "hamstrings_share": (
            0.20, 0.08, 0.32, "1", "share of the hip's extension moment made by muscle that crosses the knee", GENERAL,
        ),
        "ankle_arm": (0.048, 0.0384, 0.0576, "m", "lever arm of the gastrocnemius at the ankle", GENERAL + RANGE),
        "gastrocnemius_arm": (0.020, 0.016, 0.024, "m", "lever arm of the gastrocnemius at the knee", GENERAL + RANGE),
        "hamstrings_arm": (0.032, 0.0256, 0.0384, "m", "lever arm of the hamstrings at the knee", GENERAL + RANGE),
        "hip_arm": (0.060, 0.048, 0.072, "m", "lever arm of the hamstrings at the hip", GENERAL + RANGE),
    },
    bound=0.40,
)  # fmt: skip
def reduced(inputs: xr.Dataset, mass: float, height: float | None = None, **constants: float) -> xr.Dataset:
    """Estimate contact forces with three muscles that carry stated shares of the ankle's, knee's and hip's moments.

    The gastrocnemius makes a fixed share of the plantarflexion moment, the hamstrings one of the hip's extension
    moment; quadriceps (or more hamstrings) balance what is left of the knee's flexion moment. All press the joint
    along the shank; none turns it in the frontal plane.

    Parameters
    ----------
    inputs : dataset of ``contact_inputs``, with a hip. mass, height : not used; they stand for the common signature.
    constants : those to change, by name; names and values stand in ``ESTIMATORS["reduced"].constants``.

    Returns
    -------
    Dataset over (time,): ``medial_contact_force``, ``lateral_contact_force``, ``total_contact_force`` (N, compression
    positive) and ``leftover_moment`` (N m, what contacts cannot carry). ``attrs``: ``estimator, domain, constants``.

    Raises
    ------
    GaitStudyError : inputs that lack something, or no hip centre.
    """
    adduction, flexion, ankle, hip, external, angle = _take(
        inputs, "reduced", contact_inputs, knee_adduction_moment="N m", knee_flexion_moment="N m",
        ankle_plantarflexion_moment="N m", hip_extension_moment="N m", axial_force="N", knee_flexion_angle="deg",
    )  # fmt: skip
    if not np.isfinite(hip).any():
        raise GaitStudyError("reduced: expected a hip moment, found no hip centre. Add pelvic markers to the map.")
    c = SimpleNamespace(**constants)
    gastrocnemius = c.gastrocnemius_share * np.maximum(ankle, 0.0) / c.ankle_arm
    hamstrings = c.hamstrings_share * np.maximum(hip, 0.0) / c.hip_arm
    need = flexion + gastrocnemius * c.gastrocnemius_arm + hamstrings * c.hamstrings_arm
    quadriceps = np.maximum(need, 0.0) / quadriceps_arm(angle)
    hamstrings = hamstrings + np.maximum(-need, 0.0) / c.hamstrings_arm
    axial = external + quadriceps + gastrocnemius + hamstrings
    medial, lateral, leftover = _split_frontal(axial, adduction, c.condyle_distance, c.soft_tissue_offset)
    result = _result(inputs, medial, lateral, leftover)
    return result.assign_attrs(domain="walking; no co-contraction beyond the stated shares")


@_estimator("two condyles", joint_reactions, CONDYLES)
def two_condyle(inputs: xr.Dataset, mass: float, height: float | None = None, **constants: float) -> xr.Dataset:
    """Share the knee reaction of a musculoskeletal model, muscles included, between two contacts.

    Parameters
    ----------
    inputs : dataset of ``joint_reactions``. mass, height : not used; they stand for the common signature.
    constants : ``condyle_distance, soft_tissue_offset``, m, to change them; see ``ESTIMATORS``.

    Returns
    -------
    See ``reduced``; forces in N, the moment in N m.

    Raises
    ------
    GaitStudyError : the inputs are external loads, without muscle force.
    """
    if inputs.attrs.get("loads") == EXTERNAL:
        raise GaitStudyError(
            "two_condyle: expected joint reactions, which include muscle forces, found external loads. Muscles make "
            "a large part of the contact force: use reduced, or the reactions of a musculoskeletal model."
        )
    axial, moment = _take(inputs, "two_condyle", joint_reactions, axial_force="N", frontal_moment="N m")
    medial, lateral, leftover = _split_frontal(
        axial, moment, constants["condyle_distance"], constants["soft_tissue_offset"]
    )
    result = _result(inputs, medial, lateral, leftover)
    return result.assign_attrs(domain="whatever the model behind the reactions is good for")


@_estimator(
    "lab regression",
    contact_inputs,
    {
        "adduction_weight": (0.34, 0.34, 0.34, "BW per %BW*Ht", "weight of the KAM", LAB),
        "flexion_weight": (0.13, 0.13, 0.13, "BW per %BW*Ht", "weight of |KFM|", LAB),
        "constant": (0.83, 0.83, 0.83, "BW", "medial force without any moment", LAB),
    },
    needs_height=True,
    variants={"not faded": {"fade": False}},
    bound=0.40,
)
def lab_regression(
    inputs: xr.Dataset,
    mass: float,
    height: float | None = None,
    *,
    fade: bool = True,
    **constants: float,
) -> xr.Dataset:
    """Estimate the medial contact force from knee moments by the regression of the trial's lab.

    Parameters
    ----------
    inputs : dataset of ``contact_inputs``. mass : kg. height : m, needed.
    fade : multiply the constant by the vertical ground reaction in body weights, at most 1. The regression was made
        for stance; unfaded it puts .83 BW into swing. The fading is this project's, not the lab's.
    constants : ``adduction_weight, flexion_weight, constant``, to change them; see ``ESTIMATORS``.

    Returns
    -------
    See ``reduced``. The source gives the medial force only: lateral, total and leftover are NaN. Negative medial
    values become zero and are counted in ``attrs["below_zero"]``.

    Raises
    ------
    GaitStudyError : no height, or inputs without knee moments.
    """
    adduction, flexion, vertical = _take(
        inputs, "lab_regression", contact_inputs, knee_adduction_moment="N m", knee_flexion_moment="N m",
        vertical_force="N",
    )  # fmt: skip
    weight = require_positive(mass, "mass", "kg", 2, 350) * GRAVITY
    percent = 100 / (weight * require_positive(height, "height", "m", 0.5, 2.6))
    share = np.clip(vertical / weight, 0.0, 1.0) if fade else 1.0
    c = SimpleNamespace(**constants)
    medial = weight * (
        c.adduction_weight * percent * adduction + c.flexion_weight * percent * np.abs(flexion) + c.constant * share
    )
    nothing = np.full_like(medial, np.nan)
    faded = "constant times vertical force in body weights, at most 1" if fade else "none"
    result = _result(inputs, np.maximum(medial, 0.0), nothing, nothing)
    domain = "medial force in stance, people with medial osteoarthritis"
    return result.assign_attrs(domain=domain, fade=faded, below_zero=int((medial < 0).sum()))


def _take(inputs: xr.Dataset, who: str, takes: Estimate, **units: str) -> list[np.ndarray]:
    """The values of the named curves, their units checked; all that are missing are named."""
    missing = [name for name in units if name not in inputs]
    if missing:
        raise GaitStudyError(
            f"{who}: expected inputs {', '.join(units)}, found no {', '.join(missing)}. "
            f"Make them with {takes.__name__}."
        )
    return [require_units(inputs[name], unit, f"{who}: {name}").values for name, unit in units.items()]


def _result(
    inputs: xr.Dataset, medial: np.ndarray, lateral: np.ndarray,
    leftover: np.ndarray,
) -> xr.Dataset:  # fmt: skip
    first = next(iter(inputs.data_vars.values()))
    coords = {str(d): first[d].values for d in first.dims if d in first.coords}
    dims = tuple(map(str, first.dims))
    values = dict(zip(QUANTITIES, (medial, lateral, medial + lateral, leftover), strict=True))
    return xr.Dataset(
        {
            name: variable(values[name], dims, units=units, frame="tibia", long_name=label)
            for name, (units, label) in QUANTITIES.items()
        },
        coords,
        attrs={"side": inputs.attrs.get("side", "")},
    )

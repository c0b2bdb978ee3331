"""Posture of the foot: rearfoot eversion, navicular drop and height, arch height, and the six-item posture index.

The arch index, which needs a footprint, is in ``gait.footprint``; the centre of pressure excursion index in
``gait.pressure``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import DimensionError, GaitStudyError, labelled, side_sign
from gaitstudy.gait.posture import FORWARD, frontal_tilt

NAVICULAR_DROP = 10.0
"""mm; more is usually called abnormal (general knowledge, not verified; the drop itself is poorly repeatable)."""
ITEMS = (
    "talar head palpation", "malleolar curvature", "calcaneal position", "talonavicular bulge", "medial arch",
    "forefoot abduction",
)  # fmt: skip
"""The six items of the foot posture index, each -2 (supinated) to 2 (pronated); their wording is general knowledge."""
CLASSES = (
    (-12, -5, "highly supinated", "general knowledge, not verified"),
    (-4, -1, "supinated", "general knowledge, not verified"),
    (0, 5, "normal", "Current Pedorthics 2019"),
    (6, 9, "pronated", "Current Pedorthics 2019"),
    (10, 12, "highly pronated", "general knowledge, not verified"),
)
"""From, to, name and source of the classes of the total."""


def rearfoot_eversion(
    calcaneus_upper: xr.DataArray,
    calcaneus_lower: xr.DataArray,
    shank_upper: xr.DataArray,
    shank_lower: xr.DataArray,
    side: str,
    direction: Sequence[float] = FORWARD,
) -> xr.DataArray:
    """Return the angle between heel bone and shank seen from behind; eversion positive on both sides.

    Parameters
    ----------
    calcaneus_upper, calcaneus_lower, shank_upper, shank_lower : m, (time, axis), markers on the line that halves the
        back of the heel and the shank. side : whose foot.
    direction : where the foot points (heel to toe; its vertical part is ignored): seen along the direction of travel,
        a foot that is turned out shows part of its dorsiflexion as eversion.

    Returns
    -------
    deg, (time,).

    Raises
    ------
    DimensionError, UnitError : wrong dimensions, times or unit. GaitStudyError : no such side, no horizontal direction,
        an upper marker mostly below its lower one.
    """
    heel = frontal_tilt(calcaneus_upper, calcaneus_lower, direction, names=("calcaneus_upper", "calcaneus_lower"))
    shank = frontal_tilt(shank_upper, shank_lower, direction, names=("shank_upper", "shank_lower"))
    if len(heel) != len(shank) or not np.array_equal(calcaneus_upper["time"], shank_upper["time"]):
        raise DimensionError("calcaneus, shank: expected the same times, found others. Bring all to one clock.")
    coords = {"time": calcaneus_upper["time"].values} if "time" in calcaneus_upper.coords else {}
    return labelled(
        side_sign(side) * (shank - heel), ("time",), units="deg", frame="seen from behind the foot",
        long_name="rearfoot eversion", coords=coords,
    )  # fmt: skip


def navicular_drop(sitting: float, standing: float, threshold: float = NAVICULAR_DROP) -> pd.DataFrame:
    """Return how far the navicular bone sinks from sitting to standing.

    Parameters
    ----------
    sitting, standing : mm, height of the navicular tuberosity above the floor without and with the body's weight.
    threshold : mm, above which it is called large; the default is general knowledge, not verified.

    Returns
    -------
    One row: ``drop`` mm, ``large`` (1 or 0), ``threshold`` mm, ``threshold_source``.

    Raises
    ------
    GaitStudyError : heights that a foot cannot have (10-90 mm), a threshold that is not above zero.

    Examples
    --------
    >>> navicular_drop(48.0, 36.5)[["drop", "large"]].to_dict("records")
    [{'drop': 11.5, 'large': 1}]
    """
    _size(sitting, "sitting", "mm", 10.0, 90.0)
    _size(standing, "standing", "mm", 10.0, 90.0)
    if not threshold > 0:
        raise GaitStudyError(f"threshold: expected mm above 0, found {threshold}. Give it in mm.")
    source = "general knowledge, not verified" if threshold == NAVICULAR_DROP else "given by the caller"
    drop = float(sitting) - float(standing)
    row = {"drop": drop, "large": int(drop > threshold), "threshold": threshold, "threshold_source": source}
    return pd.DataFrame([row])


def normalised_navicular_height(height: float, truncated_length: float) -> float:
    """Return the height of the navicular bone over the foot's length without toes, both in one unit, standing.

    Parameters
    ----------
    height : mm, floor to navicular tuberosity.
    truncated_length : mm, back of the heel to the first metatarsal head.

    Raises
    ------
    GaitStudyError : sizes that a foot cannot have.

    Examples
    --------
    >>> round(normalised_navicular_height(40.0, 180.0), 4)
    0.2222
    """
    return _size(height, "height", "mm", 10.0, 90.0) / _size(truncated_length, "truncated_length", "mm", 80.0, 300.0)


def arch_height_index(dorsum_height: float, truncated_length: float) -> float:
    """Return the height of the instep at half the foot's length over the length without toes.

    Parameters
    ----------
    dorsum_height : mm, floor to instep at half the whole foot's length. truncated_length : mm, heel to first
        metatarsal head. State with how much of the body's weight it was measured.

    Raises
    ------
    GaitStudyError : sizes that a foot cannot have.

    References
    ----------
    Williams DS, McClay IS (2000) Phys Ther 80:864; general knowledge, not verified.

    Examples
    --------
    >>> round(arch_height_index(63.0, 180.0), 4)
    0.35
    """
    top = _size(dorsum_height, "dorsum_height", "mm", 20.0, 120.0)
    return top / _size(truncated_length, "truncated_length", "mm", 80.0, 300.0)


def foot_posture_index(items: Mapping[str, float]) -> pd.DataFrame:
    """Return the total of the six-item foot posture index of one foot and its class.

    Parameters
    ----------
    items : the six ``ITEMS``, scores without a unit, each a whole number from -2 (supinated) to 2 (pronated).

    Returns
    -------
    One row: ``total`` (-12 to 12), ``class``, ``class_source``: where the class's borders come from.

    Raises
    ------
    GaitStudyError : an item that is missing, unknown, or not -2, -1, 0, 1 or 2; all are listed.

    References
    ----------
    Redmond AC, Crosbie J, Ouvrier RA (2006) Clin Biomech 21:89, doi 10.1016/j.clinbiomech.2005.08.002; general
    knowledge, not verified.

    Examples
    --------
    >>> foot_posture_index(dict.fromkeys(ITEMS, 1))[["total", "class"]].to_dict("records")
    [{'total': 6, 'class': 'pronated'}]
    """
    problems = [f"no '{name}'" for name in ITEMS if name not in items]
    problems += [f"an unknown item '{name}'" for name in items if name not in ITEMS]
    problems += [
        f"'{name}' of {items[name]!r}, not -2 to 2" for name in ITEMS if name in items and not _scored(items[name])
    ]
    if problems:
        raise GaitStudyError(
            f"foot_posture_index: expected six items scored -2, -1, 0, 1 or 2; found {', '.join(problems)}. A total of "
            "fewer items is no index: score them all."
        )
    total = int(sum(items[name] for name in ITEMS))
    name, source = next((n, s) for low, high, n, s in CLASSES if low <= total <= high)
    return pd.DataFrame([{"total": total, "class": name, "class_source": source}])


def _scored(value: float) -> bool:
    return isinstance(value, int | float | np.integer) and not isinstance(value, bool) and value in (-2, -1, 0, 1, 2)


def _size(value: float, name: str, unit: str, low: float, high: float) -> float:
    if not low <= float(value) <= high:
        raise GaitStudyError(f"{name}: expected {low:g}-{high:g} {unit}, found {float(value):g}. Give it in {unit}.")
    return float(value)

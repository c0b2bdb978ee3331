"""The numbers that contact force estimators stand on: values, ranges, and where each is from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

GENERAL = "general knowledge, unsourced"
LAB = "released code of the trial's lab, which cites Manal 2015 and Walter 2010; their tables were not seen"
RANGE = "; range: this project's choice"


class Constant(NamedTuple):
    """A number an estimator stands on: its value, the range over which its effect is shown, and where it is from."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    used_by: str
    meaning: str
    source: str


CONSTANTS: tuple[Constant, ...] = (
    Constant(
        "condyle_distance", 0.045, 0.040, 0.050, "m", "reduced, two_condyle",
        "distance between the two contacts, side to side", GENERAL + "; public code has .040, citing Lerner 2015",
    ),
    Constant(
        "soft_tissue_offset", 0.020, 0.010, 0.030, "m", "reduced, two_condyle",
        "how far the soft tissue that takes over at lift-off lies outside its contact", GENERAL + RANGE,
    ),
    Constant(
        "gastrocnemius_share", 0.30, 0.23, 0.37, "1", "reduced",
        "share of the ankle's plantarflexion moment made by muscle that crosses the knee", GENERAL,
    ),
    Constant(
        "hamstrings_share", 0.20, 0.08, 0.32, "1", "reduced",
        "share of the hip's extension moment made by muscle that crosses the knee", GENERAL,
    ),
    Constant(
        "ankle_arm", 0.048, 0.0384, 0.0576, "m", "reduced",
        "lever arm of the gastrocnemius at the ankle", GENERAL + RANGE,
    ),
    Constant(
        "gastrocnemius_arm", 0.020, 0.016, 0.024, "m", "reduced",
        "lever arm of the gastrocnemius at the knee", GENERAL + RANGE,
    ),
    Constant(
        "hamstrings_arm", 0.032, 0.0256, 0.0384, "m", "reduced",
        "lever arm of the hamstrings at the knee", GENERAL + RANGE,
    ),
    Constant(
        "hip_arm", 0.060, 0.048, 0.072, "m", "reduced",
        "lever arm of the hamstrings at the hip", GENERAL + RANGE,
    ),
    Constant("adduction_weight", 0.34, 0.34, 0.34, "BW per %BW*Ht", "lab_regression", "weight of the KAM", LAB),
    Constant("flexion_weight", 0.13, 0.13, 0.13, "BW per %BW*Ht", "lab_regression", "weight of |KFM|", LAB),
    Constant("constant", 0.83, 0.83, 0.83, "BW", "lab_regression", "medial force without any moment", LAB),
)  # fmt: skip
VALUE = {constant.name: constant.value for constant in CONSTANTS}
"""Every constant's default by name."""


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

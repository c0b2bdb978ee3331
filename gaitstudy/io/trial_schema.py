"""The 89 columns of the randomised trial's analysis table: names by rule, units, ranges, directions, and what is known.

The names are those the investigating laboratory used for its own table; they describe data and hold none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

GAIT_WEEKS, CLINIC_WEEKS, MRI_WEEKS = (1, 7, 11, 25, 39, 52), (2, 7, 11, 25, 39, 52), (1, 52)
"""Visits with walking, with questionnaires (week 2 is their baseline), and with magnetic resonance imaging."""
WEEKS = tuple(sorted({*GAIT_WEEKS, *CLINIC_WEEKS}))
ARMS = {"I": "intervention", "C": "sham"}


class Variable(NamedTuple):
    """One quantity of the table and the columns that hold it.

    ``weeks`` : empty for a column without a visit. ``kind`` : ``key``, ``code``, ``date`` or ``number``. ``low``,
    ``high`` : the widest range a value can have. ``better`` : which way is good for the person. ``unit_from`` :
    ``laboratory`` (its code or papers say so) or ``assumed`` (nothing says so; a holder of the table should check).
    """

    name: str
    weeks: tuple[int, ...]
    kind: str
    unit: str
    low: float
    high: float
    better: str
    unit_from: str
    meaning: str


_LATER = CLINIC_WEEKS[1:]
_PAIN = ("number", "NRS points", 0, 10, "lower", "laboratory")
_WOMAC = ("number", "of 100", 0, 100, "lower", "laboratory")
_KAM = ("number", "%BW*Ht", -5, 20, "lower", "laboratory")
_RELAXATION = ("number", "ms", 0)
_DELTA = ("number", "ms", -500, 500, "lower", "laboratory", "change week 1 to 52 voxel by voxel, mean")
_REGIONS = (("T1rho_med", "medial"), ("T1rho_lat", "lateral"), ("T2_med", "medial"), ("T2_lat", "lateral"))
VARIABLES = (
    Variable("subject", (), "key", "", 0, 0, "", "laboratory", "identifier; replaced by a running number"),
    Variable("age", (), "number", "years", 18, 110, "", "laboratory", "age"),
    Variable("KL", (), "number", "grade", 0, 4, "lower", "laboratory", "Kellgren-Lawrence grade"),
    Variable("gender", (), "code", "", 0, 0, "", "assumed", "F or M; other codes are kept as they are and shown"),
    Variable("alignment", (), "number", "deg", -360, 360, "", "assumed", "alignment of the knee; sign not stated"),
    Variable("group", (), "code", "", 0, 0, "", "laboratory", "arm: I intervention, C sham control"),
    Variable("BMI", _LATER, "number", "kg/m2", 10, 80, "", "assumed", "body mass index"),
    Variable("Compliance", _LATER, "number", "%", 0, np.inf, "higher", "assumed", "adherence; what it counts: unknown"),
    Variable("date", CLINIC_WEEKS, "date", "weeks", 0, 0, "", "laboratory", "date, turned to weeks since the first"),
    Variable("FPA_error", _LATER, "number", "deg", -90, 90, "", "assumed",
             "foot progression angle less target; here overshoot is positive"),
    Variable("FPA_natural", (1,), "number", "deg", -90, 90, "", "laboratory", "natural foot angle, toe-out positive"),
    Variable("KAM_peak_natural_FPA", (1,), *_KAM, "larger peak of the knee adduction moment, natural foot angle"),
    Variable("KAM_peak_target_FPA", GAIT_WEEKS, *_KAM, "the same peak at the target foot angle"),
    Variable("KOOS", CLINIC_WEEKS, "number", "of 100", 0, 100, "higher", "assumed", "KOOS; which subscale: unknown"),
    Variable("NRS_lat", CLINIC_WEEKS, *_PAIN, "lateral knee pain, numeric rating scale"),
    Variable("NRS_med", CLINIC_WEEKS, *_PAIN, "medial knee pain, numeric rating scale"),
    Variable("NRS_PF", CLINIC_WEEKS, *_PAIN, "patellofemoral pain, numeric rating scale"),
    Variable("steps", CLINIC_WEEKS, "number", "steps", 0, np.inf, "", "assumed", "steps; per day or visit: unknown"),
    Variable("WOMAC_function", CLINIC_WEEKS, *_WOMAC, "WOMAC function, 0 best"),
    Variable("WOMAC_pain", CLINIC_WEEKS, *_WOMAC, "WOMAC pain, 0 best"),
    *(Variable(name, MRI_WEEKS, *_RELAXATION, 500 if name.startswith("T1") else 200, "lower", "laboratory",
               f"{name.split('_')[0]} of the {side} femoral cartilage") for name, side in _REGIONS),
    *(Variable(f"{name}_voxelwise_delta", (), *_DELTA) for name, _ in _REGIONS),
)  # fmt: skip
"""Every quantity of the table: columns by rule, unit, range, direction, and how the unit is known."""


def _columns(variable: Variable) -> list[str]:
    return [f"{variable.name}_wk{week:02d}" for week in variable.weeks] or [variable.name]


COLUMNS = {column: variable for variable in VARIABLES for column in _columns(variable)}
"""The 89 columns, in order, each with its quantity."""
BASELINES = {
    v.name: {"KAM_peak_target_FPA": "KAM_peak_natural_FPA_wk01"}.get(v.name, f"{v.name}_wk{v.weeks[0]:02d}")
    for v in VARIABLES
    if v.weeks in (GAIT_WEEKS, CLINIC_WEEKS, MRI_WEEKS) and v.kind == "number"
}
"""The column against which a quantity's change is counted; for the knee adduction moment the natural foot angle."""


class Look(NamedTuple):
    """How a column's numbers look if they are in the schema's unit, and what they look like else.

    ``of`` : ``median``, or ``reach`` (what nine in ten values do not exceed in size). Below ``low`` or above ``high``
    the numbers are in another unit or on another scale, named by ``below`` and ``above``. The limits are wide: no
    cohort this project knows of comes near them.
    """

    names: tuple[str, ...]
    of: str
    low: float
    high: float
    below: str
    above: str


LOOKS = (
    Look(("KAM_peak_natural_FPA", "KAM_peak_target_FPA"), "median", 0.9, 12, "N m/kg, or a share of BW*Ht", "N m"),
    Look(("FPA_natural", "FPA_error"), "reach", 0.6, 60, "radians", "another angle"),
    Look(("alignment",), "reach", 0.35, 360, "radians", "another angle"),
    Look(("NRS_lat", "NRS_med", "NRS_PF"), "reach", -1, 10, "", "0 to 100"),
    Look(("WOMAC_function", "WOMAC_pain", "KOOS"), "reach", -1, 100, "", "a sum, or millimetres of several scales"),
    Look(("T1rho_med", "T1rho_lat"), "median", 5, 500, "seconds", "microseconds"),
    Look(("T2_med", "T2_lat"), "median", 5, 200, "seconds", "microseconds"),
    Look(tuple(f"{name}_voxelwise_delta" for name, _ in _REGIONS), "reach", 0.05, 500, "seconds", "microseconds"),
    Look(("Compliance",), "reach", 1.5, np.inf, "a share of 1", ""),
    Look(("steps",), "median", 100, np.inf, "thousands of steps", ""),
    Look(("BMI",), "median", 10, 80, "height in cm in place of m", "mass in pounds or grams"),
    Look(("age",), "median", 18, 110, "another unit", "months"),
)
"""Units by their look, a column at a time; see ``trial_table.checked``."""
SUMS = {"WOMAC_pain": 20, "WOMAC_function": 68}
"""Highest sum of a questionnaire's answers 0 to 4; whole numbers that never exceed it look like sums, not of 100."""
OF_100 = {"WOMAC_pain": 10.0, "WOMAC_function": 10.0, "KOOS": 10.0}
"""Highest number of all visits up to which a score of 100 looks like one of 10."""
WORSE = {"NRS_med": 1, "WOMAC_pain": 1, "WOMAC_function": 1, "KOOS": -1}
"""Which of four scores of pain and function rise as a knee gets worse (1) and which fall (-1)."""


def dictionary() -> pd.DataFrame:
    """Return what the table must hold, one row a quantity: names of its columns, unit, range, direction, meaning."""
    rows = [
        {
            "name": v.name, "columns": len(_columns(v)), "weeks": ", ".join(map(str, v.weeks)) or "none",
            "unit": v.unit, "range": f"{v.low:g} to {v.high:g}" if v.kind == "number" else "", "better": v.better,
            "unit known from": v.unit_from, "meaning": v.meaning,
        }
        for v in VARIABLES
    ]  # fmt: skip
    return pd.DataFrame(rows)

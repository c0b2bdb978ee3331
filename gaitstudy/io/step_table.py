"""Steps of people who try five foot angles: which of them can be used, and what is left out, counted by reason.

One row a step: ``person`` (a label, no name), ``condition`` (of ``CONDITIONS``), ``kam1`` and ``kam2``, the largest
knee adduction moments of early and late stance (%BW*Ht), and, where measured, ``kfm`` (%BW*Ht, largest knee flexion
moment), ``fpa`` (deg, toe-out positive), ``test`` (number of the visit, 1 without the column) and ``step`` (number
within the condition; without it the rows are taken in the order they come).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io.files import printable

TARGETS: Mapping[str, float] = {
    "natural": 0.0, "toe-in 5": -5.0, "toe-in 10": -10.0, "toe-out 5": 5.0, "toe-out 10": 10.0,
}  # fmt: skip
"""Change of the foot progression angle from the person's natural one, deg, toe-out positive."""
CONDITIONS = tuple(TARGETS)
MODIFICATIONS = CONDITIONS[1:]
PEAKS = ("kam1", "kam2")
QUANTITIES = (*PEAKS, "kfm")
LEAST = 3
"""Steps in a condition, below which its mean and its uncertainty are not computed."""
WITHIN = 2.5
"""deg; half the distance of two targets: a step farther off belongs to another one."""
REASONS = ("a number is missing", "a KAM peak is negative", "off the target angle")
KEY = ["person", "test", "condition"]


def checked(table: pd.DataFrame, *, exclude: bool = False) -> pd.DataFrame:
    """Return the steps in order of person, test, condition and step, with ``reason`` why one cannot be used.

    Parameters
    ----------
    table : as the module says; KAM and KFM in %BW*Ht, angles in deg, toe-out positive. Where there is a column ``fpa``,
        a step whose angle is farther than ``WITHIN`` from its target (the mean natural angle of that test, and the
        condition's change) is not of that condition. Each condition of a test needs ``LEAST`` steps.
    exclude : name the reason of unusable steps, and of whole tests that then lack a condition; without it any of them
        is an error.

    Returns
    -------
    DataFrame : columns of the table that the module names; ``reason`` is empty for steps that can be used.

    Raises
    ------
    TrialFormatError : columns or conditions missing or unknown, steps listed twice; steps that cannot be used, unless
        they are excluded; or no test left. The first problem is told.
    """
    named, needed = "table of steps", ["person", "condition", *PEAKS]
    absent = [column for column in needed if column not in table]
    if absent:
        raise TrialFormatError(named, f"expected columns {', '.join(needed)}. Add {', '.join(absent)}.")
    steps = table[[*needed, *(c for c in ("test", "step", "fpa", "kfm") if c in table)]].reset_index(drop=True)
    steps = steps if "test" in steps else steps.assign(test=1)
    if problem := _structure(steps):
        raise TrialFormatError(named, problem)
    steps["condition"] = pd.Categorical(steps["condition"], CONDITIONS)
    steps = steps.sort_values([*KEY, *(["step"] if "step" in steps else [])], kind="stable", ignore_index=True)
    steps["reason"] = _unusable(steps)
    usable = steps["reason"] == ""
    count = usable.groupby([steps[name] for name in KEY], observed=True).sum().unstack(fill_value=0)
    few = count.reindex(columns=list(CONDITIONS), fill_value=0).stack().loc[lambda number: number < LEAST]
    advice = "Measure again, or leave it out and count it with exclude=True."
    if not exclude and not usable.all():
        row = steps[~usable].iloc[0]
        where = f"person {printable(row['person'], 20)}, test {row['test']}, {row['condition']}"
        raise TrialFormatError(
            named, f"{where}: expected usable steps, found one that is not: {row['reason']}. {advice}"
        )
    if not exclude and len(few):
        person, test, condition = few.index[0]
        where = f"person {printable(person, 20)}, test {test}, {condition}"
        raise TrialFormatError(named, f"{where}: expected {LEAST} usable steps or more, found {few.iloc[0]}. {advice}")
    lacking = pd.MultiIndex.from_frame(steps[KEY[:2]]).isin(few.index.droplevel("condition").unique())
    steps.loc[usable & lacking, "reason"] = f"fewer than {LEAST} steps in a condition of this test"
    if (steps["reason"] != "").all():
        conditions = ", ".join(CONDITIONS)
        raise TrialFormatError(named, f"expected a test with {LEAST} usable steps in each of {conditions}; found none.")
    return steps


def _structure(steps: pd.DataFrame) -> str:
    """Return what makes the table no table of steps at all; an empty text if nothing does."""
    unknown = ~steps["condition"].isin(CONDITIONS)
    if unknown.any():
        first = int(np.argmax(unknown)) + 1
        return (
            f"condition: expected {', '.join(CONDITIONS)}; found others in {int(unknown.sum())} rows, first in "
            f"row {first}. Rename them."
        )
    for name in steps.columns.intersection([*QUANTITIES, "fpa"]):
        if not pd.api.types.is_numeric_dtype(steps[name]):
            return f"{name}: expected numbers, found {steps[name].dtype}. Convert the column."
    if steps["person"].isna().any():
        return f"person: expected a label each, found {int(steps['person'].isna().sum())} without. Add them."
    if "step" in steps and (twice := int(steps.duplicated([*KEY, "step"]).sum())):
        return f"step: expected each once in a condition of a test, found {twice} again. Number the tests."
    return ""


def _unusable(steps: pd.DataFrame) -> np.ndarray:
    """Return why each step cannot be used, an empty text if it can."""
    values = steps[[name for name in QUANTITIES if name in steps]].to_numpy(float)
    missing, negative = ~np.isfinite(values).all(1), (values[:, : len(PEAKS)] < 0).any(1)
    far = np.zeros(len(steps), bool)
    if "fpa" in steps:
        fpa = steps["fpa"].to_numpy(float)
        missing |= ~np.isfinite(fpa)
        natural = steps["fpa"].where(steps["condition"] == "natural")
        own = natural.groupby([steps["person"], steps["test"]], observed=True).transform("mean").to_numpy(float)
        change = steps["condition"].astype(str).map(TARGETS).to_numpy(float)
        with np.errstate(invalid="ignore"):  # no natural walk: the condition is missed below
            far = np.abs(fpa - own - change) > WITHIN
    return np.select([missing, negative, far], list(REASONS), "")

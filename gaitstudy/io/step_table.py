"""Steps of people who try five foot angles: which of them can be used, and what is left out, counted by reason.

One row a step: ``person`` (a label, no name), ``condition`` (of ``CONDITIONS``), ``kam1`` and ``kam2``, the largest
knee adduction moments of early and late stance (%BW*Ht), and, where measured, ``kfm`` (%BW*Ht, largest knee flexion
moment), ``fpa`` (deg, toe-out positive), ``test`` (number of the visit, 1 without the column) and ``step`` (number
within the condition; without it the rows are taken in the order they come).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

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
LEAST = 3
"""Steps in a condition, below which its mean and its uncertainty are not computed."""
WITHIN = 2.5
"""deg; half the distance of two targets: a step farther off belongs to another one."""
REASONS = ("a number is missing", "a KAM peak is negative", "off the target angle")
KEY = ["person", "test", "condition"]


class Steps(NamedTuple):
    """Usable steps: ``table``, sorted by person, test, condition and step; ``quantities`` measured, of kam1, kam2, kfm;
    ``excluded``: rows ``person, test, condition, reason, steps`` with what was left out; ``angle``: how it was seen
    whether the targets were met."""

    table: pd.DataFrame
    quantities: tuple[str, ...]
    excluded: pd.DataFrame
    angle: str


def checked(table: pd.DataFrame, *, tolerance: float = WITHIN, least: int = LEAST, exclude: bool = False) -> Steps:
    """Return the steps that can be used, or an error that lists everything wrong with the table.

    Parameters
    ----------
    table : as the module says; KAM and KFM in %BW*Ht, angles in deg, toe-out positive.
    tolerance : deg; a step whose angle is farther from its target (the mean natural angle of that test, and the
        condition's change) is not of that condition. Checked only where there is a column ``fpa``.
    least : steps that each condition of a test needs.
    exclude : leave unusable steps out, and whole tests that then lack a condition, and count both; without it any of
        them is an error.

    Raises
    ------
    TrialFormatError : columns or conditions missing or unknown, steps listed twice; steps that cannot be used, unless
        they are excluded; or nothing left. Every problem is listed.
    """
    named = "table of steps"
    needed = ["person", "condition", *PEAKS]
    absent = [c for c in needed if c not in table]
    if absent:
        raise TrialFormatError(
            named,
            f"expected columns {', '.join(needed)}; found {len(table.columns)} others. Add {', '.join(absent)}.",
        )
    quantities = (*PEAKS, *(["kfm"] if "kfm" in table else []))
    kept = [*needed, *(c for c in ("test", "step", "fpa", "kfm") if c in table)]
    steps = table[kept].reset_index(drop=True)
    steps = steps if "test" in steps else steps.assign(test=1)
    problems = _structure(steps, quantities)
    if problems:
        raise TrialFormatError(named, problems)
    steps["condition"] = pd.Categorical(steps["condition"], CONDITIONS)
    steps = steps.sort_values([*KEY, *(["step"] if "step" in steps else [])], kind="stable", ignore_index=True)
    reason, angle = _unusable(steps, quantities, tolerance)
    left_out = _counted(steps.assign(reason=reason)[reason != ""])
    good = steps[reason == ""]
    tests = pd.MultiIndex.from_frame(steps[KEY[:2]].drop_duplicates())
    count = good.groupby(KEY[:2] + ["condition"], observed=False).size().unstack(fill_value=0)
    count = count.reindex(index=tests, columns=list(CONDITIONS), fill_value=0)
    short = count < least
    label = partial(printable, length=20)
    if not exclude:
        problems = [
            f"person {label(r['person'])}, test {r['test']}, {r['condition']}: {r['steps']} steps: {r['reason']}"
            for r in left_out.to_dict("records")
        ]
        few = count.stack()
        problems += [
            f"person {label(person)}, test {test}, {condition}: expected {least} usable steps or more, found {number}"
            for (person, test, condition), number in few[few < least].items()
        ]
        if problems:
            problems[-1] += ". Measure again, or leave them out and count them with exclude=True."
            raise TrialFormatError(named, problems)
    gone = short.any(axis=1)
    if gone.all():
        raise TrialFormatError(
            named, f"expected a test with {least} usable steps in each of {', '.join(CONDITIONS)}; found none."
        )
    lost = gone.reindex(pd.MultiIndex.from_frame(good[KEY[:2]])).to_numpy(bool)
    why = f"fewer than {least} steps in a condition of this test"
    left_out = pd.concat([left_out, _counted(good[lost].assign(reason=why))], ignore_index=True)
    return Steps(good[~lost].reset_index(drop=True), quantities, left_out, angle)


def _structure(steps: pd.DataFrame, quantities: tuple[str, ...]) -> list[str]:
    """Return what makes the table no table of steps at all."""
    problems = []
    unknown = ~steps["condition"].isin(CONDITIONS)
    if unknown.any():
        first = int(np.argmax(unknown)) + 1
        problems.append(
            f"condition: expected {', '.join(CONDITIONS)}; found others in {int(unknown.sum())} rows, first in "
            f"row {first}. Rename them."
        )
    for name in (*quantities, *(["fpa"] if "fpa" in steps else [])):
        if not pd.api.types.is_numeric_dtype(steps[name]):
            problems.append(f"{name}: expected numbers, found {steps[name].dtype}. Convert the column.")
    if steps["person"].isna().any():
        problems.append(f"person: expected a label each, found {int(steps['person'].isna().sum())} without. Add them.")
    if "step" in steps and (twice := int(steps.duplicated([*KEY, "step"]).sum())):
        problems.append(f"step: expected each once in a condition of a test, found {twice} again. Number the tests.")
    return problems


def _unusable(steps: pd.DataFrame, quantities: tuple[str, ...], tolerance: float) -> tuple[np.ndarray, str]:
    """Return why each step cannot be used, an empty text if it can, and what was done about the angles."""
    values = steps[list(quantities)].to_numpy(float)
    missing, negative = ~np.isfinite(values).all(1), (values[:, : len(PEAKS)] < 0).any(1)
    far, angle = np.zeros(len(steps), bool), "foot angles not given: targets not checked"
    if "fpa" in steps:
        angle = f"steps within {tolerance:g} deg of their target"
        fpa = steps["fpa"].to_numpy(float)
        missing |= ~np.isfinite(fpa)
        natural = steps["fpa"].where(steps["condition"] == "natural")
        own = natural.groupby([steps["person"], steps["test"]], observed=True).transform("mean").to_numpy(float)
        change = steps["condition"].astype(str).map(TARGETS).to_numpy(float)
        with np.errstate(invalid="ignore"):  # no natural walk: the condition is missed below
            far = np.abs(fpa - own - change) > tolerance
    return np.select([missing, negative, far], list(REASONS), ""), angle


def _counted(steps: pd.DataFrame) -> pd.DataFrame:
    """Return how many steps share person, test, condition and reason."""
    sizes = steps.groupby([*KEY, "reason"], observed=True, sort=True).size()
    return sizes.rename("steps").reset_index().astype({"condition": object})

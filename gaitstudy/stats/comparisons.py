"""Arms compared at one visit: analysis of covariance, Welch's test of changes, effect sizes.

Differences are *arm minus control* in the outcome's unit; the first arm is the control, of the categories or of rising
numbers: arms whose names have no order need one, or a ``control``. Tables have one row for each participant; where
there is a column of them (``participant``) that is checked. Whoever lacks a value that is needed is left out and
counted in ``left_out``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.designs import (
    Levels,
    codes_or_numbers,
    design,
    groups_of,
    is_categorical,
    levels_of,
    refuse,
    repeated,
    require_columns,
)


def ancova(
    table: pd.DataFrame,
    outcome: str,
    baseline: str = "baseline",
    arm: str = "arm",
    covariates: Sequence[str] = (),
    control: Any = None,
    level: float = 0.95,
    quantities: Sequence[str] = (),
    participant: str = "participant",
) -> pd.DataFrame:
    """Return the arms' differences in an outcome adjusted for its baseline, by ordinary least squares.

    The follow-up and the change from baseline give the same difference; only the baseline's slope differs, by one.

    Parameters
    ----------
    table : one row for each participant. outcome : column of the follow-up, or of the change, any unit.
    baseline : its column, same unit. covariates : further columns, numbers or names of groups.
    control : the arm that others are compared with. level : of the intervals.
    quantities : covariates whose whole numbers are amounts (years), not codes (sites): unsaid they are refused.

    Returns
    -------
    A row for each other arm (``term`` such as ``I - C``) and one for ``baseline`` (its slope): ``estimate``, ``se``,
    ``t``, ``df``, ``p`` (two-sided), ``low``, ``high``, ``n`` analysed, ``left_out``.

    Raises
    ------
    StatisticsError : columns missing or of the wrong kind, several rows of a participant, arms or covariates that only
        a guess could order or read, an arm with nobody, a design that the data do not determine.
    """
    from statsmodels.regression.linear_model import OLS  # takes seconds to import

    used = list(dict.fromkeys([outcome, baseline, arm, *covariates]))
    require_columns(table, used, [outcome, baseline], "ancova")
    refuse("ancova", repeated(table, participant) + codes_or_numbers(table, covariates, quantities))
    rows = table[used].dropna()
    levels: Levels = {arm: levels_of(table[arm], control)}
    levels |= {name: groups_of(rows[name]) for name in covariates if is_categorical(table[name])}
    control = levels[arm][0]
    _refuse_empty("ancova", rows[arm], levels[arm], 1)
    x, columns = design({name: rows[name].to_numpy() for name in used}, (baseline, arm, *covariates), levels)
    if np.linalg.matrix_rank(x / np.maximum(np.abs(x).max(0), 1e-300)) < x.shape[1] or len(x) <= x.shape[1]:
        raise StatisticsError(
            "ancova: expected more people than columns, and no column that is a combination of others; found "
            f"{len(x)} people and columns {', '.join(columns)}. Leave one out."
        )
    others = len(levels[arm]) - 1
    order = [*range(2, 2 + others), 1]
    fitted = OLS(rows[outcome].to_numpy(float), x).fit()
    low, high = fitted.conf_int(1 - level)[order].T
    return pd.DataFrame(
        {
            "term": [*(f"{a} - {control}" for a in levels[arm][1:]), baseline],
            "estimate": fitted.params[order], "se": fitted.bse[order], "t": fitted.tvalues[order],
            "df": fitted.df_resid, "p": fitted.pvalues[order], "low": low, "high": high, "n": len(rows),
            "left_out": len(table) - len(rows),
        }
    )  # fmt: skip


def welch_change(
    table: pd.DataFrame,
    change: str,
    arm: str = "arm",
    control: Any = None,
    level: float = 0.95,
    participant: str = "participant",
) -> pd.DataFrame:
    """Return the arms' differences in a change by Welch's t test, which does not adjust for the baseline.

    Parameters
    ----------
    table : one row for each participant. change : its column, any unit. level : of the intervals.

    Returns
    -------
    A row for each other arm: ``arm``, ``control``, ``estimate``, ``se``, ``t``, ``df``, ``p`` (two-sided), ``low``,
    ``high``, ``n``, ``n_control``, ``left_out``.

    Raises
    ------
    StatisticsError : columns missing or of the wrong kind, fewer than two people in an arm, no spread.
    """
    import pingouin  # takes seconds to import

    found = []
    for names, own, other, people in _pairs(table, change, arm, control, "welch", participant):
        estimate, se = own.mean() - other.mean(), np.sqrt(own.var(ddof=1) / len(own) + other.var(ddof=1) / len(other))
        if se == 0:
            raise StatisticsError(f"welch: expected changes that differ between people, found one value in {change!r}.")
        test = pingouin.ttest(own, other, correction=True).iloc[0]
        half = stats.t.ppf((1 + level) / 2, test["dof"]) * se
        numbers = {"estimate": estimate, "se": se, "t": test["T"], "df": test["dof"], "p": test["p_val"]}
        found.append({**names, **numbers, "low": estimate - half, "high": estimate + half, **people})
    return pd.DataFrame(found)


def effect_sizes(
    table: pd.DataFrame,
    outcome: str,
    arm: str | None = "arm",
    control: Any = None,
    level: float = 0.95,
    participant: str = "participant",
) -> pd.DataFrame:
    """Return standardised differences between arms, or with ``arm=None`` of a change from zero, with intervals.

    Cohen's d is the difference over the pooled standard deviation (of a change: its mean over its own standard
    deviation), Hedges' g is d times 1 - 3 / (4 df - 1); the interval is g plus and minus t times pingouin's standard
    error.

    Parameters
    ----------
    table : one row for each participant. outcome : its column, any unit. level : of the intervals.

    Returns
    -------
    A row for each other arm (or one): ``arm``, ``control``, ``d``, ``g``, ``low``, ``high`` (units of the standard
    deviation), ``n``, ``n_control``, ``left_out``.

    Raises
    ------
    StatisticsError : columns missing or of the wrong kind, fewer than two people in an arm, no spread.
    """
    import pingouin  # takes seconds to import

    if arm is None:
        require_columns(table, [outcome], [outcome], "effect sizes")
        refuse("effect sizes", repeated(table, participant))
        values = table[outcome].dropna().to_numpy(float)
        refuse("effect sizes", [] if len(values) > 1 else [f"expected two people or more, found {len(values)}"])
        people = {"n": len(values), "n_control": 0, "left_out": len(table) - len(values)}
        pairs = [({"arm": "", "control": ""}, values, np.zeros(1), people)]
    else:
        pairs = _pairs(table, outcome, arm, control, "effect sizes", participant)
    found = []
    for names, own, other, people in pairs:
        if np.ptp(own) == 0 and np.ptp(other) == 0:
            raise StatisticsError(f"effect sizes: expected values that differ, found one value in {outcome!r}.")
        d = float(np.squeeze(pingouin.compute_effsize(own, other, eftype="cohen")))  # up to 0.6.1 an array of one
        g = d * (1 - 3 / (4 * (len(own) + len(other) - 2) - 1))  # pingouin's own, from 0.7 also within people
        low, high = pingouin.compute_esci(
            g, len(own), len(other), eftype="hedges", confidence=float(level), decimals=15
        )
        found.append({**names, "d": d, "g": g, "low": low, "high": high, **people})
    return pd.DataFrame(found)


def _pairs(
    table: pd.DataFrame, outcome: str, arm: str, control: Any, what: str, participant: str
) -> list[tuple[dict[str, str], np.ndarray, np.ndarray, dict[str, int]]]:
    """Return the names and values of each arm and of the control, and how many people they are."""
    require_columns(table, [outcome, arm], [outcome], what)
    refuse(what, repeated(table, participant))
    arms = levels_of(table[arm], control)
    control = arms[0]
    rows = table[[outcome, arm]].dropna()
    _refuse_empty(what, rows[arm], arms, 2)
    values = {name: rows.loc[rows[arm] == name, outcome].to_numpy(float) for name in arms}
    count = {name: len(v) for name, v in values.items()}
    left = len(table) - len(rows)
    return [
        ({"arm": a, "control": control}, values[a], values[control],
         {"n": count[a], "n_control": count[control], "left_out": left})
        for a in arms
        if a != control
    ]  # fmt: skip


def _refuse_empty(what: str, column: pd.Series, arms: Sequence[Any], least: int) -> None:
    """Refuse fewer than two arms, or an arm with too few people; all are listed."""
    found = [] if len(arms) > 1 else [f"expected at least two arms, found {len(arms)}"]
    count = {name: int((column == name).sum()) for name in arms}
    found += [f"arm {name}: expected {least} people or more, found {n}" for name, n in count.items() if n < least]
    refuse(what, found)

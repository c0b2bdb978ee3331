"""Regression and lasso from a sample's size, means and covariances alone, without the rows they came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.designs import is_categorical, refuse
from gaitstudy.stats.regression import TOLERANCE

ZERO = 1e-12
"""Share of the largest coefficient of a path below which one counts as zero."""


class Moments(NamedTuple):
    """What least squares needs of a sample: ``n`` rows, ``mean`` by variable, ``covariance`` (divisor n - 1)."""

    n: int
    mean: pd.Series
    covariance: pd.DataFrame


def moments(rows: pd.DataFrame) -> Moments:
    """Return size, means and covariances of a table of numbers, one row a person, any units.

    Raises
    ------
    StatisticsError : a column of names, a gap, or fewer than two rows.
    """
    named = [str(name) for name in rows if is_categorical(rows[name])]
    refuse("moments", [f"column {name!r}: expected numbers, found names of groups; leave it out" for name in named])
    gaps = int(rows.isna().to_numpy().sum())
    if gaps or len(rows) < 2:
        raise StatisticsError(
            f"moments: expected two or more rows without gaps, found {len(rows)} with {gaps} gaps. Leave the rows with "
            "gaps out and say how many."
        )
    return Moments(len(rows), rows.mean(), rows.cov())


def regression(found: Moments, outcome: str, predictors: Sequence[str]) -> pd.DataFrame:
    """Return the least-squares regression of one variable on others, each centred and divided by its SD (n - 1).

    Returns
    -------
    One row a term, the intercept (the outcome's mean) first: ``term, estimate, se, low, high`` (95 %; the outcome's
    unit per SD of the predictor), ``t, p`` (two-sided), ``drop`` (by how much adjusted R2 falls if the term leaves;
    missing for the intercept). ``attrs``: ``r2, adjusted_r2, df``.

    Raises
    ------
    StatisticsError : an unknown or repeated variable, the outcome among the predictors, collinear predictors, or no
        more rows than coefficients; all are listed.
    """
    names = list(predictors)
    problems = _problems(found, outcome, names)
    df = found.n - len(names) - 1
    if df < 1:
        problems.append(f"{found.n} rows do not suffice for {len(names) + 1} coefficients")
    correlation, own, spread = _scaled(found, outcome, names) if not problems else (np.eye(1), np.zeros(1), 1.0)
    if not problems and np.linalg.eigvalsh(correlation)[0] < TOLERANCE:
        problems.append(f"{', '.join(names)} are collinear; leave one out")
    if problems:
        raise StatisticsError(f"regression on {', '.join(names)}: {'; '.join(problems)}.")
    slopes = np.linalg.solve(correlation, own)
    adjusted, r2 = _adjusted(correlation, own, spread, found.n)
    residual = (found.n - 1) * spread * (1 - r2) / df
    errors = np.sqrt(residual * np.append(1 / found.n, np.diag(np.linalg.inv(correlation)) / (found.n - 1)))
    estimate = np.append(found.mean[outcome], slopes)
    drops = [np.nan]
    for k in range(len(names)):
        rest = np.delete(np.arange(len(names)), k)
        drops.append(adjusted - _adjusted(correlation[np.ix_(rest, rest)], own[rest], spread, found.n)[0])
    t = estimate / errors
    reach = stats.t.isf(0.025, df) * errors
    columns = {"term": ["intercept", *names], "estimate": estimate, "se": errors, "low": estimate - reach,
               "high": estimate + reach, "t": t}  # fmt: skip
    table = pd.DataFrame({**columns, "p": 2 * stats.t.sf(np.abs(t), df), "drop": drops})
    table.attrs = {"r2": r2, "adjusted_r2": adjusted, "df": df}
    return table


def lasso_path(found: Moments, outcome: str, predictors: Sequence[str]) -> pd.DataFrame:
    """Return every bend of the lasso's path, by least-angle regression on the correlations.

    The lasso minimises ``sum (y - x b)^2 / (2 n) + penalty * sum |b|``, x centred and divided by its SD (n - 1).

    Returns
    -------
    One row a bend, from the largest penalty (all coefficients zero) to none: ``penalty`` and one column a predictor,
    the outcome's unit per SD. Between two bends every coefficient runs on a straight line.

    Raises
    ------
    StatisticsError : an unknown or repeated variable, or the outcome among the predictors.

    References
    ----------
    Efron et al. 2004, Ann Stat 32:407; Tibshirani 1996, J R Stat Soc B 58:267 (general knowledge, not verified).
    """
    from sklearn.linear_model import lars_path_gram

    names = list(predictors)
    if problems := _problems(found, outcome, names):
        raise StatisticsError(f"lasso on {', '.join(names)}: {'; '.join(problems)}.")
    correlation, own, _ = _scaled(found, outcome, names)
    scale = found.n - 1
    penalties, _, path = lars_path_gram(scale * own, scale * correlation, n_samples=found.n, method="lasso")
    return pd.DataFrame(path.T, columns=names).assign(penalty=penalties)[["penalty", *names]]


def active_sets(path: pd.DataFrame) -> pd.DataFrame:
    """Return which predictors a lasso keeps over which range of the penalty.

    Parameters
    ----------
    path : of ``lasso_path``.

    Returns
    -------
    One row a range, ``high`` to ``low`` penalty, with ``entered`` and ``left`` on the way into it, ``count`` and
    ``kept`` (names in the path's order, joined by ``;``).
    """
    names = [c for c in path.columns if c != "penalty"]
    size = np.abs(path[names].to_numpy())
    used = size > ZERO * size.max()
    within = used[:-1] | used[1:]
    penalty = path["penalty"].to_numpy()
    changed = np.flatnonzero(np.append(True, (within[1:] != within[:-1]).any(1)))
    ends = np.append(changed[1:], len(within))
    before = np.zeros(len(names), bool)
    rows = []
    for first, last in zip(changed, ends, strict=True):
        now = within[first]
        entered, left, kept = ("; ".join(np.array(names)[who]) for who in (now & ~before, before & ~now, now))
        rows.append({"high": penalty[first], "low": penalty[last], "entered": entered, "left": left,
                     "count": int(now.sum()), "kept": kept})  # fmt: skip
        before = now
    return pd.DataFrame(rows)


def kept_at(sets: pd.DataFrame, penalty: float) -> list[str]:
    """Return the predictors that a lasso keeps at one penalty, from ``active_sets``; none above its largest."""
    inside = sets[(sets["low"] <= penalty) & (penalty < sets["high"])]
    return str(inside["kept"].iloc[0]).split("; ") if len(inside) else []


def _problems(found: Moments, outcome: str, names: Sequence[str]) -> list[str]:
    known = list(found.covariance.columns)
    wanted = [outcome, *names]
    problems = [f"{n!r} is none of {', '.join(known)}" for n in dict.fromkeys(wanted) if n not in known]
    problems += [f"{n!r} is named more than once" for n in dict.fromkeys(wanted) if wanted.count(n) > 1]
    problems += ["no predictor is named"] * (not names)
    constant = [n for n in names if n in known and not found.covariance.loc[n, n] > 0]
    return problems + [f"{n!r} does not vary" for n in constant]


def _scaled(found: Moments, outcome: str, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, float]:
    """Return correlations of the predictors, their covariances with the outcome per SD, and its variance."""
    sd = np.sqrt(np.diag(found.covariance.loc[names, names]))
    correlation = found.covariance.loc[names, names].to_numpy() / np.outer(sd, sd)
    own = found.covariance.loc[names, outcome].to_numpy() / sd
    return correlation, own, float(found.covariance.loc[outcome, outcome])


def _adjusted(correlation: np.ndarray, own: np.ndarray, spread: float, count: int) -> tuple[float, float]:
    """Return adjusted and plain R2."""
    r2 = float(own @ np.linalg.solve(correlation, own) / spread) if len(own) else 0.0
    return 1 - (1 - r2) * (count - 1) / (count - len(own) - 1), r2

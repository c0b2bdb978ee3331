"""Few people under several conditions: changes within people, exact tests, power, and why strides are not people.

Tables have ``person`` and ``condition``; one condition is called ``natural``, and changes are from it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.stats.designs import refuse


def changes(table: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return each person's mean change from natural, in % of their natural mean, one row a person and condition.

    Parameters
    ----------
    table : ``person, condition`` and outcomes, one row a stride; missing strides are left out of the means.
    outcomes : its columns, any units.

    Raises
    ------
    StatisticsError : a stride of nobody or of no condition, no natural walk.
    """
    _refuse_unnamed(table)
    means = table.groupby(["person", "condition"])[list(outcomes)].mean()
    natural = means.xs("natural", level="condition")
    percent = 100 * (means / natural.reindex(means.index, level="person") - 1)
    return percent.drop("natural", level="condition").reset_index()


def exact_tests(percent: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return what the people's changes show, one row a condition: mean, 95 % t interval and three p values.

    Parameters
    ----------
    percent : of ``changes``. outcome : its column, %.

    Returns
    -------
    ``condition, n, missing, mean, low, high`` (%), ``p_t``, ``p_sign_flip`` (exact, all 2^n relabelings, two-sided)
    and ``p_wilcoxon`` (exact); people without a value are left out of ``n`` and counted as missing.
    """
    rows = []
    for condition, own in percent.groupby("condition", sort=False):
        values = own[outcome].dropna().to_numpy()
        mean = stats.ttest_1samp(values, 0.0)
        low, high = mean.confidence_interval()
        flips = 1 - 2.0 * ((np.arange(2 ** len(values))[:, None] >> np.arange(len(values))) & 1)
        reached = np.abs((flips * values).mean(1)) >= abs(values.mean()) * (1 - 1e-12)
        rows.append(
            {
                "condition": condition, "n": len(values), "missing": len(own) - len(values),
                "mean": values.mean(), "low": low, "high": high,
                "p_t": mean.pvalue, "p_sign_flip": reached.mean(), "p_wilcoxon": stats.wilcoxon(values).pvalue,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def power_of_few(counts: Sequence[int] = (4, 6, 10), effects: Sequence[float] | None = None) -> pd.DataFrame:
    """Return the power of a two-sided paired t test at .05 by number of people and standardised difference ``dz``."""
    from statsmodels.stats.power import TTestPower  # takes seconds to import

    sizes = np.linspace(0.25, 2.5, 46) if effects is None else np.asarray(effects, float)
    rows = [
        {"n": n, "dz": d, "power": float(TTestPower().power(d, n, 0.05, alternative="two-sided"))}
        for n in counts
        for d in sizes
    ]
    return pd.DataFrame(rows)


def strides_as_people(table: pd.DataFrame, outcome: str, condition: str) -> pd.DataFrame:
    """Return the same change by three analyses that differ in what they count as independent.

    Parameters
    ----------
    table : ``person, condition`` and outcomes, one row a stride. outcome : a column. condition : compared with natural.

    Returns
    -------
    ``analysis, counted, estimate, low, high, p``: every stride as if it were a person (Welch); people with a common
    effect (random intercept); people whose effects differ (t over the person means). In the outcome's unit.
    """
    from statsmodels.formula.api import mixedlm  # takes seconds to import

    _refuse_unnamed(table)
    rows = table[table["condition"].isin(["natural", condition])].dropna(subset=[outcome])
    pressed, natural = (rows.loc[rows["condition"] == c, outcome] for c in (condition, "natural"))
    welch = stats.ttest_ind(pressed, natural, equal_var=False)
    coded = rows.assign(y=rows[outcome], moved=(rows["condition"] == condition).astype(float))
    mixed = mixedlm("y ~ moved", coded, groups=coded["person"]).fit(reml=True)
    means = rows.groupby(["person", "condition"])[outcome].mean().unstack()
    paired = stats.ttest_rel(means[condition], means["natural"])
    found = [
        ("each stride counted as a person (Welch)", len(rows), pressed.mean() - natural.mean(),
         *welch.confidence_interval(), welch.pvalue),
        ("one effect for all, people differ in level (mixed model)", len(rows), mixed.params["moved"],
         *mixed.conf_int().loc["moved"], mixed.pvalues["moved"]),
        ("the effect differs between people (paired t on person means)", len(means),
         (means[condition] - means["natural"]).mean(), *paired.confidence_interval(), paired.pvalue),
    ]  # fmt: skip
    return pd.DataFrame(found, columns=["analysis", "counted", "estimate", "low", "high", "p"])


def _refuse_unnamed(table: pd.DataFrame) -> None:
    """Refuse strides that belong to nobody or to no condition (they would vanish), and people without a natural one."""
    problems = [f"{name}: expected one of each stride, found {n} without"
                for name in ("person", "condition") if (n := int(table[name].isna().sum()))]  # fmt: skip
    if not (table["condition"] == "natural").any():
        problems.append("condition: expected 'natural' among them, found none")
    refuse("strides", problems)

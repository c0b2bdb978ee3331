"""A reviewer's checks of the published figures: which fit together, which do not, and which nobody can check.

Every check works on the published tables (``io.published.effects`` and ``data/published/studies.csv``). Numbers
were read in abstracts and summaries: what does not fit may be a misprint there, and says nothing about anyone's intent.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.io.published import effects, studies
from gaitstudy.stats import reported, rounding
from gaitstudy.studies.implied_numbers import (
    TRIAL,
    VERDICTS,
    decimals_of,
    name_of,
    p_as_printed,
    pair_needs,
    printed_p,
    trial_needs,
)  # fmt: skip

COLUMNS = ("kind", "source", "figure", "check", "printed", "implied", "verdict", "needs")
COHORT = "Uhlrich 2022 (J Biomech)"


def checks() -> pd.DataFrame:
    """Return every check, one row each: ``kind, source, figure, check, printed, implied, verdict, needs``.

    ``printed`` and ``implied`` are texts with units; ``needs``: what is missing, where a check cannot be made.
    """
    parts: tuple[tuple[str, Callable[[], list[dict[str, str]]]], ...] = (
        ("the treadmill study", _treadmill), ("the trial", _trial), ("counts of 107", _cohort),
        ("reliability", _reliability), ("intervals: value in the middle", _centres), ("p values", _p_values),
        ("p values without sizes", _only_p), ("means of scores", _scores), ("percentages of two groups", _counts),
        ("changes in the same people", _pairs), ("ratios", _ratios),
    )  # fmt: skip
    return pd.DataFrame([{"kind": kind} | row for kind, part in parts for row in part()], columns=list(COLUMNS))


def tally(table: pd.DataFrame, by: str = "kind") -> pd.DataFrame:
    """Return how many checks came to each verdict, by a column of ``checks`` in its order: verdicts in columns."""
    counts = pd.crosstab(table[by], table["verdict"]).reindex(columns=list(VERDICTS), fill_value=0)
    return counts.loc[list(dict.fromkeys(table[by]))].rename_axis(index=None, columns=None)


# ---- within the room: one kind of check after another ----


def _check(source: str, figure: str, check: str, printed: str, implied: str, verdict: str, needs: str = "")\
        -> dict[str, str]:  # fmt: skip
    values = (source, figure, check, printed, implied, verdict, needs)
    return dict(zip(COLUMNS[1:], values, strict=True))


def _fits(good: bool) -> str:
    return VERDICTS[0] if good else VERDICTS[1]


def _treadmill() -> list[dict[str, str]]:
    own = studies("Regenexx 2015").iloc[0]
    n = int(own["n"])
    return [
        _check(own["study"], f"{own['value']:g} % in {n} people", "can an exact two-sided test of n people show it?",
               "no p value", f"smallest p there is: {2 / 2**n:g}", VERDICTS[2], "spread; each person's change"),
        _check(own["study"], f"{own['value']:g} %", "which quantity, at which speed, by which model?",
               "pressure, once forces", "two quantities", VERDICTS[2], "the paper behind the article"),
    ]  # fmt: skip


def _trial() -> list[dict[str, str]]:
    rows = studies(TRIAL).set_index("measure")["value"]
    pain = {k.rsplit(", ")[-1]: v for k, v in rows.items() if "pain" in k}
    sham = pain["intervention"] - pain["difference between arms"]
    needs = trial_needs()
    found = [
        _check(TRIAL, f"pain: {pain['intervention']:g} in one arm, {pain['difference between arms']:g} between arms",
               "the sham's change by subtraction", "little more than a point", f"{sham:.1f} NRS points",
               _fits(-2 < sham <= -1)),
        _check(TRIAL, "mean changes of pain, 34 an arm", "whole-number means (GRIM)", "one decimal",
               "every tenth is possible with 34 people", VERDICTS[2], "two decimals, completers"),
    ]  # fmt: skip
    for row in needs.to_dict("records"):
        found.append(
            _check(TRIAL, row["outcome"], "is it significant with 34 and 34?", f"{row['difference']:g} {row['unit']}",
                   f"if the SD of changes is below {row['largest_sd']:.2f}", VERDICTS[2], "SDs or an interval")
        )  # fmt: skip
    found.append(
        _check(TRIAL, "KAM peak -4 % and more than +3 %", "percent of the mean or mean of percents?", "percent",
               "may differ in sign", VERDICTS[2], "means before and after, or each person's")
    )  # fmt: skip
    return found


def _cohort() -> list[dict[str, str]]:
    rows, found = studies(COHORT), []
    for row in rows.to_dict("records"):
        fits = rounding.grim(row["value"] / 100, int(row["n"]), 2).iloc[0]
        near = f"{round(fits['below'] * row['n']):g} or {round(fits['above'] * row['n']):g} of {row['n']:g}"
        verdict = VERDICTS[1] if not fits["possible"] else _fits(True) if row["note"] == "75 of 107" else VERDICTS[2]
        needs = "" if verdict != VERDICTS[2] else "counts: with 107 people every whole percent is possible"
        found.append(_check(COHORT, f"{row['value']:g} % ({row['manipulation']})", "a count of 107 people rounds to it",
                            row["note"] if verdict == VERDICTS[0] else "no count", near, verdict, needs))  # fmt: skip
    return found


def _reliability() -> list[dict[str, str]]:
    sem = studies("Birmingham 2007").iloc[0]
    own = effects().query("study == 'Birmingham 2007'").set_index("outcome")
    icc, shift = own.loc["KAM peak, ICC(2,1)"], own.loc["KAM peak, mean difference"]
    n, error = int(sem["n"]), float(sem["value"])
    sd, mdc = error / np.sqrt(1 - icc["effect"]), stats.norm.ppf(0.975) * np.sqrt(2) * error
    factors = [float(np.sqrt((n - 1) / stats.chi2.ppf(q, n - 1))) for q in (0.975, 0.025)]
    spread = all(
        abs(error * f - sem[side]) <= 0.005 * (1 + f) for f, side in zip(factors, ("low", "high"), strict=True)
    )
    reach = stats.t.ppf(0.975, n - 1) * np.sqrt(2) * error / np.sqrt(n)
    bounds = {name: _icc_bound(icc["effect"], n, upper) for name, upper in (("low", False), ("high", True))}
    name = str(sem["study"])
    found = [
        _check(name, "SEM and ICC", "SD they imply together", f"SEM {error:g}, ICC {icc['effect']:g}",
               f"SD {sd:.3f} %BW*Ht; smallest detectable change {mdc:.3f}", VERDICTS[2], "the SD of the peaks"),
        _check(name, "interval of the SEM", "chi-squared with n - 1", f"{sem['low']:g} to {sem['high']:g}",
               f"{error * factors[0]:.3f} to {error * factors[1]:.3f}", _fits(spread)),
        _check(name, "interval of the mean difference", "t interval from the SEM",
               f"{shift['low']:g} to {shift['high']:g}",
               f"{shift['effect'] - reach:.3f} to {shift['effect'] + reach:.3f} about a rounded {shift['effect']:g}",
               _fits(abs(2 * reach - (shift["high"] - shift["low"])) <= 0.1)),
    ]  # fmt: skip
    for side, (least, most) in bounds.items():
        found.append(
            _check(name, f"{'lower' if side == 'low' else 'upper'} bound of the ICC", "F interval, consistency form",
                   f"{icc[side]:g}", f"{least:.3f} to {most:.3f}",
                   _fits(least - 0.005 <= icc[side] <= most + 0.005))
        )  # fmt: skip
    robbins = effects().query("study == 'Robbins 2009'").set_index("outcome")["effect"]
    load, impulse, steps = (float(robbins[k]) for k in robbins.index)
    found.append(
        _check("Robbins 2009", "SEM of load, impulse and steps", "error of a product of the two",
               f"{load:g} kN m s, {impulse:g} N m s, {steps:g} steps",
               f"fits only below {1000 * load / impulse:.0f} steps a day and {1000 * load / steps:.1f} N m s a step",
               VERDICTS[2], "mean impulse and mean steps of these people")
    )  # fmt: skip
    return found


def _icc_bound(icc: float, n: int, upper: bool) -> tuple[float, float]:
    """Range over rounding of one bound of the 95 % interval of ICC(C,1), two occasions (Shrout and Fleiss 1979)."""
    quantile = stats.f.ppf(0.975, n - 1, n - 1)
    ends = []
    for value in (icc - 0.005, icc + 0.005):
        ratio = (1 + value) / (1 - value) * (quantile if upper else 1 / quantile)
        ends.append((ratio - 1) / (ratio + 1))
    return ends[0], ends[1]


def _centres() -> list[dict[str, str]]:
    """Is each value in the middle of its interval?"""
    hunt = studies("Hunt 2018").rename(columns={"value": "effect", "measure": "outcome", "manipulation": "exposure"})
    table = effects()
    own = pd.concat([table[table["low"].notna() & ~table["measure"].isin(["reliability"])],
                     hunt.assign(measure="difference")])  # fmt: skip
    found = []
    for row in own.to_dict("records"):
        ratio = row["measure"] == "odds ratio"
        away, allowed = rounding.off_centre(row["effect"], row["low"], row["high"], decimals_of(row), log=ratio)
        inside = row["low"] <= row["effect"] <= row["high"]
        implied = f"off the middle by {abs(away):.3f}, rounding allows {allowed:.3f}"
        if not inside:
            implied = "the value lies outside its interval"
        found.append(
            _check(row["study"], name_of(row), "value in the middle of its interval",
                   f"{row['effect']:g} ({row['low']:g} to {row['high']:g})", implied + " (logarithms)" * ratio,
                   _fits(inside and abs(away) <= allowed + 1e-9))
        )  # fmt: skip
    return found


def _p_values() -> list[dict[str, str]]:
    return [
        _check(row["source"], row["figure"], "p from the interval, or from means and SDs",
               f"p {'below' if row['bound'] else '='} {row['printed']:g}",
               f"{_p(row['smallest'])} to {_p(row['largest'])}", row["verdict"],
               "means and SDs with more decimals" * (row["verdict"] == VERDICTS[2]))
        for row in printed_p().to_dict("records")
    ]  # fmt: skip


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.0e}"


def _only_p() -> list[dict[str, str]]:
    table = effects()
    own = table[table["p"].ne("") & table["effect"].isna()]
    found = []
    for study, rows in own.groupby("study", sort=False):
        listed = ", ".join(rows["p"])
        found.append(_check(str(study), f"{len(rows)} p values without sizes", "size and interval", f"p {listed}",
                            "nothing", VERDICTS[2], "effects with intervals"))  # fmt: skip
    return found


def _scores() -> list[dict[str, str]]:
    """Means of whole-number scores."""
    own = effects().query("outcome == 'foot posture index' and measure == 'mean'")
    found = []
    for row in own.to_dict("records"):
        fits = rounding.grim(row["effect"], int(row["n"]), 2).iloc[0]
        if not fits["telling"]:
            continue
        near = f"nearest means of {row['n']:g} whole numbers: {fits['below']:.3f}, {fits['above']:.3f}"
        needs = "" if fits["possible"] else "whether scores are raw: if so, this mean is not possible"
        verdict = _fits(True) if fits["possible"] else VERDICTS[2]
        found.append(_check(row["study"], f"{row['outcome']}, {row['exposure']}", "whole-number mean (GRIM)",
                            f"{row['effect']:g}, n = {row['n']:g}", near, verdict, needs))  # fmt: skip
    return found


def _counts() -> list[dict[str, str]]:
    """Percentages of two groups with a p value: exact and chi-squared tests of the counts they round from."""
    own = effects().query("study == 'Abourazzak 2014' and measure == 'percentage'")
    found = []
    for outcome, pair in own.groupby("outcome", sort=False):
        a, b = (pair[pair["exposure"] == k].iloc[0] for k in ("patients", "controls"))
        spans = [_possible_counts(r["effect"], int(r["n"])) for r in (a, b)]
        tables = [[[x, int(a["n"]) - x], [y, int(b["n"]) - y]] for x in spans[0] for y in spans[1]]
        values = [f(t) for t in tables for f in _TESTS]
        p, _ = p_as_printed(b["p"])
        good = min(values) <= p + 0.0005 and max(values) >= p - 0.0005
        found.append(_check("Abourazzak 2014", f"{outcome}, {a['effect']:g} and {b['effect']:g} %",
                            "p from the counts (exact, chi-squared with and without correction)", f"p = {p:g}",
                            f"{_p(min(values))} to {_p(max(values))}", _fits(good)))  # fmt: skip
    return found


_TESTS: tuple[Callable[[list[list[int]]], float], ...] = (
    lambda t: float(stats.fisher_exact(t).pvalue),
    lambda t: float(stats.chi2_contingency(t, correction=False).pvalue),
    lambda t: float(stats.chi2_contingency(t).pvalue),
)


def _possible_counts(percent: float, n: int) -> list[int]:
    return [k for k in range(n + 1) if abs(100 * k / n - percent) <= 0.5 + 1e-9]


def _pairs() -> list[dict[str, str]]:
    found = []
    for row in pair_needs().to_dict("records"):
        printed = f"{row['change']:+.2f} {row['unit']}, n = {row['n']}" + (
            f", p {row['printed']}" if row["printed"] else ""
        )
        if not row["printed"]:
            implied = f"significant if the two correlate above {row['needed']:.2f}"
        elif row["printed"].startswith("below"):
            implied = f"needs a correlation of at least {row['implied']:.2f}"
        else:
            implied = f"a correlation of {row['implied']:.2f}"
        possible = not row["printed"] or row["implied"] < 1
        found.append(
            _check(row["source"], row["figure"], "paired test", printed, implied, VERDICTS[1 + possible],
                   "the correlation, or each person's change")
        )  # fmt: skip
    return found


def _ratios() -> list[dict[str, str]]:
    table = effects()
    mass = table.query("study == 'Messier 2005' and unit == 'N/kg'").set_index("outcome")
    found = []
    for outcome, row in mass.iterrows():
        ratio = abs(row["effect"]) / 9.8
        low, high = reported.interval_from_p(row["effect"], float(row["p"]), df=row["n"] - 2)
        found.append(_check("Messier 2005", str(outcome), "four units of force per unit of weight lost", "about 4",
                            f"{ratio:.2f}; 95 % interval from its p: {low:.0f} to {high:.0f} N/kg",
                            _fits(round(ratio) == 4)))  # fmt: skip
    return found

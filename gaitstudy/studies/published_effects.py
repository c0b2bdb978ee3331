"""Published effects on the chain of foot and knee: what could be read, what may be pooled, and what may not.

The numbers are rows of ``data/published/effects.csv``: read in a paper's own text or abstract (status S), computed from
such (C) or inferred (I). Intervals that could not be read are missing, never filled.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import catalogue
from gaitstudy.stats.evidence import hedges_g, pool
from gaitstudy.stats.reported import standard_error_from_interval

NUMBERS = ("n", "studies", "effect", "low", "high", "sd", "i2")
SHOWN = ("S", "C", "I")
POOLED_ALREADY = "a figure pooled by others"


def effects(claim: str = "") -> pd.DataFrame:
    """Return the published effects, those that bear on one claim or all, in the file's order.

    Parameters
    ----------
    claim : its id, such as ``"F5"``; all if empty.

    Returns
    -------
    Columns of the file: ``effect, low, high, sd`` in ``unit``, signed as ``measure`` and ``note`` say (differences:
    with less without, negative is less load or pain); ``n`` people, ``studies``, ``i2`` %; ``count_of``:
    ``review`` where both are the whole review's and this figure's own were not read; ``p`` as printed;
    ``pooled`` true for a meta-analysis; ``overlap``: rows that share it may share studies or people.

    Raises
    ------
    StatisticsError : a status that may not be shown, half an interval, or a claim that no row bears on.
    """
    table = pd.read_csv(catalogue.data_folder() / "published" / "effects.csv", dtype=str, keep_default_na=False)
    for name in NUMBERS:
        table[name] = pd.to_numeric(table[name].replace("", np.nan)).astype(float)
    table["pooled"] = table["pooled"] == "yes"
    listed = table["claims"].str.split("; ")
    wrong = table.loc[~table["status"].isin(SHOWN), "study"].tolist()
    half = table.loc[table["low"].isna() != table["high"].isna(), "study"].tolist()
    if wrong or half:
        raise StatisticsError(
            f"effects.csv: expected status {', '.join(SHOWN)} and whole intervals; mend {wrong + half}."
        )
    if not claim:
        return table
    own = table[[claim in ids for ids in listed]].reset_index(drop=True)
    if own.empty:
        raise StatisticsError(f"effects: expected a claim that some row bears on, found {claim!r}.")
    return own


def pooled(rows: pd.DataFrame, *, interval: str = "Hartung-Knapp, truncated") -> pd.DataFrame:
    """Return single studies pooled (REML), one scale, if that is honest; otherwise say why not.

    Parameters
    ----------
    rows : of ``effects``. interval : see ``stats.evidence.pool``; truncated by default, since two studies that happen
        to agree would otherwise look certain.

    Returns
    -------
    ``stats.evidence.pool``'s row, with ``outcome, unit`` and ``names``. Standard errors come from the 95 % intervals,
    read as normal ones; odds ratios are pooled as logarithms.

    Raises
    ------
    StatisticsError : different outcomes, measures or units, figures that others pooled, a study twice, studies that
        share people, fewer than two intervals; every reason is listed.
    """
    if reasons := why_not(rows):
        raise StatisticsError("pooled: " + "; ".join(reasons) + ". Show the rows side by side instead.")
    usable = rows[rows["low"].notna()]
    ratio = usable["measure"].iloc[0] == "odds ratio"
    numbers = usable[["effect", "low", "high"]].to_numpy(float)
    value, low, high = (np.log(numbers) if ratio else numbers).T
    errors = [standard_error_from_interval(a, b) for a, b in zip(low, high, strict=True)]
    found = pool(value, np.array(errors), interval=interval)
    found.insert(0, "unit", f"log {usable['unit'].iloc[0]}" if ratio else usable["unit"].iloc[0])
    found.insert(0, "outcome", usable["outcome"].iloc[0])
    return found.assign(names="; ".join(usable["study"]), left_out=int(rows["low"].isna().sum()))


def why_not(rows: pd.DataFrame) -> list[str]:
    """Return every reason why rows of ``effects`` may not be pooled; none if they may."""
    reasons = [
        f"several {name}s: {', '.join(map(str, rows[name].unique()))}"
        for name in ("exposure", "outcome", "measure", "unit")
        if rows[name].nunique() > 1
    ]
    usable = rows[rows["low"].notna()]
    if rows["pooled"].any():
        reasons.append(f"{POOLED_ALREADY}: {', '.join(rows.loc[rows['pooled'], 'study'].unique())}")
    if twice := sorted(usable["study"][usable["study"].duplicated()].unique()):
        reasons.append(f"one study more than once: {', '.join(twice)}")
    shared = usable.loc[usable["overlap"] != "", "overlap"]
    if shared.duplicated().any() and not twice:
        reasons.append(f"shared people: {', '.join(shared[shared.duplicated()].unique())}")
    if usable["study"].nunique() < 2:
        reasons.append(f"{usable['study'].nunique()} study with an interval, two are needed")
    return reasons


def one_row(**wanted: str) -> pd.Series:
    """Return the one row of ``effects`` with a number and these texts, such as ``study`` and ``outcome``, in its unit.

    Raises
    ------
    StatisticsError : no such row, or several.
    """
    table = effects()
    own = table[(table[list(wanted)] == list(wanted.values())).all(axis=1) & table["effect"].notna()]
    if len(own) != 1:
        raise StatisticsError(f"effects.csv: expected one row for {', '.join(wanted.values())}; found {len(own)}.")
    return own.iloc[0]


def group_differences(outcome: str, treated: str, control: str) -> pd.DataFrame:
    """Return Hedges' g of every study that prints means and SDs of two groups, as rows that ``pooled`` takes.

    Parameters
    ----------
    outcome, treated, control : of the rows; g is treated less control.

    Returns
    -------
    ``effects``' columns, status C; ``n`` of both groups; ``unit`` is ``Hedges g``; 95 % interval.

    Raises
    ------
    StatisticsError : no study prints both groups.
    """
    table = effects()
    own = table[(table["outcome"] == outcome) & (table["measure"] == "mean") & table["sd"].notna()]
    rows = []
    for _, pair in own.groupby("study", sort=False):
        groups = pair.set_index("exposure")
        if {treated, control} <= set(groups.index):
            a, b = groups.loc[treated], groups.loc[control]
            g = hedges_g(a["effect"], a["sd"], int(a["n"]), b["effect"], b["sd"], int(b["n"])).iloc[0]
            found = {"effect": g["g"], "low": g["low"], "high": g["high"], "sd": np.nan, "n": a["n"] + b["n"]}
            row = a.to_dict() | found | {"exposure": f"{treated} against {control}", "measure": "difference"}
            rows.append(row | {"unit": "Hedges g", "status": "C", "overlap": ""})
    if not rows:
        raise StatisticsError(f"group_differences: expected a study with {treated} and {control} for {outcome!r}.")
    return pd.DataFrame(rows)[list(table.columns)]


def forest_rows(rows: pd.DataFrame, by: Sequence[str] = ("exposure", "outcome")) -> pd.DataFrame:
    """Return rows of ``effects`` as ``figures.effects_forest`` draws them: ``label, effect, low, high, kind, size``.

    Parameters
    ----------
    by : columns that the label names beside the study. ``size`` says how many studies and people, if that was read.
    """
    what = rows[list(by)].agg(", ".join, axis=1)
    sizes = []
    columns = rows[["studies", "n", "effect", "p", "count_of"]]
    for k, n, effect, p, whole in columns.itertuples(index=False, name=None):
        known = [f"{count:g} {word}" for count, word in ((k, "studies"), (n, "people")) if np.isfinite(count)]
        known = [f"review: {', '.join(known)}"] if whole and known else known
        only_p = [f"p printed: {p.replace('<', 'below ')}"] if p and np.isnan(effect) else []
        sizes.append(", ".join(known or ["size not read"]) + "".join(f"\n{text}" for text in only_p))
    table = rows[["effect", "low", "high"]].reset_index(drop=True)
    table.insert(0, "label", [f"{w}\n{s}" for w, s in zip(what, rows["study"], strict=True)])
    return table.assign(kind=np.where(rows["pooled"], "pooled", "study"), size=sizes)


def piece(study: str, exposure: str, outcome: str) -> dict[str, object]:
    """Return one published effect as ``claims.record`` takes it: value, interval, unit, data, pooled, n and source.

    ``n`` counts studies for a pooled figure and people otherwise. Where only the whole review's studies are known,
    ``n_unit`` says so, and by the ledger's rules the piece cannot decide; but a printed I2 takes at least two studies,
    and then ``n`` is 2.

    Raises
    ------
    StatisticsError : no row, or several, with a number, or one whose size could not be read.
    """
    own = one_row(study=study, exposure=exposure, outcome=outcome)
    interval = "not available" if np.isnan(own["low"]) else (own["low"], own["high"])
    count = own["studies"] if own["pooled"] else own["n"]
    if not np.isfinite(count):
        raise StatisticsError(
            f"piece: {study}, {exposure}: how many {'studies' if own['pooled'] else 'people'} was not read."
        )
    size, counted = int(count), "studies" if own["pooled"] else "people"
    if own["count_of"] and np.isfinite(own["i2"]):
        size = 2
    elif own["count_of"]:
        counted += " of the whole review"
    return {
        "value": own["effect"], "interval": interval, "unit": own["unit"], "data": "published",
        "pooled": bool(own["pooled"]), "n": size, "n_unit": counted, "source": study,
    }  # fmt: skip

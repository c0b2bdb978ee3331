"""Published figures: rows of ``data/published/studies.csv`` and ``effects.csv``, each with its source.

``studies`` gives what single studies report, ``effects`` what is known of each link between foot, hip and knee. An
effect was read in a paper's own text or abstract (status S), computed from such (C) or inferred (I). An interval that
could not be read is missing, never filled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import catalogue

NUMBERS = ("n", "value", "low", "high")
EFFECT_NUMBERS = ("n", "studies", "effect", "low", "high", "sd", "i2")


def studies(study: str = "") -> pd.DataFrame:
    """Return the rows of one study, or all: ``n`` people, ``value, low, high`` in ``unit``; texts as they stand.

    A number that is not available is missing, a text that is not there is empty.

    Raises
    ------
    StatisticsError : no row of that study.
    """
    table = pd.read_csv(catalogue.data_folder() / "published" / "studies.csv", keep_default_na=False)
    numbers = {name: pd.to_numeric(table[name].replace("", None)).astype(float) for name in NUMBERS}
    own = table.assign(**numbers)
    own = own[own["study"] == study] if study else own
    if own.empty:
        raise StatisticsError(f"studies: expected a study of the table, found {study!r}.")
    return own.reset_index(drop=True)


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
    StatisticsError : a claim that no row bears on.
    """
    table = pd.read_csv(catalogue.data_folder() / "published" / "effects.csv", dtype=str, keep_default_na=False)
    for name in EFFECT_NUMBERS:
        table[name] = pd.to_numeric(table[name].replace("", np.nan)).astype(float)
    table["pooled"] = table["pooled"] == "yes"
    if not claim:
        return table
    own = table[[claim in ids for ids in table["claims"].str.split("; ")]].reset_index(drop=True)
    if own.empty:
        raise StatisticsError(f"effects: expected a claim that some row bears on, found {claim!r}.")
    return own


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

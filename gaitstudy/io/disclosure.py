"""Keeping people's own data private: where a supplied trial table may go, and which counts may be shown.

A trial table named by ``GAITSTUDY_TRIAL_TABLE`` is analysed in a *private run*: everything goes to
``results/private/``, no figure or table has a mark or a row per person, and counts under five are masked together with
as many others as it takes that nobody can work them out from the totals.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError

TABLE = "GAITSTUDY_TRIAL_TABLE"
"""The environment variable that names a supplied trial table, a CSV or XLSX file."""
FOLDER = "private"
"""Name of the folder in ``results`` that alone receives what is made from it."""
LEAST = 5
"""The smallest count, or number of people behind a mean, that is shown in a private run."""
MASKED = "masked"
TOTAL = "total"
SUMS = ("none", "down", "across", "both")
PERSON_COLUMNS = ("subject", "participant", "person")
TELLING = ("df", "df_denominator", "se", "standard_error", "covariance", "empirical")
"""Columns that beside an estimate and its interval tell how many people were analysed, and so how many were not."""
_KEYED = re.compile(r"\bP\d{3,}\b")


def supplied() -> Path | None:
    """Return the path of the trial table that the environment names, or None."""
    named = os.environ.get(TABLE, "").strip()
    return Path(named).expanduser() if named else None


def private() -> bool:
    """Return whether a supplied trial table is being analysed: then counts are masked and no person is shown."""
    return supplied() is not None


def require_private_folder() -> None:
    """Return if what the running notebook makes goes to ``results/private`` alone.

    Raises
    ------
    GaitStudyError : a supplied table would be shown, and perhaps saved, elsewhere.
    """
    folder = os.environ.get("GAITSTUDY_RESULTS", "")
    if Path(folder).name != FOLDER:
        raise GaitStudyError(
            f"{TABLE}: expected a run that writes to results/{FOLDER} alone, found another. Start it with "
            "`python3 run.py reproduce`; in a session of your own call trial_table.read_trial_table(path)."
        )


def refuse_people(table: pd.DataFrame) -> None:
    """Return if a table may be shown: outside a private run any, within one only a table without a row per person.

    Raises
    ------
    GaitStudyError : a private run, and the table has a column or an index of people, or names one of them.
    """
    if not private():
        return
    named = [str(n) for n in (*table.columns, *table.index.names) if str(n).lower() in PERSON_COLUMNS]
    if named or person_rows(table.to_csv()):
        raise GaitStudyError(
            f"table: expected no row per person in a private run, found {', '.join(named) or 'keys of people'}. "
            "Summarise it by arm or visit first."
        )


def discreet(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it may be shown: in a private run without the columns ``TELLING``, p values to two decimals.

    Estimate, interval and a p value of four decimals give the degrees of freedom, these the number of people analysed;
    beside the number randomised that is how many were missing, however few.
    """
    if not private():
        return table
    chances = {c: table[c].map("{:.2f}".format, na_action="ignore") for c in table if re.match(r"p($| \()", str(c))}
    return table.drop(columns=[c for c in TELLING if c in table]).assign(**chances)


def person_rows(text: str) -> bool:
    """Return whether a text names people by their key (P001, P002, ...)."""
    return bool(_KEYED.search(text))


def mask_small(counts: pd.DataFrame, sums: str = "both", least: int = LEAST) -> pd.DataFrame:
    """Return a table of counts with totals, in which no count under ``least`` is shown or can be worked out.

    Counts under ``least``, zeros too, are masked; then further ones, the smallest in the same row or column first,
    until every masked count could, for all that is shown, be ``least`` or more and has more than one possible value.
    What is possible is found by linear programming over the visible counts and totals. Totals are masked last.

    Parameters
    ----------
    counts : people, one cell a group, without totals.
    sums : totals that a reader knows or that are to be shown: ``down`` (of each column), ``across`` (of each row),
        ``both`` (and the grand total) or ``none``.
    least : the smallest count to show.

    Returns
    -------
    DataFrame of texts: counts and ``masked``, with a row and a column ``total`` as ``sums`` says. Tables that share
    cells with this one are not taken into account.

    Raises
    ------
    GaitStudyError : a count is missing, negative or no whole number, or ``sums`` is another word.
    """
    values = counts.to_numpy(float)
    if sums not in SUMS or not (np.isfinite(values).all() and (values >= 0).all() and (values == values.round()).all()):
        raise GaitStudyError(f"counts: expected whole numbers of people and sums of {', '.join(SUMS)}; found others.")
    full, lines = _with_totals(counts, sums)
    cells = np.ascontiguousarray(full.to_numpy(float))
    inner = np.zeros(cells.shape, bool)
    inner[: values.shape[0], : values.shape[1]] = True
    hidden = cells < least
    for _ in range(cells.size):
        open_ = _recoverable(cells, hidden, lines, least)
        if open_ is None:
            break
        beside = np.zeros(cells.shape, bool)
        for line in lines:
            beside.ravel()[line] |= open_ in line
        for pool in (beside & inner, inner, beside, np.ones(cells.shape, bool)):
            if (free := pool & ~hidden).any():
                hidden.ravel()[np.where(free, cells, np.inf).argmin()] = True
                break
        else:
            break
    return full.astype(int).astype(str).mask(hidden, MASKED)


def shown_counts(counts: pd.DataFrame, sums: str = "both") -> pd.DataFrame:
    """Return a table of counts with totals as texts: as they are, or in a private run as ``mask_small`` leaves them."""
    return mask_small(counts, sums, least=LEAST if private() else 0)


def shown_of(seen: int, of: int) -> str:
    """Return how many of a known number of people, as text: masked in a private run if the others are too few to show.

    For a number analysed beside a number known from elsewhere, where the difference tells how many were left out.
    """
    return str(shown_counts(pd.DataFrame({"seen": [seen], "others": [of - seen]}), "across")["seen"].iloc[0])


def enough(people: int) -> bool:
    """Return whether a mean or a spread over so many people may be shown: in a private run from ``LEAST`` on."""
    return not private() or people >= LEAST


def _with_totals(counts: pd.DataFrame, sums: str) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Return the table with its totals, and each line of it, as places in the flattened table, the total last."""
    full = counts.copy()
    if sums in ("across", "both"):
        full[TOTAL] = full.sum(axis=1)
    if sums in ("down", "both"):
        full.loc[TOTAL] = full.sum(axis=0)
    places = np.arange(full.size).reshape(full.shape)
    rows = list(places) if sums in ("across", "both") else []
    columns = list(places.T) if sums in ("down", "both") else []
    return full, rows + columns


def _recoverable(cells: np.ndarray, hidden: np.ndarray, lines: Sequence[np.ndarray], least: int) -> int | None:
    """Return the place of a masked count that what is shown pins below ``least`` or to one value, or None."""
    from scipy.optimize import linprog

    sums = np.zeros((len(lines), cells.size))
    for k, line in enumerate(lines):
        sums[k, line[:-1]], sums[k, line[-1]] = 1.0, -1.0
    bounds = [(0, None) if h else (v, v) for v, h in zip(cells.ravel(), hidden.ravel(), strict=True)]
    for place in np.flatnonzero(hidden.ravel())[::-1]:  # totals first: a total beside one is masked before a row's
        cost = np.zeros(cells.size)
        cost[place] = 1.0
        known = {"A_eq": sums, "b_eq": np.zeros(len(lines))} if lines else {}
        most = linprog(-cost, bounds=bounds, **known)
        fewest = linprog(cost, bounds=bounds, **known)
        top = -most.fun if most.success else np.inf
        if top < max(least, fewest.fun + 1) - 1e-6:
            return int(place)
    return None

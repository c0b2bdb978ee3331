"""One input of the virtual walker changed at a time, in noise-free people: what the knee then carries.

A sweep says what follows in a body that obeys the walker's equations (``simulate.walker.ASSUMPTIONS``) and does nothing
else on purpose. It is no evidence about patients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.published import one_row
from gaitstudy.simulate.walker import Walker
from gaitstudy.studies import treadmill_study
from gaitstudy.studies.knee_load import FRAMES, LOADS, knee_load

ABSOLUTE = ("lateral", "share")
"""Loads whose changes are given in their own unit: in % of next to nothing they would mean little."""

Change = Callable[[Walker, float], Walker]


def still_people() -> tuple[Walker, ...]:
    """Return the treadmill study's four virtual people without stride-to-stride variability."""
    return tuple(replace(walker, variability=0.0) for walker in treadmill_study.people())


def sweep(
    setting: str,
    change: Change,
    values: Sequence[float],
    people: Sequence[Walker] | None = None,
    side: str = "right",
) -> pd.DataFrame:
    """Return what the knee carries when one setting of each person is changed, each value walked anew.

    Parameters
    ----------
    setting : name of what is changed, with its unit. change : gives the changed person. values : for ``change``; 0 must
        leave the person as they are, and is walked whether asked for or not.
    people : noise-free; without them ``still_people``. side : which knee.

    Returns
    -------
    ``setting, value, person`` (1, 2, ...), ``frame``, the columns of ``LOADS``, for each ``*_change``: from the same
    person's at 0, in % of it (those of ``ABSOLUTE``: in their own unit).

    Raises
    ------
    GaitStudyError : 0 changes a person, or a person cannot walk so.
    """
    tables = []
    for number, walker in enumerate(still_people() if people is None else people, 1):
        if change(walker, 0.0) != walker:
            raise GaitStudyError(f"sweep: expected a change of 0 {setting} to leave person {number} as they are.")
        base = knee_load(walker, side)
        for value in values:
            found = knee_load(change(walker, float(value)), side, walker)
            table = found.assign(setting=setting, value=float(value), person=number)
            del table["percent1"], table["percent2"]
            for name in LOADS:
                apart = found[name] - base[name]
                table[f"{name}_change"] = apart if name in ABSOLUTE else 100 * apart / base[name]
            tables.append(table)
    whole = pd.concat(tables, ignore_index=True)
    first = ["setting", "value", "person", "frame"]
    return whole[[*first, *(c for c in whole.columns if c not in first)]]


def spread(
    table: pd.DataFrame, columns: Sequence[str], by: Sequence[str] = ("setting", "value", "frame")
) -> pd.DataFrame:
    """Return mean, lowest and highest over the virtual people: ``by``, ``load, mean, low, high, people``.

    The span of a few virtual people is no confidence interval: it shows how much the answer hangs on whose body it is.
    """
    long = table.melt([*by, "person"], list(columns), "load", "size")
    grouped = long.groupby([*by, "load"], sort=False)["size"]
    found = grouped.agg(mean="mean", low="min", high="max").reset_index()
    return found.assign(people=table["person"].nunique())


def published_spread() -> pd.Series:
    """Return the published SD of the peak knee adduction moment between people: ``sd`` (%BW*Ht), ``n``, ``people``.

    Shakoor 2010, people with osteoarthritis walking barefoot; a row of ``data/published/effects.csv``.

    Raises
    ------
    StatisticsError : the table has not exactly one such row.
    """
    return one_row(study="Shakoor 2010", exposure="barefoot", unit="%BW*Ht")


def standardised(table: pd.DataFrame, sd: float | None = None) -> pd.DataFrame:
    """Return a sweep with ``smd``, the change of KAM1 in standard deviations between people.

    Parameters
    ----------
    table : of ``sweep``, 0 among its values. sd : %BW*Ht; without it the published one.

    Raises
    ------
    GaitStudyError : 0 was not walked by every setting, person and frame.
    """
    keys = ["setting", "person", "frame"]
    base = table[table["value"] == 0].set_index(keys)["kam1"].rename("base")
    joined = table.join(base, on=keys)
    if joined["base"].isna().any():
        raise GaitStudyError("standardised: expected a sweep through 0 of every setting and person. Walk 0, too.")
    return table.assign(smd=(joined["kam1"] - joined["base"]) / (published_spread()["sd"] if sd is None else sd))


def crossing(x: Sequence[float], y: Sequence[float], level: float) -> float:
    """Return where a line through swept points, monotone in y, crosses a level; NaN beyond the points.

    Examples
    --------
    >>> crossing([0, 1, 2], [0.0, -1.0, -3.0], -2.0)
    1.5
    """
    across, along = np.asarray(x, float), np.asarray(y, float)
    steps = np.diff(along)
    if not ((steps > 0).all() or (steps < 0).all()):
        raise GaitStudyError(f"crossing: expected values that only rise or only fall, found {along.tolist()}.")
    order = np.argsort(along)
    return float(np.interp(level, along[order], across[order], left=np.nan, right=np.nan))


def as_row(table: pd.DataFrame, value: float, load: str, frame: str) -> dict[str, Any]:
    """Return mean and span of one load at one value of a sweep over people, for the ledger: ``value, interval, n``."""
    own = table[(table["value"] == value) & (table["frame"] == frame)][load]
    if own.empty:
        known = sorted(table["value"].unique())
        raise GaitStudyError(
            f"sweep: expected one of the values {known} and a frame of {FRAMES}, found {value}, {frame}."
        )
    return {"value": float(own.mean()), "interval": (float(own.min()), float(own.max())), "n": len(own)}

"""What the virtual walker copies from real people: the stored template curves, evaluated at any phase."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import catalogue, results

FILE = "walker_templates.csv"
"""In ``data/derived``; under its whole name, by which the hash of the code behind a table finds what it reads."""


def table() -> pd.DataFrame:
    """Return the templates as they are stored: columns ``curve, term, order, value, unit, spread, n``, in the units
    named there.

    Raises
    ------
    GaitStudyError : they are not in ``data/derived``.
    """
    found = results.read(Path(FILE).stem)
    if found is None:
        raise GaitStudyError(
            f"walker: expected the templates in data/derived/{FILE}, found none. Use a whole checkout."
        )
    return found[0]


def _unknown(name: str) -> GaitStudyError:
    known = ", ".join(dict.fromkeys(table()["curve"]))
    return GaitStudyError(f"walker: expected a template of {known}; found {name!r}. Use one of these.")


def _state() -> tuple[Path, int]:
    """The file of the templates and when it was written: what a cached number depends on."""
    path = catalogue.data_folder() / "derived" / FILE
    try:
        return path, os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return path, 0


@cache
def _terms(name: str, state: tuple[Path, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cosine amounts, sine amounts and orders of a curve."""
    rows = table()
    rows = rows[(rows["curve"] == name) & (rows["term"] != "value")]
    if rows.empty:
        raise _unknown(name)
    orders = np.arange(rows["order"].max() + 1)
    amounts = rows.set_index(["term", "order"])["value"]
    cosines, sines = (np.array([float(amounts.get((t, k), 0.0)) for k in orders]) for t in ("cos", "sin"))
    return cosines, sines, orders


@cache
def _value(name: str, state: tuple[Path, int]) -> float:
    rows = table()
    found = rows.loc[(rows["curve"] == name) & (rows["term"] == "value"), "value"]
    if found.empty:
        raise _unknown(name)
    return float(found.iloc[0])


def value(name: str) -> float:
    """Return one proportion of the templates, in the unit that the table gives.

    Raises
    ------
    GaitStudyError : there is none of that name.
    """
    return _value(name, _state())


def curve(name: str, share: np.ndarray) -> np.ndarray:
    """Return a template curve, in the unit that the table gives.

    Parameters
    ----------
    name : ``knee_flexion`` (deg) over the stride, ``vertical_force`` over the step, ``cop_along``, ``cop_across``
        (heel-to-toe lengths) over stance. share : 0-1 of stride, step or stance, any shape.

    Raises
    ------
    GaitStudyError : there is no curve of that name.
    """
    cosines, sines, orders = _terms(name, _state())
    angle = (np.pi if name.startswith("cop") else 2 * np.pi) * np.asarray(share, float)
    result = np.zeros(angle.shape)
    double = 2 * np.cos(angle)  # each harmonic follows from the two before it
    for amounts, first, function in ((cosines, 1.0, np.cos), (sines, 0.0, np.sin)):
        if amounts.any():
            before, now = np.full(angle.shape, first), function(angle)
            for k in orders:
                result += amounts[k] * before
                before, now = now, double * now - before
    return result


def smooth_step(u: np.ndarray) -> np.ndarray:
    """Return 0 below 0, 1 above 1 and between them a rise whose first two derivatives vanish at both ends (no unit)."""
    u = np.clip(u, 0.0, 1.0)
    return u**3 * (10 - 15 * u + 6 * u**2)


def early_pitch(phase: np.ndarray, at_contact: float, flat_after: float) -> np.ndarray:
    """Return how far the toes are up about initial contact, in the unit of ``at_contact``.

    Parameters
    ----------
    phase : share of the stride since contact; negative before it. at_contact : toe-up angle at contact.
    flat_after : share of the stride after which the foot is flat.
    """
    return 2 * at_contact * (1 - smooth_step((phase / flat_after + 1) / 2))

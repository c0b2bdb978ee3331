"""Parameters of virtual people: one published table a model, each with its source, and a reader's changes to it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping

import pandas as pd

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import catalogue


def table(file: str, changed: Mapping[str, float] | None) -> pd.DataFrame:
    """Return the parameters of a model, each in its unit, with a reader's changes in place and marked as assumptions.

    Parameters
    ----------
    file : of ``data/published``; besides the columns returned it holds ``low`` and ``high``, the smallest and largest
        value that has a meaning.
    changed : new values by name, in the unit of the table.

    Returns
    -------
    ``name, value, unit, source, status`` (S read in the source, C computed or I inferred from it, A assumption),
    ``note``.

    Raises
    ------
    GaitStudyError : there is no such parameter, or a value is not finite or beyond its limits.
    """
    known = pd.read_csv(catalogue.data_folder() / "published" / file, keep_default_na=False).set_index("name")
    known["value"] = known["value"].astype(float)
    for name, value in (changed or {}).items():
        if name not in known.index:
            close = difflib.get_close_matches(name, known.index, n=2)
            hint = f", did you mean {' or '.join(close)}?" if close else "."
            raise GaitStudyError(f"{name!r} is no parameter{hint} parameters() of the model lists them.")
        low, high = known.loc[name, ["low", "high"]]
        if not (math.isfinite(value) and low <= value <= high):
            raise GaitStudyError(f"{name}: expected a finite number from {low:g} to {high:g}, found {value:g}.")
        known.loc[name, ["value", "source", "status", "note"]] = [value, "assumption", "A", "changed by the caller"]
    return known.drop(columns=["low", "high"]).reset_index()

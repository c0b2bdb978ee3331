"""Assumed parameters of the simulations: one table a model, with source or reason, and a reader's changes to it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError


class Parameter(NamedTuple):
    """One number of a model. ``kind`` : ``source`` or ``assumption``; ``note`` : which source, or why."""

    name: str
    value: float
    unit: str
    kind: str
    note: str

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest value that has a meaning, by name and unit: SDs, correlations, shares; else any."""
        if self.name.endswith("_correlation"):
            return -1.0, 1.0
        if self.unit in ("share", "per visit"):
            return 0.0, 1.0
        return (0.0 if self.name.endswith(("_sd", "_spread")) else -np.inf), np.inf


def table(parameters: Sequence[Parameter], changed: Mapping[str, float] | None, argument: str) -> pd.DataFrame:
    """Return parameters as a table, each in its unit, with a reader's changes made and marked as assumptions.

    Parameters
    ----------
    parameters : of one model, names unique. changed : new values by name, in the unit of the table.
    argument : what the reader calls ``changed``, for messages.

    Raises
    ------
    GaitStudyError : there is no such parameter, or a value is not finite or beyond ``Parameter.limits``; all are
        listed.

    Examples
    --------
    >>> row = Parameter("step_sd", 0.25, "%BW*Ht", "source", "a study")
    >>> table([row], {"step_sd": 0.3}, "changed").to_numpy().tolist()
    [['step_sd', 0.3, '%BW*Ht', 'assumption', 'changed by the caller']]
    """
    changed, known = changed or {}, {row.name: row for row in parameters}
    problems = []
    for name, value in changed.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=2)
            problems.append(f"{name!r} is no parameter" + (f", did you mean {' or '.join(close)}?" if close else ""))
            continue
        low, high = known[name].limits
        if not np.isfinite(value):
            problems.append(f"{name}: expected a finite number, found {value}")
        elif not low <= value <= high:
            problems.append(
                f"{name}: expected {f'{low:g} to {high:g}' if high < np.inf else '0 or more'}, found {value:g}"
            )
    if problems:
        raise GaitStudyError(f"{argument}: {'; '.join(problems)}. parameters() of the model lists them.")
    rows = [
        row._replace(value=float(changed[row.name]), kind="assumption", note="changed by the caller")
        if row.name in changed
        else row
        for row in parameters
    ]
    return pd.DataFrame(rows, columns=list(Parameter._fields))

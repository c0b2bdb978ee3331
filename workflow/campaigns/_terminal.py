"""How campaigns print their tables, and how they end when a table is no longer what is stored."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
from rich.table import Table

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import results


@contextmanager
def differences_end() -> Iterator[None]:
    """End the program, with what differs, when a table computed in the block is not the stored one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", results.TableDiffers)
        try:
            yield
        except (GaitStudyError, results.TableDiffers) as said:
            sys.exit(str(said))


def shown(frame: pd.DataFrame, title: str = "simulated", places: int = 3, width: int | None = 200) -> Table:
    """Return a table for the terminal, numbers that are not whole to so many places."""
    table = Table(*map(str, frame.columns), title=title, width=width)
    for row in frame.itertuples(index=False):
        table.add_row(*(f"{v:.{places}f}" if isinstance(v, float) else str(v) for v in row))
    return table

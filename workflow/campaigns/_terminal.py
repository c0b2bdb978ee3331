"""How campaigns print their tables."""

from __future__ import annotations

import pandas as pd
from rich.table import Table


def shown(frame: pd.DataFrame, title: str = "simulated", places: int = 3, width: int | None = 200) -> Table:
    """Return a table for the terminal, numbers that are not whole to so many places."""
    table = Table(*map(str, frame.columns), title=title, width=width)
    for row in frame.itertuples(index=False):
        table.add_row(*(f"{v:.{places}f}" if isinstance(v, float) else str(v) for v in row))
    return table

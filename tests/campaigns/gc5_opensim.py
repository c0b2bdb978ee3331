"""Static optimisation of the five walks with an instrumented knee: ``python3 run.py campaign gc5_opensim``.

Needs the recordings (``GAITSTUDY_DATA``, or fetched) and OpenSim; about a minute. The tables are compared with those
of ``data/derived/``; they are written if there are none, or anew under ``GAITSTUDY_UPDATE_DERIVED=1``. Nothing is
random. Only summary numbers are kept: the dataset's licence lets no curve be.
"""

from __future__ import annotations

import sys

import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

from gaitstudy import implant, opensim_walks
from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import catalogue

TOLERANCE = 0.01
REASON = (
    "an optimiser's: on one machine every run gives the same digits, whatever the number of threads; a hundred times "
    "looser convergence moves a number by up to .006 of itself, so another build of OpenSim may too"
)
INPUTS = [
    (implant.DATASET, pattern)
    for pattern in (
        opensim_walks.MODEL, "inputs/Static_for_scaling.trc", "inputs/trc/*.trc", "inputs/grf/*.mot", "reference_IK/*",
        "reference_opensim33_JR/*", "reference_in_vivo/*",
    )
]  # fmt: skip
COMPUTED = {
    "gc5_opensim": opensim_walks.against_implant,
    "gc5_opensim_axial": opensim_walks.against_dataset,
    "gc5_opensim_calibration": opensim_walks.calibration,
}


def main() -> int:
    """Run every trial; make, compare or store the tables; print them and what was asked of them."""
    console = Console()
    try:
        for trial in track(implant.trials(), "static optimisation", console=console):
            opensim_walks.reactions(trial)
        tables = {}
        for name, compute in COMPUTED.items():
            tables[name] = catalogue.derived(
                name,
                compute,
                inputs=INPUTS,
                key=opensim_walks.TABLES[name],
                tolerance=TOLERANCE,
                reason=REASON,
            )
            console.print(shown(name, tables[name]))
        console.print(shown("asked and found", opensim_walks.asked(*list(tables.values())[:2])))
    except GaitStudyError as error:
        console.print(str(error), markup=False)
        return 1
    return 0


def shown(title: str, frame: pd.DataFrame) -> Table:
    """Return a table for the terminal, numbers to three places."""
    table = Table(title=title)
    for column in frame.columns:
        table.add_column(str(column))
    for row in frame.itertuples(index=False):
        table.add_row(*(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row))
    return table


if __name__ == "__main__":
    sys.exit(main())

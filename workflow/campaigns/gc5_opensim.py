"""Static optimisation of the five walks with an instrumented knee: ``python3 run.py campaign gc5_opensim``.

Needs the recordings (``GAITSTUDY_DATA``, or fetched) and OpenSim; about a minute. The tables are compared with those of
``data/derived/``; they are written if there are none. Nothing is random. Only summary numbers are kept: the dataset's
licence lets no curve be.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import track

from gaitstudy.io import results
from gaitstudy.studies import implant, opensim_walks
from workflow.campaigns._terminal import differences_end, shown

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
    with differences_end():
        for trial in track(implant.trials(), "static optimisation", console=console):
            opensim_walks.reactions(trial)
        tables = {}
        for name, compute in COMPUTED.items():
            tables[name] = results.table(
                name, compute, key=opensim_walks.TABLES[name], inputs=INPUTS, tolerance=opensim_walks.TOLERANCE,
                reason=opensim_walks.REASON,
            )  # fmt: skip
            console.print(shown(tables[name], name, width=None))
        console.print(shown(opensim_walks.asked(*list(tables.values())[:2]), "asked and found", width=None))
    return 0


if __name__ == "__main__":
    sys.exit(main())

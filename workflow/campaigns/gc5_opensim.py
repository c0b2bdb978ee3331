"""Static optimisation of the five walks with an instrumented knee: ``python3 run.py campaign gc5_opensim``.

Needs the recordings (``GAITSTUDY_DATA``, or fetched) and OpenSim; about a minute. The tables are compared with those of
``data/derived/``; they are written if there are none. Nothing is random. Only summary numbers are kept: the dataset's
licence lets no curve be.
"""

from __future__ import annotations

import sys

from rich.console import Console

from gaitstudy.io import results
from gaitstudy.tables import implant
from workflow.campaigns._terminal import differences_end, shown

INPUTS = [
    (implant.DATASET, pattern)
    for pattern in (
        implant.MODEL, "inputs/Static_for_scaling.trc", "inputs/trc/*.trc", "inputs/grf/*.mot", "reference_IK/*",
        "reference_opensim33_JR/*", "reference_in_vivo/*",
    )
]  # fmt: skip
REASON = (
    "an optimiser's: on one machine every run gives the same digits, whatever the number of threads; a hundred times "
    "looser convergence moves a number by up to .006 of itself, so another build of OpenSim may too"
)
"""Why the tolerance is wider than rounding."""
COMPUTED = {
    "gc5_opensim": (implant.opensim_errors, ["estimator", "trial", "compartment"]),
    "gc5_opensim_axial": (implant.opensim_reactions, ["trial"]),
    "gc5_opensim_calibration": (implant.opensim_calibration, ["predictor", "trial"]),
}


def main() -> int:
    """Run every trial; make, compare or store the tables; print them."""
    console = Console()
    with differences_end():
        for name, (compute, key) in COMPUTED.items():
            table = results.table(name, compute, key=key, inputs=INPUTS, tolerance=implant.TOLERANCE, reason=REASON)
            console.print(shown(table, name, width=None))
    return 0


if __name__ == "__main__":
    sys.exit(main())

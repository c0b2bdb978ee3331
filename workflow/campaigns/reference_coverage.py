"""Jump to reference against its own truth: ``python3 run.py campaign reference_coverage``.

Five hundred simulated trials of 34 + 34 people, dropout at random, the arms' baselines equal and three points apart,
with Rubin's rules and with the jackknife; about ten minutes. The table is compared with the one in ``data/derived/``;
it is written if there is none. The seed was set before the first run.
"""

from __future__ import annotations

import sys

from rich.console import Console

from gaitstudy.io import results
from gaitstudy.tables import reference_coverage
from workflow.campaigns._terminal import differences_end, shown

TRIALS, SEED = 500, 20261
"""Of each cell."""


def main() -> int:
    """Simulate, analyse, compare with the stored table or write it, and print what was found."""
    console = Console()
    compute, key = reference_coverage.coverage, reference_coverage.KEY
    with differences_end():
        table = results.table(reference_coverage.NAME, compute, key=key, count=TRIALS, seed=SEED)
    Console(width=200).print(shown(table, places=4))
    near = bool(((table["mean"] - table["truth"]).abs() <= 2 * table["error"]).all())
    console.print("every mean lies within two Monte-Carlo errors of the truth" if near else "a mean lies OUTSIDE")
    return 0 if near else 1


if __name__ == "__main__":
    sys.exit(main())

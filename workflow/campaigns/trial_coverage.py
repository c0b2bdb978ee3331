"""Coverage and error rate of the trial's two main models: ``python3 run.py campaign trial_coverage``.

Simulated trials of 34 + 34 people with a known truth, with and without an effect, dropout at random and not at random;
about four minutes. The table is compared with the one in ``data/derived/``; it is written if there is none. The seed
was set before the first run.
"""

from __future__ import annotations

import sys

from rich.console import Console

from gaitstudy.io import results
from gaitstudy.tables import trial_coverage
from workflow.campaigns._terminal import differences_end, shown

TRIALS, SEED = 2000, 20251
"""Of each cell."""


def main() -> int:
    """Simulate, analyse, compare with the stored table or write it, and print what was found."""
    console = Console()
    compute, key = trial_coverage.coverage, trial_coverage.KEY
    with console.status(f"{TRIALS} trials in each of 4 settings, two models each"), differences_end():
        table = results.table(trial_coverage.NAME, compute, key=key, count=TRIALS, seed=SEED)
    Console(width=200).print(shown(table, places=4))
    within = all(
        low <= value <= high
        for name in ("covered", "rejected")
        for value, low, high in table[[name, f"{name}_low", f"{name}_high"]].dropna().itertuples(index=False)
    )
    console.print("every rate that is asked for lies in its Monte-Carlo interval" if within else "a rate lies OUTSIDE")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())

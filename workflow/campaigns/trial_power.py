"""Power of the next trial by size, model and assumption: ``python3 run.py campaign trial_power``.

Simulated trials in the settings of ``gaitstudy.tables.trial_power``, in two processes; about four minutes.
The table is compared with the one in ``data/derived/``; it is written if there is none. Notebook 11 and a test compare
it with the closed form of its last rows. The seed was set before the first run.
"""

from __future__ import annotations

import sys
import time

from rich.console import Console

from gaitstudy.io import results
from gaitstudy.tables import trial_power
from workflow.campaigns._terminal import differences_end, shown

TRIALS, SEED = 2000, 20252
"""Of each row."""
WORKERS = 2


def main() -> int:
    """Simulate, analyse, compare with the stored table or write it, and print what was found."""
    console = Console(width=200)
    start = time.perf_counter()
    compute, key = trial_power.study, trial_power.KEY
    with console.status(f"{TRIALS} trials in each setting"), differences_end():
        table = results.table(trial_power.NAME, compute, key=key, count=TRIALS, seed=SEED, workers=WORKERS)
    seconds = time.perf_counter() - start
    console.print(shown(table))
    console.print(f"{seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

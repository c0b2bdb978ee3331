"""Power of the next trial by size, model and assumption: ``python3 run.py campaign trial_power``.

Simulated trials in the settings of ``gaitstudy.tables.trial_power.settings``, in two processes; about four minutes.
The table is compared with the one in ``data/derived/``; it is written if there is none. Where there is a closed form,
the simulated power must agree with it. The seed was set before the first run.
"""

from __future__ import annotations

import sys
import time

from rich.console import Console
from scipy import stats

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
    with console.status(f"{TRIALS} trials in each of {len(trial_power.settings())} settings"), differences_end():
        table = results.table(trial_power.NAME, compute, key=key, count=TRIALS, seed=SEED, workers=WORKERS)
    seconds = time.perf_counter() - start
    console.print(shown(table))
    exact = table[table["exact"].notna()]
    reach = stats.norm.isf(0.005 / len(exact)) * (exact["exact"] * (1 - exact["exact"]) / exact["trials"]) ** 0.5
    within = bool(((exact["power"] - exact["exact"]).abs() <= reach).all())
    said = "lies within" if within else "lies OUTSIDE"
    console.print(
        f"{seconds:.0f} s; power where there is a closed form {said} its Monte-Carlo interval (99 %, all rows)"
    )
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())

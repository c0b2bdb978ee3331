"""What visits and MMRM can see of pain, by size of the trial: ``python3 run.py campaign recovery_course``.

Simulated trials of 34 to 300 people an arm with the effects of notebook 06; about a minute. The table is compared with
the one in ``data/derived/``; it is written if there is none. The mean estimate must be the difference put in, up to
chance. The seed was set before the first run.
"""

from __future__ import annotations

import sys
import time

from rich.console import Console
from scipy import stats

from gaitstudy.io import results
from gaitstudy.tables import recovery_course
from workflow.campaigns._terminal import differences_end, shown

TRIALS, SEED = 2000, 20253
"""Of each size."""


def main() -> int:
    """Simulate, analyse, compare with the stored table or write it, and print what was found."""
    console, start = Console(width=200), time.perf_counter()
    compute, key = recovery_course.visible, recovery_course.KEY
    with console.status(f"{TRIALS} trials of each of {len(recovery_course.SIZES)} sizes"), differences_end():
        table = results.table(recovery_course.NAME, compute, key=key, trials=TRIALS, seed=SEED)
    seconds = time.perf_counter() - start
    console.print(shown(table))
    reach = stats.norm.isf(0.005 / len(table)) * table["se"] / table["trials"] ** 0.5
    within = bool(((table["estimate"] - table["truth"]).abs() <= reach).all())
    said = "lies within" if within else "lies OUTSIDE"
    console.print(f"{seconds:.0f} s; the difference put in {said} the estimate's Monte-Carlo interval (99 %, all rows)")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())

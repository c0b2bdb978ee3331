"""Rule against shrinkage in simulated people who choose a foot angle: ``python3 run.py campaign foot_angle_choice``.

A hundred cohorts of 107 people for each of twelve designs (steps in a condition, tests of a person), and for some of
them of 25 and 50 people, or with three times as many others tested twice; four methods on the same people; about ten
minutes. The table is compared with the one in ``data/derived/``; it is written if there is none. The seed was set
before the first run; smaller cohorts, more others and the look at those with most to gain were added after it.
"""

from __future__ import annotations

import sys

from rich.console import Console

from gaitstudy.io import results
from gaitstudy.tables import foot_angle_choice
from workflow.campaigns._terminal import differences_end, shown

COHORTS, SEED = 100, 20252
"""Of each design."""


def main() -> int:
    """Simulate, choose, compare with the stored table or write it, and print what was found."""
    console = Console(width=200)
    compute, key = foot_angle_choice.every_design, foot_angle_choice.KEY
    with console.status(f"{COHORTS} cohorts of each design"), differences_end():
        table = results.table(foot_angle_choice.NAME, compute, key=key, cohorts=COHORTS, seed=SEED)
    columns = (
        "people retested steps tests method curse slope slope_low slope_high regret regret_saved_low regret_saved "
        "regret_saved_high advised helped let_down tenth tenth_regret left_out"
    ).split()
    console.print(shown(table[columns]))
    low, high = foot_angle_choice.HONEST
    for method in foot_angle_choice.METHODS:
        one = table[table["method"] == method]
        honest = int(one["slope"].between(low, high).sum())
        console.print(f"{method}: slope within {low}-{high} in {honest} of {len(one)} designs")
    return 0


if __name__ == "__main__":
    sys.exit(main())

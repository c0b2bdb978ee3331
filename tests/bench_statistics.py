"""Speed of the statistics beside the usual way of computing the same, called by ``bench``."""

from __future__ import annotations

import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gaitstudy.stats.batched import mmrm_many, visit_design
from gaitstudy.stats.longitudinal import contrasts, mmrm

if TYPE_CHECKING:
    from tests.bench import Row

SEED = 11
ROOT = Path(__file__).resolve().parents[1]
ORACLE = ROOT / "tests" / "oracles" / "repeated_measures.R"
R_HAS_ALL = "quit(status = !all(sapply(c('lme4', 'lmerTest', 'pbkrtest', 'nlme'), requireNamespace, quietly = TRUE)))"


def simulated_trials(
    trials: int, people: int = 68, visits: int = 4, gaps: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes and design of two-arm trials with a random intercept; a share of people leaves at each visit."""
    rng = np.random.default_rng(SEED)
    arm, baseline = np.arange(people) % 2, rng.normal(5, 1.5, (trials, people))
    y = 0.5 * baseline[..., None] + rng.normal(0, 1.5, (trials, people, 1)) + rng.normal(size=(trials, people, visits))
    y[(rng.uniform(size=y.shape) < gaps).cumsum(-1) > 0] = np.nan
    return y, visit_design(arm, baseline, visits)


def repeated_measures(trials: int = 2_000) -> list[Row]:
    """Time one mixed model for repeated measures, from table to test, against R's fit and test; and many of them.

    R's time is taken inside R around lme4's fit and pbkrtest's Kenward-Roger test of one row; start-up and reading are
    not counted.
    """
    from tests.bench import Row, best, compared, limited  # at the call: bench imports this module

    path = ROOT / "data" / "reference" / "simulated_trial_dropout.csv"
    table = pd.read_csv(path).astype({"arm": "category"})

    def last_visit() -> pd.Series:
        return contrasts(mmrm("outcome ~ baseline * visit + arm * visit", table)).iloc[-1]

    ours, mine = best(last_visit, 20)
    size = f"MMRM, Kenward-Roger, {table['participant'].nunique()} x {table['visit'].nunique()}, table to test"
    if shutil.which("Rscript") and not subprocess.run(["Rscript", "-e", R_HAS_ALL], capture_output=True).returncode:
        command = ["Rscript", str(ORACLE), str(path), "time"]
        runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(3)]
        np.testing.assert_allclose(
            mine[["estimate", "se", "df"]].astype(float), np.array(runs[0][1:], float), rtol=1e-4
        )
        first = compared(f"{size}; v R (lme4, pbkrtest), inside R", min(float(r[0]) for r in runs), ours, 10.0)
    else:
        first = Row(f"{size}; v R: skipped, no Rscript with lme4, lmerTest, pbkrtest, nlme", asked=">= 10 x")
    y, x = simulated_trials(trials, gaps=0.05)
    many, found = best(partial(mmrm_many, y, x, np.eye(12)[[10]]), 1)
    done = (found["status"] == "converged").sum()
    return [
        first,
        limited(size, ours, 0.1),
        limited(f"MMRM, Kenward-Roger, {trials:,} trials of {y.shape[1]} x 4 with dropout ({done:,} converged)", many),
    ]

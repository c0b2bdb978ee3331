"""Four simulated trials, and what R makes of them: lme4, lmerTest, pbkrtest and nlme on repeated measures.

``python tests/oracles/repeated_measures.py`` writes the trials to ``data/reference/simulated_trial_*.csv`` and R's
numbers to ``data/reference/repeated_measures.csv``. It needs numpy, pandas and Rscript with those four packages, and
nothing of this package. Everyone in these tables is simulated.
"""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20250817
REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"
SCRIPT = Path(__file__).with_suffix(".R")
VISITS = (7, 11, 25, 52)
TRIALS = {"complete": (40, 2), "dropout": (80, 2), "intermittent": (60, 2), "three_arms": (66, 3)}
"""Participants and arms of each trial."""


def simulate(name: str) -> pd.DataFrame:
    """Return one simulated trial, a row for each participant and visit, with what is missing left empty."""
    people, arms = TRIALS[name]
    rng = np.random.default_rng([SEED, list(TRIALS).index(name)])
    arm = np.arange(people) % arms
    baseline = rng.normal(5.5, 1.4, people).round(1)
    spread = np.array([1.2, 1.5, 1.8, 2.1])
    correlation = 0.75 ** np.abs(np.subtract.outer(range(4), range(4))) * 0.8 + 0.2 * np.eye(4)
    noise = rng.multivariate_normal(np.zeros(4), correlation * np.outer(spread, spread), people)
    outcome = (2 + 0.5 * baseline[:, None] - 0.4 * arm[:, None] * np.arange(1, 5) + noise).round(2)
    if name in ("dropout", "three_arms"):  # leaves for good, the sooner the worse the last outcome seen was
        gone = np.zeros(people, bool)
        for visit in range(1, 4):
            gone |= rng.uniform(size=people) < 1 / (1 + np.exp(3.2 - 0.3 * outcome[:, visit - 1]))
            outcome[gone, visit] = np.nan
    if name in ("intermittent", "three_arms"):
        outcome[rng.uniform(size=outcome.shape) < 0.12] = np.nan
    table = pd.DataFrame(
        {
            "participant": np.repeat([f"s{k:03d}" for k in range(people)], 4),
            "arm": np.repeat(np.array(["C", "I", "J"])[arm], 4),
            "visit": np.tile(VISITS, people),
            "baseline": np.repeat(baseline, 4),
            "outcome": outcome.ravel(),
        }
    )
    return table.astype({"arm": object})


def ask_r(table: Path, *more: str) -> str:
    """Return what R prints about one table."""
    return subprocess.run(
        ["Rscript", str(SCRIPT), str(table), *more], check=True, capture_output=True, text=True
    ).stdout


def main() -> None:
    """Write the trials and R's numbers."""
    found = []
    for name in TRIALS:
        path = REFERENCE / f"simulated_trial_{name}.csv"
        simulate(name).to_csv(path, index=False, lineterminator="\n")
        numbers = pd.read_csv(io.StringIO(ask_r(path)), skipinitialspace=True)
        found.append(numbers.assign(trial=name)[["trial", *numbers.columns]])
    pd.concat(found).to_csv(REFERENCE / "repeated_measures.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""What a model of repeated measures can see of pain at each visit of simulated trials: the course of pain is put in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.simulate import cohort, trial_model
from gaitstudy.stats.batched import mmrm_many, visit_design
from gaitstudy.stats.mixed import CONVERGED

NAME = "recovery_course"
KEY = ["n_per_arm", "week"]
SIZES = (34, 100, 300)
"""People an arm: the published trial's, and two larger ones."""


def visible(sizes: Sequence[int] = SIZES, trials: int = 200, seed: int = 0) -> pd.DataFrame:
    """Return what MMRM can see of pain at each visit of simulated trials, by size of the trial.

    Parameters
    ----------
    sizes : people an arm. trials, seed : of each size.

    Returns
    -------
    ``n_per_arm, week``; NRS points: ``truth``, the difference put in; ``estimate`` and ``se``, means over trials;
    ``half_width`` of the 95 % interval; ``smallest``, the difference found with a power of 80 %; ``found``, share of
    trials in which the one put in is significant (p < .05) in its direction; ``seen``, share of people; ``trials``,
    drawn; ``without_number``, those of them in which the model gave none.
    """
    rows = []
    for n in sizes:
        drawn = cohort.simulate_trials(trials, n, seed)
        pain = drawn.seen["pain"].values
        baseline, change = pain[..., 0], pain[..., 1:] - pain[..., :1]
        visits = change.shape[-1]
        design = visit_design(drawn.arm.astype(float), baseline - baseline.mean(1, keepdims=True), visits)
        tested = mmrm_many(change, design, np.eye(3 * visits)[1::3])
        between = drawn.truth.query("quantity == 'pain, change' and arm == 'between'").set_index("visit")["value"]
        for v, week in enumerate(trial_model.VISITS[1:]):
            every = tested[tested["contrast"] == v]
            good = every[every["status"] == CONVERGED]
            df, se = good["df"].mean(), good["se"].mean()
            hits = (good["p"] < 0.05) & (np.sign(good["estimate"]) == np.sign(between[week]))
            rows.append(
                {
                    "n_per_arm": n, "week": week, "truth": between[week], "estimate": good["estimate"].mean(), "se": se,
                    "half_width": ((good["high"] - good["low"]) / 2).mean(),
                    "smallest": se * (stats.t.isf(0.025, df) + stats.t.ppf(0.8, df)),
                    "found": hits.sum() / len(every), "seen": np.isfinite(change[..., v]).mean(),
                    "trials": len(every), "without_number": len(every) - len(good),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)

"""What a model of repeated measures can see of pain at each visit of simulated trials: the course of pain is put in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import GaitStudyError
from gaitstudy.simulate import cohort, trial_model
from gaitstudy.stats.batched import mmrm_many, visit_design
from gaitstudy.stats.mixed import CONVERGED

NAME = "recovery_course"
KEY = ["n_per_arm", "week"]
SIZES = (34, 100, 300)
"""People an arm: the published trial's, and two larger ones."""


def visible(
    sizes: Sequence[int] = SIZES, trials: int = 200, seed: int = 0, power: float = 0.8, alpha: float = 0.05
) -> pd.DataFrame:
    """Return what MMRM can see of pain at each visit of simulated trials, by size of the trial.

    Parameters
    ----------
    sizes : people an arm. trials, seed : of each size. power, alpha : of the smallest difference.

    Returns
    -------
    ``n_per_arm, week``; NRS points: ``truth``, the difference put in; ``estimate`` and ``se``, means over trials;
    ``half_width`` of the 95 % interval; ``smallest``, the difference found with that power; ``found``, share of trials
    in which the one put in is significant in its direction; ``seen``, share of people; ``trials``, drawn;
    ``without_number``, those of them in which the model gave none.

    Raises
    ------
    GaitStudyError : no size, or one with fewer than 5 people an arm.
    """
    if not sizes or min(sizes) < 5:
        raise GaitStudyError(f"visible: expected sizes of 5 or more people an arm, found {list(sizes)}.")
    rows = []
    for n in sizes:
        drawn = cohort.simulate_trials(trials, n, seed)
        pain = drawn.seen["pain"].values
        baseline, change = pain[..., 0], pain[..., 1:] - pain[..., :1]
        visits = change.shape[-1]
        design = visit_design(drawn.arm.astype(float), baseline - baseline.mean(1, keepdims=True), visits)
        tested = mmrm_many(change, design, np.eye(3 * visits)[1::3])
        between = drawn.truth.query("quantity == 'pain, change' and arm == 'between'").set_index("visit")["value"]
        for v, own in tested.groupby("contrast"):
            good = own[own["status"] == CONVERGED]
            week, df, se = trial_model.VISITS[int(str(v)) + 1], good["df"].mean(), good["se"].mean()
            hits = (good["p"] < alpha) & (np.sign(good["estimate"]) == np.sign(between[week]))
            rows.append(
                {
                    "n_per_arm": n, "week": week, "truth": between[week], "estimate": good["estimate"].mean(), "se": se,
                    "half_width": ((good["high"] - good["low"]) / 2).mean(),
                    "smallest": se * (stats.t.isf(alpha / 2, df) + stats.t.ppf(power, df)),
                    "found": hits.sum() / len(own), "seen": np.isfinite(pain[..., int(str(v)) + 1]).mean(),
                    "trials": len(own), "without_number": int((own["status"] != CONVERGED).sum()),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)

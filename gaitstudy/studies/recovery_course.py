"""What a trial's visits and a model of repeated measures can see at four weeks and after months: simulated trials.

The claim is about how long people take to recover. Nobody in the data at hand was followed from an injury, so nothing
here is evidence of it: the course of pain is put in, and only what an analysis could tell apart is worked out.
"""

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
ACUTE, CHRONIC = (2.0, 4.0), 8.0
"""Weeks: the source's range for an acute injury, and the shortest that its "months" can mean."""
SIZES = (34, 100, 300)
"""People an arm: the published trial's, and two larger ones."""


def schedule(weeks: Sequence[int] = trial_model.VISITS) -> pd.DataFrame:
    """Return what a schedule of visits can say about a time of recovery, one row a visit after the first.

    Parameters
    ----------
    weeks : of the trial, at which pain is asked.

    Returns
    -------
    ``week``; ``since_first``, weeks since the first; ``earlier``, the visit before, since the first; ``gap``, weeks
    between the two: a recovery found at this visit came somewhere within; ``holds_2_to_4``, whether that stretch holds
    the whole of the source's 2 to 4 weeks, so that they cannot be told from sooner or later.

    Raises
    ------
    GaitStudyError : fewer than two visits, or weeks that do not rise.
    """
    times = np.asarray(weeks, float)
    if len(times) < 2 or (np.diff(times) <= 0).any():
        raise GaitStudyError(f"schedule: expected two or more rising weeks, found {list(weeks)}.")
    since = times - times[0]
    rows = pd.DataFrame({"week": times[1:].astype(int), "since_first": since[1:], "earlier": since[:-1]})
    rows["gap"] = rows["since_first"] - rows["earlier"]
    return rows.assign(holds_2_to_4=(rows["earlier"] <= ACUTE[0]) & (rows["since_first"] >= ACUTE[1]))


def visible(
    sizes: Sequence[int] = SIZES, trials: int = 200, seed: int = 0, power: float = 0.8, alpha: float = 0.05
) -> pd.DataFrame:
    """Return what MMRM can see of pain at each visit of simulated trials, as in notebook 06, by size of the trial.

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


def agreement(stored: pd.DataFrame, anew: pd.DataFrame) -> pd.DataFrame:
    """Return how far a share run anew lies from the kept table, in standard errors of the Monte-Carlo means.

    Parameters
    ----------
    stored, anew : of ``visible``, with different seeds.

    Returns
    -------
    The rows that both have: ``n_per_arm, week``; ``estimate`` (NRS points) and ``found`` (share of trials) of each,
    ``_anew`` for the second; ``estimate_apart``, ``found_apart``, anew less stored in standard errors.

    Raises
    ------
    GaitStudyError : no row in common.
    """
    both = stored.merge(anew, on=KEY, suffixes=("", "_anew"))
    if both.empty:
        raise GaitStudyError("agreement: expected sizes and weeks that both tables have, found none.")
    draws = 1 / both["trials"] + 1 / both["trials_anew"]
    errors = {"estimate": both["se"] * np.sqrt(draws), "found": np.sqrt(both["found"] * (1 - both["found"]) * draws)}
    for name, error in errors.items():
        both[f"{name}_apart"] = (both[f"{name}_anew"] - both[name]) / error
    return both[[*KEY, *(f"{name}{end}" for name in errors for end in ("", "_anew", "_apart"))]]

"""Does the analysis keep its promises? Thousands of simulated trials with a known truth, by MMRM and by imputation."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.simulate import cohort, trial_model
from gaitstudy.stats import missing
from gaitstudy.stats.batched import mmrm_many, visit_design
from gaitstudy.stats.mixed import CONVERGED
from gaitstudy.stats.regression import adjusted_difference

SEED = 2025
"""Of the imputations."""
NAME = "trial_coverage"
NAIVE = "random intercept"
KEY = ["effect", "dropout", "model"]


def estimates(trials: cohort.Trials, week: int = 52, imputations: int = 20) -> pd.DataFrame:
    """Return the pain difference at one visit of many simulated trials, by three models.

    Parameters
    ----------
    imputations : of each trial.

    Returns
    -------
    ``trial, model`` (MMRM; imputation; random intercept, with normal intervals), ``estimate, low, high`` (95 %, NRS
    points), ``p``, ``status``.
    """
    pain = trials.seen["pain"]
    values, treated = pain.values, trials.arm.astype(float)
    last = [int(w) for w in pain["visit"].values].index(week)
    visits, baseline = values.shape[-1] - 1, values[..., 0]
    centred = baseline - baseline.mean(1, keepdims=True)
    contrast = np.eye(3 * visits)[3 * (last - 1) + 1]
    change, design = values[..., 1:] - values[..., :1], visit_design(treated, centred, visits)
    fitted = mmrm_many(change, design, contrast)
    simple = mmrm_many(change, design, contrast, "compound symmetry")  # as one random intercept a person
    reach = stats.norm.isf(0.025) * simple["se"]
    naive = simple.assign(low=simple["estimate"] - reach, high=simple["estimate"] + reach)
    naive["p"] = 2 * stats.norm.sf(np.abs(simple["estimate"] / simple["se"]))
    filled = missing.impute(values, imputations=imputations, groups=treated, seed=SEED)
    difference, error, df = adjusted_difference(filled[..., last], treated, [filled[..., 0]])
    pooled = missing.pool(difference, error, complete_df=df)
    pooled = pooled.assign(status=CONVERGED)
    tables = [fitted.assign(model="MMRM"), pooled.assign(model="imputation"), naive.assign(model=NAIVE)]
    every = [t.assign(trial=np.arange(len(t))) for t in tables]
    return pd.concat(every, ignore_index=True)[["trial", "model", "estimate", "low", "high", "p", "status"]]


def coverage(count: int, seed: int, share: float = 0.99) -> pd.DataFrame:
    """Return how often 95 % intervals hold the truth and tests reject it, in simulated trials with a known truth.

    Parameters
    ----------
    count : trials of each cell; all cells use the same seed. share : of the Monte-Carlo intervals, over all cells
        in which something is asked (Bonferroni).

    Returns
    -------
    One row a cell: ``effect`` (as published, none), ``dropout``, ``model``; ``truth`` and ``bias`` (NRS points);
    ``covered``, ``rejected`` (p < .05; without an effect the error rate of the first kind), each with the interval in
    which it would lie if all were right (``covered_low`` ...; missing where nothing is promised: the random intercept,
    dropout not at random, rejections under an effect); ``without_number``, trials that gave none.
    """
    rows = []
    for effect, changed in (("as published", {}), ("none", trial_model.NO_EFFECT)):
        for dropout in ("at random", "not at random"):
            made = cohort.simulate_trials(count, seed=seed, effects=changed, dropout=dropout)
            truth = made.truth.query("quantity == 'pain, change' and arm == 'between' and visit == 52")["value"].iloc[0]
            for name, found in estimates(made).groupby("model", sort=False):
                good = found[found["status"] == CONVERGED]
                inside = (good["low"] <= truth) & (good["high"] >= truth)
                rows.append(
                    {"effect": effect, "dropout": dropout, "model": name, "truth": truth,
                     "bias": good["estimate"].mean() - truth, "covered": inside.mean(),
                     "rejected": (good["p"] < 0.05).mean(), "trials": len(good),
                     "without_number": len(found) - len(good)}
                )  # fmt: skip
    table = pd.DataFrame(rows)
    promised = (table["dropout"] == "at random") & (table["model"] != NAIVE)
    asked = {"covered": (0.95, promised), "rejected": (0.05, promised & (table["effect"] == "none"))}
    cells = sum(int(where.sum()) for _, where in asked.values())
    for name, (rate, where) in asked.items():
        reach = stats.norm.isf((1 - share) / 2 / cells) * np.sqrt(rate * (1 - rate) / table["trials"])
        table[f"{name}_low"], table[f"{name}_high"] = (rate - reach).where(where), (rate + reach).where(where)
    return table

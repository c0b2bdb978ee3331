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

NAME = "trial_coverage"
SEED = 2025
"""Of the imputations."""
NAIVE = "random intercept"
KEY = ["effect", "dropout", "model"]


def estimates(trials: cohort.Trials) -> pd.DataFrame:
    """Return the pain difference at week 52 of many simulated trials, by three models.

    Returns
    -------
    ``trial, model`` (MMRM; imputation, 20 of each trial; random intercept, with normal intervals), ``estimate, low,
    high`` (95 %, NRS points), ``p``, ``status``.
    """
    pain, treated = trials.seen["pain"].values, trials.arm.astype(float)
    baseline, change = pain[..., 0], pain[..., 1:] - pain[..., :1]
    visits = change.shape[-1]
    design = visit_design(treated, baseline - baseline.mean(1, keepdims=True), visits)
    contrast = np.eye(3 * visits)[3 * visits - 2]
    fitted = mmrm_many(change, design, contrast)
    simple = mmrm_many(change, design, contrast, "compound symmetry")  # as one random intercept a person
    reach = stats.norm.isf(0.025) * simple["se"]
    simple = simple.assign(low=simple["estimate"] - reach, high=simple["estimate"] + reach)
    simple["p"] = 2 * stats.norm.sf(np.abs(simple["estimate"] / simple["se"]))
    filled = missing.impute(pain, imputations=20, groups=treated, seed=SEED)
    difference, error, df = adjusted_difference(filled[..., -1], treated, [filled[..., 0]])
    pooled = missing.pool(difference, error, complete_df=df).assign(status=CONVERGED)
    tables = {"MMRM": fitted, "imputation": pooled, NAIVE: simple}
    every = [t.assign(model=model, trial=np.arange(len(t))) for model, t in tables.items()]
    return pd.concat(every, ignore_index=True)[["trial", "model", "estimate", "low", "high", "p", "status"]]


def coverage(count: int, seed: int) -> pd.DataFrame:
    """Return how often 95 % intervals hold the truth and tests reject it, in simulated trials with a known truth.

    Parameters
    ----------
    count : trials of each cell; all cells use the same seed.

    Returns
    -------
    One row a cell: ``effect`` (as published, none), ``dropout``, ``model``; ``truth`` and ``bias`` (NRS points);
    ``covered``, ``rejected`` (p < .05; without an effect the error rate of the first kind), each with the 99 %
    Monte-Carlo interval, over all cells with one (Bonferroni), in which it would lie if all were right
    (``covered_low`` ...; missing where nothing is promised: the random intercept, dropout not at random, rejections
    under an effect); ``without_number``, trials that gave none.
    """
    rows = []
    for effect, changed in (("as published", {}), ("none", trial_model.NO_EFFECT)):
        for dropout in ("at random", "not at random"):
            drawn = cohort.simulate_trials(count, seed=seed, effects=changed, dropout=dropout)
            truth = drawn.truth.query("quantity == 'pain, change' and arm == 'between' and visit == 52")["value"].iloc[
                0
            ]
            for name, every in estimates(drawn).groupby("model", sort=False):
                good = every[every["status"] == CONVERGED]
                inside = (good["low"] <= truth) & (good["high"] >= truth)
                rows.append(
                    {"effect": effect, "dropout": dropout, "model": name, "truth": truth,
                     "bias": good["estimate"].mean() - truth, "covered": inside.mean(),
                     "rejected": (good["p"] < 0.05).mean(), "trials": len(good),
                     "without_number": len(every) - len(good)}
                )  # fmt: skip
    table = pd.DataFrame(rows)
    promised = (table["dropout"] == "at random") & (table["model"] != NAIVE)
    rates = {"covered": (0.95, promised), "rejected": (0.05, promised & (table["effect"] == "none"))}
    cells = sum(int(where.sum()) for _, where in rates.values())
    for name, (rate, where) in rates.items():
        reach = stats.norm.isf(0.005 / cells) * np.sqrt(rate * (1 - rate) / table["trials"])
        table[f"{name}_low"], table[f"{name}_high"] = (rate - reach).where(where), (rate + reach).where(where)
    return table

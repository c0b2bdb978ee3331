"""Toe-in of 107 people with medial knee osteoarthritis: their first KAM peak, and what else their gait did.

Signs of the columns are those of the publishing laboratory's code, not confirmed by its paper (Uhlrich and others 2022,
doi 10.1016/j.jbiomech.2022.111312).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import fft

from gaitstudy.io import catalogue
from gaitstudy.stats import shrinkage

DATASET = "toe-in-107"
FILES = ("X_TIdiff.csv", "y_TIP1diff.csv")
OUTCOME = "KAM reduction"
VARIABLES = pd.read_csv(catalogue.data_folder() / "published" / "toe_in_variables.csv")
"""Name, unit, positive direction and moment of the twelve changes (toe-in less natural), in the file's order."""
PREDICTORS = tuple(VARIABLES["variable"])
PRESSURE = PREDICTORS[5]
EDGES = np.arange(-7, 15) / 10
"""%BW*Ht; borders of the bins in which people are counted."""
SMALLEST = 1e-4
"""The smallest penalty tried, as a share of the largest: the habit of the usual R package (general knowledge, not
verified)."""


def read(rows: str = "") -> pd.DataFrame:
    """Return the people, one row each: the twelve changes (deg, m; toe-in less natural) and the KAM reduction.

    Parameters
    ----------
    rows : a pandas query that says who is used, such as ``"`step width` < 0"``; everybody without it.

    Returns
    -------
    ``KAM reduction``: first peak, natural less toe-in, %BW*Ht; positive is a reduction.
    """
    changes, reduction = (np.loadtxt(catalogue.locate(DATASET, name), delimiter=",") for name in FILES)
    people = pd.DataFrame(changes, columns=list(PREDICTORS)).assign(**{OUTCOME: reduction})
    return people.query(rows) if rows else people


def summary(rows: str = "") -> pd.DataFrame:
    """Return ``variable, n, mean, sd`` (n - 1), ``smallest, largest``, in the variable's unit, and ``above_zero``."""
    people = read(rows)
    table = people.agg(["count", "mean", "std", "min", "max"]).T.astype({"count": int}).rename_axis("variable")
    table.columns = ["n", "mean", "sd", "smallest", "largest"]
    return table.assign(above_zero=(people > 0).sum()).reset_index()


def histogram(rows: str = "") -> pd.DataFrame:
    """Return how many people have a KAM reduction in each bin: ``low, high`` (%BW*Ht, low included), ``people``."""
    counts, edges = np.histogram(read(rows)[OUTCOME], EDGES)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "people": counts})


def covariances(rows: str = "") -> pd.DataFrame:
    """Return ``variable, other, n, mean`` (the variable's) and ``covariance`` with the other, divisor n - 1."""
    people = read(rows)
    table = (
        people.cov().rename_axis("variable").reset_index().melt("variable", var_name="other", value_name="covariance")
    )
    return table.assign(n=len(people), mean=table["variable"].map(people.mean()))


def with_moments(table: pd.DataFrame) -> pd.DataFrame:
    """Return made-up rows whose number, means and covariances are exactly those of a table of ``covariances``.

    A regression or lasso in these variables comes out of them as of the people, to the last digits. Nothing else does:
    no range, no rank, no product of two variables.
    """
    names = list(dict.fromkeys(table["variable"]))
    n, mean = int(table["n"].iloc[0]), table.drop_duplicates("variable")["mean"].to_numpy()
    wide = table.pivot(index="variable", columns="other", values="covariance").loc[names, names]
    waves = fft.dct(np.eye(n), norm="ortho")[:, 1 : len(names) + 1]  # each of mean 0 and length 1, none like another
    return pd.DataFrame(mean + np.sqrt(n - 1) * waves @ shrinkage.root(wide.to_numpy()), columns=names)


def cross_validation(rows: str = "", seeds: Sequence[int] = tuple(range(1, 11)), folds: int = 10) -> pd.DataFrame:
    """Return the lasso penalty that cross-validation chooses, for each seed of the folds.

    The changes are divided by their SD (n - 1) once, before they are split. ``penalty_min``: the smallest mean
    squared error; ``penalty_1se``: the largest penalty whose error is within one standard error (over folds) of that.

    Returns
    -------
    ``seed, penalty_min, penalty_1se`` (%BW*Ht), ``r2_min, r2_1se``: 1 - error / error of the mean, on the people left
    out (a little too good, for the penalty was chosen on the same folds), ``kept`` at ``penalty_1se``.
    """
    from sklearn.linear_model import Lasso, LassoCV
    from sklearn.model_selection import KFold

    people = read(rows)
    x, y = people[list(PREDICTORS)], people[OUTCOME].to_numpy()
    z = ((x - x.mean()) / x.std()).to_numpy()
    found = []
    for seed in seeds:
        split = KFold(folds, shuffle=True, random_state=seed)
        model = LassoCV(eps=SMALLEST, cv=split, tol=1e-10, max_iter=100_000).fit(z, y)
        errors = model.mse_path_  # (penalty, fold), in the order of alphas_
        mean, se = errors.mean(1), errors.std(1, ddof=1) / np.sqrt(folds)
        best = int(mean.argmin())
        simple = int(np.flatnonzero(mean <= mean[best] + se[best])[0])
        of_mean = np.mean([((y[test] - y[train].mean()) ** 2).mean() for train, test in split.split(z)])
        chosen = dict(zip(("min", "1se"), (best, simple), strict=True))
        row = {f"penalty_{k}": model.alphas_[i] for k, i in chosen.items()}
        row |= {f"r2_{k}": 1 - mean[i] / of_mean for k, i in chosen.items()}
        kept = Lasso(alpha=model.alphas_[simple], tol=1e-10, max_iter=100_000).fit(z, y).coef_ != 0
        found.append({"seed": seed, **row, "kept": "; ".join(np.array(PREDICTORS)[kept])})
    return pd.DataFrame(found)

"""Who benefits from toe-in? 107 people with medial knee osteoarthritis: their first KAM peak, and how they walked.

Signs of the columns are those of the publishing laboratory's code, not confirmed by its paper.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io import catalogue
from gaitstudy.io.published import studies
from gaitstudy.stats.moments import Moments, active_sets, kept_at, lasso_path, moments

DATASET = "toe-in-107"
FILES = ("X_TIdiff.csv", "y_TIP1diff.csv")
OUTCOME = "KAM reduction"
STUDY = "Uhlrich 2022 (J Biomech)"
VARIABLES = (
    ("trunk sway", "deg", "towards the stance leg", "largest of stance"),
    ("knee flexion", "deg", "flexion", "first peak"),
    ("pelvic list", "deg", "drop of the swing side is negative", "first peak"),
    ("knee adduction", "deg", "adduction", "first peak"),
    ("step width", "m", "wider", "step"),
    ("CoP in the foot, sideways", "m", "medial", "first peak"),
    ("CoP in the foot, lengthways", "m", "forward", "first peak"),
    ("tibia angle", "deg", "tilted medially", "first peak"),
    ("foot progression angle", "deg", "toe-out", "step"),
    ("CoP separation", "m", "further apart", "first peak"),
    ("knee separation", "m", "further apart", "first peak"),
    ("pelvic rotation", "deg", "stance side forward", "first peak"),
)
"""Name, unit, positive direction and moment of the twelve changes (toe-in less natural), in the file's order."""
PREDICTORS = tuple(row[0] for row in VARIABLES)
PRESSURE = PREDICTORS[5]
SEEDS, FOLDS = range(1, 11), 10
"""Of the cross-validation: the seeds of the folds."""
PENALTIES, SMALLEST = 100, 1e-4
"""How many penalties are tried, and the smallest as a share of the largest: the habit of the usual R package (general
knowledge, not verified)."""
EDGES = np.arange(-7, 15) / 10
"""%BW*Ht; borders of the bins in which people are counted."""


def read() -> pd.DataFrame:
    """Return the 107 people, one row each: the twelve changes (deg, m; toe-in less natural) and the KAM reduction.

    ``KAM reduction``: first peak, natural less toe-in, %BW*Ht; positive is a reduction.

    Raises
    ------
    TrialFormatError : another shape than (person, 12) and (person,), or a gap.
    """
    changes, reduction = (np.loadtxt(catalogue.locate(DATASET, name), delimiter=",") for name in FILES)
    problems = []
    if changes.ndim != 2 or changes.shape[1:] != (len(VARIABLES),):
        problems.append(f"expected {len(VARIABLES)} columns, found the shape {changes.shape}; fetch the file again")
    if reduction.shape != changes.shape[:1]:
        problems.append(f"expected one reduction a person, found {reduction.shape} beside {changes.shape}")
    if gaps := int(np.isnan(changes).sum() + np.isnan(reduction).sum()):
        problems.append(f"expected no gaps, found {gaps}; fetch the files again")
    if problems:
        raise TrialFormatError(f"{DATASET}: {', '.join(FILES)}", problems)
    return pd.DataFrame(changes, columns=list(PREDICTORS)).assign(**{OUTCOME: reduction})


def summary() -> pd.DataFrame:
    """Return mean, SD (n - 1) and range of the thirteen variables, in their units, and how many people are above zero.

    Columns: ``variable, n, mean, sd, smallest, largest, above_zero``.
    """
    people = read()
    table = people.agg(["mean", "std", "min", "max"]).T.set_axis(["mean", "sd", "smallest", "largest"], axis="columns")
    table["above_zero"] = (people > 0).sum()
    table.insert(0, "n", len(people))
    return table.rename_axis("variable").reset_index()


def histogram() -> pd.DataFrame:
    """Return how many people have a KAM reduction in each bin: ``low, high`` (%BW*Ht, low included), ``people``."""
    counts, edges = np.histogram(read()[OUTCOME], EDGES)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "people": counts})


def covariances() -> pd.DataFrame:
    """Return size, means and covariances of the thirteen variables: ``variable, other, n, mean, covariance``.

    ``mean`` is the variable's, in its unit; ``covariance`` with the other, units multiplied, divisor n - 1.
    """
    found = moments(read())
    table = found.covariance.rename_axis("variable").rename_axis("other", axis="columns").stack()
    table = table.rename("covariance").reset_index()
    return table.assign(n=found.n, mean=table["variable"].map(found.mean))[
        ["variable", "other", "n", "mean", "covariance"]
    ]


def from_table(table: pd.DataFrame) -> Moments:
    """Return the table of ``covariances`` as moments: all that regression and lasso need."""
    order = list(dict.fromkeys(table["variable"]))
    wide = table.pivot(index="variable", columns="other", values="covariance").loc[order, order]
    return Moments(int(table["n"].iloc[0]), table.drop_duplicates("variable").set_index("variable")["mean"], wide)


def cross_validation() -> pd.DataFrame:
    """Return the penalty that ten-fold cross-validation chooses, for each seed of the folds.

    The changes are divided by their SD (n - 1) once, before they are split. ``penalty_min``: the smallest mean
    squared error; ``penalty_1se``: the largest penalty whose error is within one standard error (over folds) of that.

    Returns
    -------
    ``seed, penalty_min, penalty_1se`` (%BW*Ht), ``r2_min, r2_1se``: 1 - error / error of the mean, on the people left
    out (a little too good, for the penalty was chosen on the same folds), ``kept`` at ``penalty_1se``.
    """
    from sklearn.linear_model import LassoCV
    from sklearn.model_selection import KFold

    people = read()
    x, y = people[list(PREDICTORS)], people[OUTCOME].to_numpy()
    z = ((x - x.mean()) / x.std()).to_numpy()
    largest = np.abs(z.T @ (y - y.mean())).max() / len(y)
    grid = largest * np.geomspace(1, SMALLEST, PENALTIES)
    sets = active_sets(lasso_path(moments(people), OUTCOME, PREDICTORS))
    rows = []
    for seed in SEEDS:
        folds = KFold(FOLDS, shuffle=True, random_state=seed)
        model = LassoCV(alphas=grid, cv=folds, tol=1e-10, max_iter=100_000).fit(z, y)
        errors = model.mse_path_  # (penalty, fold), in the order of alphas_
        mean, se = errors.mean(1), errors.std(1, ddof=1) / np.sqrt(FOLDS)
        best = int(mean.argmin())
        simple = int(np.flatnonzero(mean <= mean[best] + se[best])[0])
        of_mean = np.mean([((y[test] - y[train].mean()) ** 2).mean() for train, test in folds.split(z)])
        chosen = dict(zip(("min", "1se"), (best, simple), strict=True))
        row = {f"penalty_{k}": model.alphas_[i] for k, i in chosen.items()}
        row |= {f"r2_{k}": 1 - mean[i] / of_mean for k, i in chosen.items()}
        rows.append({"seed": seed, **row, "kept": "; ".join(kept_at(sets, model.alphas_[simple]))})
    return pd.DataFrame(rows)


def mean_reduction(row: pd.Series) -> pd.DataFrame:
    """Return the mean reduction with its 95 % t interval (%BW*Ht) and the one-sample t test, as a table of one row.

    ``row`` : of ``summary``, the KAM reduction's. Columns: ``n, mean, low, high, sd, t, p``.
    """
    error, df = row["sd"] / np.sqrt(row["n"]), row["n"] - 1
    t, reach = row["mean"] / error, stats.t.isf(0.025, df) * error
    low, high = row["mean"] - reach, row["mean"] + reach
    values = {"n": int(row["n"]), "mean": row["mean"], "low": low, "high": high, "sd": row["sd"], "t": t}
    return pd.DataFrame([values | {"p": 2 * stats.t.sf(abs(t), df)}])


def not_reduced(row: pd.Series) -> dict[str, float]:
    """Return the share of people whose first peak did not fall, with its 95 % interval (Wilson).

    ``row`` : of ``summary``, the KAM reduction's. Returns ``value, low, high``, shares of 1.
    """
    count = int(row["n"] - row["above_zero"])
    low, high = proportion_confint(count, int(row["n"]), method="wilson")
    return {"value": count / row["n"], "low": float(low), "high": float(high)}


def published_shares() -> pd.DataFrame:
    """Return who cut the larger KAM peak by 5 % or more, as published: ``angle, people`` (%), ``n``, ``note``.

    Rows of ``data/published/studies.csv``; nothing here can compute them, for they need four angles and both peaks.
    """
    own = studies(STUDY).query("unit == '%'")
    shares = own.assign(angle=own["manipulation"], people=own["value"], n=own["n"].astype(int))
    return shares[["angle", "people", "n", "note"]].reset_index(drop=True)

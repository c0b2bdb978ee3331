"""What a mixed model for repeated measures leaves unexplained, and how its covariance fits what was seen."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy.stats.designs import everyone
from gaitstudy.stats.longitudinal import RepeatedMeasures, usable


def residuals(model: RepeatedMeasures) -> pd.DataFrame:
    """Return what the model leaves of each outcome seen, and the same freed of its correlation with earlier visits.

    Returns
    -------
    ``participant``, ``arm``, ``visit``, ``outcome``, ``fitted``, ``residual`` (outcome's unit) and ``scaled``: by the
    Cholesky factor of the person's covariance, about standard normal and independent if the model holds.

    Raises
    ------
    StatisticsError : the fit did not converge.
    """
    usable(model)
    observed = model.outcomes.to_numpy()
    people, names = model.people, model.names
    x, _ = everyone(people, [{names["visit"]: visit} for visit in model.visits], model.terms, model.levels)
    fitted = (x @ model.fit.coefficients[0]).T
    residual = observed - fitted
    seen = np.isfinite(observed)
    covariance = model.fit.covariance[0]
    scaled = np.full(observed.shape, np.nan)
    for pattern in np.unique(seen, axis=0):
        who = np.flatnonzero((seen == pattern).all(1))
        factor = np.linalg.cholesky(covariance[np.ix_(pattern, pattern)])
        scaled[np.ix_(who, pattern)] = np.linalg.solve(factor, residual[np.ix_(who, pattern)].T).T
    found = pd.DataFrame(
        {
            "participant": np.repeat(people.index.to_numpy(), len(model.visits)),
            "arm": np.repeat(people[names["arm"]].to_numpy(object), len(model.visits)),
            "visit": np.tile(np.array(model.visits), len(people)),
            "outcome": observed.ravel(), "fitted": fitted.ravel(),
            "residual": residual.ravel(), "scaled": scaled.ravel(),
        }
    )  # fmt: skip
    return found[seen.ravel()].reset_index(drop=True)


def covariances(model: RepeatedMeasures) -> pd.DataFrame:
    """Return the covariance between visits as fitted beside that of the residuals, pair by pair.

    Returns
    -------
    ``visit``, ``other``, ``people`` seen at both, ``covariance``, ``empirical`` (mean product of both residuals over
    those people; outcome's unit squared) and ``correlation`` as fitted.

    Raises
    ------
    StatisticsError : the fit did not converge.
    """
    wide = residuals(model).pivot(index="participant", columns="visit", values="residual")
    left = wide[list(model.visits)].to_numpy()
    seen = np.isfinite(left)
    known = np.where(seen, left, 0.0)
    both = seen.T.astype(int) @ seen
    product = known.T @ known
    fitted = model.covariance.to_numpy()
    spread = np.sqrt(np.diag(fitted))
    a, b = np.tril_indices(len(fitted))
    visits = np.array(model.visits)
    with np.errstate(invalid="ignore"):
        empirical = np.where(both[a, b] > 0, product[a, b] / np.maximum(both[a, b], 1), np.nan)
    return pd.DataFrame(
        {
            "visit": visits[a], "other": visits[b], "people": both[a, b], "covariance": fitted[a, b],
            "empirical": empirical, "correlation": (fitted / np.outer(spread, spread))[a, b],
        }
    )  # fmt: skip

"""Reference-based imputation: what if people who left an arm went on from then on like those of the reference arm.

Outcomes after baseline are normal, each of two arms with its own mean at each visit, the baseline as a covariate with a
slope of its own at each visit, and one covariance between visits for both arms. For someone who left after visit k the
residuals up to k are from the own arm's means; the means after k are by the rule; what is missing follows from both by
the conditional normal. Gaps before the last visit seen, and all gaps of the reference arm, are taken as missing at
random.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import mixed
from gaitstudy.stats.missing import draw_regression, pool
from gaitstudy.stats.regression import adjusted_difference, least_squares

RULES = ("jump to reference", "missing at random")
"""Means after leaving: the reference arm's at the own baseline; the own arm's. Who has no visit after baseline follows
the reference arm under the first."""
ROUNDS = 20
"""Of data augmentation, where people came back after a gap."""


def imputed(
    values: np.ndarray,
    arm: Sequence[Any] | np.ndarray,
    reference: Any,
    *,
    rule: str = RULES[0],
    imputations: int = 100,
    seed: int = 0,
) -> np.ndarray:
    """Draw what is missing after people left, under a rule that refers to a reference arm.

    Means, slopes and covariance are drawn anew for every imputation from their posterior under the usual flat prior,
    visit by visit from those who are still there. Without gaps before the last visit the draws are exact; with them
    they come by data augmentation.

    Parameters
    ----------
    values : (participant, visit) in order of time, baseline first, one unit; NaN is missing.
    arm : (participant,), names or codes of two arms. reference : the one of them that the other is imputed from.
    rule : of ``RULES``. imputations : how many. seed : of all that is drawn.

    Returns
    -------
    (imputation, participant, visit): what was measured is untouched.

    Raises
    ------
    StatisticsError : shapes that do not fit, an unknown rule or reference, other than two arms, a gap in the baseline,
        too few people of an arm at a visit for the visits before it.

    References
    ----------
    Carpenter JR, Roger JH, Kenward MG (2013) J Biopharm Stat 23:1352, doi 10.1080/10543406.2013.834911.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = 5 + rng.normal(size=(40, 1)) + rng.normal(size=(40, 3))
    >>> table[::4, 2] = np.nan
    >>> made = imputed(table, np.tile(["placebo", "active"], 20), "placebo", imputations=2)
    >>> made.shape, bool(np.isfinite(made).all())
    ((2, 40, 3), True)
    """
    trial = _checked(values, arm, reference, rule)
    rng = np.random.default_rng([seed, zlib.crc32(str(trial.name).encode())])
    return _all(trial, _drawn(trial, rule, imputations, rng))


def rubin(
    values: np.ndarray,
    arm: Sequence[Any] | np.ndarray,
    reference: Any,
    *,
    rule: str = RULES[0],
    visit: int = -1,
    imputations: int = 100,
    seed: int = 0,
) -> dict[str, float]:
    """Return the arm's difference from the reference at one visit, adjusted for baseline, pooled by Rubin's rules.

    The variance is about that of missing at random, more than the estimate varies over repeated trials, because the
    rule brings in knowledge that the formula does not count (Carpenter and others hold that an assumption should not
    make a trial more precise).

    Parameters
    ----------
    values, arm, reference, rule, imputations, seed : see ``imputed``. visit : column of ``values``; the last one.

    Returns
    -------
    ``estimate, standard_error, df, low, high`` (95 %) and ``p`` (two-sided), in the outcome's unit, arm minus
    reference, and ``people``.

    Raises
    ------
    StatisticsError : see ``imputed``.

    References
    ----------
    Carpenter JR, Roger JH, Kenward MG (2013) J Biopharm Stat 23:1352, doi 10.1080/10543406.2013.834911.
    """
    made = imputed(values, arm, reference, rule=rule, imputations=imputations, seed=seed)
    treated = (np.asarray(arm, object) != reference).astype(float)
    difference, error, df = adjusted_difference(made[..., visit], treated, [made[..., 0]])
    row = pool(difference, error, df).iloc[0]
    return row[["estimate", "standard_error", "df", "low", "high", "p"]].to_dict() | {"people": len(treated)}


def jackknife(
    values: np.ndarray, arm: Sequence[Any] | np.ndarray, reference: Any, *, rule: str = RULES[0], visit: int = -1
) -> dict[str, float]:
    """Return the same difference from each missing value's expectation, with the variance of a jackknife.

    Means and covariance are estimated by restricted maximum likelihood, and nothing is drawn. The jackknife leaves out
    each participant in turn, fits and imputes anew, and so estimates how the estimate varies over repeated trials.
    Intervals use Student's t with the degrees of freedom of the complete data.

    Parameters
    ----------
    values, arm, reference, rule, visit : see ``rubin``.

    Returns
    -------
    As of ``rubin``.

    Raises
    ------
    StatisticsError : see ``imputed``; a fit that gives no number.

    References
    ----------
    Wolbers M, Noci A, Delmar P, Gower-Page C, Yiu S, Bartlett JW (2022) Pharm Stat 21:1246, doi 10.1002/pst.2234.
    """
    trial = _checked(values, arm, reference, rule)
    people = len(trial.treated)
    without = np.concatenate([np.zeros((1, people), bool), np.eye(people, dtype=bool)])
    made = _expectations(trial, rule, np.where(without[..., None], np.nan, trial.after))
    design, outcome = _known(trial, trial.treated), _all(trial, made)[..., visit]
    fit = least_squares(np.broadcast_to(design, (*outcome.shape, 3)), outcome, (~without).astype(float))
    each = fit.coefficients[:, 1]
    estimate = float(each[0])
    error = float(np.sqrt((people - 1) / people * ((each[1:] - each[1:].mean()) ** 2).sum()))
    df = people - 3
    reach = stats.t.ppf(0.975, df) * error
    return {
        "estimate": estimate, "standard_error": error, "df": float(df), "low": estimate - reach,
        "high": estimate + reach, "p": float(2 * stats.t.sf(abs(estimate) / error, df)), "people": people,
    }  # fmt: skip


def _expected(values: np.ndarray, arm: Sequence[Any] | np.ndarray, reference: Any, rule: str = RULES[0]) -> np.ndarray:
    """Return the values (participant, visit), each missing one replaced by its expectation; nothing is drawn."""
    trial = _checked(values, arm, reference, rule)
    return _all(trial, _expectations(trial, rule, trial.after[None])[0])


class _Trial(NamedTuple):
    """``name`` of the arm; ``treated`` (participant,): in it, not the reference; ``baseline`` (participant,); ``after``
    (participant, visit after baseline); ``last`` (participant,): number of the last visit seen, -1 if none."""

    name: Any
    treated: np.ndarray
    baseline: np.ndarray
    after: np.ndarray
    last: np.ndarray


def _checked(values: np.ndarray, arm: Sequence[Any] | np.ndarray, reference: Any, rule: str) -> _Trial:
    """Return the trial, or an error."""
    values, names = np.asarray(values, float), np.asarray(arm, object)
    if values.ndim != 2 or values.shape[1] < 2 or names.shape != values.shape[:1] or rule not in RULES:
        raise StatisticsError(
            "reference: expected values (participant, visit), baseline first, one arm each and a rule of "
            f"{RULES}; found shapes {values.shape} and {names.shape}, {rule!r}."
        )
    others = [name for name in dict.fromkeys(names.tolist()) if name != reference]
    if len(others) != 1 or reference not in names:
        raise StatisticsError(f"reference: expected {reference!r} and one other arm, found {len(others)} others.")
    without = int(np.isnan(values[:, 0]).sum())
    if without or np.isinf(values).any():
        raise StatisticsError(
            f"reference: expected a baseline of everyone and no infinite values; found {without} people without a "
            "baseline. Leave them out."
        )
    last = values.shape[1] - 2 - np.argmax(~np.isnan(values[:, ::-1]), axis=1)
    return _Trial(others[0], names != reference, values[:, 0], values[:, 1:], last)


def _known(trial: _Trial, treated: np.ndarray) -> np.ndarray:
    """Return what is known of everyone, (participant, 3): ones, arm and baseline."""
    return np.column_stack([np.ones(len(treated)), treated, trial.baseline])


def _all(trial: _Trial, after: np.ndarray) -> np.ndarray:
    """Return the baseline and the visits after it, (..., participant, visit)."""
    first = np.broadcast_to(trial.baseline, after.shape[:-1])
    return np.concatenate([first[..., None], after], -1)


def _by_rule(own: np.ndarray, theirs: np.ndarray, trial: _Trial, rule: str) -> np.ndarray:
    """Return the means (..., participant, visit) that residuals and conditional expectations are taken from."""
    left = np.arange(own.shape[-1]) > trial.last[:, None]
    return own if rule == RULES[1] else np.where(left, theirs, own)


def _drawn(trial: _Trial, rule: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return completed visits after baseline, (imputation, participant, visit)."""
    people, visits = trial.after.shape
    seen = ~np.isnan(trial.after)
    between = ~seen & (np.arange(visits) <= trial.last[:, None])
    start = np.where(seen, trial.after, np.nanmean(trial.after, axis=0))
    made = np.broadcast_to(start, (count, people, visits)).copy()
    known, as_reference = _known(trial, trial.treated), _known(trial, np.zeros(people))
    fixed = np.broadcast_to(known, (count, *known.shape))
    width = known.shape[1]
    slopes, spread = np.zeros((count, visits, visits)), np.empty((count, visits))
    own, theirs = np.empty_like(made), np.empty_like(made)
    for _ in range(ROUNDS if between.any() else 1):
        for visit in range(visits):
            design = np.concatenate([fixed, made[..., :visit]], -1)
            drawn, spread[:, visit] = draw_regression(design, made[..., visit], trial.last >= visit, rng)
            slopes[:, visit, :visit] = drawn[:, width:]
            for mean, row in ((own, known), (theirs, as_reference)):
                carried = np.einsum("mpv,mv->mp", mean[..., :visit], drawn[:, width:])
                mean[..., visit] = drawn[:, :width] @ row.T + carried
        if between.any():
            root = np.linalg.inv(np.eye(visits) - slopes) * spread[:, None]
            _fill_between(made, own, root @ root.mT, seen, between, rng)
    mean = _by_rule(own, theirs, trial, rule)
    for visit in range(visits):
        carried = np.einsum("mpv,mv->mp", made[..., :visit] - mean[..., :visit], slopes[:, visit, :visit])
        noise = spread[:, visit, None] * rng.standard_normal((count, people))
        made[..., visit] = np.where(visit > trial.last, mean[..., visit] + carried + noise, made[..., visit])
    return made


def _fill_between(
    made: np.ndarray, mean: np.ndarray, covariance: np.ndarray, seen: np.ndarray, between: np.ndarray,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Draw gaps before the last visit seen, in place, given all that was seen of the person, missing at random."""
    having = np.flatnonzero(between.any(1))
    for pattern in np.unique(np.stack([seen[having], between[having]], 1), axis=0):
        there, gone = pattern
        who = having[(seen[having] == there).all(1) & (between[having] == gone).all(1)]
        slope = covariance[:, gone][:, :, there] @ np.linalg.inv(covariance[:, there][:, :, there])
        rest = covariance[:, gone][:, :, gone] - slope @ covariance[:, there][:, :, gone]
        root = np.linalg.cholesky((rest + rest.mT) / 2)
        away = (made - mean)[:, who][..., there] @ slope.mT
        noise = rng.standard_normal(away.shape) @ root.mT
        made[np.ix_(np.arange(len(made)), who, np.flatnonzero(gone))] = mean[:, who][..., gone] + away + noise


def _expectations(trial: _Trial, rule: str, after: np.ndarray) -> np.ndarray:
    """Return visits completed by their expectation, (fit, participant, visit), one fit for each of some data sets."""
    _, people, visits = after.shape
    known = _known(trial, trial.treated)
    design = (np.eye(visits)[:, :, None] * known[:, None, None, :]).reshape(people, visits, -1)
    fit = mixed.fit(after, design, method=mixed.METHODS[1])
    bad = fit.status != mixed.CONVERGED
    if bad.any():
        raise StatisticsError(
            f"reference: expected a mixed model that converges, found {bad.sum()} of {len(bad)} fits "
            f"without a number ({fit.status[bad][0]}). Leave out a visit that few attended."
        )
    coefficients = fit.coefficients.reshape(len(after), visits, -1)
    own = np.einsum("pc,tvc->tpv", known, coefficients)
    theirs = own - np.where(trial.treated[:, None], coefficients[:, None, :, 1], 0.0)
    made = np.where(np.isnan(trial.after), own, trial.after)
    seen, until = ~np.isnan(trial.after), np.arange(visits) <= trial.last[:, None]
    _expect(made, own, fit.covariance, seen, ~seen & until)
    _expect(made, _by_rule(own, theirs, trial, rule), fit.covariance, until, ~until)
    return made


def _expect(
    made: np.ndarray, mean: np.ndarray, covariance: np.ndarray, given: np.ndarray, wanted: np.ndarray
) -> None:  # fmt: skip
    """Set wanted visits (participant, visit), in place, to their expectation given others; arrays have fits first."""
    for there, gone in np.unique(np.stack([given, wanted], 1)[wanted.any(1)], axis=0):
        who = np.flatnonzero((given == there).all(1) & (wanted == gone).all(1))
        slope = np.linalg.solve(covariance[:, there][:, :, there], covariance[:, there][:, :, gone])
        away = (made - mean)[:, who][..., there] @ slope
        made[np.ix_(np.arange(len(made)), who, np.flatnonzero(gone))] = mean[:, who][..., gone] + away

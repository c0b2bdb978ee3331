"""Reference-based imputation: what if people who left an arm went on from then on like those of the reference arm.

One model for each arm beside the reference, never with a third arm in it, so that an arm's answer does not depend on
which others are in the call: outcomes after baseline are normal, each arm with its own mean at each visit, baseline and
covariates as covariates with a slope of their own at each visit, and one covariance between visits for both arms. For
someone who left after visit k the residuals up to k are from the own arm's means; the means after k are by the rule;
what is missing follows from both by the conditional normal.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import mixed
from gaitstudy.stats.missing import draw_regression, pool
from gaitstudy.stats.regression import adjusted_difference, least_squares

RULES = ("jump to reference", "copy increments in reference", "copy reference", "missing at random")
"""Means after leaving: the reference arm's; those plus the arms' difference at the last visit seen; the reference arm's
throughout, before leaving too; the own arm's."""
VARIANCES = ("Rubin", "jackknife")
ROUNDS = 20
"""Of data augmentation, where people came back after a gap."""


class Completed(NamedTuple):
    """An arm and the reference, completed. ``people`` (participant,): rows of the call, in its order; ``treated``
    (participant,): True in the arm, False in the reference; ``values`` ([imputation,] participant, visit), baseline
    first, the outcome's unit: what was measured is untouched."""

    people: np.ndarray
    treated: np.ndarray
    values: np.ndarray


def imputed(
    values: np.ndarray,
    arm: Sequence[Any] | np.ndarray,
    reference: Any,
    *,
    rule: str = RULES[0],
    covariates: np.ndarray | None = None,
    imputations: int = 20,
    iterations: int = ROUNDS,
    seed: int = 0,
) -> dict[Any, Completed]:
    """Draw what is missing after people left, under a rule that refers to a reference arm.

    Means, slopes and covariance are drawn anew for every imputation from their posterior under the usual flat prior,
    visit by visit from those who are still there. Gaps before the last visit seen, and all gaps of the reference arm,
    are taken as missing at random. Without gaps before the last visit the draws are exact; with them they come by data
    augmentation.

    Parameters
    ----------
    values : (participant, visit) in order of time, baseline first, one unit; NaN is missing.
    arm : (participant,), names or codes. reference : the one of them that others are imputed from.
    rule : of ``RULES``. Who has no visit after baseline follows the reference arm under each but the last.
    covariates : (participant, covariate), numbers without gaps, beside the baseline.
    imputations : how many. iterations : rounds of data augmentation, where it is needed.
    seed : of all that is drawn; each arm has a stream of its own, which other arms do not change.

    Returns
    -------
    One ``Completed`` for each other arm, in the order in which they come in ``arm``.

    Raises
    ------
    StatisticsError : shapes that do not fit, an unknown rule or reference, gaps in arm, baseline or covariates, a visit
        nobody of an arm has, too few people at a visit for the visits before it; all that can be listed is.

    References
    ----------
    Carpenter JR, Roger JH, Kenward MG (2013) J Biopharm Stat 23:1352, doi 10.1080/10543406.2013.834911.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = 5 + rng.normal(size=(40, 1)) + rng.normal(size=(40, 3))
    >>> table[::4, 2] = np.nan
    >>> made = imputed(table, np.tile(["placebo", "active"], 20), "placebo", imputations=2)
    >>> made["active"].values.shape, bool(np.isfinite(made["active"].values).all())
    ((2, 40, 3), True)
    """
    pairs = _pairs(values, arm, reference, rule, covariates)
    if imputations < 1 or iterations < 1:
        raise StatisticsError(f"reference: expected 1 or more, found {imputations} imputations, {iterations} rounds.")
    made = {}
    for name, pair in pairs.items():
        after = _drawn(pair, rule, imputations, iterations, _stream(seed, name))
        made[name] = Completed(pair.people, pair.treated, _all(pair, after))
    return made


def expected(
    values: np.ndarray,
    arm: Sequence[Any] | np.ndarray,
    reference: Any,
    *,
    rule: str = RULES[0],
    covariates: np.ndarray | None = None,
) -> dict[Any, Completed]:
    """Return each missing value's expectation given what was seen of the person: nothing is drawn.

    Means and covariance are estimated by restricted maximum likelihood. A mean over these values is right; their spread
    is too small, so that uncertainty must come from the jackknife of ``differences``.

    Parameters
    ----------
    values, arm, reference, rule, covariates : see ``imputed``.

    Returns
    -------
    As of ``imputed``, with values (participant, visit).

    Raises
    ------
    StatisticsError : see ``imputed``; a fit that gives no number.

    References
    ----------
    Wolbers M, Noci A, Delmar P, Gower-Page C, Yiu S, Bartlett JW (2022) Pharm Stat 21:1246, doi 10.1002/pst.2234.
    """
    found = {}
    for name, pair in _pairs(values, arm, reference, rule, covariates).items():
        after = _expectations(pair, rule, pair.after[None], name)[0]
        found[name] = Completed(pair.people, pair.treated, _all(pair, after))
    return found


def differences(
    values: np.ndarray,
    arm: Sequence[Any] | np.ndarray,
    reference: Any,
    *,
    rule: str = RULES[0],
    variance: str = VARIANCES[0],
    covariates: np.ndarray | None = None,
    visit: int = -1,
    imputations: int = 100,
    seed: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return each arm's difference from the reference at one visit, adjusted for baseline, with either variance.

    ``"Rubin"`` pools the analyses of covariance of drawn data sets: its variance is about that of missing at random,
    more than the estimate varies over repeated trials, because the rule brings in knowledge that the formula does not
    count (Carpenter and others hold that an assumption should not make a trial more precise). ``"jackknife"`` leaves
    out each participant in turn, fits and imputes expectations anew: it estimates how the estimate varies over repeated
    trials.

    Parameters
    ----------
    values, arm, reference, rule, covariates, seed : see ``imputed``. visit : column of ``values``; the last one.
    variance : of ``VARIANCES``. imputations : for Rubin's rules. confidence : of the intervals.

    Returns
    -------
    One row an arm: ``arm, reference, rule, variance, estimate, standard_error, df, low, high, p`` (two-sided), in the
    outcome's unit, arm minus reference, and ``people``. Jackknife intervals use Student's t with the degrees of freedom
    of the complete data.

    Raises
    ------
    StatisticsError : see ``imputed`` and ``expected``; another variance.
    """
    if variance not in VARIANCES:
        raise StatisticsError(f"variance: expected {' or '.join(VARIANCES)}, found {variance!r}.")
    rows = []
    for name, pair in _pairs(values, arm, reference, rule, covariates).items():
        if variance == VARIANCES[0]:
            after = _drawn(pair, rule, imputations, ROUNDS, _stream(seed, name))
            arms, beside = pair.treated.astype(float), list(pair.covariates.T)
            difference, error, df = adjusted_difference(_all(pair, after)[..., visit], arms, beside)
            row = pool(difference, error, df, confidence).iloc[0]
            found = row[["estimate", "standard_error", "df", "low", "high", "p"]].to_dict()
        else:
            found = _jackknifed(pair, rule, visit, name, confidence)
        rows.append({"arm": name, **found, "people": len(pair.people)})
    about = {"reference": reference, "rule": rule, "variance": variance}
    return pd.DataFrame([{"arm": row.pop("arm"), **about, **row} for row in rows])


# ---- an arm and the reference ----


class _Pair(NamedTuple):
    """An arm and the reference: ``after`` (participant, visit after baseline), ``covariates`` (participant, covariate)
    with the baseline first, ``last`` (participant,): number of the last visit seen, -1 if none."""

    people: np.ndarray
    treated: np.ndarray
    after: np.ndarray
    covariates: np.ndarray
    last: np.ndarray


def _pairs(
    values: np.ndarray, arm: Sequence[Any] | np.ndarray, reference: Any, rule: str, covariates: np.ndarray | None
) -> dict[Any, _Pair]:
    """Return each other arm with the reference, or one error that lists what is wrong."""
    values, names = np.asarray(values, float), np.asarray(arm, object)
    if values.ndim != 2 or values.shape[1] < 2 or names.shape != values.shape[:1]:
        raise StatisticsError(
            "reference: expected values (participant, visit), baseline first, and one arm each, found shapes "
            f"{values.shape} and {names.shape}."
        )
    more = np.empty((len(values), 0)) if covariates is None else np.asarray(covariates, float)
    more = more[:, None] if more.ndim == 1 else more
    problems = [f"rule: expected one of {', '.join(RULES)}, found {rule!r}"] if rule not in RULES else []
    absent = int(pd.isna(names).sum())
    arms = [name for name in dict.fromkeys(names[~pd.isna(names)].tolist()) if name != reference]
    if absent:
        problems.append(f"arm: expected one of everyone, found {absent} people without")
    if not arms or not (names == reference).any():
        problems.append(f"reference: expected an arm that some people are in and some are not, found {reference!r}")
    if without := int(np.isnan(values[:, 0]).sum()):
        problems.append(f"baseline: expected one of everyone, found {without} people without; leave them out")
    if more.ndim != 2 or len(more) != len(values) or not np.isfinite(more).all():
        problems.append(f"covariates: expected (participant, covariate) without gaps, found shape {more.shape}")
    if np.isinf(values).any():
        problems.append(f"values: expected numbers or NaN, found {int(np.isinf(values).sum())} infinite")
    for name in dict.fromkeys([*arms, reference]):
        for visit in np.flatnonzero(np.isnan(values[names == name]).all(0)):
            problems.append(f"arm {name}, visit {visit}: expected someone seen, found no one; leave the visit out")
    if problems:
        raise StatisticsError("reference: " + "; ".join(problems) + ".")
    last = values.shape[1] - 2 - np.argmax(~np.isnan(values[:, ::-1]), axis=1)
    found = {}
    for name in arms:
        people = np.flatnonzero((names == name) | (names == reference))
        columns = np.column_stack([values[people, :1], more[people]])
        found[name] = _Pair(people, names[people] == name, values[people, 1:], columns, last[people])
    return found


def _stream(seed: int, name: Any) -> np.random.Generator:
    """Return an arm's own stream of draws: its name's, so that other arms do not change it."""
    return np.random.default_rng([seed, zlib.crc32(str(name).encode())])


def _all(pair: _Pair, after: np.ndarray) -> np.ndarray:
    """Return the baseline and the visits after it, (..., participant, visit)."""
    first = np.broadcast_to(pair.covariates[:, 0], after.shape[:-1])
    return np.concatenate([first[..., None], after], -1)


def _by_rule(own: np.ndarray, theirs: np.ndarray, pair: _Pair, rule: str) -> np.ndarray:
    """Return the means (..., participant, visit) that residuals and conditional expectations are taken from."""
    visits = np.arange(own.shape[-1])
    left = visits > pair.last[:, None]
    if rule == RULES[3]:
        return own
    if rule == RULES[2]:
        return np.where(left[:, -1:], theirs, own)
    target = theirs
    if rule == RULES[1]:
        at = np.broadcast_to(np.maximum(pair.last, 0)[:, None], (*own.shape[:-1], 1))
        step = np.take_along_axis(own - theirs, at, -1)
        target = theirs + np.where(pair.last[:, None] >= 0, step, 0.0)
    return np.where(left, target, own)


def _drawn(pair: _Pair, rule: str, count: int, rounds: int, rng: np.random.Generator) -> np.ndarray:
    """Return completed visits after baseline, (imputation, participant, visit)."""
    people, visits = pair.after.shape
    seen = ~np.isnan(pair.after)
    between = ~seen & (np.arange(visits) <= pair.last[:, None])
    start = np.where(seen, pair.after, np.nanmean(pair.after, axis=0))
    made = np.broadcast_to(start, (count, people, visits)).copy()
    known = np.column_stack([np.ones(people), pair.treated, pair.covariates])
    as_reference = np.column_stack([np.ones(people), np.zeros(people), pair.covariates])
    fixed = np.broadcast_to(known, (count, *known.shape))
    width = known.shape[1]
    slopes, spread = np.zeros((count, visits, visits)), np.empty((count, visits))
    own, theirs = np.empty_like(made), np.empty_like(made)
    for _ in range(rounds if between.any() else 1):
        for visit in range(visits):
            design = np.concatenate([fixed, made[..., :visit]], -1)
            _, drawn, spread[:, visit] = draw_regression(design, made[..., visit], pair.last >= visit, rng)
            slopes[:, visit, :visit] = drawn[:, width:]
            for mean, row in ((own, known), (theirs, as_reference)):
                carried = np.einsum("mpv,mv->mp", mean[..., :visit], drawn[:, width:])
                mean[..., visit] = drawn[:, :width] @ row.T + carried
        if between.any():
            root = np.linalg.inv(np.eye(visits) - slopes) * spread[:, None]
            _fill_between(made, own, root @ root.mT, seen, between, rng)
    mean = _by_rule(own, theirs, pair, rule)
    for visit in range(visits):
        carried = np.einsum("mpv,mv->mp", made[..., :visit] - mean[..., :visit], slopes[:, visit, :visit])
        noise = spread[:, visit, None] * rng.standard_normal((count, people))
        made[..., visit] = np.where(visit > pair.last, mean[..., visit] + carried + noise, made[..., visit])
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


def _expectations(pair: _Pair, rule: str, after: np.ndarray, name: Any) -> np.ndarray:
    """Return visits completed by their expectation, (fit, participant, visit), one fit for each of some data sets."""
    _, people, visits = after.shape
    known = np.column_stack([np.ones(people), pair.treated, pair.covariates])
    design = (np.eye(visits)[:, :, None] * known[:, None, None, :]).reshape(people, visits, -1)
    fit = mixed.fit(after, design, method=mixed.METHODS[1])
    bad = fit.status != mixed.CONVERGED
    if bad.any():
        raise StatisticsError(
            f"reference, arm {name}: expected a mixed model that converges, found {bad.sum()} of {len(bad)} fits "
            f"without a number ({fit.status[bad][0]}). Leave out a visit that few attended, or covariates."
        )
    coefficients = fit.coefficients.reshape(len(after), visits, -1)
    own = np.einsum("pc,tvc->tpv", known, coefficients)
    theirs = own - np.where(pair.treated[:, None], coefficients[:, None, :, 1], 0.0)
    made = np.where(np.isnan(pair.after), own, pair.after)
    seen, until = ~np.isnan(pair.after), np.arange(visits) <= pair.last[:, None]
    _expect(made, own, fit.covariance, seen, ~seen & until)
    _expect(made, _by_rule(own, theirs, pair, rule), fit.covariance, until, ~until)
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


def _jackknifed(pair: _Pair, rule: str, visit: int, name: Any, confidence: float) -> dict[str, float]:
    """Return the adjusted difference of expectations, and its variance over fits that leave out each person."""
    people = len(pair.people)
    without = np.concatenate([np.zeros((1, people), bool), np.eye(people, dtype=bool)])
    after = np.where(without[..., None], np.nan, pair.after)
    made = _expectations(pair, rule, after, name)
    design = np.column_stack([np.ones(people), pair.treated, pair.covariates])
    outcome = _all(pair, made)[..., visit]
    fit = least_squares(np.broadcast_to(design, (*outcome.shape, design.shape[1])), outcome, (~without).astype(float))
    each = fit.coefficients[:, 1]
    error = float(np.sqrt((people - 1) / people * ((each[1:] - each[1:].mean()) ** 2).sum()))
    df = people - design.shape[1]
    reach = stats.t.ppf((1 + confidence) / 2, df) * error
    estimate = float(each[0])
    return {
        "estimate": estimate, "standard_error": error, "df": float(df), "low": estimate - reach,
        "high": estimate + reach, "p": float(2 * stats.t.sf(abs(estimate) / error, df)),
    }  # fmt: skip

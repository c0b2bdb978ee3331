"""How well a measurement repeats itself, and what its error does to a slope."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin
from scipy import stats

from gaitstudy.conventions import StatisticsError


def icc(ratings: np.ndarray) -> pd.DataFrame:
    """Return the six intraclass correlations of a table of repeated measurements, with 95 % intervals.

    Parameters
    ----------
    ratings : (participant, occasion), any unit; people with a gap are left out and counted.

    Returns
    -------
    One row a form, ``form`` being ``ICC(1,1), ICC(A,1), ICC(C,1)`` (one-way, agreement, consistency; Shrout and
    Fleiss's 1, 2, 3) and ``ICC(1,k), ICC(A,k), ICC(C,k)`` (of the mean of k occasions):
    ``icc, low, high, f, df1, df2, p``. ``attrs``: ``n``, ``occasions``, ``left_out``.

    Raises
    ------
    StatisticsError : fewer than 2 complete people or occasions, or people who do not differ.

    References
    ----------
    Shrout PE, Fleiss JL (1979) Psychol Bull 86:420, doi 10.1037/0033-2909.86.2.420; McGraw KO, Wong SP (1996) Psychol
    Methods 1:30, doi 10.1037/1082-989X.1.1.30; general knowledge, not verified. Computed by pingouin.
    """
    table, left_out = _complete(ratings)
    people, occasions = table.shape
    long = pd.DataFrame(
        {
            "participant": np.repeat(np.arange(people), occasions),
            "occasion": np.tile(np.arange(occasions), people),
            "rating": table.ravel(),
        }
    )
    rounding = {k: v for k, v in pingouin.options.items() if str(k).startswith("round.column.CI95")}
    try:
        pingouin.options.update(dict.fromkeys(rounding))
        found = pingouin.intraclass_corr(long, targets="participant", raters="occasion", ratings="rating")
    finally:
        pingouin.options.update(rounding)
    bounds = np.stack(found["CI95"].to_list()).astype(float)
    result = pd.DataFrame(
        {
            "form": found["Type"].to_numpy(object), "icc": found["ICC"].to_numpy(float),
            "low": bounds[:, 0], "high": bounds[:, 1], "f": found["F"].to_numpy(float),
            "df1": found["df1"].to_numpy(float), "df2": found["df2"].to_numpy(float),
            "p": found["pval"].to_numpy(float),
        }
    )  # fmt: skip
    result.attrs = {"n": people, "occasions": occasions, "left_out": left_out}
    return result


def measurement_error(ratings: np.ndarray, *, multiple: float = 1.96) -> pd.DataFrame:
    """Return the standard error of measurement and the minimal detectable change, both in the unit of the measurement.

    Parameters
    ----------
    ratings : (participant, occasion), any unit; people with a gap are left out and counted.
    multiple : standard errors of a difference that a change must exceed; with 1.96 error alone does so in 5 % of
        people.

    Returns
    -------
    Two rows: ``kind`` ``"consistency"`` (occasions' means may differ) and ``"agreement"`` (their difference is error
    too); ``sem``, ``mdc`` = multiple sqrt(2) sem. ``attrs``: mean squares ``people, occasions, error``; ``n``,
    ``left_out``.

    Raises
    ------
    StatisticsError : see ``icc``.

    References
    ----------
    Weir JP (2005) J Strength Cond Res 19:231, doi 10.1519/15184.1; de Vet HCW et al. (2006) J Clin Epidemiol 59:1033,
    doi 10.1016/j.jclinepi.2005.10.015; general knowledge, not verified.

    Examples
    --------
    >>> ratings = np.array([[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> measurement_error(ratings).round(4).to_numpy().tolist()
    [['consistency', 1.0097, 2.7987], ['agreement', 2.5028, 6.9373]]
    """
    table, left_out = _complete(ratings)
    people, occasions = table.shape
    mean = table.mean()
    rest = table - table.mean(1, keepdims=True) - table.mean(0) + mean
    squares = {
        "people": occasions * float(((table.mean(1) - mean) ** 2).sum()) / (people - 1),
        "occasions": people * float(((table.mean(0) - mean) ** 2).sum()) / (occasions - 1),
        "error": float((rest**2).sum()) / ((people - 1) * (occasions - 1)),
    }
    systematic = max((squares["occasions"] - squares["error"]) / people, 0.0)
    sem = np.sqrt([squares["error"], squares["error"] + systematic])
    result = pd.DataFrame({"kind": ["consistency", "agreement"], "sem": sem, "mdc": multiple * np.sqrt(2) * sem})
    result.attrs = squares | {"n": people, "left_out": left_out}
    return result


def bland_altman(
    first: np.ndarray, second: np.ndarray, *, multiple: float = 1.96, confidence: float = 0.95
) -> pd.DataFrame:
    """Return mean difference and limits of agreement of two measurements of the same thing, first minus second.

    Parameters
    ----------
    first, second : (participant,), one unit; pairs with a gap are left out and counted.
    multiple : standard deviations from the mean to a limit. confidence : of the intervals.

    Returns
    -------
    Three rows, ``mean``, ``lower limit``, ``upper limit``: ``value, low, high`` in the measurements' unit (exact for
    the mean; for the limits Bland and Altman's, standard error ``sd sqrt(1/n + multiple^2 / (2 (n - 1)))``).
    ``attrs``: ``sd`` of the differences, ``n``, ``left_out``, and ``slope`` of the difference on the mean of both,
    which is not zero where the disagreement depends on the size.

    Raises
    ------
    StatisticsError : lengths that differ, fewer than 3 pairs.

    References
    ----------
    Bland JM, Altman DG (1986) Lancet 327:307, doi 10.1016/S0140-6736(86)90837-8; general knowledge, not verified.

    Examples
    --------
    >>> bland_altman(np.array([2.0, 4, 6]), np.array([1.0, 4, 4]))["value"].round(2).tolist()
    [1.0, -0.96, 2.96]
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    kept = np.isfinite(a) & np.isfinite(b) if a.shape == b.shape else np.zeros(0, bool)
    n = int(kept.sum())
    if a.ndim != 1 or n < 3:
        raise StatisticsError(f"bland_altman: expected at least 3 pairs, found {n} in shapes {a.shape} and {b.shape}.")
    difference, size = (a - b)[kept], ((a + b) / 2)[kept]
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    away = size - size.mean()
    limits = mean + multiple * sd * np.array([-1.0, 1.0])
    error = sd * np.array([np.sqrt(1 / n), *[np.sqrt(1 / n + multiple**2 / (2 * (n - 1)))] * 2])
    reach = stats.t.ppf((1 + confidence) / 2, n - 1) * error
    value = np.array([mean, *limits])
    result = pd.DataFrame({"of": ["mean", "lower limit", "upper limit"], "value": value, "low": value - reach})
    result["high"] = value + reach
    spread = float(away @ away)
    slope = float(away @ difference) / spread if spread > 0 else float("nan")
    result.attrs = {"sd": sd, "n": n, "left_out": int((~kept).sum()), "slope": slope}
    return result


def attenuation(ratings: np.ndarray) -> float:
    """Return the share of a predictor's variance that is not error: the factor by which its slope is flattened.

    Parameters
    ----------
    ratings : (participant, occasion), repeated measurements of the predictor, any unit; people with a gap are left out.

    Returns
    -------
    Between 0 and 1 (0 where people do not differ by more than error), for *one* measurement: ``ICC(1,1)``.

    Raises
    ------
    StatisticsError : see ``icc``.

    References
    ----------
    Frost C, Thompson SG (2000) J R Stat Soc A 163:173, doi 10.1111/1467-985X.00164; general knowledge, not verified.
    """
    table, _ = _complete(ratings)
    occasions = table.shape[1]
    between = occasions * table.mean(1).var(ddof=1)
    within = float(table.var(axis=1, ddof=1).mean())
    return max(float((between - within) / (between + (occasions - 1) * within)), 0.0)


def corrected_slope(
    slope: float, standard_error: float, factor: float, factor_error: float = 0.0, confidence: float = 0.95
) -> pd.DataFrame:
    """Return a regression slope corrected for the error of its one predictor: slope over attenuation factor.

    Parameters
    ----------
    slope, standard_error : as estimated, outcome's unit per predictor's unit.
    factor, factor_error : from ``attenuation`` and its standard error (0: as if it were known).

    Returns
    -------
    One row: ``estimate, standard_error, low, high`` (delta method, normal). Only for classical error: independent of
    the true value, of the outcome and of other predictors.

    Raises
    ------
    StatisticsError : a factor outside (0, 1], negative standard errors.

    References
    ----------
    Frost C, Thompson SG (2000) J R Stat Soc A 163:173, doi 10.1111/1467-985X.00164; general knowledge, not verified.

    Examples
    --------
    >>> corrected_slope(0.6, 0.1, 0.8)[["estimate", "standard_error"]].round(4).to_numpy().tolist()
    [[0.75, 0.125]]
    """
    if not 0 < factor <= 1 or standard_error < 0 or factor_error < 0:
        raise StatisticsError(
            f"corrected_slope: expected 0 < factor <= 1 and errors >= 0, found {factor}, {standard_error} and "
            f"{factor_error}."
        )
    estimate = slope / factor
    error = np.sqrt((standard_error / factor) ** 2 + (slope * factor_error / factor**2) ** 2)
    reach = stats.norm.ppf((1 + confidence) / 2) * error
    row = {"estimate": estimate, "standard_error": error, "low": estimate - reach, "high": estimate + reach}
    return pd.DataFrame([row])


def _complete(ratings: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the people without gaps, and how many others there were."""
    table = np.asarray(ratings, float)
    whole = np.isfinite(table).all(1) if table.ndim == 2 else np.zeros(0, bool)
    if table.ndim != 2 or whole.sum() < 2 or table.shape[1] < 2:
        raise StatisticsError(
            "ratings: expected (participant, occasion), at least 2 people without gaps and 2 occasions, found shape "
            f"{table.shape} and {int(whole.sum())} without gaps."
        )
    if np.ptp(table[whole]) == 0:
        raise StatisticsError(f"ratings: expected measurements that differ, found {table[whole].flat[0]:g} throughout.")
    return table[whole], int((~whole).sum())

"""What people report: KOOS and WOMAC scores, who responded, what change matters, how many must be treated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from gaitstudy.conventions import StatisticsError

KOOS = {
    "pain": [f"P{k}" for k in range(1, 10)],
    "symptoms": [f"S{k}" for k in range(1, 8)],
    "daily_living": [f"A{k}" for k in range(1, 18)],
    "sport": [f"SP{k}" for k in range(1, 6)],
    "quality_of_life": [f"Q{k}" for k in range(1, 5)],
}
"""Items of each KOOS subscale, 0 (no problem) to 4."""
WOMAC = {"pain": KOOS["pain"][4:], "stiffness": KOOS["symptoms"][5:], "function": KOOS["daily_living"]}
"""Items of the KOOS that are the WOMAC's; that stiffness is S6 and S7 is general knowledge, not verified."""
HIGHEST = 4
NOT_VERIFIED = "thresholds from general knowledge, not verified against the source"


def koos(items: pd.DataFrame) -> pd.DataFrame:
    """Return the five KOOS subscales, 0 (worst) to 100 (best): 100 minus the mean answer in per cent of the worst.

    Parameters
    ----------
    items : one row a person or visit, columns as in ``KOOS`` (``P1`` ... ``Q4``), 0 to 4; NaN is no answer.

    Returns
    -------
    With the index of ``items``: the subscales in points, NaN where less than half the items were answered, and
    ``{subscale}_answered``, how many were. An item left out counts as the mean of the others of its subscale.

    Raises
    ------
    StatisticsError : items missing as columns, or answers other than 0, 1, 2, 3, 4; every one is listed.

    References
    ----------
    KOOS scoring 2012. Roos EM, Lohmander LS (2003) Health Qual Life Outcomes 1:64, doi 10.1186/1477-7525-1-64;
    general knowledge, not verified.

    Examples
    --------
    >>> everything_mild = pd.DataFrame(1.0, index=["anna"], columns=[i for part in KOOS.values() for i in part])
    >>> koos(everything_mild)["pain"].item()
    75.0
    """
    mean, answered = _mean_answers(items, KOOS)
    return (100 - 100 * mean / HIGHEST).join(answered)


def womac(items: pd.DataFrame) -> pd.DataFrame:
    """Return WOMAC pain, stiffness, function and total from the items of a KOOS, 0 (best) to 100 (worst).

    Parameters
    ----------
    items : as for ``koos``; the columns of ``WOMAC`` suffice.

    Returns
    -------
    ``pain`` (of 5 items), ``stiffness`` (2), ``function`` (17), ``total`` (24), each in per cent of the worst sum, and
    how many items were ``_answered``. NaN where less than half were (the KOOS's rule). Higher is worse, unlike the
    KOOS.

    Raises
    ------
    StatisticsError : see ``koos``.

    References
    ----------
    Bellamy N et al. (1988) J Rheumatol 15:1833; general knowledge, not verified. Items as in the KOOS scoring of 2012.
    """
    mean, answered = _mean_answers(items, WOMAC | {"total": [i for part in WOMAC.values() for i in part]})
    return (100 * mean / HIGHEST).join(answered)


def koos_from_womac(total: np.ndarray, items: int = 17) -> np.ndarray:
    """Return a KOOS subscale (0-100, 100 best) from a WOMAC sum (0 to 4 per item, 0 best), or a sum from a subscale.

    Parameters
    ----------
    total : sum of the answers in points. items : 17 for function (0-68), which is the KOOS's daily living.

    Raises
    ------
    StatisticsError : a sum that so many items cannot have.

    Examples
    --------
    >>> koos_from_womac(np.array([0.0, 17.0, 68.0])).tolist()
    [100.0, 75.0, 0.0]
    """
    worst = HIGHEST * items
    return 100 - np.asarray(_within(total, worst, f"WOMAC sum of {items} items")) * 100 / worst


def womac_from_koos(score: np.ndarray, items: int = 17) -> np.ndarray:
    """Return a WOMAC sum (0 to 4 per item, 0 best) from a KOOS subscale (0-100, 100 best): the way back.

    Raises
    ------
    StatisticsError : a score outside 0-100.

    Examples
    --------
    >>> womac_from_koos(np.array([75.0])).tolist()
    [17.0]
    """
    return (100 - _within(score, 100, "KOOS score")) * HIGHEST * items / 100


def responders(
    before: np.ndarray,
    after: np.ndarray,
    *,
    absolute: float | None = None,
    percent: float | None = None,
    higher_is_worse: bool = True,
) -> pd.DataFrame:
    """Return who improved by at least a threshold; with both thresholds, by both.

    Parameters
    ----------
    before, after : (participant,), one unit; NaN is missing.
    absolute : improvement in the unit of the scores. percent : improvement in % of ``before``.
    higher_is_worse : as for pain; False for the KOOS.

    Returns
    -------
    ``improvement`` (positive is better), ``improvement_percent`` (NaN where ``before`` is 0) and ``responder``: True,
    False or missing. Someone who started at 0 has no per cent and does not meet a threshold in per cent.

    Raises
    ------
    StatisticsError : no threshold, or one that is not positive; lengths that differ.
    """
    given = [t for t in (absolute, percent) if t is not None]
    if not given or min(given) <= 0:
        raise StatisticsError(
            f"responders: expected a positive threshold (absolute= or percent=), found {given or 'none'}."
        )
    gained, share = _improvement(before, after, higher_is_worse)
    good = np.ones(len(gained), bool)
    if absolute is not None:
        good &= gained >= absolute
    if percent is not None:
        good &= share >= percent
    found = pd.array(good, dtype="boolean")
    found[np.isnan(gained)] = pd.NA
    return pd.DataFrame({"improvement": gained, "improvement_percent": share, "responder": found})


def omeract_oarsi(
    pain: tuple[np.ndarray, np.ndarray],
    function: tuple[np.ndarray, np.ndarray],
    overall: tuple[np.ndarray, np.ndarray] | None = None,
    *,
    high: tuple[float, float] = (50.0, 20.0),
    low: tuple[float, float] = (20.0, 10.0),
) -> pd.DataFrame:
    """Return who responded by the OMERACT-OARSI criteria. **The default thresholds are not verified.**

    A responder improves much in pain or function (by ``high``), or somewhat (by ``low``) in at least two of pain,
    function and the patient's overall assessment.

    Parameters
    ----------
    pain, function, overall : each (before, after), (participant,), 0 (best) to 100 (worst); NaN is missing. Without
        ``overall`` the second way needs both pain and function.
    high, low : per cent of the score before, and points of 100, both to be reached; from general knowledge.

    Returns
    -------
    ``high`` and ``low`` (ways met, by what is known) and ``responder``: True, False, or missing where an unknown score
    could still decide. ``attrs["thresholds"]`` says that defaults are not verified, ``attrs["overall"]`` if there was
    one.

    Raises
    ------
    StatisticsError : scores outside 0-100, lengths that differ.

    References
    ----------
    Pham T et al. (2003) J Rheumatol 30:1648 (reference checked; its thresholds not).
    """
    scores = [pain, function] if overall is None else [pain, function, overall]
    known, much, some = [], [], []
    for name, (before, after) in zip(("pain", "function", "overall"), scores, strict=False):
        gained, share = _improvement(_within(before, 100, name), _within(after, 100, name), True)
        known.append(np.isfinite(gained))
        much.append((share >= high[0]) & (gained >= high[1]))
        some.append((share >= low[0]) & (gained >= low[1]))
    if len({len(k) for k in known}) != 1:
        raise StatisticsError(f"omeract_oarsi: expected as many people in each score, found {[len(k) for k in known]}.")
    by_much, by_some = np.any(much[:2], 0), np.sum(some, 0) >= 2
    responder = by_much | by_some
    possible = ~np.all(known[:2], 0) | (np.sum(some, 0) + np.sum(~np.array(known), 0) >= 2)
    found = pd.array(responder, dtype="boolean")
    found[~responder & possible] = pd.NA
    table = pd.DataFrame({"high": by_much, "low": by_some, "responder": found})
    default = (high, low) == ((50.0, 20.0), (20.0, 10.0))
    table.attrs = {"thresholds": NOT_VERIFIED if default else "given", "overall": overall is not None}
    return table


def minimal_important_change(improvement: np.ndarray, improved: np.ndarray, confidence: float = 0.95) -> pd.DataFrame:
    """Return anchor-based estimates of the smallest change that people call an improvement.

    Parameters
    ----------
    improvement : (participant,), positive is better, the score's unit; NaN is missing.
    improved : (participant,), True for those who say they are (a little) better, False for those who say they are not;
        who said nothing (NaN, None) is left out.

    Returns
    -------
    Two rows: ``method`` ``"mean of the improved"`` (with Student's interval) and ``"best cut"`` (the change that
    separates the two groups with the largest sum of sensitivity and specificity, both shown); ``estimate, low, high``
    in the score's unit, NaN where a method gives none; ``n_improved, n_not``. ``attrs["correlation"]`` of anchor and
    change: below about .3 the anchor says little (general knowledge, not verified).

    Raises
    ------
    StatisticsError : fewer than two people in a group.

    References
    ----------
    de Vet HCW et al. (2007) Qual Life Res 16:131, doi 10.1007/s11136-006-9109-9; general knowledge, not verified.
    """
    change = np.asarray(improvement, float)
    try:
        said = pd.array(np.asarray(improved), dtype="boolean")
    except (TypeError, ValueError) as error:
        raise StatisticsError("improved: expected True, False or missing, found other values. Recode them.") from error
    kept = np.isfinite(change) & ~np.asarray(said.isna())
    change, anchor = change[kept], np.asarray(said[kept], bool)
    better, other = np.sort(change[anchor]), np.sort(change[~anchor])
    if min(len(better), len(other)) < 2:
        raise StatisticsError(
            f"minimal_important_change: expected at least 2 people in each group, found {len(better)} improved and "
            f"{len(other)} not."
        )
    cuts = np.unique(change)
    sensitivity = 1 - np.searchsorted(better, cuts) / len(better)
    specificity = np.searchsorted(other, cuts) / len(other)
    best = int(np.argmax(sensitivity + specificity))
    reach = stats.t.ppf((1 + confidence) / 2, len(better) - 1) * better.std(ddof=1) / np.sqrt(len(better))
    mean = {"method": "mean of the improved", "estimate": better.mean(), "low": better.mean() - reach}
    mean |= {"high": better.mean() + reach, "sensitivity": np.nan, "specificity": np.nan}
    cut = {"method": "best cut", "estimate": cuts[best], "low": np.nan, "high": np.nan}
    cut |= {"sensitivity": sensitivity[best], "specificity": specificity[best]}
    table = pd.DataFrame([mean, cut]).assign(n_improved=len(better), n_not=len(other))
    table.attrs = {"correlation": float(np.corrcoef(change, anchor)[0, 1]), "left_out": int((~kept).sum())}
    return table


def number_needed_to_treat(
    treated: tuple[int, int], comparison: tuple[int, int], confidence: float = 0.95
) -> pd.DataFrame:
    """Return how many people must be treated for one more to respond, with Newcombe's interval.

    Parameters
    ----------
    treated, comparison : (responders, people).

    Returns
    -------
    One row: ``difference`` of the shares (treated minus comparison) with ``low, high``; ``nnt`` = 1 / difference,
    negative where the treatment harms (infinite at no difference); ``nnt_low, nnt_high``, its ends at ``high`` and
    ``low``; and ``through_infinity``: the interval of the difference holds zero, and that of ``nnt`` is *two*
    stretches, from ``nnt_low`` up to infinity and from minus infinity up to ``nnt_high`` (harm).

    Raises
    ------
    StatisticsError : more responders than people, or no people.

    References
    ----------
    Newcombe RG (1998) Stat Med 17:873, doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10;
    Altman DG (1998) BMJ 317:1309, doi 10.1136/bmj.317.7168.1309; general knowledge, not verified.

    Examples
    --------
    >>> row = number_needed_to_treat((56, 70), (48, 80)).iloc[0]
    >>> [round(float(row[c]), 4) for c in ("difference", "low", "high", "nnt")]
    [0.2, 0.0524, 0.3339, 5.0]
    """
    for name, (count, people) in (("treated", treated), ("comparison", comparison)):
        if not 0 <= count <= people or people < 1:
            raise StatisticsError(f"{name}: expected (responders, people), found {count} of {people}.")
    difference = treated[0] / treated[1] - comparison[0] / comparison[1]
    low, high = confint_proportions_2indep(
        *treated, *comparison, method="newcomb", compare="diff", alpha=1 - confidence
    )
    with np.errstate(divide="ignore"):
        nnt, first, last = 1 / np.array([difference, high, low])
    row = {"difference": difference, "low": low, "high": high, "nnt": nnt, "nnt_low": first, "nnt_high": last}
    return pd.DataFrame([row | {"through_infinity": bool(low <= 0 <= high)}])


def _mean_answers(items: pd.DataFrame, scales: Mapping[str, Sequence[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the mean answer of each scale, NaN if less than half was answered, and how many items were."""
    wanted = list(dict.fromkeys(i for part in scales.values() for i in part))
    absent = [i for i in wanted if i not in items.columns]
    problems = [f"columns: expected {', '.join(absent)}, found none of them"] if absent else []
    for name in (i for i in wanted if i in items.columns):
        numbers = pd.to_numeric(items[name], errors="coerce")
        wrong = items.index[items[name].notna() & ~numbers.isin(range(HIGHEST + 1))]
        problems += [f"item {name}, row {row}: expected 0 to {HIGHEST}, found {items.loc[row, name]}" for row in wrong]
    if problems:
        listed = "".join(f"\n  {k}. {p}" for k, p in enumerate(problems, 1))
        raise StatisticsError(f"questionnaire: {len(problems)} problems{listed}\nMend the items; leave gaps empty.")
    mean, answered = pd.DataFrame(index=items.index), pd.DataFrame(index=items.index)
    for scale, names in scales.items():
        part = items[list(names)].apply(pd.to_numeric)
        answered[f"{scale}_answered"] = part.notna().sum(axis=1)
        mean[scale] = part.mean(axis=1).where(2 * answered[f"{scale}_answered"] >= len(names))
    return mean, answered


def _improvement(before: np.ndarray, after: np.ndarray, higher_is_worse: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the improvement (positive is better), and in % of the score before."""
    first, second = np.asarray(before, float), np.asarray(after, float)
    if first.shape != second.shape or first.ndim != 1:
        raise StatisticsError(
            f"scores: expected before and after (participant,), found {first.shape} and {second.shape}."
        )
    gained = first - second if higher_is_worse else second - first
    return gained, 100 * gained / np.where(first == 0, np.nan, first)


def _within(values: np.ndarray, highest: float, name: str) -> np.ndarray:
    """Return values as numbers if all lie between 0 and ``highest`` (NaN passes)."""
    numbers = np.asarray(values, float)
    wrong = numbers[(numbers < 0) | (numbers > highest)]
    if wrong.size:
        raise StatisticsError(
            f"{name}: expected 0 to {highest:g}, found {wrong.size} outside, e.g. {wrong.flat[0]:g}. Is it this scale?"
        )
    return numbers

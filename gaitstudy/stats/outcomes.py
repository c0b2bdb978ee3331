"""Scores of what people report of their knees: KOOS and WOMAC, from the answers to the questionnaire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

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

    Examples
    --------
    >>> everything_mild = pd.DataFrame(1.0, index=["anna"], columns=[i for part in WOMAC.values() for i in part])
    >>> womac(everything_mild)["total"].item()
    25.0
    """
    mean, answered = _mean_answers(items, WOMAC | {"total": [i for part in WOMAC.values() for i in part]})
    return (100 * mean / HIGHEST).join(answered)


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

"""The flow of people through a trial, by arm: from its table, or as published, and whether the counts add up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.catalogue import data_folder
from gaitstudy.io.trial_table import ARMS, BASELINES, COLUMNS, VARIABLES

CO_PRIMARY = ("NRS_med", "KAM_peak_target_FPA")
BOXES = (
    ("assessed for eligibility", False), ("excluded", False), ("randomised", False),
    ("allocated", True), ("seen at week 52", True), ("not seen at week 52", True),
    ("withdrawn for more knee pain", True), ("analysed", True), ("not analysed", True), ("analysed in all", False),
)  # fmt: skip
"""Boxes of the flow, and whether there is one for each arm; after CONSORT 2025 (its items on flow not verified)."""


def flow(table: pd.DataFrame) -> pd.DataFrame:
    """Return the flow of people through a trial as far as its table tells.

    Someone is seen at week 52 who has a value there. Analysed is who the main model (MMRM) of a co-primary outcome
    uses: who has its baseline and a value at a visit after it. Who has a baseline alone has no change to analyse, and
    is counted as not analysed. What a table cannot tell is left missing.

    Returns
    -------
    DataFrame : ``box, arm`` (empty for a box of both), ``people`` (number, NaN: not available).
    """
    arm = table["group"].map(ARMS)
    last = [c for c, v in COLUMNS.items() if v.kind == "number" and c.endswith("_wk52")]
    stayed = table[last].notna().any(axis=1)
    analysed = pd.Series(False, table.index)
    for name in CO_PRIMARY:
        weeks = next(v.weeks for v in VARIABLES if v.name == name)
        later = table[[f"{name}_wk{week:02d}" for week in weeks[1:]]]
        analysed |= table[BASELINES[name]].notna() & later.notna().any(axis=1)
    found: dict[tuple[str, str], float] = {("randomised", ""): len(table), ("analysed in all", ""): analysed.sum()}
    for name in ARMS.values():
        for box, holds in (
            ("allocated", arm.notna()), ("seen at week 52", stayed), ("not seen at week 52", ~stayed),
            ("analysed", analysed), ("not analysed", ~analysed),
        ):  # fmt: skip
            found[box, name] = (holds & (arm == name)).sum()
    return _boxes(found)


def published_flow() -> pd.DataFrame:
    """Return what is known of the published trial's flow, as ``flow`` gives it; every other box is not available.

    Rows of ``data/published/trial_flow.csv``, each with its source.
    """
    known = pd.read_csv(data_folder() / "published" / "trial_flow.csv", keep_default_na=False)
    return _boxes({(row["box"], row["arm"]): float(row["people"]) for row in known.to_dict("records")})


def check_flow(boxes: pd.DataFrame) -> None:
    """Return if the known counts of a flow add up.

    Raises
    ------
    GaitStudyError : they do not; every sum that fails is listed. Boxes not available are passed over.
    """
    people = {(row["box"], row["arm"]): row["people"] for row in boxes.to_dict("records")}
    sums = [(("assessed for eligibility", ""), [("excluded", ""), ("randomised", "")]),
            (("randomised", ""), [("allocated", arm) for arm in ARMS.values()]),
            (("analysed in all", ""), [("analysed", arm) for arm in ARMS.values()])]  # fmt: skip
    for arm in ARMS.values():
        sums += [(("allocated", arm), [("seen at week 52", arm), ("not seen at week 52", arm)]),
                 (("allocated", arm), [("analysed", arm), ("not analysed", arm)])]  # fmt: skip
    problems = []
    for whole, parts in sums:
        numbers = [people.get(key, np.nan) for key in (whole, *parts)]
        if np.isfinite(numbers).all() and numbers[0] != sum(numbers[1:]):
            told = " + ".join(f"{n:g} {' '.join(k).strip()}" for n, k in zip(numbers[1:], parts, strict=True))
            problems.append(f"expected {numbers[0]:g} {' '.join(whole).strip()}, found {told}")
    for arm in ARMS.values():
        some, left = (people.get((box, arm), np.nan) for box in ("withdrawn for more knee pain", "not seen at week 52"))
        if some > left:
            problems.append(f"expected at most {left:g} withdrawn for more knee pain from {arm}, found {some:g}")
    if problems:
        raise GaitStudyError(f"flow: the counts do not add up: {'; '.join(problems)}. Correct the counts.")


def _boxes(found: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    rows = [
        {"box": box, "arm": arm, "people": found.get((box, arm), np.nan)}
        for box, by_arm in BOXES
        for arm in (ARMS.values() if by_arm else [""])
    ]
    return pd.DataFrame(rows).astype({"people": float})

"""Who took part in a trial: flow, baseline characteristics, what is missing, adherence; by arm, never by person.

Every function takes the table that ``trial_table`` gives and returns a tidy one. In a private run counts under five are
masked (``disclosure.mask_small``), means of fewer than five people left out, and so is what tells of few when two
tables are laid side by side: counts by pattern, totals of means, counts that differ by less than five.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats.mstats import hdquantiles

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import disclosure
from gaitstudy.io.catalogue import data_folder
from gaitstudy.io.disclosure import LEAST, MASKED, TOTAL, enough, shown_counts
from gaitstudy.io.trial_table import ARMS, BASELINES, COLUMNS, VARIABLES, to_long

CO_PRIMARY = ("NRS_med", "KAM_peak_target_FPA")
BOXES = (
    ("assessed for eligibility", False), ("excluded", False), ("randomised", False),
    ("allocated", True), ("seen at week 52", True), ("not seen at week 52", True),
    ("withdrawn for more knee pain", True), ("analysed", True), ("not analysed", True), ("analysed in all", False),
)  # fmt: skip
"""Boxes of the flow, and whether there is one for each arm; after CONSORT 2025 (its items on flow not verified)."""
NOT_AVAILABLE = "not available"
OTHERS = "other patterns"
_CHARACTERISTICS = (
    ("age", "age (years)"), ("gender", "gender"), ("KL", "Kellgren-Lawrence grade"), ("alignment", "alignment (deg)"),
    ("FPA_natural_wk01", "natural foot angle (deg, toe-out positive)"),
    ("KAM_peak_natural_FPA_wk01", "peak knee adduction moment (%BW*Ht)"), ("NRS_med_wk02", "medial knee pain (0-10)"),
    ("NRS_lat_wk02", "lateral knee pain (0-10)"), ("NRS_PF_wk02", "patellofemoral pain (0-10)"),
    ("WOMAC_pain_wk02", "WOMAC pain (0-100, 0 best)"), ("WOMAC_function_wk02", "WOMAC function (0-100, 0 best)"),
    ("KOOS_wk02", "KOOS (0-100, 100 best)"), ("steps_wk02", "steps"), ("T1rho_med_wk01", "T1rho, medial (ms)"),
    ("T1rho_lat_wk01", "T1rho, lateral (ms)"), ("T2_med_wk01", "T2, medial (ms)"), ("T2_lat_wk01", "T2, lateral (ms)"),
)  # fmt: skip


def missingness(table: pd.DataFrame, outcomes: Sequence[str] = CO_PRIMARY) -> pd.DataFrame:
    """Return how many people have and lack each outcome at each visit, by arm.

    Parameters
    ----------
    outcomes : quantities with visits, as ``trial_table.VARIABLES`` names them.

    Returns
    -------
    DataFrame : ``outcome, visit`` (week), ``arm, people, present, missing``. In a private run small counts are masked,
        and those that differ by one to four from a later one shown of the same arm: the difference is people, too.

    Raises
    ------
    GaitStudyError : there is no such quantity.
    """
    rows = []
    for name in outcomes:
        weeks = _variable_weeks(name)
        long = to_long(table)
        long = long[long["visit"].isin(weeks)]
        for week, seen in long.groupby("visit"):
            there = seen[name].notna().groupby(seen["arm"]).agg(present="sum", people="size")
            there["missing"] = there.pop("people") - there["present"]
            there.attrs = {}
            rows += [{"outcome": name, "visit": week, **row} for row in _by_arm(there)]
    found = pd.DataFrame(rows)[["outcome", "visit", "arm", "people", "present", "missing"]]
    return _far_apart(found) if disclosure.private() else found


def patterns(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return how many people follow each pattern of missing visits, by arm.

    Returns
    -------
    DataFrame : ``pattern`` (one sign a visit, ``x`` seen and ``.`` missing), ``kind`` (complete, left, intermittent),
        and a column of people for each arm and ``total``; the most frequent first. In a private run those of fewer than
        five people are put together as ``other patterns``, and all counts masked: beside the counts by visit they would
        tell how many came back.

    Raises
    ------
    GaitStudyError : there is no such quantity.
    """
    weeks = _variable_weeks(outcome)
    seen = table[[f"{outcome}_wk{week:02d}" for week in weeks]].notna()
    pattern = seen.apply(lambda row: "".join("x" if s else "." for s in row), axis=1)
    counts = pd.crosstab(pattern, table["group"].map(ARMS))[list(ARMS.values())]
    if disclosure.private():
        rare = counts.sum(axis=1) < LEAST
        counts = pd.concat([counts[~rare], counts[rare].sum().to_frame(OTHERS).T]) if rare.any() else counts
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    counts = counts.loc[[k for k in order if k != OTHERS] + [k for k in order if k == OTHERS]]
    shown = shown_counts(counts).drop(index=TOTAL)
    shown = (shown.assign(**dict.fromkeys(shown, MASKED)) if disclosure.private() else shown).rename_axis("pattern")
    shown = shown.reset_index()
    shown.insert(1, "kind", [_kind(p) for p in shown["pattern"]])
    shown.columns.name = None
    return shown


def flow(table: pd.DataFrame) -> pd.DataFrame:
    """Return the flow of people through a trial as far as its table tells.

    Someone is seen at week 52 who has a value there. Analysed is who the main model (MMRM) of a co-primary outcome
    uses: who has its baseline and a value at a visit after it. Who has a baseline alone has no change to analyse, and
    is counted as not analysed. What a table cannot tell is left missing.

    Returns
    -------
    DataFrame : ``box, arm`` (empty for a box of both), ``people`` (number, NaN: not available; ``masked`` in a private
        run).
    """
    arm = table["group"].map(ARMS)
    last = [c for c, v in COLUMNS.items() if v.kind == "number" and c.endswith("_wk52")]
    stayed = table[last].notna().any(axis=1)
    analysed = pd.Series(False, table.index)
    for name in CO_PRIMARY:
        later = table[[f"{name}_wk{week:02d}" for week in _variable_weeks(name)[1:]]]
        analysed |= table[BASELINES[name]].notna() & later.notna().any(axis=1)
    found: dict[tuple[str, str], float | str] = {("randomised", ""): float(len(table))}
    for yes, no, holds, sums in (
        ("seen at week 52", "not seen at week 52", stayed, "across"),
        ("analysed", "not analysed", analysed, "both"),
    ):
        counts = pd.crosstab(arm, holds).reindex(index=list(ARMS.values()), columns=[True, False], fill_value=0)
        shown = shown_counts(counts, sums)
        for name in ARMS.values():
            for box, column in ((yes, True), (no, False), ("allocated", TOTAL)):
                if found.get((box, name)) != MASKED:
                    found[box, name] = _number(shown.loc[name, column])
    found["analysed in all", ""] = _number(shown.loc[TOTAL, True])
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
    GaitStudyError : they do not; every sum that fails is listed. Boxes not available or masked are passed over.
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
        numbers = [_plain(people.get(key)) for key in (whole, *parts)]
        if np.isfinite(numbers).all() and numbers[0] != sum(numbers[1:]):
            told = " + ".join(f"{n:g} {' '.join(k).strip()}" for n, k in zip(numbers[1:], parts, strict=True))
            problems.append(f"expected {numbers[0]:g} {' '.join(whole).strip()}, found {told}")
    for arm in ARMS.values():
        some, left = (_plain(people.get((box, arm))) for box in ("withdrawn for more knee pain", "not seen at week 52"))
        if some > left:
            problems.append(f"expected at most {left:g} withdrawn for more knee pain from {arm}, found {some:g}")
    if problems:
        raise GaitStudyError(f"flow: the counts do not add up: {'; '.join(problems)}. Correct the counts.")


def baseline_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the people's characteristics before treatment by arm: mean (SD), or n (%); no p values.

    Differences at baseline of arms drawn by lot are chance by design, so that a test of them answers no question.

    Returns
    -------
    DataFrame of texts : ``characteristic, level`` (of a categorical one), ``statistic``, a column for each arm,
        ``total``, and ``missing`` (people; of categorical ones a level). SDs with n - 1; percentages are of the arm. In
        a private run a mean has no total: where it lies between the arms' means tells how many each arm lacks.
    """
    arm = table["group"].map(ARMS)
    groups = {**{name: arm == name for name in ARMS.values()}, TOTAL: pd.Series(True, table.index)}
    sizes = shown_counts(pd.DataFrame({name: [int((arm == name).sum())] for name in ARMS.values()}), "across")
    rows: list[dict[str, str]] = [
        {"characteristic": "people", "level": "", "statistic": "n", **sizes.iloc[0].to_dict()}
    ]
    for column, label in _CHARACTERISTICS:
        values = table[column]
        lacking = values.isna().groupby(arm).sum()
        missing = f"{lacking.sum()}" if enough(int(lacking.min())) else MASKED  # of both arms, in a private run
        head = {"characteristic": label, "missing": missing}
        if COLUMNS[column].kind == "code" or column == "KL":
            rows += [{"characteristic": label} | row for row in _levels(values, arm)]
        else:
            cells = {name: _mean_sd(values[holds].dropna()) for name, holds in groups.items()}
            cells |= {TOTAL: MASKED} if disclosure.private() else {}
            rows.append(head | {"level": "", "statistic": "mean (SD)", **cells})
    return pd.DataFrame(rows)[["characteristic", "level", "statistic", *groups, "missing"]].fillna("")


def adherence(table: pd.DataFrame, name: str = "Compliance") -> pd.DataFrame:
    """Return the middle and the quarters of a quantity at each visit by arm: adherence, or the foot angle's error.

    Quantiles are those of Harrell and Davis (1982, Biometrika 69:635; general knowledge, not verified), weighted means
    of everyone's values: a sample quantile is often one person's value.

    Parameters
    ----------
    name : a quantity with visits; ``Compliance`` (%), ``FPA_error`` (deg) or another.

    Returns
    -------
    DataFrame : ``arm, visit`` (week), ``people``, ``mean, low, median, high`` (quartiles) in the quantity's unit, and
        ``distance``, the mean absolute value. In a private run groups under five have none.

    Raises
    ------
    GaitStudyError : there is no such quantity.
    """
    weeks = _variable_weeks(name)
    long = to_long(table)
    rows = []
    for (arm, week), seen in long[long["visit"].isin(weeks)].groupby(["arm", "visit"]):
        values = seen[name].dropna().to_numpy(float)
        count = shown_counts(pd.DataFrame({"n": [len(values), len(seen) - len(values)]}), "down")["n"].iloc[0]
        row = {"arm": arm, "visit": week, "people": count}
        stats = dict.fromkeys(("mean", "low", "median", "high", "distance"), np.nan)
        if len(values) and enough(len(values)):
            low, median, high = np.ma.filled(hdquantiles(values, [0.25, 0.5, 0.75]), np.nan)
            stats = {"mean": values.mean(), "low": low, "median": median, "high": high,
                     "distance": np.abs(values).mean()}  # fmt: skip
        rows.append(row | stats)
    return pd.DataFrame(rows)


# ---- within the room ----


def _variable_weeks(name: str) -> tuple[int, ...]:
    weeks = {v.name: v.weeks for v in VARIABLES if v.weeks}
    if name not in weeks:
        raise GaitStudyError(f"outcome: expected one of {', '.join(weeks)}, found {name!r}. Use one of these.")
    return weeks[name]


def _by_arm(counts: pd.DataFrame) -> list[dict[str, object]]:
    """Return counts by arm, with the arm's total as ``people``, ready to show."""
    shown = shown_counts(counts.reindex(list(ARMS.values()), fill_value=0), "across")
    return [
        {"arm": arm, "people": _number(row[TOTAL]), **{str(k): _number(row[k]) for k in counts.columns}}
        for arm, row in shown.iterrows()
    ]


def _far_apart(counts: pd.DataFrame) -> pd.DataFrame:
    """Mask counts of people that differ by less than five from a later one shown of the same arm, but not by none."""
    found = counts.copy()
    for _, own in counts.iloc[::-1].groupby("arm"):
        kept: set[float] = set()
        for row, present in own.loc[own["present"] != MASKED, "present"].items():
            if any(0 < abs(present - other) < LEAST for other in kept):
                found.loc[row, ["present", "missing"]] = MASKED
            else:
                kept.add(present)
    texts = {c: found[c].map(lambda n: n if n == MASKED else f"{n:g}") for c in ("present", "missing")}
    return found.assign(**texts)


def _kind(pattern: str) -> str:
    """Return what a pattern of visits is: complete, left (no visit after the first missing one), or intermittent."""
    if pattern == OTHERS:
        return ""
    return "complete" if "." not in pattern else "intermittent" if "." in pattern.rstrip(".") else "left"


def _plain(people: object) -> float:
    """Return a count, NaN if it is not available or masked."""
    return float(people) if isinstance(people, int | float) else np.nan


def _number(text: str) -> float | str:
    return text if text == MASKED else float(text)


def _boxes(found: dict[tuple[str, str], float | str]) -> pd.DataFrame:
    rows = [
        {"box": box, "arm": arm, "people": found.get((box, arm), np.nan)}
        for box, by_arm in BOXES
        for arm in (ARMS.values() if by_arm else [""])
    ]
    return pd.DataFrame(rows).astype({"people": object})


def _mean_sd(values: pd.Series) -> str:
    if not enough(len(values)):
        return MASKED
    return f"{values.mean():.1f} ({values.std():.1f})" if len(values) > 1 else NOT_AVAILABLE


def _levels(values: pd.Series, arm: pd.Series) -> list[dict[str, str]]:
    """Return one row a level of a categorical characteristic, missing ones as a level too: n (% of the arm)."""
    named = values.map(lambda v: v if isinstance(v, str) else "missing" if pd.isna(v) else f"{v:g}")
    counts = pd.crosstab(named, arm).reindex(columns=list(ARMS.values()), fill_value=0)
    shown = shown_counts(counts)
    rows = []
    for level in counts.index:
        row = {"level": str(level), "statistic": "n (%)"}
        for name in (*ARMS.values(), TOTAL):
            n, of = shown.loc[level, name], shown.loc[TOTAL, name]
            row[name] = n if MASKED in (n, of) else f"{n} ({100 * float(n) / float(of):.0f} %)"
        rows.append(row)
    return rows

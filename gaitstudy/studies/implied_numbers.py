"""What published figures imply beside what they say: p values, correlations of pairs, SDs that a result would need.

Every table is worked out from the published ones (``io.published.effects`` and ``data/published/studies.csv``).
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gaitstudy.io.published import effects, studies
from gaitstudy.stats import reported, rounding

VERDICTS = ("consistent", "inconsistent", "cannot be checked")
TRIAL = "Uhlrich 2025"
_LABEL = 56
"""Characters to a line of a figure's label."""


def printed_p() -> pd.DataFrame:
    """Return each printed p value beside those that its interval, or means and SDs, allow.

    Columns: ``source, figure, printed`` (the p, or the bound it is printed below), ``bound``, ``smallest, largest``
    (rounding allowed for), ``verdict``, ``label``.
    """
    table = effects()
    rows = []
    own = table[table["p"].ne("") & table["low"].notna()]
    for row in own.to_dict("records"):
        ratio = row["measure"] == "odds ratio"
        span = rounding.p_within_rounding(row["effect"], row["low"], row["high"], decimals_of(row), log=ratio)
        short = f"{row['exposure']}: {row['outcome']}"
        rows.append({"short": short} | _p_row(row["study"], name_of(row), row["p"], span))
    for study, first, second, digits in _GROUPS:
        for outcome, pair in table[(table["study"] == study) & table["sd"].notna()].groupby("outcome", sort=False):
            if outcome not in digits:
                continue
            a, b = (pair[pair["exposure"] == name].iloc[0] for name in (first, second))
            span = rounding.p_of_groups_within_rounding(
                a["effect"], a["sd"], int(a["n"]), b["effect"], b["sd"], int(b["n"]), digits[str(outcome)]
            )
            rows.append({"short": str(outcome)} | _p_row(study, str(outcome), a["p"] or b["p"], span))
    found = pd.DataFrame(rows)
    short = found["source"].str.split(" (", regex=False).str[0] + ": " + found["short"]
    named = short.where(~short.duplicated(keep=False), found["source"] + ": " + found["figure"])
    found = found.drop(columns="short")
    return found.assign(label=[textwrap.fill(name, _LABEL) for name in named])


def pairing() -> pd.DataFrame:
    """Return what the width of pooled before-after effects says about how pairs were treated.

    Columns: ``source, figure, n`` people, ``standard_error`` (from the interval), ``unpaired`` (that of two separate
    groups of n), ``correlation``: of the two measurements, at which pairs of one study of n people give that width
    (fixed effect, in SDs of one condition); near 0 is as wide as if the pairs had been torn apart.
    """
    table = effects()
    own = table[table["study"].str.startswith(("Arnold", "Silva")) & table["n"].notna()]
    rows = []
    for row in own.to_dict("records"):
        error, g, n = reported.standard_error_from_interval(row["low"], row["high"]), row["effect"], row["n"]
        rows.append(
            {
                "source": row["study"], "figure": f"{row['exposure']}: {row['outcome']}", "n": int(n),
                "standard_error": error, "unpaired": float(np.sqrt(2 / n + g**2 / (4 * n))),
                "correlation": 1 - (error**2 - g**2 / (2 * n)) * n / 2,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def trial_needs() -> pd.DataFrame:
    """Return what the SD within arms may be at most for the trial's published differences to reach p = .05.

    Columns: ``difference`` and ``largest_sd`` in ``unit``, ``outcome``, ``n_per_arm``. A t test on changes, everyone
    followed; a model with the baseline allows a somewhat larger SD.
    """
    rows = studies(TRIAL)
    size = int(rows["n"].min())
    kam = rows[rows["measure"].str.startswith("KAM")].set_index("measure")["value"]
    found = [
        (r["measure"], r["value"], r["unit"]) for r in rows[rows["measure"].str.contains("between")].to_dict("records")
    ]
    found.append(("KAM peak change at one year, difference of the two", float(kam.iloc[0] - kam.iloc[1]), "%"))
    return pd.DataFrame(
        [
            {"outcome": what, "difference": value, "largest_sd": reported.largest_sd(value, size, size), "unit": unit,
             "n_per_arm": size}
            for what, value, unit in found
        ]
    )  # fmt: skip


def pair_needs() -> pd.DataFrame:
    """Return, for means of the same people under two conditions, the correlation at which the change is significant.

    Columns: ``source, figure, n``; ``change, sd, other_sd`` in ``unit``; ``needed``: smallest correlation for p = .05;
    ``printed`` p; ``implied``: correlation that an exact p implies, or the smallest that a bound allows.
    """
    table = effects()
    rows = []
    for study, outcome, usual, other in _PAIRS:
        own = table[(table["study"] == study) & (table["outcome"] == outcome)].set_index("exposure")
        a, b = own.loc[usual], own.loc[other]
        change, n = float(b["effect"] - a["effect"]), int(a["n"])
        row = {"source": study, "figure": f"{other} less {usual}: {outcome}", "n": n, "change": change,
               "sd": a["sd"], "other_sd": b["sd"], "unit": a["unit"],
               "printed": b["p"].replace("<", "below ")}  # fmt: skip
        row["needed"] = reported.smallest_correlation(change, a["sd"], b["sd"], n)
        p, _ = p_as_printed(str(b["p"]))
        row["implied"] = reported.smallest_correlation(change, a["sd"], b["sd"], n, p) if np.isfinite(p) else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


# ---- within the room ----

_GROUPS: tuple[tuple[str, str, str, dict[str, int]], ...] = (
    (
        "Levinger 2010", "people with osteoarthritis", "controls",
        {"foot posture index": 2, "navicular drop": 2, "arch index": 2, "vertical navicular height": 2},
    ),
    ("Abourazzak 2014", "patients", "controls", {"age": 0, "foot posture index": 2}),
)  # fmt: skip
"""Study, its two groups, and the decimals with which means and SDs of each outcome are printed."""
_PAIRS = (
    ("pelvic drop study", "KAM peak", "usual walk", "pelvic drop walk"),
    ("pelvic drop study", "KAM impulse", "usual walk", "pelvic drop walk"),
    ("Nanba study 2017", "KAM1", "usual walk", "Nanba walk"),
    ("Nanba study 2017", "KAM2", "usual walk", "Nanba walk"),
    *(("Shakoor 2010", "KAM peak", "barefoot", shoe) for shoe in ("clogs", "stability shoes", "flat shoes")),
)


def decimals_of(row: Mapping[Any, Any]) -> int:
    """Decimals of a printed effect and its interval: the most that one of the three shows."""
    texts = [f"{row[name]:.10g}" for name in ("effect", "low", "high")]
    return max(len(text.partition(".")[2]) for text in texts)


def name_of(row: Mapping[Any, Any]) -> str:
    """Name a figure by what was done, what was measured and in whom."""
    return f"{row['exposure']}: {row['outcome']}, {row['people']}"


def p_as_printed(p: str) -> tuple[float, bool]:
    """Return a printed p value and whether it is a bound; missing gives NaN."""
    return (float(p.lstrip("<")), p.startswith("<")) if p else (np.nan, False)


def _p_row(source: str, figure: str, p: str, span: tuple[float, float]) -> dict[str, object]:
    value, bound = p_as_printed(p)
    half = 0.5 * 10.0 ** -len(p.partition(".")[2])
    good = span[0] < value if bound else span[0] <= value + half and span[1] >= value - half
    coarse = span[0] < 0.01 and span[1] > 0.5  # printed too coarsely to tell anything
    return {"source": source, "figure": figure, "printed": value, "bound": bound, "smallest": span[0],
            "largest": span[1], "verdict": VERDICTS[2] if coarse else VERDICTS[int(not good)]}  # fmt: skip

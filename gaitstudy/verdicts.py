"""The table of claims, the rule of each, and the verdict it gives to the pieces of evidence recorded.

A rule stands in the table of claims before anything is analysed. It is one clause, or several joined by ``;``
(all are needed) or by ``|`` (one is enough). A clause names the part of the claim it judges, then how::

    part<2     the whole interval lies below 2; contradicted if it lies wholly above
    part>0     the whole interval lies above 0; contradicted if it lies wholly below
    part=      the value lies within `tolerance` of `expected` and the interval on that side of 0 (reproduced), or only
               the latter (supported); contradicted if the interval lies wholly on the other side
    part?      the whole interval lies on one side of 0, whichever; contradicted if it lies within `tolerance` of 0

Which evidence may decide: real data, and published figures that are pooled and independent of the claim's source,
each with an interval and at least ``min_n`` people (pooled figures: or at least two studies). One person never supports
a claim about people, and a claim resting on its own source's figures is `reported` at most.

How the pieces of one part add up: it is supported when at least one piece that may decide lies wholly on the claim's
side, none wholly on the other, and every point value leans to the claim's side; contradicted the same way round;
inconclusive otherwise. Evidence that may not decide leaves the part inconclusive, and changes nothing once others
decide. Below that, in this order: declared not testable, computed in a simulation (mechanism), the source's own figures
(reported), imposed on a simulation (illustration), nothing (not yet). Pieces in the role ``context`` never count.

How the parts add up: with ``;`` one contradicted part contradicts the claim and all must be supported; with ``|`` one
supported part is enough and all must be contradicted. If some part has real or independent evidence and neither holds,
the claim is inconclusive; if none has, the claim takes the first that any part has of mechanism, reported,
illustration, not yet, not testable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from gaitstudy.conventions import LedgerError

CLAIMS = Path(__file__).resolve().parents[1] / "data" / "claims.csv"
COLUMNS = tuple(
    "id source kind chapter statement outcome measure unit rule expected tolerance min_n own_source rule_text "
    "not_testable not_testable_reason data_needed".split()
)
VERDICTS = {
    "reproduced": "real data, the number within tolerance",
    "supported": "real or independently pooled evidence points the claim's way, its interval excludes the opposite",
    "contradicted": "real or independently pooled evidence points the other way, its interval excludes the claim",
    "inconclusive": "there is evidence, but it does not decide",
    "mechanism": "computed in a simulated walker; what was imposed and what was computed is listed",
    "reported": "only the source's own figures; nothing here speaks",
    "illustration": "the simulated answer was put in",
    "not testable": "gait data cannot tell; why, and what data could, is said",
    "not yet": "no evidence recorded so far",
}
"""Every verdict, in the order in which they are counted and shown, with its meaning."""

DATA = ("real", "published", "simulated")
_CLAUSE = re.compile(r"([a-z]\w*)\s*(?:([<>])\s*(-?\d+(?:\.\d+)?)|([=?]))")
_GOOD = ("reproduced", "supported")
_UNDECIDED = ("mechanism", "reported", "illustration", "not yet", "not testable")

Piece = Mapping[str, Any]
Claim = Mapping[str, Any]


class Clause(NamedTuple):
    """One clause of a rule: the part it judges, ``<``, ``>``, ``=`` or ``?``, and the bound in the evidence's unit."""

    part: str
    sign: str
    bound: float


def clauses(rule: str) -> list[Clause]:
    """Return the clauses of a rule in their order.

    Raises
    ------
    LedgerError : the rule is not of the form that this module's docstring gives.

    Examples
    --------
    >>> clauses("wearables<5 | video<5")[0]
    Clause(part='wearables', sign='<', bound=5.0)
    """
    matches = [_CLAUSE.fullmatch(text.strip()) for text in re.split(r"[;|]", rule)]
    found = [Clause(m[1], m[2] or m[4], float(m[3] or 0)) for m in matches if m]
    if len(found) < len(matches) or (";" in rule and "|" in rule) or any(c.part == "context" for c in found):
        raise LedgerError(
            f"rule: expected clauses such as 'part<0', 'part>0.5', 'part=' or 'part?', joined by ';' or by '|' and not "
            f"both, none called 'context'; found {rule!r}. Rewrite it."
        )
    return found


def split(text: str) -> list[str]:
    """Return the entries of a cell that lists several, joined by ``;``."""
    return [entry.strip() for entry in text.split(";") if entry.strip()]


def refuse(where: str, problems: Sequence[str], fix: str) -> None:
    """Raise one error that lists every problem found in ``where`` and says what to do; none, and it returns.

    Raises
    ------
    LedgerError : there are problems.
    """
    if problems:
        count = f" {len(problems)} problems" if len(problems) > 1 else ""
        raise LedgerError(f"{where}:{count}" + "".join(f"\n  {k}. {p}" for k, p in enumerate(problems, 1)) + f"\n{fix}")


def claims(path: Path = CLAIMS) -> pd.DataFrame:
    """Return the table of claims, one row each, after checking every cell of it.

    Parameters
    ----------
    path : CSV with the columns ``COLUMNS``; ``expected`` and ``tolerance`` are in ``unit``, ``min_n`` counts people.

    Raises
    ------
    LedgerError : the file is absent or breaks the rules; every problem is listed.
    """
    if not path.is_file():
        raise LedgerError(f"{path.name}: expected the table of claims, found no such file. Give its path.")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if tuple(table.columns) != COLUMNS:
        raise LedgerError(f"{path.name}: expected the columns {', '.join(COLUMNS)}; found {', '.join(table.columns)}.")
    problems = [f"id {key!r} stands there more than once" for key in table["id"][table["id"].duplicated()].unique()]
    for row in table.to_dict("records"):
        problems += [f"{row['id']}: {problem}" for problem in _claim_problems(row)]
    refuse(path.name, problems, "Mend these rows; a changed rule needs a line in the CHANGELOG.")
    numbers = {c: pd.to_numeric(table[c], errors="coerce").astype(float) for c in ("expected", "tolerance")}
    return table.assign(**numbers, min_n=table["min_n"].astype(int))


def evidence_problems(row: Mapping[str, Any], claim: Mapping[Any, Any], path: Path) -> list[str]:
    """Return what is wrong with one piece of evidence for a claim of the table at ``path``, nothing if it fits."""
    problems = []
    parts = {c.part: c.sign for c in clauses(claim["rule"])}
    for name in ("unit", "n_unit", "source"):
        if not str(row[name] or "").strip():
            problems.append(f"{name}: expected some text, found none")
    if row["role"] not in (*parts, "context"):
        problems.append(f"role: expected {', '.join(parts)} or context, found {row['role']!r}")
    elif parts.get(row["role"]) == "=" and row["unit"] != claim["unit"]:
        problems.append(f"unit: expected {claim['unit']!r}, as the claim has it, found {row['unit']!r}; "
                        "convert, or record another quantity as context")  # fmt: skip
    value, low, high = (row[k] for k in ("value", "low", "high"))
    if value is None or not math.isfinite(value):
        problems.append(f"value: expected a finite number, found {value}")
    elif low is not None and not low <= value <= high:
        problems.append(f"interval: expected low <= {value:g} <= high, found ({low:g}, {high:g})")
    elif low is not None and not (math.isfinite(low) and math.isfinite(high)):
        problems.append(f"interval: expected finite bounds, found ({low:g}, {high:g})")
    if row["n"] != row["n"] // 1 or row["n"] < 1:
        problems.append(f"n: expected a whole number of 1 or more, found {row['n']}")
    if row["data"] not in DATA:
        problems.append(f"data: expected {', '.join(DATA)}, found {row['data']!r}")
    given, simulated = {*row["imposed"], *row["computed"]}, row["data"] == "simulated"
    if simulated and not (row["imposed"] and row["computed"]):
        problems.append("imposed, computed: expected both lists for simulated data, found an empty one")
    if simulated and (claim["outcome"] in row["imposed"]) == (claim["outcome"] in row["computed"]):
        problems.append(f"imposed, computed: expected {claim['outcome']!r} in one of them, found it in both or neither")
    if not simulated and given:
        problems.append(f"imposed, computed: expected none for {row['data']} data, found {', '.join(sorted(given))}")
    if row["pooled"] and row["data"] != "published":
        problems.append(f"pooled: expected only for published figures, found it for {row['data']}")
    unknown = set(split(row["source"])) - _studies(path.parent / "published") if row["data"] == "published" else None
    if unknown:
        problems.append(f"source: expected studies of data/published with status S, C or I, found {sorted(unknown)}")
    return problems


def _studies(folder: Path) -> set[str]:
    """Return the studies that the published tables name with a status that may be shown."""
    tables = [pd.read_csv(file, dtype=str) for file in sorted(folder.glob("*.csv"))]
    listed = [t.loc[t["status"].isin(["S", "C", "I"]), "study"] for t in tables if {"study", "status"} <= {*t.columns}]
    return {str(study) for column in listed for study in column}


def standing(piece: Piece, claim: Claim) -> str:
    """Return what a piece of evidence can do for its claim, and if it cannot decide, why.

    Returns
    -------
    str : ``decides``; ``context``; ``declared``; ``computed`` or ``imposed`` (simulated: where the claim's outcome
        stands); ``own`` (the source's own figures); or the reason why real or independent evidence does not decide.
    """
    if piece["role"] == "context" or piece["declared"]:
        return "declared" if piece["declared"] else "context"
    if piece["data"] == "simulated":
        return "computed" if claim["outcome"] in piece["computed"] else "imposed"
    if piece["data"] == "published":
        if set(split(piece["source"])) & set(split(claim["own_source"])):
            return "own"
        if not piece["pooled"]:
            return "a single published study, not pooled"
    if piece["low"] is None:
        return "no interval available"
    if piece["pooled"] and piece["n_unit"] == "studies":
        return "decides" if piece["n"] >= 2 else "one study is no pooling"
    if piece["n_unit"] != "people":
        return f"n counts {piece['n_unit']}, not people"
    if piece["n"] < claim["min_n"]:
        return f"n = {piece['n']}, the rule asks for {claim['min_n']} people"
    return "decides"


def judge(claim: Claim, pieces: Sequence[Piece]) -> tuple[str, str, Piece | None]:
    """Return the verdict of a claim, the reason in a sentence, and the piece of evidence that leads.

    Parameters
    ----------
    claim : one row of the table of claims.
    pieces : all evidence recorded for it, in any order; the result does not depend on it.

    Returns
    -------
    verdict : one of ``VERDICTS``.
    why : what the verdict rests on, part by part.
    lead : the piece shown beside the verdict; ``None`` if there is none.
    """
    rule = clauses(claim["rule"])
    ordered = sorted(pieces, key=lambda p: (-(p["n"] or 0), p["notebook"], p["anchor"], p["role"], repr(p)))
    results = []
    for clause in rule:
        verdict, why = _judge_part(clause, claim, [p for p in ordered if p["role"] in (clause.part, "", "context")])
        results.append((clause.part, verdict, why))
    verdict = _combine([own for _, own, _ in results], any_suffices="|" in claim["rule"])
    ranks = ("decides", "other", "computed", "own", "imposed", "context", "declared")
    telling = [part for part, own, _ in results if own == verdict]

    def rank(piece: Piece) -> tuple[bool, int]:
        held = standing(piece, claim)
        return (bool(telling) and piece["role"] not in telling, ranks.index(held if held in ranks else "other"))

    lead = [p for p in sorted(ordered, key=rank) if standing(p, claim) not in ("context", "declared")]
    whys = list(dict.fromkeys(why for *_, why in results))
    if len(whys) > 1 and len({part for part, *_ in results}) > 1:
        whys = list(dict.fromkeys(f"{part}: {own} ({why})" for part, own, why in results))
    return verdict, "; ".join(whys) + ".", lead[0] if lead else None


def _judge_part(clause: Clause, claim: Claim, pieces: Sequence[Piece]) -> tuple[str, str]:
    """Return the verdict of one clause on its pieces, sorted, and why."""
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(standing(piece, claim), []).append(piece)
    deciding = groups.pop("decides", [])
    if deciding:
        return _decide(clause, claim, deciding)
    reasons = [r for r in groups if r not in ("declared", "computed", "imposed", "own", "context")]
    if reasons:
        return "inconclusive", "evidence, but none that may decide: " + ", ".join(reasons)
    if "declared" in groups:
        return "not testable", "declared: " + groups["declared"][0]["note"].rstrip(".")
    if "computed" in groups:
        ways = [_side(clause, claim, p) for p in groups["computed"]]
        tally = f"{ways.count(1)} the claim's way, {ways.count(-1)} the other way, {ways.count(0)} neither"
        return "mechanism", f"simulated, {claim['outcome']} computed; {tally}"
    if "own" in groups:
        return "reported", "figures of the claim's own source only"
    if "imposed" in groups:
        return "illustration", f"simulated with {claim['outcome']} put in, which returns what was assumed"
    return "not yet", "no evidence recorded" + (" but context" if "context" in groups else "")


def _decide(clause: Clause, claim: Claim, pieces: Sequence[Piece]) -> tuple[str, str]:
    """Return supported, reproduced, contradicted or inconclusive from pieces that may decide."""
    sides = [_side(clause, claim, p) for p in pieces]
    leans = [_lean(clause, claim, p) for p in pieces]
    n = f"deciding pieces: {len(pieces)}"
    signs = {p["value"] > 0 for p in pieces if p["value"]}
    if clause.sign == "?":  # an effect of either sign: what matters is that the pieces agree on one
        leans = [1 if len(signs) == 1 else -1] * len(pieces) if 1 in sides else [-1] * len(pieces)
    if 1 in sides and -1 not in sides and min(leans) >= 0:
        way = f" ({'positive' if signs == {True} else 'negative'})" if clause.sign == "?" else ""
        real = [p for p in pieces if p["data"] == "real"]
        off = [abs(p["value"] - claim["expected"]) > claim["tolerance"] for p in real] if clause.sign == "=" else [True]
        if real and not any(off):
            return "reproduced", f"{n}; the number lies within {claim['tolerance']:g} of {claim['expected']:g}"
        return "supported", f"{n}; {sides.count(1)} with the whole interval on the claim's side{way}, none against"
    if -1 in sides and 1 not in sides and max(leans) <= 0:
        return "contradicted", f"{n}; {sides.count(-1)} with the whole interval against the claim, none for it"
    split_ = (1 in sides and min(leans) < 0) or (-1 in sides and max(leans) > 0)
    return "inconclusive", f"{n}; " + ("they disagree" if split_ else "the interval leaves both directions open")


def _side(clause: Clause, claim: Claim, piece: Piece) -> int:
    """Return 1 if the whole interval is on the claim's side, -1 if wholly on the other, 0 if neither."""
    low, high = piece["low"], piece["high"]
    if low is None:
        return 0
    if clause.sign == "?":
        band = claim["tolerance"] if piece["unit"] == claim["unit"] else 0.0
        if low > 0 or high < 0:
            return -1 if max(abs(low), abs(high)) <= band else 1
        return -1 if max(abs(low), abs(high)) <= band and band > 0 else 0
    up = claim["expected"] > 0 if clause.sign == "=" else clause.sign == ">"
    above, below = low > clause.bound, high < clause.bound
    return 1 if (above if up else below) else -1 if (below if up else above) else 0


def _lean(clause: Clause, claim: Claim, piece: Piece) -> int:
    """Return the side of the bound on which the point value lies: 1 the claim's, -1 the other, 0 on it."""
    point = {"low": piece["value"], "high": piece["value"]}
    return _side(clause, claim, dict(piece) | point)


def _combine(verdicts: Sequence[str], *, any_suffices: bool) -> str:
    """Return the verdict of a claim from those of its clauses."""
    good = [v in _GOOD for v in verdicts]
    bad = [v == "contradicted" for v in verdicts]
    if any(good) if any_suffices else all(good):
        return "reproduced" if all(v == "reproduced" for v, g in zip(verdicts, good, strict=True) if g) else "supported"
    if all(bad) if any_suffices else any(bad):
        return "contradicted"
    if any(good) or any(bad) or "inconclusive" in verdicts:
        return "inconclusive"
    return next(v for v in _UNDECIDED if v in verdicts)


def _claim_problems(row: Mapping[Any, str]) -> list[str]:
    """Return what is wrong with one row of the table of claims."""
    problems = [f"{c}: expected some text, found none" for c in ("id", "source", "chapter", "statement", "outcome",
                "measure", "rule_text") if not row[c].strip()]  # fmt: skip
    if row["kind"] not in ("claim", "question"):
        problems.append(f"kind: expected claim or question, found {row['kind']!r}")
    try:
        rule = clauses(row["rule"])
    except LedgerError as error:
        return [*problems, str(error)]
    expected, tolerance = (float(pd.to_numeric(row[c], errors="coerce")) for c in ("expected", "tolerance"))
    for name, number in (("expected", expected), ("tolerance", tolerance)):
        if row[name].strip() and not math.isfinite(number):
            problems.append(f"{name}: expected a number or nothing, found {row[name]!r}")
    if any(c.sign == "=" for c in rule) and not (expected and tolerance > 0 and row["unit"]):
        problems.append("expected, tolerance, unit: a rule with '=' takes a number other than 0, a tolerance, a unit")
    if not row["min_n"].isdigit() or int(row["min_n"]) < 1:
        problems.append(f"min_n: expected a number of people of 1 or more, found {row['min_n']!r}")
    unknown = set(split(row["not_testable"])) - {"*", *(c.part for c in rule)}
    if unknown:
        problems.append(f"not_testable: expected * or parts of the rule, found {', '.join(sorted(unknown))}")
    if len({bool(row[c].strip()) for c in ("not_testable", "not_testable_reason", "data_needed")}) > 1:
        problems.append("not_testable, not_testable_reason, data_needed: expected all three or none")
    return problems

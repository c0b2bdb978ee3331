"""Claims, the evidence recorded for and against them, and the verdict that each claim's rule gives to it.

Pages call ``record``; ``collect`` reads what they recorded and lets each claim's own rule judge; ``check`` compares
with the verdicts and numbers stored earlier. A new claim is a row of ``data/claims.csv`` and a call in a page.

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

import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import catalogue

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
FIGURES = ["value", "low", "high", "n"]
SUMMARY = "id source statement kind chapter verdict why value low high unit data n n_unit pieces links".split()
"""Columns of the ledger."""
STORED = "id verdict role notebook anchor data value low high unit n n_unit source".split()
"""Columns of what ``numbers`` returns and ``check`` compares."""
RELATIVE = 1e-6
"""Change of a number that is let pass; next to zero the same figure is absolute, times 1e-3."""
_CLAUSE = re.compile(r"([a-z]\w*)\s*(?:([<>])\s*(-?\d+(?:\.\d+)?)|([=?]))")
_GOOD = ("reproduced", "supported")
_UNDECIDED = ("mechanism", "reported", "illustration", "not yet", "not testable")
_KEY = ["id", "role", "notebook", "anchor", "data", "source"]

Piece = Mapping[str, Any]
Claim = Mapping[str, Any]


def record(
    id: str,
    value: float,
    interval: Sequence[float] | str,
    unit: str,
    *,
    data: str,
    n: int,
    n_unit: str,
    source: str,
    role: str = "",
    pooled: bool = False,
    imposed: Iterable[str] = (),
    computed: Iterable[str] = (),
    note: str = "",
    anchor: str = "",
) -> pd.DataFrame:
    """Record one piece of evidence for a claim, and return it as a table of one row.

    Inside ``reproduce`` it is appended to the evidence of the running notebook; otherwise it is only returned.

    Parameters
    ----------
    value, interval, unit : the number, its lower and upper bound and the unit, signed as the claim's ``measure`` says;
        a published figure without an interval says ``"not available"`` and cannot decide.
    data : ``real``, ``published`` or ``simulated``.
    n, n_unit : how many, of what; only ``people`` count towards the claim's ``min_n``.
    source : the dataset or, for published figures, one or more studies of the published tables, joined by ``;``.
    role : the part of the claim it speaks to (may be left out if there is one), or ``context``.
    pooled : a published figure pooled over independent studies.
    imposed, computed : what a simulation was given and what it worked out; the claim's outcome stands in one of them.
    anchor : the heading's anchor in the notebook, for the link.

    Raises
    ------
    GaitStudyError : the piece does not fit its claim.
    """
    claim = _claim(id)
    parts = {c.part: c.sign for c in _clauses(claim["rule"])}
    role = role or (next(iter(parts)) if len(parts) == 1 else "")
    imposed, computed, outcome = list(imposed), list(computed), claim["outcome"]
    low, high = (None, None) if isinstance(interval, str) else map(float, interval)
    absent = interval == "not available" and math.isfinite(value) and data == "published"
    whole = low is not None and high is not None and math.isfinite(high - low) and low <= value <= high
    once = (outcome in imposed) != (outcome in computed)
    checks = {
        "unit, n_unit, source: expected some text in each": all(text.strip() for text in (unit, n_unit, source)),
        f"data: expected {', '.join(DATA)}, found {data!r}": data in DATA,
        f"role: expected {', '.join(parts)} or context, found {role!r}": role in (*parts, "context"),
        f"unit: expected {claim['unit']!r}, as the claim has it, found {unit!r}; convert, or record it as context":
            parts.get(role) != "=" or unit == claim["unit"],
        f"value, interval: expected finite numbers, low <= value <= high, or 'not available' for a published figure's "
        f"interval; found {value}, {interval}": whole or absent,
        f"n: expected a whole number of 1 or more, found {n}": n >= 1 and n == n // 1,
        f"imposed, computed: expected lists for simulated data, {outcome!r} in one of them, and none for other data":
            (imposed and computed and once) if data == "simulated" else not imposed + computed,
        f"pooled: expected only for published figures, found it for {data}": not pooled or data == "published",
        f"source: expected studies of data/published with status S, C or I, found {source!r}":
            data != "published" or _studies().issuperset(_split(source)),
    }  # fmt: skip
    for problem, good in checks.items():
        if not good:
            raise GaitStudyError(f"evidence for {id}: {problem}. Nothing was recorded: mend the call.")
    row: dict[str, Any] = {
        "id": id, "role": role, "value": float(value), "low": low, "high": high, "unit": unit, "data": data,
        "pooled": bool(pooled), "n": int(n), "n_unit": n_unit, "source": source, "imposed": imposed,
        "computed": computed, "note": note, "anchor": anchor, "declared": False,
    }  # fmt: skip
    return _append(row)


def declare_not_testable(id: str, role: str = "", *, anchor: str = "") -> pd.DataFrame:
    """Record that gait data cannot test a claim, or one part of it; reason and data needed come from the claims.

    Raises
    ------
    GaitStudyError : the claims do not foresee it for this claim or part.
    """
    claim = _claim(id)
    allowed = _split(claim["not_testable"])
    if (role or "*") not in allowed:
        raise GaitStudyError(
            f"{id}: expected a claim or part that the table of claims calls not testable "
            f"({', '.join(allowed) or 'none'}; * is the whole), found {role or '*'!r}. Name it, or record evidence."
        )
    row = dict.fromkeys([*FIGURES]) | dict.fromkeys(("unit", "data", "n_unit", "source"), "")
    row |= {"id": id, "role": role, "pooled": False, "imposed": [], "computed": [], "anchor": anchor, "declared": True}
    return _append(row | {"note": f"{claim['not_testable_reason']} What it takes: {claim['data_needed']}"})


def collect(evidence: Path) -> pd.DataFrame:
    """Return one row per claim, with the verdict that its rule gives to all evidence recorded.

    Parameters
    ----------
    evidence : folder of ``*.jsonl`` files that ``record`` wrote; absent or empty gives ``not yet`` everywhere.

    Returns
    -------
    The columns ``SUMMARY`` (``verdict`` a categorical of all ``VERDICTS``; value, low, high, unit, data and n of the
    leading piece), the rest of the claim, and ``evidence``, the list of all its pieces with the ``link`` of each.

    Raises
    ------
    GaitStudyError : a line cannot be read or names a claim that is not there.
    """
    claims = _claims()
    pieces: dict[str, list[dict[str, Any]]] = {id: [] for id in claims}
    for file in sorted(evidence.glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                piece = json.loads(line)
                if piece not in pieces[piece["id"]]:
                    pieces[piece["id"]].append(piece)
            except (ValueError, KeyError, TypeError) as error:
                raise GaitStudyError(
                    f"{file.name} line {number}: expected a piece of evidence, found {error!r}. Empty the folder and "
                    "run the notebooks again."
                ) from error
    table = pd.DataFrame([_row(claim, pieces[id]) for id, claim in claims.items()])
    return table.assign(verdict=pd.Categorical(table["verdict"], list(VERDICTS)))


def judged(pieces: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the verdict that these pieces alone give to each claim they speak to: ``id, statement, verdict, why``.

    Parameters
    ----------
    pieces : what ``record`` and ``declare_not_testable`` returned, in any order.
    """
    rows = [piece.attrs["piece"] for piece in pieces]
    ids = {row["id"] for row in rows}
    found = [_row(claim, [r for r in rows if r["id"] == id]) for id, claim in _claims().items() if id in ids]
    return pd.DataFrame(found)[["id", "statement", "verdict", "why"]]


def numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return every piece of evidence of ``collect``'s table beside its claim's verdict: the columns ``STORED``."""
    blank = dict.fromkeys(STORED, "") | dict.fromkeys(FIGURES)
    rows = [
        {**blank, **piece, "id": claim["id"], "verdict": claim["verdict"]}
        for claim in table.to_dict("records")
        for piece in claim["evidence"] or [{}]
    ]
    return pd.DataFrame(rows)[STORED].astype(dict.fromkeys(FIGURES, float))


def check(table: pd.DataFrame, stored: Path) -> list[str]:
    """Return one sentence for every verdict or number that is no longer what was stored; none if all stand.

    Parameters
    ----------
    table : from ``collect``.
    stored : CSV of what ``numbers`` returned.

    Raises
    ------
    GaitStudyError : there is no such file.
    """
    if not stored.is_file():
        raise GaitStudyError(f"{stored.name}: expected the stored verdicts, found no such file. Use a whole checkout.")
    then = pd.read_csv(stored, keep_default_na=False, na_values={column: [""] for column in FIGURES})
    both = then, numbers(table)
    old, new = (t.drop_duplicates("id").set_index("id")["verdict"].astype(object) for t in both)
    verdicts = pd.DataFrame({"old": old, "new": new}).fillna("absent").query("old != new")
    moved = [f"{row.Index}: verdict was {row.old}, is {row.new}" for row in verdicts.itertuples()]
    pieces = [t[t["notebook"].ne("") | t["source"].ne("")] for t in both]
    before, after = (t.assign(place=t.groupby(_KEY).cumcount()) for t in pieces)
    merged = before.merge(after, "outer", [*_KEY, "place"], suffixes=("", " now"), indicator=True)
    for row in merged.to_dict("records"):
        name = f"{row['id']}, {' '.join(row[k] for k in _KEY[1:] if row[k])}"
        if row["_merge"] != "both":
            moved.append(f"{name}: piece of evidence {'gone' if row['_merge'] == 'left_only' else 'new'}")
            continue
        for column in ("value", "low", "high", "unit", "n", "n_unit"):
            was, now = row[column], row[f"{column} now"]
            near = column in FIGURES and np.isclose(was, now, RELATIVE, RELATIVE * 1e-3, equal_nan=True)
            if not near and was != now:
                moved.append(f"{name}: {column} was {was}, is {now}")
    return moved


# ---- within the room: the table of claims, rules, verdicts ----


class _Clause(NamedTuple):
    """One clause of a rule: the part it judges, ``<``, ``>``, ``=`` or ``?``, and the bound in the evidence's unit."""

    part: str
    sign: str
    bound: float


def _clauses(rule: str) -> list[_Clause]:
    """Return the clauses of a rule in their order.

    Raises
    ------
    GaitStudyError : the rule is not of the form that this module's docstring gives.

    Examples
    --------
    >>> _clauses("wearables<5 | video<5")[0]
    _Clause(part='wearables', sign='<', bound=5.0)
    """
    matches = [_CLAUSE.fullmatch(text.strip()) for text in re.split(r"[;|]", rule)]
    found = [_Clause(m[1], m[2] or m[4], float(m[3] or 0)) for m in matches if m]
    if len(found) < len(matches) or (";" in rule and "|" in rule) or any(c.part == "context" for c in found):
        raise GaitStudyError(
            f"rule: expected clauses such as 'part<0', 'part>0.5', 'part=' or 'part?', joined by ';' or by '|' and not "
            f"both, none called 'context'; found {rule!r}. Rewrite it."
        )
    return found


def _split(text: str) -> list[str]:
    """Return the entries of a cell that lists several, joined by ``;``."""
    return [entry.strip() for entry in text.split(";") if entry.strip()]


def _claims() -> dict[str, dict[str, Any]]:
    """Return the claims of ``data/claims.csv`` by id: ``expected, tolerance`` in ``unit``, ``min_n`` people."""
    kinds = {"expected": float, "tolerance": float, "min_n": int}
    blank = {"expected": [""], "tolerance": [""]}
    path = catalogue.data_folder() / "claims.csv"
    table = pd.read_csv(path, dtype=kinds, keep_default_na=False, na_values=blank)
    return {row["id"]: row for row in table.to_dict("records")}


def _claim(id: str) -> dict[str, Any]:
    """Return one claim of the table, or say which there are."""
    claims = _claims()
    if id not in claims:
        raise GaitStudyError(f"id: expected one of {', '.join(claims)}; found {id!r}. Use one of these.")
    return claims[id]


def _studies() -> set[str]:
    """Return the studies that the published tables name with a status that may be shown."""
    tables = [pd.read_csv(file, dtype=str) for file in sorted((catalogue.data_folder() / "published").glob("*.csv"))]
    listed = [t.loc[t["status"].isin(["S", "C", "I"]), "study"] for t in tables if {"study", "status"} <= {*t.columns}]
    return {str(study) for column in listed for study in column}


def _append(row: dict[str, Any]) -> pd.DataFrame:
    """Append a piece to the running notebook's evidence, if one runs, and return what there is to show of it."""
    results, notebook = os.environ.get("GAITSTUDY_RESULTS"), os.environ.get("GAITSTUDY_NOTEBOOK", "")
    row = row | {"notebook": notebook}
    if results and notebook:
        file = Path(results) / "evidence" / f"{notebook}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
    hidden = ("notebook", "anchor", "declared")
    shown = {k: v for k, v in row.items() if k not in hidden and (v is not False and v not in ("", None, []))}
    table = pd.DataFrame([shown])
    table.attrs["piece"] = row
    return table


def _row(claim: Claim, pieces: Sequence[Piece]) -> dict[str, Any]:
    """Return a claim with its verdict, its leading piece of evidence and all pieces, each with the link to its cell."""
    verdict, why, lead = _judge(claim, pieces)
    shown = dict.fromkeys(FIGURES, math.nan) | dict.fromkeys(("unit", "data", "n_unit"), "")
    shown |= {k: lead[k] for k in shown if lead[k] is not None} if lead else {}
    linked = [
        {**p, "link": f"{p['notebook']}.html" + f"#{p['anchor']}" * bool(p["anchor"]) if p["notebook"] else ""}
        for p in pieces
    ]
    links = " ".join(dict.fromkeys(p["link"] for p in linked if p["link"]))
    head = {"verdict": verdict, "why": why, "pieces": len(pieces), "links": links, "evidence": linked}
    return {**claim, **shown, **head}


def _standing(piece: Piece, claim: Claim) -> str:
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
        if set(_split(piece["source"])) & set(_split(claim["own_source"])):
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


def _judge(claim: Claim, pieces: Sequence[Piece]) -> tuple[str, str, Piece | None]:
    """Return the verdict of a claim, the reason part by part, and the piece of evidence to show, if there is one.

    The result does not depend on the order of the pieces.
    """
    ordered = sorted(pieces, key=lambda p: (-(p["n"] or 0), p["notebook"], p["anchor"], p["role"], repr(p)))
    results = []
    for clause in _clauses(claim["rule"]):
        verdict, why = _judge_part(clause, claim, [p for p in ordered if p["role"] in (clause.part, "", "context")])
        results.append((clause.part, verdict, why))
    verdict = _combine([own for _, own, _ in results], any_suffices="|" in claim["rule"])
    telling = [part for part, own, _ in results if own == verdict]
    ranks = {"decides": 0, "computed": 2, "own": 3, "imposed": 4}

    def rank(piece: Piece) -> tuple[bool, int]:
        return bool(telling) and piece["role"] not in telling, ranks.get(_standing(piece, claim), 1)

    shown = [p for p in ordered if _standing(p, claim) not in ("context", "declared")]
    whys = list(dict.fromkeys(why for *_, why in results))
    if len(whys) > 1 and len({part for part, *_ in results}) > 1:
        whys = list(dict.fromkeys(f"{part}: {own} ({why})" for part, own, why in results))
    return verdict, "; ".join(whys) + ".", min(shown, key=rank, default=None)


def _judge_part(clause: _Clause, claim: Claim, pieces: Sequence[Piece]) -> tuple[str, str]:
    """Return the verdict of one clause on its pieces, sorted, and why."""
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(_standing(piece, claim), []).append(piece)
    deciding = groups.pop("decides", [])
    if deciding:
        return _decide(clause, claim, deciding)
    reasons = [r for r in groups if r not in ("declared", "computed", "imposed", "own", "context")]
    if reasons:
        return "inconclusive", "evidence, but none that may decide: " + ", ".join(reasons)
    if "declared" in groups:
        return "not testable", "declared: " + groups["declared"][0]["note"].rstrip(".")
    if "computed" in groups:
        ways = [_side(clause, claim, p["unit"], p["low"], p["high"]) for p in groups["computed"]]
        tally = f"{ways.count(1)} the claim's way, {ways.count(-1)} the other way, {ways.count(0)} neither"
        return "mechanism", f"simulated, {claim['outcome']} computed; {tally}"
    if "own" in groups:
        return "reported", "figures of the claim's own source only"
    if "imposed" in groups:
        return "illustration", f"simulated with {claim['outcome']} put in, which returns what was assumed"
    return "not yet", "no evidence recorded" + (" but context" if "context" in groups else "")


def _decide(clause: _Clause, claim: Claim, pieces: Sequence[Piece]) -> tuple[str, str]:
    """Return supported, reproduced, contradicted or inconclusive from pieces that may decide."""
    sides = [_side(clause, claim, p["unit"], p["low"], p["high"]) for p in pieces]
    leans = [_side(clause, claim, p["unit"], p["value"], p["value"]) for p in pieces]  # of the point values
    n = f"deciding pieces: {len(pieces)}"
    signs = {p["value"] > 0 for p in pieces if p["value"]}
    if clause.sign == "?":  # an effect of either sign: what matters is that the pieces agree on one
        leans = [1 if 1 in sides and len(signs) == 1 else -1]
    if 1 in sides and -1 not in sides and min(leans) >= 0:
        way = f" ({'positive' if signs == {True} else 'negative'})" if clause.sign == "?" else ""
        real = [p for p in pieces if p["data"] == "real"]
        if clause.sign == "=" and real and all(abs(p["value"] - claim["expected"]) <= claim["tolerance"] for p in real):
            return "reproduced", f"{n}; the number lies within {claim['tolerance']:g} of {claim['expected']:g}"
        return "supported", f"{n}; {sides.count(1)} with the whole interval on the claim's side{way}, none against"
    if -1 in sides and 1 not in sides and max(leans) <= 0:
        return "contradicted", f"{n}; {sides.count(-1)} with the whole interval against the claim, none for it"
    apart = (1 in sides and min(leans) < 0) or (-1 in sides and max(leans) > 0)
    return "inconclusive", f"{n}; " + ("they disagree" if apart else "the interval leaves both directions open")


def _side(clause: _Clause, claim: Claim, unit: str, low: float | None, high: float | None) -> int:
    """Return 1 if the whole interval is on the claim's side, -1 if wholly on the other, 0 if neither."""
    if low is None or high is None:
        return 0
    if clause.sign == "?":
        band = claim["tolerance"] if unit == claim["unit"] else 0.0
        if band > 0 and max(abs(low), abs(high)) <= band:
            return -1
        return int(low > 0 or high < 0)
    up = claim["expected"] > 0 if clause.sign == "=" else clause.sign == ">"
    return (int(low > clause.bound) - int(high < clause.bound)) * (1 if up else -1)


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

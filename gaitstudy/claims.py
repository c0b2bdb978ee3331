"""Claims, the evidence recorded for and against them, and the verdict that each claim's rule gives to it.

Pages call ``record``; ``collect`` reads what they recorded and lets each claim's own rule judge; ``check`` compares
with the verdicts and numbers stored earlier.

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

import pandas as pd

from gaitstudy import __version__
from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.files import write_whole

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

SUMMARY = tuple("id source statement kind chapter verdict why value low high unit data n n_unit pieces links".split())
STORED = tuple("id verdict role notebook anchor data value low high unit n n_unit source".split())
_KEY = ("id", "role", "notebook", "anchor", "data", "source")

Piece = Mapping[str, Any]
Claim = Mapping[str, Any]


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


def _refuse(where: str, problems: Sequence[str], fix: str) -> None:
    """Raise one error that lists every problem found in ``where`` and says what to do; none, and it returns.

    Raises
    ------
    GaitStudyError : there are problems.
    """
    if problems:
        count = f" {len(problems)} problems" if len(problems) > 1 else ""
        raise GaitStudyError(
            f"{where}:{count}" + "".join(f"\n  {k}. {p}" for k, p in enumerate(problems, 1)) + f"\n{fix}"
        )


def read(path: Path = CLAIMS) -> pd.DataFrame:
    """Return the table of claims, one row each, after checking every cell of it.

    Parameters
    ----------
    path : CSV with the columns ``COLUMNS``; ``expected`` and ``tolerance`` are in ``unit``, ``min_n`` counts people.

    Raises
    ------
    GaitStudyError : the file is absent or breaks the rules; every problem is listed.
    """
    if not path.is_file():
        raise GaitStudyError(f"{path.name}: expected the table of claims, found no such file. Give its path.")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if tuple(table.columns) != COLUMNS:
        raise GaitStudyError(
            f"{path.name}: expected the columns {', '.join(COLUMNS)}; found {', '.join(table.columns)}."
        )
    problems = [f"id {key!r} stands there more than once" for key in table["id"][table["id"].duplicated()].unique()]
    for row in table.to_dict("records"):
        problems += [f"{row['id']}: {problem}" for problem in _claim_problems(row)]
    _refuse(path.name, problems, "Mend these rows; a changed rule needs a line in the CHANGELOG.")
    numbers = {c: pd.to_numeric(table[c], errors="coerce").astype(float) for c in ("expected", "tolerance")}
    return table.assign(**numbers, min_n=table["min_n"].astype(int))


def _evidence_problems(row: Mapping[str, Any], claim: Mapping[Any, Any], path: Path) -> list[str]:
    """Return what is wrong with one piece of evidence for a claim of the table at ``path``, nothing if it fits."""
    problems = []
    parts = {c.part: c.sign for c in _clauses(claim["rule"])}
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
    unknown = set(_split(row["source"])) - _studies(path.parent / "published") if row["data"] == "published" else None
    if unknown:
        problems.append(f"source: expected studies of data/published with status S, C or I, found {sorted(unknown)}")
    return problems


def _studies(folder: Path) -> set[str]:
    """Return the studies that the published tables name with a status that may be shown."""
    tables = [pd.read_csv(file, dtype=str) for file in sorted(folder.glob("*.csv"))]
    listed = [t.loc[t["status"].isin(["S", "C", "I"]), "study"] for t in tables if {"study", "status"} <= {*t.columns}]
    return {str(study) for column in listed for study in column}


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
    rule = _clauses(claim["rule"])
    ordered = sorted(pieces, key=lambda p: (-(p["n"] or 0), p["notebook"], p["anchor"], p["role"], repr(p)))
    results = []
    for clause in rule:
        verdict, why = _judge_part(clause, claim, [p for p in ordered if p["role"] in (clause.part, "", "context")])
        results.append((clause.part, verdict, why))
    verdict = _combine([own for _, own, _ in results], any_suffices="|" in claim["rule"])
    ranks = ("decides", "other", "computed", "own", "imposed", "context", "declared")
    telling = [part for part, own, _ in results if own == verdict]

    def rank(piece: Piece) -> tuple[bool, int]:
        held = _standing(piece, claim)
        return (bool(telling) and piece["role"] not in telling, ranks.index(held if held in ranks else "other"))

    lead = [p for p in sorted(ordered, key=rank) if _standing(p, claim) not in ("context", "declared")]
    whys = list(dict.fromkeys(why for *_, why in results))
    if len(whys) > 1 and len({part for part, *_ in results}) > 1:
        whys = list(dict.fromkeys(f"{part}: {own} ({why})" for part, own, why in results))
    return verdict, "; ".join(whys) + ".", lead[0] if lead else None


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
        ways = [_side(clause, claim, p) for p in groups["computed"]]
        tally = f"{ways.count(1)} the claim's way, {ways.count(-1)} the other way, {ways.count(0)} neither"
        return "mechanism", f"simulated, {claim['outcome']} computed; {tally}"
    if "own" in groups:
        return "reported", "figures of the claim's own source only"
    if "imposed" in groups:
        return "illustration", f"simulated with {claim['outcome']} put in, which returns what was assumed"
    return "not yet", "no evidence recorded" + (" but context" if "context" in groups else "")


def _decide(clause: _Clause, claim: Claim, pieces: Sequence[Piece]) -> tuple[str, str]:
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


def _side(clause: _Clause, claim: Claim, piece: Piece) -> int:
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


def _lean(clause: _Clause, claim: Claim, piece: Piece) -> int:
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
        rule = _clauses(row["rule"])
    except GaitStudyError as error:
        return [*problems, str(error)]
    expected, tolerance = (float(pd.to_numeric(row[c], errors="coerce")) for c in ("expected", "tolerance"))
    for name, number in (("expected", expected), ("tolerance", tolerance)):
        if row[name].strip() and not math.isfinite(number):
            problems.append(f"{name}: expected a number or nothing, found {row[name]!r}")
    if any(c.sign == "=" for c in rule) and not (expected and tolerance > 0 and row["unit"]):
        problems.append("expected, tolerance, unit: a rule with '=' takes a number other than 0, a tolerance, a unit")
    if not row["min_n"].isdigit() or int(row["min_n"]) < 1:
        problems.append(f"min_n: expected a number of people of 1 or more, found {row['min_n']!r}")
    unknown = set(_split(row["not_testable"])) - {"*", *(c.part for c in rule)}
    if unknown:
        problems.append(f"not_testable: expected * or parts of the rule, found {', '.join(sorted(unknown))}")
    if len({bool(row[c].strip()) for c in ("not_testable", "not_testable_reason", "data_needed")}) > 1:
        problems.append("not_testable, not_testable_reason, data_needed: expected all three or none")
    return problems


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
    path: Path = CLAIMS,
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
    GaitStudyError : the piece does not fit its claim; every problem is listed.
    """
    claim = _claim(id, path)
    parts = [c.part for c in _clauses(claim["rule"])]
    low, high = map(float, interval) if not isinstance(interval, str | None) and len(interval) == 2 else (None, None)
    row: dict[str, Any] = {
        "id": id, "role": role or (parts[0] if len({*parts}) == 1 else ""), "value": float(value), "low": low,
        "high": high, "unit": unit, "data": data, "pooled": bool(pooled), "n": n,
        "n_unit": n_unit, "source": source, "imposed": list(imposed), "computed": list(computed), "note": note,
        "anchor": anchor, "declared": False,
    }  # fmt: skip
    problems = _evidence_problems(row, claim, path)
    if low is None and (not isinstance(interval, str) or interval != "not available" or data != "published"):
        what = "(low, high), or 'not available' for a published figure"
        problems.insert(0, f"interval: expected {what}, found {interval!r}")
    _refuse(f"evidence for {id}", problems, "Nothing was recorded: mend the call.")
    return _append(row | {"n": int(n)})


def declare_not_testable(id: str, role: str = "", *, anchor: str = "", path: Path = CLAIMS) -> pd.DataFrame:
    """Record that gait data cannot test a claim, or one part of it; reason and data needed come from the claims.

    Raises
    ------
    GaitStudyError : the claims do not foresee it for this claim or part.
    """
    claim = _claim(id, path)
    allowed = _split(claim["not_testable"])
    if (role or "*") not in allowed:
        raise GaitStudyError(
            f"{id}: expected a claim or part that the table of claims calls not testable "
            f"({', '.join(allowed) or 'none'}; * is the whole), found {role or '*'!r}. Name it, or record evidence."
        )
    blank = dict.fromkeys(("value", "low", "high", "n")) | dict.fromkeys(("unit", "data", "n_unit", "source"), "")
    row = blank | {"id": id, "role": role, "pooled": False, "imposed": [], "computed": []}
    note = f"{claim['not_testable_reason']} What it takes: {claim['data_needed']}"
    return _append(row | {"note": note, "anchor": anchor, "declared": True})


def collect(evidence_dir: Path, claims_path: Path = CLAIMS) -> pd.DataFrame:
    """Return one row per claim, with the verdict that its rule gives to all evidence recorded.

    Parameters
    ----------
    evidence_dir : folder of ``*.jsonl`` files that ``record`` wrote; absent or empty gives ``not yet`` everywhere.
    claims_path : the table of claims.

    Returns
    -------
    DataFrame : the columns ``SUMMARY`` (value, low, high, unit, data and n of the leading piece), the rest of the
        claim, and ``evidence``, the list of all its pieces.

    Raises
    ------
    GaitStudyError : a line cannot be read or names a claim that is not there; every problem is listed.
    """
    table = read(claims_path)
    pieces: dict[str, list[dict[str, Any]]] = {key: [] for key in table["id"]}
    problems = []
    for file in sorted(evidence_dir.glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                if row not in pieces[row["id"]]:
                    pieces[row["id"]].append(row)
            except (ValueError, KeyError, TypeError) as error:
                problems.append(f"{file.name} line {number}: expected a piece of evidence, found {error!r}")
    _refuse("evidence", problems, "Empty the folder and run the notebooks again.")
    return pd.DataFrame([_row(claim, pieces[claim["id"]]) for claim in table.to_dict("records")])


def judged(pieces: Iterable[pd.DataFrame], path: Path = CLAIMS) -> pd.DataFrame:
    """Return the verdict that these pieces alone give to each claim they speak to: ``id, statement, verdict, why``.

    Parameters
    ----------
    pieces : what ``record`` and ``declare_not_testable`` returned, in any order.

    Raises
    ------
    GaitStudyError : a table that these did not return.
    """
    rows = [piece.attrs.get("piece") for piece in pieces]
    if None in rows:
        raise GaitStudyError(
            f"judged: expected what record returned, found another table at place {rows.index(None) + 1}."
        )
    table = {row["id"]: row for row in read(path).to_dict("records")}
    found = [_row(claim, [r for r in rows if r["id"] == id]) for id, claim in table.items()]
    return pd.DataFrame(found).query("pieces > 0")[["id", "statement", "verdict", "why"]].reset_index(drop=True)


def counts(table: pd.DataFrame) -> pd.Series[int]:
    """Return how many claims have each verdict, every verdict in a fixed order, the empty ones too."""
    return table["verdict"].value_counts().reindex(list(VERDICTS), fill_value=0).rename("claims")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write the ledger, one row per claim, as CSV."""
    write_whole(path, table[list(SUMMARY)].to_csv(index=False, lineterminator="\n"), overwrite=True)


def write_verdicts(table: pd.DataFrame, path: Path) -> None:
    """Write every verdict and every number behind it as CSV, for a later ``check``."""
    write_whole(path, _numbers(table).to_csv(index=False, lineterminator="\n"), overwrite=True)


def stored_verdicts(path: Path) -> pd.DataFrame:
    """Return the table that ``write_verdicts`` wrote.

    Raises
    ------
    GaitStudyError : the file is absent or has other columns.
    """
    found = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in ("value", "low", "high", "n")}) \
        if path.is_file() else None  # fmt: skip
    if found is None or tuple(found.columns) != STORED:
        what = "no such file" if found is None else ", ".join(found.columns)
        raise GaitStudyError(f"{path.name}: expected the columns {', '.join(STORED)}; found {what}. Write it anew.")
    return found


def check(table: pd.DataFrame, stored: pd.DataFrame, rtol: float = 1e-6) -> list[str]:
    """Return one sentence for every verdict or number that is no longer what was stored; none if all stand.

    Parameters
    ----------
    table : from ``collect``.
    stored : from ``stored_verdicts``.
    rtol : relative change of a number that is let pass; next to zero the same figure is absolute, times 1e-3.
    """
    now, then = _numbers(table), stored
    old, new = (dict(zip(t["id"], t["verdict"], strict=True)) for t in (then, now))
    moved = [
        f"{key}: verdict was {old.get(key, 'absent')}, is {new.get(key, 'absent')}"
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]
    before, after = _by_key(then), _by_key(now)
    for key in dict.fromkeys([*before, *after]):
        name = f"{key[0]}, {' '.join(str(k) for k in key[1:-1] if k)}"
        if key not in before or key not in after:
            moved.append(f"{name}: piece of evidence {'gone' if key in before else 'new'}")
            continue
        for column in ("value", "low", "high", "unit", "n", "n_unit"):
            was, is_ = before[key][column], after[key][column]
            if not _same(was, is_, rtol):
                moved.append(f"{name}: {column} was {was}, is {is_}")
    return moved


def cell_link(piece: Mapping[str, Any]) -> str:
    """Return the address of a piece's cell in its notebook's page, or nothing outside a notebook."""
    return f"{piece['notebook']}.html" + f"#{piece['anchor']}" * bool(piece["anchor"]) if piece["notebook"] else ""


def _row(claim: Mapping[Any, Any], pieces: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a claim with its verdict and its leading piece of evidence."""
    verdict, why, lead = _judge(claim, pieces)
    shown = {k: (lead or {}).get(k) for k in ("value", "low", "high", "unit", "data", "n", "n_unit")}
    blank = {"value": math.nan, "low": math.nan, "high": math.nan, "n": math.nan}
    shown = {k: blank.get(k, "") if v is None else v for k, v in shown.items()}
    links = " ".join(dict.fromkeys(cell_link(p) for p in pieces if cell_link(p)))
    rest = {k: v for k, v in claim.items() if k not in SUMMARY}
    head = {"verdict": verdict, "why": why, "pieces": len(pieces), "links": links}
    full = dict(claim) | shown | head
    return {k: full[k] for k in SUMMARY} | rest | {"evidence": pieces}


def _claim(id: str, path: Path) -> dict[Any, Any]:
    """Return one claim of the table, or say which there are."""
    table = read(path)
    found = table[table["id"] == id].to_dict("records")
    if not found:
        raise GaitStudyError(f"id: expected one of {', '.join(table['id'])}; found {id!r}. Use one of these.")
    return found[0]


def _append(row: dict[str, Any]) -> pd.DataFrame:
    """Append a piece to the running notebook's evidence, if one runs, and return what there is to show of it."""
    results, notebook = os.environ.get("GAITSTUDY_RESULTS"), os.environ.get("GAITSTUDY_NOTEBOOK", "")
    row = row | {"notebook": notebook, "version": __version__}
    if results and notebook:
        file = Path(results) / "evidence" / f"{notebook}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
    hidden = ("version", "notebook", "anchor", "declared")
    shown = {k: v for k, v in row.items() if k not in hidden and (v is not False and v not in ("", None, []))}
    table = pd.DataFrame([shown])
    table.attrs["piece"] = row
    return table


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return every piece of evidence beside its claim's verdict, in an order that does not depend on the run."""
    rows: list[dict[str, Any]] = []
    blank = dict.fromkeys(STORED, "") | dict.fromkeys(("value", "low", "high", "n"), math.nan)
    for claim in table.to_dict("records"):
        verdict = {"id": claim["id"], "verdict": claim["verdict"]}
        pieces = [blank | {k: v for k, v in p.items() if k in STORED and v is not None} for p in claim["evidence"]]
        rows += [p | verdict for p in pieces or [blank]]
    return pd.DataFrame(rows, columns=list(STORED))


def _by_key(table: pd.DataFrame) -> dict[tuple[Any, ...], dict[Any, Any]]:
    """Return the pieces of evidence by what names them, those of one name by their place among them."""
    found: dict[tuple[Any, ...], dict[Any, Any]] = {}
    for row in table[table["notebook"].ne("") | table["source"].ne("")].to_dict("records"):
        name = tuple(row[k] for k in _KEY)
        place = next(k for k in range(len(found) + 1) if (*name, k) not in found)
        found[(*name, place)] = row
    return found


def _same(was: Any, now: Any, rtol: float) -> bool:
    """Return whether two cells hold the same text, or numbers within ``rtol``."""
    if isinstance(was, str) or isinstance(now, str):
        return bool(was == now)
    return bool(math.isclose(was, now, rel_tol=rtol, abs_tol=rtol * 1e-3) or (math.isnan(was) and math.isnan(now)))

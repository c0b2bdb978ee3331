"""Claims, the evidence recorded for and against them, and the ledger of verdicts that comes of it.

Notebooks call ``record``; ``collect`` reads what they recorded and lets each claim's own rule judge (``verdicts``);
``check`` compares with the verdicts and numbers stored earlier.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gaitstudy import __version__
from gaitstudy.conventions import LedgerError
from gaitstudy.io.files import write_whole
from gaitstudy.verdicts import CLAIMS, VERDICTS, claims, clauses, evidence_problems, judge, refuse, split

SUMMARY = tuple("id source statement kind chapter verdict why value low high unit data n n_unit pieces links".split())
STORED = tuple("id verdict role notebook anchor data value low high unit n n_unit source".split())
_KEY = ("id", "role", "notebook", "anchor", "data", "source")


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
    LedgerError : the piece does not fit its claim; every problem is listed.
    """
    claim = _claim(id, path)
    parts = [c.part for c in clauses(claim["rule"])]
    low, high = map(float, interval) if not isinstance(interval, str | None) and len(interval) == 2 else (None, None)
    row: dict[str, Any] = {
        "id": id, "role": role or (parts[0] if len({*parts}) == 1 else ""), "value": float(value), "low": low,
        "high": high, "unit": unit, "data": data, "pooled": bool(pooled), "n": n,
        "n_unit": n_unit, "source": source, "imposed": list(imposed), "computed": list(computed), "note": note,
        "anchor": anchor, "declared": False,
    }  # fmt: skip
    problems = evidence_problems(row, claim, path)
    if low is None and (not isinstance(interval, str) or interval != "not available" or data != "published"):
        what = "(low, high), or 'not available' for a published figure"
        problems.insert(0, f"interval: expected {what}, found {interval!r}")
    refuse(f"evidence for {id}", problems, "Nothing was recorded: mend the call.")
    return _append(row | {"n": int(n)})


def declare_not_testable(id: str, role: str = "", *, anchor: str = "", path: Path = CLAIMS) -> pd.DataFrame:
    """Record that gait data cannot test a claim, or one part of it; reason and data needed come from the claims.

    Raises
    ------
    LedgerError : the claims do not foresee it for this claim or part.
    """
    claim = _claim(id, path)
    allowed = split(claim["not_testable"])
    if (role or "*") not in allowed:
        raise LedgerError(
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
    LedgerError : a line cannot be read or names a claim that is not there; every problem is listed.
    """
    table = claims(claims_path)
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
    refuse("evidence", problems, "Empty the folder and run the notebooks again.")
    return pd.DataFrame([_row(claim, pieces[claim["id"]]) for claim in table.to_dict("records")])


def judged(pieces: Iterable[pd.DataFrame], path: Path = CLAIMS) -> pd.DataFrame:
    """Return the verdict that these pieces alone give to each claim they speak to: ``id, statement, verdict, why``.

    Parameters
    ----------
    pieces : what ``record`` and ``declare_not_testable`` returned, in any order.

    Raises
    ------
    LedgerError : a table that these did not return.
    """
    rows = [piece.attrs.get("piece") for piece in pieces]
    if None in rows:
        raise LedgerError(
            f"judged: expected what record returned, found another table at place {rows.index(None) + 1}."
        )
    table = {row["id"]: row for row in claims(path).to_dict("records")}
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
    LedgerError : the file is absent or has other columns.
    """
    found = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in ("value", "low", "high", "n")}) \
        if path.is_file() else None  # fmt: skip
    if found is None or tuple(found.columns) != STORED:
        what = "no such file" if found is None else ", ".join(found.columns)
        raise LedgerError(f"{path.name}: expected the columns {', '.join(STORED)}; found {what}. Write it anew.")
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
    verdict, why, lead = judge(claim, pieces)
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
    table = claims(path)
    found = table[table["id"] == id].to_dict("records")
    if not found:
        raise LedgerError(f"id: expected one of {', '.join(table['id'])}; found {id!r}. Use one of these.")
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

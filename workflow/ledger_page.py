"""The ledger as one page: every claim's verdict and reason, and folded up its rule and each piece of evidence."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd

from gaitstudy import __version__
from gaitstudy.claims import VERDICTS
from gaitstudy.io.files import write_whole


def write_html(table: pd.DataFrame, path: Path, link_base: str = "") -> None:
    """Write the ledger as one page that works offline: verdicts, reasons, rules and every piece of evidence.

    Parameters
    ----------
    table : from ``collect``.
    path : the page; it is written whole or not at all.
    link_base : put before each link to a notebook's page, e.g. ``"notebooks/"``.
    """
    page = Template((Path(__file__).parent / "ledger.html").read_text(encoding="utf-8"))
    tally = table["verdict"].value_counts()
    badges = {
        v: f'<span class="badge {v.replace(" ", "-")}" title="{html.escape(m)}">{v}</span>' for v, m in VERDICTS.items()
    }
    filters = "".join(f'<option value="{v}">{v} ({tally[v]})</option>' for v in VERDICTS)
    summary = "".join(
        f"<li>{badges[v]} <strong>{tally[v]}</strong> <span>{html.escape(VERDICTS[v])}</span></li>" for v in VERDICTS
    )
    rows = "".join(_html_claim(row, badges, link_base) for row in table.to_dict("records"))
    text = page.substitute(total=len(table), summary=summary, filters=filters, rows=rows, version=__version__)
    write_whole(path, text, overwrite=True)


def _html_claim(row: Mapping[Any, Any], badges: Mapping[str, str], link_base: str) -> str:
    """Return one claim as table rows: the verdict, and folded up its rule and its pieces of evidence."""
    e = {k: html.escape(str(v)) for k, v in row.items()}
    leading = f"{_number(row)}<br><small>{e['data']}, n = {_n(row)}</small>"
    facts = {"Rule": f"<code>{e['rule']}</code> {e['rule_text']}", "What the value is": e["measure"]}
    if row["not_testable"]:
        what = "this claim" if row["not_testable"] == "*" else f"the part {e['not_testable']}"
        facts[f"Why gait data cannot test {what}"] = f"{e['not_testable_reason']} What it takes: {e['data_needed']}"
    listed = "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in facts.items())
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("part", "value", "data", "n", "source", "note", "cell"))
    pieces = "".join(_html_piece(piece, link_base) for piece in row["evidence"])
    shown = (
        f"<table><thead><tr>{heads}</tr></thead><tbody>{pieces}</tbody></table>"
        if pieces
        else "<p>No evidence yet.</p>"
    )
    return (
        f'<tbody id="{e["id"]}" data-verdict="{e["verdict"]}"><tr><th scope="row">{e["id"]}</th>'
        f"<td>{e['statement']}<br>"
        f"<small>{e['source']}, {e['kind']}, chapter: {e['chapter']}</small></td><td>{badges[row['verdict']]}<br>"
        f"<small>{e['why']}</small></td><td>{leading if row['pieces'] and row['data'] else 'none'}</td></tr>"
        f'<tr class="more"><td></td><td colspan="3"><details><summary>Rule and evidence ({row["pieces"]}) of {e["id"]}'
        f"</summary><dl>{listed}</dl>{shown}</details></td></tr></tbody>\n"
    )


def _html_piece(piece: Mapping[str, Any], link_base: str) -> str:
    """Return one piece of evidence as a table row."""
    kind = "declared not testable" if piece["declared"] else piece["data"]
    link, note = piece["link"], html.escape(piece["note"])
    if piece["imposed"] or piece["computed"]:
        lists = (("Imposed", piece["imposed"]), ("Computed", piece["computed"]))
        note += "".join(f"<br><b>{k}:</b> {html.escape(', '.join(v))}" for k, v in lists)
    cell = f'<a href="{html.escape(link_base + link)}">{html.escape(link)}</a>' if link else ""
    cells = [piece["role"] or "whole", kind + ", pooled" * piece["pooled"], _n(piece), piece["source"]]
    part, data, n, source = (html.escape(c) for c in cells)
    value = "" if piece["declared"] else _number(piece)
    return "<tr>" + "".join(f"<td>{c}</td>" for c in (part, value, data, n, source, note, cell)) + "</tr>"


def _number(row: Mapping[Any, Any]) -> str:
    """Return a value, its interval and its unit as escaped text."""
    interval = "interval not available" if pd.isna(row["low"]) else f"{row['low']:.4g} to {row['high']:.4g}"
    return html.escape(f"{row['value']:.4g} {row['unit']} ({interval})") if not pd.isna(row["value"]) else ""


def _n(row: Mapping[Any, Any]) -> str:
    """Return how many of what."""
    return "" if pd.isna(row["n"]) else f"{row['n']:.0f} {row['n_unit']}"

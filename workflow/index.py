"""The first page of ``results/``: each notebook with question, state, figures and tables; the ledger."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat

from gaitstudy.io.files import write_whole
from workflow import exports

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; max-width: 60rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; }}
section {{ border-top: 1px solid #8888; margin-top: 1.5rem; }}
.bad {{ font-weight: 600; }}
.bad::before {{ content: "! "; }}
li {{ margin: .2rem 0; }}
img {{ display: block; max-width: min(100%, 30rem); background: #fff; }}
pre {{ overflow-x: auto; }}
</style>
</head>
<body>
<h1>{title}</h1>
"""


def write(results: Path, title: str, note: str, states: Mapping[str, str], verdicts: Mapping[str, int]) -> None:
    """Write ``index.html`` into ``results``; it refers to nothing outside that folder.

    Parameters
    ----------
    title, note : of the page. states : notebook to what became of it. verdicts : to the number of claims that have it.
    """
    tally = ", ".join(f"{_text(verdict)} {n}" for verdict, n in verdicts.items() if n)
    told = sorted((results / "differences").glob("*.txt"))
    parts = [HEAD.format(title=_text(title)), f"<p>{_text(note)}</p>\n"]
    parts.append(f'<p><a href="ledger.html">The ledger</a> (<a href="ledger.csv">as CSV</a>): {tally}.</p>\n')
    if told:
        parts.append("<h2>Stored tables that differ from the computed ones</h2>\n")
        parts += [f"<h3>{_text(p.stem)}</h3>\n<pre>{_text(p.read_text(encoding='utf-8'))}</pre>\n" for p in told]
    parts += [_section(results, name, state) for name, state in sorted(states.items())]
    write_whole(results / "index.html", "".join(parts) + "</body>\n</html>\n", overwrite=True)


def _section(results: Path, name: str, state: str) -> str:
    """Return what there is of one notebook."""
    copy = results / "notebooks" / f"{name}.ipynb"
    heading, question = about(nbformat.read(copy, as_version=4).cells) if copy.is_file() else (name, "")
    well = state.startswith(("as stored", "not compared"))
    lines = [f'<section id="{name}">', f'<h2><a href="notebooks/{name}.html">{_text(heading)}</a></h2>']
    lines.append(f"<p>{_text(question)}</p>")
    lines.append(f"<p>{_text(state)}</p>" if well else f'<p class="bad">{_text(state)}</p>')
    shown = exports.listed(results, name)
    for kind, endings in (("figures", ("png", "svg")), ("tables", ("csv",))):
        rows = [row for row in shown if row["file"].startswith(f"{kind}/")]
        if rows:
            items = "\n".join(f"<li>{_links(row['file'], endings)} {_item(row)}</li>" for row in rows)
            lines.append(f"<details><summary>{len(rows)} {kind}</summary><ul>\n{items}\n</ul></details>")
    return "\n".join([*lines, "</section>\n"])


def _links(file: str, endings: Iterable[str]) -> str:
    return " ".join(f'<a href="{html.escape(file)}.{e}">{e.upper()}</a>' for e in endings)


def _item(row: Mapping[str, str]) -> str:
    """Return the title of a table, or of a figure with its picture."""
    image = f'<img loading="lazy" src="{html.escape(row["file"])}.png" alt="{_text(row["alt"])}">' if row["alt"] else ""
    return _text(row["title"]) + image


def about(cells: Iterable[nbformat.NotebookNode]) -> tuple[str, str]:
    """Return a notebook's title and its question, the first paragraph under the heading "Question", as plain text."""
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    title = re.search(r"^# +(.+)$", prose, re.MULTILINE)
    question = re.search(r"^##+ +Question[^\n]*\n+(.+?)(?:\n\s*\n|\Z)", prose, re.MULTILINE | re.DOTALL)
    found = [" ".join(re.sub(r"[*`]", "", match[1]).split()) if match else "" for match in (title, question)]
    return found[0], found[1]


def _text(value: str) -> str:
    return html.escape(value)

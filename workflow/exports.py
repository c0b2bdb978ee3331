"""Keep what a notebook shows as files: tables as CSV, unrounded, and figures as SVG and PNG, named by what they are.

An IPython extension that the runner loads into every kernel. A page's figures and tables come from ``plots.show`` and
``plots.table``, whose results carry the drawn figure and the table; they go to ``figures/PAGE`` and ``tables/PAGE``
in the folder that ``GAITSTUDY_RESULTS`` names. Each is listed in ``shown/PAGE.jsonl``, in the page's order.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import Path
from typing import Any

import matplotlib
from IPython.display import DisplayObject

LONGEST = 60
"""Characters of a file's name, whole words."""


def load_ipython_extension(shell: Any) -> None:
    """Export from now on what cells show."""
    results, page = os.environ.get("GAITSTUDY_RESULTS"), os.environ.get("GAITSTUDY_NOTEBOOK")
    if not results or not page:
        return
    show = shell.display_formatter.format

    def export_and_show(shown: Any, *arguments: Any, **options: Any) -> Any:
        if about := shown.__dict__.pop("about", None) if isinstance(shown, DisplayObject) else None:
            export(about, Path(results), page)
        return show(shown, *arguments, **options)

    shell.display_formatter.format = export_and_show


def export(about: dict[str, Any], results: Path, page: str) -> None:
    """Write one table or figure, and list it.

    Parameters
    ----------
    about : ``frame`` and ``title`` of a table, or ``figure``, ``alt`` and ``png`` of a figure.
    """
    title = about.get("title") or _title(about["figure"]) or about["alt"]
    kind = "tables" if "frame" in about else "figures"
    (results / kind / page).mkdir(parents=True, exist_ok=True)
    listing = results / "shown" / f"{page}.jsonl"
    listing.parent.mkdir(parents=True, exist_ok=True)
    taken = [row["file"] for row in listed(results, page)]
    name, number = f"{kind}/{page}/{slug(title)}", 1
    file = name
    while file in taken:
        number += 1
        file = f"{name}_{number}"
    if kind == "tables":
        about["frame"].to_csv(results / f"{file}.csv", index=False, lineterminator="\n")
    else:
        (results / f"{file}.png").write_bytes(about["png"])
        layout = about["figure"].get_layout_engine()
        about["figure"].set_layout_engine("none")  # it was laid out when it was drawn to be shown
        with matplotlib.rc_context({"svg.hashsalt": name}):  # the same figure is the same file every time
            about["figure"].savefig(results / f"{file}.svg", bbox_inches="tight", metadata={"Date": None})
        about["figure"].set_layout_engine(layout)
    row = {"file": file, "title": title, "alt": about.get("alt", "")}
    with listing.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(row) + "\n")  # in ASCII: other alphabets have line ends of their own


def listed(results: Path, page: str) -> list[dict[str, str]]:
    """Return what a page has exported, in its order: ``file`` without its extension, ``title`` and ``alt``."""
    listing = results / "shown" / f"{page}.jsonl"
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else []
    return [json.loads(line) for line in lines]


def slug(title: str) -> str:
    """Return a title as a file's name: its words, without the data class and number of people in brackets at its end.

    Examples
    --------
    >>> slug("KAM beside Plug-in Gait, N m/kg (real, 2 people)")
    'kam_beside_plug_in_gait_n_m_kg'
    """
    text = re.sub(r"\s*\([^()]*(?:real|published|simulated)[^()]*\)\s*$", "", title)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", text) or ["untitled"]
    while len(words) > 1 and len("_".join(words)) > LONGEST:
        words.pop()
    return "_".join(words)[:LONGEST]


def _title(figure: Any) -> str:
    """Return the title of a figure or of its one panel that has one."""
    of_panels = [title for ax in figure.axes for place in ("center", "left") if (title := ax.get_title(place))]
    return " ".join((figure.get_suptitle() or (of_panels[0] if len(of_panels) == 1 else "")).split())

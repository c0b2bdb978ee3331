"""Make stored tables anew and show what moved: ``python3 run.py tables [NAMES] [--write]``.

Each table's JSON in ``data/derived/`` names its function, its parameters and its files; they are called again where the
files are. Without names: every table that was made from files; a campaign's table, minutes of simulation, is made anew
when it is named. With ``--write`` what moved is stored, and the JSON says which code made it; a CSV in which nothing
moved by more than the table's tolerance stays as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import catalogue, results

SHOWN = 20
"""Differences of one table that are listed."""


def stored() -> dict[str, dict[str, Any]]:
    """Return the JSON of every table that ``results`` stored, by name."""
    folder = catalogue.data_folder() / "derived"
    every = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    return {name: about for name, about in every.items() if "columns" in about}


def remake(name: str, write: bool, console: Console) -> bool:
    """Make one table anew, say what moved, store it if told to, and return whether it is as stored."""
    if name not in stored():
        raise GaitStudyError(f"{name}: expected a stored table, found none. Those are: {', '.join(stored())}.")
    start, (said, moved) = time.perf_counter(), results.remake(name, write=write)
    lines = [f"{name}: {said}" + ("" if said.startswith("not") else f" ({time.perf_counter() - start:.1f} s)")]
    lines += [
        f"  {row.column}  {row.row}:  {row.stored} -> {row.computed}  ({row.relative:.3g})"
        for row in moved.head(SHOWN).itertuples()
    ]
    lines += [f"  and {len(moved) - SHOWN} more"] * (len(moved) > SHOWN)
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return moved.empty or write


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, make the tables anew, and return 1 if something moved and was not written."""
    parser = argparse.ArgumentParser(prog="run.py tables", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="tables of data/derived; all that were made from files by default")
    parser.add_argument("--write", action="store_true", help="store what moved")
    given = parser.parse_args(arguments)
    console, well = Console(), True
    try:
        for name in given.names or [name for name, about in stored().items() if about["inputs"]]:
            well &= remake(name, given.write, console)
    except GaitStudyError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 1
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())

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

from gaitstudy import __version__
from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import catalogue, results
from gaitstudy.io.code import code_hash

SHOWN = 20
"""Differences of one table that are listed."""


def stored() -> dict[str, dict[str, Any]]:
    """Return the JSON of every table that ``results`` stored, by name."""
    folder = catalogue.data_folder() / "derived"
    every = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    return {name: about for name, about in every.items() if "columns" in about}


def remake(name: str, write: bool, console: Console) -> bool:
    """Make one table anew, say what moved, store it if asked to, and return whether it is as stored."""
    found = results.read(name)
    if found is None:
        raise GaitStudyError(f"{name}: expected a stored table, found none. Those are: {', '.join(stored())}.")
    table, about = found
    files = catalogue.select([(row["dataset"], row["file"]) for row in about["inputs"]])
    if missing := catalogue.missing(files):
        lacking = f"{len(missing)} of {len(files)} files are absent, {catalogue.how_to_get(missing)}"
        console.print(f"{name}: not made anew: {lacking}", markup=False, highlight=False, soft_wrap=True)
        return True
    start, compute = time.perf_counter(), results.function_of(about)
    parameters = results.parameters_of(name, compute, about["parameters"])
    computed = results.tidy(compute(**parameters), about["key"], name)
    moved = results.differences(table, computed, about["key"], about["tolerance"])
    code = code_hash(compute)
    now = about | {"code": code, "package_version": __version__, "parameters": parameters}
    now["inputs"] = [{each: row[each] for each in ("dataset", "file", "sha256")} for row in files]
    said = "as stored" if moved.empty else f"{len(moved)} of {table.size} values moved"
    said += "" if now == about else "; its JSON is not of this code" if about["code"] != code else "; its JSON changes"
    if write and (len(moved) or now != about):
        results.write(table if moved.empty else computed, now)
        said += ", written"
    console.print(
        f"{name}: {said} ({time.perf_counter() - start:.1f} s)", markup=False, highlight=False, soft_wrap=True
    )
    for row in moved.head(SHOWN).itertuples():
        text = f"  {row.column}  {row.row}:  {row.stored} -> {row.computed}  ({row.relative:.3g})"
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    if len(moved) > SHOWN:
        console.print(f"  and {len(moved) - SHOWN} more")
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

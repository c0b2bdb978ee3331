"""Run every notebook, compare what it shows with what is stored, and write figures, tables, the ledger and an index.

``python -m workflow.reproduce`` executes ``notebooks/NN_name.ipynb`` on all cores and writes ``results/`` under a
temporary name that is moved into place at the end; it never writes into ``notebooks/``. With ``--update`` a developer
writes the notebooks anew from their text twins in ``notebooks/src/``. With ``GAITSTUDY_TRIAL_TABLE`` set only the
trial's notebooks run, on that table, and everything goes to ``results/private/``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gaitstudy import claims
from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import trial_table
from workflow import index, ledger_page, pool, temporary
from workflow.notebook import absent, differences, execute, from_twin, link_neighbours, of_trial
from workflow.page import page

ROOT = Path(__file__).resolve().parents[1]
PRIVATE = """What lies here was made from a trial table that was supplied to this run. It can identify people and is
not for publication: nothing in it is masked. Whoever holds the table decides who may see this folder.
"""
RESULTS = "Written by `python3 run.py reproduce`. For research and teaching; it is not medical advice."


class Outcome(NamedTuple):
    """What became of one notebook; ``well`` is what to print if nothing else is to be said. Times are in s."""

    name: str
    seconds: float
    error: str = ""
    differences: Sequence[str] = ()
    not_compared: str = ""
    well: str = "as stored"
    processor: float = 0.0


def write_parts(notebook: NotebookNode, name: str, results: Path) -> None:
    """Write the executed copy and its page; figures and tables were written as they were shown."""
    copies = results / "notebooks"
    copies.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, copies / f"{name}.ipynb")
    (copies / f"{name}.html").write_text(page(notebook, name), encoding="utf-8")


def run_one(path: Path, results: Path) -> Outcome:
    """Execute one notebook, write its parts into ``results``, and compare it with the stored one."""
    started, name = time.monotonic(), path.stem
    stored = nbformat.read(path, as_version=4)
    fresh = deepcopy(stored)
    error = execute(fresh, name, path.parent, results)
    write_parts(fresh, name, results)
    found = [] if error else differences(stored, fresh)
    return Outcome(name, time.monotonic() - started, error, found, processor=sum(os.times()[:4]))


def run_private(path: Path, results: Path) -> Outcome:
    """Execute one notebook of the trial on the supplied table and write its parts, in which people may be recognised.

    Of what goes wrong only the cell and the kind of error are told: the text may hold a person's data. Its copy has it.
    """
    started, name = time.monotonic(), path.stem
    notebook = nbformat.read(path, as_version=4)
    try:
        error = execute(notebook, name, path.parent, results, private=True)
        write_parts(notebook, name, results)
    except Exception as unexpected:  # noqa: BLE001 - whatever it is, its text must not be shown
        error = unsaid(unexpected)
    else:
        cell, _, what = error.partition(" failed with ")
        error = f"{cell} failed with {what.partition(':')[0]}: see notebooks/{name}.html there" if error else ""
    return Outcome(name, time.monotonic() - started, error, not_compared="" if error else "a supplied table")


def unsaid(error: Exception) -> str:
    """Return what kind of error came from where, without its text, which may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = [f for f in frames if Path(f.filename).is_file() and "site-packages" not in f.filename][-1]
    return (
        f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}; its text may hold people's data"
    )


def update_one(source: Path, results: Path) -> Outcome:
    """Write one notebook anew from its text twin, executed; a notebook that fails is left as it was."""
    started, name = time.monotonic(), source.stem
    notebook, folder = from_twin(source), source.parents[1]
    error = execute(notebook, name, folder, results)
    if not error:
        part = folder / f".{name}.part"
        nbformat.write(notebook, part)
        os.replace(part, folder / f"{name}.ipynb")
    return Outcome(name, time.monotonic() - started, error, well="written")


def without_data(paths: Sequence[Path]) -> dict[str, str]:
    """Return, for each notebook whose stored outputs cannot be compared here, the reason."""
    missing = {path.stem: absent(nbformat.read(path, as_version=4)) for path in paths}
    return {name: f"not on this machine: {', '.join(gone)}" for name, gone in missing.items() if gone}


def run_all(
    task: Callable[[Path, Path], Outcome],
    paths: Sequence[Path],
    results: Path,
    jobs: int,
    console: Console,
    not_comparable: Callable[[], dict[str, str]] = dict,
    seconds: Mapping[str, float] | None = None,
) -> list[Outcome]:
    """Run a task on every path, the first path first, and report each as it ends.

    ``seconds`` that each took last time tell how long is left.
    """
    outcomes: list[Outcome] = []
    began: dict[str, float] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
    with (
        temporary.folder("gaitstudy-") as scratch,
        pool.started(task, paths, results, min(jobs, len(paths)), scratch) as reports,
        bars as progress,
    ):
        bar = progress.add_task("notebooks", total=len(paths))
        reasons = not_comparable()  # looked up while the first notebooks run
        while len(outcomes) < len(paths):
            progress.update(bar, description=_under_way(paths, began, outcomes, jobs, seconds or {}))
            if not reports.poll(1.0):
                continue
            try:
                path, outcome = reports.recv()
            except EOFError:
                done = {o.name for o in outcomes}
                outcomes += [Outcome(p.stem, 0.0, "its process ended") for p in paths if p.stem not in done]
                break
            if outcome is None:
                began[path.stem] = time.monotonic()
                continue
            if isinstance(outcome, str):
                outcome = Outcome(path.stem, time.monotonic() - began[path.stem], outcome)
            if outcome.name in reasons and not outcome.error:
                outcome = outcome._replace(differences=(), not_compared=reasons[outcome.name])
            outcomes.append(outcome)
            progress.advance(bar)
            _say(console, f"[{len(outcomes)}/{len(paths)}] {outcome.name}  {outcome.seconds:.1f} s  {_state(outcome)}")
    return sorted(outcomes)


def _under_way(
    paths: Sequence[Path], began: Mapping[str, float], outcomes: Sequence[Outcome], jobs: int, took: Mapping[str, float]
) -> str:
    """Say which notebooks run now, and if all were timed before, how long is left at the pace of this run so far."""
    done = {o.name: o.seconds for o in outcomes}
    running = [name for name in began if name not in done]
    text = "running " + ", ".join(name[:2] for name in running) if running else "starting"
    names = [p.stem for p in paths if p.stem not in done]
    if not all(name in took for name in names) or not names:
        return text
    timed = [name for name in done if name in took]
    pace = sum(done[n] for n in timed) / sum(took[n] for n in timed) if timed else 1.0
    left = {n: max(took[n] * pace - (time.monotonic() - began[n] if n in began else 0.0), 0.0) for n in names}
    return f"{text}; about {max(max(left.values()), sum(left.values()) / jobs):.0f} s left"


def _say(console: Console, text: str) -> None:
    """Print text as it is: whole lines, no markup, no colouring of numbers."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _state(outcome: Outcome) -> str:
    if outcome.error:
        return f"FAILED: {outcome.error}"
    if outcome.differences:
        return "DIFFERS from what is stored" + "".join(f"\n    {change}" for change in outcome.differences)
    return f"not compared ({outcome.not_compared})" if outcome.not_compared else outcome.well


def longest_first(paths: Sequence[Path], seconds: dict[str, float]) -> list[Path]:
    """Order notebooks by the seconds they took last time; unknown ones come first, larger ones before smaller."""
    return sorted(paths, key=lambda p: (-seconds.get(p.stem, float("inf")), -p.stat().st_size))


def write_ledger(
    results: Path, data: Path, outcomes: Sequence[Outcome], console: Console, private: bool = False
) -> list[str]:
    """Judge all evidence in ``results``, write ledger and index, print every claim's verdict; return those that moved.

    ``data`` holds the claims, and in ``derived/verdicts.csv`` the verdicts and numbers of the stored state, if any. A
    ``private`` run is not compared with them, and only claims with evidence are printed.
    """
    table = claims.collect(results / "evidence")
    table[claims.SUMMARY].to_csv(results / "ledger.csv", index=False, lineterminator="\n")
    ledger_page.write_html(table, results / "ledger.html", link_base="notebooks/")
    claims.numbers(table).to_csv(results / "verdicts.csv", index=False, lineterminator="\n")
    _say(console, f"\nclaims ({len(table)})" if not private else "\nclaims of these notebooks")
    for claim in (table[table["pieces"] > 0] if private else table).to_dict("records"):
        _say(console, f"  {claim['id']:<5} {claim['verdict']:<13} {claim['statement']}")
    tally = table["verdict"].value_counts(sort=False).to_dict()
    _say(console, "\nverdicts  " + ", ".join(f"{verdict} {n}" for verdict, n in tally.items()))
    states = {o.name: _state(o).splitlines()[0] for o in outcomes}
    title, note = ("Private results", PRIVATE) if private else ("Results of the study", RESULTS)
    index.write(results, title, note, states, tally)
    stored = data / "derived" / "verdicts.csv"
    return claims.check(table, stored) if stored.is_file() and not private else []


def move(fresh: Path, results: Path) -> None:
    """Put a finished folder in the place of an older one, which goes only when the new one is there."""
    old = fresh.with_name(f"{fresh.name}-old")
    if results.exists():
        results.rename(old)
    fresh.rename(results)
    if (old / trial_table.FOLDER).is_dir():  # a private run's results are not ours to delete
        (old / trial_table.FOLDER).rename(results / trial_table.FOLDER)
    shutil.rmtree(old, ignore_errors=True)


def restore(root: Path) -> None:
    """Undo or finish a move that was cut short: old results go back if there are none, a private run's in any case."""
    results = root / "results"
    for old in root.glob(".results-*-old"):
        if not results.exists():
            old.rename(results)
        elif (old / trial_table.FOLDER).is_dir() and not (results / trial_table.FOLDER).exists():
            (old / trial_table.FOLDER).rename(results / trial_table.FOLDER)
        shutil.rmtree(old, ignore_errors=True)


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def reproduce(root: Path, jobs: int, console: Console) -> int:
    """Run all notebooks of a checkout, write its ``results``, print every claim; return 0, or 1 if all is not well."""
    started, results = time.monotonic(), root / "results"
    timings = results / "timings.json"
    seconds = json.loads(timings.read_text(encoding="utf-8")) if timings.is_file() else {}
    paths = longest_first(sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb")), seconds)
    restore(root)
    with temporary.folder(".results-", root) as fresh:
        outcomes = run_all(run_one, paths, fresh, jobs, console, lambda: without_data(paths), seconds)
        moved = write_ledger(fresh, root / "data", outcomes, console)
        differ = [path.read_text(encoding="utf-8").strip() for path in sorted((fresh / "differences").glob("*.txt"))]
        taken = {o.name: round(o.seconds, 1) for o in outcomes if not o.error}
        (fresh / timings.name).write_text(json.dumps(taken, indent=1), encoding="utf-8")
        fresh.chmod(0o755)
        move(fresh, results)
    code = summary(outcomes, time.monotonic() - started, results, console)
    for line in (*moved, *differ):
        _say(console, f"moved     {line}")
    return 1 if moved or differ else code


def reproduce_private(root: Path, jobs: int, console: Console) -> int:
    """Run the trial's notebooks on the table that ``GAITSTUDY_TRIAL_TABLE`` names; write ``results/private`` alone."""
    started, results = time.monotonic(), root / "results" / trial_table.FOLDER
    if results.is_symlink():
        _say(console, f"{results}: expected a folder or nothing, found a link. Remove it, or link results/ itself.")
        return 1
    try:
        people = len(trial_table.read_trial_table(trial_table.supplied() or ""))
    except Exception as error:  # noqa: BLE001 - of any but this package's own the text must not be shown
        _say(console, f"{trial_table.TABLE}: {error if isinstance(error, GaitStudyError) else unsaid(error)}")
        return 1
    notebooks = sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    paths = [path for path in notebooks if of_trial(nbformat.read(path, as_version=4))]
    if not paths:
        _say(console, "expected notebooks with the metadata gaitstudy: {trial: true}, found none.")
        return 1
    _say(console, f"{trial_table.TABLE} is set: {len(paths)} notebooks on the supplied table, {people} people")
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    results.chmod(0o700)
    (results / "README.md").write_text(PRIVATE, encoding="utf-8")
    outcomes = run_all(run_private, paths, results, jobs, console)
    write_ledger(results, root / "data", outcomes, console, private=True)
    return summary(outcomes, time.monotonic() - started, results, console)


def summary(outcomes: Sequence[Outcome], seconds: float, results: Path, console: Console) -> int:
    """Print what failed, differs or was not compared, and where the results lie; return the exit code."""
    failed = [o for o in outcomes if o.error]
    changed = [o for o in outcomes if o.differences]
    skipped = [o for o in outcomes if o.not_compared]
    same = len(outcomes) - len(failed) - len(changed) - len(skipped)
    _say(
        console,
        f"notebooks {len(outcomes)} in {seconds:.1f} s: {same} as stored, {len(changed)} differ, {len(failed)} failed, "
        f"{len(skipped)} not compared",
    )
    for outcome in (*failed, *changed, *skipped):
        _say(console, f"  {outcome.name}: {_state(outcome).splitlines()[0]}")
    _say(console, f"results   {results}" + os.sep)
    return 1 if failed or changed else 0


def update(root: Path, names: Sequence[str], jobs: int, console: Console) -> int:
    """Write notebooks anew from their text twins, all or those whose names start as given."""
    link_neighbours(root / "notebooks")
    paths = sorted((root / "notebooks" / "src").glob("[0-9][0-9]_*.py"))
    chosen = [p for p in paths if not names or p.stem.startswith(tuple(names))]
    with temporary.folder("gaitstudy-") as scratch:
        outcomes = run_all(update_one, chosen, scratch, jobs, console)
    return 1 if any(o.error for o in outcomes) else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 run.py reproduce", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--jobs", type=int, default=cores(), help="notebooks at a time (default: all %(default)s cores)"
    )
    parser.add_argument(
        "--update", action="store_true", help="for developers: write notebooks/ anew from notebooks/src/"
    )
    parser.add_argument("names", nargs="*", help="with --update: beginnings of the names of the notebooks to write")
    given = parser.parse_args(arguments)
    if given.names and not given.update:
        parser.error("names go with --update; reproduce always runs every notebook, as the ledger needs them all")
    console = Console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a program that stops this one lets it tidy up
    try:
        if given.update:
            return update(ROOT, given.names, given.jobs, console)
        return (reproduce_private if trial_table.supplied() else reproduce)(ROOT, given.jobs, console)
    except KeyboardInterrupt:
        _say(console, "interrupted: results/ is as it was")
        return 130
    except OSError as error:
        if error.errno not in temporary.DISK:
            raise
        _say(
            console, f"expected to write {error.filename or ROOT}, found '{error.strerror}'. Make room, then run again."
        )
        return 1


if __name__ == "__main__":
    raise SystemExit(main())

"""The command line: ``gaitstudy process | fetch | check``."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="How the way a foot meets the ground decides what the knee carries. For research and teaching.",
)
console = Console(stderr=True)


def _say(message: str, style: str | None = None) -> None:
    """Print a message on the error stream as it is: no markup, and nothing that steers the terminal."""
    from gaitstudy.io.files import printable

    lines = "\n".join(printable(line, 2000) for line in message.split("\n"))
    console.print(lines, style=style, highlight=False, markup=False, soft_wrap=True)


def _fail(*problems: str) -> typer.Exit:
    """Print one problem, or several as a numbered list, and return the exit."""
    listed = "".join(f"\n  {k}. {problem}" for k, problem in enumerate(problems, 1))
    _say(problems[0] if len(problems) == 1 else f"{len(problems)} problems{listed}", "red")
    return typer.Exit(1)


@app.command()
def process(
    files: Annotated[list[Path], typer.Argument(help="Walking trials, .c3d or .trc.")],
    static: Annotated[Path | None, typer.Option(help="Static trial that carries knee and ankle markers.")] = None,
    markers: Annotated[str, typer.Option(help="Marker map: a shipped name or a TOML file.")] = "plug-in-gait",
    forces: Annotated[Path | None, typer.Option(help="Ground reactions (.mot or .sto) of a .trc trial.")] = None,
    mass: Annotated[float | None, typer.Option(help="Body mass, kg; default: the file's own.")] = None,
    height: Annotated[float | None, typer.Option(help="Body height, m; default: the file's own.")] = None,
    side: Annotated[str | None, typer.Option(help="left or right; default: both.")] = None,
    frame: Annotated[str, typer.Option(help="tibia, lab or 'joint coordinate system'.")] = "tibia",
    method: Annotated[str, typer.Option(help="'lever arm' or 'inverse dynamics'.")] = "lever arm",
    cut_off: Annotated[float, typer.Option(help="Low-pass cut-off for markers and forces, Hz.")] = 8.0,
    threshold: Annotated[float, typer.Option(help="Vertical force at contact, N.")] = 30.0,
    axes: Annotated[str | None, typer.Option(help="File axes that point forward and up, as +X+Z.")] = None,
    zero: Annotated[str | None, typer.Option(help="Unloaded stretch to zero the plates on, s, as 0.0-0.5.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV to write; default: standard output.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file named by --out.")] = False,
) -> None:
    """Turn trials into one tidy row a stride and side: foot angle, knee moments, and why a stride was left out."""
    from gaitstudy import pipeline
    from gaitstudy.conventions import SIDES, GaitStudyError, require_positive
    from gaitstudy.io.files import existing, no_formulas, require_replaceable, write_whole
    from gaitstudy.load.knee import FRAMES, METHODS
    from gaitstudy.load.skeleton import marker_map

    problems = []
    for value, allowed, name in ((side, (None, *SIDES), "side"), (frame, FRAMES, "frame"), (method, METHODS, "method")):
        if value not in allowed:
            problems.append(f"--{name}: expected one of {', '.join(filter(None, allowed))}, found '{value}'.")
    checks: tuple[tuple[Any, Callable[[Any], object]], ...] = (
        (static, lambda path: existing(path, {".c3d", ".trc"})),
        (forces, lambda path: existing(path, {".mot", ".sto"})),
        (out if force else None, lambda path: require_replaceable(path, overwrite=True)),
        (markers, marker_map),
        (mass, lambda value: require_positive(value, *pipeline.SIZES[0])),
        (height, lambda value: require_positive(value, *pipeline.SIZES[1])),
    )
    for value, check in checks:
        try:
            check(value) if value is not None else None
        except GaitStudyError as error:
            problems.append(str(error))
    if forces is not None and len(files) > 1:
        problems.append(
            f"--forces: expected one trial for one force file, found {len(files)} trials. Call once per trial."
        )
    stretch = None if zero is None else _stretch(zero)
    if stretch is None and zero is not None:
        problems.append(f"--zero: expected two times in s like 0.0-0.5, found '{zero}'.")
    if out is not None and not out.parent.is_dir():
        problems.append(f"--out: expected a folder {out.parent}, found none. Make it, or choose another.")
    if out is not None and out.exists() and not force:
        problems.append(f"--out: {out} is there already. Choose another name, or add --force to replace it.")
    if problems:
        raise _fail(*problems)
    shown = track(files, "trials", console=console, transient=True) if len(files) > 1 else files
    try:
        table = pipeline.process(
            shown,
            side=side,
            markers=markers,
            static=static,
            forces=forces,
            mass=mass,
            height=height,
            axes=None if axes is None else (axes[:-2], axes[-2:]),
            zero=stretch,
            frame=frame,
            method=method,
            cut_off=cut_off,
            threshold=threshold,
        )
    except GaitStudyError as error:
        raise _fail(str(error)) from None
    text = no_formulas(table).to_csv(index=False, float_format="%.6g")
    if out is None:
        typer.echo(text, nl=False)
    else:
        try:
            write_whole(out, text, overwrite=force)
        except GaitStudyError as error:
            raise _fail(f"--out: {error}") from None
    used = int(table["kam1_nm"].notna().sum())
    console.print(
        f"{len(files)} file(s), {len(table)} rows, {used} with knee moments, "
        f"{len(table) - used} without (see reason_excluded).",
        highlight=False,
    )
    edges = {name: int(table[name].sum()) for name in pipeline.EDGES}
    if any(edges.values()):
        listed = " and ".join(f"{count} {name}" for name, count in edges.items())
        console.print(
            f"Largest values at an end of a half of stance, so that they may be no peaks: {listed}.",
            highlight=False,
            soft_wrap=True,
        )
    for note in table.attrs["notes"]:
        _say(note)
    for message in table.attrs["errors"]:
        _say(message, "red")
    if table.attrs["errors"]:
        raise typer.Exit(1)


def _stretch(text: str) -> tuple[float, float] | None:
    """Return two times in s written as 0.0-0.5, or None."""
    found = re.fullmatch(r"\s*(\d*\.?\d+)\s*-\s*(\d*\.?\d+)\s*", text)
    return (float(found[1]), float(found[2])) if found else None


@app.command()
def fetch(
    dataset: Annotated[str | None, typer.Argument(help="A dataset's name; without it they are listed.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Optional files too.")] = False,
) -> None:
    """List the open datasets, or fetch one: every file is checked against its SHA-256."""
    from gaitstudy.conventions import GaitStudyError
    from gaitstudy.io import catalogue

    try:
        if dataset is None:
            for row in catalogue.datasets().itertuples():
                here = "here" if catalogue.present(row.name) else "not here"
                typer.echo(f"{row.name:24} {here:9} {row.title} [{row.licence}]")
            return
        table = catalogue.fetch(dataset, all=everything)
        typer.echo(f"licence:  {catalogue.licence(dataset)}\ncite:     {catalogue.citation(dataset)}")
    except GaitStudyError as error:
        raise _fail(str(error)) from None
    tally = ", ".join(f"{n} {status}" for status, n in table["status"].value_counts().items())
    places = filter(None, (catalogue.mirror_folder(), catalogue.cache_folder()))
    typer.echo(f"files:    {tally}; in {' or '.join(map(str, places))}")
    failed = table[table["status"] == "failed"]
    if len(failed):
        reasons = [f"{len(rows)} of {len(table)} files could not be fetched, first {rows['file'].iloc[0]}: {reason}."
                   for reason, rows in failed.groupby("reason", sort=False)]  # fmt: skip
        raise _fail(*reasons)


@app.command()
def check(
    results: Annotated[Path, typer.Option(help="Folder that 'python3 run.py reproduce' wrote.")] = Path("results"),
) -> None:
    """Compare the verdicts of the last run with the stored ones; fail when one has moved."""
    from gaitstudy import claims
    from gaitstudy.conventions import GaitStudyError
    from gaitstudy.io import catalogue

    try:
        evidence = results / "evidence"
        if not evidence.is_dir():
            raise _fail(
                f"{evidence}: expected the evidence of a run, found none. Run 'python3 run.py reproduce' first."
            )
        table = claims.collect(evidence, catalogue.data_folder() / "claims.csv")
        moved = claims.check(table, claims.stored_verdicts(catalogue.data_folder() / "derived" / "verdicts.csv"))
    except GaitStudyError as error:
        raise _fail(str(error)) from None
    for line in moved:
        typer.echo(line)
    typer.echo(claims.counts(table).to_string())
    if moved:
        raise _fail(f"{len(moved)} verdicts or numbers have moved.")


if __name__ == "__main__":
    sys.exit(app())

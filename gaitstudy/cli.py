"""The command line: ``gaitstudy process | fetch | check``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="How the way a foot meets the ground decides what the knee carries. For research and teaching.",
)
console = Console(stderr=True)


def _say(message: str, style: str | None = None) -> None:
    """Print a message on the error stream as it is: no markup, and nothing that steers the terminal."""
    from gaitstudy.io.files import printable

    lines = "\n".join(printable(line, 2000) for line in message.split("\n"))
    console.print(lines, style=style, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _told() -> Iterator[None]:
    """End the program with the message of an error of this package, if one comes up."""
    from gaitstudy.conventions import GaitStudyError

    try:
        yield
    except GaitStudyError as error:
        _say(str(error), "red")
        raise typer.Exit(1) from None


def _stretch(text: str) -> tuple[float, float]:
    """Return two times in s written as 0.0-0.5."""
    found = re.fullmatch(r"\s*(\d*\.?\d+)\s*-\s*(\d*\.?\d+)\s*", text)
    if not found:
        raise typer.BadParameter("expected two times in s like 0.0-0.5.")
    return float(found[1]), float(found[2])


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
    zero: Annotated[Any, typer.Option(parser=_stretch, help="Unloaded stretch to zero plates on, s: 0.0-0.5.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV to write; default: standard output.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file named by --out.")] = False,
) -> None:
    """Turn trials into one tidy row a stride and side: foot angle, knee moments, and why a stride was left out."""
    from gaitstudy import pipeline
    from gaitstudy.conventions import SIDES, GaitStudyError, require_positive
    from gaitstudy.io.files import existing, write_whole
    from gaitstudy.load.knee import FRAMES, METHODS
    from gaitstudy.load.skeleton import marker_map

    with _told():
        for value, allowed, name in (
            (side, (None, *SIDES), "side"), (frame, FRAMES, "frame"), (method, METHODS, "method")
        ):  # fmt: skip
            if value not in allowed:
                raise GaitStudyError(f"--{name}: expected one of {', '.join(filter(None, allowed))}, found '{value}'.")
        marker_map(markers)
        for number, (name, unit, low, high) in zip((mass, height), pipeline.SIZES, strict=True):
            if number is not None:
                require_positive(number, name, unit, low, high)
        if static is not None:
            existing(static, {".c3d", ".trc"})
        if forces is not None:
            if len(files) > 1:
                raise GaitStudyError(f"--forces: expected one trial, found {len(files)}. Call once per trial.")
            existing(forces, {".mot", ".sto"})
        if out is not None:
            if not out.parent.is_dir():
                raise GaitStudyError(f"--out: expected a folder {out.parent}, found none. Make it.")
            if out.exists() and not force:
                raise GaitStudyError(f"--out: {out} is there already. Choose another name, or add --force.")
        shown = track(files, "trials", console=console, transient=True) if len(files) > 1 else files
        table = pipeline.process(
            shown, side=side, markers=markers, static=static, forces=forces, mass=mass, height=height,
            axes=None if axes is None else (axes[:-2], axes[-2:]), zero=zero, frame=frame, method=method,
            cut_off=cut_off, threshold=threshold,
        )  # fmt: skip
        texts = table.select_dtypes(exclude="number")  # what looks like a formula gets a quote mark
        quoted = {name: texts[name].replace(r"^(?=[=+\-@\t\r])", "'", regex=True) for name in texts}
        text = table.assign(**quoted).to_csv(index=False, float_format="%.6g")
        if out is None:
            typer.echo(text, nl=False)
        else:
            write_whole(out, text, overwrite=force)
    used = int(table["kam1_nm"].notna().sum())
    _say(
        f"{len(files)} file(s), {len(table)} rows, {used} with knee moments, {len(table) - used} without (see "
        "reason_excluded)."
    )
    edges = table[list(pipeline.EDGES)].sum().astype(int)
    if edges.any():
        listed = " and ".join(f"{count} {name}" for name, count in edges.items())
        _say(f"Largest values at an end of a half of stance, so that they may be no peaks: {listed}.")
    for note in table.attrs["notes"]:
        _say(note)
    for message in table.attrs["errors"]:
        _say(message, "red")
    if table.attrs["errors"]:
        raise typer.Exit(1)


@app.command()
def fetch(
    dataset: Annotated[str | None, typer.Argument(help="A dataset's name; without it they are listed.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Optional files too.")] = False,
) -> None:
    """List the open datasets, or fetch one: every file is checked against its SHA-256."""
    from gaitstudy.conventions import GaitStudyError
    from gaitstudy.io import catalogue

    with _told():
        described = catalogue.datasets()
        if dataset is None:
            for name, row in described.iterrows():
                here = "here" if catalogue.present(str(name)) else "not here"
                typer.echo(f"{name:24} {here:9} {row['title']} [{row['licence']}]")
            return
        table = catalogue.fetch(dataset, all=everything)
        about = described.loc[dataset]
        doi = f" https://doi.org/{about['doi']}" if about["doi"] else ""
        tally = ", ".join(f"{n} {status}" for status, n in table["status"].value_counts().items())
        first = "".join(f"; first {path}" for path in catalogue.available(dataset)[:1])
        typer.echo(f"licence:  {about['licence']}\ncite:     {about['citation']}{doi}")
        typer.echo(f"files:    {tally}{first}")
        failed = table[table["status"] == "failed"]
        if len(failed):
            first = f"first {failed['file'].iloc[0]}: {failed['reason'].iloc[0]}"
            raise GaitStudyError(f"{len(failed)} of {len(table)} files could not be fetched, {first}.")


@app.command()
def check(
    results: Annotated[Path, typer.Option(help="Folder that 'python3 run.py reproduce' wrote.")] = Path("results"),
) -> None:
    """Compare the verdicts of the last run with the stored ones; fail when one has moved."""
    from gaitstudy import claims
    from gaitstudy.conventions import GaitStudyError
    from gaitstudy.io import catalogue

    with _told():
        evidence = results / "evidence"
        if not evidence.is_dir():
            raise GaitStudyError(f"{evidence}: expected a run's evidence, found none. Run 'python3 run.py reproduce'.")
        table = claims.collect(evidence)
        moved = claims.check(table, catalogue.data_folder() / "derived" / "verdicts.csv")
        counts = table["verdict"].value_counts(sort=False).rename("claims")
        typer.echo("\n".join([*moved, counts.to_string()]))
        if moved:
            raise GaitStudyError(f"{len(moved)} verdicts or numbers have moved.")


if __name__ == "__main__":
    sys.exit(app())

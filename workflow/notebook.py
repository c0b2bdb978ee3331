"""One notebook: read from its text twin, executed, and compared with what is stored."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import re
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from gaitstudy.io.trial_table import PRIVATE_RUN, TABLE, supplied
from workflow import kernel

RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""Two numbers in a text are the same if they differ by less than this; the second is for numbers next to zero."""
SECONDS_PER_CELL = 600
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_NUMBER = re.compile(r"([-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_PICTURE = re.compile(r"data:image/[^\"]+")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def execute(notebook: NotebookNode, name: str, folder: Path, results: Path, *, private: bool = False) -> str:
    """Run a notebook in place, in a kernel of its own, and return its error, or an empty text.

    Parameters
    ----------
    notebook : its outputs are replaced.
    name : handed to the notebook's ledger as ``GAITSTUDY_NOTEBOOK``.
    folder : working folder of the kernel.
    results : where evidence, figures and tables are written, handed over as ``GAITSTUDY_RESULTS``.
    private : let the notebook see the trial table that ``GAITSTUDY_TRIAL_TABLE`` names; every other run ignores it.
        Cells tagged ``simulated``, whose sentences were written for the simulated cohort, are left out.
    """
    if private:
        notebook.cells = [c for c in notebook.cells if "simulated" not in c.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        env = kernel.environment(GAITSTUDY_RESULTS=str(results), GAITSTUDY_NOTEBOOK=name, IPYTHONDIR=scratch)
        for each in (TABLE, PRIVATE_RUN):
            env.pop(each, None)
        if table := supplied() if private else None:  # its full path, as the kernel works in another folder
            env |= {TABLE: str(table.resolve()), PRIVATE_RUN: str(results)}
        connection, sockets = (os.path.join(scratch, part) for part in ("kernel.json", "ipc"))
        if os.name != "posix" or len(os.fsencode(sockets)) >= 100:  # in the file system: no network, no races for ports
            sockets = ""
        manager = kernel.prepared(connection, sockets, env, folder)
        client = NotebookClient(
            notebook, km=manager, resources={"metadata": {"path": str(folder)}}, timeout=SECONDS_PER_CELL,
            record_timing=False, coalesce_streams=True, shutdown_kernel="immediate",
        )  # fmt: skip
        try:
            client.execute(env=env, cleanup_kc=True)  # or the kernel, as it is not the client's own, would live on
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            return _describe(notebook, error)
        finally:
            notebook.metadata.update(deepcopy(METADATA))
    return ""


def _describe(notebook: NotebookNode, error: Exception) -> str:
    """Say which cell failed, with its source and the end of the traceback."""
    code = [(k, c) for k, c in enumerate(notebook.cells, 1) if c.cell_type == "code"]
    done = [(k, c) for k, c in code if c.execution_count is not None or c.outputs]
    failed = [(k, c) for k, c in code if any(o.output_type == "error" for o in c.outputs)]
    number, cell = (failed or done or code)[-1 if not failed else 0]
    said = [o for o in cell.outputs if o.output_type == "error"]
    text = f"{said[0].ename}: {said[0].evalue}" if said else f"{type(error).__name__}: {error}"
    trace = _ANSI.sub("", "\n".join(said[0].traceback)).splitlines()[-12:] if said else []
    source = "\n".join(f"    {line}" for line in cell.source.splitlines())
    return f"cell {number} failed with {_ANSI.sub('', text)}\n{source}" + "".join(f"\n  | {line}" for line in trace)


def from_twin(source: Path) -> NotebookNode:
    """Return the notebook that a text twin (jupytext, py:percent) describes, with ids that do not change by chance."""
    import jupytext

    notebook = jupytext.read(source)
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:02d}"
    kept = {k: v for k, v in notebook.metadata.items() if k != "jupytext"}
    notebook.metadata = nbformat.from_dict(kept | deepcopy(METADATA))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


LONGEST = 120
"""Characters of a line in a text twin; a longer line of neighbours is broken."""


def link_neighbours(folder: Path) -> None:
    """Write into each text twin, and its notebook, the line ``**Pages.**``: links to the pages before and after it."""
    twins = sorted((folder / "src").glob("[0-9][0-9]_*.py"))
    titles = [re.search(r"^# # (.+)$", t.read_text(encoding="utf-8"), re.MULTILINE) for t in twins]
    links = [
        f"[{title[1].split(':')[0] if title else t.stem}]({t.stem}.ipynb)"
        for t, title in zip(twins, titles, strict=True)
    ]
    for k, twin in enumerate(twins):
        parts = [f"before: {links[k - 1]}"] * (k > 0) + [f"next: {link}" for link in links[k + 1 : k + 2]]
        line, old = f"# **Pages.** {' · '.join(parts)}", twin.read_text(encoding="utf-8")
        line = line if len(line) <= LONGEST else line.replace(" · ", " ·\n# ")
        new = re.sub(r"^# \*\*Pages\.\*\*.*(\n# next: .*)?$", line, old, count=1, flags=re.MULTILINE)
        if new == old:
            continue
        twin.write_text(new, encoding="utf-8")
        if (path := folder / f"{twin.stem}.ipynb").is_file():
            notebook = nbformat.read(path, as_version=4)
            notebook.cells[0].source = from_twin(twin).cells[0].source
            nbformat.write(notebook, path)


def datasets(notebook: NotebookNode) -> list[str]:
    """Return the datasets that a notebook's metadata names."""
    return list(notebook.metadata.get("gaitstudy", {}).get("datasets", []))


def packages(notebook: NotebookNode) -> list[str]:
    """Return the optional packages that a notebook shows more with: its metadata's ``gaitstudy: {packages: [...]}``."""
    return list(notebook.metadata.get("gaitstudy", {}).get("packages", []))


def of_trial(notebook: NotebookNode) -> bool:
    """Return whether a notebook analyses the trial table: its metadata say ``gaitstudy: {trial: true}``."""
    return bool(notebook.metadata.get("gaitstudy", {}).get("trial", False))


def absent(notebook: NotebookNode) -> list[str]:
    """Return what a notebook names and this machine lacks: its datasets, and its packages as "the package NAME"."""
    lacking = [f"the package {name}" for name in packages(notebook) if importlib.util.find_spec(name) is None]
    names = datasets(notebook)
    if not names:
        return lacking
    from gaitstudy.io import catalogue

    return [name for name in names if not catalogue.present(name)] + lacking


def differences(stored: NotebookNode, fresh: NotebookNode) -> list[str]:
    """Return one sentence for each output that a fresh run no longer shows as stored; images count by kind only."""
    found = []
    cells = [[c for c in n.cells if c.cell_type == "code"] for n in (stored, fresh)]
    if len(cells[0]) != len(cells[1]):
        return [f"stored {len(cells[0])} code cells, now {len(cells[1])}"]
    for number, (old, new) in enumerate(zip(*cells, strict=True), 1):
        was, now = list(_shown(old)), list(_shown(new))
        head = next(iter(old.source.splitlines()), "")
        where = f"code cell {number} ({head[:60]})"
        if [kind for kind, _ in was] != [kind for kind, _ in now]:
            kinds = [", ".join(kind for kind, _ in side) or "nothing" for side in (was, now)]
            found.append(f"{where}: stored {kinds[0]}; now {kinds[1]}")
            continue
        for (kind, before), (_, after) in zip(was, now, strict=True):
            if change := text_difference(before, after):
                found.append(f"{where}, {kind}: {change}")
    return found


def _shown(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield kind and text of everything a cell shows, in order."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.name, output.text
        elif output.output_type == "error":
            yield "error", f"{output.ename}: {output.evalue}"
        else:
            for kind in sorted(output.data):
                value = output.data[kind]
                text = "" if kind.startswith("image/") else _PICTURE.sub("", value) if isinstance(value, str) else value
                yield kind, text if isinstance(text, str) else json.dumps(text, sort_keys=True)


def text_difference(stored: str, fresh: str) -> str:
    """Say where two texts differ, numbers beyond tolerance; empty if they do not. Widths of blanks and rules are free.

    Examples
    --------
    >>> text_difference("r = 0.9991234, p < .05", "r =  0.99912341, p < .05")
    ''
    >>> text_difference("KAM 31.2 N m", "KAM 31.4 N m")
    "stored 'KAM 31.2 N m', now 'KAM 31.4 N m' (31.2 and 31.4)"
    """
    was, now = (_NUMBER.split(re.sub(r"\s+", " ", re.sub(r"[-─━=]{3,}", "---", t)).strip()) for t in (stored, fresh))
    for place, (a, b) in enumerate(zip(was, now, strict=False)):
        same = _close(a, b) if place % 2 else a.strip() == b.strip()
        if not same:
            near = slice(max(place - 3, 0), place + 4)
            near_by = ["".join(side[near])[-160:] for side in (was, now)]
            return f"stored {near_by[0]!r}, now {near_by[1]!r} ({a.strip()[:80]} and {b.strip()[:80]})"
    if len(was) != len(now):
        return f"stored {len(was) // 2} numbers, now {len(now) // 2}"
    return ""


def _close(a: str, b: str) -> bool:
    numbers = [float(t.replace("−", "-")) for t in (a, b)]
    return math.isclose(*numbers, rel_tol=RELATIVE, abs_tol=ABSOLUTE)

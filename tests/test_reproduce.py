"""The whole run, on tiny made-up notebooks in a folder of their own."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from copy import deepcopy
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from rich.console import Console

from tests.campaigns import faults
from workflow import exports, kernel, reproduce
from workflow.notebook import execute
from workflow.reproduce import longest_first, move, update, without_data

CLAIMS = Path(__file__).resolve().parents[1] / "data" / "claims.csv"
GOOD = """# ---
# jupyter:
#   gaitstudy:
#     datasets: []
# ---

# %% [markdown]
# # A try

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from gaitstudy import plots

print(Path.cwd().name, os.environ["OMP_NUM_THREADS"], 1 / 3)

# %%
folder = Path(os.environ["GAITSTUDY_RESULTS"]) / "tables"
folder.mkdir(exist_ok=True)
_ = (folder / "mine.csv").write_text("a\\n1\\n")
plots.table(pd.DataFrame({"a": [1 / 3]}), "A third (simulated, 1 person)")

# %%
figure, ax = plt.subplots()
ax.set(title="Load by angle (simulated, 1 person)")
plots.show(figure, "A made-up image of nothing at all.")
"""


def started(folder: Path) -> Path:
    """Return a checkout with the twin of one page."""
    (folder / "notebooks" / "src").mkdir(parents=True)
    (folder / "notebooks" / "src" / "01_good.py").write_text(GOOD)
    (folder / "data").mkdir()
    shutil.copy(CLAIMS, folder / "data")
    return folder


def contents(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def quietly(function: object, *arguments: object) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=200)
    result = function(*arguments, 2, console)  # type: ignore[operator]
    return result, console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """A checkout whose pages were written from their twins, one of which fails; what this returned and said."""
    root = started(tmp_path_factory.mktemp("updated"))
    (root / "notebooks" / "src" / "02_bad.py").write_text("# %%\nraise ValueError('no')\n")
    return root, *quietly(update, root, [])


def test_a_notebook_that_fails_is_not_written(updated: tuple[Path, int, str]) -> None:
    root, code, text = updated
    assert code == 1 and "ValueError: no" in text
    assert [p.name for p in (root / "notebooks").iterdir() if p.is_file()] == ["01_good.ipynb"]


def test_byte_for_byte_the_same_when_updated_again(updated: tuple[Path, int, str]) -> None:
    root, *_ = updated
    before = contents(root / "notebooks")
    assert quietly(update, root, ["01"])[0] == 0
    assert contents(root / "notebooks") == before


@pytest.fixture
def checkout(updated: tuple[Path, int, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(updated[0], tmp_path / "checkout"))


def test_a_run_of_what_is_stored_then_one_of_all_that_can_be_told(checkout: Path) -> None:
    before = contents(checkout / "notebooks")
    code, text = quietly(reproduce.reproduce, checkout)
    assert code == 0, text
    assert "1 as stored, 0 differ, 0 failed, 0 not compared" in text
    assert "verdicts  reproduced 0" in text
    results = checkout / "results"
    for file in (
        "figures/01_good/load_by_angle.png", "figures/01_good/load_by_angle.svg", "tables/01_good/a_third.csv",
        "tables/mine.csv", "notebooks/01_good.ipynb", "notebooks/01_good.html", "index.html", "ledger.csv",
        "ledger.html", "verdicts.csv", "timings.json",
    ):  # fmt: skip
        assert (results / file).stat().st_size > 0, file
    assert (results / "tables" / "01_good" / "a_third.csv").read_text() == "a\n0.3333333333333333\n", "not rounded"
    drawn = results / "figures" / "01_good" / "load_by_angle.svg"
    first = drawn.read_bytes()
    assert b"<svg" in first and b"<dc:date>" not in first
    page = (results / "index.html").read_text()
    assert "as stored" in page and "Load by angle (simulated, 1 person)" in page
    linked = re.findall(r'(?:href|src)="([^"#]+)"', page)
    assert len(linked) >= 7 and all((results / link).is_file() for link in linked), linked
    assert contents(checkout / "notebooks") == before
    assert sorted(p.name for p in checkout.iterdir()) == ["data", "notebooks", "results"]

    path = checkout / "notebooks" / "01_good.ipynb"
    path.write_text(path.read_text().replace("0.3333333333333333", "0.3334"))
    write(checkout / "notebooks" / "02_fails.ipynb", "1 + 1", "height = 0\nspeed = 1 / height")
    write(checkout / "notebooks" / "03_lacks.ipynb", DIFFERS, package="no_such_package")
    (checkout / "data" / "derived").mkdir()
    verdicts = (results / "verdicts.csv").read_text().replace("T1,not yet", "T1,supported")
    (checkout / "data" / "derived" / "verdicts.csv").write_text(verdicts)
    (results / "left from before").touch()
    code, text = quietly(reproduce.reproduce, checkout)
    assert code == 1 and "0 as stored, 1 differ, 1 failed, 1 not compared" in text, text
    assert "0.3334 and 0.3333333333333333" in text
    assert "cell 2 failed with ZeroDivisionError: division by zero" in text and "    speed = 1 / height" in text
    assert "03_lacks: not compared (not on this machine: the package no_such_package)" in text
    assert "moved     T1" in text and "moved     walks: kam1 was 3, is 4" in text
    assert drawn.read_bytes() == first, "the same figure is the same SVG"
    page = (results / "index.html").read_text()
    assert 'class="bad">DIFFERS' in page and "kam1 was 3" in page
    assert not (results / "left from before").exists()
    assert (results / "notebooks" / "02_fails.html").exists()


@pytest.mark.parametrize("told", ["a verdict", "a table"])
def test_a_verdict_or_a_table_that_moved_fails_alone(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(task: object, paths: object, results: Path, *_: object) -> list[reproduce.Outcome]:
        if told == "a table":
            (results / "differences").mkdir()
            (results / "differences" / "walks.txt").write_text("walks: kam1 was 3, is 4")
        return [reproduce.Outcome("01_good", 1.0)]

    monkeypatch.setattr(reproduce, "run_all", run)
    monkeypatch.setattr(reproduce, "write_ledger", lambda *_: ["T1"] if told == "a verdict" else [])
    code, text = quietly(reproduce.reproduce, tmp_path)
    assert (code, "1 as stored" in text) == (1, True)


def write(path: Path, *cells: str, package: str = "json") -> None:
    """Write a notebook without outputs that names a package."""
    named = {"gaitstudy": {"datasets": [], "packages": [package]}}
    nbformat.write(nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)], metadata=named), path)


DIFFERS = """import os
from pathlib import Path
folder = Path(os.environ["GAITSTUDY_RESULTS"]) / "differences"
folder.mkdir(exist_ok=True)
_ = (folder / "walks.txt").write_text("walks: kam1 was 3, is 4")"""


def test_the_reason_names_a_package_that_is_not_installed(tmp_path: Path) -> None:
    paths = [tmp_path / f"0{k}_n.ipynb" for k in (1, 2)]
    for path, package in zip(paths, ("no_such_package", "json"), strict=True):
        write(path, package=package)
    assert without_data(paths) == {"01_n": "not on this machine: the package no_such_package"}


def test_the_longest_notebook_goes_first_after_those_never_timed(tmp_path: Path) -> None:
    paths = [tmp_path / f"0{k}_n.ipynb" for k in range(4)]
    for size, path in enumerate(paths):
        path.write_text("x" * size)
    assert [p.name[1] for p in longest_first(paths, {"00_n": 3.0, "01_n": 9.0})] == ["3", "2", "1", "0"]


def test_results_are_put_in_place_whole(tmp_path: Path) -> None:
    for name in ("results", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    move(tmp_path / "new", tmp_path / "results")
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")] == ["results", "results/new"]


def test_a_move_that_was_cut_short_is_undone_or_finished(tmp_path: Path) -> None:
    old = tmp_path / ".results-abc-old"
    (old / "private").mkdir(parents=True)
    (old / "private" / "mine").touch()
    reproduce.restore(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["results"] and (tmp_path / "results" / "private" / "mine").exists()
    (tmp_path / "results").rename(old)
    (tmp_path / "results").mkdir()
    reproduce.restore(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["results"] and (tmp_path / "results" / "private" / "mine").exists()


STATE = """import random, sys, warnings
import matplotlib, numpy as np, pandas as pd
from matplotlib import pyplot as plt
print(matplotlib.get_backend(), sorted(plt.rcParams.items())[:60], hash("gait"), len(warnings.filters) > 0)
print(pd.get_option("display.max_rows"), np.geterr(), sys.flags.hash_randomization, sys.argv[0][-20:])
plt.plot([1, 3, 2])
print(plt.get_fignums())"""
MEDDLE = """np.random.seed(1); pd.set_option("display.max_rows", 3); np.seterr(all="raise")
plt.rcParams["lines.linewidth"] = 9
import gaitstudy.conventions
gaitstudy.conventions.GRAVITY = 1"""
LOTS = "print(np.random.rand(), random.random())"


FORKED = """
import sys, threading
opened = []
sys.addaudithook(lambda event, found: opened.append(str(found[0])) if event == "open" else None)
from multiprocessing import Pipe
from pathlib import Path
from workflow import kernel, pool, reproduce
kernel.warm()
import matplotlib.pyplot as plt
import zmq
from IPython.core.interactiveshell import InteractiveShell
assert threading.active_count() == 1 and not plt.get_fignums() and not InteractiveShell.initialized()
assert zmq.Context._instance is None
read = [Path(name).parent for name in opened if name.startswith(str(kernel.ROOT / "data"))]
assert not [folder for folder in read if folder != kernel.ROOT / "data" / "published"], "more than constants"
if kernel.FORKS:
    reports, sender = Pipe(duplex=False)
    pool._serve(sender, reproduce.run_one, [*map(Path, sys.argv[2:])], Path(sys.argv[1]), 1)
"""


def test_a_process_to_fork_kernels_from_has_done_nothing_and_its_forks_show_what_fresh_kernels_do(
    tmp_path: Path,
) -> None:
    paths = [tmp_path / f"0{k}_n.ipynb" for k in (1, 2)]
    cells = [nbformat.v4.new_code_cell(text, id=str(k)) for k, text in enumerate((STATE, LOTS, MEDDLE))]
    for path in paths:
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    env = os.environ | kernel.FIXED | {"PYTHONPATH": str(kernel.ROOT)}
    command = [sys.executable, "-c", FORKED, str(tmp_path / "out"), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    if not kernel.FORKS:
        pytest.skip("kernels are not forked here")
    forked = [nbformat.read(tmp_path / "out" / "notebooks" / p.name, as_version=4) for p in paths]
    fresh = nbformat.v4.new_notebook(cells=deepcopy(cells))
    assert execute(fresh, "00_n", tmp_path, tmp_path / "other") == ""
    fresh = nbformat.reads(nbformat.writes(fresh), as_version=4)
    state, draws = ([n.cells[k].outputs for n in (*forked, fresh)] for k in (0, 1))
    assert "image/png" in str(state[0]) and "inline" in str(state[0])
    assert state[0] == state[1] == state[2], "byte for byte, images too"
    draws = [outputs[0].text.split() for outputs in draws]
    assert len({d[0] for d in draws}) == len({d[1] for d in draws}) == 3, "no two pages draw the same random numbers"


def test_what_is_under_way_and_how_long_is_left_at_this_run_s_pace() -> None:
    paths = [Path(f"0{k}_n.ipynb") for k in (1, 2, 3)]
    took, done = {"01_n": 10.0, "02_n": 20.0, "03_n": 30.0}, [reproduce.Outcome("01_n", 20.0)]
    now = time.monotonic()
    said = reproduce._under_way(paths, {"01_n": now - 30, "02_n": now - 10, "03_n": now}, done, 2, took)
    assert said == "running 02, 03; about 60 s left", "twice as slow as last time: the longest still takes 60 s"
    assert reproduce._under_way(paths, {}, [], 2, {}) == "starting"
    assert reproduce._under_way(paths, {"01_n": now}, [], 2, {"01_n": 5.0}) == "running 01"


def test_names_of_files_say_what_they_are_and_are_unique_on_a_page(tmp_path: Path) -> None:
    for _ in range(3):
        exports.export({"frame": pd.DataFrame({"a": [1]}), "title": "Moment, N m (real, 1 person)"}, tmp_path, "p")
    assert [row["file"] for row in exports.listed(tmp_path, "p")] == [
        f"tables/p/moment_n_m{n}" for n in ("", "_2", "_3")
    ]
    assert exports.slug("../../etc (Ärzte)") == "etc_arzte"
    assert len(exports.slug("word " * 50)) <= exports.LONGEST


def test_a_title_of_any_letters_is_listed(tmp_path: Path) -> None:
    title = "line\u2028end <b>größe</b>"
    exports.export({"frame": pd.DataFrame({"a": [1.0]}), "title": title}, tmp_path, "01_page")
    assert [row["title"] for row in exports.listed(tmp_path, "01_page")] == [title]


def test_no_kernel_and_no_temporary_folder_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    assert execute(notebook, "01_n", tmp_path, tmp_path / "results") == ""
    assert not [c for c in psutil.Process().children(recursive=True) if c.pid not in before]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals of other systems")
def test_a_run_that_is_ended_leaves_no_process_and_loses_nothing(tmp_path: Path) -> None:
    ways = {"kill -9": signal.SIGKILL, "Ctrl-C": signal.SIGINT}
    ended = faults.ended_by(
        {name: lambda run, sent=sent: run.send_signal(sent) for name, sent in ways.items()}, tmp_path / "checkout", 30
    )
    assert [(one.survived, one.left_running, one.lost) for one in ended] == [(True, 0, "")] * 3, ended

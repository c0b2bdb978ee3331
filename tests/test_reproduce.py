"""The whole run, on tiny made-up notebooks in a folder of their own."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import tempfile
from pathlib import Path

import nbformat
import psutil
import pytest
from rich.console import Console

from workflow import reproduce
from workflow.campaigns import faults
from workflow.notebook import execute
from workflow.reproduce import longest_first, move, run_all, run_one, update, without_data

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
from IPython.display import HTML, Image

print(Path.cwd().name, os.environ["OMP_NUM_THREADS"], 1 / 3)

# %%
folder = Path(os.environ["GAITSTUDY_RESULTS"]) / "tables"
folder.mkdir(exist_ok=True)
_ = (folder / "mine.csv").write_text("a\\n1\\n")
HTML("<table><tr><td>2.5</td></tr></table>")

# %%
Image(bytes.fromhex("89504e470d0a1a0a") + b"made up", format="png", metadata={"alt": "a made-up image"})
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "notebooks" / "src").mkdir(parents=True)
    (tmp_path / "notebooks" / "src" / "01_good.py").write_text(GOOD)
    (tmp_path / "data").mkdir()
    shutil.copy(CLAIMS, tmp_path / "data")
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def quietly(function: object, *arguments: object) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=200)
    result = function(*arguments, 2, console)  # type: ignore[operator]
    return result, console.file.getvalue()  # type: ignore[attr-defined]


def test_update_then_reproduce_then_a_difference_then_an_error(checkout: Path) -> None:
    assert quietly(update, checkout, [])[0] == 0
    assert quietly(update, checkout, ["01"])[0] == 0
    before = contents(checkout / "notebooks")

    code, text = quietly(reproduce.reproduce, checkout)
    assert code == 0, text
    assert "1 as stored, 0 differ, 0 failed, 0 not compared" in text
    assert "verdicts  reproduced 0" in text
    results = checkout / "results"
    for file in (
        "figures/01_good/figure_01.png", "tables/01_good/table_01.html", "tables/mine.csv", "notebooks/01_good.ipynb",
        "notebooks/01_good.html", "ledger.csv", "ledger.html", "verdicts.csv", "timings.json",
    ):  # fmt: skip
        assert (results / file).stat().st_size > 0, file
    assert contents(checkout / "notebooks") == before
    assert sorted(p.name for p in checkout.iterdir()) == ["data", "notebooks", "results"]

    path = checkout / "notebooks" / "01_good.ipynb"
    path.write_text(path.read_text().replace("0.3333333333333333", "0.3334"))
    (results / "left from before").touch()
    code, text = quietly(reproduce.reproduce, checkout)
    assert code == 1
    assert "0.3334 and 0.3333333333333333" in text
    assert not (results / "left from before").exists()

    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].source = "height = 0\nspeed = 1 / height"
    nbformat.write(notebook, path)
    code, text = quietly(reproduce.reproduce, checkout)
    assert code == 1
    assert "cell 3 failed with ZeroDivisionError: division by zero" in text
    assert "    speed = 1 / height" in text
    assert "1 failed" in text
    assert (results / "notebooks" / "01_good.html").exists()


def test_byte_for_byte_the_same_when_updated_again(checkout: Path) -> None:
    runs = []
    for _ in range(2):
        assert quietly(update, checkout, [])[0] == 0
        runs.append(contents(checkout / "notebooks"))
    assert runs[0] == runs[1]


def test_a_notebook_that_fails_is_not_written(checkout: Path) -> None:
    (checkout / "notebooks" / "src" / "02_bad.py").write_text("# %%\nraise ValueError('no')\n")
    code, text = quietly(update, checkout, ["02"])
    assert code == 1
    assert "ValueError: no" in text
    assert not list((checkout / "notebooks").glob("*02_bad*"))


def test_outputs_are_not_compared_when_data_are_absent(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproduce, "absent", lambda notebook: ["some-walks"])
    path = checkout / "notebooks" / "01_good.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), path)
    console = Console(file=io.StringIO())
    (outcome,) = run_all(run_one, [path], checkout / "out", 1, console, lambda: without_data([path]))
    assert (outcome.error, outcome.differences) == ("", ())
    assert outcome.not_compared == "not on this machine: some-walks"


def test_the_reason_names_a_package_that_is_not_installed(checkout: Path) -> None:
    paths = [checkout / "notebooks" / f"0{k}_n.ipynb" for k in (1, 2)]
    for path, package in zip(paths, ("no_such_package", "json"), strict=True):
        named = {"gaitstudy": {"datasets": [], "packages": [package]}}
        nbformat.write(nbformat.v4.new_notebook(metadata=named), path)
    assert without_data(paths) == {"01_n": "not on this machine: the package no_such_package"}


def test_the_longest_notebook_goes_first_after_those_never_timed(tmp_path: Path) -> None:
    paths = [tmp_path / f"0{k}_n.ipynb" for k in range(4)]
    for size, path in enumerate(paths):
        path.write_text("x" * size)
    assert [p.name[1] for p in longest_first(paths, {"00_n": 3.0, "01_n": 9.0})] == ["3", "2", "1", "0"]


def test_a_verdict_or_number_that_moved_is_told_and_fails(checkout: Path) -> None:
    assert update(checkout, [], 1, Console(quiet=True)) == 0
    assert reproduce.reproduce(checkout, 1, Console(quiet=True)) == 0
    (checkout / "data" / "derived").mkdir()
    stored = checkout / "data" / "derived" / "verdicts.csv"
    text = (checkout / "results" / "verdicts.csv").read_text()
    stored.write_text(text.replace("T1,not yet", "T1,supported"))
    console = Console(record=True, width=200, file=io.StringIO())
    assert reproduce.reproduce(checkout, 1, console) == 1
    assert "moved     T1" in console.export_text()


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


def test_no_kernel_and_no_temporary_folder_is_left(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(checkout / "tmp"))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    assert execute(notebook, "01_n", checkout, checkout / "results") == ""
    assert not [c for c in psutil.Process().children(recursive=True) if c.pid not in before]
    assert list((checkout / "tmp").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals of other systems")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_run_that_is_ended_leaves_no_process_and_loses_nothing(tmp_path: Path, sent: signal.Signals) -> None:
    ended = faults.ended_by("ended", lambda run: run.send_signal(sent), tmp_path / "checkout", 30)
    assert (ended.survived, ended.left_running, ended.lost) == (True, 0, ""), ended.said

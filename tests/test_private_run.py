"""A supplied trial table: analysed whole into results/private and nowhere else; no cell of it on the terminal."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from gaitstudy.io import trial_table
from gaitstudy.simulate.cohort import cohort
from tests.test_reproduce import CLAIMS, contents
from workflow import reproduce

TRIAL = """# ---
# jupyter:
#   gaitstudy:
#     datasets: []
#     trial: true
# ---

# %%
import matplotlib.pyplot as plt

from gaitstudy import claims, plots
from gaitstudy.io import trial_table
from gaitstudy.simulate import cohort

table = trial_table.source(cohort.cohort(1))
virtual = trial_table.supplied() is None
about = f"simulated, {len(table)} virtual people" if virtual else f"real, {len(table)} people"

# %% [markdown] tags=["simulated"]
# A sentence of the simulated cohort.

# %%
fig, ax = plt.subplots()
ax.bar(["sham", "intervention"], table["group"].value_counts()[["C", "I"]])
ax.set_title(f"Flow ({about})")
plots.show(fig, "People randomised to each arm.")

# %%
plots.table(table[["subject", "age"]], f"Ages ({about})", 6)

# %%
pain = trial_table.outcome(table, "NRS_med").query("visit == 52").groupby("arm")["change"].mean()
difference = pain["intervention"] - pain["sham"]
record = {"data": "simulated" if virtual else "real", "n": len(table), "n_unit": "people", "source": "trial"}
if virtual:
    record |= {"imposed": ["pain difference"], "computed": ["its mean in one draw"]}
piece = claims.record("R2", difference, (difference - 1, difference + 1), "NRS points", anchor="r2", **record)
plots.table(piece, f"Recorded for R2 ({about})")
"""
OTHER = "# %%\nimport os\n\nprint(os.environ.get('GAITSTUDY_TRIAL_TABLE', 'no table'))\n"
SECRETS = ("77.123456", "Doe, Jane", "4321")
"""What the supplied table holds and nothing else does: an age, names, and steps."""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = cohort(77, n_per_arm=30)
    made["subject"] = [f"Doe, Jane {k}" for k in range(len(made))]
    made.loc[3, ["age", "steps_wk02"]] = [77.123456, 4321.4321]
    path = tmp_path_factory.mktemp("supplied") / "real.csv"
    made.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory, table: Path) -> Path:
    """A checkout whose notebooks were written while a table was supplied."""
    root = tmp_path_factory.mktemp("executed")
    (root / "notebooks" / "src").mkdir(parents=True)
    (root / "data").mkdir()
    shutil.copy(CLAIMS, root / "data")
    (root / "notebooks" / "src" / "01_other.py").write_text(OTHER)
    (root / "notebooks" / "src" / "06_trial.py").write_text(TRIAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(trial_table.TABLE, str(table))
        patch.setenv(trial_table.PRIVATE_RUN, str(root / "results" / "private"))
        assert reproduce.update(root, [], 2, Console(quiet=True)) == 0
    return root


@pytest.fixture
def checkout(executed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(executed, tmp_path / "checkout"))


def run(root: Path) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=200)
    code = reproduce.reproduce_private(root, 2, console)
    return code, console.file.getvalue()  # type: ignore[attr-defined]


def told(folder: Path, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """The secrets in any file of a folder, hidden ones too."""
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return [secret for secret in secrets if secret.encode() in everything]


def test_everything_goes_to_results_private_alone(checkout: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "results").mkdir()
    (checkout / "results" / "index.html").write_text("of a run without the table")
    before = contents(checkout)
    monkeypatch.setenv(trial_table.TABLE, os.path.relpath(table))
    code, text = run(checkout)
    assert code == 0, text
    after = contents(checkout)
    new = {name for name in after if after[name] != before.get(name)}
    assert new and all(name.startswith("results/private/") for name in new), sorted(new)
    assert set(before) <= set(after)
    private = checkout / "results" / "private"
    for part in ("notebooks/06_trial.ipynb", "notebooks/06_trial.html", "figures/06_trial/flow.png", "index.html",
                 "tables/06_trial/ages.csv", "evidence/06_trial.jsonl", "ledger.csv"):  # fmt: skip
        assert (private / part).is_file(), part
    assert not list(private.rglob("*01_other*"))
    assert "can identify people" in (private / "README.md").read_text()
    page = (private / "notebooks" / "06_trial.html").read_text()
    assert "(real, 60 people)" in page and "(simulated" not in page
    assert "A sentence of the simulated cohort" not in page
    assert "P060" in page and "77.123456" in page, "the table is shown whole"
    assert "R2 " in text and "K1 " not in text
    assert not [secret for secret in SECRETS if secret in text]
    assert told(private) == ["77.123456"], "of identifiers, nothing even there"
    (piece,) = map(json.loads, (private / "evidence" / "06_trial.jsonl").read_text().splitlines())
    assert piece["data"] == "real" and piece["n"] == 60

    assert reproduce.reproduce(checkout, 2, Console(quiet=True)) == 0, "any other run does not see the table"
    again = contents(checkout)
    kept = {name for name in after if name.startswith(("results/private/", "notebooks/"))}
    assert kept and {name: again[name] for name in kept} == {name: after[name] for name in kept}
    assert not told(checkout / "results" / "notebooks")


def test_a_link_in_the_place_of_the_folder_is_refused(
    checkout: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(trial_table.TABLE, str(table))
    (tmp_path / "elsewhere").mkdir()
    (checkout / "results").mkdir()
    (checkout / "results" / "private").symlink_to(tmp_path / "elsewhere")
    code, text = run(checkout)
    assert code == 1 and "found a link" in text
    assert not list((tmp_path / "elsewhere").iterdir())


def test_updating_notebooks_ignores_the_table(executed: Path) -> None:
    page = (executed / "notebooks" / "06_trial.ipynb").read_text()
    assert "(simulated, " in page and "(real, " not in page
    assert "no table" in (executed / "notebooks" / "01_other.ipynb").read_text().partition('"outputs"')[2]
    assert not told(executed) and not (executed / "results").exists()


def test_a_notebook_opened_by_hand_is_refused_and_keeps_nothing(checkout: Path, table: Path, tmp_path: Path) -> None:
    """A plain kernel in the notebooks' folder, saved in place, as JupyterLab does, for results in the private one."""
    home = tmp_path / "home"
    places = {"HOME": home, "TMPDIR": home / "tmp", "XDG_CACHE_HOME": home / ".cache", "IPYTHONDIR": home / ".ipython"}
    for place in places.values():
        place.mkdir(exist_ok=True)
    env = os.environ | {name: str(place) for name, place in places.items()} | {trial_table.TABLE: str(table)}
    env["PYTHONPATH"] = os.pathsep.join([str(reproduce.ROOT), env.get("PYTHONPATH", "")])
    env["GAITSTUDY_RESULTS"] = str(checkout / "results" / "private")
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", "--allow-errors",
         "notebooks/06_trial.ipynb"],
        cwd=checkout, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    saved = nbformat.read(checkout / "notebooks" / "06_trial.ipynb", as_version=4)
    (error,) = [o for o in saved.cells[0].outputs if o.output_type == "error"]
    assert error.ename == "GaitStudyError"
    assert "results/private" in error.evalue and "python3 run.py reproduce" in error.evalue
    assert not told(checkout) and not told(home) and not [s for s in SECRETS if s in done.stdout + done.stderr]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("from gaitstudy.conventions import StatisticsError\nraise StatisticsError(f'{table.age.tolist()}')",
         "StatisticsError"),
        ("import os, sys\nprint(table.age.tolist(), file=sys.stderr, flush=True)\nos._exit(1)", "DeadKernelError"),
    ],
)  # fmt: skip
def test_an_error_on_a_page_is_told_without_its_text(
    tmp_path: Path,
    table: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    code: str,
    kind: str,
) -> None:
    (start,) = [cell for cell in TRIAL.split("# %%\n") if "trial_table.source" in cell]
    cells = [nbformat.v4.new_code_cell(source) for source in (start, code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "06_trial.ipynb")
    monkeypatch.setenv(trial_table.TABLE, str(table))
    outcome = reproduce.run_private(tmp_path / "06_trial.ipynb", tmp_path / "results" / "private")
    assert outcome.error == f"cell 2 failed with {kind}: see notebooks/06_trial.html there"
    shown = "".join(capfd.readouterr())
    assert not [secret for secret in SECRETS if secret in shown]
    copy = (tmp_path / "results" / "private" / "notebooks" / "06_trial.ipynb").read_text()
    assert kind == "DeadKernelError" or kind in copy, "there it stands with its text"


def test_a_bad_table_is_told_before_anything_runs_and_no_cell_of_it(
    checkout: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = cohort(1).astype(object)
    bad.loc[0, "NRS_med_wk02"] = 77.123456
    bad.loc[1, "age"] = "Doe, Jane"
    bad.to_csv(tmp_path / "bad.csv", index=False)
    before = contents(checkout)
    monkeypatch.setenv(trial_table.TABLE, str(tmp_path / "bad.csv"))
    code, text = run(checkout)
    assert code == 1 and "2 problems" in text and "0 to 10" in text
    assert "column 'age', row 3: expected a number" in text and not [secret for secret in SECRETS if secret in text]
    monkeypatch.setenv(trial_table.TABLE, str(tmp_path / "absent.csv"))
    assert run(checkout)[0] == 1
    monkeypatch.setenv(trial_table.TABLE, str(table))
    monkeypatch.setattr(trial_table, "checked", lambda table, name: table["age"].map(int) / int("Doe, Jane"))
    code, text = run(checkout)
    assert code == 1 and "ValueError in test_private_run.py, line" in text and "Doe" not in text
    assert contents(checkout) == before

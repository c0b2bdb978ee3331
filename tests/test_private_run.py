"""A supplied trial table: the trial's notebooks run on it, and nothing outside results/private changes."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from gaitstudy.io import disclosure
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
from gaitstudy import figures, ledger
from gaitstudy.io import trial_summary, trial_table
from gaitstudy.simulate import cohort

table = trial_table.source(cohort.cohort(1).table)
data = table.attrs["data_class"]
title = figures.heading("Flow", data, len(table))

# %%
figures.show(figures.participant_flow(trial_summary.flow(table), title), "Flow of people through the trial by arm.")

# %%
figures.table(trial_summary.missingness(table), figures.heading("Missing", data, len(table)))

# %%
pain = trial_table.outcome(table, "NRS_med").query("visit == 52").groupby("arm")["change"].mean()
difference = pain["intervention"] - pain["sham"]
about = trial_table.evidence(table, imposed=["pain difference"], computed=["its mean in one draw"])
piece = ledger.record("R2", difference, (difference - 1, difference + 1), "NRS points", anchor="r2", **about)
figures.table(piece, figures.heading("Recorded for R2", data, len(table)))
"""
OTHER = "# %%\nimport os\n\nprint(os.environ.get('GAITSTUDY_TRIAL_TABLE', 'no table'))\n"
SHOWS = """from gaitstudy.io import trial_table
from gaitstudy.simulate import cohort
table = trial_table.source(cohort.cohort(1).table)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "notebooks" / "src").mkdir(parents=True)
    (root / "data").mkdir()
    shutil.copy(CLAIMS, root / "data")
    (root / "notebooks" / "src" / "01_other.py").write_text(OTHER)
    (root / "notebooks" / "src" / "06_trial.py").write_text(TRIAL)
    assert reproduce.update(root, [], 2, Console(quiet=True)) == 0
    return root


@pytest.fixture
def table(tmp_path: Path) -> Path:
    made = cohort(77, n_per_arm=30).table
    made["subject"] = [f"Doe, Jane {k}" for k in range(len(made))]
    path = tmp_path / "real.csv"
    made.to_csv(path, index=False)
    return path


def run(root: Path) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=200)
    code = reproduce.reproduce_private(root, 2, console)
    return code, console.file.getvalue()  # type: ignore[attr-defined]


def test_everything_goes_to_results_private_alone(checkout: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reproduce.reproduce(checkout, 2, Console(quiet=True)) == 0
    before = contents(checkout)
    monkeypatch.setenv(disclosure.TABLE, os.path.relpath(table))
    code, text = run(checkout)
    assert code == 0, text
    after = contents(checkout)
    new = {name for name in after if after[name] != before.get(name)}
    assert new and all(name.startswith("results/private/") for name in new), sorted(new)
    assert set(before) <= set(after)
    private = checkout / "results" / "private"
    for part in ("notebooks/06_trial.ipynb", "notebooks/06_trial.html", "figures/06_trial/flow.png", "index.html",
                 "tables/06_trial/missing.csv", "evidence/06_trial.jsonl", "ledger.csv"):  # fmt: skip
        assert (private / part).is_file(), part
    assert not list(private.rglob("*01_other*"))
    assert "can identify people" in (private / "README.md").read_text()
    page = (private / "notebooks" / "06_trial.html").read_text()
    assert "R2 " in text and "K1 " not in text
    assert "(real, 60 people)" in page and "(simulated" not in page
    assert "Doe" not in text and not re.search(r"\bP\d{3}\b", text), "no person is named on the terminal"
    (piece,) = map(json.loads, (private / "evidence" / "06_trial.jsonl").read_text().splitlines())
    assert piece["data"] == "real" and piece["n"] == 60

    assert reproduce.reproduce(checkout, 2, Console(quiet=True)) == 0, "any other run does not see the table"
    again = {name: digest for name, digest in contents(checkout).items() if not name.endswith("timings.json")}
    assert again == {name: after[name] for name in again}, "and leaves results/private as it is"


def test_updating_notebooks_ignores_the_table(checkout: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(checkout)
    monkeypatch.setenv(disclosure.TABLE, str(table))
    assert reproduce.update(checkout, [], 2, Console(quiet=True)) == 0
    assert contents(checkout) == before


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (
            "raise ValueError(table.iloc[0]['subject'])",
            "cell 1 failed with ValueError; its text may hold data of people",
        ),
        (
            "from gaitstudy.conventions import GaitStudyError\nraise GaitStudyError('age: expected years')",
            "cell 1 failed with GaitStudyError: age: expected years",
        ),
    ],
)
def test_of_errors_only_the_package_s_own_are_repeated(
    tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch, shown: str, told: str
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SHOWS + shown)])
    nbformat.write(notebook, tmp_path / "06_trial.ipynb")
    monkeypatch.setenv(disclosure.TABLE, str(table))
    outcome = reproduce.run_private(tmp_path / "06_trial.ipynb", tmp_path / "results" / "private")
    assert outcome.error == told


def test_a_bad_table_is_told_before_anything_runs(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = cohort(1).table.astype(object)
    bad.loc[0, "NRS_med_wk02"] = 11
    bad.rename(columns={"KL": "kl"}).to_csv(tmp_path / "bad.csv", index=False)
    before = contents(checkout)
    monkeypatch.setenv(disclosure.TABLE, str(tmp_path / "bad.csv"))
    code, text = run(checkout)
    assert code == 1 and "2 problems" in text and "Did you mean 'KL'" in text and "0 to 10" in text
    monkeypatch.setenv(disclosure.TABLE, str(tmp_path / "absent.csv"))
    assert run(checkout)[0] == 1
    assert contents(checkout) == before

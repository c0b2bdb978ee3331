"""Every notebook is in sync with its text twin, executed, in the house's form, and shows the same when run again."""

from __future__ import annotations

import ast
import re
import tomllib
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from gaitstudy.ledger import stored_verdicts
from gaitstudy.notebook import IMAGES, absent, datasets, differences, execute, from_twin, packages, page

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
STORED = sorted(FOLDER.glob("*.ipynb"))
FIRST = ("question", "data", "plan of analysis")
LAST = ("what (this|it) shows", "what (this|it) does not show", "deviations from the plan")
each = pytest.mark.parametrize("path", STORED or [None], ids=lambda p: p.stem if p else "none")


@pytest.fixture
def notebook(path: Path | None) -> NotebookNode:
    if path is None:
        pytest.skip("there is no notebook yet")
    return nbformat.read(path, as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return code_of(notebook.cells)


def test_every_twin_has_a_notebook_and_the_other_way_round() -> None:
    assert {p.stem for p in STORED} == {p.stem for p in (FOLDER / "src").glob("*.py")}
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+", p.stem) for p in STORED)


@each
def test_in_sync_with_its_text_twin(path: Path, notebook: NotebookNode) -> None:
    twin = from_twin(FOLDER / "src" / f"{path.stem}.py")
    hint = f"run: python -m gaitstudy.reproduce --update {path.stem}"
    assert [(c.cell_type, c.id, c.source) for c in notebook.cells] == [
        (c.cell_type, c.id, c.source) for c in twin.cells
    ], hint
    assert notebook.metadata == twin.metadata, hint


def test_every_link_of_the_ledger_and_of_a_notebook_leads_somewhere() -> None:
    sources = {p.stem: list(nbformat.read(p, as_version=4).cells) for p in STORED}
    prose = {n: "\n".join(c.source for c in cells if c.cell_type == "markdown") for n, cells in sources.items()}
    anchors = {n: set(re.findall(r'id="([^"]+)"', text)) for n, text in prose.items()}
    for n, text in prose.items():
        anchors[n] |= {head.strip().replace(" ", "-") for head in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    evidence = stored_verdicts(FOLDER.parent / "data" / "derived" / "verdicts.csv")
    links = {("the ledger", p.notebook, p.anchor) for p in evidence.itertuples() if p.notebook}
    for name, cells in sources.items():
        shown = prose[name] + "".join(
            o.data.get("text/html", "") for c in code_of(cells) for o in c.outputs if "data" in o
        )
        for target, anchor in re.findall(r'(?:\]\(|href=")([\w.]*?)(?:\.ipynb)?#([^")]+)', shown):
            links.add((name, target or name, anchor))
    assert len(links) > 40
    dead = sorted(link for link in links if link[2] and link[2] not in anchors.get(link[1], ()))
    assert not dead


def code_of(cells: list[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code"]


@each
def test_executed_from_top_to_bottom_without_error(notebook: NotebookNode) -> None:
    cells = [c for c in code(notebook) if c.source.strip()]
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    assert not [o for c in cells for o in c.outputs if o.output_type == "error"]
    warned = [o.text for c in cells for o in c.outputs if o.output_type == "stream" and o.name == "stderr"]
    assert not warned, "a notebook shows no warnings: deal with their cause"


@each
def test_explains_calls_and_shows_but_defines_nothing(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= 25, f"{cell.id} has {len(lines)} lines"
        found = {type(n).__name__ for n in ast.walk(ast.parse(cell.source))}
        assert not found & {"FunctionDef", "AsyncFunctionDef", "ClassDef"}, cell.id


@each
def test_small_enough_to_be_kept(path: Path, notebook: NotebookNode) -> None:
    assert path.stat().st_size < 1_000_000


@each
def test_names_its_datasets_and_packages(notebook: NotebookNode) -> None:
    assert isinstance(notebook.metadata["gaitstudy"]["datasets"], list)
    names = datasets(notebook)
    if names:
        from gaitstudy.io import catalogue

        assert set(names) <= set(catalogue.datasets()["name"])
    extras = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(packages(notebook)) <= set(extras["optional-dependencies"]) - {"dev"}


@each
def test_begins_with_question_data_plan_and_ends_with_what_it_shows(notebook: NotebookNode) -> None:
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    prose = re.sub(r"^```.*?^```", "", prose, flags=re.DOTALL | re.MULTILINE)
    title, *headings = re.findall(r"^#{1,6} +(.*)$", prose, re.MULTILINE)
    assert notebook.cells[0].source.startswith(f"# {title}")
    found = headings[: len(FIRST)] + headings[-len(LAST) :]
    assert len(headings) >= len(FIRST + LAST), headings
    for heading, wanted in zip(found, FIRST + LAST, strict=True):
        assert re.match(wanted, heading, re.IGNORECASE), f"expected a heading {wanted!r}, found {heading!r}"


@each
def test_every_image_has_an_alternative_text(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        for output in cell.outputs:
            for kind in {*IMAGES, "image/jpeg"} & set(output.get("data", {})):
                alt = output.metadata.get(kind, {}).get("alt", "")
                assert len(alt) >= 20, f"{cell.id}: {kind} needs an alternative text, found {alt!r}"


@each
def test_shows_the_same_when_run_again_and_makes_a_page_that_needs_nothing(
    path: Path, notebook: NotebookNode, tmp_path: Path
) -> None:
    fresh = deepcopy(notebook)
    error = execute(fresh, path.stem, FOLDER, tmp_path)
    assert not error, error
    text = page(fresh, path.stem)
    assert not re.search(r"<(script|link|iframe|object)\b|@import", text)
    loaded = re.findall(r"""\b(?:src|srcset)\s*=\s*["']?([^"'\s>]+)|\burl\(\s*["']?([^"')]+)""", text)
    assert not [a or b for a, b in loaded if not (a or b).startswith(("data:", "#"))]
    assert 'class="unread"' not in text, "a formula could not be read"
    if missing := absent(notebook):
        pytest.skip(f"outputs not compared, not on this machine: {', '.join(missing)}")
    assert not differences(notebook, fresh)

"""Every notebook is in sync with its text twin, executed, in the house's form, and shows the same when run again."""

from __future__ import annotations

import json
import os
import re
import time
import tomllib
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat import NotebookNode
from rich.console import Console

from workflow import tables
from workflow.notebook import datasets, from_twin, packages
from workflow.page import IMAGES
from workflow.reproduce import Outcome, cores, longest_first, run_all, run_one, without_data

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
STORED = sorted(FOLDER.glob("*.ipynb"))
FIRST = ("question", "data", "plan of analysis")
LAST = (
    "what (this|it) shows", "what (this|it) does not show", "deviations from the plan", "exercises", "references",
)  # fmt: skip
FRONT = ["Question", "Data", "You need", "You will learn", "Pages"]
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
    hint = f"run: python -m workflow.reproduce --update {path.stem}"
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
    evidence = pd.read_csv(FOLDER.parent / "data" / "derived" / "verdicts.csv", keep_default_na=False)
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


def test_every_table_made_from_files_is_made_anew_by_a_page() -> None:
    """So no other test makes it; those of OpenSim, minutes each, are made anew for one walk in page 04."""
    pages = "".join(path.read_text(encoding="utf-8") for path in (FOLDER / "src").glob("*.py"))
    made = set(re.findall(r'results\.table\(\s*"(\w+)"', pages))
    assert {name for name, about in tables.stored().items() if about["inputs"]} - made == {
        "gc5_opensim", "gc5_opensim_axial", "gc5_opensim_calibration",
    }  # fmt: skip


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
def test_small_enough_to_be_kept(path: Path, notebook: NotebookNode) -> None:
    assert path.stat().st_size < 1_000_000


@each
def test_names_its_datasets_and_packages(notebook: NotebookNode) -> None:
    assert isinstance(notebook.metadata["gaitstudy"]["datasets"], list)
    names = datasets(notebook)
    if names:
        from gaitstudy.io import catalogue

        assert set(names) <= set(catalogue.datasets().index)
    extras = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(packages(notebook)) <= set(extras["optional-dependencies"]) - {"dev"}


def prose_of(notebook: NotebookNode) -> str:
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    return re.sub(r"^```.*?^```|`[^`\n]+`", "", prose, flags=re.DOTALL | re.MULTILINE)


@each
def test_begins_with_what_a_reader_needs_and_ends_with_what_it_shows(path: Path, notebook: NotebookNode) -> None:
    title, *headings = re.findall(r"^#{1,3} +(.*)$", prose_of(notebook), re.MULTILINE)
    first = notebook.cells[0].source
    assert first.startswith(f"# {title}") and title.startswith(path.stem[:2])
    assert re.findall(r"^\*\*([\w ]+)\.\*\*", first, re.MULTILINE) == FRONT
    for heading, wanted in zip(headings[:3], FIRST, strict=True):
        assert re.match(wanted, heading, re.IGNORECASE), f"expected a heading {wanted!r}, found {heading!r}"
    for heading, wanted in zip(headings[-len(LAST) :], LAST, strict=True):
        assert re.match(wanted, heading, re.IGNORECASE), f"expected a heading {wanted!r}, found {heading!r}"
    assert len(notebook.cells) <= 70


@each
def test_links_to_its_neighbours_and_every_study_to_its_reference(path: Path, notebook: NotebookNode) -> None:
    prose = prose_of(notebook)
    here = STORED.index(path)
    neighbours = [p.stem for p in (*STORED[here - 1 : here][: here > 0], *STORED[here + 1 : here + 2])]
    assert all(f"({name}.ipynb)" in notebook.cells[0].source for name in neighbours), "run workflow.reproduce --update"
    assert len(re.findall(r"\]\([^)]+\)", prose)) >= 3
    text, _, references = prose.partition("\n## References")
    entries = re.split(r"^###### +", references, flags=re.MULTILINE)[1:]
    assert entries, "expected references, each under a heading of level 6"
    for entry in entries:
        assert re.search(r"https://doi\.org/10\.|https?://|doi not available", entry), entry
    names = {str(s) for s in pd.read_csv(FOLDER.parent / "data" / "published" / "studies.csv")["study"]}
    plain = re.sub(r"\[[^\]]*\]\([^)]*\)", "", text)
    assert not sorted(name for name in names if re.search(rf"\b{re.escape(name)}\b", plain)), "link it to its reference"


@each
def test_every_table_and_figure_says_where_its_data_come_from(path: Path, notebook: NotebookNode) -> None:
    shown = [str(o.data.get("text/html", "")) for c in code(notebook) for o in c.outputs if "data" in o]
    captions = [c for text in shown for c in re.findall(r"<caption>(.*?)</caption>", text, re.DOTALL)]
    unsaid = [c for c in captions if not re.search(r"\b(real|published|simulated|no data)\b[^()]*\)", c)]
    assert not unsaid


@each
def test_every_image_has_an_alternative_text(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        for output in cell.outputs:
            assert not {*IMAGES, "image/jpeg"} & set(output.get("data", {})), f"{cell.id}: show it by plots.show"
            for image in re.findall(r"<img\b[^>]*", output.get("data", {}).get("text/html", "")):
                alt = re.search(r'alt="([^"]*)', image)
                assert alt and len(alt[1]) >= 20, f"{cell.id}: expected an alternative text, found {image[:80]}"


@pytest.fixture(scope="session")
def executed_pages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Outcome]]:
    """Every chosen page run anew, in kernels forked from one process, once for all workers of this run of tests."""
    base, workers = tmp_path_factory.getbasetemp(), "PYTEST_XDIST_WORKER" in os.environ
    folder = (base.parent if workers else base) / "pages"
    told = folder / "outcomes.json"
    try:
        folder.mkdir()
    except FileExistsError:  # another worker runs them
        end = time.monotonic() + 3600
        while not told.is_file() and time.monotonic() < end:
            time.sleep(0.2)
    else:
        chosen = {
            item.callspec.params["path"] for item in request.session.items if "executed_pages" in item.fixturenames
        }
        outcomes: list[Outcome] = []
        try:
            paths = longest_first(sorted(chosen), {})
            outcomes = run_all(run_one, paths, folder, cores(), Console(quiet=True), lambda: without_data(paths))
        finally:
            told.with_suffix(".part").write_text(json.dumps(outcomes), encoding="utf-8")
            told.with_suffix(".part").replace(told)
    return folder, {o[0]: Outcome(*o) for o in json.loads(told.read_text(encoding="utf-8"))}


@each
def test_shows_the_same_when_run_again_and_makes_a_page_that_needs_nothing(
    path: Path, executed_pages: tuple[Path, dict[str, Outcome]]
) -> None:
    folder, outcome = executed_pages[0], executed_pages[1][path.stem]
    assert not outcome.error, outcome.error
    text = (folder / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|iframe|object)\b|@import", text)
    loaded = re.findall(r"""\b(?:src|srcset)\s*=\s*["']?([^"'\s>]+)|\burl\(\s*["']?([^"')]+)""", text)
    assert not [a or b for a, b in loaded if not (a or b).startswith(("data:", "#"))]
    assert 'class="unread"' not in text, "a formula could not be read"
    if outcome.not_compared:
        pytest.skip(f"outputs not compared, {outcome.not_compared}")
    assert not outcome.differences
    moved = [p.read_text(encoding="utf-8") for p in (folder / "differences").glob("*.txt")]
    assert not moved, "a page computes another table than is stored"

"""One notebook: how outputs are compared and how a page is made."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode, v4

from gaitstudy.io import catalogue
from workflow.notebook import absent, differences, text_difference
from workflow.page import page


def shown(*outputs: NotebookNode, source: str = "show()") -> NotebookNode:
    return v4.new_notebook(cells=[v4.new_code_cell(source, execution_count=1, outputs=list(outputs))])


def data(**kinds: Any) -> NotebookNode:
    return v4.new_output("display_data", {k.replace("_", "/"): v for k, v in kinds.items()})


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("31.2", "31.20000001"),
        ("0.0", "-2e-10"),
        ("a   b\n--------", "a b\n-----------"),
        ("−3.5 %", "-3.5 %"),
        ("1e-3", "0.001"),
        ("nan", "nan"),
    ],
)
def test_the_same_text(stored: str, fresh: str) -> None:
    assert text_difference(stored, fresh) == ""


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [("31.2", "31.3"), ("31.2", "31.2 31.2"), ("1.000001", "1.000003"), ("left", "right"), ("1", "nan"), ("1 2", "12")],
)
def test_another_text(stored: str, fresh: str) -> None:
    assert "now" in text_difference(stored, fresh)


def test_a_long_text_that_differs_is_told_in_short() -> None:
    assert len(text_difference("", "x" * 100_000)) < 1000


def test_images_count_by_kind_only_and_texts_by_content() -> None:
    old = shown(data(image_png="AAAA", text_plain="<Figure>"))
    assert differences(old, shown(data(image_png="BBBB", text_plain="<Figure>"))) == []
    assert "now nothing" in differences(old, shown())[0]
    (change,) = differences(shown(data(text_html="<b>1.5</b>")), shown(data(text_html="<b>1.6</b>")))
    assert change.startswith("code cell 1 (show()), text/html: stored '<b>1.5</b>', now '<b>1.6</b>'")


def test_what_a_notebook_names_and_this_machine_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "present", lambda name: name == "here")
    named = {"datasets": ["here", "gone"], "packages": ["json", "no_such_package"]}
    assert absent(v4.new_notebook(metadata={"gaitstudy": named})) == ["gone", "the package no_such_package"]
    only = {"packages": ["no_such_package"]}
    assert absent(v4.new_notebook(metadata={"gaitstudy": only})) == ["the package no_such_package"]
    assert absent(v4.new_notebook(metadata={"gaitstudy": {"packages": ["json"]}})) == absent(v4.new_notebook()) == []


def test_a_page_has_formulas_and_alternative_texts_and_needs_nothing_from_elsewhere() -> None:
    notebook = shown(data(image_png="iVBORw0KGgo="), data(text_latex="$x^2$"), data(text_markdown="about $y_1$"))
    notebook.cells[0].outputs[0].metadata = {"image/png": {"alt": 'a curve that "rises" & falls'}}
    prose = "# On $F_z$\n\nIt costs \\$5 or \\$6, `$code$`, $a\n+ b$, see [next](02_next.ipynb#On-x).\n\n"
    notebook.cells.insert(0, v4.new_markdown_cell(prose + "$$\\frac{1}{2}$$\n\n```\n$fence$\n```\n\n$\\left( a$"))
    text = page(notebook, "01_try")
    body = text[text.index("<body") :]
    assert body.count("<math") == 5
    assert 'display="block"' in body
    assert "It costs $5 or $6" in body
    assert "$code$" in body
    assert "$fence$" in body
    assert '<code class="unread">\\left( a</code>' in body
    assert 'id="On-math"' in body
    assert 'href="02_next.html#On-x"' in body
    assert "a curve that" in body
    assert "No description" not in body
    assert "<script" not in text
    assert "GAITMATH" not in text
    assert "http" not in text.replace("http://www.w3.org/1998/Math/MathML", "")

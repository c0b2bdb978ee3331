"""Pages that need nothing from elsewhere: images carry their alternative texts, formulas are MathML, no scripts."""

from __future__ import annotations

import base64
import html
import re
from copy import deepcopy
from functools import cache
from typing import Any

from nbconvert import HTMLExporter, TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode

IMAGES = {"image/svg+xml": "svg", "image/png": "png"}
_MATH = re.compile(
    r"(?P<fence>^(?:```|~~~).*?^(?:```|~~~))|(?P<ticks>`+).+?(?P=ticks)|\\\$"
    r"|\$\$(?P<block>.+?)\$\$|(?<!\$)\$(?![\s$])(?P<inline>(?:\\.|[^$\\\n]|\n(?!\n))+?)(?<!\s)\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)


def page(notebook: NotebookNode, title: str) -> str:
    """Return a notebook as one HTML page that needs nothing from elsewhere: alternative texts, MathML, no scripts."""
    shown, formulas = deepcopy(notebook), list[str]()
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell.source = _hide_math(cell.source, formulas)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = _offline(output, formulas)
    text, _ = _exporter().from_notebook_node(shown, resources={"metadata": {"name": title}})
    scrolls = r'(<div class="[^"]*\bjp-(?:Cell-inputWrapper|OutputArea-output)\b[^"]*"[^>]*)>'
    text = re.sub(scrolls, r'\1 tabindex="0">', text)  # reached by the keyboard
    text = re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL)
    text = re.sub(
        r"(<style\b.*?</style>)", lambda m: re.sub(r"/\*.*?\*/", "", m[1], flags=re.DOTALL), text, flags=re.DOTALL
    )
    text = re.sub(r'(href="[^":]*?)\.ipynb(["#])', r"\1.html\2", text)
    text = re.sub(r'(?:id|href)="[^"]*"', lambda m: re.sub(r"GAITMATH\d+END", "math", m[0]), text)
    return re.sub(r"GAITMATH(\d+)END", lambda m: formulas[int(m[1])], text)


class _Exporter(HTMLExporter):
    """nbconvert's page without its two parsers of the finished HTML, which took half of a page's time.

    Both mend what these pages do not have: images without alternative text, and code that is not escaped.
    """

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **options: Any) -> Any:
        """Return the page and the resources."""
        resources = self._init_resources(resources)
        kinds = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
        self.register_filter("filter_data_type", kinds)
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer="python", parent=self))
        self.register_filter("clean_html", lambda text: text)
        return TemplateExporter.from_notebook_node(self, nb, resources, **options)


@cache
def _exporter() -> _Exporter:
    return _Exporter(template_name="lab", mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="")


def _hide_math(source: str, formulas: list[str]) -> str:
    """Replace formulas outside code by placeholders and append their MathML to ``formulas``."""

    def hide(match: re.Match[str]) -> str:
        latex = match["block"] or match["inline"]
        if latex is None:
            return match[0]
        formulas.append(mathml(latex, block=match["block"] is not None))
        return f"GAITMATH{len(formulas) - 1}END"

    return _MATH.sub(hide, source)


def mathml(latex: str, *, block: bool) -> str:
    """Return a formula as MathML, or as its source, marked ``unread``, if it cannot be read."""
    from latex2mathml.converter import convert

    try:
        return convert(latex.strip(), display="block" if block else "inline")
    except Exception as error:
        if type(error).__module__ != "latex2mathml.exceptions":  # its errors share no class of their own
            raise
        return f'<code class="unread">{html.escape(latex)}</code>'


def _offline(output: NotebookNode, formulas: list[str]) -> dict[str, Any]:
    """Return an output's data for the page: an image with its alternative text, formulas hidden."""
    for kind in IMAGES:
        if kind in output.data:
            raw = output.data[kind].strip()
            code = base64.b64encode(raw.encode()).decode() if kind == "image/svg+xml" else "".join(raw.split())
            alt = html.escape(output.metadata.get(kind, {}).get("alt", ""))
            return {"text/html": f'<img alt="{alt}" src="data:{kind};base64,{code}" style="max-width: 100%">'}
    if "text/latex" in output.data and "text/html" not in output.data:
        return {"text/html": mathml(output.data["text/latex"].strip().strip("$"), block=True)}
    if "text/markdown" in output.data:
        return output.data | {"text/markdown": _hide_math(output.data["text/markdown"], formulas)}
    return output.data

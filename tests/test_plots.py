"""Figures and tables as a page shows them: alternative texts, captions, missing values, texts that are not HTML."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from gaitstudy import plots


def line() -> Figure:
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1])
    return figure


def test_a_figure_carries_its_alternative_text_and_is_closed() -> None:
    figure = line()
    shown = plots.show(figure, 'Rises from "0" to 1.')
    assert 'alt="Rises from &quot;0&quot; to 1."' in shown.data and "data:image/png;base64," in shown.data
    assert not plt.fignum_exists(figure.number)  # type: ignore[attr-defined]


def test_same_numbers_give_the_same_picture() -> None:
    assert len({plots.show(line(), "A line.").data for _ in range(2)}) == 1


def test_pictures_keep_few_colours_but_whole_scales() -> None:
    scaled, ax = plt.subplots()
    ax.pcolormesh(np.linspace(0, 1, 400).reshape(20, 20))
    pictures = [plots.show(f, "A line or a field of colours.").about["png"] for f in (line(), scaled)]
    assert [Image.open(io.BytesIO(p)).mode for p in pictures] == ["P", "RGB"]


def test_a_table_shows_its_caption_its_digits_and_missing_values() -> None:
    frame = pd.DataFrame({"a": [1.23456, np.nan], "b": ["x", "y"]})
    text = plots.table(frame, "T (real, 1 person)", 3).data
    assert "1.235" in text and "<td>not available</td>" in text and "<caption>T (real, 1 person)</caption>" in text
    assert "<style" not in text and "id=" not in text and "class=" not in text


def test_a_tables_texts_are_shown_as_they_are() -> None:
    frame = pd.DataFrame({"arm <b>": ["<img src=x onerror=y>", 'sham & "more"'], "n": [1, 2]})
    shown = plots.table(frame, "p < .05 (real, 2 people)").data
    for text in ("arm &lt;b&gt;", "&lt;img src=x onerror=y&gt;", 'sham &amp; "more"', "p &lt; .05"):
        assert text in shown
    assert "<img" not in shown


def test_a_forest_writes_every_number_and_says_what_is_missing() -> None:
    rows = pd.DataFrame({"label": ["a", "b", "c"], "estimate": [0.5, 2.0, np.nan], "low": [0.25, np.nan, np.nan],
                         "high": [1.0, np.nan, np.nan], "group": ["study", "pooled", "pooled"],
                         "size": ["9 people", "", "p printed: .005"]})  # fmt: skip
    ax = plots.forest(rows, log=True)
    texts = ["0.50 (0.25 to 1.00)\n9 people", "2.00 (no interval)", "not available\np printed: .005"]
    assert [t.get_text() for t in ax.texts] == texts and ax.get_xscale() == "log"
    span, square, hollow, null = ax.lines
    assert list(span.get_xdata()) == [0.25, 1.0] and list(null.get_xdata()) == [1.0, 1.0]
    assert hollow.get_markerfacecolor() == "none" != square.get_markerfacecolor()
    assert [text.get_text() for text in ax.figure.legends[0].texts] == ["study", "pooled"]
    plt.close(ax.figure)


def test_a_legend_moves_below_its_figure_without_what_is_left_out() -> None:
    figure, ax = plt.subplots()
    for label in ("trial", "first"):
        ax.plot([0, 1], label=label)
    ax.legend()
    plots.legend_below(ax, 2, ["trial"])
    assert ax.get_legend() is None and [t.get_text() for t in figure.legends[0].get_texts()] == ["first"]
    plt.close(figure)

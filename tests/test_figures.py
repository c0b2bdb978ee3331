"""Figures: titles that say where data come from, alternative texts, and marks where the numbers are."""

from __future__ import annotations

import pandas as pd
import pytest

from gaitstudy import figures
from gaitstudy.conventions import GaitStudyError


def test_heading_names_data_class_and_people() -> None:
    assert figures.heading("Angle", "real", 9) == "Angle (real, 9 people)"
    assert figures.heading("Angle", "simulated", 1, "trial") == "Angle (simulated, 1 trial)"


def test_heading_refuses_another_class() -> None:
    with pytest.raises(GaitStudyError, match=r"expected one of real, .* found 'measured'"):
        figures.heading("Angle", "measured", 1)


def test_texts_of_a_table_are_shown_and_never_read_as_html() -> None:
    frame = pd.DataFrame(
        {
            "a<b": [1.5, 2],
            "site": ["<script>x</script>", "A & B's"],
            "kind": pd.Categorical(["<i>", "k"]),
            "on": [True, False],
        }
    )
    page = figures.table(frame, "T <b>bold</b> (real, 1 person)", {"a<b": 1}).data
    for text in (
        "a&lt;b",
        "1.5",
        "&lt;script&gt;x&lt;/script&gt;",
        "A &amp; B's",
        "&lt;i&gt;",
        "True",
        "T &lt;b&gt;bold",
    ):
        assert text in page
    assert "<script" not in page and "<b>" not in page

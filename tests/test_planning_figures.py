"""Figures of planning a trial: marks where the numbers are."""

from __future__ import annotations

import pandas as pd
import pytest

from gaitstudy import figures


def test_power_has_a_panel_an_outcome_and_a_line_a_model() -> None:
    rows = [(o, m, n, p, p - 0.02, p + 0.02) for o in ("pain", "KAM") for m, d in (("MMRM", 0.1), ("ANCOVA", 0.0))
            for n, p in ((20, 0.5 + d), (40, 0.8 + d))]  # fmt: skip
    table = pd.DataFrame(rows, columns=["outcome", "model", "n_per_arm", "power", "low", "high"])
    figure = figures.power_by_size(table, "model", "t (simulated, 20 trials)")
    assert [ax.get_title() for ax in figure.axes] == ["pain", "KAM"]
    assert figure.axes[1].containers[0].lines[0].get_ydata() == pytest.approx([0.6, 0.9])
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["20", "40"]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["MMRM", "ANCOVA"]


def test_the_first_row_is_the_line_the_others_are_compared_with() -> None:
    table = pd.DataFrame({"outcome": "pain", "setting": ["no change", "SD x 1.5"], "power": [0.76, 0.53],
                          "low": [0.74, 0.5], "high": [0.78, 0.55]})  # fmt: skip
    ax = figures.power_by_change(table, "t").axes[0]
    assert ax.lines[0].get_xdata() == pytest.approx([0.76, 0.53])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["no change", "SD x 1.5"]
    assert 0.76 in [line.get_xdata()[0] for line in ax.lines[1:]]

"""Figures of even and stable walking: what is given is drawn, what is missing is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy import figures

PEOPLE = pd.DataFrame(
    {"label": ["a", "b", "c"], "step": [1.0, -2.0, np.nan], "force": [3.0, np.nan, 0.5], "kam": [50.0, -20.0, np.nan],
     "left": [0.05, 0.06, 0.07], "right": [0.04, 0.06, 0.09]}
)  # fmt: skip


def test_each_walker_has_a_row_and_each_measure_its_panel() -> None:
    figure = figures.side_differences(PEOPLE, {"step": "step time", "force": "force"}, {"kam": "moment"}, "title")
    walking, load = figure.axes
    drawn = {line.get_label(): line.get_xdata() for line in [*walking.lines, *load.lines]}
    assert np.isfinite(drawn["step time"].astype(float)).sum() == 2 and drawn["moment"][0] == 50.0
    assert [t.get_text() for t in walking.get_yticklabels()] == ["a", "b", "c"]
    assert walking.get_yticks().tolist() == [0, -1, -2] and figure.get_suptitle() == "title"


def test_pairs_carry_their_correlation() -> None:
    found = pd.DataFrame(
        {"walking": ["force", "step"], "n": [2, 3], "r": [0.5, -0.1], "low": [0.1, -0.9], "high": [0.8, 0.7]}
    )
    figure = figures.asymmetry_pairs(PEOPLE, found, {"step": "step time", "force": "force"}, "kam", "title")
    assert [ax.get_title() for ax in figure.axes] == [
        "r = -0.10 (-0.90 to 0.70), n = 3",
        "r = 0.50 (0.10 to 0.80), n = 2",
    ]
    assert figure.axes[0].lines[-1].get_ydata().tolist()[:2] == [50.0, -20.0]


def test_margins_are_drawn_in_mm() -> None:
    ax = figures.sideways_margins(PEOPLE, "title").axes[0]
    drawn = {line.get_label(): line.get_xdata() for line in ax.lines}
    assert np.allclose(drawn["right"].astype(float), [40.0, 60.0, 90.0]) and "mm" in ax.get_xlabel()

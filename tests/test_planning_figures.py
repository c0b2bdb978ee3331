"""Figures of who benefits and of planning a trial: marks where the numbers are."""

from __future__ import annotations

import pandas as pd
import pytest

from gaitstudy import figures


def test_bars_hold_the_people_and_the_legend_counts_both_sides() -> None:
    bins = pd.DataFrame({"low": [-0.1, 0.0, 0.1], "high": [0.0, 0.1, 0.2], "people": [3, 5, 2]})
    figure = figures.counted_people(bins, "reduction (%BW*Ht)", "t (real, 10 people)", 0.05)
    ax = figure.axes[0]
    drawn = {round(bar.get_x(), 3): bar.get_height() for bar in ax.patches}
    assert drawn == {-0.1: 3, 0.0: 5, 0.1: 2}
    texts = {t.get_text() for t in ax.get_legend().get_texts()}
    assert texts == {"above zero: 7 people", "below zero: 3 people", "mean 0.05"}
    assert ax.get_xlabel() == "reduction (%BW*Ht)" and ax.get_ylabel() == "people"


def test_a_lasso_path_runs_from_the_largest_penalty_with_what_is_kept_in_colour() -> None:
    path = pd.DataFrame({"penalty": [0.2, 0.1, 0.05, 0.0], "a": [0, 0.1, 0.2, 0.3], "b": [0, 0, -0.1, -0.2],
                         "c": [0, 0, 0, 0.1]})  # fmt: skip
    figure = figures.lasso_path(path, ["a", "b"], "coefficient", "t", (0.05, 0.1), 0.07)
    ax = figure.axes[0]
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["a"].get_ydata()[:3] == pytest.approx([0, 0.1, 0.2])
    assert lines["a"].get_color() != lines["the others"].get_color()
    assert ax.get_xlim()[0] > ax.get_xlim()[1], "the penalty falls to the right"
    assert lines["chosen: 0.0700"].get_xdata()[0] == 0.07
    span = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    assert (min(span.x0, span.x1), max(span.x0, span.x1)) == pytest.approx((0.05, 0.1))
    assert {"exactly these 2 kept"} <= {t.get_text() for t in figure.legends[0].get_texts()}


def test_weights_stand_on_the_row_of_their_term() -> None:
    columns = ["term", "estimate", "low", "high"]
    every = pd.DataFrame([("a", 1.0, 0.5, 1.5), ("b", -1.0, -2.0, 0.0), ("c", 0.2, 0.1, 0.3)], columns=columns)
    some = pd.DataFrame([("c", 0.4, 0.3, 0.5)], columns=columns)
    ax = figures.weights({"all": every, "some": some}, "weight", "t").axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b", "c"]
    points = [container.lines[0] for container in ax.containers]
    assert points[0].get_xdata() == pytest.approx([1.0, -1.0, 0.2]) and points[1].get_xdata() == pytest.approx([0.4])
    assert points[1].get_ydata() == pytest.approx([2.12]), "below the row's middle, beside the other"


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

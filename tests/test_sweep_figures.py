"""Figures of sweeps: lines, bands and published values where the numbers are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy import figures

LOADS = {"kam1": "KAM (%)", "medial": "force (%)"}


def swept() -> pd.DataFrame:
    rows = [
        {"setting": s, "frame": f, "value": v, "load": load, "mean": k * v, "low": k * v - 1, "high": k * v + 2}
        for k, (s, f) in enumerate([("a", "tibia"), ("a", "lab"), ("b", "tibia"), ("b", "lab")], 1)
        for v in (2.0, 0.0, 1.0)
        for load in LOADS
    ]
    return pd.DataFrame(rows)


def test_every_setting_and_frame_has_its_line_and_span_in_every_panel() -> None:
    figure = figures.sweep_lines(swept(), LOADS, "drop (deg)", "t")
    for ax, label in zip(figure.axes, LOADS.values(), strict=True):
        drawn = {line.get_label(): line for line in ax.lines[:4]}
        assert list(drawn) == ["a · tibia", "a · lab", "b · tibia", "b · lab"]
        for k, line in enumerate(drawn.values(), 1):
            assert list(line.get_xdata()) == [0.0, 1.0, 2.0]
            assert list(line.get_ydata()) == [0.0, k, 2 * k]
        edge = ax.collections[0].get_paths()[0].vertices[:, 1]
        assert (edge.min(), edge.max()) == (-1.0, 4.0)
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("drop (deg)", label)
        assert drawn["a · tibia"].get_color() == drawn["a · lab"].get_color() != drawn["b · lab"].get_color()


def test_published_values_are_drawn_in_their_own_panel_only() -> None:
    table = swept().query("frame == 'tibia'")
    figure = figures.sweep_lines(
        table, LOADS, "mm", "t", style=None, zero=False, levels={"kam1": (-0.19, -0.23, -0.15, "pooled")},
        points={"medial": (4.0, 37.5, "one study")}, marks={"kam1": [2.2]},
    )  # fmt: skip
    kam, force = figure.axes
    across = {line.get_label(): line for line in kam.lines}
    assert list(across["pooled"].get_ydata()) == [-0.19, -0.19]
    band = kam.patches[0]
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((-0.23, -0.15))
    assert any(list(line.get_xdata()) == [2.2, 2.2] for line in kam.lines)
    found = {line.get_label(): line for line in force.lines}
    assert (found["one study"].get_xdata()[0], found["one study"].get_ydata()[0]) == (4.0, 37.5)
    assert "pooled" not in found and not force.patches
    shown = {text.get_text() for text in figure.legends[0].get_texts()}
    assert shown == {"a", "b", "pooled", "one study"}
    unbounded = figures.sweep_lines(table, LOADS, "mm", "t", levels={"kam1": (1.0, np.nan, np.nan, "x")})
    assert not unbounded.axes[0].patches


def test_each_person_has_a_mark_in_the_row_of_their_way() -> None:
    table = pd.DataFrame(
        {
            "setting": ["lean", "lean", "toes", "toes"] * 2,
            "frame": ["tibia"] * 4 + ["lab"] * 4,
            "person": [1, 2] * 4,
            "kam1": np.arange(8.0),
            "medial": -np.arange(8.0),
        }
    )
    figure = figures.change_by_way(table, LOADS, "t")
    kam, force = figure.axes
    assert [t.get_text() for t in kam.get_yticklabels()] == ["lean", "toes"]
    tibia, lab = kam.lines[:2]
    assert list(tibia.get_xdata()) == [0, 1, 2, 3] and list(lab.get_xdata()) == [4, 5, 6, 7]
    assert np.round(tibia.get_ydata()).tolist() == np.round(lab.get_ydata()).tolist() == [0, 0, 1, 1]
    assert list(force.lines[1].get_xdata()) == [-4, -5, -6, -7]
    assert kam.get_ylim()[0] > kam.get_ylim()[1], "the first way is on top"

"""Figures of curves, loading rates and co-contraction: marks where the numbers are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy import figures
from gaitstudy.figures.fields import RATE_LABELS

PERCENT = np.linspace(0, 100, 11)


def test_groups_in_small_panels() -> None:
    table = pd.concat(
        pd.DataFrame({"m": m, "g": g, "percent": PERCENT, "mean": level, "sd": 1.0})
        for m, level in (("one", 5.0), ("two", 9.0), ("three", 2.0))
        for g in ("a", "b")
    )
    figure = figures.group_bands(table, "m", "g", "force (N)", "t", columns=2)
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in shown] == ["one", "two", "three"]
    assert [line.get_label() for line in shown[1].lines] == ["a", "b"]
    assert shown[1].lines[0].get_ydata() == pytest.approx(np.full(11, 9.0))
    assert shown[0].get_ylabel() == "force (N)" and shown[2].get_xlabel() == "stance (%)"


def test_a_statistic_and_its_threshold() -> None:
    table = pd.DataFrame({"percent": PERCENT, "statistic": np.arange(11.0), "threshold": 7.5})
    ax = figures.statistic_curve(table, "T2", "t").axes[0]
    assert ax.lines[0].get_ydata() == pytest.approx(np.arange(11.0)) and set(ax.lines[1].get_ydata()) == {7.5}
    assert ax.texts[0].get_text() == "threshold 7.5" and ax.get_ylabel() == "T2"


def test_stress_lines_and_paths() -> None:
    lines = pd.DataFrame({"moment": 50.0, "flexion": [0.0, 90.0] * 2, "form": ["quartic"] * 2 + ["cubic"] * 2})
    paths = pd.DataFrame({"bend": [0.5, 0.5, 1.0, 1.0], "flexion": [5.0, 8, 5, 16], "quartic": 1.0, "cubic": 2.0})
    figure = figures.kneecap_stress(lines.assign(stress=[6.0, 10.0, 7.0, 8.0]), paths, "t")
    left, right = figure.axes
    assert [line.get_ydata().tolist() for line in left.lines] == [[6.0, 10.0], [7.0, 8.0]]
    assert right.lines[2].get_xdata().tolist() == [5.0, 16.0] and right.lines[3].get_ydata().tolist() == [2.0, 2.0]
    assert left.get_ylabel() == "patellofemoral stress (MPa)"


def test_slopes_of_people_and_where_they_differ_from_zero() -> None:
    table = pd.concat(pd.DataFrame({"person": k, "percent": PERCENT, "slope": float(k), "mean": 0.5}) for k in (0, 1))
    ax = figures.slopes_on_speed(table, pd.DataFrame({"start": [10.0], "end": [30.0]}), "t").axes[0]
    assert [line.get_ydata()[0] for line in ax.lines[:3]] == [0.0, 1.0, 0.5]
    assert ax.patches[0].get_extents().width > 0


def test_rates_on_a_logarithmic_axis() -> None:
    row = {name: 5.0 * 2**k for k, name in enumerate(RATE_LABELS)}
    table = pd.DataFrame([{"filter": "as measured", **row}, {"filter": "8 Hz", **dict.fromkeys(row, 5.0)}])
    ax = figures.rates_by_window(table, "t").axes[0]
    assert ax.get_xscale() == "log" and ax.lines[0].get_xdata().tolist() == list(row.values())
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(RATE_LABELS.values())
    assert ax.lines[0].get_ydata()[0] > ax.lines[0].get_ydata()[-1], "in the order of the labels, from the top"


def test_dots_carry_their_names() -> None:
    table = pd.DataFrame({"x": [0.1, 0.2], "y": [1.0, 2.0], "name": ["a", "b"]})
    figure = figures.index_against_load({"people": table}, {"people": ("index", "load (BW)")}, "t")
    ax = figure.axes[0]
    assert ax.lines[0].get_xdata().tolist() == [0.1, 0.2] and [t.get_text() for t in ax.texts] == ["a", "b"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("index", "load (BW)")

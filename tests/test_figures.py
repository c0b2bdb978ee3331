"""Figures: titles that say where data come from, alternative texts, and marks where the numbers are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy import figures
from gaitstudy.conventions import GaitStudyError


def test_heading_names_data_class_and_people() -> None:
    assert figures.heading("Angle", "real, stored", 9) == "Angle (real, stored, 9 people)"
    assert figures.heading("Angle", "simulated", 1, "trial") == "Angle (simulated, 1 trial)"


def test_heading_refuses_another_class() -> None:
    with pytest.raises(GaitStudyError, match=r"expected one of real, .* found 'measured'"):
        figures.heading("Angle", "measured", 1)


def test_show_carries_the_alternative_text() -> None:
    curves = pd.DataFrame({"percent": np.arange(101.0), "a": np.sin(np.arange(101) / 10)})
    image = figures.show(figures.stance_curves(curves, {"a": "ours"}, "t", "N m"), "A wave over stance.")
    data, metadata = image._repr_mimebundle_()
    assert metadata["image/png"]["alt"] == "A wave over stance."
    assert set(data) == {"image/png"}


def test_same_numbers_give_the_same_picture() -> None:
    curves = pd.DataFrame({"percent": np.arange(101.0), "a": np.arange(101.0)})
    pictures = {figures.show(figures.stance_curves(curves, {"a": "ours"}, "t", "N m"), "x").data for _ in range(2)}
    assert len(pictures) == 1


def test_lever_arm_is_the_distance_of_the_line_of_force_from_the_knee() -> None:
    point = dict(
        zip(
            [f"{n}_{a}" for n in ("pressure", "knee", "force", "forward") for a in "xyz"],
            [0.03, 0, -0.005, 0, 0.45, 0, -60, 800, -40, 1, 0, 0],
            strict=True,
        )
    )
    figure = figures.lever_arm(point, "t", 1.0)
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert "lever arm 27 mm" in texts  # 22.0 N m / 800.9994 N = 27.466 mm
    assert any("801 N" in t for t in texts)


def test_table_shows_missing_values_as_not_available() -> None:
    page = figures.table(pd.DataFrame({"a": [1.23456, np.nan], "b": ["x", "y"]}), "T (real, 1 person)", 3).data
    assert "1.235" in page
    assert "not available" in page
    assert "<caption>T (real, 1 person)</caption>" in page


def test_agreement_draws_every_step() -> None:
    steps = pd.DataFrame({"side": ["left", "right", "left"], "ours": [1.0, 2, 3], "theirs": [1.1, 2.2, 2.7]})
    figure = figures.agreement(steps, "ours", "theirs", "deg", "t", 2.7, "Vicon")
    drawn = sum(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() in "os")
    assert drawn == 3


def test_conditions_and_parts_keep_the_order_asked_for() -> None:
    walks = pd.DataFrame({"condition": ["b", "a"], "side": "left", "fpa": [1.0, 2.0]})
    figure = figures.conditions(walks, {"fpa": "deg"}, "t", ["b", "a"])
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["b", "a"]
    split = pd.DataFrame({"condition": ["b", "b"], "part": ["knee", "total"], "change": [1.0, 1.0]})
    figure = figures.parts(split, "t", ["b"])
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["knee", "total"]


def test_curves_are_coloured_by_condition() -> None:
    curves = xr.DataArray(
        np.ones((2, 3)), dims=("trial", "percent"), coords={"trial": ["one", "two"], "percent": [0.0, 50, 100]},
        attrs={"units": "N m", "long_name": "moment"},
    )  # fmt: skip
    figure = figures.condition_curves(curves, {"one": "a", "two": "a"}, "t", ["a", "b"])
    colours = {line.get_color() for line in figure.axes[0].lines[:2]}
    assert len(colours) == 1
    assert figure.axes[0].get_ylabel() == "moment (N m)"

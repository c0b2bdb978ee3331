"""Figures of choosing a foot angle: the marks stand where the numbers are, and titles say what the data are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy import figures, personalise
from gaitstudy.foot_angle_tests import measured
from gaitstudy.io import results
from gaitstudy.io.step_table import MODIFICATIONS, checked
from gaitstudy.simulate import foot_angles
from gaitstudy.studies import foot_angle_choice


def test_options_show_measured_and_expected_of_each_peak() -> None:
    walked = foot_angles.walk(foot_angles.people(3, 1), 10, 1, 1)
    found = personalise.choose(measured(checked(walked)), foot_angle_choice.assumed_prior()).effects
    one = found[found["person"] == 2]
    figure = figures.foot_angle_options(one, {"kam1": "first", "kam2": "second"}, 5.0, "t (simulated, 1 person)")
    for ax, quantity in zip(figure.axes, ("kam1", "kam2"), strict=True):
        rows = one[one["quantity"] == quantity]
        np.testing.assert_allclose(ax.lines[0].get_ydata(), rows["measured"])
        np.testing.assert_allclose(np.asarray(ax.lines[1].get_ydata(), float), rows["percent"])
        assert [t.get_text() for t in ax.get_xticklabels()] == list(MODIFICATIONS)
        assert [5.0, 5.0] in [list(line.get_ydata()) for line in ax.lines]


def test_promises_draw_the_line_of_the_stated_slope() -> None:
    rows = pd.DataFrame({"method": "rule", "promised": [0.0, 10, 20], "retest": [1.0, 6, 11]})
    figure = figures.promises(rows, {"rule": "rule"}, "t")
    (ax,) = figure.axes
    assert ax.get_title() == "rule\nslope 0.50"
    np.testing.assert_allclose(ax.lines[2].get_ydata(), [1, 11])


def test_designs_have_a_panel_a_number_of_tests_and_a_line_a_method() -> None:
    table = results.kept("foot_angle_choice").query("people == 107 and retested <= 31")
    figure = figures.by_design(table, "slope", "slope", "t", (0.9, 1.1))
    assert [ax.get_title() for ax in figure.axes] == [
        "1 visit of each person", "2 visits of each person", "4 visits of each person",
    ]  # fmt: skip
    drawn = figure.axes[1].containers[2].lines[0].get_ydata()
    np.testing.assert_allclose(np.asarray(drawn, float), table.query("tests == 2 and method == 'shrunken'")["slope"])


def test_feedback_is_drawn_as_published_from_zero() -> None:
    table = foot_angle_choice.feedback_designs()
    (ax,) = figures.feedback_course(table, "steps (%)", "t (published, 36 people)").axes
    np.testing.assert_allclose(ax.lines[1].get_ydata(), table.query("feedback == 'scaled'")["value"])
    assert ax.get_ylim()[0] == 0

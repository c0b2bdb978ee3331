"""Figures: titles that say where data come from, alternative texts, and marks where the numbers are."""

from __future__ import annotations

import numpy as np
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


def test_agreement_draws_every_step() -> None:
    steps = pd.DataFrame({"side": ["left", "right", "left"], "ours": [1.0, 2, 3], "theirs": [1.1, 2.2, 2.7]})
    figure = figures.agreement(steps, "ours", "theirs", "deg", "t", 2.7, "Vicon")
    drawn = sum(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() in "os")
    assert drawn == 3


def test_parts_keep_the_order_asked_for() -> None:
    split = pd.DataFrame({"condition": ["b", "b"], "part": ["knee", "total"], "change": [1.0, 1.0]})
    figure = figures.parts(split, "t", ["b"])
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["knee", "total"]


def insole_cells(size: float) -> pd.DataFrame:
    rows = [(side, k, 10.0 * k, 5.0, size, 50.0 * k, k < 3) for side in ("left", "right") for k in (1, 2, 3)]
    return pd.DataFrame(rows, columns=["side", "sensor", "along", "across", "size", "peak", "patch"])


def test_footprints_turn_medial_to_the_inside_and_outline_odd_cells() -> None:
    paths = pd.DataFrame({"side": ["left", "left", "right", "right"], "along": [0, 9, 0, 9], "across": [1, 2, 1, 2]})
    squares = figures.footprints(insole_cells(5.0), paths, "t")
    left, right = squares.axes[:2]
    middles = [np.mean([p.vertices[:4, 0].mean() for p in ax.collections[0].get_paths()]) for ax in (left, right)]
    assert middles == pytest.approx([5.0, -5.0])
    assert [len(ax.collections[1].get_paths()) for ax in (left, right)] == [1, 1]
    assert left.get_ylabel() == "from the heel (mm)" and "medial" in right.get_xlabel().split("<")[0]
    discs = figures.footprints(insole_cells(np.nan), paths, "t")
    assert "% of insole length" in discs.axes[0].get_ylabel()
    assert [t.get_text() for t in discs.axes[0].texts] == ["1", "2", "3"]


def test_insole_signals_shares_times_and_lines_are_drawn_where_they_are() -> None:
    time = np.arange(3.0)
    traces = pd.concat(
        [pd.DataFrame({"vendor": "a", "side": s, "time": time, "value": 1, "unit": "N"}) for s in ("left", "right")]
    )
    figure = figures.insole_traces(traces, "t")
    assert figure.axes[0].get_ylabel() == "force (N)" and len(figure.axes[0].lines) == 2
    shares = pd.DataFrame({"group": "a", "side": "left", "percent": time, "share": [0.2, 0.4, 0.6], "share_sd": 0.1})
    (ax,) = figures.share_curves(shares, {"a": "A"}, "t").axes
    assert ax.lines[0].get_ydata() == pytest.approx([20, 40, 60])
    errors = pd.DataFrame(
        {"event": ["initial_contact", "foot_off"], "threshold": 30.0, "side": "left", "error": [-5.0, 7.0]}
    )
    first, second = figures.timing_errors(errors, 30.0, "t").axes
    assert first.lines[0].get_ydata().tolist() == [-5.0] and second.lines[0].get_ydata().tolist() == [7.0]
    assert first.get_xticklabels()[0].get_text() == "30 *"
    lines = pd.DataFrame({"walk": "w", "side": ["left", "right"], "along": 10.0, "report": 3.0, "ours": 4.0})
    panels = figures.gait_lines(lines, "t").axes
    assert [ax.lines[1].get_xdata()[0] for ax in panels] == [4.0, -4.0]

"""Figures of the virtual treadmill: marks where the numbers are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy import figures
from gaitstudy.simulate.walker import Walker, simulate


def test_a_recorded_walk_is_drawn_in_its_units_from_its_start() -> None:
    sim = simulate(Walker(), 2)
    sole = sim.insoles.sel(side="right", drop=True)
    figure = figures.recorded_walk(sim.recording.markers, sim.recording.loads, sole, 1.5, "t")
    paths, forces, foot = figure.axes[:3]
    heel = sim.recording.markers.sel(marker="LHEE", axis="y").values
    assert paths.lines[0].get_ydata() == pytest.approx(heel[: len(paths.lines[0].get_ydata())])
    assert paths.lines[0].get_xdata()[0] == 0.0 and paths.lines[0].get_xdata()[-1] <= 1.5 + 1e-9
    assert [line.get_label() for line in forces.lines] == ["left belt", "right belt"]
    force = sim.recording.loads["force"].sel(plate="right", axis="y").values
    assert forces.lines[1].get_ydata() == pytest.approx(force[: len(forces.lines[1].get_ydata())])
    drawn = foot.collections[0]
    assert np.asarray(drawn.get_array()) == pytest.approx(sole["pressure"].max("time").values)
    medial = sole["position"].values[:, 1]
    assert np.asarray(drawn.get_offsets())[:, 0] == pytest.approx(-1000 * medial), (
        "the right foot's inner side is on the left"
    )
    assert all(ax.get_xlabel() and ax.get_ylabel() for ax in (paths, forces, foot))


def test_the_walker_lies_on_every_contact_and_their_span() -> None:
    percent = np.arange(101.0)
    people = pd.concat(
        pd.DataFrame({"percent": percent, "person": p, "contact": c, "kam": level})
        for p, c, level in (("a", "1", 0.2), ("a", "2", 0.4), ("b", "1", 0.3))
    )
    walker = pd.DataFrame({"percent": percent, "kam": 0.7})
    ax = figures.beside_people(people, walker, {"kam": "KAM (N m/kg)"}, "t").axes[0]
    levels = [line.get_ydata()[0] for line in ax.lines]
    assert levels == pytest.approx([0.2, 0.4, 0.3, 0.7, 0.0])
    edge = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (edge.min(), edge.max()) == pytest.approx((0.2, 0.4))
    assert ax.get_ylabel() == "KAM (N m/kg)"


def test_each_person_goes_through_zero_at_natural() -> None:
    rows = [(1, "pressure inside", 5.0), (1, "pressure outside", -4.0), (2, "pressure inside", 3.0),
            (2, "pressure outside", -6.0)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["person", "condition", "truth"])
    order = ["pressure outside", "natural", "pressure inside"]
    ax = figures.within_people(table, {"truth": "medial force"}, "t", order).axes[0]
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == [[-4.0, 0.0, 5.0], [-6.0, 0.0, 3.0]]
    assert [t.get_text().replace("\n", " ") for t in ax.get_xticklabels()] == order


def test_power_is_one_curve_a_number_of_people() -> None:
    table = pd.DataFrame({"n": [4, 4, 10, 10], "dz": [1.0, 2.0] * 2, "power": [0.3, 0.75, 0.8, 1.0]})
    ax = figures.power_curves(table, "t").axes[0]
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == [[0.3, 0.75], [0.8, 1.0]]
    assert [line.get_label() for line in ax.lines[:2]] == ["4 people", "10 people"]


def plane(by: float) -> pd.DataFrame:
    cop, knee = (a.ravel() for a in np.meshgrid(np.arange(-6.0, 7, 2), np.arange(0.0, 21, 2)))
    return pd.DataFrame({"cop_shift": cop, "knee_shift": knee, "change": by * (cop - knee)})


def test_the_line_that_is_asked_for_lies_where_the_map_reaches_it() -> None:
    ax = figures.pressure_knee_maps(plane(1.0), {"change": "tibia"}, "t", -18.0).axes[0]
    lines = [c for c in ax.collections if list(getattr(c, "levels", [])) == [-18.0]]
    points = lines[0].get_paths()[0].vertices
    assert points[:, 1] - points[:, 0] == pytest.approx(np.full(len(points), 18.0))


def test_a_map_that_never_reaches_the_line_draws_none() -> None:
    ax = figures.pressure_knee_maps(plane(0.1), {"change": "tibia"}, "t", -18.0).axes[0]
    assert not [c for c in ax.collections if list(getattr(c, "levels", [])) == [-18.0]]


def test_reported_changes_show_the_interval_and_say_where_there_is_none() -> None:
    table = pd.DataFrame(
        {
            "label": ["one", "two", "three"], "value": [-14.2, np.nan, -22.0], "low": [-20.0, np.nan, np.nan],
            "high": [-8.0, np.nan, np.nan], "n": [9.0, 32.0, np.nan], "kind": ["moment", "moment", "force"],
        }
    )  # fmt: skip
    ax = figures.reported_changes(table, "t", -18.0).axes[0]
    drawn = [list(line.get_xdata()) for line in ax.lines]
    assert [-20.0, -8.0] in drawn and [-14.2] in drawn and [-22.0] in drawn and [-18.0, -18.0] in drawn
    assert sum("not available" in text.get_text() for text in ax.texts) == 1
    assert [t.get_text() for t in ax.get_yticklabels()] == ["one", "two", "three"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the first row is on top"

"""What feet and insoles would do to the knee: links one by one, and the wedge that makes the published effect."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gaitstudy.simulate import knee_load
from gaitstudy.simulate.walker import Walker, stances
from gaitstudy.studies import foot_sweeps

PERSON = Walker()


# ---- closed form ----


def test_each_link_moves_only_what_it_says() -> None:
    assert foot_sweeps.press(PERSON, 5.0) == replace(PERSON, pressure_shift=0.005)
    assert foot_sweeps.turn_leg(PERSON, 5.0) == replace(PERSON, natural_angle=12.0)
    assert foot_sweeps.turn_foot(PERSON, 5.0) == replace(PERSON, natural_angle=12.0, foot_progression_angle=12.0)
    together = foot_sweeps.all_links(PERSON, 1.0)
    assert (together.pressure_shift, together.foot_progression_angle, together.natural_angle) == (0.005, 12.0, 17.0)
    for change in foot_sweeps.LINKS.values():
        assert change(PERSON, 0.0) == PERSON


def test_the_leg_turned_inwards_takes_the_knee_inwards_and_the_foot_does_not() -> None:
    def knee(walker: Walker) -> float:
        simulation = knee_load.walked(walker)
        start, end = stances(simulation, "right")[0]
        leg = simulation.legs["right"]["centre"].sel(axis="z", time=slice(start, start + 0.3 * (end - start)))
        return float((leg.sel(joint="knee") - leg.sel(joint="ankle")).mean())

    still = knee(PERSON)
    assert knee(foot_sweeps.turn_leg(PERSON, 5.0)) < still - 0.002  # the right knee's medial side is to the left
    assert knee(foot_sweeps.turn_foot(PERSON, 5.0)) == pytest.approx(still, abs=0.002)


def test_a_foot_type_alone_changes_the_print_and_no_load() -> None:
    table = foot_sweeps.by_foot_type(PERSON)
    for _, rows in table.groupby("shift"):
        assert rows["kam1"].nunique() == rows["medial"].nunique() == 1
        arch = rows.set_index("foot_type")["arch_0"]
        assert arch["flat"] > arch["normal"] > arch["high arch"]
    assert table["moved"].max() < 0.5


def test_a_constant_shift_leaves_the_bow_of_the_pressure_as_it_is() -> None:
    table = foot_sweeps.by_foot_type(PERSON).query("foot_type == 'normal'")
    assert np.ptp(table["cpei"]) < 1e-6 and table["cpei"].min() > 0
    load = table.set_index("shift")["kam1"]
    assert load[-5.0] < load[0.0] < load[5.0]


# ---- the wedge ----


def test_an_smd_is_the_change_over_the_spread_and_the_crossing_gives_the_pooled_effect_back() -> None:
    curves, crossings, pooled = foot_sweeps.wedge(), foot_sweeps.wedge_crossings(), foot_sweeps.pooled_wedge()
    spreads = foot_sweeps.spreads_between_people()
    base, moved = (foot_sweeps.by_pressure().query(f"value == {v} and frame == 'lab'")["kam1"].mean() for v in (0, -4))
    for row in spreads.itertuples():
        own = curves[(curves["setting"] == f"SD of {row.of}") & (curves["frame"] == "lab")].sort_values("value")
        at_four = own.loc[own["value"] == 4.0, "mean"].item()
        assert at_four == pytest.approx((moved - base) / row.sd)
        found = crossings[(crossings["sd"] == f"SD of {row.of}") & (crossings["frame"] == "lab")].iloc[0]
        back = [np.interp(found[k], own["value"], own["mean"]) for k in ("shift", "shift_low", "shift_high")]
        assert back == pytest.approx([pooled["effect"], pooled["high"], pooled["low"]])
        assert found["shift_low"] < found["shift"] < found["shift_high"]


def test_the_pooled_effect_is_the_one_published() -> None:
    pooled = foot_sweeps.pooled_wedge()
    assert (pooled["effect"], pooled["low"], pooled["high"], pooled["n"]) == (-0.19, -0.23, -0.15, 534)


# ---- what they say ----


def test_the_links_of_a_flat_foot_pull_the_knees_load_in_opposite_directions() -> None:
    table = foot_sweeps.by_size().query("frame == 'lab'")
    flat = table[table["value"] == 1.0].groupby("setting")["medial_change"]
    assert flat.min()["pressure medially"] > 0
    assert flat.max()["leg turned inwards"] < 0 and flat.max()["foot turned out"] < 0
    for _, rows in table.groupby(["setting", "person"]):
        steps = [b - a for a, b in pairwise(rows.sort_values("value")["medial_change"])]
        assert min(steps) > 0 or max(steps) < 0


@pytest.mark.parametrize("ways", [foot_sweeps.GAITS, foot_sweeps.POSTURES], ids=["gaits", "postures"])
def test_every_way_is_walked_by_everyone(ways: dict[str, foot_sweeps.Change]) -> None:
    table = foot_sweeps.by_way(ways)
    assert table.groupby("setting").size().to_dict() == dict.fromkeys(ways, 8)
    assert table["medial_change"].notna().all()
    lean = [name for name in ways if name.startswith("trunk leans")]
    moved = table[table["setting"].isin(lean)]["kam1_change"]
    assert ((moved > 0) if "away" in lean[0] else (moved < 0)).all()

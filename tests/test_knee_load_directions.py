"""What a posture does to the knee of a virtual person: directions, what a laboratory would read, what moves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gaitstudy.gait import footprint, posture, signals
from gaitstudy.io import results
from gaitstudy.simulate import knee_load
from gaitstudy.simulate.walker import Walker, simulate, stances

PERSON = Walker()
TWO = [PERSON, replace(PERSON, mass=60.0, height=1.62, speed=1.1)]


def walk(name: str, values: Sequence[float], **also: Any) -> pd.DataFrame:
    """Loads of two people with one input set to each value, others set throughout."""
    people = [replace(person, **also) for person in TWO]
    return knee_load.sweep(name, {name: 1.0}, values, people)


def test_a_leg_turned_inwards_takes_the_knee_inwards_and_a_foot_turned_out_does_not() -> None:
    def knee(walker: Walker) -> float:
        simulation = simulate(walker, 2)
        start, end = stances(simulation, "right")[0]
        leg = simulation.legs["right"]["centre"].sel(axis="z", time=slice(start, start + 0.3 * (end - start)))
        return float((leg.sel(joint="knee") - leg.sel(joint="ankle")).mean())

    still = knee(PERSON)
    assert knee(replace(PERSON, natural_angle=12.0)) < still - 0.002  # the right knee's medial side is to the left
    turned = replace(PERSON, natural_angle=12.0, foot_progression_angle=12.0)
    assert knee(turned) == pytest.approx(still, abs=0.002)


def test_a_foot_type_changes_the_print_and_no_load() -> None:
    arch, load = {}, {}
    for foot_type in ("high arch", "normal", "flat"):
        person = replace(PERSON, foot_type=foot_type)
        sole = simulate(person, 2).insoles.sel(side="right", drop=True)
        peak = sole["pressure"].max("time", keep_attrs=True)
        arch[foot_type] = float(footprint.arch_index(peak, sole["position"], sole["area"]))
        load[foot_type] = tuple(knee_load.knee_load(person)["kam1"])
    assert arch["high arch"] < arch["normal"] < arch["flat"] and len(set(load.values())) == 1


def test_a_drop_put_in_is_the_drop_read_and_the_hip_adducts_by_it() -> None:
    def read(walker: Walker) -> tuple[float, float]:
        simulation = simulate(walker, 2)
        marks, (start, end) = simulation.recording.markers, stances(simulation, "right")[0]
        left, right = (marks.sel(marker=name, drop=True) for name in ("LASI", "RASI"))
        back = marks.sel(marker=["LPSI", "RPSI"]).mean("marker").assign_attrs(marks.attrs)
        thigh = simulation.legs["right"]["axes"].sel(segment="thigh", drop=True)
        hip = posture.joint_angles(posture.pelvis_axes(left, right, back), thigh, "right")["adduction"]
        both = (posture.pelvic_drop(left, right, "right"), hip)
        curves = [signals.normalise_time(angle, [start], [end]).sel(percent=slice(15, 40)) for angle in both]
        return float(curves[0].mean()), float(curves[1].mean())

    level = read(PERSON)
    for share in (1.0, 0.5, 0.0):
        drop, adduction = read(replace(PERSON, pelvic_drop=5.0, trunk_follows=share))
        assert drop == pytest.approx(5.0, abs=0.05) and 4.5 < adduction - level[1] < 7.5
    assert level[0] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("frame", knee_load.FRAMES)
def test_knock_knees_take_load_off_the_inner_side_and_put_it_on_the_outer(frame: str) -> None:
    table = walk("varus", [-6.0, -3.0, 0.0, 3.0]).query("frame == @frame")
    for _, rows in table.groupby("person"):
        own = rows.set_index("value").sort_index()
        assert (np.diff(own["medial"]) > 0).all() and (np.diff(own["kam1"]) > 0).all()
        assert (np.diff(own["lateral"]) <= 0).all() and own["lateral"].min() >= 0 and own["share"].max() <= 100 + 1e-9


def test_a_dropping_pelvis_loads_the_knee_by_way_of_the_trunk() -> None:
    rise = [walk("pelvic_drop", [4.0], trunk_follows=share)["peak_change"].mean() for share in (1.0, 0.5, 0.0)]
    assert rise[0] > 1.7 * rise[1] > 0 and rise[1] > 3 * abs(rise[2])


def test_a_lean_over_the_foot_lowers_and_one_away_raises() -> None:
    table = walk("trunk_lean", [-5.0, 0.0, 5.0]).query("frame == 'tibia'")
    assert (np.diff(table.pivot(index="value", columns="person", values="kam1").to_numpy(), axis=0) < 0).all()


def test_three_real_people_stand_and_walk() -> None:
    table = results.kept("standing_alignment")
    assert len(table) == 3 and table["varus"].between(-10, 10).all() and table["kam"].between(0.1, 0.8).all()

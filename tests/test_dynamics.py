"""Segment inertia and Newton-Euler: pendulums, weights and falls, then MuJoCo and OpenSim on a random chain."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from gaitstudy.conventions import GRAVITY, SIDES, GaitStudyError, UnitError
from gaitstudy.io import catalogue
from gaitstudy.io.plates import wrench
from gaitstudy.load.knee import (
    DE_LEVA,
    ChainMotion,
    _angular_velocity,
    _second_derivative,
    _segment_inertia,
    leg_loads,
    newton_euler,
)
from gaitstudy.load.skeleton import SEGMENTS, gather_leg, leg_from_markers
from tests import synthetic

ORACLE = Path(__file__).parent / "oracles" / "random_chain.py"
JOINTS = ("ankle", "knee", "hip")


# ---- closed form: segment inertia ----


@pytest.mark.parametrize(
    ("sex", "mass", "centre", "inertia"),
    [  # M = 80 kg, L = .40 m, shank; about the forward, long and sideways axis
        ("male", 3.4640, 0.17580, (0.034918, 0.005766, 0.033540)),
        ("female", 3.8480, 0.17408, (0.043891, 0.005211, 0.042586)),
    ],
)
def test_shanks_of_the_methods_sheet(sex: str, mass: float, centre: float, inertia: tuple[float, ...]) -> None:
    own, distance, moments = _segment_inertia("shank", 80, 0.40, sex)
    assert (round(own, 4), round(distance, 5)) == (mass, centre)
    assert moments.round(6).tolist() == list(inertia)


def test_the_tables_are_the_published_ones() -> None:
    # mass, centre, and radii about the sagittal (forward), transverse (sideways) and long axis; de Leva 1996
    published = {
        ("male", "thigh"): (0.1416, 0.4095, 0.329, 0.329, 0.149),
        ("male", "shank"): (0.0433, 0.4395, 0.251, 0.246, 0.102),
        ("female", "thigh"): (0.1478, 0.3612, 0.369, 0.364, 0.162),
        ("female", "shank"): (0.0481, 0.4352, 0.267, 0.263, 0.092),
    }  # fmt: skip
    for (sex, segment), values in published.items():
        mass, centre, forward, long, sideways = DE_LEVA[segment, sex]
        assert (mass, centre, forward, sideways, long) == values
    # the foot's long axis points forward; its sagittal axis points up
    assert DE_LEVA["foot", "male"] == (0.0137, 0.4415, 0.124, 0.257, 0.245)
    assert DE_LEVA["foot", "female"] == (0.0129, 0.4014, 0.139, 0.299, 0.279)


def test_without_a_sex_it_is_the_mean_of_both() -> None:
    male, female, mean = (_segment_inertia("thigh", 100.0, 1.0, sex) for sex in ("male", "female", None))
    assert mean[:2] == pytest.approx(((male[0] + female[0]) / 2, (male[1] + female[1]) / 2), abs=1e-12)


@pytest.mark.parametrize("mass", [0.0, -70.0, float("nan"), 70_000.0])
def test_no_segment_of_an_impossible_person(mass: float) -> None:
    with pytest.raises(UnitError, match="mass: expected 2-350 kg"):
        leg_loads(still_leg(np.zeros(5)), ground(np.arange(5) / 100, np.zeros(3), np.zeros(3)), "P", mass)


@given(st.floats(20, 150), st.floats(0.1, 0.6), st.floats(1.1, 2.0))
def test_inertia_grows_with_mass_and_with_the_square_of_length(mass: float, length: float, factor: float) -> None:
    one = _segment_inertia("thigh", mass, length)
    two = _segment_inertia("thigh", mass * factor, length * factor)
    assert two[0] == pytest.approx(one[0] * factor) and two[1] == pytest.approx(one[1] * factor)
    assert two[2] == pytest.approx(one[2] * factor**3)


# ---- closed form: derivatives ----


def test_derivatives_are_exact_on_parabolas() -> None:
    time = np.arange(50) / 100
    parabola = np.stack([3 * time**2 - time, 1 + 0 * time, -4.905 * time**2], -1)
    assert _second_derivative(parabola, 100.0) == pytest.approx(np.broadcast_to([6.0, 0.0, -9.81], (50, 3)), abs=1e-9)


def test_a_gap_spreads_by_one_sample() -> None:
    values = np.arange(20.0)[:, None] * np.ones(3)
    values[10] = np.nan
    assert np.flatnonzero(np.isnan(_second_derivative(values, 1.0)).any(1)).tolist() == [9, 10, 11]


def test_angular_velocity_of_a_steady_turn() -> None:
    rate, speed = 1000.0, np.array([0.4, -1.1, 2.0])
    size = np.linalg.norm(speed)
    k = speed / size
    skew = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    angle = size * np.arange(400) / rate
    turn = np.eye(3) + np.sin(angle)[:, None, None] * skew + (1 - np.cos(angle))[:, None, None] * (skew @ skew)
    found = _angular_velocity(np.swapaxes(turn, 1, 2), rate)  # rows are the segment's axes
    expected = speed * np.sin(size / rate) / (size / rate)  # what central differences make of a steady turn
    assert found[1:-1] == pytest.approx(np.broadcast_to(expected, (398, 3)), abs=1e-12)


# ---- closed form: Newton-Euler ----


def chain(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """A random state of three segments, distal first."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(n, 3, 3, 3)))[0]
    return {
        "mass": rng.uniform(1, 8, 3),
        "inertia": rng.uniform(0.005, 0.1, (3, 3)),
        "axes": axes * np.linalg.det(axes)[..., None, None],
        "centre_of_mass": rng.normal(size=(n, 3, 3)),
        "acceleration": rng.normal(size=(n, 3, 3)) * 5,
        "angular_velocity": rng.normal(size=(n, 3, 3)) * 3,
        "angular_acceleration": rng.normal(size=(n, 3, 3)) * 20,
        "proximal": rng.normal(size=(n, 3, 3)),
        "external_force": rng.normal(size=(n, 3)) * 300,
        "external_moment": rng.normal(size=(n, 3)) * 50,
    }


def test_a_hanging_leg_carries_its_weight() -> None:
    state = chain(4) | {k: np.zeros((4, 3, 3)) for k in ("acceleration", "angular_velocity", "angular_acceleration")}
    state |= {"external_force": np.zeros((4, 3)), "external_moment": np.zeros((4, 3))}
    force, moment = solved(**state)
    below = np.cumsum(state["mass"])
    assert force == pytest.approx(np.broadcast_to(below[:, None] * [0, GRAVITY, 0], (4, 3, 3)), abs=1e-12)
    weight = state["mass"][:, None] * np.array([0.0, GRAVITY, 0.0])
    for joint in range(3):
        arms = state["centre_of_mass"][:, : joint + 1] - state["proximal"][:, joint, None]
        assert moment[:, joint] == pytest.approx(np.cross(arms, weight[: joint + 1]).sum(1), abs=1e-11)


def test_standing_on_a_force_carries_it_up_the_chain() -> None:
    state = chain(3) | {k: np.zeros((3, 3, 3)) for k in ("acceleration", "angular_velocity", "angular_acceleration")}
    point = np.array([0.1, 0.0, -0.05])
    push = np.array([30.0, 800.0, -40.0])
    state |= {"mass": np.zeros(3), "external_force": np.tile(push, (3, 1))}
    state |= {"external_moment": np.tile(np.cross(point, push), (3, 1))}
    force, moment = solved(**state)
    assert force == pytest.approx(np.broadcast_to(-push, (3, 3, 3)))
    assert moment == pytest.approx(-np.cross(point - state["proximal"], push), abs=1e-11)


def test_a_free_fall_loads_nothing() -> None:
    state = chain(5) | {"acceleration": np.broadcast_to([0.0, -GRAVITY, 0.0], (5, 3, 3))}
    state |= {k: np.zeros((5, 3, 3)) for k in ("angular_velocity", "angular_acceleration")}
    state |= {"external_force": np.zeros((5, 3)), "external_moment": np.zeros((5, 3))}
    for load in solved(**state):
        assert np.abs(load).max() < 1e-12


def solved(
    mass: np.ndarray, inertia: np.ndarray, external_force: np.ndarray, external_moment: np.ndarray, **other: Any
) -> tuple[np.ndarray, np.ndarray]:
    gravity = other.pop("gravity", GRAVITY)
    return newton_euler(mass, inertia, ChainMotion(**other), external_force, external_moment, gravity)


def pendulum(angle: float, speed: float) -> dict[str, np.ndarray | float]:
    """A physical pendulum (one segment) swinging about z through the origin: state and the laws of its motion."""
    mass, far, inertia = 3.5, 0.18, np.array([0.05, 0.006, 0.048])
    acceleration = -mass * GRAVITY * far * np.sin(angle) / (inertia[2] + mass * far**2)
    along = np.array([np.sin(angle), -np.cos(angle), 0.0])
    across = np.array([np.cos(angle), np.sin(angle), 0.0])
    return {
        "mass": np.array([mass]),
        "inertia": inertia[None],
        "axes": np.array([[[across, -along, [0.0, 0.0, 1.0]]]]),
        "centre_of_mass": far * along[None, None],
        "acceleration": far * (acceleration * across - speed**2 * along)[None, None],
        "angular_velocity": np.array([[[0.0, 0.0, speed]]]),
        "angular_acceleration": np.array([[[0.0, 0.0, acceleration]]]),
        "proximal": np.zeros((1, 1, 3)),
        "external_force": np.zeros((1, 3)),
        "external_moment": np.zeros((1, 3)),
    }


@given(st.floats(-3, 3), st.floats(-8, 8))
def test_a_pendulum_needs_no_moment_at_its_pivot(angle: float, speed: float) -> None:
    state = pendulum(angle, speed)
    force, moment = solved(**state)
    assert np.abs(moment).max() < 1e-12
    mass, far, inertia = 3.5, 0.18, 0.048
    along = np.array([np.sin(angle), -np.cos(angle), 0.0])
    across = np.array([np.cos(angle), np.sin(angle), 0.0])
    ratio = mass * far**2 / (inertia + mass * far**2)
    pull = -mass * (GRAVITY * np.cos(angle) + far * speed**2) * along  # textbook reaction, towards the pivot
    aside = mass * GRAVITY * np.sin(angle) * (1 - ratio) * across
    assert force[0, 0] == pytest.approx(pull + aside, abs=1e-11)


def test_a_top_needs_the_gyroscopic_moment() -> None:
    # spin s about its own axis (horizontal, x), precession p about the vertical: I_spin s p across
    spin, turn, inertia = 30.0, 2.0, np.array([0.02, 0.05, 0.05])
    zero = np.zeros((1, 1, 3))
    _, moment = newton_euler(
        np.array([1.0]), inertia[None],
        ChainMotion(np.eye(3)[None, None], zero, zero, np.array([[[spin, turn, 0.0]]]),
                    np.array([[[0.0, 0.0, -spin * turn]]]), zero),
        np.array([[0.0, GRAVITY, 0.0]]), np.zeros((1, 3)),
    )  # fmt: skip
    # I alpha + omega x I omega: z gets I_yy (-s p) + (I_yy - I_xx) s p = -I_xx s p
    assert moment[0, 0] == pytest.approx([0.0, 0.0, -inertia[0] * spin * turn], abs=1e-12)


def test_segments_that_move_as_one_body_load_the_hip_like_one_body() -> None:
    rng = np.random.default_rng(8)
    mass, inertia = np.array([1.1, 3.5, 8.0]), rng.uniform(0.01, 0.1, (3, 3))
    centres = np.array([[0.05, -0.85, 0.0], [0.0, -0.60, 0.01], [0.01, -0.20, 0.0]])
    spin, turning, start = rng.normal(size=3) * 2, rng.normal(size=3) * 9, rng.normal(size=3)
    moving = start + np.cross(turning, centres) + np.cross(spin, np.cross(spin, centres))
    push, about = rng.normal(size=(1, 3)) * 200, rng.normal(size=(1, 3)) * 20
    many = newton_euler(
        mass, inertia,
        ChainMotion(np.broadcast_to(np.eye(3), (1, 3, 3, 3)), centres[None], moving[None], np.tile(spin, (1, 3, 1)),
                    np.tile(turning, (1, 3, 1)), np.zeros((1, 3, 3))),
        push, about,
    )  # fmt: skip
    total = mass.sum()
    middle = mass @ centres / total
    away = centres - middle
    tensor = sum(
        np.diag(i) + m * ((d @ d) * np.eye(3) - np.outer(d, d)) for i, m, d in zip(inertia, mass, away, strict=True)
    )
    values, vectors = np.linalg.eigh(tensor)
    vectors = vectors * np.linalg.det(vectors)
    one = newton_euler(
        np.array([total]), values[None],
        ChainMotion(vectors.T[None, None], middle[None, None],
                    (start + np.cross(turning, middle) + np.cross(spin, np.cross(spin, middle)))[None, None],
                    spin[None, None], turning[None, None], np.zeros((1, 1, 3))),
        push, about,
    )  # fmt: skip
    for whole, part in zip(one, many, strict=True):
        assert part[0, -1] == pytest.approx(whole[0, 0], rel=1e-12, abs=1e-10)


def test_the_running_sum_is_the_recursion_from_joint_to_joint() -> None:
    state = chain(50, 3)
    force, moment = solved(**state)
    for t in range(50):
        below, turn = -state["external_force"][t], None
        for s in range(3):
            axes, com = state["axes"][t, s], state["centre_of_mass"][t, s]
            inertia = axes.T @ np.diag(state["inertia"][s]) @ axes
            spin, turning = state["angular_velocity"][t, s], state["angular_acceleration"][t, s]
            here = below + state["mass"][s] * (state["acceleration"][t, s] + [0, GRAVITY, 0])
            own = inertia @ turning + np.cross(spin, inertia @ spin)
            joint = state["proximal"][t, s]
            if turn is None:
                distal = -state["external_moment"][t] + np.cross(com, state["external_force"][t])
            else:
                distal = turn + np.cross(state["proximal"][t, s - 1] - com, below)
            turn = own + distal - np.cross(joint - com, here)
            assert force[t, s] == pytest.approx(here, abs=1e-9)
            assert moment[t, s] == pytest.approx(turn, abs=1e-9)
            below = here


# ---- invariance ----


@given(st.floats(0.1, 10))
def test_heavier_bodies_under_heavier_loads(factor: float) -> None:
    state = chain(3, 4)
    heavy = state | {k: state[k] * factor for k in ("mass", "inertia", "external_force", "external_moment")}
    for one, other in zip(solved(**state), solved(**heavy), strict=True):
        assert other == pytest.approx(one * factor, rel=1e-12, abs=1e-9)


@given(st.floats(0.2, 5))
def test_slower_motion_without_gravity_or_ground(factor: float) -> None:
    state = chain(3, 5) | {k: np.zeros((3, 3)) for k in ("external_force", "external_moment")}
    slow = state | {k: state[k] / factor**2 for k in ("acceleration", "angular_acceleration")}
    slow |= {"angular_velocity": state["angular_velocity"] / factor}
    for one, other in zip(solved(**state, gravity=0.0), solved(**slow, gravity=0.0), strict=True):
        assert other * factor**2 == pytest.approx(one, rel=1e-11, abs=1e-9)


def test_larger_bodies() -> None:
    state, factor = chain(3, 6), 1.7
    large = state | {k: state[k] * factor for k in ("centre_of_mass", "acceleration", "proximal", "external_moment")}
    large |= {"inertia": state["inertia"] * factor**2}
    small, big = solved(**state, gravity=GRAVITY), solved(**large, gravity=GRAVITY * factor)
    first = state["mass"][:, None] * state["acceleration"] + state["mass"][:, None] * [0, GRAVITY, 0]
    assert big[0] == pytest.approx(small[0] + (factor - 1) * np.cumsum(first, axis=1), rel=1e-12)
    unloaded = {k: np.zeros((3, 3)) for k in ("external_force", "external_moment")}
    small = solved(**(state | unloaded), gravity=GRAVITY)
    big = solved(**(large | unloaded), gravity=GRAVITY * factor)
    assert big[0] == pytest.approx(small[0] * factor, rel=1e-12)
    assert big[1] == pytest.approx(small[1] * factor**2, rel=1e-11, abs=1e-9)


def test_origin_and_direction_of_the_lab_do_not_matter() -> None:
    state = chain(4, 7)
    force, moment = solved(**state)
    shift = np.array([3.0, -2.0, 5.0])
    moved = state | {k: state[k] + shift for k in ("centre_of_mass", "proximal")}
    moved |= {"external_moment": state["external_moment"] + np.cross(shift, state["external_force"])}
    turn = synthetic.rotation("y", 0.9)
    vectors = [k for k in state if k not in ("mass", "inertia")]
    turned = state | {k: state[k] @ turn.T for k in vectors}
    for other, matrix in ((moved, np.eye(3)), (turned, turn)):
        found = solved(**other)
        assert np.abs(found[0] - force @ matrix.T).max() < 1e-9
        assert np.abs(found[1] - moment @ matrix.T).max() < 1e-9


# ---- whole legs ----


def still_leg(height: np.ndarray, rate: float = 100.0) -> xr.Dataset:
    """A straight leg whose joints lie above each other, moved up and down as a whole."""
    time = np.arange(len(height)) / rate
    spots = {
        "hip": (0, 0.9, 0),
        "knee": (0, 0.48, 0),
        "ankle": (0, 0.08, 0),
        "heel": (-0.06, 0, 0),
        "toe": (0.19, 0, 0),
    }
    at = {k: np.array(v, float) + height[:, None] * [0, 1, 0] for k, v in spots.items()}
    axes = np.broadcast_to(np.eye(3), (len(time), 3, 3))
    return gather_leg("right", time, at, {"shank": axes, "thigh": axes})


def ground(time: np.ndarray, push: np.ndarray, where: np.ndarray) -> xr.Dataset:
    force = np.broadcast_to(push, (len(time), 1, 3))
    return wrench(time, ["P"], force, np.cross(where, force), np.zeros(1))


def test_a_standing_leg_by_hand() -> None:
    leg = still_leg(np.zeros(30))
    loads = ground(leg["time"].values, np.array([0.0, 400.0, 0.0]), np.array([0.05, 0.0, -0.01]))
    found = leg_loads(leg, loads, "P", 80.0, sex="male")
    foot, shank, thigh = (_segment_inertia(s, 80, 1.0, "male")[0] * GRAVITY for s in SEGMENTS)
    up = found["force"].sel(axis="y").values[0]
    assert up == pytest.approx(np.cumsum([foot, shank, thigh]) - 400.0, abs=1e-9)
    ahead = -0.06 + 0.4415 * 0.25  # of the foot's centre of mass; shank and thigh hang straight
    moment = found["moment"].sel(joint="knee").values[0]
    # the ground turns the shank by (cop - knee) x F, the foot's weight by its own lever; the joint resists both
    assert moment == pytest.approx([-(0.01 * 400.0), 0.0, ahead * foot - 0.05 * 400.0], abs=1e-9)
    assert found["moment"].attrs["units"] == "N m" and found.attrs == {"side": "right"}


def test_a_falling_leg_feels_nothing() -> None:
    time = np.arange(30) / 100
    leg = still_leg(-GRAVITY * time**2 / 2)
    found = leg_loads(leg, ground(time, np.zeros(3), np.zeros(3)), "P", 80.0)
    assert np.abs(found["force"]).max() < 1e-8 and np.abs(found["moment"]).max() < 1e-9


def test_a_leg_without_a_hip_stops_at_the_knee() -> None:
    whole = still_leg(np.zeros(20))
    leg = whole.copy(deep=True)
    leg["centre"].loc[{"joint": "hip"}] = np.nan
    leg["axes"].loc[{"segment": "thigh"}] = np.nan
    loads = ground(leg["time"].values, np.array([20.0, 700.0, -30.0]), np.array([0.05, 0.0, 0.01]))
    found = leg_loads(leg, loads, "P", 80.0)
    assert found["joint"].values.tolist() == ["ankle", "knee"]
    assert np.array_equal(found["moment"].values, leg_loads(whole, loads, "P", 80.0)["moment"].values[:, :2])


def test_forces_on_another_clock_are_refused() -> None:
    leg = still_leg(np.zeros(20))
    for time in (np.arange(40) / 200, np.arange(20) / 100 + 0.001):
        with pytest.raises(GaitStudyError, match=r"expected forces on the markers' 20 times.*resample first"):
            leg_loads(leg, ground(time, np.zeros(3), np.zeros(3)), "P", 80.0)


def test_a_swinging_leg_built_of_formulas_obeys_the_equations() -> None:
    """The numerical derivatives inside ``leg_loads`` converge on the exact ones of a leg swinging as one pendulum."""
    errors = []
    for rate in (100.0, 200.0):
        time = np.arange(int(2 * rate)) / rate
        angle, turning = 0.5 * np.sin(4 * time), -8.0 * np.sin(4 * time)
        turn = synthetic.rotation("z", angle)
        spots = {"knee": (0, -0.42, 0), "ankle": (0, -0.82, 0), "heel": (-0.06, -0.9, 0), "toe": (0.19, -0.9, 0)}
        at = {k: turn @ np.array(v, float) for k, v in spots.items()}
        axes = np.swapaxes(turn, 1, 2)
        at["hip"] = np.zeros((len(time), 3))
        leg = gather_leg("left", time, at, {"shank": axes, "thigh": axes})
        found = leg_loads(leg, ground(time, np.zeros(3), np.zeros(3)), "P", 75.0)["moment"].sel(joint="hip", axis="z")
        total, first = 0.0, 0.0
        for segment, (start, end) in {
            "foot": ("heel", "toe"),
            "shank": ("knee", "ankle"),
            "thigh": ("", "knee"),
        }.items():
            a, b = (np.array(spots.get(k, (0, 0, 0)), float) for k in (start, end))
            mass, share, inertia = _segment_inertia(segment, 75.0, float(np.linalg.norm(b - a)))
            com = a + share / np.linalg.norm(b - a) * (b - a)
            total += inertia[2] + mass * (com @ com)
            first = first + mass * GRAVITY * (com[0] * np.cos(angle) - com[1] * np.sin(angle))
        errors.append(float(np.abs(found.values - (total * turning + first))[5:-5].max()))
    assert errors[0] < 0.05 and errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)  # second order


@pytest.mark.parametrize("side", SIDES)
def test_mirrored_legs_carry_the_same_loads(side: str) -> None:
    trial, static = synthetic.recording(), synthetic.static_trial()
    swap = {str(m): synthetic.other_side(str(m)) for m in trial.markers["marker"].values}
    image = synthetic.mirrored(trial, swap)
    image_static = synthetic.mirrored(type(trial)("static", static), swap).markers
    other, plate = {"left": ("right", "1"), "right": ("left", "2")}[side]
    one = leg_loads(leg_from_markers(trial.markers, synthetic.NAMES, side, static=static), trial.loads, plate, 71.0)
    two = leg_loads(
        leg_from_markers(image.markers, synthetic.NAMES, other, static=image_static), image.loads, plate, 71.0
    )
    assert np.abs(one["force"].values * [1, 1, -1] - two["force"].values).max() < 1e-9
    assert np.abs(one["moment"].values * [-1, -1, 1] - two["moment"].values).max() < 1e-9


# ---- independent programs: MuJoCo and OpenSim on a random moving chain ----


def chain_loads(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Our loads for the oracle's table: force and moment by joint."""

    def vector(stem: str) -> np.ndarray:
        return table[[f"{stem}_{c}" for c in "xyz"]].to_numpy()

    def stack(kind: str) -> np.ndarray:
        return np.stack([vector(f"{s}_{kind}") for s in SEGMENTS], 1)

    axes = np.stack(
        [table[[f"{s}_r{i}{j}" for i in (1, 2, 3) for j in (1, 2, 3)]].to_numpy().reshape(-1, 3, 3) for s in SEGMENTS],
        1,
    )
    push = vector("force")
    force, moment = newton_euler(
        np.array([table[f"{s}_mass"].iloc[0] for s in SEGMENTS]),
        np.stack([vector(f"{s}_inertia")[0] for s in SEGMENTS]),
        ChainMotion(
            np.swapaxes(axes, -1, -2),  # theirs: segment to ground; ours: rows are the segment's axes
            *(stack(kind) for kind in ("com", "acc", "omega", "alpha")),
            np.stack([vector(f"{j}_centre") for j in JOINTS], 1),
        ),
        push,
        vector("free_moment") + np.cross(vector("force_point"), push),
        gravity=-float(table["gravity_y"].iloc[0]),
    )
    return {f"{j}_{k}": v[:, n] for n, j in enumerate(JOINTS) for k, v in (("force", force), ("moment", moment))}


def disagreement(table: pd.DataFrame, program: str) -> float:
    """Largest difference over all joints, relative to the vector's root mean square."""
    largest = 0.0
    for name, ours in chain_loads(table).items():
        theirs = table[[f"{program}_{name}_{c}" for c in "xyz"]].to_numpy()
        largest = max(largest, float(np.abs(ours - theirs).max() / np.sqrt((theirs**2).sum(1).mean())))
    return largest


@pytest.mark.parametrize("program", ["mujoco", "opensim"])
def test_newton_euler_against_the_committed_numbers(program: str) -> None:
    table = pd.read_csv(catalogue.data_folder() / "reference" / "random_chain.csv")
    assert len(table) == 40
    assert disagreement(table, program) <= 1e-6
    assert disagreement(table, program) <= 1e-12  # what it really is: rounding


def oracle() -> ModuleType:
    for program in ("mujoco", "opensim"):
        if importlib.util.find_spec(program) is None:
            pytest.skip(f"{program} is not installed: the committed numbers were used")
    spec = importlib.util.spec_from_file_location("random_chain", ORACLE)
    if spec is None or spec.loader is None:
        raise ImportError(str(ORACLE))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_newton_euler_against_both_programs_now() -> None:
    module = oracle()
    table = module.run(seed=5, instants=12)
    assert table.attrs["loads_difference"] < 1e-9, "the two programs must agree with each other first"
    for program in ("mujoco", "opensim"):
        assert disagreement(table, program) <= 1e-6


def test_the_committed_numbers_are_what_the_script_gives() -> None:
    made = oracle().run()
    kept = pd.read_csv(catalogue.data_folder() / "reference" / "random_chain.csv")
    assert list(made.columns) == list(kept.columns)
    scale = kept.abs().max().clip(lower=1e-9)
    assert float(((made - kept).abs().max() / scale).max()) < 1e-9

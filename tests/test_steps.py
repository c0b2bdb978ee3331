"""Steps: where the walker heads, how fast the belt runs, and the width of steps against closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy.conventions import SIDES, DimensionError, GaitStudyError
from gaitstudy.gait.steps import (
    belt_velocity,
    local_direction,
    step_width,
    stride_directions,
    travel_direction,
)
from gaitstudy.io import catalogue, motion
from gaitstudy.load.skeleton import find, marker_map
from gaitstudy.pipeline import _direction_at
from tests import synthetic

TIME = np.arange(801) / 100


def foot(contacts: list[float], places: list[float], z: float, belt: float = 0.0, stance: float = 0.66) -> xr.DataArray:
    """An ankle planted at ``places`` (m, ground) from each contact on, swinging to the next; the ground moves back.

    The swing lasts from foot off to the next contact; ``places`` are the lab positions at the contacts.
    """
    x, y = np.empty_like(TIME), np.zeros_like(TIME)
    for k, t in enumerate(TIME):
        i = int(np.clip(np.searchsorted(contacts, t + 1e-9) - 1, 0, len(contacts) - 1))
        start, off = contacts[i], contacts[i] + stance
        x[k] = places[i] - belt * (min(t, off) - start)
        if t > off and i + 1 < len(contacts):
            share = (t - off) / (contacts[i + 1] - off)
            x[k] += (places[i + 1] - x[k]) * share
            y[k] = 0.12 * np.sin(np.pi * share)
    return synthetic.point(np.stack([x, 0.08 + y, np.full_like(TIME, z)], -1), TIME)


def table(left: list[float], right: list[float], stance: float = 0.66) -> pd.DataFrame:
    rows = [
        {"side": s, "stride": k, "ic_time": t, "fo_time": t + stance, "next_ic_time": (own[k + 1 :] or [np.nan])[0]}
        for s, own in (("left", left), ("right", right))
        for k, t in enumerate(own)
    ]
    return pd.DataFrame(rows)


LEFT, RIGHT = [0.5, 1.6, 2.7, 3.8], [1.05, 2.15, 3.25, 4.35]
STRIDES = table(LEFT, RIGHT)


def overground() -> tuple[xr.DataArray, xr.DataArray]:
    """Strides of 1.30 m, left steps of .60 and right steps of .70 m, .16 m apart."""
    return (
        foot(LEFT, [1.3 * k for k in range(4)], -0.09),
        foot(RIGHT, [0.70 + 1.3 * k for k in range(4)], 0.07),
    )


# ---- closed form ----


def test_width_of_every_step_that_is_seen() -> None:
    found = step_width(STRIDES, *overground())
    assert found.to_numpy().reshape(2, 4)[:, :3] == pytest.approx(0.16, abs=1e-12)
    assert found.to_numpy().reshape(2, 4)[:, 3:].tolist() == [[pytest.approx(np.nan, nan_ok=True)]] * 2
    assert step_width(STRIDES[STRIDES["side"] == "left"], *overground()).isna().all()
    assert step_width(STRIDES.iloc[:0], *overground()).empty


# ---- direction of travel ----


def heading(angle: float) -> np.ndarray:
    return np.array([np.cos(angle), 0.0, -np.sin(angle)])


@pytest.mark.parametrize("angle", np.linspace(-3.1, 3.1, 9))
def test_travel_overground_is_the_displacement_of_the_pelvis(angle: float) -> None:
    matrix = synthetic.rotation("y", angle).T
    path = np.stack([1.2 * TIME, 1.0 + 0.03 * np.sin(11 * TIME), 0.02 * np.sin(np.pi * TIME)], -1) @ matrix
    pelvis = synthetic.point(path, TIME)
    pelvis = pelvis.where((pelvis["time"] > 0.2) & (pelvis["time"] < 7.5))  # lost at both ends
    found = travel_direction(pelvis, [synthetic.point(np.zeros(3), TIME)] * 2)
    assert found[1] == 0.0 and np.linalg.norm(found) == pytest.approx(1.0, abs=1e-12)
    assert np.degrees(np.arccos(found @ heading(angle))) < 0.5  # the sway is part of the displacement


@pytest.mark.parametrize("angle", np.linspace(-3.1, 3.1, 9))
def test_travel_on_a_treadmill_is_against_the_belt(angle: float) -> None:
    matrix = synthetic.rotation("y", angle).T
    sway = np.stack([0.05 * np.sin(TIME), np.ones_like(TIME), 0.03 * np.cos(5 * TIME)], -1)
    feet = [foot(LEFT, [0.3] * 4, -0.09, belt=1.2), foot(RIGHT, [0.3] * 4, 0.07, belt=1.2)]
    feet = [f.isel(time=slice(105, 435)) for f in feet]
    pelvis = synthetic.point(sway @ matrix, TIME).isel(time=slice(105, 435))
    feet = [f.copy(data=f.values @ matrix) for f in feet]
    found = travel_direction(pelvis, feet)
    assert found @ heading(angle) == pytest.approx(1.0, abs=1e-9)
    assert belt_velocity(feet) == pytest.approx(1.2 * heading(angle), abs=1e-9)
    assert not belt_velocity(list(overground())).any()


def headings(pelvis: xr.DataArray, **more: float) -> np.ndarray:
    """Local direction as an angle from x towards z, deg."""
    found = local_direction(pelvis, **more)
    assert found.dims == ("time", "axis") and found.attrs["units"] == "1" and (found.sel(axis="y") == 0).all()
    assert np.linalg.norm(found.values, axis=1) == pytest.approx(1.0, abs=1e-12)
    return np.degrees(np.arctan2(found.values[:, 2], found.values[:, 0]))


def test_the_local_direction_follows_a_circle_and_forgets_the_sway() -> None:
    turn = 1.2 * TIME / 4.0  # rad, at 1.2 m/s on a radius of 4 m
    radius = 4.0 + 0.03 * np.sin(2 * np.pi * TIME / 1.1)
    pelvis = synthetic.point(np.stack([radius * np.sin(turn), 1 + 0 * turn, radius * (1 - np.cos(turn))], -1), TIME)
    inside = (TIME >= 0.55) & (TIME <= TIME[-1] - 0.55)
    assert np.abs(headings(pelvis, window=1.1) - np.degrees(turn))[inside].max() < 1.0


def test_the_local_direction_turns_back_and_holds_where_the_person_stands() -> None:
    out = np.interp(TIME, [0.0, 1.0, 3.5, 4.5, 7.0], [0.0, 0.0, 3.0, 3.0, 0.0])
    pelvis = synthetic.point(np.stack([out, 1 + 0 * out, 0.002 * np.sin(TIME)], -1), TIME)
    found = headings(pelvis.where((pelvis["time"] < 2.0) | (pelvis["time"] > 2.1)))
    assert np.abs(found[TIME < 3.9]).max() < 1.0 and np.abs(180 - np.abs(found[TIME > 4.1])).max() < 1.0


def test_the_local_direction_on_a_belt_is_against_it_however_the_pelvis_drifts() -> None:
    drift = synthetic.point(np.stack([-0.05 * TIME, 1 + 0 * TIME, 0.02 * np.sin(5.7 * TIME)], -1), TIME)
    assert np.abs(headings(drift, belt=1.2)).max() < 1.0
    with pytest.raises(GaitStudyError, match="static trial"):
        local_direction(drift)
    with pytest.raises(GaitStudyError, match="never seen"):
        local_direction(drift.where(drift["time"] < 0))


def test_turning_the_lab_turns_the_direction_with_it() -> None:
    trial = synthetic.recording()
    names = synthetic.NAMES

    def direction(recording: motion.Recording, pelvis_moves: bool) -> np.ndarray:
        marks = recording.markers
        pelvis = sum(find(marks, names[s]["asis"]) for s in SIDES) / 2
        still = pelvis if pelvis_moves else pelvis.copy(data=np.broadcast_to(pelvis.values[:1], pelvis.shape))
        return travel_direction(still, [find(marks, names[s]["heel"]) for s in SIDES])

    for moves in (True, False):
        for angle in (0.4, -2.0, np.pi):
            expected = synthetic.rotation("y", angle) @ direction(trial, moves)
            assert direction(synthetic.turned(trial, angle), moves) == pytest.approx(expected, abs=1e-12)


def test_a_person_at_rest_has_no_direction() -> None:
    still = synthetic.point([0.0, 1.0, 0.0], TIME)
    with pytest.raises(
        GaitStudyError, match=r"found the feet at rest and the pelvis moved by 0\.00 m\. Is this the static trial"
    ):
        travel_direction(still, [still, still])
    lost = synthetic.point(np.full(3, np.nan), TIME)
    with pytest.raises(GaitStudyError, match="at rest"):
        travel_direction(lost, [still, still])


def test_a_pelvis_with_other_dimensions_is_refused() -> None:
    still = synthetic.point([0.0, 1.0, 0.0], TIME)
    with pytest.raises(DimensionError, match="pelvis: expected dimensions"):
        travel_direction(still.rename(axis="component"), [still, still])


# ---- direction of every stride ----


def arc(radius: float, speed: float = 1.2, sway: float = 0.0) -> xr.DataArray:
    """A pelvis on a circle to the right that starts along x, swaying with strides of 1.1 s."""
    turn = speed * TIME / radius
    out = radius + sway * np.cos(2 * np.pi * (TIME - 0.5 - 0.33) / 1.1)
    return synthetic.point(np.stack([out * np.sin(turn), 1 + 0 * turn, radius - out * np.cos(turn)], -1), TIME)


def angles(found: pd.DataFrame, which: str = "") -> np.ndarray:
    assert np.hypot(found[f"{which}x"], found[f"{which}z"]).to_numpy() == pytest.approx(1.0, abs=1e-12)
    return np.degrees(np.arctan2(found[f"{which}z"], found[f"{which}x"]).to_numpy())


@pytest.mark.parametrize("sway", [0.0, 0.03])
def test_on_a_circle_the_direction_is_the_tangent_in_mid_stride_and_in_mid_stance(sway: float) -> None:
    found = stride_directions(STRIDES, arc(15.0, sway=sway))
    start, off, end = (STRIDES[c].to_numpy() for c in ("ic_time", "fo_time", "next_ic_time"))
    whole = np.isfinite(end)
    rate = np.degrees(1.2 / 15.0)  # deg/s
    assert angles(found)[whole] == pytest.approx(rate * ((start + end) / 2)[whole], abs=0.3)
    assert angles(found, "foot_") == pytest.approx(rate * (start + off) / 2, abs=0.3)
    turn = found["turn"].to_numpy().reshape(2, 4)
    assert turn[:, 1] == pytest.approx(2 * rate * 1.1, abs=0.3), "from the stride before to the one after"
    assert (turn < 15).all() and (
        stride_directions(STRIDES, arc(6.0))["turn"].to_numpy().reshape(2, 4)[:, 1] > 15
    ).all()


def test_a_stride_alone_takes_a_strides_time_about_its_stance() -> None:
    alone = table([2.7], [], stance=0.62 * 1.1)
    found = stride_directions(alone, arc(1e6, sway=0.03))
    assert angles(found, "foot_") == pytest.approx([0.0], abs=0.1)
    assert angles(found) == angles(found, "foot_")
    moved = arc(1e6, sway=0.03).sel(time=slice(2.7, 2.7 + 0.682)).diff("time").sum("time").values
    assert abs(np.degrees(np.arctan2(moved[2], moved[0]))) < 0.3, "the sway lags by nothing here: no bias of its own"


def test_where_the_pelvis_is_not_seen_no_direction_is_made_up() -> None:
    pelvis = arc(1e6)
    seen = stride_directions(STRIDES, pelvis.where((pelvis["time"] > 1.2) & (pelvis["time"] < 4.0)))
    middle = ((STRIDES["ic_time"] + STRIDES["fo_time"]) / 2).to_numpy()
    assert (seen["foot_x"].isna().to_numpy() == ((middle < 1.2) | (middle > 4.0))).all()
    assert angles(seen.dropna(), "foot_") == pytest.approx(0.0, abs=1e-3)
    gone = stride_directions(STRIDES, pelvis.where((pelvis["time"] < 2.0) | (pelvis["time"] > 2.2)))
    assert angles(gone, "foot_") == pytest.approx(0.0, abs=1e-3)


def test_a_next_contact_that_is_far_away_is_no_end_of_a_stride() -> None:
    out = np.interp(TIME, [0.0, 4.2, 8.0], [0.0, 5.0, 0.5])
    pelvis = synthetic.point(np.stack([out, 1 + 0 * out, 0 * out], -1), TIME)
    rows = STRIDES[STRIDES["side"] == "left"].copy()
    rows.loc[rows.index[2:], "next_ic_time"] = [6.9, np.nan]  # the contacts of the turn were not seen
    rows.loc[rows.index[3], ["ic_time", "fo_time"]] = [6.9, 7.56]
    found = stride_directions(rows, pelvis)
    assert angles(found) == pytest.approx([0, 0, 0, 180], abs=1e-6)
    assert found["turn"].tolist() == pytest.approx([0, 0, 0, 0], abs=1e-6)


def test_an_instant_has_the_direction_of_the_stride_it_belongs_to() -> None:
    own = STRIDES[STRIDES["side"] == "left"]
    way = pd.DataFrame({"foot_x": [1.0, 0.0, -1.0, 0.0], "foot_z": [0.0, 1.0, 0.0, -1.0]}, own.index)
    found = _direction_at(own, way, np.array([0.0, 0.5, 1.16, 1.37, 1.39, 1.6, 3.0, 9.0]))
    assert found[:, 0].tolist() == [1, 1, 1, 1, 0, 0, -1, 0] and found[:, 2].tolist() == [0, 0, 0, 0, 1, 1, 0, -1]
    assert (found[:, 1] == 0).all()


@pytest.mark.parametrize("angle", [0.5, -2.2, np.pi])
def test_width_lies_across_the_direction(angle: float) -> None:
    matrix = synthetic.rotation("y", angle).T
    turned = [f.copy(data=f.values @ matrix) for f in overground()]
    way = pd.DataFrame(np.tile(heading(angle)[[0, 2]], (8, 1)), STRIDES.index, ["x", "z"])
    found = step_width(STRIDES, *turned, directions=way).dropna()
    assert found.to_numpy() == pytest.approx([0.16] * 6, abs=1e-9)


@pytest.mark.parametrize("across", [0.0, 0.02, -0.05])
def test_a_walker_across_the_belt_has_the_steps_of_the_ground(across: float) -> None:
    matrix = synthetic.rotation("y", -across).T
    turned = [f.copy(data=f.values @ matrix) for f in overground()]
    way = pd.DataFrame(np.tile([np.cos(across), np.sin(across)], (8, 1)), STRIDES.index, ["x", "z"])
    shift = synthetic.point(np.stack([1.2 * TIME, 0 * TIME, 0 * TIME], -1), TIME)
    found = step_width(STRIDES, *(f - shift for f in turned), belt=1.2, directions=way).dropna()
    assert found.to_numpy() == pytest.approx([0.16] * 6, abs=1e-9)


# ---- invariance ----


def test_mirrored_moved_and_slowed_walkers_take_the_same_steps() -> None:
    left, right = overground()
    plain = step_width(STRIDES, left, right)
    flip = synthetic.point([1.0, 1.0, -1.0], TIME).values
    swapped = STRIDES.assign(side=STRIDES["side"].map({"left": "right", "right": "left"}))
    mirror = step_width(swapped, right.copy(data=right.values * flip), left.copy(data=left.values * flip))
    away = step_width(STRIDES, left + [5.0, -1.0, 3.0], right + [5.0, -1.0, 3.0])
    slow = STRIDES.copy()
    slow[["ic_time", "fo_time", "next_ic_time"]] *= 2
    half = step_width(slow, *(f.assign_coords(time=f["time"] * 2) for f in (left, right)))
    for other in (mirror, away, half):
        assert np.allclose(plain, other, rtol=0, atol=1e-12, equal_nan=True)


# ---- real file ----


def test_a_real_walker_heads_where_the_feet_step() -> None:
    if not catalogue.present("opencap-foot-angle"):
        pytest.skip("dataset not on this machine: opencap-foot-angle")
    names = marker_map("opencap")
    marks = motion.read_trc(catalogue.locate("opencap-foot-angle", "inputs/trc/walking1.trc")).markers
    heels = [find(marks, names[s]["heel"]) for s in SIDES]
    found = travel_direction(sum(find(marks, names[s]["asis"]) for s in SIDES) / 2, heels)
    stepped = sum(h.values[-1] - h.values[0] for h in heels) * [1, 0, 1]
    assert found @ stepped / np.linalg.norm(stepped) > np.cos(np.radians(5))

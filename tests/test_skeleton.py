"""Joint centres and axes: exact where the body is known, the same in a mirror, close to Vicon's on real markers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from gaitstudy.conventions import SIDES, MarkerError, side_sign
from gaitstudy.gait.signals import fill_gaps
from gaitstudy.io import catalogue, motion
from gaitstudy.load.skeleton import (
    JOINTS,
    SEGMENTS,
    _chord_centre,
    _foot_axes,
    _hip_centre,
    _segment_axes,
    find,
    gather_leg,
    hip_offset,
    leg_from_markers,
    marker_map,
    unit,
)
from tests import synthetic

TIME = np.arange(120) / 100
NAMES = synthetic.NAMES


def truth(side: str) -> dict[str, np.ndarray]:
    """The walker's own centres and axes (rows), as built."""
    own = synthetic._segments(side, TIME, 1.2, True)
    return {k: np.swapaxes(v, -1, -2) if v.ndim == 3 else v for k, v in own.items()}


def right_handed(axes: np.ndarray) -> bool:
    seen = axes[np.isfinite(axes).all((-1, -2))]
    orthonormal = np.abs(seen @ np.swapaxes(seen, -1, -2) - np.eye(3)).max() < 1e-12
    return len(seen) > 0 and orthonormal and np.abs(np.linalg.det(seen) - 1).max() < 1e-12


# ---- closed form: hip centres ----


@pytest.mark.parametrize(
    ("method", "expected"),
    [("harrington", (-45.90, -80.70, 88.30)), ("hara", (-44.44, -77.64, 83.68))],  # forward, up, right
)
def test_hip_regressions_of_the_methods_sheet(method: str, expected: tuple[float, ...]) -> None:
    # PD = 150, PW = 240, LL = 880 mm; Bell is left out, its sources conflict
    found = 1000 * hip_offset(method, leg_length=0.880, pelvis_width=0.240, pelvis_depth=0.150)
    assert found.round(2).tolist() == list(expected)


def pelvis(tilt: float = 0.0, width: float = 0.24, depth: float = 0.15) -> xr.DataArray:
    spots = {"LA": (0, 0, -width / 2), "RA": (0, 0, width / 2), "LP": (-depth, 0, -0.04), "RP": (-depth, 0, 0.04)}
    turn = synthetic.rotation("z", tilt) @ synthetic.rotation("y", 0.3) @ synthetic.rotation("x", -0.2)
    values = np.array(list(spots.values()), float) @ turn.T + [1.0, 0.95, 0.1]
    return xr.DataArray(
        np.broadcast_to(values, (5, 4, 3)),
        dims=("time", "marker", "axis"),
        coords={"time": np.arange(5) / 100, "marker": list(spots), "axis": ["x", "y", "z"]},
    )


PELVIS_NAMES = {s: {"asis": f"{s[0].upper()}A", "psis": f"{s[0].upper()}P"} for s in SIDES}


@pytest.mark.parametrize("tilt", [0.0, 0.4, -1.0])
@pytest.mark.parametrize("side", SIDES)
def test_the_hip_is_placed_in_the_pelvis_own_axes(side: str, tilt: float) -> None:
    found = _hip_centre(pelvis(tilt), PELVIS_NAMES, side, 0.88, "harrington")
    turn = synthetic.rotation("z", tilt) @ synthetic.rotation("y", 0.3) @ synthetic.rotation("x", -0.2)
    offset = np.array([-45.90, -80.70, side_sign(side) * 88.30]) / 1000
    assert found == pytest.approx(np.broadcast_to(turn @ offset + [1.0, 0.95, 0.1], (5, 3)), abs=1e-12)


def test_one_marker_on_the_sacrum_will_do() -> None:
    marks = pelvis()
    middle = marks.sel(marker=["LP", "RP"]).mean("marker").expand_dims(marker=["SACR"])
    names = {s: {"asis": f"{s[0].upper()}A", "sacrum": "SACR"} for s in SIDES}
    both = xr.concat([marks.sel(marker=["LA", "RA"]), middle.transpose("time", "marker", "axis")], "marker")
    assert _hip_centre(both, names, "left", 0.88, "harrington") == pytest.approx(
        _hip_centre(marks, PELVIS_NAMES, "left", 0.88, "harrington")
    )


# ---- closed form: the chord ----


def vectors(low: float, high: float) -> Any:
    return st.lists(st.floats(low, high), min_size=3, max_size=3)


@given(vectors(-0.5, 0.5), vectors(0.05, 0.3), st.floats(0.02, 0.07))
def test_chord_geometry(start: list[float], away: list[float], offset: float) -> None:
    lateral = np.array([start])
    proximal = lateral + [[0.03, 0.40, -0.07]]
    wand = lateral + np.array([away]) * [[1.0, 1.0, 1.0]]
    centre = _chord_centre(proximal, lateral, wand, offset)
    down, up, side = centre - lateral, centre - proximal, wand - lateral
    assert np.linalg.norm(down) == pytest.approx(offset, abs=1e-12), "the marker is half a width away"
    assert float((down * up).sum()) == pytest.approx(0.0, abs=1e-12), "a right angle at the joint"
    normal = np.cross(proximal - lateral, side)
    assert float((normal * down).sum()) == pytest.approx(0.0, abs=1e-12), "in the wand's plane"
    outward = side - (side @ unit(proximal - lateral).T) * unit(proximal - lateral)
    assert float((down * outward).sum()) < 0, "on the side away from the wand"


def test_a_chord_that_cannot_be_is_missing() -> None:
    lateral = np.zeros((2, 3))
    proximal = np.array([[0.0, 0.05, 0.0], [0.0, 0.40, 0.0]])
    wand = np.array([[0.0, 0.2, 0.1]] * 2)
    found = _chord_centre(proximal, lateral, wand, 0.06)
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()


# ---- closed form: axes ----


@given(vectors(-1, 1), vectors(-1, 1), vectors(-1, 1))
def test_axes_are_right_handed_and_point_where_they_should(a: list[float], b: list[float], c: list[float]) -> None:
    one, two, three = (np.array([v]) + [[0, k, 0.1 * k]] for k, v in enumerate((a, b, c)))
    area = np.linalg.norm(np.cross(two - one, three - one))
    if area < 1e-2:
        return
    long = _segment_axes(two, one, three - one)
    assert right_handed(long) and float((long[0, 1] * (two - one)[0]).sum()) > 0
    assert float(long[0, 2] @ (three - one)[0]) > 0, "z towards the walker's right"
    foot = _foot_axes(one, two, three)
    assert right_handed(foot) and foot[0, 0] == pytest.approx(unit(two - one)[0], abs=1e-12)
    assert float(foot[0, 1] @ (three - one)[0]) > 0, "y towards the ankle"


def test_a_standing_leg_has_the_labs_axes() -> None:
    up, side = np.array([[0.0, 0.4, 0.0]]), np.array([[0.3, 0.2, 2.0]])
    assert _segment_axes(up, 0 * up, side * [[0, 1, 1]])[0] == pytest.approx(np.eye(3), abs=1e-15)
    assert _foot_axes(0 * up, np.array([[0.2, 0.0, 0.0]]), np.array([[0.05, 0.07, 0.0]]))[0] == pytest.approx(np.eye(3))


# ---- closed form: whole legs ----


@pytest.mark.parametrize("side", SIDES)
def test_a_leg_carried_from_the_static_trial_is_the_leg_that_was_built(side: str) -> None:
    expected = truth(side)
    leg = leg_from_markers(synthetic.markers(TIME), NAMES, side, static=synthetic.static_trial())
    for joint in ("knee", "ankle"):
        assert np.abs(leg["centre"].sel(joint=joint).values - expected[joint]).max() < 1e-12
    shank = leg["axes"].sel(segment="shank").values
    assert np.abs(shank[:, 1] - unit(expected["knee"] - expected["ankle"])).max() < 1e-11
    assert all(right_handed(leg["axes"].sel(segment=s).values) for s in SEGMENTS)
    assert tuple(leg["joint"].values) == JOINTS and leg.attrs == {"side": side}
    assert leg["axes"].dims == ("time", "segment", "direction", "axis")
    # the epicondyles and malleoli are turned against each other by construction; both share the shank's x z plane
    width = expected["shank"][:, 2] * 0.055 + side_sign(side) * expected["shank"][:, 0] * 0.004
    assert np.abs(shank[:, 2] - unit(width)).max() < 1e-11


@pytest.mark.parametrize("side", SIDES)
def test_landmarks_in_the_trial_itself_need_no_static_trial(side: str) -> None:
    marks = synthetic.markers(TIME)
    here = leg_from_markers(marks, NAMES, side)
    carried = leg_from_markers(marks, NAMES, side, static=synthetic.static_trial())
    assert np.abs(
        here["centre"].sel(joint=["knee", "ankle"]) - carried["centre"].sel(joint=["knee", "ankle"])
    ).max() < (1e-11)


@pytest.mark.parametrize("side", SIDES)
def test_centres_and_axes_that_the_file_holds_are_taken_as_they_are(side: str) -> None:
    expected, marks = truth(side), synthetic.markers(TIME)
    more = {
        "H": expected["hip"], "K": expected["knee"], "A": expected["ankle"],
        "O": expected["ankle"], "F": expected["ankle"] + 0.1 * expected["shank"][:, 0],
        "P": expected["ankle"] + 0.1 * expected["shank"][:, 1],
    }  # fmt: skip
    extra = xr.DataArray(
        np.stack(list(more.values()), 1),
        dims=("time", "marker", "axis"),
        coords={"time": TIME, "marker": list(more), "axis": list("xyz")},
    )
    both = xr.concat([marks, extra], "marker")
    roles = NAMES[side] | {"hip_centre": "H", "knee_centre": "K", "ankle_centre": "A"}
    tibia = roles | {"tibia_origin": "O", "tibia_anterior": "F", "tibia_proximal": "P"}
    names = {side: tibia, "method": {"knee": "given"}}
    leg = leg_from_markers(both, names, side)
    for joint in JOINTS:
        assert np.array_equal(leg["centre"].sel(joint=joint).values, expected[joint])
    assert np.abs(leg["axes"].sel(segment="shank").values - expected["shank"]).max() < 1e-12
    without = leg_from_markers(both, {side: roles, "method": {"knee": "given"}}, side)
    assert np.abs(without["axes"].sel(segment="shank").values[:, 1] - expected["shank"][:, 1]).max() < 1e-12
    assert (without["axes"].sel(segment="shank").values[:, 2] * expected["shank"][:, 2]).sum(-1).min() > 0.99
    bare = {k: v for k, v in roles.items() if k != "hip_centre"}
    no_hip = leg_from_markers(both, {side: bare, "method": {"knee": "given"}}, side)
    assert np.isnan(no_hip["centre"].sel(joint="hip")).all() and np.isnan(no_hip["axes"].sel(segment="thigh")).all()


def chord_walker() -> tuple[xr.DataArray, dict[str, Any], dict[str, float]]:
    names = {s: NAMES[s] for s in SIDES} | {"method": {"knee": "chord"}}
    subject = {
        f"{s[0]}{k}": v for s in SIDES for k, v in (("kneewidth", 96.0), ("anklewidth", 62.0), ("leglength", 900.0))
    }
    return synthetic.markers(TIME), names, subject


@pytest.mark.parametrize("side", SIDES)
def test_a_leg_by_chords_keeps_widths_and_right_angles(side: str) -> None:
    marks, names, subject = chord_walker()
    leg = leg_from_markers(marks, names, side, subject=subject)
    hip, knee, ankle = (leg["centre"].sel(joint=j).values for j in JOINTS)
    for above, joint, role, half in ((hip, knee, "knee_lateral", 0.048), (knee, ankle, "ankle_lateral", 0.031)):
        marker = find(marks, NAMES[side][role]).values
        assert np.linalg.norm(joint - marker, axis=-1) == pytest.approx(np.full(len(TIME), half + 0.007), abs=1e-12)
        assert np.abs(((joint - marker) * (joint - above)).sum(-1)).max() < 1e-12
    assert hip == pytest.approx(_hip_centre(marks, names, side, 0.9, "harrington"))
    assert all(right_handed(leg["axes"].sel(segment=s).values) for s in SEGMENTS)
    lateral = (find(marks, NAMES[side]["knee_lateral"]).values - knee) * side_sign(side)
    assert (leg["axes"].sel(segment="thigh").values[:, 2] * lateral).sum(-1).min() > 0


# ---- bad input ----


def test_what_is_missing_is_said() -> None:
    marks, names, subject = chord_walker()
    for size in ({"lkneewidth": 0.0}, {"lanklewidth": 6.2}, {"lleglength": float("nan")}):
        with pytest.raises(MarkerError, match=rf"expected the subject's {next(iter(size))} of .* mm, found"):
            leg_from_markers(marks, names, "left", subject=subject | size)
    inside = [m for m in marks["marker"].values if "medial" not in str(m)]
    with pytest.raises(MarkerError, match=r"found no \['L_knee_medial', 'L_ankle_medial'\].*--static"):
        leg_from_markers(marks.sel(marker=inside), NAMES, "left")
    with pytest.raises(MarkerError, match=r"expected marker 'L_toe' \(toe\)"):
        leg_from_markers(marks.sel(marker=[m for m in marks["marker"].values if m != "L_toe"]), NAMES, "left")


def test_lost_markers_make_lost_frames_and_nothing_else() -> None:
    marks, static = synthetic.markers(TIME), synthetic.static_trial()
    whole = leg_from_markers(marks, NAMES, "left", static=static)
    marks[{"time": slice(30, 40), "marker": list(marks["marker"].values).index("L_shank0")}] = np.nan
    leg = leg_from_markers(marks, NAMES, "left", static=static)
    lost = np.isnan(leg["centre"].sel(joint="knee")).all("axis").values
    assert np.flatnonzero(lost).tolist() == list(range(30, 40))
    assert np.abs((leg["centre"] - whole["centre"]).isel(time=~lost)).max() == 0


# ---- invariance ----


def mirror(marks: xr.DataArray) -> xr.DataArray:
    trial = synthetic.mirrored(
        motion.Recording("x", marks), {str(m): synthetic.other_side(str(m)) for m in marks["marker"].values}
    )
    return trial.markers


@pytest.mark.parametrize("method", ["static", "chord"])
def test_the_mirrored_left_leg_is_a_right_leg(method: str) -> None:
    marks, names, subject = chord_walker()
    names = {**names, "method": {"knee": method}}
    static = synthetic.static_trial()
    left = leg_from_markers(marks, names, "left", static=static, subject=subject)
    right = leg_from_markers(mirror(marks), names, "right", static=mirror(static), subject=subject)
    flip = np.array([1.0, 1.0, -1.0])
    for part in ("centre", "heel", "toe"):
        assert np.abs(left[part].values * flip - right[part].values).max() < 1e-12
    # x and y axes are mirrored; z points right on both sides, so it is mirrored and turned round
    both = left["axes"].values * flip * np.array([1.0, 1.0, -1.0])[:, None]
    assert np.abs(both - right["axes"].values).max() < 1e-11


@pytest.mark.parametrize("method", ["static", "chord"])
def test_turning_and_moving_the_lab_turns_and_moves_the_leg(method: str) -> None:
    marks, names, subject = chord_walker()
    names = {**names, "method": {"knee": method}}
    static = synthetic.static_trial()
    matrix, shift = synthetic.rotation("y", 1.3) @ synthetic.rotation("x", 0.4), np.array([3.0, -1.0, 8.0])
    plain = leg_from_markers(marks, names, "left", static=static, subject=subject)
    other = leg_from_markers(
        marks.copy(data=marks.values @ matrix.T + shift), names, "left", static=static, subject=subject
    )
    assert np.abs(plain["centre"].values @ matrix.T + shift - other["centre"].values).max() < 1e-11
    assert np.abs(plain["axes"].values @ matrix.T - other["axes"].values).max() < 1e-10


def test_gathered_legs_without_a_hip_have_no_thigh() -> None:
    rng = np.random.default_rng(2)
    knee, ankle, heel, toe = (rng.normal(size=(4, 3)) for _ in range(4))
    leg = gather_leg(
        "right",
        np.arange(4.0),
        {"knee": knee, "ankle": ankle, "heel": heel, "toe": toe},
        {"shank": np.zeros((4, 3, 3))},
    )
    assert np.isnan(leg["centre"].sel(joint="hip")).all() and np.isnan(leg["axes"].sel(segment="thigh")).all()
    assert np.array_equal(leg["centre"].sel(joint="knee").values, knee)


# ---- real files ----


def test_chord_centres_are_near_the_ones_vicon_stored() -> None:
    if not catalogue.present("plug-in-gait-kinetics"):
        pytest.skip("dataset not on this machine: plug-in-gait-kinetics")
    trial = motion.read_c3d(catalogue.locate("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d"))
    marks = fill_gaps(trial.markers, 0.1)
    for side in SIDES:
        ours = leg_from_markers(marks, marker_map("plug-in-gait"), side, subject=trial.subject)
        vicon = leg_from_markers(marks, marker_map("plug-in-gait-outputs"), side)
        for joint, limit in (("knee", 0.010), ("ankle", 0.010)):
            away = np.linalg.norm((ours["centre"] - vicon["centre"]).sel(joint=joint).values, axis=-1)
            assert np.isfinite(away).sum() > 100 and np.nanmedian(away) < limit, (side, joint, np.nanmedian(away))
        for way in (0, 1):
            cosine = (ours["axes"] * vicon["axes"]).sel(segment="shank").sum("axis").values[:, way]
            assert np.degrees(np.arccos(np.nanmedian(cosine))) < 10


def test_centres_carried_by_clusters_keep_the_bones_lengths() -> None:
    if not catalogue.present("opencap-foot-angle"):
        pytest.skip("dataset not on this machine: opencap-foot-angle")
    static = motion.read_trc(catalogue.locate("opencap-foot-angle", "inputs/trc/static1.trc")).markers
    marks = motion.read_trc(catalogue.locate("opencap-foot-angle", "inputs/trc/walking1.trc")).markers
    names = marker_map("opencap")
    for side in SIDES:
        walking = leg_from_markers(marks, names, side, static=static)
        standing = leg_from_markers(static, names, side)
        shank = [np.linalg.norm(g["centre"].sel(joint="knee") - g["centre"].sel(joint="ankle"), axis=-1)
                 for g in (walking, standing)]  # fmt: skip
        assert np.nanmedian(shank[0]) == pytest.approx(np.nanmedian(shank[1]), abs=1e-3)
        assert 0.3 < np.nanmedian(shank[0]) < 0.5 and np.nanstd(shank[0]) < 1e-3
        thigh = np.linalg.norm(walking["centre"].sel(joint="hip") - walking["centre"].sel(joint="knee"), axis=-1)
        assert 0.3 < np.nanmedian(thigh) < 0.55 and np.nanstd(thigh) < 0.015

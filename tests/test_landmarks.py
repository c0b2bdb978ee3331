"""Landmarks: marker maps, and clusters that carry what only the static trial saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from gaitstudy.conventions import SIDES, MarkerError
from gaitstudy.io import catalogue, motion
from gaitstudy.load.skeleton import _carry, _fit_pose, find, marker_map, unit
from tests import synthetic

SHIPPED = ("arnold", "cgm2", "gc5", "opencap", "p3m6", "plug-in-gait", "plug-in-gait-outputs", "walker")
NEEDED = {
    "static": {"knee_lateral", "knee_medial", "ankle_lateral", "ankle_medial", "thigh", "shank", "asis", "psis"},
    "chord": {"knee_lateral", "ankle_lateral", "thigh", "shank", "asis", "psis"},
    "given": {"knee_centre", "ankle_centre"},
}
REAL = {
    "arnold": ("arnold-synthetic", "subject01/markers.trc", None),
    "gc5": ("gc5-instrumented-knee", "inputs/trc/PS_ngait_og_ss1.trc", "inputs/Static_for_scaling.trc"),
    "opencap": ("opencap-foot-angle", "inputs/trc/walking1.trc", "inputs/trc/static1.trc"),
    "p3m6": ("p3m6-walk", "inputs/trc/Walking01.trc", "inputs/c3d/Static.c3d"),
    "plug-in-gait": ("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d", None),
    "plug-in-gait-outputs": ("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d", None),
    "cgm2": ("plug-in-gait-kinetics", "c3d_org_sample00_pycgm2/pyCGM2 lower limb CGM24 Walking01.c3d", None),
}
"""Where each map's markers are: dataset, a walking trial, a static trial."""

RNG = np.random.default_rng(11)
CLUSTER = RNG.normal(0, 0.06, (4, 3)) + [0.1, 0.4, -0.2]


def motions(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    return Rotation.random(n, np.random.default_rng(seed)).as_matrix(), np.random.default_rng(seed).normal(size=(n, 3))


def observed(reference: np.ndarray, turn: np.ndarray, shift: np.ndarray) -> np.ndarray:
    return np.einsum("tij,mj->tmi", turn, reference) + shift[:, None]


# ---- closed form: the pose of a cluster ----


@given(st.integers(3, 9), st.integers(0, 10_000))
def test_pose_is_recovered_exactly_from_noiseless_markers(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    reference = rng.normal(0, 0.08, (count, 3)) + rng.normal(size=3)
    turn, shift = motions(5, seed)
    rotation, translation = _fit_pose(reference, observed(reference, turn, shift))
    flatness = np.linalg.svd(reference - reference.mean(0), compute_uv=False)
    if flatness[1] > 0.02:  # three points nearly in a line leave the turn about it to rounding
        assert np.abs(rotation - turn).max() < 1e-10
        assert np.abs(translation - shift).max() < 1e-10


def test_three_markers_in_a_plane_are_no_mirror_image() -> None:
    reference = CLUSTER[:3]
    turn, shift = motions(200, 1)
    rotation, _ = _fit_pose(reference, observed(reference, turn, shift))
    assert np.abs(np.linalg.det(rotation) - 1).max() < 1e-12
    assert np.abs(rotation - turn).max() < 1e-9


def test_a_reflected_cluster_still_gives_a_rotation() -> None:
    mirrored = CLUSTER * [1.0, 1.0, -1.0]
    turn, shift = motions(50, 2)
    rotation, _ = _fit_pose(CLUSTER, observed(mirrored, turn, shift))
    assert np.abs(np.linalg.det(rotation) - 1).max() < 1e-12
    assert np.abs(rotation @ rotation.transpose(0, 2, 1) - np.eye(3)).max() < 1e-12


def test_lost_markers_leave_the_pose_and_too_few_leave_none() -> None:
    turn, shift = motions(6, 3)
    seen = observed(CLUSTER, turn, shift)
    seen[1, 0] = np.nan
    seen[2, 3, 1] = np.nan
    seen[3, :2] = np.nan
    seen[4] = np.nan
    rotation, translation = _fit_pose(CLUSTER, seen)
    good = [0, 1, 2, 5]
    assert np.abs(rotation[good] - turn[good]).max() < 1e-10
    assert np.abs(translation[good] - shift[good]).max() < 1e-10
    for frame in (3, 4):
        assert np.isnan(rotation[frame]).all() and np.isnan(translation[frame]).all()


def test_a_landmark_lost_in_the_static_trial_does_not_count() -> None:
    reference = CLUSTER.copy()
    reference[2] = np.nan
    turn, shift = motions(4, 4)
    rotation, _ = _fit_pose(reference, observed(CLUSTER, turn, shift))
    assert np.abs(rotation - turn).max() < 1e-10
    reference[1] = np.nan
    assert np.isnan(_fit_pose(reference, observed(CLUSTER, turn, shift))[0]).all()


@pytest.mark.parametrize("length", [0.01, 0.1, 1.0])
def test_markers_in_a_line_have_no_pose(length: float) -> None:
    line = np.outer([0.0, 0.4, 1.0, 1.7], [1.0, 2.0, -1.0]) * length
    turn, shift = motions(5, 5)
    for found in _fit_pose(line, observed(line, turn, shift)):
        assert np.isnan(found).all()


def test_noise_gives_the_least_squares_pose_scipy_gives() -> None:
    turn, shift = motions(20, 6)
    seen = observed(CLUSTER, turn, shift) + np.random.default_rng(6).normal(0, 0.004, (20, 4, 3))
    rotation, translation = _fit_pose(CLUSTER, seen)
    for k in range(20):
        centre, model = seen[k].mean(0), CLUSTER.mean(0)
        expected, _ = Rotation.align_vectors(seen[k] - centre, CLUSTER - model)
        assert np.abs(rotation[k] - expected.as_matrix()).max() < 1e-9
        assert translation[k] == pytest.approx(centre - expected.as_matrix() @ model, abs=1e-9)


def test_unit_vectors() -> None:
    vectors = RNG.normal(size=(4, 5, 3)) * 100
    assert np.linalg.norm(unit(vectors), axis=-1) == pytest.approx(np.ones((4, 5)), abs=1e-14)
    assert np.cross(unit(vectors), vectors) == pytest.approx(np.zeros((4, 5, 3)), abs=1e-11)


# ---- carrying landmarks ----

TIME = np.arange(150) / 100
OWN = synthetic.NAMES["left"]
LANDMARKS = [OWN["knee_medial"], OWN["ankle_medial"], OWN["ankle_lateral"]]


def test_landmarks_follow_their_cluster_from_a_static_trial_elsewhere() -> None:
    marks = synthetic.markers(TIME)
    found = _carry(synthetic.static_trial(), marks, OWN["shank"], LANDMARKS)
    assert np.abs(found - marks.sel(marker=LANDMARKS).values).max() < 1e-12


def test_only_markers_of_both_trials_carry_and_lost_frames_stay_lost() -> None:
    marks = synthetic.markers(TIME)
    truth = marks.sel(marker=LANDMARKS).values
    cluster = [*OWN["shank"], "not there", OWN["ankle_lateral"]]
    marks[{"time": slice(10, 20), "marker": list(marks["marker"].values).index(OWN["shank"][0])}] = np.nan
    found = _carry(synthetic.static_trial(), marks, cluster, LANDMARKS)
    assert np.abs(found - truth).max() < 1e-11, "three of four are enough"
    three = _carry(synthetic.static_trial(), marks, OWN["shank"], LANDMARKS)
    assert np.flatnonzero(np.isnan(three).all((1, 2))).tolist() == list(range(10, 20))
    nobody = marks.where(marks["marker"] != OWN["shank"][1])
    lost = _carry(synthetic.static_trial(), nobody, OWN["shank"], LANDMARKS)
    assert np.isnan(lost).all()


def test_what_is_missing_is_named() -> None:
    marks = synthetic.markers(TIME)
    with pytest.raises(MarkerError, match=r"at least 3 of the cluster .* found \['L_shank0', 'L_shank1'\].*--static"):
        _carry(synthetic.static_trial(), marks, OWN["shank"][:2], LANDMARKS)
    with pytest.raises(MarkerError, match=r"expected marker 'LMFC' \(landmark\)"):
        _carry(synthetic.static_trial(), marks, OWN["shank"], ["LMFC"])
    with pytest.raises(MarkerError, match=r"expected marker 'LHEE' \(heel\), found 28 others: L_asis"):
        find(marks, "LHEE", "heel")


# ---- marker maps ----


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_map_holds_the_roles_its_method_needs_on_both_sides(name: str) -> None:
    names = marker_map(name)
    how = names["method"]["knee"]
    for side, other in (SIDES, SIDES[::-1]):
        assert {"heel", "toe"} | NEEDED[how] <= set(names[side]), (name, side)
        written, theirs = (
            [m for role, v in names[s].items() if role != "sacrum" for m in (v if isinstance(v, list) else [v])]
            for s in (side, other)
        )
        assert all(m and "{" not in m for m in written)
        assert not set(written) & set(theirs), "a marker on both sides"
        assert len(written) == len(theirs)
        for cluster in ("thigh", "shank") if how == "static" else ():
            assert len(set(names[side][cluster])) >= 3
        if how == "given":
            tibia = {"tibia_origin", "tibia_anterior", "tibia_proximal"}
            assert tibia <= set(names[side]) or {"knee_lateral", "knee_medial"} <= set(names[side])


def test_a_map_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'knee = "given"\n[letter]\nleft = "l"\nright = "ρ"\n[role]\nheel = "{S}h"\ntoe = "{S}t"\n'
        'knee_centre = "{S}k"\nankle_centre = "{S}a"\nknee_lateral = "{S}1"\nknee_medial = "{S}2"\n'
        'shank = ["{S}1", "{S}2"]\n[right]\ntoe = "other"\n',
        encoding="utf-8",
    )
    names = marker_map(path)
    given = {"knee_centre": "k", "ankle_centre": "a", "knee_lateral": "1", "knee_medial": "2"}
    for letter, side, toe in (("l", "left", "lt"), ("ρ", "right", "other")):
        spots = {role: letter + end for role, end in given.items()}
        assert names[side] == {"heel": f"{letter}h", "toe": toe, **spots, "shank": [f"{letter}1", f"{letter}2"]}
    assert names["method"] == {"knee": "given", "title": "mine"}


def test_maps_that_do_not_exist_or_lack_a_role_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MarkerError, match=r"expected one of arnold, cgm2, .* or a TOML file, found 'pig'"):
        marker_map("pig")
    path = tmp_path / "mine.toml"
    path.write_text('[role]\nheel = "{S}HEE"\n')
    with pytest.raises(MarkerError, match=r"mine.toml: left: expected a marker for toe, found none. Add it to the map"):
        marker_map(path)
    path.write_text('knee = "regression"\n[role]\nheel = "{S}HEE"\ntoe = "{S}TOE"\n')
    with pytest.raises(MarkerError, match=r"expected knee = one of static, chord, given, found 'regression'"):
        marker_map(path)
    path.write_text('knee = "given"\n[role]\nheel = "H"\ntoe = "T"\nknee_centre = "K"\nankle_centre = "A"\n')
    with pytest.raises(MarkerError, match="tibia_origin with tibia_anterior with tibia_proximal or knee_lateral with"):
        marker_map(path)


# ---- real files: every role of every shipped map is in a real trial of its kind ----


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "walker"])  # nobody real carries that one
def test_the_maps_fit_real_files(name: str) -> None:
    dataset, walking, static = REAL[name]
    wanted = [f for f in (walking, static) if f]
    if not catalogue.present(*((dataset, file) for file in wanted)):
        pytest.skip(f"dataset not on this machine: {dataset}")
    seen: set[str] = set()
    for file in wanted:
        path = catalogue.locate(dataset, file)
        trial = motion.read_trc(path) if path.suffix == ".trc" else motion.read_c3d(path)
        seen |= set(map(str, trial.markers["marker"].values))
    names = marker_map(name)
    sides = ("left",) if name == "gc5" else SIDES
    for side in sides:
        single = {m for role, m in names[side].items() if isinstance(m, str) and role != "sacrum"}
        assert single <= seen, (name, side, sorted(single - seen))
        if names["method"]["knee"] == "static":  # a cluster may list more markers than this trial has
            assert all(len(set(names[side][part]) & seen) >= 3 for part in ("thigh", "shank"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("left = 3", r"expected \[left\] to be a table, found a value"),
        ("role = 3", r"expected \[role\] to be a table, found a value"),
        ('letter = "x"', r"expected \[letter\] to be a table, found a value"),
        ("knee = []", r"expected knee = one of static, chord, given, found '\[\]'"),
        ("[role]\nheel = 7", "expected a marker's name for heel"),
        ("[role]\nheel = ['H', 'x']", "expected a marker's name for heel"),
        ("[role]\nshank = ['', 'x']", "expected a marker's name for shank"),
        ("[role]\nthigh = []", "expected a marker's name for thigh"),
        ("x=", "expected a TOML file, found"),
        ("x = " + "[" * 5000, "expected a TOML file, found"),
        ("x = 1" + "0" * 5000, "expected a TOML file, found|expected a marker for heel"),
    ],
)
def test_a_map_of_another_form_is_refused_by_its_place(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(MarkerError, match=f"marker map m\\.toml: .*{says}"):
        marker_map(tmp_path / "m.toml")

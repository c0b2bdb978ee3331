"""Trials to rows: known answers of the made-up walker, invariance, and every stride left out with its reason."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy.conventions import GRAVITY, SIDES, GaitStudyError, MarkerError, TrialFormatError, side_sign
from gaitstudy.gait import events
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording, read_c3d
from gaitstudy.pipeline import (
    COLUMNS,
    EDGES,
    _find_strides,
    _process_trial,
    outcomes,
    prepare,
    process,
    read,
    stances,
)
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_trial
from tests.paths import bent
from tests.recordings import (
    FIRST,
    MAP,
    STANCE,
    STRIDE,
    SUBJECT,
    SWAP,
    TOE_OUT,
    needs,
    only,
    walk,
    write_c3d,
    write_pair,
    write_storage,
    write_trc,
)
from tests.synthetic import mirrored, moved, turned

KNEE = ["kam1_nm", "kam2_nm", "kam1_pct_bwht", "kam2_pct_bwht", "kam_impulse_nms", "kfm_peak_nm"]
NUMBERS = [c for c in COLUMNS if c not in ("file", "side", "stride", "events", "reason_excluded")]


@pytest.fixture(scope="module")
def overground() -> Recording:
    return walk()


@pytest.fixture(scope="module")
def treadmill() -> Recording:
    return walk(treadmill=True)


@pytest.fixture
def given_centres(tmp_path: Path) -> dict[str, Any]:
    """Settings with a marker map of the walker's joint centres."""
    (tmp_path / "map.toml").write_text(MAP)
    return {"markers": str(tmp_path / "map.toml"), "mass": 70.0, "height": 1.75}


def used(table: pd.DataFrame) -> pd.DataFrame:
    """Return the strides with knee moments; the others must all say why they have none."""
    kept = table[table["reason_excluded"] == ""]
    assert kept[[*KNEE, *EDGES]].notna().all(axis=None)
    assert table.loc[table["reason_excluded"] != "", [*KNEE, *EDGES]].isna().all(axis=None)
    return kept


def lab_adduction(trial: Recording, side: str, plate: int) -> np.ndarray:
    """Return the adduction moment in the lab frame at the plates' samples, from positions and wrench alone (N m)."""
    assert trial.loads is not None
    time = trial.loads["time"].values
    path = trial.markers.sel(marker=f"{side[0].upper()}KJC")
    knee = np.stack([np.interp(time, trial.markers["time"].values, path.sel(axis=a).values) for a in "xyz"], -1)
    moment = trial.loads["moment"].values[:, plate] - np.cross(knee, trial.loads["force"].values[:, plate])
    return side_sign(side) * moment[:, 0]


def test_a_walker_of_formulas_gives_the_numbers_it_was_made_with(
    overground: Recording, tmp_path: Path, given_centres: dict[str, Any]
) -> None:
    trc, mot = write_pair(tmp_path, overground)
    settings = given_centres | {"forces": str(mot), "frame": "lab", "cut_off": 40.0}
    kept = used(_process_trial(trc, **settings)).set_index("side")
    assert list(kept.index) == ["left", "right"] and set(kept["file"]) == {"walk.trc"}
    for plate, side in enumerate(("left", "right")):
        row, curve = kept.loc[side], lab_adduction(overground, side, plate)
        assert row["fpa_deg"] == pytest.approx(TOE_OUT[side], abs=0.01)
        assert row["ic_time"] == pytest.approx(FIRST[side] + STRIDE, abs=0.006)
        assert row["stance_time"] == pytest.approx(STANCE, abs=0.012)
        assert row["step_width"] == pytest.approx(0.2, abs=0.001)
        assert max(row["kam1_nm"], row["kam2_nm"]) == pytest.approx(curve.max(), rel=0.01)
        first = curve[curve != 0][: np.count_nonzero(curve) // 2]
        assert row["kam1_edge"] == (first.argmax() > 0.98 * len(first)) and not row["kam2_edge"] == row["kam1_edge"]
        assert row["kam_impulse_nms"] == pytest.approx(np.clip(curve, 0, None).sum() / 1000, rel=0.01)
        assert row["kam1_pct_bwht"] == pytest.approx(100 * row["kam1_nm"] / (70 * GRAVITY * 1.75), rel=1e-12)


def test_a_split_belt_gives_every_whole_stance_of_both_feet(treadmill: Recording, tmp_path: Path) -> None:
    table = _process_trial(write_c3d(tmp_path / "belt.c3d", treadmill, subject=SUBJECT))
    kept = used(table)
    assert kept["side"].value_counts().to_dict() == {"left": 3, "right": 2}
    for side, rows in kept.groupby("side"):
        np.testing.assert_allclose(rows["fpa_deg"], TOE_OUT[str(side)], atol=0.01)
        np.testing.assert_allclose(rows["ic_time"], FIRST[str(side)] + STRIDE * np.arange(len(rows)), atol=0.006)
        np.testing.assert_allclose(rows["kam1_nm"], rows["kam1_nm"].mean(), rtol=0.01)
    assert table.loc[table["reason_excluded"] != "", "reason_excluded"].str.contains("cut by an end").all()


def test_the_same_walk_as_c3d_and_as_trc_with_mot_gives_the_same_rows(
    overground: Recording, tmp_path: Path, given_centres: dict[str, Any]
) -> None:
    trc, mot = write_pair(tmp_path, replace(overground, events=overground.events.iloc[:0]))
    bare = replace(overground, events=overground.events.iloc[:0])
    c3d = write_c3d(tmp_path / "walk.c3d", bare, types=(2, 3))
    one, other = _process_trial(trc, **given_centres, forces=str(mot)), _process_trial(c3d, **given_centres)
    pd.testing.assert_frame_equal(one.drop(columns="file"), other.drop(columns="file"), atol=1e-3, rtol=1e-4)
    assert len(used(one)) == 2


def test_columns_sides_and_strides_are_in_order(overground: Recording, tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "walk.c3d", overground, subject=SUBJECT)
    both = _process_trial(path)
    assert tuple(both.columns) == COLUMNS
    right = process([path], side="right")
    pd.testing.assert_frame_equal(right, both[both["side"] == "right"].reset_index(drop=True))
    assert both.loc[both["side"] == "left", "stride"].tolist() == [0, 1, 2]


def rows_of(trial: Recording, methods: Sequence[str] = ("lever arm",), **reading: Any) -> list[pd.DataFrame]:
    """Return a recording's rows by each method, by side and time, without its name."""
    walked = prepare(read(trial, **reading))
    tables = [outcomes(stances(walked, method=method)) for method in methods]
    return [table.sort_values(["side", "ic_time"], ignore_index=True).drop(columns="file") for table in tables]


def largest_change(ones: list[pd.DataFrame], others: list[pd.DataFrame]) -> float:
    """Return the largest difference in any number; sides, strides, reasons and gaps must be the same."""
    one, other = (pd.concat(tables, ignore_index=True) for tables in (ones, others))
    words = ["side", "stride", "reason_excluded"]
    pd.testing.assert_frame_equal(one[words], other[words])
    a, b = one[NUMBERS].to_numpy(float), other[NUMBERS].to_numpy(float)
    np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
    assert np.isfinite(a).any()
    return float(np.nanmax(np.abs(a - b)))


def mirror_image(trial: Recording, names: dict[str, str], **settings: Any) -> list[pd.DataFrame]:
    """Return the rows of the trial's mirror image, its left called right again."""
    swapped = {"left": "right", "right": "left"}
    tables = [table.assign(side=table["side"].map(swapped)) for table in rows_of(mirrored(trial, names), **settings)]
    return [table.sort_values(["side", "ic_time"], ignore_index=True) for table in tables]


@pytest.mark.parametrize("kind", ["overground", "treadmill"])
def test_no_outcome_knows_where_the_lab_is_or_which_side_is_left(
    overground: Recording, treadmill: Recording, kind: str
) -> None:
    trial = overground if kind == "overground" else treadmill
    settings: dict[str, Any] = {"mass": 70.0, "height": 1.75, "methods": ("lever arm", "inverse dynamics")}
    plain = rows_of(trial, **settings)
    assert [len(used(table)) for table in plain] == [2 if kind == "overground" else 5] * 2
    for angle in (0.2, -2.4):
        assert largest_change(rows_of(turned(trial, angle), **settings), plain) < 1e-9
    assert largest_change(rows_of(moved(trial, (-1.3, 0.8, 2.6)), **settings), plain) < 1e-9
    assert largest_change(mirror_image(trial, SWAP, **settings), plain) < 1e-9


@pytest.mark.parametrize("file", ["PiG_Motion3_FF.c3d", "PiG_Motion-FlatFoot-Full.c3d"])
def test_no_outcome_of_a_real_trial_knows_where_the_lab_is_or_which_side_is_left(file: str) -> None:
    (path,) = needs("plug-in-gait-kinetics", f"btk/{file}")
    trial = read_c3d(path)
    letter = {"L": "R", "R": "L"}
    there = set(map(str, trial.markers["marker"].values))
    swap = {m: letter[m[0]] + m[1:] for m in there if m[0] in letter and letter[m[0]] + m[1:] in there}
    plain = rows_of(trial)
    assert len(used(plain[0])) >= 1
    assert largest_change(rows_of(turned(trial, 0.9)), plain) < 1e-9
    assert largest_change(rows_of(moved(trial, (3.0, -0.7, 1.1))), plain) < 1e-9
    assert largest_change(mirror_image(trial, swap), plain) < 1e-9


def reasons(table: pd.DataFrame, side: str, k: int = 1) -> str:
    """Return why the stride that starts with contact ``k`` of a foot was left out; there must be one such row."""
    row = table[(table["side"] == side) & ((table["ic_time"] - FIRST[side] - STRIDE * k).abs() < 0.15)]
    assert len(row) == 1, table.to_string()
    assert row[KNEE].isna().all(axis=None)
    return str(row["reason_excluded"].iloc[0])


def process_walk(trial: Recording, folder: Path, *, swap_plates: bool = False, **how: Any) -> pd.DataFrame:
    path = write_c3d(folder / "walk.c3d", trial, subject=SUBJECT, swap_plates=swap_plates)
    return _process_trial(path, **how)


def test_a_foot_on_no_plate_is_listed(overground: Recording, tmp_path: Path) -> None:
    table = process_walk(overground, tmp_path)
    assert reasons(table, "left", 0) == reasons(table, "right", 0) == "no plate under this foot"
    assert len(used(table)) == 2


def test_both_feet_on_one_plate_are_listed_and_not_used(tmp_path: Path) -> None:
    some = {"left": {0: 1.0}, "right": {0: 0.3}}
    table = process_walk(walk(assign=lambda side, k: some[side] if k == 1 else {}), tmp_path)
    assert used(table).empty
    assert reasons(table, "left") == "both feet on one plate: the centre of pressure leaves the foot"
    both = process_walk(walk(assign=lambda side, k: {0: 1.0} if k == 1 else {}), tmp_path)
    assert used(both).empty
    stray = both[both["stride"].isna()]
    assert len(stray) == 1 and stray["stance_time"].iloc[0] == pytest.approx(1.2, abs=0.01)
    assert stray["reason_excluded"].iloc[0] != ""


def test_the_other_foot_at_rest_on_the_plate_is_noticed(tmp_path: Path) -> None:
    trial = walk(treadmill=True, assign=lambda side, k: {0: 1.0} if (side, k) == ("left", 1) else {})
    assert trial.loads is not None
    loads = trial.loads.copy(deep=True)
    loads["corners"][0, :, 2] *= 2  # from the left belt's outer edge to half a metre right of the middle
    loads["corners"][0, :, 2] += 0.25
    table = process_walk(replace(trial, loads=loads), tmp_path)
    assert used(table).empty and reasons(table, "left") == "both feet on one plate"


def test_a_foot_on_two_plates_is_a_cross_over(tmp_path: Path) -> None:
    trial = walk(assign=lambda side, k: {0: 0.6, 1: 0.4} if (side, k) == ("left", 1) else {})
    table = process_walk(trial, tmp_path)
    assert used(table).empty
    found = table[(table["side"] == "left") & table["ic_time"].between(1.2, 1.4)]
    on_it, off_it = found["reason_excluded"]  # the second plate lies elsewhere: no foot can press it there
    assert on_it == "cross-over: one foot on two plates" and "m beyond the plate's edges" in off_it


def test_swapped_plates_are_noticed(overground: Recording, tmp_path: Path) -> None:
    table = process_walk(overground, tmp_path, swap_plates=True)
    assert used(table).empty
    assert "plate 1: looks swapped with plate 2" in reasons(table, "left")
    assert "plate 2: looks swapped with plate 1" in reasons(table, "right")


def lose(trial: Recording, marker: str, start: float, seconds: float) -> Recording:
    """Return the trial with a marker lost for a while."""
    markers = trial.markers.copy()
    gone = (markers["time"] >= start - 1e-9) & (markers["time"] < start + seconds - 1e-9)
    markers.loc[{"marker": marker, "time": gone}] = np.nan
    assert int(gone.sum()) == round(seconds * 100)
    return replace(trial, markers=markers)


def test_a_short_gap_is_filled_and_a_long_one_leaves_the_stride_out(overground: Recording, tmp_path: Path) -> None:
    whole = used(process_walk(overground, tmp_path))
    short = used(process_walk(lose(overground, "LKNE", 1.5, 0.05), tmp_path))
    np.testing.assert_allclose(short[KNEE], whole[KNEE], rtol=1e-3, atol=1e-3)
    table = process_walk(lose(overground, "LKNE", 1.5, 0.3), tmp_path)
    assert reasons(table, "left").startswith("markers or forces missing for ")
    assert reasons(table, "left").endswith(" of 101 points of stance")
    assert used(table)["side"].tolist() == ["right"]


def test_a_gap_in_the_force_leaves_the_stride_out(
    overground: Recording, tmp_path: Path, given_centres: dict[str, Any]
) -> None:
    assert overground.loads is not None
    loads = overground.loads.copy(deep=True)
    loads["force"].loc[{"plate": "1", "time": (loads["time"] > 1.6) & (loads["time"] < 1.8)}] = np.nan
    trc, mot = write_pair(tmp_path, replace(overground, loads=loads))
    table = _process_trial(trc, **given_centres, forces=str(mot))
    assert used(table)["side"].tolist() == ["right"]
    left = table[(table["side"] == "left") & table["ic_time"].between(1.2, 2.0)]
    assert len(left) >= 1 and (left["reason_excluded"] != "").all()


def test_missing_markers_leave_a_side_out_or_stop_it_when_it_was_asked_for(
    overground: Recording, tmp_path: Path
) -> None:
    names = [str(m) for m in overground.markers["marker"].values if m != "RTIB"]
    path = write_c3d(tmp_path / "walk.c3d", only(overground, slice(None), names), subject=SUBJECT)
    table = _process_trial(path)
    assert used(table)["side"].tolist() == ["left"]
    assert (
        table.loc[table["side"] == "right", "reason_excluded"]
        .str.contains("expected marker 'RTIB' (shank)", regex=False)
        .all()
    )
    assert process([path], side="left").equals(table[table["side"] == "left"].reset_index(drop=True))
    right = process([path], side="right")
    assert right["reason_excluded"].str.contains(r"expected marker 'RTIB' \(shank\), found 23 others.*--markers").all()
    assert right["fpa_deg"].notna().any()  # heel and toe are enough for the foot
    bare = write_c3d(tmp_path / "bare.c3d", only(overground, slice(None), ["LKNE", "RKNE"]), subject=SUBJECT)
    with pytest.raises(
        TrialFormatError, match=r"bare\.c3d: expected heel and pelvic markers of the map 'Plug-in Gait'"
    ):
        _process_trial(bare)


def test_a_missing_foot_is_listed_for_its_side(overground: Recording, tmp_path: Path) -> None:
    names = [str(m) for m in overground.markers["marker"].values if m != "RHEE"]
    path = write_c3d(tmp_path / "walk.c3d", only(overground, slice(None), names), subject=SUBJECT)
    table = _process_trial(path)
    right = table[table["side"] == "right"]
    assert len(right) == 1 and "expected marker 'RHEE' (heel)" in right["reason_excluded"].iloc[0]
    assert used(table)["side"].tolist() == ["left"]


@pytest.mark.parametrize(("start", "stop"), [(0.0, 3.0), (0.6, 3.6), (0.9, 2.9)])
def test_forces_of_another_length_than_the_markers_are_an_error_that_names_both(
    overground: Recording, tmp_path: Path, given_centres: dict[str, Any], start: float, stop: float
) -> None:
    assert overground.loads is not None
    trc, _ = write_pair(tmp_path, overground)
    _, mot = write_pair(tmp_path, replace(overground, loads=overground.loads.sel(time=slice(start, stop))))
    with pytest.raises(TrialFormatError) as error:
        _process_trial(trc, **given_centres, forces=str(mot))
    text = str(error.value)
    assert text.startswith("walk_grf.mot: expected forces for 0-3.59 s, the times of walk.trc, found ")
    assert text.endswith("Export both with the same length and clock.")


def test_forces_that_run_on_after_the_markers_are_cut_to_them(
    overground: Recording, tmp_path: Path, given_centres: dict[str, Any]
) -> None:
    trc, mot = write_pair(tmp_path, overground)
    settings = given_centres | {"forces": str(mot)}
    whole = _process_trial(trc, **settings)
    shorter = replace(overground, markers=overground.markers.sel(time=slice(0, 1.7)))
    cut, _ = write_pair(tmp_path, replace(shorter, loads=overground.loads))
    table = _process_trial(cut, **settings)
    assert used(table).empty
    assert table["reason_excluded"].str.startswith("contact cut by an end of the recording").sum() == 1
    assert len(used(whole)) == 2


def test_events_of_a_longer_trial_are_no_strides_of_a_shorter_one(overground: Recording, tmp_path: Path) -> None:
    stray = pd.DataFrame({"time": [7.0, 7.7], "event": ["initial_contact", "foot_off"], "side": "left"})
    trial = replace(overground, events=pd.concat([overground.events, stray], ignore_index=True))
    pd.testing.assert_frame_equal(process_walk(trial, tmp_path), process_walk(overground, tmp_path))


@pytest.mark.parametrize("mass", [0.0, -70.0, 0.07, 70000.0, float("nan")])
def test_a_mass_that_no_one_has_is_refused_though_the_file_has_a_good_one(
    overground: Recording, tmp_path: Path, mass: float
) -> None:
    with pytest.raises(TrialFormatError, match=r"walk\.c3d: mass: expected 2-350 kg, found .* --mass"):
        process_walk(overground, tmp_path, mass=mass)


@pytest.mark.parametrize("height", [0.0, 175.0, 1750.0])
def test_a_height_in_centimetres_or_millimetres_is_refused(
    overground: Recording, tmp_path: Path, height: float
) -> None:
    with pytest.raises(TrialFormatError, match=r"walk\.c3d: height: expected 0\.5-2\.6 m, found .* --height"):
        process_walk(overground, tmp_path, height=height)


@pytest.mark.parametrize("name", ["BODYMASS", "HEIGHT"])
@pytest.mark.parametrize("value", [None, 0.0, np.nan, -5.0])
def test_without_mass_or_height_all_but_percent_body_size_is_there(
    overground: Recording, tmp_path: Path, name: str, value: float | None
) -> None:
    subject = {key: number for key, number in SUBJECT.items() if key != name} | ({} if value is None else {name: value})
    whole = _process_trial(write_c3d(tmp_path / "walk.c3d", overground, subject=SUBJECT))
    path = write_c3d(tmp_path / "walk.c3d", overground, subject=subject)
    table, percent = _process_trial(path), ["kam1_pct_bwht", "kam2_pct_bwht"]
    others = [column for column in COLUMNS if column not in (*percent, "reason_excluded")]
    pd.testing.assert_frame_equal(table[others], whole[others])
    assert table[percent].isna().all(axis=None)
    unsized, said = table.loc[whole["reason_excluded"] == "", "reason_excluded"], name.lower().removeprefix("body")
    assert len(unsized) == 2 and (unsized == f"body {said} not given (--{said}): no %BW*Ht").all()
    by_dynamics = _process_trial(path, method="inverse dynamics")
    assert by_dynamics["kam1_nm"].isna().all() == (name == "BODYMASS")
    if name == "BODYMASS":
        assert by_dynamics["reason_excluded"].str.contains("no inverse dynamics").sum() == 2


def test_contacts_on_a_plate_that_is_left_out_say_why_they_have_no_moment(
    overground: Recording, tmp_path: Path
) -> None:
    whole = _process_trial(write_c3d(tmp_path / "walk.c3d", overground, subject=SUBJECT))
    table = _process_trial(write_c3d(tmp_path / "walk.c3d", overground, subject=SUBJECT, types=(2, 7)))
    fine = whole["reason_excluded"] == ""
    left, right = (fine & (whole["side"] == side) for side in SIDES)
    pd.testing.assert_frame_equal(table[left], whole[left])
    assert table["reason_excluded"][right].str.startswith("no plate under this foot that can be used; plate 2: ").all()
    table = _process_trial(write_c3d(tmp_path / "walk.c3d", overground, subject=SUBJECT, types=(7, 7)))
    assert table["fpa_deg"].notna().all() and table["kam1_nm"].isna().all()
    assert table["reason_excluded"].str.contains("that can be used; plate 1: expected type .* plate 2: expected").all()


@pytest.mark.parametrize("width", [None, 0.0, 1.0])
def test_a_joint_width_that_is_missing_or_of_no_knee_is_a_reason(
    overground: Recording, tmp_path: Path, width: float | None
) -> None:
    subject = {k: v for k, v in SUBJECT.items() if k != "LKNEEWIDTH"} | ({} if width is None else {"LKNEEWIDTH": width})
    table = _process_trial(write_c3d(tmp_path / "walk.c3d", overground, subject=subject))
    left = table[table["side"] == "left"]
    assert left["kam1_nm"].isna().all() and left["fpa_deg"].notna().any()
    assert left["reason_excluded"].str.contains(r"chord method: expected .*lkneewidth.*mm").all()
    assert used(table)["side"].tolist() == ["right"]


STATIC_MAP = """
knee = "static"
[role]
heel = "{S}HEE"
toe = "{S}TOE"
asis = "{S}ASI"
psis = "{S}PSI"
knee_lateral = "{S}KNE"
knee_medial = "{S}KNM"
ankle_lateral = "{S}ANK"
ankle_medial = "{S}HEE"
shank = ["{S}KNE", "{S}TIB", "{S}ANK", "{S}HEE"]
"""


def test_a_static_trial_is_not_looked_for_an_unloaded_stretch(overground: Recording, tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "walk.c3d", overground, subject=SUBJECT)
    static = write_c3d(tmp_path / "static.c3d", only(overground, slice(0, 20)), subject=SUBJECT)
    (tmp_path / "map.toml").write_text(STATIC_MAP)
    own: dict[str, Any] = {"static": str(static), "zero": (0.3, 1.2), "markers": str(tmp_path / "map.toml")}
    assert len(used(_process_trial(path, **own))) == 2
    small = [str(name).lower() for name in overground.markers["marker"].values]
    write_c3d(static, only(overground, slice(0, 20)), subject=SUBJECT, labels=small)
    notes = [note for note in process([path, path], **own).attrs["notes"] if note.startswith("static.c3d: ")]
    assert len(notes) == 1 and "without regard to upper and lower case" in notes[0], "once for all trials"
    with pytest.raises(TrialFormatError, match=r"finds the knee without a static trial, found one given.*--static out"):
        _process_trial(path, **own | {"markers": "plug-in-gait"})


@pytest.mark.parametrize("gone", [["RHEE", "RTOE"], ["RHEE"]])
def test_a_foot_whose_markers_are_never_seen_costs_that_foot_alone(overground: Recording, gone: list[str]) -> None:
    trial = replace(overground, subject={name.lower(): value for name, value in SUBJECT.items()})
    lost = trial.markers.copy(deep=True)
    lost.loc[{"marker": gone}] = np.nan
    whole, part = (outcomes(stances(read(replace(trial, markers=markers)))) for markers in (trial.markers, lost))
    measures = ["stride", "ic_time", "fpa_deg", "kam1_nm", "kfm_peak_nm"]
    left, still = (table.loc[(table["side"] == "left") & table["stride"].notna(), measures] for table in (whole, part))
    pd.testing.assert_frame_equal(left, still, check_dtype=False)
    assert part.loc[part["side"] == "right", "fpa_deg"].isna().all()
    assert part["reason_excluded"].str.contains("the foot without markers, or plates swapped").sum() == 1
    with pytest.raises(MarkerError, match=r"expected heel and pelvic markers of the map .*, found \[\]"):
        read(replace(trial, markers=lost * np.nan))


def test_a_side_without_strides_has_a_row_that_says_so(overground: Recording, tmp_path: Path) -> None:
    shown = overground.events["side"] == "left"
    trial = replace(overground, events=overground.events[shown].reset_index(drop=True), loads=None)
    path = write_c3d(tmp_path / "walk.c3d", trial, subject=SUBJECT)
    table = _process_trial(path)
    assert table.loc[table["side"] == "right", "reason_excluded"].tolist() == ["no stride of this foot found"]


def test_a_standing_person_is_no_walk(overground: Recording, tmp_path: Path) -> None:
    still = replace(overground, markers=overground.markers.copy(data=0 * overground.markers + overground.markers[0]))
    with pytest.raises(TrialFormatError, match=r"walk\.c3d: direction of travel: .*Is this the static trial\?"):
        process_walk(still, tmp_path)


@pytest.mark.parametrize(
    ("how", "part"),
    [
        ({"markers": "plug-in"}, "marker map: expected one of .*found 'plug-in'"),
        ({"cut_off": 60.0}, "expected a cut-off above 0 and below 50 Hz"),
        ({"cut_off": -1.0}, "expected a cut-off above 0"),
        ({"threshold": -5.0}, "expected a threshold above 0 N"),
        ({"frame": "moon"}, "frame: expected one of tibia"),
        ({"axes": ("+X", "+X")}, "expected two axes like"),
    ],
)
def test_settings_that_cannot_be_are_one_error_that_names_a_file(
    overground: Recording, tmp_path: Path, how: dict, part: str
) -> None:
    with pytest.raises(TrialFormatError, match=part) as error:
        process_walk(overground, tmp_path, **how)
    assert str(error.value).split(":")[0] in ("walk.c3d", *how.values())


@pytest.mark.parametrize("text", ["", "no = [toml", '[role]\nheel = "LHEE"', "\x00"])
def test_a_bad_marker_map_is_one_error(overground: Recording, tmp_path: Path, text: str) -> None:
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(TrialFormatError, match=r"walk\.c3d: marker map .*map\.toml: .*expected"):
        process_walk(overground, tmp_path, markers=str(tmp_path / "map.toml"))


def test_options_that_would_do_nothing_are_refused(overground: Recording, tmp_path: Path) -> None:
    walked, forces = write_pair(tmp_path, overground)
    with pytest.raises(TrialFormatError, match="expected forces to zero, found a TRC file"):
        _process_trial(walked, zero=(0.3, 1.2))
    path = write_c3d(tmp_path / "walk.c3d", overground, subject=SUBJECT)
    with pytest.raises(TrialFormatError, match=r"expected no force file beside a C3D with plates of its own"):
        _process_trial(path, forces=str(forces))


SIZE = {"mass": 70.0, "height": 1.75}


def write_turned(
    folder: Path, trial: Recording, *, up: str = "zz", offset: float = 0.0, times: float = 1.0, points: float = 1.0
) -> tuple[Path, Path]:
    """Write a recording as TRC and MOT, markers and forces with the axes ``up`` that are named, y or z.

    ``offset`` (N upward) is added in the middle of plate 1; forces and points are multiplied by ``times``, ``points``.
    """
    loads = trial.loads
    assert loads is not None
    turns = [np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]) if a == "z" else np.eye(3) for a in up]
    force, moment = loads["force"].values * times, loads["moment"].values * times
    extra = np.array([0.0, offset, 0.0])
    force[:, 0] += extra
    moment[:, 0] += np.cross(loads["corners"][0].mean("corner"), extra)
    pressed = np.where(np.abs(force[..., 1]) > 1e-9, force[..., 1], np.inf)
    point = np.stack([moment[..., 2] / pressed, np.zeros(pressed.shape), -moment[..., 0] / pressed], -1)
    kinds = {"force_{}_v": force, "force_{}_p": point * points, "moment_{}_m": moment - np.cross(point, force)}
    columns = {
        f"ground_{kind.format(k + 1)}{axis}": values[:, k] @ turns[1].T[:, "xyz".index(axis)]
        for k in range(2)
        for kind, values in kinds.items()
        for axis in "xyz"
    }
    table = pd.DataFrame(columns, index=pd.Index(loads["time"].values, name="time"))
    turned = replace(trial, markers=trial.markers.copy(data=trial.markers.values @ turns[0].T))
    trc = write_trc(turned, folder / "z.trc")
    return trc, write_storage(table, folder / "z.mot")


def test_axes_turn_markers_and_forces_of_text_files_alike(overground: Recording, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP)
    plain, forces = write_pair(tmp_path, overground)
    right = _process_trial(plain, markers=str(tmp_path / "map.toml"), forces=str(forces), **SIZE)
    trc, mot = write_turned(tmp_path, overground)
    settings = {"markers": str(tmp_path / "map.toml"), "forces": str(mot), "axes": ("+X", "+Z"), **SIZE}
    turned = _process_trial(trc, **settings)
    assert right["kam1_nm"].notna().sum() == 2
    pd.testing.assert_frame_equal(turned.drop(columns="file"), right.drop(columns="file"), rtol=1e-6)
    with pytest.raises(TrialFormatError, match=r"(?s)z\.mot: .*ground_force_1.*expected the largest.*--axes"):
        _process_trial(trc, **settings | {"axes": None})
    for axes in (("+X", "+X"), ("Z", "up"), ("+X", "")):
        with pytest.raises(TrialFormatError, match="expected two axes like"):
            _process_trial(trc, **settings | {"axes": axes})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"offset": -25.0}, r"reads -25 N with nobody on it\. Give an unloaded stretch.*--zero"),
        ({"times": -1.0}, r"expected the ground to push upwards, found up to .* N downwards"),
        ({"times": 1e-3}, r"expected forces in N, found up to .*: kN, or body weights\?"),
        ({"times": 1 / 700}, r"expected forces in N, found up to .*: kN, or body weights\?"),
        ({"times": 30.0}, r"expected forces below 20000 N, found"),
        ({"points": 1000.0}, r"expected points in m, found most over 30 m from the origin: millimetres called metres"),
        ({"points": 10.0}, r"expected forces within 1 m of a marker, found the nearest plate's .* m away"),
        ({"points": 100.0}, r"centimetres called metres|millimetres called metres"),
    ],
)
def test_forces_of_a_text_file_are_checked_as_those_of_plates_are(
    overground: Recording, tmp_path: Path, change: dict[str, float], message: str
) -> None:
    trc, mot = write_turned(tmp_path, overground, **change)
    with pytest.raises(TrialFormatError, match=message):
        read(trc, forces=str(mot), axes=("+X", "+Z"))


def test_forces_with_z_up_beside_markers_with_y_up_are_refused(overground: Recording, tmp_path: Path) -> None:
    trc, mot = write_turned(tmp_path, overground, up="yz")
    with pytest.raises(TrialFormatError, match=r"expected the largest force along y \(up\), found it along z"):
        read(trc, forces=str(mot))


def test_a_text_plate_that_rests_off_zero_is_zeroed_on_a_stretch(overground: Recording, tmp_path: Path) -> None:
    trc, mot = write_turned(tmp_path, overground)
    settings: dict[str, Any] = {"forces": str(mot), "axes": ("+X", "+Z")}
    right = read(trc, **settings)
    write_turned(tmp_path, overground, offset=25.0)
    zeroed = read(trc, **settings, zero=(0.3, 1.2))
    assert right.loads is not None and zeroed.loads is not None
    for key in ("force", "moment"):
        np.testing.assert_allclose(zeroed.loads[key], right.loads[key], atol=1e-6)
    for zero, part in (((0.0, 1e-4), "expected the unloaded stretch within"), ((1.3, 2.0), "expected no load within")):
        with pytest.raises(TrialFormatError, match=part):
            read(trc, **settings, zero=zero)


@pytest.mark.parametrize("value", [-70.0, 0.0, np.nan, np.inf])
@pytest.mark.parametrize("what", ["mass", "height"])
def test_an_impossible_person_is_refused_with_and_without_plates(
    overground: Recording, tmp_path: Path, what: str, value: float
) -> None:
    (tmp_path / "map.toml").write_text(MAP)
    plain, _ = write_pair(tmp_path, overground)
    with pytest.raises(TrialFormatError, match=f"{what}: expected "):
        _process_trial(plain, markers=str(tmp_path / "map.toml"), **{what: value})


def test_a_walker_mirrored_or_on_her_side_is_refused(overground: Recording, tmp_path: Path) -> None:
    swapped = {m: ("R" if m[0] == "L" else "L") + m[1:] for m in map(str, overground.markers["marker"].values)}
    turned = overground.markers.assign_coords(marker=list(swapped.values()))
    with pytest.raises(TrialFormatError, match=r"the left markers on the walker's left, found them elsewhere.*--axes"):
        process_walk(replace(overground, markers=turned), tmp_path)
    lying = write_c3d(tmp_path / "lying.c3d", overground, subject=SUBJECT)
    with pytest.raises(TrialFormatError, match=r"(?s)lying\.c3d: .*--axes"):
        _process_trial(lying, axes=("+X", "-Z"))


def test_without_plates_the_foot_angle_is_there_and_the_reason_too(overground: Recording, tmp_path: Path) -> None:
    bare = {k: v for k, v in SUBJECT.items() if k not in ("BODYMASS", "HEIGHT")}
    table = _process_trial(write_c3d(tmp_path / "walk.c3d", replace(overground, loads=None), subject=bare))
    assert table["fpa_deg"].notna().any()
    assert table["reason_excluded"].str.startswith("no force plates in the file").all()


def test_a_toe_lost_in_stance_is_a_reason_of_its_own(overground: Recording, tmp_path: Path) -> None:
    whole = process_walk(overground, tmp_path)
    stance = used(whole).iloc[0]
    lost = overground.markers.copy(deep=True)
    time = lost["time"]
    toe = {"left": "LTOE", "right": "RTOE"}[stance["side"]]
    length = stance["fo_time"] - stance["ic_time"]
    gone = (time > stance["ic_time"] + 0.1 * length) & (time < stance["ic_time"] + 0.45 * length)
    lost.loc[{"marker": toe, "time": gone}] = np.nan
    again = _process_trial(write_c3d(tmp_path / "lost.c3d", replace(overground, markers=lost), subject=SUBJECT))
    row = again[(again["side"] == stance["side"]) & (again["ic_time"] - stance["ic_time"]).abs().lt(0.05)].iloc[0]
    assert np.isnan(row["fpa_deg"])
    assert row["reason_excluded"].endswith("heel or toe missing in 15-40 % of stance: no foot angle")


def test_no_toe_in_the_file_is_one_error(overground: Recording, tmp_path: Path) -> None:
    names = [m for m in map(str, overground.markers["marker"].values) if m not in ("LTOE", "RTOE")]
    path = write_c3d(tmp_path / "walk.c3d", only(overground, slice(None), names), subject=SUBJECT)
    with pytest.raises(TrialFormatError, match=r"walk\.c3d: expected heel and toe of one foot"):
        _process_trial(path)


@pytest.mark.parametrize("drift", [(-0.9, 0.0), (0.6, 0.1), (1.5, -0.4)])
def test_a_drift_on_the_treadmill_does_not_turn_the_walker(drift: tuple[float, float]) -> None:
    trial = walk(seconds=6.0, treadmill=True)
    time = trial.markers["time"].values
    path = np.stack([drift[0] * time, 0 * time, drift[1] * time], -1) / time[-1]
    moved = trial.markers + xr.DataArray(path, dims=("time", "axis"), coords={"time": time, "axis": list("xyz")})
    here, there = (
        read(replace(trial, markers=m.transpose("time", "marker", "axis"))).markers for m in (trial.markers, moved)
    )
    foot, drifted = (m.sel(marker="LTOE").values[0] - m.sel(marker="LHEE").values[0] for m in (here, there))
    apart = np.degrees(np.arctan2(foot[2], foot[0]) - np.arctan2(drifted[2], drifted[0]))
    assert abs(apart) < 6  # a drift of .1 m a step against a belt at walking speed


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    for name in ("walk.mot", "walk.csv", "walk"):
        (tmp_path / name).write_text("x")
        with pytest.raises(TrialFormatError, match=rf"{name}: expected a \.c3d or \.trc file, found .*--forces"):
            read(tmp_path / name)


def test_many_files_give_all_their_rows_and_one_row_for_each_bad_one(overground: Recording, tmp_path: Path) -> None:
    good = write_c3d(tmp_path / "good.c3d", overground, subject=SUBJECT)
    (tmp_path / "empty.c3d").touch()
    (tmp_path / "cut.c3d").write_bytes(good.read_bytes()[:90000])
    paths = [tmp_path / "empty.c3d", good, tmp_path / "cut.c3d", tmp_path / "none.c3d", good]
    table = process(paths)
    pd.testing.assert_frame_equal(table, process(map(str, paths)))
    alone = _process_trial(good)
    assert len(table) == 3 + 2 * len(alone) and len(table.attrs["errors"]) == 3
    bad = table[table["file"] != "good.c3d"]
    assert bad["file"].tolist() == ["empty.c3d", "cut.c3d", "none.c3d"]
    for row, message in zip(bad.itertuples(), table.attrs["errors"], strict=True):
        assert row.reason_excluded == message and message.startswith(f"{row.file}: ")
    assert tuple(process([]).columns) == COLUMNS and process([]).empty


def test_events_come_from_plates_then_from_the_file_then_from_markers(overground: Recording) -> None:
    walked = read(overground)
    stored, contact = _find_strides(walked)
    assert contact["reason"].tolist() == ["", ""]
    on_plate = stored[stored["ic_time"].sub(FIRST["left"] + STRIDE).abs() < 0.02]
    assert on_plate["ic_time"].iloc[0] == contact["start"].iloc[0]
    assert FIRST["left"] == pytest.approx(stored["ic_time"].min(), abs=1e-6)
    guessed, _ = _find_strides(replace(walked, events=walked.events.iloc[:0]))
    assert len(guessed) == len(stored)
    np.testing.assert_allclose(guessed["ic_time"], stored["ic_time"], atol=0.1)


def test_smoothing_leaves_what_is_smooth_and_fills_a_short_gap(overground: Recording) -> None:
    even = prepare(read(lose(overground, "LKNE", 1.5, 0.05)), cut_off=20.0).recording
    assert not even.markers.isnull().any()
    np.testing.assert_allclose(even.markers[20:-20], read(overground).markers[20:-20], atol=0.002)
    assert even.loads is not None and even.loads.sizes["time"] == even.markers.sizes["time"]


def test_an_error_is_an_error_of_the_package(tmp_path: Path) -> None:
    with pytest.raises(GaitStudyError):
        _process_trial(tmp_path / "nothing.c3d")


# ---- every parameter reaches the result it names ----

ANGLE, WIDTH, TIMES = {"foot_progression_angle"}, {"step_width"}, {"start", "end"}
MOMENTS = {"knee_adduction_moment", "knee_flexion_moment"}
LEG, FORCE = {"knee", "tibia_forward"}, {"ground_reaction", "centre_of_pressure"}


def changed(one: xr.Dataset, other: xr.Dataset) -> set[str]:
    """Return the variables that differ by more than 1e-9, in a gap, or in a word."""
    assert one.sizes == other.sizes and set(one) == set(other)
    return {
        str(name)
        for name, array in one.items()
        if not (
            np.allclose(array, other[name], rtol=0, atol=1e-9, equal_nan=True)
            if array.dtype == float
            else array.equals(other[name])
        )
    }


@pytest.fixture(scope="module")
def wobbling(overground: Recording) -> Recording:
    """The walker with feet that turn a little in stance, so that a filter or a window moves their mean angle."""
    markers, time = overground.markers.copy(deep=True), overground.markers["time"]
    turn = xr.DataArray([0.0, 0.0, 0.005], dims="axis", coords={"axis": list("xyz")}) * np.sin(6 * np.pi * time)
    markers.loc[{"marker": ["LTOE", "RTOE"]}] += turn
    return replace(overground, markers=markers)


@pytest.mark.parametrize(
    ("how", "reached"),
    [
        ({"cut_off": 6.0}, MOMENTS | LEG | FORCE | ANGLE | WIDTH | {"foot"}),
        ({"cut_off": None}, MOMENTS | LEG | FORCE | ANGLE | WIDTH | {"foot"}),
        ({"threshold": 60.0}, MOMENTS | LEG | FORCE | ANGLE | WIDTH | TIMES | {"foot"}),
        ({"hip": "hara"}, MOMENTS | LEG | WIDTH),
        ({"frame": "lab"}, MOMENTS),
        ({"method": "inverse dynamics"}, MOMENTS),
        ({"fpa_window": (30, 60)}, ANGLE),
    ],
)
def test_a_parameter_of_stances_changes_what_it_names_and_nothing_else(
    wobbling: Recording, how: dict[str, Any], reached: set[str]
) -> None:
    walked = read(wobbling)
    assert changed(stances(walked), stances(walked, **how)) == reached


def test_a_long_gap_of_one_knee_leaves_the_other_leg_alone(overground: Recording) -> None:
    whole, lost = stances(read(overground)), stances(read(lose(overground, "LKNE", 1.5, 0.3)))
    assert changed(lost, whole) == MOMENTS | LEG | WIDTH | {"reason"}
    right = whole["side"].values == "right"
    assert changed(lost.isel(stance=right), whole.isel(stance=right)) <= WIDTH


def test_mass_and_height_scale_what_they_should_and_nothing_else(overground: Recording) -> None:
    plain, heavy, tall = (
        outcomes(stances(read(overground, mass=mass, height=height)))
        for mass, height in ((70.0, 1.75), (71.4, 1.75), (70.0, 1.925))
    )
    percent = ["kam1_pct_bwht", "kam2_pct_bwht"]
    assert plain[percent].notna().any(axis=None)
    for other, factor in ((heavy, 1.02), (tall, 1.1)):
        np.testing.assert_allclose(other[percent] * factor, plain[percent], rtol=1e-12)
        pd.testing.assert_frame_equal(other.drop(columns=percent), plain.drop(columns=percent))
    again = read(read(overground, mass=71.4, height=1.925))
    assert (again.mass, again.height) == (71.4, 1.925), "read twice, it keeps what it was told"
    one, two = (stances(read(overground, mass=mass), method="inverse dynamics") for mass in (70.0, 71.4))
    assert changed(one, two) == MOMENTS and two.attrs["mass"] == 71.4


def test_a_direction_of_travel_that_is_given_turns_the_lab_and_the_angles_against_it(overground: Recording) -> None:
    """10 deg to the right of the walk: the left foot points 10 deg further out from there, the right foot in."""
    right = np.radians(10.0)
    plain, turned = read(overground), read(overground, forward=(np.cos(right), 0.0, np.sin(right)))
    toe_out = {
        travel: outcomes(stances(turned, travel=travel)).groupby("side")["fpa_deg"] for travel in ("stride", "trial")
    }
    for side, by in (("left", 10.0), ("right", -10.0)):
        np.testing.assert_allclose(toe_out["trial"].get_group(side), TOE_OUT[side] + by, atol=0.01)
        np.testing.assert_allclose(toe_out["stride"].get_group(side), TOE_OUT[side], atol=0.01)
    assert changed(stances(plain, travel="trial"), stances(turned, travel="trial")) >= ANGLE | FORCE | LEG | {"foot"}
    lab = {"frame": "lab", "travel": "trial"}
    assert changed(stances(turned, frame="lab"), stances(turned, **lab)) == ANGLE | WIDTH | MOMENTS
    assert changed(stances(turned), stances(turned, travel="trial")) == ANGLE | WIDTH


def test_a_static_trial_carries_the_knee_and_forces_are_the_files(overground: Recording, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(STATIC_MAP)
    still = only(overground, slice(0, 20)).markers
    wide = still.copy(deep=True)
    wide.loc[{"marker": "LKNM"}] += xr.DataArray([0.0, 0.0, 0.01], dims="axis", coords={"axis": list("xyz")})
    one, two = (stances(read(overground, str(tmp_path / "map.toml"), static=s)) for s in (still, wide))
    assert changed(one, two) >= MOMENTS | {"knee"} and not changed(one, two) & (ANGLE | FORCE | TIMES)
    moved = np.linalg.norm((two["knee"] - one["knee"]).sel(stance=one["side"] == "left"), axis=-1)
    assert np.nanmax(np.abs(moved - 0.005)) < 1e-4
    trc, mot = write_pair(tmp_path, overground)
    given = stances(read(trc, forces=mot))
    assert given["ground_reaction"].notnull().any() and (given["plate"] != "").any()
    without = stances(read(trc))
    assert without["ground_reaction"].isnull().all() and (without["plate"] == "").all()


def test_what_cannot_reach_a_result_is_refused(overground: Recording, tmp_path: Path) -> None:
    walked = read(overground)
    walk_ready = prepare(walked)
    path = write_c3d(tmp_path / "walk.c3d", overground, subject=SUBJECT)
    for call in (
        lambda: stances(walked, cutoff=6.0),
        lambda: prepare(walked, cutoff=6.0),  # type: ignore[call-arg]
        lambda: _process_trial(path, cutoff=6.0),
        lambda: process([path], window=(30, 60)),
    ):
        with pytest.raises(TypeError, match=r"unexpected keyword argument '(cutoff|window)'"):
            call()
    with pytest.raises(GaitStudyError, match="cut_off: expected with a recording, found a prepared walk"):
        stances(walk_ready, cut_off=6.0)
    with pytest.raises(GaitStudyError, match="travel: expected one of stride, trial, found 'path'"):
        stances(walked, travel="path")
    for name in ("frame", "method"):  # without plates as well, where there is no moment to refuse it
        with pytest.raises(GaitStudyError, match=f"{name}: expected one of .*, found 'moon'"):
            stances(replace(walked, loads=None), **{name: "moon"})
    for window in ((40.0, 15.0), (-5.0, 40.0), (60.0, 101.0)):
        with pytest.raises(GaitStudyError, match="window: expected 0 <= from < to <= 100"):
            stances(walked, fpa_window=window)
    for name, value in (("forces", "walk.mot"), ("axes", ("+X", "+Z")), ("zero", (0.0, 0.1))):
        with pytest.raises(GaitStudyError, match="expected with a file, found a recording"):
            read(overground, **{name: value})
    for name, value in (("mass", -70.0), ("height", 175.0)):
        with pytest.raises(GaitStudyError, match=f"{name}: expected"):
            read(overground, **{name: value})
    for forward in ((0.0, 1.0, 0.0), (np.nan, 0.0, 0.0), (1.0, 0.0), (np.inf, 0.0, 1.0)):
        with pytest.raises(GaitStudyError, match="forward: expected"):
            read(overground, forward=forward)
    with pytest.raises(GaitStudyError, match="expected 'left' or 'right', found 'middle'"):
        process([path], side="middle")
    with pytest.raises(GaitStudyError, match=r"expected a recording that gaitstudy\.read returned"):
        stances(overground)


# ---- nothing is left out, and all of it says what it is ----

RECORDINGS = {
    "overground": walk(),
    "treadmill": walk(treadmill=True),
    "no plates": replace(walk(), loads=None),
    "both feet on one plate": walk(assign=lambda side, k: {0: 1.0} if k == 1 else {}),
    "cross-over": walk(assign=lambda side, k: {0: 0.6, 1: 0.4} if (side, k) == ("left", 1) else {}),
    "wrong belt": walk(treadmill=True, apart=-0.2, assign=lambda side, k: {"left": {1: 1.0}, "right": {0: 1.0}}[side]),
    "one foot": only(walk(), slice(None), [m for m in map(str, walk().markers["marker"].values) if m[0] == "L"]),
    "no leg": only(walk(), slice(None), ["LHEE", "LTOE", "LASI", "RHEE", "RTOE", "RASI"]),
}


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_stride_and_every_contact_is_a_stance_that_is_usable_or_says_why_not(name: str) -> None:
    prepared = prepare(read(RECORDINGS[name]))
    found = stances(prepared)
    numbered = found[["side", "stride"]].to_dataframe().dropna()
    assert numbered.values.tolist() == prepared.strides[["side", "stride"]].values.tolist()
    assert (found["plate"] != "").sum() == len(prepared.contacts)
    for contact in prepared.contacts.itertuples():
        own = found.isel(stance=(found["side"] == contact.side).values & (found["plate"] == contact.plate).values)
        nearest = own.isel(stance=int(np.argmin(np.abs(own["start"].values - contact.start))))
        assert abs(float(nearest["start"]) - contact.start) < events.SAME
        why = str(nearest["reason"].item())
        assert contact.reason in why or prepared.no_leg[contact.side] in why
        assert bool(nearest["moment_usable"]) <= (contact.reason == "")
    fine = found["moment_usable"] & found["angle_usable"] & found["straight"] & found["times_usable"]
    assert ((found["reason"] == "") == fine).all()
    assert set(found["side"].values) == set(SIDES)


def test_every_variable_says_its_unit_its_frame_and_its_name(overground: Recording) -> None:
    for frame in ("tibia", "lab"):
        found = stances(read(overground), frame=frame)
        units = {str(name): array.attrs["units"] for name, array in found.items()}
        assert {name: unit for name, unit in units.items() if unit} == {
            "knee_adduction_moment": "N m", "knee_flexion_moment": "N m", "ground_reaction": "N", "knee": "m",
            "centre_of_pressure": "m", "tibia_forward": "1", "foot": "m", "foot_progression_angle": "deg",
            "step_width": "m", "start": "s", "end": "s",
        }  # fmt: skip
        for name, array in found.items():
            assert array.attrs["long_name"]
            if "percent" in array.dims:
                assert array.attrs["frame"] == (frame if str(name).endswith("_moment") else "lab")
        assert found["percent"].values.tolist() == list(range(101))


# ---- outcomes are the curves' ----


@pytest.mark.parametrize("method", ["lever arm", "inverse dynamics"])
def test_outcomes_are_the_peaks_of_the_curves(treadmill: Recording, method: str) -> None:
    curves = stances(read(treadmill, mass=70.0, height=1.75), method=method)
    table = outcomes(curves)
    assert len(table) == curves.sizes["stance"] and len(used(table)) == 5
    for k in used(table).index:
        row, adduction = table.loc[k], curves["knee_adduction_moment"].values[k]
        seconds = float(curves["end"][k] - curves["start"][k])
        positive = np.clip(adduction, 0, None)
        assert row["kam1_nm"] == adduction[:51].max() and row["kam2_nm"] == adduction[50:].max()
        assert row["kam1_edge"] == (adduction[:51].argmax() in (0, 50))
        assert row["kam2_edge"] == (adduction[50:].argmax() in (0, 50))
        assert row["kfm_peak_nm"] == curves["knee_flexion_moment"].values[k].max()
        area = seconds / 100 * (positive.sum() - (positive[0] + positive[-1]) / 2)
        assert row["kam_impulse_nms"] == pytest.approx(area, rel=1e-12)
        assert row["kam1_pct_bwht"] == pytest.approx(100 * adduction[:51].max() / (70 * GRAVITY * 1.75), rel=1e-12)
        assert row["stance_time"] == seconds and row["fpa_deg"] == curves["foot_progression_angle"].values[k]
        arm = curves["centre_of_pressure"].values[k] - curves["knee"].values[k]
        sign, force = side_sign(row["side"]), curves["ground_reaction"].values[k]
        if method == "lever arm":  # but for the free moment, which the walker's plates hold: 4 N m at most
            by_hand = sign * (np.cross(arm, force) * curves["tibia_forward"].values[k]).sum(-1)
            assert np.nanmax(np.abs(by_hand - adduction)[10:91]) < 4.0


@pytest.mark.parametrize("kind", ["overground", "treadmill"])
def test_a_prepared_walk_gives_what_its_recording_gives(request: pytest.FixtureRequest, kind: str) -> None:
    walked = read(request.getfixturevalue(kind))
    how: dict[str, Any] = {"cut_off": 6.0, "threshold": 40.0, "hip": "hara"}
    xr.testing.assert_identical(stances(walked), stances(prepare(walked)))
    xr.testing.assert_identical(stances(walked, frame="lab", **how), stances(prepare(walked, **how), frame="lab"))


@pytest.mark.parametrize("source", ["p3m6-walk", "plug-in-gait-kinetics"])
def test_a_real_contact_carries_the_body_from_touch_to_lift(source: str) -> None:
    if source == "p3m6-walk":
        if not catalogue.present(source):
            pytest.skip(f"dataset not on this machine: {source}")
        prepared = prepare(own_skeleton_trial(source, "Walking01"))
        plate = OWN_SKELETON.loc[(source, "Walking01"), "plate"]
        landed = prepared.contacts[prepared.contacts["plate"] == plate].head(1)
    else:
        prepared = prepare(read(*needs(source, "btk/PiG_Motion3_FF.c3d")))
        landed = prepared.whole
    weight, loads = prepared.recording.mass * GRAVITY, prepared.recording.ground_reaction["force"].sel(axis="y")
    assert len(landed)
    for step in landed.itertuples():
        vertical = loads.sel(plate=step.plate)
        assert 0.4 < step.end - step.start < 1.0
        assert 0.95 < float(vertical.sel(time=slice(step.start, step.end)).max()) / weight < 1.4
        ends = vertical.sel(time=[step.start, step.end], method="nearest").values / weight
        assert (np.abs(ends)[int(step.start == 0.0) :] < 0.3).all()  # a file that begins in the step: no first contact


# ---- one pipeline ----

ROOT = Path(__file__).resolve().parents[1]
CHAIN = {
    "_find_strides",
    "_face_forward",
    "_filtered",
    "plate_contacts",
    "marker_events",
    "leg_from_markers",
}
DEFINES = {"gait/events.py", "load/skeleton.py", "pipeline.py"}
ELSEWHERE = {
    ("gait/plausibility.py", "plate_contacts"): "holds every contact against the laws that contacts obey",
    ("tables/event_walks.py", "marker_events"): "holds the events of real walks against plates",
    ("tables/standing_alignment.py", "leg_from_markers"): "the leg of a person who stands, whose trial is no walk",
}
"""Who else calls a piece of the chain, and why."""


def test_the_chain_from_markers_to_stances_is_written_once() -> None:
    found: set[tuple[str, str]] = set()
    places = [(ROOT / "gaitstudy", "*.py"), (ROOT / "notebooks" / "src", "*.py"), (ROOT / "workflow", "*.py")]
    for folder, pattern in places:
        for path in folder.rglob(pattern):
            place = path.relative_to(folder).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    found.add((place, getattr(node.func, "id", getattr(node.func, "attr", ""))))
    found = {(place, name) for place, name in found if name in CHAIN}
    assert {pair for pair in found if pair[0] not in DEFINES} == set(ELSEWHERE)
    assert {name for place, name in found if place == "pipeline.py"} >= CHAIN - {"plate_contacts"}


# ---- what a user gets wrong ----


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"fpa_window": (0.15, 0.4)}, "per cent of stance, a whole per cent among"),
        ({"fpa_window": (40, 15)}, "0 <= from < to <= 100"),
        ({"fpa_window": 15}, "found 15"),
        ({"fpa_window": (15, 40, 60)}, "0 <= from < to <= 100"),
        ({"fpa_window": ("15", "40")}, "0 <= from < to <= 100"),
        ({"hip": "hra"}, "expected one of harrington, hara"),
        ({"threshold": np.nan}, "expected a threshold above 0 N"),
    ],
)
def test_a_setting_that_is_none_is_refused(overground: Recording, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(GaitStudyError, match=said):
        stances(overground_read(overground), **settings)


def overground_read(trial: Recording) -> Recording:
    """Return the walker's recording, read with a map that every walker fits."""
    return read(trial, mass=70.0, height=1.75)


@pytest.mark.parametrize("what", ["walk.c3d", xr.DataArray([0.0])])
def test_what_is_no_recording_is_named(what: Any) -> None:
    with pytest.raises(GaitStudyError, match=f"found {type(what).__name__}. Read it first"):
        stances(what)


def test_one_path_is_one_file() -> None:
    table = process("nowhere.c3d")
    assert table["file"].tolist() == ["nowhere.c3d"]


def test_a_mass_as_text_is_its_number(overground: Recording) -> None:
    assert read(overground, mass="70", height="1.75").mass == 70.0  # type: ignore[arg-type]


def test_on_a_curve_no_foot_is_measured_against_the_whole_trials_direction() -> None:
    """The first and the last feet would read 12 deg more or less than they are."""
    straight = replace(walk(seconds=5.0), loads=None)
    curved = read(bent(straight, [(12.0, 60.0)]))
    assert outcomes(stances(curved))["fpa_deg"].notna().all()
    against_all = outcomes(stances(curved, travel="trial"))
    assert against_all["fpa_deg"].isna().all() and against_all["reason_excluded"].str.contains("turning").all()
    assert outcomes(stances(read(straight), travel="trial"))["fpa_deg"].notna().all()


def test_stances_go_to_a_netcdf_file_and_back(overground: Recording, tmp_path: Path) -> None:
    pytest.importorskip("h5netcdf")
    curves = stances(read(replace(overground, notes=("a", "b")), mass=70.0))
    curves.to_netcdf(tmp_path / "stances.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "stances.nc", engine="h5netcdf") as back:
        pd.testing.assert_frame_equal(outcomes(back.load()), outcomes(curves))

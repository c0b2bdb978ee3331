"""Walks on paths that turn: foot angle and knee moment against the local direction, turning strides told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import MarkerError, TrialFormatError
from gaitstudy.gait.steps import TURN
from gaitstudy.io.motion import Recording
from gaitstudy.pipeline import EDGES, _process_trial
from tests import paths, synthetic
from tests.paths import Piece, along, bent, overground, walk
from tests.recordings import write_trc

TOE_OUT, WITHIN = 7.0, 1.5
"""deg."""
OF_STRAIGHT_WALKING = [
    "fpa_deg", "kam1_pct_bwht", "kam2_pct_bwht", "kam1_nm", "kam2_nm", *EDGES, "kam_impulse_nms", "kfm_peak_nm",
    "step_width",
]  # fmt: skip
"""What a stride that turns, or goes backwards, does not have."""
CURVE = [(3.0, 0.0), (9.0, 25.0)]


def rows(trial: Recording, frame: str = "lab") -> pd.DataFrame:
    walked = pipeline.read(trial, "walker", mass=75.0, height=1.75)
    return pipeline.outcomes(pipeline.stances(walked, frame=frame))


def kept_and_turning(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the strides with a foot angle and those that turn; no whole stride may be anything else."""
    strides = table[table["stride"].notna()]
    turning = strides["reason_excluded"].str.contains("turning: the direction of travel changes by")
    assert strides.loc[turning, OF_STRAIGHT_WALKING].isna().all(axis=None)
    assert strides.loc[turning, ["ic_time", "fo_time", "stance_time"]].notna().all(axis=None)
    assert strides.loc[~turning, "fpa_deg"].notna().all()
    return strides[~turning], strides[turning]


# ---- the paths themselves ----


def test_a_path_is_as_long_as_it_says_and_turns_by_what_it_says() -> None:
    pieces = [(2.0, 0.0), (np.pi, 180.0), (1.0, -90.0)]
    s = np.linspace(-1.0, 9.0, 100001)
    where, heading = along(pieces, np.maximum(s, 0.0))
    steps = np.linalg.norm(np.diff(where[s >= 0], axis=0), axis=1)
    assert steps.sum() == pytest.approx(9.0, abs=1e-6)
    assert np.degrees(heading[-1]) == pytest.approx(90.0)
    half = where[np.searchsorted(s, 2 + np.pi)]
    assert half == pytest.approx([2.0, 2.0], abs=1e-3), "half a circle to the right, of 1 m radius"


# ---- what comes out of them ----


@pytest.mark.parametrize("turn", [25.0, -25.0])
def test_on_a_gentle_curve_every_stride_is_kept_and_right(turn: float) -> None:
    kept, turning = kept_and_turning(rows(bent(overground(walk()), [(3.0, 0.0), (9.0, turn)])))
    assert turning.empty and len(kept) == 21
    assert (kept["fpa_deg"] - TOE_OUT).abs().max() < WITHIN / 2


@pytest.mark.parametrize("radius", [0.3, 1.0])
def test_a_walk_out_and_back_is_right_both_ways(radius: float) -> None:
    kept, turning = kept_and_turning(rows(bent(overground(walk()), [(6.0, 0.0), (np.pi * radius, 180.0)])))
    assert 4 <= len(turning) <= 9 and len(kept) + len(turning) == 21
    assert (kept["fpa_deg"] - TOE_OUT).abs().max() < 0.1
    middle = turning["ic_time"].mean()
    assert (kept["ic_time"] < middle).sum() >= 5 and (kept["ic_time"] > middle).sum() >= 5


@pytest.mark.parametrize(("radius", "turn"), [(0.5, 90), (1.5, -90), (3, 90), (5, -90), (8, 90), (8, -90), (12, 90)])
def test_round_a_corner_strides_are_right_or_turning(radius: float, turn: float) -> None:
    kept, turning = kept_and_turning(rows(bent(overground(walk()), [(4.0, 0.0), (np.pi / 2 * radius, turn)])))
    assert (kept["fpa_deg"] - TOE_OUT).abs().max() < WITHIN
    assert (len(turning) == 0) == (radius == 12.0), "6.4 degrees a stride are no turn"


def test_on_a_narrow_circle_nothing_is_straight() -> None:
    kept, turning = kept_and_turning(rows(bent(overground(walk()), [(2 * np.pi * 3.0, 360.0)])))
    assert kept.empty and len(turning) == 21


def test_a_walk_that_ends_where_it_began_is_no_static_trial() -> None:
    trial = bent(overground(walk()), [(5.5, 0.0), (np.pi * 0.2, 180.0)])
    pelvis = trial.markers.sel(marker=["LASI", "RASI"]).mean("marker").values
    back = int(np.linalg.norm(pelvis[400:] - pelvis[0], axis=1).argmin()) + 400
    assert np.linalg.norm(pelvis[back] - pelvis[0]) < 0.5
    kept, turning = kept_and_turning(rows(replace(trial, markers=trial.markers[: back + 1], loads=None)))
    assert len(turning) >= 4 and (kept["fpa_deg"] - TOE_OUT).abs().max() < 0.1


@pytest.mark.parametrize("angle", [10.0, 180.0])
def test_a_straight_walk_is_the_same_whichever_way_the_lab_lies(angle: float) -> None:
    trial = overground(walk())
    plain, other = rows(trial), rows(synthetic.turned(trial, np.radians(angle)))
    numbers = ["fpa_deg", "kam1_nm", "kam2_nm", "kfm_peak_nm", "step_width"]
    np.testing.assert_allclose(other[numbers], plain[numbers], rtol=0, atol=1e-9)
    assert (plain["fpa_deg"].dropna() - TOE_OUT).abs().max() < 0.01


@pytest.mark.parametrize(("belt", "across"), [(1.2, 0.0), (1.15, 0.0), (1.2, 1.5), (1.25, -1.5)])
def test_on_a_treadmill_the_belt_gives_the_direction_and_a_drift_is_added(belt: float, across: float) -> None:
    trial = replace(synthetic.turned(overground(walk()), np.radians(across)), loads=None)
    markers = trial.markers.copy()
    markers.loc[{"axis": "x"}] -= belt * (markers["time"] - markers["time"][0])
    drifted = np.ptp(markers.sel(marker="LASI").values, axis=0)
    assert (drifted[0] > 0.5 if belt != 1.2 else drifted[0] < 0.1) and (drifted[2] > 0.2 if across else True)
    kept, turning = kept_and_turning(rows(replace(trial, markers=markers)))
    assert turning.empty and len(kept) == 21
    assert (kept["fpa_deg"] - TOE_OUT).abs().max() < 0.1
    assert (kept["step_width"].dropna() - 0.086).abs().max() < 0.01


def test_the_knee_moment_in_the_lab_frame_goes_with_the_direction() -> None:
    trial = overground(walk())
    straight, curved = rows(trial), rows(bent(trial, CURVE))
    there = rows(bent(trial, [(6.0, 0.0), (np.pi * 0.6, 180.0)]))
    for table in (curved, there):
        same = table[table["kam1_nm"].notna()].index
        assert len(same) >= 12
        for name, room in (("kam1_nm", 0.5), ("kam2_nm", 0.5), ("kfm_peak_nm", 0.5), ("kam_impulse_nms", 0.3)):
            off = (table.loc[same, name] - straight.loc[same, name]).abs()
            assert off.max() < room, name
    one_direction = rows(bent(trial, CURVE), frame="tibia")
    assert (one_direction["kam1_nm"] - rows(trial, frame="tibia")["kam1_nm"]).abs().max() < 0.5


# ---- who does not walk forward, and labels that lie ----


def relabelled(trial: Recording, names: dict[str, str]) -> Recording:
    labels = [names.get(str(m), str(m)) for m in trial.markers["marker"].values]
    return replace(trial, markers=trial.markers.assign_coords(marker=labels), loads=None)


def sides_swapped(trial: Recording) -> Recording:
    other = {"L": "R", "R": "L"}
    return relabelled(trial, {m: other.get(m[0], m[0]) + m[1:] for m in map(str, trial.markers["marker"].values)})


def backwards(trial: Recording) -> Recording:
    """Return the walk run in reverse; its events too, contact for foot off."""
    end = float(trial.markers["time"][-1] + trial.markers["time"][0])
    events = trial.events.assign(
        time=end - trial.events["time"],
        event=trial.events["event"].map({"initial_contact": "foot_off", "foot_off": "initial_contact"}),
    )
    markers = trial.markers.copy(data=trial.markers.values[::-1])
    return replace(trial, markers=markers, events=events.sort_values("time", ignore_index=True), loads=None)


TURNED: list[list[Piece]] = [[], CURVE, [(6.0, 0.0), (np.pi * 0.6, 180.0)], [(4.0, 0.0), (np.pi / 2, 90.0)]]


@pytest.mark.parametrize("pieces", TURNED)
def test_swapped_labels_and_walking_backwards_are_told_apart_on_every_path(pieces: list[Piece]) -> None:
    trial = bent(replace(overground(walk()), loads=None), pieces)
    with pytest.raises(MarkerError, match=r"the left markers on the walker's left, .*labels swapped"):
        rows(sides_swapped(trial))
    with pytest.raises(MarkerError, match="walking backwards"):
        rows(backwards(trial))


def test_walking_backwards_after_walking_forward_leaves_the_forward_strides() -> None:
    trial = replace(overground(walk()), loads=None)
    back = backwards(trial)
    time = np.arange(2 * trial.markers.sizes["time"] + 50) / 100
    rest = np.repeat(trial.markers.values[-1:], 50, axis=0)
    values = np.concatenate([trial.markers.values, rest, back.markers.values])
    start = float(trial.markers["time"][0])
    later = time[trial.markers.sizes["time"] + 50] - start
    events = pd.concat([trial.events.assign(time=trial.events["time"] - start),
                        back.events.assign(time=back.events["time"] + later)])  # fmt: skip
    markers = xr.DataArray(
        values, {"time": time, "marker": trial.markers["marker"], "axis": list("xyz")}, ("time", "marker", "axis"),
        attrs=trial.markers.attrs,
    )  # fmt: skip
    table = rows(replace(trial, markers=markers, events=events))
    forward, reverse = table[table["fo_time"] < 11.0], table[table["ic_time"] > 14.0]
    assert (forward["fpa_deg"] - TOE_OUT).abs().max() < 0.1 and len(forward) >= 14
    assert reverse["reason_excluded"].str.contains("walking backwards").all() and len(reverse) >= 14
    assert reverse[OF_STRAIGHT_WALKING].isna().all(axis=None)


def test_heel_and_toe_swapped_are_told_in_every_row() -> None:
    swapped = {"LHEE": "LTOE", "LTOE": "LHEE", "RHEE": "RTOE", "RTOE": "RHEE"}
    for toe_out in (TOE_OUT, 0.0):  # at 0 the angle jumps between 180 and -180: its mean is none
        table = rows(relabelled(overground(walk(6, toe_out)), swapped))
        strides = table[table["stride"].notna()]
        assert len(strides) >= 12 and strides["fpa_deg"].isna().all()
        assert strides["reason_excluded"].str.contains(r"foot turned 1[78]\d deg .*heel and toe labels swapped").all()


@pytest.mark.parametrize(("angle", "told"), [(50.0, False), (65.0, True), (-65.0, True)])
def test_a_foot_turned_beyond_what_feet_do_is_told(angle: float, told: bool) -> None:
    trial = replace(overground(walk(6)), loads=None)
    markers = trial.markers.copy()
    for letter, sign in (("L", -1), ("R", 1)):
        heel = markers.sel(marker=f"{letter}HEE").values
        foot = markers.sel(marker=f"{letter}TOE").values - heel
        turn = synthetic.rotation("y", -sign * np.radians(angle - TOE_OUT))
        markers.loc[{"marker": f"{letter}TOE"}] = heel + foot @ turn.T
    table = rows(replace(trial, markers=markers))
    strides = table[table["stride"].notna()]
    assert strides["fpa_deg"].isna().all() == told
    assert strides["reason_excluded"].str.contains(rf"foot turned {abs(angle):.0f} deg").all() == told
    if not told:
        assert strides["fpa_deg"].to_numpy() == pytest.approx(angle, abs=0.1)


def test_a_stride_without_pelvis_has_no_direction_and_says_so() -> None:
    trial = replace(overground(walk()), loads=None)
    markers = trial.markers.copy()
    late = markers["time"] > 9.0
    markers.loc[{"marker": ["LASI", "RASI"], "time": late}] = np.nan
    table = rows(replace(trial, markers=markers))
    lost = table[table["reason_excluded"].str.contains("pelvic markers missing")]
    assert len(lost) >= 3 and (lost["fo_time"] > 9.0).all() and lost["fpa_deg"].isna().all()
    assert (table["fpa_deg"].dropna() - TOE_OUT).abs().max() < 0.1


def test_a_file_of_a_turning_walk_is_read_and_told(tmp_path: Path) -> None:
    trial = bent(overground(walk()), [(4.0, 0.0), (np.pi / 2, -90.0)])
    table = _process_trial(write_trc(trial, tmp_path / "corner.trc"), markers="walker")
    strides = table[table["stride"].notna()]
    turning = strides["reason_excluded"].str.contains(rf"turning: .*\(limit {TURN:g} deg\)")
    assert 4 <= turning.sum() <= 10
    assert (strides.loc[~turning, "fpa_deg"] - TOE_OUT).abs().max() < WITHIN
    swapped = write_trc(sides_swapped(trial), tmp_path / "swapped.trc")
    with pytest.raises(TrialFormatError, match=r"swapped\.trc: .*labels swapped"):
        _process_trial(swapped, markers="walker")
    assert paths.heading_at([(4.0, 0.0), (np.pi / 2, -90.0)], 9.0) == pytest.approx(-90.0)

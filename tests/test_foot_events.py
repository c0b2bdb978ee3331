"""Events from markers beside the virtual walker's truth and beside plates; a file's events held against the feet."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES
from gaitstudy.gait.events import (
    FOOT_EVENTS,
    _combine,
    _doubts,
    _file_events,
    _order_notes,
    marker_events,
    strides,
)
from gaitstudy.io.catalogue import data_folder
from gaitstudy.io.motion import Recording
from gaitstudy.load.skeleton import find, marker_map
from gaitstudy.pipeline import _find_strides, _process_trial, middle_of_pelvis, read
from gaitstudy.simulate.walker import Simulation, Walker, simulate
from gaitstudy.tables import event_walks
from tests import recordings

NAMES = marker_map("walker")
SPEEDS, ANGLES = (0.8, 1.2, 1.6), (-10.0, 20.0)
BIAS, SD = event_walks.LIMITS
"""ms."""


@cache
def walked(speed: float = 1.2, angle: float = 7.0, noise: float = 0.0, lost: float = 0.0) -> Simulation:
    return simulate(Walker(speed=speed, foot_progression_angle=angle), 5 if noise else 3, marker_noise=noise, lost=lost)


def overground(trial: Recording, speed: float) -> Recording:
    """The same steps with the lab at rest: everything the belt carried backwards stays where it is."""
    forward = (speed * trial.markers["time"]).values[:, None, None] * [1.0, 0.0, 0.0]
    return replace(trial, markers=trial.markers + forward)


def seen(trial: Recording) -> pd.DataFrame:
    feet = ({s: find(trial.markers, NAMES[s][r]) for s in SIDES} for r in ("heel", "toe"))
    return marker_events(*feet, middle_of_pelvis(replace(trial, roles=NAMES)))


def of_foot(heel: xr.DataArray, toe: xr.DataArray, pelvis: xr.DataArray) -> list[np.ndarray]:
    """Initial contacts and foot offs of one foot, s."""
    found = marker_events({"left": heel}, {"left": toe}, pelvis)
    return [found.loc[found["event"] == event, "time"].to_numpy() for event in FOOT_EVENTS]


def late(found: pd.DataFrame, time: np.ndarray, truth: pd.DataFrame, event: str, by: str) -> np.ndarray:
    """How much later than its truth each event is, ms; one for each that lies .15 s within the recording, no others."""
    result: list[float] = []
    for side in SIDES:
        own = found.loc[(found["side"] == side) & (found["event"] == event), "time"].to_numpy()
        true = truth.loc[(truth["side"] == side) & (truth["event"] == event), by].to_numpy()
        apart = np.abs(np.subtract.outer(own, true))
        assert len(own) == 0 or apart.min(1).max() < 0.15, "an event that is none"
        inside = (true > time[0] + 0.15) & (true < time[-1] - 0.15)
        assert apart[:, inside].min(0).max() < 0.15, "an event was missed"
        result += [1000 * (own[np.abs(own - t).argmin()] - t) for t in true[inside]]
    return np.array(result)


# ---- events from markers ----


@pytest.mark.parametrize("ground", ["treadmill", "overground", "turned lab"])
def test_marker_events_of_the_virtual_walker_keep_the_limits(ground: str) -> None:
    errors: dict[tuple[str, str], list[float]] = {}
    for speed in SPEEDS:
        for angle in ANGLES:
            made = walked(speed, angle)
            trial = made.recording if ground == "treadmill" else overground(made.recording, speed)
            if ground == "turned lab":
                trial = pipeline._turned(trial, (-0.6, 0.8))
            found, time = seen(trial), trial.markers["time"].values
            for event in FOOT_EVENTS:
                for by in ("time", "touch"):
                    errors.setdefault((event, by), []).extend(late(found, time, made.events, event, by))
    for key in (("initial_contact", "time"), ("initial_contact", "touch"), ("foot_off", "touch")):
        assert abs(np.mean(errors[key])) <= BIAS and np.std(errors[key]) <= SD, (key, np.mean(errors[key]))
    # the virtual foot stays 16 to 33 ms on the belt after its smooth load fell below 30 N: no marker can know
    after = [1000 * (e.touch - e.time) for s in SPEEDS for e in walked(s).events.itertuples() if e.event == "foot_off"]
    beside = np.mean(errors["foot_off", "time"]) - np.mean(errors["foot_off", "touch"])
    assert 15 < min(after) and max(after) < 35 and beside == pytest.approx(np.mean(after), abs=3)


def test_marker_events_survive_noise_gaps_and_other_rates() -> None:
    made = walked(noise=0.001, lost=0.02)
    for every in (1, 2):  # 100 and 50 Hz
        trial = replace(made.recording, markers=made.recording.markers.isel(time=slice(None, None, every)))
        for event, by in zip(FOOT_EVENTS, ("time", "touch"), strict=True):
            errors = late(seen(trial), trial.markers["time"].values, made.events, event, by)
            assert abs(errors.mean()) <= BIAS and errors.std() <= SD


def test_a_long_gap_hides_its_events_and_no_others() -> None:
    trial = walked().recording
    whole, time = seen(trial), trial.markers["time"]
    contact = whole.loc[(whole["side"] == "left") & (whole["event"] == "initial_contact"), "time"].iloc[1]
    heel = trial.markers["marker"] == "LHEE"
    lost = replace(trial, markers=trial.markers.where(~(heel & (abs(time - contact) < 0.2))))
    found = seen(lost)
    assert len(found) == len(whole) - 1
    assert not ((found["side"] == "left") & (found["time"].sub(contact).abs() < 0.2)).any()
    there = found["time"].to_numpy()
    assert np.abs(np.subtract.outer(there, whole["time"].to_numpy())).min(1).max() < 0.012


def test_a_recording_cut_anywhere_moves_no_event_and_makes_none() -> None:
    trial = walked().recording
    whole = seen(trial)
    frames = trial.markers.sizes["time"]
    for cut in range(6, 120, 9):
        for kept in (slice(None, frames - cut), slice(cut, None)):
            markers = trial.markers.isel(time=kept)
            found, ends = seen(replace(trial, markers=markers)), markers["time"].values[[0, -1]]
            for side in SIDES:
                for event in FOOT_EVENTS:
                    own, uncut, true = (
                        t.loc[(t["side"] == side) & (t["event"] == event), "time"].to_numpy()
                        for t in (found, whole, walked().events)
                    )
                    inside = uncut[(uncut > ends[0] + 0.15) & (uncut < ends[1] - 0.15)]
                    assert np.abs(np.subtract.outer(inside, own)).min(1).max() < 0.02
                    assert np.abs(np.subtract.outer(own, true)).min(1).max() < 0.06


def test_a_foot_that_is_still_or_never_seen_has_no_events() -> None:
    heel = find(walked().recording.markers, "LHEE")
    for path in (heel.copy(data=np.zeros(heel.shape)), heel.copy(data=np.full(heel.shape, np.nan))):
        assert [len(times) for times in of_foot(path, path, heel)] == [0, 0]


def test_without_a_pelvis_contact_is_the_end_of_the_swing() -> None:
    markers = walked().recording.markers
    heel, toe = find(markers, "LHEE"), find(markers, "LTOE")
    with_pelvis = of_foot(heel, toe, find(markers, "LASI"))
    without = of_foot(heel, toe, heel.copy(data=np.full(heel.shape, np.nan)))
    assert len(without[0]) == len(with_pelvis[0]) and (without[1] == with_pelvis[1]).all()
    assert np.abs(without[0] - with_pelvis[0]).max() < 0.06


def test_the_end_of_the_swing_does_not_depend_on_where_the_frames_fall() -> None:
    heel, toe = (find(walked().recording.markers, name) for name in ("LHEE", "LTOE"))
    unseen = heel.copy(data=np.full(heel.shape, np.nan))
    whole = of_foot(heel, toe, unseen)[0]
    for first in (0, 1):  # every second frame, 20 ms apart
        contact = of_foot(*(path.isel(time=slice(first, None, 2)) for path in (heel, toe, unseen)))[0]
        assert np.abs(contact - whole).max() < 0.005


def test_stance_of_a_walk_without_plates_is_near_the_truth_and_says_it_is_from_markers(tmp_path: Path) -> None:
    made = walked()
    path = recordings.write_trc(made.recording, tmp_path / "walk.trc")
    rows = _process_trial(path, markers="walker")
    assert set(rows["events"]) == {"markers"}
    truth = strides(made.events)
    stance = (truth["fo_time"] - truth["ic_time"]).mean()
    assert rows["stance_time"].to_numpy(float) == pytest.approx(np.full(len(rows), stance), abs=2 * BIAS / 1000 + 0.01)
    assert rows["fpa_deg"].to_numpy(float) == pytest.approx(np.full(len(rows), 7.0), abs=0.3)


# ---- a file's events ----


def checked(stored: pd.DataFrame, sides: tuple[str, ...] = SIDES, later: float = 0.0) -> tuple[pd.DataFrame, list[str]]:
    """What is kept of a file's events (s, on the recording's own clock) when the recording starts ``later``."""
    trial = walked().recording
    found = seen(trial)
    found = found[found["side"].isin(sides)].assign(time=found["time"] + later)
    return _file_events(stored, found, list(sides), trial.markers["time"].values + later)


def stored() -> pd.DataFrame:
    return walked().events[["time", "event", "side"]].copy()


def test_events_at_the_feet_are_used_as_they_are() -> None:
    kept, notes = checked(stored())
    assert notes == [] and kept.equals(stored().assign(source="file"))
    kept, notes = checked(stored().iloc[:0])
    assert notes == [] and kept.empty


def test_events_counted_from_the_first_stored_frame_give_way_to_the_markers() -> None:
    kept, notes = checked(stored(), later=0.45)
    assert kept.empty and any(note.endswith("no event of the file is used.") for note in notes)
    kept, notes = checked(stored().assign(time=stored()["time"] + 3.3), later=3.3)
    assert notes == [] and len(kept) == len(stored())


def test_events_without_a_side_are_given_the_foot_that_moves_then() -> None:
    time = walked().recording.markers["time"].values
    inside = stored()[stored()["time"].between(time[0] + 0.2, time[-1] - 0.2)].reset_index(drop=True)
    kept, notes = checked(inside.assign(side=""))
    assert kept["side"].tolist() == inside["side"].tolist() and len(notes) == 1
    assert notes[0].endswith("name no side and were given the side of the foot that lands or leaves then.")
    one = inside.assign(side="")
    one.loc[5, "time"] += 0.25
    kept, notes = checked(one)
    assert len(kept) == len(one) - 1
    assert any(n.startswith("1 of") and n.endswith("and are not used.") for n in notes)


def test_an_event_away_from_the_foot_gives_way_to_the_markers() -> None:
    wrong = stored()
    wrong.loc[5, "time"] += 0.2
    kept, notes = checked(wrong)
    assert len(kept) == len(wrong) and notes == [
        f"1 of the file's {len(wrong)} events are more than 0.1 s from where that foot lands or leaves: "
        "events from markers are used."
    ]
    assert kept["source"].tolist().count("markers") == 1
    standing = kept[kept["source"] == "markers"].iloc[0]
    assert standing["time"] == pytest.approx(stored().loc[5, "time"], abs=0.05)
    assert (standing["event"], standing["side"]) == tuple(stored().loc[5, ["event", "side"]])


def test_events_of_another_walk_are_not_used_and_say_so() -> None:
    kept, notes = checked(stored().assign(time=stored()["time"] + 0.3))
    assert kept.empty and any(note.endswith("lands or leaves: no event of the file is used.") for note in notes)
    swapped = stored().assign(side=stored()["side"].map({"left": "right", "right": "left"}))
    kept, notes = checked(swapped)
    assert kept.empty and len(notes) == 1


@pytest.mark.parametrize(("by", "word"), [(0.07, "later"), (-0.06, "earlier")])
def test_events_that_all_lag_are_told(by: float, word: str) -> None:
    kept, notes = checked(stored().assign(time=stored()["time"] + by))
    assert len(kept) and [note for note in notes if f"ms {word} than the feet land and leave" in note]


def test_nothing_is_left_out_in_silence() -> None:
    _, notes = checked(stored(), sides=("left",))
    assert len(notes) == 1 and "are of a foot without heel and toe markers" in notes[0]
    outside = pd.concat([stored(), pd.DataFrame([(99.0, "foot_off", "left")], columns=["time", "event", "side"])])
    kept, notes = checked(outside)
    assert len(notes) == 1 and notes[0].startswith(
        f"1 of the file's {len(outside)} events lie outside of the recording"
    )
    assert len(kept) == len(stored())


def test_a_file_with_contacts_alone_has_its_foot_offs_from_the_markers() -> None:
    contacts = stored()[stored()["event"] == "initial_contact"]
    kept, notes = checked(contacts)
    assert notes == ["the file has no foot off: those from markers are used."]
    assert set(strides(_combine(kept.iloc[:0], kept))["events"]) == {"file, markers"}


# ---- order and length ----


def made_strides(*rows: tuple[float, float, float, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["ic_time", "fo_time", "next_ic_time", "events"])
    return table.assign(side="left", stride=range(len(table)))


def test_a_stance_too_short_or_too_long_is_told_unless_plates_saw_it() -> None:
    whole = [(1.1 * k, 1.1 * k + 0.68, 1.1 * k + 1.1, "file") for k in range(3)]
    assert _doubts(made_strides(*whole)) == ["", "", ""]
    odd = [(4.0, 4.19, 5.1, "file"), (6.0, 6.95, 7.1, "markers"), (8.0, 8.2, np.nan, "file, markers")]
    found = _doubts(made_strides(*whole, *odd))
    assert found[3] == "stance is 17 % of the stride, expected 40-80 %: a wrong or missing event"
    assert found[4].startswith("stance is 86 %") and found[5].startswith("stance is 18 %")
    assert _doubts(made_strides(*whole, *(row[:3] + ("plates",) for row in odd)))[3:] == ["", "", ""]
    assert _doubts(made_strides((1.0, 1.7, np.nan, "markers"))) == [""]  # nothing to measure it by
    assert _doubts(made_strides()) == []


@pytest.mark.parametrize("source", ["file", "plates", "plates, markers"])
def test_nobody_stands_for_a_hundredth_of_a_second(source: str) -> None:
    milliseconds = [(0.0011 * k, 0.0011 * k + 0.0007, 0.0011 * k + 0.0011, source) for k in range(3)]
    assert all("events of another clock" in reason for reason in _doubts(made_strides(*milliseconds)))
    whole = [(1.1 * k, 1.1 * k + 0.68, 1.1 * k + 1.1, source) for k in range(3)]
    found = _doubts(made_strides(*whole, (4.0, 4.03, 5.1, source)))
    assert found[:3] == ["", "", ""] and "or of two contacts" in found[3]


def test_events_listed_twice_count_once() -> None:
    assert checked(pd.concat([stored(), stored()]))[1] == checked(stored())[1]


def test_running_by_markers_is_told_and_by_a_file_is_not() -> None:
    run = [(0.7 * k, 0.7 * k + 0.22, 0.7 * k + 0.7) for k in range(3)]
    for source, told in (("markers", True), ("plates, markers", True), ("file", False), ("plates", False)):
        found = _doubts(made_strides(*(row + (source,) for row in run)))
        assert [reason.startswith("stance is 31 % of the stride: running") for reason in found] == [told] * 3


def test_two_contacts_without_a_foot_off_are_told() -> None:
    assert _order_notes(stored()) == []
    off = stored().index[(stored()["event"] == "foot_off") & (stored()["side"] == "left")]
    assert len(_order_notes(stored().drop(off[1]))) == 1
    note = _order_notes(stored().drop(off[1]))[0]
    assert note.startswith("left foot: no foot off between the initial contact at ") and note.endswith("before it.")


def test_doubted_strides_have_no_angle_and_notes_reach_the_table(tmp_path: Path) -> None:
    trial = recordings.walk(seconds=5.0)
    late_off = trial.events.copy()
    k = late_off.index[(late_off["event"] == "foot_off") & (late_off["side"] == "left")][-2]
    late_off = late_off.drop(k)  # one stride of the left foot lacks its end
    path = recordings.write_c3d(tmp_path / "walk.c3d", replace(trial, events=late_off), subject=recordings.SUBJECT)
    rows = _process_trial(path)
    assert set(rows["events"].dropna()) <= {"file", "plates", "markers"}
    assert any("left foot: no foot off between" in note for note in rows.attrs["notes"])


# ---- real walks ----


def test_the_stored_table_keeps_the_limits_on_people_not_used_for_choosing() -> None:
    table = pd.read_csv(data_folder() / "derived" / "event_walks.csv")
    halves = table[(table["dataset"] == "all") & (table["method"] == "foot and pelvis")].set_index(["half", "event"])
    for half in ("choosing", "reporting"):
        assert (halves.loc[half, "kept"] == "yes").all()
        assert (halves.loc[half, "bias"].abs() <= BIAS).all() and (halves.loc[half, "sd"] <= SD).all()
    assert (halves.loc["running", "bias"] > BIAS).all()  # why running is told
    assert halves["contacts"].loc["reporting"].min() > 40


def test_every_second_person_reports_and_runners_do_neither() -> None:
    people = [f"{dataset}/{person}" for dataset, person in event_walks.HALVES]
    assert people == sorted(people) and len(people) == 22
    assert list(event_walks.HALVES.values()) == ["choosing", "reporting"] * 11
    assert not any(dataset == event_walks.RUNNING for dataset, _ in event_walks.HALVES)


def test_marker_events_lie_near_the_plates_of_a_real_walk_and_near_the_events_of_its_file() -> None:
    walk = event_walks.WALKS.query("file == 'btk/PiG_Motion3_FF.c3d'")
    recordings.needs(*walk[["dataset", "file"]].iloc[0])
    found = event_walks._errors(walk)
    ours = found[found["method"] == "foot and pelvis"]
    assert len(ours) == 6 and ours["late"].abs().max() < 2 * SD
    assert found.loc[found["method"] == "Zeni 2008", "late"].min() < -2 * SD  # what was mended


def test_strides_of_a_treadmill_come_from_plates_and_file() -> None:
    path = recordings.needs("plug-in-gait-kinetics", "gaitalytics/treadmill_events.c3d")[0]
    forward = read(path)
    stride, _ = _find_strides(forward)
    assert set(stride["events"]) == {"plates", "file"} and not any(stride["doubt"]) and stride.attrs["notes"] == []
    alone, _ = _find_strides(replace(forward, loads=None, events=forward.events.iloc[:0]))
    assert set(alone["events"]) == {"markers"} and len(alone) >= len(stride) - 2 and not any(alone["doubt"])

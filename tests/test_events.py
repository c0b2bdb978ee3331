"""Events: when a foot meets and leaves the ground, on forces and walkers whose events are known; every rejection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES, SignalError
from gaitstudy.gait import events
from gaitstudy.gait.events import (
    _combine,
    contacts,
    events_from_foot_velocity,
    events_from_markers,
    plate_contacts,
    strides,
)
from gaitstudy.gait.signals import low_pass
from gaitstudy.io import catalogue, motion
from gaitstudy.io.plates import wrench
from gaitstudy.load.skeleton import find
from tests import synthetic

RATE = 1000.0


def trapezium(time: np.ndarray, start: float, end: float, height: float = 800.0, slope: float = 10_000.0) -> np.ndarray:
    """Force that rises from 0 at ``start`` with ``slope`` N/s and is back at 0 at ``end``."""
    return np.clip(np.minimum(slope * (time - start), slope * (end - time)), 0, height)


def force(values: np.ndarray, rate: float = RATE) -> xr.DataArray:
    return synthetic.signal(values, np.arange(len(values)) / rate)


# ---- contacts from force ----


@pytest.mark.parametrize("rate", [1000.0, 250.0, 137.0])
def test_crossings_lie_between_the_samples(rate: float) -> None:
    time = np.arange(int(3 * rate)) / rate
    begins, ends = np.array([0.30123, 1.70456]), np.array([0.95017, 2.3009])
    up = sum(trapezium(time, b, e, slope=3000.0) for b, e in zip(begins, ends, strict=True))
    found = contacts(force(up, rate), threshold=30.0)
    # 30 N are reached 30 / 3000 s after the start; the corner at 0 N is cut by at most one sample
    slack = 1e-9 if rate == 1000.0 else 1 / rate
    assert found["start"].to_numpy() == pytest.approx(begins + 0.01, abs=slack)
    assert found["end"].to_numpy() == pytest.approx(ends - 0.01, abs=slack)
    assert not found["cut"].any()


def test_the_threshold_and_the_crossing_are_those_asked_for() -> None:
    time = np.arange(1500) / RATE
    up = trapezium(time, 0.2, 1.0, slope=4000.0)
    for threshold in (10.0, 20.0, 30.0, 100.0):
        row = contacts(force(up), threshold).iloc[0]
        assert row["start"] == pytest.approx(0.2 + threshold / 4000, abs=1e-12)
        assert row["end"] == pytest.approx(1.0 - threshold / 4000, abs=1e-12)


def test_noise_around_the_threshold_makes_no_contacts() -> None:
    rng = np.random.default_rng(1)
    time = np.arange(4000) / RATE
    noisy = trapezium(time, 1.0, 1.7) + rng.normal(25, 6, time.size)  # an offset that keeps touching 30 N
    assert (noisy[:900] > 30).sum() > 50
    found = contacts(force(noisy))
    assert len(found) == 1
    assert found.iloc[0]["start"] == pytest.approx(1.0, abs=0.01) and found.iloc[0]["end"] == pytest.approx(
        1.7, abs=0.01
    )


def test_a_contact_must_rise_above_the_hysteresis() -> None:
    time = np.arange(1500) / RATE
    for height, expected in ((49.0, 0), (51.0, 1)):
        assert len(contacts(force(trapezium(time, 0.2, 1.0, height)))) == expected


def test_anything_shorter_than_a_stance_is_left_out() -> None:
    time = np.arange(1500) / RATE
    assert len(contacts(force(trapezium(time, 0.2, 0.34)))) == 0
    assert len(contacts(force(trapezium(time, 0.2, 0.37)))) == 1


def test_contacts_that_the_recording_cuts_are_marked() -> None:
    time = np.arange(2000) / RATE
    up = trapezium(time, -0.3, 0.05) + trapezium(time, 0.5, 1.0) + trapezium(time, 1.5, 2.5)
    found = contacts(force(up))
    assert found["cut"].tolist() == [True, False, True]
    assert found["start"].iloc[0] == 0.0 and found["end"].iloc[2] == time[-1]


def test_a_gap_in_the_force_cuts_a_contact_and_invents_none() -> None:
    time = np.arange(2000) / RATE
    up = trapezium(time, 0.5, 1.2)
    up[800:850] = np.nan
    found = contacts(force(up))
    assert found["cut"].tolist() == [True, True]
    assert found["end"].iloc[0] == time[799] and found["start"].iloc[1] == time[850]
    up = trapezium(time, 0.5, 1.2)
    up[1500:1600] = np.nan
    assert len(contacts(force(up))) == 1 and not contacts(force(up))["cut"].any()


@pytest.mark.parametrize("values", [np.zeros(500), np.full(500, np.nan), np.full(500, -900.0)])
def test_nobody_on_the_plate(values: np.ndarray) -> None:
    found = contacts(force(values))
    assert len(found) == 0 and list(found.columns) == ["start", "end", "cut"]


@pytest.mark.parametrize("threshold", [0.0, -30.0, np.nan])
def test_impossible_thresholds_are_refused(threshold: float) -> None:
    with pytest.raises(SignalError):
        contacts(force(np.zeros(500)), threshold)


# ---- events from markers ----


def zeni_walker(rate: float, speed: float, period: float = 1.1) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    time = np.arange(int(5 * rate) + 1) / rate
    zero = np.zeros_like(time)
    pelvis = np.stack([speed * time, zero + 1.0, zero], -1)
    heel = pelvis + np.stack([0.35 * np.cos(2 * np.pi * time / period), zero - 0.9, zero], -1)
    toe = pelvis + np.stack([0.35 * np.cos(2 * np.pi * (time / period - 0.1)) + 0.2, zero - 0.9, zero], -1)
    return synthetic.point(heel, time), synthetic.point(toe, time), synthetic.point(pelvis, time)


@pytest.mark.parametrize("speed", [0.0, 1.3])
def test_zeni_events_of_a_cosine_are_at_its_extremes(speed: float) -> None:
    # x_rel = A cos(2 pi t / T): contact at k T exactly; the toe's is shifted by .1 T, its minimum lies at (k + .6) T
    contact, off = events_from_markers(*zeni_walker(100.0, speed))
    assert contact == pytest.approx([1.1, 2.2, 3.3, 4.4], abs=1e-12)
    assert off == pytest.approx(np.array([0.66, 1.76, 2.86, 3.96]), abs=1e-12)


@pytest.mark.parametrize("rate", [60.0, 120.0, 250.0])
def test_zeni_events_are_within_half_a_frame_at_any_rate(rate: float) -> None:
    contact, off = events_from_markers(*zeni_walker(rate, 1.3))
    assert contact == pytest.approx([1.1, 2.2, 3.3, 4.4], abs=0.5 / rate + 1e-9)
    assert off == pytest.approx([0.66, 1.76, 2.86, 3.96], abs=0.5 / rate + 1e-9)


def test_zeni_events_survive_noise_gaps_and_standing_still() -> None:
    heel, toe, pelvis = zeni_walker(100.0, 1.3)
    rng = np.random.default_rng(4)
    noisy = [low_pass(a.copy(data=a.values + rng.normal(0, 0.002, a.shape)), 8.0) for a in (heel, toe, pelvis)]
    contact, off = events_from_markers(*noisy)
    assert contact == pytest.approx([1.1, 2.2, 3.3, 4.4], abs=0.02)
    assert off == pytest.approx([0.66, 1.76, 2.86, 3.96], abs=0.02)
    heel = heel.copy(data=np.array(heel))
    heel[{"time": slice(130, 150)}] = np.nan
    assert events_from_markers(heel, toe, pelvis)[0] == pytest.approx([1.1, 2.2, 3.3, 4.4], abs=1e-12)
    still = heel.copy(data=np.zeros(heel.shape))
    assert [len(e) for e in events_from_markers(still, still, still)] == [0, 0]


def test_no_frame_with_all_markers_is_an_error() -> None:
    heel, toe, pelvis = zeni_walker(100.0, 1.3)
    with pytest.raises(SignalError, match="found no frames with all of them"):
        events_from_markers(heel.copy(data=np.full(heel.shape, np.nan)), toe, pelvis)
    with pytest.raises(SignalError, match="found no frames with all of them"):
        events_from_foot_velocity(heel.copy(data=np.full(heel.shape, np.nan)), toe)


def stepper(rate: float, period: float = 1.1) -> tuple[xr.DataArray, xr.DataArray]:
    """A foot lifted at k T + .2, lowered half way at + .4, put down at T / 2: smooth steps, fastest there."""
    time = np.arange(int(4 * rate) + 1) / rate
    height = np.zeros_like(time)
    for k in range(-1, 4):
        for when, share, width in ((0.2, 1.0, 0.02), (0.4, -0.55, 0.06), (period / 2, -0.45, 0.02)):
            height += 0.06 * share * (1 + np.tanh((time - period * k - when) / width)) / 2
    path = np.stack([1.2 * time, height, np.zeros_like(time)], -1)
    return synthetic.point(path + [0.0, 0.03, 0.0], time), synthetic.point(path + [0.2, 0.01, 0.0], time)


@pytest.mark.parametrize("rate", [100.0, 200.0, 500.0])
def test_foot_velocity_finds_the_fastest_lift_and_the_last_descent(rate: float) -> None:
    contact, off = events_from_foot_velocity(*stepper(rate))
    assert contact == pytest.approx([0.55, 1.65, 2.75, 3.85], abs=1 / rate)
    assert off == pytest.approx([0.2, 1.3, 2.4, 3.5], abs=1 / rate)


def test_foot_velocity_does_not_take_the_descent_of_mid_swing() -> None:
    # a slow walker: the first descent is .6 s before the contact, too far to hide behind it
    contact, _ = events_from_foot_velocity(*stepper(200.0, period=2.0))
    assert contact == pytest.approx([1.0, 3.0], abs=1 / 200)


# ---- strides, and one list of events ----


def event_table(*rows: tuple[float, str, str]) -> pd.DataFrame:
    names = {"ic": "initial_contact", "fo": "foot_off"}
    sides = {"l": "left", "r": "right"}
    return pd.DataFrame([(t, names[e], sides[s]) for t, e, s in rows], columns=["time", "event", "side"])


def test_strides_pair_the_events_of_each_foot() -> None:
    mixed = event_table((1.7, "fo", "l"), (0.0, "ic", "l"), (1.1, "ic", "l"), (0.55, "ic", "r"), (0.65, "fo", "l"),
                        (1.2, "fo", "r"), (1.65, "ic", "r"))  # fmt: skip
    found = strides(mixed)
    assert found[["side", "stride"]].to_numpy().tolist() == [["left", 0], ["left", 1], ["right", 0]]
    times = found[["ic_time", "fo_time", "next_ic_time"]].to_numpy()
    assert times[0].tolist() == [0.0, 0.65, 1.1] and times[2].tolist() == [0.55, 1.2, 1.65]
    assert times[1, :2].tolist() == [1.1, 1.7] and np.isnan(times[1, 2])


def test_a_foot_off_of_the_next_stride_is_not_borrowed() -> None:
    found = strides(event_table((0.0, "ic", "l"), (1.1, "ic", "l"), (1.75, "fo", "l")))
    assert found["ic_time"].tolist() == [1.1]
    found = strides(event_table((0.1, "fo", "l"), (0.5, "ic", "l")))
    assert len(found) == 0 and "stride" in found


def test_no_events_no_strides() -> None:
    assert len(strides(event_table())) == 0


def test_plates_come_before_markers() -> None:
    plate = event_table((1.00, "ic", "l"), (1.66, "fo", "l"))
    markers = event_table((0.93, "ic", "l"), (1.60, "fo", "l"), (1.05, "ic", "r"), (2.13, "ic", "l"), (1.13, "ic", "l"))
    found = _combine(plate.assign(source="plates"), markers.assign(source="markers"), within=0.12)
    assert found["time"].tolist() == [1.00, 1.05, 1.13, 1.66, 2.13]
    assert found["source"].tolist() == ["plates", "markers", "markers", "plates", "markers"]


def test_either_list_may_be_empty() -> None:
    one = event_table((1.0, "ic", "l"), (1.6, "fo", "l"))
    one, none = (table.assign(source="plates") for table in (one, event_table()))
    assert _combine(none, one)["time"].tolist() == [1.0, 1.6]
    assert _combine(one, none)["source"].tolist() == ["plates", "plates"]


# ---- whose contact, and can it be used ----

FRAMES = np.arange(200) / 100
FINE = np.arange(2000) / 1000
PLATES = {
    "A": [[0.6, 0, 0.4], [0.0, 0, 0.4], [0.0, 0, 0.0], [0.6, 0, 0.0]],
    "B": [[1.2, 0, 0.4], [0.6, 0, 0.4], [0.6, 0, 0.0], [1.2, 0, 0.0]],
}


def planted(x: float, z: float, lift: float = 1.4, land: float = 0.3) -> tuple[xr.DataArray, xr.DataArray]:
    """Heel and toe of a foot that stands at x, z from ``land`` to ``lift`` (s) and flies in and out at 3 m/s."""
    away = np.where(FRAMES < land, 3 * (FRAMES - land), np.where(FRAMES > lift, 3 * (FRAMES - lift), 0.0))
    path = np.stack([x + away, 0.03 + 0.1 * np.abs(away), np.full(FRAMES.size, z)], -1)
    return synthetic.point(path, FRAMES), synthetic.point(path + [0.22, 0.0, 0.0], FRAMES)


def pressed(
    *feet: tuple[str, float, float, float, float, float], plates: dict[str, Any] | None = None, corners: bool = True
) -> xr.Dataset:
    """Plates under load: (plate, start, end, x, z, N) of each foot; the pressure runs 0.2 m forward from x."""
    plates = plates or PLATES
    total = {p: np.zeros((FINE.size, 3)) for p in plates}
    moment = {p: np.zeros((FINE.size, 3)) for p in plates}
    for plate, start, end, x, z, height in feet:
        up = trapezium(FINE, start, end, height)
        share = np.clip((FINE - start) / (end - start), 0, 1)
        push = np.stack([0.1 * up, up, -0.05 * up], -1)
        where = np.stack([x + 0.2 * share, 0 * share, np.full(FINE.size, z)], -1)
        total[plate] += push
        moment[plate] += np.cross(where, push)
    return wrench(
        FINE,
        list(plates),
        np.stack(list(total.values()), 1),
        np.stack(list(moment.values()), 1),
        np.zeros(len(plates)),
        np.array(list(plates.values()), float) if corners else None,
    )


def judged(loads: xr.Dataset, **feet: tuple[xr.DataArray, xr.DataArray]) -> pd.DataFrame:
    return plate_contacts(loads, {s: f[0] for s, f in feet.items()}, {s: f[1] for s, f in feet.items()})


LEFT_ON_A, RIGHT_ON_B = planted(0.15, 0.1), planted(0.8, 0.3)


def test_clean_contacts_belong_to_the_foot_above_them() -> None:
    loads = pressed(("A", 0.31, 1.3, 0.16, 0.1, 800), ("B", 0.6, 1.4, 0.81, 0.3, 800))
    found = judged(loads, left=LEFT_ON_A, right=RIGHT_ON_B)
    assert found[["plate", "side", "reason"]].to_numpy().tolist() == [["A", "left", ""], ["B", "right", ""]]
    assert found["start"].to_numpy() == pytest.approx([0.313, 0.603], abs=1e-9)
    assert found["end"].to_numpy() == pytest.approx([1.297, 1.397], abs=1e-9)


def test_one_foot_alone_will_do() -> None:
    found = judged(pressed(("A", 0.31, 1.3, 0.16, 0.1, 800)), left=LEFT_ON_A)
    assert found[["side", "reason"]].to_numpy().tolist() == [["left", ""]]


@pytest.mark.parametrize("cut", [(-0.2, 0.9), (1.2, 2.4)])
def test_rejected_cut_by_the_recording(cut: tuple[float, float]) -> None:
    feet = planted(0.15, 0.1, land=cut[0], lift=cut[1])
    found = judged(pressed(("A", *cut, 0.16, 0.1, 800)), left=feet, right=RIGHT_ON_B)
    assert found["reason"].tolist() == ["contact cut by an end of the recording or a gap in the force"]


def test_rejected_swapped_plates() -> None:
    swapped = {"A": PLATES["B"], "B": PLATES["A"]}
    loads = pressed(("A", 0.31, 1.3, 0.16 + 0.6, 0.1 + 0.3, 800), plates=swapped)
    found = judged(loads, left=LEFT_ON_A, right=planted(2.5, 0.3))
    assert found["reason"].iloc[0].startswith("no foot within 0.15 m of the force (0.")
    assert found["reason"].iloc[0].endswith("m): plates swapped, corners or moments wrong")


def test_rejected_both_feet_by_the_centre_of_pressure() -> None:
    loads = pressed(("A", 0.31, 1.3, 0.16, 0.1, 800), ("A", 0.7, 1.35, 0.30, 0.35, 700), corners=False)
    found = judged(loads, left=LEFT_ON_A, right=planted(0.28, 0.35, land=0.7, lift=1.36))
    assert found["reason"].tolist() == ["both feet on one plate: the centre of pressure leaves the foot"]


def test_rejected_both_feet_by_the_plates_edges() -> None:
    loads = pressed(("A", 0.31, 1.3, 0.16, 0.1, 800))  # the other foot stands there with little weight on it
    found = judged(loads, left=LEFT_ON_A, right=planted(0.2, 0.3, land=0.6))
    assert found["reason"].tolist() == ["both feet on one plate"]
    beside = judged(loads, left=LEFT_ON_A, right=planted(0.2, 0.6, land=0.6))
    assert beside["reason"].tolist() == [""]


def test_rejected_cross_over() -> None:
    loads = pressed(("A", 0.31, 1.3, 0.45, 0.1, 400), ("B", 0.40, 1.3, 0.55, 0.1, 400))
    found = judged(loads, left=planted(0.45, 0.1), right=planted(2.5, 0.3))
    assert found["reason"].tolist() == ["cross-over: one foot on two plates"] * 2


def test_a_force_that_is_no_foots_does_not_spoil_another_plate() -> None:
    loads = pressed(("A", 0.31, 1.3, 0.16, 0.1, 800), ("B", -0.5, 2.6, 1.1, 0.1, 70))  # B drifts
    found = judged(loads, left=LEFT_ON_A, right=planted(2.5, 0.3)).set_index("plate")
    assert found.loc["A", "reason"] == ""
    assert found.loc["B", "reason"].startswith("contact cut")


def test_rejected_two_whole_steps_of_both_feet_on_one_plate() -> None:
    loads = pressed(("A", 0.31, 0.95, 0.05, 0.1, 800), ("A", 0.9, 1.5, 0.42, 0.35, 800), corners=False)
    found = judged(loads, left=planted(0.04, 0.1, lift=0.96), right=planted(0.41, 0.35, land=0.89, lift=1.51))
    assert found["reason"].str.startswith("both feet on one plate").tolist() == [True]


def test_rejected_a_foot_that_shares_its_load_with_a_plate_under_both_feet() -> None:
    loads = pressed(
        ("A", 0.31, 1.3, 0.16, 0.1, 800), ("A", 0.35, 1.3, 0.58, 0.3, 300), ("B", 0.35, 1.3, 0.62, 0.3, 500)
    )
    found = judged(loads, left=LEFT_ON_A, right=planted(0.6, 0.3)).set_index("plate")
    assert found.loc["A", "reason"].startswith("both feet on one plate")
    assert found.loc["B", "reason"] == "cross-over: one foot on two plates"


def test_a_step_that_only_overlaps_with_a_shared_plate_is_kept() -> None:
    loads = pressed(("A", 0.21, 0.7, 0.02, 0.1, 800), ("A", 0.6, 1.2, 0.30, 0.3, 800), ("B", 1.1, 1.8, 0.75, 0.1, 800))
    left = planted(0.74, 0.1, land=1.09, lift=1.81)
    found = judged(loads, left=left, right=planted(0.29, 0.3, land=0.59, lift=1.21)).set_index("plate")
    assert found.loc["A", "reason"].startswith("both feet on one plate")
    assert found.loc["B", "reason"] == ""


def test_rejected_markers_lost_throughout_a_contact() -> None:
    heel, toe = planted(0.15, 0.1)
    lost = heel.where((heel["time"] < 0.25) | (heel["time"] > 1.35))
    found = judged(pressed(("A", 0.31, 1.3, 0.16, 0.1, 800)), left=(lost, toe), right=planted(2.5, 0.3))
    assert found["reason"].tolist() == ["heel or toe marker of the left foot lost throughout the contact"]


# ---- invariance ----


def test_nothing_depends_on_the_clocks_start_the_origin_or_the_direction() -> None:
    loads = pressed(("A", 0.31, 1.3, 0.45, 0.1, 400), ("B", 0.40, 1.3, 0.55, 0.1, 400), ("B", 1.45, 1.9, 0.9, 0.3, 700))
    feet = {"left": planted(0.45, 0.1), "right": planted(0.88, 0.3, land=1.4, lift=1.95)}
    plain = judged(loads, **feet)
    assert sorted(plain["reason"]) == ["", *["cross-over: one foot on two plates"] * 2]
    names = [f"{s}_{k}" for s in feet for k in ("heel", "toe")]
    marks = xr.concat([a for f in feet.values() for a in f], dim="marker", coords="minimal", compat="override")
    trial = motion.Recording("x", marks.assign_coords(marker=names).transpose("time", "marker", "axis"), loads)
    for other in (synthetic.turned(trial, 2.1), synthetic.moved(trial, (4.0, 0.3, -2.0))):
        parts = {s: tuple(find(other.markers, f"{s}_{k}") for k in ("heel", "toe")) for s in feet}
        found = judged(other.loads, **parts)
        assert found.drop(columns=["start", "end"]).equals(plain.drop(columns=["start", "end"]))
        assert np.abs(found[["start", "end"]].to_numpy() - plain[["start", "end"]].to_numpy()).max() < 1e-9
    later = {s: tuple(a.assign_coords(time=a["time"] + 7.3) for a in f) for s, f in feet.items()}
    found = judged(loads.assign_coords(time=loads["time"] + 7.3), **later)
    assert np.abs(found["start"].to_numpy() - 7.3 - plain["start"].to_numpy()).max() < 1e-9
    assert found["reason"].tolist() == plain["reason"].tolist()


# ---- real files ----


def test_marker_events_stand_for_the_plates_events_on_a_real_walker() -> None:
    if not catalogue.present("opencap-foot-angle"):
        pytest.skip("dataset not on this machine: opencap-foot-angle")
    contact_errors, off_errors, lifts = [], [], []
    for name in (f"walking{kind}{k}" for kind in ("", "TI", "TO", "TS") for k in (1, 2)):
        trc = catalogue.locate("opencap-foot-angle", f"inputs/trc/{name}.trc")
        grf = catalogue.locate("opencap-foot-angle", f"inputs/grf/{name}_grf.mot")
        forward = pipeline.read(trc, "opencap", forces=grf)
        feet = {s: tuple(find(forward.markers, forward.roles[s][r]) for r in ("heel", "toe")) for s in SIDES}
        pelvis = sum(find(forward.markers, forward.roles[s]["psis"]) for s in SIDES) / 2
        for row in judged(forward.loads, **feet).itertuples():
            contact, off = events_from_markers(*feet[row.side], pelvis)
            if row.start > 0.2:  # earlier ones are too near the beginning to be an extreme
                contact_errors.append(np.abs(contact - row.start).min())
            if row.reason == "" and row.side == "right":
                off_errors.append(np.abs(off - row.end).min())
            if row.reason == "":
                lifts.append(np.abs(events_from_foot_velocity(*feet[row.side])[1] - row.end).min())
    assert (len(contact_errors), len(off_errors), len(lifts)) == (16, 5, 13)
    # this person's heel is farthest ahead 30-80 ms before the plate feels it: within what ``_combine`` takes for one
    assert max(contact_errors) < 0.12
    assert max(off_errors) < 2 / 60 and max(lifts) < 2 / 60  # two frames of 60 Hz, as in Zeni 2008


def test_plate_events_agree_with_the_ones_stored_in_a_real_file() -> None:
    if not catalogue.present("plug-in-gait-kinetics"):
        pytest.skip("dataset not on this machine: plug-in-gait-kinetics")
    trial = pipeline.read(catalogue.locate("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d"))
    feet = {s: tuple(find(trial.markers, trial.roles[s][r]) for r in ("heel", "toe")) for s in SIDES}
    found = judged(trial.loads, **feet)
    used = found[found["reason"] == ""]
    assert set(used["side"]) == set(SIDES)
    for row in used.itertuples():
        for when, kind in ((row.start, "initial_contact"), (row.end, "foot_off")):
            stored = trial.events[(trial.events["side"] == row.side) & (trial.events["event"] == kind)]
            assert (stored["time"] - when).abs().min() < 0.02
    assert events.THRESHOLD == 30.0

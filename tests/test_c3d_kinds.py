"""C3D files as laboratories write them: what contradicts itself is decided by the file's size, told, or refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezc3d
import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import MarkerError, TrialFormatError
from gaitstudy.io.c3d import _Parameters, _plate_wrenches, _RawC3D, _read_raw, _stored_events, read_c3d
from gaitstudy.io.recording import Recording
from gaitstudy.load.skeleton import fit_labels
from tests.raw_c3d import raw_c3d
from tests.recordings import walk, write_c3d

POINTS = np.random.default_rng(5).uniform(-900, 900, (20, 4, 3)).round(2)
ANALOGS = np.random.default_rng(6).integers(-900, 900, (20, 10, 3)).astype(float)
FIELDS = [np.int16([4464, 1]), np.int16([[4464], [1]]), np.int16([[4464, 1]])]
"""70,000 as two words: in one dimension, in [2, 1] and in [1, 2]."""


OLD_END = {("TRIAL", "ACTUAL_START_FIELD"): np.int16([1, 0]), ("TRIAL", "ACTUAL_END_FIELD"): np.int16([350, 0])}
"""A trial of 350 frames, in which words a program that cropped it left as they were."""


@pytest.fixture(scope="module")
def trial() -> Recording:
    return walk()


def read(folder: Path, *given: Any, **how: Any) -> _RawC3D:
    (folder / "made.c3d").write_bytes(raw_c3d(*given, **how))
    return _read_raw(folder / "made.c3d")


def refused(folder: Path, *given: Any, **how: Any) -> str:
    with pytest.raises(TrialFormatError) as error:
        read(folder, *given, **how)
    assert str(error.value).startswith("made.c3d: ")
    return str(error.value)


@pytest.mark.parametrize("order", ["pc", "dec", "mips"])
@pytest.mark.parametrize("scale", [-1.0, 0.05])
def test_every_byte_order_and_both_forms_hold_the_same_numbers(tmp_path: Path, order: str, scale: float) -> None:
    points = POINTS.copy()
    points[3:5, 1] = np.nan
    raw = read(tmp_path, points, ANALOGS, order=order, scale=scale, first=611, rate=119.88)
    np.testing.assert_allclose(raw.points, points, atol=0.026 if scale > 0 else 1e-4)
    np.testing.assert_array_equal(raw.analogs, ANALOGS.reshape(200, 3))
    assert (raw.first_frame, raw.labels, raw.notes) == (611, ["P1", "P2", "P3", "P4"], ())
    assert raw.rate == pytest.approx(119.88)


def test_ezc3d_reads_the_files_that_the_tests_write(tmp_path: Path) -> None:
    path = tmp_path / "made.c3d"
    said = {
        ("ANALOG", "LABELS"): ["Fx", "Fy", "Fz"],
        ("ANALOG", "UNITS"): ["N", "N", "N"],
        ("ANALOG", "SCALE"): np.float32([1, 2, 3]),
        ("ANALOG", "OFFSET"): np.int16([0, 5, 0]),
        ("ANALOG", "GEN_SCALE"): np.float32([0.5]),
    }  # ezc3d ends with a segmentation fault without them
    for order, scale in (("pc", -1.0), ("pc", 0.05), ("dec", -1.0), ("dec", 0.05)):
        path.write_bytes(raw_c3d(POINTS, ANALOGS, said, order=order, scale=scale))
        ours, theirs = _read_raw(path), ezc3d.c3d(str(path))["data"]
        np.testing.assert_allclose(ours.points, theirs["points"][:3].transpose(2, 1, 0), atol=1e-4)
        np.testing.assert_allclose(ours.analogs, theirs["analogs"][0].T)


EZC3D_WRITES = """
import sys, ezc3d, numpy as np
made = ezc3d.c3d()
made["parameters"]["POINT"]["RATE"]["value"] = [100]
made["parameters"]["POINT"]["LABELS"]["value"] = [f"M{k}" for k in range(300)]
made["parameters"]["ANALOG"]["RATE"]["value"] = [1000]
made["parameters"]["ANALOG"]["LABELS"]["value"] = ["Fx", "Fy", "Fz"]
points, analogs = (np.load(name) for name in sys.argv[1:3])
made["data"]["points"] = np.concatenate([points, np.ones((20, 300, 1))], -1).transpose(2, 1, 0)
made["data"]["analogs"] = analogs.reshape(1, 200, 3).transpose(0, 2, 1)
made.add_event([0.0, 0.25], label="Heel Strike", context="Left")
made.write(sys.argv[3])
"""


def test_a_file_that_ezc3d_writes_reads_back(tmp_path: Path) -> None:
    """In a process of its own: once another SWIG module is loaded, ezc3d no longer knows its own vectors."""
    points = np.random.default_rng(7).uniform(-900, 900, (20, 300, 3))
    points[4, 7] = np.nan
    names = [tmp_path / name for name in ("points.npy", "analogs.npy", "made.c3d")]
    np.save(names[0], points)
    np.save(names[1], ANALOGS)
    subprocess.run([sys.executable, "-c", EZC3D_WRITES, *map(str, names)], check=True)
    raw = _read_raw(names[2])
    np.testing.assert_allclose(raw.points, points, atol=1e-4)
    np.testing.assert_allclose(raw.analogs, ANALOGS.reshape(200, 3))
    assert (raw.labels, raw.channels) == ([f"M{k}" for k in range(300)], ["Fx", "Fy", "Fz"])
    assert _stored_events(raw.parameters)[0].to_numpy().tolist() == [[0.25, "initial_contact", "left"]]


def test_channels_of_which_the_frames_hold_no_values_leave_the_points(tmp_path: Path) -> None:
    points = np.random.default_rng(3).uniform(-900, 900, (20, 4, 3))
    raw = read(tmp_path, points, parameters={("ANALOG", "USED"): np.int16([3])})
    np.testing.assert_allclose(raw.points, points, atol=1e-4)


def test_products_of_counts_do_not_overflow(tmp_path: Path) -> None:
    analogs = np.arange(6600.0 * 10 * 2).reshape(6600, 10, 2) % 4096
    raw = read(tmp_path, np.ones((6600, 1, 3)), analogs)  # 66 s: 66,000 samples of a channel
    np.testing.assert_array_equal(raw.analogs, analogs.reshape(66000, 2))


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ({("TRIAL", "ACTUAL_START_FIELD"): np.int16([1, 0]), ("TRIAL", "ACTUAL_END_FIELD"): end}, "") for end in FIELDS
    ] + [
        (said, "The header counts 65535 frames; 70000 fill the file.") for said in (
            {("POINT", "FRAMES"): np.float32([70000])}, {("POINT", "LONG_FRAMES"): np.float32([70000])},
            {("POINT", "FRAMES"): np.int16([-1])}, {("POINT", "FRAMES"): None},
        )
    ],
)  # fmt: skip
def test_more_frames_than_a_word_counts_are_all_read(
    tmp_path: Path, said: Mapping[tuple[str, str], Any], note: str
) -> None:
    points = np.ones((70000, 8, 3)) + np.arange(70000)[:, None, None]
    raw = read(tmp_path, points, parameters=said)
    np.testing.assert_array_equal(raw.points, points)
    assert len(raw.notes) == bool(note) and note in "".join(raw.notes)


def test_a_count_that_wrapped_is_told_by_the_size(tmp_path: Path) -> None:
    raw = read(tmp_path, np.ones((70000, 8, 3)), last=4464)
    assert len(raw.points) == 70000 and "The header counts 4464 frames; 70000 fill the file." in raw.notes[0]


def test_frames_that_only_words_below_zero_count(tmp_path: Path) -> None:
    raw = read(tmp_path, np.ones((40000, 1, 3)))
    assert raw.parameters.numbers("POINT", "FRAMES")[0] < 0 and len(raw.points) == 40000 and not raw.notes


@pytest.mark.parametrize(
    ("said", "how", "note"),
    [
        ({("POINT", "FRAMES"): np.int16([119])}, {"first": 100}, ""),
        ({("POINT", "FRAMES"): np.float32([20])}, {}, ""),
        ({("POINT", "FRAMES"): np.int16([119])}, {"first": 100, "last": 500}, "The header counts 401 frames; 20 fill"),
        ({}, {"last": 500}, "The header counts 500 frames; 20 fill the file."),
        (OLD_END, {}, ""),
        ({("POINT", "FRAMES"): np.int16([7])}, {"tail": bytes(4000)}, "The file goes on behind the last of the 20"),
        ({("POINT", "USED"): np.int16([9])}, {}, ""),
    ],
)  # fmt: skip
def test_the_size_of_the_file_decides_between_counts(
    tmp_path: Path, said: Mapping[tuple[str, str], Any], how: Mapping[str, Any], note: str
) -> None:
    points = np.tile(POINTS, (1, 1, 1))
    raw = read(tmp_path, points, parameters=said, **how)
    np.testing.assert_allclose(raw.points, points, atol=1e-4)
    assert len(raw.notes) == bool(note) and note in "".join(raw.notes)


def test_a_file_that_is_cut_off_is_refused_whatever_it_says(tmp_path: Path) -> None:
    path = tmp_path / "made.c3d"
    points = np.ones((400, 30, 3))
    for how in ({}, {"first": 100}, {"parameters": OLD_END}):
        whole = raw_c3d(points, **how)  # type: ignore[arg-type]
        for size in (len(whole) - 1600, len(whole) // 2, 2000):
            path.write_bytes(whole[:size])
            with pytest.raises(TrialFormatError, match=r"the file is cut off\. Copy or export it again"):
                _read_raw(path)


@pytest.mark.parametrize(
    ("said", "factor", "offset"),
    [
        ({}, 1.0, 0.0),
        ({"SCALE": np.float32([0.5]).reshape(()), "OFFSET": np.int16([100]).reshape(())}, 0.5, 100.0),
        ({"SCALE": np.float32([0.5]), "OFFSET": np.float32([100])}, 0.5, 100.0),
        ({"SCALE": np.float32([1, 2, 3]), "OFFSET": np.int16([1, 2, 3]), "GEN_SCALE": np.float32([4])}, [4, 8, 12],
         [1, 2, 3]),
        ({"SCALE": np.float32([1, 2, 3, 9, 9]), "OFFSET": np.int16([1, 2, 3, 9, 9])}, [1, 2, 3], [1, 2, 3]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scale", [-1.0, 0.05])
def test_analog_values_have_the_offset_and_scale_of_their_channel(
    tmp_path: Path, said: Mapping[str, Any], factor: Any, offset: Any, scale: float
) -> None:
    raw = read(tmp_path, POINTS, ANALOGS, {("ANALOG", name): value for name, value in said.items()}, scale=scale)
    np.testing.assert_allclose(raw.analogs, (ANALOGS.reshape(200, 3) - offset) * factor)
    assert not raw.notes


def test_a_channel_beyond_a_list_of_scales_is_unknown_and_told(tmp_path: Path) -> None:
    raw = read(tmp_path, POINTS, ANALOGS, {("ANALOG", "SCALE"): np.float32([2, 3])})
    np.testing.assert_allclose(raw.analogs[:, :2], ANALOGS.reshape(200, 3)[:, :2] * [2, 3])
    assert np.isnan(raw.analogs[:, 2]).all() and "ANALOG:SCALE holds 2 numbers for 3 channels" in raw.notes[0]


def test_more_than_255_channels_have_their_own_scales_and_labels(tmp_path: Path) -> None:
    scales = np.arange(300) + 1.0
    said = {
        ("ANALOG", "SCALE"): np.float32(scales[:255]), ("ANALOG", "SCALE2"): np.float32(scales[255:]),
        ("ANALOG", "OFFSET"): np.int16(scales[:255]), ("ANALOG", "OFFSET2"): np.int16(scales[255:]),
        ("ANALOG", "LABELS"): [f"C{k}" for k in range(255)], ("ANALOG", "LABELS2"): [f"C{k}" for k in range(255, 300)],
    }  # fmt: skip
    analogs = np.random.default_rng(8).integers(0, 999, (20, 2, 300)).astype(float)
    raw = read(tmp_path, POINTS, analogs, said)
    np.testing.assert_allclose(raw.analogs, (analogs.reshape(40, 300) - scales) * scales)
    assert raw.channels == [f"C{k}" for k in range(300)]


@pytest.mark.parametrize("scale", [-1.0, 0.05])
def test_unsigned_values_and_offsets_are_read_as_such(tmp_path: Path, scale: float) -> None:
    counts = np.random.default_rng(9).integers(0, 65535, (20, 10, 3))
    stored = counts.astype("u2").view("i2") if scale > 0 else counts
    said = {("ANALOG", "FORMAT"): ["UNSIGNED"], ("ANALOG", "OFFSET"): np.array([32768] * 3, "u2").view("i2")}
    raw = read(tmp_path, POINTS, stored.astype(float), said, scale=scale)
    np.testing.assert_allclose(raw.analogs, counts.reshape(200, 3) - 32768.0)


def test_rates_may_differ_a_little_and_others_are_refused(tmp_path: Path) -> None:
    raw = read(tmp_path, POINTS, ANALOGS, {("POINT", "RATE"): np.float32([100.2])})
    assert raw.rate == pytest.approx(100.2, rel=1e-6)
    assert read(tmp_path, POINTS, parameters={("POINT", "RATE"): None}).rate == 100
    assert "the same in the header as in POINT:RATE, found 100 and 250 Hz" in refused(
        tmp_path, POINTS, parameters={("POINT", "RATE"): np.float32([250])}
    )
    for rate in (-100.0, 1e-6, 1e9, np.nan, np.inf):
        assert "expected a rate of 0.5-100000 Hz" in refused(tmp_path, POINTS, rate=rate)


def test_integer_positions_need_one_scale(tmp_path: Path) -> None:
    for scale in (0.0, np.nan):
        said = {("POINT", "SCALE"): np.float32([scale])}
        np.testing.assert_allclose(read(tmp_path, POINTS, parameters=said, scale=0.05).points, POINTS, atol=0.03)
    said = {("POINT", "SCALE"): np.float32([0.08])}
    assert "expected one scale of positions" in refused(tmp_path, POINTS, parameters=said, scale=0.05)


def test_the_origin_to_the_last_digit_is_a_gap_and_so_is_what_is_no_number(tmp_path: Path) -> None:
    points = POINTS.copy()
    points[2, 0], points[3, 0, 1:], points[4, 1] = 0.0, 0.0, [np.inf, 1, 1]
    content = bytearray(raw_c3d(np.where(np.isinf(points), 7e9, points)))
    path = tmp_path / "made.c3d"
    path.write_bytes(content.replace(np.float32([7e9]).tobytes(), np.float32([np.inf]).tobytes()))
    lost = np.isnan(_read_raw(path).points).all(-1)
    assert lost.sum() == 2 and lost[2, 0] and lost[4, 1]


def test_an_output_of_nought_is_a_number(tmp_path: Path) -> None:
    points = POINTS.copy()
    points[2, :2] = 0.0
    raw = read(tmp_path, points, parameters={("POINT", "FORCES"): ["P2"]})
    assert np.isnan(raw.points[2, 0]).all() and (raw.points[2, 1] == 0).all()


def test_rotations_are_told_apart_from_damage(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(20, 51)).astype("<f4").tobytes()
    frames = 20 * 4 * 4 * 4
    said = {("ROTATION", "USED"): np.int16([3]), ("ROTATION", "DATA_START"): np.int16([6])}
    whole = raw_c3d(POINTS, parameters=said)
    start = 512 * (int.from_bytes(whole[16:18], "little") - 1 + -(-frames // 512))
    said["ROTATION", "DATA_START"] = np.int16([start // 512 + 1])
    raw = read(tmp_path, POINTS, parameters=said, tail=bytes(-frames % 512) + rows)
    np.testing.assert_allclose(raw.points, POINTS, atol=1e-4)
    assert raw.notes == ("The file also holds rotations of segments; they are not read.",)
    assert "found none (rotations alone" in refused(tmp_path, POINTS[:, :0], parameters=said, tail=rows)


def test_of_a_parameter_listed_twice_the_first_that_holds_something_counts(tmp_path: Path) -> None:
    empty = {("EXTRA", "A"): np.empty(0, "f4"), ("EXTRA", "B"): np.float32([1])}
    raw = read(
        tmp_path, POINTS, parameters=empty, copies=[("EXTRA", "A", np.float32([5])), ("EXTRA", "B", np.float32([6]))]
    )
    assert [raw.parameters.numbers("EXTRA", name).tolist() for name in "AB"] == [[5.0], [1.0]]


def test_a_file_without_parameters_is_read_by_its_header(tmp_path: Path) -> None:
    said = dict.fromkeys(("USED", "FRAMES", "SCALE", "RATE", "UNITS", "LABELS"))
    raw = read(
        tmp_path,
        POINTS,
        parameters={**{("POINT", k): None for k in said}, ("ANALOG", "USED"): None, ("ANALOG", "RATE"): None},
    )
    np.testing.assert_allclose(raw.points, POINTS, atol=1e-4)
    assert raw.labels[0] == "unlabelled_point_1"


def test_no_text_of_a_file_can_move_the_cursor(tmp_path: Path) -> None:
    labels = ["A\x1b[2JB", "C\u202eD", "E\x9bF", "G\tH"]
    raw = read(tmp_path, POINTS, parameters={("POINT", "LABELS"): labels})
    assert raw.labels == ["A[2JB", "CD", "EF", "G H"] and all(label.isprintable() for label in raw.labels)


def events(
    folder: Path, labels: list[str], contexts: list[str] | None = None, times: Any = None, used: int | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Return the events of a file that holds these lists."""
    times = np.column_stack([np.zeros(len(labels)), np.arange(len(labels)) / 2]).T if times is None else times
    said = {("EVENT", "USED"): np.int16([len(labels) if used is None else used]), ("EVENT", "LABELS"): labels[:255],
            ("EVENT", "TIMES"): np.float32(times[:, :255] if np.ndim(times) == 2 else times)}  # fmt: skip
    if contexts is not None:
        said["EVENT", "CONTEXTS"] = contexts[:255]
    if len(labels) > 255:
        said |= {("EVENT", "LABELS2"): labels[255:], ("EVENT", "TIMES2"): np.float32(times[:, 255:])}
        said |= {("EVENT", "CONTEXTS2"): (contexts or [])[255:]}
    return _stored_events(read(folder, POINTS, parameters=said).parameters)


@pytest.mark.parametrize(
    ("label", "context", "event", "side"),
    [
        ("Foot Strike", "Left", "initial_contact", "left"), ("FOOT OFF", "Right", "foot_off", "right"),
        ("Heel Strike", "left", "initial_contact", "left"), ("Toe-Off", "RIGHT", "foot_off", "right"),
        ("Toe Off", "L", "foot_off", "left"), ("Foot Contact", "Left", "initial_contact", "left"),
        ("Initial Contact", "R", "initial_contact", "right"), ("LFS", "", "initial_contact", "left"),
        ("RHS", "General", "initial_contact", "right"), ("L_TO", "", "foot_off", "left"),
        ("RTO", "", "foot_off", "right"), ("FO_L", "", "foot_off", "left"), ("HS R", "", "initial_contact", "right"),
        ("LHS2", "", "initial_contact", "left"),
        ("Left Foot Strike", "", "initial_contact", "left"), ("right toe off", "", "foot_off", "right"),
        ("Foot Strike", "", "initial_contact", ""), ("Foot Strike", "General", "initial_contact", ""),
        ("Left Foot Strike", "Right", "initial_contact", ""),
    ],
)  # fmt: skip
def test_events_are_known_by_any_of_their_names(
    tmp_path: Path, label: str, context: str, event: str, side: str
) -> None:
    table, notes = events(tmp_path, [label, "Foot Off"], [context, "Left"])
    assert table.iloc[0].tolist() == [0.0, event, side]
    assert [note[:26] for note in notes] == ["1 of 2 events name no side"] * (not side)


def test_events_of_the_header_are_told_where_no_group_has_any(tmp_path: Path) -> None:
    assert read(tmp_path, POINTS, says={151: 4}).notes == (
        "The header lists 4 events, and the EVENT group none: they are not used.",
    )
    times = {
        ("EVENT", "USED"): np.int16([1]),
        ("EVENT", "LABELS"): ["RTO"],
        ("EVENT", "TIMES"): np.float32([[0], [0.1]]),
    }
    assert read(tmp_path, POINTS, says={151: 4}, parameters=times).notes == ()


def test_a_label_too_many_does_not_turn_minutes_into_seconds(tmp_path: Path) -> None:
    table, notes = events(tmp_path, ["Foot Strike"] * 3, ["Left"] * 3, np.array([[1.0, 1.0], [0.5, 1.5]]), used=2)
    assert table["time"].tolist() == [60.5, 61.5] and "2 times and 3 labels" in notes[0]


def test_an_event_with_another_name_is_listed_and_not_dropped_in_silence(tmp_path: Path) -> None:
    table, notes = events(tmp_path, ["Foot Strike", "Event", "Mid\x1b[31m" + "x" * 60], ["Left", "General", ""])
    assert table["event"].tolist()[:2] == ["initial_contact", "event"]
    assert notes == [
        f"Events that are neither a contact of a foot nor its end are not used: 'Event', 'Mid[31m{'x' * 17}'."
    ]


def test_300_events_are_read_from_two_lists(tmp_path: Path) -> None:
    table, notes = events(tmp_path, ["Foot Strike"] * 300, ["Left"] * 300)
    np.testing.assert_allclose(table["time"], np.arange(300) / 2)
    assert set(table["side"]) == {"left"} and not notes


@pytest.mark.parametrize("times", [
    np.array([[1.0, 0, 0], [2, 63, 64]]), np.array([[62.0, 63, 64]]),
    np.array([62.0, 63, 64]), np.array([1.0, 2, 0, 63, 0, 64]),
])  # fmt: skip
def test_times_of_any_shape_are_minutes_and_seconds_or_seconds(tmp_path: Path, times: np.ndarray) -> None:
    table, notes = events(tmp_path, ["Foot Strike"] * 3, ["Left"] * 3, times)
    assert table["time"].tolist() == [62.0, 63.0, 64.0] and not notes


def test_times_by_minutes_then_seconds_are_not_paired_in_silence(tmp_path: Path) -> None:
    turned = np.array([[0.0, 1.2], [0.0, 1.8], [0.7, 2.4]]).ravel(order="F")
    table, notes = events(tmp_path, ["Foot Strike"] * 3, ["Left"] * 3, turned)
    assert not len(table) and "no pairs of minutes and seconds" in notes[0]


@pytest.mark.parametrize(("used", "count"), [(5, 3), (2, 2), (0, 0)])
def test_a_count_of_events_that_is_not_that_of_the_lists_is_told(tmp_path: Path, used: int, count: int) -> None:
    table, notes = events(tmp_path, ["Foot Strike"] * 3, ["Left"] * 3, used=used)
    assert len(table) == count
    assert notes == [f"EVENT:USED counts {used} events, the lists hold 3 times and 3 labels: {count} were read."]


def test_events_without_a_time_or_without_times_are_told(tmp_path: Path) -> None:
    table, notes = events(tmp_path, ["Foot Strike"] * 2, ["Left"] * 2, np.array([[0, 0], [1.0, np.nan]]))
    assert table["time"].tolist() == [1.0] and notes == ["1 events have no time and are not used."]
    table, notes = events(tmp_path, ["Foot Strike"] * 2, ["Left"] * 2, np.empty(0))
    assert table.empty and "the lists hold 0 times and 2 labels: 0 were read" in notes[0]


def test_what_the_user_says_of_the_axes_counts(trial: Recording, tmp_path: Path) -> None:
    found = read_c3d(write_c3d(tmp_path / "a.c3d", trial), axes=("+X", "-Z"))
    np.testing.assert_allclose(found.markers.sel(axis="y"), -trial.markers.sel(axis="y"), atol=1e-6)
    assert found.left_out and not [note for note in found.notes if "inferred" in note]


def test_a_belt_whose_origin_has_the_other_sign_is_left_out(tmp_path: Path) -> None:
    belts = walk(treadmill=True)
    raw = _read_raw(write_c3d(tmp_path / "a.c3d", belts))
    assert belts.loads is not None
    away = np.array([240.0, 800.0, 0.0])
    values = raw.analogs.copy()
    for first in (0, 6):  # moments about a point far from the middle of the belt
        values[:, first + 3 : first + 6] += np.cross(away - [-3, 2, -40], values[:, first : first + 3])
    turn, time = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), belts.loads["time"].values
    for sign in (1, -1):
        says = _Parameters(raw.parameters | {("FORCE_PLATFORM", "ORIGIN"): np.tile(sign * away[:, None], 2)})
        loads, out = _plate_wrenches(replace(raw, analogs=values, parameters=says), time, turn, 1e-3, None)
        if sign > 0:
            assert loads is not None and not out
            np.testing.assert_allclose(loads["moment"], belts.loads["moment"], atol=0.01)
        else:
            assert set(out) == {"1", "2"} and "FORCE_PLATFORM:ORIGIN looks reversed in sign" in out["1"]


def test_plates_that_are_counted_and_not_described_are_told(trial: Recording, tmp_path: Path) -> None:
    raw = _read_raw(write_c3d(tmp_path / "a.c3d", trial))
    says = _Parameters(raw.parameters | {("FORCE_PLATFORM", "USED"): np.array([4])})
    assert trial.loads is not None
    _, out = _plate_wrenches(replace(raw, parameters=says), trial.loads["time"].values, np.eye(3), 1e-3, None)
    assert out["3"] == "FORCE_PLATFORM:USED counts 4 plates, 2 are described."


def test_a_second_marker_of_a_name_that_nobody_needs_is_told_and_kept(trial: Recording, tmp_path: Path) -> None:
    labels = [str(name) for name in trial.markers["marker"].values]
    labels[-1], labels[-2] = "WAND", "WAND"
    found = read_c3d(write_c3d(tmp_path / "a.c3d", trial, labels=labels))
    assert list(found.markers["marker"].values) == [*labels[:-2], f"WAND#{len(labels) - 1}", f"WAND#{len(labels)}"]
    assert "several markers are called 'WAND': read as NAME#k" in found.notes[0]


NAMES: dict[str, dict[str, Any]] = {
    side: {"heel": f"{s}HEE", "toe": f"{s}TOE", "asis": f"{s}ASI", "shank": [f"{s}TIB", f"{s}ANK"]}
    for side, s in (("left", "L"), ("right", "R"))
}


@pytest.mark.parametrize("change", ["sub_{}", "a_sub-{}", "{}"])
@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_labels_with_a_prefix_or_in_another_case_are_those_of_the_map(trial: Recording, change: str, case: Any) -> None:
    labels = [change.format(case(str(name))) for name in trial.markers["marker"].values]
    fitted, notes = fit_labels(trial.markers.assign_coords(marker=labels), NAMES)
    wanted = [name for side in NAMES.values() for name in (side["heel"], side["toe"], side["asis"], *side["shank"])]
    for name in wanted:
        np.testing.assert_array_equal(fitted.sel(marker=name), trial.markers.sel(marker=name))
    assert len(notes) == (change != "{}") + (case is not str.upper)
    assert not [note for note in notes if "sub" in note]


def test_a_side_is_no_prefix_and_two_cases_of_one_name_stay(trial: Recording) -> None:
    one = trial.markers.sel(marker=["LHEE", "LTOE", "LASI", "LTIB"])
    names = {side: {"heel": "HEE", "toe": "TOE", "asis": "ASI"} for side in ("left", "right")}
    assert list(fit_labels(one, NAMES)[0]["marker"].values) == list(one["marker"].values)
    assert list(fit_labels(one, names)[0]["marker"].values) == list(one["marker"].values)
    both = one.assign_coords(marker=["LHEE", "lhee", "lToe", "ltoe"])
    assert list(fit_labels(both, NAMES)[0]["marker"].values) == ["LHEE", "lhee", "lToe", "ltoe"]


def test_a_marker_of_the_map_that_occurs_twice_is_not_taken_for_either(trial: Recording) -> None:
    labels = ["LHEE", "RHEE", "LTOE", "RTOE", "LTIB#5", "LTIB#6"]
    some = trial.markers.isel(marker=slice(0, 6)).assign_coords(marker=labels)
    assert list(fit_labels(some, NAMES)[0]["marker"].values) == labels
    labels[::5] = ["LHEE#1", "LHEE#6"]
    with pytest.raises(MarkerError, match="expected each marker of the map once, found LHEE more than once"):
        fit_labels(some.assign_coords(marker=labels), NAMES)


def test_a_marker_gone_astray_is_a_gap_and_told(trial: Recording, tmp_path: Path) -> None:
    markers = trial.markers.copy()
    markers[7, 3] = 1e9
    found = read_c3d(write_c3d(tmp_path / "a.c3d", replace(trial, markers=markers)))
    assert np.isnan(found.markers[7, 3]).all() and int(np.isnan(found.markers).any("axis").sum()) == 1
    assert found.notes[0] == "1 positions of 1 markers lie more than 30 m from the others: gaps."

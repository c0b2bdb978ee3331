"""C3D files: what is written is read, in every byte order; damaged, cut and odd files give one clear error."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from gaitstudy.conventions import GaitStudyError, TrialFormatError
from gaitstudy.io.c3d import _Parameters, _read_raw, _unit_scales, read_c3d
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.io.recording import Recording
from tests.recordings import SUBJECT, needs, only, walk, write_c3d

NAME = "Wilhelmina Quux"
FORMS = ("pc_int", "pc_real", "dec_int", "dec_real", "sgi_int", "sgi_real")


@pytest.fixture(scope="module")
def trial() -> Recording:
    return walk(seconds=1.0)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A C3D of twelve frames with plates, events and a person."""
    some = only(walk(seconds=1.0), slice(0, 12), ["LHEE", "RHEE", "LTOE", "RTOE", "LASI"])
    path = tmp_path_factory.mktemp("small") / "small.c3d"
    return write_c3d(path, some, types=(4, 3), subject=SUBJECT, texts={("SUBJECTS", "NAMES"): NAME})


@pytest.mark.parametrize("screens", [("+X", "+Z"), ("-Y", "+Z"), ("+Z", "+Y"), ("-X", "+Y")])
@pytest.mark.parametrize("types", [(1, 2), (3, 4)])
def test_what_was_written_is_read_whatever_the_axes_and_the_plate(
    trial: Recording, tmp_path: Path, screens: tuple[str, str], types: tuple[int, int]
) -> None:
    read = read_c3d(write_c3d(tmp_path / "a.c3d", trial, types=types, screens=screens))
    assert read.loads is not None and trial.loads is not None
    np.testing.assert_allclose(read.markers, trial.markers, atol=1e-6)
    np.testing.assert_allclose(read.loads["force"], trial.loads["force"], atol=1e-3)
    np.testing.assert_allclose(read.loads["moment"], trial.loads["moment"], atol=1e-3)
    np.testing.assert_allclose(read.loads["corners"], trial.loads["corners"], atol=1e-6)
    np.testing.assert_allclose(read.loads["height"], 0, atol=1e-9)
    np.testing.assert_allclose(read.markers["time"], trial.markers["time"], atol=1e-9)


def test_times_and_events_are_on_the_files_clock(trial: Recording, tmp_path: Path) -> None:
    read = read_c3d(write_c3d(tmp_path / "a.c3d", trial, first_frame=611))
    assert read.loads is not None and read.analogs is not None
    for array in (read.markers, read.loads, read.analogs):
        assert float(array["time"][0]) == pytest.approx(6.10, abs=1e-9)
    assert float(read.loads["time"][1] - read.loads["time"][0]) == pytest.approx(0.001, abs=1e-9)
    pd.testing.assert_frame_equal(read.events, trial.events.assign(time=trial.events["time"] + 6.10), atol=1e-5)


def test_late_events_keep_their_minutes(trial: Recording, tmp_path: Path) -> None:
    read = read_c3d(write_c3d(tmp_path / "a.c3d", trial, first_frame=12001))
    assert read.events["time"].iloc[0] == pytest.approx(120.0 + trial.events["time"].iloc[0], abs=1e-5)


@pytest.mark.parametrize("rate", [50.0, 59.94, 119.88, 250.0, 299.7])
@pytest.mark.parametrize("per_frame", [5, 10, 20])
def test_rates_that_are_no_whole_numbers_are_read(tmp_path: Path, rate: float, per_frame: int) -> None:
    short = walk(seconds=0.4, rate=rate, per_frame=per_frame)
    read = read_c3d(write_c3d(tmp_path / "a.c3d", short))
    assert read.loads is not None and short.loads is not None
    assert read.loads.sizes["time"] == per_frame * read.markers.sizes["time"]
    np.testing.assert_allclose(read.loads["force"], short.loads["force"], atol=1e-3)


def test_lost_points_are_missing_not_zero(trial: Recording, tmp_path: Path) -> None:
    markers = trial.markers.copy()
    markers.loc[{"marker": "LHEE"}][10:20] = np.nan
    read = read_c3d(write_c3d(tmp_path / "a.c3d", replace(trial, markers=markers)))
    np.testing.assert_array_equal(read.markers.isnull(), markers.isnull())


def test_a_file_without_plates_analogs_or_events_is_read(trial: Recording, tmp_path: Path) -> None:
    bare = replace(trial, loads=None, events=trial.events.iloc[:0])
    read = read_c3d(write_c3d(tmp_path / "a.c3d", bare))
    assert read.loads is None and read.events.empty and read.analogs is not None and read.analogs.size == 0
    np.testing.assert_allclose(read.markers, trial.markers, atol=1e-6)


def test_outputs_of_another_program_are_no_markers(trial: Recording, tmp_path: Path) -> None:
    texts = {("POINT", "ANGLES"): "LTIB", ("POINT", "MOMENTS"): "RTIB"}
    read = read_c3d(write_c3d(tmp_path / "a.c3d", trial, texts=texts))
    assert read.outputs is not None
    assert set(read.outputs["output"].values) == {"LTIB", "RTIB"}
    assert not {"LTIB", "RTIB"} & set(read.markers["marker"].values)


def test_labels_lose_the_subjects_prefix_and_blank_ones_get_a_number(trial: Recording, tmp_path: Path) -> None:
    names = [f"{NAME}:{m}" for m in trial.markers["marker"].values]
    names[2] = ""
    raw = _read_raw(write_c3d(tmp_path / "a.c3d", trial, labels=names))
    expected = list(trial.markers["marker"].values)
    expected[2] = "unlabelled_point_3"
    assert raw.labels == expected


def test_a_parameter_listed_twice_counts_once(trial: Recording, tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "a.c3d", trial, subject={"BODYMASS": 70.0, "BODYMASZ": 71.0, "BODYMASX": 72.0})
    path.write_bytes(path.read_bytes().replace(b"BODYMASZ", b"BODYMASS").replace(b"BODYMASX", b"BODYMASS"))
    read = read_c3d(path)
    assert read.subject["bodymass"] == 70.0
    np.testing.assert_allclose(read.markers, trial.markers, atol=1e-6)


def test_the_subjects_numbers_are_read_and_names_and_dates_are_not(
    trial: Recording, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {
        ("SUBJECTS", "NAMES"): NAME, ("SUBJECT", "NAME"): NAME, ("SUBJECT", "DOB"): "1957-08-31",
        ("PROCESSING", "PATIENT"): NAME, ("TRIAL", "DATE"): "2019-02-28", ("MANUFACTURER", "USER"): NAME,
    }  # fmt: skip
    private = {"BIRTHYEAR": 1957.0, "DATEOFBIRTH": 19570831.0, "AGE": 62.0, "SUBJECTID": 1957.5, "PHONE": 195711.0}
    subject = {**SUBJECT, **private, "CASENUMBERHEIGHT": 1957.0, "$STATIC": 1.0, "LUSEFLOORFF": 1.0}
    labels = [f"{NAME}:{m}" for m in trial.markers["marker"].values]
    with caplog.at_level(logging.DEBUG):
        path = write_c3d(tmp_path / "a.c3d", trial, texts=texts, subject=subject, labels=labels)
        assert NAME.encode() in path.read_bytes() and b"1957-08-31" in path.read_bytes()
        read = read_c3d(path)
        with pytest.raises(TrialFormatError) as refused:
            read_c3d(path, axes=("+X", "-X"))
        path.write_bytes(path.read_bytes()[:-60000])
        with pytest.raises(TrialFormatError) as cut:
            read_c3d(path)
    assert read.subject == {name.lower(): value for name, value in SUBJECT.items()}
    shown = [repr(read), str(read.markers), str(read.loads), str(read.analogs), str(read.outputs), str(read.events),
             str(read.subject), str(refused.value), str(cut.value), caplog.text,
             *map(str, [*read.markers["marker"].values, read.markers.attrs]), *capsys.readouterr()]  # fmt: skip
    for secret in ("Wilhelmina", "Quux", "1957", "2019-02-28"):
        assert not [text for text in shown if secret in text], secret


def refused(path: Path, **how: object) -> str:
    """Return the one message with which a file is refused; it names the file."""
    with pytest.raises(TrialFormatError) as error:
        read_c3d(path, **how)  # type: ignore[arg-type]
    assert str(error.value).startswith(f"{path.name}: ")
    return str(error.value)


def test_each_bad_file_gives_one_error_with_file_problem_and_fix(trial: Recording, tmp_path: Path) -> None:
    path = tmp_path / "bad.c3d"
    path.write_bytes(b"")
    assert "found an empty one. Export" in refused(path)
    path.write_bytes(b"\2\x50" + bytes(500))
    assert "expected a C3D file of at least 1024 bytes, found 502. Export" in refused(path)
    path.write_bytes(b"PathFileType\t4\t(X/Y/Z)\n" * 100)
    assert "found another format. Check the extension" in refused(path)
    path.write_bytes(b"\2\x50" + bytes(5000))
    assert "Export" in refused(path)
    path.unlink()
    assert "found none there. Check the path" in refused(path)
    (other := tmp_path / "walk.dat").write_bytes(b"\2\x50" + bytes(5000))
    assert "expected extension .c3d, found '.dat'" in refused(other)
    write_c3d(path, trial, screens=("+X", "+Z"))
    path.write_bytes(path.read_bytes().replace(b"+X", b"+Z"))
    assert "found '+Z' and '+Z'. Say which they are: axes=('+X', '+Z'), or --axes +X+Z" in refused(path)
    write_c3d(path, trial, units="furl")
    assert "expected POINT:UNITS mm, cm or m, found 'furl'. Correct the parameter" in refused(path)
    write_c3d(path, trial, units="m")
    assert "expected markers spread over 0.03-30 m" in refused(path)
    shrunk = replace(trial, markers=trial.markers / 1000)
    write_c3d(path, shrunk, units="mm")
    assert "with units 'mm'. Correct the units" in refused(path)
    write_c3d(path, replace(trial, markers=trial.markers * np.nan))
    assert "expected marker positions, found none in any frame" in refused(path)


def left_out(path: Path) -> dict[str, str]:
    """Return the plates that are left out of a file that is read all the same, its other plates included."""
    read = read_c3d(path)
    for name, reason in read.left_out.items():
        assert f"plate {name} is left out: {reason}" in read.notes
    there = [] if read.loads is None else list(read.loads["plate"].values)
    assert sorted([*there, *read.left_out]) == ["1", "2"] and np.isfinite(read.markers).any()
    return read.left_out


def test_one_plate_that_cannot_be_used_leaves_the_markers_and_the_other_plate(trial: Recording, tmp_path: Path) -> None:
    path = tmp_path / "a.c3d"
    assert trial.loads is not None
    write_c3d(path, trial, types=(2, 7))
    assert left_out(path) == {"2": "expected type 1, 2, 3 or 4, found 7. Export the plate as type 2."}
    np.testing.assert_allclose(read_c3d(path).loads["force"], trial.loads["force"][:, :1], atol=1e-3)  # type: ignore[index]
    write_c3d(path, trial, types=(4, 4), without=[("FORCE_PLATFORM", "CAL_MATRIX")])
    assert all("type 4 needs 36 numbers in FORCE_PLATFORM:CAL_MATRIX" in why for why in left_out(path).values())
    write_c3d(path, trial, without=[("FORCE_PLATFORM", "CORNERS")])
    assert set(left_out(path)) == {"1", "2"}
    assert "expected 12 numbers in FORCE_PLATFORM:CORNERS, found 0" in left_out(path)["1"]
    flat = trial.loads["corners"].copy()
    flat[1] = [(0, 0, 0), (1, 0, 0), (0, 0, 0), (0, 0, 1)]
    write_c3d(path, replace(trial, loads=trial.loads.assign(corners=flat)))
    assert list(left_out(path)) == ["2"] and "four corners of a rectangle" in left_out(path)["2"]
    for value, said in ((1e9, "expected forces below 20000 N"), (np.inf, "expected numbers in its channels"),
                        (np.nan, "expected numbers in its channels")):  # fmt: skip
        load = trial.loads["force"].copy()
        load[:, 1, 1] = value
        with np.errstate(invalid="ignore"):
            write_c3d(path, replace(trial, loads=trial.loads.assign(force=load)))
        assert list(left_out(path)) == ["2"] and said in left_out(path)["2"]


def test_a_channel_that_is_not_there_is_named(trial: Recording, tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "a.c3d", trial)
    channels = np.arange(1, 13, dtype="<i2")
    path.write_bytes(
        path.read_bytes().replace(channels.tobytes(), np.where(channels == 9, 90, channels).astype("<i2").tobytes())
    )
    assert "expected 6 channels among 1-12, found [7, 8, 90, 10, 11, 12]. Correct" in left_out(path)["2"]


def test_a_stretch_to_zero_on_must_be_there_and_unloaded(trial: Recording, tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "a.c3d", walk(), types=(2, 3), offset=7.0)
    read, true = read_c3d(path, zero=(0.0, 1.2)), walk().loads
    assert read.loads is not None and true is not None
    np.testing.assert_allclose(read.loads["force"], true["force"], atol=1e-3)
    np.testing.assert_allclose(read.loads["moment"], true["moment"], atol=1e-3)
    with pytest.raises(
        TrialFormatError, match=r"a\.c3d: expected the unloaded stretch within .*0-3\.599 s, found 8-9 s"
    ):
        read_c3d(path, zero=(8, 9))


def test_a_file_cut_anywhere_is_refused_and_never_read_short(small: Path, tmp_path: Path) -> None:
    content, path = small.read_bytes(), tmp_path / "cut.c3d"
    whole = read_c3d(small)
    raw = _read_raw(small)
    data = 512 * (int.from_bytes(content[16:18], "little") - 1)
    end = data + 4 * (raw.points.shape[0] * raw.points.shape[1] * 4 + raw.analogs.size)
    for size in sorted({*range(0, end, 61), end - 1, end, len(content) - 1}):
        path.write_bytes(content[:size])
        if size < end:
            assert any(part in refused(path) for part in ("cut off", "empty", "at least 1024", "damaged"))
        else:
            np.testing.assert_array_equal(read_c3d(path).markers, whole.markers)


@bounded(max_examples=120)
@given(st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=12))
def test_flipped_bytes_are_read_or_refused_but_never_break(small: Path, changes: list[tuple[int, int]]) -> None:
    content = bytearray(small.read_bytes())
    for where, value in changes:
        content[where % len(content)] = value
    path = small.with_name("flipped.c3d")
    path.write_bytes(content)
    try:
        read = read_c3d(path)
    except GaitStudyError as error:
        assert str(error).startswith("flipped.c3d: ")
        assert "Quux" not in str(error)
    else:
        assert read.markers.sizes["time"] >= 1


def test_one_trial_in_six_forms_is_one_trial() -> None:
    paths = needs("c3d-formats", *(f"c3d_org_sample02/{form}.c3d" for form in FORMS))
    raws = dict(zip(FORMS, map(_read_raw, paths), strict=True))
    first = raws["pc_int"]
    assert float(first.parameters.numbers("POINT", "SCALE")[0]) == pytest.approx(0.2812, abs=1e-4)
    for form, raw in raws.items():
        assert (raw.labels, raw.channels, raw.first_frame) == (first.labels, first.channels, first.first_frame)
        assert raw.rate == first.rate
        alike = raws["pc_int" if form == "sgi_int" else form if form == "pc_int" else "pc_real"]
        np.testing.assert_array_equal(raw.points, alike.points, err_msg=form)
        np.testing.assert_array_equal(raw.analogs, first.analogs, err_msg=form)
        apart = np.abs(raw.points - first.points)  # two integer files are rounded another way: 59 of 9,612 coordinates
        assert np.nanmax(apart) <= 0.2812 and np.sum(apart > 0) in (0, 59)
        np.testing.assert_array_equal(np.isnan(raw.points), np.isnan(first.points))
    loads = [read_c3d(path).loads for path in paths]
    for other in loads:
        assert other is not None and loads[0] is not None
        np.testing.assert_array_equal(other["force"], loads[0]["force"])
        np.testing.assert_array_equal(other["moment"], loads[0]["moment"])


def test_the_real_damaged_file_gives_one_clear_error() -> None:
    (path,) = needs("c3d-formats", "c3d_org_sample18/bad_parameter_section.c3d")
    message = refused(path)
    assert "expected a readable C3D parameter section, found a damaged one" in message and "\n" not in message
    assert message.endswith("Export the trial again from the capture software.")


def test_a_real_name_stays_in_its_file() -> None:
    (path,) = needs("c3d-formats", "c3d_org_sample02/pc_real.c3d")
    assert b"Norm Walker" in path.read_bytes()
    read = read_c3d(path)
    for shown in (repr(read), str(read.markers), str(read.loads), str(read.analogs), str(read.subject)):
        assert "Norm" not in shown and "Walker" not in shown
    assert "Norm" not in refused(path, axes=("+Q", "+Z"))


def test_a_real_file_without_screen_axes_needs_them() -> None:
    (path,) = needs("c3d-formats", "codamotion_type3/codamotion_gaitwands_19970212.c3d")
    assert "found '' and ''. Say which they are: axes=('+X', '+Z'), or --axes +X+Z" in refused(path)
    read = read_c3d(path, axes=("+X", "+Z"))
    assert read.loads is not None and float(read.loads["force"].sel(axis="y").max()) > 500


def test_real_events_are_on_the_clock_of_the_first_frame() -> None:
    (path,) = needs("gc5-instrumented-knee", "inputs/c3d/PS_ngait_og_ss1.c3d")
    raw, read = _read_raw(path), read_c3d(path)
    start, end = (float(read.markers["time"][k]) for k in (0, -1))
    assert raw.first_frame == 611 and start == pytest.approx(610 / 120, abs=1e-9)
    assert len(read.events) == 3 and read.events["time"].between(start, end).all()
    assert set(read.events["event"]) <= {"initial_contact", "foot_off"} and set(read.events["side"]) <= {
        "left",
        "right",
    }


def test_a_real_file_with_more_than_255_labels_keeps_them_all() -> None:
    (path,) = needs("mcgill-foot-progression", "straight/HC002D06.c3d")
    raw = _read_raw(path)
    assert len(raw.parameters["POINT", "LABELS"]) == 255 and len(raw.parameters["POINT", "LABELS2"]) > 0
    assert len(raw.labels) == raw.points.shape[1] > 255 and len(set(raw.labels)) == len(raw.labels)
    assert not [label for label in raw.labels if label.startswith("unlabelled") or ":" in label]
    assert len(read_c3d(path).events) == 12


def test_a_real_file_with_parameters_listed_twice_is_read_whole() -> None:
    (path,) = needs("plug-in-gait-kinetics", "btk/PiG_Motion-FlatFoot-One.c3d")
    raw = _read_raw(path)
    assert read_c3d(path).subject["bodymass"] == 66.5
    assert len(raw.points) == 255 and np.isfinite(raw.points[:, raw.labels.index("LHEE")]).all()


FORCE, LENGTH = [("N", 1.0)] * 3, [("mm", 1.0)] * 2


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize(
    ("unit", "each"),
    [
        ("Nm", 1e-3), ("N.m", 1e-3), ("N*m", 1e-3), ("N m", 1e-3), ("N-m", 1e-3), ("NM", 1e-3),
        ("Newton-metres", 1e-3), ("newton meter", 1e-3), ("Nmm", 1.0), ("N.mm", 1.0), ("ntmm", 1.0),
        ("Newton millimetre", 1.0), ("", 1.0), ("V", 1.0), ("Volts", 1.0), ("d.u.", 1.0),
    ],
)  # fmt: skip
def test_a_moment_is_read_in_the_unit_its_channel_states(
    trial: Recording, tmp_path: Path, kind: int, unit: str, each: float
) -> None:
    units = [*FORCE, *(LENGTH if kind == 1 else [(unit, each)] * 2), (unit, each)] * 2
    read = read_c3d(write_c3d(tmp_path / "a.c3d", trial, types=(kind, kind), channel_units=units))
    assert read.loads is not None and trial.loads is not None
    np.testing.assert_allclose(read.loads["moment"], trial.loads["moment"], atol=1e-3)


@pytest.mark.parametrize(("unit", "each"), [("mm", 1.0), ("cm", 0.1), ("m", 1e-3), ("", 1.0)])
def test_positions_of_a_type_1_plate_have_units_of_their_own(
    trial: Recording, tmp_path: Path, unit: str, each: float
) -> None:
    units = [*FORCE, (unit, each), (unit, each), ("Nm", 1e-3)] * 2
    read = read_c3d(write_c3d(tmp_path / "a.c3d", trial, types=(1, 1), channel_units=units))
    assert read.loads is not None and trial.loads is not None
    np.testing.assert_allclose(read.loads["moment"], trial.loads["moment"], atol=1e-3)


def test_a_channel_without_a_unit_follows_the_unit_of_the_points() -> None:
    for scale in (1e-3, 1.0):
        for kind in (1, 2):
            np.testing.assert_array_equal(_unit_scales(_Parameters(), np.arange(6), kind, scale), [scale] * 3)
    dots = _Parameters({("ANALOG", "UNITS"): ["N"] * 3 + ["N\u00b7m", "N\u22c5mm", "V"]})
    np.testing.assert_array_equal(_unit_scales(dots, np.arange(6), 2, 0.01), [1.0, 1e-3, 0.01])


def test_each_moment_channel_has_its_own_unit_and_an_unknown_one_is_refused(trial: Recording, tmp_path: Path) -> None:
    mixed = [*FORCE, ("Nm", 1e-3), ("Nmm", 1.0), ("N m", 1e-3)]
    read = read_c3d(write_c3d(tmp_path / "a.c3d", trial, channel_units=[*mixed, *mixed[::-1][3:], *mixed[3:]]))
    assert read.loads is not None and trial.loads is not None
    np.testing.assert_allclose(read.loads["moment"], trial.loads["moment"], atol=1e-3)
    odd = [("kg", 1.0), *FORCE[1:], ("Nm", 1e-3), ("furlong", 1.0), ("Nm", 1e-3)]
    found = left_out(write_c3d(tmp_path / "b.c3d", trial, channel_units=[*mixed, *odd]))
    assert found == {"2": "expected channel 11 in N m or N mm, found 'furlong'. Correct its ANALOG:UNITS."}
    lengths = [*FORCE, ("mm", 1.0), ("Nmm", 1.0), ("Nmm", 1.0)]
    found = left_out(write_c3d(tmp_path / "b.c3d", trial, types=(1, 2), channel_units=[*lengths, *mixed]))
    assert found == {"1": "expected channel 5 in mm, cm or m, found 'Nmm'. Correct its ANALOG:UNITS."}
    forces = [("furlong", 1.0)] * 8 + mixed
    assert read_c3d(write_c3d(tmp_path / "c.c3d", trial, types=(3, 2), channel_units=forces)).loads is not None


@pytest.mark.parametrize("types", [(2, 2), (3, 3), (4, 4)])
def test_plates_drawn_with_z_up_are_read_as_those_with_z_down(types: tuple[int, int], tmp_path: Path) -> None:
    down = walk()
    assert down.loads is not None
    corners = down.loads["corners"].copy(data=down.loads["corners"].values[:, [1, 0, 3, 2]])
    read = read_c3d(write_c3d(tmp_path / "a.c3d", replace(down, loads=down.loads.assign(corners=corners)), types=types))
    assert read.loads is not None
    for one, other in zip(centre_of_pressure(read.loads), centre_of_pressure(down.loads), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    np.testing.assert_allclose(read.loads["moment"], down.loads["moment"], atol=1e-3)


def lifted(by: tuple[float, float], *, treadmill: bool = False) -> Recording:
    """Return the walker with a constant vertical force added to each plate."""
    trial = walk(treadmill=treadmill)
    assert trial.loads is not None
    return replace(trial, loads=trial.loads.assign(force=trial.loads["force"] + np.array(by)[:, None] * [0, 1, 0]))


@pytest.mark.parametrize("by", [-212.0, -80.0, -25.0])
@pytest.mark.parametrize("treadmill", [False, True])
def test_a_plate_that_was_not_zeroed_is_left_out_until_it_is(tmp_path: Path, by: float, treadmill: bool) -> None:
    path = write_c3d(tmp_path / "a.c3d", lifted((3.0, by), treadmill=treadmill))
    fix = "Give an unloaded stretch: zero=(start, end), or --zero start-end on the command line."
    assert left_out(path) == {"2": f"reads {by:.0f} N with nobody on it. {fix}"}
    if not treadmill:
        read = read_c3d(path, zero=(0.0, 1.2)).loads
        assert read is not None
        np.testing.assert_allclose(read["force"], walk().loads["force"], atol=1e-3)


@pytest.mark.parametrize("by", [-19.0, -8.0, 0.0, 19.0])
def test_a_small_offset_is_left(tmp_path: Path, by: float) -> None:
    read = read_c3d(write_c3d(tmp_path / "a.c3d", lifted((0.0, by)))).loads
    assert read is not None
    np.testing.assert_allclose(read["force"], lifted((0.0, by)).loads["force"], atol=1e-3)


def vertical(force: np.ndarray) -> Recording:
    """Return the walker on plates that both carry this vertical force (N, at 1 kHz for 3.6 s) at their centres."""
    trial = walk()
    assert trial.loads is not None
    loads = trial.loads["force"].values * 0
    loads[..., 1] = force[:, None]
    moment = np.cross(trial.loads["corners"].values.mean(1), loads)
    dims = ("time", "plate", "axis")
    return replace(trial, loads=trial.loads.assign(force=(dims, loads), moment=(dims, moment)))


AT = np.arange(3600) / 1000
SWAY = 4 * np.sin(2 * np.pi * 0.7 * AT) + 2 * np.sin(2 * np.pi * 2.3 * AT)


@pytest.mark.parametrize(
    ("what", "force"),
    [
        ("somebody stands throughout", 350 + SWAY),
        ("a child stands on one foot of two", 60 + SWAY / 3),
        ("steps on and stays", np.where(AT > 0.3, 700 + SWAY, 0)),
        ("stands, then steps off", np.where(AT < 3.0, 350 + SWAY, 0)),
        ("rests lightly, then leans on it and stays", np.where(AT > 1.8, 400 + SWAY, 45 + SWAY / 3)),
        ("rests lightly, steps and leaves", np.select([AT < 1.0, AT < 1.6], [45 + SWAY / 3, 600 + SWAY], 0)),
        ("a belt that is never empty", 600 + 250 * np.sin(2 * np.pi * 1.8 * AT)),
        ("a light walker on such a belt", 220 + 115 * np.sin(2 * np.pi * 1.8 * AT)),
        ("a child on such a belt", 200 + 110 * np.sin(2 * np.pi * 1.8 * AT)),
        ("never stepped on, rests low", -212 + SWAY / 4),
        ("never stepped on, rests high", 46 + SWAY / 4),
        ("a step on a noisy plate", 700 * (np.abs(AT - 2) < 0.3) + np.random.default_rng(0).normal(0, 20, 3600)),
        ("pulled for a moment", np.select([np.abs(AT - 2) < 0.3, np.abs(AT - 1) < 0.1], [700.0, -60.0], 0)),
    ],
)
def test_what_may_be_a_person_or_a_plate_nobody_uses_is_read(what: str, force: np.ndarray, tmp_path: Path) -> None:
    read = read_c3d(write_c3d(tmp_path / "a.c3d", vertical(force)))
    assert read.loads is not None, what
    np.testing.assert_allclose(read.loads["force"].sel(axis="y").values[:, 0], force, atol=1e-3)


def test_a_loaded_zero_stretch_leaves_that_plate_out(tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "a.c3d", walk())
    found = read_c3d(path, zero=(1.3, 1.5)).left_out
    assert list(found) == ["1"] and "expected no load within 1.3-1.5 s" in found["1"]
    stood = np.select([AT < 1.5, AT < 2.0], [400.0, 800.0], 0.0)  # so still that the zeroed stretch looks empty
    found = read_c3d(write_c3d(path, vertical(stood)), zero=(0.0, 1.0)).left_out
    assert set(found) == {"1", "2"} and "reads -400 N with nobody on it" in found["1"]


@pytest.mark.parametrize(
    ("dataset", "file"),
    [
        ("opensim-c3d-forces", "walking2.c3d"),
        ("opensim-c3d-forces", "walking5.c3d"),
        ("plug-in-gait-kinetics", "gaitalytics/treadmill_events.c3d"),
        ("mcgill-foot-progression", "static/HC002D02.c3d"),
        ("plug-in-gait-kinetics", "btk/PiG_Calibration-FlatFoot-Full.c3d"),
        ("gc5-instrumented-knee", "inputs/c3d/PS_ngait_og_ss1.c3d"),
    ],
)
def test_real_plates_with_noise_belts_and_static_trials_are_read(dataset: str, file: str) -> None:
    (path,) = needs(dataset, file)
    assert read_c3d(path).loads is not None and not read_c3d(path).left_out


def test_real_plates_that_were_not_zeroed_are_left_out() -> None:
    (path,) = needs("c3d-formats", "c3d_org_sample10/TYPE-3.c3d")
    found = read_c3d(path).left_out
    assert set(found) == {"2", "3", "4"}
    for plate, level in (("2", -79), ("3", -212), ("4", -181)):
        assert f"reads {level} N with nobody on it. Give an unloaded stretch" in found[plate]
    read = read_c3d(path, zero=(0.0, 1.7))
    assert read.loads is not None and not read.left_out


def test_a_plate_that_seems_to_pull_the_walker_down_is_left_out(tmp_path: Path) -> None:
    upwards = walk()
    turned = upwards.loads.assign(force=-upwards.loads["force"], moment=-upwards.loads["moment"])
    found = left_out(write_c3d(tmp_path / "a.c3d", replace(upwards, loads=turned)))
    assert set(found) == {"1", "2"}
    for reason in found.values():
        assert "expected the ground to push upwards, found up to 769 N downwards" in reason
        assert reason.endswith("Correct the settings, or the axes: give --axes.")

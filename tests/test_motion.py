"""TRC, MOT and STO: what was written is read to the last bit; bad tables give one clear error; real files agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from gaitstudy import pipeline
from gaitstudy.conventions import GaitStudyError, TrialFormatError, UnitError, labelled, require_units
from gaitstudy.io.files import write_whole
from gaitstudy.io.motion import Recording, read_c3d, read_storage, read_trc, storage_loads
from gaitstudy.io.plates import centre_of_pressure
from tests.recordings import needs, only, walk, write_pair, write_storage, write_trc

TRC = """PathFileType\t4\t(X/Y/Z)\ttwo.trc
DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames
100.00\t100.00\t3\t2\tmm\t100.00\t1\t3
Frame#\tTime\tHEEL\t\t\tTOE\t\t
\t\tX1\tY1\tZ1\tX2\tY2\tZ2

1\t0.00\t100.0\t20.0\t-30.0\t3.0E+02\t2.5e1\t-4E1
2\t0.01\t\t\t\t301.0\t25.0\t-40.0
3\t0.02\tNaN\tnan\tNAN\t302.0\t25.0\t-40.0
"""
MOT = """two
version=1
nRows=3
nColumns=3
inDegrees=yes
endheader
time\tknee_angle\tpelvis_tx
0.00\t10.0\t1.0
0.01\t11.0\tnan
0.02\t1.2E+01\t3.0
"""
READ, GAP = "all of those are read.", "1 positions of three equal numbers beyond 5 m are gaps: NaN."


@pytest.fixture(scope="module")
def trial() -> Recording:
    return walk(seconds=0.5)


def put(folder: Path, text: str, name: str = "bad.trc") -> Path:
    (folder / name).write_bytes(text.encode())
    return folder / name


def test_a_small_trc_holds_exactly_these_positions(tmp_path: Path) -> None:
    read = read_trc(put(tmp_path, TRC, "two.trc"))
    lost = [np.nan] * 3
    expected = [[[0.1, 0.02, -0.03], [0.3, 0.025, -0.04]], [lost, [0.301, 0.025, -0.04]], [lost, [0.302, 0.025, -0.04]]]
    np.testing.assert_allclose(read.markers, expected, atol=1e-15)
    np.testing.assert_array_equal(read.markers["time"], [0.0, 0.01, 0.02])
    assert list(read.markers["marker"].values) == ["HEEL", "TOE"]
    assert (read.markers.attrs["units"], read.markers.attrs["frame"], read.name) == ("m", "lab", "two.trc")


@pytest.mark.parametrize("unit, factor", [("mm", 1e-3), ("cm", 1e-2), ("m", 1.0)])
def test_the_header_says_the_unit(tmp_path: Path, unit: str, factor: float) -> None:
    near = TRC.replace("\tmm\t", f"\t{unit}\t").replace("3.0E+02", "1.5").replace("100.0\t20.0", "2.0\t0.1")
    read = read_trc(put(tmp_path, near.replace("301.0", "1.6").replace("302.0", "1.7"), f"{unit}.trc"))
    assert float(read.markers[0, 0, 0]) == pytest.approx(2 * factor, rel=1e-15)
    assert float(read.markers[2, 1, 0]) == pytest.approx(1.7 * factor, rel=1e-15)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_do_not_matter(tmp_path: Path, ending: str, start: str) -> None:
    one, other = (read_trc(put(tmp_path, text, "a.trc")).markers for text in (TRC, start + TRC.replace("\n", ending)))
    np.testing.assert_array_equal(one, other)
    first, second = (read_storage(put(tmp_path, t, "a.mot")) for t in (MOT, start + MOT.replace("\n", ending)))
    pd.testing.assert_frame_equal(first, second)


def test_a_marker_exactly_in_the_origin_is_missing(tmp_path: Path) -> None:
    read = read_trc(put(tmp_path, TRC.replace("100.0\t20.0\t-30.0", "0.000\t0\t-0.0").replace("301.0", "0.0")))
    assert read.markers[0, 0].isnull().all() and float(read.markers[1, 1, 0]) == 0.0


def test_rows_may_end_with_blanks_or_without_a_line_end(tmp_path: Path) -> None:
    padded = TRC.replace("-40.0\n", "-40.0\t\t \n").rstrip("\n")
    np.testing.assert_array_equal(read_trc(put(tmp_path, padded)).markers, read_trc(put(tmp_path, TRC)).markers)


def test_a_small_mot_holds_exactly_these_numbers(tmp_path: Path) -> None:
    table = read_storage(put(tmp_path, MOT, "two.mot"))
    expected = pd.DataFrame({"knee_angle": [10.0, 11.0, 12.0], "pelvis_tx": [1.0, np.nan, 3.0]},
                            index=pd.Index([0.0, 0.01, 0.02], name="time"))  # fmt: skip
    pd.testing.assert_frame_equal(table, expected)
    assert table.attrs["angles"] == "deg"


@pytest.mark.parametrize(("line", "angles"), [("inDegrees=no", "rad"), ("inDegrees=YES", "deg"), ("", "not stated")])
def test_degrees_or_radians_are_read_from_the_header(tmp_path: Path, line: str, angles: str) -> None:
    assert read_storage(put(tmp_path, MOT.replace("inDegrees=yes", line), "a.sto")).attrs["angles"] == angles


def test_old_headers_with_datarows_are_read(tmp_path: Path) -> None:
    old = MOT.replace("nRows=3", "datarows 3").replace("nColumns=3", "datacolumns 3")
    pd.testing.assert_frame_equal(read_storage(put(tmp_path, old, "a.mot")), read_storage(put(tmp_path, MOT, "b.mot")))
    other = read_storage(put(tmp_path, old.replace("datarows 3", "datarows 4"), "c.mot"))
    pd.testing.assert_frame_equal(other, read_storage(tmp_path / "b.mot"))
    assert other.attrs["notes"] == ["the header says 4 (datarows), the table holds 3: all of those are read."]


def test_trc_goes_out_and_in_exactly(trial: Recording, tmp_path: Path) -> None:
    markers = trial.markers.copy()
    markers[3:9, 2] = np.nan
    markers[20] = markers[20] / 3 + 1e-17
    read = read_trc(write_trc(replace(trial, markers=markers), tmp_path / "a.trc"))
    np.testing.assert_array_equal(read.markers, markers)
    np.testing.assert_array_equal(read.markers["time"], markers["time"])
    assert list(read.markers["marker"].values) == list(markers["marker"].values)


@pytest.mark.parametrize("angles", ["deg", "rad", "not stated"])
@pytest.mark.parametrize("suffix", [".mot", ".sto"])
def test_storage_goes_out_and_in_exactly(tmp_path: Path, angles: str, suffix: str) -> None:
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(50, 4)) * 10.0 ** rng.integers(-300, 29, (50, 4)), columns=list("abcd"))
    table.index = pd.Index(np.cumsum(rng.uniform(0.001, 0.1, 50)), name="time")
    table.iloc[7, 2] = np.nan
    table.attrs["angles"] = angles
    read = read_storage(write_storage(table, tmp_path / f"a{suffix}"))
    pd.testing.assert_frame_equal(read, table, check_exact=True)
    assert read.attrs["angles"] == angles


def test_ground_reactions_go_out_and_in(trial: Recording, tmp_path: Path) -> None:
    _, mot = write_pair(tmp_path, trial)
    loads = storage_loads(read_storage(mot))
    assert trial.loads is not None
    np.testing.assert_array_equal(loads["force"], trial.loads["force"])
    np.testing.assert_array_equal(loads["moment"], trial.loads["moment"])
    assert list(loads["plate"].values) == ["ground_force_1", "ground_force_2"]


def forces_table(names: tuple[str, str, str]) -> pd.DataFrame:
    force, point, torque = names
    values = {force + "x": 30.0, force + "y": 700.0, force + "z": -20.0, point + "x": 0.4, point + "y": 0.01,
              point + "z": -0.1, torque + "x": 0.0, torque + "y": 5.0, torque + "z": 0.0}  # fmt: skip
    return pd.DataFrame(values, index=pd.Index([0.0, 0.01], name="time"))


@pytest.mark.parametrize(
    "names",
    [
        ("ground_force_v", "ground_force_p", "ground_torque_"),
        ("1_ground_force_v", "1_ground_force_p", "1_ground_torque_"),
        ("ground_force_1_v", "ground_force_1_p", "ground_force_1_m"),
        ("FP1_v", "FP1_p", "FP1_m"),
        ("ground_force_1_v", "ground_force_1_p", "ground_moment_1_m"),
        ("ground_force_1_v", "ground_force_1_p", "ground_torque_1_"),
        ("calcn_r_force_v", "calcn_r_force_p", "calcn_r_moment_"),
        ("calcn_r_force_v", "calcn_r_force_p", "calcn_r_torque_"),
        ("FP1_v", "FP1_p", "FP1_torque_"),
        ("1_Ground_Force_v", "1_Ground_Force_p", "1_ground_moment_m"),
    ],
)
def test_force_columns_by_any_of_their_names_give_the_wrench(names: tuple[str, str, str]) -> None:
    loads = storage_loads(forces_table(names))
    np.testing.assert_allclose(loads["force"][0, 0], [30, 700, -20])
    np.testing.assert_allclose(loads["moment"][0, 0], np.cross([0.4, 0.01, -0.1], [30, 700, -20]) + [0, 5, 0])
    cop, free = centre_of_pressure(loads)
    np.testing.assert_allclose(cop[0, 0], [0.4, 0.01, -0.1], atol=1e-12)
    np.testing.assert_allclose(free[0, 0], 5.0, atol=1e-12)


def test_no_force_needs_no_point_but_an_unknown_force_stays_unknown() -> None:
    table = forces_table(("f_v", "f_p", "f_m"))
    table.loc[0.0, [f"f_v{a}" for a in "xyz"]] = 0.0
    table.loc[0.0, [f"f_p{a}" for a in "xyz"]] = np.nan
    loads = storage_loads(table)
    np.testing.assert_array_equal(loads["moment"][0, 0], [0.0, 5.0, 0.0])
    np.testing.assert_array_equal(loads["force"][0, 0], [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(loads["moment"][1], storage_loads(forces_table(("f_v", "f_p", "f_m")))["moment"][1])
    table.loc[0.0, "f_vy"] = np.nan
    assert np.isnan(storage_loads(table)["moment"][0, 0]).all()
    table.loc[0.0, "f_vy"] = 1.0  # a force that acts nobody knows where
    assert np.isnan(storage_loads(table)["moment"][0, 0]).any()


@pytest.mark.parametrize(("text", "name", "row"), [(TRC, "a.trc", "2"), (MOT, "a.mot", "2")])
def test_the_text_of_a_cell_is_never_repeated(tmp_path: Path, text: str, name: str, row: str) -> None:
    old, column = ("301.0", 6) if name == "a.trc" else ("11.0", 2)
    message = refused(put(tmp_path, text.replace(old, "WilhelminaQuux"), name))
    assert "Quux" not in message
    assert f"expected numbers in data row {row}, found text in column {column}. Correct or export again" in message


def test_a_force_without_its_point_or_no_force_at_all_is_an_error() -> None:
    table = forces_table(("f_v", "f_p", "f_m"))
    with pytest.raises(TrialFormatError, match=r"f: expected force, point and moment, found none of f_pz\. Add them"):
        storage_loads(table.drop(columns="f_pz"))
    with pytest.raises(TrialFormatError, match=r"found none of f_x\. Add them|found none of f_.*Add them"):
        storage_loads(table.drop(columns="f_mx"))
    with pytest.raises(TrialFormatError, match=r"expected columns NAME_vx .* Rename them"):
        storage_loads(table.rename(columns=lambda c: c.replace("f_", "q")))


@pytest.mark.parametrize("angle", [0.4, 2.5, -1.9])
def test_a_recording_turns_about_the_vertical_towards_a_direction(trial: Recording, angle: float) -> None:
    c, s = np.cos(angle), np.sin(angle)
    turned = pipeline._turned(trial, [c, 0.0, -s])
    expected = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    assert turned.loads is not None and trial.loads is not None
    np.testing.assert_allclose(turned.markers, trial.markers.values @ expected.T, atol=1e-12)
    for key in ("force", "moment", "corners"):
        np.testing.assert_allclose(turned.loads[key], trial.loads[key].values @ expected.T, atol=1e-9)
    np.testing.assert_allclose(expected @ [c, 0, -s], [1, 0, 0], atol=1e-15)
    back = pipeline._turned(turned, [c, 0.0, s])
    np.testing.assert_allclose(back.markers, trial.markers, atol=1e-12)


def refused(path: Path) -> str:
    """Return the one message with which a file is refused; it names the file."""
    with pytest.raises(TrialFormatError) as error:
        read_trc(path) if path.suffix == ".trc" else read_storage(path)
    assert str(error.value).startswith(f"{path.name}: ")
    return str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("PathFileType", "SomethingElse", "expected a TRC header of 5 lines, found none. Check the extension"),
        ("\tmm\t", "\tfurlong\t", "expected Units mm, cm or m in the header, found 'furlong'. Correct line 3"),
        ("\t3\t2\tmm", "\t3.5.1\t2\tmm", "expected a number after numframes in the header, found text"),
        ("Frame#\tTime\tHEEL\t\t\tTOE", "Frame#\tTime", "expected marker names after 'Frame#' and 'Time', found none"),
        ("\n100.00", "\nnan", "expected the DataRate of the times, 100 Hz, found nan. Correct whichever is wrong"),
        ("\n100.00", "\n-100", "expected the DataRate of the times, 100 Hz, found -100. Correct whichever is wrong"),
        ("\n100.00", "\n60.0", "expected the DataRate of the times, 100 Hz, found 60. Correct whichever is wrong"),
        ("2\t0.01", "4\t0.01", "expected rising frame numbers, found a lower one in data row 3. Sort"),
        ("3\t0.02", "3\t0.04", "found a step of 0.03 s before data row 3"),
        ("3\t0.02", "3\t1e300", "expected increasing times in s, found 1e+300 in data row 3"),
        ("301.0", "3_010", "expected numbers in data row 2, found text in column 6"),
        ("301.0", "\u0663\u0660\u0661", "expected numbers in data row 2, found text in column 6"),
        ("301.0", "\uff13\uff10\uff11", "expected numbers in data row 2, found text in column 6"),
        ("301.0", "301,0", "expected numbers in data row 2, found a decimal comma in column 6"),
        ("301.0", "4e6", "found 4e+03 m and 4e+03 m with units 'mm'. Correct the units"),
        ("301.0", "3o1.0", "expected numbers in data row 2, found text"),
        ("301.0", "1e999", "expected finite numbers, found 'inf' in data row 2"),
        ("\t301.0\t25.0\t-40.0", "\t301.0\t25.0", "expected 8 columns in every row, found 7 in row 2"),
        ("\t301.0\t25.0\t-40.0", "\t301.0\t25.0\t-40.0\t7", "expected 8 columns in every row, found 9 in row 2"),
        ("3\t0.02", "3\t0.01", "expected increasing times in s, found 0.01 in data row 3. Sort"),
        ("2\t0.01", "2\t", "expected increasing times in s, found nan in data row 2"),
        ("\tmm\t", "\tm\t", "expected markers spread over 0.03-30 m, 1000 m at most from the origin, found 202 m"),
    ],
)
def test_each_bad_trc_gives_one_error_with_its_place_and_fix(tmp_path: Path, old: str, new: str, part: str) -> None:
    message = refused(put(tmp_path, TRC.replace(old, new)))
    assert part in message and message.count("expected") == 1


def test_metres_called_millimetres_and_no_positions_are_errors(trial: Recording, tmp_path: Path) -> None:
    path = write_trc(trial, tmp_path / "a.trc")
    path.write_text(path.read_text().replace("\tm\t", "\tmm\t"))
    assert "with units 'mm'. Correct the units" in refused(path)
    write_trc(replace(trial, markers=trial.markers * np.nan), path)
    assert "expected marker positions, found none in any frame. Export" in refused(path)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("endheader", "", "expected a header ending in 'endheader', then a table, found none. Export"),
        ("nRows=3", "nRows=three", "expected a number after nrows in the header, found text. Export"),
        ("pelvis_tx", "knee_angle", "expected each column once, found 'knee_angle' (2 times). Rename"),
        ("time\t", "frame\t", "expected the first column to be 'time', found 'frame'. Rename it"),
        (
            "0.01\t11.0\tnan",
            "0.01\t11.0",
            "expected 3 columns in every row, found 2 in row 2: names are missing",
        ),
        ("11.0", "eleven", "expected numbers in data row 2, found text"),
        ("11.0", "-inf", "expected finite numbers, found 'inf' in data row 2"),
        ("0.02", "0.01", "expected increasing times in s, found 0.01 in data row 3. Sort"),
        ("11.0", "1e31", "expected numbers up to 1e+30, found a larger one in data row 2, column 2. Correct"),
        ("0.02", "1e300", "expected increasing times in s, found 1e+300 in data row 3. Sort"),
        ("11.0", "1_1", "expected numbers in data row 2, found text in column 2"),
        ("11.0", "1\u20281", "expected numbers in data row 2, found text in column 2"),
        ("two", "two\0", "expected text, found zero bytes. Export the file again, as UTF-8"),
    ],
)
def test_each_bad_table_gives_one_error_with_its_place_and_fix(tmp_path: Path, old: str, new: str, part: str) -> None:
    message = refused(put(tmp_path, MOT.replace(old, new), "bad.mot"))
    assert part in message and message.count("expected") == 1


def test_a_table_without_rows_an_empty_file_and_a_wrong_extension_are_errors(tmp_path: Path) -> None:
    head = MOT.split("0.00")[0].replace("nRows=3", "nRows=0")
    assert "expected at least one row of data, found none" in refused(put(tmp_path, head, "a.mot"))
    assert "found an empty one. Export" in refused(put(tmp_path, "", "b.sto"))
    assert "found an empty one. Export" in refused(put(tmp_path, "", "b.trc"))
    assert "expected extension .mot or .sto, found '.csv'" in refused(put(tmp_path, MOT, "c.csv"))
    assert "found none there. Check the path" in refused(tmp_path / "nowhere.mot")
    with pytest.raises(TrialFormatError, match=r"walk\.mot: expected extension \.trc, found '\.mot'"):
        read_trc(put(tmp_path, TRC, "walk.mot"))


@pytest.mark.parametrize("suffix", [".trc", ".mot"])
def test_a_text_file_cut_anywhere_is_refused_or_told_to_be_short(tmp_path: Path, suffix: str) -> None:
    small = only(walk(seconds=0.5, per_frame=2), slice(0, 12), ["LHEE", "LTOE", "RHEE", "RTOE"])
    whole = dict(zip((".trc", ".mot"), write_pair(tmp_path, small), strict=True))[suffix]
    content, path = whole.read_bytes(), tmp_path / f"cut{suffix}"

    def read() -> tuple[np.ndarray, tuple[str, ...]]:
        if suffix == ".trc":
            found = read_trc(path)
            return found.markers.values, found.notes
        table = read_storage(path)
        return table.to_numpy(), tuple(table.attrs["notes"])

    path.write_bytes(content)
    full, notes = read()
    assert notes == ()
    last = max(content.rstrip().rfind(b"\t"), 0) + 1
    ends = {k + 1 for k, byte in enumerate(content) if byte == 10} - {len(content)}
    told = 0
    for size in sorted({*range(0, len(content), 3 if len(content) < 9000 else 17), *ends, *range(last, len(content))}):
        path.write_bytes(content[:size])
        try:
            values, notes = read()
        except TrialFormatError:
            continue
        if {size, size + 1} & ends:  # whole rows, with or without a line end: the header tells how many there were
            assert len(values) < len(full) and notes[0].startswith("the header says")
            np.testing.assert_array_equal(values, full[: len(values)])
            told += 1
        else:  # inside the last number: nothing but that number can differ
            assert size > last and values.shape == full.shape
            np.testing.assert_array_equal(values.ravel()[:-1], full.ravel()[:-1])
    assert told >= 10


@pytest.mark.parametrize(("text", "name"), [(TRC, "a.trc"), (MOT.replace("1.2E+01", "12.0"), "a.mot")])
def test_a_last_number_that_lost_its_decimals_is_noticed(tmp_path: Path, text: str, name: str) -> None:
    even = text.replace("-4E1", "-40.0").replace("nan", "2.0")
    put(tmp_path, even.rstrip("\n"), name)
    (read_trc if name == "a.trc" else read_storage)(tmp_path / name)
    for lost in (1, 2):
        message = refused(put(tmp_path, even.rstrip("\n")[:-lost], name))
        assert "expected 1 decimals in the last number" in message and "cut off. Export it again" in message


@bounded(max_examples=150)
@given(
    st.sampled_from([".trc", ".mot"]),
    st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_flipped_bytes_are_read_or_refused_but_never_break(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, changes: list[tuple[int, int]]
) -> None:
    content = bytearray((TRC if suffix == ".trc" else MOT).encode())
    for where, value in changes:
        content[where % len(content)] = value
    path = tmp_path_factory.getbasetemp() / f"flipped{suffix}"
    path.write_bytes(content)
    try:
        rows = len(read_trc(path).markers) if suffix == ".trc" else len(read_storage(path))
    except GaitStudyError as error:
        assert str(error).startswith(f"flipped{suffix}: ")
    else:
        assert 0 < rows <= 5  # a byte may become a line end


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("\tmm\t", "\tMillimeters\t", ""),
        ("\tmm\t", "\t[mm]\t", ""),
        ("\t3\t2\tmm", "\t4\t2\tmm", "the header says 4 (numframes), the table holds 3: " + READ),
        ("\t3\t2\tmm", "\t3\t5\tmm", "the header says 5 (nummarkers), the table holds 2: " + READ),
        ("HEEL\t\t\tTOE\t\t", "HEEL   TOE", ""),
        ("HEEL\t\t\tTOE\t\t", "HEEL\tTOE", ""),
        ("Frame#\tTime", "FRAME\ttime (s)", ""),
        ("CameraRate\tNumFrames\tNumMarkers\tUnits", "camerarate\tNUMFRAMES\tnumMarkers\tUNITS", ""),
        ("\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\n", "\t\tX1\tY1\tZ1\n", ""),
        ("Z2\n\n", "Z2\n", ""),
        ("\n1\t0.00", "\n11\t0.00", None),
        ("\t100.0\t20.0\t-30.0", "\t9999999\t9999999\t9999999", GAP),
        ("\t100.0\t20.0\t-30.0", "\t-9999.0\t-9999.0\t-9999.0", GAP),
        ("\t100.0\t20.0\t-30.0", "\t1e20\t1e20\t1e20", GAP),
    ],
)  # fmt: skip
def test_a_trc_as_other_programs_write_it_is_read_alike(tmp_path: Path, old: str, new: str, note: str | None) -> None:
    assert old in TRC
    text = TRC.replace(old, new)
    if note is None:  # frame numbers may start anywhere, if they rise
        text, note = text.replace("\n2\t", "\n12\t").replace("\n3\t", "\n13\t"), ""
    right, read = read_trc(put(tmp_path, TRC, "right.trc")), read_trc(put(tmp_path, text, "other.trc"))
    expected = right.markers.copy()
    if "equal numbers" in note:
        expected[0, 0] = np.nan
    np.testing.assert_array_equal(read.markers, expected)
    assert list(read.markers["marker"].values) == ["HEEL", "TOE"] and read.notes == ((note,) if note else ())


def test_markers_of_one_name_have_none_but_their_places(tmp_path: Path) -> None:
    read = read_trc(put(tmp_path, TRC.replace("TOE", "HEEL")))
    assert list(read.markers["marker"].values) == ["HEEL#1", "HEEL#2"]
    assert read.notes == ("several markers are called 'HEEL': read as NAME#k, k the place in the file.",)


def test_uneven_times_of_a_table_are_refused_for_forces(tmp_path: Path) -> None:
    table = pd.concat([forces_table(("f_v", "f_p", "f_m"))] * 3)
    table.index = pd.Index([0.0, 0.01, 0.02, 0.03, 0.04, 0.5], name="time")
    read = read_storage(write_storage(table, tmp_path / "a.mot"))
    with pytest.raises(TrialFormatError, match=r"found a step of 0\.46 s before data row 6, mostly 0\.01"):
        storage_loads(read)


def test_no_escape_sequence_of_a_label_gets_in(tmp_path: Path) -> None:
    read = read_trc(put(tmp_path, TRC.replace("HEEL", "\x1b[31mHE\u202eEL\x9b").replace("TOE", "T" * 100_000)))
    assert [str(name) for name in read.markers["marker"].values] == ["[31mHEEL", "T" * 99 + "…"]
    assert "\x1b" not in refused(put(tmp_path, TRC.replace("mm", "\x1b[31m"), "b.trc"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_text_is_read_in_the_encodings_programs_write(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.sto").write_bytes(MOT.replace("knee_angle", "kn\u00e9e").encode(encoding))
    table = read_storage(tmp_path / "a.sto")
    assert list(table.columns) == ["kn\u00e9e", "pelvis_tx"] and table.iloc[0, 0] == 10.0


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("nRows=3", "nRows=9999", "the header says 9999 (nrows), the table holds 3: all of those are read."),
        ("nColumns=3", "nColumns=2", "the header says 2 (ncolumns), the table holds 3: all of those are read."),
        ("nRows=3\nnColumns=3", "NCOLUMNS = 3\nnrows = 3", ""),
        ("endheader\ntime", "EndHeader  \n\t\n\n   Time", ""),
        ("\t", "   ", ""),
        ("version=1\n", "", ""),
    ],
)
def test_a_table_as_other_programs_write_it_is_read_alike(tmp_path: Path, old: str, new: str, note: str) -> None:
    right, read = read_storage(put(tmp_path, MOT, "r.mot")), read_storage(put(tmp_path, MOT.replace(old, new), "o.mot"))
    pd.testing.assert_frame_equal(read, right)
    assert read.attrs["notes"] == ([note] if note else []) and read.attrs["angles"] == "deg"


def test_an_answer_to_indegrees_that_is_none_is_told(tmp_path: Path) -> None:
    table = read_storage(put(tmp_path, MOT.replace("=yes", "=maybe"), "a.sto"))
    assert table.attrs["angles"] == "not stated" and "neither yes nor no" in table.attrs["notes"][0]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path := tmp_path / "a.csv").write_text("precious")

    def full(self: Path, *args: object, **kwargs: object) -> int:
        with self.open("wb") as handle:
            handle.write(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(GaitStudyError, match=r"a\.csv: expected to write it, found 'No space left on device'"):
            write_whole(path, "new", overwrite=True)
    assert path.read_text() == "precious" and list(tmp_path.iterdir()) == [path]
    for content in ("\u00b5\n", b"\xc2\xb5\n"):  # text as UTF-8, its line ends as they are
        assert write_whole(path, content, overwrite=True).read_bytes() == b"\xc2\xb5\n"
    with pytest.raises(GaitStudyError, match="expected a file or a new name, found a folder"):
        write_whole(tmp_path, "new", overwrite=True)
    with pytest.raises(GaitStudyError, match="expected to write it, found 'No such file or directory'"):
        write_whole(tmp_path / "no" / "a.csv", "new")


def test_arrays_say_their_units(trial: Recording) -> None:
    assert require_units(trial.markers, "m") is trial.markers
    with pytest.raises(UnitError, match="expected units 'mm', found 'm'"):
        require_units(trial.markers, "mm", "markers")
    assert labelled([1.0], ("time",), units="s", long_name="time").attrs["units"] == "s"


@pytest.mark.parametrize("trial_name", ["walking2", "walking5"])
def test_real_markers_are_opensims_turned_to_x_forward(trial_name: str) -> None:
    c3d, trc = needs("opensim-c3d-forces", f"{trial_name}.c3d", f"reference/std_{trial_name}_markers.trc")
    ours, theirs = read_c3d(c3d).markers, read_trc(trc).markers
    names = [str(m) for m in theirs["marker"].values if m in ours["marker"].values]
    assert len(names) >= 40
    rows = np.rint((theirs["time"].values - float(ours["time"][0])) * 250).astype(int)
    ours = ours.sel(marker=names).isel(time=rows)
    turned = theirs.sel(marker=names).values @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    known = np.isfinite(turned).all(-1)
    np.testing.assert_array_equal(known, ours.notnull().all("axis"))
    np.testing.assert_allclose(ours.values[known], turned[known], rtol=0, atol=5.001e-5)  # five digits


def test_real_trc_edge_cases_are_read() -> None:
    folder = "trc_edge_cases"
    names = ("dataWithBlanksForMissingMarkers", "dataWithEformat", "dataWithNaNsOfDifferentCases", "exampleFormat")
    blanks, exponents, nans, example = (
        read_trc(p) for p in needs("opensim-c3d-forces", *(f"{folder}/{n}.trc" for n in names))
    )
    assert blanks.markers.shape == (464, 40, 3) and float(blanks.markers.isnull().all("axis")[0].mean()) == 1.0
    assert float(exponents.markers[0, 0, 0]) == -0.273 and not exponents.markers.isnull().any()
    lost = nans.markers.isnull().any("axis").mean("time")
    assert lost.sel(marker="medAnkle") == 0 and (lost == 1).sum() == 1
    np.testing.assert_array_equal(example.markers.isnull().any("axis").mean("time"), [0.2, 0.2, 0.0])


def test_real_files_with_dos_line_ends_are_read() -> None:
    mot, trc = needs(
        "opensim-c3d-forces", "crlf/gait10dof18musc_ik_CRLF_line_ending.mot",
        "crlf/gait10dof18musc_walk_CRLF_line_ending.trc",
    )  # fmt: skip
    table = read_storage(mot)
    assert table.shape == (15, 10) and table.attrs["angles"] == "deg" and not table.isna().any(axis=None)
    assert read_trc(trc).markers.shape == (10, 41, 3)
    assert list(table.columns)[-1] == list(table.columns)[-1].strip()


def test_real_angles_in_radians_and_degrees_are_told_apart() -> None:
    dataset = "opencap-foot-angle"
    degrees, radians = (
        read_storage(p)
        for p in needs(
            dataset, "reference_manual_scaling_IK/walking1_manual_scaling_ik.mot",
            "reference_addbiomechanics_IK/walking1_ik.mot",
        )
    )  # fmt: skip
    assert (degrees.attrs["angles"], radians.attrs["angles"]) == ("deg", "rad")
    assert degrees["knee_angle_r"].max() > 40 > 3 > radians["knee_angle_r"].max()

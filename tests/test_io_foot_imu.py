"""Foot sensor and marker tables: a round trip, every bad input, and the real files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GRAVITY, GaitStudyError, TrialFormatError
from gaitstudy.io import foot_imu as I
from tests.recordings import needs

RATE = 200.0
CHANNELS = [f"{kind}_{axis}" for kind in ("acc", "gyr") for axis in "xyz"]


def values(rows: int = 400, sides: int = 2) -> np.ndarray:
    """A foot that is still, then swings about its second axis, by side one after the other."""
    time = np.arange(rows) / RATE
    one = 1e-3 * np.random.default_rng(0).standard_normal((rows, 6))
    one[:, 2] += GRAVITY
    one[:, 4] += np.where(time > 1, 300 * np.sin(8 * time), 0)
    return np.stack([one + 0.001 * k for k in range(sides)], 1)


def table(data: np.ndarray, sides: tuple[str, ...] = ("left", "right"), index: list[str] | None = None) -> str:
    names = [(f"{side}_sensor", channel) for channel in CHANNELS for side in sides]
    cells = data.transpose(0, 2, 1).reshape(len(data), -1)
    numbers = index or [str(k) for k in range(len(data))]
    head = ["sensor," + ",".join(n for n, _ in names), "axis," + ",".join(c for _, c in names)]
    return "\n".join(
        head + [f"{n}," + ",".join(map(repr, row)) for n, row in zip(numbers, cells.tolist(), strict=True)]
    )


def write(folder: Path, text: str, name: str = "walk.csv") -> Path:
    path = folder / name
    path.write_text(text + "\n")
    return path


def test_round_trip(tmp_path: Path) -> None:
    data = values()
    read = I.read_foot_sensors(write(tmp_path, table(data)), RATE)
    assert read.samples["acceleration"].dims == ("time", "side", "axis")
    np.testing.assert_array_equal(read.samples["acceleration"].values, data[..., :3])
    np.testing.assert_array_equal(read.samples["angular_rate"].values, data[..., 3:])
    assert (
        read.samples["acceleration"].attrs["units"] == "m/s2"
        and read.samples["angular_rate"].attrs["frame"] == "sensor"
    )
    assert read.samples["time"].values[[0, 1, -1]] == pytest.approx([0, 1 / RATE, 399 / RATE])
    assert read.notes == () and not read.samples.to_dataarray().isnull().any()
    late = table(data, index=[str(k + 100) for k in range(len(data))])
    assert I.read_foot_sensors(write(tmp_path, late), RATE).samples["time"].values[0] == pytest.approx(0.5)


def test_stated_units_are_converted(tmp_path: Path) -> None:
    data = values()
    other = np.concatenate([data[..., :3] / GRAVITY, np.radians(data[..., 3:])], -1)
    path = write(tmp_path, table(other))
    read = I.read_foot_sensors(path, RATE, acceleration="g", angular_rate="rad/s")
    np.testing.assert_allclose(read.samples["acceleration"].values, data[..., :3], atol=1e-12)
    np.testing.assert_allclose(read.samples["angular_rate"].values, data[..., 3:], atol=1e-9)


def test_wrong_units_are_seen_and_the_fix_named(tmp_path: Path) -> None:
    data = values()
    other = np.concatenate([data[..., :3] / GRAVITY, np.radians(data[..., 3:])], -1)
    with pytest.raises(TrialFormatError) as refused:
        I.read_foot_sensors(write(tmp_path, table(other)), RATE)
    text = str(refused.value)
    assert "walk.csv" in text and text.count("acceleration='g'") == 2 and text.count("angular_rate='rad/s'") == 2
    with pytest.raises(TrialFormatError, match=r"from 'g'. Give acceleration='m/s2'"):
        I.read_foot_sensors(write(tmp_path, table(data)), RATE, acceleration="g")
    free = data.copy()
    free[..., 2] = 0  # gravity taken out by someone
    with pytest.raises(TrialFormatError, match="Calibrate"):
        I.read_foot_sensors(write(tmp_path, table(free)), RATE)
    with pytest.raises(GaitStudyError, match="expected m/s2 or g, found 'mm/s2'"):
        I.read_foot_sensors(write(tmp_path, table(data)), RATE, acceleration="mm/s2")


def test_one_foot_dropped_samples_blanks_and_saturation_are_counted(tmp_path: Path) -> None:
    data = values()
    data[300:304, :, 1] = 156.9  # at the limit
    keep = [k for k in range(400) if k not in (50, 51)]
    text = table(data[keep], index=[str(k) for k in keep])
    lines = text.split("\n")
    cells = lines[2 + 98].split(",")
    cells[2] = ""  # the right sensor's acc_x of sample 100
    lines[2 + 98] = ",".join(cells)
    read = I.read_foot_sensors(write(tmp_path, "\n".join(lines)), RATE, limits=(156.9, None))
    assert read.samples.sizes["time"] == 400 and read.samples["acceleration"].sel(side="left").isnull().sum() == 6
    assert "2 of 400 samples dropped: NaN." in read.notes
    assert "right: 1 samples with a blank channel: NaN." in read.notes
    assert "left: 4 samples of acceleration at or beyond 156.9 m/s2: saturated." in read.notes
    assert any(
        "acceleration y stays at its largest" in n for n in I.read_foot_sensors(write(tmp_path, text), RATE).notes
    )
    alone = I.read_foot_sensors(write(tmp_path, table(values(sides=1), ("left",))), RATE)
    assert alone.samples["side"].values.tolist() == ["left"] and alone.notes == ("right: no such sensor in the file.",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.replace("gyr_z", "mag_z"), "found none called left gyr_z, right gyr_z"),
        (lambda t: t.replace("gyr_z", "gyr_y"), "each column once"),
        (lambda t: t.replace("left_sensor", "hip"), "found hip. Rename"),
        (lambda t: t.replace("right_sensor", "left_shank"), "expected one left sensor, found left_sensor, left_shank"),
        (lambda t: t.replace("\n7,", "\n6,"), "clock not regular"),
        (lambda t: t.replace("\n7,", "\n7.5,"), "whole sample numbers"),
        (lambda t: t.replace("\n399,", "\n3999,"), "samples lost"),
        (lambda t: t.replace("\n7,", "\n,"), "found blanks"),
        (lambda t: re.sub(r"\n7,[^,]*", "\n7,Jane", t), "found text in column 2"),
        (lambda t: t.rsplit(",", 3)[0], "cut off"),
        (lambda t: "\n".join(t.split("\n")[:3]), "found 3 rows in all"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path: Path, change: Callable[[str], str], words: str) -> None:
    with pytest.raises(TrialFormatError, match=r"walk\.csv") as refused:
        I.read_foot_sensors(write(tmp_path, change(table(values()))), RATE)
    assert words in str(refused.value) and "Jane" not in str(refused.value)


def test_a_dead_channel_is_named(tmp_path: Path) -> None:
    data = values()
    data[:, 1, 5] = 0.0
    read = I.read_foot_sensors(write(tmp_path, table(data)), RATE)
    assert read.notes == ("right: angular_rate z never changes: dead?",)


def test_bad_rate_and_absent_file(tmp_path: Path) -> None:
    with pytest.raises(GaitStudyError, match="samples a second, found 0"):
        I.read_foot_sensors(write(tmp_path, table(values())), 0)
    with pytest.raises(TrialFormatError, match="found none there"):
        I.read_foot_sensors(tmp_path / "absent.csv", RATE)


def marker_text(scale: float = 1000.0) -> str:
    rows = [
        f"{k}," + ",".join(f"{scale * v:.3f}" for v in (k / 100, 2.0, 0.5, k / 100 + 0.2, 2.1, 0.1)) for k in range(20)
    ]
    return "\n".join([",HEE,HEE,HEE,TOE,TOE,TOE", ",x,y,z,x,y,z", *rows])


def test_markers_are_turned_without_mirroring(tmp_path: Path) -> None:
    read = I.read_marker_table(write(tmp_path, marker_text()), 100.0)
    assert read.markers.sel(marker="HEE").values[3] == pytest.approx([0.03, 0.5, -2.0])
    assert read.markers.attrs["units"] == "m" and read.markers["time"].values[-1] == pytest.approx(0.19)
    turn = np.stack([np.array(v, float) for v in ((1, 0, 0), (0, 0, 1), (0, -1, 0))])
    assert np.linalg.det(turn) == pytest.approx(1)
    with pytest.raises(TrialFormatError, match="Correct units="):
        I.read_marker_table(write(tmp_path, marker_text()), 100.0, units="m")
    with pytest.raises(TrialFormatError, match="found none called TOE z"):
        I.read_marker_table(write(tmp_path, marker_text().replace("x,y,z,x,y,z", "x,y,z,x,y,w")), 100.0)
    with pytest.raises(GaitStudyError, match=r"rate: expected 0\.5-100000 samples a second, found inf"):
        I.read_marker_table(write(tmp_path, marker_text()), float("inf"))


def test_gaps_of_markers_are_gaps_and_no_wrong_unit(tmp_path: Path) -> None:
    lines = marker_text().split("\n")
    whole = I.read_marker_table(write(tmp_path, "\n".join(lines)), 100.0).markers
    lines[5] = "3,,,," + ",".join(lines[5].split(",")[4:])  # the heel of frame 3
    del lines[9]  # frame 7
    read = I.read_marker_table(write(tmp_path, "\n".join(lines)), 100.0).markers
    lost = np.isnan(read.values).all(-1)
    assert np.argwhere(lost).tolist() == [[3, 0], [7, 0], [7, 1]] and not np.isnan(read.values[~lost]).any()
    np.testing.assert_array_equal(read.values[~lost], whole.values[~lost])


EVENTS = "s_id,foot,start,end,ic,tc,min_vel,pre_ic\n0,left,100,320,300,220,100,50\n1,right,210,420,400,320,210,150\n"


def test_events_are_dated(tmp_path: Path) -> None:
    read = I.read_stride_events(write(tmp_path, EVENTS), 100.0)
    assert read.iloc[0].to_dict() == {"side": "left", "stride": 0, "ic_time": 0.5, "fo_time": 2.2, "next_ic_time": 3.0,
                                      "flat_time": 1.0, "next_flat_time": 3.2}  # fmt: skip
    later = "2,left,320,540,520,440,320,300\n"
    mixed = I.read_stride_events(write(tmp_path, EVENTS.replace("0,left", later + "0,left")), 100.0)
    assert mixed["ic_time"].tolist() == [0.5, 3.0, 1.5] and mixed["stride"].tolist() == [0, 1, 0]
    with pytest.raises(TrialFormatError, match="found none called tc"):
        I.read_stride_events(write(tmp_path, EVENTS.replace("tc", "to")), 100.0)
    with pytest.raises(TrialFormatError, match="found otherwise in 1 rows, first row 2"):
        I.read_stride_events(write(tmp_path, EVENTS.replace("400,320", "400,500")), 100.0)
    with pytest.raises(TrialFormatError, match="found another word in data row 1"):
        I.read_stride_events(write(tmp_path, EVENTS.replace("left", "middle")), 100.0)
    with pytest.raises(TrialFormatError, match="found 1 of left that overlap"):
        I.read_stride_events(write(tmp_path, EVENTS + EVENTS.split("\n")[1]), 100.0)
    for rate in (0.0, float("nan"), float("inf"), -100.0):
        with pytest.raises(GaitStudyError, match=r"rate: expected 0\.5-100000 samples a second"):
            I.read_stride_events(write(tmp_path, EVENTS), rate)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (EVENTS, "", "found an empty one"),
        (EVENTS, EVENTS.split("\n")[0], "expected at least one row below the header, found none"),
        (",50\n", ",50,7,8\n", "expected 8 cells in every row, found 10 in data row 1"),
        (",50\n", ",-5e9\n", "expected sample numbers from 0 in every column, found none in data row 1"),
        (",50\n", ",5_0\n", "expected sample numbers from 0 in every column, found none in data row 1"),
        (",50\n", ",nan\n", "expected sample numbers from 0 in every column, found none in data row 1"),
        ("400,320,210", "4e9,320,210", "found otherwise in 1 rows|expected strides of up to 30 s"),
        ("left", "left\xff", "expected foot left or right, found another word in data row 1"),
    ],
)
def test_stride_tables_that_are_none_are_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(EVENTS.replace(old, new).encode("latin-1"))
    with pytest.raises(TrialFormatError, match=says):
        I.read_stride_events(path, 100.0)


def test_real_files() -> None:
    needs("foot-imu", "gaitmap/*.csv")
    from gaitstudy.tables.foot_sensors import _recording

    samples, markers, listed, _ = _recording()
    assert dict(samples.sizes) == {"time": 7928, "side": 2, "axis": 3} and not samples.isnull().to_dataarray().any()
    still = samples["acceleration"].sel(time=slice(0.1, 0.6)).mean("time")
    assert np.linalg.norm(still.values, axis=-1) == pytest.approx(GRAVITY, rel=0.01)
    assert markers.sizes == {"time": 3870, "marker": 6, "axis": 3} and not markers.isnull().any()
    foot = markers.sel(marker="L_TOE").values - markers.sel(marker="L_FCC").values
    assert np.median(np.linalg.norm(foot, axis=1)) == pytest.approx(0.25, abs=0.02)
    assert listed.groupby("side").size().to_dict() == {"left": 28, "right": 29}
    assert isinstance(listed, pd.DataFrame) and (listed["next_ic_time"] > listed["ic_time"]).all()

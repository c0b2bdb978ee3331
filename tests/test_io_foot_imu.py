"""Foot sensor tables: a round trip and every bad input."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitstudy.conventions import GRAVITY, GaitStudyError, TrialFormatError
from gaitstudy.io.foot_imu import read_foot_sensors

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
    read = read_foot_sensors(write(tmp_path, table(data)), RATE)
    assert read["acceleration"].dims == ("time", "side", "axis")
    np.testing.assert_array_equal(read["acceleration"].values, data[..., :3])
    np.testing.assert_array_equal(read["angular_rate"].values, data[..., 3:])
    assert read["acceleration"].attrs["units"] == "m/s2" and read["angular_rate"].attrs["frame"] == "sensor"
    assert read["time"].values[[0, 1, -1]] == pytest.approx([0, 1 / RATE, 399 / RATE])
    late = table(data, index=[str(k + 100) for k in range(len(data))])
    assert read_foot_sensors(write(tmp_path, late), RATE)["time"].values[0] == pytest.approx(0.5)
    alone = read_foot_sensors(write(tmp_path, table(values(sides=1), ("left",))), RATE)
    assert alone["side"].values.tolist() == ["left"]


def test_other_units_are_refused_and_the_fix_named(tmp_path: Path) -> None:
    data = values()
    for wrong in (data * ([1 / GRAVITY] * 3 + [1.0] * 3), data * ([1.0] * 3 + [np.pi / 180] * 3)):
        with pytest.raises(TrialFormatError, match=r"walk.csv: left: expected 9.8 m/s2 .* Convert g .* and rad/s"):
            read_foot_sensors(write(tmp_path, table(wrong)), RATE)
    free = data.copy()
    free[:, 1, 2] = 0  # gravity taken out by someone
    with pytest.raises(TrialFormatError, match=r"right: .* found 0"):
        read_foot_sensors(write(tmp_path, table(free)), RATE)
    with pytest.raises(TrialFormatError, match="left: expected numbers in all channels, found blanks"):
        read_foot_sensors(write(tmp_path, table(np.full((40, 2, 6), np.nan)).replace("nan", "")), RATE)


def test_dropped_samples_and_blanks_stay_missing(tmp_path: Path) -> None:
    data = values()
    keep = [k for k in range(400) if k not in (50, 51)]
    text = table(data[keep], index=[str(k) for k in keep])
    lines = text.split("\n")
    cells = lines[2 + 98].split(",")
    cells[2] = ""  # the right sensor's acc_x of sample 100
    lines[2 + 98] = ",".join(cells)
    read = read_foot_sensors(write(tmp_path, "\n".join(lines)), RATE)
    lost = read["acceleration"].isnull()
    assert read.sizes["time"] == 400 and np.argwhere(lost.any("axis").values).tolist() == [
        [50, 0], [50, 1], [51, 0], [51, 1], [100, 1],
    ]  # fmt: skip
    np.testing.assert_array_equal(read["acceleration"].values[~lost], data[..., :3][~lost.values])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.replace("gyr_z", "mag_z"), "found not so: left gyr_z, right gyr_z"),
        (lambda t: t.replace("gyr_z", "gyr_y"), "found not so: left gyr_y, left gyr_z"),
        (lambda t: t.replace("left_sensor", "hip"), "found not so: further columns"),
        (lambda t: t.replace("right_sensor", "left_shank"), "found not so: left acc_x"),
        (lambda t: t.replace("\n7,", "\n6,"), "whole sample numbers that rise"),
        (lambda t: t.replace("\n7,", "\n7.5,"), "whole sample numbers"),
        (lambda t: t.replace("\n399,", "\n3999,"), "samples lost"),
        (lambda t: t.replace("\n7,", "\n,"), "whole sample numbers that rise"),
        (lambda t: re.sub(r"\n7,[^,]*", "\n7,Jane", t), "found text in column 2"),
        (lambda t: t.rsplit(",", 3)[0], "cut off"),
        (lambda t: "\n".join(t.split("\n")[:3]), "all of one width"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path: Path, change: Callable[[str], str], words: str) -> None:
    with pytest.raises(TrialFormatError, match=r"walk\.csv") as refused:
        read_foot_sensors(write(tmp_path, change(table(values()))), RATE)
    assert words in str(refused.value) and "Jane" not in str(refused.value)


def test_bad_rate_and_absent_file(tmp_path: Path) -> None:
    with pytest.raises(GaitStudyError, match="samples a second, found 0"):
        read_foot_sensors(write(tmp_path, table(values())), 0)
    with pytest.raises(TrialFormatError, match="found none there"):
        read_foot_sensors(tmp_path / "absent.csv", RATE)

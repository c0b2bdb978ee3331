"""Insole files: round trips of made-up exports, every bad input, and the real files of three vendors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitstudy.conventions import GaitStudyError, TrialFormatError
from gaitstudy.io import wearables as W
from tests.recordings import needs

NAME = "Jane Doe"


def moticon(rows: int = 6, sides: tuple[str, ...] = ("left", "right"), unit: str = "N/cm²") -> str:
    names = ["# time"]
    for side in sides:
        names += [f"{side} pressure {k}[{unit}]" for k in range(1, 17)]
        names += [f"{side} total force[N]", *(f"{side} center of pressure {a}[-0.5...+0.5]" for a in "XY")]
    names += ["right steps[]", "left steps[]", "Left Events label[]", "Left Events[]"]
    lines = [f"# Name: {NAME}", "# Sensor insoles: Left SN1, Right SN2", "\t".join(names)]
    for k in range(rows):
        cells = [f"{k / 100:.2f}"]
        for s in range(len(sides)):
            cells += [f"{k + s + n / 4:.2f}" for n in range(16)]
            cells += ["100.00", "0.000000" if k == 0 else "0.100000", "0.000000" if k == 0 else "-0.200000"]
        cells += ["25.00" if k == 3 else "", "11.00" if k == 2 else "", *((NAME, "7.00") if k == 4 else ("", ""))]
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def fscan(frames: int = 3, side: str = "left", file: str = "") -> str:
    grid = [
        ["B", "B", "7", "B"],
        ["B", "2", "3", "4"],
        ["1", "2", "3", "4"],
        ["B", "2", "3", "B"],
        ["B", "1", "1", "B"],
    ]
    if side == "right":
        grid = [row[::-1] for row in grid]
    head = [
        "DATA_TYPE MOVIE", f"FILENAME C:\\{NAME}\\{file or 'walk'}.fsx", "ROWS 5", "COLS 4", "ROW_SPACING 5.08 mm",
        "COL_SPACING 5.08 mm", "SENSEL_AREA 25.8064 mm2", "SECONDS_PER_FRAME 0.02", "SATURATION_PRESSURE 99.4 KPa ",
        "COMMENTS:", NAME, "START_FRAME 1", f"END_FRAME {frames}", "UNITS KPa", "MIRROR_ROW 0", "MIRROR_COL 0",
        "ASCII_DATA @@",
    ]  # fmt: skip
    body = [f"\nFrame {k}\n" + "\n".join(",".join(row) for row in grid) for k in range(1, frames + 1)]
    return "\r\n".join(("\n".join([*head, *body, "@@"]) + "\n").split("\n"))


def pedar(rows: int = 5, sensors: int = 99) -> str:
    listed = "".join(f"{k}," for k in range(1, sensors + 1))
    lines = [
        f"file name:  {NAME}.sol\tdate/time  13.11.14 13.42", "sensor type:  v_1 ",
        f"total time [secs]:  {rows / 50:.3f}\ttime per frame [secs]:  0.02000\tscanning rate [Hz]:   50",
        "pressure values in  kPa", "", "mask definition: ", f"left insole: {listed}", f"right insole: {listed}", "",
        "\t".join(["time[secs]    ", *(f"{k:7d}" for _ in range(2) for k in range(1, sensors + 1))]) + "\t",
    ]  # fmt: skip
    for k in range(1, rows + 1):
        cells = [f"{s * 100 + n / 2:7.3f}" for s in range(2) for n in range(sensors)]
        lines.append(f"{k / 50:10.5f}\t" + "\t".join(cells) + "\t")
    return "\n".join(lines)


def written(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def replaced(text: str, line: int, old: str, new: str) -> str:
    lines = text.split("\n")
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new, 1)
    return "\n".join(lines)


def test_moticon_by_hand(tmp_path: Path) -> None:
    read = W.read_insole(written(tmp_path, moticon(), "a.txt"))
    samples = read.samples
    assert samples["pressure"].dims == ("time", "side", "sensor") and samples["pressure"].shape == (6, 2, 16)
    assert float(samples["pressure"].sel(side="right", sensor=3)[2]) == pytest.approx(35.0)  # 3.5 N/cm2
    assert samples["time"].values == pytest.approx(np.arange(6) / 100)
    assert samples["force"].values == pytest.approx(np.full((6, 2), 100.0))
    assert samples["cop"].values[1, 0] == pytest.approx([0.1, -0.2])
    assert np.isnan(samples["cop"].values[0]).all()
    assert read.events.to_dict("list") == {
        "time": [0.02, 0.03, 0.04],
        "event": ["initial_contact", "foot_off", "manual 7"],
        "side": ["left", "right", "left"],
    }
    for key in ("area", "position"):
        assert samples[key].isnull().all() and samples[key].attrs["source"] == "not in the file"
    assert [samples[k].attrs["units"] for k in ("pressure", "area", "position", "force", "cop")] == [
        "kPa", "m2", "m", "N", "1",
    ]  # fmt: skip
    assert not read.notes and not read.missing.any() and NAME not in repr(read)
    one = W.read_moticon(written(tmp_path, moticon(sides=("right",)), "b.txt"))
    assert one.samples["side"].values.tolist() == ["right"]


def test_unit_of_the_header_counts(tmp_path: Path) -> None:
    read = W.read_moticon(written(tmp_path, moticon(unit="kPa"), "a.txt"))
    assert float(read.samples["pressure"].sel(side="right", sensor=3)[2]) == pytest.approx(3.5)
    assert float(
        W.read_fscan(written(tmp_path, fscan().replace("UNITS KPa", "UNITS PSI"), "b.asf")).samples["pressure"].max()
    ) == pytest.approx(7 * 6.894757, rel=1e-6)


@pytest.mark.parametrize("side", ["left", "right"])
def test_fscan_by_hand(tmp_path: Path, side: str) -> None:
    read = W.read_insole(written(tmp_path, fscan(side=side), "walk.asf"))
    samples = read.samples
    assert samples["side"].values.tolist() == [side] and samples.sizes["sensor"] == 20
    assert samples["time"].values == pytest.approx([0, 0.02, 0.04])
    top = int(np.flatnonzero(samples["pressure"].values[0, 0] == 7)[0])
    assert samples["position"].values[0, top] == pytest.approx([4.5 * 5.08e-3, 0.5 * 5.08e-3])  # medial on both
    assert samples["area"].values[0, top] == pytest.approx(25.8064e-6)
    assert int((samples["area"] == 0).sum()) == 8 == int(samples["pressure"][0].isnull().sum())
    assert read.notes == () and not read.missing.any() and NAME not in repr(read)


def test_pedar_by_hand(tmp_path: Path) -> None:
    read = W.read_insole(written(tmp_path, pedar(), "walk.asc"))
    assert read.samples["pressure"].shape == (5, 2, 99)
    assert read.samples["pressure"].values[0, :, 4] == pytest.approx([2, 102])
    assert read.samples["time"].values == pytest.approx(np.arange(1, 6) / 50)
    assert read.samples["position"].isnull().all() and read.samples["area"].isnull().all()
    assert not len(read.events) and NAME not in repr(read)


def test_dropped_blank_and_saturated_are_counted(tmp_path: Path) -> None:
    lines = moticon().split("\n")
    cells = lines[4].split("\t")
    lines[4] = "\t".join([cells[0], *[""] * 19, *cells[20:]])  # left lost in row 1
    del lines[6]
    read = W.read_moticon(written(tmp_path, "\n".join(lines), "a.txt"), limit=80)
    assert read.samples.sizes["time"] == 6 and read.samples["pressure"].isnull().sum("sensor").values.tolist() == [
        [0, 0], [16, 0], [0, 0], [16, 16], [0, 0], [0, 0],
    ]  # fmt: skip
    assert read.notes[:3] == (
        "1 of 6 frames dropped: NaN.", "left: 2 of 6 samples missing: NaN.", "left: 4 values saturated at 80 kPa.",
    )  # fmt: skip
    assert read.missing.to_dict() == pytest.approx({"left": 2 / 6, "right": 1 / 6})
    blank = "\n".join(
        "\t".join("" if k == 5 and not line.startswith("#") else c for k, c in enumerate(line.split("\t")))
        for line in moticon().split("\n")
    )
    assert "left: 1 sensors blank throughout: NaN." in W.read_moticon(written(tmp_path, blank, "b.txt")).notes
    short = W.read_fscan(written(tmp_path, fscan().replace("99.4 KPa", "4.4 KPa"), "c.asf"))
    assert short.notes == ("left: 9 values saturated at 4.0 kPa.",)
    less = replaced(pedar(), 12, "  0.500", " -0.500")
    assert W.read_pedar(written(tmp_path, less, "d.asc")).notes == ("left: 1 values below zero.",)


def short_row(text: str) -> str:
    return text.rstrip("\n\t").rsplit("\t", 3)[0]


BAD: list[tuple[str, str, Callable[[], str], str]] = [
    ("wrong extension", "a.csv", moticon, "expected extension"),
    ("empty", "a.txt", lambda: "", "an empty one"),
    ("blank", "a.txt", lambda: "\n\n", "another text"),
    ("other content", "a.txt", lambda: f"{NAME} was here\n1,2\n", "another text"),
    ("no rows", "a.txt", lambda: moticon(0), "at least one row"),
    ("last row cut", "a.txt", lambda: short_row(moticon()), r"columns in every row, found \d+ in row 6"),
    ("column missing", "a.txt", lambda: moticon().replace("left pressure 4[", "left other 4["), "16 pressure columns"),
    ("column doubled", "a.txt", lambda: moticon().replace("pressure 4[", "pressure 5["), "each column once"),
    ("sensors missing", "a.txt", lambda: moticon().replace("left pressure", "x"), "16 pressure columns|each column"),
    ("unknown unit", "a.txt", lambda: moticon(unit="bar"), "pressure in one of kPa"),
    ("text", "a.txt", lambda: replaced(moticon(), 5, "2.25", NAME), "found text in column 3"),
    ("time back", "a.txt", lambda: replaced(moticon(), 6, "0.03", "0.01"), "increasing times"),
    ("clock jumps", "a.txt", lambda: replaced(moticon(), 8, "0.05", "9.05"), "uneven clock"),
    ("no column names", "a.txt", lambda: moticon().replace("# time", "# hour"), "row of column names"),
    ("no frames", "a.asf", lambda: fscan().split("Frame")[0], "frames after ASCII_DATA"),
    ("frame cut", "a.asf", lambda: fscan()[:-16], r"5 x 4 cells in every frame.* frame 3"),
    ("end cut", "a.asf", lambda: fscan()[:-4], "expected '@@'"),
    ("frames missing", "a.asf", lambda: fscan().replace("END_FRAME 3", "END_FRAME 9"), "frames 1 to 9"),
    ("frame order", "a.asf", lambda: fscan().replace("Frame 2", "Frame 1"), "increasing times"),
    ("text in cell", "a.asf", lambda: fscan().replace("B,B,7", f"B,B,{NAME}", 1), "found text in column 3"),
    ("raw", "a.asf", lambda: fscan().replace("UNITS KPa", "UNITS Raw"), "found raw"),
    ("mirrored", "a.asf", lambda: fscan().replace("MIRROR_COL 0", "MIRROR_COL 1"), "not mirrored"),
    ("no spacing", "a.asf", lambda: fscan().replace("ROW_SPACING", "SPACING"), "positive ROW_SPACING"),
    ("outline changes", "a.asf", lambda: fscan().replace("B,B,7,B", "B,0,7,B", 1), "same cells outside"),
    ("swapped by name", "aR.asf", fscan, "swapped"),
    ("swapped inside", "a.asf", lambda: fscan(file="walkR"), "swapped"),
    ("no side", "a.asf", lambda: fscan().replace("B,B,7,B", "B,7,7,B"), "found neither"),
    ("no mask", "a.asc", lambda: pedar().replace("insole:", "sock:"), "mask definition"),
    ("sensors", "a.asc", lambda: pedar().replace("98,99,", "98,", 1), "198|different lists|197 sensors"),
    ("other unit", "a.asc", lambda: pedar().replace("in  kPa", "in  bar"), "no such unit"),
    ("row cut", "a.asc", lambda: short_row(pedar()), "199 columns in every row"),
    ("digits cut", "a.asc", lambda: pedar()[:-3], "3 decimals in the last number"),
    ("rows gone", "a.asc", lambda: pedar().replace("[secs]:  0.100", "[secs]:  2.000"), "cut off"),
    ("words", "a.asc", lambda: replaced(pedar(), 12, "0.500", NAME), "found text in column 3"),
    ("backwards", "a.asc", lambda: replaced(pedar(), 12, "0.06000", "0.01000"), "increasing times"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "says"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_files_are_refused(tmp_path: Path, name: str, make: Callable[[], str], says: str) -> None:
    with pytest.raises(TrialFormatError, match=says) as error:
        W.read_insole(written(tmp_path, make(), name))
    assert str(error.value).startswith(f"{name}: ") and NAME not in str(error.value)
    assert "expected" in str(error.value) and "found" in str(error.value)


def test_readers_refuse_each_others_files_and_sides(tmp_path: Path) -> None:
    path = written(tmp_path, fscan(), "a.asf")
    for read in (W.read_moticon, W.read_pedar):
        with pytest.raises(TrialFormatError, match="other content"):
            read(path)
    with pytest.raises(TrialFormatError, match="other content"):
        W.read_fscan(written(tmp_path, pedar(), "a.asc"))
    with pytest.raises(TrialFormatError, match="swapped"):
        W.read_insole(path, side="right")
    with pytest.raises(GaitStudyError, match="names its sides"):
        W.read_insole(written(tmp_path, moticon(), "a.txt"), side="left")
    plain = fscan().replace("B,B,7,B", "B,7,7,B")
    assert W.read_insole(written(tmp_path, plain, "b.asf"), side="right").samples["side"].values.tolist() == ["right"]


def test_real_steps_are_those_of_the_vendors_report() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    worst = 0.0
    for stamp, report, steps in (
        ("230927_102114", "230927_10_21_14", 14),
        ("230927_102137", "230927_10_21_37", 18),
    ):
        export, table = needs(
            "moticon-insole", f"{stamp}.txt", f"reference_gait_report/gait_report_{report}.xlsx"
        )  # fmt: skip
        read = W.read_insole(export)
        book, compared = openpyxl.load_workbook(table, data_only=True), 0
        for side in ("left", "right"):
            rows = list(book[f"{side.capitalize()} Steps"].iter_rows(values_only=True))
            force = read.samples["force"].sel(side=side)
            for row in (dict(zip(rows[0], r, strict=True)) for r in rows[1:] if r[0] is not None):
                start, end = row["Initial contact (s)"], row["Toe off (s)"]
                own = read.events[read.events["side"] == side]
                contact, off = (own["time"][own["event"] == e] for e in ("initial_contact", "foot_off"))
                contact, off = contact.iloc[abs(contact - start).argmin()], off.iloc[abs(off - end).argmin()]
                worst = max(worst, abs(contact - start), abs(off - end))
                peak = float(force.sel(time=slice(contact - 1e-6, off + 1e-6)).max())
                assert peak == row["Max total force during stance phase (N)"]
                compared += 1
        assert compared == steps
    assert worst <= 0.0061


def test_real_files_of_three_vendors() -> None:
    walks = [W.read_insole(p) for p in needs("moticon-insole", "230927_102114.txt", "with_events/text_export.txt")]
    assert walks[0].notes == (
        "1 of 1751 frames dropped: NaN.", "left: 64 of 1751 samples missing: NaN.",
        "right: 14 of 1751 samples missing: NaN.",
    )  # fmt: skip
    assert not walks[1].notes and walks[1].events["event"].value_counts().to_dict() == {"manual 1": 8, "manual 2": 8}
    for letter, side in (("L", "left"), ("R", "right")):
        sheet = W.read_insole(needs("fscan-insole", f"FrasP01{letter}.asf")[0])
        assert sheet.samples["side"].values.tolist() == [side] and sheet.samples.sizes["time"] == 205
        assert int((sheet.samples["area"] > 0).sum()) == 955 and not sheet.notes
    pair = W.read_insole(needs("pedar-insole", "pedar/pressure_example.asc")[0])
    assert pair.samples["pressure"].shape == (1114, 2, 99) and not pair.notes

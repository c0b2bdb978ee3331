"""Insole files: round trips of made-up exports, every bad input, and the real files of three vendors."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitstudy.conventions import SignalError, TrialFormatError
from gaitstudy.gait.events import contacts
from gaitstudy.gait.pressure import total_force
from gaitstudy.io.insoles import read_insole
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


def in_ms(text: str) -> str:
    ms = re.sub(r"^0\.(\d\d)(?=\t)", lambda found: f"{10 * int(found[1])}", text, flags=re.MULTILINE)
    return ms.replace("# time", "# Duration: 00:00.05\n# time")


def test_moticon_by_hand(tmp_path: Path) -> None:
    samples, events = read_insole(written(tmp_path, moticon(), "a.txt"))
    assert samples["pressure"].dims == ("time", "side", "sensor") and samples["pressure"].shape == (6, 2, 16)
    assert float(samples["pressure"].sel(side="right", sensor=3)[2]) == pytest.approx(35.0)  # 3.5 N/cm2
    assert samples["time"].values == pytest.approx(np.arange(6) / 100)
    assert samples["force"].values == pytest.approx(np.full((6, 2), 100.0))
    assert samples["cop"].values[1, 0] == pytest.approx([0.1, -0.2])
    assert np.isnan(samples["cop"].values[0]).all()
    assert events.to_dict("list") == {
        "time": [0.02, 0.03, 0.04],
        "event": ["initial_contact", "foot_off", "manual 7"],
        "side": ["left", "right", "left"],
    }
    for key in ("area", "position"):
        assert samples[key].isnull().all() and samples[key].attrs["source"] == "not in the file"
    assert [samples[k].attrs["units"] for k in ("pressure", "area", "position", "force", "cop")] == [
        "kPa", "m2", "m", "N", "1",
    ]  # fmt: skip
    assert not samples.attrs["notes"] and NAME not in repr(samples)
    one, _ = read_insole(written(tmp_path, moticon(sides=("right",)), "b.txt"))
    assert one["side"].values.tolist() == ["right"]


def test_unit_of_the_header_counts(tmp_path: Path) -> None:
    samples, _ = read_insole(written(tmp_path, moticon(unit="kPa"), "a.txt"))
    assert float(samples["pressure"].sel(side="right", sensor=3)[2]) == pytest.approx(3.5)
    sheet, _ = read_insole(written(tmp_path, fscan().replace("UNITS KPa", "UNITS PSI"), "b.asf"))
    assert float(sheet["pressure"].max()) == pytest.approx(7 * 6.894757, rel=1e-6)


@pytest.mark.parametrize("side", ["left", "right"])
def test_fscan_by_hand(tmp_path: Path, side: str) -> None:
    samples, _ = read_insole(written(tmp_path, fscan(side=side), "walk.asf"))
    assert samples["side"].values.tolist() == [side] and samples.sizes["sensor"] == 20
    assert samples["time"].values == pytest.approx([0, 0.02, 0.04])
    top = int(np.flatnonzero(samples["pressure"].values[0, 0] == 7)[0])
    assert samples["position"].values[0, top] == pytest.approx([4.5 * 5.08e-3, 0.5 * 5.08e-3])  # medial on both
    assert samples["area"].values[0, top] == pytest.approx(25.8064e-6)
    assert int((samples["area"] == 0).sum()) == 8 == int(samples["pressure"][0].isnull().sum())
    assert not samples.attrs["notes"] and NAME not in repr(samples)


def test_pedar_by_hand(tmp_path: Path) -> None:
    samples, events = read_insole(written(tmp_path, pedar(), "walk.asc"))
    assert samples["pressure"].shape == (5, 2, 99)
    assert samples["pressure"].values[0, :, 4] == pytest.approx([2, 102])
    assert samples["time"].values == pytest.approx(np.arange(1, 6) / 50)
    assert samples["position"].isnull().all() and samples["area"].isnull().all()
    assert not len(events) and NAME not in repr(samples)
    with pytest.raises(SignalError, match="sensors' layout"):
        total_force(samples["pressure"], samples["area"])


def test_dropped_blank_and_saturated_are_counted(tmp_path: Path) -> None:
    lines = moticon().split("\n")
    cells = lines[4].split("\t")
    lines[4] = "\t".join([cells[0], *[""] * 19, *cells[20:]])  # left lost in row 1
    del lines[6]
    samples, _ = read_insole(written(tmp_path, "\n".join(lines), "a.txt"))
    assert samples.sizes["time"] == 6 and samples["pressure"].isnull().sum("sensor").values.tolist() == [
        [0, 0], [16, 0], [0, 0], [16, 16], [0, 0], [0, 0],
    ]  # fmt: skip
    assert samples.attrs["notes"] == [
        "1 of 6 frames dropped: NaN.", "left: 2 of 6 samples missing: NaN.", "right: 1 of 6 samples missing: NaN.",
    ]  # fmt: skip
    short, _ = read_insole(written(tmp_path, fscan().replace("99.4 KPa", "4.4 KPa"), "c.asf"))
    assert short.attrs["notes"] == ["left: 9 values saturated at 4.0 kPa."]
    less = replaced(pedar(), 12, "  0.500", " -0.500")
    assert "left: 1 values below zero." in read_insole(written(tmp_path, less, "d.asc"))[0].attrs["notes"]


def in_cells(text: str, column: int, new: str | None, first: int, rows: slice = slice(None), by: str = "\t") -> str:
    """A table with one column of some rows overwritten."""
    lines = text.split("\n")
    for k in range(first, len(lines))[rows]:
        cells = lines[k].split(by)
        if len(cells) > column:
            lines[k] = by.join([*cells[:column], new if new is not None else "", *cells[column + 1 :]])
    return "\n".join(lines)


def without_line(text: str, line: int) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:line], *lines[line + 1 :]])


def twice(text: str, line: int) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[: line + 1], *lines[line:]])


def without_frame(text: str, frame: int) -> str:
    start, end = text.index(f"Frame {frame}\r"), text.index(f"Frame {frame + 1}\r")
    return text[:start] + text[end:]


COUNTED: list[tuple[str, str, Callable[[], str], str]] = [
    ("blank Moticon", "a.txt", lambda: in_cells(moticon(), 5, "", 3), "left: 1 sensors blank throughout"),
    ("blank F-Scan", "a.asf", lambda: fscan().replace("B,2,3,4", "B,,3,4"), "left: 1 sensors blank throughout"),
    ("blank pedar", "a.asc", lambda: in_cells(pedar(), 7, "       ", 10), "left: 1 sensors blank throughout"),
    ("dead Moticon", "a.txt", lambda: in_cells(moticon(), 5, "0.00", 3), "left: 1 sensors at zero throughout"),
    ("dead pedar", "a.asc", lambda: in_cells(pedar(), 120, "  0.000", 10), "right: 1 sensors at zero throughout"),
    ("dropped Moticon", "a.txt", lambda: without_line(moticon(), 5), "1 of 6 frames dropped: NaN."),
    ("dropped F-Scan", "a.asf", lambda: without_frame(fscan(5), 3), "1 of 5 frames dropped: NaN."),
    ("dropped pedar", "a.asc", lambda: without_line(pedar(), 12), "1 of 5 frames dropped: NaN."),
    ("rows gone Moticon", "a.txt", lambda: "# Duration: 00:17.496\n" + moticon(), "header says 17.496: cut off?"),
    ("saturated F-Scan", "a.asf", lambda: fscan().replace("99.4 KPa", "6.4 KPa"), "left: 3 values saturated"),
    (
        "ceiling Moticon", "a.txt", lambda: in_cells(in_cells(moticon(), 3, "90.00", 3), 4, "90.00", 3),
        "left: 2 sensors share the largest value: saturated?",
    ),
    (
        "ceiling pedar", "a.asc", lambda: in_cells(in_cells(pedar(), 3, "600.000", 10), 4, "600.000", 10),
        "left: 2 sensors share the largest value: saturated?",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "says"), [c[1:] for c in COUNTED], ids=[c[0] for c in COUNTED])
def test_what_can_be_counted_is_noted(tmp_path: Path, name: str, make: Callable[[], str], says: str) -> None:
    notes = read_insole(written(tmp_path, make(), name))[0].attrs["notes"]
    assert any(says in note for note in notes), notes


@pytest.mark.parametrize(("name", "make"), [("a.txt", moticon), ("a.asf", fscan), ("a.asc", pedar)])
def test_line_ends_and_byte_order_marks_do_not_matter(tmp_path: Path, name: str, make: Callable[[], str]) -> None:
    plain, _ = read_insole(written(tmp_path, make().replace("\r\n", "\n"), name))
    other, _ = read_insole(written(tmp_path, "\ufeff" + make().replace("\r\n", "\n").replace("\n", "\r\n"), f"b{name}"))
    assert plain.identical(other)


def short_row(text: str) -> str:
    return text.rstrip("\n\t").rsplit("\t", 3)[0]


def walking(headers: list[str]) -> str:
    """Three steps of each foot in turn, their pressures under headers of which side they are."""
    lines = moticon(60, ("left", "right")).split("\n")
    for k in range(60):
        cells = lines[3 + k].split("\t")
        left = (k // 10) % 2 == 0
        cells[1:17], cells[20:36] = (["9.00"] * 16, ["0.00"] * 16) if left else (["0.00"] * 16, ["9.00"] * 16)
        cells[39], cells[40] = "", ""
        own, code = (40, "11.00") if left else (39, "21.00")
        if k % 10 == 0:
            cells[own] = code
        if k % 10 == 9:
            cells[own] = "15.00" if left else "25.00"
        cells[41:] = ["", ""]
        lines[3 + k] = "\t".join(cells)
    if headers == ["right", "left"]:
        names = lines[2].split("\t")
        names[1:20], names[20:39] = names[20:39], names[1:20]
        lines[2] = "\t".join(names)
    return "\n".join(lines)


def other_order(text: str) -> str:
    lines = text.split("\n")
    lines[6], lines[7] = lines[7], lines[6]
    return "\n".join(lines)


BAD: list[tuple[str, str, Callable[[], str], str]] = [
    ("wrong extension", "a.csv", moticon, "expected extension"),
    ("empty", "a.txt", lambda: "", "an empty one"),
    ("blank", "a.txt", lambda: "\n\n", "another text"),
    ("other content", "a.txt", lambda: f"{NAME} was here\n1,2\n", "another text"),
    ("no rows", "a.txt", lambda: moticon(0), "at least one row"),
    ("last row cut", "a.txt", lambda: short_row(moticon()), r"columns in every row, found \d+ in row 6"),
    ("column missing", "a.txt", lambda: moticon().replace("left pressure 4[", "left other 4["), "16 pressure columns"),
    ("column doubled", "a.txt", lambda: moticon().replace("pressure 4[", "pressure 5["), "columns .* each once"),
    ("sensors missing", "a.txt", lambda: moticon().replace("left pressure", "x"), "16 pressure columns|each column"),
    ("unknown unit", "a.txt", lambda: moticon(unit="bar"), "one unit of pressure"),
    ("text", "a.txt", lambda: replaced(moticon(), 5, "2.25", NAME), "found text in column 3"),
    ("time back", "a.txt", lambda: replaced(moticon(), 6, "0.03", "0.01"), "increasing times"),
    ("clock jumps", "a.txt", lambda: replaced(moticon(), 8, "0.05", "9.05"), "uneven clock"),
    ("no column names", "a.txt", lambda: moticon().replace("# time", "# hour"), "expected column names"),
    ("no frames", "a.asf", lambda: fscan().split("Frame")[0], "frames after ASCII_DATA"),
    ("frame cut", "a.asf", lambda: fscan()[:-16], r"5 x 4 cells in every frame.* frame 3"),
    ("end cut", "a.asf", lambda: fscan()[:-4], "'@@' behind the last"),
    ("frames missing", "a.asf", lambda: fscan().replace("END_FRAME 3", "END_FRAME 9"), "found frames 1 to 3: cut off"),
    ("frame order", "a.asf", lambda: fscan().replace("Frame 2", "Frame 1"), "increasing times"),
    ("text in cell", "a.asf", lambda: fscan().replace("B,B,7", f"B,B,{NAME}", 1), "found text in column 3"),
    ("raw", "a.asf", lambda: fscan().replace("UNITS KPa", "UNITS Raw"), "found raw"),
    ("mirrored", "a.asf", lambda: fscan().replace("MIRROR_COL 0", "MIRROR_COL 1"), "not mirrored"),
    ("no spacing", "a.asf", lambda: fscan().replace("ROW_SPACING", "SPACING"), "number after ROW_SPACING"),
    ("outline changes", "a.asf", lambda: fscan().replace("B,B,7,B", "B,0,7,B", 1), "same cells outside"),
    ("swapped by name", "aR.asf", fscan, "right by the file's name, left by the outline. Are left and right swapped"),
    ("swapped inside", "a.asf", lambda: fscan(file="walkR"), "swapped"),
    ("no side", "a.asf", lambda: fscan().replace("B,B,7,B", "B,7,7,B"), "found nothing that tells"),
    ("no mask", "a.asc", lambda: pedar().replace("insole:", "sock:"), "mask definition"),
    ("sensors", "a.asc", lambda: pedar().replace("98,99,", "98,", 1), "of the same sensors"),
    ("other unit", "a.asc", lambda: pedar().replace("in  kPa", "in  bar"), "no such unit"),
    ("row cut", "a.asc", lambda: short_row(pedar()), "199 columns in every row"),
    ("digits cut", "a.asc", lambda: pedar()[:-3], "3 decimals in the last number"),
    ("rows gone", "a.asc", lambda: pedar().replace("[secs]:  0.100", "[secs]:  2.000"), "cut off"),
    ("words", "a.asc", lambda: replaced(pedar(), 12, "0.500", NAME), "found text in column 3"),
    ("times in ms", "a.txt", lambda: in_ms(moticon()), "Give times in s"),
    ("row twice", "a.txt", lambda: twice(moticon(), 5), "increasing times"),
    ("decimal commas", "a.txt", lambda: moticon().replace("0.01\t", "0,01\t"), "found a decimal comma in column 1"),
    (
        "steps of the other foot", "a.txt",
        lambda: moticon().replace("right steps", "x").replace("left steps", "right steps").replace("x[", "left steps["),
        "expected codes of the left foot .* found one of the other: swapped",
    ),
    ("loaded in swing", "a.txt", lambda: walking(["right", "left"]), "less: sides are swapped"),
    ("frame twice", "a.asf", lambda: fscan().replace("\r\nFrame 3", "\r\nFrame 2", 1), "found frames 1 to 2"),
    ("frame commas", "a.asf", lambda: fscan().replace(",3,", ",3,5,", 1), "5 x 4 cells in every frame"),
    ("column gone", "a.asf", lambda: fscan().replace(",3,", ",", 1), "5 x 4 cells in every frame"),
    ("sides in the other order", "a.asc", lambda: other_order(pedar()), "or sides swapped"),
    ("side twice", "a.asc", lambda: pedar().replace("right insole", "left insole"), "expected the 99 sensors"),
    ("rate of the header", "a.asc", lambda: pedar().replace("[secs]:  0.02000", "[secs]:  0.01000"), "time per frame"),
    ("row twice, pedar", "a.asc", lambda: twice(pedar(), 12), "increasing times"),
    ("pedar commas", "a.asc", lambda: replaced(pedar(), 12, "0.500", "0,500"), "found a decimal comma in column 3"),
    ("backwards", "a.asc", lambda: replaced(pedar(), 12, "0.06000", "0.01000"), "increasing times"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "says"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_files_are_refused(tmp_path: Path, name: str, make: Callable[[], str], says: str) -> None:
    with pytest.raises(TrialFormatError, match=says) as error:
        read_insole(written(tmp_path, make(), name))
    assert str(error.value).startswith(f"{name}: ") and NAME not in str(error.value)
    assert "expected" in str(error.value) and "found" in str(error.value)


def test_steps_of_the_right_way_round_are_read(tmp_path: Path) -> None:
    _, events = read_insole(written(tmp_path, walking(["left", "right"]), "a.txt"))
    assert events.groupby(["side", "event"]).size().tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("25.8064 mm2", "9999 m2"), ("ROWS 5", "ROWS 0.5"), ("ROWS 5", "ROWS 5e9"), ("5.08 mm", "99999 m"),
        ("FRAME 0.02", "FRAME 0"), ("FRAME 0.02", "FRAME 1e9"), ("5.08 mm", "1.2.3 mm"), ("25.8064 mm2", "25.8064"),
    ],
)  # fmt: skip
def test_sheets_that_no_shoe_holds_are_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(TrialFormatError, match=r"expected a number after [A-Z_]+ in the header, .*; found none"):
        read_insole(written(tmp_path, fscan().replace(old, new), "a.asf"))


def test_a_saturation_that_is_no_number_is_told(tmp_path: Path) -> None:
    samples, _ = read_insole(written(tmp_path, fscan().replace("99.4", "1.2.3"), "a.asf"))
    assert any("no readable SATURATION_PRESSURE" in note for note in samples.attrs["notes"])


def test_two_movies_of_one_walk(tmp_path: Path) -> None:
    def timed(side: str, start: str) -> str:
        return fscan(side=side).replace("START_FRAME", f"TIME {start}\r\nMICRO_SECOND 0\r\nSTART_FRAME")

    left, right = (written(tmp_path, timed(s, "Friday 11:26:22"), f"{s}.asf") for s in ("left", "right"))
    for samples, _ in (read_insole(left, right), read_insole(right, left)):
        assert samples["side"].values.tolist() == ["left", "right"] and samples.sizes["time"] == 3
        for side, path in (("left", left), ("right", right)):
            alone = read_insole(path)[0].sel(side=side)
            assert all(samples[name].sel(side=side).identical(alone[name]) for name in samples.data_vars)
        assert len(samples.attrs["notes"]) == 1 and "Friday" not in repr(samples)
    less = written(
        tmp_path,
        timed("right", "Friday 11:26:22").replace("END_FRAME 3", "END_FRAME 2").partition("\r\nFrame 3")[0]
        + "\r\n@@\r\n",
        "short.asf",
    )
    samples, _ = read_insole(left, less)
    assert samples["pressure"].sel(side="right").isnull().all("sensor").values.tolist() == [False, False, True]
    assert "right: 1 samples outside its recording: NaN." in samples.attrs["notes"]
    later = written(tmp_path, timed("right", "Friday 11:26:34"), "later.asf")
    other = {later: r"later.asf: expected .* its start \(TIME\)", left: "the other foot"}
    other |= {written(tmp_path, pedar(), "a.asc"): "the other foot"}
    for path, says in other.items():
        with pytest.raises(TrialFormatError, match=says) as error:
            read_insole(left, path)
        assert "Friday" not in str(error.value)


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
        samples, events = read_insole(export)
        book, compared = openpyxl.load_workbook(table, data_only=True), 0
        for side in ("left", "right"):
            rows = list(book[f"{side.capitalize()} Steps"].iter_rows(values_only=True))
            force = samples["force"].sel(side=side)
            for row in (dict(zip(rows[0], r, strict=True)) for r in rows[1:] if r[0] is not None):
                start, end = row["Initial contact (s)"], row["Toe off (s)"]
                own = events[events["side"] == side]
                contact, off = (own["time"][own["event"] == e] for e in ("initial_contact", "foot_off"))
                contact, off = contact.iloc[abs(contact - start).argmin()], off.iloc[abs(off - end).argmin()]
                worst = max(worst, abs(contact - start), abs(off - end))
                peak = float(force.sel(time=slice(contact - 1e-6, off + 1e-6)).max())
                assert peak == row["Max total force during stance phase (N)"]
                compared += 1
        assert compared == steps
    assert worst <= 0.0061


@pytest.mark.parametrize("name", ["230927_102114.txt", "230927_102137.txt", "with_events/text_export.txt"])
def test_the_makers_package_reads_the_same_and_where_it_differs(name: str) -> None:
    export = pytest.importorskip("moticon_opengo.txt_export")
    path = needs("moticon-insole", name)[0]
    samples, events = read_insole(path)
    clock = samples["time"].values
    kept = export.Measurement(str(path), trim=False, fill_method="keep")
    there = np.isin(np.round(100 * clock), np.round(100 * kept.time))
    dropped = [note for note in samples.attrs["notes"] if "dropped" in note]
    assert (~there).sum() == (int(dropped[0].split()[0]) if dropped else 0)  # its clock jumps, ours shows NaN
    steps = 0
    for side, theirs in kept.side_data.items():
        own = samples.sel(side=side.name.lower()).isel(time=there)
        np.testing.assert_allclose(own["pressure"], 10 * theirs.pressure, rtol=1e-12)
        np.testing.assert_array_equal(own["force"], theirs.total_force)
        none = (theirs.cop == 0).all(1)
        np.testing.assert_array_equal(own["cop"], np.where(none[:, None], np.nan, theirs.cop))
        assert none.any()  # it leaves the vendor's (0, 0) for "none"
        listed = events[events["side"] == side.name.lower()]
        starts = [kept.time[s.heel_strike_idx] for s in kept.steps if s.side == side]
        assert starts == listed.loc[listed["event"] == "initial_contact", "time"].tolist()
        steps += len(starts)
    assert steps == {"230927_102114.txt": 14, "230927_102137.txt": 18}.get(name, 0)
    assert len(kept.events) == events["event"].str.startswith("manual").sum()
    filled = export.Measurement(str(path))  # its defaults
    lost = int(samples["pressure"].isnull().any("sensor").sum())
    left = sum(int(np.isnan(d.pressure).any(1).sum()) for d in filled.side_data.values())
    assert left == 0 and (lost > 0) == (name[:2] == "23")  # samples lost in the file are none there


def test_the_makers_package_stops_at_one_side(tmp_path: Path) -> None:
    export = pytest.importorskip("moticon_opengo.txt_export")
    text = moticon(sides=("right",)).replace("left steps[]", "right other[]")
    path = written(tmp_path, text, "a.txt")
    with pytest.raises(KeyError):
        export.Measurement(str(path))
    assert read_insole(path)[0]["side"].values.tolist() == ["right"]


def test_real_files_of_three_vendors() -> None:
    walks = [read_insole(p) for p in needs("moticon-insole", "230927_102114.txt", "with_events/text_export.txt")]
    assert walks[0][0].attrs["notes"] == [
        "1 of 1751 frames dropped: NaN.", "left: 64 of 1751 samples missing: NaN.",
        "right: 14 of 1751 samples missing: NaN.",
    ]  # fmt: skip
    samples, events = walks[1]
    assert not samples.attrs["notes"] and events["event"].value_counts().to_dict() == {"manual 1": 8, "manual 2": 8}
    for letter, side in (("L", "left"), ("R", "right")):
        sheet, _ = read_insole(needs("fscan-insole", f"FrasP01{letter}.asf")[0])
        assert sheet["side"].values.tolist() == [side] and sheet.sizes["time"] == 205
        assert int((sheet["area"] > 0).sum()) == 955 and not sheet.attrs["notes"]
    pair, _ = read_insole(needs("pedar-insole", "pedar/pressure_example.asc")[0])
    assert pair["pressure"].shape == (1114, 2, 99) and pair.attrs["notes"] == [
        "left: 17 sensors at zero throughout: dead or never loaded.",
        "right: 16 sensors at zero throughout: dead or never loaded.",
    ]


def test_real_sheets_step_in_turn_on_the_joined_clock() -> None:
    both, _ = read_insole(*needs("fscan-insole", "FrasP01L.asf", "FrasP01R.asf"))
    assert both["side"].values.tolist() == ["left", "right"] and both.sizes["time"] == 205
    starts = {}
    for side in ("left", "right"):
        sheet = both.sel(side=side, drop=True)
        found = contacts(total_force(sheet["pressure"], sheet["area"]))
        starts[side] = found.loc[~found["cut"].astype(bool), "start"].to_numpy()
    phase = (starts["right"][1:] - starts["left"][: len(starts["right"]) - 1]) / np.diff(starts["left"]).mean()
    assert (np.abs(phase[:4] - 0.5) < 0.1).all()  # half a stride apart: the files began together, near enough

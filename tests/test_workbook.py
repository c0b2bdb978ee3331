"""Workbooks: what a sheet holds, and every trait by which a value would be lost or a reader be kept busy."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pandas as pd
import pytest

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io.trial_table import _first_sheet

SHEET = "xl/worksheets/sheet1.xml"
TABLE = pd.DataFrame({"name": ["a", "b", None], "value": [1.5, None, 3.0]})


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The same workbook with one of its parts changed."""
    with ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts[part])
    with ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


def book(folder: Path, change: Callable[[bytes], bytes] | None = None, part: str = SHEET) -> Path:
    """A workbook of three people, and what is done to its sheet."""
    path = folder / "t.xlsx"
    TABLE.to_excel(path, index=False)
    return rewritten(path, part, change) if change else path


def told(path: Path) -> str:
    with pytest.raises(TrialFormatError) as caught:
        _first_sheet(path)
    return str(caught.value)


def test_cells_come_row_by_row_without_their_places_too(tmp_path: Path) -> None:
    right = [["name", "value"], ["a", 1.5], ["b", None], [None, 3]]
    assert _first_sheet(book(tmp_path)) == right
    full = re.compile(rb"( r=\"[A-Z]*[0-9]+\")")
    without = book(tmp_path, lambda s: full.sub(b"", s))
    assert _first_sheet(without)[:2] == right[:2]
    announced = book(tmp_path, lambda s: s.replace(b"A1:B4", b"A1:XFD1048576"))
    assert _first_sheet(announced) == right


def test_dates_come_as_dates_and_calculated_formulas_as_their_value(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    pd.DataFrame({"day": pd.to_datetime(["2016-05-31"])}).to_excel(path, index=False)
    assert _first_sheet(path)[1][0] == pd.Timestamp(2016, 5, 31)
    error = rewritten(book(tmp_path), SHEET, lambda s: s.replace(b't="n"><v>1.5', b't="e"><v>#N/A'))
    assert _first_sheet(error)[1] == ["a", "#N/A"]
    calculated = rewritten(book(tmp_path), SHEET, lambda s: s.replace(b"<v>1.5</v>", b"<f>1+.5</f><v>1.5</v>"))
    assert _first_sheet(calculated)[1] == ["a", 1.5]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s: s.replace(b"<v>1.5</v>", b"<f>1+.5</f>"), "cell B2: expected a value, found a formula"),
        (lambda s: s.replace(b"<v>1.5</v>", b"<f>1+.5</f><v></v>"), "cell B2: expected a value, found a formula"),
        (lambda s: s.replace(b'<row r="2"', b'<row r="2" hidden="1"'), "row 2: expected every person in sight"),
        (lambda s: s.replace(b"</sheetData>", b'</sheetData><mergeCell ref="B2:B3"/>'), "merged"),
        (lambda s: s.replace(b'r="B4"', b'r="XFD4"'), "found one beyond, in row 4"),
        (lambda s: s.replace(b'r="B4"', b'r="B1048576"'), "row 4: expected cells of this row"),
        (lambda s: s.replace(b'<row r="4"', b'<row r="99999999"'), "row 99999999"),
        (lambda s: s.replace(b"</sheetData>", b'<row r="70000"/></sheetData>'), "found one beyond"),
        (lambda s: s.replace(b'r="B4"', b'r="4B"'), "row 4: expected cells of this row"),
        (lambda s: s[: len(s) // 2], "cannot be read (ParseError)"),
        (lambda s: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + s, "document type"),
        (lambda s: s.decode().encode("utf-16"), "document type, or in UTF-16"),
        (lambda s: s.replace(b"<sheetData>", b"<sheetData>" + b" " * 17_000_000), "16 MB at most, unpacked, found 17"),
        (lambda s: b"", "cannot be read"),
    ],
)  # fmt: skip
def test_what_would_be_lost_or_never_end_is_refused_at_once(
    tmp_path: Path, change: Callable[[bytes], bytes], expected: str
) -> None:
    path = book(tmp_path, change)
    _first_sheet(book(tmp_path))  # openpyxl takes a moment to import
    path = book(tmp_path, change)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert expected in told(path)
    assert time.process_time() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_a_hidden_first_sheet_an_encrypted_book_and_no_book_are_refused(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.create_sheet("shown")["A1"] = "name"
    made.worksheets[0].sheet_state = "hidden"
    made.save(tmp_path / "hidden.xlsx")
    assert "found that sheet hidden" in told(tmp_path / "hidden.xlsx")
    for data, expected in (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted or an old XLS"),
        (b"PK\x03\x04" + bytes(80), "cannot be read (BadZipFile)"),
        (b"name,value", "cannot be read (BadZipFile)"),
    ):
        (tmp_path / "t.xlsx").write_bytes(data)
        assert expected in told(tmp_path / "t.xlsx")
    whole = book(tmp_path).read_bytes()
    for length in range(1, len(whole), len(whole) // 40):
        (tmp_path / "t.xlsx").write_bytes(whole[:length])
        assert "cannot be read" in told(tmp_path / "t.xlsx")


def test_no_changed_byte_gets_through_as_another_error(tmp_path: Path) -> None:
    """Every 13th byte of the sheet in turn; read or refused."""
    path = book(tmp_path)
    sheet = ZipFile(path).read(SHEET)
    for place in range(0, len(sheet), 13):
        rewritten(path, SHEET, lambda _, at=place: sheet[:at] + b"\x3c" + sheet[at + 1 :])
        try:
            _first_sheet(path)
        except TrialFormatError:
            continue

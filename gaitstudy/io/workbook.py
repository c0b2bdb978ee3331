"""The first sheet of a workbook (XLSX) as rows of cells: read whole, or refused with what a cell would have lost.

A workbook is a packed folder of XML. It is looked at before it is believed: its unpacked size, where its last cell
lies, formulas that were never calculated, cells that hold an error, cells merged, rows hidden. The values are then read
by openpyxl. No macro, link or formula is run, and nothing that a file declares is followed.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from gaitstudy.conventions import TrialFormatError

LARGEST = 16_000_000
"""Bytes of a workbook unpacked; a table of a thousand people and 89 columns takes four million."""
MOST_ROWS, MOST_COLUMNS = 5_000, 500
"""Of a table; a cell beyond is a slip of a spreadsheet, or no table."""
ROWS_NAMED = 20
DAMAGED = (
    BadZipFile, zlib.error, OSError, EOFError, ElementTree.ParseError, ValueError, KeyError, IndexError, TypeError,
    AttributeError, StopIteration, RuntimeError, OverflowError,
)  # fmt: skip
"""What a damaged archive, damaged XML, or openpyxl on either, raises."""
_AGAIN = "Open it in a spreadsheet program and save the table alone as XLSX, or as CSV (UTF-8, commas)."
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,7})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def first_sheet(path: Path) -> list[list[Any]]:
    """Return the cells of a workbook's first sheet, row by row, None where there is nothing.

    Raises
    ------
    TrialFormatError : encrypted, damaged, too large, with a document type; a hidden first sheet; in the sheet a cell
        beyond ``MOST_ROWS`` or ``MOST_COLUMNS``, formulas without a value, error cells, merged cells, hidden rows: all
        of a sheet are listed.
    """
    if path.read_bytes()[:4] == b"\xd0\xcf\x11\xe0":
        raise TrialFormatError(path, f"expected an XLSX workbook, found an encrypted one or an old XLS. {_AGAIN}")
    try:
        with ZipFile(path) as archive:
            problems = _unsafe(archive) or _lost(archive)
        if problems:
            raise TrialFormatError(path, problems)
        return _values(path)
    except DAMAGED as error:
        raise TrialFormatError(
            path, f"expected a table, found one that cannot be read ({type(error).__name__}). {_AGAIN}"
        ) from None


def _unsafe(archive: ZipFile) -> list[str]:
    """Return why an archive must not be unpacked."""
    if (size := sum(part.file_size for part in archive.infolist())) > LARGEST:
        return [f"expected a workbook of {LARGEST / 1e6:g} MB at most, unpacked, found {size / 1e6:.0f} MB. {_AGAIN}"]
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels")):
            continue
        text = archive.read(name)
        if b"\0" in text or b"<!DOCTYPE" in text or b"<!ENTITY" in text:  # no writer of workbooks declares any
            return [f"expected plain XML, found a part with a document type, or in UTF-16. {_AGAIN}"]
    return []


def _sheet(archive: ZipFile) -> tuple[str, bool]:
    """Return the part that holds the first sheet, and whether that sheet is hidden."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    parts = {n.get("Id"): n.get("Target", "") for n in links if n.get("Type", "").endswith("/worksheet")}
    first = next(n for n in book.iter() if _tag(n) == "sheet" and n.get(_RELATION) in parts)  # others hold charts
    part = posixpath.normpath(posixpath.join("/xl", parts[first.get(_RELATION)]))[1:]
    return part, first.get("state", "visible") != "visible"


def _lost(archive: ZipFile) -> list[str]:
    """Return what reading the first sheet would lose, or could not bear: each with its columns and rows."""
    part, hidden_sheet = _sheet(archive)
    if hidden_sheet:
        return ["expected the table in the first sheet, found that sheet hidden. Show it, or delete it."]
    found: dict[str, list[tuple[int, int]]] = {}
    row = 0
    with archive.open(part) as stream:
        for _, node in ElementTree.iterparse(stream):
            tag = _tag(node)
            if tag == "row":
                row, column = int(node.get("r", row + 1)), 0
                cells = [child for child in node if _tag(child) == "c"]
                for cell in cells:
                    at, column = _place(cell.get("r")) if cell.get("r") else (row, column + 1)
                    row = max(row, at)
                    if trait := _trait(cell):
                        found.setdefault(trait, []).append((at, column))
                    elif node.get("hidden") in ("1", "true") and len(cell):
                        found.setdefault("hidden", []).append((at, column))
                    if column > MOST_COLUMNS:
                        break
                if row > MOST_ROWS or column > MOST_COLUMNS:
                    where = f"row {row}" + f", column {_letters(column)}" * bool(column)
                    return [f"expected at most {MOST_ROWS} rows and {MOST_COLUMNS} columns, found {where}. Delete what "
                            "lies beside and below the table."]  # fmt: skip
                node.clear()
            elif tag == "mergeCell":
                found.setdefault("merged", []).append(_place(node.get("ref", "").partition(":")[0]))
    return [f"{_told(trait, places)}: {_EXPECTED[trait]}" for trait, places in found.items()]


_EXPECTED = {
    "formula": "expected values, found formulas that were never calculated. Open it in a spreadsheet program and save.",
    "error": "expected values, found error cells such as #N/A. Correct them, or leave them empty.",
    "merged": "expected a value in every cell that is meant to have one, found merged cells. Unmerge and fill them.",
    "hidden": "expected every person in sight, found hidden rows (a filter?). Show them, or delete them.",
}


def _trait(cell: ElementTree.Element) -> str:
    """Return why reading a cell would lose its value, or nothing."""
    if cell.get("t") == "e":
        return "error"
    held = {_tag(child): child for child in cell}
    valued = "is" in held or ("v" in held and bool(held["v"].text))
    return "formula" if "f" in held and not valued and cell.get("t") != "str" else ""


def _place(reference: str | None) -> tuple[int, int]:
    """Return row and column of a reference such as CK17."""
    found = _PLACE.fullmatch(reference or "")
    if not found:
        raise ValueError("a cell without a place")
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _letters(column: int) -> str:
    """Return a column's letters."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _told(trait: str, places: list[tuple[int, int]]) -> str:
    """Return columns and rows as text."""
    rows = _listed("row", sorted({row for row, _ in places}))
    columns = _listed("column", [_letters(column) for column in sorted({column for _, column in places})])
    return rows if trait == "hidden" else f"{columns}, {rows}"


def _listed(what: str, names: Sequence[object]) -> str:
    more = f" and {len(names) - ROWS_NAMED} more" if len(names) > ROWS_NAMED else ""
    return f"{what}{'s' * (len(names) > 1)} {', '.join(map(str, names[:ROWS_NAMED]))}{more}"


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _values(path: Path) -> list[list[Any]]:
    """Return the first sheet's values."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a sheet may announce a million rows that it has not
        return [list(row) for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()

"""The first sheet of a workbook (XLSX) as rows of cells: read whole, or refused with what a cell would have lost.

A workbook is a packed folder of XML. It is looked at before it is believed: its unpacked size, formulas that were never
calculated, cells merged, rows hidden. The values are then read by openpyxl. No macro, link or formula is run, and
nothing that a file declares is followed.
"""

from __future__ import annotations

import posixpath
import zlib
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from gaitstudy.conventions import TrialFormatError

LARGEST = 16_000_000
"""Bytes of a workbook unpacked; a table of a thousand people and 89 columns takes four million."""
MOST_ROWS, MOST_COLUMNS = 5_000, 500
"""Of a table; a cell beyond is a slip of a spreadsheet, or no table."""
DAMAGED = (
    BadZipFile, zlib.error, OSError, EOFError, ElementTree.ParseError, ValueError, KeyError, IndexError, TypeError,
    AttributeError, StopIteration, RuntimeError, OverflowError,
)  # fmt: skip
"""What a damaged archive, damaged XML, or openpyxl on either, raises."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def first_sheet(path: Path) -> list[list[Any]]:
    """Return the cells of a workbook's first sheet, row by row, None where there is nothing; an error cell is its text.

    Raises
    ------
    TrialFormatError : encrypted, damaged, too large, with a document type; a hidden first sheet; in the sheet a cell
        beyond ``MOST_ROWS`` or ``MOST_COLUMNS``, formulas without a value, merged cells, hidden rows: the first of a
        sheet is told.
    """
    from openpyxl import load_workbook

    try:
        with ZipFile(path) as archive:
            if problem := _unsafe(archive) or _lost(archive):
                raise TrialFormatError(path, problem)
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # a sheet may announce a million rows that it has not
            rows: list[list[Any]] = []
            for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1):
                rows.append(list(row))
                if len(rows) > MOST_ROWS or len(row) > MOST_COLUMNS:
                    raise TrialFormatError(
                        path, f"expected at most {MOST_ROWS} rows and {MOST_COLUMNS} columns, found one beyond, in "
                        f"row {len(rows)} or a later one. Delete what lies beside and below the table.",
                    )  # fmt: skip
        finally:
            book.close()
    except DAMAGED as error:
        raise TrialFormatError(
            path, f"expected a workbook, found one that cannot be read ({type(error).__name__}): damaged, encrypted or "
            "an old XLS? Open it in a spreadsheet program and save the table alone as XLSX, or as CSV (UTF-8, commas).",
        ) from None  # fmt: skip
    width = max(map(len, rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows]


def _unsafe(archive: ZipFile) -> str:
    """Return why an archive must not be unpacked, or an empty text."""
    if (size := sum(part.file_size for part in archive.infolist())) > LARGEST:
        return f"expected a workbook of {LARGEST / 1e6:g} MB at most, unpacked, found {size / 1e6:.0f} MB."
    for name in archive.namelist():
        text = archive.read(name) if name.endswith((".xml", ".rels")) else b""
        if b"\0" in text or b"<!DOCTYPE" in text:  # no writer of workbooks declares any
            return "expected plain XML, found a part with a document type, or in UTF-16. Save the table anew."
    return ""


def _lost(archive: ZipFile) -> str:
    """Return what reading the first sheet would lose first, or an empty text."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    parts = {n.get("Id"): n.get("Target", "") for n in links if n.get("Type", "").endswith("/worksheet")}
    first = next(n for n in book.iter() if _tag(n) == "sheet" and n.get(_RELATION) in parts)  # others hold charts
    if first.get("state", "visible") != "visible":
        return "expected the table in the first sheet, found that sheet hidden. Show it, or delete it."
    with archive.open(posixpath.normpath(posixpath.join("/xl", parts[first.get(_RELATION)]))[1:]) as stream:
        for _, node in ElementTree.iterparse(stream):
            tag = _tag(node)
            if tag == "c":
                held = {_tag(child): child.text for child in node}
                if "f" in held and not held.get("v") and node.get("t") != "str":
                    return (f"cell {node.get('r')}: expected a value, found a formula that was never calculated. "
                            "Open it in a spreadsheet program and save.")  # fmt: skip
            elif tag == "row":
                at = node.get("r")
                if at and any(cell.get("r", at).lstrip(ascii_uppercase) != at for cell in node):
                    return f"row {at}: expected cells of this row, found one of another. Save the table anew."
                if node.get("hidden") in ("1", "true") and any(len(cell) for cell in node):
                    return f"row {node.get('r')}: expected every person in sight, found it hidden. Show or delete it."
                node.clear()
            elif tag == "mergeCell":
                return f"cells {node.get('ref')}: expected a value in each, found them merged. Unmerge and fill them."
    return ""


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]

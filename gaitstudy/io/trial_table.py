"""The randomised trial's analysis table: 89 columns, one row per person, read whole or refused with every problem.

The names are those the investigating laboratory used for its own table (a schema; the people's data are not public).
Whoever holds the real table names it in ``GAITSTUDY_TRIAL_TABLE``; everybody else works on a simulated one that comes
through the same door. A supplied table is read in a private run alone, which writes to ``results/private``, and no
error repeats a cell. Identifiers and dates end here: people become P001, P002, ..., dates weeks since the first one.
"""

from __future__ import annotations

import csv
import os
import posixpath
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError, TrialFormatError
from gaitstudy.io.catalogue import data_folder
from gaitstudy.io.files import existing, printable, text_lines

GAIT_WEEKS, CLINIC_WEEKS, MRI_WEEKS = (1, 7, 11, 25, 39, 52), (2, 7, 11, 25, 39, 52), (1, 52)
"""Visits with walking, with questionnaires (week 2 is their baseline), and with magnetic resonance imaging."""
WEEKS = tuple(sorted({*GAIT_WEEKS, *CLINIC_WEEKS}))
ARMS = {"I": "intervention", "C": "sham"}


def _variables() -> tuple[Any, ...]:
    table = pd.read_csv(data_folder() / "published" / "trial_table.csv", keep_default_na=False)
    table["weeks"] = [tuple(map(int, weeks.split())) for weeks in table["weeks"]]
    return tuple(table.itertuples(index=False, name="Variable"))


VARIABLES = _variables()
"""Every quantity of the table (``data/published/trial_table.csv``): columns by rule, unit, range, direction.

``weeks`` : empty for a column without a visit. ``kind`` : ``key``, ``code``, ``date`` or ``number``. ``low``,
``high`` : the widest range a value can have. ``better`` : which way is good for the person. ``unit_from`` :
``laboratory`` (its code or papers say so) or ``assumed`` (nothing says so; a holder of the table should check).
``seen_as``, a column's ``median`` or its ``reach`` (what nine in ten values do not exceed in size), looks like another
unit or scale, named by ``below`` and ``above``, where it is not between ``usual_low`` and ``usual_high``: wide limits,
which no cohort this project knows of comes near. ``highest_sum`` of a questionnaire's answers 0 to 4.
"""
COLUMNS = {column: v for v in VARIABLES for column in ([f"{v.name}_wk{w:02d}" for w in v.weeks] or [v.name])}
"""The 89 columns, in order, each with its quantity."""
BASELINES = {
    v.name: {"KAM_peak_target_FPA": "KAM_peak_natural_FPA_wk01"}.get(v.name, f"{v.name}_wk{v.weeks[0]:02d}")
    for v in VARIABLES
    if v.weeks in (GAIT_WEEKS, CLINIC_WEEKS, MRI_WEEKS) and v.kind == "number"
}
"""The column against which a quantity's change is counted; for the knee adduction moment the natural foot angle."""
SCORES = {v.name: v for v in VARIABLES if v.name in ("NRS_med", "WOMAC_pain", "WOMAC_function", "KOOS")}
"""Four scores of pain and function that rise or fall together, once all are turned so that more is worse."""

TABLE = "GAITSTUDY_TRIAL_TABLE"
"""The environment variable that names a supplied trial table, a CSV or XLSX file."""
FOLDER = "private"
"""Name of the folder in ``results`` that alone receives what is made from it."""
PRIVATE_RUN = "GAITSTUDY_PRIVATE_RUN"
"""Set by the runner alone, for the kernels of a private run: the folder that receives all they make. Not for users."""
UNITS = "units"
"""What the column ``subject`` holds in a row of units."""
GENDERS = {"f": "F", "female": "F", "w": "F", "m": "M", "male": "M"}
FIRST_YEAR, LAST_YEAR = 1990, 2100
ROWS_NAMED = 20
AGAINST = 0.3
"""Rank correlation with two others from which a score looks reversed."""
LEAST_LOOKED_AT = 5
"""Values of a column from which its unit is looked at."""
LARGEST = 16_000_000
"""Bytes of a text, and of a workbook unpacked; a table of a thousand people and 89 columns takes four million."""
MOST_ROWS, MOST_COLUMNS = 5_000, 500
"""Of a table; a cell beyond is a slip of a spreadsheet, or no table."""
DAMAGED = (
    BadZipFile, zlib.error, OSError, EOFError, ElementTree.ParseError, ValueError, KeyError, IndexError, TypeError,
    AttributeError, StopIteration, RuntimeError, OverflowError,
)  # fmt: skip
"""What a damaged archive, damaged XML, or openpyxl on either, raises."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9+/-]{1,12}")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_EXPECTED = {
    "number": "expected a number, found text or a date. Correct it, or leave the cell empty; use a decimal point.",
    "date": "expected a date, as a date cell or as year-month-day (2016-05-31), found other text or a number, or a "
            f"date outside {FIRST_YEAR}-{LAST_YEAR}. Write it so.",
    "code": "expected a code of up to 12 letters and digits, found another text. Recode.",
}  # fmt: skip


def read_trial_table(path: str | Path) -> pd.DataFrame:
    """Read a trial table from a CSV or XLSX file (first sheet) in the schema of ``COLUMNS``.

    Parameters
    ----------
    path : one row of names, perhaps one of units, then one row per person; empty cells are missing values. Dates are
        date cells, or texts as year-month-day.

    Returns
    -------
    DataFrame : as ``checked`` gives it.

    Raises
    ------
    TrialFormatError : the file is no such table; its problems are listed with their columns and rows.
    """
    file = existing(path, {".csv", ".xlsx"})
    raw = pd.DataFrame(_first_sheet(file) if file.suffix.lower() == ".xlsx" else _csv_rows(file), dtype=object)
    if raw.empty:
        raise TrialFormatError(file, "expected names of columns in row 1, found an empty sheet. Fill it in.")
    names = ["" if cell is None else str(cell).strip() for cell in raw.iloc[0]]
    table = raw.iloc[1:].set_axis(names, axis="columns").reset_index(drop=True)
    beside = [not name and table.iloc[:, k].map(_cell).isna().all() for k, name in enumerate(names)]
    return checked(table.loc[:, ~np.array(beside)], file.name)


def checked(table: pd.DataFrame, name: str = "table") -> pd.DataFrame:
    """Return a trial table in this project's form, or raise one error with every problem of its names or its cells.

    Parameters
    ----------
    table : columns ``COLUMNS`` in any order; numbers, dates or texts as a file holds them.
    name : what the errors call it. Rows are counted as in a file, the first person in row 2.

    Errors name columns and rows, never what a cell holds: it may be a person's. Units are judged by the look of the
    numbers (``VARIABLES``), unless the first row below the names states them: ``units`` under ``subject``, and
    under any other column its unit as ``VARIABLES`` has it.

    Returns
    -------
    DataFrame : columns in order, people re-keyed P001, P002, ... in the order of their values, so that no result with
        random draws depends on the order of the file; ``date_wk..`` in weeks since the person's first date; missing
        values NaN. Units: see ``VARIABLES``.

    Raises
    ------
    TrialFormatError : columns misspelt, missing or twice; texts where numbers or dates belong; values out of range;
        arms other than I and C, or an empty one; a person twice; dates that go back; a visit with no one of an arm;
        names of columns that are none; another unit stated; numbers that look like another unit or a reversed scale.
    """
    import pandera.pandas as pandera

    if problems := _names(table.columns):
        raise TrialFormatError(name, problems)
    rows = table.map(_cell).dropna(how="all").rename(index=lambda k: k + 2)
    stated = pd.Series(dtype=object)
    if len(rows) and str(rows["subject"].iloc[0]).lower() == UNITS:
        measured = [c for c, v in COLUMNS.items() if v.kind == "number"]
        stated, rows = rows.iloc[0][measured].dropna(), rows.iloc[1:]
    if rows.empty:
        raise TrialFormatError(name, "expected one row per person below the names, found none.")
    problems = [
        f"column '{column}', row {stated.name}: expected '{COLUMNS[column].unit}' in the row of units, found another. "
        "Convert the column, then correct this row."
        for column, unit in stated.items()
        if str(unit) != COLUMNS[column].unit
    ]
    clean = pd.DataFrame(index=rows.index)
    for column, variable in COLUMNS.items():
        clean[column], wrong = _read(rows[column], variable.kind, column)
        if wrong.any():
            problems.append(f"column '{column}', {_rows(rows.index[wrong])}: {_EXPECTED[variable.kind]}")
    others = _units(clean.drop(columns=stated.index))
    problems += [*others.values(), *_reversed(clean, set(stated.index))]
    try:
        _schema(pandera, set(others)).validate(clean, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        for (column, check), cases in errors.failure_cases.groupby(["column", "check"], sort=False):
            problems.append(f"column '{column}', {_rows(cases['index'])}: {check}")
    problems += _across(clean)
    if problems:
        raise TrialFormatError(name, problems)
    dates = [c for c, v in COLUMNS.items() if v.kind == "date"]
    first = clean[dates].min(axis=1)
    for column in dates:
        clean[column] = (clean[column] - first).dt.days / 7.0
    clean = clean.sort_values([c for c in COLUMNS if c != "subject"], ignore_index=True)
    return clean.assign(subject=[f"P{k:03d}" for k in range(1, len(clean) + 1)])


def supplied() -> Path | None:
    """Return the path of the trial table that ``GAITSTUDY_TRIAL_TABLE`` names, or None."""
    named = os.environ.get(TABLE, "").strip()
    return Path(named).expanduser() if named else None


def data_class(people: int) -> str:
    """Return the class of the trial's data and the number of people, as captions end: those supplied are real."""
    return f"real, {people} people" if supplied() else f"simulated, {people} virtual people"


def source(simulated: pd.DataFrame) -> pd.DataFrame:
    """Return the trial table that ``GAITSTUDY_TRIAL_TABLE`` names, or if it names none the simulated one, ``checked``.

    A supplied table is read only if the runner started this kernel for a private run, so that all it shows goes to
    ``results/private``. The folder named for results is not enough: a notebook opened by hand would be saved where it
    lies.

    Raises
    ------
    GaitStudyError : a table is named, but the runner did not start this kernel for a private run.
    TrialFormatError : the table named does not fit the schema.
    """
    path = supplied()
    if path is None:
        return checked(simulated, "simulated table")
    folder = os.environ.get(PRIVATE_RUN, "")
    if Path(folder).parts[-2:] != ("results", FOLDER) or folder != os.environ.get("GAITSTUDY_RESULTS"):
        raise GaitStudyError(
            f"{TABLE}: expected a run that writes to results/{FOLDER} alone, found a notebook or session of another "
            "kind, which might save people's data. Run `python3 run.py reproduce` with the variable set and open "
            f"results/{FOLDER}; or unset it to see the simulated table."
        )
    return read_trial_table(path)


def to_long(table: pd.DataFrame) -> pd.DataFrame:
    """Return a trial table with one row per person and visit.

    Returns
    -------
    DataFrame : ``participant, arm`` (intervention, sham), ``visit`` (nominal week, as a number), then every quantity
        without a visit, then every quantity with visits under its name, NaN where it is missing or not measured then.
    """
    fixed = [v.name for v in VARIABLES if not v.weeks and v.name not in ("subject", "group")]
    measured = [v.name for v in VARIABLES if v.weeks]
    long = pd.wide_to_long(table, measured, i="subject", j="visit", sep="_wk", suffix=r"\d\d").reset_index()
    long = long.rename(columns={"subject": "participant"}).assign(arm=long["group"].map(ARMS))
    order = ["participant", "arm", "visit", *fixed, *measured]
    return long.sort_values(["participant", "visit"], ignore_index=True)[order]


def outcome(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return one outcome ready for a model of its course: one row per person and visit after the baseline.

    Parameters
    ----------
    name : a quantity of ``BASELINES``, such as ``NRS_med`` or ``KAM_peak_target_FPA``.

    Returns
    -------
    DataFrame : ``participant, arm, visit`` (week), ``baseline``, ``value``, ``change`` (value less baseline, in the
        outcome's unit). Rows without a value are kept, NaN: they are the missing data.

    Raises
    ------
    GaitStudyError : there is no such outcome.
    """
    if name not in BASELINES:
        raise GaitStudyError(f"outcome: expected one of {', '.join(BASELINES)}, found {name!r}.")
    long = to_long(table)[["participant", "arm", "visit", name]].rename(columns={name: "value"})
    weeks = next(v.weeks for v in VARIABLES if v.name == name)
    long = long[long["visit"].isin(weeks[1:])].reset_index(drop=True)
    long["baseline"] = long["participant"].map(table.set_index("subject")[BASELINES[name]])
    return long.assign(change=long["value"] - long["baseline"])[
        ["participant", "arm", "visit", "baseline", "value", "change"]
    ]


# ---- within the module: reading cells, telling problems ----


def _csv_rows(file: Path) -> list[list[str]]:
    """Return the cells of a file of commas, row by row, or say what else it is; nothing of it is repeated."""
    if (size := file.stat().st_size) > LARGEST:
        raise TrialFormatError(file, f"expected text of {LARGEST / 1e6:g} MB at most, found {size / 1e6:.0f} MB.")
    try:
        rows = list(csv.reader(text_lines(file)[0], strict=True))
    except csv.Error:
        again = "Export it again as CSV (UTF-8, commas, decimal points)."
        raise TrialFormatError(file, f"expected a table, found a quote without its end? {again}") from None
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    uneven = [k for k, row in enumerate(rows, 1) if any(map(str.strip, row)) and len(row) != len(rows[0])]
    if uneven:
        raise TrialFormatError(
            file, f"{_rows(uneven)}: expected {len(rows[0])} cells as in row 1, found another number. A comma inside a "
                  "cell, or decimal commas? Put such cells in quotes, write decimal points."
        )  # fmt: skip
    return [row if any(row) else [""] * len(rows[0]) for row in rows]


def _names(names: pd.Index) -> list[str]:
    """Return what is wrong with the names of columns; a first row that holds others is not repeated: people's names?"""
    known = [name for name in names if name in COLUMNS]
    if 2 * len(known) <= len(names):
        return [f"row 1: expected the names of the {len(COLUMNS)} columns (notebook 06 lists them), found {len(names)} "
                f"cells of which {len(known)} are such names. Put the names into row 1, between commas in a CSV."
                ]  # fmt: skip
    twice, others = names[names.duplicated()].unique(), names.difference(list(COLUMNS), sort=False)
    missing = [column for column in COLUMNS if column not in known]
    return [
        *(f"column '{printable(name, 40)}': expected once, found more often. Delete the copies." for name in twice),
        *(f"column '{printable(name, 40)}': not of the schema. Rename or delete it." for name in others),
        *(f"column '{name}': expected in the table, found none." for name in missing),
    ]


def _cell(value: Any) -> Any:
    """Return a cell without blanks around it; nothing, an empty text and the usual words for nothing are None."""
    if value is None or (np.isscalar(value) and pd.isna(value)) or value is pd.NaT:
        return None
    if isinstance(value, str):
        value = value.strip()
        return None if value.lower() in ("", "nan", "na", "n/a", "null", "none", "nat") else value
    return value


def _read(cells: pd.Series, kind: str, column: str) -> tuple[pd.Series, pd.Series]:
    """Return a column in its kind, and which of its cells hold something else."""
    if kind == "number":
        read = cells.map(_as_number).astype(float)
    elif kind == "date":
        texts = cells.map(lambda v: v.isoformat()[:10] if hasattr(v, "year") else str(v))
        found = texts.map(lambda t: m[1] if (m := _DATE.fullmatch(t)) else None)
        read = pd.to_datetime(found, format="%Y-%m-%d", errors="coerce")
        read = read.where(read.dt.year.between(FIRST_YEAR, LAST_YEAR))
    else:
        read = cells.map(lambda v: None if pd.isna(v) else f"{v:.15g}" if isinstance(v, float) else str(v))
        if column == "gender":  # its codes are shown
            codes = read.where(read.map(lambda t: _CODE.fullmatch(t) is not None, na_action="ignore"))
            read = codes.map(lambda t: GENDERS.get(t.lower(), f"code {t}"), na_action="ignore")
        read = read.astype(object).where(read.notna(), None)
    return read, cells.notna() & read.isna()


def _as_number(value: Any) -> float:
    """Return a cell as a number; NaN if it is none: a date, a span of time, True, other digits than 0 to 9, no end."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value) else np.nan
    plain = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return float(value) if plain and np.isfinite(value) else np.nan


def _schema(pandera: Any, elsewhere: set[str]) -> Any:
    """Return the schema of one row a person; of columns in another unit that is told, and not every value."""

    def wanted(values: str) -> str:
        return f"expected {values}, found another. Correct or leave it empty."

    checks = {
        c: [pandera.Check.in_range(v.low, v.high, error=wanted(f"{v.low:g} to {v.high:g} {v.unit}"))]
        for c, v in COLUMNS.items()
        if v.kind == "number" and c not in elsewhere
    }
    arms = "expected 'I' (intervention) or 'C' (control), found others. Recode."
    once = "expected one row per person, found someone more than once. Merge these rows, or delete the copies."
    checks["KL"] = [pandera.Check.isin(range(5), error=wanted("0, 1, 2, 3 or 4"))]
    checks["group"] = [pandera.Check.isin(list(ARMS), error=arms)]
    checks["subject"] = [pandera.Check(lambda people: ~people.duplicated(keep=False), error=once)]
    filled = "expected a value for every person, found none. Fill it in."
    for column in ("subject", "group"):
        checks[column].append(pandera.Check(lambda cells: cells.notna(), error=filled, ignore_na=False))
    return pandera.DataFrameSchema({c: pandera.Column(None, each, nullable=True) for c, each in checks.items()})


def _units(clean: pd.DataFrame) -> dict[str, str]:
    """Return what looks like another unit or scale, by column, of those whose unit is not stated."""
    told = {}
    for column, cells in clean.items():
        v, values = COLUMNS[str(column)], cells.dropna()
        if v.kind != "number" or len(values) < LEAST_LOOKED_AT:
            continue
        seen = values.median() if v.seen_as == "median" else values.abs().quantile(0.9)
        if not v.usual_low <= seen <= v.usual_high:
            other = v.below if seen < v.usual_low else v.above
            told[str(column)] = f"column '{column}': expected {v.unit}, found what looks like {other}. "
    for v in SCORES.values():
        own = [c for c in clean if COLUMNS[c].name == v.name]
        values = clean[own].stack().dropna()  # pandas 3 keeps gaps
        if v.high != 100 or len(values) < 4 * LEAST_LOOKED_AT or told.keys() & set(own):
            continue
        if values.max() <= 10:
            looks = "0 to 10"
        elif values.max() <= v.highest_sum and (values == values.round()).all():
            looks = f"sums of answers, 0 to {v.highest_sum}"
        else:
            continue
        told[own[0]] = f"columns '{v.name}_wk..': expected 0 to 100, found what looks like {looks}. "
    return {column: problem + _if_right(column) for column, problem in told.items()}


def _if_right(column: str) -> str:
    return (f"Convert it; if it is right, say so in a row below the names: '{UNITS}' under 'subject', "
            f"'{COLUMNS[column].unit}' under each such column.")  # fmt: skip


def _reversed(clean: pd.DataFrame, stated: set[str]) -> list[str]:
    """Return which score of pain or function goes against the others, people and visits together."""
    own = {name: [c for c in clean if COLUMNS[c].name == name] for name in SCORES}
    worse = {
        name: (1 if v.better == "lower" else -1) * clean[own[name]].rename(columns=lambda c: c[-2:]).stack()
        for name, v in SCORES.items()
    }
    agreement = pd.DataFrame(worse).corr("spearman", min_periods=4 * LEAST_LOOKED_AT)
    against = (agreement < -AGAINST).sum()
    found = "what looks like the reverse, as it goes against other scores of pain and function"
    return [f"columns '{name}_wk..': expected {v.unit}, found {found}. {_if_right(own[name][0])}"
            for name, v in SCORES.items()
            if against[name] == against.max() >= 2 and not stated.issuperset(own[name])]  # fmt: skip


def _across(clean: pd.DataFrame) -> list[str]:
    """Return the problems that show between columns: an empty arm, a visit with no one, dates that go back."""
    told = []
    arms = {arm: clean["group"] == arm for arm in ARMS}
    if any(own.any() for own in arms.values()):
        told += [f"column 'group': expected people in both arms, found no one with '{arm}' ({ARMS[arm]}). Add them."
                 for arm, own in arms.items() if not own.any()]  # fmt: skip
    for week in WEEKS:
        here = [c for c, v in COLUMNS.items() if c.endswith(f"_wk{week:02d}") and v.kind == "number"]
        seen = clean[here].notna().any(axis=1)
        told += [f"visit week {week}: expected someone with '{arm}' ({ARMS[arm]}), found no one. Fill its columns in."
                 for arm, own in arms.items() if own.any() and not seen[own].any()]  # fmt: skip
    dates = clean[sorted(c for c, v in COLUMNS.items() if v.kind == "date")]
    back = dates.lt(dates.ffill(axis=1).shift(axis=1))
    return told + [f"column '{c}', {_rows(clean.index[back[c]])}: expected a date not before the visit's that precedes "
                   "it, found an earlier one. Correct one of them." for c in dates if back[c].any()]  # fmt: skip


def _rows(index: Sequence[Any] | pd.Index | pd.Series) -> str:
    """Return the rows of a problem as text."""
    numbers = sorted({int(k) for k in index})
    more = f" and {len(numbers) - ROWS_NAMED} more" if len(numbers) > ROWS_NAMED else ""
    return f"row{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers[:ROWS_NAMED]))}{more}"


# ---- within the module: workbooks ----
# A workbook is a packed folder of XML. It is looked at before it is believed: its unpacked size, formulas that were
# never calculated, cells merged, rows hidden. The values are then read by openpyxl. No macro, link or formula is run,
# and nothing that a file declares is followed.


def _first_sheet(path: Path) -> list[list[Any]]:
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

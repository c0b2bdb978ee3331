"""The randomised trial's analysis table: 89 columns, one row per person, read whole or refused with every problem.

The names are those the investigating laboratory used for its own table (a schema; the people's data are not public).
Whoever holds the real table names it in ``GAITSTUDY_TRIAL_TABLE``; everybody else works on a simulated one that comes
through the same door. A supplied table is read in a private run alone, which writes to ``results/private``, and no
error repeats a cell. Identifiers and dates end here: people become P001, P002, ..., dates weeks since the first one.
"""

from __future__ import annotations

import csv
import difflib
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError, TrialFormatError
from gaitstudy.io.files import existing, printable
from gaitstudy.io.workbook import LARGEST, first_sheet

GAIT_WEEKS, CLINIC_WEEKS, MRI_WEEKS = (1, 7, 11, 25, 39, 52), (2, 7, 11, 25, 39, 52), (1, 52)
"""Visits with walking, with questionnaires (week 2 is their baseline), and with magnetic resonance imaging."""
WEEKS = tuple(sorted({*GAIT_WEEKS, *CLINIC_WEEKS}))
ARMS = {"I": "intervention", "C": "sham"}


class Variable(NamedTuple):
    """One quantity of the table and the columns that hold it.

    ``weeks`` : empty for a column without a visit. ``kind`` : ``key``, ``code``, ``date`` or ``number``. ``low``,
    ``high`` : the widest range a value can have. ``better`` : which way is good for the person. ``unit_from`` :
    ``laboratory`` (its code or papers say so) or ``assumed`` (nothing says so; a holder of the table should check).
    """

    name: str
    weeks: tuple[int, ...]
    kind: str
    unit: str
    low: float
    high: float
    better: str
    unit_from: str
    meaning: str


_LATER = CLINIC_WEEKS[1:]
_PAIN = ("number", "NRS points", 0, 10, "lower", "laboratory")
_WOMAC = ("number", "of 100", 0, 100, "lower", "laboratory")
_KAM = ("number", "%BW*Ht", -5, 20, "lower", "laboratory")
_RELAXATION = ("number", "ms", 0)
_DELTA = ("number", "ms", -500, 500, "lower", "laboratory", "change week 1 to 52 voxel by voxel, mean")
_REGIONS = (("T1rho_med", "medial"), ("T1rho_lat", "lateral"), ("T2_med", "medial"), ("T2_lat", "lateral"))
VARIABLES = (
    Variable("subject", (), "key", "", 0, 0, "", "laboratory", "identifier; replaced by a running number"),
    Variable("age", (), "number", "years", 18, 110, "", "laboratory", "age"),
    Variable("KL", (), "number", "grade", 0, 4, "lower", "laboratory", "Kellgren-Lawrence grade"),
    Variable("gender", (), "code", "", 0, 0, "", "assumed", "F or M; other codes are kept as they are and shown"),
    Variable("alignment", (), "number", "deg", -360, 360, "", "assumed", "alignment of the knee; sign not stated"),
    Variable("group", (), "code", "", 0, 0, "", "laboratory", "arm: I intervention, C sham control"),
    Variable("BMI", _LATER, "number", "kg/m2", 10, 80, "", "assumed", "body mass index"),
    Variable("Compliance", _LATER, "number", "%", 0, np.inf, "higher", "assumed", "adherence; what it counts: unknown"),
    Variable("date", CLINIC_WEEKS, "date", "weeks", 0, 0, "", "laboratory", "date, turned to weeks since the first"),
    Variable("FPA_error", _LATER, "number", "deg", -90, 90, "", "assumed",
             "foot progression angle less target; here overshoot is positive"),
    Variable("FPA_natural", (1,), "number", "deg", -90, 90, "", "laboratory", "natural foot angle, toe-out positive"),
    Variable("KAM_peak_natural_FPA", (1,), *_KAM, "larger peak of the knee adduction moment, natural foot angle"),
    Variable("KAM_peak_target_FPA", GAIT_WEEKS, *_KAM, "the same peak at the target foot angle"),
    Variable("KOOS", CLINIC_WEEKS, "number", "of 100", 0, 100, "higher", "assumed", "KOOS; which subscale: unknown"),
    Variable("NRS_lat", CLINIC_WEEKS, *_PAIN, "lateral knee pain, numeric rating scale"),
    Variable("NRS_med", CLINIC_WEEKS, *_PAIN, "medial knee pain, numeric rating scale"),
    Variable("NRS_PF", CLINIC_WEEKS, *_PAIN, "patellofemoral pain, numeric rating scale"),
    Variable("steps", CLINIC_WEEKS, "number", "steps", 0, np.inf, "", "assumed", "steps; per day or visit: unknown"),
    Variable("WOMAC_function", CLINIC_WEEKS, *_WOMAC, "WOMAC function, 0 best"),
    Variable("WOMAC_pain", CLINIC_WEEKS, *_WOMAC, "WOMAC pain, 0 best"),
    *(Variable(name, MRI_WEEKS, *_RELAXATION, 500 if name.startswith("T1") else 200, "lower", "laboratory",
               f"{name.split('_')[0]} of the {side} femoral cartilage") for name, side in _REGIONS),
    *(Variable(f"{name}_voxelwise_delta", (), *_DELTA) for name, _ in _REGIONS),
)  # fmt: skip
"""Every quantity of the table: columns by rule, unit, range, direction, and how the unit is known."""


def _columns(variable: Variable) -> list[str]:
    return [f"{variable.name}_wk{week:02d}" for week in variable.weeks] or [variable.name]


COLUMNS = {column: variable for variable in VARIABLES for column in _columns(variable)}
"""The 89 columns, in order, each with its quantity."""
BASELINES = {
    v.name: {"KAM_peak_target_FPA": "KAM_peak_natural_FPA_wk01"}.get(v.name, f"{v.name}_wk{v.weeks[0]:02d}")
    for v in VARIABLES
    if v.weeks in (GAIT_WEEKS, CLINIC_WEEKS, MRI_WEEKS) and v.kind == "number"
}
"""The column against which a quantity's change is counted; for the knee adduction moment the natural foot angle."""


class Look(NamedTuple):
    """How a column's numbers look if they are in the schema's unit, and what they look like else.

    ``of`` : ``median``, or ``reach`` (what nine in ten values do not exceed in size). Below ``low`` or above ``high``
    the numbers are in another unit or on another scale, named by ``below`` and ``above``. The limits are wide: no
    cohort this project knows of comes near them.
    """

    names: tuple[str, ...]
    of: str
    low: float
    high: float
    below: str
    above: str


LOOKS = (
    Look(("KAM_peak_natural_FPA", "KAM_peak_target_FPA"), "median", 0.9, 12, "N m/kg, or a share of BW*Ht", "N m"),
    Look(("FPA_natural", "FPA_error"), "reach", 0.6, 60, "radians", "another angle"),
    Look(("alignment",), "reach", 0.35, 360, "radians", "another angle"),
    Look(("NRS_lat", "NRS_med", "NRS_PF"), "reach", -1, 10, "", "0 to 100"),
    Look(("WOMAC_function", "WOMAC_pain", "KOOS"), "reach", -1, 100, "", "a sum, or millimetres of several scales"),
    Look(("T1rho_med", "T1rho_lat"), "median", 5, 500, "seconds", "microseconds"),
    Look(("T2_med", "T2_lat"), "median", 5, 200, "seconds", "microseconds"),
    Look(tuple(f"{name}_voxelwise_delta" for name, _ in _REGIONS), "reach", 0.05, 500, "seconds", "microseconds"),
    Look(("Compliance",), "reach", 1.5, np.inf, "a share of 1", ""),
    Look(("steps",), "median", 100, np.inf, "thousands of steps", ""),
    Look(("BMI",), "median", 10, 80, "height in cm in place of m", "mass in pounds or grams"),
    Look(("age",), "median", 18, 110, "another unit", "months"),
)
"""Units by their look, a column at a time; see ``checked``."""
SUMS = {"WOMAC_pain": 20, "WOMAC_function": 68}
"""Highest sum of a questionnaire's answers 0 to 4; whole numbers that never exceed it look like sums, not of 100."""
OF_100 = {"WOMAC_pain": 10.0, "WOMAC_function": 10.0, "KOOS": 10.0}
"""Highest number of all visits up to which a score of 100 looks like one of 10."""
WORSE = {"NRS_med": 1, "WOMAC_pain": 1, "WOMAC_function": 1, "KOOS": -1}
"""Which of four scores of pain and function rise as a knee gets worse (1) and which fall (-1)."""

TABLE = "GAITSTUDY_TRIAL_TABLE"
"""The environment variable that names a supplied trial table, a CSV or XLSX file."""
FOLDER = "private"
"""Name of the folder in ``results`` that alone receives what is made from it."""
PRIVATE_RUN = "GAITSTUDY_PRIVATE_RUN"
"""Set by the runner alone, for the kernels of a private run: the folder that receives all they make. Not for users."""
UNITS = "units"
"""What the column ``subject`` holds in a row of units."""
KL_NUMERALS = {"0": "0", "I": "1", "II": "2", "III": "3", "IV": "4"}
GENDERS = {"f": "F", "female": "F", "w": "F", "m": "M", "male": "M"}
FIRST_YEAR, LAST_YEAR = 1990, 2100
ROWS_NAMED = 20
AGAINST = 0.3
"""Rank correlation with two others from which a score looks reversed."""
LEAST_LOOKED_AT = 5
"""Values of a column from which its unit is looked at."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9+/-]{1,12}")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")


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
    TrialFormatError : the file is no such table; every problem is listed with its column and row.
    """
    file = existing(path, {".csv", ".xlsx"})
    rows = first_sheet(file) if file.suffix.lower() == ".xlsx" else _csv_rows(file)
    if not rows:
        raise TrialFormatError(file, "expected names of columns in row 1, found an empty sheet. Fill it in.")
    width = max(map(len, rows))
    raw = pd.DataFrame([[*row, *[None] * (width - len(row))] for row in rows], dtype=object)
    table = raw.iloc[1:].set_axis([_name(cell) for cell in raw.iloc[0]], axis="columns")
    beside = [k for k, name in enumerate(table.columns) if not name and table.iloc[:, k].map(_cell).isna().all()]
    table = table.iloc[:, [k for k in range(width) if k not in beside]]
    return checked(table.reset_index(drop=True), file.name)


def checked(table: pd.DataFrame, name: str = "table") -> pd.DataFrame:
    """Return a trial table in this project's form, or raise one error with every problem.

    Parameters
    ----------
    table : columns ``COLUMNS`` in any order; numbers, dates or texts as a file holds them.
    name : what the errors call it. Rows are counted as in a file, the first person in row 2.

    Errors name columns and rows, never what a cell holds: it may be a person's. Units are judged by the look of the
    numbers (``LOOKS``), unless the first row below the names states them: ``units`` under ``subject``, and
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

    strangers = _strangers(table.columns)
    if strangers:
        raise TrialFormatError(name, strangers)
    twice = table.columns[table.columns.duplicated()].unique()
    problems = [f"{_column(c)}: expected once, found more often. Delete the copies." for c in twice]
    rows = table.loc[:, ~table.columns.duplicated()].map(_cell)
    rows = rows[rows.notna().any(axis=1)].rename(index=lambda k: k + 2)
    stated, rows = _stated_units(rows)
    problems += [f"column '{c}', row {stated.name}: expected '{_unit(c)}' in the row of units, found another. Convert "
                 "the column, then correct this row." for c in stated.index if stated[c] != _unit(c)]  # fmt: skip
    if rows.empty:
        raise TrialFormatError(name, [*problems, "expected one row per person below the names, found none."])
    clean = pd.DataFrame(index=rows.index)
    for column in rows:
        kind = COLUMNS[column].kind if column in COLUMNS else "unknown"
        clean[column], wrong = _read(rows[column], kind, column)
        if len(wrong):
            problems.append(f"column '{column}', {_rows(wrong)}: {_EXPECTED[kind]}")
    units, elsewhere = _units(clean, set(stated.index))
    problems += units
    try:
        _schema(pandera).validate(clean, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        problems += _told(errors.failure_cases, clean, elsewhere)
    problems += _across(clean)
    if problems:
        raise TrialFormatError(name, problems)
    return _keyed(clean[list(COLUMNS)])


def supplied() -> Path | None:
    """Return the path of the trial table that ``GAITSTUDY_TRIAL_TABLE`` names, or None."""
    named = os.environ.get(TABLE, "").strip()
    return Path(named).expanduser() if named else None


def data_class(people: int) -> str:
    """Return the class of the trial's data and the number of people, as captions end: those supplied are real."""
    return f"real, {people} people" if supplied() else f"simulated, {people} virtual people"


def require_private_folder() -> None:
    """Return if the runner started this kernel for a private run, so that all it shows goes to ``results/private``.

    The folder named for results is not enough: a notebook opened by hand would be saved where it lies.

    Raises
    ------
    GaitStudyError : anybody else started it.
    """
    folder = os.environ.get(PRIVATE_RUN, "")
    if Path(folder).parts[-2:] != ("results", FOLDER) or folder != os.environ.get("GAITSTUDY_RESULTS"):
        raise GaitStudyError(
            f"{TABLE}: expected a run that writes to results/{FOLDER} alone, found a notebook or session of another "
            "kind, which might save people's data. Run `python3 run.py reproduce` with the variable set and open "
            f"results/{FOLDER}; or unset it to see the simulated table."
        )


def source(simulated: pd.DataFrame) -> pd.DataFrame:
    """Return the trial table that ``GAITSTUDY_TRIAL_TABLE`` names, or if it names none the simulated one, ``checked``.

    Raises
    ------
    GaitStudyError : a table is named, but the runner did not start this kernel for a private run.
    TrialFormatError : the table named does not fit the schema.
    """
    path = supplied()
    if path is None:
        return checked(simulated, "simulated table")
    require_private_folder()
    return read_trial_table(path)


def to_long(table: pd.DataFrame) -> pd.DataFrame:
    """Return a trial table with one row per person and visit.

    Returns
    -------
    DataFrame : ``participant, arm`` (intervention, sham), ``visit`` (nominal week, as a number), then every quantity
        without a visit, then every quantity with visits under its name, NaN where it is missing or not measured then.
    """
    fixed = [v.name for v in VARIABLES if not v.weeks and v.name not in ("subject", "group")]
    frames = []
    for week in WEEKS:
        there = {f"{v.name}_wk{week:02d}": v.name for v in VARIABLES if week in v.weeks}
        frames.append(table[["subject", "group", *fixed, *there]].rename(columns=there).assign(visit=week))
    long = pd.concat(frames, ignore_index=True).rename(columns={"subject": "participant", "group": "arm"})
    long["arm"] = long["arm"].map(ARMS)
    order = ["participant", "arm", "visit", *fixed, *(v.name for v in VARIABLES if v.weeks)]
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
        raise GaitStudyError(f"outcome: expected one of {', '.join(BASELINES)}, found {name!r}.{_did(name, BASELINES)}")
    long = to_long(table)[["participant", "arm", "visit", name]].rename(columns={name: "value"})
    weeks = next(v.weeks for v in VARIABLES if v.name == name)
    long = long[long["visit"].isin(weeks[1:])].reset_index(drop=True)
    long["baseline"] = long["participant"].map(table.set_index("subject")[BASELINES[name]])
    return long.assign(change=long["value"] - long["baseline"])[
        ["participant", "arm", "visit", "baseline", "value", "change"]
    ]


# ---- within the room: reading cells, telling problems ----


def _csv_rows(file: Path) -> list[list[str]]:
    """Return the cells of a file of commas, row by row, or say what else it is; nothing of it is repeated."""
    data = file.read_bytes()
    if len(data) > LARGEST:
        raise TrialFormatError(file, f"expected {LARGEST / 1e6:g} MB at most, found {len(data) / 1e6:.0f} MB.")
    again = "Export it again as CSV (UTF-8, commas, decimal points)."
    try:
        text = data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError:
        raise TrialFormatError(file, f"expected a table, found one that cannot be read: not UTF-8. {again}") from None
    except csv.Error:
        raise TrialFormatError(
            file, f"expected a table, found one that cannot be read: a quote without its end? {again}"
        ) from None
    if "\0" in text:
        raise TrialFormatError(file, f"expected text, found bytes of zero. {again}")
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise TrialFormatError(file, f"expected names of columns in row 1, found an empty file. {again}")
    for separator, called in ((";", "semicolons"), ("\t", "tabs")):
        if text.partition("\n")[0].count(separator) > len(rows[0]):
            raise TrialFormatError(file, f"expected commas between the columns, found {called}. {again}")
    uneven = [k for k, row in enumerate(rows, 1) if any(map(str.strip, row)) and len(row) != len(rows[0])]
    if uneven:
        raise TrialFormatError(
            file, f"{_rows(uneven)}: expected {len(rows[0])} cells as in row 1, found another number. A comma inside a "
                  "cell, or decimal commas? Put such cells in quotes, write decimal points."
        )  # fmt: skip
    return rows


def _name(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _column(name: object) -> str:
    """Return what an error calls a column whose name may be anything."""
    return f"column '{printable(name, 40)}'" if str(name) else "a column without a name"


def _strangers(names: Sequence[Any] | pd.Index) -> list[str]:
    """Return the problem of a first row that holds no names of columns; they are not repeated, they may be people's."""
    known = sum(name in COLUMNS or bool(_did(str(name), COLUMNS)) for name in names)
    if 2 * known > len(names):
        return []
    return [f"row 1: expected the names of the {len(COLUMNS)} columns (notebook 06 lists them), found {len(names)} "
            f"cells of which {known} are such names. Put the names into row 1, one a cell."]  # fmt: skip


_EXPECTED = {
    "number": "expected a number, found text or a date. Correct it, or leave the cell empty; use a decimal point.",
    "date": "expected a date, as a date cell or as year-month-day (2016-05-31), found other text or a number, or a "
            f"date outside {FIRST_YEAR}-{LAST_YEAR}. Write it so.",
    "code": "expected a code of up to 12 letters and digits, found another text. Recode.",
}  # fmt: skip


def _cell(value: Any) -> Any:
    """Return a cell without blanks around it; nothing, an empty text and the usual words for nothing are None."""
    if value is None or (np.isscalar(value) and pd.isna(value)) or value is pd.NaT:
        return None
    if isinstance(value, str):
        value = value.strip()
        return None if value.lower() in ("", "nan", "na", "n/a", "null", "none", "nat") else value
    return value


def _read(cells: pd.Series, kind: str, column: str) -> tuple[pd.Series, pd.Index]:
    """Return a column in its kind, and the rows that hold something else."""
    if kind == "number":
        plain = cells.map(lambda v: KL_NUMERALS.get(str(v).upper(), v)) if column == "KL" else cells
        read = plain.map(_as_number).astype(float)
        return read, cells.index[cells.notna() & read.isna()]
    if kind == "date":
        texts = cells.map(lambda v: v.isoformat()[:10] if hasattr(v, "year") else str(v) if v is not None else "")
        found = texts.map(lambda t: m[1] if (m := _DATE.fullmatch(t)) else None)
        read = pd.to_datetime(found, format="%Y-%m-%d", errors="coerce")
        read = read.where(read.dt.year.between(FIRST_YEAR, LAST_YEAR))
        return read, cells.index[cells.notna() & read.isna()]
    texts = cells.map(lambda v: None if pd.isna(v) else f"{v:.15g}" if isinstance(v, float) else str(v))
    wrong = cells.index[:0]
    if column == "gender":  # its codes are shown
        wrong = cells.index[texts.map(lambda t: isinstance(t, str) and not _CODE.fullmatch(t))]
        texts = texts.map(lambda t: GENDERS.get(t.lower(), f"code {t}") if isinstance(t, str) else None)
    return texts.astype(object).where(texts.notna(), None), wrong


def _as_number(value: Any) -> float:
    """Return a cell as a number; NaN if it is none: a date, a span of time, True, other digits than 0 to 9, no end."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value) else np.nan
    plain = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return float(value) if plain and np.isfinite(value) else np.nan


def _stated_units(rows: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Return the units that the first row below the names states, by column, and the rows of people."""
    first = rows.iloc[0] if len(rows) and "subject" in rows else pd.Series(dtype=object)
    if str(first.get("subject")).lower() != UNITS:
        return pd.Series(dtype=object), rows
    measured = [c for c in first.dropna().index if c in COLUMNS and COLUMNS[c].kind == "number"]
    return first[measured].astype(str), rows.iloc[1:]


def _unit(column: str) -> str:
    """Return what a row of units holds for a column; of a score whose direction is looked at, with what is best."""
    v = COLUMNS[column]
    return f"{v.unit}, {_best(v.name)} best" if v.name in WORSE else v.unit


def _best(score: str) -> str:
    return "0" if WORSE[score] > 0 else "100"


def _schema(pandera: Any) -> Any:
    """Return the schema: names, types, ranges, arms, one row per person."""
    kinds = {"number": float, "date": "datetime64[ns]", "key": object, "code": object}
    columns = {}
    for name, v in COLUMNS.items():
        checks = [pandera.Check.in_range(v.low, v.high)] if v.kind == "number" else []
        if name == "KL":
            checks = [pandera.Check.isin(range(5))]
        if name == "group":
            checks = [pandera.Check.isin(list(ARMS))]
        needed = name in ("subject", "group")
        columns[name] = pandera.Column(
            kinds[v.kind], checks, nullable=not needed, unique=name == "subject", coerce=v.kind == "date"
        )
    return pandera.DataFrameSchema(columns, strict=True)


def _told(cases: pd.DataFrame, clean: pd.DataFrame, elsewhere: set[str]) -> list[str]:
    """Return the problems that the schema found, one a column and kind, each with its rows.

    elsewhere : columns in another unit, of which that is told and not every value.
    """
    schema_level = cases[cases["check"].isin(["column_in_dataframe", "column_in_schema"])]
    missing = [name for name in COLUMNS if name not in clean]  # pandera before 0.25 names one stranger and no more
    extra = [name for name in clean if name not in COLUMNS]
    told = []
    for name in extra:
        close = _did(str(name), missing)
        told.append(f"{_column(name)}: not of the schema.{close or ' Delete it.'}")
    told += [f"column '{name}': expected in the table, found none." for name in missing
             if not any(f"mean '{name}'" in text for text in told)]  # fmt: skip
    for (column, check), rows in cases.drop(schema_level.index).groupby(["column", "check"], sort=False):
        where, v = _rows(rows["index"]), COLUMNS[column]
        if check == "not_nullable":
            told.append(f"column '{column}', {where}: expected a value for every person, found none. Fill it in.")
        elif check == "field_uniqueness":
            told.append(f"column '{column}', {where}: expected one row per person, found someone more than once. "
                        "Merge these rows, or delete the copies.")  # fmt: skip
        elif column == "group":
            told.append(f"column 'group', {where}: expected 'I' (intervention) or 'C' (control), found others. Recode.")
        elif column in elsewhere:
            continue
        elif v.kind == "number":
            range_ = "0, 1, 2, 3 or 4" if column == "KL" else f"{v.low:g} to {v.high:g} {v.unit}"
            told.append(f"column '{column}', {where}: expected {range_}, found another. Correct or leave it empty.")
        else:
            told.append(f"column '{column}', {where}: does not pass '{check}'. Correct it.")
    return told


def _units(clean: pd.DataFrame, stated: set[str]) -> tuple[list[str], set[str]]:
    """Return what columns look like another unit or scale, and which columns that are; but for units stated."""
    told, columns = [], set()
    for look in LOOKS:
        for name in [c for c in clean if c in COLUMNS and COLUMNS[c].name in look.names and c not in stated]:
            values = clean[name].dropna()
            if len(values) < LEAST_LOOKED_AT:
                continue
            seen = values.median() if look.of == "median" else values.abs().quantile(0.9)
            if not look.low <= seen <= look.high:
                other = look.below if seen < look.low else look.above
                told.append(f"column '{name}': expected {COLUMNS[name].unit}, found what looks like {other}. "
                            + _if_right(name))  # fmt: skip
                columns.add(name)
    scores = {name: clean[[c for c in clean if c in COLUMNS and COLUMNS[c].name == name]] for name in WORSE}
    for name, most in OF_100.items():
        values = scores[name].drop(columns=stated, errors="ignore").stack().dropna()  # pandas 3 keeps gaps
        if len(values) < 4 * LEAST_LOOKED_AT or columns & set(scores[name]):
            continue
        sums = name in SUMS and values.max() <= SUMS[name] and (values == values.round()).all()
        if values.max() <= most or sums:
            looks = f"0 to {most:g}" if values.max() <= most else f"sums of answers, 0 to {SUMS[name]}"
            told.append(f"columns '{name}_wk..': expected 0 to 100, found what looks like {looks}. "
                        + _if_right(scores[name].columns[0]))  # fmt: skip
    return told + _reversed(scores, stated), columns


def _if_right(column: str) -> str:
    return (f"Convert it; if it is right, say so in a row below the names: '{UNITS}' under 'subject', "
            f"'{_unit(column)}' under each such column.")  # fmt: skip


def _reversed(scores: dict[str, pd.DataFrame], stated: set[str]) -> list[str]:
    """Return which score of pain or function goes against the others, people and visits together."""
    weeks = {
        name: frame.rename(columns=lambda c: c[-2:]).stack().dropna() for name, frame in scores.items() if frame.size
    }
    together = pd.DataFrame({name: WORSE[name] * values for name, values in weeks.items()})
    agreement = together.corr("spearman", min_periods=4 * LEAST_LOOKED_AT)
    against = {name: int((agreement[name].drop(name) < -AGAINST).sum()) for name in agreement}
    told = []
    for name, count in against.items():
        if count >= 2 and count == max(against.values()) and not stated.issuperset(scores[name]):
            found = "what looks like the reverse, as it goes against other scores of pain and function"
            told.append(f"columns '{name}_wk..': expected {_best(name)} to be best, found {found}. "
                        + _if_right(scores[name].columns[0]))  # fmt: skip
    return told


def _across(clean: pd.DataFrame) -> list[str]:
    """Return the problems that show between columns: an empty arm, a visit with no one, dates that go back."""
    told = []
    arms = clean["group"] if "group" in clean else pd.Series(None, clean.index, dtype=object)
    if arms.isin(list(ARMS)).any():
        told += [f"column 'group': expected people in both arms, found no one with '{a}' ({ARMS[a]}). Add them."
                 for a in ARMS if not (arms == a).any()]  # fmt: skip
    for week in WEEKS:
        here = [c for c in clean if c in COLUMNS and c.endswith(f"_wk{week:02d}") and COLUMNS[c].kind == "number"]
        seen = clean[here].notna().any(axis=1)
        if not seen.any():
            told.append(f"visit week {week}: expected someone, found no value in any of its columns. Fill them in.")
            continue
        told += [f"visit week {week}: expected someone with '{a}' ({ARMS[a]}), found no one. Fill its columns in."
                 for a in ARMS if (arms == a).any() and not seen[arms == a].any()]  # fmt: skip
    dates = clean[[c for c in clean if c in COLUMNS and COLUMNS[c].kind == "date"]]
    if dates.shape[1] > 1:
        ordered = dates[sorted(dates)]
        back = ordered.lt(ordered.ffill(axis=1).shift(axis=1)).fillna(False)
        told += [f"column '{c}', {_rows(clean.index[back[c]])}: expected a date not before the visit's that precedes "
                 "it, found an earlier one. Correct one of them." for c in ordered if back[c].any()]  # fmt: skip
    return told


def _keyed(clean: pd.DataFrame) -> pd.DataFrame:
    """Return the table without identifiers and dates: people in the order of their values, weeks since the first."""
    table = clean.copy()
    dates = [c for c, v in COLUMNS.items() if v.kind == "date"]
    first = table[dates].min(axis=1)
    for column in dates:
        table[column] = (table[column] - first).dt.days / 7.0
    table = table.sort_values([c for c in COLUMNS if c != "subject"], ignore_index=True)
    table["subject"] = [f"P{k:03d}" for k in range(1, len(table) + 1)]
    return table


def _rows(index: Sequence[Any] | pd.Index | pd.Series) -> str:
    """Return the rows of a problem as text."""
    numbers = sorted({int(k) for k in index})
    more = f" and {len(numbers) - ROWS_NAMED} more" if len(numbers) > ROWS_NAMED else ""
    return f"row{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers[:ROWS_NAMED]))}{more}"


def _did(name: str, known: Iterable[str]) -> str:
    """Return a suggestion for a misspelt name, or nothing."""
    lower = {str(k).lower(): str(k) for k in known}
    close = difflib.get_close_matches(name.lower(), list(lower), n=1, cutoff=0.75)
    return f" Did you mean '{lower[close[0]]}'?" if close else ""

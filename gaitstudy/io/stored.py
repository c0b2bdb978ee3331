"""Small tables kept with the project: a CSV beside a JSON that says from which files and by which function it was made.

A table keeps its column kinds (text, integer, number, boolean) in that JSON, so that what is read back is what was
written. Text has no missing values (an empty text stands for them); a missing number is NaN.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.files import write_whole

TOLERANCE = 1e-6
"""Relative difference up to which a stored number and a recomputed one count as the same."""
FLOOR = 1e-3
"""Magnitude below which differences are taken relative to this value instead: round-off near zero is no change."""
CURVE_ROWS = 20
DTYPES = {"text": "object", "integer": "int64", "number": "float64", "boolean": "bool"}
UPDATE = "Run again with GAITSTUDY_UPDATE_DERIVED=1 where the files are, and say why in the CHANGELOG."


class DerivedMismatch(GaitStudyError):
    """A stored table is not what its files and its function give now; both values are shown."""


def function_name(compute: Callable[..., object]) -> str:
    """Return ``module.name`` of a function, or of the function inside a ``functools.partial``.

    Raises
    ------
    GaitStudyError : it is a lambda, whose name tells nobody how the table was made.
    """
    while isinstance(compute, partial):
        compute = compute.func
    name = f"{getattr(compute, '__module__', '?')}.{getattr(compute, '__qualname__', repr(compute))}"
    if name.endswith("<lambda>"):
        raise GaitStudyError(
            "compute: expected a named function, found a lambda; its name is kept as the table's provenance. "
            "Give the function itself, or functools.partial(function, arguments)."
        )
    return name


def require_reason(name: str, tolerance: float, reason: str) -> None:
    """Refuse a tolerance wider than rounding that no reason is given for.

    Raises
    ------
    GaitStudyError : so it is.
    """
    if tolerance > TOLERANCE and not reason:
        raise GaitStudyError(f"{name}: a tolerance of {tolerance:g}, wider than {TOLERANCE:g}, needs reason=.")


def kinds(table: pd.DataFrame) -> dict[str, str]:
    """Return the kind of each column: ``text``, ``integer``, ``number`` or ``boolean``.

    Raises
    ------
    GaitStudyError : a column name is no text or occurs twice, or a column holds anything else; all are listed.
    """
    found: dict[str, str] = {}
    names: list[object] = list(table.columns)
    problems = [f"column {name!r} is not a text" for name in names if not isinstance(name, str)]
    problems += [f"column {name!r} occurs twice" for name in table.columns[table.columns.duplicated()]]
    for name, column in table.items() if not problems else ():
        if types.is_bool_dtype(column) and not column.hasnans:
            kind = "boolean"
        elif types.is_integer_dtype(column) and not column.hasnans:
            kind = "integer"
        elif types.is_numeric_dtype(column) and not types.is_complex_dtype(column):
            kind = "number"
        elif all(isinstance(value, str) or value is None or value is pd.NA or value != value for value in column):
            kind = "text"
        else:
            problems.append(f"column {name!r} holds {column.dtype}: expected texts, numbers or booleans")
            continue
        found[str(name)] = kind
    if problems:
        raise GaitStudyError(f"table: {'; '.join(problems)}. Change the function that makes it.")
    return found


def tidy(table: pd.DataFrame, key: Sequence[str], name: str) -> pd.DataFrame:
    """Return a table in the form it is stored in: keys as columns, plain dtypes, one row per key.

    Raises
    ------
    GaitStudyError : a key column is absent, or two rows share a key.
    """
    if any(part in key for part in table.index.names):
        table = table.reset_index()
    absent = [column for column in key if column not in table.columns]
    if absent or not key:
        raise GaitStudyError(f"{name}: expected key columns {list(key)}, found {list(table.columns)}. Name the key.")
    plain = pd.DataFrame(
        {
            column: np.array(["" if pd.isna(value) else value for value in table[column]], dtype=object)
            if kind == "text"
            else table[column].to_numpy(DTYPES[kind], na_value=np.nan)
            if kind == "number"
            else table[column].to_numpy(DTYPES[kind])
            for column, kind in kinds(table).items()
        }
    )
    repeated = plain[plain.duplicated(list(key))]
    if len(repeated):
        where = _where(key, tuple(repeated.iloc[0][list(key)]))
        raise GaitStudyError(f"{name}: expected one row per {list(key)}, found {where} more than once. Widen the key.")
    return plain


def curve_column(table: pd.DataFrame, key: Sequence[str]) -> str | None:
    """Return the column that makes a table look like curves, or None: a rule of thumb for what may be stored.

    Curves are 20 or more values of ``percent``, ``time`` or ``frame`` under one combination of the other keys, or 20 or
    more columns with one name and a running number.
    """
    for column in {"percent", "time", "frame"} & set(table.columns):
        others = [name for name in key if name != column]
        values = table.groupby(others)[column].nunique() if others else pd.Series([table[column].nunique()])
        if len(values) and values.max() >= CURVE_ROWS:
            return str(column)
    numbered = Counter(name.rstrip("0123456789") for name in map(str, table.columns) if name[-1:].isdigit())
    return next((f"{name}0..." for name, count in numbered.items() if count >= CURVE_ROWS), None)


def data_class(*tables: pd.DataFrame) -> str:
    """Return what a title says of its data: ``real``; ``real, stored`` if any of these derived tables is stored.

    Raises
    ------
    GaitStudyError : a table does not come from ``derived``, or lost its ``attrs`` on the way.
    """
    labels = [table.attrs.get("data_class") for table in tables]
    if not labels or None in labels:
        raise GaitStudyError("table: expected attrs['data_class'] as set by catalogue.derived, found none. Pass it on.")
    classes = sorted({str(label).removesuffix(", stored") for label in labels})
    return " and ".join(classes) + (", stored" if any(str(label).endswith(", stored") for label in labels) else "")


def write(path: Path, table: pd.DataFrame, provenance: Mapping[str, Any]) -> None:
    """Write ``path`` (CSV) and the JSON beside it; numbers are written so that they read back to the last digit."""
    recorded = {**provenance, "columns": kinds(table)}
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.getvalue(), overwrite=True)
    write_whole(path.with_suffix(".json"), json.dumps(recorded, indent=1, ensure_ascii=False) + "\n", overwrite=True)


def read(path: Path) -> tuple[pd.DataFrame, dict[str, Any]] | None:
    """Return a stored table and its provenance, or None when there is none.

    Raises
    ------
    DerivedMismatch : the CSV lacks its JSON, or its columns are not those the JSON states.
    """
    beside = path.with_suffix(".json")
    if not path.is_file():
        return None
    if not beside.is_file():
        raise DerivedMismatch(f"{path.name}: expected its provenance in {beside.name}, found none. {UPDATE}")
    recorded = json.loads(beside.read_text(encoding="utf-8"))
    columns: dict[str, str] = recorded["columns"]
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    if list(table.columns) != list(columns):
        raise DerivedMismatch(f"{path.name}: expected columns {list(columns)}, found {list(table.columns)}. {UPDATE}")
    parse: dict[str, Callable[[str], object]] = {
        "text": str,
        "integer": int,
        "number": lambda text: float(text or "nan"),
        "boolean": lambda text: text == "True",
    }
    plain = {
        column: np.array([parse[kind](text) for text in table[column]], DTYPES[kind])
        for column, kind in columns.items()
    }
    return tidy(pd.DataFrame(plain), recorded["key"], path.name), recorded


def _where(key: Sequence[str], values: Any) -> str:
    values = values if isinstance(values, tuple) else (values,)
    return ", ".join(f"{name}={value}" for name, value in zip(key, values, strict=True))


def align(
    stored: pd.DataFrame, computed: pd.DataFrame, key: Sequence[str], tolerance: float, name: str
) -> pd.DataFrame:
    """Return ``computed`` in the order of ``stored`` if both hold the same rows, columns and values.

    Parameters
    ----------
    tolerance : largest difference of two numbers, relative to the stored one (to ``FLOOR`` if that is smaller). Texts,
        integers and booleans must be equal; NaN equals NaN.

    Raises
    ------
    DerivedMismatch : they differ; it says how many values do, and shows the worst five with their rows.
    """
    if set(stored.columns) != set(computed.columns):
        raise DerivedMismatch(
            f"{name}: expected the stored columns {list(stored.columns)}, computed {list(computed.columns)}. {UPDATE}"
        )
    old, new = stored.set_index(list(key)), computed.set_index(list(key))
    lost, extra = old.index.difference(new.index, sort=False), new.index.difference(old.index, sort=False)
    if len(lost) or len(extra):
        shown = [f"only stored: {_where(key, row)}" for row in lost[:3]]
        shown += [f"only computed: {_where(key, row)}" for row in extra[:3]]
        raise DerivedMismatch(
            f"{name}: {len(lost)} stored rows were not computed, {len(extra)} computed rows are not stored "
            f"({'; '.join(shown)}). {UPDATE}"
        )
    new = new.loc[old.index, list(old.columns)]
    excess: list[tuple[float, str]] = []
    for column in old.columns:
        a, b = old[column].to_numpy(), new[column].to_numpy()
        wrong, size = a != b, np.full(len(a), np.inf)
        if a.dtype.kind == "f" and b.dtype.kind in "fi":
            b = b.astype(float)
            finite = np.isfinite(a) & np.isfinite(b)
            size[finite] = np.abs(a[finite] - b[finite]) / np.maximum(np.abs(a[finite]), FLOOR)
            wrong &= (size > tolerance) & ~(np.isnan(a) & np.isnan(b))
        for row in np.flatnonzero(wrong):
            where = _where(key, old.index[int(row)])
            excess.append((float(size[row]), f"{where}: {column} stored {a[row]}, computed {b[row]}"))
    if excess:
        worst = sorted(excess, key=lambda pair: -pair[0])[:5]
        lines = "".join(f"\n  {text} (relative difference {by:.3g})" for by, text in worst)
        raise DerivedMismatch(
            f"{name}: {len(excess)} of {old.size} stored values differ from the computed ones by more than "
            f"{tolerance:g}; the worst are:{lines}\n{UPDATE}"
        )
    return new.reset_index()[list(stored.columns)]

"""The one keeper of tables that this project computed: a CSV in ``data/derived``, and a JSON that says how it was made.

``table`` computes where the files are and falls back on what is stored where they are not; ``kept`` returns what took
minutes to make. The JSON names the function, its parameters, a hash of its code and the SHA-256 of its files, and the
kind of each column (text, integer, number, boolean), so that what is read back is what was written. Text has no missing
values (an empty text stands for them); a missing number is NaN.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import io
import json
import os
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from gaitstudy import __version__
from gaitstudy.conventions import DatasetUnavailable, GaitStudyError, visible
from gaitstudy.io import catalogue
from gaitstudy.io.code import code_hash
from gaitstudy.io.files import write_whole

TOLERANCE = 1e-6
"""Relative difference up to which a stored number and a recomputed one count as the same."""
FLOOR = 1e-3
"""Magnitude below which differences are taken relative to this value instead: round-off near zero is no change."""
CURVE_ROWS = 20
DTYPES = {"text": "object", "integer": "int64", "number": "float64", "boolean": "bool"}
WHOLE = "the whole row"
LOOK = "See what moved: `python3 run.py tables {}`; with --write it is stored: say why in the CHANGELOG."
Compute = Callable[..., pd.DataFrame]


class TableDiffers(UserWarning):
    """A stored table is not what its files and its function give now; what was computed is returned."""


class OtherCode(UserWarning):
    """A stored table is shown that other code than the present made."""


def table(
    name: str, compute: Compute, *, key: Sequence[str], inputs: catalogue.Inputs = (), tolerance: float = TOLERANCE,
    reason: str = "", **parameters: Any,
) -> pd.DataFrame:  # fmt: skip
    """Return ``compute(**parameters)``, or where its files are absent the table stored for the same parameters.

    Files present: what is computed is returned, always. It is compared with ``data/derived/NAME.csv`` if that was made
    with the same parameters, and stored if there is none yet.

    Parameters
    ----------
    compute : a function that can be imported. parameters : handed to it.
    key : the columns that name a row.
    inputs : datasets (all their needed files), or pairs of dataset and file (or pattern among the needed files).
    tolerance, reason : relative difference allowed, and why if it is wider than 1e-6; those stored with a table hold.

    Warns
    -----
    TableDiffers : computed and stored table differ, or the stored one was made from other files or with another key.
    OtherCode : files are absent, and the code was changed since the stored table was made.

    Raises
    ------
    DatasetUnavailable : files are absent, and no table is stored for these parameters, files and key.
    GaitStudyError : a table that looks like curves, from data whose licence does not let curves be stored.
    """
    if tolerance > TOLERANCE and not reason:
        raise GaitStudyError(f"{name}: a tolerance of {tolerance:g}, wider than {TOLERANCE:g}, needs reason=.")
    files, found = catalogue.select(inputs), read(name)
    about: dict[str, Any] = {"name": name, "function": _name(compute)}
    about |= {"parameters": _parameters_of(name, compute, parameters)}
    about |= {"package_version": __version__, "key": list(key), "tolerance": tolerance, "reason": reason}
    about |= {"inputs": [{each: row[each] for each in ("dataset", "file", "sha256")} for row in files]}
    if missing := catalogue.missing(files):
        lacking = f"{len(missing)} of {len(files)} files are absent, {catalogue.how_to_get(missing)}"
        if found is None:
            raise DatasetUnavailable(f"{name}: no table is stored in data/derived, and {lacking}")
        if other := _other(found[1], about):
            raise DatasetUnavailable(f"{name}: {other}. To compute it: {lacking}")
        _same_code(found[1], compute)
        return found[0]
    computed = _tidy(compute(**parameters), key, name)
    if found is None:
        _write(computed, about | {"code": code_hash(compute)})
    elif _alike(found[1]["parameters"], about["parameters"]):
        if other := _other(found[1], about):
            _tell(name, f"{name}: {other}. {LOOK.format(name)}")
        else:
            return compare(name, found[0], computed, key, found[1]["tolerance"])
    return computed


def kept(name: str, **parameters: Any) -> pd.DataFrame:
    """Return a stored table that takes minutes to make, such as a campaign's; nothing is computed.

    Parameters
    ----------
    parameters : any of those that it must have been made with.

    Warns
    -----
    OtherCode : the code was changed since.

    Raises
    ------
    DatasetUnavailable : there is no such table, or it was made with other parameters.
    """
    found, hint = read(name), f"Run `python3 run.py campaign {name}`."
    if found is None:
        raise DatasetUnavailable(f"{name}: expected a table in data/derived, found none. {hint}")
    stored, then = found
    if other := _other(then, then | {"parameters": then["parameters"] | _plain(parameters)}):
        raise DatasetUnavailable(f"{name}: {other}. {hint}")
    _same_code(then, function_of(then))
    return stored


def again(name: str) -> pd.DataFrame:
    """Return ``table`` with the function, files, key and parameters that a stored table's own JSON names.

    Raises
    ------
    DatasetUnavailable : there is no such table.
    """
    found = read(name)
    if found is None:
        raise DatasetUnavailable(f"{name}: expected a table in data/derived, found none.")
    then = found[1]
    files = [(row["dataset"], row["file"]) for row in then["inputs"]]
    return table(name, function_of(then), key=then["key"], inputs=files, **then["parameters"])


def function_of(about: Mapping[str, Any]) -> Compute:
    """Return the function that a table's JSON names.

    Raises
    ------
    GaitStudyError : it is no longer there.
    """
    module, _, name = about["function"].rpartition(".")
    try:
        found: Compute = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise GaitStudyError(
            f"{about['name']}: expected the function {about['function']} that made it, found none. Name the one that "
            f"makes it now in data/derived/{about['name']}.json."
        ) from error
    return found


def remake(name: str, *, write: bool = False) -> tuple[str, pd.DataFrame]:
    """Make one stored table anew from the function, files and parameters that its JSON names; say what moved.

    Parameters
    ----------
    write : store what moved; a CSV in which nothing moved by more than the table's tolerance stays as it is.

    Returns
    -------
    said : how it compares with what is stored. moved : ``row, column, stored, computed, relative`` difference, a row a
    value that moved.

    Raises
    ------
    GaitStudyError : there is no such table.
    """
    found = read(name)
    if found is None:
        raise GaitStudyError(f"{name}: expected a stored table, found none.")
    stored, about = found
    files = catalogue.select([(row["dataset"], row["file"]) for row in about["inputs"]])
    if missing := catalogue.missing(files):
        lacking = f"{len(missing)} of {len(files)} files are absent, {catalogue.how_to_get(missing)}"
        return f"not made anew: {lacking}", _differences(stored, stored, about["key"], about["tolerance"])
    compute = function_of(about)
    parameters = _parameters_of(name, compute, about["parameters"])
    computed = _tidy(compute(**parameters), about["key"], name)
    moved = _differences(stored, computed, about["key"], about["tolerance"])
    code = code_hash(compute)
    now = about | {"code": code, "package_version": __version__, "parameters": parameters}
    now["inputs"] = [{each: row[each] for each in ("dataset", "file", "sha256")} for row in files]
    said = "as stored" if moved.empty else f"{len(moved)} of {stored.size} values moved"
    said += "" if now == about else "; its JSON is not of this code" if about["code"] != code else "; its JSON changes"
    if write and (len(moved) or now != about):
        _write(stored if moved.empty else computed, now)
        said += ", written"
    return said, moved


def compare(
    name: str, stored: pd.DataFrame, computed: pd.DataFrame, key: Sequence[str], tolerance: float = TOLERANCE
) -> pd.DataFrame:
    """Return ``computed``, in the order of ``stored`` if both hold the same rows and columns.

    Warns
    -----
    TableDiffers : a value differs; it says how many do, and shows the worst five with their rows.
    """
    apart = _differences(stored, computed, key, tolerance)
    worst = apart.sort_values("relative", ascending=False, kind="stable").head(5)
    lines = "".join(
        f"\n  {row.row}: {row.column} stored {row.stored}, computed {row.computed} (relative difference "
        f"{row.relative:.3g})"
        for row in worst.itertuples()
    )
    if len(apart):
        _tell(
            name,
            f"{name}: {len(apart)} of {stored.size} stored values differ from the computed ones by more than "
            f"{tolerance:g}; the worst are:{lines}\n{LOOK.format(name)}",
        )
    if apart["column"].eq(WHOLE).any() or set(stored) != set(computed):
        return computed
    ordered = computed.set_index(list(key)).loc[stored.set_index(list(key)).index]
    return ordered.reset_index()[list(stored.columns)]


def _differences(stored: pd.DataFrame, computed: pd.DataFrame, key: Sequence[str], tolerance: float) -> pd.DataFrame:
    """Return what is no longer as stored: ``row, column, stored, computed, relative`` difference.

    Parameters
    ----------
    tolerance : largest difference of two numbers, relative to the stored one (to ``FLOOR`` if that is smaller). Texts,
        integers and booleans must be equal; NaN equals NaN. Rows and columns that only one of them has are listed too.
    """
    old, new = stored.set_index(list(key)), computed.set_index(list(key))
    there = ("there", "absent")
    rows: list[tuple[str, str, object, object, float]] = []
    for sides, first, second in ((there, old, new), (there[::-1], new, old)):
        rows += [(_where(key, row), WHOLE, *sides, np.inf) for row in first.index.difference(second.index, sort=False)]
        rows += [("every row", str(column), *sides, np.inf) for column in first.columns.difference(second.columns)]
    common = old.index.intersection(new.index, sort=False)
    for column in old.columns.intersection(new.columns, sort=False):
        a, b = old.loc[common, column].to_numpy(), new.loc[common, column].to_numpy()
        wrong, size = a != b, np.full(len(a), np.inf)
        if a.dtype.kind == "f" and b.dtype.kind in "fi":
            b = b.astype(float)
            finite = np.isfinite(a) & np.isfinite(b)
            size[finite] = np.abs(a[finite] - b[finite]) / np.maximum(np.abs(a[finite]), FLOOR)
            wrong &= (size > tolerance) & ~(np.isnan(a) & np.isnan(b))
        rows += [(_where(key, common[k]), str(column), a[k], b[k], size[k]) for k in np.flatnonzero(wrong)]
    return pd.DataFrame(rows, columns=["row", "column", "stored", "computed", "relative"])


def _tidy(table: pd.DataFrame, key: Sequence[str], name: str) -> pd.DataFrame:
    """Return a table in the form it is stored in: keys as columns, plain dtypes, one row per key, no ``attrs``.

    Raises
    ------
    GaitStudyError : a key column is absent, two rows share a key, or a column cannot be stored.
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
            for column, kind in _kinds(table).items()
        }
    )
    repeated = plain[plain.duplicated(list(key))]
    if len(repeated):
        where = _where(key, tuple(repeated.iloc[0][list(key)]))
        raise GaitStudyError(f"{name}: expected one row per {list(key)}, found {where} more than once. Widen the key.")
    return plain


def _kinds(table: pd.DataFrame) -> dict[str, str]:
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


def _curve_column(table: pd.DataFrame, key: Sequence[str]) -> str | None:
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


def _write(table: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Store a table with its provenance; numbers are written so that they read back to the last digit.

    Raises
    ------
    GaitStudyError : it looks like curves, from data whose licence does not let curves be stored.
    """
    closed = {row["dataset"] for row in about["inputs"] if not catalogue.curves_allowed(row["dataset"])}
    if closed and (curve := _curve_column(table, about["key"])):
        raise GaitStudyError(
            f"{about['name']}: the licence of {min(closed)} lets summary numbers be stored, no curves; found one over "
            f"{curve}."
        )
    path, text = _path(about["name"]), io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.getvalue(), overwrite=True)
    beside = json.dumps({**about, "columns": _kinds(table)}, indent=1, ensure_ascii=False)
    write_whole(path.with_suffix(".json"), beside + "\n", overwrite=True)


def read(name: str) -> tuple[pd.DataFrame, dict[str, Any]] | None:
    """Return a stored table and its provenance, or None when there is none; where it came from is not looked at.

    Raises
    ------
    GaitStudyError : the CSV lacks its JSON, or its columns are not those the JSON states.
    """
    path = _path(name)
    beside = path.with_suffix(".json")
    if not path.is_file():
        return None
    if not beside.is_file():
        raise GaitStudyError(f"{path.name}: expected its provenance in {beside.name}, found none. Restore both.")
    try:
        about: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
        return _parsed(path, about), about
    except (ValueError, KeyError, TypeError) as error:
        raise GaitStudyError(
            f"{path.name}: expected it and {beside.name} as they were stored, found one of them changed "
            f"({type(error).__name__}: {' '.join(str(error).split())}). Restore both."
        ) from error


def _parsed(path: Path, about: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table of a CSV in the kinds that its JSON states."""
    columns: dict[str, str] = about["columns"]
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    if list(table.columns) != list(columns):
        raise GaitStudyError(f"{path.name}: expected columns {list(columns)}, found {list(table.columns)}. Restore it.")
    parse: dict[str, Callable[[str], object]] = {
        "text": str,
        "integer": int,
        "number": lambda text: float(text or "nan"),
        "boolean": {"True": True, "False": False}.__getitem__,
    }
    plain = {
        column: np.array([parse[kind](text) for text in table[column]], DTYPES[kind])
        for column, kind in columns.items()
    }
    return _tidy(pd.DataFrame(plain), about["key"], path.name)


def _path(name: str) -> Path:
    return catalogue.data_folder() / "derived" / f"{name}.csv"


def _name(compute: Compute) -> str:
    name = f"{getattr(compute, '__module__', '?')}.{getattr(compute, '__qualname__', repr(compute))}"
    if "<" in name or name.startswith("__main__"):
        raise GaitStudyError(
            f"compute: expected a function that can be imported, found {name}; its name is stored as the table's "
            "provenance. Give a module's own function, and its arguments by name."
        )
    return name


def _parameters_of(name: str, compute: Compute, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call as JSON holds them, the function's defaults included.

    Raises
    ------
    GaitStudyError : one that the function does not know, that JSON cannot hold, or that ``table`` takes for its own.
    """
    signature = inspect.signature(compute)
    if own := sorted(set(signature.parameters) & set(inspect.signature(table).parameters) - {"parameters"}):
        raise GaitStudyError(
            f"{name}: expected other names of parameters in {_name(compute)} than those of results.table, found "
            f"{', '.join(own)}. Rename them."
        )
    try:
        bound = signature.bind(**given)
    except TypeError as error:
        raise GaitStudyError(
            f"{name}: expected the parameters of {_name(compute)}{signature}, found {error}."
        ) from error
    bound.apply_defaults()
    found = dict(bound.arguments)
    for one in signature.parameters.values():
        if one.kind is one.VAR_KEYWORD:
            found |= found.pop(one.name)
    return _plain(found)


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    def simple(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.asdict(value)
        if isinstance(value, np.ndarray | np.generic):
            return value.tolist()
        raise GaitStudyError(f"parameters: expected texts, numbers and lists of them, found {type(value).__name__}.")

    plain: dict[str, Any] = json.loads(json.dumps(dict(parameters), default=simple))
    return plain


def _alike(one: Any, other: Any) -> bool:
    """Tell whether two values of JSON are the same: 8 is 8.0, NaN is NaN, but True is not 1."""

    def number(text: str) -> float:
        return int(value) if (value := float(text)).is_integer() else value

    first, second = (json.dumps(json.loads(json.dumps(v), parse_float=number), sort_keys=True) for v in (one, other))
    return first == second


def _other(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say in which of function, parameters, key and files a stored table is not the wanted one; empty if in none."""
    old, new = then["parameters"], now["parameters"]
    names = [n for n in {**new, **old} if (n in old) != (n in new) or not _alike(old[n], new[n])]
    wanted, found = ([f"{n}={side[n]!r}" if n in side else f"no {n}" for n in names] for side in (new, old))
    made, makes = (side["function"].rpartition(".")[2] for side in (then, now))
    if made != makes:
        wanted, found = [makes, *wanted], [made, *found]
    if then["key"] != now["key"]:
        wanted, found = [*wanted, f"key {now['key']}"], [*found, f"key {then['key']}"]
    if then["inputs"] != now["inputs"]:
        wanted.append(f"these {len(now['inputs'])} files")
        found.append(f"{len(then['inputs'])} files, not all the same")
    what = "expected a stored table made with"
    return f"{what} {', '.join(wanted)}, found one made with {', '.join(found)}" if wanted else ""


def _same_code(then: Mapping[str, Any], compute: Compute) -> None:
    if then.get("code") != code_hash(compute):
        text = f"{then['name']}: this stored table was made before its code was changed. {LOOK.format(then['name'])}"
        warnings.warn(text, OtherCode, stacklevel=3)


def _tell(name: str, text: str) -> None:
    """Warn of a difference, and leave it where the program that runs the notebooks looks for it."""
    if folder := os.environ.get("GAITSTUDY_RESULTS"):
        path = Path(folder) / "differences" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, visible(text) + "\n", overwrite=True)
    warnings.warn(visible(text), TableDiffers, stacklevel=3)


def _where(key: Sequence[str], values: Any) -> str:
    values = values if isinstance(values, tuple) else (values,)
    return ", ".join(f"{name}={value}" for name, value in zip(key, values, strict=True))

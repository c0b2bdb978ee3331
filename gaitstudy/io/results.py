"""The one keeper of tables that this project computed: a CSV in ``data/derived``, and a JSON that says how it was made.

``table`` computes where the files are and falls back on what is stored where they are not; ``kept`` returns what took
minutes to make. The JSON names the function, its parameters, a hash of its code and the SHA-256 of its files, and the
kind of each column (text, integer, number, boolean), so that what is read back is what was written. Text has no missing
values (an empty text stands for them); a missing number is NaN.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import warnings
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
DTYPES = {"text": "str", "integer": "int64", "number": "float64", "boolean": "bool"}
WHOLE = "the whole row"
LOOK = "See what moved: `python3 run.py tables {}`; with --write it is stored: say why in the CHANGELOG."
Compute = Callable[..., pd.DataFrame]


class TableDiffers(UserWarning):
    """A stored table is not what its files and its function give now; what was computed is returned."""


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
    UserWarning : files are absent, and the code was changed since the stored table was made.

    Raises
    ------
    DatasetUnavailable : files are absent, and no table is stored for these parameters, files and key.
    """
    rows, found = catalogue.select(inputs), _read(name)
    about = {
        "name": name, "function": f"{compute.__module__}.{compute.__qualname__}",
        "parameters": _parameters(compute, parameters), "package_version": __version__, "key": list(key),
        "tolerance": tolerance, "reason": reason, "inputs": _files(rows),
    }  # fmt: skip
    other = _other(found[1], about) if found else "no table is stored in data/derived"
    if absent := catalogue.lacking(rows):
        if found is None or other:
            raise DatasetUnavailable(f"{name}: {other}. To compute it: {absent}")
        _same_code(found[1], compute)
        return found[0]
    computed = _tidy(compute(**parameters), key, name)
    if found is None:
        _write(computed, about | {"code": code_hash(compute)})
    elif not other:
        return compare(name, found[0], computed, key, found[1]["tolerance"])
    elif _text(found[1]["parameters"]) == _text(about["parameters"]):
        _tell(name, f"{name}: {other}. {LOOK.format(name)}")
    return computed


def kept(name: str, **parameters: Any) -> pd.DataFrame:
    """Return a stored table that takes minutes to make, such as a campaign's; nothing is computed.

    Parameters
    ----------
    parameters : any of those that it must have been made with.

    Warns
    -----
    UserWarning : the code was changed since.

    Raises
    ------
    DatasetUnavailable : there is no such table, or it was made with other parameters.
    """
    found, hint = _read(name), f"Run `python3 run.py campaign {name}`."
    if found is None:
        raise DatasetUnavailable(f"{name}: expected a table in data/derived, found none. {hint}")
    stored, then = found
    if other := _other(then, then | {"parameters": then["parameters"] | parameters}):
        raise DatasetUnavailable(f"{name}: {other}. {hint}")
    _same_code(then, _function(then))
    return stored


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
    GaitStudyError : there is no such table, or no longer the function that made it.
    """
    found = _read(name)
    if found is None:
        raise GaitStudyError(f"{name}: expected a stored table, found none.")
    stored, about = found
    rows = catalogue.select([(row["dataset"], row["file"]) for row in about["inputs"]])
    if absent := catalogue.lacking(rows):
        return f"not made anew: {absent}", _differences(stored, stored, about["key"], about["tolerance"])
    compute = _function(about)
    parameters = _parameters(compute, about["parameters"])
    computed = _tidy(compute(**parameters), about["key"], name)
    moved = _differences(stored, computed, about["key"], about["tolerance"])
    now = about | {"code": code_hash(compute), "package_version": __version__, "parameters": parameters}
    now["inputs"] = _files(rows)
    said = "as stored" if moved.empty else f"{len(moved)} of {stored.size} values moved"
    if now != about:
        said += "; its JSON changes" if about["code"] == now["code"] else "; its JSON is not of this code"
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
    TableDiffers : a value differs; it says how many do, and which most, with its row.
    """
    apart = _differences(stored, computed, key, tolerance)
    if len(apart):
        worst = apart.loc[apart["relative"].idxmax()]
        _tell(
            name,
            f"{name}: {len(apart)} of {stored.size} stored values differ from the computed ones by more than "
            f"{tolerance:g}; the worst is {worst['row']}: {worst['column']} stored {worst['stored']}, computed "
            f"{worst['computed']}. {LOOK.format(name)}",
        )
    if apart["column"].eq(WHOLE).any() or set(stored) != set(computed):
        return computed
    ordered = computed.set_index(list(key)).loc[stored.set_index(list(key)).index]
    return ordered.reset_index()[list(stored.columns)]


def _read(name: str) -> tuple[pd.DataFrame, dict[str, Any]] | None:
    """Return a stored table and its provenance, or None when there is none; where it came from is not looked at.

    Raises
    ------
    GaitStudyError : the CSV lacks its JSON, or its columns are not those the JSON states.
    """
    path = _path(name)
    if not path.is_file():
        return None
    try:
        about: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        kinds: dict[str, str] = about["columns"]
        stored = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        if list(stored.columns) != list(kinds) or not isinstance(stored.index, pd.RangeIndex):
            raise ValueError(f"columns {list(stored.columns)}, not {list(kinds)}")
        for column, kind in kinds.items():
            cells = stored[column].replace("", "nan") if kind == "number" else stored[column]
            if kind == "boolean":
                cells = cells.map({"True": True, "False": False}.__getitem__)
            stored[column] = cells.astype(DTYPES[kind])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GaitStudyError(
            f"{path.name}: expected it and {path.stem}.json as they were stored, found one of them gone or changed "
            f"({type(error).__name__}: {' '.join(str(error).split())}). Restore both."
        ) from error
    return stored, about


# ---- within the module ----


def _path(name: str) -> Path:
    return catalogue.data_folder() / "derived" / f"{name}.csv"


def _write(table: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Store a table with its provenance; numbers are written so that they read back to the last digit."""
    path = _path(about["name"])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, table.to_csv(index=False, lineterminator="\n"), overwrite=True)
    kinds = {"O": "text", "i": "integer", "f": "number", "b": "boolean"}
    columns = {str(column): kinds[values.dtype.kind] for column, values in table.items()}
    beside = json.dumps({**about, "columns": columns}, indent=1, ensure_ascii=False)
    write_whole(path.with_suffix(".json"), beside + "\n", overwrite=True)


def _files(rows: Sequence[catalogue.Row]) -> list[dict[str, str]]:
    return [{each: row[each] for each in ("dataset", "file", "sha256")} for row in rows]


def _function(about: Mapping[str, Any]) -> Compute:
    """Return the function that a table's JSON names."""
    module, _, name = about["function"].rpartition(".")
    try:
        found: Compute = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise GaitStudyError(
            f"{about['name']}: expected the function {about['function']} that made it, found none. Name the one that "
            f"makes it now in data/derived/{about['name']}.json."
        ) from error
    return found


def _parameters(compute: Compute, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call as JSON holds them, the function's defaults included."""
    bound = inspect.signature(compute).bind(**given)
    bound.apply_defaults()
    plain: dict[str, Any] = json.loads(json.dumps(bound.arguments))
    return plain


def _other(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say in which of function, parameters, key and files a stored table is not the wanted one; empty if in none."""
    old, new = _recipe(then), _recipe(now)
    names = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    wanted, found = (", ".join(f"{n}={side.get(n, 'none')[:200]}" for n in names) for side in (new, old))
    return f"expected a stored table made with {wanted}, found one made with {found}" if names else ""


def _recipe(about: Mapping[str, Any]) -> dict[str, str]:
    parts = {"function": about["function"].rpartition(".")[2], "key": about["key"], "files": about["inputs"]}
    return {name: _text(value) for name, value in (about["parameters"] | parts).items()}


def _text(value: Any) -> str:
    """Return a value of JSON as text, the same for the same value: 8 is 8.0, NaN is NaN, but True is not 1."""
    return json.dumps(json.loads(json.dumps(value), parse_int=float), sort_keys=True)


def _same_code(then: Mapping[str, Any], compute: Compute) -> None:
    if then.get("code") != code_hash(compute):
        text = f"{then['name']}: this stored table was made before its code was changed. {LOOK.format(then['name'])}"
        warnings.warn(text, stacklevel=3)


def _tell(name: str, text: str) -> None:
    """Warn of a difference, and leave it where the program that runs the notebooks looks for it."""
    if folder := os.environ.get("GAITSTUDY_RESULTS"):
        path = Path(folder) / "differences" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, visible(text) + "\n", overwrite=True)
    warnings.warn(visible(text), TableDiffers, stacklevel=3)


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


def _where(key: Sequence[str], values: Any) -> str:
    values = values if isinstance(values, tuple) else (values,)
    return ", ".join(f"{name}={value}" for name, value in zip(key, values, strict=True))


def _tidy(table: pd.DataFrame, key: Sequence[str], name: str) -> pd.DataFrame:
    """Return a table in the form it is stored in: keys as columns, plain dtypes, one row per key, no ``attrs``.

    Raises
    ------
    GaitStudyError : two rows share a key, or a column holds anything but texts, numbers or booleans.
    """
    if any(part in key for part in table.index.names):
        table = table.reset_index()
    plain = pd.DataFrame({column: _plain(values, name) for column, values in table.items()})
    repeated = plain[plain.duplicated(list(key))]
    if len(repeated):
        where = _where(key, tuple(repeated.iloc[0][list(key)]))
        raise GaitStudyError(f"{name}: expected one row per {list(key)}, found {where} more than once. Widen the key.")
    return plain


def _plain(column: pd.Series, name: str) -> np.ndarray:
    """Return a column's values in one of the dtypes that are stored; an integer or a boolean with gaps is a number."""
    if types.is_numeric_dtype(column):
        gaps = column.hasnans or types.is_float_dtype(column)
        return column.astype("float64" if gaps else "bool" if types.is_bool_dtype(column) else "int64").to_numpy()
    texts = ["" if value is None or value is pd.NA or value != value else value for value in column]
    if not all(isinstance(text, str) for text in texts):
        raise GaitStudyError(f"{name}: expected texts, numbers or booleans in column {column.name!r}. Change it.")
    return np.array(texts, dtype=object)

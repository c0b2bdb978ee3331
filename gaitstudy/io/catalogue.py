"""The real files this project stands on: find, verify, fetch and cite them, and keep what was computed from them.

A dataset is a set of files listed in ``data/catalogue.csv`` and described in ``data/datasets.csv``. Files marked
``needed`` carry the notebooks and tests; the others belong to the dataset and come with ``gaitstudy fetch NAME --all``.
Nothing here downloads unless ``fetch`` is called. Tables computed from the files: ``gaitstudy.io.catalogue.derived``.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from gaitstudy import __version__
from gaitstudy.conventions import ChecksumError, DatasetUnavailable, GaitStudyError
from gaitstudy.io import download, stored
from gaitstudy.io.files import printable
from gaitstudy.io.stored import DerivedMismatch, data_class

__all__ = [
    "DerivedMismatch", "available", "cache_folder", "citation", "data_class", "data_folder", "datasets", "derived",
    "fetch", "files", "licence", "locate", "mirror_folder", "present",
]  # fmt: skip

LISTED = ("dataset", "file", "url", "sha256", "bytes", "licence", "needed")
"""Columns of the catalogue that this module relies on."""
Row = Mapping[str, Any]
Inputs = Sequence[str | tuple[str, str]]


def data_folder() -> Path:
    """Return the folder ``data`` of the checkout, which lies beside the package.

    Raises
    ------
    DatasetUnavailable : the package was installed without it.
    """
    folder = Path(__file__).resolve().parents[2] / "data"
    if not (folder / "catalogue.csv").is_file():
        raise DatasetUnavailable(
            f"catalogue: expected data/catalogue.csv beside the package, found none in {folder}. The package was "
            "installed without the repository: clone it and install it from there with `pip install -e .`."
        )
    return folder


def datasets() -> pd.DataFrame:
    """Describe every dataset: one row each, with name, title, data class, licence, citation, files and bytes."""
    table = _read_table(data_folder() / "datasets.csv")
    listed = _listing().groupby("dataset").agg(files=("file", "size"), needed=("needed", "sum"), bytes=("bytes", "sum"))
    return table.join(listed, on="name")


def files(dataset: str) -> pd.DataFrame:
    """List the files of a dataset: role, address, SHA-256, bytes, licence, and whether the project needs them.

    Raises
    ------
    DatasetUnavailable : there is no dataset of that name; the closest names are given.
    """
    listing = _listing()
    rows = listing[listing["dataset"] == dataset].reset_index(drop=True)
    if rows.empty:
        raise DatasetUnavailable(_unknown("dataset", dataset, sorted(set(listing["dataset"]))))
    return rows


def citation(dataset: str) -> str:
    """Return how to cite a dataset, as far as its sources state it, with the DOI where there is one."""
    row = _described(dataset)
    return f"{row['citation']} https://doi.org/{row['doi']}" if row["doi"] else str(row["citation"])


def licence(dataset: str) -> str:
    """Return the licence of a dataset as its sources state it, which may be that none is stated."""
    return str(_described(dataset)["licence"])


def mirror_folder() -> Path | None:
    """Return the folder that ``GAITSTUDY_DATA`` names, laid out as ``dataset/file``, or None."""
    named = os.environ.get("GAITSTUDY_DATA")
    return Path(named) if named else None


def cache_folder() -> Path:
    """Return where fetched files go: ``GAITSTUDY_CACHE``, or the user's cache folder."""
    if named := os.environ.get("GAITSTUDY_CACHE"):
        return Path(named)
    import pooch

    return Path(pooch.os_cache("gaitstudy"))


def locate(dataset: str, file: str) -> Path:
    """Return the local path of one file of the catalogue, verified by size and SHA-256; never download.

    The mirror named by ``GAITSTUDY_DATA`` comes first, then the cache; both are laid out as ``dataset/file``.

    Raises
    ------
    DatasetUnavailable : the file is in neither place, or the catalogue does not know it.
    ChecksumError : the file found is not the one the catalogue describes.
    """
    row = _select(dataset, [file])[0]
    if path := _find(dataset, row["file"]):
        return _verified(path, row)
    command = f"gaitstudy fetch {dataset}{'' if row['needed'] else ' --all'}"
    raise DatasetUnavailable(
        f"{dataset}/{file}: expected it in the mirror ({mirror_folder() or 'GAITSTUDY_DATA is not set'}) or in the "
        f"cache ({cache_folder()}), found it in neither. Run `{command}`, or "
        " let GAITSTUDY_DATA name a folder laid out as dataset/file."
    )


def present(dataset: str, files: Iterable[str] | None = None) -> bool:
    """Say whether the files of a dataset are on this machine.

    Parameters
    ----------
    files : names, or patterns among the needed files; by default every needed file.

    Raises
    ------
    ChecksumError : a file is there but is not the one the catalogue describes.
    """
    return not _missing(_select(dataset, files))


def available(dataset: str, pattern: str = "*", *, optional: bool = False) -> list[Path]:
    """List the local paths of a dataset's files whose name matches a pattern, sorted by name.

    Parameters
    ----------
    pattern : shell pattern over the name within the dataset; ``*`` also crosses folders.
    optional : also those the project does not need. Off by default, so that no result depends on what else was fetched.
    """
    rows = [row for row in _records(dataset) if optional or row["needed"]]
    names = sorted(row["file"] for row in rows if fnmatchcase(row["file"], pattern))
    return [locate(dataset, name) for name in names if _find(dataset, name)]


def fetch(dataset: str, *, all: bool = False, progress: bool = True) -> pd.DataFrame:
    """Download the files of a dataset into the cache, verified, skipping those that are there.

    Parameters
    ----------
    all : also the files the project does not need.
    progress : show a progress bar on the error stream.

    Returns
    -------
    DataFrame: dataset, file, bytes, status (``there``, ``fetched``, ``failed``) and the reason of a failure.

    Raises
    ------
    DatasetUnavailable : something has to be downloaded and there is no network.
    """
    rows = [row for row in _records(dataset) if all or row["needed"]]
    outcome: dict[str, tuple[str, str]] = {}
    for row in rows:
        path = _find(dataset, row["file"])
        try:
            outcome[row["file"]] = ("there" if path and _verified(path, row).exists() else "wanted", "")
        except ChecksumError as error:  # a wrong file in the cache is replaced; the mirror is not ours to write in
            in_cache = path == cache_folder() / dataset / row["file"]
            outcome[row["file"]] = ("wanted", "") if in_cache else ("failed", str(error))
    wanted = [row for row in rows if outcome[row["file"]][0] == "wanted"]
    web = [row for row in wanted if row["url"].startswith("https://")]
    if web and not download.reachable(web[0]["url"]):
        raise DatasetUnavailable(
            f"{dataset}: {len(wanted)} of {len(rows)} files are not on this machine, and "
            f"{urlsplit(web[0]['url']).hostname} gave no answer within {download.PROBE_SECONDS:g} s. Try again with a "
            "network, or let GAITSTUDY_DATA name a mirror; without the files the project works from its stored tables."
        )
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not (progress and wanted)) as bar:
        task = bar.add_task(dataset, total=sum(row["bytes"] for row in wanted))

        def note(row: Row, reason: str) -> None:
            outcome[row["file"]] = ("failed" if reason else "fetched", reason)
            bar.advance(task, row["bytes"])

        for row, reason in download.download_all(web, cache_folder()):
            note(row, reason)
        for archive in sorted({row["url"].split("&member=")[0] for row in wanted if row not in web}):
            packed = [row for row in wanted if row["url"].startswith(archive)]
            for row, reason in zip(packed, download.unpack(packed, cache_folder()), strict=True):
                note(row, reason)
    table = pd.DataFrame([(dataset, row["file"], row["bytes"], *outcome[row["file"]]) for row in rows])
    return table.set_axis(["dataset", "file", "bytes", "status", "reason"], axis="columns")


def derived(
    name: str,
    compute: Callable[[], pd.DataFrame],
    *,
    inputs: Inputs,
    key: Sequence[str],
    tolerance: float = stored.TOLERANCE,
    reason: str = "",
) -> pd.DataFrame:
    """Return a table computed from real files, or the one stored with the project where the files are absent.

    Files present: ``compute()`` runs and must agree with ``data/derived/NAME.csv``, which is written if there is none
    yet, or anew under ``GAITSTUDY_UPDATE_DERIVED=1``. A file absent: the stored table. Provenance is in ``NAME.json``.

    Parameters
    ----------
    compute : a named function, or a ``functools.partial`` of one.
    inputs : datasets (all their needed files), or pairs of dataset and file (or pattern among the needed files).
    key : the columns that name a row.
    tolerance, reason : relative difference allowed, and why if it is wider than 1e-6. They are stored with the table,
        and the stored ones hold. Under a wider one the stored values are returned, so that nothing later on moves.

    Returns
    -------
    DataFrame; ``attrs``: ``stored`` (True, False), ``data_class`` (for titles), ``missing`` (files that were absent).

    Raises
    ------
    DerivedMismatch : stored and computed differ, or the stored table was made from other files or with another key.
    GaitStudyError : a table that looks like curves, from data whose licence does not let curves be kept.
    DatasetUnavailable : files are absent and no table is stored.
    """
    stored.require_reason(name, tolerance, reason)
    pairs = [(entry, None) if isinstance(entry, str) else (entry[0], [entry[1]]) for entry in inputs]
    rows = {(row["dataset"], row["file"]): row for dataset, patterns in pairs for row in _select(dataset, patterns)}
    made_from = [{"dataset": d, "file": f, "sha256": row["sha256"]} for (d, f), row in sorted(rows.items())]
    function, path = stored.function_name(compute), data_folder() / "derived" / f"{name}.csv"
    missing = _missing(rows.values())
    update = os.environ.get("GAITSTUDY_UPDATE_DERIVED") == "1" and not missing
    kept = None if update else stored.read(path)
    if kept and (kept[1]["inputs"] != made_from or kept[1]["key"] != list(key)):
        raise DerivedMismatch(
            f"{name}: expected a stored table made from these {len(made_from)} files, key {list(key)}, found one "
            f"made from {len(kept[1]['inputs'])} files, not all the same, or with key {kept[1]['key']}. {stored.UPDATE}"
        )
    if missing and not kept:
        raise DatasetUnavailable(
            f"{name}: no table is stored in data/derived, and {len(missing)} of {len(rows)} files are absent, first "
            f"{missing[0]}. Run `gaitstudy fetch {missing[0].split('/')[0]}`."
        )
    about = [_described(dataset) for dataset in dict.fromkeys(dataset for dataset, _ in rows)]
    result = kept[0] if kept and missing else stored.tidy(compute(), key, name)
    if kept and not missing:
        computed = stored.align(kept[0], result, key, kept[1]["tolerance"], name)
        result = kept[0] if kept[1]["tolerance"] > stored.TOLERANCE else computed
    elif not kept:
        closed = [row["name"] for row in about if row["curves_allowed"] != "yes"]
        if closed and (curve := stored.curve_column(result, key)):
            raise GaitStudyError(
                f"{name}: the licence of {closed[0]} lets summary numbers be kept, no curves; found one over {curve}."
            )
        made = {"name": name, "function": function, "package_version": __version__, "key": list(key)}
        stored.write(path, result, {**made, "tolerance": tolerance, "reason": reason, "inputs": made_from})
    classes = sorted({row["data_class"] for row in about})
    label = " and ".join(classes) + (", stored" if missing else "")
    result.attrs = {"stored": bool(missing), "data_class": label, "missing": missing}
    return result


# ---- within the room: catalogue rows, verification, downloads ----


@cache
def _parse_table(path: Path, modified: int) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except ValueError:  # ragged rows, another encoding, nothing in it
        raise _damaged(path, "found one that cannot be read") from None
    for column in {"dataset", "file", "name"} & {*table.columns}:
        for number, name in enumerate(table[column], 2):
            if download.leaves(name) or (column != "file" and "/" in name):
                raise GaitStudyError(
                    f"{path.name}, line {number}: expected a {column} that stays in its folder on every system, found "
                    f"'{printable(name)}'. Nothing was read or fetched; restore data/{path.name}."
                )
    return table


def _read_table(path: Path) -> pd.DataFrame:
    return _parse_table(path, path.stat().st_mtime_ns).copy()


def _listing() -> pd.DataFrame:
    path = data_folder() / "catalogue.csv"
    table = _read_table(path)
    if absent := [name for name in LISTED if name not in table.columns]:
        raise _damaged(path, f"found no column {', '.join(absent)}")
    if (wrong := ~table["bytes"].str.fullmatch("[0-9]{1,15}")).any():
        raise _damaged(path, f"found no number of bytes in row {int(wrong.argmax()) + 2}")
    return table.assign(bytes=table["bytes"].astype(int), needed=table["needed"] == "yes")


def _damaged(path: Path, found: str) -> DatasetUnavailable:
    return DatasetUnavailable(
        f"{path.name}: expected a table of the datasets' files, {found}. Restore data/{path.name}."
    )


def _unknown(kind: str, name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or list(known[:3])
    return f"{kind} {name!r} is not in data/catalogue.csv. Did you mean {' or '.join(map(repr, close))}?"


def _described(dataset: str) -> Row:
    files(dataset)
    table = datasets().set_index("name", drop=False)
    return {str(k): v for k, v in table.loc[dataset].items()}


def _records(dataset: str) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in files(dataset).to_dict("records")]


def _select(dataset: str, patterns: Iterable[str] | None) -> list[Row]:
    """Rows of the needed files that match, or of any file named in full; every pattern must match something."""
    rows = _records(dataset)
    if patterns is None:
        return [row for row in rows if row["needed"]]
    chosen: dict[str, Row] = {}
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        exact = [row for row in rows if row["file"] == pattern]
        hits = exact or [row for row in rows if row["needed"] and fnmatchcase(row["file"], pattern)]
        if not hits:
            raise DatasetUnavailable(_unknown(f"{dataset}: file", pattern, [row["file"] for row in rows]))
        chosen |= {row["file"]: row for row in hits}
    return list(chosen.values())


def _find(dataset: str, file: str) -> Path | None:
    for folder in (mirror_folder(), cache_folder()):
        if folder and (folder / dataset / file).is_file():
            return folder / dataset / file
    return None


@cache
def _digest(path: Path, modified: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _verified(path: Path, row: Row) -> Path:
    state = path.stat()
    found = f"{state.st_size} bytes"
    if state.st_size == row["bytes"]:
        digest = _digest(path, state.st_mtime_ns, state.st_size)
        if digest == row["sha256"]:
            return path
        found += f" with SHA-256 {digest}"
    raise ChecksumError(
        f"{row['dataset']}/{row['file']}: expected {row['bytes']} bytes with SHA-256 {row['sha256']}, found {found}, "
        f"in {path}. Delete that file and run `gaitstudy fetch {row['dataset']}`."
    )


def _missing(rows: Iterable[Row]) -> list[str]:
    found = [(row, _find(row["dataset"], row["file"])) for row in rows]
    return [f"{row['dataset']}/{row['file']}" for row, path in found if not (path and _verified(path, row).exists())]

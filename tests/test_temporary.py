"""Temporary folders: gone at the end, and those of killed processes at the next beginning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workflow import temporary

HOLD = """
import sys, time
from pathlib import Path
from workflow import temporary
with temporary.folder("work-", Path(sys.argv[1])) as folder:
    (folder / "half").touch()
    print("ready", flush=True)
    time.sleep(60)
"""


def test_it_is_there_for_the_block_and_gone_after_it_or_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no"), temporary.folder("work-", tmp_path) as folder:
        (folder / "file").touch()
        assert folder.parent == tmp_path
        raise ValueError("no")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_and_that_of_a_killed_process_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "ready\n"
        (tmp_path / "work-mine.csv").touch()
        with temporary.folder("work-", tmp_path):
            assert len(list(tmp_path.glob("work-*/half"))) == 1
        other.kill()
        other.wait()
        assert len(list(tmp_path.glob("work-*/half"))) == 1
        with temporary.folder("work-", tmp_path) as folder:
            assert not list(tmp_path.glob("work-*/half")) and folder.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["work-mine.csv"]

"""Folders for the time of a run: gone at its end, and if it was killed, gone when the next one begins."""

from __future__ import annotations

import errno
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

DISK = (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES, errno.EIO)
"""Errors that tell of a disk that is full, broken or not to be written on, not of a mistake in the program."""


@contextmanager
def folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Make an empty folder, remove it at the end of the block, and first those that killed processes left there.

    A folder is in use while its process holds the lock on the file beside it, ``NAME.lock``. The system frees the lock
    however the process ends.

    Parameters
    ----------
    prefix : what the names of all such folders begin with.
    parent : where to make it; by default where the system keeps temporary files.

    Raises
    ------
    OSError : it cannot be made.
    """
    parent = Path(parent or tempfile.gettempdir())
    for left in parent.glob(f"{prefix}*.lock"):
        _sweep(left)
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=".lock", dir=parent)
    made = Path(name).with_suffix("")
    try:
        with open(descriptor, "w", encoding="utf-8") as lock:
            _locked(lock)
            lock.write("held")  # an empty lock is one that its process has not yet taken
            lock.flush()
            made.mkdir(mode=0o700)
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        Path(name).unlink(missing_ok=True)


def _sweep(left: Path) -> None:
    """Remove a folder and its lock if no process holds it."""
    try:
        with left.open(encoding="utf-8") as lock:
            if left.stat().st_size == 0 or not _locked(lock):
                return
            shutil.rmtree(left.with_suffix(""), ignore_errors=True)
        left.unlink(missing_ok=True)
    except OSError:  # another user's, or gone meanwhile
        return


def _locked(file: IO[str]) -> bool:
    """Lock an open file until it is closed or the process ends; say whether that was possible."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

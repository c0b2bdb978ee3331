"""Tasks run several at a time, each in a process of its own that is forked from one that has imported the libraries."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any

from workflow import kernel

Task = Callable[[Path, Path], Any]


@contextmanager
def started(task: Task, paths: Sequence[Path], results: Path, jobs: int, scratch: Path) -> Iterator[Connection]:
    """Run a task on every path, and yield where each is reported: ``(path, None)`` at its start, then what it returned.

    A task whose process ends early is reported by a text that says so. All processes end when the block does, or when
    this process is killed.

    Parameters
    ----------
    task : called with a path and ``results``; it is not called in this process. jobs : at a time.
    scratch : where the tasks, and what they start, keep their temporary files.
    """
    context = multiprocessing.get_context("spawn")
    reports, sender = context.Pipe(duplex=False)
    server = context.Process(target=_serve, args=(sender, task, paths, results, jobs))
    before = dict(os.environ)
    os.environ.update(kernel.FIXED | {"TMPDIR": str(scratch)})
    for name in kernel.PERSONAL:
        os.environ.pop(name, None)
    try:
        with _interrupts_held():
            server.start()
    finally:
        os.environ.clear()
        os.environ.update(before)
    sender.close()
    try:
        yield reports
        server.join()
    finally:
        kernel.kill(server.pid or 0)
        server.join()


def _serve(reports: Connection, task: Task, paths: Sequence[Path], results: Path, jobs: int) -> None:
    """Run the tasks and report them; this process does nothing else, so that its forks are clean."""
    if kernel.FORKS:
        kernel.warm()
    context: Any = multiprocessing.get_context("fork" if kernel.FORKS else "spawn")
    waiting, running = list(paths), dict[Any, tuple[BaseProcess, Path]]()
    parent = multiprocessing.parent_process()
    while waiting or running:
        while waiting and len(running) < jobs:
            path = waiting.pop(0)
            answer, sender = context.Pipe(duplex=False)
            process = context.Process(target=_run, args=(sender, task, path, results))
            process.start()
            sender.close()
            running[answer] = process, path
            reports.send((path, None))
        ready: Any
        for ready in wait([*running, parent.sentinel] if parent else [*running]):
            if ready not in running:  # it tells that the process that waits for the reports has ended
                kernel.kill(os.getpid())
            process, path = running.pop(ready)
            try:
                said = ready.recv()
            except EOFError:
                process.join()
                said = f"its process ended: exit code {process.exitcode}"
            process.join()
            reports.send((path, said))


def _run(sender: Connection, task: Task, path: Path, results: Path) -> None:
    """Run one task in this process."""
    if not kernel.FORKS:
        Thread(target=kernel.end_with_parent, daemon=True).start()
    sender.send(task(path, results))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back for a block; the processes started in it never hear it, as ending them is for this one."""
    if os.name != "posix":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

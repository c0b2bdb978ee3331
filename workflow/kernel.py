"""The kernel of a notebook: of this very environment, fresh, or forked from a process that has imported the libraries.

A fork costs a hundredth of what the imports of a fresh kernel do, and shares their memory. The process it is made from
has imported libraries and ``gaitstudy`` and has done nothing else: it has one thread, no sockets, and has drawn and
computed nothing, so a page shows in a forked kernel what it shows in a fresh one; a test compares them.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import os
import pkgutil
import sys
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

FORKS = sys.platform == "linux"
"""macOS can fork, but its own libraries do not survive it; Windows cannot."""
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
FIXED = dict.fromkeys(THREADS, "1") | {
    "PYTHONHASHSEED": "0", "MPLBACKEND": "module://matplotlib_inline.backend_inline"
}  # fmt: skip
"""What every kernel, and every process that kernels are forked from, is started with."""
PERSONAL = ("COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE", "PYTHONSTARTUP", "JPY_PARENT_PID")
LIBRARIES = (
    "IPython.display", "PIL.PngImagePlugin", "dask.array", "ipykernel.kernelapp", "ipykernel.zmqshell",
    "matplotlib.backends.backend_svg", "matplotlib.pyplot", "nbclient", "nbconvert", "openpyxl", "pandas",
    "pandera.pandas", "pingouin", "pooch", "scipy.stats", "seaborn", "statsmodels.api", "statsmodels.formula.api",
    "workflow.exports", "xarray",
)  # fmt: skip
"""What pages import, and what these libraries import when first used: xarray, if it is installed, dask."""
ROOT = Path(__file__).resolve().parents[1]
_warm = False


def warm() -> None:
    """Import what notebooks use, so that kernels can be forked from this process and its forks."""
    import gaitstudy

    global _warm
    modules = [m.name for m in pkgutil.walk_packages(gaitstudy.__path__, "gaitstudy.")]
    for name in (*LIBRARIES, *modules):
        if importlib.util.find_spec(name.partition(".")[0]):  # dask is optional
            importlib.import_module(name)
    from workflow.page import page

    page(nbformat.v4.new_notebook(), "")  # compiles the templates of the pages
    gc.collect()
    gc.freeze()  # or the first collection of each fork would copy all of it
    _warm = True


class Kernel(AsyncKernelManager):
    """The kernel of this environment, whatever kernels the user has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return the command that starts a fresh one."""
        command = [sys.executable, "-m", "ipykernel_launcher", *arguments("{connection_file}")]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


def arguments(connection_file: str) -> list[str]:
    """Return what a kernel is told: where to listen, to say and remember nothing, and to export what it shows."""
    return ["-f", connection_file, "--log-level=ERROR", "--HistoryManager.enabled=False", "--ext=workflow.exports"]


def environment(**more: str) -> dict[str, str]:
    """Return the variables of a kernel: the caller's, less what is personal, and what is fixed."""
    kept = {k: v for k, v in os.environ.items() if k not in PERSONAL}
    path = os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    return kept | FIXED | {"PYTHONPATH": path, "PYDEVD_DISABLE_FILE_VALIDATION": "1"} | more


def prepared(connection_file: str, sockets: str, env: dict[str, str], folder: Path) -> Kernel:
    """Return a kernel to be started: in a warm process already forked, which must come before threads and sockets.

    Parameters
    ----------
    connection_file, sockets : where it is described, and the start of its sockets' names; none: it uses the network.
    env, folder : the variables and the working folder of a forked one; a fresh one is given them by who starts it.
    """
    here = {"transport": "ipc", "ip": sockets} if sockets else {}
    kernel = Kernel(connection_file=connection_file, **here)
    if _warm:
        kernel.write_connection_file()
        forked = Child(_fork(connection_file, env, folder))
        kernel.provisioner = Forked(kernel_id="forked", kernel_spec=kernel.kernel_spec, parent=kernel, process=forked)
        Thread(target=end_with_parent, daemon=True).start()
    return kernel


def _fork(connection_file: str, env: dict[str, str], folder: Path) -> int:
    """Fork a kernel and return its process id."""
    import ipykernel_launcher
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    parent = os.getpid()
    if pid := os.fork():
        os.setpgid(pid, pid)  # so that it can be ended with all that it starts
        return pid
    try:
        os.closerange(3, 1024)  # the pipes of the process this was
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        np.random.seed()  # noqa: NPY002  of the system's entropy, as a fresh process
        asyncio.set_event_loop(asyncio.new_event_loop())
        sys.argv = [ipykernel_launcher.__file__, *arguments(connection_file)]
        app = IPKernelApp.instance(parent_handle=parent)
        app.initialize(sys.argv[1:])
        app.start()
    finally:
        os._exit(0)


class Child:
    """A forked process, with as much of ``subprocess.Popen`` as jupyter_client asks for."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    wait = poll
    """It is asked for when the process has ended."""

    def send_signal(self, number: int) -> None:
        """Send it, and what it started, a signal."""
        if self.poll() is None:
            os.killpg(self.pid, number)


class Forked(LocalProvisioner):
    """Hands jupyter_client a kernel that runs already."""

    process: Any

    def __init__(self, process: Child, **options: Any) -> None:
        super().__init__(**options)
        self.process = process

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Return how to speak to it."""
        return self.connection_info


def end_with_parent() -> None:
    """Wait until the process that started this one has ended, then end this one and all that it started."""
    if parent := parent_process():
        parent.join()
        kill(os.getpid())


def kill(pid: int) -> None:
    """End a process and all that it started, at once."""
    try:
        process = psutil.Process(pid)
        if pid != os.getpid():
            process.suspend()  # so that it starts no other meanwhile
        for one in (*process.children(recursive=True), process):
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        return

"""What holds for every test: no network, no windows, fixed random cases, and skips counted by their reason."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings

os.environ["MPLBACKEND"] = "Agg"
for name in ("RESULTS", "NOTEBOOK", "TRIAL_TABLE", "PRIVATE_RUN"):
    os.environ.pop(f"GAITSTUDY_{name}", None)
settings.register_profile("same every time", derandomize=True, deadline=None)
settings.load_profile("same every time")
collect_ignore_glob = ["oracles/*", "mutations/*", "bench.py"]


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Any:
    """Refuse connections to any machine but this one."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _local(str(address[0])):
            raise OSError(f"tests use no network, but something asked for {address[0]}")
        real(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many tests were skipped for each reason."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)
        for report in terminalreporter.stats.get("skipped", [])
    )
    if reasons:
        terminalreporter.section("skipped, by reason")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:4d} skipped: {reason}")

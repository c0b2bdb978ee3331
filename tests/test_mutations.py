"""The list of faults stays usable: each can be put in, exactly once (``python -m tests.mutations.run`` does it)."""

from __future__ import annotations

from collections import Counter

from tests.mutations.run import FAULTS, problem


def test_every_fault_can_be_put_in_at_one_place() -> None:
    assert [text for fault in FAULTS if (text := problem(fault))] == []


def test_sixty_faults_or_more_that_change_a_result_from_every_room() -> None:
    real = [fault for fault in FAULTS if not fault.get("note", "").startswith("changes no result")]
    assert len(real) >= 60
    assert (
        min(Counter(fault["file"].split("/")[0] for fault in real)[room] for room in ("io", "gait", "load", "stats"))
        > 12
    )
    assert [fault["number"] for fault in FAULTS] == list(range(1, len(FAULTS) + 1))
    assert all(fault["old"] != fault["new"] and fault["what"].endswith(".") for fault in FAULTS)

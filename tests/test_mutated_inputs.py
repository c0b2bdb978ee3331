"""A thousand damaged files are read or refused by errors of ours, in time, without a control character.

The campaign ``tests/campaigns/mutated_inputs.py`` tries a hundred thousand.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.campaigns.mutated_inputs import READERS, mutated, tried

COPIES = 1000


def test_the_copies_add_up_and_differ() -> None:
    assert sum(reader.share for reader in READERS.values()) == pytest.approx(1.0)
    content = b"time\tvalue\n0.0\t1.0\n0.1\t2.0\n" * 20
    copies = {mutated(content, np.random.default_rng([1, k])) for k in range(200)}
    assert len(copies) > 180 and content not in copies - {content}
    assert mutated(content, np.random.default_rng(7)) == mutated(content, np.random.default_rng(7))


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_read_or_refused(name: str) -> None:
    copies = round(COPIES * READERS[name].share)
    counts, bad = tried(name, copies)
    assert not bad
    assert counts["read"] + counts["refused"] == copies and counts["refused"] > 0

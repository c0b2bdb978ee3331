"""Agreement of two ways to measure the same thing."""

from __future__ import annotations

import numpy as np
import pingouin
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.reliability import bland_altman

LARGE_METER = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI_METER = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
"""Peak flow (l/min) of 17 people, Bland and Altman 1986; the data from general knowledge."""


# ---- closed form ----


def test_peak_flow_of_bland_and_altman() -> None:
    found = bland_altman(np.array(LARGE_METER, float), np.array(MINI_METER, float))
    assert found["value"].tolist() == pytest.approx([-2.118, -78.10, 73.86], abs=5e-3)
    assert found.attrs["sd"] == pytest.approx(38.765, abs=5e-4)
    doubled = bland_altman(np.array(LARGE_METER, float), np.array(MINI_METER, float), multiple=2)
    assert doubled["value"].tolist()[1:] == pytest.approx([-79.65, 75.41], abs=5e-3)
    mean = stats.ttest_rel(LARGE_METER, MINI_METER).confidence_interval()
    assert found.loc[0, ["low", "high"]].tolist() == pytest.approx([mean.low, mean.high])


def test_pingouins_example_of_agreement() -> None:
    table = pingouin.read_dataset("blandaltman")
    found = bland_altman(table["A"].to_numpy(), table["B"].to_numpy())
    assert found["value"].tolist() == pytest.approx([-27.1667, -95.3863, 41.0530], abs=5e-5)
    assert found.attrs["sd"] == pytest.approx(34.8059, abs=5e-5)


# ---- simulated, with a known truth ----


def test_differences_that_grow_with_size_show() -> None:
    size = np.arange(1.0, 30)
    found = bland_altman(1.1 * size, size)
    assert found.attrs["slope"] == pytest.approx(0.1 / 1.05)
    assert bland_altman(size + 1, size).attrs["slope"] == pytest.approx(0, abs=1e-12)


def test_pairs_with_gaps_are_left_out_and_counted() -> None:
    assert bland_altman(np.array([1.0, 2, 3, np.nan]), np.array([1.0, 3, 5, 2])).attrs["left_out"] == 1
    with pytest.raises(StatisticsError, match="found 2 in shapes"):
        bland_altman(np.array([1.0, 2]), np.array([1.0, 3]))
    with pytest.raises(StatisticsError, match="found 0 in shapes"):
        bland_altman(np.ones(3), np.ones(4))

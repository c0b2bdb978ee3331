"""Co-contraction: the indices' numbers, what they do not depend on, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.conventions import GaitStudyError
from gaitstudy.load.co_contraction import falconer_winter, rudolph

T = np.linspace(0, 1, 101)
ONE, TWO = np.sin(np.pi * T) ** 2, 0.5 * np.cos(np.pi * T) ** 2


# ---- closed form ----


def test_constant_activations() -> None:
    a, b = np.full(7, 0.3), np.full(7, 0.6)
    assert float(rudolph(a, b)) == pytest.approx(0.45)
    assert float(falconer_winter(a, b)) == pytest.approx(2 / 3)


def test_waves() -> None:
    assert float(rudolph(ONE, TWO)) == pytest.approx(0.180410, abs=5e-7)
    assert float(falconer_winter(ONE, TWO)) == pytest.approx(0.327585, abs=5e-7)


def test_silence_is_zero_and_a_gap_is_a_gap() -> None:
    silent = np.zeros(5)
    assert float(rudolph(silent, silent)) == 0.0
    assert float(falconer_winter(silent, silent)) == 0.0
    assert float(rudolph([0.0, 0.4], [0.0, 0.4])) == pytest.approx(0.4), "the silent instant counts as zero"
    for index in (rudolph, falconer_winter):
        assert np.isnan(index([0.1, np.nan], [0.1, 0.2]))


# ---- invariance ----


def test_the_order_of_muscles_and_the_size_of_the_signals() -> None:
    for index in (rudolph, falconer_winter):
        assert float(index(ONE, TWO)) == pytest.approx(float(index(TWO, ONE)))
    assert float(rudolph(3 * ONE, 3 * TWO)) == pytest.approx(3 * float(rudolph(ONE, TWO)))
    assert float(falconer_winter(3 * ONE, 3 * TWO)) == pytest.approx(float(falconer_winter(ONE, TWO)))
    stacked = rudolph(np.stack([ONE, TWO]), np.stack([TWO, TWO]))
    assert stacked == pytest.approx([float(rudolph(ONE, TWO)), float(rudolph(TWO, TWO))])


# ---- what it refuses ----


def test_refusals() -> None:
    with pytest.raises(GaitStudyError, match="activations of 0 or more, found 2 negative values"):
        rudolph([0.1, -0.2, 0.1], [0.1, 0.2, -0.1])
    with pytest.raises(GaitStudyError, match=r"two arrays of one shape with samples, found \(2,\) and \(3,\)"):
        falconer_winter([0.1, 0.2], [0.1, 0.2, 0.3])
    with pytest.raises(GaitStudyError, match="of one shape with samples"):
        rudolph([], [])
    with pytest.raises(GaitStudyError, match="2 or more samples"):
        falconer_winter([0.1], [0.2])

"""Symmetry of two sides: published numbers, signs, and what is undefined."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.gait.symmetry import symmetry_angle, symmetry_index

# ---- closed form ----


def test_numbers_of_the_methods_sheet() -> None:
    assert float(symmetry_index(0.8, 1.0)) == pytest.approx(-22.2222, abs=5e-5)
    assert float(symmetry_angle(0.8, 1.0)) == pytest.approx(7.0447, abs=5e-5)
    assert float(symmetry_angle(2.0, 1.0)) == pytest.approx(-20.4833, abs=5e-5)


def test_angle_at_its_corners() -> None:
    found = symmetry_angle([1.0, 0.0, 1.0, -1.0, 1.0, -1.0, -1.0], [1.0, 1.0, 0.0, 0.0, -1.0, 1.0, -1.0])
    assert found == pytest.approx([0, 50, -50, -50, 100, 100, 0])


def test_above_a_hundred_it_turns_round() -> None:
    # left / right = -2: 45 - atan(-2) = 108.4349 deg, 120.48 %, less 200
    assert float(symmetry_angle(-2.0, 1.0)) == pytest.approx((45 + 63.43494882) / 0.9 - 200, abs=1e-7)


def test_what_is_undefined_is_missing() -> None:
    assert np.isnan([symmetry_index(0.0, 0.0), symmetry_angle(0.0, 0.0)]).all()
    assert np.isnan(symmetry_index([1.0, -1.0, -2.0, np.nan], [-1.0, 1.01, -1.0, 1.0])).all()
    assert symmetry_index([0.0, 1.0], [1.0, 0.0]).tolist() == [-200, 200]


# ---- invariance ----


def test_mirror_and_scale() -> None:
    left, right = np.random.default_rng(3).uniform(0.5, 2, (2, 50))
    for function in (symmetry_index, symmetry_angle):
        assert function(right, left) == pytest.approx(-function(left, right))
        assert function(7 * left, 7 * right) == pytest.approx(function(left, right))
    assert np.sign(symmetry_index(left, right)).tolist() == (-np.sign(symmetry_angle(left, right))).tolist()

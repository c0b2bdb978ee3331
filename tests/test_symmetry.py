"""Symmetry of two sides: signs, corners, and what is undefined."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.gait.steps import symmetry_index


def test_what_is_undefined_is_missing() -> None:
    assert np.isnan(symmetry_index(0.0, 0.0))
    assert np.isnan(symmetry_index([1.0, -1.0, -2.0, np.nan], [-1.0, 1.01, -1.0, 1.0])).all()
    assert symmetry_index([0.0, 1.0], [1.0, 0.0]).tolist() == [-200, 200]


def test_mirror_and_scale() -> None:
    left, right = np.random.default_rng(3).uniform(0.5, 2, (2, 50))
    assert symmetry_index(right, left) == pytest.approx(-symmetry_index(left, right))
    assert symmetry_index(7 * left, 7 * right) == pytest.approx(symmetry_index(left, right))

"""Structures of the covariance: derivatives against differences, distance from singular."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.stats.structures import STRUCTURES, covariance_of, directions, distance_from_singular, start


@pytest.mark.parametrize("structure", STRUCTURES)
def test_derivatives_of_the_structures_are_their_differences(structure: str) -> None:
    elements = {"unstructured": [2, 0.3, 1, 0.2, 0.4, 3], "compound symmetry": [1, 0.5], "ar1": [2, 0.6]}[structure]
    theta = np.array([elements], float)
    at = covariance_of(structure, theta, 3)
    first, second = directions(structure, theta, at)
    if structure == "unstructured":  # by the elements of s in root @ s @ root.T
        root, pair = np.linalg.cholesky(at[0]), np.zeros((3, 3))
        pair[1, 0] = pair[0, 1] = 1
        np.testing.assert_allclose(first[0, 1], root @ pair @ root.T, rtol=1e-12)
        return
    for k, step in enumerate(1e-5 * np.eye(2)):
        up, down = covariance_of(structure, theta + step, 3), covariance_of(structure, theta - step, 3)
        np.testing.assert_allclose(first[:, k], (up - down) / 2e-5, atol=1e-8)
        if second is not None:
            ahead, behind = (directions(structure, theta + s * step, at)[0] for s in (1, -1))
            np.testing.assert_allclose(second[:, k], (ahead - behind) / 2e-5, atol=1e-8)


def test_the_matrices_are_what_their_names_say() -> None:
    assert covariance_of("compound symmetry", np.array([[2.0, -0.5]]), 2).tolist() == [[[1.5, -0.5], [-0.5, 1.5]]]
    assert covariance_of("ar1", np.array([[2.0, 0.5]]), 3)[0, 0].tolist() == [2, 1, 0.5]
    assert covariance_of("unstructured", np.array([[1.0, 2, 3]]), 2).tolist() == [[[1, 2], [2, 3]]]
    for structure in STRUCTURES:
        for visits in (1, 3):
            assert (
                covariance_of(structure, start(structure, 2, visits), visits).tolist() == [np.eye(visits).tolist()] * 2
            )


def test_distance_from_singular_does_not_depend_on_units_but_sees_a_vanishing_variance() -> None:
    correlated = np.array([[1.0, 0.9], [0.9, 1.0]])
    given = np.array([correlated, 1e6 * correlated, np.diag([1, 1e-9]), np.diag([1, 0.0]), np.full((2, 2), np.nan)])
    np.testing.assert_allclose(distance_from_singular(given), [0.1, 0.1, 1e-9, -1, -1], rtol=1e-9)

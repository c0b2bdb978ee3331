"""Block means: closed forms, an ordinary block bootstrap, and R's boot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.io.catalogue import data_folder
from gaitstudy.stats.blocks import block_means

SEED = 7


def one(values: np.ndarray, block: int | None = None) -> float:
    return float(block_means(values[:, None], np.zeros(len(values), int), block)[1][0, 0, 0])


def autoregressive(count: int, length: int, memory: float, seed: int) -> np.ndarray:
    """Series of a unit variance, (series, value)."""
    rng = np.random.default_rng(seed)
    values = np.empty((count, length))
    values[:, 0] = rng.standard_normal(count)
    for k in range(1, length):
        values[:, k] = memory * values[:, k - 1] + np.sqrt(1 - memory**2) * rng.standard_normal(count)
    return values


# ---- closed form ----


def test_blocks_of_one_give_the_usual_standard_error() -> None:
    values = np.random.default_rng(SEED).normal(size=50)
    assert one(values, 1) == pytest.approx(values.var(ddof=1) / 50, rel=1e-12)


def test_neighbours_that_cancel_leave_a_mean_without_error() -> None:
    assert one(np.tile([1.0, -1.0], 10), 2) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(("memory", "block", "length"), [(0.0, 3, 20), (0.3, 3, 20), (0.3, 5, 100), (0.6, 10, 200)])
def test_on_average_it_is_what_the_covariances_say(memory: float, block: int, length: int) -> None:
    """Mean over many series against its expectation, from the true covariances of the values of a series."""
    covariance = memory ** np.abs(np.subtract.outer(np.arange(length), np.arange(length)))
    weights = np.array([np.r_[np.zeros(k), np.ones(block) / block, np.zeros(length - block - k)]
                        for k in range(length - block + 1)]) - 1 / length  # fmt: skip
    expected = np.einsum("bi,ij,bj->b", weights, covariance, weights).mean() * block / (length - block)
    many = 20_000
    values = autoregressive(many, length, memory, SEED)
    found = block_means(values.reshape(-1, 1), np.repeat(np.arange(many), length), block)[1][:, 0, 0]
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / np.sqrt(many))
    true = covariance.mean()
    if memory == 0:
        assert expected == pytest.approx(true, rel=1e-12)
    elif length == 20:
        assert 0.15 < 1 - expected / true < 0.25  # the docstring's "about a fifth"


# ---- invariance ----


def test_many_series_at_once_are_each_alone_and_units_square() -> None:
    rng = np.random.default_rng(SEED)
    lengths = [5, 3, 40, 11]
    values = rng.normal(size=(sum(lengths), 2)) + 100
    series = np.repeat(np.arange(4), lengths)
    mean, covariance, size, blocks = block_means(values, series)
    for k in range(4):
        alone = block_means(values[series == k], np.zeros(lengths[k], int))
        np.testing.assert_allclose(covariance[k], alone[1][0], rtol=1e-9)
        np.testing.assert_allclose(mean[k], values[series == k].mean(0))
    np.testing.assert_allclose(block_means(1000 * values, series)[1], 1e6 * covariance, rtol=1e-9)
    assert (np.linalg.eigvalsh(covariance) >= -1e-15).all()
    assert size.tolist() == lengths and blocks.tolist() == [5 / 2 - 1, 3 / 2 - 1, 40 / 4 - 1, 11 / 3 - 1]


# ---- an independent way ----


def test_drawing_blocks_gives_the_same_variance() -> None:
    """What is drawn is squared about the mean of the series; that of all blocks is off it by the same in each draw."""
    values, block, many = autoregressive(1, 60, 0.5, SEED)[0], 4, 40_000
    rng = np.random.default_rng(SEED)
    starts = rng.integers(60 - block + 1, size=(many, 60 // block))
    squared = (values[starts[..., None] + np.arange(block)].mean((1, 2)) - values.mean()) ** 2
    assert abs(expected_square(values, block) - squared.mean()) < 4 * squared.std() / np.sqrt(many)


def expected_square(values: np.ndarray, block: int) -> float:
    """Mean square of drawn means about the mean of the series, by the formula: the offset counts whole."""
    n = len(values)
    offset = np.lib.stride_tricks.sliding_window_view(values, block).mean() - values.mean()
    return one(values, block) * (n - block) / n + float(offset) ** 2 * (1 - block / n)


def test_r_boot_gives_the_same_variance() -> None:
    folder = data_folder() / "reference"
    values = pd.read_csv(folder / "shrinkage_input.csv")["series"].to_numpy()
    row = pd.read_csv(folder / "shrinkage.csv").set_index("what").loc["block variance"]
    assert abs(expected_square(values, 4) - row["value"]) < 4 * row["error"]


# ---- what cannot be used ----


def test_what_has_no_blocks_is_refused() -> None:
    values = np.array([[1.0], [2.0], [3.0], [4.0]])
    for series in ([0, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]):
        with pytest.raises(StatisticsError):
            block_means(values, np.array(series))

"""Spread of strides: closed forms, the bootstrap that draws beside the one that does not, and coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import signal, stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.variability import COLUMNS, MINIMUM, block_for, variability


def neighbours_alike(count: int, size: int, r: float, rng: np.random.Generator) -> np.ndarray:
    """First-order autoregressive series (series, stride) of SD 1."""
    noise = rng.standard_normal((count, size + 200))
    return signal.lfilter([np.sqrt(1 - r**2)], [1, -r], noise, axis=1)[:, 200:]


# ---- closed form ----


def test_mean_sd_and_coefficient_by_hand() -> None:
    row = variability(np.array([1.0, 1.2, np.nan, 0.8])).iloc[0]
    assert tuple(row.index) == COLUMNS
    assert (row["n"], row["lost"]) == (3, 1)
    assert (row["mean"], row["sd"], row["cv"]) == pytest.approx((1.0, 0.2, 20.0))


def test_independent_strides_have_the_usual_errors() -> None:
    x = np.random.default_rng(2).standard_normal(100_000) + 5
    row = variability(x, block=1).iloc[0]
    assert (row["mean_high"] - row["mean_low"]) / 2 == pytest.approx(1.96 * row["sd"] / np.sqrt(len(x)), rel=1e-3)
    assert np.log(row["sd_high"] / row["sd"]) == pytest.approx(1.96 / np.sqrt(2 * len(x)), rel=0.02)  # normal values


def test_block_grows_with_correlation_and_is_capped() -> None:
    rng = np.random.default_rng(4)
    lengths = [np.mean([block_for(x) for x in neighbours_alike(50, 400, r, rng)]) for r in (0.0, 0.6, 0.8)]
    assert lengths[0] == pytest.approx(8, abs=0.5) and lengths[0] < lengths[1] < lengths[2]
    assert lengths[1] == pytest.approx((1.2 / 0.64) ** (2 / 3) * 600 ** (1 / 3), rel=0.1)
    assert block_for(np.cumsum(rng.standard_normal(24))) == 6 and block_for(np.ones(20)) == 3


def test_intervals_are_t_for_the_blocks_less_one_and_symmetric_in_ratio() -> None:
    x = np.random.default_rng(9).normal(1, 0.1, 40)
    wide, half = (variability(x, block=4, confidence=c).iloc[0] for c in (0.95, 0.5))
    ratio = stats.t.isf(0.025, 9) / stats.t.isf(0.25, 9)
    assert (wide["mean_high"] - wide["mean"]) / (half["mean_high"] - half["mean"]) == pytest.approx(ratio)
    for name in ("sd", "cv"):
        assert wide[f"{name}_low"] * wide[f"{name}_high"] == pytest.approx(wide[name] ** 2)


# ---- what cannot be told ----


def test_too_few_strides_give_no_interval_and_say_so() -> None:
    few = variability(np.arange(1.0, MINIMUM)).iloc[0]
    assert few["n"] == MINIMUM - 1 and few["reason"] == f"fewer than {MINIMUM} strides: no interval"
    assert few[["sd_low", "cv_high", "mean_low"]].isna().all() and few["sd"] > 0
    assert variability(np.array([1.0])).iloc[0]["reason"] == "1 stride: no spread"
    assert variability(np.full(30, 2.0)).iloc[0]["reason"] == "all strides alike: no interval"
    zero = variability(np.tile([-1.0, 1.0], 20)).iloc[0]
    assert zero["reason"] == "mean of zero: no coefficient" and np.isnan(zero["cv"])
    tenths = variability(np.full(30, 0.1)).iloc[0]  # whose mean, added up, is not quite .1
    assert tenths["reason"] == "all strides alike: no interval" and (tenths["mean"], tenths["sd"]) == (0.1, 0.0)
    both = variability(np.array([-1.0, 1.0])).iloc[0]
    assert both["reason"] == f"mean of zero: no coefficient; fewer than {MINIMUM} strides: no interval"


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(StatisticsError, match="half the series"):
        variability(np.random.default_rng(0).standard_normal(30), block=16)
    with pytest.raises(StatisticsError, match="values"):
        variability(np.ones((3, 4)))
    for wrong in (np.array([1.0, np.nan, 2.0]), np.array([]), np.ones((3, 4))):
        with pytest.raises(StatisticsError, match="block_for: expected values"):
            block_for(wrong)


# ---- invariance ----


def test_units_do_not_matter() -> None:
    x = np.random.default_rng(5).gamma(50, 0.02, 60)
    a, b = variability(x).iloc[0], variability(1000 * x).iloc[0]
    for name in ("sd", "sd_low", "sd_high", "mean_low"):
        assert b[name] == pytest.approx(1000 * a[name])
    for name in ("cv", "cv_low", "cv_high"):
        assert b[name] == pytest.approx(a[name])


# ---- beside a bootstrap that draws ----


def test_drawing_blocks_gives_the_same_error() -> None:
    rng = np.random.default_rng(6)
    x = neighbours_alike(1, 400, 0.5, rng)[0] + 10
    block, resamples = 8, 4000
    starts = rng.integers(0, len(x) - block + 1, (resamples, len(x) // block))
    drawn = x[(starts[..., None] + np.arange(block)).reshape(resamples, -1)]
    row = variability(x, block=block).iloc[0]
    reach = stats.t.isf(0.025, len(x) / block - 1)
    for name, statistic in (("sd", drawn.std(1)), ("cv", drawn.std(1) / drawn.mean(1))):
        ours = np.log(row[f"{name}_high"] / row[name]) / reach
        assert ours == pytest.approx(np.log(statistic).std() * np.sqrt(len(x) / (len(x) - block)), rel=0.06), name


def test_coverage_of_blocks_and_of_strides_taken_as_independent() -> None:
    # neighbours correlated .6, 400 strides: blocks about 93 %, independence about 66 % for the mean
    rng, runs = np.random.default_rng(7), 600
    tables = [
        pd.concat([variability(20 + x), variability(20 + x, block=1)]) for x in neighbours_alike(runs, 400, 0.6, rng)
    ]
    blocks, single = (pd.concat([t.iloc[[k]] for t in tables]) for k in (0, 1))
    covered = {
        (name, kind): ((t[f"{name}_low"] <= truth) & (truth <= t[f"{name}_high"])).mean()
        for name, truth in (("mean", 20.0), ("sd", 1.0), ("cv", 5.0))
        for kind, t in (("blocks", blocks), ("single", single))
    }
    error = 3 * np.sqrt(0.93 * 0.07 / runs), 3 * np.sqrt(0.66 * 0.34 / runs)
    assert covered["mean", "blocks"] == pytest.approx(0.93, abs=error[0])
    assert covered["mean", "single"] == pytest.approx(0.66, abs=error[1])
    for name in ("sd", "cv"):
        assert covered[name, "blocks"] == pytest.approx(0.93, abs=error[0])
        assert covered[name, "single"] < 0.85

"""Figures of the knee's two sides: marks where the numbers are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy import figures

TRIALS = [f"t{k}" for k in range(5)]
LABELS = {"a": "first", "b": "second"}


def forces() -> xr.Dataset:
    values = np.ones((3, 5, 101)) * np.arange(3)[:, None, None] + 0.1 * np.arange(5)[:, None]
    coords = {"source": ["measured", "a", "b"], "trial": TRIALS, "percent": np.arange(101.0)}
    array = xr.DataArray(values, dims=("source", "trial", "percent"), coords=coords)
    lateral = array.where(array["source"] != "b")
    return xr.Dataset({"medial_contact_force": array, "lateral_contact_force": lateral, "total_contact_force": array})


def test_bands_hold_both_means_and_say_what_is_not_given() -> None:
    figure = figures.force_bands(forces(), LABELS, "t")
    medial = figure.axes[0].lines
    assert [line.get_ydata()[0] for line in medial[:2]] == pytest.approx([0.2, 1.2])
    assert [t.get_text() for t in figure.axes[4].texts] == ["not given"]
    assert len(figure.axes) == 6


def test_errors_of_every_trial_their_mean_and_the_bound() -> None:
    rows = [
        {"estimator": e, "trial": t, "compartment": "medial", "rmse_cycle": 0.1 * k + 0.2, "rmse_stance": 0.3}
        for e in LABELS
        for k, t in enumerate(TRIALS)
    ]
    figure = figures.trial_errors(pd.DataFrame(rows), LABELS, "t", {"a": 0.45})
    lines = [tuple(line.get_xdata()) for line in figure.axes[0].lines]
    assert sorted(line[0] for line in lines if len(line) == 1) == pytest.approx(sorted(2 * [0.2, 0.3, 0.4, 0.5, 0.6]))
    assert lines.count((0.45, 0.45)) == 1
    assert sum(line == pytest.approx((0.4, 0.4)) for line in lines if len(line) == 2) == 2


def test_windows_are_drawn_in_their_middle() -> None:
    rows = [
        {"estimator": "a", "compartment": "medial", "window": w, "mean_error": m, "sd": 0.1}
        for w, m in (("0-10", 0.2), ("10-20", 0.5))
    ]
    figure = figures.error_over_cycle(pd.DataFrame(rows), {"a": "first"}, "t", 64.0)
    drawn = figure.axes[0].containers[0].lines[0]
    assert drawn.get_ydata() == pytest.approx([0.2, 0.5])
    assert np.abs(drawn.get_xdata() - [5, 15]).max() < 1.2


def test_a_constants_ends_and_the_default() -> None:
    rows = [("default", 0.0, 0.40), ("condyle_distance", 0.04, 0.45), ("condyle_distance", 0.05, 0.35)]
    band = pd.DataFrame(rows, columns=["constant", "value", "medial_cycle"]).assign(estimator="reduced", unit="m")
    figure = figures.constant_ranges(band, "t", ["reduced"])
    drawn = [list(line.get_xdata()) for line in figure.axes[0].lines]
    assert drawn == [[0.45, 0.35], [0.45], [0.35], [0.40, 0.40]]
    assert figure.axes[0].get_yticklabels()[0].get_text().strip() == "condyle distance 0.04 to 0.05 m"


def test_pairs_go_from_the_mean_to_the_calibrated() -> None:
    pairs = pd.DataFrame({"predictor": "a", "trial": TRIALS, "training_mean": 0.2, "calibrated": 0.1})
    figure = figures.calibrated_pairs(pairs, {"a": "first"}, "t")
    assert [list(line.get_ydata()) for line in figure.axes[0].lines] == [[0.2, 0.1]] * 5


def test_the_line_that_is_asked_for_lies_where_the_map_reaches_it() -> None:
    cop, knee = (a.ravel() for a in np.meshgrid(np.arange(-5.0, 6), np.arange(0.0, 21)))
    change = cop - knee
    grid = pd.DataFrame({"cop_shift": cop, "knee_shift": knee, "change": change, "low": change - 1, "high": change + 1})
    figure = figures.unloading_map(grid, "t", -10.0)
    lines = [c for c in figure.axes[0].collections if list(getattr(c, "levels", [])) == [-10.0]]
    points = lines[0].get_paths()[0].vertices
    assert points[:, 1] - points[:, 0] == pytest.approx(np.full(len(points), 10.0))


def test_shares_balance_and_place_are_drawn_for_every_trial() -> None:
    share = pd.DataFrame({"source": "a", "trial": TRIALS, "peak1": 0.7, "peak2": 0.8, "stance": 0.6})
    assert len(figures.medial_share(share, {"a": "first"}, "t").axes[0].lines) == 6  # and the line at one half
    turning = pd.DataFrame(
        [
            {"quantity": q, "source": "x", "window": "0-10", "mean": 1.0, "sd": 0.1}
            for q in ("frontal moment", "axial force")
        ]
    )
    assert len(figures.balance(turning, "t").axes) == 2
    place = pd.DataFrame({"percent": [0.0, 10, 30], "ahead": [-5.0, 20, 400], "contaminated": [1, 0, 0], "doubtful": 1})
    ax = figures.force_in_foot({"t0": place}, "t").axes[0]
    assert ax.get_ylim()[1] < 100, "what comes after a fifth of the cycle does not stretch the axis"

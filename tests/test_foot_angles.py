"""Simulated people who try foot angles: what was put in comes back."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.step_table import CONDITIONS, TARGETS, checked
from gaitstudy.simulate import foot_angles

SEED = 3
REDUCTION = np.zeros((4, 10, 2))  # of each modification, first and second peak, from the ten means
for m in range(4):
    REDUCTION[m, [0, 1], [0, 1]], REDUCTION[m, [2 * m + 2, 2 * m + 3], [0, 1]] = 1.0, -1.0


# ---- closed form ----


def test_the_sources_figures_come_back_with_the_error_of_their_measurement() -> None:
    made = foot_angles.model()
    p = made.values
    toe_in = REDUCTION[CONDITIONS.index("toe-in 10") - 1, :, 0]
    assert toe_in @ made.mean == pytest.approx(p["toe_in_kam1"])
    lags = np.arange(20)
    vary = p["step_sd"] ** 2 * (p["step_memory"] ** np.abs(np.subtract.outer(lags, lags))).mean()
    seen = toe_in @ (made.between + made.day) @ toe_in + 2 * vary
    assert np.sqrt(seen) == pytest.approx(p["toe_in_kam1_sd"], rel=1e-12)
    assert np.sqrt((made.between + made.day)[0, 0]) == pytest.approx(p["kam1_sd"], rel=1e-12)
    out = REDUCTION[CONDITIONS.index("toe-out 10") - 1, :, 1]
    assert out @ made.mean == pytest.approx(p["toe_out_kam2"] / 100 * p["kam2_mean"])
    assert (np.linalg.eigvalsh(made.between) > -1e-12).all() and (np.linalg.eigvalsh(made.day) > 0).all()


def test_with_kfm_the_peaks_keep_their_covariance() -> None:
    two, three = foot_angles.model(), foot_angles.model(kfm=True)
    kept = [k for k, (_, q) in enumerate(three.names) if q != "kfm"]
    assert tuple(three.names[k] for k in kept) == two.names
    np.testing.assert_array_equal(three.between[np.ix_(kept, kept)], two.between)
    np.testing.assert_array_equal(three.day[np.ix_(kept, kept)], two.day)
    others = [k for k in range(15) if k not in kept]
    assert not three.between[np.ix_(kept, others)].any()


# ---- many people: what was put in ----


def test_people_have_the_model_s_mean_and_covariance() -> None:
    count = 40_000
    who = foot_angles.people(count, SEED)
    flat = who.truth.reshape(count, -1)
    spread = np.sqrt(np.diag(who.model.between))
    assert (flat > 0).all()
    np.testing.assert_allclose(flat.mean(0), who.model.mean, atol=5 * spread.max() / np.sqrt(count) + 0.005)
    np.testing.assert_allclose(np.cov(flat.T), who.model.between, atol=0.012)


def test_days_and_steps_have_the_error_they_should() -> None:
    who = foot_angles.people(3000, SEED)
    table = foot_angles.walk(who, 40, 2, SEED)
    means = table.groupby(["person", "test", "condition"], observed=True)[["kam1", "kam2"]].mean().to_numpy()
    means = means.reshape(3000, 2, 10)
    twice = means[:, 0] - means[:, 1]
    p = who.model.values
    lags = np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
    vary = p["step_sd"] ** 2 * np.exp(p["step_spread"] ** 2) * (p["step_memory"] ** lags).mean()
    expected = who.model.day + vary * np.kron(np.eye(5), [[1, p["step_correlation"]], [p["step_correlation"], 1]])
    np.testing.assert_allclose(np.cov(twice.T) / 2, expected, atol=5 * expected.max() / np.sqrt(3000))
    away = table["kam1"] - table.groupby(["person", "test", "condition"], observed=True)["kam1"].transform("mean")
    series = away.to_numpy().reshape(-1, 40)
    seen = (series[:, 1:] * series[:, :-1]).mean() / (series**2).mean()
    assert seen == pytest.approx(p["step_memory"], abs=0.05)  # means taken off lower it by about 1 / 40


def test_the_table_is_one_that_can_be_checked_and_angles_are_near_their_targets() -> None:
    table = foot_angles.walk(foot_angles.people(50, SEED, kfm=True), 10, 2, SEED, angles=True)
    found = checked(table, exclude=True)
    assert "kfm" in found and len(table) == 50 * 2 * 5 * 10
    off = (found["reason"] == "off the target angle").sum()
    assert 0 < off < 0.2 * len(table)
    means = table.groupby("condition", observed=True)["fpa"].mean()
    np.testing.assert_allclose(means - means["natural"], list(TARGETS.values()), atol=0.6)


def test_seeds_decide_everything() -> None:
    one, two = (foot_angles.walk(foot_angles.people(5, SEED), 4, 1, SEED) for _ in range(2))
    assert one.equals(two)
    assert not one.equals(foot_angles.walk(foot_angles.people(5, SEED), 4, 1, SEED + 1))


# ---- what cannot be simulated ----


def test_unknown_parameters_and_impossible_ones_are_refused() -> None:
    with pytest.raises(GaitStudyError, match="'kam3' is no parameter"):
        foot_angles.model({"kam3": 1.0})
    with pytest.raises(GaitStudyError, match="Lower the errors"):
        foot_angles.model({"day_sd": 0.8})
    with pytest.raises(GaitStudyError, match="expected 1 person or more, found 0"):
        foot_angles.people(0)
    with pytest.raises(GaitStudyError, match="1 step and 1 test or more"):
        foot_angles.walk(foot_angles.people(1), 0)


def test_every_parameter_says_where_it_comes_from() -> None:
    table = foot_angles.parameters({"day_sd": 0.1})
    assert table["status"].isin(["S", "C", "A"]).all() and (table["source"] != "").all()
    changed = table.set_index("name").loc["day_sd"]
    assert changed["value"] == 0.1 and changed["status"] == "A"

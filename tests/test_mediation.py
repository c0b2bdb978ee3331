"""Mediation in the order of time, and what a shared cause would do to it."""

from __future__ import annotations

import numpy as np
import pingouin
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.mediation import mediation, mediation_sensitivity

ORDER = (0.0, 25.0, 52.0)
TABLE = pingouin.read_dataset("mediation")
X, M, Y = (TABLE[c].to_numpy(float) for c in "XMY")
DRAWN = np.random.RandomState(42).choice(np.arange(len(X)), replace=True, size=(500, len(X)))
"""The people whom pingouin draws with seed 42."""


def confounded(people: int, rho: float, seed: int = 0, a: float = 1.0, b: float = 0.5) -> tuple[np.ndarray, ...]:
    """Arm, mediator and outcome whose residuals correlate by ``rho``; direct effect 0.3."""
    rng = np.random.default_rng(seed)
    arm = np.tile([0.0, 1.0], people // 2)
    noise = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], people, method="cholesky")
    mediator = a * arm + noise[:, 0]
    return arm, mediator, 0.3 * arm + b * mediator + noise[:, 1]


# ---- closed form: pingouin's own example, and its numbers ----


def test_pingouins_numbers() -> None:
    table = mediation(X, M, Y, weeks=ORDER, resamples=DRAWN, method="bias-corrected").set_index("path")
    found = table["coefficient"]
    assert found["a"] == pytest.approx(0.5610, abs=5e-5)
    assert found["b, exposure not held"] == pytest.approx(0.6542, abs=5e-5)
    assert found["total"] == pytest.approx(0.3961, abs=5e-5)
    assert found["direct"] == pytest.approx(0.0396, abs=5e-5)
    assert found["indirect"] == pytest.approx(0.3565, abs=5e-5)
    assert table.loc["indirect", ["low", "high"]].tolist() == pytest.approx([0.2198, 0.5377], abs=5e-5)


def test_the_parts_add_up() -> None:
    found = mediation(X, M, Y, [TABLE["W1"].to_numpy(float)], weeks=ORDER).set_index("path")["coefficient"]
    assert found["total"] == pytest.approx(found["direct"] + found["indirect"], rel=1e-12)
    assert found["indirect"] == pytest.approx(found["a"] * found["b"], rel=1e-12)


def test_the_indirect_effect_vanishes_at_the_correlation_of_the_residuals() -> None:
    table = mediation_sensitivity(X, M, Y)
    design = np.stack([np.ones(len(X)), X], -1)
    left = [v - design @ np.linalg.lstsq(design, v, rcond=None)[0] for v in (M, Y)]
    zero = table.attrs["rho_at_zero"]
    assert zero == pytest.approx(np.corrcoef(left)[0, 1], rel=1e-12)
    assert table.attrs["explained_at_zero"] == pytest.approx(zero**2)
    at_zero = mediation_sensitivity(X, M, Y, rho=[zero, 0.0]).set_index("rho")["indirect"]
    plain = mediation(X, M, Y, weeks=ORDER, resamples=10).set_index("path").loc["indirect", "coefficient"]
    assert at_zero[zero] == pytest.approx(0, abs=1e-12) and at_zero[0.0] == pytest.approx(plain, rel=1e-12)
    assert (np.diff(table["indirect"]) < 0).all()


# ---- invariance ----


@pytest.mark.parametrize("method", ["percentile", "bias-corrected", "BCa"])
def test_units_and_origins_only_scale(method: str) -> None:
    ours = mediation(X, M, Y, weeks=ORDER, resamples=DRAWN, method=method).set_index("path")
    scaled = mediation(X / 10 + 1, M * 1e3 - 7, Y * 5 + 2, weeks=ORDER, resamples=DRAWN, method=method).set_index(
        "path"
    )
    for column in ("coefficient", "standard_error", "low", "high"):
        assert scaled.loc["indirect", column] == pytest.approx(50 * ours.loc["indirect", column], rel=1e-9)


def test_people_with_gaps_are_left_out_and_counted() -> None:
    outcome = np.append(Y, [np.nan, 1.0])
    found = mediation(np.append(X, [1, 1.0]), np.append(M, [1, np.nan]), outcome, weeks=ORDER, resamples=DRAWN)
    assert (found.attrs["n"], found.attrs["left_out"], found.attrs["failed"]) == (100, 2, 0)
    whole = mediation(X, M, Y, weeks=ORDER, resamples=DRAWN)
    assert found[["coefficient", "low"]].to_numpy() == pytest.approx(whole[["coefficient", "low"]].to_numpy())


def test_resamples_that_hold_one_arm_only_are_counted_and_left_out() -> None:
    arm, mediator, outcome = confounded(8, 0.0)
    found = mediation(arm, mediator, outcome, weeks=ORDER, resamples=5000)
    expected = 5000 * 2 * 0.5**8
    assert abs(found.attrs["failed"] - expected) < 4 * np.sqrt(expected)


# ---- an independent program: pingouin ----


@pytest.mark.parametrize("covariates", [[], ["W1", "W2"]], ids=["none", "two"])
def test_pingouin_draws_the_same(covariates: list[str]) -> None:
    theirs, drawn = pingouin.mediation_analysis(
        TABLE, "X", "M", "Y", covar=covariates or None, n_boot=500, seed=42, return_dist=True
    )
    given = [TABLE[c].to_numpy(float) for c in covariates]
    ours = mediation(X, M, Y, given, weeks=ORDER, resamples=DRAWN, method="bias-corrected")
    ours = ours[ours["path"] != "b"]  # pingouin has the path without the exposure only
    low, high = (c for c in theirs.columns if c.startswith("CI"))
    assert ours["coefficient"].to_numpy() == pytest.approx(theirs["coef"].to_numpy(), rel=1e-9)
    assert ours["standard_error"].to_numpy() == pytest.approx(theirs["se"].to_numpy(), rel=1e-9)
    assert ours["low"].to_numpy() == pytest.approx(theirs[low].to_numpy(), rel=1e-9)
    assert ours["high"].to_numpy() == pytest.approx(theirs[high].to_numpy(), rel=1e-9)
    assert len(drawn) == 500


# ---- simulated, with a known truth ----


def test_intervals_cover_the_truth_without_confounding() -> None:
    """400 trials of 100; the percentile interval of a product is a little short of 95 % for small samples."""
    rows = [mediation(*confounded(100, 0, k), weeks=ORDER, resamples=500, seed=k).iloc[-1] for k in range(400)]
    covered = np.mean([row["low"] < 0.5 < row["high"] for row in rows])
    reach = stats.norm.isf(0.005) * np.sqrt(0.05 * 0.95 / 400)
    assert 0.95 - reach - 0.02 < covered < 0.95 + reach


def test_confounding_makes_an_effect_out_of_nothing_and_its_rho_takes_it_away() -> None:
    arm, mediator, outcome = confounded(40_000, 0.4, a=1.0, b=0.0)
    plain = mediation(arm, mediator, outcome, weeks=ORDER, resamples=200).iloc[-1]
    assert plain["low"] > 0.3
    table = mediation_sensitivity(arm, mediator, outcome, rho=[0.0, 0.4], resamples=200).set_index("rho")
    assert table.loc[0.0, "indirect"] == pytest.approx(plain["coefficient"], rel=1e-12)
    assert table.loc[0.4, "low"] < 0 < table.loc[0.4, "high"]
    assert table.attrs["rho_at_zero"] == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("rho", [-0.6, 0.3])
def test_at_the_true_rho_the_true_effect_is_found(rho: float) -> None:
    table = mediation_sensitivity(*confounded(40_000, rho, seed=3), rho=[rho], resamples=500)
    error = (table["high"] - table["low"]).item() / (2 * stats.norm.isf(0.025))
    assert abs(table["indirect"].item() - 0.5) < 3 * error


# ---- refusals ----


def test_a_mediator_must_come_before_the_outcome() -> None:
    for weeks in ((0, 52, 52), (0, 52, 25), (25, 7, 52)):
        with pytest.raises(StatisticsError, match="exposure before mediator before outcome"):
            mediation(X, M, Y, weeks=weeks)


def test_refusals_say_what_was_found() -> None:
    with pytest.raises(StatisticsError, match="found 'normal'"):
        mediation(X, M, Y, weeks=ORDER, method="normal")
    with pytest.raises(StatisticsError, match="found shapes"):
        mediation(X, M[:5], Y, weeks=ORDER)
    with pytest.raises(StatisticsError, match="found 3 of 100"):
        mediation(X, M, np.where(np.arange(100) < 3, Y, np.nan), weeks=ORDER)
    with pytest.raises(StatisticsError, match="collinear or constant"):
        mediation(np.ones(100), M, Y, weeks=ORDER)
    with pytest.raises(StatisticsError, match="between -1 and 1"):
        mediation_sensitivity(X, M, Y, rho=[0.0, 1.0])


def test_codes_of_three_arms_are_no_amount() -> None:
    with pytest.raises(StatisticsError, match="exposure: expected two arms or an amount, found 3 whole numbers"):
        mediation(np.arange(len(M)) % 3, M, Y, weeks=ORDER)

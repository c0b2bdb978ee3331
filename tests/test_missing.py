"""Imputation by chained equations and Rubin's pooling, against closed forms and R's mice."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import catalogue
from gaitstudy.stats.missing import draw_regression, impute, pool
from gaitstudy.stats.regression import adjusted_difference, least_squares

REFERENCE = catalogue.data_folder() / "reference"
ORACLE = Path(__file__).parent / "oracles" / "mice_pooling.R"
IMPUTATIONS = 500
VISITS = ["y0", "y1", "y2", "y3", "y4"]


def simulated(people: int, seed: int = 0, trials: int | None = None) -> np.ndarray:
    """Correlated values of four variables, a fifth of the last three gone at random."""
    shape = (people,) if trials is None else (trials, people)
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(*shape, 4)) @ np.linalg.cholesky(0.6 + 0.4 * np.eye(4)).T + [0.0, 1.0, 2.0, 3.0]
    values[..., 1:][rng.random((*shape, 3)) < 0.2] = np.nan
    return values


# ---- closed form ----


def test_rubins_rules_give_the_numbers_known() -> None:
    row = pool(np.array([1.0, 1.2, 0.9, 1.1, 1.05]), np.array([0.20, 0.22, 0.19, 0.21, 0.20]), 60).iloc[0]
    assert row[["estimate", "within", "between"]].tolist() == pytest.approx([1.05, 0.04172, 0.0125], abs=1e-9)
    assert row["standard_error"] ** 2 == pytest.approx(0.056720, abs=1e-9)
    assert row[["standard_error", "missing_share"]].tolist() == pytest.approx([0.238160, 0.264457], abs=5e-7)
    assert row["df"] == pytest.approx(24.4581, abs=5e-5)
    assert row[["low", "high"]].tolist() == pytest.approx([0.55895, 1.54105], abs=5e-6)


def test_without_differences_between_imputations_the_observed_degrees_of_freedom_are_left() -> None:
    """R's mice puts lambda at 1e-4 where it is smaller: 25.1975."""
    row = pool(np.full(3, 0.7), np.full(3, 0.2), 27).iloc[0]
    assert row["missing_share"] == pytest.approx(0, abs=1e-15) and row["df"] == pytest.approx(25.2, rel=1e-12)
    assert 25.2 * (1 - 1e-4) == pytest.approx(25.1975, abs=5e-5)


def test_a_single_gap_is_drawn_from_students_distribution_of_a_prediction() -> None:
    """One person without y: the draws are Student's t about the prediction, with n - 2 degrees of freedom."""
    values = simulated(12, seed=4)[:, :2].copy()
    values[:, 1] = np.where(np.isnan(values[:, 1]), 0.5, values[:, 1])
    values[0, 1] = np.nan
    drawn = impute(values, imputations=20_000)[:, 0, 1]
    fit = least_squares(np.stack([np.ones(11), values[1:, 0]], -1), values[1:, 1])
    row = np.array([1.0, values[0, 0]])
    spread = np.sqrt(fit.residual / fit.df * (1 + ((row @ fit.root) ** 2).sum()))
    predicted = stats.t(fit.df, row @ fit.coefficients, spread)
    assert stats.kstest(drawn, predicted.cdf).pvalue > 0.001


def test_drawn_coefficients_have_the_posteriors_moments() -> None:
    values = simulated(20, seed=1)
    design = np.broadcast_to(np.stack([np.ones(20), values[:, 0]], -1), (40_000, 20, 2))
    outcome = np.broadcast_to(np.nan_to_num(values[:, 1]), (40_000, 20))
    drawn, spread = draw_regression(design, outcome, np.ones(20, bool), np.random.default_rng(0))
    fit = least_squares(design[0], outcome[0])
    wide = np.sqrt(18 / 16) * fit.standard_errors  # Student's t with 18 degrees of freedom
    assert np.abs(drawn.mean(0) - fit.coefficients) == pytest.approx(0, abs=4 * wide.max() / 200)
    assert drawn.std(0) == pytest.approx(wide, rel=0.03)
    assert (spread**2).mean() == pytest.approx(fit.residual / 16, rel=0.03)


# ---- invariance ----


def test_what_was_measured_is_untouched_and_nothing_is_left_open() -> None:
    values = simulated(40)
    filled = impute(values, imputations=4)
    known = ~np.isnan(values)
    assert filled.shape == (4, 40, 4) and np.isfinite(filled).all()
    assert (filled[:, known] == values[known]).all()
    assert (filled[:, ~known].std(0) > 0).any()


def test_units_and_origins_do_not_matter() -> None:
    values, scale, shift = simulated(40), np.array([1.0, 1e3, 1e-3, 20.0]), np.array([5.0, -100, 0.1, 0])
    ours = impute(values, imputations=3)
    assert impute(values * scale + shift, imputations=3) == pytest.approx(ours * scale + shift, rel=1e-6)


def test_trials_are_imputed_together_as_they_are_alone() -> None:
    """Not the same draws, but the same distribution: means over imputations agree within their Monte-Carlo error."""
    values = simulated(30, trials=3)
    together = impute(values, imputations=400, seed=1)
    for k in range(3):
        alone = impute(values[k], imputations=400, seed=2)
        gone = np.isnan(values[k])
        apart = (together[:, k] - alone)[:, gone]
        z = apart.mean(0) / (apart.std(0, ddof=1) / np.sqrt(400))
        assert np.abs(z).max() < stats.norm.isf(0.001 / (2 * gone.sum()))


def test_groups_are_imputed_by_themselves() -> None:
    values = simulated(60)
    arm = np.arange(60) % 2
    shifted = values + 1000.0 * arm[:, None]
    filled = impute(shifted, imputations=5, groups=arm)
    assert (filled[:, arm == 1] > 900).all() and (filled[:, arm == 0] < 100).all()


def test_the_seed_decides() -> None:
    values = simulated(30)
    assert (impute(values, seed=7) == impute(values, seed=7)).all()
    assert (impute(values, seed=7) != impute(values, seed=8)).any()


# ---- an independent program: R's mice ----


@cache
def mice_input() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "mice_input.csv")


@cache
def ours(trial: str) -> pd.DataFrame:
    """Our pooled regression of the last visit on baseline and arm, and the spread of the variances between
    imputations."""
    table = mice_input().query("trial == @trial")
    filled = impute(table[["arm", *VISITS]].to_numpy(float), imputations=IMPUTATIONS, seed=2025)
    design = np.stack([np.ones(filled.shape[:2]), filled[..., 1], filled[..., 0]], -1)
    fit = least_squares(design, filled[..., 5])
    pooled = pool(fit.coefficients, fit.standard_errors, fit.df[0])
    variances = fit.standard_errors**2
    return pooled.assign(term=["intercept", "y0", "arm"], within_sd=variances.std(0, ddof=1)).set_index("term")


def beside(theirs: pd.DataFrame) -> pd.DataFrame:
    """How far each pooled number of mice is from ours, in standard errors of the simulation on both sides.

    For the variance between imputations: the standard normal value of the same probability as the ratio of the two.
    """
    rows = []
    for row in theirs.query("method == 'norm'").itertuples():
        mine, m = ours(row.trial).loc[row.term], row.imputations
        draws = np.sqrt(1 / IMPUTATIONS + 1 / m)
        error, within = np.sqrt(mine["between"]) * draws, mine["within_sd"] * draws
        ratio = stats.f(IMPUTATIONS - 1, m - 1).cdf(mine["between"] / row.between)
        rows += [
            (row.trial, row.term, "estimate", (mine["estimate"] - row.estimate) / error),
            (row.trial, row.term, "within", (mine["within"] - row.within) / within),
            (row.trial, row.term, "between", stats.norm.ppf(ratio)),
        ]
    return pd.DataFrame(rows, columns=["trial", "term", "number", "z"])


def test_imputation_pooled_agrees_with_mice_within_the_error_of_both_simulations() -> None:
    """18 numbers; the bound is that of 1 % in all of them together."""
    found = beside(pd.read_csv(REFERENCE / "mice_pooled.csv"))
    assert len(found) == 18
    bound = stats.norm.isf(0.01 / 2 / len(found))
    assert found["z"].abs().max() < bound, found.sort_values("z", key=abs).tail(5)


def test_the_comparison_would_see_another_imputation() -> None:
    """Filling without drawing parameters and residuals, the fault most often made, is not within that error."""
    theirs = pd.read_csv(REFERENCE / "mice_pooled.csv").query(
        "trial == 'monotone' and method == 'norm' and term == 'arm'"
    )
    table = mice_input().query("trial == 'monotone'")
    values = table[["arm", *VISITS]].to_numpy(float)
    mean = impute(values, imputations=IMPUTATIONS, seed=2025).mean(0)
    _, error, _ = adjusted_difference(mean[:, 5], mean[:, 0], [mean[:, 1]])
    spread = float(theirs["within_sd"].iloc[0] / np.sqrt(theirs["imputations"].iloc[0]))
    assert abs(float(error) ** 2 - float(theirs["within"].iloc[0])) > 4 * spread


def test_pooling_agrees_with_mice() -> None:
    """Where the imputations do not differ our lambda is 0, and its is 1e-4: put there, the df are the same."""
    for row in pd.read_csv(REFERENCE / "mice_scalar.csv").itertuples():
        estimates, errors = (np.array(t.split(), float) for t in (row.estimates, row.standard_errors))
        found = pool(estimates, errors, row.complete_df).iloc[0]
        assert found[["estimate", "within", "between"]].tolist() == pytest.approx(
            [row.estimate, row.within, row.between], rel=1e-9, abs=1e-15
        )
        assert found["standard_error"] ** 2 == pytest.approx(row.total, rel=1e-9)
        df = found["df"]
        if row.between == 0:
            df = 1 / (1e-8 / (len(estimates) - 1) + 1 / ((1 - 1e-4) * df))
        assert df == pytest.approx(row.df, rel=1e-9)


def has_mice() -> bool:
    if shutil.which("Rscript") is None:
        return False
    code = "quit(status = !requireNamespace('mice', quietly = TRUE))"
    return subprocess.run(["Rscript", "-e", code], capture_output=True).returncode == 0


def test_mice_itself_agrees(tmp_path: Path) -> None:
    """Live, with fewer imputations of its own; the data and the scalar cases must come out as committed."""
    if not has_mice():
        pytest.skip("R with mice is not there")
    subprocess.run(["Rscript", str(ORACLE), str(tmp_path), "10"], check=True, capture_output=True)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "mice_input.csv"), mice_input())
    scalar = "mice_scalar.csv"
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / scalar), pd.read_csv(REFERENCE / scalar), rtol=1e-9)
    found = beside(pd.read_csv(tmp_path / "mice_pooled.csv"))
    assert found["z"].abs().max() < stats.norm.isf(0.01 / 2 / len(found))


# ---- simulated, with a known truth ----


def test_intervals_cover_the_truth_and_leaving_people_out_is_biased() -> None:
    """1,000 trials of 60 with values missing the likelier the higher the first variable: the mean of the second."""
    rng = np.random.default_rng(12)
    values = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], (1000, 60), method="cholesky")
    seen = values.copy()
    seen[..., 1][rng.random((1000, 60)) < stats.norm.cdf(1.5 * values[..., 0] - 0.5)] = np.nan
    filled = impute(seen, imputations=20)[..., 1]
    pooled = pool(filled.mean(-1), filled.std(-1, ddof=1) / np.sqrt(60), 59)
    covered = ((pooled["low"] < 0) & (pooled["high"] > 0)).mean()
    reach = stats.norm.isf(0.005) * np.sqrt(0.05 * 0.95 / 1000)
    assert 0.95 - reach < covered < 0.95 + reach
    assert abs(pooled["estimate"].mean()) < 4 * pooled["estimate"].std() / np.sqrt(1000)
    assert np.nanmean(seen[..., 1]) < -0.2


# ---- refusals ----


def test_what_cannot_be_imputed_is_refused() -> None:
    values, nobody = simulated(20), np.where(np.arange(20) == 0, np.nan, np.arange(20) % 2)
    for wrong, groups in ((np.where(values > 3, np.inf, values), None), (values, nobody)):
        with pytest.raises(StatisticsError, match="a group of everyone"):
            impute(wrong, groups=groups)
    unseen = values.copy()
    unseen[:, 3] = np.nan
    for few in (values[:5], unseen):
        with pytest.raises(StatisticsError, match="4 predictors but only"):
            impute(few)
    with pytest.raises(StatisticsError, match="collinear or constant"):
        impute(np.concatenate([values, values[:, :1]], -1))


def test_pooling_refuses_what_it_cannot_pool() -> None:
    for estimates, errors in (([1], [1]), ([1, np.nan], [1, 1]), ([1, 1], [1, 0]), ([1, 1, 1], [1, 1])):
        with pytest.raises(StatisticsError, match="finite estimates of at least 2 imputations"):
            pool(np.array(estimates, float), np.array(errors, float))

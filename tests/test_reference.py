"""Reference-based imputation: closed forms, invariance, an independent program, simulation."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import results
from gaitstudy.stats import longitudinal
from gaitstudy.stats.reference import RULES, _expected, imputed, jackknife, rubin
from gaitstudy.stats.regression import adjusted_difference, least_squares
from gaitstudy.tables import reference_coverage

ORACLE = Path(__file__).parent / "oracles" / "reference_imputation.py"
VISITS = 4
FORMULA = "outcome ~ baseline * visit + arm * visit"


def trial(people: int = 60, seed: int = 0, gaps: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Values (participant, visit) of two arms 20 points apart; people leave, those of the high arm most."""
    rng = np.random.default_rng(seed)
    arm = np.where(np.arange(people) % 2, "high", "placebo")
    values = 50 + 5 * rng.normal(size=(people, VISITS)) @ np.linalg.cholesky(0.5 + 0.5 * np.eye(VISITS)).T
    values[:, 1:] -= 20 * (arm == "high")[:, None]
    last = np.where(rng.random(people) < np.where(arm == "high", 0.4, 0.2), rng.integers(0, 3, people), VISITS - 1)
    values[np.arange(VISITS) > last[:, None]] = np.nan
    if gaps:
        values[:6, 1] = np.where(last[:6] > 1, np.nan, values[:6, 1])
    return values, arm


def long(values: np.ndarray, arm: np.ndarray) -> pd.DataFrame:
    people, visits = values[:, 1:].shape
    return pd.DataFrame(
        {
            "participant": np.repeat(np.arange(people), visits), "visit": np.tile(np.arange(1, visits + 1), people),
            "arm": pd.Categorical(np.repeat(arm, visits), ["placebo", "high"]),
            "baseline": np.repeat(values[:, 0], visits), "outcome": values[:, 1:].ravel(),
        }
    )  # fmt: skip


def at_baseline(model: longitudinal.RepeatedMeasures, value: float) -> pd.Series:
    """The model's mean of each arm at each visit, at one baseline."""
    rows = model.rows.copy()
    slopes = [name for name in rows if name.startswith("baseline")]
    rows[slopes] = np.where(rows[slopes] != 0, value, 0.0)
    return rows @ model.fit.coefficients[0]


@pytest.fixture(scope="module")
def oracle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_imputation", ORACLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- closed form ----


def test_missing_at_random_gives_the_mixed_model_itself() -> None:
    """Least squares on expected values is the mixed model's own estimate: both solve the same equations."""
    values, arm = trial()
    own = longitudinal.contrasts(longitudinal.mmrm(FORMULA, long(values, arm))).set_index("visit")["estimate"]
    made = _expected(values, arm, "placebo", rule=RULES[1])
    for visit in (1, 2, 3):
        found, _, _ = adjusted_difference(made[:, visit], arm == "high", [made[:, 0]])
        assert float(found) == pytest.approx(own[visit], abs=1e-9)


def test_at_two_visits_someone_who_left_is_expected_where_the_reference_is_at_this_baseline() -> None:
    """The own baseline counts, how the arms' baselines differ does not: the regression has one slope for both arms."""
    values, arm = trial()
    values = values[:, [0, 3]]
    gone = np.isnan(values[:, 1])
    design = np.column_stack([np.ones(len(arm)), arm == "high", values[:, 0]])[~gone]
    level, _, slope = least_squares(design, values[~gone, 1]).coefficients
    made = _expected(values, arm, "placebo")
    assert made[gone, 1] == pytest.approx(level + slope * values[gone, 0], abs=1e-9)


def test_without_gaps_both_variances_are_about_the_analysis_of_covariance() -> None:
    values, arm = trial(gaps=False)
    values[:, 3] = np.where(np.isnan(values[:, 3]), 40.0, values[:, 3])
    plain, error, df = adjusted_difference(values[:, 3], arm == "high", [values[:, 0]])
    for of, rel in ((rubin, 1e-9), (jackknife, 0.1)):
        row = of(values, arm, "placebo")
        assert row["estimate"] == pytest.approx(float(plain), abs=1e-9) and row["people"] == len(arm)
        assert row["standard_error"] == pytest.approx(float(error), rel=rel)
    assert df == row["df"]


# ---- invariance ----


def test_an_arm_whose_baseline_differs_by_chance_is_imputed_as_much_higher() -> None:
    """Three points higher before, and later by the slopes: so are the imputed values, and nothing else changes."""
    values, arm = trial()
    model = longitudinal.mmrm(FORMULA, long(values, arm))
    slopes = (at_baseline(model, 1.0) - at_baseline(model, 0.0)).to_numpy()[: VISITS - 1]
    by = 3 * np.append(1.0, slopes) * (arm == "high")[:, None]
    before, after = (_expected(v, arm, "placebo") for v in (values, values + by))
    np.testing.assert_allclose(after, before + by, atol=1e-7)


def test_the_unit_and_the_order_of_people_leave_no_trace() -> None:
    values, arm = trial()
    order = np.random.default_rng(5).permutation(len(arm))
    row, turned, tenfold = (
        jackknife(*given, "placebo") for given in ((values, arm), (values[order], arm[order]), (10 * values - 300, arm))
    )
    for column in ("estimate", "standard_error", "low"):
        assert turned[column] == pytest.approx(row[column], rel=1e-7)
        assert tenfold[column] == pytest.approx(10 * row[column], rel=1e-6)
    again = (rubin(values, arm, "placebo", imputations=5, seed=seed) for seed in (3, 3, 4))
    one, same, other = (row["estimate"] for row in again)
    assert one == same != other


def test_what_was_measured_stays_and_nothing_is_left_open() -> None:
    values, arm = trial()
    for made in (*imputed(values, arm, "placebo", imputations=3), _expected(values, arm, "placebo")):
        known = ~np.isnan(values)
        assert (made[known] == values[known]).all() and np.isfinite(made).all()


# ---- an independent program ----


@pytest.mark.parametrize("rule", RULES)
def test_expectations_are_those_of_carpenters_blocks(rule: str, oracle: ModuleType) -> None:
    """Means and covariance of the mixed model of tables, blocks by an own program, a person at a time."""
    values, arm = trial()
    model = longitudinal.mmrm(FORMULA, long(values, arm))
    made = _expected(values, arm, "placebo", rule=rule)
    assert len({tuple(row) for row in np.isnan(values).tolist()}) > 4
    for person, row in enumerate(values):
        means = at_baseline(model, row[0])
        own, theirs = means[arm[person]].to_numpy(), means["placebo"].to_numpy()
        right = oracle.expected(row[1:], own, theirs, model.covariance.to_numpy(), rule)
        assert made[person, 1:] == pytest.approx(right, abs=1e-7)


@pytest.mark.parametrize("rule", RULES)
def test_draws_lie_about_the_expectations(rule: str) -> None:
    values, arm = trial(200)
    drawn = imputed(values, arm, "placebo", rule=rule, imputations=400)
    mean = _expected(values, arm, "placebo", rule=rule)
    gone = np.isnan(values)
    away = drawn.mean(0)[gone] - mean[gone]
    spread = drawn[:, gone].std(0)
    limit = stats.norm.isf(0.001 / gone.sum()) / np.sqrt(400)
    assert np.abs(away / spread).max() < limit + 0.05  # the posterior's mean is not the estimate to the last digit


# ---- simulated: what the assumption does ----


@pytest.mark.parametrize("apart", [0.0, 3.0])
def test_effects_lie_about_the_truth_whatever_the_baselines(apart: float) -> None:
    """A hundred trials; the campaign takes 500, with the jackknife too."""
    rng = np.random.default_rng(20262)
    known, doubt = reference_coverage._truth(apart, RULES[0], people=200_000)
    found = []
    for _ in range(100):
        values, treated = reference_coverage._simulate(68, apart, rng)
        made = _expected(values, treated, 0)
        found.append(adjusted_difference(made[:, -1], treated, [made[:, 0]])[0])
    error = np.hypot(np.std(found, ddof=1) / 10, doubt)
    assert abs(np.mean(found) - known) < 2 * error
    assert error < 0.25  # points: pooling the baseline into the means was off by more


def test_the_campaigns_table_says_what_the_text_says() -> None:
    table = results.kept("reference_coverage").set_index(reference_coverage.KEY)
    assert (table["trials"] == 500).all()
    assert ((table["mean"] - table["truth"]).abs() <= 2 * table["error"]).all()
    jumped = table.xs(RULES[0], level="rule")
    rubin, jackknife = (jumped.xs(v, level="variance") for v in ("Rubin", "jackknife"))
    assert (rubin["standard_error"] > 1.2 * rubin["spread"]).all() and (rubin["covered"] > 0.97).all()
    assert (jackknife["standard_error"] / jackknife["spread"]).between(0.9, 1.1).all()


# ---- refusals ----


def test_what_cannot_be_used_is_refused() -> None:
    values, arm = trial()
    without, three = values.copy(), arm.copy()
    without[:3, 0], three[0] = np.nan, "low"
    for given, match in (
        ((without, arm, "placebo"), "found 3 people without"), ((values, arm, "none"), "expected 'none'"),
        ((values, three, "placebo"), "found 2 others"), ((values, arm[:5], "placebo"), "one arm each"),
    ):  # fmt: skip
        with pytest.raises(StatisticsError, match=match):
            _expected(*given)
    with pytest.raises(StatisticsError, match="'best'"):
        rubin(values, arm, "placebo", rule="best")
    few = np.random.default_rng(0).normal(size=(8, 4))
    few[2:, 3] = np.nan
    with pytest.raises(StatisticsError, match="predictors"):
        imputed(few, np.arange(8) % 2, 0)
    with pytest.raises(StatisticsError, match="without a number"):
        _expected(few, np.arange(8) % 2, 0)

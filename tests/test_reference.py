"""Reference-based imputation: closed forms, arms that do not touch each other, an independent program, simulation."""

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
from gaitstudy.stats.longitudinal import design_rows
from gaitstudy.stats.reference import RULES, VARIANCES, differences, expected, imputed
from gaitstudy.stats.regression import adjusted_difference, least_squares
from gaitstudy.tables import reference_coverage

ORACLE = Path(__file__).parent / "oracles" / "reference_imputation.py"
VISITS = 4
ARMS = np.array(["placebo", "low", "high"])


def trial(people: int = 90, seed: int = 0, gaps: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Values (participant, visit) of three arms, 0, -2 and -20 points; people leave, those of the high arm most."""
    rng = np.random.default_rng(seed)
    arm = ARMS[np.arange(people) % 3]
    values = 50 + 5 * rng.normal(size=(people, VISITS)) @ np.linalg.cholesky(0.5 + 0.5 * np.eye(VISITS)).T
    values[:, 1:] += np.array([{"placebo": 0, "low": -2, "high": -20}[a] for a in arm])[:, None]
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
    rows = design_rows(model)
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
    two = arm != "low"
    own = longitudinal.contrasts(longitudinal.mmrm(long(values[two], arm[two]))).set_index("visit")["estimate"]
    made = expected(values, arm, "placebo", rule=RULES[3])["high"]
    for visit in (1, 2, 3):
        found, _, _ = adjusted_difference(made.values[:, visit], made.treated.astype(float), [made.values[:, 0]])
        assert float(found) == pytest.approx(own[visit], abs=1e-9)


def test_at_two_visits_someone_who_left_is_expected_where_the_reference_is_at_this_baseline() -> None:
    """The own baseline counts, how the arms' baselines differ does not: the regression has one slope for both arms."""
    values, arm = trial()
    values = values[:, [0, 3]]
    two = (arm != "low") & ~np.isnan(values[:, 1])
    design = np.column_stack([np.ones(two.sum()), arm[two] == "high", values[two, 0]])
    level, _, slope = least_squares(design, values[two, 1]).coefficients
    made = expected(values, arm, "placebo")["high"]
    gone = np.isnan(values[made.people, 1])
    assert made.values[gone, 1] == pytest.approx(level + slope * values[made.people[gone], 0], abs=1e-9)


def test_without_gaps_both_variances_are_about_the_analysis_of_covariance() -> None:
    values, arm = trial(gaps=False)
    values[:, 3] = np.where(np.isnan(values[:, 3]), 40.0, values[:, 3])
    two = arm == "placebo", arm == "high"
    kept = two[0] | two[1]
    plain, error, df = adjusted_difference(values[kept, 3], (arm[kept] == "high").astype(float), [values[kept, 0]])
    for variance in VARIANCES:
        row = differences(values, arm, "placebo", variance=variance).set_index("arm").loc["high"]
        assert row["estimate"] == pytest.approx(float(plain), abs=1e-9) and row["people"] == kept.sum()
        assert row["standard_error"] == pytest.approx(float(error), rel=1e-9 if variance == "Rubin" else 0.1)
    assert df == row["df"]


# ---- invariance ----


@pytest.mark.parametrize("rule", RULES)
def test_an_arms_answer_does_not_depend_on_which_others_are_in_the_call(rule: str) -> None:
    values, arm = trial()
    two = arm != "low"
    for make in (expected, imputed):
        all_, alone = make(values, arm, "placebo", rule=rule), make(values[two], arm[two], "placebo", rule=rule)
        assert list(all_) == ["low", "high"] and list(alone) == ["high"]
        np.testing.assert_allclose(all_["high"].values, alone["high"].values, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(np.flatnonzero(two), all_["high"].people)
    assert not np.array_equal(all_["high"].values[:, :1], all_["low"].values[:, :1])


def test_an_arm_whose_baseline_differs_by_chance_has_the_same_effect() -> None:
    """Three points higher before, and later by the slopes: so are the imputed values, and nothing else changes."""
    values, arm = trial()
    two = arm != "low"
    model = longitudinal.mmrm(long(values[two], arm[two]))
    slopes = (at_baseline(model, 1.0) - at_baseline(model, 0.0)).to_numpy()[: VISITS - 1]
    by = 3 * np.append(1.0, slopes)
    moved = values + by * (arm == "high")[:, None]
    before, after = (expected(v, arm, "placebo")["high"] for v in (values, moved))
    right = before.values + by * before.treated[:, None]
    np.testing.assert_allclose(after.values, right, atol=1e-7)
    for variance in VARIANCES:
        one, other = (differences(v, arm, "placebo", variance=variance).iloc[1] for v in (values, moved))
        assert other["estimate"] == pytest.approx(one["estimate"], abs=0.25)  # the mean imputed slope is nearly theirs


def test_the_unit_and_the_order_of_people_leave_no_trace() -> None:
    values, arm = trial()
    order = np.random.default_rng(5).permutation(len(arm))
    row = differences(values, arm, "placebo", variance="jackknife").set_index("arm").loc["high"]
    turned = differences(values[order], arm[order], "placebo", variance="jackknife").set_index("arm").loc["high"]
    tenfold = differences(10 * values - 300, arm, "placebo", variance="jackknife").set_index("arm").loc["high"]
    for column in ("estimate", "standard_error", "low"):
        assert turned[column] == pytest.approx(row[column], rel=1e-7)
        assert tenfold[column] == pytest.approx(10 * row[column], rel=1e-6)
    again = differences(values, arm, "placebo", imputations=5, seed=3)
    pd.testing.assert_frame_equal(again, differences(values, arm, "placebo", imputations=5, seed=3))


def test_what_was_measured_stays_and_nothing_is_left_open() -> None:
    values, arm = trial()
    for made in (*imputed(values, arm, "placebo", imputations=3).values(), *expected(values, arm, "placebo").values()):
        measured = np.broadcast_to(values[made.people], made.values.shape)
        known = ~np.isnan(measured)
        assert (made.values[known] == measured[known]).all() and np.isfinite(made.values).all()


# ---- an independent program ----


@pytest.mark.parametrize("rule", RULES)
def test_expectations_are_those_of_carpenters_blocks(rule: str, oracle: ModuleType) -> None:
    """Means and covariance of the mixed model of tables, blocks by an own program, a person at a time."""
    values, arm = trial()
    two = arm != "low"
    model = longitudinal.mmrm(long(values[two], arm[two]))
    made = expected(values, arm, "placebo", rule=rule)["high"]
    assert len({tuple(row) for row in np.isnan(values[two]).tolist()}) > 4
    for person, row in enumerate(values[two]):
        means = at_baseline(model, row[0])
        own, theirs = means[arm[two][person]].to_numpy(), means["placebo"].to_numpy()
        right = oracle.expected(row[1:], own, theirs, model.covariance.to_numpy(), rule)
        assert made.values[person, 1:] == pytest.approx(right, abs=1e-7)


@pytest.mark.parametrize("rule", RULES)
def test_draws_lie_about_the_expectations(rule: str) -> None:
    values, arm = trial(300)
    drawn = imputed(values, arm, "placebo", rule=rule, imputations=400)
    mean = expected(values, arm, "placebo", rule=rule)
    gone = np.isnan(values[drawn["high"].people])
    away = drawn["high"].values.mean(0)[gone] - mean["high"].values[gone]
    spread = drawn["high"].values[:, gone].std(0)
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
        made = expected(values, treated, 0)[1]
        found.append(adjusted_difference(made.values[:, -1], made.treated.astype(float), [made.values[:, 0]])[0])
    error = np.hypot(np.std(found, ddof=1) / 10, doubt)
    assert abs(np.mean(found) - known) < 2 * error
    assert error < 0.25  # points: pooling the baseline into the means was off by more


def test_the_campaigns_table_says_what_the_text_says() -> None:
    table = results.kept("reference_coverage").set_index(reference_coverage.KEY)
    assert (table["trials"] == 500).all()
    assert ((table["mean"] - table["truth"]).abs() <= 2 * table["error"]).all()
    jumped = table.xs(RULES[0], level="rule")
    rubin, jackknife = (jumped.xs(v, level="variance") for v in VARIANCES)
    assert (rubin["standard_error"] > 1.2 * rubin["spread"]).all() and (rubin["covered"] > 0.97).all()
    assert (jackknife["standard_error"] / jackknife["spread"]).between(0.9, 1.1).all()


# ---- refusals ----


def test_refusals_list_what_was_found() -> None:
    values, arm = trial()
    bad = values.copy()
    bad[:3, 0] = np.nan
    bad[arm == "low", 3] = np.nan
    named = arm.astype(object)
    named[5] = None
    with pytest.raises(StatisticsError) as caught:
        expected(bad, named, "none", rule="best", covariates=np.full(90, np.nan))
    for text in (
        "rule: expected one of", "found 1 people without", "found 'none'", "found 3 people without", "covariates:",
        "arm low, visit 3: expected someone seen",
    ):  # fmt: skip
        assert text in str(caught.value)
    with pytest.raises(StatisticsError, match="one arm each"):
        expected(values, arm[:5], "placebo")
    with pytest.raises(StatisticsError, match="variance: expected Rubin or jackknife"):
        differences(values, arm, "placebo", variance="bootstrap")
    with pytest.raises(StatisticsError, match="found 0 imputations"):
        imputed(values, arm, "placebo", imputations=0)
    few = np.random.default_rng(0).normal(size=(8, 4))
    few[2:, 3] = np.nan
    with pytest.raises(StatisticsError, match="predictors"):
        imputed(few, np.arange(8) % 2, 0)
    with pytest.raises(StatisticsError, match="without a number"):
        expected(few, np.arange(8) % 2, 0)

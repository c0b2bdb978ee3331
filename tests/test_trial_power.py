"""Power of one planned trial: the closed-form case, what each assumption does, the stored campaign, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import results
from gaitstudy.simulate import trial_model
from gaitstudy.tables import trial_power


def row(*given: object, count: int = 2000, seed: int = 0, **asked: object) -> pd.Series:
    return trial_power.power(trial_power.Plan(*given, **asked), count, seed).iloc[0]  # type: ignore[arg-type]


# ---- closed form ----


def exact_power(outcome: str, effect: float, error: float = 0.0, n: int = 14) -> float:
    """ANCOVA's power: noncentral t, averaged over the chance imbalance of the baseline, by another quadrature.

    The KAM's change in % is independent of the natural peak; T1rho's error is in both images.
    """
    p = trial_model.values(trial_power.CLOSED)
    sd, rho = np.hypot(p["kam_person_sd"], p["kam_visit_sd"]), 0.0
    if outcome == "T1rho":  # the later image, given the first
        before = p["t1rho_sd"] ** 2 + error**2
        sd = np.sqrt(before + p["t1rho_change_sd"] ** 2)
        rho = p["t1rho_sd"] ** 2 / np.sqrt(before) / sd
    within = 2 * n - 2

    def given(imbalance: float) -> float:
        se = sd * np.sqrt((1 - rho**2) * 2 / n * (1 + imbalance / within))
        return float(stats.nct.sf(stats.t.isf(0.025, within - 1), within - 1, abs(effect) / se))

    return float(stats.f(1, within).expect(given))


def test_the_closed_form_without_a_useful_covariate_is_the_t_test_less_one_degree_of_freedom() -> None:
    sd = np.hypot(*(trial_model.values()[name] for name in ("kam_person_sd", "kam_visit_sd")))
    other = TTestIndPower().power(5 / sd, 14, 0.05, df=2 * 14 - 3, alternative="two-sided")
    assert 0 < other - exact_power("KAM", -5.0) < 0.6 / 14  # a useless covariate costs a little


@pytest.mark.parametrize(
    ("outcome", "model", "effect", "error"),
    [("KAM", "ANCOVA", -5.0, 0.0), ("KAM", "MMRM", -5.0, 0.0), ("T1rho", "ANCOVA", -4.0, 3.0)],
)  # fmt: skip
def test_a_normal_trial_without_dropout_has_the_exact_power(
    outcome: str, model: str, effect: float, error: float
) -> None:
    count = 400 if model == "MMRM" else 2000
    given = {"effect": effect, "error": error, "dropout": 0.0, "assumptions": trial_power.CLOSED}
    found = row(outcome, model, 14, **given, count=count, seed=3)
    exact = exact_power(outcome, effect, error)
    assert abs(found["power"] - exact) < 3 * np.sqrt(exact * (1 - exact) / count)
    assert found["missing"] == 0 and found["without_number"] == 0
    assert abs(found["estimate"] - effect) < 4 * found["se"] / np.sqrt(count)


def test_with_nobody_missing_both_models_judge_every_trial_alike() -> None:
    one, two = (row("pain", m, 12, dropout=0.0, count=60, seed=5) for m in trial_power.MODELS)
    assert one["power"] == two["power"] and one["estimate"] == pytest.approx(two["estimate"], abs=1e-8)
    assert one["se"] == pytest.approx(two["se"], rel=1e-6)


def test_the_expected_difference_follows_adherence_and_screening() -> None:
    assert row("pain", "ANCOVA", 6, count=2)["expected"] == pytest.approx(trial_power.published_effect("pain"))
    found = row("KAM", "ANCOVA", 6, effect=-10.0, adherence=40.0, screened=False, count=2)
    assert found["expected"] == pytest.approx(-10 * 40 / 80 * 0.7)
    assert trial_power.published_effect("KAM") == pytest.approx(-7.0) and trial_power.able_share() == 0.7
    assert row("pain", "ANCOVA", 34, count=2)["to_screen"] == np.ceil(68 / 0.7)
    assert row("pain", "ANCOVA", 34, screened=False, count=2)["to_screen"] == 68


@pytest.mark.parametrize(
    ("outcome", "changed"),
    [("pain", {}), ("pain", {"adherence": 50.0}), ("KAM", {"adherence": 50.0}), ("T1rho", {"screened": False})],
)
def test_simulated_trials_meet_the_expected_difference(outcome: str, changed: dict[str, Any]) -> None:
    found = row(outcome, "ANCOVA", 40, dropout=0.0, count=1500, seed=9, **changed)
    assert abs(found["estimate"] - found["expected"]) < 4 * found["se"] / np.sqrt(1500)


def test_dropout_is_what_was_asked_where_pain_does_not_matter() -> None:
    found = row("pain", "ANCOVA", 50, dropout=0.3, count=300, assumptions={"dropout_pain": 0.0, "missed": 0.0})
    assert found["missing"] == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 30_000))


# ---- invariance ----


def test_power_rises_with_size_and_effect_and_falls_with_spread_error_and_dropout() -> None:
    def of(n: int = 20, **changed: float) -> float:
        return float(row("pain", "ANCOVA", n, count=600, seed=2, **changed)["power"])

    base = of()
    assert of(40) > base and of(effect=-1.8) > base
    assert of(spread=1.5) < base and of(error=1.5) < base and of(dropout=0.5) < base and of(adherence=50.0) < base


def test_a_harmful_effect_counts_in_its_own_direction() -> None:
    one, two = (row("T1rho", "ANCOVA", 20, effect=e, dropout=0.0, count=800, seed=4) for e in (-4.0, 4.0))
    assert one["power"] == pytest.approx(two["power"], abs=0.06) and two["estimate"] > 0


# ---- the stored campaign ----


def test_the_campaigns_closed_form_rows_agree() -> None:
    rows = results.kept("trial_power").query("part == 'closed form'")
    assert (rows["trials"] >= 2000).all() and rows["model"].tolist() == ["MMRM", "ANCOVA", "ANCOVA", "ANCOVA"]
    cases = (("KAM", -5.0), ("KAM", -5.0), ("T1rho", -4.0), ("T1rho", -4.0, 2.0))
    exact = np.array([exact_power(*case, n=20) for case in cases])
    assert (
        np.abs(rows["power"] - exact) / np.sqrt(exact * (1 - exact) / rows["trials"]) < stats.norm.isf(0.00125)
    ).all()


def test_a_share_run_anew_agrees() -> None:
    stored = results.kept("trial_power").set_index(trial_power.KEY)
    for outcome, model, n, count in (
        ("pain", "MMRM", 34, 150),
        ("KAM", "ANCOVA", 14, 600),
        ("T1rho", "ANCOVA", 24, 600),
    ):
        kept = stored.loc[("curve", "SD x 1", outcome, model, n)]
        found = row(outcome, model, n, count=count, seed=77)
        error = np.sqrt(kept["power"] * (1 - kept["power"]) * (1 / count + 1 / kept["trials"]))
        assert abs(found["power"] - kept["power"]) < 3.5 * error


def test_processes_do_not_change_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    few = trial_power._settings()[-4:]
    monkeypatch.setattr(trial_power, "_settings", lambda: few)
    one, two = (trial_power.study(20, 6, workers) for workers in (1, 2))
    pd.testing.assert_frame_equal(one, two)


# ---- bad input ----


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"effect": 0.0}, "expected a model of MMRM, ANCOVA, an effect other than 0"),
        ({"effect": np.nan}, "pain_between: expected a finite number"),
        ({"model": "t"}, "found 't'"),
        ({"dropout": 30.0}, "a dropout from 0 to less than 1, found 'MMRM', .*, 30"),
        ({"adherence": 0.0}, "adherence_mean: expected a target that the model can meet"),
        ({"spread": -1.0}, "pain_person_sd: expected a finite number from 0"),
        ({"assumptions": {"pain_sd": 1.0}}, "'pain_sd' is no parameter"),
    ],
)
def test_plans_that_cannot_be_are_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(GaitStudyError, match=message):
        row(**{"count": 2, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("model", trial_power.MODELS)
def test_trials_without_a_number_count_as_not_significant(model: str) -> None:
    """Five an arm with heavy dropout: a trial whose model gives no number is counted, and has no result."""
    found = row("pain", model, 5, dropout=0.5, effect=-3.0, spread=0.5, count=60, seed=1)
    assert 0 < found["without_number"] < 60
    assert found["power"] <= 1 - found["without_number"] / 60

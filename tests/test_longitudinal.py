"""Mixed models for repeated measures: least squares, invariance, R on four trials, unusable tables."""

from __future__ import annotations

import importlib.util
import io
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from gaitstudy.conventions import StatisticsError
from gaitstudy.io.catalogue import data_folder
from gaitstudy.stats import mixed
from gaitstudy.stats.longitudinal import RepeatedMeasures, contrasts, f_test, ls_means, mmrm, residuals

ORACLE = Path(__file__).parent / "oracles" / "repeated_measures.py"
TRIALS = ("complete", "dropout", "intermittent", "three_arms")
FORMULA = "outcome ~ baseline * visit + arm * visit"
SIX_DIGITS, FOUR_DIGITS = 5e-7, 5e-5
"""Relative differences that leave so many significant digits the same."""


def trial(name: str) -> pd.DataFrame:
    table = pd.read_csv(data_folder() / "reference" / f"simulated_trial_{name}.csv")
    return table.assign(arm=pd.Categorical(table["arm"], sorted(table["arm"].unique())))


@pytest.fixture(scope="module")
def oracle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("repeated_measures", ORACLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- closed form ----


def ancova(rows: pd.DataFrame) -> dict[str, float]:
    """The difference between two arms by statsmodels."""
    fit = smf.ols("outcome ~ baseline + arm", rows).fit()
    (term,) = [name for name in fit.params.index if name.startswith("arm")]
    low, high = fit.conf_int().loc[term]
    return {"estimate": fit.params[term], "se": fit.bse[term], "df": fit.df_resid, "p": fit.pvalues[term],
            "low": low, "high": high}  # fmt: skip


def test_with_one_visit_it_is_the_analysis_of_covariance() -> None:
    table = trial("dropout").query("visit == 52")
    one = contrasts(mmrm(FORMULA, table)).iloc[0]
    for name, value in ancova(table).items():
        assert one[name] == pytest.approx(value, rel=1e-9)


def test_complete_trials_give_each_visits_own_analysis_of_covariance() -> None:
    table = trial("complete")
    found = contrasts(mmrm(FORMULA, table)).set_index("visit")
    for visit, rows in table.groupby("visit"):
        for name, value in ancova(rows).items():
            assert found.loc[visit, name] == pytest.approx(value, rel=1e-8)


def test_ls_means_are_means_of_everyones_rows() -> None:
    table = trial("dropout")
    model = mmrm(FORMULA, table)
    mean = table.drop_duplicates("participant")["baseline"].mean()
    slopes = [name for name in model.rows if name == "baseline" or name.startswith("baseline:")]
    assert model.rows.loc[("C", 7), slopes].tolist() == pytest.approx([mean, 0, 0, 0])
    assert model.rows.loc[("I", 52), slopes].tolist() == pytest.approx([mean, 0, 0, mean])
    means = ls_means(model).set_index(["arm", "visit"])
    differences = means.loc["I", "estimate"] - means.loc["C", "estimate"]
    assert contrasts(model)["estimate"].tolist() == pytest.approx(differences.tolist())
    seen = table.dropna(subset="outcome").groupby(["arm", "visit"], observed=True).size()
    assert means["observed"].tolist() == seen.tolist()


# ---- invariance ----


def test_change_and_follow_up_give_the_same_differences() -> None:
    table = trial("dropout")
    one = contrasts(mmrm(FORMULA, table))
    two = contrasts(mmrm(FORMULA, table.assign(outcome=table["outcome"] - table["baseline"])))
    pd.testing.assert_frame_equal(one, two, rtol=1e-7)


def test_the_order_of_rows_and_rows_left_out_do_not_matter_but_that_of_arms_does() -> None:
    table = trial("dropout")
    one = contrasts(mmrm(FORMULA, table))
    mixed_up = table.dropna(subset="outcome").sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(contrasts(mmrm(FORMULA, mixed_up)), one, rtol=1e-8)
    turned = contrasts(mmrm(FORMULA, table.assign(arm=pd.Categorical(table["arm"], ["I", "C"]))))
    assert turned[["arm", "control"]].iloc[0].tolist() == ["C", "I"]
    np.testing.assert_allclose(turned["estimate"], -one["estimate"], rtol=1e-8)


# ---- an independent program: R ----


def arm_rows(model: RepeatedMeasures) -> pd.DataFrame:
    """Rows of each arm minus the first, at each visit."""
    control, *others = model.arms
    return pd.concat({arm: model.rows.loc[arm] - model.rows.loc[control] for arm in others}, names=["arm"])


def against(numbers: pd.DataFrame, table: pd.DataFrame) -> None:
    """Compare every estimate, standard error, degree of freedom, p and likelihood with R's."""
    for structure, method in (
        *(("unstructured", m) for m in mixed.METHODS),
        ("compound symmetry", None),
    ):
        model = mmrm(FORMULA, table, covariance=structure, method=method)
        assert model.status == "converged"
        own = numbers[numbers["covariance"] == structure]
        likelihood = own.loc[own["name"] == "log likelihood", "estimate"]
        assert likelihood.tolist() == pytest.approx([model.fit.log_likelihood[0]] * len(likelihood), abs=1e-6, rel=0)
        theirs = own[own["method"] == (method if structure == "unstructured" else "gls")].set_index("name")
        means, differences = ls_means(model), contrasts(model)
        ours = pd.concat(
            [
                means.set_index("mean " + means["arm"] + " " + means["visit"].astype(str)),
                differences.set_index(
                    differences["arm"] + " - " + differences["control"] + " " + differences["visit"].astype(str)
                ),
            ]
        )
        theirs_here = theirs.loc[ours.index]
        for name in ("estimate", "se"):
            np.testing.assert_allclose(ours[name], theirs_here[name], rtol=SIX_DIGITS)
        if structure != "unstructured":
            continue
        every = arm_rows(model)
        tests = {"F arm all visits": every, "F arm last visit": every.xs(52, level="visit", drop_level=False)}
        np.testing.assert_allclose(ours["df"], theirs_here["df"], rtol=FOUR_DIGITS)
        np.testing.assert_allclose(differences["p"], theirs.loc[ours.index[len(means) :], "p"], rtol=FOUR_DIGITS)
        for name, rows in tests.items():
            found = f_test(model, rows).iloc[0]
            expected = theirs.loc[name, ["statistic", "df1", "df", "p"]].tolist()
            assert found.tolist()[0] == pytest.approx(expected[0], rel=SIX_DIGITS)
            assert found.tolist()[1:] == pytest.approx(expected[1:], rel=FOUR_DIGITS)
        elements = own[own["method"] == "reml"]
        if method == mixed.METHODS[0]:
            for name, value in zip(elements["name"], elements["estimate"], strict=True):
                a, b = map(int, name.split()[1:])
                assert model.covariance.loc[a, b] == pytest.approx(value, rel=1e-5)  # lme4's stops a little short


@pytest.mark.parametrize("name", TRIALS)
def test_r_gives_the_same_on_every_trial(name: str) -> None:
    numbers = pd.read_csv(data_folder() / "reference" / "repeated_measures.csv").query("trial == @name")
    assert len(numbers) > 60
    against(numbers, trial(name))


def test_the_trials_are_what_their_names_say_and_the_script_makes_them(oracle: ModuleType) -> None:
    for name in TRIALS:
        table = trial(name)
        made = oracle.simulate(name)
        pd.testing.assert_frame_equal(table, made.astype(table.dtypes.to_dict()), rtol=1e-9)
        seen = table.pivot(index="participant", columns="visit", values="outcome").notna()
        monotone = (seen.astype(int).diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)
        assert (seen.all(axis=None), monotone) == {"complete": (True, True), "dropout": (False, True)}.get(
            name, (False, False)
        )
        assert table["arm"].nunique() == (3 if name == "three_arms" else 2)


def test_r_gives_the_same_live(oracle: ModuleType) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed; compared with committed numbers instead")
    have = "quit(status = !all(sapply(c('lme4', 'lmerTest', 'pbkrtest', 'nlme'), requireNamespace, quietly = TRUE)))"
    if subprocess.run(["Rscript", "-e", have], capture_output=True).returncode:
        pytest.skip("R has not all of lme4, lmerTest, pbkrtest, nlme; compared with committed numbers instead")
    path = data_folder() / "reference" / "simulated_trial_complete.csv"
    against(pd.read_csv(io.StringIO(oracle.ask_r(path)), skipinitialspace=True), trial("complete"))


# ---- missing people, and tables that cannot be used ----


def test_whoever_is_left_out_is_listed_and_the_rest_counted() -> None:
    table = trial("complete")
    table.loc[table["participant"] == "s001", "outcome"] = np.nan
    table.loc[table["participant"] == "s002", "baseline"] = np.nan
    table.loc[(table["participant"] == "s003") & (table["visit"] == 52), "outcome"] = np.nan
    table["arm"] = table["arm"].where(table["participant"] != "s004", None)
    model = mmrm(FORMULA, table)
    assert model.left_out.to_numpy().tolist() == [
        ["s001", "no outcome at any visit"], ["s002", "no baseline"], ["s004", "no arm"],
    ]  # fmt: skip
    assert ls_means(model)["observed"].tolist() == [18, 18, 18, 18, 19, 19, 19, 18]
    assert len(model.people) == 37


def test_what_is_not_one_value_a_participant_is_refused_by_name() -> None:
    table = trial("complete")
    for column, values in (("arm", ["C", "I", "C", "I"]), ("baseline", [1.0, 2, 3, 4])):
        again = table.copy()
        again.loc[again["participant"] == "s003", column] = values
        with pytest.raises(StatisticsError, match=f"several of {column} for 1 of them, the first s003"):
            mmrm(FORMULA, again)
    with pytest.raises(StatisticsError, match="expected columns 'pain'"):
        mmrm(FORMULA.replace("outcome", "pain", 1), table)
    with pytest.raises(StatisticsError, match="expected arm among the terms"):
        mmrm("outcome ~ baseline * visit", table)
    with pytest.raises(StatisticsError, match="found gaps"):
        mmrm(FORMULA, table.assign(visit=table["visit"].where(table.index > 0)))
    with pytest.raises(ValueError, match="duplicate"):
        mmrm(FORMULA, pd.concat([table, table.head(1)]))


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        (f"{FORMULA} + twice", "design column twice is a combination of others"),
        (f"{FORMULA} + third", r"design column arm\[T.J\].* is a combination of others"),
        ("outcome ~ visit", "singular covariance between visits"),
    ],
)
def test_a_fit_without_a_number_says_why_and_refuses_to_be_asked(formula: str, reason: str) -> None:
    table = trial("complete")
    table = table.assign(twice=2 * table["baseline"])
    if formula.endswith("third"):  # an arm that nobody is in
        formula, table["arm"] = FORMULA, table["arm"].cat.add_categories("J")
    if formula.endswith("~ visit"):
        formula, table = FORMULA, table[table["participant"] < "s006"]
    model = mmrm(formula, table)
    assert re.fullmatch(reason, model.status)
    assert np.isnan(model.fit.log_likelihood).all() and model.covariance.isna().all(axis=None)
    for ask in (ls_means, contrasts, f_test, residuals):
        with pytest.raises(StatisticsError, match="gives no number"):
            ask(model)


def test_the_order_of_texts_must_be_given() -> None:
    table = trial("dropout")
    one = contrasts(mmrm(FORMULA, table))
    named = table.assign(visit=table["visit"].map("Week {}".format).astype(object))
    words = table.assign(arm=table["arm"].map({"C": "placebo", "I": "active"}).astype(object))
    for column, texts in (("visit", named), ("arm", words)):
        with pytest.raises(StatisticsError, match=f"column '{column}': expected numbers, or an order"):
            mmrm(FORMULA, texts)
    order = ["Week 7", "Week 11", "Week 25", "Week 52"]
    ordered = words.assign(
        visit=pd.Categorical(named["visit"], order), arm=pd.Categorical(words["arm"], ["placebo", "active"])
    )
    found = contrasts(mmrm(FORMULA, ordered))
    assert found["visit"].tolist() == order and found.loc[0, ["arm", "control"]].tolist() == ["active", "placebo"]
    np.testing.assert_allclose(found["estimate"], one["estimate"], rtol=1e-9)
    with pytest.raises(StatisticsError, match="at least two arms, found 1"):
        mmrm(FORMULA, table.query("arm == 'I'").assign(arm=1))


def test_codes_of_groups_and_their_names_are_the_same_covariate() -> None:
    table = trial("complete")
    site = 1 + table["participant"].str[1:].astype(int) % 5
    coded, named = (
        mmrm(f"{FORMULA} + {term}", table.assign(site=values))
        for term, values in (("C(site)", site), ("site", site.map("town {}".format)))
    )
    assert coded.status == named.status == "converged"
    np.testing.assert_allclose(contrasts(named)["estimate"], contrasts(coded)["estimate"], rtol=1e-9)


# ---- residuals ----


def test_scaled_residuals_have_unit_variance_and_no_correlation() -> None:
    rng = np.random.default_rng(3)
    people, visits = 4000, 3
    arm, baseline = np.arange(people) % 2, rng.normal(5, 1, people)
    root = np.array([[1.0, 0, 0], [1.5, 1, 0], [2, 1, 1.5]])
    outcome = baseline[:, None] + arm[:, None] + rng.normal(size=(people, visits)) @ root.T
    outcome[rng.uniform(size=outcome.shape) < 0.2] = np.nan
    table = pd.DataFrame(
        {
            "participant": np.repeat(np.arange(people), visits), "visit": np.tile([1, 2, 3], people),
            "arm": np.repeat(arm, visits), "baseline": np.repeat(baseline, visits), "outcome": outcome.ravel(),
        }
    )  # fmt: skip
    model = mmrm(FORMULA, table)
    found = residuals(model)
    assert len(found) == np.isfinite(outcome).sum()
    np.testing.assert_allclose(found["fitted"] + found["residual"], found["outcome"], rtol=1e-12)
    wide = found.pivot(index="participant", columns="visit", values="scaled")
    np.testing.assert_allclose(wide.dropna().cov(), np.eye(3), atol=4 * np.sqrt(2 / 2000))  # four standard errors
    np.testing.assert_allclose(model.covariance, root @ root.T, rtol=0.15)


def test_residuals_of_a_complete_trial_have_the_fitted_covariance() -> None:
    model = mmrm(FORMULA, trial("complete"))
    wide = residuals(model).pivot(index="participant", columns="visit", values="residual")
    np.testing.assert_allclose(wide.T @ wide / 37, model.covariance, rtol=1e-8)  # 40 people, 3 coefficients a visit

"""Mixed models for repeated measures: least squares, invariance, R on four trials, unusable tables."""

from __future__ import annotations

import importlib.util
import io
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
from gaitstudy.stats.longitudinal import arm_rows, contrasts, design_rows, f_test, ls_means, mmrm, residuals

ORACLE = Path(__file__).parent / "oracles" / "repeated_measures.py"
TRIALS = ("complete", "dropout", "intermittent", "three_arms")
TERMS = ("visit", "baseline", "baseline:visit", "arm", "arm:visit")
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
    one = contrasts(mmrm(table)).iloc[0]
    for name, value in ancova(table).items():
        assert one[name] == pytest.approx(value, rel=1e-9)


def test_complete_trials_give_each_visits_own_analysis_of_covariance() -> None:
    table = trial("complete")
    found = contrasts(mmrm(table)).set_index("visit")
    for visit, rows in table.groupby("visit"):
        for name, value in ancova(rows).items():
            assert found.loc[visit, name] == pytest.approx(value, rel=1e-8)


def test_ls_means_are_means_of_everyones_rows() -> None:
    table = trial("dropout")
    model = mmrm(table)
    people = table.drop_duplicates("participant")
    rows = design_rows(model)
    names = [name for name in model.columns if name == "baseline" or name.startswith("baseline:")]
    assert rows.loc[("C", 7), "baseline"] == pytest.approx(people["baseline"].mean())
    assert rows.loc[("I", 52), names].tolist() == pytest.approx(
        [people["baseline"].mean(), 0, 0, people.baseline.mean()]
    )
    means, differences = ls_means(model).set_index(["arm", "visit"])["estimate"], contrasts(model)
    assert differences["estimate"].tolist() == pytest.approx((means["I"] - means["C"]).tolist())
    assert ls_means(model)["observed"].tolist() == model.counts["observed"].tolist()


# ---- invariance ----


def test_change_and_follow_up_give_the_same_differences() -> None:
    table = trial("dropout")
    one = contrasts(mmrm(table))
    two = contrasts(mmrm(table.assign(outcome=table["outcome"] - table["baseline"])))
    pd.testing.assert_frame_equal(one, two, rtol=1e-7)


def test_the_order_of_rows_and_rows_left_out_do_not_matter_but_that_of_arms_does() -> None:
    table = trial("dropout")
    one = contrasts(mmrm(table))
    mixed_up = table.dropna(subset="outcome").sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(contrasts(mmrm(mixed_up)), one, rtol=1e-8)
    turned = contrasts(mmrm(table.assign(arm=pd.Categorical(table["arm"], ["I", "C"]))))
    assert turned[["arm", "control"]].iloc[0].tolist() == ["C", "I"]
    np.testing.assert_allclose(turned["estimate"], -one["estimate"], rtol=1e-8)
    model = mmrm(table)
    np.testing.assert_allclose(contrasts(model, arm_rows(model, "I"))["p"], one["p"], rtol=1e-8)


# ---- an independent program: R ----


def against(numbers: pd.DataFrame, table: pd.DataFrame) -> None:
    """Compare every estimate, standard error, degree of freedom, p and likelihood with R's."""
    for structure, method in (
        *(("unstructured", m) for m in mixed.METHODS),
        ("compound symmetry", None),
        ("ar1", None),
    ):
        model = mmrm(table, covariance=structure, method=method)
        assert model.status == "converged"
        own = numbers[numbers["covariance"] == structure]
        likelihood = own.loc[own["name"] == "log likelihood", "estimate"]
        assert likelihood.tolist() == pytest.approx([model.log_likelihood] * len(likelihood), abs=1e-6, rel=0)
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
        tests = {
            "F arm all visits": arm_rows(model),
            "F arm last visit": arm_rows(model).xs(52, level=2, drop_level=False),
        }
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
    assert len(numbers) > 70
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
    model = mmrm(table)
    assert model.left_out.to_numpy().tolist() == [
        ["s001", "no outcome at any visit"], ["s002", "no baseline"], ["s004", "no arm"],
    ]  # fmt: skip
    assert model.counts["participants"].tolist() == [18] * 4 + [19] * 4
    assert model.counts["missing"].tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    assert len(model.people) == 37


def test_an_arm_or_a_visit_without_anyone_is_refused_by_name() -> None:
    table = trial("complete")
    table["arm"] = pd.Categorical(table["arm"], ["C", "I", "J"])
    table.loc[table["visit"] == 25, "outcome"] = np.nan
    table.loc[(table["visit"] == 52) & (table["arm"] == "I"), "outcome"] = np.nan
    with pytest.raises(StatisticsError, match=r"(?s)arm J.*visit 25.*arm I, visit 52"):
        mmrm(table)
    with pytest.raises(StatisticsError, match="at least two arms, found 1"):
        mmrm(trial("complete").query("arm == 'I'").astype({"arm": str}))


def test_every_problem_of_a_table_is_listed() -> None:
    table = trial("complete")
    again = pd.concat([table, table.head(1)])
    again.loc[again["participant"] == "s003", "arm"] = ["C", "I", "C", "I"]
    again.loc[again["participant"] == "s005", "baseline"] = [1.0, 2, 3, 4]
    with pytest.raises(StatisticsError, match=r"(?s)s000 at 7.*'arm': expected one value.*s003.*'baseline'.*s005"):
        mmrm(again)
    wrong = table.rename(columns={"arm": "group"}).astype({"outcome": str})
    with pytest.raises(StatisticsError, match=r"(?s)'arm', found participant, group.*'outcome': expected numbers"):
        mmrm(wrong)
    with pytest.raises(StatisticsError, match="infinite"):
        mmrm(table.assign(outcome=np.inf))
    with pytest.raises(StatisticsError, match="1 gaps"):
        mmrm(table.assign(visit=table["visit"].where(table.index > 0)))
    with pytest.raises(StatisticsError, match="one of unstructured"):
        mmrm(table, covariance="toeplitz")


def test_a_fit_without_a_number_says_why_and_refuses_to_be_asked() -> None:
    table = trial("complete")
    table["twice"] = 2 * table["baseline"]
    model = mmrm(table, terms=(*TERMS, "twice"))
    assert model.status == "design column twice is a combination of others"
    assert np.isnan(model.log_likelihood) and model.covariance.isna().all(axis=None)
    small = mmrm(table[table["participant"] < "s006"])
    assert small.status == "singular covariance between visits"
    for without in (model, small):
        for ask in (ls_means, contrasts, f_test):
            with pytest.raises(StatisticsError, match=r"gives no number: (design column twice|singular)"):
                ask(without)
    assert mmrm(table[table["participant"] < "s006"], covariance="compound symmetry").status == "converged"


def test_text_visits_come_in_the_order_of_their_numbers_and_other_texts_are_refused() -> None:
    table = trial("dropout")
    one = contrasts(mmrm(table))
    named = table.assign(visit=table["visit"].map("Week {}".format))
    assert mmrm(named).visits == ("Week 7", "Week 11", "Week 25", "Week 52")
    np.testing.assert_allclose(contrasts(mmrm(named))["estimate"], one["estimate"], rtol=1e-9)
    mixed_up = named.assign(visit=named["visit"].replace("Week 7", "start"))
    with pytest.raises(StatisticsError, match=r"'visit': expected an order of its levels.*pandas\.Categorical"):
        mmrm(mixed_up)
    order = ["start", "Week 11", "Week 25", "Week 52"]
    ordered = mixed_up.assign(visit=pd.Categorical(mixed_up["visit"], order))
    assert list(mmrm(ordered).visits) == order
    words = table.assign(arm=table["arm"].map({"C": "placebo", "I": "active"}).astype(object))
    with pytest.raises(StatisticsError, match="'arm': expected an order of its levels"):
        mmrm(words)
    named_control = contrasts(mmrm(words, control="placebo"))
    assert named_control.loc[0, ["arm", "control"]].tolist() == ["active", "placebo"]
    np.testing.assert_allclose(named_control["estimate"], one["estimate"], rtol=1e-9)


def test_groups_are_named_or_categorical_and_unused_categories_leave_no_column() -> None:
    table = trial("complete")
    number = table["participant"].str[1:].astype(int)
    sites = table.assign(site=pd.Categorical(1 + number % 5, range(1, 9)), age=50 + number % 17)
    terms = (*TERMS, "site", "age")
    model = mmrm(sites, terms=terms, quantities=["age"])
    assert model.status == "converged" and model.columns[-5:] == (*(f"site[{k}]" for k in (2, 3, 4, 5)), "age")
    words = sites.assign(site=sites["site"].astype(int).map(lambda k: f"town {'abcde'[k - 1]}"))
    again = contrasts(mmrm(words, terms=terms, quantities=["age"]))
    np.testing.assert_allclose(again["estimate"], contrasts(model)["estimate"], rtol=1e-9)
    without = mmrm(
        sites[sites["site"] != 1], terms=terms, quantities=["age"]
    )  # the first category is the one nobody has
    assert without.status == "converged" and "site[3]" in without.columns and "site[2]" not in without.columns
    with pytest.raises(StatisticsError, match="'visit': expected values of one kind, found int, str"):
        mmrm(sites.assign(visit=sites["visit"].astype(object).replace(7, "start")))


def test_whole_numbers_that_may_be_codes_of_groups_are_refused_until_it_is_said() -> None:
    table, terms = trial("complete"), ("visit", "baseline", "arm", "site", "age")
    number = table["participant"].str[1:].astype(int)
    coded = table.assign(site=1 + number % 5, age=50 + number % 17)
    with pytest.raises(StatisticsError, match=r"(?s)'site': expected to know whether its whole numbers.*'age'"):
        mmrm(coded, terms=terms)
    gaps = coded.assign(site=coded["site"].astype(float).where(coded["participant"] != "s003"))
    with pytest.raises(StatisticsError, match="'site': expected to know"):  # a gap makes whole numbers floats
        mmrm(gaps, terms=terms, quantities=["age"])
    sites = coded.assign(site=pd.Categorical(coded["site"]))
    model = mmrm(sites, terms=terms, quantities=["age"])
    assert model.status == "converged" and model.columns[-5:] == (*(f"site[{k}]" for k in (2, 3, 4, 5)), "age")


def test_products_come_with_their_parts() -> None:
    table = trial("complete")
    with pytest.raises(StatisticsError, match="term 'arm:visit': expected 'arm' among the terms too"):
        mmrm(table, terms=("visit", "baseline", "arm:visit"))
    with pytest.raises(StatisticsError, match=r"'arm:baseline:visit': expected 'baseline:visit' and 'arm:visit' and"):
        mmrm(table, terms=("visit", "baseline", "arm", "arm:baseline:visit"))
    sums = [contrasts(mmrm(table, terms=t))["estimate"] for t in (
        ("visit", "baseline", "arm", "arm:visit"), ("arm", "visit:arm", "baseline", "visit"),
    )]  # fmt: skip
    np.testing.assert_allclose(*sums, rtol=1e-9)


def test_what_is_asked_must_be_of_the_model() -> None:
    model = mmrm(trial("complete"))
    with pytest.raises(StatisticsError, match="expected one of C, I; found 'A'"):
        arm_rows(model, "A")
    with pytest.raises(StatisticsError, match="rows of 12"):
        contrasts(model, pd.DataFrame([[1.0]]))


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
    model = mmrm(table)
    found = residuals(model)
    assert len(found) == np.isfinite(outcome).sum()
    np.testing.assert_allclose(found["fitted"] + found["residual"], found["outcome"], rtol=1e-12)
    wide = found.pivot(index="participant", columns="visit", values="scaled")
    np.testing.assert_allclose(wide.dropna().cov(), np.eye(3), atol=4 * np.sqrt(2 / 2000))  # four standard errors
    np.testing.assert_allclose(model.covariance, root @ root.T, rtol=0.15)


def test_residuals_of_a_complete_trial_have_the_fitted_covariance_and_a_fit_without_a_number_has_none() -> None:
    model = mmrm(trial("complete"))
    wide = residuals(model).pivot(index="participant", columns="visit", values="residual")
    np.testing.assert_allclose(wide.T @ wide / 37, model.covariance, rtol=1e-8)  # 40 people, 3 coefficients a visit
    with pytest.raises(StatisticsError, match="no number"):
        residuals(mmrm(trial("complete").query("participant < 's006'")))

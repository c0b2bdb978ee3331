"""The trial's analyses side by side: closed forms on made-up tables, and agreement with each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import trial_summary, trial_table
from gaitstudy.simulate.cohort import cohort
from gaitstudy.stats import longitudinal
from gaitstudy.studies import trial_analysis

MMRM = trial_analysis.MODELS[1]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return trial_table.source(cohort(3).table)


@pytest.fixture(scope="module")
def complete() -> pd.DataFrame:
    return trial_table.source(cohort(3, dropout="none").table)


def shifted(table: pd.DataFrame, name: str, by: float) -> pd.DataFrame:
    """The same people, those of the intervention moved by so much at every visit after baseline."""
    moved = table.copy()
    for column in (f"{name}_wk{week:02d}" for week in (7, 11, 25, 39, 52)):
        moved.loc[moved["group"] == "I", column] += by
    return moved.assign(**{c: moved[c] for c in moved})


# ---- closed form ----


def test_without_missing_data_all_models_agree_on_the_adjusted_difference(complete: pd.DataFrame) -> None:
    found = trial_analysis.side_by_side(complete, "NRS_med", worse=3.0).set_index("model")
    ancova = found.iloc[0]
    for name in found.index[3:]:  # nothing to impute, nothing to shift
        assert found.loc[name, "estimate"] == pytest.approx(ancova["estimate"], abs=1e-9)
        near = 0.15 if "jackknife" in name else 0.02  # its error is another estimate; Rubin's df, 100 alike imputations
        assert found.loc[name, "low"] == pytest.approx(ancova["low"], abs=near)
    assert found.loc[MMRM, "estimate"] == pytest.approx(ancova["estimate"], abs=1e-6)
    assert (found["status"] == "").all() and (found["people"] == 68).all()


def test_a_constant_effect_is_found_by_every_model(complete: pd.DataFrame) -> None:
    before = trial_analysis.side_by_side(complete, "KAM_peak_target_FPA").set_index("model")["estimate"]
    after = trial_analysis.side_by_side(shifted(complete, "KAM_peak_target_FPA", -0.3), "KAM_peak_target_FPA")
    assert (after.set_index("model")["estimate"] - before).to_numpy() == pytest.approx(-0.3, abs=1e-6)


def test_the_flow_counts_as_analysed_whom_a_main_model_used(table: pd.DataFrame) -> None:
    """Of people with a baseline and nothing after it, and of people without a baseline, no model has a change."""
    few = table.copy()
    intervention, sham = (few.index[few["group"] == arm] for arm in ("I", "C"))
    later = [c for name in trial_summary.CO_PRIMARY for c in few if c.startswith(f"{name}_wk") and c[-2:] > "02"]
    few.loc[intervention[:6], later] = np.nan
    few.loc[sham[0], [trial_table.BASELINES[name] for name in trial_summary.CO_PRIMARY]] = np.nan
    few.loc[sham[1], [c for c in later if c.startswith("NRS")]] = np.nan  # the load's model still uses this one
    boxes = trial_summary.flow(few).set_index(["box", "arm"])["people"]
    used = {p for name in trial_summary.CO_PRIMARY for p in trial_analysis.model(few, name).people.index}
    assert boxes["analysed in all", ""] == len(used) < 62
    assert boxes["not analysed", "intervention"] >= 6 and boxes["not analysed", "sham"] >= 1
    of_sham = set(few.loc[sham, "subject"]) & used
    assert boxes["analysed", "sham"] == len(of_sham) and few.loc[sham[1], "subject"] in of_sham


def test_published_numbers_come_from_their_table() -> None:
    assert trial_analysis.published_value("medial femoral T1rho") == -3.74
    with pytest.raises(StatisticsError, match="expected one measure that begins with 'KAM', found 2"):
        trial_analysis.published_value("KAM")


# ---- one against the other ----


def test_mmrm_in_the_table_is_the_model_itself(table: pd.DataFrame) -> None:
    found = trial_analysis.side_by_side(table, "NRS_med").set_index("model").loc[MMRM]
    rows = longitudinal.contrasts(trial_analysis.model(table, "NRS_med")).set_index("visit")
    for column in ("estimate", "low", "high", "p", "df"):
        assert found[column] == pytest.approx(rows.loc[52, column])


def test_worse_leavers_bring_the_difference_up_by_their_share(table: pd.DataFrame) -> None:
    plain, worse = (trial_analysis.side_by_side(table, "NRS_med", worse=w).iloc[-1]["estimate"] for w in (0.0, 2.0))
    own = table[table["group"] == "I"]
    gone = own["NRS_med_wk52"].isna().mean()
    assert worse - plain == pytest.approx(2.0 * gone, rel=0.15)  # the adjustment for baseline moves it a little
    assert worse > plain


def test_random_intercept_is_statsmodels_and_less_cautious(table: pd.DataFrame) -> None:
    found = trial_analysis.beside_random_intercept(table, "NRS_med").set_index("model")
    assert found.loc[MMRM, "se"] > found.iloc[1]["se"]
    half = (found.iloc[1]["high"] - found.iloc[1]["low"]) / 2
    assert half == pytest.approx(1.959964 * found.iloc[1]["se"], rel=1e-6)


def test_an_outcome_seen_once_has_no_mmrm(table: pd.DataFrame) -> None:
    found = trial_analysis.side_by_side(table, "T1rho_med")
    assert MMRM not in set(found["model"]) and len(found) == len(trial_analysis.MODELS) - 1


def test_tipping_point_where_nobody_left(complete: pd.DataFrame) -> None:
    found = trial_analysis.tipping(complete, "NRS_med", [0.0, 1.0])
    assert found.empty and found.attrs["shifted"] == 0 and np.isnan(found.attrs["tipping_point"])


def test_mediation_keeps_the_order_of_time(table: pd.DataFrame) -> None:
    split, sensitivity = trial_analysis.mediated(table)
    rows = split.set_index("path")["coefficient"]
    assert rows["indirect"] == pytest.approx(rows["a"] * rows["b"])
    assert rows["total"] == pytest.approx(rows["direct"] + rows["indirect"])
    assert {"rho", "indirect"} <= set(sensitivity)


# ---- bad input ----


def test_a_model_without_a_number_says_why(table: pd.DataFrame) -> None:
    nobody = table.copy()
    nobody.loc[nobody["group"] == "I", [f"NRS_med_wk{w:02d}" for w in (7, 11, 25, 39, 52)]] = np.nan
    found = trial_analysis.side_by_side(nobody, "NRS_med")
    assert found["estimate"].isna().all() and (found["status"] != "").all()


def test_few_people_at_a_visit_are_analysed_whole(table: pd.DataFrame) -> None:
    few = table.copy()
    own = few.index[few["group"] == "I"]
    few.loc[own[4:], "NRS_med_wk39"] = np.nan
    found = trial_analysis.side_by_side(few, "NRS_med")
    assert found["estimate"][[0, 1, 2, 4, 5]].notna().all()
    assert found["status"][[3, 6]].str.contains("more independent rows than predictors").all(), (
        "four people are too few to impute from"
    )

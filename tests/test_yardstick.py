"""Estimators beside the implant: the bounds asked for, on every trial, live with the files, else as stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from gaitstudy.io import catalogue
from gaitstudy.studies import implant, yardstick

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"
NAMES = {
    "gc5_contact_errors": yardstick.errors,
    "gc5_error_windows": yardstick.error_windows,
    "gc5_constants": yardstick.parameter_band,
    "gc5_corners": yardstick.corners,
    "gc5_calibration": yardstick.calibration_pairs,
    "gc5_medial_shares": yardstick.medial_shares,
    "gc5_balance": yardstick.balance,
    "gc5_unloading": yardstick.asked_of_the_knee,
}


def table(name: str) -> pd.DataFrame:
    """Compute a table anew where its files are here; otherwise read the stored one."""
    return NAMES[name]() if catalogue.present(implant.DATASET) else pd.read_csv(DERIVED / f"{name}.csv")


# ---- closed form ----


def test_the_peak_is_the_highest_local_maximum_inside_the_window() -> None:
    x = np.arange(101.0)
    curve = np.exp(-(((x - 15) / 5) ** 2)) + 2 * np.exp(-(((x - 50) / 5) ** 2)) + 0.5 * np.exp(-(((x - 27) / 3) ** 2))
    assert yardstick.peak(curve, 0, 34)[1] == 15
    assert yardstick.peak(curve, 34, 64)[1] == 50
    assert np.isnan(yardstick.peak(curve, 60, 90)).all()


def test_a_rising_edge_is_no_peak() -> None:
    assert np.isnan(yardstick.peak(np.arange(101.0), 0, 34)[0])


def test_window_means_by_hand() -> None:
    curve = xr.DataArray(np.arange(101.0)[None], dims=("trial", "percent"), coords={"percent": np.arange(101.0)})
    found = yardstick.window_means(curve, (0, 10, 100))
    assert [(name, float(mean[0])) for name, mean in found] == [("0-10", 4.5), ("10-100", 55.0)]


def test_the_t_interval_of_pairs() -> None:
    d = [-0.02, -0.01, 0.0, 0.01, -0.005]
    pairs = pd.DataFrame({"predictor": "x", "difference": d, "calibrated": 0.1, "training_mean": 0.2})
    found = yardstick.calibration_summary(pairs).iloc[0]
    low, high = stats.ttest_1samp(d, 0).confidence_interval()
    assert (found["low"], found["high"]) == pytest.approx((low, high))
    assert (found["n"], found["trials_better"]) == (5, 3)


def test_the_map_is_the_arithmetic_of_18_percent_read_backwards() -> None:
    asked = pd.DataFrame({"peak": [1200.0], "axial": [700.0]})
    # 18 % of 1200 N = 216 N, times 45 mm = 9.72 N m, over 700 N = 13.886 mm
    found = yardstick.unloading_map(np.array([0.0]), np.array([13.8857142857]), asked)
    assert found["change"].iloc[0] == pytest.approx(-18.0)
    moved = yardstick.unloading_map(np.array([5.0]), np.array([5.0]), asked)
    assert moved["change"].iloc[0] == pytest.approx(0.0)
    assert yardstick.unloading_map(np.array([1.0]), np.array([0.0]), asked)["change"].iloc[0] > 0


# ---- real file, or as stored ----


def test_medial_force_within_what_was_asked_constants_fixed_beforehand() -> None:
    errors = table("gc5_contact_errors")
    medial = errors[errors["compartment"] == "medial"].groupby("estimator")["rmse_cycle"]
    assert (medial.size() == 5).all()
    for estimator in ("lab_regression", "reduced"):
        assert medial.mean()[estimator] <= yardstick.BOUNDS[estimator]
    assert medial.mean()["two_condyle on the dataset's OpenSim 3.3"] <= yardstick.BOUNDS["opensim"]
    assert yardstick.BOUNDS.items() >= {"opensim": 0.30, "lab_regression": 0.40, "reduced": 0.40}.items()


def test_the_unfaded_regression_errs_in_swing() -> None:
    windows = table("gc5_error_windows").set_index(["estimator", "compartment", "window"])["mean_error"]
    assert windows["lab_regression, not faded", "medial", "70-80"] > 0.8
    assert abs(windows["lab_regression", "medial", "70-80"]) < 0.2


def test_the_regression_gives_no_lateral_force() -> None:
    errors = table("gc5_contact_errors")
    assert set(errors.loc[errors["estimator"].str.startswith("lab"), "compartment"]) == {"medial"}


def test_leaving_out_doubtful_frames_changes_ss3_alone() -> None:
    errors = table("gc5_contact_errors")
    same = errors["rmse_clean"] == errors["rmse_cycle"]
    assert same[errors["trial"] != "ss3"].all() and not same[errors["trial"] == "ss3"].any()


def test_defaults_of_the_band_are_the_errors() -> None:
    errors = table("gc5_contact_errors")
    medial = errors[errors["compartment"] == "medial"].groupby("estimator")["rmse_cycle"].mean()
    band = table("gc5_constants").set_index(["estimator", "constant"])["medial_cycle"].sort_index()
    assert band["reduced", "default"].item() == pytest.approx(medial["reduced"])
    assert band["lab_regression", "default"].item() == pytest.approx(medial["lab_regression"])


def test_the_reduced_model_at_40_and_50_mm() -> None:
    band = table("gc5_constants")
    own = band[(band["estimator"] == "reduced") & (band["constant"] == "condyle_distance")].set_index("value")
    assert own.index.tolist() == [0.040, 0.050]
    assert own.loc[0.050, "medial_cycle"] < own.loc[0.040, "medial_cycle"]


def test_calibrated_lies_below_the_mean_of_the_same_training_trials_but_not_beyond_doubt() -> None:
    pairs = table("gc5_calibration")
    summary = yardstick.calibration_summary(pairs).set_index("predictor")
    assert summary["training_mean"].to_numpy() == pytest.approx(np.full(len(summary), 0.163), abs=0.0005)
    assert (summary["calibrated"] < summary["training_mean"]).all()
    assert ((summary["low"] < 0) & (summary["high"] > 0)).all()
    assert (pairs["difference"] > 0).any(), "some walks are predicted worse than by the mean, and the table says so"


@pytest.mark.xfail(strict=True, reason="the marker-based KAM gives .158 BW here; .150 was expected")
def test_the_calibrated_moment_reaches_what_was_expected_of_it() -> None:
    pairs = table("gc5_calibration")
    assert pairs.loc[pairs["predictor"] == "KAM", "calibrated"].mean() <= 0.1505


def test_the_arithmetic_of_18_percent() -> None:
    asked = table("gc5_unloading")
    assert len(asked) == 5 and (asked["at"] < yardstick.FIRST_PEAK).all()
    for column, digits, low, high in (
        ("asked", 0, 209, 230), ("moment", 1, 9.4, 10.3), ("arm_axial", 0, 13, 16), ("arm_vertical", 0, 12, 15),
    ):  # fmt: skip
        assert (asked[column].min().round(digits), asked[column].max().round(digits)) == (low, high), column
    assert (asked["axial"] < asked["vertical"]).all()


def test_the_medial_share_of_the_implant() -> None:
    share = table("gc5_medial_shares")
    own = share[share["source"] == "implant"]
    assert (own["total_peak"].min().round(2), own["total_peak"].max().round(2)) == (0.54, 0.73)


def test_muscles_take_part_of_the_frontal_moment_off() -> None:
    turning = table("gc5_balance").set_index(["quantity", "source", "window"])["mean"]
    without, with_muscles, felt = (
        turning["frontal moment", s, "10-30"] for s in ("external", "OpenSim 3.3 reactions", "implant")
    )
    assert without > with_muscles > felt > 0


def test_scores_against_itself_are_zero() -> None:
    if not catalogue.present(implant.DATASET):
        pytest.skip(f"dataset not on this machine: {implant.DATASET}")
    truth = implant.measured_forces().rename({c: f"{c}_contact_force" for c in implant.COMPARTMENTS})
    found = yardstick.score(truth, "truth")
    assert len(found) == 15
    assert (
        np.abs(found[["rmse_cycle", "rmse_stance", "rmse_clean", "bias_stance", "peak1_error"]].to_numpy()).max() == 0
    )
    assert found["r_cycle"].min() == pytest.approx(1.0)
    wrong = yardstick.score(truth + implant.body_weight(), "1 BW too much")
    assert wrong["rmse_cycle"].to_numpy() == pytest.approx(np.ones(15))
    assert wrong["peak2_error"].dropna().to_numpy() == pytest.approx(1.0)


@pytest.mark.parametrize("name", [*NAMES, "gc5_contamination", "gc5_calibration_without_ss3"])
def test_only_summary_numbers_of_the_closed_dataset_are_stored(name: str) -> None:
    kept = pd.read_csv(DERIVED / f"{name}.csv")
    assert not {"percent", "time", "frame"} & set(kept.columns)
    assert len(kept) < 130

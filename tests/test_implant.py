"""The walks with an instrumented knee: what is read, scored and calibrated; tables as a page stores them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gaitstudy.io import catalogue, motion, results
from gaitstudy.tables import implant


def needed() -> None:
    if not catalogue.present(implant.DATASET):
        pytest.skip(f"dataset not on this machine: {implant.DATASET}")


# ---- real file ----


def test_the_implants_peaks_are_those_known_of_the_file() -> None:
    needed()
    measured = implant.measured_forces()
    assert tuple(measured["trial"].values) == implant.TRIALS
    # the file's third column holds shear too: 1609 1703 1817 1714 1807 N; along the shank it is a little less
    whole = np.array([1609, 1703, 1817, 1714, 1807])
    assert (0 <= whole - measured["total"].max("percent").values).all()
    assert (whole - measured["total"].max("percent").values < 130).all()
    assert np.array_equal(measured["total"].values, (measured["medial"] + measured["lateral"]).values)


def test_the_recording_is_one_left_cycle_by_the_c3d_files_own_events() -> None:
    needed()
    for trial in implant.TRIALS:
        recorded = motion.read_c3d(catalogue.locate(implant.DATASET, f"inputs/c3d/PS_ngait_og_{trial}.c3d"))
        own = recorded.events[recorded.events["side"] == "left"]
        strikes = own.loc[own["event"] == "initial_contact", "time"].to_numpy()
        off = float(own.loc[own["event"] == "foot_off", "time"].iloc[0]) - strikes[0]
        _, instants, _ = implant.walk(trial)
        assert instants["end"] == pytest.approx(np.diff(strikes)[0], abs=0.001)
        assert instants["foot_off"] == pytest.approx(off, abs=0.025)


def test_inputs_have_the_signs_of_walking() -> None:
    needed()
    inputs = implant.external_inputs()
    push_off = inputs.sel(percent=slice(40, 60))
    assert float(push_off["ankle_plantarflexion_moment"].mean()) > 50
    assert float(inputs["hip_extension_moment"].sel(percent=slice(5, 20)).mean()) > 10
    assert float(push_off["hip_extension_moment"].mean()) < 0
    assert float(inputs["knee_flexion_angle"].max()) == pytest.approx(65, abs=15)
    assert float((inputs["axial_force"] / inputs["vertical_force"]).sel(percent=slice(20, 50)).mean()) == pytest.approx(
        0.93, abs=0.05
    )


def test_reactions_press_and_hold_most_of_the_measured_force() -> None:
    needed()
    part = implant._reaction_inputs()["axial_force"].sel(percent=slice(10, 60))
    measured = implant.measured_forces()["total"].sel(percent=slice(10, 60))
    assert 0.8 < float(part.mean() / measured.mean()) < 1.2


# ---- the plate under the foot ----


def test_ss3_is_flagged_and_no_other_walk() -> None:
    table = results.kept("gc5_contamination").set_index("trial")
    assert (table["samples_outside"] > 0).to_dict() == {t: t == "ss3" for t in ("ss1", "ss11", "ss3", "ss8", "ss9")}
    flagged = table.loc["ss3"]
    assert flagged["outside_until"] == pytest.approx(5, abs=0.5)
    assert flagged["contaminated_until"] == pytest.approx(11, abs=0.5)
    assert flagged["furthest_behind"] > 90
    assert flagged["furthest_ahead"] < 25 < table["furthest_ahead"].drop("ss3").min()
    assert table.drop("ss3")[["outside_until", "contaminated_until", "doubtful_until"]].isna().all(axis=None)


def test_the_other_foots_toes_stand_on_the_plate_in_ss3_alone() -> None:
    table = results.kept("gc5_contamination").set_index("trial")
    assert table.loc["ss3", "other_toe_inside"] > 40
    assert table["other_toe_inside"].drop("ss3").max() < -40
    assert table.loc["ss3", "doubtful_until"] == pytest.approx(table.loc["ss3", "other_toes_off"], abs=0.1)
    assert (table["other_toes_off"] >= table["other_foot_off"]).all()


# ---- closed form ----


def test_the_peak_is_the_highest_local_maximum_inside_the_window() -> None:
    x = np.arange(101.0)
    curve = np.exp(-(((x - 15) / 5) ** 2)) + 2 * np.exp(-(((x - 50) / 5) ** 2)) + 0.5 * np.exp(-(((x - 27) / 3) ** 2))
    assert implant._peak(curve, 0, 34)[1] == 15
    assert implant._peak(curve, 34, 64)[1] == 50
    assert np.isnan(implant._peak(curve, 60, 90)).all()


def test_a_rising_edge_is_no_peak() -> None:
    assert np.isnan(implant._peak(np.arange(101.0), 0, 34)[0])


# ---- the stored tables ----


def test_medial_force_within_what_was_asked_constants_fixed_beforehand() -> None:
    errors = results.kept("gc5_contact_errors")
    medial = errors[errors["compartment"] == "medial"].groupby("estimator")["rmse_cycle"]
    assert (medial.size() == 5).all()
    for estimator in ("lab_regression", "reduced"):
        assert medial.mean()[estimator] <= 0.40
    assert medial.mean()["two_condyle on the dataset's OpenSim 3.3"] <= 0.30


def test_the_unfaded_regression_errs_in_swing() -> None:
    windows = results.kept("gc5_error_windows").set_index(["estimator", "compartment", "window"])["mean_error"]
    assert windows["lab_regression, not faded", "medial", "70-80"] > 0.8
    assert abs(windows["lab_regression", "medial", "70-80"]) < 0.2


def test_the_regression_gives_no_lateral_force() -> None:
    errors = results.kept("gc5_contact_errors")
    assert set(errors.loc[errors["estimator"].str.startswith("lab"), "compartment"]) == {"medial"}


def test_leaving_out_doubtful_frames_changes_ss3_alone() -> None:
    errors = results.kept("gc5_contact_errors")
    same = errors["rmse_clean"] == errors["rmse_cycle"]
    assert same[errors["trial"] != "ss3"].all() and not same[errors["trial"] == "ss3"].any()


def test_defaults_of_the_band_are_the_errors() -> None:
    errors = results.kept("gc5_contact_errors")
    medial = errors[errors["compartment"] == "medial"].groupby("estimator")["rmse_cycle"].mean()
    band = results.kept("gc5_constants").set_index(["estimator", "constant"])["medial_cycle"].sort_index()
    assert band["reduced", "default"].item() == pytest.approx(medial["reduced"])
    assert band["lab_regression", "default"].item() == pytest.approx(medial["lab_regression"])


def test_the_reduced_model_at_40_and_50_mm() -> None:
    band = results.kept("gc5_constants")
    own = band[(band["estimator"] == "reduced") & (band["constant"] == "condyle_distance")].set_index("value")
    assert own.index.tolist() == [0.040, 0.050]
    assert own.loc[0.050, "medial_cycle"] < own.loc[0.040, "medial_cycle"]


def test_calibrated_lies_below_the_mean_of_the_same_training_trials_but_not_beyond_doubt() -> None:
    pairs = results.kept("gc5_calibration")
    means = pairs.groupby("predictor")[["calibrated", "training_mean"]].mean()
    assert means["training_mean"].to_numpy() == pytest.approx(np.full(len(means), 0.163), abs=0.0005)
    assert (means["calibrated"] < means["training_mean"]).all()
    for _, part in pairs.groupby("predictor"):
        low, high = stats.ttest_1samp(part["difference"], 0).confidence_interval()
        assert low < 0 < high
    assert (pairs["difference"] > 0).any(), "some walks are predicted worse than by the mean, and the table says so"


@pytest.mark.xfail(strict=True, reason="the marker-based KAM gives .158 BW here; .150 was expected")
def test_the_calibrated_moment_reaches_what_was_expected_of_it() -> None:
    pairs = results.kept("gc5_calibration")
    assert pairs.loc[pairs["predictor"] == "KAM", "calibrated"].mean() <= 0.1505


def test_the_arithmetic_of_18_percent() -> None:
    asked = results.kept("gc5_unloading")
    assert len(asked) == 5 and (asked["at"] < implant.FIRST_PEAK).all()
    for column, digits, low, high in (
        ("asked", 0, 209, 230), ("moment", 1, 9.4, 10.3), ("arm_axial", 0, 13, 16), ("arm_vertical", 0, 12, 15),
    ):  # fmt: skip
        assert (asked[column].min().round(digits), asked[column].max().round(digits)) == (low, high), column
    assert (asked["axial"] < asked["vertical"]).all()


def test_the_medial_share_of_the_implant() -> None:
    share = results.kept("gc5_medial_shares")
    own = share[share["source"] == "implant"]
    assert (own["total_peak"].min().round(2), own["total_peak"].max().round(2)) == (0.54, 0.73)


def test_muscles_take_part_of_the_frontal_moment_off() -> None:
    turning = results.kept("gc5_balance").set_index(["quantity", "source", "window"])["mean"]
    without, with_muscles, felt = (
        turning["frontal moment", s, "10-30"] for s in ("external", "OpenSim 3.3 reactions", "implant")
    )
    assert without > with_muscles > felt > 0


def test_scores_against_itself_are_zero() -> None:
    needed()
    truth = implant.measured_forces().rename({c: f"{c}_contact_force" for c in implant.COMPARTMENTS})
    found = implant.score(truth, "truth")
    assert len(found) == 15
    assert (
        np.abs(found[["rmse_cycle", "rmse_stance", "rmse_clean", "bias_stance", "peak1_error"]].to_numpy()).max() == 0
    )
    assert found["r_cycle"].min() == pytest.approx(1.0)
    wrong = implant.score(truth + implant.WEIGHT, "1 BW too much")
    assert wrong["rmse_cycle"].to_numpy() == pytest.approx(np.ones(15))
    assert wrong["peak2_error"].dropna().to_numpy() == pytest.approx(1.0)


@pytest.mark.parametrize(
    "name",
    ["balance", "calibration", "calibration_without_ss3", "constants", "contact_errors", "contamination",
     "error_windows", "medial_shares", "unloading"],
)  # fmt: skip
def test_only_summary_numbers_of_the_closed_dataset_are_stored(name: str) -> None:
    kept = results.kept(f"gc5_{name}")
    assert not {"percent", "time", "frame"} & set(kept.columns)
    assert len(kept) < 130


# ---- calibration: closed form and invariance ----


def pair(noise: float = 0.0, n: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Forces that differ by multiples of one shape, and a predictor half as large that knows the multiples."""
    rng, percent = np.random.default_rng(4), np.linspace(0, 1, 101)
    force = np.sin(np.pi * percent) + rng.normal(0, 0.3, (n, 1)) * np.sin(2 * np.pi * percent)
    return force, 0.5 * force + rng.normal(0, noise, force.shape)


def test_a_predictor_that_knows_all_predicts_all_but_the_penalty() -> None:
    force, x = pair()
    prediction, _, gain, *_ = implant._calibrated(force, x, 0, penalties=np.array([1e-9]))
    assert prediction == pytest.approx(force[0], abs=1e-6)
    assert gain == pytest.approx(2 * np.sqrt((np.delete(x, 0, 0).mean(0) ** 2).mean()), rel=1e-6)


def test_an_infinite_penalty_is_the_plain_mean() -> None:
    force, x = pair()
    prediction, mean, *_ = implant._calibrated(force, x, 0, penalties=np.array([np.inf]))
    assert np.array_equal(prediction, mean) and mean == pytest.approx(force[1:].mean(0))


def test_a_predictor_that_knows_nothing_is_not_used() -> None:
    force, x = pair()
    *_, gain, _, penalty = implant._calibrated(force, np.tile(x[0], (6, 1)), 0)
    assert gain == 0 and np.isinf(penalty)


def test_the_gain_by_hand() -> None:
    force, x = pair(0.2)
    gain = implant._calibrated(force, x, 0, np.array([0]), np.array([3.0]))[2]
    f, z = force[1:], x[1:] / np.sqrt((x[1:].mean(0) ** 2).mean())
    df, dz = f - f.mean(0), z - z.mean(0)
    assert gain == pytest.approx((df * dz).sum() / ((dz**2).sum() + 3.0))


def test_a_delay_is_found() -> None:
    force, x = pair()
    early = np.concatenate([x[:, 4:], np.repeat(x[:, -1:], 4, 1)], 1)
    assert implant._calibrated(force, early, 0)[3] == 4 < max(implant.LAGS)


def test_the_held_out_walks_force_is_never_seen() -> None:
    force, x = pair(0.2)
    changed = force.copy()
    changed[2] = 100.0
    for one, two in zip(implant._calibrated(force, x, 2), implant._calibrated(changed, x, 2), strict=True):
        assert np.array_equal(one, two)
    assert not np.array_equal(implant._calibrated(force, x, 1)[0], implant._calibrated(changed, x, 1)[0])


def test_neither_the_predictors_unit_nor_the_order_of_walks_matters() -> None:
    force, x = pair(0.2)
    plain = implant._calibrated(force, x, 0)[0]
    assert implant._calibrated(force, x * 750, 0)[0] == pytest.approx(plain)
    assert implant._calibrated(force[::-1], x[::-1], 5)[0] == pytest.approx(plain)

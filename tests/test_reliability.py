"""Intraclass correlation, errors of measurement, agreement, and the flattening of slopes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.reliability import attenuation, bland_altman, corrected_slope, icc, measurement_error

SHROUT_FLEISS = np.array([[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
WINE = pingouin.read_dataset("icc").pivot(index="Wine", columns="Judge", values="Scores").to_numpy(float)
FORMS = ["ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)"]
LARGE_METER = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI_METER = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
"""Peak flow (l/min) of 17 people, Bland and Altman 1986; the data from general knowledge."""


# ---- closed form ----


@pytest.mark.parametrize(
    ("ratings", "values"),
    [
        (SHROUT_FLEISS, [0.1657, 0.2898, 0.7148, 0.4428, 0.6201, 0.9093]),
        (WINE, [0.7275, 0.7277, 0.7295, 0.9144, 0.9145, 0.9152]),
    ],
    ids=["Shrout and Fleiss", "wine"],
)
def test_intraclass_correlations_known(ratings: np.ndarray, values: list[float]) -> None:
    found = icc(ratings)
    assert found["form"].tolist() == FORMS
    assert found["icc"].tolist() == pytest.approx(values, abs=5e-5)
    assert ((found["low"] < found["icc"]) & (found["icc"] < found["high"])).all()


def test_mean_squares_and_errors_of_measurement_known() -> None:
    found = measurement_error(SHROUT_FLEISS)
    squares = [found.attrs[k] for k in ("people", "occasions", "error")]
    assert squares == pytest.approx([11.2417, 32.4861, 1.0194], abs=5e-5)
    assert found["sem"].tolist() == pytest.approx([1.0097, 2.5028], abs=5e-5)
    assert found["mdc"].iloc[0] == pytest.approx(2.7987, abs=5e-5)


def test_a_detectable_change_known() -> None:
    """From an error of 9.67: 26.804."""
    found = measurement_error(SHROUT_FLEISS)
    assert found["mdc"].iloc[0] / found["sem"].iloc[0] * 9.67 == pytest.approx(26.804, abs=5e-4)


def test_peak_flow_of_bland_and_altman() -> None:
    found = bland_altman(np.array(LARGE_METER, float), np.array(MINI_METER, float))
    assert found["value"].tolist() == pytest.approx([-2.118, -78.10, 73.86], abs=5e-3)
    assert found.attrs["sd"] == pytest.approx(38.765, abs=5e-4)
    doubled = bland_altman(np.array(LARGE_METER, float), np.array(MINI_METER, float), multiple=2)
    assert doubled["value"].tolist()[1:] == pytest.approx([-79.65, 75.41], abs=5e-3)
    mean = stats.ttest_rel(LARGE_METER, MINI_METER).confidence_interval()
    assert found.loc[0, ["low", "high"]].tolist() == pytest.approx([mean.low, mean.high])


def test_pingouins_example_of_agreement() -> None:
    table = pingouin.read_dataset("blandaltman")
    found = bland_altman(table["A"].to_numpy(), table["B"].to_numpy())
    assert found["value"].tolist() == pytest.approx([-27.1667, -95.3863, 41.0530], abs=5e-5)
    assert found.attrs["sd"] == pytest.approx(34.8059, abs=5e-5)


def test_the_attenuation_is_the_one_way_correlation() -> None:
    assert attenuation(SHROUT_FLEISS) == pytest.approx(icc(SHROUT_FLEISS)["icc"].iloc[0], rel=1e-12)
    assert attenuation(np.array([[1.0, 3], [3, 1], [2, 2]])) == 0


def test_the_error_of_a_corrected_slope_has_both_parts() -> None:
    row = corrected_slope(0.6, 0.1, 0.8, 0.05).iloc[0]
    assert row["standard_error"] == pytest.approx(np.hypot(0.1 / 0.8, 0.6 * 0.05 / 0.64))


# ---- invariance ----


def test_shift_and_scale() -> None:
    assert icc(SHROUT_FLEISS * 3 + 10)["icc"].tolist() == pytest.approx(icc(SHROUT_FLEISS)["icc"].tolist())
    ours, scaled = measurement_error(SHROUT_FLEISS), measurement_error(SHROUT_FLEISS * 3 + 10)
    assert scaled["sem"].to_numpy() == pytest.approx(3 * ours["sem"].to_numpy())
    moved = measurement_error(SHROUT_FLEISS + [0, 5, 0, 0])["sem"]
    assert moved[0] == pytest.approx(ours["sem"][0]) and moved[1] != pytest.approx(ours["sem"][1])


def test_people_with_gaps_are_left_out_and_counted() -> None:
    with_gap = np.vstack([SHROUT_FLEISS, [1, np.nan, 3, 4]])
    found = icc(with_gap)
    assert (found.attrs["n"], found.attrs["left_out"]) == (6, 1)
    pd.testing.assert_frame_equal(found, icc(SHROUT_FLEISS))
    assert measurement_error(with_gap).attrs["left_out"] == 1
    assert bland_altman(np.array([1.0, 2, 3, np.nan]), np.array([1.0, 3, 5, 2])).attrs["left_out"] == 1


def test_pingouins_own_rounding_is_left_as_it_was() -> None:
    before = dict(pingouin.options)
    bounds = icc(WINE)["high"].to_numpy()
    assert dict(pingouin.options) == before
    assert bounds != pytest.approx(bounds.round(2), abs=1e-6)


# ---- independent programs: statsmodels, pingouin ----


def test_mean_squares_are_those_of_an_analysis_of_variance() -> None:
    long = pd.DataFrame(WINE).melt(ignore_index=False, var_name="judge", value_name="score").reset_index(names="wine")
    with np.errstate(invalid="ignore"):  # one score a cell leaves no degree of freedom beside the interaction
        theirs = pingouin.anova(long, dv="score", between=["wine", "judge"], ss_type=2)["MS"].to_numpy()
    found = measurement_error(WINE).attrs
    assert [found["people"], found["occasions"], found["error"]] == pytest.approx(theirs[:3], rel=1e-9)


def test_a_mixed_model_finds_the_same_components() -> None:
    """REML: occasions fixed, people random: between 2.5555, residual 1.0194, contrast's standard error .582936."""
    long = pd.DataFrame(SHROUT_FLEISS).melt(ignore_index=False, var_name="rater").reset_index(names="person")
    model = smf.mixedlm("value ~ C(rater)", long, groups="person").fit(reml=True)
    found = measurement_error(SHROUT_FLEISS)
    squares = found.attrs
    assert float(model.scale) == pytest.approx(found["sem"].iloc[0] ** 2, rel=1e-4)
    assert float(model.cov_re.iloc[0, 0]) == pytest.approx((squares["people"] - squares["error"]) / 4, rel=1e-3)
    assert np.sqrt(2 * squares["error"] / 6) == pytest.approx(0.582936, abs=5e-7)


# ---- simulated, with a known truth ----


def test_a_slope_flattened_by_error_is_set_right() -> None:
    rng = np.random.default_rng(8)
    truth = rng.normal(size=20_000)
    twice = truth[:, None] + rng.normal(scale=0.7, size=(20_000, 2))
    outcome = 2 * truth + rng.normal(size=20_000)
    seen = stats.linregress(twice[:, 0], outcome)
    factor = attenuation(twice)
    assert factor == pytest.approx(1 / 1.49, abs=0.01) and seen.slope == pytest.approx(2 / 1.49, abs=0.03)
    row = corrected_slope(seen.slope, seen.stderr, factor).iloc[0]
    assert abs(row["estimate"] - 2) < 4 * row["standard_error"]


def test_differences_that_grow_with_size_show() -> None:
    size = np.arange(1.0, 30)
    found = bland_altman(1.1 * size, size)
    assert found.attrs["slope"] == pytest.approx(0.1 / 1.05)
    assert bland_altman(size + 1, size).attrs["slope"] == pytest.approx(0, abs=1e-12)


# ---- refusals ----


def test_refusals_say_what_was_found() -> None:
    with pytest.raises(StatisticsError, match="1 without gaps"):
        icc(np.array([[1.0, 2], [np.nan, 3]]))
    with pytest.raises(StatisticsError, match="found shape \\(3,\\)"):
        attenuation(np.ones(3))
    with pytest.raises(StatisticsError, match="found 4 throughout"):
        measurement_error(np.full((3, 2), 4.0))
    with pytest.raises(StatisticsError, match="found 2 in shapes"):
        bland_altman(np.array([1.0, 2]), np.array([1.0, 3]))
    with pytest.raises(StatisticsError, match="found 0 in shapes"):
        bland_altman(np.ones(3), np.ones(4))
    with pytest.raises(StatisticsError, match="0 < factor <= 1"):
        corrected_slope(1.0, 0.1, 1.2)

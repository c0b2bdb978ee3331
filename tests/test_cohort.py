"""The virtual trial: a large one returns every planted value, one without effect returns none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.trial_table import COLUMNS, checked
from gaitstudy.simulate import cohort, trial_model
from gaitstudy.simulate.cohort import DROPOUTS, Trials, simulate_trials
from gaitstudy.simulate.trial_model import NO_EFFECT, VISITS

PEOPLE, SEED = 100_000, 20_250_811
LARGE = {"n_per_arm": PEOPLE, "seed": SEED, "dropout": "none"}


@pytest.fixture(scope="module")
def large() -> Trials:
    return simulate_trials(1, **LARGE)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def without() -> Trials:
    return simulate_trials(1, effects=NO_EFFECT, **LARGE)  # type: ignore[arg-type]


def scores(trials: Trials) -> dict[tuple[str, str, int], tuple[float, float]]:
    """Mean and standard error of each quantity of the truth that can be seen, by quantity, arm and week."""
    d, found = trials.complete, {}
    pain = d["pain"].values[0]
    parts = {
        "pain, change": dict(zip(VISITS[1:], (pain[:, 1:] - pain[:, :1]).T, strict=True)),
        "KAM, change": dict(zip(VISITS[1:], d["kam_change"].values[0, :, 1:].T, strict=True)),
        "T1rho, change": {52: d["t1rho_change"].values[0]},
    }
    for quantity, weeks in parts.items():
        for week, values in weeks.items():
            sides = {arm: values[trials.arm == k] for k, arm in enumerate(cohort.ARMS)}
            means = {arm: (v.mean(), v.std(ddof=1) / np.sqrt(len(v))) for arm, v in sides.items()}
            found |= {(quantity, arm, week): pair for arm, pair in means.items()}
            (a, ea), (b, eb) = means["intervention"], means["sham"]
            found[quantity, "between", week] = (a - b, float(np.hypot(ea, eb)))
    return found


# ---- closed form: the truth comes back ----


@pytest.mark.parametrize("which", ["large", "without"])
def test_every_target_and_planted_effect_is_recovered_within_monte_carlo_error(
    which: str, request: pytest.FixtureRequest
) -> None:
    trials = request.getfixturevalue(which)
    seen, truth = scores(trials), trials.truth
    rows = [row for row in truth.to_dict("records") if (row["quantity"], row["arm"], row["visit"]) in seen]
    limit = stats.norm.isf(0.005 / len(rows))  # 99 %, Bonferroni over the rows
    assert len(rows) == 33
    for row in rows:
        value, error = seen[row["quantity"], row["arm"], row["visit"]]
        assert abs(value - row["value"]) <= limit * error, f"{row}: found {value:.4f} +- {error:.4f}"


def test_a_truth_without_effect_gives_none(without: Trials) -> None:
    tests = {k: v for k, v in scores(without).items() if k[1] == "between"}
    limit = stats.norm.isf(0.005 / len(tests))
    assert max(abs(value / error) for value, error in tests.values()) < limit
    assert without.complete["kam"].values[0, :, 0].mean() > 0


def test_people_start_adhere_and_miss_their_target_as_the_parameters_say(large: Trials) -> None:
    p, d = trial_model.values(), large.complete
    treated = d.isel(participant=large.arm == 1, visit=slice(1, None))
    for found, expected in (
        (d["pain"].isel(visit=0), p["pain_mean"]),
        (abs(treated["fpa_error"]), p["fpa_distance"]),
        (treated["adherence"], p["adherence_mean"]),
    ):
        assert abs(found.mean() - expected) < 4 * found.std() / np.sqrt(PEOPLE)


def test_the_effect_through_the_load_is_the_difference_that_taking_it_away_makes(large: Trials) -> None:
    """Pain simulated anew with the foot angle's load taken out, everything else as before."""
    made = trial_model.model()
    blocked = simulate_trials(1, effects={"kam_intervention": 3.0, "pain_between": _beside(made)}, **LARGE)  # type: ignore[arg-type]
    without = trial_model.model({"kam_intervention": 3.0, "pain_between": _beside(made)})
    np.testing.assert_allclose(without.latent[1, -1], made.latent[1, -1], atol=1e-6)
    change = [t.complete["pain"].values[0, :, -1][t.arm == 1] for t in (large, blocked)]
    row = made.truth.query("quantity == 'pain, change through the load' and visit == 52")["value"].item()
    error = (change[0] - change[1]).std() / np.sqrt(PEOPLE)
    assert abs(np.mean(change[0] - change[1]) - row) < 4 * error


def _beside(made: trial_model.Model) -> float:
    return float(made.truth.query("quantity == 'pain, change beside the load' and visit == 52")["value"].item())


def test_people_are_those_of_the_proxy() -> None:
    table = cohort.cohort(SEED, 20_000)
    for column, mean, sd in (("age", 64.6, 8.8), ("BMI_wk07", 27.2, 3.7), ("FPA_natural_wk01", 3.0973, 4.149)):
        values = table[column].dropna().astype(float)
        assert values.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(len(values)) + 0.02 * (column == "BMI_wk07"))
        assert values.std() == pytest.approx(sd, rel=0.02)
    assert (table["gender"] == "F").mean() == pytest.approx(43 / 64, abs=0.01)
    shares = table["KL"].value_counts(normalize=True)
    assert [shares[k] for k in (1, 2, 3)] == pytest.approx([12 / 64, 32 / 64, 20 / 64], abs=0.01)


def test_pain_is_a_whole_number_from_0_to_10_that_goes_with_itself(large: Trials) -> None:
    pain = large.complete["pain"].values[0]
    assert set(np.unique(pain)) == set(range(11))
    r = np.corrcoef(pain[large.arm == 0].T)
    assert 0.4 < r[0, -1] < r[0, 1] and r[0, 1] < r[-2, -1] < 0.9, "nearer visits are more alike, later ones too"


def test_more_load_goes_with_more_pain_within_an_arm(large: Trials, without: Trials) -> None:
    for trials in (large, without):
        kam = trials.complete["kam_change"].values[0, :, -1]
        pain = trials.complete["pain"].values[0, :, -1]
        slope = stats.linregress(kam[trials.arm == 0], pain[trials.arm == 0])
        assert abs(slope.slope - 0.08) < 0.01


# ---- invariance ----


def test_the_same_seed_gives_the_same_trial_and_another_another() -> None:
    a, b, c = (cohort.cohort(seed) for seed in (5, 5, 6))
    assert a.equals(b) and not a.equals(c)


def test_many_trials_are_as_many_single_ones() -> None:
    many = simulate_trials(400, 34, 1)
    assert many.seen["pain"].shape == (400, 68, 6) and many.seen["t1rho_change"].shape == (400, 68)
    means = many.complete["pain"].values[:, many.arm == 1, -1].mean(1)
    assert abs(means.mean() - 2.5) < 4 * means.std() / 20
    assert means.std() == pytest.approx(many.complete["pain"].values[..., -1].std() / np.sqrt(34), rel=0.15)
    for name, array in many.seen.data_vars.items():
        assert array.attrs["units"] and array.attrs["long_name"], name


# ---- missing data ----


def test_leaving_depends_on_what_it_says_it_depends_on() -> None:
    effects = {"missed": 0.0, "dropout": 0.1}
    seen = {d: simulate_trials(1, 50_000, 9, effects, d) for d in DROPOUTS}
    assert not np.isnan(seen["none"].seen["pain"].values).any()
    for way in DROPOUTS[1:]:
        gone = np.isnan(seen[way].seen["pain"].values[0])
        assert not gone[:, 0].any() and (np.diff(gone.astype(int), axis=1) >= 0).all(), "who left does not come back"
        first, now = seen[way].complete["pain"].values[0, :, :2].T
        left = gone[:, 1]
        near = first == 5  # among equals by what was seen, does what was not seen tell?
        difference = now[near & left].mean() - now[near & ~left].mean()
        error = now[near].std() / np.sqrt((near & left).sum())
        if way == "at random":
            assert abs(difference) < 4 * error
            assert first[left].mean() > first[~left].mean() + 0.3
        else:
            assert difference > 10 * error


def test_what_is_missing_is_missing_everywhere_at_that_visit() -> None:
    table = checked(cohort.cohort(2, 200))
    week = [c for c in table if c.endswith("_wk39")]
    assert table[week].isna().any(axis=1).equals(table[week].isna().all(axis=1))
    assert 0 < table["NRS_med_wk39"].isna().sum() < 200


# ---- the table ----


def test_the_table_is_in_the_schema_and_holds_the_drawn_values() -> None:
    drawn = cohort.cohort(8, 2_000, dropout="none")
    assert list(drawn.columns) == list(COLUMNS) and len(drawn) == 4_000
    table = checked(drawn)
    arm = table["group"] == "I"
    percent = 100 * (table["KAM_peak_target_FPA_wk52"] / table["KAM_peak_natural_FPA_wk01"] - 1)
    pain = table["NRS_med_wk52"] - table["NRS_med_wk02"]
    t1rho = table["T1rho_med_wk52"] - table["T1rho_med_wk01"]
    for values, expected in ((percent, -7.0), (pain, -1.2), (t1rho, -3.74)):
        groups = values[arm], values[~arm]
        error = np.hypot(*(g.std() / np.sqrt(len(g)) for g in groups))
        assert abs(groups[0].mean() - groups[1].mean() - expected) < 4 * error
    assert (
        (table["NRS_med_wk52"].corr(table["WOMAC_pain_wk52"]))
        > 0.6
        > 0
        > table["KOOS_wk52"].corr(table["NRS_med_wk52"])
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dropout": "by mood"}, "expected one of none, at random, not at random, found 'by mood'"),
        ({"effects": {"pain": -1.0}}, "'pain' is no parameter"),
    ],
)
def test_what_cannot_be_simulated_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(GaitStudyError, match=message):
        simulate_trials(**({"count": 1} | arguments))  # type: ignore[arg-type]

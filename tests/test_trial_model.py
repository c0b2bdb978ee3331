"""The virtual trial's model: latent means that give the expected scores, and a truth that adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.catalogue import data_folder
from gaitstudy.simulate import trial_model
from gaitstudy.simulate.trial_model import NO_EFFECT, VISITS, _expected_score, _latent_sd, model, parameters


def truth(made: trial_model.Model, quantity: str, arm: str = "between", visit: int = 52) -> float:
    t = made.truth
    (value,) = t.loc[(t["quantity"] == quantity) & (t["arm"] == arm) & (t["visit"] == visit), "value"]
    return float(value)


# ---- closed form ----


def test_the_expected_score_is_the_sum_over_scores_of_their_probability() -> None:
    for mean, sd in ((5.0, 1.7), (1.2, 2.5), (9.9, 0.6), (-4.0, 3.0)):
        edges = np.r_[-np.inf, np.arange(0.5, 10), np.inf]
        chance = np.diff(stats.norm.cdf(edges, mean, sd))
        assert _expected_score(mean, sd) == pytest.approx(chance @ np.arange(11), abs=1e-12)
    assert _expected_score(5.0, 1.7) == pytest.approx(5.0, abs=1e-12), "symmetric about the middle of the scale"


def test_targets_are_the_published_ones() -> None:
    published = pd.read_csv(data_folder() / "published" / "studies.csv")
    rows = published[published["study"] == "Uhlrich 2025"].set_index("measure")["value"]
    values = parameters().set_index("name")
    for name, measure in {
        "pain_between": "medial knee pain at one year, difference between arms",
        "pain_sham": "medial knee pain change at one year, sham",
        "kam_intervention": "KAM peak change at one year, intervention",
        "kam_sham": "KAM peak change at one year, sham",
        "t1rho_between": "medial femoral T1rho, one-year change, difference between arms",
        "fpa_distance": "distance from the target angle",
    }.items():
        assert values.loc[name, "value"] == rows[measure], name
        assert values.loc[name, "source"].startswith("Uhlrich 2025") and values.loc[name, "status"] in ("S", "I")


def test_every_parameter_has_a_unit_and_says_where_it_comes_from() -> None:
    table = parameters()
    assert table["name"].is_unique and (table["unit"] != "").all()
    assert set(table["status"]) == {"S", "C", "I", "A"}
    assert (table["source"] == "assumption").equals(table["status"] == "A")


def test_expected_values_meet_the_targets_without_a_random_number() -> None:
    made = model()
    p, spread = made.values, _latent_sd(made.values)
    assert _expected_score(made.latent[0, -1], spread[-1]) == pytest.approx(5.0 - 1.3, abs=1e-9)
    x, w = np.polynomial.hermite_e.hermegauss(80)  # twice the points, written out anew
    w = w / w.sum()
    kept = 1 / (1 + np.exp(-(made.adherence_logit + p["adherence_spread"] * x)))
    assert kept @ w == pytest.approx(0.8, abs=1e-9)
    mean = 0.0
    for size, share in ((5, 1 - p["target_10"]), (10, p["target_10"])):
        load = made.slope * (size + p["fpa_bias"] + made.error_sd * x)[:, None] * kept
        mean += share * (w @ _expected_score(made.latent[1, -1] + p["pain_per_load"] * load, spread[-1]) @ w)
    assert mean == pytest.approx(5.0 - 2.5, abs=1e-6)
    distance = stats.foldnorm.mean(abs(p["fpa_bias"]) / made.error_sd, scale=made.error_sd)
    assert distance == pytest.approx(1.0, abs=1e-9)


def test_the_truth_adds_up() -> None:
    made = model()
    for week in VISITS[1:]:
        parts = [truth(made, f"pain, change {way} the load", visit=week) for way in ("through", "beside")]
        assert sum(parts) == pytest.approx(truth(made, "pain, change", visit=week), abs=1e-12)
        assert all(part < 0 for part in parts)
        arms = [truth(made, "KAM, change", arm, week) for arm in ("intervention", "sham")]
        assert arms[0] - arms[1] == pytest.approx(-7.0, abs=1e-12)
    assert truth(made, "T1rho, change through the load") + truth(made, "T1rho, change beside the load") == -3.74


# ---- invariance ----


def test_without_an_effect_the_arms_have_the_same_latent_means() -> None:
    made = model(NO_EFFECT)
    np.testing.assert_allclose(made.latent[0], made.latent[1], atol=1e-9)
    assert made.slope == 0 and made.t1rho_direct == 0
    assert made.truth.loc[made.truth["arm"] == "between", "value"].abs().max() < 1e-9


def test_a_changed_parameter_is_marked_and_an_unknown_one_refused() -> None:
    table = parameters({"pain_between": -2.0}).set_index("name")
    assert table.loc["pain_between", ["value", "status", "note"]].tolist() == [-2.0, "A", "changed by the caller"]
    assert truth(model({"pain_between": -2.0}), "pain, change") == -2.0
    with pytest.raises(GaitStudyError, match="'pain_betwen' is no parameter, did you mean pain_between"):
        parameters({"pain_betwen": 0.0})
    with pytest.raises(GaitStudyError, match="kam_sham: expected a finite number"):
        model({"kam_sham": float("nan")})
    with pytest.raises(GaitStudyError, match="expected a target that the model can meet"):
        model({"pain_sham": -5.1})
    with pytest.raises(GaitStudyError, match="fpa_distance: expected more than"):
        model({"fpa_distance": 0.2})

"""The walks with an instrumented knee through OpenSim: what was asked, and what is stored."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy.io import catalogue, motion, results
from gaitstudy.load.contact import CONDYLE_DISTANCE
from gaitstudy.tables import implant

KEYS = {
    "gc5_opensim": ["estimator", "trial", "compartment"],
    "gc5_opensim_axial": ["trial"],
    "gc5_opensim_calibration": ["predictor", "trial"],
}
TABLES = {name: results.kept(name) for name in KEYS}
SCORES, AXIAL, PAIRS = TABLES.values()


def curve(values: np.ndarray) -> xr.Dataset:
    """A made-up walk of ss1's length: the axial force (N), and no frontal moment."""
    time = np.arange(132) / 120
    names = {"axial_force": values, "frontal_moment": 1e-3 * values, "reserve": 0 * values}
    return xr.Dataset({k: ("time", v) for k, v in names.items()}, {"time": time}, {"side": "left", "unsolved": 0})


# ---- closed form ----


def test_spikes_are_counted_in_swing_alone_and_by_both_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    weight, table = 700.0, pd.DataFrame(0.0, index=np.arange(132) / 120, columns=columns())
    base = 0.2 * weight + 1e-3 * np.arange(132)
    table[f"{implant.KNEE_REACTION}fy"] = -base
    table[f"{implant.KNEE_REACTION}mx"] = 1e-3 * base
    ours = base.copy()
    ours[20] += 2 * weight  # stance: no spike
    ours[110:113] += 0.6 * weight  # swing: three frames too high, two steps (up, down), one of them at a counted frame
    made: dict[str, Any] = {"_reactions": lambda trial: curve(ours), "WEIGHT": weight, "_foot_off": lambda trial: 60.0}
    for name, value in made.items():
        monkeypatch.setattr(implant, name, value)
    monkeypatch.setattr(catalogue, "locate", lambda *names: "walk.sto")
    monkeypatch.setattr(motion, "read_storage", lambda path: table)
    found = implant.opensim_reactions(["ss1"]).iloc[0]
    assert found["spikes"] == 4
    assert (found["spike_first"], found["spike_last"]) == pytest.approx((100 * 110 / 131, 100 * 113 / 131))
    assert (found["swing_theirs"], found["jump_theirs"]) == pytest.approx((0.2, 0.0), abs=1e-3)
    assert (found["swing_ours"], found["jump_ours"]) == pytest.approx((0.8, 0.6), abs=1e-3)
    assert found["rmse"] == pytest.approx(np.sqrt((2.0**2 + 3 * 0.6**2) / 132))


def columns() -> list[str]:
    return [f"{implant.KNEE_REACTION}{k}{a}" for k in "fm" for a in "xyz"]


# ---- what is stored ----


def test_the_stored_tables_hold_every_trial_and_no_curve() -> None:
    assert sorted(AXIAL["trial"]) == ["ss1", "ss11", "ss3", "ss8", "ss9"]
    assert len(SCORES) == len(implant.DISTANCES) * 5 * 3 and SCORES["estimator"].nunique() == 3
    assert len(PAIRS) == 5
    for name in TABLES:
        about = json.loads((catalogue.data_folder() / "derived" / f"{name}.json").read_text(encoding="utf-8"))
        assert about["tolerance"] == implant.TOLERANCE > results.TOLERANCE and about["reason"]
    assert CONDYLE_DISTANCE == 0.045


def test_the_axial_reaction_is_the_datasets_own() -> None:
    assert AXIAL["rmse"].max() <= 0.30 and AXIAL["rmse"].mean() <= 0.25
    assert AXIAL["unsolved"].sum() == 0
    assert (AXIAL["swing_ours"] <= AXIAL["swing_theirs"] + implant.ABOVE).all()


@pytest.mark.xfail(
    strict=True,
    reason="in four trials the last two steps between frames of swing exceed .3 BW: up to .39 (the dataset's: .66)",
)
def test_swing_is_free_of_spikes() -> None:
    assert AXIAL["spikes"].sum() == 0


@pytest.mark.xfail(strict=True, reason="mean of the trials .310 BW with the condyles 45 mm apart; .30 was asked for")
def test_the_medial_force_lies_within_what_was_asked() -> None:
    medial = SCORES.query("estimator == 'opensim' and compartment == 'medial'")
    assert medial["rmse_cycle"].mean() <= 0.30


def test_condyles_farther_apart_would_have_met_it_and_were_not_taken() -> None:
    medial = SCORES[SCORES["compartment"] == "medial"].groupby("estimator")["rmse_cycle"].mean()
    forty, own, fifty = (medial[f"opensim{d}"] for d in (", condyles 40 mm apart", "", ", condyles 50 mm apart"))
    assert fifty < 0.30 < own < forty

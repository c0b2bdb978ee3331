"""The walker beside its truth and beside people: the bounds asked for, bands made by hand, and the real adults."""

from __future__ import annotations

import builtins
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GRAVITY, GaitStudyError
from gaitstudy.gait import signals
from gaitstudy.io import catalogue
from gaitstudy.simulate.walker import Walker, simulate
from gaitstudy.studies import walker_beside_people as beside

PERSON = Walker()
ASKED = {
    "initial contact and foot off": 10.0, "foot progression angle": 0.1, "shift of the centre of pressure": 0.5,
    "step width": 1.0, "belt speed": 0.1, "knee adduction moment, stance": 0.5,
    "knee adduction moment, whole recording": 0.5,
}  # fmt: skip
"""ms, deg, mm, mm, %, N m, N m: fixed before anything was run."""


@cache
def found(noise: float = 0.0) -> pd.DataFrame:
    return beside.recovered(PERSON, 6, marker_noise=noise)


# ---- closed form: bands ----


def band(low: float, high: float) -> pd.DataFrame:
    percent = np.tile(np.arange(101.0), 3)
    return pd.DataFrame({"percent": percent, "kam": np.repeat([low, high, (low + high) / 2], 101)})


def test_a_curve_in_the_band_has_one_row_without_numbers() -> None:
    walker = pd.DataFrame({"percent": np.arange(101.0), "kam": 0.5})
    row = beside.outside_band(band(0.0, 1.0), walker, ("kam",)).iloc[0]
    assert (row["where"], row["most"]) == ("inside throughout", 0.0) and np.isnan([row["from"], row["to"]]).all()
    assert beside.outside_band(band(0.5, 1.0), walker, ("kam",))["where"].tolist() == ["inside throughout"]  # its edge


def test_every_stretch_outside_the_band_is_a_row_with_its_largest_distance() -> None:
    values = np.full(101, 0.5)
    values[:5] = 1.1, 1.2, 1.4, 1.2, 1.1
    values[20:31] = -0.25
    values[31:34] = 1.5  # straight from below to above: two stretches
    values[100] = 2.0
    walker = pd.DataFrame({"percent": np.arange(101.0), "kam": values})
    table = beside.outside_band(band(0.0, 1.0), walker, ("kam",))
    assert table["curve"].tolist() == ["kam"] * 4
    assert table[["from", "to"]].to_numpy().tolist() == [[0, 4], [20, 30], [31, 33], [100, 100]]
    assert table["where"].tolist() == ["above", "below", "above", "above"]
    assert table["most"].tolist() == pytest.approx([0.4, 0.25, 0.5, 1.0])


# ---- the walker's own truth ----


@pytest.mark.parametrize("what", ASKED)
def test_the_analysis_finds_the_truth_again_without_noise(what: str) -> None:
    rows = found().set_index(["what", "filter"]).xs(what)
    assert set(rows.index) == {"none", "15 Hz", "8 Hz"}
    assert (rows["asked"] == ASKED[what]).all()
    assert (rows["error"] <= ASKED[what]).all() and (rows["met"] == "yes").all()


def test_a_moment_of_the_wrong_size_would_be_seen() -> None:
    """The error is of an absolute size: a person twice as heavy has twice the filter's error, and fails."""
    rows = beside.recovered(replace(PERSON, mass=150.0), 6).set_index(["what", "filter"])
    key = ("knee adduction moment, stance", "8 Hz")
    assert rows.loc[key, "error"] > 1.9 * found().set_index(["what", "filter"]).loc[key, "error"]
    assert rows.loc[key, "met"] == "no"


def test_noise_on_the_markers_makes_the_moment_worse_and_is_never_left_unfiltered() -> None:
    noisy = found(0.002).set_index(["what", "filter"])
    quiet = found().set_index(["what", "filter"])
    key = ("knee adduction moment, stance", "8 Hz")
    assert noisy.loc[key, "error"] > quiet.loc[key, "error"]
    assert "none" not in noisy.index.get_level_values("filter")
    assert np.isfinite(noisy["error"]).all()


# ---- invariance ----


def test_curves_per_body_size_hardly_depend_on_mass() -> None:
    """Not at all but for the contact's 30 N, which a heavier foot crosses earlier: the peaks shift within stance."""
    light, heavy = (beside.walker_curves(replace(PERSON, mass=m)) for m in (60.0, 90.0))
    for column in ("kam", "kfm", "vertical", "total"):
        assert heavy[column].max() == pytest.approx(light[column].max(), rel=0.002)


def test_the_walkers_curves_are_its_truth_over_stance() -> None:
    curves = beside.walker_curves(replace(PERSON, variability=1.0))
    assert curves["percent"].tolist() == list(range(101))
    truth = simulate(PERSON, 4).truth.sel(side="right")
    assert curves["kam"].max() == pytest.approx(float(truth["knee_adduction_moment"].max()) / PERSON.mass, rel=0.01)
    assert curves["total"].max() == pytest.approx(
        float(truth["total_contact_force"].max()) / (PERSON.mass * GRAVITY), rel=0.01
    )
    assert curves["vertical"].iloc[[0, -1]].to_numpy() == pytest.approx([30 / (75 * GRAVITY)] * 2, abs=0.03)


# ---- without spm1d ----


def test_without_spm1d_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == "spm1d":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(GaitStudyError, match=r"expected the package spm1d, found none\. Install gaitstudy\[spm1d\]"):
        beside.measured_ground_reactions(1.2)


def test_measured_ground_reactions_are_those_near_the_speed() -> None:
    spm1d = pytest.importorskip("spm1d", reason="spm1d is not installed")
    shipped = spm1d.data.uv1d.regress.SpeedGRF()
    curves = beside.measured_ground_reactions(1.2)
    assert curves["trial"].nunique() == int((np.abs(shipped.x - 1.2) <= beside.NEAR).sum()) > 0
    assert curves.groupby("trial")["relative"].mean().to_numpy() == pytest.approx(1.0)
    assert beside.measured_ground_reactions(9.0).empty


# ---- real file ----


def test_adults_are_every_whole_contact_of_three_people() -> None:
    if missing := [d for d in beside.PEOPLE if not catalogue.present(d)]:
        pytest.skip(f"dataset not on this machine: {', '.join(missing)}")
    adults = beside.adult_curves()
    contacts = adults.groupby(["dataset", "person", "contact"]).size()
    assert (contacts == 101).all() and len(contacts) == 8
    assert contacts.groupby("dataset").size().to_dict() == {"p3m6-walk": 3, "plug-in-gait-kinetics": 5}
    assert adults[["kam", "kfm", "vertical"]].notna().all().all()
    peaks = adults.groupby(["dataset", "person", "contact"])[["kam", "vertical"]].max()
    assert peaks["kam"].between(0.0, 1.0).all() and peaks["vertical"].between(0.9, 1.5).all()  # N m/kg, BW


def test_the_walker_is_not_made_from_the_people_it_is_drawn_beside() -> None:
    from gaitstudy.tables import walking_templates

    used = {walking_templates.DATASET, walking_templates.TREADMILL}
    assert "p3m6-walk" not in used
    compared = {("plug-in-gait-kinetics", f"btk/{n}.c3d") for n in ("PiG_Motion3_FF", "PiG_Motion-FlatFoot-Full")}
    assert not compared & used and signals.CUT_OFF in beside.FILTERS

"""The walker's templates: what is fitted to real walks, stored with the project, and read back as curves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GRAVITY
from gaitstudy.io import catalogue, results
from gaitstudy.simulate import walker
from gaitstudy.simulate.walker import Walker, simulate
from gaitstudy.tables import walking_templates

PERSON = Walker()
STORED = Path(__file__).resolve().parents[1] / "data" / "derived" / "walker_templates.csv"


# ---- closed form ----


@pytest.mark.parametrize("cosines_only", [False, True], ids=["stride", "stance"])
def test_harmonics_of_a_known_curve_come_back(cosines_only: bool) -> None:
    share = np.linspace(0, 1, 101)
    turn = np.pi * share if cosines_only else 2 * np.pi * share
    known = {("cos", 0): 0.4, ("cos", 1): -0.2, ("cos", 3): 0.05}
    known |= {} if cosines_only else {("sin", 1): 0.3, ("sin", 2): -0.1}
    mean = sum(v * (np.cos if term == "cos" else np.sin)(k * turn) for (term, k), v in known.items())
    mean[[3, 97]] = np.nan  # where no plate places the pressure
    found = walking_templates._harmonics(mean, 3, cosines_only)
    assert found == pytest.approx({key: known.get(key, 0.0) for key in found}, abs=1e-12)
    assert set(known) <= set(found)


def test_a_curve_beyond_the_harmonics_kept_is_not_recovered() -> None:
    share = np.linspace(0, 1, 101)
    assert max(map(abs, walking_templates._harmonics(np.cos(2 * np.pi * 7 * share), 6, False).values())) < 1e-12


@pytest.mark.parametrize("name", walking_templates.ORDERS)
def test_curves_are_the_plain_sums_of_their_harmonics(name: str) -> None:
    rows = pd.read_csv(STORED)
    rows = rows[(rows["curve"] == name) & (rows["term"] != "value")]
    share = np.linspace(-1.5, 2.5, 403)
    turn = (np.pi if name.startswith("cop") else 2 * np.pi) * share
    waves = {"cos": np.cos, "sin": np.sin}
    plain = sum(r["value"] * waves[r["term"]](r["order"] * turn) for r in rows.to_dict("records"))
    assert walker._curve(name, share) == pytest.approx(plain, abs=1e-12)
    assert rows["order"].max() == walking_templates.ORDERS[name]


def test_the_smooth_step_rises_from_zero_to_one_and_is_level_at_both_ends() -> None:
    u = np.array([-1.0, 0.0, 0.25, 0.5, 0.75, 1.0, 2.0])
    quarter = 10 / 4**3 - 15 / 4**4 + 6 / 4**5
    assert walker._smooth_step(u) == pytest.approx([0, 0, quarter, 0.5, 1 - quarter, 1, 1], abs=1e-15)
    small = 1e-3  # value, slope and bend vanish: what is left is of the third order
    assert walker._smooth_step(np.array([small]))[0] == pytest.approx(10 * small**3, rel=0.002)
    assert 1 - walker._smooth_step(np.array([1 - small]))[0] == pytest.approx(10 * small**3, rel=0.002)


def test_the_toes_come_down_about_contact() -> None:
    pitch = walker._early_pitch(np.array([-0.1, 0.0, 0.1, 0.2]), 20.0, 0.1)
    assert pitch == pytest.approx([40.0, 20.0, 0.0, 0.0], abs=1e-12)
    falling = walker._early_pitch(np.linspace(-0.1, 0.1, 50), 20.0, 0.1)
    assert (np.diff(falling) < 0).all()


# ---- what is refused ----


@pytest.mark.parametrize("name", ["knee_extension", "knee_flexion"])
def test_a_template_that_is_no_proportion_is_refused(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        walker._value(name)


@pytest.mark.parametrize("name", ["knee_extension", "foot_length"])
def test_a_template_that_is_no_curve_is_refused(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        walker._curve(name, np.zeros(1))


def test_a_missing_table_says_where_it_should_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(walker, "_templates", walker._templates.__wrapped__)
    with pytest.raises(FileNotFoundError, match=r"derived.walker_templates\.csv"):
        walker._value("foot_length")


# ---- what it was made from ----


def test_nothing_the_walker_is_compared_with_is_in_its_templates() -> None:
    made_from = json.loads(STORED.with_suffix(".json").read_text(encoding="utf-8"))["inputs"]
    files = {(i["dataset"], i["file"]) for i in made_from}
    straight = {name for name, _ in files} - {walking_templates.TREADMILL[0]}
    assert straight == {walking_templates.DATASET}
    assert {f for f in files if f[0] == walking_templates.TREADMILL[0]} == {walking_templates.TREADMILL}
    assert len(files) == 9 + 1


def test_the_stored_table_holds_nine_people_and_what_the_walker_reads() -> None:
    table = results.kept("walker_templates")
    assert set(table["n"]) == {9}
    read = "rocker double_support_level double_support_per_froude foot_off contact_pitch flat_after heel_rise".split()
    read += "foot_length heel_height toe_height ankle_along ankle_across ankle_height froude".split()
    assert set(table.loc[table["term"] == "value", "curve"]) == set(read)
    assert {c for c in table["curve"] if c not in read} == set(walking_templates.ORDERS)


def test_mean_bend_of_the_knee_has_its_two_peaks() -> None:
    bend = walker._curve("knee_flexion", np.linspace(0, 1, 101))
    assert 10 < bend[:40].max() < 30 and 50 < bend[50:].max() < 70 and bend.min() > 0


# ---- real file ----


def test_a_persons_harmonics_keep_the_persons_curve() -> None:
    if not catalogue.present(walking_templates.DATASET):
        pytest.skip(f"dataset not on this machine: {walking_templates.DATASET}")
    path = catalogue.available(walking_templates.DATASET, "straight/*.c3d")[0]
    bend = walking_templates._person(path)["knee_flexion"]
    turn, waves = 2 * np.pi * np.linspace(0, 1, 101), {"cos": np.cos, "sin": np.sin}
    found = walking_templates._harmonics(bend, 6, False)
    again = sum(amount * waves[term](order * turn) for (term, order), amount in found.items())
    assert np.sqrt(np.mean((again - bend)[:-1] ** 2)) < 1.0  # deg


# ---- the walker beside people ----


def band(low: float, high: float) -> pd.DataFrame:
    percent = np.tile(np.arange(101.0), 3)
    return pd.DataFrame({"percent": percent, "kam": np.repeat([low, high, (low + high) / 2], 101)})


def test_a_curve_in_the_band_has_one_row_without_numbers() -> None:
    walker = pd.DataFrame({"percent": np.arange(101.0), "kam": 0.5})
    row = walking_templates.outside_band(band(0.0, 1.0), walker, ("kam",)).iloc[0]
    assert (row["where"], row["most"]) == ("inside throughout", 0.0) and np.isnan([row["from"], row["to"]]).all()
    assert walking_templates.outside_band(band(0.5, 1.0), walker, ("kam",))["where"].tolist() == [
        "inside throughout"
    ]  # its edge


def test_every_stretch_outside_the_band_is_a_row_with_its_largest_distance() -> None:
    values = np.full(101, 0.5)
    values[:5] = 1.1, 1.2, 1.4, 1.2, 1.1
    values[20:31] = -0.25
    values[31:34] = 1.5  # straight from below to above: two stretches
    values[100] = 2.0
    walker = pd.DataFrame({"percent": np.arange(101.0), "kam": values})
    table = walking_templates.outside_band(band(0.0, 1.0), walker, ("kam",))
    assert table["curve"].tolist() == ["kam"] * 4
    assert table[["from", "to"]].to_numpy().tolist() == [[0, 4], [20, 30], [31, 33], [100, 100]]
    assert table["where"].tolist() == ["above", "below", "above", "above"]
    assert table["most"].tolist() == pytest.approx([0.4, 0.25, 0.5, 1.0])


def test_curves_per_body_size_hardly_depend_on_mass() -> None:
    """Not at all but for the contact's 30 N, which a heavier foot crosses earlier: the peaks shift within stance."""
    light, heavy = (walking_templates.walker_curves(replace(PERSON, mass=m)) for m in (60.0, 90.0))
    for column in ("kam", "kfm", "vertical", "total"):
        assert heavy[column].max() == pytest.approx(light[column].max(), rel=0.002)


def test_the_walkers_curves_are_its_truth_over_stance() -> None:
    curves = walking_templates.walker_curves(replace(PERSON, variability=1.0))
    assert curves["percent"].tolist() == list(range(101))
    truth = simulate(PERSON, 4).truth.sel(side="right")
    assert curves["kam"].max() == pytest.approx(float(truth["knee_adduction_moment"].max()) / PERSON.mass, rel=0.01)
    assert curves["total"].max() == pytest.approx(
        float(truth["total_contact_force"].max()) / (PERSON.mass * GRAVITY), rel=0.01
    )
    assert curves["vertical"].iloc[[0, -1]].to_numpy() == pytest.approx([30 / (75 * GRAVITY)] * 2, abs=0.03)


def test_adults_are_every_whole_contact_of_three_people() -> None:
    adults = results.kept("adult_knee_curves")
    contacts = adults.groupby(["dataset", "person", "contact"]).size()
    assert (contacts == 101).all() and len(contacts) == 8
    assert contacts.groupby("dataset").size().to_dict() == {"p3m6-walk": 3, "plug-in-gait-kinetics": 5}
    assert adults[["kam", "kfm", "vertical"]].notna().all().all()
    peaks = adults.groupby(["dataset", "person", "contact"])[["kam", "vertical"]].max()
    assert peaks["kam"].between(0.0, 1.0).all() and peaks["vertical"].between(0.9, 1.5).all()  # N m/kg, BW

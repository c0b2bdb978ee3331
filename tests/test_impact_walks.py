"""How fast force rises in real walks: single curves by hand, ten people's slopes, windows and filters on plates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import catalogue, results
from gaitstudy.load import impact
from gaitstudy.studies import impact_walks as I

needs_package = pytest.mark.skipif(not catalogue.present("spm1d"), reason="spm1d is not installed")


# ---- closed form ----


def test_one_curve_with_a_transient_by_hand() -> None:
    """Up to .8 in 5 % of stance, down to .5 at 10 %, up to 1.2 at 25 %, then down; 101 points."""
    percent = np.arange(101.0)
    curve = np.interp(percent, [0, 5, 10, 25, 60, 100], [0, 0.8, 0.5, 1.2, 0.9, 0.0])
    found = I._rise(curve)
    assert found["peak"] == pytest.approx(120) and found["transient"] == 100 and found["no_peak"] == 0
    assert found["rate_to_first"] == pytest.approx(16.0), ".8 over 5 % of stance"
    ends = np.interp([5, 20], percent, curve)
    assert found["rate_to_hump"] == pytest.approx(100 * (ends[1] - ends[0]) / 15)
    assert found["rate_early"] == pytest.approx(100 * curve[12] / 12)
    smooth = I._rise(np.interp(percent, [0, 25, 60, 100], [0, 1.2, 0.9, 0.0]))
    assert smooth["transient"] == 0 and smooth["rate_to_first"] == smooth["rate_to_hump"] == pytest.approx(4.8)


def test_means_over_people_by_hand() -> None:
    columns = {f"{name}_{k}": [2.0, 4.0] for name in I.QUANTITIES for k in ("slope", "fast")}
    columns |= {f"{name}_slow": [1.0, 1.0] for name in I.QUANTITIES}
    columns |= {"transient_fast": [50.0, 70.0], "transient_slow": [0.0, 0.0], "speed_fast": [2.0, 2.0]}
    table = I.over_people(pd.DataFrame(columns | {"speed_slow": [1.0, 1.2]})).set_index("what")
    row = table.loc["peak, fast less slow"]
    assert (row["mean"], row["smallest"], row["largest"], row["n"]) == (2.0, 1.0, 3.0, 2)
    assert row["high"] - row["mean"] == pytest.approx(12.7062, abs=1e-4), "t with one degree of freedom, se 1"
    assert table.loc["transient, fast less slow", "mean"] == 60.0


def test_a_slope_between_people_by_hand() -> None:
    people = pd.DataFrame({"speed": [1.0, 1.5, 2.0], "rate_50_ms": [10.0, 15.0, 20.0]})
    fit = I.speed_slope(people, "rate_50_ms")
    assert fit["slope"] == pytest.approx(10.0) and fit["n"] == 3


# ---- real data ----


def test_force_rises_with_speed_in_everyone() -> None:
    people = results.again("impact_people")
    assert len(people) == 10 and (people["walks"] == 60).all() and (people["no_peak"] == 0).all()
    assert (people["speed_fast"] > people["speed_slow"]).all()
    for name in ("peak", "rate_to_first", "rate_early"):
        assert (people[f"{name}_fast"] > people[f"{name}_slow"]).all(), name
    means = I.over_people(people).set_index("what")
    assert means.loc["rate_early, fast less slow", "low"] > 0
    assert means.loc["rate_to_hump, fast less slow", "low"] < 0, "the transient upsets this window; kept and shown"


def test_thresholds_of_the_slopes() -> None:
    field = results.again("impact_field").set_index(["test", "cluster"])
    assert field.loc[("one person, 60 walks", 1), "threshold"] == pytest.approx(3.39449, abs=5e-6)
    first = field.loc[("ten people", 1)]
    assert first["sign"] == 1 and first["start"] < 2 and first["end"] > 20 and first["p"] < 1e-3


@needs_package
def test_force_is_relative_to_the_persons_own_mean() -> None:
    force, speed, pace = I.person_walks(3)
    assert force.mean() == pytest.approx(1.0) and set(pace) == {1, 2, 3} and force.shape == (60, 101)
    means = [speed[pace == k].mean() for k in (1, 2, 3)]
    assert means == sorted(means)
    curves = I.slope_curves()
    assert curves.groupby("percent")["slope"].mean().to_numpy() == pytest.approx(
        curves[curves["person"] == 0]["mean"].to_numpy()
    )


def test_running_steps_are_few_and_say_so() -> None:
    runs = results.again("impact_runs")
    assert runs["steps"].sum() == 18 and runs["speed"].is_monotonic_increasing
    assert (runs["smallest"] <= runs["peak"]).all() and (runs["peak"] <= runs["largest"]).all()


def test_windows_and_filters_on_plates() -> None:
    plates = results.again("impact_plates")
    assert plates.groupby("filter")["contact"].nunique().nunique() == 1, "every contact at every filter"
    table = I.by_filter(plates).set_index("filter")
    assert (table["people"] == 12).all() and (table["contacts"] == 29).all()
    assert table["rate_instantaneous"].is_monotonic_decreasing and table.loc["8 Hz", "with_impact"] == 0
    ratio = table.loc["as measured", "rate_20_80_force"] / table.loc["as measured", "rate_20_80_time"]
    assert ratio > 5, "two readings of 20-80 %"
    people = I.by_person(plates)
    assert people["contacts"].sum() == 29 and people["peak"].between(0.9, 1.5).all()
    assert people["speed"].between(0.8, 1.6).all() and set(impact.RATES) <= set(people)


def test_every_whole_contact_is_of_one_foot() -> None:
    if not all(catalogue.present(*([d, [f]])) for d, f in I.INPUTS):
        pytest.skip("datasets of the plates are not on this machine")
    found = list(I._plate_contacts())
    assert len(found) == 29
    for contact in found:
        assert 0.4 < contact.end - contact.start < 0.8, contact.trial
        assert contact.force.attrs["units"] == "N" and 1 / np.diff(contact.force["time"].values).mean() > 900

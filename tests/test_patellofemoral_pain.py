"""Muscle forces with and without pain behind the kneecap, and the virtual walker's stress there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.io import catalogue, results
from gaitstudy.studies import patellofemoral_pain as P

needs_package = pytest.mark.skipif(not catalogue.present("spm1d"), reason="spm1d is not installed")


# ---- closed form ----


def test_a_difference_is_pain_less_control() -> None:
    control, pain = np.array([10.0, 12.0, 14.0]), np.array([20.0, 22.0, 27.0, 25.0])
    row = P._difference(control, pain)
    assert row["difference"] == pytest.approx(11.5) and row["difference_pct"] == pytest.approx(100 * 11.5 / 12)
    assert row["low"] < 11.5 < row["high"]
    assert row["p"] == pytest.approx(stats.ttest_ind(control, pain, equal_var=False).pvalue)
    assert (row["n_control"], row["n_pain"]) == (3, 4)


def test_stress_lines_are_the_equations() -> None:
    lines = P.stress_by_flexion((50.0,)).set_index(["form", "flexion"])["stress"]
    assert lines["quartic", 60.0] == pytest.approx(6.058, abs=5e-4)
    assert lines["cubic", 60.0] == pytest.approx(6.100, abs=5e-4)


# ---- invariance: the simulated walker ----


def test_a_knee_that_bends_more_is_pressed_more() -> None:
    table = P.walker_stress(bends=(0.5, 1.0), speeds=(1.2,))
    less, more, same = (table.iloc[k] for k in range(3))
    assert more["peak_flexion"] > less["peak_flexion"] and more["stress_quartic"] > less["stress_quartic"] > 0
    assert (table["stress_cubic"] > table["stress_quartic"]).all(), "below 60 deg the cubic area is the smaller"
    assert more[["moment", "force"]].tolist() == same[["moment", "force"]].tolist(), "the same walk, named twice"
    assert (table["out_of_range"] == 0).all()


# ---- another program's numbers, real data ----


def test_all_ten_muscles_at_once() -> None:
    table = results.again("patellofemoral_field")
    row = table.iloc[0]
    assert row["test"] == "all ten muscles" and (row["df1"], row["df2"]) == (10, 39)
    assert row["threshold"] == pytest.approx(48.857, abs=5e-4) and row["p"] == pytest.approx(0.012, abs=5e-4)
    alone = table.iloc[1:]
    assert set(alone["test"]) == set(P.MUSCLES)
    assert alone["alpha"].to_numpy() == pytest.approx(1 - 0.95**0.1)
    assert set(alone.loc[alone["clusters"] > 0, "test"]) == {"medial gastrocnemius"}


def test_peaks_of_the_two_groups() -> None:
    table = results.again("patellofemoral_forces").set_index("muscle")
    assert (table["n_control"] == 15).all() and (table["n_pain"] == 26).all()
    vasti = table.loc["vasti"]
    assert vasti["low"] < 0 < vasti["high"], "no difference beyond chance"
    assert vasti["control"] <= sum(table.loc[name, "control"] for name in P.VASTI) * (1 + 1e-12)
    assert np.isnan(vasti["p_holm"]) and (table.loc[list(P.MUSCLES), "p_holm"] >= table.loc[list(P.MUSCLES), "p"]).all()
    by_size = table.loc[list(P.MUSCLES)].sort_values("p")
    stepped = [(10 - k) * p for k, p in enumerate(by_size["p"])]  # Holm: never below a smaller p's, never above 1
    holm = [min(1.0, max(stepped[: k + 1])) for k in range(10)]
    assert by_size["p_holm"].tolist() == pytest.approx(holm)
    bend = results.again("patellofemoral_flexion").set_index("what")
    assert bend.loc["curve", "clusters"] == 0 and bend.loc["first peak", "low"] < 0 < bend.loc["first peak", "high"]


@needs_package
def test_curves_for_pictures_hold_the_groups_means() -> None:
    control, _ = P.muscle_forces()
    curves = P.force_curves()
    one = curves[(curves["muscle"] == P.MUSCLES[0]) & (curves["group"] == "control")]
    assert one["mean"].to_numpy() == pytest.approx(control[..., 0].mean(0))
    assert one["percent"].iloc[[0, -1]].tolist() == [0.0, 100.0]
    field, test = P.vector_curve(), results.again("patellofemoral_field").iloc[0]
    assert field["statistic"].max() == pytest.approx(test["largest"])
    above = field.loc[field["statistic"] > field["threshold"], "percent"]
    assert test["start"] <= above.min() and above.max() <= test["end"]


@needs_package
def test_vasti_and_gastrocnemii_peak_where_walking_has_them() -> None:
    """What the names and the movement are inferred from."""
    control, pain = P.muscle_forces()
    at = pd.Series(np.concatenate([control, pain]).mean(0).argmax(0), index=P.MUSCLES)
    assert at[list(P.VASTI)].between(15, 30).all() and at[list(P.MUSCLES[8:])].between(70, 85).all()

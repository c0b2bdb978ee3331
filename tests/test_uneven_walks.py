"""Both feet of the real walks: contacts in turn by hand, then every number from the files or as stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import catalogue, results
from gaitstudy.tables import both_feet as B
from gaitstudy.tables import uneven_walks as U
from tests import synthetic

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"
TEXTS = ["reason", "source"]


def stored(name: str) -> pd.DataFrame:
    table = pd.read_csv(DERIVED / f"walk_{name}.csv", keep_default_na=False, na_values={"": []})
    for column in table.columns.difference([*TEXTS, "dataset", "walk", "measure", "person", "side", "unit"]):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    return table


SIDES, VARIED, PAIRS = stored("symmetry"), stored("variability"), stored("single_pairs")


def row(walk: str, measure: str) -> pd.Series:
    return SIDES[(SIDES["walk"] == walk) & (SIDES["measure"] == measure)].iloc[0]


# ---- closed form ----


def test_contacts_in_turn_by_hand() -> None:
    rows = pd.DataFrame({"side": ["right", "left", "left", "left", "right"], "ic_time": [1.6, 1.0, 2.1, 3.3, 2.8]})
    found = B.chained(rows)
    assert found["side"].tolist() == ["left", "right", "left", "right", "left"]
    assert found["step_time"].tolist() == pytest.approx([np.nan, 0.6, 0.5, 0.7, 0.5], nan_ok=True)
    assert found["stride_time"].tolist() == pytest.approx([1.1, 1.2, 1.2, np.nan, np.nan], nan_ok=True)
    twice = B.chained(pd.DataFrame({"side": ["left", "left", "right"], "ic_time": [1.0, 2.0, 2.5]}))
    assert twice["step_time"].tolist() == pytest.approx([np.nan, np.nan, 0.5], nan_ok=True)


def test_a_turn_is_left_out_and_counted() -> None:
    times = np.cumsum([0.5] * 8 + [1.4] + [0.5] * 7)
    rows = B.chained(pd.DataFrame({"side": ["left", "right"] * 8, "ic_time": times}))
    rows["stance_time"] = 0.6
    found = B.steady_walk("d", "w", "p", rows, "by hand", {}, True)
    assert found.unsteady == 2 and len(found.table) == 14  # both feet's strides hold the turn
    assert found.table["stride_time"].dropna().to_numpy() == pytest.approx(1.0)
    assert found.table["step_time"].max() == pytest.approx(0.5)
    short = B.steady_walk("d", "w", "p", rows.iloc[6:12].reset_index(drop=True), "by hand", {}, True)
    assert short.unsteady == 0


def test_whole_contacts_of_a_signal() -> None:
    time = np.arange(300) / 100
    push = 500.0 * ((time % 1.0 > 0.2) & (time % 1.0 < 0.8))
    found = B.whole_contacts({"left": synthetic.signal(push, time)}, 50.0)
    assert len(found) == 3 and found["side"].eq("left").all()
    assert (found["fo_time"] - found["ic_time"]).to_numpy() == pytest.approx(0.6, abs=0.02)


def test_people_and_their_correlation_by_hand() -> None:
    rows = [
        {"dataset": "d", "walk": f"w{k}", "person": f"p{k // 2}", "measure": m, "natural": n, "left": a, "right": b}
        for k, n, a, b in ((0, 1, 1.0, 1.0), (1, 1, 3.0, 1.0), (2, 1, 1.0, 2.0), (3, 0, 9.0, 1.0))
        for m in ("step_time", "kam1")
    ]
    table = pd.DataFrame(rows)
    table["index"] = 200 * (table["left"] - table["right"]) / (table["left"] + table["right"])
    people = U.by_person(table)
    assert people["walks"].tolist() == [2, 1]
    assert people["kam1"].tolist() == pytest.approx([200 * 1 / 3, -200 / 3])  # sides are averaged first: 2 against 1
    assert people["kam1_difference"].tolist() == pytest.approx([1.0, -1.0])


def test_interval_is_fishers() -> None:
    rng = np.random.default_rng(11)
    people = pd.DataFrame(rng.normal(size=(11, 4)), columns=[*U.WALKING, "kam1"])
    found = U.correlations(people).set_index("walking").loc["step_time"]
    r = np.corrcoef(people["step_time"], people["kam1"])[0, 1]
    assert found["r"] == pytest.approx(r)
    z = np.arctanh(r) + np.array([-1, 1]) * 1.959963985 / np.sqrt(11 - 3)
    assert (found["low"], found["high"]) == pytest.approx(tuple(np.tanh(z)))
    assert found["least"] <= found["r"] <= found["most"]
    assert U.mean_over_people(pd.Series([1.0, 2.0, 3.0, np.nan]))["high"] == pytest.approx(2 + 4.302653 / np.sqrt(3))


# ---- real files, or what was stored of them ----


def test_the_tables_are_what_the_files_give() -> None:
    for name in ("symmetry", "variability", "single_pairs"):
        assert len(results.again(f"walk_{name}")) == len(stored(name))
    if not all(catalogue.present(d, None if p is None else [p]) for d, p in map(_pair, U.INPUTS)):
        pytest.skip("some of the walks are not on this machine: the tables were read as stored")


def _pair(entry: str | tuple[str, str]) -> tuple[str, str | None]:
    return (entry, None) if isinstance(entry, str) else entry


def test_every_walk_is_there_once_and_every_gap_has_a_reason() -> None:
    counts = SIDES.groupby("dataset")["walk"].nunique()
    assert counts.to_dict() == {
        "mcgill-foot-progression": 9, "plug-in-gait-kinetics": 6, "opencap-foot-angle": 8, "gc5-instrumented-knee": 5,
        "p3m6-walk": 3, "moticon-insole": 3, "pedar-insole": 1, "fscan-insole": 1, "foot-imu": 1,
    }  # fmt: skip
    assert not SIDES.duplicated(U.KEY).any() and set(SIDES["measure"]) == set(B.MEASURES)
    gap = SIDES["left"].isna() | SIDES["right"].isna()
    assert (SIDES.loc[gap, "reason"] != "").all() and (SIDES.loc[~gap, "reason"] == "").all()
    assert SIDES.loc[~gap & ~SIDES["measure"].isin(B.SIGNED), "index"].notna().all()
    assert U.missing(SIDES)["walks"].sum() == gap.sum()


def test_numbers_known_from_elsewhere() -> None:
    # toe-out positive, left and right: -17.0 and -2.7 in the first toe-in trial, 18.1 and 23.6 in the first toe-out one
    for walk, angles in (("walkingTI1", (-17.0, -2.7)), ("walkingTO1", (18.1, 23.6))):
        found = row(walk, "foot_progression_angle")
        assert (found["left"], found["right"]) == pytest.approx(angles, abs=1.1)
    # OpenSim: 34.55 N m in the left knee of ss1 (75 kg), 20.9 in the right one of Walking01 (68.6 kg)
    assert row("PS_ngait_og_ss1", "kam1")["left"] * 75.0 == pytest.approx(34.55, abs=1.5)
    assert row("Walking01", "kam1")["right"] * 68.6 == pytest.approx(20.9, abs=2.0)
    # Vicon: .41 and .40 in the left, .34 in the right knee of the first Plug-in Gait walk, N m/kg, by another centre
    found = row("PiG_Motion3_FF", "kam1")
    assert (found["left"], found["right"]) == pytest.approx((0.405, 0.34), abs=0.06)


def test_forces_are_a_walkers() -> None:
    force = SIDES[(SIDES["measure"] == "vertical_force") & SIDES["index"].notna()]
    assert len(force) == 19 and force[["left", "right"]].stack().between(250, 1300).all()
    beside = SIDES[(SIDES["measure"] == "vertical_force") & SIDES["reason"].eq(B.BESIDE)]
    assert sorted(beside["walk"]) == ["PiG_Motion-FlatFoot-Hole", "PiG_Motion-FlatFoot-One"]


def test_eleven_people_have_both_knees() -> None:
    people = U.by_person(SIDES)
    assert len(people) == 11 < 20  # fewer than F3's rule asks for
    found = U.correlations(people).set_index("walking")
    assert (found["low"] < 0).all() and (found["high"] > 0).all()
    assert len(U.on_purpose(SIDES)) == 5 and len(U.walkers(SIDES)) == 20


def test_only_long_walks_have_intervals() -> None:
    known = VARIED["sd_low"].notna()
    assert set(VARIED.loc[known, "dataset"]) == {"foot-imu"} and (VARIED.loc[known, "n"] >= 20).all()
    assert (VARIED.loc[known, "sd_low"] < VARIED.loc[known, "sd"]).all()
    assert (VARIED.loc[~known, "reason"] != "").all()
    assert PAIRS.loc[PAIRS["low"].notna(), "pairs"].min() >= 20


def test_landing_inside_the_foot() -> None:
    margins = U.margins_by_person(SIDES)
    assert len(margins) == 15 and margins[["left", "right"]].stack().between(0.03, 0.11).all()

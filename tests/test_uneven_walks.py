"""Both feet of the real walks: contacts in turn by hand, then the numbers that are stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.tables import uneven_walks as U
from tests import synthetic

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"
TEXTS = ["reason"]


def stored(name: str) -> pd.DataFrame:
    table = pd.read_csv(DERIVED / f"walk_{name}.csv", keep_default_na=False, na_values={"": []})
    for column in table.columns.difference([*TEXTS, "dataset", "walk", "measure", "person", "side", "unit"]):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    return table


SIDES = stored("symmetry")


def row(walk: str, measure: str) -> pd.Series:
    return SIDES[(SIDES["walk"] == walk) & (SIDES["measure"] == measure)].iloc[0]


# ---- closed form ----


def test_contacts_in_turn_by_hand() -> None:
    rows = pd.DataFrame({"side": ["right", "left", "left", "left", "right"], "ic_time": [1.6, 1.0, 2.1, 3.3, 2.8]})
    found = U._chained(rows.assign(fo_time=rows["ic_time"] + 0.6))
    assert found["side"].tolist() == ["left", "right", "left", "right", "left"]
    assert found["step_time"].tolist() == pytest.approx([np.nan, 0.6, 0.5, 0.7, 0.5], nan_ok=True)
    assert found["stride_time"].tolist() == pytest.approx([1.1, 1.2, 1.2, np.nan, np.nan], nan_ok=True)
    assert found["stance_time"].to_numpy() == pytest.approx(0.6)
    twice = U._chained(pd.DataFrame({"side": ["left", "left", "right"], "ic_time": [1.0, 2.0, 2.5], "fo_time": np.nan}))
    assert twice["step_time"].tolist() == pytest.approx([np.nan, np.nan, 0.5], nan_ok=True)


def test_a_turn_is_left_out_and_counted() -> None:
    times = np.cumsum([0.5] * 8 + [1.4] + [0.5] * 7)
    rows = U._chained(pd.DataFrame({"side": ["left", "right"] * 8, "ic_time": times, "fo_time": times + 0.6}))
    found = U._steady(rows)
    assert len(found) == 14  # both feet's strides hold the turn
    assert found["stride_time"].dropna().to_numpy() == pytest.approx(1.0)
    assert found["step_time"].max() == pytest.approx(0.5)
    assert len(U._steady(rows.iloc[6:12].reset_index(drop=True))) == 6


def test_whole_contacts_of_a_signal() -> None:
    time = np.arange(300) / 100
    push = 500.0 * ((time % 1.0 > 0.2) & (time % 1.0 < 0.8))
    found = U._whole_contacts({"left": synthetic.signal(push, time)}, 50.0)
    assert len(found) == 3 and found["side"].eq("left").all()
    assert (found["fo_time"] - found["ic_time"]).to_numpy() == pytest.approx(0.6, abs=0.02)


# ---- the stored tables ----


def test_every_walk_is_there_once_and_every_gap_has_a_reason() -> None:
    counts = SIDES.groupby("dataset")["walk"].nunique()
    assert counts.to_dict() == {
        "mcgill-foot-progression": 9, "plug-in-gait-kinetics": 6, "opencap-foot-angle": 8, "gc5-instrumented-knee": 5,
        "p3m6-walk": 3, "moticon-insole": 3, "pedar-insole": 1, "fscan-insole": 1, "foot-imu": 1,
    }  # fmt: skip
    assert not SIDES.duplicated(U.KEY).any() and set(SIDES["measure"]) == set(U.MEASURES)
    gap = SIDES["left"].isna() | SIDES["right"].isna()
    assert (SIDES.loc[gap, "reason"] != "").all() and (SIDES.loc[~gap, "reason"] == "").all()


def test_numbers_known_from_elsewhere() -> None:
    # OpenSim: 34.55 N m in the left knee of ss1 (75 kg), 20.9 in the right one of Walking01 (68.6 kg)
    assert row("PS_ngait_og_ss1", "kam1")["left"] * 75.0 == pytest.approx(34.55, abs=1.5)
    assert row("Walking01", "kam1")["right"] * 68.6 == pytest.approx(20.9, abs=2.0)
    # Vicon: .41 and .40 in the left, .34 in the right knee of the first Plug-in Gait walk, N m/kg, by another centre
    found = row("PiG_Motion3_FF", "kam1")
    assert (found["left"], found["right"]) == pytest.approx((0.405, 0.34), abs=0.06)


def test_forces_are_a_walkers() -> None:
    force = SIDES[SIDES["measure"] == "vertical_force"].dropna(subset=["left", "right"])
    assert len(force) == 19 and force[["left", "right"]].stack().between(250, 1300).all()
    beside = SIDES[(SIDES["measure"] == "vertical_force") & SIDES["reason"].eq(U.BESIDE)]
    assert sorted(beside["walk"]) == ["PiG_Motion-FlatFoot-Hole", "PiG_Motion-FlatFoot-One"]


def test_pairs_of_equal_steps_repeated_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = [0.6, 0.5] * 6 + [0.5, 0.5] * 6  # left steps of .6 and .5, right ones of .5 after them
    times = np.cumsum(lengths)
    rows = pd.DataFrame({"side": ["left", "right"] * 12, "ic_time": times, "fo_time": times + 0.6})
    contacts = U._steady(U._chained(rows)).assign(dataset="d", walk="w")
    monkeypatch.setattr(U, "_every_walk", lambda: (contacts, None))
    found = U.single_pairs().set_index("measure").loc["step_time"]
    index = np.r_[np.full(5, 200 * 0.1 / 1.1), np.zeros(6)]  # the first contact has no step time
    away = index - index.mean()
    assert found["pairs"] == 11 and found["mean"] == pytest.approx(index.mean())
    assert found["sd"] == pytest.approx(index.std(ddof=1))
    assert found["neighbours"] == pytest.approx((away[1:] * away[:-1]).sum() / (away**2).sum())

"""The trials the notebooks walk through."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.io import results
from gaitstudy.load.knee import PARTS
from gaitstudy.pipeline import COLUMNS
from gaitstudy.tables import cases
from tests.recordings import needs


def test_foot_angles_stand_in_order_on_every_trial() -> None:
    walks = results.kept("four_ways")
    assert len(walks) == 16
    for _, side in walks.groupby("side"):
        angle = side.groupby("condition")["fpa"].agg(["min", "max"])
        assert angle.loc["toe-in", "max"] < angle.loc["natural", "min"]
        assert angle.loc["natural", "max"] < angle.loc["toe-out", "min"]


def test_where_one_peak_is_missing_neither_is_the_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    curves = xr.Dataset({"foot_progression_angle": ("stance", [7.0, 8.0]), "moment_usable": ("stance", [True, True])})
    rows = pd.DataFrame({"side": ["left", "right"], "kam1_nm": [30.0, np.nan], "kam2_nm": [20.0, 25.0]})
    rows = rows.assign(kam1_edge=False, kam2_edge=False, kam_impulse_nms=9.0, kfm_peak_nm=40.0, stance_time=0.6)
    monkeypatch.setattr(cases, "_longest_stances", lambda *trial, **settings: curves)
    monkeypatch.setattr(cases.pipeline, "outcomes", lambda stances: rows)
    larger = cases.four_ways().groupby("side")["larger"]
    assert (larger.first()["left"], larger.count()["right"]) == (30.0, 0)


def test_parts_of_a_peak_add_up() -> None:
    parts = results.kept("four_ways_parts")
    wide = parts.pivot_table(index=["frame", "trial", "natural"], columns="part", values="change")
    assert np.abs(wide[[*PARTS, "peak timing"]].sum(axis=1) - wide["total"]).max() <= 1e-12 * wide["total"].abs().max()
    assert len(wide) == 2 * 13


def test_tibial_part_is_zero_in_the_lab_frame() -> None:
    parts = results.kept("four_ways_parts").set_index(["frame", "part"])["change"]
    assert (parts["lab", "tibial frame"] == 0).all() and (parts["tibia", "tibial frame"] != 0).all()


def test_sum_by_hand_is_the_package_but_for_the_free_moment() -> None:
    contact = results.kept("walk_contact")
    middle = contact[contact["percent"].between(10, 90)]
    arm, force, forward = (
        middle[[f"{n}_{a}" for a in "xyz"]].to_numpy() for n in ("pressure", "force", "forward")
    )  # fmt: skip
    arm = arm - middle[[f"knee_{a}" for a in "xyz"]].to_numpy()
    by_hand = -(np.cross(arm, force) * forward).sum(1) / middle["mass"].to_numpy()
    # the free moment of a walking foot is below 10 N m and vertical; the tibia leans forward by at most 40 degrees
    assert np.abs(by_hand - middle["lever_arm"]).max() < 10 * np.sin(np.radians(40)) / 74


def test_a_choice_reaches_the_rows_and_no_choice_gives_those_of_the_command_line() -> None:
    path = needs(*cases.WALK)[0]
    rows = cases.outcomes_under({"none": {}, "lab": {"frame": "lab"}})
    plain, lab = (rows[rows["choice"] == name].reset_index(drop=True) for name in ("none", "lab"))
    usual = pipeline.process([path])
    assert set(rows.columns) == {"choice", *COLUMNS}
    pd.testing.assert_frame_equal(plain[["fpa_deg", "kam1_nm"]], usual[["fpa_deg", "kam1_nm"]])
    whole = plain["reason_excluded"] == ""
    assert whole.sum() == 3 and (plain["kam1_edge"][~whole] == "").all()
    assert (plain["kam1_nm"] != lab["kam1_nm"])[whole].all() and plain["fpa_deg"].equals(lab["fpa_deg"])


@pytest.mark.parametrize("name", ["four_ways", "four_ways_parts"])
def test_nothing_of_the_closed_dataset_is_a_curve(name: str) -> None:
    stored = results.kept(name)
    assert not {"percent", "time"} & set(stored.columns)

"""The walks with an instrumented knee: what is read from them, and whose foot is on the plate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import catalogue, motion
from gaitstudy.studies import implant

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"


def needed() -> None:
    if not catalogue.present(implant.DATASET):
        pytest.skip(f"dataset not on this machine: {implant.DATASET}")


def contamination() -> pd.DataFrame:
    here = catalogue.present(implant.DATASET)
    return (implant.contamination() if here else pd.read_csv(DERIVED / "gc5_contamination.csv")).set_index("trial")


# ---- real file ----


def test_the_implants_peaks_are_those_known_of_the_file() -> None:
    needed()
    measured = implant.measured_forces()
    assert implant.trials() == ["ss1", "ss11", "ss3", "ss8", "ss9"]
    # the file's third column holds shear too: 1609 1703 1817 1714 1807 N; along the shank it is a little less
    whole = np.array([1609, 1703, 1817, 1714, 1807])
    assert (0 <= whole - measured["total"].max("percent").values).all()
    assert (whole - measured["total"].max("percent").values < 130).all()
    assert np.array_equal(measured["total"].values, (measured["medial"] + measured["lateral"]).values)


def test_the_recording_is_one_left_cycle_by_the_c3d_files_own_events() -> None:
    needed()
    for trial in implant.trials():
        recorded = motion.read_c3d(catalogue.locate(implant.DATASET, f"inputs/c3d/PS_ngait_og_{trial}.c3d"))
        own = recorded.events[recorded.events["side"] == "left"]
        strikes = own.loc[own["event"] == "initial_contact", "time"].to_numpy()
        off = float(own.loc[own["event"] == "foot_off", "time"].iloc[0]) - strikes[0]
        _, instants, _ = implant.walk(trial)
        assert instants["end"] == pytest.approx(np.diff(strikes)[0], abs=0.001)
        assert instants["foot_off"] == pytest.approx(off, abs=0.025)


def test_inputs_have_the_signs_of_walking() -> None:
    needed()
    inputs = implant.external_inputs()
    push_off = inputs.sel(percent=slice(40, 60))
    assert float(push_off["ankle_plantarflexion_moment"].mean()) > 50
    assert float(inputs["hip_extension_moment"].sel(percent=slice(5, 20)).mean()) > 10
    assert float(push_off["hip_extension_moment"].mean()) < 0
    assert float(inputs["knee_flexion_angle"].max()) == pytest.approx(65, abs=15)
    assert float((inputs["axial_force"] / inputs["vertical_force"]).sel(percent=slice(20, 50)).mean()) == pytest.approx(
        0.93, abs=0.05
    )


def test_reactions_press_and_hold_most_of_the_measured_force() -> None:
    needed()
    part = implant.reaction_inputs()["axial_force"].sel(percent=slice(10, 60))
    measured = implant.measured_forces()["total"].sel(percent=slice(10, 60))
    assert 0.8 < float(part.mean() / measured.mean()) < 1.2


# ---- the plate under the foot ----


def test_ss3_is_flagged_and_no_other_walk() -> None:
    table = contamination()
    assert (table["samples_outside"] > 0).to_dict() == {t: t == "ss3" for t in ("ss1", "ss11", "ss3", "ss8", "ss9")}
    flagged = table.loc["ss3"]
    assert flagged["outside_until"] == pytest.approx(5, abs=0.5)
    assert flagged["contaminated_until"] == pytest.approx(11, abs=0.5)
    assert flagged["furthest_behind"] > 90
    assert flagged["furthest_ahead"] < 25 < table["furthest_ahead"].drop("ss3").min()
    assert table.drop("ss3")[["outside_until", "contaminated_until", "doubtful_until"]].isna().all(axis=None)


def test_the_other_foots_toes_stand_on_the_plate_in_ss3_alone() -> None:
    table = contamination()
    assert table.loc["ss3", "other_toe_inside"] > 40
    assert table["other_toe_inside"].drop("ss3").max() < -40
    assert table.loc["ss3", "doubtful_until"] == pytest.approx(table.loc["ss3", "other_toes_off"], abs=0.1)
    assert (table["other_toes_off"] >= table["other_foot_off"]).all()


def test_curves_for_pictures_are_in_body_weights() -> None:
    needed()
    curves = implant.curves()
    assert curves["medial_contact_force"].attrs["units"] == "BW"
    assert str(curves["source"].values[0]) == "implant"
    peak = float(curves["total_contact_force"].sel(source="implant").max())
    assert peak == pytest.approx(float(implant.measured_forces()["total"].max()) / implant.body_weight())

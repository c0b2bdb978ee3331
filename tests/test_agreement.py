"""Our numbers beside other programs': the bounds asked for, on every trial, live with the files, else as stored."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import catalogue
from gaitstudy.tables import agreement

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "data" / "reference"


def table(name: str, compute, *datasets: str) -> pd.DataFrame:
    """Compute a comparison anew where its files are here; otherwise read the stored one."""
    if all(catalogue.present(d) for d in datasets):
        return compute()
    return pd.read_csv(ROOT / "data" / "derived" / f"{name}.csv")


def test_compare_of_known_curves() -> None:
    ours = np.array([0.0, 1.0, 2.0, 3.0, np.nan])
    found = agreement.compare(ours, np.array([1.0, 2.0, 3.0, 4.0, 9.0]))
    assert found == pytest.approx({"n": 4, "lost": 1, "rms": 1.0, "r": 1.0, "peak_ours": 3.0, "peak_theirs": 4.0})


def test_compare_looks_only_where_told() -> None:
    ours, theirs = np.arange(5.0), np.array([0.0, 1.0, 2.0, 3.0, 99.0])
    found = agreement.compare(ours, theirs, np.array([True, True, True, True, False]))
    assert (found["n"], found["rms"], found["peak_theirs"]) == (4, 0.0, 3.0)


def test_foot_progression_angle_beside_vicon() -> None:
    angles = table("fpa_against_vicon", agreement.foot_angle_against_vicon, "mcgill-foot-progression")
    assert angles["trial"].nunique() == 9
    assert len(angles) == 30
    assert angles["difference_30_60"].abs().max() <= 2.7


def test_foot_progression_angle_beside_vicon_on_walks_that_turn() -> None:
    if not catalogue.available("mcgill-foot-progression", "turn/*.c3d", optional=True):
        pytest.skip("dataset not on this machine: mcgill-foot-progression, turn")
    angles = agreement.turning_foot_angles_against_vicon()
    kept = angles[angles["kept"] == "yes"]
    assert (angles.groupby("trial")["kept"].unique().map(lambda seen: "no" in seen)).all(), "every walk turns"
    assert kept["difference"].abs().max() <= 3.0
    assert len(kept) >= 5 or angles["trial"].nunique() < 12


def test_knee_adduction_moment_beside_plug_in_gait() -> None:
    moments = table("kam_against_vicon", agreement.knee_moment_against_vicon, "plug-in-gait-kinetics")
    given = moments[moments["skeleton"] == "Vicon's"]
    assert given.groupby("trial")["plate"].nunique().to_dict() == {"PiG_Motion-FlatFoot-Full": 2, "PiG_Motion3_FF": 3}
    asked = given[(given["trial"] == "PiG_Motion3_FF") | (given["side"] == "left")]
    assert len(asked) == 4 * 2 * 2
    assert asked["r"].min() >= 0.97
    assert (asked["peak_ours"] - asked["peak_theirs"]).abs().max() <= 0.04
    assert (asked["lost"] == 0).all()


def test_the_contact_not_asked_for_differs_no_more_in_size() -> None:
    moments = table("kam_against_vicon", agreement.knee_moment_against_vicon, "plug-in-gait-kinetics")
    second = moments[(moments["trial"] == "PiG_Motion-FlatFoot-Full") & (moments["skeleton"] == "Vicon's")]
    assert second.loc[second["side"] == "right", "rms"].max() <= second.loc[second["side"] == "left", "rms"].max()


def test_knee_adduction_moment_beside_opensim_from_true_joint_centres() -> None:
    moments = table(
        "kam_against_opensim_true_centres", agreement.knee_moment_against_opensim_true_centres, "arnold-synthetic"
    )
    same_axes = moments[moments["axes"] == "anatomical"]
    assert len(same_axes) == 3 * 2 * 2
    dynamics, arm = (same_axes[same_axes["method"] == m] for m in ("inverse dynamics", "lever arm"))
    assert (dynamics["rms"].max() <= 1.5, dynamics["r"].min() >= 0.99) == (True, True)
    assert (arm["rms"].max() <= 2.6, arm["r"].min() >= 0.97) == (True, True)


@pytest.mark.xfail(strict=True, reason="OpenSim's tibial body axes are turned by 3-4 degrees against anatomical ones")
def test_knee_adduction_moment_beside_opensim_in_its_own_body_axes() -> None:
    moments = table(
        "kam_against_opensim_true_centres", agreement.knee_moment_against_opensim_true_centres, "arnold-synthetic"
    )
    rows = moments[(moments["axes"] == "model body") & (moments["method"] == "inverse dynamics")]
    assert rows["rms"].max() <= 1.5
    assert rows["r"].min() >= 0.99


def own_skeleton(force_filter: str) -> pd.DataFrame:
    stored = pd.read_csv(REFERENCE / "knee_moment_agreement.csv").set_index("trial")
    rows = stored[(stored["cluster"] == "map") & (stored["method"] == "inverse dynamics")]
    return rows[rows["force_filter"] == force_filter]


@pytest.mark.parametrize("force_filter", ["6 Hz", "none"])
def test_knee_adduction_moment_beside_opensim_with_our_own_skeleton(force_filter: str) -> None:
    rows = own_skeleton(force_filter).reset_index()
    assert rows["dataset"].value_counts().to_dict() == dict(zip(agreement.OWN_SKELETON, (8, 5, 3), strict=True))
    asked = agreement.asked_of_own_skeletons(rows)
    assert len(asked) == 8
    short = set(asked.loc[asked["met"] == "no", "what"])
    assert (
        short
        == {"none": {"smallest r, trunk sway"}, "6 Hz": {"smallest r, trunk sway", "median RMS (N m)"}}[force_filter]
    )


@pytest.mark.xfail(
    strict=True, reason="with OpenSim's forces at 6 Hz too the median RMS is 2.59 N m; 2.5 was asked for"
)
def test_half_of_the_opencap_trials_lie_within_the_median_asked_for_both_at_6_hz() -> None:
    rows = own_skeleton("6 Hz")
    assert rows.loc[rows["dataset"] == "opencap-foot-angle", "rms"].median() <= 2.5


@pytest.mark.xfail(strict=True, reason="r .86 in one trunk-sway trial with a moment of 11 N m; .88 was asked for")
def test_first_trunk_sway_trial_beside_opensim() -> None:
    assert own_skeleton("none").loc["walkingTS1", "r"] >= 0.88


def test_stored_agreement_is_what_opensim_gives_today() -> None:
    pytest.importorskip("opensim", reason="OpenSim is not installed")
    needed = ("p3m6-walk",)
    if not all(catalogue.present(d) for d in needed) or catalogue.mirror_folder() is None:
        pytest.skip("dataset not on this machine: p3m6-walk")
    sys.path.insert(0, str(ROOT / "tests" / "oracles"))
    try:
        spec = importlib.util.spec_from_file_location(
            "knee_moment_agreement", ROOT / "tests" / "oracles" / "knee_moment_agreement.py"
        )
        oracle = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(oracle)
    finally:
        sys.path.remove(str(ROOT / "tests" / "oracles"))
    oracle.oracle.osim.Logger.setLevelString("off")
    trial = next(t for t in oracle.oracle.trials() if (t.trial, t.model) == ("Walking01", "automatic"))
    times, theirs = oracle.opensim_moments(trial, catalogue.mirror_folder(), False)
    ours, loaded = agreement.own_skeleton_moments("p3m6-walk", "Walking01", "inverse dynamics")
    moment = ours["knee_adduction_moment"]
    found = agreement.compare(moment.values, np.interp(moment["time"], times, theirs, np.nan, np.nan), loaded)
    stored = own_skeleton("none").loc["Walking01"]
    assert found["rms"] == pytest.approx(stored["rms"], rel=1e-4)
    assert found["r"] == pytest.approx(stored["r"], rel=1e-4)


def test_knee_moments_beside_vaughan() -> None:
    moments = table("knee_moments_against_vaughan", agreement.vaughan_knee_moments, "vaughan-gaitlab")
    assert len(moments) == 6
    assert moments["r"].min() >= 0.999
    assert moments["rms"].max() <= 0.5


def test_no_curve_of_a_closed_dataset_is_stored() -> None:
    closed = {d for d, row in catalogue.datasets().set_index("name").iterrows() if row["curves_allowed"] != "yes"}
    for path in REFERENCE.glob("*.csv"):
        stored = pd.read_csv(path)
        if "dataset" in stored and {"percent", "time_s"} & set(stored):
            assert not set(stored["dataset"]) & closed, path.name

"""Our numbers beside other programs': the bounds set beforehand, on every trial, tables as a page stores them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy import pipeline
from gaitstudy.conventions import side_sign
from gaitstudy.gait import steps
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance
from gaitstudy.io import catalogue, motion, results
from gaitstudy.load.skeleton import find
from gaitstudy.tables import agreement

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "data" / "reference"


def compared(curves: pd.DataFrame, ours: str, theirs: str) -> pd.Series:
    """RMS difference, correlation and both peaks over the frames in which both curves are known."""
    known = curves.dropna(subset=[ours, theirs])
    row = {"lost": len(curves) - len(known), "rms": ((known[ours] - known[theirs]) ** 2).mean() ** 0.5}
    row |= {"r": known[ours].corr(known[theirs]), "peak_ours": known[ours].max(), "peak_theirs": known[theirs].max()}
    return pd.Series(row)


def test_foot_progression_angle_beside_vicon() -> None:
    angles = results.kept("fpa_against_vicon")
    late = angles[angles["window"] == "30-60"]
    assert late["trial"].nunique() == 9
    assert len(late) == 30
    assert (late["ours"] - late["vicon"]).abs().max() <= 2.7


def wrapped(angle: pd.Series) -> pd.Series:
    return (angle + 180) % 360 - 180


def unfolded(stored: pd.Series, line: pd.Series, axis: pd.Series) -> pd.Series:
    """Vicon's angle from an axis as one from x, deg: beyond 90 it counts back, which the heel-to-toe line tells."""
    near = wrapped(line - axis)
    return wrapped(axis + np.select([near > 90, near < -90], [180 - stored, -180 - stored], stored))


def turning_angles(path: Path) -> pd.DataFrame:
    """Our foot angle and Vicon's of every stride of a turning walk, deg, over 30-60 % of stance, and its turn.

    Both are against the pelvis's local direction under the foot. Vicon's is stored against an axis of the lab and
    folded at 90 degrees: it is unfolded, and turned to the local direction from the one of the four axes, which the
    file does not name, that suits the file's own heel-to-toe lines best.
    """
    trial = motion.read_c3d(path)
    strides = pipeline.prepare(pipeline.read(path), cut_off=None).strides
    way = steps.stride_directions(strides, trial.markers.sel(marker=["LASI", "RASI"]).mean("marker", skipna=False))
    found = strides[["side"]].assign(turn=way["turn"])
    for side, own in strides.groupby("side"):
        letter, stance = str(side)[0].upper(), (own["ic_time"].tolist(), own["fo_time"].tolist())
        heel, toe = (find(trial.markers, letter + end) for end in ("HEE", "TOE"))
        vicon = -agreement.stored_output(trial, f"{letter}FootProgressAngles", 2)
        for name, angle in (("ours", foot_progression_angle(heel, toe, str(side))), ("vicon", vicon)):
            found.loc[own.index, name] = mean_over_stance(angle, *stance, (30.0, 60.0)).values
    outwards = strides["side"].map(side_sign)
    axes = [unfolded(found["vicon"], found["ours"], outwards * axis) for axis in (0, 90, 180, 270)]
    vicon = min(axes, key=lambda angle: wrapped(found["ours"] - angle).abs().median())
    return found.assign(difference=wrapped(found["ours"] - vicon))  # the local direction is taken from both


def test_foot_progression_angle_beside_vicon_on_walks_that_turn() -> None:
    rows = [row for row in catalogue._files("mcgill-foot-progression") if row["file"].startswith("turn/")]
    paths = [path for row in rows if (path := catalogue._find(row))]
    if not paths:
        pytest.skip("dataset not on this machine: mcgill-foot-progression, turn")
    each = [turning_angles(path) for path in paths]
    assert all((found["turn"] > steps.TURN).any() for found in each), "every walk turns"
    straight = pd.concat(found[found["turn"] <= steps.TURN] for found in each)
    assert straight["difference"].abs().max() <= 3.0
    assert len(straight) >= 5 or len(paths) < 12


@pytest.fixture(scope="module")
def beside_vicon() -> pd.DataFrame:
    """One row a contact and way with Vicon's skeleton."""
    curves = results.kept("curves_beside_vicon")
    ways = [name for name in curves if str(name).startswith("Vicon's")]
    assert len(ways) == 2 * 2
    contacts = curves.groupby(["trial", "plate", "side"])
    assert contacts.ngroups == 5
    return pd.concat([contacts.apply(compared, way, "vicon") for way in ways], keys=ways).reset_index()


def test_knee_adduction_moment_beside_plug_in_gait(beside_vicon: pd.DataFrame) -> None:
    bound = beside_vicon[(beside_vicon["trial"] == "PiG_Motion3_FF") | (beside_vicon["side"] == "left")]
    assert len(bound) == 4 * 2 * 2
    assert bound["r"].min() >= 0.97
    assert (bound["peak_ours"] - bound["peak_theirs"]).abs().max() <= 0.04
    assert (bound["lost"] == 0).all()


def test_the_contact_without_a_bound_differs_no_more_in_size(beside_vicon: pd.DataFrame) -> None:
    second = beside_vicon[beside_vicon["trial"] == "PiG_Motion-FlatFoot-Full"]
    assert second.loc[second["side"] == "right", "rms"].max() <= second.loc[second["side"] == "left", "rms"].max()


@pytest.fixture(scope="module")
def beside_opensim() -> pd.core.groupby.DataFrameGroupBy:
    curves = results.kept("curves_beside_opensim")
    legs = curves.groupby(["trial", "side"])
    assert legs.ngroups == 3 * 2
    return legs


def test_knee_adduction_moment_beside_opensim_from_true_joint_centres(beside_opensim) -> None:
    dynamics, arm = (beside_opensim.apply(compared, m, "anatomical") for m in ("inverse dynamics", "lever arm"))
    assert (dynamics["rms"].max() <= 1.5, dynamics["r"].min() >= 0.99) == (True, True)
    assert (arm["rms"].max() <= 2.6, arm["r"].min() >= 0.97) == (True, True)


@pytest.mark.xfail(strict=True, reason="OpenSim's tibial body axes are turned by 3-4 degrees against anatomical ones")
def test_knee_adduction_moment_beside_opensim_in_its_own_body_axes(beside_opensim) -> None:
    rows = beside_opensim.apply(compared, "inverse dynamics", "model body")
    assert rows["rms"].max() <= 1.5
    assert rows["r"].min() >= 0.99


def own_skeleton(force_filter: str) -> pd.DataFrame:
    stored = pd.read_csv(REFERENCE / "knee_moment_agreement.csv", keep_default_na=False).set_index("trial")
    rows = stored[(stored["cluster"] == "map") & (stored["method"] == "inverse dynamics")]
    return rows[rows["force_filter"] == force_filter]


@pytest.mark.parametrize("force_filter", ["6 Hz", "none"])
def test_knee_adduction_moment_beside_opensim_with_our_own_skeleton(force_filter: str) -> None:
    rows = own_skeleton(force_filter)
    datasets = agreement.OWN_SKELETON.index.unique("dataset")
    assert rows["dataset"].value_counts().to_dict() == dict(zip(datasets, (8, 5, 3), strict=True))
    opencap, gc5, p3m6 = (rows[rows["dataset"] == name] for name in datasets)
    assert opencap.loc[~opencap.index.str.contains("TS"), "r"].min() >= 0.97
    assert opencap["rms"].max() <= 5.0
    assert gc5["r"].min() >= 0.92 and gc5["rms"].max() <= 7.0
    assert p3m6["r"].min() >= 0.90 and p3m6["rms"].max() <= 5.0
    if force_filter == "none":
        assert opencap["rms"].median() <= 2.5


@pytest.mark.xfail(strict=True, reason="with OpenSim's forces at 6 Hz too the median RMS is 2.59 N m, its bound 2.5")
def test_half_of_the_opencap_trials_lie_within_the_median_bound_both_at_6_hz() -> None:
    rows = own_skeleton("6 Hz")
    assert rows.loc[rows["dataset"] == "opencap-foot-angle", "rms"].median() <= 2.5


@pytest.mark.xfail(strict=True, reason="r .86 in one trunk-sway trial with a moment of 11 N m; the bound is .88")
def test_first_trunk_sway_trial_beside_opensim() -> None:
    assert own_skeleton("none").loc["walkingTS1", "r"] >= 0.88


def test_stored_agreement_is_what_opensim_gives_today() -> None:
    pytest.importorskip("opensim", reason="OpenSim is not installed")
    needed = ("p3m6-walk",)
    if not all(catalogue.present(d) for d in needed) or catalogue._mirror_folder() is None:
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
    times, theirs = oracle.opensim_moments(trial, catalogue._mirror_folder(), False)
    recorded = agreement.own_skeleton_trial("p3m6-walk", "Walking01")
    ours, loaded = agreement.own_skeleton_moments(recorded, "right", "1_ground_force", "inverse dynamics")
    moment = ours["knee_adduction_moment"]
    curve = np.interp(moment["time"], times, theirs, np.nan, np.nan)
    found = compared(pd.DataFrame({"ours": moment.values, "theirs": curve})[loaded], "ours", "theirs")
    stored = own_skeleton("none").loc["Walking01"]
    assert found["rms"] == pytest.approx(stored["rms"], rel=1e-4)
    assert found["r"] == pytest.approx(stored["r"], rel=1e-4)


def test_knee_moments_beside_vaughan() -> None:
    curves = results.kept("curves_beside_vaughan")
    moments = curves.groupby(["side", "component"]).apply(compared, "ours", "theirs")
    assert len(moments) == 6
    assert moments["r"].min() >= 0.999
    assert moments["rms"].max() <= 0.5


def test_no_curve_of_a_closed_dataset_is_stored() -> None:
    closed = {d for d, row in catalogue.datasets().iterrows() if row["curves_allowed"] != "yes"}
    for path in REFERENCE.glob("*.csv"):
        stored = pd.read_csv(path)
        if "dataset" in stored and {"percent", "time_s"} & set(stored):
            assert not set(stored["dataset"]) & closed, path.name

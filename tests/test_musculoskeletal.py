"""Static optimisation and knee reactions: a leg worked out by hand, mirrored and scaled; refusals; a real walk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy.conventions import GRAVITY, GaitStudyError, SignalError, TrialFormatError
from gaitstudy.io import catalogue
from gaitstudy.load.musculoskeletal import knee_reactions
from gaitstudy.tables import implant
from tests import tiny_leg
from tests.recordings import write_storage

ROOT = Path(__file__).resolve().parents[1]
FORCE, AHEAD, MEDIAL = 500.0, 0.04, 0.02
"""N, m, m: where the ground presses on the tiny leg."""


@pytest.fixture
def osim() -> Any:
    """OpenSim with its log quiet and no log file, or the reason why not."""
    opensim = pytest.importorskip("opensim", reason="OpenSim is not installed")
    opensim.Logger.setLevelString("off")
    opensim.Logger.removeFileSink()
    return opensim


@pytest.fixture
def model(osim: Any, tmp_path: Path) -> Path:
    return tiny_leg.write(osim, tmp_path / "tiny.osim")


def react(model: Path, side: str = "right", scale: float = 1.0, **changes: Any) -> xr.Dataset:
    """Reactions of the tiny leg held straight on the ground."""
    given: dict[str, Any] = {
        "loads": tiny_leg.pressed(FORCE * scale, AHEAD, MEDIAL, side),
        "feet": {"1": f"calcn_{side[0]}"},
        "side": side,
        "mass": tiny_leg.TOTAL * scale,
    } | changes
    if "motion" not in given:
        given["motion"] = tiny_leg.still(model.parent / f"still_{side}.mot", side)
    return knee_reactions(model, **given)


def by_hand() -> tuple[np.ndarray, float]:
    """Muscle forces (N) and the reserve's moment (N m) of least squared activation that hold the tiny leg."""
    strength = np.multiply(tiny_leg.ARMS, tiny_leg.STRENGTHS)  # N m at full activation, and 1 N m of the reserve
    multiplier = FORCE * AHEAD / (np.sum(strength**2) + 1.0)
    return multiplier * strength * tiny_leg.STRENGTHS, multiplier


# ---- closed form ----


def test_muscles_share_the_moment_by_least_squares_of_activation(model: Path) -> None:
    found, (forces, _) = react(model), by_hand()
    assert found["muscle_force"]["muscle"].values.tolist() == ["muscle0_r", "muscle1_r"]
    np.testing.assert_allclose(found["muscle_force"].values, np.broadcast_to(forces, (40, 2)), rtol=1e-5)
    assert forces @ tiny_leg.ARMS == pytest.approx(FORCE * AHEAD, rel=1e-4)


def test_the_axial_reaction_is_ground_plus_muscles_less_weight(model: Path) -> None:
    found, (forces, _) = react(model), by_hand()
    weight = (tiny_leg.MASS + tiny_leg.FOOT) * GRAVITY
    np.testing.assert_allclose(found["axial_force"].values, FORCE + forces.sum() - weight, rtol=1e-5)


def test_the_frontal_moment_is_the_external_adduction_moment_where_muscles_lie_in_the_plane(model: Path) -> None:
    found, (_, reserve) = react(model), by_hand()
    np.testing.assert_allclose(found["frontal_moment"].values, FORCE * MEDIAL, rtol=1e-6)
    np.testing.assert_allclose(found["net_moment"].values, -FORCE * AHEAD, rtol=1e-6)
    np.testing.assert_allclose(found["reserve"].values, reserve / (FORCE * AHEAD), rtol=1e-3)
    assert found.attrs["unsolved"] == 0


def test_the_net_moment_of_a_swinging_shank_is_the_pendulums(model: Path) -> None:
    time, omega = np.arange(300) / 100, 2 * np.pi * 0.8
    angle = 0.3 * np.sin(omega * time)
    swing = tiny_leg.pressed(0.0, 0.0, 0.0, seconds=2.99)
    found = react(model, motion=tiny_leg.moving(model.parent / "swing.mot", angle), loads=swing)
    half, end = tiny_leg.SHANK / 2, tiny_leg.SHANK
    about = tiny_leg.INERTIA + tiny_leg.MASS * half**2 + tiny_leg.FOOT * end**2
    turning = GRAVITY * (tiny_leg.MASS * half + tiny_leg.FOOT * end)
    wanted = -about * omega**2 * angle + turning * np.sin(angle)
    inside = slice(40, -40)  # the ends bear the filter's
    np.testing.assert_allclose(found["net_moment"].values[inside, 0], wanted[inside], atol=2e-3 * np.abs(wanted).max())
    assert found.attrs["unsolved"] == 0


def test_frames_that_nothing_can_balance_are_nan_and_counted(osim: Any, tmp_path: Path) -> None:
    weak = tiny_leg.write(osim, tmp_path / "weak.osim", reserve=1.0)
    found = react(weak, loads=tiny_leg.pressed(FORCE, -AHEAD, 0.0))  # muscles behind the knee cannot hold this
    assert found.attrs["unsolved"] == 40
    names = ["axial_force", "frontal_moment", "muscle_force", "reserve"]
    assert bool(found[names].isnull().all().to_dataarray().all())
    assert bool(found["net_moment"].notnull().all())


# ---- invariance ----


def test_left_is_the_mirror_of_right(osim: Any, model: Path, tmp_path: Path) -> None:
    left = react(tiny_leg.write(osim, tmp_path / "left.osim", "left"), "left")
    right = react(model)
    for name in ("axial_force", "frontal_moment", "net_moment", "reserve"):
        np.testing.assert_allclose(left[name].values, right[name].values, rtol=1e-6, atol=1e-9)


def test_twice_the_leg_under_twice_the_force_carries_twice(osim: Any, model: Path, tmp_path: Path) -> None:
    double = react(tiny_leg.write(osim, tmp_path / "double.osim", scale=2.0), scale=2.0)
    single = react(model)
    for name in ("axial_force", "frontal_moment", "net_moment"):
        np.testing.assert_allclose(double[name].values, 2 * single[name].values, rtol=2e-4)


def test_a_plate_under_no_foot_of_the_model_does_nothing(model: Path) -> None:
    one = tiny_leg.pressed(FORCE, AHEAD, MEDIAL)
    other = tiny_leg.pressed(900.0, 0.3, 0.1).assign_coords(plate=["2"])
    both = xr.concat([one, other], "plate", data_vars="minimal")
    found, alone = react(model, loads=both), react(model)
    np.testing.assert_allclose(found["axial_force"].values, alone["axial_force"].values, rtol=1e-12)


def test_where_the_lab_has_its_origin_does_not_matter(model: Path) -> None:
    far = tiny_leg.still(model.parent / "far.mot", pelvis_tx=3.0)
    found = react(model, motion=far, loads=tiny_leg.pressed(FORCE, 3.0 + AHEAD, MEDIAL))
    np.testing.assert_allclose(found["axial_force"].values, react(model)["axial_force"].values, rtol=1e-6)


# ---- the motion's file ----


def storage(path: Path, unit: str, **columns: float) -> Path:
    table = pd.DataFrame(columns, index=pd.Index(np.arange(40) / 100, name="time"))
    table.attrs["angles"] = unit
    return write_storage(table, path)


def test_degrees_are_radians_metres_stay_and_a_frozen_kneecap_follows_the_knee(model: Path, tmp_path: Path) -> None:
    given = {"pelvis_tx": 0.5, "knee_angle_r_beta": 0.0}
    degrees = react(model, motion=storage(tmp_path / "d.mot", "deg", knee_angle_r=-20.0, **given))
    radians = react(model, motion=storage(tmp_path / "r.mot", "rad", knee_angle_r=-np.pi / 9, pelvis_tx=0.5))
    np.testing.assert_allclose(degrees["net_moment"].values, radians["net_moment"].values, rtol=1e-9)
    assert radians.attrs["unsolved"] == 0


# ---- what is refused ----


def test_without_the_wheel_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "opensim", None)
    with pytest.raises(GaitStudyError, match=r"expected the optional package OpenSim.*pip install 'gaitstudy\[opens"):
        react(tmp_path / "tiny.osim")


def test_a_motion_of_another_model_is_refused(osim: Any, model: Path, tmp_path: Path) -> None:
    for unit, columns, says in (
        ("rad", {"knee_angle_r": 0.0, "pelvis_x": 0.0}, "expected every coordinate of the model, found no pelvis_tx"),
        ("", {"knee_angle_r": 0.0, "pelvis_tx": 0.0}, "expected inDegrees=yes or inDegrees=no"),
    ):
        with pytest.raises(TrialFormatError, match=says):
            react(model, motion=storage(tmp_path / f"q{unit}.mot", unit, **columns))
    fixed = tiny_leg.write(osim, tmp_path / "fixed.osim", locked=True)
    assert react(fixed).attrs["unsolved"] == 0
    with pytest.raises(TrialFormatError, match=r"locked coordinates .* found pelvis_tx elsewhere"):
        react(fixed, motion=tiny_leg.still(tmp_path / "far.mot", pelvis_tx=0.1))


def test_loads_that_end_too_early_and_gaps_are_refused(model: Path) -> None:
    short, whole = (tiny_leg.pressed(FORCE, AHEAD, MEDIAL, seconds=s) for s in (0.2, 0.39))
    with pytest.raises(SignalError, match=r"expected loads for 0-0\.39 s, found 0-0\.2 s"):
        react(model, loads=short)
    whole["force"][3] = np.nan
    with pytest.raises(SignalError, match="without gaps, found 1 samples with one"):
        react(model, loads=whole)


def test_another_persons_model_is_refused(model: Path) -> None:
    with pytest.raises(GaitStudyError, match=r"expected a model scaled to 70 kg, found one of 6\.001 kg"):
        react(model, mass=70.0)


def test_a_file_that_is_no_model_is_refused(osim: Any, tmp_path: Path) -> None:
    path = tmp_path / "no.osim"
    path.write_text("no model\n")
    with pytest.raises(TrialFormatError, match=r"no\.osim: expected an OpenSim model, found"):
        react(path)
    with pytest.raises(TrialFormatError, match=r"expected a file, found none there"):
        react(tmp_path / "none.osim")


# ---- how it leaves the place ----


def test_nothing_is_printed_and_nothing_left_behind(model: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests import test_musculoskeletal as t; "
        "assert 'opensim' not in sys.modules; t.react(Path(sys.argv[1]))"
    )
    tiny_leg.still(tmp_path / "still_right.mot")
    before = {p.name for p in tmp_path.iterdir()}
    ran = subprocess.run(
        [sys.executable, "-c", code, str(model)], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("", "")
    assert {p.name for p in tmp_path.iterdir()} == before


# ---- an independent way, and a real walk ----


def reference() -> pd.DataFrame:
    return pd.read_csv(ROOT / "data" / "reference" / "opensim_static_optimisation.csv").set_index("trial")


def test_a_real_walk_gives_what_arithmetic_on_opensims_geometry_gives(osim: Any) -> None:
    if not catalogue.present(implant.DATASET):
        pytest.skip(f"dataset not on this machine: {implant.DATASET}")
    found, wanted = implant._reactions("ss1"), reference().loc["ss1"]
    axial, frontal = found["axial_force"].values, found["frontal_moment"].values
    third = len(axial) // 3
    ours = {
        "axial_mean_n": axial.mean(), "axial_rms_n": np.sqrt(np.mean(axial**2)), "axial_peak1_n": axial[:third].max(),
        "axial_peak2_n": axial[third : 2 * third].max(), "frontal_mean_nm": frontal.mean(),
        "frontal_rms_nm": np.sqrt(np.mean(frontal**2)), "frontal_peak_nm": frontal.max(),
    }  # fmt: skip
    for name, value in ours.items():
        assert value == pytest.approx(wanted[name], abs=1.0 if name.endswith("_n") else 0.01), name
    assert found.attrs["unsolved"] == 0


def test_the_programs_own_chain_of_tools_gives_the_same_to_its_convergence() -> None:
    table = reference()
    assert table["tools_axial_rms_difference_n"].max() <= 10.0
    # an axial force with muscles is not the earlier run's, which has none
    assert table["earlier_bare_axial_rms_difference_bw"].max() <= 0.05
    assert table["earlier_bare_axial_rms_difference_from_ours_with_muscles_bw"].min() >= 0.5

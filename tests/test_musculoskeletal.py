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

from gaitstudy.conventions import GRAVITY, GaitStudyError, SignalError, TrialFormatError, UnitError
from gaitstudy.io import catalogue
from gaitstudy.load import musculoskeletal
from gaitstudy.load.musculoskeletal import coordinates_from_storage, knee_reactions
from gaitstudy.tables import implant, opensim_walks
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
        "coordinates": tiny_leg.still(side),
        "loads": tiny_leg.pressed(FORCE * scale, AHEAD, MEDIAL, side),
        "feet": {"1": f"calcn_{side[0]}"},
        "side": side,
    } | changes
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
    np.testing.assert_allclose(found["force"].values[:, 1], -found["axial_force"].values, rtol=1e-12)
    np.testing.assert_allclose(found["force"].values[:, [0, 2]], 0.0, atol=1e-3)


def test_the_frontal_moment_is_the_external_adduction_moment_where_muscles_lie_in_the_plane(model: Path) -> None:
    found, (_, reserve) = react(model), by_hand()
    np.testing.assert_allclose(found["frontal_moment"].values, FORCE * MEDIAL, rtol=1e-6)
    np.testing.assert_allclose(found["moment"].values[:, 0], -FORCE * MEDIAL, rtol=1e-6)
    np.testing.assert_allclose(found["net_moment"].values, -FORCE * AHEAD, rtol=1e-6)
    np.testing.assert_allclose(found["reserve"].values, reserve / (FORCE * AHEAD), rtol=1e-3)
    assert found.attrs["unsolved"] == 0


def test_the_net_moment_of_a_swinging_shank_is_the_pendulums(model: Path) -> None:
    time, omega = np.arange(300) / 100, 2 * np.pi * 0.8
    angle = 0.3 * np.sin(omega * time)
    swing = tiny_leg.pressed(0.0, 0.0, 0.0, seconds=2.99)
    found = react(model, coordinates=tiny_leg.moving(angle), loads=swing, cut_off=20.0)
    half, end = tiny_leg.SHANK / 2, tiny_leg.SHANK
    about = tiny_leg.INERTIA + tiny_leg.MASS * half**2 + tiny_leg.FOOT * end**2
    turning = GRAVITY * (tiny_leg.MASS * half + tiny_leg.FOOT * end)
    wanted = -about * omega**2 * angle + turning * np.sin(angle)
    inside = slice(20, -20)  # the ends bear the filter's
    np.testing.assert_allclose(found["net_moment"].values[inside, 0], wanted[inside], atol=2e-3 * np.abs(wanted).max())
    assert found.attrs["unsolved"] == 0


def test_frames_that_nothing_can_balance_are_nan_and_counted(osim: Any, tmp_path: Path) -> None:
    weak = tiny_leg.write(osim, tmp_path / "weak.osim", reserve=1.0)
    found = react(weak, loads=tiny_leg.pressed(FORCE, -AHEAD, 0.0))  # muscles behind the knee cannot hold this
    assert found.attrs["unsolved"] == 40
    assert bool(
        found[["axial_force", "frontal_moment", "force", "moment", "muscle_force", "reserve"]]
        .isnull()
        .all()
        .to_dataarray()
        .all()
    )
    assert bool(found["net_moment"].notnull().all())


# ---- invariance ----


def test_left_is_the_mirror_of_right(osim: Any, model: Path, tmp_path: Path) -> None:
    left = react(tiny_leg.write(osim, tmp_path / "left.osim", "left"), "left")
    right = react(model)
    for name in ("axial_force", "frontal_moment", "net_moment", "reserve"):
        np.testing.assert_allclose(left[name].values, right[name].values, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(left["moment"].values[:, 0], -right["moment"].values[:, 0], rtol=1e-6)


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
    far = tiny_leg.still()
    far.loc[{"coordinate": "pelvis_tx"}] = 3.0
    found = react(model, coordinates=far, loads=tiny_leg.pressed(FORCE, 3.0 + AHEAD, MEDIAL))
    np.testing.assert_allclose(found["axial_force"].values, react(model)["axial_force"].values, rtol=1e-6)


# ---- coordinates from a file ----


def storage(path: Path, unit: str, **columns: list[float]) -> Path:
    table = pd.DataFrame(columns, index=pd.Index([0.0, 0.01], name="time"))
    table.attrs["angles"] = unit
    return write_storage(table, path)


def test_degrees_become_radians_and_metres_stay(model: Path, tmp_path: Path) -> None:
    path = storage(tmp_path / "q.mot", "deg", pelvis_tx=[0.5, 0.6], knee_angle_r=[90.0, 180.0])
    found = coordinates_from_storage(path, model)
    assert found["coordinate"].values.tolist() == ["pelvis_tx", "knee_angle_r", "knee_angle_r_beta"]
    np.testing.assert_allclose(found.values, [[0.5, np.pi / 2, np.pi / 2], [0.6, np.pi, np.pi]])
    assert found.attrs["units"] == musculoskeletal.COORDINATE_UNITS


def test_radians_stay_and_a_frozen_kneecap_follows_the_knee(model: Path, tmp_path: Path) -> None:
    path = storage(
        tmp_path / "q.mot", "rad", knee_angle_r_beta=[0.0, 0.0], pelvis_tx=[0.5, 0.6], knee_angle_r=[0.1, 0.2]
    )
    np.testing.assert_allclose(coordinates_from_storage(path, model).values, [[0.5, 0.1, 0.1], [0.6, 0.2, 0.2]])


def test_strange_names_missing_ones_and_an_unstated_unit_are_all_listed(model: Path, tmp_path: Path) -> None:
    path = storage(tmp_path / "q.mot", "", knee_angle_r=[0.0, 0.0], knee_bend=[0.0, 0.0])
    with pytest.raises(TrialFormatError) as raised:
        coordinates_from_storage(path, model)
    assert len(raised.value.problems) == 3
    for text in ("knee_bend", "found no pelvis_tx", "inDegrees"):
        assert text in str(raised.value)


# ---- what is refused ----


def test_without_the_wheel_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "opensim", None)
    for call in (
        lambda: react(tmp_path / "tiny.osim"),
        lambda: coordinates_from_storage(tmp_path / "q.mot", tmp_path / "tiny.osim"),
    ):
        with pytest.raises(
            GaitStudyError, match=r"expected the optional package OpenSim.*pip install 'gaitstudy\[opens"
        ):
            call()


def test_angles_in_degrees_are_refused(model: Path) -> None:
    with pytest.raises(SignalError, match=r"angles in rad, found knee_angle_r up to 40, which look like degrees"):
        react(model, coordinates=tiny_leg.still(angle=40.0))


def test_loads_that_end_too_early_and_gaps_are_named_together(model: Path) -> None:
    bent = tiny_leg.still()
    bent[3, 1] = np.nan
    with pytest.raises(SignalError) as raised:
        react(model, coordinates=bent, loads=tiny_leg.pressed(FORCE, AHEAD, MEDIAL, seconds=0.2))
    assert "found 1 frames with one" in str(raised.value)
    assert "loads for 0-0.39 s, found 0-0.2 s" in str(raised.value)


def test_names_that_do_not_belong_together_are_all_listed(model: Path) -> None:
    with pytest.raises(GaitStudyError) as raised:
        react(
            model, coordinates=tiny_leg.still().isel(coordinate=[1, 2]), feet={"3": "calcn_l"}, side="left", mass=70.0
        )
    for text in (
        "found no pelvis_tx",
        "plates among 1, found 3",
        "found calcn_l, tibia_l",
        "scaled to 70 kg, found one",
    ):
        assert text in str(raised.value)


def test_no_plate_at_all_is_refused(model: Path) -> None:
    with pytest.raises(GaitStudyError, match="feet: expected plates among 1, found none"):
        react(model, feet={})
    loads = tiny_leg.pressed(FORCE, AHEAD, MEDIAL)
    with pytest.raises(GaitStudyError, match="expected ground reactions with force and moment, found no moment"):
        react(model, loads=loads.drop_vars("moment"))


def test_a_tibia_whose_y_axis_is_not_its_length_is_refused(osim: Any, tmp_path: Path) -> None:
    leaning = tiny_leg.write(osim, tmp_path / "leaning.osim", lean=0.2)
    with pytest.raises(GaitStudyError, match=r"y axis of tibia_r along the shank, upwards, found it 27 deg off"):
        react(leaning)


def test_a_locked_coordinate_that_moves_is_refused(osim: Any, tmp_path: Path) -> None:
    fixed, far = tiny_leg.write(osim, tmp_path / "fixed.osim", locked=True), tiny_leg.still()
    assert react(fixed).attrs["unsolved"] == 0
    far.loc[{"coordinate": "pelvis_tx"}] = 0.1
    with pytest.raises(SignalError, match="locked coordinates where the model has them, found pelvis_tx elsewhere"):
        react(fixed, coordinates=far)


def test_coordinates_without_their_unit_are_refused(model: Path) -> None:
    with pytest.raises(UnitError, match="coordinates: expected units 'rad, m', found 'deg'"):
        react(model, coordinates=tiny_leg.still().assign_attrs(units="deg"))


def test_a_file_that_is_no_model_is_refused(osim: Any, tmp_path: Path) -> None:
    path = tmp_path / "no.osim"
    path.write_text("no model\n")
    with pytest.raises(TrialFormatError, match=r"no\.osim: expected an OpenSim model, found"):
        react(path)
    with pytest.raises(TrialFormatError, match=r"expected a file, found none there"):
        react(tmp_path / "none.osim")


# ---- how it leaves the place ----


def test_the_log_is_given_back_as_it_was(osim: Any, model: Path) -> None:
    osim.Logger.setLevelString("Error")
    react(model)
    assert osim.Logger.getLevelString() == "Error"
    with pytest.raises(GaitStudyError):
        react(model, feet={})
    assert osim.Logger.getLevelString() == "Error"


def test_nothing_is_printed_and_nothing_left_behind(model: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests import test_musculoskeletal as t; "
        "assert 'opensim' not in sys.modules; t.react(Path(sys.argv[1]))"
    )
    before = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    ran = subprocess.run(
        [sys.executable, "-c", code, str(model)], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("", "")
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == before


# ---- an independent way, and a real walk ----


def reference() -> pd.DataFrame:
    return pd.read_csv(ROOT / "data" / "reference" / "opensim_static_optimisation.csv").set_index("trial")


def test_a_real_walk_gives_what_arithmetic_on_opensims_geometry_gives(osim: Any) -> None:
    if not catalogue.present(implant.DATASET):
        pytest.skip(f"dataset not on this machine: {implant.DATASET}")
    found, wanted = opensim_walks.reactions("ss1"), reference().loc["ss1"]
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

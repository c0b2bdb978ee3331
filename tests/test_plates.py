"""Force plates: every C3D type by its physics, invariance, and against ezc3d, OpenSim and a maker's spreadsheet."""

from __future__ import annotations

from pathlib import Path

import ezc3d
import numpy as np
import pytest
import xlrd

from gaitstudy.conventions import TrialFormatError, UnitError
from gaitstudy.io import c3d, motion
from gaitstudy.io.c3d import _RawC3D, _read_raw
from gaitstudy.io.plates import centre_of_pressure, wrench
from gaitstudy.io.recording import axes_matrix
from tests.recordings import CALIBRATION, KISTLER, SENSOR, channels_of, kistler_matrix, needs, walk, write_c3d
from tests.synthetic import moved, turned

ORIGIN = {1: np.zeros(3), 2: -SENSOR, 3: KISTLER, 4: -SENSOR}
CORNERS = np.array([[1.0, 0.0, 0.5], [-1.0, 0.0, 0.5], [-1.0, 0.0, -0.5], [1.0, 0.0, -0.5]])
"""m; a plate about the lab's origin whose z points down: its x and y are the lab's x and z."""
PLATE = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
"""Its axes, as rows."""


def loads_at(points: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return forces and their moments about the surface's centre (plate axes, z down) at points of the surface."""
    rng = np.random.default_rng(seed)
    force = np.column_stack([rng.uniform(-90, 90, (len(points), 2)), -rng.uniform(50, 900, len(points))])
    free = np.column_stack([np.zeros((len(points), 2)), rng.uniform(-6, 6, len(points))])
    return force, np.cross(points, force) + free


@pytest.mark.parametrize("plate_type", [1, 2, 3, 4])
def test_each_type_gives_the_load_that_was_put_on_it(plate_type: int) -> None:
    points = np.column_stack([np.random.default_rng(1).uniform(-0.2, 0.2, (200, 2)), np.zeros(200)])
    force, moment = loads_at(points)
    channels = channels_of(force, moment, plate_type)
    scale = 1.0 if plate_type == 3 else 1e-3
    found = c3d._plate_loads(channels, plate_type, CORNERS, ORIGIN[plate_type], scale, CALIBRATION)
    np.testing.assert_allclose(found, (force @ PLATE, moment @ PLATE), atol=1e-9)


def test_a_push_on_one_kistler_sensor_turns_the_plate_about_the_others() -> None:
    a, b, _ = KISTLER
    only_third = np.array([[0, 0, 0, 0, 0, 0, 100.0, 0]])
    found = c3d._plate_loads(only_third, 3, CORNERS, KISTLER, 1e-3)
    expected = np.array([[0, 0, 100.0]]), np.array([[-100 * b, 100 * a, 0]])
    np.testing.assert_allclose(found, [part @ PLATE for part in expected], atol=1e-12)
    np.testing.assert_allclose(kistler_matrix()[3:, 6], [-b, a, 0], atol=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("plate_type", [2, 3])
def test_with_z_up_the_surface_lies_at_positive_z(sign: int, plate_type: int) -> None:
    points = np.column_stack([np.random.default_rng(1).uniform(-0.2, 0.2, (200, 2)), np.zeros(200)])
    force, moment = loads_at(points)
    channels = channels_of(-force, -moment, plate_type, z_up=True)
    origin = sign * (SENSOR * [1, 1, -1] if plate_type == 2 else KISTLER)
    scale = 1e-3 if plate_type == 2 else 1.0
    found = c3d._plate_loads(channels, plate_type, CORNERS * [1, 1, -1], origin, scale)
    up = PLATE * [[1], [-1], [-1]]
    np.testing.assert_allclose(found, (-force @ up, -moment @ up), atol=1e-9)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_sensor_lies_below_the_surface_whichever_way_its_origin_is_written(sign: int) -> None:
    force, about_sensor = np.array([[10.0, 0, -500]]), np.array([[0.0, 0, 0]])
    channels = np.column_stack([force, 1000 * about_sensor])
    _, moment = c3d._plate_loads(channels, 2, CORNERS, sign * np.array([0, 0, -0.05]), 1e-3)
    np.testing.assert_allclose(moment, np.cross([[0, 0, 0.05]], force) @ PLATE, atol=1e-12)


def test_a_plate_in_the_lab_turns_its_load_upward() -> None:
    force, moment = c3d._plate_loads(np.array([[0.0, 0, -700, 0, 0, 0]]), 2, CORNERS + [2, 0, 1], np.zeros(3), 1.0)
    np.testing.assert_allclose(force, [[0, 700, 0]], atol=1e-12)
    np.testing.assert_allclose(moment, np.cross([[2, 0, 1]], [[0, 700, 0]]), atol=1e-12)


def test_centre_of_pressure_and_free_moment_come_back_from_the_wrench() -> None:
    cop, force = np.array([[[0.31, 0.02, -0.14]]]), np.array([[[40.0, 650, -25]]])
    moment = np.cross(cop, force) + [0, 4.5, 0]
    loads = wrench(np.zeros(1), ["1"], force, moment, np.array([0.02]))
    found, free = centre_of_pressure(loads)
    np.testing.assert_allclose(found, cop, atol=1e-12)
    np.testing.assert_allclose(free, [[4.5]], atol=1e-12)
    assert (found.attrs["units"], free.attrs["units"], found.attrs["frame"]) == ("m", "N m", "lab")


def test_no_centre_of_pressure_below_the_smallest_force() -> None:
    force = np.array([[[0, 9.9, 0]], [[0, 10.0, 0]]])
    found, free = centre_of_pressure(wrench(np.arange(2.0), ["1"], force, 0 * force, np.zeros(1)))
    assert np.isnan(found[0]).all() and np.isnan(free[0]).all()
    assert np.isfinite(found[1]).all() and np.isfinite(free[1]).all()


def test_moment_about_the_centre_of_pressure_is_the_free_moment() -> None:
    trial = walk(seconds=2.0)
    assert trial.loads is not None
    cop, free = centre_of_pressure(trial.loads)
    on = np.isfinite(free.sel(plate="1").values)
    force, about_origin = (trial.loads[name].sel(plate="1").values for name in ("force", "moment"))
    moment = about_origin - np.cross(cop.sel(plate="1").values, force)
    assert on.sum() > 500
    np.testing.assert_allclose(moment[on][:, [0, 2]], 0, atol=1e-10)
    np.testing.assert_allclose(moment[on][:, 1], free.sel(plate="1").values[on], atol=1e-10)


@pytest.mark.parametrize("angle", [0.3, 2.0])
def test_turning_the_lab_or_moving_its_origin_moves_the_centre_of_pressure_along(angle: float) -> None:
    trial, by = walk(seconds=2.0), (3.0, -0.4, 7.0)
    assert trial.loads is not None
    cop, free = centre_of_pressure(trial.loads)
    away, turn = moved(trial, by).loads, turned(trial, angle).loads
    assert away is not None and turn is not None
    np.testing.assert_allclose(centre_of_pressure(away)[0], cop + by, atol=1e-10)
    np.testing.assert_allclose(centre_of_pressure(away)[1], free, atol=1e-10)
    c, s = np.cos(angle), np.sin(angle)
    np.testing.assert_allclose(
        centre_of_pressure(turn)[0], cop.values @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T, atol=1e-10
    )
    np.testing.assert_allclose(centre_of_pressure(turn)[1], free, atol=1e-10)


@pytest.mark.parametrize(("name", "unit", "found"), [("force", "N", "kN"), ("moment", "N m", "N mm")])
def test_a_centre_of_pressure_needs_newtons_and_newton_metres(name: str, unit: str, found: str) -> None:
    loads = walk(seconds=0.5).loads
    assert loads is not None
    loads[name] = loads[name].assign_attrs(units=found)
    with pytest.raises(UnitError, match=f"{name}: expected units '{unit}', found '{found}'"):
        centre_of_pressure(loads)


def test_no_calibration_or_corners_in_a_line_are_errors() -> None:
    for matrix in (None, np.eye(5), np.full((6, 6), np.nan)):
        with pytest.raises(TrialFormatError, match="type 4 needs 36 numbers in FORCE_PLATFORM:CAL_MATRIX"):
            c3d._plate_loads(np.zeros((1, 6)), 4, CORNERS, np.zeros(3), 1.0, matrix)
    with pytest.raises(TrialFormatError, match="four corners of a rectangle"):
        c3d._plate_loads(np.zeros((1, 6)), 2, np.zeros((4, 3)), np.zeros(3), 1.0)


def lab_loads(path: Path, axes: tuple[str, str] | None = None) -> tuple[motion.Recording, _RawC3D, np.ndarray]:
    """Return a recording, the raw file and the turn from the lab's axes (rows) to the file's."""
    raw = _read_raw(path)
    named = axes or [raw.parameters.texts("POINT", f"{name}_SCREEN")[0] for name in "XY"]
    return motion.read_c3d(path, axes=axes), raw, axes_matrix(path, named)


def assert_like_ezc3d(path: Path, axes: tuple[str, str] | None = None, minimum: float = 30.0) -> set[int]:
    """Compare force, moment, centre of pressure and free moment with ezc3d's; return the plate types seen."""
    trial, raw, turn = lab_loads(path, axes)
    assert trial.loads is not None
    cop, free = centre_of_pressure(trial.loads, minimum)
    for k, plate in enumerate(ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"]):
        force, corners = trial.loads["force"].values[:, k], trial.loads["corners"].values[k]
        about = trial.loads["moment"].values[:, k] - np.cross(corners.mean(0), force)
        np.testing.assert_allclose(force @ turn, plate["force"].T, atol=1e-3)
        np.testing.assert_allclose(1000 * about @ turn, plate["moment"].T, atol=1e-2)
        on = np.isfinite(free.values[:, k])
        assert on.sum() > 20
        np.testing.assert_allclose(1000 * cop.values[on, k] @ turn, plate["center_of_pressure"].T[on], atol=1e-2)
        np.testing.assert_allclose(1000 * free.values[on, k], plate["Tz"][2][on], atol=1e-2)
    return set(raw.parameters.numbers("FORCE_PLATFORM", "TYPE").astype(int))


@pytest.mark.parametrize("types", [(2, 2), (3, 3), (4, 4), (2, 3)])
def test_a_written_file_reads_like_in_ezc3d(types: tuple[int, int], tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "walk.c3d", walk(), types=types)
    assert assert_like_ezc3d(path) == set(types)


@pytest.mark.parametrize(
    ("dataset", "file", "axes", "types"),
    [
        ("opensim-c3d-forces", "walking5.c3d", None, {2}),
        ("gc5-instrumented-knee", "inputs/c3d/PS_ngait_og_ss1.c3d", None, {2}),
        ("c3d-formats", "codamotion_type3/codamotion_gaitwands_19970212.c3d", ("+X", "+Z"), {3}),
    ],
)
def test_real_plates_of_type_2_and_3_read_like_in_ezc3d(
    dataset: str, file: str, axes: tuple[str, str] | None, types: set[int]
) -> None:
    assert assert_like_ezc3d(*needs(dataset, file), axes=axes) == types


def test_real_plates_that_rest_low_read_like_in_ezc3d_less_their_unloaded_stretch() -> None:
    (path,) = needs("c3d-formats", "c3d_org_sample10/TYPE-3.c3d")
    _, raw, turn = lab_loads(path)
    loads = motion.read_c3d(path, zero=(0.0, 1.7)).loads
    assert loads is not None and set(raw.parameters.numbers("FORCE_PLATFORM", "TYPE")) == {2, 3}
    quiet = (loads["time"] <= 1.7).values
    for k, plate in enumerate(ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"]):
        force, centre = loads["force"].values[:, k], loads["corners"].values[k].mean(0)
        about = loads["moment"].values[:, k] - np.cross(centre, force)
        for ours, theirs, atol in ((force, plate["force"].T, 1e-3), (1000 * about, plate["moment"].T, 1e-2)):
            np.testing.assert_allclose(ours @ turn, theirs - theirs[quiet].mean(0), atol=atol)


@pytest.mark.parametrize("file", ["TYPE-2.C3D", "TYPE-4.C3D"])
def test_real_type_4_reads_like_in_ezc3d_up_to_the_axes_drawn_through_skew_corners(file: str) -> None:
    (path,) = needs("c3d-formats", f"c3d_org_sample10/{file}")
    trial, _, _ = lab_loads(path)
    (plate,) = ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"]
    assert trial.loads is not None
    force, centre = trial.loads["force"].values[:, 0], trial.loads["corners"].values[0].mean(0)
    about = trial.loads["moment"].values[:, 0] - np.cross(centre, force)
    np.testing.assert_allclose(np.linalg.norm(force, axis=1), np.linalg.norm(plate["force"], axis=0), atol=1e-3)
    np.testing.assert_allclose(1000 * np.linalg.norm(about, axis=1), np.linalg.norm(plate["moment"], axis=0), atol=1e-2)
    np.testing.assert_allclose((force * about).sum(1) * 1000, (plate["force"] * plate["moment"]).sum(0), atol=1e-2)


@pytest.mark.parametrize("trial", ["walking2", "walking5"])
@pytest.mark.parametrize("kind", ["", "cop_"])
def test_force_moment_cop_and_free_moment_are_those_of_opensims_tables(trial: str, kind: str) -> None:
    path, table = needs("opensim-c3d-forces", f"{trial}.c3d", f"reference/std_{kind}{trial}_grfs.sto")
    read, raw, turn = lab_loads(path)
    theirs = motion.read_storage(table)
    assert read.loads is not None
    rows = read.loads.isel(
        time=np.rint(theirs.index.to_numpy() * raw.rate * len(raw.analogs) / len(raw.points)).astype(int)
    )
    cop, free = centre_of_pressure(rows, 30.0)
    for k in range(2):
        force, point, moment = (theirs[[f"{q}{k + 1}_{a}" for a in (1, 2, 3)]].to_numpy() for q in "fpm")
        np.testing.assert_allclose(rows["force"].values[:, k] @ turn, force, atol=1e-3)
        ours = 1000 * rows["moment"].values[:, k] @ turn
        np.testing.assert_allclose(ours, np.cross(point, force) + moment, atol=1e-2)
        on = force[:, 2] > 30
        assert on.sum() >= 9
        if kind:
            np.testing.assert_allclose(1000 * cop.values[on, k] @ turn, point[on], atol=1e-2)
            np.testing.assert_allclose(1000 * free.values[on, k], moment[on, 2], atol=1e-2)


def test_type_4_calibration_is_the_one_of_the_plate_makers_spreadsheet() -> None:
    (path,) = needs("c3d-formats", "c3d_org_sample10/TYPE-4.xls")
    sheet = xlrd.open_workbook(str(path)).sheet_by_index(0)

    def block(rows: range, first: int) -> np.ndarray:
        return np.array([[float(sheet.cell_value(r, first + c)) for c in range(6)] for r in rows])

    scale = np.array([float(sheet.cell_value(r, 14)) for r in range(5, 11)])
    assert scale.shape == (6,) and (scale < 0).all()
    by_channel, counts, loads = block(range(14, 20), 9), block(range(23, 45), 1), block(range(23, 45), 9)
    force, moment = c3d._plate_loads((counts - 2047) * scale, 4, CORNERS, np.zeros(3), 1.0, by_channel.T)
    np.testing.assert_allclose(np.column_stack([force, moment] @ PLATE.T), loads, atol=1e-2, rtol=1e-6)


def test_one_plate_read_as_type_2_and_as_type_4_differs_by_its_crosstalk_only() -> None:
    two, four = (
        motion.read_c3d(p).loads for p in needs("c3d-formats", *(f"c3d_org_sample10/TYPE-{k}.C3D" for k in (2, 4)))
    )
    assert two is not None and four is not None
    vertical = two["force"].values[:, 0, 1]
    assert np.abs(vertical - four["force"].values[:, 0, 1]).max() < 0.025 * vertical.max()
    for axis in range(3):
        assert np.corrcoef(two["force"].values[:, 0, axis], four["force"].values[:, 0, axis])[0, 1] > 0.998
    assert float(np.nanmedian(np.abs(centre_of_pressure(two, 30.0)[0] - centre_of_pressure(four, 30.0)[0]))) < 0.01


@pytest.mark.parametrize(("number", "late", "travel"), [("01", 30, 1), ("02", 40, -1), ("04", 20, -1)])
def test_type_1_plates_agree_with_the_trials_own_table(number: str, late: int, travel: int) -> None:
    c3d, table = needs("p3m6-walk", f"inputs/c3d/Walking{number}.c3d", f"inputs/grf/Walking{number}_kinetics.mot")
    ours, theirs = motion.read_c3d(c3d).loads, motion.storage_loads(motion.read_storage(table))
    assert ours is not None
    turn = np.array([[0, 0, travel], [0, 1, 0], [-travel, 0, 0]])  # the table's x is the direction of travel
    ours = ours.isel(time=slice(late, late + theirs.sizes["time"]))  # and it starts later; its forces are filtered
    cop, free = centre_of_pressure(ours, 200.0)
    their_cop, their_free = centre_of_pressure(theirs, 200.0)
    for k in range(2):
        for axis in range(3):
            one, other = (ours["force"].values[:, k] @ turn)[:, axis], theirs["force"].values[:, k, axis]
            assert np.corrcoef(one, other)[0, 1] > 0.9995
        assert np.nanmedian(np.abs(cop.values[:, k] @ turn - their_cop.values[:, k])) < 0.0005
        assert np.nanmedian(np.abs(free.values[:, k] - their_free.values[:, k])) < 0.1


@pytest.mark.parametrize(("file", "empty"), [("analogfpscale03", (0.0, 0.8)), ("analogfpscale04", (0.0, 0.9))])
def test_a_stated_unloaded_stretch_takes_a_real_plates_offset_off(file: str, empty: tuple[float, float]) -> None:
    (path,) = needs("c3d-formats", f"c3d_org_sample25/{file}.c3d")
    after, raw = motion.read_c3d(path, zero=empty).loads, _read_raw(path)
    assert after is not None
    quiet = ((after["time"] >= empty[0]) & (after["time"] <= empty[1])).values
    for k in range(2):
        stored = -raw.analogs[:, raw.parameters.numbers("FORCE_PLATFORM", "CHANNEL").astype(int)[6 * k + 2] - 1]
        offset = stored[quiet].mean()
        assert 20 < offset < 50
        np.testing.assert_allclose(after["force"].sel(axis="y")[quiet, k].mean("time"), 0, atol=1e-9)
        np.testing.assert_allclose(stored - after["force"].sel(axis="y")[:, k], offset, atol=0.5)  # 0.1 % tilt

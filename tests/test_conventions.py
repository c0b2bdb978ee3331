"""One set of conventions: what the checks refuse, and that every function of gait, load and simulate obeys it."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FunctionType
from typing import Any

import numpy as np
import pytest
import xarray as xr

from gaitstudy import conventions
from gaitstudy.conventions import (
    AXES,
    GRAVITY,
    DimensionError,
    GaitStudyError,
    MarkerError,
    TrialFormatError,
    UnitError,
    labelled,
    pick,
    require_dims,
    require_positive,
    require_units,
    side_sign,
    variable,
)
from gaitstudy.gait import (
    events,
    foot,
    foot_imu,
    footprint,
    plausibility,
    posture,
    pressure,
    signals,
    steps,
)
from gaitstudy.io.plates import wrench
from gaitstudy.load import contact, knee, musculoskeletal, skeleton
from gaitstudy.load.patellofemoral import QUANTITIES as KNEECAP
from gaitstudy.load.patellofemoral import patellofemoral_load
from gaitstudy.simulate import foot_sensor, insole, walker
from tests import synthetic, tiny_leg

PACKAGE = Path(conventions.__file__).parent
ROOMS = {
    f"gaitstudy.{room}.{path.stem}": importlib.import_module(f"gaitstudy.{room}.{path.stem}")
    for room in ("gait", "load", "simulate")
    for path in sorted((PACKAGE / room).glob("[!_]*.py"))
}
PUBLIC: dict[str, FunctionType] = {
    f"{module.rsplit('.', 1)[1]}.{name}": function
    for module, content in ROOMS.items()
    for name, function in vars(content).items()
    if isinstance(function, FunctionType) and function.__module__ == module and not name.startswith("_")
}
UNITLESS = {"skeleton.marker_map"}
"""Names only, or shares for shares: nothing in or out has a unit."""
UNIT = re.compile(
    r"(?<![\w'’/^-])(m|mm|s|ms|N|N m|kg|deg|Hz|rad|m/s|m/s\^2|rad/s|s\^2|N m/kg|%|%BW\*Ht|per cent|units?|"
    r"units? vectors?)(?![\w'’])"
)
TIME = np.arange(60) / 100.0


def poisoned(array: xr.DataArray) -> xr.DataArray:
    """The same values under another unit, name and frame: none of them may come out again."""
    return array.assign_attrs(units="poison", long_name="poison", frame="poison")


def poisoned_set(dataset: xr.Dataset) -> xr.Dataset:
    result = dataset.copy()
    for name in result.data_vars:
        result[name] = poisoned(result[name])
    return result


# ---- closed form: the checks ----


def test_the_stated_defaults_are_the_ones_in_the_code() -> None:
    rows = [row.strip("| ").split(" | ") for row in str(conventions.__doc__).splitlines() if " | " in row]
    stated = dict(rows)
    assert f"{events.THRESHOLD:g} N" in stated["initial contact and foot off"] and events.HYSTERESIS > 0
    assert f"{signals.CUT_OFF:g} Hz, {signals.ORDER}th order" in stated["low-pass filter"]
    assert f"{foot.WINDOW[0]:g}-{foot.WINDOW[1]:g} %" in stated["foot progression angle (FPA)"]
    assert str(GRAVITY) in stated["moment normalisation"] and GRAVITY == 9.80665
    assert AXES == ("x", "y", "z") and "y up" in stated["lab axes"]


def test_sides_have_signs() -> None:
    assert (side_sign("right"), side_sign("left")) == (1.0, -1.0)
    with pytest.raises(GaitStudyError, match="expected 'left' or 'right', found 'R'"):
        side_sign("R")


def test_dimensions_are_put_in_order_and_the_rest_goes_first() -> None:
    array = labelled(np.arange(24.0).reshape(3, 2, 4), ("axis", "plate", "time"), units="N", long_name="force")
    ordered = require_dims(array, ("time", "axis"))
    assert ordered.dims == ("plate", "time", "axis")
    assert ordered.values[1, 2, 0] == array.values[0, 1, 2]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 3)), "expected an xarray.DataArray .* found ndarray"),
        (xr.DataArray(np.zeros((3, 3)), dims=("frame", "axis")), "Missing: time"),
        (xr.DataArray(np.zeros((3, 2)), dims=("time", "axis")), "must hold x, y, z; found 2"),
        (
            xr.DataArray(np.zeros((3, 3)), dims=("time", "axis"), coords={"axis": ["x", "z", "y"]}),
            "x, y, z in this order",
        ),
    ],
)
def test_wrong_dimensions_are_refused(array: Any, message: str) -> None:
    with pytest.raises(DimensionError, match=f"heel: .*{message}"):
        require_dims(array, ("time", "axis"), "heel")


def test_units_are_required() -> None:
    array = labelled([1.0], ("time",), units="mm", long_name="position")
    assert require_units(array, "mm") is array
    with pytest.raises(UnitError, match="heel: expected units 'm', found 'mm'"):
        require_units(array, "m", "heel")
    with pytest.raises(UnitError, match="found none"):
        require_units(xr.DataArray([1.0], dims="time"), "m")


def test_labelled_replaces_what_arithmetic_carried_along() -> None:
    force = labelled(np.ones((2, 3)), ("time", "axis"), units="N", long_name="force", frame="lab")
    moment = labelled(force * force, ("axis", "time"), units="N m", long_name="moment")
    assert moment.attrs == {"units": "N m", "long_name": "moment"}
    assert moment.dims == ("axis", "time") and tuple(moment["axis"].values) == AXES


def test_a_dataset_of_variables_is_the_one_of_labelled_arrays() -> None:
    say: dict[str, Any] = {"units": "N", "long_name": "force", "frame": "lab"}
    values, coords = np.arange(6.0).reshape(2, 3), {"time": [0.0, 0.1]}
    arrays = xr.Dataset({k: labelled(values, ("time", "axis"), coords=coords, **say) for k in ("one", "two")})
    made = xr.Dataset(
        {k: variable(values, ("time", "axis"), **say) for k in ("one", "two")}, {**coords, "axis": list(AXES)}
    )
    xr.testing.assert_identical(made, arrays)


def test_pick_finds_what_sel_finds_in_whatever_order_and_refuses_what_is_not_there() -> None:
    array = labelled(
        np.arange(24.0).reshape(4, 2, 3), ("time", "plate", "axis"), units="N", long_name="force",
        coords={"plate": ["right", "left"]},
    )  # fmt: skip
    for turned in (array, array.transpose("axis", "time", "plate")):
        for where in ({"plate": "left"}, {"axis": "z", "plate": "right"}):
            assert np.array_equal(pick(turned, **where), turned.sel(where).values)
    with pytest.raises(KeyError):
        pick(array, plate="middle")


@pytest.mark.parametrize("value", [None, float("nan"), 0.0, -70.0, 70_000.0, float("inf")])
def test_an_impossible_mass_is_refused(value: float | None) -> None:
    with pytest.raises(UnitError, match=r"mass: expected 2-350 kg, found .* \(argument mass=, or --mass"):
        require_positive(value, "mass", "kg", 2, 350)


def test_a_possible_mass_passes() -> None:
    assert [require_positive(v, "mass", "kg", 2, 350) for v in (2, 75, 350)] == [2.0, 75.0, 350.0]


def test_file_errors_name_the_file_without_its_folders_and_list_every_problem() -> None:
    one = TrialFormatError("some/folder/walk.c3d", "expected markers, found none.")
    assert str(one) == "walk.c3d: expected markers, found none."
    two = TrialFormatError("C:\\data\\walk.c3d", ["first.", "second."])
    assert str(two) == "walk.c3d: 2 problems\n  1. first.\n  2. second."
    assert two.problems == ["first.", "second."] and isinstance(two, GaitStudyError)


def test_every_error_of_the_package_is_a_gait_study_error() -> None:
    classes = [c for c in vars(conventions).values() if inspect.isclass(c) and issubclass(c, Exception)]
    assert len(classes) >= 8
    assert all(issubclass(c, GaitStudyError) for c in classes)


# ---- every public function of gait, load and simulate ----


@pytest.mark.parametrize("name", PUBLIC)
def test_docstrings_begin_with_a_sentence_and_name_their_units(name: str) -> None:
    text = inspect.getdoc(PUBLIC[name]) or ""
    first = text.split("\n\n")[0].replace("\n", " ")
    assert len(first) > 20 and first.endswith("."), f"{name}: {first!r}"
    if name not in UNITLESS:
        assert UNIT.search(text.split("Examples\n")[0].split("References\n")[0]), f"{name} names no unit"


def test_the_unit_pattern_knows_a_unit_from_a_letter() -> None:
    for text in ("N, (time,)", "m, (time, axis)", "N m about", "in kg.", "shares in %", "s; the longest", "per s, x"):
        assert UNIT.search(text), text
    for text in ("the walker's foot", "sizes", "none", "a name of the marker", "x/s"):
        assert not UNIT.search(text), text


def _leg() -> tuple[xr.Dataset, xr.Dataset]:
    trial = synthetic.recording()
    leg = skeleton.leg_from_markers(trial.markers, synthetic.NAMES, "right", static=synthetic.static_trial())
    if trial.loads is None:
        raise ValueError("the synthetic walker has forces")
    return poisoned_set(leg), poisoned_set(trial.loads)


def _condition() -> xr.Dataset:
    curve = xr.DataArray(np.ones((101, 3)), dims=("percent", "axis"), coords={"percent": np.arange(101.0)})
    parts = ("centre_of_pressure", "knee", "force", "forward")
    return poisoned_set(xr.Dataset({name: curve * (k + 1) for k, name in enumerate(parts)}))


def _knee(method: str) -> dict[str, xr.DataArray]:
    leg, loads = _leg()
    moments = knee.knee_moments(leg, loads, "2", method=method, mass=70.0)
    return {str(k): v for k, v in moments.data_vars.items()}


def _plain(units: str = "N", frame: str = "lab") -> xr.DataArray:
    return labelled(
        np.random.default_rng(3).normal(size=(60, 3)),
        ("time", "axis"),
        units=units,
        long_name="some signal",
        frame=frame,
        coords={"time": TIME},
    )


def _leg_parts(leg: xr.Dataset) -> dict[str, xr.DataArray]:
    return {str(k): v for k, v in leg.data_vars.items()}


def _gathered() -> xr.Dataset:
    rng = np.random.default_rng(1)
    points = {name: rng.normal(size=(5, 3)) for name in ("hip", "knee", "ankle", "heel", "toe")}
    axes = np.broadcast_to(np.eye(3), (5, 3, 3))
    return skeleton.gather_leg("left", np.arange(5) / 10, points, {"shank": axes, "thigh": axes})


def _decomposed() -> dict[str, xr.DataArray]:
    parts = knee.decompose_moment_change(_condition(), _condition(), "left")
    return {str(k): v for k, v in parts.data_vars.items()}


LEG = {
    "centre": ("m", "lab"),
    "axes": ("1", "lab"),
    "heel": ("m", "lab"),
    "toe": ("m", "lab"),
}
MOMENTS = {
    "knee_adduction_moment": ("N m", "tibia"),
    "knee_flexion_moment": ("N m", "tibia"),
    "moment": ("N m", "lab"),
}
KEEPS = {"result": ("N", "lab")}
"""Filters and the like: the unit, name and frame of what goes in."""


def _wrench() -> xr.Dataset:
    """One plate, loaded evenly, as ``io.plates.wrench`` makes it."""
    return wrench(TIME, ["1"], np.ones((len(TIME), 1, 3)), np.ones((len(TIME), 1, 3)), np.zeros(1))


def _insole() -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Pressure, position and area of three sensors."""
    dims = ("time", "sensor")
    return (
        xr.DataArray(
            np.full((60, 3), 100.0), dims=dims, coords={"time": TIME}, attrs={"units": "kPa", "frame": "poison"}
        ),
        xr.DataArray([[0.05, 0.02], [0.1, -0.03], [0.2, 0.01]], dims=("sensor", "foot_axis"), attrs={"units": "m"}),
        xr.DataArray(np.full(3, 1e-3), dims="sensor", attrs={"units": "m2"}),
    )


def _pressure(name: str) -> Any:
    p, x, a = _insole()
    cop = pressure.centre_of_pressure_in_foot(p, x, a)
    varied = p * (1 + np.random.default_rng(0).random(p.shape))
    varied.attrs = {"units": "kPa"}
    if name == "implied":
        force = pressure.total_force(varied, a)
        found = pressure.implied_layout(varied, force, pressure.centre_of_pressure_in_foot(varied, x, a))
        return {str(k): v for k, v in found.data_vars.items()}
    return {
        "total": lambda: pressure.total_force(p, a),
        "cop": lambda: cop,
        "share": lambda: pressure.medial_share(p, x, a),
        "cpei": lambda: pressure.centre_of_pressure_excursion_index(cop, xr.Dataset(_footprint("outline"))),
    }[name]()


PRESSURE_CASES = {
    "pressure.total_force": (lambda: _pressure("total"), {"result": ("N", None)}),
    "pressure.centre_of_pressure_in_foot": (lambda: _pressure("cop"), {"result": ("m", "foot")}),
    "pressure.medial_share": (lambda: _pressure("share"), {"result": ("1", "foot")}),
    "pressure.centre_of_pressure_excursion_index": (lambda: _pressure("cpei"), {"result": ("%", "foot")}),
    "pressure.implied_layout": (lambda: _pressure("implied"), {"area": ("m2", None), "position": ("m", "foot")}),
}


def _contact(name: str) -> dict[str, xr.DataArray]:
    external = contact.contact_inputs(*_leg(), "2", 70.0)
    reactions = contact.joint_reactions(TIME, np.ones((60, 3)), np.ones((60, 3)), "left")
    found: dict[str, Callable[[], xr.Dataset]] = {
        "inputs": lambda: external,
        "reactions": lambda: reactions,
        "reduced": lambda: contact.reduced(external),
        "lab_regression": lambda: contact.lab_regression(external, 70.0, 1.7),
        "two_condyle": lambda: contact.two_condyle(reactions),
    }
    return {str(k): v for k, v in found[name]().data_vars.items()}


def _outside() -> xr.Dataset:
    return foot.outside_foot(poisoned(_plain()), poisoned(_plain()), poisoned(_plain() + 1), "left")


SIDES_OF_THE_KNEE = {
    **{f"{part}_contact_force": ("N", "tibia") for part in ("medial", "lateral", "total")},
    "leftover_moment": ("N m", "tibia"),
}
CONTACT_CASES = {
    "contact.contact_inputs": (
        lambda: _contact("inputs"),
        {
            "knee_adduction_moment": ("N m", "tibia"),
            "knee_flexion_moment": ("N m", "tibia"),
            "ankle_plantarflexion_moment": ("N m", "shank"),
            "hip_extension_moment": ("N m", "thigh"),
            "axial_force": ("N", "tibia"),
            "vertical_force": ("N", "lab"),
            "knee_flexion_angle": ("deg", "thigh"),
        },
    ),
    "contact.joint_reactions": (
        lambda: _contact("reactions"),
        {"axial_force": ("N", "tibia"), "frontal_moment": ("N m", "tibia")},
    ),
    **{
        f"contact.{name}": (partial(_contact, name), SIDES_OF_THE_KNEE)
        for name in ("reduced", "lab_regression", "two_condyle")
    },
    "foot.outside_foot": (
        lambda: {str(k): v for k, v in _outside().data_vars.items()},
        {"behind": ("m", "foot"), "beside": ("m", "foot"), "outside": ("1", "foot")},
    ),
}


def _footprint(name: str) -> Any:
    along, across = np.meshgrid(np.arange(8) / 100, np.arange(4) / 100)
    place = np.stack([along.ravel(), across.ravel()], -1)
    x = xr.DataArray(place, dims=("sensor", "foot_axis"), attrs={"units": "m", "frame": "poison"})
    a = xr.DataArray(np.full(32, 1e-4), dims="sensor", attrs={"units": "m2", "long_name": "poison"})
    p = xr.DataArray(np.full(32, 9.0), dims="sensor", attrs={"units": "kPa", "frame": "poison"})
    if name == "outline":
        return {str(k): v for k, v in footprint.outline(p, x, a).data_vars.items()}
    return {
        "patches": lambda: footprint.in_patches(p, x, a),
        "arch": lambda: footprint.arch_index(p, x, a),
        "toes": lambda: footprint.toes(p, x, a),
        "regions": lambda: footprint.regions(x, 0.0, 0.08, 0.02),
    }[name]()


INSOLE_CASES = {
    "footprint.in_patches": (lambda: _footprint("patches"), {"result": ("1", "foot")}),
    "footprint.outline": (
        lambda: _footprint("outline"),
        dict.fromkeys(("heel", "length", "forefoot_width", "middle", "medial_border"), ("m", "foot")),
    ),
    "footprint.arch_index": (lambda: _footprint("arch"), {"result": ("1", "foot")}),
    "footprint.toes": (lambda: _footprint("toes"), {"result": ("1", "foot")}),
    "footprint.regions": (lambda: _footprint("regions"), {"result": ("1", "foot")}),
}


def _opensim() -> Any:
    """The tiny leg through OpenSim, its input under other names and frames."""
    osim = pytest.importorskip("opensim", reason="OpenSim is not installed")
    osim.Logger.setLevelString("off")
    osim.Logger.removeFileSink()
    with TemporaryDirectory() as folder:
        model = tiny_leg.write(osim, Path(folder) / "tiny.osim")
        still, loads = tiny_leg.still(Path(folder) / "q.mot"), tiny_leg.pressed(500.0, 0.04, 0.02)
        found = musculoskeletal.knee_reactions(model, still, loads, {"1": "calcn_r"}, "right", tiny_leg.TOTAL)
        return {str(k): v for k, v in found.data_vars.items()}


OPENSIM_CASES = {
    "musculoskeletal.knee_reactions": (
        _opensim,
        {
            "axial_force": ("N", "tibia"),
            "frontal_moment": ("N m", "tibia"),
            "muscle_force": ("N", None),
            "net_moment": ("N m", None),
            "reserve": ("1", None),
        },
    ),
}


def _insole_of_the_walker() -> dict[str, xr.DataArray]:
    made = insole.insole_samples(TIME, np.ones((2, 60)), np.full((2, 60, 2), 0.02), 0.2, "normal")
    return {str(k): v for k, v in made.data_vars.items()}


WALKER_CASES = {
    "insole.insole_samples": (
        _insole_of_the_walker, {"pressure": ("kPa", None), "area": ("m2", None), "position": ("m", "foot")}
    ),
}  # fmt: skip


def _kneecap() -> dict[str, xr.DataArray]:
    moment, angle = (
        poisoned(xr.DataArray([20.0, 30.0], dims="time", coords={"time": [0.0, 0.1]})).assign_attrs(units=units)
        for units in ("N m", "deg")
    )
    return {str(k): v for k, v in patellofemoral_load(moment, angle).data_vars.items()}


def _posture(name: str) -> Any:
    """Marker paths that hang together, an angle that changes, and one stride of them."""
    middle, across = poisoned(_plain("m")), xr.zeros_like(_plain("m")) + xr.DataArray([0.0, 0.0, 0.2], dims="axis")
    up = across.roll(axis=-1, roll_coords=False)
    left, right, back, high, low = (
        poisoned(p).assign_attrs(units="m")
        for p in (middle - across, middle + across, middle + 0.01 - across.roll(axis=1), middle + up, middle - up)
    )
    axes = xr.DataArray(np.broadcast_to(np.eye(3), (60, 3, 3)), dims=("time", "direction", "axis"))
    axes = poisoned(axes.assign_coords(time=TIME, axis=list(AXES)))
    made = {
        "aligned": lambda: posture.hip_knee_ankle_angle(high, middle.assign_attrs(units="m"), low, "left"),
        "angles": lambda: posture.joint_angles(axes, axes, "left"),
        "pelvis": lambda: posture.pelvis_axes(left, right, back),
        "lean": lambda: posture.trunk_lean(high, low, "left"),
    }[name]()
    return made if isinstance(made, xr.DataArray) else {str(k): v for k, v in made.data_vars.items()}


FRONTAL, JOINT = ("deg", "frontal plane"), ("deg", "joint coordinate system")
POSTURE_CASES = {
    "posture.hip_knee_ankle_angle": (lambda: _posture("aligned"), {"result": FRONTAL}),
    "posture.joint_angles": (lambda: _posture("angles"), dict.fromkeys(posture.ANGLES, JOINT)),
    "posture.pelvis_axes": (lambda: _posture("pelvis"), {"result": ("1", "lab")}),
    "posture.trunk_lean": (lambda: _posture("lean"), {"result": FRONTAL}),
}


@cache
def _short_walk() -> walker.Simulation:
    return walker.simulate(walker.Walker(), 4)


def _sensor(name: str) -> Any:
    signals = foot_sensor.foot_sensor(_short_walk(), "left")
    if name == "signals":
        return {str(k): v for k, v in signals.data_vars.items()}
    force, turning = (
        poisoned(signals[k]).assign_attrs(units=u) for k, u in (("acceleration", "m/s2"), ("angular_rate", "deg/s"))
    )
    return {str(k): v for k, v in foot_imu.foot_walk(force, turning, "left")[1].data_vars.items()}


SENSOR_CASES = {
    "foot_sensor.foot_sensor": (
        lambda: _sensor("signals"),
        {
            "acceleration": ("m/s2", "sensor"),
            "angular_rate": ("deg/s", "sensor"),
            "position": ("m", "lab"),
            "forward": ("1", "lab"),
        },
    ),
    "foot_imu.foot_walk": (
        lambda: _sensor("walk"),
        {"path": ("m", "where the foot first pointed"), "mounting": ("1", "sensor"), "offset": ("deg/s", "sensor")},
    ),
}


FORCES: dict[str, tuple[str, str | None]] = {"force": ("N", "lab"), "moment": ("N m", "lab")}


def _forces(found: tuple[xr.Dataset, Any, Any]) -> dict[str, xr.DataArray]:
    return {name: found[0][name] for name in FORCES}


CASES: dict[str, tuple[Callable[[], Any], dict[str, tuple[str, str | None]]]] = {
    **PRESSURE_CASES,
    **WALKER_CASES,
    **OPENSIM_CASES,
    **INSOLE_CASES,
    **CONTACT_CASES,
    **POSTURE_CASES,
    **SENSOR_CASES,
    "patellofemoral.patellofemoral_load": (_kneecap, {name: (units, None) for name, (units, _) in KNEECAP.items()}),
    "signals.fill_gaps": (lambda: signals.fill_gaps(_plain()), KEEPS),
    "signals.low_pass": (lambda: signals.low_pass(_plain()), KEEPS),
    "signals.resample": (lambda: signals.resample(_plain(), TIME[:5]), KEEPS),
    "signals.normalise_time": (lambda: signals.normalise_time(_plain(), [0.0], [0.5]), KEEPS),
    "foot.foot_progression_angle": (
        lambda: foot.foot_progression_angle(poisoned(_plain()), poisoned(_plain() + 1), "left"),
        {"result": ("deg", "direction of travel")},
    ),
    "foot.mean_over_stance": (
        lambda: foot.mean_over_stance(_plain("deg", "direction of travel").isel(axis=0, drop=True), [0.0], [0.5]),
        {"result": ("deg", "direction of travel")},
    ),
    "steps.local_direction": (
        lambda: steps.local_direction(poisoned(_plain("m")), window=0.3),
        {"result": ("1", "lab")},
    ),
    "skeleton.find": (
        lambda: skeleton.find(synthetic.markers(TIME), "L_heel"),
        {"result": ("m", "lab")},
    ),
    "skeleton.gather_leg": (lambda: _leg_parts(_gathered()), LEG),
    "skeleton.leg_from_markers": (
        lambda: _leg_parts(
            skeleton.leg_from_markers(
                poisoned(synthetic.markers(TIME)), synthetic.NAMES, "left", static=poisoned(synthetic.static_trial())
            )
        ),
        LEG,
    ),
    "knee.leg_loads": (
        lambda: {str(k): v for k, v in knee.leg_loads(*_leg(), "2", 70.0).data_vars.items()},
        {"force": ("N", "lab"), "moment": ("N m", "lab")},
    ),
    "skeleton.fit_labels": (
        lambda: skeleton.fit_labels(poisoned(synthetic.markers(TIME)), synthetic.NAMES)[0],
        {"result": ("m", "lab")},
    ),
    "plausibility.levelled": (lambda: _forces(plausibility.levelled(_wrench())), FORCES),
    "knee.knee_moments": (lambda: _knee("inverse dynamics"), MOMENTS),
    "knee.normalise_moment": (
        lambda: knee.normalise_moment(_plain("N m", "tibia"), 70.0, 1.7),
        {"result": ("%BW*Ht", "tibia")},
    ),
    "knee.decompose_moment_change": (
        _decomposed,
        dict.fromkeys(("contribution", "before", "after", "change"), ("N m", "tibia")),
    ),
}  # fmt: skip


def test_every_function_that_returns_an_array_has_a_case() -> None:
    returning = {
        name
        for name, function in PUBLIC.items()
        if re.search(r"DataArray|Dataset", str(inspect.signature(function).return_annotation))
    }
    assert returning == set(CASES)


@pytest.mark.parametrize("kept", [True, False], ids=["attributes kept", "attributes dropped by arithmetic"])
@pytest.mark.parametrize("name", CASES)
def test_returned_arrays_say_what_they_are(name: str, kept: bool) -> None:
    call, expected = CASES[name]
    with xr.set_options(keep_attrs=kept):
        found = call()
    arrays = found if isinstance(found, dict) else {"result": found}
    assert set(arrays) == set(expected)
    for key, (units, frame) in expected.items():
        attrs = arrays[key].attrs
        assert attrs["units"] == units, f"{key}: {attrs}"
        assert attrs.get("frame") == frame, f"{key}: {attrs}"
        assert attrs["long_name"] and not attrs["long_name"].startswith("poison"), f"{key}: {attrs}"
        assert frame is not None or "axis" not in arrays[key].dims


def test_the_lever_arm_also_says_what_it_is() -> None:
    found = _knee("lever arm")
    assert {k: (v.attrs["units"], v.attrs["frame"]) for k, v in found.items()} == MOMENTS


def test_errors_of_the_rooms_are_of_the_package() -> None:
    with pytest.raises(MarkerError, match=r"expected marker 'LXYZ' \(heel\), found 24 others: .*--markers"):
        skeleton.find(synthetic.markers(TIME).isel(marker=slice(0, 24)), "LXYZ", "heel")

"""Contact force: two contacts that press but never pull, three muscles, a regression, and what each refuses."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from gaitstudy.conventions import GRAVITY, GaitStudyError, UnitError, labelled
from gaitstudy.io.plates import wrench
from gaitstudy.load import contact
from gaitstudy.load.knee import knee_moments
from gaitstudy.load.skeleton import gather_leg
from tests import synthetic

UNITS = {
    "knee_adduction_moment": "N m", "knee_flexion_moment": "N m", "ankle_plantarflexion_moment": "N m",
    "hip_extension_moment": "N m", "axial_force": "N", "vertical_force": "N", "knee_flexion_angle": "deg",
}  # fmt: skip
FORCES = ("medial_contact_force", "lateral_contact_force", "total_contact_force")


def external(**values: float | list[float]) -> xr.Dataset:
    """Inputs of one or more instants; what is not named is zero."""
    n = max(np.size(v) for v in values.values())
    full = {name: np.broadcast_to(values.get(name, 0.0), n).astype(float) for name in UNITS}
    coords = {"time": np.arange(n) / 100}
    return xr.Dataset(
        {k: labelled(v, ("time",), units=UNITS[k], long_name=k, coords=coords) for k, v in full.items()},
        attrs={"side": "right"},
    )


def reactions(axial: float, moment: float, side: str = "right") -> xr.Dataset:
    sign = -1.0 if side == "right" else 1.0
    force, turning = np.array([[0.0, -axial, 0.0]]), np.array([[sign * moment, 0.0, 0.0]])
    return contact.joint_reactions(np.zeros(1), force, turning, side)


def forces(found: xr.Dataset) -> list[float]:
    return [float(found[name][0]) for name in (*FORCES, "leftover_moment")]


# ---- closed form: two contacts ----


def test_the_methods_sheets_knee() -> None:
    # F_y = 1750 N, M = 20 N m, d = 40 mm: medial 1375 N, lateral 375 N
    found = contact.two_condyle(reactions(1750.0, 20.0), condyle_distance=0.04)
    assert forces(found) == pytest.approx([1375.0, 375.0, 1750.0, 0.0])


def test_lift_off_of_the_lateral_side_by_hand() -> None:
    # N d/2 = 22.5 N m of 40: 17.5 N m are left, over 45 + 20 mm a tension of 269.23 N, which presses the medial side
    found = forces(contact.two_condyle(reactions(1000.0, 40.0)))
    assert found == pytest.approx([1269.2308, 0.0, 1269.2308, 17.5], abs=1e-4)


def test_lift_off_of_the_medial_side_is_its_mirror_image() -> None:
    found = forces(contact.two_condyle(reactions(1000.0, -40.0)))
    assert found == pytest.approx([0.0, 1269.2308, 1269.2308, -17.5], abs=1e-4)


@given(st.floats(-500, 5000), st.floats(-150, 150), st.floats(0.03, 0.06), st.floats(0.0, 0.04))
def test_contacts_never_pull_and_hold_the_balance(axial: float, moment: float, d: float, e: float) -> None:
    medial, lateral, leftover = (float(v) for v in contact._split_frontal(axial, moment, d, e))
    tension = leftover / (d + e)
    assert medial >= 0 and lateral >= 0
    assert medial + lateral - abs(tension) == pytest.approx(max(axial, 0.0), abs=1e-8)
    assert (medial - lateral) * d / 2 + tension * (d / 2 + e) == pytest.approx(moment, abs=1e-8)


def test_nothing_jumps_where_a_side_lifts_off() -> None:
    moment = 22.5 + np.array([-1e-9, 1e-9])
    medial, lateral, leftover = contact._split_frontal(np.full(2, 1000.0), moment, 0.045, 0.02)
    for values in (medial, lateral, leftover):
        assert abs(values[1] - values[0]) < 1e-5


# ---- closed form: three muscles ----


def test_the_quadriceps_arm_of_the_methods_sheet() -> None:
    assert contact.quadriceps_arm(np.array([0.0, 20, 30, 60, 90])) == pytest.approx(
        [0.04600, 0.04704, 0.04486, 0.03328, 0.02422], abs=5e-6
    )


def test_three_muscles_by_hand() -> None:
    # F_gas = .3 x 30/.048 = 187.5; F_ham = .2 x 12/.06 = 40; need = 10 + 3.75 + 1.28 = 15.03; F_quad = 15.03/.04486
    # = 335.04; N = 700 + 335.04 + 187.5 + 40 = 1262.54; medial = 631.27 + 20/.045
    inputs = external(
        knee_adduction_moment=20, knee_flexion_moment=10, ankle_plantarflexion_moment=30, hip_extension_moment=12,
        axial_force=700, knee_flexion_angle=30,
    )  # fmt: skip
    assert forces(contact.reduced(inputs)) == pytest.approx([1075.716, 186.827, 1262.543, 0.0], abs=0.01)


def test_hamstrings_take_over_where_the_knee_is_pushed_straight() -> None:
    # need = -20 + 1.28 = -18.72; F_ham = 40 + 18.72/.032 = 625; no quadriceps
    inputs = external(knee_flexion_moment=-20, hip_extension_moment=12, axial_force=700, knee_flexion_angle=5)
    assert forces(contact.reduced(inputs)) == pytest.approx([662.5, 662.5, 1325.0, 0.0])


def test_muscles_that_would_have_to_push_are_silent() -> None:
    inputs = external(ankle_plantarflexion_moment=-30, hip_extension_moment=-12, axial_force=700)
    assert forces(contact.reduced(inputs)) == pytest.approx([350.0, 350.0, 700.0, 0.0])


def test_no_hip_no_reduced_estimate() -> None:
    with pytest.raises(GaitStudyError, match="expected a hip moment, found no hip centre"):
        contact.reduced(external(hip_extension_moment=float("nan"), axial_force=700))


# ---- closed form: the regression ----


def test_the_regression_of_the_worked_example() -> None:
    # 75 kg, 1.75 m: 22 N m = 1.7092, 3 N m = .2331 %BW*Ht; .34 x 1.7092 + .13 x .2331 + .83 = 1.4414 BW
    weight = 75 * GRAVITY
    inputs = external(knee_adduction_moment=22, knee_flexion_moment=[3, -3], vertical_force=1.2 * weight)
    found = contact.lab_regression(inputs, 75.0, 1.75)["medial_contact_force"] / weight
    assert found.values == pytest.approx([1.44143, 1.44143], abs=2e-5)


def test_only_the_constant_fades_and_never_grows() -> None:
    weight = 75 * GRAVITY
    inputs = external(vertical_force=[-20, 0, 0.5 * weight, weight, 1.2 * weight])
    faded, flat = (contact.lab_regression(inputs, 75.0, 1.75, fade=f) for f in (True, False))
    assert faded["medial_contact_force"].values / weight == pytest.approx([0, 0, 0.415, 0.83, 0.83])
    assert flat["medial_contact_force"].values / weight == pytest.approx([0.83] * 5)


def test_what_the_regression_does_not_give_is_missing_and_what_it_cuts_is_counted() -> None:
    found = contact.lab_regression(external(knee_adduction_moment=[-30, 30]), 75.0, 1.75)
    assert found["medial_contact_force"].values[0] == 0 and found.attrs["below_zero"] == 1
    assert all(found[name].isnull().all() for name in (*FORCES[1:], "leftover_moment"))
    with pytest.raises(UnitError, match="height: expected"):
        contact.lab_regression(external(knee_adduction_moment=20), 75.0, 0.0)


# ---- closed form: inputs ----


def still_leg(side: str, n: int = 9) -> tuple[xr.Dataset, xr.Dataset]:
    """A leg standing straight, 800 N under a point 60 mm in front of and 20 mm medial to the ankle."""
    out = 1.0 if side == "right" else -1.0
    spots = [np.tile([0.0, y, 0.1 * out], (n, 1)) for y in (0.9, 0.48, 0.08)]
    foot = [np.tile([x, 0.02, 0.1 * out], (n, 1)) for x in (-0.06, 0.2)]
    axes = np.broadcast_to(np.eye(3), (n, 3, 3))
    points = dict(zip(("hip", "knee", "ankle", "heel", "toe"), (*spots, *foot), strict=True))
    leg = gather_leg(side, np.arange(n) / 100, points, {"shank": axes, "thigh": axes})
    force = np.broadcast_to([0.0, 800.0, 0.0], (n, 1, 3))
    cop = np.array([0.06, 0.0, 0.08 * out])
    return leg, wrench(np.arange(n) / 100, ["P"], force, np.cross(cop, force), np.zeros(1))


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_leg_that_stands_still(side: str) -> None:
    # de Leva's shares for a man of 70 kg: foot .959, shank 3.031 kg; foot's centre 44.15 % of 260 mm from the heel
    leg, loads = still_leg(side)
    found = contact.contact_inputs(leg, loads, "P", 70.0, sex="male").isel(time=4)
    foot, shank, ahead = 0.959 * GRAVITY, 3.031 * GRAVITY, 0.4415 * 0.26 - 0.06
    expected = {
        "axial_force": 800 - foot - shank, "vertical_force": 800.0, "knee_flexion_angle": 0.0,
        "knee_adduction_moment": 800 * 0.02, "knee_flexion_moment": -(800 * 0.06 - foot * ahead),
        "ankle_plantarflexion_moment": 800 * 0.06 - foot * ahead,
        "hip_extension_moment": 800 * 0.06 - foot * ahead,
    }  # fmt: skip
    assert {k: float(found[k]) for k in expected} == pytest.approx(expected, abs=1e-9)


def test_a_bent_knee_has_a_positive_angle() -> None:
    leg, loads = still_leg("right")
    bent = leg["axes"].copy()
    turn = synthetic.rotation("z", -np.radians(30))  # the ankle goes back
    bent.loc[{"segment": "shank"}] = turn.T
    found = contact.contact_inputs(leg.assign(axes=bent), loads, "P", 70.0)
    assert found["knee_flexion_angle"].values == pytest.approx(np.full(9, 30.0))


def test_knee_moments_are_those_of_inverse_dynamics() -> None:
    trial = synthetic.recording()
    leg = synthetic.leg_from_markers(trial.markers, synthetic.NAMES, "right", static=synthetic.static_trial())
    assert trial.loads is not None
    found = contact.contact_inputs(leg, trial.loads, "2", 70.0)
    moments = knee_moments(leg, trial.loads, "2", method="inverse dynamics", mass=70.0)
    for name in ("knee_adduction_moment", "knee_flexion_moment"):
        assert np.array_equal(found[name].values, moments[name].values, equal_nan=True)
    assert {str(k): v.attrs["units"] for k, v in found.data_vars.items()} == UNITS


# ---- what is refused ----


def test_two_contacts_refuse_loads_without_muscles() -> None:
    with pytest.raises(KeyError, match="frontal_moment"):
        contact.two_condyle(external(axial_force=700))


def test_every_missing_input_is_named() -> None:
    inputs = external(axial_force=700).drop_vars(["knee_adduction_moment", "knee_flexion_moment"])
    for estimator in (contact.reduced, partial(contact.lab_regression, mass=75.0, height=1.75)):
        with pytest.raises(KeyError, match="knee_adduction_moment"):
            estimator(inputs)


def test_moments_per_body_mass_are_refused() -> None:
    inputs = external(axial_force=700)
    inputs["knee_adduction_moment"].attrs["units"] = "N m/kg"
    with pytest.raises(UnitError, match=r"knee_adduction_moment: expected units 'N m', found 'N m/kg'"):
        contact.reduced(inputs)


# ---- invariance ----


def test_left_and_right_reactions_mirror_each_other() -> None:
    assert forces(contact.two_condyle(reactions(1700, 15, "left"))) == pytest.approx(
        forces(contact.two_condyle(reactions(1700, 15, "right")))
    )


def test_twice_the_person_has_twice_the_force() -> None:
    rng = np.random.default_rng(0)
    one = external(**{k: list(rng.uniform(0, 50, 20)) for k in UNITS if k != "knee_flexion_angle"})
    with xr.set_options(keep_attrs=True):
        two = (one * 2).assign(knee_flexion_angle=one["knee_flexion_angle"])
    for a, b in (
        (contact.reduced(one), contact.reduced(two)),
        (contact.lab_regression(one, 60.0, 1.7), contact.lab_regression(two, 120.0, 1.7)),
    ):
        assert b["medial_contact_force"].values == pytest.approx(2 * a["medial_contact_force"].values)


def test_inputs_over_trials_and_per_cents_give_what_each_gives_alone() -> None:
    one = external(knee_adduction_moment=[10, 20], hip_extension_moment=5, axial_force=700)
    both = xr.concat([one, one], "trial").transpose("trial", "time")
    assert contact.reduced(both)["medial_contact_force"].dims == ("trial", "time")
    assert contact.reduced(both)["medial_contact_force"].values[1] == pytest.approx(
        contact.reduced(one)["medial_contact_force"].values
    )


# ---- the constants ----


def test_constants_have_a_range_and_a_source_and_were_fixed_beforehand() -> None:
    table = contact.CONSTANTS
    assert table.index.is_unique and table[["unit", "meaning", "source"]].ne("").all(axis=None)
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    fixed = table.loc[["condyle_distance", "gastrocnemius_share", "hamstrings_share"], "value"]
    assert fixed.tolist() == [0.045, 0.30, 0.20]


def test_every_constant_of_an_estimator_moves_it_and_is_not_remembered() -> None:
    walking = external(
        knee_adduction_moment=40, knee_flexion_moment=[30, -30], ankle_plantarflexion_moment=40,
        hip_extension_moment=10, axial_force=700,
    )  # fmt: skip
    lifted = reactions(1000.0, 60.0)
    for estimator, inputs in ((contact.reduced, walking), (contact.two_condyle, lifted)):
        before, plain = inputs.copy(deep=True), estimator(inputs)
        own = contact.CONSTANTS[contact.CONSTANTS["estimators"].str.contains(estimator.__name__)]
        assert len(own) >= 2
        for constant in own.index:
            force = "medial_contact_force"
            low, high = (estimator(inputs, **{constant: own.loc[constant, end]}) for end in ("low", "high"))
            assert (low[force] != high[force]).any(), constant
        xr.testing.assert_identical(estimator(inputs), plain)
        xr.testing.assert_identical(inputs, before)
        with pytest.raises(TypeError, match="found hip_am"):
            estimator(inputs, hip_am=0.05)

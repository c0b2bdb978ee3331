"""Patellofemoral force and stress: the printed equations, their range, and the two forms that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.conventions import UnitError, labelled
from gaitstudy.load.contact import quadriceps_arm
from gaitstudy.load.patellofemoral import AREAS, QUANTITIES, patellofemoral_load

# flexion deg, ratio, arm m, force N at 50 N m, stress MPa by the quartic and by the cubic area
TABLE = [
    (0, 0.46200, 0.04600, 502.17, 6.195, 6.804),
    (20, 0.64996, 0.04704, 690.86, 4.008, 4.939),
    (30, 0.74299, 0.04486, 828.12, 3.890, 4.902),
    (60, 0.94653, 0.03328, 1422.07, 6.058, 6.100),
    (90, 0.98130, 0.02422, 2025.80, 10.378, 8.099),
]


def load(moment, flexion, form="quartic"):
    moment, flexion = np.atleast_1d(moment), np.atleast_1d(flexion)
    about = {"coords": {"time": np.arange(len(moment)) / 100.0}}
    return patellofemoral_load(
        labelled(moment, ("time",), units="N m", long_name="external knee flexion moment", **about),
        labelled(flexion, ("time",), units="deg", long_name="knee flexion", **about),
        form,
    )


# ---- closed form ----


@pytest.mark.parametrize(("x", "k", "arm", "force", "quartic", "cubic"), TABLE)
def test_every_number_of_the_equations(x, k, arm, force, quartic, cubic) -> None:
    assert float(quadriceps_arm(x)) == pytest.approx(arm, abs=5e-6)
    for form, stress in zip(AREAS, (quartic, cubic), strict=True):
        made = load(50.0, float(x), form)
        ratio = made["patellofemoral_force"] / made["quadriceps_force"]
        assert float(ratio[0]) == pytest.approx(k, abs=5e-6)
        assert float(made["patellofemoral_force"][0]) == pytest.approx(force, abs=5e-3)
        assert float(made["patellofemoral_stress"][0]) == pytest.approx(stress, abs=6e-4)
        assert float(made["contact_area"][0]) == pytest.approx(force / stress, rel=2e-4)


def test_the_area_is_a_possible_one() -> None:
    angles = [30.0, 60.0, 90.0]
    assert load(np.ones(3), angles)["contact_area"].values == pytest.approx([212.9, 234.7, 195.2], abs=0.05)
    x = np.linspace(0, 90, 91)
    for form in AREAS:
        area = load(np.ones(91), x, form)["contact_area"].values
        assert 70 < area.min() and area.max() < 300, "a kneecap's contact is some 1 to 3 cm2 in walking flexion"


def test_the_refused_forms_are_what_the_module_says() -> None:
    wrong_area = [2e-5 * x**4 + 0.0033 * x**3 + 0.1099 * x**2 + 3.5273 * x + 81.058 for x in (60, 90)]
    assert wrong_area == pytest.approx([1660, 5007], abs=0.6)
    mixed = 0.00008 * 30**3 - 0.013 * 30**2 + 0.28 * 30 + 0.046
    assert mixed == pytest.approx(-1.09, abs=0.005)
    with pytest.raises(KeyError, match="positive"):
        load(50.0, 30.0, "positive")


def test_the_arm_lies_near_what_was_measured_at_ten_degrees() -> None:
    """Effective arms in vivo reach 45.5 (women) and 47.1 mm (men) at 10 deg; the formula lies .5 mm above."""
    assert 1000 * float(quadriceps_arm(10.0)) == pytest.approx(47.58, abs=0.005)


# ---- invariance ----


def test_stress_is_proportional_to_the_moment_and_silent_in_extension() -> None:
    one, two = load([10.0, -10.0], [25.0, 25.0]), load([20.0, -20.0], [25.0, 25.0])
    assert float(two["patellofemoral_stress"][0]) == pytest.approx(2 * float(one["patellofemoral_stress"][0]))
    assert float(one["patellofemoral_force"][1]) == 0.0
    for name, (units, _) in QUANTITIES.items():
        assert one[name].attrs["units"] == units and one[name].attrs["long_name"]
        assert list(one[name]["time"].values) == [0.0, 0.01]


# ---- what it refuses or counts ----


def test_outside_the_range_is_missing() -> None:
    made = load([50.0, 50.0, 50.0, np.nan, 50.0], [-0.1, 90.1, 90.0, 20.0, np.nan])
    assert np.isnan(made["patellofemoral_stress"].values).tolist() == [True, True, False, True, True]
    assert np.isnan(made["quadriceps_force"].values).tolist() == [True, True, False, True, True]


def test_units_and_shapes_are_checked() -> None:
    angle = labelled([20.0], ("time",), units="deg", long_name="knee flexion")
    moment = labelled([20.0], ("time",), units="N m/kg", long_name="moment")
    with pytest.raises(UnitError, match="expected units 'N m', found 'N m/kg'"):
        patellofemoral_load(moment, angle)
    with pytest.raises(UnitError, match="expected units 'deg', found 'rad'"):
        patellofemoral_load(moment.assign_attrs(units="N m"), angle.assign_attrs(units="rad"))
    long = labelled([20.0, 30.0], ("time",), units="deg", long_name="knee flexion")
    with pytest.raises(ValueError, match="align"):
        patellofemoral_load(moment.assign_attrs(units="N m"), long)


def test_other_instants_are_refused() -> None:
    angle = labelled([20.0, 30.0], ("time",), units="deg", long_name="knee flexion", coords={"time": [5.0, 6.0]})
    moment = labelled([20.0, 30.0], ("time",), units="N m", long_name="moment", coords={"time": [0.0, 0.1]})
    with pytest.raises(ValueError, match="align"):
        patellofemoral_load(moment, angle)

"""What presses behind the kneecap: quadriceps force, patellofemoral force, contact area and stress by knee flexion.

The equations are those of public code that cites van Eijden (1986) and later users; the papers were not seen. Two forms
in circulation are refused and not offered. A contact area with ``+ .0033 x^3`` grows to 1,660 mm2 at 60 deg and 5,007
mm2 at 90 deg, more than a whole kneecap: its sign must be a slip, and with ``- .0033`` the curve is a possible one. The
lever arm as usually printed (``.00008 x^3 - .013 x^2 + .28 x + .046``) mixes millimetres with a constant in metres and
gives -1.09 at 30 deg; ``contact.quadriceps_arm`` has all four coefficients in metres.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gaitstudy.conventions import GaitStudyError, require_units, variable
from gaitstudy.load.contact import quadriceps_arm

RANGE = (0.0, 90.0)
"""deg; knee flexion outside which nothing here is defined."""
AREAS = ("quartic", "cubic")
"""The two forms of the contact area: ``quartic`` (the code's, sign of the cubic term mended) and ``cubic`` (that used
in the Kernozek group's studies). Neither paper was seen."""
QUANTITIES = {
    "quadriceps_force": ("N", "quadriceps force that balances the flexion moment alone"),
    "patellofemoral_force": ("N", "patellofemoral joint reaction force, compression positive"),
    "contact_area": ("mm2", "patellofemoral contact area"),
    "patellofemoral_stress": ("MPa", "mean patellofemoral contact stress"),
}


def _force_ratio(flexion: np.ndarray) -> np.ndarray:
    """Return patellofemoral joint reaction force over quadriceps force, by knee flexion, deg; no unit.

    Outside 0-90 deg it is NaN.

    References
    ----------
    van Eijden TMGJ et al. (1986) J Biomech 19:219, as public code cites it; the paper was not seen.

    Examples
    --------
    >>> [round(float(v), 5) for v in _force_ratio(np.array([0.0, 30.0, 60.0, 91.0]))]
    [0.462, 0.74299, 0.94653, nan]
    """
    x = _within(flexion)
    return (0.462 + 1.47e-3 * x - 3.84e-5 * x**2) / (1 - 1.62e-2 * x + 1.55e-4 * x**2 - 6.98e-7 * x**3)


def _contact_area(flexion: np.ndarray, form: str = "quartic") -> np.ndarray:
    """Return the patellofemoral contact area, mm2, by knee flexion, deg.

    Outside 0-90 deg it is NaN.

    Parameters
    ----------
    form : one of ``AREAS``; they part by 26 % at 30 deg and by 22 % at 90 deg, the other way round.

    Raises
    ------
    GaitStudyError : another form; the one with ``+ .0033`` is impossible (see the module) and not offered.

    References
    ----------
    ``quartic``: public code that cites Nunes (2018) and Doyle (2023), its cubic coefficient's sign changed here;
    ``cubic``: public code, after the Kernozek group. None of the papers was seen.

    Examples
    --------
    >>> [round(float(_contact_area(30.0, form)), 1) for form in AREAS]
    [212.9, 168.9]
    """
    x = _within(flexion)
    if form == "quartic":
        return 2e-5 * x**4 - 0.0033 * x**3 + 0.1099 * x**2 + 3.5273 * x + 81.058
    if form == "cubic":
        return -1e-4 * x**3 - 8.2e-3 * x**2 + 3.5071 * x + 73.81
    raise GaitStudyError(
        f"contact area: expected the form {' or '.join(AREAS)}, found {form!r}. The form with a positive cubic term is "
        "not offered: it gives 5,007 mm2 at 90 deg, more than a kneecap has."
    )


def patellofemoral_load(moment: xr.DataArray, flexion: xr.DataArray, form: str = "quartic") -> xr.Dataset:
    """Return quadriceps force, patellofemoral force, contact area and stress from the knee's moment and angle.

    The quadriceps alone balances the external flexion moment. Co-contraction would add to it, so this is a lower bound;
    where the moment extends the knee (negative) the quadriceps is taken to be silent and the force is zero.

    Parameters
    ----------
    moment : N m, external knee flexion moment, flexion positive. flexion : deg, knee flexion, of the same shape.
    form : of the contact area, one of ``AREAS``.

    Returns
    -------
    Dataset of ``QUANTITIES`` over the dimensions given: N, N, mm2, MPa (N / mm2). Where flexion is outside 0-90 deg, or
    moment or flexion is missing, all are NaN.

    Raises
    ------
    UnitError : a moment not in N m or an angle not in deg.
    GaitStudyError : another form of area, arrays of different dimensions. AlignmentError : other instants.

    Examples
    --------
    >>> moment = xr.DataArray([50.0], dims="time", attrs={"units": "N m"})
    >>> angle = xr.DataArray([60.0], dims="time", attrs={"units": "deg"})
    >>> round(float(patellofemoral_load(moment, angle)["patellofemoral_force"][0]), 2)
    1422.07
    """
    require_units(moment, "N m", "moment")
    require_units(flexion, "deg", "flexion")
    if moment.dims != flexion.dims:
        raise GaitStudyError(
            f"patellofemoral load: expected moment and flexion over the same dimensions, found {moment.dims} and "
            f"{flexion.dims}."
        )
    moment, flexion = xr.align(moment, flexion, join="exact")
    known = np.where(np.isnan(moment.values), np.nan, _within(flexion.values))
    quadriceps = np.where(np.isnan(known), np.nan, np.maximum(moment.values, 0.0)) / quadriceps_arm(known)
    force, area = _force_ratio(known) * quadriceps, _contact_area(known, form)
    values = zip(QUANTITIES.items(), (quadriceps, force, area, force / area), strict=True)
    return xr.Dataset(
        {
            name: variable(curve, tuple(map(str, moment.dims)), units=units, long_name=label)
            for (name, (units, label)), curve in values
        },
        {name: coordinate for name, coordinate in moment.coords.items() if coordinate.dims},
    )


def _within(flexion: np.ndarray) -> np.ndarray:
    """Knee flexion as an array of floats, NaN outside ``RANGE``."""
    x = np.asarray(flexion, float)
    return np.where((x >= RANGE[0]) & (x <= RANGE[1]), x, np.nan)

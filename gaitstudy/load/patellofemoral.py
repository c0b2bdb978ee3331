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

from gaitstudy.conventions import require_units
from gaitstudy.load.contact import quadriceps_arm

RANGE = (0.0, 90.0)
"""deg; knee flexion outside which nothing here is defined."""
AREAS = {
    "quartic": (2e-5, -0.0033, 0.1099, 3.5273, 81.058),
    "cubic": (-1e-4, -8.2e-3, 3.5071, 73.81),
}
"""Coefficients of the two forms of the contact area, mm2 by deg, highest power first; they part by 26 % at 30 deg and
by 22 % at 90 deg, the other way round. ``quartic``: public code that cites Nunes (2018) and Doyle (2023), its cubic
coefficient's sign changed here; ``cubic``: public code, after the Kernozek group. None of the papers was seen."""
QUANTITIES = {
    "quadriceps_force": ("N", "quadriceps force that balances the flexion moment alone"),
    "patellofemoral_force": ("N", "patellofemoral joint reaction force, compression positive"),
    "contact_area": ("mm2", "patellofemoral contact area"),
    "patellofemoral_stress": ("MPa", "mean patellofemoral contact stress"),
}


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
    UnitError : a moment not in N m or an angle not in deg. KeyError : another form of area. ValueError : other
        instants.

    References
    ----------
    van Eijden TMGJ et al. (1986) J Biomech 19:219, as public code cites it (the ratio of patellofemoral to quadriceps
    force, and its lever arm); the paper was not seen. For the areas see ``AREAS``.

    Examples
    --------
    >>> moment = xr.DataArray([50.0], dims="time", attrs={"units": "N m"})
    >>> angle = xr.DataArray([60.0], dims="time", attrs={"units": "deg"})
    >>> round(float(patellofemoral_load(moment, angle)["patellofemoral_force"][0]), 2)
    1422.07
    """
    require_units(moment, "N m", "moment")
    require_units(flexion, "deg", "flexion")
    moment, flexion = xr.align(moment, flexion, join="exact")
    x = flexion.where((flexion >= RANGE[0]) & (flexion <= RANGE[1]) & moment.notnull())
    quadriceps = moment.clip(min=0.0) / quadriceps_arm(x)
    ratio = (0.462 + 1.47e-3 * x - 3.84e-5 * x**2) / (1 - 1.62e-2 * x + 1.55e-4 * x**2 - 6.98e-7 * x**3)
    force, area = ratio * quadriceps, x.copy(data=np.polyval(AREAS[form], x.values))
    result = xr.Dataset(dict(zip(QUANTITIES, (quadriceps, force, area, force / area), strict=True)))
    for name, (units, text) in QUANTITIES.items():
        result[name].attrs = {"units": units, "long_name": text}
    return result

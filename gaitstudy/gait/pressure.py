"""Pressure under the foot: force, where it acts in the foot, how much of it is medial, peaks and sums over time.

Every position is (along, across): from heel to toe, and across with medial positive on both sides. A sensor of area 0
is none; a sample with NaN in any other sensor has NaN as its result, and one below ``MINIMUM_FORCE`` has no place.
Wrong dimensions raise ``DimensionError`` and wrong units ``UnitError`` in every function.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.optimize import nnls

from gaitstudy.conventions import GaitStudyError, SignalError, labelled, require_dims, require_units, variable

MINIMUM_FORCE = 30.0
"""N; below it there is no contact (the threshold of ``conventions``), and neither a place nor a share of the force."""
TRISECTION = 0.667
"""Of foot length from the heel: the anterior trisection at which the excursion is measured."""


def total_force(pressure: xr.DataArray, area: xr.DataArray) -> xr.DataArray:
    """Return the force that pressures on sensors add up to.

    Parameters
    ----------
    pressure : kPa, (..., time, sensor).
    area : m2, (..., sensor).

    Returns
    -------
    N, (..., time); compression positive.

    Raises
    ------
    SignalError : an area is unknown or negative.

    References
    ----------
    General knowledge.
    """
    nothing = xr.zeros_like(area).expand_dims("foot_axis", -1)
    return _sums(pressure, area, nothing)[..., 0].assign_attrs(units="N", long_name="total force on the insole")


def centre_of_pressure_in_foot(pressure: xr.DataArray, position: xr.DataArray, area: xr.DataArray) -> xr.DataArray:
    """Return the centre of pressure in the foot: sensor positions averaged with the force on each as weight.

    Parameters
    ----------
    pressure : kPa, (..., time, sensor).
    position : (..., sensor, foot_axis), in m or as a fraction of insole length and width (units "1").
    area : m2, (..., sensor); a constant for equal sensors.

    Returns
    -------
    (..., time, foot_axis) in the units of ``position``; from heel to toe, medial positive.

    Raises
    ------
    SignalError : an area or a position is unknown.

    References
    ----------
    General knowledge.
    """
    cop = _means(pressure, area, require_dims(position, ("sensor", "foot_axis"), "position"))
    units, text = position.attrs.get("units", "1"), "centre of pressure, medial positive"
    return cop.assign_coords(foot_axis=["along", "across"]).assign_attrs(units=units, long_name=text, frame="foot")


def medial_share(
    pressure: xr.DataArray, position: xr.DataArray, area: xr.DataArray, middle: float = 0.0
) -> xr.DataArray:
    """Return the share of the total force that acts medial to a line along the foot.

    Parameters
    ----------
    pressure, position, area : as for ``centre_of_pressure_in_foot``.
    middle : where the line is, in the units of ``position``; a sensor exactly on it counts half.

    Returns
    -------
    0-1, (..., time); 1 is all medial. The ratio medial to lateral is share / (1 - share).

    Raises
    ------
    SignalError : an area or a position is unknown.

    References
    ----------
    This project's own definition.
    """
    across = require_dims(position, ("sensor", "foot_axis"), "position").isel(foot_axis=1)
    medial = xr.where(across > middle, 1.0, xr.where(across == middle, 0.5, 0.0)).where(across.notnull())
    share = _means(pressure, area, medial.expand_dims("foot_axis", -1))[..., 0]
    return share.assign_attrs(units="1", long_name="medial share of the total force", frame="foot")


def centre_of_pressure_excursion_index(cop: xr.DataArray, outline: xr.Dataset) -> xr.DataArray:
    """Return the CPEI: how far the centre of pressure bows out at the anterior trisection, in % of forefoot width.

    The excursion is the distance, perpendicular to the medial border, between the curve (where it first passes .667
    of foot length) and the straight line between its ends.

    Parameters
    ----------
    cop : m, (time, foot_axis) in the foot, one stance; NaN left out.
    outline : of ``gait.footprint.outline``: ``heel, length, forefoot_width`` m and ``medial_border`` m, (end,
        foot_axis), rear and front.

    Returns
    -------
    %, a scalar; positive where the curve is lateral of its chord, NaN if it does not pass that line.

    References
    ----------
    Definition as coded in the R package pressuRe (function ``cpei``).
    """
    path = require_units(require_dims(cop, ("time", "foot_axis"), "cop"), "m", "cop").values
    border = np.diff(require_dims(outline["medial_border"], ("end", "foot_axis"), "medial border").values, axis=0)[0]
    x, y = border / np.linalg.norm(border)
    path = path[np.isfinite(path).all(1)] @ np.array([[x, -y], [y, x]])
    level, index = float(outline["heel"] + TRISECTION * outline["length"]), np.nan
    passed = np.flatnonzero((path[:-1, 0] < level) & (path[1:, 0] >= level))
    if len(passed) and path[-1, 0] > path[0, 0]:
        before, after = path[passed[0]], path[passed[0] + 1]
        curve = before[1] + (after - before)[1] * (level - before[0]) / (after - before)[0]
        chord = path[0, 1] + (path[-1] - path[0])[1] * (level - path[0, 0]) / (path[-1] - path[0])[0]
        index = 100 * (chord - curve) / float(outline["forefoot_width"])
    text = "centre of pressure excursion index, lateral positive"
    return labelled(index, (), units="%", long_name=text, frame="foot")


def implied_layout(pressure: xr.DataArray, force: xr.DataArray, cop: xr.DataArray) -> xr.Dataset:
    """Return the sensor areas and places that a vendor's own force and centre of pressure imply, for one side.

    Least squares with areas not negative: force is the sum of pressure times area, force times centre that of the
    sensors' forces times places.

    Parameters
    ----------
    pressure : kPa, (time, sensor).
    force : N, (time,), by the vendor.
    cop : (time, foot_axis), by the vendor, in m or as a fraction of insole length and width (units "1").

    Returns
    -------
    Dataset ``area`` m2, (sensor,), and ``position`` (sensor, foot_axis) in the units of ``cop``.

    Raises
    ------
    GaitStudyError : too few samples to tell the sensors apart.

    References
    ----------
    This project's own least squares.
    """
    p = 1e3 * require_units(require_dims(pressure, ("time", "sensor"), "pressure"), "kPa", "pressure").values
    f = require_units(require_dims(force, ("time",), "force"), "N", "force").values
    c = require_dims(cop, ("time", "foot_axis"), "cop").values
    whole = np.isfinite(p).all(1) & np.isfinite(f)
    placed = whole & np.isfinite(c).all(1) & (f >= MINIMUM_FORCE)
    area = nnls(p[whole], f[whole])[0] if whole.any() else np.zeros(p.shape[1])
    load = p[placed] * area
    if len(load) < len(area) or np.linalg.matrix_rank(load / np.where(area > 0, area, 1)) < len(area) or not area.all():
        raise GaitStudyError(
            f"pressure: expected each of {len(area)} sensors loaded in its own way and bearing on the force, found "
            f"{len(load)} samples that do not tell them apart. Use a longer walk."
        )
    place = np.linalg.lstsq(load, f[placed, None] * c[placed], rcond=None)[0]
    units, text = cop.attrs.get("units", "1"), "implied by the vendor's columns"
    made = xr.Dataset(coords={"sensor": pressure["sensor"], "foot_axis": ["along", "across"]})
    made["area"] = variable(area, ("sensor",), units="m2", long_name=f"area {text}")
    made["position"] = variable(place, ("sensor", "foot_axis"), units=units, long_name=f"place {text}", frame="foot")
    return made


def _means(pressure: xr.DataArray, area: xr.DataArray, factors: xr.DataArray) -> xr.DataArray:
    """Return means of factors (..., sensor, foot_axis), weighted with the forces; NaN below ``MINIMUM_FORCE``."""
    sums = _sums(pressure, area, factors)
    force = sums[..., 0]
    return (sums[..., 1:] / force.where(force >= MINIMUM_FORCE)).rename({"sum": "foot_axis"})


def _sums(pressure: xr.DataArray, area: xr.DataArray, factors: xr.DataArray) -> xr.DataArray:
    """Return the total force (N) and the sums of force times each factor, (..., time, sum), in one matrix product."""
    pressure = require_units(require_dims(pressure, ("time", "sensor"), "pressure"), "kPa", "pressure")
    cells = require_units(require_dims(area, ("sensor",), "area"), "m2", "area")
    exists = cells != 0
    factors = factors.rename(foot_axis="sum").drop_vars("sum", errors="ignore").where(exists, 0.0)
    one = xr.ones_like(factors[..., :1])
    weights = 1e3 * cells * xr.concat([one, factors], "sum")
    if wrong := int((~np.isfinite(weights)).sum() + (cells < 0).sum()):
        raise SignalError(
            f"area, position: expected them known and areas not negative, found {wrong} unknown or negative. "
            "Give the sensors' layout as arrays; the file may not hold it."
        )
    if not exists.all():  # what a cell outside the sheet holds is not missing
        pressure = pressure.where(exists, 0.0)
    return xr.apply_ufunc(
        np.matmul, pressure, weights, join="exact", keep_attrs=False,
        input_core_dims=[["time", "sensor"], ["sensor", "sum"]], output_core_dims=[["time", "sum"]],
    )  # fmt: skip

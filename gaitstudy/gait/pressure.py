"""Pressure under the foot: force, where it acts in the foot, how much of it is medial, peaks and sums over time.

Every position is (along, across): from heel to toe, and across with medial positive on both sides. A sensor of area 0
is none; a sample with NaN in any other sensor has NaN as its result, and one below ``MINIMUM_FORCE`` has no place.
Wrong dimensions raise ``DimensionError`` and wrong units ``UnitError`` in every function.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.optimize import nnls

from gaitstudy.conventions import GaitStudyError, SignalError, labelled, require_dims, require_units

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
    """
    return _set(_sums(pressure, area)[..., 0], "N", "total force on the insole")


def centre_of_pressure_in_foot(
    pressure: xr.DataArray, position: xr.DataArray, area: xr.DataArray, minimum: float = MINIMUM_FORCE
) -> xr.DataArray:
    """Return the centre of pressure in the foot: sensor positions averaged with the force on each as weight.

    Parameters
    ----------
    pressure : kPa, (..., time, sensor).
    position : (..., sensor, foot_axis), in m or as a fraction of insole length and width (units "1").
    area : m2, (..., sensor); a constant for equal sensors.
    minimum : N; below this total force the result is NaN.

    Returns
    -------
    (..., time, foot_axis) in the units of ``position``; from heel to toe, medial positive.

    Raises
    ------
    SignalError : an area or a position is unknown.
    """
    sums = _sums(pressure, area, require_dims(position, ("sensor", "foot_axis"), "position"))
    force = sums[..., 0]
    cop = sums[..., 1:] / force.where(force >= max(minimum, np.finfo(float).tiny))
    cop = cop.rename({"sum": "foot_axis"}).assign_coords(foot_axis=["along", "across"])
    return _set(cop, position.attrs.get("units", "1"), "centre of pressure, medial positive", "foot")


def medial_share(
    pressure: xr.DataArray,
    position: xr.DataArray,
    area: xr.DataArray,
    middle: float = 0.0,
    minimum: float = MINIMUM_FORCE,
) -> xr.DataArray:
    """Return the share of the total force that acts medial to a line along the foot.

    Parameters
    ----------
    pressure, position, area : as for ``centre_of_pressure_in_foot``.
    middle : where the line is, in the units of ``position``; a sensor exactly on it counts half.
    minimum : N; below this total force the result is NaN.

    Returns
    -------
    0-1, (..., time); 1 is all medial. The ratio medial to lateral is share / (1 - share).

    Raises
    ------
    SignalError : an area or a position is unknown.
    """
    across = require_dims(position, ("sensor", "foot_axis"), "position").isel(foot_axis=1)
    medial = xr.where(across > middle, 1.0, xr.where(across == middle, 0.5, 0.0)).where(across.notnull())
    sums = _sums(pressure, area, medial.expand_dims("foot_axis", -1))
    force = sums[..., 0]
    share = sums[..., 1] / force.where(force >= max(minimum, np.finfo(float).tiny))
    return _set(share, "1", "medial share of the total force", "foot")


def centre_of_pressure_excursion_index(
    cop: xr.DataArray,
    foot_length: float,
    forefoot_width: float,
    heel: float = 0.0,
    medial_border: np.ndarray | None = None,
) -> xr.DataArray:
    """Return the CPEI: how far the centre of pressure bows out at the anterior trisection, in % of forefoot width.

    The excursion is the distance, perpendicular to the medial border, between the curve (where it first passes .667
    of foot length) and the straight line between its ends.

    Parameters
    ----------
    cop : m, (time, foot_axis) in the foot, one stance; NaN left out.
    foot_length, forefoot_width : m.
    heel : m, where the heel ends along the border's direction, in the axes of ``cop``.
    medial_border : m, two points (2, foot_axis), rear and front; default: the border runs along the foot's axis.

    Returns
    -------
    %, a scalar; positive where the curve is lateral of its chord, NaN if it does not pass that line.

    Raises
    ------
    SignalError : a length that is not positive.

    References
    ----------
    Definition as coded in the R package pressuRe (function ``cpei``).
    """
    if not (foot_length > 0 and forefoot_width > 0):
        raise SignalError(f"foot: expected positive sizes, found {foot_length:g} and {forefoot_width:g} m. Give m.")
    path = require_units(require_dims(cop, ("time", "foot_axis"), "cop"), "m", "cop").values
    path = path[np.isfinite(path).all(1)]
    if medial_border is not None:
        along = np.diff(np.asarray(medial_border, float), axis=0)[0]
        if not np.linalg.norm(along) > 0:
            raise SignalError("medial_border: expected two different points, found one. Give rear and front.")
        x, y = along / np.linalg.norm(along)
        path = path @ np.array([[x, -y], [y, x]])
    level, index = heel + TRISECTION * foot_length, np.nan
    passed = np.flatnonzero((path[:-1, 0] < level) & (path[1:, 0] >= level))
    if len(passed) and path[-1, 0] > path[0, 0]:
        before, after = path[passed[0]], path[passed[0] + 1]
        curve = before[1] + (after - before)[1] * (level - before[0]) / (after - before)[0]
        chord = path[0, 1] + (path[-1] - path[0])[1] * (level - path[0, 0]) / (path[-1] - path[0])[0]
        index = 100 * (chord - curve) / forefoot_width
    return labelled(
        index, (), units="%", long_name="centre of pressure excursion index, lateral positive", frame="foot"
    )


def regional_peaks(pressure: xr.DataArray, regions: xr.DataArray) -> xr.DataArray:
    """Return the largest pressure anywhere in each region at any time, NaN left out.

    Parameters
    ----------
    pressure : kPa, (..., time, sensor), with times in s.
    regions : True where a sensor belongs to a region, (..., region, sensor).

    Returns
    -------
    kPa, (..., region).
    """
    peak = require_units(require_dims(pressure, ("time", "sensor"), "pressure"), "kPa", "pressure").max("time")
    mask = require_dims(regions, ("region", "sensor"), "regions").astype(bool)
    return _set(peak.where(mask).max("sensor"), "kPa", "peak pressure of the region")


def pressure_time_integral(pressure: xr.DataArray, regions: xr.DataArray | None = None) -> xr.DataArray:
    """Return the integral of pressure over time, of each sensor or of each region's largest pressure at every instant.

    Parameters
    ----------
    pressure : kPa, (..., time, sensor), with times in s.
    regions : True where a sensor belongs to a region, (..., region, sensor).

    Returns
    -------
    kPa s, (..., sensor) or (..., region), by the trapezoidal rule; NaN where an instant is missing.
    """
    found = require_units(require_dims(pressure, ("time", "sensor"), "pressure"), "kPa", "pressure")
    if regions is not None:
        masks = require_dims(regions, ("region", "sensor"), "regions").astype(bool)
        each = [found.where(masks.isel(region=k, drop=True)).max("sensor") for k in range(masks.sizes["region"])]
        found = xr.concat(each, masks["region"])
    return _set(found.integrate("time"), "kPa s", "pressure-time integral")


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
    Dataset ``area`` m2, (sensor,), and ``position`` (sensor, foot_axis) in the units of ``cop``; the area's attribute
    ``residual`` is the root mean square of the force not explained, N.

    Raises
    ------
    GaitStudyError : too few samples to tell the sensors apart.
    """
    p = 1e3 * require_units(require_dims(pressure, ("time", "sensor"), "pressure"), "kPa", "pressure").values
    f = require_units(require_dims(force, ("time",), "force"), "N", "force").values
    c = require_dims(cop, ("time", "foot_axis"), "cop").values
    whole = np.isfinite(p).all(1) & np.isfinite(f)
    placed = whole & np.isfinite(c).all(1) & (f >= MINIMUM_FORCE)
    area, left = nnls(p[whole], f[whole]) if whole.any() else (np.zeros(p.shape[1]), 0.0)
    load = p[placed] * area
    if len(load) < len(area) or np.linalg.matrix_rank(load / np.where(area > 0, area, 1)) < len(area) or not area.all():
        raise GaitStudyError(
            f"pressure: expected each of {len(area)} sensors loaded in its own way and bearing on the force, found "
            f"{len(load)} samples that do not tell them apart. Use a longer walk."
        )
    place = np.linalg.lstsq(load, f[placed, None] * c[placed], rcond=None)[0]
    units, text = cop.attrs.get("units", "1"), "implied by the vendor's columns"
    made = xr.Dataset()
    made["area"] = labelled(area, ("sensor",), units="m2", long_name=f"area {text}")
    made["position"] = labelled(place, ("sensor", "foot_axis"), units=units, long_name=f"place {text}", frame="foot")
    made["area"].attrs["residual"] = float(left / np.sqrt(whole.sum()))
    return made.assign_coords({"foot_axis": ["along", "across"], "sensor": pressure["sensor"]})


def _set(array: xr.DataArray, units: str, text: str, frame: str | None = None) -> xr.DataArray:
    array.attrs = {"units": units, "long_name": text} | ({"frame": frame} if frame else {})
    return array


def _sums(pressure: xr.DataArray, area: xr.DataArray, factors: xr.DataArray | None = None) -> xr.DataArray:
    """Return the total force (N) and the sums of force times each factor, (..., time, sum), in one matrix product."""
    pressure = require_units(require_dims(pressure, ("time", "sensor"), "pressure"), "kPa", "pressure")
    cells = require_units(require_dims(area, ("sensor",), "area"), "m2", "area")
    weights = cells.expand_dims("sum", -1)
    if factors is not None:
        more = (cells * factors.rename(foot_axis="sum").drop_vars("sum", errors="ignore")).where(cells != 0, 0.0)
        weights = xr.concat([weights, more], "sum").transpose(..., "sensor", "sum")
    weights = 1e3 * weights
    if wrong := int((~np.isfinite(weights.values)).sum() + (cells.values < 0).sum()):
        raise SignalError(
            f"area, position: expected them known and areas not negative, found {wrong} unknown or negative. "
            "Give the sensors' layout (io.insoles.with_layout); the file may not hold it."
        )
    return xr.apply_ufunc(
        _product, pressure, weights, join="exact",
        input_core_dims=[["time", "sensor"], ["sensor", "sum"]], output_core_dims=[["time", "sum"]],
    )  # fmt: skip


def _product(p: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Multiply stacks of matrices; sensors of area 0 (column 0) are left out, whatever they hold."""
    exists = w[..., 0] != 0
    if exists.all():
        return np.matmul(p, w)
    lead = np.broadcast_shapes(p.shape[:-2], w.shape[:-2])
    p, w = np.broadcast_to(p, lead + p.shape[-2:]), np.broadcast_to(w, lead + w.shape[-2:])
    out = np.empty((*p.shape[:-1], w.shape[-1]))
    for k in np.ndindex(lead):
        some = w[k][:, 0] != 0
        out[k] = p[k][:, some] @ w[k][some]
    return out

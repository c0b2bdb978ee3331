"""The footprint: which cells of a grid belong to it, its length, width, medial border, arch index and regions."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import ndimage

from gaitstudy.conventions import SignalError, labelled, require_dims, require_units
from gaitstudy.gait.pressure import TRISECTION

REGIONS = tuple(f"{across} {along}" for along in ("heel", "midfoot", "forefoot") for across in ("medial", "lateral"))
"""Thirds of the foot's length, each in halves."""


def in_patches(
    footprint: xr.DataArray, position: xr.DataArray, area: xr.DataArray, threshold: float = 0.0
) -> xr.DataArray:
    """Return which sensors of a grid are loaded together with their neighbours, two by two at least.

    A foot presses on patches; a loaded line one cell wide is a faulty row or column of the sheet, or a crease.

    Parameters
    ----------
    footprint : kPa, (sensor,): for example the largest pressure of each sensor in a walk.
    position, area : m, (sensor, foot_axis), and m2, (sensor,), of a regular grid.
    threshold : kPa; a sensor is loaded above it.

    Returns
    -------
    True or False, (sensor,), unit "1"; ``attrs["left_out"]`` counts loaded sensors that are in no such square.

    Raises
    ------
    SignalError : the sensors do not lie on a grid.
    """
    loaded = _loaded(footprint, area, threshold)
    place = require_units(require_dims(position, ("sensor", "foot_axis"), "position"), "m", "position").values
    cell = _pitch(place, loaded | (area.values != 0))
    index = np.rint((place - np.nanmin(place, axis=0)) / cell).astype(int)
    grid = np.zeros(index.max(0) + 1, bool)
    grid[tuple(index[loaded].T)] = True
    inside = ndimage.binary_opening(grid, np.ones((2, 2), bool))[tuple(index.T)] & loaded
    result = labelled(inside, ("sensor",), units="1", long_name="sensor belongs to a patch", frame="foot")
    result.attrs["left_out"] = int((loaded & ~inside).sum())
    return result


def outline(footprint: xr.DataArray, position: xr.DataArray, area: xr.DataArray, threshold: float = 0.0) -> xr.Dataset:
    """Return where a footprint ends: heel, length, width of the forefoot, and its medial border.

    Parameters
    ----------
    footprint, position, area, threshold : kPa, m, m2, kPa, as for ``in_patches``; sensors are taken as squares. Give
        pressure 0 to sensors that do not belong to the foot.

    Returns
    -------
    Dataset ``heel`` m, from the origin of ``position``; ``length`` m; ``forefoot_width`` m, at .667 of the length;
    ``middle`` m, across, half-way between the borders there; ``medial_border`` m, (end, foot_axis): the two points,
    rear and front, that a straight edge laid against the medial side touches on either side of half the length.

    Raises
    ------
    SignalError : fewer than three loaded sensors, or none at .667 of the length.
    """
    loaded = _loaded(footprint, area, threshold)
    place = require_units(require_dims(position, ("sensor", "foot_axis"), "position"), "m", "position").values[loaded]
    half = np.sqrt(area.values[loaded]) / 2
    if len(place) < 3:
        raise SignalError(f"footprint: expected at least 3 loaded sensors, found {len(place)}. Lower the threshold.")
    heel, front = (place[:, 0] - half).min(), (place[:, 0] + half).max()
    level = heel + TRISECTION * (front - heel)
    here = np.abs(place[:, 0] - level) <= half * (1 + 1e-9)
    if not here.any():
        raise SignalError(f"footprint: expected loaded sensors at {level:.3f} m, found none. Lower the threshold.")
    medial, lateral = (place[here, 1] + half[here]).max(), (place[here, 1] - half[here]).min()
    corners = np.concatenate([place + half[:, None] * np.array([x, 1.0]) for x in (-1, 1)])
    border = _edge(corners[np.argsort(corners[:, 0], kind="stable")], (heel + front) / 2)
    made = xr.Dataset()
    for name, value, text in (
        ("heel", heel, "rear end of the footprint"),
        ("length", front - heel, "length of the footprint"),
        ("forefoot_width", medial - lateral, "width of the footprint at .667 of its length"),
        ("middle", (medial + lateral) / 2, "half-way between the borders at .667 of the length"),
    ):
        made[name] = labelled(value, (), units="m", long_name=text, frame="foot")
    made["medial_border"] = labelled(
        border, ("end", "foot_axis"), units="m", long_name="medial border, rear and front", frame="foot",
        coords={"end": ["rear", "front"], "foot_axis": ["along", "across"]},
    )  # fmt: skip
    return made


def arch_index(
    footprint: xr.DataArray,
    position: xr.DataArray,
    area: xr.DataArray,
    toes: xr.DataArray | None = None,
    threshold: float = 0.0,
) -> xr.DataArray:
    """Return the arch index: the middle third's share of the contact area, toes left out.

    Parameters
    ----------
    footprint : kPa, (sensor,): for example the largest pressure of each sensor in a step.
    position, area : m, (sensor, foot_axis), and m2, (sensor,); the long axis is heel to second toe.
    toes : True at sensors under the toes, (sensor,).
    threshold : kPa; contact is above it. The foot ends at the outer edges of the outermost sensors in contact, each
        taken as a square.

    Returns
    -------
    0-1, a scalar: B / (A + B + C) of the front (A), middle (B) and rear (C) third; NaN without contact.

    Raises
    ------
    SignalError : a layout that is unknown under contact.

    References
    ----------
    Formula and thirds as in J Foot Ankle Res, figure 1757-1146-2-22.
    """
    loaded = require_units(require_dims(footprint, ("sensor",), "footprint"), "kPa", "footprint").values > threshold
    cell = require_units(require_dims(area, ("sensor",), "area"), "m2", "area").values
    along = require_units(require_dims(position, ("sensor", "foot_axis"), "position"), "m", "position").values[:, 0]
    if toes is not None:
        loaded &= ~require_dims(toes, ("sensor",), "toes").values.astype(bool)
    loaded &= cell != 0
    if (bad := ~np.isfinite(cell + along) & loaded).any():
        raise SignalError(f"area, position: expected them known, found {bad.sum()} unknown. Give the sensors' layout.")
    index = np.nan
    if loaded.any():
        half = np.sqrt(cell[loaded]) / 2
        heel, front = (along[loaded] - half).min(), (along[loaded] + half).max()
        third = np.clip(np.floor(3 * (along[loaded] - heel) / (front - heel)), 0, 2).astype(int)
        parts = np.bincount(third, cell[loaded], 3)
        index = parts[1] / parts.sum()
    return labelled(index, (), units="1", long_name="arch index", frame="foot")


def toes(footprint: xr.DataArray, position: xr.DataArray, area: xr.DataArray) -> xr.DataArray:
    """Return which sensors of a grid lie under the toes: ahead of the emptiest row in front of the metatarsal heads.

    The metatarsal heads are the row that bears most ahead of half the length; of the rows before it, the one with the
    largest rise in front of it is the boundary. Without a rise no sensor is a toe's.

    Parameters
    ----------
    footprint, position, area : kPa, m, m2, as for ``outline``.

    Returns
    -------
    True or False, (sensor,), unit "1". The boundary runs straight across, which toes do not: an approximation of this
    project.
    """
    loaded = _loaded(footprint, area, 0.0)
    along = require_dims(position, ("sensor", "foot_axis"), "position").values[:, 0]
    rows, which = np.unique(np.round(along, 6), return_inverse=True)
    borne = np.bincount(which, np.where(loaded, footprint.values * area.values, 0.0), len(rows))
    seen = np.flatnonzero(borne > 0)
    mask = np.zeros(len(along), bool)
    if len(seen):
        heads = np.flatnonzero(rows > rows[seen].mean())
        top = heads[np.argmax(borne[heads])]
        rise = np.maximum.accumulate(borne[top:][::-1])[::-1] - borne[top:]
        if rise.max() > 0:
            mask = which > top + int(np.argmax(rise))
    return labelled(mask, ("sensor",), units="1", long_name="sensor lies under the toes", frame="foot")


def regions(position: xr.DataArray, heel: float, length: float, middle: float) -> xr.DataArray:
    """Return which sensor lies in which region: thirds of the length, each in a medial and a lateral half.

    Parameters
    ----------
    position : m, or a fraction of insole length and width (units "1"), (sensor, foot_axis).
    heel, length, middle : in the units of ``position``: rear end, length, and the line between the halves.

    Returns
    -------
    True or False, (region, sensor), unit "1", ``region`` as in ``REGIONS``; a sensor beyond an end counts to that end.

    Raises
    ------
    SignalError : a length that is not positive.
    """
    if not length > 0:
        raise SignalError(f"length: expected a positive one, found {length:g}. Give it in the units of position.")
    place = require_dims(position, ("sensor", "foot_axis"), "position").values
    third = np.clip(np.floor(3 * (place[:, 0] - heel) / length), 0, 2)
    medial = place[:, 1] > middle
    masks = [(third == k) & (medial == inner) for k in range(3) for inner in (True, False)]
    return labelled(
        np.stack(masks), ("region", "sensor"), units="1", long_name="sensor belongs to the region", frame="foot",
        coords={"region": list(REGIONS)},
    )  # fmt: skip


def _loaded(footprint: xr.DataArray, area: xr.DataArray, threshold: float) -> np.ndarray:
    pressed = require_units(require_dims(footprint, ("sensor",), "footprint"), "kPa", "footprint").values > threshold
    return pressed & (require_units(require_dims(area, ("sensor",), "area"), "m2", "area").values > 0)


def _pitch(place: np.ndarray, exists: np.ndarray) -> np.ndarray:
    """Return the grid's spacing along and across, or say that there is no grid."""
    steps = []
    for values in place[exists].T:
        levels = np.unique(np.round(values, 6))
        gaps = np.diff(levels)
        if not len(gaps) or not np.allclose(gaps / gaps.min(), np.rint(gaps / gaps.min()), atol=0.05):
            raise SignalError("position: expected sensors on a regular grid, found another layout. Use grids only.")
        steps.append(gaps.min())
    return np.array(steps)


def _edge(points: np.ndarray, at: float) -> np.ndarray:
    """Return the two points, in order of the first column, whose line lies above all others and spans ``at``."""
    hull: list[np.ndarray] = []
    for point in points:
        while len(hull) > 1:
            last, new = hull[-1] - hull[-2], point - hull[-2]
            if last[0] * new[1] < last[1] * new[0]:
                break
            hull.pop()
        hull.append(point)
    front = int(np.argmax(np.array(hull)[:, 0] > at))
    return np.stack(hull[max(front - 1, 0) : max(front - 1, 0) + 2])

"""The footprint: which cells of a grid belong to it, its length, width, medial border, arch index and regions."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import ndimage
from scipy.spatial import ConvexHull

from gaitstudy.conventions import SignalError, labelled, require_dims, require_units
from gaitstudy.gait.pressure import TRISECTION

REGIONS = tuple(f"{across} {along}" for along in ("heel", "midfoot", "forefoot") for across in ("medial", "lateral"))
"""Thirds of the foot's length, each in halves."""


def in_patches(footprint: xr.DataArray, position: xr.DataArray, area: xr.DataArray) -> xr.DataArray:
    """Return which sensors of a grid are loaded together with their neighbours, two by two at least.

    A foot presses on patches; a loaded line one cell wide is a faulty row or column of the sheet, or a crease.

    Parameters
    ----------
    footprint : kPa, (sensor,): for example the largest pressure of each sensor in a walk.
    position, area : m, (sensor, foot_axis), and m2, (sensor,), of a regular grid.

    Returns
    -------
    True or False, (sensor,), unit "1".

    Raises
    ------
    SignalError : the sensors do not lie on a grid.

    References
    ----------
    This project's own rule.
    """
    pressed, place, cells = _arrays(footprint, position, area)
    loaded, cell = (pressed > 0) & (cells > 0), np.zeros(2)
    for axis, values in enumerate(place[cells > 0].T):
        gaps = np.diff(np.unique(np.round(values, 6)))
        cell[axis] = gaps.min(initial=np.inf)
        if not np.allclose(gaps / cell[axis], np.rint(gaps / cell[axis]), atol=0.05):
            raise SignalError("position: expected sensors on a regular grid, found another layout. Use grids only.")
    index = np.rint((place - np.nanmin(place, axis=0)) / cell).astype(int)
    grid = np.zeros(index.max(0) + 1, bool)
    grid[tuple(index[loaded].T)] = True
    inside = ndimage.binary_opening(grid, np.ones((2, 2), bool))[tuple(index.T)] & loaded
    return labelled(inside, ("sensor",), units="1", long_name="sensor belongs to a patch", frame="foot")


def outline(footprint: xr.DataArray, position: xr.DataArray, area: xr.DataArray) -> xr.Dataset:
    """Return where a footprint ends: heel, length, width of the forefoot, and its medial border.

    Parameters
    ----------
    footprint, position, area : kPa, m, m2, as for ``in_patches``; sensors are taken as squares. Give pressure 0 to
        sensors that do not belong to the foot.

    Returns
    -------
    Dataset ``heel`` m, from the origin of ``position``; ``length`` m; ``forefoot_width`` m, at .667 of the length;
    ``middle`` m, across, half-way between the borders there; ``medial_border`` m, (end, foot_axis): the two points,
    rear and front, that a straight edge laid against the medial side touches on either side of half the length.

    Raises
    ------
    SignalError : no loaded sensors, or none at .667 of the length.

    References
    ----------
    This project's own rule.
    """
    pressed, place, cells = _arrays(footprint, position, area)
    loaded = (pressed > 0) & (cells > 0)
    place, half = place[loaded], np.sqrt(cells[loaded])[:, None] / 2
    corners = np.concatenate([place + half * way for way in ([-1, -1], [-1, 1], [1, -1], [1, 1])])
    heel, front = (corners[:, 0].min(), corners[:, 0].max()) if len(place) else (np.nan, np.nan)
    level = heel + TRISECTION * (front - heel)
    here = np.abs(place[:, 0] - level) <= half[:, 0] * (1 + 1e-9)
    if not here.any():
        raise SignalError(f"footprint: expected loaded sensors at {level:.3f} m, found none. Is it one foot, in kPa?")
    medial, lateral = (place + half)[here, 1].max(), (place - half)[here, 1].min()
    hull = ConvexHull(corners)
    edges = corners[hull.simplices[hull.equations[:, 1] > 1e-9]]  # those that face medially, (edge, end, axis)
    middle = (heel + front) / 2
    spanning = edges[(edges[..., 0].min(1) <= middle) & (middle < edges[..., 0].max(1))][0]
    border = spanning[np.argsort(spanning[:, 0])]
    sizes = {
        "heel": (heel, "rear end of the footprint"),
        "length": (front - heel, "length of the footprint"),
        "forefoot_width": (medial - lateral, "width of the footprint at .667 of its length"),
        "middle": ((medial + lateral) / 2, "half-way between the borders at .667 of the length"),
    }
    made = {name: labelled(v, (), units="m", long_name=text, frame="foot") for name, (v, text) in sizes.items()}
    made["medial_border"] = labelled(
        border, ("end", "foot_axis"), units="m", long_name="medial border, rear and front", frame="foot",
        coords={"end": ["rear", "front"], "foot_axis": ["along", "across"]},
    )  # fmt: skip
    return xr.Dataset(made)


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
    pressed, place, cells = _arrays(footprint, position, area)
    loaded = (pressed > threshold) & (cells != 0)
    if toes is not None:
        loaded &= ~require_dims(toes, ("sensor",), "toes").values.astype(bool)
    along, cells, index = place[loaded, 0], cells[loaded], np.nan
    if not np.isfinite(along + cells).all():
        raise SignalError("area, position: expected them known, found some unknown. Give the sensors' layout.")
    if loaded.any():
        half = np.sqrt(cells) / 2
        heel, front = (along - half).min(), (along + half).max()
        third = np.clip(np.floor(3 * (along - heel) / (front - heel)), 0, 2).astype(int)
        parts = np.bincount(third, cells, 3)
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

    References
    ----------
    This project's own rule.
    """
    pressed, place, cells = _arrays(footprint, position, area)
    rows, which = np.unique(np.round(place[:, 0], 6), return_inverse=True)
    borne = np.bincount(which, np.where((pressed > 0) & (cells > 0), pressed * cells, 0.0), len(rows))
    mask = np.zeros(len(place), bool)
    if borne.any():
        heads = np.flatnonzero(rows > rows[borne > 0].mean())
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

    References
    ----------
    This project's own definition.
    """
    place = require_dims(position, ("sensor", "foot_axis"), "position").values
    third = np.clip(np.floor(3 * (place[:, 0] - heel) / length), 0, 2)
    medial = place[:, 1] > middle
    masks = [(third == k) & (medial == inner) for k in range(3) for inner in (True, False)]
    return labelled(
        np.stack(masks), ("region", "sensor"), units="1", long_name="sensor belongs to the region", frame="foot",
        coords={"region": list(REGIONS)},
    )  # fmt: skip


def _arrays(
    footprint: xr.DataArray, position: xr.DataArray, area: xr.DataArray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pressure kPa, (sensor,), place m, (sensor, foot_axis), and area m2, (sensor,), of these units only."""
    return (
        require_units(require_dims(footprint, ("sensor",), "footprint"), "kPa", "footprint").values,
        require_units(require_dims(position, ("sensor", "foot_axis"), "position"), "m", "position").values,
        require_units(require_dims(area, ("sensor",), "area"), "m2", "area").values,
    )

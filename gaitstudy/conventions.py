"""The one set of conventions: axes, sides, signs, units, dimension names, and the error classes.

Every public function of the package takes and returns quantities that obey these:

| thing | convention |
|---|---|
| lab axes | x forward (direction of travel), y up, z to the walker's right |
| units | m, s, N, N m, kg; angles in degrees at every public boundary |
| sides | medial, lateral and toe-out mean the same on both; left is mirrored, never flipped by hand |
| foot progression angle (FPA) | toe-out positive on both sides; mean over 15-40 % of stance unless stated |
| knee adduction moment (KAM) | external, adduction positive; tibial frame unless frame= says otherwise |
| knee flexion moment (KFM) | external, flexion positive |
| moment normalisation | %BW*Ht = 100 M / (m g h) with g = 9.80665 m/s^2, or N m/kg |
| contact force | N and BW; compression positive |
| ground reaction | force of the ground on the foot; upward positive |
| centre of pressure (CoP) | lab frame, m; in the foot frame x from heel to toe, medial positive |
| initial contact and foot off | vertical force crosses 30 N, with hysteresis |
| low-pass filter | 8 Hz, 4th order after both passes, zero lag, for markers and forces alike |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

GRAVITY = 9.80665
"""Standard gravity, m/s^2; it turns kilograms into body weights everywhere in the package."""

AXES = ("x", "y", "z")
SIDES = ("left", "right")


class GaitStudyError(Exception):
    """Any refusal of this package: it says what was expected, what was found, where, and what to do.

    Texts that come from files lose their control characters here, whoever wrote the message.
    """

    def __init__(self, *texts: object) -> None:
        super().__init__(*(visible(text) if isinstance(text, str) else text for text in texts))


def visible(text: str) -> str:
    """Return a text without control characters (escape sequences, marks that reverse writing), its line ends kept.

    Examples
    --------
    >>> visible("L\\x1b[31mHEE\\u202e")
    'L[31mHEE'
    """
    if text.isprintable():
        return text
    return "".join(c for c in text if c == "\n" or c.isprintable())


class TrialFormatError(GaitStudyError):
    """A file cannot be read as what it claims to be; every problem found in it is listed.

    Parameters
    ----------
    file : the path or name of the file.
    problems : one sentence each, with what was expected, what was found and the fix.
    """

    def __init__(self, file: object, problems: str | Iterable[str]) -> None:
        self.file = str(file)
        self.problems = [visible(problem) for problem in ([problems] if isinstance(problems, str) else problems)]
        name = self.file.replace("\\", "/").rsplit("/", 1)[-1]
        if len(self.problems) == 1:
            text = f"{name}: {self.problems[0]}"
        else:
            listed = "".join(f"\n  {k}. {p}" for k, p in enumerate(self.problems, 1))
            text = f"{name}: {len(self.problems)} problems{listed}"
        super().__init__(text)


class DimensionError(GaitStudyError):
    """An array lacks a dimension, or a coordinate, that the function needs."""


class UnitError(GaitStudyError):
    """An array carries no unit, or another one than the function works in."""


class MarkerError(GaitStudyError):
    """Markers, or a marker map, do not suffice for what was asked."""


class SignalError(GaitStudyError):
    """A signal cannot be processed as asked: too short, wrong rate, wrong cut-off, gaps in the way."""


class StatisticsError(GaitStudyError):
    """Data do not suffice for the statistic asked for, or do not fit it."""


class DatasetUnavailable(GaitStudyError):
    """A dataset is neither mirrored here nor reachable; it says where it was looked for."""


def require_dims(array: xr.DataArray, dims: Sequence[str], name: str = "array") -> xr.DataArray:
    """Return ``array`` with ``dims`` last and in this order, or say which are missing.

    Parameters
    ----------
    array : any labelled array; further leading dimensions are kept.
    dims : the dimensions needed, in the order wanted.
    name : how the caller calls the array, for the message.

    Raises
    ------
    DimensionError : a dimension is missing, or ``axis`` does not hold x, y, z.
    """
    if not isinstance(array, xr.DataArray):
        raise DimensionError(
            f"{name}: expected an xarray.DataArray with dimensions {tuple(dims)}, found {type(array).__name__}. "
            "Wrap it with gaitstudy.conventions.labelled."
        )
    missing = [d for d in dims if d not in array.dims]
    if missing:
        raise DimensionError(
            f"{name}: expected dimensions {tuple(dims)}, found {tuple(map(str, array.dims))}. "
            f"Missing: {', '.join(missing)}. Rename or add them before the call."
        )
    if "axis" in dims and array.sizes["axis"] != 3:
        raise DimensionError(f"{name}: dimension 'axis' must hold x, y, z; found {array.sizes['axis']} entries.")
    if "axis" in dims and "axis" in array.coords and tuple(array["axis"].values) != AXES:
        raise DimensionError(f"{name}: 'axis' must be x, y, z in this order, found {tuple(array['axis'].values)}.")
    return array.transpose(..., *dims)


def require_units(array: xr.DataArray, units: str, name: str = "array") -> xr.DataArray:
    """Return ``array`` if its ``units`` attribute is ``units``.

    Raises
    ------
    UnitError : the attribute is absent or another one.
    """
    found = array.attrs.get("units")
    if found != units:
        raise UnitError(
            f"{name}: expected units '{units}', found {'none' if found is None else repr(found)}. "
            "Convert the values and set array.attrs['units']."
        )
    return array


def labelled(
    values: Any,
    dims: Sequence[str],
    *,
    units: str,
    long_name: str,
    frame: str | None = None,
    coords: dict[str, Any] | None = None,
) -> xr.DataArray:
    """Wrap values as an array that says what it is: units, name and, for vectors, the frame.

    Parameters
    ----------
    values : array of shape ``dims``.
    units, long_name, frame : stored as attributes; they replace whatever arithmetic carried along.
    coords : coordinates by dimension; ``axis`` is filled with x, y, z.
    """
    full = dict(coords or {})
    if "axis" in dims and "axis" not in full:
        full["axis"] = list(AXES)
    return xr.DataArray(variable(values, dims, units=units, long_name=long_name, frame=frame), coords=full)


def variable(values: Any, dims: Sequence[str], *, units: str, long_name: str, frame: str | None = None) -> xr.Variable:
    """Wrap values as ``labelled`` does, for a dataset that gives the coordinates once, for all.

    A dataset of labelled arrays, which xarray aligns one by one, takes seven times as long to make.
    """
    if isinstance(values, xr.DataArray):
        values = values.transpose(*dims).values
    attrs = {"units": units, "long_name": long_name} | ({"frame": frame} if frame else {})
    return xr.Variable(tuple(dims), np.asarray(values), attrs)


def pick(array: xr.DataArray, **labels: str) -> np.ndarray:
    """Return the values at one label of each named dimension: what ``array.sel(...).values`` gives, ten times as fast.

    Examples
    --------
    >>> pick(labelled([[1.0, 2.0, 3.0]], ("time", "axis"), units="m", long_name="place"), axis="y")
    array([2.])
    """
    at: list[Any] = [slice(None)] * array.ndim
    for dim, label in labels.items():
        at[int(array.get_axis_num(dim))] = array.get_index(dim).get_loc(label)
    return np.asarray(array.values[tuple(at)])


def side_sign(side: str) -> float:
    """Return +1 for the right side and -1 for the left: the factor that mirrors z and adduction.

    Raises
    ------
    GaitStudyError : ``side`` is neither.

    Examples
    --------
    >>> side_sign("left")
    -1.0
    """
    if side not in SIDES:
        raise GaitStudyError(f"side: expected 'left' or 'right', found {side!r}.")
    return 1.0 if side == "right" else -1.0


def require_positive(value: float | None, name: str, unit: str, low: float, high: float) -> float:
    """Return a person's mass or height as a float if it is possible at all.

    Parameters
    ----------
    value : the number given; ``None`` and NaN are refused.
    low, high : the widest range a person can have; outside it the unit is probably wrong.

    Raises
    ------
    UnitError : the value is absent, zero, negative or outside ``low``-``high``.
    """
    number = float("nan") if value is None else float(value)
    if not low <= number <= high:
        found = "nothing" if value is None else f"{number:g}"
        raise UnitError(
            f"{name}: expected {low:g}-{high:g} {unit}, found {found}. "
            f"Give it in {unit} (argument {name}=, or --{name} on the command line)."
        )
    return number

"""How much the two sides differ: symmetry index, ratio and angle of single values, and the asymmetry of whole curves.

The index is positive where the left value is larger, the angle where the right one is; both are as their authors are
usually quoted, and their signs are opposite. What is undefined (nothing against nothing, the index of something
negative) is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES, DimensionError, GaitStudyError, UnitError, labelled, require_dims

Values = float | Sequence[float] | np.ndarray


def symmetry_index(left: Values, right: Values) -> np.ndarray:
    """Return the difference of the sides as a percentage of their mean; left larger is positive.

    Parameters
    ----------
    left, right : one unit, any shape that broadcasts; quantities that cannot be negative. Of others the mean may be
        close to zero, the index without bound and its sign the wrong way round: use ``symmetry_angle``.

    Returns
    -------
    %, -200 to 200; NaN where one is negative or both are zero.

    References
    ----------
    Robinson RO, Herzog W, Nigg BM (1987) J Manipulative Physiol Ther 10:172; general knowledge, not verified. Others
    write right less left: the sign is a convention.

    Examples
    --------
    >>> float(symmetry_index(0.8, 1.0).round(4))
    -22.2222
    """
    a, b = np.asarray(left, float), np.asarray(right, float)
    total = a + b
    return np.asarray(200.0 * (a - b) / np.where((a >= 0) & (b >= 0) & (total > 0), total, np.nan))


def symmetry_ratio(left: Values, right: Values) -> np.ndarray:
    """Return left over right; 1 is symmetric.

    Parameters
    ----------
    left, right : one unit, any shape that broadcasts.

    Returns
    -------
    No unit, the shape that both broadcast to; NaN where the right side is zero.

    Examples
    --------
    >>> float(symmetry_ratio(0.8, 1.0))
    0.8
    """
    a, b = np.asarray(left, float), np.asarray(right, float)
    return np.asarray(a / np.where(b == 0, np.nan, b))


def symmetry_angle(left: Values, right: Values) -> np.ndarray:
    """Return how far the point (right, left) lies from the line of equality, as an angle; right larger is positive.

    Parameters
    ----------
    left, right : one unit, any shape that broadcasts; negative values are allowed, and no reference side is needed.

    Returns
    -------
    %, -100 to 100, where 100 stands for 90 degrees: (45 - atan(left / right)) / 90 * 100, less 200 above 100.
    Opposite values (left = -right) give 100; one side zero gives 50 or -50; both zero NaN.

    References
    ----------
    Zifchock RA, Davis I, Higginson J, Royer T (2008) Gait Posture 27:622, doi 10.1016/j.gaitpost.2007.08.006
    (the equation as two public programs have it; one of them drops the sign).

    Examples
    --------
    >>> symmetry_angle([0.8, 2.0], [1.0, 1.0]).round(4).tolist()
    [7.0447, -20.4833]
    """
    a, b = np.broadcast_arrays(np.asarray(left, float), np.asarray(right, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = (45.0 - np.degrees(np.arctan(a / b))) / 90.0 * 100.0
    return np.asarray(np.where(angle > 100.0, angle - 200.0, angle))


def curve_asymmetry(left: xr.DataArray, right: xr.DataArray) -> xr.Dataset:
    """Return how far apart two curves over the cycle are, as a percentage of the range they go through.

    The measure is defined here, since there are many: the root mean square over the cycle of left less right, and its
    plain mean, which keeps the sign (left larger positive), both over the mean of the two curves' ranges. A shift of
    one curve shows in both; a later or differently shaped one in the first alone.

    Parameters
    ----------
    left, right : one unit, (..., percent) at the same even points of each side's own cycle, other dimensions and
        their coordinates alike; mirrored quantities (medial, toe-out, adduction), never raw sideways components.

    Returns
    -------
    Dataset of ``rms`` and ``signed``, %, (...,); NaN where a curve has a gap or neither moves.

    Raises
    ------
    DimensionError : no ``percent``, not the same points or not even ones, other dimensions or coordinates.
    UnitError : no unit. GaitStudyError : the units differ.
    """
    a, b = (require_dims(v, ("percent",), name) for v, name in ((left, "left"), (right, "right")))
    if a.sizes["percent"] != b.sizes["percent"] or not np.array_equal(a["percent"], b["percent"]):
        raise DimensionError(
            f"curve_asymmetry: expected both sides at the same per cent of the cycle, found {a.sizes['percent']} and "
            f"{b.sizes['percent']} points that differ. Normalise both in one way (gait.signals.normalise_time)."
        )
    steps = np.diff(a["percent"].values.astype(float))
    if not (len(steps) and steps[0] > 0 and np.allclose(steps, steps[0], rtol=1e-6)):
        raise DimensionError(
            "curve_asymmetry: expected points of the cycle that rise evenly, found others. Normalise both sides."
        )
    try:
        a, b = xr.align(a, b, join="exact")
    except ValueError as error:
        raise DimensionError(
            f"curve_asymmetry: expected the same coordinates on both sides, found {error}. Give both the same strides."
        ) from error
    if a.dims != b.dims:
        raise DimensionError(f"curve_asymmetry: expected the same dimensions, found {a.dims} and {b.dims}.")
    units = [v.attrs.get("units") for v in (a, b)]
    if None in units:
        raise UnitError("curve_asymmetry: expected a unit on both sides, found none. Set array.attrs['units'].")
    if units[0] != units[1]:
        raise GaitStudyError(f"curve_asymmetry: expected both sides in one unit, found {units}. Convert one.")
    ranges = [c.max("percent", skipna=False) - c.min("percent", skipna=False) for c in (a, b)]
    span = (ranges[0] + ranges[1]) / 2
    scale = 100.0 / span.where(span > 0)
    apart = a - b
    made = {
        "rms": (scale * (apart**2).mean("percent", skipna=False) ** 0.5, "root mean square difference of the sides"),
        "signed": (scale * apart.mean("percent", skipna=False), "mean difference of the sides, left larger positive"),
    }
    dims = [str(d) for d in span.dims]
    coords = {d: a[d].values for d in dims if d in a.coords}
    return xr.Dataset(
        {
            name: labelled(values.values, dims, units="%", long_name=f"{text}, of their mean range", coords=coords)
            for name, (values, text) in made.items()
        }
    )


def compare_sides(strides: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return index, ratio and angle of outcomes from the means of each side's strides, one row an outcome.

    Parameters
    ----------
    strides : one row a stride: ``side``, and the outcomes in any unit; NaN where a stride has none.
    outcomes : columns of it.

    Returns
    -------
    ``outcome``; ``left, right`` (means, the outcome's unit), ``n_left, n_right`` (strides that have one); ``index`` %,
    left larger positive; ``ratio``, left over right; ``angle`` %, right larger positive; ``reason``: why one of them is
    NaN.

    Raises
    ------
    GaitStudyError : columns that are not there or hold no numbers, sides that are neither left nor right.
    """
    if lacking := [c for c in ("side", *outcomes) if c not in strides]:
        raise GaitStudyError(
            f"strides: expected the columns side, {', '.join(outcomes)}; found no {', '.join(lacking)}. Add them."
        )
    problems = [f"side {side!r}" for side in strides["side"].unique() if side not in SIDES]
    problems += [f"text in {name}" for name in outcomes if not pd.api.types.is_numeric_dtype(strides[name])]
    if problems:
        raise GaitStudyError(
            f"strides: expected the sides left and right and numbers, found {', '.join(problems)}. Correct them."
        )
    rows = []
    for name in outcomes:
        each = {s: strides.loc[strides["side"] == s, name].dropna().to_numpy(float) for s in SIDES}
        a, b = (v.mean() if len(v) else np.nan for v in each.values())
        row = {"outcome": name, "left": a, "right": b, "n_left": len(each["left"]), "n_right": len(each["right"])}
        row |= {"index": float(symmetry_index(a, b)), "ratio": float(symmetry_ratio(a, b))}
        row |= {"angle": float(symmetry_angle(a, b))}
        empty = [f"no stride of the {s} foot has one" for s in SIDES if not len(each[s])]
        undefined = {
            "both sides zero": a == 0 and b == 0,
            "a side is negative: no index": min(a, b) < 0,
            "the right side is zero: no ratio": b == 0 and a != 0,
        }
        rows.append(row | {"reason": "; ".join(empty or [why for why, so in undefined.items() if so])})
    return pd.DataFrame(rows)

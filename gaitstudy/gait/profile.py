"""Gait variable scores and gait profile score: how far a walk lies from a reference, over nine angles and the cycle.

It needs a reference: the mean curves of people without trouble, of the walker's age and measured in the same way.
The package brings none; the only open bands at hand (``schwartz-norms``) are children's.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gaitstudy.conventions import GaitStudyError, labelled, require_dims, require_units

PELVIS = ("pelvic tilt", "pelvic obliquity", "pelvic rotation")
LEG = ("hip flexion", "hip adduction", "hip rotation", "knee flexion", "ankle dorsiflexion", "foot progression angle")
VARIABLES = (*PELVIS, *LEG)
"""The nine angles of one side, deg."""
GRID = ("coordinate", "percent")
POINTS = np.arange(0.0, 101.0, 2.0)
"""Per cent of the cycle; the 51 points at which the score is defined."""


def gait_variable_scores(curves: xr.DataArray, reference: xr.DataArray) -> xr.DataArray:
    """Return the root mean square distance over the gait cycle of each angle from its reference.

    Parameters
    ----------
    curves : deg, (..., coordinate, percent): joint angles over the gait cycle, coordinates named as in ``VARIABLES``
        in any order, percent 0, 2, ... 100 (further points are left out).
    reference : deg, (coordinate, percent): mean curves of the reference people, measured and signed alike.

    Returns
    -------
    deg, (..., coordinate), in the order of ``VARIABLES``; NaN where a curve has a gap.

    Raises
    ------
    DimensionError, UnitError : wrong dimensions or unit.
    GaitStudyError : other variables, or points of the cycle that are missing (all are listed); a reference with
        dimensions, or other coordinates, than the curves have.

    References
    ----------
    Baker R et al. (2009) Gait Posture 30:265, doi 10.1016/j.gaitpost.2009.05.020.

    Examples
    --------
    >>> reference = labelled(np.zeros((9, 51)), GRID, units="deg", long_name="mean of the reference people",
    ...                      coords={"coordinate": list(VARIABLES), "percent": POINTS})
    >>> gait_variable_scores((reference + 2.0).assign_attrs(reference.attrs), reference).values.tolist()
    [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    """
    given = {"curves": curves, "reference": reference}
    a, b = _cycles({n: require_units(require_dims(v, GRID, n), "deg", n) for n, v in given.items()})
    try:
        xr.align(a, b, join="exact")
    except ValueError as error:
        raise GaitStudyError(f"curves, reference: expected the same coordinates, found {error}.") from error
    if further := set(b.dims) - set(a.dims):
        raise GaitStudyError(
            f"reference: expected mean curves, found the further dimensions {sorted(map(str, further))}."
        )
    scores = ((a - b) ** 2).mean("percent", skipna=False) ** 0.5
    dims = [*(str(d) for d in scores.dims if d != "coordinate"), "coordinate"]
    return labelled(
        scores.transpose(*dims).values, dims, units="deg", long_name="gait variable score",
        coords={str(d): scores[d].values for d in dims if d in scores.coords},
    )  # fmt: skip


def gait_profile_score(scores: xr.DataArray) -> xr.DataArray:
    """Return the root mean square (not the mean) of one side's nine gait variable scores.

    Parameters
    ----------
    scores : deg, (..., coordinate), the nine of ``gait_variable_scores``.

    Returns
    -------
    deg, (...,); NaN where one of the nine is.

    Raises
    ------
    DimensionError, UnitError, GaitStudyError : not the nine variables in deg, a negative score.

    References
    ----------
    Baker R et al. (2009) Gait Posture 30:265, doi 10.1016/j.gaitpost.2009.05.020.

    Examples
    --------
    >>> nine = labelled([3.0, 4, 5, 6, 7, 2, 8, 5, 4], ("coordinate",), units="deg", long_name="gait variable score",
    ...                 coords={"coordinate": list(VARIABLES)})
    >>> float(gait_profile_score(nine).round(5))
    5.20683
    """
    return _root_mean_square(_named(scores, VARIABLES), "gait profile score")


def _cycles(given: dict[str, xr.DataArray]) -> list[xr.DataArray]:
    """Return arrays at the nine angles, in their order, and the points of the cycle; all problems are listed."""
    problems = []
    for name, array in given.items():
        labels = [str(v) for v in array["coordinate"].values] if "coordinate" in array.coords else []
        if sorted(labels) != sorted(VARIABLES):
            lacking = [v for v in VARIABLES if v not in labels]
            extra = [v for v in labels if v not in VARIABLES or labels.count(v) > 1]
            problems.append(f"{name}: expected the nine angles, lacks {lacking}, has besides {extra}")
        known = array["percent"].values if "percent" in array.coords else np.empty(0)
        if not np.isin(POINTS, known).all() or len(np.unique(known)) != len(known):
            problems.append(f"{name}: expected points of the cycle at 0, 2, ... 100 %, found {len(known)} others")
    if problems:
        raise GaitStudyError("gait cycles: " + "; ".join(problems) + ". Name and normalise them so.")
    return [v.sel(coordinate=list(VARIABLES), percent=POINTS).drop_vars("percent") for v in given.values()]


def _named(scores: xr.DataArray, names: tuple[str, ...]) -> xr.DataArray:
    found = require_units(require_dims(scores, ("coordinate",), "scores"), "deg", "scores")
    there = [str(v) for v in found["coordinate"].values] if "coordinate" in found.coords else []
    if sorted(there) != sorted(names):
        raise GaitStudyError(
            f"scores: expected the nine variables {', '.join(names)}; found {', '.join(there) or 'none named'}. "
            "Use gait_variable_scores."
        )
    if (found < 0).any():
        raise GaitStudyError(
            "scores: expected distances of 0 deg or more, found negative ones. Use gait_variable_scores."
        )
    return found.sel(coordinate=list(names))


def _root_mean_square(scores: xr.DataArray, text: str) -> xr.DataArray:
    made = (scores**2).mean("coordinate", skipna=False) ** 0.5
    coords = {str(d): made[d].values for d in made.dims if d in made.coords}
    return labelled(made.values, [str(d) for d in made.dims], units="deg", long_name=text, coords=coords)

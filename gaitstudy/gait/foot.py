"""The foot on the ground: which way it points, and whether the force under it is its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gaitstudy.conventions import GaitStudyError, labelled, require_dims, side_sign
from gaitstudy.gait.events import ALONG
from gaitstudy.gait.signals import normalise_time

Numbers = Sequence[float] | np.ndarray
WINDOW = (15.0, 40.0)
"""Per cent of stance over which a foot progression angle is averaged: the foot is flat."""

LIMIT = 60.0
"""deg; no foot stands turned farther out or in while its owner walks forward."""

CHANGE = 0.15
"""Of the usual distance from heel to toe; a flat foot does not change its length by more."""


def foot_progression_angle(
    heel: xr.DataArray, toe: xr.DataArray, side: str, direction: Numbers = (1.0, 0.0, 0.0)
) -> xr.DataArray:
    """Return the horizontal angle between the foot's long axis and the direction of travel, at every instant.

    Parameters
    ----------
    heel, toe : m, (time, axis): calcaneus and second metatarsal head.
    side : ``"left"`` or ``"right"``.
    direction : (x, y, z) of travel in the lab, or one at every instant, (time, axis); its vertical component is
        ignored.

    Returns
    -------
    deg, (time,); toe-out positive on both sides.

    Raises
    ------
    DimensionError, GaitStudyError : wrong dimensions; a direction without horizontal part.

    References
    ----------
    Huang Y, Jirattigalachote W, Cutkosky MR, Zhu X, Shull PB (2016) IEEE Trans Biomed Eng 63:2278, PMID 26849858.

    Examples
    --------
    >>> import numpy as np
    >>> point = lambda x, z: labelled(np.array([[x, 0.0, z]]), ("time", "axis"), units="m", long_name="point")
    >>> float(foot_progression_angle(point(0, 0), point(0.2, 0.02), "right").round(4)[0])
    5.7106
    """
    forward = horizontal(direction)
    right = np.cross(forward, [0.0, 1.0, 0.0])
    axis = require_dims(toe, ("time", "axis"), "toe").values - require_dims(heel, ("time", "axis"), "heel").values
    angle = np.degrees(np.arctan2(side_sign(side) * (axis * right).sum(-1), (axis * forward).sum(-1)))
    text, frame = "foot progression angle, toe-out positive", "direction of travel"
    coords = {"time": heel["time"].values} if "time" in heel.coords else {}
    return labelled(angle, ("time",), units="deg", frame=frame, long_name=text, coords=coords)


def horizontal(direction: Numbers) -> np.ndarray:
    """Return the horizontal unit vector of a direction (x, y, z), or of many, (..., axis).

    Raises
    ------
    GaitStudyError : a direction without horizontal part.

    References
    ----------
    General knowledge.
    """
    forward = np.asarray(direction, float) * [1.0, 0.0, 1.0]
    length = np.linalg.norm(forward, axis=-1, keepdims=True)
    if (length == 0).any():
        found = np.asarray(direction)[(length == 0)[..., 0]].ravel()[:3].tolist()
        raise GaitStudyError(f"direction: expected a horizontal direction of travel, found {tuple(found)}.")
    return forward / length


def mean_over_stance(
    angle: xr.DataArray, initial_contact: Numbers, foot_off: Numbers, window: tuple[float, float] = WINDOW
) -> xr.DataArray:
    """Return the mean of a signal over a window of each stance.

    Parameters
    ----------
    angle : (time,), any unit.
    initial_contact, foot_off : s, (stride,).
    window : per cent of stance, from and to.

    Returns
    -------
    (stride,), the signal's unit; NaN where the window touches a gap.

    Raises
    ------
    GaitStudyError : a window outside 0-100 %, empty, or without a whole per cent in it.

    References
    ----------
    Mean over 15-40 % of stance: the released code of the trial's laboratory (Uhlrich 2022).
    """
    try:
        start, end = (0.0 + each for each in window)
    except (TypeError, ValueError):
        start = end = np.nan
    curves = normalise_time(angle, initial_contact, foot_off)
    inside = curves.sel(percent=(curves["percent"] >= start) & (curves["percent"] <= end))
    if not 0 <= start < end <= 100 or not inside.sizes["percent"]:
        raise GaitStudyError(
            f"window: expected 0 <= from < to <= 100 per cent of stance, a whole per cent among them, found {window}."
        )
    mean = inside.mean("percent", skipna=False)
    units, frame = (str(angle.attrs.get(key, "")) for key in ("units", "frame"))
    name, coords = angle.attrs.get("long_name", "signal"), {"stride": curves["stride"].values}
    text = f"{name}, mean {window[0]:g}-{window[1]:g} % of stance"
    return labelled(mean.values, ("stride",), units=units, frame=frame, long_name=text, coords=coords)


def outside_foot(
    centre_of_pressure: xr.DataArray,
    heel: xr.DataArray,
    toe: xr.DataArray,
    side: str,
) -> xr.Dataset:
    """Return where a plate's centre of pressure lies against the foot's outline, and whether that is outside the foot.

    A force outside the foot cannot be that foot's alone: the other foot is on the plate as well, or the plate's clock
    or corners are wrong.

    Parameters
    ----------
    centre_of_pressure : m, (time, axis), lab frame; NaN where the foot does not press.
    heel, toe : m, (time, axis), on the same times: back of the heel and a marker near the second metatarsal head.
    side : whose foot.

    Returns
    -------
    Dataset over (time,): ``behind`` (m, behind the heel, negative in front of it), ``beside`` (m, from the
    heel-to-toe line, medial positive), both horizontal and NaN with the force; ``outside`` (1 or 0): behind the heel
    marker, which sticks out behind the skin, or further than ``events.ALONG`` ahead of the
    toe marker (the toes) or from the line (half a foot's width and the foot's turning).

    References
    ----------
    This project's own definition.
    """
    point, start, end = (
        require_dims(a, ("time", "axis"), name).values[:, [0, 2]]
        for a, name in ((centre_of_pressure, "centre of pressure"), (heel, "heel"), (toe, "toe"))
    )
    length = np.linalg.norm(end - start, axis=-1)
    forward = (end - start) / length[:, None]
    offset = point - start
    along = (offset * forward).sum(-1)
    to_right = forward[:, 0] * offset[:, 1] - forward[:, 1] * offset[:, 0]
    medial = -side_sign(side) * to_right
    outside = (along < 0) | (along - length > ALONG) | (np.abs(medial) > ALONG)
    coords = {"time": heel["time"].values}
    made = {
        "behind": (-along, "m", "distance of the centre of pressure behind the heel"),
        "beside": (medial, "m", "distance of the centre of pressure from the heel-to-toe line, medial positive"),
        "outside": (outside.astype(float), "1", "centre of pressure outside the foot"),
    }
    return xr.Dataset(
        {
            name: labelled(values, ("time",), units=units, frame="foot", long_name=label, coords=coords)
            for name, (values, units, label) in made.items()
        }
    )

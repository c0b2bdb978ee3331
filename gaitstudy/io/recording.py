"""One trial as cameras and plates saw it, whatever file it came from, and the checks that every reader makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError, labelled
from gaitstudy.io.files import printable

SMALLEST_BODY, LARGEST_VOLUME, LARGEST_DISTANCE = 0.03, 30.0, 1000.0
"""m; markers spread over less than the first are in metres called millimetres, over more than the second in millimetres
called metres; and none lies farther than the third from its own origin."""
MOST_ASTRAY = 0.2
"""Share of the positions that may lie outside of any volume: more are no markers gone astray, but another unit."""


@dataclass(frozen=True)
class Recording:
    """One trial: what the cameras and the plates saw, on one clock, in one frame.

    ``markers`` m, (time, marker, axis); ``loads`` dataset of ``io.plates.wrench`` or None; ``analogs``
    (time, channel) in the file's units; ``outputs`` (time, output, component), the angles and moments another
    program stored, in its own units; ``events`` columns time (s), event, side; ``subject`` numeric parameters
    by the file's own names (mm, kg) - never a name or a date; ``notes`` what the reader had to decide or leave out, one
    sentence each, for the person who brought the file; ``left_out`` the plates of the file that are not in ``loads``,
    by name, and why. What ``gaitstudy.read`` adds: ``roles``, the marker map by side; ``static``, markers of the static
    trial (m) and notes on it; ``mass`` (kg) and ``height`` (m) of the walker, NaN where not available.
    """

    name: str
    markers: xr.DataArray
    loads: xr.Dataset | None = None
    analogs: xr.DataArray | None = None
    outputs: xr.DataArray | None = None
    events: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["time", "event", "side"]))
    subject: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    static: xr.DataArray | None = None
    static_notes: tuple[str, ...] = ()
    mass: float = np.nan
    height: float = np.nan

    @property
    def ground_reaction(self) -> xr.Dataset:
        """The ground reactions (``io.plates.wrench``, N and N m).

        Raises
        ------
        TrialFormatError : the trial has none.
        """
        if self.loads is None:
            raise TrialFormatError(self.name, "expected force plates, found none. Give the trial's forces.")
        return self.loads


def axes_matrix(path: str | Path, axes: Sequence[str]) -> np.ndarray:
    """Return the directions that are forward, up and right in a file's axes, as rows.

    Parameters
    ----------
    path : the file, for the message. axes : those of its axes that point forward and up, as ``("+X", "+Z")``.

    Raises
    ------
    TrialFormatError : not two axes that are perpendicular.
    """
    known = {sign + axis: row for axis, unit in zip("xyz", np.eye(3), strict=True) for sign, row in
             (("+", unit), ("", unit), ("-", -unit))}  # fmt: skip
    forward, up = (known.get(text.strip().lower(), np.zeros(3)) for text in axes)
    right = np.cross(forward, up)
    if not right.any():
        given = " and ".join(f"'{printable(text, 10)}'" for text in axes)
        raise TrialFormatError(
            path,
            f"expected two axes like '+X' and '+Z' that point forward and up, found {given}. Say which they are: "
            "axes=('+X', '+Z'), or --axes +X+Z on the command line.",
        )
    return np.stack([forward, up, right])


def marker_array(
    path: str | Path, positions: np.ndarray, time: np.ndarray, names: Sequence[str], units: str
) -> tuple[xr.DataArray, list[str]]:
    """Return positions as an array with each name once, and notes on what was changed.

    A few positions further from the middle of all than any volume is wide are gaps. Nobody knows which of several
    markers of one name is meant: each is called NAME#k, k its place in the file, and none has the name itself.

    Parameters
    ----------
    path : the file, for the message. positions : m, (time, marker, axis), lab; NaN where missing. time : s.
    names : of the markers, as in the file. units : the file's unit of length, as it says.

    Raises
    ------
    TrialFormatError : no position at all; markers too far, too wide apart or too near for their unit.
    """
    finite = positions[np.isfinite(positions).all(-1)]
    if not len(finite):
        raise TrialFormatError(
            path, "expected marker positions, found none in any frame. Export the trial with its trajectories."
        )
    notes = []
    far = (np.abs(positions - np.median(finite, axis=0)) > LARGEST_VOLUME).any(-1)
    if 0 < far.sum() < MOST_ASTRAY * len(finite):
        positions = np.where(far[..., None], np.nan, positions)
        finite = positions[np.isfinite(positions).all(-1)]
        notes.append(
            f"{int(far.sum())} positions of {int(far.any(0).sum())} markers lie more than {LARGEST_VOLUME:g} m from "
            "the others: gaps."
        )
    extent, farthest = float(np.ptp(finite, axis=0).max()), float(np.abs(finite).max())
    if extent > LARGEST_VOLUME or farthest > LARGEST_DISTANCE or (len(names) > 3 and 0 < extent < SMALLEST_BODY):
        raise TrialFormatError(
            path,
            f"expected markers spread over {SMALLEST_BODY:g}-{LARGEST_VOLUME:g} m, {LARGEST_DISTANCE:g} m at most from "
            f"the origin, found {extent:.3g} m and {farthest:.3g} m with units '{units}'. Correct the units.",
        )
    twice = [name for name, count in Counter(names).items() if count > 1]
    labels = [f"{name}#{k}" if name in twice else name for k, name in enumerate(names, 1)]
    array = labelled(
        positions, ("time", "marker", "axis"), units="m", frame="lab", long_name="marker position",
        coords={"time": time, "marker": labels},
    )  # fmt: skip
    if twice:
        shown = ", ".join(f"'{printable(name, 24)}'" for name in twice[:6])
        notes.append(f"several markers are called {shown}: read as NAME#k, k the place in the file.")
    return array, notes

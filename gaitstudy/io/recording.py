"""One trial as cameras and plates saw it, whatever file it came from, and the checks that every reader makes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError, labelled
from gaitstudy.io.files import printable

LARGEST_VOLUME, LARGEST_DISTANCE = 30.0, 1000.0
"""m; no capture volume is larger than the first: markers spread wider are in millimetres called metres; and none lies
farther than the second from its own origin."""


@dataclass(frozen=True)
class Recording:
    """One trial: what the cameras and the plates saw, on one clock, in one frame.

    ``markers`` m, (time, marker, axis); ``loads`` dataset of ``io.plates.wrench`` or None; ``analogs``
    (time, channel) in the file's units; ``outputs`` (time, output, component), the angles and moments another
    program stored, in its own units; ``events`` columns time (s), event, side; ``subject`` numeric parameters
    by the file's own names (mm, kg) - never a name or a date; ``missing`` share of lost frames by marker; ``notes``
    what the reader had to decide or leave out, one sentence each, for the person who brought the file; ``left_out``
    the plates of the file that are not in ``loads``, by name, and why. What ``gaitstudy.read`` adds: ``roles``, the
    marker map by side; ``static``, markers of the static trial (m) and notes on it; ``mass`` (kg) and ``height`` (m) of
    the walker, NaN where not available.
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

    @property
    def missing(self) -> pd.Series:
        """Share of frames without a position, by marker."""
        lost = self.markers.isnull().any("axis").mean("time")
        return pd.Series(lost.values, index=self.markers["marker"].values, name="share of frames missing")


def turn_about_up(recording: Recording, direction: Sequence[float]) -> Recording:
    """Return the recording with the lab turned about y so that ``direction`` (x, z) becomes +x.

    Parameters
    ----------
    direction : the horizontal direction of travel in the present axes, as (x, z) or (x, y, z).
    """
    x, z = float(direction[0]), float(direction[-1])
    length = np.hypot(x, z)
    turn = np.array([[x / length, 0, z / length], [0, 1, 0], [-z / length, 0, x / length]])
    markers = recording.markers.copy(data=recording.markers.values @ turn.T)
    loads = recording.loads
    if loads is not None:
        loads = loads.copy()
        for key in {"force", "moment", "corners"} & set(loads):
            loads[key] = loads[key].copy(data=loads[key].values @ turn.T)
    return replace(recording, markers=markers, loads=loads)


def axes_matrix(path: str | Path, axes: Sequence[str]) -> np.ndarray:
    """Return the directions that are forward, up and right in a file's axes, as rows.

    Parameters
    ----------
    path : the file, for the message. axes : those of its axes that point forward and up, as ``("+X", "+Z")``.

    Raises
    ------
    TrialFormatError : not two axes that are perpendicular.
    """
    forward, up = (unit_axis(text) for text in axes)
    if forward is None or up is None or abs(forward @ up) > 0:
        given = " and ".join(f"'{printable(text, 10)}'" for text in axes)
        raise TrialFormatError(
            path,
            f"expected two axes like '+X' and '+Z' that point forward and up, found {given}. Say which they are: "
            "axes=('+X', '+Z'), or --axes +X+Z on the command line.",
        )
    return np.stack([forward, up, np.cross(forward, up)])


def unit_axis(text: str) -> np.ndarray | None:
    """Return the unit vector of an axis such as ``+X`` or ``-z``; None for another text."""
    match = re.fullmatch(r"([+-]?)([xyz])", text.strip().lower())
    if not match:
        return None
    vector = np.zeros(3)
    vector["xyz".index(match[2])] = -1.0 if match[1] == "-" else 1.0
    return vector


def named_markers(positions: np.ndarray, time: np.ndarray, names: list[str]) -> tuple[xr.DataArray, list[str]]:
    """Return positions (m, (time, marker, axis), lab) at times (s) as an array with each name once, and notes.

    Markers of one name that have the same positions are one marker. Where the positions differ nobody knows which are
    meant: each is called NAME#k, k its place in the file, and none has the name itself.
    """
    names, positions, notes = _each_once(names, positions)
    array = labelled(
        positions, ("time", "marker", "axis"), units="m", frame="lab", long_name="marker position",
        coords={"time": time, "marker": names},
    )  # fmt: skip
    return array, notes


def _each_once(names: list[str], positions: np.ndarray) -> tuple[list[str], np.ndarray, list[str]]:
    """Return markers under names that stand once, and notes on those that stood more than once."""
    labels, kept, notes = list(names), np.ones(len(names), bool), []
    twice = [name for name, count in Counter(names).items() if count > 1]
    alike, differ = [], []
    for name in twice:
        own = [k for k, other in enumerate(names) if other == name]
        if all(np.array_equal(positions[:, own[0]], positions[:, k], equal_nan=True) for k in own[1:]):
            alike.append(name)
            kept[own[1:]] = False
        else:
            differ.append(name)
            for k in own:
                labels[k] = f"{name}#{k + 1}"
    for found, what in ((alike, "the same positions: read once"),
                        (differ, "different positions: read as NAME#k, k the place in the file")):  # fmt: skip
        if found:
            shown = ", ".join(f"'{printable(name, 24)}'" for name in found[:6]) + " ..." * (len(found) > 6)
            notes.append(f"several markers are called {shown}, with {what}.")
    return [label for label, keep in zip(labels, kept, strict=True) if keep], positions[:, kept], notes


def extent_problems(positions: np.ndarray, units: str) -> list[str]:
    """Return what is wrong with positions (m, (time, marker, axis)): none at all, too far, too wide or too narrow."""
    if not np.isfinite(positions).any():
        return ["expected marker positions, found none in any frame. Export the trial with its trajectories."]
    finite = positions[np.isfinite(positions).all(-1)]
    extent = float(np.ptp(finite, axis=0).max()) if len(finite) else 0.0
    if len(finite) and np.abs(finite).max() > LARGEST_DISTANCE:
        return [
            f"expected markers within {LARGEST_DISTANCE:g} m of the origin, found {np.abs(finite).max():.3g} m with "
            f"units '{units}'. Correct the units, or the positions."
        ]
    if extent > LARGEST_VOLUME:
        return [
            f"expected markers within {LARGEST_VOLUME:g} m, found {extent:.3g} m with units '{units}': millimetres "
            f"called {units}, or a marker gone astray. Correct the units, or delete that marker's frames."
        ]
    if positions.shape[1] > 3 and 0 < extent < LARGEST_VOLUME / 1000:
        return [
            f"expected markers spread over a body, found all within {extent:.4f} m with units '{units}': metres "
            f"called {units}. Correct the units."
        ]
    return []

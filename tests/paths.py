"""Straight walks laid on paths that turn: what the tests of direction share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from gaitstudy.io.motion import Recording
from gaitstudy.io.plates import wrench
from gaitstudy.simulate.walker import Simulation, Walker, simulate

Piece = tuple[float, float]
"""Length (m) and by how much it turns to the right (deg)."""


@cache
def walk(strides: int = 10, toe_out: float = 7.0) -> Simulation:
    """Return the virtual walker, who walks straight on a treadmill."""
    return simulate(Walker(foot_progression_angle=toe_out), strides)


def overground(simulation: Simulation) -> Recording:
    """Return the treadmill walk as seen from the belt: along x over the floor, forces alike, without plates' edges."""
    trial = simulation.recording
    assert trial.loads is not None
    markers = trial.markers.copy()
    markers.loc[{"axis": "x"}] += simulation.numbers["speed"] * (markers["time"] - markers["time"][0])
    time = trial.loads["time"].values
    force, moment = trial.loads["force"].values, trial.loads["moment"].values.copy()
    along = np.zeros_like(force)
    along[..., 0] = simulation.numbers["speed"] * (time - time[0])[:, None]
    loads = wrench(time, list(trial.loads["plate"].values), force, moment + np.cross(along, force), np.zeros(2))
    return replace(trial, markers=markers, loads=loads, events=simulation.events[["time", "event", "side"]])


def along(pieces: Sequence[Piece], s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return place (..., x and z) and heading (rad, from x towards z) at a length along the path; ends run on straight.

    Each piece is an arc of a circle, or straight where it turns by nothing.
    """
    start, place, heading = 0.0, np.zeros(2), 0.0
    where, towards = np.stack([s, 0 * s], -1), 0.0 * s
    for length, degrees in (*pieces, (np.inf, 0.0)):
        here = s >= start
        gone = np.minimum(s - start, length)[here]
        turn = np.radians(degrees)
        bend = turn / length * gone
        chord = gone * np.sinc(bend / 2 / np.pi)
        step = chord[..., None] * np.stack([np.cos(heading + bend / 2), np.sin(heading + bend / 2)], -1)
        where[here], towards[here] = place + step, heading + bend
        if np.isfinite(length):
            reach = length * np.sinc(turn / 2 / np.pi)
            place = place + reach * np.array([np.cos(heading + turn / 2), np.sin(heading + turn / 2)])
            start, heading = start + length, heading + turn
    return where, towards


def bent(trial: Recording, pieces: Sequence[Piece]) -> Recording:
    """Return a walk along x laid on a path: x becomes the length along it, z the distance to its right.

    The force of each plate goes with its point of application and turns with the path there.
    """

    def laid(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        where, heading = along(pieces, point[..., 0])
        z = point[..., 2]
        result = np.stack([where[..., 0] - z * np.sin(heading), point[..., 1], where[..., 1] + z * np.cos(heading)], -1)
        return result, heading

    markers = trial.markers.copy(data=laid(trial.markers.values)[0])
    if trial.loads is None:
        return replace(trial, markers=markers)
    force, moment = trial.loads["force"].values, trial.loads["moment"].values
    up = np.where(force[..., 1] > 1e-6, force[..., 1], np.nan)
    point = np.nan_to_num(np.stack([moment[..., 2] / up, 0 * up, -moment[..., 0] / up], -1))
    about = moment - np.cross(point, force)
    there, heading = laid(point)
    c, s, zero = np.cos(heading), np.sin(heading), 0 * heading
    turn = np.stack([np.stack(r, -1) for r in ((c, zero, -s), (zero, zero + 1, zero), (s, zero, c))], -2)
    force, about = (np.einsum("...ij,...j->...i", turn, v) for v in (force, about))
    time, names = trial.loads["time"].values, list(trial.loads["plate"].values)
    return replace(
        trial, markers=markers, loads=wrench(time, names, force, about + np.cross(there, force), np.zeros(2))
    )


def heading_at(pieces: Sequence[Piece], s: float) -> float:
    """Return the path's heading at a length along it, deg."""
    return float(np.degrees(along(pieces, np.array([s]))[1][0]))

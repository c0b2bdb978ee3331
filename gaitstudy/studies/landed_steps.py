"""Real steps on a plate, each with the leg that made it: what the knee's moments of a stance are worked out from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import xarray as xr

from gaitstudy.gait.events import contacts
from gaitstudy.io import motion
from gaitstudy.load import knee
from gaitstudy.load.landmarks import marker_map
from gaitstudy.load.skeleton import leg_from_markers
from gaitstudy.studies.agreement import OWN_SKELETON, ground_reaction, own_skeleton_trial, participant
from gaitstudy.trials import face_forward, find_strides, smooth


class Landed(NamedTuple):
    """A step: ``leg`` and ``loads`` at 8 Hz, which ``plate``, from ``start`` to ``end`` (s), and the ``mass`` (kg)."""

    leg: xr.Dataset
    loads: xr.Dataset
    plate: str
    start: float
    end: float
    mass: float

    @property
    def moments(self) -> xr.Dataset:
        """External knee moments, N m: inverse dynamics, tibial axes."""
        return knee.knee_moments(self.leg, self.loads, self.plate, method="inverse dynamics", mass=self.mass)


def recorded_steps(path: Path) -> Iterator[Landed]:
    """Yield every whole step (s, kg, as in ``Landed``) of a C3D file with Plug-in Gait markers."""
    names, trial = marker_map("plug-in-gait"), motion.read_c3d(path)
    forward = face_forward(trial, names)
    _, landed = find_strides(forward, names)
    even = smooth(forward)
    for step in landed[landed["reason"] == ""].to_dict("records"):
        leg = leg_from_markers(even.markers, names, step["side"], subject=trial.subject)
        yield Landed(leg, ground_reaction(even), step["plate"], step["start"], step["end"], trial.subject["bodymass"])


def carried_step(dataset: str, trial: str) -> Landed:
    """Return the first step (s, kg, as in ``Landed``) of a trial whose knee markers are carried from a static one.

    Files made for OpenSim begin with the step or shortly after: there ``start`` is the file's, not the contact's.
    """
    about = OWN_SKELETON[dataset]
    recorded, static = own_skeleton_trial(dataset, trial)
    even, names = smooth(recorded), marker_map(about["map"])
    plate = about["plate"] if isinstance(about["plate"], str) else about["plate"][trial]
    leg = leg_from_markers(even.markers, names, about["side"], static=static.markers)
    step = contacts(ground_reaction(recorded)["force"].sel(plate=plate, axis="y", drop=True)).iloc[0]
    mass = float(participant(dataset)["mass_kg"])
    return Landed(leg, ground_reaction(even), plate, float(step["start"]), float(step["end"]), mass)

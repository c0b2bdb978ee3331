"""What one knee of a noise-free virtual person carries in one stance, with the frontal moment in two sets of axes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy.conventions import GRAVITY, GaitStudyError, pick
from gaitstudy.gait import signals
from gaitstudy.io import catalogue
from gaitstudy.load import contact, knee
from gaitstudy.load.dynamics import leg_loads
from gaitstudy.simulate.walker import Simulation, Walker, simulate, stances

FRAMES = ("tibia", "lab")
"""Axes in which the frontal moment is taken; they disagree as soon as the leg turns, so both are always given."""
STRIDES = 2
LOADS = {
    "kam1": "%BW*Ht", "kam2": "%BW*Ht", "impulse": "%BW*Ht*s", "peak": "N m/kg", "medial": "BW", "lateral": "BW",
    "share": "% of the total",
}  # fmt: skip
"""What is read of each knee, and in which unit: first and second peak and impulse of the knee adduction moment, its
larger peak per kg; first peak of the medial and of the lateral contact force; the medial side's share of the total at
the first peak of the total."""
EARLY = 1 / 3
"""Of stance; the part in which the first peaks of the forces are sought: past it they rise towards the second."""


@catalogue.remembered(most=16)  # whoever is walked twice is walked in close succession
def walked(walker: Walker) -> Simulation:
    """Return ``STRIDES`` strides of a virtual person in an undisturbed laboratory."""
    return simulate(walker, STRIDES)


@catalogue.remembered()
def knee_load(walker: Walker, side: str = "right", natural: Walker | None = None) -> pd.DataFrame:
    """Return what one knee carries in one noise-free stance, a row a frame.

    Parameters
    ----------
    walker : its variability must be 0. side : which knee. natural : the same person unchanged; the peaks of the moment
        are then sought near theirs (``knee.peaks``), else in either half of stance.

    Returns
    -------
    ``frame``; the columns of ``LOADS`` in their units; ``percent1, percent2`` of stance at the moment's peaks. Contact
    forces are those of ``contact.reduced`` with the frontal moment taken in that frame, compression positive.

    Raises
    ------
    GaitStudyError : a walker whose strides vary.
    """
    if walker.variability:
        raise GaitStudyError(
            f"walker: expected one whose strides are equal, found a variability of {walker.variability:g}. Set it to 0."
        )
    simulation = walked(walker)
    start, end = stances(simulation, side)[0]
    leg, time = simulation.legs[side], simulation.loads["time"].values
    early = (time >= start) & (time <= start + EARLY * (end - start))
    net = leg_loads(leg, simulation.loads, side, walker.mass, sex=walker.sex)
    inputs = contact.contact_inputs(leg, simulation.loads, side, walker.mass, sex=walker.sex, net=net)
    in_lab = knee.express(-pick(net["moment"], joint="knee"), leg, "lab", "inverse dynamics")
    moments = dict(zip(FRAMES, (own["knee_adduction_moment"] for own in (inputs, in_lab)), strict=True))
    own = None if natural is None else knee_load(natural, side)[["percent1", "percent2"]].to_numpy()
    rows = []
    for k, (frame, moment) in enumerate(moments.items()):
        curve = signals.normalise_time(knee.normalise_moment(moment, walker.mass, walker.height), [start], [end])
        peak = knee.peaks(curve, None if own is None else (own[k, 0], own[k, 1])).iloc[0]
        forces = contact.reduced(inputs.assign(knee_adduction_moment=moment.variable), walker.mass)
        medial, lateral, total = (
            forces[f"{part}_contact_force"].values[early] / (walker.mass * GRAVITY)
            for part in ("medial", "lateral", "total")
        )
        most = int(np.argmax(total))
        rows.append(
            {
                "frame": frame,
                "kam1": peak["peak1"],
                "kam2": peak["peak2"],
                "impulse": float(knee.impulse(curve, np.array([end - start]))[0]),
                "peak": peak["larger"] * GRAVITY * walker.height / 100,
                "medial": float(medial.max()),
                "lateral": float(lateral.max()),
                "share": 100 * float(medial[most] / total[most]),
                "percent1": peak["percent1"],
                "percent2": peak["percent2"],
            }
        )
    return pd.DataFrame(rows)

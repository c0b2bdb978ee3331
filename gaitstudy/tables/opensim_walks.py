"""Five walks with an instrumented knee through OpenSim's static optimisation: the campaign ``gc5_opensim``.

Static optimisation takes about a minute and needs OpenSim, so its numbers are stored, not made anew by a page. Only
summary numbers are: the dataset's licence lets no curve be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.io import catalogue, motion
from gaitstudy.load import contact
from gaitstudy.load.musculoskeletal import CUT_OFF, coordinates_from_storage, knee_reactions
from gaitstudy.tables.agreement import participant
from gaitstudy.tables.implant import (
    ABOUT,
    DATASET,
    PLATE,
    SIDE,
    body_weight,
    calibration_pairs,
    foot_off,
    score,
    shipped_reactions,
    stacked,
    trials,
)

MODEL = "inputs/GC5_FemAntev12Deg.osim"
MOTION = "reference_IK/PS_ngait_og_{trial}_kinematics.mot"
FEET = {PLATE: "calcn_l"}
"""Only the left foot's force is recorded whole; the right leg's does not reach the left knee."""
DISTANCES = {"opensim, condyles 40 mm apart": 0.040, "opensim": contact.CONDYLE_DISTANCE,
             "opensim, condyles 50 mm apart": 0.050}  # fmt: skip
"""m; distance of the condyles: the middle one was fixed beforehand, the others show what it does."""
ABOVE, JUMP = 0.5, 0.3
"""BW; a frame of swing is a spike if it lies further above the dataset's own largest swing value, or this far from the
frame before it (1/120 s). Fixed before the first run."""
TOLERANCE = 0.01
REASON = (
    "an optimiser's: on one machine every run gives the same digits, whatever the number of threads; a hundred times "
    "looser convergence moves a number by up to .006 of itself, so another build of OpenSim may too"
)
"""The relative difference of these tables that passes, and why it is wider than rounding."""


@catalogue.remembered(DATASET)
def reactions(trial: str) -> xr.Dataset:
    """Return ``musculoskeletal.knee_reactions`` of one trial's left knee over (time,), everything at 6 Hz.

    Parameters
    ----------
    trial : ``ss1`` ... of ``implant.measured_forces``.
    """
    model = catalogue.locate(DATASET, MODEL)
    coordinates = coordinates_from_storage(catalogue.locate(DATASET, MOTION.format(trial=trial)), model)
    path = catalogue.locate(DATASET, ABOUT["forces"].format(trial=f"PS_ngait_og_{trial}"))
    loads = motion.storage_loads(motion.read_storage(path))
    mass = float(participant(DATASET)["mass_kg"])
    return knee_reactions(model, coordinates, loads, FEET, SIDE, cut_off=CUT_OFF, mass=mass)


def _contact_curves(which: Sequence[str] | None = None, distance: float = contact.CONDYLE_DISTANCE) -> xr.Dataset:
    """Return our contact forces, ``contact.two_condyle``, N, (trial, percent): for a fit, never for a table.

    Parameters
    ----------
    which : trials; default all five, which takes about a minute. distance : m, of the condyles.
    """
    names = list(which or trials())
    curves = stacked([reactions(trial)[["axial_force", "frontal_moment"]] for trial in names], names)
    return contact.two_condyle(curves, float(participant(DATASET)["mass_kg"]), condyle_distance=distance)


def against_implant(which: Sequence[str] | None = None) -> pd.DataFrame:
    """Return ``implant.score`` of our static optimisation, BW, with the condyles 40, 45 and 50 mm apart."""
    return pd.concat([score(_contact_curves(which, d), name) for name, d in DISTANCES.items()], ignore_index=True)


def calibration() -> pd.DataFrame:
    """Return ``implant.calibration_pairs`` (BW) with our medial force, condyles 45 mm apart, as the predictor."""
    return calibration_pairs({"opensim": _contact_curves()["medial_contact_force"]})


def against_dataset(which: Sequence[str] | None = None) -> pd.DataFrame:
    """Return our axial reaction beside the dataset's own (OpenSim 3.3, static optimisation), one row a trial.

    Columns, BW unless said: ``rmse``, ``rmse_stance``, ``rmse_swing``, ``bias``, ``r``, ``peak_ours``, ``peak_theirs``
    over the whole cycle; ``swing_ours``, ``swing_theirs`` largest size in swing; ``jump_ours``,
    ``jump_theirs`` largest step between two frames of swing; ``spikes`` frames of swing beyond ``ABOVE`` or ``JUMP``,
    the first and the last of them at ``spike_first``, ``spike_last`` (% of the cycle, NaN if there is none);
    ``frontal_rmse`` N m; ``reserve`` and ``reserve_mean``, largest and mean over the cycle of the share of a joint
    moment that muscles do not supply; ``unsolved`` frames.
    """
    return pd.DataFrame([_beside_dataset(trial) for trial in which or trials()])


def _rms(difference: np.ndarray) -> float:
    return float(np.sqrt(np.mean(difference**2)))


def _beside_dataset(trial: str) -> dict[str, Any]:
    ours, theirs = reactions(trial), shipped_reactions(trial)
    time = ours["time"].values
    a, b = (reaction["axial_force"].values / body_weight() for reaction in (ours, theirs))
    swing = time > time[-1] * foot_off(trial) / 100
    row: dict[str, Any] = {"trial": trial, "rmse": _rms(a - b), "rmse_stance": _rms((a - b)[~swing])}
    row |= {"rmse_swing": _rms((a - b)[swing]), "bias": float(np.mean(a - b)), "r": float(np.corrcoef(a, b)[0, 1])}
    row |= {"peak_ours": float(a.max()), "peak_theirs": float(b.max())}
    steps = {who: np.abs(np.diff(curve, prepend=curve[0]))[swing] for who, curve in (("ours", a), ("theirs", b))}
    row |= {"swing_ours": np.abs(a[swing]).max(), "swing_theirs": np.abs(b[swing]).max()}
    row |= {f"jump_{who}": step.max() for who, step in steps.items()}
    high = np.abs(a[swing]) > row["swing_theirs"] + ABOVE
    spikes = 100 * time[swing][high | (steps["ours"] > JUMP)] / time[-1]
    ends = (spikes[0], spikes[-1]) if len(spikes) else (np.nan, np.nan)
    row |= {"spikes": len(spikes), "spike_first": ends[0], "spike_last": ends[1]}
    row["frontal_rmse"] = _rms(ours["frontal_moment"].values - theirs["frontal_moment"].values)
    row |= {"reserve": float(ours["reserve"].max()), "reserve_mean": float(ours["reserve"].mean())}
    return row | {"unsolved": int(ours.attrs["unsolved"])}

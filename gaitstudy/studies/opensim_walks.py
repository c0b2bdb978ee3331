"""The walks with an instrumented knee through OpenSim: our static optimisation beside the dataset's and the implant.

One trial takes some ten seconds. The tables are made by ``python3 run.py campaign gc5_opensim`` and kept as summary
numbers; ``rerun`` computes one trial anew and says whether it still gives what is stored.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io import catalogue, motion, results
from gaitstudy.load import contact
from gaitstudy.load.musculoskeletal import CUT_OFF, coordinates_from_storage, knee_reactions
from gaitstudy.studies.implant import (
    ABOUT,
    DATASET,
    PLATE,
    REACTIONS,
    SIDE,
    body_weight,
    foot_off_percent,
    over_cycle,
    shipped_reactions,
    trials,
)
from gaitstudy.studies.yardstick import BOUNDS, calibration_pairs, score
from gaitstudy.tables.agreement import compare, participant

MODEL = "inputs/GC5_FemAntev12Deg.osim"
MOTION = "reference_IK/PS_ngait_og_{trial}_kinematics.mot"
FEET = {PLATE: "calcn_l"}
"""Only the left foot's force is recorded whole; the right leg's does not reach the left knee."""
DISTANCES = (0.040, contact.CONDYLE_DISTANCE, 0.050)
"""m; distance of the condyles: the middle one was fixed beforehand, the others show what it does."""
LIVE = "ss1"
"""The trial that a notebook may run anew, chosen before any was run."""
ABOVE, JUMP = 0.5, 0.3
"""BW; a frame of swing is a spike if it lies further above the dataset's own largest swing value, or this far from the
frame before it (1/120 s). Fixed before the first run."""
AXIAL_EACH, AXIAL_MEAN = 0.30, 0.25
"""BW; asked of each trial, and of their mean: our axial reaction against the dataset's own."""
TOLERANCE = 0.01
REASON = (
    "an optimiser's: on one machine every run gives the same digits, whatever the number of threads; a hundred times "
    "looser convergence moves a number by up to .006 of itself, so another build of OpenSim may too"
)
"""The relative difference of the tables below that passes, and why it is wider than rounding."""
TABLES = {
    "gc5_opensim": ["estimator", "trial", "compartment"],
    "gc5_opensim_axial": ["trial"],
    "gc5_opensim_calibration": ["predictor", "trial"],
}
"""The tables kept by the campaign ``gc5_opensim``, and the key of each."""


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


def contact_curves(which: Sequence[str] | None = None, distance: float = contact.CONDYLE_DISTANCE) -> xr.Dataset:
    """Return our contact forces, N, (trial, percent) of the left cycle: for a picture or a fit, never for a table.

    Parameters
    ----------
    which : trials; default all five, which takes about a minute. distance : m, of the condyles.

    Returns
    -------
    Dataset of ``contact.two_condyle``.
    """
    mass, names = float(participant(DATASET)["mass_kg"]), list(which or trials())
    each = [_over_cycle(reactions(trial)) for trial in names]
    stacked = xr.concat(each, pd.Index(names, name="trial"), combine_attrs="override")
    return contact.two_condyle(stacked, mass, condyle_distance=distance)


def against_implant(which: Sequence[str] | None = None) -> pd.DataFrame:
    """Return ``yardstick.score`` of our static optimisation, BW, with the condyles 40, 45 and 50 mm apart."""
    tables = [score(contact_curves(which, d), _name(d)) for d in DISTANCES]
    return pd.concat(tables, ignore_index=True)


def against_dataset(which: Sequence[str] | None = None) -> pd.DataFrame:
    """Return our axial reaction beside the one the dataset ships (OpenSim 3.3, static optimisation), one row a trial.

    Columns, BW unless said: ``rmse``, ``rmse_stance``, ``rmse_swing``, ``bias``, ``r``, ``peak_ours``, ``peak_theirs``
    over the whole cycle; ``swing_ours``, ``swing_theirs`` largest size in swing; ``jump_ours``,
    ``jump_theirs`` largest step between two frames of swing; ``spikes`` frames of swing beyond ``ABOVE`` or ``JUMP``,
    the first and the last of them at ``spike_first``, ``spike_last`` (% of the cycle, NaN if there is none);
    ``frontal_rmse`` N m; ``reserve`` and ``reserve_mean``, largest and mean over the cycle of the share of a joint
    moment that muscles do not supply; ``unsolved`` frames.
    """
    return pd.DataFrame([_beside_dataset(trial) for trial in which or trials()])


def calibration() -> pd.DataFrame:
    """Return ``yardstick.calibration_pairs`` (BW) with our medial force, condyles 45 mm apart, as the predictor."""
    name = _name(contact.CONDYLE_DISTANCE)
    return calibration_pairs({name: contact_curves()["medial_contact_force"]})


def asked(scores: pd.DataFrame, axial: pd.DataFrame) -> pd.DataFrame:
    """Return what was asked of the re-run beside what was found, met or not.

    Parameters
    ----------
    scores, axial : tables of ``against_implant`` and ``against_dataset``, BW.
    """
    own = scores[(scores["estimator"] == _name(contact.CONDYLE_DISTANCE)) & (scores["compartment"] == "medial")]
    rows = (
        ("axial reaction v the dataset's own, largest of the trials (BW)", AXIAL_EACH, axial["rmse"].max()),
        ("axial reaction v the dataset's own, mean of the trials (BW)", AXIAL_MEAN, axial["rmse"].mean()),
        ("spikes in swing, frames of all trials", 0.0, axial["spikes"].sum()),
        ("medial force v implant, cycle, mean of the trials (BW)", BOUNDS["opensim"], own["rmse_cycle"].mean()),
    )
    return pd.DataFrame(
        [
            {"what": what, "asked": bound, "found": float(found), "met": "yes" if found <= bound else "no"}
            for what, bound, found in rows
        ]
    )


def rerun(trial: str = LIVE) -> pd.DataFrame:
    """Compute one trial anew where recordings and OpenSim are, and see that every stored number of it comes out again.

    Parameters
    ----------
    trial : ``ss1`` unless named.

    Returns
    -------
    A row a stored table: ``table, trial``, how many ``numbers`` it keeps of the trial, and ``tolerance``, the relative
    difference that it allows. ``attrs["reason"]`` says why nothing was run, or is empty: the same table either way.

    Warns
    -----
    TableDiffers : a number moved by more than that; the worst are shown.

    Raises
    ------
    DatasetUnavailable : a table is not stored.
    """
    reason = "" if importlib.util.find_spec("opensim") else "OpenSim is not installed"
    if not catalogue.present(DATASET):
        reason = f"dataset not on this machine: {DATASET}"
    rows = []
    for name, compute in zip(TABLES, (against_implant, against_dataset), strict=False):
        old = results.kept(name).query("trial == @trial")
        if not reason:
            results.compare(name, old, compute([trial]), TABLES[name], TOLERANCE)
        numbers = old.select_dtypes("number").size
        rows.append({"table": name, "trial": trial, "numbers": numbers, "tolerance": TOLERANCE})
    result = pd.DataFrame(rows)
    result.attrs["reason"] = reason
    return result


def _name(distance: float) -> str:
    own = np.isclose(distance, contact.CONDYLE_DISTANCE)
    return "opensim" if own else f"opensim, condyles {1000 * distance:.0f} mm apart"


def _over_cycle(made: xr.Dataset) -> xr.Dataset:
    return over_cycle(made[["axial_force", "frontal_moment"]], float(made["time"][-1]))


def _beside_dataset(trial: str) -> dict[str, Any]:
    ours, theirs, weight = reactions(trial), shipped_reactions(trial), body_weight()
    time, clock = ours["time"].values, theirs["time"].values
    if len(clock) != len(time) or np.abs(clock - time).max() > 1e-5:
        found = f"{len(clock)} others. Fetch the dataset again."
        raise TrialFormatError(
            REACTIONS.format(trial=trial), f"expected the motion's {len(time)} instants, found {found}"
        )
    a, b = (made["axial_force"].values / weight for made in (ours, theirs))
    swing = time > time[-1] * foot_off_percent(trial) / 100
    whole, stance, rest = compare(a, b), compare(a, b, ~swing), compare(a, b, swing)
    row: dict[str, Any] = {
        "trial": trial,
        "rmse": whole["rms"],
        "rmse_stance": stance["rms"],
        "rmse_swing": rest["rms"],
    }
    row |= {"bias": float(np.mean(a - b)), "r": whole["r"]}
    row |= {"peak_ours": whole["peak_ours"], "peak_theirs": whole["peak_theirs"]}
    steps = [np.abs(np.diff(curve, prepend=curve[0]))[swing] for curve in (a, b)]
    largest = [float(np.abs(curve[swing]).max()) for curve in (a, b)]
    row |= {"swing_ours": largest[0], "swing_theirs": largest[1]}
    row |= {"jump_ours": float(steps[0].max()), "jump_theirs": float(steps[1].max())}
    spikes = 100 * time[swing][(np.abs(a[swing]) > largest[1] + ABOVE) | (steps[0] > JUMP)] / time[-1]
    ends = (spikes[0], spikes[-1]) if len(spikes) else (np.nan, np.nan)
    row |= {"spikes": len(spikes), "spike_first": ends[0], "spike_last": ends[1]}
    row["frontal_rmse"] = compare(ours["frontal_moment"].values, theirs["frontal_moment"].values)["rms"]
    row |= {"reserve": float(ours["reserve"].max()), "reserve_mean": float(ours["reserve"].mean())}
    return row | {"unsolved": int(ours.attrs["unsolved"])}

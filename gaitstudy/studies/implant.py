"""Walks with an instrumented knee: what the implant measured, and every estimator's answer to the same walks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import scipy.io
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES, TrialFormatError, labelled
from gaitstudy.gait import signals
from gaitstudy.gait.events import THRESHOLD, contacts, events_from_markers
from gaitstudy.gait.foot import contaminated, outside_foot
from gaitstudy.io import catalogue, motion
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.load import contact
from gaitstudy.load.landmarks import find
from gaitstudy.tables.agreement import OPENSIM_CUT_OFF, OWN_SKELETON, own_skeleton_trial, participant

DATASET = "gc5-instrumented-knee"
ABOUT = OWN_SKELETON[DATASET]
SIDE, PLATE, OTHER_PLATE = "left", str(ABOUT["plate"]), "2_ground_force"
REACTIONS = "reference_opensim33_JR/{trial}_JointReaction_ReactionLoads.sto"
KNEE_REACTION = "walker_knee_l_on_tibia_l_in_tibia_l_"
COMPARTMENTS = ("medial", "lateral", "total")
PROMINENCE = 0.05
"""m; the recording begins shortly before the right foot leaves, so that its toes have little way to go until then."""
HEIGHT, HEIGHTS = 1.75, (1.60, 1.90)
"""m; the person's height is not available. The regression needs one: this is assumed, its effect shown over a range."""


@catalogue.remembered(DATASET)
def measured_forces() -> xr.Dataset:
    """Return what the implant measured: ``medial, lateral, total``, N, (trial, percent) of the left gait cycle.

    Total is medial plus lateral, along the shank; the file's third column is the size of the whole force with shear.
    """
    path = catalogue.locate(DATASET, "reference_in_vivo/eTibia_data.mat")
    walks = scipy.io.loadmat(path, squeeze_me=True, struct_as_record=False)["eTibia_data"].GC5.ngait_og
    names = [str(name).removesuffix(".c3d") for name in walks.trial_names]
    columns = list(map(str, walks.colheaders))
    if columns[:2] != ["F_medial", "F_lateral"] or sorted(names) != sorted(ABOUT["trials"]):
        raise TrialFormatError(path, f"expected F_medial, F_lateral of five known trials, found {columns}, {names}.")
    medial, lateral = walks.data[:, 0].T, walks.data[:, 1].T
    coords = {"trial": [name.removeprefix("PS_ngait_og_") for name in names], "percent": np.arange(101.0)}
    measured = dict(zip(COMPARTMENTS, (medial, lateral, medial + lateral), strict=True))
    return xr.Dataset(
        {
            k: labelled(v, ("trial", "percent"), units="N", long_name=f"measured {k} contact force", coords=coords)
            for k, v in measured.items()
        }
    )


@catalogue.remembered(DATASET)
def walk(trial: str) -> tuple[xr.Dataset, dict[str, float], xr.Dataset]:
    """Return one trial's estimator inputs, its instants, and where the force lies against the foot.

    Parameters
    ----------
    trial : ``ss1`` ... of ``measured_forces``.

    Returns
    -------
    ``contact.contact_inputs`` over (time,), markers and forces at 6 Hz. Instants in s: ``end`` of the cycle (the
    recording holds one left cycle from its first sample to its last), ``foot_off``, ``other_foot_off`` (the plate
    behind is unloaded), ``other_toes_off`` (right toes farthest behind the pelvis). ``foot.outside_foot`` on the
    plates' clock, unfiltered, with ``contaminated`` (until ``other_foot_off``) and ``doubtful`` (until
    ``other_toes_off``: toes that reach over the plate's edge may still press) added.
    """
    recorded = own_skeleton_trial(DATASET, f"PS_ngait_og_{trial}")
    prepared = pipeline.prepare(recorded, cut_off=OPENSIM_CUT_OFF)
    names, leg, even = recorded.roles, prepared.legs[SIDE], prepared.recording
    inputs = contact.contact_inputs(leg, prepared.loads, PLATE, recorded.mass)
    loads = recorded.ground_reaction
    off = {p: contacts(loads["force"].sel(plate=p, axis="y", drop=True)).iloc[0]["end"] for p in (PLATE, OTHER_PLATE)}
    instants = {"end": float(leg["time"][-1]), "foot_off": float(off[PLATE]), "other_foot_off": float(off[OTHER_PLATE])}
    pelvis = even.markers.sel(marker=[names[s]["psis"] for s in SIDES]).mean("marker")
    heel, toe = (find(even.markers, names["right"][r]) for r in ("heel", "toe"))
    instants["other_toes_off"] = float(events_from_markers(heel, toe, pelvis, PROMINENCE)[1][0])
    cop = centre_of_pressure(loads, THRESHOLD)[0].sel(plate=PLATE, drop=True)
    heel, toe = (
        signals.resample(find(recorded.markers, names[SIDE][r]), loads["time"]).assign_coords(time=loads["time"])
        for r in ("heel", "toe")
    )
    place = outside_foot(cop, heel, toe, SIDE)
    until = {"contaminated": instants["other_foot_off"], "doubtful": instants["other_toes_off"]}
    return inputs, instants, place.assign({k: contaminated(place["outside"], 0.0, end) for k, end in until.items()})


def over_cycle(curves: xr.Dataset, end: float) -> xr.Dataset:
    """Return curves over (time,), whose cycle starts at 0 s and ends at ``end`` (s), over (percent,) of the cycle."""
    cut = {
        str(name): signals.normalise_time(curve, [0.0], [end]).isel(stride=0, drop=True)
        for name, curve in curves.data_vars.items()
    }
    return xr.Dataset(cut, attrs=curves.attrs)


def trials() -> list[str]:
    """Return the names of the five trials in the implant's order."""
    return [str(name) for name in measured_forces()["trial"].values]


def _stack(each: list[xr.Dataset]) -> xr.Dataset:
    return xr.concat(each, pd.Index(trials(), name="trial"), combine_attrs="override")


@catalogue.remembered(DATASET)
def external_inputs() -> xr.Dataset:
    """Return ``contact.contact_inputs`` of all trials, (trial, percent) of the cycle."""
    return _stack([over_cycle(walk(t)[0], walk(t)[1]["end"]) for t in trials()])


def shipped_reactions(trial: str) -> xr.Dataset:
    """Return one trial's knee reactions that the dataset ships (OpenSim 3.3), ``contact.joint_reactions``, (time,)."""
    table = motion.read_storage(catalogue.locate(DATASET, REACTIONS.format(trial=f"PS_ngait_og_{trial}")))
    force, moment = (table[[f"{KNEE_REACTION}{k}{a}" for a in "xyz"]].to_numpy() for k in "fm")
    return contact.joint_reactions(table.index.to_numpy(), force, moment, SIDE)


@catalogue.remembered(DATASET)
def reaction_inputs() -> xr.Dataset:
    """Return ``shipped_reactions`` of all trials, at 6 Hz, (trial, percent) of the cycle."""
    each = []
    for trial in trials():
        made = shipped_reactions(trial)
        even = made.map(partial(signals.low_pass, cut_off=OPENSIM_CUT_OFF), keep_attrs=True)
        each.append(over_cycle(even, float(even["time"][-1])))
    return _stack(each)


def inputs_of(estimator: contact.Estimator) -> xr.Dataset:
    """Return what an estimator takes, of all trials: ``external_inputs`` or ``reaction_inputs``."""
    return external_inputs() if estimator.takes is contact.contact_inputs else reaction_inputs()


def labels(variants: bool = True) -> dict[str, str]:
    """Return the labels for figures of what ``estimates`` returns, by name.

    Parameters
    ----------
    variants : with the variants of the estimators.
    """
    return {name: label for name, label, _, options in _shown() if variants or not options}


def estimates(height: float = HEIGHT) -> dict[str, xr.Dataset]:
    """Return every estimator's forces with the constants fixed beforehand, (trial, percent), N, sorted by name.

    Parameters
    ----------
    height : m, assumed, for the estimators that need one.
    """
    mass = float(participant(DATASET)["mass_kg"])
    return {name: each.function(inputs_of(each), mass, height, **options) for name, _, each, options in _shown()}


def _shown() -> Iterator[tuple[str, str, contact.Estimator, Mapping[str, Any]]]:
    """Yield name, label, estimator and options of every estimate, in order of the estimators' names."""
    for name, each in sorted(contact.ESTIMATORS.items()):
        model = "" if each.takes is contact.contact_inputs else "OpenSim 3.3"
        for variant, options in {"": {}, **each.variants}.items():
            yield (
                name + (variant and f", {variant}") + (model and f" on the dataset's {model}"),
                each.label + (variant and f",\n{variant}") + (model and f" on\n{model}"),
                each,
                options,
            )


def body_weight() -> float:
    """Return the person's body weight, N."""
    return float(participant(DATASET)["mass_kg"]) * GRAVITY


def foot_off_percent(trial: str) -> float:
    """Return when the left foot leaves the plate, in per cent of its cycle."""
    _, instants, _ = walk(trial)
    return 100 * instants["foot_off"] / instants["end"]


def flagged_until(trial: str, what: str = "contaminated") -> float:
    """Return the per cent of the cycle up to which a trial's force is ``contaminated`` or ``doubtful``, else NaN.

    Parameters
    ----------
    trial : ``ss1`` ... what : variable of the third part of ``walk``, or ``outside``.
    """
    _, instants, place = walk(trial)
    samples = np.flatnonzero(place[what].values > 0)
    return 100 * float(place["time"][samples[-1]]) / instants["end"] if len(samples) else float("nan")


def contamination() -> pd.DataFrame:
    """Return where each trial's force lies against the foot.

    Columns: ``trial``; ``samples_outside`` the foot, ``outside_until``, ``contaminated_until``, ``doubtful_until`` (per
    cent of the cycle, NaN if none), ``other_foot_off``, ``other_toes_off``, ``foot_off`` (per cent, see ``walk``);
    ``furthest_behind`` the heel and ``furthest_ahead`` of it before the other foot is off, ``other_toe_inside`` the
    edge of the left foot's plate at left contact (negative: short of it), mm.
    """
    rows = []
    for trial in trials():
        _, instants, place = walk(trial)
        percent = 100 * place["time"].values / instants["end"]
        together = percent <= 100 * instants["other_foot_off"] / instants["end"]
        row: dict[str, Any] = {"trial": trial, "samples_outside": int(place["outside"].sum())}
        row |= {f"{k}_until": flagged_until(trial, k) for k in ("outside", "contaminated", "doubtful")}
        row |= {k: 100 * instants[k] / instants["end"] for k in ("other_foot_off", "other_toes_off", "foot_off")}
        row |= {"furthest_behind": 1000 * float(place["behind"].max())}
        row |= {"furthest_ahead": -1000 * float(place["behind"].values[together].min())}
        row |= {"other_toe_inside": 1000 * _other_toe_inside(trial)}
        rows.append(row)
    return pd.DataFrame(rows)


def _other_toe_inside(trial: str) -> float:
    """How far the right toe marker lies within the left foot's plate along the walkway, m; the C3D file has corners."""
    recorded = motion.read_c3d(catalogue.locate(DATASET, f"inputs/c3d/PS_ngait_og_{trial}.c3d"))
    edges = recorded.ground_reaction["corners"].sel(plate=PLATE[0]).values[:, 0]
    start = recorded.events.query("event == 'initial_contact' and side == @SIDE")["time"].min()
    toe = float(find(recorded.markers, "RToe").sel(axis="x").sel(time=start, method="nearest"))
    return float(min(toe - edges.min(), edges.max() - toe))


def places() -> dict[str, pd.DataFrame]:
    """Return how far in front of the heel each trial's force acts, mm, for a picture, never for a table.

    Columns by trial: ``percent`` of the cycle, ``ahead`` of the heel (mm), ``contaminated``, ``doubtful`` (1, 0).
    """
    found = {}
    for trial in trials():
        _, instants, place = walk(trial)
        percent = 100 * place["time"].values / instants["end"]
        flags = {k: place[k].values for k in ("contaminated", "doubtful")}
        found[trial] = pd.DataFrame({"percent": percent, "ahead": -1000 * place["behind"].values, **flags})
    return found


def curves(given: Mapping[str, xr.Dataset] | None = None) -> xr.Dataset:
    """Return the implant and every estimator in BW, (source, trial, percent), for a picture, never for a table."""
    made = dict(estimates() if given is None else given)
    every = [measured_forces().rename({c: f"{c}_contact_force" for c in COMPARTMENTS}), *made.values()]
    both = xr.concat(
        [e[[f"{c}_contact_force" for c in COMPARTMENTS]] for e in every],
        pd.Index(["implant", *made], name="source"),
        combine_attrs="drop",
    )
    result = both / body_weight()
    for name in result:
        result[name].attrs = {"units": "BW", "long_name": str(name).replace("_", " ")}
    return result

"""The real trials the notebooks walk through, as tidy tables: one plate contact, and one person's four ways to walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES
from gaitstudy.gait import signals
from gaitstudy.gait.foot import WINDOW
from gaitstudy.io import catalogue, motion
from gaitstudy.load import knee
from gaitstudy.pipeline import EDGES
from gaitstudy.tables.agreement import own_skeleton_moments, own_skeleton_trial, stored_output

WALK = ("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d")
"""Dataset and file of the walking trial that notebook 01 follows from bytes to moments."""
OUTCOMES = {
    "kam1_nm": "kam1", "kam2_nm": "kam2", "kam_impulse_nms": "impulse", "kfm_peak_nm": "kfm", "stance_time": "stance",
}  # fmt: skip
WAYS = {
    f"walking{code}{number}": condition
    for condition, code in {"natural": "", "toe-in": "TI", "toe-out": "TO", "trunk sway": "TS"}.items()
    for number in (1, 2)
}
"""The trials of ``opencap-foot-angle``, by their files' names, and in which of four ways the person walks."""


def contents() -> pd.DataFrame:
    """Return what the walking trial of page 01 holds, before any computation: ``what, value``."""
    trial = motion.read_c3d(catalogue.locate(*WALK))
    time, loads = trial.markers["time"].values, trial.ground_reaction
    rows = {
        "duration (s)": time[-1] - time[0],
        "first instant on the file's clock (s)": time[0],
        "marker rate (Hz)": signals.sampling_rate(time),
        "plate rate (Hz)": signals.sampling_rate(loads["time"]),
        "points stored as positions": trial.markers.sizes["marker"],
        "of these with a gap": int(trial.markers.isnull().any(("time", "axis")).sum()),
        "angles, moments and forces stored by Vicon": 0 if trial.outputs is None else trial.outputs.sizes["output"],
        "force plates": loads.sizes["plate"],
        "events stored": len(trial.events),
        "body mass (kg)": trial.subject["bodymass"],
        "body height (m)": trial.subject["height"] / 1000,
    }
    return pd.Series(rows, dtype=float).rename_axis("what").reset_index(name="value")


def outcomes_under(choices: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows of ``pipeline.outcomes`` of page 01's walking trial under several choices of settings.

    Parameters
    ----------
    choices : name to settings of ``pipeline.read``, ``prepare`` and ``stances``; those not named are the defaults.

    Returns
    -------
    The rows of ``pipeline.outcomes`` and ``choice``; ``kam1_edge, kam2_edge`` as yes and no, "" where no peak is.
    """
    rows = [
        pipeline.process(catalogue.locate(*WALK), **settings).assign(choice=name) for name, settings in choices.items()
    ]
    return _edges_in_words(pd.concat(rows, ignore_index=True)).fillna({"reason_excluded": ""})


def _edges_in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``pipeline.outcomes`` with yes, no, or "" where there is no peak, for a peak at an edge of its window."""
    return rows.assign(**{edge: rows[edge].map({True: "yes", False: "no"}).fillna("") for edge in EDGES})


def beside_opensim() -> pd.DataFrame:
    """Return our knee adduction moment of ``p3m6-walk`` Walking01 beside OpenSim's at 101 points of stance, N m.

    Columns ``percent, inverse_dynamics, lever_arm, opensim``: own skeleton; ours at 6 Hz,
    OpenSim with joint angles at 6 Hz and forces as recorded, turned from its model's axes into anatomical ones.
    """
    table = pd.read_csv(catalogue.data_folder() / "reference" / "opensim_knee_moments.csv")
    theirs = table[(table["trial"] == "Walking01") & (table["model"] == "automatic")]
    recorded, rows = own_skeleton_trial("p3m6-walk", "Walking01"), {"percent": theirs["percent"].to_numpy(float)}
    for method in reversed(knee.METHODS):
        ours, _ = own_skeleton_moments(recorded, "right", "1_ground_force", method)
        moment = signals.resample(ours["knee_adduction_moment"], theirs["time_s"].to_numpy())
        rows[method.replace(" ", "_")] = moment.values
    return pd.DataFrame(rows | {"opensim": theirs["kam_nm"].to_numpy()})


def one_contact(cut_off: float = signals.CUT_OFF) -> pd.DataFrame:
    """Return the first plate contact of page 01's walking trial at 101 points of stance: all that a moment is made of.

    Columns: ``percent``; ``time`` s; ``force_*`` N; ``pressure_*`` (centre of pressure), ``hip_*, knee_*, ankle_*``
    (joint centres), ``heel_*, toe_*`` (markers), m; ``forward_*`` (the tibia's forward axis), each x, y, z in the
    laboratory, positions from the middle of the planted foot (see ``planted``); ``lever_arm, inverse_dynamics,
    vicon``: external knee adduction moment in the axes of the tibia, N m/kg; ``side``; ``mass`` kg. The knee's centre
    is that of the chord method.

    Parameters
    ----------
    cut_off : Hz, of markers and forces.
    """
    trial = pipeline.read(catalogue.locate(*WALK))
    walk = pipeline.prepare(trial, cut_off=cut_off)
    curves = {method: pipeline.stances(walk, method=method) for method in knee.METHODS}
    stances = curves["lever arm"]
    first = int(stances["start"].where(stances["moment_usable"]).argmin("stance"))
    stance = stances.isel(stance=first)
    side, start, end = str(stance["side"].values), float(stance["start"]), float(stance["end"])
    parts, leg = planted(stance), walk.legs[side]
    origin = stance["knee"] - parts["knee"]
    places = {joint: leg["centre"].sel(joint=joint, drop=True) for joint in ("hip", "ankle")}
    places |= {marker: leg[marker] for marker in ("heel", "toe")}
    vectors = {"force": parts["force"], "pressure": parts["centre_of_pressure"]}
    vectors |= {name: parts[name] for name in ("knee", "forward")}
    for name, place in places.items():
        vectors[name] = signals.normalise_time(place, [start], [end]).isel(stride=0) - origin
    table = pd.DataFrame({"percent": stance["percent"].values})
    table["time"] = start + table["percent"] / 100 * (end - start)
    for name, vector in vectors.items():
        table[[f"{name}_{axis}" for axis in "xyz"]] = vector.values
    for method, every in curves.items():
        table[method.replace(" ", "_")] = every["knee_adduction_moment"].isel(stance=first).values / trial.mass
    vicon = signals.normalise_time(stored_output(trial, f"{side[0].upper()}KneeMoment", 1), [start], [end])
    return table.assign(vicon=vicon.isel(stride=0).values / 1000, side=side, mass=trial.mass)


def planted(stance: xr.Dataset) -> xr.Dataset:
    """Return what the moment of one stance of ``pipeline.stances`` is made of, at 101 points, laboratory frame.

    Returns
    -------
    Dataset as ``knee.decompose_moment_change`` wants it, (percent, axis): ``centre_of_pressure`` and ``knee`` (m),
    ``force`` (N), ``forward`` (of the tibia). Positions are from the middle of the planted foot (heel to toe, mean over
    15-40 % of stance), so that walking further left in the laboratory is no change. Where the force is too small to
    place it, the centre of pressure is NaN.
    """
    foot = stance["foot"].sel(percent=slice(*WINDOW)).mean("percent") * [1.0, 0.0, 1.0]
    with xr.set_options(keep_attrs=True):  # units and frame; the default from 2025.11 on
        pieces = {name: stance[name] - foot for name in ("centre_of_pressure", "knee")}
    return xr.Dataset(pieces | {"force": stance["ground_reaction"], "forward": stance["tibia_forward"]})


def four_ways(
    cut_off: float = signals.CUT_OFF, fpa_window: Sequence[float] = WINDOW, frame: str = "tibia"
) -> pd.DataFrame:
    """Return foot angle and knee moments of every trial of one person's four ways to walk, one row a foot.

    Of each foot the longest stance on a plate. Columns: ``condition, trial, side``; ``fpa`` deg, toe-out positive;
    ``kam1, kam2, larger`` N m, ``kam1_edge, kam2_edge`` (yes where a peak is only the end of its half of stance),
    ``impulse`` N m s, ``kfm`` N m, ``stance`` s. Where the recording cuts the stance (``whole`` is no) the foot angle
    is that of the recorded part and the rest is left out.

    Parameters
    ----------
    cut_off : Hz. fpa_window : per cent of stance. frame : of the moments; all as ``pipeline.stances`` takes them.
    """
    tables = []
    for trial, condition in WAYS.items():
        curves = _longest_stances(trial, cut_off=cut_off, fpa_window=(fpa_window[0], fpa_window[1]), frame=frame)
        found = _edges_in_words(pipeline.outcomes(curves)).rename(columns=OUTCOMES)
        found["larger"] = np.maximum(found["kam1"], found["kam2"])  # a missing one stays missing
        whole = curves["moment_usable"].values
        found.loc[~whole, ["larger", *OUTCOMES.values()]] = np.nan
        found = found.assign(condition=condition, trial=trial, whole=np.where(whole, "yes", "no"))
        tables.append(found.assign(fpa=curves["foot_progression_angle"].values))
    names = ["condition", "trial", "side", "whole", "fpa", "kam1", "kam2", "larger", *EDGES, "impulse", "kfm", "stance"]
    return pd.concat(tables, ignore_index=True)[names]


def four_ways_parts(cut_off: float = signals.CUT_OFF) -> pd.DataFrame:
    """Return what each change of the left first peak is made of: every trial against both natural ones.

    Columns: ``frame, condition, trial, natural, part, change`` (N m). Parts: those of ``knee.PARTS``, ``peak timing``
    and ``total``. Positions are from the planted foot (see ``planted``). The two natural trials against each other
    are listed as ``condition`` natural: what no change looks like.
    """
    pieces = {trial: planted(_longest_stances(trial, cut_off=cut_off).isel(stance=0)) for trial in WAYS}
    rows = []
    for frame, (trial, condition), natural in product(("tibia", "lab"), WAYS.items(), ("walking1", "walking2")):
        if trial not in ("walking1", natural):
            split = knee.decompose_moment_change(pieces[natural], pieces[trial], "left", frame)
            change = knee.decompose_peak_change(split, (5.0, 50.0))
            rows += [(frame, condition, trial, natural, part, size) for part, size in change.items()]
    return pd.DataFrame(rows, columns=["frame", "condition", "trial", "natural", "part", "change"])


def _longest_stances(trial: str, **settings: Any) -> xr.Dataset:
    """Return the left and the right foot's longest stance on a plate in one trial of ``opencap-foot-angle``, with
    ``settings`` of ``pipeline.stances``; feet are measured against the trial's own direction."""
    curves = pipeline.stances(own_skeleton_trial("opencap-foot-angle", trial), travel="trial", **settings)
    duration = (curves["end"] - curves["start"]).where(curves["plate"] != "")
    return curves.isel(stance=[int(duration.where(curves["side"] == side).argmax("stance")) for side in SIDES])

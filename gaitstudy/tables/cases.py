"""The real trials the notebooks walk through, as tidy tables: one plate contact, and one person's four ways to walk."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES
from gaitstudy.gait import signals
from gaitstudy.gait.events import THRESHOLD
from gaitstudy.gait.foot import WINDOW
from gaitstudy.io import catalogue, motion
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.load import knee
from gaitstudy.pipeline import EDGES
from gaitstudy.tables.agreement import own_skeleton_moments, own_skeleton_trial, stored_output

WALK = ("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d")
"""Dataset and file of the walking trial that notebook 01 follows from bytes to moments."""
YES_NO = {True: "yes", False: "no"}
OUTCOMES = {
    "kam1_nm": "kam1", "kam2_nm": "kam2", "kam_impulse_nms": "impulse", "kfm_peak_nm": "kfm", "stance_time": "stance",
}  # fmt: skip
CONDITIONS = {"natural": "", "toe-in": "TI", "toe-out": "TO", "trunk sway": "TS"}
"""The four ways of walking of ``opencap-foot-angle`` and how its files call them."""


def contents() -> pd.DataFrame:
    """Return what the walking trial of notebook 01 holds, before any computation: ``what, value``."""
    trial = motion.read_c3d(catalogue.locate(*WALK))
    time, loads = trial.markers["time"].values, trial.ground_reaction
    outputs = 0 if trial.outputs is None else trial.outputs.sizes["output"]
    rows = {
        "duration (s)": time[-1] - time[0],
        "first instant on the file's clock (s)": time[0],
        "marker rate (Hz)": signals.sampling_rate(time),
        "plate rate (Hz)": signals.sampling_rate(loads["time"]),
        "points stored as positions": trial.markers.sizes["marker"],
        "of these with a gap": int((trial.missing > 0).sum()),
        "angles, moments and forces stored by Vicon": outputs,
        "force plates": loads.sizes["plate"],
        "events stored": len(trial.events),
        "body mass (kg)": trial.subject["bodymass"],
        "body height (m)": trial.subject["height"] / 1000,
    }
    return pd.DataFrame({"what": list(rows), "value": [float(v) for v in rows.values()]})


def processed() -> pd.DataFrame:
    """Return the rows that ``gaitstudy process`` gives for the walking trial of notebook 01; edges as yes and no."""
    rows = pipeline.process_trial(catalogue.locate(*WALK)).fillna({"reason_excluded": ""})
    return rows.assign(**{edge: rows[edge].map(YES_NO) for edge in EDGES})


def beside_opensim() -> pd.DataFrame:
    """Return our knee adduction moment of ``p3m6-walk`` Walking01 beside OpenSim's at 101 points of stance, N m.

    Columns ``percent, inverse_dynamics, lever_arm, opensim``: own skeleton; ours at 6 Hz,
    OpenSim with joint angles at 6 Hz and forces as recorded, turned from its model's axes into anatomical ones.
    """
    table = pd.read_csv(catalogue.data_folder() / "reference" / "opensim_knee_moments.csv")
    theirs = table[(table["trial"] == "Walking01") & (table["model"] == "automatic")]
    rows = pd.DataFrame({"percent": theirs["percent"].to_numpy(float)})
    for method in reversed(knee.METHODS):
        ours, _ = own_skeleton_moments("p3m6-walk", "Walking01", method)
        moment = signals.resample(ours["knee_adduction_moment"], theirs["time_s"].to_numpy())
        rows[method.replace(" ", "_")] = moment.values
    return rows.assign(opensim=theirs["kam_nm"].to_numpy())


def one_contact() -> pd.DataFrame:
    """Return the first plate contact of a Plug-in Gait trial at 101 points of stance: all that a moment is made of.

    Columns: ``percent``; ``time`` s; ``force_*`` N, ``pressure_*`` (centre of pressure), ``knee_*`` m and ``forward_*``
    (the tibia's forward axis), each x, y, z in the lab; ``lever_arm``, ``inverse_dynamics``, ``vicon``: external knee
    adduction moment, N m/kg; ``mass`` kg. Markers and forces at 8 Hz, knee by the chord method.
    """
    trial = pipeline.read(catalogue.locate(*WALK))
    walk, mass = pipeline.prepare(trial), trial.mass
    contact = walk.whole.iloc[0]
    leg = walk.legs[contact["side"]]
    parts = ingredients(leg, walk.loads, contact["plate"], contact["start"], contact["end"])
    table = pd.DataFrame({"percent": parts["percent"].values})
    table["time"] = contact["start"] + table["percent"] / 100 * (contact["end"] - contact["start"])
    labels = {"force": "force", "pressure": "centre_of_pressure", "knee": "knee", "forward": "forward"}
    for short, name in labels.items():
        for k, axis in enumerate("xyz"):
            table[f"{short}_{axis}"] = parts[name].values[:, k]
    for method in knee.METHODS:
        moment = knee.knee_moments(leg, walk.loads, contact["plate"], method=method, mass=mass)["knee_adduction_moment"]
        table[method.replace(" ", "_")] = _over_stance(moment, contact) / mass
    vicon = stored_output(trial, f"{contact['side'][0].upper()}KneeMoment", 1)
    table["vicon"] = _over_stance(vicon, contact) / 1000
    table["side"], table["mass"] = contact["side"], mass
    return table


def planted(stance: xr.Dataset) -> xr.Dataset:
    """Return what the moment of one stance of ``pipeline.stances`` is made of: see ``ingredients``."""
    foot = stance["foot"].sel(percent=slice(*WINDOW)).mean("percent") * [1.0, 0.0, 1.0]
    with xr.set_options(keep_attrs=True):  # units and frame; the default from 2025.11 on
        pieces = {name: stance[name] - foot for name in ("centre_of_pressure", "knee")}
    return xr.Dataset(pieces | {"force": stance["ground_reaction"], "forward": stance["tibia_forward"]})


def ingredients(leg: xr.Dataset, loads: xr.Dataset, plate: str, start: float, end: float) -> xr.Dataset:
    """Return what the moment of one contact is made of, at 101 points of stance, lab frame.

    Parameters
    ----------
    leg : dataset of ``skeleton``. loads : ground reactions on its times. plate : the one under the foot.
    start, end : s.

    Returns
    -------
    Dataset as ``knee.decompose_moment_change`` wants it, (percent, axis): ``centre_of_pressure`` and ``knee`` (m),
    ``force`` (N), ``forward``. Positions are from the middle of the planted foot (heel to toe, mean over 15-40 % of
    stance), so that walking further left in the lab is no change. Where the force is too small to place it, the
    centre of pressure is NaN.
    """
    cop, _ = centre_of_pressure(loads)
    pieces = {
        "centre_of_pressure": cop.sel(plate=plate, drop=True),
        "knee": leg["centre"].sel(joint="knee", drop=True),
        "ground_reaction": loads["force"].sel(plate=plate, drop=True),
        "tibia_forward": leg["axes"].sel(segment="shank", direction="x", drop=True),
        "foot": (leg["heel"] + leg["toe"]) / 2,
    }
    curves = {k: signals.normalise_time(v, [start], [end]).isel(stride=0, drop=True) for k, v in pieces.items()}
    return planted(xr.Dataset(curves))


def choices() -> pd.DataFrame:
    """Return the peaks of one trial's three contacts under every choice a reviewer asks about, one changed at a time.

    Columns: ``choice``, ``value``, ``side``, ``contact``, ``kam1``, ``kam2`` (external, N m/kg), ``kam1_edge,
    kam2_edge`` (yes where the peak is only the end of its half of stance), ``kam1_change`` in % of the default's.
    Default: 8 Hz, tibial axes, knee by chord with Harrington's hip, contact at 30 N, lever arm.
    """
    own, stored = (pipeline.read(catalogue.locate(*WALK), name) for name in ("plug-in-gait", "plug-in-gait-outputs"))
    default: dict[str, Any] = {
        "filter": 8.0,
        "frame": "tibia",
        "centre": "chord, Harrington",
        "threshold": THRESHOLD,
        "method": "lever arm",
    }
    others: dict[str, tuple[Any, ...]] = {
        "filter": (6.0, 15.0),
        "frame": knee.FRAMES[1:],
        "centre": ("chord, Hara", "Vicon's"),
        "threshold": (20.0, 50.0),
        "method": knee.METHODS[1:],
    }
    rows = []
    for choice, value in [("default", ""), *((c, v) for c, values in others.items() for v in values)]:
        used = default | ({} if choice == "default" else {choice: value})
        trial = stored if used["centre"] == "Vicon's" else own
        if trial is stored and used["frame"] == knee.FRAMES[2]:
            continue
        hip = "harrington" if trial is stored else str(used["centre"]).split()[-1].lower()
        walk = pipeline.prepare(trial, cut_off=used["filter"], threshold=used["threshold"], hip=hip)
        found = pipeline.outcomes(pipeline.stances(walk, method=used["method"], frame=used["frame"], travel="trial"))
        kept = found[found["kam1_nm"].notna()].sort_values("ic_time")
        for number, peak in enumerate(kept.to_dict("records"), 1):
            shown = {"filter": "Hz", "threshold": "N"}.get(choice, "")
            text = f"{value:g} {shown}" if isinstance(value, float) else str(value)
            row = {"choice": choice, "value": text, "side": peak["side"], "contact": number}
            row |= {f"kam{k}": peak[f"kam{k}_nm"] / trial.mass for k in (1, 2)}
            rows.append(row | {edge: YES_NO[bool(peak[edge])] for edge in EDGES})
    table = pd.DataFrame(rows)
    base = table[table["choice"] == "default"].set_index("contact")["kam1"]
    table["kam1_change"] = 100 * (table["kam1"] / table["contact"].map(base) - 1)
    return table


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
    for (condition, code), number in product(CONDITIONS.items(), (1, 2)):
        trial = f"walking{code}{number}"
        curves = four_ways_stances(trial, cut_off, fpa_window, frame)
        found = pipeline.outcomes(curves).rename(columns=OUTCOMES)
        found = found.assign(condition=condition, trial=trial, fpa=curves["foot_progression_angle"].values)
        found["larger"] = found[["kam1", "kam2"]].max(axis=1)
        whole = curves["moment_usable"].values
        found[EDGES[0]], found[EDGES[1]] = (found[edge].map(YES_NO).fillna("") for edge in EDGES)
        moments = ["larger", *OUTCOMES.values()]
        found.loc[~whole, moments] = np.nan
        tables.append(found.assign(whole=np.where(whole, "yes", "no")).loc[longest(curves)])
    names = ["condition", "trial", "side", "whole", "fpa", "kam1", "kam2", "larger", *EDGES, "impulse", "kfm", "stance"]
    return pd.concat(tables, ignore_index=True)[names]


def four_ways_parts(cut_off: float = signals.CUT_OFF) -> pd.DataFrame:
    """Return what each change of the left first peak is made of: every trial against both natural ones.

    Columns: ``frame, condition, trial, natural, part, change`` (N m). Parts: those of ``knee.PARTS``, ``peak timing``
    and ``total``. Positions are from the planted foot (see ``planted``). The two natural trials against each other
    are listed as ``condition`` natural: what no change looks like.
    """
    trials = {f"walking{code}{k}": name for name, code in CONDITIONS.items() for k in (1, 2)}
    pieces = {}
    for trial in trials:
        curves = four_ways_stances(trial, cut_off)
        pieces[trial] = planted(curves.isel(stance=longest(curves)[0]))
    rows = []
    for frame, (trial, condition), natural in product(("tibia", "lab"), trials.items(), ("walking1", "walking2")):
        if trial in ("walking1", natural):
            continue
        split = knee.decompose_moment_change(pieces[natural], pieces[trial], "left", frame)
        for part, change in knee.decompose_peak_change(split, (5.0, 50.0)).items():
            rows.append((frame, condition, trial, natural, part, float(change)))
    return pd.DataFrame(rows, columns=["frame", "condition", "trial", "natural", "part", "change"])


def four_ways_stances(
    trial: str, cut_off: float = signals.CUT_OFF, fpa_window: Sequence[float] = WINDOW, frame: str = "tibia"
) -> xr.Dataset:
    """Return every stance of one trial of ``opencap-foot-angle`` (``pipeline.stances``), against its own direction."""
    return _four_ways_stances(trial, cut_off, (fpa_window[0], fpa_window[1]), frame)


@catalogue.remembered("opencap-foot-angle")
def _four_ways_stances(trial: str, cut_off: float, fpa_window: tuple[float, float], frame: str) -> xr.Dataset:
    recording = own_skeleton_trial("opencap-foot-angle", trial)
    return pipeline.stances(recording, cut_off=cut_off, fpa_window=fpa_window, frame=frame, travel="trial")


def longest(curves: xr.Dataset) -> list[int]:
    """Return the places of the left and of the right foot's longest stance on a plate, in ``pipeline.stances``."""
    duration = (curves["end"] - curves["start"]).where(curves["plate"] != "").to_series()
    return [int(duration[(curves["side"] == side).values].idxmax()) for side in SIDES]


def _over_stance(signal: xr.DataArray, contact: pd.Series | dict) -> np.ndarray:
    return signals.normalise_time(signal, [contact["start"]], [contact["end"]]).isel(stride=0).values

"""The real trials the notebooks walk through, as tidy tables: one plate contact, and one person's four ways to walk."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.batch import EDGES, process_trial
from gaitstudy.gait import signals
from gaitstudy.gait.events import THRESHOLD, contacts
from gaitstudy.gait.foot import WINDOW, foot_progression_angle, mean_over_stance
from gaitstudy.io import catalogue, motion
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.load import knee
from gaitstudy.load.landmarks import marker_map
from gaitstudy.load.skeleton import leg_from_markers
from gaitstudy.studies.agreement import ground_reaction, own_skeleton_moments, own_skeleton_trial, stored_output
from gaitstudy.trials import face_forward, find_strides, smooth

WALK = ("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d")
"""Dataset and file of the walking trial that notebook 01 follows from bytes to moments."""
YES_NO = {True: "yes", False: "no"}
CONDITIONS = {"natural": "", "toe-in": "TI", "toe-out": "TO", "trunk sway": "TS"}
"""The four ways of walking of ``opencap-foot-angle`` and how its files call them."""


def contents() -> pd.DataFrame:
    """Return what the walking trial of notebook 01 holds, before any computation: ``what, value``."""
    trial = motion.read_c3d(catalogue.locate(*WALK))
    time, loads = trial.markers["time"].values, ground_reaction(trial)
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
    rows = process_trial(catalogue.locate(*WALK)).fillna({"reason_excluded": ""})
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
    trial = motion.read_c3d(catalogue.locate(*WALK))
    names, mass = marker_map("plug-in-gait"), trial.subject["bodymass"]
    forward = face_forward(trial, names)
    _, found = find_strides(forward, names)
    contact = found[found["reason"] == ""].iloc[0]
    even = smooth(forward)
    leg = leg_from_markers(even.markers, names, contact["side"], subject=trial.subject)
    parts = ingredients(leg, ground_reaction(even), contact["plate"], contact["start"], contact["end"])
    table = pd.DataFrame({"percent": parts["percent"].values})
    table["time"] = contact["start"] + table["percent"] / 100 * (contact["end"] - contact["start"])
    labels = {"force": "force", "pressure": "centre_of_pressure", "knee": "knee", "forward": "forward"}
    for short, name in labels.items():
        for k, axis in enumerate("xyz"):
            table[f"{short}_{axis}"] = parts[name].values[:, k]
    for method in knee.METHODS:
        moment = knee.knee_moments(leg, ground_reaction(even), contact["plate"], method=method, mass=mass)[
            "knee_adduction_moment"
        ]
        table[method.replace(" ", "_")] = _over_stance(moment, contact) / mass
    vicon = stored_output(trial, f"{contact['side'][0].upper()}KneeMoment", 1)
    table["vicon"] = _over_stance(vicon, contact) / 1000
    table["side"], table["mass"] = contact["side"], mass
    return table


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
        "force": loads["force"].sel(plate=plate, drop=True),
        "forward": leg["axes"].sel(segment="shank", direction="x", drop=True),
    }
    curves = {k: signals.normalise_time(v, [start], [end]).isel(stride=0, drop=True) for k, v in pieces.items()}
    foot = signals.normalise_time((leg["heel"] + leg["toe"]) / 2, [start], [end]).isel(stride=0, drop=True)
    planted = foot.sel(percent=slice(*WINDOW)).mean("percent") * [1.0, 0.0, 1.0]
    with xr.set_options(keep_attrs=True):  # units and frame; the default from 2025.11 on
        return xr.Dataset(curves | {k: curves[k] - planted for k in ("centre_of_pressure", "knee")})


def choices() -> pd.DataFrame:
    """Return the peaks of one trial's three contacts under every choice a reviewer asks about, one changed at a time.

    Columns: ``choice``, ``value``, ``side``, ``contact``, ``kam1``, ``kam2`` (external, N m/kg), ``kam1_edge,
    kam2_edge`` (yes where the peak is only the end of its half of stance), ``kam1_change`` in % of the default's.
    Default: 8 Hz, tibial axes, knee by chord with Harrington's hip, contact at 30 N, lever arm.
    """
    trial = motion.read_c3d(catalogue.locate(*WALK))
    own, stored = marker_map("plug-in-gait"), marker_map("plug-in-gait-outputs")
    forward, mass = face_forward(trial, own), trial.subject["bodymass"]
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
        even = smooth(forward, float(used["filter"]))
        _, found = find_strides(forward, own, float(used["threshold"]))
        names = stored if used["centre"] == "Vicon's" else own
        for number, contact in enumerate(found[found["reason"] == ""].to_dict("records"), 1):
            leg = leg_from_markers(
                even.markers, names, contact["side"], subject=trial.subject, hip=str(used["centre"]).split()[-1].lower()
                if names is own else "harrington",
            )  # fmt: skip
            if used["frame"] == knee.FRAMES[2] and names is stored:
                continue
            moment = knee.knee_moments(
                leg,
                ground_reaction(even),
                contact["plate"],
                method=str(used["method"]),
                frame=str(used["frame"]),
                mass=mass,
            )["knee_adduction_moment"]
            curve = signals.normalise_time(moment, [contact["start"]], [contact["end"]])
            peak = knee.peaks(curve).iloc[0]
            shown = {"filter": "Hz", "threshold": "N"}.get(choice, "")
            text = f"{value:g} {shown}" if isinstance(value, float) else str(value)
            row = {"choice": choice, "value": text, "side": contact["side"], "contact": number}
            rows.append(row | {"kam1": peak["peak1"] / mass, "kam2": peak["peak2"] / mass, **_edges(peak)})
    table = pd.DataFrame(rows)
    base = table[table["choice"] == "default"].set_index("contact")["kam1"]
    table["kam1_change"] = 100 * (table["kam1"] / table["contact"].map(base) - 1)
    return table


def _edges(peak: pd.Series) -> dict[str, str]:
    """Whether the first and second peak of one stance are only the end of their half of stance: yes or no."""
    return {edge: YES_NO[bool(peak[f"edge{k}"])] for k, edge in enumerate(EDGES, 1)}


def four_ways() -> pd.DataFrame:
    """Return foot angle and left knee moments of every trial of one person's four ways to walk.

    Columns: ``condition, trial, side``; ``fpa`` deg, toe-out positive, 15-40 % of stance; ``kam1, kam2, larger`` N m
    (external, lever arm, tibial axes, 8 Hz), ``kam1_edge, kam2_edge`` as in ``choices``, ``impulse`` N m s, ``kfm``
    N m, ``stance`` s. Where the recording cuts a stance (``whole`` is no) the foot angle is that of the recorded part
    and the moments are left out.
    """
    rows = []
    for (condition, code), number in product(CONDITIONS.items(), (1, 2)):
        trial = f"walking{code}{number}"
        even, legs, stances = _four_ways_trial(trial)
        for side, contact in stances.items():
            angle = foot_progression_angle(legs[side]["heel"], legs[side]["toe"], side)
            row: dict[str, Any] = {"condition": condition, "trial": trial, "side": side}
            row |= {"whole": "no" if contact["cut"] else "yes"}
            row |= {"fpa": float(mean_over_stance(angle, [contact["start"]], [contact["end"]])[0])}
            if not contact["cut"]:
                moments = knee.knee_moments(legs[side], ground_reaction(even), contact["plate"])
                curve = signals.normalise_time(moments["knee_adduction_moment"], [contact["start"]], [contact["end"]])
                peak = knee.peaks(curve).iloc[0]
                duration = contact["end"] - contact["start"]
                flexion = _over_stance(moments["knee_flexion_moment"], contact)
                row |= {"kam1": peak["peak1"], "kam2": peak["peak2"], "larger": peak["larger"], **_edges(peak)}
                row |= {"impulse": float(knee.impulse(curve, np.array([duration]))[0])}
                row |= {"kfm": float(flexion.max()), "stance": duration}
            rows.append(row)
    return pd.DataFrame(rows)


def four_ways_parts(frame: str = "tibia") -> pd.DataFrame:
    """Return what each change of the left first peak is made of: every trial against both natural ones.

    Columns: ``frame, condition, trial, natural, part, change`` (N m). Parts: those of ``knee.PARTS``, ``peak timing``
    and ``total``. Positions are from the planted foot (see ``ingredients``). The two natural trials against each other
    are listed as ``condition`` natural: what no change looks like.
    """
    pieces = {}
    for code, number in product(CONDITIONS.values(), (1, 2)):
        trial = f"walking{code}{number}"
        even, legs, stances = _four_ways_trial(trial)
        contact = stances["left"]
        pieces[trial] = ingredients(
            legs["left"], ground_reaction(even), contact["plate"], contact["start"], contact["end"]
        )
    rows = []
    for (condition, code), number, natural in product(CONDITIONS.items(), (1, 2), ("walking1", "walking2")):
        trial = f"walking{code}{number}"
        if trial == natural or (condition == "natural" and number == 1):
            continue
        split = knee.decompose_moment_change(pieces[natural], pieces[trial], "left", frame)
        for part, change in knee.decompose_peak_change(split, (5.0, 50.0)).items():
            row = {"frame": frame, "condition": condition, "trial": trial, "natural": natural, "part": part}
            rows.append(row | {"change": float(change)})
    return pd.DataFrame(rows)


def four_ways_curves() -> xr.DataArray:
    """Return the left knee adduction moment of every trial, N m, (trial, percent): for a picture, never for a table."""
    curves, names = [], []
    for code, number in product(CONDITIONS.values(), (1, 2)):
        trial = f"walking{code}{number}"
        even, legs, stances = _four_ways_trial(trial)
        moments = knee.knee_moments(legs["left"], ground_reaction(even), stances["left"]["plate"])
        curves.append(_over_stance(moments["knee_adduction_moment"], stances["left"]))
        names.append(trial)
    return xr.DataArray(
        np.stack(curves),
        dims=("trial", "percent"),
        coords={"trial": names, "percent": np.arange(101.0)},
        attrs={"units": "N m", "frame": "tibia", "long_name": "external knee adduction moment"},
    )


@catalogue.remembered("opencap-foot-angle")
def _four_ways_trial(trial: str) -> tuple[motion.Recording, dict[str, xr.Dataset], dict[str, dict]]:
    """One trial at 8 Hz with both legs, and the longest contact of each side."""
    recorded, static = own_skeleton_trial("opencap-foot-angle", trial)
    names = marker_map("opencap")
    even = smooth(face_forward(recorded, names))
    legs, stances = {}, {}
    for side, plate in (("left", "ground_force_2"), ("right", "ground_force_1")):
        legs[side] = leg_from_markers(even.markers, names, side, static=static.markers)
        found = contacts(ground_reaction(recorded)["force"].sel(plate=plate, axis="y", drop=True)).to_dict("records")
        stances[side] = max(found, key=lambda c: c["end"] - c["start"]) | {"plate": plate}
    return even, legs, stances


def _over_stance(signal: xr.DataArray, contact: pd.Series | dict) -> np.ndarray:
    return signals.normalise_time(signal, [contact["start"]], [contact["end"]]).isel(stride=0).values

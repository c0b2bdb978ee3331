"""What knock knees, bow legs, a dropping pelvis and a leaning trunk do to the knee of a body that obeys the walker.

Alignment, drop and lean are put in; hips, knees, moments and forces follow. Nothing in the walker is weak or unstable:
it drops its pelvis because it is told to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES
from gaitstudy.gait import posture, signals
from gaitstudy.gait.foot import WINDOW
from gaitstudy.io import catalogue
from gaitstudy.io.published import one_row
from gaitstudy.load.skeleton import leg_from_markers
from gaitstudy.simulate.knee_load import Change, still_people, sweep, walked
from gaitstudy.simulate.walker import Walker, stances
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_moments, own_skeleton_trial, participant

SIDE = "right"
VARUS = (-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0)
"""deg, frontal alignment of the knee; knock knees negative."""
DROPS = (0.0, 4.0, 8.0)
"""deg, of the swing side of the pelvis."""
LEANS = (-10.0, -5.0, 0.0, 5.0, 10.0)
"""deg, of the trunk, towards the standing leg."""
TRUNKS = {"trunk tips with the pelvis": 1.0, "trunk tips half as far": 0.5, "trunk stays upright": 0.0}
"""What the trunk does while the pelvis drops: share of the drop. No source says which people do."""
DROP_STUDY = 4.0
"""deg, of drop in the published study that the slope is held against (``effects.csv``, note of its rows)."""
NATURAL = {"opencap-foot-angle": ("walking1", "walking2")}
"""Trials of ``OWN_SKELETON`` in which a person walks as usual, where not all are."""


@catalogue.remembered()
def by_alignment() -> pd.DataFrame:
    """Return the knee's load by alignment: the four virtual people, first made straight, then bowed or knock-kneed.

    Columns of ``knee_load.sweep``; ``value`` is varus in deg, changes are from straight.
    """
    straight = [replace(walker, varus=0.0) for walker in still_people()]
    return sweep("alignment (deg varus)", lambda w, angle: replace(w, varus=angle), VARUS, straight)


def dropped(share: float) -> Change:
    """Return how a person is changed by a drop of the pelvis (deg) while the trunk tips with a share (0-1) of it."""

    def change(walker: Walker, angle: float) -> Walker:
        return replace(walker, pelvic_drop=angle, trunk_follows=share) if angle else walker

    return change


@catalogue.remembered()
def by_drop() -> pd.DataFrame:
    """Return the knee's load by drop of the pelvis (deg, ``value``) and by what the trunk does (``setting``)."""
    return pd.concat([sweep(name, dropped(share), DROPS) for name, share in TRUNKS.items()], ignore_index=True)


@catalogue.remembered()
def by_lean() -> pd.DataFrame:
    """Return the knee's load by lean of the trunk (deg, ``value``, over the standing leg positive)."""
    return sweep("trunk lean (deg)", lambda w, angle: replace(w, trunk_lean=angle), LEANS)


def drop_slopes(angle: float = DROP_STUDY) -> pd.DataFrame:
    """Return by how much the larger peak of the knee moment rises per degree of drop, N m/kg, over the four people.

    Parameters
    ----------
    angle : deg, one of ``DROPS``; the slope is the straight line from no drop to it.

    Returns
    -------
    ``setting, frame``; ``slope, low, high`` N m/kg per deg: mean and span over the people; ``percent``, mean change.
    """
    table = by_drop()
    base = table[table["value"] == 0].set_index(["setting", "person", "frame"])["peak"]
    own = table[table["value"] == angle].set_index(["setting", "person", "frame"])
    slope = ((own["peak"] - base) / angle).rename("slope").reset_index()
    found = slope.groupby(["setting", "frame"], sort=False)["slope"].agg(slope="mean", low="min", high="max")
    percent = own.groupby(["setting", "frame"])["peak_change"].mean().rename("percent")
    return found.join(percent).loc[list(TRUNKS)].reset_index()


def hip_angles(walker: Walker) -> dict[str, float]:
    """Return what a motion laboratory would read of a noise-free walker's hip, deg, mean over 15-40 % of stance.

    ``hip_adduction``; ``pelvic_drop``, swing side lower positive; ``trunk_lean``, over the standing leg positive.
    """
    simulation = walked(walker)
    marks, (start, end) = simulation.recording.markers, stances(simulation, SIDE)[0]
    left, right, neck = (marks.sel(marker=name, drop=True) for name in ("LASI", "RASI", "C7"))
    both = marks.sel(marker=["LPSI", "RPSI"])
    back = both.mean("marker").assign_attrs(both.attrs)
    thigh = simulation.legs[SIDE]["axes"].sel(segment="thigh", drop=True)
    angles = {
        "hip_adduction": posture.hip_adduction(left, right, back, thigh, SIDE),
        "pelvic_drop": posture.pelvic_drop(left, right, SIDE),
        "trunk_lean": posture.trunk_lean(neck, back, SIDE),
    }
    curves = {k: signals.normalise_time(a, [start], [end]) for k, a in angles.items()}
    return {k: float(c.sel(percent=slice(*WINDOW)).mean()) for k, c in curves.items()}


def hips_by_drop(angle: float = DROP_STUDY) -> pd.DataFrame:
    """Return the hip's angles, deg, without and with a drop, means over the four people, by what the trunk does."""
    people, rows = still_people(), []
    ways: dict[str, Change] = {"as they are": lambda w, _: w}
    ways |= {f"drop of {angle:g} deg, {name}": dropped(share) for name, share in TRUNKS.items()}
    for name, change in ways.items():
        found = pd.DataFrame([hip_angles(change(w, angle)) for w in people])
        rows.append({"walk": name, **found.mean().to_dict(), "people": len(people)})
    return pd.DataFrame(rows)


def trunk_sway(table: pd.DataFrame, column: str = "kam1") -> dict[str, float]:
    """Return what one real person's trunk sway did to one knee: every trial against every natural one.

    Parameters
    ----------
    table : of ``cases.four_ways``. column : which load.

    Returns
    -------
    ``change, low, high``, % of natural: of the means, and the smallest and largest of all pairs of trials; ``trials``,
    how many of each. The left knee: the recordings cut the right one's natural stances.
    """
    left = table[(table["side"] == "left") & table[column].notna()]
    natural, swayed = (left.loc[left["condition"] == c, column].to_numpy() for c in ("natural", "trunk sway"))
    pairs = 100 * (np.divide.outer(swayed, natural) - 1)
    change = 100 * (swayed.mean() / natural.mean() - 1)
    return {"change": change, "low": pairs.min(), "high": pairs.max(), "trials": min(len(natural), len(swayed))}


def published_drop() -> pd.Series:
    """Return what one published study found of the peak KAM with a dropping pelvis.

    ``usual, dropped`` N m/kg; ``slope`` N m/kg per deg; ``percent``; ``n`` people. From rows of
    ``data/published/effects.csv``; the spread of the people's changes is not available, so no interval is.

    Raises
    ------
    StatisticsError : a row is not there, or there are several.
    """
    walks = ("usual walk", "pelvic drop walk")
    rows = [
        one_row(study="pelvic drop study", exposure=w, outcome="KAM peak", measure="mean", unit="N m/kg") for w in walks
    ]
    usual, drop = (float(row["effect"]) for row in rows)
    found = {"usual": usual, "dropped": drop, "slope": (drop - usual) / DROP_STUDY, "percent": 100 * (drop / usual - 1)}
    return pd.Series(found | {"n": int(rows[0]["n"])}, name="published")


def standing_alignment() -> pd.DataFrame:
    """Return how people stand and what their knee carries: one leg of each person whose static trial is at hand.

    Columns: ``dataset, side``; ``varus`` deg, hip-knee-ankle angle standing (knock knees negative; the hip's centre is
    a regression on pelvic markers: a centimetre of it is more than a degree); ``kam`` N m/kg, larger peak, mean over
    the ``trials`` (usual walks; inverse dynamics, tibial axes, 6 Hz).
    """
    rows = []
    for dataset, about in OWN_SKELETON.items():
        trials = NATURAL.get(dataset, about["trials"])
        walked = own_skeleton_trial(dataset, trials[0])
        static = cast(xr.DataArray, walked.static)
        legs = {side: leg_from_markers(static, walked.roles, side, static=static)["centre"] for side in SIDES}
        hips = [legs[side].sel(joint="hip").mean("time").values for side in SIDES]
        ahead = np.cross([0.0, 1.0, 0.0], hips[1] - hips[0])
        hip, knee, ankle = (legs[about["side"]].sel(joint=j, drop=True) for j in ("hip", "knee", "ankle"))
        angle = posture.hip_knee_ankle_angle(hip, knee, ankle, about["side"], ahead.tolist())
        peaks = []
        for trial in trials:
            moments, loaded = own_skeleton_moments(dataset, trial, "inverse dynamics")
            peaks.append(np.nanmax(np.where(loaded, moments["knee_adduction_moment"].values, np.nan)))
        row = {"dataset": dataset, "side": about["side"], "varus": float(angle.mean()), "trials": len(peaks)}
        rows.append(row | {"kam": float(np.mean(peaks)) / float(participant(dataset)["mass_kg"])})
    return pd.DataFrame(rows)

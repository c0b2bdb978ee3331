"""How three real people stand, knock-kneed or bow-legged, and what their knee carries when they walk."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES
from gaitstudy.gait import posture
from gaitstudy.load.skeleton import leg_from_markers
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_moments, own_skeleton_trial


def people() -> pd.DataFrame:
    """Return alignment and load of one leg of each person whose static trial is at hand.

    Columns: ``dataset, side``; ``varus`` deg, hip-knee-ankle angle standing (knock knees negative; the hip's centre is
    a regression on pelvic markers: a centimetre of it is more than a degree); ``kam`` N m/kg, larger peak, mean over
    the ``trials`` (usual walks; inverse dynamics, tibial axes, 6 Hz).
    """
    rows = []
    for dataset, trials in OWN_SKELETON.query("natural").groupby(level="dataset", sort=False):
        side, plates = trials["side"].iloc[0], trials["plate"].droplevel("dataset")
        walked = own_skeleton_trial(dataset, plates.index[0])
        static = cast(xr.DataArray, walked.static)
        centres = {s: leg_from_markers(static, walked.roles, s, static=static)["centre"] for s in SIDES}
        left, right = (centres[s].sel(joint="hip").mean("time").values for s in SIDES)
        ahead = np.cross([0.0, 1.0, 0.0], right - left)
        hip, knee, ankle = (centres[side].sel(joint=j, drop=True) for j in ("hip", "knee", "ankle"))
        angle = posture.hip_knee_ankle_angle(hip, knee, ankle, side, ahead.tolist())
        peaks = []
        for trial, plate in plates.items():
            recorded = own_skeleton_trial(dataset, trial)
            moments, loaded = own_skeleton_moments(recorded, side, plate, "inverse dynamics")
            peaks.append(np.nanmax(np.where(loaded, moments["knee_adduction_moment"].values, np.nan)))
        rows.append((dataset, side, float(angle.mean()), len(peaks), float(np.mean(peaks) / walked.mass)))
    return pd.DataFrame(rows, columns=["dataset", "side", "varus", "trials", "kam"])

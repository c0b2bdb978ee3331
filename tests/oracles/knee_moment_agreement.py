"""Our knee adduction moment, from our own skeleton, beside OpenSim's on the same trials: error and correlation.

Two of the three datasets' licences let no curves be stored (p3m6-walk's does: ``opensim_knee_moments.csv``). So OpenSim
is run here and only summary numbers are kept: root-mean-square difference, correlation, peaks. Every trial is in it.

``GAITSTUDY_DATA=... python tests/oracles/knee_moment_agreement.py`` writes
``data/reference/knee_moment_agreement.csv``. It needs opensim and this package.

Columns: ``force_filter`` of OpenSim's side (its joint angles are at 6 Hz throughout; ours: markers and forces at 6 Hz);
``cluster``: the shank markers that carry the knee (``map``: those of the marker map; for opencap-foot-angle and
p3m6-walk also with the lateral epicondyle, and with the shank's own markers alone); ``n`` frames with more than 20 N.
p3m6-walk: the model called ``automatic``, its moment turned to anatomical axes. N m.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import opensim_knee_loads as oracle
import pandas as pd

from gaitstudy.load.knee import METHODS
from gaitstudy.tables import agreement

CLUSTERS = {
    "opencap-foot-angle": {
        "with epicondyle": ["L_knee", "L_sh2", "L_sh3", "L_sh4", "L_shank_antsup", "L_ankle"],
        "shank alone": ["L_sh2", "L_sh3", "L_sh4", "L_shank_antsup"],
    },
    "p3m6-walk": {
        "with epicondyle": ["RKNE", "RHFB", "RTUB", "RSHN", "RANK"],
        "shank alone": ["RHFB", "RTUB", "RSHN"],
    },
}


def opensim_moments(trial: oracle.Trial, root: Path, filtered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return OpenSim's times (s) and external knee adduction moment (N m) of the leg we compare."""
    engine = oracle.Engine(trial, root, filtered)
    axes = oracle.p3m6_axes(engine.model) if trial.dataset == "p3m6-walk" else np.eye(3)
    _, loads = engine.solve(engine.time)
    side = agreement.OWN_SKELETON.loc[(trial.dataset, trial.trial), "side"]
    return np.asarray(engine.time), oracle.external(loads[side], side, axes)["kam"]


def compared(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Return root-mean-square difference, correlation and both peaks of two curves where both are known, N m."""
    known = np.isfinite(ours) & np.isfinite(theirs)
    a, b = ours[known], theirs[known]
    row = {"n": int(known.sum()), "lost": int((~known).sum()), "rms": float(np.sqrt(np.mean((a - b) ** 2)))}
    return row | {"r": float(np.corrcoef(a, b)[0, 1]), "peak_ours": float(a.max()), "peak_theirs": float(b.max())}


def run(root: Path) -> pd.DataFrame:
    """Return the table; OpenSim runs every trial twice (forces as recorded, forces at 6 Hz)."""
    rows = []
    for trial in oracle.trials():
        if trial.dataset not in agreement.OWN_SKELETON.index or trial.model == "manual":
            continue
        recorded = agreement.own_skeleton_trial(trial.dataset, trial.trial)
        side, plate = agreement.OWN_SKELETON.loc[(trial.dataset, trial.trial), ["side", "plate"]]
        for filtered in (False, True):
            times, theirs = opensim_moments(trial, root, filtered)
            for cluster, markers in {"map": None, **CLUSTERS.get(trial.dataset, {})}.items():
                own = recorded.roles[side] | ({"shank": markers} if markers else {})
                used = replace(recorded, roles=recorded.roles | {side: own})
                for method in METHODS:
                    ours, loaded = agreement.own_skeleton_moments(used, side, plate, method)
                    moment = ours["knee_adduction_moment"]
                    at = moment["time"].values
                    curve = np.interp(at, times, theirs, left=np.nan, right=np.nan)
                    row = {"dataset": trial.dataset, "trial": trial.trial, "side": ours.attrs["side"]}
                    row |= {"force_filter": "6 Hz" if filtered else "none", "cluster": cluster, "method": method}
                    rows.append(row | compared(moment.values[loaded], curve[loaded]))
    return pd.DataFrame(rows)


def main() -> int:
    """Run OpenSim on all trials and write the table."""
    if "GAITSTUDY_DATA" not in os.environ:
        print("Set GAITSTUDY_DATA to the folder that holds the datasets.")
        return 1
    oracle.osim.Logger.setLevelString("off")
    oracle.write(run(Path(os.environ["GAITSTUDY_DATA"])), "knee_moment_agreement.csv", "%.6g")
    return 0


if __name__ == "__main__":
    sys.exit(main())

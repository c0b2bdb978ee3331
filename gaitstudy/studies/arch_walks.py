"""The arch of real feet over stance at three speeds, and what insoles say of arch and roll-over in real walks.

Measured: the plantar arch angle of Caravaggi (2010) as the package spm1d ships it, ten people, three speeds, 101 points
of stance, deg. The files name neither the speeds nor the sign; the package's paired example compares the second with
the third, and the third is taken to be the fastest. No knee was measured in any of these walks.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.io import catalogue
from gaitstudy.stats import waveforms
from gaitstudy.tables.insole_feet import stance_means

ARCH = "ex_kinematics.npy"
STUDY = "Caravaggi 2010"
SPEEDS = ("first", "second", "third")
"""The file's three blocks of ten people, in its order."""
PUSH_OFF = 80.0
"""Per cent of stance from which on the arch's change in push-off is taken."""


def arch_angles() -> np.ndarray:
    """Return the plantar arch angle, deg, (speed, person, percent): speeds as ``SPEEDS``, the same people in each.

    Raises
    ------
    DatasetUnavailable : the package that ships it is not installed.

    References
    ----------
    Caravaggi P et al. (2010) J Anat 217:254, doi 10.1111/j.1469-7580.2010.01261.x.
    """
    values = np.load(catalogue.locate("spm1d", ARCH))
    return values.reshape(len(SPEEDS), -1, values.shape[-1])


def arch_tests() -> pd.DataFrame:
    """Return the paired test of the whole arch curves, every pair of speeds, one- and two-tailed.

    Columns: ``first, second`` speed, ``tails``, ``n``, ``df1, df2``, ``threshold``, ``largest`` t, ``fwhm`` (nodes),
    ``resels``, ``clusters``, and of the cluster with the smallest p its ``start, end`` (% of stance) and ``p``, NaN
    without any. One-tailed asks whether the first of the two angles is larger. No correction for three pairs.
    """
    angles, rows = arch_angles(), []
    for a, b in combinations(range(len(SPEEDS)), 2):
        for tails in (1, 2):
            test = waveforms.t_paired(angles[a], angles[b], two_tailed=tails == 2)
            about = waveforms.summary([test]).drop(columns=["test", "n", "p"]).iloc[0].to_dict()
            best = test.clusters.sort_values("p", kind="stable").iloc[0] if len(test.clusters) else {}
            row = {"first": SPEEDS[a], "second": SPEEDS[b], "tails": tails, "n": test.n[0]} | about
            rows.append(row | {k: float(best[k]) if len(best) else np.nan for k in ("start", "end", "p")})
    return pd.DataFrame(rows).astype({"clusters": int})


def arch_ranges() -> pd.DataFrame:
    """Return how far the arch angle moves in stance, deg, by speed, and the difference from the first speed.

    Columns: ``measure`` (``range``, largest less smallest of stance; ``push-off``, fall from ``PUSH_OFF`` % to the
    end), ``speed``, ``n``, ``mean, sd``; ``difference, low, high`` against the first speed in the same people (paired,
    95 % t interval; NaN for the first).
    """
    angles = arch_angles()
    at = round(PUSH_OFF / 100 * (angles.shape[-1] - 1))
    rows = []
    for measure, values in (("range", np.ptp(angles, axis=-1)), ("push-off", angles[..., at] - angles[..., -1])):
        for k, speed in enumerate(SPEEDS):
            row = {"measure": measure, "speed": speed, "n": values.shape[1]}
            row |= {"mean": values[k].mean(), "sd": values[k].std(ddof=1)}
            change = stats.ttest_1samp(values[k] - values[0], 0.0) if k else None
            low, high = change.confidence_interval() if change else (np.nan, np.nan)
            difference = float((values[k] - values[0]).mean()) if k else np.nan
            rows.append(row | {"difference": difference, "low": float(low), "high": float(high)})
    return pd.DataFrame(rows)


def arch_curves() -> pd.DataFrame:
    """Return mean and standard deviation of the arch angle, deg, by speed: for a picture, never for a table.

    Columns: ``speed, percent, mean, sd``.
    """
    angles = arch_angles()
    percent = np.linspace(0, 100, angles.shape[-1])
    tables = [
        pd.DataFrame({"speed": speed, "percent": percent, "mean": own.mean(0), "sd": own.std(0, ddof=1)})
        for speed, own in zip(SPEEDS, angles, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


def insole_feet(shapes: pd.DataFrame, stances: pd.DataFrame) -> pd.DataFrame:
    """Return what pressure says of the feet in the real insole walks, one row a foot: for claim F1 it is context.

    Parameters
    ----------
    shapes, stances : tables of ``insole_feet.shapes`` and ``insole_feet.stances``.

    Returns
    -------
    ``vendor, walk, side, stances``; ``arch_index`` (contact above 0 kPa, toes left out) and ``cpei`` (%), with
    ``cpei_stances`` that have one; ``medial_share`` (%) of the force. NaN where the insole has no known millimetres.
    """
    means = stance_means(stances)
    feet = means[means["cells"] == "all"]
    arch: Mapping[str, float] = shapes[shapes["cells"] == "all"].set_index("side")["arch_0"].to_dict()
    table = feet[["vendor", "walk", "side", "stances"]].reset_index(drop=True)
    known = (feet["vendor"] == "F-Scan").to_numpy()
    table["arch_index"] = np.where(known, feet["side"].map(arch), np.nan)
    table["cpei"] = feet["cpei"].to_numpy()
    table["cpei_stances"] = feet["cpei_n"].to_numpy(int)
    return table.assign(medial_share=100 * feet["share"].to_numpy())

"""The plantar arch angle of ten real people over stance at three speeds: whole curves compared, and how far it moves.

As the package spm1d ships it: the same people at each speed, 101 points of stance, deg. The files name neither the
speeds nor the sign; the package's paired example compares the second speed with the third, and the third is taken to be
the fastest. No knee was measured in any of these walks.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from gaitstudy.io import catalogue

SPEEDS = ("first", "second", "third")
"""The file's three blocks of ten people, in its order."""
PUSH_OFF = 80
"""Per cent of stance from which on the arch's change in push-off is taken."""


def _angles() -> np.ndarray:
    """Return the plantar arch angle, deg, (speed, person, percent): speeds as ``SPEEDS``, the same people in each.

    Raises
    ------
    DatasetUnavailable : the package that ships it is not installed.

    References
    ----------
    Caravaggi P et al. (2010) J Anat 217:254, doi 10.1111/j.1469-7580.2010.01261.x.
    """
    values = np.load(catalogue.locate("spm1d", "ex_kinematics.npy"))
    return values.reshape(len(SPEEDS), -1, values.shape[-1])


def field_tests(alpha: float = 0.05) -> pd.DataFrame:
    """Return the paired t test of the whole curves by random field theory, every pair of speeds, one- and two-tailed.

    Columns: ``first, second`` speed, ``tails``, ``n``, ``df1, df2``, ``threshold``, ``largest`` t, ``fwhm`` (nodes),
    ``resels``, ``clusters``, and of the cluster with the smallest p its ``start, end`` (% of stance) and ``p``, NaN
    without any. One-tailed asks whether the first of the two angles is larger. No correction for three pairs.
    """
    import spm1d

    values, rows = _angles(), []
    for a, b in combinations(range(len(SPEEDS)), 2):
        for tails in (1, 2):
            found = spm1d.stats.ttest_paired(values[a], values[b]).inference(alpha, two_tailed=tails == 2)
            row = {"first": SPEEDS[a], "second": SPEEDS[b], "tails": tails, "n": values.shape[1]}
            row |= dict(zip(("df1", "df2"), map(float, found.df), strict=True)) | {"threshold": float(found.zstar)}
            row |= {"largest": float(np.max(np.abs(found.z) if tails == 2 else found.z)), "fwhm": float(found.fwhm)}
            row |= {"resels": float(found.resels[1]), "clusters": len(found.clusters)}
            clusters = [(float(c.P), *map(float, c.endpoints)) for c in found.clusters]
            p, start, end = min(clusters, default=(np.nan, np.nan, np.nan))
            rows.append(row | {"start": start, "end": end, "p": p})
    return pd.DataFrame(rows)


def ranges() -> pd.DataFrame:
    """Return how far the arch angle moves in stance, deg, by speed, and by how much more than at the first speed.

    Columns: ``measure`` (``range``, largest less smallest of stance; ``push-off``, fall from ``PUSH_OFF`` % to the
    end), ``speed``, ``n`` people, ``mean, sd``; ``difference, difference_sd``: of the same people's differences from
    the first speed (NaN for itself).
    """
    values, rows = _angles(), []
    for measure, moved in (("range", np.ptp(values, axis=-1)), ("push-off", values[..., PUSH_OFF] - values[..., -1])):
        for speed, own in zip(SPEEDS, moved, strict=True):
            row = {"measure": measure, "speed": speed, "n": len(own), "mean": own.mean(), "sd": own.std(ddof=1)}
            more = own - moved[0] if speed != SPEEDS[0] else np.full(2, np.nan)
            rows.append(row | {"difference": more.mean(), "difference_sd": more.std(ddof=1)})
    return pd.DataFrame(rows)

"""Muscle forces and knee flexion of people with and without pain behind the kneecap: means and spreads by group.

The set is Besier (2009) as the package spm1d ships it: ten muscle forces of 15 controls and 26 people with
patellofemoral pain, 100 nodes each, and their knee flexion. The forces are model-derived from the people's EMG and
motion. The files name neither groups nor muscles nor the movement:

- the maintainer's later release of two muscles calls the first group controls;
- that release names the first muscle (semimembranosus) and the ninth (medial gastrocnemius), another calls the eighth a
  vastus; the other names are inferred from the usual order of the leg model's muscles and from the curves' course;
- vasti that peak at 300 to 650 N after a fifth of the curve, and a knee that bends to 25 deg and again at the end, are
  the stance of walking.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy.io import catalogue

FILES = ("Besier2009muscleforces.npz", "Besier2009kneeflexion.npz")
MUSCLES = (
    "semimembranosus", "semitendinosus", "biceps femoris, long head", "biceps femoris, short head", "rectus femoris",
    "vastus medialis", "vastus intermedius", "vastus lateralis", "medial gastrocnemius", "lateral gastrocnemius",
)  # fmt: skip
"""In the file's order; all but the first, the eighth and the ninth are inferred (see the module)."""
SUMS = {"vasti": MUSCLES[5:8], "all ten muscles": MUSCLES}
"""Muscles whose curves are added before the peak is taken."""


def curves() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return muscle forces, N, (person, node, muscle), and knee flexion, deg, (person, node), by group.

    Nodes run evenly from 0 to 100 per cent of stance; muscles are in the order of ``MUSCLES``.

    Raises
    ------
    DatasetUnavailable : the package that ships them is not installed.

    References
    ----------
    Besier TF et al. (2009) J Biomech 42:898, doi 10.1016/j.jbiomech.2009.01.032.
    """
    forces, flexion = (np.load(catalogue.locate("spm1d", name)) for name in FILES)
    return {
        group: (forces[array], flexion["Y"][flexion["GROUP"] == k])
        for k, (group, array) in enumerate({"control": "YA", "pain": "YB"}.items())
    }


def group_peaks() -> pd.DataFrame:
    """Return mean and SD (n - 1) over people of every peak, one row a quantity and group: ``n, mean, sd``, ``unit``.

    ``what``: each muscle's largest force of stance, that of ``SUMS``; knee flexion's first peak (largest of 0-50 % of
    stance) and its mean over stance.
    """
    rows = []
    for group, (forces, flexion) in curves().items():
        each = {name: forces[..., k].max(1) for k, name in enumerate(MUSCLES)}
        each |= {name: forces[..., [MUSCLES.index(m) for m in own]].sum(-1).max(1) for name, own in SUMS.items()}
        bend = {"knee flexion, first peak": flexion[:, : flexion.shape[1] // 2].max(1)}
        bend["knee flexion, mean of stance"] = flexion.mean(1)
        for what, values in (each | bend).items():
            row = {"what": what, "group": group, "unit": "deg" if what in bend else "N", "n": len(values)}
            rows.append(row | {"mean": values.mean(), "sd": values.std(ddof=1)})
    return pd.DataFrame(rows)

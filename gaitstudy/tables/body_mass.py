"""Peak load of foot and knee beside body mass in the real people at hand: who is heavier carries more, and how much."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from gaitstudy import pipeline
from gaitstudy.io import catalogue
from gaitstudy.load import knee
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_trial

YOUNG = "mcgill-foot-progression"
ADULTS = "plug-in-gait-kinetics"
RECORDED = (
    "btk/PiG_Motion3_FF.c3d", "btk/PiG_Motion-FlatFoot-Full.c3d",
    "c3d_org_sample00_pycgm2/pyCGM2 lower limb CGM24 Walking01.c3d",
)  # fmt: skip
"""One walk of each adult. Another adult's, ``FlatFoot-Hole`` and ``-One``, are left out: peaks of .7 to .8 BW say that
part of the foot missed the plate."""
INPUTS = ((YOUNG, "straight/*.c3d"), *((ADULTS, name) for name in RECORDED), *OWN_SKELETON.index.unique("dataset"))
LOADS = {"vertical_force": "N", "knee_adduction_moment": "N m"}
"""Unit of each load."""


def peak_loads() -> pd.DataFrame:
    """Return the mean peaks of every real person with a force plate under a whole step, one row a person.

    Columns: ``dataset, person`` (numbered), ``mass`` kg, ``steps``; ``vertical_force`` N and ``knee_adduction_moment``
    N m, the largest of stance, means over steps (inverse dynamics, tibial axes, own skeleton, 8 Hz).
    """
    rows = []
    for dataset, person, walk, contacts in _walks():
        mass = walk.recording.mass
        for step in contacts.itertuples():
            moments = knee.knee_moments(
                walk.legs[str(step.side)],
                walk.recording.ground_reaction,
                str(step.plate),
                method="inverse dynamics",
                mass=mass,
            )
            now = slice(step.start, step.end)
            vertical = walk.recording.ground_reaction["force"].sel(plate=step.plate, axis="y", time=now)
            peaks = [float(one.max()) for one in (vertical, moments["knee_adduction_moment"].sel(time=now))]
            rows.append((dataset, person, mass, *peaks))
    steps = pd.DataFrame(rows, columns=["dataset", "person", "mass", *LOADS]).groupby(["dataset", "person"], sort=False)
    return steps.mean().assign(steps=steps.size()).reset_index()


def _walks() -> Iterator[tuple[str, int, pipeline.Walk, pd.DataFrame]]:
    """Every walk and the contacts of it that count: whole ones, or the first where a file begins shortly after it."""
    files = [(YOUNG, n, path) for n, path in enumerate(catalogue.available(YOUNG, "straight/*.c3d"), 1)]
    files += [(ADULTS, n, catalogue.locate(ADULTS, name)) for n, name in enumerate(RECORDED, 1)]
    for dataset, person, path in files:
        walk = pipeline.prepare(pipeline.read(path))
        yield dataset, person, walk, walk.whole
    for about in OWN_SKELETON.query("natural").itertuples():
        walk = pipeline.prepare(own_skeleton_trial(about.dataset, about.trial))
        first = walk.contacts[walk.contacts["plate"] == about.plate].head(1)
        yield about.dataset, 1, walk, first.assign(side=about.side)

"""How far events from markers lie from those that plates feel, on every walk at hand that has both, and in running.

The constants of ``gait.events`` were chosen on one half of the people and on the virtual walker; the other half
only reports. Who is in which half was settled before any error was looked at: people in alphabetical order of dataset
and name, every second one reports. The reporting half was not looked at once only: first for contact where heel or toe
falls below .25 m/s, which missed its SD there; then, to see why, for other speeds from .2 to .5 m/s and for O'Connor's
rule; last for the one in use, picked because it alone kept the limits on the choosing half and on the virtual walker.
So its numbers are a little kinder than those of people never seen. Running belongs to neither half: nothing was chosen
on it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from gaitstudy import pipeline
from gaitstudy.gait.events import FOOT_EVENTS, events_from_markers, marker_events
from gaitstudy.io import catalogue
from gaitstudy.load.skeleton import find

RUNNING = "hamner-running"
WAYS = tuple(f"walking{way}{k}" for way in ("", "TI", "TO", "TS") for k in (1, 2))
VICON = {
    "btk FunctionalWalk": ("btk/FunctionalWalk.c3d",),
    "btk PiG_Motion-FlatFoot": tuple(f"btk/PiG_Motion-FlatFoot-{k}.c3d" for k in ("Full", "Hole", "One")),
    "btk PiG_Motion3": ("btk/PiG_Motion3_FF.c3d",),
    "c3d_org_sample00_pycgm2": ("c3d_org_sample00_pycgm2/pyCGM2 lower limb CGM24 Walking01.c3d",),
    "c3d_org_sample09": ("c3d_org_sample09/PolygonC3D.c3d",),
    "gaitalytics": ("gaitalytics/test_small.c3d", "gaitalytics/treadmill_events.c3d"),
}
"""Plug-in Gait: person and files; one of several files of the same walk."""
MCGILL = (
    "straight/HC002D06", "straight/HC030A05", "straight/HC031A06", "straight/HC032A03", "straight/HC033A10",
    "straight/HC036A10", "straight/HC038A11", "straight/HC039A17", "straight/HC044A15", "straight/HC050A11",
    "straight/HC055A09", "turn/HC002D25", "turn/HC030A22", "turn/HC031A23", "turn/HC032A18", "turn/HC033A22",
    "turn/HC036A23", "turn/HC038A27", "turn/HC039A31", "turn/HC040A40", "turn/HC044A29", "turn/HC050A33",
    "turn/HC055A34",
)  # fmt: skip


class _Walk(NamedTuple):
    """One recording: dataset, person, file, file of forces, and marker map."""

    dataset: str
    person: str
    file: str
    forces: str | None
    markers: str


WALKS = (
    *(_Walk("gc5-instrumented-knee", "PS", f"inputs/c3d/PS_ngait_og_ss{k}.c3d", None, "gc5") for k in (1, 3, 8, 9, 11)),
    *(_Walk("jw-instrumented-knee", "JW", f"inputs/jw_ngait_og{k}.c3d", None, "gc5") for k in (1, 3)),
    *(_Walk("mcgill-foot-progression", f.split("/")[1][:5], f"{f}.c3d", None, "plug-in-gait") for f in MCGILL),
    *(_Walk("opencap-foot-angle", "1", f"inputs/trc/{f}.trc", f"inputs/grf/{f}_grf.mot", "opencap") for f in WAYS),
    *(_Walk("p3m6-walk", "1", f"inputs/c3d/Walking0{k}.c3d", None, "p3m6") for k in (1, 2, 4)),
    *(_Walk("plug-in-gait-kinetics", who, f, None, "plug-in-gait") for who, files in VICON.items() for f in files),
    *(_Walk(RUNNING, "1", f"run{k}_markers.trc", f"run{k}_grf.mot", "arnold") for k in (200, 300, 400, 500)),
)
PEOPLE = sorted({(walk.dataset, walk.person) for walk in WALKS if walk.dataset != RUNNING})
HALVES = {person: ("choosing", "reporting")[k % 2] for k, person in enumerate(PEOPLE)}
METHODS = {"foot and pelvis": marker_events, "Zeni 2008": events_from_markers}
NEAR = 0.25
"""s; a marker event farther from the plate's than this is not the same event."""
LIMITS = (15.0, 20.0)
"""ms; largest mean and SD, set before any was measured."""
KEY = ["half", "dataset", "method", "event"]
INPUTS = [(w.dataset, file) for w in WALKS for file in (w.file, w.forces) if file]


def errors(walks: tuple[_Walk, ...] = WALKS) -> pd.DataFrame:
    """Return how much later than the plate's each event from markers is, for every contact of one whole foot.

    Returns
    -------
    ``half`` (choosing, reporting, running), ``dataset, file, side, method, event, late`` (ms; NaN where no marker event
    lies within .25 s).
    """
    rows = []
    for walk in walks:
        half = HALVES.get((walk.dataset, walk.person), "running")
        forces = catalogue.locate(walk.dataset, walk.forces) if walk.forces else None
        trial = pipeline.read(catalogue.locate(walk.dataset, walk.file), walk.markers, forces=forces)
        pelvis, whole = pipeline.middle_of_pelvis(trial), pipeline.prepare(trial, cut_off=None).whole
        for side, own in whole.groupby("side"):
            heel, toe = (find(trial.markers, trial.roles[str(side)][role]) for role in ("heel", "toe"))
            for method, found in METHODS.items():
                for event, times, truth in zip(FOOT_EVENTS, found(heel, toe, pelvis), ("start", "end"), strict=True):
                    late = np.subtract.outer(times, own[truth].to_numpy(float))
                    nearest = np.take_along_axis(late, np.abs(late).argmin(0)[None], 0)[0] if len(times) else []
                    seen = [1000 * x if abs(x) < NEAR else np.nan for x in nearest] or [np.nan] * len(own)
                    rows += [(half, walk.dataset, walk.file, side, method, event, x) for x in seen]
    return pd.DataFrame(rows, columns=["half", "dataset", "file", "side", "method", "event", "late"])


def summary() -> pd.DataFrame:
    """Return bias and SD of ``errors``, ms, for each half, method and event: by dataset, and over all of them.

    Returns
    -------
    ``half, dataset`` ("all" for the half), ``method, event, contacts, found, bias, sd`` (NaN of a single one), and
    ``kept``: whether the limits (15 and 20 ms) are, said of both halves of the walks.
    """
    table = errors()
    table = pd.concat([table, table.assign(dataset="all")])
    made = table.groupby(KEY, sort=False)["late"].agg(["size", "count", "mean", "std"]).reset_index()
    made.columns = [*KEY, "contacts", "found", "bias", "sd"]
    within = (made["bias"].abs() <= LIMITS[0]) & (made["sd"] <= LIMITS[1])
    whole = (made["dataset"] == "all") & (made["half"] != "running")
    made["kept"] = np.where(whole, np.where(within, "yes", "no"), "")
    return made

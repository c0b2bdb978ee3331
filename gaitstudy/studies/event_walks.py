"""How far events from markers lie from those that plates feel, on every walk at hand that has both, and in running.

The constants of ``gait.foot_events`` were chosen on one half of the people and on the virtual walker; the other half
only reports. Who is in which half was settled before any error was looked at: datasets and people in alphabetical
order, every second one reports (``WALKS`` keeps that day's order; people whose files are not in the catalogue left
gaps in it). Two rules for contact were seen on the reporting half: first the instant at which heel or toe falls below
.25 m/s, then the one in use, kept because it alone kept the limits on the choosing half and on the virtual walker.
Running belongs to neither half: nothing was chosen on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from gaitstudy.gait.events import events_from_markers
from gaitstudy.gait.foot_events import FOOT_EVENTS, marker_events
from gaitstudy.io import catalogue
from gaitstudy.load.landmarks import find, marker_map
from gaitstudy.trials import Settings, face_forward, find_strides, middle_of_pelvis, read_trial

HALVES = ("choosing", "reporting")
RUNNING = "hamner-running"
VICON = {
    "choosing": ("btk/PiG_Motion3_FF.c3d", "c3d_org_sample09/PolygonC3D.c3d"),
    "reporting": (
        "btk/PiG_Motion-FlatFoot-Full.c3d", "btk/PiG_Motion-FlatFoot-Hole.c3d", "btk/PiG_Motion-FlatFoot-One.c3d",
        "c3d_org_sample00_pycgm2/pyCGM2 lower limb CGM24 Walking01.c3d", "gaitalytics/treadmill_events.c3d",
    ),
}  # fmt: skip


class Walk(NamedTuple):
    """One recording: its ``half`` (choosing, reporting, running), dataset, file, file of forces, and marker map."""

    half: str
    dataset: str
    file: str
    forces: str | None
    markers: str


def _walks() -> Iterator[Walk]:
    for trial in ("ss1", "ss3", "ss8", "ss9", "ss11"):
        yield Walk("choosing", "gc5-instrumented-knee", f"inputs/c3d/PS_ngait_og_{trial}.c3d", None, "gc5")
    people = ("HC002D06", "HC030A05", "HC031A06", "HC032A03", "HC033A10", "HC036A10", "HC038A11", "HC039A17")
    for k, person in enumerate(people):
        yield Walk(HALVES[k % 2], "mcgill-foot-progression", f"straight/{person}.c3d", None, "plug-in-gait")
    yield Walk("reporting", "mcgill-foot-progression", "straight/HC044A15.c3d", None, "plug-in-gait")
    for trial in (f"walking{way}{k}" for way in ("", "TI", "TO", "TS") for k in (1, 2)):
        forces = f"inputs/grf/{trial}_grf.mot"
        yield Walk("choosing", "opencap-foot-angle", f"inputs/trc/{trial}.trc", forces, "opencap")
    for k in (1, 2, 4):
        yield Walk("reporting", "p3m6-walk", f"inputs/c3d/Walking0{k}.c3d", None, "p3m6")
    for half, files in VICON.items():
        yield from (Walk(half, "plug-in-gait-kinetics", file, None, "plug-in-gait") for file in files)
    for speed in (200, 300, 400, 500):
        yield Walk("running", RUNNING, f"run{speed}_markers.trc", f"run{speed}_grf.mot", "arnold")


WALKS = tuple(_walks())
METHODS = {"foot and pelvis": marker_events, "Zeni 2008": events_from_markers}
NEAR = 0.25
"""s; a marker event farther from the plate's than this is not the same event."""
LIMITS = (15.0, 20.0)
"""ms; mean and SD that were asked for before."""
KEY = ["half", "dataset", "method", "event"]
INPUTS = [(w.dataset, file) for w in WALKS for file in (w.file, w.forces) if file]


def errors(walks: tuple[Walk, ...] = WALKS) -> pd.DataFrame:
    """Return how much later than the plate's each event from markers is, for every contact of one whole foot.

    Returns
    -------
    ``half, dataset, file, side, method, event, late`` (ms; NaN where no marker event lies within .25 s).
    """
    rows = []
    for walk in walks:
        names = marker_map(walk.markers)
        forces = str(catalogue.locate(walk.dataset, walk.forces)) if walk.forces else None
        trial = read_trial(catalogue.locate(walk.dataset, walk.file), Settings(markers=walk.markers, forces=forces))
        forward = face_forward(trial, names)
        pelvis, landed = middle_of_pelvis(forward, names), find_strides(forward, names)[1]
        for side, own in landed[landed["reason"] == ""].groupby("side"):
            heel, toe = (find(forward.markers, names[str(side)][role]) for role in ("heel", "toe"))
            for method, found in METHODS.items():
                for event, times, truth in zip(FOOT_EVENTS, found(heel, toe, pelvis), ("start", "end"), strict=True):
                    late = np.subtract.outer(times, own[truth].to_numpy(float))
                    nearest = np.take_along_axis(late, np.abs(late).argmin(0)[None], 0)[0] if len(times) else []
                    seen = [1000 * x if abs(x) < NEAR else np.nan for x in nearest] or [np.nan] * len(own)
                    rows += [(walk.half, walk.dataset, walk.file, side, method, event, x) for x in seen]
    return pd.DataFrame(rows, columns=["half", "dataset", "file", "side", "method", "event", "late"])


def summary(walks: tuple[Walk, ...] = WALKS) -> pd.DataFrame:
    """Return bias and SD of ``errors``, ms, for each half, method and event: by dataset, and over all of them.

    Returns
    -------
    ``half, dataset`` ("all" for the half), ``method, event, contacts, found, bias, sd`` (NaN of a single one), and
    ``kept``: whether the limits (15 and 20 ms) are, said of whole halves only.
    """
    table = errors(walks)
    table = pd.concat([table, table.assign(dataset="all")])
    made = table.groupby(KEY, sort=False)["late"].agg(["size", "count", "mean", "std"]).reset_index()
    made.columns = [*KEY, "contacts", "found", "bias", "sd"]
    within = (made["bias"].abs() <= LIMITS[0]) & (made["sd"] <= LIMITS[1])
    made["kept"] = np.where(made["dataset"] == "all", np.where(within, "yes", "no"), "")
    return made


def derived() -> pd.DataFrame:
    """Return ``summary`` of all walks (ms), computed where the recordings are, else as stored."""
    return catalogue.derived("event_walks", summary, inputs=INPUTS, key=KEY)

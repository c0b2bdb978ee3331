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

import numpy as np
import pandas as pd

from gaitstudy import pipeline
from gaitstudy.gait.events import FOOT_EVENTS, events_from_markers, marker_events
from gaitstudy.io import catalogue

RUNNING = "hamner-running"
WALKS = pd.read_csv(catalogue.data_folder() / "published" / "walks_on_plates.csv", keep_default_na=False)
"""One recording a row: dataset, person (one of several files of the same walk), file, file of forces, marker map."""
PEOPLE = sorted({(w.dataset, w.person) for w in WALKS.itertuples() if w.dataset != RUNNING})
HALVES = {person: ("choosing", "reporting")[k % 2] for k, person in enumerate(PEOPLE)}
NEAR = 0.25
"""s; a marker event farther from the plate's than this is not the same event."""
LIMITS = (15.0, 20.0)
"""ms; largest mean and SD, set before any was measured."""
KEY = ["half", "dataset", "method", "event"]
INPUTS = [(w.dataset, file) for w in WALKS.itertuples() for file in (w.file, w.forces) if file]


def _errors(walks: pd.DataFrame) -> pd.DataFrame:
    """Return how much later than the plate's each event from markers is, for every contact of one whole foot.

    Returns
    -------
    ``half`` (choosing, reporting, running), ``dataset, file, side, method, event, late`` (ms; NaN where no marker event
    lies within .25 s).
    """
    rows = []
    for walk in walks.itertuples():
        half = HALVES.get((walk.dataset, walk.person), "running")
        forces = catalogue.locate(walk.dataset, walk.forces) if walk.forces else None
        trial = pipeline.read(catalogue.locate(walk.dataset, walk.file), walk.markers, forces=forces)
        pelvis, whole = pipeline.middle_of_pelvis(trial), pipeline.prepare(trial, cut_off=None).whole
        heels, toes = (pipeline.marker_paths(trial, role) for role in ("heel", "toe"))
        seen = marker_events(heels, toes, pelvis)
        for side, own in whole.groupby("side"):
            ours = seen[seen["side"] == side]
            found = {
                "foot and pelvis": [ours.loc[ours["event"] == event, "time"].to_numpy() for event in FOOT_EVENTS],
                "Zeni 2008": events_from_markers(heels[str(side)], toes[str(side)], pelvis),
            }
            for method, lists in found.items():
                for event, times, truth in zip(FOOT_EVENTS, lists, ("start", "end"), strict=True):
                    for at in own[truth]:
                        late = min(times - at, key=abs, default=np.nan)
                        late = 1000 * late if abs(late) < NEAR else np.nan
                        rows.append((half, walk.dataset, walk.file, side, method, event, late))
    return pd.DataFrame(rows, columns=["half", "dataset", "file", "side", "method", "event", "late"])


def summary() -> pd.DataFrame:
    """Return bias and SD of events from markers against plates, ms, by half, method and event: each dataset's, and all.

    Returns
    -------
    ``half, dataset`` ("all" for the half), ``method, event, contacts, found, bias, sd`` (NaN of a single one), and
    ``kept``: whether the limits (15 and 20 ms) are, said of both halves of the walks.
    """
    table = _errors(WALKS)
    table = pd.concat([table, table.assign(dataset="all")])
    made = table.groupby(KEY, sort=False)["late"].agg(["size", "count", "mean", "std"]).reset_index()
    made.columns = [*KEY, "contacts", "found", "bias", "sd"]
    within = (made["bias"].abs() <= LIMITS[0]) & (made["sd"] <= LIMITS[1])
    whole = (made["dataset"] == "all") & (made["half"] != "running")
    made["kept"] = np.where(whole, np.where(within, "yes", "no"), "")
    return made

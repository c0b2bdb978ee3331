"""The next trial's power by size, spread and one changed assumption at a time: what the campaign keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pandas as pd

from gaitstudy.stats.power import sample_size
from gaitstudy.studies.trial_power import (
    CLOSED,
    MODELS,
    able_share,
    closed_form,
    power,
    published_effect,
    published_error,
)

NAME, KEY = "trial_power", ["part", "setting", "outcome", "model", "n_per_arm"]
SIZES: Mapping[str, Sequence[int]] = {
    "pain": (20, 34, 50, 75, 110), "KAM": (8, 14, 24, 34, 75), "T1rho": (8, 14, 24, 34, 75),
}  # fmt: skip
"""People an arm of the power curves, chosen once, around where the published effects put the bend."""
TRIAL = 34
"""People an arm of the published trial, at which one assumption after another is changed."""
SPREADS = (0.75, 1.0, 1.25, 1.5)
"""Times the assumed SDs of the outcome."""


def settings() -> list[dict[str, Any]]:
    """Return what the campaign simulates: power curves, one changed assumption at a time, and the closed-form case.

    Each with ``part`` and ``setting``, the rest are arguments of ``power``; units as there. Set before the first run.
    """
    rows: list[dict[str, Any]] = []
    for outcome, sizes in SIZES.items():
        for n in sizes:
            about = {"part": "curve", "outcome": outcome, "n_per_arm": n}
            rows += [about | {"setting": f"SD x {s:g}", "model": "ANCOVA", "spread": s} for s in SPREADS]
            rows += [about | {"setting": "SD x 1", "model": "MMRM"}] * (outcome != "T1rho")
    shared: dict[str, dict[str, Any]] = {
        "SD x 1.5": {"spread": 1.5}, "nobody missing": {"dropout": 0.0}, "30 % leave": {"dropout": 0.3},
        "adherence 50 %": {"adherence": 50.0}, "no screening": {"screened": False},
    }  # fmt: skip
    own: dict[str, dict[str, dict[str, Any]]] = {
        "pain": {"1 NRS point of error more": {"error": 1.0}},
        "KAM": {"error as published": {"error": published_error(), "assumptions": {"kam_visit_sd": 0.0}}},
    }
    for outcome, special in own.items():
        smaller = {"two thirds of the effect": {"effect": published_effect(outcome) * 2 / 3}}
        about = {"part": "one change", "outcome": outcome, "model": "MMRM", "n_per_arm": TRIAL}
        rows += [about | changed | {"setting": name} for name, changed in (smaller | shared | special).items()]
    exact = {"part": "closed form", "n_per_arm": 20, "dropout": 0.0, "assumptions": CLOSED}
    kam, image = {"outcome": "KAM", "effect": -5.0}, {"outcome": "T1rho", "model": "ANCOVA", "effect": -4.0}
    rows += [exact | kam | {"setting": "effect -5 %", "model": model} for model in MODELS]
    rows.append(exact | image | {"setting": "effect -4 ms"})
    return rows + [exact | image | {"setting": "effect -4 ms, error 2 ms", "error": 2.0}]


def study(count: int, seed: int, workers: int = 1, parts: Sequence[str] = ("curve", "one change", "closed form"))\
        -> pd.DataFrame:  # fmt: skip
    """Return ``power`` for all ``settings`` of some parts, with ``exact`` (missing where there is no closed form).

    Parameters
    ----------
    count, seed : of the trials of each row, the same seed for all. workers : processes; numbers do not depend on it.
    """
    jobs = [(row, count, seed) for row in settings() if row["part"] in parts]
    if workers == 1:
        return pd.concat(map(_row, jobs), ignore_index=True)
    with ProcessPoolExecutor(workers) as pool:
        return pd.concat(pool.map(_row, jobs), ignore_index=True)


def sample_sizes(curve: pd.DataFrame, wanted: Sequence[float] = (0.8, 0.9), able: float | None = None) -> pd.DataFrame:
    """Return ``stats.power.sample_size`` of simulated power curves, with how many are randomised and screened for it.

    Parameters
    ----------
    curve : rows of ``study``. able : share of those screened who can be randomised; by default as published.

    Returns
    -------
    That table with ``randomised`` and ``to_screen``, people of both arms together.
    """
    table = sample_size(curve, wanted)
    both = 2 * table["n_per_arm"]
    table.insert(table.columns.get_loc("misfit"), "randomised", both)
    table.insert(table.columns.get_loc("misfit"), "to_screen", np.ceil(both / (able_share() if able is None else able)))
    return table


# ---- within the room ----


def _row(job: tuple[dict[str, Any], int, int]) -> pd.DataFrame:
    """Return one row of the study."""
    row, count, seed = job
    about = {k: row[k] for k in ("part", "setting")}
    found = power(**{k: v for k, v in row.items() if k not in about}, count=count, seed=seed)
    exact = np.nan
    if row["part"] == "closed form":
        exact = closed_form(row["outcome"], row["n_per_arm"], row["effect"], row.get("error", 0.0))
    found.insert(0, "setting", about["setting"])
    found.insert(0, "part", about["part"])
    return found.assign(exact=exact)

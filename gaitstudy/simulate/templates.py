"""What the virtual walker copies from real people: the stored template curves, evaluated at any phase."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from gaitstudy.io import catalogue

FILE = "walker_templates.csv"
"""In ``data/derived`` (made by ``tables.walking_templates.fit``); under its whole name, by which the hash of the code
behind a table finds what it reads."""


def _stored() -> dict[tuple[str, str, int], float]:
    """Return every stored number by curve, term (cos, sin, value) and order."""
    path = catalogue.data_folder() / "derived" / FILE
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, modified: int) -> dict[tuple[str, str, int], float]:
    rows = pd.read_csv(path).set_index(["curve", "term", "order"])["value"]
    return {(str(name), str(term), int(order)): float(number) for (name, term, order), number in rows.items()}


def value(name: str) -> float:
    """Return one proportion of the templates, in the unit that ``data/derived/walker_templates.csv`` gives.

    Raises
    ------
    KeyError : there is none of that name.
    """
    return _stored()[name, "value", 0]


def curve(name: str, share: np.ndarray) -> np.ndarray:
    """Return a template curve, the sum of its harmonics, in the unit that the stored table gives.

    Parameters
    ----------
    name : ``knee_flexion`` (deg) over the stride, ``vertical_force`` over the step, ``cop_along``, ``cop_across``
        (heel-to-toe lengths) over stance. share : 0-1 of stride, step or stance, any shape.

    Raises
    ------
    KeyError : there is no curve of that name.
    """
    amounts, waves = _stored(), {"cos": np.cos, "sin": np.sin}
    angle = (np.pi if name.startswith("cop") else 2 * np.pi) * np.asarray(share, float)
    result = np.full(angle.shape, amounts[name, "cos", 0])
    for (of, term, order), amount in amounts.items():
        if of == name and order:
            result += amount * waves[term](order * angle)
    return result


def smooth_step(u: np.ndarray) -> np.ndarray:
    """Return 0 below 0, 1 above 1 and between them a rise whose first two derivatives vanish at both ends (no unit)."""
    u = np.clip(u, 0.0, 1.0)
    return u**3 * (10 - 15 * u + 6 * u**2)


def early_pitch(phase: np.ndarray, at_contact: float, flat_after: float) -> np.ndarray:
    """Return how far the toes are up about initial contact, in the unit of ``at_contact``.

    Parameters
    ----------
    phase : share of the stride since contact; negative before it. at_contact : toe-up angle at contact.
    flat_after : share of the stride after which the foot is flat.
    """
    return 2 * at_contact * (1 - smooth_step((phase / flat_after + 1) / 2))

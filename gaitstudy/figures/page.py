"""The page every figure and table is drawn on: titles that say where data come from, sizes, alternative texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.conventions import GaitStudyError

WIDTH = 7.0
"""Inches; the width of a printed text column and a half."""
PALETTE = "colorblind"
LISTED = "assumptions: "
DATA_CLASSES = ("real", "published", "simulated")


def heading(text: str, data_class: str, people: int, unit: str = "person", assumptions: str = "") -> str:
    """Return a title that ends in where its data come from and how many people they are.

    Parameters
    ----------
    assumptions : the section that lists what a simulation assumes; ``table`` links to its anchor ``assumptions``.

    Raises
    ------
    GaitStudyError : another data class than real, published or simulated.

    Examples
    --------
    >>> heading("Knee adduction moment", "real", 1)
    'Knee adduction moment (real, 1 person)'
    """
    if data_class not in DATA_CLASSES:
        raise GaitStudyError(f"figure title: expected one of {', '.join(DATA_CLASSES)}, found '{data_class}'.")
    words = (unit, f"{unit.removesuffix('person')}people" if unit.endswith("person") else f"{unit}s")
    listed = f"; {LISTED}{assumptions}" if assumptions else ""
    return f"{text} ({data_class}, {people} {words[people != 1]}{listed})"


def panels(columns: int, height: float = 3.0, rows: int = 1, **options: Any) -> tuple[Figure, np.ndarray]:
    """Return an empty figure of full width and its axes, in a quiet style that leaves the reader's settings alone.

    Parameters
    ----------
    columns, rows : of panels. height : inches, of the whole figure. options : of ``Figure.subplots``.
    """
    with sns.axes_style("ticks", {"axes.spines.right": False, "axes.spines.top": False}), sns.plotting_context("paper"):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = np.atleast_1d(figure.subplots(rows, columns, **options))
    return figure, axes

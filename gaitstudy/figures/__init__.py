"""Figures for print: results in, figures out. Nothing here reads a file or computes a result."""

from gaitstudy.figures.moments import (
    agreement,
    choice_effects,
    condition_curves,
    conditions,
    lever_arm,
    parts,
    stance_curves,
)
from gaitstudy.figures.page import DATA_CLASSES, heading, show, table

__all__ = [
    "DATA_CLASSES",
    "agreement",
    "choice_effects",
    "condition_curves",
    "conditions",
    "heading",
    "lever_arm",
    "parts",
    "show",
    "stance_curves",
    "table",
]

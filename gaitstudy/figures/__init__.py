"""Figures for print: results in, figures out. Nothing here reads a file or computes a result."""

from gaitstudy.figures.evidence import effects_forest, visible_differences
from gaitstudy.figures.page import DATA_CLASSES, heading
from gaitstudy.figures.personal import by_design, feedback_course, foot_angle_options, promises
from gaitstudy.figures.planning import power_by_change, power_by_size
from gaitstudy.plots import show, table

__all__ = [
    "DATA_CLASSES",
    "by_design",
    "effects_forest",
    "feedback_course",
    "foot_angle_options",
    "heading",
    "power_by_change",
    "power_by_size",
    "promises",
    "show",
    "table",
    "visible_differences",
]

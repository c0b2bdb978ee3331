"""Figures for print: results in, figures out. Nothing here reads a file or computes a result."""

from gaitstudy.figures.evidence import effects_forest, visible_differences
from gaitstudy.figures.page import DATA_CLASSES, heading
from gaitstudy.figures.personal import by_design, feedback_course, foot_angle_options, promises
from gaitstudy.figures.planning import power_by_change, power_by_size
from gaitstudy.figures.sweeps import change_by_way, sweep_lines
from gaitstudy.plots import show, table

__all__ = [
    "DATA_CLASSES",
    "by_design",
    "change_by_way",
    "effects_forest",
    "feedback_course",
    "foot_angle_options",
    "heading",
    "power_by_change",
    "power_by_size",
    "promises",
    "show",
    "sweep_lines",
    "table",
    "visible_differences",
]

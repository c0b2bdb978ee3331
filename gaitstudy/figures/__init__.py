"""Figures for print: results in, figures out. Nothing here reads a file or computes a result."""

from gaitstudy.figures.evidence import effects_forest, visible_differences
from gaitstudy.figures.insoles import footprints, gait_lines, insole_traces, share_curves, timing_errors
from gaitstudy.figures.moments import parts
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
    "footprints",
    "gait_lines",
    "heading",
    "insole_traces",
    "parts",
    "power_by_change",
    "power_by_size",
    "promises",
    "share_curves",
    "show",
    "table",
    "timing_errors",
    "visible_differences",
]

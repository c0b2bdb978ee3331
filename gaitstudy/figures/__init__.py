"""Figures for print: results in, figures out. Nothing here reads a file or computes a result."""

from gaitstudy.figures.compartments import (
    balance,
    calibrated_pairs,
    constant_ranges,
    error_over_cycle,
    force_bands,
    force_in_foot,
    medial_share,
    trial_errors,
    unloading_map,
)
from gaitstudy.figures.evidence import counted_verdicts, effects_forest, implied_p, visible_differences
from gaitstudy.figures.insoles import footprints, gait_lines, insole_traces, share_curves, timing_errors
from gaitstudy.figures.moments import parts
from gaitstudy.figures.page import DATA_CLASSES, heading
from gaitstudy.figures.personal import by_design, feedback_course, foot_angle_options, promises
from gaitstudy.figures.planning import power_by_change, power_by_size
from gaitstudy.figures.sweeps import change_by_way, sweep_lines
from gaitstudy.figures.treadmill import (
    beside_people,
    power_curves,
    pressure_knee_maps,
    recorded_walk,
    reported_changes,
    within_people,
)
from gaitstudy.plots import show, table

__all__ = [
    "DATA_CLASSES",
    "balance",
    "beside_people",
    "by_design",
    "calibrated_pairs",
    "change_by_way",
    "constant_ranges",
    "counted_verdicts",
    "effects_forest",
    "error_over_cycle",
    "feedback_course",
    "foot_angle_options",
    "footprints",
    "force_bands",
    "force_in_foot",
    "gait_lines",
    "heading",
    "implied_p",
    "insole_traces",
    "medial_share",
    "parts",
    "power_by_change",
    "power_by_size",
    "power_curves",
    "pressure_knee_maps",
    "promises",
    "recorded_walk",
    "reported_changes",
    "share_curves",
    "show",
    "sweep_lines",
    "table",
    "timing_errors",
    "trial_errors",
    "unloading_map",
    "visible_differences",
    "within_people",
]

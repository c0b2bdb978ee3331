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
from gaitstudy.figures.insoles import footprints, gait_lines, insole_traces, share_curves, timing_errors
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
from gaitstudy.figures.personal import by_design, feedback_course, foot_angle_options, promises
from gaitstudy.figures.planning import power_by_change, power_by_size
from gaitstudy.figures.selection import counted_people, lasso_path, weights
from gaitstudy.figures.treadmill import (
    beside_people,
    power_curves,
    pressure_knee_maps,
    recorded_walk,
    reported_changes,
    within_people,
)
from gaitstudy.figures.trial import adherence_curves, forest, ls_mean_curves, missing_patterns, participant_flow

__all__ = [
    "DATA_CLASSES",
    "adherence_curves",
    "agreement",
    "balance",
    "beside_people",
    "by_design",
    "calibrated_pairs",
    "choice_effects",
    "condition_curves",
    "conditions",
    "constant_ranges",
    "counted_people",
    "error_over_cycle",
    "feedback_course",
    "foot_angle_options",
    "footprints",
    "force_bands",
    "force_in_foot",
    "forest",
    "gait_lines",
    "heading",
    "insole_traces",
    "lasso_path",
    "lever_arm",
    "ls_mean_curves",
    "medial_share",
    "missing_patterns",
    "participant_flow",
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
    "stance_curves",
    "table",
    "timing_errors",
    "trial_errors",
    "unloading_map",
    "weights",
    "within_people",
]

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
from gaitstudy.figures.fields import (
    group_bands,
    index_against_load,
    kneecap_stress,
    rates_by_window,
    slopes_on_speed,
    statistic_curve,
)
from gaitstudy.figures.moments import (
    parts,
)
from gaitstudy.figures.page import DATA_CLASSES, heading
from gaitstudy.figures.personal import by_design, feedback_course, foot_angle_options, promises
from gaitstudy.figures.planning import power_by_change, power_by_size
from gaitstudy.figures.selection import counted_people, lasso_path, weights
from gaitstudy.figures.sweeps import change_by_way, sweep_lines
from gaitstudy.figures.treadmill import (
    beside_people,
    power_curves,
    pressure_knee_maps,
    recorded_walk,
    reported_changes,
    within_people,
)
from gaitstudy.figures.trial import adherence_curves, forest, ls_mean_curves, missing_patterns, participant_flow
from gaitstudy.figures.walking import asymmetry_pairs, side_differences, sideways_margins
from gaitstudy.figures.wearable import (
    errors_and_causes,
    foot_angles_by_stride,
    paths_from_above,
    raw_stride,
    sensor_errors,
    stride_time_agreement,
)
from gaitstudy.plots import show, table

__all__ = [
    "DATA_CLASSES",
    "adherence_curves",
    "asymmetry_pairs",
    "balance",
    "beside_people",
    "by_design",
    "calibrated_pairs",
    "change_by_way",
    "constant_ranges",
    "counted_people",
    "counted_verdicts",
    "effects_forest",
    "error_over_cycle",
    "errors_and_causes",
    "feedback_course",
    "foot_angle_options",
    "foot_angles_by_stride",
    "force_bands",
    "force_in_foot",
    "forest",
    "group_bands",
    "heading",
    "implied_p",
    "index_against_load",
    "kneecap_stress",
    "lasso_path",
    "ls_mean_curves",
    "medial_share",
    "missing_patterns",
    "participant_flow",
    "parts",
    "paths_from_above",
    "power_by_change",
    "power_by_size",
    "power_curves",
    "pressure_knee_maps",
    "promises",
    "rates_by_window",
    "raw_stride",
    "recorded_walk",
    "reported_changes",
    "sensor_errors",
    "show",
    "side_differences",
    "sideways_margins",
    "slopes_on_speed",
    "statistic_curve",
    "stride_time_agreement",
    "sweep_lines",
    "table",
    "trial_errors",
    "unloading_map",
    "visible_differences",
    "weights",
    "within_people",
]

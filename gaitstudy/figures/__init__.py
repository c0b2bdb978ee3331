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
from gaitstudy.figures.insoles import footprints, gait_lines, insole_traces, share_curves, timing_errors
from gaitstudy.figures.moments import (
    agreement,
    choice_effects,
    lever_arm,
    parts,
    stance_curves,
)
from gaitstudy.figures.page import DATA_CLASSES, heading
from gaitstudy.figures.personal import by_design, feedback_course, foot_angle_options, promises
from gaitstudy.figures.planning import power_by_change, power_by_size
from gaitstudy.figures.treadmill import (
    beside_people,
    power_curves,
    pressure_knee_maps,
    recorded_walk,
    reported_changes,
    within_people,
)
from gaitstudy.figures.walking import asymmetry_pairs, side_differences, sideways_margins
from gaitstudy.plots import show, table

__all__ = [
    "DATA_CLASSES",
    "agreement",
    "asymmetry_pairs",
    "balance",
    "beside_people",
    "by_design",
    "calibrated_pairs",
    "choice_effects",
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
    "group_bands",
    "heading",
    "implied_p",
    "index_against_load",
    "insole_traces",
    "kneecap_stress",
    "lever_arm",
    "medial_share",
    "parts",
    "power_by_change",
    "power_by_size",
    "power_curves",
    "pressure_knee_maps",
    "promises",
    "rates_by_window",
    "recorded_walk",
    "reported_changes",
    "share_curves",
    "show",
    "side_differences",
    "sideways_margins",
    "slopes_on_speed",
    "stance_curves",
    "statistic_curve",
    "table",
    "timing_errors",
    "trial_errors",
    "unloading_map",
    "visible_differences",
    "within_people",
]

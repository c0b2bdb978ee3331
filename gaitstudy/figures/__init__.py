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
from gaitstudy.figures.evidence import effects_forest, visible_differences
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
    condition_curves,
    conditions,
    lever_arm,
    parts,
    stance_curves,
)
from gaitstudy.figures.page import DATA_CLASSES, heading
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
    "agreement",
    "asymmetry_pairs",
    "balance",
    "beside_people",
    "calibrated_pairs",
    "change_by_way",
    "choice_effects",
    "condition_curves",
    "conditions",
    "constant_ranges",
    "effects_forest",
    "error_over_cycle",
    "errors_and_causes",
    "foot_angles_by_stride",
    "footprints",
    "force_bands",
    "force_in_foot",
    "forest",
    "gait_lines",
    "group_bands",
    "heading",
    "index_against_load",
    "insole_traces",
    "kneecap_stress",
    "lever_arm",
    "ls_mean_curves",
    "medial_share",
    "missing_patterns",
    "participant_flow",
    "parts",
    "paths_from_above",
    "power_curves",
    "pressure_knee_maps",
    "rates_by_window",
    "raw_stride",
    "recorded_walk",
    "reported_changes",
    "sensor_errors",
    "share_curves",
    "show",
    "side_differences",
    "sideways_margins",
    "slopes_on_speed",
    "stance_curves",
    "statistic_curve",
    "stride_time_agreement",
    "sweep_lines",
    "table",
    "timing_errors",
    "trial_errors",
    "unloading_map",
    "visible_differences",
    "within_people",
]

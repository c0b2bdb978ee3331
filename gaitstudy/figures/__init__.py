"""Figures for print: results in, figures out. Nothing here reads a file or computes a result."""

from gaitstudy.figures.evidence import effects_forest, visible_differences
from gaitstudy.figures.insoles import insole_traces, footprints, share_curves, timing_errors, gait_lines
from gaitstudy.figures.moments import parts
from gaitstudy.figures.page import DATA_CLASSES, heading
from gaitstudy.figures.personal import foot_angle_options, promises, by_design, feedback_course
from gaitstudy.figures.planning import power_by_size, power_by_change
from gaitstudy.figures.sweeps import sweep_lines, change_by_way
from gaitstudy.plots import show, table

__all__ = ['DATA_CLASSES', 'by_design', 'change_by_way', 'effects_forest', 'feedback_course', 'foot_angle_options', 'footprints', 'gait_lines', 'heading', 'insole_traces', 'parts', 'power_by_change', 'power_by_size', 'promises', 'share_curves', 'show', 'sweep_lines', 'table', 'timing_errors', 'visible_differences']

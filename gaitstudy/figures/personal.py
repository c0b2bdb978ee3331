"""Figures of choosing a foot angle: one person's options, promises kept or not, designs side by side, feedback."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels

MARKERS = "osDv"


def foot_angle_options(effects: pd.DataFrame, labels: Mapping[str, str], threshold: float, title: str) -> Figure:
    """Draw what each modification does to each peak of one person: as measured, and as expected with its interval.

    Parameters
    ----------
    effects : one person's rows of ``personalise.choose``: ``quantity, modification, measured, percent, low, high``.
    labels : title of the panel by quantity. threshold : %, drawn across.
    """
    figure, axes = panels(len(labels), 2.8, sharey=True)
    blue, orange = sns.color_palette(PALETTE)[:2]
    for ax, (quantity, label) in zip(axes, labels.items(), strict=True):
        rows = effects[effects["quantity"] == quantity]
        place = np.arange(len(rows))
        reach = (rows["percent"] - rows["low"], rows["high"] - rows["percent"])
        ax.plot(place - 0.12, rows["measured"], "x", color=orange, ms=7, label="measured")
        ax.errorbar(place + 0.12, rows["percent"], reach, fmt="o", color=blue, ms=5, capsize=3, label="expected, 95 %")
        ax.axhline(0, color="0.5", lw=0.8)
        ax.axhline(threshold, color="0.5", lw=0.8, ls="--")
        ax.set(title=label, xlim=(-0.5, len(rows) - 0.5))
        ax.set_xticks(place, rows["modification"], fontsize=8)
    axes[0].set_ylabel("reduction\n(% of the natural peak)")
    figure.legend(*axes[0].get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=2)
    figure.suptitle(title, fontsize=10)
    return figure


def promises(rows: pd.DataFrame, labels: Mapping[str, str], title: str) -> Figure:
    """Draw what was promised against what a retest showed, one dot a person, one panel a method.

    Parameters
    ----------
    rows : from ``foot_angle_choice.cohort``: ``method, promised, retest``, %. labels : title of the panel by method.
    """
    figure, axes = panels(len(labels), 3.2, sharex=True, sharey=True)
    low, high = rows["promised"].min() - 2, rows["promised"].max() + 2
    for k, (ax, (method, label)) in enumerate(zip(axes, labels.items(), strict=True)):
        one = rows[rows["method"] == method]
        slope, start = np.polyfit(one["promised"], one["retest"], 1)
        ends = np.array([one["promised"].min(), one["promised"].max()])
        ax.plot([low, high], [low, high], color="0.5", lw=0.9, ls="--", label="promise kept")
        ax.plot(one["promised"], one["retest"], "o", ms=3, alpha=0.6, color=sns.color_palette(PALETTE)[k])
        ax.plot(ends, start + slope * ends, color="k", lw=1.3, label="straight line through the people")
        ax.set(xlabel="promised reduction (%)", xlim=(low, high))
        ax.set_title(f"{label}\nslope {slope:.2f}", fontsize=9)
    axes[0].set_ylabel("reduction in a retest (%)")
    figure.legend(*axes[0].get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=2)
    figure.suptitle(title, fontsize=10)
    return figure


def by_design(
    table: pd.DataFrame, column: str, label: str, title: str, band: tuple[float, float] | None = None
) -> Figure:
    """Draw one number over the steps of a condition, one panel a number of tests, one line a method, 95 % intervals.

    Parameters
    ----------
    table : from ``foot_angle_choice.comparison``, one number of people. column : of the number. label : of the axis,
        with unit. band : shaded, what is asked for.
    """
    tests = sorted(table["tests"].unique())
    figure, axes = panels(len(tests), 3.0, sharey=True)
    for ax, count in zip(axes, tests, strict=True):
        rows = table[table["tests"] == count]
        if band:
            ax.axhspan(*band, color="0.9", zorder=0, label=f"asked for: {band[0]:g} to {band[1]:g}")
        for k, (method, one) in enumerate(rows.groupby("method", sort=False)):
            place = np.arange(len(one)) + 0.08 * (k - 1.5)
            reach = (one[column] - one[f"{column}_low"], one[f"{column}_high"] - one[column])
            colour = sns.color_palette(PALETTE)[k]
            ax.errorbar(
                place, one[column], reach, marker=MARKERS[k], ms=4, lw=1.1, capsize=2, color=colour, label=method
            )
            ax.set_xticks(np.arange(len(one)), one["steps"])
        ax.set(title=f"{count} visit{'s' if count > 1 else ''} of each person", xlabel="steps in a condition")
    axes[0].set_ylabel(label)
    figure.legend(*axes[0].get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=5)
    figure.suptitle(title, fontsize=10)
    return figure


def feedback_course(table: pd.DataFrame, label: str, title: str) -> Figure:
    """Draw a published figure of feedback designs over the phases of training, one line a design.

    Parameters
    ----------
    table : from ``foot_angle_choice.feedback_designs``: ``feedback, phase, value``. label : of the axis, with unit.
    """
    figure, (ax,) = panels(1, 2.8)
    for k, (design, one) in enumerate(table.groupby("feedback", sort=False)):
        ax.plot(one["phase"], one["value"], marker=MARKERS[k], ms=5, lw=1.3, color=sns.color_palette(PALETTE)[k],
                label=f"feedback: {design}")  # fmt: skip
    ax.set_ylabel(label)
    ax.set_ylim(bottom=0)
    ax.set_title(title, fontsize=10)
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=3)
    return figure

"""Figures of a randomised trial: flow, course of an outcome by arm, models side by side, adherence, what is missing.

All draw arms, visits and models, none draws a person.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels
from gaitstudy.io.trial_summary import check_flow

ARMS = ("intervention", "sham")
SHIFT = 0.35
"""Weeks by which the arms are drawn apart, so that intervals do not hide each other."""
_GROUPS = {
    "Enrolment": ("assessed for eligibility", "excluded", "randomised"),
    "Allocation": ("allocated",),
    "Follow-up": ("seen at week 52", "not seen at week 52", "withdrawn for more knee pain"),
    "Analysis": ("analysed", "not analysed", "analysed in all"),
}


def participant_flow(boxes: pd.DataFrame, title: str) -> Figure:
    """Draw the flow of people through a trial; a count that is not known says so.

    Parameters
    ----------
    boxes : ``box, arm, people``, from ``trial_summary.flow`` or ``trial_summary.published_flow``.

    Raises
    ------
    GaitStudyError : the known counts do not add up.
    """
    check_flow(boxes)
    said = {(row["box"], row["arm"]): _people(row["people"]) for row in boxes.to_dict("records")}

    def lines(group: str, arm: str) -> str:
        return "\n".join(f"{box}: {said[box, arm]}" for box in _GROUPS[group] if (box, arm) in said)

    figure, (ax,) = panels(1, 4.6)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    heights = {"Enrolment": 0.88, "Allocation": 0.63, "Follow-up": 0.38, "Analysis": 0.15}
    places = dict(zip(ARMS, (0.34, 0.78), strict=True))
    middle = sum(places.values()) / 2
    for group, high in heights.items():
        ax.text(0.02, high, group, rotation=90, va="center", ha="center", fontsize=9, weight="bold", color="0.35")
    _box(ax, middle, heights["Enrolment"], lines("Enrolment", ""))
    _box(ax, middle, 0.02, lines("Analysis", ""))
    for arm, x in places.items():
        for group in ("Allocation", "Follow-up", "Analysis"):
            head = f"{arm}\n" if group == "Allocation" else ""
            _box(ax, x, heights[group], head + lines(group, arm))
        ax.plot([middle, middle, x], [0.78, 0.745, 0.745], color="0.3", lw=1)
        for low, high in ((0.70, 0.745), (0.475, 0.57), (0.215, 0.285)):
            ax.annotate("", (x, low), (x, high), arrowprops={"arrowstyle": "->", "color": "0.3", "lw": 1})
    figure.suptitle(title, fontsize=10)
    return figure


def ls_mean_curves(means: pd.DataFrame, label: str, title: str, panel: str | None = None) -> Figure:
    """Draw each arm's adjusted mean with its interval over the visits.

    Parameters
    ----------
    means : ``arm, visit`` (week), ``estimate, low, high``, as ``longitudinal.ls_means`` gives them. label : of the
        axis, with unit. panel : a further column, one panel a value.
    """
    parts = list(means.groupby(panel, sort=False)) if panel else [("", means)]
    figure, axes = panels(len(parts), 3.2, sharey=True)
    for ax, (name, rows) in zip(axes, parts, strict=True):
        for k, arm in enumerate(a for a in ARMS if a in set(rows["arm"])):
            one = rows[rows["arm"] == arm].sort_values("visit")
            x = one["visit"] + SHIFT * (2 * k - 1)
            ends = (one["estimate"] - one["low"], one["high"] - one["estimate"])
            ax.errorbar(
                x, one["estimate"], ends, color=_colour(arm), marker="os"[k], ms=4, lw=1.4, capsize=2, label=arm
            )
        ax.set(xlabel="week", xticks=sorted(rows["visit"].unique()), title=str(name))
        if rows["low"].min() <= 0 <= rows["high"].max():
            ax.axhline(0, color="0.6", lw=0.8)
    axes[0].set_ylabel(label)
    figure.legend(*axes[0].get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=2)
    figure.suptitle(title, fontsize=10)
    return figure


def forest(
    models: pd.DataFrame, label: str, title: str, reported: float | None = None, truth: float | None = None
) -> Figure:
    """Draw the difference between the arms by model, one row a model, with its interval.

    Parameters
    ----------
    models : ``model, estimate, low, high``; a model without a number (NaN) is drawn as "not available". label : of the
        axis, with unit and sign. reported, truth : drawn across if given, the trial's published number and the one a
        simulation was built on.
    """
    figure, (ax,) = panels(1, 0.34 * len(models) + 1.2)
    for k, row in enumerate(models.to_dict("records")):
        if not np.isfinite([row["estimate"], row["low"], row["high"]]).all():
            place = {"transform": ax.get_yaxis_transform(), "va": "center", "ha": "center"}
            ax.text(0.5, k, "not available", fontsize=7, color="0.4", **place)
            continue
        ax.plot([row["low"], row["high"]], [k, k], color="0.25", lw=1.4)
        ax.plot(row["estimate"], k, "s", ms=5, color=sns.color_palette(PALETTE)[0])
    ax.axvline(0, color="0.5", lw=0.8)
    lines = ((reported, "published", "--", sns.color_palette(PALETTE)[3]), (truth, "truth of the simulation", ":", "k"))
    for value, name, style, colour in lines:
        if value is not None:
            ax.axvline(value, color=colour, lw=1.2, ls=style, label=f"{name}: {value:g}")
    ax.set(yticks=range(len(models)), xlabel=label, ylim=(len(models) - 0.5, -0.5))
    ax.set_title(title, fontsize=10)
    ax.set_yticklabels(models["model"], fontsize=8)
    if ax.get_legend_handles_labels()[0]:
        figure.legend(*ax.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside lower right", ncols=2)
    return figure


def adherence_curves(summary: pd.DataFrame, label: str, title: str, target: float | None = None) -> Figure:
    """Draw median and quarters of adherence, or of the foot angle's error, over the visits by arm.

    Parameters
    ----------
    summary : ``arm, visit`` (week), ``low, median, high`` (quartiles). label : of the axis, with unit. target : drawn
        across.
    """
    figure, (ax,) = panels(1, 3.0)
    for k, arm in enumerate(ARMS):
        one = summary[summary["arm"] == arm].sort_values("visit")
        x = one["visit"] + SHIFT * (2 * k - 1)
        ends = (one["median"] - one["low"], one["high"] - one["median"])
        ax.errorbar(x, one["median"], ends, color=_colour(arm), marker="os"[k], ms=4, lw=1.2, capsize=3, label=arm)
    if target is not None:
        ax.axhline(target, color="0.4", lw=0.8, ls="--")
    ax.set(xlabel="week", ylabel=f"{label}\nmedian and quarters", xticks=sorted(summary["visit"].unique()))
    ax.set_title(title, fontsize=10)
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=2)
    return figure


def missing_patterns(patterns: pd.DataFrame, weeks: Sequence[int], title: str) -> Figure:
    """Draw which visits are missing together: one row a pattern, seen visits filled, people of each arm beside it.

    Parameters
    ----------
    patterns : ``pattern`` (one sign a visit, ``x`` seen and ``.`` missing), and people of each arm and in ``total``.
    weeks : of the visits, one for each sign of a pattern.
    """
    figure, (ax,) = panels(1, 0.3 * len(patterns) + 1.3)
    blue = sns.color_palette(PALETTE)[0]
    columns = [len(weeks) + 0.4 + 1.5 * k for k in range(3)]
    for y, row in enumerate(patterns.to_dict("records")):
        for k, sign in enumerate(row["pattern"]):
            ax.plot(k, y, "s", ms=9, color=blue, mfc=blue if sign == "x" else "none")
        for x, name in zip(columns, (*ARMS, "total"), strict=True):
            ax.text(x, y, str(row[name]), va="center", ha="center", fontsize=8)
    for x, name in zip(columns, (*ARMS, "total"), strict=True):
        ax.text(x, -0.75, name, va="center", ha="center", fontsize=8, weight="bold")
    ax.set(xlim=(-0.6, columns[-1] + 0.7), ylim=(len(patterns) - 0.4, -1.1), xticks=range(len(weeks)), yticks=[])
    ax.set_xticklabels([str(w) for w in weeks])
    ax.set_xlabel("week (filled: seen; empty: missing)", loc="left")
    ax.spines["left"].set_visible(False)
    ax.set_title(title, fontsize=10)
    return figure


def _people(count: float) -> str:
    return "not available" if pd.isna(count) else f"{count:g}"


def _colour(arm: str) -> tuple[float, float, float]:
    return sns.color_palette(PALETTE)[ARMS.index(arm)]


def _box(ax: Axes, x: float, y: float, text: str) -> None:
    style = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": "0.3"}
    ax.text(x, y, text, ha="center", va="center", fontsize=7.5, linespacing=1.5, bbox=style)

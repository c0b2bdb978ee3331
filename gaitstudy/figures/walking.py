"""Figures of how evenly and how stably people walk."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels

MARKS = ("o", "s", "D", "^")


def side_differences(people: pd.DataFrame, walking: Mapping[str, str], load: Mapping[str, str], title: str) -> Figure:
    """Draw each walker's symmetry indices: of walking on the left, of the knee's load on the right.

    Parameters
    ----------
    people : one row a walker, in drawing order from the top: ``label`` and the columns named, % (left larger
        positive); NaN is not drawn. walking, load : columns to legend.
    """
    figure, axes = panels(2, 0.26 * len(people) + 1.7, sharey=True)
    place = -np.arange(len(people))
    colours = sns.color_palette(PALETTE)
    for ax, columns, first, name in ((axes[0], walking, 0, "walking"), (axes[1], load, len(walking), "knee load")):
        ax.hlines(place, *_span(people[list(columns)]), color="0.93", lw=0.8, zorder=0)
        ax.axvline(0, color="0.4", lw=0.8, zorder=1)
        for k, (column, label) in enumerate(columns.items(), first):
            size = 7 - 1.5 * (k - first)  # what lies on top is smaller, so that what lies below can be seen
            ax.plot(people[column], place, MARKS[k % 4], color=colours[k], ms=size, label=label, ls="none")
        ax.set(xlabel=f"symmetry index of {name} (%)\nright larger  <   >  left larger", ylim=(place[-1] - 0.7, 0.7))
        ax.legend(frameon=False, fontsize=7, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=0.8)
    axes[0].set_yticks(place, people["label"], fontsize=7)
    figure.suptitle(title, fontsize=10)
    return figure


def asymmetry_pairs(
    people: pd.DataFrame, found: pd.DataFrame, labels: Mapping[str, str], load: str, title: str
) -> Figure:
    """Draw the asymmetry of the knee's load against each asymmetry of walking, one point a person.

    Parameters
    ----------
    people : symmetry indices, %, left larger positive, one row a person. found : ``walking, n, r, low, high``.
    labels : measures of walking to axis labels. load : the column of knee load.
    """
    figure, axes = panels(len(labels), 2.9, sharey=True)
    for ax, (name, label) in zip(axes, labels.items(), strict=True):
        row = found.set_index("walking").loc[name]
        ax.axhline(0, color="0.8", lw=0.8)
        ax.axvline(0, color="0.8", lw=0.8)
        ax.plot(people[name], people[load], "o", color=sns.color_palette(PALETTE)[0], ms=5, mec="w", mew=0.5)
        ax.set_title(f"r = {row['r']:.2f} ({row['low']:.2f} to {row['high']:.2f}), n = {row['n']:.0f}", fontsize=8)
        ax.set_xlabel(f"{label}:\nsymmetry index (%)")
    axes[0].set_ylabel("first KAM peak:\nsymmetry index (%)")
    figure.suptitle(title, fontsize=10)
    return figure


def sideways_margins(people: pd.DataFrame, title: str) -> Figure:
    """Draw each walker's sideways margin of stability at initial contact of either foot.

    Parameters
    ----------
    people : one row a walker, in drawing order from the top: ``label``, ``left, right`` (m, inside positive).
    """
    figure, axes = panels(1, 0.24 * len(people) + 1.4)
    ax, place = axes.ravel()[0], -np.arange(len(people))
    ax.hlines(place, 1000 * people["left"], 1000 * people["right"], color="0.75", lw=1.5, zorder=1)
    for k, side in enumerate(("left", "right")):
        ax.plot(1000 * people[side], place, MARKS[k], color=sns.color_palette(PALETTE)[k], ms=6, ls="none", label=side)
    ax.set_yticks(place, people["label"], fontsize=7)
    ax.set(xlabel="margin of stability to the side at initial contact (mm), inside the foot positive")
    ax.set(xlim=(0, None), ylim=(place[-1] - 0.7, 0.7))
    ax.legend(frameon=False, title="landing foot", loc="upper left")
    figure.suptitle(title, fontsize=10)
    return figure


def _span(values: pd.DataFrame) -> tuple[float, float]:
    return float(values.min().min()), float(values.max().max())

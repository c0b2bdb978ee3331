"""Figures of sweeps in virtual people: a load against what was changed, beside what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels

DASHES = ("-", "--", ":")
Level = tuple[float, float, float, str]
"""A published value, its interval (NaN: none) and what to call it."""
Point = tuple[float, float, str]
"""Where along x a published value was found, the value, and what to call it."""


def sweep_lines(
    table: pd.DataFrame,
    loads: Mapping[str, str],
    x_label: str,
    title: str,
    *,
    by: str = "setting",
    style: str | None = "frame",
    levels: Mapping[str, Level] | None = None,
    points: Mapping[str, Point] | None = None,
    marks: Mapping[str, Sequence[float]] | None = None,
    zero: bool = True,
    height: float = 3.4,
) -> Figure:
    """Draw loads against what was changed: means over people as lines, their span as bands, one panel a load.

    Parameters
    ----------
    table : of ``knee_load.spread``: ``value, load, mean, low, high`` and the columns ``by`` and ``style``.
    loads : load to axis label with unit. x_label : what was changed, with its unit. by : column that colours tell
        apart. style : column that solid, dashed and dotted lines tell apart; None: they follow the colours.
    levels : load to a published value drawn across its panel, as a band where it has an interval. points : load to
        one drawn as a diamond.
    marks : load to places along x drawn as thin upright lines. zero : draw the line of no change.
    height : inches.
    """
    figure, axes = panels(len(loads), height)
    groups = list(dict.fromkeys(table[by]))
    styles = list(dict.fromkeys(table[style])) if style else [None]
    for ax, (load, label) in zip(axes, loads.items(), strict=True):
        own = table[table["load"] == load]
        for k, group in enumerate(groups):
            colour = sns.color_palette(PALETTE)[k]
            dashes = DASHES if style else DASHES[k % 3 :]  # lines that lie on each other both stay to be seen
            for dash, kind in zip(dashes, styles, strict=False):
                rows = own[own[by] == group]
                rows = (rows[rows[style] == kind] if style else rows).sort_values("value")
                if rows.empty:
                    continue
                name = " · ".join(str(v) for v in (group, kind) if v is not None and str(v))
                ax.plot(rows["value"], rows["mean"], dash, color=colour, lw=1.8, label=name)
                ax.fill_between(rows["value"], rows["low"], rows["high"], color=colour, alpha=0.12, lw=0)
        _across(ax, (levels or {}).get(load))
        for x, y, text in [p for key, p in (points or {}).items() if key == load]:
            ax.plot(x, y, "kD", ms=6, label=text)
        for place in (marks or {}).get(load, ()):
            ax.axvline(place, color="0.4", lw=0.8, ls=":")
        if zero:
            ax.axhline(0, color="0.5", lw=0.8)
        ax.set_xlabel(x_label)
        ax.set_ylabel(label, fontsize=8)
    handles = {n: h for ax in axes for h, n in zip(*ax.get_legend_handles_labels(), strict=True)}
    columns = 3 if max(map(len, handles)) < 34 else 2
    figure.legend(
        handles.values(), handles.keys(), frameon=False, fontsize=7.5, loc="outside lower center", ncols=columns
    )
    figure.suptitle(title, fontsize=10)
    return figure


def _across(ax: Axes, level: Level | None) -> None:
    """Draw a published value across a panel."""
    if level is None:
        return
    value, low, high, text = level
    if pd.notna(low) and pd.notna(high):
        ax.axhspan(low, high, color="0.6", alpha=0.3, lw=0)
    ax.axhline(value, color="k", lw=1.2, ls="-.", label=text)


def change_by_way(
    table: pd.DataFrame, loads: Mapping[str, str], title: str, *, way: str = "setting", style: str = "frame"
) -> Figure:
    """Draw each person's change of load with each way of walking: one row a way, one panel a load.

    Parameters
    ----------
    table : of ``knee_load.sweep``, one value a way: ``way``, ``style`` (two kinds), ``person`` and the loads.
    loads : column to axis label with unit.
    """
    ways, kinds = (list(dict.fromkeys(table[c])) for c in (way, style))
    figure, axes = panels(len(loads), 0.34 * len(ways) + 1.3, sharey=True)
    for ax, (load, label) in zip(axes, loads.items(), strict=True):
        for k, kind in enumerate(kinds):
            rows = table[table[style] == kind]
            place = [ways.index(name) + 0.16 * (2 * k - len(kinds) + 1) for name in rows[way]]
            ax.plot(rows[load], place, "os^"[k % 3], ms=4, color=sns.color_palette(PALETTE)[k], alpha=0.8, label=kind)
        ax.axvline(0, color="0.5", lw=1)
        ax.grid(axis="y", color="0.92")
        ax.set(yticks=range(len(ways)), xlabel=label, ylim=(len(ways) - 0.5, -0.5))
        ax.set_yticklabels(ways, fontsize=8)
    figure.legend(*axes[0].get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside lower right", ncols=3)
    figure.suptitle(title, fontsize=10)
    return figure

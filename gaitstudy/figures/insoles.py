"""Figures of pressure insoles: raw signals, footprints, shares and paths over stance, timing errors, gait lines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gaitstudy.figures.page import PALETTE, panels

SIDE_COLOURS = {"left": 0, "right": 1}
ACROSS = {"left": "lateral  <     >  medial", "right": "medial  <     >  lateral"}
"""Seen from above, toes up."""
EVENTS = {"initial_contact": "initial contact", "foot_off": "foot off"}


def _colour(side: str) -> tuple[float, ...]:
    return sns.color_palette(PALETTE)[SIDE_COLOURS[side]]


def insole_traces(table: pd.DataFrame, title: str) -> Figure:
    """Draw what each maker's insoles recorded, one panel a maker.

    Parameters
    ----------
    table : ``vendor, side, time`` (s), ``value, unit``; lost samples leave a gap in the line.
    """
    vendors = list(dict.fromkeys(table["vendor"]))
    figure, axes = panels(1, 1.5 * len(vendors) + 0.5, rows=len(vendors))
    for ax, vendor in zip(axes.ravel(), vendors, strict=True):
        own = table[table["vendor"] == vendor]
        for side, rows in own.groupby("side"):
            ax.plot(rows["time"], rows["value"], color=_colour(str(side)), lw=1.4, label=side)
        what = "force (N)" if own["unit"].iloc[0] == "N" else f"mean pressure\n({own['unit'].iloc[0]})"
        ax.set(ylabel=what, xlim=(own["time"].min(), own["time"].max()))
        ax.set_title(vendor, loc="left", fontsize=9)
    axes.ravel()[-1].set_xlabel("time on each file's own clock (s)")
    lines, names = axes.ravel()[0].get_legend_handles_labels()
    figure.legend(lines, names, frameon=False, loc="outside lower center", ncols=2)
    figure.suptitle(title, fontsize=10)
    return figure


def footprints(
    cells: pd.DataFrame, paths: pd.DataFrame, title: str, sizes: tuple[float, float] = (4.6, 90.0)
) -> Figure:
    """Draw peak pressures of each foot as a map seen from above, with the mean path of the centre of pressure.

    Parameters
    ----------
    cells : ``side, along, across, size, peak`` (kPa), ``patch``: squares of ``size`` mm, or discs where that is NaN;
        what is no patch is outlined. paths : ``side, along, across``, in the same units. sizes : height of the figure
        (inches), area of the discs (points squared).
    """
    unit = "mm" if cells["size"].notna().all() else "%"
    figure, axes = panels(2, sizes[0], sharey=True)
    if unit == "mm":
        figure.set_figwidth(0.75 * figure.get_figwidth())  # feet are narrow where both axes are to scale
    top, wide = cells["peak"].max(), (cells["across"].abs() + cells["size"]).max()
    for ax, side in zip(axes, SIDE_COLOURS, strict=True):
        own = cells[cells["side"] == side]
        turn = 1.0 if side == "left" else -1.0
        if unit == "mm":
            squares = [
                Rectangle((turn * x - s / 2, y - s / 2), s, s)
                for x, y, s in zip(own["across"], own["along"], own["size"], strict=True)
            ]
            drawn = ax.add_collection(
                PatchCollection(squares, cmap="viridis", clim=(0, top), array=own["peak"].to_numpy())
            )
            odd = [square for square, good in zip(squares, own["patch"], strict=True) if not good]
            ax.add_collection(PatchCollection(odd, facecolor="none", edgecolor="red", lw=0.8))
        else:
            drawn = ax.scatter(
                turn * own["across"], own["along"], c=own["peak"], s=sizes[1], cmap="viridis", vmin=0, vmax=top
            )
            for x, y, n, peak in zip(own["across"], own["along"], own["sensor"], own["peak"], strict=True):
                dark = "w" if peak < 0.7 * top else "k"
                ax.annotate(f"{n}", (turn * x, y), ha="center", va="center", fontsize=7, color=dark)
            ax.margins(0.1)
        path = paths[paths["side"] == side]
        ax.plot(turn * path["across"], path["along"], color="k", lw=3)
        ax.plot(turn * path["across"], path["along"], color="w", lw=1.2)
        ax.set(title=f"{side} foot", xlabel=f"{ACROSS[side]}\n({unit if unit == 'mm' else '% of insole width'})")
        if unit == "mm":
            ax.set(aspect="equal", xlim=(-wide, wide))
        ax.axvline(0, color="0.7", lw=0.8, ls=":", zorder=0)
        ax.autoscale_view()
    axes[0].set_ylabel(f"from the heel ({unit if unit == 'mm' else '% of insole length'})")
    figure.colorbar(drawn, ax=list(axes), label="peak pressure (kPa), mean of stances", shrink=0.8)
    figure.suptitle(title, fontsize=10)
    return figure


def share_curves(table: pd.DataFrame, labels: Mapping[str, str], title: str) -> Figure:
    """Draw the medial share of the force over stance with one standard deviation, one panel a walk.

    Parameters
    ----------
    table : ``group, side, percent, share, share_sd``. labels : group to panel title, in drawing order.
    """
    figure, axes = panels(len(labels), 2.9, sharey=True)
    for ax, (group, label) in zip(axes, labels.items(), strict=True):
        for side, rows in table[table["group"] == group].groupby("side"):
            share = 100 * rows["share"]
            ax.plot(rows["percent"], share, color=_colour(str(side)), lw=1.6, label=side)
            low, high = (share + sign * 100 * rows["share_sd"] for sign in (-1, 1))
            ax.fill_between(rows["percent"], low, high, color=_colour(str(side)), alpha=0.2, lw=0)
        ax.axhline(50, color="0.6", lw=0.8)
        ax.set(xlabel="stance (%)", xlim=(0, 100), ylim=(0, 100))
        ax.set_title(label, fontsize=9)
    axes[0].set_ylabel("medial share of the force (%)")
    axes[0].legend(frameon=False, loc="upper left")
    figure.suptitle(title, fontsize=10)
    return figure


def timing_errors(table: pd.DataFrame, default: float, title: str) -> Figure:
    """Draw how late contacts are found in the force at every threshold, one panel an event, one dot a step.

    Parameters
    ----------
    table : ``event, threshold`` (N), ``side, error`` (ms, found less reported). default : threshold marked.
    """
    figure, axes = panels(2, 3.0, sharey=True)
    levels = sorted(table["threshold"].unique())
    spread = np.random.default_rng(0).uniform(-0.12, 0.12, len(table))
    for ax, (event, label) in zip(axes, EVENTS.items(), strict=True):
        for side, shift in (("left", -0.16), ("right", 0.16)):
            rows = (table["event"] == event) & (table["side"] == side)
            at = table.loc[rows, "threshold"].map(levels.index) + shift + spread[rows]
            ax.plot(at, table.loc[rows, "error"], "o", ms=3, alpha=0.7, color=_colour(side), label=side)
        ax.axhspan(-10, 10, color="0.9", zorder=0)
        ax.axhline(0, color="0.5", lw=0.8)
        ax.set(xticks=range(len(levels)), xlabel="threshold (N)")
        ax.set_xticklabels([f"{v:g}{' *' if v == default else ''}" for v in levels])
        ax.set_title(label, fontsize=9)
    axes[0].set_ylabel("found later than reported (ms)")
    axes[1].legend(frameon=False, loc="upper right")
    figure.suptitle(title, fontsize=10)
    return figure


def gait_lines(table: pd.DataFrame, title: str) -> Figure:
    """Draw the mean path of the centre of pressure by the maker's report and by us, one panel a foot.

    Parameters
    ----------
    table : ``walk, side, along, report, ours``, % of insole length and width. The report's path is the broad grey line,
        ours the thin one on it; feet are seen from above.
    """
    walks = list(dict.fromkeys(table["walk"]))
    figure, axes = panels(2 * len(walks), 3.4, sharey=True)
    pairs = [(walk, side) for walk in walks for side in SIDE_COLOURS]
    for ax, (walk, side) in zip(axes, pairs, strict=True):
        own = table[(table["walk"] == walk) & (table["side"] == side)]
        turn = 1.0 if side == "left" else -1.0
        ax.plot(
            turn * own["report"],
            own["along"],
            color="0.55",
            lw=3.5,
            label="maker's report (broad); ours is the thin line in colour",
        )
        ax.plot(turn * own["ours"], own["along"], color=_colour(side), lw=1.3)
        ax.axvline(0, color="0.7", lw=0.8, ls=":", zorder=0)
        ax.set(xlim=(-25, 25), ylim=(0, 100), xlabel=f"{ACROSS[side]}\n(% of insole width)")
        ax.set_title(f"{walk}, {side}", fontsize=9)
    axes[0].set_ylabel("from the heel (% of insole length)")
    lines, names = axes[0].get_legend_handles_labels()
    figure.legend(lines[:1], names[:1], frameon=False, loc="outside lower center", ncols=2)
    figure.suptitle(title, fontsize=10)
    return figure

"""Figures of published evidence: a forest of effects, and differences that a trial could see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from gaitstudy.figures.page import PALETTE, panels


def effects_forest(rows: pd.DataFrame, label: str, title: str, *, null: float = 0.0, log: bool = False) -> Figure:
    """Draw published effects with their intervals, one row each; single studies as squares, pooled figures as diamonds.

    Parameters
    ----------
    rows : ``label, effect, low, high, kind`` (``study`` or ``pooled``) and ``size``, a text set beside the number; an
        effect that is missing is written as "not available", and one without interval is a hollow mark.
    label : of the axis, with unit and what the sign means. null : where nothing happens; 1 with ``log`` for ratios.
    """
    figure, (ax,) = panels(1, 0.42 * len(rows) + 1.3)
    blue, orange = (sns.color_palette(PALETTE)[k] for k in (0, 1))
    for k, row in enumerate(rows.to_dict("records")):
        at = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": 7.5}
        if not np.isfinite(row["effect"]):
            ax.text(0.5, k, "not available", ha="center", color="0.4", **at)
            ax.text(1.02, k, row["size"], color="0.35", **at)
            continue
        known = np.isfinite([row["low"], row["high"]]).all()
        pooled = row["kind"] == "pooled"
        digits = 1 if abs(row["effect"]) >= 10 else 2
        text = f"{row['effect']:.{digits}f}"
        if known and pooled:
            ax.fill([row["low"], row["effect"], row["high"], row["effect"]], [k, k - 0.25, k, k + 0.25], color=orange)
        elif known:
            ax.plot([row["low"], row["high"]], [k, k], color="0.25", lw=1.4)
        if not (known and pooled):
            colour = orange if pooled else blue
            ax.plot(row["effect"], k, "D" if pooled else "s", ms=5, color=colour, mfc=colour if known else "none")
        interval = (
            f"{text} ({row['low']:.{digits}f} to {row['high']:.{digits}f})"
            if known
            else f"{text} (interval not available)"
        )
        ax.text(1.02, k, f"{interval}\n{row['size']}", color="0.2", **at)
    ax.axvline(null, color="0.5", lw=0.8)
    if log:
        ax.set_xscale("log")
        ends = ax.get_xlim()
        ax.set_xticks([t for t in (0.1, 0.25, 0.5, 1, 2, 4, 10) if ends[0] <= t <= ends[1]])
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.minorticks_off()
    ax.set(yticks=range(len(rows)), xlabel=label, ylim=(len(rows) - 0.5, -0.6))
    ax.set_yticklabels(rows["label"], fontsize=7.5)
    figure.suptitle(title, fontsize=10)
    return figure


def visible_differences(table: pd.DataFrame, title: str) -> Figure:
    """Draw the smallest difference that a model finds at each visit, one line a size of trial, and the one put in.

    Parameters
    ----------
    table : ``n_per_arm, week, smallest, truth``, the last two in NRS points; drawn without sign.
    """
    figure, (ax,) = panels(1, 3.1)
    for k, (n, own) in enumerate(table.groupby("n_per_arm")):
        ax.plot(own["week"], own["smallest"].abs(), marker="osD^v"[k % 5], ms=4, lw=1.4,
                color=sns.color_palette(PALETTE)[k], label=f"{n:g} people an arm")  # fmt: skip
    put_in = table.drop_duplicates("week")
    ax.plot(put_in["week"], put_in["truth"].abs(), color="k", lw=1.2, ls="--", label="difference put in")
    ax.axvspan(2 + 2, 2 + 4, color="0.85", lw=0)
    ax.text(
        5, 0.03, "2 to 4 weeks after\nthe first visit", rotation=90, fontsize=6, color="0.3", va="bottom", ha="center"
    )
    ax.set(xlabel="week of the trial", ylabel="NRS points", ylim=(0, None), xlim=(1, 54))
    ax.set_xticks([2, *put_in["week"]])
    figure.suptitle(title, fontsize=10)
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside lower center", ncols=4)
    return figure

"""Figures for planning a trial: power by size, and by one assumption changed at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels


def power_by_size(curves: pd.DataFrame, by: str, title: str, level: float = 0.8) -> Figure:
    """Draw simulated power with its Monte-Carlo intervals against the size of the trial, one panel an outcome.

    Parameters
    ----------
    curves : ``outcome, n_per_arm, power, low, high`` and the column ``by``, one line a value. level : drawn across.
    """
    outcomes = list(dict.fromkeys(curves["outcome"]))
    names = list(dict.fromkeys(curves[by]))
    figure, axes = panels(len(outcomes), 3.1, sharey=True)
    for ax, outcome in zip(axes, outcomes, strict=True):
        own = curves[curves["outcome"] == outcome]
        for k, name in enumerate(names):
            rows = own[own[by] == name].sort_values("n_per_arm")
            ends = (rows["power"] - rows["low"], rows["high"] - rows["power"])
            ax.errorbar(
                rows["n_per_arm"], rows["power"], ends, marker="osD^v"[k % 5], ms=3.5, lw=1.3, capsize=2,
                color=sns.color_palette(PALETTE)[k], label=name,
            )  # fmt: skip
        sizes = sorted(own["n_per_arm"].unique())
        ax.axhline(level, color="0.6", lw=0.8, ls="--")
        ax.set(xscale="log", xlabel="people in each arm", ylim=(0, 1.02))
        ax.set_title(outcome, fontsize=9)
        ax.set_xticks(sizes, [str(n) for n in sizes])
        ax.minorticks_off()
    axes[0].set_ylabel(f"power (dashes: {100 * level:g} %)")
    handles = {t: h for ax in axes for h, t in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), frameon=False, loc="outside lower center", ncols=len(handles))
    figure.suptitle(title, fontsize=10)
    return figure


def power_by_change(table: pd.DataFrame, title: str, level: float = 0.8) -> Figure:
    """Draw power under one changed assumption at a time, one row a change, one panel an outcome.

    Parameters
    ----------
    table : ``outcome, setting, power, low, high``; each outcome's first row is what the others changed, drawn across.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    rows = int(table.groupby("outcome").size().max())
    figure, axes = panels(len(outcomes), 0.27 * rows + 1.3)
    for ax, outcome in zip(axes, outcomes, strict=True):
        own = table[table["outcome"] == outcome].reset_index(drop=True)
        ends = (own["power"] - own["low"], own["high"] - own["power"])
        ax.errorbar(own["power"], np.arange(len(own)), xerr=ends, fmt="o", ms=4, capsize=2,
                    color=sns.color_palette(PALETTE)[0])  # fmt: skip
        ax.axvline(own["power"].iloc[0], color="0.4", lw=0.8)
        ax.axvline(level, color="0.6", lw=0.8, ls="--")
        ax.set(yticks=range(len(own)), ylim=(len(own) - 0.5, -0.5), xlim=(0, 1), xlabel="power")
        ax.set_title(outcome, fontsize=9)
        ax.set_yticklabels(own["setting"], fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure

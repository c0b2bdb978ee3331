"""Figures of knee moments: curves, lever arms, agreement with other programs, and what a change is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels


def parts(table: pd.DataFrame, title: str, order: Sequence[str]) -> Figure:
    """Draw what each change of a moment is made of: one panel a condition, one row a part, one point a pair of trials.

    Parameters
    ----------
    table : ``condition, part, change`` (N m). order : conditions from left to right.
    """
    names = list(dict.fromkeys(table["part"]))
    figure, axes = panels(len(order), 2.9, sharey=True, sharex=True)
    for ax, condition in zip(axes, order, strict=True):
        rows = table[table["condition"] == condition]
        mean = rows.groupby("part")["change"].mean()
        for k, name in enumerate(names):
            colour = "0.25" if name == "total" else sns.color_palette(PALETTE)[k]
            ax.barh(k, mean.get(name, np.nan), color=colour, alpha=0.35, height=0.7)
            ax.plot(
                rows.loc[rows["part"] == name, "change"], [k] * (rows["part"] == name).sum(), "o", ms=3.5, color=colour
            )
        ax.axvline(0, color="0.5", lw=0.8)
        ax.set(title=condition, xlabel="change (N m)")
        ax.axhline(len(names) - 1.5, color="0.85", lw=0.8)
    axes[0].set(yticks=range(len(names)), yticklabels=names)
    axes[0].invert_yaxis()
    figure.suptitle(title, fontsize=10)
    return figure

"""Figures of who benefits: how people spread, which changes a lasso keeps, what they weigh in a regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels


def counted_people(bins: pd.DataFrame, label: str, title: str, mean: float | None = None) -> Figure:
    """Draw how many people lie in each bin, those above zero in another colour.

    Parameters
    ----------
    bins : ``low, high, people``. label : of the axis, with unit and sign. mean : drawn across if given.
    """
    figure, (ax,) = panels(1, 2.9)
    above = bins["low"].to_numpy() >= 0
    for who, colour, text in ((above, 0, "above zero"), (~above, 1, "below zero")):
        rows = bins[who]
        said = f"{text}: {int(rows['people'].sum())} people"
        ax.bar(
            rows["low"], rows["people"], rows["high"] - rows["low"], align="edge", edgecolor="white",
            color=sns.color_palette(PALETTE)[colour], label=said,
        )  # fmt: skip
    if mean is not None:
        ax.axvline(mean, color="0.2", lw=1.2, ls="--", label=f"mean {mean:.2f}")
    ax.set(xlabel=label, ylabel="people")
    ax.set_title(title, fontsize=10)
    ax.legend(frameon=False, fontsize=8)
    return figure


def lasso_path(
    path: pd.DataFrame, shown: Sequence[str], label: str, title: str, span: Sequence[float], chosen: float
) -> Figure:
    """Draw the coefficients of a lasso against its penalty, which falls from left to right.

    Parameters
    ----------
    path : ``penalty`` and a column a predictor, as ``stats.moments.lasso_path`` gives it. shown : drawn in colour, the
        others in grey. label : of the coefficients, with unit. span : penalties between which exactly ``shown`` are
        kept. chosen : the penalty of the cross-validation.
    """
    figure, (ax,) = panels(1, 3.6)
    colours = sns.color_palette(PALETTE)
    x = np.where(path["penalty"] > 0, path["penalty"], np.nan)  # no penalty has no place on a log scale
    for name in path.columns.drop(["penalty", *shown]):
        ax.plot(x, path[name], color="0.7", lw=0.8)
    for name, colour in zip(shown, colours, strict=False):
        ax.plot(x, path[name], color=colour, lw=1.8, label=name)
    ax.plot([], [], color="0.7", lw=0.8, label="the others")
    ax.axvspan(*span, color="0.92", label=f"exactly these {len(shown)} kept")
    ax.axvline(chosen, color="0.2", lw=1.2, ls="--", label=f"chosen: {chosen:.4f}")
    ax.axhline(0, color="0.5", lw=0.8)
    ax.set(xscale="log", xlim=(np.nanmax(x) * 1.1, np.nanmin(x)), xlabel="penalty (%BW*Ht), falling", ylabel=label)
    ax.set_title(title, fontsize=10)
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, fontsize=7, loc="outside right center")
    return figure


def weights(tables: Mapping[str, pd.DataFrame], label: str, title: str) -> Figure:
    """Draw the coefficients of regressions with 95 % intervals, one row a predictor, one colour a regression.

    Parameters
    ----------
    tables : by name, ``term, estimate, low, high``; the rows are the terms of the largest. label : of the coefficients,
        with unit.
    """
    terms = list(max(tables.values(), key=len)["term"])
    figure, (ax,) = panels(1, 0.26 * len(terms) + 1.3)
    for k, (name, table) in enumerate(tables.items()):
        y = np.array([terms.index(term) for term in table["term"]]) + 0.24 * (k - (len(tables) - 1) / 2)
        ends = (table["estimate"] - table["low"], table["high"] - table["estimate"])
        ax.errorbar(
            table["estimate"], y, xerr=ends, fmt="os"[k % 2], ms=4, lw=1.2, color=sns.color_palette(PALETTE)[k],
            label=name,
        )  # fmt: skip
    ax.axvline(0, color="0.5", lw=0.8)
    ax.set(yticks=range(len(terms)), ylim=(len(terms) - 0.5, -0.5), xlabel=label)
    ax.set_yticklabels(terms, fontsize=8)
    ax.set_title(title, fontsize=10)
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside lower right", ncols=2)
    return figure

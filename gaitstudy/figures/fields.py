"""Figures of whole curves compared, of the load behind the kneecap, of loading rates, and of co-contraction."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels

RATE_LABELS = {
    "rate_to_peak": "A: strike to peak",
    "rate_20_80_time": "B: 20-80 % of the time",
    "rate_20_80_force": "B: 20-80 % of the force",
    "rate_50_ms": "C: first 50 ms",
    "rate_instantaneous": "largest slope",
}


def group_bands(table: pd.DataFrame, panel: str, group: str, unit: str, title: str, columns: int = 5) -> Figure:
    """Draw mean curves of groups with one standard deviation, one small panel each.

    Parameters
    ----------
    table : columns ``panel`` and ``group`` as named, ``percent, mean, sd``. unit : of the mean, for the label.
    columns : panels in a row.
    """
    names = list(dict.fromkeys(table[panel]))
    rows = -(-len(names) // columns)
    figure, axes = panels(min(columns, len(names)), 2.1 * rows + 0.7, rows, sharex=True, squeeze=False)
    colours = sns.color_palette(PALETTE)
    for ax, name in zip(axes.ravel(), names, strict=False):
        own = table[table[panel] == name]
        for colour, (label, curve) in zip(colours, own.groupby(group, sort=False), strict=False):
            low, high = curve["mean"] - curve["sd"], curve["mean"] + curve["sd"]
            ax.plot(curve["percent"], curve["mean"], color=colour, lw=1.5, label=label)
            ax.fill_between(curve["percent"], low, high, color=colour, alpha=0.18, lw=0)
        ax.set_title(fill(str(name), 16), fontsize=8)
        ax.set(xlim=(0, 100))
    for ax in axes.ravel()[len(names) :]:
        ax.set_visible(False)
    for ax in axes[-1]:
        ax.set_xlabel("stance (%)")
    for ax in axes[:, 0]:
        ax.set_ylabel(unit)
    lines, labels = axes.ravel()[0].get_legend_handles_labels()
    figure.legend(lines, labels, frameon=False, loc="outside lower center", ncols=len(labels))
    figure.suptitle(title, fontsize=10)
    return figure


def statistic_curve(table: pd.DataFrame, label: str, title: str) -> Figure:
    """Draw a test statistic over stance, its threshold, and where it lies above.

    Parameters
    ----------
    table : ``percent, statistic, threshold`` (no unit). label : of the statistic.
    """
    figure, axes = panels(1, 2.6)
    ax, limit = axes[0], float(table["threshold"].iloc[0])
    above = table["statistic"] > limit
    ax.plot(table["percent"], table["statistic"], color="0.2", lw=1.5)
    ax.fill_between(table["percent"], limit, table["statistic"], where=above, color="C3", alpha=0.6, lw=0)
    ax.axhline(limit, color="C3", ls="--", lw=1)
    ax.annotate(f"threshold {limit:.1f}", (2, limit), xytext=(0, 3), textcoords="offset points", color="C3", fontsize=8)
    ax.set(xlim=(0, 100), ylim=(0, None), xlabel="stance (%)", ylabel=label)
    figure.suptitle(title, fontsize=10)
    return figure


def kneecap_stress(lines: pd.DataFrame, paths: pd.DataFrame, title: str) -> Figure:
    """Draw patellofemoral stress against knee flexion: at constant moments, and along a walker's early stance.

    Parameters
    ----------
    lines : ``moment`` (N m), ``flexion`` (deg), ``form`` (of the contact area), ``stress`` (MPa).
    paths : ``bend`` (share of the template's), ``flexion`` (deg) and one column a form, MPa.
    """
    figure, axes = panels(2, 3.2)
    forms, colours = list(dict.fromkeys(lines["form"])), sns.color_palette(PALETTE)
    dashes = dict(zip(forms, ("-", "--"), strict=False))
    for colour, (moment, own) in zip(colours, lines.groupby("moment"), strict=False):
        for form in forms:
            curve = own[own["form"] == form]
            label = f"{moment:.0f} N m, {form} area"
            axes[0].plot(curve["flexion"], curve["stress"], dashes[form], color=colour, lw=1.5, label=label)
    shades = sns.color_palette("viridis", paths["bend"].nunique())
    for colour, (bend, own) in zip(shades, paths.groupby("bend"), strict=True):
        for form in forms:
            name = f"{100 * bend:.0f} % of the bend" if form == forms[0] else "_"
            axes[1].plot(own["flexion"], own[form], dashes[form], color=colour, lw=1.4, label=name)
    axes[0].set(xlabel="knee flexion (deg)", ylabel="patellofemoral stress (MPa)", xlim=(0, 90), ylim=(0, None))
    axes[1].plot([], [], dashes[forms[-1]], color="0.5", lw=1.4, label=f"{forms[-1]} area")
    axes[1].set(xlabel="knee flexion (deg)", xlim=(0, None), ylim=(0, None))
    axes[0].set_title("constant flexion moment", fontsize=9)
    axes[1].set_title("walker, first half of stance", fontsize=9)
    for ax in axes:
        ax.legend(frameon=False, fontsize=7, loc="upper left")
    figure.suptitle(title, fontsize=10)
    return figure


def slopes_on_speed(table: pd.DataFrame, clusters: pd.DataFrame, title: str) -> Figure:
    """Draw by how much the force at each instant of stance rises with speed: every person thin, their mean thick.

    Parameters
    ----------
    table : ``person, percent``, ``slope`` and ``mean`` (% of mean force per m/s). clusters : ``start, end`` (% of
        stance) where the mean differs from zero; shaded.
    """
    figure, axes = panels(1, 3.0)
    ax = axes[0]
    for row in clusters.itertuples():
        ax.axvspan(row.start, row.end, color="0.92", zorder=0, lw=0)
    for _, own in table.groupby("person"):
        ax.plot(own["percent"], own["slope"], color="0.6", lw=0.8)
    one = table[table["person"] == table["person"].iloc[0]]
    ax.plot(one["percent"], one["mean"], color=sns.color_palette(PALETTE)[0], lw=2.2, label="mean of the people")
    ax.axhline(0, color="0.3", lw=0.8)
    ax.set(xlim=(0, 100), xlabel="stance (%)", ylabel="slope of vertical force\n(% of mean force per m/s)")
    ax.legend(frameon=False, loc="upper right")
    figure.suptitle(title, fontsize=10)
    return figure


def rates_by_window(table: pd.DataFrame, title: str) -> Figure:
    """Draw the same contacts' loading rates by window and filter, on a logarithmic axis.

    Parameters
    ----------
    table : one row a filter: ``filter`` (name) and the columns of ``RATE_LABELS``, BW/s.
    """
    figure, axes = panels(1, 2.9)
    ax, names = axes[0], list(RATE_LABELS)
    places = np.arange(len(names))[::-1]
    ax.hlines(places, table[names].min(), table[names].max(), color="0.85", lw=3, zorder=0)
    marks = zip(table.itertuples(), sns.color_palette("viridis", len(table)), "osD^v", strict=False)
    for row, colour, mark in marks:
        values = [getattr(row, name) for name in names]
        ax.plot(values, places, mark, color=colour, ms=7, label=row.filter, ls="none")
    ax.set(xscale="log", xlabel="vertical loading rate (BW/s, logarithmic)", yticks=places)
    ax.set_yticklabels([RATE_LABELS[name] for name in names])
    ticks = [5, 10, 20, 50, 100]
    ax.set_xticks(ticks, [str(v) for v in ticks])
    ax.minorticks_off()
    ax.margins(y=0.12)
    figure.legend(frameon=False, ncols=len(table), loc="outside lower center", title="low-pass of the force")
    figure.suptitle(title, fontsize=10)
    return figure


def index_against_load(tables: Mapping[str, pd.DataFrame], labels: Mapping[str, tuple[str, str]], title: str) -> Figure:
    """Draw co-contraction against a measured load, one panel a data set, one dot a walk or a person.

    Parameters
    ----------
    tables : panel title to a table with ``x, y, name``. labels : panel title to the labels of both axes, with units.
    """
    figure, axes = panels(len(tables), 3.0)
    for ax, (name, table) in zip(axes, tables.items(), strict=True):
        ax.plot(table["x"], table["y"], "o", color=sns.color_palette(PALETTE)[0], ms=6)
        for row in table.itertuples():
            ax.annotate(str(row.name), (row.x, row.y), xytext=(4, 3), textcoords="offset points", fontsize=7)
        ax.margins(0.15)
        ax.set(xlabel=labels[name][0], ylabel=labels[name][1])
        ax.set_title(name, fontsize=9)
    figure.suptitle(title, fontsize=10)
    return figure

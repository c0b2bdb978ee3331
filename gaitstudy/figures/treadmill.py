"""Figures of the virtual treadmill: what it records, how it compares with people, what pressing sideways does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
import xarray as xr
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels


def recorded_walk(markers: xr.DataArray, loads: xr.Dataset, insole: xr.Dataset, seconds: float, title: str) -> Figure:
    """Draw what a laboratory records: heights of heel and toe markers, forces on both belts, a footprint.

    Parameters
    ----------
    markers : m, (time, marker, axis), of the map ``walker``. loads : both belts. insole : right foot, ``pressure``,
        ``position``. seconds : how much to show. title : of the figure.
    """
    figure, (paths, forces, sole) = panels(3, 2.9, width_ratios=[1.2, 1.2, 0.7])
    colours = sns.color_palette(PALETTE)
    start = float(markers["time"][0])
    shown = markers.sel(time=slice(start, start + seconds), axis="y")
    for k, name in enumerate(("LHEE", "RHEE", "LTOE", "RTOE")):
        style = {"ls": "-" if name.endswith("HEE") else ":", "color": colours[k % 2], "lw": 1.2}
        paths.plot(shown["time"] - start, shown.sel(marker=name), label=name, **style)
    paths.set(xlabel="time (s)", ylabel="height of the marker (m)")
    some = loads["force"].sel(time=slice(start, start + seconds), axis="y")
    for k, plate in enumerate(some["plate"].values):
        forces.plot(some["time"] - start, some.sel(plate=plate), color=colours[k], lw=1.2, label=f"{plate} belt")
    forces.set(xlabel="time (s)", ylabel="vertical force (N)")
    for ax in (paths, forces):
        ax.legend(frameon=False, fontsize=7, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    most = insole["pressure"].max("time")
    place = 1000 * insole["position"].values
    drawn = sole.scatter(-place[:, 1], place[:, 0], c=most, s=30, marker="s", cmap="viridis")
    sole.set(xlabel="medial < across (mm) > lateral", ylabel="from the heel (mm)", aspect="equal")
    sole.set_xticks([-30, 0, 30])
    figure.colorbar(drawn, ax=sole, label="largest pressure (kPa)")
    figure.suptitle(title, fontsize=10)
    return figure


def beside_people(
    people: pd.DataFrame, walker: pd.DataFrame, labels: Mapping[str, str], title: str, each: str = "contact"
) -> Figure:
    """Draw the walker's curves over stance on those of real people, one panel a quantity.

    Parameters
    ----------
    people : ``percent, person``, the column named by ``each`` and the quantities, one row a point of every contact.
    walker : ``percent`` and the quantities. labels : column to axis label with unit.
    """
    figure, axes = panels(len(labels), 2.9)
    for ax, (column, label) in zip(axes, labels.items(), strict=True):
        span = people.groupby("percent")[column].agg(["min", "max"])
        ax.fill_between(span.index, span["min"], span["max"], color="0.9", label="people: span")
        for k, (_, rows) in enumerate(people.groupby(["person", each])):
            ax.plot(rows["percent"], rows[column], color="0.6", lw=0.7, label="people: contacts" if k == 0 else None)
        ax.plot(walker["percent"], walker[column], color=sns.color_palette(PALETTE)[3], lw=2, label="walker")
        ax.axhline(0, color="0.5", lw=0.8)
        ax.set(xlabel="stance (%)", ylabel=label, xlim=(0, 100))
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, frameon=False, loc="outside lower center", ncols=3)
    figure.suptitle(title, fontsize=10)
    return figure


def within_people(percent: pd.DataFrame, labels: Mapping[str, str], title: str, order: Sequence[str]) -> Figure:
    """Draw each person's change from natural, joined across conditions, one panel an outcome.

    Parameters
    ----------
    percent : ``person, condition`` and the outcomes in % of natural. labels : outcome to panel title.
    order : conditions from left to right; natural is zero.
    """
    figure, axes = panels(len(labels), 2.9, sharey=True)
    for ax, (outcome, label) in zip(axes, labels.items(), strict=True):
        for k, (person, rows) in enumerate(percent.groupby("person")):
            values = rows.set_index("condition")[outcome].to_dict() | {"natural": 0.0}
            ax.plot(
                range(len(order)), [values[c] for c in order], "o-", ms=4, lw=1.2, color=sns.color_palette(PALETTE)[k],
                label=f"person {person}",
            )  # fmt: skip
        ax.axhline(0, color="0.5", lw=0.8)
        ax.set(xticks=range(len(order)))
        ax.set_title(label, fontsize=8)
        ax.set_xticklabels([c.replace(" ", "\n") for c in order], fontsize=7)
    axes[0].set_ylabel("change (% of natural)")
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, frameon=False, fontsize=7, loc="outside lower center", ncols=len(handles))
    figure.suptitle(title, fontsize=10)
    return figure


def power_curves(table: pd.DataFrame, title: str) -> Figure:
    """Draw the power of a paired test by standardised difference, one curve a number of people.

    ``table`` : ``n, dz, power``.
    """
    figure, (ax,) = panels(1, 3.0)
    for k, (n, rows) in enumerate(table.groupby("n")):
        ax.plot(rows["dz"], rows["power"], color=sns.color_palette(PALETTE)[k], lw=2, label=f"{n} people")
    ax.axhline(0.8, color="0.6", lw=0.8, ls="--")
    ax.text(table["dz"].max(), 0.8, "80 % ", ha="right", va="bottom", fontsize=7, color="0.4")
    ax.set(xlabel="standardised difference within people, dz", ylabel="power", ylim=(0, 1.02), title=title)
    ax.legend(frameon=False, loc="center right")
    return figure


def pressure_knee_maps(table: pd.DataFrame, labels: Mapping[str, str], title: str, asked: float) -> Figure:
    """Draw the change of the first medial force peak by shift of the pressure and of the knee, one panel a column.

    Parameters
    ----------
    table : ``cop_shift, knee_shift`` mm and the columns, %. labels : column to panel title. asked : %, the line drawn.
    """
    figure, axes = panels(len(labels), 3.5, sharey=True)
    limit = float(np.ceil(table[list(labels)].abs().max().max() / 10) * 10)
    for ax, (column, label) in zip(axes, labels.items(), strict=True):
        grid = table.pivot(index="knee_shift", columns="cop_shift", values=column)
        x, y = grid.columns.to_numpy(float), grid.index.to_numpy(float)
        drawn = ax.contourf(x, y, grid, np.arange(-limit, limit + 1, 2.5), cmap="RdBu_r", alpha=0.85)
        ax.contour(x, y, grid, [0.0], colors="0.35", linewidths=0.8)
        if grid.to_numpy().min() < asked < grid.to_numpy().max():
            line = ax.contour(x, y, grid, [asked], colors="k", linewidths=1.8, linestyles="-")
            ax.clabel(line, fmt=f"{asked:g} %%", fontsize=8)
        ax.set(xlabel="pressure in the foot, medial shift (mm)", title=label)
    axes[0].set_ylabel("knee, medial shift (mm)")
    figure.colorbar(drawn, ax=list(axes), label="first medial peak: change (%)", ticks=np.arange(-limit, limit + 1, 10))
    figure.suptitle(title, fontsize=10)
    return figure


def reported_changes(table: pd.DataFrame, title: str, line: float) -> Figure:
    """Draw published changes of knee load, one row a study and measure; an interval is drawn where there is one.

    Parameters
    ----------
    table : ``label``, ``value`` (%; missing where not available), ``low, high``, ``n`` (missing: not stated here),
        ``kind`` (moment or force). line : %, drawn across.
    """
    figure, (ax,) = panels(1, 0.36 * len(table) + 1.0)
    kinds = list(dict.fromkeys(table["kind"]))
    for k, row in enumerate(table.to_dict("records")):
        colour = sns.color_palette(PALETTE)[kinds.index(row["kind"])]
        if np.isnan(row["value"]):
            ax.text(0.0, k, "size not available  ", va="center", ha="right", fontsize=7, color="0.4")
            continue
        size = 4 if np.isnan(row["n"]) else 3 + 1.2 * np.sqrt(row["n"])
        if np.isfinite([row["low"], row["high"]]).all():
            ax.plot([row["low"], row["high"]], [k, k], color=colour, lw=1.2)
        ax.plot(row["value"], k, "os"[kinds.index(row["kind"])], ms=size, color=colour, alpha=0.85)
    for k, kind in enumerate(kinds):
        ax.plot([], [], "os"[k], color=sns.color_palette(PALETTE)[k], label=kind)
    ax.axvline(0, color="0.5", lw=1)
    ax.axvline(line, color="0.3", lw=1, ls="--")
    ax.text(line, -0.7, f"{line:g} %", ha="center", va="bottom", fontsize=8)
    ax.set(yticks=range(len(table)), xlabel="change (%)", ylim=(len(table) - 0.4, -0.8))
    ax.set_yticklabels(table["label"], fontsize=6.5)
    ax.set_title(title, fontsize=10, pad=14)
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, fontsize=7, loc="outside lower right", ncols=2)
    return figure

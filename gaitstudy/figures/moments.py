"""Figures of knee moments: curves, lever arms, agreement with other programs, and what a change is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels


def stance_curves(
    table: pd.DataFrame, labels: Mapping[str, str], title: str, ylabel: str, windows: bool = True
) -> Figure:
    """Draw several curves over stance in one panel.

    Parameters
    ----------
    table : ``percent`` and one column a curve. labels : column to legend text, in drawing order.
    title, ylabel : ylabel names the unit. windows : shade the first and last half, where the peaks are sought.
    """
    figure, (ax,) = panels(1, 3.2)
    colours = sns.color_palette(PALETTE, len(labels))
    for k, (column, label) in enumerate(labels.items()):
        style = {"lw": 2.2} if k == 0 else {"lw": 1.6, "ls": ("--", "-.", ":")[(k - 1) % 3]}
        ax.plot(table["percent"], table[column], color=colours[k], label=label, **style)
    if windows:
        ax.axvline(50, color="0.85", lw=1, zorder=0)
        ax.text(25, ax.get_ylim()[1], "first half: peak 1", ha="center", va="top", color="0.45", fontsize=7)
        ax.text(75, ax.get_ylim()[1], "second half: peak 2", ha="center", va="top", color="0.45", fontsize=7)
    ax.axhline(0, color="0.6", lw=0.8)
    ax.set(xlabel="stance (%)", ylabel=ylabel, xlim=(0, 100), title=title)
    figure.legend(frameon=False, loc="outside lower center", ncols=len(labels))
    return figure


def lever_arm(point: Mapping[str, float], title: str, sideways: float) -> Figure:
    """Draw one instant seen along the tibia's forward axis: the ground reaction passes the knee at the lever arm.

    Parameters
    ----------
    point : ``pressure_*``, ``knee_*`` m, ``force_*`` N, ``forward_*``, each x, y, z. title : of the figure.
    sideways : +1 for a right leg, -1 for a left one, so that medial is always drawn on the left.
    """
    figure, (ax,) = panels(1, 3.8)
    pressure, joint, push, forward = (
        np.array([point[f"{name}_{axis}"] for axis in "xyz"]) for name in ("pressure", "knee", "force", "forward")
    )
    right = np.cross(forward, [0.0, 1.0, 0.0])
    right = right / np.linalg.norm(right)
    seen = np.stack([sideways * right, np.cross(right, forward)])
    cop, knee, force = np.zeros(2), seen @ (joint - pressure), seen @ push
    along = force / np.hypot(*force)
    foot = cop + along * ((knee - cop) @ along)
    colours = sns.color_palette(PALETTE)
    tip = cop + force * 0.0009
    ax.axhline(0, color="0.5", lw=1)
    ax.annotate("", tip, cop, arrowprops={"arrowstyle": "-|>", "color": colours[0], "lw": 2})
    ax.plot(*np.stack([foot, knee]).T, color=colours[3], lw=2.5)
    ax.plot(*knee, "o", color="k", ms=7)
    ax.plot(*cop, "o", color=colours[0], ms=7)
    ax.annotate("knee centre", knee, (14, 4), textcoords="offset points")
    ax.annotate("centre of pressure", cop, (14, 4), textcoords="offset points")
    ax.annotate(
        f"ground reaction\n{np.hypot(*force):.0f} N", tip, (8, -12), textcoords="offset points", color=colours[0]
    )
    arm = np.linalg.norm(knee - foot)
    ax.annotate(
        f"lever arm {1000 * arm:.0f} mm", (foot + knee) / 2, (-14, -16), textcoords="offset points",
        color=colours[3], ha="right",
    )  # fmt: skip
    middle = (cop[0] + knee[0]) / 2
    ax.set(xlim=(middle - 0.35, middle + 0.35), ylim=(-0.03, max(tip[1], knee[1]) + 0.06), title=title, aspect="equal")
    ax.set(xlabel="medial   <   across the shank (m)   >   lateral", ylabel="upwards in this view (m)")
    return figure


def agreement(table: pd.DataFrame, ours: str, theirs: str, unit: str, title: str, limit: float, other: str) -> Figure:
    """Draw two programs' values against each other, and their difference against the mean with its limit.

    Parameters
    ----------
    table : one row a step, with ``side``. ours, theirs : columns. unit : of both.
    limit : the agreement asked for, drawn as dashed lines. other : the other program's name.
    """
    figure, (left, right) = panels(2, 3.2)
    difference = table[ours] - table[theirs]
    for k, (side, rows) in enumerate(table.groupby("side")):
        look = {
            "color": sns.color_palette(PALETTE)[k],
            "marker": "os"[k],
            "ls": "",
            "alpha": 0.85,
            "ms": 5,
            "label": side,
        }
        left.plot(rows[theirs], rows[ours], **look)
        right.plot((rows[ours] + rows[theirs]) / 2, difference[rows.index], **look)
    ends = [table[[ours, theirs]].min().min() - 1, table[[ours, theirs]].max().max() + 1]
    left.plot(ends, ends, color="0.6", lw=0.8, zorder=0)
    left.set(xlabel=f"{other} ({unit})", ylabel=f"ours ({unit})", xlim=ends, ylim=ends)
    left.legend(frameon=False)
    right.axhline(difference.mean(), color="0.3", lw=1)
    for sign in (-1, 1):
        right.axhline(sign * limit, color="0.6", lw=0.8, ls="--")
    right.set(xlabel=f"mean of both ({unit})", ylabel=f"ours - {other} ({unit})")
    figure.suptitle(title, fontsize=10)
    return figure


def choice_effects(table: pd.DataFrame, title: str) -> Figure:
    """Draw how far each choice moves the first peak, in % of the default's.

    Parameters
    ----------
    table : ``choice, value, contact, side, kam1_change``; the default's rows are left out.
    """
    shown = table[table["choice"] != "default"].copy()
    shown["name"] = shown["choice"] + ": " + shown["value"]
    figure, (ax,) = panels(1, 0.32 * shown["name"].nunique() + 1.0)
    order = list(dict.fromkeys(shown["name"]))
    for k, (number, rows) in enumerate(shown.groupby("contact")):
        label = f"contact {number} ({rows['side'].iloc[0]})"
        place = [order.index(n) + 0.15 * (k - 1) for n in rows["name"]]
        ax.plot(rows["kam1_change"], place, "osD"[k], color=sns.color_palette(PALETTE)[k], ms=5, label=label)
    ax.axvline(0, color="0.5", lw=1)
    ax.set(yticks=range(len(order)), yticklabels=order, xlabel="change of the first peak (% of default)", title=title)
    ax.invert_yaxis()
    ax.grid(axis="x", color="0.92")
    ax.legend(frameon=False)
    return figure


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

"""Figures of what each side of the knee carries: an implant's forces beside estimates, errors, and constants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels

COMPARTMENTS = ("medial", "lateral", "total")
MARKERS = "osD^vP"


def _point(ax: Axes, x: float, y: float, trial: int, label: str | None) -> None:
    ax.plot(x, y, MARKERS[trial], ms=4.5, color=sns.color_palette(PALETTE)[trial], label=label)


def _finish(figure: Figure, ax: Axes, title: str, columns: int) -> Figure:
    """Put the legend of one panel below all and the title above."""
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=columns)
    figure.suptitle(title, fontsize=10)
    return figure


def force_bands(curves: xr.Dataset, labels: Mapping[str, str], title: str) -> Figure:
    """Draw measured and estimated contact forces over the cycle: one row an estimator, one column a compartment.

    Bands reach from the smallest to the largest trial, lines are means.

    Parameters
    ----------
    curves : ``medial_contact_force`` ... in BW, (source, trial, percent); the first source is the measured one.
    labels : source to text, for every other source, in drawing order.
    """
    measured = str(curves["source"].values[0])
    figure, axes = panels(3, 1.25 * len(labels) + 0.9, rows=len(labels), sharex=True, sharey="col", squeeze=False)
    colours = sns.color_palette(PALETTE)
    for row, (source, label) in zip(axes, labels.items(), strict=True):
        for ax, compartment in zip(row, COMPARTMENTS, strict=True):
            both = curves[f"{compartment}_contact_force"]
            if not bool(both.sel(source=source).notnull().any()):
                ax.set_axis_off()
                ax.text(0.5, 0.5, "not given", transform=ax.transAxes, ha="center", color="0.45", fontsize=8)
                continue
            for k, name in enumerate((measured, source)):
                lines = both.sel(source=name)
                colour = ("0.5", colours[k])[k > 0]
                ax.fill_between(lines["percent"], lines.min("trial"), lines.max("trial"), color=colour, alpha=0.3, lw=0)
                ax.plot(
                    lines["percent"], lines.mean("trial"), color=("0.15", colours[k])[k > 0], lw=1.5,
                    label=("measured", "estimated")[k],
                )  # fmt: skip
            ax.axhline(0, color="0.8", lw=0.8, zorder=0)
            ax.set_xlim(0, 100)
        row[0].set_ylabel(f"{label}\nforce (BW)", fontsize=7.5)
    for ax, compartment in zip(axes[0], COMPARTMENTS, strict=True):
        ax.set_title(compartment)
    for ax in axes[-1]:
        ax.set_xlabel("left gait cycle (%)")
    return _finish(figure, axes[-1, 0], title, 2)


def trial_errors(table: pd.DataFrame, labels: Mapping[str, str], title: str, asked: Mapping[str, float]) -> Figure:
    """Draw every trial's root-mean-square error of the medial force, over the cycle and over stance.

    Parameters
    ----------
    table : of ``yardstick.errors``, BW. labels : estimator to text, in drawing order.
    asked : estimator to the bound asked of the mean over trials, whole cycle; drawn as a line across its row.
    """
    figure, axes = panels(2, 0.42 * len(labels) + 1.3, sharey=True, sharex=True)
    medial = table[table["compartment"] == "medial"]
    trials = list(dict.fromkeys(medial["trial"]))
    for ax, (part, name) in zip(axes, (("cycle", "whole cycle"), ("stance", "stance")), strict=True):
        for k, estimator in enumerate(labels):
            own = medial[medial["estimator"] == estimator].set_index("trial")[f"rmse_{part}"]
            for j, trial in enumerate(trials):
                _point(ax, own[trial], k + 0.09 * (j - 2), j, trial if k == 0 else None)
            ax.plot([own.mean()] * 2, [k - 0.3, k + 0.3], color="0.2", lw=2, label="mean" if k == 0 else None)
            if part == "cycle" and estimator in asked:
                ax.plot(
                    [asked[estimator]] * 2, [k - 0.38, k + 0.38], color="0.2", lw=1, ls=":", zorder=1.5,
                    label="asked of the mean" if estimator == next(e for e in labels if e in asked) else None,
                )  # fmt: skip
        ax.set(title=name, xlabel="medial force: RMS error (BW)", yticks=range(len(labels)))
        ax.set_xlim(0, 1.06 * medial["rmse_cycle"].max())
        ax.grid(axis="x", color="0.93")
    axes[0].set_yticklabels(list(labels.values()))
    axes[0].invert_yaxis()
    return _finish(figure, axes[0], title, 7)


def error_over_cycle(table: pd.DataFrame, labels: Mapping[str, str], title: str, foot_off: float) -> Figure:
    """Draw where in the cycle each estimator errs: mean and SD over trials in each tenth, one panel a compartment.

    Parameters
    ----------
    table : of ``yardstick.error_windows``, BW. labels : estimator to text. foot_off : % of the cycle.
    """
    figure, axes = panels(3, 3.2, sharey=True)
    for ax, compartment in zip(axes, COMPARTMENTS, strict=True):
        for k, (estimator, label) in enumerate(labels.items()):
            rows = table[(table["estimator"] == estimator) & (table["compartment"] == compartment)]
            at = rows["window"].str.split("-").str[0].astype(float) + 5 + 0.7 * (k - 1.5)
            if len(rows):
                ax.errorbar(
                    at, rows["mean_error"], rows["sd"], color=sns.color_palette(PALETTE)[k], marker=MARKERS[k], ms=3.5,
                    lw=1.3, elinewidth=0.8, label=label,
                )  # fmt: skip
        ax.axhline(0, color="0.4", lw=0.9)
        ax.axvspan(foot_off, 100, color="0.95", zorder=-1)
        ax.set(title=compartment, xlabel="left gait cycle (%)", xlim=(0, 100))
    axes[0].text(foot_off + 2, axes[0].get_ylim()[0], "swing", va="bottom", color="0.45", fontsize=8)
    axes[0].set_ylabel("estimate minus implant (BW)")
    return _finish(figure, axes[0], title, 2)


def balance(table: pd.DataFrame, title: str) -> Figure:
    """Draw what turns and what presses the knee, without muscles, with them, and measured: mean and SD over trials.

    Parameters
    ----------
    table : of ``yardstick.balance``.
    """
    figure, axes = panels(2, 3.0)
    units = {"frontal moment": "frontal moment (N m)", "axial force": "axial force (N)"}
    for ax, (quantity, label) in zip(axes, units.items(), strict=True):
        rows = table[table["quantity"] == quantity]
        names = list(dict.fromkeys(rows["window"]))
        for k, (source, own) in enumerate(rows.groupby("source", sort=False)):
            ax.errorbar(
                np.arange(len(own)) + 0.14 * (k - 1), own["mean"], own["sd"], color=sns.color_palette(PALETTE)[k],
                marker=MARKERS[k], ls="", ms=5.5, elinewidth=1, label=str(source),
            )  # fmt: skip
        ax.axhline(0, color="0.6", lw=0.8)
        ax.set(xlabel="part of the left gait cycle (%)", ylabel=label, xticks=range(len(names)), xticklabels=names)
        ax.grid(axis="y", color="0.93")
    return _finish(figure, axes[0], title, 3)


def constant_ranges(table: pd.DataFrame, title: str, estimators: Sequence[str]) -> Figure:
    """Draw what each constant does to the medial error when it alone moves over its range; one panel an estimator.

    Parameters
    ----------
    table : of ``yardstick.parameter_band``, BW. estimators : from left to right.
    """
    counts = {e: table.loc[table["estimator"] == e, "constant"].nunique() - 1 for e in estimators}
    figure, axes = panels(
        1, 0.22 * sum(counts.values()) + 0.6 * len(counts) + 0.6, rows=len(estimators), sharex=True,
        height_ratios=[c + 0.6 for c in counts.values()],
    )  # fmt: skip
    colours = sns.color_palette(PALETTE)
    for ax, estimator in zip(axes, estimators, strict=True):
        own = table[table["estimator"] == estimator]
        default = float(own.loc[own["constant"] == "default", "medial_cycle"].iloc[0])
        names = [n for n in dict.fromkeys(own["constant"]) if n != "default"]
        for k, name in enumerate(names):
            low, high = own[own["constant"] == name].sort_values("value").to_dict("records")
            ends = [low["medial_cycle"], high["medial_cycle"]]
            ax.plot(ends, [k, k], color="0.75", lw=3, solid_capstyle="butt", zorder=0)
            for j, text in enumerate(("lower end of range", "upper end")):
                ax.plot(ends[j], k, MARKERS[j], color=colours[j], ms=5, label=text if k == 0 else None)
        ax.axvline(default, color="0.3", lw=1, ls="--", label="all constants as fixed")
        texts = [
            f"{n.replace('_', ' ')} {' to '.join(f'{v:g}' for v in sorted(own.loc[own['constant'] == n, 'value']))}"
            f" {u if (u := own.loc[own['constant'] == n, 'unit'].iloc[0]) != '1' else ''}"
            for n in names
        ]
        ax.set(yticks=range(len(names)), yticklabels=texts, ylim=(len(names) - 0.4, -0.6))
        ax.set_title(estimator.replace("_", " "), loc="left", fontsize=9)
        ax.grid(axis="x", color="0.93")
    axes[-1].set_xlabel("medial force, whole cycle: RMS error (BW), mean of trials")
    return _finish(figure, axes[0], title, 3)


def calibrated_pairs(table: pd.DataFrame, labels: Mapping[str, str], title: str) -> Figure:
    """Draw each held-out trial twice, predicted by its training trials' mean and by the calibrated predictor.

    Parameters
    ----------
    table : of ``yardstick.calibration_pairs``, BW. labels : predictor to text, one panel each.
    """
    figure, axes = panels(len(labels), 3.0, sharey=True)
    for ax, (predictor, label) in zip(axes, labels.items(), strict=True):
        for k, row in enumerate(table[table["predictor"] == predictor].to_dict("records")):
            ax.plot(
                [0, 1], [row["training_mean"], row["calibrated"]], marker=MARKERS[k], ms=5, lw=1.3,
                color=sns.color_palette(PALETTE)[k], label=row["trial"],
            )  # fmt: skip
        ax.set(xticks=[0, 1], xlim=(-0.3, 1.3))
        ax.set_xticklabels(["training\nmean", "cali-\nbrated"], fontsize=8)
        ax.set_title(label, fontsize=8.5)
    axes[0].set_ylabel("medial force: RMS error (BW)")
    return _finish(figure, axes[0], title, 5)


def medial_share(table: pd.DataFrame, labels: Mapping[str, str], title: str) -> Figure:
    """Draw the medial share of the total force, one point a trial, at both medial peaks and over stance.

    Parameters
    ----------
    table : of ``yardstick.medial_shares``. labels : source to text, in drawing order.
    """
    figure, axes = panels(3, 2.8, sharey=True)
    moments = {"peak1": "first medial peak", "peak2": "second medial peak", "stance": "mean of stance"}
    for ax, (column, name) in zip(axes, moments.items(), strict=True):
        for k, source in enumerate(labels):
            own = table[table["source"] == source]
            for j, row in enumerate(own.to_dict("records")):
                _point(ax, k + 0.09 * (j - 2), row[column], j, row["trial"] if k == 0 else None)
        ax.axhline(0.5, color="0.7", lw=0.8, ls=":")
        ax.set(title=name, xticks=range(len(labels)), xlim=(-0.5, len(labels) - 0.5), ylim=(0.4, 1.04))
        ax.set_xticklabels(list(labels.values()), fontsize=8)
    axes[0].set_ylabel("medial share of the total force")
    return _finish(figure, axes[0], title, 5)


def force_in_foot(places: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Draw how far in front of the heel each trial's force acts in the first fifth of the cycle.

    Parameters
    ----------
    places : trial to a table of ``percent`` of the cycle, ``ahead`` of the heel (mm), ``contaminated`` and ``doubtful``
        (1, 0).
    """
    figure, (ax,) = panels(1, 3.0)
    for k, (trial, whole) in enumerate(places.items()):
        place = whole[whole["percent"] <= 20]
        colour = sns.color_palette(PALETTE)[k]
        ax.plot(place["percent"], place["ahead"], color=colour, lw=1.5, label=trial)
        sure = place["contaminated"] > 0
        for part, width, word in ((sure, 6, "contaminated"), ((place["doubtful"] > 0) & ~sure, 3.5, "doubtful")):
            if part.any():
                own = place[part]
                ax.plot(own["percent"], own["ahead"], color=colour, lw=width, alpha=0.35, label=f"{trial}, {word}")
    ax.axhline(0, color="0.4", lw=0.9)
    bottom = ax.get_ylim()[0]
    ax.axhspan(bottom, 0, color="0.94", zorder=-1)
    ax.text(19.8, -4, "behind the heel marker", ha="right", va="top", color="0.4", fontsize=8)
    ax.set(xlim=(0, 20), xlabel="left gait cycle (%)", ylabel="centre of pressure in front\nof the heel (mm)")
    ax.set_ylim(bottom=bottom)
    ax.set_title(title, fontsize=10)
    figure.legend(*ax.get_legend_handles_labels(), frameon=False, loc="outside right center")
    return figure


def unloading_map(table: pd.DataFrame, title: str, asked: float) -> Figure:
    """Draw the change of the first medial peak by shift of the centre of pressure and of the knee, with a line.

    Parameters
    ----------
    table : of ``yardstick.unloading_map``, mm and %. asked : %, where the line is drawn, with the trials' range.
    """
    figure, (ax,) = panels(1, 3.6)
    grids = {c: table.pivot(index="knee_shift", columns="cop_shift", values=c) for c in ("change", "low", "high")}
    x, y = grids["change"].columns.to_numpy(float), grids["change"].index.to_numpy(float)
    limit = float(np.abs(table["change"]).max())
    steps = np.arange(-10 * np.ceil(limit / 10), limit + 10, 10)
    drawn = ax.contourf(x, y, grids["change"], steps, cmap="RdBu_r", alpha=0.85, vmin=steps[0], vmax=-steps[0])
    for column, style in (("change", "-"), ("low", ":"), ("high", ":")):
        lines = ax.contour(
            x, y, grids[column], [asked], colors="k", linestyles=style, linewidths=1.8 if style == "-" else 1.0
        )
        if column == "change":
            ax.clabel(lines, fmt=f"{asked:g} %%", fontsize=8)
    ax.contour(x, y, grids["change"], [0.0], colors="0.35", linewidths=0.8)
    ax.set(xlabel="centre of pressure, medial shift (mm)", ylabel="knee, medial shift (mm)")
    ax.set_title(title, fontsize=10)
    figure.colorbar(drawn, ax=ax, label="first medial peak: change (%)", ticks=steps[::2])
    return figure

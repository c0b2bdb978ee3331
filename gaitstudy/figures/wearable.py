"""Figures of sensors on the feet: raw signals, paths from above, agreement with motion capture, simulated errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from gaitstudy.figures.page import PALETTE, panels

SIDES = ("left", "right")
SOURCES = {"motion capture": ("0.65", 4.0), "sensor": ("C0", 1.2)}
EVENT_LINES = {"foot flat": ":", "foot off": "--", "initial contact": "-", "foot flat again": ":"}
OFFSETS = {
    "offset x": "offset, axis x",
    "offset y": "offset, axis y",
    "offset z": "offset, axis z",
    "noise": "noise of each sample",
}


def raw_stride(table: pd.DataFrame, title: str) -> Figure:
    """Draw the raw channels of a foot sensor over one stride, with the events found in them.

    Parameters
    ----------
    table : ``time`` s, ``acceleration_x`` ... m/s2, ``angular_rate_x`` ... and ``pitch_rate`` deg/s, ``event``.
    """
    figure, axes = panels(1, 6.2, rows=3, sharex=True)
    colours = sns.color_palette(PALETTE)
    time = table["time"] - table["time"].iloc[0]
    rows = (("acceleration", "acceleration (m/s$^2$)"), ("angular_rate", "angular rate (deg/s)"))
    for ax, (kind, label) in zip(axes, rows, strict=False):
        for axis, colour in zip("xyz", colours, strict=False):
            ax.plot(time, table[f"{kind}_{axis}"], color=colour, lw=1.2, label=f"sensor's {axis}")
        ax.set(ylabel=label)
    axes[0].legend(frameon=False, ncols=3, loc="upper left", fontsize=8)
    axes[2].plot(time, table["pitch_rate"], color="k", lw=1.2)
    axes[2].axhline(0, color="0.6", lw=0.8)
    axes[2].set(ylabel="about the foot's right\naxis, toes up + (deg/s)", xlabel="time (s)", xlim=(0, time.iloc[-1]))
    for k, row in table[table["event"] != ""].iterrows():
        for ax in axes:
            ax.axvline(time[k], color="0.35", lw=1.0, ls=EVENT_LINES[row["event"]], zorder=0)
        text = row["event"].replace("initial ", "initial\n").replace("flat again", "flat\nagain").replace(" ", "\n", 1)
        axes[0].annotate(
            text, (time[k], 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=8,
        )  # fmt: skip
    figure.suptitle(title, fontsize=10)
    return figure


def paths_from_above(table: pd.DataFrame, title: str) -> Figure:
    """Draw where each foot went, seen from above, by motion capture and by its sensor; sideways stretched.

    Parameters
    ----------
    table : ``source`` (motion capture, sensor), ``side``, ``forward, right`` m, in order of time.
    """
    figure, axes = panels(1, 4.2, rows=2, sharex=True)
    for ax, side, colour in zip(axes, SIDES, sns.color_palette(PALETTE), strict=False):
        for source, (shade, width) in SOURCES.items():
            own = table[(table["side"] == side) & (table["source"] == source)]
            line = colour if source == "sensor" else shade
            ax.plot(own["forward"], own["right"], color=line, lw=width, label=source, solid_capstyle="round")
        ax.invert_yaxis()
        ax.set(ylabel="to the right (m)")
        ax.set_title(f"{side} foot", loc="left", fontsize=9)
        ax.legend(frameon=False, fontsize=8, loc="best")
    axes[-1].set_xlabel("forward on the way out (m)")
    figure.suptitle(title, fontsize=10)
    return figure


def stride_time_agreement(table: pd.DataFrame, limits: pd.DataFrame, resolution: float, title: str) -> Figure:
    """Draw stride times of sensor and motion capture after Bland and Altman.

    Parameters
    ----------
    table : ``side, kind`` (straight, turning), ``stride_time_imu, stride_time_mocap`` s. limits : ``value, low, high``
        ms, of ``stats.reliability.bland_altman``. resolution : ms, of the cameras, shaded.
    """
    figure, axes = panels(1, 3.4)
    ax = axes[0]
    for side, colour in zip(SIDES, sns.color_palette(PALETTE), strict=False):
        for kind, fill in (("straight", colour), ("turning", "none")):
            own = table[(table["side"] == side) & (table["kind"] == kind)]
            size = 500 * (own["stride_time_imu"] + own["stride_time_mocap"])
            apart = 1000 * (own["stride_time_imu"] - own["stride_time_mocap"])
            ax.scatter(size, apart, s=24, facecolor=fill, edgecolor=colour, lw=1.2, label=f"{side}, {kind}")
    ax.axhspan(-resolution, resolution, color="0.93", zorder=0)
    for row in limits.itertuples():
        ax.axhline(row.value, color="0.3", lw=1.0, ls="-" if row.of == "mean" else "--")
        ax.annotate(
            f"{row.of} {row.value:.1f}", (1.0, row.value), xycoords=("axes fraction", "data"), fontsize=8,
            ha="right", va="top" if row.of == "lower limit" else "bottom",
        )  # fmt: skip
    ax.set(xlabel="stride time, mean of both (ms)", ylabel="sensor less motion\ncapture (ms)")
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.suptitle(title, fontsize=10)
    return figure


def foot_angles_by_stride(table: pd.DataFrame, constants: Mapping[str, float], title: str) -> Figure:
    """Draw the foot progression angle of every stride by motion capture and by the sensor less its foot's constant.

    Parameters
    ----------
    table : ``side, stride, kind``, ``foot_progression_angle_imu, foot_progression_angle_mocap`` deg.
    constants : deg, by side, taken off the sensor's. Strides that are not straight are hollow.
    """
    figure, axes = panels(1, 4.6, rows=2, sharex=True)
    for ax, side, colour in zip(axes, SIDES, sns.color_palette(PALETTE), strict=False):
        own = table[table["side"] == side]
        straight = own["kind"] == "straight"
        seen = own["foot_progression_angle_mocap"]
        felt = own["foot_progression_angle_imu"] - constants[side]
        for values, shade, mark, label in ((seen, "0.4", "s", "motion capture"), (felt, colour, "o", "sensor")):
            ax.plot(own["stride"], values.where(straight), color=shade, lw=0.9)
            ax.scatter(own["stride"][straight], values[straight], color=shade, marker=mark, s=18, label=label)
            ax.scatter(own["stride"][~straight], values[~straight], s=22, fc="none", ec=shade, marker=mark)
        ax.set(ylabel="foot angle,\ntoe-out + (deg)")
        ax.set_title(f"{side} foot, {constants[side]:+.1f} deg taken off the sensor's", loc="left", fontsize=9)
    axes[-1].legend(frameon=False, fontsize=8, loc="upper left")
    axes[-1].set_xlabel("stride (hollow: turning)")
    figure.suptitle(title, fontsize=10)
    return figure


def errors_and_causes(table: pd.DataFrame, limit: float, slope: float, title: str) -> Figure:
    """Draw the error of the foot angle against turning, and that of the stride length against the drift taken out.

    Parameters
    ----------
    table : ``side``, ``turn`` deg, ``angle_error`` deg, ``drift`` m/s, ``stride_length_difference`` mm, ``kind``.
    limit : deg, of straight strides. slope : mm per m/s, drawn through the origin.
    """
    figure, (left, right) = panels(2, 3.3)
    for side, colour in zip(SIDES, sns.color_palette(PALETTE), strict=False):
        own = table[(table["side"] == side) & (table["kind"] != "unmatched")]
        left.scatter(own["turn"], own["angle_error"], s=20, color=colour, alpha=0.8, label=side)
        straight = own[own["kind"] == "straight"]
        right.scatter(straight["drift"], straight["stride_length_difference"], s=20, color=colour, alpha=0.8)
    left.axvline(limit, color="0.5", lw=0.9, ls="--")
    left.axhline(0, color="0.6", lw=0.8)
    left.set(xscale="log", xlabel="change of direction to the next stride or\nfrom the last, the larger (deg)")
    left.set(ylabel="error of the foot angle (deg)")
    left.legend(frameon=False, fontsize=8, loc="upper left")
    reach = np.array([table["drift"].min(), table["drift"].max()])
    right.plot(reach, slope * reach, color="k", lw=1.0, label="all lost at contact\n(nothing fitted)")
    right.axhline(0, color="0.6", lw=0.8)
    right.set(xlabel="velocity taken out at the end\nof the stride (m/s)", ylabel="error of the stride length (mm)")
    right.legend(frameon=False, fontsize=8, loc="upper right")
    figure.suptitle(title, fontsize=10)
    return figure


def sensor_errors(table: pd.DataFrame, title: str, rows: Sequence[str] = tuple(OFFSETS)) -> Figure:
    """Draw what a gyroscope's offset and noise, and the sampling rate, do to the foot angle of a simulated sensor.

    Parameters
    ----------
    table : ``varied, value, unit, sd`` (deg, of the foot angle once a constant is taken off), ``length`` (mm).
    rows : of ``OFFSETS``, drawn against deg/s.
    """
    figure, (left, right) = panels(2, 3.3)
    for varied, colour in zip(rows, sns.color_palette(PALETTE), strict=False):
        own = table[table["varied"] == varied]
        left.plot(own["value"], own["sd"], "o-", ms=4, color=colour, label=OFFSETS[varied])
    left.set(
        xlabel="offset or SD of the gyroscope (deg/s)", ylabel="SD of the foot angle's error (deg)", ylim=(0, None)
    )
    left.legend(frameon=False, fontsize=8)
    own = table[table["varied"] == "rate"]
    right.plot(own["value"], own["length"], "o-", ms=4, color="k")
    right.set(xscale="log", yscale="log", xlabel="sampling rate (Hz)", ylabel="error of the stride length, RMS (mm)")
    right.set_xticks(own["value"], [f"{v:g}" for v in own["value"]])
    right.minorticks_off()
    figure.suptitle(title, fontsize=10)
    return figure

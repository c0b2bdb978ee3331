"""How a page shows its figures and tables, and the pictures that more than one page draws.

A page draws with seaborn and matplotlib in its cells; ``style`` sets sizes that stay readable in one printed column.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Mapping
from html import escape
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas.api.types import is_numeric_dtype

DOTS, COLOURS = 150, 128
"""Dots per inch of the stored pictures; colours kept in one without a colour scale, which no eye can tell apart."""
MISSING = "not available"


def style() -> None:
    """Set matplotlib's defaults for this session: a 5.2 x 3.2 inch figure in 10 point type, without a full frame.

    Printed in a column of 85 mm its type is 6.5 points high. Colours can be told apart by the colour-blind.
    """
    rc = {
        "figure.figsize": (5.2, 3.2), "figure.constrained_layout.use": True, "font.size": 10, "axes.titlesize": 10,
        "axes.labelsize": 10, "legend.frameon": False, "legend.fontsize": 9, "xtick.labelsize": 9, "ytick.labelsize": 9,
        "axes.spines.right": False, "axes.spines.top": False,
    }  # fmt: skip
    sns.set_theme(style="ticks", palette="colorblind", rc=rc)


def show(figure: Figure, alt: str) -> Any:
    """Return a figure for display, with the text that stands for it where it cannot be seen, and close it.

    Parameters
    ----------
    alt : what the picture shows, in one or two sentences.
    """
    from IPython.display import HTML
    from PIL import Image as Picture

    drawn, buffer = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DOTS, bbox_inches="tight", metadata={"Software": None})
    picture = Picture.open(drawn).convert("RGB")
    scaled = any(part.get_array() is not None for ax in figure.axes for part in (*ax.collections, *ax.images))
    kept = picture if scaled else picture.quantize(COLOURS, dither=Picture.Dither.NONE)
    kept.save(buffer, "png", optimize=True)
    plt.close(figure)
    code = base64.b64encode(buffer.getvalue()).decode()
    image: Any = HTML(f'<img alt="{escape(alt)}" src="data:image/png;base64,{code}" style="max-width: 100%">')
    image.about = {"figure": figure, "alt": alt, "png": buffer.getvalue()}  # for who keeps what is shown as files
    return image


def table(frame: pd.DataFrame, caption: str, digits: int | Mapping[str, int] = 2) -> Any:
    """Return a table for display, its caption above it; missing values are shown as "not available".

    Texts may come from a file and are shown as they are: none of them is taken as HTML.

    Parameters
    ----------
    frame : what to show; its index is left out.
    caption : ends in data class and number of people, such as "(real, 1 person)". digits : after the point, of all
        columns or by column.
    """
    from IPython.display import HTML

    numbers = frame.select_dtypes("float").columns
    formats = {_plain(c): f"{{:.{digits if isinstance(digits, int) else digits.get(c, 2)}f}}" for c in numbers}
    texts = {c: frame[c].astype(object).map(_plain) for c in frame if not is_numeric_dtype(frame[c])}
    styled = frame.assign(**texts).rename(columns=_plain).style.hide(axis="index").set_caption(_plain(caption))
    text = styled.format(formats, na_rep=MISSING).to_html(exclude_styles=True)
    shown: Any = HTML(text.replace("<td >", "<td>").replace("<th >", "<th>"))
    shown.about = {"frame": frame, "title": caption}  # for who keeps what is shown as files, unrounded
    return shown


def forest(frame: pd.DataFrame, *, log: bool = False) -> Axes:
    """Draw estimates with their intervals, one row each, and write the numbers beside them.

    Parameters
    ----------
    frame : ``label, estimate, low, high``, in one unit, and if there ``group`` (a colour and a mark each, listed below
        if there are several) and ``size`` (a text under the numbers, such as how many people). Without an interval a
        mark is hollow; an estimate that is missing is written as "not available".
    log : a logarithmic axis, for ratios; the line of "no difference" is then at 1, else at 0.

    Returns
    -------
    The axes, of a figure that is high enough for the rows; unit and sign of the estimate go on its x axis.
    """
    labels = [
        "\n".join(fill(line, 34, break_on_hyphens=False) for line in str(text).splitlines()) for text in frame["label"]
    ]
    lines = max(2, *(label.count("\n") + 1 for label in labels))
    ax = plt.subplots(figsize=(5.2, (0.1 + 0.14 * lines) * len(frame) + 1.0))[1]
    groups = list(dict.fromkeys(frame["group"])) if "group" in frame else [None]
    colours = dict(zip(groups, sns.color_palette("colorblind", len(groups)), strict=True))
    marks = dict(zip(groups, "sDo^v" * len(groups), strict=False))
    beside: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": 8, "color": "0.2"}
    for k, row in enumerate(frame.to_dict("records")):
        estimate, low, high, group = (row.get(name) for name in ("estimate", "low", "high", "group"))
        known, digits = pd.notna(low) and pd.notna(high), 1 if pd.notna(estimate) and abs(estimate) >= 10 else 2
        said = "not available" if pd.isna(estimate) else f"{estimate:.{digits}f}"
        if known:
            ax.plot([low, high], [k, k], color=colours[group], lw=1.5)
            said += f" ({low:.{digits}f} to {high:.{digits}f})"
        elif pd.notna(estimate):
            said += " (no interval)"
        if pd.notna(estimate):
            ax.plot(estimate, k, marks[group], ms=5, color=colours[group], mfc=None if known else "none")
        ax.text(1.03, k, "\n".join(filter(None, [said, row.get("size")])), **beside)
    ax.axvline(float(log), color="0.5", lw=0.8)
    if log:
        ax.set_xscale("log")
        ends = ax.get_xlim()
        ax.set_xticks([t for t in (0.1, 0.25, 0.5, 1, 2, 4, 10) if ends[0] <= t <= ends[1]])
        ax.xaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
    ax.set_yticks(range(len(frame)), labels, fontsize=8)
    ax.set_ylim(len(frame) - 0.5, -0.5)
    if len(groups) > 1:
        handles = [Line2D([], [], color=colours[g], marker=marks[g], ms=5, label=g) for g in groups]
        ax.figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return ax


def legend_below(ax: Axes, columns: int, without: Collection[str] = ()) -> None:
    """Move the legend of one panel below its figure.

    Parameters
    ----------
    columns : of the legend. without : entries to leave out, such as the titles that seaborn puts among them.
    """
    lines, texts = ax.get_legend_handles_labels()
    if legend := ax.get_legend():
        legend.remove()
    shown = [k for k, text in enumerate(texts) if text not in without]
    lines, texts = [lines[k] for k in shown], [texts[k] for k in shown]
    ax.figure.legend(lines, texts, loc="outside lower center", ncols=columns)


def _plain(value: Any) -> Any:
    """Return a text with what HTML would read as its own written out; other values as they are."""
    return escape(value, quote=False) if isinstance(value, str) else value


def change_map(grid: pd.DataFrame, level: float, label: str, *, ax: Axes, limit: float | None = None) -> None:
    """Draw a change over two shifts as a map, with the line along which it has one value and the line of no change.

    Parameters
    ----------
    grid : %, one row a shift along the vertical axis, one column a shift along the other; names of both give the axes'
        labels. level : %, of the labelled line. label : of the colour scale. limit : %, end of the colour scale;
        without it the largest change, to ten. ax : drawn into, with the colour scale beside it.
    """
    x, y = grid.columns.to_numpy(float), grid.index.to_numpy(float)
    limit = float(np.ceil(grid.abs().max().max() / 10) * 10) if limit is None else limit
    drawn = ax.contourf(x, y, grid, np.arange(-limit, limit + 1, 2.5), cmap="RdBu_r", alpha=0.85)
    ax.contour(x, y, grid, [0.0], colors="0.35", linewidths=0.8)
    if grid.to_numpy().min() < level < grid.to_numpy().max():
        line = ax.contour(x, y, grid, [level], colors="k", linewidths=1.8, linestyles="-")
        ax.clabel(line, fmt=f"{level:g} %%", fontsize=9)
    ax.figure.colorbar(drawn, ax=ax, label=label, ticks=np.linspace(-limit, limit, 5))
    ax.set(xlabel=grid.columns.name, ylabel=grid.index.name)

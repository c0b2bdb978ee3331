"""The page every figure and table is drawn on: titles that say where data come from, sizes, alternative texts."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from pandas.api.types import is_numeric_dtype

from gaitstudy.conventions import GaitStudyError

WIDTH = 7.0
"""Inches; the width of a printed text column and a half."""
DOTS, COLOURS = 150, 128
"""Per inch, of the stored pictures, and how many colours they keep, which no eye can tell at a third of the size; a
picture with a scale of colours keeps them all."""
PALETTE = "colorblind"
LISTED = "assumptions: "
DATA_CLASSES = ("real", "published", "simulated")


def heading(text: str, data_class: str, people: int, unit: str = "person", assumptions: str = "") -> str:
    """Return a title that ends in where its data come from and how many people they are.

    Parameters
    ----------
    assumptions : the section that lists what a simulation assumes; ``table`` links to its anchor ``assumptions``.

    Raises
    ------
    GaitStudyError : another data class than real, published or simulated.

    Examples
    --------
    >>> heading("Knee adduction moment", "real", 1)
    'Knee adduction moment (real, 1 person)'
    """
    if data_class not in DATA_CLASSES:
        raise GaitStudyError(f"figure title: expected one of {', '.join(DATA_CLASSES)}, found '{data_class}'.")
    words = (unit, f"{unit.removesuffix('person')}people" if unit.endswith("person") else f"{unit}s")
    listed = f"; {LISTED}{assumptions}" if assumptions else ""
    return f"{text} ({data_class}, {people} {words[people != 1]}{listed})"


def show(figure: Figure, alt: str) -> Any:
    """Return a figure for display, as a PNG that carries its alternative text.

    Parameters
    ----------
    alt : what someone who cannot see the picture needs to know, in one or two sentences.
    """
    from IPython.display import Image
    from PIL import Image as Picture

    drawn, buffer = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DOTS, bbox_inches="tight", metadata={"Software": None})
    made = Picture.open(drawn).convert("RGB")
    scaled = any(part.get_array() is not None for ax in figure.axes for part in (*ax.collections, *ax.images))
    kept = made if scaled else made.quantize(COLOURS, dither=Picture.Dither.NONE)
    kept.save(buffer, "png", optimize=True)
    image: Any = Image(buffer.getvalue(), format="png", alt=alt, metadata={"alt": alt})
    image.about = {"figure": figure, "alt": alt}  # for who keeps what is shown as files
    return image


def table(frame: pd.DataFrame, title: str, digits: int | Mapping[str, int] = 2) -> Any:
    """Return a table for display, with its title as caption; missing values are shown as "not available".

    Texts may come from a file and are shown as they are: none of them is taken as HTML.

    Parameters
    ----------
    frame : what to show; its index is left out.
    title : made by ``heading``. digits : after the point, of all columns or by column.
    """
    from IPython.display import HTML

    about = {"frame": frame, "title": title}
    numbers = frame.select_dtypes("float").columns
    by_column = {c: digits if isinstance(digits, int) else digits.get(c, 2) for c in numbers}
    caption = re.sub(rf"{LISTED}([^)]*)", r'<a href="#assumptions">\g<0></a>', _plain(title))
    texts = [c for c in frame if not is_numeric_dtype(frame[c])]
    frame = frame.assign(**{c: frame[c].astype(object).map(_plain) for c in texts})
    styled = frame.rename(columns=_plain).style.hide(axis="index").set_caption(caption)
    formats = {_plain(c): f"{{:.{d}f}}" for c, d in by_column.items()}
    text = styled.format(formats, na_rep="not available").to_html()
    text = re.sub(r"<style.*?</style>\n", "", text, flags=re.DOTALL)
    shown: Any = HTML(
        re.sub(r"<(table|t[dh]) [^>]*>", r"<\1>", text)
    )  # ids and classes of every cell: half of a notebook
    shown.about = about  # for who keeps what is shown as files, unrounded
    return shown


def _plain(value: Any) -> Any:
    """Return a text with what HTML would read as its own written out; other values as they are."""
    return escape(value, quote=False) if isinstance(value, str) else value


def panels(columns: int, height: float = 3.0, rows: int = 1, **options: Any) -> tuple[Figure, np.ndarray]:
    """Return an empty figure of full width and its axes, in a quiet style that leaves the reader's settings alone.

    Parameters
    ----------
    columns, rows : of panels. height : inches, of the whole figure. options : of ``Figure.subplots``.
    """
    with sns.axes_style("ticks", {"axes.spines.right": False, "axes.spines.top": False}), sns.plotting_context("paper"):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = np.atleast_1d(figure.subplots(rows, columns, **options))
    return figure, axes

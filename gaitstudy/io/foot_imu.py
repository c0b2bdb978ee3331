"""Inertial sensors on the feet in: text tables with two rows of names, as the MaD Lab's open examples have them.

They state neither rate nor unit: the caller gives the rate, and the values must fit m/s2 and deg/s (gravity, a walking
foot's turning).
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import AXES, GRAVITY, SIDES, GaitStudyError, TrialFormatError, variable
from gaitstudy.io.files import RATES, existing, numbers, text_lines

KINDS = {"acceleration": ("acc", "m/s2", "specific force"), "angular_rate": ("gyr", "deg/s", "angular rate")}
"""Variable: how the file's columns begin, its unit and name."""
QUIETEST, TOLERANCE = 0.1, 0.1
"""Share of the samples that vary least, and how far gravity may be from 9.8 m/s2 in them (own limits)."""
SLOWEST, FASTEST = 50.0, 4000.0
"""deg/s; the fastest turning of a walking foot lies between (own limits: below it is rad/s, or nobody walks)."""


def read_foot_sensors(path: str | Path, rate: float) -> xr.Dataset:
    """Read the table of one or two foot sensors: a column of sample numbers, then six channels a foot.

    Parameters
    ----------
    path : CSV; its first two rows name sensor (beginning with ``left`` or ``right``) and channel (``acc_x`` ...
        ``gyr_z``), in any order.
    rate : Hz; the file numbers its samples and does not date them.

    Returns
    -------
    Dataset ``acceleration`` m/s2 (specific force: upward and one g when the foot stands) and ``angular_rate`` deg/s,
    (time, side, axis), each in its own sensor's axes. Sample numbers that the file leaves out, and blanks, are NaN.

    Raises
    ------
    TrialFormatError : columns missing, doubled or unknown, two sensors of one side, text, rows cut off, sample numbers
        that fall or repeat, over half of them missing, units that do not fit.
    GaitStudyError : a rate that no sensor has.
    """
    if not RATES[0] <= rate <= RATES[1]:
        raise GaitStudyError(f"rate: expected {RATES[0]:g}-{RATES[1]:g} samples a second, found {rate:g}.")
    path = existing(path, {".csv"})
    lines, ended = text_lines(path)
    rows = [line.split(",") for line in lines if line.strip()]
    if len(rows) < 4 or len({len(row) for row in rows}) > 1:
        raise TrialFormatError(path, "expected rows of names and of numbers, all of one width, found others: cut off?")
    sides = [next((s for s in SIDES if sensor.lower().startswith(s)), "other") for sensor in rows[0][1:]]
    names = list(zip(sides, (channel.strip() for channel in rows[1][1:]), strict=True))
    sides = [side for side in SIDES if side in sides]
    channels = [f"{start}_{axis}" for (start, _, _), axis in product(KINDS.values(), AXES)]
    wanted = list(product(sides or SIDES, channels))
    if sorted(names) != sorted(wanted):
        wrong = ", ".join(" ".join(name) for name in wanted if names.count(name) != 1) or "further columns"
        what = f"{channels[0]} ... {channels[-1]} of one sensor a foot, called left... or right..., each once"
        raise TrialFormatError(path, f"expected {what}, found not so: {wrong}. Rename, complete or remove columns.")
    values = numbers(path, rows[2:], range(len(rows[0])), ended=ended)
    index = values[:, 0]
    if not (np.isfinite(index).all() and (index == np.rint(index)).all() and (np.diff(index) > 0).all()):
        raise TrialFormatError(path, "expected whole sample numbers that rise in the first column, found others.")
    if (count := index[-1] - index[0] + 1) > 2 * len(index):
        raise TrialFormatError(path, f"expected most of {count:.0f} sample numbers, found {len(index)}: samples lost?")
    table = pd.DataFrame(values[:, 1:], index, pd.MultiIndex.from_tuples(names))
    full = table.reindex(np.arange(index[0], index[-1] + 1))[wanted].to_numpy()
    full = full.reshape(-1, len(sides), len(KINDS), 3)
    for side, one in zip(sides, np.moveaxis(full, 1, 0), strict=True):
        _require_units(path, side, np.linalg.norm(one, axis=-1))
    time = (index[0] + np.arange(len(full))) / rate
    samples = xr.Dataset(coords={"time": time, "side": sides, "axis": list(AXES)})
    for k, (kind, (_, unit, text)) in enumerate(KINDS.items()):
        of = f"{text} of the foot"
        samples[kind] = variable(full[:, :, k], ("time", "side", "axis"), units=unit, long_name=of, frame="sensor")
    return samples


def _require_units(path: Path, side: str, size: np.ndarray) -> None:
    """Refuse what cannot be m/s2 and deg/s, (time, kind), of a walking foot."""
    known = size[np.isfinite(size).all(1)]
    if not len(known):
        raise TrialFormatError(path, f"{side}: expected numbers in all channels, found blanks. Export again.")
    force, turning = known.T
    gravity, fastest = np.median(force[turning <= np.quantile(turning, QUIETEST)]), turning.max()
    if abs(gravity / GRAVITY - 1) > TOLERANCE or not SLOWEST < fastest < FASTEST:
        raise TrialFormatError(
            path,
            f"{side}: expected {GRAVITY:.1f} m/s2 where the foot is still and turning of up to {SLOWEST:g}-{FASTEST:g} "
            f"deg/s, found {gravity:.3g} and {fastest:.3g}. Convert g (x 9.80665) and rad/s (x 180/pi), calibrate, or "
            "choose a recording with walking.",
        )

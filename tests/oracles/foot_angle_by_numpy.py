"""Foot progression angle and knee adduction moment of the eight OpenCap foot-angle walks, from the raw files by numpy.

Written from the definitions alone, without the package: it imports only numpy, scipy and pandas.

* Filter: Butterworth of order 2 forwards and backwards, 3 dB at the cut-off after both passes, ends continued by point
  reflection over 1.5 / cut-off seconds. Markers, and each plate's force and moment about the lab's origin.
* Contact: the longest stretch of each plate with more than 30 N of unfiltered vertical force, from crossing to crossing
  on a straight line between frames (``ground_force_1`` right, ``ground_force_2`` left). One that touches an end of the
  recording is not whole: the angle is that of its recorded part and the moments are missing.
* Travel: horizontal displacement of the middle of ``r.ASIS`` and ``L.ASIS`` from the first frame to the last.
* Foot progression angle: ``*_calc`` to ``*_toe`` in the horizontal plane against travel, toe-out positive; per frame,
  then drawn at 101 equal instants of stance and averaged over the window, its ends included.
* Knee adduction moment: external, adduction positive, about the direction of travel in the lab; of the filtered
  wrench about the middle of the two epicondyle markers of ``static1``, which the shank's markers carry (rigid fit).
  Peaks over points 0-50 and 50-100 of 101; impulse of the positive part by trapezia over the 101 points.

First written with whole frames from 30 N to 20 N instead of crossings, before any comparison: then the angles agree
with the package to .017 deg, the peaks to .24 N m and the impulse to .005 N m s, the worst where a peak is the flank at
the end of its half.

``python tests/oracles/foot_angle_by_numpy.py FOLDER`` prints the table; FOLDER holds ``inputs/trc`` and ``inputs/grf``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.signal import butter, filtfilt

TRIALS = tuple(f"walking{kind}{number}" for kind in ("", "TI", "TO", "TS") for number in (1, 2))
SIDES = {"left": ("L", "ground_force_2", -1), "right": ("r", "ground_force_1", 1)}
"""Prefix of the markers, name of the plate, sign of the rightward axis that points laterally."""
SHANK = {
    "L": ("L_sh2", "L_sh3", "L_shank_antsup", "L_ankle"),
    "r": ("r_sh2", "r_sh3", "r_sh4", "r_shank_antsup", "r_ankle"),
}
"""All markers on the shank, lateral malleolus included, that the static and the walking trials share."""
USED = ("L.ASIS", "r.ASIS", "L_calc", "L_toe", "r_calc", "r_toe", *SHANK["L"], *SHANK["r"])
CONTACT = 30.0
"""N of vertical force."""
LONGEST_GAP = 0.1
UP = np.array([0.0, 1.0, 0.0])


def read_trc(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return times (s) and the markers' positions (m); an empty or all-zero position is a gap."""
    lines = path.read_text().splitlines()
    if lines[2].split("\t")[4].strip() != "m":
        raise ValueError(f"{path.name} is not in metres")
    names = [name for name in lines[3].split("\t")[2:] if name.strip()]
    cells = [line.rstrip("\r\n").split("\t") for line in lines[5:] if line.strip()]
    width = 2 + 3 * len(names)
    table = np.array([[float(cell or "nan") for cell in (row + [""] * width)[:width]] for row in cells])
    points = table[:, 2:].reshape(len(table), len(names), 3)
    points[(points == 0).all(axis=2)] = np.nan
    return table[:, 1], {name.strip(): points[:, i] for i, name in enumerate(names)}


def read_mot(path: Path) -> pd.DataFrame:
    lines = path.read_text().splitlines()
    skip = next(i for i, line in enumerate(lines) if line.strip() == "endheader") + 1
    return pd.read_csv(path, sep=r"\s+", skiprows=skip)


def filled(values: np.ndarray, rate: float, what: str) -> np.ndarray:
    """Fill short gaps on a straight line and say so; a longer gap, or one at an end, is an error."""
    missing = np.isnan(values).any(axis=1)
    if not missing.any():
        return values
    edges = np.flatnonzero(np.diff(np.r_[0, missing, 0])).reshape(-1, 2)
    if missing[0] or missing[-1] or (edges[:, 1] - edges[:, 0]).max() > LONGEST_GAP * rate:
        raise ValueError(f"{what}: a gap too long to fill")
    print(f"{what}: {missing.sum()} frames filled", file=sys.stderr)
    frames = np.arange(len(values))
    return np.column_stack([np.interp(frames, frames[~missing], column[~missing]) for column in values.T])


def low_pass(values: np.ndarray, cut_off: float, rate: float) -> np.ndarray:
    own = np.arctan(np.tan(np.pi * cut_off / rate) / (np.sqrt(2) - 1) ** 0.25) * rate / np.pi
    b, a = butter(2, own, fs=rate)
    return filtfilt(b, a, values, axis=0, padtype="odd", padlen=int(np.ceil(1.5 / cut_off * rate)))


def longest_contact(times: np.ndarray, vertical: np.ndarray) -> tuple[float, float, bool]:
    """Return start and end (s) of the longest contact, and whether it is whole."""
    edges = np.flatnonzero(np.diff(np.r_[0, vertical > CONTACT, 0])).reshape(-1, 2)
    first, after = edges[np.argmax(edges[:, 1] - edges[:, 0])]
    start = (
        times[0] if first == 0 else np.interp(CONTACT, vertical[first - 1 : first + 1], times[first - 1 : first + 1])
    )
    late = slice(after, after - 2, -1)
    end = times[-1] if after == len(times) else np.interp(CONTACT, vertical[late], times[late])
    return float(start), float(end), bool(first > 0 and after < len(times))


def carried(point: np.ndarray, cluster: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """Return where ``point`` goes when ``cluster`` (markers, 3) is laid rigidly on ``moving`` (frames, markers, 3)."""
    middle, centres = cluster.mean(axis=0), moving.mean(axis=1)
    u, _, vt = np.linalg.svd(np.einsum("mi,fmj->fij", cluster - middle, moving - centres[:, None]))
    v = np.swapaxes(vt, 1, 2).copy()
    v[:, :, 2] *= np.sign(np.linalg.det(v @ np.swapaxes(u, 1, 2)))[:, None]
    return centres + (v @ np.swapaxes(u, 1, 2)) @ (point - middle)


def outcomes(folder: str | Path, cut_off: float = 6.0, window: tuple[int, int] = (30, 60)) -> pd.DataFrame:
    """Return one row per trial and side: trial, side, whole, fpa_deg, kam1_nm, kam2_nm, kam_impulse_nms."""
    inputs = Path(folder) / "inputs"
    standing = {name: np.nanmean(xyz, axis=0) for name, xyz in read_trc(inputs / "trc" / "static1.trc")[1].items()}
    rows = []
    for trial in TRIALS:
        times, raw = read_trc(inputs / "trc" / f"{trial}.trc")
        forces = read_mot(inputs / "grf" / f"{trial}_grf.mot")
        rate = (len(times) - 1) / (times[-1] - times[0])
        if len(forces) != len(times) or np.abs(forces["time"] - times).max() > 1e-6:
            raise ValueError(f"{trial}: forces and markers are not on the same times")
        markers = {name: low_pass(filled(raw[name], rate, f"{trial} {name}"), cut_off, rate) for name in USED}
        pelvis = (markers["r.ASIS"] + markers["L.ASIS"]) / 2
        travel = (pelvis[-1] - pelvis[0]) * (1 - UP)
        travel /= np.linalg.norm(travel)
        right = np.cross(travel, UP)
        for side, (prefix, plate, lateral) in SIDES.items():
            force, place, free = (forces[[f"{plate}_{kind}{axis}" for axis in "xyz"]].to_numpy() for kind in "vpm")
            start, end, whole = longest_contact(times, force[:, 1])
            instants = np.linspace(start, end, 101)

            foot = markers[f"{prefix}_toe"] - markers[f"{prefix}_calc"]
            angle = np.degrees(np.arctan2(lateral * foot @ right, foot @ travel))
            fpa = np.interp(instants, times, angle)[window[0] : window[1] + 1].mean()

            peak_1 = peak_2 = impulse = np.nan
            if whole:
                shank = SHANK[prefix]
                centre = (standing[f"{prefix}_knee"] + standing[f"{prefix}_mknee"]) / 2
                cluster = np.array([standing[name] for name in shank])
                knee = carried(centre, cluster, np.stack([markers[name] for name in shank], axis=1))
                about_origin = low_pass(np.cross(place, force) + free, cut_off, rate)
                moment = about_origin - np.cross(knee, low_pass(force, cut_off, rate))
                kam = lateral * moment @ travel
                curve = np.interp(instants, times, kam)
                peak_1, peak_2 = curve[:51].max(), curve[50:].max()
                impulse = np.trapezoid(np.maximum(curve, 0), instants)
            rows.append((trial, side, whole, fpa, peak_1, peak_2, impulse))
    return pd.DataFrame(rows, columns=["trial", "side", "whole", "fpa_deg", "kam1_nm", "kam2_nm", "kam_impulse_nms"])


if __name__ == "__main__":
    print(outcomes(sys.argv[1]).to_string(index=False, float_format=lambda value: repr(float(value))))

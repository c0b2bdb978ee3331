"""Force plates that cannot be right: laws that every contact obeys, and what is seen where one does not.

Whoever walks or runs on a plate: over a stride the ground carries the body's weight; the centre of pressure goes under
the foot from heel to toe; the force points from there towards the pelvis, so that it brakes first and pushes later; it
is there while the foot is on the ground; and an empty plate reads nothing. A contact is told the first law that it
breaks. Where the force acts in the wrong place, turned corners and swapped plates are tried, for they are common.

Each limit lies between the mistakes that laboratories' files hold and what whole contacts of real walks and runs show,
straight and turning, of children and adults; that spread is given with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy import ndimage, stats

from gaitstudy.conventions import GRAVITY, pick, side_sign
from gaitstudy.gait.events import HYSTERESIS, THRESHOLD, plate_contacts, rests, strides
from gaitstudy.gait.signals import resample, sampling_rate
from gaitstudy.gait.steps import STANCE
from gaitstudy.io.plates import LARGEST_OFFSET, LARGEST_REST, centre_of_pressure, plate_axes

UNDER, FORWARD = 0.06, 0.2
"""m, and of the heel-to-toe length; a force fits a foot if the median centre of pressure lies nearer to the foot's line
than the first and goes further towards the toe than the second. Real: up to 0.047 m; 95 % above 0.27."""
BACKWARD = -0.2
"""Of the heel-to-toe length; a centre of pressure that goes further back runs from toe to heel. Real: forefoot
strikers 0.07, at least -0.15 where half of the foot stood beside the plate."""
BESIDE = 0.03
"""m; the median centre of pressure lies nearer to the line through heel and toe. Real: at most 0.018."""
ABOVE = (-0.02, 0.10)
"""m; how high above a plate's surface the lower of heel and toe gets under load. Real: 0.004 to 0.047."""
LINE = 0.005
"""m; a centre of pressure that stays nearer to a middle line of its plate lacks a moment. Real: at least 0.0075."""
BEYOND = 0.02
"""m; a centre of pressure further outside the plate's edges is not that plate's. Real: 0.02 m inside or more."""
FROZEN = 0.015
"""m; a centre of pressure that moves less follows no foot. Real: at least 0.042."""
SILENT = 0.004
"""Of the vertical force; a plate whose horizontal force is smaller in some direction does not measure it. Real (101
plates of 58 recordings, as for ``TRACK, OPPOSED`` and ``FROZEN``): at least 0.015."""
TRACK = 0.75
"""Other signs or axes are better than those stored if the force then leaves the line to the pelvis by so small a share
of what the stored one does. Real: at least 0.95."""
OPPOSED = -0.3
"""Cosine between the sideways force of walking contacts and the line to the pelvis; less, and its sign is wrong. Real:
at least -0.15."""
LIGHT, HEAVY = 0.8, 1.25
"""Of half the body's weight over a stride: what a contact of a whole foot carries lies between. Real: 0.86 to 1.17, and
0.35 to 0.76 where part of the foot stood beside the plate."""
WEIGHT, ONE_STRIDE = 0.03, 0.02
"""Of the body's weight; by how much the median of what whole strides carry may differ, and the spread (SD) of one.
Real medians of a trial: 0.964 (one stride) to 1.031."""
WALKED = 0.4
"""s; walking feet stand longer."""
REST_LEAD, LATE = 0.02, 0.04
"""s; the middle of a foot's rest comes the first before the middle of its contact; a larger median difference from it
than the second is a lag of the plate. Real (81 plates): -16 to 17 ms. Running is not looked at: such feet hardly rest.
"""
REST, DRIFT = 5.0, LARGEST_OFFSET
"""N; what a plate that rests further from zero than the first reads is taken off; one that lies or drifts further than
the second, the C3D reader's limit for a plate that was not zeroed, is left out."""
MEAN, QUIET, SHORTEST_REST = 0.1, 60.0, 0.15
"""s, N/s, s; a plate rests where its vertical force, averaged over the first (whole periods of 50 and of 60 Hz), is
small and changes slower than the second, for longer than the third."""
GAIN = "the plate's gain or unit (ANALOG:SCALE, GEN_SCALE)"
SIGNED = [np.array(m) for m in ([[-1, 0], [0, -1]], [[-1, 0], [0, 1]], [[1, 0], [0, -1]], [[0, 1], [1, 0]],
                                [[0, 1], [-1, 0]], [[0, -1], [1, 0]], [[0, -1], [-1, 0]])]  # fmt: skip
"""Signs reversed and axes exchanged: what may be wrong with a horizontal force."""


class _Walk(NamedTuple):
    """What the laws are tested with, at the markers' times (s).

    By plate: ``force`` N, ``cop`` m, (time, axis), and ``corners`` m, (corner, axis), where known. By side: ``heels,
    toes`` m, (time, axis). ``pelvis`` m, (time, axis).
    """

    time: np.ndarray
    force: dict[str, np.ndarray]
    cop: dict[str, np.ndarray]
    corners: dict[str, np.ndarray]
    heels: dict[str, np.ndarray]
    toes: dict[str, np.ndarray]
    pelvis: np.ndarray

    def loaded(self, contact: Any) -> np.ndarray:
        """Return the frames in which a contact's plate is loaded: above a fifth of its largest force."""
        first, last = np.searchsorted(self.time, (contact.start, contact.end))
        vertical = self.force[contact.plate][first:last, 1]
        return first + np.flatnonzero(vertical > max(0.2 * np.nanmax(vertical, initial=0.0), THRESHOLD))


class _Fit(NamedTuple):
    """How a force fits a foot.

    ``distance`` m, of the centre of pressure from the foot's line; ``progress`` of it towards the toe, in heel-to-toe
    lengths; ``beside`` m, of the centre of pressure from the line through heel and toe, to the foot's outer side;
    ``off`` by how much the horizontal force leaves the line to the pelvis, of the vertical force.
    """

    side: str
    distance: float
    progress: float
    beside: float
    off: float

    @property
    def good(self) -> bool:
        """Tell whether the force can be that foot's."""
        return self.distance < UNDER and self.progress > FORWARD


class _Move(NamedTuple):
    """What undoes a mistake: a centre of pressure ``p`` becomes ``to + turn @ (p - pivot)``, a force ``force @ f``."""

    turn: np.ndarray
    force: np.ndarray
    pivot: np.ndarray
    to: np.ndarray


def plausible_contacts(
    loads: xr.Dataset,
    heels: dict[str, xr.DataArray],
    toes: dict[str, xr.DataArray],
    pelvis: xr.DataArray,
    seen: pd.DataFrame,
    threshold: float = THRESHOLD,
    mass: float = np.nan,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return every contact with a plate; those whose forces cannot be right say what is wrong and what to do.

    Parameters
    ----------
    loads : ground reactions on the plates' own clock (``io.plates.wrench``, N, N m), unfiltered.
    heels, toes : m, (time, axis), by side; pelvis : m, (time, axis), x forward.
    seen : events from markers, ``time`` (s), ``event``, ``side``.
    threshold : N, as ``events.plate_contacts`` takes it. mass : kg; without it (NaN) no weight is looked at.

    Returns
    -------
    ``events.plate_contacts`` with more reasons, and stances on plates that read next to nothing meanwhile;
    and which of them start and end when they say, whatever is wrong with their forces.

    References
    ----------
    This project's own rules; how each limit was set stands beside it.
    """
    contact = plate_contacts(loads, heels, toes, threshold)
    here, names = resample(loads, pelvis["time"]), list(map(str, loads["plate"].values))
    pressed = centre_of_pressure(here, THRESHOLD)[0].values
    walk = _Walk(
        pelvis["time"].values,
        {name: here["force"].values[:, k] for k, name in enumerate(names)},
        {name: pressed[:, k] for k, name in enumerate(names)},
        dict(zip(names, loads["corners"].values, strict=True)) if "corners" in loads else {},
        {side: path.values for side, path in heels.items()},
        {side: path.values for side, path in toes.items()},
        pelvis.values,
    )
    stances = strides(seen)
    timed = contact["reason"] == ""
    if mass > 0:
        for k, words in _wrong_weights(contact[timed], loads, mass, stances):
            contact.loc[k, "reason"] = words
    weighed = timed & (contact["reason"] != "")
    judged = contact[~weighed & ~contact["reason"].str.contains("cut by an end|lost throughout")]
    for plate, own in judged.groupby("plate", sort=False):
        for k, side, words in _misplaced(own, str(plate), walk):
            contact.loc[k, ["side", "reason"]] = side, f"plate {plate}: {words}"
            timed[k] = True
    resting = rests(heels, toes)
    for plate, own in contact[contact["reason"] == ""].groupby("plate", sort=False):
        words = _misdirected(own, walk)
        if not words and abs(lag := _lag(own, resting)) > LATE:
            words = (
                f"its forces come about {1000 * abs(lag):.0f} ms {'late' if lag > 0 else 'early'} against the feet's "
            )
            words += "markers: synchronise plates and cameras, or shift the forces in time"
            timed &= contact["plate"] != plate
        if words:
            contact.loc[own.index, "reason"] = f"plate {plate}: {words}"
    unread = pd.DataFrame(list(_unread(contact, walk, stances)), columns=contact.columns)
    if len(unread):
        contact = pd.concat([contact, unread], ignore_index=True)
    return contact, timed.reindex(contact.index, fill_value=False)


# ---- how large it is ----


def _wrong_weights(
    contact: pd.DataFrame, loads: xr.Dataset, mass: float, stances: pd.DataFrame
) -> Iterator[tuple[Any, str]]:
    """Yield contacts that carry what this body (kg) cannot weigh, with the reason."""
    rows, weight, time = contact.sort_values("start"), mass * GRAVITY, loads["time"].values
    impulse, length = pd.Series(np.nan, rows.index), rows["end"] - rows["start"]
    for row in rows.itertuples():
        inside = slice(*np.searchsorted(time, (row.start, row.end)))
        impulse[row.Index] = np.trapezoid(pick(loads["force"], plate=row.plate, axis="y")[inside], time[inside])
    remedy = f"correct {_where('corners' in loads, GAIN)}, or the mass"
    other, again = rows.shift(-1), rows.shift(-2)
    joined = (rows["side"] == again["side"]) & (rows["side"] != other["side"])
    joined &= (other["start"] - rows["end"] < 0.2) & (again["start"] - other["end"] < 0.2)
    whole = ((impulse + impulse.shift(-1)) / (weight * (again["start"] - rows["start"])))[joined]
    if len(whole) and abs(whole.median() - 1) > max(WEIGHT, 2 * ONE_STRIDE / np.sqrt(len(whole))):
        words = f"over whole strides the plates carry {whole.median():.3g} times the body weight ({mass:.3g} kg): "
        yield from ((k, words + remedy) for k in rows.index)
        return
    usual = (stances["next_ic_time"] - stances["ic_time"]).median()
    stride = usual if np.isfinite(usual) else (length / STANCE).where(length > WALKED)
    share = 2 * impulse / (weight * stride)
    for k, part in share[(share < LIGHT) | (share > HEAVY)].items():
        words = f"over a stride this foot carries {part:.2g} times its half of the body weight ({mass:.3g} kg)"
        beside = "part of the foot stood beside the plate; if not, " if part < 1 else ""
        yield k, f"plate {rows.loc[k, 'plate']}: {words}: {beside}{remedy}"


def _where(corners: bool, parameters: str) -> str:
    """Say where a plate is put right: in the C3D file that tells its corners, or in the file of forces alone."""
    return parameters if corners else "the plate's columns in the force file"


def _unread(contact: pd.DataFrame, walk: _Walk, stances: pd.DataFrame) -> Iterator[tuple[str, str, float, float, str]]:
    """Yield stances on plates that never read a contact: of a force so small that it is another unit or gain."""
    for plate in sorted(set(walk.corners) - set(contact["plate"])):
        most = np.nanmax(walk.force[plate][:, 1], initial=0.0)
        if most > THRESHOLD + HYSTERESIS:  # a higher threshold than the usual one was given
            continue
        words = f"plate {plate}: reads at most {most:.2g} N under a whole foot: correct {GAIN}"
        for row in stances.itertuples():
            at = slice(*np.searchsorted(walk.time, (row.ic_time, row.fo_time)))
            middle = (walk.heels[row.side][at] + walk.toes[row.side][at]) / 2
            if np.isfinite(middle).any() and _outside(middle, walk.corners[plate]) < 0:
                yield plate, row.side, row.ic_time, row.fo_time, words


# ---- where it acts ----


def _fit(contact: Any, walk: _Walk, move: _Move | None = None) -> _Fit:
    """Return how the force of a contact, a mistake undone, fits the foot that it fits best."""
    at = walk.loaded(contact)
    cop, force = walk.cop[contact.plate][at], walk.force[contact.plate][at]
    if move is not None:
        cop, force = move.to + (cop - move.pivot) @ move.turn.T, force @ move.force.T
    level, aim = _slopes(force, walk.pelvis[at] - cop)
    off = float(np.sqrt(np.mean((level - aim) ** 2))) if len(level) else np.nan
    fits = [_Fit(contact.side, np.nan, np.nan, np.nan, off)]
    for side in walk.heels:
        from_heel = (cop - walk.heels[side][at])[:, [0, 2]]
        foot = (walk.toes[side] - walk.heels[side])[at][:, [0, 2]]
        known = np.isfinite(from_heel + foot).all(1)
        if known.sum() < 8:
            continue
        from_heel, foot = from_heel[known], foot[known]
        share = np.clip((from_heel * foot).sum(1) / (foot**2).sum(1), 0, 1)
        part = len(foot) // 5
        flat = np.median(foot[part : 3 * part], axis=0)
        along = from_heel @ flat / (flat @ flat)
        outward = side_sign(side) * (foot[:, 0] * from_heel[:, 1] - foot[:, 1] * from_heel[:, 0])
        distance = float(np.median(np.linalg.norm(from_heel - share[:, None] * foot, axis=1)))
        progress = float(np.median(along[-part:]) - np.median(along[:part]))
        fits.append(_Fit(side, distance, progress, float(np.median(outward / np.linalg.norm(foot, axis=1))), off))
    return min(fits, key=lambda fit: np.nan_to_num(fit.distance, nan=np.inf))


def _slopes(force: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal over vertical part of the force, and of the line to the pelvis, (time, 2), where both are known."""
    known = np.isfinite(force + line).all(1)
    return force[known][:, [0, 2]] / force[known][:, [1]], line[known][:, [0, 2]] / line[known][:, [1]]


def _misplaced(contact: pd.DataFrame, plate: str, walk: _Walk) -> Iterator[tuple[Any, str, str]]:
    """Yield the contacts of a plate whose force acts where it cannot, with their foot and the reason."""
    rows = {row.Index: row for row in contact.itertuples()}
    fits = {k: fit for k, row in rows.items() if np.isfinite((fit := _fit(row, walk)).progress)}
    missed = {k: _missed(rows[k], fit, walk) for k, fit in fits.items()}
    wrong = {k for k, fit in fits.items() if rows[k].reason or fit.progress < BACKWARD}
    best: dict[Any, _Fit] = {}
    how, score = "", (len(fits) / 2, -np.inf)
    if any(k in wrong or not fit.good for k, fit in fits.items()):
        for words, move in _mistakes(walk, plate):
            mended = {k: _fit(rows[k], walk, move) for k in fits}
            mended = {k: f for k, f in mended.items() if f.good and (k in wrong or f.off < TRACK * fits[k].off)}
            if mended and len(mended) > len(fits) / 2:
                reached = (len(mended), -float(np.mean([fit.off for fit in mended.values()])))
                if reached > score:
                    best, how, score = mended, words, reached
    for k, fit in fits.items():
        if k in best:
            yield k, best[k].side, how
        elif missed[k] and (fit.good or not rows[k].reason):
            yield k, fit.side, missed[k]


def _mistakes(walk: _Walk, plate: str) -> Iterator[tuple[str, _Move]]:
    """Yield what may be wrong with where a plate's force acts, the common mistakes first, and what undoes it."""
    others, same = dict(walk.corners), np.eye(3)
    if not others:
        return
    corners = others.pop(plate)
    middle, axes = corners.mean(0), plate_axes(corners)
    for degrees, (c, s) in ((90, (0, 1)), (180, (-1, 0)), (90, (0, -1))):
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        words = f"the corners look turned by {degrees} degrees: correct FORCE_PLATFORM:CORNERS"
        yield words, _Move(turn, turn, middle, middle)
    for name, there in others.items():
        turn = plate_axes(there).T @ axes
        words = f"looks swapped with plate {name}: correct FORCE_PLATFORM:CHANNEL or the order of CORNERS"
        yield words, _Move(turn, turn, middle, there.mean(0))
    yield "the moments look like N mm called N m: correct ANALOG:UNITS", _Move(1e-3 * same, same, middle, middle)
    for signs in ([-1, 1, 1], [1, -1, 1], [-1, -1, 1]):
        turn = axes.T @ np.diag(signs) @ axes
        yield "the sign of a moment looks reversed: correct ANALOG:SCALE", _Move(turn, same, middle, middle)


def _missed(contact: Any, fit: _Fit, walk: _Walk) -> str:
    """Say how a force misses the foot that it fits best, or its own plate; else nothing."""
    at, corners = walk.loaded(contact), walk.corners.get(contact.plate)
    cop = walk.cop[contact.plate][at]
    moved = np.linalg.norm(cop - np.nanmedian(cop, axis=0), axis=1)
    still = np.nanpercentile(moved, 90) < FROZEN
    height = 0.0
    if corners is not None:
        if (outside := _outside(cop, corners)) > BEYOND:
            there = [name for name, edges in walk.corners.items() if _outside(cop, edges) < 0]
            whose = f"on plate {there[0]}, with which it looks swapped" if there else "on no plate"
            return (
                f"the centre of pressure lies {outside:.2f} m beyond the plate's edges, {whose}: correct "
                "FORCE_PLATFORM:CHANNEL, ORIGIN or the order of CORNERS"
            )
        along = np.abs((cop - corners.mean(0)) @ plate_axes(corners).T)[:, :2]
        still |= np.nanpercentile(along, 90, axis=0).min() < LINE
        ends = [path[at, 1] - cop[:, 1] for path in (walk.heels[fit.side], walk.toes[fit.side])]
        height = float(np.nanpercentile(np.fmin(*ends), 5))
    if still:
        return (
            "the centre of pressure stays at one point or on a middle line while the foot rolls over the plate: a "
            f"moment is missing or in another unit; correct {_where(corners is not None, 'ANALOG:UNITS or CHANNEL')}"
        )
    if fit.progress < BACKWARD:
        return (
            "the centre of pressure runs from toe to heel: the person walked backwards, or the plate's corners or "
            "moments are wrong"
        )
    if not ABOVE[0] < height < ABOVE[1]:
        return (
            f"heel and toe come within {height:.2f} m of its surface, expected {ABOVE[0]:g} to {ABOVE[1]:g}: correct "
            "the height of FORCE_PLATFORM:CORNERS"
        )
    if fit.distance > UNDER or abs(fit.beside) > BESIDE:
        return (
            f"its centre of pressure lies {max(fit.distance, abs(fit.beside)):.2f} m from the line of the foot (limits "
            f"{UNDER:g}, sideways {BESIDE:g}): correct FORCE_PLATFORM:CORNERS, ORIGIN or a moment's channel, or heel "
            "and toe markers"
        )
    return ""


def _outside(point: np.ndarray, corners: np.ndarray) -> float:
    """How far the median of points (m, (time, axis)) lies outside a plate's edges, m; negative within."""
    axes, middle = plate_axes(corners), corners.mean(0)
    half = np.abs((corners - middle) @ axes.T).max(0)
    return float(np.nanmedian((np.abs((point - middle) @ axes.T) - half)[:, :2].max(1)))


# ---- where it points, and when it comes ----


def _misdirected(contact: pd.DataFrame, walk: _Walk) -> str:
    """Say why the horizontal force of a plate's contacts cannot be right; else nothing."""
    pairs = []
    for row in contact.itertuples():
        at = walk.loaded(row)
        pairs.append(_slopes(walk.force[row.plate][at], walk.pelvis[at] - walk.cop[row.plate][at]))
    level, aim = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    if len(level) < 8:
        return ""
    remedy = f"correct {_where(bool(walk.corners), 'FORCE_PLATFORM:CHANNEL or ANALOG:SCALE')}"
    if np.sqrt(max(np.linalg.eigvalsh(level.T @ level)[0], 0) / len(level)) < SILENT:
        return f"a horizontal force reads nothing: {remedy}"
    walked = np.repeat(contact["end"] - contact["start"] > WALKED, [len(part) for part, _ in pairs])
    pushed, aimed = (each[walked, 1] for each in (level, aim))
    cosine = pushed @ aimed / max(np.linalg.norm(pushed) * np.linalg.norm(aimed), 1e-9)
    best = min(np.linalg.norm(level @ signs.T - aim) for signs in SIGNED)
    if best < TRACK * np.linalg.norm(level - aim) or cosine < OPPOSED:
        return f"the horizontal force points away from the pelvis: signs reversed, or axes exchanged; {remedy}"
    return ""


def _lag(contact: pd.DataFrame, resting: pd.DataFrame) -> float:
    """Median time by which a plate's contacts come after the feet's rests, s; 0 where none is seen."""
    late = []
    side, start, end = (resting[name].to_numpy() for name in ("side", "start", "end"))
    for row in contact[contact["end"] - contact["start"] > WALKED].itertuples():
        middle = (row.start + row.end) / 2
        same = (side == row.side) & (start < middle) & (end > middle)
        late += list(middle - (start[same] + end[same]) / 2 - REST_LEAD)
    return float(np.median(late)) if late else 0.0


# ---- an empty plate ----


def levelled(loads: xr.Dataset) -> tuple[xr.Dataset, list[str], dict[str, str]]:
    """Return ground reactions with what empty plates read taken off, what was taken off, and which plates rest too far.

    Parameters
    ----------
    loads : of ``io.plates.wrench``, N and N m, unfiltered.

    Returns
    -------
    loads : the straight lines through the rests of each force and moment taken off, of plates that rest further from
        zero than ``REST``. notes : what was taken off, one sentence a plate. far : plates that rest or drift further
        than ``DRIFT``, untouched, and why they cannot be used.

    References
    ----------
    This project's own rule.
    """
    force, moment, notes, far = loads["force"].copy(deep=True), loads["moment"].copy(deep=True), [], {}
    seconds = loads["time"].values - loads["time"].values[0]
    for k, plate in enumerate(map(str, loads["plate"].values)):
        at, line = _rest(loads["force"].values[:, k, 1], seconds)
        off = max(abs(np.median(line)), np.ptp(line))
        if not np.abs(line).max() > REST or off > LARGEST_REST:
            continue
        reads = f"{line[0]:.0f} N" if np.ptp(line) < 2 else f"{line[0]:.0f} to {line[-1]:.0f} N"
        if off > DRIFT:
            far[plate] = f"reads {reads} with nobody on it: zero the plate, or give an unloaded stretch (--zero)"
            continue
        degree = int(np.ptp(seconds[at]) > 0.5 * seconds[-1])
        for values in (force.values, moment.values):
            lines = np.polynomial.polynomial.polyfit(seconds[at], values[at, k], degree)
            values[:, k] -= np.polynomial.polynomial.polyval(seconds, lines).T
        notes.append(f"plate {plate} read {reads} with nobody on it: taken off the plate's forces and moments.")
    return loads.assign(force=force, moment=moment), notes, far


def _rest(vertical: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell which samples of a plate's vertical force (N) rest, and the height of the line through them at each, N.

    The line is level where the rests span less than half of the recording, and zero where they lie on no line.
    """
    rate = sampling_rate(seconds)
    even = ndimage.uniform_filter1d(np.nan_to_num(vertical, nan=2 * LARGEST_REST), max(round(MEAN * rate), 1))
    labels, count = ndimage.label((np.abs(np.gradient(even) * rate) < QUIET) & (np.abs(even) < LARGEST_REST))
    every = np.arange(1, count + 1)
    long = every[ndimage.sum_labels(labels > 0, labels, every) >= SHORTEST_REST * rate]
    at = np.isin(labels, long)
    if not at.any():
        return at, np.zeros(len(vertical))
    level, when = (np.asarray(ndimage.median(values, labels, long)) for values in (even, seconds))
    slope = stats.theilslopes(level, when).slope if np.ptp(seconds[at]) > 0.5 * seconds[-1] and len(long) > 1 else 0.0
    line = slope * seconds + np.median(level - slope * when)
    near = at & (np.abs(even - line) < REST)
    return (near, line) if near.sum() > at.sum() / 2 else (near, np.zeros(len(vertical)))

"""Force plates that cannot be right: laws that every contact obeys, and what is wrong with a file where one does not.

Whoever walks or runs on a plate: the centre of pressure goes under the foot from heel to toe; the force points from
there towards the pelvis, so that it brakes first and pushes later; over a stride the ground carries the body's weight;
the force is there while the foot is at rest; and an empty plate reads nothing. Where a law fails, the mistakes that
laboratories' files hold are tried in turn, and the one that mends the contact is named.

Each limit lies between those mistakes and what 197 whole contacts of 87 real walks and runs show, straight and turning,
of children and adults; that spread is given with it. All of them were seen when the limits were set. Nine files kept
back (16 contacts) then moved two: the lag's, and how still a centre of pressure must be to be frozen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy import ndimage

from gaitstudy.conventions import GRAVITY, pick, side_sign
from gaitstudy.gait.events import THRESHOLD, plate_contacts
from gaitstudy.gait.signals import fill_gaps, low_pass, resample_loads, sampling_rate
from gaitstudy.gait.steps import STANCE
from gaitstudy.io.plates import LARGEST_OFFSET, LARGEST_REST, centre_of_pressure, plate_axes

UNDER, FORWARD = 0.06, 0.2
"""m, and of the heel-to-toe length; a force fits a foot if the median centre of pressure lies nearer to the foot's line
than the first and goes further towards the toe than the second. Real: up to 0.047 m; 95 % above 0.27."""
BACKWARD = -0.2
"""Of the heel-to-toe length; a centre of pressure that goes further back runs from toe to heel. Real: forefoot
strikers 0.07, at least -0.15 where half of the foot stood beside the plate."""
BESIDE = 0.03
"""m; the median centre of pressure lies nearer to the line through heel and toe. Real (104 contacts of 51 files, as for
``ABOVE``, ``SILENT`` and ``LINE``): at most 0.018."""
ABOVE = (-0.02, 0.10)
"""m; how high above a plate's surface the lower of heel and toe gets under load. Real: 0.004 to 0.047."""
LINE = 0.005
"""m; a centre of pressure that stays nearer to a middle line of its plate lacks a moment. Real: at least 0.0075."""
SILENT = 0.004
"""Of the vertical force; a plate whose horizontal force is smaller in some direction does not measure it. Real: at
least 0.012."""
TRACK = 0.75
"""A change of signs or axes is better than the force as stored if it leaves the line to the pelvis by so small a share
of what the stored one does. Real: at least 0.94."""
OPPOSED = -0.3
"""Cosine between the sideways force of walking contacts and the line to the pelvis; less, and its sign is wrong. Real:
at least -0.19."""
BEYOND = 0.02
"""m; a centre of pressure further outside the plate's edges is not that plate's. Real: 0.02 m inside or more."""
FROZEN = 0.015
"""m; a centre of pressure that moves less, twice as far at most from the middle of its plate, follows no foot."""
LIGHT, HEAVY = 0.8, 1.25
"""Of half the body's weight over a stride: what a contact of a whole foot carries lies between. Real: 0.86 to 1.17, and
0.35 to 0.76 where part of the foot stood beside the plate."""
WEIGHT, ONE_STRIDE = 0.03, 0.02
"""Of the body's weight; by how much the median of what whole strides carry may differ, and the spread (SD) of one.
Real medians of a trial: 0.964 (one stride) to 1.031."""
FAINT = 0.3
"""Of the body's weight; a plate that never reads more under a whole foot has another gain."""
WALKED = 0.4
"""s; walking feet stand longer."""
AT_REST, REST_LEAD = 0.5, 0.015
"""m/s, s; a foot is at rest while heel or toe moves slower than the first; the middle of that time comes the second
before the middle of the contact."""
LATE = 0.04
"""s; a larger median difference between the two is a lag of a plate against markers. Real: -29 to 34 ms, so that the
two frames one would like to tell are not seen; running feet (-23 to -32 ms) are not looked at."""
REST, DRIFT = 5.0, LARGEST_OFFSET
"""N; a plate that rests further from zero than the first gets the line through its rests taken off; if it lies or
drifts further than the second, the C3D reader's limit for a plate that was not zeroed, it is told."""
MEAN, QUIET, SHORTEST_REST = 0.1, 60.0, 0.15
"""s, N/s, s; a plate rests where its vertical force, averaged over the first (whole periods of 50 and of 60 Hz), is
small and changes slower than the second, for longer than the third."""
GAINS = {0.22481: "pounds called N", 1 / GRAVITY: "kilograms called N", 0.001: "kN called N"}
"""What a share of body weight looks like."""
GAIN = "the plate's gain or unit (ANALOG:SCALE, GEN_SCALE)"


BACKWARDS = (
    "the centre of pressure runs from toe to heel: the person walked backwards, or the plate's corners or moments are "
    "wrong"
)


class Feet(NamedTuple):
    """Where feet and pelvis are: ``heels, toes`` m, (time, axis), by side; ``pelvis`` m, (time, axis), x forward."""

    heels: dict[str, xr.DataArray]
    toes: dict[str, xr.DataArray]
    pelvis: xr.DataArray


class _Walk(NamedTuple):
    """What the laws are tested with, at the markers' times: plain arrays, which hundreds of contacts are cut from.

    ``time`` s; ``plates`` names; ``force`` N and ``cop`` m, (time, plate, axis); ``corners`` m, (plate, corner, axis),
    where known; ``heels, toes`` m, (time, axis), by side; ``pelvis`` m, (time, axis).
    """

    time: np.ndarray
    plates: list[str]
    force: np.ndarray
    cop: np.ndarray
    corners: np.ndarray | None
    heels: dict[str, np.ndarray]
    toes: dict[str, np.ndarray]
    pelvis: np.ndarray

    def loaded(self, contact: Any) -> tuple[int, np.ndarray]:
        """Return a contact's plate, and the frames in which it is loaded: above a fifth of its largest force."""
        k = self.plates.index(contact.plate)
        first, last = np.searchsorted(self.time, (contact.start, contact.end))
        vertical = self.force[first:last, k, 1]
        least = max(0.2 * np.nanmax(vertical, initial=0.0), THRESHOLD)
        return k, first + np.flatnonzero(vertical > least)


class _Mistake(NamedTuple):
    """One mistake: what is said of the plate, and what undoes it.

    A centre of pressure ``p`` becomes ``to + turn @ (p - pivot)``, a force ``force @ f``; all in the lab's axes.
    """

    words: str
    turn: np.ndarray
    force: np.ndarray
    pivot: np.ndarray
    to: np.ndarray


class _Fit(NamedTuple):
    """How a force fits a foot.

    ``distance`` m, of the centre of pressure from the foot's line; ``progress`` of it towards the toe, in heel-to-toe
    lengths; ``off`` by how much the horizontal force leaves the line to the pelvis, of the vertical force; ``beside``
    m, of the centre of pressure from the line through heel and toe, to the foot's outer side.
    """

    side: str
    distance: float
    progress: float
    off: float
    beside: float

    @property
    def good(self) -> bool:
        """Tell whether the force can be that foot's."""
        return self.distance < UNDER and self.progress > FORWARD


def plausible_contacts(
    loads: xr.Dataset, feet: Feet, seen: pd.DataFrame, threshold: float = THRESHOLD, mass: float | None = None
) -> tuple[pd.DataFrame, pd.Series]:
    """Return every contact with a plate; those whose forces cannot be right say what is wrong and what to do.

    Parameters
    ----------
    loads : ground reactions on the plates' own clock (``io.plates.wrench``, N, N m), unfiltered.
    seen : of ``events.seen_events``. threshold : N, as ``events.plate_contacts`` takes it.
    mass : kg; without it (None, NaN, not above 0) no weight is looked at.

    Returns
    -------
    ``events.plate_contacts`` with more reasons, and with the contacts of plates that read next to nothing under a foot;
    and which of them start and end when they say, whatever is wrong with their forces.
    """
    loads, far = _empty_plates(loads)
    contact = plate_contacts(loads, feet.heels, feet.toes, threshold)
    mass = mass if mass and mass > 0 else None
    walk = _walk(loads, feet)
    period = _stride_time(seen)
    faint = _faint(contact, loads, feet, mass, period)
    contact = pd.concat([contact, faint]).sort_values("start", ignore_index=True) if len(faint) else contact.copy()
    timed = contact["reason"] == ""
    found = list(_weight(contact[timed], loads, mass, period))
    weighed = {k for k, _ in found}
    for plate in dict.fromkeys(contact["plate"]):
        placed = _misplaced(contact[contact["plate"] == plate], plate, walk)
        for k, (side, words) in placed.items():
            if k in weighed and BACKWARDS in words:
                continue  # what is left of a foot beside the plate
            contact.loc[k, ["side", "reason"]] = side, words
            timed[k] = True
    timed |= contact["reason"].str.contains(" under a whole foot")
    good = contact[contact["reason"] == ""]
    late = _lags(good[~good.index.isin(weighed)], feet)
    found += _shear(good, walk)
    found += [(k, words) for plate, words in far.items() for k in contact.index[contact["plate"] == plate]]
    for plate, by in late.items():
        if abs(by) <= LATE:
            continue
        words = (
            f"plate {plate}: its forces come about {1000 * abs(by):.0f} ms {'late' if by > 0 else 'early'} against the "
            "feet's markers: synchronise plates and cameras, or shift the forces in time"
        )
        found += [(k, words) for k in good.index[good["plate"] == plate]]
        timed &= contact["plate"] != plate
    for k, words in found:
        contact.loc[k, "reason"] = "; ".join(filter(None, (contact.loc[k, "reason"], words)))
    return contact, timed


def _walk(loads: xr.Dataset, feet: Feet) -> _Walk:
    here = resample_loads(loads, feet.pelvis["time"])
    return _Walk(
        feet.pelvis["time"].values,
        list(map(str, loads["plate"].values)),
        here["force"].values,
        centre_of_pressure(here, THRESHOLD)[0].values,
        loads["corners"].values if "corners" in loads else None,
        {side: path.values for side, path in feet.heels.items()},
        {side: path.values for side, path in feet.toes.items()},
        feet.pelvis.values,
    )


# ---- where the force acts ----


def _mistakes(walk: _Walk, plate: str) -> Iterator[_Mistake]:
    """Yield what may be wrong with where a plate's force acts, the common mistakes first."""
    same = np.eye(3)
    if walk.corners is None:
        return
    own = dict(zip(walk.plates, walk.corners, strict=True))
    corners = own.pop(plate)
    middle, axes = corners.mean(0), plate_axes(corners)
    for quarters in (1, 2, 3):
        c, s = np.round([np.cos(quarters * np.pi / 2), np.sin(quarters * np.pi / 2)])
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        words = f"the corners look turned by {90 if quarters != 2 else 180} degrees: correct FORCE_PLATFORM:CORNERS"
        yield _Mistake(words, turn, turn, middle, middle)
    for name, there in own.items():
        turn = plate_axes(there).T @ axes
        words = f"looks swapped with plate {name}: correct FORCE_PLATFORM:CHANNEL or the order of CORNERS"
        yield _Mistake(words, turn, turn, middle, there.mean(0))
    words = "the moments look like N mm called N m: correct ANALOG:UNITS"
    yield _Mistake(words, 1e-3 * same, same, middle, middle)
    for signs, what in (([-1, 1, 1], "sign of the second moment looks"), ([1, -1, 1], "sign of the first moment looks"),
                        ([-1, -1, 1], "signs of the first two moments look")):  # fmt: skip
        words = f"the {what} reversed: correct ANALOG:SCALE"
        yield _Mistake(words, axes.T @ np.diag(signs) @ axes, same, middle, middle)


def _fit(contact: Any, walk: _Walk, mistake: _Mistake | None = None) -> _Fit:
    """Return how the force of a contact, a mistake undone, fits the foot that it fits best."""
    k, at = walk.loaded(contact)
    cop, force = walk.cop[at, k], walk.force[at, k]
    if mistake is not None:
        cop, force = mistake.to + (cop - mistake.pivot) @ mistake.turn.T, force @ mistake.force.T
    fits = []
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
        progress = float(np.median(along[-part:]) - np.median(along[:part]))
        distance = float(np.median(np.linalg.norm(from_heel - share[:, None] * foot, axis=1)))
        outward = side_sign(side) * (foot[:, 0] * from_heel[:, 1] - foot[:, 1] * from_heel[:, 0])
        beside = float(np.median(outward / np.linalg.norm(foot, axis=1)))
        fits.append(_Fit(side, distance, progress, np.nan, beside))
    if not fits:
        return _Fit(contact.side, np.nan, np.nan, np.nan, np.nan)
    off = _off_track(force, walk.pelvis[at] - cop)
    known = np.isfinite(off).all(1)
    size = float(np.sqrt(np.mean(off[known] ** 2))) if known.any() else np.nan
    return min(fits, key=lambda fit: fit.distance)._replace(off=size)


def _off_track(force: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Horizontal force less what would point along the line to the pelvis, of the vertical force, (time, 2)."""
    return force[:, [0, 2]] / force[:, [1]] - line[:, [0, 2]] / line[:, [1]]


def _misplaced(contact: pd.DataFrame, plate: str, walk: _Walk) -> dict[Any, tuple[str, str]]:
    """Return the foot and the reason of each contact of a plate whose force acts where it cannot."""
    whole = contact[~contact["reason"].str.contains("cut by an end| lost throughout|under a whole foot")]
    as_read = {row.Index: _fit(row, walk) for row in whole.itertuples()}
    as_read = {k: fit for k, fit in as_read.items() if np.isfinite(fit.progress)}
    if not as_read:
        return {}
    if all(_frozen(whole.loc[k], walk) for k in as_read):
        remedy = _remedy(walk.corners is not None, "ANALOG:UNITS or FORCE_PLATFORM:CHANNEL")
        words = (
            f"plate {plate}: the centre of pressure stays at one point while the foot rolls over the plate: moments in "
            f"N m called N mm, or missing; {remedy}"
        )
        return {k: (fit.side, words) for k, fit in as_read.items()}
    beyond = {k: words for k in as_read if (words := _beyond(whole.loc[k], walk))}
    backward = {k for k, fit in as_read.items() if fit.progress < BACKWARD and whole.loc[k, "reason"] == ""}
    bad = backward | set(whole.index[whole["reason"] != ""]) & set(as_read)
    best: tuple[int, float] = (0, 0.0)
    found: dict[Any, tuple[str, str]] = {}
    doubted = {k for k, fit in as_read.items() if not fit.good}
    if 2 * len(bad | doubted) >= len(as_read):
        for mistake in _mistakes(walk, plate):
            mended = {k: _fit(whole.loc[k], walk, mistake) for k in as_read}
            mended = {
                k: fit for k, fit in mended.items() if fit.good and (k in bad or fit.off < TRACK * as_read[k].off)
            }
            fits = list(mended.values())
            if 2 * len(fits) <= len(as_read):
                continue
            score = (len(fits), -float(np.mean([fit.off for fit in fits])))
            if score > best:
                best = score
                found = {k: (fit.side, f"plate {plate}: {mistake.words}") for k, fit in mended.items()}
    found = {k: (as_read[k].side, words) for k, words in beyond.items() if as_read[k].good} | found
    for k in set(whole.index[whole["reason"] == ""]) & (set(as_read) - set(found) - backward):
        if words := _off_foot(whole.loc[k], as_read[k], walk):
            found[k] = (as_read[k].side, f"plate {plate}: {words}")
    return {k: (as_read[k].side, f"plate {plate}: {BACKWARDS}") for k in backward} | found


def _off_foot(contact: Any, fit: _Fit, walk: _Walk) -> str:
    """Say how a force misses the foot that it fits best, though no single mistake explains it; else nothing."""
    k, at = walk.loaded(contact)
    cop = walk.cop[at, k]
    if walk.corners is not None:
        corners = walk.corners[k]
        along = np.abs((cop - corners.mean(0)) @ plate_axes(corners).T)[:, :2]
        if np.nanpercentile(along, 90, axis=0).min() < LINE:
            return (
                "its centre of pressure stays on a middle line of the plate: a moment is missing; correct "
                "FORCE_PLATFORM:CHANNEL or ANALOG:SCALE"
            )
        ends = [path[at, 1] - cop[:, 1] for path in (walk.heels[fit.side], walk.toes[fit.side])]
        height = float(np.nanpercentile(np.fmin(*ends), 5))
        if not ABOVE[0] < height < ABOVE[1]:
            return (
                f"heel and toe come within {height:.2f} m of its surface, expected {ABOVE[0]:g} to {ABOVE[1]:g}: "
                "correct the height of FORCE_PLATFORM:CORNERS"
            )
    if fit.distance > UNDER or abs(fit.beside) > BESIDE:
        far = max(fit.distance, abs(fit.beside))
        return (
            f"its centre of pressure lies {far:.2f} m from the line of the foot (limits {UNDER:g}, sideways "
            f"{BESIDE:g}): correct FORCE_PLATFORM:CORNERS, ORIGIN or a moment's channel, or heel and toe markers"
        )
    return ""


def _beyond(contact: Any, walk: _Walk) -> str:
    """Say whose the centre of pressure is, if it lies beyond the edges of its plate; else nothing."""
    if walk.corners is None:
        return ""
    k, at = walk.loaded(contact)
    outside = [_outside(walk.cop[at, k], corners) for corners in walk.corners]
    if not outside[k] > BEYOND:
        return ""
    there = [name for name, far in zip(walk.plates, outside, strict=True) if far < 0]
    whose = f"on plate {there[0]}, with which it looks swapped" if there else "on no plate"
    return (
        f"plate {contact.plate}: the centre of pressure lies {outside[k]:.2f} m beyond the plate's edges, {whose}: "
        "correct FORCE_PLATFORM:CHANNEL, ORIGIN or the order of CORNERS"
    )


def _outside(point: np.ndarray, corners: np.ndarray) -> float:
    """How far the median of points (m, (time, axis)) lies outside a plate's edges, m; negative within."""
    axes, middle = plate_axes(corners), corners.mean(0)
    half = np.abs((corners - middle) @ axes.T).max(0)
    return float(np.nanmedian((np.abs((point - middle) @ axes.T) - half)[:, :2].max(1)))


def _frozen(contact: Any, walk: _Walk) -> bool:
    """Tell whether a centre of pressure stays near the middle of its plate, or of the lab where no corners are told."""
    k, at = walk.loaded(contact)
    point = walk.cop[at, k][:, [0, 2]]
    middle = np.zeros(2) if walk.corners is None else walk.corners[k].mean(0)[[0, 2]]
    centre = np.nanmedian(point, axis=0)
    moved = np.nanpercentile(np.linalg.norm(point - centre, axis=1), 90)
    return bool(moved < FROZEN and np.linalg.norm(centre - middle) < 2 * FROZEN)


# ---- where it points, how large it is, when it comes ----

SIGNS = (
    ("the signs of the forward and the sideways force look reversed", [[-1, 0], [0, -1]]),
    ("the sign of the forward force looks reversed", [[-1, 0], [0, 1]]),
    ("the sign of the sideways force looks reversed", [[1, 0], [0, -1]]),
    ("the forward and the sideways force look exchanged", [[0, 1], [1, 0]]),
    ("the forward and the sideways force look exchanged", [[0, 1], [-1, 0]]),
    ("the forward and the sideways force look exchanged", [[0, -1], [1, 0]]),
    ("the forward and the sideways force look exchanged", [[0, -1], [-1, 0]]),
)
"""What may be wrong with the horizontal force, and what undoes it: forward and to the right."""
SIDEWAYS = 2
"""Which of ``SIGNS`` is of the sideways force alone."""


def _shear(contact: pd.DataFrame, walk: _Walk) -> Iterator[tuple[Any, str]]:
    """Yield contacts whose horizontal force points away from the pelvis, with the reason."""
    remedy = _remedy(walk.corners is not None, "FORCE_PLATFORM:CHANNEL or ANALOG:SCALE")
    for plate, own in contact.groupby("plate", sort=False):
        off, cosine, least = [], [], []
        for row in own.itertuples():
            k, at = walk.loaded(row)
            force, line = walk.force[at, k], walk.pelvis[at] - walk.cop[at, k]
            known = np.isfinite(line + force).all(1)
            if known.sum() < 8:
                continue
            force, line = force[known], line[known]
            level = force[:, [0, 2]]
            least.append(np.sqrt(max(np.linalg.eigvalsh(level.T @ level)[0], 0) / (force[:, 1] @ force[:, 1])))
            tried = [force, *(_turned(force, np.array(signs)) for _, signs in SIGNS)]
            off.append([np.mean(_off_track(f, line) ** 2) for f in tried])
            if row.end - row.start > WALKED:
                there, here = force[:, 2] / force[:, 1], line[:, 2] / line[:, 1]
                size = np.sqrt((there @ there) * (here @ here))
                cosine.append(there @ here / size if size > 0 else 0.0)
        if not off:
            continue
        if max(least) < SILENT:
            words = f"plate {plate}: a horizontal force reads nothing{remedy}"
            yield from ((index, words) for index in own.index)
            continue
        size = np.sqrt(np.mean(off, axis=0))
        best = int(np.argmin(size[1:]))
        if not size[1 + best] < TRACK * size[0]:
            if not cosine or np.mean(cosine) > OPPOSED:
                continue
            best = SIDEWAYS
        yield from ((index, f"plate {plate}: {SIGNS[best][0]}: {remedy}") for index in own.index)


def _turned(force: np.ndarray, signs: np.ndarray) -> np.ndarray:
    changed = force.copy()
    changed[:, [0, 2]] = force[:, [0, 2]] @ signs.T
    return changed


def _stride_time(seen: pd.DataFrame) -> float:
    """Median time between contacts of one foot, s, by markers; NaN where no foot comes down twice."""
    return float(seen[seen["event"] == "initial_contact"].groupby("side")["time"].diff().median())


def _impulse(contact: Any, loads: xr.Dataset) -> float:
    """Vertical impulse of a contact, N s."""
    time, k = loads["time"].values, list(loads["plate"].values).index(contact.plate)
    inside = slice(*np.searchsorted(time, (contact.start, contact.end)))
    return float(np.trapezoid(loads["force"].values[inside, k, 1], time[inside]))


def _share(contact: Any, loads: xr.Dataset, weight: float, period: float) -> float:
    """Vertical impulse of a contact, of half the body weight (N) over a stride (s)."""
    length = contact.end - contact.start
    if not np.isfinite(period):
        period = length / STANCE if length > WALKED else np.nan
    return 2 * _impulse(contact, loads) / (weight * period)


def _weight(contact: pd.DataFrame, loads: xr.Dataset, mass: float | None, period: float) -> Iterator[tuple[Any, str]]:
    """Yield contacts that carry what this body cannot weigh, with the reason."""
    if not mass or contact.empty:
        return
    weight = mass * GRAVITY
    rows = contact.sort_values("start")
    impulse = {row.Index: _impulse(row, loads) for row in rows.itertuples()}
    carried = pd.Series({k: _share(row, loads, weight, period) for k, row in rows.iterrows()}).dropna()
    keys = list(rows.index)
    strides = []
    for a, b, c in zip(keys, keys[1:], keys[2:], strict=False):
        one, other, next_one = (rows.loc[k] for k in (a, b, c))
        apart = max(other["start"] - one["end"], next_one["start"] - other["end"])
        if one["side"] == next_one["side"] != other["side"] and apart < 0.2:
            strides.append((impulse[a] + impulse[b]) / (weight * (next_one["start"] - one["start"])))
    remedy = f"{_remedy('corners' in loads, GAIN)}, or the mass"
    if strides and abs(np.median(strides) - 1) > max(WEIGHT, 2 * ONE_STRIDE / np.sqrt(len(strides))):
        share = float(np.median(strides))
        words = f"over whole strides the plates carry {share:.3g} times the body weight ({mass:.3g} kg){_looks(share)}"
        yield from ((k, f"{words}: {remedy}") for k in keys)
        return
    wrong = carried[(carried < LIGHT) | (carried > HEAVY)]
    whole = len(wrong) == len(carried) and np.ptp(wrong) < 0.1 * wrong.mean()  # every contact by the same factor
    for k, share in wrong.items():
        words = f"plate {rows.loc[k, 'plate']}: over a stride this foot carries {_of_half(share)} ({mass:.3g} kg)"
        beside = "" if share > 1 or (whole and len(wrong) > 1) else "part of the foot stood beside the plate; if not, "
        yield k, f"{words}{_looks(share)}: {beside}{remedy}"


def _of_half(share: float) -> str:
    return f"{share:.2g} times its half of the body weight"


def _remedy(corners: bool, parameters: str) -> str:
    """Say where a plate is put right: in the C3D file that tells its corners, or in the file of forces alone."""
    return f"correct {parameters}" if corners else "correct the plate's columns in the force file"


def _looks(share: float) -> str:
    """Name the mistake that a share of body weight looks like."""
    return next((f" ({name})" for gain, name in GAINS.items() if abs(share / gain - 1) < 0.1), "")


def _faint(contact: pd.DataFrame, loads: xr.Dataset, feet: Feet, mass: float | None, period: float) -> pd.DataFrame:
    """Return contacts of plates that never read enough for one: of a force so small that it is another unit or gain."""
    weight = (mass or 70.0) * GRAVITY
    rows = []
    for plate in loads["plate"].values:
        if (contact["plate"] == plate).any():
            continue
        one = loads.sel(plate=[plate])
        peak = float(one["force"].sel(axis="y").max())
        if not 0 < peak < FAINT * weight:
            continue
        factor = weight / peak
        large = one.assign({k: (factor * one[k]).assign_attrs(one[k].attrs) for k in ("force", "moment")})
        walk = _walk(large, feet)
        found = plate_contacts(large, feet.heels, feet.toes)
        for row in found[found["reason"] == ""].itertuples():
            if not _fit(row, walk).good:
                continue
            share = _share(row, one, weight, period) if mass else np.nan
            part = f", {_of_half(share)}{_looks(share)}" if np.isfinite(share) else ""
            words = (
                f"plate {plate}: reads at most {peak:.2g} N under a whole foot{part}: {_remedy('corners' in one, GAIN)}"
            )
            rows.append((plate, row.side, row.start, row.end, words))
    return pd.DataFrame(rows, columns=["plate", "side", "start", "end", "reason"])


def _lags(contact: pd.DataFrame, feet: Feet) -> dict[str, float]:
    """Median time by which each plate's forces come after the feet's rest, s; none where no contact tells."""
    time = next(iter(feet.heels.values()))["time"].values
    if contact.empty or len(time) < 20:
        return {}
    rate = sampling_rate(time)
    moved = {}
    for side in feet.heels:
        paths = (low_pass(fill_gaps(end[side]), min(12.0, 0.4 * rate)) for end in (feet.heels, feet.toes))
        moved[side] = np.stack([np.gradient(path.values, axis=0) * rate for path in paths])
    found: dict[str, list[float]] = {}
    for row in contact.itertuples():
        flat = (time > row.start + 0.25 * (row.end - row.start)) & (time < row.start + 0.5 * (row.end - row.start))
        velocity = moved[row.side]
        if row.end - row.start < WALKED or flat.sum() < 2 or np.isnan(velocity[0, flat]).all():
            continue
        belt = np.nanmedian(velocity[0, flat], axis=0) * [1, 0, 1]
        speed = np.linalg.norm(velocity - belt, axis=-1).min(0)
        labels, _ = ndimage.label(speed < AT_REST)
        own = np.flatnonzero(labels == labels[np.flatnonzero(flat)[flat.sum() // 2]])
        first, last = own[0], own[-1]
        if labels[own[0]] == 0 or first == 0 or last == len(time) - 1 or np.isnan(speed[[first - 1, last + 1]]).any():
            continue
        begin = np.interp(AT_REST, speed[[first, first - 1]], time[[first, first - 1]])
        finish = np.interp(AT_REST, speed[[last, last + 1]], time[[last, last + 1]])
        found.setdefault(row.plate, []).append((row.start + row.end) / 2 - (begin + finish) / 2)
    return {plate: float(np.median(each)) - REST_LEAD for plate, each in found.items()}


# ---- an empty plate ----


def _rest_lines(loads: xr.Dataset) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return, for plates that rest between steps, which samples rest and the line through their vertical force.

    Parameters
    ----------
    loads : of ``io.plates.wrench``, unfiltered.

    Returns
    -------
    By plate: (time,) of bool, and the line's height at every sample, N, (time,). A line through rests that span less
    than half of the recording is level.
    """
    time = loads["time"].values
    rate = sampling_rate(time)
    found = {}
    for plate in loads["plate"].values:
        vertical = pick(loads["force"], plate=plate, axis="y")
        even = ndimage.uniform_filter1d(np.nan_to_num(vertical, nan=2 * LARGEST_REST), max(round(MEAN * rate), 1))
        quiet = (np.abs(np.gradient(even) * rate) < QUIET) & (np.abs(even) < LARGEST_REST)
        labels, count = ndimage.label(quiet)
        length = ndimage.sum_labels(quiet, labels, np.arange(1, count + 1))
        at = np.isin(labels, 1 + np.flatnonzero(length >= SHORTEST_REST * rate))
        if not at.any():
            continue
        line, every = np.zeros(len(time)), at.sum()
        for _ in range(10):
            degree = int(np.ptp(time[at]) > 0.5 * np.ptp(time))
            line = np.polyval(np.polyfit(time[at] - time[0], even[at], degree), time - time[0])
            near = np.abs(even - line)
            at = at & (near <= max(REST, float(np.median(near[at]))))
        if at.sum() > every / 2:
            found[str(plate)] = (at, line)
    return found


def levelled(loads: xr.Dataset, above: float = 0.0, limit: float = DRIFT) -> tuple[xr.Dataset, list[str]]:
    """Return ground reactions with what empty plates read taken off, and what was taken off, one sentence a plate.

    Parameters
    ----------
    loads : of ``io.plates.wrench``, unfiltered. above, limit : N; plates that rest nearer to zero than the first, or
        further from it than the second, stay as they are.

    Returns
    -------
    The loads, from the other plates the straight lines through the rests of each force and moment taken off.
    """
    force, moment, notes = loads["force"].copy(deep=True), loads["moment"].copy(deep=True), []
    seconds = loads["time"].values - loads["time"].values[0]
    for plate, (at, line) in _rest_lines(loads).items():
        if not np.abs(line).max() > REST or not above < _off_zero(line) <= limit:
            continue
        degree = int(np.ptp(seconds[at]) > 0.5 * seconds[-1])
        k = list(map(str, loads["plate"].values)).index(plate)
        for values in (force.values, moment.values):
            lines = np.polynomial.polynomial.polyfit(seconds[at], values[at, k], degree)
            values[:, k] -= np.polynomial.polynomial.polyval(seconds, lines).T
        notes.append(f"plate {plate} read {_extent(line)} with nobody on it: taken off the plate's forces and moments.")
    return loads.assign(force=force, moment=moment), notes


def _off_zero(line: np.ndarray) -> float:
    """How far a plate rests from zero, or drifts, N: the larger."""
    return float(max(abs(np.median(line)), np.ptp(line)))


def _extent(line: np.ndarray) -> str:
    first, last = line[0], line[-1]
    return f"{first:.0f} N" if abs(last - first) < 2 else f"{first:.0f} to {last:.0f} N"


def _empty_plates(loads: xr.Dataset) -> tuple[xr.Dataset, dict[str, str]]:
    """Return loads in which contacts can be found, and the plates that rest too far from zero (``DRIFT``), with why.

    Parameters
    ----------
    loads : of ``io.plates.wrench``, N and N m, unfiltered; the other plates stay as they are.
    """
    far = {
        plate: f"plate {plate}: reads {_extent(line)} with nobody on it: zero the plate before the trial, or give an "
        "unloaded stretch (--zero)"
        for plate, (_, line) in _rest_lines(loads).items()
        if _off_zero(line) > DRIFT
    }
    return (levelled(loads, DRIFT, LARGEST_REST)[0] if far else loads), far

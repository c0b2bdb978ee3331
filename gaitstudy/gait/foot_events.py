"""A foot's events from its own markers, and a file's events held against them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from scipy import ndimage

from gaitstudy.conventions import SIDES, require_dims
from gaitstudy.gait.events import combine
from gaitstudy.gait.signals import fill_gaps, low_pass, sampling_rate
from gaitstudy.gait.steps import OVERGROUND

AT_REST = 0.3
"""m/s; a foot stands while its heel or its toe is slower than this on the ground or belt below it."""
SWINGING = 0.75
"""m/s; heel and toe both get faster than this in a swing, even of a slow walker."""
SHORTEST_SWING = 0.1
"""s; anything shorter is no swing."""
LANDED = 0.95
"""Share of its fastest shortening that the leg has when the foot has landed. Chosen, as ``AT_REST``, on half of the
real walks and on the virtual walker; the other half, and running, only report (``studies.event_walks``)."""
LANDING = (-0.10, 0.15)
"""s; where the fastest shortening is looked for, from the end of the swing."""
FOOT_EVENTS = ("initial_contact", "foot_off")
FITS = 0.1
"""s; a file's event farther than this from where the foot's markers have it is away from the foot."""
LAG = 0.05
"""s; a file's events that lie this much to one side of the markers' are told."""
SEEN = 1.0
"""s; markers judge an event if they show one of that foot this close before and after it."""
SHORTEST_STRIDE, SHORTEST_STANCE = 0.3, 0.1
"""s; nobody's stride or stance is shorter, running included."""
STANCE = (0.4, 0.8)
"""Share of a walking stride that is stance; in running it is below half."""


def marker_events(heel: xr.DataArray, toe: xr.DataArray, pelvis: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Return initial contacts and foot offs of walking: when the leg starts to pass over the foot, and when it rises.

    A foot swings while heel and toe both move faster than ``AT_REST`` over the ground, or over the belt, whose speed is
    the foot's own while it stands flat. As a swing ends, the distance from pelvis to heel shortens ever faster until
    the heel lies still in front of the body: initial contact is where it shortens at ``LANDED`` of its fastest. Foot
    off is the fastest rise of the foot's centre in the first half of the swing (in all that is seen of one that is
    cut). No direction of travel is asked for, so that turning walks, treadmills and feet that land toe first are all
    the same.

    Parameters
    ----------
    heel, toe, pelvis : m, (time, axis), y up, as recorded: gaps up to .1 s are filled and 8 Hz low-passed here.

    Returns
    -------
    initial_contact, foot_off : s; none where no foot is seen to swing. A swing that a gap or an end of the recording
    cuts gives the event that was seen; a contact in the first .1 s is never found. Where the pelvis is lost about it,
    contact is the end of the swing.

    Notes
    -----
    How far they lie from plates on people not used for choosing: ``studies.event_walks``. Not for running: both events
    come late there, and ``doubts`` says so.

    References
    ----------
    The pelvis as reference: Zeni 2008, as ``events_from_markers``. Speed thresholds: Ghoussayni S, Stevens C, Durham S,
    Ewins D (2004) Gait Posture 20:266, doi 10.1016/j.gaitpost.2003.10.001. Foot off: O'Connor 2007, as
    ``events_from_foot_velocity``. The contact by the leg's shortening is this package's own.
    """
    time = heel["time"].values
    rate = sampling_rate(time)
    ends = [low_pass(fill_gaps(require_dims(p, ("time", "axis"), "marker"))).values for p in (heel, toe, pelvis)]
    slower, rise, swings = _swings(ends[0], ends[1], rate)
    shortening = -np.gradient(np.linalg.norm(ends[0] - ends[2], axis=1)) * rate
    contact, off = [], []
    for first, last in swings:  # frames of the swing, both included
        whole = last + 1 < len(time) and bool(np.isfinite(slower[last + 1]))
        if whole:
            end = last + (slower[last] - AT_REST) / (slower[last] - slower[last + 1])
            contact.append(time[0] + _landing(shortening, end, rate) / rate)
        fastest = first + int(np.argmax(rise[first : (first + last) // 2 + 1 if whole else last + 1]))
        if first > 0 and np.isfinite(slower[first - 1]) and (whole or fastest < last):
            off.append(time[fastest])
    return np.array(contact), np.array(off)


def _landing(shortening: np.ndarray, end: float, rate: float) -> float:
    """Frame, between frames, at which the leg shortens at ``LANDED`` of its fastest about the end of a swing."""
    low, high = (max(0, round(end + share * rate)) for share in LANDING)
    near = shortening[low : high + 1]
    if not np.isfinite(near).all() or low + near.argmax() == len(shortening) - 1:
        return end
    level = LANDED * near.max()
    below = np.flatnonzero(near[: near.argmax()] < level)
    if not len(below):
        return end
    k = below[-1]
    return float(low + k + (level - near[k]) / (near[k + 1] - near[k]))


def _swings(heel: np.ndarray, toe: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """Speed of the slower of heel and toe and rise of the foot's centre, m/s, (time,), and the swings' frames."""
    height = [heel[:, 1], toe[:, 1]]
    if not np.isfinite(height[0] + height[1]).any():
        return np.full(len(heel), np.nan), np.full(len(heel), np.nan), []
    speed = np.stack([np.gradient(end, axis=0) * rate for end in (heel, toe)])
    low = [h < np.nanpercentile(h, 5) + 0.2 * np.subtract(*np.nanpercentile(h, [95, 5])) for h in height]
    flat = low[0] & low[1] & np.isfinite(speed).all((0, 2))
    belt = np.median(speed.mean(0)[flat], axis=0) * [1.0, 0.0, 1.0] if flat.any() else np.zeros(3)
    if np.linalg.norm(belt) <= OVERGROUND:
        belt = np.zeros(3)
    slower = np.linalg.norm(speed - belt, axis=-1).min(0)
    runs = [run[0] for run in ndimage.find_objects(ndimage.label(slower > AT_REST)[0])]
    swings = [
        (run.start, run.stop - 1)
        for run in runs
        if run.stop - run.start >= SHORTEST_SWING * rate and slower[run].max() > SWINGING
    ]
    return slower, speed.mean(0)[:, 1], swings


def seen_events(heels: dict[str, xr.DataArray], toes: dict[str, xr.DataArray], pelvis: xr.DataArray) -> pd.DataFrame:
    """Return ``marker_events`` of every side as one table: ``time`` (s), ``event``, ``side``, by side and event.

    Parameters
    ----------
    heels, toes : m, (time, axis), by side. pelvis : m, (time, axis).
    """
    rows = [
        (time, event, side)
        for side in heels
        for event, times in zip(FOOT_EVENTS, marker_events(heels[side], toes[side], pelvis), strict=True)
        for time in times
    ]
    return pd.DataFrame(rows, columns=["time", "event", "side"]).astype({"time": float})


def file_events(
    stored: pd.DataFrame, seen: pd.DataFrame, sides: list[str], time: np.ndarray
) -> tuple[pd.DataFrame, list[str]]:
    """Return which of a file's events can be used, held against where the feet land and leave, and what was decided.

    Events of no side are given that of the foot that lands or leaves then. Events counted from the first stored frame,
    not on the file's clock, are moved where that, and only that, brings them to the feet. An event more than ``FITS``
    from the foot's own is left out, and the markers' one stands in; where most of a file's are, none is used.

    Parameters
    ----------
    stored : the file's, columns ``time`` (s), ``event``, ``side`` ("" for none). seen : of ``seen_events``.
    sides : feet with markers. time : s, of the markers' frames.

    Returns
    -------
    events : ``time`` (s), ``event``, ``side``, ``source`` (file, markers); empty if none can be used.
    notes : one sentence each.
    """
    notes: list[str] = []

    def told(count: int, what: str) -> None:
        if count:
            notes.append(f"{count} of the file's {len(stored)} events {what}.")

    found = stored[stored["event"].isin(FOOT_EVENTS)].drop_duplicates()
    lost = found["side"].isin(SIDES) & ~found["side"].isin(sides)
    told(int(lost.sum()), "are of a foot without heel and toe markers and not used")
    found = found[~lost].reset_index(drop=True)
    first = float(time[0])
    away = _from_feet(found, seen)[0]
    moved = found.assign(time=found["time"] + first)
    if first > 1.5 / sampling_rate(time) and len(found):
        shifted = _from_feet(moved, seen)[0]
        if np.mean(np.abs(shifted) <= FITS) >= 0.8 > 0.5 > np.mean(np.abs(away) <= FITS):
            found, away = moved, shifted
            notes.append(f"the file's events are counted from its first stored frame: {first:g} s were added to each.")
    inside = found["time"].between(time[0], time[-1]).to_numpy()
    told(int((~inside).sum()), "lie outside of the recording and are not used")
    found, away = found[inside].reset_index(drop=True), away[inside]
    _, whose = _from_feet(found, seen)
    nameless = ~found["side"].isin(SIDES).to_numpy()
    known = ~nameless | (np.abs(away) <= FITS)
    found.loc[nameless, "side"] = whose[nameless]
    told(int((nameless & known).sum()), "name no side and were given the side of the foot that lands or leaves then")
    told(int((nameless & ~known).sum()), "name no side while no foot lands or leaves, and are not used")
    found, away = found[known].reset_index(drop=True), away[known]
    wrong = _judged(found, seen) & ~(np.abs(away) <= FITS)
    if wrong.sum() > 0.5 * len(found):
        told(
            int(wrong.sum()),
            f"are more than {FITS:g} s from where that foot lands or leaves: no event of the file is used",
        )
        found = found.iloc[:0]
    elif wrong.any():
        told(
            int(wrong.sum()),
            f"are more than {FITS:g} s from where that foot lands or leaves: events from markers are used",
        )
        span = seen["time"].between(found["time"].min() - FITS, found["time"].max() + FITS)
        filled = combine(found[~wrong], seen[span], FITS, ("file", "markers"))
        return filled[["time", "event", "side", "source"]], notes
    lacking = [event for event in FOOT_EVENTS if len(found) and event not in set(found["event"])]
    lag = float(np.median(away)) if len(found) > 3 and np.isfinite(away).all() else 0.0
    if len(found) and abs(lag) > LAG:
        later = "later" if lag > 0 else "earlier"
        notes.append(f"the file's events come {1000 * abs(lag):.0f} ms {later} than the feet land and leave (median).")
    found = found[["time", "event", "side"]].assign(source="file")
    if lacking:
        notes.append(f"the file has no {lacking[0].replace('_', ' ')}: those from markers are used.")
        found = pd.concat([found, seen[seen["event"].isin(lacking)].assign(source="markers")], ignore_index=True)
    return found, notes


def _from_feet(events: pd.DataFrame, seen: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """How much later (s) each event is than the nearest one seen of its kind and side (any if it has none), and whose.

    Infinite, and no one's, where there is none.
    """
    away, whose = np.full(len(events), np.inf), np.full(len(events), "", object)
    time, kind, sides = (seen[column].to_numpy(object) for column in ("time", "event", "side"))
    for k, (at, event, side) in enumerate(events[["time", "event", "side"]].itertuples(index=False)):
        own = np.flatnonzero((kind == event) & ((sides == side) | (side not in SIDES)))
        if len(own):
            late = at - time[own].astype(float)
            nearest = np.abs(late).argmin()
            away[k], whose[k] = late[nearest], sides[own[nearest]]
    return away, whose


def _judged(events: pd.DataFrame, seen: pd.DataFrame) -> np.ndarray:
    """Whether the markers show an event of that foot shortly before and after each event."""
    later = np.subtract.outer(seen["time"].to_numpy(float), events["time"].to_numpy(float))
    own = np.equal.outer(seen["side"].to_numpy(object), events["side"].to_numpy(object))
    before, after = ((later >= low) & (later <= high) & own for low, high in ((-SEEN, FITS), (-FITS, SEEN)))
    return before.any(0) & after.any(0)


def order_notes(events: pd.DataFrame) -> list[str]:
    """Return what is wrong with the order of events (``time`` in s, ``event``, ``side``), one sentence each."""
    notes = []
    for side, own in events.sort_values("time").groupby("side"):
        again = own["event"].eq(own["event"].shift())
        for event, lacking in zip(FOOT_EVENTS, reversed(FOOT_EVENTS), strict=True):
            twice = own.loc[again & (own["event"] == event), "time"]
            if len(twice):
                what, between = (name.replace("_", " ") for name in (event, lacking))
                when = ", ".join(f"{t:.2f}" for t in twice)
                notes.append(f"{side} foot: no {between} between the {what} at {when} s and the one before it.")
    return notes


def doubts(strides: pd.DataFrame) -> list[str]:
    """Return why the times of each stride of ``events.strides`` cannot be trusted; "" where they can.

    Nobody's stride is shorter than ``SHORTEST_STRIDE``, or stance than ``SHORTEST_STANCE``, whatever saw it.
    Stance must be 40-80 % of the stride, measured with the usual stride where the next contact is not seen. Where it
    usually is less than half the person runs, for which ``marker_events`` are not made. Plates that saw contact and
    foot off are trusted.
    """
    duration = strides["next_ic_time"] - strides["ic_time"]
    share = (strides["fo_time"] - strides["ic_time"]) / duration.fillna(duration.median())
    running = share.median() < 0.5
    reasons = []
    stance = strides["fo_time"] - strides["ic_time"]
    for of_stride, source, whole, standing in zip(share, strides["events"], duration, stance, strict=True):
        percent = f"stance is {100 * of_stride:.0f} % of the stride"
        if whole < SHORTEST_STRIDE or standing < SHORTEST_STANCE:
            reasons.append(
                f"stance of {standing:.3g} s, expected at least {SHORTEST_STANCE:g} s in strides of at least "
                f"{SHORTEST_STRIDE:g} s: events of another clock, or of two contacts"
            )
        elif source == "plates" or np.isnan(of_stride):
            reasons.append("")
        elif running and "markers" in source:
            reasons.append(f"{percent}: running, for which events from markers are not made; give plates or events")
        elif not running and not STANCE[0] <= of_stride <= STANCE[1]:
            reasons.append(
                f"{percent}, expected {100 * STANCE[0]:.0f}-{100 * STANCE[1]:.0f} %: a wrong or missing event"
            )
        else:
            reasons.append("")
    return reasons

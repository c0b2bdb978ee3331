"""Gait events: when each foot meets and leaves the ground, and which plate contacts can be trusted.

From force; from markers by two published rules, and by the one that trials use (``marker_events``); from a file, held
against the feet's markers; from an inertial sensor on the foot: ``gait.foot_imu.foot_walk``.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr
from scipy import ndimage, signal

from gaitstudy.conventions import SIDES, SignalError, pick, require_dims
from gaitstudy.gait.signals import fill_gaps, low_pass, resample, sampling_rate
from gaitstudy.gait.steps import OVERGROUND
from gaitstudy.io.plates import centre_of_pressure

THRESHOLD = 30.0
"""N; vertical force at initial contact and foot off."""
HYSTERESIS = 20.0
"""N; a contact must rise this far above the threshold, or it is noise."""
SHORTEST_CONTACT = 0.15
"""s; anything shorter is no stance."""
NEAR = 0.15
"""m; a centre of pressure farther from every foot is nobody's."""
ALONG = 0.10
"""m; how far a centre of pressure may leave its foot's heel-to-toe line."""
SAME = 0.12
"""s; two contacts of one foot, or two of its foot offs, closer than this are one."""
BOTH_FEET = "both feet on one plate"
AT_REST = 0.3
"""m/s; a foot stands while its heel or its toe is slower than this on the ground or belt below it."""
SWINGING = 0.75
"""m/s; heel and toe both get faster than this in a swing, even of a slow walker."""
SHORTEST_SWING = 0.1
"""s; anything shorter is no swing."""
LANDED = 0.95
"""Share of its fastest shortening that the leg has when the foot has landed. Chosen, as ``AT_REST``, on half of the
real walks and on the virtual walker; the other half, and running, only report (``tables.event_walks``)."""
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


def contacts(vertical_force: xr.DataArray, threshold: float = THRESHOLD) -> pd.DataFrame:
    """Return when a plate is stood on, from its vertical force.

    Parameters
    ----------
    vertical_force : N, (time,), upward positive.
    threshold : N; a contact starts and ends where the force crosses it (linearly between samples). One that never
        exceeds it by ``HYSTERESIS`` does not count.

    Returns
    -------
    One row a contact: ``start, end`` (s), ``cut`` (it runs into an end of the recording or a gap in the force).

    Raises
    ------
    SignalError : threshold not positive.

    References
    ----------
    A threshold with hysteresis is usual (30 N: Boswell 2021); the hysteresis is this project's choice.
    """
    if not 0 < threshold < np.inf:
        raise SignalError(f"expected a threshold above 0 N, found {threshold:g}. Give another with --threshold.")
    time = vertical_force["time"].values
    force = require_dims(vertical_force, ("time",), "vertical force").values
    known = np.nan_to_num(force)
    runs = [run for (run,) in ndimage.find_objects(ndimage.label(known > threshold)[0])]
    runs = [run for run in runs if known[run].max() > threshold + HYSTERESIS]
    first, last = np.array([(run.start, run.stop - 1) for run in runs], int).reshape(-1, 2).T
    start = _crossing(time, force, first - 1, first, threshold)
    end = _crossing(time, force, last, last + 1, threshold)
    edged = np.r_[True, np.isnan(force), True]  # the sample before the first, each one, the one after the last
    table = pd.DataFrame({"start": start, "end": end, "cut": edged[first] | edged[last + 2]})
    return table[table["cut"] | (table["end"] - table["start"] >= SHORTEST_CONTACT)].reset_index(drop=True)


def _crossing(time: np.ndarray, force: np.ndarray, before: np.ndarray, after: np.ndarray, level: float) -> np.ndarray:
    low, high = np.maximum(before, 0), np.minimum(after, len(time) - 1)
    low, high = np.where(np.isnan(force[low]), high, low), np.where(np.isnan(force[high]), low, high)
    rise = force[high] - force[low]
    share = np.where(rise != 0, (level - force[low]) / np.where(rise == 0, 1, rise), 0.0)
    return time[low] + np.clip(share, 0, 1) * (time[high] - time[low])


def events_from_markers(
    heel: xr.DataArray, toe: xr.DataArray, pelvis: xr.DataArray, prominence: float = 0.2
) -> tuple[np.ndarray, np.ndarray]:
    """Return initial contacts and foot offs by the coordinate method: farthest heel ahead, farthest toe behind.

    Parameters
    ----------
    heel, toe, pelvis : m, (time, axis), x forward; the pelvis by its sacrum or mid-PSIS.
    prominence : m; smaller wiggles are no steps.

    Returns
    -------
    initial_contact, foot_off : s. Extremes at either end of the recording are not events.

    References
    ----------
    Zeni JA, Richards JG, Higginson JS (2008) Gait Posture 27:710, doi 10.1016/j.gaitpost.2007.07.007.
    """
    time = heel["time"].values
    reference = require_dims(pelvis, ("time", "axis"), "pelvis").sel(axis="x").values
    ahead = _bridged(heel.sel(axis="x").values - reference)
    behind = _bridged(reference - toe.sel(axis="x").values)
    shortest = max(1, int(0.4 * sampling_rate(time)))
    contact = signal.find_peaks(ahead, prominence=prominence, distance=shortest)[0]
    off = signal.find_peaks(behind, prominence=prominence, distance=shortest)[0]
    return time[contact], time[off]


def _bridged(values: np.ndarray) -> np.ndarray:
    """Straight lines over gaps: enough to look for extremes, never used as data."""
    known = np.isfinite(values)
    if known.sum() < 2:
        raise SignalError("expected heel, toe and pelvis markers to find events, found no frames with all of them.")
    return np.interp(np.arange(len(values)), np.flatnonzero(known), values[known])


def strides(events: pd.DataFrame) -> pd.DataFrame:
    """Pair events into strides: initial contact, foot off, next initial contact of the same foot.

    Parameters
    ----------
    events : columns ``time`` (s), ``event`` (initial_contact, foot_off), ``side``, and ``source`` if it is known.

    Returns
    -------
    One row an initial contact that is followed by a foot off: ``side, stride, ic_time, fo_time, next_ic_time``, and
    ``events`` with the sources of contact and foot off, one name where they agree ("plates", or "plates, markers");
    the last contact of a side has no next one (NaN).

    References
    ----------
    General knowledge.
    """
    rows = []
    for side in SIDES:
        own = events.assign(source=events.get("source", ""))[events["side"] == side].sort_values("time", kind="stable")
        contact, off = (own[own["event"] == event] for event in FOOT_EVENTS)
        starts, ends = contact["time"].to_numpy(float), off["time"].to_numpy(float)
        for k, start in enumerate(starts):
            following = starts[k + 1] if k + 1 < len(starts) else np.nan
            between = np.flatnonzero((ends > start) & ~(ends > following))
            if len(between):
                sources = dict.fromkeys([contact["source"].iloc[k], off["source"].iloc[between[0]]])
                rows.append((side, start, ends[between[0]], following, ", ".join(sources)))
    table = pd.DataFrame(rows, columns=["side", "ic_time", "fo_time", "next_ic_time", "events"])
    table.insert(1, "stride", table.groupby("side").cumcount())
    return table


def _combined_strides(
    contact: pd.DataFrame,
    timed: pd.Series,
    stored: pd.DataFrame,
    seen: pd.DataFrame,
    sides: list[str],
    time: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return strides by the best source of each event: plates, else those stored in the file, else markers.

    Parameters
    ----------
    contact : plate contacts, ``plate, side, start, end`` (s), ``reason``. timed : which of them start and end when they
        say, whatever is wrong with their forces. stored : events of the file, ``time`` (s), ``event``, ``side``.
    seen : of ``marker_events``. sides : feet with markers. time : s, of the markers' frames.

    Returns
    -------
    strides : of ``strides``, with ``doubt``: why the times of a stride cannot be trusted, "" where they can.
        ``attrs["notes"]`` says what was decided about the file's events.
    contact : the contacts, and one for each stride that ends before a longer contact of both feet with one plate does.

    References
    ----------
    This project's own rule.
    """
    ends = {"initial_contact": "start", "foot_off": "end"}
    plates = [contact[timed].rename(columns={k: "time"}).assign(event=event) for event, k in ends.items()]
    known, notes = _file_events(stored, seen, sides, time)
    from_plates = pd.concat(plates)[["time", "event", "side"]].assign(source="plates")
    used = _combine(from_plates, known if len(known) else seen.assign(source="markers"))
    stride = strides(used)
    stride["doubt"] = _doubts(stride)
    stride.attrs["notes"] = [*notes, *_order_notes(used)]
    return stride, _shared_plate(contact, stride)


def _combine(better: pd.DataFrame, other: pd.DataFrame, within: float = SAME) -> pd.DataFrame:
    """Return events (``time`` in s, ``event``, ``side``, ``source``) of the better source, others where it has none.

    An event of the other within so many s of one of the better is the same event.
    """
    near = _apart(other["time"], better["time"]) < within
    for column in ("side", "event"):
        near &= np.equal.outer(other[column].to_numpy(object), better[column].to_numpy(object)).astype(bool)
    lists = [table for table in (better, other[~near.any(1)]) if len(table)] or [better]
    return pd.concat(lists).sort_values("time", kind="stable", ignore_index=True)


def _apart(one: pd.Series, other: pd.Series) -> np.ndarray:
    """How far times lie from others, s, (one, other)."""
    return np.abs(np.subtract.outer(one.to_numpy(float), other.to_numpy(float)))


def _shared_plate(contact: pd.DataFrame, strides: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts, and one for each stride that ends within a contact of both feet with one plate."""
    rows = []
    starts, ends, sides = (strides[name].to_numpy() for name in ("ic_time", "next_ic_time", "side"))
    for one in contact.itertuples():
        if len(set(sides[(starts >= one.start) & (ends <= one.end)])) == 2:
            words = f"both feet on plate {one.plate}, which is never empty: no force of one foot alone, no moments"
            under = strides[(strides["fo_time"] > one.start) & (strides["ic_time"] < one.end)]
            near = (_apart(under["ic_time"], contact["start"]) < SAME) & np.equal.outer(
                under["side"].to_numpy(object), contact["side"].to_numpy(object)
            )
            alone = under[~near.astype(bool).any(1)]
            rows += [(one.plate, row.side, row.ic_time, row.fo_time, words) for row in alone.itertuples()]
    return pd.concat([contact, pd.DataFrame(rows, columns=contact.columns)], ignore_index=True) if rows else contact


def plate_contacts(
    loads: xr.Dataset, heels: dict[str, xr.DataArray], toes: dict[str, xr.DataArray], threshold: float = THRESHOLD
) -> pd.DataFrame:
    """Return every contact with a plate: whose foot it is, and why it cannot be used if it cannot.

    Parameters
    ----------
    loads : unfiltered ground reactions on the plates' own clock (``io.plates.wrench``).
    heels, toes : m, (time, axis), by side; one side alone will do.
    threshold : N.

    Returns
    -------
    One row a contact: ``plate, side, start, end`` (s), ``reason`` ("" when it can be used).

    Notes
    -----
    The foot is the one whose heel-to-toe line lies nearest the centre of pressure. Reasons, in this order:
    the recording, or a gap in the force, cuts the contact; a foot's markers are lost; no foot within 0.15 m (plates
    swapped, corners or moments wrong); both feet on one plate (the centre of pressure leaves the foot's line by more
    than 0.10 m for over 5 % of the contact, or the other foot stands within the plate's edges); cross-over (the foot
    loads another plate as well, or both feet share another plate for most of the contact). Where the force is small
    (below a fifth of the contact's largest) the centre of pressure is not looked at.

    References
    ----------
    This project's own rule.
    """
    time = next(iter(heels.values()))["time"]
    here = resample(loads, time)
    cop, _ = centre_of_pressure(here, threshold)
    distance = {side: _distance_to_foot(cop, heels[side], toes[side]) for side in heels}
    clock = time.values
    rows = []
    for k, plate in enumerate(loads["plate"].values):
        vertical = pick(here["force"], plate=plate, axis="y")
        standing = {side: _stands_within(here, plate, heels[side], toes[side]) for side in heels}
        for contact in contacts(loads["force"].sel(plate=plate, axis="y", drop=True), threshold).itertuples():
            span = slice(np.searchsorted(clock, contact.start), np.searchsorted(clock, contact.end, side="right"))
            loaded = vertical[span] > 0.2 * np.nanmax(vertical[span], initial=0.0)
            away = {side: d[span, k][loaded] for side, d in distance.items()}
            middle = {side: _median(d) for side, d in away.items()}
            side = min(middle, key=lambda s: middle[s])
            others = {s: bool(standing[s][span][loaded].mean() > 0.05) for s in heels if s != side}
            reason = (
                "contact cut by an end of the recording or a gap in the force"
                if contact.cut
                else _reason(away, middle, side, any(others.values()))
            )
            rows.append((plate, side, contact.start, contact.end, reason, bool(middle[side] < NEAR)))
    columns = ["plate", "side", "start", "end", "reason", "known"]
    table = pd.DataFrame(rows, columns=columns).sort_values("start", kind="stable", ignore_index=True)
    return _mark_cross_over(table).drop(columns="known")


def _reason(away: dict[str, np.ndarray], middle: dict[str, float], side: str, other_stands: bool) -> str:
    """Why a whole contact cannot be used: ``away`` is the force's distance from each foot, ``middle`` its median."""
    if not middle[side] < NEAR:
        lost = [s for s, value in middle.items() if not np.isfinite(value)]
        if lost:
            return f"heel or toe marker of the {' and '.join(lost)} foot lost throughout the contact"
        if _median(np.fmin.reduce(list(away.values()))) < NEAR:
            return BOTH_FEET + ": the centre of pressure goes from one foot to the other"
        unseen = "the foot without markers, or " if len(middle) < len(SIDES) else ""
        distance = f"no foot within {NEAR:g} m of the force ({middle[side]:.2f} m)"
        return f"{distance}: {unseen}plates swapped, corners or moments wrong"
    if np.mean(away[side] > ALONG) > 0.05:
        return BOTH_FEET + ": the centre of pressure leaves the foot"
    return BOTH_FEET if other_stands else ""


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("inf")


def _distance_to_foot(cop: xr.DataArray, heel: xr.DataArray, toe: xr.DataArray) -> np.ndarray:
    """Horizontal distance (time, plate) of the centre of pressure from the heel-to-toe line, its ends included."""
    point = cop.values[..., [0, 2]]
    a = heel.values[:, None, [0, 2]]
    along = toe.values[:, None, [0, 2]] - a
    share = ((point - a) * along).sum(-1) / (along**2).sum(-1)
    return np.linalg.norm(point - a - np.clip(share, 0, 1)[..., None] * along, axis=-1)


def _stands_within(loads: xr.Dataset, plate: str, heel: xr.DataArray, toe: xr.DataArray) -> np.ndarray:
    """Tell at which times a foot stands, still and low, within the plate's edges."""
    if "corners" not in loads:
        return np.zeros(loads.sizes["time"], bool)
    corners = pick(loads["corners"], plate=plate)[:, [0, 2]]
    rate = sampling_rate(loads["time"])
    middle = (heel.values + toe.values) / 2
    speed = np.linalg.norm(np.gradient(middle, axis=0) * rate, axis=1)
    low = middle[:, 1] < np.nanmin(middle[:, 1]) + 0.03
    edge = np.roll(corners, -1, 0) - corners
    offset = middle[:, None, [0, 2]] - corners
    turn = edge[:, 0] * offset[..., 1] - edge[:, 1] * offset[..., 0]
    within = (turn > 0).all(1) | (turn < 0).all(1)
    slow = speed < 0.4 * np.nanmax(speed)  # a belt carries a standing foot at a quarter of its swing speed
    return within & low & slow


def _mark_cross_over(table: pd.DataFrame) -> pd.DataFrame:
    """One foot on two plates at once: neither carries all of it. A force that is no foot's crosses nothing.

    A plate under both feet for most of a contact elsewhere takes part of that foot too; overlapping steps do not.
    """
    start, end = table["start"].to_numpy(float), table["end"].to_numpy(float)
    overlap = np.minimum.outer(end, end) - np.maximum.outer(start, start)
    same_side = np.equal.outer(table["side"].to_numpy(), table["side"].to_numpy())
    other_plate = np.not_equal.outer(table["plate"].to_numpy(), table["plate"].to_numpy())
    known = table["known"].to_numpy(bool)
    both_feet = table["reason"].str.startswith(BOTH_FEET).to_numpy(bool)
    shared = (overlap > 0.5 * (end - start)[:, None]) & both_feet
    crossed = (other_plate & (same_side & (overlap > 0.05) & known | shared)).any(1) if len(table) else known
    table.loc[crossed & (table["reason"] == ""), "reason"] = "cross-over: one foot on two plates"
    return table


def marker_events(heels: dict[str, xr.DataArray], toes: dict[str, xr.DataArray], pelvis: xr.DataArray) -> pd.DataFrame:
    """Return initial contacts and foot offs of walking: when the leg starts to pass over the foot, and when it rises.

    A foot swings while heel and toe both move faster than ``AT_REST`` over the ground, or over the belt, whose speed is
    the foot's own while it stands flat. As a swing ends, the distance from pelvis to heel shortens ever faster until
    the heel lies still in front of the body: initial contact is where it shortens at ``LANDED`` of its fastest. Foot
    off is the fastest rise of the foot's centre in the first half of the swing (in all that is seen of one that is
    cut). No direction of travel is asked for, so that turning walks, treadmills and feet that land toe first are all
    the same.

    Parameters
    ----------
    heels, toes : m, (time, axis), by side. pelvis : m, (time, axis). All y up and as recorded: gaps up to .1 s are
        filled and 8 Hz low-passed here.

    Returns
    -------
    ``time`` (s), ``event``, ``side``, by side and event; none where no foot is seen to swing. A swing that a gap or an
    end of the recording cuts gives the event that was seen; a contact in the first .1 s is never found. Where the
    pelvis is lost about it, contact is the end of the swing.

    Notes
    -----
    How far they lie from plates on people not used for choosing: ``tables.event_walks``. Not for running: both events
    come late there, and ``_doubts`` says so.

    References
    ----------
    The pelvis as reference: Zeni 2008, as ``events_from_markers``. Speed thresholds: Ghoussayni S, Stevens C, Durham S,
    Ewins D (2004) Gait Posture 20:266, doi 10.1016/j.gaitpost.2003.10.001. Foot off: O'Connor CM, Thorpe SK, O'Malley
    MJ, Vaughan CL (2007) Gait Posture 25:469, doi 10.1016/j.gaitpost.2006.05.016. The contact by the leg's shortening
    is this package's own.
    """
    rows = []
    for side in heels:
        rows += _events_of_foot(side, heels[side], toes[side], pelvis)
    return pd.DataFrame(rows, columns=["time", "event", "side"]).astype({"time": float})


def _events_of_foot(
    side: str, heel: xr.DataArray, toe: xr.DataArray, pelvis: xr.DataArray
) -> list[tuple[float, str, str]]:
    """Return the events of one foot as rows of ``marker_events``."""
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
            contact.append((time[0] + _landing(shortening, end, rate) / rate, "initial_contact", side))
        fastest = first + int(np.argmax(rise[first : (first + last) // 2 + 1 if whole else last + 1]))
        if first > 0 and np.isfinite(slower[first - 1]) and (whole or fastest < last):
            off.append((time[fastest], "foot_off", side))
    return contact + off


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


def rests(heels: dict[str, xr.DataArray], toes: dict[str, xr.DataArray]) -> pd.DataFrame:
    """Return when each foot rests on the ground, or on a belt, between two swings: ``side, start, end`` (s).

    Parameters
    ----------
    heels, toes : m, (time, axis), by side, as recorded.

    References
    ----------
    This project's own rule.
    """
    rows = []
    for side in heels:
        time = heels[side]["time"].values
        heel, toe = (low_pass(fill_gaps(end[side])).values for end in (heels, toes))
        swings = _swings(heel, toe, sampling_rate(time))[2]
        rows += [(side, time[before], time[after]) for (_, before), (after, _) in pairwise(swings)]
    return pd.DataFrame(rows, columns=["side", "start", "end"])


def _file_events(
    stored: pd.DataFrame, seen: pd.DataFrame, sides: list[str], time: np.ndarray
) -> tuple[pd.DataFrame, list[str]]:
    """Return which of a file's events can be used, held against where the feet land and leave, and what was decided.

    Events of no side are given that of the foot that lands or leaves then. An event more than ``FITS`` from the foot's
    own is left out, and the markers' one stands in; where most of a file's are (of another walk, or counted from
    another time), none is used.

    Parameters
    ----------
    stored : the file's, columns ``time`` (s), ``event``, ``side`` ("" for none). seen : of ``marker_events``.
    sides : feet with markers. time : s, of the markers' frames.

    Returns
    -------
    events : ``time`` (s), ``event``, ``side``, ``source`` (file, markers); empty if none can be used.
    notes : one sentence each.
    """
    notes: list[str] = []

    def told(which: pd.Series, what: str) -> None:
        if which.any():
            notes.append(f"{which.sum()} of the file's {len(stored)} events {what}.")

    found = stored[stored["event"].isin(FOOT_EVENTS)].drop_duplicates().reset_index(drop=True)
    found = found[["time", "event", "side"]].join(_beside_feet(found, seen)).assign(source="file")
    nameless, away = ~found["side"].isin(SIDES), found["late"].abs() > FITS
    used = found["time"].between(time[0], time[-1]) & found["whose"].isin(sides) & ~(nameless & away)
    told(nameless & used, "name no side and were given the side of the foot that lands or leaves then")
    told(
        ~used,
        "lie outside of the recording, are of a foot without heel and toe markers, or name no side while no foot lands "
        "or leaves, and are not used",
    )
    found["side"] = found.pop("whose")
    wrong = used & away & found.pop("judged")
    none = wrong.sum() > 0.5 * used.sum()
    instead = "no event of the file is used" if none else "events from markers are used"
    told(wrong, f"are more than {FITS:g} s from where that foot lands or leaves: {instead}")
    kept, late = found[used & ~wrong & ~none].drop(columns="late"), found["late"][used & ~wrong & ~none]
    if not len(kept):
        return kept, notes
    if len(late) > 3 and np.isfinite(late).all() and abs(lag := late.median()) > LAG:
        later = "later" if lag > 0 else "earlier"
        notes.append(f"the file's events come {1000 * abs(lag):.0f} ms {later} than the feet land and leave (median).")
    lacking = [event for event in FOOT_EVENTS if event not in set(found["event"])]
    notes += [f"the file has no {event.replace('_', ' ')}: those from markers are used." for event in lacking]
    first, last = found.loc[used, "time"].agg(["min", "max"])
    stand_in = seen["event"].isin(lacking) | (seen["time"].between(first - FITS, last + FITS) & wrong.any())
    return _combine(kept, seen[stand_in].assign(source="markers"), FITS), notes


def _beside_feet(events: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Return how each event lies beside those seen of its kind and side (of any side if it has none).

    Returns
    -------
    ``late`` (s, after the nearest; infinite where there is none), ``whose`` (its side), ``judged`` (markers show an
    event of that foot shortly before and after).
    """
    rows = []
    for at, event, side in events[["time", "event", "side"]].itertuples(index=False):
        foot = seen[seen["side"] == side] if side in SIDES else seen
        later, alike = foot["time"] - at, foot[foot["event"] == event]
        judged = later.between(-SEEN, FITS).any() and later.between(-FITS, SEEN).any()
        late = at - alike["time"]
        nearest = late.abs().idxmin() if len(late) else None
        whose = side if side in SIDES else "" if nearest is None else alike.loc[nearest, "side"]
        rows.append((np.inf if nearest is None else late[nearest], whose, judged))
    return pd.DataFrame(rows, columns=["late", "whose", "judged"]).astype({"late": float, "judged": bool})


def _order_notes(events: pd.DataFrame) -> list[str]:
    """Return where two events of one kind (``time`` in s, ``event``, ``side``) follow each other, one sentence each."""
    notes = []
    for side, own in events.sort_values("time").groupby("side"):
        for row in own[own["event"] == own["event"].shift()].itertuples():
            what, lacking = (str(name).replace("_", " ") for name in (row.event, *set(FOOT_EVENTS) - {row.event}))
            notes.append(f"{side} foot: no {lacking} between the {what} at {row.time:.2f} s and the one before it.")
    return notes


def _doubts(strides: pd.DataFrame) -> list[str]:
    """Return why the times of each stride of ``events.strides`` cannot be trusted; "" where they can.

    Nobody's stride is shorter than ``SHORTEST_STRIDE``, or stance than ``SHORTEST_STANCE``, whatever saw it.
    Stance must be 40-80 % of the stride, measured with the usual stride where the next contact is not seen. Where it
    usually is less than half the person runs, for which ``marker_events`` are not made. Plates that saw contact and
    foot off are trusted.
    """
    if strides.empty:
        return []
    duration, stance = (strides[end] - strides["ic_time"] for end in ("next_ic_time", "fo_time"))
    share = (stance / duration.fillna(duration.median())).astype(float)
    percent, running = "stance is " + (100 * share).map("{:.0f}".format) + " % of the stride", share.median() < 0.5
    least = f" s, expected at least {SHORTEST_STANCE:g} s in strides of at least {SHORTEST_STRIDE:g} s: "
    usual = f", expected {100 * STANCE[0]:.0f}-{100 * STANCE[1]:.0f} %: a wrong or missing event"
    reasons = [
        "stance of " + stance.map("{:.3g}".format) + least + "events of another clock, or of two contacts",
        "",
        percent + ": running, for which events from markers are not made; give plates or events",
        percent + usual,
    ]
    wrong = [
        (duration < SHORTEST_STRIDE) | (stance < SHORTEST_STANCE),
        (strides["events"] == "plates") | share.isna(),
        strides["events"].str.contains("markers", regex=False) & running,
        ~share.between(*STANCE) & (not running),
    ]
    return list(np.select(wrong, reasons, ""))

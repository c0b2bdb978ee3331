"""Gait events: when each foot meets and leaves the ground, and which plate contacts can be trusted.

From force; from markers by two published rules, and by the one that trials use (``marker_events``); from a file, held
against the feet's markers; from an inertial sensor on the foot: ``gait.foot_imu.foot_walk``.
"""

from __future__ import annotations

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


def contacts(
    vertical_force: xr.DataArray, threshold: float = THRESHOLD, hysteresis: float = HYSTERESIS
) -> pd.DataFrame:
    """Return when a plate is stood on, from its vertical force.

    Parameters
    ----------
    vertical_force : N, (time,), upward positive.
    threshold : N; a contact starts and ends where the force crosses it (linearly between samples).
    hysteresis : N; a contact that never exceeds ``threshold + hysteresis`` does not count.

    Returns
    -------
    One row a contact: ``start, end`` (s), ``cut`` (it runs into an end of the recording or a gap in the force).

    Raises
    ------
    SignalError : threshold not positive, or negative hysteresis.
    """
    if not 0 < threshold < np.inf or hysteresis < 0:
        raise SignalError(
            f"expected a positive threshold and hysteresis >= 0, found {threshold:g} and {hysteresis:g} N. "
            "Give another with threshold= (--threshold)."
        )
    time = vertical_force["time"].values
    force = require_dims(vertical_force, ("time",), "vertical force").values
    above = np.nan_to_num(force, nan=0.0) > threshold
    labels, count = ndimage.label(above)
    columns = ["start", "end", "cut"]
    if not count:
        return pd.DataFrame(columns=columns, dtype=float)
    peak = ndimage.maximum(np.nan_to_num(force), labels, np.arange(1, count + 1))
    edges = np.array([(run[0].start, run[0].stop - 1) for run in ndimage.find_objects(labels)])[
        peak > threshold + hysteresis
    ]
    first, last = edges.T if len(edges) else (np.empty(0, int), np.empty(0, int))
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


def events_from_foot_velocity(heel: xr.DataArray, toe: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Return initial contacts and foot offs from the vertical velocity of the foot's centre.

    Initial contact is a minimum of that velocity while the foot is in the lowest 35 % of its range; foot off
    a maximum above half the largest.

    Parameters
    ----------
    heel, toe : m, (time, axis), low-pass filtered.

    Returns
    -------
    initial_contact, foot_off : s.

    References
    ----------
    O'Connor CM, Thorpe SK, O'Malley MJ, Vaughan CL (2007) Gait Posture 25:469, doi 10.1016/j.gaitpost.2006.05.016.
    """
    time = heel["time"].values
    rate = sampling_rate(time)
    height = _bridged((heel.sel(axis="y").values + toe.sel(axis="y").values) / 2)
    velocity = np.gradient(height) * rate
    shortest = max(1, int(0.4 * rate))
    down = signal.find_peaks(-velocity, height=-velocity.min() / 10)[0]
    down = down[height[down] - height.min() < 0.35 * np.ptp(height)]  # before the spacing: mid-swing may be faster
    down = down[_spaced(down, -velocity[down], shortest)]
    up = signal.find_peaks(velocity, height=velocity.max() / 2, distance=shortest)[0]
    return time[down], time[up]


def _spaced(at: np.ndarray, size: np.ndarray, shortest: int) -> np.ndarray:
    """Tell which peaks stay if the largest come first and none may lie nearer than ``shortest`` samples to another."""
    keep = np.zeros(len(at), bool)
    for k in np.argsort(-size, kind="stable"):
        keep[k] = not (np.abs(at[keep] - at[k]) < shortest).any()
    return keep


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
    """
    rows = []
    sourced = "source" in events
    for side in SIDES:
        own = events[events["side"] == side].sort_values("time", kind="stable")
        contact, off = (own[own["event"] == event] for event in ("initial_contact", "foot_off"))
        starts, ends = contact["time"].to_numpy(float), off["time"].to_numpy(float)
        for k, start in enumerate(starts):
            following = starts[k + 1] if k + 1 < len(starts) else np.nan
            between = np.flatnonzero((ends > start) & ~(ends > following))
            if len(between):
                sources = [contact["source"].iloc[k], off["source"].iloc[between[0]]] if sourced else []
                rows.append((side, start, ends[between[0]], following, ", ".join(dict.fromkeys(sources))))
    columns = ["side", "ic_time", "fo_time", "next_ic_time", "events"]
    table = pd.DataFrame(rows, columns=columns)
    if not sourced:
        table = table.drop(columns="events")
    table.insert(1, "stride", table.groupby("side").cumcount())
    return table


def combined_strides(
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
    seen : of ``seen_events``. sides : feet with markers. time : s, of the markers' frames.

    Returns
    -------
    strides : of ``strides``, with ``doubt``: why the times of a stride cannot be trusted, "" where they can.
        ``attrs["notes"]`` says what was decided about the file's events.
    contact : the contacts, and one for each stride that ends before a longer contact of both feet with one plate does.
    """
    trusted = contact[timed]
    ends = {"initial_contact": "start", "foot_off": "end"}
    from_plates = pd.concat(
        [pd.DataFrame({"time": trusted[k], "event": event, "side": trusted["side"]}) for event, k in ends.items()]
    )
    known, notes = _file_events(stored, seen, sides, time)
    used = _combine(from_plates, known if len(known) else seen)
    stride = strides(used)
    stride["doubt"] = _doubts(stride)
    stride.attrs["notes"] = [*notes, *_order_notes(used)]
    return stride, _shared_plate(contact, stride)


def _combine(
    from_force: pd.DataFrame,
    from_markers: pd.DataFrame,
    within: float = SAME,
    sources: tuple[str, str] = ("plates", "markers"),
) -> pd.DataFrame:
    """Return one list of events: those of a better source, and those of another where the better one has none.

    Parameters
    ----------
    from_force, from_markers : the better and the other, columns ``time`` (s), ``event``, ``side``.
    within : s; an event of the other this close to one of the better is the same event.
    sources : what the two are called; a table that has a ``source`` of its own keeps it.

    Returns
    -------
    The events of both, by time, with ``source``.
    """
    near = np.abs(np.subtract.outer(from_markers["time"].to_numpy(float), from_force["time"].to_numpy(float))) < within
    for column in ("side", "event"):
        near &= np.equal.outer(from_markers[column].to_numpy(object), from_force[column].to_numpy(object)).astype(bool)
    keep = ~near.any(1)
    lists = [
        table if "source" in table else table.assign(source=source)
        for table, source in zip((from_force, from_markers[keep]), sources, strict=True)
    ]
    both = pd.concat([table for table in lists if len(table)] or lists[:1])
    return both.sort_values("time", kind="stable", ignore_index=True)


def _shared_plate(contact: pd.DataFrame, strides: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts, and one for each stride that ends within a contact of both feet with one plate."""
    rows = []
    for one in contact.itertuples():
        inside = strides[(strides["ic_time"] >= one.start) & (strides["next_ic_time"] <= one.end)]
        if len(set(inside["side"])) == 2:
            words = f"both feet on plate {one.plate}, which is never empty: no force of one foot alone, no moments"
            under = strides[(strides["fo_time"] > one.start) & (strides["ic_time"] < one.end)]
            near = np.abs(np.subtract.outer(under["ic_time"].to_numpy(), contact["start"].to_numpy(float))) < SAME
            near &= np.equal.outer(under["side"].to_numpy(object), contact["side"].to_numpy(object)).astype(bool)
            alone = under[~near.any(1)]
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
    loads another plate as well, or both feet share another plate for most of the contact); wrong belt (of two belts
    side by side, the other foot's). Where the force is small (below a fifth of the contact's largest) the centre of
    pressure is not looked at.
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
    return _mark_wrong_belt(_mark_cross_over(table).drop(columns="known"), loads)


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


def _mark_wrong_belt(table: pd.DataFrame, loads: xr.Dataset) -> pd.DataFrame:
    """Two belts side by side (each longer than 1 m): the left foot belongs on the left one."""
    if "corners" not in loads or loads.sizes["plate"] != 2:
        return table
    corners = loads["corners"].values
    if np.ptp(corners[..., 0], axis=1).min() < 1.0 or abs(np.diff(corners[..., 0].mean(1))[0]) > 0.3:
        return table
    right = str(loads["plate"].values[np.argmax(corners[..., 2].mean(1))])
    wrong = (table["plate"] == right) != (table["side"] == "right")
    table.loc[wrong & (table["reason"] == ""), "reason"] = "wrong belt"
    return table


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
    How far they lie from plates on people not used for choosing: ``tables.event_walks``. Not for running: both events
    come late there, and ``_doubts`` says so.

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


def _file_events(
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
        filled = _combine(found[~wrong], seen[span], FITS, ("file", "markers"))
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


def _order_notes(events: pd.DataFrame) -> list[str]:
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


def _doubts(strides: pd.DataFrame) -> list[str]:
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

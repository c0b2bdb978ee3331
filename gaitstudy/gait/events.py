"""Gait events: when each foot meets and leaves the ground, and which plate contacts can be trusted.

From force; from markers by two published rules, and by the one that trials use: ``gait.foot_events``; from an inertial
sensor on the foot: ``gait.foot_imu.foot_walk``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from scipy import ndimage, signal

from gaitstudy.conventions import SIDES, SignalError, pick, require_dims
from gaitstudy.gait.signals import resample_loads, sampling_rate
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


def combine(
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
    swapped, or their corners wrong); both feet on one plate (the centre of pressure leaves the foot's line by more
    than 0.10 m for over 5 % of the contact, or the other foot stands within the plate's edges); cross-over (the foot
    loads another plate as well, or both feet share another plate for most of the contact); wrong belt (of two belts
    side by side, the other foot's). Where the force is small (below a fifth of the contact's largest) the centre of
    pressure is not looked at.
    """
    time = next(iter(heels.values()))["time"]
    here = resample_loads(loads, time)
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
        return f"no foot within {NEAR:g} m of the force ({middle[side]:.2f} m): {unseen}plates swapped or corners wrong"
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

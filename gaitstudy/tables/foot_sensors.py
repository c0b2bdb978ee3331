"""One real walk with a sensor on each foot and motion capture beside it, as tidy tables: stride by stride, paths.

The reference of stride times is the list of events that came with the data, made from the markers by the people who
recorded them: nothing here can tune it. Its times lie on camera frames, so a stride time is good to 10 ms.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES
from gaitstudy.gait import signals
from gaitstudy.gait.events import events_from_foot_velocity
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance
from gaitstudy.gait.foot_imu import FootWalk, foot_walk
from gaitstudy.io import catalogue
from gaitstudy.io.foot_imu import read_foot_sensors, read_marker_table, read_stride_events

DATASET, FOLDER = "foot-imu", "gaitmap/"
SENSOR_RATE, CAMERA_RATE = 204.8, 100.0
"""Hz, as the data's authors state them; the files hold numbers of samples only."""
RANGE = 16 * 9.80665
"""m/s2; the largest values end there (157 to 158): taken for the sensor's range, which is not stated."""
LAID = 12.0
"""s, of walking before the turn, on which the sensor's path is laid on that of motion capture in the picture."""
MEASURED = ["stride_time", "stride_length", "foot_progression_angle"]


@cache
def _recording() -> tuple[xr.Dataset, xr.DataArray, pd.DataFrame, dict[str, FootWalk]]:
    """Return samples of both sensors, markers (m, y up), strides listed by motion capture, and each sensor's walk."""
    imu, mocap, events = (
        catalogue.locate(DATASET, f"{FOLDER}{n}_sample.csv") for n in ("imu", "mocap", "stride_events")
    )
    samples = read_foot_sensors(imu, SENSOR_RATE, limits=(RANGE, None)).samples
    feet = {side: samples.sel(side=side, drop=True) for side in SIDES}
    walks = {side: foot_walk(foot["acceleration"], foot["angular_rate"], side) for side, foot in feet.items()}
    return samples, read_marker_table(mocap, CAMERA_RATE).markers, read_stride_events(events, SENSOR_RATE), walks


def contents() -> pd.DataFrame:
    """Return what the files hold and what was found out about them, a row a finding: ``what, unit, left, right``."""
    samples, _, _, walks = _recording()
    listed, borders = (
        pd.read_csv(catalogue.locate(DATASET, f"{FOLDER}stride_{n}_sample.csv")) for n in ("events", "borders")
    )
    position = pd.read_csv(catalogue.locate(DATASET, f"{FOLDER}position_sample.csv"), index_col=[0, 1, 2])
    columns = {}
    for side in SIDES:
        own, foot, strides = samples.sel(side=side), _foot(side), listed[listed["foot"] == side]
        frame = strides[["pre_ic", "tc", "ic"]].to_numpy(float) / SENSOR_RATE * CAMERA_RATE
        rounding = np.abs(frame - np.rint(frame)).max()
        columns[side] = {
            ("samples of the sensor", "1"): own.sizes["time"],
            ("frames of the cameras", "1"): foot.sizes["time"],
            ("samples missing", "%"): 100 * own.to_dataarray().isnull().any(["variable", "axis"]).mean().item(),
            ("frames missing", "%"): 100 * foot.isnull().any(["marker", "axis"]).mean().item(),
            ("samples saturated", "1"): int((abs(own["acceleration"]).max("axis") >= RANGE).sum()),
            ("clock of the sensor less the cameras'", "ms"): 1000 * _clock_offset(own, walks[side], foot),
            ("strides listed by motion capture", "1"): len(strides),
            ("strides bordered by hand", "1"): (borders["foot"] == side).sum(),
            ("listed events from the nearest frame, at most", "ms"): 1000 / CAMERA_RATE * rounding,
            ("position_sample less the heel marker, at most", "mm"): 1000 * _from_heel(position, strides, side),
            ("offset of the gyroscope at rest", "deg/s"): np.linalg.norm(walks[side].offset),
            ("fast turning about one axis", "%"): 100 * walks[side].mounting.attrs["planar"],
        }
    return pd.DataFrame(columns, dtype=float).rename_axis(["what", "unit"]).reset_index()


def strides(window: tuple[float, float], near: float) -> pd.DataFrame:
    """Return every stride listed by motion capture beside the sensor's.

    The foot angle of motion capture is that of heel to toe marker, mean over a window of stance, against the heel's
    displacement from that window to the next stance's.

    Parameters
    ----------
    window : per cent of stance. near : s; a stride of the list and one of the sensor belong together if both contacts
        lie within it.

    Returns
    -------
    ``side, stride, ic_time`` s; ``stride_time_*`` s, ``stride_length_*`` m, ``foot_progression_angle_*`` deg, toe-out
    positive, by ``mocap`` and ``imu`` (NaN: no stride of the sensor); ``drift`` m/s, the velocity taken out of the
    sensor's stride, along its travel; ``contact_after_middle`` s, of the same stride from stand to stand;
    ``stride_time_markers`` s, by this package's rule on the markers; ``turn`` deg, the largest change of the direction
    of travel from the stride before or to the one after; ``half`` of the walk, ``out`` or ``back``.
    """
    return pd.concat([_one_side(side, window, near) for side in SIDES], ignore_index=True)


def paths(rate: float = 10.0) -> pd.DataFrame:
    """Return both feet's paths from above: ``source, side, time`` s, ``forward, right`` m; ``rate`` Hz.

    Motion capture's is the heel marker's; the sensor's is laid on it by the first ``LAID`` seconds alone, one turn and
    one shift a foot, so that whatever it drifts later can be seen. Forward is each foot's way in that time, and both
    feet are counted from where the left heel began.
    """
    tables, start = [], None
    for side in SIDES:
        heel = _foot(side).sel(marker="heel")
        time = np.arange(0.0, float(heel["time"][-1]), 1 / rate)
        early = time < LAID
        seen, own = (signals.resample(a, time).values[:, [0, 2]] @ [1, 1j] for a in (heel, _recording()[3][side].path))
        turn = np.vdot(own[early] - own[early].mean(), seen[early] - seen[early].mean())
        out = seen[early][-1] - seen[0]
        start = complex(*heel.values[0, [0, 2]]) if start is None else start
        laid = (own - own[early].mean()) * turn / abs(turn) + seen[early].mean()
        for source, place in (("motion capture", seen), ("sensor", laid)):
            ahead = (place - start) * np.conj(out) / abs(out)
            row = {"source": source, "side": side, "time": np.round(time, 6)}
            tables.append(pd.DataFrame(row | {"forward": ahead.real, "right": ahead.imag}))
    return pd.concat(tables, ignore_index=True)


def one_stride(foot: str = "left", number: int = 10) -> pd.DataFrame:
    """Return the raw channels over one stride with its neighbours' events, as recorded: a row a sample.

    Columns: ``time`` s; ``acceleration_x`` ... m/s2, ``angular_rate_x`` ... deg/s, in the sensor's axes; ``pitch_rate``
    deg/s, about the foot's right axis, toes up positive; ``event``: the event nearest a sample, else blank.
    """
    every, _, _, walks = _recording()
    row = walks[foot].strides.iloc[number]
    samples = every.sel(side=foot, time=slice(row["flat_time"] - 0.1, row["next_flat_time"] + 0.1))
    kinds = ("acceleration", "angular_rate")
    table = pd.DataFrame({f"{kind}_{axis}": samples[kind].sel(axis=axis) for kind in kinds for axis in "xyz"})
    table.insert(0, "time", samples["time"].values)
    table["pitch_rate"] = (samples["angular_rate"].values - walks[foot].offset) @ walks[foot].mounting.values[2]
    table["event"] = ""
    named = {"foot flat": "flat_time", "foot off": "fo_time", "initial contact": "next_ic_time"}
    for event, column in (named | {"foot flat again": "next_flat_time"}).items():
        table.loc[(table["time"] - row[column]).abs().idxmin(), "event"] = event
    return table


def _foot(side: str) -> xr.DataArray:
    """Heel, toe and fifth metatarsal of a side, under these names."""
    names = {"heel": "FCC", "toe": "TOE", "fifth": "FM5"}
    own = _recording()[1].sel(marker=[f"{side[0].upper()}_{name}" for name in names.values()])
    return own.assign_coords(marker=list(names))


def _clock_offset(samples: xr.Dataset, walk: FootWalk, foot: xr.DataArray) -> float:
    """By how much a sensor's clock is ahead of the cameras', s: where both see the foot's pitch change alike."""
    line = foot.sel(marker="toe").values - foot.sel(marker="heel").values
    pitch = np.degrees(np.arctan2(line[:, 1], np.linalg.norm(line[:, [0, 2]], axis=1)))
    seen = np.gradient(pitch)[50:-50]
    turning = samples["angular_rate"].values @ walk.mounting.values[2]
    time, clock = foot["time"].values[50:-50], samples["time"].values
    lags = np.arange(-0.1, 0.1001, 0.001)
    fit = [np.corrcoef(np.interp(time + lag, clock, turning), seen)[0, 1] for lag in lags]
    return float(lags[int(np.argmax(fit))])


def _from_heel(position: pd.DataFrame, listed: pd.DataFrame, side: str) -> float:
    """How far the stored positions lie from the heel marker, m, each stride from its own start, at most."""
    heel, worst = _foot(side).sel(marker="heel").values, 0.0
    lab = np.stack([heel[:, 0], -heel[:, 2], heel[:, 1]], -1)
    for row in listed.itertuples():
        stored = position.loc[f"{side}_sensor", row.s_id].to_numpy()
        first = int(row.start / SENSOR_RATE * CAMERA_RATE)
        apart = [np.abs(lab[k : k + len(stored)] - lab[k] - stored).max() for k in (first, first + 1)]
        worst = max(worst, float(min(apart)))
    return worst


def _marker_contacts(foot: xr.DataArray) -> np.ndarray:
    """Initial contacts by this package's rule on the markers at 8 Hz, s, put between frames by a parabola."""
    heel, toe = (signals.low_pass(foot).sel(marker=m, drop=True) for m in ("heel", "toe"))
    found = events_from_foot_velocity(heel, toe)[0]
    velocity = np.gradient((heel.sel(axis="y").values + toe.sel(axis="y").values) / 2)
    k = np.clip(np.rint((found - foot["time"].values[0]) * CAMERA_RATE).astype(int), 1, len(velocity) - 2)
    before, now, after = velocity[k - 1], velocity[k], velocity[k + 1]
    bend = before - 2 * now + after
    return found + np.where(bend > 0, (before - after) / (2 * np.where(bend > 0, bend, 1)), 0) / CAMERA_RATE


def _one_side(side: str, window: tuple[float, float], near: float) -> pd.DataFrame:
    _, _, listed, walks = _recording()
    listed, own, foot = listed[listed["side"] == side].reset_index(drop=True), walks[side].strides, _foot(side)
    heel, toe = (foot.sel(marker=m, drop=True) for m in ("heel", "toe"))
    start, off, end = (listed[c].to_numpy() for c in ("ic_time", "fo_time", "next_ic_time"))
    table = listed[["side", "stride", "ic_time"]].copy()
    table["stride_time_mocap"] = end - start

    def standing(shift: np.ndarray) -> np.ndarray:
        axes = [heel.isel(axis=a, drop=True) for a in range(3)]
        return np.stack([mean_over_stance(axis, start + shift, off + shift, window).values for axis in axes], -1)

    travel = standing(end - start) - standing(0 * start)
    table["foot_progression_angle_mocap"] = [
        mean_over_stance(foot_progression_angle(heel, toe, side, way), start[k : k + 1], off[k : k + 1], window).item()
        for k, way in enumerate(travel)
    ]
    table["stride_length_mocap"] = np.linalg.norm(travel[:, [0, 2]], axis=1)
    turn = np.abs((np.diff(np.degrees(np.arctan2(travel[:, 2], travel[:, 0]))) + 180) % 360 - 180)
    table["turn"] = np.fmax(np.r_[np.nan, turn], np.r_[turn, np.nan])
    contacts = _marker_contacts(foot)
    sensed = own.assign(contact_after_middle=own["next_ic_time"] - (own["flat_time"] + own["next_flat_time"]) / 2)
    sensed = sensed.rename(columns={name: f"{name}_imu" for name in MEASURED})
    columns = [f"{name}_imu" for name in MEASURED] + ["drift", "contact_after_middle"]
    for k, wanted in enumerate(np.stack([start, end], -1)):
        apart = np.abs(own[["ic_time", "next_ic_time"]].to_numpy() - wanted).max(1)
        if np.nanmin(apart) <= near:
            table.loc[k, columns] = sensed.loc[np.nanargmin(apart), columns].astype(float)
        nearest = contacts[np.abs(contacts[:, None] - wanted).argmin(0)]
        if np.abs(nearest - wanted).max() <= near:
            table.loc[k, "stride_time_markers"] = nearest[1] - nearest[0]
    table["half"] = np.where(np.arange(len(table)) <= np.nanargmax(turn), "out", "back")
    return table

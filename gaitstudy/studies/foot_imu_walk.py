"""One real walk with a sensor on each foot, and motion capture beside it, stride by stride.

Decided before any difference was computed:

* The reference of stride times is the list of events that came with the data, made from the markers by the people who
  recorded them: nothing here can tune it. Its times lie on camera frames, so a stride time is good to 10 ms. Beside it
  stands this package's own rule on the same markers (``events.events_from_foot_velocity``, 8 Hz, between frames).
* A stride of the reference and one of the sensor belong together if both contacts lie within ``NEAR``.
* The foot angle of motion capture is that of heel to toe marker, mean over ``foot.WINDOW`` of stance, against the
  heel's displacement from that stance to the next one.
* A stride is straight if the direction of travel, by motion capture, changes by less than ``STRAIGHT`` from the stride
  before and to the stride after of the same foot (of these, those there are).
* One constant a foot is allowed (``foot_imu_errors.constants``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES
from gaitstudy.gait import signals
from gaitstudy.gait.events import events_from_foot_velocity
from gaitstudy.gait.foot import WINDOW, foot_progression_angle, mean_over_stance
from gaitstudy.gait.foot_imu import FootWalk, foot_walk
from gaitstudy.io import catalogue
from gaitstudy.io.foot_imu import FootSensors, read_foot_sensors, read_marker_table, read_stride_events

DATASET = "foot-imu"
SENSOR_RATE, CAMERA_RATE = 204.8, 100.0
"""Hz, as the data's authors state them; the files hold numbers of samples only."""
RANGE = 16 * 9.80665
"""m/s2; the largest values end there (157 to 158): taken for the sensor's range, which is not stated."""
NEAR = 0.15
"""s."""
STRAIGHT = 10.0
"""deg."""
LAID = 12.0
"""s, of walking before the turn, on which the sensor's path is laid on that of motion capture in the picture."""
MEASURED = ("stride_time", "stride_length", "foot_progression_angle")
CHANNELS = [f"{kind}_{axis}" for kind in ("acceleration", "angular_rate") for axis in "xyz"]


@catalogue.remembered(DATASET)
def sensors() -> FootSensors:
    """Return the two foot sensors' recording."""
    return read_foot_sensors(catalogue.locate(DATASET, "gaitmap/imu_sample.csv"), SENSOR_RATE, limits=(RANGE, None))


@catalogue.remembered(DATASET)
def markers() -> xr.DataArray:
    """Return the markers on both feet, m, (time, marker, axis), y up."""
    return read_marker_table(catalogue.locate(DATASET, "gaitmap/mocap_sample.csv"), CAMERA_RATE).markers


@catalogue.remembered(DATASET)
def listed_strides() -> pd.DataFrame:
    """Return the strides listed with the data, from motion capture: ``gait.events.strides`` in s."""
    return read_stride_events(catalogue.locate(DATASET, "gaitmap/stride_events_sample.csv"), SENSOR_RATE)


@catalogue.remembered(DATASET)
def sensor_walk(side: str) -> FootWalk:
    """Return the walk as one foot's sensor saw it, without any constant."""
    samples = sensors().samples.sel(side=side, drop=True)
    return foot_walk(samples["acceleration"], samples["angular_rate"], side)


def contents() -> pd.DataFrame:
    """Return what the files hold and what was found out about them, a row a finding: ``what, left, right, unit``."""
    read, places = sensors(), markers()
    listed = pd.read_csv(catalogue.locate(DATASET, "gaitmap/stride_events_sample.csv"))
    borders = pd.read_csv(catalogue.locate(DATASET, "gaitmap/stride_borders_sample.csv"))
    position = pd.read_csv(catalogue.locate(DATASET, "gaitmap/position_sample.csv"), index_col=[0, 1, 2])
    rows: list[dict[str, Any]] = []

    def add(what: str, unit: str, values: dict[str, float]) -> None:
        rows.append({"what": what, "unit": unit} | values)

    size = {s: np.abs(read.samples["acceleration"].sel(side=s).values).max(1) for s in SIDES}
    frames = {s: _on_frames(listed[listed["foot"] == s]) for s in SIDES}
    add("samples of the sensor", "1", dict.fromkeys(SIDES, float(read.samples.sizes["time"])))
    add("frames of the cameras", "1", dict.fromkeys(SIDES, float(places.sizes["time"])))
    add("samples missing", "%", {s: 100 * float(read.missing[s]) for s in SIDES})
    add("frames missing", "%", {s: 100 * float(_foot(s).isnull().any("axis").mean()) for s in SIDES})
    add("samples saturated", "1", {s: float((v >= RANGE).sum()) for s, v in size.items()})
    add("clock of the sensor less the cameras'", "ms", {s: 1e3 * clock_offset(s) for s in SIDES})
    add("strides listed by motion capture", "1", {s: float((listed["foot"] == s).sum()) for s in SIDES})
    add("strides bordered by hand", "1", {s: float((borders["foot"] == s).sum()) for s in SIDES})
    add("listed events from the nearest frame, at most", "ms", frames)
    add(
        "position_sample less the heel marker, at most", "mm", {s: 1e3 * _from_heel(position, listed, s) for s in SIDES}
    )
    add("offset of the gyroscope at rest", "deg/s", {s: float(np.linalg.norm(sensor_walk(s).offset)) for s in SIDES})
    add("fast turning about one axis", "%", {s: 100 * sensor_walk(s).mounting.attrs["planar"] for s in SIDES})
    return pd.DataFrame(rows)


def clock_offset(side: str) -> float:
    """Return by how much a sensor's clock is ahead of the cameras', s: where both see the foot's pitch change alike."""
    walk, foot = sensor_walk(side), _foot(side)
    line = foot.sel(marker="toe").values - foot.sel(marker="heel").values
    pitch = np.degrees(np.arctan2(line[:, 1], np.linalg.norm(line[:, [0, 2]], axis=1)))
    seen = np.gradient(pitch) * CAMERA_RATE
    own = sensors().samples["angular_rate"].sel(side=side)
    turning = own.values @ walk.mounting.values[2]
    time, clock = foot["time"].values[50:-50], own["time"].values
    lags = np.arange(-0.1, 0.1001, 0.001)
    fit = [np.corrcoef(np.interp(time + lag, clock, turning), seen[50:-50])[0, 1] for lag in lags]
    return float(lags[int(np.argmax(fit))])


def strides() -> pd.DataFrame:
    """Return every stride listed by motion capture beside the sensor's, and what kind of stride it is.

    Columns: ``side, stride, ic_time`` s; ``stride_time_*`` s, ``stride_length_*`` m, ``foot_progression_angle_*`` deg,
    by ``mocap`` and ``imu``; ``drift`` m/s, the velocity taken out of the sensor's stride, along its travel;
    ``contact_after_middle`` s, of the same stride from stand to stand;
    ``stride_time_markers`` s, by this package's rule on the markers; ``turn`` deg, the largest
    change of the direction of travel from the stride before or to the one after; ``half`` of the walk, ``out`` or
    ``back``; ``kind``: straight, turning, or unmatched; ``reason`` why it is not straight.
    """
    return pd.concat([_one_side(side) for side in SIDES], ignore_index=True)


def paths(rate: float = 10.0) -> pd.DataFrame:
    """Return both feet's paths from above: ``source, side, time`` s, ``forward, right`` m; ``rate`` Hz.

    Motion capture's is the heel marker's; the sensor's is laid on it by the first ``LAID`` seconds alone, one turn and
    one shift a foot, so that whatever it drifts later can be seen. Forward is each foot's way in that time, and both
    feet are counted from where the left heel began.
    """
    tables = []
    for side in SIDES:
        heel = _foot(side).sel(marker="heel")
        time = np.arange(0.0, float(heel["time"][-1]), 1 / rate)
        seen, own = (signals.resample(a, time).values[:, [0, 2]] for a in (heel, sensor_walk(side).path))
        early = time < LAID
        middle, centre = seen[early].mean(0), own[early].mean(0)
        a, b = (v @ [1, 1j] for v in ((seen - middle)[early], (own - centre)[early]))
        turn = np.vdot(b, a) / abs(np.vdot(b, a))
        laid = ((own - centre) @ [1, 1j]) * turn + middle @ [1, 1j]
        marked = seen @ [1, 1j]
        out = marked[early][-1] - marked[0]
        for source, place in (("motion capture", marked), ("sensor", laid)):
            ahead = (place - _start()) * np.conj(out) / abs(out)
            row = {
                "source": source,
                "side": side,
                "time": np.round(time, 6),
                "forward": ahead.real,
                "right": ahead.imag,
            }
            tables.append(pd.DataFrame(row))
    return pd.concat(tables, ignore_index=True)


def one_stride(side: str = "left", number: int = 10) -> pd.DataFrame:
    """Return the raw channels over one stride with its neighbours' events, as recorded: a row a sample.

    Columns: ``time`` s; ``acceleration_x`` ... m/s2, ``angular_rate_x`` ... deg/s, in the sensor's axes; ``pitch_rate``
    deg/s, about the foot's right axis, toes up positive; ``event``: the event nearest a sample, else blank.
    """
    walk = sensor_walk(side)
    row = walk.strides.iloc[number]
    samples = sensors().samples.sel(side=side).sel(time=slice(row["flat_time"] - 0.1, row["next_flat_time"] + 0.1))
    values = np.concatenate([samples["acceleration"].values, samples["angular_rate"].values], axis=1)
    table = pd.DataFrame(values, columns=CHANNELS)
    table.insert(0, "time", samples["time"].values)
    table["pitch_rate"] = (samples["angular_rate"].values - walk.offset) @ walk.mounting.values[2]
    table["event"] = ""
    for event, column in {"foot flat": "flat_time", "foot off": "fo_time", "initial contact": "next_ic_time"}.items():
        table.loc[(table["time"] - row[column]).abs().idxmin(), "event"] = event
    table.loc[(table["time"] - row["next_flat_time"]).abs().idxmin(), "event"] = "foot flat again"
    return table


def _start() -> complex:
    """Where the left heel is at the beginning, x + i z, m."""
    return complex(*_foot("left").sel(marker="heel").values[0, [0, 2]])


def _foot(side: str) -> xr.DataArray:
    """Heel, toe and fifth metatarsal of a side, under these names."""
    names = {"heel": "FCC", "toe": "TOE", "fifth": "FM5"}
    own = markers().sel(marker=[f"{side[0].upper()}_{name}" for name in names.values()])
    return own.assign_coords(marker=list(names))


def _on_frames(listed: pd.DataFrame) -> float:
    """How far the listed events, which are in the sensor's samples, lie from a camera frame, ms, at most."""
    at = listed[["pre_ic", "tc", "ic"]].to_numpy(float) / SENSOR_RATE * CAMERA_RATE
    return float(1000 * np.abs(at - np.rint(at)).max() / CAMERA_RATE)


def _from_heel(position: pd.DataFrame, listed: pd.DataFrame, side: str) -> float:
    """How far the stored positions lie from the heel marker, m, each stride from its own start, at most."""
    heel, worst = _foot(side).sel(marker="heel").values, 0.0
    lab = np.stack([heel[:, 0], -heel[:, 2], heel[:, 1]], -1)
    for row in listed[listed["foot"] == side].itertuples():
        stored = position.loc[f"{side}_sensor", row.s_id].to_numpy()
        first = int(row.start / SENSOR_RATE * CAMERA_RATE)
        apart = [np.abs(lab[k : k + len(stored)] - lab[k] - stored).max() for k in (first, first + 1)]
        worst = max(worst, float(min(apart)))
    return worst


def _marker_contacts(side: str) -> np.ndarray:
    """Initial contacts by this package's rule on the markers, s, put between frames by a parabola."""
    foot = signals.low_pass(_foot(side))
    heel, toe = (foot.sel(marker=m, drop=True) for m in ("heel", "toe"))
    found = events_from_foot_velocity(heel, toe)[0]
    velocity = np.gradient((heel.sel(axis="y").values + toe.sel(axis="y").values) / 2)
    k = np.clip(np.rint((found - foot["time"].values[0]) * CAMERA_RATE).astype(int), 1, len(velocity) - 2)
    before, now, after = velocity[k - 1], velocity[k], velocity[k + 1]
    bend = before - 2 * now + after
    return found + np.where(bend > 0, (before - after) / (2 * np.where(bend > 0, bend, 1)), 0) / CAMERA_RATE


def _mocap_angles(listed: pd.DataFrame, side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Foot angle (deg), length (m) and direction of travel (deg, to the right of the lab's x) of each listed stride."""
    foot = _foot(side)
    heel, toe = (foot.sel(marker=m, drop=True) for m in ("heel", "toe"))
    start, off, time = (listed[c].to_numpy() for c in ("ic_time", "fo_time", "next_ic_time"))
    there, next_there = (_standing_place(heel, start + add, off + add) for add in (0 * start, time - start))
    travel = next_there - there
    angles = []
    for k, direction in enumerate(travel):
        angle = foot_progression_angle(heel, toe, side, direction.tolist())
        angles.append(float(mean_over_stance(angle, start[k : k + 1], off[k : k + 1])[0]))
    away = np.degrees(np.arctan2(travel[:, 2], travel[:, 0]))
    return np.array(angles), np.linalg.norm(travel[:, [0, 2]], axis=1), away


def _standing_place(heel: xr.DataArray, start: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Mean place of the heel over ``WINDOW`` of each stance, m, (stride, axis)."""
    curves = signals.normalise_time(heel, start, off)
    inside = (curves["percent"] >= WINDOW[0]) & (curves["percent"] <= WINDOW[1])
    return curves.isel(percent=np.flatnonzero(inside)).mean("percent", skipna=False).transpose("stride", "axis").values


def _one_side(side: str) -> pd.DataFrame:
    listed = listed_strides()
    listed = listed[listed["side"] == side].reset_index(drop=True)
    table = listed[["side", "stride", "ic_time"]].copy()
    table["stride_time_mocap"] = listed["next_ic_time"] - listed["ic_time"]
    table["foot_progression_angle_mocap"], table["stride_length_mocap"], away = _mocap_angles(listed, side)
    turn = np.abs((np.diff(away) + 180) % 360 - 180)
    table["turn"] = np.fmax(np.r_[np.nan, turn], np.r_[turn, np.nan])
    own = sensor_walk(side).strides
    contacts = _marker_contacts(side)
    for k, row in listed.iterrows():
        wanted = row[["ic_time", "next_ic_time"]].to_numpy(float)
        near = np.abs(own[["ic_time", "next_ic_time"]].to_numpy() - wanted).max(1)
        best = int(np.nanargmin(near))
        if near[best] <= NEAR:
            for name in MEASURED:
                table.loc[k, f"{name}_imu"] = own.loc[best, name]
            middle = (own.loc[best, "flat_time"] + own.loc[best, "next_flat_time"]) / 2
            table.loc[k, "drift"] = own.loc[best, "drift"]
            table.loc[k, "contact_after_middle"] = own.loc[best, "next_ic_time"] - middle
        nearest = [contacts[np.abs(contacts - t).argmin()] for t in wanted]
        if np.abs(nearest - wanted).max() <= NEAR:
            table.loc[k, "stride_time_markers"] = nearest[1] - nearest[0]
    turning_point = int(np.nanargmax(turn))
    table["half"] = np.where(np.arange(len(table)) <= turning_point, "out", "back")
    matched = table["stride_time_imu"].notna()
    straight = table["turn"] < STRAIGHT
    table["kind"] = np.select([~matched, straight], ["unmatched", "straight"], "turning")
    table["reason"] = np.select(
        [~matched, ~straight], [f"no stride of the sensor within {NEAR:g} s", f"turns by {STRAIGHT:g} deg or more"], ""
    )
    return table

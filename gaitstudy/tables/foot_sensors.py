"""One real walk with a sensor on each foot and motion capture beside it, as tidy tables: stride by stride, paths.

The reference of stride times is the list of events that came with the data, made from the markers by the people who
recorded them: nothing here can tune it. Its times lie on camera frames, so a stride time is good to 10 ms.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from scipy.signal import find_peaks

from gaitstudy.conventions import GRAVITY, SIDES, labelled
from gaitstudy.gait import signals
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance
from gaitstudy.gait.foot_imu import foot_walk
from gaitstudy.io import catalogue
from gaitstudy.io.foot_imu import read_foot_sensors

DATASET = "foot-imu"
SENSOR_RATE, CAMERA_RATE = 204.8, 100.0
"""Hz, as the data's authors state them; the files hold numbers of samples only."""
RANGE = 16 * GRAVITY
"""m/s2; the largest values end there (157 to 158): taken for the sensor's range, which is not stated."""
LAID = 12.0
"""s, of walking before the turn, on which the sensor's path is laid on that of motion capture in the picture."""
MEASURED = ["stride_time", "stride_length", "foot_progression_angle"]


def _file(name: str) -> Path:
    return catalogue.locate(DATASET, f"gaitmap/{name}_sample.csv")


@cache
def _foot(side: str) -> tuple[xr.Dataset, xr.DataArray, pd.DataFrame, pd.DataFrame, xr.Dataset]:
    """Return a foot's samples, its heel and toe markers (m, y up) and listed strides, and ``foot_walk`` of it."""
    samples = read_foot_sensors(_file("imu"), SENSOR_RATE).sel(side=side, drop=True)
    seen = pd.read_csv(_file("mocap"), header=[0, 1], index_col=0)  # mm, z up
    names = {"heel": "FCC", "toe": "TOE", "fifth": "FM5"}
    place = np.stack([seen[f"{side[0].upper()}_{name}"][["x", "z", "y"]] for name in names.values()], 1)
    markers = labelled(
        place * [1e-3, 1e-3, -1e-3], ("time", "marker", "axis"), units="m", frame="lab", long_name="marker position",
        coords={"time": seen.index / CAMERA_RATE, "marker": list(names)},
    )  # fmt: skip
    events = {"pre_ic": "ic_time", "tc": "fo_time", "ic": "next_ic_time"}
    listed = pd.read_csv(_file("stride_events")).query("foot == @side").sort_values("pre_ic", ignore_index=True)
    listed = (listed[list(events)] / SENSOR_RATE).rename(columns=events)
    return samples, markers, listed, *foot_walk(samples["acceleration"], samples["angular_rate"], side)


def contents() -> pd.DataFrame:
    """Return what the files hold and what was found out about them, a row a finding: ``what, unit, left, right``."""
    borders, columns = pd.read_csv(_file("stride_borders")), {}
    for side in SIDES:
        samples, markers, listed, _, sensor = _foot(side)
        frame = listed.to_numpy() * CAMERA_RATE
        columns[side] = {
            ("samples of the sensor", "1"): samples.sizes["time"],
            ("frames of the cameras", "1"): markers.sizes["time"],
            ("samples missing", "%"): 100 * samples.to_dataarray().isnull().any(["variable", "axis"]).mean().item(),
            ("frames missing", "%"): 100 * markers.isnull().any(["marker", "axis"]).mean().item(),
            ("samples saturated", "1"): int((abs(samples["acceleration"]).max("axis") >= RANGE).sum()),
            ("clock of the sensor less the cameras'", "ms"): 1000 * _clock_offset(samples, sensor, markers),
            ("strides listed by motion capture", "1"): len(listed),
            ("strides bordered by hand", "1"): (borders["foot"] == side).sum(),
            ("listed events from the nearest frame, at most", "ms"): 10 * np.abs(frame - np.rint(frame)).max(),
            ("position_sample less the heel marker, at most", "mm"): 1000 * _from_heel(markers, side),
            ("offset of the gyroscope at rest", "deg/s"): np.linalg.norm(sensor["offset"]),
            ("fast turning about one axis", "%"): 100 * sensor["mounting"].attrs["planar"],
        }
    return pd.DataFrame(columns, dtype=float).rename_axis(["what", "unit"]).reset_index()


def _clock_offset(samples: xr.Dataset, sensor: xr.Dataset, markers: xr.DataArray) -> float:
    """By how much a sensor's clock is ahead of the cameras', s: where both see the foot's pitch change alike."""
    line = markers.sel(marker="toe").values - markers.sel(marker="heel").values
    pitch = np.degrees(np.arctan2(line[:, 1], np.linalg.norm(line[:, [0, 2]], axis=1)))
    seen, time = np.gradient(pitch)[50:-50], markers["time"].values[50:-50]
    turning = samples["angular_rate"].values @ sensor["mounting"].values[2]
    lags = np.arange(-0.1, 0.1001, 0.001)
    fit = [np.corrcoef(np.interp(time + lag, samples["time"], turning), seen)[0, 1] for lag in lags]
    return float(lags[int(np.argmax(fit))])


def _from_heel(markers: xr.DataArray, side: str) -> float:
    """How far the stored positions lie from the heel marker, m, each stride from its own start, at most."""
    position, worst = pd.read_csv(_file("position"), index_col=[0, 1, 2]), 0.0
    lab = markers.sel(marker="heel").values[:, [0, 2, 1]] * [1, -1, 1]
    for row in pd.read_csv(_file("stride_events")).query("foot == @side").itertuples():
        stored = position.loc[f"{side}_sensor", row.s_id].to_numpy()
        first = int(row.start / SENSOR_RATE * CAMERA_RATE)
        worst = max(worst, min(np.abs(lab[k : k + len(stored)] - lab[k] - stored).max() for k in (first, first + 1)))
    return worst


def paths() -> pd.DataFrame:
    """Return both feet's paths from above, ten times a second: ``source, side, time`` s, ``forward, right`` m.

    Motion capture's is the heel marker's; the sensor's is laid on it by the first ``LAID`` seconds alone, one turn and
    one shift a foot, so that whatever it drifts later can be seen. Forward is each foot's way in that time, and both
    feet are counted from where the left heel began.
    """
    tables = []
    start = complex(*_foot("left")[1].sel(marker="heel").values[0, [0, 2]])
    for side in SIDES:
        _, markers, _, _, sensor = _foot(side)
        heel = markers.sel(marker="heel")
        time = np.arange(0.0, float(heel["time"][-1]), 0.1)
        early = time < LAID
        seen, own = (signals.resample(a, time).values[:, [0, 2]] @ [1, 1j] for a in (heel, sensor["path"]))
        turn = np.vdot(own[early] - own[early].mean(), seen[early] - seen[early].mean())
        out = seen[early][-1] - seen[0]
        laid = (own - own[early].mean()) * turn / abs(turn) + seen[early].mean()
        for source, place in (("motion capture", seen), ("sensor", laid)):
            ahead = (place - start) * np.conj(out) / abs(out)
            row = {"source": source, "side": side, "time": np.round(time, 6)}
            tables.append(pd.DataFrame(row | {"forward": ahead.real, "right": ahead.imag}))
    return pd.concat(tables, ignore_index=True)


def one_stride() -> pd.DataFrame:
    """Return the raw channels over the left foot's eleventh stride with its neighbours' events: a row a sample.

    Columns: ``time`` s; ``acceleration_x`` ... m/s2, ``angular_rate_x`` ... deg/s, in the sensor's axes; ``pitch_rate``
    deg/s, about the foot's right axis, toes up positive; ``event``: the event nearest a sample, else blank.
    """
    every, _, _, strides, sensor = _foot("left")
    row = strides.iloc[10]
    samples = every.sel(time=slice(row["flat_time"] - 0.1, row["next_flat_time"] + 0.1))
    table = pd.DataFrame({"time": samples["time"].values})
    for kind in ("acceleration", "angular_rate"):
        table[[f"{kind}_{axis}" for axis in "xyz"]] = samples[kind].values
    table["pitch_rate"] = (samples["angular_rate"].values - sensor["offset"].values) @ sensor["mounting"].values[2]
    table["event"] = ""
    named = {"foot flat": "flat_time", "foot off": "fo_time", "initial contact": "next_ic_time"}
    for event, column in (named | {"foot flat again": "next_flat_time"}).items():
        table.loc[(table["time"] - row[column]).abs().idxmin(), "event"] = event
    return table


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
    tables = []
    for side in SIDES:
        _, markers, listed, own, _ = _foot(side)
        heel, toe = (markers.sel(marker=m, drop=True) for m in ("heel", "toe"))
        start, off, end = listed.to_numpy().T
        table = listed[["ic_time"]].assign(side=side, stride=np.arange(len(listed)), stride_time_mocap=end - start)
        here, there = (
            np.stack([mean_over_stance(axis, start + s, off + s, window) for axis in heel.drop_vars("axis").T], -1)
            for s in (0.0, end - start)
        )
        travel = there - here
        table["foot_progression_angle_mocap"] = [
            mean_over_stance(foot_progression_angle(heel, toe, side, way), [begin], [stop], window).item()
            for way, begin, stop in zip(travel, start, off, strict=True)
        ]
        table["stride_length_mocap"] = np.linalg.norm(travel[:, [0, 2]], axis=1)
        turn = np.abs((np.diff(np.degrees(np.arctan2(travel[:, 2], travel[:, 0]))) + 180) % 360 - 180)
        table["turn"] = np.fmax(np.r_[np.nan, turn], np.r_[turn, np.nan])
        wanted, contacts = np.stack([start, end], -1), _marker_contacts(markers)
        nearest = contacts[np.abs(contacts[:, None, None] - wanted).argmin(0)]
        near_both = np.abs(nearest - wanted).max(1) <= near
        table["stride_time_markers"] = np.where(near_both, nearest[:, 1] - nearest[:, 0], np.nan)
        middle = (own["flat_time"] + own["next_flat_time"]) / 2
        own = own.assign(contact_after_middle=own["next_ic_time"] - middle)
        apart = np.abs(own[["ic_time", "next_ic_time"]].to_numpy() - wanted[:, None]).max(2)
        apart = np.nan_to_num(apart, nan=np.inf)  # (listed, the sensor's)
        sensed = own[[*MEASURED, "drift", "contact_after_middle"]].iloc[apart.argmin(1)].set_axis(table.index)
        sensed[apart.min(1) > near] = np.nan
        table = table.join(sensed.rename(columns={name: f"{name}_imu" for name in MEASURED}))
        table["half"] = np.where(table["stride"] <= np.nanargmax(turn), "out", "back")
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _marker_contacts(markers: xr.DataArray) -> np.ndarray:
    """Initial contacts by the vertical velocity of the foot's centre at 8 Hz, s, put between frames by a parabola.

    A contact is a minimum of that velocity while the foot is in the lowest 35 % of its range: O'Connor CM, Thorpe SK,
    O'Malley MJ, Vaughan CL (2007) Gait Posture 25:469, doi 10.1016/j.gaitpost.2006.05.016.
    """
    height = signals.low_pass(markers).sel(axis="y", marker=["heel", "toe"]).mean("marker").values
    velocity = np.gradient(height)
    down = find_peaks(-velocity, height=-velocity.min() / 10)[0]
    down = down[height[down] - height.min() < 0.35 * np.ptp(height)]  # before the spacing: mid-swing may be faster
    low = np.zeros_like(velocity)
    low[down] = -velocity[down]
    k = find_peaks(low, distance=int(0.4 * CAMERA_RATE))[0]
    found = markers["time"].values[k]
    before, now, after = velocity[k - 1], velocity[k], velocity[k + 1]
    bend = before - 2 * now + after
    return found + np.where(bend > 0, (before - after) / (2 * np.where(bend > 0, bend, 1)), 0) / CAMERA_RATE

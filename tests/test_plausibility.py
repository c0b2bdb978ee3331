"""Force plates that cannot be right: every mistake is named, and no walker, virtual or real, is blamed for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES, MarkerError, TrialFormatError
from gaitstudy.gait.events import plate_contacts
from gaitstudy.gait.plausibility import levelled
from gaitstudy.io.motion import Recording
from gaitstudy.io.plates import wrench
from gaitstudy.load.skeleton import find, marker_map
from gaitstudy.pipeline import _find_strides, _process_trial
from gaitstudy.simulate.walker import Walker, simulate

from .recordings import needs, write_c3d, write_pair

PERSON = Walker()
FORMS = {
    "plain": PERSON,
    "slow": replace(PERSON, speed=0.6),
    "fast": replace(PERSON, speed=1.7),
    "toe-in": replace(PERSON, foot_progression_angle=-20),
    "limping": replace(PERSON, speed=1.0, asymmetry=0.06, stiff_knee=0.8, painful_lean=10.0, soft_step=1.0),
    "leaning": replace(PERSON, trunk_lean=18.0, pressure_shift=-0.02),
    "on the inner side": replace(PERSON, step_width=0.07, pressure_shift=0.02),
    "dropping": replace(PERSON, pelvic_drop=10.0, step_width=0.2),
    "uneven child": replace(PERSON, mass=40.0, height=1.45, speed=0.9, variability=1.5),
}
Change = Callable[[xr.Dataset], xr.Dataset]


@cache
def treadmill(walker: Walker = PERSON) -> Recording:
    noise = {"marker_noise": 0.0005, "lost": 0.01, "force_noise": 1.0}
    return simulate(walker, 4, **noise).recording


@cache
def floor(walker: Walker = PERSON) -> Recording:
    """The same walk over ground: three plates, longer than wide, meet the third to fifth contact off their middle."""
    trial = treadmill(walker)
    assert trial.loads is not None
    time, fine = trial.markers["time"].values, trial.loads["time"].values
    markers = trial.markers.copy(deep=True)
    markers.loc[{"axis": "x"}] += walker.speed * xr.DataArray(time, dims="time", coords={"time": time})
    force = trial.loads["force"].values
    travelled = walker.speed * fine[:, None, None] * [1.0, 0.0, 0.0]
    moment = trial.loads["moment"].values + np.cross(travelled, force)
    names = marker_map("walker")
    feet = [{s: find(trial.markers, names[s][role]) for s in SIDES} for role in ("heel", "toe")]
    whole = plate_contacts(trial.loads, *feet).iloc[2:5]
    forces, moments, corners = [], [], []
    for row in whole.itertuples():
        k = list(trial.loads["plate"].values).index(row.plate)
        on = ((fine > row.start - 0.05) & (fine < row.end + 0.05))[:, None]
        forces.append(np.where(on, force[:, k], 0.0))
        moments.append(np.where(on, moment[:, k], 0.0))
        total, turned = forces[-1].sum(0), moments[-1].sum(0)
        x, z = turned[2] / total[1] + 0.04, -turned[0] / total[1] + 0.03
        corners.append([(x + a * 0.3, 0.0, z + b * 0.2) for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))])
    loads = wrench(fine, ["1", "2", "3"], np.stack(forces, 1), np.stack(moments, 1), np.zeros(3), np.array(corners))
    return replace(trial, markers=markers, loads=loads)


def each(change: Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> Change:
    """Change every plate's force and moment about the middle of the plate, (time, axis)."""

    def changed(loads: xr.Dataset) -> xr.Dataset:
        force, moment = loads["force"].copy(deep=True), loads["moment"].copy(deep=True)
        for k, corners in enumerate(loads["corners"].values):
            middle = corners.mean(0)
            f, m = change(force.values[:, k], moment.values[:, k] - np.cross(middle, force.values[:, k]), corners)
            force.values[:, k], moment.values[:, k] = f, m + np.cross(middle, f)
        return loads.assign(force=force, moment=moment)

    return changed


def turned(quarters: int) -> Change:
    c, s = np.round([np.cos(quarters * np.pi / 2), np.sin(quarters * np.pi / 2)])
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return each(lambda force, moment, _: (force @ turn.T, moment @ turn.T))


def signed(*signs: int) -> Change:
    return each(lambda force, moment, _: (force * signs, moment))


def gain(factor: float) -> Change:
    return each(lambda force, moment, _: (factor * force, factor * moment))


def late(seconds: float) -> Change:
    def changed(loads: xr.Dataset) -> xr.Dataset:
        steps = round(seconds / float(loads["time"][1] - loads["time"][0]))
        return loads.assign(
            {k: loads[k].copy(data=np.roll(loads[k].values, steps, axis=0)) for k in ("force", "moment")}
        )

    return changed


def resting(first: float, last: float) -> Change:
    def change(force: np.ndarray, moment: np.ndarray, _: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        line = np.linspace(first, last, len(force))[:, None]
        return force + line * [0.1, 1.0, -0.05], moment + line * [0.04, 0.01, -0.03]

    return each(change)


def swapped(loads: xr.Dataset) -> xr.Dataset:
    """Give the first two plates each other's corners, as a file that lists them in another order than its channels."""
    there = loads["corners"].values.mean(1)
    force, moment = loads["force"].copy(deep=True), loads["moment"].copy(deep=True)
    for k, other in ((0, 1), (1, 0)):
        force.values[:, k] = loads["force"].values[:, other]
        moment.values[:, k] = loads["moment"].values[:, other] + np.cross(there[k] - there[other], force.values[:, k])
    return loads.assign(force=force, moment=moment)


def moved(*by: float) -> Change:
    """Put every plate elsewhere than it lay, m: corners and centre of pressure go along."""

    def changed(loads: xr.Dataset) -> xr.Dataset:
        corners = loads["corners"] + xr.DataArray(list(by), dims="axis")
        there = loads.assign(corners=corners, height=loads["height"] + by[1])
        moment = loads["moment"].copy(data=loads["moment"].values + np.cross(by, loads["force"].values))
        return there.assign(moment=moment)

    return changed


EXCHANGED = each(lambda force, moment, _: (force[:, [2, 1, 0]], moment))
AWAY = "the horizontal force points away from the pelvis"
MISTAKES = {
    "turned by 90": (turned(1), "corners look turned by 90 degrees"),
    "turned by 180": (turned(2), "corners look turned by 180 degrees"),
    "turned by 270": (turned(3), "corners look turned by 90 degrees"),
    "N mm called N m": (each(lambda f, m, _: (f, 1000 * m)), "N mm called N m"),
    "N m called N mm": (each(lambda f, m, _: (f, m / 1000)), "moment"),
    "one moment": (each(lambda f, m, _: (f, m * [1, 1, -1])), "sign of a moment looks reversed"),
    "5 cm to the right": (moved(0, 0, 0.05), "from the line of the foot"),
    "5 cm to the left": (moved(0, 0, -0.05), "from the line of the foot"),
    "10 cm too high": (moved(0, 0.1, 0), "of its surface"),
    "no forward force": (signed(0, 1, 1), "a horizontal force reads nothing"),
    "no sideways force": (signed(1, 1, 0), "a horizontal force reads nothing"),
    "no horizontal force": (signed(0, 1, 0), "a horizontal force reads nothing"),
    "shear": (signed(-1, 1, -1), AWAY),
    "forward force": (signed(-1, 1, 1), AWAY),
    "sideways force": (signed(1, 1, -1), AWAY),
    "exchanged": (EXCHANGED, AWAY),
    "gain of 1/100": (gain(0.01), "under a whole foot"),
    "gain of a half": (gain(0.5), "the body weight (75 kg)"),
    "gain of two": (gain(2.0), "the body weight (75 kg)"),
    "pounds": (gain(0.22481), "the body weight (75 kg)"),
    "50 ms late": (late(0.05), "ms late against the feet's markers"),
    "50 ms early": (late(-0.05), "ms early against the feet's markers"),
}  # fmt: skip


def judged(trial: Recording, change: Change | None = None, mass: float = 75.0) -> tuple[pd.DataFrame, pd.Series]:
    """Return contacts before and after, as ``_find_strides`` has them, and those that are right about their times."""
    assert trial.loads is not None
    changed = trial if change is None else replace(trial, loads=change(trial.loads))
    return _find_strides(pipeline._face_forward(replace(changed, roles=marker_map("walker"), mass=mass)))


def whole(contact: pd.DataFrame) -> pd.DataFrame:
    return contact[~contact["reason"].str.contains("cut by an end")].sort_values("start", ignore_index=True)


@pytest.mark.parametrize("ground", [treadmill, floor], ids=["treadmill", "floor"])
@pytest.mark.parametrize("form", FORMS)
def test_no_walker_is_blamed(form: str, ground: Callable[[Walker], Recording]) -> None:
    _, contact = judged(ground(FORMS[form]), mass=FORMS[form].mass)
    assert len(whole(contact)) == (3 if ground is floor else 9)
    assert set(whole(contact)["reason"]) == {""}


@pytest.mark.parametrize("ground", [treadmill, floor], ids=["treadmill", "floor"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_named_on_every_contact(mistake: str, ground: Callable[[], Recording]) -> None:
    change, words = MISTAKES[mistake]
    right, found = whole(judged(ground())[1]), whole(judged(ground(), change)[1])
    assert len(found) == len(right)
    assert found["side"].tolist() == right["side"].tolist()
    assert found["reason"].str.contains(words, regex=False).all(), found["reason"].unique()


@pytest.mark.parametrize("moment", [[0, 1, 1], [1, 1, 0]])
def test_a_missing_moment_is_named_on_small_plates(moment: list[int]) -> None:
    found = whole(judged(floor(), each(lambda f, m, _: (f, m * moment)))[1])["reason"]
    assert len(found) == 3 and found.str.contains("a moment is missing|or missing").all()


def test_one_belt_that_comes_late_is_named_and_the_other_is_not() -> None:
    trial = treadmill()
    assert trial.loads is not None
    delayed = late(0.05)(trial.loads)
    first = xr.DataArray([True, False], dims="plate")
    mixed = (xr.where(first, delayed[k], trial.loads[k]).transpose(*trial.loads[k].dims) for k in ("force", "moment"))
    force, moment = (new.assign_attrs(trial.loads[k].attrs) for k, new in zip(("force", "moment"), mixed, strict=True))
    found = whole(judged(replace(trial, loads=trial.loads.assign(force=force, moment=moment)))[1])
    told = found["reason"].str.contains("ms late against the feet's markers")
    assert told.tolist() == (found["plate"] == trial.loads["plate"].values[0]).tolist() and told.any()
    assert set(found.loc[~told, "reason"]) == {""}


def exchanged(trial: Recording, *pairs: tuple[str, str]) -> Recording:
    markers = trial.markers.copy(deep=True)
    for pair in pairs:
        markers.loc[{"marker": list(pair)}] = trial.markers.sel(marker=list(pair[::-1])).values
    return replace(trial, markers=markers)


@pytest.mark.parametrize(
    ("pairs", "words", "rows"),
    [
        ([("LKNE", "RKNE")], "labels exchanged", 9),
        ([("LKNM", "RKNM")], "labels exchanged", 9),
        ([("LANK", "RANK")], "labels exchanged", 9),
        ([("LANM", "RANM")], "labels exchanged", 9),
        ([("LKNE", "LKNM")], "inner and outer", 4),
        ([("LKNE", "LANK"), ("LKNM", "LANM")], "labels of knee and ankle exchanged", 4),
    ],
)
def test_labels_exchanged_within_the_legs_leave_no_moment(
    pairs: list[tuple[str, str]], words: str, rows: int, tmp_path: Path
) -> None:
    path = write_c3d(tmp_path / "walk.c3d", exchanged(treadmill(), *pairs))
    table = _process_trial(path, markers="walker", mass=75.0, height=1.75)
    told = table["reason_excluded"].str.contains(words)
    assert told.sum() >= rows and table.loc[told, "kam1_nm"].isna().all()
    assert table.loc[table["reason_excluded"] == "", "kam1_nm"].to_numpy() == pytest.approx(30.8, abs=0.5)


def test_a_heel_of_the_other_foot_leaves_no_foot_angle(tmp_path: Path) -> None:
    trial = treadmill()
    markers = trial.markers.copy(deep=True)
    for name, other in (("LHEE", "RHEE"), ("RHEE", "LHEE")):
        markers.loc[{"marker": name, "time": slice(3.0, 4.0)}] = trial.markers.sel(
            marker=other, time=slice(3.0, 4.0)
        ).values
    path = write_c3d(tmp_path / "walk.c3d", replace(trial, markers=markers))
    table = _process_trial(path, markers="walker", mass=75.0, height=1.75)
    assert table["reason_excluded"].str.contains("the distance from heel to toe changes").any()
    kept = table["fpa_deg"].dropna()
    assert len(kept) >= 4 and kept.to_numpy() == pytest.approx(7.0, abs=0.5)


def test_swapped_plates_are_named_and_given_their_own_feet() -> None:
    right, found = judged(floor())[1], judged(floor(), swapped)[1]
    assert found["reason"].str.contains("looks swapped").tolist() == [True, True, False]
    assert found.set_index("plate")["side"].rename({"1": "2", "2": "1"}).to_dict() == dict(
        zip(right["plate"], right["side"], strict=True)
    )
    belts = judged(treadmill(), lambda loads: loads.assign(corners=loads["corners"][::-1].drop_vars("plate")))[1]
    assert whole(belts)["reason"].str.contains("looks swapped").all()


@pytest.mark.parametrize("factor", [0.94, 1.06])
def test_over_whole_strides_a_few_percent_are_told(factor: float) -> None:
    found = whole(judged(treadmill(), gain(factor))[1])["reason"]
    shares = found.str.extract(r"over whole strides the plates carry ([0-9.]+) times the body weight")[0].astype(float)
    assert shares.to_numpy() == pytest.approx(factor, abs=0.01)
    assert set(whole(judged(treadmill(), gain(factor), mass=75.0 * factor)[1])["reason"]) == {""}


@pytest.mark.parametrize("rest", [(12.0, 12.0), (-18.0, -18.0), (-3.0, 14.0)])
@pytest.mark.parametrize("ground", [treadmill, floor], ids=["treadmill", "floor"])
def test_a_small_rest_or_drift_is_taken_off_and_noted(
    rest: tuple[float, float], ground: Callable[[], Recording]
) -> None:
    trial = ground()
    assert trial.loads is not None
    moved = replace(trial, loads=resting(*rest)(trial.loads))
    level, notes, far = levelled(moved.ground_reaction)
    assert not far and len(notes) == trial.loads.sizes["plate"]
    assert all("with nobody on it: taken off" in note for note in notes)
    for k, most in (("force", 0.3), ("moment", 0.3)):  # noise of 1 N; plates lie up to 6 m from the lab's origin
        reach = 1 if k == "force" else 8
        assert float(np.abs(level[k] - trial.loads[k]).max()) < most * reach
    assert pipeline.read(moved, "walker").notes == tuple(notes)
    assert levelled(trial.loads)[1] == [] and pipeline.read(trial, "walker").notes == ()
    assert pipeline.read(replace(trial, loads=None), "walker").loads is None


@pytest.mark.parametrize("rest", [(25, 25), (-1, 40)])
def test_plates_that_rest_or_drift_too_far_are_left_out_and_told(rest: tuple[int, int], tmp_path: Path) -> None:
    reads = "reads 25 N with nobody on it" if rest[0] == 25 else "reads -1 to 40 N with nobody on it"
    change = resting(*rest)
    loads = treadmill().ground_reaction
    first = loads["plate"] == loads["plate"][0]
    one = loads.assign(
        {
            k: xr.where(first, change(loads)[k], loads[k]).transpose(*loads[k].dims).assign_attrs(loads[k].attrs)
            for k in ("force", "moment")
        }
    )
    for changed, used in ((change(loads), 0), (one, 1)):
        trial = pipeline.read(replace(treadmill(), loads=changed), "walker", mass=75.0, height=1.75)
        assert (0 if trial.loads is None else trial.loads.sizes["plate"]) == used
        rows = pipeline.outcomes(pipeline.stances(trial))
        without = rows[rows["kam1_nm"].isna() & (rows["events"] == "markers")]
        assert len(without) >= 4 and without["reason_excluded"].str.contains(reads).all()
        assert without["fpa_deg"].to_numpy() == pytest.approx(7.0, abs=0.5)
        assert rows["kam1_nm"].dropna().to_numpy() == pytest.approx(30.8, abs=0.5)


def test_a_belt_under_both_feet_gives_angles_and_says_why_nothing_else(tmp_path: Path) -> None:
    trial = treadmill()
    assert trial.loads is not None
    one = trial.loads.isel(plate=[0]).copy(deep=True)
    for k in ("force", "moment"):
        one[k].values[:, 0] = trial.loads[k].values.sum(1)
    one["corners"].values[0, :, 2] = [0.5, 0.5, -0.5, -0.5]
    strides, contact = judged(replace(trial, loads=one))
    assert contact["reason"].str.contains("both feet on plate .*, which is never empty").sum() == len(strides)


def files(tmp_path: Path, change: Change) -> list[tuple[Path, dict[str, Any]]]:
    trial = treadmill()
    assert trial.loads is not None
    changed = replace(trial, loads=change(trial.loads))
    settings: dict[str, Any] = {"markers": "walker", "mass": 75.0, "height": 1.75}
    trc, mot = write_pair(tmp_path, changed)
    return [(write_c3d(tmp_path / "walk.c3d", changed), settings), (trc, settings | {"forces": str(mot)})]


def test_a_plate_that_reads_a_hundredth_keeps_its_foot_angles_in_c3d_and_is_refused_in_mot(tmp_path: Path) -> None:
    (path, settings), (trc, with_forces) = files(tmp_path, MISTAKES["gain of 1/100"][0])
    assert _process_trial(path, **settings)["reason_excluded"].str.contains("under a whole foot").sum() >= 9
    with pytest.raises(TrialFormatError, match="forces in N"):
        _process_trial(trc, **with_forces)


def test_a_plate_that_reads_next_to_nothing_is_told_without_a_mass() -> None:
    found = whole(judged(treadmill(), gain(0.01), mass=float("nan"))[1])["reason"]
    assert len(found) == 9 and found.str.contains("under a whole foot: correct the plate's gain").all()


def test_a_threshold_above_every_force_is_no_fault_of_the_plate(tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "walk.c3d", treadmill())
    table = _process_trial(path, markers="walker", mass=75.0, height=1.75, threshold=5000.0)
    assert set(table["reason_excluded"]) == {"no plate under this foot"}


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_centimetres_called_by_another_name_are_told(factor: float) -> None:
    trial = floor()
    shrunk = replace(trial, markers=trial.markers.copy(data=factor * trial.markers.values), loads=None)
    with pytest.raises(MarkerError, match="unit of length"):
        pipeline.read(shrunk, "walker")


@pytest.mark.parametrize("mistake", ["shear", "gain of two", "50 ms late"])
def test_a_file_with_a_mistake_keeps_its_foot_angles_and_loses_its_knee(mistake: str, tmp_path: Path) -> None:
    change, words = MISTAKES[mistake]
    for path, settings in files(tmp_path, change):
        table = _process_trial(path, **settings)
        assert not (path.suffix == ".trc" and table["reason_excluded"].str.contains("FORCE_PLATFORM|ANALOG").any())
        told = table["reason_excluded"].str.contains(words, regex=False)
        assert told.sum() >= 9 and table["kam1_nm"].isna().all()
        assert table.loc[told & table["stride"].notna(), "fpa_deg"].to_numpy() == pytest.approx(7.0, abs=0.5)


# ---- real walks: what stands at the limits, and that none of them is blamed ----

WALKS = [
    ("mcgill-foot-progression", "straight/HC036A10.c3d", "plug-in-gait"),
    ("mcgill-foot-progression", "straight/HC031A06.c3d", "plug-in-gait"),
    ("mcgill-foot-progression", "turn/HC036A23.c3d", "plug-in-gait"),
    ("mcgill-foot-progression", "turn/HC038A27.c3d", "plug-in-gait"),
    ("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d", "plug-in-gait"),
    ("plug-in-gait-kinetics", "btk/FunctionalWalk.c3d", "plug-in-gait"),
    ("plug-in-gait-kinetics", "gaitalytics/treadmill_events.c3d", "plug-in-gait"),
    ("p3m6-walk", "inputs/c3d/Walking04.c3d", "p3m6"),
    ("gc5-instrumented-knee", "inputs/c3d/PS_ngait_og_ss3.c3d", "gc5"),
]


def real(dataset: str, file: str, name: str) -> tuple[Recording, pd.DataFrame]:
    (path,) = needs(dataset, file)
    trial = pipeline.read(path, name)
    feet = [{s: find(trial.markers, trial.roles[s][role]) for s in SIDES} for role in ("heel", "toe")]
    return trial, plate_contacts(trial.ground_reaction, *feet)


@pytest.mark.parametrize(("dataset", "file", "name"), WALKS)
def test_no_real_walk_is_blamed(dataset: str, file: str, name: str) -> None:
    trial, before = real(dataset, file, name)
    after = _find_strides(trial)[1]
    assert after["reason"].tolist() == before["reason"].tolist() and (before["reason"] == "").any()


@pytest.mark.parametrize("mistake", ["turned by 90", "turned by 180", "turned by 270", "shear", "N mm called N m"])
@pytest.mark.parametrize(("dataset", "file", "name"), WALKS[:6])
def test_a_real_walk_with_a_mistake_is(dataset: str, file: str, name: str, mistake: str) -> None:
    trial, _ = real(dataset, file, name)
    change, words = MISTAKES[mistake]
    after = _find_strides(replace(trial, loads=change(trial.ground_reaction)))[1]
    assert (after["reason"] != "").all() and after["reason"].str.contains(words, regex=False).any()


def test_a_real_foot_half_beside_its_plate_is_told() -> None:
    trial, _ = real("plug-in-gait-kinetics", "btk/PiG_Motion-FlatFoot-Hole.c3d", "plug-in-gait")
    after = _find_strides(trial)[1]
    assert after["reason"].str.contains("part of the foot stood beside the plate").all()

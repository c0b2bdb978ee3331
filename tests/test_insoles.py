"""Insole recordings put together: two sides on one clock, and layouts that a file does not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import SignalError, TrialFormatError
from gaitstudy.gait.events import contacts
from gaitstudy.gait.pressure import centre_of_pressure_in_foot, medial_share, total_force
from gaitstudy.io import insoles as I
from gaitstudy.io.wearables import read_fscan_pair, read_insole
from tests.recordings import needs

HEAD = b"sensor,along_m,across_m,area_m2\n"


def one(side: str = "left", rate: float = 50.0, start: float = 0.0, count: int = 10, sensors: int = 3) -> I.Insoles:
    time = start + np.arange(count) / rate
    values = np.arange(count * sensors, dtype=float).reshape(count, 1, sensors) + (100 if side == "right" else 0)
    events = I.events_table([(time[0], "initial_contact", side)])
    return I.gather(f"{side}.txt", time, [side], values, events, [], None)


def layout(sensors: int = 3, **changes: Any) -> pd.DataFrame:
    rows = {
        "sensor": np.arange(1, sensors + 1),
        "along_m": np.linspace(0.02, 0.24, sensors),
        "across_m": np.linspace(-0.03, 0.03, sensors),
        "area_m2": np.full(sensors, 0.015 / sensors),
    }
    return pd.DataFrame(rows | changes)


def test_two_sides_on_one_clock() -> None:
    for pair in ((one("left"), one("right")), (one("right"), one("left"))):
        both = I.join(*pair)
        assert both.samples["side"].values.tolist() == ["left", "right"] and both.samples.sizes["time"] == 10
        for side in ("left", "right"):
            assert (both.samples["pressure"].sel(side=side) == one(side).samples["pressure"][:, 0]).all()
        assert both.samples["pressure"].attrs["units"] == "kPa" and both.events["side"].tolist() != ["left", "left"]
        assert both.notes == ("the two files are put together with a shift of 0 s.",)


def test_a_shift_leaves_ends_empty_and_counted() -> None:
    both = I.join(one("left"), one("right"), shift=0.06)
    assert both.samples.sizes["time"] == 13
    assert np.isnan(both.samples["pressure"].sel(side="left")[10:]).all()
    assert np.isnan(both.samples["pressure"].sel(side="right")[:3]).all()
    assert both.samples["pressure"].sel(side="right", sensor=1).values[3] == 100
    assert "left: 3 of 13 samples outside its recording: NaN." in both.notes
    assert both.events["time"].tolist() == [0.0, pytest.approx(0.06)]
    later = I.join(one("left", start=5.0), one("right", start=5.1))
    assert later.samples["time"].values[0] == 5.0 and later.samples.sizes["time"] == 15


@pytest.mark.parametrize(
    ("second", "shift", "says"),
    [
        (one("left"), 0.0, "one left and one right side, found left and left"),
        (one("right", rate=60.0), 0.0, "one sampling rate, found 50 and 60 Hz"),
        (one("right", rate=50.6), 0.0, "one sampling rate"),
        (one("right"), 0.011, "a whole number of samples apart, found 0.55"),
        (one("right", sensors=4), 0.0, "equal numbers of sensors, found 3 and 4"),
        (one("right", count=1), 0.0, "at least 2 samples"),
    ],
)
def test_what_does_not_fit_together_is_refused(second: I.Insoles, shift: float, says: str) -> None:
    with pytest.raises(SignalError, match=says):
        I.join(one("left"), second, shift)


def test_a_layout_gives_force_share_and_centre(tmp_path: Path) -> None:
    bare = one()
    with pytest.raises(SignalError, match=r"sensors' layout \(io.insoles.with_layout\)"):
        total_force(bare.samples["pressure"], bare.samples["area"])
    path = tmp_path / "layout.csv"
    layout().sample(frac=1, random_state=1).to_csv(path, index=False)  # rows in any order
    for given in (layout(), path, str(path)):
        full = I.with_layout(bare, given).samples.sel(side="left")
        force = total_force(full["pressure"], full["area"])
        assert force.values == pytest.approx(5.0 * full["pressure"].sum("sensor").values)
        cop = centre_of_pressure_in_foot(full["pressure"], full["position"], full["area"])
        assert cop.values[5] == pytest.approx((np.array([15, 16, 17]) / 48) @ layout()[["along_m", "across_m"]].values)
        assert medial_share(full["pressure"], full["position"], full["area"]).values[5] == pytest.approx(25 / 48)
        assert full["area"].attrs["source"] == "given" and bare.samples["area"].isnull().all()
    assert I.with_layout(bare, layout()).notes == ("sensor places and areas were given, not read.",)
    with pytest.raises(TrialFormatError, match="found some in it"):
        I.with_layout(I.with_layout(bare, layout()), layout())


def test_sides_may_have_their_own_layout() -> None:
    both = I.join(one("left"), one("right"))
    wide = layout(across_m=[-0.04, 0.0, 0.04])
    table = pd.concat([layout().assign(side="left"), wide.assign(side="right")])
    found = I.with_layout(both, table).samples["position"]
    assert found.sel(side="left", sensor=1, foot_axis="across") == -0.03
    assert found.sel(side="right", sensor=1, foot_axis="across") == -0.04
    with pytest.raises(TrialFormatError, match="right: expected sensors 1-3 once each, found 0 rows"):
        I.with_layout(both, layout().assign(side="left"))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (layout().drop(columns="area_m2"), r"expected columns .* Add area_m2"),
        (layout().iloc[:2], "sensors 1-3 once each, found 2 rows"),
        (layout(sensor=[1, 1, 2]), "once each"),
        (layout(along_m=[0.02, np.nan, 0.2]), "found 1 blanks or texts"),
        (layout(along_m=["0,02", "0.1", "0.2"]), "found 1 blanks or texts"),
        (layout(along_m=[20, 100, 240]), "places in m within an insole, found along 20-240"),
        (layout(across_m=[-30, 0, 30]), "across up to 30"),
        (layout(area_m2=[50, 50, 50]), "areas in m2 of an insole, .* found 150 m2"),
        (layout(area_m2=[0.01, 0.0, 0.01]), "the smallest 0"),
        (layout(side="L"), "left or right in column side, found another word in data row 1"),
    ],
)
def test_wrong_layouts_are_refused(table: pd.DataFrame, says: str) -> None:
    with pytest.raises(TrialFormatError, match=says):
        I.with_layout(one(), table)


def test_every_problem_of_a_layout_is_listed(tmp_path: Path) -> None:
    both = I.join(one("left"), one("right"))
    with pytest.raises(TrialFormatError, match=r"2 problems\n  1\. left: .*\n  2\. right:"):
        I.with_layout(both, layout(along_m=[20, 100, 240]))
    with pytest.raises(TrialFormatError, match=r"none\.csv: expected a file, found none there"):
        I.with_layout(both, tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "found an empty one"),
        (b"\xe9\n", "expected columns sensor, along_m, across_m, area_m2, found none called sensor"),
        (HEAD + b"", "expected at least one row below the header, found none"),
        (HEAD + b"1,.1,0,.003,7\n2,.2,0,.003\n", "expected 4 cells in every row, found 5 in data row 1"),
        (HEAD + b"1,x,0,.003\n2,.1,0,1_0\n3,.2,0,.003\n", "expected numbers, found 2 blanks or texts"),
        (HEAD + "1,\u0663,0,.003\n2,.1,0,.003\n3,.2,0,.003\n".encode(), "found 1 blanks or texts"),
        (HEAD[:-1] + b",area_m2\n1,.1,0,.003,1\n", "expected each column once, found 'area_m2'"),
    ],
)  # fmt: skip
def test_layout_files_that_are_no_layout_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "l.csv").write_bytes(content)
    with pytest.raises(TrialFormatError, match=says):
        I.with_layout(one(), tmp_path / "l.csv")


def test_real_sheets_step_in_turn_on_the_joined_clock() -> None:
    both = read_fscan_pair(*needs("fscan-insole", "FrasP01L.asf", "FrasP01R.asf"))
    assert both.samples["side"].values.tolist() == ["left", "right"] and both.samples.sizes["time"] == 205
    starts = {}
    for side in ("left", "right"):
        sheet = both.samples.sel(side=side, drop=True)
        found = contacts(total_force(sheet["pressure"], sheet["area"]))
        starts[side] = found.loc[~found["cut"].astype(bool), "start"].to_numpy()
    phase = (starts["right"][1:] - starts["left"][: len(starts["right"]) - 1]) / np.diff(starts["left"]).mean()
    assert (np.abs(phase[:4] - 0.5) < 0.1).all()  # half a stride apart: the files began together, near enough


def test_real_pedar_file_takes_a_layout_and_has_none() -> None:
    walk = read_insole(needs("pedar-insole", "pedar/pressure_example.asc")[0])
    with pytest.raises(SignalError, match="with_layout"):
        total_force(walk.samples["pressure"], walk.samples["area"])
    full = I.with_layout(walk, layout(99)).samples  # made up: only that it is taken in is tested
    assert total_force(full["pressure"], full["area"]).notnull().all()

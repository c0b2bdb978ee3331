"""Posture of the foot: rearfoot angle, navicular drop and height, arch height, foot posture index."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy.conventions import DimensionError, GaitStudyError, UnitError, side_sign
from gaitstudy.gait import foot_posture as F
from tests import synthetic


def at(y: float, z: float, x: float = 0.0) -> xr.DataArray:
    return synthetic.point([x, y, z], np.zeros(1))


def everted(degrees: float, side: str, shank: float = 0.0) -> list[xr.DataArray]:
    """Markers of a heel whose upper end leans medially (everted) by an angle, under a shank that leans outwards."""
    sign = side_sign(side)
    lean, tilt = np.radians(degrees), np.radians(shank)
    upper = at(0.02 + 0.05 * np.cos(lean), -sign * 0.05 * np.sin(lean))
    return [upper, at(0.02, 0.0), at(0.40, sign * 0.30 * np.tan(tilt)), at(0.10, 0.0)]


# ---- closed form ----


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_everted_heel_is_positive_on_both_sides(side: str) -> None:
    assert float(F.rearfoot_eversion(*everted(7.0, side), side)[0]) == pytest.approx(7.0)
    assert float(F.rearfoot_eversion(*everted(-3.0, side), side)[0]) == pytest.approx(-3.0)
    assert float(F.rearfoot_eversion(*everted(7.0, side, 4.0), side)[0]) == pytest.approx(11.0)
    assert F.rearfoot_eversion(*everted(7.0, side), side).attrs["units"] == "deg"


def test_it_is_seen_along_the_foot() -> None:
    # the same heel and shank turned about the vertical with the foot
    turn = np.radians(20)
    matrix = np.array([[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]])
    moved = [synthetic.point(p.values @ matrix.T, np.zeros(1)) for p in everted(7.0, "right", 4.0)]
    direction = (matrix @ [1.0, 0, 0]).tolist()
    assert float(F.rearfoot_eversion(*moved, "right", direction)[0]) == pytest.approx(11.0)
    assert abs(float(F.rearfoot_eversion(*moved, "right")[0]) - 11.0) > 0.3


def test_drop_and_heights_by_hand() -> None:
    row = F.navicular_drop(48.0, 38.0).iloc[0]
    assert (row["drop"], row["large"], row["threshold"]) == (10.0, 0, 10.0)
    assert row["threshold_source"] == "general knowledge, not verified"
    given = F.navicular_drop(48.0, 38.0, threshold=9.0).iloc[0]
    assert given["large"] == 1 and given["threshold_source"] == "given by the caller"
    assert F.navicular_drop(38.0, 40.0).loc[0, "drop"] == -2.0
    assert F.normalised_navicular_height(45.0, 180.0) == 0.25
    assert F.arch_height_index(63.0, 180.0) == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("total", "name"),
    [(-12, "highly supinated"), (-5, "highly supinated"), (-4, "supinated"), (-1, "supinated"), (0, "normal"),
     (5, "normal"), (6, "pronated"), (9, "pronated"), (10, "highly pronated"), (12, "highly pronated")],
)  # fmt: skip
def test_classes_of_the_index(total: int, name: str) -> None:
    scores = [int(np.clip(total - 2 * k * np.sign(total), -2, 2)) if k < abs(total) / 2 else 0 for k in range(6)]
    found = F.foot_posture_index(dict(zip(F.ITEMS, scores, strict=True))).iloc[0]
    assert (found["total"], found["class"]) == (total, name)
    read = name in ("normal", "pronated")
    assert found["class_source"] == ("Current Pedorthics 2019" if read else "general knowledge, not verified")


def test_the_classes_cover_every_total_once() -> None:
    assert sorted(t for low, high, *_ in F.CLASSES for t in range(low, high + 1)) == list(range(-12, 13))


# ---- refusals ----


def test_every_wrong_item_is_listed() -> None:
    items = dict.fromkeys(F.ITEMS, 1) | {"medial arch": 3, "calcaneal position": 0.5, "toes": 1}
    del items["talonavicular bulge"]
    with pytest.raises(GaitStudyError) as caught:
        F.foot_posture_index(items)
    for name in ("talonavicular bulge", "medial arch", "calcaneal position", "toes"):
        assert name in str(caught.value)
    with pytest.raises(GaitStudyError, match="True"):
        F.foot_posture_index(dict.fromkeys(F.ITEMS, True))
    with pytest.raises(GaitStudyError, match="nan"):
        F.foot_posture_index(dict.fromkeys(F.ITEMS, float("nan")))


def test_swapped_markers_and_other_times_are_refused() -> None:
    upper, lower, above, below = everted(3.0, "left")
    with pytest.raises(GaitStudyError, match="calcaneus_upper: expected above calcaneus_lower"):
        F.rearfoot_eversion(lower, upper, above, below, "left")
    long = [synthetic.point(p.values[0], np.arange(3.0)) for p in (above, below)]
    with pytest.raises(DimensionError, match="same times"):
        F.rearfoot_eversion(upper, lower, *long, "left")
    with pytest.raises(GaitStudyError, match="threshold: expected mm above 0"):
        F.navicular_drop(48.0, 38.0, float("nan"))


def test_impossible_feet_are_refused() -> None:
    with pytest.raises(GaitStudyError, match="sitting"):
        F.navicular_drop(4.8, 38.0)  # cm
    with pytest.raises(GaitStudyError, match="truncated_length"):
        F.arch_height_index(63.0, 18.0)
    with pytest.raises(GaitStudyError, match="truncated_length"):
        F.normalised_navicular_height(40.0, 18.0)
    with pytest.raises(GaitStudyError, match="dorsum_height"):
        F.arch_height_index(6.3, 180.0)
    with pytest.raises(UnitError):
        F.rearfoot_eversion(*[p.assign_attrs(units="mm") for p in everted(3.0, "left")], "left")
    with pytest.raises(GaitStudyError, match="horizontal direction"):
        F.rearfoot_eversion(*everted(3.0, "left"), "left", (0, 1, 0))

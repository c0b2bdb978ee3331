"""Footprints: drawn cell by cell, turned, mirrored, and those of a real walk."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy.conventions import SignalError, labelled
from gaitstudy.gait import footprint as F
from gaitstudy.io.insoles import read_insole
from tests.recordings import needs

CELL = 0.005


def drawn(picture: str, value: float = 10.0) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Footprint, position and area of a picture: toes on top, medial on the left, # loaded, . not, blank no sensor."""
    rows = picture.strip("\n").split("\n")
    cells = [
        (len(rows) - k - 0.5, 0.5 * len(row) - j - 0.5, c) for k, row in enumerate(rows) for j, c in enumerate(row)
    ]
    place = CELL * np.array([c[:2] for c in cells])
    return (
        labelled([value * (c[2] == "#") for c in cells], ("sensor",), units="kPa", long_name="peak"),
        labelled(place, ("sensor", "foot_axis"), units="m", long_name="place"),
        labelled([CELL**2 * (c[2] != " ") for c in cells], ("sensor",), units="m2", long_name="area"),
    )


FOOT = """
.........
..##.#...
..##.#...
.....#...
.#####...
.#####...
.#####...
....##.#.
....##.#.
...###.#.
..####...
..####...
..####...
.........
"""


def test_lines_one_cell_wide_are_no_foot() -> None:
    inside = F.in_patches(*drawn(FOOT))
    rows = ["".join(".#"[int(v)] for v in inside.values[k : k + 9]) for k in range(0, 126, 9)]
    assert rows[1:4] == ["..##.....", "..##.....", "........."] and rows[7:10] == [
        "....##...",
        "....##...",
        "...###...",
    ]
    assert FOOT.count("#") - int(inside.sum()) == 3 + 3  # the line in front and the line beside


def test_outline_by_hand() -> None:
    foot = drawn("\n".join(["....", "###.", "###.", "##..", "##..", "###.", "###.", "...."]))
    found = F.outline(*foot)
    assert float(found["heel"]) == pytest.approx(CELL) and float(found["length"]) == pytest.approx(6 * CELL)
    assert float(found["forefoot_width"]) == pytest.approx(3 * CELL)
    assert float(found["middle"]) == pytest.approx(0.5 * CELL)
    assert found["medial_border"].values == pytest.approx(CELL * np.array([[1, 2], [7, 2]]))


def test_a_medial_border_is_a_straight_edge_laid_against_the_foot() -> None:
    wide_in_front = drawn("\n".join(["###..", "###..", ".##..", "..#..", "..#..", ".##..", ".##.."]))
    rear, front = F.outline(*wide_in_front)["medial_border"].values / CELL
    assert rear == pytest.approx([0, 1.5]) and front == pytest.approx([5, 2.5])
    mask, place, _ = wide_in_front
    edge = np.array([rear, front])
    corners = place.values[mask.values > 0] / CELL + 0.5
    above = edge[0, 1] + (corners[:, 0] - edge[0, 0]) * np.diff(edge[:, 1]) / np.diff(edge[:, 0])
    assert (corners[:, 1] <= above + 1e-9).all()


def test_mirrored_feet_keep_length_and_width() -> None:
    mask, place, area = drawn(FOOT)
    mirrored = (place * xr.DataArray([1.0, -1.0], dims="foot_axis")).assign_attrs(place.attrs)
    plain, turned = F.outline(mask, place, area), F.outline(mask, mirrored, area)
    for name in ("heel", "length", "forefoot_width"):
        assert float(turned[name]) == pytest.approx(float(plain[name]))
    assert float(turned["middle"]) == pytest.approx(-float(plain["middle"]))
    shuffled = np.random.default_rng(2).permutation(mask.size)
    again = F.outline(*(array.isel(sensor=shuffled) for array in (mask, place, area)))
    xr.testing.assert_allclose(plain, again)


def test_arch_index_of_40_18_30() -> None:
    counts = {2: 40, 1: 18, 0: 30}
    rows = [(0.01 * (k % 6) + 0.06 * third + 0.005, 0.0) for third, n in counts.items() for k in range(n)]
    place = labelled([*rows, (0.22, 0.0)], ("sensor", "foot_axis"), units="m", long_name="place")
    area = labelled(np.full(89, 1e-4), ("sensor",), units="m2", long_name="area")
    pressed = labelled(np.ones(89), ("sensor",), units="kPa", long_name="peak")
    foot = {"sensor": slice(88)}
    index = F.arch_index(pressed.isel(foot), place.isel(foot), area.isel(foot))
    assert float(index) == pytest.approx(18 / 88)
    assert round(float(index), 4) == 0.2045
    toes = xr.DataArray(np.arange(89) == 88, dims="sensor")
    assert float(F.arch_index(pressed, place, area, toes)) == pytest.approx(18 / 88)
    assert np.isnan(F.arch_index((0 * pressed).assign_attrs(pressed.attrs), place, area))
    with pytest.raises(SignalError, match="sensors' layout"):
        F.arch_index(pressed, place, area.where(area["sensor"] > 0).assign_attrs(area.attrs))


def test_toes_are_ahead_of_the_emptiest_row() -> None:
    mask, place, area = drawn("\n".join([".##.", "##..", ".#..", "####", "####", ".##.", ".#..", ".##.", ".##."]))
    under = F.toes(mask, place, area).values.reshape(9, 4)
    assert under.all(1).tolist() == [True, True, *[False] * 7]
    none = F.toes(*drawn("\n".join(["....", ".##.", "####", "####", ".##.", ".##."])))
    assert not none.any()
    index = F.arch_index(mask, place, area, toes=F.toes(mask, place, area))
    assert float(index) == pytest.approx((4 + 2 + 1) / 16)  # without toes 7 rows are left: 2 2 | 1 2 4 | 4 1 cells
    assert not F.toes(*drawn("....")).any()


def test_regions_share_out_every_sensor() -> None:
    _, place, _ = drawn(FOOT)
    masks = F.regions(place, 0.0, 14 * CELL, 0.0)
    assert masks["region"].values.tolist() == list(F.REGIONS) and (masks.sum("region") == 1).all()
    assert masks.sel(region="medial heel").values.reshape(14, 9)[-1].tolist() == [True] * 4 + [False] * 5
    fractions = labelled([[-0.4, 0.1], [0.0, -0.1], [0.6, 0.1]], ("sensor", "foot_axis"), units="1", long_name="place")
    found = F.regions(fractions, -0.5, 1.0, 0.0).values
    assert [F.REGIONS[int(k)] for k in found.argmax(0)] == ["medial heel", "lateral midfoot", "medial forefoot"]


def test_what_is_no_footprint_is_refused() -> None:
    mask, place, area = drawn(FOOT)
    with pytest.raises(SignalError, match="expected loaded sensors"):
        F.outline((0 * mask).assign_attrs(mask.attrs), place, area)
    with pytest.raises(SignalError, match="regular grid"):
        F.in_patches(mask, (place + place**2 * 3).assign_attrs(place.attrs), area)
    with pytest.raises(SignalError, match=r"at 0\.0"):
        F.outline(*drawn("\n".join(["##", "##", "..", "..", "..", "##", "##"])))


@pytest.mark.parametrize("letter", ["L", "R"])
def test_real_sheets_have_a_foot_and_one_of_them_faulty_lines(letter: str) -> None:
    samples = read_insole(needs("fscan-insole", f"FrasP01{letter}.asf")[0])[0].isel(side=0, drop=True)
    peak = samples["pressure"].max("time", keep_attrs=True).fillna(0.0)
    inside = F.in_patches(peak, samples["position"], samples["area"])
    left_out = int(((peak > 0) & ~inside).sum())
    assert left_out < 0.02 * 955 if letter == "L" else left_out > 0.03 * 955
    foot = peak.where(inside, 0.0)
    found = F.outline(foot, samples["position"], samples["area"])
    assert 0.22 < float(found["length"]) < 0.28 and 0.06 < float(found["forefoot_width"]) < 0.11
    ahead = F.toes(foot, samples["position"], samples["area"])
    first = samples["position"].values[ahead.values, 0].min()
    assert 0.7 < (first - float(found["heel"])) / float(found["length"]) < 0.95
    assert 0.1 < float(F.arch_index(foot, samples["position"], samples["area"], toes=ahead)) < 0.35

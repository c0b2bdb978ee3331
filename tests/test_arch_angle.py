"""The arch of real feet over stance: statistics printed with the package, and ranges by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.io import results
from gaitstudy.tables import arch_angle


def test_statistics_of_the_paired_example_that_comes_with_the_package() -> None:
    table = results.kept("arch_tests").set_index(["first", "second", "tails"])
    one, two = table.loc[("second", "third", 1)], table.loc[("second", "third", 2)]
    assert one["threshold"] == pytest.approx(3.40590, abs=5e-6) and one["p"] == pytest.approx(0.03528, abs=5e-6)
    assert two["threshold"] == pytest.approx(3.93947, abs=5e-6) and two["p"] == pytest.approx(0.03730, abs=5e-6)
    assert (one["df1"], one["df2"], one["n"]) == (1, 9, 10)
    assert one["fwhm"] == pytest.approx(20.37196, abs=5e-6) and one["resels"] == pytest.approx(4.90871, abs=5e-6)
    assert one["largest"] == pytest.approx(6.55176, abs=5e-6)


def test_ranges_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    still = np.zeros((3, 4, 101))
    still[1, :, 90] = [1.0, 2.0, 3.0, 4.0]
    still[2, :, -1] = [-4.0, -5.0, -5.0, -6.0]
    monkeypatch.setattr(arch_angle, "_angles", lambda: still)
    table = arch_angle.ranges().set_index(["measure", "speed"])
    assert table.loc[("range", "second"), ["mean", "difference"]].tolist() == [2.5, 2.5]
    assert table.loc[("range", "second"), "difference_sd"] == pytest.approx(np.std([1, 2, 3, 4], ddof=1))
    assert table.loc[("push-off", "third"), "mean"] == 5.0
    assert np.isnan(table.loc[("range", "first"), "difference"])

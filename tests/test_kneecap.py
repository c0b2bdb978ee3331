"""Muscle forces of people with and without pain behind the kneecap: what the names rest on, and the stored means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import catalogue, results
from gaitstudy.tables import kneecap

needs_package = pytest.mark.skipif(not catalogue.present("spm1d"), reason="spm1d is not installed")


def test_stored_peaks_of_the_two_groups() -> None:
    table = results.kept("patellofemoral_peaks").set_index(["what", "group"])
    assert (table.xs("control", level="group")["n"] == 15).all() and (table.xs("pain", level="group")["n"] == 26).all()
    for group in ("control", "pain"):  # a peak of a sum is at most the sum of the peaks
        for name, parts in kneecap.SUMS.items():
            assert table.loc[(name, group), "mean"] <= sum(table.loc[(m, group), "mean"] for m in parts) * (1 + 1e-12)


@needs_package
def test_means_and_spreads_are_those_of_the_people() -> None:
    table = kneecap.group_peaks().set_index(["what", "group"])
    forces, flexion = kneecap.curves()["pain"]
    vasti = forces[..., [5, 6, 7]].sum(axis=2).max(axis=1)
    assert table.loc[("vasti", "pain"), ["mean", "sd"]].tolist() == pytest.approx([vasti.mean(), vasti.std(ddof=1)])
    first = flexion[:, :50].max(axis=1)
    assert table.loc[("knee flexion, first peak", "pain"), "mean"] == pytest.approx(first.mean())


@needs_package
def test_vasti_and_gastrocnemii_peak_where_walking_has_them() -> None:
    """What the names and the movement are inferred from."""
    both = np.concatenate([forces for forces, _ in kneecap.curves().values()])
    at = pd.Series(both.mean(0).argmax(0), index=kneecap.MUSCLES)
    assert at[list(kneecap.SUMS["vasti"])].between(15, 30).all()
    assert at[list(kneecap.MUSCLES[8:])].between(70, 85).all()

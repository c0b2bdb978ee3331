"""Tables of parameters: a change is in place and marked, and what cannot be is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.catalogue import data_folder
from gaitstudy.simulate.parameters import table

FILES = ("virtual_trial.csv", "virtual_foot_angles.csv")


def test_only_what_is_changed_is_marked() -> None:
    plain, changed = table(FILES[0], None), table(FILES[0], {"kam_mean": 3, "women": 1.0})
    moved = (plain != changed).any(axis=1)
    assert plain.loc[moved, "name"].tolist() == ["women", "kam_mean"] and changed["value"].dtype == float
    assert changed.loc[moved, ["value", "source", "status", "note"]].to_numpy().tolist() == [
        [1.0, "assumption", "A", "changed by the caller"],
        [3.0, "assumption", "A", "changed by the caller"],
    ]
    assert table(FILES[0], {}).equals(plain)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("peak_corelation", 0.5, "'peak_corelation' is no parameter, did you mean peak_correlation"),
        ("kam1_mean", np.inf, "kam1_mean: expected a finite number from -inf to inf, found inf"),
        ("kam1_mean", np.nan, "kam1_mean: expected a finite number"),
        ("kam1_sd", -0.1, "kam1_sd: expected a finite number from 0 to inf, found -0.1"),
        ("peak_correlation", 1.5, "peak_correlation: expected a finite number from -1 to 1, found 1.5"),
    ],
)
def test_what_cannot_be_is_refused(name: str, value: float, message: str) -> None:
    with pytest.raises(GaitStudyError, match=message):
        table(FILES[1], {name: value})


@pytest.mark.parametrize("file", FILES)
def test_spreads_shares_and_correlations_have_limits_and_every_value_lies_within_them(file: str) -> None:
    rows = pd.read_csv(data_folder() / "published" / file)
    assert rows["name"].is_unique and rows["value"].between(rows["low"], rows["high"]).all()
    for kind, low, high in (
        (rows["name"].str.endswith("_correlation"), -1, 1),
        (rows["unit"].isin(["share", "per visit"]), 0, 1),
        (rows["name"].str.endswith(("_sd", "_spread")), 0, np.inf),
    ):
        assert (rows.loc[kind, ["low", "high"]] == [low, high]).all(axis=None)

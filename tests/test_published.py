"""Published figures: numbers as numbers, texts as texts, nothing filled."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import published


def test_what_is_not_available_is_missing_and_never_zero_or_a_word() -> None:
    table = published.studies()
    assert (table[list(published.NUMBERS)].dtypes == np.dtype(float)).all()
    assert table["value"].isna().any() and not table[["study", "status", "note"]].isna().any(axis=None)
    own = table[table["study"] == "Ferrigno 2016"].iloc[0]
    assert np.isnan(own["value"]) and own["n"] == 32 and "p < .001" in own["note"]


def test_one_study_or_an_error_that_names_it() -> None:
    own = published.studies("Birmingham 2007")
    assert set(own["study"]) == {"Birmingham 2007"} and own.index.tolist() == list(range(len(own)))
    assert own["value"].iloc[0] == 0.36
    with pytest.raises(StatisticsError, match="'nobody'"):
        published.studies("nobody")

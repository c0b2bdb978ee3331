"""The tables of campaigns: written once, compared ever after."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gaitstudy.conventions import DatasetUnavailable
from gaitstudy.io import campaigns, catalogue
from gaitstudy.io.stored import DerivedMismatch

TABLE = pd.DataFrame({"people": [68, 34], "power": [0.72, 0.41]})


def compute() -> None:
    """Stand for the function of a campaign."""


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "derived").mkdir()
    monkeypatch.setattr(catalogue, "data_folder", lambda: tmp_path)
    monkeypatch.delenv("GAITSTUDY_UPDATE_DERIVED", raising=False)
    return tmp_path


def keep(table: pd.DataFrame, tolerance: float = 1e-6) -> pd.DataFrame:
    return campaigns.keep("made_up", table, compute, ["people"], 5, tolerance)


def test_a_table_is_written_once_and_read_with_its_seed() -> None:
    keep(TABLE)
    kept = campaigns.kept("made_up")
    assert kept.attrs == {"data_class": "simulated, stored", "seed": 5}
    pd.testing.assert_frame_equal(kept, TABLE, check_dtype=False)


def test_another_number_is_told_and_the_kept_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(TABLE)
    other = TABLE.assign(power=[0.72, 0.42])
    with pytest.raises(DerivedMismatch, match="made_up"):
        keep(other)
    assert campaigns.kept("made_up")["power"].tolist() == [0.72, 0.41]
    assert keep(other, 0.1)["power"].tolist() == [0.72, 0.42]
    monkeypatch.setenv("GAITSTUDY_UPDATE_DERIVED", "1")
    keep(other)
    assert campaigns.kept("made_up")["power"].tolist() == [0.72, 0.42]


def test_another_key_or_seed_than_the_kept_table_has_is_told() -> None:
    keep(TABLE)
    for key, seed in ((["power"], 5), (["people"], 6)):
        with pytest.raises(DerivedMismatch, match=r"expected key \['people'\] and seed 5"):
            campaigns.keep("made_up", TABLE, compute, key, seed)


def test_no_table_says_which_campaign_makes_it() -> None:
    with pytest.raises(DatasetUnavailable, match=r"run\.py campaign made_up"):
        campaigns.kept("made_up")

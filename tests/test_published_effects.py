"""Published effects: what the table must keep, and how a row becomes evidence for a claim."""

from __future__ import annotations

import pandas as pd
import pytest

from gaitstudy import claims
from gaitstudy.conventions import StatisticsError
from gaitstudy.io import published
from gaitstudy.io.catalogue import data_folder

TABLE = published.effects()


def test_table_keeps_its_promises() -> None:
    assert set(TABLE["status"]) <= {"S", "C", "I"} and (TABLE["source"] != "").all() and (TABLE["study"] != "").all()
    known = set(pd.read_csv(data_folder() / "claims.csv")["id"])
    assert {c for ids in TABLE["claims"] for c in ids.split("; ")} <= known
    assert (TABLE.loc[TABLE["pooled"], "overlap"] != "").all()
    numbers = TABLE[["study", "people", "exposure", "outcome", "measure", "effect"]]
    assert not numbers[TABLE["effect"].notna()].duplicated().any()


def test_numbers_of_the_methods() -> None:
    wedge = TABLE[TABLE["study"].str.startswith("Arnold")].set_index("outcome")
    assert wedge["effect"].to_dict() == {"KAM1": -0.19, "KAM2": -0.25, "KAM impulse": -0.14}
    assert wedge["i2"].tolist() == [5, 30, 31] and (wedge["n"] == 534).all()
    drop = TABLE.query("study == 'pelvic drop study' and outcome == 'KAM peak'")["effect"].tolist()
    assert drop[1] / drop[0] - 1 == pytest.approx(0.375) and (drop[1] - drop[0]) / 4 == pytest.approx(0.0375)
    shoes = TABLE[TABLE["study"] == "Shakoor 2010"].set_index("exposure")["effect"]
    assert shoes["clogs"] == 3.1 and shoes["barefoot"] == 2.7


def test_no_number_has_two_homes() -> None:
    studies = pd.read_csv(data_folder() / "published" / "studies.csv")
    here = TABLE[["study", "outcome", "effect"]].dropna()
    there = studies[["study", "measure", "value"]].dropna()
    assert not set(here.itertuples(index=False, name=None)) & set(there.itertuples(index=False, name=None))


def test_one_row_is_one_or_refused() -> None:
    row = published.one_row(study="Shakoor 2010", exposure="barefoot", unit="%BW*Ht")
    assert (row["sd"], row["n"]) == (0.7, 31)
    with pytest.raises(StatisticsError, match=r"one row for Shakoor 2010; found [2-9]"):
        published.one_row(study="Shakoor 2010")
    with pytest.raises(StatisticsError, match="one row for nobody, KAM1; found 0"):
        published.one_row(study="nobody", outcome="KAM1")


def test_pieces_fit_the_ledger() -> None:
    wedge = published.piece("Arnold 2016 (meta-analysis)", "lateral wedges", "KAM1")
    assert (wedge["n"], wedge["n_unit"], wedge["pooled"]) == (2, "studies", True)  # at least: an I2 is printed
    assert len(claims.record("F8", **wedge, role="footwear")) == 1  # type: ignore[arg-type]
    single = published.piece("Messier 2005", "body mass lost", "knee compressive force")
    assert (single["interval"], single["n"], single["n_unit"]) == ("not available", 142, "people")
    with pytest.raises(StatisticsError, match="found 0"):
        published.piece("Wang 2020 (meta-analysis)", "tape", "KAM1")
    with pytest.raises(StatisticsError, match="was not read"):
        published.piece("Ashok (in a review)", "hip exercises added to quadriceps exercises", "global pain")


def test_a_count_of_the_whole_review_cannot_decide() -> None:
    tape = published.piece("Warden 2008 (meta-analysis)", "patellar tape against sham tape", "knee pain")
    assert tape["n_unit"] == "studies of the whole review"
    own = claims.judged([claims.record("H3", **tape, role="taping")])
    assert own["verdict"].tolist() == ["inconclusive"] and "whole review" in own["why"].iloc[0]


def test_unknown_claim_is_refused() -> None:
    with pytest.raises(StatisticsError, match="X9"):
        published.effects("X9")

"""Published effects: what the table must keep, what may be pooled, and the figures of evidence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy import claims, figures
from gaitstudy.conventions import StatisticsError
from gaitstudy.io import published
from gaitstudy.stats import evidence

TABLE = published.effects()


def own(**changes: object) -> pd.DataFrame:
    """Two made-up studies that may be pooled, with changes to the second."""
    row = TABLE[TABLE["outcome"] == "global pain"].iloc[0].to_dict()
    first = row | {"study": "a", "effect": -0.5, "low": -0.9, "high": -0.1}
    return pd.DataFrame([first, first | {"study": "b", "effect": -0.3, "low": -0.7, "high": 0.1} | changes])


def test_table_keeps_its_promises() -> None:
    assert set(TABLE["status"]) <= {"S", "C", "I"} and (TABLE["source"] != "").all() and (TABLE["study"] != "").all()
    known = set(claims.read()["id"])
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
    studies = pd.read_csv(claims.CLAIMS.parent / "published" / "studies.csv")
    here = TABLE[["study", "outcome", "effect"]].dropna()
    there = studies[["study", "measure", "value"]].dropna()
    assert not set(here.itertuples(index=False, name=None)) & set(there.itertuples(index=False, name=None))


def test_two_independent_studies_are_pooled() -> None:
    found = evidence.pooled(own(), interval="Wald").iloc[0]
    assert found["estimate"] == pytest.approx(-0.4) and found["names"] == "a; b"
    assert found["high"] - found["low"] == pytest.approx(0.8 / np.sqrt(2))
    odds = own().assign(measure="odds ratio", effect=[0.5, 2.0], low=[0.25, 1.0], high=[1.0, 4.0])
    assert evidence.pooled(odds)["estimate"].item() == pytest.approx(0.0, abs=1e-12)


def test_truncated_by_default() -> None:
    alike = own(effect=-0.5, low=-0.9, high=-0.1)
    assert evidence.pooled(alike)["p"].item() > evidence.pooled(alike, interval="Wald")["p"].item()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"outcome": "stiffness"}, "several outcomes"),
        ({"exposure": "tape"}, "several exposures"),
        ({"unit": "mm"}, "several units"),
        ({"pooled": True}, "a figure pooled by others"),
        ({"study": "a"}, "one study more than once: a"),
        ({"low": np.nan, "high": np.nan}, "1 study with an interval"),
    ],
)
def test_what_may_not_be_pooled_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        evidence.pooled(own(**changes))


def test_shared_people_are_refused() -> None:
    with pytest.raises(StatisticsError, match="shared people: one trial"):
        evidence.pooled(own().assign(overlap="one trial"))


def test_overlapping_reviews_are_never_poolable() -> None:
    groups = published.effects().groupby(["outcome", "measure", "unit"], sort=False)
    reviews = [own for _, own in groups if own["study"].nunique() > 1 and own["pooled"].any()]
    assert len(reviews) >= 4 and all(evidence.why_not(own) for own in reviews)


def test_one_row_is_one_or_refused() -> None:
    row = published.one_row(study="Shakoor 2010", exposure="barefoot", unit="%BW*Ht")
    assert (row["sd"], row["n"]) == (0.7, 31)
    with pytest.raises(StatisticsError, match=r"one row for Shakoor 2010; found [2-9]"):
        published.one_row(study="Shakoor 2010")
    with pytest.raises(StatisticsError, match="one row for nobody, KAM1; found 0"):
        published.one_row(study="nobody", outcome="KAM1")


def test_differences_of_printed_groups() -> None:
    pain = TABLE[TABLE["outcome"] == "knee pain after treatment"]
    found = evidence.group_differences(pain, "strengthening", "control")
    assert found["n"].tolist() == [89, 60] and (found["status"] == "C").all() and not evidence.why_not(found)
    first = (2.6 - 3.9) / np.sqrt((44 * 2.1**2 + 43 * 2.6**2) / 87) * (1 - 3 / (4 * 87 - 1))
    assert found["effect"].iloc[0] == pytest.approx(first, abs=1e-4)
    with pytest.raises(StatisticsError, match="expected a study"):
        evidence.group_differences(pain, "tape", "control")


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


def test_forest_draws_what_is_known_and_says_what_is_not() -> None:
    rows = evidence.forest_rows(published.effects("F5").query("outcome == 'KAM1'"))
    (ax,) = figures.effects_forest(rows, "SMD", "t (published, 2 reviews)").axes
    texts = [t.get_text() for t in ax.texts]
    assert texts.count("not available") == rows["effect"].isna().sum() > 0
    assert any(t.startswith("-0.19 (-0.23 to -0.15)") for t in texts) and len(ax.patches) == 1
    assert any("p printed: .005" in t for t in texts)


def test_forest_marks_single_studies_and_lost_intervals() -> None:
    rows = pd.DataFrame({"label": ["a", "b"], "effect": [0.5, 2.0], "low": [0.25, np.nan], "high": [1.0, np.nan],
                         "kind": "study", "size": ""})  # fmt: skip
    (ax,) = figures.effects_forest(rows, "odds ratio", "t", null=1.0, log=True).axes
    assert ax.get_xscale() == "log" and not ax.patches
    assert any("interval not available" in t.get_text() for t in ax.texts)

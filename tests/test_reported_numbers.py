"""Checks of published figures: verdicts that can be worked out by hand, and what is said when nothing can be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy import figures
from gaitstudy.conventions import StatisticsError
from gaitstudy.io import published
from gaitstudy.studies import implied_numbers, reported_numbers

TABLE = reported_numbers.checks()


def verdict(source: str, figure: str) -> pd.Series:
    own = TABLE[TABLE["source"].str.startswith(source) & TABLE["figure"].str.startswith(figure)]
    assert len(own) == 1, own
    return own.iloc[0]


def test_every_check_has_a_verdict_and_says_what_is_missing() -> None:
    assert set(TABLE["verdict"]) == set(implied_numbers.VERDICTS)
    open_ = TABLE["verdict"] == "cannot be checked"
    assert (TABLE.loc[open_, "needs"] != "").all() and (TABLE.loc[~open_, "needs"] == "").all()
    assert not TABLE[["source", "figure", "check", "printed"]].duplicated().any()


def test_reliability_by_hand() -> None:
    row = verdict("Birmingham", "SEM and ICC")
    assert "SD 0.962" in row["implied"] and "0.998" in row["implied"]  # .36 / sqrt(.14); 1.96 sqrt(2) .36
    assert verdict("Birmingham", "interval of the SEM")["verdict"] == "consistent"
    assert verdict("Birmingham", "interval of the mean")["verdict"] == "consistent"
    bound = verdict("Birmingham", "upper bound")
    assert bound["verdict"] == "inconsistent" and "0.93" in bound["implied"]


def test_a_lost_sign_is_found() -> None:
    assert verdict("J Foot Ankle Res 14", "knee osteoarthritis: peak rearfoot")["verdict"] == "inconsistent"


def test_p_values_by_hand() -> None:
    table = implied_numbers.printed_p().set_index(["source", "figure"])
    pain = table.loc[("Zhang 2018 (meta-analysis, 10 trials)", "lateral wedges: knee pain, knee osteoarthritis")]
    assert pain["verdict"] == "consistent" and pain["smallest"] < 0.156 < pain["largest"]
    insoles = table.loc[("Yu 2021 (meta-analysis)", "orthopaedic insoles: WOMAC pain, knee osteoarthritis")]
    assert insoles["bound"] and insoles["printed"] == 0.001 and insoles["smallest"] > 0.05
    assert table.loc[("Levinger 2010", "arch index"), "verdict"] == "inconsistent"
    assert table.loc[("Levinger 2010", "navicular drop"), "verdict"] == "cannot be checked"
    assert table.loc[("Abourazzak 2014", "age"), "largest"] < 1e-9


def test_one_table_read_from_both_sides_has_one_p() -> None:
    flat, high = (verdict("Abourazzak", name) for name in ("flat feet, 42", "high arches, 58"))
    assert flat["implied"] == high["implied"] and flat["printed"] != high["printed"]


def test_counts_and_scores() -> None:
    own = TABLE[TABLE["kind"] == "counts of 107"]
    assert own["verdict"].tolist() == ["consistent", "cannot be checked", "cannot be checked"]
    assert own["implied"].str.contains("75").tolist() == [True, False, False]
    scores = TABLE[TABLE["kind"] == "means of scores"]
    assert scores["verdict"].tolist() == ["cannot be checked"] * 2 + ["consistent"]


def test_the_trial_by_hand() -> None:
    needs = implied_numbers.trial_needs().set_index("unit")
    assert needs.loc["NRS points", "largest_sd"] == pytest.approx(2.478, abs=1e-3)
    assert needs.loc["%", "difference"] == -7 and (needs["n_per_arm"] == 34).all()
    assert verdict("Uhlrich 2025", "pain: -2.5")["implied"] == "-1.3 NRS points"


def test_pairs_by_hand() -> None:
    pairs = implied_numbers.pair_needs().set_index("figure")
    nanba = pairs.loc["Nanba walk less usual walk: KAM1"]
    t = 3.4  # about: p = .002 with 28 degrees of freedom
    spread = 0.05 * np.sqrt(29) / t
    assert nanba["implied"] == pytest.approx(1 - spread**2 / (2 * 0.09**2), abs=0.02)
    assert pairs["needed"].max() < 1 and pairs.loc["clogs less barefoot: KAM peak", "needed"] < 0


def test_pairing_tells_pairs_from_groups() -> None:
    found = implied_numbers.pairing()
    wedges = found["source"].str.startswith("Arnold")
    assert (found.loc[wedges, "standard_error"] < found.loc[wedges, "unpaired"]).all()
    assert (found.loc[~wedges, "standard_error"] > 0.99 * found.loc[~wedges, "unpaired"]).all()
    one = found[wedges].iloc[0]  # 2 (1 - r) / n + g^2 / (2 n) is the squared error
    assert 2 * (1 - one["correlation"]) / 534 + 0.19**2 / 1068 == pytest.approx(one["standard_error"] ** 2)


def test_tally_counts_everything() -> None:
    counts = reported_numbers.tally(TABLE)
    assert counts.to_numpy().sum() == len(TABLE) and list(counts.columns) == list(implied_numbers.VERDICTS)
    (ax,) = figures.counted_verdicts(counts, "t").axes
    assert sum(p.get_width() for p in ax.patches) == len(TABLE)


def test_implied_p_draws_every_row() -> None:
    found = implied_numbers.printed_p()
    (ax,) = figures.implied_p(found, "t").axes
    assert len(ax.get_yticks()) == len(found)
    marks = [line for line in ax.lines if line.get_color() == "k" and len(line.get_xdata()) == 1]
    drawn = [float(line.get_xdata()[0]) for line in marks if line.get_marker() == "|"]
    assert drawn == found.loc[~found["bound"], "printed"].tolist()


def test_unknown_study_is_refused() -> None:
    with pytest.raises(StatisticsError, match="nobody"):
        published.studies("nobody")

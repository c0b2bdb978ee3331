"""Masking: no small count is shown, and none can be worked out from what is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import disclosure
from gaitstudy.io.disclosure import MASKED, mask_small, person_rows, refuse_people, shown_counts


def test_nothing_small_nothing_masked() -> None:
    shown = mask_small(pd.DataFrame({"I": [20, 14], "C": [9, 25]}))
    assert shown.to_numpy().tolist() == [["20", "9", "29"], ["14", "25", "39"], ["34", "34", "68"]]


def test_one_masked_cell_takes_others_with_it_where_totals_are_known() -> None:
    counts = pd.DataFrame({"I": [20, 3, 11], "C": [9, 15, 30]})
    alone = mask_small(counts, "none")
    assert (alone == MASKED).to_numpy().tolist() == [[False, False], [True, False], [False, False]]
    down = mask_small(counts, "down")
    assert (down["I"] == MASKED).sum() == 2 and (down["C"] == MASKED).sum() == 0
    across = mask_small(counts, "across")
    assert (across.iloc[1, :2] == MASKED).all() and across.loc[1, "total"] == "18"
    both = (mask_small(counts) == MASKED).iloc[:3, :2]
    assert set(both.sum(axis=1)) <= {0, 2} and both.sum().min() >= 2, "every line of a masked cell has a second one"


def test_two_small_cells_alone_in_a_row_are_not_enough() -> None:
    shown = mask_small(pd.DataFrame({"I": [1, 30, 30], "C": [2, 30, 30]}), "across")
    assert shown.loc[0, "total"] == MASKED, "a total of 3 says that both are under 5"


def test_two_masked_cells_whose_total_pins_them_get_a_third() -> None:
    counts = pd.DataFrame({"a": [0], "b": [4], "c": [30]})  # 0 + 4: the rest of the total would say both are under 5
    assert mask_small(counts, "across").iloc[0, :3].tolist() == [MASKED] * 3


TABLES = np.stack(np.meshgrid(*[np.arange(24)] * 4, indexing="ij"), -1).reshape(-1, 2, 2)
"""Every table of 2 x 2 counts up to 23."""


@pytest.mark.parametrize("sums", ["down", "across", "both"])
@pytest.mark.parametrize("seed", range(8))
def test_no_small_count_can_be_worked_out(seed: int, sums: str) -> None:
    """Among all tables that agree with what is shown, a masked count is 5 or more in one, and not the same in all."""
    counts = pd.DataFrame(np.random.default_rng(seed).integers(0, 12, (2, 2)))
    shown = mask_small(counts, sums).to_numpy()
    hidden = shown == MASKED
    assert (np.where(hidden, "99", shown).astype(int) >= 5).all()
    full = _totals(counts.to_numpy()[None], sums)[0]
    possible = TABLES[(hidden | (_totals(TABLES, sums) == full)).all((1, 2))]
    for r, c in zip(*np.nonzero(hidden[:2, :2]), strict=True):
        assert possible[:, r, c].max() >= 5 and np.ptp(possible[:, r, c]) >= 1, f"{shown}\ncell {r}, {c}"


def _totals(tables: np.ndarray, sums: str) -> np.ndarray:
    if sums in ("across", "both"):
        tables = np.concatenate([tables, tables.sum(2, keepdims=True)], 2)
    return np.concatenate([tables, tables.sum(1, keepdims=True)], 1) if sums in ("down", "both") else tables


def test_masking_does_not_depend_on_the_order_of_rows_and_columns() -> None:
    counts = pd.DataFrame({"I": [20, 3, 11], "C": [9, 15, 30]})
    turned = mask_small(counts.T)
    assert (turned.T == mask_small(counts)).to_numpy().all()


@pytest.mark.parametrize(
    ("counts", "sums"), [([[1.5]], "both"), ([[-1]], "both"), ([[np.nan]], "both"), ([[7]], "sideways")]
)
def test_what_is_no_count_is_refused(counts: list[list[float]], sums: str) -> None:
    with pytest.raises(GaitStudyError, match="expected whole numbers of people and sums of none, down"):
        mask_small(pd.DataFrame(counts), sums)


def test_counts_are_masked_and_people_refused_only_in_a_private_run(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, people = pd.DataFrame({"n": [1, 30]}), pd.DataFrame({"participant": ["P001"], "pain": [3]})
    monkeypatch.delenv(disclosure.TABLE, raising=False)
    assert shown_counts(counts, "down")["n"].tolist() == ["1", "30", "31"]
    refuse_people(people)
    assert disclosure.shown_of(61, 62) == "61"
    monkeypatch.setenv(disclosure.TABLE, "some.csv")
    assert shown_counts(counts, "down")["n"].tolist() == [MASKED, MASKED, "31"]
    for table in (people, people.set_index("participant"), people.rename(columns={"participant": "who"})):
        with pytest.raises(GaitStudyError, match="no row per person"):
            refuse_people(table)
    assert [disclosure.shown_of(n, 62) for n in (61, 57, 3)] == [MASKED, "57", MASKED]
    refuse_people(pd.DataFrame({"arm": ["sham"], "mean": [3.2]}))
    assert person_rows("see P012.") and not person_rows("P = .012, TP001x, P1")


def test_what_tells_how_many_were_analysed_is_left_out_of_a_private_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interval and standard error of a t test give its degrees of freedom, so the people: 27 of 30, three missing."""
    shown = pd.DataFrame({"estimate": [-2.7], "se": [1.6073], "df": [24.0], "low": [-6.0172], "high": [0.6172]})
    shown = shown.assign(**{"p": [0.10574], "p (Holm)": [np.nan], "people": [27]})
    factor = (shown["high"] - shown["low"]) / 2 / shown["se"]
    assert factor.iloc[0] == pytest.approx(stats.t.ppf(0.975, 24), abs=1e-3)
    assert disclosure.discreet(shown).equals(shown)
    monkeypatch.setenv(disclosure.TABLE, "some.csv")
    left = disclosure.discreet(shown)
    assert list(left) == ["estimate", "low", "high", "p", "p (Holm)", "people"]
    assert left["p"].tolist() == ["0.11"] and left["p (Holm)"].isna().all()


def test_a_supplied_table_stays_out_of_any_other_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAITSTUDY_RESULTS", "/somewhere/results")
    with pytest.raises(GaitStudyError, match="expected a run that writes to results/private alone"):
        disclosure.require_private_folder()
    monkeypatch.setenv("GAITSTUDY_RESULTS", "/somewhere/results/private")
    disclosure.require_private_folder()

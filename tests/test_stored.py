"""Stored tables: what is read back is what was written, differences are shown, writing is all or nothing."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import stored

TABLE = pd.DataFrame(
    {
        "subject": ["01", "NA", ""],
        "stride": [1, 2, 3],
        "peak": [0.1 + 0.2, np.nan, -np.inf],
        "kept": [True, False, True],
        "reason": ["", 'a "quoted", text', "größer"],
    }
)
KEY = ["subject", "stride"]


def moved(**changes: Any) -> pd.DataFrame:
    table = TABLE.copy()
    for column, value in changes.items():
        table.loc[0, column] = value
    return stored.tidy(table, KEY, "t")


def test_round_trip_to_the_last_digit(tmp_path: Path) -> None:
    table = stored.tidy(TABLE, KEY, "t")
    stored.write(tmp_path / "t.csv", table, {"key": KEY, "inputs": []})
    found = stored.read(tmp_path / "t.csv")
    assert found is not None
    pd.testing.assert_frame_equal(found[0], table, check_exact=True)
    assert found[1]["columns"]["reason"] == "text" and found[1]["columns"]["kept"] == "boolean"
    before = (tmp_path / "t.csv").read_bytes()
    stored.write(tmp_path / "t.csv", found[0], {"key": KEY, "inputs": []})
    assert (tmp_path / "t.csv").read_bytes() == before and b"\r" not in before


def test_a_table_without_rows_keeps_its_kinds(tmp_path: Path) -> None:
    table = stored.tidy(TABLE, KEY, "t").iloc[:0]
    stored.write(tmp_path / "t.csv", table, {"key": KEY})
    found = stored.read(tmp_path / "t.csv")
    assert found is not None and found[0]["peak"].dtype == float and len(found[0]) == 0
    assert stored.align(found[0], table, KEY, 1e-6, "t").empty


def test_nothing_stored_and_nothing_half_stored(tmp_path: Path) -> None:
    assert stored.read(tmp_path / "t.csv") is None
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(stored.DerivedMismatch, match=r"expected its provenance in t\.json"):
        stored.read(tmp_path / "t.csv")
    (tmp_path / "t.json").write_text(json.dumps({"key": ["a"], "columns": {"b": "number"}}))
    with pytest.raises(stored.DerivedMismatch, match=r"expected columns \['b'\], found \['a'\]"):
        stored.read(tmp_path / "t.csv")


def test_writing_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "t.csv"
    stored.write(path, moved(), {"key": KEY})
    old = {found.name: found.read_bytes() for found in path.parent.iterdir()}
    assert set(old) == {"t.csv", "t.json"}

    def fail(self: Path, content: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(content[:1])
        raise OSError(28, "disk full")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(GaitStudyError, match=r"t\.csv: expected to write it, found 'disk full'"):
        stored.write(path, moved(peak=2.0), {"key": KEY})
    assert {found.name: found.read_bytes() for found in path.parent.iterdir()} == old


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("peak", 0.3001, "peak stored 0.30000000000000004, computed 0.3001"),
        ("peak", np.nan, "peak stored 0.30000000000000004, computed nan"),
        ("peak", np.inf, "computed inf"),
        ("kept", False, "kept stored True, computed False"),
        ("reason", "other", "reason stored , computed other"),
    ],
)
def test_differences_are_shown_with_their_row(column: str, value: object, shown: str) -> None:
    with pytest.raises(stored.DerivedMismatch, match="subject=01, stride=1: ") as error:
        stored.align(moved(), moved(**{column: value}), KEY, 1e-6, "t")
    assert "t: 1 of 9 stored values differ" in str(error.value) and shown in str(error.value)


@pytest.mark.parametrize(("by", "same"), [(1 + 5e-7, True), (1 + 2e-6, False)])
def test_tolerance_is_relative(by: float, same: bool) -> None:
    old, new = moved(peak=5000.0), moved(peak=5000.0 * by)
    if same:
        assert stored.align(old, new, KEY, 1e-6, "t").loc[0, "peak"] == 5000.0 * by
    else:
        with pytest.raises(stored.DerivedMismatch):
            stored.align(old, new, KEY, 1e-6, "t")


def test_round_off_near_zero_is_no_change_but_infinity_is_never_close() -> None:
    stored.align(moved(peak=0.0), moved(peak=9e-10), KEY, 1e-6, "t")
    with pytest.raises(stored.DerivedMismatch):
        stored.align(moved(peak=0.0), moved(peak=2e-9), KEY, 1e-6, "t")
    with pytest.raises(stored.DerivedMismatch):
        stored.align(moved(peak=np.inf), moved(peak=3.0), KEY, 1e-6, "t")


def test_rows_come_back_in_the_stored_order_and_columns_must_match() -> None:
    shuffled = moved().iloc[[2, 0, 1]].reset_index(drop=True)[["reason", "kept", "peak", "stride", "subject"]]
    pd.testing.assert_frame_equal(stored.align(moved(), shuffled, KEY, 1e-6, "t"), moved())
    with pytest.raises(stored.DerivedMismatch, match="expected the stored columns"):
        stored.align(moved(), moved().drop(columns="peak"), KEY, 1e-6, "t")
    with pytest.raises(stored.DerivedMismatch, match="0 stored rows were not computed, 1 computed rows"):
        stored.align(moved().iloc[:2], moved(), KEY, 1e-6, "t")


def test_tidy_takes_keys_from_the_index_and_refuses_what_cannot_be_stored() -> None:
    pd.testing.assert_frame_equal(stored.tidy(TABLE.set_index(KEY), KEY, "t"), moved())
    with pytest.raises(GaitStudyError, match=r"expected key columns \['visit'\]"):
        stored.tidy(TABLE, ["visit"], "t")
    with pytest.raises(GaitStudyError, match="kept=True more than once"):
        stored.tidy(TABLE, ["kept"], "t")
    with pytest.raises(GaitStudyError, match=r"'a' holds object: .*"):
        stored.tidy(pd.DataFrame({"k": [1], "a": [[1, 2]]}), ["k"], "t")
    with pytest.raises(GaitStudyError, match="column 7 is not a text"):
        stored.tidy(pd.DataFrame({"k": [1], 7: [1.0]}), ["k"], "t")


def test_integers_with_gaps_become_numbers_and_categories_texts() -> None:
    table = pd.DataFrame({"k": pd.Categorical(["a", None]), "n": pd.array([1, None], dtype="Int64")})
    tidied = stored.tidy(table, ["k"], "t")
    assert (
        stored.kinds(tidied) == {"k": "text", "n": "number"}
        and tidied["k"].tolist() == ["a", ""]
        and tidied["n"].isna().tolist() == [False, True]
    )


def test_functions_have_names() -> None:
    assert stored.function_name(partial(partial(stored.read), Path())) == "gaitstudy.io.stored.read"
    with pytest.raises(GaitStudyError, match="found a lambda"):
        stored.function_name(lambda: TABLE)


def test_curves_are_told_from_summaries() -> None:
    curve = pd.DataFrame({"trial": np.repeat(["a", "b"], 101), "percent": np.tile(np.arange(101.0), 2), "kam": 1.0})
    assert stored.curve_column(curve, ["trial", "percent"]) == "percent"
    assert stored.curve_column(curve[curve["percent"] < 19], ["trial", "percent"]) is None
    peaks = pd.DataFrame({"trial": [str(k) for k in range(40)], "time": np.arange(40.0), "kam": 1.0})
    assert stored.curve_column(peaks, ["trial"]) is None
    wide = pd.DataFrame([np.arange(101.0)], columns=[f"p{k}" for k in range(101)])
    assert stored.curve_column(wide, []) == "p0..."

"""The trial's table: its 89 columns, every problem of a bad one, no trace of who the people are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GaitStudyError, TrialFormatError
from gaitstudy.io import disclosure, trial_table
from gaitstudy.io.trial_table import ARMS, BASELINES, COLUMNS, checked, outcome, read_trial_table, source, to_long
from gaitstudy.simulate.cohort import cohort


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return cohort(3, dropout="at random").table


def problems(table: pd.DataFrame) -> list[str]:
    with pytest.raises(TrialFormatError) as caught:
        checked(table, "mine.csv")
    return caught.value.problems


# ---- closed form ----


def test_there_are_89_columns_by_rule() -> None:
    assert len(COLUMNS) == 89
    for name in (
        "subject", "age", "KL", "gender", "alignment", "group", "BMI_wk07", "Compliance_wk52", "date_wk02",
        "FPA_error_wk39", "FPA_natural_wk01", "KAM_peak_natural_FPA_wk01", "KAM_peak_target_FPA_wk01", "KOOS_wk02",
        "NRS_lat_wk25", "NRS_med_wk02", "NRS_PF_wk11", "steps_wk02", "WOMAC_function_wk52", "WOMAC_pain_wk02",
        "T1rho_med_wk01", "T2_lat_wk52", "T1rho_med_voxelwise_delta", "T2_lat_voxelwise_delta",
    ):  # fmt: skip
        assert name in COLUMNS, name
    assert not {"BMI_wk02", "NRS_med_wk01", "FPA_error_wk01", "T2_med_wk25", "Compliance_wk02"} & set(COLUMNS)
    described = trial_table.dictionary()
    assert described["columns"].sum() == 89 and (described["meaning"].str.len() > 2).all()
    assert not disclosure.person_rows(described.to_csv()), "it is shown in private runs too"
    measured = [v for v in trial_table.VARIABLES if v.kind == "number"]
    assert all(v.unit and v.low < v.high for v in measured)


def test_changes_are_counted_from_the_stated_baselines(raw: pd.DataFrame) -> None:
    table = checked(raw)
    assert BASELINES["NRS_med"] == "NRS_med_wk02" and BASELINES["KAM_peak_target_FPA"] == "KAM_peak_natural_FPA_wk01"
    kam = outcome(table, "KAM_peak_target_FPA")
    last = kam[kam["visit"] == 52].set_index("participant")["change"]
    expected = (table["KAM_peak_target_FPA_wk52"] - table["KAM_peak_natural_FPA_wk01"]).to_numpy()
    np.testing.assert_array_equal(last[table["subject"]], expected)
    assert set(kam["visit"]) == {7, 11, 25, 39, 52} and len(kam) == 68 * 5
    assert set(outcome(table, "T1rho_med")["visit"]) == {52}


def test_long_and_wide_hold_the_same(raw: pd.DataFrame) -> None:
    table = checked(raw)
    long = to_long(table)
    assert len(long) == 68 * 7 and set(long["arm"]) == set(ARMS.values())
    for name in ("NRS_med", "KAM_peak_target_FPA", "T2_lat", "steps"):
        wide = long.pivot(index="participant", columns="visit", values=name).loc[table["subject"]]
        for week in trial_table.WEEKS:
            column = f"{name}_wk{week:02d}"
            if column in table:
                np.testing.assert_array_equal(wide[week], table[column])
            else:
                assert wide[week].isna().all()


def test_dates_become_weeks_since_the_first_and_identifiers_are_gone(raw: pd.DataFrame) -> None:
    table = checked(raw.assign(subject=[f"Jane Doe {k}" for k in range(68)]))
    assert not table.astype(str).apply(lambda c: c.str.contains("Jane|2000|2001")).to_numpy().any()
    assert table["subject"].tolist() == [f"P{k:03d}" for k in range(1, 69)]
    assert (table["date_wk02"] == 0).all() and table["date_wk52"].dropna().between(49, 51).all()
    one = raw.iloc[[0]].dropna(axis=1)
    there = [c for c in one if c.startswith("date")]
    days = (pd.Timestamp(one[there[-1]].iloc[0]) - pd.Timestamp(one["date_wk02"].iloc[0])).days
    same = table[table["KAM_peak_natural_FPA_wk01"] == one["KAM_peak_natural_FPA_wk01"].iloc[0]]
    assert same[there[-1]].iloc[0] == days / 7


# ---- invariance ----


def test_the_order_of_rows_and_columns_and_the_identifiers_leave_no_trace(raw: pd.DataFrame) -> None:
    mixed = raw.sample(frac=1, random_state=1)[list(reversed(raw.columns))]
    mixed["subject"] = [f"x{k}" for k in range(68)]
    pd.testing.assert_frame_equal(checked(raw), checked(mixed))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xlsx with date cells"])
def test_a_file_reads_as_the_table_it_was_written_from(raw: pd.DataFrame, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"trial.{kind[:4].strip()}"
    table = raw.copy()
    if "date cells" in kind:
        for column in [c for c in table if c.startswith("date")]:
            table[column] = pd.to_datetime(table[column])
    table.to_csv(path, index=False) if kind == "csv" else table.to_excel(path, index=False)
    pd.testing.assert_frame_equal(read_trial_table(path), checked(raw))


# ---- bad input ----


def test_every_problem_is_told_at_once_with_column_and_row(raw: pd.DataFrame) -> None:
    bad = raw.rename(columns={"NRS_med_wk25": "NRS_medial_wk25", "T2_lat_wk52": "t2_lat_wk52"}).astype(object)
    bad["extra"] = 1
    bad.loc[5, "NRS_med_wk02"] = 11
    bad.loc[[6, 7], "age"] = ["sixty four", 7]
    bad.loc[8, "date_wk11"] = "3 May 2016"
    bad.loc[9, "date_wk07"] = "1999-01-01"
    bad.loc[10, "group"] = "B"
    bad.loc[11, "KL"] = 2.5
    bad.loc[12, "subject"] = bad.loc[13, "subject"]
    bad.loc[14, "subject"] = None
    bad.loc[15, "WOMAC_pain_wk02"] = "12,5"
    found = "\n".join(problems(bad))
    for text in (
        "column 'NRS_medial_wk25': not of the schema. Did you mean 'NRS_med_wk25'?",
        "column 't2_lat_wk52': not of the schema. Did you mean 'T2_lat_wk52'?",
        "column 'extra': not of the schema. Delete it.",
        "column 'NRS_med_wk02', row 7: expected 0 to 10 NRS points, found 11.",
        "column 'age', row 8: expected a number, found text",
        "column 'age', row 9: expected 18 to 110 years, found 7.",
        "column 'date_wk11', row 10: expected a date",
        "column 'date_wk07', row 11: expected a date not before",
        "column 'group', row 12: expected 'I' (intervention) or 'C' (control), found 'B'",
        "column 'KL', row 13: expected 0, 1, 2, 3 or 4, found 2.5",
        "column 'subject', rows 14, 15: expected one row per person",
        "column 'subject', row 16: expected a value for every person",
        "column 'WOMAC_pain_wk02', row 17: expected a number",
    ):  # fmt: skip
        assert text in found, f"{text}\nnot in\n{found}"
    assert len(problems(bad)) == 13
    assert "sixty" not in found and "May" not in found and "1999" not in found


def test_other_arms_and_an_empty_arm_are_refused(raw: pd.DataFrame) -> None:
    (told,) = problems(raw.assign(group=np.where(raw["group"] == "I", "A", "B")))
    assert "found 'A', 'B'" in told and "and 48 more" in told
    (told,) = problems(raw.assign(group="I"))
    assert told.startswith("column 'group': expected people in both arms, found no one with 'C' (sham)")


def test_a_visit_with_no_one_is_refused(raw: pd.DataFrame) -> None:
    week = [c for c in raw if c.endswith("wk25")]
    (told,) = problems(raw.assign(**dict.fromkeys(week)))
    assert told.startswith("visit week 25: expected someone, found no value")
    half = raw.copy()
    half.loc[half["group"] == "C", week] = None
    (told,) = problems(half)
    assert told.startswith("visit week 25: expected someone with 'C' (sham), found no one")


def test_missing_and_double_columns_and_an_empty_table_are_refused(raw: pd.DataFrame) -> None:
    (told,) = problems(raw.drop(columns="alignment"))
    assert told == "column 'alignment': expected in the table, found none."
    assert any("more often" in t for t in problems(pd.concat([raw, raw[["age"]]], axis=1)))
    assert problems(raw.iloc[:0])[-1].startswith("expected one row per person")


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe\x00broken")
    with pytest.raises(TrialFormatError, match=r"expected a table, found one that cannot be read|problems"):
        read_trial_table(tmp_path / name)
    with pytest.raises(TrialFormatError, match="expected a file, found none"):
        read_trial_table(tmp_path / "absent.csv")


def test_codes_nobody_explained_are_kept_and_seen(raw: pd.DataFrame) -> None:
    table = checked(
        raw.assign(gender=np.where(raw["gender"] == "F", 1, 2), KL=raw["KL"].map({1: "I", 2: "II", 3: "III"}))
    )
    assert set(table["gender"]) == {"code 1", "code 2"} and set(table["KL"]) == {1.0, 2.0, 3.0}


def test_another_outcome_is_refused_with_a_hint(raw: pd.DataFrame) -> None:
    with pytest.raises(GaitStudyError, match="Did you mean 'NRS_med'"):
        outcome(checked(raw), "NRS_medial")


# ---- where a table comes from ----


def test_source_is_the_simulated_table_unless_one_is_supplied(
    raw: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(disclosure.TABLE, raising=False)
    table = source(raw)
    assert table.attrs["data_class"] == "simulated"
    given = trial_table.evidence(table, ["pain difference"], ["interval"])
    assert given["data"] == "simulated" and given["n"] == 68 and given["imposed"] == ["pain difference"]
    other = cohort(4).table
    other.to_csv(tmp_path / "other.csv", index=False)
    monkeypatch.setenv(disclosure.TABLE, str(tmp_path / "other.csv"))
    with pytest.raises(GaitStudyError, match="results/private alone"):
        source(raw)
    monkeypatch.setenv("GAITSTUDY_RESULTS", str(tmp_path / "results" / "private"))
    real = source(raw)
    assert real.attrs["data_class"] == "real"
    pd.testing.assert_frame_equal(real, checked(other))
    assert "imposed" not in trial_table.evidence(real, ["pain difference"])

"""The trial's table: its 89 columns, every problem of a bad one, no trace of who the people are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GaitStudyError, TrialFormatError
from gaitstudy.io import trial_table
from gaitstudy.io.trial_table import ARMS, BASELINES, COLUMNS, checked, outcome, read_trial_table, source, to_long
from gaitstudy.simulate.cohort import cohort


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return cohort(3, dropout="at random")


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
    assert all(len(v.meaning) > 2 for v in trial_table.VARIABLES)
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
    named = raw.rename(columns={"NRS_med_wk25": "NRS_medial_wk25", "T2_lat_wk52": "t2_lat_wk52"}).assign(extra=1)
    assert problems(named) == [
        "column 'NRS_medial_wk25': not of the schema. Rename or delete it.",
        "column 't2_lat_wk52': not of the schema. Rename or delete it.",
        "column 'extra': not of the schema. Rename or delete it.",
        "column 'NRS_med_wk25': expected in the table, found none.",
        "column 'T2_lat_wk52': expected in the table, found none.",
    ]
    bad = raw.astype(object)
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
        "column 'NRS_med_wk02', row 7: expected 0 to 10 NRS points, 0 best, found another.",
        "column 'age', row 8: expected a number, found text",
        "column 'age', row 9: expected 18 to 110 years, found another.",
        "column 'date_wk11', row 10: expected a date",
        "column 'date_wk07', row 11: expected a date not before",
        "column 'group', row 12: expected 'I' (intervention) or 'C' (control), found others",
        "column 'KL', row 13: expected 0, 1, 2, 3 or 4, found another",
        "column 'subject', rows 14, 15: expected one row per person",
        "column 'subject', row 16: expected a value for every person",
        "column 'WOMAC_pain_wk02', row 17: expected a number",
    ):  # fmt: skip
        assert text in found, f"{text}\nnot in\n{found}"
    assert len(problems(bad)) == 10
    assert "sixty" not in found and "May" not in found and "1999" not in found


def test_other_arms_and_an_empty_arm_are_refused(raw: pd.DataFrame) -> None:
    (told,) = problems(raw.assign(group=np.where(raw["group"] == "I", "A", "B")))
    assert "found others" in told and "and 48 more" in told
    (told,) = problems(raw.assign(group="I"))
    assert told.startswith("column 'group': expected people in both arms, found no one with 'C' (sham)")


def test_a_visit_with_no_one_is_refused(raw: pd.DataFrame) -> None:
    week = [c for c in raw if c.endswith("wk25")]
    assert len(problems(raw.assign(**dict.fromkeys(week)))) == 2
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
    with pytest.raises(TrialFormatError, match=r"found (one that cannot be read|zero bytes)"):
        read_trial_table(tmp_path / name)
    with pytest.raises(TrialFormatError, match="expected a file, found none"):
        read_trial_table(tmp_path / "absent.csv")


def test_codes_nobody_explained_are_kept_and_seen(raw: pd.DataFrame) -> None:
    table = checked(raw.assign(gender=np.where(raw["gender"] == "F", 1, 2)))
    assert set(table["gender"]) == {"code 1", "code 2"}


def test_another_outcome_is_refused(raw: pd.DataFrame) -> None:
    with pytest.raises(GaitStudyError, match=r"expected one of .*NRS_med"):
        outcome(checked(raw), "NRS_medial")


# ---- where a table comes from ----


def test_source_is_the_simulated_table_unless_one_is_supplied(
    raw: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(trial_table.TABLE, raising=False)
    assert trial_table.supplied() is None
    pd.testing.assert_frame_equal(source(raw), checked(raw))
    assert not source(raw).attrs
    other = cohort(4)
    other.to_csv(tmp_path / "other.csv", index=False)
    private = str(tmp_path / "results" / "private")
    monkeypatch.setenv(trial_table.TABLE, str(tmp_path / "other.csv"))
    monkeypatch.setenv("GAITSTUDY_RESULTS", private)
    monkeypatch.setenv(trial_table.PRIVATE_RUN, private)
    pd.testing.assert_frame_equal(source(raw), checked(other))


@pytest.mark.parametrize(
    ("results", "run"),
    [
        (None, None), ("results", None), ("results/private", None), ("private", None), ("", ""), ("private", "private"),
        ("results", "results"), ("results/private/deeper", "results/private/deeper"), (None, "results/private"),
        ("notebooks", "results/private"),
    ],
)  # fmt: skip
def test_a_supplied_table_is_refused_unless_the_runner_started_a_private_run(
    raw: pd.DataFrame, results: str | None, run: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever folder somebody named for results: only what the runner sets, twice the same, opens the table."""
    monkeypatch.setenv(trial_table.TABLE, str(tmp_path / "absent.csv"))
    for name, value in (("GAITSTUDY_RESULTS", results), (trial_table.PRIVATE_RUN, run)):
        if value is not None:
            monkeypatch.setenv(name, value)
    with pytest.raises(GaitStudyError, match=r"results/private alone.*python3 run.py reproduce"):
        source(raw)


# ---- other units and scales ----

KAM = [c for c in COLUMNS if c.startswith("KAM_peak")]
PER_KG = 9.80665 * 1.7 / 100
"""N m/kg per %BW*Ht of someone 1.70 m tall."""


@pytest.mark.parametrize(
    ("columns", "change", "looks"),
    [
        (KAM, lambda x: x * PER_KG, "N m/kg"),
        (KAM, lambda x: x * PER_KG * 80, "N m."),
        (["KAM_peak_target_FPA_wk25"], lambda x: x * PER_KG, "N m/kg"),
        (["FPA_natural_wk01"], np.deg2rad, "radians"),
        (["FPA_error_wk11"], np.deg2rad, "radians"),
        (["NRS_med_wk02"], lambda x: 10 * x, "0 to 100"),
        (["T1rho_med_wk01", "T2_lat_wk52"], lambda x: x / 1000, "seconds"),
        (["T1rho_med_voxelwise_delta"], lambda x: x / 1000, "seconds"),
        (["Compliance_wk07"], lambda x: x / 100, "a share of 1"),
        (["steps_wk02"], lambda x: x / 1000, "thousands"),
        (["age"], lambda x: 12 * x, "months"),
        (["WOMAC_pain"], lambda x: (x / 5).round(), "sums of answers, 0 to 20"),
        (["WOMAC_function"], lambda x: (x * 0.68).round(), "sums of answers, 0 to 68"),
        (["WOMAC_pain"], lambda x: x / 10, "0 to 10."),
        (["KOOS"], lambda x: 100 - x, "reverse"),
        (["WOMAC_function"], lambda x: 100 - x, "reverse"),
    ],
)  # fmt: skip
def test_columns_in_another_unit_are_told_with_what_they_look_like(
    raw: pd.DataFrame, columns: list[str], change: Callable[[pd.Series], pd.Series], looks: str
) -> None:
    changed = [c for c in raw if c in columns or c.partition("_wk")[0] in columns]
    other = raw.assign(**{c: change(raw[c]) for c in changed})
    told = problems(other)
    assert len(told) in (1, len(changed)) and all(looks in text and "expected" in text for text in told), told
    assert all(any(name.partition("_wk")[0] in text for text in told) for name in changed)
    assert not [text for text in told if re.search(r"rows? \d", text)], (
        "of a column in another unit not every row is listed"
    )
    if raw[changed].notna().all().all() and looks not in ("0 to 100", "months", "N m."):  # else beyond the range too
        says = {re.search(r"'([^']+)' under each such column", text)[1] for text in told}
        assert len(says) == 1 or len(changed) == 2, "as the error says"
        assert len(checked(with_units(other, changed))) == 68


def with_units(table: pd.DataFrame, columns: Iterable[str], unit: str = "") -> pd.DataFrame:
    """The table with a row of units: the schema's of these columns, or the one given."""
    units = {c: unit or COLUMNS[c].unit for c in columns}
    row = pd.DataFrame([{"subject": "Units", **units}], columns=table.columns, dtype=object)
    return pd.concat([row, table.astype(object)], ignore_index=True)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_of_units_is_no_person_and_is_held_to_the_schema(raw: pd.DataFrame, tmp_path: Path, kind: str) -> None:
    numbers = [c for c, v in COLUMNS.items() if v.kind == "number"]
    table, path = with_units(raw, numbers), tmp_path / f"trial.{kind}"
    table.to_csv(path, index=False) if kind == "csv" else table.to_excel(path, index=False)
    pd.testing.assert_frame_equal(read_trial_table(path), checked(raw))
    table.loc[0, ["group", "date_wk02"]] = ["I or C", "day"]  # a column that is not measured has no unit
    table.loc[1, "NRS_med_wk02"] = 11
    table.loc[0, "steps_wk07"] = "secret words"
    assert problems(table) == [
        "column 'steps_wk07', row 2: expected 'steps' in the row of units, found another. Convert the column, then "
        "correct this row.",
        "column 'NRS_med_wk02', row 3: expected 0 to 10 NRS points, 0 best, found another. Correct or leave it empty.",
    ]
    assert problems(table.iloc[:1])[-1].startswith("expected one row per person")


def test_a_unit_stated_vouches_for_its_column_and_its_direction_alone(raw: pd.DataFrame) -> None:
    small = raw.assign(age=raw["age"] * 12, steps_wk02=raw["steps_wk02"] / 1000, T2_lat_wk52=raw["T2_lat_wk52"] / 1000)
    told = problems(with_units(small, ["steps_wk02"]))
    assert [text.split("'")[1] for text in told] == ["age", "T2_lat_wk52"]
    koos = [c for c in raw if c.startswith("KOOS")]
    turned = raw.assign(**{c: 100 - raw[c] for c in koos})
    assert len(problems(with_units(turned, koos, "of 100"))) == len(koos), "which end is best?"
    assert "reverse" in problems(with_units(turned, koos[1:]))[0], "one column of it was not stated"
    others = [c for c in raw if COLUMNS[c].name in ("NRS_med", "WOMAC_pain", "WOMAC_function")]
    assert "reverse" in problems(with_units(turned, others))[0], "those stated go on witnessing"
    assert len(checked(with_units(turned, koos))) == 68


def test_the_units_of_many_cohorts_look_right() -> None:
    for seed in range(6):
        checked(cohort(seed, dropout="not at random" if seed % 2 else "none"))


# ---- files that are no such table ----


def test_a_table_without_names_or_of_semicolons_never_shows_a_cell(raw: pd.DataFrame, tmp_path: Path) -> None:
    named = raw.assign(subject=[f"Jane Doe {k}" for k in range(68)])
    path = tmp_path / "mine.csv"
    for text, expected in (
        (named.to_csv(index=False, header=False), "row 1: expected the names of the 89 columns"),
        (named.to_csv(index=False, sep=";", decimal=","), "expected 1 cells as in row 1"),
        (named.to_csv(index=False, sep="\t"), "row 1: expected the names of the 89 columns"),
        ("Jane Doe's trial,,\n" + named.to_csv(index=False), "rows 2, 3, 4"),
        (named.to_csv(index=False).replace("\nJane", "\nJane,x", 1), "row 2: expected 89 cells as in row 1"),
        (named.to_csv(index=False)[:-400] + ',"Jane', "found a quote without its end"),
        (named.to_csv(index=False) + "\0", "zero bytes"),
        ("\n \n", "found an empty sheet"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(TrialFormatError) as caught:
            read_trial_table(path)
        said = str(caught.value)
        assert expected in said and "Jane" not in said and "Doe" not in said, said
    path.write_bytes(named.to_csv(index=False).replace("Jane", "J\u00fcrg").encode("latin-1"))
    pd.testing.assert_frame_equal(read_trial_table(path), checked(raw))
    book = tmp_path / "mine.xlsx"
    named.to_excel(book, index=False, header=False)
    with pytest.raises(TrialFormatError, match="row 1: expected the names") as caught:
        read_trial_table(book)
    assert "Jane" not in str(caught.value)


def test_names_and_codes_of_a_file_are_shown_plain_or_not_at_all(raw: pd.DataFrame) -> None:
    odd = raw.assign(**{"\x1b[31mnote\n": 1, "=cmd()" * 20: 2})
    said = "\n".join(problems(odd))
    assert "\x1b" not in said and "'[31mnote'" in said and "=cmd()" * 8 not in said
    told = problems(raw.assign(gender=["<b>Jane</b>", *raw["gender"][1:]]))
    assert told == [
        "column 'gender', row 2: expected a code of up to 12 letters and digits, found another text. Recode."
    ]
    coded = checked(raw.assign(gender=["1", "2"] * 34))
    assert set(coded["gender"]) == {"code 1", "code 2"}


def test_only_plain_numbers_are_numbers(raw: pd.DataFrame) -> None:
    bad = raw.astype(object)
    for row, cell in enumerate(("inf", "1e400", "\u0661\u0662", "0x10", "1_000", pd.Timedelta(5, "D"), True, "nan.")):
        bad.loc[row, "steps_wk02"] = cell
    (told,) = problems(bad)
    assert told.startswith("column 'steps_wk02', rows 2, 3, 4, 5, 6, 7, 8, 9: expected a number")
    long = raw.assign(subject=[1_234_567_000.0 + k for k in range(68)])  # not one person 68 times
    assert len(checked(long)) == 68

"""Stored tables: what is computed wins, what is read back was written, no number of other parameters is shown."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import DatasetUnavailable, GaitStudyError
from gaitstudy.io import catalogue, results
from workflow import tables

ROOT = Path(__file__).resolve().parents[1]
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
CHANGES: dict[str, Any] = {}
"""What the next computation gives otherwise, by column of its first row."""


def peaks(frame: str = "tibia", cut_off: float = 8.0, walker: object = None) -> pd.DataFrame:
    return moved(**CHANGES)


class Kinds:
    """Two ways to one table."""

    @staticmethod
    def first() -> pd.DataFrame:
        return moved(peak=1.0)

    @staticmethod
    def second() -> pd.DataFrame:
        return moved(peak=2.0)


def moved(**changes: Any) -> pd.DataFrame:
    table = TABLE.copy()
    for column, value in changes.items():
        table.loc[0, column] = value
    return results._tidy(table, KEY, "t")


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two datasets, one of them closed, and a package with one file; returns the mirror, all present."""
    content = {("toy", "a.csv"): b"1\n", ("toy", "b.csv"): b"2\n", ("closed", "c.csv"): b"3\n"}
    content |= {("packed", "d.npy"): b"4\n"}
    data, mirror, package = (tmp_path / name for name in ("data", "mirror", "toy_package"))
    rows = []
    for (dataset, file), text in content.items():
        path = (package if dataset == "packed" else mirror / dataset) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        url = f"package:toy_package/{file}" if dataset == "packed" else f"https://example.invalid/{file}"
        rows.append((dataset, file, "yes", url, hashlib.sha256(text).hexdigest(), len(text), "MIT"))
    (package / "__init__.py").touch()
    data.mkdir()
    columns = ["dataset", "file", "needed", "url", "sha256", "bytes", "licence"]
    pd.DataFrame(rows, columns=columns).to_csv(data / "catalogue.csv", index=False)
    about = [(name, "no" if name in ("closed", "packed") else "yes") for name in ("toy", "closed", "packed")]
    pd.DataFrame(about, columns=["name", "curves_allowed"]).to_csv(data / "datasets.csv", index=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(catalogue, "data_folder", lambda: data)
    monkeypatch.setattr(catalogue, "_mirror_folder", lambda: mirror)
    monkeypatch.setattr(catalogue, "_cache_folder", lambda: tmp_path / "cache")
    catalogue._listing.cache_clear()
    CHANGES.clear()
    return mirror


def made(**given: Any) -> pd.DataFrame:
    return results.table("t", peaks, **{"inputs": ["toy"], "key": KEY, **given})


def stored_csv() -> Path:
    return catalogue.data_folder() / "derived" / "t.csv"


def about() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stored_csv().with_suffix(".json").read_text(encoding="utf-8"))
    return found


def remove_files(world: Path) -> None:
    for path in world.rglob("*.csv"):
        path.unlink()


# ---- files present: what is computed is returned ----


def test_the_first_table_is_stored_with_all_that_made_it(world: Path) -> None:
    table = made(cut_off=8)
    assert table.attrs == {}
    told = about()
    assert told["function"].endswith("test_results.peaks") and told["key"] == KEY
    assert told["parameters"] == {"frame": "tibia", "cut_off": 8, "walker": None}, "defaults are parameters"
    assert [entry["file"] for entry in told["inputs"]] == ["a.csv", "b.csv"]
    assert told["inputs"][0]["sha256"] == hashlib.sha256(b"1\n").hexdigest() and re.fullmatch(
        "[0-9a-f]{64}", told["code"]
    )
    assert str(world.parent) not in json.dumps(told)
    assert sorted(path.name for path in stored_csv().parent.iterdir()) == ["t.csv", "t.json"]


def test_within_the_tolerance_nothing_is_said_and_what_is_computed_is_returned() -> None:
    made()
    before = stored_csv().read_bytes()
    CHANGES["peak"] = 0.3 * (1 + 1e-8)
    assert made().loc[0, "peak"] == 0.3 * (1 + 1e-8)
    assert stored_csv().read_bytes() == before


def test_what_is_computed_wins_and_the_difference_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made()
    CHANGES["peak"] = 0.31
    with pytest.warns(results.TableDiffers, match="subject=01, stride=1: peak stored 0.3.*, computed 0.31"):
        assert made().loc[0, "peak"] == 0.31
    assert results._read("t")[0].loc[0, "peak"] == 0.1 + 0.2, "nothing is overwritten"  # type: ignore[index]
    assert not (tmp_path / "results").exists()
    monkeypatch.setenv("GAITSTUDY_RESULTS", str(tmp_path / "results"))
    with pytest.warns(results.TableDiffers):
        made()
    said = (tmp_path / "results" / "differences" / "t.txt").read_text(encoding="utf-8")
    assert "t: 1 of 15 stored values differ" in said and "run.py tables t" in said


def test_in_tests_a_difference_is_an_error() -> None:
    made()
    CHANGES["peak"] = 0.31
    with pytest.raises(results.TableDiffers):
        made()


def test_what_is_computed_wins_under_a_wide_tolerance_too() -> None:
    made(tolerance=0.1, reason="an optimiser's stopping rule")
    CHANGES["peak"] = 0.301
    assert made().loc[0, "peak"] == 0.301, "the tolerance stored with the table holds"
    CHANGES["peak"] = 0.4
    with pytest.raises(results.TableDiffers, match=r"by more than 0\.1"):
        made()


def test_other_parameters_are_computed_and_compared_with_nothing() -> None:
    made()
    CHANGES["peak"] = 7.0
    assert made(frame="lab").loc[0, "peak"] == 7.0 and made(cut_off=6.0).loc[0, "peak"] == 7.0
    assert about()["parameters"]["frame"] == "tibia"


@pytest.mark.parametrize("change", [{"inputs": [("toy", "a.csv")]}, {"key": ["subject"]}])
def test_another_recipe_is_told(change: dict[str, Any]) -> None:
    made()
    with pytest.warns(results.TableDiffers, match=r"made with (files=.*a\.csv|key=.*subject)"):
        assert len(made(**change)) == 3


def test_rows_and_columns_come_as_they_are_stored() -> None:
    made()
    shuffled = moved().iloc[[2, 0, 1]].reset_index(drop=True)[["reason", "kept", "peak", "stride", "subject"]]
    pd.testing.assert_frame_equal(results.compare("t", moved(), shuffled, KEY), moved())


# ---- files absent: never a number of other parameters, files, key ----


def test_the_stored_table_serves_where_files_are_absent(world: Path) -> None:
    computed = made()
    (world / "toy" / "b.csv").unlink()
    CHANGES["peak"] = 99.0
    pd.testing.assert_frame_equal(made(cut_off=8.0, frame="tibia"), computed)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cut_off": 6.0}, r"made with cut_off=6\.0, found one made with cut_off=8\.0"),
        ({"frame": "lab", "cut_off": 6.0}, r'made with frame="lab", cut_off=6\.0, found one'),
        ({"key": ["stride"]}, r'key=\["stride"\], found one made with key=\["subject", "stride"\]'),
        ({"inputs": [("toy", "a.csv")]}, r"files=.*a\.csv.*found one made with files=.*a\.csv.*b\.csv"),
    ],
)
def test_other_parameters_without_files_name_the_recordings(world: Path, change: dict[str, Any], said: str) -> None:
    made()
    remove_files(world)
    with pytest.raises(DatasetUnavailable, match=said) as error:
        made(**change)
    assert re.search(
        r"(1 of 1|2 of 2) files are absent, first toy/a\.csv\. Run `gaitstudy fetch toy`\.", str(error.value)
    )


def test_another_function_of_the_same_class_is_another_table(world: Path) -> None:
    results.table("t", Kinds.first, inputs=["toy"], key=KEY)
    remove_files(world)
    with pytest.raises(DatasetUnavailable, match='made with function="second", found one made with function="first"'):
        results.table("t", Kinds.second, inputs=["toy"], key=KEY)


@pytest.mark.parametrize(
    ("stored", "same", "other"), [(8, 8.0, 9), (1, 1.0, True), (np.nan, np.nan, 1), ((15, 40), [15.0, 40.0], (15, 41))]
)
def test_which_parameters_are_the_same(world: Path, stored: object, same: object, other: object) -> None:
    made(walker=stored)
    remove_files(world)
    assert len(made(walker=same)) == 3
    with pytest.raises(DatasetUnavailable, match="walker="):
        made(walker=other)


@pytest.mark.parametrize(
    ("end", "old", "new"),
    [
        ("csv", "0.30000000000000004", "a"), ("csv", "True", "yes"), ("csv", "01,", "01,2,"), ("csv", "", None),
        ("json", '"columns"', '"column"'), ("json", "{", "["), ("json", '"number"', '"numbers"'),
    ],
)  # fmt: skip
def test_a_file_changed_by_hand_is_told(end: str, old: str, new: str | None) -> None:
    made()
    path = stored_csv().with_suffix(f".{end}")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text("" if new is None else text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GaitStudyError, match=r"t\.csv: expected .*Restore"):
        results._read("t")


def test_neither_files_nor_a_table(world: Path) -> None:
    remove_files(world)
    with pytest.raises(DatasetUnavailable, match=r"no table is stored .* 3 of 3 files.*fetch closed`\. .*fetch toy`"):
        made(inputs=["toy", "closed"])


def test_a_stored_table_of_other_code_says_so(world: Path) -> None:
    made()
    stored_csv().with_suffix(".json").write_text(json.dumps(about() | {"code": "0" * 64}), encoding="utf-8")
    made()  # what is computed needs no such remark
    remove_files(world)
    with pytest.warns(UserWarning, match="t: this stored table was made before its code was changed"):
        assert made().loc[0, "peak"] == 0.1 + 0.2


def test_a_function_that_is_gone_is_told() -> None:
    made(frame="lab")
    stored_csv().with_suffix(".json").write_text(json.dumps(about() | {"function": "gone.away"}), encoding="utf-8")
    with pytest.raises(GaitStudyError, match=r"expected the function gone\.away"):
        results.remake("t")


# ---- what takes minutes ----


def test_a_kept_table_is_read_for_its_parameters_alone() -> None:
    with pytest.raises(DatasetUnavailable, match=r"run\.py campaign t"):
        results.kept("t")
    made(inputs=[])
    CHANGES["peak"] = 99.0
    assert results.kept("t").loc[0, "peak"] == results.kept("t", frame="tibia").loc[0, "peak"] == 0.1 + 0.2
    for other in ({"frame": "lab"}, {"seed": 1}):
        with pytest.raises(DatasetUnavailable, match=r"t: expected a stored table made with .*run\.py campaign t"):
            results.kept("t", **other)
    with pytest.raises(results.TableDiffers):
        made(inputs=[])  # a table of no files is always made anew
    stored_csv().with_suffix(".json").write_text(json.dumps(about() | {"code": ""}), encoding="utf-8")
    with pytest.warns(UserWarning):
        results.kept("t")


# ---- a package's files ----


def test_files_of_a_package_are_found_verified_and_never_fetched(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = catalogue.locate("packed", "d.npy")
    assert path.read_bytes() == b"4\n" and catalogue.present("packed")
    path.write_bytes(b"5\n")
    os.utime(path, ns=(1, 1))
    with pytest.raises(GaitStudyError, match=r"expected SHA-256 .* Install gaitstudy\[toy_package\]"):
        catalogue.locate("packed", "d.npy")
    path.unlink()
    with pytest.raises(DatasetUnavailable, match=r"found it in none\. Install gaitstudy\[toy_package\]"):
        catalogue.locate("packed", "d.npy")
    assert catalogue.fetch("packed")["status"].tolist() == ["failed"]
    monkeypatch.setattr(catalogue.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DatasetUnavailable, match=r"found it in none\. Install gaitstudy"):
        catalogue.locate("packed", "d.npy")
    with pytest.raises(DatasetUnavailable, match=r"no table is stored .*Install gaitstudy\[toy_package\]"):
        made(inputs=["packed"])


def test_whether_files_are_here_is_one_sentence(world: Path) -> None:
    assert catalogue.here("toy", "packed").data.startswith("*All 3 files of toy, packed are on this machine")
    (world / "toy" / "b.csv").unlink()
    said = catalogue.here("toy", "closed").data
    assert (
        "1 of 2 of toy" in said and "closed" not in said and "gaitstudy fetch toy" in said and "below is stored" in said
    )


# ---- reading and writing ----


def write(table: pd.DataFrame) -> None:
    results._write(table, {"name": "t", "key": KEY, "inputs": []})


def test_round_trip_to_the_last_digit() -> None:
    write(moved())
    found = results._read("t")
    assert found is not None
    pd.testing.assert_frame_equal(found[0], moved(), check_exact=True)
    assert found[1]["columns"]["reason"] == "text" and found[1]["columns"]["kept"] == "boolean"
    before = stored_csv().read_bytes()
    write(found[0])
    assert stored_csv().read_bytes() == before and b"\r" not in before


def test_a_table_without_rows_keeps_its_kinds() -> None:
    write(moved().iloc[:0])
    found = results._read("t")
    assert found is not None and found[0]["peak"].dtype == float and len(found[0]) == 0
    assert results.compare("t", found[0], moved().iloc[:0], KEY).empty


def test_nothing_stored_and_nothing_half_stored() -> None:
    assert results._read("t") is None
    stored_csv().parent.mkdir()
    stored_csv().write_text("a\n1\n")
    with pytest.raises(GaitStudyError, match=r"t\.csv: expected it and t\.json as they were stored"):
        results._read("t")
    stored_csv().with_suffix(".json").write_text(json.dumps({"key": ["a"], "columns": {"b": "number"}}))
    with pytest.raises(GaitStudyError, match=r"columns \['a'\], not \['b'\]"):
        results._read("t")


def test_writing_is_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    write(moved())
    old = {found.name: found.read_bytes() for found in stored_csv().parent.iterdir()}
    assert set(old) == {"t.csv", "t.json"}

    def fail(self: Path, content: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(content[:1])
        raise OSError(28, "disk full")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(GaitStudyError, match=r"t\.csv: expected to write it, found 'disk full'"):
        write(moved(peak=2.0))
    assert {found.name: found.read_bytes() for found in stored_csv().parent.iterdir()} == old


# ---- differences ----


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
    with pytest.raises(results.TableDiffers, match="subject=01, stride=1: ") as error:
        results.compare("t", moved(), moved(**{column: value}), KEY)
    assert "t: 1 of 15 stored values differ" in str(error.value) and shown in str(error.value)


@pytest.mark.parametrize(("by", "same"), [(1 + 5e-7, True), (1 + 2e-6, False)])
def test_tolerance_is_relative(by: float, same: bool) -> None:
    assert results._differences(moved(peak=5000.0), moved(peak=5000.0 * by), KEY, 1e-6).empty is same


def test_round_off_near_zero_is_no_change_but_infinity_is_never_close() -> None:
    for old, new, count in ((0.0, 9e-10, 0), (0.0, 2e-9, 1), (np.inf, 3.0, 1)):
        assert len(results._differences(moved(peak=old), moved(peak=new), KEY, 1e-6)) == count


def test_rows_and_columns_that_came_or_went_are_differences() -> None:
    lost = results._differences(moved(), moved().iloc[:2], KEY, 1e-6).iloc[0]
    assert (lost["row"], lost["column"], lost["stored"], lost["computed"]) == (
        "subject=, stride=3", results.WHOLE, "there", "absent",
    )  # fmt: skip
    more = results._differences(moved().iloc[:2], moved(), KEY, 1e-6).iloc[0]
    assert (more["stored"], more["computed"]) == ("absent", "there")
    without = results._differences(moved(), moved().drop(columns="peak"), KEY, 1e-6)
    assert without[["row", "column"]].values.tolist() == [["every row", "peak"]]


def test_tidy_takes_keys_from_the_index_and_refuses_what_cannot_be_stored() -> None:
    pd.testing.assert_frame_equal(results._tidy(TABLE.set_index(KEY), KEY, "t"), moved())
    with pytest.raises(GaitStudyError, match="kept=True more than once"):
        results._tidy(TABLE, ["kept"], "t")
    with pytest.raises(GaitStudyError, match="expected texts, numbers or booleans in column 'a'"):
        results._tidy(pd.DataFrame({"k": [1], "a": [[1, 2]]}), ["k"], "t")


def test_integers_with_gaps_become_numbers_and_categories_texts() -> None:
    table = pd.DataFrame({"k": pd.Categorical(["a", None]), "n": pd.array([1, None], dtype="Int64")})
    tidied = results._tidy(table, ["k"], "t")
    assert [dtype.kind for dtype in tidied.dtypes] == ["O", "f"]
    assert tidied["k"].tolist() == ["a", ""] and tidied["n"].isna().tolist() == [False, True]


# ---- made anew, and what moved ----


def test_tables_are_made_anew_and_written_only_when_asked(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(frame="lab")
    before = stored_csv().read_bytes()
    CHANGES["peak"] = 0.3 * (1 + 1e-9)
    assert tables.main(["--write"]) == 0
    assert "t: as stored (" in capsys.readouterr().out and stored_csv().read_bytes() == before
    stored_csv().with_suffix(".json").write_text(json.dumps(about() | {"code": ""}), encoding="utf-8")
    assert tables.main(["t"]) == 0 and "its JSON is not of this code (" in capsys.readouterr().out
    assert tables.main(["t", "--write"]) == 0 and about()["code"] and stored_csv().read_bytes() == before
    CHANGES["peak"] = 0.6
    assert tables.main([]) == 1 and stored_csv().read_bytes() == before
    said = capsys.readouterr().out
    assert (
        "t: 1 of 15 values moved (" in said and "peak  subject=01, stride=1:  0.30000000000000004 -> 0.6  (1)" in said
    )
    assert tables.main(["--write"]) == 0 and made(frame="lab").loc[0, "peak"] == 0.6
    remove_files(world)
    assert tables.main([]) == 0
    assert "t: not made anew: 2 of 2 files are absent, first toy/a.csv. Run `gaitstudy fetch toy`." in " ".join(
        capsys.readouterr().out.split()
    )
    assert (
        tables.main(["nothing"]) == 1
        and "expected a stored table, found none. Those are: t." in capsys.readouterr().out
    )


def test_a_campaigns_table_is_made_anew_only_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    made(inputs=[])
    CHANGES["peak"] = 0.6
    assert tables.main([]) == 0 and not capsys.readouterr().out
    assert tables.main(["t"]) == 1 and "1 of 15 values moved" in capsys.readouterr().out


# ---- this project's own tables, and what the package reads from its surroundings ----

OWN = sorted(path.stem for path in (ROOT / "data" / "derived").glob("*.csv") if path.stem != "verdicts")


@pytest.mark.parametrize("name", OWN)
def test_every_stored_table_says_how_to_make_it_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "data_folder", lambda: ROOT / "data")
    found = results._read(name)
    assert found is not None
    _, told = found
    assert re.fullmatch("[0-9a-f]{64}", told["code"])
    assert results._parameters(results._function(told), told["parameters"]) == told["parameters"]
    assert told["tolerance"] == results.TOLERANCE or told["reason"]


def test_users_know_two_variables() -> None:
    read: set[str] = set()
    for path in (*(ROOT / "gaitstudy").rglob("*.py"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r"GAITSTUDY_[A-Z_]+", text))
    users = {"GAITSTUDY_DATA", "GAITSTUDY_TRIAL_TABLE"}
    assert read == users | {"GAITSTUDY_RESULTS", "GAITSTUDY_NOTEBOOK", "GAITSTUDY_PRIVATE_RUN"}, "the runner's own"


def test_the_cache_is_where_the_system_keeps_caches(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("XDG_CACHE_HOME is a custom of Linux")
    code = "from gaitstudy.io import catalogue; print(catalogue._cache_folder())"
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == str(tmp_path / "gaitstudy")

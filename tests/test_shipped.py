"""Tables from data that a package ships: computed where it is, stored elsewhere, never curves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import DatasetUnavailable, GaitStudyError
from gaitstudy.io import catalogue, shipped, stored

FILE = "set.npz"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one data file, and a checkout with an empty ``data/derived``."""
    folder = tmp_path / "toy_package" / "data" / "datafiles"
    folder.mkdir(parents=True)
    (tmp_path / "toy_package" / "__init__.py").write_text("", encoding="utf-8")
    np.savez(folder / FILE, Y=np.arange(6.0).reshape(2, 3))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(shipped, "PACKAGE", "toy_package")
    monkeypatch.setattr(catalogue, "data_folder", lambda: tmp_path / "kept")
    monkeypatch.setattr(shipped.metadata, "version", lambda name: "1.0")
    return folder / FILE


def kept_tables() -> dict[str, dict[str, Any]]:
    """The provenance of every table of this project that was made from shipped files."""
    folder = catalogue.data_folder() / "derived"
    every = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.json"))}
    return {name: about for name, about in every.items() if "shipped" in about}


KEPT = kept_tables()


def means() -> pd.DataFrame:
    return pd.DataFrame({"person": [0, 1], "mean": shipped.arrays(FILE)["Y"].mean(1)})


def curve() -> pd.DataFrame:
    return pd.DataFrame({"percent": np.arange(101.0), "value": np.zeros(101)})


def table() -> pd.DataFrame:
    return shipped.derived("means", means, files=[FILE], key=["person"])


def test_computed_kept_and_served_without_the_package(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = table()
    assert first["mean"].tolist() == [1.0, 4.0] and first.attrs["data_class"] == "real"
    about = json.loads((catalogue.data_folder() / "derived" / "means.json").read_text(encoding="utf-8"))
    assert about["shipped"][0]["file"] == FILE and about["inputs"] == [] and about["function"].endswith("means")
    assert not table().attrs["stored"]
    monkeypatch.setattr(shipped, "PACKAGE", "no_such_package")
    again = table()
    assert again["mean"].tolist() == [1.0, 4.0] and again.attrs["data_class"] == "real, stored"
    assert again.attrs["missing"] == [f"no_such_package/{FILE}"]
    with pytest.raises(DatasetUnavailable, match="no_such_package is not installed"):
        shipped.arrays(FILE)
    with pytest.raises(DatasetUnavailable, match="other: no table is stored"):
        shipped.derived("other", means, files=[FILE], key=["person"])


def test_other_files_and_other_numbers_are_seen(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table()
    np.savez(world, Y=np.ones((2, 3)))
    with pytest.raises(stored.DerivedMismatch, match=r"found others in toy_package 1\.0"):
        table()
    monkeypatch.setattr(shipped, "_digest", lambda file: "same")
    (catalogue.data_folder() / "derived" / "means.csv").unlink()
    table()
    np.savez(world, Y=np.full((2, 3), 2.0))
    with pytest.raises(stored.DerivedMismatch, match=r"mean stored 1\.0, computed 2\.0"):
        table()


def test_within_a_wider_tolerance_the_kept_table_is_served(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def loose() -> pd.DataFrame:
        return shipped.derived("means", means, files=[FILE], key=["person"], tolerance=0.1, reason="a solver")

    loose()
    monkeypatch.setattr(shipped, "_digest", lambda file: "same")
    (catalogue.data_folder() / "derived" / "means.csv").unlink()
    loose()
    np.savez(world, Y=np.arange(6.0).reshape(2, 3) * 1.05)
    assert loose()["mean"].tolist() == [1.0, 4.0]


def test_another_key_a_lambda_and_a_tolerance_without_reason_are_refused(world: Path) -> None:
    table()
    with pytest.raises(stored.DerivedMismatch, match=r"or key \['mean'\]"):
        shipped.derived("means", means, files=[FILE], key=["mean"])
    with pytest.raises(GaitStudyError, match="lambda"):
        shipped.derived("means", lambda: means(), files=[FILE], key=["person"])
    with pytest.raises(GaitStudyError, match="needs reason="):
        shipped.derived("means", means, files=[FILE], key=["person"], tolerance=0.5)


def test_pickled_objects_are_not_loaded(world: Path) -> None:
    np.savez(world, Y=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        shipped.arrays(FILE)


def test_curves_are_refused(world: Path) -> None:
    with pytest.raises(GaitStudyError, match="summary numbers are kept, no curves; found one over percent"):
        shipped.derived("curve", curve, files=[FILE], key=["percent"])
    assert not (catalogue.data_folder() / "derived" / "curve.csv").exists()


def test_a_file_that_is_not_there(world: Path) -> None:
    with pytest.raises(DatasetUnavailable, match=r"nothing\.npy: the package toy_package has no such file"):
        shipped.arrays("nothing.npy")


# ---- this project's own tables ----


def test_some_tables_are_kept_of_shipped_files_and_each_names_them_whole() -> None:
    assert KEPT
    for name, about in KEPT.items():
        assert about["shipped"] and about["inputs"] == [], name
        assert {tuple(sorted(row)) for row in about["shipped"]} == {("file", "package", "sha256")}, name
        assert {row["package"] for row in about["shipped"]} == {"spm1d"}, name


@pytest.mark.skipif(not shipped.installed(), reason="spm1d is not installed")
@pytest.mark.parametrize("name", KEPT)
def test_what_a_kept_table_was_made_from_is_what_the_package_ships(name: str) -> None:
    found = {row["file"]: shipped._digest(row["file"]) for row in KEPT[name]["shipped"]}
    assert found == {row["file"]: row["sha256"] for row in KEPT[name]["shipped"]}

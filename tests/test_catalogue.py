"""The catalogue: its tables are well-formed, files are found, verified and fetched, derived tables hold together."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pooch
import pytest

from gaitstudy.conventions import DatasetUnavailable, GaitStudyError
from gaitstudy.io import catalogue

CONTENT = {
    ("toy", "a.csv"): b"1,2\n",
    ("toy", "sub/b one.csv"): b"3,4\n",
    ("toy", "optional.csv"): b"5,6\n",
    ("closed", "secret.csv"): b"7,8\n",
    ("model", "m.csv"): b"9\n",
}


class World(SimpleNamespace):
    """A small project in a temporary folder: its data folder, mirror, cache and a network that counts its calls."""

    data: Path
    mirror: Path
    cache: Path
    asked: list[str]

    def put(self, where: Path, *names: tuple[str, str]) -> None:
        for dataset, file in names:
            (where / dataset / file).parent.mkdir(parents=True, exist_ok=True)
            (where / dataset / file).write_bytes(CONTENT[dataset, file])


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(data=tmp_path / "data", mirror=tmp_path / "mirror", cache=tmp_path / "cache", asked=[])
    made.data.mkdir()
    rows = [
        {
            "dataset": dataset,
            "file": file,
            "role": "input",
            "needed": "no" if file == "optional.csv" else "yes",
            "url": f"https://example.invalid/{file.replace(' ', '%20')}",
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "licence": "MIT",
        }
        for (dataset, file), content in CONTENT.items()
    ]
    pd.DataFrame(rows).to_csv(made.data / "catalogue.csv", index=False)
    described = [
        ("toy", "real", "MIT", "yes", "A. Toy (2020).", "10.1/toy"),
        ("closed", "real", "none stated", "no", "A repository.", ""),
        ("model", "simulated", "MIT", "yes", "A model.", ""),
    ]
    names = ["name", "data_class", "licence", "curves_allowed", "citation", "doi"]
    pd.DataFrame(described, columns=names).to_csv(made.data / "datasets.csv", index=False)
    monkeypatch.setattr(catalogue, "data_folder", lambda: made.data)
    monkeypatch.setattr(catalogue, "_mirror_folder", lambda: made.mirror)
    monkeypatch.setattr(catalogue, "_cache_folder", lambda: made.cache)

    def serve(self: pooch.HTTPDownloader, url: str, output_file: str, pooch: object) -> None:
        made.asked.append(url)
        file = url.removeprefix("https://example.invalid/").replace("%20", " ")
        Path(output_file).write_bytes(next(content for (_, name), content in CONTENT.items() if name == file))

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", serve)
    catalogue._listing.cache_clear()
    return made


def curve_column(table: pd.DataFrame, key: Sequence[str]) -> str | None:
    """Return the column that makes a table look like curves, or None: a rule of thumb.

    Curves are 20 or more values of ``percent``, ``time`` or ``frame`` under one combination of the other keys, or 20 or
    more columns with one name and a running number.
    """
    for column in {"percent", "time", "frame"} & set(table.columns):
        others = [name for name in key if name != column]
        values = table.groupby(others)[column].nunique() if others else pd.Series([table[column].nunique()])
        if len(values) and values.max() >= 20:
            return str(column)
    numbered = Counter(name.rstrip("0123456789") for name in map(str, table.columns) if name[-1:].isdigit())
    return next((f"{name}0..." for name, count in numbered.items() if count >= 20), None)


def test_curves_are_told_from_summaries() -> None:
    curves = pd.DataFrame({"trial": np.repeat(["a", "b"], 101), "percent": np.tile(np.arange(101.0), 2), "kam": 1.0})
    assert curve_column(curves, ["trial", "percent"]) == "percent"
    assert curve_column(curves[curves["percent"] < 19], ["trial", "percent"]) is None
    peaks = pd.DataFrame({"trial": [str(k) for k in range(40)], "time": np.arange(40.0), "kam": 1.0})
    assert curve_column(peaks, ["trial"]) is None
    wide = pd.DataFrame([np.arange(101.0)], columns=[f"p{k}" for k in range(101)])
    assert curve_column(wide, []) == "p0..."


# ---- the tables of the repository ----

ALL_FILES = pd.read_csv(catalogue.data_folder() / "catalogue.csv", dtype=str, keep_default_na=False)
ALL_DATASETS = pd.read_csv(catalogue.data_folder() / "datasets.csv", dtype=str, keep_default_na=False)


def test_every_row_of_the_catalogue_is_well_formed() -> None:
    assert list(ALL_FILES.columns) == ["dataset", "file", "role", "needed", "url", "sha256", "bytes", "licence"]
    address = re.compile(
        r"https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/[\w./%()~-]+"
        r"|https://files\.pythonhosted\.org/packages/[\w./-]+\.tar\.gz#sha256=[0-9a-f]{64}&member=[\w./%-]+"
        r"|package:[a-z0-9_]+/[\w./-]+"
    )
    for row in ALL_FILES.itertuples():
        assert re.fullmatch("[0-9a-f]{64}", str(row.sha256)), row
        assert address.fullmatch(str(row.url)), row
        assert int(str(row.bytes)) > 0 and row.role in ("input", "reference") and row.needed in ("yes", "no"), row
        assert row.licence and ".." not in Path(str(row.file)).parts and not Path(str(row.file)).is_absolute(), row
        assert not re.search(r"[\\\n:*?]|[ .]$", str(row.file)) and re.fullmatch(r"[\w.-]+", str(row.dataset)), row
    assert not ALL_FILES.duplicated(["dataset", "file"]).any()


def test_every_dataset_is_described_once_and_completely() -> None:
    assert sorted(ALL_DATASETS["name"]) == sorted(set(ALL_FILES["dataset"]))
    required = ["title", "description", "data_class", "licence", "curves_allowed", "citation", "notes"]
    assert (ALL_DATASETS[required] != "").all(axis=None)
    assert set(ALL_DATASETS["curves_allowed"]) == {"yes", "no"}
    assert set(ALL_DATASETS["data_class"]) <= {"real", "published", "simulated"}
    licences = ALL_FILES.groupby("dataset")["licence"].agg(lambda values: " / ".join(sorted(set(values))))
    assert ALL_DATASETS.set_index("name")["licence"].sort_index().to_dict() == licences.to_dict()
    stated = ALL_DATASETS["licence"].str
    free = stated.contains("MIT|BSD|Apache|CC-BY|CC0") & ~stated.contains("GPL|AnyBody|-SA|-ND|not stated|none stated")
    assert free[ALL_DATASETS["curves_allowed"] == "yes"].all()


def test_stored_tables_name_their_files_and_keep_no_forbidden_curves() -> None:
    closed = set(ALL_DATASETS.loc[ALL_DATASETS["curves_allowed"] == "no", "name"])
    known = {(row.dataset, row.file): row.sha256 for row in ALL_FILES.itertuples()}
    for path in sorted((catalogue.data_folder() / "derived").glob("*.csv")):
        beside = path.with_suffix(".json")
        assert beside.is_file(), f"{path.name}: expected its provenance in {beside.name}"
        recorded = json.loads(beside.read_text(encoding="utf-8"))
        for used in recorded["inputs"]:
            assert known.get((used["dataset"], used["file"])) == used["sha256"], f"{path.name}: made from {used}"
        if closed & {used["dataset"] for used in recorded["inputs"]}:
            assert curve_column(pd.read_csv(path), recorded["key"]) is None, f"{path.name} holds curves"


def test_files_of_the_local_mirror_are_the_ones_described() -> None:
    mirror = catalogue._mirror_folder()
    if mirror is None or not mirror.is_dir():
        pytest.skip("no local mirror: GAITSTUDY_DATA is not set, or names no folder")
    found = [row for row in ALL_FILES.itertuples() if (mirror / str(row.dataset) / str(row.file)).is_file()]
    assert found, f"the mirror {mirror.name} holds none of the files of the catalogue"
    wrong = []
    for row in found:
        content = (mirror / str(row.dataset) / str(row.file)).read_bytes()
        if (str(len(content)), hashlib.sha256(content).hexdigest()) != (row.bytes, row.sha256):
            wrong.append(f"{row.dataset}/{row.file}")
    assert not wrong


# ---- list, describe, locate ----


def test_datasets_and_files(world: World) -> None:
    assert catalogue.datasets().loc["closed", "licence"] == "none stated"
    assert [row["file"] for row in catalogue.select(["toy"])] == ["a.csv", "sub/b one.csv"]
    with pytest.raises(DatasetUnavailable, match="Did you mean 'closed'"):
        catalogue.select(["close"])


def test_mirror_comes_before_cache(world: World) -> None:
    world.put(world.cache, ("toy", "a.csv"))
    assert catalogue.locate("toy", "a.csv") == world.cache / "toy" / "a.csv"
    world.put(world.mirror, ("toy", "a.csv"))
    assert catalogue.locate("toy", "a.csv") == world.mirror / "toy" / "a.csv"


def test_absent_file_says_where_it_was_looked_for_and_what_to_do(world: World) -> None:
    with pytest.raises(DatasetUnavailable) as error:
        catalogue.locate("toy", "a.csv")
    for part in ("toy/a.csv", str(world.mirror), str(world.cache), "`gaitstudy fetch toy`"):
        assert part in str(error.value)
    with pytest.raises(DatasetUnavailable, match="`gaitstudy fetch toy --all`"):
        catalogue.locate("toy", "optional.csv")
    with pytest.raises(DatasetUnavailable, match=r"file 'b one.csv' is not in .* Did you mean 'sub/b one.csv'"):
        catalogue.locate("toy", "b one.csv")
    assert world.asked == []


def test_no_mirror_at_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_mirror_folder", lambda: None)
    assert not catalogue.present("toy") and catalogue.available("toy") == []
    with pytest.raises(DatasetUnavailable, match="GAITSTUDY_DATA is not set"):
        catalogue.locate("toy", "a.csv")


@pytest.mark.parametrize(
    ("content", "found"), [(b"1,3\n", "found [0-9a-f]{64} .4 bytes"), (b"1,", "found [0-9a-f]{64} .2 bytes")]
)
def test_changed_byte_and_truncated_file_are_refused(world: World, content: bytes, found: str) -> None:
    world.put(world.mirror, ("toy", "a.csv"))
    assert catalogue.locate("toy", "a.csv").read_bytes() == b"1,2\n"
    path = world.mirror / "toy" / "a.csv"
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))
    with pytest.raises(GaitStudyError, match=f"expected SHA-256 .*{found}"):
        catalogue.locate("toy", "a.csv")
    with pytest.raises(GaitStudyError):
        catalogue.present("toy")


def test_unchanged_file_is_read_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put(world.mirror, ("toy", "a.csv"))
    catalogue.locate("toy", "a.csv")

    def refuse(path: Path) -> bytes:
        raise OSError("read again")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert catalogue.locate("toy", "a.csv").name == "a.csv"


def test_present_and_available(world: World) -> None:
    world.put(world.mirror, ("toy", "a.csv"))
    assert (
        not catalogue.present("toy") and catalogue.present(("toy", "a.csv")) and not catalogue.present(("toy", "sub/*"))
    )
    world.put(world.cache, ("toy", "sub/b one.csv"), ("toy", "optional.csv"))
    assert catalogue.present("toy") and catalogue.present(("toy", "optional.csv"))
    assert [path.name for path in catalogue.available("toy", "*.csv")] == ["a.csv", "b one.csv"]
    with pytest.raises(DatasetUnavailable, match="file 'nothing' is not in"):
        catalogue.present(("toy", "nothing"))


def test_installation_without_the_data_folder_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "gaitstudy" / "io" / "catalogue.py"))
    with pytest.raises(DatasetUnavailable, match=r"installed without the repository.*pip install -e \."):
        catalogue.data_folder()


# ---- fetch ----


def test_fetch_downloads_what_is_absent_and_skips_the_rest(world: World) -> None:
    world.put(world.mirror, ("toy", "a.csv"))
    table = catalogue.fetch("toy")
    assert table["status"].tolist() == ["there", "fetched"]
    assert world.asked == ["https://example.invalid/sub/b%20one.csv"]
    assert catalogue.present("toy")
    assert catalogue.fetch("toy")["status"].tolist() == ["there", "there"] and len(world.asked) == 1
    assert catalogue.fetch("toy", all=True)["status"].tolist() == ["there", "there", "fetched"]
    assert not [path for path in world.cache.rglob("*") if path.is_file() and path.name not in str(CONTENT)]


def test_fetch_replaces_a_broken_file_in_the_cache_but_never_in_the_mirror(world: World) -> None:
    world.put(world.cache, ("toy", "a.csv"))
    world.put(world.mirror, ("toy", "sub/b one.csv"))
    for path in (world.cache / "toy" / "a.csv", world.mirror / "toy" / "sub" / "b one.csv"):
        path.write_bytes(b"broken")
    table = catalogue.fetch("toy").set_index("file")
    assert table["status"].to_dict() == {"a.csv": "fetched", "sub/b one.csv": "failed"}
    assert "(6 bytes)" in str(table.loc["sub/b one.csv", "reason"])
    assert (world.mirror / "toy" / "sub" / "b one.csv").read_bytes() == b"broken"

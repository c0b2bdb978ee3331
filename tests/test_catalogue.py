"""The catalogue: its tables are well-formed, files are found, verified and fetched, derived tables hold together."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from gaitstudy.conventions import ChecksumError, DatasetUnavailable, GaitStudyError
from gaitstudy.io import catalogue, results

SDIST = "pypi:toy==1.0#sha256=" + "0" * 64 + "&member=toy-1.0/"
CONTENT = {
    ("toy", "a.csv"): b"1,2\n",
    ("toy", "sub/b one.csv"): b"3,4\n",
    ("toy", "optional.csv"): b"5,6\n",
    ("closed", "secret.csv"): b"7,8\n",
    ("packed", "p.txt"): b"from an archive\n",
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
            "url": f"{SDIST}{file}" if dataset == "packed" else f"https://example.invalid/{file.replace(' ', '%20')}",
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
        ("packed", "real", "MIT", "yes", "An archive.", ""),
        ("model", "simulated", "MIT", "yes", "A model.", ""),
    ]
    names = ["name", "data_class", "licence", "curves_allowed", "citation", "doi"]
    pd.DataFrame(described, columns=names).to_csv(made.data / "datasets.csv", index=False)
    monkeypatch.setattr(catalogue, "data_folder", lambda: made.data)
    monkeypatch.setattr(catalogue, "mirror_folder", lambda: made.mirror)
    monkeypatch.setattr(catalogue, "cache_folder", lambda: made.cache)

    def probe(url: str) -> bool:
        made.asked.append(url)
        return True

    def serve(url: str, size: int) -> bytes:
        made.asked.append(url)
        file = url.removeprefix("https://example.invalid/").replace("%20", " ")
        return next(content for (_, name), content in CONTENT.items() if name == file)

    monkeypatch.setattr(catalogue, "_reachable", probe)
    monkeypatch.setattr(catalogue, "_receive", serve)
    return made


# ---- the tables of the repository ----

ALL_FILES = pd.read_csv(catalogue.data_folder() / "catalogue.csv", dtype=str, keep_default_na=False)
ALL_DATASETS = pd.read_csv(catalogue.data_folder() / "datasets.csv", dtype=str, keep_default_na=False)


def test_every_row_of_the_catalogue_is_well_formed() -> None:
    assert list(ALL_FILES.columns) == ["dataset", "file", "role", "needed", "url", "sha256", "bytes", "licence"]
    address = re.compile(
        r"https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/[\w./%()~-]+"
        r"|https://(?!raw\.githubusercontent\.com)[\w-]+(\.[\w-]+)+/[\w./%()~?=&-]+"
        r"|pypi:[\w-]+==[\d.]+#sha256=[0-9a-f]{64}&member=[\w./%-]+"
        r"|package:[a-z0-9_]+/[\w./-]+"
    )
    for row in ALL_FILES.itertuples():
        assert re.fullmatch("[0-9a-f]{64}", str(row.sha256)), row
        assert address.fullmatch(str(row.url)), row
        assert int(str(row.bytes)) > 0 and row.role in ("input", "reference") and row.needed in ("yes", "no"), row
        assert row.licence and ".." not in Path(str(row.file)).parts and not Path(str(row.file)).is_absolute(), row
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
    """A curve: 20 or more values of percent, time or frame under one key, or 20 numbered columns (a rule of thumb)."""
    closed = set(ALL_DATASETS.loc[ALL_DATASETS["curves_allowed"] == "no", "name"])
    known = {(row.dataset, row.file): row.sha256 for row in ALL_FILES.itertuples()}
    for path in sorted((catalogue.data_folder() / "derived").glob("*.csv")):
        beside = path.with_suffix(".json")
        assert beside.is_file(), f"{path.name}: expected its provenance in {beside.name}"
        recorded = json.loads(beside.read_text(encoding="utf-8"))
        for used in recorded["inputs"]:
            assert known.get((used["dataset"], used["file"])) == used["sha256"], f"{path.name}: made from {used}"
        if closed & {used["dataset"] for used in recorded["inputs"]}:
            assert results._curve_column(pd.read_csv(path), recorded["key"]) is None, f"{path.name} holds curves"


def test_files_of_the_local_mirror_are_the_ones_described() -> None:
    mirror = catalogue.mirror_folder()
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


def test_datasets_files_licence_and_citation(world: World) -> None:
    table = catalogue.datasets().set_index("name")
    assert (table.loc["toy", "files"], table.loc["toy", "needed"], table.loc["toy", "bytes"]) == (3, 2, 12)
    assert catalogue.files("toy")["needed"].tolist() == [True, True, False]
    assert catalogue.licence("closed") == "none stated"
    assert catalogue.citation("toy") == "A. Toy (2020). https://doi.org/10.1/toy"
    assert catalogue.citation("closed") == "A repository."
    with pytest.raises(DatasetUnavailable, match="Did you mean 'closed'"):
        catalogue.citation("close")


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
    monkeypatch.setattr(catalogue, "mirror_folder", lambda: None)
    assert not catalogue.present("toy") and catalogue.available("toy") == []
    with pytest.raises(DatasetUnavailable, match="GAITSTUDY_DATA is not set"):
        catalogue.locate("toy", "a.csv")


@pytest.mark.parametrize(("content", "found"), [(b"1,3\n", "4 bytes with SHA-256"), (b"1,", "found 2 bytes, in")])
def test_changed_byte_and_truncated_file_are_refused(world: World, content: bytes, found: str) -> None:
    world.put(world.mirror, ("toy", "a.csv"))
    assert catalogue.locate("toy", "a.csv").read_bytes() == b"1,2\n"
    path = world.mirror / "toy" / "a.csv"
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))
    with pytest.raises(ChecksumError, match=f"expected 4 bytes with SHA-256 .*{found}"):
        catalogue.locate("toy", "a.csv")
    with pytest.raises(ChecksumError):
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
        not catalogue.present("toy") and catalogue.present("toy", ["a.csv"]) and not catalogue.present("toy", ["sub/*"])
    )
    world.put(world.cache, ("toy", "sub/b one.csv"), ("toy", "optional.csv"))
    assert catalogue.present("toy") and catalogue.present("toy", ["optional.csv"])
    assert [path.name for path in catalogue.available("toy", "*.csv")] == ["a.csv", "b one.csv"]
    assert [path.name for path in catalogue.available("toy", optional=True)] == ["a.csv", "optional.csv", "b one.csv"]
    with pytest.raises(DatasetUnavailable, match="file 'nothing' is not in"):
        catalogue.present("toy", ["nothing"])


def test_installation_without_the_data_folder_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "gaitstudy" / "io" / "catalogue.py"))
    with pytest.raises(DatasetUnavailable, match=r"installed without the repository.*pip install -e \."):
        catalogue.data_folder()


# ---- fetch ----


def test_fetch_downloads_what_is_absent_and_skips_the_rest(world: World) -> None:
    world.put(world.mirror, ("toy", "a.csv"))
    table = catalogue.fetch("toy", progress=False)
    assert table["status"].tolist() == ["there", "fetched"]
    assert world.asked == ["https://example.invalid/sub/b%20one.csv"] * 2  # one probe, one download
    assert catalogue.present("toy")
    assert catalogue.fetch("toy", progress=False)["status"].tolist() == ["there", "there"] and len(world.asked) == 2
    assert catalogue.fetch("toy", all=True, progress=False)["status"].tolist() == ["there", "there", "fetched"]
    assert not [path for path in world.cache.rglob("*") if path.is_file() and path.name not in str(CONTENT)]


def test_fetch_replaces_a_broken_file_in_the_cache_but_never_in_the_mirror(world: World) -> None:
    world.put(world.cache, ("toy", "a.csv"))
    world.put(world.mirror, ("toy", "sub/b one.csv"))
    for path in (world.cache / "toy" / "a.csv", world.mirror / "toy" / "sub" / "b one.csv"):
        path.write_bytes(b"broken")
    table = catalogue.fetch("toy", progress=False).set_index("file")
    assert table["status"].to_dict() == {"a.csv": "fetched", "sub/b one.csv": "failed"}
    assert "found 6 bytes" in str(table.loc["sub/b one.csv", "reason"])
    assert (world.mirror / "toy" / "sub" / "b one.csv").read_bytes() == b"broken"


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a", "a/../../b", "C:\\a", "x\\..\\a", "sub/NUL.txt", "a\nb", "a ", ""]
)
def test_a_name_that_leaves_its_folder_is_refused_before_anything_is_read_or_fetched(world: World, name: str) -> None:
    table = pd.read_csv(world.data / "catalogue.csv", dtype=str, keep_default_na=False)
    table.loc[1, "file"] = name
    table.to_csv(world.data / "catalogue.csv", index=False)
    for call in (lambda: catalogue.fetch("toy", progress=False), lambda: catalogue.locate("toy", name)):
        with pytest.raises(GaitStudyError, match=r"catalogue\.csv, line 3: expected a file that stays in its folder"):
            call()
    assert world.asked == []


def test_fetch_offline_gives_one_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_reachable", lambda url: False)
    with pytest.raises(DatasetUnavailable, match=r"toy: 2 of 2 files .* example\.invalid gave no answer within 5 s"):
        catalogue.fetch("toy", progress=False)
    world.put(world.mirror, ("toy", "a.csv"), ("toy", "sub/b one.csv"))
    assert set(catalogue.fetch("toy", progress=False)["status"]) == {"there"}


def test_fetch_lists_failures_and_keeps_nothing_wrong(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_receive", lambda url, size: b"other")
    table = catalogue.fetch("toy", progress=False)
    assert set(table["status"]) == {"failed"} and table["reason"].str.contains("expected SHA-256").all()
    assert not catalogue.present("toy") and not [path for path in world.cache.rglob("*") if path.is_file()]


def test_fetch_unpacks_archives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpack(rows: list[dict[str, Any]], folder: Path) -> list[str]:
        world.put(folder, *((row["dataset"], row["file"]) for row in rows))
        return [""] * len(rows)

    monkeypatch.setattr(catalogue, "_unpack", unpack)
    assert catalogue.fetch("packed", progress=False)["status"].tolist() == ["fetched"]
    assert world.asked == [] and catalogue.present("packed")


# ---- what is remembered of the files ----


def test_a_remembered_result_is_the_files_and_nobody_elses(world: World) -> None:
    read: list[str] = []

    @catalogue.remembered("toy", most=2)
    def contents(file: str, factor: int = 1) -> dict[str, Any]:
        read.append(file)
        return {"values": [factor * float(v) for v in catalogue.locate("toy", file).read_text().split(",")]}

    world.put(world.mirror, ("toy", "a.csv"), ("toy", "sub/b one.csv"))
    contents("a.csv")["values"].append(99.0)
    assert contents("a.csv") == {"values": [1.0, 2.0]} and read == ["a.csv"]
    assert contents("a.csv", factor=2) == {"values": [2.0, 4.0]} and contents("sub/b one.csv")["values"] == [3.0, 4.0]
    contents("a.csv")  # two are kept: it had gone
    assert read == ["a.csv", "a.csv", "sub/b one.csv", "a.csv"]
    os.utime(world.mirror / "toy" / "sub" / "b one.csv", ns=(5, 5))
    contents("a.csv")
    (world.data / "published").mkdir()
    (world.data / "published" / "numbers.csv").write_text("1")
    contents("a.csv")
    assert len(read) == 6
    (world.mirror / "toy" / "a.csv").unlink()
    with pytest.raises(DatasetUnavailable):
        contents("a.csv")

"""The ledger: recording, collecting, writing, and noticing that a verdict or a number has moved."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from gaitstudy import claims
from gaitstudy.claims import VERDICTS
from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import catalogue
from workflow import ledger_page

IDS = (
    [f"T{k}" for k in range(1, 5)]
    + [f"R{k}" for k in range(1, 8)]
    + [f"F{k}" for k in range(1, 9)]
    + [f"H{k}" for k in range(1, 4)]
    + [f"K{k}" for k in range(1, 8)]
)
REAL = {"data": "real", "n": 12, "n_unit": "people", "source": "some-set"}
SIMULATED = {"data": "simulated", "n": 4, "n_unit": "people", "source": "walker", "imposed": ["speed"]}
BASE = {
    "source": "somebody", "kind": "claim", "chapter": "one", "statement": "pressing <b>left</b> & right",
    "outcome": "load", "measure": "change of load", "unit": "%", "expected": "", "tolerance": "", "min_n": "6",
    "own_source": "Own 2015", "rule_text": "below zero", "not_testable": "", "not_testable_reason": "",
    "data_needed": "",
}  # fmt: skip
MADE_UP = [
    BASE | {"id": "A1", "rule": "effect=", "expected": "-18", "tolerance": "5"},
    BASE | {"id": "A2", "rule": "effect<0"},
    BASE | {"id": "A3", "rule": "effect<0"},
    BASE | {"id": "A4", "rule": "effect<0"},
    BASE | {"id": "A5", "rule": "effect<0"},
    BASE | {"id": "A6", "rule": "effect<0"},
    BASE | {"id": "A7", "rule": "effect<0"},
    BASE | {"id": "A8", "rule": "effect<0", "not_testable": "*", "not_testable_reason": "No.", "data_needed": "Years."},
    BASE | {"id": "A9", "rule": "effect<0"},
    BASE | {"id": "B1", "rule": "one<0; two>1", "not_testable": "two", "not_testable_reason": "No.",
            "data_needed": "Years."},
]  # fmt: skip


ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put made-up claims and studies in the place of the project's."""
    folder, rows = tmp_path / "data", MADE_UP
    folder.mkdir()
    monkeypatch.setattr(catalogue, "data_folder", lambda: folder)
    with (folder / "claims.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "published").mkdir()
    (folder / "published" / "studies.csv").write_text(
        "study,value,status\nOwn 2015,-18,S\nPool 2020,-1,S\nRumour 2000,5,U\n", encoding="utf-8"
    )


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the variables that `reproduce` sets, and return the folder the evidence goes to."""
    monkeypatch.setenv("GAITSTUDY_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("GAITSTUDY_NOTEBOOK", "07_made_up")
    return tmp_path / "results" / "evidence"


def record_all() -> None:
    """Record evidence such that the made-up claims reach every verdict."""
    claims.record("A1", -16.0, (-20, -12), "%", **REAL, anchor="a1-real")
    claims.record("A2", -2.0, (-3, -1), "%", **REAL)
    claims.record("A3", 2.0, (1, 3), "%", **REAL)
    claims.record("A4", -2.0, (-3, -1), "%", **REAL | {"n": 1}, note="one <i>person</i>")
    claims.record("A5", -9.0, (-10, -8), "%", **SIMULATED, computed=["load"])
    published = REAL | {"data": "published", "source": "Own 2015"}
    claims.record("A6", -18.0, "not available", "%", **published)
    imposed = SIMULATED | {"imposed": ["speed", "load"]}
    claims.record("A7", -9.0, (-10, -8), "%", **imposed, computed=["an estimate"])
    claims.declare_not_testable("A8")


def test_every_verdict_is_reached(made_up: None, notebook: Path) -> None:
    record_all()
    table = claims.collect(notebook).set_index("id")
    assert list(table["verdict"].iloc[:9]) == list(VERDICTS)
    assert table["verdict"].value_counts(sort=False).tolist() == [1] * 8 + [2]
    assert table.loc["A4", "why"] == ("evidence, but none that may decide: n = 1, the rule asks for 6 people.")
    assert "1 the claim's way" in table.loc["A5", "why"]
    assert table.loc["A8", "why"] == "declared: No. What it takes: Years."
    row = table.loc["A1"]
    assert (row["value"], row["low"], row["high"], row["unit"], row["n"]) == (-16, -20, -12, "%", 12)
    assert row["links"] == "07_made_up.html#a1-real"


def test_without_evidence_everything_is_not_yet(tmp_path: Path) -> None:
    table = claims.collect(tmp_path / "nothing")
    assert list(table["id"]) == IDS
    assert set(table["verdict"]) == {"not yet"}
    assert table["verdict"].value_counts(sort=False).to_dict() == dict.fromkeys(VERDICTS, 0) | {"not yet": 29}
    claims.numbers(table).to_csv(tmp_path / "verdicts.csv", index=False)
    assert claims.check(table, tmp_path / "verdicts.csv") == []
    (tmp_path / "verdicts.csv").write_text(
        (tmp_path / "verdicts.csv").read_text().replace("T1,not yet", "T1,supported")
    )
    assert claims.check(table, tmp_path / "verdicts.csv") == ["T1: verdict was supported, is not yet"]


def test_the_stored_claims_obey_their_own_rules() -> None:
    table = pd.DataFrame(claims._claims().values())
    assert list(table["id"]) == IDS
    said = ["id", "source", "chapter", "statement", "outcome", "measure", "rule_text"]
    assert table[said].map(str.strip).ne("").all(axis=None) and set(table["kind"]) == {"claim", "question"}
    stored = pd.read_csv(catalogue.data_folder() / "claims.csv")["id"]
    assert stored.is_unique and table["min_n"].ge(1).all()
    number = table[table["rule"].str.contains("=")]
    assert number["expected"].abs().gt(0).all() and number["tolerance"].gt(0).all() and number["unit"].ne("").all()
    for row in table.to_dict("records"):
        parts = {clause.part for clause in claims._clauses(row["rule"])}
        assert set(claims._split(row["not_testable"])) <= {"*", *parts}
    declared = table[["not_testable", "not_testable_reason", "data_needed"]].ne("")
    assert (declared.all(axis=1) == declared.any(axis=1)).all()
    assert list(table.loc[table["kind"] == "question", "id"]) == ["T2"]
    assert set(table["source"]) == {
        "treadmill", "trial-summary", "foot-specialist", "physiotherapy", "knee-to-foot", "-"
    }  # fmt: skip
    whole = table.loc[table["not_testable"] == "*", "id"]
    assert {"T4", "R7", "F7", "K6", "K7"} <= set(whole)
    assert table.set_index("id").loc["R6", "not_testable"] == "video"
    studies = pd.read_csv(ROOT / "data" / "published" / "studies.csv")
    assert set(studies["status"]) <= {"S", "C", "I"}
    own = {name for cell in table["own_source"] for name in claims._split(cell)}
    assert own <= set(studies["study"])
    assert (studies["low"].isna() == studies["high"].isna()).all()
    bounded = studies.dropna(subset=["low"])
    assert (bounded["low"] <= bounded["value"]).all() and (bounded["value"] <= bounded["high"]).all()


@pytest.mark.parametrize("key", ["T4", "R7", "F2", "F6", "F7", "H3", "K5", "K6", "K7"])
def test_every_whole_claim_that_may_be_declared_becomes_not_testable(key: str, notebook: Path) -> None:
    claims.declare_not_testable(key)
    table = claims.collect(notebook).set_index("id")
    assert table.loc[key, "verdict"] == "not testable"
    assert str(table.loc[key, "why"]).count("What it takes") == 1
    assert (table["verdict"] == "not yet").sum() == 28


def test_judged_gives_what_collect_gives_for_the_same_pieces(made_up: None, notebook: Path) -> None:
    pieces = [claims.record("A2", -3, (-4, -2), "%", **REAL), claims.declare_not_testable("A8")]
    pieces += [claims.record("A3", 0, (-1, 1), "%", **SIMULATED, computed=["load"])]
    own, whole = claims.judged(reversed(pieces)), claims.collect(notebook)
    assert own["verdict"].tolist() == ["supported", "mechanism", "not testable"]
    assert own.to_dict("records") == whole.query("pieces > 0")[list(own)].to_dict("records")


def test_the_source_figure_of_the_treadmill_study_is_reported_at_most(notebook: Path) -> None:
    studies = pd.read_csv(ROOT / "data" / "published" / "studies.csv").set_index("study")
    row = studies.loc["Regenexx 2015"]
    claims.record("T1", row["value"], "not available", row["unit"], data="published", n=row["n"], n_unit="people",
                  source="Regenexx 2015")  # fmt: skip
    assert claims.collect(notebook).set_index("id").loc["T1", "verdict"] == "reported"


def test_outside_a_notebook_nothing_is_written_and_a_row_is_shown(
    made_up: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GAITSTUDY_RESULTS", raising=False)
    monkeypatch.delenv("GAITSTUDY_NOTEBOOK", raising=False)
    before = sorted(tmp_path.rglob("*"))
    shown = claims.record("A2", 0.0, (-1, 1), "%", **REAL)
    assert sorted(tmp_path.rglob("*")) == before
    assert shown.to_dict("records") == [
        {"id": "A2", "role": "effect", "value": 0.0, "low": -1.0, "high": 1.0, "unit": "%", "data": "real", "n": 12,
         "n_unit": "people", "source": "some-set"}
    ]  # fmt: skip


def test_a_cell_run_twice_counts_once(made_up: None, notebook: Path) -> None:
    for _ in range(2):
        claims.record("A2", -2.0, (-3, -1), "%", **REAL)
    assert len((notebook / "07_made_up.jsonl").read_text().splitlines()) == 2
    assert claims.collect(notebook).set_index("id").loc["A2", "pieces"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "Z9"}, "id: expected one of A1, A2"),
        ({"interval": "not available"}, "'not available' for a published figure's interval; found -2.0, not available"),
        ({"interval": "-3 to -1", "data": "published", "source": "Pool 2020"}, "'not available' for a published"),
        ({"interval": (0, 1)}, "expected finite numbers, low <= value <= high"),
        ({"interval": (float("-inf"), 1)}, "expected finite numbers, low <= value <= high"),
        ({"interval": (float("nan"), 1)}, "expected finite numbers, low <= value <= high"),
        ({"value": float("nan")}, "expected finite numbers, low <= value <= high"),
        (
            {"value": float("nan"), "interval": "not available", "data": "published", "source": "Pool 2020"},
            "expected finite numbers",
        ),
        ({"unit": ""}, "unit, n_unit, source: expected some text"),
        ({"n_unit": ""}, "unit, n_unit, source: expected some text"),
        ({"source": " "}, "unit, n_unit, source: expected some text"),
        ({"unit": "N"}, "unit: expected '%', as the claim has it, found 'N'; convert, or record it as context"),
        ({"n": 0}, "n: expected a whole number of 1 or more, found 0"),
        ({"n": 2.5}, "n: expected a whole number of 1 or more, found 2.5"),
        ({"data": "guessed"}, "data: expected real, published, simulated, found 'guessed'"),
        ({"role": "knee"}, "role: expected effect or context, found 'knee'"),
        ({"id": "B1"}, "role: expected one, two or context, found ''"),
        ({"data": "simulated"}, "imposed, computed: expected lists for simulated data"),
        ({"data": "simulated", "computed": ["load"]}, "imposed, computed: expected lists for simulated data"),
        ({"data": "simulated", "imposed": ["a"], "computed": ["b"]}, "'load' in one of them"),
        ({"data": "simulated", "imposed": ["load"], "computed": ["load"]}, "'load' in one of them"),
        ({"imposed": ["speed"]}, "none for other data"),
        ({"pooled": True}, "pooled: expected only for published figures, found it for real"),
        ({"data": "published", "source": "Rumour 2000"}, "with status S, C or I, found 'Rumour 2000'"),
        ({"data": "published", "source": "Pool 2020; Nobody 1999"}, "found 'Pool 2020; Nobody 1999'"),
    ],
)
def test_evidence_that_does_not_fit_is_refused(
    change: dict[str, object], message: str, made_up: None, notebook: Path
) -> None:
    call = {"id": "A1", "value": -2.0, "interval": (-3, -1), "unit": "%"} | REAL | change
    with pytest.raises(GaitStudyError, match=re.escape(message)):
        claims.record(**call)  # type: ignore[arg-type]
    assert not notebook.exists()


def test_only_what_the_claims_foresee_can_be_declared_not_testable(made_up: None, notebook: Path) -> None:
    with pytest.raises(GaitStudyError, match="A2: expected a claim or part that the table of claims calls not"):
        claims.declare_not_testable("A2")
    with pytest.raises(GaitStudyError, match=re.escape("(two; * is the whole), found '*'")):
        claims.declare_not_testable("B1")
    claims.declare_not_testable("B1", "two")
    assert claims.collect(notebook).set_index("id").loc["B1", "verdict"] == "not yet"


@pytest.mark.parametrize("line", ['{"id": "Z9"}', "not json", "[1]"])
def test_a_broken_evidence_file_is_named(line: str, made_up: None, notebook: Path) -> None:
    notebook.mkdir(parents=True)
    (notebook / "01_x.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(GaitStudyError, match=r"01_x.jsonl line 1: .* run the notebooks again"):
        claims.collect(notebook)


def test_a_moved_verdict_and_a_moved_number_are_found(made_up: None, notebook: Path, tmp_path: Path) -> None:
    record_all()
    stored = tmp_path / "verdicts.csv"
    claims.numbers(claims.collect(notebook)).to_csv(stored, index=False)
    assert claims.check(claims.collect(notebook), stored) == []
    file = notebook / "07_made_up.jsonl"
    text = file.read_text(encoding="utf-8")

    file.write_text(text.replace('"value": 2.0, "low": 1.0', '"value": 2.0, "low": -1.0'), encoding="utf-8")
    moved = claims.check(claims.collect(notebook), stored)
    assert moved == [
        "A3: verdict was contradicted, is inconclusive",
        "A3, effect 07_made_up real some-set: low was 1.0, is -1.0",
    ]
    file.write_text(text.replace("-16.0", "-16.0000001"), encoding="utf-8")
    assert claims.check(claims.collect(notebook), stored) == []
    file.write_text(text.replace("-16.0", "-16.0001"), encoding="utf-8")
    assert claims.check(claims.collect(notebook), stored) == [
        "A1, effect 07_made_up a1-real real some-set: value was -16.0, is -16.0001"
    ]
    file.write_text("".join(line for line in text.splitlines(True) if '"A1"' not in line), encoding="utf-8")
    assert claims.check(claims.collect(notebook), stored) == [
        "A1: verdict was reproduced, is not yet",
        "A1, effect 07_made_up a1-real real some-set: piece of evidence gone",
    ]
    file.write_text(text, encoding="utf-8")
    claims.record("A1", -1.0, (-2, 1), "%", **REAL, role="context")
    assert claims.check(claims.collect(notebook), stored) == [
        "A1, context 07_made_up real some-set: piece of evidence new"
    ]


def test_a_missing_table_of_verdicts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GaitStudyError, match="no such file"):
        claims.check(claims.collect(tmp_path), tmp_path / "verdicts.csv")


class Page(HTMLParser):
    """Collects what a structural test of a page needs."""

    VOID = ("meta", "br", "link", "img", "input", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.targets += [values[k] or "" for k in ("href", "src", "action", "data") if k in values]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(table: pd.DataFrame, tmp_path: Path, link_base: str = "") -> tuple[str, Page]:
    ledger_page.write_html(table, tmp_path / "ledger.html", link_base)
    text = (tmp_path / "ledger.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.open == []
    return text, page


def test_the_page_of_the_stored_claims_is_whole_and_works_offline(tmp_path: Path) -> None:
    text, page = page_of(claims.collect(tmp_path / "nothing"), tmp_path)
    assert set(IDS) <= set(page.ids) and len(page.ids) == len(set(page.ids))
    assert page.targets == []
    assert not {"link", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|\$\{?[a-z]", text)
    assert "research and teaching, not medical advice" in text[: text.index("</title>")]
    assert all(f">{verdict}</span>" in text for verdict in VERDICTS)
    assert page.tags.count("details") == len(IDS)


def test_the_page_lists_every_piece_and_escapes_what_it_shows(made_up: None, notebook: Path, tmp_path: Path) -> None:
    record_all()
    text, page = page_of(claims.collect(notebook), tmp_path, "pages/")
    assert "pressing &lt;b&gt;left&lt;/b&gt; &amp; right" in text and "<b>left</b>" not in text
    assert "one &lt;i&gt;person&lt;/i&gt;" in text
    assert "pages/07_made_up.html#a1-real" in page.targets
    assert "<b>Imposed:</b> speed<br><b>Computed:</b> load" in text
    assert "interval not available" in text and "declared not testable" in text


def test_the_readme_says_what_the_stored_ledger_says() -> None:
    stored = pd.read_csv(ROOT / "data" / "derived" / "verdicts.csv").drop_duplicates("id")["verdict"]
    assert not (stored == "not yet").any()
    none_of = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    says = "No claim is `supported` as a whole, and none `contradicted`" in none_of
    assert says == (not stored.isin(["supported", "reproduced", "contradicted"]).any())

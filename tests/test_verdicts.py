"""Rules and the verdicts they give: closed cases, then properties that must hold for any evidence."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitstudy.claims import VERDICTS, _Clause, _clauses, _judge
from gaitstudy.conventions import GaitStudyError

CLAIM: dict[str, Any] = {
    "rule": "effect<0", "outcome": "load", "unit": "%", "expected": float("nan"), "tolerance": float("nan"),
    "min_n": 6, "own_source": "Own 2015",
}  # fmt: skip


def piece(value: float, low: float | None, high: float | None, **change: Any) -> dict[str, Any]:
    base = {
        "role": "effect", "value": value, "low": low, "high": high, "unit": "%", "data": "real",
        "pooled": False, "n": 12, "n_unit": "people", "source": "some-set", "imposed": [], "computed": [], "note": "",
        "anchor": "", "notebook": "", "declared": False,
    }  # fmt: skip
    return base | change


def verdict(rule: str, *pieces: dict[str, Any], **change: Any) -> str:
    return _judge(CLAIM | {"rule": rule} | change, pieces)[0]


FOR, AGAINST, OPEN = piece(-2, -3, -1), piece(2, 1, 3), piece(-1, -3, 1)
LEANING = piece(1, -1, 3)
POOL = {"data": "published", "source": "Pool 2020"}


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([], "not yet"),
        ([FOR], "supported"),
        ([AGAINST], "contradicted"),
        ([OPEN], "inconclusive"),
        ([FOR, AGAINST], "inconclusive"),
        ([FOR, OPEN], "supported"),
        ([FOR, LEANING], "inconclusive"),
        ([AGAINST, LEANING], "contradicted"),
        ([piece(-1, -2, 0)], "inconclusive"),  # touches zero: the opposite is not excluded
        ([FOR | {"n": 5}], "inconclusive"),
        ([FOR | {"n": 1}], "inconclusive"),
        ([FOR | {"n": 60, "n_unit": "steps"}], "inconclusive"),
        ([FOR | {"n": 1}, AGAINST], "contradicted"),
        ([FOR | POOL], "inconclusive"),  # one published study is not pooled evidence
        ([FOR | POOL | {"pooled": True}], "supported"),
        ([FOR | POOL | {"pooled": True, "n": 4, "n_unit": "studies"}], "supported"),
        ([FOR | POOL | {"pooled": True, "n": 1, "n_unit": "studies"}], "inconclusive"),
        ([FOR | POOL | {"pooled": True, "source": "Pool 2020; Own 2015"}], "reported"),
        ([FOR | {"data": "published", "source": "Own 2015"}], "reported"),
        ([piece(-18, None, None, data="published", source="Own 2015")], "reported"),
        ([piece(-18, None, None, data="published", source="Pool 2020", pooled=True)], "inconclusive"),
        ([FOR | {"data": "simulated", "computed": ["load"]}], "mechanism"),
        ([AGAINST | {"data": "simulated", "computed": ["load"]}], "mechanism"),
        ([FOR | {"data": "simulated", "imposed": ["load"]}], "illustration"),
        ([FOR | {"role": "context"}], "not yet"),
        ([piece(0, None, None, declared=True, role="", data="", n=None, note="No.")], "not testable"),
    ],
)
def test_one_part(pieces: list[dict[str, Any]], expected: str) -> None:
    assert verdict("effect<0", *pieces) == expected


def test_a_simulation_of_many_people_never_decides() -> None:
    many = FOR | {"data": "simulated", "computed": ["load"], "n": 10**6}
    assert verdict("effect<0", many) == "mechanism"
    assert verdict("effect<0", many, AGAINST) == "contradicted"


def test_a_number_is_reproduced_supported_or_contradicted() -> None:
    value = {"expected": -18.0, "tolerance": 5.0}
    assert verdict("effect=", piece(-16, -20, -12), **value) == "reproduced"
    assert verdict("effect=", piece(-5, -6, -4), **value) == "supported"
    assert verdict("effect=", piece(-16, -40, 8), **value) == "inconclusive"
    assert verdict("effect=", piece(6, 4, 8), **value) == "contradicted"
    assert verdict("effect=", piece(-16, -20, -12, **POOL, pooled=True), **value) == "supported"
    assert verdict("effect=", piece(-16, -20, -12), piece(-5, -6, -4), **value) == "supported"
    assert verdict("effect=", piece(16, 12, 20), expected=18.0, tolerance=5.0) == "reproduced"


def test_an_effect_of_either_sign() -> None:
    band = {"tolerance": 0.5}
    assert verdict("effect?", FOR, **band) == verdict("effect?", AGAINST, **band) == "supported"
    assert verdict("effect?", FOR, AGAINST, **band) == "inconclusive"
    assert verdict("effect?", OPEN, **band) == "inconclusive"
    assert verdict("effect?", piece(0.1, -0.2, 0.4), **band) == "contradicted"
    assert verdict("effect?", piece(0.3, 0.2, 0.4), **band) == "contradicted"  # there, but not worth the name
    assert verdict("effect?", piece(0.3, 0.2, 0.4, unit="N"), **band) == "supported"  # the band is in the claim's unit
    assert verdict("effect?", piece(0.1, -0.2, 0.4)) == "inconclusive"  # no band stated
    assert "(positive)" in _judge(CLAIM | {"rule": "effect?"}, [AGAINST])[1]


PARTS = {
    "supported": piece(-2, -3, -1), "contradicted": piece(2, 1, 3), "inconclusive": piece(-1, -3, 1),
    "mechanism": piece(-2, -3, -1, data="simulated", computed=["load"]), "not yet": None,
    "not testable": piece(0, None, None, declared=True, data="", n=None, note="No."),
}  # fmt: skip


def both(first: str, second: str, joint: str) -> str:
    found = [p | {"role": part} for part, p in (("a", PARTS[first]), ("b", PARTS[second])) if p]
    return verdict(f"a<0 {joint} b<0", *found)


@pytest.mark.parametrize(
    ("first", "second", "every", "either"),
    [
        ("supported", "supported", "supported", "supported"),
        ("supported", "contradicted", "contradicted", "supported"),
        ("supported", "inconclusive", "inconclusive", "supported"),
        ("supported", "not yet", "inconclusive", "supported"),
        ("supported", "not testable", "inconclusive", "supported"),
        ("contradicted", "contradicted", "contradicted", "contradicted"),
        ("contradicted", "not yet", "contradicted", "inconclusive"),
        ("mechanism", "inconclusive", "inconclusive", "inconclusive"),
        ("mechanism", "not testable", "mechanism", "mechanism"),
        ("not yet", "not testable", "not yet", "not yet"),
        ("not testable", "not testable", "not testable", "not testable"),
    ],
)
def test_several_parts(first: str, second: str, every: str, either: str) -> None:
    assert both(first, second, ";") == both(second, first, ";") == every
    assert both(first, second, "|") == both(second, first, "|") == either


def test_the_leading_piece_belongs_to_the_part_that_tells() -> None:
    pieces = [FOR | {"role": "a", "n": 99}, AGAINST | {"role": "b"}]
    found, why, lead = _judge(CLAIM | {"rule": "a<0; b<0"}, pieces)
    assert found == "contradicted" and lead == pieces[1]
    assert why.startswith("a: supported (deciding pieces: 1") and "; b: contradicted (" in why


def test_bounds_on_both_sides_of_one_part() -> None:
    rule = "effect>2; effect<4"
    assert verdict(rule, piece(3, 2.5, 3.5)) == "supported"
    assert verdict(rule, piece(3, 1.5, 3.5)) == "inconclusive"
    assert verdict(rule, piece(6, 5, 7)) == "contradicted"


@st.composite
def evidence(draw: st.DrawFn) -> dict[str, Any]:
    low, value, high = sorted(draw(st.tuples(*[st.floats(-10, 10)] * 3)))
    data, source = draw(st.sampled_from([("real", "x"), ("published", "Own 2015"), ("published", "Pool 2020"),
                                         ("simulated", "walker")]))  # fmt: skip
    return piece(
        value, low, high, data=data, source=source, pooled=data == "published" and draw(st.booleans()),
        n=draw(st.integers(1, 20)), n_unit=draw(st.sampled_from(["people", "steps"])),
        computed=["load"] * draw(st.booleans()), role=draw(st.sampled_from(["effect", "context"])),
    )  # fmt: skip


def flipped(found: dict[str, Any]) -> dict[str, Any]:
    return found | {"value": -found["value"], "low": -found["high"], "high": -found["low"]}


@given(st.lists(evidence(), max_size=5))
def test_turning_the_evidence_round_swaps_supported_and_contradicted(pieces: list[dict[str, Any]]) -> None:
    swap = {"supported": "contradicted", "contradicted": "supported"}
    there = verdict("effect<0", *pieces)
    back = verdict("effect<0", *map(flipped, pieces))
    assert back == swap.get(there, there)
    assert verdict("effect>0", *map(flipped, pieces)) == there


@given(st.lists(evidence(), max_size=4), st.sampled_from(["effect<0", "effect>1", "effect?", "effect="]))
def test_the_order_of_the_evidence_does_not_matter(pieces: list[dict[str, Any]], rule: str) -> None:
    claim = CLAIM | {"rule": rule, "expected": -2.0, "tolerance": 1.0}
    assert len({repr(_judge(claim, order)) for order in itertools.permutations(pieces)}) == 1


@given(st.lists(evidence(), max_size=4), evidence())
def test_evidence_that_may_not_decide_never_moves_a_decision(
    pieces: list[dict[str, Any]], weak: dict[str, Any]
) -> None:
    before = verdict("effect<0", *pieces)
    after = verdict("effect<0", *pieces, weak | {"n": 1, "n_unit": "people"})
    if before in ("supported", "contradicted"):
        assert after == before
    assert after in VERDICTS and (before in ("supported", "contradicted") or after not in ("supported", "contradicted"))


@given(st.lists(evidence(), max_size=4), evidence())
def test_a_further_piece_for_the_claim_never_makes_it_contradicted(
    pieces: list[dict[str, Any]], more: dict[str, Any]
) -> None:
    agreeing = more | {"value": -2.0, "low": -3.0, "high": -1.0}
    if verdict("effect<0", *pieces) == "supported":
        assert verdict("effect<0", *pieces, agreeing) == "supported"
    else:
        assert (
            verdict("effect<0", *pieces) == "contradicted" or verdict("effect<0", *pieces, agreeing) != "contradicted"
        )


def test_clauses_are_read() -> None:
    assert _clauses("a<-0.5; b>2; c=; d?") == [
        _Clause("a", "<", -0.5), _Clause("b", ">", 2.0), _Clause("c", "=", 0.0), _Clause("d", "?", 0.0)
    ]  # fmt: skip


@pytest.mark.parametrize("rule", ["", "a", "a<", "a=3", "a<0;", "a<0; b<0 | c<0", "context<0", "A<0", "a!0"])
def test_a_rule_of_another_form_is_refused(rule: str) -> None:
    with pytest.raises(GaitStudyError, match="rule: expected clauses such as"):
        _clauses(rule)

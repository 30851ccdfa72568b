"""Many cases at once get the answers that each gets alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.batch import decide_many
from licensing.rules.case import CaseError, parse_case
from licensing.rules.verdict import decide
from tests.licensing.rules.test_guarantees import QUICK, anything, cases, copies, generations, questions, works

WORKED = sorted((Path(__file__).parent / "cases").glob("*.json"))


@st.composite
def asked_of_many(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One question about several works, whose statements are drawn from few: what a dataset looks like."""
    same = {"question": draw(questions), "copy": draw(copies), "generated_by": draw(st.none() | generations)}
    contents = draw(st.lists(anything, min_size=1, max_size=3))
    made = []
    for number in range(draw(st.integers(1, 6))):
        said = draw(st.lists(st.sampled_from(contents), max_size=4))
        ids = draw(st.permutations([f"{letter}{number}" for letter in "abcd"]))
        rows = [{"id": name} | row for name, row in zip(ids, said, strict=False)]
        made.append(same | {"work": draw(works) | {"id": f"w{number}"}, "assertions": rows})
    return made


def one_by_one(rows: list[dict[str, Any]]) -> list[Any]:
    return [decide(parse_case(row)) for row in rows]


@QUICK
@given(asked_of_many())
def test_one_question_about_many_works_is_answered_as_it_is_about_each(rows):
    assert list(decide_many(rows)) == one_by_one(rows)


@QUICK
@given(st.lists(cases(), max_size=4))
def test_different_questions_in_one_batch_keep_their_own_answers(rows):
    assert list(decide_many(rows + rows)) == one_by_one(rows + rows)


def test_every_worked_case_has_the_same_answer_in_a_batch():
    rows = [json.loads(path.read_text(encoding="utf-8"))["case"] for path in WORKED]
    assert list(decide_many(rows + rows)) == one_by_one(rows + rows)


MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("/work/tilte", {"work": {"tilte": "A"}}),
    ("/work/title", {"work": {"title": " "}}),
    ("/work/registrations/0/date", {"work": {"registrations": [{"office": "US", "date": "1998-02-30"}]}}),
    ("/work/authors/0/name", {"work": {"authors": [{"name": 7, "died": None}]}}),
    ("/assertions/0/id", {"assertions": [{"id": "", "kind": "offer", "asserted_by": "org:press"}]}),
    ("/assertions/1/id", {"assertions": [{"id": "a", "kind": "offer", "asserted_by": "org:press"}] * 2}),
    ("/why", {"why": "unknown field"}),
]


@pytest.mark.parametrize(("pointer", "wrong"), MALFORMED, ids=[pointer for pointer, _ in MALFORMED])
def test_a_malformed_case_is_refused_in_a_batch_as_alone_also_after_others_like_it(pointer, wrong):
    case = {
        "question": {"use": "pretraining", "purpose": "commercial", "territory": "US", "on": "2026-11-22"},
        "copy": {},
        "work": {"id": "w1", "title": "A", "registrations": [{"office": "US", "date": "1998-02-20"}]},
        "assertions": [{"id": "a", "kind": "offer", "asserted_by": "org:press"}],
    }
    bad = case | wrong
    with pytest.raises(CaseError) as alone:
        parse_case(bad)
    batch = decide_many([case, case, bad])
    assert next(batch) == next(batch)
    with pytest.raises(CaseError) as together:
        next(batch)
    assert (alone.value.pointer, str(alone.value)) == (together.value.pointer, str(together.value))
    assert alone.value.pointer == pointer


def test_a_batch_decides_what_is_alike_once():
    question = {"use": "pretraining", "purpose": "commercial", "territory": "DE", "on": "2026-11-22"}
    said = {"kind": "reservation", "asserted_by": "org:press", "capacity": "owner", "source_format": "tdmrep"}
    rows = [
        {"question": question, "copy": {}, "work": {"id": f"w{n}"}, "assertions": [{"id": f"r{n}"} | said]}
        for n in range(3)
    ]
    answers = list(decide_many(rows))
    assert [answer.reasons[0].evidence for answer in answers] == [("r0",), ("r1",), ("r2",)]
    assert answers[0].reasons[0].sentence is answers[2].reasons[0].sentence


@pytest.mark.parametrize("fact", ["renewed", "restored"])
def test_a_one_is_not_taken_for_true_because_it_is_equal(fact: str) -> None:
    case: dict[str, Any] = {
        "question": {"use": "pretraining", "purpose": "commercial", "territory": "US", "on": "2026-11-22"},
        "copy": {},
        "work": {"id": "w1", "title": "A", "first_published": "1950", "renewed": False, "restored": True},
        "assertions": [],
    }
    batch = decide_many([case, case | {"work": case["work"] | {fact: int(case["work"][fact])}}])
    next(batch)
    with pytest.raises(CaseError) as refused:
        next(batch)
    assert refused.value.pointer == f"/work/{fact}"

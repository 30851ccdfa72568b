"""Many cases at once get the answers that each gets alone."""

import json
from collections.abc import Iterator
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.rules import batch
from licensing.rules.batch import decide_many
from licensing.rules.case import CaseError, parse_case
from licensing.rules.verdict import Answer, decide
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


ASKED = {"use": "pretraining", "purpose": "commercial", "territory": "US", "on": "2026-11-22"}
SPOKEN = {"id": "a", "kind": "offer", "asserted_by": "org:press"}
MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("/work/tilte", {"work": {"tilte": "A"}}),
    ("/work/title", {"work": {"title": " "}}),
    ("/work/registrations/0/date", {"work": {"registrations": [{"office": "US", "date": "1998-02-30"}]}}),
    ("/work/authors/0/name", {"work": {"authors": [{"name": 7, "died": None}]}}),
    ("/assertions/0/id", {"assertions": [{"id": "", "kind": "offer", "asserted_by": "org:press"}]}),
    ("/assertions/1/id", {"assertions": [{"id": "a", "kind": "offer", "asserted_by": "org:press"}] * 2}),
    ("/why", {"why": "unknown field"}),
    ("/work/authors", {"work": {"authors": ""}}),
    ("/work/isbn", {"work": {"isbn": "9780000000002"}}),
    ("/work/registrations", {"work": {"registrations": {}}}),
    ("/assertions", {"assertions": {}}),
    ("/assertions", {"assertions": ""}),
    ("/assertions/0/id", {"assertions": [{"id": None, "kind": "offer", "asserted_by": "org:press"}]}),
    (
        "/assertions/0/note",
        {"assertions": [{"id": "a", "kind": "offer", "asserted_by": "org:press", "note": "\ud800"}]},
    ),
    ("/question", {"question": None}),
    (
        "/question/on",
        {"question": {"use": "pretraining", "purpose": "commercial", "territory": "US", "on": float("nan")}},
    ),
]


@pytest.mark.parametrize(("pointer", "wrong"), MALFORMED, ids=[f"{pointer} {wrong}" for pointer, wrong in MALFORMED])
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
    answers = decide_many([case, case, bad])
    assert next(answers) == next(answers)
    with pytest.raises(CaseError) as together:
        next(answers)
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
    answers = decide_many([case, case | {"work": case["work"] | {fact: int(case["work"][fact])}}])
    next(answers)
    with pytest.raises(CaseError) as refused:
        next(answers)
    assert refused.value.pointer == f"/work/{fact}"


SAID: dict[str, Any] = {
    "id": "a", "kind": "reservation", "asserted_by": "org:press", "capacity": "owner", "machine_readable": True,
    "territory": ["EU"], "valid_from": None, "valid_to": None, "observed_at": "2024-05-01", "source_format": "tdmrep",
}  # fmt: skip
KNOWN_WORK: dict[str, Any] = {
    "id": "w1", "title": "A", "kind": "book", "authorship": "individual", "identity": "strong", "relation": "copy",
    "authors": [{"name": "A. Author", "died": "1950"}], "isbn": ["9780000000002"], "first_published": "1930-05",
    "registrations": [{"office": "US", "date": "1930-06-01"}], "country": "DE", "renewed": True,
}  # fmt: skip


class Spelt(Enum):
    """No JSON value, though some write it as one."""

    RESERVATION = "reservation"


ODD: list[Any] = [
    None, True, False, 0, 1, 1.0, "", " ", "x", "US", "1950", "1950-13", "a", "\ud800", float("nan"), [], {}, [None],
    ["EU"], ("EU",), [""], [{}], {"a": 1}, [{"name": "A", "died": 1950}], [{"office": "US", "date": "1930"}],
    date(2024, 5, 1), UUID(int=1), Spelt.RESERVATION, 2**70, -0.0, float("inf"),
]  # fmt: skip


@pytest.mark.parametrize("territory", ["DE", "US"])
@pytest.mark.parametrize("place", ["work", "assertions"])
def test_an_odd_value_anywhere_is_judged_in_a_batch_as_alone(place: str, territory: str) -> None:
    question = {"use": "pretraining", "purpose": "commercial", "territory": territory, "on": "2026-11-22"}
    known: dict[str, Any] = {"question": question, "copy": {}, "work": KNOWN_WORK, "assertions": [SAID]}
    for name in sorted({*(KNOWN_WORK if place == "work" else SAID), "unheard"}):
        for odd in ODD:
            said = KNOWN_WORK | {name: odd} if place == "work" else [SAID | {name: odd}]
            answers, changed = decide_many([known, known | {place: said}]), known | {place: said}
            next(answers)
            alone = outcome(decide(parse_case(case)) for case in [changed])
            assert outcome(answers) == alone, (name, odd)


def outcome(answers: Iterator[Answer]) -> Answer | str:
    """The next answer, or what is wrong with the case."""
    try:
        return next(answers)
    except CaseError as refused:
        return str(refused)


years = st.integers(1850, 2026)
dates = st.none() | years.map(str) | years.map(lambda year: f"{year}-07") | years.map(lambda year: f"{year}-02-28")
dated_works = st.fixed_dictionaries(
    {
        "id": st.just("w1"),
        "first_published": dates,
        "authors": st.lists(st.fixed_dictionaries({"name": st.just("A"), "died": dates}), max_size=3),
        "authorship": st.sampled_from([None, "individual", "individual", "work_for_hire", "legal_entity", "anonymous"]),
        "country": st.sampled_from([None, "US", "GB", "MX"]),
        "renewed": st.sampled_from([None, True, False]),
    },
    optional={
        "restored": st.sampled_from([None, True, False]),
        "created": dates,
        "edition": st.fixed_dictionaries({"id": st.just("e1"), "translation": st.booleans(), "published": dates}),
    },
)
PLACES = ["US", "DE", "ES", "FR", "EU", "EEA", "GB", "CN", "MX", "IN", "CO", "WORLD"]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(PLACES),
    st.sampled_from([{}, {"copied_on": "2010-01-01"}, {"copied_on": "1990-01-01", "copied_in": "US"}]),
    st.lists(dated_works, min_size=8, max_size=20),
)
def test_what_a_place_does_not_ask_of_dates_makes_no_difference(
    territory: str, copy: dict[str, Any], works: list[dict[str, Any]]
) -> None:
    question = {"use": "pretraining", "purpose": "commercial", "territory": territory, "on": "2026-11-22"}
    rows = [{"question": question, "copy": copy, "work": work, "assertions": []} for work in works]
    assert list(decide_many(rows)) == one_by_one(rows)


def test_a_batch_that_has_seen_much_starts_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MANY", 2)
    question = {"use": "pretraining", "purpose": "commercial", "territory": "DE", "on": "2026-11-22"}
    rows = [
        {
            "question": question,
            "copy": {},
            "work": {"id": "w", "authors": [{"name": "A", "died": str(1930 + year)}]},
            "assertions": [SAID | {"asserted_by": f"org:{press}", "id": f"a{year}"}],
        }
        for year in range(30)
        for press in range(3)
    ]
    assert list(decide_many(rows + rows)) == one_by_one(rows + rows)

"""Does this grant cover that use? Clauses, sentences, and what holds for every question."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.agreement import (
    contains,
    duties_of,
    explain,
    find_gaps,
    gaps,
    intersect,
    parse_terms,
    scope_of,
    terms_json,
)
from licensing.rules.case import parse_case
from licensing.rules.facts import Question
from licensing.rules.grants import find_grant_gaps
from licensing.rules.terms import LicenseeKind, Purpose, Use, members
from licensing.rules.verdict import decide
from tests.licensing.rules.termed import LICENSEE, QUICK, questions, terms

ASKED = Question(Use.PRETRAINING, Purpose.COMMERCIAL, "US", date(2027, 6, 1), licensee="org:acme")
EU_UNTIL_2027 = {"uses": ["pretraining"], "territory": ["EU"], "valid_to": "2027-01-01"}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (EU_UNTIL_2027, "no: territory US is outside EU; expires 2027-01-01"),
        ({"uses": ["pretraining"]}, "yes"),
        ({"uses": ["pretraining"], "valid_to": "2028-01-01"}, "yes; expires 2028-01-01"),
        (
            {"uses": ["pretraining"], "attribution": True, "survival": "delete", "fee": {"model": "royalty"}},
            "yes, on these conditions: attribution, delete weights after end, payment",
        ),
        ({"uses": ["evaluation"]}, "no: use pretraining is not among evaluation"),
        (
            {"uses": ["pretraining"], "purposes": ["research"], "licensee_kinds": ["public_body"]},
            "no: purpose commercial is not among research; licensee kind company is not among public body",
        ),
        ({"uses": ["pretraining"], "valid_from": "2028-01-01"}, "no: begins 2028-01-01"),
        ({"uses": ["pretraining"], "products": ["A"]}, "no: the product is not stated and may not be among A"),
    ],
)
def test_an_answer_is_a_sentence_with_every_gap(said, sentence):
    assert explain(parse_terms(said), ASKED) == sentence


def test_a_region_that_is_partly_covered_names_what_is_left_out():
    [gap] = find_gaps(parse_terms({"uses": ["pretraining"], "territory": ["EU"]}), replace(ASKED, territory="EEA"))
    assert gap.clause == "territory EEA is not wholly within EU, which leaves out IS, LI, NO"
    assert (gap.dimension, gap.asked, gap.granted) == ("territory", "EEA", ("EU",))


def test_affiliates_are_those_named_or_everybody_or_nobody():
    asking = replace(ASKED, licensee="org:asia")
    named, alone = ({"uses": ["pretraining"], "affiliates": names} for names in (["labs"], ["none"]))
    assert explain(parse_terms({"uses": ["pretraining"]}), asking, "acme") == "yes"
    assert explain(parse_terms(named), asking, "acme") == "no: affiliate asia is not among labs"
    assert explain(parse_terms(alone), asking, "acme") == "no: it is given to acme alone"
    assert explain(parse_terms(alone), ASKED, "acme") == "yes"


@QUICK
@given(terms, questions, st.data())
def test_a_wider_question_never_gets_a_looser_answer(agreed, question, data):
    """Whoever may in a territory may in each of its parts; a part never permits the whole."""
    part = replace(question, territory=data.draw(st.sampled_from(sorted(members(question.territory)))))
    missed = {gap.dimension for gap in find_gaps(agreed, question, LICENSEE)}
    assert {gap.dimension for gap in find_gaps(agreed, part, LICENSEE)} <= missed


@QUICK
@given(terms, terms, questions)
def test_narrower_terms_never_give_a_looser_answer(one, other, question):
    narrower = intersect(one, other)
    if narrower is None:
        return
    assert contains(one, narrower)
    assert len(gaps(narrower, question, LICENSEE)) >= len(gaps(one, question, LICENSEE))
    assert explain(narrower, question, LICENSEE).startswith("no") or not gaps(one, question, LICENSEE)


def as_case(agreed, question, said: list[dict[str, Any]]):
    """The case in which a grant with these terms, and whatever else is said, answers the question."""
    written = terms_json(agreed)
    narrowed = {name: written[name] for name in ("uses", "purposes", "territory") if written[name]}
    affiliates = [name if name == "none" else f"org:{name}" for name in written["affiliates"]]
    grant = narrowed | {
        "id": "g1",
        "kind": "grant",
        "asserted_by": "org:press",
        "capacity": "owner",
        "verification": "document",
        "licensee": f"org:{LICENSEE}",
        "duties": duties_of(agreed),
        "affiliates": affiliates,
        **{name: written[name] for name in ("valid_from", "valid_to", "licensee_kinds", "models", "products")},
    }
    asked = {
        "use": question.use.value,
        "purpose": question.purpose.value,
        "territory": question.territory,
        "on": question.on.isoformat(),
        "licensee": question.licensee,
        "licensee_kind": question.licensee_kind.value,
        "affiliates": list(question.affiliates),
        "product": question.product,
        "model": question.model,
    }
    return {"question": asked, "work": {"id": "w1"}, "assertions": [grant, *said]}


@QUICK
@given(terms, questions)
def test_the_rules_read_a_grant_as_its_terms_say(agreed, question):
    """Two ways to one answer: the terms themselves, and the assertion that a case holds of them."""
    case = parse_case(as_case(agreed, question, []))
    clauses = gaps(agreed, question, LICENSEE)
    assert case.assertions[0].scope == scope_of(agreed)
    assert len(find_grant_gaps(case, case.assertions[0])) == len(clauses)
    assert (decide(case).status == "LICENSED") == (not clauses)


@QUICK
@given(
    terms, questions, st.sampled_from(["org:press", "org:other"]), st.sampled_from(["owner", "observer"]), st.booleans()
)
def test_adding_a_reservation_never_clears_anything(agreed, question, who, capacity, machine_readable):
    reservation = {
        "id": "r1",
        "kind": "reservation",
        "asserted_by": who,
        "capacity": capacity,
        "machine_readable": machine_readable,
    }
    before = decide(parse_case(as_case(agreed, question, [])))
    after = decide(parse_case(as_case(agreed, question, [reservation])))
    assert after.verdict.rank <= before.verdict.rank


def test_every_duty_is_a_word_of_its_own():
    agreed = parse_terms(
        {
            "uses": ["pretraining"],
            "attribution": True,
            "audit": True,
            "survival": "no_new_training",
            "output_limits": {"verbatim_words": 0},
            "fee": {"model": "contribution"},
        }
    )
    assert duties_of(agreed) == ["attribution", "audit", "no_new_training_after_end", "output_limits", "payment"]
    assert duties_of(parse_terms({"uses": ["pretraining"], "fee": {"model": "free"}, "survival": "keep"})) == []


def test_the_licensee_kind_of_the_question_decides():
    agreed = parse_terms({"uses": ["pretraining"], "licensee_kinds": ["research_organisation"]})
    assert gaps(agreed, ASKED) == ("licensee kind company is not among research organisation",)
    assert gaps(agreed, replace(ASKED, licensee_kind=LicenseeKind.RESEARCH_ORGANISATION)) == ()

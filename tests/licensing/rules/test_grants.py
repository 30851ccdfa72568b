"""Whom a grant reaches, and every dimension in which it misses the question."""

from typing import Any

import pytest

from licensing.rules.case import CaseError, parse_case
from licensing.rules.grants import find_grant_gaps, is_for_licensee

QUESTION: dict[str, Any] = {
    "use": "pretraining",
    "purpose": "commercial",
    "territory": "DE",
    "on": "2026-11-22",
    "licensee": "org:acme",
}
GRANT: dict[str, Any] = {"kind": "grant", "asserted_by": "org:press", "licensee": "org:acme", "uses": ["pretraining"]}


def asked(question, grant):
    said = GRANT | {"id": "g1"} | grant
    return parse_case({"question": QUESTION | question, "work": {"id": "w1"}, "assertions": [said]})


def gaps(question, grant):
    case = asked(question, grant)
    return find_grant_gaps(case, case.assertions[0])


@pytest.mark.parametrize(
    ("question", "grant", "gap"),
    [
        ({}, {"licensee_kinds": ["person"]}, "its kinds of licensee (person) do not include company"),
        ({"model": "B"}, {"models": ["A", "C"]}, "model B is not among those it names (A, C)"),
        ({}, {"models": ["A"]}, "the model is not stated and may not be among those it names (A)"),
        ({"product": "B"}, {"products": ["A"]}, "product B is not among those it names (A)"),
        ({}, {"products": ["A"]}, "the product is not stated and may not be among those it names (A)"),
        (
            {"affiliates": ["org:group"]},
            {"licensee": "org:group", "affiliates": ["org:asia"]},
            "org:acme is not among the affiliates it names (org:asia)",
        ),
        (
            {"affiliates": ["org:group"]},
            {"licensee": "org:group", "affiliates": ["none"]},
            "it is given to org:group alone, without its affiliates",
        ),
    ],
)
def test_every_dimension_of_the_terms_is_a_gap_of_its_own(question, grant, gap):
    assert gaps(question, grant) == (gap,)


@pytest.mark.parametrize(
    ("question", "grant"),
    [
        ({"licensee_kind": "person"}, {"licensee_kinds": ["person", "company"]}),
        ({"model": "A"}, {"models": ["A"]}),
        ({"model": "A"}, {}),
        ({"product": "A"}, {"products": ["A", "B"]}),
        ({}, {"affiliates": ["org:asia"]}),
        ({}, {"affiliates": ["none"]}),
        ({}, {"licensee": "org:group", "affiliates": ["org:acme"]}),
        ({"affiliates": ["org:group"]}, {"licensee": "org:group"}),
    ],
)
def test_a_grant_covers_what_it_names_and_whatever_it_does_not_narrow(question, grant):
    assert gaps(question, grant) == ()


def test_a_grant_to_another_group_is_not_for_the_licensee_whatever_it_names():
    case = asked({}, {"licensee": "org:else", "affiliates": ["org:other"]})
    assert not is_for_licensee(case, case.assertions[0])


def test_an_unknown_kind_of_licensee_is_named_with_its_place():
    with pytest.raises(CaseError) as caught:
        asked({}, {"licensee_kinds": ["company", "startup"]})
    assert caught.value.pointer == "/assertions/0/licensee_kinds/1"

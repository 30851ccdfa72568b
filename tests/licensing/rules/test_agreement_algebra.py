"""Terms held against terms. The laws are tried on random terms, and against a slow reference: all acts one by one."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given

from licensing.rules.agreement import (
    contains,
    contradictions,
    excess,
    fee_in_words,
    gaps,
    intersect,
    overlaps,
    parse_terms,
)
from licensing.rules.facts import Question
from licensing.rules.terms import LicenseeKind, Purpose, Use
from tests.licensing.rules.termed import DAYS, KINDS, LICENSEE, PURPOSES, QUICK, USES, terms

ACTS = [
    Question(
        Use(use),
        Purpose(purpose),
        territory,
        date.fromisoformat(day),
        licensee,
        LicenseeKind(kind),
        product=name,
        model=name,
    )
    for use, purpose, territory, day, kind, licensee, name in product(
        USES[:2], PURPOSES, ["DE", "NO", "US"], DAYS[::2], KINDS, ["org:acme", "org:asia"], ["Alpha", "Beta"]
    )
]


def permitted(agreed):
    """The slow reference: every act of a small world that the terms permit."""
    return {number for number, act in enumerate(ACTS) if not gaps(agreed, act, LICENSEE)}


def agreed(**more):
    return parse_terms({"uses": ["pretraining"]} | more)


# --- laws --------------------------------------------------------------------------------------------------------


@QUICK
@given(terms, terms)
def test_intersection_is_commutative(one, other):
    assert intersect(one, other) == intersect(other, one)


@QUICK
@given(terms, terms, terms)
def test_intersection_is_associative(one, other, third):
    left, right = intersect(one, other), intersect(other, third)
    assert (intersect(left, third) if left else None) == (intersect(one, right) if right else None)


@QUICK
@given(terms)
def test_intersection_is_idempotent(one):
    assert intersect(one, one) == one


@QUICK
@given(terms, terms)
def test_an_intersection_is_contained_in_both_and_permits_what_both_permit(one, other):
    both = intersect(one, other)
    if both is None:
        assert contradictions(one, other)
    else:
        assert contains(one, both)
        assert contains(other, both)
        assert permitted(both) == permitted(one) & permitted(other)


@QUICK
@given(terms, terms)
def test_terms_without_an_intersection_permit_nothing_in_common_or_differ_in_their_fee(one, other):
    if intersect(one, other) is None:
        assert one.fee != other.fee or not permitted(one) & permitted(other)


@QUICK
@given(terms)
def test_terms_contain_themselves(one):
    assert contains(one, one)


@QUICK
@given(terms, terms, terms)
def test_containment_is_transitive(one, other, third):
    """Random terms seldom contain each other, so the chain is made of intersections."""
    middle = intersect(one, other)
    inner = intersect(middle, third) if middle else None
    if middle and inner:
        assert contains(one, middle)
        assert contains(middle, inner)
        assert contains(one, inner)
    assert not (contains(one, other) and contains(other, third)) or contains(one, third)


@QUICK
@given(terms, terms)
def test_what_is_contained_permits_no_more_and_owes_no_less(outer, inner):
    if contains(outer, inner):
        assert permitted(inner) <= permitted(outer)
        assert outer.attribution <= inner.attribution
        assert outer.audit <= inner.audit


@QUICK
@given(terms, terms)
def test_containment_is_having_oneself_as_the_intersection_apart_from_fee_and_remarks(outer, inner):
    outer, inner = replace(outer, fee=None, note=""), replace(inner, fee=None, note="")
    both = intersect(outer, inner)
    contained = both is not None and contains(both, inner)
    assert contains(outer, inner) == contained


@QUICK
@given(terms, terms)
def test_terms_that_permit_an_act_together_overlap(one, other):
    if permitted(one) & permitted(other):
        assert overlaps(one, other)
        assert overlaps(other, one)


# --- examples ----------------------------------------------------------------------------------------------------


def test_regions_meet_in_the_smaller_one():
    both = intersect(agreed(territory=["EU", "US"]), agreed(territory=["EEA", "JP"]))
    assert both is not None
    assert both.territory == ("EU",)


def test_affiliates_that_do_not_meet_leave_the_licensee_alone():
    both = intersect(agreed(affiliates=["asia"]), agreed(affiliates=["labs"]))
    assert both is not None
    assert both.affiliates == frozenset()
    assert permitted(both) < permitted(agreed())


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"uses": ["evaluation"]}, {}, "uses: evaluation against pretraining"),
        ({"territory": ["US"]}, {"territory": ["EU"]}, "territory: US against EU"),
        (
            {"valid_to": "2026-12-31"},
            {"valid_from": "2027-01-01"},
            "term: one ends on 2026-12-31, the other begins on 2027-01-01",
        ),
        (
            {"fee": {"model": "free"}},
            {"fee": {"model": "flat", "amount": "5", "currency": "EUR", "per": "a year"}},
            "fee: free against flat EUR 5 a year",
        ),
        ({"licensee_kinds": ["person"]}, {"licensee_kinds": ["company"]}, "licensee kinds: person against company"),
    ],
)
def test_terms_that_have_nothing_in_common_say_why(one, other, why):
    assert intersect(agreed(**one), agreed(**other)) is None
    assert contradictions(agreed(**one), agreed(**other)) == (why,)


@pytest.mark.parametrize(
    ("outer", "inner", "why"),
    [
        ({}, {"uses": ["pretraining", "evaluation"]}, "uses evaluation not among pretraining"),
        ({"models": ["A"]}, {}, "models are not narrowed to A"),
        ({"affiliates": ["none"]}, {}, "affiliates are not narrowed to nobody"),
        ({"affiliates": ["none"]}, {"affiliates": ["asia"]}, "affiliates asia not among nobody"),
        ({"territory": ["EU"]}, {"territory": ["US"]}, "territory US is outside EU"),
        ({"territory": ["EU"]}, {}, "territory WORLD is outside EU"),
        ({"valid_to": "2027-01-01"}, {}, "has no last day, after 2027-01-01"),
        ({"valid_to": "2027-01-01"}, {"valid_to": "2027-01-02"}, "ends 2027-01-02, after 2027-01-01"),
        ({"valid_from": "2027-01-01"}, {"valid_from": "2026-12-31"}, "begins 2026-12-31, before 2027-01-01"),
        ({}, {"exclusive": True}, "is exclusive, and what it rests on is not"),
        ({"sublicensing": "affiliates"}, {"sublicensing": "allowed"}, "sub-licensing allowed goes beyond affiliates"),
        ({}, {"survival": "keep"}, "trained weights after the end: keep goes beyond nothing agreed"),
        ({"survival": "delete"}, {}, "trained weights after the end: nothing agreed goes beyond delete"),
        ({"audit": True}, {}, "audit is left out"),
        ({"output_limits": {"verbatim_words": 50}}, {}, "output of any number of words verbatim is more than 50"),
        ({"output_limits": {"note": "no poems"}}, {}, "output limits in words are left out"),
    ],
)
def test_what_goes_beyond_is_named(outer, inner, why):
    assert excess(agreed(**outer), agreed(**inner)) == (why,)
    assert not contains(agreed(**outer), agreed(**inner))


def test_a_sublicence_may_cost_something_else():
    dear = agreed(fee={"model": "flat", "amount": "9", "currency": "EUR"})
    assert contains(agreed(fee={"model": "free"}), dear)
    assert fee_in_words(dear.fee) == "flat EUR 9"


def test_exclusive_grants_for_different_kinds_of_licensee_or_years_do_not_overlap():
    assert not overlaps(agreed(licensee_kinds=["company"]), agreed(licensee_kinds=["person"]))
    assert not overlaps(agreed(valid_to="2026-12-31"), agreed(valid_from="2027-01-01"))
    assert overlaps(agreed(products=["A"], territory=["EU"]), agreed(products=["B"], territory=["DE"]))

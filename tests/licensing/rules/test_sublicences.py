"""Sublicences: refused where they are not allowed, where they exceed what they rest on, and in a circle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.agreement import contains, parse_terms
from licensing.rules.sublicences import CircularSublicence, Link, chain_of, refuse_sublicence
from tests.licensing.rules.termed import QUICK
from tests.licensing.rules.termed import terms as any_terms


def terms(**more):
    return parse_terms({"uses": ["pretraining"], "sublicensing": "allowed"} | more)


ROOT = Link("A1", "press", "acme", terms(territory=["EU"]))
CHILD = Link("A2", "acme", "asia", terms(territory=["DE"]), under="A1")
LINKS = {link.id: link for link in (ROOT, CHILD)}


def refused(chain=(ROOT,), licensor="acme", licensee="labs", given=None, **more):
    given = given or terms(territory=["DE"], sublicensing="none")
    return [(refusal.code, refusal.sentence) for refusal in refuse_sublicence(
        chain, licensor=licensor, licensee=licensee, terms=given, **more
    )]  # fmt: skip


def test_what_an_agreement_allows_can_be_passed_on_and_on():
    assert refused() == []
    assert refused(chain=chain_of("A2", LINKS), licensor="asia") == []


def test_a_chain_is_read_from_its_root():
    assert chain_of("A2", LINKS) == (ROOT, CHILD)


def test_agreements_that_rest_on_each_other_in_a_circle_are_refused_by_name():
    links = {
        name: Link(name, "a", "b", terms(), under)
        for name, under in [("A0", "A1"), ("A1", "A2"), ("A2", "A3"), ("A3", "A1")]
    }
    with pytest.raises(CircularSublicence, match="A1 → A2 → A3 → A1") as caught:
        chain_of("A0", links)
    assert caught.value.circle == ("A1", "A2", "A3", "A1")


@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefg"), min_size=1))
def test_a_chain_ends_or_is_refused_whatever_rests_on_what(under):
    names = set(under) | set(under.values())
    links = {name: Link(name, "x", "y", terms(), under.get(name)) for name in names}
    for name in names:
        steps = [name]
        while (at := links[steps[-1]].under) is not None and at not in steps:
            steps.append(at)
        if at is None:
            assert [link.id for link in chain_of(name, links)] == steps[::-1]
        else:
            with pytest.raises(CircularSublicence):
                chain_of(name, links)


@pytest.mark.parametrize("back_to", ["press", "acme", "asia"])
def test_a_permission_does_not_return_to_whom_it_came_from(back_to):
    [(code, sentence)] = refused(chain=(ROOT, CHILD), licensor="asia", licensee=back_to)
    assert code == "circular_sublicence"
    assert sentence.startswith(f"The permission would return to {back_to}, from whom it comes: {back_to} →")


def test_nothing_is_passed_on_where_nothing_was_said():
    root = Link("A1", "press", "acme", parse_terms({"uses": ["pretraining"]}))
    given = parse_terms({"uses": ["pretraining"]})
    assert refused((root,), given=given) == [("sublicensing_not_allowed", "Agreement A1 does not allow sublicences.")]


def test_sublicences_to_affiliates_reach_those_named_or_else_the_group():
    given = terms(sublicensing="none")
    group = Link("A1", "press", "acme", terms(sublicensing="affiliates"))
    assert [code for code, _ in refused((group,), given=given)] == ["not_an_affiliate"]
    assert refused((group,), given=given, affiliates=frozenset({"labs"})) == []
    named = Link("A1", "press", "acme", terms(sublicensing="affiliates", affiliates=["labs"]))
    narrow = terms(sublicensing="none", affiliates=["none"])
    assert refused((named,), given=narrow) == []
    assert [code for code, _ in refused((named,), licensee="asia", given=narrow, affiliates=frozenset({"asia"}))] == [
        "not_an_affiliate"
    ]


def test_only_the_licensee_passes_on():
    assert refused(licensor="stranger") == [
        ("not_the_licensee", "stranger is not the licensee of agreement A1, and so cannot pass it on.")
    ]


def test_a_sublicence_stays_within_what_it_rests_on():
    assert refused(given=terms(territory=["US"])) == [
        ("beyond_agreement", "The sublicence goes beyond agreement A1: territory US is outside EU.")
    ]


@QUICK
@given(any_terms, any_terms)
def test_no_sublicence_permits_more_than_its_agreement(outer, inner):
    codes = [code for code, _ in refused((Link("A1", "press", "acme", outer),), given=inner)]
    assert ("beyond_agreement" in codes) == (not contains(outer, inner))

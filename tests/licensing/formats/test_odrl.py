"""Public statements as ODRL: what a statement says is in the policy, or in its loss."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats import odrl, odrl_policy
from licensing.formats.labels import USES
from licensing.formats.odrl_rules import PURPOSES
from licensing.formats.policy import Effect

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib by itself
PLAIN = odrl.Statement(
    kind="offer", uid="https://x.example/w#1", target="https://x.example/w", asserted_by="Example Press"
)
TERMS: dict[str, Any] = {
    "uses": ["pretraining"],
    "licensee_kinds": ["company"],
    "affiliates": ["none"],
    "models": ["Model One"],
    "products": ["A search"],
    "exclusive": True,
    "sublicensing": "affiliates",
    "output_limits": {"verbatim_words": 25, "note": ""},
    "fee": {"model": "per_work", "amount": "12.50", "currency": "CNY", "per": "work"},
    "attribution": True,
    "audit": True,
    "survival": "delete",
    "note": "须注明出处",
}
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
dates = st.sampled_from(["", "2026-01-01", "2027-12-31"])
statements = st.builds(
    odrl.Statement,
    kind=st.sampled_from(["reservation", "offer", "open_licence"]),
    uid=st.just(PLAIN.uid),
    target=st.just(PLAIN.target),
    asserted_by=words,
    capacity=st.sampled_from(["", "owner"]),
    verification=st.sampled_from(["", "document"]),
    uses=st.lists(st.sampled_from(USES), unique=True),
    purposes=st.lists(st.sampled_from(PURPOSES), unique=True),
    territory=st.lists(st.sampled_from(["DE", "CN", "EU", "WORLD"]), unique=True),
    valid_from=dates,
    valid_to=dates,
    observed_at=dates,
    machine_readable=st.booleans(),
    licence=st.sampled_from(["CC-BY-4.0", "Unknown-1.0"]),
    conditions=st.none() | st.frozensets(st.sampled_from([name for name, _ in (*odrl.ASKED, *odrl.REFUSED)])),
    address=st.sampled_from(["", "https://x.example/terms"]),
    terms=st.just("") | words,
    agreed_terms=st.none() | st.just(TERMS),
    at_most=st.none() | st.integers(1, 9),
    words=st.just("") | words,
    source=st.sampled_from(["", "tdmrep 2024-05-10"]),
    sha256=st.sampled_from(["", "ab" * 32]),
)
OF_OFFERS = {"terms", "agreed_terms", "at_most"}


def values(value: Any) -> Iterator[str]:
    """The words of a value, as JSON would have them."""
    if isinstance(value, dict):
        for one in value.values():
            yield from values(one)
    elif isinstance(value, list | tuple | frozenset):
        for one in value:
            yield from values(one)
    elif value not in (None, "", False, True):
        yield str(value)


def expected(said: odrl.Statement) -> set[str]:
    """The fields that a statement of this kind has."""
    names = {field.name for field in fields(said)} - {"kind", "conditions", "uid"}
    names -= set() if said.kind == "offer" else OF_OFFERS
    names -= set() if said.kind == "open_licence" else {"licence"}
    names -= {"territory"} if "WORLD" in said.territory else set()  # the whole world is no limit
    if said.kind == "open_licence" and said.conditions is None:  # nothing is said of what it permits, says the loss
        names -= {"uses", "purposes", "territory", "valid_from", "valid_to"}
    return names


@given(statements)
def test_what_a_statement_says_is_in_its_policy_or_in_its_loss(said: odrl.Statement) -> None:
    policy, loss = odrl.policy(said)
    assert all(sentence.startswith(f"{said.uid}: ") for sentence in loss)
    shown = json.dumps(policy, ensure_ascii=False) + " ".join(loss)
    for name in expected(said):
        for value in values(getattr(said, name)):
            assert value in shown or json.dumps(value, ensure_ascii=False)[1:-1] in shown, (name, value)
    if said.kind == "reservation" and not said.machine_readable:
        assert any("in words" in sentence for sentence in loss)


def test_the_terms_of_an_offer_stand_in_its_policy_whole_and_what_odrl_knows_of_them_in_its_words() -> None:
    policy, loss = odrl.policy(replace(PLAIN, uses=["pretraining"], agreed_terms=TERMS, at_most=3))
    assert policy["colophon:terms"] == {"@type": "@json", "@value": TERMS}
    duties = policy["odrl:permission"][0]["odrl:duty"]
    assert [duty["odrl:action"].get("@id", "refined") for duty in duties] == [
        "odrl:obtainConsent",
        "odrl:attribute",
        "refined",
    ]
    (alone,) = [sentence for sentence in loss if "colophon:terms alone" in sentence]
    assert all(name in alone for name in ("models", "exclusive", "output_limits", "survival", "note"))
    assert any("3 may accept it" in sentence for sentence in loss)
    graph = rdflib.Graph().parse(data=json.dumps({"@context": odrl.CONTEXT, **policy}), format="json-ld")
    amounts = list(graph.subject_objects(rdflib.URIRef(odrl.CONTEXT["odrl"] + "unit")))
    assert [str(unit) for _, unit in amounts] == ["urn:iso:std:iso:4217:CNY"]


def test_an_offer_is_read_back_with_its_duties_and_its_price() -> None:
    policy, _loss = odrl.policy(replace(PLAIN, uses=["pretraining"], agreed_terms=TERMS))
    reading = odrl_policy.read(json.dumps({"@context": odrl.CONTEXT, **policy}).encode())
    (rule,) = [rule for one in reading.policies for rule in one.rules]
    assert (rule.effect, tuple(rule.uses)) == (Effect.OFFER, ("pretraining",))
    assert {"attribution", "consent"} <= set(rule.duties)
    assert rule.payment is not None
    assert (rule.payment.amount, rule.payment.currency) == ("12.50", "CNY")


def test_an_open_licence_for_some_uses_is_not_one_for_all() -> None:
    said = replace(PLAIN, kind="open_licence", licence="CC-BY-4.0", conditions=frozenset(), uses=["search_index"])
    policy, loss = odrl.policy(said)
    reading = odrl_policy.read(json.dumps({"@context": odrl.CONTEXT, **policy}).encode())
    assert [tuple(rule.uses) for one in reading.policies for rule in one.rules] == [("search_index",)]
    assert any("search_index alone" in sentence for sentence in loss)

"""Licences are passed on by their page: within what they permit, never back, and the chain shows what each may see."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from licensing.models import Agreement
from licensing.rules.agreement import parse_terms
from licensing.rules.agreement_algebra import excess
from licensing.web.sublicences import CLAUSES, PassOnForm
from registry.actors import Actor, of_user
from registry.models import Work
from tests import factories
from tests.licensing import asked
from tests.licensing.web.conftest import client_of

pytestmark = pytest.mark.django_db
WIDE: dict[str, Any] = {
    "uses": ["pretraining", "fine_tuning"],
    "territory": ["EU", "US"],
    "valid_from": "2026-01-01",
    "valid_to": "2039-12-31",
    "attribution": True,
    "audit": True,
    "survival": "no_new_training",
    "output_limits": {"verbatim_words": 50, "note": "No lyrics."},
    "purposes": ["commercial"],
    "models": ["One"],
    "products": ["Assistant"],
    "licensee_kinds": ["company"],
    "affiliates": ["acme-labs"],
    "sublicensing": "allowed",
    "fee": {"model": "free"},
}
NARROW: dict[str, Any] = {
    "uses": ["pretraining"],
    "purposes": ["commercial"],
    "territory": ["EU"],
    "valid_from": "2026-12-01",
    "valid_to": "2030-12-31",
    "fee_model": "free",
    "affiliates": "alone",
    "sublicensing": "none",
    "which": "all",
}


def somebody(slug: str) -> Actor:
    organisation = factories.organisation(slug, slug.title())
    return of_user(factories.person(f"{slug}@example.org", of=organisation), organisation)


def page(actor: Actor) -> Client:
    assert actor.user is not None
    return client_of(actor.user)


def address(agreement: Agreement, route: str = "licence-agreement-pass-on") -> str:
    return reverse(route, args=[agreement.public_id])


@pytest.fixture
def press() -> Actor:
    return somebody("press")


@pytest.fixture
def firm() -> Actor:
    return somebody("acme")


@pytest.fixture
def borg() -> Actor:
    return somebody("borg")


@pytest.fixture
def works(press: Actor) -> list[Work]:
    return asked.claimed(press, 2)


@pytest.fixture
def licence(press: Actor, firm: Actor, works: list[Work]) -> Agreement:
    simple = {"uses": ["pretraining"], "purposes": ["commercial"], "territory": ["EU", "US"], "fee": {"model": "free"}}
    return asked.granted(press, firm, works, simple | {"sublicensing": "allowed", "valid_to": "2039-12-31"})


def tree(answer: Any) -> Any:
    """A page's document."""
    return html.fromstring(answer.content)


def faults(answer: Any) -> dict[str, str]:
    """The field that each fault of the page links → what it says."""
    rows = tree(answer).xpath("//*[@id='summary']//li")
    return {(row.xpath("./a/@href") or [""])[0]: " ".join(row.text_content().split()) for row in rows}


def test_a_licence_is_passed_on_in_part_and_each_sees_its_own_links(
    press: Actor, firm: Actor, borg: Actor, licence: Agreement, works: list[Work]
) -> None:
    given = NARROW | {"licensee": "borg", "which": "listed", "listed": works[0].public_id, "sublicensing": "allowed"}
    answer = page(firm).post(address(licence), given)
    made = Agreement.objects.get(under=licence)
    assert answer.headers["Location"] == address(made, "licence-agreement")
    assert [grant.work for grant in made.grants.all()] == [works[0]]
    at_root = page(press).get(address(licence, "licence-agreement")).content.decode()
    assert reverse("sublicence", args=[made.told_of.get().public_id]) in at_root
    assert address(made, "licence-agreement") not in at_root  # what a licensee agreed with others is theirs
    at_firm = page(firm).get(address(licence, "licence-agreement")).content.decode()
    assert address(made, "licence-agreement") in at_firm
    at_end = page(borg).get(address(made, "licence-agreement")).content.decode()
    assert "a licence of which you are no party" in at_end
    assert licence.public_id not in at_end
    assert page(borg).get(address(licence)).status_code == 404


def test_a_form_begins_with_the_most_that_can_be_passed_on(firm: Actor, licence: Agreement) -> None:
    form = tree(page(firm).get(address(licence))).forms[-1]
    assert form.fields["valid_to"] == "2039-12-31"
    assert form.fields["valid_from"] == asked.today().isoformat()
    assert form.fields["fee_model"] == ""
    assert form.fields["sublicensing"] == "none"


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"territory": ["JP"]}, "#id_territory", "territory"),
        ({"valid_to": ""}, "#id_valid_to", "has no last day"),
        ({"valid_to": "2040-06-01"}, "#id_valid_to", "after 2039-12-31"),
        ({"exclusive": "on"}, "#id_exclusive", "is exclusive"),
        ({"licensee": "nobody-here"}, "#id_licensee", "no organisation of this short name"),
        ({"licensee": "press"}, "#id_licensee", "would return to press"),
        ({"which": "listed"}, "#id_listed", "List at least one work."),
        ({"fee_model": ""}, "#id_fee_model", "Say what is paid"),
    ],
)
def test_what_cannot_be_passed_on_is_explained_beside_its_field(
    firm: Actor, borg: Actor, licence: Agreement, wrong: dict[str, Any], field: str, said: str
) -> None:
    answer = page(firm).post(address(licence), NARROW | {"licensee": "borg", "note": "Typed."} | wrong)
    assert answer.status_code == 422
    found = faults(answer)
    assert said in found[field], found
    assert "Typed." in answer.content.decode()
    assert not Agreement.objects.filter(under=licence).exists()


def test_who_holds_it_not_and_what_must_not_be_passed_on_is_told_why(
    press: Actor, firm: Actor, licence: Agreement, works: list[Work]
) -> None:
    assert "Only the licensee" in page(press).get(address(licence)).content.decode()
    assert page(press).get(address(licence)).status_code == 409
    Agreement.objects.filter(pk=licence.pk).update(terms=licence.terms | {"sublicensing": "none"})
    refused = page(firm).get(address(licence))
    assert (refused.status_code, "passed on to nobody" in refused.content.decode()) == (409, True)
    assert "Pass it on" not in page(firm).get(address(licence, "licence-agreement")).content.decode()


def test_every_clause_that_can_go_too_far_has_a_field() -> None:
    """Terms that exceed others in every dimension: each clause of the rules begins with words that the page knows."""
    outer = parse_terms(WIDE | {"sublicensing": "none"})
    wider = parse_terms(
        {"uses": ["pretraining", "rag_grounding"], "exclusive": True, "sublicensing": "allowed", "survival": "keep"}
    )
    later = {"uses": ["pretraining"], "valid_from": "2025-01-01", "valid_to": "2041-01-01", "survival": "keep"}
    clauses = [*excess(outer, wider), *excess(outer, parse_terms(later | {"affiliates": ["else"], "models": ["Two"]}))]
    assert len(clauses) >= 16
    assert [clause for clause in clauses if not any(clause.startswith(word) for word in CLAUSES)] == []
    assert set(CLAUSES.values()) <= set(PassOnForm().fields)

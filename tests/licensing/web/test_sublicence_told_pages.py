"""A sub-licence on its page: the licensor sees what is done with its works and not the fee, objects and is answered."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from licensing.models import PassedOn
from registry.actors import Actor, of_user
from tests import factories
from tests.licensing import asked
from tests.licensing.web.conftest import client_of

pytestmark = pytest.mark.django_db


def somebody(slug: str) -> Actor:
    organisation = factories.organisation(slug, slug.title())
    return of_user(factories.person(f"{slug}@example.org", of=organisation), organisation)


def page(actor: Actor) -> Client:
    assert actor.user is not None
    return client_of(actor.user)


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
def row(press: Actor, firm: Actor, borg: Actor) -> PassedOn:
    licence = asked.granted(press, firm, asked.claimed(press, 1), asked.TERMS | {"sublicensing": "allowed"})
    fee = {"fee": {"model": "flat", "amount": "77.00", "currency": "EUR"}, "valid_to": "2039-12-31"}
    return asked.passed_on(licence, firm, asked.of(borg), fee).told_of.get()


def address(row: PassedOn) -> str:
    return reverse("sublicence", args=[row.public_id])


def tree(answer: Any) -> Any:
    """A page's document."""
    return html.fromstring(answer.content)


def words(answer: Any) -> str:
    return " ".join(tree(answer).text_content().split())


def buttons(answer: Any) -> list[str]:
    return [str(each) for each in tree(answer).xpath("//button[@name='step']/@value")]


def test_the_licensor_sees_what_is_done_with_its_works_and_not_what_is_paid(press: Actor, row: PassedOn) -> None:
    shown = words(page(press).get(address(row)))
    assert "Acme passed a licence on to Borg" in shown
    assert "2039-12-31" in shown
    assert "press title 0" in shown
    assert "77" not in shown
    for link in (reverse("desk"), reverse("licence-agreement", args=[row.over.public_id])):
        assert address(row) in page(press).get(link).content.decode()


def test_an_objection_goes_back_and_forth(press: Actor, firm: Actor, row: PassedOn) -> None:
    assert buttons(page(press).get(address(row))) == ["object"]
    assert buttons(page(firm).get(address(row))) == []
    empty = page(press).post(address(row), {"step": "object", "message": " "})
    assert empty.status_code == 422
    made = page(press).post(address(row), {"step": "object", "message": "For which model?"})
    assert made.headers["Location"] == address(row)
    assert "Press objects to your passing a licence on to Borg" in words(page(firm).get(reverse("desk")))
    agreement = reverse("licence-agreement", args=[row.agreement.public_id])
    assert "objected to" in words(page(firm).get(agreement))
    shown = page(firm).get(address(row))
    assert "For which model?" in words(shown)
    assert buttons(shown) == ["answer"]
    page(firm).post(address(row), {"step": "answer", "message": "For Borg One."})
    answered = page(press).get(address(row))
    assert ("For Borg One." in words(answered), buttons(answered)) == (True, ["settle", "object"])
    assert "Acme answered your objection" in words(page(press).get(reverse("desk")))
    page(press).post(address(row), {"step": "settle", "message": "Good."})
    assert buttons(page(press).get(address(row))) == ["object"]
    late = page(firm).post(address(row), {"step": "answer", "message": "And more."})
    assert (late.status_code, "cannot be said now" in words(late)) == (422, True)


def test_nobody_else_finds_it_and_nobody_invents_a_step(press: Actor, borg: Actor, row: PassedOn) -> None:
    assert page(borg).get(address(row)).status_code == 404
    assert page(somebody("rival")).get(address(row)).status_code == 404
    assert page(press).post(address(row), {"step": "burn", "message": "x"}).status_code == 404

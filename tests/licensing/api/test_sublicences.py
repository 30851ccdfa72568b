"""Sub-licences over the API: licensors list them, object and are answered; others find nothing."""

from typing import Any

import pytest

from licensing.models import PassedOn
from tests import factories
from tests.licensing import asked
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> clients.Person:
    return clients.member(factories.organisation("press", "The Press"))


@pytest.fixture
def firm() -> clients.Person:
    return clients.member(factories.organisation("acme", "Acme AI"))


@pytest.fixture
def row(press: clients.Person, firm: clients.Person) -> PassedOn:
    licence = asked.granted(press, firm, asked.claimed(press, 1), asked.TERMS | {"sublicensing": "allowed"})
    return asked.passed_on(licence, firm, factories.organisation("asia", "Acme Asia")).told_of.get()


def said(person: clients.Person, row: PassedOn, step: str, message: str = "Why?", *scopes: str) -> Any:
    address = f"/api/v1/sublicences/{row.public_id}/{step}"
    return clients.caller(person, *scopes).post(address, {"message": message}, format="json")


def test_both_sides_list_it_without_the_fee(press: clients.Person, firm: clients.Person, row: PassedOn) -> None:
    for person in (press, firm):
        [found] = clients.caller(person).get("/api/v1/sublicences").json()["results"]
        assert (found["id"], found["by"], found["licensee"], found["holder"]) == (
            row.public_id,
            "acme",
            "asia",
            "press",
        )
        assert (found["under"], found["state"], found["works"]) == (row.over.public_id, "told", 1)
        assert found["terms"]["territory"] == ["US"]
        assert "fee" not in found["terms"]
    [work] = clients.caller(press).get(f"/api/v1/sublicences/{row.public_id}/works").json()["results"]
    assert (work["title"], work["ended_at"]) == ("press title 0", None)
    other = clients.caller(press).get("/api/v1/sublicences", {"state": "objected"})
    assert other.json()["results"] == []


def test_an_objection_is_made_answered_and_settled(press: clients.Person, firm: clients.Person, row: PassedOn) -> None:
    assert said(press, row, "object").json()["state"] == "objected"
    assert said(press, row, "object").status_code == 409
    assert said(firm, row, "answer", "For Asia One.").json()["state"] == "answered"
    found = said(press, row, "settle", "Good.").json()
    assert [(step["by"], step["state"], step["message"]) for step in found["steps"]] == [
        ("press", "objected", "Why?"), ("acme", "answered", "For Asia One."), ("press", "settled", "Good."),
    ]  # fmt: skip
    assert all(step["entry"] for step in found["steps"])
    assert said(firm, row, "object").status_code == 403
    assert said(press, row, "object", "").status_code == 400


def test_others_find_nothing_and_tokens_need_the_scope(press: clients.Person, row: PassedOn) -> None:
    licensee = clients.member(row.agreement.licensee)
    for person in (licensee, clients.member()):
        assert clients.caller(person).get(f"/api/v1/sublicences/{row.public_id}").status_code == 404
        assert clients.caller(person).get(f"/api/v1/sublicences/{row.public_id}/works").status_code == 404
        assert said(person, row, "object").status_code == 404
        assert clients.caller(person).get("/api/v1/sublicences").json()["results"] == []
    assert said(press, row, "object", "Why?", "read").status_code == 403

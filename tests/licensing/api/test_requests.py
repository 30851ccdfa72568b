"""What is missing in a clearance, and how a draft divides by rightsholder, over the API."""

from typing import Any

import pytest

from licensing.services import reevaluation, splitting
from tests import factories
from tests.licensing import asked
from tests.registry.api import clients

pytestmark = pytest.mark.django_db
TERMS = asked.TERMS | {"territory": ["CN"], "valid_from": "2026-01-01"}


@pytest.fixture
def firm() -> clients.Person:
    return clients.member(factories.organisation("acme", "Acme AI"))


@pytest.fixture
def press() -> clients.Person:
    return clients.member(factories.organisation("press", "The Press"))


def post(person: clients.Person, address: str, body: Any = None) -> Any:
    return clients.caller(person).post(f"/api/v1/{address}", body or {}, format="json")


def test_what_is_missing_is_told_as_it_is_now(firm: clients.Person, press: clients.Person) -> None:
    granted, asked_for = asked.claimed(press, 2)
    clearance = asked.clearance(firm, [granted, asked_for], territory="CN")
    caller, address = clients.caller(firm), f"/api/v1/clearances/{clearance.public_id}"
    first = caller.get(f"{address}/now").json()
    output = {"verdict": None, "blocks": False}
    assert first == {"verdicts": {"CONTESTED": 2}, "blocking": 2, "missing": 2, "output": output}
    agreement = asked.granted(press, firm, [granted], TERMS)
    asked.run_jobs(reevaluation.JOB)
    assert caller.get(f"{address}/now").json()["missing"] == 1
    [row] = caller.get(f"{address}/verdicts?missing=true").json()["results"]
    assert row["work"] == asked_for.public_id
    [other] = caller.get(f"{address}/verdicts?missing=false").json()["results"]
    assert (other["work"], other["verdict"]) == (granted.public_id, "CONTESTED")  # as it was answered
    post(press, f"agreements/{agreement.public_id}/revoke", {"reason": "Not paid."})
    asked.run_jobs(reevaluation.JOB)
    assert len(caller.get(f"{address}/verdicts?missing=true").json()["results"]) == 2
    assert clients.stranger().get(f"{address}/now").status_code == 404
    dataset = clearance.scan.release.dataset.slug
    assert [row["id"] for row in caller.get(f"/api/v1/clearances?dataset={dataset}").json()["results"]] == [
        clearance.public_id
    ]


def test_a_draft_shows_whom_it_would_reach_until_it_is_sent(firm: clients.Person, press: clients.Person) -> None:
    ours, [nobodys] = asked.claimed(press, 2), asked.works(press)
    ids = [work.public_id for work in (*ours, nobodys)]
    draft = post(firm, "licence-requests", {"title": "Novels", "terms": TERMS, "works": ids}).json()
    address = f"/api/v1/licence-requests/{draft['id']}/preview"
    shown = clients.caller(firm).get(address).json()
    assert (shown["works"], shown["looked_at"]) == (3, 3)
    [group] = shown["answering"]
    assert (group["holder"], group["name"], group["number"]) == ("press", "The Press", 2)
    [silent] = shown["silent"]
    assert (silent["why"], silent["works"][0]["work"]) == ("nobody_known", nobodys.public_id)
    assert silent["sentence"]
    assert clients.caller(press).get(address).status_code == 404
    post(firm, f"licence-requests/{draft['id']}/send")
    asked.run_jobs(splitting.JOB)
    assert clients.caller(firm).get(address).status_code == 409


def test_offers_are_found_for_what_a_clearance_misses(firm: clients.Person, press: clients.Person) -> None:
    missing, elsewhere = asked.claimed(press, 2)
    clearance = asked.clearance(firm, [missing], territory="CN")
    ids = [missing.public_id, elsewhere.public_id]
    post(press, "offers", {"works": ids, "terms": TERMS, "at_most": 1})
    address = f"/api/v1/offers?open=true&clearance={clearance.public_id}"
    [offer] = clients.caller(firm).get(address).json()["results"]
    assert offer["work"] == missing.public_id
    assert clients.stranger().get(address).json()["results"] == []
    assert post(firm, f"offers/{offer['id']}/accept").status_code == 201
    assert clients.caller(firm).get(address).json()["results"] == []  # taken
    [taken] = clients.nobody().get(f"/api/v1/offers?open=false&work={missing.public_id}").json()["results"]
    assert taken["accepted"] == 1

"""Licences over the API: a request from the draft to the grant, offers in a minute, and nothing of anybody else's."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from licensing.services import reevaluation, splitting
from registry.models import Work
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS
from tests.registry.api import clients

pytestmark = pytest.mark.django_db
FREE = TERMS | {"fee": {"model": "free"}, "valid_from": "2026-01-01"}


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def firm() -> clients.Person:
    return clients.member(factories.organisation("acme", "Acme AI"))


@pytest.fixture
def press() -> clients.Person:
    return clients.member(factories.organisation("press", "The Press"))


@pytest.fixture
def works(press: clients.Person) -> list[Work]:
    return asked.claimed(press, 2)


def post(caller: APIClient, address: str, body: Any = None) -> Any:
    return caller.post(f"/api/v1/{address}", body or {}, format="json")


def sent(firm: clients.Person, works: list[Work], terms: dict[str, Any] = TERMS) -> str:
    body = {"title": "Novels", "terms": terms, "works": [work.public_id for work in works], "send": True}
    answer = post(clients.caller(firm), "licence-requests", body)
    assert answer.status_code == 201, answer.json()
    asked.run_jobs(splitting.JOB)
    return str(answer.json()["id"])


def test_a_request_goes_from_the_draft_to_the_grant_and_the_answer_changes(
    firm: clients.Person, press: clients.Person, works: list[Work]
) -> None:
    buyer, seller = clients.caller(firm), clients.caller(press)
    clearance = asked.clearance(firm, works)
    body = {"title": "What is missing", "terms": FREE, "clearance": clearance.public_id}
    assert post(buyer, "licence-requests", body).json()["errors"][0]["pointer"] == "/clearance"  # nothing is missing
    body |= {"verdicts": ["EXCEPTION_CLAIMED"]}
    draft = post(buyer, "licence-requests", body)
    assert (draft.status_code, draft.json()["state"], draft.json()["works"]) == (201, "draft", 2)
    assert seller.get("/api/v1/negotiations").json()["results"] == []
    request = post(buyer, f"licence-requests/{draft.json()['id']}/send")
    assert (request.status_code, request.json()["state"]) == (202, "splitting")
    asked.run_jobs(splitting.JOB)
    [found] = seller.get("/api/v1/negotiations?waits_for=holder").json()["results"]
    assert found["firm"] == "acme"
    assert found["moves"][:3] == ["offer", "grant", "refuse"]
    step = post(seller, f"negotiations/{found['id']}/moves", {"move": "grant", "version": found["version"]})
    assert (step.status_code, step.json()["to_state"]) == (201, "granted")
    agreement = buyer.get("/api/v1/agreements").json()["results"][0]
    assert (agreement["granted_by"], agreement["works"], agreement["terms"]["uses"]) == ("press", 2, ["pretraining"])
    grants = buyer.get(f"/api/v1/agreements/{agreement['id']}/grants").json()["results"]
    assert {grant["verification"] for grant in grants} == {"counter-signed"}
    asked.run_jobs(reevaluation.JOB)
    changes = buyer.get(f"/api/v1/clearances/{clearance.public_id}/changes").json()["results"]
    assert [change["verdict"] for change in changes] == ["CLEARED", "CLEARED"]
    revoked = post(seller, f"agreements/{agreement['id']}/revoke", {"reason": "Not paid."})
    assert revoked.json()["state"] == "revoked"
    asked.run_jobs(reevaluation.JOB)
    now = buyer.get(f"/api/v1/clearances/{clearance.public_id}/changes").json()["results"]
    assert [change["cause"] for change in now] == ["granted", "granted", "revoked", "revoked"]


def test_an_outdated_answer_is_409_and_an_offer_without_terms_400(
    firm: clients.Person, press: clients.Person, works: list[Work]
) -> None:
    sent(firm, works)
    seller = clients.caller(press)
    [found] = seller.get("/api/v1/negotiations").json()["results"]
    moves = f"negotiations/{found['id']}/moves"
    assert post(seller, moves, {"move": "offer", "version": found["version"]}).status_code == 400
    body = {"move": "offer", "version": found["version"], "terms": TERMS}
    assert post(seller, moves, body).status_code == 201
    again = post(seller, moves, body | {"move": "refuse", "terms": None})
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    faulty = post(seller, moves, body | {"version": found["version"] + 1, "terms": {"uses": ["singing"]}})
    assert faulty.status_code in (400, 409)


def test_what_is_negotiated_and_agreed_exists_for_its_sides_alone(
    firm: clients.Person, press: clients.Person, works: list[Work]
) -> None:
    request = sent(firm, works)
    seller, stranger = clients.caller(press), clients.stranger()
    [found] = seller.get("/api/v1/negotiations").json()["results"]
    post(seller, f"negotiations/{found['id']}/moves", {"move": "grant", "version": found["version"]})
    [agreement] = seller.get("/api/v1/agreements").json()["results"]
    addresses = [
        f"negotiations/{found['id']}",
        f"negotiations/{found['id']}/steps",
        f"negotiations/{found['id']}/works",
        f"agreements/{agreement['id']}",
        f"agreements/{agreement['id']}/grants",
    ]
    for address in [*addresses, f"licence-requests/{request}"]:
        assert stranger.get(f"/api/v1/{address}").status_code == 404, address
        assert clients.nobody().get(f"/api/v1/{address}").status_code == 404, address
    for address in addresses:
        assert seller.get(f"/api/v1/{address}").status_code == 200, address
    assert seller.get(f"/api/v1/licence-requests/{request}").status_code == 404
    for noun in ("licence-requests", "negotiations", "agreements", "terms-templates"):
        assert stranger.get(f"/api/v1/{noun}").json()["results"] == []
    assert post(stranger, f"agreements/{agreement['id']}/revoke", {"reason": "x"}).status_code == 404


def test_a_file_is_sent_and_read_by_the_other_side(
    firm: clients.Person, press: clients.Person, works: list[Work]
) -> None:
    sent(firm, works)
    seller, buyer = clients.caller(press), clients.caller(firm)
    [found] = seller.get("/api/v1/negotiations").json()["results"]
    form = {"file": SimpleUploadedFile("contract.pdf", b"%PDF"), "message": "Our contract."}
    step = seller.post(f"/api/v1/negotiations/{found['id']}/files", form, format="multipart")
    assert step.status_code == 201, step.json()
    [file] = step.json()["files"]
    answer = buyer.get(f"/api/v1/negotiations/{found['id']}/attachments/{file['id']}/content")
    assert b"".join(answer) == b"%PDF"
    assert answer["Content-Type"] == "application/octet-stream"
    shown = clients.stranger().get(f"/api/v1/negotiations/{found['id']}/attachments/{file['id']}/content")
    assert shown.status_code == 404


def test_an_offer_is_published_read_by_anybody_and_accepted_in_a_minute(
    firm: clients.Person, press: clients.Person, works: list[Work]
) -> None:
    seller, buyer = clients.caller(press), clients.caller(firm)
    ids = [work.public_id for work in works]
    made = post(seller, "offers", {"works": ids, "terms": TERMS})
    assert (made.status_code, made.json()["offers"]) == (201, 2)
    [shown] = clients.nobody().get(f"/api/v1/offers?work={ids[0]}").json()["results"]
    assert shown["terms"]["fee"]["amount"] == "2.50"
    taken = post(buyer, f"offers/{shown['id']}/accept", {"works": ids})
    assert (taken.status_code, taken.json()["agreement"]["works"]) == (201, 2)
    assert post(buyer, f"offers/{shown['id']}/accept").status_code == 409
    assert post(buyer, f"offers/{shown['id']}/withdraw", {"reason": "x"}).status_code == 403
    gone = post(seller, f"offers/{shown['id']}/withdraw", {"reason": "Sold.", "together": True})
    assert gone.json()["withdrawn_at"]
    assert clients.nobody().get("/api/v1/offers?withdrawn=false").json()["results"] == []


def test_a_token_needs_the_scope(firm: clients.Person, works: list[Work]) -> None:
    reader = clients.caller(firm, "read")
    body = {"title": "Novels", "terms": TERMS, "works": [works[0].public_id]}
    assert post(reader, "licence-requests", body).status_code == 403
    assert post(clients.caller(firm, "licences"), "licence-requests", body).status_code == 201
    assert reader.get("/api/v1/licence-requests").status_code == 200


def test_works_that_do_not_exist_and_faults_of_terms_are_named(firm: clients.Person) -> None:
    body = {"title": "x", "terms": {"uses": [], "territory": ["XX"]}, "works": ["0000000000zz"]}
    answer = post(clients.caller(firm), "licence-requests", body)
    assert answer.status_code == 400
    assert "/terms/uses" in {error["pointer"] for error in answer.json()["errors"]}
    answer = post(clients.caller(firm), "licence-requests", body | {"terms": TERMS})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/works/0"]


def test_a_template_is_kept_by_versions(firm: clients.Person) -> None:
    caller = clients.caller(firm)
    first = post(caller, "terms-templates", {"name": "Usual", "terms": TERMS}).json()
    same = post(caller, "terms-templates", {"name": "Usual", "terms": TERMS}).json()
    second = post(caller, "terms-templates", {"name": "Usual", "terms": FREE}).json()
    assert (first["version"], same["id"], second["version"]) == (1, first["id"], 2)
    assert post(caller, f"terms-templates/{second['id']}/remove").status_code == 204
    assert caller.get("/api/v1/terms-templates").json()["results"] == []


def test_a_licence_is_passed_on_and_renewed(firm: clients.Person, press: clients.Person, works: list[Work]) -> None:
    passable = FREE | {"sublicensing": "allowed", "valid_to": asked.day(30).isoformat()}
    agreement = asked.granted(press, firm, works, passable)
    factories.organisation("borg", "Borg AI")
    buyer, seller = clients.caller(firm), clients.caller(press)
    onward = {"licensee": "borg", "terms": passable | {"sublicensing": "none"}, "works": [works[0].public_id]}
    made = post(buyer, f"agreements/{agreement.public_id}/sublicences", onward)
    assert (made.status_code, made.json()["agreement"]["under"]) == (201, agreement.public_id)
    assert post(buyer, f"agreements/{agreement.public_id}/sublicences", onward | {"licensee": "x"}).status_code == 400
    renewed = post(seller, f"agreements/{agreement.public_id}/renew", {"valid_to": asked.day(60).isoformat()})
    assert (renewed.status_code, renewed.json()["agreement"]["renews"]) == (201, agreement.public_id)
    assert post(buyer, f"agreements/{agreement.public_id}/renew", {"valid_to": None}).status_code == 403

"""What a clearance says of model output over the API, and which dataset an audit is about."""

import datetime
from decimal import Decimal

import pytest

from licensing.models import Clearance, GeneratedPart
from licensing.rules import output_facts
from licensing.rules.policy import load_profile
from licensing.services import clearances, generated_parts, output_reevaluation
from licensing.services.generated_parts import Part
from registry.actors import Actor
from tests import factories
from tests.ingest.audited import audited
from tests.licensing import asked, outputs, scanned
from tests.registry.api import clients

pytestmark = pytest.mark.django_db
DAY = datetime.date


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def made(lab: Actor) -> Clearance:
    outputs.version("one", DAY(2023, 3, 14), "develop_competing_model", effective_to=DAY(2025, 12, 31))
    scan = scanned.scan(lab, documents=1)
    said = Part(outputs.model(), "third_party", share_percent=Decimal("12.5"), generated_to=DAY(2024, 5, 1))
    generated_parts.record(scan.release.dataset, said, actor=lab)
    api = clients.caller(clients.member(lab.organisation))
    question = {"scan": scan.public_id, "use": "fine_tuning", "territory": "US", "competing": True, "released": True}
    response = api.post("/api/v1/clearances", question, format="json")
    assert response.status_code == 202, response.json()
    return clearances.decide(Clearance.objects.get(public_id=response.json()["id"]).pk)


def test_a_clearance_tells_its_question_and_what_terms_reach_the_dataset(lab: Actor, made: Clearance) -> None:
    told = clients.caller(clients.member(lab.organisation)).get(f"/api/v1/clearances/{made.public_id}").json()
    assert (told["competing"], told["released"], told["blocks"]) == (True, True, True)
    assert told["totals"]["output"]["verdict"] == "CONTESTED"


def test_the_facts_are_told_and_anybody_decides_them_again(lab: Actor, made: Clearance) -> None:
    told = clients.caller(clients.member(lab.organisation)).get(f"/api/v1/clearances/{made.public_id}/output").json()
    again = output_facts.answer(told["given"]["facts"], load_profile("balanced"))
    assert (again["verdict"], again["reasons"]) == (told["given"]["verdict"], told["given"]["reasons"])
    assert (told["now"], told["cause"]) == (None, None)


def test_a_change_is_told_beside_what_was_given(lab: Actor, made: Clearance) -> None:
    generated_parts.withdraw(GeneratedPart.objects.get(), actor=lab)
    asked.run_jobs(output_reevaluation.JOB)
    told = clients.caller(clients.member(lab.organisation)).get(f"/api/v1/clearances/{made.public_id}/output").json()
    assert (told["given"]["verdict"], told["now"]["verdict"], told["cause"]) == ("CONTESTED", None, "part")
    now = clients.caller(clients.member(lab.organisation)).get(f"/api/v1/clearances/{made.public_id}/now").json()
    assert now["output"] == {"verdict": None, "blocks": False}


def test_nobody_else_reads_it(made: Clearance) -> None:
    stranger = clients.stranger()
    assert stranger.get(f"/api/v1/clearances/{made.public_id}/output").status_code == 404


def test_an_audit_is_said_to_be_of_a_dataset(lab: Actor) -> None:
    audit = audited(lab).audit
    outputs.dataset("answers")
    api = clients.caller(clients.member(lab.organisation))
    address = f"/api/v1/audits/{audit.public_id}/about"
    assert api.post(address, {"dataset": "answers"}, format="json").json()["dataset"] == "answers"
    assert api.post(address, {"dataset": None}, format="json").json()["dataset"] is None
    refused = api.post(address, {"dataset": "nothing"}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/dataset")
    stranger = clients.stranger()
    assert stranger.post(address, {"dataset": "answers"}, format="json").status_code == 404

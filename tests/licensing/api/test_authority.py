"""Authority over the API: stated, listed, withdrawn, disputed; what is not visible does not exist."""

from typing import Any

import pytest

from licensing.services import decisions, ownership
from licensing.services.assertions import Scope
from licensing.services.decisions import Terms
from registry.actors import system
from registry.models import Domain, Entry, Job, RightsClaim, Work
from tests import factories
from tests.registry.api import clients
from tests.registry.api.clients import Person

pytestmark = pytest.mark.django_db

AUTHORITIES = "/api/v1/authorities"
SAID: dict[str, Any] = {"capacity": "publisher", "ai_rights": "granted", "evidence": "contract", "exclusive": True}


@pytest.fixture
def press() -> Person:
    return clients.member()


@pytest.fixture
def work(press: Person) -> Work:
    return factories.work("The Lamp", ["Jane Example"], by=press)


def rival_claims(work: Work, *people: Person) -> list[RightsClaim]:
    return [
        ownership.claim(
            work=work,
            holder=ownership.holder_of(person.organisation),
            scope=Scope(capacity="publisher"),
            exclusive=True,
            actor=person,
        )
        for person in people
    ]


def test_any_organisation_states_its_authority_and_everybody_reads_it(work: Work) -> None:
    somebody = clients.member()
    body = SAID | {"work": work.public_id, "territory": ["EU"], "evidence_sha256": "a" * 64, "holder": "An Estate"}
    made = clients.caller(somebody).post(AUTHORITIES, body, format="json")
    assert made.status_code == 201
    read = clients.nobody().get(made.headers["Location"]).json()
    assert read == made.json()
    assert (read["asserted_by"], read["holder"]) == (somebody.organisation.slug, "An Estate")
    assert (read["territory"], read["verification"], read["confirmed_by"]) == (["EU"], "none", [])
    listed = clients.nobody().get(AUTHORITIES, {"work": work.public_id, "exclusive": "true", "withdrawn": "false"})
    assert [row["id"] for row in listed.json()["results"]] == [read["id"]]


def test_faults_are_named_by_their_place(work: Work, press: Person) -> None:
    wrong = {
        "work": work.public_id,
        "capacity": "king",
        "territory": ["EU"],
        "evidence_sha256": "A",
        "evidence_address": "x",
        "note": "y",
    }
    answer = clients.caller(press).post(AUTHORITIES, wrong, format="json")
    assert answer.status_code == 400
    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert pointers == {"/capacity", "/evidence_sha256", "/evidence_address", "/note"}
    nowhere = SAID | {"work": work.public_id, "territory": ["XQ"]}
    answer = clients.caller(press).post(AUTHORITIES, nowhere, format="json")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/territory"]
    assert not RightsClaim.objects.exists()


def test_who_may_not_write_states_nothing(work: Work, press: Person) -> None:
    body = SAID | {"work": work.public_id}
    viewer = clients.member(press.organisation, "viewer")
    callers = [clients.nobody(), clients.caller(press, "read"), clients.caller(viewer)]
    assert [caller.post(AUTHORITIES, body, format="json").status_code for caller in callers] == [401, 403, 403]


def test_drafts_of_others_do_not_exist(press: Person) -> None:
    draft = factories.work("Secret", by=press, visibility="draft")
    [mine] = rival_claims(draft, press)
    stranger = clients.stranger()
    assert stranger.post(AUTHORITIES, SAID | {"work": draft.public_id}, format="json").status_code == 404
    assert stranger.get(f"{AUTHORITIES}/{mine.public_id}").status_code == 404
    assert stranger.get(AUTHORITIES).json()["results"] == []
    many = SAID | {"works": [draft.public_id]}
    assert stranger.post(f"{AUTHORITIES}/bulk", many, format="json").json()["errors"][0]["pointer"] == "/works/0"
    assert clients.caller(press).get(f"{AUTHORITIES}/{mine.public_id}").status_code == 200


def test_many_at_once_are_one_entry_all_or_none(press: Person) -> None:
    shelf = [factories.work(f"Title {number}", by=press).public_id for number in range(3)]
    caller = clients.caller(press)
    refused = caller.post(f"{AUTHORITIES}/bulk", SAID | {"works": [*shelf, "0" * 12]}, format="json")
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/works/3"]
    assert not RightsClaim.objects.exists()
    for _ in range(2):
        made = caller.post(f"{AUTHORITIES}/bulk", SAID | {"works": shelf}, format="json")
        assert (made.status_code, [row["work"] for row in made.json()]) == (201, shelf)
    assert RightsClaim.objects.count() == 3
    assert Entry.objects.filter(kind="ownership.claimed_many").count() == 1


def test_only_the_speaker_withdraws(work: Work, press: Person) -> None:
    [mine] = rival_claims(work, press)
    address = f"{AUTHORITIES}/{mine.public_id}/withdraw"
    assert clients.stranger().post(address, {"reason": "x"}, format="json").status_code == 404
    withdrawn = clients.caller(press).post(address, {"reason": "sold"}, format="json")
    assert withdrawn.json()["withdrawn_at"]
    assert clients.caller(press).post(address, {"reason": "sold"}, format="json").status_code == 409


def test_disputes_and_their_decisions_are_public(work: Work, press: Person) -> None:
    rival = clients.member()
    mine, theirs = rival_claims(work, press, rival)

    def disputes() -> list[Any]:
        return list(clients.nobody().get("/api/v1/disputes", {"work": work.public_id}).json()["results"])

    [found] = disputes()
    assert (found["work"], found["open"], len(found["claims"])) == (work.public_id, True, 2)
    proposal = decisions.propose(work=work, terms=Terms("Ours."), upheld=[mine], set_aside=[theirs], actor=press)
    address = f"/api/v1/decisions/{proposal.public_id}"
    seen = [caller.get(address).status_code for caller in (clients.nobody(), clients.caller(rival))]
    assert seen == [404, 200]
    decisions.decide(
        work=work, ground="court", terms=Terms("Judgment."), upheld=[mine], set_aside=[theirs], actor=system("operator")
    )
    [found] = disputes()
    assert found["open"] is False
    [decision] = clients.nobody().get("/api/v1/decisions", {"ground": "court"}).json()["results"]
    assert (decision["upheld"], decision["set_aside"]) == ([mine.public_id], [theirs.public_id])
    read = clients.nobody().get(f"{AUTHORITIES}/{theirs.public_id}").json()
    assert read["set_aside_from"] == decision["decided_on"]


def test_domains_are_the_organisations_own(press: Person) -> None:
    caller, stranger = clients.caller(press), clients.stranger()
    assert caller.post("/api/v1/domains", {"name": "co.uk"}, format="json").status_code == 400
    made = caller.post("/api/v1/domains", {"name": "Press.Example"}, format="json")
    assert made.status_code == 201
    said = made.json()
    assert (said["name"], said["record"]) == ("press.example", "_colophon-challenge.press.example")
    assert said["value"].startswith("colophon-challenge=")
    assert caller.post("/api/v1/domains", {"name": "press.example"}, format="json").status_code == 409
    address = made.headers["Location"]
    for other in (stranger, clients.nobody()):
        assert other.get(address).status_code == 404
        assert other.get("/api/v1/domains").json()["results"] == []
    assert stranger.post(f"{address}/check").status_code == 404
    assert caller.post(f"{address}/check").status_code == 202
    arguments = Job.objects.get(kind="check_domain").arguments
    assert arguments["domain_id"] == Domain.objects.get().pk
    assert arguments["actor"].startswith("token:")
    assert stranger.post(f"{address}/remove").status_code == 404
    assert caller.post(f"{address}/remove").status_code == 204
    assert caller.get("/api/v1/domains").json()["results"] == []

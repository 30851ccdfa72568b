"""Negotiations: each answer is one step and one entry, of two at once one is outdated, and nothing is guessed."""

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from ingest import blobs
from licensing.models import Agreement, Grant, LicenceRequest, Negotiation
from licensing.selectors import licence_requests
from licensing.services import agreements, granting, negotiations, ownership
from licensing.services.negotiations import Answer, File
from licensing.services.terms_input import read_terms
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Work
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db
CHEAPER = TERMS | {"fee": {"model": "free"}}
DEARER = TERMS | {"fee": {"model": "per_work", "amount": "4", "currency": "EUR"}, "attribution": True}


@pytest.fixture
def works(press: Actor) -> list[Work]:
    return asked.claimed(press, 3)


@pytest.fixture
def found(firm: Actor, press: Actor, works: list[Work]) -> Negotiation:
    return asked.part(asked.asked(firm, works), press)


def fresh(found: Negotiation) -> Negotiation:
    return Negotiation.objects.select_related("request", "agreement").get(pk=found.pk)


def test_an_answer_is_one_step_and_one_entry_and_says_whose_turn_it_is(found: Negotiation, press: Actor) -> None:
    entries, steps = Entry.objects.count(), found.steps.count()
    step = asked.moved(found, "offer", press, terms=DEARER, message="This is our price.")
    assert (Entry.objects.count(), found.steps.count()) == (entries + 1, steps + 1)
    now = fresh(found)
    assert (now.state, now.waits_for, now.version) == ("offered", "firm", found.version + 1)
    assert now.terms["fee"]["amount"] == "4"
    assert step.entry is not None
    leaf = bytes(step.entry.leaf)
    assert b'"move":"offer"' in leaf
    assert b"This is our price" not in leaf
    assert step.entry.organisation_slug == "press"


def test_an_outdated_answer_is_refused_and_changes_nothing(found: Negotiation, press: Actor) -> None:
    version = found.version
    negotiations.move(found, "offer", press, terms=DEARER, version=version)
    entries = Entry.objects.count()
    with pytest.raises(Conflict) as conflict:
        negotiations.move(found, "refuse", press, version=version)
    assert conflict.value.status == 409
    assert conflict.value.facts == {"version": version + 1, "state": "offered"}
    assert (fresh(found).state, Entry.objects.count()) == ("offered", entries)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_answer_at_once_exactly_one_is_heard(found: Negotiation, press: Actor) -> None:
    together = threading.Barrier(2)
    answers: list[str] = []

    def answer(move: str) -> None:
        try:
            together.wait()
            negotiations.move(found, move, press, version=found.version)
            answers.append("made")
        except Conflict:
            answers.append("outdated")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=(move,)) for move in ("refuse", "grant")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["made", "outdated"]
    assert fresh(found).state in ("refused", "granted")
    assert Agreement.objects.count() == (fresh(found).state == "granted")


def test_a_move_that_the_lifecycle_does_not_hold_says_what_is_possible(found: Negotiation, press: Actor) -> None:
    with pytest.raises(Conflict) as conflict:
        asked.moved(found, "deliver", press)
    assert conflict.value.facts["reason"] == "move_not_possible"
    assert "offer" in str(conflict.value.facts["possible"])


def test_a_stranger_and_a_reader_cannot_answer(found: Negotiation, press: Actor) -> None:
    with pytest.raises(NotAllowed):
        asked.moved(found, "offer", factories.actor(), terms=DEARER)
    reader = Actor(name="user:1", organisation=press.organisation, role="viewer")
    with pytest.raises(NotAllowed):
        asked.moved(found, "refuse", reader)
    assert negotiations.possible(found, reader) == ()


def test_every_fault_of_an_answer_is_named(found: Negotiation, press: Actor) -> None:
    with pytest.raises(InvalidInput) as fault:
        negotiations.move(found, "offer", press, answer=Answer(message="x" * 10_001))
    assert {error["pointer"] for error in fault.value.errors} == {"/version", "/message", "/terms"}
    with pytest.raises(InvalidInput) as fault:
        asked.moved(found, "offer", press, terms=TERMS | {"fee": {"model": "flat"}, "valid_to": "2001-01-01"})
    assert {error["pointer"] for error in fault.value.errors} == {"/terms/fee/amount", "/terms/valid_to"}
    with pytest.raises(InvalidInput):
        asked.moved(found, "sing", press)


def test_accepting_concludes_an_agreement_with_a_grant_for_each_work(
    found: Negotiation, press: Actor, firm: Actor, works: list[Work]
) -> None:
    asked.moved(found, "offer", press, terms=DEARER)
    entries = Entry.objects.count()
    step = asked.moved(found, "accept", firm)
    now = fresh(found)
    assert now.agreement is not None
    assert (now.state, now.waits_for, now.agreement.works) == ("granted", "holder", 3)
    assert Entry.objects.count() == entries + 1
    assert step.entry == now.agreement.entry
    grants = list(Grant.objects.filter(agreement=now.agreement).order_by("work_id"))
    assert [grant.work_id for grant in grants] == [work.pk for work in works]
    assert {grant.entry_id for grant in grants} == {now.agreement.entry_id}
    [grant] = {(row.verification, row.capacity, tuple(row.duties), tuple(row.territory)) for row in grants}
    assert grant == ("counter-signed", "publisher", ("attribution", "payment"), ("US",))


def test_the_root_in_the_entry_is_recomputed_from_the_grants(found: Negotiation, press: Actor) -> None:
    asked.moved(found, "grant", press)
    agreement = fresh(found).agreement
    assert agreement is not None
    assert agreement.entry is not None
    rows = list(Grant.objects.filter(agreement=agreement).select_related("work", "licensee").order_by("work_id"))
    assert granting.root_of(rows).encode() in bytes(agreement.entry.leaf)
    rows[1].territory = ["WORLD"]
    assert granting.root_of(rows).encode() not in bytes(agreement.entry.leaf)


def test_a_counter_offer_is_accepted_by_the_holder_or_answered_by_another_offer(
    found: Negotiation, press: Actor, firm: Actor
) -> None:
    asked.moved(found, "offer", press, terms=DEARER)
    asked.moved(found, "counter", firm, terms=TERMS)
    assert (fresh(found).state, fresh(found).waits_for) == ("countered", "holder")
    asked.moved(found, "accept", press)
    agreement = fresh(found).agreement
    assert agreement is not None
    assert agreement.terms["fee"]["amount"] == "2.50"


def test_once_an_offer_is_taken_back_only_what_the_firm_asked_can_be_granted(
    found: Negotiation, press: Actor, firm: Actor
) -> None:
    wanted = found.terms
    asked.moved(found, "offer", press, terms=DEARER)
    assert fresh(found).terms != wanted
    asked.moved(found, "retract", press)
    assert (fresh(found).state, fresh(found).terms) == ("requested", wanted)
    asked.moved(found, "offer", press, terms=DEARER)
    asked.moved(found, "counter", firm, terms=TERMS)
    asked.moved(found, "offer", press, terms=DEARER)
    asked.moved(found, "retract", press)
    assert fresh(found).terms == found.steps.filter(move="counter").get().terms


def test_a_grant_gives_what_was_asked_or_more_and_anything_else_is_an_offer(found: Negotiation, press: Actor) -> None:
    for less in (DEARER, TERMS | {"territory": ["CA"]}):
        with pytest.raises(InvalidInput) as fault:
            asked.moved(found, "grant", press, terms=less)
        assert "Make them an offer." in fault.value.sentence
    asked.moved(found, "grant", press, terms=CHEAPER | {"territory": ["WORLD"]})
    agreement = fresh(found).agreement
    assert agreement is not None
    assert agreement.terms["territory"] == ["WORLD"]


def test_what_was_asked_without_a_price_cannot_be_granted_as_it_stands(firm: Actor, press: Actor) -> None:
    priceless = {name: value for name, value in TERMS.items() if name != "fee"}
    found = asked.part(asked.asked(firm, asked.claimed(press), priceless), press)
    with pytest.raises(InvalidInput) as fault:
        asked.moved(found, "grant", press)
    assert fault.value.errors == [{"pointer": "/terms/fee", "cause": "Say what is paid, also where it is free."}]
    assert fresh(found).state == "requested"


def test_works_that_the_holder_leaves_out_have_no_grant_and_keep_the_reason(
    found: Negotiation, press: Actor, firm: Actor, works: list[Work]
) -> None:
    with pytest.raises(InvalidInput):
        asked.moved(found, "offer", press, terms=DEARER, left_out={"0000000000zz": "not here"})
    said = {works[0].public_id: "Rights reverted to the author."}
    asked.moved(found, "offer", press, terms=DEARER, left_out=said)
    asked.moved(found, "accept", firm)
    assert set(Grant.objects.values_list("work", flat=True)) == {works[1].pk, works[2].pk}
    assert found.requested_works.get(work=works[0]).left_out == "Rights reverted to the author."


def test_leaving_everything_out_is_a_refusal(found: Negotiation, press: Actor, works: list[Work]) -> None:
    with pytest.raises(InvalidInput):
        asked.moved(found, "offer", press, terms=DEARER, left_out={work.public_id: "no" for work in works})


def test_an_offer_of_somebody_whose_authority_lapsed_is_refused(
    found: Negotiation, press: Actor, firm: Actor, works: list[Work]
) -> None:
    asked.moved(found, "offer", press, terms=DEARER)
    for work in works:
        claim = work.rights_claims.get()
        claim.valid_to = asked.day(-1)
        claim.save()
    with pytest.raises(Conflict) as conflict:
        asked.moved(found, "accept", firm)
    assert conflict.value.facts["left_out"] == {"authority_lapsed": 3}
    assert (fresh(found).state, Agreement.objects.count()) == ("offered", 0)


def test_works_whose_authority_lapsed_are_left_out_with_the_reason(
    found: Negotiation, press: Actor, firm: Actor, works: list[Work]
) -> None:
    asked.moved(found, "offer", press, terms=DEARER)
    ownership.withdraw(works[1].rights_claims.get(), reason="sold", actor=press)
    step = asked.moved(found, "accept", firm)
    assert found.requested_works.get(work=works[1]).left_out == "authority_lapsed"
    assert step.data["left_out"] == 1
    assert Grant.objects.count() == 2


def test_a_grant_is_verified_no_further_than_the_claim_it_rests_on(firm: Actor, press: Actor) -> None:
    [work] = asked.claimed(press, verification="domain")
    found = asked.part(asked.asked(firm, [work]), press)
    asked.moved(found, "grant", press)
    assert Grant.objects.get(work=work).verification == "domain"


def test_a_message_needs_no_version_and_outdates_no_answer(found: Negotiation, press: Actor, firm: Actor) -> None:
    version = found.version
    negotiations.move(found, "message", firm, message="Have you seen it?")
    negotiations.move(found, "refuse", press, version=version, message="We have.")
    assert fresh(found).state == "refused"
    with pytest.raises(InvalidInput):
        negotiations.move(found, "message", firm, message="  ")


def test_files_go_with_a_step_as_bytes_and_go_with_it_when_it_fails(
    found: Negotiation, press: Actor, settings: Any, tmp_path: Path
) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    files = [File("../contract.pdf", io.BytesIO(b"%PDF"), "application/pdf")]
    step = asked.moved(found, "message", press, files=files)
    [attached] = step.attachments.all()
    assert (attached.name, attached.size_bytes) == ("contract.pdf", 4)
    assert attached.sha256.encode() in bytes(step.entry.leaf)  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        asked.moved(found, "deliver", press, files=[File("x.txt", io.BytesIO(b"x"))])
    assert blobs.owners("attachments") == [attached.blob.split("/")[1]]
    with pytest.raises(InvalidInput):
        asked.moved(found, "message", press, files=[File("empty.txt", io.BytesIO(b""))])


def test_reports_and_payments_are_recorded_beside_the_state(found: Negotiation, press: Actor, firm: Actor) -> None:
    asked.moved(found, "grant", press)
    asked.moved(found, "deliver", press, data={"address": "https://press.example/files"})
    asked.moved(found, "report", firm, data={"works_used": 3})
    asked.moved(found, "pay", firm, data={"amount": "7.50", "currency": "EUR"})
    assert fresh(found).state == "delivered"
    assert [step.move for step in found.steps.order_by("pk")][-3:] == ["deliver", "report", "pay"]


def test_the_request_is_over_when_every_part_has_an_answer_and_goes_on_without_one(firm: Actor, press: Actor) -> None:
    rival = factories.actor(factories.organisation("rival", "Rival Books"))
    request = asked.asked(firm, [*asked.claimed(press), *asked.claimed(rival)])
    asked.moved(asked.part(request, press), "refuse", press)
    request.refresh_from_db()
    assert request.state == "open"
    asked.moved(asked.part(request, rival), "grant", rival)
    request.refresh_from_db()
    assert (request.state, request.counts["negotiations"]) == ("closed", {"granted": 1, "refused": 1})


def test_a_deadline_that_is_over_is_refused(found: Negotiation, press: Actor) -> None:
    with pytest.raises(InvalidInput):
        asked.moved(found, "offer", press, terms=DEARER, respond_by=asked.day(-1))
    asked.moved(found, "offer", press, terms=DEARER, respond_by=asked.day(3))
    assert fresh(found).respond_by == asked.day(3)


def test_a_society_grants_through_its_channel_and_nothing_exclusive(firm: Actor) -> None:
    society = factories.actor(factories.organisation("society", "The Society"))
    works = asked.claimed(society, 2, capacity="society", evidence_sha256="a" * 64)
    agreement = asked.granted(society, firm, works, CHEAPER)
    assert agreement.channel == "collective_opt_in"
    found = asked.part(asked.asked(firm, works, CHEAPER | {"exclusive": True}), society)
    with pytest.raises(InvalidInput) as fault:
        asked.moved(found, "grant", society)
    assert [error["pointer"] for error in fault.value.errors] == ["/terms/exclusive"]


def test_an_agent_without_a_mandate_that_was_shown_grants_nothing(firm: Actor) -> None:
    agent = factories.actor(factories.organisation("agent", "The Agent"))
    found = asked.part(asked.asked(firm, asked.claimed(agent, capacity="agent")), agent)
    with pytest.raises(Conflict) as conflict:
        asked.moved(found, "grant", agent)
    assert conflict.value.facts["left_out"] == {"mandate_missing": 1}


def test_nobody_licenses_themselves(press: Actor, works: list[Work]) -> None:
    deal = agreements.Deal(asked.of(press), asked.of(press), read_terms(CHEAPER))
    with pytest.raises(Conflict):
        agreements.conclude(deal, [work.pk for work in works], actor=press)


def test_concluding_takes_the_same_number_of_queries_for_many_works(firm: Actor, press: Actor) -> None:
    def queries(count: int) -> int:
        found = asked.part(asked.asked(firm, asked.claimed(press, count)), press)
        with CaptureQueriesContext(connection) as captured:
            asked.moved(found, "grant", press)
        return len(captured)

    assert queries(2) == queries(15)


def test_what_its_rightsholder_left_out_is_counted_in_no_state(found: Negotiation, press: Actor) -> None:
    out = found.requested_works.order_by("pk")[0].work
    asked.moved(found, "grant", press, left_out={out.public_id: "Rights reverted to the author."})
    counts = LicenceRequest.objects.get(pk=found.request_id).counts
    held = fresh(found).agreement
    assert held is not None
    assert (counts["works_by_state"], counts["left_out"]) == ({"granted": held.works}, 1)
    assert held.works == counts["works"] - 1
    assert licence_requests.left_out_of([found]) == {found.pk: 1}

"""Asking for licences: how works are chosen, who is asked for which, and what nobody can answer for."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.models import LicenceRequest, Negotiation, RequestedWork, Step
from licensing.services import agreements, decisions, licence_requests, ownership, reevaluation, splitting
from licensing.services.assertions import Scope
from licensing.services.licence_requests import Chosen
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Job, Linkage, LinkageRow, Party, Work
from registry.search import engine
from registry.services import work_changes, work_merges
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db
State = LicenceRequest.State
FREE = TERMS | {"fee": {"model": "free"}, "valid_from": "2026-01-01", "territory": ["EU", "US"]}
IN_EUROPE = {"territory": "EU", "reservation_search": "not_done"}  # where nothing but a licence helps


@pytest.fixture
def rival() -> Actor:
    return factories.actor(factories.organisation("rival", "Rival Books"))


def draft(firm: Actor, **chosen: Any) -> LicenceRequest:
    return licence_requests.draft(title="Novels", terms=TERMS, chosen=Chosen(**chosen), actor=firm)


def ids(works: list[Work]) -> list[str]:
    return [work.public_id for work in works]


def works_of(request: LicenceRequest) -> set[str]:
    return set(request.requested_works.values_list("work__public_id", flat=True))


def test_a_draft_has_its_works_at_once_and_nobody_else_knows_of_it(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 3)
    entries = Entry.objects.count()
    request = draft(firm, works=ids(works))
    assert (request.state, works_of(request)) == (State.DRAFT, set(ids(works)))
    assert request.terms["fee"] == {"model": "per_work", "amount": "2.50", "currency": "EUR", "per": ""}
    assert (Negotiation.objects.count(), Entry.objects.count()) == (0, entries)


def test_every_fault_of_a_request_is_named_at_once_with_its_place(firm: Actor) -> None:
    with pytest.raises(InvalidInput) as fault:
        licence_requests.draft(
            title=" ", terms=TERMS, chosen=Chosen(), actor=firm, respond_by=datetime.date(2001, 1, 1)
        )
    assert {error["pointer"] for error in fault.value.errors} == {"/title", "/respond_by", "/works"}
    terms = {"uses": [], "territory": ["XX"], "fee": {"model": "flat", "currency": "EUR"}}
    with pytest.raises(InvalidInput) as fault:
        licence_requests.draft(title="x", terms=terms, chosen=Chosen(works=["x"]), actor=firm)
    pointers = {error["pointer"] for error in fault.value.errors}
    assert {"/terms/uses", "/terms/territory/0"} <= pointers
    assert any(pointer.startswith("/terms/fee") for pointer in pointers)


@pytest.mark.parametrize(
    ("changes", "pointer", "sentence"),
    [
        (
            {"fee": {"model": "flat", "currency": "EUR"}},
            "/terms/fee/amount",
            "“amount” is missing: a currency without an amount says nothing.",
        ),
        (
            {"fee": {"model": "flat", "amount": "5"}},
            "/terms/fee/currency",
            "“currency” is missing: an amount without a currency says nothing.",
        ),
        (
            {"fee": {"model": "flat", "amount": "5", "currency": "ZZZ"}},
            "/terms/fee/currency",
            "Unknown currency 'ZZZ'; use an ISO 4217 code, as EUR.",
        ),
        (
            {"territory": ["US", "XX"]},
            "/terms/territory/1",
            "Unknown territory 'XX'; use an ISO 3166-1 alpha-2 code, EU, EEA or WORLD.",
        ),
        (
            {"valid_from": "2030-01-02", "valid_to": "2030-01-01"},
            "/terms/valid_to",
            "“valid_to” lies before valid_from, 2030-01-02.",
        ),
    ],
)
def test_terms_that_say_nothing_clear_are_refused_with_a_sentence_that_says_what_to_do(
    firm: Actor, changes: dict[str, Any], pointer: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as fault:
        licence_requests.draft(title="x", terms=TERMS | changes, chosen=Chosen(works=["x"]), actor=firm)
    assert fault.value.errors == [{"pointer": pointer, "cause": sentence}]
    assert fault.value.sentence == sentence


def test_ids_that_are_no_works_are_named_and_a_draft_of_somebody_else_is_none(firm: Actor, press: Actor) -> None:
    hidden = factories.work("Hidden", by=press, visibility="draft")
    known = asked.works(press)
    with pytest.raises(InvalidInput) as fault:
        draft(firm, works=[known[0].public_id, hidden.public_id, "0000000000zz"])
    assert [error["pointer"] for error in fault.value.errors] == ["/works/1", "/works/2"]


def test_a_merged_work_is_asked_for_as_the_one_it_became(firm: Actor, press: Actor) -> None:
    kept, gone = asked.works(press, 2)
    work_merges.merge(work=gone, into=kept, actor=press)
    assert works_of(draft(firm, works=[gone.public_id])) == {kept.public_id}


def test_works_are_chosen_by_a_search(firm: Actor, press: Actor) -> None:
    wanted = [factories.work(f"Lamplighters of Ostend {number}", by=press) for number in range(3)]
    factories.work("Something else", by=press)
    request = draft(firm, query="Lamplighters Ostend")
    assert works_of(request) == set(ids(wanted))
    assert request.chosen_by["way"] == "query"
    assert (request.chosen_by["query"], request.chosen_by["works"]) == ("Lamplighters Ostend", 3)


@pytest.mark.parametrize("query", ["Lamplighters Ostend", '"Lamplighters of Ostend"'])
def test_a_search_that_finds_more_than_it_lists_gives_all_of_it(
    firm: Actor, press: Actor, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(engine, "RANKED_ROWS", 3)
    wanted = [factories.work(f"Lamplighters of Ostend {number}", by=press) for number in range(8)]
    factories.work("Lamplighters elsewhere", by=press)
    request = draft(firm, query=query)
    assert works_of(request) == set(ids(wanted))
    assert request.chosen_by["works"] == 8


def test_works_are_chosen_by_an_uploaded_list_as_people_decided_about_it(firm: Actor, press: Actor) -> None:
    linked, decided, refused = asked.works(press, 3)
    linkage = Linkage.objects.create(organisation=asked.of(firm), file_name="list.csv", state=Linkage.State.DONE)
    rows = [("match", linked, "", None), ("review", None, "match", decided), ("match", refused, "none", None)]
    for number, (decision, work, said, chosen) in enumerate(rows, start=1):
        LinkageRow.objects.create(
            linkage=linkage, number=number, decision=decision, work=work, decided=said, decided_work=chosen
        )
    assert works_of(draft(firm, linkage=linkage)) == {linked.public_id, decided.public_id}
    with pytest.raises(NotAllowed):
        draft(press, linkage=linkage)


def test_what_a_clearance_misses_is_asked_for_and_what_is_cleared_is_not(firm: Actor, press: Actor) -> None:
    licensed, missing = asked.claimed(press, 1), asked.claimed(press, 2)
    asked.granted(press, firm, licensed, TERMS | {"fee": {"model": "free"}})
    clearance = asked.clearance(firm, [*licensed, *missing], reservation_search="not_done", territory="EU")
    request = draft(firm, clearance=clearance)
    assert set(ids(missing)) <= works_of(request)
    assert request.clearance == clearance
    with pytest.raises(NotAllowed):
        draft(press, clearance=clearance)


def test_what_was_granted_since_the_clearance_was_decided_is_not_asked_for_again(firm: Actor, press: Actor) -> None:
    granted, missing = asked.claimed(press, 2), asked.claimed(press, 1)
    clearance = asked.clearance(firm, [*granted, *missing], **IN_EUROPE)
    asked.granted(press, firm, granted, FREE)
    asked.run_jobs(reevaluation.JOB)
    request = draft(firm, clearance=clearance)
    assert works_of(request) == set(ids(missing))
    assert request.chosen_by["no_longer_missing"] == {"granted": 2}
    assert (request.chosen_by["missing_since"], request.chosen_by["works"]) == ({}, 1)


def test_what_was_revoked_since_the_clearance_was_decided_is_asked_for(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 2)
    agreement = asked.granted(press, firm, works, FREE)
    clearance = asked.clearance(firm, works)
    agreements.revoke(agreement, reason="Not paid.", actor=press)
    asked.run_jobs(reevaluation.JOB)
    request = draft(firm, clearance=clearance, verdicts=["NOT_CLEARED", "UNKNOWN", "EXCEPTION_CLAIMED", "CONTESTED"])
    assert works_of(request) == set(ids(works))
    assert request.chosen_by["missing_since"] == {"revoked": 2}


def test_where_nothing_is_missing_any_more_there_is_nothing_to_ask_for(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 2)
    clearance = asked.clearance(firm, works, **IN_EUROPE)
    asked.granted(press, firm, works, FREE)
    asked.run_jobs(reevaluation.JOB)
    with pytest.raises(InvalidInput, match="2 works are answered otherwise now"):
        draft(firm, clearance=clearance)


def test_sending_is_one_entry_with_a_root_over_the_works_and_a_job(firm: Actor, press: Actor) -> None:
    request = draft(firm, works=ids(asked.claimed(press, 4)))
    licence_requests.send(request, actor=firm)
    request.refresh_from_db()
    assert (request.state, request.job and request.job.kind) == (State.SPLITTING, splitting.JOB)
    assert request.entry is not None
    assert b'"works":4' in bytes(request.entry.leaf)
    with pytest.raises(Conflict):
        licence_requests.send(request, actor=firm)
    with pytest.raises(Conflict):
        licence_requests.amend(request, title="Other", actor=firm)


def test_a_draft_is_amended_and_its_works_taken_out(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 2)
    request = draft(firm, works=ids(works))
    licence_requests.amend(request, title="Better", without=[works[0].public_id], actor=firm)
    request.refresh_from_db()
    assert (request.title, works_of(request)) == ("Better", {works[1].public_id})
    with pytest.raises(NotAllowed):
        licence_requests.amend(request, title="Mine", actor=press)


def test_a_request_is_split_by_who_can_grant_and_nobody_known_is_said_so(
    firm: Actor, press: Actor, rival: Actor
) -> None:
    ours, theirs, unclaimed = asked.claimed(press, 3), asked.claimed(rival, 2), asked.works(press, 2)
    request = asked.asked(firm, [*ours, *theirs, *unclaimed])
    assert request.state == State.OPEN
    found = {(row.holder and row.holder.slug, row.why): row for row in request.negotiations.all()}
    assert {key: row.works for key, row in found.items()} == {
        ("press", ""): 3,
        ("rival", ""): 2,
        (None, "nobody_known"): 2,
    }
    assert found["press", ""].state == "requested"
    assert found["press", ""].waits_for == "holder"
    nobody = found[None, "nobody_known"]
    assert (nobody.state, nobody.waits_for) == ("authority_check", "")
    assert nobody.steps.get().data == {"why": "nobody_known", "works": 2}
    assert request.counts["unanswerable"] == 2
    assert request.counts["works_by_state"] == {"requested": 5}


def test_a_claim_that_nobody_verified_waits_for_its_holder_to_confirm_it(firm: Actor, press: Actor) -> None:
    works = [*asked.claimed(press, 1), *asked.claimed(press, 1, verification="none")]
    found = asked.part(asked.asked(firm, works), press)
    assert (found.state, found.waits_for) == ("authority_check", "holder")
    asked.moved(found, "confirm", press)
    found.refresh_from_db()
    assert found.state == "requested"


def test_whoever_says_that_the_author_kept_the_ai_rights_is_not_asked(firm: Actor, press: Actor) -> None:
    request = asked.asked(firm, asked.claimed(press, 1, ai_rights="retained"))
    [found] = request.negotiations.all()
    assert (found.holder, found.why) == (None, "ai_rights_retained")
    assert request.state == State.CLOSED


def test_where_claims_exclude_each_other_nobody_is_chosen(firm: Actor, press: Actor, rival: Actor) -> None:
    [work] = asked.claimed(press, 1, exclusive=True)
    asked.claim(rival, [work], exclusive=True)
    [found] = asked.asked(firm, [work]).negotiations.all()
    assert (found.holder, found.why) == (None, "disputed")
    claim = work.rights_claims.get(asserted_by=asked.of(rival))
    decisions.concede(claim=claim, statement="Theirs.", actor=rival)
    assert asked.part(asked.asked(firm, [work]), press).works == 1


def test_a_holder_known_by_name_alone_is_named(firm: Actor, press: Actor) -> None:
    [work] = asked.works(press)
    party = Party.objects.create(name="Mira Okonjo")
    ownership.claim(work=work, holder=party, scope=Scope(capacity="observer"), actor=press)
    [found] = asked.asked(firm, [work]).negotiations.all()
    assert (found.holder, found.party, found.why) == (None, party, "not_here")


def test_works_that_the_firm_claims_itself_are_left_out(firm: Actor, press: Actor) -> None:
    own, other = asked.claimed(firm, 1), asked.claimed(press, 1)
    request = asked.asked(firm, [*own, *other])
    assert RequestedWork.objects.get(request=request, work=own[0]).left_out == "own"
    assert [row.holder for row in request.negotiations.all()] == [asked.of(press)]


def test_the_best_claim_is_asked_first_hand_before_contract(firm: Actor, press: Actor, rival: Actor) -> None:
    [work] = asked.claimed(press, 1)
    asked.claim(rival, [work], capacity="author", ai_rights="retained")
    assert [row.holder for row in asked.asked(firm, [work]).negotiations.all()] == [asked.of(rival)]


def test_a_withdrawn_claim_is_asked_of_nobody(firm: Actor, press: Actor) -> None:
    [work] = asked.claimed(press, 1)
    ownership.withdraw(work.rights_claims.get(), reason="sold", actor=press)
    [found] = asked.asked(firm, [work]).negotiations.all()
    assert (found.holder, found.why) == (None, "nobody_known")


def test_queries_do_not_grow_with_the_works(firm: Actor, press: Actor, rival: Actor) -> None:
    def queries(count: int) -> int:
        made = [*asked.claimed(press, count), *asked.claimed(rival, count), *asked.works(press, count)]
        request = draft(firm, works=ids(made))
        licence_requests.send(request, actor=firm)
        with CaptureQueriesContext(connection) as captured:
            splitting.split(request.pk)
        return len(captured)

    assert queries(2) == queries(20)


def test_split_again_after_an_interruption_it_goes_on_where_it_was(
    firm: Actor, press: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = draft(firm, works=ids(asked.claimed(press, 5)))
    licence_requests.send(request, actor=firm)
    monkeypatch.setattr(splitting, "BATCH", 2)
    rows = list(request.requested_works.order_by("pk")[:2])
    splitting._assign(request, rows)
    splitting.split(request.pk)
    splitting.split(request.pk)
    request.refresh_from_db()
    [found] = request.negotiations.all()
    assert (found.works, found.requested_works.count(), request.state) == (5, 5, State.OPEN)
    assert Step.objects.filter(negotiation=found).count() == 2


def test_a_request_that_is_taken_back_withdraws_what_waits_and_keeps_what_was_granted(
    firm: Actor, press: Actor, rival: Actor
) -> None:
    request = asked.asked(firm, [*asked.claimed(press), *asked.claimed(rival)])
    asked.moved(asked.part(request, press), "grant", press)
    licence_requests.cancel(request, actor=firm, reason="No longer needed.")
    request.refresh_from_db()
    assert request.state == State.CANCELLED
    assert {row.holder and row.holder.slug: row.state for row in request.negotiations.all()} == {
        "press": "granted",
        "rival": "withdrawn",
    }
    with pytest.raises(Conflict):
        licence_requests.cancel(request, actor=firm)


def test_a_request_whose_splitting_broke_is_a_draft_again(firm: Actor, press: Actor) -> None:
    request = draft(firm, works=ids(asked.claimed(press, 2)))
    licence_requests.send(request, actor=firm)
    Job.objects.filter(kind=splitting.JOB).update(state=Job.State.QUARANTINED)
    assert splitting.close_broken() == 1
    assert asked.sent(LicenceRequest.objects.get(pk=request.pk), firm).state == State.OPEN


def test_a_withdrawn_work_cannot_be_asked_for(firm: Actor, press: Actor) -> None:
    [work] = asked.works(press)
    work_changes.withdraw(work=work, reason="mistake", actor=press)
    with pytest.raises(InvalidInput):
        draft(firm, works=[work.public_id])

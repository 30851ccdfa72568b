"""Works that nobody could be asked about: who answers for them later is asked, and the firm is told."""

import datetime

import pytest
from django.core import mail
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from licensing.models import LicenceRequest, Negotiation
from licensing.services import channel_events, decisions, licence_requests, ownership, rechecks
from registry.actors import Actor, of_user
from registry.errors import Conflict
from registry.models import Entry, Organisation
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db
State = LicenceRequest.State


@pytest.fixture
def firm() -> Actor:
    return of_user(factories.person("legal@acme.example", of=factories.organisation("acme", "Acme AI")))


def test_whoever_claims_a_work_later_is_asked_and_the_firm_is_told(
    firm: Actor, press: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str, object]] = []

    def tell(event: str, organisations: list[Organisation | None], facts: dict[str, object]) -> None:
        told.extend((event, each.slug, facts.get("works")) for each in organisations if each is not None)

    works = asked.works(press, 3)
    request = asked.asked(firm, works, message="For our model.")
    assert (request.state, request.counts["unanswerable"]) == (State.CLOSED, 3)
    asked.claim(press, works[:2])
    monkeypatch.setattr(channel_events, "tell", tell)
    assert rechecks.enqueue_due() == 1
    assert asked.run_jobs(rechecks.JOB) == 1
    request.refresh_from_db()
    part = asked.part(request, press)
    assert (part.state, part.waits_for, part.works, part.terms) == ("requested", "holder", 2, request.terms)
    assert (request.state, request.counts["unanswerable"]) == (State.OPEN, 1)
    assert ("request.received", "press", 2) in told
    assert ("request.answerable", "acme", 2) in told
    entry = Entry.objects.get(kind="licence_request.rechecked")
    assert {step.entry for step in part.steps.all()} == {entry}
    [message] = mail.outbox
    assert (message.to, "The Press" in message.body) == (["legal@acme.example"], True)


def test_nothing_is_looked_for_twice_a_day_unless_somebody_claims_something(firm: Actor, press: Actor) -> None:
    works = asked.works(press, 2)
    request = asked.asked(firm, works)
    assert rechecks.enqueue_due() == 0
    LicenceRequest.objects.update(sent_at=F("sent_at") - datetime.timedelta(days=2))
    assert (rechecks.enqueue_due(), rechecks.enqueue_due()) == (1, 0)
    asked.run_jobs(rechecks.JOB)
    assert (rechecks.enqueue_due(), Entry.objects.filter(kind="licence_request.rechecked").count()) == (0, 0)
    asked.claim(press, works[:1])
    assert rechecks.enqueue_due() == 1
    asked.run_jobs(rechecks.JOB)
    assert asked.part(request, press).works == 1
    assert mail.outbox[0].subject.startswith("Somebody can be asked about works of your request")


def test_a_holder_who_has_answered_already_gets_a_further_part(firm: Actor, press: Actor) -> None:
    ours, later = asked.claimed(press, 1), asked.works(press, 1)
    request = asked.asked(firm, [*ours, *later])
    asked.moved(asked.part(request, press), "grant", press)
    asked.claim(press, later, verification="none")
    assert rechecks.recheck(request.pk) == 1
    first, second = request.negotiations.filter(holder=asked.of(press)).order_by("pk")
    assert (first.state, first.works) == ("granted", 1)
    assert (second.part, second.state, second.works) == (2, "authority_check", 1)  # nobody has verified this claim
    asked.moved(second, "confirm", press)
    asked.moved(second, "grant", press)
    request.refresh_from_db()
    assert (request.state, request.counts["works_by_state"]) == (State.CLOSED, {"granted": 2})


def test_who_is_asked_follows_the_decision_of_a_dispute_and_other_reasons_are_kept_apart(
    firm: Actor, press: Actor
) -> None:
    rival = factories.actor(factories.organisation("rival", "Rival Books"))
    works = asked.claimed(press, 1, exclusive=True)
    asked.claim(rival, works, exclusive=True)
    unclaimed = asked.works(press, 1)
    request = asked.asked(firm, [*works, *unclaimed])
    asked.claim(rival, unclaimed, ai_rights="retained")
    assert rechecks.recheck(request.pk) == 0
    silent = request.negotiations.filter(holder=None, works__gt=0)
    assert set(silent.values_list("why", "works")) == {("disputed", 1), ("ai_rights_retained", 1)}
    decisions.concede(claim=works[0].rights_claims.get(asserted_by=asked.of(rival)), statement="Theirs.", actor=rival)
    assert rechecks.recheck(request.pk) == 1
    assert asked.part(request, press).works == 1


def test_works_that_the_firm_claims_by_now_are_left_out(firm: Actor, press: Actor) -> None:
    works = asked.works(press, 1)
    request = asked.asked(firm, works)
    ownership.claim_many(
        works=works, capacity="owner", ai_rights="granted", observed_at=asked.today(), evidence="bought", actor=firm
    )
    assert rechecks.recheck(request.pk) == 0
    request.refresh_from_db()
    assert (request.counts["unanswerable"], request.counts["left_out"]) == (0, 1)


def test_a_request_that_was_taken_back_or_whose_terms_are_over_is_left_alone(firm: Actor, press: Actor) -> None:
    works = asked.works(press, 1)
    taken, over = asked.asked(firm, works), asked.asked(firm, works)
    licence_requests.cancel(taken, actor=firm)
    with pytest.raises(Conflict):
        licence_requests.cancel(taken, actor=firm)
    ended = TERMS | {"valid_from": "2020-01-01", "valid_to": "2020-12-31"}
    LicenceRequest.objects.filter(pk=over.pk).update(terms=ended)
    asked.claim(press, works)
    assert (rechecks.recheck(taken.pk), rechecks.recheck(over.pk)) == (0, 0)
    assert not Negotiation.objects.exclude(holder=None).exists()


def test_queries_do_not_grow_with_the_works(firm: Actor, press: Actor) -> None:
    def queries(count: int) -> int:
        works = asked.works(press, count)
        request = asked.asked(firm, works)
        asked.claim(press, works)
        with CaptureQueriesContext(connection) as captured:
            assert rechecks.recheck(request.pk) == count
        return len(captured)

    assert queries(2) == queries(20)

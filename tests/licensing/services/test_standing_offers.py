"""Standing offers: published in bulk, accepted in the open; the last one goes to exactly one."""

import io
import threading
from typing import Any

import pytest
from django.db import connections

from licensing.models import Agreement, Grant, Offer
from licensing.services import agreements, negotiations, offers, ownership, standing_offers
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Work
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db


@pytest.fixture
def works(press: Actor) -> list[Work]:
    return asked.claimed(press, 3)


def published(press: Actor, works: list[Work], **facts: Any) -> list[Offer]:
    more = {"terms": TERMS} | facts
    return standing_offers.publish(works=works, actor=press, **more).offers


def test_many_works_are_offered_under_one_entry(press: Actor, works: list[Work]) -> None:
    entries = Entry.objects.count()
    made = standing_offers.publish(works=works, terms=TERMS, actor=press, words="Two euros fifty a work.")
    assert (Entry.objects.count(), len(made.offers), made.left_out) == (entries + 1, 3, {})
    offer = Offer.objects.get(work=works[0])
    assert (offer.entry, offer.capacity, offer.verification) == (made.entry, "publisher", "document")
    assert offer.agreed_terms is not None
    assert offer.agreed_terms["fee"]["amount"] == "2.50"
    assert b'"offers":3' in bytes(made.entry.leaf)


def test_works_without_authority_are_left_out_and_where_none_is_left_it_is_refused(
    press: Actor, works: list[Work]
) -> None:
    strange = asked.works(press)
    made = standing_offers.publish(works=[*works, *strange], terms=TERMS, actor=press)
    assert made.left_out == {strange[0].pk: "no_claim"}
    with pytest.raises(Conflict):
        standing_offers.publish(works=strange, terms=TERMS, actor=press)


def test_an_offer_that_cannot_be_accepted_as_it_stands_is_refused(press: Actor, works: list[Work]) -> None:
    priceless = {name: value for name, value in TERMS.items() if name != "fee"}
    for terms, at_most, pointer in (
        (priceless, None, "/terms/fee"),
        (TERMS | {"valid_to": "2001-01-01"}, None, "/terms/valid_to"),
        (TERMS | {"exclusive": True}, 2, "/at_most"),
        (TERMS, 0, "/at_most"),
    ):
        with pytest.raises(InvalidInput) as fault:
            standing_offers.publish(works=works, terms=terms, at_most=at_most, actor=press)
        assert pointer in {error["pointer"] for error in fault.value.errors}


def test_accepting_concludes_at_once_on_the_offers_terms(press: Actor, firm: Actor, works: list[Work]) -> None:
    made = published(press, works)
    concluded = standing_offers.accept(made[0], actor=firm, works=works[:2])
    agreement = concluded.agreement
    assert (agreement.channel, agreement.offer, agreement.works) == ("standing_offer", made[0], 2)
    assert {row.verification for row in Grant.objects.filter(agreement=agreement)} == {"counter-signed"}
    assert list(Offer.objects.order_by("pk").values_list("accepted", flat=True)) == [1, 1, 0]
    with pytest.raises(Conflict) as conflict:
        standing_offers.accept(made[0], actor=firm)
    assert conflict.value.facts["reason"] == "held_already"


def test_what_follows_an_accepted_offer_is_filed_by_both_sides_as_of_any_agreement(
    press: Actor, firm: Actor, works: list[Work]
) -> None:
    offer, *_ = published(press, works)
    concluded = standing_offers.accept(offer, works=works, actor=firm)
    [thread] = concluded.agreement.negotiations.all()
    assert (thread.state, thread.works, thread.request.state) == ("granted", 3, "closed")
    assert thread.request.counts["works_by_state"] == {"granted": 3}
    assert thread.steps.get().entry == concluded.agreement.entry
    for move, actor in (("deliver", press), ("report", firm), ("pay", firm), ("pay", press)):
        paper = negotiations.File(f"{move}.pdf", io.BytesIO(b"%PDF"), "application/pdf")
        step = asked.moved(thread, move, actor, data={"note": move}, files=[paper])
        assert [row.name for row in step.attachments.all()] == [f"{move}.pdf"]
    thread.refresh_from_db()
    assert thread.state == "delivered"
    agreements.revoke(concluded.agreement, reason="Sold.", actor=press)
    thread.refresh_from_db()
    assert thread.state == "revoked"


def test_works_that_are_not_part_of_the_offer_are_named(press: Actor, firm: Actor, works: list[Work]) -> None:
    [offer] = published(press, works[:1])
    published(press, works[1:])
    with pytest.raises(InvalidInput) as fault:
        standing_offers.accept(offer, actor=firm, works=works[:2])
    assert [error["pointer"] for error in fault.value.errors] == ["/works/1"]


def test_an_offer_taken_back_lapsed_or_for_others_is_refused(press: Actor, firm: Actor, works: list[Work]) -> None:
    first, second = (published(press, [work])[0] for work in works[:2])
    standing_offers.withdraw(first, reason="Sold.", actor=press)
    with pytest.raises(Conflict) as conflict:
        standing_offers.accept(Offer.objects.get(pk=first.pk), actor=firm)
    assert conflict.value.facts["reason"] == "withdrawn"
    ownership.withdraw(works[1].rights_claims.get(), reason="Sold.", actor=press)
    with pytest.raises(Conflict) as conflict:
        standing_offers.accept(second, actor=firm)
    assert conflict.value.facts["left_out"] == {"authority_lapsed": 1}
    [research] = published(press, works[2:], terms=TERMS | {"licensee_kinds": ["research_organisation"]})
    with pytest.raises(NotAllowed):
        standing_offers.accept(research, actor=firm)


def test_of_an_offer_limited_in_number_no_more_are_accepted(press: Actor, works: list[Work]) -> None:
    [offer] = published(press, works[:1], at_most=2)
    for _ in range(2):
        standing_offers.accept(offer, actor=factories.actor())
    with pytest.raises(Conflict) as conflict:
        standing_offers.accept(offer, actor=factories.actor())
    assert conflict.value.facts["reason"] == "taken"


@pytest.mark.django_db(transaction=True)
def test_the_last_exclusive_offer_goes_to_exactly_one_of_two_who_accept_at_once(
    press: Actor, firm: Actor, works: list[Work]
) -> None:
    [offer] = published(press, works[:1], terms=TERMS | {"exclusive": True})
    other = factories.actor(factories.organisation("borg", "Borg AI"))
    together = threading.Barrier(2)
    answers: list[str] = []

    def accept(actor: Actor) -> None:
        try:
            together.wait()
            standing_offers.accept(offer, actor=actor)
            answers.append("accepted")
        except Conflict as conflict:
            answers.append(str(conflict.facts.get("reason")))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept, args=(actor,)) for actor in (firm, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["accepted", "taken"]
    assert (Agreement.objects.count(), Grant.objects.count()) == (1, 1)
    assert Offer.objects.get(pk=offer.pk).accepted == 1


def test_offers_published_together_are_taken_back_together(press: Actor, firm: Actor, works: list[Work]) -> None:
    made = published(press, works)
    with pytest.raises(NotAllowed):
        standing_offers.withdraw(made[0], reason="Mine.", actor=firm)
    assert standing_offers.withdraw(made[0], reason="Sold.", actor=press, together=True) == 3
    assert Entry.objects.filter(kind="offer.withdrawn").count() == 1
    with pytest.raises(Conflict):
        standing_offers.withdraw(made[0], reason="Again.", actor=press)


def test_an_offer_in_words_only_cannot_be_accepted_online(press: Actor, firm: Actor, works: list[Work]) -> None:
    offer = offers.publish(work=works[0], terms="Write to us.", scope=Scope(uses=["pretraining"]), actor=press)
    with pytest.raises(Conflict):
        standing_offers.accept(offer, actor=firm)


def test_the_very_same_offer_does_not_stand_twice(press: Actor) -> None:
    works = asked.claimed(press, 2)
    first = standing_offers.publish(works=works[:1], terms=TERMS, actor=press)
    both = standing_offers.publish(works=works, terms=TERMS, actor=press)
    assert [row.work_id for row in both.offers] == [works[1].pk]
    assert both.left_out == {works[0].pk: "offered_already"}
    with pytest.raises(Conflict, match="stands already"):
        standing_offers.publish(works=works, terms=TERMS, actor=press)
    other = standing_offers.publish(works=works, terms=TERMS | {"attribution": True}, actor=press)
    assert len(other.offers) == 2
    standing_offers.withdraw(first.offers[0], reason="Another price.", actor=press)
    assert len(standing_offers.publish(works=works[:1], terms=TERMS, actor=press).offers) == 1

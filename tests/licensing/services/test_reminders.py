"""Deadlines are told once, to whom they concern, and not when they have become void."""

import datetime

import pytest
from django.core import mail

from licensing.models import Agreement, Negotiation, Reminder
from licensing.services import agreements, reminders, standing_offers
from registry.actors import Actor, of_user
from registry.models import Delivery, Organisation
from registry.services import webhooks
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db


def somebody(slug: str) -> Actor:
    organisation: Organisation = factories.organisation(slug, slug.title())
    return of_user(factories.person(f"rights@{slug}.example", of=organisation))


@pytest.fixture
def firm() -> Actor:
    return somebody("acme")


@pytest.fixture
def press() -> Actor:
    return somebody("press")


def waiting(firm: Actor, press: Actor, days: int) -> Negotiation:
    found = asked.part(asked.asked(firm, asked.claimed(press), respond_by=asked.day(30)), press)
    Negotiation.objects.filter(pk=found.pk).update(respond_by=asked.day(days))
    found.refresh_from_db()
    return found


def test_an_answer_that_is_due_is_mailed_once_to_whoever_is_to_give_it(firm: Actor, press: Actor) -> None:
    waiting(firm, press, 5)
    assert reminders.follow() == {"made": 1, "sent": 1}
    assert reminders.follow() == {"made": 0, "sent": 0}
    [message] = mail.outbox
    assert message.to == ["rights@press.example"]
    assert "An answer is due soon" in message.subject
    assert "For our model" in message.body


def test_what_is_not_near_is_not_mentioned(firm: Actor, press: Actor) -> None:
    waiting(firm, press, 20)
    assert reminders.follow() == {"made": 0, "sent": 0}


def test_an_overdue_answer_is_told_beside_the_due_one(firm: Actor, press: Actor) -> None:
    waiting(firm, press, -1)
    assert reminders.follow()["sent"] == 1
    assert Reminder.objects.get().kind == "answer_overdue"


def test_the_firm_is_told_where_it_is_its_turn(firm: Actor, press: Actor) -> None:
    found = waiting(firm, press, 5)
    asked.moved(found, "offer", press, terms=TERMS)
    reminders.follow()
    assert [message.to for message in mail.outbox] == [["rights@acme.example"]]


def test_whoever_has_answered_meanwhile_is_not_told(firm: Actor, press: Actor) -> None:
    found = waiting(firm, press, 5)
    asked.moved(found, "refuse", press)
    row = Reminder.objects.create(
        negotiation=found, organisation=asked.of(press), kind="answer_due", due_on=asked.today()
    )
    assert reminders.send(row.pk) == 0
    row.refresh_from_db()
    assert (row.sent_at is not None, mail.outbox) == (True, [])


def test_both_parties_are_told_that_an_agreement_ends_and_that_it_has_ended(firm: Actor, press: Actor) -> None:
    ends = {"fee": {"model": "free"}, "valid_to": asked.day(10).isoformat()}
    agreement = asked.granted(press, firm, asked.claimed(press), TERMS | ends)
    assert reminders.follow() == {"made": 2, "sent": 2}
    assert sorted(message.to[0] for message in mail.outbox) == ["rights@acme.example", "rights@press.example"]
    mail.outbox.clear()
    Agreement.objects.filter(pk=agreement.pk).update(valid_to=asked.day(-1))
    agreements.follow_days()
    assert reminders.follow() == {"made": 2, "sent": 2}
    assert {message.subject.split(" · ")[0] for message in mail.outbox} == {"A licence has ended"}


def test_whoever_offers_is_told_once_that_offers_published_together_end(firm: Actor, press: Actor) -> None:
    ends = TERMS | {"valid_to": asked.day(10).isoformat()}
    works = asked.claimed(press, 3)
    made = standing_offers.publish(works=works, terms=ends, actor=press).offers
    standing_offers.publish(works=works, terms=TERMS | {"territory": ["JP"]}, actor=press)
    assert reminders.follow() == {"made": 1, "sent": 1}
    assert reminders.follow() == {"made": 0, "sent": 0}
    [message] = mail.outbox
    assert (message.to, message.subject.split(" · ")[0]) == (["rights@press.example"], "A standing offer ends soon")
    assert f"/offers/{made[0].public_id}" in message.body


def test_an_offer_that_was_taken_back_is_not_reminded_of(press: Actor) -> None:
    ends = TERMS | {"valid_to": asked.day(10).isoformat()}
    [offer] = standing_offers.publish(works=asked.claimed(press), terms=ends, actor=press).offers
    standing_offers.withdraw(offer, reason="Sold.", actor=press)
    row = Reminder.objects.create(offer=offer, organisation=asked.of(press), kind="offer_ends", due_on=asked.today())
    assert (reminders.send(row.pk), reminders.follow()) == (0, {"made": 0, "sent": 0})


def test_every_reminder_is_mailed_and_told_to_webhooks_once(firm: Actor, press: Actor) -> None:
    for actor in (firm, press):
        webhooks.create(address=f"https://hooks.example/{asked.of(actor).slug}", events=["deadline.near"], actor=actor)
    ends = {"fee": {"model": "free"}, "valid_to": asked.day(10).isoformat()}
    asked.granted(press, firm, asked.claimed(press), TERMS | ends)
    waiting(firm, press, 5)
    standing_offers.publish(
        works=asked.claimed(press), terms=TERMS | {"valid_to": asked.day(10).isoformat()}, actor=press
    )
    for _ in range(3):
        reminders.follow()
    told = Delivery.objects.filter(event="deadline.near")
    kinds = sorted((row.webhook.organisation.slug, row.payload["kind"]) for row in told)
    assert kinds == [
        ("acme", "agreement_ends"),
        ("press", "agreement_ends"),
        ("press", "answer_due"),
        ("press", "offer_ends"),
    ]
    assert len(mail.outbox) == len(kinds)


def test_nobody_is_told_of_the_end_of_what_was_revoked_or_renewed(firm: Actor, press: Actor) -> None:
    ends = {"fee": {"model": "free"}, "valid_to": asked.day(10).isoformat()}
    revoked = asked.granted(press, firm, asked.claimed(press), TERMS | ends)
    agreements.revoke(revoked, reason="Sold.", actor=press)
    renewed = asked.granted(press, firm, asked.claimed(press), TERMS | ends | {"territory": ["JP"]})
    agreements.renew(renewed, valid_to=asked.today() + datetime.timedelta(days=400), actor=press)
    assert reminders.follow() == {"made": 0, "sent": 0}

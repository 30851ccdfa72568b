"""Who gave a licence is told when it is passed on, may object with a message, and is answered; nothing ends by that."""

import hashlib
import json

import pytest
from django.core import mail

from licensing.models import Agreement, Grant, PassedOn
from licensing.services import agreements, channel_events, sublicences
from registry.actors import Actor, of_user
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Organisation
from tests import factories
from tests.licensing import asked

pytestmark = pytest.mark.django_db
OPEN = asked.TERMS | {"sublicensing": "allowed"}


@pytest.fixture
def press() -> Actor:
    return of_user(factories.person("rights@press.example", of=factories.organisation("press", "The Press")))


@pytest.fixture
def asia() -> Actor:
    return factories.actor(factories.organisation("acme-asia", "Acme Asia"))


@pytest.fixture
def licence(firm: Actor, press: Actor) -> Agreement:
    return asked.granted(press, firm, asked.claimed(press, 2), OPEN)


@pytest.fixture
def passed_on(firm: Actor, asia: Actor, licence: Agreement) -> PassedOn:
    return asked.passed_on(licence, firm, asked.of(asia), {"fee": {"model": "free"}}).told_of.get()


def facts(entry: Entry | None) -> dict[str, object]:
    assert entry is not None
    found: dict[str, object] = json.loads(bytes(entry.leaf))["facts"]
    return found


def test_everybody_above_is_told_once_and_the_day_is_that_of_the_conclusion(
    firm: Actor, press: Actor, asia: Actor, licence: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str, object]] = []

    def tell(event: str, organisations: list[Organisation | None], said: dict[str, object]) -> None:
        told.extend((event, each.slug, said.get("licensee")) for each in organisations if each is not None)

    monkeypatch.setattr(channel_events, "tell", tell)
    first = asked.passed_on(licence, firm, asked.of(asia), {"sublicensing": "allowed"})
    second = asked.passed_on(first, asia, factories.organisation("acme-east", "Acme East"))
    assert ("licence.passed_on", "press", "acme-asia") in told
    assert {each for each in told if each[2] == "acme-east" and each[0] == "licence.passed_on"} == {
        ("licence.passed_on", "press", "acme-east"), ("licence.passed_on", "acme", "acme-east"),
    }  # fmt: skip
    rows = {row.holder.slug: row for row in second.told_of.all()}
    assert {slug: row.over for slug, row in rows.items()} == {"press": licence, "acme": first}
    assert {row.entry for row in rows.values()} == {second.entry}
    assert [row.holder.slug for row in first.told_of.all()] == ["press"]


def test_a_licence_that_rests_on_none_tells_nobody(licence: Agreement) -> None:
    assert not PassedOn.objects.exists()


def test_an_objection_is_dated_logged_answered_and_settled_and_ends_nothing(
    firm: Actor, press: Actor, asia: Actor, passed_on: PassedOn
) -> None:
    words = "Acme Asia trains models for others."
    objected = sublicences.object_to(passed_on, message=f" {words} ", actor=press)
    assert objected.message == words
    entry = facts(objected.entry)
    assert entry["message_sha256"] == hashlib.sha256(words.encode()).hexdigest()
    assert words not in json.dumps(entry)
    with pytest.raises(Conflict, match="cannot be said now"):
        sublicences.object_to(passed_on, message="Again.", actor=press)
    sublicences.answer(passed_on, message="For its own model only.", actor=firm)
    sublicences.settle(passed_on, message="Thank you.", actor=press)
    sublicences.object_to(passed_on, message="It did not keep to that.", actor=press)
    passed_on.refresh_from_db()
    assert passed_on.state == "objected"
    kinds = Entry.objects.filter(subject=f"agreement:{passed_on.agreement.public_id}").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        "agreement.concluded", "sublicence.objected", "sublicence.answered", "sublicence.settled",
        "sublicence.objected",
    ]  # fmt: skip
    assert Grant.objects.filter(agreement=passed_on.agreement, withdrawn_at=None).count() == 2
    assert passed_on.agreement.state == "running"


def test_each_side_says_only_what_is_its_own(firm: Actor, press: Actor, asia: Actor, passed_on: PassedOn) -> None:
    for actor in (firm, asia, factories.actor()):
        with pytest.raises(NotAllowed):
            sublicences.object_to(passed_on, message="No.", actor=actor)
    sublicences.object_to(passed_on, message="No.", actor=press)
    for actor in (press, asia):
        with pytest.raises(NotAllowed):
            sublicences.answer(passed_on, message="But yes.", actor=actor)
    with pytest.raises(NotAllowed):
        sublicences.settle(passed_on, message="Well.", actor=firm)
    with pytest.raises(InvalidInput, match="sentence"):
        sublicences.answer(passed_on, message="  ", actor=firm)
    with pytest.raises(InvalidInput, match="At most"):
        sublicences.answer(passed_on, message="x" * 5_001, actor=firm)


def test_what_has_ended_is_not_objected_to(firm: Actor, press: Actor, passed_on: PassedOn) -> None:
    agreements.revoke(passed_on.agreement, reason="Not paid.", actor=firm)
    passed_on = PassedOn.objects.get(pk=passed_on.pk)
    with pytest.raises(Conflict, match="has ended"):
        sublicences.object_to(passed_on, message="No.", actor=press)


def test_those_who_may_answer_are_mailed_when_it_has_happened(
    firm: Actor, press: Actor, asia: Actor, licence: Agreement, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        row = asked.passed_on(licence, firm, asked.of(asia)).told_of.get()
    [message] = mail.outbox
    assert message.to == ["rights@press.example"]
    assert "passed a licence that comes from you on to Acme Asia, for 2 works." in message.body
    assert f"/sublicences/{row.public_id}" in message.body
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        sublicences.object_to(row, message="Please say for which model.", actor=press)
    assert len(mail.outbox) == 1  # nobody of the firm can be mailed


def test_a_renewed_sublicence_is_told_anew(firm: Actor, press: Actor, asia: Actor, licence: Agreement) -> None:
    given = asked.passed_on(licence, firm, asked.of(asia), {"valid_to": asked.day(30).isoformat()})
    made = agreements.renew(given, valid_to=asked.day(60), actor=firm)
    assert made.agreement.told_of.get().holder == press.organisation

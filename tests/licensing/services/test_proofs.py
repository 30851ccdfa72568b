"""What a proved domain is worth: which statements it raises, and that they fall back when it is gone."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from licensing.models import Reservation
from licensing.services import grants, offers, ownership, proofs, reservations, verification
from licensing.services.assertions import Scope
from registry.actors import Actor, system
from registry.models import Domain, Entry, Job, Party, RightsClaim, Work
from registry.services import domains
from tests import factories
from tests.registry import network_stub
from tests.registry.network_stub import Internet

pytestmark = pytest.mark.django_db

NAME = "_colophon-challenge.press.example"


@pytest.fixture
def internet() -> Iterator[Internet]:
    with network_stub.running() as internet:
        yield internet


@pytest.fixture
def press() -> Actor:
    return factories.actor()


@pytest.fixture
def work(press: Actor) -> Work:
    return factories.work(by=press)


def claim(work: Work, actor: Actor, capacity: str = "publisher") -> RightsClaim:
    holder = Party.objects.create(name="Somebody")
    return ownership.claim(work=work, holder=holder, scope=Scope(capacity=capacity), actor=actor)


def prove(actor: Actor, internet: Internet, name: str = "press.example") -> Domain:
    domain = domains.add(name=name, actor=actor)
    internet.txt(f"_colophon-challenge.{name}", domains.proof(domain))
    assert proofs.check(domain, actor=actor, network=internet.network) == "verified"
    return domain


def looked_long_ago(**past: Any) -> None:
    """Let time pass for every domain."""
    Domain.objects.update(checked_at=F("checked_at") - datetime.timedelta(days=2), **past)


def levels(*rows: Any) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.verification for row in rows]


def test_what_an_organisation_says_in_its_own_name_is_raised_and_nothing_else(
    press: Actor, work: Work, internet: Internet
) -> None:
    own = claim(work, press)
    others = claim(work, factories.actor())
    observed, contract = claim(work, press, "observer"), claim(work, press, "licensee")
    seen = claim(work, press)
    verification.verify(seen, kind="claim", verification="document", evidence="contract", actor=system("operator"))
    ended = claim(work, press)
    ownership.withdraw(ended, reason="sold", actor=press)
    scope = Scope(capacity="publisher", uses=["pretraining"])
    grant = grants.issue(work=work, licensee=factories.organisation(), scope=scope, actor=press)
    reservation = reservations.record(work=work, scope=scope, machine_readable=True, actor=press)
    offer = offers.publish(work=work, scope=scope, actor=press)
    prove(press, internet)
    assert levels(own, grant, reservation, offer) == ["domain"] * 4
    assert levels(others, observed, contract, seen, ended) == ["none", "none", "none", "document", "none"]
    [entry] = Entry.objects.filter(kind="statements.verified_by_domain")
    assert b'"statements":4' in bytes(entry.leaf)
    later = reservations.record(work=work, scope=scope, machine_readable=True, actor=press)
    assert later.verification == "domain"


def test_a_lapse_lowers_again_what_rests_on_the_domain_alone(press: Actor, work: Work, internet: Internet) -> None:
    own, seen = claim(work, press), claim(work, press)
    domain = prove(press, internet)
    verification.verify(seen, kind="claim", verification="identity", evidence="passport", actor=system("operator"))
    internet.txt(NAME)
    for _ in range(3):
        looked_long_ago(failing_since=F("failing_since") - datetime.timedelta(days=2))
        proofs.check_asked(domain.pk, network=internet.network)
    assert levels(own, seen) == ["none", "identity"]
    kinds = Entry.objects.filter(kind__contains="domain").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        "domain.added", "domain.verified", "statements.verified_by_domain",
        "domain.lapsed", "statements.no_longer_verified_by_domain",
    ]  # fmt: skip


def test_while_another_domain_stands_nothing_is_lowered(press: Actor, work: Work, internet: Internet) -> None:
    own = claim(work, press)
    first, second = prove(press, internet), prove(press, internet, "books.example")
    proofs.remove(first, actor=press)
    assert levels(own) == ["domain"]
    proofs.remove(second, actor=press)
    assert levels(own) == ["none"]


def test_a_domain_that_changed_hands_lapses_for_whoever_had_it(press: Actor, work: Work, internet: Internet) -> None:
    own = claim(work, press)
    before = prove(press, internet)
    buyer = factories.actor()
    bought = prove(buyer, internet)  # the record now holds the buyer's challenge alone
    before.refresh_from_db()
    bought.refresh_from_db()
    assert (domains.is_proved(before), domains.is_proved(bought)) == (False, True)
    assert levels(own) == ["none"]


def test_a_place_that_does_not_answer_is_no_sign_that_a_domain_changed_hands(press: Actor, internet: Internet) -> None:
    before = prove(press, internet)
    Domain.objects.filter(pk=before.pk).update(method=Domain.Method.WELL_KNOWN)  # its website is down at the moment
    bought = prove(factories.actor(), internet)
    before.refresh_from_db()
    bought.refresh_from_db()
    assert (domains.is_proved(before), domains.is_proved(bought)) == (True, True)


def test_where_both_proofs_are_there_both_stand_and_both_are_told(press: Actor, internet: Internet) -> None:
    mine = prove(press, internet)
    other = factories.actor()
    theirs = domains.add(name="press.example", actor=other)
    internet.txt(NAME, domains.proof(mine), domains.proof(theirs))
    assert proofs.check(theirs, actor=other, network=internet.network) == "verified"
    assert [list(domains.others(each)) for each in (mine, theirs)] == [[theirs], [mine]]


def test_each_domain_that_is_due_gets_one_job(press: Actor, internet: Internet) -> None:
    prove(press, internet)
    assert proofs.enqueue_due() == 0
    looked_long_ago()
    assert [proofs.enqueue_due() for _ in range(2)] == [1, 0]
    assert Job.objects.filter(kind="check_domain").count() == 1


def test_a_statement_made_while_the_proof_stands_counts_from_its_first_day(
    press: Actor, work: Work, internet: Internet, settings: Any, tmp_path: Path
) -> None:
    settings.BLOB_URL = tmp_path.as_uri()
    prove(press, internet)
    reservations.record(work=work, scope=Scope(capacity="author"), machine_readable=True, actor=press)
    assert Reservation.objects.get().verification == "domain"
    assert claim(work, press).verification == "domain"

"""Dated statements: checked, logged, withdrawn and never edited."""

import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from licensing.models import Grant, OpenLicence, Reservation
from licensing.selectors import cases
from licensing.services import (
    assertions,
    clearances,
    grants,
    offers,
    open_licences,
    ownership,
    reservations,
    verification,
)
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Party, RightsClaim, Work
from registry.services import work_merges, works
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Actor:
    return factories.actor()


@pytest.fixture
def work(press: Actor) -> Work:
    return factories.work("A Book", by=press)


@pytest.mark.parametrize("name", ["", "CC-BY-99", "LicenseRef-ours", "free for all"])
def test_a_licence_id_that_is_unknown_is_refused_and_never_guessed(name: str) -> None:
    press = factories.actor()
    work = factories.work("The Lamp", by=press)
    with pytest.raises(InvalidInput) as fault:
        open_licences.declare(work=work, licence=name, scope=Scope(), actor=press)
    assert fault.value.errors[0]["pointer"] == "/licence"
    assert "SPDX identifier, as CC-BY-4.0" in fault.value.sentence
    assert not OpenLicence.objects.exists()


def test_every_fault_of_a_scope_is_named_at_once(press: Actor, work: Work) -> None:
    scope = Scope(
        capacity="king", verification="sworn", uses=["reading"], purposes=["fun"], territory=["DE", "Atlantis"],
        valid_from=datetime.date(2026, 1, 2), valid_to=datetime.date(2026, 1, 1), source_address="javascript:alert(1)",
    )  # fmt: skip
    with pytest.raises(InvalidInput) as caught:
        reservations.record(work=work, scope=scope, machine_readable=True, actor=press)
    pointers = {fault["pointer"] for fault in caught.value.errors}
    assert pointers == {
        "/capacity",
        "/verification",
        "/uses",
        "/purposes",
        "/territory",
        "/valid_to",
        "/source_address",
    }
    assert not Reservation.objects.exists()
    assert not Entry.objects.filter(kind="reservation.recorded").exists()


def test_a_grant_without_uses_is_refused_by_the_service_and_by_the_database(press: Actor, work: Work) -> None:
    licensee = factories.organisation()
    with pytest.raises(InvalidInput, match="names its uses"):
        grants.issue(work=work, licensee=licensee, scope=Scope(), actor=press)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(
            work=work, asserted_by=licensee, licensee=licensee, uses=[], observed_at=datetime.date(2026, 1, 1)
        )


def test_who_may_not_write_makes_no_statement(work: Work) -> None:
    stranger = Actor(name="user:9", organisation=factories.organisation(), role="viewer")
    with pytest.raises(NotAllowed):
        open_licences.declare(work=work, licence="CC0-1.0", scope=Scope(), actor=stranger)


def test_a_withdrawn_work_takes_no_new_statements(press: Actor, work: Work) -> None:
    works.withdraw(work=work, reason="published by mistake", actor=press)
    work.refresh_from_db()
    with pytest.raises(Conflict, match="withdrawn"):
        open_licences.declare(work=work, licence="CC0-1.0", scope=Scope(), actor=press)


def test_a_merged_work_takes_no_new_statements_and_says_which_does(press: Actor, work: Work) -> None:
    kept = factories.work("The Same Book", by=press)
    work_merges.merge(work=work, into=kept, actor=press)
    work.refresh_from_db()
    for state in (
        lambda: reservations.record(work=work, scope=Scope(), machine_readable=True, actor=press),
        lambda: ownership.claim_many(
            works=[kept, work],
            capacity="publisher",
            ai_rights="silent",
            observed_at=assertions.today(),
            evidence="",
            actor=press,
        ),
    ):
        with pytest.raises(Conflict, match="The Same Book") as caught:
            state()
        assert caught.value.facts["into"] == kept.public_id
    assert not RightsClaim.objects.exists()


def test_a_work_that_was_merged_while_somebody_wrote_takes_no_statement(press: Actor, work: Work) -> None:
    survivor = factories.work("The survivor", by=press)
    as_read = Work.objects.get(pk=work.pk)
    work_merges.merge(work=work, into=survivor, actor=press)
    scope = Scope(uses=["training"])
    with pytest.raises(Conflict):
        reservations.record(work=as_read, scope=scope, machine_readable=False, actor=press)
    with pytest.raises(Conflict):
        offers.publish(work=as_read, scope=scope, actor=press)
    with pytest.raises(Conflict):
        open_licences.declare(work=as_read, licence="CC-BY-4.0", scope=scope, actor=press)
    with pytest.raises(Conflict):
        grants.issue(work=as_read, licensee=factories.organisation(), scope=scope, actor=press)
    assert not Reservation.objects.exists()


def test_a_withdrawn_statement_still_counts_for_the_days_before(press: Actor, work: Work) -> None:
    scope = Scope(territory=["EU"], valid_from=datetime.date(2020, 1, 1))
    reservation = reservations.record(work=work, scope=scope, machine_readable=True, actor=press)
    assertions.withdraw(reservation, kind="reservation", reason="now licensed", actor=press)
    with pytest.raises(Conflict, match="before"):
        assertions.withdraw(reservation, kind="reservation", reason="again", actor=press)
    [said] = cases.in_force(cases.assertions_about([work], None)[work.pk])
    assert said["valid_from"] == "2020-01-01"
    assert said["valid_to"] == (assertions.today() - datetime.timedelta(days=1)).isoformat()
    assert Entry.objects.filter(kind="reservation.withdrawn").count() == 1


def test_a_statement_withdrawn_before_its_first_day_was_never_in_force(press: Actor, work: Work) -> None:
    scope = Scope(valid_from=assertions.today() + datetime.timedelta(days=30))
    reservation = reservations.record(work=work, scope=scope, machine_readable=True, actor=press)
    assertions.withdraw(reservation, kind="reservation", reason="a typing error", actor=press)
    assert cases.in_force(cases.assertions_about([work], None)[work.pk]) == []


def test_only_the_speaker_withdraws_a_statement(press: Actor, work: Work) -> None:
    reservation = reservations.record(work=work, scope=Scope(), machine_readable=False, actor=press)
    with pytest.raises(Conflict, match="made a statement"):
        assertions.withdraw(reservation, kind="reservation", reason="", actor=factories.actor())


def test_rival_claims_of_ownership_are_both_kept_and_make_the_work_disputed(press: Actor, work: Work) -> None:
    rival = factories.actor()
    for actor in (press, rival):
        holder = Party.objects.create(name=f"Holder of {actor.organisation}")
        ownership.claim(work=work, holder=holder, scope=Scope(territory=["WORLD"]), exclusive=True, actor=actor)
    said = cases.assertions_about([Work.objects.get(pk=work.pk)], None)[work.pk]
    assert [(row["kind"], row["exclusive"]) for row in said] == [("ownership", True)] * 2


def test_an_operator_verifies_a_grant_and_only_then_it_clears(press: Actor, work: Work) -> None:
    lab = factories.actor()
    assert lab.organisation is not None
    grant = grants.issue(work=work, licensee=lab.organisation, scope=Scope(uses=["pretraining"]), actor=press)
    scan = scanned.scan(lab, [(work, "copy")])

    def codes() -> list[str]:
        asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="US", actor=lab)
        return [reason["code"] for reason in clearances.decide(asked.pk).verdicts.get().reasons]

    assert "AUTH_UNVERIFIED" in codes()
    call_command("verify_statement", "grant", grant.public_id, level="document", evidence="contract of 1 March")
    assert "LIC_MATCH" in codes()
    assert b"contract of 1 March" in bytes(Entry.objects.get(kind="grant.verified").leaf)


def test_the_speaker_cannot_verify_their_own_statement(press: Actor, work: Work, django_user_model: Any) -> None:
    reservation = reservations.record(work=work, scope=Scope(), machine_readable=True, actor=press)
    user = django_user_model.objects.create_user("ada")
    person = Actor(name="user:1", user=user, organisation=press.organisation, role="owner")
    with pytest.raises(NotAllowed, match="operator"):
        verification.verify(reservation, kind="reservation", verification="identity", evidence="me", actor=person)
    with pytest.raises(InvalidInput, match="by what"):
        verification.verify(reservation, kind="reservation", verification="identity", evidence=" ", actor=press)
    with pytest.raises(CommandError, match="no grant"):
        call_command("verify_statement", "grant", "nowhere", level="document", evidence="x")

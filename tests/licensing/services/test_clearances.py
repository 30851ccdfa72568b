"""From a closed scan and dated statements to stored verdicts that anybody can decide again."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ingest.models import Match, Scan
from licensing.models import Clearance, Verdict
from licensing.services import clearances, grants, offers, open_licences, reservations
from licensing.services.assertions import Scope
from registry import jobs
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput, NotAllowed
from registry.models import Entry, Job, Work
from registry.services.works import AuthorFacts, EditionFacts
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db

TRAINING: dict[str, Any] = {"use": "pretraining", "purpose": "commercial"}


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def press() -> Actor:
    return factories.actor()


def modern_work(press: Actor, title: str = "A Living Author's Book") -> Work:
    author = AuthorFacts(name="A. Living")
    return factories.work(title, [author], by=press, first_published="2001", country="GB")


def decided(lab: Actor, scan: Scan, territory: str = "US", **question: Any) -> Clearance:
    asked = clearances.request(scan=scan, territory=territory, actor=lab, **(TRAINING | question))
    return clearances.decide(asked.pk)


def verdict_of(clearance: Clearance, work: Work) -> Verdict:
    return clearance.verdicts.get(work=work)


def codes(verdict: Verdict) -> list[str]:
    return [reason["code"] for reason in verdict.reasons]


def test_an_old_work_by_a_long_dead_author_is_cleared_on_both_sides_of_the_ocean(lab: Actor, press: Actor) -> None:
    author = AuthorFacts(name="Jane Austen", born="1775", died="1817")
    work = factories.work("Emma", [author], by=press, first_published="1815", country="GB")
    scan = scanned.scan(lab, [(work, "copy")])
    for territory in ("US", "DE"):
        clearance = decided(lab, scan, territory)
        assert verdict_of(clearance, work).verdict == "CLEARED"
        assert codes(verdict_of(clearance, work))[0] == "PD_TERM"
        assert clearance.blocks is False


def test_a_grant_to_the_asking_organisation_clears_and_one_to_somebody_else_is_neither_used_nor_stored(
    lab: Actor, press: Actor
) -> None:
    mine, theirs = modern_work(press, "Mine"), modern_work(press, "Theirs")
    rival = factories.organisation()
    scope = Scope(uses=["pretraining"], purposes=["commercial"], territory=["US"], verification="document")
    assert lab.organisation is not None
    grants.issue(work=mine, licensee=lab.organisation, scope=scope, actor=press)
    hidden = grants.issue(work=theirs, licensee=rival, scope=scope, actor=press)
    clearance = decided(lab, scanned.scan(lab, [(mine, "copy"), (theirs, "copy")]))
    assert verdict_of(clearance, mine).verdict == "CLEARED"
    assert "LIC_MATCH" in codes(verdict_of(clearance, mine))
    other = verdict_of(clearance, theirs)
    assert codes(other) == ["US_FU"]
    assert hidden.public_id not in str(other.case)
    assert rival.slug not in str(other.case)


def test_a_grant_for_another_territory_is_a_gap_that_blocks(lab: Actor, press: Actor) -> None:
    work = modern_work(press)
    assert lab.organisation is not None
    scope = Scope(uses=["pretraining"], territory=["US"], verification="counter-signed")
    grants.issue(work=work, licensee=lab.organisation, scope=scope, actor=press)
    clearance = decided(lab, scanned.scan(lab, [(work, "copy")]), "DE")
    assert verdict_of(clearance, work).verdict == "NOT_CLEARED"
    assert codes(verdict_of(clearance, work))[0] == "LIC_SCOPE_GAP"
    assert clearance.blocks is True


def test_a_machine_readable_reservation_counts_from_the_day_it_was_observed_until_it_is_withdrawn(
    lab: Actor, press: Actor
) -> None:
    work = modern_work(press)
    scope = Scope(
        capacity="publisher", territory=["EU"], valid_from=datetime.date(2025, 1, 1),
        observed_at=datetime.date(2025, 1, 2), source_format="tdmrep",
    )  # fmt: skip
    reservations.record(work=work, scope=scope, machine_readable=True, actor=press)
    scan = scanned.scan(lab, [(work, "copy")])
    assert codes(verdict_of(decided(lab, scan, "DE"), work))[0] == "EU4_RESERVED"
    scan.copied_on = datetime.date(2024, 12, 31)
    scan.save()
    assert codes(verdict_of(decided(lab, scan, "DE"), work))[0] == "EU4_OPEN"


def test_an_offer_keeps_the_verdict_and_names_the_next_step(lab: Actor, press: Actor) -> None:
    work = modern_work(press)
    open_licences.declare(work=work, licence="CC-BY-NC-4.0", scope=Scope(verification="document"), actor=press)
    offers.publish(work=work, scope=Scope(uses=["pretraining"]), terms="a flat fee", actor=press)
    verdict = verdict_of(decided(lab, scanned.scan(lab, [(work, "copy")])), work)
    assert verdict.verdict == "NOT_CLEARED"
    assert {"OPEN_NC", "LIC_OFFERED"} <= set(codes(verdict))


def test_the_closest_relation_speaks_for_a_work_and_all_its_documents_are_counted(lab: Actor, press: Actor) -> None:
    work = modern_work(press)
    clearance = decided(lab, scanned.scan(lab, [(work, "quotation"), (work, "copy"), (work, "excerpt")], documents=5))
    verdict = verdict_of(clearance, work)
    assert (verdict.relation, verdict.documents, verdict.matched_words) == ("copy", 3, 1500)
    assert clearance.totals["documents_unidentified"] == 3  # the quotation identifies nothing
    assert clearance.totals["words_identified"] == 1500


def test_a_quotation_alone_identifies_nothing_and_does_not_block(lab: Actor, press: Actor) -> None:
    work = modern_work(press)
    clearance = decided(lab, scanned.scan(lab, [(work, "quotation")]), profile="strict")
    verdict = verdict_of(clearance, work)
    assert verdict.verdict == "UNKNOWN"
    assert {"ID_WEAK", "QUOTATION"} == set(codes(verdict))
    assert verdict.blocks is False
    assert clearance.totals["documents_unidentified"] == 1


def test_a_translation_that_was_matched_is_judged_by_its_translator(lab: Actor, press: Actor) -> None:
    edition = EditionFacts(
        title="Emma, neu", published="2010", language="de", translation=True, translator=AuthorFacts(name="T. Lebt")
    )
    author = AuthorFacts(name="Jane Austen", died="1817")
    work = factories.work("Emma", [author], by=press, first_published="1815", country="GB", editions=[edition])
    scan = scanned.scan(lab, [(work, "copy")])
    assert verdict_of(decided(lab, scan, "DE"), work).verdict == "CLEARED"
    Match.objects.filter(scan=scan).update(edition=work.editions.get())
    assert verdict_of(decided(lab, scan, "DE"), work).verdict != "CLEARED"


@pytest.mark.parametrize(("relation", "is_free"), [("excerpt", False), ("quotation", True)])
def test_a_protected_translation_speaks_for_a_work_whose_free_original_is_there_too(
    lab: Actor, press: Actor, relation: str, is_free: bool
) -> None:
    edition = EditionFacts(
        title="Emma, neu", published="2010", language="de", translation=True, translator=AuthorFacts(name="T. Lebt")
    )
    author = AuthorFacts(name="Jane Austen", died="1817")
    work = factories.work("Emma", [author], by=press, first_published="1815", country="GB", editions=[edition])
    scan = scanned.scan(lab, [(work, "copy"), (work, relation)])
    Match.objects.filter(scan=scan, relation=relation).update(edition=work.editions.get())
    verdict = verdict_of(decided(lab, scan, "DE"), work)
    assert (verdict.verdict == "CLEARED") is is_free
    assert verdict.relation == ("copy" if is_free else relation)
    assert verdict.documents == 2


def test_a_stored_verdict_recomputes_identically_from_its_stored_facts(lab: Actor, press: Actor) -> None:
    works = [modern_work(press, f"Book {number}") for number in range(3)]
    clearance = decided(lab, scanned.scan(lab, [(work, "copy") for work in works]), "DE")
    reservations.record(work=works[0], scope=Scope(territory=["EU"]), machine_readable=True, actor=press)
    for row in clearance.verdicts.all():
        again = clearances.recompute(row)
        assert (again["verdict"], again["status"], again["reasons"], again["blocks"]) == (
            row.verdict, row.status, row.reasons, row.blocks,
        )  # fmt: skip


def test_the_log_records_question_and_answer_with_a_root_over_the_verdicts(lab: Actor, press: Actor) -> None:
    clearance = decided(lab, scanned.scan(lab, [(modern_work(press), "copy")]))
    entries = Entry.objects.filter(subject=f"clearance:{clearance.public_id}").order_by("id")
    assert [entry.kind for entry in entries] == ["clearance.requested", "clearance.decided"]
    assert b"verdicts_root" in bytes(entries[1].leaf)


def test_deciding_twice_changes_nothing(lab: Actor, press: Actor) -> None:
    clearance = decided(lab, scanned.scan(lab, [(modern_work(press), "copy")]))
    again = clearances.decide(clearance.pk)
    assert again.decided_at == clearance.decided_at
    assert again.verdicts.count() == 1


def test_a_clearance_waits_for_its_scan_and_is_then_decided_by_one_job(lab: Actor, press: Actor) -> None:
    scan = scanned.scan(lab, [(modern_work(press), "copy")], state=Scan.State.MATCHING)
    clearance = clearances.request(scan=scan, territory="US", actor=lab, **TRAINING)
    assert clearances.decide_ready() == 0
    Scan.objects.filter(pk=scan.pk).update(state=Scan.State.DONE)
    assert clearances.decide_ready() == 1
    assert clearances.decide_ready() == 0
    job = Job.objects.get(kind="decide")
    assert jobs.run(job.pk) == Job.State.DONE
    clearance.refresh_from_db()
    assert clearance.state == Clearance.State.DECIDED


def test_a_failed_scan_fails_its_clearance_with_the_reason(lab: Actor) -> None:
    scan = scanned.scan(lab, state=Scan.State.FAILED)
    Scan.objects.filter(pk=scan.pk).update(reason="the disk was full")
    scan.refresh_from_db()
    clearance = decided(lab, scan)
    assert clearance.state == Clearance.State.FAILED
    assert "the disk was full" in clearance.reason
    assert not clearance.verdicts.exists()


def test_every_fault_of_a_question_is_named_at_once(lab: Actor) -> None:
    scan = scanned.scan(lab)
    with pytest.raises(InvalidInput) as caught:
        clearances.request(scan=scan, use="reading", purpose="fun", territory="XX", profile="lenient", actor=lab)
    assert [fault["pointer"] for fault in caught.value.errors] == ["/use", "/purpose", "/territory", "/policy"]
    assert not Clearance.objects.exists()


def test_an_empty_dataset_is_decided_and_clears_nothing(lab: Actor) -> None:
    clearance = decided(lab, scanned.scan(lab))
    assert clearance.state == Clearance.State.DECIDED
    assert clearance.totals["documents"] == 0
    assert not clearance.verdicts.exists()


def test_a_viewer_cannot_ask(lab: Actor) -> None:
    viewer = Actor(name="user:1", organisation=lab.organisation, role="viewer")
    with pytest.raises(ColophonError, match="editor or owner"):
        clearances.request(scan=scanned.scan(lab), territory="US", actor=viewer, **TRAINING)


def test_nobody_asks_about_another_organisations_scan(lab: Actor, press: Actor) -> None:
    with pytest.raises(NotAllowed, match="whose scan it is"):
        clearances.request(scan=scanned.scan(lab), territory="US", actor=press, **TRAINING)


def test_nobody_asks_with_another_organisations_grants(lab: Actor, django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("ada")
    person = Actor(name="user:1", user=user, organisation=lab.organisation, role="owner")
    with pytest.raises(NotAllowed, match="your own organisation"):
        clearances.request(
            scan=scanned.scan(lab), territory="US", actor=person, licensee=factories.organisation(), **TRAINING
        )


def test_a_decision_that_was_quarantined_fails_its_clearance_with_the_reason(lab: Actor) -> None:
    clearance = clearances.request(scan=scanned.scan(lab), territory="US", actor=lab, **TRAINING)
    clearances.decide_ready()
    Job.objects.filter(kind="decide").update(state=Job.State.QUARANTINED, reason="killed three times")
    assert clearances.close_broken() == 1
    clearance.refresh_from_db()
    assert (clearance.state, clearance.reason) == (Clearance.State.FAILED, "killed three times")


def test_one_verdict_a_work_is_kept_by_the_database(lab: Actor, press: Actor) -> None:
    work = modern_work(press)
    row = verdict_of(decided(lab, scanned.scan(lab, [(work, "copy")])), work)
    row.pk, row.public_id = None, "other0000000"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)

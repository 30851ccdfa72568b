"""Whoever confirms that it can grant says what its contracts say about AI rights; answers follow what is stated."""

import pytest

from licensing.models import Grant, VerdictChange
from licensing.services import assertions, confirming, negotiations, reevaluation, reservations
from licensing.services.assertions import Scope
from licensing.services.negotiations import Answer
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.models import Job, RightsClaim
from tests.licensing import asked

pytestmark = pytest.mark.django_db


def test_silent_claims_become_claims_that_can_be_granted_from(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 3, ai_rights="silent", verification="none")
    found = asked.part(asked.asked(firm, works), press)
    assert found.state == "authority_check"
    assert confirming.silent_claims(found).count() == 3
    negotiations.move(found, "confirm", press, version=found.version, answer=Answer(data={"ai_rights": "granted"}))
    standing = RightsClaim.objects.filter(asserted_by=press.organisation, withdrawn_at__isnull=True)
    assert {(row.work_id, row.ai_rights) for row in standing} == {(work.pk, "granted") for work in works}
    assert confirming.silent_claims(found).count() == 0


def test_a_verified_claim_stays_beside_the_new_one(firm: Actor, press: Actor) -> None:
    [work] = asked.claimed(press, 1, ai_rights="silent", verification="document")
    found = asked.part(asked.asked(firm, [work]), press)
    negotiations.move(found, "confirm", press, version=found.version, answer=Answer(data={"ai_rights": "granted"}))
    standing = RightsClaim.objects.filter(work=work, withdrawn_at__isnull=True)
    assert sorted(standing.values_list("ai_rights", "verification")) == [("granted", "none"), ("silent", "document")]


def test_whoever_says_that_they_are_silent_leaves_them_so(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 2, ai_rights="silent")
    found = asked.part(asked.asked(firm, works), press)
    negotiations.move(found, "confirm", press, version=found.version, answer=Answer(data={"ai_rights": "silent"}))
    assert confirming.silent_claims(found).count() == 2


def test_another_word_is_refused_and_nothing_is_confirmed(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 1, ai_rights="silent")
    found = asked.part(asked.asked(firm, works), press)
    with pytest.raises(InvalidInput) as refused:
        negotiations.move(found, "confirm", press, version=found.version, answer=Answer(data={"ai_rights": "yes"}))
    assert refused.value.errors[0]["pointer"] == "/data/ai_rights"
    found.refresh_from_db()
    assert found.state == "authority_check"


def test_a_verdict_that_stays_for_another_reason_is_told_as_a_change(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 1)
    clearance = asked.clearance(firm, works, territory="CN")
    asked.granted(press, firm, works, asked.TERMS | {"territory": ["CN"], "fee": {"model": "free"}})
    Grant.objects.update(verification="none")
    asked.run_jobs(reevaluation.JOB)
    [change] = VerdictChange.objects.filter(clearance=clearance)
    assert (change.verdict, change.reasons[0]["code"]) == ("UNKNOWN", "AUTH_UNVERIFIED")
    Grant.objects.update(verification="counter-signed")
    RightsClaim.objects.update(ai_rights="silent", verification="document")
    reevaluation.run(None, "verified", [works[0].pk])
    first, second = VerdictChange.objects.filter(clearance=clearance).order_by("pk")
    assert first.verdict == second.verdict == "UNKNOWN"
    assert first.reasons[0]["sentence"] != second.reasons[0]["sentence"]
    assert reevaluation.run(None, "verified", [works[0].pk]) == 0


def test_a_reservation_recorded_by_hand_and_taken_back_is_followed_by_answers(firm: Actor, press: Actor) -> None:
    [work] = asked.claimed(press, 1)
    clearance = asked.clearance(firm, [work], territory="DE")
    scope = Scope(capacity="publisher", territory=["EU"], uses=["pretraining"], observed_at=asked.today())
    row = reservations.record(work=work, scope=scope, machine_readable=True, actor=press)
    assert Job.objects.filter(kind=reevaluation.JOB, state="queued").count() == 1
    asked.run_jobs(reevaluation.JOB)
    before = VerdictChange.objects.filter(clearance=clearance).count()
    assertions.withdraw(row, kind="reservation", reason="By mistake.", actor=press)
    assert Job.objects.filter(kind=reevaluation.JOB, state="queued").count() == 1
    asked.run_jobs(reevaluation.JOB)
    assert VerdictChange.objects.filter(clearance=clearance).count() > before

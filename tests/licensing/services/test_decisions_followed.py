"""Decided disputes change the answers that were given while they were open, and whoever relies on those is told."""

import datetime

import pytest
from django.core import mail
from django.db.models import F

from licensing import tasks
from licensing.models import Clearance, FollowedDays, VerdictChange
from licensing.services import decisions, rechecks, reevaluation
from licensing.services.decisions import Terms
from registry.actors import Actor, of_user, system
from registry.models import ClaimDecision, Entry, Job, RightsClaim, Work
from tests import factories
from tests.licensing import asked

pytestmark = pytest.mark.django_db
OPERATOR = system("operator")
FREE = asked.TERMS | {"fee": {"model": "free"}, "valid_from": "2026-01-01"}  # before the copies were made


@pytest.fixture
def firm() -> Actor:
    return of_user(factories.person("legal@acme.example", of=factories.organisation("acme", "Acme AI")))


@pytest.fixture
def rival() -> Actor:
    """Who claims the same."""
    return factories.actor(factories.organisation("rival", "The Rival"))


@pytest.fixture
def disputed(press: Actor, rival: Actor) -> Work:
    """A work that two say is theirs alone."""
    [work] = asked.claimed(press, 1, exclusive=True)
    asked.claim(rival, [work], exclusive=True)
    return work


def claims(work: Work, actor: Actor) -> list[RightsClaim]:
    return list(work.rights_claims.filter(asserted_by=actor.organisation))


def decide(work: Work, upheld: Actor, against: Actor) -> ClaimDecision:
    terms = Terms("Judgment of the regional court.")
    sides = {"upheld": claims(work, upheld), "set_aside": claims(work, against)}
    return decisions.decide(work=work, ground="court", terms=terms, actor=OPERATOR, **sides)


def waiting() -> list[Job]:
    return list(Job.objects.filter(kind=reevaluation.JOB, state=Job.State.QUEUED))


def changes(clearance: Clearance) -> list[tuple[str, bool]]:
    """Why answers of a clearance changed, in order, and whether the work was disputed then."""
    rows = VerdictChange.objects.filter(clearance=clearance).order_by("pk").values_list("cause", "status")
    return [(cause, status == "DISPUTED") for cause, status in rows]


def test_a_judgment_turns_what_was_contested_and_an_appeal_turns_it_back(
    firm: Actor, press: Actor, rival: Actor, disputed: Work
) -> None:
    [other] = asked.claimed(rival, 1)
    clearance = asked.clearance(firm, [disputed, other])
    assert clearance.verdicts.get(work=disputed).status == "DISPUTED"
    decision = decide(disputed, press, rival)
    assert [job.arguments for job in waiting()] == [{"agreement_id": None, "cause": "decided", "works": [disputed.pk]}]
    asked.run_jobs(reevaluation.JOB)
    assert changes(clearance) == [("decided", False)]
    entries = Entry.objects.filter(kind="clearance.reevaluated", subject=f"clearance:{clearance.public_id}")
    assert entries.count() == 1
    [message] = mail.outbox
    assert (message.to, "dispute about these works was decided" in message.body) == (["legal@acme.example"], True)
    decisions.withdraw(decision=decision, reason="The appeal was allowed.", actor=OPERATOR)
    asked.run_jobs(reevaluation.JOB)
    assert changes(clearance) == [("decided", False), ("decided", True)]
    assert (entries.count(), len(mail.outbox)) == (2, 2)


def test_a_concession_is_followed_and_a_proposal_only_when_the_last_side_confirmed_it(
    firm: Actor, press: Actor, rival: Actor, disputed: Work
) -> None:
    clearance = asked.clearance(firm, [disputed])
    [ours], [theirs] = claims(disputed, press), claims(disputed, rival)
    terms = Terms("Settled out of court.")
    refused = decisions.propose(work=disputed, terms=terms, upheld=[ours], set_aside=[theirs], actor=press)
    decisions.withdraw(decision=refused, reason="Not what we agreed.", actor=OPERATOR)
    agreed = decisions.propose(work=disputed, terms=terms, upheld=[ours], set_aside=[theirs], actor=press)
    assert waiting() == []
    decisions.confirm(decision=agreed, actor=rival)
    asked.run_jobs(reevaluation.JOB)
    assert changes(clearance) == [("decided", False)]
    decisions.withdraw(decision=agreed, reason="Both sides asked for it.", actor=OPERATOR)
    decisions.concede(claim=theirs, statement="We gave the right back.", actor=rival)
    assert len(waiting()) == 1  # one look at both
    asked.run_jobs(reevaluation.JOB)
    assert changes(clearance) == [("decided", False)]


def test_nobody_relies_on_it_nobody_is_told(press: Actor, rival: Actor, disputed: Work) -> None:
    decide(disputed, press, rival)
    assert waiting() == []


def test_what_is_decided_from_a_later_day_changes_answers_on_that_day(
    firm: Actor, press: Actor, rival: Actor, disputed: Work
) -> None:
    clearance = asked.clearance(firm, [disputed])
    [ours], [theirs] = claims(disputed, press), claims(disputed, rival)
    tomorrow = asked.day(1)
    agreed = decisions.propose(
        work=disputed, terms=Terms("From then on.", tomorrow), upheld=[ours], set_aside=[theirs], actor=press
    )
    decisions.confirm(decision=agreed, actor=rival)
    asked.run_jobs(reevaluation.JOB)
    tasks.follow_dates()
    assert (changes(clearance), waiting()) == ([], [])
    ClaimDecision.objects.update(decided_on=F("decided_on") - datetime.timedelta(days=1))  # the day has come
    FollowedDays.objects.update(until=F("until") - datetime.timedelta(days=1))
    tasks.follow_dates()
    asked.run_jobs(reevaluation.JOB)
    assert changes(clearance) == [("dated", False)]


def test_the_days_of_agreements_are_followed_as_agreements(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 1)
    asked.clearance(firm, works)
    asked.granted(press, firm, works, FREE | {"valid_from": asked.today().isoformat()})
    asked.run_jobs(reevaluation.JOB)
    tasks.follow_dates()
    assert waiting() == []


def test_works_of_a_request_that_were_disputed_are_asked_about_soon_after_the_decision(
    firm: Actor, press: Actor, rival: Actor, disputed: Work
) -> None:
    request = asked.asked(firm, [disputed])
    assert rechecks.enqueue_due() == 0
    decide(disputed, press, rival)
    assert rechecks.enqueue_due() == 1
    asked.run_jobs(rechecks.JOB)
    assert asked.part(request, press).works == 1
    assert rechecks.enqueue_due() == 0

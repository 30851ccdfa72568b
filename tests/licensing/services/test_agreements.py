"""Agreements: exclusive, passed on, renewed, revoked, over; and what becomes of the answers that rest on them."""

import datetime
import threading
from typing import Any, cast

import pytest
from django.core import mail
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from licensing.models import Agreement, Clearance, Grant, Negotiation, VerdictChange
from licensing.rules.agreement import parse_terms
from licensing.selectors import cases, licence_requests
from licensing.services import agreements, clearances, negotiations, reevaluation
from registry.actors import Actor, of_user
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Job, Work
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db
FREE = TERMS | {"fee": {"model": "free"}, "valid_from": "2026-01-01"}  # before the copies were made
EXCLUSIVE = FREE | {"exclusive": True}
State = Agreement.State


@pytest.fixture
def works(press: Actor) -> list[Work]:
    return asked.claimed(press, 2)


def verdicts(clearance: Clearance) -> dict[str, int]:
    return licence_requests.totals_now(clearance)


def terms(**more: Any) -> Any:
    return parse_terms(FREE | more)


# --- exclusive ---------------------------------------------------------------------------------------------------


def test_what_was_given_exclusively_is_not_given_again(firm: Actor, press: Actor, works: list[Work]) -> None:
    other = factories.actor(factories.organisation("borg", "Borg AI"))
    asked.granted(press, firm, works[:1], EXCLUSIVE)
    found = asked.part(asked.asked(other, works, FREE), press)
    asked.moved(found, "grant", press)
    assert found.requested_works.get(work=works[0]).left_out == "exclusive_elsewhere"
    assert list(Grant.objects.filter(licensee=other.organisation).values_list("work", flat=True)) == [works[1].pk]


def test_what_others_hold_already_is_not_given_exclusively_unless_it_does_not_overlap(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    other = factories.actor(factories.organisation("borg", "Borg AI"))
    asked.granted(press, firm, works, FREE)
    found = asked.part(asked.asked(other, works, EXCLUSIVE), press)
    with pytest.raises(Conflict) as conflict:
        asked.moved(found, "grant", press)
    assert conflict.value.facts["left_out"] == {"exclusive_elsewhere": 2}
    elsewhere = EXCLUSIVE | {"territory": ["JP"]}
    assert asked.granted(press, other, works, elsewhere).works == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_exclusive_grants_of_a_work_at_once_exactly_one_is_made(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    other = factories.actor(factories.organisation("borg", "Borg AI"))
    parts = [asked.part(asked.asked(actor, works[:1], EXCLUSIVE), press) for actor in (firm, other)]
    together = threading.Barrier(2)
    answers: list[str] = []

    def grant(found: Negotiation) -> None:
        try:
            together.wait()
            negotiations.move(found, "grant", press, version=found.version)
            answers.append("granted")
        except Conflict as conflict:
            answers.append(" ".join(cast(dict[str, int], conflict.facts["left_out"])))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=grant, args=(found,)) for found in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["exclusive_elsewhere", "granted"]
    assert (Agreement.objects.count(), Grant.objects.count()) == (1, 1)


def test_once_it_was_revoked_an_exclusive_licence_keeps_nobody_out(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    other = factories.actor(factories.organisation("borg", "Borg AI"))
    first = asked.granted(press, firm, works, EXCLUSIVE)
    agreements.revoke(first, reason="Not paid.", actor=press)
    assert asked.granted(press, other, works, EXCLUSIVE).works == 2


# --- passed on ---------------------------------------------------------------------------------------------------


@pytest.fixture
def passable(firm: Actor, press: Actor, works: list[Work]) -> Agreement:
    return asked.granted(press, firm, works, FREE | {"sublicensing": "allowed", "territory": ["EU", "US"]})


def test_a_licence_that_permits_it_is_passed_on_no_further_than_it_reaches(passable: Agreement, firm: Actor) -> None:
    other = factories.organisation("borg", "Borg AI")
    made = agreements.sublicense(passable, licensee=other, terms=terms(), actor=firm).agreement
    assert (made.under, made.works) == (passable, 2)
    [facts] = {(row.capacity, row.licensor, row.verification) for row in made.grants.all()}
    assert facts == ("licensee", "org:press", "document")
    with pytest.raises(InvalidInput) as fault:
        agreements.sublicense(passable, licensee=other, terms=terms(territory=["JP"]), actor=firm)
    assert "territory JP" in fault.value.sentence


def test_a_circle_of_sublicences_is_refused(passable: Agreement, firm: Actor, press: Actor) -> None:
    borg = factories.actor(factories.organisation("borg", "Borg AI"))
    onward = terms(sublicensing="allowed")
    below = agreements.sublicense(passable, licensee=asked.of(borg), terms=onward, actor=firm).agreement
    for back in (press, firm):
        with pytest.raises(Conflict) as conflict:
            agreements.sublicense(below, licensee=asked.of(back), terms=terms(), actor=borg)
        assert conflict.value.facts["reason"] == "circular_sublicence"


def test_a_licence_that_does_not_permit_it_is_not_passed_on(firm: Actor, press: Actor, works: list[Work]) -> None:
    plain = asked.granted(press, firm, works, FREE)
    with pytest.raises(Conflict) as conflict:
        agreements.sublicense(plain, licensee=factories.organisation(), terms=terms(), actor=firm)
    assert conflict.value.facts["reason"] == "sublicensing_not_allowed"
    affiliates = FREE | {"sublicensing": "affiliates", "affiliates": ["acme-labs"], "territory": ["JP"]}
    narrow = asked.granted(press, firm, works, affiliates)
    labs = factories.organisation("acme-labs", "Acme Labs")
    onward = parse_terms(affiliates | {"sublicensing": "none"})
    assert agreements.sublicense(narrow, licensee=labs, terms=onward, actor=firm).agreement.works == 2
    with pytest.raises(Conflict):
        agreements.sublicense(narrow, licensee=factories.organisation(), terms=onward, actor=firm)


def test_a_licence_for_affiliates_of_which_none_is_named_is_passed_on_to_nobody(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    agreement = asked.granted(press, firm, works, FREE | {"sublicensing": "affiliates", "affiliates": ["none"]})
    labs = factories.organisation("acme-labs", "Acme Labs")
    onward = parse_terms(FREE | {"affiliates": ["none"]})
    with pytest.raises((Conflict, InvalidInput)) as refusal:
        agreements.sublicense(agreement, licensee=labs, terms=onward, actor=firm)
    assert "affiliate" in refusal.value.sentence
    assert not Grant.objects.filter(licensee=labs).exists()


def test_only_the_licensee_passes_on_and_not_what_has_ended(passable: Agreement, firm: Actor, press: Actor) -> None:
    other = factories.organisation()
    with pytest.raises(NotAllowed):
        agreements.sublicense(passable, licensee=other, terms=terms(), actor=press)
    agreements.revoke(passable, reason="Over.", actor=press)
    passable.refresh_from_db()
    with pytest.raises(Conflict):
        agreements.sublicense(passable, licensee=other, terms=terms(), actor=firm)


def test_a_sublicence_ends_with_the_licence_it_rests_on(passable: Agreement, firm: Actor, press: Actor) -> None:
    made = agreements.sublicense(passable, licensee=factories.organisation(), terms=terms(), actor=firm).agreement
    agreements.revoke(passable, reason="Not paid.", actor=press)
    made.refresh_from_db()
    assert made.state == State.REVOKED
    assert "Not paid." in made.revoked_reason
    assert not made.grants.filter(withdrawn_at__isnull=True).exists()


# --- renewed, revoked, over --------------------------------------------------------------------------------------


def test_a_renewal_is_a_new_agreement_on_the_same_terms_for_the_days_after(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    ends = asked.day(10)
    found = asked.part(asked.asked(firm, works, FREE | {"valid_to": ends.isoformat()}), press)
    asked.moved(found, "grant", press)
    asked.moved(found, "renew", press, data={"valid_to": asked.day(400).isoformat()})
    found.refresh_from_db()
    renewed = found.agreement
    assert renewed is not None
    assert renewed.renews is not None
    assert (found.state, renewed.valid_from, renewed.valid_to) == (
        "renewed",
        ends + datetime.timedelta(days=1),
        asked.day(400),
    )
    days = {"valid_from": None, "valid_to": None}
    assert renewed.terms | days == renewed.renews.terms | days
    with pytest.raises(Conflict):
        agreements.renew(renewed.renews, valid_to=asked.day(500), actor=press)
    with pytest.raises(NotAllowed):
        agreements.renew(renewed, valid_to=asked.day(500), actor=firm)
    with pytest.raises(InvalidInput):
        agreements.renew(renewed, valid_to=asked.day(20), actor=press)


def test_a_revocation_says_why_and_is_never_for_days_that_are_over(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    agreement = asked.granted(press, firm, works, FREE)
    with pytest.raises(InvalidInput) as fault:
        agreements.revoke(agreement, reason=" ", from_day=asked.day(-1), actor=press)
    assert {error["pointer"] for error in fault.value.errors} == {"/reason", "/from"}
    with pytest.raises(NotAllowed):
        agreements.revoke(agreement, reason="Ours now.", actor=firm)
    agreements.revoke(agreement, reason="Not paid.", actor=press)
    with pytest.raises(Conflict):
        agreements.revoke(agreement, reason="Again.", actor=press)
    agreement.refresh_from_db()
    [found] = agreement.negotiations.all()
    assert (agreement.state, agreement.revoked_from, found.state) == (State.REVOKED, asked.today(), "revoked")
    assert found.steps.latest("pk").data == {"from": asked.today().isoformat(), "reason": "Not paid."}
    assert Entry.objects.filter(kind="agreement.revoked").count() == 1


def test_a_revocation_for_a_later_day_leaves_the_days_before(firm: Actor, press: Actor, works: list[Work]) -> None:
    agreement = asked.granted(press, firm, works, FREE)
    agreements.revoke(agreement, reason="Sold.", from_day=asked.day(5), actor=press)
    agreement.refresh_from_db()
    assert (agreement.state, agreement.revoked_from) == (State.RUNNING, asked.day(5))
    said = cases.assertions_about(list(cases.with_facts(Work.objects.filter(pk=works[0].pk))), asked.of(firm))
    [grant] = [row for row in said[works[0].pk] if row["kind"] == "grant"]
    assert grant["valid_to"] == asked.day(4).isoformat()
    Agreement.objects.filter(pk=agreement.pk).update(revoked_from=asked.today())
    assert agreements.follow_days() == 1
    agreement.refresh_from_db()
    assert agreement.state == State.REVOKED


def test_an_agreement_whose_last_day_is_over_expires_once(firm: Actor, press: Actor, works: list[Work]) -> None:
    agreement = asked.granted(press, firm, works, FREE | {"valid_to": asked.day(3).isoformat()})
    assert agreements.follow_days() == 0
    Agreement.objects.filter(pk=agreement.pk).update(valid_to=asked.day(-1))
    assert (agreements.follow_days(), agreements.follow_days()) == (1, 0)
    agreement.refresh_from_db()
    assert (agreement.state, agreement.negotiations.get().state) == (State.EXPIRED, "expired")
    assert Entry.objects.filter(kind="agreement.expired").count() == 1


# --- answers that rest on it -------------------------------------------------------------------------------------


def test_a_grant_clears_what_was_missing_and_its_revocation_turns_that_back(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    clearance = asked.clearance(firm, works)
    before = verdicts(clearance)
    assert "CLEARED" not in before
    agreement = asked.granted(press, firm, works, FREE)
    assert asked.run_jobs(reevaluation.JOB) == 1
    assert verdicts(clearance) == {"CLEARED": 2}
    agreements.revoke(agreement, reason="Not paid.", actor=press)
    asked.run_jobs(reevaluation.JOB)
    assert verdicts(clearance) != {"CLEARED": 2}
    assert "CLEARED" not in verdicts(clearance)
    causes = list(VerdictChange.objects.order_by("pk").values_list("cause", flat=True))
    assert causes == ["granted", "granted", "revoked", "revoked"]


def test_the_verdict_that_was_given_stays_as_it_was_and_each_change_recomputes(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    clearance = asked.clearance(firm, works)
    given = list(clearance.verdicts.order_by("pk").values("verdict", "case", "reasons"))
    agreement = asked.granted(press, firm, works, FREE)
    asked.run_jobs(reevaluation.JOB)
    assert list(clearance.verdicts.order_by("pk").values("verdict", "case", "reasons")) == given
    for change in VerdictChange.objects.all():
        assert change.agreement == agreement
        assert clearances.answer_of(change.case, clearance.policy)["verdict"] == change.verdict
        assert change.entry is not None
        assert b'"changed":2' in bytes(change.entry.leaf)
        assert change.entry.organisation_slug == "acme"


def test_only_clearances_for_the_licensee_that_have_these_works_are_looked_at(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    other = factories.actor(factories.organisation("borg", "Borg AI"))
    more = asked.claimed(press, 3)
    ours, theirs = asked.clearance(firm, [works[0], *more]), asked.clearance(other, works)
    asked.granted(press, firm, works[:1], FREE)
    asked.run_jobs(reevaluation.JOB)
    assert list(VerdictChange.objects.values_list("clearance", "of__work")) == [(ours.pk, works[0].pk)]
    assert not theirs.changes.exists()


def test_where_no_answer_depends_on_it_no_job_is_made(firm: Actor, press: Actor, works: list[Work]) -> None:
    asked.clearance(firm, asked.claimed(press, 1))
    asked.granted(press, firm, works, FREE)
    assert not Job.objects.filter(kind=reevaluation.JOB).exists()


def test_looking_again_twice_changes_nothing(firm: Actor, press: Actor, works: list[Work]) -> None:
    asked.clearance(firm, works)
    agreement = asked.granted(press, firm, works, FREE)
    assert reevaluation.run(agreement.pk, "granted") == 2
    entries = Entry.objects.count()
    assert reevaluation.run(agreement.pk, "granted") == 0
    assert Entry.objects.count() == entries


def test_whoever_asked_the_question_is_mailed_once_a_clearance(press: Actor, works: list[Work]) -> None:
    organisation = factories.organisation("acme", "Acme AI")
    person = factories.person("legal@acme.example", of=organisation)
    firm = of_user(person)
    asked.clearance(firm, works)
    asked.granted(press, firm, works, FREE)
    asked.run_jobs(reevaluation.JOB)
    [message] = mail.outbox
    assert message.to == ["legal@acme.example"]
    assert "2 works" in message.body
    assert "The Press granted a licence." in message.body


def test_looking_again_takes_queries_a_batch_and_not_a_work(firm: Actor, press: Actor) -> None:
    def queries(count: int) -> int:
        works = asked.claimed(press, count)
        asked.clearance(firm, works)
        agreement = asked.granted(press, firm, works, FREE)
        with CaptureQueriesContext(connection) as captured:
            assert reevaluation.run(agreement.pk, "granted") == count
        return len(captured)

    assert queries(2) == queries(12)


def test_a_grant_to_named_affiliates_reaches_their_answers(firm: Actor, press: Actor, works: list[Work]) -> None:
    labs = factories.actor(factories.organisation("acme-labs", "Acme Labs"))
    clearance = asked.clearance(labs, works)
    asked.granted(press, firm, works, FREE | {"affiliates": ["acme-labs"]})
    asked.run_jobs(reevaluation.JOB)
    assert verdicts(clearance) == {"CLEARED": 2}


# --- grants that contradict each other ---------------------------------------------------------------------------


def test_exclusive_grants_by_two_holders_are_both_kept_and_the_work_is_contested(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    heirs = factories.actor(factories.organisation("heirs", "The Heirs"))
    other = factories.actor(factories.organisation("borg", "Borg AI"))
    asked.granted(press, firm, works, EXCLUSIVE)
    clearance = asked.clearance(firm, works)
    assert verdicts(clearance) == {"CLEARED": 2}
    for claim in works[0].rights_claims.all():
        claim.verification = "none"  # so that the heirs are asked
        claim.save()
    asked.claim(heirs, works[:1], capacity="author")
    asked.granted(heirs, other, works[:1], FREE)
    again = asked.clearance(firm, works)
    assert verdicts(again) == {"CONTESTED": 1, "CLEARED": 1}
    theirs = asked.clearance(other, works[:1])
    assert verdicts(theirs) == {"CONTESTED": 1}
    [contested] = theirs.verdicts.all()
    assert "org:press" in contested.reasons[0]["sentence"]
    assert "acme" not in str(contested.case)
    assert clearances.recompute(contested)["verdict"] == "CONTESTED"


def test_grants_by_two_holders_that_are_not_exclusive_contradict_nothing(
    firm: Actor, press: Actor, works: list[Work]
) -> None:
    heirs = factories.actor(factories.organisation("heirs", "The Heirs"))
    asked.granted(press, firm, works, FREE)
    asked.claim(heirs, works, capacity="author")
    asked.granted(heirs, factories.actor(factories.organisation("borg", "Borg AI")), works, FREE)
    assert verdicts(asked.clearance(firm, works)) == {"CLEARED": 2}


def test_what_lasts_to_the_end_of_the_calendar_is_not_renewed(firm: Actor, press: Actor, works: list[Work]) -> None:
    found = asked.part(asked.asked(firm, works, FREE | {"valid_to": "9999-12-31"}), press)
    asked.moved(found, "grant", press)
    with pytest.raises(Conflict, match="nothing to renew"):
        asked.moved(found, "renew", press)

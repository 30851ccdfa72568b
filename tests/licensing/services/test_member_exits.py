"""Members leave a society: its licences no longer reach their works, neither those given nor new ones."""

import pytest

from licensing.models import Agreement, Grant, MemberExit
from licensing.selectors import licence_requests
from licensing.services import agreements, member_exits, reevaluation
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Work
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db
FREE = TERMS | {"fee": {"model": "free"}, "valid_from": "2026-01-01"}


@pytest.fixture
def society() -> Actor:
    return factories.actor(factories.organisation("society", "The Society"))


@pytest.fixture
def member() -> Actor:
    return factories.actor(factories.organisation("member", "A Member"))


@pytest.fixture
def works(society: Actor, member: Actor) -> list[Work]:
    """Three works of the society's repertoire, two of them the member's."""
    made = asked.claimed(society, 3, capacity="society", evidence_sha256="a" * 64)
    asked.claim(member, made[:2], capacity="author", verification="none", ai_rights="silent")
    return made


def asked_of_society(firm: Actor, society: Actor, works: list[Work]) -> None:
    for work in works:
        work.rights_claims.filter(capacity="author").update(capacity="observer")  # so that the society is asked
    asked.granted(society, firm, works, FREE)
    for work in works:
        work.rights_claims.filter(capacity="observer").update(capacity="author")


def test_what_a_society_granted_ends_for_the_works_of_whoever_leaves(
    firm: Actor, society: Actor, member: Actor, works: list[Work]
) -> None:
    asked_of_society(firm, society, works)
    clearance = asked.clearance(firm, works)
    assert licence_requests.totals_now(clearance) == {"CLEARED": 3}
    member_exits.leave(society=asked.of(society), actor=member, reason="On our own from now on.")
    assert set(Grant.objects.filter(withdrawn_at__isnull=True).values_list("work", flat=True)) == {works[2].pk}
    asked.run_jobs(reevaluation.JOB)
    assert licence_requests.totals_now(clearance)["CLEARED"] == 1
    assert Entry.objects.filter(kind="agreement.left_by_member").count() == 1


def test_only_the_works_that_are_named_leave(firm: Actor, society: Actor, member: Actor, works: list[Work]) -> None:
    asked_of_society(firm, society, works)
    member_exits.leave(society=asked.of(society), works=[works[0].public_id], actor=member)
    standing = Grant.objects.filter(withdrawn_at__isnull=True).values_list("work", flat=True)
    assert set(standing) == {works[1].pk, works[2].pk}


def test_a_society_grants_no_more_what_has_left_until_the_member_comes_back(
    firm: Actor, society: Actor, member: Actor, works: list[Work]
) -> None:
    left = member_exits.leave(society=asked.of(society), actor=member)
    for work in works:
        work.rights_claims.filter(asserted_by=asked.of(member)).update(capacity="observer")
    request = asked.asked(firm, works, FREE)
    assert (asked.part(request, society).works, asked.part(request, member).works) == (1, 2)
    with pytest.raises(NotAllowed):
        member_exits.withdraw(left, actor=society)
    member_exits.withdraw(left, actor=member)
    assert asked.part(asked.asked(firm, works, FREE), society).works == 3  # its claim outranks what was observed
    with pytest.raises(Conflict):
        member_exits.withdraw(left, actor=member)


def test_an_exit_on_a_later_day_takes_effect_on_that_day(
    firm: Actor, society: Actor, member: Actor, works: list[Work]
) -> None:
    asked_of_society(firm, society, works)
    clearance = asked.clearance(firm, works)
    row = member_exits.leave(society=asked.of(society), actor=member, leaves_on=asked.day(3))
    assert not Grant.objects.filter(withdrawn_at__isnull=False).exists()
    assert member_exits.follow_days() == 0
    row.leaves_on = asked.today()
    row.save()
    assert (member_exits.follow_days(), member_exits.follow_days()) == (2, 0)
    asked.run_jobs(reevaluation.JOB)
    assert licence_requests.totals_now(clearance)["CLEARED"] == 1


def test_an_exit_whose_day_nobody_looked_on_takes_effect_afterwards(
    firm: Actor, society: Actor, member: Actor, works: list[Work]
) -> None:
    asked_of_society(firm, society, works)
    row = member_exits.leave(society=asked.of(society), actor=member, leaves_on=asked.day(3))
    MemberExit.objects.filter(pk=row.pk).update(leaves_on=asked.day(-2))
    assert member_exits.follow_days() == 2
    row.refresh_from_db()
    assert row.effective_at is not None


def test_what_was_to_end_later_ends_with_the_exit(
    firm: Actor, society: Actor, member: Actor, works: list[Work]
) -> None:
    asked_of_society(firm, society, works)
    agreements.revoke(Agreement.objects.get(), reason="Sold.", actor=society, from_day=asked.day(9))
    member_exits.leave(society=asked.of(society), actor=member)
    ended = Grant.objects.filter(withdrawn_at__date=asked.today())
    assert set(ended.values_list("work", flat=True)) == {works[0].pk, works[1].pk}


def test_works_of_others_days_that_are_over_and_strange_channels_are_refused(
    society: Actor, member: Actor, works: list[Work]
) -> None:
    with pytest.raises(InvalidInput) as fault:
        member_exits.leave(
            society=asked.of(society),
            works=[works[2].public_id],
            channels=["direct"],
            leaves_on=asked.day(-1),
            actor=member,
        )
    assert {error["pointer"] for error in fault.value.errors} == {"/works/0", "/channels", "/leaves_on"}
    with pytest.raises(Conflict):
        member_exits.leave(society=asked.of(society), actor=society)

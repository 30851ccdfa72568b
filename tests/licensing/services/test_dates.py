"""What begins and ends by its own day is followed on that day, and later where nothing ran on it."""

import datetime

import pytest
from django.db.models import F

from licensing import tasks
from licensing.models import FollowedDays
from licensing.services import dates, reevaluation
from registry.actors import Actor
from registry.models import Job, RightsClaim
from tests import factories
from tests.licensing import asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm() -> Actor:
    return factories.actor(factories.organisation("acme", "Acme AI"))


def jobs_of(kind: str) -> list[dict[str, object]]:
    return list(
        Job.objects.filter(kind=kind, state=Job.State.QUEUED).order_by("id").values_list("arguments", flat=True)
    )


def pass_days(days: int) -> None:
    """As if the last day that was followed lay so many days further back."""
    FollowedDays.objects.update(until=F("until") - datetime.timedelta(days=days))


def queued_for_search() -> set[int]:
    return {key for job in jobs_of("search_index") for key in job.get("keys", [])}  # type: ignore[attr-defined]


@pytest.mark.parametrize("missed", [0, 1, 3, 20])
def test_what_began_on_a_day_on_which_nothing_ran_is_followed_afterwards(
    firm: Actor, press: Actor, missed: int
) -> None:
    works = asked.claimed(press, 2)
    asked.clearance(firm, works)
    dates.follow()
    Job.objects.all().delete()
    RightsClaim.objects.filter(work=works[0]).update(valid_from=asked.day(-missed))
    pass_days(missed + 1)
    tasks.follow_dates()
    assert [job["works"] for job in jobs_of(reevaluation.JOB)] == [[works[0].pk]]
    assert queued_for_search() == {works[0].pk}
    assert FollowedDays.objects.get().until == asked.today()


def test_what_ended_while_nothing_ran_is_followed_once(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 3)
    asked.clearance(firm, works)
    dates.follow()
    for number, work in enumerate(works):  # ended on the days 3, 2 and 1 before today
        RightsClaim.objects.filter(work=work).update(valid_to=asked.day(number - 3))
    Job.objects.all().delete()
    pass_days(3)
    assert dates.follow() == 3
    [job] = jobs_of(reevaluation.JOB)  # what waits for the same cause takes the next day's works with it
    assert job["works"] == sorted(work.pk for work in works)
    assert dates.follow() == 0
    assert len(jobs_of(reevaluation.JOB)) == 1


def test_many_days_are_followed_in_several_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    dates.follow()
    pass_days(5)
    monkeypatch.setattr(dates, "MOST_DAYS", 2)
    assert [dates.follow() for _ in range(4)] == [2, 2, 1, 0]
    assert FollowedDays.objects.get().until == asked.today()


def test_the_first_time_it_begins_with_today(press: Actor) -> None:
    [old, new] = asked.claimed(press, 2)
    RightsClaim.objects.filter(work=old).update(valid_from=asked.day(-1))
    RightsClaim.objects.filter(work=new).update(valid_from=asked.today())
    Job.objects.all().delete()
    assert dates.follow() == 1
    assert queued_for_search() == {new.pk}


def test_a_day_that_fails_is_followed_by_the_next_call(press: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    dates.follow()
    [work] = asked.claimed(press, 1)
    RightsClaim.objects.filter(work=work).update(valid_from=asked.day(-1))
    Job.objects.all().delete()
    pass_days(2)

    def broken(day: datetime.date) -> int:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(dates.output_dependents, "follow_day", broken)
        with pytest.raises(RuntimeError):
            dates.follow()
    assert (FollowedDays.objects.get().until, queued_for_search()) == (asked.day(-2), set())
    assert dates.follow() == 2
    assert queued_for_search() == {work.pk}

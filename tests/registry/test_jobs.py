"""Jobs as rows: claimed once, retried, quarantined, cancelled, swept. Real workers are in tests/faults."""

import datetime
from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from registry import jobs
from registry.errors import InvalidInput
from registry.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(monkeypatch) -> list[int]:
    """A kind of job that notes its number; `fails`, `refuses` and `cancels` do what they say."""
    done: list[int] = []

    def note(claim: jobs.Claim, number: int) -> None:
        claim.progress("noting", number, 10)
        done.append(number)

    def fails(claim: jobs.Claim) -> None:
        raise ZeroDivisionError("by nought")

    def refuses(claim: jobs.Claim) -> None:
        raise InvalidInput("row 3, column isbn: not an ISBN")

    def cancels(claim: jobs.Claim) -> None:
        jobs.cancel(claim.job)
        claim.progress("going on", 1)
        done.append(-1)

    kinds: dict[str, Callable[..., None]] = {"note": note, "fails": fails, "refuses": refuses, "cancels": cancels}
    for kind, run in kinds.items():
        monkeypatch.setitem(jobs.HANDLERS, kind, jobs.Handler(run, "interactive", 60))
    return done


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The ids that would have gone to the broker."""
    numbers: list[int] = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda name, args, **options: numbers.append(args[0]))
    return numbers


def test_a_job_is_sent_on_commit_and_not_before(ran, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("note", number=1)
        assert sent == []
    assert sent == [job.pk]
    job.refresh_from_db()
    assert job.queue == "interactive"
    assert job.published_at is not None


def test_a_rolled_back_job_never_was(ran, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        jobs.enqueue("note", number=1)
        transaction.set_rollback(True)
    assert sent == []
    assert Job.objects.count() == 0


def test_a_job_runs_once_however_often_it_is_delivered(ran):
    job = jobs.enqueue("note", number=7)
    assert [jobs.run(job.pk) for _ in range(3)] == ["done", "", ""]
    assert ran == [7]
    job.refresh_from_db()
    assert (job.stage, job.done, job.total, job.attempts) == ("noting", 7, 10, 1)
    assert job.ended_at is not None


def test_a_failing_job_is_put_off_three_times_and_then_quarantined_with_its_error(ran, monkeypatch):
    monkeypatch.setattr(jobs, "BACKOFF_SECONDS", 0)
    job = jobs.enqueue("fails")
    assert [jobs.run(job.pk) for _ in range(4)] == ["queued", "queued", "quarantined", ""]
    job.refresh_from_db()
    assert (job.attempts, job.error) == (3, "ZeroDivisionError: by nought")
    assert job.reason == jobs.said_of_fault(job), "what an error quotes is for operators alone"


def test_a_job_that_was_put_off_is_not_due_yet(ran):
    job = jobs.enqueue("fails")
    assert [jobs.run(job.pk) for _ in range(2)] == ["queued", ""]
    job.refresh_from_db()
    assert job.attempts == 1
    assert job.not_before > timezone.now()


def test_a_job_refused_by_its_input_is_not_tried_again(ran):
    job = jobs.enqueue("refuses")
    assert jobs.run(job.pk) == "failed"
    job.refresh_from_db()
    assert job.reason == "INVALID_INPUT: row 3, column isbn: not an ISBN"


def test_a_kind_that_nobody_runs_fails_with_its_name(ran):
    job = jobs.enqueue("nonsense")
    assert jobs.run(job.pk) == "failed"
    assert "nonsense" in Job.objects.get().reason


def test_a_job_that_is_asked_to_stop_stops_at_its_next_word(ran):
    job = jobs.enqueue("cancels")
    assert jobs.run(job.pk) == "cancelled"
    assert ran == []


def test_cancelling_a_parent_stops_what_waits_and_what_starts_later(ran):
    parent = jobs.open_parent("scan")
    waiting = jobs.enqueue("note", number=1, parent=parent)
    jobs.cancel(parent)
    late = jobs.enqueue("note", number=2, parent=parent)
    assert [jobs.run(waiting.pk), jobs.run(late.pk)] == ["", "cancelled"]
    assert ran == []
    assert jobs.settle(parent, Job.State.CANCELLED, "Stopped on request.")
    assert not jobs.settle(parent, Job.State.DONE)


def test_a_parent_is_never_swept(ran, sent, settings):
    settings.JOB_LEASE_SECONDS = 0
    jobs.open_parent("scan")
    assert jobs.sweep() == {"published": 0, "quarantined": 0}


def test_the_sweep_sends_what_was_never_sent_and_what_died(ran, sent, settings):
    unsent = jobs.enqueue("note", number=1)
    died = jobs.enqueue("note", number=2)
    settings.JOB_LEASE_SECONDS = 0
    old = jobs.claim(died.pk)
    assert old is not None
    assert jobs.sweep() == {"published": 2, "quarantined": 0}
    assert sent == [unsent.pk, died.pk]
    with pytest.raises(jobs.LeaseLost), transaction.atomic():
        old.guard()
    assert jobs.sweep()["published"] == 0  # both were sent a moment ago


def test_the_sweep_leaves_a_long_queue_alone_and_resends_beside_an_empty_one(ran, sent, monkeypatch):
    job = jobs.enqueue("note", number=1)
    Job.objects.filter(pk=job.pk).update(published_at=Now() - datetime.timedelta(seconds=jobs.RESEND_SECONDS + 1))
    monkeypatch.setattr(jobs, "waiting_messages", lambda queue: 5_000)
    assert jobs.sweep()["published"] == 0
    monkeypatch.setattr(jobs, "waiting_messages", lambda queue: 0)
    assert jobs.sweep()["published"] == 1


def test_a_job_whose_worker_died_three_times_is_quarantined_with_a_reason(ran, sent, settings):
    settings.JOB_LEASE_SECONDS = 0
    job = jobs.enqueue("note", number=1)
    for _ in range(3):
        assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None
    assert jobs.sweep() == {"published": 0, "quarantined": 1}
    job.refresh_from_db()
    assert job.state == "quarantined"
    assert "without a word" in job.reason


def test_a_released_job_has_its_attempts_back(ran, django_capture_on_commit_callbacks, sent):
    job = jobs.enqueue("refuses")
    jobs.run(job.pk)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.release(job)
    assert sent == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.attempts, job.ended_at) == ("queued", 0, None)


def test_leases_follow_the_databases_clock(ran, monkeypatch):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    held = jobs.claim(jobs.enqueue("note", number=1).pk)
    assert held is not None
    assert held.job.lease_until is not None
    assert held.job.lease_until < tomorrow - datetime.timedelta(hours=23)
    assert not Job.objects.filter(lease_until__lt=Now()).exists()


def test_a_broker_that_is_away_costs_nothing(ran, settings, monkeypatch):
    def refuse(*args: object, **options: object) -> None:
        raise jobs.kombu.exceptions.OperationalError("connection refused")

    monkeypatch.setattr(jobs.current_app, "send_task", refuse)
    job = jobs.enqueue("note", number=1)
    assert not jobs.publish(job)
    job.refresh_from_db()
    assert job.published_at is None


def test_a_notice_is_kept_once(ran):
    job = jobs.enqueue("note", number=1)
    held = jobs.claim(job.pk)
    assert held is not None
    for _ in range(2):
        held.notice("a.txt: the file is empty")
    job.refresh_from_db()
    assert job.notices == ["a.txt: the file is empty"]


def test_the_sweep_quarantines_what_nobody_may_try_again(ran, sent, settings):
    job = jobs.enqueue("note", number=1)
    Job.objects.filter(pk=job.pk).update(attempts=2, reason="ValueError: twice")
    settings.JOB_MAX_ATTEMPTS = 2
    assert jobs.claim(job.pk) is None
    assert jobs.sweep() == {"published": 0, "quarantined": 1}
    job.refresh_from_db()
    assert (job.state, job.reason) == ("quarantined", "ValueError: twice")


def test_the_sweep_asks_a_broker_that_is_away_once_and_not_for_every_job(ran, monkeypatch):
    asked: list[int] = []

    def refuse(name: str, args: list[int], **options: object) -> None:
        asked.append(args[0])
        raise jobs.kombu.exceptions.OperationalError("connection refused")

    monkeypatch.setattr(jobs.current_app, "send_task", refuse)
    for number in range(5):
        jobs.enqueue("note", number=number)
    assert jobs.sweep() == {"published": 0, "quarantined": 0}
    assert len(asked) == 1


def test_a_reason_that_quotes_an_odd_name_is_stored(monkeypatch):
    def refuses(claim: jobs.Claim) -> None:
        claim.notice("a\0b.txt: skipped")
        raise InvalidInput("book.zip#a\0b\udcff.txt: not a text")

    monkeypatch.setitem(jobs.HANDLERS, "odd", jobs.Handler(refuses, "interactive", 60))
    job = jobs.enqueue("odd")
    assert jobs.run(job.pk) == "failed"
    job.refresh_from_db()
    assert job.reason == "INVALID_INPUT: book.zip#a\ufffdb\ufffd.txt: not a text"
    assert job.notices == ["a\ufffdb.txt: skipped"]


@pytest.mark.django_db(transaction=True)
def test_a_failure_to_announce_a_job_is_not_the_callers(ran, monkeypatch):
    def fail(job: Job) -> bool:
        raise RuntimeError("whatever a broker's client may raise")

    monkeypatch.setattr(jobs, "publish", fail)
    job = jobs.enqueue("note", number=1)
    assert Job.objects.get(pk=job.pk).state == "queued"


def test_a_parent_is_not_sent_to_the_workers_by_a_retry(ran):
    parent = jobs.open_parent("scan")
    jobs.settle(parent, Job.State.CANCELLED, "Stopped on request.")
    jobs.release(parent)
    parent.refresh_from_db()
    assert (parent.state, parent.reason) == ("cancelled", "Stopped on request.")

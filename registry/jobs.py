"""Jobs: work that is committed with the rows that need it and happens once.

A service calls `enqueue` inside its transaction: the row is the outbox. On commit the id goes to the broker; a message
that gets lost is sent again by `sweep`. A worker claims the row with a lease and a fencing number, both kept by the
database's clock; whoever holds an older number can no longer write (`Claim.guard`). After `JOB_MAX_ATTEMPTS` a job is
quarantined with the reason.
"""

import datetime
import logging
import re
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import kombu.exceptions
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.module_loading import autodiscover_modules

from registry.errors import ColophonError
from registry.models import Job, Organisation

logger = logging.getLogger(__name__)

RESEND_SECONDS = 20  # to an empty queue: whoever waits there was lost
RESEND_BUSY_SECONDS = 900  # to a queue with messages: most likely the job's turn has not come
BACKOFF_SECONDS = 5
HARD_LIMIT_GRACE_SECONDS = 30  # between asking a job to stop and ending its process
TASK_NAME = "registry.run_job"
NOT_STORABLE = re.compile("[\0\ud800-\udfff]")  # what PostgreSQL takes in no text


class LeaseLost(Exception):
    """Another worker holds the job now; nothing more may be written for this claim."""


class Cancelled(Exception):
    """A person asked for the job to stop."""


class Refused(ColophonError):
    """The job's own input makes it impossible; trying again cannot help."""

    code = "JOB_REFUSED"


def in_turn(arguments: dict[str, Any]) -> int:
    """The place of a job among those that wait, unless its handler knows better: none goes before others."""
    return 0


@dataclass(frozen=True)
class Handler:
    """What runs a kind of job, on which queue, for how long at most, and how early among those that wait."""

    run: Callable[..., None]
    queue: str
    time_limit_seconds: int
    place: Callable[[dict[str, Any]], int] = in_turn


HANDLERS: dict[str, Handler] = {}


def handler(
    kind: str,
    *,
    queue: str,
    time_limit_seconds: int = 900,
    place: Callable[[dict[str, Any]], int] = in_turn,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Bind a job kind to a function `run(claim, **arguments)`; used in each package's tasks.py.

    place: from 0 to 9, by the job's arguments; what has a lower place is taken first by a broker that speaks Redis.
    """

    def bind(run: Callable[..., None]) -> Callable[..., None]:
        HANDLERS[kind] = Handler(run, queue, time_limit_seconds, place)
        return run

    return bind


def handler_of(kind: str) -> Handler | None:
    """The handler bound to a kind. A process that is no worker has not imported the tasks yet: it does so here."""
    if kind not in HANDLERS:
        autodiscover_modules("tasks")
    return HANDLERS.get(kind)


def enqueue(
    kind: str, *, organisation: Organisation | None = None, parent: Job | None = None, **arguments: object
) -> Job:
    """Write the job row in the caller's transaction and send its id once that is committed."""
    bound = handler_of(kind)
    queue = bound.queue if bound else "engine"
    job = Job.objects.create(kind=kind, queue=queue, organisation=organisation, parent=parent, arguments=arguments)
    # Robust: the caller's rows are committed by now; who hears of a failure here would undo what belongs to them.
    transaction.on_commit(lambda: publish(job), robust=True)
    return job


def open_parent(kind: str, *, organisation: Organisation | None = None, **arguments: object) -> Job:
    """A job that no worker runs: it stands for its children while they work, and `settle` ends it."""
    return Job.objects.create(
        kind=kind, organisation=organisation, arguments=arguments, state=Job.State.RUNNING, started_at=Now()
    )


def settle(job: Job, state: str, reason: str = "") -> bool:
    """End a parent job; False when it had ended already."""
    return bool(
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
            state=state, reason=_storable(reason), ended_at=Now()
        )
    )


def publish(job: Job) -> bool:
    """Send the job's id to the broker. A broker that is away costs nothing: the sweep sends again."""
    bound = handler_of(job.kind)
    limit = bound.time_limit_seconds if bound else 900
    try:
        current_app.send_task(
            TASK_NAME,
            args=[job.pk],
            queue=job.queue,
            priority=bound.place(job.arguments) if bound else 0,
            retry=False,
            soft_time_limit=limit,
            time_limit=limit + HARD_LIMIT_GRACE_SECONDS,
        )
    except (kombu.exceptions.OperationalError, OSError) as error:
        logger.warning("job %s not published, the sweep will: %s", job.public_id, type(error).__name__)
        return False
    Job.objects.filter(pk=job.pk).update(published_at=Now())
    return True


class Claim:
    """A worker's hold on a job. `guard` inside every writing transaction keeps an expired holder from writing."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.fence = job.fence

    def _held(self) -> models.QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, fence=self.fence, state=Job.State.RUNNING)

    def guard(self) -> None:
        """Lock the job row for the rest of the transaction; raise LeaseLost when the claim was taken over."""
        if not self._held().select_for_update(no_key=True).exists():
            raise LeaseLost(f"job {self.job.public_id} fence {self.fence}")

    def progress(self, stage: str, done: int, total: int | None = None) -> None:
        """Say how far the job is; raises LeaseLost or Cancelled, so call it between chunks."""
        held = self._held().update(stage=stage, done=done, total=total, lease_until=lease_end())
        if not held:
            raise LeaseLost(f"job {self.job.public_id} fence {self.fence}")
        if self.cancel_requested:
            raise Cancelled

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody asked this job, or the one it works for, to stop."""
        asked = Q(pk=self.job.pk) | Q(pk=self.job.parent_id)
        return Job.objects.filter(asked, cancel_requested=True).exists()

    def heartbeat(self) -> bool:
        """Extend the lease; False when the claim was taken over."""
        return bool(self._held().update(lease_until=lease_end()))

    def notice(self, text: str) -> None:
        """Add a line for the person who waits: something was skipped, and why."""
        notice(self.job, text)

    def close(self, state: str, reason: str = "") -> bool:
        """End the job in `state`; False when somebody else holds it."""
        said = _storable(reason)
        return bool(self._held().update(state=state, reason=said, ended_at=Now(), lease_until=None))


def _storable(text: str) -> str:
    """The text without what PostgreSQL refuses: reasons quote names that files and archives gave themselves."""
    return NOT_STORABLE.sub("\ufffd", text)


def notice(job: Job, text: str) -> None:
    """Add a line to a job for the person who waits; the same line twice is one."""
    text = _storable(text)
    with transaction.atomic():
        held = Job.objects.select_for_update(no_key=True).get(pk=job.pk)
        if text not in held.notices:
            Job.objects.filter(pk=job.pk).update(notices=[*held.notices, text])


def report(job: Job, stage: str, done: int, total: int | None = None) -> None:
    """Say how far a parent job is."""
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(stage=stage, done=done, total=total)


def lease_end() -> models.Expression:
    """The database's now plus one lease."""
    return Now() + datetime.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim(job_id: int) -> Claim | None:
    """Take the job if it is due and nobody holds it; None otherwise, so a doubled message has no effect."""
    due = Q(state=Job.State.QUEUED, not_before__lte=Now()) | Q(state=Job.State.RUNNING, lease_until__lt=Now())
    taken = Job.objects.filter(due, pk=job_id, attempts__lt=settings.JOB_MAX_ATTEMPTS).update(
        state=Job.State.RUNNING,
        fence=F("fence") + 1,
        attempts=F("attempts") + 1,
        lease_until=lease_end(),
        started_at=Coalesce("started_at", Now()),
    )
    if not taken:
        return None
    return Claim(Job.objects.get(pk=job_id))


def run(job_id: int) -> str:
    """Claim and run one job; returns the state it ended in, or "" when it was not ours to run."""
    held = claim(job_id)
    if held is None:
        return ""
    bound = handler_of(held.job.kind)
    if bound is None:
        held.close(Job.State.FAILED, f"No handler is bound to the kind {held.job.kind}.")
        return Job.State.FAILED
    try:
        with _heartbeat(held):
            if held.cancel_requested:
                raise Cancelled
            bound.run(held, **held.job.arguments)
    except LeaseLost:
        logger.warning("job %s was taken over", held.job.public_id)
        return ""
    except Cancelled:
        held.close(Job.State.CANCELLED, "Stopped on request.")
        return Job.State.CANCELLED
    except ColophonError as error:
        held.close(Job.State.FAILED, f"{error.code}: {error.sentence}")
        return Job.State.FAILED
    except SoftTimeLimitExceeded:
        return _retry(held, f"It took longer than the {bound.time_limit_seconds} seconds that are allowed.")
    except Exception as error:  # noqa: BLE001 (whatever a handler raises ends its attempt, not the worker)
        logger.error("job %s attempt %s\n%s", held.job.public_id, held.job.attempts, traceback.format_exc())
        return _retry(held, said_of_fault(held.job), f"{type(error).__name__}: {error}"[:2000])
    held.close(Job.State.DONE)
    return Job.State.DONE


def said_of_fault(job: Job | None) -> str:
    """What people are told of an error that nobody foresaw. The error itself may quote rows of others."""
    which = f" (job {job.public_id})" if job is not None else ""
    return f"An unforeseen fault of ours stopped it{which}. Try once more; if it happens again, tell the operator."


def _retry(held: Claim, reason: str, error: str = "") -> str:
    held._held().update(error=_storable(error))
    if held.job.attempts >= settings.JOB_MAX_ATTEMPTS:
        held.close(Job.State.QUARANTINED, reason)
        return Job.State.QUARANTINED
    wait = datetime.timedelta(seconds=BACKOFF_SECONDS * held.job.attempts)
    held._held().update(
        state=Job.State.QUEUED, reason=_storable(reason), lease_until=None, not_before=Now() + wait, published_at=None
    )
    return Job.State.QUEUED


@contextmanager
def _heartbeat(held: Claim) -> Iterator[None]:
    """Renew the lease from a thread of its own while a long computation keeps the main one busy."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
                try:
                    if not held.heartbeat():
                        return
                except (
                    DatabaseError,
                    InterfaceError,
                ) as error:  # a restart; the lease outlasts a missed beat
                    logger.warning("job %s missed a beat: %s", held.job.public_id, type(error).__name__)
                    connections.close_all()
        finally:
            connections.close_all()

    if connection.in_atomic_block:  # a test's transaction: another connection would not see the row
        yield
        return
    thread = threading.Thread(target=beat, name=f"lease-{held.job.public_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def sweep() -> dict[str, int]:
    """Send again what got lost and quarantine what died too often. Returns counts; safe to run at any time, twice.

    A worker that died leaves an expired lease: its job goes back to the queue, or into quarantine after the last
    attempt. A message that the broker lost leaves a job waiting beside an empty queue.
    """
    worn_out = Q(attempts__gte=settings.JOB_MAX_ATTEMPTS)
    died = Q(state=Job.State.RUNNING, lease_until__lt=Now())
    waits_in_vain = Q(state=Job.State.QUEUED)  # nobody can claim it: fewer attempts are allowed than it had
    quarantined = Job.objects.filter(worn_out & (died | waits_in_vain)).update(
        state=Job.State.QUARANTINED,
        ended_at=Now(),
        lease_until=None,
        reason=Coalesce(
            models.functions.NullIf(F("reason"), models.Value("")),
            models.Value("The worker ended without a word each time: killed, out of memory or out of time."),
        ),
    )
    Job.objects.filter(died & ~worn_out).update(state=Job.State.QUEUED, lease_until=None, published_at=None)
    due = Job.objects.filter(state=Job.State.QUEUED, not_before__lte=Now())
    sent = 0
    for queue in due.order_by("queue").values_list("queue", flat=True).distinct():
        patience = datetime.timedelta(seconds=RESEND_BUSY_SECONDS if waiting_messages(queue) else RESEND_SECONDS)
        lost = due.filter(Q(published_at__isnull=True) | Q(published_at__lt=Now() - patience), queue=queue)
        for job in lost.order_by("id")[:1000]:
            if not publish(job):  # the broker is away, for the others as well: the next sweep finds them
                return {"published": sent, "quarantined": quarantined}
            sent += 1
    return {"published": sent, "quarantined": quarantined}


def waiting_messages(queue: str) -> int:
    """How many messages the broker holds for a queue; 0 when it knows none or cannot be asked."""
    with current_app.connection_for_write() as broker:
        away: tuple[type[BaseException], ...] = (OSError, *broker.connection_errors, *broker.channel_errors)
        try:
            channel: Any = broker.channel()
            return int(channel.queue_declare(queue, passive=True).message_count)
        except away:
            return 0


def cancel(job: Job) -> None:
    """Ask a job and its children to stop: queued ones at once, running ones at their next chunk."""
    family = Job.objects.filter(Q(pk=job.pk) | Q(parent=job))
    family.update(cancel_requested=True)
    family.filter(state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, ended_at=Now(), reason="Stopped on request."
    )


def release(job: Job) -> None:
    """Give a job that did not reach its end (quarantined, failed, cancelled) its attempts back and send it again."""
    if handler_of(job.kind) is None:  # a parent: its service knows how to take it up again, no worker does
        return
    unfinished = [Job.State.QUARANTINED, Job.State.FAILED, Job.State.CANCELLED]
    released = Job.objects.filter(pk=job.pk, state__in=unfinished).update(
        state=Job.State.QUEUED,
        attempts=0,
        reason="",
        error="",
        ended_at=None,
        not_before=Now(),
        published_at=None,
        cancel_requested=False,
    )
    if released:
        transaction.on_commit(lambda: publish(job))

"""Sending what webhooks are to be told: signed, to a public address, tried again with growing pauses.

A delivery is taken by one worker at a time: whoever moves its `next_at` into the future holds it until then. One
worker at most is busy with one webhook for long, on a queue of its own, so a slow one costs the others nothing.
"""

import datetime
import json
import logging
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Signer

from registry import fetching
from registry.actors import system
from registry.errors import ColophonError
from registry.fetching import INTERNET, Manner, Message, Network
from registry.jobs import Claim
from registry.models import Delivery, Job, Webhook
from registry.services import log, webhooks

logger = logging.getLogger(__name__)

SECONDS = 15.0  # for one message: name, connection, answer
ANSWER_BYTES = 64 * 1024
HELD_FOR = datetime.timedelta(seconds=60)  # longer than any attempt
# Between attempts: 5 s, 1 min, 5 min, 30 min, 2 h, 6 h, 12 h, 24 h; about two days in all.
PAUSES = tuple(datetime.timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 21600, 43200, 86400))
MAX_ATTEMPTS = len(PAUSES) + 1
FAILURES_TO_DISABLE = 20  # in a row, whatever they were about
AT_A_TIME = 20  # messages that one job sends: then others have their turn
FAILURES_A_JOB = 2  # then the address is left alone for now
GONE = 410
NETWORK = replace(INTERNET, total_seconds=SECONDS)
MANNER = Manner(agent="colophon-webhooks", max_bytes=ANSWER_BYTES, cut=True)


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt: the answer's status, or None with the reason."""

    status: int | None = None
    cause: str = ""

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send_due(webhook_id: int, *, claim: Claim | None = None, network: Network = NETWORK) -> int:
    """Send what this webhook is to be told now, oldest first; returns how many messages were taken by it."""
    delivered = failed = 0
    for _ in range(AT_A_TIME):
        delivery = _take(webhook_id)
        if delivery is None:
            break
        if claim is not None:
            claim.progress("sending", delivered)
            Delivery.objects.filter(pk=delivery.pk).update(job=claim.job)
        outcome = attempt(delivery, network=network)
        _record(delivery, outcome)
        delivered += outcome.ok
        failed += not outcome.ok
        if failed >= FAILURES_A_JOB:
            break
    return delivered


def _take(webhook_id: int) -> Delivery | None:
    """The next message that is due, held by this worker from now on; None where there is none."""
    due = Delivery.objects.filter(
        webhook_id=webhook_id,
        webhook__withdrawn_at__isnull=True,
        webhook__disabled_at__isnull=True,
        state=Delivery.State.WAITING,
        next_at__lte=Now(),
    )
    with transaction.atomic():
        rows = due.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related(
            "webhook__organisation"
        )
        delivery = rows.order_by("id").first()
        if delivery is not None:
            held = {"next_at": Now() + HELD_FOR, "attempts": F("attempts") + 1}
            Delivery.objects.filter(pk=delivery.pk).update(**held)
            delivery.attempts += 1
    return delivery


def attempt(delivery: Delivery, *, network: Network = NETWORK) -> Outcome:
    """Send one message once. Talks to another machine: never call it inside a transaction."""
    parts = urlsplit(delivery.webhook.address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        message = message_of(delivery, at=timezone.now())
        answer = fetching.post(parts.hostname or "", path, message, network=network, manner=MANNER)
    except ColophonError as error:  # of the network, or a secret that cannot be read any more
        return Outcome(cause=error.sentence)
    if answer.status in fetching.REDIRECTS:
        return Outcome(answer.status, "The address redirects, which is not followed.")
    return Outcome(answer.status, "" if 200 <= answer.status < 300 else f"It answered with status {answer.status}.")


def message_of(delivery: Delivery, *, at: datetime.datetime) -> Message:
    """The body and headers of a delivery sent at this moment, signed with the webhook's secret (Standard Webhooks)."""
    number = f"msg_{delivery.public_id}"
    body = json.dumps(
        {"type": delivery.event, "timestamp": _iso(delivery.recorded_at), "data": delivery.payload},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    signature = Signer(webhooks.unsealed(delivery.webhook)).sign(number, at, body)
    headers = (
        ("Content-Type", "application/json"),
        ("webhook-id", number),
        ("webhook-timestamp", str(int(at.timestamp()))),
        ("webhook-signature", signature),
    )
    return Message(body.encode(), headers)


def _iso(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


@transaction.atomic
def _record(delivery: Delivery, outcome: Outcome) -> None:
    """Write down what became of an attempt; an address that is gone, or fails again and again, is told no more."""
    rows = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING)
    webhook = Webhook.objects.filter(pk=delivery.webhook_id)
    if outcome.ok:
        ended = {"state": Delivery.State.DELIVERED, "delivered_at": Now(), "next_at": None}
        rows.update(status=outcome.status, cause="", **ended)
        webhook.update(failures=0)
        return
    said = {"status": outcome.status, "cause": outcome.cause[:200]}
    if delivery.attempts >= MAX_ATTEMPTS or delivery.event == webhooks.TEST:
        rows.update(state=Delivery.State.FAILED, next_at=None, **said)
    else:
        rows.update(next_at=Now() + PAUSES[delivery.attempts - 1], **said)
    webhook.update(failures=F("failures") + 1)
    failures = webhook.values_list("failures", flat=True).get()
    if outcome.status == GONE:
        _disable(delivery.webhook, "The address answered that it is gone for good (410).")
    elif failures >= FAILURES_TO_DISABLE:
        _disable(delivery.webhook, f"{failures} attempts in a row failed. The last one: {outcome.cause}")


def _disable(webhook: Webhook, reason: str) -> None:
    live = Webhook.objects.filter(pk=webhook.pk, disabled_at__isnull=True)
    if live.update(disabled_at=Now(), disabled_reason=reason[:200]):
        webhooks.give_up(webhook, "The webhook was disabled.")
        log.stage(
            "webhook.disabled",
            subject=f"webhook:{webhook.public_id}",
            facts={"reason": reason[:200]},
            actor=system("webhooks", webhook.organisation),
        )
        logger.warning("webhook %s is disabled", webhook.public_id)


def enqueue_due() -> int:
    """A job for each webhook that has something to be told now and no job that will do it; returns how many."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=Now(), webhook__disabled_at__isnull=True)
    keys = set(due.order_by().values_list("webhook_id", flat=True).distinct())
    at_work = Job.objects.filter(kind="webhooks", state__in=[Job.State.QUEUED, Job.State.RUNNING])
    busy = set(at_work.values_list("arguments__webhook_id", flat=True))
    idle = Webhook.objects.filter(pk__in=keys - busy)
    for webhook in idle:
        with transaction.atomic():
            webhooks.enqueue(webhook)
    return len(idle)

"""Webhooks: an organisation names an address that is told what happens to it here, signed as Standard Webhooks say.

`emit` writes a delivery a webhook in its caller's transaction: what is rolled back is never told. What is sent, and
what becomes of an answer, is in `webhook_sending`. docs/webhooks.md lists the events with their facts.
"""

import base64
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from registry import jobs, sealing
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Delivery, Job, Organisation, Webhook
from registry.services import domains, log

TEST = "webhook.test"
JOB_ENDED = "job.ended"
# Every kind of event, in the order in which pages list them. Those of other packages are named here as well: whoever
# chooses among them chooses among all.
EVENTS = (
    "request.received",
    "request.sent",
    "request.answerable",
    "negotiation.moved",
    "agreement.concluded",
    "agreement.ended",
    "offer.accepted",
    "licence.passed_on",
    "sublicence.moved",
    "deadline.near",
    "clearance.changed",
    "notice.sent",
    "notice.bounced",
    "notice.answered",
    "notice.resolved",
    JOB_ENDED,
)
SECRET_MARK = "whsec_"  # noqa: S105 - what every secret begins with
SECRET_BYTES = 32
PURPOSE = "webhook secrets"
MAX_WEBHOOKS = 10  # of one organisation
MAX_ADDRESS = 500
QUIET_JOBS = ("search_index", "webhooks")  # that nobody waits for


def create(*, address: str, events: list[str], actor: Actor) -> tuple[Webhook, str]:
    """Have an address told of events (none named: of all); returns the row and the secret, shown this once."""
    organisation = actor.require_writer()
    address = normalise(address)
    unknown = sorted(set(events) - set(EVENTS))
    if unknown:
        errors = [{"pointer": "/events", "cause": f"{name!r} is no event."} for name in unknown]
        raise InvalidInput(errors[0]["cause"], errors=errors)
    secret = _new_secret()
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        standing = Webhook.objects.filter(organisation=organisation, withdrawn_at__isnull=True)
        if standing.count() >= MAX_WEBHOOKS:
            raise Conflict(f"{MAX_WEBHOOKS} webhooks are on your list. Remove one that you no longer need.")
        if standing.filter(address=address).exists():
            raise Conflict("This address is told already. Remove it first, or choose another one.")
        chosen = [name for name in EVENTS if name in events]
        row = Webhook.objects.create(organisation=organisation, address=address, events=chosen, secret=_sealed(secret))
        _log("webhook.added", row, {"address": address, "events": chosen}, actor)
    return row, shown(secret)


def normalise(typed: str) -> str:
    """The address in one spelling: https, a public name, its own port. Raises InvalidInput."""
    typed = typed.strip()
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise _invalid("This is no address.") from None
    if parts.scheme.lower() != "https" or not parts.hostname:
        raise _invalid("Write an address that begins with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _invalid("Write the address without a name, a password or a fragment.")
    if port not in (None, 443):
        raise _invalid("Only the usual port of https is reached.")
    path = parts.path or "/"
    if not (path + parts.query).isascii() or any(letter <= " " for letter in path + parts.query):
        raise _invalid("Write the path as it is sent, percent-encoded.")
    try:
        host = domains.normalise(parts.hostname)
    except InvalidInput as error:
        raise _invalid(error.sentence) from None
    address = f"https://{host}{path}" + (f"?{parts.query}" if parts.query else "")
    if len(address) > MAX_ADDRESS:
        raise _invalid(f"An address has at most {MAX_ADDRESS} characters.")
    return address


def _invalid(cause: str) -> InvalidInput:
    return InvalidInput(cause, errors=[{"pointer": "/address", "cause": cause}])


def emit(event: str, organisation: Organisation, facts: dict[str, Any]) -> list[Delivery]:
    """Tell the organisation's webhooks of an event, in the caller's transaction. `facts` are JSON, without secrets."""
    if event not in EVENTS:
        raise ValueError(f"{event!r} is not among the events of docs/webhooks.md")
    wanted = Q(events__len=0) | Q(events__contains=[event])
    live = Webhook.objects.filter(
        wanted, organisation=organisation, withdrawn_at__isnull=True, disabled_at__isnull=True
    )
    return [queue(webhook, event, facts) for webhook in live]


def queue(webhook: Webhook, event: str, facts: dict[str, Any]) -> Delivery:
    """Write one delivery and have it sent soon."""
    with transaction.atomic():
        delivery = Delivery.objects.create(webhook=webhook, event=event, payload=facts, next_at=Now())
        enqueue(webhook)
    return delivery


def enqueue(webhook: Webhook) -> None:
    """Have a worker look at what this webhook is to be told, unless one that has not begun will do so anyway."""
    waiting = Job.objects.filter(kind="webhooks", state=Job.State.QUEUED, arguments__webhook_id=webhook.pk)
    if not waiting.exists():
        jobs.enqueue("webhooks", webhook_id=webhook.pk)


@transaction.atomic
def test(webhook: Webhook, *, actor: Actor) -> Delivery:
    """Send a message that says nothing but that it arrived. Raises Conflict where the webhook is disabled."""
    _own(webhook, actor)
    _require_live(webhook)
    return queue(webhook, TEST, {"webhook": webhook.public_id})


@transaction.atomic
def redeliver(delivery: Delivery, *, actor: Actor) -> None:
    """Send a message again that was delivered or given up. It keeps its id, so that its reader knows it again."""
    _own(delivery.webhook, actor)
    _require_live(delivery.webhook)
    ended = Delivery.objects.filter(pk=delivery.pk).exclude(state=Delivery.State.WAITING)
    if not ended.update(state=Delivery.State.WAITING, attempts=0, next_at=Now(), cause="", status=None):
        raise Conflict("This message waits to be sent already.")
    enqueue(delivery.webhook)


@transaction.atomic
def enable(webhook: Webhook, *, actor: Actor) -> None:
    """Tell the address again, after it was disabled. What was not sent meanwhile is not sent now."""
    _own(webhook, actor)
    rows = Webhook.objects.filter(pk=webhook.pk, withdrawn_at__isnull=True, disabled_at__isnull=False)
    if not rows.update(disabled_at=None, disabled_reason="", failures=0):
        raise Conflict("This webhook is not disabled.")
    _log("webhook.enabled", webhook, {}, actor)


@transaction.atomic
def renew_secret(webhook: Webhook, *, actor: Actor) -> str:
    """Sign with a new secret from now on; returns it, shown this once."""
    _own(webhook, actor)
    secret = _new_secret()
    if not Webhook.objects.filter(pk=webhook.pk, withdrawn_at__isnull=True).update(secret=_sealed(secret)):
        raise Conflict("This webhook was removed.")
    _log("webhook.secret_renewed", webhook, {}, actor)
    return shown(secret)


@transaction.atomic
def withdraw(webhook: Webhook, *, actor: Actor) -> None:
    """Tell this address nothing any more; what waits is not sent."""
    _own(webhook, actor)
    if Webhook.objects.filter(pk=webhook.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now(), secret=""):
        give_up(webhook, "The webhook was removed.")
        _log("webhook.removed", webhook, {}, actor)


def give_up(webhook: Webhook, cause: str) -> None:
    """End what still waits to be sent to this webhook."""
    waiting = Delivery.objects.filter(webhook=webhook, state=Delivery.State.WAITING)
    waiting.update(state=Delivery.State.FAILED, next_at=None, cause=cause)


def tell_ended_jobs(at_most: int = 500) -> int:
    """Tell those who have webhooks which of their jobs ended since the webhook was made; returns how many jobs."""
    live = Q(organisation__webhooks__withdrawn_at__isnull=True, organisation__webhooks__disabled_at__isnull=True)
    since = Q(ended_at__gte=F("organisation__webhooks__recorded_at"), organisation__webhooks__isnull=False)
    untold = Job.objects.filter(live, since, told_at__isnull=True, parent__isnull=True).exclude(kind__in=QUIET_JOBS)
    keys = list(untold.order_by("ended_at").values_list("pk", flat=True).distinct()[:at_most])
    with transaction.atomic():
        rows = Job.objects.filter(pk__in=keys, told_at__isnull=True).select_related("organisation")
        held = list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True))
        for job in held:
            assert job.organisation is not None
            facts = {"job": job.public_id, "kind": job.kind, "state": job.state, "reason": job.reason}
            emit(JOB_ENDED, job.organisation, facts)
        Job.objects.filter(pk__in=[job.pk for job in held]).update(told_at=Now())
    return len(held)


def unsealed(webhook: Webhook) -> bytes:
    """The secret's bytes. Raises Conflict where the site's key is no longer the one that sealed it."""
    try:
        return sealing.unseal(webhook.secret.encode(), purpose=PURPOSE)
    except sealing.NotOpened:
        raise Conflict("The site's key was changed since this secret was made. Make a new secret.") from None


def shown(secret: bytes) -> str:
    """A secret as Standard Webhooks spell it."""
    return SECRET_MARK + base64.b64encode(secret).decode()


def _new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _sealed(secret: bytes) -> str:
    return sealing.seal(secret, purpose=PURPOSE).decode()


def _own(webhook: Webhook, actor: Actor) -> None:
    if actor.require_writer() != webhook.organisation:
        raise Conflict("This webhook is another organisation's.")


def _require_live(webhook: Webhook) -> None:
    if webhook.withdrawn_at is not None:
        raise Conflict("This webhook was removed.")
    if webhook.disabled_at is not None:
        raise Conflict("This webhook is disabled. Enable it first.")


def _log(kind: str, webhook: Webhook, facts: dict[str, object], actor: Actor) -> None:
    log.stage(kind, subject=f"webhook:{webhook.public_id}", facts=facts, actor=actor)

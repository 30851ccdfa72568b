"""Deadlines that somebody is told of, once: an answer due or overdue, an agreement or a standing offer that ends.

A row is written when its day comes, in the transaction that finds the deadline, and sent by whoever marks it first:
every reminder is mailed to the writers of one organisation and announced to its webhooks, and never again.
"""

import datetime

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from licensing.models import Agreement, Negotiation, Offer, Reminder
from licensing.rules.lifecycle import BEFORE_GRANT, Side
from licensing.services import assertions, channel_events
from registry.actors import WRITERS
from registry.models import Membership, Organisation
from registry.services import mail

DUE_DAYS = 7  # before the day by which an answer is wanted
ENDING_DAYS = 30  # before the last day of an agreement, or of a standing offer
MAIL = "licensing/email/reminder"
BATCH = 500
BEFORE = [state.value for state in BEFORE_GRANT]


def follow() -> dict[str, int]:
    """Write the reminders whose day has come and send those that were not sent. Run by beat, as often as one likes."""
    today = assertions.today()
    made = _answers_due(today) + _agreements_ending(today) + _offers_ending(today)
    sent = 0
    for pk in Reminder.objects.filter(sent_at__isnull=True, due_on__lte=today).values_list("pk", flat=True)[:BATCH]:
        sent += send(pk)
    return {"made": made, "sent": sent}


def _answers_due(today: datetime.date) -> int:
    """Negotiations that wait for a side, whose day is near or over. Whoever it waits for is told."""
    soon = today + datetime.timedelta(days=DUE_DAYS)
    waiting = Negotiation.objects.filter(state__in=BEFORE, respond_by__lte=soon, holder__isnull=False)
    rows = []
    for row in waiting.exclude(waits_for="").select_related("request__organisation", "holder"):
        organisation = row.request.organisation if row.waits_for == Side.FIRM else row.holder
        assert organisation is not None
        assert row.respond_by is not None
        overdue = row.respond_by < today
        kind = "answer_overdue" if overdue else "answer_due"
        rows.append(Reminder(negotiation=row, organisation=organisation, kind=kind, due_on=_due(row, overdue=overdue)))
    return _write(rows)


def _due(row: Negotiation, *, overdue: bool) -> datetime.date:
    """The day on which the reminder is due: the same however often it is looked for."""
    assert row.respond_by is not None
    days = datetime.timedelta(days=1 if overdue else -DUE_DAYS)
    return row.respond_by + days


def _agreements_ending(today: datetime.date) -> int:
    """Agreements whose last day is near, or over: both parties are told."""
    soon = today + datetime.timedelta(days=ENDING_DAYS)
    since = today - datetime.timedelta(days=ENDING_DAYS)
    running = Agreement.objects.filter(valid_to__lte=soon, valid_to__gte=since, revoked_at__isnull=True, renewals=None)
    rows = []
    for row in running.select_related("granted_by", "licensee"):
        assert row.valid_to is not None
        over = row.valid_to < today
        kind = "agreement_ended" if over else "agreement_ends"
        due_on = row.valid_to + datetime.timedelta(days=1 if over else -ENDING_DAYS)
        rows += [
            Reminder(agreement=row, organisation=organisation, kind=kind, due_on=due_on)
            for organisation in (row.granted_by, row.licensee)
        ]
    return _write(rows)


def _offers_ending(today: datetime.date) -> int:
    """Standing offers whose last day is near: whoever made them is told, once for all that were published together."""
    soon = today + datetime.timedelta(days=ENDING_DAYS)
    offers = Offer.objects.filter(withdrawn_at__isnull=True, agreed_terms__isnull=False, valid_to__range=(today, soon))
    first = offers.order_by("asserted_by_id", "entry_id", "valid_to", "pk")
    return _write(
        [
            Reminder(
                offer=row,
                organisation=row.asserted_by,
                kind="offer_ends",
                due_on=row.valid_to - datetime.timedelta(days=ENDING_DAYS),
            )
            for row in first.distinct("asserted_by_id", "entry_id", "valid_to").select_related("asserted_by")
            if row.valid_to is not None
        ]
    )


def _write(rows: list[Reminder]) -> int:
    before = Reminder.objects.count()
    Reminder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    return Reminder.objects.count() - before


def send(pk: int) -> int:
    """Send one reminder, unless it was sent or has become void; returns how many mails went out."""
    with transaction.atomic():
        rows = Reminder.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk, sent_at__isnull=True)
        about = ("negotiation__request__organisation", "agreement__granted_by", "offer")
        row = rows.select_related("organisation", *about).first()
        if row is None:
            return 0
        Reminder.objects.filter(pk=pk).update(sent_at=Now())
        if not _still_true(row):
            return 0
        facts: dict[str, object] = {
            "kind": row.kind,
            "negotiation": row.negotiation.public_id if row.negotiation else None,
            "agreement": row.agreement.public_id if row.agreement else None,
            "offer": row.offer.public_id if row.offer else None,
            "day": _day_of(row).isoformat(),
        }
        channel_events.tell(channel_events.DEADLINE, (row.organisation,), facts)
    return sum(mail.send(mail.compose(MAIL, address, _context(row))) for address in writers_of(row.organisation))


def _still_true(row: Reminder) -> bool:
    """Whether the deadline still stands: nobody has answered, renewed or revoked meanwhile."""
    if row.negotiation is not None:
        fresh = Negotiation.objects.filter(
            pk=row.negotiation.pk, state__in=BEFORE, respond_by=row.negotiation.respond_by
        )
        side = fresh.values_list("waits_for", flat=True).first()
        firm = row.negotiation.request.organisation_id == row.organisation_id
        return side == (Side.FIRM.value if firm else Side.HOLDER.value)
    if row.offer is not None:
        return row.offer.withdrawn_at is None
    return row.agreement is not None and row.agreement.revoked_at is None and not row.agreement.renewals.exists()


def _day_of(row: Reminder) -> datetime.date:
    day = row.negotiation.respond_by if row.negotiation is not None else None
    if day is None and row.agreement is not None:
        day = row.agreement.valid_to
    if row.offer is not None:
        day = row.offer.valid_to
    return day or row.due_on


def writers_of(organisation: Organisation) -> list[str]:
    """The addresses of the people who may answer for an organisation, each once."""
    rows = Membership.objects.filter(organisation=organisation, role__in=WRITERS, user__is_active=True)
    return list(rows.exclude(user__email="").order_by("user__email").values_list("user__email", flat=True).distinct())


def _context(row: Reminder) -> dict[str, object]:
    if row.negotiation is not None:
        path = f"negotiations/{row.negotiation.public_id}"
    elif row.offer is not None:
        path = f"offers/{row.offer.public_id}"
    else:
        path = f"agreements/{row.agreement.public_id}" if row.agreement is not None else ""
    return {
        "reminder": row,
        "day": _day_of(row),
        "address": f"{settings.SITE_URL}/{path}",
        "site_url": settings.SITE_URL,
    }

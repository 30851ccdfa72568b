"""Notices to those who host a dataset: drafted from what was found, sent, answered, resolved; each step is logged.

A notice rests on matches of a published scan or of the organisation's own, and is about works that everybody may know
of. Sending by e-mail is done by a job; a mail that cannot be handed over comes back as a draft with the reason.
"""

import datetime
import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string

from licensing.models import Notice, NoticeEvent
from licensing.selectors import notices as selectors
from licensing.selectors.notices import Basis
from licensing.services import assertions, channel_events
from licensing.services.notice_papers import letter, works_csv
from registry import jobs
from registry.actors import Actor, system
from registry.errors import Conflict, InvalidInput
from registry.merkle import tree
from registry.models import Entry
from registry.services import log, mail
from registry.services.work_changes import RevisionConflict

State = Notice.State
JOB = "notice_mail"
LANGUAGES = ("en", "zh-hans")
ANSWER_DAYS = 30
MAX_BODY = 20_000
EMAIL, POST = "email", "post"
OPEN = (State.SENT, State.ANSWERED)


@dataclass(frozen=True)
class Letter:
    """What a person decides of a notice."""

    host_name: str
    ask: str = Notice.Ask.REMOVE
    host_email: str = ""
    host_address: str = ""
    language: str = "en"
    answer_by: datetime.date | None = None


@transaction.atomic
def draft(basis: Basis, said: Letter, *, actor: Actor) -> Notice:
    """Draft a notice about the organisation's works that were found there; its text can be changed until it is sent."""
    organisation = actor.require_writer()
    _require_letter(said)
    if basis.clearance is not None and basis.clearance.organisation != organisation:
        raise Conflict("A notice rests on a check of your own or on a published one.")
    works = selectors.works_for(organisation, basis)
    if not works:
        cause = "None of your works was found there, in a published check or in one of yours."
        raise InvalidInput(cause, errors=[{"pointer": "/dataset", "cause": cause}])
    answer_by = said.answer_by or assertions.today() + datetime.timedelta(days=ANSWER_DAYS)
    context = {
        "dataset": basis.dataset,
        "release": basis.release,
        "organisation": organisation,
        "works": len(works),
        "ask": said.ask,
        "answer_by": answer_by,
        "contact": actor.user.email if actor.user else "",
        "site_url": settings.SITE_URL,
    }
    drafted = render_to_string(f"licensing/notice/{said.language}.txt", context).strip()
    subject, _, body = drafted.partition("\n")
    notice = Notice.objects.create(
        organisation=organisation,
        drafted_by=actor.user,
        dataset=basis.dataset,
        release=basis.release,
        clearance=basis.clearance,
        host_name=said.host_name.strip(),
        host_email=said.host_email.strip(),
        host_address=said.host_address.strip(),
        ask=said.ask,
        subject=" ".join(subject.split())[:200],
        body=body.strip(),
        language=said.language,
        answer_by=answer_by,
    )
    notice.works.set(works)
    _event(notice, "drafted", assertions.today(), text="", actor=actor)
    return notice


def fingerprint(notice: Notice) -> str:
    """Of what amending changes: another one, where somebody changed it."""
    said = [notice.state, notice.subject, notice.body, notice.host_name, notice.host_email, notice.host_address]
    return hashlib.sha256("\0".join([*said, str(notice.answer_by)]).encode()).hexdigest()[:16]


@transaction.atomic
def amend(notice: Notice, *, subject: str, body: str, said: Letter, actor: Actor, seen: str | None = None) -> Notice:
    """Change what has not been sent. Raises Conflict once it has.

    `seen`: the fingerprint of what was looked at; raises RevisionConflict where somebody else changed it since.
    """
    held = _hold(notice, actor, (State.DRAFT,))
    if seen is not None and seen != fingerprint(held):
        raise RevisionConflict("Somebody else changed this notice since you read it.", notice=held.public_id)
    _require_letter(said)
    errors = []
    if not 1 <= len(subject.strip()) <= 200 or "\n" in subject or "\r" in subject:
        errors.append({"pointer": "/subject", "cause": "Write a subject of one line, at most 200 characters."})
    if not 1 <= len(body.strip()) <= MAX_BODY:
        errors.append({"pointer": "/body", "cause": f"Write a text of at most {MAX_BODY} characters."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    held.subject, held.body = subject.strip(), body.strip()
    held.host_name, held.host_email = said.host_name.strip(), said.host_email.strip()
    held.host_address, held.answer_by = said.host_address.strip(), said.answer_by
    held.save(update_fields=["subject", "body", "host_name", "host_email", "host_address", "answer_by"])
    return held


@transaction.atomic
def send(notice: Notice, *, by: str, actor: Actor, on: datetime.date | None = None) -> Notice:
    """Send it by e-mail (email) now, or note that it was sent by post (post) on that day."""
    held = _hold(notice, actor, (State.DRAFT,))
    if by not in (EMAIL, POST):
        raise _invalid("/by", f"{by!r} is not one of {EMAIL}, {POST}.")
    if by == EMAIL and not held.host_email:
        raise _invalid("/host_email", "There is no e-mail address to send it to.")
    day = _day(held, on if by == POST else None)
    held.state, held.sent_at = State.SENT, Now()
    held.save(update_fields=["state", "sent_at"])
    held.refresh_from_db()
    how = "by e-mail" if by == EMAIL else "by post"
    _event(held, "sent", day, text=how, actor=actor, facts=_sent_facts(held, by))
    if by == EMAIL:
        jobs.enqueue(JOB, organisation=held.organisation, notice_id=held.pk)
    return held


def _sent_facts(notice: Notice, by: str) -> dict[str, Any]:
    """What the log holds of a notice: its text by its hash, its works by a Merkle root over their ids."""
    works = sorted(notice.works.values_list("public_id", flat=True))
    return {
        "by": by,
        "host": notice.host_name,
        "ask": notice.ask,
        "answer_by": notice.answer_by.isoformat() if notice.answer_by else None,
        "text_sha256": hashlib.sha256(f"{notice.subject}\n\n{notice.body}".encode()).hexdigest(),
        "works": len(works),
        "works_root": tree.root([tree.leaf_hash(work.encode()) for work in works]).hex(),
    }


@transaction.atomic
def answer(notice: Notice, *, on: datetime.date, text: str, actor: Actor) -> Notice:
    """Note what the host answered, and when."""
    held = _hold(notice, actor, OPEN)
    return _move(held, State.ANSWERED, "answered", _day(held, on), text=_words(text), actor=actor)


@transaction.atomic
def resolve(notice: Notice, *, on: datetime.date, text: str, actor: Actor) -> Notice:
    """Note that the host did what was asked, or what else ended it."""
    held = _hold(notice, actor, OPEN)
    return _move(held, State.RESOLVED, "resolved", _day(held, on), text=_words(text), actor=actor)


@transaction.atomic
def withdraw(notice: Notice, *, reason: str, actor: Actor) -> Notice:
    """Take it back; what was sent stays on record."""
    held = _hold(notice, actor, (State.DRAFT, *OPEN))
    return _move(held, State.WITHDRAWN, "withdrawn", assertions.today(), text=_words(reason), actor=actor)


@transaction.atomic
def bounce(notice: Notice, *, text: str) -> Notice:
    """It could not be delivered: a draft again, to be sent otherwise."""
    held = Notice.objects.select_for_update(no_key=True, of=("self",)).get(pk=notice.pk)
    if held.state != State.SENT:
        return held
    held.sent_at = None
    held.save(update_fields=["sent_at"])
    actor = system("notices", held.organisation)
    return _move(held, State.DRAFT, "bounced", assertions.today(), text=text, actor=actor)


def deliver(notice_id: int, claim: jobs.Claim | None = None) -> bool:
    """What the job does: hand the mail over; False where that was given up and the notice is a draft again."""
    notice = Notice.objects.select_related("organisation", "drafted_by", "dataset").get(pk=notice_id)
    if notice.state != State.SENT:
        return False
    if mail.send(message_of(notice)):
        return True
    if claim is not None and claim.job.attempts < settings.JOB_MAX_ATTEMPTS:
        raise ConnectionError("the mail server did not take a notice")  # tried again
    bounce(notice, text="The mail server did not take it.")
    return False


def message_of(notice: Notice) -> EmailMessage:
    """The mail: the letter as plain text, its works as a table. Answers go to whoever drafted it."""
    reply_to = [notice.drafted_by.email] if notice.drafted_by and notice.drafted_by.email else None
    message = EmailMessage(
        notice.subject, letter(notice), settings.DEFAULT_FROM_EMAIL, [notice.host_email], reply_to=reply_to
    )
    message.attach(f"works-{notice.public_id}.csv", works_csv(notice).encode(), "text/csv")
    return message


def _move(held: Notice, state: str, kind: str, day: datetime.date, *, text: str, actor: Actor) -> Notice:
    held.state = state
    held.save(update_fields=["state"])
    text_sha256 = hashlib.sha256(text.encode()).hexdigest() if text else ""
    _event(held, kind, day, text=text, actor=actor, facts={"text_sha256": text_sha256})
    return held


def _event(
    notice: Notice, kind: str, day: datetime.date, *, text: str, actor: Actor, facts: dict[str, Any] | None = None
) -> NoticeEvent:
    """Write down a step with its log entry, and tell the organisation's webhooks. A draft is no legal fact yet."""
    entry: Entry | None = None
    if kind != "drafted":
        said = {"notice": notice.public_id, "dataset": notice.dataset.slug, "on": day.isoformat()} | (facts or {})
        subject = f"notice:{notice.public_id}"
        entry = log.stage(f"notice.{kind}", subject=subject, facts=said, actor=actor, organisation=notice.organisation)
    event = NoticeEvent.objects.create(notice=notice, kind=kind, on=day, text=text, user=actor.user, entry=entry)
    if kind in ("sent", "bounced", "answered", "resolved"):
        told: dict[str, object] = {"notice": notice.public_id, "dataset": notice.dataset.slug, "on": day.isoformat()}
        channel_events.tell(f"notice.{kind}", (notice.organisation,), told)
    return event


def _hold(notice: Notice, actor: Actor, states: tuple[str, ...]) -> Notice:
    if actor.require_writer() != notice.organisation:
        raise Conflict("This notice is another organisation's.")
    rows = Notice.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation", "dataset")
    held = rows.get(pk=notice.pk)
    if held.state not in states:
        raise Conflict(f"This notice is {held.get_state_display()}: that cannot be done any more.", state=held.state)
    return held


def _day(notice: Notice, on: datetime.date | None) -> datetime.date:
    """The day of a step: not one that is to come, not one before the step that it follows."""
    today = assertions.today()
    day = on or today
    if day > today:
        raise _invalid("/on", "This day is still to come.")
    latest = notice.events.exclude(kind="drafted").order_by("-on").values_list("on", flat=True).first()
    if latest is not None and day < latest:
        raise _invalid("/on", f"This day is before {latest.isoformat()}, when the step before it was taken.")
    return day


def _words(text: str) -> str:
    if not text.strip():
        raise _invalid("/text", "Say what was answered or done.")
    if len(text) > MAX_BODY:
        raise _invalid("/text", f"At most {MAX_BODY} characters.")
    return text.strip()


def _require_letter(said: Letter) -> None:
    errors = []
    if not 1 <= len(said.host_name.strip()) <= 200:
        errors.append({"pointer": "/host_name", "cause": "Say who hosts the dataset."})
    if said.ask not in Notice.Ask.values:
        errors.append({"pointer": "/ask", "cause": f"{said.ask!r} is not one of {', '.join(Notice.Ask.values)}."})
    if said.language not in LANGUAGES:
        errors.append({"pointer": "/language", "cause": f"{said.language!r} is not one of {', '.join(LANGUAGES)}."})
    if said.host_email.strip():
        try:
            validate_email(said.host_email.strip())
        except ValidationError:
            errors.append({"pointer": "/host_email", "cause": "This is no e-mail address."})
    if said.answer_by is not None and said.answer_by < assertions.today():
        errors.append({"pointer": "/answer_by", "cause": "This day is over."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)


def _invalid(pointer: str, cause: str) -> InvalidInput:
    return InvalidInput(cause, errors=[{"pointer": pointer, "cause": cause}])

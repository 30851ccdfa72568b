"""Licence requests: what a firm asks for, once, for many works; a worker finds out who is to be asked for which.

A draft has its works at once, so that it can be looked at before it is sent. Sending it splits them by rightsholder
(`splitting`); from then on it is followed as one, whatever becomes of its parts.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from licensing.models import LicenceRequest, RequestedWork
from licensing.rules.agreement import terms_json
from licensing.rules.lifecycle import BEFORE_GRANT, Move, Side
from licensing.rules.terms import Verdict as Answer
from licensing.services import assertions, request_states, splitting, steps
from licensing.services.request_works import MAX_WORKS, MISSING, Chosen, keys_of
from licensing.services.terms_input import read_terms
from registry import jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.merkle import tree
from registry.models import Organisation
from registry.services import copying, log

State = LicenceRequest.State
MAX_TITLE, MAX_MESSAGE = 200, 10_000
Json = dict[str, Any]
__all__ = ["MAX_WORKS", "MISSING", "Chosen", "amend", "cancel", "draft", "may_cancel", "send"]


@transaction.atomic
def draft(
    *,
    title: str,
    terms: Mapping[str, Any],
    chosen: Chosen,
    actor: Actor,
    message: str = "",
    respond_by: datetime.date | None = None,
    named: Mapping[str, str] | None = None,
) -> LicenceRequest:
    """Write a request down without sending it: nobody else knows of it yet.

    `named`: the facts from which the site proposed the title (dataset, use, territory), where the sender kept it; each
    reader sees it in their own language.

    Works are those that everybody may know of; a merged one is the work that it became. Raises InvalidInput with every
    fault: terms, ids that are no works, nothing chosen, more than 100,000 works.
    """
    organisation = actor.require_writer()
    errors = _faults(title, message, respond_by, chosen)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    asked = read_terms(dict(terms))
    keys, note = keys_of(chosen, actor)
    if not keys:
        cause = "There is no work to ask for in this."
        raise InvalidInput(cause, errors=[{"pointer": f"/{chosen.ways[0]}", "cause": cause}])
    request = LicenceRequest.objects.create(
        organisation=organisation,
        requested_by=actor.user,
        title=title.strip(),
        message=message.strip(),
        terms=terms_json(asked),
        clearance=chosen.clearance,
        chosen_by=note | {"works": len(keys)} | ({"named": dict(named)} if named else {}),
        respond_by=respond_by,
        demo=organisation.demo,
    )
    rows = [RequestedWork(request=request, work_id=key) for key in keys]
    copying.create(rows)
    return request


def _faults(title: str, message: str, respond_by: datetime.date | None, chosen: Chosen) -> list[dict[str, str]]:
    errors = []
    if not title.strip() or len(title.strip()) > MAX_TITLE:
        errors.append({"pointer": "/title", "cause": f"A request has a title of at most {MAX_TITLE} characters."})
    if len(message) > MAX_MESSAGE:
        errors.append({"pointer": "/message", "cause": f"A message has at most {MAX_MESSAGE} characters."})
    if respond_by is not None and respond_by < assertions.today():
        errors.append({"pointer": "/respond_by", "cause": "The day by which an answer is wanted is over."})
    if len(chosen.ways) != 1:
        cause = "Choose the works in exactly one way: by their ids, by a search, by a list, or by a clearance."
        errors.append({"pointer": f"/{chosen.ways[1]}" if chosen.ways else "/works", "cause": cause})
    for word in chosen.verdicts:
        if word not in set(Answer):
            cause = f"{word!r} is not one of {', '.join(Answer)}."
            errors.append({"pointer": "/verdicts", "cause": cause})
    return errors


@transaction.atomic
def amend(
    request: LicenceRequest,
    *,
    actor: Actor,
    title: str | None = None,
    message: str | None = None,
    terms: Mapping[str, Any] | None = None,
    respond_by: datetime.date | None = None,
    without: Sequence[str] = (),
) -> LicenceRequest:
    """Change a draft; `without` takes works out, by public id; None leaves as it is. Conflict once it is sent."""
    held = _hold(request, actor)
    _require_draft(held)
    if title is not None and title.strip() != held.title:
        held.title = title.strip()
        held.chosen_by = {name: value for name, value in held.chosen_by.items() if name != "named"}
    held.message = held.message if message is None else message.strip()
    held.respond_by = respond_by or held.respond_by
    errors = _faults(held.title, held.message, respond_by, Chosen(works=["-"]))
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    if terms is not None:
        held.terms = terms_json(read_terms(dict(terms)))
    held.requested_works.filter(work__public_id__in=[each for each in without if "\0" not in each]).delete()
    held.save()
    return held


@transaction.atomic
def send(request: LicenceRequest, *, actor: Actor) -> LicenceRequest:
    """Send a draft: a worker finds out who is to be asked for which work, then every rightsholder is.

    Raises Conflict (sent before, no works in it), NotAllowed.
    """
    held = _hold(request, actor)
    _require_draft(held)
    works = list(
        held.requested_works.order_by("work_id").values_list("work__public_id", flat=True)
    )  # fmt: skip
    if not works:
        raise Conflict("There is no work left in this request.")
    held.entry = log.stage(
        "licence_request.sent",
        subject=f"licence-request:{held.public_id}",
        facts={
            "request": held.public_id,
            "title": held.title,
            "terms": held.terms,
            "chosen_by": held.chosen_by,
            "respond_by": held.respond_by.isoformat() if held.respond_by else None,
            "works": len(works),
            "root": tree.root(tree.leaf_hash(public_id.encode()) for public_id in works).hex(),
        },
        actor=actor,
    )
    held.state = State.SPLITTING
    held.sent_at = Now()
    held.job = jobs.enqueue(splitting.JOB, organisation=held.organisation, request_id=held.pk)
    held.save()
    held.refresh_from_db()
    return held


@transaction.atomic
def cancel(request: LicenceRequest, *, actor: Actor, reason: str = "") -> LicenceRequest:
    """Take a request back: what nobody has granted yet is withdrawn, what was granted stays.

    A draft, and one that is being split, was seen by nobody. Of works that nobody can be asked about, nobody is looked
    for any more. Raises Conflict when it is over.
    """
    held = _hold(request, actor)
    if not may_cancel(held):
        raise Conflict(f"This request is {held.get_state_display()} already.", state=held.state)
    if held.state == State.SPLITTING and held.job is not None:
        jobs.cancel(held.job)
    facts: dict[str, object] = {"request": held.public_id, "reason": reason, "was": held.state}
    subject = f"licence-request:{held.public_id}"
    entry = log.stage("licence_request.cancelled", subject=subject, facts=facts, actor=actor)
    if held.state in (State.OPEN, State.CLOSED):
        waiting = held.negotiations.filter(state__in=[state.value for state in BEFORE_GRANT]).order_by("pk")
        for negotiation in waiting:
            row = steps.hold(negotiation)
            steps.record(row, Move.WITHDRAW, Side.FIRM, actor=actor, said=steps.Said(message=reason), entry=entry)
    LicenceRequest.objects.filter(pk=held.pk).update(
        state=State.CANCELLED, closed_at=Now(), counts=request_states.count(held)
    )
    held.refresh_from_db()
    return held


def may_cancel(request: LicenceRequest) -> bool:
    """Whether there is something to take back: an answer that is waited for, or somebody to ask that is looked for."""
    is_looked_for = request.state == State.CLOSED and bool(request.counts.get("unanswerable"))
    return is_looked_for or request.state in (State.DRAFT, State.SPLITTING, State.OPEN)


def _hold(request: LicenceRequest, actor: Actor) -> LicenceRequest:
    organisation: Organisation = actor.require_writer()
    if request.organisation_id != organisation.pk:
        raise NotAllowed("Only the organisation that asks can do this.")
    rows = LicenceRequest.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("organisation", "job").get(pk=request.pk)


def _require_draft(request: LicenceRequest) -> None:
    if request.state != State.DRAFT:
        raise Conflict("This request was sent already.", state=request.state)

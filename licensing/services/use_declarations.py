"""The register of a firm's use of providers' models: drafted, approved, ended; each step has its log entry."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from licensing.models import Acceptance, DeclarationEvent, GeneratedPart, OutputChange, ProviderTerms, UseDeclaration
from licensing.services import output_dependents
from licensing.services.assertions import today
from licensing.services.opinions import ANSWERERS
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import AIModel, Dataset, Party
from registry.services import log

State = UseDeclaration.State
MAX_NOTE = 5_000


@dataclass(frozen=True)
class Declared:
    """What a person declares. No `destinations`: the output goes nowhere; no `datasets`, `models_trained`: any."""

    title: str
    provider: Party
    purpose: str
    model: AIModel | None = None
    account: str = ""
    acceptance: str = Acceptance.UNKNOWN
    terms: ProviderTerms | None = None
    accepted_on: datetime.date | None = None
    destinations: Sequence[str] = ()
    datasets: Sequence[Dataset] = ()
    models_trained: Sequence[str] = field(default_factory=tuple)
    note: str = ""


@transaction.atomic
def draft(said: Declared, *, actor: Actor) -> UseDeclaration:
    """Draft a declaration: it covers nothing before it is approved. Raises InvalidInput with every fault."""
    organisation = actor.require_writer()
    _require(said)
    row = UseDeclaration.objects.create(organisation=organisation, drafted_by=actor.user, **_columns(said))
    row.datasets.set(said.datasets)
    _event(row, "drafted", today(), actor)
    return row


@transaction.atomic
def amend(declaration: UseDeclaration, said: Declared, *, actor: Actor) -> UseDeclaration:
    """Change a draft. What was approved is not edited: it is ended, and another one drafted."""
    row = _hold(declaration, actor, (State.DRAFT,))
    _require(said)
    for name, value in _columns(said).items():
        setattr(row, name, value)
    row.save(update_fields=list(_columns(said)))
    row.datasets.set(said.datasets)
    _event(row, "amended", today(), actor)
    return row


@transaction.atomic
def discard(declaration: UseDeclaration, *, actor: Actor) -> None:
    """Throw a draft away: it is no legal fact yet, so nothing of it is kept. Conflict where a record names it."""
    row = _hold(declaration, actor, (State.DRAFT,))
    if GeneratedPart.objects.filter(declaration=row).exists():
        raise Conflict("Records of model output name this draft: change it, or have it approved.")
    row.delete()


@transaction.atomic
def approve(declaration: UseDeclaration, *, actor: Actor, begins_on: datetime.date | None = None) -> UseDeclaration:
    """Approve a draft; it covers output from `begins_on` (today) on. Owners and lawyers approve.

    A day before today is refused: nobody approves what has happened already.
    """
    if actor.role not in ANSWERERS:
        raise NotAllowed("A use is approved by an owner or a lawyer of your organisation.")
    row = _hold(declaration, actor, (State.DRAFT,), writes=False)
    day = begins_on or today()
    if day < today():
        raise _invalid("/begins_on", "A use is approved before it begins, not afterwards.")
    row.state, row.approved_by, row.begins_on = State.APPROVED, actor.user, day
    row.save(update_fields=["state", "approved_by", "begins_on"])
    _event(row, "approved", day, actor)
    return row


@transaction.atomic
def end(
    declaration: UseDeclaration, *, actor: Actor, reason: str = "", ended_on: datetime.date | None = None
) -> UseDeclaration:
    """End an approved use: `ended_on` (today) is its last day. Output made later is not covered.

    One that has not begun is ended today, and never covers anything.
    """
    row = _hold(declaration, actor, (State.APPROVED,))
    day = ended_on or today()
    if row.begins_on and day < min(row.begins_on, today()):
        begun = f"It began on {row.begins_on}: it cannot end before that."
        raise _invalid("/ended_on", begun if row.begins_on <= today() else "It has not begun: it is ended today.")
    if day > today():
        raise _invalid("/ended_on", "This day is still to come.")
    if len(reason) > MAX_NOTE:
        raise _invalid("/reason", f"At most {MAX_NOTE} characters.")
    row.state, row.ended_on = State.ENDED, day
    row.save(update_fields=["state", "ended_on"])
    _event(row, "ended", day, actor, reason.strip())
    return row


def facts_of(row: UseDeclaration) -> dict[str, Any]:
    """The declaration as the log keeps it."""
    return {
        "declaration": row.public_id,
        "title": row.title,
        "provider": row.provider.key or row.provider.name,
        "model": row.model.slug if row.model else None,
        "account": row.account,
        "acceptance": str(row.acceptance),
        "terms": row.terms.key if row.terms else None,
        "accepted_on": row.accepted_on.isoformat() if row.accepted_on else None,
        "purpose": str(row.purpose),
        "destinations": sorted(row.destinations),
        "datasets": sorted(row.datasets.values_list("slug", flat=True)),
        "models": sorted(row.models_trained),
    }


def _columns(said: Declared) -> dict[str, Any]:
    names = ("provider", "model", "acceptance", "terms", "accepted_on", "purpose")
    texts = {name: getattr(said, name).strip() for name in ("title", "account", "note")}
    lists = {
        "destinations": sorted(set(said.destinations)),
        "models_trained": sorted({name.strip() for name in said.models_trained if name.strip()}),
    }
    return {name: getattr(said, name) for name in names} | texts | lists


def _require(said: Declared) -> None:
    faults = []
    for name, limit, cause in (("title", 200, "Name the use in a few words."), ("account", 200, "")):
        length = len(getattr(said, name).strip())
        if length > limit or (cause and not length):
            faults.append({"pointer": f"/{name}", "cause": cause or f"At most {limit} characters."})
    for name, known in (("purpose", UseDeclaration.Purpose.values), ("acceptance", Acceptance.values)):
        if getattr(said, name) not in known:
            cause = f"{getattr(said, name)!r} is not one of {', '.join(known)}."
            faults.append({"pointer": f"/{name}", "cause": cause})
    destinations = UseDeclaration.Destination.values
    if not set(said.destinations) <= set(destinations):
        faults.append({"pointer": "/destinations", "cause": f"Each is one of {', '.join(destinations)}."})
    if said.model is not None and said.model.developer_id != said.provider.pk:
        faults.append({"pointer": "/model", "cause": f"{said.model} is not a model of {said.provider}."})
    if said.terms is not None and said.terms.provider_id != said.provider.pk:
        faults.append({"pointer": "/terms", "cause": f"These are not terms of {said.provider}."})
    faults += _acceptance_faults(said)
    if len(said.note) > MAX_NOTE:
        faults.append({"pointer": "/note", "cause": f"At most {MAX_NOTE} characters."})
    if faults:
        raise InvalidInput(faults[0]["cause"], errors=faults)


def _acceptance_faults(said: Declared) -> list[dict[str, str]]:
    is_accepted = said.acceptance == Acceptance.ACCEPTED
    if not is_accepted and (said.accepted_on or said.terms):
        cause = "A version and a day of acceptance belong to terms that were accepted."
        return [{"pointer": "/acceptance", "cause": cause}]
    if said.accepted_on is None:
        return []
    if said.accepted_on > today():
        return [{"pointer": "/accepted_on", "cause": "This day is still to come."}]
    terms = said.terms
    if terms is None:
        return []
    begins = terms.published_on or terms.effective_from
    if (begins and said.accepted_on < begins) or (terms.effective_to and said.accepted_on > terms.effective_to):
        return [{"pointer": "/accepted_on", "cause": f"{terms.title} were not the terms of that day."}]
    return []


def _hold(declaration: UseDeclaration, actor: Actor, states: tuple[str, ...], *, writes: bool = True) -> UseDeclaration:
    organisation = actor.require_writer() if writes else actor.organisation
    if organisation != declaration.organisation:
        raise NotAllowed("This declaration is another organisation's.")
    rows = UseDeclaration.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
    row = rows.get(pk=declaration.pk)
    if row.state not in states:
        raise Conflict(f"This declaration is {row.state}: that cannot be done any more.", state=row.state)
    return row


def _event(row: UseDeclaration, kind: str, day: datetime.date, actor: Actor, text: str = "") -> DeclarationEvent:
    """A step with its log entry; a draft is no legal fact yet."""
    entry = None
    if kind in ("approved", "ended"):
        facts = facts_of(row) | {"on": day.isoformat()}
        subject = f"declaration:{row.public_id}"
        entry = log.stage(
            f"declaration.{kind}", subject=subject, facts=facts, actor=actor, organisation=row.organisation
        )
        output_dependents.after(OutputChange.Cause.DECLARATION, [row.provider], row.organisation)
    return DeclarationEvent.objects.create(declaration=row, kind=kind, on=day, text=text, user=actor.user, entry=entry)


def _invalid(pointer: str, cause: str) -> InvalidInput:
    return InvalidInput(cause, errors=[{"pointer": pointer, "cause": cause}])

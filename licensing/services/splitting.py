"""A request that was sent is split by who can grant: one negotiation a rightsholder, in batches, by a worker.

Works that nobody can answer for (nobody known, known by name only, disputed) get negotiations without a holder, one for
each reason and party, which say so, and are looked at again (`rechecks`). Queries grow with batches, not with works.
Interrupted and run again it goes on where it was; rightsholders see their part only when all of it is there.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from licensing.models import LicenceRequest, Negotiation, RequestedWork, Step
from licensing.rules.lifecycle import Move, Side, State, next_state, waits_for
from licensing.selectors import granting
from licensing.selectors.granting import Addressee, Why
from licensing.services import assertions, channel_events, request_states
from licensing.services.steps import step_facts
from registry import jobs
from registry.actors import system
from registry.merkle import tree
from registry.models import Job
from registry.services import copying, log

JOB = "split_request"
BATCH = 2_000
Key = tuple[int | None, int | None, str]  # holder, party, reason


def split(request_id: int, claim: jobs.Claim | None = None) -> None:
    """Split a request that was sent; anything else is left as it is."""
    request = LicenceRequest.objects.select_related("organisation", "requested_by").get(pk=request_id)
    if request.state != LicenceRequest.State.SPLITTING:
        return
    total, done = request.requested_works.count(), request.requested_works.exclude(negotiation=None).count()
    while rows := list(_waiting(request)[:BATCH]):
        with transaction.atomic():
            if claim is not None:
                claim.guard()
            _assign(request, rows)
        done += len(rows)
        if claim is not None:
            claim.progress("finding rightsholders", done, total)
    with transaction.atomic():
        if claim is not None:
            claim.guard()
        _open(request)


def _waiting(request: LicenceRequest) -> QuerySet[RequestedWork]:
    return RequestedWork.objects.filter(request=request, negotiation=None, left_out="").order_by("pk")


def _assign(request: LicenceRequest, rows: Sequence[RequestedWork]) -> None:
    """Give each work of a batch to the negotiation of whoever is asked for it."""
    found = granting.addressees([row.work_id for row in rows], assertions.today())
    own = {pk for pk, one in found.items() if one.organisation == request.organisation_id}
    if own:
        RequestedWork.objects.filter(request=request, work__in=own).update(left_out=Why.OWN)
    keys = {pk: key_of(one) for pk, one in found.items() if pk not in own}
    negotiations = _negotiations(request, set(keys.values()))
    doubtful = {negotiations[key].pk for pk, key in keys.items() if not found[pk].established}
    Negotiation.objects.filter(pk__in=doubtful, established=True).update(established=False)
    assigned = [(row.pk, negotiations[keys[row.work_id]].pk) for row in rows if row.work_id in keys]
    copying.update(RequestedWork, ["negotiation_id"], assigned)


def key_of(one: Addressee) -> Key:
    """The part of a request that a work belongs to, by who is asked about it."""
    return (one.organisation, None, "") if one.organisation is not None else (None, one.party, str(one.why))


def _negotiations(request: LicenceRequest, keys: set[Key]) -> dict[Key, Negotiation]:
    """The negotiations of these addressees: those that are there already, and new ones."""
    there = {(row.holder_id, row.party_id, row.why): row for row in request.negotiations.all()}
    new = {
        key: Negotiation(
            request=request,
            holder_id=key[0],
            party_id=key[1],
            why=key[2],
            terms=request.terms,
            respond_by=request.respond_by if key[0] is not None else None,
        )
        for key in sorted(keys - set(there), key=str)
    }
    Negotiation.objects.bulk_create(new.values())
    return there | new


def _open(request: LicenceRequest) -> None:
    """Put the first steps on record, under one log entry, and tell the rightsholders."""
    actor = system("licence-requests", request.organisation)
    rows = list(request.negotiations.select_related("holder", "request").order_by("pk"))
    counted = request.requested_works.exclude(negotiation=None).order_by().values_list("negotiation_id")
    works = dict(counted.annotate(rows=Count("pk")))
    steps: list[Step] = []
    for row in rows:
        row.works = works.get(row.pk, 0)
        steps += first_steps(row)
        row.changed_at = Now()
    facts = {
        "request": request.public_id,
        "negotiations": len(rows),
        "steps": len(steps),
        "root": tree.root(tree.leaf_hash(log.canonical(step_facts(step))) for step in steps).hex(),
    }
    subject = f"licence-request:{request.public_id}"
    entry = log.stage("licence_request.split", subject=subject, facts=facts, actor=actor)
    for step in steps:
        step.entry = entry
    Negotiation.objects.bulk_update(rows, ["works", "state", "waits_for", "version", "changed_at"], batch_size=500)
    Step.objects.bulk_create(steps, batch_size=2_000)
    LicenceRequest.objects.filter(pk=request.pk).update(state=LicenceRequest.State.OPEN)
    request_states.follow(request)
    _tell(request, rows)


def first_steps(row: Negotiation) -> list[Step]:
    """The registry looked who has the rights; where that is certain, the request has reached its holder."""
    moves = [Move.CHECK]
    if row.holder_id is not None and row.established:
        moves.append(Move.CONFIRM)
    steps = []
    for move in moves:
        state = next_state(State(row.state), move, Side.SYSTEM)
        data = {"why": row.why, "works": row.works} if row.why else {"works": row.works}
        steps.append(Step(negotiation=row, move=move.value, from_state=row.state, to_state=state.value, data=data))
        row.state = state.value
        row.version += 1
    waiting = waits_for(State(row.state))
    row.waits_for = waiting.value if waiting in (Side.FIRM, Side.HOLDER) and row.holder_id is not None else ""
    return steps


def _tell(request: LicenceRequest, rows: Sequence[Negotiation]) -> None:
    tell_holders(request, rows)
    sent: dict[str, object] = {
        "request": request.public_id,
        "negotiations": len(rows),
        "unanswerable": sum(row.works for row in rows if row.holder is None),
    }
    channel_events.tell(channel_events.REQUEST_SENT, (request.organisation,), sent)


def tell_holders(request: LicenceRequest, rows: Sequence[Negotiation]) -> None:
    """Tell the rightsholders of these parts that they are asked."""
    for row in rows:
        if row.holder is not None:
            told: dict[str, object] = {
                "negotiation": row.public_id,
                "from": request.organisation.slug,
                "works": row.works,
                "respond_by": row.respond_by.isoformat() if row.respond_by else None,
            }
            channel_events.tell(channel_events.REQUEST_RECEIVED, (row.holder,), told)


def close_broken() -> int:
    """Make drafts again of requests whose splitting ended without a result. Run by beat; returns how many."""
    broken = [Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]
    rows = LicenceRequest.objects.filter(state=LicenceRequest.State.SPLITTING, job__state__in=broken)
    count = 0
    for request in rows:
        with transaction.atomic():
            request.requested_works.update(negotiation=None, left_out="")
            request.negotiations.all().delete()
            count += LicenceRequest.objects.filter(pk=request.pk, state=LicenceRequest.State.SPLITTING).update(
                state=LicenceRequest.State.DRAFT
            )
    return count

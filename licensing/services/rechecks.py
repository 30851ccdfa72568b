"""Works of a request that nobody could be asked for: somebody to ask is looked for again, and asked.

A claim that is made or verified later, a dispute that is decided, an author who is here now: each may give a work
somebody who answers for it. Requests are looked at again soon after a claim to one of their works or a decision about
one, and once a day whatever happened. What somebody answers for now becomes a further part of the request, as if it had
been sent today; nothing that a rightsholder has before them is changed. The firm is told, and ends it by taking the
request back.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from licensing.models import LicenceRequest, Negotiation, RequestedWork, Step
from licensing.rules.agreement import parse_terms
from licensing.rules.lifecycle import BEFORE_GRANT
from licensing.selectors import granting
from licensing.selectors.granting import Why
from licensing.services import assertions, channel_events, request_states, splitting
from licensing.services.steps import step_facts
from registry import jobs
from registry.actors import system
from registry.merkle import tree
from registry.models import ClaimDecision, Job, RightsClaim
from registry.services import copying, log, mail

JOB = "recheck_request"
AGAIN_AFTER = datetime.timedelta(days=1)
REQUESTS_A_ROUND = 200
MAIL = "licensing/email/request_answerable"
State = LicenceRequest.State
Key = splitting.Key


def unanswered() -> QuerySet[RequestedWork]:
    """The works that nobody was asked for, of requests that were sent and not taken back."""
    states = [state.value for state in BEFORE_GRANT]
    rows = RequestedWork.objects.filter(negotiation__holder=None, negotiation__state__in=states, left_out="")
    return rows.filter(request__state__in=[State.OPEN, State.CLOSED])


def enqueue_due() -> int:
    """A job for each request whose unanswered works were claimed or decided about since, or not looked at for a day.

    Run by beat.
    """
    claims = RightsClaim.objects.filter(work=OuterRef("work"), recorded_at__gte=OuterRef("seen"))
    decided = ClaimDecision.objects.filter(work=OuterRef("work"), in_force_at__gte=OuterRef("seen"))
    seen = Coalesce("request__rechecked_at", "request__sent_at")
    waiting = (
        unanswered().annotate(seen=seen).filter(Q(seen__lt=Now() - AGAIN_AFTER) | Exists(claims) | Exists(decided))
    )
    due = LicenceRequest.objects.filter(pk__in=waiting.order_by().values("request")).order_by("rechecked_at", "pk")
    count = 0
    for request in due.select_related("organisation")[:REQUESTS_A_ROUND]:
        with transaction.atomic():
            pending = Job.objects.filter(kind=JOB, arguments__request_id=request.pk).exclude(state__in=Job.ENDED)
            if not pending.exists():
                jobs.enqueue(JOB, organisation=request.organisation, request_id=request.pk)
                count += 1
    return count


def recheck(request_id: int, claim: jobs.Claim | None = None) -> int:
    """Look for somebody to ask for the works that nobody was asked for; returns for how many somebody was found.

    One transaction and one log entry. A request that was taken back, or whose terms are over, is left as it is.
    """
    request, rows = _recheck(request_id, claim)
    if rows:
        _write(request, rows)
    return sum(row.works for row in rows)


@transaction.atomic
def _recheck(request_id: int, claim: jobs.Claim | None) -> tuple[LicenceRequest, list[Negotiation]]:
    """The request, and its new parts that a rightsholder was asked for."""
    if claim is not None:
        claim.guard()
    rows = LicenceRequest.objects.select_for_update(no_key=True, of=("self",))
    request = rows.select_related("organisation", "requested_by").get(pk=request_id)
    last_day = parse_terms(request.terms).valid_to
    LicenceRequest.objects.filter(pk=request.pk).update(rechecked_at=Now())
    if request.state not in (State.OPEN, State.CLOSED) or (last_day is not None and last_day < assertions.today()):
        return request, []
    moves, doubtful = _moves(request)
    silent = set(request.negotiations.filter(holder=None).values_list("pk", flat=True))
    made = _parts(request, moves, doubtful)
    copying.update(RequestedWork, ["negotiation_id"], [(pk, made[key].pk) for key, pks in moves.items() for pk in pks])
    _count(silent.union(row.pk for row in made.values()))
    for key, row in made.items():
        row.works = len(moves[key])
    answering = [row for row in made.values() if row.holder_id is not None]
    if made:
        _open(request, [row for row in made.values() if row.pk not in silent], sum(row.works for row in answering))
    request_states.follow(request)
    if answering:
        _tell(request, answering)
    return request, answering


def _moves(request: LicenceRequest) -> tuple[dict[Key, list[int]], set[Key]]:
    """To whom works go now, or for which other reason to nobody: key of the part → keys of the requested works.

    And which of these holders have to confirm their authority first. Works that the firm claims itself by now are left
    out.
    """
    moves: dict[Key, list[int]] = defaultdict(list)
    doubtful: set[Key] = set()
    own: list[int] = []
    names = ("pk", "work_id", "negotiation__party_id", "negotiation__why")
    rows = list(unanswered().filter(request=request).order_by("pk").values_list(*names))
    for start in range(0, len(rows), splitting.BATCH):
        batch = rows[start : start + splitting.BATCH]
        found = granting.addressees([work for _, work, _, _ in batch], assertions.today())
        for pk, work, party, why in batch:
            key = splitting.key_of(found[work])
            if key[0] == request.organisation_id:
                own.append(pk)
            elif key != (None, party, why):
                moves[key].append(pk)
                if not found[work].established:
                    doubtful.add(key)
    RequestedWork.objects.filter(pk__any_of=own).update(left_out=Why.OWN, negotiation=None)
    return dict(moves), doubtful


def _parts(request: LicenceRequest, keys: Collection[Key], doubtful: Collection[Key]) -> dict[Key, Negotiation]:
    """The parts that works go to: for a holder a further one, for another reason the one there is, or a new one."""
    there = {(None, row.party_id, row.why): row for row in request.negotiations.filter(holder=None)}
    last = dict(request.negotiations.exclude(holder=None).order_by().values_list("holder").annotate(last=Max("part")))
    today = assertions.today()
    respond_by = request.respond_by if request.respond_by is not None and request.respond_by > today else None
    found: dict[Key, Negotiation] = {}
    new: list[Negotiation] = []
    for key in sorted(keys, key=str):
        holder, party, why = key
        if holder is None and (None, party, why) in there:
            found[key] = there[None, party, why]
            continue
        found[key] = Negotiation(
            request=request,
            holder_id=holder,
            party_id=party,
            why=why,
            part=last.get(holder, 0) + 1,
            established=key not in doubtful,
            terms=request.terms,
            respond_by=respond_by if holder is not None else None,
        )
        new.append(found[key])
    Negotiation.objects.bulk_create(new)
    return found


def _count(negotiations: Collection[int]) -> None:
    """Say of these parts how many works they have now."""
    counted = RequestedWork.objects.filter(negotiation__in=negotiations).order_by().values_list("negotiation_id")
    works = dict(counted.annotate(rows=Count("pk")))
    rows = [Negotiation(pk=pk, works=works.get(pk, 0)) for pk in negotiations]
    Negotiation.objects.bulk_update(rows, ["works"], batch_size=500)


def _open(request: LicenceRequest, rows: Sequence[Negotiation], found: int) -> None:
    """Put the first steps of new parts on record, under one log entry."""
    made: list[Step] = []
    for row in rows:
        made += splitting.first_steps(row)
        row.changed_at = Now()
    facts: dict[str, object] = {
        "request": request.public_id,
        "works": found,
        "negotiations": len(rows),
        "steps": len(made),
        "root": tree.root(tree.leaf_hash(log.canonical(step_facts(step))) for step in made).hex(),
    }
    subject = f"licence-request:{request.public_id}"
    actor = system("licence-requests", request.organisation)
    entry = log.stage("licence_request.rechecked", subject=subject, facts=facts, actor=actor)
    for step in made:
        step.entry = entry
    Negotiation.objects.bulk_update(rows, ["state", "waits_for", "version", "changed_at"], batch_size=500)
    Step.objects.bulk_create(made, batch_size=2_000)


def _tell(request: LicenceRequest, rows: Sequence[Negotiation]) -> None:
    """Tell the rightsholders what they are asked, and the firm that they are."""
    splitting.tell_holders(request, rows)
    works = sum(row.works for row in rows)
    facts: dict[str, object] = {"request": request.public_id, "works": works, "negotiations": len(rows)}
    channel_events.tell(channel_events.REQUEST_ANSWERABLE, (request.organisation,), facts)


def _write(request: LicenceRequest, rows: Sequence[Negotiation]) -> None:
    """Mail whoever asked, once for all that was found."""
    person = request.requested_by
    if person is None or not person.email or not person.is_active:
        return
    context = {
        "request": request,
        "works": sum(row.works for row in rows),
        "holders": [row.holder for row in rows],
        "address": f"{settings.SITE_URL}/requests/{request.public_id}",
        "site_url": settings.SITE_URL,
    }
    mail.send(mail.compose(MAIL, person.email, context))

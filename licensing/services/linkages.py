"""Linkages: a list of titles is taken, each row is linked to a registered work or to none, people settle the rest.

What a person decides about a row is kept and used again for rows that say the same, for nothing else: it changes no
weight and no threshold, it is shown as a decision, and it can be taken back.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Now

from ingest import blobs
from ingest.services import uploads
from licensing.services import job_faults, linkage_files
from registry import access, actors, jobs
from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput, NotAllowed
from registry.linkage.facts import COLUMNS, RowFacts
from registry.models import Job, Linkage, LinkageDecision, LinkageRow, Organisation, Work
from registry.models.base import new_public_id
from registry.services import bulk_linking, linking

State, Decision = Linkage.State, LinkageRow.Decision
JOB = "linkage"
BATCH_ROWS = 2_000
MAX_ROWS = 2_000_000
BY_DECISION = "decision"


def take(
    *,
    file: IO[bytes] | Path,
    file_name: str,
    actor: Actor,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
) -> Linkage:
    """Keep the list and have it linked by a worker.

    columns: column → one of `registry.linkage.facts.COLUMNS`; without it they are recognised by their headings.
    Raises NotAllowed, FileTooLarge, StorageFull, or InvalidInput (no table, no column of titles or ISBNs). Then nothing
    is kept.
    """
    organisation = actor.require_writer()
    public_id = new_public_id()
    folder = f"linkages/{public_id}"
    name = uploads.clean_name(file_name)
    try:
        blob = uploads.keep(file, folder)
        uploads.make_room(actor, blob.size_bytes)
        with blobs.local_folder([(blob.key, name)]) as local:
            head, found = linkage_files.read_head(next(local.iterdir()), name=name, columns=columns, encoding=encoding)
        with transaction.atomic():
            uploads.make_room(actor, blob.size_bytes)
            linkage = Linkage.objects.create(
                public_id=public_id,
                organisation=organisation,
                user=actor.user,
                file_name=name,
                size_bytes=blob.size_bytes,
                sha256=blob.sha256,
                blob=blob.key,
                encoding=head.encoding[:40],
                columns=found,
                method=linking.method(),
            )
            linkage.job = jobs.enqueue(JOB, organisation=organisation, linkage_id=linkage.pk)
            linkage.save(update_fields=["job"])
        return linkage
    except BaseException:
        blobs.delete_folder(folder)
        raise


def run(linkage_id: int, claim: jobs.Claim | None = None) -> None:
    """Link every row of a list that waits for it. Interrupted and run again it begins anew."""
    linkage = Linkage.objects.select_related("organisation", "user").get(pk=linkage_id)
    if linkage.state != State.RUNNING:
        return
    try:
        _run(linkage, claim)
    except jobs.LeaseLost:
        raise
    except jobs.Cancelled:
        end(linkage, State.CANCELLED, "Stopped on request.")
        raise
    except ColophonError as error:
        end(linkage, State.FAILED, error.sentence)
        raise
    except Exception:
        if claim is None or claim.job.attempts >= settings.JOB_MAX_ATTEMPTS:
            end(linkage, State.FAILED, job_faults.unforeseen(linkage, claim))
        raise


def _run(linkage: Linkage, claim: jobs.Claim | None) -> None:
    def say(stage: str, done: int, total: int) -> None:
        if claim is not None:
            claim.progress(stage, done, total)

    say("reading", 0, 0)
    LinkageRow.objects.filter(linkage=linkage).delete()
    rows = _read(linkage)
    actor = actors.system(JOB, linkage.organisation)
    remembered = _remembered(linkage.organisation, (facts for _, facts in rows))
    counts: Counter[str] = Counter()
    told = bulk_linking.link(rows, actor=actor, say=say)
    for batch in _batches(zip(rows, told, strict=True)):
        with transaction.atomic():
            if claim is not None:
                claim.guard()
            made = [_row(linkage, facts, one, remembered) for (_, facts), one in batch]
            LinkageRow.objects.bulk_create(made)
        counts.update(row.decided or row.decision for row in made)
        say("storing", sum(counts.values()), len(rows))
    with transaction.atomic():
        if claim is not None:
            claim.guard()
        linkage.counts = {"rows": len(rows)} | {name: counts[name] for name in ("match", "review", "none")}
        linkage.state = State.DONE
        linkage.ended_at = Now()
        linkage.save(update_fields=["counts", "state", "ended_at"])


def _read(linkage: Linkage) -> list[linkage_files.Numbered]:
    with blobs.local_folder([(linkage.blob, linkage.file_name)]) as local:
        path = next(local.iterdir())
        head, columns = linkage_files.read_head(
            path, name=linkage.file_name, columns=linkage.columns, encoding=linkage.encoding
        )
        found = linkage_files.rows_of(path, name=linkage.file_name, head=head, columns=columns)
        rows = list(itertools.islice(found, MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise InvalidInput(f"The list has more than {MAX_ROWS:,} rows, which is as many as are linked at once.")
    return rows


def _batches(pairs: Iterable[Any]) -> Iterator[list[Any]]:
    found = iter(pairs)
    while batch := list(itertools.islice(found, BATCH_ROWS)):
        yield batch


def _remembered(organisation: Organisation, rows: Iterable[RowFacts]) -> dict[str, LinkageDecision]:
    """Digest → what the organisation decided about a row that says the same; a withdrawn work decides nothing."""
    live = LinkageDecision.objects.filter(organisation=organisation, withdrawn_at__isnull=True)
    if not live.exists():
        return {}
    wanted = {facts.digest() for facts in rows}
    standing = Q(work__isnull=True) | Q(work__withdrawn_at__isnull=True, work__merged_into__withdrawn_at__isnull=True)
    found = live.filter(standing).select_related("work__merged_into")
    return {one.row_digest: one for one in found.iterator() if one.row_digest in wanted}


def _row(
    linkage: Linkage, facts: RowFacts, told: Mapping[str, Any], remembered: Mapping[str, LinkageDecision]
) -> LinkageRow:
    digest = facts.digest()
    row = LinkageRow(
        linkage=linkage,
        number=told["row"],
        facts={name: getattr(facts, name) for name in COLUMNS} | {"digest": digest, "note": told["note"]},
        decision=told["decision"],
        work_id=told["work"],
        probability=told["probability"],
        by=told["by"],
        candidates=list(told["candidates"]),
    )
    known = remembered.get(digest)
    if known is not None:
        _settle(row, known)
    return row


def _settle(row: LinkageRow, decision: LinkageDecision) -> None:
    row.decided = Decision.MATCH if decision.work_id else Decision.NONE
    row.decided_work_id = decision.work.survivor.pk if decision.work else None
    row.decided_by_id = decision.user_id
    row.decided_at = decision.recorded_at


def decide(*, row: LinkageRow, work: Work | None, actor: Actor) -> int:
    """Say which work a row is, or that it is none; rows of this organisation that say the same follow.

    Returns how many rows of this list are settled by it. An earlier decision about such rows ends. Raises NotAllowed,
    Conflict (still running), InvalidInput (a work that the actor may not see or that is withdrawn).
    """
    organisation = _require_own(row.linkage, actor)
    if (
        work is not None
        and not access.works(actor).filter(pk=work.pk, withdrawn_at__isnull=True, merged_into__isnull=True).exists()
    ):
        raise InvalidInput("This work is not there.", errors=[{"pointer": "/work", "cause": "There is no such work."}])
    with transaction.atomic():
        _lock(row.linkage)
        _live(organisation, row).update(withdrawn_at=Now())
        decision = LinkageDecision.objects.create(
            organisation=organisation, row_digest=row.facts["digest"], work=work, user=actor.user
        )
        decision.refresh_from_db()
        _settle(row, decision)
        settled = _equal(row).update(
            decided=row.decided, decided_work=work, decided_by=actor.user, decided_at=decision.recorded_at
        )
        recount(row.linkage)
    return settled


def undo(*, row: LinkageRow, actor: Actor) -> int:
    """Take the decision about a row back: what was computed stands again, here and for later lists."""
    organisation = _require_own(row.linkage, actor)
    with transaction.atomic():
        _lock(row.linkage)
        _live(organisation, row).update(withdrawn_at=Now())
        undone = _equal(row).update(decided="", decided_work=None, decided_by=None, decided_at=None)
        recount(row.linkage)
    return undone


def _lock(linkage: Linkage) -> None:
    """One decision of an organisation at a time."""
    Organisation.objects.select_for_update(no_key=True).get(pk=linkage.organisation_id)


def _live(organisation: Organisation, row: LinkageRow) -> QuerySet[LinkageDecision]:
    return LinkageDecision.objects.filter(
        organisation=organisation, row_digest=row.facts["digest"], withdrawn_at__isnull=True
    )


def _equal(row: LinkageRow) -> QuerySet[LinkageRow]:
    """The rows of the same list that say the same, this one with them."""
    return LinkageRow.objects.filter(linkage_id=row.linkage_id, facts__digest=row.facts["digest"])


def _require_own(linkage: Linkage, actor: Actor) -> Organisation:
    organisation = actor.require_writer()
    if linkage.organisation_id != organisation.pk:
        raise NotAllowed("Only the organisation that handed a list in decides about its rows.")
    if linkage.state != State.DONE:
        raise Conflict("This list is not linked yet.", state=linkage.state)
    return organisation


def recount(linkage: Linkage) -> None:
    """Count the rows by what stands for them: a decision, else what was computed."""
    stands = Case(When(decided="", then=F("decision")), default=F("decided"))
    found = LinkageRow.objects.filter(linkage=linkage).order_by().values_list(stands).annotate(rows=Count("id"))
    counts = Counter(dict(found))
    linkage.counts = {"rows": sum(counts.values())} | {name: counts[name] for name in ("match", "review", "none")}
    Linkage.objects.filter(pk=linkage.pk).update(counts=linkage.counts)


def waiting(linkage: Linkage) -> QuerySet[LinkageRow]:
    """The rows that wait for a person, in order."""
    return LinkageRow.objects.filter(linkage=linkage, decision=Decision.REVIEW, decided="").order_by("number")


def cancel(*, linkage: Linkage, actor: Actor) -> None:
    """Stop a list that is being linked. Raises Conflict when it is over."""
    if linkage.organisation_id != actor.require_writer().pk:
        raise NotAllowed("Only the organisation that handed a list in may stop it.")
    if linkage.state != State.RUNNING:
        raise Conflict("This list is not being linked any more.", state=linkage.state)
    if linkage.job is not None:
        jobs.cancel(linkage.job)
        linkage.job.refresh_from_db()
        if not linkage.job.ended:
            return  # the worker stops at its next chunk and says so
    end(linkage, State.CANCELLED, "Stopped on request.")
    linkage.refresh_from_db()


def end(linkage: Linkage, state: str, reason: str) -> None:
    """Close a list that was not linked."""
    Linkage.objects.filter(pk=linkage.pk, state=State.RUNNING).update(
        state=state, reason=reason.replace("\0", "\ufffd")[:2000], ended_at=Now()
    )


def close_broken() -> int:
    """Close the lists whose job ended without a result: quarantined, or cancelled while it waited. Run by beat."""
    broken = [Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]
    found = Linkage.objects.filter(state=State.RUNNING, job__state__in=broken).select_related("job")
    for linkage in found:
        assert linkage.job is not None
        stopped = linkage.job.state == Job.State.CANCELLED
        end(linkage, State.CANCELLED if stopped else State.FAILED, linkage.job.reason)
    return len(found)


def results(linkage: Linkage) -> Iterator[LinkageRow]:
    """Every row in order, for downloads."""
    rows = LinkageRow.objects.filter(linkage=linkage).order_by("number")
    return rows.select_related("linkage", "work__merged_into", "decided_work__merged_into").iterator(BATCH_ROWS)

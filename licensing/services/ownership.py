"""Authority: in which capacity somebody speaks for a work, and on which evidence. Rival claims are both kept."""

import datetime
from collections.abc import Collection, Sequence
from typing import Any

import orjson
from django.db import transaction
from django.db.models.functions import Now

from licensing.services import assertions, dependents
from licensing.services.assertions import Scope
from licensing.services.verification import sha256_faults
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.merkle import tree
from registry.models import Entry, Organisation, Party, RightsClaim, Work
from registry.models.base import new_public_id
from registry.search import sync
from registry.services import copying, log

BATCH_ROWS = 2_000


@transaction.atomic
def claim(
    *,
    work: Work,
    holder: Party,
    scope: Scope,
    actor: Actor,
    exclusive: bool = False,
    ai_rights: str = RightsClaim.AiRights.SILENT,
) -> RightsClaim:
    """Record that `holder` claims the right in the work, as the actor's organisation states it.

    Anybody may claim any work that stands. Of the scope, the document's address and SHA-256 are its evidence.
    """
    organisation = actor.require_writer()
    assertions.hold_work(work)
    columns = assertions.columns(scope, organisation)
    _require_words(ai_rights, scope.source_sha256)
    names = ("capacity", "verification", "territory", "valid_from", "valid_to", "observed_at", "demo")
    row = RightsClaim.objects.create(
        work=work,
        holder=holder,
        asserted_by=organisation,
        exclusive=exclusive,
        ai_rights=ai_rights,
        evidence=scope.statement,
        evidence_address=scope.source_address,
        evidence_sha256=scope.source_sha256,
        **{name: columns[name] for name in names},
    )
    facts = claimed_facts(row, work) | {"verification": row.verification}
    log.stage("ownership.claimed", subject=f"claim:{row.public_id}", facts=facts, actor=actor)
    dependents.after_statements([work.pk])
    return row


def holder_of(organisation: Organisation) -> Party:
    """The party that an organisation is, made when it first claims something."""
    party, is_new = Party.objects.get_or_create(
        organisation=organisation,
        defaults={
            "name": organisation.name,
            "country": organisation.country,
            "kind": Party.Kind.PERSON if organisation.kind == Organisation.Kind.PERSON else Party.Kind.ORGANISATION,
        },
    )
    if is_new:
        sync.refresh(party)
    return party


@transaction.atomic
def claim_many(
    *,
    works: Sequence[Work],
    capacity: str,
    ai_rights: str,
    observed_at: datetime.date,
    evidence: str,
    exclusive: bool = False,
    actor: Actor,
    holder: Party | None = None,
    evidence_address: str = "",
    evidence_sha256: str = "",
    stage_log: bool = True,
    entry: int | None = None,
) -> list[RightsClaim]:
    """The same claim for many works, in a fixed number of queries a batch → one claim a work, in the order given.

    Without a `holder` the organisation itself is it. What stands already and says the same is kept and returned; a
    bulk claim that says something else about AI rights or exclusivity is withdrawn and takes the new one's place.
    Claims with a territory, dates or a higher verification of their own were made by hand and stay as they are.

    One log entry carries the Merkle roots over `claim_leaf` of the new and of the withdrawn claims, each by their
    primary key; a new one names that entry. `stage_log=False` leaves the entry to the caller, who puts `claim_leaf` of
    each under its own root and may have its key, `entry`, already. Raises Conflict when one of the works was
    withdrawn or merged, InvalidInput for words of no vocabulary.
    """
    organisation = actor.require_writer()
    scope = Scope(
        capacity=capacity, observed_at=observed_at, source_address=evidence_address, source_sha256=evidence_sha256
    )
    columns = assertions.columns(scope, organisation)
    _require_words(ai_rights, evidence_sha256)
    assertions.hold_works(works)
    holder = holder or holder_of(organisation)
    said = {"ai_rights": ai_rights, "exclusive": exclusive}
    standing, outdated = _standing_claims({work.pk for work in works}, holder, organisation, capacity, said)
    new = [
        RightsClaim(
            work=work,
            holder=holder,
            asserted_by=organisation,
            capacity=capacity,
            observed_at=observed_at,
            verification=columns["verification"],
            evidence=evidence,
            evidence_address=evidence_address,
            evidence_sha256=evidence_sha256,
            demo=work.demo,
            entry_id=entry,
            **said,
        )
        for work in {work.pk: work for work in works}.values()
        if work.pk not in standing
    ]
    if outdated:
        RightsClaim.objects.filter(pk__any_of=[row.pk for row in outdated]).update(withdrawn_at=Now())
    copying.create(new)
    if stage_log and (new or outdated):
        logged = _log_many(new, outdated, columns, actor)
        RightsClaim.objects.filter(pk__in=[row.pk for row in new]).update(entry=logged)
    dependents.after_statements([row.work_id for row in new])
    standing |= {row.work_id: row for row in new}
    return [standing[work.pk] for work in works]


def claim_made(
    works: Sequence[tuple[int, str]],
    *,
    capacity: str,
    ai_rights: str,
    observed_at: datetime.date,
    evidence: str,
    evidence_sha256: str,
    actor: Actor,
    holder: Party,
    entry: int,
) -> list[bytes]:
    """Claim works (primary key, public id) that were made in this transaction, which nobody can have claimed before.

    As `claim_many` does, without a look at what stands. Returns what `claim_leaf` says of each, for the caller's entry,
    whose key is `entry`.
    """
    organisation = actor.require_writer()
    scope = Scope(capacity=capacity, observed_at=observed_at, source_sha256=evidence_sha256)
    columns = assertions.columns(scope, organisation)
    _require_words(ai_rights, evidence_sha256)
    pattern = RightsClaim(
        holder=holder,
        asserted_by=organisation,
        capacity=capacity,
        observed_at=observed_at,
        verification=columns["verification"],
        evidence=evidence,
        evidence_sha256=evidence_sha256,
        ai_rights=ai_rights,
        entry_id=entry,
    )
    named = [(pk, public_id, new_public_id()) for pk, public_id in works]
    copying.create_alike(pattern, ("work_id", "public_id"), [(work, claim) for work, _, claim in named])
    same = claimed_facts(pattern, Work())
    facts = (same | {"work": work, "claim": claim} for _, work, claim in named)
    return [orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in facts]  # the spelling of `log.canonical`


def _standing_claims(
    works: Collection[int], holder: Party, organisation: Organisation, capacity: str, said: dict[str, Any]
) -> tuple[dict[int, RightsClaim], list[RightsClaim]]:
    """Of claims that were made in bulk: work pk → the one that says the same, and those that say something else."""
    if not works:
        return {}, []
    rows = RightsClaim.objects.select_for_update(no_key=True).filter(
        work__any_of=works,
        holder=holder,
        asserted_by=organisation,
        capacity=capacity,
        withdrawn_at__isnull=True,
        valid_from__isnull=True,
        valid_to__isnull=True,
        territory__len=0,
    )
    same: dict[int, RightsClaim] = {}
    other: list[RightsClaim] = []
    for row in rows.order_by("pk"):
        if all(getattr(row, name) == value for name, value in said.items()):
            same[row.work_id] = row
        elif row.verification in assertions.UNPROVED:
            other.append(row)
    return same, other


def _log_many(
    new: Sequence[RightsClaim], outdated: Sequence[RightsClaim], columns: dict[str, Any], actor: Actor
) -> Entry:
    facts: dict[str, object] = {
        "claims": len(new),
        "root": root_of(new),
        "verification": columns["verification"],
        "withdrawn": len(outdated),
        "withdrawn_root": root_of(outdated),
    }
    return log.stage("ownership.claimed_many", subject=f"claims:{new_public_id()}", facts=facts, actor=actor)


def claim_leaf(row: RightsClaim, work: Work) -> bytes:
    """The canonical JSON of one claim of many: what is hashed under the root in the log's entry."""
    return log.canonical(claimed_facts(row, work) | {"claim": row.public_id})


def root_of(rows: Sequence[RightsClaim]) -> str:
    """The Merkle root over these claims' leaves, in this order, as hex. Each row's work and holder are read."""
    return tree.root(tree.leaf_hash(claim_leaf(row, row.work)) for row in rows).hex()


def claimed_facts(row: RightsClaim, work: Work) -> dict[str, object]:
    """A claim as it was made: everything that is never changed afterwards."""
    return {
        "work": work.public_id,
        "holder": row.holder.name,
        "holder_id": row.holder.public_id,
        "capacity": row.capacity,
        "exclusive": row.exclusive,
        "ai_rights": row.ai_rights,
        "territory": row.territory,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "observed_at": row.observed_at.isoformat(),
        "evidence": row.evidence,
        "evidence_address": row.evidence_address,
        "evidence_sha256": row.evidence_sha256,
        "demo": row.demo,
    }


@transaction.atomic
def withdraw(claim: RightsClaim, *, reason: str, actor: Actor) -> None:
    """End a claim today; it still counts for earlier days. Raises Conflict (another's, or withdrawn before)."""
    assertions.withdraw(claim, kind="claim", reason=reason, actor=actor)


def _require_words(ai_rights: str, sha256: str) -> None:
    errors = []
    if ai_rights not in RightsClaim.AiRights.values:
        cause = f"{ai_rights!r} is not one of {', '.join(RightsClaim.AiRights.values)}."
        errors.append({"pointer": "/ai_rights", "cause": cause})
    errors += sha256_faults("/evidence_sha256", sha256)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)

"""Members leave a society's repertoire: from that day its licences no longer reach their works."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from licensing.models import Agreement, Channel, Grant, MemberExit
from licensing.models.policies import VerdictChange
from licensing.selectors import repertoires
from licensing.services import assertions, channel_events, reevaluation
from registry.actors import Actor, system
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.merkle import tree
from registry.models import Organisation, Work
from registry.services import log

CHANNELS = (Channel.COLLECTIVE_OPT_IN, Channel.COLLECTIVE_EXTENDED)


@transaction.atomic
def leave(
    *,
    society: Organisation,
    actor: Actor,
    works: Sequence[str] = (),
    channels: Sequence[str] = (),
    leaves_on: datetime.date | None = None,
    reason: str = "",
) -> MemberExit:
    """The actor's organisation takes its works out of a society's repertoire, all of them or those named (public ids).

    From `leaves_on` (None: today) on, what the society granted for them ends, and it can grant them no more.
    `channels`: one of the two collective ones, or both where none is named. Raises InvalidInput with every fault,
    Conflict (leaving oneself).
    """
    organisation = actor.require_writer()
    if organisation == society:
        raise Conflict("A society does not leave itself.")
    day = leaves_on or assertions.today()
    ids = sorted(dict.fromkeys(works))
    errors = _faults(organisation, ids, channels, day)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    row = MemberExit.objects.create(
        society=society,
        organisation=organisation,
        works=ids,
        channels=sorted(set(channels)),
        leaves_on=day,
        reason=reason.strip(),
    )
    facts: dict[str, object] = {
        "society": society.slug,
        "works": len(ids),
        "root": tree.root(tree.leaf_hash(public_id.encode()) for public_id in ids).hex(),
        "channels": row.channels,
        "leaves_on": day.isoformat(),
        "reason": row.reason,
    }
    log.stage("member_exit.recorded", subject=f"member-exit:{row.public_id}", facts=facts, actor=actor)
    if day <= assertions.today():
        _take_effect(row)
    return row


def _faults(
    organisation: Organisation, ids: Sequence[str], channels: Sequence[str], day: datetime.date
) -> list[dict[str, str]]:
    errors = [
        {"pointer": "/channels", "cause": f"{word!r} is not one of {', '.join(CHANNELS)}."}
        for word in channels
        if word not in set(CHANNELS)
    ]
    if day < assertions.today():
        errors.append({"pointer": "/leaves_on", "cause": "Members leave from today on at the earliest."})
    own = set(
        Work.objects.filter(
            public_id__in=[each for each in ids if "\0" not in each],
            rights_claims__asserted_by=organisation,
            rights_claims__withdrawn_at__isnull=True,
        ).values_list("public_id", flat=True)
    )
    errors += [
        {"pointer": f"/works/{number}", "cause": "Your organisation has no standing claim to such a work."}
        for number, public_id in enumerate(ids)
        if public_id not in own
    ]
    return errors[:1000]


@transaction.atomic
def withdraw(exit_: MemberExit, *, actor: Actor) -> None:
    """Come back: the society can grant the works again. What ended stays ended. Raises NotAllowed, Conflict."""
    if actor.require_writer() != exit_.organisation:
        raise NotAllowed("Only the member that left can come back.")
    if not MemberExit.objects.filter(pk=exit_.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now()):
        raise Conflict("This was taken back before.")
    log.stage("member_exit.withdrawn", subject=f"member-exit:{exit_.public_id}", facts={}, actor=actor)


def follow_days() -> int:
    """Put into effect the exits whose day has come, however late. Run by beat; returns how many grants ended."""
    rows = MemberExit.objects.filter(
        withdrawn_at__isnull=True, effective_at__isnull=True, leaves_on__lte=assertions.today()
    )
    count = 0
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            held = rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(pk=pk)
            for row in held.select_related("society", "organisation"):
                count += _take_effect(row)
    return count


def _take_effect(row: MemberExit) -> int:
    """End what the society granted for these works; answers that rest on it are looked at again."""
    MemberExit.objects.filter(pk=row.pk).update(effective_at=Now())
    channels = row.channels or list(CHANNELS)
    agreements = Agreement.objects.filter(granted_by=row.society, channel__in=channels)
    agreements = agreements.select_related("granted_by", "licensee")
    count = 0
    for agreement in agreements.filter(grants__in=_standing(row)).distinct().order_by("pk"):
        granted = list(_standing(row).filter(agreement=agreement).values_list("work_id", flat=True))
        left = repertoires.left_works(row.society, granted, on=row.leaves_on, channel=agreement.channel)
        if left:
            count += _end(agreement, left, row)
    return count


def _standing(row: MemberExit) -> QuerySet[Grant]:
    """The grants that an exit may be about and that have not ended: one that is to end later is ended now."""
    grants = Grant.objects.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=Now()))
    return grants.filter(work__public_id__in=row.works) if row.works else grants


def _end(agreement: Agreement, works: set[int], row: MemberExit) -> int:
    """End these works' grants of one agreement; returns how many. What a society grants is passed on to nobody."""
    grants = Grant.objects.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=Now()), agreement=agreement)
    ids = sorted(grants.filter(work__any_of=works).values_list("public_id", flat=True))
    if not ids:
        return 0
    grants.filter(public_id__in=ids).update(withdrawn_at=Now())
    facts: dict[str, object] = {
        "agreement": agreement.public_id,
        "member_exit": row.public_id,
        "grants": len(ids),
        "root": tree.root(tree.leaf_hash(public_id.encode()) for public_id in ids).hex(),
    }
    actor = system("member-exits", row.society)
    log.stage("agreement.left_by_member", subject=f"agreement:{agreement.public_id}", facts=facts, actor=actor)
    reevaluation.after(agreement, VerdictChange.Cause.REVOKED, works=sorted(works))
    told: dict[str, object] = {"agreement": agreement.public_id, "how": "member_left", "works": len(ids)}
    parties = (agreement.granted_by, agreement.licensee)
    channel_events.tell(channel_events.AGREEMENT_ENDED, parties, told | {"from": row.leaves_on.isoformat()})
    return len(ids)

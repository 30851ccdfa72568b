"""Where works stand on the web, as who speaks for them says: what is said of a place counts for what stands there."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Now

from licensing.formats.places import Place, parse
from licensing.models import WorkAddress
from licensing.rules import terms
from licensing.services import assertions, signals
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Organisation, RightsClaim, Work
from registry.services import log

SPEAKING = frozenset({*terms.HOLDER_CAPACITIES, terms.Capacity.PLATFORM})
MAX_OF_WORK = 100


def speaks_for(organisation: Organisation | None, work: Work) -> bool:
    """Whether the organisation registered the work, or has a standing claim to speak for it."""
    if organisation is None:
        return False
    if work.registered_by == organisation:
        return True
    claims = RightsClaim.objects.filter(work=work, asserted_by=organisation, withdrawn_at__isnull=True)
    return claims.filter(capacity__in=sorted(SPEAKING), set_aside_by__isnull=True).exists()


def state(*, work: Work, address: str, actor: Actor, since: datetime.date | None = None) -> WorkAddress:
    """State that the work, or part of it, stands at an address; a final * stands for all below. Said once.

    Raises NotAllowed (somebody else's work), InvalidInput, or Conflict (stated already, too many).
    """
    return state_many(places=[(work, address)], actor=actor, since=since)[0]


@transaction.atomic
def state_many(
    *, places: Sequence[tuple[Work, str]], actor: Actor, since: datetime.date | None = None
) -> list[WorkAddress]:
    """The same of many works at once: all of them or none, with one log entry. One that is stated already is an error
    where it is alone, and passed over among many."""
    organisation = actor.require_writer()
    parsed = _checked(places, since)
    for work in {work.pk: work for work, _ in places}.values():
        if not speaks_for(organisation, work):
            raise NotAllowed(f"Where “{work.title}” stands is for those to say who speak for it.")
    assertions.hold_works([work for work, _ in places])
    works = [work.pk for work, _ in places]
    standing = WorkAddress.objects.filter(work__in=works, stated_by=organisation, withdrawn_at__isnull=True)
    known = {(row.work_id, row.address) for row in standing}
    if len(places) == 1 and (works[0], parsed[0].address) in known:
        raise Conflict(f"{parsed[0].address} is stated already.", address=parsed[0].address)
    rows: dict[tuple[int, str], WorkAddress] = {}
    for (work, _), place in zip(places, parsed, strict=True):
        key = (work.pk, place.address)
        if key not in known:
            rows[key] = WorkAddress(
                work=work, address=place.address, host=place.host, stated_by=organisation, since=since
            )
    _require_room(list(rows.values()), known)
    made = WorkAddress.objects.bulk_create(rows.values(), batch_size=1000)
    if made:
        facts: dict[str, object] = {
            "addresses": [[row.work.public_id, row.address] for row in made[:MAX_OF_WORK]],
            "stated": len(made),
        }
        log.stage("addresses.stated", subject=f"address:{made[0].public_id}", facts=facts, actor=actor)
        signals.follow_and_log({row.work_id for row in made}, actor=actor)
    return made


def _checked(places: Sequence[tuple[Work, str]], since: datetime.date | None) -> list[Place]:
    errors, parsed = [], []
    for number, (_, address) in enumerate(places):
        try:
            parsed.append(parse(address, pattern=True))
        except ValueError as error:
            pointer = "/address" if len(places) == 1 else f"/places/{number}/address"
            errors.append({"pointer": pointer, "cause": str(error)})
    if since and since > assertions.today():
        errors.append({"pointer": "/since", "cause": "This day is still to come."})
    if errors or not parsed:
        raise InvalidInput(errors[0]["cause"] if errors else "No address was given.", errors=errors)
    return parsed


def _require_room(rows: Sequence[WorkAddress], known: set[tuple[int, str]]) -> None:
    counts: dict[int, int] = {}
    for work in [row.work_id for row in rows] + [work for work, _ in known]:
        counts[work] = counts.get(work, 0) + 1
    if any(count > MAX_OF_WORK for count in counts.values()):
        raise Conflict(f"A work has at most {MAX_OF_WORK} addresses here: state one with a * for all below.")


@transaction.atomic
def withdraw(row: WorkAddress, *, actor: Actor) -> None:
    """Say no longer that the work stands there; what was derived from the place ends today."""
    if actor.require_writer() != row.stated_by:
        raise Conflict("Only the organisation that stated an address can take it back.")
    if not WorkAddress.objects.filter(pk=row.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now()):
        raise Conflict("This address was taken back before.")
    log.stage("address.withdrawn", subject=f"address:{row.public_id}", facts={"address": row.address}, actor=actor)
    signals.follow_and_log({row.work_id}, actor=actor)

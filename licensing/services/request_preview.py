"""A draft's works by who can answer for them, before anybody is asked."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from licensing.models import LicenceRequest
from licensing.selectors import granting
from licensing.selectors.granting import Why
from licensing.services.assertions import today
from registry.models import Organisation, Party, Work

MOST = 5_000  # works that are looked at for the preview; a worker looks at all once the request is sent
NAMED = 100  # works of a group that are named, to be left out one by one


@dataclass
class Group:
    """Works for which the same one answers, or nobody for the same reason."""

    holder: Organisation | None
    party: Party | None
    why: str
    number: int = 0
    unsure: int = 0  # of these the holder's authority has to be confirmed first
    works: list[Work] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.number - len(self.works)


@dataclass(frozen=True)
class Preview:
    """Groups that can answer, the largest first, and those that cannot."""

    answering: Sequence[Group]
    silent: Sequence[Group]
    total: int
    looked_at: int

    @property
    def is_partial(self) -> bool:
        return self.looked_at < self.total


def of(request: LicenceRequest) -> Preview:
    """Who would be asked for which works of a draft, as it is on record today."""
    rows = request.requested_works.order_by("pk")
    total = rows.count()
    keys = list(rows.values_list("work_id", flat=True)[:MOST])
    found = granting.addressees(keys, today())
    members: dict[tuple[int | None, int | None, str], list[int]] = defaultdict(list)
    unsure: Counter[tuple[int | None, int | None, str]] = Counter()
    for pk, one in found.items():
        own = one.organisation == request.organisation_id
        key = (None, None, Why.OWN.value) if own else (one.organisation, one.party, str(one.why))
        members[key].append(pk)
        unsure[key] += not one.established
    groups = _groups(members, unsure)
    groups.sort(key=lambda group: (-group.number, str(group.holder or group.party or group.why)))
    answering = [group for group in groups if group.holder is not None]
    return Preview(answering, [group for group in groups if group.holder is None], total, len(keys))


def _groups(
    members: dict[tuple[int | None, int | None, str], list[int]], unsure: Counter[tuple[int | None, int | None, str]]
) -> list[Group]:
    holders = Organisation.objects.in_bulk({key[0] for key in members if key[0] is not None})
    parties = Party.objects.in_bulk({key[1] for key in members if key[1] is not None})
    named = [pk for pks in members.values() for pk in pks[:NAMED]]
    works = Work.objects.in_bulk(named)
    return [
        Group(
            holder=holders.get(key[0]) if key[0] is not None else None,
            party=parties.get(key[1]) if key[1] is not None else None,
            why=key[2],
            number=len(pks),
            unsure=unsure[key],
            works=sorted((works[pk] for pk in pks[:NAMED]), key=lambda work: work.title),
        )
        for key, pks in members.items()
    ]

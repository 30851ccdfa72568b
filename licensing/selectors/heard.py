"""What was read at hosts and in works' own files, as statements are derived from it."""

import datetime
from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from licensing.formats.derivation import Heard
from licensing.formats.places import concerned
from licensing.models import Observation, Signal
from licensing.selectors.signals import OF_SITE, concerns, stated_of


class HeardAt:
    """What was read at some hosts, and in works' own files, oldest first."""

    def __init__(self, hosts: Collection[str], works: Collection[int]) -> None:
        read = Q(status__isnull=True) | Q(status__range=(200, 299)) | Q(status__in=(404, 410))
        about = Q(host__in=hosts, work__isnull=True) | Q(work__any_of=list(works))
        rows = list(
            Observation.objects.filter(read, about)
            .defer("content", "faults")
            .select_related("organisation")
            .order_by("observed_at", "pk")
        )
        self._rules: dict[int, list[Signal]] = defaultdict(list)
        for signal in Signal.objects.filter(observation__any_of=[row.pk for row in rows]).order_by("pk"):
            self._rules[signal.observation_id].append(signal)
        self.of_work: dict[int, list[tuple[Observation, Heard]]] = defaultdict(list)
        self._of_host: dict[str, list[tuple[Observation, Heard]]] = defaultdict(list)
        for row in rows:
            one = self._heard(row)
            if row.work_id is not None:
                self.of_work[row.work_id].append((row, one))
            else:
                self._of_host[row.host].append((row, one))

    def _heard(self, row: Observation) -> Heard:
        place = f"{row.address} {row.file_name}".strip()
        said = tuple(
            stated_of(signal.pk, signal.format, (signal.carrier, place, signal.host), signal.rule)
            for signal in self._rules[row.pk]
        )
        return Heard(row.observed_at.astimezone(datetime.UTC).date(), place, row.content_sha256, said)

    def at(self, address: str, host: str, staters: Collection[int]) -> list[Heard]:
        """What concerns a place, of readings that the registry made or who states the place handed in."""
        found = []
        for row, one in self._of_host.get(host, []):
            if row.origin != Observation.Origin.FETCH and row.organisation_id not in staters:
                continue
            is_of_site = any(each.carrier in OF_SITE for each in one.statements)
            said = tuple(
                each
                for each in one.statements
                if concerns(each, row.address, address)
                and concerned(each.rule.path, each.target, address.removesuffix("*"))
            )
            if said or is_of_site or not one.statements:
                found.append(Heard(one.day, one.place, one.sha256, said))
        return found

"""What a record means for the works that are there: new, a change, nothing new, a withdrawal, or refused.

The same rules plan the dry run and, once more, the taking over: a work that was changed in between is seen as it is.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from licensing.services import import_editions, statements_bulk
from licensing.services.import_editions import edition_of, is_secondary, left_by, only_adds
from licensing.services.import_facts import compared, merged, with_edition
from licensing.services.import_identity import note_other_work
from licensing.services.import_rows import BY_TITLE, Said
from licensing.services.statements_bulk import FedStatement
from registry.importers.rows import DELETE, UPSERT
from registry.importers.values import Seen
from registry.models import Identifier, Import, ImportRow, Organisation, RightsClaim, Work
from registry.services.works_held import Facts, Held, held

Action = ImportRow.Action
MERGES_FOLLOWED = 20


@dataclass
class Planned:
    """A record, what becomes of it, and the work that it is about as it stands (None: a new one)."""

    said: Said
    action: str
    held: Held | None = None
    facts: Facts | None = None  # what the work's facts are to be
    description: str = ""
    changes_facts: bool = False

    @property
    def writes(self) -> bool:
        return self.action in (Action.NEW, Action.UPDATE, Action.DELETE)


def joined(planned: Sequence[Planned], owner: int) -> set[int]:
    """The numbers of records that are editions of a work which a record before them makes; it is made with them."""
    new = {each.said.public_id: each for each in planned if each.action == Action.NEW}
    found: set[int] = set()
    for each in planned:
        first = new.get(each.said.public_id)
        if first is None or first.facts is None or each.action != Action.UPDATE or each.held is not None:
            continue
        work = Held(0, first.said.public_id, 1, False, None, owner, first.facts, first.description)
        if is_secondary(each.said, work):
            first.facts = with_edition(first.facts, edition_of(each.said, work))
            found.add(each.said.number)
    return found


def in_turn(planned: Sequence[Planned]) -> tuple[list[Planned], list[Planned]]:
    """What can be written now, and what has to be planned again afterwards: the next record about the same work."""
    now: list[Planned] = []
    later: list[Planned] = []
    taken: set[int] = set()
    for each in planned:
        is_of_new = each.held is None and each.action == Action.UPDATE
        (later if is_of_new or (each.held and each.held.pk in taken) else now).append(each)
        if each.held and each.writes:
            taken.add(each.held.pk)
    return now, later


class Planner:
    """Plans the records of one import, batch after batch; remembers what the file named before."""

    def __init__(self, batch: Import, *, observed_at: Any) -> None:
        self._batch = batch
        self._organisation: Organisation = batch.organisation
        self._observed_at = observed_at
        self._references = Seen()
        self._works: dict[int, tuple[int, str]] = {}
        self._keys: dict[str, str] = {}  # key of a work → public id of the work that a record before was about
        self._isbns = Seen()
        self._names_subtitles = not batch.columns or "subtitle" in batch.columns.values()

    def plan(self, rows: Sequence[Said]) -> list[Planned]:
        """What becomes of each record; faults that only the registry can see are added to them."""
        for said in rows:
            self._note_repeated_reference(said)
        wanted = [said for said in rows if said.is_valid]
        found, works = self._find(wanted)
        stating = self._stating_otherwise(wanted, found, works)
        claimed = self._claimed(works)
        planned = []
        for said in rows:
            work = works.get(found.get(said.number, 0))
            if work is None and said.work_key in self._keys:
                said.public_id = self._keys[said.work_key]
                work = next((each for each in works.values() if each.public_id == said.public_id), None)
            if work is None and said.number in found:
                cause = "Your work of this reference was merged into one of another organisation."
                said.add("record_reference", said.reference, "E", "WORK_MERGED", cause, "Leave the record out.")
            if said.is_valid and work is not None:
                self._note_repeated_work(said, work)
                note_other_work(said, work)
            if not said.is_valid:
                planned.append(Planned(said, Action.REFUSED))
            elif said.action == DELETE:
                planned.append(_plan_withdrawal(said, work))
            elif work is None and not said.title:
                cause = "It changes a work that you have not registered, and has no title of its own."
                said.add("record_reference", said.reference, "E", "REFERENCE_UNKNOWN", cause, "Send the whole record.")
                planned.append(Planned(said, Action.REFUSED))
            elif work is None and said.work_key in self._keys:  # of a work that this file makes
                planned.append(Planned(said, Action.UPDATE, facts=said.facts))
            elif work is None:
                self._note_repeated_isbns(said)
                planned.append(Planned(said, Action.NEW, facts=said.facts, description=said.description))
            else:
                is_new_statement = work.pk in stating or work.pk not in claimed
                planned.append(_plan_change(said, work, is_new_statement, self._names_subtitles))
            if said.work_key and planned[-1].action != Action.REFUSED:
                self._keys.setdefault(said.work_key, said.public_id)
        return planned

    def _note_repeated_reference(self, said: Said) -> None:
        if not said.reference:
            return
        first = self._references.first(said.reference, said.number)
        if first in (0, said.number):
            return
        if said.reference.startswith(BY_TITLE):
            cause = f"Title, author and year are those of record {first}: which of the two is meant cannot be told."
        else:
            cause = f"The reference was given for record {first} already; the first one counts."
        fix = "Give each record a reference of its own, or leave one of the two out."
        said.add("record_reference", said.reference, "E", "REFERENCE_REPEATED", cause, fix)

    def _note_repeated_work(self, said: Said, work: Held) -> None:
        first, key = self._works.setdefault(work.pk, (said.number, said.work_key))
        is_edition = said.work_key == key != "" or bool(said.named)
        if first != said.number and not is_edition:
            cause = f"It is about the same work as record {first}: {work.facts['title']} ({work.reference})."
            said.add("isbn", ", ".join(said.isbns), "E", "WORK_REPEATED", cause, "Leave one of the two records out.")

    def _note_repeated_isbns(self, said: Said) -> None:
        for isbn in said.isbns:
            if self._isbns.first(isbn, said.number):
                cause = "An earlier record of this file has the same ISBN; both are taken over, as two works."
                said.add("isbn", isbn, "W", "ISBN_REPEATED", cause, "Check which of the two the number belongs to.")

    def _find(self, rows: Sequence[Said]) -> tuple[dict[int, int], dict[int, Held]]:
        """Record number → primary key of its work, and the works as they stand (a merged one: what it became)."""
        own = Work.objects.filter(registered_by=self._organisation)
        references = [said.reference for said in rows]
        by_reference = dict(own.filter(record_reference__any_of=references).values_list("record_reference", "pk"))
        found = {said.number: by_reference[said.reference] for said in rows if said.reference in by_reference}
        unknown = [said for said in rows if said.number not in found]
        by_isbn = self._by_isbn(
            {isbn for said in unknown for isbn in (*said.isbns, *said.named)} | _asked_isbns(unknown)
        )
        for said in unknown:
            isbns = said.isbns or said.named or _asked_isbns([said])
            keys = {pk for isbn in isbns for pk in by_isbn.get(isbn, ())}
            if len(keys) == 1:
                found[said.number] = keys.pop()
            elif keys:
                cause = f"{len(keys)} works of yours have this ISBN: which one is meant cannot be told."
                fix = "Give the reference of the work that is meant."
                said.add("isbn", ", ".join(isbns), "E", "ISBN_AMBIGUOUS", cause, fix)
        found |= self._by_key([said for said in unknown if said.work_key and said.number not in found])
        return self._follow_merged(found)

    def _by_key(self, rows: Sequence[Said]) -> dict[int, int]:
        """Record number → the work that its key names: one of an earlier record, or one that has it as identifier."""
        if not rows:
            return {}
        own = Work.objects.filter(registered_by=self._organisation, withdrawn_at=None)
        made = [self._keys[said.work_key] for said in rows if said.work_key in self._keys]
        by_name = dict(own.filter(public_id__in=made).values_list("public_id", "pk"))
        keys = {key: by_name[name] for key, name in self._keys.items() if name in by_name} if by_name else {}
        named = import_editions.identifiers_of({said.work_key for said in rows} - keys.keys())
        known = Identifier.objects.filter(value__in=[value for _, value in named], work__in=own)
        for scheme, value, pk in known.order_by("-work").values_list("scheme", "value", "work"):
            if (scheme, value) in named:
                keys[named[scheme, value]] = pk
        return {said.number: keys[said.work_key] for said in rows if said.work_key in keys}

    def _by_isbn(self, isbns: Collection[str]) -> dict[str, set[int]]:
        if not isbns:
            return {}
        rows = Identifier.objects.filter(
            scheme=Identifier.Scheme.ISBN,
            value__any_of=list(isbns),
            work__registered_by=self._organisation,
            work__withdrawn_at__isnull=True,
            work__merged_into__isnull=True,
        )
        found: defaultdict[str, set[int]] = defaultdict(set)
        for value, pk in rows.values_list("value", "work_id"):
            found[value].add(pk)
        return found

    def _follow_merged(self, found: dict[int, int]) -> tuple[dict[int, int], dict[int, Held]]:
        works = held(found.values())
        for _ in range(MERGES_FOLLOWED):
            merged = {pk: work.merged_into for pk, work in works.items() if work.merged_into is not None}
            if not merged:
                break
            found = {number: merged.get(pk, pk) for number, pk in found.items()}
            works = {pk: work for pk, work in works.items() if pk not in merged} | held(merged.values())
        return found, {pk: work for pk, work in works.items() if work.owner == self._organisation.pk}

    def _stating_otherwise(self, rows: Sequence[Said], found: dict[int, int], works: dict[int, Held]) -> set[int]:
        """The works of which the file says something else about rights than stands."""
        known = {said.number: works[pk] for said in rows if (pk := found.get(said.number)) in works}
        if not known or self._batch.file_format not in STATING_FORMATS:
            return set()
        fed = [
            FedStatement(Work(pk=known[said.number].pk), statement, self._observed_at)
            for said in rows
            if said.number in known
            for statement in said.statements
        ]
        adding = {
            known[said.number].pk for said in rows if said.number in known and only_adds(said, known[said.number])
        }
        return statements_bulk.stated_otherwise(
            fed,
            adding=adding,
            works={work.pk for work in known.values()},
            organisation=self._organisation,
            source_format=self._batch.file_format,
        )

    def _claimed(self, works: Collection[int]) -> set[int]:
        """The works for which the organisation speaks already as this import says it does."""
        if not works:
            return set()
        rows = RightsClaim.objects.filter(
            work__any_of=list(works),
            asserted_by=self._organisation,
            capacity=self._batch.capacity,
            ai_rights=self._batch.ai_rights,
            withdrawn_at__isnull=True,
        )
        return set(rows.values_list("work_id", flat=True))


STATING_FORMATS = frozenset({"onix", "epub"})  # records of others say nothing about rights


def _asked_isbns(rows: Sequence[Said]) -> set[str]:
    """The ISBNs that stand in for references, of records without facts."""
    return {said.reference.removeprefix("isbn:") for said in rows if said.reference.startswith("isbn:")}


def _plan_withdrawal(said: Said, work: Held | None) -> Planned:
    if work is not None:
        said.public_id, said.title = work.public_id, work.facts["title"]
        facts = left_by(said, work)
        if facts is not None and not work.is_withdrawn:
            return Planned(said, Action.UPDATE, work, facts, work.description, changes_facts=True)
        if work.reference not in {
            said.reference,
            *(f"isbn:{isbn}" for isbn in said.named),
        }:  # the only edition that is left has another record
            work = None
        elif not work.is_withdrawn:
            return Planned(said, Action.DELETE, work)
    if work is None:
        cause = "No work of yours has this reference: there is nothing to withdraw."
        said.add("record_reference", said.reference, "W", "REFERENCE_UNKNOWN", cause, "Check the reference.")
    return Planned(said, Action.UNCHANGED, work)


def _plan_change(said: Said, work: Held, is_new_statement: bool, names_subtitles: bool) -> Planned:
    assert said.facts is not None
    said.public_id = work.public_id
    description = said.description or work.description
    if is_secondary(said, work):
        facts, description = with_edition(work.facts, edition_of(said, work)), work.description
    else:
        facts = merged(work.facts, said.facts)
        if said.action == UPSERT and names_subtitles:  # a title comes with its subtitle, or without one
            facts["subtitle"] = said.facts["subtitle"]
        if work.reference == work.public_id or said.work_key:  # registered by hand, or its own record was deleted
            facts["record_reference"] = said.reference
    if work.is_withdrawn:
        cause = "The work had been withdrawn; this record brings it back."
        said.add("", said.reference, "W", "WORK_RESTORED", cause, "Leave the record out if it is to stay withdrawn.")
    changes = work.is_withdrawn or description != work.description or compared(facts) != compared(work.facts)
    action = Action.UPDATE if changes or is_new_statement else Action.UNCHANGED
    return Planned(said, action, work, facts, description, changes_facts=changes)

"""What a record means for the works that are there: new, a change, nothing new, a withdrawal, or refused.

The same rules plan the dry run and, once more, the taking over: a work that was changed in between is seen as it is.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from licensing.services import import_editions, statements_bulk
from licensing.services.import_editions import edition_of, is_secondary, left_by, only_adds
from licensing.services.import_rows import BY_TITLE, Said
from licensing.services.statements_bulk import FedStatement
from registry.importers.rows import DELETE, UPSERT
from registry.models import Identifier, Import, ImportRow, Organisation, RightsClaim, Work
from registry.services.works_held import EDITION_COLUMNS, Facts, Held, held

Action = ImportRow.Action
MERGES_FOLLOWED = 20
GIVEN = ("title", "subtitle", "language", "first_published", "country")  # an empty value says nothing of these


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
        self._references: dict[int, int] = {}  # hash → the record that first named it
        self._works: dict[int, tuple[int, str]] = {}
        self._keys: dict[str, str] = {}  # key of a work → public id of the work that a record before was about
        self._isbns: set[int] = set()
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
        first = self._references.setdefault(hash(said.reference), said.number)
        if first == said.number:
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
            if int(isbn) in self._isbns:
                cause = "An earlier record of this file has the same ISBN; both are taken over, as two works."
                said.add("isbn", isbn, "W", "ISBN_REPEATED", cause, "Check which of the two the number belongs to.")
            self._isbns.add(int(isbn))

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


def compared(facts: Facts) -> Facts:
    """The facts as they are compared: where order says nothing, there is one."""
    authors = [[author[name] for name in ("name", "kind", "born", "died", "role")] for author in facts["authors"]]
    named = [(edition, sorted(edition["identifiers"])) for edition in facts["editions"]]
    editions = sorted(([*(edition[name] for name in EDITION_COLUMNS), names] for edition, names in named), key=repr)
    rest = {name: facts[name] for name in (*GIVEN, "kind", "record_reference")}
    return rest | {"authors": authors, "editions": editions, "identifiers": sorted(set(facts["identifiers"]))}


def merged(before: Facts, said: Facts) -> Facts:
    """A work's facts after a record was read: what it says replaces what stood, what it leaves empty stays."""
    after = dict(before)
    after |= {name: said[name] for name in GIVEN if said[name]}
    if said["kind"] != Work.Kind.BOOK:  # what readers take for granted says nothing
        after["kind"] = said["kind"]
    if said["authors"]:
        after["authors"] = said["authors"]
    after["editions"] = _merged_editions(before["editions"], said["editions"])
    of_editions = {name for edition in after["editions"] for name in edition["identifiers"]}
    was_of_editions = {name for edition in before["editions"] for name in edition["identifiers"]}
    own = [name for name in before["identifiers"] if name not in was_of_editions]
    given = [name for name in said["identifiers"] if not any(name in each["identifiers"] for each in said["editions"])]
    own = _replaced(own, given)
    after["identifiers"] = sorted({*own, *of_editions})
    return after


def with_edition(before: Facts, said: Sequence[Facts]) -> Facts:
    """A work's facts with what a record says of one of its editions; nothing else changes."""
    was_of_editions = {name for edition in before["editions"] for name in edition["identifiers"]}
    editions = _merged_editions(before["editions"], said, by_place=False)
    of_editions = {name for edition in editions for name in edition["identifiers"]}
    own = {name for name in before["identifiers"] if name not in was_of_editions}
    return before | {"editions": editions, "identifiers": sorted(own | of_editions)}


def _merged_editions(before: Sequence[Facts], said: Sequence[Facts], *, by_place: bool = True) -> list[Facts]:
    """Each edition of the record changes the one that it is, by a shared identifier or else by its place."""
    rest = list(before)
    pairs: list[tuple[Facts | None, Facts]] = []
    for edition in said:
        shared = next((each for each in rest if set(each["identifiers"]) & set(edition["identifiers"])), None)
        if shared is not None:
            rest.remove(shared)
        pairs.append((shared, edition))
    in_place = by_place and len(before) == len(said)
    result = []
    for known, edition in pairs:
        twin = known or next((each for each in rest if in_place or _is_same_edition(each, edition)), None)
        if known is None and twin is not None:
            rest.remove(twin)
        result.append(_merged_edition(twin, edition) if twin else dict(edition))
    return [*rest, *result]


def _is_same_edition(one: Facts, other: Facts) -> bool:
    return all(one[name] == other[name] for name in ("title", "published", "publisher")) and not one["identifiers"]


def _merged_edition(before: Facts, said: Facts) -> Facts:
    after = dict(before)
    after |= {name: said[name] for name in EDITION_COLUMNS if said[name]}
    after["identifiers"] = _replaced(before["identifiers"], said["identifiers"])
    return after


def _replaced(before: Sequence[str], given: Sequence[str]) -> list[str]:
    """Identifiers of the schemes that are given take the place of those that stood."""
    schemes = {name.partition(":")[0] for name in given}
    return sorted({*(name for name in before if name.partition(":")[0] not in schemes), *given})

"""Writing many works at once, from facts that were checked: few statements a batch, search columns with the rows.

No log entry is staged here: whoever writes a file of works stages one for all of it, in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from registry.models import Contribution, Edition, Identifier, Organisation, Party, Work, WorkRevision
from registry.models.base import new_public_id
from registry.search import marks, sync
from registry.search.kinds import work_columns
from registry.services import copying
from registry.services.people import parties_of
from registry.services.work_facts import AuthorFacts
from registry.services.works_held import EDITION_COLUMNS, WORK_COLUMNS, Facts, Held

COPIED = (
    *("id", "public_id", "description", "registered_by_id", "revision", "visibility", "demo", "record_reference"),
    *("title", "subtitle", "kind", "language", "first_published", "country", "authorship", "renewed", "source"),
    *("search_text", "search_tokens", "search_facets"),
)
EDITION_COPIED = ("id", "public_id", "work_id", "source", *EDITION_COLUMNS)


@dataclass(frozen=True)
class NewWork:
    """A work to be made. `facts` as `works.logged_facts` spells them, each author with what else is said of them."""

    public_id: str
    facts: Facts
    description: str = ""


@dataclass(frozen=True)
class ChangedWork:
    """A work as it stands, and what its facts are to be. Editions with a known "id" are kept, those without are new."""

    held: Held
    facts: Facts
    description: str


def write_new(works: Sequence[NewWork], *, organisation: Organisation, claimants: Sequence[Party] = ()) -> list[int]:
    """Insert works of one organisation with all that belongs to them → their primary keys, in order.

    `claimants`: the parties that will claim rights in every one of them, for the facet of holders.
    """
    keys = copying.next_keys(Work, len(works))
    people = _people([work.facts for work in works], organisation)
    rows = _Rows()
    copied = []
    for key, work, parties in zip(keys, works, people, strict=True):
        facts = work.facts
        distinct = rows.add_contributions(key, facts["authors"], parties)
        rows.add_editions(key, facts)
        columns = work_columns(
            title=facts["title"],
            subtitle=facts["subtitle"],
            edition_titles=[edition["title"] for edition in facts["editions"]],
            people=[name for party in distinct for name in (party.name, party.name_zh, *party.other_names)],
            language=facts["language"],
            first_published=facts["first_published"],
            kind=facts["kind"],
            holders=[party.public_id for party in (*distinct, *claimants)],
        )
        own = [facts[name] for name in COPIED[5:17]]
        copied.append((key, work.public_id, work.description, organisation.pk, 1, *own, *columns))
    copying.insert(Work, COPIED, copied)
    rows.write()
    marks.mark("work", keys)
    return keys


def write_changes(
    works: Sequence[ChangedWork],
    *,
    organisation: Organisation,
    change: str,
    reason: str,
    actor: str,
    entry: int | None = None,
) -> None:
    """Keep the facts that were as revisions, and write those that are to be; a withdrawn work stands again.

    `entry`: the key that the log's entry is going to have.
    """
    if not works:
        return
    _keep(works, change, reason, actor, entry)
    names = [name for name in WORK_COLUMNS if name not in ("demo", "visibility")]
    copying.update(
        Work,
        ["description", *names],
        [(work.held.pk, work.description, *(work.facts[name] for name in names)) for work in works],
    )
    keys = [work.held.pk for work in works]
    Work.objects.filter(pk__any_of=keys).update(revision=F("revision") + 1, withdrawn_at=None)
    _write_people([work for work in works if _named(work.facts) != _named(work.held.facts)], organisation)
    _write_editions([work for work in works if _described(work.facts) != _described(work.held.facts)])
    sync.refresh_many(Work.objects.filter(pk__any_of=keys).only("pk"))


def withdraw(
    works: Sequence[Held],
    *,
    reason: str,
    actor: str,
    change: str = WorkRevision.Change.WITHDRAWN,
    entry: int | None = None,
) -> None:
    """Take works out of the registry's answers; their records and history stay."""
    if not works:
        return
    _keep([ChangedWork(work, work.facts, work.description) for work in works], change, reason, actor, entry)
    keys = [work.pk for work in works]
    Work.objects.filter(pk__any_of=keys).update(revision=F("revision") + 1, withdrawn_at=Now())
    sync.refresh_many(Work.objects.filter(pk__any_of=keys).only("pk"))
    marks.mark("work", keys)


def set_withdrawn(keys: Sequence[int]) -> None:
    """Works whose facts were written anew are withdrawn again, as they had been before."""
    Work.objects.filter(pk__any_of=keys).update(withdrawn_at=Now())
    marks.mark("work", keys)


def _keep(works: Sequence[ChangedWork], change: str, reason: str, actor: str, entry: int | None) -> None:
    WorkRevision.objects.bulk_create(
        [
            WorkRevision(
                work_id=work.held.pk,
                number=work.held.revision,
                change=change,
                facts=work.held.facts | {"description": work.held.description},
                reason=reason,
                actor=actor,
                entry_id=entry,
            )
            for work in works
        ]
    )


def _people(works: Sequence[Facts], organisation: Organisation) -> list[list[Party]]:
    """The parties of each work's authors, made where they are new."""
    spread = [
        (facts["visibility"] == Work.Visibility.PUBLIC, author_facts(each))
        for facts in works
        for each in facts["authors"]
    ]
    found: dict[int, Party] = {}
    for is_public in (True, False):
        wanted = [number for number, (known, _) in enumerate(spread) if known == is_public]
        named = [spread[number][1] for number in wanted]
        found |= dict(zip(wanted, parties_of(named, organisation=organisation, is_public=is_public), strict=True))
    parties = iter(found[number] for number in range(len(spread)))
    return [[next(parties) for _ in facts["authors"]] for facts in works]


def author_facts(author: Facts) -> AuthorFacts:
    """A person as the log spells them, with what else is said of them."""
    return AuthorFacts(**author | {"other_names": tuple(author.get("other_names", ()))})


def _named(facts: Facts) -> list[tuple[str, ...]]:
    return [tuple(author[name] for name in ("name", "kind", "born", "died", "role")) for author in facts["authors"]]


def _described(facts: Facts) -> tuple[Any, Any]:
    return sorted(facts["identifiers"]), facts["editions"]


def _write_people(works: Sequence[ChangedWork], organisation: Organisation) -> None:
    rows = _Rows()
    people = _people([work.facts for work in works], organisation)
    Contribution.objects.filter(work__any_of=[work.held.pk for work in works]).delete()
    for work, parties in zip(works, people, strict=True):
        rows.add_contributions(work.held.pk, work.facts["authors"], parties)
    rows.write()


def _write_editions(works: Sequence[ChangedWork]) -> None:
    """Editions and identifiers as the facts say; an edition that they no longer name is deleted."""
    rows = _Rows()
    Identifier.objects.filter(work__any_of=[work.held.pk for work in works]).delete()
    kept = []
    for work in works:
        kept += rows.add_editions(work.held.pk, work.facts, work.held.editions)
    copying.update(Edition, EDITION_COLUMNS, kept)
    known = {pk for work in works for pk in work.held.editions.values()}
    Edition.objects.filter(pk__any_of=known - {row[0] for row in kept}).delete()
    rows.write()


@dataclass
class _Rows:
    """Rows of what belongs to works, to be inserted together."""

    contributions: list[tuple[Any, ...]] = field(default_factory=list)
    editions: list[list[Any]] = field(default_factory=list)
    identifiers: list[tuple[Any, ...]] = field(default_factory=list)

    def add_contributions(self, work: int, authors: Sequence[Facts], parties: Sequence[Party]) -> list[Party]:
        """Everybody once in a role, in order; returns their parties."""
        first: dict[tuple[int, str], tuple[int, Party]] = {}
        for position, (author, party) in enumerate(zip(authors, parties, strict=True)):
            first.setdefault((party.pk, author["role"]), (position, party))
        self.contributions += [(work, party, role, position) for (party, role), (position, _) in first.items()]
        return [party for _, party in first.values()]

    def add_editions(self, work: int, facts: Facts, known: dict[str, int] | None = None) -> list[tuple[Any, ...]]:
        """Editions and identifiers, the work's own last → the rows of editions that are there already."""
        kept = []
        taken: set[str] = set()
        for edition in facts["editions"]:
            values = [edition[name] for name in EDITION_COLUMNS]
            pk = (known or {}).get(edition.get("id", ""))
            if pk is None:
                self.editions.append([None, new_public_id(), work, edition.get("source", ""), *values])
            else:
                kept.append((pk, *values))
            owner: Any = pk if pk is not None else self.editions[-1]
            self.identifiers += [(work, owner, name) for name in edition["identifiers"] if name not in taken]
            taken.update(edition["identifiers"])
        self.identifiers += [(work, None, name) for name in dict.fromkeys(facts["identifiers"]) if name not in taken]
        return kept

    def write(self) -> None:
        """Insert all of it."""
        for key, row in zip(copying.next_keys(Edition, len(self.editions)), self.editions, strict=True):
            row[0] = key
        copying.insert(Edition, EDITION_COPIED, self.editions)
        copying.insert(Contribution, ("work_id", "party_id", "role", "position"), self.contributions)
        copying.insert(Identifier, ("work_id", "edition_id", "scheme", "value"), self._identifier_rows())

    def _identifier_rows(self) -> Iterable[tuple[Any, ...]]:
        for work, owner, name in self.identifiers:
            scheme, _, value = name.partition(":")
            yield work, owner[0] if isinstance(owner, list) else owner, scheme, value

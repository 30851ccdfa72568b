"""Works that are probably the one somebody is about to register: by identifier, by name and author, by a near name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from rapidfuzz import fuzz

from registry import access, folding, identifiers
from registry.actors import Actor
from registry.models import Identifier, Work
from registry.search import engine
from registry.services.work_facts import WorkFacts, checked_identifiers

CANDIDATES = 20
SHOWN = 8
NEAR_TITLE = 86.0  # of 100: one letter in eight differs, or the words stand in another order
NEAR_NAME = 80.0
IDENTIFIER, SAME, NEAR = "identifier", "same", "near"
ORDER = (IDENTIFIER, SAME, NEAR)


@dataclass(frozen=True)
class Duplicate:
    """A registered work that may be the same. `why`: identifier (which one says `said`), same, near."""

    work: Work
    why: str
    said: str = ""
    is_own: bool = False


def find(facts: WorkFacts, actor: Actor, *, without: Work | None = None) -> list[Duplicate]:
    """The works that may be this one, of those the actor may see, the surest first; at most a handful."""
    found = {one.work.pk: one for one in (*_by_name(facts, actor), *_by_identifier(facts, actor))}
    if without is not None:
        found.pop(without.pk, None)
    return sorted(found.values(), key=lambda one: (ORDER.index(one.why), one.work.pk))[:SHOWN]


def _by_identifier(facts: WorkFacts, actor: Actor) -> list[Duplicate]:
    pairs = checked_identifiers([*facts.identifiers, *(p for row in facts.editions for p in row.identifiers)], "")[0]
    found = []
    for scheme, value in pairs:
        rows = Identifier.objects.filter(scheme=scheme, value=value, work__in=access.works(actor))
        for row in rows.select_related("work__registered_by")[:SHOWN]:
            if row.work.merged_into_id is None:
                found.append(_duplicate(row.work, IDENTIFIER, actor, _shown(row)))
    return found


def _shown(row: Identifier) -> str:
    return f"{row.get_scheme_display()} {identifiers.display(row.scheme, row.value)}"


def _by_name(facts: WorkFacts, actor: Actor) -> list[Duplicate]:
    title = facts.title.strip()
    names = [author.name for author in facts.authors]
    if not title:
        return []
    works: dict[int, Work] = {}
    for query in dict.fromkeys((f"{title} {' '.join(names[:2])}".strip(), title)):
        hits = engine.search(query, "work", actor=actor, limit=CANDIDATES).hits
        works |= {hit.row.pk: hit.row for hit in hits}
    prefetch_related_objects(list(works.values()), "contributions__party", "editions")
    compared = ((work, _likeness(title, names, work)) for work in works.values() if work.merged_into_id is None)
    return [_duplicate(work, why, actor) for work, why in compared if why]


def _likeness(title: str, names: Sequence[str], work: Work) -> str:
    """Whether a work's name and people are those of these facts: same, near, or empty for another work."""
    people = [row.party.name for row in work.contributions.all()]
    if names and people and not _same_people(names, people):
        return ""
    wanted = _words(title)
    held = {_words(name) for name in (work.title, *(row.title for row in work.editions.all())) if name}
    if wanted in held:
        return SAME if names and people else NEAR
    return NEAR if any(fuzz.token_sort_ratio(wanted, name) >= NEAR_TITLE for name in held) else ""


def _words(title: str) -> str:
    """A title without case, accents and punctuation."""
    words, runs = folding.split(folding.fold(title))
    return " ".join([*words, *runs])


def _same_people(names: Iterable[str], people: Iterable[str]) -> bool:
    """Whether one of the people is named in both, surname first or last, with initials or in full."""
    return any(_same_person(folding.fold(one), folding.fold(other)) for one in names for other in people)


def _same_person(one: str, other: str) -> bool:
    if fuzz.token_sort_ratio(one, other) >= NEAR_NAME:
        return True
    first, second = (folding.split(name.replace(".", " "))[0] for name in (one, other))
    short, long = sorted((first, second), key=len)
    full = {word for word in short if len(word) > 1}
    initials = {word for word in short if len(word) == 1}
    return bool(full) and full <= set(long) and initials <= {word[0] for word in long}


def _duplicate(work: Work, why: str, actor: Actor, said: str = "") -> Duplicate:
    is_own = actor.organisation is not None and work.registered_by_id == actor.organisation.pk
    return Duplicate(work, why, said, is_own)

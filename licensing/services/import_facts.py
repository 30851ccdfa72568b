"""The facts of a work after a record was read: what it says replaces what stood, what it leaves empty stays."""

from collections.abc import Sequence

from registry.models import Work
from registry.services.works_held import EDITION_COLUMNS, Facts

GIVEN = ("title", "subtitle", "language", "first_published", "country")  # an empty value says nothing of these


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

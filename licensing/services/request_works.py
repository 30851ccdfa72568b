"""Which works a licence is asked for: by their ids, by a search, by a linked list, by what a clearance misses now."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

import registry.access
from licensing.models import Clearance, Verdict
from licensing.selectors.licence_requests import changes_of
from licensing.selectors.missing import HELPED_BY_LICENCE as MISSING
from licensing.selectors.missing import is_missing
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Linkage, LinkageRow, Work
from registry.search import engine
from registry.search.selection import EVERYTHING, Selection

MAX_WORKS = 100_000
Json = dict[str, Any]


@dataclass(frozen=True)
class Chosen:
    """How the works are chosen: exactly one of ids, a search, the rows of a list that were linked, a clearance.

    works: public ids. query: words as on the search page, with `selection` of facets. verdicts: of a clearance's works
    those with these answers; empty: what is missing (not cleared, contested, unknown).
    """

    works: Sequence[str] = ()
    query: str = ""
    selection: Selection = EVERYTHING
    linkage: Linkage | None = None
    clearance: Clearance | None = None
    verdicts: Sequence[str] = ()

    @property
    def ways(self) -> list[str]:
        """The ways that were used."""
        named = {
            "works": bool(self.works),
            "query": bool(self.query.strip() or self.selection),
            "linkage": self.linkage is not None,
            "clearance": self.clearance is not None,
        }
        return [name for name, used in named.items() if used]


def keys_of(chosen: Chosen, actor: Actor) -> tuple[list[int], Json]:
    """The chosen works (primary keys, each once), and how they were chosen, for the record."""
    [way] = chosen.ways
    if way == "works":
        return _by_ids(chosen.works), {"way": way}
    if way == "query":
        keys, total = _by_query(chosen, actor)
        said = {"way": way, "query": chosen.query.strip(), "found": total}
        return keys, said | {"facets": {name: list(words) for name, words in chosen.selection.values.items()}}
    if way == "linkage":
        assert chosen.linkage is not None
        return _by_linkage(chosen.linkage, actor), {"way": way, "linkage": chosen.linkage.public_id}
    assert chosen.clearance is not None
    said = {"way": way, "clearance": chosen.clearance.public_id, "verdicts": list(chosen.verdicts)}
    keys, since = _by_clearance(chosen.clearance, chosen.verdicts, actor)
    return keys, said | since


def _standing(rows: QuerySet[Work]) -> list[int]:
    """The keys of works that everybody may know of, of merged ones that of the survivor; each once, in order."""
    found = rows.order_by("pk").values_list("pk", "merged_into_id")
    keys = {merged or pk for pk, merged in found}
    standing = Work.objects.filter(registry.access.standing(), pk__any_of=keys).order_by("pk")
    keys_found = list(standing.values_list("pk", flat=True))
    if len(keys_found) > MAX_WORKS:
        raise InvalidInput(
            f"A request has at most {MAX_WORKS:,} works, and these are {len(keys_found):,}. Divide it.",
            errors=[{"pointer": "", "cause": "too many works"}],
        )
    return keys_found


def _by_ids(public_ids: Sequence[str]) -> list[int]:
    wanted = list(dict.fromkeys(each for each in public_ids))
    rows = Work.objects.filter(public_id__in=[each for each in wanted if "\0" not in each])
    known = set(
        rows.filter(registry.access.standing() | Q(merged_into__in=Work.objects.filter(registry.access.standing())))
        .values_list("public_id", flat=True)
    )  # fmt: skip
    errors = [
        {"pointer": f"/works/{number}", "cause": "There is no such work."}
        for number, each in enumerate(wanted)
        if each not in known
    ]
    if errors:
        raise InvalidInput("Some of these works do not exist, or nobody may know of them.", errors=errors[:1000])
    return _standing(rows)


def _by_query(chosen: Chosen, actor: Actor) -> tuple[list[int], int]:
    """What the search finds, at most 10,000 works; how many answer at all.

    Where more answer than it lists, the best of them are no answer here: all are taken that hold every word.
    """
    keys: list[int] = []
    offset: int | None = 0
    total = 0
    while offset is not None:
        hits = engine.search(
            chosen.query, "work", actor=actor, limit=engine.MAX_LIMIT, offset=offset, selection=chosen.selection
        )
        total = hits.total
        if total > hits.listed and chosen.query.strip():
            keys = engine.every(chosen.query, "work", actor=actor, selection=chosen.selection)
            break
        keys += [hit.row.pk for hit in hits.hits]
        offset = hits.next_offset
    return _standing(Work.objects.filter(pk__any_of=keys)), total


def _by_linkage(linkage: Linkage, actor: Actor) -> list[int]:
    """The works that the rows of a list are: as decided by a person, else as linked."""
    if linkage.organisation != actor.organisation:
        raise NotAllowed("A list is asked for by the organisation that handed it in.")
    if linkage.state != Linkage.State.DONE:
        raise Conflict("This list is not linked yet.", state=linkage.state)
    rows = LinkageRow.objects.filter(linkage=linkage)
    decided = rows.filter(decided=LinkageRow.Decision.MATCH).values("decided_work")
    linked = rows.filter(decided="", decision=LinkageRow.Decision.MATCH).values("work")
    return _standing(Work.objects.filter(Q(pk__in=decided) | Q(pk__in=linked)))


def _by_clearance(clearance: Clearance, verdicts: Collection[str], actor: Actor) -> tuple[list[int], Json]:
    """What a clearance is missing by what is on record now, and why that is not what was missing when it was decided.

    `no_longer_missing` and `missing_since` are works by what changed them (a `VerdictChange.Cause`).
    """
    if clearance.organisation != actor.organisation:
        raise NotAllowed("What is missing is asked for by the organisation whose clearance it is.")
    if clearance.state != Clearance.State.DECIDED:
        raise Conflict("This clearance is not decided yet.", state=clearance.state)
    gone: dict[int, str] = {}
    added: dict[int, str] = {}
    names = ("of__work_id", "of__verdict", "of__blocks", "verdict", "blocks", "cause")
    for work, given, blocked, verdict, blocks, cause in changes_of(clearance).values_list(*names):
        before, after = _is_wanted(given, blocked, verdicts), _is_wanted(verdict, blocks, verdicts)
        if before and not after:
            gone[work] = cause
        elif after and not before:
            added[work] = cause
    rows = Verdict.objects.filter(clearance=clearance)
    rows = rows.filter(verdict__in=list(verdicts)) if verdicts else rows.filter(is_missing())
    wanted = Work.objects.filter(Q(pk__in=rows.values("work")) | Q(pk__any_of=list(added)))
    keys = _standing(wanted.exclude(pk__any_of=list(gone)))
    if gone and not keys:
        sentence = f"Nothing of this clearance is missing any more: {len(gone):,} works are answered otherwise now."
        raise InvalidInput(sentence, errors=[{"pointer": "/clearance", "cause": sentence}])
    return keys, {"no_longer_missing": dict(Counter(gone.values())), "missing_since": dict(Counter(added.values()))}


def _is_wanted(verdict: str, blocks: bool, verdicts: Collection[str]) -> bool:
    return verdict in verdicts if verdicts else verdict in set(MISSING) or blocks

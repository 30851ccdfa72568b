"""Which registered works a few rows are, answered while somebody waits. `bulk_linking` is for long lists.

Candidates come from the search index in PostgreSQL and by ISBN; they are compared and weighed by `registry.linkage`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from registry import access
from registry.actors import Actor
from registry.folding import CJK
from registry.linkage import decisions, facts
from registry.linkage.decisions import Decision
from registry.linkage.facts import Known, Row, RowFacts, WorkFacts
from registry.linkage.features import FEATURES
from registry.linkage.model import shipped
from registry.linkage.title_relations import compare_titles
from registry.search import postgres
from registry.search.kinds import KINDS
from registry.search.query import parse
from registry.selectors import linkable

MAX_ROWS = 50
QUERY_WORDS = 7  # of the title; more make the look-up slower and not better
_CJK_GAP = re.compile(f"(?<=[{CJK}]) (?=[{CJK}])")  # between characters, each of which is a word of a title
COMPARED_WORKS = 40  # of what the index brings, the most alike


@dataclass(frozen=True)
class Candidate:
    """A registered work that a row may be.

    probability: 0 to 1, calibrated (docs/linkage.md). match: whether it may be taken without a person looking: it alone
    reaches the threshold. by: "isbn", "key" or "score". reasons: codes of `registry.linkage.decisions.REASONS`.
    features: what was weighed, by name, without zeros.
    """

    work: int
    public_id: str
    reference: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    probability: float
    match: bool
    by: str
    reasons: tuple[str, ...]
    features: dict[str, float]


def candidates(rows: Sequence[RowFacts], *, actor: Actor, limit: int = 5) -> list[list[Candidate]]:
    """For each row the works it may be, most likely first, at most `limit`; what the actor may not see is none of them.

    For at most MAX_ROWS rows; of more the first are answered and the others have none.
    """
    answered = decide(rows[:MAX_ROWS], actor=actor)
    found = [_shown(decision, known)[:limit] for decision, known in answered]
    return found + [[] for _ in rows[MAX_ROWS:]]


def decide(rows: Sequence[RowFacts], *, actor: Actor) -> list[tuple[Decision, dict[int, WorkFacts]]]:
    """For each row the decision, and the facts of the works it was taken between."""
    read = [facts.read_row(row) for row in rows]
    by_isbn = linkable.by_isbn((isbn for row in read for isbn in (*row.isbns, *row.restored)), actor)
    proposed = [_proposed(row, given, by_isbn, actor) for row, given in zip(read, rows, strict=True)]
    known = linkable.works(key for keys in proposed for key in keys)
    answers = []
    for row, keys in zip(read, proposed, strict=True):
        works = {key: known[key] for key in keys if key in known}
        answers.append((decisions.decide(row, (facts.read_work(work) for work in works.values())), works))
    return answers


def _proposed(row: Row, given: RowFacts, by_isbn: dict[str, list[int]], actor: Actor) -> list[int]:
    keys = [key for isbn in (*row.isbns, *row.restored) for key in by_isbn.get(isbn, [])]
    kind = KINDS["work"]
    words = [word for word in row.title.content() if not word.isdigit()] or list(row.title.words)
    text = _CJK_GAP.sub("", " ".join(words if row.title.is_han else words[:QUERY_WORDS]))
    people = " ".join(word for person in row.people[:1] for word in (*sorted(person.words), person.han))
    if not text and not people:
        return keys
    found = postgres.candidates(parse(f"{text} {people}"), [kind], actor)["work"]
    if len(found) > COMPARED_WORKS:
        alike = {key: _alike(row, one.text) for key, one in found.items()}
        nearest = sorted(found, key=lambda key: (-alike[key], key))[:COMPARED_WORKS]
    else:
        nearest = list(found)
    return list(dict.fromkeys([*keys, *_standing(nearest, actor)]))


def _standing(keys: list[int], actor: Actor) -> list[int]:
    """Without what the actor's own organisation withdrew or merged: it may be seen but is no answer."""
    rows = access.works(actor).filter(pk__in=keys, withdrawn_at__isnull=True, merged_into__isnull=True)
    standing = set(rows.values_list("pk", flat=True))
    return [key for key in keys if key in standing]


def _alike(row: Row, text: str) -> float:
    names = text.partition("\n\n")[0].split("\n")
    return max(compare_titles(row.title, facts.titles.read(name)).similarity for name in names)


def _shown(decision: Decision, works: dict[int, WorkFacts]) -> list[Candidate]:
    found = []
    for one in decision.candidates:
        work = works[one.work]
        features = zip(FEATURES, one.comparison.features, strict=True)
        found.append(
            Candidate(
                work=one.work,
                public_id=work.public_id,
                reference=work.reference,
                title=work.title,
                authors=work.authors,
                year=work.years[0] if work.years else None,
                probability=one.probability,
                match=decision.work == one.work,
                by=one.by,
                reasons=one.reasons,
                features={name: round(value, 3) for name, value in features if value},
            )
        )
    return found


def method() -> str:
    """Name and version of what decides, as it is kept beside its results."""
    return f"linkage {shipped().version}"


__all__ = ["MAX_ROWS", "Candidate", "Known", "candidates", "decide", "method"]

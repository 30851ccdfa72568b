"""Checks without a server: what was found in the documents, decided with the facts of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from colophon.exits import CommandError
from colophon.mapping import Mapped
from ingest.readers.document import BadRecord
from licensing.formats.snapshot import WorkFacts
from licensing.rules.case import Case, CaseError, parse_case
from licensing.rules.explain import present
from licensing.rules.policy import Policy
from licensing.rules.terms import Verdict
from licensing.rules.verdict import decide

Json = dict[str, Any]

RELATIONS = ("copy", "partial", "excerpt", "quotation")


@dataclass
class FoundWork:
    """The matches of one work, in the order of the documents."""

    matches: list[Json] = field(default_factory=list)

    def texts(self, editions: Json) -> list[Json]:
        """The closest match of each text with rights of its own (the work's, and its `editions`), closest first.

        What is only quoted identifies nothing and counts where nothing else does.
        """
        closest: dict[str | None, Json] = {}
        for line in sorted(self.matches, key=lambda line: (RELATIONS.index(line["relation"]), -line["coverage_work"])):
            edition = line.get("edition")
            closest.setdefault(edition if edition in editions else None, line)
        rows = list(closest.values())
        return [line for line in rows if line["relation"] != "quotation"] or rows[:1]


@dataclass
class Unidentified:
    """Documents in which nothing was found that identifies them, by file."""

    documents: dict[str, int] = field(default_factory=dict)
    characters: dict[str, int] = field(default_factory=dict)

    def add(self, document: Mapped) -> None:
        """Count one document."""
        file = document.name.partition("#")[0]
        self.documents[file] = self.documents.get(file, 0) + 1
        self.characters[file] = self.characters.get(file, 0) + document.characters

    def to_json(self) -> Json:
        """Totals, then a row a file."""
        return {
            "documents": sum(self.documents.values()),
            "characters": sum(self.characters.values()),
            "files": [
                {"file": file, "documents": count, "characters": self.characters[file]}
                for file, count in self.documents.items()
            ],
        }


@dataclass
class Survey:
    """What the documents hold: found works, and what stayed unidentified."""

    counts_quotations: bool
    documents: int = 0
    words: int = 0
    works: dict[str, FoundWork] = field(default_factory=dict)
    unidentified: Unidentified = field(default_factory=Unidentified)
    problems: list[BadRecord] = field(default_factory=list)

    def add(self, document: Mapped) -> None:
        """Take in one document. A quotation identifies it only where the policy lets quotations count."""
        if document.problem is not None:
            self.problems.append(document.problem)
            return
        self.documents += 1
        self.words += document.words
        for line in document.lines:
            self.works.setdefault(line["work"], FoundWork()).matches.append(line)
        if not any(self.counts_quotations or line["relation"] != "quotation" for line in document.lines):
            self.unidentified.add(document)


def survey(documents: Iterable[Mapped], policy: Policy) -> Survey:
    """All documents taken in."""
    taken = Survey(policy.quotations)
    for document in documents:
        taken.add(document)
    return taken


@dataclass(frozen=True)
class Asked:
    """What is asked about every work: the `question` and `copy` of a case, and the policy that says what blocks."""

    question: Json
    copy: Json
    policy: Policy


def decide_works(found: dict[str, FoundWork], facts: dict[str, WorkFacts], asked: Asked) -> list[Json]:
    """A row a work, by id: its answer under the policy, how it was found, and all its matches."""
    missing = sorted(found.keys() - facts.keys())
    if missing:
        raise CommandError(f"the snapshot's index knows the work {missing[0]}, its list of works does not")
    return [_decide_work(work, found[work], facts[work], asked) for work in sorted(found)]


def _decide_work(work: str, found: FoundWork, facts: WorkFacts, asked: Asked) -> Json:
    """The answer for the text that fares worst: the original may be free where a translation beside it is not."""
    try:
        judged = [(decide(_case(line, facts, asked)), line) for line in found.texts(facts.editions)]
    except CaseError as error:
        raise CommandError(f"the snapshot's facts about the work {work} cannot be read: {error}") from error
    answer, spoke = min(judged, key=lambda one: one[0].verdict.rank)
    shown = present(answer, asked.policy)
    return {
        "work": work,
        "title": facts.work.get("title") or "",
        "verdict": shown["verdict"],
        "status": shown["status"],
        "blocks": shown["blocks"],
        "counts": asked.policy.counts(answer),
        "decided_by": answer.deciding_reason.code,
        "sentence": answer.sentence,
        "relation": spoke["relation"],
        "documents": len({line["document"] for line in found.matches}),
        "matched_words": sum(line["matched_words"] for line in found.matches),
        "reasons": shown["reasons"],
        "matches": found.matches,
    }


def _case(line: Json, facts: WorkFacts, asked: Asked) -> Case:
    about = facts.work | {"relation": line["relation"]}
    if line.get("edition") in facts.editions:
        about["edition"] = facts.editions[line["edition"]]
    return parse_case(
        {
            "question": asked.question,
            "work": about,
            "copy": asked.copy,
            "generated_by": None,
            "assertions": facts.assertions,
        }
    )


def count(taken: Survey, rows: list[Json], skipped: int) -> Json:
    """Totals: documents and words, and works and words a verdict."""
    unidentified = sum(taken.unidentified.documents.values())
    return {
        "documents": taken.documents,
        "documents_identified": taken.documents - unidentified,
        "documents_unidentified": unidentified,
        "words": taken.words,
        "words_matched": min(taken.words, sum(row["matched_words"] for row in rows)),  # works may share a passage
        "works": len(rows),
        "verdicts": {
            verdict.value: {
                "works": sum(row["verdict"] == verdict for row in rows),
                "words": sum(row["matched_words"] for row in rows if row["verdict"] == verdict),
            }
            for verdict in Verdict
        },
        "blocking": sum(row["blocks"] for row in rows),
        "skipped": skipped,
    }

"""A row of a list beside the works that it may be: what they share, what differs, and why each is one."""

from dataclasses import dataclass

import registry.access
from licensing.web.linkage_words import in_words
from registry.actors import Actor
from registry.linkage import facts, titles
from registry.models import LinkageRow, Work
from registry.selectors import linkable


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, and whether the other side has it not."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Shown:
    """A candidate beside the row: its facts, what differs, and why it is one."""

    number: int
    work: Work
    title: list[Piece]
    authors: list[Piece]
    years: str
    publishers: str
    isbns: str
    percent: str
    reasons: list[tuple[bool, str]]  # (speaks for it, in words)


def candidates(actor: Actor, row: LinkageRow) -> list[Shown]:
    """What the row may be, as far as the actor may still see it."""
    keys = [one["key"] for one in row.candidates]
    works = {
        work.pk: work
        for work in registry.access.works(actor).filter(
            pk__in=keys, withdrawn_at__isnull=True, merged_into__isnull=True
        )
    }
    known = linkable.works(works)
    found: list[Shown] = []
    for one in row.candidates:
        work, said = works.get(one["key"]), known.get(one["key"])
        if work is None or said is None:
            continue
        title = f"{said.title}: {said.subtitle}" if said.subtitle else said.title
        found.append(
            Shown(
                number=len(found) + 1,
                work=work,
                title=pieces(title, row.facts.get("title", "")),
                authors=pieces("; ".join(said.authors), row.facts.get("author", "")),
                years=", ".join(map(str, said.years[:4])),
                publishers="; ".join(said.publishers[:3]),
                isbns=", ".join(said.isbns[:4]),
                percent=percent(one["probability"]),
                reasons=in_words(one["reasons"]),
            )
        )
    return found


def pieces(text: str, other: str) -> list[Piece]:
    """The words of a text, those marked that the other text has not, however it is written."""
    known = set(titles.read(other).words) | {word for name in facts.names.read(other) for word in name.words}
    found: list[Piece] = []
    for word in text.split():
        read = set(titles.read(f"x {word}").words[1:]) or {word}
        found.append(Piece(word, differs=bool(other) and not read <= known and not read <= titles.STOP))
    return found


def percent(probability: float | None) -> str:
    """A probability for people, never 0 or 100 %."""
    if probability is None:
        return "–"
    if probability >= 0.9995:
        return "> 99.9 %"
    return "< 0.1 %" if probability < 0.0005 else f"{probability * 100:.1f} %"

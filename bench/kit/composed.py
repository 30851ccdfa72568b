"""Documents put together from registered works, so that what is in them is known: anthology, abridgement, reordered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.kit.aligner import letters
from bench.kit.planting import surroundings
from bench.kit.texts import Text
from ingest.engine.index import Index
from ingest.engine.mapper import map_text

MOST_CHARS = 300_000


@dataclass(frozen=True)
class Composition:
    """A document and, for each work in it, the share of the work's letters that it holds."""

    document: str
    shares: dict[str, float]


def anthology(texts: Sequence[Text], hosts: Sequence[Text], draw: random.Random) -> Composition:
    """Five stretches of five works, with unregistered text between."""
    groups: dict[str, Text] = {}
    for text in draw.sample(list(texts), len(texts)):
        groups.setdefault(text.group, text)  # two editions of one work would hold each other's stretches
    chosen = list(groups.values())[:5]
    parts, shares = [], {}
    for text in chosen:
        size = min(len(text.text) // 3, 20_000)
        at = draw.randrange(len(text.text) - size)
        stretch = text.text[at : at + size]
        parts += [surroundings(hosts, text.chinese, 1_500, draw)[0], stretch]
        shares[text.name] = _share([stretch], text)
    return Composition("\n\n".join(parts), shares)


def abridgement(text: Text, draw: random.Random) -> Composition:
    """Of every ten pieces (a paragraph or more, at least 600 characters) six are kept, in order."""
    kept = [piece for piece in _pieces(text.text[:MOST_CHARS], 600) if draw.random() < 0.6]
    kept = kept or [text.text[:600]]
    return Composition("\n\n".join(kept), {text.name: _share(kept, text)})


def reordered(text: Text, draw: random.Random) -> Composition:
    """Chapters in another order: twelve pieces of the work, shuffled."""
    whole = text.text[:MOST_CHARS]
    pieces = _pieces(whole, max(600, len(whole) // 12))
    draw.shuffle(pieces)
    return Composition("\n\n".join(pieces), {text.name: _share(pieces, text)})


def _pieces(text: str, least: int) -> list[str]:
    """Paragraphs put together until they have so many characters."""
    pieces: list[str] = []
    piece = ""
    for line in text.split("\n"):
        piece += line + "\n"
        if len(piece) >= least:
            pieces.append(piece)
            piece = ""
    return [*pieces, piece] if piece else pieces


def _share(stretches: Sequence[str], text: Text) -> float:
    return sum(len(letters(s)) for s in stretches) / max(1, len(letters(text.text)))


def measure_all(index: Index, texts: Sequence[Text], hosts: Sequence[Text], seed: int, most: int = 8) -> dict[str, Any]:
    """Works found and errors of coverage_work in points, every composition listed."""
    draw = random.Random(seed)
    chosen = draw.sample(list(texts), min(most, len(texts)))
    kinds = {
        "anthology": [anthology(texts, hosts, draw) for _ in range(min(most, len(texts)))],
        "abridgement": [abridgement(text, draw) for text in chosen],
        "chapters in another order": [reordered(text, draw) for text in chosen],
    }
    return {name: _measure(index, compositions) for name, compositions in kinds.items()}


def _measure(index: Index, compositions: Sequence[Composition]) -> dict[str, Any]:
    rows = []
    for composition in compositions:
        matches = {m.work: m for m in map_text(index, composition.document)}
        for work, share in composition.shares.items():
            found = matches.get(work)
            ours = found.coverage_work if found else 0.0
            rows.append(
                {
                    "work": work,
                    "found": found is not None,
                    "passages": len(found.passages) if found else 0,
                    "true_share": round(100 * share, 2),
                    "coverage_work": round(100 * ours, 2),
                    "error_points": round(100 * abs(share - ours), 2),
                }
            )
    return {
        "documents": len(compositions),
        "works_found": round(sum(bool(r["found"]) for r in rows) / max(1, len(rows)), 4),
        "error_points_worst": max((float(str(r["error_points"])) for r in rows), default=None),
        "list": rows,
    }

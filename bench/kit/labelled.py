"""Matches of which it is known whether they are true copies: planted excerpts, editions, plagiarism; and what the
engine reports, asked for very short passages, between texts of which neither has anything from the other."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from bench.kit import catalogue
from bench.kit.library import Volume, pieces, plagiarism, read_outputs, registered, tie
from bench.kit.missing import excerpt_in, long_enough
from bench.kit.noise import NOISES
from ingest.engine import confidence
from ingest.engine.index import Index
from ingest.engine.params import preset
from ingest.engine.records import MapOptions, Match

LEAST_WORDS = 8
LENGTHS = (8, 1_000)  # words of an excerpt, log-uniform
AROUND = (0, 200, 1_000, 8_000)  # characters around an excerpt
SIZES = ((100, 1_000), (1_000, 60_000))  # characters of the documents that a text is cut into, log-uniform
MOST_A_PAIR = 10  # matches of one text with one work that count
COPIES = ("planted", "edition", "part", "plagiarism")
OTHERS = ("unrelated", "third text", "translation", "own answer", "output", "boilerplate")


@dataclass(frozen=True)
class Case:
    """One match with the truth about it."""

    copy: bool
    kind: str
    detail: str  # what happened to the excerpt
    work: str
    document: str
    work_author: str
    document_author: str
    parameters: str
    precision: str
    script: str
    words: int
    features: tuple[float, ...]
    place: int


@dataclass(frozen=True)
class Document:
    """A text to map. With `planted` only the match with that work is looked at."""

    text: str
    name: str
    author: str
    volume: Volume | None
    place: int = 0
    planted: str = ""
    detail: str = ""
    span: tuple[int, int] = (0, 0)

    @property
    def family(self) -> str:
        """What counts as one text: its work, and all of the Bible together."""
        if self.volume is None:
            return self.name
        return self.author if self.author == "bible" else self.volume.group


def planted(works: Sequence[Volume], count: int, han: bool, seed: int) -> list[Document]:
    """Excerpts of drawn length and noise in surroundings by another author (or in none)."""
    names = [n for n in NOISES if han or n != "other script"]
    draw = random.Random(f"{seed}:planted:{han}")
    same = long_enough(works, han, LENGTHS[1])
    found = []
    for _ in range(count if same else 0):
        length = int(LENGTHS[0] * (LENGTHS[1] / LENGTHS[0]) ** draw.random())
        noise, size = draw.choice(names), draw.choice(AROUND)
        made = excerpt_in(same, length, NOISES[noise], draw, size)
        span = (made.start, made.end)
        found.append(Document(made.text, made.host, made.host_author, None, 0, made.work, noise, span))
    return found


def cut(volumes: Sequence[Volume], seed: int) -> list[Document]:
    """Every text in short documents, again in longer ones, and whole."""
    found = []
    for volume in volumes:
        draw = random.Random(f"{seed}:{volume.name}")
        for least, most in SIZES:
            found += [
                Document(t, volume.name, volume.author, volume, at) for at, t in pieces(volume.text, draw, least, most)
            ]
        found.append(Document(volume.text, volume.name, volume.author, volume, -1))
    return found


def cases_of(
    documents: Sequence[Document], works: Sequence[Volume], parameters: str, exact: bool, answers: dict[str, str]
) -> list[Case]:
    """The matches of all documents, with the truth about each; what is not known is left out."""
    by_name = {w.name: w for w in works}
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-calibrate-") as scratch:
        path = Path(scratch) / "index"
        catalogue.build(path, [(w.name, w.text) for w in works], preset(parameters), exact)
        with Index.open(path) as index:
            answered = catalogue.map_batches(index, [d.text for d in documents], MapOptions(min_words=LEAST_WORDS))
    for document, matches in zip(documents, answered, strict=True):
        for match in matches:
            kind = kind_of(document, match, by_name[match.work], answers)
            if kind:
                found.append(case_of(document, match, by_name[match.work], kind, parameters))
    return found


def kind_of(document: Document, match: Match, work: Volume, answers: dict[str, str]) -> str:
    """How the two are related; empty where the match is not what the document was made for."""
    if document.planted:
        start, end = document.span
        hit = any(p.document_start < end and start < p.document_end for p in match.passages)
        return "planted" if match.work == document.planted and hit else ""
    if document.volume is None:
        return "quoted" if work.author in ("bible", "william shakespeare") else "output"
    if document.volume.name == work.name:
        return ""
    return tie(document.volume, work, answers)


def case_of(document: Document, match: Match, work: Volume, kind: str, parameters: str) -> Case:
    """The match reduced to what the fit and the report need."""
    return Case(
        copy=kind in COPIES,
        kind=kind,
        detail=document.detail,
        work=match.work,
        document=document.family,
        work_author=work.author,
        document_author=document.author,
        parameters=parameters,
        precision=match.precision,
        script="han" if work.han else "alphabetic",
        words=match.matched_words,
        features=confidence.features(match),
        place=document.place,
    )


def thinned(cases: Sequence[Case], seed: int) -> list[Case]:
    """At most so many matches of one text with one work in one setting, so that no pair decides the fit."""
    groups: dict[tuple[str, ...], list[Case]] = defaultdict(list)
    kept = []
    for case in cases:
        if case.kind == "planted":
            kept.append(case)
        else:
            groups[case.kind, case.document, case.work, case.parameters, case.precision, case.script].append(case)
    draw = random.Random(seed)
    for key in sorted(groups):
        group = groups[key]
        kept += group if len(group) <= MOST_A_PAIR else draw.sample(group, MOST_A_PAIR)
    return kept


def collect(folder: Path, volumes: list[Volume], sets: Sequence[str], excerpts: int, seed: int) -> list[Case]:
    """All labelled matches of all parameter sets, with texts and from fingerprints."""
    answers = plagiarism(folder)
    works = registered(volumes)
    documents = planted(works, excerpts, False, seed) + planted(works, excerpts // 2, True, seed)
    documents += cut([v for v in volumes if not v.raw], seed)
    documents += [Document(text, name, name.split("#")[0], None) for name, text in read_outputs(folder)]
    raw = [v for v in volumes if v.raw]
    fronts = cut([replace(v, text=v.text[:4_000]) for v in raw], seed)
    catalogues = (("boilerplate", raw), ("boilerplate of few", raw[:: max(1, len(raw) // 3)][:3]))
    cases: list[Case] = []
    for parameters, exact in product(sets, (True, False)):
        cases += cases_of(documents, works, parameters, exact, answers)
        for kind, some in catalogues:
            found = cases_of(fronts, some, parameters, exact, answers) if some else []
            cases += [replace(case, kind=kind) for case in found if case.kind == "unrelated"]
    return thinned(cases, seed)

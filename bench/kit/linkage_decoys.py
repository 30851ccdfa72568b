"""Works that look like others and are none, for the linkage bench; and a rule for what a catalogue may hold anyway."""

import random
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from rapidfuzz.distance import OSA

from bench.kit.linkage_damage import main_title
from registry.folding import fold, tokens
from registry.linkage import names, titles
from registry.linkage.facts import WorkFacts
from registry.linkage.words import STOP, UNITS

_OTHER_GIVEN = (
    "Albert", "Beatrice", "Conrad", "Dorothy", "Edmund", "Frances", "Gustav", "Helen", "Ignatius", "Josephine",
    "Konrad", "Ludmila",
)  # fmt: skip


def decoy_of(work: WorkFacts, stranger: WorkFacts, random_: random.Random) -> tuple[str, WorkFacts]:
    """A work that looks like another and is none: its kind, and its record.

    Only kinds that make another book of it for certain: a relative has given names that none of the author's names
    begins with, another author is a named one, another part has a number where the title has none, and a word is
    replaced, before any mark of punctuation, by one that does not look like it.
    """
    main = main_title(work.title)
    author = work.authors[0] if work.authors else ""
    choices = {"about it": (random_.choice(_ABOUT).format(main), random_.choice([author, *stranger.authors[:1]]))}
    if author and stranger.authors and names.read(stranger.authors[0]):
        choices["other author"] = (work.title, stranger.authors[0])
    relative = _relative(work, random_)
    if relative:
        choices["relative"] = (work.title, relative)
    if "other" not in fold(work.title) and main == work.title:
        ending = random_.choice([" and Other Stories", ", and other tales", " & Other Essays"])
        choices["and other stories"] = (main + ending, author)
    if not any(char.isdigit() for char in work.title) and not titles.read(work.title).parts:
        choices["other part"] = (f"{main}, Volume {random_.randint(2, 9)}", author)
    unbroken = re.split(r"[^\w\s'’&-]|\s-\s|[\r\n]", work.title)[0].rstrip()
    replaced = _one_word_else(unbroken, stranger.title, random_)
    if replaced:
        choices["other place"] = (replaced + work.title[len(unbroken) :], author)
    name = random_.choice(list(choices))
    title, by = choices[name]
    return name, replace(work, id=-work.id, title=title, subtitle="", authors=(by,) if by else (), other_names=())


_ABOUT = ("Summary of {}", "{}: A Study Guide", "A Companion to {}", "{} (SparkNotes)", "Notes on {}")


def _relative(work: WorkFacts, random_: random.Random) -> str:
    """The author's surname with given names that are nobody's whom the work names, or ""."""
    people = names.read("; ".join(work.authors[:1]))
    known = names.read("; ".join((*work.authors, *work.other_names)))
    starts = {word[0] for person in known for word in (*person.words, *person.initials)}
    strange = [name for name in _OTHER_GIVEN if fold(name)[0] not in starts]
    if not people or not strange or not people[0].surname or len(people[0].words) + len(people[0].initials) < 2:
        return ""
    return f"{people[0].surname.title()}, {random_.choice(strange)}"


def _one_word_else(main: str, other: str, random_: random.Random) -> str:
    """The main title with one telling word replaced by a word of another title that is unlike it, or ""."""
    words = main.split()
    places = [
        place for place, word in enumerate(words) if fold(word) not in STOP | UNITS and len(word) > 3 and word.isalpha()
    ]
    strange = [word for word in other.split() if fold(word) not in STOP and len(word) > 3 and word.isalpha()]
    if len(words) < 2 or not places:
        return ""
    place = random_.choice(places)
    strange = [word for word in strange if OSA.normalized_similarity(fold(word), fold(words[place])) < 0.5]
    if not strange:
        return ""
    words[place] = random_.choice(strange)
    return " ".join(words)


class Registered:
    """What a catalogue holds, for taking out of a set of decoys what is registered after all: nobody labelled them.

    A decoy is taken out when a record of the catalogue with one of its author's surnames has no other number than it
    and either a piece of one title, between marks of punctuation, is a piece of the other, word for word ("Rome" and
    "The Three Cities Trilogy: Rome, Volume 3"), or each word of one title is that of the other but for a slip
    ("Uranie", "Urania").
    """

    def __init__(self, works: Iterable[WorkFacts]) -> None:
        self._by_surname: dict[str, list[str]] = defaultdict(list)
        for work in works:
            for surname in _surnames(work):
                self._by_surname[surname] += [work.title, *work.other_titles]

    def holds(self, decoy: WorkFacts, *, made_of: WorkFacts | None = None) -> bool:
        """Whether one of its records may be the decoy; `made_of`: what it was made from is none."""
        known = {title for surname in _surnames(decoy) for title in self._by_surname.get(surname, ())}
        if made_of is not None:
            known.discard(made_of.title)
        return any(_may_be_one(decoy.title, title) for title in known)


def _surnames(work: WorkFacts) -> set[str]:
    people = names.read("; ".join((*work.authors, *work.other_names)))
    return {person.surname or person.han or max(person.words, default="") for person in people} or {""}


def _may_be_one(one: str, other: str) -> bool:
    mine, yours = _figures(one), _figures(other)
    if mine and yours and mine != yours:
        return False
    if _pieces(one) & _pieces(other):
        return True
    for said, there in ((one, other), (main_title(one), main_title(other))):
        words, others = _telling(said), _telling(there)
        alike = (OSA.normalized_similarity(a, b) >= 0.7 for a, b in zip(words, others, strict=False))
        if words and len(words) == len(others) and all(alike):
            return True
    return False


@lru_cache(maxsize=65536)
def _telling(title: str) -> list[str]:
    return [word for word in tokens(title) if word not in STOP]


@lru_cache(maxsize=65536)
def _figures(title: str) -> set[str]:
    return {figure.lstrip("0") for figure in re.findall(r"\d+", title)}


@lru_cache(maxsize=65536)
def _pieces(title: str) -> set[str]:
    pieces = (" ".join(tokens(piece)) for piece in re.split(r"[:;,.()\[\]\n—/]|--| - |\$b", title))
    return {piece for piece in pieces if len(piece) > 3 and not piece.isdigit()} - _SAYING_NOTHING


_SAYING_NOTHING = frozenset(("a novel", "complete", "a romance", "a tale", "volume", "or the", "illustrated", "poems"))

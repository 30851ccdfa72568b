"""Pairs to fit and measure linkage on: damaged rows beside their own works, beside look-alikes and beside decoys."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from bench.kit.linkage_damage import damage
from bench.kit.linkage_decoys import decoy_of
from bench.kit.linkage_rows import Pair, is_translated
from registry.folding import tokens
from registry.linkage import names, titles
from registry.linkage.facts import RowFacts, WorkFacts
from registry.linkage.title_relations import Relation, compare_titles
from registry.linkage.words import STOP


class Neighbours:
    """Works that look like a given one: by its rarest words, and by its author."""

    def __init__(self, works: Iterable[WorkFacts]) -> None:
        self.works = list(works)
        self.by_word: dict[str, list[int]] = defaultdict(list)
        self.by_author: dict[str, list[int]] = defaultdict(list)
        for place, work in enumerate(self.works):
            for word in {word for word in tokens(work.title) if word not in STOP}:
                self.by_word[word].append(place)
            for name in work.authors:
                self.by_author[name].append(place)

    def near(self, work: WorkFacts, count: int, random_: random.Random) -> list[WorkFacts]:
        """The most similar other works, at most `count`."""
        words = sorted(
            {word for word in tokens(work.title) if word in self.by_word}, key=lambda w: len(self.by_word[w])
        )
        places = {place for word in words[:4] for place in self.by_word[word][:60]}
        for name in work.authors:
            places.update(random_.sample(self.by_author[name], min(40, len(self.by_author[name]))))
        mine = titles.read(work.title, work.subtitle)
        scored = []
        for place in places:
            other = self.works[place]
            if other.id == work.id:
                continue
            found = compare_titles(mine, titles.read(other.title))
            bonus = 0.2 if other.authors == work.authors else 0.0
            scored.append((found.similarity + found.letters / 2 + bonus, place))
        return [self.works[place] for _, place in sorted(scored, reverse=True)[:count]]


def is_undecided(work: WorkFacts, other: WorkFacts) -> bool:
    """Whether two records of one catalogue may be the same work: nobody labelled them."""
    if work.public_id.startswith("gb") and other.public_id.startswith("gb"):
        return work.public_id == other.public_id
    people, others = names.read("; ".join(work.authors)), names.read("; ".join(other.authors))
    if names.compare(people, others) in (names.Agreement.DIFFERENT, names.Agreement.CONFLICT):
        return False
    one, two = titles.read(work.title), titles.read(other.title)
    if one.parts != two.parts and one.parts and two.parts:
        return False
    if one.numbers - two.numbers and two.numbers - one.numbers:
        return False
    found = compare_titles(one, two)
    return found.relation not in (Relation.OTHER, Relation.LONGER) or found.replaced < 0.3


def damaged_pairs(works: list[WorkFacts], rows: dict[int, RowFacts], count: int, seed: int) -> list[Pair]:
    """Rows damaged at random beside their own work, beside those that look most like it and beside made-up decoys."""
    random_ = random.Random(seed)
    neighbours = Neighbours(works)
    pairs = []
    for work in random_.sample(works, min(count, len(works))):
        row, kind = damage(work, random_, _any_year(rows.get(work.id), random_))
        author = work.authors[0] if work.authors else work.title
        source = "goodbooks" if work.public_id.startswith("gb") else "gutenberg"
        if random_.random() < 0.8 and not is_translated(row, work):  # the others are rows whose work is not registered
            pairs.append(Pair(row, work, True, source, author, kind))
        for other in neighbours.near(work, 4, random_):
            if not is_undecided(work, other):
                pairs.append(Pair(row, other, False, source, author, kind))
        if random_.random() < 0.15:
            name, decoy = decoy_of(work, random_.choice(works), random_)
            pairs.append(Pair(row, decoy, False, "decoys", author, f"{kind} / {name}"))
    return pairs


def _any_year(row: RowFacts | None, random_: random.Random) -> RowFacts | None:
    """Lists give the year of an edition as often as that of the first one, or none."""
    if row is None or not row.year.isdigit():
        return row
    kind = random_.random()
    if kind < 0.4:
        return replace(row, year="")
    return replace(row, year=str(int(row.year) + random_.choice([-1, 1, 2, 5, 10, 20, 40]))) if kind < 0.7 else row

"""Which works of a large catalogue a row may be at all: an inverted index of words, in memory. Pure.

A work is indexed by the words of its titles, by those of its authors' names, by its main title in one piece, and by
pairs of a surname and a word of the title. A row is looked up by the rarest of its own; a word that nothing holds is
read as the known words one or two slips away. Of what that brings, the works whose words weigh most and whose letters
are most alike are compared in full.
"""

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from registry.folding import CJK, fold
from registry.linkage.facts import Row, RowFacts, WorkFacts
from registry.linkage.titles import SOFT_SIGNS
from registry.linkage.words import HONORIFICS, LEADING_ARTICLES, STOP, SURNAMES_TOO

COMPARED = 5  # works that are compared in full
RANKED = 60  # works whose letters are compared
POSTINGS = 3_000  # entries that a row may look at
COMMON = 30_000  # a word in more works tells nothing
LEAST_SCORE = 0.30  # of overlap and letters; below it nothing is compared
BEHIND_BEST = 0.35
SPELLINGS = 3
MISSPELT_CHARS = 4
TITLE_WORDS = 14
NAME = "\x01"  # before words of names
KEY = "="  # before a main title in one piece
ISBN = "#"

_NO_NAMES = HONORIFICS - SURNAMES_TOO
_WORD = re.compile(rf"[^\W_{CJK}]+(?:'[^\W_{CJK}]+)*|[{CJK}]+")
_MAIN_END = re.compile(r"\s*(?:[:;(\[/|=：；（]|\.\s|--|\s[-–—]\s|—|\$b|,\s*(?:or|a|an|the|being)\b)")
_HAN = re.compile(f"[{CJK}]")


def words_of(folded: str) -> list[str]:
    """Words, and for Chinese pairs of characters, of a folded text."""
    found = []
    for word in _WORD.findall(folded):
        if _HAN.match(word):
            found += [word[place : place + 2] for place in range(max(1, len(word) - 1))]
        elif "'" in word:
            found.append(word.replace("'", ""))
        else:
            found.append(word)
    return found


def main_key(folded: str) -> str:
    """The main title in one piece, without leading article."""
    ends = _MAIN_END.search(folded, 1)
    words = _WORD.findall(folded[: ends.start()] if ends else folded)
    if len(words) > 1 and words[0] in LEADING_ARTICLES:
        words = words[1:]
    return "".join(words).replace("'", "")


def name_words(names: Iterable[str]) -> list[str]:
    """The words of names that may find them: no initials, no titles of honour."""
    found = []
    for name in names:
        for word in _WORD.findall(fold(name).translate(SOFT_SIGNS)):
            bare = word.replace("'", "")
            if (len(bare) > 1 and bare not in _NO_NAMES) or _HAN.match(bare):
                found.append(bare)
    return found


def keys_of(titles: Sequence[str], names: Sequence[str], isbns: Iterable[str]) -> tuple[list[str], list[str], str]:
    """Everything that a work or a row is looked up by → (its words, keys made of several, letters for comparing)."""
    folded = [fold(title).translate(SOFT_SIGNS) for title in titles if title]
    people = name_words(names)
    words: dict[str, None] = {}
    keys = [ISBN + isbn for isbn in isbns]
    for text in folded:
        telling = [word for word in words_of(text)[:TITLE_WORDS] if word not in STOP and word != "and"]
        words.update(dict.fromkeys(telling))
        key = main_key(text)
        if key:
            keys.append(KEY + key)
        if telling:
            keys += [f"{person}|{telling[0]}" for person in people[:3]]
    words.update(dict.fromkeys([NAME + word for word in people]))
    letters = "".join(_WORD.findall(folded[0])) if folded else ""
    return list(words), list(dict.fromkeys(keys)) if len(folded) > 1 else keys, letters[:120]


_Asked = tuple[int, float, list[tuple[int, int]]]  # works, weight, places in the postings
_Weighed = tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]


def _summed(lists: Sequence[npt.NDArray[np.int32]], weights: Sequence[float], whole: float) -> _Weighed:
    """Each work once, with the weight of what it holds as a share of the whole."""
    together = np.concatenate(lists)
    order = np.argsort(together, kind="stable")
    ordered = together[order]
    firsts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    weighed = np.add.reduceat(np.repeat(weights, [len(one) for one in lists])[order], firsts)
    return ordered[firsts], weighed / max(whole, 1.0)


class Index:
    """Works by their words. Positions count them in the order in which they came.

    Keys are kept as 64-bit hashes, sorted, with the works of each side by side: a catalogue of a million takes some
    300 MB. The hash is Python's own, so an index belongs to the process that made it.
    """

    def __init__(self, works: Iterable[tuple[Sequence[str], Sequence[str], Sequence[str]]]) -> None:
        """works: (titles, names, ISBNs) of each."""
        hashes, lengths = array("q"), array("i")
        self._letters: list[str] = []
        self._words: set[str] = set()
        for titles, names, isbns in works:
            words, keys, letters = keys_of(titles, names, isbns)
            self._letters.append(letters)
            self._words.update(words)
            words += keys
            lengths.append(len(words))
            hashes.extend(map(hash, words))
        self._arrange(np.frombuffer(hashes, dtype=np.int64), np.frombuffer(lengths, dtype=np.int32))
        self._by_ends: dict[str, list[str]] | None = None
        self._spelt: dict[str, list[str]] = {}

    def _arrange(self, hashes: npt.NDArray[np.int64], lengths: npt.NDArray[np.int32]) -> None:
        positions = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        order = np.argsort(hashes, kind="stable")
        self._postings = positions[order]
        self._keys, starts = np.unique(hashes[order], return_index=True)
        self._starts = np.append(starts, len(hashes))

    def __len__(self) -> int:
        return len(self._letters)

    def near(self, given: RowFacts, row: Row) -> list[int]:
        """The positions of the works to compare in full with this row, at most COMPARED; by ISBN more."""
        isbns = (*row.isbns, *row.restored)
        words, keys, letters = keys_of([given.title], [given.author], isbns)
        carrying = self._places([ISBN + isbn for isbn in isbns]) if isbns else ()
        by_isbn = [int(one) for start, end in carrying for one in self._postings[start:end][:COMPARED]]
        found = self._weigh(words, keys)
        if found is None:
            return by_isbn
        positions, overlap = found
        best = self._rank(positions, overlap, letters)
        return list(dict.fromkeys([*by_isbn, *best]))

    def _places(self, keys: Sequence[str]) -> list[tuple[int, int]]:
        """Where in the postings the works of each key stand: (start, end); the same twice where no work has it."""
        wanted = np.fromiter(map(hash, keys), dtype=np.int64, count=len(keys))
        if not len(self._keys):
            return [(0, 0)] * len(keys)
        places = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        starts, ends = self._starts[places], self._starts[places + 1]
        ends = np.where(self._keys[places] == wanted, ends, starts)
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    def _weigh(self, words: Sequence[str], keys: Sequence[str]) -> _Weighed | None:
        """The works that hold the rarest of the keys, and what those weigh as a share of all that was asked."""
        total = math.log(len(self) + 2)
        asked: list[_Asked] = []
        whole = 0.0
        named = [*words, *keys]
        for place, (start, end) in enumerate(self._places(named)):
            works = [(start, end)]
            is_word = place < len(words)
            if start == end and is_word:
                works = self._places(self._spellings(named[place]))
            size = sum(last - first for first, last in works)
            weight = total - math.log(size + 1)
            if is_word:
                whole += min(weight, total - 1)
            if size:
                asked.append((size, weight, works))
        asked.sort(key=lambda one: one[0])
        lists: list[npt.NDArray[np.int32]] = []
        weights: list[float] = []
        seen = 0
        for size, weight, works in asked:
            if size > COMMON or (lists and seen + size > POSTINGS):
                break
            lists += [self._postings[start:end] for start, end in works]
            weights += [weight] * len(works)
            seen += size
        if not lists:
            return self._both_common(asked)
        return _summed(lists, weights, whole)

    def _both_common(self, asked: Sequence[_Asked]) -> _Weighed | None:
        """Where every word is common: works that hold the two least common ones."""
        if len(asked) < 2:
            return None
        one, other = (np.concatenate([self._postings[a:b] for a, b in each[2]]) for each in asked[:2])
        both = np.intersect1d(one, other)[:POSTINGS]
        return (both, np.full(len(both), 0.5)) if len(both) else None

    def _rank(self, positions: npt.NDArray[np.int32], overlap: npt.NDArray[np.float64], letters: str) -> list[int]:
        if len(positions) > RANKED:
            chosen = np.argpartition(-overlap, RANKED)[:RANKED]
            positions, overlap = positions[chosen], overlap[chosen]
        places = positions.tolist()
        alike = process.cdist(
            [letters], [self._letters[place] for place in places], scorer=fuzz.ratio, dtype=np.float32, workers=1
        )[0]
        scores = 0.5 * np.minimum(overlap, 1.0) + 0.5 * alike / 100
        order = np.argsort(-scores, kind="stable")[:COMPARED]
        least = max(LEAST_SCORE, float(scores[order[0]]) - BEHIND_BEST)
        return [places[one] for one in order if scores[one] >= least]

    def _spellings(self, key: str) -> list[str]:
        """Known words that a word may be with a slip or two; a name's among names."""
        if key in self._spelt:
            return self._spelt[key]
        bare = key.removeprefix(NAME)
        found: list[str] = []
        if len(bare) >= MISSPELT_CHARS and not bare.isdigit():
            choices = [word for end in _ends(key) for word in self._ends().get(end, ())]
            slips = 1 if len(bare) < 8 else 2
            near = process.extract(key, choices, scorer=OSA.distance, score_cutoff=slips, limit=SPELLINGS)
            found = list(dict.fromkeys(word for word, _, _ in near))
        self._spelt[key] = found
        return found

    def _ends(self) -> dict[str, list[str]]:
        """Known words by how they begin and by how they end."""
        if self._by_ends is None:
            by_ends: dict[str, list[str]] = defaultdict(list)
            for word in self._words:
                if len(word) >= MISSPELT_CHARS - 1:
                    for end in _ends(word):
                        by_ends[end].append(word)
            self._by_ends = dict(by_ends)
        return self._by_ends


def _ends(key: str) -> tuple[str, str]:
    kind = NAME if key[0] == NAME else ""
    bare = key.removeprefix(NAME)
    return f"{kind}{bare[:3]}-", f"{kind}-{bare[-3:]}"


def texts_of(work: WorkFacts) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """What an index wants of a work."""
    title = f"{work.title}: {work.subtitle}" if work.subtitle else work.title
    return (title, *work.other_titles), (*work.authors, *work.other_names), work.isbns


def rows_of(lines: Iterable[str]) -> Iterator[list[str]]:
    """The columns of lines as PostgreSQL's COPY writes them; NULL is an empty text."""
    for line in lines:
        columns = line.rstrip("\n").split("\t")
        if "\\" in line:
            columns = ["" if column == "\\N" else _unescape(column) for column in columns]
        yield columns


_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: _MEANT.get(match[1], match[1]), text) if "\\" in text else text

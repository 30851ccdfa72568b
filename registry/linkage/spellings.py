"""Known words by how they begin and end: what a word that nothing holds may be with a slip or two. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from registry.linkage.keys import NAME

FOUND = 3
LEAST_CHARS = 4
SURE_CHARS = 8  # from which on two slips leave a word recognisable


class Spellings:
    """The words of a catalogue; those of names are found among names only."""

    def __init__(self, words: Iterable[str]) -> None:
        by_ends: dict[str, list[str]] = defaultdict(list)
        for word in sorted(words):
            if len(word) >= LEAST_CHARS - 1:
                for end in _ends(word):
                    by_ends[end].append(word)
        self._by_ends = dict(by_ends)
        self._found: dict[str, list[str]] = {}

    def near(self, word: str) -> list[str]:
        """Known words that a word may be with a slip or two, at most FOUND."""
        found = self._found.get(word)
        if found is None:
            found = self._found[word] = self._near(word)
        return found

    def _near(self, word: str) -> list[str]:
        bare = word.removeprefix(NAME)
        if len(bare) < LEAST_CHARS or bare.isdigit():
            return []
        choices = [known for end in _ends(word) for known in self._by_ends.get(end, ())]
        slips = 1 if len(bare) < SURE_CHARS else 2
        near = process.extract(word, choices, scorer=OSA.distance, score_cutoff=slips, limit=FOUND)
        return list(dict.fromkeys(known for known, _, _ in near))


def _ends(word: str) -> tuple[str, str]:
    kind = NAME if word[0] == NAME else ""
    bare = word.removeprefix(NAME)
    return f"{kind}{bare[:3]}-", f"{kind}-{bare[-3:]}"

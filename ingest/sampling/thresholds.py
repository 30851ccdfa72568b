"""What makes a match a near-copy, and which records are long enough for one to be told.

The numbers are those with which no answer by people was taken for a copy, and with room beyond (`bench/audit.py`).
Independent writers come closest where there is little to choose: answers made of the question's words and of numbers
(sums worked out step by step), lists of what everybody knows, famous sentences. So a record needs words of its own, and
more of them where they are thin among the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.sampling.own_words import HAN, length_of, own_words


@dataclass(frozen=True)
class Thresholds:
    """Shares from 0 to 1; words are distinct and the record's own."""

    coverage: float = 0.7  # of the record, by the match
    coverage_of_long: float = 0.5  # where the match holds `long_words`
    long_words: int = 100
    identity: float = 0.78  # of the letters
    words: int = 18
    words_in_han: int = 25  # pairs of characters say less than words
    words_of_formulas: int = 35  # where own words are less than `thin` of all
    words_without_prompt: int = 35  # whose words would not count
    thin: float = 0.4
    edited: float = 0.8  # part of a copy's own words that editing one word in ten leaves in matches, at the least

    def words_for(self, text: str, prompt: str, own: set[str]) -> int:
        """How many own words a match with this record must hold; `own` are all that the record has."""
        if not prompt.strip():
            return self.words_without_prompt
        if len(own) < self.thin * length_of(text):
            return self.words_of_formulas
        return self.words_in_han if HAN.search(text) and 2 * sum(map(_is_han, own)) > len(own) else self.words

    def is_long_enough(self, text: str, prompt: str) -> bool:
        """Whether a near-copy could be told in this record."""
        return self.can_judge(text, prompt, own_words([text], prompt))

    def can_judge(self, text: str, prompt: str, own: set[str]) -> bool:
        """As `is_long_enough`, where the own words are known: whether enough of them are left after editing."""
        left = len(own) * self.edited
        if left < self.words:
            return False
        return left >= max(self.words_of_formulas, self.words_without_prompt) or left >= self.words_for(
            text, prompt, own
        )

    def covers(self, coverage: float, own: int) -> bool:
        """Whether a match covers enough of the record, with so many own words in it."""
        return coverage >= (self.coverage_of_long if own >= self.long_words else self.coverage)


def _is_han(word: str) -> bool:
    return HAN.match(word) is not None

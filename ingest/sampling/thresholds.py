"""What makes a match a near-copy, and which records are long enough for one to be told.

The numbers are those with which no answer by people was taken for a copy, and with room beyond (`bench/audit.py`).
Independent writers come closest where there is little to choose: answers made of the question's words and of numbers
(sums worked out step by step), lists of what everybody knows, famous sentences. So a record needs words of its own, and
more of them where they are thin among the rest. Or the match holds nearly all of the output and most of the record:
then it is enough that it says something anew, be it in common words (`fresh_words`). The nearest that people came to a
whole output has 40 fresh words; letter for letter, 10. Models of one family share a saying of 24.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.engine.records import Match
from ingest.sampling.fresh_words import fresh_words, unasked
from ingest.sampling.own_words import HAN, length_of, own_words
from ingest.sampling.pieces import spans_of


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
    unasked: float = 0.25  # of a match's words, at the least, that no prompt holds anywhere
    unasked_edited: float = 0.9
    whole_words: int = 60  # fresh ones in a match that holds a whole output
    whole_edited: float = 0.9  # part of a copy's fresh words that is left in the match, at the least
    whole_identity: float = 0.8
    whole_output: float = 0.85  # of the output, by the match; of the record, `coverage`
    exact_words: int = 30  # fresh ones, where record and output are all but the same letters
    exact: float = 0.95  # of the letters, the record and the output
    whole_without_prompt: float = 2.0  # times as many fresh words where nobody knows what was asked
    resembling_words: int = 8  # in a match by which a record resembles an output

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
        """As `is_long_enough`, where the own words are known: whether enough of them are left after editing.

        A record with too few can still be a copy of a whole output, if it has fresh words enough.
        """
        enough = self._has_own_words(text, prompt, own) or self._says_enough(
            text, [prompt], self.whole_words / self.whole_edited
        )
        return enough and self.answers(text, [prompt], self.unasked / self.unasked_edited)

    def answers(self, text: str, prompts: Sequence[str], share: float | None = None) -> bool:
        """Whether it is more than the prompts' text, corrected or put in order: two who do that write the same."""
        return unasked(text, prompts) >= (self.unasked if share is None else share)

    def is_whole(self, match: Match, text: str, prompts: Sequence[str]) -> bool:
        """Whether the record is a copy of the whole output, whatever its own words; the prompts are those of both."""
        needed = self.words_for_whole(match)
        return needed is not None and self._says_enough(" ".join(matched(text, match)), prompts, needed)

    def words_for_whole(self, match: Match) -> int | None:
        """How many fresh words the match must hold; None where it holds too little of the output or of the record."""
        if _agrees(match, self.exact, self.exact, self.exact):
            return self.exact_words
        return self.whole_words if _agrees(match, self.whole_identity, self.coverage, self.whole_output) else None

    def resembles(self, match: Match) -> bool:
        """Whether the record is as near to the whole output as an edited copy, be it by chance (`resemblance`)."""
        return match.matched_words >= self.resembling_words and _agrees(
            match, self.whole_identity, self.coverage, self.whole_output
        )

    def _says_enough(self, text: str, prompts: Sequence[str], words: float) -> bool:
        """Whether so many words are fresh; more, where nobody knows what was asked."""
        known = [prompt for prompt in prompts if prompt.strip()]
        needed = words if known else words * self.whole_without_prompt
        return length_of(text) >= needed and fresh_words(text, known) >= needed

    def _has_own_words(self, text: str, prompt: str, own: set[str]) -> bool:
        left = len(own) * self.edited
        if left < self.words:
            return False
        return left >= max(self.words_of_formulas, self.words_without_prompt) or left >= self.words_for(
            text, prompt, own
        )

    def covers(self, coverage: float, own: int) -> bool:
        """Whether a match covers enough of the record, with so many own words in it."""
        return coverage >= (self.coverage_of_long if own >= self.long_words else self.coverage)


def matched(text: str, match: Match) -> list[str]:
    """The record's stretches that match, in their order."""
    return [text[start:end] for start, end in spans_of(match)]


def _agrees(match: Match, identity: float, record: float, output: float) -> bool:
    return (match.identity or 0.0) >= identity and match.coverage_document >= record and match.coverage_work >= output


def _is_han(word: str) -> bool:
    return HAN.match(word) is not None

"""How well a row answers a query: the one order that both engines' candidates are put into.

A score is in [0, 1]: three quarters how much of the query was found in the row, one quarter how much of the row's best
name the query says. So the word order is free, author and title may stand in one box, and of two works that contain
every word the one whose title is just that comes first.
"""

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from registry import folding, pinyin
from registry.search.query import Query

MIN_SCORE = 0.5  # below it a row shares little more than common words with the query
QUERY_SHARE = 0.75
MIN_WORD_SIMILARITY = 0.7  # one slip in four letters, two in seven
MIN_RUN_SIMILARITY = 0.6  # two characters of three
MIN_PREFIX_CHARS = 3
PREFIX_SIMILARITY = 0.85  # the query's word is how a longer one begins
MAX_WORD_WEIGHT = 8
SPOKEN_SIMILARITY = 0.9  # a Chinese name that the words say in pinyin: after names that are written so
RUN_CHAR_WEIGHT = 3  # a Chinese character says about as much as three letters


def score(query: Query, texts: Sequence[str]) -> list[float]:
    """Return the score of each text (`Document.text`: names, an empty line, context) for the query."""
    rows = [_Row(text) for text in texts]
    words = list(dict.fromkeys(word for row in rows for word in row.words))
    answers = _answers(words, word_similarity(query.words, words))
    return [_score_row(query, row, answers) for row in rows]


def word_similarity(asked: Sequence[str], known: Sequence[str]) -> np.ndarray:
    """Return a len(asked) × len(known) matrix in [0, 1]: equal, misspelt (optimal string alignment), or begun."""
    if not asked or not known:
        return np.zeros((len(asked), len(known)), dtype=np.float32)
    similar = process.cdist(
        asked, known, scorer=OSA.normalized_similarity, score_cutoff=MIN_WORD_SIMILARITY, dtype=np.float32
    )
    for row, word in enumerate(asked):
        if len(word) < MIN_PREFIX_CHARS:
            continue
        begun = [column for column, other in enumerate(known) if other.startswith(word)]
        similar[row, begun] = np.maximum(similar[row, begun], PREFIX_SIMILARITY)
    return similar


def _answers(words: Sequence[str], similar: np.ndarray) -> dict[str, list[tuple[int, float]]]:
    """Word of a row → (place of a word of the query, likeness) for all it is like; most words are like none."""
    answers: dict[str, list[tuple[int, float]]] = {}
    places, columns = similar.nonzero()
    values = similar[places, columns].tolist()
    for place, column, value in zip(places.tolist(), columns.tolist(), values, strict=True):
        answers.setdefault(words[column], []).append((place, value))
    return answers


class _Row:
    """A candidate's text, taken apart once."""

    def __init__(self, text: str) -> None:
        names, _, context = text.partition("\n\n")
        self.names = [folding.split(name) for name in names.split("\n")]
        words, runs = folding.split(context)  # a line break stands in no word and no run
        self.words = list(dict.fromkeys([*(word for named, _ in self.names for word in named), *words]))
        self.runs = list(dict.fromkeys([*(run for _, named in self.names for run in named), *runs]))


def _score_row(query: Query, row: _Row, answers: dict[str, list[tuple[int, float]]]) -> float:
    found = [0.0] * len(query.words)
    best_of_word: dict[str, float] = {}
    for word in row.words:
        if word in answers:
            best_of_word[word] = max(value for _, value in answers[word])
            for place, value in answers[word]:
                found[place] = max(found[place], value)
    heard = {
        run: query.spoken[word] for run in row.runs if query.spoken and (word := pinyin.spoken(run)) in query.spoken
    }
    for place in frozenset().union(*heard.values()):
        found[place] = max(found[place], SPOKEN_SIMILARITY)
    said = [(weight(word), best) for word, best in zip(query.words, found, strict=True)]
    said += [(RUN_CHAR_WEIGHT * len(run), run_similarity(run, row.runs)) for run in query.runs]
    named = 0.0
    for words, runs in row.names:
        parts = [(weight(word), best_of_word.get(word, 0.0)) for word in words]
        parts += [
            (RUN_CHAR_WEIGHT * len(run), SPOKEN_SIMILARITY if run in heard else run_similarity(run, query.runs))
            for run in runs
        ]
        named = max(named, _mean(parts))
    return QUERY_SHARE * _mean(said) + (1 - QUERY_SHARE) * named


def weight(word: str) -> int:
    """Longer words say more; beyond eight letters no more than that."""
    return min(len(word), MAX_WORD_WEIGHT)


def run_similarity(run: str, others: Sequence[str]) -> float:
    """How much of a run of CJK characters stands in the others: its pairs anywhere, or most of it in one place."""
    if not others:
        return 0.0
    if len(run) == 1:
        return 1.0 if any(run in other for other in others) else 0.0
    known = {pair for other in others for pair in folding.bigrams(other)}
    asked = folding.bigrams(run)
    together = sum(pair in known for pair in asked) / len(asked)
    aligned = max(
        fuzz.partial_ratio(run, other) if len(other) >= len(run) else fuzz.ratio(run, other) for other in others
    )
    best = max(together, aligned / 100)
    return best if best >= MIN_RUN_SIMILARITY else 0.0


def _mean(parts: list[tuple[int, float]]) -> float:
    total, gained = 0, 0.0
    for share, value in parts:
        total += share
        gained += share * value
    return gained / total if total else 0.0

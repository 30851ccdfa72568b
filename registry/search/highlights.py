"""Which parts of a name answer a query, as it was folded: accents, scripts, beginnings and slips included."""

import re
from collections.abc import Iterator

from registry import folding
from registry.search import ranking
from registry.search.query import Query

# Words with the marks and apostrophes that belong to them; each CJK character alone, as it folds alone.
_PIECE = re.compile(f"[{folding.CJK}]|{folding.WORD.pattern}|(?:(?!{folding.WORD.pattern})[^{folding.CJK}])+")
MAX_CHARS = 2_000


def pieces(text: str, query: Query) -> list[tuple[str, bool]]:
    """The text in pieces that join to it again, each with whether it answers the query.

    >>> pieces("L'Étranger", parse("etranger camus"))
    [("L'Étranger", True)]
    """
    found = [match.group() for match in _PIECE.finditer(text[:MAX_CHARS])]
    folded = [folding.fold(piece) for piece in found]
    words = _words_that_answer(folded, query)
    han = set(_han_that_answers(folded, query))
    joined: list[tuple[str, bool]] = []
    for number, (piece, plain) in enumerate(zip(found, folded, strict=True)):
        answers = number in han or plain.replace("'", "") in words
        if joined and joined[-1][1] == answers:
            joined[-1] = (joined[-1][0] + piece, answers)
        else:
            joined.append((piece, answers))
    return joined + ([(text[MAX_CHARS:], False)] if text[MAX_CHARS:] else [])


def _words_that_answer(folded: list[str], query: Query) -> set[str]:
    words = list(dict.fromkeys(word.replace("'", "") for word in folded if folding.WORD.fullmatch(word)))
    similar = ranking.word_similarity(query.words, words)
    found = {word for column, word in enumerate(words) if similar[:, column].any()}
    for word in folded:  # a part behind an apostrophe: l'étranger
        if "'" in word and set(word.split("'")) & set(query.words):
            found.add(word.replace("'", ""))
    return found


def _han_that_answers(folded: list[str], query: Query) -> Iterator[int]:
    """Places of characters that stand beside the same neighbour as in the query, or that the query names alone."""
    pairs = {pair for run in query.runs for pair in folding.bigrams(run)}
    for number, char in enumerate(folded):
        if char in pairs:
            yield number
        if number + 1 < len(folded) and char + folded[number + 1] in pairs:
            yield from (number, number + 1)

"""Two simple rivals of the detector and one that is not so simple, in the same run and on the same texts.

Higher means more like a model's. Perplexity: what a model writes surprises a small language model less. Compression:
what repeats itself shrinks more. Character n-grams with a logistic regression: the usual baseline of the literature.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression

from bench.kit.detector_data import Answer

ORDER = 5  # characters
SLOTS = 1 << 21
PRIOR = 4.0  # weight of the shorter context, in counts

Floats = NDArray[np.float64]


class Perplexity:
    """A character n-gram model, interpolated with shorter contexts, counts in hashed tables."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.counts = [np.zeros(SLOTS, dtype=np.float64) for _ in range(ORDER + 1)]
        for text in texts:
            for order, keys in enumerate(_grams(text)):
                np.add.at(self.counts[order], keys, 1)

    def score(self, text: str) -> float:
        """Minus the mean surprise of a character, in nats."""
        grams = _grams(text)
        if len(grams[ORDER]) == 0:
            return -10.0
        probability = np.full(len(grams[ORDER]), 1 / 3000)
        for order in range(1, ORDER + 1):
            context = self.counts[order - 1][grams[order - 1][:-1]] if order > 1 else self.counts[1].sum()
            skip = ORDER - order
            with_it = self.counts[order][grams[order]][skip:]
            before = context[skip:] if order > 1 else context
            probability = (with_it + PRIOR * probability) / (before + PRIOR)
        return float(np.log(np.maximum(probability, 1e-9)).mean())


def _grams(text: str) -> list[NDArray[np.int64]]:
    """Hashes of all runs of 0 to ORDER characters, by the place of the run's last one (of all that are long enough)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    found = [np.zeros(len(codes) + 1, dtype=np.int64)]
    key = np.zeros(len(codes), dtype=np.uint64)
    for order in range(1, ORDER + 1):
        if len(codes) < order:
            found.append(np.zeros(0, dtype=np.int64))
            continue
        key = key[: len(codes) - order + 1] * np.uint64(1099511628211) + codes[order - 1 :] + np.uint64(1)
        found.append(((key ^ (key >> np.uint64(29))) % np.uint64(SLOTS)).astype(np.int64))
    return found


def compression(text: str) -> float:
    """Minus the share of its size that zlib leaves of a text."""
    raw = text.encode("utf-8", "surrogatepass")
    return -len(zlib.compress(raw, 9)) / max(len(raw), 1)


class CharacterGrams:
    """Hashed runs of 3 to 5 characters within words and a logistic regression."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=1 << 16, norm="l2")
        y = np.array([one.model for one in answers])
        self.model = LogisticRegression(C=1.0, max_iter=300, class_weight="balanced")
        self.model.fit(self.vectorizer.transform([one.text for one in answers]), y)

    def score(self, texts: Sequence[str]) -> Floats:
        """Logits."""
        return np.asarray(self.model.decision_function(self.vectorizer.transform(texts)))

"""Peers that compare sets of hashed shingles: MinHash on windows, FracMinHash, a Bloom filter."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from bench.kit.rivals import Rival, words_of

WINDOW_WORDS = 100


def windows(text: str, step: int = WINDOW_WORDS // 2) -> Iterator[list[bytes]]:
    """5-word shingles of overlapping windows of 100 words."""
    words = words_of(text)
    for start in range(0, max(1, len(words) - step), step):
        part = words[start : start + WINDOW_WORDS]
        yield [" ".join(part[at : at + 5]).encode() for at in range(max(1, len(part) - 4))]


class DatasketchWindows(Rival):
    """MinHash LSH (Broder 1997) on windows of 100 words, 5-word shingles, 128 permutations, threshold 0.5."""

    name = "datasketch MinHash windows"
    module = "datasketch"
    spans = "window"
    most_catalogue_mb = 4.0
    most_documents = 200

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        self.tool = importlib.import_module(self.module)
        self.lsh = self.tool.MinHashLSH(threshold=0.5, num_perm=128)
        for work, text in texts.items():
            for number, window in enumerate(windows(text)):
                self.lsh.insert((work, number), self._sketch(window))

    def _sketch(self, window: list[bytes]) -> Any:
        sketch = self.tool.MinHash(num_perm=128)
        sketch.update_batch(window)
        return sketch

    def find(self, document: str) -> set[str]:
        """Works with a similar window."""
        return {key[0] for window in windows(document) for key in self.lsh.query(self._sketch(window))}


class RensaWindows(Rival):
    """The same scheme in Rust."""

    name = "rensa MinHash windows"
    module = "rensa"
    spans = "window"
    most_catalogue_mb = 16.0
    most_documents = 1000

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        self.tool = importlib.import_module(self.module)
        self.lsh = self.tool.RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
        self.owners: list[str] = []
        for work, text in texts.items():
            for window in windows(text):
                self.lsh.insert(len(self.owners), self._sketch(window))
                self.owners.append(work)

    def _sketch(self, window: list[bytes]) -> Any:
        sketch = self.tool.RMinHash(num_perm=128, seed=42)
        sketch.update([shingle.decode() for shingle in window])
        return sketch

    def find(self, document: str) -> set[str]:
        """Works with a similar window."""
        return {self.owners[key] for window in windows(document) for key in self.lsh.query(self._sketch(window))}


class SourmashContainment(Rival):
    """FracMinHash (Irber et al. 2022) of 8-word shingles, one in 13 kept; at least two shared hashes name a work."""

    name = "sourmash FracMinHash 1/13"
    module = "sourmash"
    spans = "none"
    most_catalogue_mb = 8.0
    most_documents = 400

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        self.owners: dict[int, set[str]] = {}
        for work, text in texts.items():
            for value in self._hashes(text):
                self.owners.setdefault(value, set()).add(work)

    def _hashes(self, text: str) -> list[int]:
        words = words_of(text)
        hashed = importlib.import_module("sourmash.minhash")
        sketch = hashed.MinHash(n=0, ksize=21, scaled=13)
        sketch.add_many([hashed.hash_murmur(" ".join(words[at : at + 8])) for at in range(max(0, len(words) - 7))])
        return list(sketch.hashes)

    def find(self, document: str) -> set[str]:
        """Works that share two hashes or more."""
        counts: dict[str, int] = {}
        for value in self._hashes(document):
            for work in self.owners.get(value, ()):
                counts[work] = counts.get(work, 0) + 1
        return {work for work, count in counts.items() if count >= 2}

    def index_bytes(self) -> int | None:
        """8 bytes a hash and 4 an owner, if it were packed."""
        return 12 * sum(len(owners) for owners in self.owners.values())


class BloomShingles(Rival):
    """One Bloom filter (1970) of all 8-word shingles, 0.1 % false positives; a run of 8 flags a document."""

    name = "Bloom filter of shingles"
    module = "rbloom"
    spans = "document side"
    most_catalogue_mb = 16.0
    most_documents = 1000

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        shingles = {s for text in texts.values() for s in self._shingles(text)}
        self.filter = importlib.import_module(self.module).Bloom(max(1, len(shingles)), 0.001)
        self.filter.update(shingles)

    def _shingles(self, text: str) -> list[str]:
        words = words_of(text)
        return [" ".join(words[at : at + 8]) for at in range(max(0, len(words) - 7))]

    def find(self, document: str) -> set[str]:
        """ "?" if a stretch of the document is known; the filter cannot say of which work."""
        run = 0
        for shingle in self._shingles(document):
            run = run + 1 if shingle in self.filter else 0
            if run >= 8:
                return {"?"}
        return set()

    def index_bytes(self) -> int | None:
        """Bits of the filter."""
        return self.filter.size_in_bits // 8

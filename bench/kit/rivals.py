"""Other tools on the same task: name the registered works that a document has text of.

Each builds from {work: text} and answers a document with the set of works it finds ("?" where the method cannot name a
work). Normalisation is the same for all: lower-case words without punctuation, a Han character being a word; what
the tools then make of it is theirs.
"""

from __future__ import annotations

import importlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Protocol

TOKEN = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+")
WINDOW_WORDS = 100


class Rival(Protocol):
    """What is measured of each tool."""

    name: ClassVar[str]
    module: ClassVar[str]
    spans: ClassVar[str]  # what it says of where: "none", "window", "document side", "exact runs"
    most_catalogue_mb: ClassVar[float]  # more takes it too long or too much memory
    most_documents: ClassVar[int]

    def build(self, texts: Mapping[str, str]) -> None:
        """Register the texts."""

    def find(self, document: str) -> set[str]:
        """Works found in a document."""

    def index_bytes(self) -> int | None:
        """Bytes of the index where it can be told."""


def words_of(text: str) -> list[str]:
    """Lower-case words; Han characters singly."""
    return TOKEN.findall(text.lower())


def windows(text: str, step: int = WINDOW_WORDS // 2) -> Iterator[list[bytes]]:
    """5-word shingles of overlapping windows of 100 words."""
    words = words_of(text)
    for start in range(0, max(1, len(words) - step), step):
        part = words[start : start + WINDOW_WORDS]
        yield [" ".join(part[at : at + 5]).encode() for at in range(max(1, len(part) - 4))]


class DatasketchWindows:
    """MinHash LSH (Broder 1997) on windows of 100 words, 5-word shingles, 128 permutations, threshold 0.5."""

    name, module, spans = "datasketch MinHash windows", "datasketch", "window"
    most_catalogue_mb, most_documents = 4.0, 200

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        from datasketch import MinHashLSH  # noqa: PLC0415

        self.lsh = MinHashLSH(threshold=0.5, num_perm=128)
        for work, text in texts.items():
            for number, window in enumerate(windows(text)):
                self.lsh.insert((work, number), self._sketch(window))

    def _sketch(self, window: list[bytes]) -> Any:
        from datasketch import MinHash  # noqa: PLC0415

        sketch = MinHash(num_perm=128)
        sketch.update_batch(window)
        return sketch

    def find(self, document: str) -> set[str]:
        """Works with a similar window."""
        return {key[0] for window in windows(document) for key in self.lsh.query(self._sketch(window))}

    def index_bytes(self) -> int | None:
        """Python dictionaries: not a size on disk."""
        return None


class RensaWindows:
    """The same scheme in Rust."""

    name, module, spans = "rensa MinHash windows", "rensa", "window"
    most_catalogue_mb, most_documents = 16.0, 1000

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        from rensa import RMinHashLSH  # noqa: PLC0415

        self.lsh = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
        self.owners: list[str] = []
        for work, text in texts.items():
            for window in windows(text):
                self.lsh.insert(len(self.owners), self._sketch(window))
                self.owners.append(work)

    def _sketch(self, window: list[bytes]) -> Any:
        from rensa import RMinHash  # noqa: PLC0415

        sketch = RMinHash(num_perm=128, seed=42)
        sketch.update([shingle.decode() for shingle in window])
        return sketch

    def find(self, document: str) -> set[str]:
        """Works with a similar window."""
        return {self.owners[key] for window in windows(document) for key in self.lsh.query(self._sketch(window))}

    def index_bytes(self) -> int | None:
        """In memory only."""
        return None


class SourmashContainment:
    """FracMinHash (Irber et al. 2022) of 8-word shingles, one in 13 kept; at least two shared hashes name a work."""

    name, module, spans = "sourmash FracMinHash 1/13", "sourmash", "none"
    most_catalogue_mb, most_documents = 8.0, 400

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        self.owners: dict[int, set[str]] = {}
        for work, text in texts.items():
            for value in self._hashes(text):
                self.owners.setdefault(value, set()).add(work)

    def _hashes(self, text: str) -> list[int]:
        from sourmash import MinHash  # noqa: PLC0415
        from sourmash.minhash import hash_murmur  # noqa: PLC0415

        words = words_of(text)
        sketch = MinHash(n=0, ksize=21, scaled=13)
        sketch.add_many([hash_murmur(" ".join(words[at : at + 8])) for at in range(max(0, len(words) - 7))])
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


class BloomShingles:
    """One Bloom filter (1970) of all 8-word shingles, 0.1 % false positives; a run of 8 known shingles flags a document."""

    name, module, spans = "Bloom filter of shingles", "rbloom", "document side"
    most_catalogue_mb, most_documents = 16.0, 1000

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        from rbloom import Bloom  # noqa: PLC0415

        shingles = {s for text in texts.values() for s in self._shingles(text)}
        self.filter = Bloom(max(1, len(shingles)), 0.001)
        self.filter.update(shingles)

    def _shingles(self, text: str) -> list[str]:
        words = words_of(text)
        return [" ".join(words[at : at + 8]) for at in range(max(0, len(words) - 7))]

    def find(self, document: str) -> set[str]:
        """"?" if a stretch of the document is known; the filter cannot say of which work."""
        run = 0
        for shingle in self._shingles(document):
            run = run + 1 if shingle in self.filter else 0
            if run >= 8:
                return {"?"}
        return set()

    def index_bytes(self) -> int | None:
        """Bits of the filter."""
        return self.filter.size_in_bits // 8


class SuffixArray:
    """Suffix array of the words' text; a common run of 60 bytes (10 words) names its work."""

    name, module, spans = "suffix array (pydivsufsort)", "pydivsufsort", "exact runs"
    most_catalogue_mb, most_documents = 16.0, 300
    run_bytes = 60

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        import numpy as np  # noqa: PLC0415
        from pydivsufsort import divsufsort  # noqa: PLC0415

        parts = [" ".join(words_of(text)).encode() for text in texts.values()]
        self.names = list(texts)
        self.starts = np.cumsum([0, *(len(p) + 1 for p in parts)])
        self.text = b"\n".join(parts) + b"\n"
        self.suffixes = divsufsort(self.text)

    def find(self, document: str) -> set[str]:
        """Works with a run that begins at a word of the document."""
        import numpy as np  # noqa: PLC0415
        from pydivsufsort import sa_search  # noqa: PLC0415

        stream = " ".join(words_of(document)).encode()
        places = [0, *(m.end() for m in re.finditer(rb" ", stream))]
        found: set[str] = set()
        for at in places:
            needle = stream[at : at + self.run_bytes]
            if len(needle) < self.run_bytes:
                break
            count, first = sa_search(self.text, self.suffixes, needle)
            for row in range(first, first + min(count, 8)) if count else ():
                owner = int(np.searchsorted(self.starts, self.suffixes[row], side="right")) - 1
                found.add(self.names[owner])
        return found

    def index_bytes(self) -> int | None:
        """The array and the text it points into."""
        return int(self.suffixes.nbytes + len(self.text))


class TantivyPhrases:
    """Full-text index of passages of 200 words; every 6-word phrase in steps of 3 is asked, two hits name a work."""

    name, module, spans = "tantivy 6-word phrases", "tantivy", "passage"
    most_catalogue_mb, most_documents = 8.0, 400

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        import tantivy  # noqa: PLC0415

        self.folder = tempfile.TemporaryDirectory(prefix="bench-tantivy-")
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("body", stored=False, tokenizer_name="whitespace")
        builder.add_text_field("work", stored=True, tokenizer_name="raw")
        self.index = tantivy.Index(builder.build(), path=self.folder.name)
        writer = self.index.writer(heap_size=64_000_000, num_threads=1)
        for work, text in texts.items():
            words = words_of(text)
            for at in range(0, len(words), 190):
                writer.add_document(tantivy.Document(body=" ".join(words[at : at + 200]), work=work))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def find(self, document: str) -> set[str]:
        """Works with two phrases of the document."""
        import tantivy  # noqa: PLC0415

        searcher = self.index.searcher()
        words = words_of(document)
        counts: dict[str, int] = {}
        for at in range(0, max(0, len(words) - 5), 3):
            query = tantivy.Query.phrase_query(self.index.schema, "body", words[at : at + 6])
            hits = searcher.search(query, 4, count=False).hits
            for work in {searcher.doc(address)["work"][0] for _, address in hits}:
                counts[work] = counts.get(work, 0) + 1
        return {work for work, count in counts.items() if count >= 2}

    def index_bytes(self) -> int | None:
        """Files of the index."""
        return sum(p.stat().st_size for p in Path(self.folder.name).iterdir())


class EdlibWindows:
    """No index: every window of 100 letters of the document is aligned with the whole catalogue (infix edit distance)."""

    name, module, spans = "edlib, exhaustive", "edlib", "both sides"
    most_catalogue_mb, most_documents = 0.6, 48
    window_letters, most_errors = 100, 0.2

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        self.texts = {work: "".join(words_of(text)) for work, text in texts.items()}

    def find(self, document: str) -> set[str]:
        """Works with a window of at most 20 % errors."""
        import edlib  # noqa: PLC0415

        stream = "".join(words_of(document))
        most = int(self.most_errors * self.window_letters)
        edges = range(0, len(stream) - self.window_letters // 2, self.window_letters // 2)
        parts = [stream[a:b] for a, b in pairwise([*edges, len(stream)])]
        joined = [one + other for one, other in pairwise(parts)] or [stream]
        found = set()
        for work, text in self.texts.items():
            for part in joined:
                small = len(set(part)) <= 200 and part.isascii() and text.isascii()
                if small and edlib.align(part, text, mode="HW", task="distance", k=most)["editDistance"] >= 0:
                    found.add(work)
                    break
        return found

    def index_bytes(self) -> int | None:
        """The texts."""
        return sum(len(t) for t in self.texts.values())


RIVALS: tuple[type[Any], ...] = (
    DatasketchWindows,
    RensaWindows,
    SourmashContainment,
    BloomShingles,
    SuffixArray,
    TantivyPhrases,
    EdlibWindows,
)


def installed(rival: type[Any]) -> bool:
    """Whether the tool's package can be imported here, with all that it needs."""
    try:
        importlib.import_module(rival.module)
    except ImportError:
        return False
    return True

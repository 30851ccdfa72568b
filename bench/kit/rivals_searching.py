"""Peers that look words or letters up as they are: a suffix array, full-text phrases, edit distance over everything."""

from __future__ import annotations

import importlib
import re
import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.kit.rivals import Rival, words_of


class SuffixArray(Rival):
    """Suffix array of the words' text; a common run of 60 bytes (10 words) names its work."""

    name = "suffix array (pydivsufsort)"
    module = "pydivsufsort"
    spans = "exact runs"
    most_catalogue_mb = 16.0
    most_documents = 300
    run_bytes = 60

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        parts = [" ".join(words_of(text)).encode() for text in texts.values()]
        self.names = list(texts)
        self.starts = np.cumsum([0, *(len(p) + 1 for p in parts)])
        self.text = b"\n".join(parts) + b"\n"
        self.suffixes = importlib.import_module(self.module).divsufsort(self.text)

    def find(self, document: str) -> set[str]:
        """Works with a run that begins at a word of the document."""
        search = importlib.import_module(self.module).sa_search
        stream = " ".join(words_of(document)).encode()
        places = [0, *(m.end() for m in re.finditer(rb" ", stream))]
        found: set[str] = set()
        for at in places:
            needle = stream[at : at + self.run_bytes]
            if len(needle) < self.run_bytes:
                break
            count, first = search(self.text, self.suffixes, needle)
            for row in range(first, first + min(count, 8)) if count else ():
                owner = int(np.searchsorted(self.starts, self.suffixes[row], side="right")) - 1
                found.add(self.names[owner])
        return found

    def index_bytes(self) -> int | None:
        """The array and the text it points into."""
        return int(self.suffixes.nbytes + len(self.text))


class TantivyPhrases(Rival):
    """Full-text index of passages of 200 words; every 6-word phrase in steps of 3 is asked, two hits name a work."""

    name = "tantivy 6-word phrases"
    module = "tantivy"
    spans = "passage"
    most_catalogue_mb = 8.0
    most_documents = 400

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        self.tool = tantivy = importlib.import_module(self.module)
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
        searcher = self.index.searcher()
        words = words_of(document)
        counts: dict[str, int] = {}
        for at in range(0, max(0, len(words) - 5), 3):
            query = self.tool.Query.phrase_query(self.index.schema, "body", words[at : at + 6])
            hits = searcher.search(query, 4, count=False).hits
            for work in {searcher.doc(address)["work"][0] for _, address in hits}:
                counts[work] = counts.get(work, 0) + 1
        return {work for work, count in counts.items() if count >= 2}

    def index_bytes(self) -> int | None:
        """Files of the index."""
        return sum(p.stat().st_size for p in Path(self.folder.name).iterdir())

    def close(self) -> None:
        """Remove the index."""
        self.folder.cleanup()


class EdlibWindows(Rival):
    """No index: every window of 100 letters is aligned with the whole catalogue (infix edit distance)."""

    name = "edlib, exhaustive"
    module = "edlib"
    spans = "both sides"
    most_catalogue_mb = 0.6
    most_documents = 48
    window_letters, most_errors = 100, 0.2

    def build(self, texts: Mapping[str, str]) -> None:
        """Register."""
        self.texts = {work: "".join(words_of(text)) for work, text in texts.items()}

    def find(self, document: str) -> set[str]:
        """Works with a window of at most 20 % errors."""
        tool = importlib.import_module(self.module)
        stream = "".join(words_of(document))
        most = int(self.most_errors * self.window_letters)
        edges = range(0, len(stream) - self.window_letters // 2, self.window_letters // 2)
        parts = [stream[a:b] for a, b in pairwise([*edges, len(stream)])]
        joined = [one + other for one, other in pairwise(parts)] or [stream]
        found = set()
        for work, text in self.texts.items():
            for part in joined:
                small = len(set(part)) <= 200 and part.isascii() and text.isascii()
                if small and tool.align(part, text, mode="HW", task="distance", k=most)["editDistance"] >= 0:
                    found.add(work)
                    break
        return found

    def index_bytes(self) -> int | None:
        """The texts."""
        return sum(len(t) for t in self.texts.values())

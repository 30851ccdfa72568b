"""Speed and memory of the matching engine: `python bench/match.py [FOLDER] [--megabytes N] [--runs N]`.

Takes the texts of FOLDER (default: samples/) as catalogue, builds an index, and maps on one core: documents with
planted excerpts (half of them noisy), documents that share nothing, and whole books. Reports medians of several
runs in processor time of the one thread, recall of the planted excerpts, peak memory, and in the same run a peer:
MinHash on windows of 100 words (datasketch), which gives windows and no passages. Writes bench/results/match.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numba
import numpy as np

from ingest.engine import ENGINE_VERSION
from ingest.engine.index import Index, write_segment
from ingest.engine.mapper import map_text
from ingest.engine.normalise import count_words
from ingest.engine.params import preset
from ingest.engine.records import IndexRecord, MapOptions
from ingest.engine.sketch import sketch_text

ROOT = Path(__file__).resolve().parent.parent
WINDOW_WORDS = 100


def texts_of(folder: Path, limit_bytes: int) -> dict[str, str]:
    """Texts by name, in order, until the limit is reached. Raw variants with a library's boilerplate stay out."""
    found: dict[str, str] = {}
    total = 0
    for path in sorted(folder.rglob("*.txt")):
        if path.name.endswith(".raw.txt"):
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        size = len(text.encode("utf-8", "replace"))
        if size < 5000:
            continue
        if total + size > limit_bytes and found:
            break
        total += size
        found[path.relative_to(folder).as_posix()] = text
    return found


def noisy(text: str, rate: float, draw: random.Random) -> str:
    """Letters replaced, doubled, lost."""
    out = []
    for character in text:
        if draw.random() >= rate:
            out.append(character)
        elif (kind := draw.random()) < 0.6:
            out.append(draw.choice("abcdefghijklmnopqrstuvwxyz"))
        elif kind < 0.8:
            out.append(character * 2)
    return "".join(out)


def strange_text(texts: Iterable[str], chars: int, draw: random.Random) -> str:
    """Words of the catalogue in random order: its vocabulary, none of its sentences."""
    # a longer "word" is a sentence of a script without spaces
    words = [w for text in texts for w in text[:40_000].split() if len(w) <= 20]
    out: list[str] = []
    size = 0
    while size < chars:
        out.append(draw.choice(words))
        size += len(out[-1]) + 1
    return " ".join(out)


def planted(texts: dict[str, str], strange: str, count: int, draw: random.Random) -> list[tuple[str, str, int, float]]:
    """Documents of about 8,000 characters with one excerpt: text, work, words of the excerpt, rate of errors."""
    names = sorted(texts)
    words_of = {name: texts[name].split() for name in names}
    documents = []
    for number in range(count):
        name = draw.choice(names)
        size, rate = draw.choice([50, 100, 300]), draw.choice([0.0, 0.0, 0.02, 0.05])
        words = words_of[name]
        if len(words) < size + 10:  # text without spaces: cut by characters
            at = draw.randrange(max(1, len(texts[name]) - 2 * size))
            end = at + size  # punctuation is no word: as many more characters are taken
            while end < len(texts[name]) and count_words(excerpt := texts[name][at:end]) < size:
                end += 1
        else:
            at = draw.randrange(len(words) - size)
            end = at + size  # dashes and dots that stand alone are no words: as many more are taken
            while end < len(words) and count_words(excerpt := " ".join(words[at:end])) < size:
                end += 1
        cut = draw.randrange(max(1, len(strange) - 8000))
        around = strange[cut : cut + 8000]
        middle = draw.randrange(1000, 7000)
        document = around[:middle] + "\n" + noisy(excerpt, rate, draw) + "\n" + around[middle:]
        documents.append((document, name, size, rate)) if number % 4 else documents.append((around, "", 0, 0.0))
    return documents


def timed(run: Callable[[], Any], runs: int) -> tuple[list[float], Any]:
    """Processor seconds of each run, and the last result."""
    seconds = []
    result = None
    for _ in range(runs):
        start = time.process_time()
        result = run()
        seconds.append(time.process_time() - start)
    return seconds, result


def megabytes(texts: Iterable[str]) -> float:
    return sum(len(t.encode("utf-8", "replace")) for t in texts) / 1e6


def rate(size: float, seconds: list[float]) -> dict[str, float]:
    """Median MB/s with the slowest and fastest run."""
    return {
        "mb": round(size, 2),
        "mb_per_second": round(size / statistics.median(seconds), 1),
        "slowest": round(size / max(seconds), 1),
        "fastest": round(size / min(seconds), 1),
    }


def recall(documents: list[tuple[str, str, int, float]], found: list[set[str]]) -> dict[str, float]:
    """Share of planted excerpts whose work was named, by length and rate of errors."""
    seen: dict[str, list[bool]] = {}
    for (_, name, words, errors), names in zip(documents, found, strict=True):
        if name:
            seen.setdefault(f"{words} words, {errors:.0%} errors", []).append(name in names)
    return {key: round(sum(hits) / len(hits), 4) for key, hits in sorted(seen.items())}


def peer(texts: dict[str, str], documents: list[tuple[str, str, int, float]]) -> dict[str, Any]:
    """MinHash LSH on windows of 100 words, 5-word shingles, threshold 0.5, 128 permutations."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415  only the benchmark needs it

    def windows(text: str) -> Iterable[MinHash]:
        words = text.lower().split()
        for start in range(0, max(1, len(words)), WINDOW_WORDS // 2):
            part = words[start : start + WINDOW_WORDS]
            sketch = MinHash(num_perm=128)
            sketch.update_batch([" ".join(part[i : i + 5]).encode() for i in range(max(1, len(part) - 4))])
            yield sketch

    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    start = time.process_time()
    for name, text in texts.items():
        for number, sketch in enumerate(windows(text)):
            lsh.insert((name, number), sketch)
    built = time.process_time() - start
    start = time.process_time()
    found = [{key[0] for w in windows(text) for key in lsh.query(w)} for text, *_ in documents]
    queried = time.process_time() - start
    return {
        "index": rate(megabytes(texts.values()), [built]),
        "mixed": rate(megabytes(d[0] for d in documents), [queried]),
        "recall": recall(documents, found),
        "catalogue_mb": round(megabytes(texts.values()), 2),
    }


def measure(texts: dict[str, str], parameters: str, runs: int, count: int, seed: int) -> dict[str, Any]:
    """All measurements of the engine; the first call of each kind compiles and is not counted."""
    params = preset(parameters)
    draw = random.Random(seed)
    strange = strange_text(texts.values(), 1_000_000, draw)
    documents = planted(texts, strange, count, draw)
    size = megabytes(texts.values())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.seg"

        def build() -> Any:
            records = (IndexRecord(n, None, sketch_text(t, params), t) for n, t in texts.items())
            return write_segment(path, records, params)

        build()
        index_seconds, info = timed(build, runs)
        books = list(texts.values())[: max(1, min(12, len(texts)))]
        with Index.open(path) as index:
            map_text(index, documents[1][0])
            mixed_seconds, found = timed(lambda: [map_text(index, d[0]) for d in documents], runs)
            # at the default of 50 words an excerpt of 50 that lost one to an error is rightly left out
            lenient = [map_text(index, d[0], MapOptions(min_words=30)) for d in documents]
            strange_seconds, stray = timed(lambda: map_text(index, strange), runs)
            book_seconds, _ = timed(lambda: [map_text(index, t) for t in books], runs)
    works = [{m.work for m in matches} for matches in found]
    return {
        "index": rate(size, index_seconds),
        "index_postings": info.postings,
        "index_bytes_without_text_per_text_byte": round((info.bytes - size * 1e6) / (size * 1e6), 3),
        "mixed": rate(megabytes(d[0] for d in documents), mixed_seconds),
        "unrelated": rate(megabytes([strange]), strange_seconds),
        "unrelated_matches": len(stray),
        "whole_books": rate(megabytes(books), book_seconds),
        "recall": recall(documents, works),
        "recall_at_30_words": recall(documents, [{m.work for m in matches} for matches in lenient]),
        "empty_documents_with_a_match": sum(bool(w) for d, w in zip(documents, works, strict=True) if not d[1]),
    }


def machine() -> dict[str, Any]:
    """What ran it: no host name, no paths."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return {
        "processor": model,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "system": platform.system(),
    }


def main() -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "samples")
    parser.add_argument("--megabytes", type=int, default=60, help="of the folder's texts, at most")
    parser.add_argument("--documents", type=int, default=1200)
    parser.add_argument("--parameters", default="registry-1")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer-megabytes", type=int, default=4, help="catalogue of the peer; 0 leaves it out")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "match.json")
    chosen = parser.parse_args()
    texts = texts_of(chosen.folder, chosen.megabytes * 1_000_000)
    if not texts:
        print(f"bench/match.py: no texts of 5,000 bytes or more in {chosen.folder}", file=sys.stderr)
        return 3
    result: dict[str, Any] = {
        "engine": ENGINE_VERSION,
        "parameters": {"name": chosen.parameters, "digest": preset(chosen.parameters).digest},
        "machine": machine(),
        "runs": chosen.runs,
        "seed": chosen.seed,
        "catalogue": {"works": len(texts), "mb": round(megabytes(texts.values()), 2)},
        "ours": measure(texts, chosen.parameters, chosen.runs, chosen.documents, chosen.seed),
    }
    result["ours"]["peak_memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    if chosen.peer_megabytes:
        few = texts_of(chosen.folder, chosen.peer_megabytes * 1_000_000)
        draw = random.Random(chosen.seed)
        documents = planted(few, strange_text(few.values(), 200_000, draw), 120, draw)
        result["datasketch_minhash_windows"] = peer(few, documents)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Storage and the index beside the engine: `python bench/storage.py [FOLDER] [--megabytes N] [--runs N]`.

Measures by the clock, on a folder and on an S3 server on this machine (SeaweedFS, where its wheel is installed):
storing and fetching a segment with its check, writing and reading chunk files and how small they are; and what every
segment more costs a query, in processor time. Writes bench/results/storage.json, which `scale_plan.py` reckons from.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

import django  # noqa: E402 (settings come first)
from django.conf import settings  # noqa: E402

django.setup()

from bench.kit import catalogue, measure  # noqa: E402
from bench.kit.measure import megabytes_of, rate, timed  # noqa: E402
from bench.kit.texts import keep_apart, read_texts  # noqa: E402
from ingest import blobs  # noqa: E402
from ingest.engine.index import Index  # noqa: E402
from ingest.engine.params import preset  # noqa: E402
from ingest.services import chunks, segment_files  # noqa: E402
from tests import object_store  # noqa: E402

DOCUMENT_CHARS = 8_000
SCAN = "scans/0123456789ab/chunks"
SEGMENTS = (1, 2, 4, 8, 16)


def measure_store(segment: Path, digest: str, documents: list[str], runs: int) -> dict[str, Any]:
    """MB/s of the store that the settings name: a segment's way to it and from it, and that of chunk files."""
    megabytes = segment.stat().st_size / 1e6
    seconds: dict[str, list[float]] = {name: [] for name in ("store", "fetch_and_check", "write_chunk", "read_chunk")}

    def clocked(name: str, run: Callable[[], object]) -> None:
        start = time.perf_counter()
        run()
        seconds[name].append(time.perf_counter() - start)

    texts = [chunks.ChunkDocument(f"d{number}", text) for number, text in enumerate(documents)]
    key = ""
    for _ in range(runs):
        clocked("store", partial(blobs.put_segment, segment, segment_files.key_of(digest)))
        for copy in segment_files.copies():
            segment_files.forget(copy.path)
        clocked("fetch_and_check", partial(segment_files.present, digest))
        clocked("write_chunk", partial(chunks.write, texts, SCAN))
        key = chunks.write(texts, SCAN)
        clocked("read_chunk", partial(lambda key: sum(1 for _ in chunks.read(key)), key))
    text_megabytes = megabytes_of(documents)
    of_segment = {name: rate(megabytes, seconds[name]) for name in ("store", "fetch_and_check")}
    of_chunk = {name: rate(text_megabytes, seconds[name]) for name in ("write_chunk", "read_chunk")}
    return of_segment | of_chunk | {"chunk_bytes_per_text_byte": round(blobs.size_of(key) / text_megabytes / 1e6, 3)}


def measure_segments(pairs: list[tuple[str, str]], documents: list[str], parameters: str, runs: int) -> dict[str, Any]:
    """Milliseconds a megabyte of documents against the same works in one segment, two, four …; the cost of one more."""
    params = preset(parameters)
    points = {}
    with tempfile.TemporaryDirectory(prefix="bench-storage-") as folder:
        for count in SEGMENTS:
            paths = [Path(folder) / f"{count}-{number}.seg" for number in range(count)]
            for number, path in enumerate(paths):
                catalogue.build(path, pairs[number::count], params, with_text=False)
            with Index.open(paths) as index:
                catalogue.map_batches(index, documents)
                seconds, _ = timed(partial(catalogue.map_batches, index, documents), runs)
            points[count] = round(1000 * min(seconds) / megabytes_of(documents), 3)
    first, last = min(points), max(points)
    each = (points[last] - points[first]) / (last - first)
    return {"milliseconds_per_mb": points, "milliseconds_per_mb_and_segment": round(each, 3)}


@contextmanager
def object_server(folder: Path) -> Iterator[bool]:
    """An S3 server as the store, where there is one for this machine."""
    try:
        with object_store.running(folder) as server:
            os.environ.update(server.environment())
            settings.BLOB_URL = object_store.new_prefix()
            yield True
    except BaseException as error:  # what a missing wheel raises is made for tests
        if type(error).__name__ != "Skipped":
            raise
        yield False


def run(chosen: Any) -> dict[str, Any]:
    """All measurements."""
    texts, hosts = keep_apart(read_texts(chosen.folder, int(chosen.megabytes * 1e6), chosen.seed), chosen.seed)
    pairs = [(text.name, text.text) for text in texts]
    documents = [h.text[at : at + DOCUMENT_CHARS] for h in hosts for at in range(0, len(h.text), DOCUMENT_CHARS)]
    found = measure.common_facts("storage", chosen.parameters, chosen.seed, chosen.runs)
    with tempfile.TemporaryDirectory(prefix="bench-storage-") as scratch:
        settings.INDEX_DIR = Path(scratch) / "index"
        segment = Path(scratch) / "one.seg"
        info = catalogue.build(segment, pairs, preset(chosen.parameters), with_text=True)
        found["segment_mb"] = round(info.bytes / 1e6, 1)
        settings.BLOB_URL = (Path(scratch) / "blobs").as_uri()
        found["folder"] = measure_store(segment, info.digest, documents, chosen.runs)
        place = Path(scratch) / "s3"
        place.mkdir()
        with object_server(place) as there:
            if there:
                found["s3"] = measure_store(segment, info.digest, documents, chosen.runs)
    found["segments"] = measure_segments(pairs, documents, chosen.parameters, chosen.runs)
    return found


def main(given: list[str] | None = None) -> int:
    """Run, print, write."""
    parser = measure.arguments(__doc__, "storage", megabytes=60, runs=3)
    parser.add_argument("--parameters", default="registry-1")
    chosen = parser.parse_args(given)
    found = run(chosen)
    measure.write(found, chosen.out)
    for name in ("folder", "s3"):
        for what, value in found.get(name, {}).items():
            speed = f"{value['mb_per_second']:,.0f} MB/s" if isinstance(value, dict) else f"{value}"
            print(f"{name:<8} {what:<28} {speed:>14}")
    for count, milliseconds in found["segments"]["milliseconds_per_mb"].items():
        print(f"{count:>3} segments {milliseconds:>8.2f} ms a MB")
    print(f"written: {chosen.out.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

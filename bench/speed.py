"""Speed, start and memory of the matching engine: `python bench/speed.py [FOLDER] [--megabytes N] [--runs N]`.

Takes the texts of FOLDER (default: samples/) as catalogue, keeps every fifth work apart as unrelated text, and measures
on one core, in processor time: building the index; documents of 8 kB with planted excerpts, in batches and one at a
time; unrelated text; whole books against other editions of themselves, and against themselves; short documents; a
.jsonl.zst in process and through `colophon match`. Then start with warm and cold kernel cache, private memory, and two
processes against one (by the clock). Beside it, in the same run: the machine's limits and the installed peers. Writes
bench/results/speed.json.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from argparse import BooleanOptionalAction
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


from bench.kit import catalogue, limits, measure, planting, processes, rival_runs, targets
from bench.kit.measure import Row, megabytes_of, rate, timed
from bench.kit.noise import NOISES
from bench.kit.planting import Plant
from bench.kit.texts import Text, edition_pairs, keep_apart, read_texts
from ingest.engine import mapper
from ingest.engine.index import Index
from ingest.engine.params import Params, preset
from ingest.readers import Document, open_documents

SHORT_BYTES = (100, 1_000, 8_000)
BOOKS_MEGABYTES = 8.0
EXPECTED: dict[str, tuple[float | None, float | None]] = {
    "mixed": targets.MIXED,
    "unrelated": targets.UNRELATED,
    "unrelated_long": targets.UNRELATED,
    "editions": targets.EDITIONS,
}


@dataclass(frozen=True)
class Work:
    """Everything that is measured on."""

    texts: list[Text]
    hosts: list[Text]
    plants: list[Plant]
    params: Params
    folder: Path
    runs: int
    dataset_megabytes: float

    @property
    def index(self) -> Path:
        """The index folder that all measurements query."""
        return self.folder / "index"

    @property
    def documents(self) -> list[str]:
        """Texts of the mixed documents."""
        return [p.document for p in self.plants]


def measure_build(work: Work) -> dict[str, Any]:
    """Index build with and without texts, and sizes in percent of the text."""
    pairs = [(t.name, t.text) for t in work.texts]
    size = megabytes_of(text for _, text in pairs)
    found: dict[str, Any] = {}
    for name, with_text in (("with_text", True), ("without_text", False)):
        path = work.folder / f"{name}.seg"
        catalogue.build(path, pairs[:1], work.params, with_text)  # compiles
        seconds, info = timed(partial(catalogue.build, path, pairs, work.params, with_text), work.runs)
        found[name] = rate(size, seconds) | {
            "bytes": info.bytes,
            "percent_of_text": round(info.bytes / size / 1e4, 2),
            "bytes_per_posting": round(info.bytes / max(1, info.postings), 2),
        }
        found["postings"] = info.postings
    found["percent_beside_text"] = round((found["with_text"]["bytes"] - size * 1e6) / size / 1e4, 2)
    catalogue.build(work.index, pairs, work.params)
    return found


def measure_queries(work: Work, index: Index) -> dict[str, Any]:
    """MB/s by kind of document, batched and one at a time. The first call of each kind is not counted."""
    unrelated = [h.text for h in work.hosts]
    pieces = [t[at : at + 8_000] for t in unrelated for at in range(0, len(t), 8_000)]
    kinds: dict[str, list[str]] = {
        "mixed": work.documents,
        "unrelated": pieces,
        "unrelated_long": unrelated,
        "same_books": whole_books([t.text for t in work.texts]),
    }
    joined = "\n".join(work.documents[:200])
    for size in SHORT_BYTES:
        kinds[f"short_{size}"] = cut(joined, size, 1 << 20)
    found: dict[str, Any] = {}
    for kind, texts in kinds.items():
        for way, call in (("batch", catalogue.map_batches), ("singly", catalogue.map_singly)):
            found[f"{kind}_{way}"] = measure_call(call, index, texts, work.runs)
    return found


def measure_call(call: Callable[..., Any], index: Index, texts: list[str], runs: int) -> dict[str, Any]:
    """One way of calling over one kind of document."""
    call(index, texts[:2])
    seconds, matches = timed(partial(call, index, texts), runs)
    return rate(megabytes_of(texts), seconds) | {
        "documents": len(texts),
        "microseconds_per_document": round(1e6 * sorted(seconds)[len(seconds) // 2] / max(1, len(texts)), 2),
        "matches": sum(len(m) for m in matches),
    }


def measure_editions(work: Work, source: Path) -> dict[str, Any]:
    """Whole books against other editions of themselves: full alignment with all that editors changed. Real pairs where
    the folder has any, else every text against itself as a scan with 2 % errors."""
    kinds = ("same_edition", "other_edition")
    pairs = [(p.document.text, p.work) for p in edition_pairs(source) if p.relation in kinds]
    if not pairs:
        draw = random.Random(1)
        pairs = [(NOISES["scan 2 %"](t.text, t.text, draw), t) for t in work.texts]
    documents = whole_books([document for document, _ in pairs])
    works = {edition.name: edition.text for document, edition in pairs if document in documents}
    path = work.folder / "editions"
    catalogue.build(path, list(works.items()), work.params)
    with Index.open(path) as index:
        ways = {"batch": catalogue.map_batches, "singly": catalogue.map_singly}
        return {f"editions_{way}": measure_call(call, index, documents, work.runs) for way, call in ways.items()}


def whole_books(texts: Sequence[str]) -> list[str]:
    """Whole texts, the longest first, until eight megabytes are together."""
    chosen: list[str] = []
    for text in sorted(set(texts), key=lambda text: (-len(text), text)):
        if not chosen or megabytes_of([*chosen, text]) <= BOOKS_MEGABYTES:
            chosen.append(text)
    return chosen


def cut(text: str, size_bytes: int, most_bytes: int) -> list[str]:
    """Consecutive documents of about so many bytes of UTF-8."""
    raw = text.encode("utf-8", "replace")[:most_bytes]
    return [raw[at : at + size_bytes].decode("utf-8", "ignore") for at in range(0, len(raw), size_bytes)]


def measure_end_to_end(work: Work, index: Index) -> dict[str, Any]:
    """The mixed documents as .jsonl.zst: reading and matching in process, and through `colophon match`, whose start is
    measured apart with a single document. Processor time of all its processes, and the clock beside it."""
    dataset, single = work.folder / "documents.jsonl.zst", work.folder / "single.jsonl.zst"
    # long enough that the start of the command does not drown the rest
    times = max(1, round(work.dataset_megabytes / megabytes_of(work.documents)))
    processes.write_dataset(work.documents * times, dataset)
    processes.write_dataset(work.documents[:1], single)
    megabytes = megabytes_of(work.documents) * times

    def in_process() -> int:
        texts = (d.text for d in open_documents(dataset) if isinstance(d, Document))
        return sum(len(catalogue.map_batches(index, batch)) for batch in mapper.batches(texts))

    in_process()
    seconds, _ = timed(in_process, work.runs)
    reading, _ = timed(lambda: sum(1 for _ in open_documents(dataset)), work.runs)
    starts = [processes.command_seconds(work.index, single) for _ in range(work.runs)]
    whole = [processes.command_seconds(work.index, dataset) for _ in range(work.runs)]
    start = sorted(starts)[len(starts) // 2]
    net = [max(1e-3, processor - start[0]) for processor, _ in whole]
    by_clock = [max(1e-3, clock - start[1]) for _, clock in whole]
    return {
        "in_process": rate(megabytes, seconds),
        "reading_alone": rate(megabytes, reading),
        "command": rate(megabytes, net),
        "command_by_the_clock": rate(megabytes, by_clock),
        "command_start_seconds": {"processor": round(start[0], 3), "clock": round(start[1], 3)},
    }


def table(found: dict[str, Any]) -> list[Row]:
    """Everything measured beside peers, limits and targets."""
    return [*speed_rows(found), *other_rows(found)]


def speed_rows(found: dict[str, Any]) -> list[Row]:
    """MB/s: build, queries, end to end."""
    bounds, peers, build = found["limits"], found["peers"], found["build"]
    params = preset(found["parameters"]["name"])
    of_build = limits.together(bounds["utf8_encode"], bounds["sha256"], bounds["memcpy"])
    of_query = limits.query_limit(bounds, params.query_rate / params.window_seeds)
    of_lines = limits.together(of_query, bounds["zstd_unpack"], bounds["json_lines"])
    build_bound, query_bound = (of_build, "hash + copy"), (of_query, "decode + look-ups")
    best_build, best_query = rival_runs.best(peers, "build"), rival_runs.best(peers, "mixed")
    built = {"index build": "with_text", "index build, fingerprints only": "without_text"}
    rows = [
        Row(name, "MB/s", build[key]["mb_per_second"], *best_build, *build_bound, *targets.BUILD)
        for name, key in built.items()
    ]
    for kind in [*EXPECTED, "same_books", *(f"short_{size}" for size in SHORT_BYTES)]:
        for way in ("batch", "singly"):
            reach, aim = EXPECTED.get(kind, (None, None)) if way == "batch" else (None, None)
            value = found["query"][f"{kind}_{way}"]["mb_per_second"]
            rows.append(Row(f"{kind.replace('_', ' ')}, {way}", "MB/s", value, *best_query, *query_bound, reach, aim))
    ends = {"jsonl.zst, in process": "in_process", "jsonl.zst, colophon match": "command"}
    for name, key in ends.items():
        value = found["end_to_end"][key]["mb_per_second"]
        rows.append(Row(name, "MB/s", value, None, "", of_lines, "unpack + parse + look-ups", *targets.END_TO_END))
    return rows


def other_rows(found: dict[str, Any]) -> list[Row]:
    """Index size, start, memory, two processes."""
    smallest = rival_runs.smallest_index(found["peers"])
    build, two, start = found["build"], found["two_processes"], found["start"]
    beside, alone = build["percent_beside_text"], build["without_text"]["percent_of_text"]
    imported = (two["private_imported_mb"], "after import")
    nothing = (None, "", None, "")
    return [
        Row("index beside the text", "% of text", beside, *smallest, None, "", *targets.INDEX_PERCENT, False),
        Row("index of fingerprints", "% of text", alone, *smallest, None, "", *targets.INDEX_PERCENT, False),
        Row("start, kernels in the cache", "s", start["warm"]["engine_seconds"], *nothing, *targets.START_WARM, False),
        Row(
            "start, index on the disk",
            "s",
            start["index_unread"]["engine_seconds"],
            *nothing,
            *targets.START_COLD,
            False,
        ),
        Row("start, kernels compiled", "s", start["cold"].get("engine_seconds"), *nothing, *targets.START_COLD, False),
        Row("private memory of a worker", "MB", two["private_mb"], None, "", *imported, *targets.PRIVATE_MB, False),
        Row("two processes against one", "×", two["two_against_one"], None, "", 2.0, "cores", *targets.TWO_PROCESSES),
    ]


def run(chosen: Any) -> dict[str, Any]:
    """All measurements."""
    texts, hosts = keep_apart(read_texts(chosen.folder, int(chosen.megabytes * 1e6), chosen.seed), chosen.seed)
    if not texts or not hosts:
        raise SystemExit("bench/speed.py: at least two texts of 5,000 bytes or more are needed in the folder")
    draw = random.Random(chosen.seed)
    params = catalogue.parameter_set(chosen.parameters, megabytes_of(t.text for t in texts))
    found = measure.common_facts("speed", params.name, chosen.seed, chosen.runs)
    found["catalogue"] = {"works": len(texts), "mb": round(megabytes_of(t.text for t in texts), 2)}
    found["batch_call"] = hasattr(mapper, "map_texts")
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as scratch:
        plants = planting.mixed_documents(texts, hosts, chosen.documents, draw)
        work = Work(texts, hosts, plants, params, Path(scratch), chosen.runs, chosen.dataset_megabytes)
        found["build"] = measure_build(work)
        found["limits"] = limits.measure_limits("\n".join(work.documents), found["build"]["without_text"]["bytes"])
        with Index.open(work.index) as index:
            found["query"] = measure_queries(work, index) | measure_editions(work, chosen.folder)
            found["end_to_end"] = measure_end_to_end(work, index)
        documents = work.folder / "documents.json"
        documents.write_text(json.dumps(work.documents), encoding="utf-8")
        found["start"] = processes.start_seconds(work.index, documents, min(3, chosen.runs), chosen.compiled)
        found["two_processes"] = processes.side_by_side(work.index, documents, chosen.pair_seconds)
        found["peers"] = (
            rival_runs.run_all(texts, hosts, chosen.peer_megabytes, chosen.seed) if chosen.peer_megabytes else {}
        )
    rows = table(found)
    found["rows"] = [row.as_dict() for row in rows]
    measure.print_rows(rows)
    return found


def main(given: list[str] | None = None, progress: Callable[[str], None] = print) -> int:
    """Run, print, write."""
    parser = measure.arguments(__doc__, "speed", megabytes=60, runs=5)
    parser.add_argument("--documents", type=int, default=1200, help="mixed documents of about 8 kB")
    parser.add_argument("--dataset-megabytes", type=float, default=24.0, help="of the .jsonl.zst, documents repeated")
    parser.add_argument("--parameters", default="auto", help="set; auto: what the engine chooses for the size")
    parser.add_argument(
        "--compiled", action=BooleanOptionalAction, default=True, help="measure a start without kernels in the cache"
    )
    parser.add_argument("--pair-seconds", type=float, default=4.0, help="that two processes run side by side")
    parser.add_argument("--peer-megabytes", type=float, default=1.0, help="catalogue of the peers; 0 leaves them out")
    chosen = parser.parse_args(given)
    measure.write(run(chosen), chosen.out)
    progress(f"written: {chosen.out.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

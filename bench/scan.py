"""Throughput of whole scans through real workers: `python bench/scan.py [FOLDER] [--megabytes N]`.

Registers the texts of FOLDER (default: samples/shelf/texts), writes a dataset of N megabytes of 8 kB documents, one in
ten with an excerpt of a registered text, and scans it with one and with two worker processes: from the request to the
closed scan, reading, items, matching, excerpts and log included. Uses a database of its own and removes it. Writes
bench/results/scan.json.
"""

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
os.environ["TEST_SCRATCH"] = SCRATCH = tempfile.mkdtemp(prefix="colophon-bench-")

import django  # noqa: E402 (settings come first)
from django.conf import settings  # noqa: E402

django.setup()

import zstandard  # noqa: E402
from django.db import connection  # noqa: E402

from ingest.engine import ENGINE_VERSION  # noqa: E402
from ingest.models import Match, Scan  # noqa: E402
from ingest.services import deposits, scans  # noqa: E402
from registry import jobs  # noqa: E402
from registry.actors import Actor, system  # noqa: E402
from registry.models import Job  # noqa: E402
from registry.services import organisations, works  # noqa: E402
from tests import workers  # noqa: E402

DOCUMENT_CHARS = 8_000
LONGEST_WORD = 20  # Chinese is not cut by spaces: whole paragraphs would be real matches
CHUNK_BYTES = 4 * 1024 * 1024
BROKER_DATABASE = 1023


def main() -> None:
    """Run the benchmark and write its result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "samples" / "shelf" / "texts")
    options.add_argument("--megabytes", type=int, default=100)
    given = options.parse_args()
    parts = urlsplit(settings.CELERY_BROKER_URL)
    settings.CELERY_BROKER_URL = urlunsplit(parts._replace(path=f"/{BROKER_DATABASE}"))
    settings.SCAN_CHUNK_BYTES = CHUNK_BYTES
    original = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        result = measure(given.folder, given.megabytes)
    finally:
        connection.creation.destroy_test_db(original, verbosity=0)
    out = ROOT / "bench" / "results" / "scan.json"
    out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def measure(folder: Path, megabytes: int) -> dict[str, Any]:
    """Register, write the dataset, scan it twice."""
    actor = system("bench", organisations.create(slug="bench", name="Bench", actor=system("bench")))
    texts = register(folder, actor)
    dataset = Path(SCRATCH) / "dataset.jsonl.zst"
    text_bytes, documents = write_dataset(dataset, texts, megabytes * 1_000_000)
    runs = {f"{processes} processes": scan(dataset, processes, actor, text_bytes) for processes in (1, 2)}
    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "engine": ENGINE_VERSION,
        "registered": {"texts": len(texts), "megabytes": round(sum(map(len, texts)) / 1e6, 1)},
        "dataset": {"documents": documents, "text_megabytes": round(text_bytes / 1e6, 1)},
        "runs": runs,
        "database": {
            "bytes_per_document": row_bytes("registry_item", documents),
            "bytes_per_match": row_bytes("ingest_match", Match.objects.count()),
        },
    }


def row_bytes(table: str, rows: int) -> float:
    """Bytes a row takes with its indexes and what is stored beside it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        return round(cursor.fetchone()[0] / max(1, rows), 1)


def register(folder: Path, actor: Actor) -> list[str]:
    """Hand in every text of the folder and fingerprint it here."""
    texts = []
    for path in sorted(folder.glob("*.txt")):
        work = works.register(works.WorkFacts(title=path.stem), actor=actor)
        deposit = deposits.keep(work=work, path=path, mode="kept", actor=actor)
        assert deposit.job is not None
        jobs.run(deposit.job.pk)
        texts.append(path.read_text(encoding="utf-8", errors="replace"))
    for merging in Job.objects.filter(kind="merge_segments", state=Job.State.QUEUED):
        jobs.run(merging.pk)
    return texts


def write_dataset(path: Path, texts: list[str], wanted_bytes: int) -> tuple[int, int]:
    """Documents of shuffled words, one in ten with an excerpt of 1,500 characters; returns text bytes and documents."""
    draw = random.Random(1)
    words = [word for text in texts for word in text.split() if len(word) <= LONGEST_WORD]
    written = documents = 0
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as out:
        while written < wanted_bytes:
            text = " ".join(draw.choices(words, k=DOCUMENT_CHARS // 6))
            if documents % 10 == 0:
                source = draw.choice(texts)
                start = draw.randrange(max(1, len(source) - 1_500))
                text += "\n" + source[start : start + 1_500]
            out.write(json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n")
            written += len(text.encode())
            documents += 1
    return written, documents


def scan(dataset: Path, processes: int, actor: Actor, text_bytes: int) -> dict[str, Any]:
    """One scan from the request to its end, by warm workers."""
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {**os.environ, "DATABASE_URL": f"postgres://{address}", "BROKER_URL": settings.CELERY_BROKER_URL}
    environment |= {"TEST_CHUNK_BYTES": str(CHUNK_BYTES), "TEST_LEASE_SECONDS": "60"}
    workers.empty_broker()
    with workers.running(environment, Path(SCRATCH) / "worker.log", processes=processes):
        warm = Path(SCRATCH) / "warm.jsonl"
        warm.write_text("".join(json.dumps({"text": "A warm-up is no work. " * 50}) + "\n" for _ in range(processes)))
        run_scan(warm, actor)
        seconds, done = run_scan(dataset, actor)
    return {
        "seconds": round(seconds, 2),
        "documents_per_second": round(done.documents / seconds),
        "megabytes_per_second": round(text_bytes / 1e6 / seconds, 1),
        "shards": done.shards.count(),
        "matches": Match.objects.filter(scan=done).count(),
        "attempts_beyond_the_first": sum(job.attempts - 1 for job in Job.objects.filter(parent=done.job)),
    }


def run_scan(path: Path, actor: Actor) -> tuple[float, Scan]:
    """Seconds, and the closed scan."""
    began = time.perf_counter()
    made = scans.request(files=[scans.Upload(path.name, path)], dataset_name=path.stem, actor=actor)

    def ended() -> bool:
        made.refresh_from_db()
        return made.state not in scans.OPEN

    workers.wait_until(ended, seconds=600)
    assert made.state == Scan.State.DONE, made.reason
    return time.perf_counter() - began, made


if __name__ == "__main__":
    main()

"""A process of its own, as a worker is: `python -m bench.kit.worker INDEX DOCUMENTS.json`.

Imports the engine, opens the index, maps the first document, then all of them as often as a line on standard input
says. Writes one JSON object a line: seconds and private memory after each step.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

STARTED = time.perf_counter()
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)$")


def private_megabytes() -> float | None:
    """Memory of this process alone that no file stands behind (Private_* in smaps of mappings without a file)."""
    smaps = Path("/proc/self/smaps")
    if not smaps.exists():
        return None
    kilobytes = 0
    anonymous = False
    for line in smaps.read_text(errors="replace").splitlines():
        header = MAPPING.match(line)
        if header:
            anonymous = not header[1].startswith("/")
        elif anonymous and line.startswith("Private_"):
            kilobytes += int(line.split()[1])
    return round(kilobytes / 1000, 1)


def say(**facts: object) -> None:
    """One line of JSON."""
    print(json.dumps(facts), flush=True)


def main() -> int:
    """Start, report, map on demand."""
    before = private_megabytes()
    begun = time.perf_counter()
    from bench.kit.catalogue import map_batches  # noqa: PLC0415  the import is what is measured
    from ingest.engine.index import Index  # noqa: PLC0415

    imported = time.perf_counter()
    memory_imported = private_megabytes()
    documents = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    read = time.perf_counter()
    index = Index.open(sys.argv[1])
    opened = time.perf_counter()
    map_batches(index, documents[:1])
    mapped = time.perf_counter()
    say(
        import_seconds=imported - begun,
        open_seconds=opened - read,
        first_document_seconds=mapped - opened,
        engine_seconds=mapped - begun - (read - imported),
        private_before_mb=before,
        private_imported_mb=memory_imported,
        private_opened_mb=private_megabytes(),
    )
    size = sum(len(d.encode("utf-8", "replace")) for d in documents) / 1e6
    for line in sys.stdin:
        start, processor = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            map_batches(index, documents)
        say(
            mb=size * int(line),
            wall_seconds=time.perf_counter() - start,
            processor_seconds=time.process_time() - processor,
            private_mb=private_megabytes(),
        )
    index.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

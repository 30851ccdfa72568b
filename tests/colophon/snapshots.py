"""A small snapshot for the tests of the client: three works whose answers differ."""

from pathlib import Path
from typing import Any

from ingest.engine.index import Index, write_segment
from ingest.engine.params import REGISTRY_1
from ingest.engine.records import IndexRecord
from ingest.engine.sketch import sketch_text
from licensing.formats import snapshot
from licensing.formats.snapshot import WorkFacts
from licensing.rules.verdict import rules_version
from tests.colophon.calls import GIFT, PROPOSAL, SHADOWS

TEXTS = {"gift": GIFT, "proposal": PROPOSAL, "shadows": SHADOWS}
MODERN = {"kind": "book", "first_published": "2010", "country": "GB", "authors": [{"name": "A. Living", "died": None}]}
OLD = {"kind": "book", "first_published": "1905", "country": "US", "authors": [{"name": "O. Henry", "died": "1910"}]}
RESERVATION = {
    "id": "r1",
    "kind": "reservation",
    "asserted_by": "org:press",
    "capacity": "owner",
    "verification": "domain",
    "machine_readable": True,
    "territory": ["EU"],
    "valid_from": "2020-01-01",
    "observed_at": "2020-02-01",
}
LICENCE = {
    "id": "l1",
    "kind": "open_licence",
    "asserted_by": "org:press",
    "capacity": "owner",
    "verification": "domain",
    "licence": "CC-BY-NC-4.0",
    "observed_at": "2020-02-01",
}


def write_snapshot(path: Path, *, editions: dict[str, Any] | None = None, organisation: str | None = None) -> Path:
    """`gift` is in the public domain, `proposal` is reserved in the EU, `shadows` is under a non-commercial licence."""
    works = [
        WorkFacts({"id": "gift", "title": "The Gift"} | OLD, [], editions or {}),
        WorkFacts({"id": "proposal", "title": "The Proposal"} | MODERN, [RESERVATION]),
        WorkFacts({"id": "shadows", "title": "幽夢影"} | MODERN, [LICENCE]),
    ]
    folder = path.parent / f"{path.name}.parts"
    edition = next(iter(editions), None) if editions else None
    records = [
        IndexRecord(work, edition if work == "gift" else None, sketch_text(text.read_text(), REGISTRY_1), None)
        for work, text in TEXTS.items()
    ]
    write_segment(folder, records, REGISTRY_1)
    with Index.open(folder) as index:
        digest = index.digest
    members: dict[str, bytes | Path] = {
        f"index/{file.name}": file for file in folder.iterdir() if file.suffix in (".seg", ".json")
    }
    members[snapshot.WORKS] = snapshot.work_lines(works)
    about = {
        "created_on": "2026-11-22",
        "organisation": organisation,
        "rules_version": rules_version(),
        "index": digest,
        "works": len(works),
    }
    snapshot.write(path, members=members, about=about)
    return path

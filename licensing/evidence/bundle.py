"""The files of a bundle, written into a folder one work at a time, then sealed under one checkpoint of the log."""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ingest.services import audit_certificates
from licensing.evidence import (
    audit_certificate,
    collect,
    collect_output,
    layout,
    passages,
    render,
    tables,
)
from licensing.evidence.collect import Facts, Finding, LoggedFact
from licensing.evidence.collect_output import OutputSaid
from licensing.evidence.highlights import Highlights
from licensing.evidence.layout import Custody
from licensing.evidence.passages import Listed
from licensing.evidence.wording import Wording, wording
from licensing.models import Report
from registry.errors import ColophonError
from registry.merkle import bundle_writer, certificate
from registry.merkle.bundle_writer import LogEvidence, Member, ProvenEntry
from registry.models import Checkpoint
from registry.services import log

Json = dict[str, Any]

AUDITS = "audits"
PAGES_AT_MOST = 20_000  # a zip file has room for 65,534 members
ENTRIES_AT_MOST = 40_000
DOCUMENTS_BETWEEN_BEATS = 50


class BundleTooLarge(ColophonError):
    """The clearance rests on more log entries than one bundle can prove."""

    code = "BUNDLE_TOO_LARGE"


@dataclass(frozen=True)
class Content:
    """Everything that the manifest is made of: the files, the log entries they rest on, what it says about itself."""

    members: dict[str, Member]
    entries: list[LoggedFact]
    about: Json

    @property
    def manifest(self) -> bytes:
        """The bundle's manifest.json. Reads every file."""
        leaves = {entry.index: entry.leaf for entry in self.entries}
        return bundle_writer.manifest_bytes(self.members, facts=leaves, about=self.about)


@dataclass
class _Seen:
    """What one pass over the findings leaves behind."""

    highlights: Highlights = field(default_factory=Highlights)
    subjects: set[str] = field(default_factory=set)
    index: list[Listed] = field(default_factory=list)


def gather(report: Report, folder: Path, *, beat: Callable[[int], None] = lambda done: None) -> Content:
    """Write the report's files into `folder`. `beat` is called now and then with the number of works done.

    All staged log entries have to be numbered before (`log.sequence_all`), or they are missing from the bundle.
    """
    facts = collect.facts(report)
    words = wording(report.language)
    seen = _write_findings(report, folder, words, beat)
    said = collect_output.output(report)
    if said is not None:
        _write_output(report, said, folder)
    entries = _entries(report, seen, said)
    _write(folder, "passages/index.html", passages.index_page(seen.index, seen.highlights.matches, words))
    _write(folder, "matches.jsonl", (leaf + b"\n" for leaf in collect.match_leaves(report.clearance)))
    documents = {
        "inputs.json": {"dataset": facts.dataset, "scan": facts.scan, "files": facts.inputs, "skipped": facts.skipped},
        "method.json": facts.method | {"passage_pages": len(seen.index), "matches": seen.highlights.matches},
        "policy.json": facts.policy,
        "question.json": {
            "question": facts.question,
            "parties": facts.parties,
            "report": facts.report,
            "totals": facts.totals,
            "statements_about_the_dataset": facts.claims,
        },
    }
    for name, content in documents.items():
        _write(folder, name, [_readable(content)])
    made_on = datetime.date.fromisoformat(facts.report["made_at"][:10])
    document = layout.document(facts, seen.highlights, _custody(report, entries), words, said)
    _write(folder, "report.pdf", [render.pdf(document, language=report.language, on=made_on)])
    members: dict[str, Member] = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return Content(members, entries, _about(facts))


def _about(facts: Facts) -> Json:
    names = ("id", "clearance", "language", "made_at", "site")
    return {"report" if name == "id" else name: facts.report[name] for name in names}


def _write_findings(report: Report, folder: Path, words: Wording, beat: Callable[[int], None]) -> _Seen:
    seen = _Seen()
    (folder / passages.FOLDER).mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        lines, rows, cases = (
            stack.enter_context((folder / name).open("wb"))
            for name in ("findings.jsonl", "findings.csv", "cases.jsonl")
        )
        rows.write(tables.header())
        for number, finding in enumerate(collect.walk(report.clearance)):
            if number % DOCUMENTS_BETWEEN_BEATS == 0:
                beat(number)
            pages = _write_pages(finding, folder, words, seen)
            _write_tables(finding, pages, lines, rows, cases)
            seen.highlights.add(finding)
            seen.subjects.update(collect.subjects(finding))
    return seen


def _write_pages(finding: Finding, folder: Path, words: Wording, seen: _Seen) -> dict[int, str]:
    pages: dict[int, str] = {}
    for match in finding.matches:
        if len(seen.index) >= PAGES_AT_MOST:
            break
        name = passages.page_name(finding, match)
        (folder / name).write_bytes(passages.match_page(finding, match, words))
        pages[match.number] = name
        seen.index.append(Listed(name, finding.work["title"], match.document, finding.verdict, match.confidence))
    return pages


def _write_tables(finding: Finding, pages: dict[int, str], lines: IO[bytes], rows: IO[bytes], cases: IO[bytes]) -> None:
    lines.write(tables.finding_line(finding, pages))
    rows.write(tables.finding_rows(finding, pages))
    cases.write(finding.leaf + b"\n")


def _entries(report: Report, seen: _Seen, said: OutputSaid | None) -> list[LoggedFact]:
    """The numbered log entries about the question, the scan, the works found and the statements their cases hold, and
    those that the answer about model output rests on."""
    keys = [] if said is None else collect_output.entries(report, said)
    entries = collect.logged_facts([*_own_subjects(report), *sorted(seen.subjects)], keys)
    if len(entries) > ENTRIES_AT_MOST:
        raise BundleTooLarge(
            f"This clearance rests on {len(entries):,} log entries; one bundle proves at most {ENTRIES_AT_MOST:,}.",
            entries=len(entries),
        )
    return entries


def _write_output(report: Report, said: OutputSaid, folder: Path) -> None:
    """The answer about model output as it was hashed, what is behind it, and the certificates of its audits."""
    _write(folder, "output.json", [said.leaf + b"\n"])
    _write(folder, "model-output.json", [_readable(said.told())])
    with (folder / "findings.jsonl").open("ab") as lines:
        lines.write(collect_output.as_line(said))
    (folder / AUDITS).mkdir()
    for audit in collect_output.certified(report, said):
        certified = audit_certificates.certify(audit)
        content = audit_certificates.written(certified)
        certificate.verify(content, log.verifier_key())
        _write(folder, f"{AUDITS}/{audit_certificates.file_name(audit)}", [content])
        about = audit_certificate.about(audit, content)
        page = audit_certificate.page(certified, about, report.language)
        _write(folder, f"{AUDITS}/{audit_certificate.file_name(audit)}", [page])


def _own_subjects(report: Report) -> list[str]:
    return [f"clearance:{report.clearance.public_id}", f"scan:{report.clearance.scan.public_id}"]


def _custody(report: Report, entries: list[LoggedFact]) -> Custody:
    own = set(_own_subjects(report))
    said = [(entry, entry.said) for entry in entries]
    return Custody(
        shown=[entry for entry, facts in said if facts["subject"] in own],
        entries=len(entries),
        checkpoint=_covering(entries),
        key_sha256=hashlib.sha256(log.verifier_key().strip().encode()).hexdigest(),
        demo=sum(bool(facts["facts"].get("demo")) for _, facts in said),
    )


def _covering(entries: list[LoggedFact]) -> tuple[int, str] | None:
    """The first checkpoint over all these entries: the same one however far the log has grown since."""
    last = max((entry.index for entry in entries), default=-1)
    checkpoint = Checkpoint.objects.filter(size__gt=last).order_by("size").first()
    return (checkpoint.size, bytes(checkpoint.root).hex()) if checkpoint else None


def seal(content: Content, position: int, leaf: bytes, checkpoint: Checkpoint, path: Path) -> None:
    """Write the bundle to `path` with the proofs of the report's entry at `position` and of all its facts.

    The bundle is verified before it gets its name; raises BundleWriteError or BundleError otherwise.
    """
    evidence = LogEvidence(
        checkpoint=checkpoint.note,
        verifier_key=log.verifier_key(),
        tree_size=checkpoint.size,
        report=_proven(position, leaf, checkpoint.size),
        facts=tuple(_proven(entry.index, entry.leaf, checkpoint.size) for entry in content.entries),
    )
    bundle_writer.write_bundle(path, content.members, log=evidence, about=content.about)


def _proven(position: int, leaf: bytes, size: int) -> ProvenEntry:
    return ProvenEntry(position, leaf, tuple(log.inclusion_path(position, size)))


def _write(folder: Path, name: str, pieces: Iterator[bytes] | list[bytes]) -> None:
    with (folder / name).open("wb") as stream:
        for piece in pieces:
            stream.write(piece)


def _readable(value: object) -> bytes:
    """JSON that people can read as well: sorted, indented."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8", "replace") + b"\n"

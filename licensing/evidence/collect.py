"""The facts of a report, read from the database: what was asked, what was scanned, what was found, what the log says.

Only the clearance's own records are read, and of its works what the clearance was decided from: public records and the
grants to the licensee it asks for. A permission that somebody else holds is in no case and so in no report.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q

from ingest.models import Match, Scan
from ingest.selectors import matches as match_lines
from ingest.selectors import scans
from licensing.models import Clearance, Grant, Offer, OpenLicence, Preference, Report, Reservation, Verdict
from licensing.selectors import cases
from registry.models import Contribution, Entry, Organisation, ProvenanceClaim, RightsClaim, Work
from registry.services import log

Json = dict[str, Any]

LOCK_FILE = "requirements.txt"
# how the log calls what a case's assertions are kinds of
SUBJECTS = {
    "grant": "grant",
    "reservation": "reservation",
    "preference": "preference",
    "offer": "offer",
    "open_licence": "open_licence",
    "ownership": "claim",
}
STATEMENTS: dict[str, Any] = {
    "grant": Grant,
    "reservation": Reservation,
    "preference": Preference,
    "offer": Offer,
    "open_licence": OpenLicence,
    "claim": RightsClaim,
}
SUBJECTS_PER_QUERY = 2_000


@dataclass(frozen=True)
class Matched:
    """One (document, work) pair of a finding. `number` counts all pairs of the report from 1; `line` is as logged.

    `passages` and `boilerplate` (what many other works have as well) are rows with excerpts.
    """

    number: int
    id: str
    document: str
    document_sha256: str
    line: Json
    passages: list[Json]
    boilerplate: list[Json]
    edition_pk: int | None

    @property
    def confidence(self) -> float | None:
        """How sure the match is; None where it is older than the estimate."""
        return self.line.get("confidence")


@dataclass(frozen=True)
class Finding:
    """What was found of one work, and its verdict. `confidence`: how sure the surest of its matches is."""

    verdict_id: str
    work_pk: int
    work: Json
    case: Json
    verdict: str
    status: str
    blocks: bool
    reasons: list[Json]
    relation: str
    documents: int
    matched_words: int
    confidence: float | None = None
    matches: list[Matched] = field(default_factory=list)

    @property
    def leaf(self) -> bytes:
        """The line whose hash went into `verdicts_root` of the clearance's log entry."""
        said = {"id": self.verdict_id, "case": self.case, "verdict": self.verdict}
        return log.canonical(said | {"reasons": self.reasons, "blocks": self.blocks})


@dataclass(frozen=True)
class LoggedFact:
    """A log entry that the report rests on: its index and the bytes that were hashed."""

    index: int
    leaf: bytes

    @property
    def said(self) -> Json:
        """The entry's content."""
        return dict(json.loads(self.leaf))


@dataclass(frozen=True)
class Facts:
    """Everything about a report but its findings. All values are JSON-able; times are ISO 8601 in UTC."""

    report: Json
    question: Json
    parties: Json
    dataset: Json
    scan: Json
    inputs: list[Json]
    skipped: list[Json]
    method: Json
    policy: Json
    totals: Json
    claims: list[Json]


def facts(report: Report) -> Facts:
    """Read the facts of a report, as they stand."""
    clearance = report.clearance
    scan = clearance.scan
    release = scan.release
    return Facts(
        report={
            "id": report.public_id,
            "clearance": clearance.public_id,
            "language": report.language,
            "made_at": report.recorded_at.isoformat(),
            "decided_at": clearance.decided_at.isoformat() if clearance.decided_at else None,
            "site": settings.SITE_URL,
            "log_origin": settings.LOG_ORIGIN,
        },
        question=_question(clearance),
        parties={"asked_by": _party(clearance.organisation), "licensee": _party(clearance.licensee)},
        dataset={
            "id": release.dataset.slug,
            "name": release.dataset.name,
            "address": release.address or release.dataset.address,
            "release": release.public_id,
            "version": release.version,
            "released_on": release.released_on,
            "visibility": release.dataset.visibility,
        },
        scan=_scan(scan),
        inputs=[{name: row.get(name) for name in ("name", "size_bytes", "sha256")} for row in scan.inputs],
        skipped=[{"name": row.name, "code": row.cause_code, "cause": row.cause} for row in scan.skipped.all()],
        method=_method(clearance, scan),
        policy=clearance.policy,
        totals=clearance.totals,
        claims=[_claim(claim) for claim in _claims(scan)],
    )


def _question(clearance: Clearance) -> Json:
    asked = cases.Question(
        use=clearance.use,
        purpose=clearance.purpose,
        territory=clearance.territory,
        on=clearance.as_of,
        licensee=clearance.licensee,
        policy=str(clearance.policy["profile"]),
        product=clearance.product,
        model=clearance.model,
    )
    return asked.to_json() | {"reservation_search": clearance.reservation_search}


def _party(organisation: Organisation | None) -> Json | None:
    if organisation is None:
        return None
    facts = {"id": f"org:{organisation.slug}", "name": organisation.name, "kind": organisation.kind}
    return facts | {"demo": organisation.demo}


def _scan(scan: Scan) -> Json:
    return {
        "id": scan.public_id,
        "requested_at": scan.recorded_at.isoformat(),
        "closed_at": scan.closed_at.isoformat() if scan.closed_at else None,
        "acquisition": scan.acquisition,
        "copied_on": scan.copied_on.isoformat() if scan.copied_on else None,
        "copied_in": scan.copied_in or None,
        "documents": scan.documents,
        "characters": scan.chars,
        "words": scan.words,
        "letters": scan.letters,
    }


def _method(clearance: Clearance, scan: Scan) -> Json:
    segments = scan.segments or {}
    return {
        "engine": scan.engine,
        "parameters": scan.parameters_digest,
        "index": scan.index_digest,
        "index_segments": segments.get("digests", []),
        "works_withdrawn_from_index": _published(segments.get("withdrawn", [])),
        "min_words": scan.min_words,
        "text_field": scan.text_field,
        "rules_version": clearance.rules_version,
        "policy": f"{clearance.policy['profile']}@{clearance.policy['version']}",
        "lock": lock_digest(),
        "negative_controls": None,
        "no_match": scans.no_match(scan),
    }


def _published(works: list[str]) -> list[str]:
    """These works without those that were never published: of them nobody else is to know."""
    drafts = Work.objects.filter(public_id__in=works, visibility=Work.Visibility.DRAFT)
    return sorted(set(works) - set(drafts.values_list("public_id", flat=True)))


def lock_digest() -> str | None:
    """SHA-256 of the locked list of packages that this installation was made from; None where it is not there."""
    path = Path(__file__).parents[2] / LOCK_FILE
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" if path.is_file() else None


def _claims(scan: Scan) -> Any:
    dataset = scan.release.dataset
    about = Q(subject_dataset=dataset) | Q(object_dataset=dataset)
    names = ("subject_model", "subject_dataset", "object_model", "object_dataset")
    return ProvenanceClaim.objects.filter(about).select_related(*names).prefetch_related("sources").order_by("key")


def _claim(claim: ProvenanceClaim) -> Json:
    return {
        "subject": str(claim.subject),
        "relation": claim.relation,
        "object": str(claim.object),
        "status": claim.status,
        "detail": claim.detail,
        "claimed_on": claim.claimed_on,
        "verified": claim.verified,
        "sources": [{"title": source.title, "address": source.address} for source in claim.sources.all()],
    }


def walk(clearance: Clearance) -> Iterator[Finding]:
    """Every finding with its matches, one work at a time in the order of the verdicts; memory is that of one work."""
    number = 0
    people = Prefetch("contributions", Contribution.objects.select_related("party"))
    works = Work.objects.select_related("registered_by").prefetch_related(people, "identifiers")
    verdicts = Verdict.objects.filter(clearance=clearance).order_by("id")
    for verdict in verdicts.prefetch_related(Prefetch("work", works)).iterator(chunk_size=200):
        matches = []
        for match in _matches(clearance.scan).filter(_of(verdict.work)).order_by("item__position"):
            number += 1
            matches.append(_matched(number, match))
        yield Finding(
            verdict_id=verdict.public_id,
            work_pk=verdict.work.pk,
            work=_work(verdict.work),
            case=verdict.case,
            verdict=verdict.verdict,
            status=verdict.status,
            blocks=verdict.blocks,
            reasons=verdict.reasons,
            relation=verdict.relation,
            documents=verdict.documents,
            matched_words=verdict.matched_words,
            confidence=max((match.confidence for match in matches if match.confidence is not None), default=None),
            matches=matches,
        )


def _matches(scan: Scan) -> Any:
    return Match.objects.filter(scan=scan).select_related("item", "work", "edition", "scan")


def _of(work: Work) -> Q:
    """The matches of a work, and those of works that were merged into it after they were found."""
    return Q(work=work) | Q(work__merged_into=work)


def _matched(number: int, match: Match) -> Matched:
    return Matched(
        number=number,
        id=match.public_id,
        document=match.item.name,
        document_sha256=match.item.sha256,
        line=match_lines.line(match),
        passages=match.passages,
        boilerplate=match.boilerplate,
        edition_pk=match.edition_id,
    )


def _work(work: Work) -> Json:
    return {
        "id": work.public_id,
        "title": work.title,
        "authors": work.author_names,
        "language": work.language,
        "first_published": work.first_published,
        "country": work.country,
        "isbn": [row.value for row in work.identifiers.all() if row.scheme == "isbn"],
        "registered_by": work.registered_by.name,
        "demo": work.demo,
    }


def match_leaves(clearance: Clearance) -> Iterator[bytes]:
    """The scan's matches as they were hashed into `matches_root` of its log entry, in that order."""
    rows = _matches(clearance.scan).order_by("item__position", "work__public_id")
    for match in rows.iterator(chunk_size=500):
        yield log.canonical(match_lines.line(match))


def subjects(finding: Finding) -> list[str]:
    """What the log calls a finding's work and the statements that its case holds."""
    said = [f"{SUBJECTS[row['kind']]}:{row['id']}" for row in finding.case["assertions"] if row["kind"] in SUBJECTS]
    return [f"work:{finding.work['id']}", *said]


def logged_facts(names: list[str], keys: Collection[int] = ()) -> list[LoggedFact]:
    """The numbered log entries about these subjects and those with these keys, in the order of the log."""
    rows = Entry.objects.filter(pk__in=keys, position__isnull=False).values_list("position", "leaf")
    found = [LoggedFact(position, bytes(leaf)) for position, leaf in rows if position is not None]
    for start in range(0, len(names), SUBJECTS_PER_QUERY):
        some = names[start : start + SUBJECTS_PER_QUERY]
        about = Q(subject__in=some) | Q(pk__in=_shared_entries(some))
        rows = Entry.objects.filter(about, position__isnull=False).values_list("position", "leaf")
        found += [LoggedFact(position, bytes(leaf)) for position, leaf in rows if position is not None]
    return sorted({fact.index: fact for fact in found}.values(), key=lambda fact: fact.index)


def _shared_entries(names: list[str]) -> set[int]:
    """The entries of statements that were recorded many at a time: each carries the root over its statements."""
    shared: set[int] = set()
    for kind, model in STATEMENTS.items():
        keys = [name.partition(":")[2] for name in names if name.startswith(f"{kind}:")]
        rows = model._default_manager.filter(public_id__in=keys, entry__isnull=False)
        shared.update(rows.order_by().values_list("entry_id", flat=True).distinct())
    return shared

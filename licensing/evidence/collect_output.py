"""What a report says of model output: the answer as it was stored, and the records behind it, told for people.

Only the organisation's own opinions, audits and declarations are read; claims and terms are public, or about datasets
that the organisation may see. Of an opinion the reasons stay with the organisation: bundles go to the other side.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

import registry.access
from ingest.models import Audit
from ingest.services import audit_certificates
from licensing.models import ClearanceOutput, GeneratedPart, LegalQuestion, Opinion, OutputChange, ProviderTerms, Report
from licensing.models.use_declarations import DeclarationEvent
from licensing.output_access import provider_terms
from licensing.rules import output_facts as rules
from licensing.selectors import audit_shares
from registry.actors import system
from registry.models import Entry, ProvenanceClaim
from registry.services import log

Json = dict[str, Any]


@dataclass(frozen=True)
class OutputSaid:
    """The answer about model output: `stored` as it was hashed, and what is told beside it (all JSON-able)."""

    stored: Json
    terms: dict[str, Json]  # public id of a version → what it says
    claims: list[Json]
    questions: list[Json]
    audits: list[Json]  # those decided from, then later ones
    changed: Json | None

    @property
    def leaf(self) -> bytes:
        """The bytes whose leaf hash is `output` in the clearance's log entry."""
        return log.canonical(self.stored)

    @property
    def facts(self) -> Json:
        """What was decided from."""
        return dict(self.stored["facts"])

    @property
    def is_empty(self) -> bool:
        """Whether nobody recorded or measured anything."""
        return not (self.facts["paths"] or self.audits)

    def told(self) -> Json:
        """The records behind the answer, for people and machines that do not want to look each up."""
        return {
            "answer": {name: self.stored[name] for name in ("verdict", "blocks", "reasons")},
            "declared": self.facts["declared"],
            "paths": self.facts["paths"],
            "terms": self.terms,
            "claims": self.claims,
            "questions": self.questions,
            "audits": self.audits,
            "changed_since": self.changed,
        }


def output(report: Report) -> OutputSaid | None:
    """What the report's clearance says of model output; None of one decided before there was one."""
    row = ClearanceOutput.objects.filter(clearance=report.clearance).first()
    if row is None:
        return None
    facts: Json = row.facts
    stored = {"id": row.public_id, "facts": facts, "verdict": row.verdict, "reasons": row.reasons, "blocks": row.blocks}
    return OutputSaid(
        stored=stored,
        terms=_terms(facts),
        claims=_claims(facts, report),
        questions=_questions(facts, report),
        audits=_audits(facts, report),
        changed=_changed(report),
    )


def _terms(facts: Json) -> dict[str, Json]:
    """Every version of terms in the facts: document, days, hash of the text, clauses with their words."""
    versions = [one["version"]["id"] for path in facts["paths"] for one in path["generations"] if "version" in one]
    rows = provider_terms().filter(public_id__in=versions)
    return {row.public_id: _version(row) for row in rows}


def _version(row: ProviderTerms) -> Json:
    return {
        "title": row.title,
        "provider": str(row.provider),
        "document": row.document,
        "key": row.key,
        "effective_from": row.effective_from and row.effective_from.isoformat(),
        "effective_to": row.effective_to and row.effective_to.isoformat(),
        "seen_until": row.seen_until and row.seen_until.isoformat(),
        "address": row.address,
        "text_address": row.text_address,
        "text_sha256": row.text_sha256,
        "verified": row.verified,
        "clauses": [
            {
                "place": clause.place,
                "effect": clause.effect,
                "act": clause.act,
                "excerpt": clause.excerpt,
                "excerpt_sha256": clause.excerpt_sha256,
            }
            for clause in row.clauses.all()
        ],
    }


def _claims(facts: Json, report: Report) -> list[Json]:
    """The claims that the paths cite, and every other about the same two ends: what speaks against stands first."""
    cited = {key for path in facts["paths"] for step in path["steps"] for key in step["claims"]}
    visible = registry.access.claims(system("reports", report.organisation))
    ends = Q(pk__in=[])
    for claim in visible.filter(key__in=cited):
        ends |= Q(
            subject_model=claim.subject_model_id,
            subject_dataset=claim.subject_dataset_id,
            object_model=claim.object_model_id,
            object_dataset=claim.object_dataset_id,
        )
    names = ("subject_model", "subject_dataset", "object_model", "object_dataset")
    rows = visible.filter(ends).select_related(*names).prefetch_related("sources").order_by("key")
    against = (ProvenanceClaim.Status.DENIED, ProvenanceClaim.Status.CONJECTURE)
    return [_claim(row, cited) for row in sorted(rows, key=lambda row: row.status not in against)]


def _claim(row: ProvenanceClaim, cited: Iterable[str]) -> Json:
    return {
        "key": row.key,
        "subject": str(row.subject),
        "relation": row.relation,
        "object": str(row.object),
        "status": row.status,
        "cited": row.key in cited,
        "verified": row.verified,
        "claimed_on": row.claimed_on,
        "sources": [{"title": source.title, "address": source.address} for source in row.sources.all()],
    }


def _questions(facts: Json, report: Report) -> list[Json]:
    """The open questions with the positions that are taken, and the organisation's own opinion as the facts have it."""
    known = {row.key: row for row in LegalQuestion.objects.filter(key__in=[one["key"] for one in facts["questions"]])}
    own = Opinion.objects.filter(organisation=report.organisation).values_list("public_id", flat=True)
    told = []
    for one in facts["questions"]:
        row, opinion = known.get(one["key"]), one["opinion"]
        told.append(
            one
            | {
                "opinion": opinion if opinion and opinion["id"] in own else None,
                "question_zh": row.question_zh if row else "",
                "positions": row.positions if row else [],
            }
        )
    return told


def _audits(facts: Json, report: Report) -> list[Json]:
    """What each audit measured: those that the answer was decided from, then those made since."""
    release = report.clearance.scan.release
    since = audit_shares.of_dataset(release.dataset, report.organisation, release)
    decided = {one["id"] for one in facts["audits"]}
    told = [one | {"since": False} for one in facts["audits"]]
    told += [one | {"since": True} for one in since if one["id"] not in decided]
    names = ("id", "title", "release", "concluded_at", "file_sha256", "seed", "sample", "result", "measured", "since")
    numbered = set(_certified(report, [one["id"] for one in told]))
    return [{name: one.get(name) for name in names} for one in told if one["id"] in numbered]


def _certified(report: Report, ids: Iterable[str]) -> dict[str, Audit]:
    rows = Audit.objects.filter(organisation=report.organisation, public_id__in=list(ids))
    found = rows.select_related("organisation", "sample_entry", "result_entry").prefetch_related("references")
    return {row.public_id: row for row in found if audit_certificates.is_numbered(row)}


def certified(report: Report, said: OutputSaid) -> list[Audit]:
    """The audits whose certificates belong into the bundle, in the order in which the report tells of them."""
    found = _certified(report, [one["id"] for one in said.audits])
    return [found[one["id"]] for one in said.audits]


def _changed(report: Report) -> Json | None:
    """What the answer would be since something behind it changed."""
    row = OutputChange.objects.filter(clearance=report.clearance).order_by("pk").last()
    if row is None:
        return None
    return {"verdict": row.verdict or None, "blocks": row.blocks, "cause": row.cause, "as_of": row.as_of.isoformat()}


def entries(report: Report, said: OutputSaid) -> list[int]:
    """The log entries that the answer rests on: of parts, declarations, opinions, samples and results of audits."""
    parts = [path["part"] for path in said.facts["paths"] if path["part"]]
    own = GeneratedPart.objects.filter(organisation=report.organisation, public_id__in=[part["id"] for part in parts])
    declared = [part["declaration"] for part in parts if part["declaration"]]
    events = DeclarationEvent.objects.filter(
        declaration__organisation=report.organisation, declaration__public_id__in=declared, entry__isnull=False
    )
    given = [one["opinion"]["id"] for one in said.questions if one["opinion"]]
    opinions = Opinion.objects.filter(organisation=report.organisation, public_id__in=given)
    found: list[int | None] = [*own.values_list("entry", flat=True), *events.values_list("entry", flat=True)]
    found += list(opinions.values_list("entry", flat=True))
    for audit in certified(report, said):
        found += [audit.sample_entry_id, audit.result_entry_id]
    numbered = Entry.objects.filter(pk__in=[pk for pk in found if pk is not None], position__isnull=False)
    return sorted(numbered.values_list("pk", flat=True))


def params(facts: Json) -> dict[tuple[str, str], rules.Found]:
    """Today's reasons by code and sentence, with the facts in them, for another language."""
    return {(one.reason.code, one.reason.sentence): one for one in rules.reasons(facts)}


def as_line(said: OutputSaid) -> bytes:
    """The last line of findings.jsonl: what is not about a work."""
    return (
        json.dumps({"model_output": said.told()}, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") + b"\n"
    )

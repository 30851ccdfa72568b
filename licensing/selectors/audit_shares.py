"""What an organisation's sampling audits measured of a dataset: as facts of a clearance and for the dataset's page.

Audits are private: another organisation never sees one, whatever dataset it is about.
"""

import re
from typing import Any

from django.db.models import Q, QuerySet

from ingest.models import Audit
from ingest.sampling import shares
from registry.models import AIModel, Dataset, Organisation, Release

MOST = 20  # audits that are told of, the newest
MOST_BATCHES = 200
Json = dict[str, Any]


def audits_of(dataset: Dataset, organisation: Organisation | None, release: Release | None = None) -> QuerySet[Audit]:
    """The concluded audits of this organisation about the dataset, newest first.

    With a release: those about it, and those about the dataset as a whole.
    """
    if organisation is None:
        return Audit.objects.none()
    rows = Audit.objects.filter(organisation=organisation, dataset=dataset, state=Audit.State.DONE)
    if release is not None:
        rows = rows.filter(Q(release=release) | Q(release=None))
    return rows.select_related("release", "sample_entry", "result_entry").order_by("-ended_at", "-pk")


def of_dataset(dataset: Dataset, organisation: Organisation | None, release: Release | None = None) -> list[Json]:
    """The facts of each: who can check them with the audit's certificate, and what share it measured."""
    rows = list(audits_of(dataset, organisation, release).defer("shown").prefetch_related("references")[:MOST])
    known = _known_models() if rows else {}
    return [_facts(row, known) for row in rows]


def for_page(dataset: Dataset, organisation: Organisation | None) -> list[Json]:
    """The same with the places of both entries in the log, as far as they are numbered."""
    rows = {row.public_id: row for row in audits_of(dataset, organisation).defer("shown", "result")[:MOST]}
    told = of_dataset(dataset, organisation)
    for one in told:
        entries = (rows[one["id"]].sample_entry, rows[one["id"]].result_entry) if one["id"] in rows else ()
        one["positions"] = [entry.position for entry in entries if entry is not None and entry.position is not None]
    return told


def _facts(audit: Audit, known: dict[str, str]) -> Json:
    """JSON of one audit. `result` and `sample` are what its two log entries say; names of annotators are in none."""
    result = audit.result or {"batches": [], "method": {}}
    references = [
        {"name": row.name, "generator": row.generator, "provider": row.provider, "sha256": row.sha256}
        for row in sorted(audit.references.all(), key=lambda row: row.public_id)
    ]
    providers = {row["generator"]: row["provider"] for row in references}
    batches = shares.by_batch(result)
    return {
        "id": audit.public_id,
        "title": audit.title,
        "release": audit.release.version if audit.release else None,
        "concluded_at": audit.ended_at.isoformat() if audit.ended_at else None,
        "file_sha256": audit.sha256,
        "seed": audit.seed,
        "sampled_per_batch": audit.sampled,
        "sample": audit.sample,
        "sample_entry": audit.sample_entry.public_id if audit.sample_entry else None,
        "result": audit.result_digest,
        "result_entry": audit.result_entry.public_id if audit.result_entry else None,
        "method": result["method"].get("version"),
        "references": references,
        "measured": shares.overall(result),
        "generators": [
            one | {"provider": providers.get(one["generator"], ""), "model": known.get(_folded(one["generator"]))}
            for one in shares.generators(result)
        ],
        "batches": batches[:MOST_BATCHES],
        "batches_left_out": max(0, len(batches) - MOST_BATCHES),
    }


def _known_models() -> dict[str, str]:
    """What a model may be called in a corpus → its slug; a name that two models have is none's."""
    named: dict[str, set[str]] = {}
    for slug, name, developer in AIModel.objects.values_list("slug", "name", "developer__name"):
        for called in (slug, name, f"{developer} {name}"):
            named.setdefault(_folded(called), set()).add(slug)
    return {called: slugs.pop() for called, slugs in named.items() if len(slugs) == 1}


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())

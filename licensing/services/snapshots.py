"""Snapshots: the registry as one file for checks without a server."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from ingest.services import exports
from licensing.formats import snapshot
from licensing.rules import policy, reasons, verdict
from licensing.selectors import cases
from licensing.services import assertions
from registry import access
from registry.actors import system
from registry.models import Organisation, Work
from registry.services import log

WORKS_PER_BATCH = 500


def export(path: Path, *, organisation: Organisation | None = None) -> dict[str, Any]:
    """Write every public work with its public assertions, and the drafts and grants of `organisation`, to `path`.

    The index inside holds fingerprints only. Returns the manifest's digest and counts.
    """
    works = [facts for batch in _batches(organisation) for facts in _facts(batch, organisation)]
    checkpoint = log.sequence_all()
    folder = Path(tempfile.mkdtemp(prefix="colophon-snapshot-"))
    try:
        info = exports.export(folder / "index", organisation=organisation)
        members: dict[str, bytes | Path] = {
            f"index/{file.name}": file
            for file in sorted((folder / "index").iterdir())
            if file.suffix in {".seg", ".json"} and not file.name.startswith(".")
        }
        members[snapshot.WORKS] = snapshot.work_lines(works)
        members["rules.json"] = _rules()
        members |= {f"policies/{name}.toml": policy.FOLDER / f"{name}.toml" for name in policy.PROFILES}
        if checkpoint is not None:
            members["log/checkpoint"] = checkpoint.note.encode()
            members["log/key"] = f"{log.verifier_key()}\n".encode()
        about = {
            "created_on": assertions.today().isoformat(),
            "organisation": organisation.slug if organisation else None,
            "rules_version": verdict.rules_version(),
            "index": info["digest"],
            "works": len(works),
        }
        digest = snapshot.write(path, members=members, about=about)
        log.stage(
            "snapshot.exported",
            subject=f"snapshot:{digest[7:19]}",
            facts={"snapshot": digest, **about},
            actor=system("snapshot", organisation),
        )
    finally:
        shutil.rmtree(folder)
    return {"snapshot": digest, "works": len(works), "bytes": path.stat().st_size, **about}


def _batches(organisation: Organisation | None) -> list[list[Work]]:
    rows = list(access.exported(organisation).order_by("public_id").values_list("pk", flat=True))
    starts = range(0, len(rows), WORKS_PER_BATCH)
    return [
        list(cases.with_facts(Work.objects.filter(pk__in=rows[start : start + WORKS_PER_BATCH]))) for start in starts
    ]


def _facts(works: list[Work], organisation: Organisation | None) -> list[snapshot.WorkFacts]:
    about = cases.assertions_about(works, organisation)
    return [
        snapshot.WorkFacts(
            cases.work_facts(work) | {"title": work.title}, cases.in_force(about[work.pk]), _translations(work)
        )
        for work in works
    ]


def _translations(work: Work) -> dict[str, dict[str, Any]]:
    """Edition id → the facts that a match of this edition is judged by instead of the work's own text."""
    return {
        edition.public_id: cases.work_facts(work, edition=edition)["edition"]
        for edition in work.editions.all()
        if edition.translation
    }


def _rules() -> bytes:
    catalogue = {
        code: {"axis": text.axis, "authority": text.authority} for code, text in sorted(reasons.CATALOGUE.items())
    }
    body = {"rules_version": verdict.rules_version(), "reasons": catalogue}
    return json.dumps(body, sort_keys=True, ensure_ascii=False, indent=1).encode()

"""`manage.py main_job`: the whole road once, on the samples, through the running workers."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingest.models import Match
from licensing.services import demonstration
from licensing.services.demonstration import Result
from registry.errors import ColophonError
from registry.management.base import QuickCommand

ROOT = Path(__file__).resolve().parents[3]
VERDICTS = ("CLEARED", "CONDITIONAL", "EXCEPTION_CLAIMED", "CONTESTED", "NOT_CLEARED", "UNKNOWN")


class Command(QuickCommand):
    help = "Register the sample shelf, scan the sample datasets, decide clearance, write a snapshot and the evidence."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--samples", type=Path, default=ROOT / "samples")
        parser.add_argument("--out", type=Path, default=ROOT / "var")
        parser.add_argument("--timeout", type=float, default=300, help="seconds to wait for the workers in all")
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            result = demonstration.run(
                options["samples"],
                out=options["out"],
                say=lambda step: self.stderr.write(f"  {time.monotonic() - started:5.1f} s  {step}"),
                timeout_seconds=options["timeout"],
            )
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        facts = summarise(result, time.monotonic() - started)
        self.stdout.write(json.dumps(facts, ensure_ascii=False) if options["json"] else in_words(facts))
        if facts["missing"]:
            raise CommandError(f"These did not occur and have to: {', '.join(facts['missing'])}", returncode=1)


def summarise(result: Result, seconds: float) -> dict[str, Any]:
    """The main job's figures, JSON-able."""
    rows = []
    for clearance in result.clearances:
        verdicts = Counter(clearance.verdicts.values_list("verdict", flat=True))
        rows.append(
            {
                "clearance": clearance.public_id,
                "dataset": clearance.scan.release.dataset.name,
                "territory": clearance.territory,
                "verdicts": {verdict: verdicts[verdict] for verdict in VERDICTS},
                "documents": clearance.totals["documents"],
                "unidentified": clearance.totals["documents_unidentified"],
            }
        )
    codes = Counter(reason["code"] for verdict in result.verdicts for reason in verdict.reasons)
    return {
        "works": result.works,
        "catalogue": result.catalogue,
        "documents": sum(scan.documents for scan in result.scans),
        "skipped": sum(scan.skipped.count() for scan in result.scans),
        "matches": Match.objects.filter(scan__in=result.scans).count(),
        "clearances": rows,
        "reason_codes": dict(sorted(codes.items())),
        "snapshot": result.snapshot,
        "snapshot_path": str(result.snapshot_path),
        "bundle": str(result.bundle),
        "verified": result.verified,
        "missing": result.missing(),
        "seconds": round(seconds, 1),
    }


def in_words(facts: dict[str, Any]) -> str:
    """The summary as people read it."""
    width = max(len(row["dataset"]) for row in facts["clearances"])
    lines = [
        "",
        f"{facts['works']} works registered, {facts['documents']} documents read ({facts['skipped']} skipped), "
        f"{facts['matches']} matches",
        "May we pretrain on these datasets, commercially?",
        "",
        f"{'dataset':<{width}}  in  "
        + "  ".join(verdict.replace("_", " ").lower() for verdict in VERDICTS)
        + "  unidentified",
    ]
    for row in facts["clearances"]:
        cells = "  ".join(f"{row['verdicts'][verdict]:>{len(verdict)}}" for verdict in VERDICTS)
        lines.append(f"{row['dataset']:<{width}}  {row['territory']}  {cells}  {row['unidentified']:>12}")
    lines += [
        "",
        "reasons: " + ", ".join(f"{code} {count}" for code, count in facts["reason_codes"].items()),
        f"snapshot for `colophon check`: {facts['snapshot_path']}",
        f"evidence bundle, verified: {facts['bundle']}",
        f"done in {facts['seconds']} s",
    ]
    return "\n".join(lines)

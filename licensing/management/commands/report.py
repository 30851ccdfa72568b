"""`manage.py report CLEARANCE --out BUNDLE.zip`: make an evidence bundle here and now; no worker is needed."""

import json
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from licensing.models import Clearance
from licensing.services import reports
from registry.actors import system
from registry.errors import ColophonError
from registry.management.base import QuickCommand
from registry.merkle import bundle
from registry.services import log


class Command(QuickCommand):
    help = "Write the evidence bundle of a decided clearance and verify it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("clearance", metavar="CLEARANCE", help="the clearance's public id")
        parser.add_argument("--out", required=True, type=Path, metavar="BUNDLE.zip")
        parser.add_argument("--language", choices=reports.LANGUAGES, default="en")
        parser.add_argument("--json", action="store_true", help="print what was made as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        clearance = Clearance.objects.filter(public_id=options["clearance"]).first()
        if clearance is None:
            raise CommandError(f"There is no clearance {options['clearance']}.", returncode=2)
        out: Path = options["out"]
        if not out.parent.is_dir():
            raise CommandError(f"{out.parent}: there is no such folder.", returncode=2)
        actor = system("report", clearance.organisation)
        try:
            report = reports.issue(clearance=clearance, language=options["language"], actor=actor)
            partial = out.with_name(f".{out.name}.part")
            with reports.open_bundle(report) as stored, partial.open("wb") as target:
                shutil.copyfileobj(stored, target)
            partial.replace(out)
        except ColophonError as error:
            raise CommandError(f"{error.code}: {error.sentence}", returncode=2) from None
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror or error}", returncode=2) from None
        verified = bundle.verify_bundle(out, log.verifier_key())
        made = {
            "report": report.public_id,
            "clearance": clearance.public_id,
            "bundle": str(out),
            "sha256": report.sha256,
            "size_bytes": report.size_bytes,
            "manifest_sha256": verified.manifest_sha256,
            "files": verified.files,
            "entry": verified.entry_index,
            "tree_size": verified.tree_size,
            "further_entries": verified.further_entries,
            "key_sha256": verified.key_fingerprint,
        }
        if options["json"]:
            self.stdout.write(json.dumps(made, ensure_ascii=False))
            return
        self.stdout.write(f"{out}: {verified.files} files, {report.size_bytes:,} bytes, verified")
        self.stdout.write(f"entry {verified.entry_index} of the log at size {verified.tree_size}")

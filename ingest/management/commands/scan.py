"""`manage.py scan PATH... --dataset NAME`: look for registered works in a dataset's files."""

import datetime
import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from celery import current_app
from django.core.management.base import CommandError

from ingest import sureness
from ingest.management.operator import acting_for
from ingest.models import Match, Scan
from ingest.readers import BadRecord, ReadError
from ingest.readers.walk import list_files
from ingest.selectors.scans import no_match
from ingest.services import scans
from registry.errors import ColophonError
from registry.management.base import QuickCommand

POLL_SECONDS = 0.25
PATIENCE_SECONDS = 10.0  # without a worker's sign of life


class Command(QuickCommand):
    help = (
        "Scan a dataset's files against the registered works, through the workers. "
        "Example: manage.py scan corpus/*.jsonl.zst --dataset corpus --acquisition lawful --wait"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or folder")
        parser.add_argument("--dataset", required=True, metavar="NAME", help="made if new; other files, other release")
        parser.add_argument("--acquisition", choices=Scan.Acquisition.values, default=Scan.Acquisition.UNKNOWN)
        parser.add_argument("--copied-on", type=datetime.date.fromisoformat, metavar="DATE", help="YYYY-MM-DD")
        parser.add_argument("--min-words", type=int, default=50, help="drop pairs with fewer matched words")
        parser.add_argument(
            "--text-field", default="", metavar="NAME", help="of a record (default: text, or a usual one)"
        )
        parser.add_argument("--organisation", metavar="SLUG", help="who asks (default: operator)")
        parser.add_argument("--wait", action="store_true", help="until it is closed, and show what was found")
        parser.add_argument("--skip-bad", action="store_true", help="bad records do not make the command fail")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        files, bad = self._files(options["paths"])
        if not files:
            raise CommandError("\n".join(bad) or "There is no file to read.", returncode=2)
        try:
            scan = scans.request(
                files=files,
                dataset_name=options["dataset"],
                acquisition=options["acquisition"],
                copied_on=options["copied_on"],
                min_words=options["min_words"],
                text_field=options["text_field"],
                actor=acting_for(options["organisation"], "scan"),
            )
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        if options["wait"]:
            self._wait(scan)
        self._show(scan, options["json"])
        skipped = [f"{row.name}: {row.cause}" for row in scan.skipped.all()]
        for sentence in [*bad, *skipped]:
            self.stderr.write(sentence)
        if scan.state in (Scan.State.FAILED, Scan.State.CANCELLED):
            raise CommandError(f"The scan {scan.state}: {scan.reason}", returncode=2)
        if (bad or skipped) and not options["skip_bad"]:
            raise SystemExit(2)

    def _files(self, paths: list[str]) -> tuple[list[scans.Upload], list[str]]:
        """The files under the paths, and a sentence for each that cannot be read."""
        files: list[scans.Upload] = []
        bad: list[str] = []
        for path in paths:
            try:
                for found in list_files(path):
                    if isinstance(found, BadRecord):
                        bad.append(f"{found.name}: {found.cause}")
                    else:
                        name, place = found
                        files.append(scans.Upload(name=name, stream=Path(place)))
            except ReadError as error:
                raise CommandError(f"{error.path}: {error.cause}", returncode=2) from None
        return files, bad

    def _wait(self, scan: Scan) -> None:
        """Until the scan is closed; progress on stderr, and a word when no worker seems to be there."""
        began = time.monotonic()
        warned = False
        shown = ""
        while scan.state in scans.OPEN and not scans.close(scan):
            assert scan.job is not None
            scan.job.refresh_from_db()
            total = f" of {scan.job.total}" if scan.job.total is not None else ""
            line = f"{scan.job.stage or 'waiting'}: {scan.job.done}{total} documents"
            if sys.stderr.isatty() and line != shown:
                self.stderr.write(f"\r\033[K{line}", ending="")
                shown = line
            if not warned and not scan.job.stage and time.monotonic() - began > PATIENCE_SECONDS:
                warned = True
                if not current_app.control.ping(timeout=1.0):
                    self.stderr.write("No worker answers. Start one: celery -A config worker -Q engine,interactive")
            time.sleep(POLL_SECONDS)
            scan.refresh_from_db()
        if shown:
            self.stderr.write("\r\033[K", ending="")

    def _show(self, scan: Scan, as_json: bool) -> None:
        matches = Match.objects.filter(scan=scan)
        facts: dict[str, Any] = {
            "scan": scan.public_id,
            "dataset": scan.release.dataset.slug,
            "release": scan.release.public_id,
            "job": scan.job.public_id if scan.job else None,
            "state": scan.state,
            "reason": scan.reason,
            "documents": scan.documents,
            "words": scan.words,
            "matches": matches.count(),
            "works": matches.values("work").distinct().count(),
            "skipped": scan.skipped.count(),
            "index": scan.index_digest,
            "engine": scan.engine,
            "no_match": no_match(scan),
        }
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        elif scan.state in scans.OPEN:
            self.stdout.write(f"Scan {scan.public_id} of {scan.release} is under way; its job is {facts['job']}.")
        else:
            self.stdout.write(
                f"Scan {scan.public_id} of {scan.release}: {scan.state}. {scan.documents:,} documents, "
                f"{facts['matches']:,} matches with {facts['works']:,} works, {facts['skipped']:,} skipped."
            )
            reach = sureness.sentence(facts["no_match"])
            if reach:
                self.stdout.write(f"Documents in which nothing was found may hold anything else. {reach}")

"""`manage.py register_text PATH --work ID | --new TITLE`: hand in a text and fingerprint it."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from ingest.management.operator import acting_for
from ingest.models import Deposit, Fingerprint
from ingest.services import deposits
from registry import jobs
from registry.actors import Actor
from registry.errors import ColophonError
from registry.management.base import QuickCommand
from registry.models import Job, Work
from registry.services import works

POLL_SECONDS = 0.2


class Command(QuickCommand):
    help = (
        "Hand in the text of a work and fingerprint it; the text is dropped after that unless --keep-text is given. "
        "PATH may be a .fp file. Example: manage.py register_text emma.epub --new Emma --author 'Jane Austen'"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="one text (txt, epub, …), or a .fp file")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--work", metavar="ID", help="a registered work, by its public id or record reference")
        which.add_argument("--new", metavar="TITLE", help="register a new work of this title")
        parser.add_argument("--author", action="append", default=[], metavar="NAME", help="of a new work; repeatable")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--keep-text", action="store_true", help="keep the text, for exact passages on both sides")
        mode.add_argument("--fingerprint-only", action="store_true", help="never store the text, not even for a moment")
        parser.add_argument("--organisation", metavar="SLUG", help="who hands it in (default: the work's registrant)")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.is_file():
            raise CommandError(f"{path}: there is no such file.", returncode=2)
        try:
            deposit = self._deposit(path, options)
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        assert deposit.job is not None
        job = finish(deposit.job)
        if job.state != Job.State.DONE:
            raise CommandError(f"{path}: {job.reason or job.state}", returncode=2)
        self._show(deposit, options["json"])

    def _deposit(self, path: Path, options: dict[str, Any]) -> Deposit:
        work, actor = self._work(path, options)
        if path.suffix.lower() == ".fp":
            if options["keep_text"]:
                raise CommandError("A fingerprint has no text to keep.", returncode=2)
            return deposits.keep_fingerprint(work=work, data=path.read_bytes(), file_name=path.name, actor=actor)
        mode = Deposit.Mode.TRANSIENT
        if options["keep_text"]:
            mode = Deposit.Mode.KEPT
        elif options["fingerprint_only"]:
            mode = Deposit.Mode.FINGERPRINT_ONLY
        return deposits.keep(work=work, path=path, mode=mode, actor=actor)

    def _work(self, path: Path, options: dict[str, Any]) -> tuple[Work, Actor]:
        if options["new"]:
            actor = acting_for(options["organisation"], "register_text")
            authors = [works.AuthorFacts(name=name) for name in options["author"]]
            return works.register(works.WorkFacts(title=options["new"], authors=authors), actor=actor), actor
        wanted = options["work"]
        work = Work.objects.filter(public_id=wanted).first()
        by_reference = Work.objects.filter(record_reference=wanted)
        if work is None and by_reference.count() == 1:
            work = by_reference.get()
        if work is None:
            raise CommandError(f"There is no work {wanted}.", returncode=2)
        return work, acting_for(options["organisation"], "register_text", fallback=work.registered_by)

    def _show(self, deposit: Deposit, as_json: bool) -> None:
        made = Fingerprint.objects.get(deposit=deposit)
        facts = {
            "work": deposit.work.public_id,
            "title": deposit.work.title,
            "deposit": deposit.public_id,
            "mode": deposit.mode,
            "fingerprint": made.digest,
            "parameters": made.parameter_set,
            "words": made.words,
            "letters": made.letters,
        }
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        kept = "its text is kept" if deposit.mode == Deposit.Mode.KEPT else "its text is not kept"
        self.stdout.write(f"{deposit.work.title}: {made.words:,} words fingerprinted, {kept}. Work {facts['work']}.")


def finish(job: Job) -> Job:
    """Run a job here and now, or wait for the worker that has it; returns it as it ended."""
    jobs.run(job.pk)
    while True:
        job.refresh_from_db()
        if job.ended:
            return job
        time.sleep(POLL_SECONDS)
        jobs.run(job.pk)  # tried again after an error, or after its worker died

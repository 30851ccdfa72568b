"""`manage.py observe FILE_OR_SITE`: what machines of publishers say is read and kept."""

import datetime
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.dateparse import parse_datetime

import registry.access
from ingest.management.operator import acting_for
from licensing.formats.recognition import KINDS
from licensing.services import observations, signal_reading
from licensing.services.observations import Kept
from registry.actors import Actor
from registry.errors import ColophonError
from registry.management.base import QuickCommand

NOTHING_DONE = 2
CRAWLS = (".warc", ".warc.gz")


class Command(QuickCommand):
    help = (
        "Keep what a publisher's machine said: a site is read now, a file is handed in, crawl records (.warc[.gz]) "
        "are gone through. Statements follow for the works that stand there. "
        "Example: manage.py observe robots.txt --address https://press.example/robots.txt --on 2025-03-01"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", metavar="FILE_OR_SITE", help="a file, or a site like press.example")
        parser.add_argument("--address", default="", help="where the file was read")
        parser.add_argument("--on", default="", metavar="DAY", help="when it was read, like 2025-03-01; else now")
        parser.add_argument("--work", default="", metavar="ID", help="the work whose own file it is")
        parser.add_argument("--kind", choices=KINDS, default="", help="what it is; else found out by its content")
        parser.add_argument("--organisation", metavar="SLUG", default="operator", help="in whose name")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = acting_for(options["organisation"], "observe")
        try:
            kept = self._run(actor, options)
        except (ColophonError, OSError, ValueError) as error:
            sentence = error.sentence if isinstance(error, ColophonError) else str(error)
            raise CommandError(sentence, returncode=NOTHING_DONE) from None
        facts = {
            "observations": [row.public_id for row in kept.rows],
            "known": [row.public_id for row in kept.known],
            "faults": sum(len(row.faults) for row in kept.rows),
            "recorded": kept.recorded,
            "withdrawn": kept.withdrawn,
        }
        if options["json"]:
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(
            f"{len(kept.rows):,} readings kept, {len(kept.known):,} known already;"
            f" {kept.recorded:,} statements follow, {kept.withdrawn:,} follow no longer."
        )

    def _run(self, actor: Actor, options: dict[str, Any]) -> Kept:
        path = Path(options["what"])
        if not path.is_file():
            return signal_reading.look_now(address=options["what"], actor=actor)
        if path.name.lower().endswith(CRAWLS):
            return signal_reading.read_crawl_now(path=path, actor=actor)
        _row, kept = observations.hand_in(
            content=path.read_bytes(),
            file_name=path.name,
            address=options["address"],
            observed_at=_moment(options["on"]),
            work=registry.access.work(actor, options["work"]) if options["work"] else None,
            kind=options["kind"],
            actor=actor,
        )
        return kept


def _moment(text: str) -> datetime.datetime | None:
    if not text:
        return None
    moment = parse_datetime(text if "T" in text else f"{text}T12:00:00")
    if moment is None:
        raise ValueError(f"{text!r} is no day like 2025-03-01.")
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

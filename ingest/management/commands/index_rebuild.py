"""`manage.py index_rebuild`: write the match index anew from the database."""

import json
from argparse import ArgumentParser
from typing import Any

from ingest.services import publishing, segments
from registry.management.base import QuickCommand


class Command(QuickCommand):
    help = "Write all index segments anew from fingerprints and kept texts. Example: manage.py index_rebuild --json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        publishing.rebuild()
        info = segments.current().info()
        if options["json"]:
            self.stdout.write(json.dumps(info))
        else:
            self.stdout.write(
                f"{len(info['segments'])} segments, {info['records']} texts of {info['works']} works, {info['digest']}"
            )

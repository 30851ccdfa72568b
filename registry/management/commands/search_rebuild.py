"""`manage.py search_rebuild`: make what search reads anew, or say how far it is from the rows."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from registry.errors import ColophonError
from registry.management.base import QuickCommand
from registry.search import elasticsearch, postgres, sync


class Command(QuickCommand):
    help = "Rebuild search from the rows while the site keeps answering. Example: manage.py search_rebuild --check"

    def add_arguments(self, parser: ArgumentParser) -> None:
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--check", action="store_true", help="change nothing; exit 1 if something differs")
        only.add_argument("--repair", action="store_true", help="write only what differs, without a new index")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        engine = elasticsearch.NAME if settings.ELASTICSEARCH_URL else postgres.NAME
        try:
            if options["check"] or options["repair"]:
                found = sync.drift(repair=options["repair"])
                facts: dict[str, Any] = {"engine": engine, **asdict(found), "repaired": options["repair"]}
            else:
                facts = {"engine": engine, **sync.rebuild()}
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write("\n".join(f"{name:<9} {value}" for name, value in facts.items()))
        if options["check"] and not found.none:
            raise SystemExit(1)

"""`manage.py load_catalogue`: the starting catalogue, repeatable."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from licensing.services import catalogue, dataset_imports
from registry.errors import ColophonError
from registry.management.base import QuickCommand


class Command(QuickCommand):
    help = "Load the starting catalogue: datasets, models, claims, proceedings, provider terms. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=catalogue.FOLDER, help="another catalogue's folder")
        parser.add_argument("--json", action="store_true", help="print counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = catalogue.load(options["folder"])
            if options["folder"] == catalogue.FOLDER:
                counts["described_datasets"] = len(dataset_imports.load_descriptions().outcomes)
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        self.stdout.write(", ".join(f"{count} {noun.replace('_', ' ')}" for noun, count in counts.items()))

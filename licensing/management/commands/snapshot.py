"""`manage.py snapshot --out FILE`: what `colophon check --snapshot` reads."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from licensing.services import snapshots
from registry.management.base import QuickCommand
from registry.models import Organisation


class Command(QuickCommand):
    help = "Write the registry's works, public statements and fingerprints to one file for checks without a server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="e.g. var/snapshots/today.snapshot")
        parser.add_argument("--organisation", help="slug: include the grants that this organisation holds")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = None
        if options["organisation"]:
            organisation = Organisation.objects.filter(slug=options["organisation"]).first()
            if organisation is None:
                raise CommandError(f"There is no organisation {options['organisation']}.", returncode=2)
        done = snapshots.export(options["out"], organisation=organisation)
        if options["json"]:
            self.stdout.write(json.dumps(done))
        else:
            self.stdout.write(f"{options['out']}: {done['works']} works, {done['bytes']:,} bytes, {done['snapshot']}")

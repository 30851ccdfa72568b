"""`manage.py jobs_sweep`: send lost jobs again now, as the periodic task does every few seconds."""

import json
from argparse import ArgumentParser
from typing import Any

from registry import jobs
from registry.management.base import QuickCommand


class Command(QuickCommand):
    help = "Send jobs again that got lost and set aside those that died too often. Example: manage.py jobs_sweep --json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = jobs.sweep()
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(", ".join(f"{count} {what}" for what, count in counts.items()))

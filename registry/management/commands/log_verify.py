"""`manage.py log_verify`: recompute the whole log from its entries."""

import json
from argparse import ArgumentParser
from typing import Any

from registry.management.base import QuickCommand
from registry.services import log


class Command(QuickCommand):
    help = "Verify the log; exit 1 and name the first entry that is wrong. Example: manage.py log_verify --json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found = log.verify()
        if options["json"]:
            self.stdout.write(json.dumps(found))
        elif found["ok"]:
            self.stdout.write(
                f"The log verifies: {found['size']} entries, {found['staged']} not numbered yet.\n{found['key']}"
            )
        else:
            self.stdout.write(f"The log does not verify. Entry {found['position']}: {found['reason']}")
        if not found["ok"]:
            raise SystemExit(1)

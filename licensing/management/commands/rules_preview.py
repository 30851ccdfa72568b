"""`manage.py rules_preview TABLE.toml …`: which stored verdicts would differ with changed tables."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from licensing.models import Verdict
from licensing.services import rules_preview
from registry.errors import InvalidInput
from registry.management.base import QuickCommand


class Command(QuickCommand):
    help = (
        "Decide stored verdicts again with changed tables of the rules and show which would differ. Nothing is stored. "
        "Without a table: with the rules as they are now. Example: manage.py rules_preview exceptions.toml"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "tables", nargs="*", type=Path, metavar="TABLE.toml", help="named as in licensing/rules/data"
        )
        parser.add_argument("--clearance", metavar="ID", help="only this one (default: all)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Verdict.objects.all()
        if options["clearance"]:
            rows = rows.filter(clearance__public_id=options["clearance"])
        try:
            changed = {path.stem: path.read_bytes() for path in options["tables"]}
            preview = rules_preview.of_tables(changed, rows)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=2) from None
        except InvalidInput as error:
            raise CommandError(error.sentence, returncode=2) from None
        self.stdout.write(json.dumps(preview.to_json()) if options["json"] else _in_words(preview))


def _in_words(preview: rules_preview.Preview) -> str:
    count = f"{preview.differing} of {preview.decided} stored verdicts"
    lines = [f"{count} would differ under the rules {preview.rules_version}."]
    lines += [f"  {count:>6}  {one} → {other}" for (one, other), count in preview.kinds.most_common()]
    for change in preview.changes:
        before, after = " ".join(change.before), " ".join(change.after)
        lines.append(f"{change.verdict}  work {change.work} in clearance {change.clearance}: {before} → {after}")
    return "\n".join(lines)

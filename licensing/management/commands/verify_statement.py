"""`manage.py verify_statement grant ID --level document --evidence "…"`: say how far a statement was verified."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from licensing.rules import terms
from licensing.services import verification
from licensing.services.verification import KINDS
from registry.actors import system
from registry.errors import ColophonError
from registry.management.base import QuickCommand


class Command(QuickCommand):
    help = (
        "Record how far the registry verified a statement that somebody made on a page, and by what. "
        'Example: manage.py verify_statement grant 7h2m9c4x0k1z --level document --evidence "contract of 2026-03-01"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(KINDS))
        parser.add_argument("statement", metavar="ID", help="its public id, as the work's page shows it")
        parser.add_argument("--level", choices=list(terms.Verification), required=True)
        parser.add_argument("--evidence", required=True, help="by what it was verified; this goes into the log")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = options["kind"]
        row = KINDS[kind]._default_manager.filter(public_id=options["statement"]).first()
        if row is None:
            raise CommandError(f"There is no {kind} {options['statement']}.", returncode=2)
        try:
            verification.verify(
                row, kind=kind, verification=options["level"], evidence=options["evidence"], actor=system("operator")
            )
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        self.stdout.write(f"{kind} {row.public_id} for “{row.work.title}” is verified: {row.verification}.")

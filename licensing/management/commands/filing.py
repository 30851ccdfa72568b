"""`manage.py filing KIND`: a draft of a filing about synthetic data, from what is on record."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

import ingest.access
from ingest.models import Audit
from licensing.formats.filing import FORMS, Filing
from licensing.services import filings
from registry.actors import Actor, system
from registry.errors import ColophonError
from registry.management.base import QuickCommand
from registry.models import Organisation


class Command(QuickCommand):
    help = "Draft a filing about synthetic data for a person to check; nothing is filed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=[*filings.KINDS, filings.AUDIT_KIND])
        parser.add_argument("--organisation", required=True, metavar="SLUG", help="whose filing it is")
        parser.add_argument("--dataset", action="append", default=[], metavar="SLUG", help="that trains it; repeatable")
        parser.add_argument("--model", default="", metavar="SLUG", help="a model of the catalogue that is theirs")
        parser.add_argument("--name", default="", help="what the system or model is called")
        parser.add_argument("--audit", metavar="ID", help=f"for {filings.AUDIT_KIND}: the audit")
        parser.add_argument("--form", choices=sorted(FORMS), default="md")
        parser.add_argument("--out", type=Path, metavar="FILE", help="instead of standard output")
        parser.add_argument("--json", action="store_true", help="the same as --form json")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation {options['organisation']}.", returncode=2)
        form = "json" if options["json"] else options["form"]
        try:
            content = filings.file(_draft(options, system("filing", organisation)), form)
        except ColophonError as error:
            raise CommandError(f"{error.code}: {error.sentence}", returncode=2) from None
        if options["out"] is None:
            self.stdout.write(content.decode(), ending="")
            return
        try:
            options["out"].write_bytes(content)
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror or error}", returncode=2) from None


def _draft(options: dict[str, Any], actor: Actor) -> Filing:
    if options["kind"] != filings.AUDIT_KIND:
        names = ("model", "name")
        return filings.draft(
            options["kind"], actor=actor, datasets=options["dataset"], **{name: options[name] for name in names}
        )
    if not options["audit"]:
        raise CommandError(f"{filings.AUDIT_KIND} is the record of one audit: give --audit ID.", returncode=2)
    audit: Audit = ingest.access.audit(actor, options["audit"])
    return filings.sampling_record(audit)

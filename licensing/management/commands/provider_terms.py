"""`manage.py provider_terms`: which terms applied to a model's output on a day."""

import argparse
import datetime
import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

import registry.access
from licensing import output_access
from licensing.rules.facts import Bound
from licensing.rules.terms import find_territory
from licensing.selectors.provider_terms import ACCOUNTS, TermsAnswer, applied_on
from registry.actors import ANONYMOUS
from registry.errors import ColophonError
from registry.management.base import QuickCommand


class Command(QuickCommand):
    help = "Say which terms of a provider applied to its models' output on a day. Exit 4 where no version is known."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", help="the provider's key, e.g. openai")
        parser.add_argument("--on", required=True, type=_day, help="YYYY-MM-DD")
        parser.add_argument("--model", help="the model's short name: its own licence counts")
        parser.add_argument("--acceptance", default="unknown", choices=[word.value for word in Bound])
        parser.add_argument("--territory", default="", help="for documents that are for some countries only")
        parser.add_argument("--account", default="", choices=["", *ACCOUNTS], help="whose terms: consumers, or the API")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            provider = output_access.provider(options["provider"])
            model = registry.access.ai_model(ANONYMOUS, options["model"]) if options["model"] else None
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        if model is not None and model.developer_id != provider.pk:
            raise CommandError(f"{model} is not a model of {provider}, but of {model.developer}.", returncode=2)
        said = options["territory"].strip().upper()
        territory = find_territory(said) if said else ""
        if territory is None:
            raise CommandError(f"{said} is not a country code.", returncode=2)
        found = applied_on(
            provider,
            options["on"],
            model=model,
            acceptance=Bound(options["acceptance"]),
            territory=territory,
            account=options["account"],
        )
        self.stdout.write(json.dumps(_facts(found), ensure_ascii=False) if options["json"] else _text(found))
        if found.code:
            raise SystemExit(4)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day; write it as YYYY-MM-DD.") from None


def _facts(found: TermsAnswer) -> dict[str, Any]:
    return {
        "code": found.code,
        "applied": [
            {
                "terms": version.terms.key,
                "verified": version.verified,
                "seen_until": version.seen_until and version.seen_until.isoformat(),
                "clauses": [
                    {"effect": one.clause.effect, "act": one.clause.act, "binding": one.binding}
                    for one in version.clauses
                ],
            }
            for version in found.applied
        ],
        "gaps": [{"document": gap.document, "cause": str(gap.cause), "sentence": gap.sentence} for gap in found.gaps],
        "questions": list(found.questions),
    }


def _text(found: TermsAnswer) -> str:
    lines = []
    for version in found.applied:
        seen = f", last seen in force on {version.seen_until}" if version.seen_until else ""
        lines.append(f"{version.terms.title} ({version.terms.key}){seen}")
        lines += [f"  {one.clause.effect} {one.clause.act}: {one.binding}" for one in version.clauses]
    lines += [f"unknown: {gap.document or 'terms'}: {gap.sentence}" for gap in found.gaps]
    return "\n".join(lines if not found.code else [found.code, *lines])

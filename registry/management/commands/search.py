"""`manage.py search QUERY`: what the search box finds, on either engine."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from registry.actors import ANONYMOUS, Actor, system
from registry.errors import ColophonError
from registry.management.base import QuickCommand
from registry.models import Organisation
from registry.search import engine
from registry.search.kinds import KINDS


class Command(QuickCommand):
    help = "Find works, datasets, models, holders and claims. Example: manage.py search 'austen prejudise' --kind work"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", help="title, author, name or identifier, in any order and spelling")
        parser.add_argument("--kind", choices=list(KINDS), help="only this kind (default: every kind)")
        parser.add_argument("--engine", choices=list(engine.ENGINES), help="default: the configured one")
        parser.add_argument("--limit", type=int, default=10, help=f"at most {engine.MAX_LIMIT} (default: 10)")
        parser.add_argument("--offset", type=int, default=0, help="hits to leave out at the beginning")
        parser.add_argument("--organisation", metavar="SLUG", help="see what this organisation sees (default: public)")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["limit"] <= engine.MAX_LIMIT:
            raise CommandError(f"--limit is a number from 1 to {engine.MAX_LIMIT}.", returncode=2)
        try:
            hits = engine.search(
                options["query"],
                options["kind"],
                actor=_actor(options["organisation"]),
                limit=options["limit"],
                offset=options["offset"],
                engine=options["engine"],
            )
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        self.stdout.write(json.dumps(as_json(hits), ensure_ascii=False) if options["json"] else as_lines(hits))


def _actor(slug: str | None) -> Actor:
    if not slug:
        return ANONYMOUS
    organisation = Organisation.objects.filter(slug=slug).first()
    if organisation is None:
        raise CommandError(f"There is no organisation {slug}.", returncode=2)
    return system("search", organisation)


def as_json(hits: engine.Hits) -> dict[str, object]:
    """The object that `search --json` writes."""
    return {
        "engine": hits.engine,
        "took_ms": hits.took_ms,
        "degraded": hits.degraded,
        "total": hits.total,
        "totals": hits.totals,
        "hits": [
            {"id": hit.id, "title": hit.title, "score": hit.score, "kind": hit.kind, "detail": hit.detail, "by": hit.by}
            for hit in hits.hits
        ],
    }


def as_lines(hits: engine.Hits) -> str:
    """The same for people: a line a hit."""
    lines = [
        f"{hit.score:.2f}  {hit.kind:<7}  {hit.id}  {' · '.join(filter(None, (hit.title, hit.detail)))}"
        for hit in hits.hits
    ]
    lines.append(f"{hits.total} found by {hits.engine} in {hits.took_ms} ms")
    if hits.degraded:
        lines.append("Elasticsearch does not answer; PostgreSQL answered instead.")
    return "\n".join(lines)

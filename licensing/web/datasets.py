"""The page of a dataset: what it is made of, where it comes from, how its works stand, what happened when."""

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import ingest.access
import registry.access
from licensing import output_access
from licensing.models import ProviderTerms
from licensing.selectors import declaration_check, declared, finds, lineage, standing
from licensing.selectors import twins as documents
from licensing.services.assertions import today
from licensing.web import pictures, treemap, twins
from licensing.web.addresses import address_of
from licensing.web.pictures import Event
from registry.actors import Actor
from registry.models import Component, Dataset, DatasetFigure
from registry.templatetags.registry_words import named
from registry.web.pages import actor_of, page

MAX_ROWS = 200
MAX_WORKS = 300
STATUSES = (
    "LICENSED", "OPEN_LICENCE", "PUBLIC_DOMAIN", "OFFERED", "UNKNOWN", "DISPUTED", "TERMS_RESTRICTED", "RESERVED",
)  # fmt: skip
SIZE_FIGURES = ("dialogues",)


@page
@require_safe
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """A dataset, or its twin in Croissant."""
    actor = actor_of(request)
    found = registry.access.dataset(actor, slug)
    return twins.either(
        request,
        address_of(found),
        lambda: documents.dataset(found, address_of),
        lambda: render(request, "licensing/dataset.html", _context(found, actor)),
    )


def _context(found: Dataset, actor: Actor) -> dict[str, Any]:
    about = registry.access.claims(actor).select_related(
        "subject_model", "subject_dataset", "object_model", "object_dataset"
    )
    claims = list(about.filter(subject_dataset=found).prefetch_related("sources"))
    naming = about.filter(object_dataset=found).prefetch_related("sources").order_by("subject_model__name", "key")
    components = lineage.parts(found, actor)
    proceedings = list(found.proceedings.prefetch_related("sources", "parties"))
    releases = list(found.releases.all())
    graph = lineage.around(found, actor)
    events = _events(releases, [*claims, *naming], proceedings)
    boxes = treemap.layout(_parts(components), _("others"))
    return {
        "dataset": found,
        "terms": _terms(found),
        "generated": output_access.generated_parts(actor, found),
        "findings": declaration_check.check(found, actor),
        "may_write": actor.may_write,
        "figures": found.figures.select_related("source"),
        "components": components[:MAX_ROWS],
        "more_components": max(0, len(components) - MAX_ROWS),
        "boxes": boxes,
        "box_statuses": list(dict.fromkeys(box.part.status for box in boxes)),
        "part_of": Component.objects.filter(
            dataset=found, release__dataset__in=registry.access.datasets(actor)
        ).select_related("release__dataset", "source"),
        "claims": claims,
        "naming": naming,
        "proceedings": proceedings,
        "releases": releases,
        "lineage": graph if graph.edges else None,
        "graph": pictures.graph(graph, named) if graph.edges else None,
        "edges": [(graph.nodes[edge.source].row, edge, graph.nodes[edge.target].row) for edge in graph.edges],
        "events": sorted(events, key=lambda event: event.on),
        "timeline": pictures.timeline(events),
        "shares": _shares(found),
        "may_ask": actor.user is None or actor.may_write,
        "scans": ingest.access.scans(actor)
        .filter(release__dataset=found)
        .select_related("release")
        .order_by("-id")[:20],
        "sources": found.sources.all(),
        "is_own": actor.organisation is not None and found.organisation == actor.organisation,
    }


def _terms(found: Dataset) -> list[tuple[str, list[ProviderTerms]]]:
    """The providers whose terms restrict it, each with the versions of them that are on record."""
    providers = dict.fromkeys(row["provider"] for row in found.licences if row.get("provider"))
    return [
        (name, list(ProviderTerms.objects.filter(provider__name=name).order_by("effective_from"))) for name in providers
    ]


def _parts(components: list[Component]) -> list[treemap.Part]:
    """Components as areas: by raw size, else by weight, else by what was counted in them, else all alike."""
    for measure in ("raw_gib", "weight_percent"):
        if components and all(getattr(row, measure) for row in components):
            return [_part(row.dataset, float(getattr(row, measure))) for row in components]
    counted = DatasetFigure.objects.filter(dataset__in=[row.dataset_id for row in components], name__in=SIZE_FIGURES)
    sizes = {row.dataset_id: float(row.value) for row in counted}
    return [_part(row.dataset, sizes.get(row.dataset_id, 0.0) if sizes else 1.0) for row in components]


def _part(row: Dataset, size: float) -> treemap.Part:
    return treemap.Part(named(row), size, declared.status(row), address_of(row))


def _events(releases: list[Any], claims: list[Any], proceedings: list[Any]) -> list[Event]:
    events = [Event(row.released_on, "release", row.version, row.address) for row in releases if row.released_on]
    events += [
        Event(row.claimed_on, "claim", f"{named(row.subject)} – {named(row.object)}", "", row.status)
        for row in claims
        if row.claimed_on
    ]
    return events + [
        Event(row.opened_on, "proceeding", named(row), "", row.status) for row in proceedings if row.opened_on
    ]


def _shares(found: Dataset) -> dict[str, Any] | None:
    """How the works that published scans found in it stand, for the usual question; None without one."""
    works = list(finds.works_in(found)[: MAX_WORKS + 1])
    if not works:
        return None
    question = standing.default_question(today())
    stand = standing.of_works(works[:MAX_WORKS], question)
    counts = Counter(one.status for one in stand.values())
    total = sum(counts.values())
    x, bars = 0.0, []
    for status in STATUSES:
        width = 1000 * counts[status] / total
        bars.append((status, counts[status], round(x, 1), round(width, 1)))
        x += width
    rows = [(work, stand[work.pk]) for work in works[:50] if work.pk in stand]
    return {
        "bars": [bar for bar in bars if bar[1]],
        "total": total,
        "is_cut": len(works) > MAX_WORKS,
        "question": question,
        "rows": rows,
    }

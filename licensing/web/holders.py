"""A person or organisation: the works they made or speak for, what they say about them, where those were found."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import registry.access
from licensing.models import Offer, OpenLicence, Reservation
from licensing.selectors import finds, standing
from licensing.selectors import twins as documents
from licensing.selectors.kits import works_of
from licensing.services.assertions import today
from licensing.web import twins
from licensing.web.addresses import address_of
from registry.actors import ANONYMOUS
from registry.models import Dataset, Party, RightsClaim, Work
from registry.web.pages import actor_of, cut, page

STATEMENTS = {"reservation": Reservation, "offer": Offer, "open-licence": OpenLicence}


@page
@require_safe
def holder(request: HttpRequest, public_id: str) -> HttpResponse:
    """One holder; a party that only somebody's drafts name is that organisation's own knowledge."""
    actor = actor_of(request)
    found = registry.access.one(registry.access.parties(actor), "holder", public_id=public_id)
    works = works_of(found, actor)
    return twins.either(
        request,
        address_of(found),
        lambda: documents.holder(found, works_of(found, ANONYMOUS)[: documents.MAX_WORKS + 1], address_of),
        lambda: _page(request, found, works),
    )


def _page(request: HttpRequest, found: Party, works: QuerySet[Work]) -> HttpResponse:
    listed = cut(works, request, 20)
    stand = standing.of_works(listed.object_list, standing.default_question(today()))
    context = {
        "holder": found,
        "page": listed,
        "rows": [(work, stand.get(work.pk)) for work in listed.object_list],
        "claims": RightsClaim.objects.filter(work__in=works, holder=found, withdrawn_at=None).count(),
        "statements": said_by(found, works),
        "datasets": finds.datasets_of(works),
        "made": Dataset.objects.filter(visibility="public", creators__contains=[found.name]).order_by("name")[:20],
        "models": found.ai_models.order_by("name"),
    }
    return render(request, "licensing/holder.html", context)


def said_by(found: Party, works: QuerySet[Work]) -> list[dict[str, Any]]:
    """How many statements of each kind the party's own organisation makes about these works."""
    if found.organisation_id is None:
        return []
    counts = {
        kind: model._default_manager.filter(
            work__in=works, asserted_by=found.organisation_id, withdrawn_at__isnull=True
        ).count()
        for kind, model in STATEMENTS.items()
    }
    return [{"kind": kind, "count": count} for kind, count in counts.items() if count]

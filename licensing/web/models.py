"""The page of an AI model: what is said about its training data, by whom, with which status."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import registry.access
from licensing import output_access
from licensing.selectors import twins as documents
from licensing.web import twins
from licensing.web.addresses import address_of
from registry.web.pages import actor_of, page


@page
@require_safe
def model(request: HttpRequest, slug: str) -> HttpResponse:
    """One model, or its twin in JSON-LD. What is claimed about a private dataset is for those who see that."""
    actor = actor_of(request)
    found = registry.access.ai_model(actor, slug)
    claims = registry.access.claims(actor).select_related(
        "subject_model", "subject_dataset", "object_model", "object_dataset"
    )
    claims = claims.prefetch_related("sources")
    context = {
        "model": found,
        "claims": claims.filter(subject_model=found).order_by("-share_percent", "key"),
        "naming": claims.filter(object_model=found)[:200],
        "terms": output_access.provider_terms().filter(ai_models=found),
        "has_terms": output_access.providers().filter(pk=found.developer_id).exists(),
        "generated": output_access.generated_parts(actor).filter(model=found),
        "proceedings": found.proceedings.prefetch_related("sources", "parties"),
    }
    return twins.either(
        request,
        address_of(found),
        lambda: documents.model(found, address_of),
        lambda: render(request, "registry/model.html", context),
    )

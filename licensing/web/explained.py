"""How matches are read: the page that every “How sure” links to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ingest.selectors import matches
from registry.web.pages import page


@page
@require_safe
def matches_explained(request: HttpRequest) -> HttpResponse:
    """What relation, shares, sureness, shared text and no match mean."""
    return render(request, "licensing/matches_explained.html", {"likelihoods": matches.LIKELIHOODS})

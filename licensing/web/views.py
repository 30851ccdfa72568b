"""Pages for everybody that join packages: home, the reasons explained."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

import registry.access
from licensing.evidence.wording import wording
from licensing.models import LegalQuestion
from licensing.rules.catalogue import AXES, CATALOGUE
from licensing.rules.law import law_of
from licensing.rules.verdict import rules_version
from licensing.web import reason_words, words
from registry.errors import NotFound
from registry.models import AIModel, Dataset, Entry, ProvenanceClaim
from registry.web.pages import actor_of, page

EXAMPLES = 6


@page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One search box, what Colophon answers, how much is in it."""
    actor = actor_of(request)
    works = registry.access.works(actor)
    context = {
        "counts": [
            ("works", works.count()),
            ("datasets", registry.access.datasets(actor).count()),
            ("models", AIModel.objects.count()),
        ],
        "claims": ProvenanceClaim.objects.count(),
        "entries": Entry.objects.filter(position__isnull=False).count(),
        "shelf": works.filter(withdrawn_at__isnull=True)
        .prefetch_related("contributions__party")
        .order_by("id")[:EXAMPLES],
        "datasets": Dataset.objects.filter(
            visibility="public", slug__in=["the-pile", "books3", "bookcorpus", "sharegpt"]
        ),
        "is_empty": not works.exists() and not Dataset.objects.exists(),
        "is_demo": works.filter(registered_by__slug="sample-shelf").exists(),
    }
    return render(request, "licensing/home.html", context)


@page
@require_safe
def reasons(request: HttpRequest) -> HttpResponse:
    """Every reason code, by axis."""
    rows = [(axis, [(code, text) for code, text in CATALOGUE.items() if text.axis == axis]) for axis in AXES]
    return render(request, "licensing/reasons.html", {"axes": rows, "rules_version": rules_version()})


@page
@require_safe
def reason(request: HttpRequest, code: str) -> HttpResponse:
    """One reason code: what it says, on whose authority, how far that was checked."""
    text = CATALOGUE.get(code)
    if text is None:
        raise NotFound(f"The rules have no reason {code}.")
    questions = LegalQuestion.objects.filter(reason_codes__contains=[code]).prefetch_related("sources")
    chinese = (get_language() or "").startswith("zh")
    template = wording("zh-hans").messages["reason"].get(code, text.sentence) if chinese else text.sentence
    context = {
        "code": code,
        "text": text,
        "template": template,
        "plain": reason_words.PLAIN[code],
        "open": reason_words.OPEN.get(code, []),
        "law": law_of(code),
        "places": [words.territory(place) for place in found.territories] if (found := law_of(code)) else [],
        "questions": [((chinese and row.question_zh) or row.question, row) for row in questions],
        "rules_version": rules_version(),
    }
    return render(request, "licensing/reason.html", context)

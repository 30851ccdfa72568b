"""Pages for everybody that join packages: home, a work, a dataset, the reasons explained."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

import ingest.access
import registry.access
from ingest.models import Deposit, Scan
from licensing.evidence.wording import wording
from licensing.models import LegalQuestion
from licensing.rules.catalogue import AXES, CATALOGUE
from licensing.rules.facts import ReservationSearch
from licensing.rules.terms import Purpose, Use
from licensing.rules.verdict import rules_version
from licensing.selectors.cases import Question
from licensing.services.assertions import today
from licensing.web import answers, words
from licensing.web.forms import WorkQuestionForm
from registry.errors import NotFound
from registry.models import AIModel, Component, Dataset, Entry, ProvenanceClaim, Work
from registry.web.pages import actor_of, page
from registry.web.views import work_address

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
        "is_demo": works.filter(registered_by__slug="sample-shelf").exists(),
    }
    return render(request, "licensing/home.html", context)


@page
@require_safe
def work(request: HttpRequest, address: str) -> HttpResponse:
    """A work: its verdict for the question in the form first, then what is recorded about it."""
    actor = actor_of(request)
    found = registry.access.work(actor, address.partition("-")[0])
    proper = work_address(found)
    if request.path != proper:
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{proper}?{query}" if query else proper)
    initial: dict[str, Any] = {
        "use": Use.PRETRAINING,
        "purpose": Purpose.COMMERCIAL,
        "territory": "US",
        "on": today(),
        "acquisition": Scan.Acquisition.LAWFUL,
    }
    given = {name: request.GET.get(name) or value for name, value in initial.items()}
    form = WorkQuestionForm(given)
    question = form.cleaned_data if form.is_valid() else initial
    asked = Question(question["use"], question["purpose"], question["territory"], question["on"], actor.organisation)
    copy = {"acquisition": question["acquisition"], "reservation_search": ReservationSearch.EVIDENCED.value}
    is_own = actor.organisation is not None and actor.organisation == found.registered_by
    said = answers.statements(actor, found)
    context = {
        "work": found,
        "form": form,
        "live": answers.explain(found, asked, copy),
        "statements": said,
        "editions": found.editions.select_related("translator").prefetch_related("identifiers"),
        "identifiers": found.identifiers.filter(edition__isnull=True),
        "people": found.contributions.select_related("party"),
        "registrations": found.registrations.all(),
        "deposits": ingest.access.deposits(actor).filter(work=found),
        "is_held": Deposit.objects.filter(work=found, withdrawn_at__isnull=True, fingerprint__isnull=False).exists(),
        "matches": ingest.access.matches(actor).filter(work=found).order_by("-id")[:10],
        "entries": _entries(found, said),
        "is_own": is_own,
        "may_write": is_own and actor.may_write,
        "kinds": list(words.STATEMENTS),
    }
    return render(request, "licensing/work.html", context)


def _entries(work: Work, said: list[tuple[str, Any]]) -> Any:
    """The log entries of the work and of the statements that are shown with it, newest first."""
    subjects = [f"{kind.replace('-', '_')}:{row.public_id}" for kind, row in said]
    return Entry.objects.filter(subject__in=[f"work:{work.public_id}", *subjects]).order_by("-id")


@page
@require_safe
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """A dataset: figures with their sources, components, what is claimed about it, proceedings, releases, own scans."""
    actor = actor_of(request)
    found = registry.access.dataset(actor, slug)
    claims = ProvenanceClaim.objects.select_related(
        "subject_model", "subject_dataset", "object_model", "object_dataset"
    ).prefetch_related("sources")
    components = Component.objects.filter(release__dataset=found).select_related("dataset", "source", "release")
    context = {
        "dataset": found,
        "figures": found.figures.select_related("source"),
        "components": components.order_by("-weight_percent", "id"),
        "part_of": Component.objects.filter(
            dataset=found, release__dataset__in=registry.access.datasets(actor)
        ).select_related("release__dataset", "source"),
        "claims": claims.filter(subject_dataset=found),
        "naming": claims.filter(object_dataset=found).order_by("subject_model__name", "key"),
        "proceedings": found.proceedings.prefetch_related("sources", "parties"),
        "releases": found.releases.all(),
        "scans": ingest.access.scans(actor)
        .filter(release__dataset=found)
        .select_related("release")
        .order_by("-id")[:20],
        "sources": found.sources.all(),
        "is_own": actor.organisation is not None and found.organisation == actor.organisation,
    }
    return render(request, "licensing/dataset.html", context)


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
        "questions": [((chinese and row.question_zh) or row.question, row) for row in questions],
        "rules_version": rules_version(),
    }
    return render(request, "licensing/reason.html", context)

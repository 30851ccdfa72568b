"""The page of a work: what it is, who speaks for it, how it stands for every use, where it was found, how to get it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

import ingest.access
import registry.access
from ingest.models import Deposit, Scan
from licensing import access
from licensing.models import Offer
from licensing.rules.facts import ReservationSearch
from licensing.rules.terms import Purpose, Use
from licensing.selectors import finds, standing
from licensing.selectors import twins as documents
from licensing.selectors.cases import Question
from licensing.services.assertions import today
from licensing.web import answers, twins
from licensing.web.addresses import address_of
from licensing.web.question_forms import WorkQuestionForm
from licensing.web.statement_forms import STATEMENT_FORMS
from registry.actors import Actor
from registry.errors import NotFound
from registry.models import Entry, ImportRow, RightsClaim, Work
from registry.web.pages import actor_of, page


@page
@require_safe
def work(request: HttpRequest, address: str) -> HttpResponse:
    """A work, or its twin in JSON-LD; one that was withdrawn is gone, and the page says since when and by whom."""
    actor = actor_of(request)
    public_id = address.partition("-")[0]
    try:
        found = registry.access.work(actor, public_id)
    except NotFound:
        gone = access.tombstone(public_id)
        if gone is None:
            raise
        return render(request, "licensing/gone.html", {"work": gone}, status=410)
    proper = address_of(found)
    if request.path.removesuffix(twins.SUFFIX) != proper:
        query = request.META.get("QUERY_STRING", "")
        kept = proper + (twins.SUFFIX if request.path.endswith(twins.SUFFIX) else "")
        return HttpResponsePermanentRedirect(f"{kept}?{query}" if query else kept)
    return twins.either(
        request, proper, lambda: documents.work(found, address_of), lambda: _page(request, found, actor)
    )


def _page(request: HttpRequest, found: Work, actor: Actor) -> HttpResponse:
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
    offers = _offers(found)
    context = {
        "work": found,
        "form": form,
        "live": answers.explain(found, asked, copy),
        "asked": asked,
        "territories": standing.TERRITORIES,
        "standings": standing.table(found, on=asked.on, purpose=asked.purpose, licensee=asked.licensee),
        "offers": offers,
        "worded": [row for row in offers if row.agreed_terms is None],
        "speakers": _speakers(found),
        "finds": finds.of_work(found),
        "statements": said,
        "editions": found.editions.select_related("translator").prefetch_related("identifiers"),
        "identifiers": found.identifiers.filter(edition__isnull=True),
        "names_publisher": found.editions.exclude(publisher="").exists(),
        "people": found.contributions.select_related("party"),
        "registrations": found.registrations.all(),
        "deposits": ingest.access.deposits(actor).filter(work=found),
        "is_held": Deposit.objects.filter(work=found, withdrawn_at__isnull=True, fingerprint__isnull=False).exists(),
        "matches": ingest.access.matches(actor).filter(work=found).order_by("-id")[:10],
        "entries": _entries(found, said),
        "is_own": is_own,
        "may_write": is_own and actor.may_write,
        "kinds": list(STATEMENT_FORMS),
        "permanent": f"/works/{found.public_id}",
    }
    return render(request, "licensing/work.html", context)


def _offers(work: Work) -> list[Offer]:
    """The offers that can be taken up today."""
    on = today()
    rows = access.offers(work).filter(withdrawn_at=None)
    return [
        row for row in rows if not (row.valid_to and row.valid_to < on) and not (row.valid_from and row.valid_from > on)
    ]


def _speakers(work: Work) -> list[RightsClaim]:
    """Who claims to speak for it, whoever was verified furthest first."""
    rows = RightsClaim.objects.filter(work=work, withdrawn_at=None).select_related("holder", "asserted_by")
    return sorted(rows, key=lambda claim: -standing.VERIFIED.index(claim.verification))


def _entries(work: Work, said: list[tuple[str, Any]]) -> Any:
    """The log entries of the work, of the files it came with, of who speaks for it and of the statements shown with it.

    Newest first. A file has one entry for all its works, with the root over its rows.
    """
    subjects = [f"{kind.replace('-', '_')}:{row.public_id}" for kind, row in said]
    subjects += [f"claim:{name}" for name in RightsClaim.objects.filter(work=work).values_list("public_id", flat=True)]
    files = ImportRow.objects.filter(work=work, leaf__isnull=False, batch__entry__isnull=False)
    subjects += [f"import:{name}" for name in files.values_list("batch__public_id", flat=True)]
    return Entry.objects.filter(subject__in=[f"work:{work.public_id}", *subjects]).order_by("-id")

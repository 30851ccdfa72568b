"""Pages of evidence bundles: ask for one, watch it being made, take it home."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from licensing import access
from licensing.models import Report
from licensing.services import reports
from licensing.web.forms import ReportForm
from registry.errors import InvalidInput
from registry.selectors import progress
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import actor_of, cut, member_page


@member_page
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """The organisation's bundles."""
    return render(request, "licensing/reports.html", {"page": cut(access.reports(actor_of(request)), request)})


@member_page
@require_POST
def request_report(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for the bundle of a decided clearance, in a language."""
    actor = actor_of(request)
    clearance = access.clearance(actor, public_id)
    form = ReportForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose the language of the report.")
    report = reports.request(clearance=clearance, language=form.cleaned_data["language"], actor=actor)
    return redirect("report", public_id=report.public_id)


@member_page
@require_safe
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """One bundle: its progress, then its address, hash and how to verify it."""
    found = access.report(actor_of(request), public_id)
    is_waiting = found.state == Report.State.WAITING
    context = {
        "report": found,
        "is_waiting": is_waiting,
        "progress": progress.of(found.job) if found.job else None,
        "reload_seconds": RELOAD_SECONDS if is_waiting else 0,
        "file_name": reports.file_name(found),
    }
    if request.headers.get("HX-Request"):
        return render(request, "licensing/_report.html", context)
    return render(request, "licensing/report.html", context)


@member_page
@require_safe
def bundle(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The bundle itself."""
    found = access.report(actor_of(request), public_id)
    return FileResponse(
        reports.open_bundle(found),
        as_attachment=True,
        filename=reports.file_name(found),
        content_type="application/zip",
    )

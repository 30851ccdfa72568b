"""Pages for the registry's operators: what waits to be verified, and verifying it, one by one or together."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

import registry.access
from licensing.rules import terms
from licensing.services import bulk_verification, verification
from licensing.services.assertions import UNPROVED
from licensing.services.verification import KINDS
from licensing.web.authority_forms import VerificationForm
from licensing.web.operators_forms import BulkVerificationForm, ClaimsForm
from registry.errors import Conflict, InvalidInput, NotFound
from registry.models import Organisation, RightsClaim
from registry.web.pages import View, actor_of, cut, page

SAMPLE = 20  # claims of a choice that are shown


def operator_page(view: View) -> View:
    """A page for staff: others are asked to sign in, and for whoever is signed in and no operator it does not exist."""

    @page
    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            raise NotFound("There is no such page, or none that you may see.")
        return view(request, *arguments, **names)

    return answer


def _rows(kind: str) -> QuerySet[Any]:
    if kind not in KINDS:
        raise NotFound(f"There is no statement of the kind {kind[:40]}.")
    rows: QuerySet[Any] = KINDS[kind]._default_manager.select_related("work", "asserted_by")
    return rows.select_related("holder") if kind == "claim" else rows


@operator_page
@require_safe
def verifications(request: HttpRequest) -> HttpResponse:
    """What nobody has verified by a document yet, oldest first, one kind at a time; or one statement by its number."""
    kind = request.GET.get("kind", "claim")
    rows = _rows(kind).filter(withdrawn_at__isnull=True).order_by("id")
    number = request.GET.get("number", "").strip().lower()
    if number:
        rows = rows.filter(public_id=number) if number.isascii() and number.isalnum() else rows.none()
    else:
        rows = rows.filter(verification__in=sorted(UNPROVED)).exclude(capacity=terms.Capacity.OBSERVER)
    context = {"kind": kind, "kinds": list(KINDS), "page": cut(rows, request), "number": number}
    return render(request, "licensing/operators_verifications.html", context)


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Record how far one statement is verified, with the evidence."""
    row = registry.access.one(_rows(kind), "statement", public_id=public_id)
    form = VerificationForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            verification.verify(
                row,
                kind=kind,
                verification=data["level"],
                evidence=data["evidence"],
                evidence_sha256=data["evidence_sha256"],
                actor=actor_of(request),
            )
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            messages.success(request, _("It is recorded, and its log entry is on its way."))
            return redirect("verifications")
    context = {"form": form, "row": row, "kind": kind, "work": row.work}
    return render(request, "licensing/operators_verify.html", context, status=422 if form.errors else 200)


@operator_page
@require_safe
def waiting_claims(request: HttpRequest) -> HttpResponse:
    """The organisations with claims that nobody has looked at, those with the most first."""
    return render(request, "licensing/operators_claims.html", {"page": cut(bulk_verification.waiting(), request)})


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def verify_claims(request: HttpRequest, slug: str) -> HttpResponse:
    """Verify many claims of one organisation by one document: which, looked at first; how far, and by what."""
    organisation = registry.access.one(Organisation.objects.all(), "organisation", slug=slug)
    choice = ClaimsForm(request.GET)
    rows = _chosen(choice, organisation)
    number = rows.count()
    form = BulkVerificationForm(request.POST or None, request.FILES or None, initial={"expected": number})
    if request.method == "POST" and choice.is_valid() and form.is_valid():
        data = form.cleaned_data
        try:
            done = bulk_verification.verify(
                choice.chosen(organisation),
                verification=data["level"],
                evidence=data["evidence"],
                evidence_sha256=data["evidence_sha256"],
                expected=data["expected"],
                actor=actor_of(request),
            )
        except InvalidInput as error:
            form.add_service_errors(error)
        except Conflict as error:
            renewed = request.POST.copy()
            renewed["expected"] = str(number)
            form = BulkVerificationForm(renewed, request.FILES)
            form.full_clean()
            form.add_error(None, error.sentence)
        else:
            said = ngettext("%(number)d claim is verified.", "%(number)d claims are verified.", done.claims)
            messages.success(request, said % {"number": done.claims})
            return redirect("claims-waiting")
    context = {
        "organisation": organisation,
        "choice": choice,
        "form": form,
        "number": number,
        "sample": rows.select_related("work")[:SAMPLE],
        "chosen_by": request.GET.urlencode(),
    }
    faulty = bool(form.errors or choice.errors)
    return render(request, "licensing/operators_verify_claims.html", context, status=422 if faulty else 200)


def _chosen(choice: ClaimsForm, organisation: Organisation) -> QuerySet[RightsClaim]:
    """The claims that a choice holds; none while it has a fault, which the form then shows."""
    if choice.is_valid():
        try:
            return bulk_verification.selected(choice.chosen(organisation))
        except InvalidInput as error:
            choice.add_service_errors(error)
    return RightsClaim.objects.none()

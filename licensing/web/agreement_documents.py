"""The document of an agreement for its parties, and the page on which anybody who has one learns what it is worth."""

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from licensing import access
from licensing.evidence.wording import LANGUAGES
from licensing.services import agreement_documents
from licensing.services.assertions import today
from registry.services import log
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, member_page, page

JSON_LD = "application/ld+json"


class VerifyForm(AccessibleForm):
    """A document that somebody brings."""

    file = forms.FileField(
        label=gettext_lazy("Document"),
        help_text=gettext_lazy("The PDF or the JSON-LD file of an agreement. It is read and not kept."),
    )

    def clean_file(self) -> bytes:
        """Its bytes, up to what a document can have."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > agreement_documents.MAX_UPLOAD_BYTES:
            raise forms.ValidationError(gettext_lazy("This file is larger than any document of an agreement."))
        content: bytes = file.read()
        return content


@member_page
@require_safe
def document(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the document is, its files, and how others verify it."""
    found = access.agreement(actor_of(request), public_id)
    context = {
        "agreement": found,
        "standing": agreement_documents.standing(found),
        "key": log.verifier_key(),
        "languages": [(language, "中文" if language == "zh-hans" else "English") for language in LANGUAGES],
    }
    return render(request, "licensing/agreement_document.html", context)


@member_page
@require_safe
def file(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """The document as it was signed (jsonld), or as a page of paper (pdf, `?language=`)."""
    found = access.agreement(actor_of(request), public_id)
    if form == "jsonld":
        content, kind = agreement_documents.file(found), JSON_LD
    else:
        spoken = "zh-hans" if (get_language() or "").startswith("zh") else "en"
        content, kind = agreement_documents.pdf(found, request.GET.get("language", spoken)), "application/pdf"
    name = f"colophon-agreement-{found.public_id}.{form}"
    disposition = content_disposition_header(as_attachment=form == "jsonld", filename=name) or ""
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponseBase:
    """Whether a document is genuine, unchanged and in force. It says nothing of what stands in others."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    context: dict[str, object] = {"form": form, "today": today()}
    if request.method == "POST":
        refusal = ratelimit.consume_or_429(request, action="verify_document")
        if refusal:
            return refusal
        if form.is_valid():
            context |= {"asked": True, "found": agreement_documents.verify(form.cleaned_data["file"])}
    return render(request, "licensing/verify.html", context, status=422 if form.errors else 200)

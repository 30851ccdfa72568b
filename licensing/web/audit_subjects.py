"""The page on which an organisation says which dataset an audit is about."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

import ingest.access
from ingest.services import audit_subjects
from registry.errors import InvalidInput
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, member_page


class SubjectFields(forms.Form):
    """A dataset and a release of it; both may be empty."""

    dataset = forms.CharField(
        label=gettext_lazy("Dataset that it is of"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("By its name, or as in its address: one of yours or a public one. Empty: none."),
    )
    release = forms.CharField(
        label=gettext_lazy("Release"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Empty: the dataset as a whole."),
    )


class SubjectForm(AccessibleForm, SubjectFields):
    """What an audit is about."""


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say which dataset an audit is about, or that it is about none."""
    actor = actor_of(request)
    found = ingest.access.audit(actor, public_id)
    initial: dict[str, Any] = {}
    if found.dataset is not None:
        initial = {"dataset": found.dataset.slug, "release": found.release.version if found.release else ""}
    form = SubjectForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        data = form.cleaned_data
        try:
            subject = audit_subjects.find(actor, data["dataset"], data["release"])
            audit_subjects.say(audit=found, subject=subject, actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            said = (
                _("It is recorded which dataset the audit is about.")
                if subject
                else _("The audit is about no dataset.")
            )
            messages.success(request, said)
            return redirect("audit", public_id=found.public_id)
    context = {"audit": found, "form": form, "may_write": actor.may_write}
    return render(request, "licensing/audit_about.html", context, status=422 if form.errors else 200)

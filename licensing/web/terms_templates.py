"""Pages of templates of terms: kept under a name, used again in requests, proposals and offers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing import access
from licensing.models import TermsTemplate
from licensing.selectors import licence_requests as selectors
from licensing.services import terms_templates
from licensing.services.terms_templates import MAX_NAME
from licensing.web.agreements_forms import TermsForm, initial_of
from registry.actors import Actor
from registry.web.pages import actor_of, member_page


class TemplateForm(TermsForm):
    """Terms with a name."""

    name = forms.CharField(label=gettext_lazy("Name of the template"), max_length=MAX_NAME)


@member_page
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """The organisation's templates, each in its latest version."""
    actor = actor_of(request)
    assert actor.organisation is not None
    rows = selectors.templates(actor.organisation)
    return render(request, "licensing/terms_templates.html", {"rows": rows, "actor": actor})


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_template(request: HttpRequest) -> HttpResponse:
    """Keep terms under a name."""
    actor = actor_of(request)
    actor.require_writer()
    form = TemplateForm(request.POST or None, initial={"affiliates": "all", "sublicensing": "none"})
    return _save(request, form, actor, None)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, public_id: str) -> HttpResponse:
    """A template to read, and for those who may write to change: what is saved is its next version."""
    actor = actor_of(request)
    found = access.terms_template(actor, public_id)
    form = TemplateForm(request.POST or None, initial=initial_of(found.terms) | {"name": found.name})
    if request.method == "POST":
        actor.require_writer()
    return _save(request, form, actor, found)


def _save(request: HttpRequest, form: TemplateForm, actor: Actor, found: TermsTemplate | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: terms_templates.save(name=form.cleaned_data["name"], terms=form.to_terms(), actor=actor)
        )
        if made is not None:
            said = _("“%(name)s” is kept as version %(number)d.") % {"name": made.name, "number": made.version}
            messages.success(request, said)
            return redirect("terms-templates")
    context: dict[str, Any] = {"form": form, "found": found, "may_write": actor.may_write, "lead": [form["name"]]}
    return render(request, "licensing/terms_template.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def withdraw_template(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a template off the list; what was agreed by it keeps its terms."""
    actor = actor_of(request)
    found = access.terms_template(actor, public_id)
    terms_templates.withdraw(found, actor=actor)
    messages.success(request, _("The template is removed."))
    return redirect("terms-templates")

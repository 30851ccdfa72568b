"""Pages about an organisation's own policies: which verdicts block. No policy changes a verdict."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing import access
from licensing.models import Policy
from licensing.rules.policy import PROFILES, load_profile
from licensing.rules.terms import Verdict
from licensing.services import policies
from licensing.web import words
from registry.errors import Conflict, InvalidInput
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, cut, member_page
from registry.web.refusals import said

FIELDS = {"file": "upload"}
WORST_FIRST = [word.value for word in Verdict]
OPTIONAL = [word for word in WORST_FIRST if word not in (Verdict.NOT_CLEARED, Verdict.CLEARED)]


class PolicyForm(AccessibleForm):
    """A policy's name and what blocks under it, or a file that says so."""

    name = forms.SlugField(
        label=gettext_lazy("Name"),
        max_length=policies.MAX_NAME,
        help_text=gettext_lazy("Small letters, digits and hyphens. A name you have already gets a new version."),
    )
    blocks = forms.MultipleChoiceField(
        label=gettext_lazy("Blocks as well"),
        help_text=gettext_lazy("What is not cleared always blocks; what is cleared never does."),
        choices=lambda: [(word, words.said(words.VERDICTS, word)) for word in OPTIONAL],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    quotations = forms.BooleanField(
        label=gettext_lazy("Mere quotations count"),
        required=False,
        help_text=gettext_lazy("Otherwise a work of which only a quotation was found is listed and blocks nothing."),
    )
    upload = forms.FileField(
        label=gettext_lazy("Or a policy file"),
        required=False,
        help_text=gettext_lazy("TOML, as the client reads it with --policy. Then the boxes above are not read."),
    )
    note = forms.CharField(
        label=gettext_lazy("Why it is so"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@member_page
@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """The organisation's policies by name, newest version, and the profiles that come with the rules."""
    actor = actor_of(request)
    newest = access.policies(actor).order_by("name", "-version").distinct("name")
    shown = cut(newest, request, 50)
    context = {
        "page": shown,
        "profiles": [load_profile(name) for name in PROFILES],
        "verdicts": WORST_FIRST,
        "may_write": actor.may_write,
    }
    return render(request, "licensing/policies.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a policy or its next version; what was typed stays typed when something is wrong."""
    actor = actor_of(request)
    actor.require_writer()
    start = access.policies(actor).filter(name=request.GET.get("name", "")[:60]).order_by("version").last()
    form = PolicyForm(request.POST or None, request.FILES or None, initial=_initial(start))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if data["upload"]:
                raw = data["upload"].read(policies.MAX_FILE_BYTES + 1)
                row = policies.write_file(name=data["name"], raw=raw, note=data["note"], actor=actor)
            else:
                blocks = {word: word in data["blocks"] for word in OPTIONAL}
                row = policies.write(
                    name=data["name"], blocks=blocks, quotations=data["quotations"], note=data["note"], actor=actor
                )
        except InvalidInput as error:
            form.add_service_errors(error, FIELDS)
        else:
            messages.success(request, _("The policy can be chosen in every check from now on."))
            return redirect("policy", public_id=row.public_id)
    return render(request, "licensing/policy_new.html", {"form": form}, status=422 if form.errors else 200)


def _initial(start: Policy | None) -> dict[str, Any]:
    if start is None:
        return {"blocks": [Verdict.CONTESTED.value]}
    return {"name": start.name, "blocks": start.blocking, "quotations": start.quotations, "note": start.note}


@member_page
@require_safe
def policy(request: HttpRequest, public_id: str) -> HttpResponse:
    """One version of a policy: what blocks under it, its other versions, its file."""
    actor = actor_of(request)
    found = access.policy(actor, public_id)
    context = {
        "policy": found,
        "rows": [(word, found.blocks.get(word, False)) for word in WORST_FIRST],
        "versions": access.policies(actor).filter(name=found.name).order_by("-version"),
        "toml": policies.as_toml(found),
        "may_write": actor.may_write,
    }
    return render(request, "licensing/policy.html", context)


@member_page
@require_POST
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Offer a policy no longer; answers given under it keep it."""
    actor = actor_of(request)
    found = access.policy(actor, public_id)
    try:
        policies.withdraw(policy=found, actor=actor)
        messages.success(request, _("The policy is chosen no longer; answers that were given under it keep it."))
    except Conflict as error:
        messages.warning(request, said(error.sentence))
    return redirect("policies")

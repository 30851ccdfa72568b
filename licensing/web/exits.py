"""Pages of members that leave a collective society: say so, see what it changes, come back."""

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from licensing import access
from licensing.models import MemberExit
from licensing.selectors import exit_effects
from licensing.services import member_exits
from licensing.services.assertions import today
from licensing.web import agreements_words
from licensing.web.forms import DayField, choices
from licensing.web.listed_works import ListedField, listed_works
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotFound
from registry.models import Organisation
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, cut, member_page

WORKS_PER_PAGE = 50


class ExitForm(AccessibleForm):
    """Which society is left, for which works and channels, from which day on."""

    society = forms.ChoiceField(label=gettext_lazy("Society"))
    which = forms.ChoiceField(
        label=gettext_lazy("For which works"),
        choices=[("all", gettext_lazy("all works of ours")), ("listed", gettext_lazy("those in this list"))],
        initial="all",
        widget=forms.RadioSelect,
    )
    listed = ListedField(
        label=gettext_lazy("List of works"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One a line: an ISBN, a DOI, another identifier, or a work's number here."),
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("For which kind of licence"),
        choices=lambda: choices(agreements_words.CHANNELS, exit_effects.CHANNELS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: for both."),
    )
    leaves_on = DayField(
        label=gettext_lazy("From the day"),
        initial=today,
        required=True,
        help_text=gettext_lazy("From this day on the society's licences no longer reach these works."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for the society"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *arguments: Any, known: list[tuple[Organisation, int]], **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.known = {row.slug: row for row, _works in known}
        field = self.fields["society"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.slug, _society(row, works)) for row, works in known]

    def clean_leaves_on(self) -> datetime.date:
        """Today or later: what was done on days that are over stays covered."""
        day: datetime.date = self.cleaned_data["leaves_on"]
        if day < today():
            raise forms.ValidationError(_("This day is over. Members leave from today on at the earliest."))
        return day

    def clean(self) -> dict[str, Any]:
        """A list where one is meant."""
        data = super().clean() or self.cleaned_data
        if data.get("which") == "listed" and not data.get("listed") and "listed" not in self.errors:
            self.add_error("listed", _("List at least one work."))
        return data


def _society(row: Organisation, works: int) -> str:
    said = ngettext("speaks for %(number)d work of yours", "speaks for %(number)d works of yours", works)
    return f"{row} ({said % {'number': works}})" if works else str(row)


@member_page
@require_safe
def exit_list(request: HttpRequest) -> HttpResponse:
    """Which societies the organisation left, and who left it, newest first."""
    actor = actor_of(request)
    shown = cut(access.member_exits(actor).order_by("-id"), request)
    context = {"page": shown, "rows": [(row, state(row)) for row in shown.object_list], "actor": actor}
    return render(request, "licensing/exits.html", context)


def state(row: MemberExit) -> str:
    """withdrawn | announced (its day is still to come) | begins (its day has come, a worker ends the grants) | left."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.leaves_on > today():
        return "announced"
    return "left" if row.effective_at is not None else "begins"


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_exit(request: HttpRequest) -> HttpResponse:
    """Take works out of a society's repertoire from a day on."""
    actor = actor_of(request)
    organisation = actor.require_writer()
    bound = request.POST if request.method == "POST" else None
    form = ExitForm(bound, known=exit_effects.societies(organisation))
    if form.is_valid() and (made := _leave(form, actor)) is not None:
        messages.success(request, _("It is on record, and the society sees it."))
        return redirect("member-exit", public_id=made.public_id)
    return render(request, "licensing/exit_new.html", {"form": form}, status=422 if form.errors else 200)


def _leave(form: ExitForm, actor: Actor) -> MemberExit | None:
    data = form.cleaned_data
    works = listed_works(form, actor) if data["which"] == "listed" else []
    if form.errors:
        return None
    try:
        return member_exits.leave(
            society=form.known[data["society"]],
            works=[work.public_id for work in works],
            channels=data["channels"],
            leaves_on=data["leaves_on"],
            reason=data["reason"],
            actor=actor,
        )
    except InvalidInput as error:
        form.add_service_errors(error, {"works": "listed"})
    return None


@member_page
@require_safe
def show_exit(request: HttpRequest, public_id: str) -> HttpResponse:
    """One exit: who left whom, from when, for which works, and what it changes."""
    actor = actor_of(request)
    found = access.member_exit(actor, public_id)
    is_society = found.society == actor.organisation
    context = {
        "exit": found,
        "state": state(found),
        "is_society": is_society,
        "can_return": not is_society and actor.may_write and found.withdrawn_at is None,
        "losses": exit_effects.losses(found)
        if is_society and (found.withdrawn_at is None or found.effective_at)
        else [],
        "page": cut(exit_effects.works_of(found), request, WORKS_PER_PAGE),
    }
    return render(request, "licensing/exit.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_exit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once more, then come back to the society; what has ended stays ended."""
    actor = actor_of(request)
    found = access.member_exit(actor, public_id)
    if found.organisation != actor.require_writer():
        raise NotFound("There is no exit of your organisation under this number.")
    if found.withdrawn_at is not None:
        raise Conflict("This exit was taken back before.")
    if request.method == "POST":
        member_exits.withdraw(found, actor=actor)
        messages.success(request, _("The society can license these works again. What has ended stays ended."))
        return redirect("member-exit", public_id=found.public_id)
    return render(request, "licensing/exit_withdraw.html", {"exit": found, "state": state(found)})

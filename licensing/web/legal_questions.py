"""Pages about open legal questions, and about what an organisation's own lawyer answers to them."""

import datetime
from collections.abc import Iterable, Mapping

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from licensing import output_access
from licensing.models import LegalQuestion
from licensing.selectors import opinions as selectors
from licensing.selectors.opinions import Cited
from licensing.services import opinions
from licensing.services.assertions import today
from licensing.web import output_words
from licensing.web.forms import DayField
from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import Source
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, member_page, page


class OpinionForm(AccessibleForm):
    """What a lawyer answers, why, since when and who signs."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Answer"), choices=lambda: output_words.choices("answer"), widget=forms.RadioSelect
    )
    reasoning = forms.CharField(
        label=gettext_lazy("Reasons"), max_length=opinions.MAX_REASONING, widget=forms.Textarea(attrs={"rows": 10})
    )
    signed_as = forms.CharField(
        label=gettext_lazy("Who answers for it"),
        max_length=200,
        help_text=gettext_lazy("Name and office, as it is to be cited."),
    )
    valid_from = DayField(label=gettext_lazy("Holds from"), help_text=gettext_lazy("Empty: today."))


def asked_in(question: LegalQuestion) -> str:
    """The question in the reader's language where it has it."""
    chinese = (get_language() or "").startswith("zh")
    return question.question_zh if chinese and question.question_zh else question.question


def position_in(said: Mapping[str, str]) -> str:
    """A position in the reader's language where it has it."""
    chinese = (get_language() or "").startswith("zh")
    return (said.get("position_zh") if chinese else "") or said["position"]


def cited(actor: Actor, codes: Iterable[str], on: datetime.date) -> list[tuple[str, Cited]]:
    """The open questions that these reasons rest on, each once, with the actor's organisation's opinion of that day."""
    found = selectors.cited(actor.organisation, codes, on)
    rows = {one.question.pk: one for questions in found.values() for one in questions}
    return [(asked_in(one.question), one) for one in rows.values()]


@page
@require_safe
def question_list(request: HttpRequest) -> HttpResponse:
    """Every open question, with one's own organisation's answer."""
    own = {row.question_id: row for row in output_access.opinions(actor_of(request)).order_by("valid_from", "id")}
    rows = [(asked_in(row), row, own.get(row.pk)) for row in output_access.legal_questions()]
    return render(request, "licensing/questions.html", {"rows": rows})


@page
@require_safe
def question(request: HttpRequest, key: str) -> HttpResponse:
    """One question: who says what, which reasons cite it, and what one's own organisation answered when."""
    actor = actor_of(request)
    found = output_access.legal_question(key)
    sources = {row.key: row for row in Source.objects.filter(key__in=[one.get("source") for one in found.positions])}
    context = {
        "question": found,
        "asked": asked_in(found),
        "positions": [(position_in(one), sources.get(one.get("source"))) for one in found.positions],
        "opinions": output_access.opinions(actor, found),
        "may_answer": opinions.may_answer(actor),
        "is_member": actor.organisation is not None,
    }
    return render(request, "licensing/question.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """Record one's own organisation's answer; it supersedes the one before."""
    actor = actor_of(request)
    found = output_access.legal_question(key)
    if not opinions.may_answer(actor):
        raise NotAllowed("You need the role of lawyer or owner in your organisation to answer an open question.")
    form = OpinionForm(request.POST if request.method == "POST" else None, initial={"valid_from": today()})
    if form.is_valid():
        try:
            opinions.record(found, actor=actor, **form.cleaned_data)
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            messages.success(request, _("The opinion is recorded. Your verdicts cite it from its day on."))
            return redirect("legal-question", key=found.key)
    latest = output_access.opinions(actor, found).first()
    context = {"form": form, "question": found, "asked": asked_in(found), "latest": latest}
    return render(request, "licensing/opinion_new.html", context, status=422 if form.errors else 200)

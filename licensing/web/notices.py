"""Pages of notices to those who host a dataset: what was found, the letter, what became of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from licensing import access
from licensing.models import Notice
from licensing.selectors import notices as selectors
from licensing.selectors.notices import Basis
from licensing.services import notice_papers, notices
from licensing.services.assertions import today
from licensing.services.notices import Letter
from licensing.web.forms import DayField
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput
from registry.web.forms import AccessibleForm, choices
from registry.web.pages import actor_of, cut, member_page

WORKS_SHOWN = 50
SENT_BY = [("email", gettext_lazy("by e-mail, now")), ("post", gettext_lazy("I have sent it by post"))]
State = Notice.State


class HostForm(AccessibleForm):
    """Who hosts the dataset, and by when an answer is asked for."""

    host_name = forms.CharField(label=gettext_lazy("Host"), max_length=200)
    host_email = forms.EmailField(label=gettext_lazy("E-mail address of the host"), required=False)
    host_address = forms.URLField(
        label=gettext_lazy("Where the host takes notices"), required=False, max_length=500, assume_scheme="https"
    )
    answer_by = DayField(label=gettext_lazy("Answer asked for by"), help_text=gettext_lazy("Empty: in 30 days."))

    def letter(self, *, ask: str, language: str) -> Letter:
        """What services take."""
        names = ("host_name", "host_email", "host_address", "answer_by")
        said = {name: self.cleaned_data[name] for name in names}
        return Letter(ask=ask, language=language, **said)


class NoticeForm(HostForm):
    """A new notice."""

    dataset = forms.ChoiceField(label=gettext_lazy("Dataset"))
    ask = forms.ChoiceField(label=gettext_lazy("What you ask for"), choices=lambda: choices(Notice.Ask.values))
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the letter"), choices=[("en", "English"), ("zh-hans", "简体中文")]
    )
    field_order = ("dataset", "ask", "host_name", "host_email", "host_address", "language", "answer_by")

    def __init__(self, *arguments: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.datasets = {row.slug: row for row in selectors.datasets_for(actor.require_writer())}
        field = self.fields["dataset"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(slug, str(row)) for slug, row in self.datasets.items()]


class LetterForm(HostForm):
    """The letter before it is sent."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=notices.MAX_BODY, widget=forms.Textarea(attrs={"rows": 14})
    )


class SendForm(AccessibleForm):
    """How it goes."""

    by = forms.ChoiceField(label=gettext_lazy("How"), choices=SENT_BY, widget=forms.RadioSelect)
    on = DayField(label=gettext_lazy("Posted on"), help_text=gettext_lazy("By post only. Empty: today."))


class StepForm(AccessibleForm):
    """What happened, and when."""

    on = DayField(label=gettext_lazy("On"), required=True)
    text = forms.CharField(
        label=gettext_lazy("What was said or done"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )


class WithdrawForm(AccessibleForm):
    """Why it is taken back."""

    text = forms.CharField(label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


@member_page
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """The organisation's notices, newest first."""
    actor = actor_of(request)
    context = {"page": cut(access.notices(actor), request), "may_write": actor.may_write}
    return render(request, "licensing/notices.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_notice(request: HttpRequest) -> HttpResponse:
    """Draft a notice: about all works of one's own in a dataset, or (`?clearance=`) those of one's own check."""
    actor = actor_of(request)
    actor.require_writer()
    asked = request.GET.get("clearance", "")
    clearance = access.clearance(actor, asked) if asked else None
    first = clearance.scan.release.dataset.slug if clearance else request.GET.get("dataset", "")
    spoken = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    bound = request.POST if request.method == "POST" else None
    form = NoticeForm(bound, actor=actor, initial={"dataset": first, "language": spoken})
    if form.is_valid():
        dataset = form.datasets[form.cleaned_data["dataset"]]
        own = clearance if clearance and clearance.scan.release.dataset == dataset else None
        basis = Basis(dataset, own.scan.release if own else None, own)
        said = form.letter(ask=form.cleaned_data["ask"], language=form.cleaned_data["language"])
        try:
            made = notices.draft(basis, said, actor=actor)
            return redirect("notice", public_id=made.public_id)
        except InvalidInput as error:
            form.add_service_errors(error)
    context = {"form": form, "clearance": clearance}
    return render(request, "licensing/notice_new.html", context, status=422 if form.errors else 200)


@member_page
@require_safe
def notice(request: HttpRequest, public_id: str) -> HttpResponse:
    """One notice: its letter, its works, its steps, and what is to be done next."""
    actor = actor_of(request)
    found = access.notice(actor, public_id)
    works = selectors.found_works(found)
    context = {
        "notice": found,
        "letter": notice_papers.letter(found),
        "works": works[:WORKS_SHOWN],
        "count": len(works),
        "events": found.events.select_related("user", "entry"),
        "next": _next(found) if actor.may_write else "",
        "may_withdraw": actor.may_write and found.state in (State.DRAFT, State.SENT, State.ANSWERED),
        "may_resolve": actor.may_write and found.state == State.SENT,
        "overdue": found.state == State.SENT and found.answer_by is not None and found.answer_by < today(),
    }
    return render(request, "licensing/notice.html", context)


def _next(found: Notice) -> str:
    """The step that comes next; "" where none does."""
    return {State.DRAFT: "send", State.SENT: "answer", State.ANSWERED: "resolve"}.get(State(found.state), "")


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change the letter before it is sent."""
    actor = actor_of(request)
    found = access.notice(actor, public_id)
    actor.require_writer()
    names = ("subject", "body", "host_name", "host_email", "host_address", "answer_by")
    bound = request.POST if request.method == "POST" else None
    form = LetterForm(bound, initial={name: getattr(found, name) for name in names})
    if form.is_valid():
        data = form.cleaned_data
        said = form.letter(ask=found.ask, language=found.language)
        try:
            notices.amend(found, subject=data["subject"], body=data["body"], said=said, actor=actor)
            return redirect("notice", public_id=found.public_id)
        except InvalidInput as error:
            form.add_service_errors(error)
    context = {"form": form, "notice": found, "step": "amend"}
    return render(request, "licensing/notice_step.html", context, status=422 if form.errors else 200)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Send it, or write down what became of it."""
    actor = actor_of(request)
    found = access.notice(actor, public_id)
    actor.require_writer()
    form = _form(request, found, step)
    if form.is_valid():
        try:
            said = _take(found, step, form.cleaned_data, actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        except ColophonError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, said)
            return redirect("notice", public_id=found.public_id)
    context = {"form": form, "notice": found, "step": step}
    return render(request, "licensing/notice_step.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, found: Notice, step: str) -> AccessibleForm:
    bound = request.POST if request.method == "POST" else None
    if step == "send":
        return SendForm(bound, initial={"by": "email" if found.host_email else "post"})
    return WithdrawForm(bound) if step == "withdraw" else StepForm(bound, initial={"on": today()})


def _take(found: Notice, step: str, data: dict[str, Any], actor: Actor) -> str:
    if step == "send":
        notices.send(found, by=data["by"], on=data["on"], actor=actor)
        return _("The notice is on its way.") if data["by"] == "email" else _("It is recorded as sent by post.")
    if step == "withdraw":
        notices.withdraw(found, reason=data["text"], actor=actor)
        return _("The notice is taken back.")
    take = notices.answer if step == "answer" else notices.resolve
    take(found, on=data["on"], text=data["text"], actor=actor)
    return _("The answer is recorded.") if step == "answer" else _("The notice is resolved.")


@member_page
@require_safe
def letter(request: HttpRequest, public_id: str) -> HttpResponse:
    """The letter as plain text, ready to be printed."""
    found = access.notice(actor_of(request), public_id)
    return HttpResponse(notice_papers.letter(found), content_type="text/plain; charset=utf-8")


@member_page
@require_safe
def works(request: HttpRequest, public_id: str) -> HttpResponse:
    """The works as CSV."""
    found = access.notice(actor_of(request), public_id)
    name = f"works-{found.public_id}.csv"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""}
    content = "\ufeff" + notice_papers.works_csv(found)
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)

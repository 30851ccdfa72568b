"""Pages for changing a registered work: amend, editions, merge, split, withdraw, and what takes one click."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput, NotFound
from registry.models import Work
from registry.selectors import history
from registry.services import duplicates, work_merges, work_states, work_undo, works
from registry.services.work_changes import RevisionConflict
from registry.services.works import EditionFacts
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, member_page
from registry.web.registering import own_work
from registry.web.views import work_address
from registry.web.work_forms import (
    AmendForm,
    EditionForm,
    MergeForm,
    SplitForm,
    WithdrawForm,
    of_edition,
    of_facts,
    pointers,
)

GET_OR_POST = ["GET", "HEAD", "POST"]


@member_page
@require_http_methods(GET_OR_POST)
def amend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change the facts of a work. Whoever comes second sees what the first changed, before anything is overwritten."""
    actor, work = _mine(request, public_id)
    now = works.facts_of(work)
    form = AmendForm(request.POST or None, initial=of_facts(now) | {"revision": work.revision})
    context: dict[str, Any] = {"form": form, "work": work}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            facts = form.to_facts(now)
            works.amend(work, facts, actor=actor, reason=said["reason"], revision=said["revision"])
        except RevisionConflict:
            return _conflict(request, work, form)
        except ColophonError as error:
            _say(form, error)
        else:
            return _done(request, work, _("The work is changed."))
    return render(request, "registry/amend.html", context, status=422 if form.errors else 200)


def _conflict(request: HttpRequest, work: Work, form: AmendForm) -> HttpResponse:
    """The form as it was typed, with what somebody else changed meanwhile beside it; saving again overwrites that."""
    work.refresh_from_db()
    row = work.revisions.filter(number=form.cleaned_data["revision"]).first()
    meanwhile = history.differences(row.facts, work_states.revision_facts(work)) if row else []
    data = request.POST.copy()
    data["revision"] = str(work.revision)
    context = {"form": AmendForm(data), "work": work, "meanwhile": meanwhile, "is_conflict": True}
    return render(request, "registry/amend.html", context, status=409)


@member_page
@require_http_methods(GET_OR_POST)
def edition(request: HttpRequest, public_id: str, edition: str) -> HttpResponse:
    """Add an edition (`new`) or change one."""
    actor, work = _mine(request, public_id)
    facts = works.facts_of(work)
    held = next((row for row in facts.editions if row.id == edition), None)
    if held is None and edition != "new":
        raise NotFound(f"“{work.title}” has no edition “{edition[:100]}”.")
    now = held or EditionFacts(language=work.language)
    form = EditionForm(request.POST or None, initial=of_edition(now) | {"revision": work.revision})
    if request.method == "POST" and form.is_valid():
        said = form.to_facts(now)
        others = [row for row in facts.editions if row.id != edition]
        try:
            if held is None:
                works.add_edition(work=work, facts=said, actor=actor)
            else:
                wanted = replace(facts, editions=[*others, said])
                works.amend(work, wanted, actor=actor, revision=form.cleaned_data["revision"])
        except ColophonError as error:
            _say(form, error, {"editions": "isbn"})
        else:
            return _done(request, work, _("The edition is recorded."))
    context = {"form": form, "work": work, "is_new": held is None}
    return render(request, "registry/edition.html", context, status=422 if form.errors else 200)


@member_page
@require_http_methods(GET_OR_POST)
def merge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that this work and another of the organisation are one; the other one stays."""
    actor, work = _mine(request, public_id)
    alike = duplicates.find(works.facts_of(work), actor, without=work)
    candidates = [one.work for one in alike if one.is_own and one.work.withdrawn_at is None]
    form = MergeForm(request.POST or None, works=candidates, initial={"revision": work.revision})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            into = own_work(actor, data["target"])
            work_merges.merge(work=work, into=into, actor=actor, reason=data["reason"], revision=data["revision"])
        except ColophonError as error:
            _say(form, error, {"into": "number"})
        else:
            return _done(request, into, _("The two works are one now."))
    return render(request, "registry/merge.html", {"form": form, "work": work}, status=422 if form.errors else 200)


@member_page
@require_http_methods(GET_OR_POST)
def split(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make a work of its own of some editions and identifiers."""
    actor, work = _mine(request, public_id)
    editions = list(work.editions.select_related("work"))
    marks = list(work.identifiers.filter(edition__isnull=True))
    form = SplitForm(request.POST or None, editions=editions, marks=marks, initial={"revision": work.revision})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = work_merges.split(
                work=work,
                title=data["title"],
                editions=data.get("editions", []),
                identifiers=form.pairs(),
                reason=data["reason"],
                revision=data["revision"],
                actor=actor,
            )
        except ColophonError as error:
            _say(form, error)
        else:
            return _done(request, made, _("This is a work of its own now. Statements of rights stayed with the other."))
    context = {"form": form, "work": work, "has_parts": bool(editions or marks)}
    return render(request, "registry/split.html", context, status=422 if form.errors else 200)


@member_page
@require_http_methods(GET_OR_POST)
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask why, then take the work out of the registry's answers."""
    actor, work = _mine(request, public_id)
    form = WithdrawForm(request.POST or None, initial={"revision": work.revision})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            works.withdraw(work=work, reason=data["reason"], revision=data["revision"], actor=actor)
        except ColophonError as error:
            _say(form, error)
        else:
            return _done(request, work, _("The work is withdrawn. You can restore it."))
    context = {"form": form, "work": work}
    return render(request, "registry/withdraw.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def restore(request: HttpRequest, public_id: str) -> HttpResponse:
    """Undo a withdrawal."""
    return _act(request, public_id, lambda work, actor: works.restore(work=work, actor=actor), _("It is restored."))


@member_page
@require_POST
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make a draft public."""
    return _act(request, public_id, lambda work, actor: works.publish(work=work, actor=actor), _("It is public now."))


@member_page
@require_POST
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Undo a change, named by the number of the revision that it ended."""
    number = request.POST.get("number", "")

    def act(work: Work, actor: Actor) -> None:
        work_undo.undo(work=work, number=int(number) if number.isdecimal() and len(number) < 9 else 0, actor=actor)

    return _act(request, public_id, act, _("The change is undone, by a new one that restores what was before."))


def _act(request: HttpRequest, public_id: str, act: Callable[[Work, Actor], object], done: str) -> HttpResponse:
    """Do it, or say why not, and show the work again."""
    actor, work = _mine(request, public_id)
    try:
        act(work, actor)
    except ColophonError as error:
        messages.warning(request, error.sentence)
        return redirect(f"{work_address(work)}#history")
    return _done(request, work, done)


def _mine(request: HttpRequest, public_id: str) -> tuple[Actor, Work]:
    """The actor and the work, which is their organisation's and which they may change."""
    actor = actor_of(request)
    work = own_work(actor, public_id)
    actor.require_writer()
    return actor, work


def _done(request: HttpRequest, work: Work, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(work_address(work))


def _say(form: AccessibleForm, error: ColophonError, fields: dict[str, str] | None = None) -> None:
    """Put what a service refused beside the fields it is about."""
    if isinstance(error, InvalidInput):
        form.add_service_errors(error, pointers(fields or {}))
    else:
        form.add_error(None, error.sentence)

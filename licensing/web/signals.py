"""Pages about signals: what was read of publishers' machines, and what was said for a work on a day."""

import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import registry.access
from licensing import access
from licensing.selectors import signals as reading
from licensing.services import observations, signal_reading, work_addresses
from licensing.services.assertions import today
from licensing.web.addresses import address_of
from licensing.web.signals_forms import AddressForm, CrawlForm, HandInForm, ReadForm, SaidForm
from licensing.web.signals_words import FORMATS, ORIGINS
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput
from registry.models import Work
from registry.web.accounts import limited
from registry.web.pages import actor_of, cut, member_page, page

ROWS_SHOWN = 40
RULES_SHOWN = 300


@member_page
@require_safe
def signal_list(request: HttpRequest) -> HttpResponse:
    """What the organisation handed in or had read, newest first."""
    actor = actor_of(request)
    own = access.observations(actor).filter(organisation=actor.organisation).annotate(rules=Count("signals"))
    shown = cut(own.order_by("-observed_at", "-id"), request, ROWS_SHOWN)
    return render(request, "licensing/signals.html", {"page": shown, "may_write": actor.may_write, "origins": ORIGINS})


def _answer(
    request: HttpRequest, form: Any, template: str, field: str, error: ColophonError | None = None
) -> HttpResponse:
    """The form again, with what was wrong beside its fields."""
    status = 422 if form.is_bound else 200
    if isinstance(error, InvalidInput):
        form.add_service_errors(error, {"observed_at": "observed_on"})
    elif error is not None:
        form.add_error(field, error.sentence)
        status = error.status
    return render(request, template, {"form": form}, status=status)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """Hand in a file that a machine of a publisher gave out."""
    actor = actor_of(request)
    actor.require_writer()
    form = HandInForm(request.POST or None, request.FILES or None, initial={"work": request.GET.get("work", "")})
    if request.method != "POST" or not form.is_valid():
        return _answer(request, form, "licensing/signal_new.html", "file")
    data = form.cleaned_data
    try:
        work = registry.access.work(actor, data["work"]) if data["work"] else None
        file = data["file"]
        row, kept = observations.hand_in(
            content=file.read(observations.MAX_FILE_BYTES + 1),
            file_name=file.name,
            address=data["address"],
            observed_at=form.moment(),
            work=work,
            kind=data["kind"],
            actor=actor,
        )
    except ColophonError as error:
        return _answer(request, form, "licensing/signal_new.html", "work" if error.status == 404 else "file", error)
    if not kept.rows:
        messages.info(request, _("These bytes were handed in before: nothing changed."))
    return redirect("signal", public_id=row.public_id)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
@limited("check_domain")
def read_site(request: HttpRequest) -> HttpResponse:
    """Have a site read."""
    actor = actor_of(request)
    actor.require_writer()
    form = ReadForm(request.POST or None, initial={"address": request.GET.get("address", "")})
    if request.method != "POST" or not form.is_valid():
        return _answer(request, form, "licensing/signal_read.html", "address")
    try:
        job = signal_reading.request_look(address=form.cleaned_data["address"], actor=actor)
    except ColophonError as error:
        return _answer(request, form, "licensing/signal_read.html", "address", error)
    return redirect("job", public_id=job.public_id)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def crawl(request: HttpRequest) -> HttpResponse:
    """Hand in crawl records."""
    actor = actor_of(request)
    actor.require_writer()
    form = CrawlForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _answer(request, form, "licensing/signal_crawl.html", "file")
    file = form.cleaned_data["file"]
    try:
        job = signal_reading.request_crawl(file=file, file_name=file.name, actor=actor)
    except ColophonError as error:
        return _answer(request, form, "licensing/signal_crawl.html", "file", error)
    return redirect("job", public_id=job.public_id)


@page
@require_safe
def observation(request: HttpRequest, public_id: str) -> HttpResponse:
    """One reading: its bytes, its rules with their words, what could not be read, which works it is about."""
    actor = actor_of(request)
    row = access.observation(actor, public_id)
    rules = list(reading.signals_of(row)[: RULES_SHOWN + 1])
    places = access.work_addresses(actor).filter(host=row.host).exclude(host="").order_by("work_id", "id")
    works = list(dict.fromkeys(place.work for place in places[:200]))
    if row.work is not None and registry.access.works(actor).filter(pk=row.work.pk).exists():
        works = [row.work]
    context = {
        "row": row,
        "rules": rules[:RULES_SHOWN],
        "is_cut": len(rules) > RULES_SHOWN,
        "works": works,
        "formats": FORMATS,
        "origin": ORIGINS.get(row.origin, row.origin),
        "is_own": actor.organisation is not None and row.organisation == actor.organisation,
    }
    return render(request, "licensing/signal.html", context)


@page
@require_safe
def raw(request: HttpRequest, public_id: str) -> HttpResponse:
    """The bytes as they were read. They are a stranger's: downloaded, never shown."""
    row = access.observation(actor_of(request), public_id)
    return as_file(observations.raw(row), f"{row.content_sha256[:16]}.bin", "application/octet-stream")


def as_file(content: bytes, name: str, media_type: str) -> HttpResponse:
    """Bytes to keep, that no browser takes for a page of this site."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=media_type, headers=headers)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def work_signals(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was said for a work on a day; who speaks for it says here where it stands."""
    actor = actor_of(request)
    work = registry.access.work(actor, public_id)
    may_state = actor.may_write and work_addresses.speaks_for(actor.organisation, work)
    form = AddressForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                work_addresses.state(work=work, actor=actor, **form.cleaned_data)
            except InvalidInput as error:
                form.add_service_errors(error)
            except ColophonError as error:
                form.add_error("address", error.sentence)
                status = error.status
            else:
                messages.success(request, _("It is recorded: what is said of this place counts for the work."))
                return redirect("work-signals", public_id=work.public_id)
    return render(request, "licensing/work_signals.html", _said(request, work, actor, form, may_state), status=status)


def _said(request: HttpRequest, work: Work, actor: Actor, form: AddressForm, may_state: bool) -> dict[str, Any]:
    initial: dict[str, Any] = {"on": today(), "use": "pretraining", "agent": ""}
    question = SaidForm({name: request.GET.get(name) or value for name, value in initial.items()})
    asked: dict[str, Any] = question.cleaned_data if question.is_valid() else initial
    on: datetime.date = asked["on"]
    then = reading.said(work, on, use=asked["use"], agent=asked["agent"], asking=actor.organisation)
    return {
        "work": work,
        "work_address": address_of(work),
        "question": question,
        "on": on,
        "then": then,
        "rows": then.rows[:RULES_SHOWN],
        "formats": FORMATS,
        "form": form,
        "may_state": may_state,
        "places": access.work_addresses(actor).filter(work=work),
        "own": actor.organisation,
    }


@member_page
@require_POST
def take_back(request: HttpRequest, public_id: str, address: str) -> HttpResponse:
    """Say no longer that the work stands there."""
    actor = actor_of(request)
    work = registry.access.work(actor, public_id)
    row = access.own_work_address(actor, address)
    work_addresses.withdraw(row, actor=actor)
    messages.success(request, _("It is taken back: what was derived from this place ends today."))
    return redirect("work-signals", public_id=work.public_id)

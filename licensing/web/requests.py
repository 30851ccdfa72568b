"""Pages of a firm that asks for licences: what is asked for, whom it reaches, and what became of it, as one."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing import access
from licensing.models import LicenceRequest
from licensing.selectors import licence_requests as selectors
from licensing.services import licence_requests, request_preview
from licensing.web import agreements_words, requests_sources, requests_titles
from licensing.web.agreements_forms import initial_of
from licensing.web.listed_works import listed_works
from licensing.web.requests_forms import CancelForm, RequestForm
from licensing.web.requests_sources import Source
from registry.actors import Actor
from registry.errors import Conflict
from registry.selectors import progress
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import actor_of, cut, member_page

State = LicenceRequest.State
BAR_WIDTH = 1000
BAR_ORDER = tuple(agreements_words.LOOKS)
PARTS_PER_PAGE = 100


@member_page
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """The organisation's requests, newest first, each with where it stands."""
    rows = access.licence_requests(actor_of(request)).annotate(asked=Count("requested_works")).order_by("-id")
    shown = cut(rows, request, 20)
    context = {"page": shown, "rows": [(row, bar(row)) for row in shown.object_list], "actor": actor_of(request)}
    return render(request, "licensing/requests.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_request(request: HttpRequest) -> HttpResponse:
    """Say what is asked for; the works come from the page that this was begun on, or from a list."""
    actor = actor_of(request)
    organisation = actor.require_writer()
    source = requests_sources.of_request(request, actor)
    extra: dict[str, Any] = {"counts": source.counts, "wants_list": source.kind == "list"}
    chosen = request.GET.get("template", "")
    if request.method == "POST":
        form = RequestForm(request.POST, **extra)
        if form.is_valid() and (made := _draft(form, source, actor)) is not None:
            return redirect("request", public_id=made.public_id)
    else:
        template = access.terms_template(actor, chosen).terms if chosen else None
        form = RequestForm(initial=requests_sources.initial(source, template, actor), **extra)
    context = {
        "form": form,
        "source": source,
        "narrowed": requests_sources.narrowed(source, actor),
        "templates": selectors.templates(organisation),
        "chosen": chosen,
        "kept": source.kept,
    }
    return render(request, "licensing/request_new.html", context, status=422 if form.errors else 200)


def _draft(form: RequestForm, source: Source, actor: Actor) -> LicenceRequest | None:
    """The draft that the form describes; None where something is wrong, which the form then says."""
    data = form.cleaned_data
    listed = listed_works(form, actor) if source.kind == "list" else []
    if form.errors:
        return None
    named = requests_sources.named(source)
    is_kept = named is not None and data["title"].strip() == requests_titles.proposed(named)
    return form.attempt(
        lambda: licence_requests.draft(
            title=data["title"],
            named=named if is_kept else None,
            terms=form.to_terms(),
            chosen=source.chosen(data, listed),
            message=data["message"],
            respond_by=data["respond_by"],
            actor=actor,
        )
    )


@member_page
@require_safe
def show_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """One request: a draft to look at and send, the progress of its division, or what became of it."""
    actor = actor_of(request)
    found = access.licence_request(actor, public_id)
    is_open = found.state == State.SPLITTING
    context: dict[str, Any] = {
        "asked": found,
        "may_write": actor.may_write,
        "number": found.requested_works.count(),
        "reload_seconds": RELOAD_SECONDS if is_open else 0,
        "progress": progress.of(found.job) if is_open and found.job else None,
    }
    if found.state == State.DRAFT:
        context["preview"] = request_preview.of(found)
    elif not is_open:
        context |= _tracked(request, found)
    if request.headers.get("HX-Request") and is_open:
        return render(request, "licensing/_request_splitting.html", context)
    answer = render(request, "licensing/request.html", context)
    if request.headers.get("HX-Request"):
        answer.headers["HX-Refresh"] = "true"  # it is divided now: the whole page is another one
    return answer


def _tracked(request: HttpRequest, found: LicenceRequest) -> dict[str, Any]:
    """What became of a request that was sent: the bar, and its parts by rightsholder, page by page."""
    rows = selectors.parts(found)
    wanted = request.GET.get("state", "")
    parts = rows.filter(holder__isnull=False)
    parts = parts.filter(state=wanted) if wanted in agreements_words.STATES else parts
    page = cut(parts, request, PARTS_PER_PAGE)
    return {
        "bar": bar(found),
        "page": page,
        "left_out": selectors.left_out_of(page.object_list),
        "wanted": wanted if wanted in agreements_words.STATES else "",
        "silent": rows.filter(holder__isnull=True),
        "own": found.requested_works.filter(negotiation__isnull=True).exclude(left_out="").count(),
        "can_cancel": licence_requests.may_cancel(found),
        "to_answer": rows.filter(holder__isnull=False, waits_for="firm").count(),
    }


def bar(found: LicenceRequest) -> list[dict[str, Any]]:
    """The works of a request by state, as stretches of a bar 1000 wide; the table beside it shows the same numbers."""
    counted: dict[str, int] = dict(found.counts.get("works_by_state", {}))
    counted["unanswerable"] = found.counts.get("unanswerable", 0)
    whole = sum(counted.values())
    parts, x = [], 0.0
    for state in BAR_ORDER:
        if number := counted.get(state, 0):
            width = BAR_WIDTH * number / whole
            look = agreements_words.LOOKS[state]
            parts.append({"state": state, "works": number, "look": look, "x": round(x, 1), "width": round(width, 1)})
            x += width
    return parts


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def amend_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change what a draft asks for."""
    actor = actor_of(request)
    found = access.licence_request(actor, public_id)
    actor.require_writer()
    if found.state != State.DRAFT:
        raise Conflict("This request was sent already.", state=found.state)
    start = {"title": found.title, "message": found.message, "respond_by": found.respond_by}
    form = RequestForm(request.POST or None, initial=initial_of(found.terms) | start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        changed = form.attempt(
            lambda: licence_requests.amend(
                found,
                title=data["title"],
                message=data["message"],
                respond_by=data["respond_by"],
                terms=form.to_terms(),
                actor=actor,
            )
        )
        if changed is not None:
            messages.success(request, _("The draft is changed."))
            return redirect("request", public_id=found.public_id)
    context = {"form": form, "asked": found}
    return render(request, "licensing/request_new.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def leave_out(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take works out of a draft."""
    actor = actor_of(request)
    found = access.licence_request(actor, public_id)
    before = found.requested_works.count()
    licence_requests.amend(found, without=request.POST.getlist("work")[:1000], actor=actor)
    gone = before - found.requested_works.count()
    said = ngettext("%(number)d work is left out.", "%(number)d works are left out.", gone)
    messages.success(request, said % {"number": gone})
    return redirect("request", public_id=found.public_id)


@member_page
@require_POST
def send_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a draft to the rightsholders."""
    actor = actor_of(request)
    found = access.licence_request(actor, public_id)
    licence_requests.send(found, actor=actor)
    messages.success(request, _("It is on its way: a worker divides it among the rightsholders."))
    return redirect("request", public_id=found.public_id)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once more, then take a request back; what was granted stays."""
    actor = actor_of(request)
    found = access.licence_request(actor, public_id)
    actor.require_writer()
    if not licence_requests.may_cancel(found):
        raise Conflict(f"This request is {found.get_state_display()} already.", state=found.state)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        licence_requests.cancel(found, reason=form.cleaned_data["reason"], actor=actor)
        messages.success(request, _("The request is taken back."))
        return redirect("request", public_id=found.public_id)
    return render(request, "licensing/request_cancel.html", {"form": form, "asked": found})

"""Pages of linkages: hand in a list of titles, see what its rows are, settle what is unsure one row at a time."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import registry.access
from licensing import access
from licensing.services import linkage_files, linkages
from licensing.web.linkage_candidates import candidates, percent
from licensing.web.linkage_words import NOTES
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput, NotFound
from registry.linkage.facts import COLUMNS
from registry.models import Linkage, LinkageRow, Work
from registry.selectors import progress
from registry.web.forms import AccessibleForm
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import actor_of, cut, member_page

LISTS_SHOWN = 30
ROWS_SHOWN = 50
FILTERS = ("match", "review", "none", "decided")


class ListForm(AccessibleForm):
    """A table of titles."""

    file = forms.FileField(
        label=gettext_lazy("Table"),
        allow_empty_file=True,
        help_text=gettext_lazy("CSV, TSV or XLSX with columns such as title, author, year, publisher, ISBN."),
    )


@member_page
@require_safe
def linkage_list(request: HttpRequest) -> HttpResponse:
    """The organisation's lists, newest first."""
    actor = actor_of(request)
    shown = cut(access.linkages(actor), request, LISTS_SHOWN)
    return render(request, "licensing/linkages.html", {"page": shown, "may_write": actor.may_write})


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_linkage(request: HttpRequest) -> HttpResponse:
    """Hand in a list; a worker links it."""
    actor = actor_of(request)
    actor.require_writer()
    form = ListForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                made = linkages.take(file=file, file_name=file.name, actor=actor)
                return redirect("linkage", public_id=made.public_id)
            except InvalidInput as error:
                form.add_service_errors(error)
            except ColophonError as error:
                form.add_error("file", error.sentence)
                status = error.status
    return render(request, "licensing/linkage_new.html", {"form": form}, status=status)


@member_page
@require_safe
def linkage(request: HttpRequest, public_id: str) -> HttpResponse:
    """One list: how far it is, then what its rows are."""
    actor = actor_of(request)
    found = access.linkage(actor, public_id)
    running = found.state == Linkage.State.RUNNING
    context: dict[str, Any] = {
        "linkage": found,
        "is_running": running,
        "progress": progress.of(found.job) if running and found.job else None,
        "reload_seconds": RELOAD_SECONDS if running else 0,
        "may_write": actor.may_write,
    }
    if found.state == Linkage.State.DONE:
        context |= _rows(request, actor, found)
    template = "licensing/_linkage.html" if request.headers.get("HX-Request") else "licensing/linkage.html"
    return render(request, template, context)


def _rows(request: HttpRequest, actor: Actor, found: Linkage) -> dict[str, Any]:
    chosen = request.GET.get("show", "")
    rows = access.linkage_rows(actor, found)
    if chosen in ("match", "review", "none"):
        rows = rows.filter(decided=chosen) | rows.filter(decided="", decision=chosen)
    elif chosen == "decided":
        rows = rows.exclude(decided="")
    else:
        chosen = ""
    shown = cut(rows.order_by("number"), request, ROWS_SHOWN)
    lines = [_line(row) for row in shown]
    counts = found.counts
    settled = access.linkage_rows(actor, found).exclude(decided="").count()
    return {
        "page": shown,
        "lines": lines,
        "chosen": chosen,
        "waiting": linkages.waiting(found).count(),
        "has_works": _matched(access.linkage_rows(actor, found)).exists(),
        "filters": [
            ("", gettext("all rows"), counts.get("rows", 0)),
            ("match", gettext("matched"), counts.get("match", 0)),
            ("review", gettext("to be looked at"), counts.get("review", 0)),
            ("none", gettext("not registered"), counts.get("none", 0)),
            ("decided", gettext("decided by people"), settled),
        ],
    }


def _matched(rows: QuerySet[LinkageRow]) -> QuerySet[LinkageRow]:
    """The rows that are registered works: as somebody decided, else as they were linked."""
    match = LinkageRow.Decision.MATCH
    return rows.filter(decided=match) | rows.filter(decided="", decision=match)


def _line(row: LinkageRow) -> dict[str, Any]:
    return {
        "row": row,
        "stands": row.decided or row.decision,
        "work": linkage_files.work_of(row),
        "percent": percent(row.probability),
        "note": NOTES.get(row.facts.get("note", ""), ""),
    }


@member_page
@require_safe
def review(request: HttpRequest, public_id: str) -> HttpResponse:
    """The next row that waits for a person, or the one that `?row=` names, beside the works it may be."""
    actor = actor_of(request)
    found = access.linkage(actor, public_id)
    asked = request.GET.get("row", "")
    row: LinkageRow | None
    if asked:
        row = access.linkage_row(actor, found, _number(asked))
    else:
        row = _next(found, _number(request.GET.get("after", "")))
        if row is None:
            return render(request, "licensing/linkage_reviewed.html", {"linkage": found})
    waiting = linkages.waiting(found).count()
    total = access.linkage_rows(actor, found).filter(decision=LinkageRow.Decision.REVIEW).count()
    context = {
        "linkage": found,
        "row": row,
        "given": [(name, row.facts[name]) for name in COLUMNS if row.facts.get(name)],
        "candidates": candidates(actor, row),
        "note": NOTES.get(row.facts.get("note", ""), ""),
        "waiting": waiting,
        "total": total,
        "done": total - waiting,
        "may_write": actor.may_write,
        "skip": f"{reverse('linkage-review', args=[public_id])}?after={row.number}",
    }
    return render(request, "licensing/linkage_review.html", context)


def _number(text: str) -> int:
    """A row's number as an address has it; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _next(found: Linkage, after: int) -> LinkageRow | None:
    rows = linkages.waiting(found).select_related("linkage", "decided_work")
    return rows.filter(number__gt=after).first() or rows.first()


@member_page
@require_POST
def decide(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Say what a row is, or take that back; then the next one."""
    actor = actor_of(request)
    found = access.linkage(actor, public_id)
    row = access.linkage_row(actor, found, number)
    said = request.POST.get("decision", "")
    if said == "undo":
        linkages.undo(row=row, actor=actor)
        messages.info(request, gettext("The decision about row %(number)s was taken back.") % {"number": number})
        return redirect(f"{reverse('linkage-review', args=[public_id])}?row={number}")
    work = None if said == "none" else _work(actor, said)
    settled = linkages.decide(row=row, work=work, actor=actor)
    if settled > 1:
        sentence = ngettext(
            "%(count)s row that says the same was settled with it.",
            "%(count)s rows that say the same were settled with it.",
            settled - 1,
        )
        messages.success(request, sentence % {"count": settled - 1})
    return redirect(f"{reverse('linkage-review', args=[public_id])}?after={number}&decided={number}")


def _work(actor: Actor, said: str) -> Work:
    try:
        return registry.access.work(actor, said)
    except NotFound:
        raise InvalidInput("Choose one of the works, or none of them.") from None


@member_page
@require_POST
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop a list that is being linked."""
    actor = actor_of(request)
    linkages.cancel(linkage=access.linkage(actor, public_id), actor=actor)
    return redirect("linkage", public_id=public_id)


@member_page
@require_safe
def results(request: HttpRequest, public_id: str, form: str) -> StreamingHttpResponse:
    """Every row with what it is, as JSON Lines or CSV."""
    found = access.linkage(actor_of(request), public_id)
    file = linkage_files.results(linkages.results(found), found.file_name, form)
    response = StreamingHttpResponse(file.content, content_type=file.media_type)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file.name))
    return response

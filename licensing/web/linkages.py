"""Pages of linkages: hand in a list of titles, see what its rows are, settle what is unsure one row at a time."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import registry.access
from licensing import access
from licensing.services import linkage_files, linkages
from licensing.web.linkage_words import NOTES, in_words
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput, NotFound
from registry.linkage import facts, titles
from registry.linkage.facts import COLUMNS
from registry.models import Linkage, LinkageRow, Work
from registry.selectors import linkable, progress
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


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, and whether the other side has it not."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Shown:
    """A candidate beside the row: its facts, what differs, and why it is one."""

    number: int
    work: Work
    title: list[Piece]
    authors: list[Piece]
    years: str
    publishers: str
    isbns: str
    percent: str
    reasons: list[tuple[bool, str]]  # (speaks for it, in words)


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
        "filters": [
            ("", gettext("all rows"), counts.get("rows", 0)),
            ("match", gettext("matched"), counts.get("match", 0)),
            ("review", gettext("to be looked at"), counts.get("review", 0)),
            ("none", gettext("not registered"), counts.get("none", 0)),
            ("decided", gettext("decided by people"), settled),
        ],
    }


def _line(row: LinkageRow) -> dict[str, Any]:
    return {
        "row": row,
        "stands": row.decided or row.decision,
        "work": linkage_files.work_of(row),
        "percent": _percent(row.probability),
        "note": NOTES.get(row.facts.get("note", ""), ""),
    }


def _percent(probability: float | None) -> str:
    if probability is None:
        return "–"
    if probability >= 0.9995:
        return "> 99.9 %"
    return "< 0.1 %" if probability < 0.0005 else f"{probability * 100:.1f} %"


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
        "candidates": _candidates(actor, row),
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


def _candidates(actor: Actor, row: LinkageRow) -> list[Shown]:
    """What the row may be, as far as the actor may still see it."""
    keys = [one["key"] for one in row.candidates]
    works = {
        work.pk: work
        for work in registry.access.works(actor).filter(
            pk__in=keys, withdrawn_at__isnull=True, merged_into__isnull=True
        )
    }
    known = linkable.works(works)
    found: list[Shown] = []
    for one in row.candidates:
        work, said = works.get(one["key"]), known.get(one["key"])
        if work is None or said is None:
            continue
        title = f"{said.title}: {said.subtitle}" if said.subtitle else said.title
        found.append(
            Shown(
                number=len(found) + 1,
                work=work,
                title=pieces(title, row.facts.get("title", "")),
                authors=pieces("; ".join(said.authors), row.facts.get("author", "")),
                years=", ".join(map(str, said.years[:4])),
                publishers="; ".join(said.publishers[:3]),
                isbns=", ".join(said.isbns[:4]),
                percent=_percent(one["probability"]),
                reasons=in_words(one["reasons"]),
            )
        )
    return found


def pieces(text: str, other: str) -> list[Piece]:
    """The words of a text, those marked that the other text has not, however it is written."""
    known = set(titles.read(other).words) | {word for name in facts.names.read(other) for word in name.words}
    found: list[Piece] = []
    for word in text.split():
        read = set(titles.read(f"x {word}").words[1:]) or {word}
        found.append(Piece(word, differs=bool(other) and not read <= known and not read <= titles.STOP))
    return found


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

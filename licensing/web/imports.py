"""Pages of imports: hand in a file, name its columns, look at the report, take it over, take it back."""

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing import access
from licensing.services import import_columns, import_files, import_undo, imports
from licensing.services.import_states import RUNNING
from licensing.web.import_words import ACTION_WORDS, STATUS_SENTENCES
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput
from registry.importers.rows import TABLES
from registry.models import Capacity, Import, ImportRow, RightsClaim, Work
from registry.selectors import progress
from registry.web.forms import AccessibleForm, choices
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import actor_of, cut, member_page

ROWS_SHOWN = 100
IMPORTS_SHOWN = 30
SAMPLE = Path(__file__).with_name("import_sample.csv")
SPEAKING = [code for code in Capacity if code not in (Capacity.LICENSEE, Capacity.OBSERVER)]


class UploadForm(AccessibleForm):
    """A file, and in whose name its works are registered."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "ONIX 3, CSV, TSV, XLSX, MARC, EPUB (several in a zip), Croissant. Found out by content."
        ),
    )
    capacity = forms.ChoiceField(
        label=gettext_lazy("You speak for these works as"),
        choices=lambda: choices(SPEAKING),
        initial=Capacity.PUBLISHER,
    )
    ai_rights = forms.ChoiceField(
        label=gettext_lazy("Rights for AI uses"),
        choices=lambda: choices(RightsClaim.AiRights.values),
        initial=RightsClaim.AiRights.SILENT,
        help_text=gettext_lazy(
            "Retained: the authors kept them. Granted: they are yours. Not mentioned: contracts do not say."
        ),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("New works are"),
        choices=lambda: choices(Work.Visibility.values),
        initial=Work.Visibility.PUBLIC,
        help_text=gettext_lazy("Drafts are seen by your organisation alone, until you publish them."),
    )


@member_page
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    """The organisation's imports, newest first."""
    actor = actor_of(request)
    shown = cut(access.imports(actor), request, IMPORTS_SHOWN)
    return render(request, "licensing/imports.html", {"page": shown, "may_write": actor.may_write})


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_import(request: HttpRequest) -> HttpResponse:
    """Hand in a file; it is looked at at once, or its columns are asked for."""
    actor = actor_of(request)
    actor.require_writer()
    form = UploadForm(request.POST or None, request.FILES or None, initial=_said_before(actor))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            data = form.cleaned_data
            try:
                return _begin(request, actor, data.pop("file"), data)
            except InvalidInput as error:
                form.add_service_errors(error)
                status = 422
            except ColophonError as error:
                form.add_error("file", error.sentence)
                status = error.status
        else:
            status = 422
    return render(request, "licensing/import_new.html", {"form": form}, status=status)


def _said_before(actor: Actor) -> dict[str, str]:
    """What the organisation claimed with its last file: said otherwise by mistake, it would change every claim."""
    last = access.imports(actor).exclude(state=Import.State.CANCELLED).order_by("-id").first()
    return {"capacity": last.capacity, "ai_rights": last.ai_rights} if last else {}


def _begin(request: HttpRequest, actor: Actor, file: Any, said: dict[str, Any]) -> HttpResponse:
    batch = imports.take(file=file, file_name=file.name, actor=actor, **said)
    if batch.file_format not in TABLES or import_columns.are_remembered(batch):
        imports.request_check(batch=batch, actor=actor)
    return redirect("import", public_id=batch.public_id)


@member_page
@require_POST
def load_sample(request: HttpRequest) -> HttpResponse:
    """Begin an import of a small table, with the faults that tables have; its works stay drafts."""
    actor = actor_of(request)
    batch = imports.take(file=SAMPLE, file_name="example-titles.csv", actor=actor, visibility=Work.Visibility.DRAFT)
    return redirect("import", public_id=batch.public_id)


@member_page
@require_safe
def show_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """One import in whatever state it is: naming columns, being looked at, the report, done."""
    actor = actor_of(request)
    batch = access.import_(actor, public_id)
    context = _context(request, batch, actor)
    template = "licensing/_import.html" if request.headers.get("HX-Request") else "licensing/import.html"
    return render(request, template, context)


def _context(request: HttpRequest, batch: Import, actor: Actor) -> dict[str, Any]:
    undoing = batch.job is not None and batch.job.kind == "import_undo" and not batch.job.ended
    is_running = batch.state in RUNNING or undoing
    rows = access.import_rows(actor, batch)
    context: dict[str, Any] = {
        "batch": batch,
        "is_running": is_running,
        "progress": progress.of(batch.job) if is_running and batch.job else None,
        "reload_seconds": RELOAD_SECONDS if is_running else 0,
        "may_write": actor.may_write,
        "messages_of_file": batch.head.get("messages", []),
        "status_sentence": STATUS_SENTENCES.get(batch.message_status, ""),
        "may_undo": _may_undo(batch) and not undoing,
        "notices": batch.job.notices if batch.job else [],
    }
    if batch.state == Import.State.UPLOADED or (batch.state == Import.State.FAILED and batch.columns):
        context["mapping"] = _mapping(batch, batch.columns)
    if batch.counts and batch.state not in RUNNING:
        context |= _report(request, batch, rows)
    return context


def _may_undo(batch: Import) -> bool:
    done = batch.state == Import.State.DONE and batch.entry_id is not None and batch.undo_entry_id is None
    return done and batch.content == Import.Content.WORKS


def _mapping(batch: Import, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """The columns of the table with what they hold and the field each is."""
    samples = batch.head.get("sample", [])
    return [
        {
            "name": name,
            "field": f"column-{number}",
            "chosen": chosen.get(name, ""),
            "samples": [row[number] for row in samples if number < len(row) and row[number]],
        }
        for number, name in enumerate(batch.head.get("columns", []))
    ]


def _report(request: HttpRequest, batch: Import, rows: Any) -> dict[str, Any]:
    wanted = request.GET.get("show", "")
    if wanted == "faults" or (not wanted and batch.counts.get("refused")):
        wanted, rows = "faults", rows.exclude(severity="")
    elif wanted in ImportRow.Action.values:
        rows = rows.filter(action=wanted)
    else:
        wanted = "all"
    counts = [(name, ACTION_WORDS[name], batch.counts.get(counted, 0)) for name, counted in COUNTED]
    return {"page": cut(rows.order_by("number"), request, ROWS_SHOWN), "wanted": wanted, "counts": counts}


COUNTED = (
    ("new", "new"),
    ("update", "updated"),
    ("unchanged", "unchanged"),
    ("delete", "deleted"),
    ("refused", "refused"),
)


@member_page
@require_POST
def name_columns(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the columns as they were named and look at the file."""
    actor = actor_of(request)
    batch = access.import_(actor, public_id)
    columns = batch.head.get("columns", [])
    chosen = {name: request.POST.get(f"column-{number}", "") for number, name in enumerate(columns)}
    try:
        import_columns.name(batch=batch, columns=chosen, actor=actor)
        batch.refresh_from_db()
        imports.request_check(batch=batch, actor=actor)
    except InvalidInput as error:
        context = _context(request, batch, actor) | {"mapping": _mapping(batch, chosen), "errors": error.errors}
        return render(request, "licensing/import.html", context, status=422)
    return redirect("import", public_id=public_id)


@member_page
@require_POST
def apply_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the file over: all of it, or the valid rows."""
    valid = request.POST.get("valid_rows_only") == "1"
    return _act(
        request, public_id, lambda batch, actor: imports.request_apply(batch=batch, actor=actor, valid_rows_only=valid)
    )


@member_page
@require_POST
def cancel_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop the import."""
    return _act(request, public_id, lambda batch, actor: imports.cancel(batch=batch, actor=actor))


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def undo_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once more, then take the import back."""
    actor = actor_of(request)
    batch = access.import_(actor, public_id)
    if request.method == "POST":
        return _act(request, public_id, lambda batch, actor: import_undo.request(batch=batch, actor=actor))
    actor.require_writer()
    return render(request, "licensing/import_undo.html", {"batch": batch})


def _act(request: HttpRequest, public_id: str, act: Any) -> HttpResponse:
    actor = actor_of(request)
    batch = access.import_(actor, public_id)
    actor.require_writer()
    try:
        act(batch, actor)
    except ColophonError as error:
        messages.warning(request, error.sentence)
    return redirect("import", public_id=public_id)


@member_page
@require_safe
def refused_rows(request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """The refused rows, to be corrected and handed in again."""
    return _download(import_files.refused_rows(access.import_(actor_of(request), public_id)))


@member_page
@require_safe
def acknowledgement(request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """What became of every record."""
    as_json = request.GET.get("form") == "json"
    return _download(import_files.acknowledgement(access.import_(actor_of(request), public_id), as_json))


def _download(file: import_files.Download) -> StreamingHttpResponse:
    response = StreamingHttpResponse(file.content, content_type=file.media_type)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file.name))
    return response

"""Pages of sampling audits: ask for one, see what it found of each batch and annotator, and the examples behind it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ingest.access
from ingest.models import Audit, OutputCorpus
from ingest.sampling import shares
from ingest.sampling.audit import measured_accuracy
from ingest.sampling.intake import Fields
from ingest.sampling.planner import PRESETS, sample_size
from ingest.selectors import audits as selectors
from ingest.services import audit_certificates, audit_subjects, audits, joining
from licensing.evidence import excerpts
from licensing.evidence.audit_figures import stands_out
from licensing.web.audit_forms import AuditForm, PlanForm
from licensing.web.audit_pictures import Bar, bar, chart, scale
from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput, NotFound
from registry.importers.cells import spreadsheet_safe, write_line
from registry.models import Membership
from registry.selectors import progress
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import actor_of, cut, member_page

LISTED = 30
ROWS_SHOWN = 100  # of batches and of annotators, the flagged first; the download has all
FIELDS = ("batch", "annotator", "date", "prompt")
PRESET_WORDS = {
    "gbt45654": gettext_lazy("GB/T 45654-2025, sampling of training data by hand"),
    "gbt45654-keywords": gettext_lazy("GB/T 45654-2025, sampling by keywords"),
}


@member_page
@require_safe
def audit_list(request: HttpRequest) -> HttpResponse:
    """The organisation's audits, newest first."""
    actor = actor_of(request)
    rows = ingest.access.audits(actor).defer("result", "shown")
    return render(request, "licensing/audits.html", {"page": cut(rows, request, LISTED), "may_write": actor.may_write})


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_audit(request: HttpRequest) -> HttpResponse:
    """Hand in a dataset; beside the form a planner says how many records to draw."""
    actor = actor_of(request)
    actor.require_writer()
    ready = ingest.access.output_corpora(actor).filter(state=OutputCorpus.State.READY)
    plan = PlanForm(request.GET if "most" in request.GET else None)
    planned = _planned(plan) if plan.is_bound and plan.is_valid() else None
    initial: dict[str, object] = {"sampled": (planned or {}).get("sampled") or sample_size(0.01)}
    initial["dataset"] = request.GET.get("dataset", "")[:200]
    corpora = list(ready)
    if len(corpora) == 1:  # what is registered is there to be compared with; of several one chooses
        initial["references"] = [corpora[0].public_id]
    form = AuditForm(request.POST or None, request.FILES or None, corpora=corpora, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return redirect("audit", public_id=_request(form, actor).public_id)
            except InvalidInput as error:
                form.add_service_errors(error)
            except ColophonError as error:
                form.add_error("file", error.sentence)
                status = error.status
    context = {
        "form": form,
        "plan": plan if plan.is_bound else PlanForm(),
        "planned": planned,
        "has_corpora": bool(corpora),
        "presets": [(preset, PRESET_WORDS[name]) for name, preset in PRESETS.items()],
    }
    return render(request, "licensing/audit_new.html", context, status=status)


def _planned(form: PlanForm) -> dict[str, Any]:
    data = form.cleaned_data
    asked = {"limit": data["most"] / 100, "confidence": data["confidence"] / 100, "records": data["records"]}
    return {
        **data,
        "sampled": sample_size(**asked),
        "with_errors": sample_size(**asked, accuracy=measured_accuracy()),
    }


def _request(form: AuditForm, actor: Actor) -> Audit:
    data = form.cleaned_data
    corpora = ingest.access.output_corpora(actor).filter(public_id__in=data["references"])
    with joining.joined([joining.Upload(file.name, file) for file in data["file"]]) as file:
        return audits.request(
            file=file.stream,
            file_name=file.name,
            references=list(corpora),
            actor=actor,
            title=data["title"],
            fields=Fields(**{name: data[f"{name}_field"] for name in FIELDS}),
            text_field=data["text_field"],
            seed=data["seed"],
            sampled=data["sampled"],
            limit=data["limit"] / 100,
            about=audit_subjects.find(actor, data["dataset"], data["release"]),
        )


@member_page
@require_safe
def audit(request: HttpRequest, public_id: str) -> HttpResponse:
    """One audit: how far it is, then what it found."""
    actor = actor_of(request)
    return _page(request, actor, ingest.access.audit(actor, public_id))


@member_page
@require_POST
def names(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same page with the names of annotators; that somebody looked is in the log."""
    actor = actor_of(request)
    found = ingest.access.audit(actor, public_id)
    response = _page(request, actor, found, audits.show_names(audit=found, actor=actor))
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, actor: Actor, found: Audit, known: Mapping[int, str] | None = None) -> HttpResponse:
    running = found.state == Audit.State.RUNNING
    context: dict[str, Any] = {
        "audit": found,
        "is_running": running,
        "progress": progress.of(found.job) if running and found.job else None,
        "reload_seconds": RELOAD_SECONDS if running else 0,
        "may_write": actor.may_write,
        "may_see_names": actor.role == Membership.Role.OWNER,
        "names_shown": known is not None,
        "references": found.references.all(),
        "is_numbered": found.result_entry is not None and found.result_entry.position is not None,
    }
    result = selectors.presented(found)
    if result is not None:
        context |= _result(found, result, known or {})
    template = "licensing/_audit.html" if request.headers.get("HX-Request") else "licensing/audit.html"
    return render(request, template, context)


@dataclass(frozen=True)
class Row:
    """A batch or an annotator as the page tells of it; `number` is its place in the address of its examples."""

    number: int
    label: str
    figures: Mapping[str, Any]
    raw: Bar
    corrected: Bar


def _result(found: Audit, result: Mapping[str, Any], known: Mapping[int, str]) -> dict[str, Any]:
    batches = _rows(result["batches"], [row["batch"] or _("without a batch") for row in result["batches"]], found.limit)
    called = [known.get(number, _annotator(number)) for number in range(1, len(result["annotators"]) + 1)]
    annotators = _rows(result["annotators"], called, found.limit)
    return {
        "result": result,
        "batches": batches[:ROWS_SHOWN],
        "annotators": annotators[:ROWS_SHOWN],
        "more_batches": max(0, len(batches) - ROWS_SHOWN),
        "more_annotators": max(0, len(annotators) - ROWS_SHOWN),
        "batches_flagged": sum(row.figures["flagged"] for row in batches),
        "annotators_flagged": sum(row.figures["flagged"] for row in annotators),
        "annotators_resembling": sum(stands_out(row.figures) and not row.figures["flagged"] for row in annotators),
        "resemblance_known": any("resemblance" in row for row in result["batches"]),
        "chart": chart(result["trend"]),
        "accuracy": result["method"]["accuracy"],
        "positive": sum(row["positive"] for row in result["batches"]),
        "overall": {"measured": shares.overall(result), "generators": shares.generators(result)},
    }


def _annotator(number: int) -> str:
    return _("annotator %(number)d") % {"number": number}


def _rows(rows: list[dict[str, Any]], labels: list[str], limit: float) -> list[Row]:
    """The flagged first, then who stands out by resemblance, then by the share of the sample."""
    right = scale(rows, limit)
    told = [
        Row(
            number,
            label,
            row,
            bar(row["interval"], row["rate"], limit, right),
            bar(row["corrected_interval"], row["corrected_rate"], limit, right),
        )
        for number, (row, label) in enumerate(zip(rows, labels, strict=True), start=1)
    ]
    return sorted(
        told,
        key=lambda one: (
            not one.figures["flagged"],
            not stands_out(one.figures),
            -one.figures["rate"],
            one.number,
        ),
    )


@member_page
@require_safe
def examples(request: HttpRequest, public_id: str, kind: str, number: int) -> HttpResponse:
    """The examples of one batch or annotator: each record beside the registered output that it is a copy of."""
    found = ingest.access.audit(actor_of(request), public_id)
    result = selectors.presented(found)
    rows = (result or {}).get("batches" if kind == "batch" else "annotators", [])
    if not 1 <= int(number) <= len(rows):
        raise NotFound("This audit has no such batch or annotator.")
    row = rows[int(number) - 1]
    context = {
        "audit": found,
        "row": row,
        "label": _annotator(int(number)) if kind == "annotator" else row["batch"] or _("without a batch"),
        "kind": kind,
        "examples": [_example(found, example) for example in row["examples"]],
        "has_resembling": any(example.get("resembles") for example in row["examples"]),
    }
    return render(request, "licensing/audit_examples.html", context)


def _example(found: Audit, example: Mapping[str, Any]) -> dict[str, Any]:
    held = found.shown.get(example["record"], {})
    shown = excerpts.passages(held.get("passages", []))
    return {**example, "passages": shown, "hits": held.get("markers", []), "is_held": bool(held)}


@member_page
@require_POST
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop an audit that is under way."""
    actor = actor_of(request)
    audits.cancel(audit=ingest.access.audit(actor, public_id), actor=actor)
    return redirect("audit", public_id=public_id)


@member_page
@require_safe
def results(request: HttpRequest, public_id: str, form: str) -> StreamingHttpResponse:
    """Every batch and annotator as CSV, or the whole result as JSON: annotators by number in both."""
    found = ingest.access.audit(actor_of(request), public_id)
    result = selectors.presented(found)
    if result is None:
        raise Conflict("This audit has no result yet.", state=found.state)
    content = _csv(result) if form == "csv" else iter([json.dumps(result, ensure_ascii=False).encode()])
    media_type = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    response = StreamingHttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, f"audit-{found.public_id}.{form}"))
    return response


@member_page
@require_safe
def certificate(request: HttpRequest, public_id: str) -> HttpResponse:
    """The result with the proof that its sample was on record first: verifies offline."""
    found = ingest.access.audit(actor_of(request), public_id)
    response = HttpResponse(audit_certificates.file(found), content_type="application/json")
    name = audit_certificates.file_name(found)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return response


def _csv(result: Mapping[str, Any]) -> Iterator[bytes]:
    yield ("\ufeff" + write_line(selectors.COLUMNS, end="\r\n")).encode()
    for row in selectors.table(result):
        cells = ["" if row[name] is None else spreadsheet_safe(str(row[name])) for name in selectors.COLUMNS]
        yield write_line(cells, end="\r\n").encode()

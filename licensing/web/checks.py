"""Pages of an AI firm: a new check, its progress, the result, one verdict, one match."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ingest.access
import registry.access
from ingest.models import Match, Scan
from ingest.services import scans
from ingest.services.quota import QuotaExceeded
from ingest.services.scans import Upload
from licensing import access
from licensing.evidence import excerpts
from licensing.models import Clearance, Verdict
from licensing.rules.terms import Verdict as Answer
from licensing.services import clearances, policies
from licensing.web import answers, explained
from licensing.web.forms import CheckForm, QuestionForm, ReportForm
from registry.actors import ANONYMOUS, Actor
from registry.errors import ColophonError, InvalidInput
from registry.models import Dataset
from registry.selectors import progress
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import actor_of, cut, member_page

VERDICTS_PER_PAGE = 100
MATCHES_SHOWN = 200
PASSAGES_SHOWN = 50
SHARED_SHOWN = 20  # stretches of a match that many other works have
SKIPPED_SHOWN = 200


@member_page
@require_safe
def check_list(request: HttpRequest) -> HttpResponse:
    """The organisation's checks, newest first, with their questions."""
    rows = ingest.access.scans(actor_of(request)).select_related("release__dataset").order_by("-id")
    shown = cut(rows, request, 20)
    asked = access.clearances(actor_of(request)).filter(scan__in=list(shown.object_list)).order_by("territory")
    by_scan = [(scan, [row for row in asked if row.scan_id == scan.pk]) for scan in shown.object_list]
    return render(request, "licensing/checks.html", {"page": shown, "rows": by_scan})


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_check(request: HttpRequest) -> HttpResponse:
    """Choose files and ask the question; the scan begins at once."""
    actor = actor_of(request)
    actor.require_writer()
    about = _public_dataset(request)
    if request.method == "POST":
        form = CheckForm(request.POST, request.FILES, about=about, own_policies=_own_policies(actor))
        if form.is_valid():
            try:
                return redirect("check", public_id=_begin(form, actor, about).public_id)
            except InvalidInput as error:
                form.add_service_errors(error, {"files": "uploads"})
            except QuotaExceeded as error:
                form.add_error("uploads", error.sentence)
    else:
        start = {"territory": ["US", "EU"], "dataset": _dataset_name(request, actor)}
        form = CheckForm(initial=start, about=about, own_policies=_own_policies(actor))
    return render(request, "licensing/check_new.html", {"form": form}, status=422 if form.errors else 200)


def _own_policies(actor: Actor) -> list[str]:
    return policies.standing(actor.organisation) if actor.organisation is not None else []


def _dataset_name(request: HttpRequest, actor: Actor) -> str:
    """The name of the dataset whose page the person came from, where they may see it."""
    found = registry.access.datasets(actor).filter(slug=request.GET.get("dataset", "")).first()
    return found.name if found else ""


def _public_dataset(request: HttpRequest) -> Dataset | None:
    """The public dataset whose page the person came from: what is found in it can be published."""
    return registry.access.datasets(ANONYMOUS).filter(slug=request.GET.get("dataset", "")[:80]).first()


def _begin(form: CheckForm, actor: Actor, about: Dataset | None) -> Scan:
    data = form.cleaned_data
    scan = scans.request(
        files=[Upload(name=file.name, stream=file) for file in data["uploads"]],
        actor=actor,
        dataset_name=data["dataset"],
        acquisition=data["acquisition"],
        copied_on=data["copied_on"],
        published_in=about if data.get("publish") else None,
    )
    _ask(scan, data, actor)
    return scan


def _ask(scan: Scan, data: dict[str, Any], actor: Actor) -> list[Clearance]:
    return [
        clearances.request(
            scan=scan,
            use=data["use"],
            purpose=data["purpose"],
            territory=territory,
            as_of=data["as_of"],
            profile=data["policy"],
            reservation_search=data["reservation_search"],
            product=data["product"],
            model=data["model"],
            actor=actor,
        )
        for territory in data["territory"]
    ]


@member_page
@require_POST
def withhold_check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Publish a check's finds no longer."""
    actor = actor_of(request)
    scan = ingest.access.scan(actor, public_id)
    scans.withhold(scan=scan, actor=actor)
    messages.success(request, _("Nobody else is shown what this check found any longer."))
    return redirect("check", public_id=public_id)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, public_id: str) -> HttpResponse:
    """A check under way or done: progress, what was skipped, its answers; another question can be asked here."""
    actor = actor_of(request)
    scan = ingest.access.scan(actor, public_id)
    form = QuestionForm(request.POST or None, initial={"territory": []}, own_policies=_own_policies(actor))
    if request.method == "POST" and form.is_valid():
        actor.require_writer()
        try:
            _ask(scan, form.cleaned_data, actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            messages.success(request, _("The question is asked; the answer is here in a moment."))
            return redirect("check", public_id=scan.public_id)
    context = check_context(scan, actor) | {"form": form}
    if request.headers.get("HX-Request"):
        return render(request, "licensing/_check.html", context)
    return render(request, "licensing/check.html", context, status=422 if form.errors else 200)


def check_context(scan: Scan, actor: Actor) -> dict[str, Any]:
    """What the page of a check shows."""
    asked = list(access.clearances(actor).filter(scan=scan).order_by("territory", "-id"))
    is_over = scan.state not in scans.OPEN and all(row.state != Clearance.State.WAITING for row in asked)
    skipped = scan.skipped.all()
    return {
        "scan": scan,
        "clearances": [(row, headline(row)) for row in asked],
        "progress": progress.of(scan.job) if scan.job else None,
        "is_open": scan.state in scans.OPEN,
        "is_over": is_over,
        "reload_seconds": 0 if is_over else RELOAD_SECONDS,
        "skipped": skipped[:SKIPPED_SHOWN],
        "skipped_count": skipped.count(),
        "matches_count": Match.objects.filter(scan=scan).count(),
        "reach": explained.reach_of(scan) if is_over else None,
        "notices": scan.job.notices if scan.job else [],
        "may_write": actor.may_write,
    }


@member_page
@require_POST
def cancel_check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask the scan to stop."""
    return _act(request, public_id, scans.cancel, _("The check was asked to stop."))


@member_page
@require_POST
def resume_check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a failed scan up again where it broke."""
    return _act(request, public_id, scans.resume, _("The check goes on where it stopped."))


def _act(request: HttpRequest, public_id: str, act: Callable[..., None], done: str) -> HttpResponse:
    """Do something to a scan of the actor's, say so or why not, and show the check again."""
    actor = actor_of(request)
    scan = ingest.access.scan(actor, public_id)
    try:
        act(scan=scan, actor=actor)
        messages.info(request, done)
    except ColophonError as error:
        messages.warning(request, error.sentence)
    return redirect("check", public_id=scan.public_id)


def headline(clearance: Clearance) -> str:
    """The answer of a clearance as one sentence; never one green tick."""
    if clearance.state != Clearance.State.DECIDED:
        return ""
    totals = clearance.totals
    facts = {
        "works": totals["works"],
        "blocking": totals["blocking"],
        "unidentified": totals["documents_unidentified"],
        "documents": totals["documents"],
        "policy": clearance.policy["profile"],
    }
    if not totals["works"]:
        return _("No registered work was found, which does not make the dataset clear: nothing is known about it.")
    if clearance.blocks:
        return _("%(blocking)d of the %(works)d works found block this use under the policy %(policy)s.") % facts
    if totals["documents_unidentified"]:
        return (
            _(
                "Nothing found blocks this use under the policy %(policy)s; in %(unidentified)d of %(documents)d"
                " documents no registered work was identified, and nothing is known about them."
            )
            % facts
        )
    return _("None of the %(works)d works found blocks this use under the policy %(policy)s.") % facts


@member_page
@require_safe
def clearance(request: HttpRequest, public_id: str) -> HttpResponse:
    """A result: the sentence, the totals as bar and table, then work by work."""
    actor = actor_of(request)
    found = access.clearance(actor, public_id)
    if found.state == Clearance.State.WAITING:
        return redirect("check", public_id=found.scan.public_id)
    context: dict[str, Any] = {
        "clearance": found,
        "scan": found.scan,
        "asked": answers.asked(found.use, found.purpose, found.territory, found.as_of, found.licensee),
        "may_write": actor.may_write,
        "reports": access.reports(actor).filter(clearance=found),
        "report_form": ReportForm(initial={"language": request.LANGUAGE_CODE}),
        "siblings": access.clearances(actor).filter(scan=found.scan).exclude(pk=found.pk),
        "skipped": found.scan.skipped.all()[:SKIPPED_SHOWN],
    }
    if found.state == Clearance.State.DECIDED:
        context |= _result(request, found)
    return render(request, "licensing/clearance.html", context)


def _result(request: HttpRequest, found: Clearance) -> dict[str, Any]:
    wanted = request.GET.get("verdict", "")
    wanted = wanted if wanted in set(Answer) else ""
    rows = Verdict.objects.filter(clearance=found).select_related("work").prefetch_related("work__contributions__party")
    rows = rows.filter(verdict=wanted) if wanted else rows
    rows = rows.annotate(confidence=_surest(found.scan))
    shown = cut(rows.order_by("-blocks", "-matched_words", "id"), request, VERDICTS_PER_PAGE)
    return {
        "headline": headline(found),
        "reach": explained.reach_of(found.scan),
        "bar": answers.bar(found),
        "page": shown,
        "rows": [(row, first_reason(row)) for row in shown.object_list],
        "wanted": wanted,
    }


def _surest(scan: Scan) -> Subquery:
    """The highest confidence of a work's matches; empty where none has one."""
    of_work = Match.objects.filter(scan=scan, work=OuterRef("work"), confidence__isnull=False)
    return Subquery(of_work.order_by("-confidence").values("confidence")[:1])


def first_reason(row: Verdict) -> answers.Shown:
    """The reason that decided a stored verdict."""
    return answers.deciding(answers.of_case(row.case, row.reasons, {}), row.verdict)


@member_page
@require_safe
def verdict(request: HttpRequest, public_id: str) -> HttpResponse:
    """One verdict: the sentence, all reasons in order, the matches, the facts it was decided from."""
    actor = actor_of(request)
    row = access.verdict(actor, public_id)
    shown = answers.of_case(row.case, row.reasons, answers.evidence_links(row))
    again = clearances.recompute(row)
    context = {
        "verdict": row,
        "clearance": row.clearance,
        "asked": _asked_of(row),
        "reasons": shown,
        "deciding": answers.deciding(shown, row.verdict),
        "case_json": json.dumps(row.case, ensure_ascii=False, indent=2, sort_keys=True),
        "recomputes": (again["verdict"], again["reasons"]) == (row.verdict, row.reasons),
        "matches": ingest.access.matches(actor)
        .filter(Q(work=row.work) | Q(work__merged_into=row.work), scan=row.clearance.scan)
        .order_by("-matched_words", "id")[:MATCHES_SHOWN],
    }
    return render(request, "licensing/verdict.html", context)


def _asked_of(row: Verdict) -> str:
    asked = row.clearance
    return answers.asked(asked.use, asked.purpose, asked.territory, asked.as_of, asked.licensee)


@member_page
@require_safe
def match(request: HttpRequest, public_id: str) -> HttpResponse:
    """The passages of a match, document beside work, with their differences."""
    found = ingest.access.match(actor_of(request), public_id)
    shown = excerpts.passages(found.passages[:PASSAGES_SHOWN])
    context = {
        "match": found,
        "passages": [row for row in shown if row.document is not None],
        "bare": [row for row in shown if row.document is None],
        "more": max(0, len(found.passages) - PASSAGES_SHOWN),
        "shared": excerpts.passages(found.boilerplate[:SHARED_SHOWN]),
        "more_shared": max(0, len(found.boilerplate) - SHARED_SHOWN),
        "verdicts": access.verdicts(actor_of(request))
        .filter(clearance__scan=found.scan, work=found.work)
        .select_related("clearance"),
    }
    return render(request, "licensing/match.html", context)

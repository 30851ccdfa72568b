"""Pages of an AI firm: a new check, and how far it is. What came of it is in `results`."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
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
from licensing.models import Clearance
from licensing.services import clearances, policies
from licensing.web import explained
from licensing.web.question_forms import CheckForm, QuestionForm
from licensing.web.results import SKIPPED_SHOWN, headline
from registry.actors import ANONYMOUS, Actor
from registry.errors import ColophonError, InvalidInput
from registry.models import Dataset
from registry.selectors import progress
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import actor_of, cut, member_page


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
        text_field=data["text_field"],
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
            competing={"yes": True, "no": False}.get(data["competing"]),
            released=data["released"],
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

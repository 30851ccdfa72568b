"""Pages of what came of a check: the result of a question, one verdict, one match."""

import json
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import ingest.access
from ingest.models import Match, Scan
from licensing import access
from licensing.evidence import excerpts
from licensing.models import Clearance, Verdict
from licensing.rules.terms import Verdict as Answer
from licensing.services import clearances
from licensing.web import answers, clearance_outputs, explained, legal_questions
from licensing.web.forms import ReportForm
from registry.web.pages import actor_of, cut, member_page

VERDICTS_PER_PAGE = 100
MATCHES_SHOWN = 200
PASSAGES_SHOWN = 50
SHARED_SHOWN = 20  # stretches of a match that many other works have
SKIPPED_SHOWN = 200


def headline(clearance: Clearance) -> str:
    """The answer of a clearance in a sentence, and one of model output where it matters; never one green tick."""
    if clearance.state != Clearance.State.DECIDED:
        return ""
    output = clearance_outputs.sentence(clearance)
    if clearance.blocks and not clearance.totals["blocking"]:
        return f"{output} {_('No work that was found blocks it by itself.')}"
    return " ".join(filter(None, [_of_works(clearance), output]))


def _of_works(clearance: Clearance) -> str:
    """What the answers about works come to."""
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
    if totals["blocking"]:
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
        context |= _result(request, found) | clearance_outputs.shown(found)
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
        "cited": legal_questions.cited(actor, [reason["code"] for reason in row.reasons], row.clearance.as_of),
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

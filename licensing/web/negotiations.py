"""Pages of a negotiation: what is asked of a rightsholder, the thread of the two sides, and each move as a page."""

import io
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ingest import blobs
from licensing import access
from licensing.models import Negotiation, Step
from licensing.rules.agreement import open_points, parse_terms
from licensing.rules.lifecycle import BEFORE_GRANT, CONCLUDES, WITH_TERMS, Move, Side, State
from licensing.selectors import licence_requests as selectors
from licensing.services import confirming, negotiations
from licensing.services.assertions import today
from licensing.web import agreements_words, words
from licensing.web.agreements_forms import initial_of
from licensing.web.negotiations_forms import FORMS, TICKED, LeaveOutForm, MoveForm, ProposalForm
from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput, NotFound
from registry.web.pages import actor_of, cut, member_page

WORKS_PER_PAGE = 50
# the answer that a page puts first, for the side whose turn it is
FIRST: dict[tuple[Side, State], tuple[Move, ...]] = {
    (Side.HOLDER, State.AUTHORITY_CHECK): (Move.CONFIRM,),
    (Side.HOLDER, State.REQUESTED): (Move.OFFER,),
    (Side.HOLDER, State.COUNTERED): (Move.ACCEPT,),
    (Side.HOLDER, State.GRANTED): (Move.DELIVER,),
    (Side.FIRM, State.OFFERED): (Move.ACCEPT,),
}
ENDINGS = (Move.REFUSE, Move.DISCLAIM, Move.WITHDRAW, Move.RETRACT, Move.REVOKE)


@member_page
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What the organisation is asked for as rightsholder: what waits for it first, by its day."""
    actor = actor_of(request)
    assert actor.organisation is not None
    rows = selectors.inbox(actor.organisation)
    wanted = "all" if request.GET.get("show") == "all" else ""
    waiting = rows.filter(waits_for=Side.HOLDER.value, state__in=list(BEFORE_GRANT))
    shown = cut(rows if wanted else waiting, request)
    context = {
        "page": shown,
        "waiting": waiting.count(),
        "everything": rows.count(),
        "wanted": wanted,
        "today": today(),
    }
    return render(request, "licensing/inbox.html", context)


@member_page
@require_safe
def negotiation(request: HttpRequest, public_id: str) -> HttpResponse:
    """The thread of one negotiation, with the terms on the table and one answer put first."""
    actor = actor_of(request)
    found = access.negotiation(actor, public_id)
    return render(request, "licensing/negotiation.html", thread_context(request, found, actor, MoveForm()))


def thread_context(request: HttpRequest, found: Negotiation, actor: Actor, form: MoveForm) -> dict[str, Any]:
    """What the page of a negotiation shows."""
    side = negotiations.side_of(found, actor.organisation)
    steps = list(selectors.thread(found))
    moves = [move for move in possible(found, actor, steps) if move is not Move.MESSAGE]
    first = _first(found, side, moves)
    out = access.requested_works(actor, found).exclude(left_out="").count()
    return {
        "negotiation": found,
        "asked": found.request,
        "side": side,
        "turn": bool(side) and found.waits_for == side,
        "first": first,
        "others": [move for move in moves if move is not first and move not in ENDINGS],
        "endings": [move for move in moves if move is not first and move in ENDINGS],
        "before": before(found, steps),
        "steps": told(found, steps),
        "page": cut(selectors.works_of(found), request, WORKS_PER_PAGE),
        "left_out": out,
        "form": form,
        "may_write": actor.may_write,
        "overdue": bool(found.answer_by and found.answer_by < today()),
    }


def possible(found: Negotiation, actor: Actor, steps: Sequence[Step]) -> list[Move]:
    """The moves that pages show. What is granted as asked is what the firm said last, never a retracted offer."""
    asked = [step.terms for step in steps if step.move == Move.COUNTER and step.terms]
    as_asked = found.terms == (asked[-1] if asked else found.request.terms)
    return [move for move in negotiations.possible(found, actor) if move is not Move.GRANT or as_asked]


def _first(found: Negotiation, side: Side | None, moves: Sequence[Move]) -> Move | None:
    """The one answer that the page puts first. What was asked with its fee can be granted as it stands."""
    if side is None:
        return None
    first = FIRST.get((side, State(found.state)), ())
    if found.state == State.REQUESTED and side is Side.HOLDER and not open_points(parse_terms(found.terms)):
        first = (Move.GRANT, *first)
    return next((move for move in first if move in moves), None)


def before(found: Negotiation, steps: list[Step]) -> dict[str, Any] | None:
    """The terms before those on the table: the last proposal but one, or what was asked for; None where none differ."""
    proposals = [step.terms for step in steps if step.terms]
    if not proposals:
        return None
    earlier: dict[str, Any] = proposals[-2] if len(proposals) > 1 else found.request.terms
    return earlier


def told(found: Negotiation, steps: list[Step]) -> list[tuple[Step, dict[str, Any] | None, list[tuple[str, str]]]]:
    """Each step with the terms that its own replaced, and what it recorded, in words."""
    shown, last = [], found.request.terms
    for step in steps:
        shown.append((step, last if step.terms else None, recorded(step)))
        last = step.terms or last
    return shown


def recorded(step: Step) -> list[tuple[str, str]]:
    """The facts of a delivery, a report, a payment, a renewal or a revocation: (word, value)."""
    named = {
        "on": _("Day"),
        "what": _("What"),
        "where": _("How or where"),
        "from": _("From"),
        "to": _("To"),
        "quantity": _("How much"),
        "amount": _("Amount"),
        "currency": _("Currency"),
        "reference": _("Reference"),
        "reason": _("Reason"),
        "valid_to": _("Last day"),
    }
    return [(word, str(step.data[key])) for key, word in named.items() if step.data.get(key)]


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def make_move(request: HttpRequest, public_id: str, move: str) -> HttpResponse:
    """One move: what it amounts to, what comes with it, and then it is made. What was typed stays typed."""
    actor = actor_of(request)
    found = access.negotiation(actor, public_id)
    if move not in agreements_words.BUTTONS:
        raise NotFound(f"A negotiation has no move {move[:40]}.")
    chosen = Move(move)
    actor.require_writer()
    if chosen not in possible(found, actor, list(selectors.thread(found))):
        raise Conflict(_refusal(found, chosen, actor))
    form = _form(request, found, chosen, actor)
    if request.method == "POST" and form.is_valid() and _made(form, found, chosen, actor):
        messages.success(request, done(chosen, found))
        return redirect("negotiation", public_id=found.public_id)
    return _show_move(request, found, chosen, actor, form)


def _refusal(found: Negotiation, chosen: Move, actor: Actor) -> str:
    facts = {
        "state": words.said(agreements_words.STATES, found.state),
        "move": words.said(agreements_words.BUTTONS, chosen),
    }
    return _("This cannot be done now: “%(move)s”. The negotiation stands at “%(state)s”.") % facts


def _form(request: HttpRequest, found: Negotiation, chosen: Move, actor: Actor) -> MoveForm:
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    kind = FORMS.get(chosen, MoveForm)
    start: dict[str, Any] = {"version": found.version}
    extra: dict[str, Any] = {}
    if issubclass(kind, LeaveOutForm):
        rows = list(selectors.works_of(found)[: TICKED + 1])
        out = {row.work.public_id: row.left_out for row in rows[:TICKED] if row.left_out}
        extra = {"works": [row.work for row in rows[:TICKED]], "more": len(rows) > TICKED, "out": out}
    if issubclass(kind, ProposalForm):
        template = request.GET.get("template", "")
        terms = access.terms_template(actor, template).terms if template else found.terms
        start = initial_of(terms) | start
        extra["counter"] = chosen is Move.COUNTER
    if chosen is Move.CONFIRM:
        extra["silent"] = confirming.silent_claims(found).count()
    extra["initial"] = start
    return kind(*given, **extra)


def _made(form: MoveForm, found: Negotiation, chosen: Move, actor: Actor) -> bool:
    """Make the move; where that is refused, the form says why."""
    answer = form.to_answer()
    if chosen is Move.GRANT and open_points(parse_terms(found.terms)):
        # no fee was named: to grant what was asked is to grant it free of charge, and the page says so
        free = dict(found.terms) | {"fee": {"model": "free"}}
        answer = negotiations.Answer(**{**vars(answer), "terms": free})
    try:
        negotiations.move(found, chosen, actor, version=form.cleaned_data.get("version"), answer=answer)
    except InvalidInput as error:
        form.add_move_errors(error)
    except ColophonError as error:
        form.add_error(None, error.sentence)
    else:
        return True
    return False


def done(chosen: Move, found: Negotiation) -> str:
    """What was done, as one sentence."""
    if chosen in CONCLUDES:
        return _("The agreement is concluded. It is on record, with a grant for each work.")
    if chosen in WITH_TERMS:
        return _("Your terms are on the table, and the other side is told.")
    if chosen is Move.REVOKE:
        return _("The agreement is revoked, and those who rely on it are told.")
    return _("It is recorded, and the other side is told.")


def _show_move(request: HttpRequest, found: Negotiation, chosen: Move, actor: Actor, form: MoveForm) -> HttpResponse:
    assert actor.organisation is not None
    proposes = chosen in WITH_TERMS
    steps = list(selectors.thread(found)) if not proposes else []
    names = ("leave_out", "leave_out_more", "leave_out_reason", "respond_by", "message", "attachments")
    context = {
        "negotiation": found,
        "asked": found.request,
        "move": chosen.value,
        "form": form,
        "proposes": proposes,
        "concludes": chosen in CONCLUDES,
        "is_free": chosen is Move.GRANT and bool(open_points(parse_terms(found.terms))),
        "before": before(found, steps),
        "trail": [form[name] for name in names if name in form.fields] if proposes else [],
        "templates": selectors.templates(actor.organisation) if proposes else [],
        "chosen": request.GET.get("template", ""),
    }
    return render(request, "licensing/negotiation_move.html", context, status=422 if form.errors else 200)


@member_page
@require_safe
def attachment(request: HttpRequest, public_id: str, attachment: str) -> HttpResponseBase:
    """A file of a negotiation, as it was handed in: to be saved, never shown by the browser."""
    actor = actor_of(request)
    found = access.negotiation(actor, public_id)
    file = access.attachment(actor, found, attachment)
    answer = FileResponse(
        io.BytesIO(blobs.read(file.blob)),
        as_attachment=True,
        filename=file.name,
        content_type="application/octet-stream",
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer

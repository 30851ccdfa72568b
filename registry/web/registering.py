"""Pages for registering one work: the form, what to look at before it is saved, the receipt."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from registry import access, identifiers, lookalikes
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput, NotFound
from registry.models import Identifier, Work
from registry.services import duplicates, log, receipts, works
from registry.services.works import WorkFacts
from registry.web.pages import actor_of, member_page
from registry.web.work_forms import RegisterForm, of_facts, pointers

RELOAD_SECONDS = 5


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register one work; what was typed stays typed when something is wrong or has to be looked at first."""
    actor = actor_of(request)
    actor.require_writer()
    wanted = request.POST.get("do", "")
    if wanted == "complete":
        return _complete(request, actor)
    form = RegisterForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        facts = form.to_facts()
        to_see = {} if wanted == "anyway" else _to_see_first(facts, actor)
        if not any(to_see.values()):
            made = _register(form, facts, actor)
            if made is not None:
                messages.success(request, _("The work is registered."))
                return redirect(_next(made, form.cleaned_data["text"]))
        context |= to_see
    return render(request, "registry/register.html", context, status=422 if form.errors else 200)


def _register(form: RegisterForm, facts: WorkFacts, actor: Actor) -> Work | None:
    try:
        return works.register(facts, actor=actor)
    except InvalidInput as error:
        form.add_service_errors(error, pointers({}))
    except ColophonError as error:
        form.add_error("record_reference", error.sentence)
    return None


def _to_see_first(facts: WorkFacts, actor: Actor) -> dict[str, Any]:
    """What the person should look at before this is saved: probable duplicates, and names that deceive the eye."""
    return {"duplicates": duplicates.find(facts, actor), "deceptive": deceptive(facts)}


def deceptive(facts: WorkFacts) -> list[tuple[str, str]]:
    """(the name, what is deceptive in it) for the title, the subtitle and the people."""
    names = [facts.title, facts.subtitle, *(person.name for person in facts.authors)]
    return [(name, remark) for name in names for remark in lookalikes.remarks(name)]


def _next(work: Work, text: str) -> str:
    """Where registering leads: to the text or its fingerprint, if that was wanted, else to the receipt."""
    if text in ("text", "fingerprint"):
        return f"{reverse('text', args=[work.public_id])}?what={text}"
    return reverse("receipt", args=[work.public_id])


def _complete(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Fill what was left empty from a work that has this ISBN here; what was typed is not touched."""
    typed: QueryDict = request.POST.copy()
    known = _work_with(typed.get("isbn", ""), actor)
    context: dict[str, Any] = {}
    if known is None:
        context["completed"] = ""
        context["isbn_faults"] = _faults_of_isbns(typed.get("isbn", ""))
    else:
        work, row = known
        context["completed_from"] = work
        for name, value in _offered(work, row).items():
            if not typed.get(name, "").strip():
                typed[name] = value
    context["form"] = RegisterForm(initial={name: typed.get(name, "") for name in RegisterForm.base_fields})
    return render(request, "registry/register.html", context)


def _work_with(isbn: str, actor: Actor) -> tuple[Work, Identifier] | None:
    """The work that the actor may see with the first of these ISBNs that is known, and the row of it."""
    for part in isbn.replace(";", ",").split(","):
        try:
            value = identifiers.normalise("isbn", part.strip())
        except identifiers.IdentifierError:
            continue
        rows = Identifier.objects.filter(scheme="isbn", value=value, work__in=access.works(actor))
        row = rows.select_related("work", "edition").order_by("work__recorded_at", "id").first()
        if row is not None:
            return row.work, row
    return None


def _faults_of_isbns(isbn: str) -> list[str]:
    """Why what was typed is no ISBN: it is not unknown then, but wrong."""
    try:
        RegisterForm.base_fields["isbn"].clean(isbn)
    except ValidationError as error:
        return error.messages
    return []


def _offered(work: Work, row: Identifier) -> dict[str, Any]:
    """What a known work offers for the form's text fields: the edition's own title and language first."""
    facts = works.facts_of(work)
    if row.edition is not None:
        title, language = row.edition.title or facts.title, row.edition.language or facts.language
        facts = replace(facts, title=title, language=language)
    offered = of_facts(facts)
    names = ("title", "subtitle", "authors", "first_published", "language", "country")
    return {name: offered[name] for name in names}


def own_work(actor: Actor, public_id: str) -> Work:
    """A work of the actor's organisation; NotFound for everybody else's."""
    found = access.work(actor, public_id)
    if actor.organisation is None or found.registered_by_id != actor.organisation.pk:
        raise NotFound(f"There is no work “{public_id[:100]}” of your organisation.")
    return found


@member_page
@require_safe
def receipt(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was recorded and where it stands in the log; renews itself until the entry has its number."""
    work = own_work(actor_of(request), public_id)
    found = receipts.of_work(work)
    context = {
        "work": work,
        "receipt": found,
        "entry": found.entry,
        "latest": receipts.latest(),
        "key": log.verifier_key(),
        "deceptive": deceptive(works.facts_of(work)),
        "reload_seconds": 0 if found.is_numbered else RELOAD_SECONDS,
    }
    return render(request, "registry/receipt.html", context)


@member_page
@require_safe
def receipt_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The receipt as the file that verifies offline."""
    found = receipts.of_work(own_work(actor_of(request), public_id))
    answer = JsonResponse(receipts.to_json(found), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return answer

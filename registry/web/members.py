"""Pages for members of an organisation: the account with its tokens, jobs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import access, jobs
from registry.actors import has_second_factor
from registry.errors import NotAllowed
from registry.models import Job
from registry.selectors import progress
from registry.services import tokens
from registry.web import job_subjects
from registry.web.accounts import sensitive
from registry.web.forms import TokenForm
from registry.web.pages import actor_of, cut, member_page, page

POLL_SECONDS = 2
RELOAD_SECONDS = 5


@page
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, for which organisation, with which tokens."""
    if not request.user.is_authenticated:
        return redirect("login")
    return _account(request, TokenForm())


def _account(request: HttpRequest, form: TokenForm, secret: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "actor": actor,
        "tokens": access.tokens(actor),
        "form": form,
        "secret": secret,
        "memberships": access.memberships(actor).select_related("organisation").order_by("since", "id"),
        "waiting": access.invitations_to(actor),
        "has_second_factor": actor.user is not None and has_second_factor(actor.user),
    }
    response = render(request, "registry/account.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


@member_page
@require_POST
@sensitive
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token; its secret is on the page that answers, and nowhere afterwards."""
    actor = actor_of(request)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _account(request, form, status=422)
    data = form.cleaned_data
    secret = tokens.create(
        organisation=access.organisation(actor),
        name=data["name"],
        scopes=data["scopes"],
        days=data["days"],
        actor=actor,
    )[1]
    return _account(request, TokenForm(), secret)


@member_page
@require_POST
def revoke_token(request: HttpRequest, public_id: str) -> HttpResponse:
    """End a token."""
    actor = actor_of(request)
    token = access.token(actor, public_id)
    tokens.revoke(token=token, actor=actor)
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("account")


@member_page
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """The organisation's jobs; parts of a larger one are counted there."""
    rows = access.jobs(actor_of(request)).filter(parent__isnull=True).exclude(kind="search_index").order_by("-id")
    return render(request, "registry/jobs.html", {"page": cut(rows, request)})


@member_page
@require_safe
def job(request: HttpRequest, public_id: str) -> HttpResponse:
    """One job: stage, how much of it, what is left; renews itself until it has ended."""
    found = access.job(actor_of(request), public_id)
    return render(request, "registry/job.html", job_context(found))


def job_context(found: Job) -> dict[str, object]:
    """What the templates `_progress.html` and `job.html` show of a job."""
    state = progress.of(found)
    reason = found.reason or found.children.exclude(reason="").values_list("reason", flat=True).first() or ""
    return {
        "job": found,
        "progress": state,
        "reload_seconds": 0 if found.ended else RELOAD_SECONDS,
        "reason": reason,
        "subject": job_subjects.of(found),
    }


@member_page
@require_POST
def cancel_job(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask a job to stop."""
    actor = actor_of(request)
    found = access.job(actor, public_id)
    if not actor.may_write:
        raise NotAllowed("You need the role of editor or owner to stop a job.")
    jobs.cancel(found)
    messages.info(request, _("The job was asked to stop."))
    return redirect("job", public_id=found.public_id)

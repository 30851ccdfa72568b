"""Pages of texts: hand one in for a work, take it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import registry.access
from ingest import access
from ingest.models import Deposit
from ingest.services import deposits
from ingest.web.forms import TextForm
from registry.errors import ColophonError, NotAllowed
from registry.web.pages import actor_of, member_page
from registry.web.views import work_address


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def add_text(request: HttpRequest, public_id: str) -> HttpResponse:
    """Hand in a text and say what becomes of it."""
    actor = actor_of(request)
    work = registry.access.work(actor, public_id)
    if actor.require_writer() != work.registered_by:
        raise NotAllowed("Only the organisation that registered a work can hand in its text.")
    what = request.GET.get("what", "")
    initial = {"mode": Deposit.Mode.FINGERPRINT_ONLY} if what == "fingerprint" else {}
    form = TextForm(request.POST or None, request.FILES or None, work=work, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            deposit = deposits.take(
                work=work,
                edition=work.editions.filter(public_id=data["edition"]).first() if data["edition"] else None,
                file=data["file"],
                file_name=data["file"].name,
                mode=data["mode"],
                actor=actor,
            )
        except ColophonError as error:
            form.add_error("file", error.sentence)
        else:
            if deposit.mode != Deposit.Mode.FINGERPRINT_ONLY:  # else there is no text here, and nobody is told so
                messages.success(request, _("The text is here; its fingerprint is in the index in a moment."))
            return redirect("job", public_id=deposit.job.public_id) if deposit.job else redirect(work_address(work))
    context = {"form": form, "work": work, "wants_fingerprint": what == "fingerprint"}
    return render(request, "ingest/text.html", context, status=422 if form.errors else 200)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_text(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once more, then take the text out of the index and delete it."""
    actor = actor_of(request)
    deposit = access.deposit(actor, public_id)
    actor.require_writer()
    if request.method == "POST":
        deposits.withdraw(deposit=deposit, actor=actor)
        messages.success(request, _("The text is withdrawn and deleted; the record that it was given stays."))
        return redirect(work_address(deposit.work))
    return render(request, "ingest/withdraw.html", {"deposit": deposit})

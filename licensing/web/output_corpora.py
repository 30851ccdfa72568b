"""Pages of registered corpora of model output: what there is, register one, withdraw it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

import ingest.access
from ingest.models import OutputCorpus
from ingest.services import output_corpora
from licensing.web.audit_forms import CorpusForm
from registry.errors import ColophonError, InvalidInput, NotFound
from registry.web.pages import actor_of, cut, member_page

SHOWN = 30


@member_page
@require_safe
def corpus_list(request: HttpRequest) -> HttpResponse:
    """The organisation's corpora and those that others share."""
    actor = actor_of(request)
    rows = ingest.access.output_corpora(actor).exclude(state=OutputCorpus.State.WITHDRAWN)
    context = {"page": cut(rows, request, SHOWN), "may_write": actor.may_write, "own": actor.organisation}
    return render(request, "licensing/outputs.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_corpus(request: HttpRequest) -> HttpResponse:
    """Hand in outputs; a worker reads them."""
    actor = actor_of(request)
    actor.require_writer()
    form = CorpusForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = dict(form.cleaned_data)
            file = data.pop("file")
            try:
                output_corpora.take(file=file, file_name=file.name, about=output_corpora.About(**data), actor=actor)
                messages.success(request, _("The outputs are being read; audits can compare with them in a moment."))
                return redirect("outputs")
            except InvalidInput as error:
                form.add_service_errors(error)
            except ColophonError as error:
                form.add_error("file", error.sentence)
                status = error.status
    return render(request, "licensing/outputs_new.html", {"form": form}, status=status)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once more, then delete the file."""
    actor = actor_of(request)
    corpus = ingest.access.output_corpus(actor, public_id)
    if corpus.organisation != actor.organisation:
        raise NotFound("There is no such corpus of your organisation.")
    if request.method == "POST":
        output_corpora.withdraw(corpus=corpus, actor=actor)
        messages.success(request, _("The outputs are withdrawn and deleted."))
        return redirect("outputs")
    return render(request, "licensing/outputs_withdraw.html", {"corpus": corpus, "may_write": actor.may_write})

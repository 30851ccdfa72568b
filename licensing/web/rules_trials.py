"""Pages for operators: what a change of the rules would do to stored verdicts, before it is switched on."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import registry.access
from licensing.rules.verdict import rules_version
from licensing.services import rules_preview, rules_trials
from licensing.web.forms import FilesField
from licensing.web.operators import operator_page
from registry import jobs
from registry.errors import InvalidInput
from registry.models import Job
from registry.selectors import progress
from registry.web.forms import AccessibleForm
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import cut

MOST_TABLES = 20


class TrialForm(AccessibleForm):
    """The changed tables."""

    tables = FilesField(
        label=gettext_lazy("Changed tables"),
        allow_empty_file=True,
        help_text=gettext_lazy("TOML files, named as the tables are. Tables that you do not hand in stay as they are."),
    )

    def clean_tables(self) -> dict[str, bytes]:
        """Name without its ending → bytes; what is too long is cut one byte behind the limit, and refused later."""
        files = self.cleaned_data["tables"]
        if len(files) > MOST_TABLES:
            raise forms.ValidationError(_("There are fewer tables than that."))
        return {file.name.removesuffix(".toml"): file.read(rules_preview.MAX_TABLE_BYTES + 1) for file in files}


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def trial_list(request: HttpRequest) -> HttpResponse:
    """Hand changed tables in, and see the trials before."""
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = TrialForm(*given)
    if form.is_valid():
        try:
            job = rules_trials.request(form.cleaned_data["tables"])
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            return redirect("rules-trial", public_id=job.public_id)
    context = {
        "form": form,
        "known": rules_trials.known_tables(),
        "version": rules_version(),
        "page": cut(rules_trials.trials(), request, 20),
    }
    return render(request, "licensing/rules_trials.html", context, status=422 if form.errors else 200)


@operator_page
@require_safe
def trial(request: HttpRequest, public_id: str) -> HttpResponse:
    """One trial: how far it is, then what would differ, by reason, with examples."""
    job: Job = registry.access.one(rules_trials.trials(), "trial", public_id=public_id)
    found = rules_trials.result(job)
    context = {
        "job": job,
        "tables": sorted(job.arguments["tables"]),
        "progress": None if job.ended else progress.of(job),
        "reload_seconds": 0 if job.ended else RELOAD_SECONDS,
        "result": found,
        "rows": _rows(found) if found else [],
        "version": rules_version(),
    }
    template = "licensing/_rules_trial.html" if request.headers.get("HX-Request") else "licensing/rules_trial.html"
    return render(request, template, context)


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Each kind of change with its examples; works that nobody may know of are not named."""
    titles = rules_trials.published(found)
    return [
        {
            "before": row["before"],
            "after": row["after"],
            "verdicts": row["verdicts"],
            "examples": [(titles.get(one["work"]), one) for one in row["examples"]],
        }
        for row in found["reasons"]
    ]


@operator_page
@require_POST
def stop(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop a trial that runs."""
    job: Job = registry.access.one(rules_trials.trials(), "trial", public_id=public_id)
    jobs.cancel(job)
    messages.info(request, _("The trial was asked to stop."))
    return redirect("rules-trial", public_id=job.public_id)

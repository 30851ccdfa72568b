"""Pages for everybody: lists of works, datasets and models, the log, the problems explained."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from registry import access
from registry.errors import NotFound
from registry.merkle import proof
from registry.models import AIModel, Checkpoint, Entry
from registry.services import log
from registry.web.pages import actor_of, cut, page
from registry.web.problems import PROBLEMS


def work_address(work: Any) -> str:
    """`/works/<id>-<slug>`; titles without Latin letters have no slug."""
    return reverse("work", args=[f"{work.public_id}-{work.slug}" if work.slug else work.public_id])


@page
@require_safe
def works(request: HttpRequest) -> HttpResponse:
    """Registered works, all of them or those of one's own organisation."""
    actor = actor_of(request)
    mine = bool(request.GET.get("mine")) and actor.organisation is not None
    rows = access.works(actor).select_related("registered_by").prefetch_related("contributions__party", "identifiers")
    rows = rows.filter(registered_by=actor.organisation) if mine else rows
    return render(request, "registry/works.html", {"page": cut(rows.order_by("title", "id"), request), "mine": mine})


@page
@require_safe
def datasets(request: HttpRequest) -> HttpResponse:
    """One's own private datasets first, then those that are public."""
    rows = access.datasets(actor_of(request)).order_by("visibility", "name")
    return render(request, "registry/datasets.html", {"page": cut(rows, request)})


@page
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """AI models."""
    rows = AIModel.objects.select_related("developer").order_by("name")
    return render(request, "registry/models.html", {"page": cut(rows, request)})


@page
@require_safe
def log_page(request: HttpRequest) -> HttpResponse:
    """The log's checkpoint and key; a number leads to the entry's proof."""
    wanted = request.GET.get("entry", "").strip()
    if wanted.isdecimal() and len(wanted) < 16:
        return redirect("log-entry", position=int(wanted))
    latest = Checkpoint.objects.order_by("size").last()
    own = access.entries(actor_of(request)).filter(position__isnull=False).order_by("-position")
    context = {"latest": latest, "key": log.verifier_key(), "own": own[:20], "wanted": wanted}
    return render(request, "registry/log.html", context)


@page
@require_safe
def log_entry(request: HttpRequest, position: int) -> HttpResponse:
    """One entry: its hash, the path to the root, and whether that verifies; content only for those it belongs to."""
    entry = Entry.objects.filter(position=position).first()
    latest = Checkpoint.objects.order_by("size").last()
    if entry is None or latest is None or position >= latest.size:
        raise NotFound(f"The log has no entry {position}.")
    path = log.inclusion_path(position, latest.size)
    leaf_hash = bytes(entry.leaf_hash)
    context = {
        "entry": entry,
        "latest": latest,
        "leaf_hash": leaf_hash.hex(),
        "path": [step.hex() for step in path],
        "root": bytes(latest.root).hex(),
        "verifies": proof.verify_inclusion(leaf_hash, position, latest.size, path, bytes(latest.root)),
        "readable": access.entries(actor_of(request)).filter(pk=entry.pk).exists(),
        "leaf": bytes(entry.leaf).decode(),
    }
    return render(request, "registry/log_entry.html", context)


@page
@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """What each error code of the API means and what to do: the address that `type` of a problem names."""
    rows = [(code.lower().replace("_", "-"), code, problem) for code, problem in sorted(PROBLEMS.items())]
    return render(request, "registry/problems.html", {"rows": rows})

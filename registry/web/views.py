"""Pages for everybody: search, lists of works, datasets and models, one model, the log, the problems explained."""

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from registry import access
from registry.errors import NotFound
from registry.merkle import proof
from registry.models import AIModel, Checkpoint, Entry, ProvenanceClaim
from registry.search import engine
from registry.search.kinds import KINDS
from registry.services import log
from registry.web.pages import actor_of, cut, page
from registry.web.problems import PROBLEMS

HITS_PER_PAGE = 20
MAX_OFFSET = 10_000


@page
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """One box over works, datasets, models and holders. An identifier goes straight to its work."""
    text = request.GET.get("q", "").strip()
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    offset = request.GET.get("offset", "")
    start = min(int(offset), MAX_OFFSET) if re.fullmatch(r"\d{1,6}", offset) else 0
    context: dict[str, Any] = {"query": text, "kind": kind, "kinds": list(KINDS)}
    if text:
        hits = engine.search(text, kind or None, actor=actor_of(request), limit=HITS_PER_PAGE, offset=start)
        if not kind and len(hits.hits) == 1 and hits.hits[0].by == "identifier" and start == 0:
            return redirect(address_of(hits.hits[0].kind, hits.hits[0].row))
        rows = [(hit, address_of(hit.kind, hit.row)) for hit in hits.hits]
        everything = engine.search(text, actor=actor_of(request), limit=1) if kind else hits
        tabs = [("", sum(everything.totals.values()))] + [(name, everything.totals.get(name, 0)) for name in KINDS]
        context |= {"hits": hits, "rows": rows, "tabs": tabs, "previous": max(0, start - HITS_PER_PAGE), "start": start}
    return render(request, "registry/search.html", context)


def address_of(kind: str, row: Any) -> str:
    """The page of a search hit; a holder has none of its own and is searched among the works."""
    if kind == "work":
        return work_address(row)
    if kind == "holder":
        return f"{reverse('search')}?{urlencode({'kind': 'work', 'q': row.name})}"
    if kind == "claim":
        about = row.subject_model or row.subject_dataset
        return reverse("model" if row.subject_model else "dataset", args=[about.slug])
    return reverse(kind, args=[row.slug])


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
    """Datasets that are public, and one's own."""
    rows = access.datasets(actor_of(request)).order_by("-visibility", "name")
    return render(request, "registry/datasets.html", {"page": cut(rows, request)})


@page
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """AI models."""
    rows = AIModel.objects.select_related("developer").order_by("name")
    return render(request, "registry/models.html", {"page": cut(rows, request)})


@page
@require_safe
def model(request: HttpRequest, slug: str) -> HttpResponse:
    """One model: what is said about its training data, by whom, with which status."""
    found = access.ai_model(actor_of(request), slug)
    claims = ProvenanceClaim.objects.select_related(
        "subject_model", "subject_dataset", "object_model", "object_dataset"
    ).prefetch_related("sources")
    context = {
        "model": found,
        "claims": claims.filter(subject_model=found).order_by("-share_percent", "key"),
        "naming": claims.filter(object_model=found),
        "proceedings": found.proceedings.prefetch_related("sources", "parties"),
    }
    return render(request, "registry/model.html", context)


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

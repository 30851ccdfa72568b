"""The search page: one box over every kind, facets beside the hits, suggestions while somebody types."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from registry.actors import Actor
from registry.search import engine, suggestions
from registry.search.filters import SearchFilter, search_filter
from registry.search.kinds import KINDS
from registry.web import facet_words
from registry.web.pages import actor_of, page
from registry.web.views import work_address

HITS_PER_PAGE = 20
VALUES_SHOWN = 8  # of a facet, before the rest is unfolded
SUGGESTIONS = 8
OTHER_NAMES = ("year_from", "year_to")


@dataclass(frozen=True)
class Value:
    """One value of a facet, as it stands beside the hits."""

    value: str
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """A list of values; what is `more` is folded away."""

    name: str
    title: str
    values: list[Value]
    more: list[Value]

    @property
    def is_open(self) -> bool:
        return any(value.is_chosen for value in self.more)


@dataclass(frozen=True)
class Chip:
    """Something that was chosen, and the address of the page without it."""

    title: str
    name: str
    address: str


@page
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Works, datasets, models, holders and claims. An identifier goes straight to what it names."""
    actor = actor_of(request)
    text = request.GET.get("q", "").strip()
    chosen = search_filter()(request.GET)
    start = _offset(request.GET.get("offset", ""))
    context: dict[str, Any] = {"query": text, "kind": chosen.kind_name, "kinds": list(KINDS)}
    if text or chosen.kind_name or chosen.selection:
        kind = chosen.kind_name or None
        hits = engine.search(text, kind, actor=actor, limit=HITS_PER_PAGE, offset=start, selection=chosen.selection)
        direct = not kind and not chosen.selection and start == 0 and len(hits.hits) == 1
        if direct and hits.hits[0].by == "identifier":
            return redirect(address_of(hits.hits[0].kind, hits.hits[0].row))
        context |= _found(request.GET, hits, chosen, actor) | {
            "start": start,
            "previous": max(0, start - HITS_PER_PAGE),
        }
    return render(request, "registry/search.html", context)


def _offset(text: str) -> int:
    return min(int(text), engine.MAX_OFFSET) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _found(query: QueryDict, hits: engine.Hits, chosen: SearchFilter, actor: Actor) -> dict[str, Any]:
    """What the page shows of an answer."""
    totals = hits.totals
    if chosen.kind_name:  # the other tabs want their numbers too
        every = engine.search(query.get("q", ""), actor=actor, limit=1, selection=chosen.selection)
        totals = every.totals | hits.totals
    return {
        "hits": hits,
        "rows": [(hit, address_of(hit.kind, hit.row)) for hit in hits.hits],
        "tabs": [("", sum(totals.values())), *((name, totals.get(name, 0)) for name in KINDS)],
        "facets": _facets(hits, chosen, actor),
        "chips": _chips(query, chosen, actor),
        "years": {name: query.get(name, "") for name in OTHER_NAMES},
        "is_capped": hits.total > hits.listed,
        "works_query": _works_query(query, chosen, actor) if totals.get("work") else "",
    }


def _works_query(query: QueryDict, chosen: SearchFilter, actor: Actor) -> str:
    """What was searched for and chosen, for the page that asks for licences; "" where none can be."""
    if chosen.kind_name not in ("", "work") or (actor.user is not None and not actor.may_write):
        return ""
    kept = query.copy()
    for name in ("kind", "offset"):
        kept.pop(name, None)
    return kept.urlencode()


def _facets(hits: engine.Hits, chosen: SearchFilter, actor: Actor) -> list[Facet]:
    """Facets with more than one value, or one that was chosen; decades in their order, others by number."""
    facets = []
    for name, counts in hits.facets.items():
        selected = chosen.selection.values.get(name, ())
        counted = counts | {value: 0 for value in selected if value not in counts}
        names = facet_words.names(name, list(counted), actor)
        values = [
            Value(value, names[value], number, value in selected) for value, number in counted.items() if value in names
        ]
        if len(values) < 2 and not selected and not (name == "decade" and values):
            continue
        if name == "decade":
            values.sort(key=lambda value: value.value, reverse=True)
        facets.append(Facet(name, facet_words.title(name), values[:VALUES_SHOWN], values[VALUES_SHOWN:]))
    return facets


def _chips(query: QueryDict, chosen: SearchFilter, actor: Actor) -> list[Chip]:
    chips = []
    for facet, values in chosen.selection.values.items():
        names = facet_words.names(facet, values, actor)
        for value in values:
            left = _without(query, facet, value, values)
            chips.append(Chip(facet_words.title(facet), names.get(value, value), left))
    first, last = chosen.selection.years
    if (first, last) != (None, None):
        changed = query.copy()
        for name in (*OTHER_NAMES, "offset"):
            changed.pop(name, None)
        span = f"{'' if first is None else first}–{'' if last is None else last}"
        chips.append(Chip(facet_words.title("decade"), span, f"?{changed.urlencode()}"))
    return chips


def _without(query: QueryDict, facet: str, value: str, values: tuple[str, ...]) -> str:
    changed = query.copy()
    changed.pop("offset", None)
    changed.setlist(facet, [other for other in values if other != value])
    return f"?{changed.urlencode()}"


@page
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """What may be meant while somebody types: the options of the box's list, for scripts."""
    text = request.GET.get("q", "")
    found = suggestions.suggest(text, actor=actor_of(request), limit=SUGGESTIONS)
    rows = [(hit, address_of(hit.kind, hit.row)) for hit in found.hits]
    return render(request, "registry/_suggestions.html", {"rows": rows, "query": text.strip()})


def address_of(kind: str, row: Any) -> str:
    """The page of a search hit; a claim is read where what it is about is shown."""
    if kind == "work":
        return work_address(row)
    if kind == "holder":
        return reverse("holder", args=[row.public_id])
    if kind == "claim":
        about = row.subject_model or row.subject_dataset
        return reverse("model" if row.subject_model else "dataset", args=[about.slug])
    return reverse(kind, args=[row.slug])

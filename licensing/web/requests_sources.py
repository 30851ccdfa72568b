"""Where a request comes from: a clearance with what is missing in it, a list, a search, a work, or a typed list."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.http import HttpRequest

import registry.access
from licensing import access
from licensing.models import Clearance, Verdict
from licensing.services.assertions import today
from licensing.services.licence_requests import MISSING, Chosen
from licensing.web import requests_titles
from licensing.web.agreements_forms import initial_of
from licensing.web.requests_forms import ANSWER_DAYS
from registry.actors import Actor
from registry.errors import Conflict
from registry.models import Linkage, Work
from registry.search.filters import search_filter
from registry.search.selection import EVERYTHING, Selection
from registry.web import facet_words


@dataclass(frozen=True)
class Source:
    """From which page a request was begun. `kept` stays in the address while its form is filled in."""

    kind: str = "list"  # clearance | linkage | query | work | list
    clearance: Clearance | None = None
    linkage: Linkage | None = None
    query: str = ""
    selection: Selection = EVERYTHING  # of facets and years, as on the search page
    works: Sequence[Work] = ()
    counts: dict[str, int] = field(default_factory=dict)  # verdict → works, of a clearance
    kept: Sequence[tuple[str, str]] = ()

    def chosen(self, data: dict[str, Any], listed: Sequence[Work] = ()) -> Chosen:
        """The choice of works as the service takes it."""
        if self.clearance is not None:
            return Chosen(clearance=self.clearance, verdicts=data["verdicts"])
        if self.linkage is not None:
            return Chosen(linkage=self.linkage)
        if self.kind == "query":
            return Chosen(query=self.query, selection=self.selection)
        return Chosen(works=[work.public_id for work in (*self.works, *listed)])


def of_request(request: HttpRequest, actor: Actor) -> Source:
    """What the address names; NotFound for what this actor may not see."""
    given = request.GET
    if public_id := given.get("clearance"):
        found = access.clearance(actor, public_id)
        if found.state != Clearance.State.DECIDED:
            raise Conflict("This clearance is not decided yet.", state=found.state)
        kept = [("clearance", found.public_id)]
        return Source("clearance", clearance=found, counts=_counts(found), kept=kept)
    if public_id := given.get("linkage"):
        linkage = access.linkage(actor, public_id)
        return Source("linkage", linkage=linkage, kept=[("linkage", linkage.public_id)])
    if public_id := given.get("work"):
        work = registry.access.work(actor, public_id)
        return Source("work", works=[work], kept=[("work", work.public_id)])
    query, selection = given.get("q", "").strip()[:500], search_filter()(given).selection
    if query or selection:
        return Source("query", query=query, selection=selection, kept=_kept(query, selection))
    return Source()


def _kept(query: str, selection: Selection) -> list[tuple[str, str]]:
    """A search as it stands in an address."""
    kept = [("q", query)] if query else []
    kept += [(facet, value) for facet, values in selection.values.items() for value in values]
    years = zip(("year_from", "year_to"), selection.years, strict=True)
    return kept + [(name, str(year)) for name, year in years if year is not None]


def narrowed(source: Source, actor: Actor) -> list[tuple[str, str]]:
    """What a search was narrowed down to, in words: (facet, its values); what the actor may not know of is "–"."""
    rows = []
    for facet, values in source.selection.values.items():
        names = facet_words.names(facet, values, actor)
        rows.append((facet_words.title(facet), ", ".join(names.get(value, "–") for value in values)))
    if source.selection.years != (None, None):
        first, last = ("" if year is None else str(year) for year in source.selection.years)
        rows.append((facet_words.title("decade"), f"{first}–{last}"))
    return rows


def _counts(clearance: Clearance) -> dict[str, int]:
    """Verdict → works of a clearance, as it was decided."""
    rows = Verdict.objects.filter(clearance=clearance).order_by().values_list("verdict")
    return dict(rows.annotate(works=Count("work", distinct=True)))


def initial(source: Source, template: dict[str, Any] | None, actor: Actor) -> dict[str, Any]:
    """What the form begins with: the question's own words, a template's terms, thirty days to answer."""
    terms: dict[str, Any] = dict(template or {})
    start: dict[str, Any] = {
        "respond_by": today() + datetime.timedelta(days=ANSWER_DAYS),
        "title": _title(source, actor),
    }
    if source.clearance is not None:
        asked = source.clearance
        terms |= {"uses": [asked.use], "purposes": [asked.purpose], "territory": [asked.territory]}
        terms.setdefault("valid_from", None)
        terms["valid_from"] = terms["valid_from"] or asked.as_of.isoformat()
        blocks = asked.policy.get("blocks", {})
        start["verdicts"] = [code for code in source.counts if code in MISSING or blocks.get(code)]
    return initial_of(terms) | start


def named(source: Source) -> dict[str, str] | None:
    """From what the title of a request from a clearance is proposed; None where it is made of what somebody typed."""
    asked = source.clearance
    if asked is None:
        return None
    return {"dataset": str(asked.scan.release.dataset), "use": asked.use, "territory": asked.territory}


def _title(source: Source, actor: Actor) -> str:
    if (facts := named(source)) is not None:
        return requests_titles.proposed(facts)
    if source.linkage is not None:
        return source.linkage.file_name[:200]
    if source.works:
        return source.works[0].title[:200]
    return " · ".join(filter(None, [source.query, *(said for _title, said in narrowed(source, actor))]))[:200]

"""The Reconciliation Service API 0.2 at /reconcile: what OpenRefine and its kind ask.

W3C Entity Reconciliation Community Group, "Reconciliation Service API v0.2". Everything here is public and read-only:
whoever asks is nobody, so drafts and private datasets do not exist. JSONP, which 0.2 leaves to the service, is refused.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.selectors import reconciled_values, standing
from licensing.selectors.reconciled_values import PROPERTIES, Row
from licensing.services import reconciliation
from licensing.services.assertions import today
from licensing.services.reconciliation import TYPES
from licensing.web import reconcile_queries as queries
from licensing.web import words
from licensing.web.addresses import address_of
from registry.api.base import ApiView
from registry.api.problems import InvalidQuery
from registry.errors import NotFound
from registry.models import Work
from registry.web.pages import page

VERSIONS = ["0.2"]
PREVIEW_SIZE = {"width": 400, "height": 220}
SUGGESTIONS = 10
SCHEMA_SPACE = "https://schema.org/"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Expose-Headers": "RateLimit, RateLimit-Policy, Retry-After",
    "Access-Control-Max-Age": "86400",
}


class ReconcileView(ApiView):
    """What every address of the service has in common: nobody signs in, every origin may ask, no schema of the API.

    Parameters that the specification does not name are passed over: OpenRefine's fields send some with every letter
    that is typed (`spell`, `exact`, `prefixed`, `filter`), and `type=` where a column has no type.
    """

    schema = None
    authentication_classes = []
    permission_classes = []
    parser_classes = [FormParser, MultiPartParser]
    http_method_names = ["get", "head", "options"]

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """What a browser asks before it sends another origin's request."""
        return Response(status=204)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        return _shared(answer)

    def _check_query(self, request: Request) -> None:
        if "callback" in request.query_params:
            raise InvalidQuery("callback", "asks for JSONP; JSON is answered to every origin (CORS)")


def _shared(answer: Any) -> Any:
    for name, value in CORS.items():
        answer[name] = value
    return answer


class EndpointView(ReconcileView):
    """The endpoint: its manifest, batches of queries, and data extension."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: Request) -> Response:
        """The manifest, or the answer to `queries` or `extend`."""
        return self._answer(request.query_params)

    def post(self, request: Request) -> Response:
        """The answer to a form with `queries` or `extend`."""
        return self._answer(request.data)

    def _answer(self, form: Any) -> Response:
        if "queries" in form:
            return Response(
                {
                    name: {"result": [_candidate(one) for one in found]}
                    for name, found in reconciliation.candidates(queries.batch(form["queries"])).items()
                }
            )
        if "extend" in form:
            return Response(_extended(*queries.extension(form["extend"])))
        return Response(manifest())


class SuggestView(ReconcileView):
    """Entities, properties or types whose name begins with what was typed."""

    def get(self, request: Request, what: str) -> Response:
        """At most ten suggestions after the first `cursor`."""
        prefix = request.query_params.get("prefix", "").strip()
        cursor = queries.cursor(request.query_params.get("cursor") or "0")
        if what == "entity":
            types = [name for name in request.query_params.getlist("type") if name]
            return Response({"result": _entities(prefix, types, cursor)})
        rows = _types() if what == "type" else _properties("")
        wanted = prefix.casefold()
        named = [row for row in rows if wanted in row["name"].casefold() or wanted.lstrip("/") in row["id"]]
        return Response({"result": named[cursor : cursor + SUGGESTIONS]})


class PropertiesView(ReconcileView):
    """What can be fetched about entities of a type."""

    def get(self, request: Request) -> Response:
        """The properties of `type`, or all; an unknown type has none."""
        kind = request.query_params.get("type", "")
        limit = queries.cursor(request.query_params.get("limit") or "0", name="limit")
        rows = [{"id": row["id"], "name": row["name"]} for row in _properties(kind)]
        answer: dict[str, Any] = {"type": kind, "properties": rows[:limit] if limit else rows}
        return Response(answer | ({"limit": limit} if limit else {}))


def manifest() -> dict[str, Any]:
    """What this service is and can do."""
    site = settings.SITE_URL
    suggest = {
        name: {"service_url": site, "service_path": reverse("reconcile-suggest", args=[name])}
        for name in ("entity", "property", "type")
    }
    properties = {"service_url": site, "service_path": reverse("reconcile-properties")}
    return {
        "versions": VERSIONS,
        "name": "Colophon: works, datasets, models and holders",
        "identifierSpace": f"{site}/id/",
        "schemaSpace": SCHEMA_SPACE,
        "documentation": f"{site}/api/docs",
        "logo": f"{site}{static('mark.svg')}",
        "defaultTypes": _types(),
        "view": {"url": f"{site}/id/{{{{id}}}}"},
        "preview": {"url": f"{site}/reconcile/preview?id={{{{id}}}}", **PREVIEW_SIZE},
        "suggest": suggest,
        "extend": {"propose_properties": properties, "property_settings": _settings()},
        "batchSize": queries.MAX_QUERIES,
    }


def _types() -> list[dict[str, Any]]:
    return [{"id": name, "name": label} for name, (label, _kind) in TYPES.items()]


def _properties(kind: str) -> list[dict[str, str]]:
    return [
        {"id": row.id, "name": row.name, "description": row.description}
        for row in PROPERTIES
        if not kind or kind in row.types
    ]


def _settings() -> list[dict[str, Any]]:
    usual = standing.default_question(today())
    uses = [{"value": use, "name": str(words.USES[use])} for use in standing.USES]
    places = [{"value": code, "name": words.territory(code)} for code in words.COMMON_TERRITORIES]
    return [
        {"name": "use", "label": "Use", "type": "select", "default": usual.use, "choices": uses,
         "help_text": "of a status or verdict"},
        {"name": "territory", "label": "Territory", "type": "select", "default": usual.territory, "choices": places,
         "help_text": "of a status or verdict"},
        {"name": "as_of", "label": "As of", "type": "text", "default": "",
         "help_text": "a day like 2026-05-31, of a status or verdict; empty means today"},
        {"name": "limit", "label": "Values", "type": "number", "default": 0,
         "help_text": "how many values an entity gets at most; 0 means all"},
    ]  # fmt: skip


def _candidate(one: reconciliation.Candidate) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "type": [{"id": one.type, "name": TYPES[one.type][0]}],
        "score": one.score,
        "match": one.match,
        "features": [{"id": name, "value": value} for name, value in one.features.items()],
    }


def _extended(ids: list[str], asked: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    found = reconciled_values.rows(ids)
    rows: dict[str, dict[str, Any]] = {name: {} for name in ids}
    meta: list[dict[str, Any]] = []
    for name, chosen in asked:
        known = reconciled_values.BY_ID.get(name)
        values = reconciled_values.values(found, name, chosen, lambda row: settings.SITE_URL + address_of(row))
        about: dict[str, Any] = {"id": name, "name": known.name if known else name}
        if known and known.entities:
            about["type"] = {"id": known.entities, "name": TYPES[known.entities][0]}
        meta.append(about)
        for key, row in rows.items():
            row[name] = values.get(key, [])
    return {"meta": meta, "rows": rows}


def _entities(prefix: str, types: list[str], cursor: int) -> list[dict[str, Any]]:
    if not prefix:
        return []
    return [
        {"id": hit.id, "name": hit.title, "description": hit.detail, "notable": [reconciliation.TYPE_OF_KIND[hit.kind]]}
        for hit in reconciliation.suggested(prefix, types, cursor, SUGGESTIONS)
    ]


def _one(public_id: str) -> Row:
    found = reconciled_values.rows([public_id[:12]]).get(public_id)
    if found is None:
        raise NotFound("There is no public entity of this id.")
    return found


@page
@require_safe
def entity(request: HttpRequest, public_id: str) -> HttpResponse:
    """The identifier space: leads from an id to its page."""
    return HttpResponseRedirect(address_of(_one(public_id)))


def every_origin(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A page that scripts of other sites may read too, and ask for beforehand."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponseBase:
        shared: HttpResponseBase = _shared(HttpResponse(status=204) if request.method == "OPTIONS" else view(request))
        return shared

    return answer


@every_origin
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@page
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """A few lines about an entity, which any site may frame; of what is not there, one line."""
    try:
        row = _one(request.GET.get("id", ""))
    except NotFound:
        return render(request, "licensing/preview.html", status=404)
    stand = None
    if isinstance(row, Work):
        question = standing.default_question(today())
        stand = standing.of_works([row], question)[row.pk]
    context = {
        "row": row,
        "kind": type(row).__name__,
        "standing": stand,
        "address": settings.SITE_URL + address_of(row),
    }
    return render(request, "licensing/preview.html", context)

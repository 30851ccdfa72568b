"""Search over the API: hits with facets, and suggestions."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, validated_query
from registry.api.serializers import StrictSerializer
from registry.errors import InvalidInput
from registry.search import engine, facets, suggestions
from registry.search.filters import SearchFilter, search_filter
from registry.search.kinds import KINDS
from registry.search.query import MAX_QUERY_CHARS

OWN = ("q", "limit", "offset")
KIND_CHOICES = [(name, name) for name in KINDS]


class SearchIn(StrictSerializer):
    q = serializers.CharField(required=False, max_length=MAX_QUERY_CHARS, help_text="Title, author, name, identifier.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=engine.MAX_LIMIT, default=20)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=engine.MAX_OFFSET, default=0)


class SuggestIn(StrictSerializer):
    q = serializers.CharField(max_length=MAX_QUERY_CHARS, help_text="What was typed so far.")
    kind = serializers.ChoiceField(required=False, choices=KIND_CHOICES)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=suggestions.MAX_SUGGESTIONS, default=8)


class HitOut(serializers.Serializer):
    kind = serializers.CharField()
    id = serializers.CharField()
    key = serializers.CharField(help_text="What this API's address of the kind takes: a work's id, a dataset's slug.")
    title = serializers.CharField()
    detail = serializers.CharField()
    score = serializers.FloatField(help_text="0 to 1; 1 for what carries the identifier asked for.")
    by = serializers.CharField(help_text="identifier, text or facet")


class HitsOut(serializers.Serializer):
    results = HitOut(many=True)
    total = serializers.IntegerField()
    totals = serializers.DictField(child=serializers.IntegerField(), help_text="By kind.")
    listed = serializers.IntegerField(help_text="How many can be paged through: the best.")
    next_offset = serializers.IntegerField(allow_null=True)
    facets = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="Facet, value, number: each counted without what was chosen of it.",
    )
    is_exact = serializers.BooleanField(help_text="False: very many were counted by a sample.")
    meant = serializers.CharField(allow_blank=True, help_text="A name that may have been meant when nothing was found.")
    engine = serializers.CharField()
    degraded = serializers.BooleanField(help_text="The configured engine did not answer, the database did.")
    took_ms = serializers.FloatField()


class SuggestionsOut(serializers.Serializer):
    results = HitOut(many=True)
    took_ms = serializers.FloatField()


def _parameters() -> list[OpenApiParameter]:
    """Kind, facets and years, as the FilterSet names them."""
    found = [
        OpenApiParameter("kind", OpenApiTypes.STR, enum=list(KINDS), description="Only this kind."),
        OpenApiParameter("year_from", OpenApiTypes.INT, description="First published in or after this year."),
        OpenApiParameter("year_to", OpenApiTypes.INT, description="First published in or before this year."),
    ]
    return found + [
        OpenApiParameter(name, OpenApiTypes.STR, description="One or more values of this facet, by commas.")
        for name in facets.every_name()
    ]


class SearchView(ApiView):
    """One box over works, datasets, models, holders and claims."""

    read_scopes = None

    def known_parameters(self) -> frozenset[str]:
        return frozenset({*OWN, *search_filter().base_filters})

    @extend_schema(responses=HitsOut, parameters=[SearchIn, *_parameters()])
    def get(self, request: Request) -> Response:
        """What answers a query and was chosen by facets, best first; without a query the newest of what was chosen."""
        own = {name: value for name, value in request.query_params.items() if name in OWN}
        asked = validated_query(SearchIn(data=own))
        chosen = _chosen(request)
        hits = engine.search(
            asked.get("q", ""),
            chosen.kind_name or None,
            actor=self.actor,
            limit=asked["limit"],
            offset=asked["offset"],
            selection=chosen.selection,
        )
        names = (
            "total",
            "totals",
            "listed",
            "next_offset",
            "facets",
            "is_exact",
            "meant",
            "engine",
            "degraded",
            "took_ms",
        )
        return Response({"results": list(map(_hit, hits.hits))} | {name: getattr(hits, name) for name in names})


class SuggestView(ApiView):
    """Names that somebody may be about to type."""

    read_scopes = None
    parameters = frozenset({"q", "kind", "limit"})

    @extend_schema(responses=SuggestionsOut, parameters=[SuggestIn])
    def get(self, request: Request) -> Response:
        """The best few names that what was typed may be the beginning of."""
        asked = validated_query(SuggestIn(data=request.query_params))
        found = suggestions.suggest(asked["q"], asked.get("kind"), actor=self.actor, limit=asked["limit"])
        return Response({"results": list(map(_hit, found.hits)), "took_ms": found.took_ms})


def _chosen(request: Request) -> SearchFilter:
    chosen = search_filter()(request.query_params)
    if not chosen.is_valid():
        faults = [
            {"parameter": name, "cause": str(cause)} for name, causes in chosen.errors.items() for cause in causes
        ]
        raise InvalidInput("; ".join(f"?{fault['parameter']}: {fault['cause']}" for fault in faults), errors=faults)
    return chosen


def _hit(hit: engine.Hit) -> dict[str, Any]:
    key = getattr(
        hit.row, "slug" if hit.kind in ("dataset", "model") else "key" if hit.kind == "claim" else "public_id"
    )
    return {
        "kind": hit.kind,
        "id": hit.id,
        "key": key,
        "title": hit.title,
        "detail": hit.detail,
        "score": hit.score,
        "by": hit.by,
    }

"""The API of drafts of filings: the same drafts as on their page, as JSON, Markdown or HTML."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

import ingest.access
from licensing.api.kits import id_in_path
from licensing.api.views import AnyFormat
from licensing.formats.filing import FORMS, Filing
from licensing.services import filings
from registry.api.base import ApiView, validated_query
from registry.api.serializers import StrictSerializer
from registry.errors import NotFound

FILE = {
    (200, "application/json"): OpenApiTypes.OBJECT,
    (200, "text/html"): OpenApiTypes.STR,
    (200, "text/markdown"): OpenApiTypes.STR,
}


class FormIn(StrictSerializer):
    """Which form the draft has."""

    form = serializers.ChoiceField(choices=sorted(FORMS), required=False, default="json", help_text="json, md or html.")


class FilingIn(FormIn):
    """What a draft is about."""

    model = serializers.SlugField(
        max_length=80, required=False, default="", help_text="A model of the catalogue whose developer you are."
    )
    name = serializers.CharField(
        max_length=filings.MAX_NAME, required=False, default="", help_text="What your system or model is called."
    )
    dataset = serializers.ListField(
        child=serializers.SlugField(max_length=80),
        required=False,
        default=list,
        max_length=filings.MAX_DATASETS,
        help_text="Slugs of the datasets that train it; without any those that the model is known to be trained on.",
    )


class FilingView(ApiView):
    """A draft of a filing about synthetic data."""

    read_scopes = ("scans", "clearances")
    parameters = frozenset({"form", "model", "name", "dataset"})

    def get_content_negotiator(self) -> AnyFormat:
        """As `form` says, whatever `Accept` does."""
        return AnyFormat()

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=sorted(filings.KINDS)),
            FilingIn,
        ],
        responses=FILE,
    )
    def get(self, request: Request, kind: str) -> HttpResponse:
        """Section 2.5 of the EU's public summary, or California's line on synthetic data, for a person to check."""
        if kind not in filings.KINDS:
            raise NotFound("There is no such filing.")
        query = request.query_params
        given = {name: query[name] for name in ("form", "model", "name") if name in query}
        data = validated_query(FilingIn(data=given | {"dataset": query.getlist("dataset")}))
        form = data.pop("form")
        datasets = data.pop("dataset")
        return _file(filings.draft(kind, actor=self.actor, datasets=datasets, **data), form)


class SamplingRecordView(ApiView):
    """The sampling record of an audit after GB/T 45654."""

    scope = "scans"
    parameters = frozenset({"form"})
    action = "record"
    conflicting_reads = ("record",)

    def get_content_negotiator(self) -> AnyFormat:
        """As `form` says, whatever `Accept` does."""
        return AnyFormat()

    @extend_schema(parameters=[id_in_path("audit"), FormIn], responses=FILE)
    def get(self, request: Request, audit: str) -> HttpResponse:
        """In Chinese, for a person to check and sign; 409 before the audit has a result."""
        found = ingest.access.audit(self.actor, audit)
        form = validated_query(FormIn(data=request.query_params.dict()))["form"]
        return _file(filings.sampling_record(found), form)


def _file(found: Filing, form: str) -> HttpResponse:
    return HttpResponse(filings.file(found, form), content_type=filings.media_type(form))

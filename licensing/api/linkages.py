"""The API of linkages: hand in a list of titles, fetch which registered works its rows are, settle what is unsure."""

import json
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from licensing import access
from licensing.api.imports import download, downloads
from licensing.api.views import AnyFormat
from licensing.services import linkage_files, linkages
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ListedViewSet, validated_query
from registry.api.filters import OneOf
from registry.api.serializers import StrictSerializer
from registry.linkage.facts import COLUMNS
from registry.models import Linkage, LinkageRow


class LinkageIn(StrictSerializer):
    """A table of titles. Without `columns` they are recognised by their headings."""

    file = serializers.FileField(allow_empty_file=True, help_text="CSV, TSV or XLSX.")
    columns = serializers.CharField(
        required=False, default="", help_text='Columns as a JSON object: {"Titel": "title", "ISBN-13": "isbn"}.'
    )
    encoding = serializers.CharField(max_length=40, required=False, default="")

    def validate_columns(self, value: str) -> dict[str, str]:
        try:
            columns = json.loads(value or "{}")
        except (ValueError, RecursionError):
            columns = None
        if not isinstance(columns, dict) or not all(name in COLUMNS for name in columns.values()):
            raise serializers.ValidationError(f"This is not a JSON object of columns → {', '.join(COLUMNS)}.")
        return columns


class DecisionIn(StrictSerializer):
    """What a row is: a work by its id, or null for none of the registered works."""

    work = serializers.CharField(max_length=12, allow_null=True)


class FormQuery(StrictSerializer):
    """Which form the results have."""

    form = serializers.ChoiceField(list(linkage_files.MEDIA_TYPES), required=False, default="jsonl")


class LinkageCountsOut(serializers.Serializer):
    """Rows by what stands for them."""

    rows = serializers.IntegerField()
    match = serializers.IntegerField()
    review = serializers.IntegerField()
    none = serializers.IntegerField()


class LinkageOut(serializers.ModelSerializer):
    """One list and how it was linked. `method` names the version of the model that weighed."""

    id = serializers.CharField(source="public_id")
    columns = serializers.DictField(child=serializers.CharField())
    counts = serializers.SerializerMethodField()
    job = serializers.CharField(source="job.public_id", default=None, allow_null=True)

    class Meta:
        model = Linkage
        fields = [
            "id", "file_name", "size_bytes", "sha256", "encoding", "columns", "state", "method", "counts", "reason",
            "job", "recorded_at", "ended_at",
        ]  # fmt: skip

    @extend_schema_field(LinkageCountsOut(allow_null=True))
    def get_counts(self, linkage: Linkage) -> dict[str, int] | None:
        if not linkage.counts:
            return None
        return {str(name): linkage.counts.get(str(name), 0) for name in LinkageCountsOut().fields}


class LinkageCandidateOut(serializers.Serializer):
    """A registered work that the row may be. `reasons` are codes of docs/linkage.md."""

    work = serializers.CharField()
    reference = serializers.CharField()
    probability = serializers.FloatField()
    by = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class LinkageRowOut(serializers.ModelSerializer):
    """One row: `decision`, `work` and `by` are what stands, `computed` what the scoring said."""

    row = serializers.IntegerField(source="number")
    facts = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()
    work = serializers.SerializerMethodField()
    reference = serializers.SerializerMethodField()
    by = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    computed = serializers.CharField(source="decision")
    candidates = LinkageCandidateOut(many=True)

    class Meta:
        model = LinkageRow
        fields = [
            "row", "facts", "decision", "work", "reference", "probability", "by", "note", "computed", "candidates",
            "decided_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_facts(self, row: LinkageRow) -> dict[str, str]:
        return {name: row.facts.get(name, "") for name in COLUMNS}

    @extend_schema_field(serializers.ChoiceField(["match", "review", "none"]))
    def get_decision(self, row: LinkageRow) -> str:
        return str(linkage_files.as_json(row)["decision"])

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_work(self, row: LinkageRow) -> str | None:
        return linkage_files.as_json(row)["work"]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_reference(self, row: LinkageRow) -> str | None:
        return linkage_files.as_json(row)["reference"]

    def get_by(self, row: LinkageRow) -> str:
        return str(linkage_files.as_json(row)["by"])

    def get_note(self, row: LinkageRow) -> str:
        return str(row.facts.get("note", ""))


class LinkageFilter(django_filters.FilterSet):
    state = OneOf(Linkage.State.values)
    sha256 = django_filters.CharFilter()

    class Meta:
        model = Linkage
        fields: list[str] = []


class LinkageRowFilter(django_filters.FilterSet):
    computed = OneOf([value for value in LinkageRow.Decision.values if value != "refused"], field_name="decision")
    decided = OneOf(["match", "none"])

    class Meta:
        model = LinkageRow
        fields: list[str] = []


class LinkageViewSet(ListedViewSet):
    """Lists of titles and what they are."""

    scope = "linkages"
    serializer_class = LinkageOut
    filterset_class = LinkageFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Linkage.objects.none()

    def get_parsers(self) -> list[Any]:
        """The list comes as a form; everything else is JSON."""
        is_upload = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def get_queryset(self) -> QuerySet[Linkage]:
        return access.linkages(self.actor)

    @extend_schema(responses=LinkageOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One list: poll this address, or its job, until `state` is done, failed or cancelled."""
        return Response(LinkageOut(access.linkage(self.actor, public_id)).data)

    @extend_schema(request={"multipart/form-data": LinkageIn}, responses={202: LinkageOut})
    def create(self, request: Request) -> Response:
        """Hand in a list; a worker links it."""
        self.actor.require_writer()
        form: Any = request.data
        given = LinkageIn(data={name: form.get(name) for name in form})
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        upload = data.pop("file")
        made = linkages.take(
            file=upload,
            file_name=upload.name,
            actor=self.actor,
            columns=data["columns"] or None,
            encoding=data["encoding"],
        )
        assert made.job is not None
        headers = {"Location": f"/api/v1/jobs/{made.job.public_id}"}
        return Response(LinkageOut(access.linkage(self.actor, made.public_id)).data, status=202, headers=headers)

    @extend_schema(request=None, responses=LinkageOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Stop a list that is being linked."""
        linkages.cancel(linkage=access.linkage(self.actor, public_id), actor=self.actor)
        return Response(LinkageOut(access.linkage(self.actor, public_id)).data)

    @extend_schema(
        parameters=[OpenApiParameter("form", enum=list(linkage_files.MEDIA_TYPES), default="jsonl")],
        responses=downloads("application/jsonl", "text/csv"),
    )
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def results(self, request: Request, public_id: str) -> StreamingHttpResponse:
        """Every row with what it is: JSON Lines as `manage.py link` writes them, or the list as CSV."""
        asked = validated_query(FormQuery(data=request.query_params.dict()))
        found = access.linkage(self.actor, public_id)
        return download(linkage_files.results(linkages.results(found), found.file_name, asked["form"]))

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"form"}) if self.action == "results" else super().known_parameters()


class LinkageRowViewSet(ListedViewSet):
    """The rows of one list in its order."""

    scope = "linkages"
    serializer_class = LinkageRowOut
    filterset_class = LinkageRowFilter
    pagination_class = pagination.InOrder
    lookup_field = "number"
    lookup_value_regex = r"\d{1,9}"
    queryset = LinkageRow.objects.none()

    def get_queryset(self) -> QuerySet[LinkageRow]:
        return access.linkage_rows(self.actor, access.linkage(self.actor, self.kwargs["linkage_id"]))

    @extend_schema(request=DecisionIn, responses=LinkageRowOut)
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, linkage_id: str, number: str) -> Response:
        """Say what a row is. Rows of your lists that say the same follow, now and later, until it is taken back."""
        row = self._row(linkage_id, number)
        given = DecisionIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data["work"]
        work = registry.access.work(self.actor, wanted) if wanted is not None else None
        linkages.decide(row=row, work=work, actor=self.actor)
        return Response(LinkageRowOut(self._row(linkage_id, number)).data)

    @extend_schema(request=None, responses=LinkageRowOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, linkage_id: str, number: str) -> Response:
        """Take the decision about a row back."""
        linkages.undo(row=self._row(linkage_id, number), actor=self.actor)
        return Response(LinkageRowOut(self._row(linkage_id, number)).data)

    def _row(self, linkage_id: str, number: str) -> LinkageRow:
        return access.linkage_row(self.actor, access.linkage(self.actor, linkage_id), int(number))

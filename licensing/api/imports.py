"""The API of imports: hand in a file of many records, see what would happen, take it over, fetch what was refused."""

import json
from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import access
from licensing.api.views import AnyFormat
from licensing.services import import_files, import_undo, imports
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ListedViewSet, validated_query
from registry.api.filters import OneOf
from registry.api.serializers import StrictSerializer
from registry.models import Capacity, Import, ImportRow, RightsClaim, Work


class ImportIn(StrictSerializer):
    """A file, and how it is meant. Without `columns` those of a table are recognised by their names."""

    file = serializers.FileField(allow_empty_file=True, help_text="ONIX, CSV, TSV, XLSX, MARC, EPUB, DPI or Croissant.")
    columns = serializers.CharField(
        required=False, default="", help_text='Columns of a table as a JSON object: {"Titel": "title"}.'
    )
    encoding = serializers.CharField(max_length=40, required=False, default="")
    capacity = serializers.ChoiceField(Capacity.choices, required=False, default=Capacity.PUBLISHER)
    ai_rights = serializers.ChoiceField(
        RightsClaim.AiRights.choices, required=False, default=RightsClaim.AiRights.SILENT
    )
    visibility = serializers.ChoiceField(
        Work.Visibility.choices, required=False, default=Work.Visibility.PUBLIC, help_text="Of works that are new."
    )

    def validate_columns(self, value: str) -> dict[str, str]:
        if not value:
            return {}
        try:
            columns = json.loads(value)
        except (ValueError, RecursionError):
            columns = None
        if not isinstance(columns, dict) or not all(isinstance(name, str) for name in columns.values()):
            raise serializers.ValidationError('This is not a JSON object like {"Titel": "title"}.')
        return columns


class ApplyIn(StrictSerializer):
    """How a checked file is taken over."""

    valid_rows_only = serializers.BooleanField(required=False, default=False)


class RowsQuery(StrictSerializer):
    """Which form the acknowledgement has."""

    form = serializers.ChoiceField(["xml", "json"], required=False, default="xml")


class CountsOut(serializers.Serializer):
    """Rows by what becomes, or became, of them."""

    rows = serializers.IntegerField()
    new = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    deleted = serializers.IntegerField()
    refused = serializers.IntegerField()
    warnings = serializers.IntegerField()


class FaultOut(serializers.Serializer):
    """What is wrong, or worth knowing, about one value of a record."""

    column = serializers.CharField()
    value = serializers.CharField()
    severity = serializers.ChoiceField(list("IQWEF"))
    code = serializers.CharField()
    cause = serializers.CharField()
    fix = serializers.CharField()


class ImportOut(serializers.ModelSerializer):
    """One file on its way into the registry."""

    id = serializers.CharField(source="public_id")
    table_columns = serializers.SerializerMethodField()
    columns = serializers.DictField(child=serializers.CharField())
    messages = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    job = serializers.CharField(source="job.public_id", default=None, allow_null=True)
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)
    undo_entry = serializers.CharField(source="undo_entry.public_id", default=None, allow_null=True)
    message_status = serializers.CharField()

    class Meta:
        model = Import
        fields = [
            "id", "content", "file_name", "size_bytes", "sha256", "file_format", "format_version", "encoding", "sender",
            "sent_on", "table_columns", "columns", "messages", "capacity", "ai_rights", "visibility", "valid_rows_only",
            "state", "message_status", "counts", "reason", "job", "entry", "undo_entry", "recorded_at", "ended_at",
        ]  # fmt: skip

    def get_table_columns(self, batch: Import) -> list[str]:
        return list(batch.head.get("columns", []))

    @extend_schema_field(serializers.ListField(child=serializers.DictField(child=serializers.CharField())))
    def get_messages(self, batch: Import) -> list[dict[str, str]]:
        return list(batch.head.get("messages", []))

    @extend_schema_field(CountsOut(allow_null=True))
    def get_counts(self, batch: Import) -> dict[str, int] | None:
        names = [str(name) for name in CountsOut().fields]
        return {name: batch.counts.get(name, 0) for name in names} if batch.counts else None


class ImportRowOut(serializers.ModelSerializer):
    """One record of the file, and what becomes of it."""

    faults = FaultOut(many=True)
    work = serializers.CharField(source="work.survivor.public_id", default=None, allow_null=True)
    dataset = serializers.CharField(source="dataset.slug", default=None, allow_null=True)

    class Meta:
        model = ImportRow
        fields = ["number", "reference", "title", "action", "severity", "faults", "work", "dataset"]


class ImportFilter(django_filters.FilterSet):
    state = OneOf(Import.State.values)
    content = OneOf(Import.Content.values)
    sha256 = django_filters.CharFilter()

    class Meta:
        model = Import
        fields: list[str] = []


class ImportRowFilter(django_filters.FilterSet):
    action = OneOf(ImportRow.Action.values)
    severity = OneOf(list("IQWEF"))
    reference = django_filters.CharFilter()

    class Meta:
        model = ImportRow
        fields: list[str] = []


def downloads(*media_types: str) -> dict[tuple[int, str], Any]:
    """How a file of one of these forms is described."""
    return {(200, media_type): OpenApiTypes.BINARY for media_type in media_types}


class ImportViewSet(ListedViewSet):
    """Files of many records."""

    scope = "imports"
    serializer_class = ImportOut
    filterset_class = ImportFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Import.objects.none()

    def get_parsers(self) -> list[Any]:
        """The file comes as a form; everything else is JSON."""
        is_upload = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def get_queryset(self) -> QuerySet[Import]:
        return access.imports(self.actor)

    @extend_schema(responses=ImportOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One import: poll this address, or its job, until `state` is checked, done, failed or cancelled."""
        return Response(self._shown(access.import_(self.actor, public_id)))

    @extend_schema(request={"multipart/form-data": ImportIn}, responses={202: ImportOut})
    def create(self, request: Request) -> Response:
        """Hand in a file. It is looked at (a dry run); nothing is registered before `apply`."""
        self.actor.require_writer()
        given = ImportIn(data=_form(request))
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        upload = data.pop("file")
        batch = imports.take(
            file=upload, file_name=upload.name, actor=self.actor, columns=data.pop("columns") or None, **data
        )
        try:
            job = imports.request_check(batch=batch, actor=self.actor)
        except BaseException:
            imports.forget(batch)
            raise
        return Response(self._shown(batch), status=202, headers={"Location": f"/api/v1/jobs/{job.public_id}"})

    @extend_schema(request=ApplyIn, responses={202: ImportOut})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, public_id: str) -> Response:
        """Take the checked file over: all of it, or its valid rows. 409 while rows are refused and all is wanted."""
        batch = access.import_(self.actor, public_id)
        given = ApplyIn(data=request.data)
        given.is_valid(raise_exception=True)
        job = imports.request_apply(batch=batch, actor=self.actor, **given.validated_data)
        return Response(self._shown(batch), status=202, headers={"Location": f"/api/v1/jobs/{job.public_id}"})

    @extend_schema(request=None, responses=ImportOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Stop an import that is not over; nothing was registered, or nothing will be."""
        batch = access.import_(self.actor, public_id)
        imports.cancel(batch=batch, actor=self.actor)
        return Response(self._shown(access.import_(self.actor, public_id)))

    @extend_schema(request=None, responses={202: ImportOut})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, public_id: str) -> Response:
        """Take an import back: new works are withdrawn, changed ones get their facts back."""
        batch = access.import_(self.actor, public_id)
        job = import_undo.request(batch=batch, actor=self.actor)
        return Response(self._shown(batch), status=202, headers={"Location": f"/api/v1/jobs/{job.public_id}"})

    @extend_schema(responses=downloads("text/csv", "application/xml", "application/json"))
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def refused(self, request: Request, public_id: str) -> StreamingHttpResponse:
        """The refused rows in the format they came in, with causes, to be corrected and handed in again."""
        return download(import_files.refused_rows(access.import_(self.actor, public_id)))

    @extend_schema(
        parameters=[OpenApiParameter("form", enum=["xml", "json"], default="xml")],
        responses=downloads("application/xml", "application/json"),
    )
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def acknowledgement(self, request: Request, public_id: str) -> StreamingHttpResponse:
        """What becomes of every record, in the terms of the ONIX Acknowledgement message."""
        asked = validated_query(RowsQuery(data=request.query_params.dict()))
        return download(import_files.acknowledgement(access.import_(self.actor, public_id), asked["form"] == "json"))

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"form"}) if self.action == "acknowledgement" else super().known_parameters()

    def _shown(self, batch: Import) -> Mapping[str, Any]:
        batch.refresh_from_db()
        return ImportOut(batch).data


class ImportRowViewSet(ListedViewSet):
    """The rows of one import in the order of the file."""

    read_scopes = ("imports",)
    serializer_class = ImportRowOut
    filterset_class = ImportRowFilter
    pagination_class = pagination.InOrder
    queryset = ImportRow.objects.none()

    def get_queryset(self) -> QuerySet[ImportRow]:
        batch = access.import_(self.actor, self.kwargs["import_id"])
        return access.import_rows(self.actor, batch)


def download(file: import_files.Download) -> StreamingHttpResponse:
    """A file of an import as an answer."""
    response = StreamingHttpResponse(file.content, content_type=file.media_type)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file.name))
    return response


def _form(request: Request) -> dict[str, object]:
    data: Any = request.data
    return {name: data.get(name) for name in data}

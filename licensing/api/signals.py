"""The API of signals: observations with their bytes, where works stand, what was said for a work on a day."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from licensing import access
from licensing.api.views import AnyFormat
from licensing.formats.recognition import KINDS
from licensing.models import Observation, Signal, WorkAddress
from licensing.services import observations, signal_reading, work_addresses
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf
from registry.api.representations import JobOut
from registry.api.serializers import StrictSerializer


class ObservationIn(StrictSerializer):
    """A file, where it was read, and when."""

    file = serializers.FileField(allow_empty_file=True, help_text="What a machine gave out, as it came.")
    address = serializers.CharField(max_length=1000, required=False, default="", help_text="https://host/path")
    observed_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    work = serializers.CharField(max_length=12, required=False, default="", help_text="Whose own file it is.")
    kind = serializers.ChoiceField(["", *KINDS], required=False, default="", help_text="Empty: by its content.")


class SiteIn(StrictSerializer):
    """A site to be read."""

    address = serializers.CharField(max_length=1000)


class CrawlIn(StrictSerializer):
    """Crawl records."""

    file = serializers.FileField(allow_empty_file=True, help_text="WARC, plain or gzipped.")


class SignalFaultOut(serializers.Serializer):
    """What could not be read."""

    code = serializers.CharField()
    place = serializers.CharField()
    cause = serializers.CharField()


class SignalOut(serializers.ModelSerializer):
    """One rule with its words, and what it means here."""

    says = serializers.CharField()
    rule = serializers.DictField(help_text="All of it, in the words of the one policy model.")

    class Meta:
        model = Signal
        fields = [
            "format", "format_version", "carrier", "path", "agents", "says", "uses", "purposes", "territory",
            "policy_address", "words", "machine_readable", "rule",
        ]  # fmt: skip


class ObservationOut(serializers.ModelSerializer):
    """One reading of one place."""

    id = serializers.CharField(source="public_id")
    origin = serializers.CharField()
    organisation = serializers.CharField(source="organisation.slug", default=None, allow_null=True)
    faults = SignalFaultOut(many=True)
    headers = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)

    class Meta:
        model = Observation
        fields = [
            "id", "origin", "organisation", "address", "host", "observed_at", "status", "headers", "content_sha256",
            "size_bytes", "content_type", "file_name", "faults", "entry", "recorded_at",
        ]  # fmt: skip


class ObservationDetail(ObservationOut):
    """One reading with its rules."""

    signals = SignalOut(many=True)

    class Meta(ObservationOut.Meta):
        fields = [*ObservationOut.Meta.fields, "signals"]


class ObservationFilter(django_filters.FilterSet):
    host = django_filters.CharFilter()
    address = django_filters.CharFilter()
    origin = OneOf(Observation.Origin.values)
    sha256 = django_filters.CharFilter(field_name="content_sha256")
    format = django_filters.CharFilter(field_name="signals__format", distinct=True)

    class Meta:
        model = Observation
        fields: list[str] = []


def _form(request: Request) -> dict[str, object]:
    data: Any = request.data
    return {name: data.get(name) for name in data}


class ObservationViewSet(ListedViewSet):
    """What was read of publishers' machines."""

    scope = "works"
    read_scopes = None
    serializer_class = ObservationOut
    filterset_class = ObservationFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Observation.objects.none()

    def get_parsers(self) -> list[Any]:
        """Files come as forms; a site to be read is JSON."""
        is_upload = getattr(self, "action_map", {}).get("post") in ("create", "crawl")
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def get_queryset(self) -> QuerySet[Observation]:
        return access.observations(self.actor)

    @extend_schema(responses=ObservationDetail)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One reading with every rule in it."""
        return Response(ObservationDetail(access.observation(self.actor, public_id)).data)

    @extend_schema(request={"multipart/form-data": ObservationIn}, responses={201: ObservationDetail})
    def create(self, request: Request) -> Response:
        """Hand in a file. The same bytes of the same place and day are the observation that is there already."""
        self.actor.require_writer()
        given = ObservationIn(data=_form(request))
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        work, upload = data.pop("work"), data.pop("file")
        row, _kept = observations.hand_in(
            content=upload.read(observations.MAX_FILE_BYTES + 1),
            file_name=upload.name,
            work=registry.access.work(self.actor, work) if work else None,
            actor=self.actor,
            **data,
        )
        shown = ObservationDetail(access.observation(self.actor, row.public_id)).data
        return Response(shown, status=201, headers={"Location": f"/api/v1/observations/{row.public_id}"})

    @extend_schema(request=SiteIn, responses={202: JobOut})
    @action(detail=False, methods=["post"])
    def read(self, request: Request) -> Response:
        """Have a site read: answers with the job that does it."""
        given = SiteIn(data=request.data)
        given.is_valid(raise_exception=True)
        job = signal_reading.request_look(address=given.validated_data["address"], actor=self.actor)
        return self._accepted(job)

    @extend_schema(request={"multipart/form-data": CrawlIn}, responses={202: JobOut})
    @action(detail=False, methods=["post"])
    def crawl(self, request: Request) -> Response:
        """Hand in crawl records: answers with the job that reads them."""
        self.actor.require_writer()
        given = CrawlIn(data=_form(request))
        given.is_valid(raise_exception=True)
        upload = given.validated_data["file"]
        return self._accepted(signal_reading.request_crawl(file=upload, file_name=upload.name or "", actor=self.actor))

    def _accepted(self, job: Any) -> Response:
        headers = {"Location": f"/api/v1/jobs/{job.public_id}"}
        return Response(JobOut(job, context=self.get_serializer_context()).data, status=202, headers=headers)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def raw(self, request: Request, public_id: str) -> HttpResponse:
        """The bytes as they were read."""
        row = access.observation(self.actor, public_id)
        headers = {"Content-Disposition": f'attachment; filename="{row.content_sha256[:16]}.bin"'}
        return HttpResponse(observations.raw(row), content_type="application/octet-stream", headers=headers)


class WorkAddressIn(StrictSerializer):
    """Where a work stands."""

    work = serializers.CharField(max_length=12)
    address = serializers.CharField(max_length=1000, help_text="https://host/path; a final * stands for all below.")
    since = serializers.DateField(required=False, default=None, allow_null=True)


class WorkAddressOut(serializers.ModelSerializer):
    """A place on the web at which a work stands, as somebody who speaks for it says."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    stated_by = serializers.CharField(source="stated_by.slug")
    address = serializers.CharField()

    class Meta:
        model = WorkAddress
        fields = ["id", "work", "address", "host", "stated_by", "since", "recorded_at"]


class WorkAddressFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")
    host = django_filters.CharFilter()

    class Meta:
        model = WorkAddress
        fields: list[str] = []


class WorkAddressViewSet(ListedViewSet):
    """Where works stand on the web."""

    scope = "works"
    read_scopes = None
    serializer_class = WorkAddressOut
    filterset_class = WorkAddressFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = WorkAddress.objects.none()

    def get_queryset(self) -> QuerySet[WorkAddress]:
        return access.work_addresses(self.actor)

    @extend_schema(request=WorkAddressIn, responses={201: WorkAddressOut})
    def create(self, request: Request) -> Response:
        """State where a work stands: what is said of that place counts for it from now on."""
        given = WorkAddressIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        work = registry.access.work(self.actor, data.pop("work"))
        row = work_addresses.state(work=work, actor=self.actor, **data)
        row.refresh_from_db()
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take an address back: what was derived from the place ends today."""
        work_addresses.withdraw(access.own_work_address(self.actor, public_id), actor=self.actor)
        return Response(status=204)

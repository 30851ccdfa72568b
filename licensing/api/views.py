"""The API of clearances, verdicts and reports, and the rules without a database: `explain`."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ingest.access
from licensing import access
from licensing.api import serializers
from licensing.models import Clearance, Report, Verdict
from licensing.rules import explain, policy
from licensing.rules.case import CaseError, parse_case
from licensing.services import clearances, reports
from registry.api.authentication import actor_of
from registry.errors import Conflict, InvalidInput


class VerdictFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")

    class Meta:
        model = Verdict
        fields = ["verdict", "status", "blocks", "relation"]


class ClearanceViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """Questions asked of datasets, and their answers."""

    scope = "clearances"
    serializer_class = serializers.ClearanceOut
    filterset_fields = ["state", "use", "purpose", "territory"]
    lookup_field = "public_id"
    queryset = Clearance.objects.none()

    def get_queryset(self) -> QuerySet[Clearance]:
        return access.clearances(actor_of(self.request))

    @extend_schema(responses=serializers.ClearanceOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One clearance: poll this address until `state` is decided or failed."""
        return Response(self.get_serializer(access.clearance(actor_of(request), public_id)).data)

    @extend_schema(request=serializers.ClearanceIn, responses={202: serializers.ClearanceOut})
    def create(self, request: Request) -> Response:
        """Ask a question about a scan; it is decided as soon as the scan is done."""
        given = serializers.ClearanceIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        actor = actor_of(request)
        scan = ingest.access.scan(actor, data.pop("scan"))
        clearance = clearances.request(scan=scan, actor=actor, profile=data.pop("policy"), **data)
        address = f"/api/v1/clearances/{clearance.public_id}"
        return Response(self.get_serializer(clearance).data, status=202, headers={"Location": address})


class VerdictViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """The verdicts of one clearance, work by work."""

    serializer_class = serializers.VerdictOut
    filterset_class = VerdictFilter
    queryset = Verdict.objects.none()

    def get_queryset(self) -> QuerySet[Verdict]:
        clearance = access.clearance(actor_of(self.request), self.kwargs["clearance"])
        return Verdict.objects.filter(clearance=clearance).select_related("work")


class ReportViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """Evidence bundles."""

    scope = "reports"
    serializer_class = serializers.ReportOut
    filterset_fields = ["state", "language"]
    lookup_field = "public_id"
    queryset = Report.objects.none()

    def get_queryset(self) -> QuerySet[Report]:
        return access.reports(actor_of(self.request)).select_related("job")

    @extend_schema(responses=serializers.ReportOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One report."""
        return Response(self.get_serializer(access.report(actor_of(request), public_id)).data)

    @extend_schema(request=serializers.ReportIn, responses={202: serializers.ReportOut})
    def create(self, request: Request) -> Response:
        """Make an evidence bundle of a decided clearance."""
        given = serializers.ReportIn(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        clearance = access.clearance(actor, given.validated_data["clearance"])
        report = reports.request(clearance=clearance, language=given.validated_data["language"], actor=actor)
        address = f"/api/v1/reports/{report.public_id}"
        return Response(self.get_serializer(report).data, status=202, headers={"Location": address})

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def bundle(self, request: Request, public_id: str) -> FileResponse:
        """The bundle itself."""
        report = access.report(actor_of(request), public_id)
        if report.state != Report.State.READY:
            raise Conflict(f"The report is not ready: {report.state}.")
        return FileResponse(
            reports.open_bundle(report),
            as_attachment=True,
            filename=reports.file_name(report),
            content_type="application/zip",
        )


class ExplainView(APIView):
    """Decide a case without storing anything: the same rules as everywhere (`python -m licensing.rules`)."""

    scope = "read"
    permission_classes = []

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        body: Any = request.data
        try:
            case = parse_case(body)
            chosen = policy.load_profile(case.question.policy)
        except CaseError as error:
            errors = [{"pointer": error.pointer, "cause": error.cause}]
            raise InvalidInput(f"{error.pointer}: {error.cause}", errors=errors) from None
        return Response(explain.answer_json(case, chosen))

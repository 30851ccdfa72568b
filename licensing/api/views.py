"""The API of clearances, verdicts and reports, and the rules without a database: `explain`."""

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

import ingest.access
from licensing import access
from licensing.api import case_schema, filters, serializers
from licensing.models import Clearance, Report, Verdict
from licensing.rules import explain, policy
from licensing.rules.case import CaseError, parse_case
from licensing.selectors import answers, missing
from licensing.services import clearances, reports
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ApiView, ListedViewSet
from registry.errors import InvalidInput


class ClearanceViewSet(ListedViewSet):
    """Questions asked of datasets, and their answers."""

    scope = "clearances"
    serializer_class = serializers.ClearanceOut
    filterset_class = filters.ClearanceFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Clearance.objects.none()

    def get_queryset(self) -> QuerySet[Clearance]:
        return access.clearances(self.actor).select_related("scan__release__dataset", "scan__job", "licensee")

    @extend_schema(responses=serializers.ClearanceOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One clearance: poll this address until `state` is decided or failed."""
        return Response(self.get_serializer(access.clearance(self.actor, public_id)).data)

    @extend_schema(request=serializers.ClearanceIn, responses={202: serializers.ClearanceOut})
    def create(self, request: Request) -> Response:
        """Ask a question about a scan; it is decided as soon as the scan is done."""
        given = serializers.ClearanceIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        scan = ingest.access.scan(self.actor, data.pop("scan"))
        clearance = clearances.request(scan=scan, actor=self.actor, profile=data.pop("policy"), **data)
        address = f"/api/v1/clearances/{clearance.public_id}"
        return Response(self.get_serializer(clearance).data, status=202, headers={"Location": address})

    @extend_schema(responses=serializers.ClearanceOutputOut)
    @action(detail=True, methods=["get"])
    def output(self, request: Request, public_id: str) -> Response:
        """What it says of model output in its dataset, with the facts; null before it is decided."""
        clearance = access.clearance(self.actor, public_id)
        return Response(serializers.ClearanceOutputOut(answers.output_now(clearance)).data)

    @extend_schema(responses=serializers.NowOut)
    @action(detail=True, methods=["get"])
    def now(self, request: Request, public_id: str) -> Response:
        """How it stands now, where licences were granted, ended or taken back since it was decided."""
        return Response(serializers.NowOut(missing.now(access.clearance(self.actor, public_id))).data)


class VerdictViewSet(ListedViewSet):
    """The verdicts of one clearance, work by work."""

    read_scopes = ("clearances",)
    serializer_class = serializers.VerdictOut
    filterset_class = filters.VerdictFilter
    pagination_class = pagination.InOrder
    queryset = Verdict.objects.none()

    def get_queryset(self) -> QuerySet[Verdict]:
        clearance = access.clearance(self.actor, self.kwargs["clearance"])
        rows = access.verdicts(self.actor).filter(clearance=clearance)
        return rows.select_related("work", "clearance__organisation")


class AnyFormat(BaseContentNegotiation):
    """A download has one format: whatever `Accept` says, that is what there is."""

    def select_parser(self, request: Request, parsers: list) -> object:  # type: ignore[override]
        return None

    def select_renderer(self, request: Request, renderers: list, format_suffix: str | None = None) -> tuple:  # type: ignore[override]
        return renderers[0], renderers[0].media_type


class ReportViewSet(ListedViewSet):
    """Evidence bundles."""

    scope = "reports"
    serializer_class = serializers.ReportOut
    filterset_class = filters.ReportFilter
    conflicting_reads = ("bundle",)
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Report.objects.none()

    def get_queryset(self) -> QuerySet[Report]:
        return access.reports(self.actor).select_related("clearance", "job")

    @extend_schema(responses=serializers.ReportOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One report."""
        return Response(self.get_serializer(access.report(self.actor, public_id)).data)

    @extend_schema(request=serializers.ReportIn, responses={202: serializers.ReportOut})
    def create(self, request: Request) -> Response:
        """Make an evidence bundle of a decided clearance."""
        given = serializers.ReportIn(data=request.data)
        given.is_valid(raise_exception=True)
        clearance = access.clearance(self.actor, given.validated_data["clearance"])
        report = reports.request(clearance=clearance, language=given.validated_data["language"], actor=self.actor)
        headers = {"Location": f"/api/v1/jobs/{report.job.public_id}"} if report.job else {}
        return Response(self.get_serializer(report).data, status=202, headers=headers)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def bundle(self, request: Request, public_id: str) -> FileResponse:
        """The bundle itself; 409 until the report is ready."""
        report = access.report(self.actor, public_id)
        return FileResponse(
            reports.open_bundle(report),
            as_attachment=True,
            filename=reports.file_name(report),
            content_type="application/zip",
        )


class ExplainView(ApiView):
    """Decide a case without storing anything: the same rules as everywhere (`python -m licensing.rules`)."""

    permission_classes = []

    @extend_schema(
        request={"application/json": case_schema.CASE},
        responses=serializers.AnswerOut,
        examples=[OpenApiExample("A novel of 1815", value=case_schema.EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Decide one case. Nothing is stored, and no token is needed."""
        try:
            case = parse_case(request.data)
            chosen = policy.load_profile(case.question.policy)
        except CaseError as error:
            errors = [{"pointer": error.pointer, "cause": error.cause}]
            raise InvalidInput(str(error), errors=errors) from None
        except policy.PolicyError as error:
            errors = [{"pointer": "/question/policy", "cause": error.cause}]
            raise InvalidInput(str(error), errors=errors) from None
        return Response(explain.answer_json(case, chosen))

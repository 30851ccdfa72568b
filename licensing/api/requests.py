"""The API of licence requests, and of what became of a clearance's answers."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import access
from licensing.api import request_serializers as shapes
from licensing.api.bodies import SCOPE, taken
from licensing.models import LicenceRequest, VerdictChange
from licensing.services import licence_requests, request_preview
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf
from registry.errors import Conflict


class RequestFilter(django_filters.FilterSet):
    state = OneOf(LicenceRequest.State.values)

    class Meta:
        model = LicenceRequest
        fields: list[str] = []


class LicenceRequestViewSet(ListedViewSet):
    """What the organisation asks for."""

    scope = SCOPE
    serializer_class = shapes.RequestOut
    filterset_class = RequestFilter
    conflicting_reads = ("preview",)
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = LicenceRequest.objects.none()

    def get_queryset(self) -> QuerySet[LicenceRequest]:
        return access.licence_requests(self.actor)

    @extend_schema(responses=shapes.RequestOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One request, with what became of its works."""
        return Response(self.get_serializer(access.licence_request(self.actor, public_id)).data)

    @extend_schema(request=shapes.RequestIn, responses={201: shapes.RequestOut})
    def create(self, request: Request) -> Response:
        """Write a request down, and with `send` send it: rightsholders are asked once a worker has found them."""
        self.actor.require_writer()
        data = taken(shapes.RequestIn(data=request.data))
        linkage, clearance = data.pop("linkage"), data.pop("clearance")
        send = data.pop("send")
        chosen = licence_requests.Chosen(
            works=data.pop("works"),
            query=data.pop("query"),
            linkage=access.linkage(self.actor, linkage) if linkage else None,
            clearance=access.clearance(self.actor, clearance) if clearance else None,
            verdicts=data.pop("verdicts"),
        )
        made = licence_requests.draft(chosen=chosen, actor=self.actor, **data)
        if send:
            made = licence_requests.send(made, actor=self.actor)
        headers = {"Location": f"/api/v1/licence-requests/{made.public_id}"}
        return Response(self.get_serializer(made).data, status=201, headers=headers)

    @extend_schema(responses=shapes.PreviewOut)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, public_id: str) -> Response:
        """How the works divide by rightsholder, before anybody is asked. 409 once the request is sent."""
        found = access.licence_request(self.actor, public_id)
        if found.state != LicenceRequest.State.DRAFT:
            raise Conflict("This request was sent: its negotiations say who is asked.", state=found.state)
        return Response(shapes.PreviewOut(request_preview.of(found)).data)

    @extend_schema(request=None, responses={202: shapes.RequestOut})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, public_id: str) -> Response:
        """Send a draft."""
        made = licence_requests.send(access.licence_request(self.actor, public_id), actor=self.actor)
        assert made.job is not None
        headers = {"Location": f"/api/v1/jobs/{made.job.public_id}"}
        return Response(self.get_serializer(made).data, status=202, headers=headers)

    @extend_schema(request=shapes.CancellationIn, responses=shapes.RequestOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Take a request back; what was granted stays."""
        data = taken(shapes.CancellationIn(data=request.data))
        row = access.licence_request(self.actor, public_id)
        return Response(self.get_serializer(licence_requests.cancel(row, actor=self.actor, **data)).data)


class VerdictChangeViewSet(ListedViewSet):
    """What became of the answers of a clearance, in order: those that were given stay as they were."""

    read_scopes = ("clearances",)
    serializer_class = shapes.VerdictChangeOut
    pagination_class = pagination.InOrder
    queryset = VerdictChange.objects.none()

    def get_queryset(self) -> QuerySet[VerdictChange]:
        clearance = access.clearance(self.actor, self.kwargs["clearance"])
        return access.verdict_changes(self.actor).filter(clearance=clearance)

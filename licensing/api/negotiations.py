"""The API of negotiations: what is on the table, the moves, the works, the files."""

import io
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ingest import blobs
from licensing import access
from licensing.api import negotiation_serializers as shapes
from licensing.api.bodies import SCOPE, taken
from licensing.api.views import AnyFormat
from licensing.models import Attachment, Negotiation, RequestedWork, Step
from licensing.rules.lifecycle import State
from licensing.selectors import licence_requests as reads
from licensing.services import negotiations
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf, TrueOrFalse


class NegotiationFilter(django_filters.FilterSet):
    request = django_filters.CharFilter(field_name="request__public_id")
    state = OneOf([state.value for state in State])
    waits_for = OneOf(["firm", "holder"])
    holder = django_filters.CharFilter(field_name="holder__slug")
    unanswerable = TrueOrFalse(field_name="holder", lookup_expr="isnull")

    class Meta:
        model = Negotiation
        fields: list[str] = []


class NegotiationViewSet(ListedViewSet):
    """Negotiations that the organisation is a side of."""

    scope = SCOPE
    serializer_class = shapes.NegotiationOut
    filterset_class = NegotiationFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Negotiation.objects.none()

    def get_queryset(self) -> QuerySet[Negotiation]:
        return access.negotiations(self.actor)

    def get_parsers(self) -> list[Any]:
        """A file comes as a form; everything else is JSON."""
        is_upload = getattr(self, "action_map", {}).get("post") == "files"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    @extend_schema(responses=shapes.NegotiationOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One negotiation: what is on the table, whose turn it is, what the caller can do."""
        return Response(self.get_serializer(access.negotiation(self.actor, public_id)).data)

    @extend_schema(request=shapes.MoveIn, responses={201: shapes.StepOut})
    @action(detail=True, methods=["post"], url_path="moves")
    def moves(self, request: Request, public_id: str) -> Response:
        """Answer: offer, counter, accept, grant, refuse … 409 where somebody else answered meanwhile."""
        row = access.negotiation(self.actor, public_id)
        data = taken(shapes.MoveIn(data=request.data))
        move, version = data.pop("move"), data.pop("version")
        step = negotiations.move(row, move, self.actor, version=version, answer=negotiations.Answer(**data))
        return self._made(step, public_id)

    @extend_schema(request={"multipart/form-data": shapes.FileIn}, responses={201: shapes.StepOut})
    @action(detail=True, methods=["post"])
    def files(self, request: Request, public_id: str) -> Response:
        """Send a file, with a message if you like. It is kept as it is and never opened here."""
        row = access.negotiation(self.actor, public_id)
        form: Any = request.data
        data = taken(shapes.FileIn(data={name: form.get(name) for name in form}))
        upload = data["file"]
        file = negotiations.File(upload.name, upload.file, upload.content_type or "")
        answer = negotiations.Answer(message=data["message"], files=[file])
        return self._made(negotiations.move(row, "message", self.actor, answer=answer), public_id)

    def _made(self, step: Step, public_id: str) -> Response:
        headers = {"Location": f"/api/v1/negotiations/{public_id}"}
        shown = Step.objects.select_related("organisation", "entry").prefetch_related("attachments").get(pk=step.pk)
        return Response(shapes.StepOut(shown).data, status=201, headers=headers)


class StepViewSet(ListedViewSet):
    """The steps of a negotiation, in order."""

    read_scopes = (SCOPE,)
    serializer_class = shapes.StepOut
    pagination_class = pagination.InOrder
    queryset = Step.objects.none()

    def get_queryset(self) -> QuerySet[Step]:
        return reads.thread(access.negotiation(self.actor, self.kwargs["negotiation"]))


class RequestedWorkViewSet(ListedViewSet):
    """The works of a negotiation."""

    read_scopes = (SCOPE,)
    serializer_class = shapes.RequestedWorkOut
    pagination_class = pagination.InOrder
    queryset = RequestedWork.objects.none()

    def get_queryset(self) -> QuerySet[RequestedWork]:
        return access.requested_works(self.actor, access.negotiation(self.actor, self.kwargs["negotiation"]))


class AttachmentViewSet(ListedViewSet):
    """The files of a negotiation."""

    read_scopes = (SCOPE,)
    serializer_class = shapes.AttachmentOut
    queryset = Attachment.objects.none()
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID

    def get_queryset(self) -> QuerySet[Attachment]:
        return access.attachments(self.actor, access.negotiation(self.actor, self.kwargs["negotiation"]))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def content(self, request: Request, negotiation: str, public_id: str) -> FileResponse:
        """The file as it was sent."""
        found = access.attachment(self.actor, access.negotiation(self.actor, negotiation), public_id)
        return FileResponse(
            io.BytesIO(blobs.read(found.blob)),
            as_attachment=True,
            filename=found.name,
            content_type="application/octet-stream",
        )

"""The API of scans and matches."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ingest import access
from ingest.api import filters, serializers
from ingest.models import Match, Scan
from ingest.services import scans
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ListedViewSet


class ScanViewSet(ListedViewSet):
    """Runs over datasets."""

    scope = "scans"
    serializer_class = serializers.ScanOut
    filterset_class = filters.ScanFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    parser_classes = [MultiPartParser]
    queryset = Scan.objects.none()

    def get_queryset(self) -> QuerySet[Scan]:
        return access.scans(self.actor).select_related("release__dataset", "job")

    @extend_schema(responses=serializers.ScanDetailOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One scan with what was left out; its job says how far it is."""
        return Response(serializers.ScanDetailOut(access.scan(self.actor, public_id)).data)

    @extend_schema(request={"multipart/form-data": serializers.ScanIn}, responses={202: serializers.ScanDetailOut})
    def create(self, request: Request) -> Response:
        """Hand in a dataset's files and scan them against the registered works."""
        self.actor.require_writer()
        given = serializers.ScanIn(data=_form(request))
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        files = [scans.Upload(name=upload.name, stream=upload) for upload in data.pop("files")]
        scan = scans.request(dataset_name=data.pop("dataset"), files=files, actor=self.actor, **data)
        headers = {"Location": f"/api/v1/jobs/{scan.job.public_id}"} if scan.job else {}
        return Response(serializers.ScanDetailOut(scan).data, status=202, headers=headers)


def _form(request: Request) -> dict[str, object]:
    """The form's fields, `files` with all its uploads."""
    data: Any = request.data
    return {name: data.get(name) for name in data} | {"files": request.FILES.getlist("files")}


class MatchViewSet(ListedViewSet):
    """The matches of one scan, in the order in which they were found."""

    read_scopes = ("scans",)
    serializer_class = serializers.MatchOut
    filterset_class = filters.MatchFilter
    pagination_class = pagination.InOrder
    queryset = Match.objects.none()

    def get_queryset(self) -> QuerySet[Match]:
        scan = access.scan(self.actor, self.kwargs["scan"])
        return access.matches(self.actor).filter(scan=scan)

"""The API of scans and matches."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ingest import access
from ingest.api import serializers
from ingest.models import Match, Scan
from ingest.services import scans
from registry.api.authentication import actor_of


class MatchFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")
    document = django_filters.CharFilter(field_name="item__name")

    class Meta:
        model = Match
        fields = ["relation", "precision"]


class ScanViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """Runs over datasets."""

    scope = "scans"
    serializer_class = serializers.ScanOut
    filterset_fields = ["state", "acquisition"]
    lookup_field = "public_id"
    parser_classes = [MultiPartParser]
    queryset = Scan.objects.none()

    def get_queryset(self) -> QuerySet[Scan]:
        rows = access.scans(actor_of(self.request)).select_related("release__dataset", "job")
        return rows.prefetch_related("skipped")

    @extend_schema(responses=serializers.ScanOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One scan; its job says how far it is."""
        return Response(self.get_serializer(access.scan(actor_of(request), public_id)).data)

    @extend_schema(request={"multipart/form-data": serializers.ScanIn}, responses={202: serializers.ScanOut})
    def create(self, request: Request) -> Response:
        """Hand in a dataset's files and scan them against the registered works."""
        given = serializers.ScanIn(data=_form(request))
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        files = [scans.Upload(name=upload.name, stream=upload) for upload in data.pop("files")]
        scan = scans.request(dataset_name=data.pop("dataset"), files=files, actor=actor_of(request), **data)
        headers = {"Location": f"/api/v1/jobs/{scan.job.public_id}"} if scan.job else {}
        return Response(self.get_serializer(scan).data, status=202, headers=headers)


def _form(request: Request) -> dict[str, object]:
    """The form's fields, `files` with all its uploads."""
    return {name: request.data.get(name) for name in request.data if name != "files"} | {
        "files": request.FILES.getlist("files")
    }


class MatchViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """The matches of one scan."""

    serializer_class = serializers.MatchOut
    filterset_class = MatchFilter
    queryset = Match.objects.none()

    def get_queryset(self) -> QuerySet[Match]:
        scan = access.scan(actor_of(self.request), self.kwargs["scan"])
        return Match.objects.filter(scan=scan).select_related("item", "work", "edition")

"""The API of texts and fingerprints handed in for one's own works."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from ingest import access
from ingest.models import Deposit
from ingest.services import deposits
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.serializers import StrictSerializer
from registry.errors import InvalidInput, NotFound
from registry.models import Work


class DepositIn(StrictSerializer):
    """A text, or a `.fp` file that `colophon fingerprint` made of it at home, as multipart form data."""

    file = serializers.FileField(allow_empty_file=True)
    mode = serializers.ChoiceField(
        Deposit.Mode.choices,
        required=False,
        default=Deposit.Mode.TRANSIENT,
        help_text="What becomes of a text; of a `.fp` file nothing but the fingerprint ever comes here.",
    )
    edition = serializers.CharField(max_length=12, required=False, default="", allow_blank=True)


class DepositOut(serializers.ModelSerializer):
    """What was handed in, and the job that makes its fingerprint findable."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    edition = serializers.CharField(source="edition.public_id", default=None, allow_null=True)
    job = serializers.CharField(source="job.public_id", default=None, allow_null=True)
    is_stored = serializers.SerializerMethodField(help_text="Whether the text itself is on our disks now.")

    class Meta:
        model = Deposit
        fields = [
            "id", "work", "edition", "mode", "file_name", "size_bytes", "sha256", "is_stored", "job", "recorded_at",
            "withdrawn_at",
        ]  # fmt: skip

    def get_is_stored(self, deposit: Deposit) -> bool:
        """Whether the text itself is on our disks now."""
        return bool(deposit.blob)


class DepositViewSet(ListedViewSet):
    """Texts and fingerprints of one of the organisation's works."""

    scope = "works"
    serializer_class = DepositOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    parser_classes = [MultiPartParser]
    queryset = Deposit.objects.none()

    def get_queryset(self) -> QuerySet[Deposit]:
        return access.deposits(self.actor).filter(work=self._work())

    def _work(self) -> Work:
        found = registry.access.work(self.actor, self.kwargs["work"])
        if self.actor.organisation is None or found.registered_by_id != self.actor.organisation.pk:
            raise NotFound(f"There is no work “{found.public_id}” of your organisation.")
        return found

    @extend_schema(responses=DepositOut)
    def retrieve(self, request: Request, work: str, public_id: str) -> Response:
        """One text or fingerprint."""
        return Response(DepositOut(self._deposit(public_id)).data)

    @extend_schema(request={"multipart/form-data": DepositIn}, responses={202: DepositOut})
    def create(self, request: Request, work: str) -> Response:
        """Hand in a text, or a fingerprint in place of it."""
        found = self._work()
        self.actor.require_writer()
        data: Any = request.data
        given = DepositIn(data={name: data.get(name) for name in data})
        given.is_valid(raise_exception=True)
        said = given.validated_data
        edition = found.editions.filter(public_id=said["edition"]).first() if said["edition"] else None
        if said["edition"] and edition is None:
            cause = "The work has no such edition."
            raise InvalidInput(cause, errors=[{"pointer": "/edition", "cause": cause}])
        file = said["file"]
        made = deposits.take(
            work=found, file=file, file_name=file.name, mode=said["mode"], edition=edition, actor=self.actor
        )
        headers = {"Location": f"/api/v1/jobs/{made.job.public_id}"} if made.job else {}
        return Response(DepositOut(made).data, status=202, headers=headers)

    @extend_schema(request=None, responses=DepositOut)
    @action(detail=True, methods=["post"], url_name="withdraw")
    def withdraw(self, request: Request, work: str, public_id: str) -> Response:
        """Take a text out of the index and delete it."""
        found = self._deposit(public_id)
        deposits.withdraw(deposit=found, actor=self.actor)
        found.refresh_from_db()
        return Response(DepositOut(found).data)

    def _deposit(self, public_id: str) -> Deposit:
        found = self.get_queryset().filter(public_id=public_id).first()
        if found is None:
            raise NotFound(f"There is no text “{public_id}” of this work.")
        return found

"""The API of notices to those who host a dataset: drafted from what was found, sent, answered, resolved."""

import re
from typing import Any

import django_filters
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from licensing import access
from licensing.api import notice_serializers as shapes
from licensing.api.bodies import SCOPE, private_file, taken
from licensing.api.views import AnyFormat
from licensing.models import Notice
from licensing.selectors.notices import Basis
from licensing.services import notice_papers, notices
from licensing.services.notices import Letter
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf
from registry.api.problems import InvalidHeader
from registry.errors import InvalidInput

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER,
    description="The `ETag` that the notice had when it was read, or `*`: 412 where it was changed since.",
    pattern=r'^("[0-9a-f]{16}"|\*)$',
)  # fmt: skip
HOST = ("host_name", "host_email", "host_address", "answer_by")


class NoticeFilter(django_filters.FilterSet):
    state = OneOf(Notice.State.values)
    ask = OneOf(Notice.Ask.values)
    dataset = django_filters.CharFilter(field_name="dataset__slug")

    class Meta:
        model = Notice
        fields: list[str] = []


class NoticeViewSet(ListedViewSet):
    """The organisation's notices to hosts."""

    http_method_names = ["get", "head", "post", "patch"]
    scope = SCOPE
    serializer_class = shapes.NoticeOut
    filterset_class = NoticeFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    has_revisions = True
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        return access.notices(self.actor).annotate(work_count=Count("works"))

    @extend_schema(responses=shapes.NoticeDetail)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One notice: its letter, and every step with its day."""
        return self._shown(public_id)

    @extend_schema(request=shapes.NoticeIn, responses={201: shapes.NoticeDetail})
    def create(self, request: Request) -> Response:
        """Draft a notice about your works that were found in a dataset, or in one of your checks."""
        self.actor.require_writer()
        data = taken(shapes.NoticeIn(data=request.data))
        made = notices.draft(self._basis(data), _letter(data), actor=self.actor)
        return self._shown(made.public_id, status=201)

    @extend_schema(request=shapes.NoticeChangesIn, responses=shapes.NoticeDetail, parameters=[IF_MATCH])
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change a draft; what is left out stays. 409 once it was sent, 412 where somebody changed it meanwhile."""
        seen = wanted(request)
        found = access.notice(self.actor, public_id)
        data = taken(shapes.NoticeChangesIn(data=request.data))
        names = ("subject", "body", *HOST)
        now = {name: data.get(name, getattr(found, name)) for name in names}
        said = _letter(now | {"ask": found.ask, "language": found.language})
        notices.amend(found, subject=now["subject"], body=now["body"], said=said, actor=self.actor, seen=seen)
        return self._shown(public_id)

    @extend_schema(request=shapes.NoticeSendingIn, responses=shapes.NoticeDetail)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, public_id: str) -> Response:
        """Send it by e-mail, or note that it was sent by post."""
        found = access.notice(self.actor, public_id)
        notices.send(found, actor=self.actor, **taken(shapes.NoticeSendingIn(data=request.data)))
        return self._shown(public_id)

    @extend_schema(request=shapes.NoticeStepIn, responses=shapes.NoticeDetail)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, public_id: str) -> Response:
        """Note what the host answered, and when."""
        found = access.notice(self.actor, public_id)
        notices.answer(found, actor=self.actor, **taken(shapes.NoticeStepIn(data=request.data)))
        return self._shown(public_id)

    @extend_schema(request=shapes.NoticeStepIn, responses=shapes.NoticeDetail)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, public_id: str) -> Response:
        """Note what ended it, and when."""
        found = access.notice(self.actor, public_id)
        notices.resolve(found, actor=self.actor, **taken(shapes.NoticeStepIn(data=request.data)))
        return self._shown(public_id)

    @extend_schema(request=shapes.NoticeWithdrawalIn, responses=shapes.NoticeDetail)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take it back; what was sent stays on record."""
        found = access.notice(self.actor, public_id)
        notices.withdraw(found, actor=self.actor, **taken(shapes.NoticeWithdrawalIn(data=request.data)))
        return self._shown(public_id)

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def letter(self, request: Request, public_id: str) -> HttpResponse:
        """The letter, ready to be printed."""
        found = access.notice(self.actor, public_id)
        return private_file(notice_papers.letter(found), "text/plain; charset=utf-8", f"notice-{found.public_id}.txt")

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def works(self, request: Request, public_id: str) -> HttpResponse:
        """Its works with how much of each was found, as CSV in which no cell is a formula."""
        found = access.notice(self.actor, public_id)
        return private_file(notice_papers.works_csv(found), "text/csv; charset=utf-8", f"works-{found.public_id}.csv")

    def _basis(self, data: dict[str, Any]) -> Basis:
        """What the notice rests on: a clearance of the caller's, or a dataset in which works of theirs were found."""
        if bool(data["clearance"]) == bool(data["dataset"]):
            cause = "Name a dataset, or a clearance of yours, and not both."
            raise InvalidInput(cause, errors=[{"pointer": "/dataset", "cause": cause}])
        if data["clearance"]:
            own = access.clearance(self.actor, data["clearance"])
            return Basis(own.scan.release.dataset, own.scan.release, own)
        return Basis(registry.access.dataset(self.actor, data["dataset"]))

    def _shown(self, public_id: str, status: int = 200) -> Response:
        found = access.notice(self.actor, public_id)
        headers = {"ETag": f'"{notices.fingerprint(found)}"'}
        if status == 201:
            headers["Location"] = f"/api/v1/notices/{public_id}"
        return Response(shapes.NoticeDetail(found).data, status=status, headers=headers)


def wanted(request: Request) -> str | None:
    """The fingerprint that `If-Match` names; None where any will do."""
    said = request.headers.get("If-Match", "*").strip()
    if said == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"([0-9a-f]{16})"', said, re.ASCII)
    if found is None:
        raise InvalidHeader("If-Match", "is one ETag of the notice, or *")
    return found[1]


def _letter(data: dict[str, Any]) -> Letter:
    return Letter(**{name: data[name] for name in (*HOST, "ask", "language")})

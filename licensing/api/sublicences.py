"""The API of sub-licences as their licensors see them, and of objections to them."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import access
from licensing.api.bodies import SCOPE, taken
from licensing.models import Grant, PassedOn, PassedOnStep
from licensing.services import sublicences
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf
from registry.api.serializers import StrictSerializer

SHOWN = ("uses", "purposes", "territory", "valid_from", "valid_to", "sublicensing", "output_limits", "survival")


class SublicenceMessageIn(StrictSerializer):
    """What is said."""

    message = serializers.CharField(max_length=sublicences.MAX_MESSAGE)


class SublicenceStepOut(serializers.ModelSerializer):
    """An objection, an answer, or that it is settled; `entry` is the log's."""

    by = serializers.CharField(source="organisation.slug")
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)

    class Meta:
        model = PassedOnStep
        fields = ["state", "by", "message", "entry", "recorded_at"]


class SublicenceTermsOut(serializers.Serializer):
    """What the sub-licence permits, as in terms.md; the fee is its two parties' own."""

    uses = serializers.ListField(child=serializers.CharField(), required=False)
    purposes = serializers.ListField(child=serializers.CharField(), required=False)
    territory = serializers.ListField(child=serializers.CharField(), required=False)
    valid_from = serializers.DateField(allow_null=True, required=False)
    valid_to = serializers.DateField(allow_null=True, required=False)
    sublicensing = serializers.CharField(required=False)
    output_limits = serializers.DictField(allow_null=True, required=False)
    survival = serializers.CharField(allow_null=True, required=False)


class SublicenceOut(serializers.ModelSerializer):
    """A licence that was passed on: by whom, to whom, `under` which of the licensor's own, and what was said."""

    id = serializers.CharField(source="public_id")
    holder = serializers.CharField(source="holder.slug")
    under = serializers.CharField(source="over.public_id")
    by = serializers.CharField(source="agreement.granted_by.slug")
    licensee = serializers.CharField(source="agreement.licensee.slug")
    works = serializers.IntegerField(source="agreement.works")
    agreement_state = serializers.CharField(source="agreement.state")
    revoked_from = serializers.DateField(source="agreement.revoked_from", allow_null=True)
    terms = serializers.SerializerMethodField()
    steps = SublicenceStepOut(many=True)
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)

    class Meta:
        model = PassedOn
        fields = [
            "id", "holder", "under", "by", "licensee", "works", "state", "agreement_state", "revoked_from", "terms",
            "steps", "entry", "recorded_at",
        ]  # fmt: skip

    @extend_schema_field(SublicenceTermsOut)
    def get_terms(self, row: PassedOn) -> dict[str, Any]:
        return {name: row.agreement.terms[name] for name in SHOWN if name in row.agreement.terms}


class SublicenceWorkOut(serializers.Serializer):
    """A work that was passed on, by its id."""

    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")
    ended_at = serializers.DateTimeField(source="withdrawn_at", allow_null=True)


class SublicenceFilter(django_filters.FilterSet):
    state = OneOf(PassedOn.State.values)
    under = django_filters.CharFilter(field_name="over__public_id")
    licensee = django_filters.CharFilter(field_name="agreement__licensee__slug")

    class Meta:
        model = PassedOn
        fields: list[str] = []


class SublicenceViewSet(ListedViewSet):
    """Sub-licences of licences that the organisation gave, and those that it gave itself."""

    scope = SCOPE
    serializer_class = SublicenceOut
    filterset_class = SublicenceFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = PassedOn.objects.none()

    def get_queryset(self) -> QuerySet[PassedOn]:
        rows = access.sublicences(self.actor).select_related("entry")
        return rows.prefetch_related("steps__organisation", "steps__entry")

    @extend_schema(responses=SublicenceOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One sub-licence with what was said about it."""
        return self._shown(public_id)

    @extend_schema(request=SublicenceMessageIn, responses=SublicenceOut)
    @action(detail=True, methods=["post"], url_path="object", url_name="object")
    def object_to(self, request: Request, public_id: str) -> Response:
        """Object to it, with a message, as who gave the licence. It ends nothing by itself."""
        return self._say(sublicences.object_to, request, public_id)

    @extend_schema(request=SublicenceMessageIn, responses=SublicenceOut)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, public_id: str) -> Response:
        """Answer an objection, as who passed the licence on."""
        return self._say(sublicences.answer, request, public_id)

    @extend_schema(request=SublicenceMessageIn, responses=SublicenceOut)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, public_id: str) -> Response:
        """Say that the objection stands no longer, as who made it."""
        return self._say(sublicences.settle, request, public_id)

    def _say(self, take: Any, request: Request, public_id: str) -> Response:
        row = access.sublicence(self.actor, public_id)
        take(row, actor=self.actor, **taken(SublicenceMessageIn(data=request.data)))
        return self._shown(public_id)

    def _shown(self, public_id: str) -> Response:
        return Response(SublicenceOut(access.sublicence(self.actor, public_id)).data)


class SublicenceWorkViewSet(ListedViewSet):
    """The works of one sub-licence."""

    read_scopes = (SCOPE,)
    serializer_class = SublicenceWorkOut
    pagination_class = pagination.InOrder
    queryset = Grant.objects.none()

    def get_queryset(self) -> QuerySet[Grant]:
        return access.sublicence_grants(self.actor, access.sublicence(self.actor, self.kwargs["sublicence"]))

"""The API of an organisation's own policies."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import access
from licensing.models import Policy
from licensing.rules import policy as rules
from licensing.services import policies
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.serializers import StrictSerializer


class PolicyIn(StrictSerializer):
    """A policy, or the next version of the one with this name. What `blocks` leaves out is as in `profile`."""

    name = serializers.SlugField(max_length=policies.MAX_NAME)
    profile = serializers.ChoiceField(list(rules.PROFILES), required=False, default=rules.DEFAULT_PROFILE)
    blocks = serializers.DictField(child=serializers.BooleanField(), required=False, default=dict)
    quotations = serializers.BooleanField(required=False, default=False)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class PolicyOut(serializers.ModelSerializer):
    """One version of a policy: which verdicts block."""

    id = serializers.CharField(source="public_id")
    policy = serializers.CharField(source="__str__", help_text="Name and version, as a question chooses it.")
    blocks = serializers.DictField(child=serializers.BooleanField())

    class Meta:
        model = Policy
        fields = ["id", "policy", "name", "version", "blocks", "quotations", "note", "recorded_at", "withdrawn_at"]


class PolicyViewSet(ListedViewSet):
    """Policies of the caller's organisation, every version."""

    scope = "clearances"
    serializer_class = PolicyOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Policy.objects.none()

    def get_queryset(self) -> QuerySet[Policy]:
        return access.policies(self.actor)

    @extend_schema(responses=PolicyOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One version."""
        return Response(self.get_serializer(access.policy(self.actor, public_id)).data)

    @extend_schema(request=PolicyIn, responses={201: PolicyOut})
    def create(self, request: Request) -> Response:
        """Write a policy or its next version; the same again is no new version."""
        given = PolicyIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = policies.write(actor=self.actor, **given.validated_data)
        headers = {"Location": f"/api/v1/policies/{row.public_id}"}
        return Response(self.get_serializer(row).data, status=201, headers=headers)

    @extend_schema(request=None, responses=PolicyOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Offer a policy no longer, all its versions; answers given under it keep it."""
        row = access.policy(self.actor, public_id)
        policies.withdraw(policy=row, actor=self.actor)
        row.refresh_from_db()
        return Response(self.get_serializer(row).data)

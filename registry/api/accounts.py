"""Who asks, and which organisations they belong to."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry import access
from registry.api.base import ApiView, ListedViewSet
from registry.models import Membership


class AccountUserOut(serializers.Serializer):
    """A person, as they see themselves."""

    id = serializers.CharField(help_text="As the log names this person: `user:17`.")
    username = serializers.CharField()
    email = serializers.CharField()


class AccountOrganisationOut(serializers.Serializer):
    """The organisation that a request acts for."""

    slug = serializers.CharField()
    name = serializers.CharField()


class AccountOut(serializers.Serializer):
    """Who a request comes from and what it may do."""

    user = AccountUserOut(allow_null=True)
    organisation = AccountOrganisationOut(allow_null=True)
    role = serializers.ChoiceField(choices=Membership.Role.choices, allow_null=True)
    scopes = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="The token's scopes; `null` for a person who signed in: all that the role permits.",
    )


class AccountView(ApiView):
    """Who the caller is."""

    read_scopes = None

    @extend_schema(responses=AccountOut)
    def get(self, request: Request) -> Response:
        """The person, organisation, role and scopes behind this request; without a token all of them are empty."""
        actor = self.actor
        user = actor.user
        shown = {"id": f"user:{user.pk}", "username": user.get_username(), "email": user.email} if user else None
        scopes = sorted(actor.scopes) if actor.scopes is not None else None
        body: dict[str, Any] = {
            "user": shown,
            "organisation": actor.organisation,
            "role": actor.role,
            "scopes": scopes if user else [],
        }
        return Response(AccountOut(body).data)


class OrganisationOut(serializers.ModelSerializer):
    """An organisation with the caller's role in it."""

    slug = serializers.CharField(source="organisation.slug")
    name = serializers.CharField(source="organisation.name")
    kind = serializers.CharField(source="organisation.kind")
    country = serializers.CharField(source="organisation.country")

    class Meta:
        model = Membership
        fields = ["slug", "name", "kind", "country", "role", "since"]


class OrganisationViewSet(ListedViewSet):
    """The organisations that the caller belongs to; a token knows the one it was made for."""

    scope = "organisation"
    serializer_class = OrganisationOut
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        return access.memberships(self.actor).select_related("organisation")

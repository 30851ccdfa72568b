"""The API of members that leave a society: what it granted for their works ends on their day."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import access
from licensing.api.bodies import SCOPE, taken
from licensing.api.terms_serializers import ID
from licensing.models import MemberExit
from licensing.services import member_exits
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.serializers import StrictSerializer
from registry.errors import InvalidInput
from registry.models import Organisation

CHANNELS = [channel.value for channel in member_exits.CHANNELS]


class MemberExitIn(StrictSerializer):
    """Which society is left (an organisation's slug), for which works and channels; none named: for all of them."""

    society = serializers.SlugField(max_length=80)
    works = serializers.ListField(
        child=serializers.CharField(max_length=ID), required=False, default=list, max_length=10_000
    )
    channels = serializers.ListField(child=serializers.ChoiceField(CHANNELS), required=False, default=list)
    leaves_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Null: today.")
    reason = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class MemberExitOut(serializers.ModelSerializer):
    """Who left which society from which day on. `works` empty: all of the member's."""

    id = serializers.CharField(source="public_id")
    society = serializers.CharField(source="society.slug")
    member = serializers.CharField(source="organisation.slug")
    works = serializers.ListField(child=serializers.CharField())
    channels = serializers.ListField(child=serializers.ChoiceField(CHANNELS))

    class Meta:
        model = MemberExit
        fields = ["id", "society", "member", "works", "channels", "leaves_on", "reason", "recorded_at", "withdrawn_at"]


class MemberExitViewSet(ListedViewSet):
    """Members that left a society, as the two of them see it."""

    scope = SCOPE
    serializer_class = MemberExitOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = MemberExit.objects.none()

    def get_queryset(self) -> QuerySet[MemberExit]:
        return access.member_exits(self.actor)

    @extend_schema(responses=MemberExitOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One exit."""
        return Response(MemberExitOut(access.member_exit(self.actor, public_id)).data)

    @extend_schema(request=MemberExitIn, responses={201: MemberExitOut})
    def create(self, request: Request) -> Response:
        """Take your works out of a society's repertoire."""
        self.actor.require_writer()
        data = taken(MemberExitIn(data=request.data))
        society = Organisation.objects.filter(slug=data.pop("society")).first()
        if society is None:
            cause = "There is no such organisation."
            raise InvalidInput(cause, errors=[{"pointer": "/society", "cause": cause}])
        made = member_exits.leave(society=society, actor=self.actor, **data)
        shown = MemberExitOut(access.member_exit(self.actor, made.public_id)).data
        return Response(shown, status=201, headers={"Location": f"/api/v1/member-exits/{made.public_id}"})

    @extend_schema(request=None, responses=MemberExitOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Come back: the society can grant the works again. What ended stays ended."""
        member_exits.withdraw(access.member_exit(self.actor, public_id), actor=self.actor)
        return Response(MemberExitOut(access.member_exit(self.actor, public_id)).data)

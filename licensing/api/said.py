"""The API of what was said for a work on a day."""

import datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from licensing.rules.terms import Use
from licensing.selectors import signals as reading
from licensing.services.assertions import today
from registry.api.base import ApiView, validated_query
from registry.api.serializers import StrictSerializer


class SaidQuery(StrictSerializer):
    """A day, a use, and a crawler."""

    on = serializers.DateField(required=False, default=None)
    use = serializers.ChoiceField([use.value for use in Use], required=False, default=Use.PRETRAINING.value)
    agent = serializers.CharField(required=False, default="", max_length=100)


class SaidOut(serializers.Serializer):
    """One rule as it stood on the day; `counts` after precedence, `why` says the reason."""

    observation = serializers.CharField()
    address = serializers.CharField()
    observed_at = serializers.DateTimeField()
    sha256 = serializers.CharField()
    format = serializers.CharField()
    format_version = serializers.CharField()
    carrier = serializers.CharField()
    says = serializers.CharField()
    words = serializers.CharField()
    machine_readable = serializers.BooleanField()
    policy_address = serializers.CharField()
    counts = serializers.BooleanField()
    why = serializers.CharField()


class SaidThenOut(serializers.Serializer):
    """What was said for a work on a day."""

    on = serializers.DateField()
    addresses = serializers.ListField(child=serializers.CharField(), source="places")
    readings = serializers.IntegerField(help_text="Places that had been read by then, silent ones too.")
    rules = SaidOut(many=True, source="rows")


class WorkSignalsView(ApiView):
    """What was said for a work on a day."""

    read_scopes = None
    parameters = frozenset({"on", "use", "agent"})

    @extend_schema(
        parameters=[
            OpenApiParameter("on", OpenApiTypes.DATE),
            OpenApiParameter("use", enum=[use.value for use in Use], default=Use.PRETRAINING.value),
            OpenApiParameter("agent", OpenApiTypes.STR),
        ],
        responses=SaidThenOut,
    )
    def get(self, request: Request, work: str) -> Response:
        """Every rule that stood on the day, whether it counts for the use, and why; one query."""
        asked = validated_query(SaidQuery(data=request.query_params.dict()))
        found = registry.access.work(self.actor, work)
        on: datetime.date = asked["on"] or today()
        then = reading.said(found, on, use=asked["use"], agent=asked["agent"], asking=self.actor.organisation)
        return Response(SaidThenOut(then).data)

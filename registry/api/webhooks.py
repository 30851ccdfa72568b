"""The API of webhooks: which addresses are told of what, and what became of each message."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import access
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf
from registry.api.serializers import StrictSerializer
from registry.models import Delivery, Webhook
from registry.services import webhooks


class WebhookIn(StrictSerializer):
    """An address to be told. `events`: of what; none, of everything."""

    address = serializers.CharField(max_length=webhooks.MAX_ADDRESS)
    events = serializers.ListField(
        child=serializers.ChoiceField(webhooks.EVENTS), required=False, max_length=len(webhooks.EVENTS)
    )


class WebhookOut(serializers.ModelSerializer):
    """A webhook. `failures`: attempts in a row that failed; `disabled_reason`: why it is told nothing."""

    id = serializers.CharField(source="public_id")
    events = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Webhook
        fields = ["id", "address", "events", "failures", "disabled_at", "disabled_reason", "recorded_at"]


class WebhookSecretOut(WebhookOut):
    """A webhook with its secret, which nobody sees again."""

    secret = serializers.CharField()

    class Meta(WebhookOut.Meta):
        fields = [*WebhookOut.Meta.fields, "secret"]


class DeliveryOut(serializers.ModelSerializer):
    """A message. `webhook_id`: the header of that name, the same at every attempt; `status`: of the last answer."""

    id = serializers.CharField(source="public_id")
    webhook_id = serializers.SerializerMethodField()

    class Meta:
        model = Delivery
        fields = [
            "id", "webhook_id", "event", "payload", "state", "attempts", "status", "cause", "next_at", "delivered_at",
            "recorded_at",
        ]  # fmt: skip

    def get_webhook_id(self, delivery: Delivery) -> str:
        return f"msg_{delivery.public_id}"


class WebhookViewSet(ListedViewSet):
    """The organisation's webhooks."""

    scope = "organisation"
    serializer_class = WebhookOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Webhook.objects.none()

    def get_queryset(self) -> QuerySet[Webhook]:
        return access.webhooks(self.actor)

    @extend_schema(responses=WebhookOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One webhook."""
        return Response(WebhookOut(access.webhook(self.actor, public_id)).data)

    @extend_schema(request=WebhookIn, responses={201: WebhookSecretOut})
    def create(self, request: Request) -> Response:
        """Have an address told. `secret` signs every message and is in this answer alone."""
        given = WebhookIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        row, secret = webhooks.create(address=data["address"], events=data.get("events", []), actor=self.actor)
        headers = {"Location": f"/api/v1/webhooks/{row.public_id}"}
        return Response(self._with_secret(row, secret), status=201, headers=headers)

    @extend_schema(request=None, responses=WebhookSecretOut)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, public_id: str) -> Response:
        """Make a new secret: messages are signed with it alone from now on."""
        row = access.webhook(self.actor, public_id)
        return Response(self._with_secret(row, webhooks.renew_secret(row, actor=self.actor)))

    @extend_schema(request=None, responses={202: DeliveryOut})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, public_id: str) -> Response:
        """Send a message that says nothing but that it arrived."""
        made = webhooks.test(access.webhook(self.actor, public_id), actor=self.actor)
        made.refresh_from_db()
        return Response(DeliveryOut(made).data, status=202)

    @extend_schema(request=None, responses=WebhookOut)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, public_id: str) -> Response:
        """Tell a disabled webhook again."""
        row = access.webhook(self.actor, public_id)
        webhooks.enable(row, actor=self.actor)
        return Response(WebhookOut(access.webhook(self.actor, public_id)).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, public_id: str) -> Response:
        """Tell the address nothing any more; what waits is not sent."""
        webhooks.withdraw(access.webhook(self.actor, public_id), actor=self.actor)
        return Response(status=204)

    def _with_secret(self, row: Webhook, secret: str) -> dict[str, Any]:
        row.refresh_from_db()
        return dict(WebhookOut(row).data) | {"secret": secret}


class DeliveryFilter(django_filters.FilterSet):
    state = OneOf(Delivery.State.values)
    event = OneOf([*webhooks.EVENTS, webhooks.TEST])

    class Meta:
        model = Delivery
        fields: list[str] = []


class DeliveryViewSet(ListedViewSet):
    """What one webhook was told."""

    scope = "organisation"
    serializer_class = DeliveryOut
    filterset_class = DeliveryFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Delivery.objects.none()

    def get_queryset(self) -> QuerySet[Delivery]:
        hook = access.webhook(self.actor, self.kwargs["webhook"])
        return access.deliveries(self.actor, hook)

    @extend_schema(request=None, responses={202: DeliveryOut})
    @action(detail=True, methods=["post"])
    def again(self, request: Request, webhook: str, public_id: str) -> Response:
        """Send one message again, under the same `webhook-id`."""
        hook = access.webhook(self.actor, webhook)
        row = access.delivery(self.actor, hook, public_id)
        webhooks.redeliver(row, actor=self.actor)
        return Response(DeliveryOut(access.delivery(self.actor, hook, public_id)).data, status=202)

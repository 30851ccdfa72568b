"""Webhooks: what happened here, told to an address that an organisation chose (Standard Webhooks)."""

from django.db import models

from registry.models.accounts import Organisation
from registry.models.base import Recorded, text_list
from registry.models.jobs import Job


class Webhook(Recorded):
    """An address that is told of events. Its secret signs every message and is shown once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="webhooks")
    address = models.URLField(max_length=500)
    secret = models.CharField(max_length=200)  # sealed with the site's key
    events = text_list(max_length=40)  # empty: every kind
    failures = models.PositiveIntegerField(default=0)  # in a row
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.address


class Delivery(Recorded):
    """One message to one webhook, tried until it is taken or given up."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DELIVERED = "delivered", "delivered"
        FAILED = "failed", "failed"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    cause = models.CharField(max_length=200, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["state", "next_at"])]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"

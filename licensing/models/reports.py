"""Evidence bundles made for a clearance."""

from django.db import models

from licensing.models.clearances import Clearance
from registry.models import Job, Organisation
from registry.models.base import Recorded


class Report(Recorded):
    """A bundle that verifies offline; its log entry is the SHA-256 of its manifest."""

    class State(models.TextChoices):
        WAITING = "waiting", "being made"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, related_name="reports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8, default="en")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    blob = models.CharField(max_length=200, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"report {self.public_id} ({self.language})"

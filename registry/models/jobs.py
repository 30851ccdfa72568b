"""The job row: what is to be done, who holds it, how far it is. The truth about work stands here, not on the broker."""

from django.db import models
from django.db.models.functions import Now

from registry.models.accounts import Organisation
from registry.models.base import Recorded


class Job(Recorded):
    """A piece of work, committed with the business rows that need it."""

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"  # refused by its own input: trying again cannot help
        QUARANTINED = "quarantined", "quarantined"  # tried often enough; a person has to look
        CANCELLED = "cancelled", "cancelled"

    ENDED = [State.DONE, State.FAILED, State.QUARANTINED, State.CANCELLED]

    kind = models.CharField(max_length=40)
    queue = models.CharField(max_length=20, default="engine")
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    stage = models.CharField(max_length=60, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveBigIntegerField(default=0)  # rises with every claim; a holder of an old number may not write
    lease_until = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # when webhooks were told that it ended
    cancel_requested = models.BooleanField(default=False)
    reason = models.TextField(blank=True)  # why it has no result, for the person who waits
    error = models.TextField(blank=True, default="")  # an unforeseen one as it came: for operators alone
    notices = models.JSONField(default=list, blank=True)  # what was skipped and why, for the person who waits

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["state", "published_at"]),
            models.Index(fields=["parent", "state"]),
            models.Index(fields=["organisation", "ended_at"], name="job_untold", condition=models.Q(told_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id} ({self.state})"

    @property
    def ended(self) -> bool:
        return self.state in self.ENDED

"""Lists of titles that somebody wants to know the registered works of, and what people decided about them."""

from django.db import models

from registry.models.accounts import Organisation, User
from registry.models.base import Recorded
from registry.models.jobs import Job
from registry.models.works import Work


class Linkage(Recorded):
    """One list: rows of title, author, year, publisher, identifier, each linked to a registered work or to none."""

    class State(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="linkages")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    file_name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    blob = models.CharField(max_length=200, blank=True)
    encoding = models.CharField(max_length=40, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.RUNNING)
    method = models.CharField(max_length=60, blank=True)  # name and version of the model that scored
    counts = models.JSONField(default=dict, blank=True)  # rows, match, review, none, refused
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"linkage {self.public_id} of {self.file_name}"


class LinkageRow(models.Model):
    """One row of the list, with what the scoring said and, beside it, what a person decided."""

    class Decision(models.TextChoices):
        MATCH = "match", "match"
        REVIEW = "review", "review"
        NONE = "none", "none"
        REFUSED = "refused", "refused"

    linkage = models.ForeignKey(Linkage, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    facts = models.JSONField(default=dict)  # title, author, year, publisher, isbn as they stood in the row
    decision = models.CharField(max_length=8, choices=Decision)
    work = models.ForeignKey(Work, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    probability = models.FloatField(null=True, blank=True)
    by = models.CharField(max_length=12, blank=True)  # isbn, key, score, decision
    candidates = models.JSONField(default=list, blank=True)  # [{work, reference, probability, reasons}]
    decided = models.CharField(max_length=8, choices=Decision, blank=True)  # by a person: match or none
    decided_work = models.ForeignKey(Work, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["linkage", "number"], name="linkage_row_once")]
        indexes = [models.Index(fields=["linkage", "decision", "number"])]

    def __str__(self) -> str:
        return f"row {self.number} of {self.linkage}"


class LinkageDecision(Recorded):
    """What an organisation decided about a row with these facts: used again for equal rows, for nothing else."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    row_digest = models.CharField(max_length=64)  # of the row's normalised facts
    work = models.ForeignKey(Work, null=True, blank=True, on_delete=models.CASCADE, related_name="+")  # None: no work
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "row_digest"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_live_decision_per_row",
            )
        ]

    def __str__(self) -> str:
        return f"decision of {self.organisation}"

"""A question asked of a dataset, and its answer work by work."""

from django.db import models

from ingest.models import Scan
from licensing.models.frozen import FrozenJSON
from registry.models import Organisation, User, Work
from registry.models.base import Recorded, new_public_id


class Clearance(Recorded):
    """One question: this use, for that purpose, there, on that day, by this licensee. Decided once its scan is done."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for the scan"
        DECIDED = "decided", "decided"
        FAILED = "failed", "failed"

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    licensee = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    use = models.CharField(max_length=32)
    purpose = models.CharField(max_length=32)
    territory = models.CharField(max_length=8)
    as_of = models.DateField()
    # Whether somebody looked for reservations where publishers state them, and can show it (EU art. 4).
    reservation_search = models.CharField(
        max_length=10, choices=[("evidenced", "evidenced"), ("not_done", "not done")], default="evidenced"
    )
    # Of grants that name products or models only those count that name these.
    product = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=120, blank=True)
    # Of model output in the dataset: whether the use is a model that competes with the provider's (None: not recorded),
    # and whether what is made is released.
    competing = models.BooleanField(null=True, blank=True)
    released = models.BooleanField(default=False)
    policy = models.JSONField(default=dict)  # the profile as it was: name, version, blocks
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    rules_version = models.CharField(max_length=120, blank=True)
    totals = models.JSONField(default=dict, blank=True)
    blocks = models.BooleanField(null=True, blank=True)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"clearance {self.public_id} of {self.scan.release}"


class Verdict(Recorded):
    """The answer for one work, with the case it was decided from: `case` gives the same answer again, any time."""

    # Written by the hundred thousand, so no index that nobody reads: a unique column would have one for LIKE besides,
    # and a clearance's verdicts are found by the index that it begins.
    public_id = models.CharField(max_length=12, default=new_public_id, editable=False)
    clearance = models.ForeignKey(Clearance, on_delete=models.CASCADE, related_name="verdicts", db_index=False)
    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="+")
    case = FrozenJSON()
    verdict = models.CharField(max_length=20)
    status = models.CharField(max_length=20)
    reasons = FrozenJSON(default=list)
    blocks = models.BooleanField()
    documents = models.PositiveIntegerField(default=0)
    matched_words = models.PositiveBigIntegerField(default=0)
    relation = models.CharField(max_length=10)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["clearance", "work"], name="verdict_once_per_work"),
            models.UniqueConstraint(fields=["public_id"], name="verdict_public_id"),
        ]

    def __str__(self) -> str:
        return f"{self.work}: {self.verdict}"

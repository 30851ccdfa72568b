"""An organisation's own policies, and what became of verdicts when facts or rules changed after they were given."""

from django.db import models

from licensing.models.agreements import Agreement
from licensing.models.clearances import Clearance, Verdict
from registry.models import Entry, Organisation, User
from registry.models.base import Recorded


class Policy(Recorded):
    """One version of a policy of an organisation's own: which verdicts block. It never changes a verdict."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    name = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    blocks = models.JSONField()  # {verdict: true|false}
    quotations = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    written_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name", "-version"]
        verbose_name_plural = "policies"
        constraints = [models.UniqueConstraint(fields=["organisation", "name", "version"], name="policy_version_once")]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def blocking(self) -> list[str]:
        """The verdicts that block."""
        return [verdict for verdict, blocks in self.blocks.items() if blocks]


class VerdictChange(Recorded):
    """A verdict that is different now: the one that was given stays as it was, this says what it would be and why."""

    class Cause(models.TextChoices):
        GRANTED = "granted", "granted"
        EXPIRED = "expired", "expired"
        REVOKED = "revoked", "revoked"
        STATED = "stated", "stated"  # another statement about the work
        VERIFIED = "verified", "verified"  # how far a claim to the work is verified
        DECIDED = "decided", "decided"  # a dispute about the work was decided, or a decision was withdrawn
        DATED = "dated", "dated"  # a statement about the work, or a decision, begins or ended on a day that came
        OUTPUT = "output", "output"  # what is on record of the model that wrote the text
        RULES = "rules", "rules"

    clearance = models.ForeignKey(Clearance, on_delete=models.CASCADE, related_name="changes")
    of = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="changes")
    cause = models.CharField(max_length=8, choices=Cause)
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    case = models.JSONField()
    verdict = models.CharField(max_length=20)
    status = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)
    blocks = models.BooleanField()
    rules_version = models.CharField(max_length=120, blank=True)
    as_of = models.DateField()
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["clearance", "of"])]

    def __str__(self) -> str:
        return f"{self.of.verdict} → {self.verdict} ({self.cause})"

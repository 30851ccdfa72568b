"""What a clearance says of model output in its dataset as a whole, and what became of that since."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from licensing.models.clearances import Clearance
from licensing.models.frozen import FrozenJSON
from registry.models import Entry
from registry.models.base import Recorded


class StoredOutput(Recorded):
    """One answer of axis 4 with the facts it was decided from (`licensing.rules.output_facts`)."""

    facts = FrozenJSON()
    verdict = models.CharField(max_length=20, blank=True)  # empty: nothing on record, which is no answer
    blocks = models.BooleanField()
    reasons = FrozenJSON(default=list)
    rules_version = models.CharField(max_length=120)
    # what the answer depends on: "dataset:12", "model:5", "provider:7", "question:terms-privity"
    nodes = ArrayField(models.CharField(max_length=120), default=list)

    class Meta:
        abstract = True


class ClearanceOutput(StoredOutput):
    """The answer as it was given, with the clearance; it is never written again, but for `nodes`."""

    clearance = models.OneToOneField(Clearance, on_delete=models.CASCADE, related_name="output")

    class Meta:
        ordering = ["id"]
        indexes = [GinIndex(fields=["nodes"], name="clearance_output_nodes")]

    def __str__(self) -> str:
        return f"model output in {self.clearance}: {self.verdict or 'nothing on record'}"


class OutputChange(StoredOutput):
    """The answer is different now: the one that was given stays, this says what it would be, why and since when."""

    class Cause(models.TextChoices):
        PART = "part", "what a model wrote was recorded or taken back"
        CLAIM = "claim", "a claim of provenance"
        TERMS = "terms", "versions of a provider's terms"
        DECLARATION = "declaration", "a use declaration"
        OPINION = "opinion", "an opinion on an open question"
        AUDIT = "audit", "a sampling audit"

    clearance = models.ForeignKey(Clearance, on_delete=models.CASCADE, related_name="output_changes")
    cause = models.CharField(max_length=12, choices=Cause)
    as_of = models.DateField()
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.verdict or 'nothing on record'} ({self.cause})"

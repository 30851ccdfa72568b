"""Registered corpora of model output, and audits that draw a sample of a dataset and look for such output in it."""

import secrets

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from registry.models import Dataset, Entry, Job, Organisation, Release
from registry.models.base import Recorded

MAX_SEED = 2**53 - 1  # a number that every reader of JSON keeps whole
MAX_SAMPLED = 1_000_000


def new_key() -> str:
    """A secret of 32 bytes, as hex."""
    return secrets.token_hex(32)


class OutputCorpus(Recorded):
    """Outputs of a model, given as a file by somebody who says where they are from; audits compare records with it."""

    class State(models.TextChoices):
        READING = "reading", "reading"
        READY = "ready", "ready"
        FAILED = "failed", "failed"
        WITHDRAWN = "withdrawn", "withdrawn"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    provider = models.CharField(max_length=120, blank=True)
    generator = models.CharField(max_length=120)  # the model, as whoever registers it calls it
    terms = models.CharField(max_length=200, blank=True)  # the licence or terms under which it was got
    source = models.CharField(max_length=500, blank=True)  # where it is from
    is_public = models.BooleanField(default=False)  # other organisations may compare with it, and see what they find
    file_name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    blob = models.CharField(max_length=200, blank=True)  # empty once it was withdrawn
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    outputs = models.PositiveBigIntegerField(default=0)
    skipped = models.JSONField(default=list, blank=True)  # [{name, cause}], the first that could not be read
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "output corpora"

    def __str__(self) -> str:
        return self.name


class Audit(Recorded):
    """One sampling audit of one file. It is its organisation's alone; names of annotators are in `result` only."""

    class State(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    # what it is about: a dataset of the catalogue or of the organisation; without a release the dataset as a whole
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    file_name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    blob = models.CharField(max_length=200, blank=True)  # empty once the file made room, 30 days after the end at most
    fields = models.JSONField(default=dict)  # {batch, annotator, date, prompt, text}: what they are called in the file
    references: models.ManyToManyField = models.ManyToManyField(OutputCorpus, related_name="+")
    seed = models.PositiveBigIntegerField(validators=[MaxValueValidator(MAX_SEED)])
    sampled = models.PositiveIntegerField(  # of each batch; None: every record
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_SAMPLED)]
    )
    limit = models.FloatField(default=0.01)  # a share: a batch whose corrected lower bound exceeds it is flagged
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    sample = models.CharField(max_length=80, blank=True)  # sha256:…, on record before anything is looked at
    sample_entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+")
    result = models.JSONField(null=True, blank=True)  # of `ingest.sampling.audit`, with the names of annotators
    result_digest = models.CharField(max_length=80, blank=True)
    result_entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+")
    shown = models.JSONField(default=dict, blank=True)  # record → {output, generator, passages, markers} of examples
    skipped = models.JSONField(default=dict, blank=True)  # {count, first: [{name, cause}]}: what could not be read
    pseudonym_key = models.CharField(max_length=64, default=new_key, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="audit_limit_is_share", condition=models.Q(limit__gt=0) & models.Q(limit__lt=1)
            ),
            models.CheckConstraint(
                name="audit_result_follows_sample", condition=models.Q(result__isnull=True) | ~models.Q(sample="")
            ),
        ]

    def __str__(self) -> str:
        return f"audit {self.public_id} of {self.title}"

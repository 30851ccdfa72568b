"""A scan of a release, the shards it is cut into, and what could not be read."""

from django.db import models
from django.db.models.functions import Now

from registry.models import Job, Organisation, Release
from registry.models.base import Recorded


class Scan(Recorded):
    """One run over a release with one index. Its question of legality is asked elsewhere."""

    class State(models.TextChoices):
        READING = "reading", "reading"
        MATCHING = "matching", "matching"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    class Acquisition(models.TextChoices):
        LAWFUL = "lawful", "lawful"
        LICENSED = "licensed", "licensed"
        SHADOW_LIBRARY = "shadow_library", "shadow library"
        CIRCUMVENTED = "circumvented", "past a paywall or protection"
        UNKNOWN = "unknown", "unknown"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.READING)
    is_public = models.BooleanField(default=False)  # of a public dataset, and its works may be told everybody
    acquisition = models.CharField(max_length=16, choices=Acquisition, default=Acquisition.UNKNOWN)
    copied_on = models.DateField(null=True, blank=True)
    copied_in = models.CharField(max_length=2, blank=True)
    min_words = models.PositiveIntegerField(default=50)
    text_field = models.CharField(max_length=100, blank=True)  # of a record's text; empty: `text`, or a usual one
    inputs = models.JSONField(default=list)  # [{name, blob, size_bytes, sha256}] in reading order
    parts = models.JSONField(default=list, blank=True)  # [{first, end, read}]: inputs of one reading job
    engine = models.CharField(max_length=20, blank=True)
    parameters_digest = models.CharField(max_length=80, blank=True)
    index_digest = models.CharField(max_length=80, blank=True)
    segments = models.JSONField(default=dict, blank=True)  # {digests, withdrawn}: the index every shard is matched with
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    documents = models.PositiveBigIntegerField(default=0)
    chars = models.PositiveBigIntegerField(default=0)
    words = models.PositiveBigIntegerField(default=0)
    letters = models.PositiveBigIntegerField(default=0)
    reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"scan {self.public_id} of {self.release}"


class Shard(models.Model):
    """A few seconds of work: documents read into one chunk file, matched and stored as a whole."""

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        DONE = "done", "done"

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="shards")
    position = models.PositiveIntegerField()
    blob = models.CharField(max_length=200)
    documents = models.PositiveIntegerField()
    text_bytes = models.PositiveBigIntegerField(default=0)  # as UTF-8; what the work of matching grows with
    chars = models.PositiveBigIntegerField(default=0)
    words = models.PositiveBigIntegerField(default=0)
    letters = models.PositiveBigIntegerField(default=0)
    unpublished = models.PositiveIntegerField(default=0)  # documents with text of works that others have not published
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    second_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")  # of a straggler
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["scan", "position"], name="shard_once_per_scan")]

    def __str__(self) -> str:
        return f"shard {self.position} of {self.scan}"


class Skipped(models.Model):
    """A file or record of a scan that could not be read, with its cause."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="skipped")
    name = models.TextField()
    cause_code = models.CharField(max_length=60)
    cause = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "skipped"
        constraints = [models.UniqueConstraint(fields=["scan", "name", "cause_code"], name="skipped_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.cause}"

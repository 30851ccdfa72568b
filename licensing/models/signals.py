"""What publishers' machines said: the bytes as they were read, on that day, and for which works they count."""

from django.db import models

from registry.models import Entry, Job, Organisation, Work
from registry.models.base import Recorded


class WorkAddress(Recorded):
    """Where a work, or an edition of it, stands on the web: what a signal about that place says counts for it."""

    moves_with_work = True

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    address = models.URLField(max_length=1000)  # https://host/path; a final * stands for all below
    host = models.CharField(max_length=253, db_index=True)
    stated_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    since = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "work addresses"
        # Not unique: where works are merged, both may stand at one place. The service states each once.
        indexes = [models.Index(fields=["work", "address"])]

    def __str__(self) -> str:
        return self.address


class Observation(Recorded):
    """One reading of one place: its raw bytes, kept for ever, with hash and date. Nothing in it is edited."""

    moves_with_work = True

    class Origin(models.TextChoices):
        UPLOAD = "upload", "handed in"
        CRAWL = "crawl", "from a crawl record"
        FETCH = "fetch", "fetched"

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin)
    address = models.CharField(max_length=1000, blank=True)  # of the place that was read
    host = models.CharField(max_length=253, blank=True)
    observed_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # HTTP
    headers = models.JSONField(default=list, blank=True)  # [name, value] of those that say something here
    # At most 1 MiB; empty where an earlier row has the same bytes, or the blob store has them: a book, a document.
    content = models.BinaryField(default=bytes)
    content_sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    faults = models.JSONField(default=list, blank=True)  # what could not be read: code, place, cause
    # Whose file it is, where it says so of itself (a book, an assertion in a picture) and stands at no address.
    work = models.ForeignKey(Work, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = [models.Index(fields=["host", "observed_at"])]

    def __str__(self) -> str:
        return f"{self.address or self.file_name} on {self.observed_at:%Y-%m-%d}"


class Signal(Recorded):
    """One rule that an observation carries: a format's own words, and what they mean here."""

    class Says(models.TextChoices):
        RESERVED = "reserved", "reserved"  # TDMRep 1, ONIX 145/11 + 146/03
        DISALLOW = "disallow", "disallow"
        ALLOW = "allow", "allow"
        CONDITIONAL = "conditional", "on conditions"
        UNKNOWN = "unknown", "not understood"

    observation = models.ForeignKey(Observation, on_delete=models.CASCADE, related_name="signals")
    format = models.CharField(
        max_length=24
    )  # tdmrep | aipref | rsl | robots | ai.txt | content-signal | cawg | onix | text
    format_version = models.CharField(max_length=40, blank=True)
    carrier = models.CharField(max_length=16, blank=True)  # file | header | html | epub | pdf | robots
    host = models.CharField(max_length=253, blank=True, db_index=True)
    path = models.CharField(max_length=1000, blank=True)  # the pattern as it stands there; "" is everywhere
    agents = models.JSONField(default=list, blank=True)  # crawlers it is for; empty: all
    says = models.CharField(max_length=12, choices=Says)
    uses = models.JSONField(default=list, blank=True)  # of ours; empty: all
    purposes = models.JSONField(default=list, blank=True)
    territory = models.JSONField(default=list, blank=True)
    policy_address = models.CharField(max_length=1000, blank=True)
    words = models.TextField(blank=True)  # as they stand in the source
    machine_readable = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(default=0)  # precedence within its format: the higher one counts
    loss = models.JSONField(default=list, blank=True)
    rule = models.JSONField(default=dict, blank=True)  # all of it, as licensing.formats.policy.Rule has it

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.format}: {self.says} {self.words[:60]}"

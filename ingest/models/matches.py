"""What a scan found: one row a (document, work) pair, with its passages."""

from django.db import models

from ingest.models.scans import Scan
from registry.models import Edition, Item, Work
from registry.models.base import Recorded


class Match(Recorded):
    """A (document, work) pair with its passages; every passage points at characters of the original text."""

    class Relation(models.TextChoices):
        COPY = "copy", "copy"
        PARTIAL = "partial", "partial"
        EXCERPT = "excerpt", "excerpt"
        QUOTATION = "quotation", "quotation"

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="matches")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    edition = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    relation = models.CharField(max_length=10, choices=Relation)
    precision = models.CharField(max_length=8)  # exact | sketch
    coverage_document = models.FloatField()
    coverage_work = models.FloatField()
    matched_words = models.PositiveIntegerField()
    longest_verbatim_words = models.PositiveIntegerField()
    identity = models.FloatField(null=True, blank=True)
    # how probable it is that the passages are copied text, 0 to 1; None in rows older than the estimate
    confidence = models.FloatField(null=True, blank=True)
    # [{document_chars: [s, e], work_chars: [s, e], words, identity, precision, excerpt, excerpt_start}]; the excerpt is
    # the document's passage with 200 characters on either side, because the document's text is not kept.
    passages = models.JSONField(default=list)
    # what the pair shares with many unrelated works besides, in the same form; counted in none of the figures above
    boilerplate = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["item__position", "work__public_id"]
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["scan", "item", "work"], name="match_once_per_pair"),
            models.CheckConstraint(
                condition=models.Q(confidence__isnull=True) | models.Q(confidence__range=(0, 1)),
                name="match_confidence_is_probability",
            ),
        ]
        indexes = [models.Index(fields=["work", "scan"])]

    def __str__(self) -> str:
        return f"{self.item} {self.relation} {self.work}"

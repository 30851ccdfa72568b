"""What an organisation's own lawyer answers to an open question: private to it, dated, superseded and never edited."""

from django.db import models

from licensing.models.provider_terms import LegalQuestion
from registry.models import Entry, Organisation, User
from registry.models.base import Recorded


class Opinion(Recorded):
    """A dated answer to an open legal question, for one organisation. Its verdicts cite it; none follows it."""

    class Answer(models.TextChoices):
        YES = "yes", "yes"
        NO = "no", "no"
        DEPENDS = "depends", "it depends"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(LegalQuestion, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=8, choices=Answer)
    reasoning = models.TextField()
    valid_from = models.DateField()
    given_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    signed_as = models.CharField(max_length=200)  # name and office of who answers for it
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-valid_from", "-id"]
        indexes = [models.Index(fields=["organisation", "question", "valid_from"])]

    def __str__(self) -> str:
        return f"{self.answer} ({self.valid_from})"

"""What model providers' terms said, by version and date, and the questions that courts have not answered."""

from django.db import models

from registry.models import Party, Source
from registry.models.base import Recorded


class ProviderTerms(Recorded):
    """One dated version of a provider's terms."""

    key = models.CharField(max_length=120, unique=True)  # e.g. LicenseRef-scancode-openai-tou-20230314
    provider = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    published_on = models.DateField(null=True, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    clause = models.CharField(max_length=60, blank=True)
    forbids_competing_models = models.BooleanField(null=True, blank=True)
    summary = models.TextField(blank=True)
    verified = models.BooleanField(default=False)
    sources: models.ManyToManyField = models.ManyToManyField(Source, related_name="+")

    class Meta:
        ordering = ["provider__name", "effective_from"]
        verbose_name_plural = "provider terms"

    def __str__(self) -> str:
        return self.title


class LegalQuestion(Recorded):
    """An open legal question that verdicts cite."""

    key = models.SlugField(max_length=100, unique=True)
    question = models.TextField()
    question_zh = models.TextField(blank=True)
    positions = models.JSONField(default=list, blank=True)
    reason_codes = models.JSONField(default=list, blank=True)
    verified = models.BooleanField(default=False)
    sources: models.ManyToManyField = models.ManyToManyField(Source, related_name="+")

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.question

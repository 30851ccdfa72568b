"""What model providers' terms said, by version and date, and the questions that courts have not answered."""

import datetime
from collections.abc import Iterable
from enum import StrEnum

from django.db import models

from licensing.rules import provider_clauses
from registry.models import AIModel, Party, Source
from registry.models.base import Recorded, text_list


def _choices(words: Iterable[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class ProviderTerms(Recorded):
    """One dated version of a provider's terms.

    Versions of one `document` for one `audience` follow each other. `effective_to` is empty where no later version is
    known: then it applies, as far as anybody knows, up to the last day on which it was seen (`TermsSighting`); a
    model's licence stays with the model.
    """

    class Document(models.TextChoices):
        CONSUMER_TERMS = provider_clauses.Document.CONSUMER_TERMS.value, "consumer terms"
        BUSINESS_TERMS = provider_clauses.Document.BUSINESS_TERMS.value, "business terms"
        USAGE_POLICY = provider_clauses.Document.USAGE_POLICY.value, "usage policy"
        MODEL_LICENCE = provider_clauses.Document.MODEL_LICENCE.value, "model licence"

    key = models.CharField(max_length=120, unique=True)  # e.g. LicenseRef-scancode-openai-tou-20230314
    provider = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    document = models.CharField(max_length=16, choices=Document, default=Document.CONSUMER_TERMS)
    audience = text_list(max_length=8)  # territories it is for; empty: wherever no other version is for
    version = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200)
    published_on = models.DateField(null=True, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    clause = models.CharField(max_length=60, blank=True)
    forbids_competing_models = models.BooleanField(null=True, blank=True)
    summary = models.TextField(blank=True)
    address = models.URLField(max_length=500, blank=True)  # where the provider publishes it
    text_address = models.URLField(max_length=500, blank=True)  # where the text was read
    text_sha256 = models.CharField(max_length=64, blank=True)  # of that text, as UTF-8
    licence_id = models.CharField(max_length=100, blank=True)  # SPDX or LicenseRef-scancode
    ai_models: models.ManyToManyField = models.ManyToManyField(AIModel, blank=True, related_name="+")
    verified = models.BooleanField(default=False)
    sources: models.ManyToManyField = models.ManyToManyField(Source, related_name="+")

    class Meta:
        ordering = ["provider__name", "document", "effective_from", "key"]
        verbose_name_plural = "provider terms"

    def __str__(self) -> str:
        return self.title

    @property
    def stream(self) -> str:
        """What its versions follow each other in: one document for one audience, a licence for its models."""
        if self.document == self.Document.MODEL_LICENCE:
            return f"{self.document}:{self.licence_family}"
        return ":".join([self.document, *sorted(self.audience)])

    @property
    def licence_family(self) -> str:
        """The models that a licence came with, as one word; its versions follow each other for the same models."""
        return "+".join(sorted(model.slug for model in self.ai_models.all())) or self.key

    @property
    def seen_on(self) -> tuple[datetime.date, ...]:
        """The days on which somebody saw this version in force, in order."""
        return tuple(sorted({sighting.seen_on for sighting in self.sightings.all()}))

    @property
    def seen_until(self) -> datetime.date | None:
        """The last of these days."""
        return max(self.seen_on, default=None)


class TermsSighting(Recorded):
    """Somebody saw this version, by its label or text, where the provider publishes it: a fact of that one day."""

    terms = models.ForeignKey(ProviderTerms, on_delete=models.CASCADE, related_name="sightings")
    seen_on = models.DateField()
    address = models.URLField(max_length=500)  # where whoever saw it says so
    said = models.TextField()  # their words, a sentence at most
    said_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["terms", "seen_on", "address"]
        constraints = [models.UniqueConstraint(fields=["terms", "seen_on", "address"], name="terms_seen_once_a_day")]

    def __str__(self) -> str:
        return f"{self.seen_on}: {self.said}"


class TermsClause(Recorded):
    """A clause about output: what it does (`effect`) to which `act`, for which purpose, on whom; a short excerpt."""

    terms = models.ForeignKey(ProviderTerms, on_delete=models.CASCADE, related_name="clauses")
    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=60, blank=True)
    effect = models.CharField(max_length=8, choices=_choices(provider_clauses.Effect))
    act = models.CharField(max_length=32, choices=_choices(provider_clauses.Act))
    purpose = models.CharField(max_length=16, choices=_choices(provider_clauses.ClausePurpose), default="any")
    party = models.CharField(max_length=16, choices=_choices(provider_clauses.ClauseParty), default="customer")
    excerpt = models.TextField(blank=True)  # a sentence at most; empty where nobody read it
    excerpt_sha256 = models.CharField(max_length=64, blank=True)
    exception = models.TextField(blank=True)  # what the clause leaves out, in English
    language = models.CharField(max_length=8, default="en")

    class Meta:
        ordering = ["terms", "number"]
        constraints = [models.UniqueConstraint(fields=["terms", "number"], name="clause_number_once")]

    def __str__(self) -> str:
        return f"{self.effect} {self.act}"


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

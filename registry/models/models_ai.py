"""AI models and their versions: what datasets are said to have trained, and what generates text."""

from django.db import models

from registry.models.base import Recorded, is_partial_date, partial_date
from registry.models.holders import Party
from registry.models.searchable import Searchable, search_indexes


class AIModel(Recorded, Searchable):
    """A model family under one name."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    developer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="ai_models")
    released_on = partial_date()
    licence = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    sources: models.ManyToManyField = models.ManyToManyField("registry.Source", blank=True, related_name="ai_models")

    class Meta:
        ordering = ["name"]
        verbose_name = "AI model"
        constraints = [is_partial_date("released_on", "aimodel")]
        indexes = search_indexes("aimodel")

    def __str__(self) -> str:
        return self.name


class ModelVersion(Recorded):
    """A version of a model that terms, claims or outputs can point at."""

    model = models.ForeignKey(AIModel, on_delete=models.CASCADE, related_name="versions")
    name = models.CharField(max_length=120)
    released_on = partial_date()

    class Meta:
        ordering = ["released_on", "name"]
        constraints = [
            is_partial_date("released_on", "modelversion"),
            models.UniqueConstraint(fields=["model", "name"], name="one_model_version_per_name"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.name}"

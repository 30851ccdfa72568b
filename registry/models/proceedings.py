"""Court proceedings and initiatives that works, datasets and models appear in."""

from django.db import models

from registry.models.base import Recorded, is_partial_date, partial_date
from registry.models.datasets import Dataset
from registry.models.holders import Party
from registry.models.models_ai import AIModel
from registry.models.provenance import Source
from registry.models.works import Work


class Proceeding(Recorded):
    """A case before a court, or an initiative of the trade, with its sources."""

    class Kind(models.TextChoices):
        LAWSUIT = "lawsuit", "lawsuit"
        INITIATIVE = "initiative", "initiative"

    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=300)
    name_zh = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.LAWSUIT)
    court = models.CharField(max_length=200, blank=True)
    docket = models.CharField(max_length=100, blank=True)
    opened_on = partial_date()
    status = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True)
    points = models.JSONField(default=list, blank=True)  # an initiative's points and the channel that answers each
    verified = models.BooleanField(default=False)
    sources: models.ManyToManyField = models.ManyToManyField(Source, related_name="proceedings")
    parties: models.ManyToManyField = models.ManyToManyField(Party, blank=True, related_name="proceedings")
    works: models.ManyToManyField = models.ManyToManyField(Work, blank=True, related_name="proceedings")
    datasets: models.ManyToManyField = models.ManyToManyField(Dataset, blank=True, related_name="proceedings")
    ai_models: models.ManyToManyField = models.ManyToManyField(AIModel, blank=True, related_name="proceedings")

    class Meta:
        ordering = ["opened_on", "name"]
        constraints = [is_partial_date("opened_on", "proceeding")]

    def __str__(self) -> str:
        return self.name

"""Datasets, their releases, the components a release is made of and the items found in it."""

from django.db import models

from registry.models.accounts import Organisation
from registry.models.base import Recorded, is_partial_date, partial_date, text_list
from registry.models.searchable import Searchable, search_indexes


class Dataset(Recorded, Searchable):
    """A training dataset: public knowledge, or private to the organisation that checks it."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", "public"
        PRIVATE = "private", "private"

    class Kind(models.TextChoices):
        CORPUS = "corpus", "text corpus"
        INSTRUCTIONS = "instructions", "instructions"
        CONVERSATIONS = "conversations", "conversations"
        LIBRARY = "library", "library of copies"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CORPUS)
    description = models.TextField(blank=True)
    origin = models.TextField(blank=True)
    declared_licence = models.CharField(max_length=200, blank=True)
    address = models.URLField(max_length=500, blank=True)
    status = models.TextField(blank=True)  # what became of it: removed by its host, restricted, available
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="datasets"
    )
    demo = models.BooleanField(default=False)
    record_reference = models.CharField(max_length=200, blank=True)  # of whoever described it, in their file
    languages = text_list(max_length=100)  # as said: names or BCP 47
    creators = text_list(max_length=300)
    # as said, in order: [{"name", "kind": licence | terms | unstated, "address", "provider" (whose terms they are)}]
    licences = models.JSONField(default=list, blank=True)
    said = models.JSONField(default=dict, blank=True)  # what else the description says: text sources, tasks, papers …
    sources: models.ManyToManyField = models.ManyToManyField("registry.Source", blank=True, related_name="datasets")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="one_dataset_per_record_reference",
                fields=["organisation", "record_reference"],
                condition=~models.Q(record_reference=""),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="private_dataset_has_an_organisation",
                condition=models.Q(visibility="public") | models.Q(organisation__isnull=False),
            ),
        ]
        indexes = search_indexes("dataset")

    def __str__(self) -> str:
        return self.name


class DatasetFigure(models.Model):
    """A number somebody stated about a dataset. Sources that differ are both kept."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="figures")
    name = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=20, decimal_places=2)
    unit = models.CharField(max_length=30)
    note = models.TextField(blank=True)
    source = models.ForeignKey("registry.Source", on_delete=models.PROTECT, related_name="figures")

    class Meta:
        ordering = ["name", "-value"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name", "value", "source"], name="figure_once_per_source")
        ]

    def __str__(self) -> str:
        return f"{self.dataset}: {self.name} {self.value} {self.unit}"


class Release(Recorded):
    """A version of a dataset as it was published or handed in on a date."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="releases")
    version = models.CharField(max_length=80)
    released_on = partial_date()
    address = models.URLField(max_length=500, blank=True)

    class Meta:
        ordering = ["-released_on", "-id"]
        constraints = [
            is_partial_date("released_on", "release"),
            models.UniqueConstraint(fields=["dataset", "version"], name="one_release_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} {self.version}"


class Component(models.Model):
    """A dataset inside a release of another: Books3 in The Pile, with its size and weight there."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="components")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="component_of")
    raw_gib = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    weight_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    source = models.ForeignKey("registry.Source", null=True, on_delete=models.PROTECT, related_name="components")

    class Meta:
        ordering = ["-weight_percent", "id"]
        constraints = [models.UniqueConstraint(fields=["release", "dataset"], name="component_once_per_release")]

    def __str__(self) -> str:
        return f"{self.dataset} in {self.release}"


class Item(models.Model):
    """One entry of a release: a document as it was read, by name and hash; its text is not kept."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="items")
    name = models.TextField()
    sha256 = models.CharField(max_length=64)
    chars = models.PositiveBigIntegerField()
    words = models.PositiveBigIntegerField()
    letters = models.PositiveBigIntegerField()
    position = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["release", "name"], name="item_once_per_release")]

    def __str__(self) -> str:
        return self.name

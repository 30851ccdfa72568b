"""Who in a firm uses which provider's model for what, and where its output may go; what generated datasets hold."""

from django.db import models

from licensing.models.provider_terms import ProviderTerms
from registry.models import AIModel, Dataset, Entry, Organisation, Party, Source, User
from registry.models.base import Recorded, text_list


class Acceptance(models.TextChoices):
    """Whether somebody agreed to a provider's terms."""

    ACCEPTED = "accepted", "accepted"
    NOT_ACCEPTED = "not_accepted", "not accepted"
    UNKNOWN = "unknown", "unknown"


class UseDeclaration(Recorded):
    """One use of a provider's model by an organisation: drafted, approved, ended. What was approved is not edited."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        APPROVED = "approved", "approved"
        ENDED = "ended", "ended"

    class Purpose(models.TextChoices):
        EXPERIMENT = "experiment", "experiment"
        EVALUATION = "evaluation", "evaluation"
        ANNOTATION_AID = "annotation_aid", "annotation aid"
        SYNTHETIC_DATA = "synthetic_data", "synthetic data"
        PRODUCT = "product", "product"

    class Destination(models.TextChoices):
        DATASETS = "datasets", "datasets that train nothing"
        TRAINING = "training", "training sets"
        PRODUCT = "product", "a product's answers"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    provider = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    model = models.ForeignKey(AIModel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    account = models.CharField(max_length=200, blank=True)
    acceptance = models.CharField(max_length=12, choices=Acceptance, default=Acceptance.UNKNOWN)
    terms = models.ForeignKey(ProviderTerms, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    accepted_on = models.DateField(null=True, blank=True)
    purpose = models.CharField(max_length=16, choices=Purpose)
    destinations = text_list(max_length=16)  # empty: nowhere
    datasets: models.ManyToManyField = models.ManyToManyField(Dataset, blank=True, related_name="+")  # empty: any
    models_trained = text_list(max_length=120)  # empty: any
    note = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    drafted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    begins_on = models.DateField(null=True, blank=True)  # set when it is approved
    ended_on = models.DateField(null=True, blank=True)  # its last day

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="declaration_approved_has_first_day",
                condition=models.Q(state="draft") | models.Q(begins_on__isnull=False),
            ),
            models.CheckConstraint(
                name="declaration_ended_has_last_day",
                condition=~models.Q(state="ended") | models.Q(ended_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DeclarationEvent(Recorded):
    """Something that happened to a declaration."""

    declaration = models.ForeignKey(UseDeclaration, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8)  # drafted | amended | approved | ended
    on = models.DateField()
    text = models.TextField(blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} on {self.on}"


class GeneratedPart(Recorded):
    """What part of a dataset a model wrote: which model, how much, from which prompts, how it was got and cleaned.

    With `organisation` it is that organisation's record of its own dataset; without, public knowledge with sources.
    """

    class Acquired(models.TextChoices):
        OWN_API = "own_api", "own API account"
        EXPERIMENT = "experiment", "experiment"
        THIRD_PARTY = "third_party", "shared by a third party"
        RELAY = "relay", "mirror or relay"
        SCRAPED = "scraped", "scraped"

    key = models.SlugField(max_length=120, blank=True)  # of the catalogue's rows
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    share_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    records = models.PositiveBigIntegerField(null=True, blank=True)
    prompts = models.TextField(blank=True)
    acquired = models.CharField(max_length=12, choices=Acquired)
    cleaning = models.TextField(blank=True)
    generated_from = models.DateField(null=True, blank=True)
    generated_to = models.DateField(null=True, blank=True)
    declaration = models.ForeignKey(UseDeclaration, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verified = models.BooleanField(default=False)
    sources: models.ManyToManyField = models.ManyToManyField(Source, blank=True, related_name="+")
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["dataset", "-share_percent", "id"]
        constraints = [
            models.UniqueConstraint(name="generated_part_key_once", fields=["key"], condition=~models.Q(key="")),
            models.CheckConstraint(
                name="generated_part_ends_after_it_begins",
                condition=models.Q(generated_to__isnull=True)
                | models.Q(generated_from__isnull=True)
                | models.Q(generated_to__gte=models.F("generated_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} in {self.dataset}"

    @property
    def declared_as(self) -> UseDeclaration | None:
        """The declaration that the record names, where it speaks for the model: no draft, nor another provider's."""
        row = self.declaration
        if row is None or row.state == UseDeclaration.State.DRAFT or row.provider_id != self.model.developer_id:
            return None
        return row if row.model_id in (None, self.model_id) else None

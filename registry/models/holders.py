"""Parties, and the rights they claim in works."""

from django.db import models

from registry.models.accounts import Organisation
from registry.models.base import Capacity, Recorded, Verification, is_partial_date, partial_date, text_list
from registry.models.searchable import Searchable, search_indexes


class Party(Recorded, Searchable):
    """A person or organisation that made, owns, provides or did something."""

    class Kind(models.TextChoices):
        PERSON = "person", "person"
        ORGANISATION = "organisation", "organisation"

    name = models.CharField(max_length=300)
    name_zh = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.PERSON)
    born = partial_date()
    died = partial_date()
    country = models.CharField(max_length=2, blank=True)
    isni = models.CharField(max_length=16, blank=True)
    key = models.CharField(max_length=64, unique=True, null=True, blank=True)  # stable key of catalogue rows
    organisation = models.OneToOneField(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="party"
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "parties"
        constraints = [is_partial_date("born", "party"), is_partial_date("died", "party")]
        indexes = [models.Index(fields=["name"]), *search_indexes("party")]

    def __str__(self) -> str:
        return self.name


class RightsClaim(Recorded):
    """A party's claim to a right in a work. Rival claims stand side by side; none is ever overwritten."""

    class AiRights(models.TextChoices):
        GRANTED = "granted", "granted"
        RETAINED = "retained", "retained"
        SILENT = "silent", "silent"

    work = models.ForeignKey("registry.Work", on_delete=models.CASCADE, related_name="rights_claims")
    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="rights_claims")
    asserted_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="rights_claims")
    capacity = models.CharField(max_length=16, choices=Capacity, default=Capacity.OWNER)
    exclusive = models.BooleanField(default=False)
    ai_rights = models.CharField(max_length=16, choices=AiRights, default=AiRights.SILENT)
    territory = text_list()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    observed_at = models.DateField()
    evidence = models.TextField(blank=True)
    verification = models.CharField(max_length=16, choices=Verification, default=Verification.NONE)
    demo = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["recorded_at"]
        constraints = [
            models.CheckConstraint(
                name="rights_claim_ends_after_it_begins",
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.holder} claims {self.work}"

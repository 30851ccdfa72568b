"""Dated statements about what may be done with a work: grants, reservations, preferences, offers, open licences."""

from django.db import models

from registry.models import Capacity, Entry, Organisation, Verification, Work
from registry.models.base import Recorded, text_list


class Assertion(Recorded):
    """Who said what about which work, for which uses, where, from when to when, and how far that was verified.

    An empty list means the statement did not narrow that dimension. `observed_at` is the day somebody saw it,
    `recorded_at` the moment it was written here. Nothing is edited: a change is a new statement, and a withdrawn one
    stays with its dates.
    """

    moves_with_work = True  # it follows the work where that is merged with another

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    asserted_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # Whose will it is, where that is not who wrote it down: an observer records the licence that a holder gave.
    licensor = models.CharField(max_length=300, blank=True)
    capacity = models.CharField(max_length=16, choices=Capacity, default=Capacity.OWNER)
    verification = models.CharField(max_length=16, choices=Verification, default=Verification.NONE)
    uses = text_list()
    purposes = text_list()
    territory = text_list(max_length=8)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    observed_at = models.DateField()
    source_format = models.CharField(max_length=40, blank=True)
    source_version = models.CharField(max_length=40, blank=True)
    source_address = models.CharField(max_length=500, blank=True)
    source_sha256 = models.CharField(max_length=64, blank=True)
    statement = models.TextField(blank=True)
    demo = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # The log's entry where many statements share one: it carries the Merkle root over them.
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_ends_after_it_begins",
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
            )
        ]
        indexes = [models.Index(fields=["work", "withdrawn_at"])]


class Grant(Assertion):
    """A permission given to one licensee."""

    licensee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    duties = text_list()
    # What the rules read besides the scope: whoever belongs to the licensee ("none": it alone), which products,
    # editions and models, which kinds of licensee.
    affiliates = text_list()
    products = text_list(max_length=120)
    editions = text_list(max_length=12)
    model_names = text_list(max_length=120)
    licensee_kinds = text_list(max_length=32)
    exclusive = models.BooleanField(default=False)  # nobody else was to get the same
    agreement = models.ForeignKey(
        "licensing.Agreement", null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )

    class Meta(Assertion.Meta):
        constraints = [
            *Assertion.Meta.constraints,
            models.CheckConstraint(name="grant_names_its_uses", condition=models.Q(uses__len__gt=0)),
        ]

    def __str__(self) -> str:
        return f"grant {self.public_id} to {self.licensee}"


class Reservation(Assertion):
    """A statement that rights are reserved; machine-readable or in natural language, never taken for each other."""

    machine_readable = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"reservation {self.public_id}"


class Preference(Assertion):
    """A signal about mining and training that is neither a licence nor a reservation: what its speaker would like."""

    class Signal(models.TextChoices):
        ALLOW = "allow", "allow"
        DISALLOW = "disallow", "disallow"

    signal = models.CharField(max_length=8, choices=Signal)

    def __str__(self) -> str:
        return f"preference {self.public_id}: {self.signal}"


class Offer(Assertion):
    """Published terms that anybody may accept."""

    terms = models.TextField(blank=True)  # in words
    address = models.URLField(max_length=500, blank=True)
    agreed_terms = models.JSONField(null=True, blank=True)  # as licensing.rules.agreement writes them
    channel = models.CharField(max_length=24, default="standing_offer")
    at_most = models.PositiveIntegerField(null=True, blank=True)  # so many acceptances and no more
    accepted = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"offer {self.public_id}"


class OpenLicence(Assertion):
    """A public licence declared for the work, by its SPDX id."""

    licence = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.licence} for {self.work}"

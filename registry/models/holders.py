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
    other_names = text_list(max_length=300)  # pen names, other spellings and scripts
    isni = models.CharField(max_length=16, blank=True)
    key = models.CharField(max_length=64, unique=True, null=True, blank=True)  # stable key of catalogue rows
    organisation = models.OneToOneField(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="party"
    )
    known_to = models.ForeignKey(  # the organisation whose drafts alone name this party; empty: everybody may know
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
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

    moves_with_work = True  # it follows the work where that is merged or split

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
    evidence_address = models.URLField(max_length=500, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)  # of the document, which stays with its owner
    verification = models.CharField(max_length=16, choices=Verification, default=Verification.NONE)
    demo = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # The log's entry where many claims share one: it carries the Merkle root over them.
    entry = models.ForeignKey("registry.Entry", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["recorded_at"]
        indexes = [
            models.Index(
                fields=["work"],
                name="exclusive_claims",
                condition=models.Q(exclusive=True, withdrawn_at__isnull=True),
            )
        ]
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


class CounterSignature(Recorded):
    """The other side of a contract confirms a claim: an author confirms what the publisher says."""

    claim = models.ForeignKey(RightsClaim, on_delete=models.CASCADE, related_name="counter_signatures")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="counter_signatures")
    capacity = models.CharField(max_length=16, choices=Capacity)
    statement = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "organisation"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_standing_counter_signature",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} confirms: {self.claim}"


class ClaimDecision(Recorded):
    """How a dispute between claims to one work was settled: a dated record that ends the claims it sets aside.

    It counts from the moment `in_force_at` names; an agreement waits for it until all sides have confirmed.
    """

    moves_with_work = True

    class Ground(models.TextChoices):
        AGREEMENT = "agreement", "agreement of the claimants"
        COURT = "court", "decision of a court"
        REGISTRY = "registry", "decision of the registry"
        CONCEDED = "conceded", "conceded by a claimant"

    work = models.ForeignKey("registry.Work", on_delete=models.CASCADE, related_name="claim_decisions")
    ground = models.CharField(max_length=16, choices=Ground)
    decided_on = models.DateField()
    statement = models.TextField()
    source_address = models.URLField(max_length=500, blank=True)
    source_sha256 = models.CharField(max_length=64, blank=True)
    decided_by = models.CharField(max_length=80)  # the actor who recorded it
    upheld: models.ManyToManyField = models.ManyToManyField(RightsClaim, related_name="upheld_by")
    set_aside: models.ManyToManyField = models.ManyToManyField(RightsClaim, related_name="set_aside_by")
    proposed_by = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="proposed_decisions"
    )
    confirmed_by: models.ManyToManyField = models.ManyToManyField(Organisation, related_name="confirmed_decisions")
    in_force_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal = models.TextField(blank=True)  # why it was withdrawn: an appeal, a refusal

    class Meta:
        ordering = ["-decided_on", "-id"]

    def __str__(self) -> str:
        return f"decision of {self.decided_on} about {self.work}"

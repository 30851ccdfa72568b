"""Terms as they are offered and agreed: templates, and the signed document that grants rest on."""

from django.db import models

from licensing.models.assertions import Offer
from registry.models import Entry, Organisation, User
from registry.models.base import Recorded, text_list


class Channel(models.TextChoices):
    """The way by which a use is authorised (domain.md §3)."""

    DIRECT = "direct", "direct"
    STANDING_OFFER = "standing_offer", "standing offer"
    COLLECTIVE_OPT_IN = "collective_opt_in", "collective licence, members opt in"
    COLLECTIVE_EXTENDED = "collective_extended", "extended collective licence"
    OPEN_LICENCE = "open_licence", "open licence"
    PLATFORM = "platform", "platform"
    STATUTORY_EXCEPTION = "statutory_exception", "statutory exception"
    RESERVATION = "reservation", "reservation"


class TermsTemplate(Recorded):
    """Terms that an organisation uses again and again. Editing makes a new version; agreements keep theirs."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    terms = models.JSONField()  # as licensing.rules.agreement writes them
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name", "version"], name="template_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"


class Agreement(Recorded):
    """What two parties agreed on about one or many works: each work's grant rests on it. Nothing in it is edited."""

    class State(models.TextChoices):
        RUNNING = "running", "running"
        EXPIRED = "expired", "expired"
        REVOKED = "revoked", "revoked"

    channel = models.CharField(max_length=24, choices=Channel, default=Channel.DIRECT)
    granted_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    licensee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    terms = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    works = models.PositiveIntegerField(default=0)
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # A sublicence rests on the agreement it was given under; a renewal follows the one it continues.
    under = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="sublicences")
    renews = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals")
    signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    signature = models.TextField(blank=True)  # Ed25519 of the registry over the document's canonical JSON, as base64
    document = models.JSONField(default=dict, blank=True)  # JSON-LD (ODRL Agreement) as it was signed
    document_sha256 = models.CharField(max_length=64, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_from = models.DateField(null=True, blank=True)  # its last day is the one before
    revoked_reason = models.TextField(blank=True)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "valid_to"])]

    def __str__(self) -> str:
        return f"agreement {self.public_id} with {self.licensee}"


class AgreementPaper(Recorded):
    """An agreement's document as PDF in one language: made once, kept byte for byte, known by its hash."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="papers")
    language = models.CharField(max_length=8)
    blob = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["agreement", "language"], name="paper_once_a_language")]

    def __str__(self) -> str:
        return f"{self.agreement} ({self.language})"


class MemberExit(Recorded):
    """A rightsholder, or some of its works, left a society's repertoire: its licences no longer reach them."""

    society = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    works = models.JSONField(default=list, blank=True)  # public ids; empty: all of its works
    channels = text_list(max_length=24)
    leaves_on = models.DateField()
    reason = models.TextField(blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)  # when what the society had granted was ended
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.organisation} leaves {self.society} on {self.leaves_on}"

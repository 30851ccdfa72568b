"""Asking for licences: one request for many works, one negotiation a rightsholder, every step kept."""

import datetime

from django.db import models

from licensing.models.agreements import Agreement
from licensing.models.assertions import Offer
from licensing.models.clearances import Clearance
from licensing.rules.lifecycle import BEFORE_GRANT
from registry.models import Entry, Job, Organisation, Party, User, Work
from registry.models.base import Recorded


class LicenceRequest(Recorded):
    """What a firm asks for, once, whoever holds the rights; split into a negotiation a rightsholder."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        SPLITTING = "splitting", "being split"
        OPEN = "open", "open"
        CLOSED = "closed", "closed"
        CANCELLED = "cancelled", "cancelled"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=200)
    message = models.TextField(blank=True)
    terms = models.JSONField()  # what is asked for, as licensing.rules.agreement writes it
    clearance = models.ForeignKey(Clearance, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    chosen_by = models.JSONField(default=dict, blank=True)  # how the works were chosen: query, list, clearance
    respond_by = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    counts = models.JSONField(default=dict, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    rechecked_at = models.DateTimeField(null=True, blank=True)  # when somebody to ask was looked for again
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class Negotiation(Recorded):
    """The part of a request that goes to one rightsholder, and what became of it: one row of the state machine."""

    request = models.ForeignKey(LicenceRequest, on_delete=models.CASCADE, related_name="negotiations")
    # Who answers. None: nobody who can answer is known here, only the party (or not even that).
    holder = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Works for which somebody can be asked only later are a further part of their own, with the same holder as well.
    part = models.PositiveSmallIntegerField(default=1)
    why = models.CharField(max_length=24, blank=True)  # there is no holder: licensing.selectors.granting.Why
    established = models.BooleanField(default=True)  # every claim of the holder can be relied on unasked
    state = models.CharField(max_length=24, default="enquiry")  # licensing.rules.lifecycle.State
    waits_for = models.CharField(max_length=8, blank=True)  # holder | firm | "" (nobody)
    terms = models.JSONField(default=dict, blank=True)  # what is on the table now
    respond_by = models.DateField(null=True, blank=True)
    agreement = models.ForeignKey(
        Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="negotiations"
    )
    works = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)  # rises with every step: two answers at once are told apart
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["holder", "state"]), models.Index(fields=["state", "respond_by"])]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "holder", "part"],
                condition=models.Q(holder__isnull=False),
                name="negotiation_once_a_holder",
            )
        ]

    def __str__(self) -> str:
        return f"negotiation {self.public_id} ({self.state})"

    @property
    def answer_by(self) -> datetime.date | None:
        """The day by which an answer is wanted, as long as one is: until there is an agreement, or nobody is asked."""
        return self.respond_by if self.waits_for and self.state in BEFORE_GRANT else None


class RequestedWork(models.Model):
    """One work of a request, with the negotiation that it is part of."""

    request = models.ForeignKey(LicenceRequest, on_delete=models.CASCADE, related_name="requested_works")
    negotiation = models.ForeignKey(Negotiation, null=True, on_delete=models.CASCADE, related_name="requested_works")
    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="+")
    left_out = models.CharField(max_length=200, blank=True)  # why the rightsholder left it out of the grant

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["request", "work"], name="requested_once")]


class Step(Recorded):
    """One move of a negotiation: who, from where to where, with which terms and words. Each is an entry of the log."""

    negotiation = models.ForeignKey(Negotiation, on_delete=models.CASCADE, related_name="steps")
    move = models.CharField(max_length=24)  # licensing.rules.lifecycle.Move
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    terms = models.JSONField(null=True, blank=True)
    message = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)  # of a delivery, a use report, a payment record
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.move} → {self.to_state}"


class Attachment(Recorded):
    """A file that goes with a step. It is kept as bytes and never opened here."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    blob = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Reminder(Recorded):
    """A deadline that somebody has to be told of, once."""

    negotiation = models.ForeignKey(
        Negotiation, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders"
    )
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders")
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    # answer_due | answer_overdue | agreement_ends | agreement_ended | offer_ends
    kind = models.CharField(max_length=24)
    due_on = models.DateField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["sent_at", "due_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["negotiation", "agreement", "offer", "organisation", "kind", "due_on"],
                nulls_distinct=False,
                name="reminded_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.due_on}"

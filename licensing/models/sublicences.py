"""Licences that were passed on, as those see it from whom they came, and what was said about it."""

from django.db import models

from licensing.models.agreements import Agreement
from registry.models import Entry, Organisation, User
from registry.models.base import Recorded


class PassedOn(Recorded):
    """A sub-licence as one licensor above it is told of it: to whom, since when, and whether that licensor objects.

    What the two parties of the sub-licence pay each other is theirs; an objection ends nothing.
    """

    class State(models.TextChoices):
        TOLD = "told", "told"
        OBJECTED = "objected", "objected to"
        ANSWERED = "answered", "answered"
        SETTLED = "settled", "settled"

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="told_of")
    over = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="passed_on")  # the licensor's own
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.TOLD)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["agreement", "holder"], name="passed_on_once_a_holder")]

    def __str__(self) -> str:
        return f"{self.agreement} as {self.holder} is told of it"


class PassedOnStep(Recorded):
    """What one side said about a sub-licence: an objection, an answer to it, or that it is settled."""

    passed_on = models.ForeignKey(PassedOn, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=8, choices=PassedOn.State)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    message = models.TextField()
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.state}"

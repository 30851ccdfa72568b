"""Notices to those who host a dataset: drafted, sent, answered, each dated."""

from django.db import models

from licensing.models.clearances import Clearance
from registry.models import Dataset, Entry, Organisation, Release, User, Work
from registry.models.base import Recorded


class Notice(Recorded):
    """What an organisation asks of a dataset's host: to take works out, take a licence, correct a statement."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        SENT = "sent", "sent"
        ANSWERED = "answered", "answered"
        RESOLVED = "resolved", "resolved"
        WITHDRAWN = "withdrawn", "withdrawn"

    class Ask(models.TextChoices):
        REMOVE = "remove", "take the works out"
        LICENSE = "license", "take a licence"
        CORRECT = "correct", "correct what is said of them"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    drafted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    clearance = models.ForeignKey(Clearance, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    host_name = models.CharField(max_length=200)
    host_email = models.EmailField(blank=True)
    host_address = models.URLField(max_length=500, blank=True)
    ask = models.CharField(max_length=8, choices=Ask, default=Ask.REMOVE)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    language = models.CharField(max_length=8, default="en")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    answer_by = models.DateField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    works: models.ManyToManyField = models.ManyToManyField(Work, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject


class NoticeEvent(Recorded):
    """Something that happened to a notice."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12)  # drafted | sent | bounced | answered | resolved | withdrawn
    on = models.DateField()
    text = models.TextField(blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} on {self.on}"

"""Which days have been followed, so that a day on which nothing ran is followed later."""

from django.db import models


class FollowedDays(models.Model):
    """One row for each thing that follows days: `until` is the last day that it has finished. Working state, no fact.

    Written by `licensing.services.dates` in the transaction that follows the day.
    """

    kind = models.CharField(max_length=32, unique=True)
    until = models.DateField()

    def __str__(self) -> str:
        return f"{self.kind} until {self.until}"

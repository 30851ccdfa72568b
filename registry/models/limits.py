"""How many requests somebody sent in a minute."""

from django.db import models


class RequestCount(models.Model):
    """Requests of one caller of the API in the minute that began at `minute`. Kept for an hour; a crash may lose it."""

    caller = models.CharField(max_length=80)  # "user:17", "token:…", "address:…"
    minute = models.DateTimeField()
    requests = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "minute"], name="one_count_per_minute")]
        indexes = [models.Index(fields=["minute"])]

    def __str__(self) -> str:
        return f"{self.caller}: {self.requests}"

"""Replies that are given again when a request is sent again."""

from django.db import models
from django.db.models.functions import Now


class Reply(models.Model):
    """What a creating request with an Idempotency-Key was answered: committed together with what it created."""

    owner = models.CharField(max_length=80)  # in whose name: "user:17/example-press"
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)  # SHA-256 of method, address and content
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    recorded_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        verbose_name_plural = "replies"
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_reply_per_key")]

    def __str__(self) -> str:
        return f"{self.status} for {self.key}"

"""The Merkle log: entries staged with the facts they record, numbered later by one sequencer."""

from django.db import models
from django.db.models.functions import Now

from registry.models.base import new_public_id


class Entry(models.Model):
    """A legal fact's record. `leaf` is the canonical JSON that is hashed; `position` is null until it is sequenced."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)  # "<noun>:<public id>"
    organisation_slug = models.CharField(max_length=80, blank=True)
    actor = models.CharField(max_length=150)
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)
    position = models.PositiveBigIntegerField(null=True, unique=True)
    staged_at = models.DateTimeField(db_default=Now())
    sequenced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["subject"]), models.Index(fields=["kind"])]

    def __str__(self) -> str:
        return f"{self.position}: {self.kind} {self.subject}"


class Node(models.Model):
    """The hash of a complete subtree (RFC 9162 §2.1): leaves index·2^level … (index+1)·2^level − 1."""

    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="node_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """A signed statement of the log's size and root."""

    size = models.PositiveBigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-size"]
        get_latest_by = "size"

    def __str__(self) -> str:
        return f"checkpoint {self.size}"

"""What every recorded thing has: a permanent public id and the moment it was written down."""

import secrets
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, without letters that look like digits
_SPELLING = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
PARTIAL_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"


def new_public_id() -> str:
    """Return 12 random characters (60 bits) for use in permanent addresses."""
    return secrets.token_bytes(12).translate(_SPELLING).decode()


def new_public_ids(count: int) -> list[str]:
    """As many at once, in a tenth of the time."""
    letters = secrets.token_bytes(12 * count).translate(_SPELLING).decode()
    return [letters[start : start + 12] for start in range(0, len(letters), 12)]


class Recorded(models.Model):
    """A row with a permanent public id. `recorded_at` is the database's clock, never a worker's."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


def text_list(max_length: int = 64, **options: Any) -> ArrayField:
    """A PostgreSQL text array; empty means nothing was said, which for a scope is "every one"."""
    return ArrayField(models.CharField(max_length=max_length), default=list, blank=True, **options)


def partial_date(**options: Any) -> models.CharField:
    """A date known to the year, the month or the day, as it was recorded: 1813, 1813-01, 1813-01-28."""
    return models.CharField(max_length=10, blank=True, **options)


def is_partial_date(field: str, table: str) -> models.CheckConstraint:
    """The constraint that belongs to a `partial_date` column."""
    return models.CheckConstraint(
        name=f"{table}_{field}_is_partial_date",
        condition=models.Q(**{field: ""}) | models.Q(**{f"{field}__regex": PARTIAL_DATE}),
    )


class Verification(models.TextChoices):
    """How far a statement was verified (domain.md §3)."""

    NONE = "none", "none"
    DOMAIN = "domain", "domain"
    DOCUMENT = "document", "document"
    IDENTITY = "identity", "identity"
    COUNTER_SIGNED = "counter-signed", "counter-signed"


class Capacity(models.TextChoices):
    """In which capacity somebody speaks for a work."""

    OWNER = "owner", "owner"
    AUTHOR = "author", "author"
    PUBLISHER = "publisher", "publisher"
    AGENT = "agent", "agent"
    SOCIETY = "society", "society"
    PLATFORM = "platform", "platform"
    LICENSEE = "licensee", "licensee"
    OBSERVER = "observer", "observer"

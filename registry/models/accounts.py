"""People who sign in, the organisations they act for, and the tokens that act for them."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now

from registry.models.base import Recorded, text_list


class User(AbstractUser):
    """Somebody who can sign in."""


class Organisation(Recorded):
    """Whoever registers, asks or answers: a publisher, a firm, a society. A case calls it `org:<slug>`."""

    class Kind(models.TextChoices):
        COMPANY = "company", "company"
        RESEARCH_ORGANISATION = "research_organisation", "research organisation"
        CULTURAL_HERITAGE = "cultural_heritage", "cultural heritage institution"
        PUBLIC_BODY = "public_body", "public body"
        PERSON = "person", "person"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=32, choices=Kind, default=Kind.COMPANY)
    country = models.CharField(max_length=2, blank=True)
    demo = models.BooleanField(default=False)
    members: models.ManyToManyField = models.ManyToManyField(User, through="Membership", related_name="organisations")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in an organisation."""

    class Role(models.TextChoices):
        OWNER = "owner", "owner"
        EDITOR = "editor", "editor"
        VIEWER = "viewer", "viewer"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="one_role_per_member")]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation} as {self.role}"


class Token(Recorded):
    """A bearer token: shown once, kept as an HMAC; acts for one user in one organisation within its scopes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = text_list()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

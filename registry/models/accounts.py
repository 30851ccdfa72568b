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
    website = models.CharField(max_length=500, blank=True)
    demo = models.BooleanField(default=False)
    requires_second_factor = models.BooleanField(default=False)  # of whoever acts for it on the pages
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
        LAWYER = "lawyer", "lawyer"  # reads like a viewer, and answers open legal questions for the organisation

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="one_role_per_member")]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation} as {self.role}"


class Invitation(Recorded):
    """An organisation asks a person, by e-mail, to join in a role. The link's secret is kept as an HMAC only."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Membership.Role, default=Membership.Role.VIEWER)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at"]

    def __str__(self) -> str:
        return f"invitation to {self.organisation} as {self.role}"


class Domain(Recorded):
    """An internet domain that an organisation says is its own, with the challenge that proves it."""

    class Method(models.TextChoices):
        DNS = "dns", "DNS record"
        WELL_KNOWN = "well_known", "file on the website"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)  # lower case, IDNA A-labels, without a final dot
    challenge = models.CharField(max_length=64)
    method = models.CharField(max_length=16, choices=Method, blank=True)  # how it was proved
    verified_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    finding = models.TextField(blank=True)  # what the latest look found
    failures = models.PositiveSmallIntegerField(default=0)  # looks in a row that did not find the proof
    failing_since = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)  # the proof was there and is gone
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="domain_once_per_organisation")]

    def __str__(self) -> str:
        return self.name


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

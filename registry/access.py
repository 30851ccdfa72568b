"""Fetch and authorise: the only way pages and the API get an object. What a caller may not see does not exist."""

import re
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from registry.actors import Actor
from registry.errors import Moved, NotFound
from registry.models import (
    AIModel,
    Dataset,
    Delivery,
    Entry,
    Invitation,
    Job,
    Membership,
    Organisation,
    Party,
    ProvenanceClaim,
    Release,
    Token,
    Webhook,
    Work,
)


def works(actor: Actor) -> QuerySet[Work]:
    """The works this actor may see: every public one that stands, and all of their own organisation.

    A draft, and a work that was withdrawn or merged into another, is seen by its own organisation alone.
    """
    own = Q(registered_by=actor.organisation) if actor.organisation else Q(pk__in=[])
    return Work.objects.filter(standing() | own)


def standing() -> Q:
    """The works that everybody may know of."""
    return Q(withdrawn_at__isnull=True, merged_into__isnull=True, visibility=Work.Visibility.PUBLIC)


def exported(organisation: Organisation | None) -> QuerySet[Work]:
    """The works that an export holds: those everybody may know of, and the drafts of the organisation it is for."""
    stands = Q(withdrawn_at__isnull=True, merged_into__isnull=True)
    drafts = stands & Q(registered_by=organisation) if organisation else Q(pk__in=[])
    return Work.objects.filter(standing() | drafts)


def work(actor: Actor, public_id: str) -> Work:
    """One work, or NotFound; Moved for one that was merged into a work that the actor may see."""
    visible = works(actor)
    merged = Work.objects.filter(public_id=public_id[:12], merged_into__in=visible).select_related("merged_into")
    if re.fullmatch(r"[0-9a-z]{12}", public_id) and (found := merged.first()) and found.merged_into:
        sentence = f"This work was merged into “{found.merged_into.title}”."
        raise Moved(sentence, what=public_id, into=found.merged_into.public_id)
    return one(visible, "work", public_id=public_id)


def parties(actor: Actor) -> QuerySet[Party]:
    """The people and organisations everybody may know of, and those that only drafts of their own organisation name."""
    own = Q(known_to=actor.organisation) if actor.organisation else Q(pk__in=[])
    return Party.objects.filter(Q(known_to__isnull=True) | own)


def datasets(actor: Actor) -> QuerySet[Dataset]:
    """Public datasets, and the private ones of the actor's organisation."""
    own = Q(organisation=actor.organisation) if actor.organisation else Q(pk__in=[])
    return Dataset.objects.filter(Q(visibility=Dataset.Visibility.PUBLIC) | own)


def dataset(actor: Actor, slug: str) -> Dataset:
    """One dataset by its slug, or NotFound."""
    return one(datasets(actor), "dataset", slug=slug)


def claims(actor: Actor) -> QuerySet[ProvenanceClaim]:
    """Claims of provenance; one that names a private dataset is for those alone who may see that."""
    visible = datasets(actor)
    return ProvenanceClaim.objects.filter(
        Q(subject_dataset=None) | Q(subject_dataset__in=visible), Q(object_dataset=None) | Q(object_dataset__in=visible)
    )


def releases(actor: Actor) -> QuerySet[Release]:
    """The releases of the datasets this actor may see."""
    return Release.objects.filter(dataset__in=datasets(actor))


def ai_model(actor: Actor, slug: str) -> AIModel:
    """One AI model by its slug, or NotFound; the catalogue of models is public."""
    return one(AIModel.objects.all(), "model", slug=slug)


def jobs(actor: Actor) -> QuerySet[Job]:
    """The jobs of the actor's organisation."""
    return Job.objects.filter(organisation=actor.organisation) if actor.organisation else Job.objects.none()


def job(actor: Actor, public_id: str) -> Job:
    """One job of the actor's organisation, or NotFound."""
    return one(jobs(actor), "job", public_id=public_id)


def entries(actor: Actor) -> QuerySet[Entry]:
    """Log entries whose content this actor may read: their own organisation's. Hashes and proofs are public."""
    if actor.organisation is None:
        return Entry.objects.none()
    return Entry.objects.filter(organisation_slug=actor.organisation.slug)


def tokens(actor: Actor) -> QuerySet[Token]:
    """The tokens this person made for the organisation they act for."""
    if actor.user is None or actor.organisation is None:
        return Token.objects.none()
    return Token.objects.filter(user=actor.user, organisation=actor.organisation)


def token(actor: Actor, public_id: str) -> Token:
    """One token of the person, or NotFound."""
    return one(tokens(actor), "token", public_id=public_id)


def memberships(actor: Actor) -> QuerySet[Membership]:
    """The organisations this person belongs to; through a token, only the one it was made for."""
    if actor.user is None:
        return Membership.objects.none()
    own = Membership.objects.filter(user=actor.user)
    return own if actor.scopes is None else own.filter(organisation=actor.organisation)


def members(actor: Actor) -> QuerySet[Membership]:
    """The members of the actor's organisation, for each of them to see."""
    if actor.organisation is None:
        return Membership.objects.none()
    return Membership.objects.filter(organisation=actor.organisation).select_related("user")


def member(actor: Actor, key: int) -> Membership:
    """One member of the actor's organisation, or NotFound."""
    return one(members(actor), "member", pk=str(key))


def open_invitations() -> QuerySet[Invitation]:
    """The invitations that somebody may still accept."""
    return Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=Now())


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """What the organisation asked and was not answered yet, overdue ones with them: for its owners alone."""
    if actor.organisation is None or actor.role != Membership.Role.OWNER:
        return Invitation.objects.none()
    unanswered = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    return unanswered.filter(organisation=actor.organisation).select_related("organisation")


def invitation(actor: Actor, public_id: str) -> Invitation:
    """One invitation of the owner's organisation, or NotFound."""
    return one(invitations(actor), "invitation", public_id=public_id)


def invitations_to(actor: Actor) -> QuerySet[Invitation]:
    """The open invitations to addresses that this person has verified."""
    if actor.user is None:
        return Invitation.objects.none()
    addresses = EmailAddress.objects.filter(user=actor.user, verified=True).values("email")
    return open_invitations().filter(email__in=addresses).select_related("organisation")


def organisation(actor: Actor) -> Organisation:
    """The organisation this actor acts for, or NotFound when they belong to none."""
    if actor.organisation is None:
        raise NotFound("You do not belong to an organisation yet.")
    return actor.organisation


def webhooks(actor: Actor) -> QuerySet[Webhook]:
    """The addresses that the actor's organisation has told what happens."""
    if actor.organisation is None:
        return Webhook.objects.none()
    return Webhook.objects.filter(organisation=actor.organisation, withdrawn_at__isnull=True).select_related(
        "organisation"
    )


def webhook(actor: Actor, public_id: str) -> Webhook:
    """One webhook of the actor's organisation, or NotFound."""
    return one(webhooks(actor), "webhook", public_id=public_id)


def deliveries(actor: Actor, hook: Webhook) -> QuerySet[Delivery]:
    """What one webhook was told, newest first, as far as the actor may see it."""
    return Delivery.objects.filter(webhook=hook, webhook__in=webhooks(actor)).select_related("webhook__organisation")


def delivery(actor: Actor, hook: Webhook, public_id: str) -> Delivery:
    """One message to one webhook, or NotFound."""
    return one(deliveries(actor, hook), "message", public_id=public_id)


def one(rows: QuerySet[Any], noun: str, **key: str) -> Any:
    """The row with this public id or slug, or NotFound; what no id or slug can be is not asked of the database."""
    [value] = key.values()
    found = rows.filter(**key).first() if re.fullmatch(r"[\w-]{1,200}", value, re.ASCII) else None
    if found is None:
        raise NotFound(f"There is no {noun} “{value[:100]}”, or none that you may see.")
    return found

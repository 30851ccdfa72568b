"""Organisations and their members."""

from django.db import transaction

from registry.actors import Actor
from registry.models import Membership, Organisation, User
from registry.services import log


@transaction.atomic
def create(
    *, slug: str, name: str, actor: Actor, kind: str = Organisation.Kind.COMPANY, country: str = "", demo: bool = False
) -> Organisation:
    """Make the organisation, or return the one that has this slug already; its maker becomes the owner."""
    existing = Organisation.objects.filter(slug=slug).first()
    if existing:
        return existing
    organisation = Organisation.objects.create(slug=slug, name=name, kind=kind, country=country, demo=demo)
    if actor.user is not None:
        Membership.objects.create(user=actor.user, organisation=organisation, role=Membership.Role.OWNER)
    log.stage(
        "organisation.created",
        subject=f"organisation:{organisation.public_id}",
        facts={"slug": slug, "name": name, "kind": kind, "demo": demo},
        actor=actor,
        organisation=organisation,
    )
    return organisation


@transaction.atomic
def add_member(*, organisation: Organisation, user: User, role: str, actor: Actor) -> Membership:
    """Give a person a role, or change the one they have."""
    membership, _ = Membership.objects.update_or_create(user=user, organisation=organisation, defaults={"role": role})
    log.stage(
        "organisation.member_set",
        subject=f"organisation:{organisation.public_id}",
        facts={"member": f"user:{user.pk}", "role": role},
        actor=actor,
        organisation=organisation,
    )
    return membership

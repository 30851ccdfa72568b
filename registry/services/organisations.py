"""Organisations and their members."""

import re

from django.db import transaction
from django.db.models import Q

from registry import countries
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Membership, Organisation, User
from registry.services import log
from registry.services.work_facts import text_faults


@transaction.atomic
def create(
    *, slug: str, name: str, actor: Actor, kind: str = Organisation.Kind.COMPANY, country: str = "", demo: bool = False
) -> Organisation:
    """Make the organisation; a person who makes it becomes its owner. The system gets the one that is there already.

    Raises InvalidInput with every fault, or Conflict when a person asks for a slug that is taken.
    """
    _check(slug, name, kind, country)
    facts = {"name": name.strip(), "kind": kind, "country": country, "demo": demo}
    organisation, is_new = Organisation.objects.get_or_create(slug=slug, defaults=facts)
    if not is_new:
        if actor.user is not None:
            raise Conflict(f"There is an organisation {slug} already.", slug=slug)
        return organisation
    subject = f"organisation:{organisation.public_id}"
    log.stage(
        "organisation.created", subject=subject, facts={"slug": slug, **facts}, actor=actor, organisation=organisation
    )
    if actor.user is not None:
        _set_role(organisation, actor.user, Membership.Role.OWNER, actor)
    return organisation


def _check(slug: str, name: str, kind: str, country: str) -> None:
    errors = list(text_faults(Organisation, {"slug": slug, "name": name, "kind": kind}, ""))
    if not name.strip():
        errors.append({"pointer": "/name", "cause": "An organisation needs a name."})
    if not re.fullmatch(r"[A-Za-z0-9_-]+", slug):
        errors.append({"pointer": "/slug", "cause": f"{slug!r} is not made of letters, digits, - and _ alone."})
    if country and country not in countries.CODES:
        cause = f"{country!r} is not the two-letter code of a country, like GB (ISO 3166-1)."
        errors.append({"pointer": "/country", "cause": cause})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)


@transaction.atomic
def add_member(*, organisation: Organisation, user: User, role: str, actor: Actor) -> Membership:
    """Give a person a role, or change the one they have; an owner does that, or the system.

    Raises NotAllowed, InvalidInput (no such role), or Conflict when nobody would own the organisation any more.
    """
    if actor.user is not None and (actor.organisation != organisation or actor.role != Membership.Role.OWNER):
        raise NotAllowed("Only an owner of the organisation can set its members' roles.")
    if role not in Membership.Role.values:
        cause = f"{role!r} is not one of {', '.join(Membership.Role.values)}."
        raise InvalidInput(cause, errors=[{"pointer": "/role", "cause": cause}])
    Organisation.objects.select_for_update(no_key=True).get(
        pk=organisation.pk
    )  # owners are counted one change at a time
    owners = Membership.objects.filter(organisation=organisation, role=Membership.Role.OWNER)
    if role != Membership.Role.OWNER and owners.exists() and not owners.filter(~Q(user=user)).exists():
        raise Conflict("An organisation keeps an owner: make somebody else one first.")
    return _set_role(organisation, user, role, actor)


def _set_role(organisation: Organisation, user: User, role: str, actor: Actor) -> Membership:
    membership, _ = Membership.objects.update_or_create(user=user, organisation=organisation, defaults={"role": role})
    log.stage(
        "organisation.member_set",
        subject=f"organisation:{organisation.public_id}",
        facts={"member": f"user:{user.pk}", "role": role},
        actor=actor,
        organisation=organisation,
    )
    return membership

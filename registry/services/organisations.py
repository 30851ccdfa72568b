"""Organisations and their members."""

import re

from django.db import transaction
from django.db.models import Q

from registry import countries
from registry.actors import Actor, has_second_factor
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.models import Membership, Organisation, Token, User
from registry.services import log, tokens
from registry.services.work_facts import text_faults

INVISIBLE = re.compile(r"[\x01-\x1f\x7f\u202a-\u202e\u2066-\u2069]")  # NUL is refused with every other text


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
    if INVISIBLE.search(name):
        cause = "A name holds no control characters and none that turn the direction of writing."
        errors.append({"pointer": "/name", "cause": cause})
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
    require_owner(organisation, actor)
    if role not in Membership.Role.values:
        cause = f"{role!r} is not one of {', '.join(Membership.Role.values)}."
        raise InvalidInput(cause, errors=[{"pointer": "/role", "cause": cause}])
    if role != Membership.Role.OWNER:
        _keep_an_owner(organisation, without=user)
    return _set_role(organisation, user, role, actor)


def require_owner(organisation: Organisation, actor: Actor) -> None:
    """Raise NotAllowed unless the actor owns the organisation, or is the system."""
    if actor.user is not None and (actor.organisation != organisation or actor.role != Membership.Role.OWNER):
        raise NotAllowed("Only an owner of the organisation can decide who belongs to it, and how.")


@transaction.atomic
def join(*, organisation: Organisation, user: User, role: str, actor: Actor, invitation: str) -> Membership:
    """Make somebody a member because they were invited; a member who is one already keeps their role."""
    membership = Membership.objects.filter(organisation=organisation, user=user).first()
    return membership or _set_role(organisation, user, role, actor, invitation=invitation)


@transaction.atomic
def remove_member(*, organisation: Organisation, user: User, actor: Actor) -> None:
    """End a membership, and with it the tokens made in it; an owner does that to anybody, and everybody to themselves.

    Raises NotAllowed, NotFound (no such member), or Conflict when nobody would own the organisation any more.
    """
    if actor.user != user or actor.organisation != organisation:
        require_owner(organisation, actor)
    membership = Membership.objects.filter(organisation=organisation, user=user).first()
    if membership is None:
        raise NotFound("There is no such member.")
    _keep_an_owner(organisation, without=user)
    for token in Token.objects.filter(user=user, organisation=organisation, revoked_at__isnull=True):
        tokens.revoke(token=token, actor=actor)
    membership.delete()
    log.stage(
        "organisation.member_removed",
        subject=f"organisation:{organisation.public_id}",
        facts={"member": f"user:{user.pk}"},
        actor=actor,
        organisation=organisation,
    )


@transaction.atomic
def require_second_factor(*, organisation: Organisation, required: bool, actor: Actor) -> None:
    """Let only those act for the organisation on the pages who sign in with a second factor, or end that.

    Raises NotAllowed, or Conflict when the owner who asks for it has none and would shut themselves out.
    """
    require_owner(organisation, actor)
    if required and actor.user is not None and not has_second_factor(actor.user):
        raise Conflict("Set up your own second factor first.", why="second_factor")
    if not Organisation.objects.filter(pk=organisation.pk, requires_second_factor=not required).update(
        requires_second_factor=required
    ):
        return
    log.stage(
        "organisation.second_factor_set",
        subject=f"organisation:{organisation.public_id}",
        facts={"required": required},
        actor=actor,
        organisation=organisation,
    )


def _keep_an_owner(organisation: Organisation, *, without: User) -> None:
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # owners are counted one at a time
    owners = Membership.objects.filter(organisation=organisation, role=Membership.Role.OWNER)
    if owners.exists() and not owners.filter(~Q(user=without)).exists():
        raise Conflict("An organisation keeps an owner: make somebody else one first.", why="only_owner")


def _set_role(organisation: Organisation, user: User, role: str, actor: Actor, **facts: object) -> Membership:
    membership, _ = Membership.objects.update_or_create(user=user, organisation=organisation, defaults={"role": role})
    log.stage(
        "organisation.member_set",
        subject=f"organisation:{organisation.public_id}",
        facts={"member": f"user:{user.pk}", "role": role, **facts},
        actor=actor,
        organisation=organisation,
    )
    return membership

"""Who does something: a person for an organisation, a token, or a part of the system itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Case, Value, When

from registry.errors import NotAllowed
from registry.models import Membership, Organisation, User

WRITERS = (Membership.Role.OWNER, Membership.Role.EDITOR)
CHOSEN = "organisation"  # where a session keeps the public id of the organisation that its person acts for


@dataclass(frozen=True)
class Actor:
    """The one in whose name a service writes. `scopes` None means all that the role permits (a person's session)."""

    name: str  # "user:17", "token:ab12cd", "system:catalogue": no personal data, it goes into the log
    user: User | None = None
    organisation: Organisation | None = None
    role: str | None = None
    scopes: frozenset[str] | None = None
    waits_for: Organisation | None = (
        None  # would be acted for, but wants a second factor that the person has not set up
    )

    @property
    def may_write(self) -> bool:
        return self.role in WRITERS

    def require_writer(self) -> Organisation:
        """Return the organisation this actor may write for, or raise NotAllowed."""
        if self.organisation is None or not self.may_write:
            raise NotAllowed("You need the role of editor or owner in an organisation to do this.")
        return self.organisation


ANONYMOUS = Actor(name="anonymous")


def system(part: str, organisation: Organisation | None = None) -> Actor:
    """The actor of a command or periodic task; it writes as owner of the organisation it is given."""
    return Actor(name=f"system:{part}", organisation=organisation, role=Membership.Role.OWNER)


def of_user(user: User, organisation: Organisation | None = None) -> Actor:
    """The actor of a signed-in person, for the given organisation or the one they joined first."""
    memberships = user.memberships.select_related("organisation").order_by("since", "id")
    if organisation is not None:
        memberships = memberships.filter(organisation=organisation)
    return _of_member(user, memberships.first())


def of_session(user: User, session: Mapping[str, Any]) -> Actor:
    """The actor of a person who signed in, for the organisation chosen in this session.

    Who left that one, or never chose, acts for the one they joined first.
    """
    chosen = When(organisation__public_id=str(session.get(CHOSEN, "")), then=Value(0))
    memberships = user.memberships.select_related("organisation")
    membership = memberships.order_by(Case(chosen, default=Value(1)), "since", "id").first()
    if membership and membership.organisation.requires_second_factor and not has_second_factor(user):
        return Actor(name=f"user:{user.pk}", user=user, waits_for=membership.organisation)
    return _of_member(user, membership)


def has_second_factor(user: User) -> bool:
    """Whether signing in as this person takes more than a password."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def _of_member(user: User, membership: Membership | None) -> Actor:
    if membership is None:
        return Actor(name=f"user:{user.pk}", user=user)
    return Actor(name=f"user:{user.pk}", user=user, organisation=membership.organisation, role=membership.role)

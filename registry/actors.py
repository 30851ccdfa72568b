"""Who does something: a person for an organisation, a token, or a part of the system itself."""

from dataclasses import dataclass

from registry.errors import NotAllowed
from registry.models import Membership, Organisation, User

WRITERS = (Membership.Role.OWNER, Membership.Role.EDITOR)


@dataclass(frozen=True)
class Actor:
    """The one in whose name a service writes. `scopes` None means all that the role permits (a person's session)."""

    name: str  # "user:17", "token:ab12cd", "system:catalogue": no personal data, it goes into the log
    user: User | None = None
    organisation: Organisation | None = None
    role: str | None = None
    scopes: frozenset[str] | None = None

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
    membership = memberships.first()
    if membership is None:
        return Actor(name=f"user:{user.pk}", user=user)
    return Actor(name=f"user:{user.pk}", user=user, organisation=membership.organisation, role=membership.role)

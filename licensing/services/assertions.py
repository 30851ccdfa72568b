"""What all dated statements share: the scope they are made in, how it is checked, how it is logged and withdrawn."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from licensing.models.assertions import Assertion
from licensing.rules import terms
from licensing.services import dependents
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Organisation, RightsClaim, Work
from registry.services import log

Statement = Assertion | RightsClaim

# Who speaks in their own name is known by their domain. What a licensee writes down of its contract, or an observer of
# somebody else's will, is not made surer by knowing whose website they have.
RAISED_BY_DOMAIN = frozenset({*terms.HOLDER_CAPACITIES, terms.Capacity.PLATFORM})
# of documents on the web, of software packages, of named things, of rows of an imported file
ADDRESSES = ("https://", "http://", "pkg:", "urn:", "import:")
UNPROVED = frozenset({terms.Verification.NONE, terms.Verification.DOMAIN})  # nobody looked at the right itself


@dataclass(frozen=True)
class Scope:
    """The common part of a statement, in the words of a case. Empty sequences narrow nothing."""

    capacity: str = terms.Capacity.OWNER
    licensor: str = ""
    verification: str = terms.Verification.NONE
    uses: Sequence[str] = ()
    purposes: Sequence[str] = ()
    territory: Sequence[str] = ()
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    observed_at: datetime.date | None = None  # None: today, by the database's clock
    source_format: str = ""
    source_version: str = ""
    source_address: str = ""
    source_sha256: str = ""
    statement: str = ""
    demo: bool = False


def today() -> datetime.date:
    """Today by the database's clock, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
        return cursor.fetchone()[0]


def check(scope: Scope) -> list[dict[str, str]]:
    """Every fault of the scope, with JSON pointers."""
    vocabularies = (
        ("uses", scope.uses, terms.Use),
        ("purposes", scope.purposes, terms.Purpose),
        ("capacity", [scope.capacity], terms.Capacity),
        ("verification", [scope.verification], terms.Verification),
    )
    errors = [
        {"pointer": f"/{name}", "cause": f"{word!r} is not one of {', '.join(vocabulary)}."}
        for name, words, vocabulary in vocabularies
        for word in words
        if word not in set(vocabulary)
    ]
    errors += [
        {"pointer": "/territory", "cause": f"{code!r} is not a country code, EU, EEA or WORLD."}
        for code in scope.territory
        if terms.find_territory(code) is None
    ]
    if scope.source_address and not scope.source_address.lower().startswith(ADDRESSES):
        errors.append({"pointer": "/source_address", "cause": "This is no web address: it has to begin with https://."})
    if scope.valid_from and scope.valid_to and scope.valid_to < scope.valid_from:
        errors.append({"pointer": "/valid_to", "cause": "The last day is before the first."})
    return errors


def columns(scope: Scope, organisation: Organisation) -> dict[str, Any]:
    """The scope as model columns of a statement by this organisation; raises InvalidInput with every fault.

    A statement that nobody verified yet counts as `domain` where the organisation has proved a domain to be its own.
    """
    errors = check(scope)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    return {
        "capacity": scope.capacity,
        "licensor": scope.licensor,
        "verification": first_verification(scope, organisation),
        "uses": list(scope.uses),
        "purposes": list(scope.purposes),
        "territory": [terms.find_territory(code) for code in scope.territory],
        "valid_from": scope.valid_from,
        "valid_to": scope.valid_to,
        "observed_at": scope.observed_at or today(),
        "source_format": scope.source_format,
        "source_version": scope.source_version,
        "source_address": scope.source_address,
        "source_sha256": scope.source_sha256,
        "statement": scope.statement,
        "demo": scope.demo,
    }


def first_verification(scope: Scope, organisation: Organisation) -> str:
    """How far a statement is verified on the day it is made."""
    if scope.verification != terms.Verification.NONE or scope.capacity not in RAISED_BY_DOMAIN:
        return scope.verification
    return terms.Verification.DOMAIN if has_proved_domain(organisation) else terms.Verification.NONE


def has_proved_domain(organisation: Organisation) -> bool:
    """Whether a domain stands proved to be the organisation's."""
    proved = organisation.domains.filter(verified_at__isnull=False, lapsed_at__isnull=True, withdrawn_at__isnull=True)
    return proved.exists()


def record(kind: str, row: Assertion, *, facts: dict[str, object], actor: Actor) -> None:
    """Stage the log entry of a new statement (part of the caller's transaction); answers about its work follow."""
    log.stage(f"{kind}.recorded", subject=f"{kind}:{row.public_id}", facts=logged_scope(row) | facts, actor=actor)
    dependents.after_statements([row.work_id])


def logged_scope(row: Assertion) -> dict[str, object]:
    """What the log keeps of every statement, whatever it says."""
    return {
        "work": row.work.public_id,
        "capacity": row.capacity,
        "licensor": row.licensor,
        "verification": row.verification,
        "uses": row.uses,
        "purposes": row.purposes,
        "territory": row.territory,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "observed_at": row.observed_at.isoformat(),
        "source_format": row.source_format,
        "source_sha256": row.source_sha256,
        "demo": row.demo,
    }


@transaction.atomic
def withdraw(row: Statement, *, kind: str, reason: str, actor: Actor) -> None:
    """End a statement today. It stays on record: a question about an earlier day still finds it."""
    if actor.require_writer() != row.asserted_by:
        raise Conflict("Only the organisation that made a statement can withdraw it.")
    if not type(row)._default_manager.filter(pk=row.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now()):
        raise Conflict("This statement was withdrawn before.")
    log.stage(f"{kind}.withdrawn", subject=f"{kind}:{row.public_id}", facts={"reason": reason}, actor=actor)
    dependents.after_statements([row.work_id])


def hold_work(work: Work) -> None:
    """Keep the work as it is until the statement stands: one that is being merged or withdrawn is waited for.

    Raises as `require_work` does, for what the work is by then.
    """
    hold_works([work])


def hold_works(works: Iterable[Work]) -> None:
    """The same for many, in one query, in the order of their keys: two who hold some never wait in a ring."""
    rows = Work.objects.select_for_update(no_key=True, of=("self",)).select_related("merged_into")
    for work in rows.filter(pk__any_of={work.pk for work in works}).order_by("pk"):
        require_work(work)


def require_work(work: Work) -> None:
    """Statements are made about works that stand; one that was withdrawn or merged takes no new ones.

    Raises Conflict; for a merged work it names as `into` the one that it became.
    """
    if work.merged_into is not None:
        sentence = f"“{work.title}” was merged into “{work.merged_into.title}”: make the statement about that one."
        raise Conflict(sentence, into=work.merged_into.public_id)
    if work.withdrawn_at is not None:
        raise Conflict(f"“{work.title}” was withdrawn from the registry.")

"""A work's licensing status for the use, territory and day asked about: the first that holds."""

from licensing.rules.case import Case, Identity, Kind, Relation
from licensing.rules.contracts import RESTRICTING_CODES
from licensing.rules.coverage import find_offers
from licensing.rules.exceptions import find_reservations
from licensing.rules.reasons import COPYRIGHT, Reason
from licensing.rules.terms import Status, Verdict, touches

_DISPUTE_CODES = frozenset({"DISPUTE_OWNER", "LICENCE_LAUNDERED"})
_OPEN_CODES = frozenset({"OPEN_BY", "OPEN_SA_MODEL", "OPEN_NC", "OPEN_ND"})


def find_status(case: Case, reasons: tuple[Reason, ...]) -> Status:
    """The status from the reasons found, superseded ones included: they are facts about the work all the same.

    Where the work is not identified, only the provider's terms can be known.
    """
    codes = {reason.code for reason in reasons}
    is_free = any(reason.axis == COPYRIGHT and reason.verdict is Verdict.CLEARED for reason in reasons)
    if codes & _DISPUTE_CODES:
        return Status.DISPUTED
    if codes & RESTRICTING_CODES:
        return Status.TERMS_RESTRICTED
    if is_free:
        return Status.PUBLIC_DOMAIN
    if "LIC_MATCH" in codes:
        return Status.LICENSED
    if codes & _OPEN_CODES:
        return Status.OPEN_LICENCE
    if not _is_identified(case):
        return Status.UNKNOWN
    if find_reservations(case) or _is_reserved_now(case):
        return Status.RESERVED
    return Status.OFFERED if find_offers(case) else Status.UNKNOWN


def _is_identified(case: Case) -> bool:
    work = case.work
    return work is not None and work.identity is Identity.STRONG and work.relation is not Relation.QUOTATION


def _is_reserved_now(case: Case) -> bool:
    """A reservation made after the copying does not undo the copy, but the work is reserved on the day asked about."""
    question = case.question
    return any(
        reservation.scope.runs_on(question.on) and touches(reservation.scope, question.asked)
        for reservation in case.of_kind(Kind.RESERVATION, Kind.TAKEDOWN)
    )

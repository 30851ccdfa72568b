"""The last steps of axis 2: reservations against mining in the EU, then the statutory exceptions of each territory."""

from datetime import date

from licensing.rules.case import (
    Acquisition,
    Assertion,
    Case,
    Kind,
    ReservationSearch,
    Signal,
)
from licensing.rules.reasons import Reason, give_reason
from licensing.rules.tables import table
from licensing.rules.terms import (
    OUTPUT_USES,
    Capacity,
    Verdict,
    members,
    territory_in_words,
    touches,
)


def find_reservations(case: Case) -> tuple[Assertion, ...]:
    """The reservations that count: in force when the copy was made, or, where that day is unknown, observed by then.

    A takedown and a preference signal that disallows count as reservations; a signal that allows is nothing.
    """
    return tuple(
        assertion
        for assertion in case.of_kind(Kind.RESERVATION, Kind.TAKEDOWN, Kind.PREFERENCE)
        if (assertion.kind is not Kind.PREFERENCE or assertion.signal is Signal.DISALLOW)
        and touches(assertion.scope, case.question.asked)
        and _was_in_force(case, assertion)
    )


def _was_in_force(case: Case, reservation: Assertion) -> bool:
    scope, copied_on = reservation.scope, case.copy.copied_on
    if copied_on is None:
        first_known = reservation.observed_at or scope.valid_from
        return first_known is None or first_known <= case.question.on
    if scope.valid_from is None and reservation.observed_at is not None and copied_on < reservation.observed_at:
        return False
    return scope.runs_on(copied_on)


def judge_exceptions(case: Case, *, is_licensed: bool) -> tuple[Reason, ...]:
    """Reservation, then exception, in order; the first decides unless an earlier step of axis 2 did.

    `is_licensed`: a grant or open licence covers the question, so that rows which ask for "no licence" do not apply.
    """
    territory = case.question.territory
    if members(territory) & members("EU"):
        return _judge_eu(case)
    if is_licensed:
        return ()
    return _judge_elsewhere(case)


# --- the EU ------------------------------------------------------------------------------------------------------


def _judge_eu(case: Case) -> tuple[Reason, ...]:
    """A territory that holds EU members and others (EEA, WORLD) gets the EU's reservations, but not its exceptions."""
    is_article_3 = case.question.is_article_3
    reserved = () if is_article_3 else _judge_reservations(case)
    if not members(case.question.territory) <= members("EU"):
        return reserved
    late = _find_late_exception(case)
    if late is not None:
        machine_readable = tuple(reason for reason in reserved if reason.code == "EU4_RESERVED")
        in_words_only = tuple(reason for reason in reserved if reason.code != "EU4_RESERVED")
        return (*machine_readable, late, *in_words_only)
    if reserved or not _may_have_lawful_access(case):
        return reserved
    return _limit_to_training(case, _pick_eu_exception(case, is_article_3=is_article_3))


def _judge_reservations(case: Case) -> tuple[Reason, ...]:
    reservations = find_reservations(case)
    reasons = []
    for code, machine_readable in (("EU4_RESERVED", True), ("EU4_NOT_MR", False)):
        found = [reservation for reservation in reservations if reservation.machine_readable is machine_readable]
        if found:
            reasons.append(
                give_reason(
                    code,
                    evidence=tuple(reservation.id for reservation in found),
                    holder=_join_holders(found),
                    scope=_scope_in_words(found),
                    when=_when(case),
                    licensee=case.question.licensee or "the licensee",
                )
            )
    return tuple(reasons)


def _join_holders(reservations: list[Assertion]) -> str:
    """Who reserved; of a signal that somebody only recorded, who recorded it."""
    names = {
        f"the holder, as {reservation.asserted_by} recorded,"
        if reservation.capacity is Capacity.OBSERVER
        else reservation.asserted_by
        for reservation in reservations
    }
    joined = " and ".join(sorted(names))
    return joined[0].upper() + joined[1:] if joined.startswith("the holder") else joined


def _scope_in_words(reservations: list[Assertion]) -> str:
    if any(reservation.scope.territory is None for reservation in reservations):
        return territory_in_words("WORLD")
    codes = sorted({code for reservation in reservations for code in reservation.scope.territory or ()})
    return ", ".join(map(territory_in_words, codes))


def _when(case: Case) -> str:
    if case.copy.copied_on is not None:
        return f"when the copy was made on {case.copy.copied_on.isoformat()}"
    return f"when the copy was made, at the latest on {case.question.on.isoformat()}"


def _find_late_exception(case: Case) -> Reason | None:
    """EXC_NOT_IN_FORCE where the copy was made before the directive was law in the state of copying, or asked about."""
    copied_on = case.copy.copied_on
    if copied_on is None:
        return None
    dsm = table("exceptions")["dsm"]
    copied_in = case.copy.copied_in
    state = copied_in if copied_in is not None and members(copied_in) <= members("EU") else case.question.territory
    default = {"from": dsm["transposition_deadline"], "authority": dsm["authority"], "verified": True}
    row = dsm["in_force"].get(state, default)
    in_force: date = row["from"]
    if copied_on >= in_force:
        return None
    return give_reason(
        "EXC_NOT_IN_FORCE",
        authority=row["authority"],
        verified=row["verified"],
        copied_on=copied_on.isoformat(),
        state=state,
        in_force=in_force.isoformat(),
    )


def _pick_eu_exception(case: Case, *, is_article_3: bool) -> Reason:
    territory = case.question.territory
    if is_article_3:
        return give_reason("EU3", territory=territory, licensee_kind=case.question.licensee_kind.value)
    if case.copy.reservation_search is ReservationSearch.NOT_DONE:
        return give_reason("EU4_NOT_SEARCHED", territory=territory)
    return give_reason("EU4_OPEN", territory=territory, when=_when(case))


# --- elsewhere ---------------------------------------------------------------------------------------------------


def _judge_elsewhere(case: Case) -> tuple[Reason, ...]:
    question = case.question
    use = question.use.value
    if question.territory == "JP":
        return _limit_to_training(case, give_reason("JP30_4", use=use))
    if question.territory == "SG" and _may_have_lawful_access(case):
        return _limit_to_training(case, give_reason("SG244", use=use))
    if question.territory == "US" and _may_have_lawful_access(case):
        return _limit_to_training(case, give_reason("US_FU", use=use))
    if question.territory == "GB" and question.is_commercial:
        return (give_reason("UK_29A", use=use, purpose=question.purpose.value),)
    if question.territory == "CN":
        return (give_reason("CN_NO_TDM", use=use),)
    return ()


def _may_have_lawful_access(case: Case) -> bool:
    """Where the way of getting the copy is unknown, axis 3 speaks (ACQ_UNKNOWN)."""
    return case.copy.acquisition not in (Acquisition.SHADOW_LIBRARY, Acquisition.CIRCUMVENTED)


def _limit_to_training(case: Case, exception: Reason) -> tuple[Reason, ...]:
    """Training exceptions do not carry to uses that put the work into outputs: EXC_OUTPUT decides there."""
    if case.question.use not in OUTPUT_USES:
        return (exception,)
    return (give_reason("EXC_OUTPUT", use=case.question.use.value), exception)


EXCEPTION_CODES = frozenset({"EU3", "EU4_OPEN", "JP30_4", "SG244", "US_FU", "EXC_OUTPUT"})


def rests_on_exception(reason: Reason) -> bool:
    """Whether the reason that decided axis 2 is an exception, limited or not."""
    return reason.verdict is Verdict.EXCEPTION_CLAIMED or reason.code in EXCEPTION_CODES

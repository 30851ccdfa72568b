"""Axis 3: how the copy was obtained. A grant cures the use, not a pirated copy."""

from licensing.rules.case import Acquisition, Assertion, Case
from licensing.rules.copyright import CopyrightState, find_term
from licensing.rules.reasons import Reason, give_reason
from licensing.rules.terms import members


def judge_acquisition(case: Case, *, rests_on_exception: bool, grant: Assertion | None) -> tuple[Reason, ...]:
    """Axis 3 of a protected work. `rests_on_exception`: nothing better than an exception carries the use.

    `grant` is the covering grant that decided axis 2, if one did.
    """
    reasons = []
    if case.copy.acquisition is Acquisition.SHADOW_LIBRARY:
        reasons.append(_blame_shadow_library(case.question.territory))
    elif case.copy.acquisition is Acquisition.CIRCUMVENTED and members(case.question.territory) <= members("EU"):
        reasons.append(give_reason("EU4_NO_ACCESS", territory=case.question.territory))
    elif case.copy.acquisition is Acquisition.UNKNOWN and rests_on_exception:
        reasons.append(give_reason("ACQ_UNKNOWN"))
    copied_on = case.copy.copied_on
    begins = grant.scope.valid_from if grant is not None else None
    if grant is not None and copied_on is not None and begins is not None and copied_on < begins:
        reasons.append(
            give_reason(
                "COPY_BEFORE_GRANT", evidence=(grant.id,), copied_on=copied_on.isoformat(), begins=begins.isoformat()
            )
        )
    return tuple(reasons)


def judge_copy_of_public_domain(case: Case, state: CopyrightState) -> tuple[Reason, ...]:
    """COPY_WHILE_PROTECTED where the copy is older than the public domain in the place of copying, if known."""
    copied_on, work = case.copy.copied_on, case.work
    if copied_on is None or work is None or state.free_since is None:
        return ()
    territory, free_since = case.question.territory, state.free_since
    if case.copy.copied_in is not None:
        term = find_term(work, case.copy.copied_in)
        if term is not None:
            territory, free_since = case.copy.copied_in, term.free_from
    if copied_on.year >= free_since:
        return ()
    return (
        give_reason(
            "COPY_WHILE_PROTECTED",
            copied_on=copied_on.isoformat(),
            territory=territory,
            until=free_since - 1,
        ),
    )


def _blame_shadow_library(territory: str) -> Reason:
    if territory == "US":
        return give_reason("US_FU_PIRATED")
    if members(territory) <= members("EU"):
        return give_reason("EU4_NO_ACCESS", territory=territory)
    return give_reason("ACQ_PIRATED")

"""Axis 4: limits that a provider's terms set on the output of its models."""

from dataclasses import dataclass
from typing import Any

from licensing.rules.case import Acquired, Bound, Case, Generation
from licensing.rules.reasons import Reason, give_reason
from licensing.rules.tables import table
from licensing.rules.terms import Purpose, Use

RESTRICTING_CODES = frozenset({"TOU_COMPETE", "TOU_PRIVITY", "TOU_EXPERIMENT"})


@dataclass(frozen=True)
class TermsVersion:
    """The version of a provider's terms that applied. `clause` is the place of the competing-models clause."""

    name: str
    restricts_competing: bool
    clause: str | None
    verified: bool


def judge_contract(case: Case) -> tuple[Reason, ...]:
    """Axis 4: exactly one reason where the text is model output, none otherwise."""
    generation = case.generated_by
    if generation is None:
        return ()
    version = find_version(generation)
    if isinstance(version, str):
        return (give_reason("TOU_VERSION_UNKNOWN", provider=generation.provider, gap=version),)
    facts: dict[str, Any] = {"provider": generation.provider, "terms": version.name}
    if not version.restricts_competing:
        return (give_reason("TOU_SILENT", **facts),)
    authority = f"{version.name}, {version.clause}" if version.clause else version.name
    if generation.competing_model and generation.bound_by_terms is Bound.ACCEPTED:
        return (give_reason("TOU_COMPETE", authority=authority, verified=version.verified, **facts),)
    if generation.competing_model:
        not_accepted = generation.bound_by_terms is Bound.NOT_ACCEPTED
        facts |= {
            "bound": "did not accept them" if not_accepted else "is not known to have accepted them",
            "acquired": generation.acquired.value,
        }
        return (give_reason("TOU_PRIVITY", authority=authority, verified=version.verified, **facts),)
    if generation.competing_model is None:
        return (give_reason("TOU_USE_UNKNOWN", authority=authority, verified=version.verified, **facts),)
    if _is_experiment(case, generation):
        return (give_reason("TOU_EXPERIMENT", authority=authority, provider=generation.provider),)
    return (give_reason("TOU_NOT_COMPETING", authority=authority, verified=version.verified, **facts),)


def find_version(generation: Generation) -> TermsVersion | str:
    """The version of the terms in force when the output was generated, or why it is not known; never the nearest."""
    if generation.terms is None:
        return "no version of them is recorded"
    if generation.generated_on is None:
        return "the day on which the output was generated is not recorded"
    row: dict[str, Any] = next((row for row in table("provider_terms")["terms"] if row["id"] == generation.terms), {})
    effective_from = generation.terms_from or row.get("effective_from")
    effective_to = generation.terms_to or row.get("effective_to")
    restricts = generation.terms_restrict_competing
    if restricts is None:
        restricts = row.get("restricts_competing")
    if restricts is None:
        return f"what {generation.terms} says is not on file"
    if row and row["provider"].casefold() != generation.provider.casefold():
        return f"{generation.terms} are the terms of {row['provider']}"
    if effective_from is not None and generation.generated_on < effective_from:
        return f"{generation.terms} began on {effective_from}, after the output of {generation.generated_on}"
    if effective_to is not None and generation.generated_on > effective_to:
        return f"{generation.terms} ended on {effective_to}, before the output of {generation.generated_on}"
    return TermsVersion(generation.terms, restricts, row.get("clause"), row.get("verified", True))


def _is_experiment(case: Case, generation: Generation) -> bool:
    declared = (
        generation.acquired is Acquired.EXPERIMENT
        or case.question.purpose is Purpose.INTERNAL_EXPERIMENT
        or case.question.use is Use.RESEARCH_EXPERIMENT
    )
    return declared and not generation.released
